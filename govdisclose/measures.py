"""A panel in, measures out: counts, shares, rates and ratios, each with what it rests on and what it lacks.

What a measure is, `govdisclose.dictionary` says; here it is computed, one row for each agency-year, computed or not: where
a figure is not computable, `state` says so and `reason` says why. Nothing is filled in and no suggestion of a finding is
applied; which silent cells count as holding nothing, `govdisclose.evidence` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdisclose.dictionary import TOTAL, Measure, attribute, attributes, dictionary, explained, measure_of
from govdisclose.evidence import (
    APPLICANTS,
    BASES,
    OUTCOMES,
    SILENCES,
    Count,
    Ledger,
    count,
    documents_used,
    members,
    read_ledger,
    silence_names,
    tidy,
)
from govdisclose.forms import table_forms
from govdisclose.intervals import Floats, poisson, proportion
from govdisclose.intervals import wilson as wilson
from govdisclose.panel import Panel

COMPUTED, NOT_COMPUTABLE = "computed", "not_computable"

REASON_GROUPS = ("denied", "not_available", "not_processed")
"""The outcomes that the form breaks down by legal reason."""

RATES = ("grant_rate", "full_or_partial_rate", "backlog_rate")
"""The measures of the page on transparency."""

VOLUMES = ("licensing", "penalties", "coercive_measures", "fees")
"""The measures of enforcement volume."""

def __dir__() -> list[str]:
    """What a reader looks for here: `measure`, and every declared measure by name."""
    return ["measure", *attributes()]


if not TYPE_CHECKING:  # A type checker should know of no name that this module does not have.

    def __getattr__(name: str) -> Measure:
        return attribute(name, __name__)


LEVELS = ("agency", "year", "agency_kind", "region", "form", "applicant")
"""What measures can be told by."""


def measure(
    panel: Panel,
    key: str | Sequence[str],
    by: str | Sequence[str] = ("agency", "year"),
    method: str = "wilson",
    sound: bool = False,
) -> pd.DataFrame:
    """Given a panel and a measure of `measure_table()`, return it by agency and year, or pooled by anything else.

    Pooled figures are sums over sums. What is not computable goes into neither sum and is counted; a denominator of 0
    adds nothing and is no gap. Years between which the definition breaks, and amounts in different units, are never
    pooled: each has a row of its own (`segment`, `unit`). Stocks are not added up over years ("stock_over_years").

    Parameters
    ----------
    key : a measure, such as "grant_rate", or several
    by : of "agency", "year", "agency_kind", "region", "form", "applicant", one or several; () for the whole panel
    method : interval of shares, "wilson" or "clopper-pearson"; rates have the exact Poisson interval, counts and ratios none
    sound : leave out figures that rest on a cell which a finding of severity "error" points at (reason "doubted")

    Returns
    -------
    DataFrame : `by`, measure, segment, unit, value, numerator, denominator, low, high (95 %), n (agency-years used), n_missing
        (reports without a computable figure), flagged (an "error" finding touches a figure used), state ("computed" or
        "not_computable"), reason. By agency and year also agency_kind, region, form, source, at_least, lacking, silences,
        basis, origin; else agencies (how many are used), median (of the agency-years)

    Raises
    ------
    ValueError : no such measure, level or method, or a measure that the form does not tell by applicant
    """
    names = [key] if isinstance(key, str) else list(key)
    levels = _levels(by, [measure_of(name) for name in names])
    ledger = read_ledger(panel)
    if "applicant" in levels:
        frame = pd.concat([agency_years(ledger, names, one, method, sound).assign(applicant=one) for one in APPLICANTS], ignore_index=True)
    else:
        frame = agency_years(ledger, names, TOTAL, method, sound)
    held = _held(frame)
    if {"agency", "year"} <= set(levels):
        told = frame.assign(n=held.astype(int), n_missing=(~held).astype(int))
        order = [*LEVELS[:5], *(["applicant"] if "applicant" in levels else []), "measure", "segment", "unit"]
        return explained(tidy(told[[*order, *(name for name in told if name not in order)]]))
    return explained(pooled(frame, levels, method))


def pooled(figures: pd.DataFrame, levels: Sequence[str], method: str = "wilson") -> pd.DataFrame:
    """Given figures by agency-year, return them as `measure` does by `levels`: never over segments or units."""
    held = _held(figures)
    # What is not computable is missing from the figures of its group: of their latest segment, where its form has none.
    latest_segment = figures["segment"].where(held).groupby([figures[name] for name in (*levels, "measure")]).transform("max")
    frame = figures.assign(segment=figures["segment"].fillna(latest_segment), unit=figures["unit"].where(held))
    unit = frame.groupby([*levels, "measure", "segment"], dropna=False)["unit"].transform("first").fillna("")
    found = pool(frame.assign(unit=frame["unit"].fillna(unit)), [*levels, "segment", "unit"], method)
    renamed = found.rename(columns={"used": "n", "left_out": "n_missing"}).drop(columns="lacking")
    front = [*levels, "measure", "segment", "unit"]
    ordered = renamed[[*front, *(name for name in renamed if name not in front)]]
    return ordered.sort_values([*levels], kind="stable", ignore_index=True) if levels else ordered


def _levels(by: str | Sequence[str], wanted: Sequence[Measure]) -> list[str]:
    levels = [by] if isinstance(by, str) else list(by)
    if unknown := [level for level in levels if level not in LEVELS]:
        raise ValueError(f"no level {unknown[0]!r}; measures are told by {', '.join(LEVELS)}")
    if "applicant" in levels and (other := [one.key for one in wanted if not one.by_applicant]):
        raise ValueError(f"the form does not tell {other[0]!r} by type of applicant")
    return levels


def _held(frame: pd.DataFrame) -> pd.Series[bool]:
    """Which figures can go into sums: those computed, and those of no case at all."""
    return (frame["state"] == COMPUTED) | (frame["reason"] == "zero_denominator")


def agency_years(
    panel: Panel | Ledger,
    keys: Iterable[str],
    applicant: str = TOTAL,
    method: str = "wilson",
    sound: bool = False,
    forms: Iterable[str] = (),
) -> pd.DataFrame:
    """Given a panel and measures, return them for each agency-year (see `measure`).

    Parameters
    ----------
    applicant : a type of applicant in place of all
    forms : the only forms to compute them on; () for all that have them
    """
    ledger = panel if isinstance(panel, Ledger) else read_ledger(panel)
    rows = [_computed(ledger, measure_of(key), applicant, method, sound, set(forms)) for key in keys]
    documents = ledger.documents[["agency", "agency_kind", "region", "year", "source"]]
    repeated = pd.concat([documents] * len(rows), ignore_index=True)
    return tidy(repeated.assign(**{name: np.concatenate([row[name] for row in rows]) for name in rows[0]}))


def _computed(
    ledger: Ledger, one: Measure, applicant: str, method: str, sound: bool, forms: set[str]
) -> dict[str, npt.NDArray[Any]]:
    """A measure in every document of a ledger, as columns."""
    sides = ({form: c.of(applicant) for form, c in side.items() if not forms or form in forms} for side in (one.above, one.below))
    above, below = (count(ledger, side) if side else None for side in sides)
    if above is None:
        raise ValueError(f"{one.key} is in none of the forms {', '.join(sorted(forms))}")
    found = _counted(above) if below is None else _divided(one, above, below, method)
    if sound:
        doubted = np.isin(found["reason"], ("", "zero_denominator")) & found["flagged"]
        found["reason"] = np.where(doubted, "doubted", found["reason"])
        found |= {name: np.where(doubted, np.nan, found[name]) for name in ("value", "low", "high")}
    n = len(ledger.documents)
    form, segment = ledger.documents["form"].to_numpy(dtype=object), np.full(n, np.nan)
    for name, cells in one.above.items():
        follows = ledger.forms[cells.table]
        form = np.where(follows != "", follows, form)
        segment[follows == name] = one.segment[name]
    state = np.where(found["reason"] == "", COMPUTED, NOT_COMPUTABLE)
    return {"form": form, "measure": np.full(n, one.key, object), "segment": segment, **found, "state": state}


def _counted(above: Count) -> dict[str, npt.NDArray[Any]]:
    none = np.full(len(above.value), np.nan)
    return {
        "unit": above.unit, "value": above.value, "numerator": above.value, "denominator": none, "low": none, "high": none,
        "at_least": above.at_least, "lacking": above.lacking, "silences": silence_names(above.silence),
        "basis": above.basis, "origin": above.origin, "flagged": above.flagged, "reason": above.reason,
    }  # fmt: skip


def _divided(one: Measure, above: Count, below: Count, method: str) -> dict[str, npt.NDArray[Any]]:
    top, bottom = above.value, below.value
    none = np.full(len(top), np.nan)
    reasons = {
        "not_in_form": (above.reason == "not_in_form") | (below.reason == "not_in_form"),
        "denominator_missing": np.isnan(bottom),
        "numerator_missing": np.isnan(top),
        "zero_contradicted": (bottom == 0) & (below.contradicted | (top > 0) & (one.kind == "share")),
        "zero_denominator": bottom == 0,
        "exceeds": (top > bottom) & (one.kind == "share"),
    }
    reason = np.select(list(reasons.values()), list(reasons), "").astype(object)
    counted = np.where(reason == "", top, np.nan)
    value, low, high = _value(one, counted, bottom, method)
    among = all(set(cells.keys) <= set(one.below[form].keys) for form, cells in one.above.items())
    rests = (below,) if among else (above, below)  # Cells above that are among those below lack but once.
    rank = [np.array([BASES.index(basis) for basis in side.basis], dtype=int) for side in (above, below)]
    return {
        "unit": np.full(len(top), one.unit, object), "value": value, "numerator": top, "denominator": bottom, "low": low,
        "high": high, "at_least": none, "lacking": np.sum([side.lacking for side in rests], axis=0),
        "silences": silence_names(np.bitwise_or.reduce([side.silence for side in rests])),
        "basis": np.take(BASES, np.maximum(*rank)), "origin": above.origin + " ÷ " + below.origin,
        "flagged": above.flagged | below.flagged, "reason": reason,
    }  # fmt: skip


def _value(one: Measure, top: Floats, bottom: Floats, method: str) -> tuple[Floats, Floats, Floats]:
    """Value and bounds of a measure by its kind; NaN where a sum is missing or the denominator is 0."""
    none = np.full(len(top), np.nan)
    if one.kind == "count":
        return top, none, none
    value = np.divide(one.scale * top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
    if one.kind == "share":
        return value, *proportion(top, bottom, method)
    if one.kind == "rate":
        low, high = poisson(top, bottom)
        return value, one.scale * low, one.scale * high
    return value, none, none


def outcomes(panel: Panel) -> pd.DataFrame:
    """Given a panel, return what became of the requests of each agency-year, alike for the 2019 and the 2021 form.

    Measures: received, carried_in, the six `OUTCOMES`, concluded, carried_out. Columns as `measure` by agency and year.
    """
    wanted = ("received", "carried_in", *OUTCOMES, "concluded", "carried_out")
    return agency_years(panel, wanted, forms=table_forms())


def rates(panel: Panel) -> pd.DataFrame:
    """Given a panel, return `RATES` of each agency-year. Columns as `measure` by agency and year."""
    return agency_years(panel, RATES, forms=table_forms())


def reasons(panel: Panel | Ledger, applicant: str = TOTAL) -> pd.DataFrame:
    """Given a panel, return how denials, not-available and not-processed requests divide by reason.

    Returns
    -------
    DataFrame : the columns of `measure` by agency and year, and `group`; measure is the row's key ("denied.third_party"),
        numerator its cases, denominator those of its group; a group of no cases has no shares ("zero_denominator")
    """
    rows = [row for group in REASON_GROUPS for row in members(group)]
    shares = agency_years(panel, rows, applicant)
    return shares.assign(group=shares["measure"].str.split(".").str[0])


def reasons_by_applicant(panel: Panel) -> pd.DataFrame:
    """Given a panel, return `reasons` of each applicant type, pooled over agency-years (see `pool`; column
    `applicant`)."""
    ledger = read_ledger(panel)
    frames = [pool(reasons(ledger, applicant), ["group"]).assign(applicant=applicant) for applicant in APPLICANTS]
    return tidy(pd.concat(frames, ignore_index=True))


def volumes(panel: Panel) -> pd.DataFrame:
    """Given a panel, return the decisions and fees that each agency-year printed (`VOLUMES`), in the printed unit.

    No unit is converted: fees printed in yuan and in 10k yuan are different figures, told apart by `unit`. The 2019
    form has no amount of fees ("not_in_form"). Columns as `measure` by agency and year.
    """
    return agency_years(panel, VOLUMES)


def pool(figures: pd.DataFrame, by: Sequence[str], method: str = "wilson") -> pd.DataFrame:
    """Given figures by agency-year, return them pooled within `by` and measure: sums over sums.

    A denominator of 0 adds nothing and is no gap; every other figure that is not computable is left out of both sums
    and counted.

    Returns
    -------
    DataFrame : `by`, measure, value, numerator, denominator, low, high, used (agency-years), left_out (agency-years), lacking
        (cells), agencies (how many are in the sums), median (of the figures of one agency-year), flagged, state, reason
        (where nothing is computable, the commonest reason)
    """
    held = _held(figures)
    marked = figures.assign(
        numerator=figures["numerator"].where(held),
        denominator=figures["denominator"].where(held),
        used=held.astype(int),
        left_out=(~held).astype(int),
        flagged=figures["flagged"] & held,
        holder=figures["agency"].where(held),
        when=figures["year"].where(held),
        why=figures["reason"].where(~held),
    )
    pooled = (
        marked.groupby([*by, "measure"], sort=False, dropna=False)
        .agg(
            **{name: (name, "sum") for name in ("numerator", "denominator", "used", "left_out", "lacking")},
            agencies=("holder", "nunique"),
            years=("when", "nunique"),
            median=("value", "median"),
            flagged=("flagged", "any"),
            reason=("why", lambda why: why.value_counts().index[0] if why.notna().any() else "zero_denominator"),
        )
        .reset_index()
    )
    entries = [dictionary()[key] for key in pooled["measure"]]
    over_years = np.array([one.stock for one in entries], dtype=bool) & (pooled["years"] > 1)
    top = pooled["numerator"].where((pooled["used"] > 0) & ~over_years).to_numpy(dtype=float, na_value=np.nan)
    bottom = pooled["denominator"].to_numpy(dtype=float)
    columns = {name: np.full(len(pooled), np.nan) for name in ("value", "low", "high")}
    for key in pooled["measure"].unique():
        mine = (pooled["measure"] == key).to_numpy()
        for name, values in zip(columns, _value(dictionary()[key], top[mine], bottom[mine], method), strict=True):
            columns[name][mine] = values
    computed = ~np.isnan(columns["value"])
    counts = np.array([one.kind == "count" for one in entries], dtype=bool)
    columns |= {
        "numerator": top,
        "denominator": np.where(counts | np.isnan(top), np.nan, bottom),
        "state": np.where(computed, COMPUTED, NOT_COMPUTABLE),
        "reason": np.select([computed, over_years, pooled["used"] > 0], ["", "stock_over_years", "zero_denominator"], pooled["reason"]),
    }
    return tidy(pooled.drop(columns="years").assign(**columns))


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
    has = held.assign(has=True).pivot_table(index="agency", columns="year", values="has", aggfunc="any").notna()
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


def latest(figures: pd.DataFrame) -> pd.DataFrame:
    """Given volumes, return those of the last year in which each agency has any figure."""
    held = figures[figures["state"] == COMPUTED]
    return held[held["year"] == held.groupby("agency")["year"].transform("max")]


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
    full = full.merge(documents.drop(columns=["agency_kind", "region"]), on=["agency", "year"], how="left")
    cells = panel.cells[panel.cells["table"] == table] if table else panel.cells
    states = ["number", *SILENCES]
    tally = pd.crosstab(cells["source"], cells["state"]).reindex(columns=states, fill_value=0)
    full = full.merge(tally.assign(cells=tally.sum(axis=1)).reset_index(), on="source", how="left")
    whole = [*states, "cells", "documents"]
    full[whole] = full[whole].fillna(0).astype("Int64")
    full[["form", "source"]] = full[["form", "source"]].fillna("").astype("str")
    conditions = [full["source"] == "", full["number"] == 0, full["number"] == full["cells"]]
    return full.assign(state=np.select(conditions, ["missing", "no_figures", "complete"], "partly"))
