"""The form's identities on printed figures: what does not hold, and which cell is most likely at fault.

The culprit is sought as in Fellegi and Holt (1976): the fewest cells whose change makes everything hold. Here one cell is
suggested, and only if it is part of the one explanation that takes fewer mistakes than any other (`govdisclose.localise`):
where a total may be lost as well as typed into another column, nothing is. A printed mistake stays as printed; the mended
value is a suggestion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from govdisclose.cells import Filled, columns_of, numbers_of
from govdisclose.findings import Finding
from govdisclose.forms import INDICATOR_UNITS, UNITS, Form, Identity, load_forms
from govdisclose.identities import TOLERANCE, Broken, broken, together
from govdisclose.localise import certain, judged
from govdisclose.numbers import ABSENT, BLANK, NOT_APPLICABLE, NUMBER, UNREADABLE

_TABLE = attrgetter("slot.form", "slot.table")
_UNKNOWN = frozenset((UNREADABLE, ABSENT))
_EMPTY = frozenset((BLANK, NOT_APPLICABLE))
_COUNTED = frozenset((UNITS["件"], UNITS["项"], *INDICATOR_UNITS.values()))
_DOTTED = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_PARTED = re.compile(r"\d[ \t\u00a0\u3000]+\d")
_ZERO_FIRST = re.compile(r"\s0\d\d")  # no figure begins so: 12 034 is one
_GROUPED = re.compile(r"\d\s+\d{3}(?!\d)")
_ALIKE = 3  # so many figures parted by blanks, and none that is not where it could be, show how a document writes them
_USUAL_UNITS = frozenset(("", *UNITS.values(), *INDICATOR_UNITS.values()))


@dataclass(frozen=True, slots=True)
class Mend:
    """One cell, the value that would make every identity hold that it takes part in, and how many are broken now."""

    slot: int
    value: float
    mends: int


def _known(cells: Sequence[Filled]) -> list[float | None]:
    """Figures for the sums, by slot: an empty cell adds nothing, one that cannot be read leaves its sums open."""
    before: list[float | None] = [None] * cells[0].slot.index
    return before + [None if cell[2] in _UNKNOWN else cell[1] or 0.0 for cell in cells]


@cache
def _identities(form: str, table: str) -> tuple[Identity, ...]:
    return tuple(i for i in load_forms()[form].identities if i.table == table)


def _excused(one: Broken, cells: Mapping[int, Filled]) -> bool:
    """Whether empty cells on the smaller side could hold what is missing there."""
    smaller = one.identity.left if one.left < one.right else one.identity.right
    return any(cells[i].state in _EMPTY for i in smaller)


def _empty(identity: Identity, cells: Mapping[int, Filled]) -> bool:
    """Whether the printed total is no figure."""
    return len(identity.right) == 1 and cells[identity.right[0]].state in _EMPTY


def _doubtful(one: Broken, cells: Mapping[int, Filled]) -> bool:
    """Whether empty cells may be the whole reason: then it is a warning, and nothing is suggested."""
    return _empty(one.identity, cells) or _excused(one, cells)


def _mend(slot: int, value: float, faults: Sequence[Broken]) -> float | None:
    """The value of a cell that makes all the given identities hold, or None."""
    wanted: float | None = None
    for one in faults:
        change = one.right - one.left if slot in one.identity.left else one.left - one.right
        target = round(value + change, 6)
        if wanted is not None and abs(wanted - target) > TOLERANCE:
            return None
        wanted = target
    return wanted


def _repairs(faults: Sequence[Broken], sound: Sequence[Identity], cells: Mapping[int, Filled]) -> dict[int, Mend]:
    """The cells whose change alone mends all broken identities they take part in and breaks none that holds, by slot."""
    touched: dict[int, list[Broken]] = {}
    for one in faults:
        for slot in one.identity.slots:
            touched.setdefault(slot, []).append(one)
    for identity in sound:
        for slot in identity.slots:
            touched.pop(slot, None)
    found = {}
    for slot, own in sorted(touched.items()):
        cell = cells[slot]
        if cell.state != NUMBER or cell.value is None:
            continue
        value = _mend(slot, cell.value, own)
        if value is not None and (value >= 0 or cell.slot.signed):
            found[slot] = Mend(slot, value, len(own))
    return found


@cache
def _sums(form: str) -> npt.NDArray[np.float64]:
    """A row for each identity of a form: 1 for the cells on its left, -1 for those on its right."""
    known = load_forms()[form]
    sums = np.zeros((len(known.identities), len(known.slots)))
    for number, identity in enumerate(known.identities):
        sums[number, identity.left] = 1.0
        sums[number, identity.right] = -1.0
    return sums


def _all_hold(cells: Sequence[Filled]) -> bool:
    """Whether the cells are those of one form and all its identities hold: most reports need no closer look."""
    slots, _, states = columns_of(cells)[:3]
    form = load_forms()[slots[0].form]
    if tuple(slots) != form.slots:
        return False
    values = numbers_of(cells)
    if not _EMPTY.isdisjoint(states):
        values = np.where([state in _EMPTY for state in states], 0.0, values)
    differences = _sums(form.key) @ values
    return bool(differences @ differences <= TOLERANCE**2)  # not where any is NaN: that of a cell not known


def _odd_figures(cells: Sequence[Filled]) -> list[Finding]:
    """Counts that can be none (with a fraction, below 0, in 万 or 亿), and figures that a dot or blanks may part in several ways."""
    values = numbers_of(cells)
    texts, units = columns_of(cells)[3:5]
    # Blanks part no figure below 100; and NaN, for a cell without a number, is none of these.
    high = () if "".join(texts).isdecimal() else np.flatnonzero(values > 99).tolist()
    parted = [n for n in high if not texts[n].isdecimal() and _PARTED.search(texts[n])]
    if not parted and not ((values % 1.0 > 0) | (values < 0)).any() and _USUAL_UNITS.issuperset(units):
        return []
    # Where a dot parts the thousands of counts (1.234), it may do so in an amount.
    grouped = any(cell.unit in _COUNTED and _DOTTED.fullmatch(cell.text) for cell in cells)
    open_ = _open_blanks(cells, [cells[n] for n in parted]) if parted else frozenset()
    return [
        Finding(
            rule,
            severity,
            f"这一格印作“{cell.text}”,{zh},请核对原文",
            f"the cell is printed “{cell.text}”, {en}: check the original",
            cell.slot.table,
            cell.slot.row,
            cell.slot.column,
            (cell.slot.key,),
            found=cell.value,
        )
        for cell in cells
        if cell.value is not None
        for rule, severity, zh, en in _oddities(cell, cell.value, grouped, cell.slot.key in open_)
    ]


def _oddities(cell: Filled, value: float, grouped: bool, open_blank: bool) -> Iterator[tuple[str, str, str, str]]:
    dotted = _DOTTED.fullmatch(cell.text) is not None
    if value % 1 and (cell.unit in _COUNTED or (grouped and dotted)):
        yield "cell.fraction", "warning", "不是整数", "which is no whole number"
    elif value % 1 and dotted:
        yield "cell.parted", "note", "其中的点按小数点读,也可能是千位分隔", "and the dot is read as a decimal point, though it may part thousands"
    if open_blank:
        yield "cell.parted", "warning", "数字之间有空格,是一个数还是几个数不能断定", "with blanks between digits: nothing tells one figure from several"
    if value < 0 and not cell.slot.signed:
        yield "cell.negative", "warning", "小于0", "which is below 0"
    if cell.unit not in _USUAL_UNITS:
        yield "cell.unit", "warning", "不以件计,汇总时不计入", "which is not in single cases, and counts in no sum"


def _open_blanks(cells: Sequence[Filled], parted: Sequence[Filled]) -> set[str]:
    """Of cells in which blanks part digits (819 822), those that may as well hold several figures.

    They are one where a sum holds with it, where a group begins with 0, and where the whole document parts its digits so.
    """
    thousands = [cell for cell in parted if _GROUPED.search(cell.text)]
    least = 999 if thousands else 99
    whole = any(cell.value is not None and cell.value > least and cell.text.isdecimal() for cell in cells)
    several = any(cell.state == UNREADABLE and _PARTED.search(cell.text) for cell in cells)
    if len(parted) >= _ALIKE and not whole and not several and len(thousands) in (0, len(parted)):
        return set()
    told: set[str] = set()
    for (form, table), group in groupby(cells, key=_TABLE):
        own = list(group)
        values, slots = _known(own), load_forms()[form].slots
        for identity in _identities(form, table):
            if all(values[slot] is not None for slot in identity.slots) and not broken([identity], values):
                told.update(slots[slot].key for slot in identity.slots)
    return {cell.slot.key for cell in parted if not _ZERO_FIRST.search(cell.text)} - told


def check_cells(cells: Sequence[Filled]) -> list[Finding]:
    """Given every cell of a report, return a finding for each identity of its forms that does not hold."""
    findings = _odd_figures(cells)
    if cells and _all_hold(cells):
        return findings
    for (form, _), group in groupby(cells, key=_TABLE):
        findings.extend(_check_table(load_forms()[form], list(group)))
    return findings


def _check_table(form: Form, cells: Sequence[Filled]) -> list[Finding]:
    values = _known(cells)
    identities = _identities(form.key, cells[0].slot.table)
    faults = broken(identities, values)
    if not faults:
        return []
    by_slot = {cell.slot.index: cell for cell in cells}
    faults = [one for one in faults if judged(one.identity, by_slot)]
    names = {id(one.identity) for one in faults}
    sound = [
        i for i in identities if id(i) not in names and all(values[slot] is not None for slot in i.slots)
    ]
    repairs = _repairs(faults, sound, by_slot)
    told = certain(cells) if repairs and not all(_doubtful(one, by_slot) for one in faults) else {}
    findings: list[Finding] = []
    for _, part in together((one, set(one.identity.slots)) for one in faults):
        whole = [repairs[i] for i in part[0].identity.slots if i in repairs and repairs[i].mends == len(part)]
        for one in part:
            own = whole or [repairs[i] for i in one.identity.slots if i in repairs]
            sure = [repair for repair in own if told.get(repair.slot) == repair.value]
            findings.append(_finding(form, one, sure[0] if len(sure) == 1 else None, by_slot))
    return findings


def _finding(form: Form, one: Broken, only: Mend | None, cells: Mapping[int, Filled]) -> Finding:
    identity = one.identity
    result = cells[identity.right[0]]
    empty = _empty(identity, cells)
    doubtful = _doubtful(one, cells)
    repair = None if doubtful else only
    culprit = cells[repair.slot].slot if repair else result.slot if empty else None
    row, column = form.labels(cells[identity.left[0]].slot.key)
    where = row if identity.over == row.key else column
    found_zh = "空白" if empty else f"{one.right:g}"
    found_en = "blank" if empty else f"{one.right:g}"
    return Finding(
        identity.rule,
        "warning" if doubtful else "error",
        f"{where.zh}:{identity.zh},应为{one.left:g},印作{found_zh}",
        f"{where.en}: {identity.en}: {one.left:g} expected, {found_en} printed",
        culprit.table if culprit else identity.table,
        culprit.row if culprit else "",
        culprit.column if culprit else "",
        tuple(cells[i].slot.key for i in identity.slots),
        one.left,
        None if empty else one.right,
        repair.value if repair else None,
    )
