"""Lists of indicators (the statistics of 2014 to 2018): label, unit and one figure a line, told by their order.

A label may stand twice, under two groups. So the lines of a document are laid on the rows of the form as a whole: the most
of them, in the order of both. What stands between two lines that are told so, alike in number, is told by order, with a note.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from govdisclose.cells import Filled, doubts, filled
from govdisclose.columns import BY_ORDER, Seats
from govdisclose.findings import Finding
from govdisclose.forms import INDICATOR_UNITS, UNITS, Form, Table, load_forms
from govdisclose.grid import DOUBTFUL, Document, Line
from govdisclose.labels import VALUE, Token, classify
from govdisclose.numbers import ABSENT, BLANK, UNREADABLE
from govdisclose.runs import Place
from govdisclose.words import fold, label_head, label_key

LEAST = 12  # rows of a form that make a list of a document
_LABEL = re.compile("[\u4e00-\u9fff].*[\u4e00-\u9fff]", re.DOTALL)
_SPLIT = re.compile(r"[ \t\u3000]{1,}")
_OF_WHICH = re.compile(r"^(?:其中|其 中)[:：]?")
_REMARK = re.compile(r"\([^()]{4,}\)")  # how the indicator is counted
_UNITS = frozenset((*UNITS, *INDICATOR_UNITS))


@dataclass(frozen=True, slots=True)
class Listing:
    """Every cell of a list of indicators, what is doubtful about them, the lines it takes up, and how many rows were told."""

    form: Form
    cells: tuple[Filled, ...]
    doubts: list[Finding]
    inside: set[int]
    rows: int


@dataclass(slots=True)
class _Item:
    """A line of the list: its label's keys, unit, figure (None where it has none), and where it stands."""

    keys: tuple[str, ...]
    unit: str
    token: Token | None
    line: int
    place: str
    several: bool = False


@cache
def _rows(form: str) -> dict[str, tuple[int, ...]]:
    """Key of a label -> the rows that have it."""
    found: dict[str, tuple[int, ...]] = {}
    for number, row in enumerate(load_forms()[form].tables[0].rows):
        for spelling in row.label.spellings:
            for key in {_key(spelling), label_head(spelling)}:
                found[key] = tuple(dict.fromkeys((*found.get(key, ()), number)))
    return found


@lru_cache(65_536)
def _key(text: str) -> str:
    """What two spellings of an indicator share: no numbering, no 其中, no brackets."""
    bare = label_key(_OF_WHICH.sub("", _REMARK.sub("", fold(text).strip())))
    return _OF_WHICH.sub("", bare)


def read_indicators(document: Document) -> Listing | None:
    """Given a document, return the list of indicators in it, None where there is none."""
    best: Listing | None = None
    for form in load_forms().values():
        if form.listed and _may_hold(document, form):
            found = _read(document, form)
            if found.rows >= LEAST and (best is None or found.rows > best.rows):
                best = found
    return best


def _may_hold(document: Document, form: Form) -> bool:
    """Whether enough labels of the form stand in the document: a quick look at short cells."""
    rows = _rows(form.key)
    seen = {key for line in document.lines for cell in line.cells if 3 < len(cell) < 60 and (key := _key(_text(cell))) in rows}
    return len(seen) >= LEAST


def _text(cell: str) -> str:
    """A cell's text without unit and figure behind it, as plain text has them in one line."""
    parts = _SPLIT.split(cell.strip())
    while len(parts) > 1 and (parts[-1] in _UNITS or not _LABEL.search(parts[-1])):
        parts.pop()
    return " ".join(parts)


def _read(document: Document, form: Form) -> Listing:
    table = form.tables[0]
    items = _items(document, table, _rows(form.key))
    told = _laid(items, _rows(form.key))
    by_order = _between(items, told, table)
    cells: list[Filled] = []
    seats = Seats()
    for number, row in enumerate(table.rows):
        slot = row.slots[0]
        item = told.get(number) or by_order.get(number)
        if item is None or item.token is None:
            cells.append(Filled(slot, None, ABSENT, "", slot.unit, ""))
            continue
        unit = (UNITS | INDICATOR_UNITS).get(item.unit, slot.unit)
        cell = filled(slot, item.token, unit, item.place)
        cells.append(cell._replace(value=None, state=UNREADABLE) if item.several else cell)
        if number in by_order:
            seats.doubt(BY_ORDER, row.label.key, [slot.index])
    lines = [item.line for item in (*told.values(), *by_order.values())]
    inside = set(range(min(lines), max(lines) + 1)) if lines else set()
    return Listing(form, tuple(cells), doubts(table, cells, seats), inside, len(told))


# --- lines -> items ---------------------------------------------------------------------------------------------------
def _items(document: Document, table: Table, rows: dict[str, tuple[int, ...]]) -> list[_Item]:
    """The lines of a document that may be lines of the list, labels and figures put together."""
    found: list[_Item] = []
    column: int | None = None
    for index, line in enumerate(document.lines):
        cells = [cell.strip() for cell in line.cells if cell not in DOUBTFUL]
        if not cells:
            continue
        if line.grid or (line.whole and len(cells) > 1):
            heads = _figure_column(cells, table)
            if heads is not None:
                column = heads - len(cells)  # counted from the end: a merged first cell is missing in rows below
                continue
            found.extend(_row_item(line, cells, column, index, rows))
        else:
            _stream(found, cells[0], line, index, rows)
    return found


def _figure_column(cells: Sequence[str], table: Table) -> int | None:
    """The column of the year's figures, where a row heads the table; None where it does not."""
    keys = [label_key(cell) for cell in cells]
    if not {label_key(text) for text in table.furniture} & set(keys):
        return None
    heads = {label_key(text): rank for rank, text in enumerate(table.figure_heads)}
    named = [place for place, key in enumerate(keys) if key in heads]
    if named:
        return min(named, key=lambda place: heads[keys[place]])
    other = {label_key(text) for text in (*table.other_heads, *table.furniture)}
    free = [place for place, key in enumerate(keys) if place and key and key not in other]
    return free[-1] if free else None


def _row_item(line: Line, cells: list[str], column: int | None, index: int, rows: dict[str, tuple[int, ...]]) -> list[_Item]:
    """The item of a row of cells: its last label that the form knows, else its last label."""
    labels = [place for place, cell in enumerate(cells) if _LABEL.search(cell) and cell not in _UNITS]
    if not labels:
        return []
    place = next((place for place in reversed(labels) if _key(cells[place]) in rows), labels[-1])
    rest = cells[place + 1 :]
    unit = next((cell for cell in rest if cell in _UNITS), "")
    figures = [(place + 1 + n, cell) for n, cell in enumerate(rest) if cell not in _UNITS]
    chosen = column + len(cells) if column is not None else None
    mine = [one for one in figures if one[0] == chosen] or figures[-1:]
    at, text = mine[0] if mine else (place, "")
    several = chosen is None and sum(1 for _, cell in figures if any(c.isdigit() for c in cell)) > 1
    token = _token(text) if mine else None
    return [_Item((_key(cells[place]),), unit, token, index, str(Place(line.grid, line.row, at + 1, line.page)), several)]


def _stream(found: list[_Item], text: str, line: Line, index: int, rows: dict[str, tuple[int, ...]]) -> None:
    """Take in a line of text: a label, with unit and figure behind it or on the lines below."""
    where = str(Place(line.grid, line.row, 1, line.page))
    parts = _SPLIT.split(text)
    label = _text(text)
    behind = parts[len(_SPLIT.split(label)) :]
    if _key(label) in rows or (_LABEL.search(label) and len(label) < 60 and label not in _UNITS and not label.endswith(("。", ";", "；"))):
        unit = next((part for part in behind if part in _UNITS), "")
        figure = next((part for part in reversed(behind) if part not in _UNITS), None)
        found.append(_Item((_key(label),), unit, _token(figure) if figure is not None else None, index, where))
    elif found and text in _UNITS and not found[-1].unit:
        found[-1].unit = text
    elif found and found[-1].token is None and (token := _token(text)) is not None and index - found[-1].line <= 6:
        found[-1].token, found[-1].place = token, where


def _token(text: str) -> Token | None:
    tokens = classify(text, False)
    return tokens[0] if len(tokens) == 1 and tokens[0].kind == VALUE and tokens[0].figure is not None else Token(VALUE, text)


# --- items -> rows ----------------------------------------------------------------------------------------------------
def _laid(items: Sequence[_Item], rows: dict[str, tuple[int, ...]]) -> dict[int, _Item]:
    """Row -> item, for the most items that stand in the order of the form (the longest increasing subsequence)."""
    ends: list[int] = []  # the smallest row that a chain of each length can end on
    chains: list[tuple[int, int, int]] = []  # item, row, place of the chain's step before it
    tails: list[int] = []
    for number, item in enumerate(items):
        for row in reversed(rows.get(item.keys[0], ())):
            length = bisect_left(ends, row)
            chains.append((number, row, tails[length - 1] if length else -1))
            if length == len(ends):
                ends.append(row)
                tails.append(len(chains) - 1)
            else:
                ends[length] = row
                tails[length] = len(chains) - 1
    told: dict[int, _Item] = {}
    step = tails[-1] if tails else -1
    while step >= 0:
        number, row, step = chains[step]
        told[row] = items[number]
    return told


def _between(items: Sequence[_Item], told: dict[int, _Item], table: Table) -> dict[int, _Item]:
    """Row -> item, for lines with a figure whose label is damaged, where as many stand between two told lines as rows."""
    places = {id(item): number for number, item in enumerate(items)}
    found: dict[int, _Item] = {}
    known = sorted(told)
    for one, other in zip(known, known[1:], strict=False):
        missing = range(one + 1, other)
        between = [
            item
            for item in items[places[id(told[one])] + 1 : places[id(told[other])]]
            if item.token is not None and item.token.figure is not None and item.token.figure.state != BLANK
        ]
        if missing and len(between) == len(missing):
            found.update(zip(missing, between, strict=True))
    return found
