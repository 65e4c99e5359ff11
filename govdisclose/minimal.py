"""Which cells are wrong: the smallest sets of cells whose change makes every identity hold.

The paradigm is that of Fellegi and Holt (1976), "A systematic approach to automatic edit and imputation", JASA 71, 17-35:
change the fewest (by weight) cells so that everything holds. Identities that hold as printed count too: no repair may
break them. Up to three wrong cells are found by linear algebra, exactly and all of them; more by integer programming as in
de Waal, Pannekoek and Scholtus (2011), "Handbook of Statistical Data Editing and Imputation", Wiley, ch. 3 and 11, where
each set found is excluded in turn until none of the same weight is left. Nothing found here is put into a cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govdisclose.identities import TOLERANCE

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]
Change = tuple[tuple[int, float], ...]
"""Cells by position, each with its mended value, in order."""

FEW = 3  # so many wrong cells are found by linear algebra alone
MAX_WEIGHT = 6.0  # more wrong cells than this are no slip of the pen
MAX_SETS = 24  # beyond this many equal sets nothing is told apart any more
MAX_SOLUTIONS = 40  # integer programs solved for one table
MAX_NODES = 500  # branches of one integer program
_NEAR = 1e-9  # sieve before the exact test
NEARLY = 1.0 - _NEAR


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Identities over cells, as `matrix @ values = 0`.

    Attributes
    ----------
    matrix : equations x cells, of 1 (left side), -1 (right side) and 0
    values : the printed figures; 0 for an empty cell, and for an unknown one, where it is not used
    weights : how much the change of a cell counts; 0 for an unknown cell, which takes any value at no cost
    floors : lowest value that each cell may take
    whole : cells that take whole numbers only
    """

    matrix: Vector
    values: Vector
    weights: Vector
    floors: Vector
    whole: Mask


@dataclass(frozen=True, slots=True)
class Sets:
    """The lightest changes that make a system hold, and whether these are all of them and each is determined."""

    changes: tuple[Change, ...]
    weight: float
    complete: bool


class Solver:
    """A system with its unknown cells eliminated: the identities that printed figures alone must satisfy.

    Attributes
    ----------
    matrix : implied equations x cells; columns of unknown cells are 0
    gap : by how much each implied equation fails as printed
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.unknown = system.weights == 0
        self.matrix = _eliminate(system.matrix, np.flatnonzero(self.unknown).tolist())
        gap = self.matrix @ system.values
        self.gap = np.where(np.abs(gap) > TOLERANCE, gap, 0.0)

    def after(self, changes: Sequence[Change]) -> Vector:
        """What stays of the gap after each of several changes (changes x equations)."""
        cells = [cell for change in changes for cell, _ in change]
        rises = np.array([value for change in changes for _, value in change]) - self.system.values[cells]
        starts = np.cumsum([0, *(len(change) for change in changes)])[:-1]
        left = self.gap + np.add.reduceat(self.matrix.T[cells] * rises[:, None], starts, axis=0)
        return np.where(np.abs(left) > TOLERANCE, left, 0.0)

    def amounts(self, cells: Sequence[int], gap: Vector) -> Vector | None:
        """The change of each of these cells that closes the gap, None where it is not determined."""
        columns = self.matrix[:, list(cells)]
        found, _, rank, _ = np.linalg.lstsq(columns, -gap, rcond=None)
        return np.asarray(found, dtype=np.float64) if rank == len(cells) else None

    def mended(self, cells: Sequence[int], amounts: Vector, base: Change = ()) -> Change | None:
        """The change, after the changes `base`, if it is allowed and makes everything hold; else None."""
        system = self.system
        values = system.values.copy()
        for cell, value in base:
            values[cell] = value
        touched = [cell for cell, _ in base]
        for cell, amount in zip(cells, amounts, strict=True):
            value = values[cell] + amount
            nearest = round(value) if system.whole[cell] else round(value, 6)
            if abs(value - nearest) > TOLERANCE * max(1.0, abs(amount)):
                return None
            values[cell] = nearest
            touched.append(cell)
        if any(values[cell] < system.floors[cell] for cell in touched) or self._open(values):
            return None
        return tuple((c, float(values[c])) for c in sorted(set(touched)) if values[c] != system.values[c])

    def allows(self, cell: int, value: float) -> bool:
        """Whether the form allows this figure in the cell."""
        whole = not self.system.whole[cell] or abs(value - round(value)) <= TOLERANCE * max(1.0, abs(value))
        return bool(whole and value >= self.system.floors[cell] - TOLERANCE)

    def _open(self, values: Vector) -> bool:
        """Whether something still does not hold, whatever the unknown cells may be."""
        if bool((np.abs(self.matrix @ values) > TOLERANCE).any()):
            return True
        return bool(self.unknown.any()) and not _unknowns_fit(self.system, values, self.unknown)

    def weight(self, change: Change) -> float:
        return float(self.system.weights[[cell for cell, _ in change]].sum())


def _eliminate(matrix: Vector, cells: Iterable[int]) -> Vector:
    """Combine equations so that none of these cells is left in any: what remains holds whatever stands in them."""
    rows = matrix
    for cell in cells:
        with_it = np.flatnonzero(np.abs(rows[:, cell]) > TOLERANCE)
        if with_it.size:
            pivot = rows[with_it[0]] / rows[with_it[0], cell]
            rows = np.delete(rows - np.outer(rows[:, cell], pivot), with_it[0], axis=0)
    return np.where(np.abs(rows) > _NEAR, rows, 0.0)


def _unknowns_fit(system: System, values: Vector, unknown: Mask) -> bool:
    """Whether the unknown cells can take values that the form allows."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # Slow to import, and few reports need it.

    known = np.where(unknown, 0.0, values)
    open_rows = np.abs(system.matrix[:, unknown]).sum(axis=1) > 0
    wanted = -(system.matrix @ known)[open_rows]
    fits = milp(
        np.zeros(int(unknown.sum())),
        constraints=LinearConstraint(system.matrix[np.ix_(open_rows, unknown)], wanted, wanted),
        bounds=Bounds(system.floors[unknown], np.inf),
        integrality=system.whole[unknown].astype(int),
        options={"node_limit": MAX_NODES},
    )
    return bool(fits.status == 0)


def few_wrong(solver: Solver) -> Sets:
    """Given a system that does not hold, return all lightest changes of up to `FEW` cells that make it hold.

    None where no so many suffice, or where one cell more might weigh no more.
    """
    gap = solver.gap / np.abs(solver.gap).max()
    for size in range(1, FEW + 1):
        found = _changes(solver, _closing(solver.matrix, gap, size))
        if found:
            best = min(solver.weight(change) for change in found)
            settled = best < size + 1
            return Sets(tuple(c for c in found if settled and solver.weight(c) <= best + TOLERANCE), best, settled)
    return Sets((), np.inf, False)


def _changes(solver: Solver, sets: Iterable[tuple[int, ...]]) -> list[Change]:
    found = []
    for cells in sets:
        amounts = solver.amounts(cells, solver.gap)
        change = None if amounts is None else solver.mended(cells, amounts)
        if change is not None and len(change) == len(cells):
            found.append(change)
    return found


def _closing(matrix: Vector, gap: Vector, size: int) -> list[tuple[int, ...]]:
    """All sets of `size` cells whose columns can close the gap (of at most 1), found by a sieve that lets none slip.

    One of them stands in any broken equation that is chosen: each cell of the shortest is set free in turn.
    """
    if not gap.any():
        return []
    if size == 1:
        return [(int(cell),) for cell in np.flatnonzero(parallel(matrix, gap[None])[0])]
    broken = np.flatnonzero(gap)
    pivot = broken[np.argmin(np.count_nonzero(matrix[broken], axis=1))]
    near = np.flatnonzero(matrix[pivot])
    if size == 2:
        return _pairs(matrix, gap, near)
    sets: set[tuple[int, ...]] = set()
    for cell in near.tolist():
        freed = _eliminate(np.column_stack([matrix, gap]), [cell])
        sets.update(tuple(sorted((cell, *rest))) for rest in _closing(freed[:, :-1], freed[:, -1], size - 1))
    return sorted(sets)


def _pairs(matrix: Vector, gap: Vector, near: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """All pairs of one cell of `near` and any other between whose columns the gap lies, by Gram's determinant."""
    norms = (matrix**2).sum(axis=0)
    along = gap @ matrix
    gram = matrix[:, near].T @ matrix
    det = norms[near][:, None] * norms[None] - gram**2
    one, other = along[near][:, None], along[None]
    closed = one**2 * norms[None] - 2 * one * other * gram + other**2 * norms[near][:, None]
    size = det * (gap @ gap)
    fits = (det > TOLERANCE) & (np.abs(closed - size) <= _NEAR * size)
    return sorted({(min(a, b), max(a, b)) for a, b in ((int(near[i]), int(j)) for i, j in np.argwhere(fits))})


def parallel(matrix: Vector, gaps: Vector) -> Mask:
    """Given gaps (many x equations), which cell alone might close which gap (many x cells)."""
    scale = np.abs(gaps).max(axis=1, keepdims=True, initial=0.0)
    unit = gaps / np.where(scale > 0, scale, 1.0)
    size = (unit**2).sum(axis=1)[:, None] * (matrix**2).sum(axis=0)
    fits: Mask = (size > TOLERANCE) & (np.abs((unit @ matrix) ** 2 - size) <= _NEAR * size)
    return fits


def many_wrong(solver: Solver) -> Sets:
    """Given a system that does not hold, return all lightest changes up to `MAX_WEIGHT`, by integer programming.

    Each set that is found, and each that fails the exact test, is excluded by a cut. `complete` is False where the search
    was cut short, or passed over a set that leaves its figures open.
    """
    program = _Program(solver, MAX_WEIGHT)
    found: dict[tuple[int, ...], Change] = {}
    weight, ended, determined = np.inf, False, True
    for _ in range(MAX_SOLUTIONS):
        if len(found) >= MAX_SETS:
            break
        cells = program.solve()
        if cells is None:
            ended = program.proved
            break
        exact = solver.amounts(cells, solver.gap)
        change = None if exact is None else solver.mended(cells, exact)
        if change is None or len(change) < len(cells):
            determined = determined and exact is not None
            program.forbid_within(cells)
            continue
        found[cells] = change
        weight = min(weight, solver.weight(change))
        program.limit(weight)
        program.forbid(cells)
    return Sets(tuple(found.values()), float(weight), ended and determined)


class _Program:
    """The integer program: the least weight of cells such that each equation known to be broken has one of them.

    Equations are implied by one another without end; those that a set leaves broken are added when that set turns up, as
    the cutting planes of Garfinkel, Kunnathur and Liepins (1986), Operations Research 34, 744-751. No figure stands in
    the program, only which cells an equation has, so that it is exact however large the figures are.
    """

    def __init__(self, solver: Solver, most: float) -> None:
        self.solver = solver
        self.cells = np.flatnonzero(solver.matrix.any(axis=0))
        self.weights = solver.system.weights[self.cells]
        self.cuts: list[Vector] = []
        self.bounds: list[tuple[float, float]] = []
        self.proved = False
        self.limit(most)
        self.forbid_within(())

    def limit(self, weight: float) -> None:
        """No set that weighs more than this."""
        self._cut(self.weights, -np.inf, weight + TOLERANCE)

    def _cut(self, row: Vector | Mask, low: float, high: float) -> None:
        self.cuts.append(row.astype(np.float64))
        self.bounds.append((low, high))

    def forbid(self, cells: Sequence[int]) -> None:
        """Neither this set again nor one that contains it."""
        self._cut(np.isin(self.cells, cells), -np.inf, len(cells) - 1.0)

    def forbid_within(self, cells: Sequence[int]) -> None:
        """Neither this set again nor one that lies in it, for it cannot make everything hold.

        Whatever stands in the cells of the set, each equation that is still broken without them needs another cell (an
        implied edit of Fellegi and Holt). So does each that leaves one of them a single figure, which the form forbids.
        """
        solver, cuts = self.solver, []
        system = np.column_stack([solver.matrix, solver.gap])
        for row in _eliminate(system, cells):
            if abs(row[-1]) > TOLERANCE:
                cuts.append(row[self.cells] != 0)
        for cell in cells:
            for row in _eliminate(system, [c for c in cells if c != cell]):
                if row[cell] and not solver.allows(cell, solver.system.values[cell] - row[-1] / row[cell]):
                    cuts.append((row[self.cells] != 0) & (self.cells != cell))
        for cut in cuts or [~np.isin(self.cells, cells)]:
            self._cut(cut, 1.0, np.inf)

    def solve(self) -> tuple[int, ...] | None:
        """The lightest set that no cut excludes, None where there is none (`proved`) or the search was cut short."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # Slow to import, and few reports need it.

        low, high = np.array(self.bounds).T
        answer: Any = milp(
            self.weights,
            constraints=LinearConstraint(np.array(self.cuts), low, high),
            bounds=Bounds(0.0, 1.0),
            integrality=np.ones(len(self.cells)),
            options={"node_limit": MAX_NODES, "mip_rel_gap": 0.0},
        )
        self.proved = answer.status == 2
        return None if answer.status != 0 else tuple(self.cells[answer.x > 0.5].tolist())
