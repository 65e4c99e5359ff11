"""Which figures are at fault: against a search through everything, on mistakes of known kinds, and by rates."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from accuracy_localisation import CASES, ONE_CELL, cells_of, measure, printed_with, sound_reports
from filings import Filing, cell_keys
from test_checks import FORMS, SOUND, filing
from typer.testing import CliRunner

import govdisclose as gd
from govdisclose.cells import Filled
from govdisclose.checks import check_cells
from govdisclose.cli import app
from govdisclose.localise import COLUMNS, Explanation, explain, localise, most_likely
from govdisclose.minimal import Solver, System, few_wrong, many_wrong
from govdisclose.mistakes import KINDS, single_kind

Cells = tuple[Filled, ...]
RECEIVED, CARRIED_IN = "requests.received.", "requests.carried_in."


def cells(**printed: str) -> Cells:
    """The report of `test_checks`, which holds, with other figures in print."""
    keys = dict.fromkeys(cell_keys(FORMS), "0") | SOUND | printed
    return cells_of(Filing("金湖县水利局", 2023, "", FORMS, keys))


def told(found: tuple[Explanation, ...]) -> list[tuple[int, str, dict[str, float], bool]]:
    return [(e.rank, "+".join(e.kinds), {r.cell: r.mended for r in e.repairs}, e.unique) for e in found]


# --- exactness --------------------------------------------------------------------------------------------------------
def small_system(chance: random.Random, wrong: int) -> System:
    """A table of 3 x 3 parts with totals of rows and columns, of which `wrong` figures are changed."""
    parts = np.array([[chance.choice([0, 0, 1, 2, 5, 30]) for _ in range(3)] for _ in range(3)], dtype=float)
    table = np.vstack([np.hstack([parts, parts.sum(axis=1, keepdims=True)]), [*parts.sum(axis=0), parts.sum()]])
    at = np.arange(16).reshape(4, 4)
    matrix = np.zeros((8, 16))
    for number, line in enumerate((*at, *at.T)):
        matrix[number, line] = 1.0, 1.0, 1.0, -1.0
    values = table.ravel()
    weights = np.array([chance.choice([1.0, 1.0, 1.0, 1.5]) for _ in values])
    weights[chance.sample(range(16), chance.choice([0, 0, 1]))] = 0.0
    for cell in chance.sample([c for c in range(16) if weights[c]], wrong):
        values[cell] = chance.choice([v for v in (0, 1, 3, 7, 12) if v != values[cell]])
    return System(matrix, values, weights, np.zeros(16), np.ones(16, dtype=bool))


def searched(system: System, solver: Solver) -> tuple[float, set[tuple[tuple[int, float], ...]]]:
    """The least weight of a repair of up to three cells, and all of that weight, by trying every set of cells."""
    free = [c for c in range(16) if not system.weights[c]]
    best, found = np.inf, set()
    for size in range(1, 4):
        for some in combinations([c for c in range(16) if system.weights[c]], size):
            weight = float(system.weights[list(some)].sum())
            chosen = [*some, *free]
            columns = system.matrix[:, chosen]
            rises, _, rank, _ = np.linalg.lstsq(columns, -system.matrix @ system.values, rcond=None)
            if weight > best or rank < len(chosen):
                continue
            mended = system.values.copy()
            mended[chosen] += np.round(rises)
            if (mended < 0).any() or (system.matrix @ mended).any() or not np.round(rises)[:size].all():
                continue
            found = found if weight == best else set()
            best = weight
            found.add(tuple((c, float(mended[c])) for c in some))
    return best, found


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_both_searches_find_what_trying_everything_finds(wrong: int) -> None:
    chance = random.Random(wrong)
    compared = 0
    while compared < 8:
        system = small_system(chance, wrong)
        solver = Solver(system)
        if not solver.gap.any():
            continue
        best, wanted = searched(system, solver)
        if best > 3:
            continue
        many = many_wrong(solver)
        assert (many.weight, set(many.changes), many.complete) == (best, wanted, True)
        few = few_wrong(solver)
        assert not few.complete or (few.weight, set(few.changes)) == (best, wanted)
        compared += 1


def test_every_single_wrong_figure_of_the_requests_table_is_identifiable() -> None:
    """Any two cells of the table share at most one identity, so that no two of them break the same sums."""
    sound = cells()
    for cell in [c for c in sound if c.slot.table == "requests"][::3]:
        key = cell.slot.key
        found = localise(printed_with(sound, {key: "3"}))
        truth = {key: float(cell.value or 0)}
        assert [change for _, _, change, unique in told(found) if unique] == [truth]


def test_figures_too_large_for_a_sieve_are_told_apart_exactly() -> None:
    big = {f"requests.{row}.{column}": str(10**12) for row in ("received", "granted", "concluded") for column in ("natural_person", "total")}
    sound = printed_with(cells(), big | {"requests.denied.other_law.natural_person": "0", "requests.denied.other_law.total": "0"})
    assert check_cells(sound) == [] and localise(sound) == ()
    found = localise(printed_with(sound, {"requests.granted.total": str(10**12 + 1), "requests.carried_out.total": "1"}))
    assert [change for *_, change, unique in told(found) if unique] == [
        {"requests.granted.total": 10.0**12, "requests.carried_out.total": 0.0}
    ]


# --- what is said -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "printed", "mended"),
    [
        ("zero", {"requests.concluded.total": "0"}, {"requests.concluded.total": 12}),
        ("swapped", {f"{RECEIVED}total": "21"}, {f"{RECEIVED}total": 12}),
        ("lost", {f"{RECEIVED}natural_person": "2"}, {f"{RECEIVED}natural_person": 12}),
        ("doubled", {"requests.granted.total": "77"}, {"requests.granted.total": 7}),
        ("mistyped", {f"{RECEIVED}total": "17"}, {f"{RECEIVED}total": 12}),
        ("copied", {"requests.granted.commercial_enterprise": "7"}, {"requests.granted.commercial_enterprise": 0}),
        ("moved", {"requests.granted.natural_person": "0", "requests.granted.commercial_enterprise": "7"},
         {"requests.granted.natural_person": 7, "requests.granted.commercial_enterprise": 0}),
        ("total_moved", {"requests.granted.other_organization": "7", "requests.granted.total": "0"},
         {"requests.granted.other_organization": 0, "requests.granted.total": 7}),
        ("left_out", {"requests.granted.natural_person": ""}, {"requests.granted.natural_person": 7}),
    ],
)  # fmt: skip
def test_kinds_of_mistakes(kind: str, printed: dict[str, str], mended: dict[str, float]) -> None:
    assert told(localise(cells(**printed))) == [(1, kind, mended, True)]


def test_a_row_or_column_shifted_by_one_is_one_mistake() -> None:
    sound = cells(**{"requests.granted.commercial_enterprise": "3", "requests.granted.natural_person": "4"}
                  | {f"requests.{row}.{c}": v for row in ("received", "concluded") for c, v in (("natural_person", "9"), ("commercial_enterprise", "3"))})  # fmt: skip
    assert localise(sound) == ()
    columns = ("natural_person", "commercial_enterprise", "research_institution", "public_welfare_organization",
               "legal_service_institution", "other_organization", "total")  # fmt: skip
    shifted = dict(zip((f"requests.granted.{c}" for c in columns), ("", "4", "3", "0", "0", "0", "0"), strict=True))
    first = localise(printed_with(sound, shifted))[0]
    assert (first.kinds, first.weight, first.unique) == (("row_shifted",), 1, True)
    assert {r.cell.split(".")[-1]: r.mended for r in first.repairs} == {
        "natural_person": 4, "commercial_enterprise": 3, "research_institution": 0, "total": 7,
    }  # fmt: skip
    moved = {"received": "0", "carried_in": "9", "granted": "0", "partially_granted": "4", "denied.other_law": "0", "denied.security_stability": "5"}
    first = localise(printed_with(sound, {f"requests.{row}.natural_person": v for row, v in moved.items()}))[0]
    assert (first.kinds, first.weight) == (("column_shifted",), 1)
    assert len(first.repairs) == 6


def test_a_column_of_totals_that_nobody_filled_in_is_one_mistake() -> None:
    totals = {key: "" for key in cell_keys(FORMS) if key.startswith("requests.") and key.endswith(".total")}
    found = localise(cells(**totals))
    assert told(found)[0] == (
        1, "line_left_out", {f"requests.{row}.total": value for row, value in (("received", 12), ("granted", 7), ("denied.other_law", 5), ("concluded", 12))}, True,
    )  # fmt: skip


def test_equally_simple_explanations_are_alternatives_and_none_is_suggested() -> None:
    page = filing(**{"reviews.litigation_after_review.upheld": "5"})
    report = gd.read_report(page)
    frame = report.explanations
    assert tuple(frame.columns) == COLUMNS
    assert [tuple(row) for row in frame[["group", "rank", "kind", "cells", "printed", "mended", "unique"]].itertuples(index=False)] == [
        (1, 1, "zero", ["reviews.litigation_after_review.total"], ["0"], [5.0], False),
        (1, 2, "stray", ["reviews.litigation_after_review.upheld"], ["5"], [0.0], False),
    ]  # fmt: skip
    assert [f.suggestion for f in report.found] == [None]
    assert most_likely(localise(report.slots)) == [
        ("最可能(同样简单的解释共2种):复议后起诉 › 总计“0”应为5(总计处印作0或空白)",
         "most likely (one of 2 explanations as simple): Litigation after reconsideration › Total is printed “0”, should be 5 "
         "(a 0 or nothing stands for a total)"),
    ]  # fmt: skip


def test_check_says_what_is_most_likely(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_bytes(filing(**{"requests.concluded.total": "0"}))
    done = CliRunner().invoke(app, ["check", str(tmp_path / "report.html"), "--lang", "both"])
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-2:] == [
        "最可能:(七)总计 › 总计“0”应为12(总计处印作0或空白)",
        "most likely: Concluded in all › Total is printed “0”, should be 12 (a 0 or nothing stands for a total)",
    ]


def test_a_sound_report_has_no_explanation() -> None:
    report = gd.read_report(filing())
    assert report.explanations.empty
    assert tuple(gd.explain(report).columns) == COLUMNS
    assert all(localise(one) == () and check_cells(one) == [] for one in sound_reports()[::4])


def test_what_cannot_be_read_is_free_and_costs_nothing() -> None:
    printed = {"requests.granted.total": "若干", "requests.denied.other_law.total": "6"}
    assert told(localise(cells(**printed))) == [(1, "mistyped", {"requests.denied.other_law.total": 5}, True)]
    # What cannot be read is no negative number either: only the column's other figures can be at fault.
    printed = {"requests.denied.other_law.natural_person": "见附件", "requests.granted.natural_person": "15"}
    assert all("requests.granted.total" not in change for _, _, change, _ in told(localise(cells(**printed))))


def test_nothing_is_said_where_nearly_everything_is_wrong() -> None:
    keys = [key for key in cell_keys(FORMS) if key.startswith("requests.")]
    assert localise(cells(**{key: str(number * number % 97) for number, key in enumerate(keys)})) == ()


def test_a_suggestion_that_the_smallest_repair_contradicts_is_not_made() -> None:
    """60 are missing in two rows of different columns; a further slip hides one of them, and the cell where row and column
    cross would mend its own two sums."""
    figures = {
        "granted": {"natural_person": 70, "commercial_enterprise": 5},
        "partially_granted": {"natural_person": 6, "commercial_enterprise": 80},
        "denied.other_law": {"natural_person": 90, "commercial_enterprise": 0},
    }
    sums = {column: sum(row[column] for row in figures.values()) for column in figures["granted"]}
    table = figures | {"received": sums, "concluded": sums}
    printed = {f"requests.{row}.{column}": str(n) for row, line in table.items() for column, n in line.items()}
    sound = cells(**printed | {f"requests.{row}.total": str(sum(line.values())) for row, line in table.items()})
    assert check_cells(sound) == []
    slips = {"requests.granted.natural_person": "10", "requests.partially_granted.commercial_enterprise": "20",
             "requests.denied.other_law.natural_person": "4"}  # fmt: skip
    found = localise(printed_with(sound, slips))
    truth = {key: float(printed[key]) for key in slips}
    assert truth in [change for *_, change, _ in told(found)]
    assert [f.suggestion for f in check_cells(printed_with(sound, slips))] == [None] * 5


def test_nothing_is_suggested_where_the_total_may_stand_in_another_column() -> None:
    """3 upheld and a total of 3: in print the total stands under 其他结果, and 6 in all would mend the row as well."""
    row = "reviews.litigation_direct."
    printed = cells(**{f"{row}upheld": "3", f"{row}other": "3", f"{row}total": "0"})
    found = [f for f in check_cells(printed) if f.rule == "reviews.row_total"]
    assert [(f.severity, f.column, f.suggestion) for f in found] == [("error", "", None)]
    ways = [(kind, change, unique) for _, kind, change, unique in told(localise(printed))]
    assert ("total_moved", {f"{row}total": 3.0, f"{row}other": 0.0}, False) in ways
    assert ("zero", {f"{row}total": 6.0}, False) in ways


# --- neighbouring years -----------------------------------------------------------------------------------------------
def test_neighbouring_years_tell_which_row_is_at_fault() -> None:
    """Two columns are out by the same figure in opposite directions, and the rows agree: several rows might be at fault."""
    sound = cells(**{f"{RECEIVED}natural_person": "8", f"{RECEIVED}research_institution": "5", f"{RECEIVED}total": "13",
                     f"{CARRIED_IN}natural_person": "4", f"{CARRIED_IN}total": "4",
                     "requests.denied.third_party.research_institution": "5", "requests.denied.third_party.total": "5",
                     "requests.concluded.research_institution": "5", "requests.concluded.total": "17"})  # fmt: skip
    assert localise(sound) == ()
    printed = printed_with(sound, {f"{CARRIED_IN}natural_person": "1", f"{CARRIED_IN}research_institution": "3"})
    truth = {f"{CARRIED_IN}natural_person": 4.0, f"{CARRIED_IN}research_institution": 0.0}
    alone = told(localise(printed))
    assert truth in [change for *_, change, _ in alone] and not any(unique for *_, unique in alone)
    last_year = {"requests.carried_out.natural_person": 4.0, "requests.carried_out.research_institution": 0.0, "requests.carried_out.total": 4.0}
    found = told(localise(printed, previous=last_year))
    assert [change for *_, change, unique in found if unique] == [truth]
    report = type("Before", (), {"slots": cells(**{key: f"{value:g}" for key, value in last_year.items()})})()
    assert explain(type("Now", (), {"slots": printed})(), previous=report)["unique"].tolist() == [True]


def test_a_neighbour_that_contradicts_is_named_and_years_alone_are_not_judged() -> None:
    wrong_year = {"requests.carried_out.natural_person": 9.0}
    assert localise(cells(), previous=wrong_year) == ()
    found = told(localise(cells(**{"requests.concluded.total": "0"}), previous=wrong_year))
    assert {"requests.concluded.total": 12.0, "previous:requests.carried_out.natural_person": 0.0} in [c for *_, c, _ in found]


# --- rates ------------------------------------------------------------------------------------------------------------
def test_rates_on_planted_mistakes() -> None:
    """`python data/accuracy_localisation.py` measures more of them."""
    rates = measure(15)
    assert list(rates.index) == list(CASES)
    assert (rates.loc[list(ONE_CELL), "in_top"] >= 0.99).all()
    assert (rates["in_top"] >= 0.95).all()
    assert (rates.loc[[*ONE_CELL, "two cells"], "said_right"] == 1).all()
    assert (rates.loc[list(ONE_CELL), "suggested"] > 0).all()
    assert (rates.loc[rates["suggested"] > 0, "suggested_right"] == 1).all()


def test_every_kind_has_words() -> None:
    assert all(zh and en for zh, en in KINDS.values())
    assert single_kind(5, 3, False, [5]) == "mistyped"
    assert single_kind(12, 40, False, [12]) == "copied"
