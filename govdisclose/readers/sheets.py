"""Excel workbooks (.xlsx, .xls, .et) -> lines of cells: each sheet that is shown is a table, its values as last computed."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import xlrd  # type: ignore[import-untyped]
from lxml import etree

from govdisclose.errors import ReportError
from govdisclose.grid import Document, Line
from govdisclose.readers.package import Package, attribute, local
from govdisclose.readers.plain import MAX_SPAN
from govdisclose.readers.text import cell_lines
from govdisclose.sources import Source

MAX_CELLS = 200_000
MAX_SHEETS = 100

_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# Built-in number formats that show a fixed number of decimals; formats with codes of their own tell by the code.
_BUILT_IN = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00"}
_FIXED = re.compile(r"[#,]*0(?:\.(0+))?(%?)(?:[_;)\\].*)?")


@dataclass(slots=True)
class _Sheet:
    """Texts by (row, column) from 1 ("" where a cell is drawn and empty), what is merged (first row, first column, last row, last column), what is not shown."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def read(source: Source) -> Document:
    """Given a workbook, return its lines. A formula never computed stands as its own text, which is no figure.

    Hidden sheets, rows and columns are not printed and not read. `ReportError` where the file is damaged, locked or
    beyond the limits.
    """
    sheets = _modern(source) if source.data.startswith(b"PK") else _legacy(source)
    lines: list[Line] = []
    for number, sheet in enumerate(sheets, 1):
        if sum(len(line.cells) for line in lines) + len(sheet.cells) > MAX_CELLS:
            raise ReportError(source.name, f"more than {MAX_CELLS:,} cells", "a report has some 300")
        lines.extend(_lines(sheet, number))
    return Document(source.name, source.stem, lines)


def _lines(sheet: _Sheet, number: int) -> Iterator[Line]:
    shown = {
        at: text for at, text in sheet.cells.items() if at[0] not in sheet.hidden_rows and at[1] not in sheet.hidden_columns
    }
    filled = [at for at, text in shown.items() if text]
    if not filled:
        return
    columns = range(min(column for _, column in filled), max(column for _, column in filled) + 1)
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for top, left, bottom, right in sheet.merged:
        rows = [row for row in range(top, min(bottom, top + MAX_SPAN) + 1) if row not in sheet.hidden_rows]
        across = [c for c in range(left, min(right, left + MAX_SPAN) + 1) if c not in sheet.hidden_columns and c in columns]
        if rows and across:
            sizes[rows[0], across[0]] = len(across), len(rows)
            covered.update((row, column) for row in rows for column in across)
            shown[rows[0], across[0]] = sheet.cells.get((top, left), "")
    covered -= sizes.keys()
    # An empty row is one where its cells are drawn; below the last figures a sheet's drawn cells go on without end.
    drawn = Counter(row for row, column in shown if column in columns)
    last = max(row for row, _ in filled) + 1
    for row in sorted({row for row, _ in filled} | {row for row, count in drawn.items() if count > 1 and row <= last}):
        own = [(row, c) for c in columns if c not in sheet.hidden_columns and (row, c) not in covered]
        cells = [shown.get(at, "") for at in own]
        if len(cells) == 1:
            yield from cell_lines(cells[0], number, row)
        elif cells:
            spans = [sizes.get(at, (1, 1)) for at in own]
            plain = spans.count((1, 1)) == len(spans)
            yield Line(cells, number, row, True, None, None if plain else spans)


# --- .xlsx ------------------------------------------------------------------------------------------------------------
def _modern(source: Source) -> Iterator[_Sheet]:
    package = Package(source)
    main = package.main_part("xl/workbook.xml")
    folder = main.rpartition("/")[0]
    links_part = f"{folder}/_rels/{main.rpartition('/')[2]}.rels"
    links = {}
    if links_part in package.names:
        links = {str(link.get("Id")): str(link.get("Target", "")) for link in package.xml(links_part)}

    def named(target: str) -> str:
        return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")

    others = {name.rpartition("/")[2]: name for name in map(named, links.values()) if name in package.names}
    strings = _strings(package.xml(others["sharedStrings.xml"])) if "sharedStrings.xml" in others else []
    formats = _formats(package.xml(others["styles.xml"])) if "styles.xml" in others else {}
    sheets = [one for one in package.xml(main).iter("{*}sheet") if (attribute(one, "state") or "visible") == "visible"]
    if len(sheets) > MAX_SHEETS:
        raise ReportError(source.name, f"{len(sheets)} sheets", f"at most {MAX_SHEETS} are read")
    for one in sheets:
        name = named(links.get(attribute(one, "id") or "", ""))
        if name in package.names and "worksheets" in name:
            yield _sheet(source, package.xml(name), strings, formats)


def _strings(part: etree._Element) -> list[str]:
    return ["".join(_texts(item)) for item in part if local(item) == "si"]


def _texts(item: etree._Element) -> Iterator[str]:
    """The pieces of a text, of one look each; reading aids above it are no part of it."""
    for one in item:
        name = local(one)
        if name == "t":
            yield one.text or ""
        elif name == "r":
            yield from _texts(one)


def _formats(part: etree._Element) -> dict[int, str]:
    """Number of each cell style -> the code of its number format."""
    codes = _BUILT_IN | {_int(one.get("numFmtId")): one.get("formatCode") or "" for one in part.iter("{*}numFmt")}
    styles = next((one for one in part if local(one) == "cellXfs"), ())
    return {number: codes.get(_int(style.get("numFmtId")), "") for number, style in enumerate(styles)}


def _sheet(source: Source, part: etree._Element, strings: list[str], formats: dict[int, str]) -> _Sheet:
    sheet = _Sheet()
    for column in part.iter("{*}col"):
        if column.get("hidden") in ("1", "true"):
            first, last = _int(column.get("min")), _int(column.get("max"))
            sheet.hidden_columns.update(range(first, min(last, first + 1_000) + 1))
    number = 0
    for row in part.iter("{*}row"):
        number = _int(row.get("r")) or number + 1
        if row.get("hidden") in ("1", "true"):
            sheet.hidden_rows.add(number)
        place = 0
        for cell in row:
            if local(cell) != "c":
                continue
            address = _ADDRESS.fullmatch(cell.get("r") or "")
            place = _column(address[1]) if address else place + 1
            sheet.cells[number, place] = _value(cell, strings, formats)
        if len(sheet.cells) > MAX_CELLS:
            raise ReportError(source.name, f"more than {MAX_CELLS:,} cells", "a report has some 300")
    for merged in part.iter("{*}mergeCell"):
        corner, _, other = (merged.get("ref") or "").partition(":")
        begin, end = _ADDRESS.fullmatch(corner), _ADDRESS.fullmatch(other)
        if begin and end:
            sheet.merged.append((int(begin[2]), _column(begin[1]), int(end[2]), _column(end[1])))
    return sheet


def _value(cell: etree._Element, strings: list[str], formats: dict[int, str]) -> str:
    """A cell's text as shown: its last computed value, or the formula itself where it was never computed."""
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        return "".join(_texts(inner)).strip() if (inner := next((o for o in cell if local(o) == "is"), None)) is not None else ""
    value = next((one.text for one in cell if local(one) == "v"), None)
    if value is None:
        formula = next((one for one in cell if local(one) == "f"), None)
        return "" if formula is None else f"={formula.text or '?'}"
    if kind == "s":
        at = _int(value)
        return strings[at].strip() if at < len(strings) else "?"
    if kind == "n":
        return _shown(value, formats.get(_int(cell.get("s")), ""))
    return ("TRUE" if value == "1" else "FALSE") if kind == "b" else value.strip()


def _shown(value: str, code: str) -> str:
    """A stored number as its format shows it: 12.0 as 12, and 12.6 as 13 where no decimals are shown."""
    try:
        number = Decimal(repr(float(value)))
    except (ValueError, InvalidOperation):
        return value
    fixed = _FIXED.fullmatch(code)
    if fixed is None:
        number, sign = (number * 100, "%") if "%" in code else (number, "")
        whole = number == number.to_integral_value() and abs(number) < 10**15
        return (f"{number:.0f}" if whole else f"{float(number):.15g}") + sign
    number = number * 100 if fixed[2] else number
    try:
        number = number.quantize(Decimal(1).scaleb(-len(fixed[1] or "")), ROUND_HALF_UP)
    except InvalidOperation:
        return value
    return f"{number:f}{fixed[2]}"


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _int(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


# --- .xls -------------------------------------------------------------------------------------------------------------
def _legacy(source: Source) -> Iterator[_Sheet]:
    try:
        workbook = xlrd.open_workbook(file_contents=source.data, formatting_info=True, logfile=io.StringIO())
        sheets = [workbook.sheet_by_index(number) for number in range(min(workbook.nsheets, MAX_SHEETS))]
        return iter([_legacy_sheet(workbook, one) for one in sheets if not one.visibility])
    except MemoryError:
        raise
    except Exception as error:  # What a damaged file makes of the library's own steps is anything.
        told = f"a damaged or locked workbook ({type(error).__name__}: {error})"
        raise ReportError(source.name, told, "open it in Excel or WPS and save it anew") from error


def _legacy_sheet(workbook: xlrd.Book, opened: xlrd.sheet.Sheet) -> _Sheet:
    sheet = _Sheet()
    sheet.hidden_rows = {row + 1 for row, about in opened.rowinfo_map.items() if about.hidden}
    sheet.hidden_columns = {column + 1 for column, about in opened.colinfo_map.items() if about.hidden}
    for row in range(opened.nrows):
        for column, cell in enumerate(opened.row(row)):
            if cell.ctype == xlrd.XL_CELL_EMPTY:
                continue
            sheet.cells[row + 1, column + 1] = _legacy_value(workbook, cell)
    # The library counts rows and columns from 0 and names the first ones after the merged block.
    sheet.merged = [(top + 1, left + 1, bottom, right) for top, bottom, left, right in opened.merged_cells]
    return sheet


def _legacy_value(workbook: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        shown = workbook.format_map[workbook.xf_list[cell.xf_index].format_key].format_str
        return _shown(repr(cell.value), shown)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    return str(cell.value).strip()
