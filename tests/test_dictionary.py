"""The dictionary of measures: every entry is sound, told in both languages, computed by one rule, and the page is current."""

from __future__ import annotations

import pickle
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from made_panels import BLANK_ZEROS, ZERO_TOTAL, Made, counts, made_panel

import govdisclose as gd
from govdisclose import measures
from govdisclose.dictionary import dictionary, measure_of
from govdisclose.findings import Finding
from govdisclose.forms import load_forms

DOCS = Path(__file__).parents[1] / "docs"
DOUBT = Finding("requests.concluded_sum", "error", "", "", "requests", "concluded", "total")


def shares(agency: str, year: int, granted: int, concluded: int, **more: object) -> Made:
    rows = {"received": concluded, "granted": granted, "denied.third_party": concluded - granted, "concluded": concluded}
    return Made(agency, year, counts(rows), **more)  # type: ignore[arg-type]


def test_every_measure_names_cells_of_the_forms_and_is_told_in_both_languages() -> None:
    forms = load_forms()
    assert len(dictionary()) == 59
    for one in dictionary().values():
        for side in (one.above, one.below):
            for form, cells in side.items():
                assert cells.keys and set(cells.keys) <= set(forms[form].places) and len(set(cells.keys)) == len(cells.keys)
        assert all((one.zh, one.en, one.zh_is, one.en_is, one.zh_note, one.en_note, one.source))
        assert set(one.segment) == set(one.above)


def test_the_parts_of_a_whole_are_declared_completely() -> None:
    """The six outcomes make up what is concluded, the reasons their group, in the form's own rows."""
    for form in ("2019", "2021"):
        rates = ("grant_rate", "partial_rate", "denial_rate", "not_available_rate", "not_processed_rate", "other_rate")
        parts = [key for name in rates for key in measure_of(name).above[form].keys]
        left = {f"requests.{row.label.key}.total" for row in load_forms()[form].table("requests").rows if row.group and not row.total}
        assert set(parts) == left and len(parts) == len(left)


@pytest.mark.parametrize(("language", "file"), [("en", "measures.md"), ("zh", "measures.zh.md")])
def test_the_page_of_the_dictionary_is_current(language: str, file: str) -> None:
    assert (DOCS / file).read_text(encoding="utf-8") == gd.measures_markdown(language)


def test_the_table_holds_what_the_page_holds() -> None:
    table = gd.measure_table("zh").set_index("measure")
    assert table.loc["backlog_rate", "definition"] == "结转下年 ÷（新收 + 上年结转）"
    assert table.loc["denied.third_party", "source"].startswith("条例 第十五条")
    assert table.loc["denied", "segments"] == "2014: 1, 2019: 2, 2021: 2"


def test_unknown_measures_and_levels_are_answered_with_the_nearest() -> None:
    panel = made_panel([shares("甲县", 2023, 1, 2)])
    with pytest.raises(ValueError, match="no measure 'grantrate'; nearest: grant_rate"):
        gd.measure(panel, "grantrate")
    with pytest.raises(ValueError, match="no level 'month'"):
        gd.measure(panel, "grant_rate", by="month")
    with pytest.raises(ValueError, match="does not tell 'fees' by type of applicant"):
        gd.measure(panel, "fees", by="applicant")
    with pytest.raises(ValueError, match="method must be one of wilson, clopper-pearson"):
        gd.measure(panel, "grant_rate", method="wald")


def test_one_row_an_agency_year_with_what_it_rests_on() -> None:
    frame = gd.measure(made_panel([shares("甲县", 2023, 81, 263)]), "grant_rate")
    one = frame.iloc[0]
    assert (one["numerator"], one["denominator"], one["n"], one["n_missing"]) == (81, 263, 1, 0)
    assert (round(one["low"], 4), round(one["high"], 4), one["unit"], one["segment"]) == (0.2553, 0.3662, "share", 1)
    assert one["origin"] == "requests.granted.total ÷ requests.concluded.total"
    exact = gd.measure(made_panel([shares("甲县", 2023, 81, 263)]), "grant_rate", method="clopper-pearson").iloc[0]
    assert (round(exact["low"], 4), round(exact["high"], 4)) == (0.2527, 0.3676)


def test_pooled_is_sums_over_sums_and_counts_what_is_missing() -> None:
    hole = counts({"received": 10, "granted": 4, "concluded": 10, "denied.third_party": 6})
    hole |= dict.fromkeys((key for key in hole if key.startswith("requests.granted.")), "")
    hole |= {f"requests.granted.{c}": "" for c in ("commercial_enterprise", "other_organization")}
    panel = made_panel([shares("甲县", 2022, 90, 100), shares("乙县", 2022, 1, 10), Made("丙县", 2022, hole | {"requests.concluded.total": "17"})])
    pooled = gd.measure(panel, "grant_rate", by="year").iloc[0]
    assert (pooled["numerator"], pooled["denominator"], pooled["n"], pooled["n_missing"]) == (91, 110, 2, 1)
    assert pooled["median"] == 0.5
    everywhere = gd.measure(panel, "grant_rate", by=())
    assert len(everywhere) == 1 and everywhere["value"].iloc[0] == 91 / 110


def test_by_type_of_applicant() -> None:
    one = counts({"granted": 3, "concluded": 4}) | {"requests.concluded.research_institution": "2", "requests.concluded.total": "6"}
    frame = gd.measure(made_panel([Made("甲县", 2023, one)]), "grant_rate", by="applicant").set_index("applicant")
    assert frame.loc["natural_person", "value"] == 0.75 and frame.loc["research_institution", "value"] == 0
    assert frame.loc["commercial_enterprise", "reason"] == "zero_denominator"


def test_segments_and_units_are_never_pooled() -> None:
    older = Made("甲县", 2020, {"proactive.normative_documents.produced": "4"}, form="2019")
    newer = Made("甲县", 2022, {"proactive.normative_documents.issued": "7", "proactive.fees.amount": "5"})
    yuan = Made("甲县", 2023, {"proactive.normative_documents.issued": "1", "proactive.fees.amount": "50000"}, fee_unit="yuan")
    panel = made_panel([older, newer, yuan])
    issued = gd.measure(panel, "normative_documents_issued", by="agency")
    assert issued[["segment", "value", "n"]].to_numpy().tolist() == [[2, 4.0, 1], [3, 8.0, 2]]
    fees = gd.measure(panel, "fees", by="agency")
    assert fees[["unit", "value"]].to_numpy().tolist() == [["10k yuan", 5.0], ["yuan", 50000.0]]


def test_what_a_form_has_not_is_missing_from_the_years_that_have_it() -> None:
    panel = made_panel([Made("甲县", 2020, form="2019"), Made("甲县", 2022, {"proactive.fees.amount": "5"})])
    fees = gd.measure(panel, "fees", by="agency")
    assert fees[["value", "n", "n_missing"]].to_numpy().tolist() == [[5.0, 1, 1]]
    early = gd.measure(panel, "fees", by="year").iloc[0]
    assert (early["state"], early["reason"], early["n"]) == ("not_computable", "not_in_form", 0)


def test_a_panel_that_tells_no_agency_has_no_figures() -> None:
    panel = made_panel([Made("", 2023)])
    for by in (("agency", "year"), "year", "applicant"):
        assert len(gd.measure(panel, "grant_rate", by=by)) == 0
    assert len(gd.robust(panel)) == len(gd.peers(panel)) == len(gd.trend(panel)) == len(gd.standardise(panel)) == 0


def test_stocks_are_not_added_up_over_years() -> None:
    reports = [Made(agency, year, {"proactive.normative_documents.in_force": "10"}) for agency in ("甲县", "乙县") for year in (2022, 2023)]
    panel = made_panel(reports)
    assert gd.measure(panel, "normative_documents_in_force", by="year")["value"].tolist() == [20, 20]
    over = gd.measure(panel, "normative_documents_in_force", by="agency")
    assert over["value"].isna().all() and set(over["reason"]) == {"stock_over_years"} and over["n"].tolist() == [2, 2]


def test_sound_leaves_out_what_an_error_touches() -> None:
    panel = made_panel([shares("甲县", 2023, 5, 10), shares("乙县", 2023, 1, 10, findings=(DOUBT,))])
    plain, sound = (gd.measure(panel, "grant_rate", sound=sound).set_index("agency") for sound in (False, True))
    assert plain["flagged"].to_dict() == {"甲县": False, "乙县": True} and plain.loc["乙县", "value"] == 0.1
    assert sound.loc["乙县", ["state", "reason"]].tolist() == ["not_computable", "doubted"] and pd.isna(sound.loc["乙县", "value"])
    pooled = gd.measure(panel, "grant_rate", by="year", sound=True).iloc[0]
    assert (pooled["value"], pooled["n"], pooled["n_missing"]) == (0.5, 1, 1)


def test_overturn_rates_leave_out_pending_cases() -> None:
    reviews = {"upheld": 6, "overturned": 2, "other": 2, "pending": 5, "total": 15}
    figures = {f"reviews.reconsideration.{column}": str(n) for column, n in reviews.items()}
    panel = made_panel([Made("甲县", 2023, figures | counts({"concluded": 60}))])
    rate = gd.measure(panel, "reconsideration_overturn_rate").iloc[0]
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (2, 10, 0.2)
    per = gd.measure(panel, "reconsiderations_per_1000").iloc[0]
    assert (per["value"], per["unit"]) == (250, "per 1,000")
    assert (round(per["low"], 2), round(per["high"], 2)) == (139.92, 412.34)  # Garwood: 15 events, 8.3954 to 24.7402.


def test_a_silent_review_total_is_the_sum_of_its_row_and_an_unread_cell_is_not_nothing() -> None:
    row = {f"reviews.reconsideration.{column}": text for column, text in (("upheld", "3"), ("overturned", "1"), ("other", "0"), ("pending", "0"), ("total", ""))}
    told = gd.measure(made_panel([Made("甲县", 2023, row)]), "reconsiderations").iloc[0]
    assert (told["value"], told["basis"], told["lacking"]) == (4, "sum", 0)
    lost = gd.measure(made_panel([Made("甲县", 2023, row | {"reviews.reconsideration.other": "无"})]), "reconsiderations").iloc[0]
    assert pd.isna(lost["value"]) and (lost["at_least"], lost["reason"], lost["silences"]) == (4, "cells_missing", "unreadable")


def test_a_ratio_has_no_interval_and_no_denominator_of_nothing() -> None:
    figures = {"proactive.penalties.decisions": "30", "proactive.licensing.decisions": "120"}
    panel = made_panel([Made("甲县", 2023, figures), Made("乙县", 2023, {"proactive.penalties.decisions": "3"})])
    frame = gd.measure(panel, "penalties_per_licence").set_index("agency")
    assert frame.loc["甲县", "value"] == 0.25 and pd.isna(frame.loc["甲县", "low"])
    assert frame.loc["乙县", ["state", "reason"]].tolist() == ["not_computable", "zero_denominator"]


def test_every_measure_is_computed_or_says_why_on_awkward_reports() -> None:
    panel = made_panel([ZERO_TOTAL, BLANK_ZEROS, Made("乙县", 2022, rest=None), Made("丙县", 2022, rest=""), Made("丁县", 2017, form="2014")])
    frame = gd.measure(panel, list(dictionary()))
    assert len(frame) == 5 * len(dictionary())
    computed = frame["state"] == "computed"
    assert frame.loc[computed, "value"].notna().all() and (frame.loc[computed, "reason"] == "").all()
    assert frame.loc[~computed, "value"].isna().all() and (frame.loc[~computed, "reason"] != "").all()
    held = frame[computed & frame["low"].notna()]
    assert ((held["low"] <= held["value"]) & (held["value"] <= held["high"])).all()


def test_every_measure_is_an_attribute_and_its_own_key() -> None:
    attributes = {name: getattr(measures, name) for name in dir(measures) if name != "measure"}
    assert [one.key for one in attributes.values()] == sorted(dictionary(), key=lambda key: key.replace(".", "_"))
    one = attributes["denied_third_party"]
    assert one == "denied.third_party" and dictionary()[one] is one and one.kind == "share"
    assert pickle.loads(pickle.dumps(one)).above == one.above
    panel = made_panel([ZERO_TOTAL])
    pd.testing.assert_frame_equal(gd.measure(panel, [one, attributes["received"]]), gd.measure(panel, ["denied.third_party", "received"]))
    with pytest.raises(AttributeError, match="no 'grantrate'; nearest: grant_rate, granted"):
        _ = measures.grantrate


def test_no_measure_hides_a_name_of_the_module() -> None:
    assert {key.replace(".", "_") for key in dictionary()}.isdisjoint(vars(measures))


def test_measures_complete_in_a_notebook() -> None:
    shell = InteractiveShell()  # type: ignore[no-untyped-call]
    shell.user_ns |= {"gd": gd}
    with provisionalcompleter():
        for text in ("gd.measures.denied_t", "gd.measure(panel, gd.measures.denied_t"):
            assert [one.text for one in shell.Completer.completions(text, len(text))] == ["denied_third_party"]


def test_a_measure_shows_its_definition_in_both_languages() -> None:
    assert repr(dictionary()["grant_rate"]) == "Measure(grant_rate: grant rate, granted ÷ concluded)"
    html = dictionary()["grant_rate"]._repr_html_()
    assert "予以公开率<br>grant_rate<br>Grant rate" in html and "granted ÷ concluded" in html and "2019 (1), 2021 (1)" in html


def test_figures_explain_measures_and_reasons_below_themselves() -> None:
    figures = gd.measure(made_panel([ZERO_TOTAL, Made("<b>乙</b>县", 2023)]), "grant_rate")
    html = figures._repr_html_()  # type: ignore[operator]
    assert "<b>grant_rate</b> 予以公开率: 予以公开 ÷ 办结总计 · Grant rate: granted ÷ concluded" in html
    assert "<b>zero_denominator</b> 分母为 0，没有可计算的件数 · the denominator is 0: there are no cases" in html
    assert "<b>乙" not in html and type(figures[["value"]]) is pd.DataFrame
