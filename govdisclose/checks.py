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
_DOTTED = re.compile(r"\d{1,3}\.\d{3}")
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


def _odd_counts(cells: Sequence[Filled]) -> list[Finding]:
    """Counts that can be none: with a fraction (1.234 may be meant as 1234), below 0, or printed in 万 or 亿."""
    values = numbers_of(cells)
    # NaN, for a cell without a number, is neither.
    if not ((values % 1.0 > 0) | (values < 0)).any() and _USUAL_UNITS.issuperset(columns_of(cells)[4]):
        return []
    # Where a dot parts the thousands of counts (1.234), it may do so in an amount.
    grouped = any(cell.unit in _COUNTED and _DOTTED.fullmatch(cell.text) for cell in cells)
    return [
        Finding(
            rule,
            "warning",
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
        for rule, zh, en in _oddities(cell, cell.value, grouped)
    ]


def _oddities(cell: Filled, value: float, grouped: bool) -> Iterator[tuple[str, str, str]]:
    if value % 1 and (cell.unit in _COUNTED or (grouped and _DOTTED.fullmatch(cell.text))):
        yield "cell.fraction", "不是整数", "which is no whole number"
    if value < 0 and not cell.slot.signed:
        yield "cell.negative", "小于0", "which is below 0"
    if cell.unit not in _USUAL_UNITS:
        yield "cell.unit", "不以件计,汇总时不计入", "which is not in single cases, and counts in no sum"


def check_cells(cells: Sequence[Filled]) -> list[Finding]:
    """Given every cell of a report, return a finding for each identity of its forms that does not hold."""
    findings = _odd_counts(cells)
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
