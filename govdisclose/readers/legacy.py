"""Old Word documents (.doc, .wps, .rtf) -> lines of cells, by way of LibreOffice: converted to .docx, read as one.

LibreOffice is told to run nothing and to fetch nothing that a document names, from the network or from this machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from govdisclose.errors import ReportError
from govdisclose.grid import Document
from govdisclose.readers import word
from govdisclose.sources import MAX_BYTES, Source

SECONDS = 90  # a report takes two; a document made to hang is ended
PROGRAMS = ("soffice", "libreoffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice", r"C:\Program Files\LibreOffice\program\soffice.exe")
_HOW = "install LibreOffice (Debian, Ubuntu: apt install libreoffice-writer; macOS: brew install --cask libreoffice), or save the document as .docx"

_SETTINGS = (  # path, name, value
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "2"),  # a proxy that is none
    *(("/org.openoffice.Inet/Settings", f"ooInet{kind}ProxyName", "127.0.0.1") for kind in ("HTTP", "HTTPS", "FTP")),
    *(("/org.openoffice.Inet/Settings", f"ooInet{kind}ProxyPort", "9") for kind in ("HTTP", "HTTPS", "FTP")),
    ("/org.openoffice.Inet/Settings", "ooInetNoProxy", ""),
)
_ITEM = '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_PROFILE = '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>'


def read(source: Source) -> Document:
    """Given an old Word document, return its lines. `ReportError` where LibreOffice is missing or cannot read it."""
    return word.read(replace(source, data=_converted(source, refuse_unready(source))))


def refuse_unready(source: Source) -> str:
    """The program of LibreOffice; `ReportError` where there is none."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise ReportError(source.name, "an old Word document (.doc, .wps or .rtf), which LibreOffice has to convert", _HOW)
    return program


def _converted(source: Source, program: str) -> bytes:
    """The document as .docx. Each run has a profile of its own: two on one profile end each other. No macro is run."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        suffix = ".rtf" if source.data.startswith(b"{\\rtf") else ".doc"
        file = folder / f"document{suffix}"
        file.write_bytes(source.data)
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_PROFILE.format("".join(_ITEM.format(*one) for one in _SETTINGS)), "utf-8")
        command = [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"),
            *("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "out"), str(file)),
        ]
        quiet = subprocess.DEVNULL
        run = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, env=os.environ | {"HOME": place})
        try:
            run.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ReportError(source.name, f"LibreOffice took more than {SECONDS} s", "save the document as .docx") from error
        finally:
            _end(run)
        made = folder / "out" / "document.docx"
        if not made.is_file():
            raise ReportError(source.name, "LibreOffice could not convert it", "open it in Word or WPS and save it as .docx")
        if made.stat().st_size > MAX_BYTES:
            raise ReportError(source.name, f"{made.stat().st_size:,} bytes when converted", f"a report is at most {MAX_BYTES:,} bytes")
        return made.read_bytes()


def _end(run: subprocess.Popen[bytes]) -> None:
    """End LibreOffice with the program that it starts itself."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(run.pid, signal.SIGKILL)
    run.kill()
    run.wait()
