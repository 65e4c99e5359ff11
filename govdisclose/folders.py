"""What stands in folders: the documents to read, and what a folder says of its agencies."""

from __future__ import annotations

import csv
import glob
import io
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from govdisclose.containers import is_archive, open_archive
from govdisclose.errors import ReportError
from govdisclose.fetch import is_address
from govdisclose.words import fold

AGENCIES = "agencies.csv"
"""What a folder says of its agencies (columns agency, agency_kind, region)."""
PLACES = "places.csv"
"""What a folder says of where its agencies are (columns agency, kind, level, code)."""
FURNITURE = frozenset(
    (".css", ".js", ".map", ".woff", ".woff2", ".ttf", ".eot", ".py", ".ipynb", ".duckdb")
    + (".svg", ".ico")
)
"""Suffixes of files that lie beside documents and are none."""
PICTURES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"))
SCAN = 20_000
"""Bytes of the smallest picture that may be a scan: what is smaller, or was saved with a page, is decoration."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that gave no report, and why."""

    source: str
    reason: str


def find_documents(sources: str | Path | Iterable[str | Path]) -> tuple[list[str], list[Failure]]:
    """Given folders, files and patterns (or one of them), return the documents in them, those of archives too, each once.

    Folders are searched with all folders in them, by name. Hidden files, Office's lock files (``~$…``), `AGENCIES` and what
    browsers save beside a page (styles, scripts, fonts, small pictures) are no documents. Whatever leads nowhere is a failure.
    """
    found: dict[str, str] = {}
    opened: set[str] = set()
    failures: list[Failure] = []
    real_folder = cache(os.path.realpath)
    for source in [sources] if isinstance(sources, str | Path) else sources:
        name = str(source)
        if is_address(name):
            found.setdefault(name, name)
            continue
        if Path(name).is_dir():
            files, reason = list(_walk(name)), "the folder holds no document"
        elif Path(name).exists() or not glob.has_magic(name):
            files, reason = [name], ""  # A file that is not there is the reader's to tell.
        else:
            files, reason = [], "the pattern matches no document"
            for match in sorted(glob.glob(name, recursive=True)):  # noqa: PTH207
                files.extend(_walk(match) if Path(match).is_dir() else [match] if _is_document(match) else [])
        if not files:
            failures.append(Failure(name, reason))
        for file in files:
            real = _real(file, real_folder)
            try:
                listed = open_archive(file) if is_archive(file) and Path(file).is_file() else None
            except (ReportError, OSError) as error:
                failures.append(_failure(file, error))
                continue
            if listed is None:
                found.setdefault(real, file)
            elif real not in opened:
                opened.add(real)
                failures.extend(_failure(fault.source, fault) for fault in listed.faults)
                inside = [name for name, about in listed.members.items() if _is_document(name, size=about.size)]
                found.update(zip(inside, inside, strict=True))
                if not inside and not listed.faults:
                    failures.append(Failure(file, "the archive holds no document"))
    return list(found.values()), failures


_REPORTED = ("信息公开".encode(), "信息公开".encode("gb18030"), rb"\u4fe1\u606f\u516c\u5f00")


def _failure(source: str, error: Exception) -> Failure:
    return Failure(source, f"{error.found}; {error.missing}" if isinstance(error, ReportError) else f"cannot be opened ({error})")


def _real(file: str, real_folder: Callable[[str], str]) -> str:
    """`os.path.realpath` of a file; it looks at every folder above, so that of the file's folder is remembered."""
    folder, name = os.path.split(file)
    if name in ("", os.curdir, os.pardir) or os.path.islink(file):  # noqa: PTH114
        return os.path.realpath(file)
    return os.path.join(real_folder(folder), name)  # noqa: PTH118


def _walk(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        above = "" if Path(place) == Path() else str(Path(place))
        paths = (os.path.join(above, name) for name in sorted(files))  # noqa: PTH118
        yield from filter(_is_document, paths)


def _is_document(path: str, size: int | None = None) -> bool:
    """Whether a file, or a member of an archive of which the size is told (-1 where unknown), is no mere furniture."""
    place, name = os.path.split(path)
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122
    if suffix in PICTURES:
        if place.endswith(("_files", ".files")):
            return False
        size = size if size is not None else os.path.getsize(path) if os.path.isfile(path) else 0  # noqa: PTH113, PTH202
        if size < SCAN:
            return False
    if suffix == ".json" and Path(path).is_file() and not any(word in Path(path).read_bytes() for word in _REPORTED):
        return False  # settings and lists that stand beside documents
    return not name.startswith((".", "~$")) and name not in (AGENCIES, PLACES) and suffix not in FURNITURE


def beside(sources: Iterable[str | Path], name: str) -> list[Path]:
    """The files of this name in those sources that are folders."""
    return [file for source in sources if (file := Path(source) / name).is_file()]


def read_agencies(path: str | Path) -> dict[str, tuple[str, str]]:
    """Given a CSV file of agencies (UTF-8 or GB18030), return agency -> (kind, region); "" where the file is silent.

    Raises
    ------
    ValueError : no file, or one without a column `agency`
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be opened ({error.strerror}); name a CSV file of agencies") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:  # What Excel saves as CSV on a Chinese system.
        text = data.decode("gb18030", "replace")
    lines = csv.DictReader(io.StringIO(text, newline=""))
    if "agency" not in (lines.fieldnames or ()):
        raise ValueError(f"{path}: no column agency; its first line should be agency,agency_kind,region")
    return {
        fold(line["agency"]).strip(): ((line.get("agency_kind") or "").strip(), (line.get("region") or "").strip())
        for line in lines
        if line["agency"]
    }
