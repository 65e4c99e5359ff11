"""Agencies side by side: published worked examples, exact limits, seeded ranks, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_panels import Made, counts, made_panel
from scipy.special import betaln
from scipy.stats import binom
from scipy.stats import poisson as poisson_law
from test_dictionary import DOUBT, shares

import govdisclose as gd
from govdisclose import compare
from govdisclose.intervals import poisson, proportion
from govdisclose.kinds import agency_level


# Newcombe (1998), Statistics in Medicine 17(8), 857-872, table I, method 5 (Clopper-Pearson); also in the tests of the R package
# ratesci.
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0000, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_clopper_pearson_agrees_with_published_examples(successes: int, trials: int, low: float, high: float) -> None:
    found = proportion(successes, trials, "clopper-pearson")
    assert (round(float(found[0]), 4), round(float(found[1]), 4)) == (low, high)


# Garwood (1936), Biometrika 28, 437-442: limits of a Poisson mean for 0, 1 and 10 events; the upper one of 0 also on the page of
# pois.exact of the R package epitools (3.689).
@pytest.mark.parametrize(("events", "low", "high"), [(0, 0.00, 3.69), (1, 0.03, 5.57), (10, 4.80, 18.39)])
def test_poisson_interval_agrees_with_published_table(events: int, low: float, high: float) -> None:
    found = poisson(events, 1)
    assert (round(float(found[0]), 2), round(float(found[1]), 2)) == (low, high)


# Exact: the bounds are where 2.5 % of the chance lies beyond, whatever the number of events.
@settings(derandomize=True)
@given(st.integers(1, 500))
def test_poisson_interval_leaves_its_tails(events: int) -> None:
    low, high = (float(bound) for bound in poisson(events, 1))
    assert poisson_law.sf(events - 1, low) == pytest.approx(0.025) and poisson_law.cdf(events, high) == pytest.approx(0.025)


def test_the_peers_distribution_agrees_with_published_example() -> None:
    """Gelman et al., Bayesian Data Analysis (3rd ed.), table 5.1 and section 5.3: tumours of 71 groups of rats; the posterior
    means of alpha and beta are 2.4 and 14.3. The data are those of the page "Hierarchical Binomial Model: Rat Tumor Example"
    of PyMC, which sums over the same grid as here; its mode is (-1.79, 2.74)."""
    tumours = [0] * 14 + [1] * 8 + [2] * 9 + [1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10, 4, 4, 4, 4, 4, 4, 4, 10, 4, 4, 4, 5, 11, 12]
    tumours += [5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9, 4]
    rats = [20] * 7 + [19] * 4 + [18, 18, 17] + [20] * 4 + [19, 19, 18, 18] + [25, 24, 23] + [20] * 6
    rats += [10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50] + [20] * 7 + [48, 19, 19, 19, 22, 46, 49]
    rats += [20, 20, 23, 19, 22, 20, 20, 20, 52, 47, 46, 24, 14]
    alpha, beta = compare.prior_draws(tumours, rats, 40_000, np.random.default_rng(1))
    assert (len(tumours), round(float(alpha.mean()), 1), round(float(beta.mean()), 1)) == (71, 2.4, 14.3)
    ratio, size = (one.ravel() for one in np.meshgrid(np.arange(-2.3, -1.3, 0.01), np.arange(1, 5, 0.01)))
    a, b = np.exp(ratio + size) / (1 + np.exp(ratio)), np.exp(size) / (1 + np.exp(ratio))
    told = sum(betaln(a + y, b + n - y) - betaln(a, b) for y, n in zip(tumours, rats, strict=True)) - 2.5 * np.log(a + b) + np.log(a * b)
    weight = np.exp(told - told.max())
    assert (round(ratio[told.argmax()], 2), round(size[told.argmax()], 2)) == (-1.79, 2.74)
    assert float(alpha.mean()) == pytest.approx((a * weight).sum() / weight.sum(), rel=0.02)
    assert float(beta.mean()) == pytest.approx((b * weight).sum() / weight.sum(), rel=0.02)


def test_groups_that_differ_by_chance_alone_are_drawn_together_but_not_closer_than_their_mean_is_known() -> None:
    found = gd.shrink(made_panel(six([10, 11, 10, 9, 10, 10], [20] * 6))).agencies
    assert (found["shrunken"] - 0.5).abs().max() < 0.02 and (found["weight"] < 0.4).all()
    assert (found["high"] - found["low"]).min() > 0.15  # The pooled share alone, 60 of 120, is known to within 0.18.


def test_control_limits_agree_with_counting_by_hand() -> None:
    """Spiegelhalter (2005), appendix A.1.1: (r - (P(R <= r) - p) / P(R = r)) / n, with r the smallest count for which
    P(R <= r) reaches p. Of 10 cases at 1/2, P(R <= 1) = 11/1024 and P(R <= 2) = 56/1024, so r = 2 for p = 0.025."""
    low, high = (float(bound) for bound in compare.limits(0.5, 10, 0.95))
    by_hand = (2 - (56 / 1024 - 0.025) / (45 / 1024)) / 10
    assert low == pytest.approx(by_hand) and high == pytest.approx(1 - 0.1 - by_hand)


@settings(derandomize=True)
@given(st.integers(2, 400), st.floats(0.02, 0.98), st.sampled_from([0.95, 0.998]))
def test_control_limits_lie_between_the_counts_that_chance_allows(n: int, target: float, level: float) -> None:
    """Spiegelhalter (2005), appendix A.1.1: interpolated between neighbouring counts, so never beyond the exact quantiles."""
    low, high = (float(bound) for bound in compare.limits(target, n, level))
    tail = (1 - level) / 2
    r_low, r_high = binom.ppf([tail, 1 - tail], n, target)
    assert max(0, r_low - 1) / n - 1e-9 <= low <= r_low / n + 1e-9
    assert (r_high - 1) / n - 1e-9 <= high <= r_high / n + 1e-9
    assert low <= target + 1 / n and high >= target - 1 / n


def test_dispersion_draws_in_the_outermost_tenths() -> None:
    """Spiegelhalter (2005), appendix A.2: one extreme agency of twenty is drawn in to the 90th percentile."""
    z = np.array([1.0, -1.0] * 9 + [1.0, 50.0])
    assert compare.dispersion(z) == 1.0
    assert compare.dispersion(3 * z) == 9.0


def test_dispersion_by_chance_alone_is_below_one() -> None:
    """A normal score drawn in at its outer tenths has the variance (0.8 - 2 c f(c)) + 0.2 c^2 = 0.679, with c = 1.2816."""
    z = np.random.default_rng(1).normal(size=200_000)
    assert compare.dispersion(z) == pytest.approx(0.679, abs=0.01)


def six(granted: list[int], concluded: list[int], year: int = 2023) -> list[Made]:
    return [shares(f"第{n}镇人民政府", year, x, m, kind="乡镇") for n, (x, m) in enumerate(zip(granted, concluded, strict=True), 1)]


def test_a_funnel_says_who_lies_outside() -> None:
    found = gd.funnel(made_panel(six([50, 48, 52, 49, 51, 90], [100] * 6)))
    assert round(found.target, 4) == round(340 / 600, 4)
    places = found.agencies.set_index("agency")["place"]
    assert places["第6镇人民政府"] == "high_99.8" and places["第3镇人民政府"] == "inside"
    assert {"low95", "high998", "denominator"} <= set(found.curve)
    assert (found.agencies["low998"] < found.agencies["low95"]).all()
    told = "<p>予以公开率的漏斗图：合计（各机关都与它相比）0.5667，离散系数 2.91<br>Funnel of Grant rate: pooled figure that all are held against 0.5667, dispersion 2.91</p>"
    assert "high_99.8" in found._repr_html_() and told in found._repr_html_()


def test_limits_are_widened_only_beyond_chance() -> None:
    wide = made_panel(six([20, 80, 25, 75, 30, 70], [100] * 6))
    plain, widened = gd.funnel(wide), gd.funnel(wide, widen=True)
    assert not plain.widened and widened.widened and widened.dispersion > 10
    assert (widened.agencies["low95"] < plain.agencies["low95"]).all()
    assert not gd.funnel(made_panel(six([50, 48, 52, 49, 51, 50], [100] * 6)), widen=True).widened


def test_rates_have_poisson_limits() -> None:
    reports = [
        Made(f"第{n}镇人民政府", 2023, counts({"concluded": 100}) | {"reviews.reconsideration.total": str(x)})
        for n, x in enumerate((1, 2, 1, 2, 1, 30), 1)
    ]
    found = gd.funnel(made_panel(reports), "reconsiderations_per_1000")
    assert found.target == pytest.approx(1000 * 37 / 600)
    assert found.agencies.set_index("agency")["place"]["第6镇人民政府"] == "high_99.8"


def test_shrinking_draws_few_cases_further_and_ranks_are_seeded() -> None:
    panel = made_panel(six([2, 500, 300, 700, 450, 550], [2, 1000, 1000, 1000, 1000, 1000]))
    found = gd.shrink(panel)
    by = found.agencies.set_index("agency")
    assert by.loc["第1镇人民政府", "value"] == 1.0 and by.loc["第1镇人民政府", "shrunken"] < 0.7
    assert abs(by.loc["第4镇人民政府", "shrunken"] - 0.7) < 0.01
    assert by.loc["第1镇人民政府", "weight"] < 0.3 < 0.9 < by.loc["第4镇人民政府", "weight"]
    assert (by.loc["第4镇人民政府", "rank_low"], by.loc["第3镇人民政府", "rank_high"]) == (1, 6)
    assert by.loc["第1镇人民政府", "rank_high"] - by.loc["第1镇人民政府", "rank_low"] >= 4
    assert gd.shrink(panel).agencies.equals(found.agencies)
    assert not gd.shrink(panel, seed=1).agencies["rank"].equals(found.agencies["rank"])
    assert (by["low"] < by["shrunken"]).all() and (by["shrunken"] < by["high"]).all()


def test_fewer_than_five_agencies_are_not_compared() -> None:
    panel = made_panel(six([1, 2, 3, 4], [10] * 4))
    for asked in (gd.funnel, gd.shrink):
        with pytest.raises(ValueError, match="4 agencies have a grant_rate; at least 5 are needed"):
            asked(panel)
    with pytest.raises(ValueError, match="fees is a count; this comparison needs a share"):
        gd.shrink(panel, "fees")


@pytest.mark.parametrize(("granted", "share"), [(0, "0%"), (10, "100%")])
def test_where_all_have_nothing_or_everything_there_is_nothing_to_rank(granted: int, share: str) -> None:
    panel = made_panel(six([granted] * 6, [10] * 6))
    with pytest.raises(ValueError, match=f"all 6 agencies have the same grant_rate, {share}"):
        gd.shrink(panel)
    found = gd.funnel(panel)
    assert set(found.agencies["place"]) == {"inside"} and not found.beyond


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("南通市海门区市场监督管理局", "county"),
        ("上海市浦东新区人民政府", "county"),
        ("金湖县石桥镇人民政府", "township"),
        ("金湖县青禾街道办事处", "township"),
        ("合肥市市场监督管理局", "city"),
        ("镇江市公安局", "city"),
        ("苏州工业园区管委会", "city"),
        ("大兴安岭地区行政公署", "city"),
        ("广西壮族自治区财政厅", "province"),
        ("北京市人民政府办公厅", "province"),
        ("国家市场监督管理总局", ""),
    ],
)
def test_the_level_is_told_from_the_name(name: str, level: str) -> None:
    assert agency_level(name) == level


def test_peers_are_of_the_same_kind_and_level() -> None:
    reports = [shares("甲市公安局", 2022, 1, 2, kind="公安"), shares("甲市公安局", 2023, 1, 2, kind="公安")]
    reports += [shares("乙市公安局", 2023, 1, 2, kind="公安"), shares("甲市丙区公安局", 2023, 1, 2, kind="公安")]
    found = gd.peers(made_panel(reports)).set_index("agency")
    assert found["peers"].to_dict() == {"乙市公安局": 2, "甲市公安局": 2, "甲市丙区公安局": 1}
    assert found["years"]["甲市公安局"] == 2


def test_robust_tells_the_measure_four_times() -> None:
    reports = [shares("甲县", 2022, 5, 10), shares("甲县", 2023, 6, 10), shares("乙县", 2023, 90, 100)]
    reports += [shares("丙县", year, 1, 10, findings=(DOUBT,) if year == 2023 else ()) for year in (2022, 2023)]
    found = gd.robust(made_panel(reports)).set_index(["year", "basis"])
    assert found.loc[(2023, "all"), ["numerator", "denominator", "n"]].tolist() == [97, 120, 3]
    assert found.loc[(2023, "sound"), ["numerator", "denominator", "n", "n_missing"]].tolist() == [96, 110, 2, 1]
    assert found.loc[(2023, "balanced"), ["numerator", "denominator", "n"]].tolist() == [7, 20, 2]
    assert found.loc[(2023, "sound_balanced"), ["numerator", "denominator", "n"]].tolist() == [6, 10, 1]
    assert found.loc[(2023, "balanced"), "difference"] == pytest.approx(7 / 20 - 97 / 120)
    assert found.loc[(2022, "sound"), "difference"] == 0


def test_where_nobody_reports_on_every_year_the_balanced_panel_is_empty_and_says_so() -> None:
    found = gd.robust(made_panel([shares("甲县", 2022, 5, 10), shares("乙县", 2023, 6, 10)])).set_index(["year", "basis"])
    one = found.loc[(2022, "balanced")]
    assert (one["state"], one["reason"], one["n"]) == ("not_computable", "none_in_all_years", 0)


def test_text_of_documents_is_escaped_in_displays() -> None:
    evil = [shares(f"<script>{n}</script>镇", 2023, n, 20) for n in range(3, 9)]
    html = gd.funnel(made_panel(evil), widen=True)._repr_html_() + gd.shrink(made_panel(evil))._repr_html_()
    assert "予以公开率，向各机关的共同分布收缩：真实比例的平均 " in html and "<br>Grant rate, shrunken towards what the agencies have in common: mean of" in html
    assert "<script>" not in html and "&lt;script&gt;" in html
