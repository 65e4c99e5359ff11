"""Ruling lines of a page -> tables of cells, by geometry alone: which lines part which places of a grid."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

NEAR = 2.5  # points within which two lines are one
SLIT = 4.6  # points between two lines of one table in which no type has room: the gap between two cells
GAP = 4.0  # points between two dashes of one line
MAX_LINES = 400  # of one direction in one table
LEAST_BOXES = 4  # that stand alone and may be cells of a table,
MOST_APART = 9.0  # points apart


class Rule(NamedTuple):
    """A line along one axis: where it stands on the other (`at`), and from where to where it goes."""

    at: float
    start: float
    end: float


class Box(NamedTuple):
    """A cell: row and column from 0, how many it covers, and its edges (x to the right, y downwards)."""

    row: int
    column: int
    high: int
    wide: int
    left: float
    top: float
    right: float
    bottom: float


class Ruled(NamedTuple):
    """A table: its cells in reading order, and its edges."""

    cells: list[Box]
    left: float
    top: float
    right: float
    bottom: float


def joined(rules: Iterable[Rule]) -> list[Rule]:
    """Rules with the pieces of one line put together: dashes, edges of neighbouring cells, double strokes."""
    lines: list[list[Rule]] = []
    for rule in sorted(rules):
        if lines and rule.at - lines[-1][-1].at <= NEAR / 2 and rule.at - lines[-1][0].at <= NEAR:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    found: list[Rule] = []
    for line in lines:
        at = sum(rule.at for rule in line) / len(line)
        start = end = None
        for rule in sorted(line, key=lambda rule: rule.start):
            if end is not None and start is not None and rule.start - end <= GAP:
                end = max(end, rule.end)
            else:
                if start is not None and end is not None:
                    found.append(Rule(at, start, end))
                start, end = rule.start, rule.end
        if start is not None and end is not None:
            found.append(Rule(at, start, end))
    return found


def tables(across: Sequence[Rule], down: Sequence[Rule]) -> list[Ruled]:
    """Given the lines across and down a page, return the tables that they draw, from the top.

    Parameters
    ----------
    across : horizontal lines: y, from x, to x
    down : vertical lines: x, from y, to y
    """
    found, alone = _found(across, down)
    if len(alone) >= LEAST_BOXES:
        # Cells drawn each as a box of its own, with a gap between: their edges are taken to meet in the middle of it.
        rows, columns = _met(alone)
        found += _found(rows, columns)[0]
    found.sort(key=lambda table: (table.top, table.left))
    return [one for one in found if not any(_within(one, other) for other in found if other is not one)]


def _found(across: Iterable[Rule], down: Iterable[Rule]) -> tuple[list[Ruled], list[Ruled]]:
    """The tables that lines draw, and the boxes that stand alone."""
    across = [rule for rule in joined(across) if rule.end - rule.start > 2 * NEAR]
    down = [rule for rule in joined(down) if rule.end - rule.start > 2 * NEAR]
    found, alone = [], []
    for rows, columns in _groups(across, down):
        if not rows or not columns or len(rows) + len(columns) < 3 or len(rows) > MAX_LINES or len(columns) > MAX_LINES:
            continue
        table = _table(rows, columns)
        if len(table.cells) > 1:
            found.append(table)
        elif table.cells:
            alone.append(table)
    return found, alone


def _met(boxes: Sequence[Ruled]) -> tuple[list[Rule], list[Rule]]:
    """Edges of boxes of which neighbours stand apart by a gap, moved to the middle of the gap."""
    sides = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes])
    halves = []
    for start, end, near, far in ((0, 2, 1, 3), (1, 3, 0, 2)):
        apart = sides[:, start][None, :] - sides[:, end][:, None]
        beside = np.minimum(sides[:, far][None, :], sides[:, far][:, None]) - np.maximum(sides[:, near][None, :], sides[:, near][:, None]) > NEAR
        gaps = np.sort(apart[beside & (apart > 0) & (apart < MOST_APART)])
        halves.append(float(gaps[len(gaps) // 2]) / 2 if len(gaps) else 0.0)
    wide, high = halves[0], halves[1]
    across, down = [], []
    for left, top, right, bottom in sides + np.array((-wide, -high, wide, high)):
        across += [Rule(float(top), float(left), float(right)), Rule(float(bottom), float(left), float(right))]
        down += [Rule(float(left), float(top), float(bottom)), Rule(float(right), float(top), float(bottom))]
    return across, down


def _within(one: Ruled, other: Ruled) -> bool:
    """Whether a table is but a frame inside a cell of another."""
    inside = one.left >= other.left and one.right <= other.right and one.top >= other.top and one.bottom <= other.bottom
    return inside and len(one.cells) < len(other.cells)


def _groups(across: list[Rule], down: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Lines that meet, together."""
    parent = list(range(len(across) + len(down)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for i, row in enumerate(across):
        for j, column in enumerate(down, len(across)):
            if row.start - NEAR <= column.at <= row.end + NEAR and column.start - NEAR <= row.at <= column.end + NEAR:
                parent[root(j)] = root(i)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for i, row in enumerate(across):
        groups[root(i)][0].append(row)
    for j, column in enumerate(down):
        groups[root(len(across) + j)][1].append(column)
    return list(groups.values())


def _places(values: Iterable[float]) -> list[float]:
    """Positions, those near one another as one."""
    places: list[list[float]] = []
    for value in sorted(values):
        if places and value - places[-1][-1] <= SLIT:
            places[-1].append(value)
        else:
            places.append([value])
    return [sum(place) / len(place) for place in places]


def _table(rows: list[Rule], columns: list[Rule]) -> Ruled:
    # An outer edge may be left undrawn: at the end of a page, or at the sides by taste.
    ys = _places([*(rule.at for rule in rows), *_ends(columns)])
    xs = _places([*(rule.at for rule in columns), *_ends(rows)])
    parted_down = _parted(columns, xs, ys)
    parted_across = _parted(rows, ys, xs)
    wide, high = len(xs) - 1, len(ys) - 1
    if wide < 1 or high < 1:
        return Ruled([], 0, 0, 0, 0)
    taken = [[False] * wide for _ in range(high)]
    cells: list[Box] = []
    for y in range(high):
        for x in range(wide):
            if taken[y][x]:
                continue
            across = 1
            while x + across < wide and not taken[y][x + across] and not parted_down[x + across][y]:
                across += 1
            down = 1
            while y + down < high and not any(parted_across[y + down][x + i] for i in range(across)):
                if any(taken[y + down][x + i] for i in range(across)):
                    break
                down += 1
            for i in range(down):
                for j in range(across):
                    taken[y + i][x + j] = True
            cells.append(Box(y, x, down, across, xs[x], ys[y], xs[x + across], ys[y + down]))
    return Ruled(cells, xs[0], ys[0], xs[-1], ys[-1])


def _ends(rules: Sequence[Rule]) -> list[float]:
    """Where lines begin and end on their own axis, if at least two of them do so together."""
    found = []
    for ends in (sorted(rule.start for rule in rules), sorted((rule.end for rule in rules), reverse=True)):
        if len(ends) > 1 and abs(ends[0] - ends[1]) <= NEAR:
            found.append(ends[0])
    return found


def _parted(rules: Sequence[Rule], places: Sequence[float], others: Sequence[float]) -> list[list[bool]]:
    """For each place of one axis and each interval of the other, whether a line stands there."""
    parted = [[False] * (len(others) - 1) for _ in places]
    for rule in rules:
        index = min(range(len(places)), key=lambda i: abs(places[i] - rule.at))
        for i in range(max(0, bisect_right(others, rule.start) - 1), len(others) - 1):
            middle = (others[i] + others[i + 1]) / 2
            if middle > rule.end:
                break
            if rule.start <= middle:
                parted[index][i] = True
    return parted
