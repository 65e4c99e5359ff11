"""Excel workbooks (.xlsx, .xls, .et) -> lines of cells: each sheet that is shown is a table, its values as last computed and as shown."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from struct import unpack
from typing import Any

import xlrd  # type: ignore[import-untyped]
from lxml import etree
from openpyxl.utils import get_column_letter

from govdisclose.errors import ReportError
from govdisclose.findings import Finding
from govdisclose.grid import Document, Line
from govdisclose.readers.formats import BUILT_IN, shown
from govdisclose.readers.package import Package, attribute, inside, local
from govdisclose.readers.plain import MAX_SPAN
from govdisclose.readers.text import cell_lines
from govdisclose.sources import Source

MAX_CELLS = 200_000
MAX_SHEETS = 100
MAX_GAP = 8  # columns in a row that are empty all over a sheet, and still are the table's

_TRUE = ("1", "true")
_NOTHING = ("0", "0.0")  # width or height of what is not shown
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_FORMULA = 0x0006  # record of a formula in .xls
_NAMED = 8  # hidden places that a finding names
_EMPTY_RESULT = b"\x03\x00\x00\x00\x00\x00\xff\xff"


@dataclass(slots=True)
class _Sheet:
    """Texts by (row, column) from 1 ("" where a cell is drawn and empty), what is merged (first row, first column, last row, last column), what is not shown."""

    name: str = ""
    hidden: bool = False
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def read(source: Source) -> Document:
    """Given a workbook, return its lines. A formula never computed stands as its own text, which is no figure.

    Hidden sheets, rows and columns are not printed and not read; a finding `sheet.hidden` says where they hold anything.
    `ReportError` where the file is damaged, locked or beyond the limits.
    """
    sheets = _modern(source) if source.data.startswith(b"PK") else _legacy(source)
    lines: list[Line] = []
    unread: list[str] = []
    cells = number = 0
    for sheet in sheets:
        cells += len(sheet.cells)
        if cells > MAX_CELLS:
            raise ReportError(source.name, f"more than {MAX_CELLS:,} cells", "a report has some 300")
        unread.extend(_unread(sheet))
        if not sheet.hidden:
            for shown, columns in _parts(sheet):
                number += 1
                lines.extend(_lines(sheet, shown, columns, number))
    return Document(source.name, source.stem, lines, found=(hidden_places(unread),) if unread else ())


def _unread(sheet: _Sheet) -> Iterator[str]:
    """What of a sheet holds something and is not shown: "Sheet1" or "Sheet1!3:3", "Sheet1!B:B" as Excel names them."""
    filled = [at for at, text in sheet.cells.items() if text]
    if sheet.hidden:
        yield from [sheet.name] if filled else ()
        return
    yield from (f"{sheet.name}!{row}:{row}" for row in sorted({row for row, _ in filled} & sheet.hidden_rows))
    for column in sorted({column for _, column in filled} & sheet.hidden_columns):
        yield f"{sheet.name}!{get_column_letter(column)}:{get_column_letter(column)}"


def hidden_places(places: list[str]) -> Finding:
    """What is said of a workbook that hides something, and where."""
    named = "、".join(places[:_NAMED]) + (" …" if len(places) > _NAMED else "")
    return Finding(
        "sheet.hidden",
        "note",
        f"工作簿中有隐藏的工作表、行或列,其中有内容,打印时不显示,未读取:{named}",
        f"hidden sheets, rows or columns hold something; they are not printed and were not read: {named}",
    )


def _parts(sheet: _Sheet) -> list[tuple[dict[tuple[int, int], str], list[int]]]:
    """Cells that are shown, and the columns that make a table: what stands far aside of it, a remark say, is another."""
    shown = {
        at: text for at, text in sheet.cells.items() if at[0] not in sheet.hidden_rows and at[1] not in sheet.hidden_columns
    }
    filled = [at for at, text in shown.items() if text]
    if not filled:
        return [({}, [])]
    used = {column for _, column in filled}
    first, last, last_row = min(used), max(used), max(row for row, _ in filled)
    for top, left, _, right in sheet.merged:
        if top <= last_row:
            used.update(range(max(left, first), min(right, left + MAX_SPAN, last) + 1))
    parts = [[first]]
    for column in sorted(used - {first}):
        if column - parts[-1][-1] <= MAX_GAP:
            parts[-1] += range(parts[-1][-1] + 1, column + 1)
        else:
            parts.append([column])
    return [({at: text for at, text in shown.items() if at[1] in columns}, columns) for columns in map(sorted, parts)]


def _lines(sheet: _Sheet, shown: dict[tuple[int, int], str], columns: list[int], number: int) -> Iterator[Line]:
    filled = [at for at, text in shown.items() if text]
    if not filled:
        return
    present = set(columns)
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for top, left, bottom, right in sheet.merged:
        rows = [row for row in range(top, min(bottom, top + MAX_SPAN) + 1) if row not in sheet.hidden_rows]
        across = [c for c in range(left, min(right, left + MAX_SPAN) + 1) if c not in sheet.hidden_columns and c in present]
        if rows and across:
            sizes[rows[0], across[0]] = len(across), len(rows)
            covered.update((row, column) for row in rows for column in across)
            shown[rows[0], across[0]] = sheet.cells.get((top, left), "")
    covered -= sizes.keys()
    # An empty row is one where its cells are drawn; below the last figures a sheet's drawn cells go on without end.
    drawn = Counter(row for row, column in shown if column in present)
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


@dataclass(frozen=True, slots=True)
class _Shows:
    """What the cells of a workbook refer to: texts, formats by style, the first day; and whether its program computed it."""

    strings: list[str]
    formats: dict[int, str]
    since_1904: bool
    computed: bool


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
    book = package.xml(main)
    sheets = list(book.iter("{*}sheet"))
    if len(sheets) > MAX_SHEETS:
        raise ReportError(source.name, f"{len(sheets)} sheets", f"at most {MAX_SHEETS} are read")
    placed = [(one, named(links.get(attribute(one, "id") or "", ""))) for one in sheets]
    placed = [(one, name) for one, name in placed if name in package.names and "worksheets" in name]
    left = any(one.get("fullCalcOnLoad") in _TRUE for one in book.iter("{*}calcPr"))
    shows = _Shows(
        strings,
        formats,
        since_1904=any(one.get("date1904") in _TRUE for one in book.iter("{*}workbookPr")),
        computed=not left or _computed(package.xml(name) for _, name in placed),
    )
    for one, name in placed:
        sheet = _sheet(source, package.xml(name), shows)
        sheet.name, sheet.hidden = attribute(one, "name") or "", (attribute(one, "state") or "visible") != "visible"
        yield sheet


def _computed(parts: Iterable[etree._Element]) -> bool:
    """Whether formulas have results though Excel is to compute anew: each has one, and not all are the 0 of a mere writer."""
    cells = (cell for part in parts for cell in part.iter("{*}c") if any(local(one) == "f" for one in cell))
    results = [next((one.text or "" for one in cell if local(one) == "v"), "") for cell in cells]
    return all(results) and not all(map(_is_zero, results))


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
    codes = BUILT_IN | {_int(one.get("numFmtId")): one.get("formatCode") or "" for one in part.iter("{*}numFmt")}
    styles = inside(part, "cellXfs")
    return {number: codes.get(_int(style.get("numFmtId")), "") for number, style in enumerate(styles)}


def _sheet(source: Source, part: etree._Element, shows: _Shows) -> _Sheet:
    sheet = _Sheet()
    for column in part.iter("{*}col"):
        if column.get("hidden") in _TRUE or column.get("width") in _NOTHING:
            first, last = _int(column.get("min")), _int(column.get("max"))
            sheet.hidden_columns.update(range(first, min(last, first + 1_000) + 1))
    number = 0
    for row in part.iter("{*}row"):
        number = _int(row.get("r")) or number + 1
        if row.get("hidden") in _TRUE or row.get("ht") in _NOTHING:
            sheet.hidden_rows.add(number)
        place = 0
        for cell in row:
            if local(cell) != "c":
                continue
            address = _ADDRESS.fullmatch(cell.get("r") or "")
            place = _column(address[1]) if address else place + 1
            sheet.cells[number, place] = _value(cell, shows)
        if len(sheet.cells) > MAX_CELLS:
            raise ReportError(source.name, f"more than {MAX_CELLS:,} cells", "a report has some 300")
    for merged in part.iter("{*}mergeCell"):
        corner, _, other = (merged.get("ref") or "").partition(":")
        begin, end = _ADDRESS.fullmatch(corner), _ADDRESS.fullmatch(other)
        if begin and end:
            sheet.merged.append((int(begin[2]), _column(begin[1]), int(end[2]), _column(end[1])))
    return sheet


def _value(cell: etree._Element, shows: _Shows) -> str:
    """A cell's text as shown: its last computed value, or the formula itself where it was never computed."""
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        return "".join(_texts(inner)).strip() if (inner := next((o for o in cell if local(o) == "is"), None)) is not None else ""
    formula = next((one for one in cell if local(one) == "f"), None)
    stored = next((one for one in cell if local(one) == "v"), None)
    value = None if stored is None else stored.text or ""
    if formula is not None and (value is None or (value == "" and kind != "str") or (_is_zero(value) and not shows.computed)):
        return f"={formula.text or '?'}"  # a program that only writes workbooks leaves nothing, or 0, for Excel to compute
    if not value:
        return ""
    if kind == "s":
        at = _int(value)
        return shows.strings[at].strip() if at < len(shows.strings) else "?"
    if kind == "n":
        return shown(value, shows.formats.get(_int(cell.get("s")), ""), shows.since_1904)
    return ("TRUE" if value == "1" else "FALSE") if kind == "b" else value.strip()


def _is_zero(value: str) -> bool:
    try:
        return float(value) == 0
    except ValueError:
        return False


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
        workbook = xlrd.open_workbook(file_contents=source.data, formatting_info=True, logfile=io.StringIO(), on_demand=True)
        return iter([_legacy_sheet(workbook, number) for number in range(min(workbook.nsheets, MAX_SHEETS))])
    except MemoryError:
        raise
    except Exception as error:  # What a damaged file makes of the library's own steps is anything.
        told = f"a damaged or locked workbook ({type(error).__name__}: {error})"
        raise ReportError(source.name, told, "open it in Excel or WPS and save it anew") from error


def _legacy_sheet(workbook: xlrd.Book, number: int) -> _Sheet:
    take, waiting = workbook.get_record_parts, set()

    def watched() -> Any:
        """The next record; the library does not tell which cells are formulas, so that is noted here."""
        code, length, data = take()
        if code == _FORMULA and len(data) >= 16 and _never_computed(data):
            waiting.add(unpack("<HH", data[:4]))
        return code, length, data

    workbook.get_record_parts = watched
    try:
        opened = workbook.sheet_by_index(number)
    finally:
        workbook.get_record_parts = take
    sheet = _Sheet(name=opened.name, hidden=bool(opened.visibility))
    sheet.hidden_rows = {row + 1 for row, about in opened.rowinfo_map.items() if about.hidden or about.height == 0}
    sheet.hidden_columns = {column + 1 for column, about in opened.colinfo_map.items() if about.hidden or about.width == 0}
    for row in range(opened.nrows):
        for column, cell in enumerate(opened.row(row)):
            if cell.ctype != xlrd.XL_CELL_EMPTY:
                sheet.cells[row + 1, column + 1] = "=?" if (row, column) in waiting else _legacy_value(workbook, cell)
    # The library counts rows and columns from 0 and names the first ones after the merged block.
    sheet.merged = [(top + 1, left + 1, bottom, right) for top, bottom, left, right in opened.merged_cells]
    return sheet


def _never_computed(formula: bytes) -> bool:
    """Whether a formula's record holds what programs write that leave computing to Excel: nothing, or 0 to be computed on opening."""
    result, flags = formula[6:14], formula[14]
    return result == _EMPTY_RESULT or (result == bytes(8) and bool(flags & 2))


def _legacy_value(workbook: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        key = workbook.xf_list[cell.xf_index].format_key
        code = BUILT_IN.get(key) or workbook.format_map[key].format_str
        return shown(repr(cell.value), code, bool(workbook.datemode))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    return str(cell.value).strip()
