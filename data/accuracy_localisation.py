"""How often the figure at fault is found: planted mistakes on sound made-up reports, and what is said of them.

    python data/accuracy_localisation.py [RUNS] [SEED]        default 400 mistakes of each kind

The reports are those of `synthetic.py`, whose sums all hold. A planted mistake that breaks no sum cannot be seen and is not
counted. One that is seen is *identifiable* where no other explanation takes as few mistakes, given the form's identities
alone; in a table whose rows stand alone (reviews) no mistake is, for any cell of the row may be at fault.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache

import pandas as pd
from filings import TABLES, Filing
from synthetic import SEED, agencies, series

from govdisclose.cells import Filled
from govdisclose.checks import check_cells
from govdisclose.forms import load_forms
from govdisclose.localise import localise
from govdisclose.numbers import read_figure

Cells = tuple[Filled, ...]
Planted = dict[str, str]
"""Cell key -> what is printed there by mistake."""


def cells_of(filing: Filing) -> Cells:
    """The cells of a filing, as a report read from it has them."""
    return tuple(
        Filled(slot, *read_figure(filing.printed[slot.key])[:2], filing.printed[slot.key], slot.unit, "")
        for table in TABLES
        for slot in load_forms()[filing.forms[table]].table(table).slots
    )


@cache
def sound_reports(seed: int = SEED) -> tuple[Cells, ...]:
    """The made-up reports of all agencies and years, without mistakes."""
    return tuple(cells_of(filing) for agency in agencies() for filing in series(agency, seed))


def printed_with(cells: Cells, planted: Planted) -> Cells:
    """The cells with the mistakes in print."""
    return tuple(
        cell._replace(value=figure.value, state=figure.state, text=planted[cell.slot.key])
        if cell.slot.key in planted and (figure := read_figure(planted[cell.slot.key]))
        else cell
        for cell in cells
    )


# --- mistakes ---------------------------------------------------------------------------------------------------------
class Page:
    """The cells of a sound report that stand in identities, by row and by column."""

    def __init__(self, cells: Cells) -> None:
        self.figures = {c.slot.key: int(c.value or 0) for c in cells if c.slot.table != "proactive"}
        self.rows: dict[str, list[str]] = {}
        self.columns: dict[str, list[str]] = {}
        totals = set()
        for cell in cells:
            slot = cell.slot
            if slot.table != "proactive":
                self.rows.setdefault(f"{slot.table}.{slot.row}", []).append(slot.key)
                if slot.table == "requests":
                    self.columns.setdefault(slot.column, []).append(slot.key)
                if slot.column == "total" or slot.row == "concluded":
                    totals.add(slot.key)
        self.totals = sorted(totals)
        self.filled = [key for key, figure in self.figures.items() if figure]

    def beside(self, key: str) -> list[str]:
        """The cells left, right, above and below."""
        found = []
        for line in (*self.rows.values(), *self.columns.values()):
            if key in line:
                at = line.index(key)
                found += line[max(at - 1, 0) : at] + line[at + 1 : at + 2]
        return found


def _zero(page: Page, chance: random.Random) -> Planted:
    return {_pick(chance, [key for key in page.totals if page.figures[key]]): "0"}


def _swapped(page: Page, chance: random.Random) -> Planted:
    key = _pick(chance, [k for k in page.filled if len(set(str(page.figures[k]))) > 1])
    digits = list(str(page.figures[key]))
    at = chance.choice([i for i in range(len(digits) - 1) if digits[i] != digits[i + 1]])
    digits[at : at + 2] = digits[at + 1], digits[at]
    return {key: str(int("".join(digits)))}


def _lost(page: Page, chance: random.Random) -> Planted:
    key = _pick(chance, [k for k in page.filled if page.figures[k] > 9])
    digits, at = str(page.figures[key]), chance.randrange(len(str(page.figures[key])))
    return {key: str(int(digits[:at] + digits[at + 1 :]))}


def _doubled(page: Page, chance: random.Random) -> Planted:
    key = _pick(chance, page.filled)
    digits, at = str(page.figures[key]), chance.randrange(len(str(page.figures[key])))
    return {key: digits[: at + 1] + digits[at:]}


def _mistyped(page: Page, chance: random.Random) -> Planted:
    key = _pick(chance, [*page.filled, *chance.sample(list(page.figures), 4)])
    digits = str(page.figures[key])
    at = chance.randrange(len(digits))
    return {key: str(int(digits[:at] + chance.choice([d for d in "0123456789" if d != digits[at]]) + digits[at + 1 :]))}


def _copied(page: Page, chance: random.Random) -> Planted:
    key = _pick(chance, list(page.figures))
    others = [k for k in page.beside(key) if page.figures[k] != page.figures[key]]
    return {key: str(page.figures[_pick(chance, others)])}


def _left_out(page: Page, chance: random.Random) -> Planted:
    return {_pick(chance, page.filled): chance.choice(["0", ""])}


def _moved(page: Page, chance: random.Random) -> Planted:
    key = _pick(chance, page.filled)
    return {key: "0", _pick(chance, [k for k in page.beside(key) if not page.figures[k]]): str(page.figures[key])}


def _total_moved(page: Page, chance: random.Random) -> Planted:
    row = page.rows[_pick(chance, [r for r, line in page.rows.items() if page.figures[line[-1]]])]
    wrong = _pick(chance, [k for k in row[:-1] if not page.figures[k]])
    return {row[-1]: "0", wrong: str(page.figures[row[-1]])}


def _exchanged(page: Page, chance: random.Random) -> Planted:
    key = _pick(chance, page.filled)
    lines = [line for line in (*page.rows.values(), *page.columns.values()) if key in line]
    other = _pick(chance, [k for line in lines for k in line if page.figures[k] not in (0, page.figures[key])])
    return {key: str(page.figures[other]), other: str(page.figures[key])}


def _shifted(lines: Sequence[list[str]], page: Page, chance: random.Random) -> Planted:
    line = _pick(chance, [one for one in lines if sum(page.figures[k] > 0 for k in one) > 1])
    texts = [str(page.figures[k]) for k in line]
    at = chance.randrange(len(line) - 2)
    filler = chance.choice(["0", ""])
    texts = [*texts[:at], filler, *texts[at:-1]] if chance.random() < 0.5 else [*texts[:at], *texts[at + 1 :], filler]
    return {k: text for k, text in zip(line, texts, strict=True) if text != str(page.figures[k])}


def _row_shifted(page: Page, chance: random.Random) -> Planted:
    return _shifted(list(page.rows.values()), page, chance)


def _column_shifted(page: Page, chance: random.Random) -> Planted:
    return _shifted(list(page.columns.values()), page, chance)


class _NoPlace(Exception):
    """The report has no figure with which this mistake could be made."""


def _pick(chance: random.Random, keys: Sequence[str] | Sequence[list[str]]) -> str:
    if not keys:
        raise _NoPlace
    return chance.choice(keys)  # type: ignore[return-value]


Mistake = Callable[[Page, random.Random], Planted]
ONE_CELL: dict[str, Mistake] = {
    "zero": _zero,
    "swapped": _swapped,
    "lost": _lost,
    "doubled": _doubled,
    "mistyped": _mistyped,
    "copied": _copied,
    "left_out": _left_out,
}
SLIPS: dict[str, Mistake] = {
    "moved": _moved,
    "total_moved": _total_moved,
    "exchanged": _exchanged,
    "row_shifted": _row_shifted,
    "column_shifted": _column_shifted,
}


def _cells_wrong(count: int) -> Mistake:
    def plant(page: Page, chance: random.Random) -> Planted:
        planted: Planted = {}
        while len(planted) < count:
            planted |= chance.choice(list(ONE_CELL.values()))(page, chance)
        return planted

    return plant


CASES: dict[str, Mistake] = ONE_CELL | SLIPS | {"two cells": _cells_wrong(2), "three cells": _cells_wrong(3)}


# --- rates ------------------------------------------------------------------------------------------------------------
def _judge(cells: Cells, planted: Planted) -> dict[str, object] | None:
    """What is said of planted mistakes; None where they break no sum."""
    printed = printed_with(cells, planted)
    findings = [f for f in check_cells(printed) if f.rule.startswith(("requests.", "reviews."))]
    if not findings:
        return None
    start = time.process_time()
    found = localise(printed)
    spent = time.process_time() - start
    before = {cell.slot.key: cell.value or 0 for cell in cells}
    after = {cell.slot.key: cell.value or 0 for cell in printed}
    truth = {key: before[key] for key in planted if before[key] != after[key]}
    groups: dict[int, list[tuple[dict[str, float], float, int, bool]]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(({r.cell: r.mended for r in one.repairs}, one.weight, one.rank, one.unique))
    tables = {table: {k: v for k, v in truth.items() if _home(k) == table} for table in {_home(k) for k in truth}}
    right = {table: _stands(groups, wanted) for table, wanted in tables.items()}
    unique = [one for ways in groups.values() for one in ways if one[3]]
    suggested = {(f"{f.table}.{f.row}.{f.column}", f.suggestion) for f in findings if f.suggestion is not None}
    return {
        "in_top": all(r is not None and r[0] for r in right.values()),
        "first": all(r is not None and r[1] for r in right.values()),
        "identifiable": bool(groups) and len(unique) == len(groups),
        "said": len(unique),
        "said_right": sum(one[0] in tables.values() for one in unique),
        "suggested": len(suggested),
        "suggested_right": sum((key, value) in truth.items() for key, value in suggested),
        "explained": bool(found),
        "ms": 1000 * spent,
    }


def _home(key: str) -> str:
    """Cells of one home hang together: the requests table, and each row of the reviews."""
    return "requests" if key.startswith("requests.") else key.rpartition(".")[0]


def _stands(
    groups: dict[int, list[tuple[dict[str, float], float, int, bool]]], wanted: dict[str, float]
) -> tuple[bool, bool] | None:
    """Whether the truth is among the explanations with the fewest mistakes, and whether it is ranked first."""
    for ways in groups.values():
        for change, weight, rank, _ in ways:
            if change == wanted:
                return weight == min(w for _, w, _, _ in ways), rank == 1
    return None


def measure(runs: int, seed: int = 1, cases: Sequence[str] = tuple(CASES)) -> pd.DataFrame:
    """Plant `runs` mistakes of each kind and return what became of them.

    Returns
    -------
    DataFrame, one row a kind of mistake: `seen` (those that break a sum); shares of the seen: `in_top` (the truth, cells and
    figures, is among the explanations with the fewest mistakes), `first` (it is ranked first, alone or with others),
    `identifiable` (one explanation alone has the fewest mistakes); `said_right` (share of the explanations marked unique
    that are the truth); `suggested` (suggestions a report in the findings) and `suggested_right` (share of them that
    are the truth); `ms` and `ms_max`, processor time of a report.
    """
    reports = sound_reports()
    rows = []
    for case in cases:
        chance = random.Random(f"{seed}{case}")
        judged = []
        while len(judged) < runs:
            cells = chance.choice(reports)
            try:
                planted = CASES[case](Page(cells), chance)
            except _NoPlace:
                continue
            one = _judge(cells, planted)
            if one is not None:
                judged.append(one)
        frame = pd.DataFrame(judged)
        rows.append(
            {
                "mistake": case,
                "seen": len(frame),
                "in_top": frame["in_top"].mean(),
                "first": frame["first"].mean(),
                "identifiable": frame["identifiable"].mean(),
                "said_right": frame["said_right"].sum() / max(frame["said"].sum(), 1),
                "suggested": frame["suggested"].mean(),
                "suggested_right": frame["suggested_right"].sum() / max(frame["suggested"].sum(), 1),
                "explained": frame["explained"].mean(),
                "ms": frame["ms"].mean(),
                "ms_max": frame["ms"].max(),
            }
        )
    return pd.DataFrame(rows).set_index("mistake")


if __name__ == "__main__":
    print(measure(*(int(argument) for argument in sys.argv[1:] or ["400"])).round(4).to_string())
