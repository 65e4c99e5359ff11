"""A panel in, measures out: counts, rates, shares and volumes, each with what it rests on and what it lacks.

Every function returns one row for each agency-year (and measure), computed or not; where a figure is not computable,
`state` says so and `reason` says why. Nothing is filled in and no suggestion of a finding is applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdisclose.evidence import (
    APPLICANTS,
    OUTCOMES,
    SILENCES,
    TOTAL,
    Count,
    Grid,
    count_rows,
    documents_used,
    doubted_cells,
    members,
    requests_grid,
    silence_names,
    tidy,
)
from govdisclose.panel import Panel

COMPUTED, NOT_COMPUTABLE = "computed", "not_computable"

REASON_GROUPS = ("denied", "not_available", "not_processed")
"""The outcomes that the form breaks down by legal reason."""

VOLUMES = {"licensing": "decisions", "penalties": "decisions", "coercive_measures": "decisions", "fees": "amount"}
"""Rows of the proactive table that measure enforcement, and the column that holds their volume."""

RATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "grant_rate": (("granted",), ("concluded",)),
    "full_or_partial_rate": (("granted", "partially_granted"), ("concluded",)),
    "backlog_rate": (("carried_out",), ("received", "carried_in")),
}
"""Rate -> counts above the line, counts below it."""

Floats = npt.NDArray[np.float64]


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike, z: float = 1.959963984540054) -> tuple[Floats, Floats]:
    """Given counts, return the bounds of the Wilson score interval of the proportion, 95 % by default.

    Parameters
    ----------
    successes, trials : counts of any one shape; NaN, and trials of 0, give NaN
    z : quantile of the standard normal distribution

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
    American Statistical Association 22(158), 209-212. Worked examples: Newcombe, R. G. (1998). Statistics in Medicine
    17(8), 857-872, table I, method 3.

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    x, n = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, x / n, np.nan)
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def outcomes(panel: Panel) -> pd.DataFrame:
    """Given a panel, return what became of the requests of each agency-year, alike for the 2019 and the 2021 form.

    Measures: received, carried_in, the six `OUTCOMES` (denied is the sum of the eight denied rows, and so on),
    concluded, carried_out; over all applicants.

    Returns
    -------
    DataFrame : agency, agency_kind, year, form, source, measure,
        value (cases; NA where not computable), at_least (sum of what is printed, where cells lack),
        lacking (cells without a number that the figure would rest on), silences (their states),
        basis ("printed", "sum", "settled": silent cells for which the printed totals leave no room, "at_least",
        "none"), origin (the cells used), flagged (an "error" finding points at one of them), state, reason
    """
    grid = requests_grid(panel)
    counts = _outcome_counts(grid).values()
    stacked = {
        name: np.concatenate([getattr(count, name) for count in counts])
        for name in ("value", "at_least", "lacking", "basis", "origin", "flagged", "reason")
    }
    silences = silence_names(np.concatenate([count.silence for count in counts]))
    state = np.where(stacked["reason"] == "", COMPUTED, NOT_COMPUTABLE)
    frame = _documents(grid, [count.measure for count in counts])
    return tidy(frame.assign(**stacked, silences=silences, state=state))


def _outcome_counts(grid: Grid) -> dict[str, Count]:
    wanted = ("received", "carried_in", *OUTCOMES, "concluded", "carried_out")
    return {measure: count_rows(grid, measure, members(measure)) for measure in wanted}


def _documents(grid: Grid, measures: Sequence[str]) -> pd.DataFrame:
    """The documents of a grid once for each measure, with the measure beside them."""
    documents = grid.documents[["agency", "agency_kind", "year", "form", "source"]]
    repeated = pd.concat([documents] * len(measures), ignore_index=True)
    return repeated.assign(measure=np.repeat(measures, len(documents)))


def _ratios(grid: Grid, wanted: Mapping[str, tuple[Sequence[Count], Sequence[Count]]], inner: bool) -> pd.DataFrame:
    """Rates: counts above the line over counts below it. `inner`: the upper cells are among the lower ones."""
    outcomes_known = [np.nan_to_num(np.fmax(c.value, c.at_least)) for c in _outcome_counts(grid).values()]
    columns: dict[str, list[npt.NDArray[Any]]] = {}
    for above, below in wanted.values():
        numerator = np.sum([count.value for count in above], axis=0)
        denominator = np.sum([count.value for count in below], axis=0)
        contradicted = np.zeros(len(numerator), np.bool_)
        if [count.measure for count in below] == ["concluded"]:
            contradicted = np.sum(outcomes_known[2:-2], axis=0) > 0
        cases = [np.isnan(denominator), np.isnan(numerator), (denominator == 0) & contradicted, denominator == 0]
        cases.append(numerator > denominator)
        reason = np.select(
            cases, ["denominator_missing", "numerator_missing", "zero_contradicted", "zero_denominator", "exceeds"], ""
        )
        low, high = wilson(np.where(reason == "", numerator, np.nan), denominator)
        cells = [*below] if inner else [*above, *below]
        row = {
            "value": np.divide(numerator, denominator, out=np.full(len(reason), np.nan), where=reason == ""),
            "numerator": numerator,
            "denominator": denominator,
            "low": low,
            "high": high,
            "lacking": np.sum([count.lacking for count in cells], axis=0),
            "silences": silence_names(np.bitwise_or.reduce([count.silence for count in cells])),
            "flagged": np.logical_or.reduce([count.flagged for count in (*above, *below)]),
            "state": np.where(reason == "", COMPUTED, NOT_COMPUTABLE),
            "reason": reason,
        }
        for name, values in row.items():
            columns.setdefault(name, []).append(values)
    frame = _documents(grid, list(wanted))
    return tidy(frame.assign(**{name: np.concatenate(parts) for name, parts in columns.items()}))


def rates(panel: Panel) -> pd.DataFrame:
    """Given a panel, return the rates of `RATES` for each agency-year, with 95 % Wilson intervals.

    grant_rate = granted / concluded; full_or_partial_rate = (granted + partially granted) / concluded;
    backlog_rate = carried out / (received + carried in). A total printed as 0 beside outcomes of more than 0 gives no
    rate: the reason is then "zero_contradicted".

    Returns
    -------
    DataFrame : agency, agency_kind, year, form, source, measure, value, numerator, denominator, low, high, lacking,
        silences, flagged, state, reason
    """
    grid = requests_grid(panel)
    by = _outcome_counts(grid)
    return _ratios(grid, {rate: ([by[m] for m in a], [by[m] for m in b]) for rate, (a, b) in RATES.items()}, False)


def reasons(panel: Panel) -> pd.DataFrame:
    """Given a panel, return how denials, not-available and not-processed requests divide by reason.

    Returns
    -------
    DataFrame : the columns of `rates` and `group`; measure is the row's key ("denied.third_party"), numerator its
        cases, denominator those of its group; a group of no cases has no shares ("zero_denominator")
    """
    return _reasons(requests_grid(panel), TOTAL)


def reasons_by_applicant(panel: Panel) -> pd.DataFrame:
    """Given a panel, return `reasons` of each applicant type, pooled over agency-years (see `pool`; column
    `applicant`)."""
    grid = requests_grid(panel)
    frames = [pool(_reasons(grid, applicant), ["group"]).assign(applicant=applicant) for applicant in APPLICANTS]
    return tidy(pd.concat(frames, ignore_index=True))


def _reasons(grid: Grid, column: str) -> pd.DataFrame:
    wanted: dict[str, tuple[list[Count], list[Count]]] = {}
    for group in REASON_GROUPS:
        whole = count_rows(grid, group, members(group), column)
        wanted |= {row: ([count_rows(grid, row, (row,), column)], [whole]) for row in members(group)}
    shares = _ratios(grid, wanted, True)
    return shares.assign(group=shares["measure"].str.split(".").str[0])


def pool(shares: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Given rates or shares by agency-year, return them pooled within `by` and measure: sums over sums.

    A denominator of 0 adds nothing and is no gap; every other figure that is not computable is left out of both sums
    and counted.

    Returns
    -------
    DataFrame : `by`, measure, value, numerator, denominator, low, high, used (agency-years), left_out (agency-years), lacking
        (cells), agencies (how many are in the sums), median (of the rates of one agency-year), flagged
    """
    empty = shares["reason"] == "zero_denominator"
    held = (shares["state"] == COMPUTED) | empty
    marked = shares.assign(
        numerator=shares["numerator"].where(held),
        denominator=shares["denominator"].where(held),
        used=held.astype(int),
        left_out=(~held).astype(int),
        flagged=shares["flagged"] & held,
        holder=shares["agency"].where(held),
    )
    grouped = marked.groupby([*by, "measure"], sort=False)
    pooled = grouped.agg(
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
        used=("used", "sum"),
        left_out=("left_out", "sum"),
        lacking=("lacking", "sum"),
        agencies=("holder", "nunique"),
        median=("value", "median"),
        flagged=("flagged", "any"),
    ).reset_index()
    top, bottom = pooled["numerator"].to_numpy(dtype=float), pooled["denominator"].to_numpy(dtype=float)
    low, high = wilson(top, bottom)
    value = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    return tidy(pooled.assign(value=value, low=low, high=high))


@dataclass(frozen=True)
class Block:
    """A balanced sub-panel: these agencies have a figure in each of these years. Empty where there is none."""

    agencies: tuple[str, ...]
    years: tuple[int, ...]


def balanced_block(figures: pd.DataFrame) -> Block:
    """Given figures of one measure, return the largest balanced sub-panel over consecutive years.

    Largest in agency-years, then in years, then the latest; at least three agencies and two years. A trend over agencies
    is read off such a block only, so that a change in who reports never looks like a change in what they do.
    """
    held = figures[figures["state"] == COMPUTED]
    table = held.assign(has=True).pivot_table(index="agency", columns="year", values="has", aggfunc="any")
    has = table.notna()
    years = sorted(int(year) for year in has.columns)
    best, best_size = Block((), ()), (0, 0, 0)
    for first in range(len(years)):
        for last in range(first + 1, len(years)):
            span = years[first : last + 1]
            if span[-1] - span[0] != len(span) - 1:
                break
            agencies = has.index[has[span].all(axis=1)]
            size = (len(agencies) * len(span), len(span), span[0])
            if len(agencies) >= 3 and size > best_size:
                best, best_size = Block(tuple(sorted(agencies)), tuple(span)), size
    return best


def inside(figures: pd.DataFrame, block: Block) -> pd.DataFrame:
    """The rows of `figures` that lie in the balanced block."""
    return figures[figures["agency"].isin(block.agencies) & figures["year"].isin(block.years)]


def volumes(panel: Panel) -> pd.DataFrame:
    """Given a panel, return the decisions and fees that each agency-year printed (`VOLUMES`), in the printed unit.

    No unit is converted: fees printed in yuan and in 10k yuan are different figures, told apart by `unit`. The 2019
    form has no amount of fees ("not_in_form").

    Returns
    -------
    DataFrame : agency, agency_kind, year, form, source, measure, value, unit, lacking, silences, origin, flagged,
        state, reason
    """
    documents = documents_used(panel, "proactive")
    cells = panel.cells[(panel.cells["table"] == "proactive") & panel.cells["source"].isin(documents["source"])]
    doubted = doubted_cells(panel)
    frames = []
    for row, column in VOLUMES.items():
        mine = cells[(cells["row"] == row) & (cells["column"] == column)][["source", "value", "state", "unit"]]
        found = documents.drop(columns="documents").merge(
            mine.rename(columns={"state": "cell"}), on="source", how="left"
        )
        key = f"proactive.{row}.{column}"
        number, outside = found["cell"] == "number", found["cell"].isna()
        frames.append(
            found.assign(
                measure=row,
                unit=found["unit"].fillna(""),
                lacking=(~number).astype(int),
                silences=found["cell"].where(~number).fillna(""),
                origin=np.where(outside, "", key),
                flagged=found["source"].isin(doubted.loc[doubted["key"] == key, "source"]),
                state=np.where(number, COMPUTED, NOT_COMPUTABLE),
                reason=np.select([number, outside], ["", "not_in_form"], "nothing_printed"),
            ).drop(columns="cell")
        )
    return tidy(pd.concat(frames, ignore_index=True))


def latest(figures: pd.DataFrame) -> pd.DataFrame:
    """Given volumes, return those of the last year in which each agency has any figure."""
    held = figures[figures["state"] == COMPUTED]
    last = held.groupby("agency")["year"].max()
    return held[held["year"] == held["agency"].map(last)]


def coverage(panel: Panel, table: str, years: Sequence[int] = ()) -> pd.DataFrame:
    """Given a panel, return for every agency and every year between the first and the last whether `table` was read.

    Parameters
    ----------
    table : "requests", "proactive" or "reviews"; "" for all together
    years : years asked for; they are shown even where nobody reports on them

    Returns
    -------
    DataFrame : agency, agency_kind, year, form, source, documents, cells, one column for each state of a cell, state
        ("complete": a number in every cell; "partly"; "no_figures": a document without a figure in this table;
        "missing": no document)
    """
    documents = documents_used(panel, table)
    present = [int(year) for year in documents["year"]]
    span = sorted({*range(min(present, default=0), max(present, default=-1) + 1), *years})
    agencies = documents[["agency", "agency_kind"]].drop_duplicates("agency")
    full = agencies.merge(pd.DataFrame({"year": pd.array(span, dtype="Int64")}), how="cross")
    full = full.merge(documents.drop(columns="agency_kind"), on=["agency", "year"], how="left")
    cells = panel.cells[panel.cells["table"] == table] if table else panel.cells
    states = ["number", *SILENCES]
    tally = pd.crosstab(cells["source"], cells["state"]).reindex(columns=states, fill_value=0)
    full = full.merge(tally.assign(cells=tally.sum(axis=1)).reset_index(), on="source", how="left")
    whole = [*states, "cells", "documents"]
    full[whole] = full[whole].fillna(0).astype("Int64")
    full[["form", "source"]] = full[["form", "source"]].fillna("").astype("str")
    conditions = [full["source"] == "", full["number"] == 0, full["number"] == full["cells"]]
    return full.assign(state=np.select(conditions, ["missing", "no_figures", "complete"], "partly"))
