"""Recognised tables -> the full grid of the form: one `Filled` a cell, with what is doubtful about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from govdisclose.findings import Finding
from govdisclose.forms import UNITS, Form, Slot, Table, table_forms
from govdisclose.labels import LABEL, OTHER, Token, meaning_of
from govdisclose.numbers import ABSENT, NUMBER, UNREADABLE
from govdisclose.recognise import Match
from govdisclose.runs import Mark, Run, is_empty
from govdisclose.seats import BY_ORDER, EXTRA, FORM, JOINED, LOST, MERGED, MOVED, ORDER, ROWS, SEVERAL, SUBROWS, Seats

_MONEY = re.compile(r"(?:单位|計量單位|單位)?[::(（]?\s*(亿元|万元|萬元|億元|元)")
_YEAR = re.compile(r"[(（]?(?:20\d\d年度?|本年度?|当年|上年度?|上一年度?|去年|同比|增减|增幅|比上年.{0,4})(?:数|数据|增减|增长)?[)）%]?")
_SEVERAL = re.compile(r"\d+(?:\s+\d+)+")
SCALES = {"万": "10k ", "亿": "100m "}
_MONEY_FOLD = {"萬元": "万元", "億元": "亿元"}


class Filled(NamedTuple):
    """A slot of the form as the document fills it. `value` is None unless `state` is "number"."""

    slot: Slot
    value: float | None
    state: str
    text: str
    unit: str
    place: str


@dataclass(frozen=True, eq=False)
class Cells(Sequence[Filled]):
    """Cells kept as columns, one for each field of `Filled`: documents of one layout share all that is no figure."""

    columns: tuple[Sequence[Any], ...]

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The values, NaN where there is none."""
        return np.array(self.columns[1], dtype=float)

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[Filled]:
        return map(Filled._make, zip(*self.columns, strict=True))

    @overload
    def __getitem__(self, at: int) -> Filled: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Filled]: ...
    def __getitem__(self, at: int | slice) -> Filled | Sequence[Filled]:
        if isinstance(at, slice):
            return Cells(tuple(column[at] for column in self.columns))
        return Filled._make(column[at] for column in self.columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def columns_of(cells: Sequence[Filled]) -> tuple[Sequence[Any], ...]:
    """Cells as columns, one for each field of `Filled`."""
    if isinstance(cells, Cells):
        return cells.columns
    return tuple(zip(*cells, strict=True)) if cells else ((),) * len(Filled._fields)


def numbers_of(cells: Sequence[Filled]) -> npt.NDArray[np.float64]:
    """The values of cells, NaN where there is none."""
    return cells.numbers if isinstance(cells, Cells) else np.array(columns_of(cells)[1], dtype=float)


_DOUBTS = {
    # reason: rule, severity, message, message in English
    LOST: ("cell.lost", "warning", "这一行的数字比表格的列少,有的格子丢失,无法确定位置,未填", "this row has fewer figures than columns; where the place could not be told the cell is left open"),
    MERGED: ("cell.merged", "warning", "一个格子跨多列,只取第一列,其余不填", "one cell lies over several columns; only the first is filled"),
    JOINED: ("cell.joined", "warning", "数字与标签连写,按位数拆开,请核对原文", "the figures stand joined to the label and were told apart by their number; check the original"),
    EXTRA: ("columns.extra", "warning", "列数与表格不符,表头和勾稽关系都不能确定,有分歧的格子不填", "the number of columns is not the form's and neither heading nor identities settle it; cells in dispute are left open"),
    SUBROWS: ("row.split", "warning", "这一行被拆成几小行,不代为相加", "this row is split into sub-rows, which are not added up"),
    BY_ORDER: ("row.by_order", "note", "这一行的标签缺损,按行次认定", "the label of this row is damaged; the row is told by its order"),
    MOVED: ("columns.moved", "note", "列的次序与表格不同,按表头(或勾稽关系)认定", "the columns stand in another order than the form's; told by heading or identities"),
    ROWS: ("rows.moved", "note", "行的次序与表格不同,按各行自己的标签认定", "the rows stand in another order than the form's; each is told by its own label"),
    ORDER: ("columns.order", "warning", "表头的次序与表格不同,数字是否也换了次序不能断定,按表格的次序读取,请核对", "the headings stand in another order than the form's, and nothing tells whether the figures do; they are read in the form's order: check"),
    SEVERAL: ("figure.several", "warning", "同一指标印有几个数,不能断定哪个是本机关本年度的,未填", "several numbers are printed for one indicator; nothing tells which is the agency's own of the year, so it is left open"),
    FORM: ("form.mixed", "warning", "这一部分用的是另一种格式的表头,其数字不属于本格式", "this block has the headings of another form; its figures are not those of this form"),
}  # fmt: skip


def choose_form(found: Mapping[str, tuple[Form, Table]], year: int | None) -> Form:
    """The form of a report: the newest of its tables' forms (a table that all forms share tells nothing)."""
    forms = table_forms()
    telling = {form.key for form, table in found.values() if not is_shared(table.key)}
    if telling:
        return forms[max(telling)]
    known = sorted(forms.values(), key=lambda form: form.since)
    fitting = [form for form in known if year is not None and form.since <= year]
    return fitting[-1] if fitting else known[-1] if year is None else known[0]


@cache
def is_shared(key: str) -> bool:
    """Whether all forms have a table alike."""
    return len({tuple(slot.key for slot in form.table(key).slots) for form in table_forms().values()}) == 1


def unit_in(texts: Iterable[str], home: tuple[str, str], column: str) -> str:
    """The unit of money that the heading of a column prints, "" where it prints none."""
    for text in texts:
        meaning = meaning_of(text)
        if meaning is not None and meaning.columns.get(home) == column and (unit := _money(text)):
            return unit
    return ""


def _money(text: str) -> str:
    found = _MONEY.search(text)
    return UNITS[_MONEY_FOLD.get(found[1], found[1])] if found else ""


def _unit_above(match: Match, slot: Slot, run: Run | None) -> str:
    """The unit of money that the heading, the row's label or a note prints, "" where none does."""
    block = next(row.block for row in match.table.rows if row.label.key == slot.row)
    headings = [mark.token.text for mark in match.headers.get(block, []) if mark.token.kind == LABEL]
    if unit := unit_in(headings, (match.form.key, match.table.key), slot.column):
        return unit
    beside = [mark.token.text for mark in (*run.own, *run.pending)] if run is not None else []
    return next((unit for text in [*beside, *match.notes] if (unit := _money(text))), "")


def _own_unit(printed: str, unit: str) -> str:
    """The unit of a cell that prints one, given that of its slot or heading: 3万 is 3 in units of ten thousand."""
    if printed in UNITS:
        return UNITS[printed]
    scale = SCALES.get(printed[0], "")
    return f"{scale}yuan" if scale and unit.endswith("yuan") else f"{scale}{unit}"


def competes(token: Token, unit: str) -> bool:
    """Whether a cell prints another unit of money than the heading, or only 万 or 亿, which may count the heading's units or yuan."""
    own = token.figure.unit if token.figure is not None else ""
    return bool(own) and unit.endswith("yuan") and (own in SCALES or _own_unit(own, unit) != unit)


def filled(slot: Slot, token: Token, unit: str, place: str) -> Filled:
    """A slot with what stands in it. `unit` is the slot's own or the heading's; the cell's own unit goes before it."""
    figure = token.figure
    if figure is None or (figure.signed and not slot.signed and figure.state == NUMBER and (figure.value or 0) >= 0):
        return Filled(slot, None, UNREADABLE, token.text, unit, place)
    if figure.unit:
        unit = _own_unit(figure.unit, unit)
    return Filled(slot, figure.value, figure.state, token.text, unit, place)


def _fill(slot: Slot, mark: Mark | None, unit: str) -> Filled:
    if mark is None:
        return Filled(slot, None, ABSENT, "", unit, "")
    return filled(slot, mark.token, unit, str(mark.place))


def fill(
    matches: Mapping[str, Match], seats: Mapping[str, Seats], form: Form
) -> tuple[tuple[Filled, ...], list[Finding]]:
    """Given the recognised tables and what stands in their cells, return every cell of the form, and its doubts."""
    cells: list[Filled] = []
    findings: list[Finding] = []
    for table in form.tables:
        match = matches.get(table.key)
        if match is None:
            cells.extend(Filled(slot, None, ABSENT, "", slot.unit, "") for slot in table.slots)
            findings.append(_table_absent(table))
            continue
        own = form.table(table.key) if is_shared(table.key) else match.table
        marks = seats[table.key].marks
        runs = {match.table.rows[j].label.key: one.runs[0] for one in match.placed for j in one.rows}
        first = own.slots[0].index - match.table.slots[0].index
        filled_cells = []
        for slot in own.slots:
            unit, mark = slot.unit or _unit_above(match, slot, runs.get(slot.row)), marks.get(slot.index - first)
            filled_cells.append(_fill(slot, mark, unit))
            if mark is not None and competes(mark.token, unit):
                findings.append(_two_units(own, filled_cells[-1], unit))
        filled_cells = _rows_in_one(filled_cells)
        cells.extend(filled_cells)
        findings.extend(doubts(own, filled_cells, seats[table.key], first))
        findings.extend(_leftovers(match))
        findings.extend(_other_years(match, own))
    return tuple(cells), findings


def _rows_in_one(cells: list[Filled]) -> list[Filled]:
    """Cells in which blanks part figures, where another of their row can only be several: then all are (1 0 2, not 102)."""
    apart = [cell.state in (NUMBER, UNREADABLE) and _SEVERAL.fullmatch(cell.text) is not None for cell in cells]
    rows = {cell.slot.row for cell, one in zip(cells, apart, strict=True) if one and cell.state == UNREADABLE}
    if not rows:
        return cells
    return [
        Filled(cell.slot, None, UNREADABLE, cell.text, cell.unit, cell.place) if one and cell.slot.row in rows else cell
        for cell, one in zip(cells, apart, strict=True)
    ]


def _table_absent(table: Table) -> Finding:
    return Finding(
        "table.absent",
        "warning",
        f"没有找到“{table.label.zh}”表,全部格子缺失",
        f"the table “{table.label.en}” was not found; all its cells are absent",
        table=table.key,
        involved=tuple(slot.key for slot in table.slots),
    )


def _two_units(table: Table, cell: Filled, unit: str) -> Finding:
    zh, en = _name(table, cell.slot.row, cell.slot.column)
    printed = next(word for word, name in UNITS.items() if name == unit)
    return Finding(
        "cell.unit",
        "warning",
        f"{zh}印作“{cell.text}”,表头的单位却是{printed},以格中所印的为准,请核对原文",
        f"{en} is printed “{cell.text}” under a heading in {printed}; the cell's own unit goes before it: check the original",
        table.key,
        cell.slot.row,
        cell.slot.column,
        (cell.slot.key,),
        found=cell.value,
    )


def _name(table: Table, row: str, column: str = "") -> tuple[str, str]:
    line = next(r for r in table.rows if r.label.key == row)
    zh, en = line.label.zh, line.label.en
    for label in line.columns:
        if label.key == column:
            return f"{zh}·{label.zh}", f"{en}, {label.en}"
    return zh, en


def doubts(table: Table, cells: Sequence[Filled], seats: Seats, shift: int = 0) -> list[Finding]:
    """A finding for each row, cell or block of a table that is in doubt, cannot be read, or is not there."""
    findings = []
    told: set[str] = set()
    several: set[str] = set()  # said in one finding: each is a number
    for (reason, row), slots in seats.doubts.items():
        rule, severity, zh, en = _DOUBTS[reason]
        involved = tuple(table.slots[i + shift - table.slots[0].index].key for i in slots)
        told.update(involved)
        several.update(involved if reason == SEVERAL else ())
        name_zh, name_en = _name(table, row) if row else (table.label.zh, table.label.en)
        findings.append(
            Finding(rule, severity, f"{name_zh}:{zh}", f"{name_en}: {en}", table.key, row, involved=involved)
        )
    by_row: dict[str, list[Filled]] = {}
    for cell in cells:
        if cell.state == UNREADABLE and cell.slot.key not in several:
            name_zh, name_en = _name(table, cell.slot.row, cell.slot.column)
            findings.append(
                Finding(
                    "cell.unreadable",
                    "warning",
                    f"{name_zh}印作“{cell.text}”,不是数字",
                    f"{name_en} is printed “{cell.text}”, which is no number",
                    table.key,
                    cell.slot.row,
                    cell.slot.column,
                    (cell.slot.key,),
                )
            )
        elif cell.state == ABSENT and cell.slot.key not in told:
            by_row.setdefault(cell.slot.row, []).append(cell)
    if by_row:
        involved = tuple(cell.slot.key for cells in by_row.values() for cell in cells)
        rows_zh = "、".join(_name(table, row)[0] for row in by_row)
        rows_en = "; ".join(_name(table, row)[1] for row in by_row)
        one = next(iter(by_row)) if len(by_row) == 1 else ""
        findings.append(
            Finding(
                "cell.absent",
                "warning",
                f"没有找到这些行的格子:{rows_zh}",
                f"cells of these rows were not found: {rows_en}",
                table.key,
                one,
                involved=involved,
            )
        )
    return findings


def _other_years(match: Match, table: Table) -> list[Finding]:
    """Tables that print figures of several years beside or below one another: which year was read is in doubt."""
    marks = [m for block in match.headers.values() for m in block]
    runs = [run for one in match.placed for run in one.runs] + match.unplaced
    marks += [m for run in runs for m in (*run.own, *run.pending, *run.values)]
    named = {text for m in marks if (m.token.kind == OTHER or m.token.doubt == "word") and _YEAR.fullmatch(text := "".join(m.token.text.split()))}
    if not named:
        return []
    words = "、".join(sorted(named))
    zh = f"“{table.label.zh}”表中另有年份字样({words}),可能并列了几年的数字,请核对取的是哪一年"
    en = f"the table “{table.label.en}” names years ({words}): it may print several years; check which was read"
    return [Finding("table.years", "warning", zh, en, table.key, involved=tuple(slot.key for slot in table.slots))]


def _leftovers(match: Match) -> list[Finding]:
    """Rows inside the table that the form does not have, and a second copy of the table."""
    if not match.placed:
        return []
    home = (match.form.key, match.table.key)
    first, last = match.placed[0].runs[0].line, match.placed[-1].runs[-1].line
    copies = [
        run
        for run in match.unplaced
        if not all(is_empty(m) for m in run.values) and run.labels and (meaning := run.labels[-1].token.meaning) and home in meaning.rows and home not in meaning.columns
    ]
    findings = []
    if len(copies) * 2 > len(match.placed):
        placed = {one.rows[0]: [m.token.figure for m in one.runs[0].values] for one in match.placed}
        same = all(
            placed.get(copy.labels[-1].token.meaning.rows[home]) == [m.token.figure for m in copy.values]  # type: ignore[union-attr]
            for copy in copies
        )
        zh = "两份数字相同" if same else "两份数字不同,取与表格次序相合的一份"
        en = "both print the same figures" if same else "their figures differ; the copy that fits the form's order is used"
        findings.append(
            Finding(
                "table.repeated",
                "note" if same else "warning",
                f"“{match.table.label.zh}”表出现不止一次,{zh}",
                f"the table “{match.table.label.en}” occurs more than once; {en}",
                match.table.key,
                involved=() if same else tuple(slot.key for slot in match.table.slots),
            )
        )
        return findings
    # Figures left over can be those of a row that seems empty.
    rows = match.table.rows
    bare = {rows[j].label.key for one in match.placed if all(is_empty(m) for run in one.runs for m in run.values) for j in one.rows}
    for run in match.unplaced:
        stray = not run.after_prose and not run.own and len(run.values) >= len(match.table.rows[-1].slots)
        if (first <= run.line <= last or stray) and any(m.token.figure is not None and m.token.figure.value for m in run.values):
            words = [m.token.text for m in (*run.pending[-1:], *run.own)]
            label = "".join(words)[:40] or "?"
            figures = " ".join(m.token.text for m in run.values)[:60]
            findings.append(
                Finding(
                    "row.foreign",
                    "note",
                    f"表中有格式以外的一行“{label}”:{figures},未采用",
                    f"a row that the form does not have, “{label}”: {figures}; not used",
                    match.table.key,
                    involved=tuple(slot.key for row in match.table.rows if match.table.one_line or row.label.key in bare for slot in row.slots),
                )
            )
    return findings
