"""Parts of Office files: zip containers opened within limits, their XML parsed without entities, links or fetching."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable

from lxml import etree

from govdisclose.errors import ReportError
from govdisclose.sources import Source

MAX_PART = 32 * 1024 * 1024  # bytes of one part when unpacked: a report's text has some 300 KB
MAX_PARTS = 2_000
_DAMAGED = "open it in Word, WPS or Excel and save it anew"
_DOCTYPE = re.compile(rb"<!\s*DOCTYPE", re.IGNORECASE)


class Package:
    """An Office file: its parts by name, each read at most `MAX_PART` bytes long."""

    def __init__(self, source: Source) -> None:
        self.source = source.name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source.data))
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
            raise ReportError(self.source, f"a damaged Office file ({error})", _DAMAGED) from error
        if len(self._zip.infolist()) > MAX_PARTS:
            raise ReportError(self.source, f"{len(self._zip.infolist()):,} parts", f"an Office file has at most {MAX_PARTS:,}")
        self.names = frozenset(info.filename for info in self._zip.infolist())

    def read(self, name: str) -> bytes:
        """The bytes of a part, unpacked; `ReportError` beyond `MAX_PART`, where it is damaged or locked by a password."""
        try:
            with self._zip.open(name) as part:
                data = part.read(MAX_PART + 1)
        except RuntimeError as error:
            raise ReportError(self.source, f"{name} is locked by a password", "save it without a password") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, NotImplementedError) as error:
            raise ReportError(self.source, f"a damaged Office file ({name}: {error})", _DAMAGED) from error
        if len(data) > MAX_PART:
            raise ReportError(self.source, f"{name} has more than {MAX_PART:,} bytes unpacked", "no report is that long")
        return data

    def xml(self, name: str) -> etree._Element:
        """A part as XML. Nothing is fetched, and a document type, which no Office file has, is refused."""
        data = self.read(name)
        if _DOCTYPE.search(data, 0, 4096):
            raise ReportError(self.source, f"{name} declares a document type", "no Office file does: save it anew")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
        try:
            return etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise ReportError(self.source, f"a damaged Office file ({name}: {error})", _DAMAGED) from error

    def main_part(self, fallback: str) -> str:
        """The part that the package names as its document."""
        if "_rels/.rels" in self.names:
            for link in self.xml("_rels/.rels"):
                if str(link.get("Type", "")).endswith("/officeDocument"):
                    name = str(link.get("Target", "")).lstrip("/")
                    if name in self.names:
                        return name
        return fallback


def local(element: etree._Element) -> str:
    """The name of an element without its namespace, "" for comments: strict and transitional files differ in namespaces."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute by its name without namespace."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def inside(element: Iterable[etree._Element], name: str) -> Iterable[etree._Element]:
    """What stands in the first child of this name, nothing where there is none."""
    return next((one for one in element if local(one) == name), ())
