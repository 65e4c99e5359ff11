"""Changes: published worked examples of standardisation, decomposition, exact tests, false discoveries and trends."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_panels import Made, counts, made_panel
from scipy.stats import norm
from test_dictionary import shares

import govdisclose as gd
from govdisclose import change

# Fleiss (1981), Statistical Methods for Rates and Proportions, table 14.4 (the data set downs.mi of the R package dsrTest):
# births and cases of Down's syndrome by order of birth (rows) and age of the mother.
BIRTHS = np.array([
    [230061, 329449, 114920, 39487, 14208, 3052], [72202, 326701, 208667, 83228, 28466, 5375],
    [15050, 175702, 207081, 117300, 45026, 8660], [2293, 68800, 132424, 98301, 46075, 9834],
    [327, 30666, 123419, 149919, 104088, 34392],
])  # fmt: skip
CASES = np.array([
    [107, 141, 60, 40, 39, 25], [25, 150, 110, 84, 82, 39], [3, 71, 114, 103, 108, 75], [1, 26, 64, 89, 137, 96],
    [0, 8, 63, 112, 262, 295],
])  # fmt: skip


def test_standardised_shares_agree_with_published_example() -> None:
    """The example page of dsrTest 1.0.0 (https://cran.r-project.org/package=dsrTest): 75.52901 per 100,000 for the fifth and
    later children, under the mix of mothers' ages of all births; as they are it is 167.1."""
    share, low, high = change.standardised(CASES, BIRTHS, BIRTHS.sum(axis=0))
    assert round(1e5 * float(share[4]), 5) == 75.52901
    assert round(1e5 * float(CASES[4].sum() / BIRTHS[4].sum()), 1) == 167.1
    assert (low < share).all() and (share < high).all()


def test_the_interval_of_one_stratum_is_its_own_and_strata_add_by_squares() -> None:
    _, low, high = change.standardised([[81]], [[263]], [1])
    assert (round(float(low[0]), 4), round(float(high[0]), 4)) == (0.2553, 0.3662)  # Newcombe (1998), as in test_measures.
    share, low, _ = change.standardised([[81, 15]], [[263, 148]], [3, 1])
    below = [0.75 * (81 / 263 - 0.25530), 0.25 * (15 / 148 - 0.06240)]
    assert float(share[0] - low[0]) == pytest.approx(np.hypot(*below), abs=1e-4)


def test_a_stratum_without_cases_leaves_nothing_to_standardise() -> None:
    share, low, _ = change.standardised([[1, 0], [1, 1]], [[2, 0], [2, 2]], [1, 1])
    assert np.isnan(share).tolist() == [True, False] and np.isnan(low[0]) and share[1] == 0.5


def test_decomposition_agrees_with_published_example() -> None:
    """Das Gupta (1993), Current Population Reports P23-186, example 2.1, earnings of two groups of men: means of earners 10,930
    and 16,591, earners .717892 and .825974 of all. Of the difference 4369.913 is for what earners earn and 1487.262 for how
    many earn, as the R package DasGuptR (https://github.com/josiahpjking/DasGuptR) prints; those who earn nothing are the
    second stratum of Kitagawa's formula."""
    rate, mix = change.kitagawa([[10930, 0], [16591, 0]], [[0.717892, 0.282108], [0.825974, 0.174026]])
    assert (round(float(rate.sum()), 3), round(float(mix.sum()), 3)) == (4369.913, 1487.262)


@settings(derandomize=True)
@given(arrays(float, (2, 4), elements=st.floats(0, 1)), arrays(float, (2, 4), elements=st.floats(0.01, 1)))
def test_effects_sum_to_the_difference(rates: np.ndarray, sizes: np.ndarray) -> None:
    weights = sizes / sizes.sum(axis=1, keepdims=True)
    rate, mix = change.kitagawa(rates, weights)
    overall = (rates * weights).sum(axis=1)
    assert rate.sum() + mix.sum() == pytest.approx(overall[1] - overall[0], abs=1e-12)


def test_a_change_of_mix_alone_is_no_change_of_rates() -> None:
    reports = [shares("甲县", 2022, 90, 100), shares("乙县", 2022, 10, 100), shares("甲县", 2023, 270, 300), shares("乙县", 2023, 10, 100)]
    found = gd.decompose(made_panel([*reports, shares("丙县", 2023, 1, 1)]))
    assert (found.first, found.last, found.first_value, found.last_value) == (2022, 2023, 0.5, 0.7)
    assert found.rate == pytest.approx(0) and found.mix == pytest.approx(0.2)
    assert found.left_out == ("丙县",) and (found.strata["mix"] > 0).all()
    told = "<p>予以公开率，2022 年 0.5000，2023 年 0.7000：变化 +0.2000，其中各机关自己的比例 +0.0000，机关之间的轻重 +0.2000<br>"
    told += "Grant rate, 0.5000 in 2022 and 0.7000 in 2023: change +0.2000 = +0.0000 by the agencies' own shares and +0.2000 by their weights</p>"
    assert told in found._repr_html_()


def test_decomposition_by_applicants() -> None:
    def report(year: int, persons: int, firms: int) -> Made:
        rows = counts({"granted": persons // 2, "concluded": persons})
        rows |= {"requests.granted.commercial_enterprise": str(firms), "requests.concluded.commercial_enterprise": str(firms)}
        rows |= {"requests.granted.total": str(persons // 2 + firms), "requests.concluded.total": str(persons + firms)}
        return Made("甲县", year, rows)

    found = gd.decompose(made_panel([report(2022, 100, 0), report(2023, 100, 100)]), by="applicant")
    assert (found.first_value, found.last_value) == (0.5, 0.75)
    # No firm asked in 2022, so its share is that of 2023 in both: all is mix.
    assert found.rate == pytest.approx(0) and found.mix == pytest.approx(0.25)
    assert set(found.strata["stratum"]) == {"natural_person", "organisations"}
    assert "其中两类申请人（自然人、组织）各自的比例 +0.0000，两类申请人的构成 +0.2500<br>" in found._repr_html_()


def test_standardising_by_applicants_needs_both_kinds() -> None:
    both = counts({"granted": 5, "concluded": 10}) | {"requests.granted.research_institution": "2", "requests.concluded.research_institution": "2"}
    both |= {"requests.granted.total": "7", "requests.concluded.total": "12"}
    found = gd.standardise(made_panel([Made("甲县", 2023, both), shares("乙县", 2023, 1, 8)])).set_index("agency")
    assert found.loc["甲县", "crude"] == pytest.approx(7 / 12)
    assert found.loc["甲县", "standardised"] == pytest.approx((18 * 0.5 + 2 * 1) / 20)
    assert found.loc["乙县", ["state", "reason"]].tolist() == ["not_computable", "empty_stratum"]


def test_changes_are_tested_exactly() -> None:
    """Fisher's tea (The Design of Experiments, 1935): all as far out as 3 of 4 against 1 of 4 have 34 of the 70 orders, p = 0.486
    (also R's page of fisher.test). Interval: Newcombe (1998), Statistics in Medicine 17(8), 873-890, table II, example (a),
    method 10: 56/70 - 48/80 lies in 0.0524 to 0.3339; its example (b), 9/10 - 3/10, in 0.1705 to 0.8090."""
    reports = [shares("甲县", 2022, 1, 4), shares("甲县", 2023, 3, 4), shares("乙县", 2022, 48, 80), shares("乙县", 2023, 56, 70)]
    reports += [shares("丁县", 2022, 3, 10), shares("丁县", 2023, 9, 10)]
    found = gd.compare_years(made_panel([*reports, shares("丙县", 2023, 1, 2)])).set_index("agency")
    assert found.loc["甲县", "p"] == pytest.approx(34 / 70)
    assert (round(found.loc["丁县", "low"], 4), round(found.loc["丁县", "high"], 4)) == (0.1705, 0.8090)
    other = found.loc["乙县"]
    assert (round(other["low"], 4), round(other["high"], 4), round(other["difference"], 4)) == (0.0524, 0.3339, 0.2)
    assert found.loc["丙县", ["state", "reason"]].tolist() == ["not_computable", "one_year"]
    assert found.loc["甲县", "q"] == pytest.approx(found.loc["甲县", "p"])


def test_false_discoveries_agree_with_published_example() -> None:
    """Benjamini & Hochberg (1995), section 3.2, also in the tests of statsmodels and mutoss: of 15 comparisons the first four are
    discoveries at 0.05, since p(4) = 0.0095 is below 4/15 of it and p(5) = 0.0201 above 5/15."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    q = change._discovered(pd.DataFrame({"p": [*p, np.nan]}))["q"]
    assert (q <= 0.05).sum() == 4 and q.iloc[:4].max() <= 0.05 and np.isnan(q.iloc[15])
    assert q.iloc[0] == pytest.approx(0.0015)


def test_rates_are_tested_given_their_sum() -> None:
    def report(year: int, cases: int) -> Made:
        return Made("甲县", year, counts({"concluded": 100}) | {"reviews.reconsideration.total": str(cases)})

    found = gd.compare_years(made_panel([report(2022, 0), report(2023, 6)]), "reconsiderations_per_1000").iloc[0]
    assert found["p"] == pytest.approx(2 / 2**6) and found["difference"] == 60


def series(agency: str, first: int, values: list[float], size: int = 10_000) -> list[Made]:
    return [shares(agency, first + n, round(size * value), size) for n, value in enumerate(values)]


def test_trends_agree_with_published_example() -> None:
    """Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, example 9.1 (cloud seeding, five years; the data of the R
    package NSM3, function theil): concordant less discordant pairs -6, one-sided p = .117, slope -.056. Here a tenth of
    their ratios, which have to be shares."""
    ratios = [1.26, 1.27, 1.12, 1.16, 1.03]
    found = gd.trend(made_panel(series("甲县", 2019, [one / 10 for one in ratios]))).iloc[0]
    assert (found["n"], found["first"], found["last"], found["tau"]) == (5, 2019, 2023, -0.6)
    assert round(found["p"], 3) == 0.233 and round(10 * found["slope"], 3) == -0.056


def test_trends_with_ties_are_exact() -> None:
    """Two of the 60 orders of 1, 2, 2, 3, 4 are as far out as this one; the normal approximation has 0.023."""
    assert change.mann_kendall([1, 2, 2, 3, 4]) == (pytest.approx(9 / 90**0.5), pytest.approx(2 / 60))
    assert change.mann_kendall([4, 3, 2, 2, 1])[1] == pytest.approx(2 / 60)
    assert change.mann_kendall([2, 2, 2, 2, 2]) == (0.0, 1.0)


def test_long_trends_with_ties_agree_with_published_variance() -> None:
    """van Belle & Hughes (1984), Water Resources Research 20(1), 127-136, p. 129: ten figures with ties, variance of S 119.3."""
    y = [10, 14, 14, 14, 17, 22, 22, 23, 27, 27]
    score = sum(np.sign(b - a) for place, a in enumerate(y) for b in y[place + 1 :])
    assert change.mann_kendall(y)[1] == pytest.approx(2 * norm.sf((score - 1) / (1074 / 9) ** 0.5))
    assert round(1074 / 9, 1) == 119.3


@settings(derandomize=True, max_examples=20)
@given(st.lists(st.integers(0, 3), min_size=5, max_size=6))
def test_short_trends_are_those_of_all_orders(values: list[int]) -> None:
    def score(order: tuple[int, ...]) -> int:
        return abs(sum((b > a) - (b < a) for place, a in enumerate(order) for b in order[place + 1 :]))

    scores = [score(order) for order in permutations(values)]
    assert change.mann_kendall(values)[1] == pytest.approx(np.mean([one >= score(tuple(values)) for one in scores]))


def test_four_years_are_too_few_and_a_constant_has_no_trend() -> None:
    found = gd.trend(made_panel([*series("甲县", 2020, [0.1, 0.2, 0.3, 0.4]), *series("乙县", 2019, [0.5] * 5)])).set_index("agency")
    assert found.loc["甲县", ["state", "reason", "n"]].tolist() == ["not_computable", "too_few_years", 4]
    assert found.loc["乙县", ["p", "slope", "tau"]].tolist() == [1.0, 0.0, 0.0]


def test_questions_without_an_answer_are_refused_in_a_sentence() -> None:
    panel = made_panel([shares("甲县", 2022, 1, 2), shares("乙县", 2023, 1, 2)])
    with pytest.raises(ValueError, match="no agency has a comparable grant_rate in both 2022 and 2023"):
        gd.decompose(panel)
    with pytest.raises(ValueError, match="needs reports on two years"):
        gd.compare_years(panel.select(years=2022))
    with pytest.raises(ValueError, match="no report on 2021"):
        gd.compare_years(panel, first=2021)
    with pytest.raises(ValueError, match="the first year must be before the last"):
        gd.compare_years(panel, first=2023, last=2022)
    with pytest.raises(ValueError, match="only shares are decomposed"):
        gd.decompose(panel, "received")
    with pytest.raises(ValueError, match="only shares and rates are tested"):
        gd.compare_years(panel, "received")
    with pytest.raises(ValueError, match='by must be "agency" or "applicant"'):
        gd.decompose(panel, by="year")
    with pytest.raises(ValueError, match="is no share that the form tells by type of applicant"):
        gd.standardise(panel, "received")
