"""OpenDocument files (.odt, .ods) -> lines of cells: their content is XML whose tables name their parts otherwise than HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from openpyxl.utils import get_column_letter

from govdisclose.grid import Document
from govdisclose.markup import unwrap
from govdisclose.readers.html import read_html
from govdisclose.readers.package import Package, attribute, local
from govdisclose.readers.sheets import hidden_places
from govdisclose.sources import Source

# What a document does not show: text that was deleted while changes were tracked, remarks, notes of what a chart holds.
_NOT_SHOWN = re.compile(
    r"<(text:tracked-changes|office:annotation|office:scripts|text:sequence-decls|table:tracked-changes)\b[^>]*(?:/>|>.*?</\1>)",
    re.DOTALL,
)
_BLANKS = re.compile(r"<text:(?:s|tab)\b[^>]*/>")
_BREAK = re.compile(r"<text:line-break\s*/>")


_GROUPS = frozenset(f"table-{kind}{end}" for kind, ends in (("row", ("s", "-group")), ("column", ("s", "-group")), ("header", ("-rows", "-columns"))) for end in ends)


def read(source: Source) -> Document:
    """Given an OpenDocument text or workbook, return its lines; what a sheet hides is left out, and a finding says where."""
    package = Package(source)
    content = package.xml("content.xml")  # refused where it is damaged or declares a document type
    unread = list(_take_hidden(content))
    text = _NOT_SHOWN.sub("", etree.tostring(content, encoding="unicode"))
    document = read_html(source.name, source.stem, unwrap(_BREAK.sub("<br>", _BLANKS.sub(" ", text))))
    document.found = (*document.found, *([hidden_places(unread)] if unread else ()))
    return document


def _take_hidden(content: etree._Element) -> Iterator[str]:
    """Take hidden sheets, rows and columns off a document; those that hold something are told as a sheet names them."""
    about = {attribute(style, "name"): style for style in content.iter("{*}style")}
    undisplayed = {name for name, style in about.items() if any(local(one) == "table-properties" and attribute(one, "display") == "false" for one in style)}
    for table in list(content.iter("{*}table")):
        name = attribute(table, "name") or ""
        if attribute(table, "style-name") in undisplayed:
            yield from [name] if _holds(table) else ()
            _remove(table)
            continue
        hidden: set[int] = set()
        count = 0
        for column in _own(table, "table-column"):
            repeated = _number(column, "columns-repeated")
            hidden.update(range(count, count + min(repeated, 1_000)) if _is_hidden(column) else ())
            count += repeated
        number, columns = 0, set()
        tall: list[tuple[etree._Element, int]] = []  # cells over several rows, and the last of these
        for row in _own(table, "table-row"):
            number += 1
            if _is_hidden(row):
                yield from [f"{name}!{number}:{number}"] if _holds(row) else ()
                _remove(row)
                for cell in (cell for cell, last in tall if last >= number):
                    _set(cell, "rows-spanned", _number(cell, "rows-spanned") - 1)
            else:
                columns |= _take_columns(row, hidden)
                tall += [(cell, number + high - 1) for cell in row if (high := _number(cell, "rows-spanned")) > 1]
            number += _number(row, "rows-repeated") - 1
        yield from (f"{name}!{letter}:{letter}" for letter in (get_column_letter(column + 1) for column in sorted(columns)))


def _take_columns(row: etree._Element, hidden: set[int]) -> set[int]:
    """Take the cells of hidden columns off a row; return the columns in which one held something."""
    held, count = set(), 0
    for cell in list(row) if hidden else ():
        if local(cell) not in ("table-cell", "covered-table-cell"):
            continue
        repeated, spanned = _number(cell, "columns-repeated"), _number(cell, "columns-spanned")
        gone = {at for at in hidden if count <= at < count + repeated}
        held |= gone if _holds(cell) else set()
        under = sum(count <= at < count + spanned for at in hidden)
        _set(cell, "columns-repeated", repeated - len(gone))
        _set(cell, "columns-spanned", spanned - under)
        if len(gone) == repeated:
            _remove(cell)
        count += repeated
    return held


def _own(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The rows or columns of a table, not those of tables inside it."""
    for one in list(element):
        if local(one) == name:
            yield one
        elif local(one) in _GROUPS:
            yield from _own(one, name)


def _is_hidden(element: etree._Element) -> bool:
    return attribute(element, "visibility") in ("collapse", "filter")


def _holds(element: etree._Element) -> bool:
    return any(text.strip() for text in element.itertext())


def _number(element: etree._Element, what: str) -> int:
    """How often a row, column or cell is repeated, or how many a cell covers."""
    text = attribute(element, f"number-{what}") or "1"
    return int(text) if text.isdecimal() and len(text) < 9 else 1


def _set(element: etree._Element, what: str, number: int) -> None:
    for key in [key for key in element.attrib if str(key).endswith(f"}}number-{what}")]:
        element.set(key, str(max(number, 1)))


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
