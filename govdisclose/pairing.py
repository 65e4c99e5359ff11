"""Runs paired with the rows of one table, by their labels and their order.

A form's table is a sequence of rows; a document's runs of figures come in the same order, with labels cut, joined,
lost or piled up, and with foreign rows between. The best order-keeping pairing is found by dynamic programming over
(run, row).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from govdisclose.forms import Form, Table, table_forms
from govdisclose.grid import DOUBTFUL, SOFT
from govdisclose.labels import LABEL, OTHER, PROSE, VALUE, Meaning
from govdisclose.runs import Mark, Run, is_empty
from govdisclose.words import label_key

# Gains and costs of the pairing. Only their order matters: a label in the row itself outweighs everything, a label
# before the run outweighs position, position outweighs leaving a full row of figures unused.
OWN, BEFORE, PILED, NEAR, BESIDE, NAMELESS = 10.0, 9.0, 4.0, 5.0, 3.0, 1.0
OTHER_ROW, FOREIGN, ELSEWHERE, UNKNOWN = -30.0, -12.0, -5.0, -1.0
LOSE_ROW, LOSE_NAMED, LOSE_NAMELESS = -2.0, -6.0, -1.5
FITS, FITS_NOT = 2.0, -1.0
SIMILAR = 72.0


@dataclass(slots=True)
class Placed:
    """Runs paired with rows of a table: `rows` are several where one run holds several rows. `sure`: by label."""

    runs: list[Run]
    rows: list[int]
    sure: bool


@dataclass(slots=True)
class _Names:
    """What the labels of a run say about its row in one table."""

    own: int | None = None  # row named by the last label in the run's own line
    own_also: tuple[int, ...] = ()
    own_foreign: bool = False
    own_text: str = ""
    before: int | None = None  # row named by the last label before the run
    piled: tuple[int, ...] = ()
    before_text: str = ""
    either: bool = False  # `piled` are the labels before the run and those after it


def row_in(meaning: Meaning | None, home: tuple[str, str]) -> int | None:
    return meaning.rows.get(home) if meaning is not None else None


def _names(run: Run, home: tuple[str, str]) -> _Names:
    names = _Names()
    own = [mark for mark in run.own if mark.token.kind in (LABEL, OTHER)]
    if own:
        labels = [mark.token.meaning for mark in own if mark.token.kind == LABEL]
        rows = [row for meaning in labels if (row := row_in(meaning, home)) is not None]
        if rows:
            last = row_in(labels[-1], home)
            names.own = last
            names.own_also = tuple(rows)
        elif labels and labels[-1] is not None and (labels[-1].rows or not labels[-1].tables & {home[1]}):
            names.own_foreign = True
        if own[-1].token.kind == OTHER:
            names.own_text = own[-1].token.text
    before = [mark for mark in run.pending if mark.token.kind in (LABEL, OTHER, PROSE)]
    if before:
        names.before = row_in(before[-1].token.meaning, home)
        if before[-1].token.kind == OTHER:
            names.before_text = before[-1].token.text
        piled = []
        for mark in before:
            meaning = mark.token.meaning
            row = row_in(meaning, home)
            if row is not None and meaning is not None and home not in meaning.columns:
                piled.append(row)
        names.piled = tuple(piled)
    return names


@lru_cache(maxsize=4096)
def candidates(text: str, home: tuple[str, str]) -> tuple[int, ...]:
    """The rows that a damaged label can be: those it is a piece of, or else the one it is near to; empty where any."""
    form, name = home
    rows = table_forms()[form].table(name).rows
    key = label_key(text.replace("*", ""))
    if len(key) < 2:
        return ()
    spelt = [[label_key(spelling) for spelling in row.label.spellings] for row in rows]
    if pieces := tuple(j for j, keys in enumerate(spelt) if any(key in one for one in keys)):
        return pieces
    nearness = [max(fuzz.ratio(key, one) for one in keys) for keys in spelt]
    best = max(nearness)
    alone = best >= SIMILAR and sum(near >= best - 5 for near in nearness) == 1
    return (nearness.index(best),) if alone else ()


def core(marks: Sequence[Mark]) -> Sequence[Mark]:
    """The marks from the first to the last that is not empty."""
    filled = [i for i, mark in enumerate(marks) if not is_empty(mark)]
    return marks[filled[0] : filled[-1] + 1] if filled else []


def _count(run: Run) -> int:
    """How many figures a run holds, those that stand in one cell each for itself."""
    return sum([len(mark.token.parts) or 1 for mark in run.values])


def count_fit(run: Run, wanted: int) -> bool:
    """Whether a run can hold `wanted` figures: as they are, without doubtful empty cells, or with padding after them."""
    values = run.values
    if len(values) == wanted or _count(run) == wanted:
        return True
    sure = [m for m in values if m.token.doubt not in DOUBTFUL]
    if len(sure) <= wanted <= len(values):
        return True
    if len(sure) > wanted and not run.whole and len(core(sure)) == wanted:
        return True
    return len(values) > wanted and all(is_empty(m) for m in values[wanted:])


class Pairing:
    """Dynamic programming over runs (i) and rows (j) of one table."""

    def __init__(self, form: Form, table: Table, runs: list[Run], either: bool = False) -> None:
        """`either`: a row's label may stand before its figures or after them."""
        self.table, self.runs = table, runs
        self.home = (form.key, table.key)
        self.names = [_names(run, self.home) for run in runs]
        if either:
            around = zip(self.names, [*(names.piled for names in self.names[1:]), ()], strict=True)
            self.names = [_Names(piled=(*names.piled, *after), either=True) for names, after in around]
        self.sizes = [len(row.slots) for row in table.rows]
        # A row without figures is worth less than one with them: headings and menus are followed by empty cells too.
        self.poor = [
            0.5
            if all(m.token.doubt == SOFT for m in run.values)
            else PILED
            if all(is_empty(m) for m in run.values)
            else 1.0 if all(m.token.kind != VALUE for m in run.values) else 0
            for run in runs
        ]
        self.blank = [all(is_empty(m) for m in run.values) for run in runs]
        self.most = [max(len(run.values), _count(run)) for run in runs]
        self.figures = [sum(len(m.token.parts) or 1 for m in run.values if not is_empty(m)) for run in runs]

    def gain(self, i: int, j: int) -> float:
        names, run = self.names[i], self.runs[i]
        if names.own is not None:
            gain = OWN if names.own == j else PILED if j in names.own_also else OTHER_ROW
        elif names.own_also:
            gain = OWN - 1 if names.own_also[-1] == j else PILED if j in names.own_also else OTHER_ROW
        elif names.own_foreign:
            gain = FOREIGN
        elif names.own_text:
            gain = self.piece(names.own_text, j)
        elif run.whole and (names.piled or names.before is not None):
            # A row of bare figures among labels in lines of their own: its label may stand before or after it.
            gain = BESIDE if j in names.piled or j == names.before else NAMELESS - 0.5
        elif names.before is not None:
            gain = BEFORE if names.before == j else PILED if j in names.piled else OTHER_ROW if len(names.piled) < 2 else 0
        elif names.piled:
            gain = BEFORE - 1 if names.piled[-1] == j or (names.either and j in names.piled) else PILED if j in names.piled else UNKNOWN
        elif names.before_text and not run.whole:
            gain = self.piece(names.before_text, j)
        else:
            gain = NAMELESS
        if gain > NEAR and self.poor[i]:
            gain = self.poor[i]
        if self.table.one_line and not names.own_also and len(names.piled) > 1:
            gain = min(gain, FITS_NOT)  # headings of all rows stand above: the figures are the whole line
        if run.whole and gain <= NAMELESS and not names.own_text and j in self.after(i):
            gain = BESIDE
        size = self.sizes[j]
        if count_fit(run, size):
            return gain + FITS
        surplus = max(self.figures[i] - size, 0)
        return gain + FITS_NOT - 0.2 * min(abs(len(run.values) - size), 5) - min(surplus, 6)

    def piece(self, text: str, j: int) -> float:
        """The gain of a row before which a damaged label stands."""
        rows = candidates(text, self.home)
        return UNKNOWN if not rows else ELSEWHERE if j not in rows else NEAR if len(rows) == 1 else NAMELESS

    def after(self, i: int) -> tuple[int, ...]:
        """Rows named by labels in lines of their own between this run and the next."""
        return self.names[i + 1].piled if i + 1 < len(self.runs) else ()

    def lose(self, i: int) -> float:
        names, run = self.names[i], self.runs[i]
        if self.blank[i]:
            return -0.1
        if names.own_also or (names.before is not None and not run.whole):
            return LOSE_NAMED
        if names.own_text or names.own_foreign or names.before_text or run.after_prose:
            return -0.3
        return LOSE_NAMELESS if len(run.values) >= min(self.sizes) else -0.5

    def bare(self, run: Run) -> bool:
        """Whether a run can be a row, or what is left of one, but has no label of one."""
        names = self.names[self.runs.index(run)]
        named = names.own_also or names.piled or names.own_foreign or names.own_text
        filled = sum(not is_empty(m) for m in run.values)
        kinds = [mark.token.kind for mark in run.pending]
        after_prose = run.after_prose and LABEL not in kinds[len(kinds) - kinds[::-1].index(PROSE) :]
        return not (named or after_prose) and 0 < filled <= max(self.sizes)

    def several(self, i: int, j: int) -> list[tuple[int, float]]:
        """Ways in which run i can hold rows j, j+1, …: (how many rows, gain)."""
        run, names = self.runs[i], self.names[i]
        found, total = [], self.sizes[j]
        named = {*names.piled, *names.own_also}
        for count in range(2, len(self.sizes) - j + 1):
            total += self.sizes[j + count - 1]
            if self.table.one_line and count == len(self.sizes) == len(named) and self.figures[i] and not count_fit(run, total):
                found.append((count, FITS))
            if total > self.most[i]:
                break
            if self.blank[i] and (j or count < len(self.sizes)):
                continue
            if self.table.one_line and not named <= set(range(j, j + count)):
                continue
            if (self.table.one_line or not run.whole) and count_fit(run, total):
                hits = sum(1 for row in range(j, j + count) if row in named)
                exact = total in (len(run.values), sum(1 for m in run.values if m.token.doubt not in DOUBTFUL))
                found.append((count, FITS * (count + exact) + 3.0 * hits + NAMELESS))
        return found

    def solve(self) -> tuple[float, list[Placed], list[Run]]:
        n, rows = len(self.runs), len(self.sizes)
        best = [[0.0] * (rows + 1) for _ in range(n + 1)]
        step: list[list[tuple[int, int]]] = [[(0, 0)] * (rows + 1) for _ in range(n + 1)]
        for i in range(n, -1, -1):
            lose = self.lose(i) if i < n else 0.0
            for j in range(rows, -1, -1):
                if i == n:
                    best[i][j] = LOSE_ROW * (rows - j)
                    step[i][j] = (0, 1)
                    continue
                choice = (lose + best[i + 1][j], (1, 0))
                if j < rows:
                    choice = max(choice, (LOSE_ROW + best[i][j + 1], (0, 1)))
                    choice = max(choice, (self.gain(i, j) + best[i + 1][j + 1], (1, 1)))
                    for count, gain in self.several(i, j):
                        choice = max(choice, (gain + best[i + 1][j + count], (1, count)))
                    if self._torn(i, self.sizes[j]) and i + 2 <= n:
                        choice = max(choice, (self.gain(i, j) + FITS + best[i + 2][j + 1], (2, 1)))
                best[i][j], step[i][j] = choice
        placed: list[Placed] = []
        lost: list[Run] = []
        i = j = 0
        while i < n or j < rows:
            di, dj = step[i][j] if i < n else (0, 1)
            if di and dj:
                taken = list(range(j, j + dj))
                sure = dj == di == 1 and self._named(i, j) or dj > 1 and self.table.one_line and (dj == rows or self._all_named(i, taken))
                placed.append(Placed(self.runs[i : i + di], taken, sure))
            elif di:
                lost.append(self.runs[i])
            i, j = i + di, j + dj
        return best[0][0], placed, lost

    def _torn(self, i: int, size: int) -> bool:
        """Whether the next run continues this one: nameless, and together they fill the row."""
        if i + 1 >= len(self.runs):
            return False
        run, rest = self.runs[i], self.runs[i + 1]
        following = self.names[i + 1]
        if following.own_also or following.piled or following.own_foreign or rest.after_prose:
            return False
        here, there = (sum(1 for m in one.values if m.token.doubt not in DOUBTFUL) for one in (run, rest))
        return 0 < here < size and here + there == size

    def _all_named(self, i: int, taken: list[int]) -> bool:
        return {*self.names[i].piled, *self.names[i].own_also} >= set(taken)

    def _named(self, i: int, j: int) -> bool:
        names = self.names[i]
        if names.own_also:
            return names.own_also[-1] == j
        if self.runs[i].whole:
            return False
        return names.before == j and len(names.piled) < 2 or (names.before == j and names.piled[-1:] == (j,))
