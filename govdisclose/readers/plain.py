"""Tables in plain markup, taken out of a page's bytes before it is decoded and parsed.

Most of a page that Word saved is markup of cells, the same from cell to cell. A table whose cells are all opened, closed
and filled as HTML wants it needs no parser: it is cut at its end tags, and each piece is looked at once and then known.
Whatever is not exactly so (a table in a cell, a tag left open, several paragraphs) stays in the page for the parser.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from govdisclose.readers.hidden import may_hide, names_hidden

Size = tuple[int, int]

MARK = "data-plain-table"
MAX_SPAN = 100
_MARK = MARK.encode()
_MIN_CELLS = 8  # a smaller table is no table of the form
_MOST_PIECES, _MOST_LAYOUTS = 20_000, 1_000  # what is remembered from page to page
_LONGEST = 2_000  # pieces of a table whose layout is remembered; the form's largest has some 250

# Groups are atomic, not possessive: possessive groups fail before Python 3.11.5.
_ATTRIBUTES = rb"""(?>(?:\s+[^\s<>"'=/]++(?>(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s<>"'`=/]++))?))*)\s*+"""
_GROUP = rb"\s*+(?>(?:<(?:tbody|thead|tfoot|colgroup|col)" + _ATTRIBUTES + rb"/?>\s*+|</colgroup>\s*+)*)"
_INLINE = rb"</?(?:p|span|font|o:p|b|strong|u|em|i|a|small|big|label|ins)" + _ATTRIBUTES + rb"/?>"
_CELL = rb"<t[dh](" + _ATTRIBUTES + rb")>((?>(?:[^<]++|" + _INLINE + rb")*))"
_ROW = rb"<tr" + _ATTRIBUTES + rb">\s*+"
_FIRST = re.compile(rb"<table" + _ATTRIBUTES + rb">" + _GROUP + _ROW + _CELL)
# A table is cut at each "</t", so that a piece begins with the rest of an end tag; the first begins with the table's.
_PIECE = re.compile(
    rb"(?P<cell>[dh]>\s*+" + _CELL + rb")|[a-z]++>" + _GROUP + rb"(?P<row>" + _ROW + _CELL + rb")|"
    rb"(?P<gap>[dh]>\s*+)|(?:r|body|head|foot)>" + _GROUP
)
_CELL_HERE, _ROW_HERE, _GAP_HERE, _ROWS_END = range(4)
_ROWS = re.compile(rb"(?>(?:\x01\x00*+\x02?+\x03*+)+)")  # rows as they should be, by what their pieces are
_ONE_ROW = re.compile(rb"\x01\x00*+")
_NOTE = re.compile(rb"<(?:small|a)\b")  # maybe a footnote's mark behind a figure
_PARAGRAPH = re.compile(rb"<p[\s>]")
_TAG = re.compile(rb"<[^<>]*>")
_SPAN = re.compile(rb"""\s(colspan|rowspan)=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_Kind = tuple[int, Size | None]
"""What a piece is, and the spans of the cell in it (None where it names none)."""


@dataclass(frozen=True, slots=True)
class PlainTable:
    """Rows of a table: the texts of the cells, and (colspan, rowspan) of each, None in a row that names none."""

    rows: list[tuple[list[str], list[Size] | None]]
    cells: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """Of a table's rows: first piece, the piece after the last, spans as in `PlainTable`; and how many cells they have."""

    rows: list[tuple[int, int, list[Size] | None]]
    cells: int


def span(value: str | None) -> int:
    """A colspan or rowspan; what is no small number counts as 1, as in a browser."""
    try:
        return min(max(int(value or 1), 1), MAX_SPAN)
    except ValueError:
        return 1


class _NotPlain(Exception):
    """Something in a table that is the parser's to read."""


class _Pieces(dict[bytes, tuple[str, int]]):
    """Pieces of a page -> the texts of the cells in them, and the numbers of what they are. Filled as pieces come."""

    def __init__(self, charset: str) -> None:
        super().__init__()
        self.charset = charset
        self.numbers: dict[_Kind, int] = {}
        self.layouts: dict[tuple[int, ...], _Layout] = {}  # by the kinds of a table's pieces

    def __missing__(self, piece: bytes) -> tuple[str, int]:
        if may_hide(piece):
            raise _NotPlain
        if piece.startswith(b"<"):
            first = _FIRST.fullmatch(piece)
            if first is None:
                raise _NotPlain
            return self._note(piece, (_ROW_HERE, _size(first[1])), _text(first[2], self.charset))
        match = _PIECE.fullmatch(piece)
        if match is None:
            raise _NotPlain
        if match["cell"] is not None:
            return self._note(piece, (_CELL_HERE, _size(match[2])), _text(match[3], self.charset))
        if match["row"] is not None:
            return self._note(piece, (_ROW_HERE, _size(match[5])), _text(match[6], self.charset))
        return self._note(piece, (_GAP_HERE if match["gap"] is not None else _ROWS_END, None), "")

    def _note(self, piece: bytes, kind: _Kind, text: str) -> tuple[str, int]:
        self[piece] = noted = text, self.numbers.setdefault(kind, len(self.numbers))
        return noted

    def layout(self, kinds: tuple[int, ...]) -> _Layout:
        """The rows of a table whose pieces are of these kinds."""
        layout = self.layouts.get(kinds)
        if layout is None:
            known = list(self.numbers)
            layout = _layout([known[kind] for kind in kinds])
            if len(kinds) <= _LONGEST:
                self.layouts[kinds] = layout
        return layout

    def forget(self) -> None:
        """Start anew where too much is remembered."""
        if len(self) > _MOST_PIECES or len(self.layouts) > _MOST_LAYOUTS:
            for known in (self, self.numbers, self.layouts):
                known.clear()


_known = lru_cache(maxsize=16)(_Pieces)


def _size(attributes: bytes) -> Size | None:
    named = attributes.lower().count(b"span")
    if not named:
        return None
    spans = {name: b"".join(value).decode("ascii", "replace") for name, *value in _SPAN.findall(attributes)}
    if named != len(spans):
        raise _NotPlain
    return span(spans.get(b"colspan")), span(spans.get(b"rowspan"))


def _text(content: bytes, charset: str) -> str:
    if b"<" in content:
        opened, closed = len(_PARAGRAPH.findall(content)), content.count(b"</p")
        if opened > 1 or closed > opened:
            raise _NotPlain
        if _NOTE.search(content):
            raise _NotPlain
        content = _TAG.sub(b"", content)
    try:
        text = content.decode(charset)
    except UnicodeDecodeError:
        raise _NotPlain from None
    return " ".join((html.unescape(text) if "&" in text else text).split())


def _layout(pieces: Sequence[_Kind]) -> _Layout:
    """The rows that a table's pieces make; `_NotPlain` where they are not as they should be."""
    kinds, sizes = zip(*pieces, strict=True)
    signs = bytes(kinds)
    if not _ROWS.fullmatch(signs):
        raise _NotPlain
    rows = []
    for row in _ONE_ROW.finditer(signs):
        spans = sizes[slice(*row.span())]
        rows.append((*row.span(), [size or (1, 1) for size in spans] if any(spans) else None))
    return _Layout(rows, sum(end - begin for begin, end, _ in rows))


def _table(table: bytes, known: _Pieces) -> PlainTable:
    """The rows of a table, given from its tag up to its end tag."""
    texts, kinds = zip(*map(known.__getitem__, table.split(b"</t")), strict=True)
    layout = known.layout(kinds)
    return PlainTable([(list(texts[begin:end]), sizes) for begin, end, sizes in layout.rows], layout.cells)


def cut_tables(page: bytes, charset: str) -> tuple[bytes, list[PlainTable]]:
    """Given a page's bytes and their charset, return the page with its plain tables taken out, and the tables.

    Where one stood, an empty table with the attribute `MARK` holds its number.
    """
    tables: list[PlainTable] = []
    if not page[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or b"\x00" in page:
        return page, tables
    known = _known(charset)
    known.forget()
    parts = page.split(b"</table>")
    starts = [part.rfind(b"<table") for part in parts[:-1]]
    outside = b"".join([part[:start] if start >= 0 else part for part, start in zip(parts, starts, strict=False)] + parts[-1:])
    hiding = [name[1:].encode() for name in names_hidden(outside.decode("latin-1"))]
    cut: list[int] = []
    for number, (part, start) in enumerate(zip(parts, starts, strict=False)):
        if hiding and any(part.find(name, start) >= 0 for name in hiding):
            continue
        try:
            table = _table(part[start:], known) if start >= 0 else None
        except _NotPlain:
            continue
        if table is not None and table.cells >= _MIN_CELLS:
            parts[number] = part[:start]
            cut.append(number)
            tables.append(table)
    if any(_MARK in part for part in parts):
        return page, []
    for table_number, number in enumerate(cut):
        parts[number] += b'<table %s="%d"><tr><td><td>' % (_MARK, table_number)
    return b"</table>".join(parts), tables
