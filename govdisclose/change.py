"""What changed, and what of it is the mix: standardised shares, decomposition, tests over years, trends.

All tests treat a year's requests as one outcome of the agency's practice that chance could have made another; they say
nothing of causes. Where many agencies are tested at once, `q` holds the false discovery rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdisclose.dictionary import explained, measure_of
from govdisclose.displays import captioned
from govdisclose.evidence import APPLICANTS, read_ledger, tidy
from govdisclose.intervals import Floats, proportion
from govdisclose.measures import COMPUTED, agency_years, measure
from govdisclose.panel import Panel

FEWEST_YEARS = 5
"""A trend needs so many years: over four, even a perfect order has p = 2/4! = 0.083."""

COUNTED_OUT = 8
"""Up to so many years with ties all orders (8! = 40,320) are counted out for the exact p of a trend."""

PERSONS, BODIES = "natural_person", "organisations"
"""The two kinds of applicants that all forms head apart: 自然人, and 法人或其他组织, whose five types are mostly empty."""


# --- the same mix -----------------------------------------------------------------------------------------------------
def standardised(successes: npt.ArrayLike, trials: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Given counts by unit and stratum, return each unit's share under the same mix of strata, with its 95 % interval.

    Parameters
    ----------
    successes, trials : (units, strata)
    weights : (strata,) the mix; they are made to sum to 1

    Returns
    -------
    share, low, high : (units,) NaN where a stratum that weighs has no trial

    References
    ----------
    Interval: the strata's Wilson intervals put together by squares (Newcombe 1998, Statistics in Medicine 17(8), 873-890,
    method 10; Zou, G. Y. & Donner, A. (2008). Statistics in Medicine 27(10), 1693-1702).
    """
    x, n = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    w = np.asarray(weights, dtype=float) / np.sum(weights)
    weighs = w > 0
    x, n, w = x[:, weighs], n[:, weighs], w[weighs]
    parts = np.divide(x, n, out=np.full(x.shape, np.nan), where=n > 0)
    low, high = proportion(x, n)
    share = parts @ w
    below, above = (np.sqrt(((w * (parts - bound)) ** 2).sum(axis=1)) for bound in (low, high))
    return share, np.clip(share - below, 0, 1), np.clip(share + above, 0, 1)


def _by_kind_of_applicant(panel: Panel, key: str, level: str) -> pd.DataFrame:
    """Numerators and denominators by level and kind of applicant, of agency-years that tell them for all applicants."""
    if measure_of(key).kind != "share" or not measure_of(key).by_applicant:
        raise ValueError(f"{key} is no share that the form tells by type of applicant")
    ledger = read_ledger(panel)
    parts = [agency_years(ledger, [key], one).assign(stratum=PERSONS if one == PERSONS else BODIES) for one in APPLICANTS]
    figures: pd.DataFrame = pd.concat(parts, ignore_index=True)
    figures = figures[figures["segment"] == figures["segment"].max()]  # Years that may be compared, as everywhere.
    held = (figures["state"] == COMPUTED) | (figures["reason"] == "zero_denominator")
    whole = held.groupby([figures["agency"], figures["year"]]).transform("all")
    sums = figures[whole].groupby([level, "stratum"])[["numerator", "denominator"]].sum()
    return sums.astype(float).unstack("stratum").fillna(0.0)  # type: ignore[return-value]


def _matrix(sums: pd.DataFrame, part: str, strata: Sequence[object]) -> Floats:
    """Numerators or denominators, one column a stratum; 0 where there is none."""
    none = np.zeros(len(sums))
    return np.column_stack([sums[(part, one)].to_numpy(dtype=float) if (part, one) in sums else none for one in strata])


def standardise(panel: Panel, key: str = "grant_rate", by: str = "agency") -> pd.DataFrame:
    """Given a panel, return a share as it would be if all had the same mix of natural persons and organisations.

    Direct standardisation; the standard is the mix of the whole panel. Only agency-years enter that tell the measure for
    every type of applicant.

    Parameters
    ----------
    by : "agency", "year", "agency_kind", "region" or "form"

    Returns
    -------
    DataFrame : `by`, measure, crude (as it is), standardised, low, high (95 %), natural_person, organisations (cases in the
        denominator), state, reason ("empty_stratum": no case of one of the two kinds, so nothing to stand for it)
    """
    sums = _by_kind_of_applicant(panel, key, by)
    top, bottom = (_matrix(sums, part, [PERSONS, BODIES]) for part in ("numerator", "denominator"))
    share, low, high = standardised(top, bottom, bottom.sum(axis=0)) if bottom.sum() else (np.full(len(sums), np.nan),) * 3
    total = bottom.sum(axis=1)
    crude = np.divide(top.sum(axis=1), total, out=np.full(len(sums), np.nan), where=total > 0)
    reason = np.where(total == 0, "zero_denominator", np.where(np.isnan(share), "empty_stratum", ""))
    frame = pd.DataFrame(
        {by: sums.index, "measure": key, "crude": crude, "standardised": share, "low": low, "high": high}
        | {PERSONS: bottom[:, 0], BODIES: bottom[:, 1], "reason": reason}
        | {"state": np.where(reason == "", COMPUTED, "not_computable")}
    )
    return explained(tidy(frame, ["crude", "standardised", "low", "high", PERSONS, BODIES]))


# --- what of a change is the mix ----------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Decomposition:
    """A change of a pooled share, taken apart: `rate` + `mix` = `last_value` - `first_value`.

    Attributes
    ----------
    measure, by, first, last : the measure, what the strata are ("agency" or "applicant"), the two years
    first_value, last_value : the pooled share in both years
    rate : how far the strata's own shares changed, at the mean mix
    mix : how far the strata's weights changed, at their mean shares
    strata : stratum, numerator_first, denominator_first, numerator_last, denominator_last, rate, mix; largest effects first.
        A stratum's mix is told against the mean share, so one that grows and is granted more adds
    left_out : agencies that have the measure in one of the two years only, or in neither
    """

    measure: str
    by: str
    first: int
    last: int
    first_value: float
    last_value: float
    rate: float
    mix: float
    strata: pd.DataFrame
    left_out: tuple[str, ...]

    def _repr_html_(self) -> str:
        shares = {"before": f"{self.first_value:.4f}", "after": f"{self.last_value:.4f}"}
        parts = {"change": self.last_value - self.first_value, "rate": self.rate, "mix": self.mix}
        told = {"first": self.first, "last": self.last} | shares | {name: f"{part:+.4f}" for name, part in parts.items()}
        return captioned(f"decomposition_{self.by}", self.strata, measure_of(self.measure).label, **told)


def kitagawa(rates: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Given rates and weights of two populations by stratum, return each stratum's rate effect and mix effect.

    Parameters
    ----------
    rates, weights : (2, strata); the weights of each population sum to 1

    Returns
    -------
    rate, mix : (strata,) they sum to the difference of the two populations' overall rates. Mix effects are told against
        the mean of the two overall rates, which changes no sum

    References
    ----------
    Kitagawa, E. M. (1955). Components of a difference between two rates. Journal of the American Statistical Association
    50(272), 1168-1194. With two factors Das Gupta (1993, Current Population Reports P23-186) gives the same.

    Examples
    --------
    >>> rate, mix = kitagawa([[0.9, 0.4], [0.9, 0.4]], [[0.7, 0.3], [0.6, 0.4]])
    >>> round(float(rate.sum()), 3), round(float(mix.sum()), 3)
    (0.0, -0.05)
    """
    r, w = np.asarray(rates, dtype=float), np.asarray(weights, dtype=float)
    overall = (r * w).sum(axis=1).mean()
    return np.asarray((r[1] - r[0]) * w.mean(axis=0)), np.asarray((w[1] - w[0]) * (r.mean(axis=0) - overall))


def decompose(panel: Panel, key: str = "grant_rate", first: int | None = None, last: int | None = None, by: str = "agency") -> Decomposition:
    """Given a panel and two years, return what of a pooled share's change is the strata's own and what is their mix.

    Only agencies with the measure in both years enter, so that who reports plays no part. A stratum of no case in one
    year has no share of its own there: it is given that of the other year, and all it does is mix.

    Parameters
    ----------
    first, last : the years; the first and last of the panel where not given
    by : strata: "agency", or "applicant" for natural persons and organisations

    Raises
    ------
    ValueError : no share, no two years, or no agency has the measure in both
    """
    if measure_of(key).kind != "share":
        raise ValueError(f"{key} is a {measure_of(key).kind}; only shares are decomposed")
    if by not in ("agency", "applicant"):
        raise ValueError(f'by must be "agency" or "applicant", not {by!r}')
    one, other = _years(panel, first, last)
    both, left_out = _in_both(panel, key, one, other)
    if by == "agency":
        sums = both.pivot(index="year", columns="agency", values=["numerator", "denominator"]).astype(float)
        strata = sorted(set(both["agency"]))
    else:
        sums = _by_kind_of_applicant(panel.select(sorted(set(both["agency"])), [one, other]), key, "year")
        strata = [PERSONS, BODIES]
    top, bottom = (_matrix(sums.reindex([one, other], fill_value=0.0), part, strata) for part in ("numerator", "denominator"))
    if not (bottom.sum(axis=1) > 0).all():
        raise ValueError(f"no case in {one} or {other} that the form tells by {by}")
    rates = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
    rates = np.where(np.isnan(rates), rates[::-1], rates)
    rate, mix = kitagawa(np.nan_to_num(rates), bottom / bottom.sum(axis=1, keepdims=True))
    told = pd.DataFrame(
        {"stratum": strata, "numerator_first": top[0], "denominator_first": bottom[0]}
        | {"numerator_last": top[1], "denominator_last": bottom[1], "rate": rate, "mix": mix}
    )
    order = (told["rate"].abs() + told["mix"].abs()).sort_values(ascending=False, kind="stable").index
    overall = top.sum(axis=1) / bottom.sum(axis=1)
    return Decomposition(
        key, by, one, other, float(overall[0]), float(overall[1]), float(rate.sum()), float(mix.sum()),
        told.loc[order].reset_index(drop=True), left_out,
    )  # fmt: skip


def _years(panel: Panel, first: int | None, last: int | None) -> tuple[int, int]:
    known = sorted({int(year) for year in panel.reports["year"].dropna()})
    if len(known) < 2:
        raise ValueError("a change needs reports on two years")
    one, other = known[0] if first is None else first, known[-1] if last is None else last
    if missing := [year for year in (one, other) if year not in known]:
        raise ValueError(f"no report on {missing[0]} in the panel")
    if one >= other:
        raise ValueError(f"the first year must be before the last, not {one} and {other}")
    return one, other


def _in_both(panel: Panel, key: str, one: int, other: int) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The measure of the agencies that have it in both years, in one segment, and the agencies left out."""
    figures = agency_years(panel, [key])
    held = figures[figures["year"].isin([one, other]) & (figures["state"] == COMPUTED)]
    sizes = held.groupby("agency").agg(years=("year", "nunique"), segments=("segment", "nunique"))
    names = sizes.index[(sizes["years"] == 2) & (sizes["segments"] == 1)]
    left_out = tuple(sorted(set(figures["agency"]) - set(names)))
    if not len(names):
        raise ValueError(f"no agency has a comparable {key} in both {one} and {other}")
    return held[held["agency"].isin(names)], left_out


# --- changes and trends of single agencies --------------------------------------------------------------------------------
def compare_years(panel: Panel, key: str = "grant_rate", first: int | None = None, last: int | None = None) -> pd.DataFrame:
    """Given a panel and two years, return how each agency's share or rate changed, with an exact test.

    Parameters
    ----------
    first, last : the years; the first and last of the panel where not given

    Returns
    -------
    DataFrame : agency, measure, value_first, value_last, numerator_first, denominator_first, numerator_last,
        denominator_last, difference, low, high (95 %; shares only), p (Fisher's exact test for shares, the conditional
        binomial test for rates), q (Benjamini-Hochberg over all agencies tested), flagged, state, reason ("one_year": not
        computable in both years; "segment_break": the form's definition changed between them)

    References
    ----------
    Interval: Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10. Rates: Przyborowski, J. & Wilenski, H. (1940).
    Biometrika 31(3/4), 313-323. q: Benjamini, Y. & Hochberg, Y. (1995). Journal of the Royal Statistical Society B 57(1),
    289-300.
    """
    one = measure_of(key)
    if one.kind not in ("share", "rate"):
        raise ValueError(f"{key} is a {one.kind}; only shares and rates are tested")
    years = _years(panel, first, last)
    figures = agency_years(panel, [key])
    figures = figures[figures["year"].isin(years)]
    agencies = sorted(set(figures["agency"]))
    held = figures[figures["state"] == COMPUTED]
    sides = [held[held["year"] == year].set_index("agency").reindex(agencies) for year in years]
    (x1, n1), (x2, n2) = (
        [side[name].to_numpy(dtype=float, na_value=np.nan) for name in ("numerator", "denominator")] for side in sides
    )
    segments = [side["segment"].to_numpy(dtype=float, na_value=np.nan) for side in sides]
    missing = np.isnan(n1) | np.isnan(n2)
    tested = ~missing & (segments[0] == segments[1])
    reason = np.select([missing, ~tested], ["one_year", "segment_break"], "")
    p, low, high = _tested(one.kind, np.flatnonzero(tested), x1, n1, x2, n2)
    known = {"numerator_first": x1, "denominator_first": n1, "numerator_last": x2, "denominator_last": n2}
    known |= {"value_first": one.scale * x1 / n1, "value_last": one.scale * x2 / n2}
    known |= {"difference": known["value_last"] - known["value_first"]}
    flagged = np.logical_or.reduce([side["flagged"].eq(True).to_numpy(dtype=bool) for side in sides])
    frame = pd.DataFrame({name: np.where(tested, values, np.nan) for name, values in known.items()})
    frame = frame.assign(agency=agencies, measure=key, p=p, low=low, high=high, flagged=flagged, reason=reason)
    frame = frame.assign(state=np.where(tested, COMPUTED, "not_computable")).reindex(columns=list(_CHANGE))
    return explained(tidy(_discovered(frame), _NUMBERS))


def _tested(kind: str, at: npt.NDArray[np.intp], x1: Floats, n1: Floats, x2: Floats, n2: Floats) -> tuple[Floats, Floats, Floats]:
    """p of the exact test, and bounds of the difference of shares, of the agencies `at`; NaN elsewhere."""
    from scipy.stats import binomtest, fisher_exact  # Slow to import.
    from statsmodels.stats.proportion import confint_proportions_2indep

    p, low, high = (np.full(len(x1), np.nan) for _ in range(3))
    if kind == "share" and len(at):
        low[at], high[at] = confint_proportions_2indep(x2[at], n2[at], x1[at], n1[at], method="newcomb")
    for one in at.tolist():
        a, m, b, n = (int(side[one]) for side in (x1, n1, x2, n2))
        if kind == "share":
            p[one] = fisher_exact([[a, m - a], [b, n - b]]).pvalue
        else:
            p[one] = binomtest(b, a + b, n / (m + n)).pvalue if a + b else 1.0
    return p, low, high


_SIDES = tuple(f"{part}_{side}" for side in ("first", "last") for part in ("value", "numerator", "denominator"))
_CHANGE = ("agency", "measure", *_SIDES, "difference", "low", "high", "p", "q", "flagged", "state", "reason")
_TREND = ("agency", "measure", "n", "first", "last", "tau", "slope", "low", "high", "p", "q", "flagged", "state", "reason")
_NUMBERS = (*_SIDES, "difference", "low", "high", "p", "q", "tau", "slope")


def _discovered(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with q, over the rows that have a p."""
    from statsmodels.stats.multitest import multipletests  # Slow to import.

    p = frame["p"].to_numpy(dtype=float)
    q = np.full(len(frame), np.nan)
    tested = ~np.isnan(p)
    if tested.any():
        q[tested] = multipletests(p[tested], method="fdr_bh")[1]
    return frame.assign(q=q)


@cache
def _orders(n: int) -> npt.NDArray[np.intp]:
    """All orders of n things, one a row."""
    return np.array(list(permutations(range(n))), dtype=np.intp)


def mann_kendall(values: npt.ArrayLike) -> tuple[float, float]:
    """Given figures in the order of their years, return Kendall's tau-b with time and the two-sided p of no trend.

    Exact, over all orders of the figures: without ties by their known distribution, with ties by counting them out up to
    `COUNTED_OUT` figures; beyond that the normal approximation with its corrections for ties and for continuity.

    References
    ----------
    Mann, H. B. (1945). Econometrica 13(3), 245-259; Kendall, M. G. (1975). Rank Correlation Methods, 4th ed.; ties: Gilbert,
    R. O. (1987). Statistical Methods for Environmental Pollution Monitoring, section 16.4.
    """
    from scipy.stats import kendalltau, norm  # Slow to import.

    y = np.asarray(values, dtype=float)
    n, (_, ties) = len(y), np.unique(y, return_counts=True)
    if len(ties) == 1:
        return 0.0, 1.0
    tau, p = kendalltau(np.arange(n), y)
    if len(ties) == n:
        return float(tau), float(p)
    i, j = np.triu_indices(n, 1)
    score = abs(np.sign(y[j] - y[i]).sum())
    if n <= COUNTED_OUT:
        shuffled = y[_orders(n)]
        scores = sum(np.sign(shuffled[:, b] - shuffled[:, a]) for a, b in zip(i, j, strict=True))
        return float(tau), float(np.mean(np.abs(scores) >= score))
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    return float(tau), float(2 * norm.sf(max(score - 1, 0) / np.sqrt(variance)))


def trend(panel: Panel, key: str = "grant_rate") -> pd.DataFrame:
    """Given a panel, return for each agency whether a measure rises or falls over its years, and by how much a year.

    Years of the latest segment only; gaps are allowed. Fewer than `FEWEST_YEARS` years give no trend ("too_few_years").

    Returns
    -------
    DataFrame : agency, measure, n (years), first, last (year), tau (Kendall's, with ties), p (see `mann_kendall`), slope
        (Sen's, a year), low, high (95 %), q (Benjamini-Hochberg), flagged, state, reason

    References
    ----------
    Sen, P. K. (1968). Journal of the American Statistical Association 63(324), 1379-1389.
    """
    from scipy.stats import theilslopes  # Slow to import.

    figures = measure(panel, key)
    rows: list[dict[str, object]] = []
    held = figures[figures["state"] == COMPUTED].sort_values(["agency", "year"])
    held = held[held["segment"] == held.groupby("agency")["segment"].transform("max")]
    plain = list(zip(held["agency"], held["year"], held["value"], held["unit"], held["flagged"], strict=True))
    series: dict[str, list[tuple[str, int, float, str, bool]]] = {agency: [] for agency in sorted(set(figures["agency"]))}
    for line in plain:
        series[line[0]].append(line)
    for agency, lines in series.items():
        row: dict[str, object] = {"agency": agency, "n": len(lines), "flagged": any(line[4] for line in lines)}
        if lines:
            row |= {"first": int(lines[0][1]), "last": int(lines[-1][1])}
        if len(lines) < FEWEST_YEARS or len({line[3] for line in lines}) > 1:
            reason = "too_few_years" if len(lines) < FEWEST_YEARS else "several_units"
            rows.append(row | {"state": "not_computable", "reason": reason})
            continue
        years, values = (np.array([line[place] for line in lines], dtype=float) for place in (1, 2))
        tau, p = mann_kendall(values)
        slope, _, low, high = theilslopes(values, years, 0.95)
        told = {"tau": tau, "p": p, "slope": float(slope), "low": float(low), "high": float(high)}
        rows.append(row | told | {"state": COMPUTED, "reason": ""})
    frame = _discovered(pd.DataFrame(rows).assign(measure=key).reindex(columns=list(_TREND)))
    return explained(tidy(frame.astype({"first": "Int64", "last": "Int64"}), _NUMBERS))
