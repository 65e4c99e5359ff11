"""Lists of indicators (the statistics of 2014 to 2018): label, unit and one figure a line, told by their order.

A label may stand twice, under two groups. So the lines of a document are laid on the rows of the form as a whole: the most
of them, in the order of both. What stands between two lines that are told so, alike in number, is told by order, with a note.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from govdisclose.cells import Filled, doubts, filled
from govdisclose.findings import Finding
from govdisclose.forms import INDICATOR_UNITS, UNITS, Form, Table, load_forms
from govdisclose.grid import DOUBTFUL, Document, Line
from govdisclose.labels import VALUE, Token, classify
from govdisclose.numbers import ABSENT, BLANK, UNREADABLE
from govdisclose.runs import Place
from govdisclose.seats import BY_ORDER, SEVERAL, Seats
from govdisclose.words import fold, label_head, label_key

LEAST = 12  # rows of a form that make a list of a document
_LABEL = re.compile("[\u4e00-\u9fff].*[\u4e00-\u9fff]", re.DOTALL)
_SPLIT = re.compile(r"[ \t\u3000]{1,}")
_OF_WHICH = re.compile(r"^(?:其中|其 中)[:：]?")
_UNITS = frozenset((*UNITS, *INDICATOR_UNITS))
_OWN_UNIT = re.compile(rf"\((?:单位:?)?({'|'.join(sorted(_UNITS, key=len, reverse=True))})\)")  # printed within the label
_REMARK = re.compile(rf"\([^()]{{4,}}\)|{_OWN_UNIT.pattern}")  # how the indicator is counted
_YEAR = re.compile(r"20\d\d")
_NEAR = 6  # lines between a label and its figure


@dataclass(frozen=True, slots=True)
class Listing:
    """Every cell of a list of indicators, what is doubtful about them, the lines it takes up, and how many rows were told."""

    form: Form
    cells: tuple[Filled, ...]
    doubts: list[Finding]
    inside: set[int]
    rows: int


@dataclass(frozen=True, slots=True)
class _Heads:
    """What the head of a list says of its rows.

    `figure`: the column of the year's figure, counted from the end (a merged first cell lacks in rows below), None where
    several may be it; `place`: the same among the numbers behind a label; `numbers`: how many stand there; `lead`: codes before it.
    """

    figure: int | None
    place: int
    numbers: int
    lead: int


@dataclass(slots=True)
class _Item:
    """A line of the list: its label's key, unit, figure (None where it has none), and where it stands.

    `several`: more than one number may be the figure. `behind`: of plain text, every number after the label, with its place.
    """

    key: str
    unit: str
    token: Token | None
    line: int
    place: str
    several: bool = False
    behind: list[tuple[str, str]] | None = None
    heads: _Heads | None = None


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
    unlike = _unlike(items, _rows(form.key))
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
        open_ = item.several or item.key in unlike
        cells.append(cell._replace(value=None, state=UNREADABLE) if open_ else cell)
        if open_:
            seats.doubt(SEVERAL, "", [slot.index])
        if number in by_order:
            seats.doubt(BY_ORDER, row.label.key, [slot.index])
    lines = [item.line for item in (*told.values(), *by_order.values())]
    inside = set(range(min(lines), max(lines) + 1)) if lines else set()
    return Listing(form, tuple(cells), doubts(table, cells, seats), inside, len(told))


# --- lines -> items ---------------------------------------------------------------------------------------------------
def _items(document: Document, table: Table, rows: dict[str, tuple[int, ...]]) -> list[_Item]:
    """The lines of a document that may be lines of the list, labels and figures put together."""
    found: list[_Item] = []
    heads: _Heads | None = None
    title = fold(" ".join((document.title, *(line.cells[0] for line in document.lines[:3]))))
    words = {label_key(text) for text in (*table.furniture, *table.figure_heads, *table.other_heads)}
    piled: list[str] = []  # heads that stand a cell a line
    for index, line in enumerate(document.lines):
        cells = [cell.strip() for cell in line.cells if cell not in DOUBTFUL]
        if not cells:
            continue
        in_row = bool(line.grid) or (line.whole and len(cells) > 1)
        if not in_row and label_key(cells[0]) in words:
            piled.append(cells[0])
            continue
        if piled:
            heads, piled = _heads(piled, table, title) or heads, []
        told = _heads(_spread(line) if in_row else _SPLIT.split(cells[0]), table, title)
        if told is not None:
            heads = told
        elif in_row:
            found.extend(_row_item(line, cells, heads, index, rows))
        else:
            _stream(found, cells[0], line, index, rows, heads)
    _choose([item for item in found if item.behind is not None])
    return found


def _heads(cells: Sequence[str], table: Table, title: str) -> _Heads | None:
    """What a row that heads the table says; None where it heads none.

    The figure is in the column named as the title names the agency or the year, else in that named as the form names it.
    """
    keys = [label_key(cell) for cell in cells]
    furniture = {label_key(text) for text in table.furniture}
    if len(cells) < 2 or not furniture & set(keys):
        return None
    rank = {label_key(text): number for number, text in enumerate(table.figure_heads)}
    other = {label_key(text) for text in table.other_heads} | furniture
    units = {label_key(text) for text in table.text_heads}
    free = [place for place, key in enumerate(keys) if place and key and key not in other and key not in rank]
    own = [place for place in free if _in_title(fold(cells[place]), title)]
    named = [place for place, key in enumerate(keys) if key in rank]
    best = [place for place in named if rank[keys[place]] == min(rank[keys[n]] for n in named)]
    chosen = own or best or free
    if not chosen:
        return None
    label = max((n for n, key in enumerate(keys) if key in furniture - units), default=0)
    numbers = [n for n, key in enumerate(keys) if n > label and key not in units]
    lead = sum(1 for key in keys[:label] if key in other - units - furniture)
    figure = chosen[0] if len(chosen) == 1 else None
    place = numbers.index(figure) if figure in numbers else 0
    return _Heads(None if figure is None else figure - len(cells), place, len(numbers), lead)


def _spread(line: Line) -> list[str]:
    """The cells of a row, each as often as the columns that it lies over: a head over two columns heads both."""
    wide = [size[0] for size in line.sizes] if line.sizes is not None else [1] * len(line.cells)
    return [cell.strip() for cell, times in zip(line.cells, wide, strict=True) if cell not in DOUBTFUL for _ in range(min(times, 50))]


def _in_title(head: str, title: str) -> bool:
    """Whether a column's head names the agency or the year that the title names."""
    year = _YEAR.search(head)
    return year.group() in title if year else len(head) > 1 and head in title


def _row_item(line: Line, cells: list[str], heads: _Heads | None, index: int, rows: dict[str, tuple[int, ...]]) -> list[_Item]:
    """The item of a row of cells: its last label that the form knows, else its last label."""
    labels = [place for place, cell in enumerate(cells) if _LABEL.search(cell) and cell not in _UNITS]
    if not labels:
        return []
    place = next((place for place in reversed(labels) if _key(cells[place]) in rows), labels[-1])
    rest = cells[place + 1 :]
    unit = next((cell for cell in rest if cell in _UNITS), "") or _own_unit(cells[place])
    figures = [(place + 1 + n, cell) for n, cell in enumerate(rest) if cell not in _UNITS]
    filled_in = [one for one in figures if any(c.isdigit() for c in one[1])]
    several = False
    if heads is not None and heads.figure is not None and (mine := [one for one in figures if one[0] == heads.figure + len(cells)]):
        pass
    else:  # no head tells the column: a single number is the figure, unless the head tells of more than one
        mine = filled_in[:1] or figures[:1]
        several = len(filled_in) > 1 or bool(filled_in) and heads is not None and heads.numbers > 1
    at, text = mine[0] if mine else (place, "")
    token = _token(text) if mine else None
    return [_Item(_key(cells[place]), unit, token, index, str(Place(line.grid, line.row, at + 1, line.page)), several)]


def _own_unit(label: str) -> str:
    unit = _OWN_UNIT.search(fold(label))
    return unit.group(1) if unit else ""


def _stream(
    found: list[_Item], text: str, line: Line, index: int, rows: dict[str, tuple[int, ...]], heads: _Heads | None
) -> None:
    """Take in a line of text: a label, with unit and numbers behind it or on the lines below."""
    where = str(Place(line.grid, line.row, 1, line.page))
    parts = _SPLIT.split(text)
    label = _text(text)
    behind = parts[len(_SPLIT.split(label)) :]
    if _key(label) in rows or (_LABEL.search(label) and len(label) < 60 and label not in _UNITS and not label.endswith(("。", ";", "；"))):
        unit = next((part for part in behind if part in _UNITS), "") or _own_unit(label)
        numbers = [(part, where) for part in behind if part not in _UNITS]
        found.append(_Item(_key(label), unit, None, index, where, behind=numbers, heads=heads))
    elif found and found[-1].behind is not None:
        last = found[-1]
        if text in _UNITS:
            last.unit = last.unit or text
        elif index - last.line <= _NEAR and all(classify(part, False)[0].kind == VALUE for part in parts):
            last.behind = [*(last.behind or ()), *((part, where) for part in parts)]


def _choose(items: Sequence[_Item]) -> None:
    """Which of the numbers behind each label of plain text is the figure: as the head says, or the only one."""
    _drop_codes(items)
    counts = Counter(len(item.behind) for item in items if item.behind)
    usual = counts.most_common(1)[0][0] if counts else 1
    for item in items:
        if not item.behind:
            continue
        heads = item.heads
        if heads is None:
            item.several = len(item.behind) > 1 or usual > 1
        else:
            item.several = len(item.behind) != heads.numbers or heads.figure is None
        text, item.place = item.behind[heads.place if heads is not None and not item.several else 0]
        item.token = _token(text)


def _drop_codes(items: Sequence[_Item]) -> None:
    """Leave out codes: what stands last behind a label and counts up by one from line to line is the next line's."""
    numbered = [item for item in items if item.behind and (item.heads is None or item.heads.lead)]
    last = [int(text) if (text := (item.behind or [("", "")])[-1][0]).isascii() and text.isdigit() else -2 for item in numbered]
    up = [one + 1 == other for one, other in zip(last, last[1:], strict=False)]
    coded = 2 * sum(up) > len(up)
    for number, item in enumerate(numbered):
        code = coded and any(up[max(number - 1, 0) : number + 1])
        if item is not items[-1] and item.behind and (code or (item.heads is not None and len(item.behind) > item.heads.numbers)):
            item.behind = item.behind[:-1]


def _token(text: str) -> Token | None:
    tokens = classify(text, False)
    return tokens[0] if len(tokens) == 1 and tokens[0].kind == VALUE and tokens[0].figure is not None else Token(VALUE, text)


def _unlike(items: Sequence[_Item], rows: dict[str, tuple[int, ...]]) -> frozenset[str]:
    """Labels that stand with more than one figure, as where a document has two lists: none of them is the report's for sure."""
    figures: dict[str, list[str]] = {}
    for item in items:
        if item.key in rows and item.token is not None and item.token.text.strip():
            figures.setdefault(item.key, []).append(item.token.text.strip())
    return frozenset(
        key
        for key, texts in figures.items()
        if len(texts) > len(rows[key]) and any(len(set(texts[n :: len(rows[key])])) > 1 for n in range(len(rows[key])))
    )


# --- items -> rows ----------------------------------------------------------------------------------------------------
def _laid(items: Sequence[_Item], rows: dict[str, tuple[int, ...]]) -> dict[int, _Item]:
    """Row -> item, for the most items that stand in the order of the form (the longest increasing subsequence)."""
    ends: list[int] = []  # the smallest row that a chain of each length can end on
    chains: list[tuple[int, int, int]] = []  # item, row, place of the chain's step before it
    tails: list[int] = []
    for number, item in enumerate(items):
        for row in reversed(rows.get(item.key, ())):
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
