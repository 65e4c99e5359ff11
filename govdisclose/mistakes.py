"""How a figure comes to be printed wrong: kinds of mistakes, and the slips that change many cells at once.

Fellegi and Holt count changed cells. A row typed one column too far changes seven and is one mistake: so, as in Scholtus
(2016), "A generalized Fellegi-Holt paradigm for automatic error localization", Survey Methodology 42, 1-18, slips of whole
lines are tried as well, each counting as one. Among equals the likelier kind comes first; the order is that of `KINDS`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from govdisclose.minimal import NEARLY, Change, Mask, Solver, parallel

Grid = NDArray[np.int64]
"""Positions of a table's cells, rows x columns; -1 where the form has no cell."""

_TOLD = (resources.files("govdisclose") / "mistakes.toml").read_text(encoding="utf-8")
KINDS: dict[str, tuple[str, str]] = {kind: (zh, en) for kind, (zh, en) in tomllib.loads(_TOLD).items()}
"""Kind -> what happened, in Chinese and English; likelier kinds first."""

ORDER = {kind: number for number, kind in enumerate(KINDS)}


class Slip(NamedTuple):
    """One mistake that changes several cells: its kind, how far figures went, the mended cells, and a cell whose figure
    was lost on the way (-1 where none was)."""

    kind: str
    distance: int
    change: Change
    lost: int = -1


def _figure(value: float) -> str:
    return f"{value:.15g}"


def single_kind(printed: float, mended: float, total: bool, beside: Sequence[float]) -> str:
    """Given the printed and the mended figure of one cell, say how the one may have come from the other.

    Parameters
    ----------
    printed, mended : the figures, 0 for an empty cell
    total : whether the cell is a total
    beside : figures of the cells beside, above and below

    Examples
    --------
    >>> single_kind(21, 12, False, []), single_kind(0, 12, True, []), single_kind(1, 12, False, [])
    ('swapped', 'zero', 'lost')
    """
    if printed == 0:
        return "zero" if total else "left_out"
    before, after = _figure(printed), _figure(mended)
    if len(before) == len(after):
        differ = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        if len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(before) == sorted(after):
            return "swapped"
    if len(after) > 1 and before in {after[:i] + after[i + 1 :] for i in range(len(after))}:
        return "lost"
    if len(before) > 1 and after in {before[:i] + before[i + 1 :] for i in range(len(before))}:
        return "doubled"
    if mended == 0:
        return "copied" if printed in beside else "stray"
    if len(before) == len(after) and len(differ) == 1:
        return "mistyped"
    return "copied" if printed in beside else "other"


def _change(values: Sequence[float], cells: Sequence[int], mended: Sequence[float]) -> Change:
    return tuple(sorted((cell, value) for cell, value in zip(cells, mended, strict=True) if values[cell] != value))


def _exchanges(values: Sequence[float], line: Sequence[int], totals: frozenset[int]) -> Iterator[Slip]:
    """Two figures of a line exchanged; where one of them is 0, the other was moved."""
    for i, one in enumerate(line):
        for j in range(i + 1, len(line)):
            other = line[j]
            a, b = values[one], values[other]
            if a == b:
                continue
            kind = "exchanged"
            if 0 in (a, b):
                home = one if a == 0 else other
                kind = "total_moved" if home in totals else "moved"
            yield Slip(kind, j - i, _change(values, (one, other), (b, a)))


def _shifts(values: Sequence[float], line: Sequence[int], kind: str) -> Iterator[Slip]:
    """Runs of a line shifted by one: a 0 squeezed in at one place and out at another, or the line pushed over its end."""
    n = len(line)
    figures = [values[cell] for cell in line]
    for a, b in _runs([value == 0 for value in figures], back=False):
        yield Slip(kind, b - a, _change(values, line[a : b + 1], [*figures[a + 1 : b + 1], 0.0]))
    for a, b in _runs([value == 0 for value in figures], back=True):
        yield Slip(kind, b - a, _change(values, line[a : b + 1], [0.0, *figures[a:b]]))
    for a in range(n - 1):
        if figures[a] == 0 != figures[a + 1] or (a and figures[a] == figures[a - 1] != 0):
            # Something was squeezed in here, the last figure pushed out.
            yield Slip(kind, n - a, _change(values, line[a:-1], figures[a + 1 :]), line[-1])
        if figures[-1] == 0 or figures[-1] == figures[-2]:
            # A figure was passed over here, the others closed up.
            yield Slip(kind, n - a, _change(values, line[a + 1 :], figures[a:-1]), line[a])


def _runs(empty: Sequence[bool], back: bool) -> Iterator[tuple[int, int]]:
    """Runs of at least three places that may have moved by one: from an empty place that a full one follows, or (`back`)
    up to an empty place that a full one precedes. One full place alone is no run."""
    n = len(empty)
    for a in range(n):
        for b in range(a + 2, n):
            hinge = empty[b] and not empty[b - 1] if back else empty[a] and not empty[a + 1]
            if hinge and b - a + 1 - sum(empty[a : b + 1]) > 1:
                yield a, b


def _blocks(values: Sequence[float], grid: Grid, kind: str) -> Iterator[Slip]:
    """Whole lines shifted by one over an empty line, or two neighbouring lines exchanged."""
    figures = np.asarray(values)[grid]
    empty = [not any(line) for line in figures.tolist()]

    def moved(a: int, b: int, by: int) -> Slip:
        mended = np.roll(figures[a : b + 1], by, axis=0)
        return Slip(kind, b - a, _change(values, grid[a : b + 1].ravel().tolist(), mended.ravel().tolist()))

    for a in range(len(grid) - 1):
        yield moved(a, a + 1, 1)
    for a, b in _runs(empty, back=False):
        yield moved(a, b, -1)
    for a, b in _runs(empty, back=True):
        yield moved(a, b, 1)


def slips(solver: Solver, grid: Grid, totals: frozenset[int], spare: int) -> list[Slip]:
    """All slips that reach every broken equation but `spare` of them.

    Parameters
    ----------
    solver : the table
    grid : positions of its cells, rows x columns, -1 for none
    totals : positions of totals that stand beside their parts
    spare : how many broken equations may stay out of reach
    """
    values = [float(value) for value in solver.system.values]
    broken = np.flatnonzero(solver.gap)
    known = ~solver.unknown

    def reaches(cells: Grid) -> bool:
        touched = np.abs(solver.matrix[np.ix_(broken, cells)]).sum(axis=1) > 0
        return int(np.count_nonzero(~touched)) <= spare

    found: list[Slip] = []
    for lines, kind in ((grid, "row_shifted"), (grid.T, "column_shifted")):
        for line in lines:
            cells = line[line >= 0]
            cells = cells[known[cells]]
            if len(cells) > 1 and reaches(cells):
                listed = cells.tolist()
                found += _exchanges(values, listed, totals)
                found += _shifts(values, listed, kind)
    for lines, kind in ((grid, "rows_shifted"), (grid.T, "columns_shifted")):
        # A broken sum within one line stays broken wherever the line goes.
        within = sum((solver.matrix[np.ix_(broken, line[line >= 0])] != 0).any(axis=1) for line in lines) == 1
        if np.count_nonzero(within) <= spare and (lines >= 0).all() and known[lines].all():
            found += _blocks(values, lines, kind)
    return [slip for slip in found if len(slip.change) > 1]


class Tried(NamedTuple):
    """A slip that explains, with what else had to change (`besides`, at most one cell) and all of it together."""

    slip: Slip
    besides: tuple[int, ...]
    change: Change


def explained(solver: Solver, candidates: Sequence[Slip], besides: bool) -> list[Tried]:
    """The slips after which everything holds; with `besides`, those after which one more changed cell suffices."""
    if not candidates:
        return []
    gaps = solver.after([slip.change for slip in candidates])
    mended = np.abs(gaps).max(axis=1) == 0
    lost = solver.matrix.T[[max(slip.lost, 0) for slip in candidates]]
    # The gap lies along the lost cell's column where Cauchy's inequality is an equality.
    along: Mask = np.abs((gaps * lost).sum(axis=1)) >= NEARLY * np.sqrt((gaps**2).sum(axis=1) * (lost**2).sum(axis=1))
    alone = parallel(solver.matrix, gaps) if besides else None
    found: dict[Change, Tried] = {}
    for number, slip in enumerate(candidates):
        cells = [-1] if mended[number] else [slip.lost] if slip.lost >= 0 and along[number] else []
        if alone is not None and not mended[number]:
            cells = np.flatnonzero(alone[number]).tolist()
        for cell in cells:
            more = () if cell < 0 else (cell,)
            amounts = solver.amounts(more, gaps[number]) if more else np.zeros(0)
            change = None if amounts is None else solver.mended(more, amounts, slip.change)
            if change is not None and len(change) > 1:
                extra = tuple(c for c in more if c != slip.lost)
                known = found.get(change)
                if known is None or _rank(slip, extra) < _rank(known.slip, known.besides):
                    found[change] = Tried(slip, extra, change)
    return list(found.values())


def left_out_lines(solver: Solver, grid: Grid) -> list[Tried]:
    """Empty rows and columns whose figures, all of them, are what is missing: one mistake each."""
    found = []
    for line in (*grid, *grid.T):
        cells = line[line >= 0]
        if solver.unknown[cells].any() or solver.system.values[cells].any():
            continue
        needed = cells[(solver.matrix[np.ix_(solver.gap != 0, cells)] != 0).any(axis=0)].tolist()
        amounts = solver.amounts(needed, solver.gap) if len(needed) > 1 else None
        change = None if amounts is None else solver.mended(needed, amounts)
        if change is not None and len(change) > 1:
            found.append(Tried(Slip("line_left_out", 0, change), (), change))
    return found


def _rank(slip: Slip, besides: tuple[int, ...]) -> tuple[int, int, int]:
    return len(besides), ORDER[slip.kind], slip.distance
