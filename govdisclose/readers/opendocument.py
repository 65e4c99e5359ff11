"""OpenDocument files (.odt, .ods) -> lines of cells: their content is XML whose tables name their parts otherwise than HTML."""

from __future__ import annotations

import re

from govdisclose.grid import Document
from govdisclose.markup import unwrap
from govdisclose.readers.html import read_html
from govdisclose.readers.package import Package
from govdisclose.sources import Source

# What a document does not show: text that was deleted while changes were tracked, remarks, notes of what a chart holds.
_NOT_SHOWN = re.compile(
    r"<(text:tracked-changes|office:annotation|office:scripts|text:sequence-decls|table:tracked-changes)\b[^>]*(?:/>|>.*?</\1>)",
    re.DOTALL,
)
_BLANKS = re.compile(r"<text:(?:s|tab)\b[^>]*/>")
_BREAK = re.compile(r"<text:line-break\s*/>")


def read(source: Source) -> Document:
    """Given an OpenDocument text or workbook, return its lines."""
    package = Package(source)
    package.xml("content.xml")  # refused where it is damaged or declares a document type
    text = _NOT_SHOWN.sub("", package.read("content.xml").decode("utf-8", "replace"))
    return read_html(source.name, source.stem, unwrap(_BREAK.sub("<br>", _BLANKS.sub(" ", text))))
