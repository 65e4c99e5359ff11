"""Where figures break the form's identities: which mistakes would explain all of it, the likeliest first.

Error localisation by Fellegi and Holt (1976): the fewest mistakes after whose mending everything holds
(`govdisclose.minimal`), where a slip of a whole line counts as one mistake (`govdisclose.mistakes`). Whatever is found
is told, never put into a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from govdisclose.cells import Filled
from govdisclose.forms import Form, Identity, load_forms
from govdisclose.identities import broken, together
from govdisclose.minimal import Change, Sets, Solver, System, Vector, few_wrong, many_wrong
from govdisclose.mistakes import KINDS, ORDER, Grid, Tried, explained, left_out_lines, single_kind, slips
from govdisclose.numbers import ABSENT, BLANK, NOT_APPLICABLE, NUMBER, UNREADABLE

WEIGHTS = {NUMBER: 1.0, BLANK: 1.0, NOT_APPLICABLE: 1.5, UNREADABLE: 0.0, ABSENT: 0.0}
"""What a changed cell counts. A `/` was put down on purpose; what cannot be read may be anything, at no cost."""
COLUMNS = ("group", "rank", "kind", "cells", "printed", "mended", "unique", "message", "message_en")
LINKS = (("previous", "requests.carried_in.", "requests.carried_out."), ("following", "requests.carried_out.", "requests.carried_in."))
"""Which year's report must agree: what is carried in was carried out of the year before."""

_TABLE = attrgetter("slot.form", "slot.table")
_COUNTED = frozenset(("cases", "items"))
_SPARE = 3  # broken equations that one cell beside a slip may account for
_TOLD = 3  # cells that a message names


@dataclass(frozen=True, slots=True)
class Repair:
    """A cell, what is printed there, and the figure that would mend it. `cell` is "table.row.column"; a figure of the
    neighbouring year's report has "previous:" or "following:" before it."""

    cell: str
    printed: str
    mended: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """One way in which everything would hold.

    Attributes
    ----------
    group : number of the set of identities that hang together; the explanations of a group are alternatives
    rank : 1 for the likeliest of its group; equally likely ones share a rank
    weight : how many mistakes it takes (an empty cell marked `/` counts one and a half)
    kinds : of each mistake, see `govdisclose.mistakes.KINDS`
    repairs : the cells that change
    unique : no other set of cells and no other slip of a line takes as few mistakes, and the search was complete. Slips
        of two lines at once are not looked for, and none that needs another mended cell besides is ever unique
    message, message_en : one plain sentence
    """

    group: int
    rank: int
    weight: float
    kinds: tuple[str, ...]
    repairs: tuple[Repair, ...]
    unique: bool
    message: str
    message_en: str


_Link = tuple[int, str, float]
"""Position of a cell, and name and figure of the cell in a neighbouring year that must agree with it."""


class HasSlots(Protocol):
    """A report: anything with the cells of a form."""

    @property
    def slots(self) -> Sequence[Filled]: ...


Neighbour = HasSlots | Mapping[str, float] | None
"""A neighbouring year's report, or its figures by "table.row.column"."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Identities that hang together through their cells, as a matrix over `slots`."""

    identities: tuple[Identity, ...]
    slots: tuple[int, ...]
    matrix: Vector
    grid: Grid
    totals: frozenset[int]


class _Way(NamedTuple):
    """A candidate explanation in positions."""

    weight: float
    kinds: tuple[str, ...]
    distance: int
    change: Change

    @property
    def order(self) -> tuple[float, list[int], int]:
        return self.weight, sorted((ORDER[kind] for kind in self.kinds), reverse=True), self.distance


def judged(identity: Identity, cells: Mapping[int, Filled]) -> bool:
    """Whether an identity says anything: figures stand on its left side too, not only a printed total."""
    return any(cells[slot].state == NUMBER for slot in identity.left)


@cache
def _parts(form_key: str, table_key: str) -> tuple[_Part, ...]:
    form = load_forms()[form_key]
    groups = together((i, set(i.slots)) for i in form.identities if i.table == table_key)
    return tuple(_part(form, table_key, tuple(sorted(slots)), tuple(members)) for slots, members in groups)


def _part(form: Form, table_key: str, slots: tuple[int, ...], identities: tuple[Identity, ...]) -> _Part:
    at = {slot: position for position, slot in enumerate(slots)}
    matrix = np.zeros((len(identities), len(slots)))
    for number, identity in enumerate(identities):
        matrix[number, [at[slot] for slot in identity.left]] = 1.0
        matrix[number, [at[slot] for slot in identity.right]] = -1.0
    table = form.table(table_key)
    rows = [row for row in table.rows if any(slot.index in at for slot in row.slots)]
    columns = list(dict.fromkeys(slot.column for row in rows for slot in row.slots))
    grid = np.full((len(rows), len(columns)), -1, dtype=np.int64)
    totals = set()
    for number, row in enumerate(rows):
        for slot in row.slots:
            if slot.index in at:
                grid[number, columns.index(slot.column)] = at[slot.index]
                if row.total or slot.column in table.totals:
                    totals.add(at[slot.index])
    return _Part(identities, slots, matrix, grid, frozenset(totals))


def localise(cells: Sequence[Filled], previous: Neighbour = None, following: Neighbour = None) -> tuple[Explanation, ...]:
    """Given every cell of a report, return what would explain its broken identities.

    Parameters
    ----------
    cells : the full grid of a report, as in `Report.slots`
    previous, following : the same agency's report of the year before and after, or figures of it by "table.row.column":
        what one year carries out the next carries in, column by column. They help to tell which of the report's own
        figures are wrong; where only the years disagree, nothing is said here.

    Returns
    -------
    tuple of Explanation : by group and rank; none where everything holds. A group has none where it would take more
        mistakes than `govdisclose.minimal.MAX_WEIGHT`.
    """
    beside = {"previous": _figures(previous), "following": _figures(following)}
    found: list[Explanation] = []
    group = 0
    for _, members in groupby(cells, key=_TABLE):
        by_slot = {cell.slot.index: cell for cell in members}
        for part, idle in _broken_parts(by_slot):
            group += 1
            found.extend(_explain_part(group, part, idle, by_slot, beside))
    return tuple(found)


def _broken_parts(cells: Mapping[int, Filled]) -> Iterator[tuple[_Part, set[int]]]:
    """The parts of a table that do not hold, each with the numbers of its identities that say nothing."""
    values = _known(cells)
    slot = next(iter(cells.values())).slot
    for part in _parts(slot.form, slot.table):
        faults = {id(one.identity) for one in broken(part.identities, values)}
        idle = {n for n, i in enumerate(part.identities) if id(i) in faults and not judged(i, cells)}
        if len(faults) > len(idle):
            yield part, idle


def certain(cells: Sequence[Filled]) -> dict[int, float]:
    """Given the cells of a table, return what the explanations change that have no equal (`unique`): slot -> figure."""
    by_key = {cell.slot.key: cell.slot.index for cell in cells}
    return {by_key[r.cell]: r.mended for one in localise(cells) if one.unique for r in one.repairs}


def _figures(neighbour: Neighbour) -> Mapping[str, float]:
    if neighbour is None or isinstance(neighbour, Mapping):
        return neighbour or {}
    return {cell.slot.key: cell.value for cell in neighbour.slots if cell.state == NUMBER and cell.value is not None}


def _known(cells: Mapping[int, Filled]) -> list[float | None]:
    """Figures by slot: 0 for an empty cell, None for one that is not known."""
    found: list[float | None] = [None] * (max(cells) + 1)
    for index, cell in cells.items():
        found[index] = None if WEIGHTS[cell.state] == 0 else cell.value or 0.0
    return found


def _explain_part(
    group: int, part: _Part, idle: set[int], cells: Mapping[int, Filled], beside: Mapping[str, Mapping[str, float]]
) -> list[Explanation]:
    own = [cells[slot] for slot in part.slots]
    links: list[_Link] = [
        (position, f"{year}:{there}{cell.slot.column}", beside[year][there + cell.slot.column])
        for year, here, there in LINKS
        for position, cell in enumerate(own)
        if cell.slot.key.startswith(here) and there + cell.slot.column in beside[year]
    ]
    solver = _solver(part, idle, own, links)
    sets, tried = _search(solver, part)
    ways = [_of_cells(solver, part, change) for change in sets.changes] + [_of_slip(solver, part, one) for one in tried]
    if not ways:
        return []
    best: dict[Change, _Way] = {}
    for way in sorted(ways, key=lambda way: way.order):
        best.setdefault(way.change, way)
    listed = list(best.values())
    least = sum(way.weight == listed[0].weight for way in listed)
    unique = least == 1 and (sets.complete or listed[0].weight == 1)  # two slips at once were not tried
    orders = sorted({(way.weight, tuple(way.order[1]), way.distance) for way in listed})
    names = [cell.slot.key for cell in own] + [name for _, name, _ in links]
    texts = [cell.text for cell in own] + [f"{value:.15g}" for _, _, value in links]
    found = []
    for number, way in enumerate(listed):
        repairs = tuple(Repair(names[cell], texts[cell], value) for cell, value in way.change)
        rank = orders.index((way.weight, tuple(way.order[1]), way.distance)) + 1
        zh, en = _sentences(own, way, repairs)
        found.append(Explanation(group, rank, way.weight, way.kinds, repairs, unique and number == 0, zh, en))
    return found


def _search(solver: Solver, part: _Part) -> tuple[Sets, list[Tried]]:
    """The lightest sets of cells, and the slips that take as few mistakes or fewer. What costs more is tried last."""
    sets = few_wrong(solver)
    tried = explained(solver, slips(solver, part.grid, part.totals, 0), besides=False)
    tried += left_out_lines(solver, part.grid)
    if not sets.changes and not tried:
        tried = explained(solver, slips(solver, part.grid, part.totals, _SPARE), besides=True)
        if not tried:
            sets = many_wrong(solver)
    return sets, tried


def _solver(part: _Part, idle: set[int], own: Sequence[Filled], links: Sequence[_Link] = ()) -> Solver:
    """The equations of a part but for the idle ones, each link an equation with a cell of its own."""
    matrix = np.delete(part.matrix, sorted(idle), axis=0)
    rows = np.zeros((len(links), matrix.shape[1] + len(links)))
    for number, (position, _, _) in enumerate(links):
        rows[number, position], rows[number, matrix.shape[1] + number] = 1.0, -1.0
    more = len(links)
    system = System(
        np.vstack([np.hstack([matrix, np.zeros((matrix.shape[0], more))]), rows]),
        np.array([*(cell.value or 0.0 for cell in own), *(value for _, _, value in links)]),
        np.array([*(WEIGHTS[cell.state] for cell in own), *([1.0] * more)]),
        np.array([*(-np.inf if cell.slot.signed else 0.0 for cell in own), *([0.0] * more)]),
        np.array([*(cell.slot.unit in _COUNTED for cell in own), *([True] * more)]),
    )
    return Solver(system)


def _of_cells(solver: Solver, part: _Part, change: Change) -> _Way:
    """A set of cells as so many mistakes, each of its own kind."""
    kinds = tuple(_kind(solver, part, cell, value) for cell, value in change)
    return _Way(solver.weight(change), kinds, 0, change)


def _kind(solver: Solver, part: _Part, cell: int, value: float) -> str:
    if cell >= len(part.slots):
        return "neighbour_year"
    (row,), (column,) = np.nonzero(part.grid == cell)
    cross = [
        int(part.grid[r, c])
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
        if 0 <= r < part.grid.shape[0] and 0 <= c < part.grid.shape[1] and part.grid[r, c] >= 0
    ]
    values = solver.system.values
    return single_kind(float(values[cell]), value, cell in part.totals, [float(values[c]) for c in cross])


def _of_slip(solver: Solver, part: _Part, tried: Tried) -> _Way:
    """A slip as one mistake, with another for the cell that had to change besides."""
    mended = dict(tried.change)
    besides = tuple(_kind(solver, part, cell, mended[cell]) for cell in tried.besides if cell in mended)
    return _Way(1.0 + len(tried.besides), (tried.slip.kind, *besides), tried.slip.distance, tried.change)


def _sentences(own: Sequence[Filled], way: _Way, repairs: Sequence[Repair]) -> tuple[str, str]:
    zh, en = [], []
    for (cell, _), repair in list(zip(way.change, repairs, strict=True))[:_TOLD]:
        name_zh, name_en = _names(own[cell]) if cell < len(own) else (repair.cell, repair.cell)
        zh.append(f"{name_zh}“{repair.printed}”应为{repair.mended:.15g}")
        en.append(f"{name_en} is printed “{repair.printed}”, should be {repair.mended:.15g}")
    if len(repairs) > _TOLD:
        zh.append(f"等共{len(repairs)}格")
        en.append(f"{len(repairs)} cells in all")
    kinds = list(dict.fromkeys(way.kinds))
    return (
        f"{';'.join(zh)}({'、'.join(KINDS[kind][0] for kind in kinds)})",
        f"{'; '.join(en)} ({', '.join(KINDS[kind][1] for kind in kinds)})",
    )


def _names(cell: Filled) -> tuple[str, str]:
    """Row and column of a cell in Chinese and in English."""
    row, column = load_forms()[cell.slot.form].labels(cell.slot.key)
    return f"{row.zh} › {column.zh}", f"{row.en} › {column.en}"


def most_likely(found: Sequence[Explanation]) -> list[tuple[str, str]]:
    """One sentence a group, in Chinese and English: the likeliest explanation, and whether others are as simple."""
    told = []
    for _, members in groupby(found, key=attrgetter("group")):
        ways = list(members)
        first = ways[0]
        equal = sum(way.weight == first.weight for way in ways)
        others = ("", "") if first.unique else (f"(同样简单的解释共{equal}种)", f" (one of {equal} explanations as simple)")
        told.append((f"最可能{others[0]}:{first.message}", f"most likely{others[1]}: {first.message_en}"))
    return told


def explain(report: HasSlots, previous: Neighbour = None, following: Neighbour = None) -> pd.DataFrame:
    """Given a report, return a frame of what would explain its broken identities, the likeliest first.

    Parameters
    ----------
    report : a report that was read
    previous, following : the same agency's report of the year before and after, or figures of it by "table.row.column"

    Returns
    -------
    DataFrame : columns group, rank, kind, cells, printed, mended, unique, message, message_en; one row an explanation.
        `cells`, `printed` and `mended` are lists of equal length. Explanations of one group are alternatives; `unique`
        marks the one that takes fewer mistakes than any other. Empty where everything holds.

    References
    ----------
    Fellegi, I. P. and Holt, D. (1976). A systematic approach to automatic edit and imputation. JASA 71(353), 17-35.
    de Waal, T., Pannekoek, J. and Scholtus, S. (2011). Handbook of Statistical Data Editing and Imputation. Wiley.

    Examples
    --------
    >>> explain(type("Nothing", (), {"slots": ()})()).empty
    True
    """
    return explanations_frame(localise(report.slots, previous, following))


def explanations_frame(found: Sequence[Explanation]) -> pd.DataFrame:
    """The frame of `explain`."""
    columns: dict[str, Any] = {
        "group": pd.array([one.group for one in found], dtype="Int64"),
        "rank": pd.array([one.rank for one in found], dtype="Int64"),
        "kind": pd.array(["+".join(one.kinds) for one in found], dtype="str"),
        "cells": pd.Series([[r.cell for r in one.repairs] for one in found], dtype=object),
        "printed": pd.Series([[r.printed for r in one.repairs] for one in found], dtype=object),
        "mended": pd.Series([[r.mended for r in one.repairs] for one in found], dtype=object),
        "unique": pd.array([one.unique for one in found], dtype="bool"),
        "message": pd.array([one.message for one in found], dtype="str"),
        "message_en": pd.array([one.message_en for one in found], dtype="str"),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))
