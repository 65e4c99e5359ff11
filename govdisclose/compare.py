"""Agencies side by side, with what chance explains: funnel limits, shrunken shares with rank intervals, robustness.

A rate of few cases is high or low by chance alone, so a table of ranks misleads. What is here says how far an agency
differs from its peers (see `peers`) beyond that. Reports are full counts, no samples: "chance" means that the same agency
under the same conditions could have had other cases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdisclose.dictionary import explained, measure_of
from govdisclose.displays import captioned
from govdisclose.evidence import read_ledger, tidy
from govdisclose.intervals import Floats
from govdisclose.measures import COMPUTED, agency_years, measure, pooled
from govdisclose.panel import Panel
from govdisclose.places import peer_levels

FEWEST = 5
"""Fewer agencies than this are not compared: how far peers differ could not be told."""

LEVELS_OF_LIMITS = {"95": 0.95, "99.8": 0.998}
"""Control limits as Spiegelhalter (2005) draws them: about two and three standard deviations."""


def peers(panel: Panel) -> pd.DataFrame:
    """Given a panel, return its agencies with their peers: agencies of the same kind and level.

    Returns
    -------
    DataFrame : agency, agency_kind, region, level (see `places`; where the division is open, as the words of the name show it), years (on which it reported), peers (agencies of
        that kind and level, itself included); the largest groups first
    """
    reports = panel.reports[(panel.reports["agency"].fillna("") != "") & panel.reports["year"].notna()]
    found = reports.groupby("agency", sort=True).agg(
        agency_kind=("agency_kind", "first"), region=("region", "first"), years=("year", "nunique")
    )
    found = found.reset_index()
    found = found.assign(level=found["agency"].map(peer_levels(panel)).fillna("").astype("str"))
    size = found.groupby(["agency_kind", "level"])["agency"].transform("size")
    listed = found.assign(peers=size)[["agency", "agency_kind", "region", "level", "years", "peers"]]
    order = ["peers", "agency_kind", "level", "agency"]
    return listed.sort_values(order, ascending=[False, True, True, True], ignore_index=True)


@dataclass(frozen=True, eq=False)
class Funnel:
    """A funnel plot's figures.

    Attributes
    ----------
    measure : the measure
    target : the pooled figure of all agencies, which the limits stand around
    dispersion : how much more than by chance the agencies vary (see `dispersion`)
    beyond : whether that is more than chance makes it, above 1 + 2 √(2/agencies)
    widened : whether the limits are widened by its root
    agencies : agency, value, numerator, denominator, n, n_missing, low95, high95, low998, high998, z, place ("inside",
        "low_95", "high_95", "low_99.8", "high_99.8"), flagged; by denominator
    curve : denominator, low95, high95, low998, high998, to draw
    """

    measure: str
    target: float
    dispersion: float
    beyond: bool
    widened: bool
    agencies: pd.DataFrame
    curve: pd.DataFrame

    def _repr_html_(self) -> str:
        facts = {"target": f"{self.target:.4g}", "phi": f"{self.dispersion:.3g}"}
        return captioned("funnel_widened" if self.widened else "funnel", self.agencies, measure_of(self.measure).label, **facts)


@dataclass(frozen=True, eq=False)
class Shrunken:
    """Shares of agencies drawn towards what their peers have in common.

    Attributes
    ----------
    measure : the measure
    mean, spread : mean and standard deviation (median of the posterior) of the distribution of the agencies' true shares
    agencies : agency, value (as printed), numerator, denominator, n, n_missing, shrunken, low, high (95 % of the posterior),
        weight (how much of the agency's own share is in it), rank (expected), rank_low, rank_high (95 %), flagged;
        rank 1 is the highest share; by rank
    """

    measure: str
    mean: float
    spread: float
    agencies: pd.DataFrame

    def _repr_html_(self) -> str:
        facts = {"mean": f"{self.mean:.4g}", "spread": f"{self.spread:.3g}"}
        return captioned("shrunken", self.agencies, measure_of(self.measure).label, **facts)


def _by_agency(panel: Panel, key: str, kinds: tuple[str, ...]) -> pd.DataFrame:
    """A measure by agency, over all its years: only agencies that have it, the years of the latest segment."""
    one = measure_of(key)
    if one.kind not in kinds:
        raise ValueError(f"{key} is a {one.kind}; this comparison needs a {' or a '.join(kinds)}")
    told = measure(panel, key, "agency")
    told = told[told["state"] == COMPUTED]
    found: pd.DataFrame = told[told["segment"] == told["segment"].max()]
    if len(found) < FEWEST:
        raise ValueError(f"{len(found)} agencies have a {key}; at least {FEWEST} are needed to tell differences from chance")
    return found.reset_index(drop=True)


def limits(target: float, denominators: npt.ArrayLike, level: float, kind: str = "share") -> tuple[Floats, Floats]:
    """Given a target, return the exact control limits of figures with these denominators, interpolated between counts.

    Parameters
    ----------
    target : the figure that all are held against, not multiplied by any scale
    level : 0.95 or 0.998, the part of agencies on target that lie inside
    kind : "share" (binomial) or "rate" (Poisson)

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in Medicine 24(8),
    1185-1202, appendix A.1.1. https://doi.org/10.1002/sim.1970
    """
    from scipy.stats import binom, poisson  # Slow to import.

    n = np.asarray(denominators, dtype=float)
    law = binom(n, target) if kind == "share" else poisson(n * target)

    def quantile(p: float) -> Floats:
        r = law.ppf(p)
        above, below = law.cdf(r), law.cdf(r - 1)
        return np.asarray((r - (above - p) / (above - below)) / n)

    top = 1.0 if kind == "share" else np.inf
    return np.clip(quantile((1 - level) / 2), 0, top), np.clip(quantile((1 + level) / 2), 0, top)


def dispersion(z: npt.ArrayLike, winsorised: float = 0.1) -> float:
    """Given standardised differences, return the mean of their squares, the outermost tenth at each end drawn in.

    Not above 1 where only chance is at work: about 0.7 over many agencies, because the tails are drawn in. So limits are
    widened a little less often, and less far, than without the drawing in.

    References
    ----------
    Spiegelhalter (2005), appendix A.2.
    """
    scores = np.asarray(z, dtype=float)
    low, high = np.quantile(scores, [winsorised, 1 - winsorised])
    return float(np.mean(np.clip(scores, low, high) ** 2))


def funnel(panel: Panel, key: str = "grant_rate", widen: bool = False) -> Funnel:
    """Given a panel of peers, return what a funnel plot shows: each agency against the limits that chance leaves it.

    Parameters
    ----------
    panel : agencies that are to be compared; all their years are pooled
    key : a measure that is a share or a rate
    widen : widen the limits by the root of the dispersion where it is beyond chance (`Funnel.beyond`)

    Raises
    ------
    ValueError : fewer than `FEWEST` agencies have the measure, or it is no share or rate

    References
    ----------
    Spiegelhalter, D. J. (2005). Statistics in Medicine 24(8), 1185-1202. https://doi.org/10.1002/sim.1970
    """
    found, one = _by_agency(panel, key, ("share", "rate")), measure_of(key)
    top, bottom = (found[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    target = float(top.sum() / bottom.sum())
    variance = target * (1 - target) if one.kind == "share" else target
    z = (top / bottom - target) / np.sqrt(variance / bottom) if variance > 0 else np.zeros(len(found))
    phi = dispersion(z)
    beyond = bool(phi > 1 + 2 * np.sqrt(2 / len(found)))
    widened = widen and beyond
    factor = np.sqrt(phi) if widened else 1.0

    def both(denominators: Floats) -> dict[str, Floats]:
        columns = {}
        for name, level in LEVELS_OF_LIMITS.items():
            pair = limits(target, denominators, level, one.kind) if variance > 0 else (target + 0 * denominators,) * 2
            for side, bound in zip(("low", "high"), pair, strict=True):
                wider = target + factor * (bound - target)
                columns[side + name.replace(".", "")] = one.scale * np.clip(wider, 0, 1 if one.kind == "share" else np.inf)
        return columns

    inner = both(bottom)
    value = found["value"].to_numpy(dtype=float)
    place = np.select(
        [value < inner["low998"], value > inner["high998"], value < inner["low95"], value > inner["high95"]],
        ["low_99.8", "high_99.8", "low_95", "high_95"],
        "inside",
    )
    columns = ["agency", "value", "numerator", "denominator", "n", "n_missing"]
    agencies = found[columns].assign(**inner, z=z, place=place, flagged=found["flagged"], state=found["state"])
    grid = np.unique(np.geomspace(max(1.0, 0.7 * bottom.min()), 1.3 * bottom.max(), 160).round()).astype(np.float64)
    curve = pd.DataFrame({"denominator": grid, **both(grid)})
    agencies = agencies.sort_values("denominator", ascending=False, ignore_index=True)
    return Funnel(key, one.scale * target, phi, beyond, widened, agencies, curve)


def prior_draws(
    successes: npt.ArrayLike, trials: npt.ArrayLike, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Given counts of several groups, return draws of the alpha and beta that their true shares may come from.

    The posterior on a grid of log(alpha/beta) and log(alpha + beta), under the prior (alpha + beta)^(-5/2).

    References
    ----------
    Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., section 5.3.
    """
    from scipy.special import betaln, expit  # Slow to import.

    x, n = (np.asarray(counts, dtype=float)[:, None, None] for counts in (successes, trials))
    share = (x.sum() + 0.5) / (n.sum() + 1)
    across = np.linspace(-4, 4, 81) + np.log(share / (1 - share))
    up = np.linspace(np.log(0.05), np.log(1e6), 81)
    for _ in range(3):  # Where the posterior has its mass, the grid is laid anew and finer.
        total, mean = np.exp(up)[None, :], expit(across)[:, None]
        a, b = mean * total, (1 - mean) * total
        density = (betaln(a + x, b + n - x) - betaln(a, b)).sum(axis=0) + np.log(a) + np.log(b) - 2.5 * np.log(total)
        density = np.exp(density - density.max())
        keep = density > 1e-5
        steps = across[1] - across[0], up[1] - up[0]
        spans = [
            (axis[hit][0] - step, axis[hit][-1] + step)
            for axis, hit, step in ((across, keep.any(axis=1), steps[0]), (up, keep.any(axis=0), steps[1]))
        ]
        last = across, up, density, steps
        across, up = (np.linspace(*span, 81) for span in spans)
    across, up, density, steps = last
    chosen = rng.choice(density.size, size=draws, p=(density / density.sum()).ravel())
    row, column = np.unravel_index(chosen, density.shape)
    shaken = rng.uniform(-0.5, 0.5, size=(2, draws))
    mean, total = expit(across[row] + shaken[0] * steps[0]), np.exp(up[column] + shaken[1] * steps[1])
    return np.asarray(mean * total), np.asarray((1 - mean) * total)


def shrink(panel: Panel, key: str = "grant_rate", draws: int = 10_000, seed: int = 0) -> Shrunken:
    """Given a panel of peers, return each agency's share drawn towards that of its peers, and how sure its rank is.

    The agencies' true shares are taken for draws from one beta distribution, which is estimated from all of them; shares,
    intervals and ranks are those of `draws` draws from the posterior, in which that distribution is itself uncertain.

    Parameters
    ----------
    panel : agencies that are to be compared; all their years are pooled
    key : a measure that is a share
    seed : of the draws; the same seed gives the same figures

    Raises
    ------
    ValueError : fewer than `FEWEST` agencies have the measure, it is no share, or all have 0 % or all 100 %: then the
        distribution of the true shares cannot be estimated (its posterior has no bounds)

    References
    ----------
    Efron, B. & Morris, C. (1975). Journal of the American Statistical Association 70(350), 311-319; ranks: Goldstein, H. &
    Spiegelhalter, D. J. (1996). Journal of the Royal Statistical Society A 159(3), 385-443. See `prior_draws`.
    """
    found = _by_agency(panel, key, ("share",))
    top, bottom = (found[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    if not 0 < top.sum() < bottom.sum():
        raise ValueError(f"all {len(found)} agencies have the same {key}, {top.sum() / bottom.sum():.0%}: there is nothing to rank")
    draws = min(draws, max(1000, 10_000_000 // len(found)))  # Thousands of agencies: fewer draws, so that they fit.
    rng = np.random.default_rng(seed)
    alpha, beta = (one[:, None] for one in prior_draws(top, bottom, draws, rng))
    drawn = rng.beta(alpha + top, beta + bottom - top)
    ranks = (-drawn).argsort(axis=1).argsort(axis=1) + 1
    rank_low, rank_high = np.quantile(ranks, [0.025, 0.975], axis=0, method="closest_observation")
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    total = alpha + beta
    columns = ["agency", "value", "numerator", "denominator", "n", "n_missing"]
    agencies = found[columns].assign(
        shrunken=((alpha + top) / (total + bottom)).mean(axis=0), low=low, high=high,
        weight=(bottom / (total + bottom)).mean(axis=0), rank=ranks.mean(axis=0), rank_low=rank_low.astype(int),
        rank_high=rank_high.astype(int), flagged=found["flagged"], state=found["state"],
    )  # fmt: skip
    spread = float(np.median(np.sqrt(alpha * beta / (total**2 * (total + 1)))))
    mean = float((alpha / total).mean())
    return Shrunken(key, mean, spread, agencies.sort_values(["rank", "agency"], ignore_index=True))


BASES = ("all", "sound", "balanced", "sound_balanced")
"""What `robust` computes a measure on."""


def robust(panel: Panel, key: str = "grant_rate", by: str = "year") -> pd.DataFrame:
    """Given a panel, return a pooled measure four times: on all figures, on sound ones, on a balanced panel, on both.

    Sound figures rest on no cell that a finding of severity "error" points at. The balanced panel holds the agencies that
    have the measure in every year of the panel on which anybody has it, so that a change in who reports cannot look like a
    change in what they do.

    Returns
    -------
    DataFrame : `by`, basis (of `BASES`), measure, segment, unit, value, numerator, denominator, low, high, n, n_missing,
        agencies, difference (from the value on all figures), flagged, state, reason ("none_in_all_years" where no agency
        has the measure in every year)
    """
    ledger = read_ledger(panel)
    parts = []
    for basis in BASES:
        figures = agency_years(ledger, [key], sound="sound" in basis)
        if "balanced" in basis:
            figures = _balanced(figures)
        parts.append(pooled(figures, [by]).assign(basis=basis))
    found = pd.concat(parts, ignore_index=True)
    cells = [by, "segment", "unit"]
    base = found[found["basis"] == "all"].set_index(cells)["value"].reindex(pd.MultiIndex.from_frame(found[cells]))
    apart = found["value"].to_numpy(dtype=float, na_value=np.nan) - base.to_numpy(dtype=float, na_value=np.nan)
    front = [by, "basis", "measure", "segment", "unit"]
    order = [*front, *(name for name in found if name not in (*front, "median")), "difference"]
    return explained(tidy(found.assign(difference=pd.array(apart))[order]).sort_values([by], kind="stable", ignore_index=True))


def _balanced(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures of agencies that have one in each year; the others marked as left out."""
    held = figures[figures["state"] == COMPUTED]
    years = held["year"].nunique()
    full = held.groupby("agency")["year"].nunique()
    names = set(full.index[full == years]) if years else set()
    outside = ~figures["agency"].isin(names)
    reason = figures["reason"].where(~outside, "none_in_all_years")
    numbers = {name: figures[name].mask(outside) for name in ("value", "numerator", "denominator")}
    return figures.assign(reason=reason, state=figures["state"].mask(outside, "not_computable"), flagged=figures["flagged"] & ~outside, **numbers)
