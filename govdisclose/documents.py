"""A source of any kind -> its lines of cells, within limits: the kind is told by the content, and its reader is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module

from govdisclose.counters import without_counters
from govdisclose.errors import ReportError
from govdisclose.grid import Document
from govdisclose.markup import unwrap
from govdisclose.readers.html import read_html
from govdisclose.readers.plain import PlainTable, cut_tables
from govdisclose.readers.text import read_text
from govdisclose.sources import (
    DOCX,
    HTML,
    IMAGE,
    ODF,
    PDF,
    SHEETS,
    WORD,
    Source,
    binary_kind,
    decode,
    kind_of,
    likely_charset,
    refuse_unread,
    sure_text,
)

MAX_CELLS = 200_000  # lines or cells of a document; beyond it is no report, and reading would never end
MAX_OPEN = 1_500  # elements in one another: a parser's time grows with the square of their number
LONG_PAGE = 300_000  # bytes beyond which a page is read in a worker

# Kind of the bytes -> module with `read(source) -> Document`; imported when the first such document comes.
READERS = {
    DOCX: "govdisclose.readers.word",
    SHEETS: "govdisclose.readers.sheets",
    WORD: "govdisclose.readers.legacy",
    ODF: "govdisclose.readers.opendocument",
    PDF: "govdisclose.readers.pdf",
    IMAGE: "govdisclose.readers.scan",
}

# Tags of elements that stay open until they are closed; the others end by themselves or hold nothing.
_TAG = re.compile(r"<(/?)(?!(?:p|br|td|tr|th|li|img|meta|input|hr|option|link|dd|dt|col|tbody)[\s/>])[a-zA-Z]", re.IGNORECASE)


def is_risky(source: Source) -> bool:
    """Whether a document is to be read in a worker: it is no text, so that libraries take it apart, or a long one."""
    return len(source.data) > LONG_PAGE or bool(binary_kind(source))


def refuse_unready(source: Source) -> None:
    """Say at once, before a worker is started, what a document's reader needs that is not installed."""
    if (kind := binary_kind(source)) in (WORD, IMAGE):
        import_module(READERS[kind]).refuse_unready(source)


def read_document(source: Source) -> Document:
    """Given a source, return its lines of cells, whatever its kind."""
    document = _read(source)
    if len(document.lines) > MAX_CELLS:
        raise ReportError(source.name, f"{len(document.lines):,} lines", f"a report has at most {MAX_CELLS:,}")
    document.lines = without_counters(document.lines)
    document.with_hidden = without_counters(document.with_hidden) if document.with_hidden else []
    return document


def _read(source: Source) -> Document:
    kind = binary_kind(source)
    refuse_unread(source)
    if kind in READERS:
        document: Document = import_module(READERS[kind]).read(source)
        return document
    text, tables = _text_and_tables(source)
    cells = sum(table.cells for table in tables)
    size = max(text.count("\n"), text.count("|"), text.count("\t"), text.count("<td") + text.count("<TD") + cells)
    if size > MAX_CELLS:
        raise ReportError(source.name, f"{size:,} lines or cells", f"a report of this kind has at most {MAX_CELLS:,}")
    if text.count("<") > MAX_OPEN and (deep := _depth(text)) > MAX_OPEN:
        raise ReportError(source.name, f"{deep:,} elements open in one another", f"at most {MAX_OPEN:,} can be: save the page anew")
    if kind_of(source, text) == HTML:
        return read_html(source.name, source.stem, text, tables)
    return read_text(source.name, source.stem, text)


def _depth(text: str) -> int:
    """How many elements are open at once at most, as far as tags tell."""
    depth = most = 0
    for close in _TAG.findall(text):
        depth = max(depth - 1, 0) if close else depth + 1
        most = max(most, depth)
    return most


def _text_and_tables(source: Source) -> tuple[str, Sequence[PlainTable]]:
    """The document's text, without those of its tables that need no parser, and these."""
    charset = likely_charset(source.data)
    page, tables = cut_tables(source.data, charset)
    if tables:
        sure = sure_text(page)
        if sure and sure[1] == charset:
            return unwrap(sure[0]), tables
    return unwrap(decode(source)), ()
