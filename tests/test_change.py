"""Changes: published worked examples of standardisation, decomposition, exact tests, false discoveries and trends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_panels import Made, counts, made_panel
from test_dictionary import shares

import govdisclose as gd
from govdisclose import change

# Bickel, Hammel & O'Connell (1975), Science 187, 398-404: Berkeley's six largest majors, applicants and per cent admitted.
APPLIED = np.array([[825, 560, 325, 417, 191, 373], [108, 25, 593, 375, 393, 341]])
PER_CENT = np.array([[62, 63, 37, 33, 28, 6], [82, 68, 34, 35, 24, 7]])


def test_standardised_shares_agree_with_published_example() -> None:
    """Freedman, Pisani & Purves, Statistics, chapter 2: weighted by all who applied, 39 % of men and 43 % of women."""
    share, low, high = change.standardised(APPLIED * PER_CENT / 100, APPLIED, APPLIED.sum(axis=0))
    assert [round(100 * float(one)) for one in share] == [39, 43]
    assert (low < share).all() and (share < high).all()


def test_a_stratum_without_cases_leaves_nothing_to_standardise() -> None:
    share, low, _ = change.standardised([[1, 0], [1, 1]], [[2, 0], [2, 2]], [1, 1])
    assert np.isnan(share).tolist() == [True, False] and np.isnan(low[0]) and share[1] == 0.5


def test_decomposition_agrees_with_published_example() -> None:
    """Das Gupta (1993), Current Population Reports P23-186, chapter 2, earnings of two groups of men: means of earners 10,930
    and 16,591, earners .717892 and .825974 of all. The difference of 5,857 in means over all is 4,370 for what earners earn
    and 1,487 for how many earn; those who earn nothing are the second stratum of Kitagawa's formula."""
    rate, mix = change.kitagawa([[10930, 0], [16591, 0]], [[0.717892, 0.282108], [0.825974, 0.174026]])
    assert (round(float(rate.sum())), round(float(mix.sum()))) == (4370, 1487)


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
    assert "+0.2000 = rate +0.0000 + mix of agency +0.2000" in found._repr_html_()


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


def test_standardising_by_applicants_needs_both_kinds() -> None:
    both = counts({"granted": 5, "concluded": 10}) | {"requests.granted.research_institution": "2", "requests.concluded.research_institution": "2"}
    both |= {"requests.granted.total": "7", "requests.concluded.total": "12"}
    found = gd.standardise(made_panel([Made("甲县", 2023, both), shares("乙县", 2023, 1, 8)])).set_index("agency")
    assert found.loc["甲县", "crude"] == pytest.approx(7 / 12)
    assert found.loc["甲县", "standardised"] == pytest.approx((18 * 0.5 + 2 * 1) / 20)
    assert found.loc["乙县", ["state", "reason"]].tolist() == ["not_computable", "empty_stratum"]


def test_changes_are_tested_exactly() -> None:
    """Fisher's tea (The Design of Experiments, 1935): 3 of 4 against 1 of 4 has p = 0.486. Interval: Newcombe (1998), Statistics
    in Medicine 17(8), 873-890, table II, example (a), method 10: 56/70 - 48/80 lies in 0.0524 to 0.3339."""
    reports = [shares("甲县", 2022, 1, 4), shares("甲县", 2023, 3, 4), shares("乙县", 2022, 48, 80), shares("乙县", 2023, 56, 70)]
    found = gd.compare_years(made_panel([*reports, shares("丙县", 2023, 1, 2)])).set_index("agency")
    assert round(found.loc["甲县", "p"], 3) == 0.486
    other = found.loc["乙县"]
    assert (round(other["low"], 4), round(other["high"], 4), round(other["difference"], 4)) == (0.0524, 0.3339, 0.2)
    assert found.loc["丙县", ["state", "reason"]].tolist() == ["not_computable", "one_year"]
    assert found.loc["甲县", "q"] == pytest.approx(found.loc["甲县", "p"])


def test_false_discoveries_agree_with_published_example() -> None:
    """Benjamini & Hochberg (1995), section 3.2: of 15 comparisons the first four are discoveries at 0.05."""
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
    """Hollander & Wolfe, Nonparametric Statistical Methods, example 9.1 (cloud seeding, five years): concordant less
    discordant pairs -6, one-sided p = .117, slope -.056. Here a tenth of their ratios, which have to be shares."""
    ratios = [1.26, 1.27, 1.12, 1.16, 1.03]
    found = gd.trend(made_panel(series("甲县", 2019, [one / 10 for one in ratios]))).iloc[0]
    assert (found["n"], found["first"], found["last"], found["tau"]) == (5, 2019, 2023, -0.6)
    assert round(found["p"], 3) == 0.233 and round(10 * found["slope"], 3) == -0.056


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
