"""Measures: exact values, published worked examples, and what is said where nothing can be computed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from made_panels import BLANK_ZEROS, CONCLUDED_ZERO, ZERO_TOTAL, Made, counts, made_panel

from govdisclose import measures
from govdisclose.evidence import (
    APPLICANTS,
    REQUEST_COLUMNS,
    documents_used,
    members,
    read_ledger,
)
from govdisclose.findings import Finding


def one(frame: pd.DataFrame, measure: str, agency: str | None = None, year: int | None = None) -> pd.Series:
    rows = frame[frame["measure"] == measure]
    rows = rows if agency is None else rows[rows["agency"] == agency]
    rows = rows if year is None else rows[rows["year"] == year]
    assert len(rows) == 1
    return rows.iloc[0]


def plain(agency: str, year: int, granted: int, concluded: int, **more: object) -> Made:
    """A report of nothing but granted and denied requests."""
    rows = {
        "received": concluded,
        "granted": granted,
        "denied.third_party": concluded - granted,
        "concluded": concluded,
    }
    return Made(agency, year, counts(rows), **more)  # type: ignore[arg-type]


# Newcombe (1998), Statistics in Medicine 17(8), 857-872, table I, method 3 (Wilson score); also in the tests of the R package
# ratesci.
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_agrees_with_published_examples(successes: int, trials: int, low: float, high: float) -> None:
    found = measures.wilson(successes, trials)
    assert (round(float(found[0]), 4), round(float(found[1]), 4)) == (low, high)


def test_wilson_of_nothing_is_nothing() -> None:
    low, high = measures.wilson([0, float("nan")], [0, 10])
    assert pd.isna(low).all() and pd.isna(high).all()


def test_outcomes_sum_their_rows_in_both_forms() -> None:
    rows = {"denied.state_secret": 2, "denied.third_party": 3, "not_available.unclear": 4, "concluded": 20}
    newer = counts(rows | {"other.uncorrected": 5, "other.other": 6})
    older = counts(rows | {"other": 11})
    panel = made_panel([Made("甲县", 2019, older, form="2019"), Made("甲县", 2021, newer)])
    frame = measures.outcomes(panel)
    for year in (2019, 2021):
        values = {m: float(one(frame, m, year=year)["value"]) for m in ("denied", "not_available", "other", "concluded")}
        assert values == {"denied": 5, "not_available": 4, "other": 11, "concluded": 20}
    assert one(frame, "other", year=2019)["origin"] == "requests.other.total"
    assert one(frame, "other", year=2021)["origin"] == "sum of requests.other.*.total"
    assert one(frame, "granted", year=2021)["basis"] == "printed"
    assert one(frame, "denied", year=2021)["basis"] == "sum"


def test_blanks_are_settled_only_by_printed_totals() -> None:
    frame = measures.outcomes(made_panel([BLANK_ZEROS]))
    granted, denied, other = (one(frame, name) for name in ("granted", "denied", "other"))
    assert (granted["value"], granted["lacking"], granted["basis"]) == (272, 2, "settled")
    assert granted["origin"] == "sum of requests.granted.*"
    assert (denied["value"], denied["silences"]) == (35, "blank")
    assert (other["value"], other["basis"]) == (0, "settled")
    assert one(frame, "concluded")["basis"] == "printed"


def test_without_the_printed_totals_the_same_blanks_leave_a_lower_bound() -> None:
    figures = {k: v for k, v in BLANK_ZEROS.figures.items() if not k.endswith(".total") and ".concluded." not in k}
    frame = measures.outcomes(made_panel([replace(BLANK_ZEROS, figures=figures)]))
    denied, other = one(frame, "denied"), one(frame, "other")
    assert denied["value"] is pd.NA and denied["at_least"] == 35
    assert (denied["basis"], denied["state"], denied["reason"]) == ("at_least", "not_computable", "cells_missing")
    assert other["value"] is pd.NA and other["at_least"] is pd.NA
    assert (other["basis"], other["reason"]) == ("none", "nothing_printed")


def test_a_total_with_a_finding_settles_nothing() -> None:
    figures = {"requests.granted.natural_person": "5", "requests.granted.total": "5"}
    doubt = Finding("requests.row_total", "error", "", "", "requests", "granted", "total")
    for findings, lacking in (((), False), ((doubt,), True)):
        panel = made_panel([Made("甲县", 2023, figures, rest="", findings=findings)])
        settled = read_ledger(panel).column("values", "requests.granted.commercial_enterprise")
        assert bool(pd.isna(settled[0])) is lacking


@pytest.mark.parametrize("text", ["", "/", "无", None])
def test_silence_never_counts_as_zero(text: str | None) -> None:
    figures = counts({"received": 10, "granted": 4, "concluded": 10, "denied.third_party": 6})
    hole = dict.fromkeys((f"requests.granted.{c}" for c in (*APPLICANTS, "total")), text)
    panel = made_panel([Made("甲县", 2023, figures | hole)])
    granted = one(measures.outcomes(panel), "granted")
    rate = one(measures.rates(panel), "grant_rate")
    assert granted["value"] is pd.NA and granted["lacking"] == 7
    assert granted["silences"] == {"": "blank", "/": "not_applicable", "无": "unreadable", None: "absent"}[text]
    assert rate["value"] is pd.NA and rate["reason"] == "numerator_missing"


def test_rates_carry_numerator_denominator_and_interval() -> None:
    rate = one(measures.rates(made_panel([plain("甲县", 2023, 81, 263)])), "grant_rate")
    assert (rate["numerator"], rate["denominator"]) == (81, 263)
    assert (round(rate["value"], 4), round(rate["low"], 4), round(rate["high"], 4)) == (0.3080, 0.2553, 0.3662)
    assert (rate["state"], rate["reason"], bool(rate["flagged"])) == ("computed", "", False)


def test_a_total_of_zero_beside_outcomes_gives_no_rate() -> None:
    panel = made_panel([ZERO_TOTAL])
    concluded = one(measures.outcomes(panel), "concluded")
    rate = one(measures.rates(panel), "grant_rate")
    assert (concluded["value"], bool(concluded["flagged"])) == (0, True)
    assert rate["value"] is pd.NA and (rate["numerator"], rate["denominator"]) == (7, 0)
    assert (rate["reason"], bool(rate["flagged"])) == ("zero_contradicted", True)
    assert not one(measures.outcomes(panel), "granted")["flagged"]


def test_no_request_gives_no_rate_but_no_contradiction() -> None:
    rate = one(measures.rates(made_panel([plain("甲县", 2023, 0, 0)])), "grant_rate")
    assert rate["value"] is pd.NA and rate["reason"] == "zero_denominator"


def test_a_numerator_above_its_denominator_gives_no_rate() -> None:
    figures = counts({"received": 9, "granted": 9, "concluded": 8})
    rate = one(measures.rates(made_panel([Made("甲县", 2023, figures)])), "grant_rate")
    assert rate["value"] is pd.NA and rate["reason"] == "exceeds"


def test_an_error_without_a_culprit_flags_all_its_cells() -> None:
    cells = tuple(f"requests.{row}.total" for row in ("received", "carried_in", "concluded", "carried_out"))
    doubt = Finding("requests.balance", "error", "", "", "requests", involved=cells)
    frame = measures.outcomes(made_panel([plain("甲县", 2023, 4, 10, findings=(doubt,))]))
    assert set(frame[frame["flagged"]]["measure"]) == {"received", "carried_in", "concluded", "carried_out"}


def test_warnings_flag_nothing() -> None:
    warned = replace(CONCLUDED_ZERO, severity="warning")
    assert not measures.outcomes(made_panel([replace(ZERO_TOTAL, findings=(warned,))]))["flagged"].any()


def test_backlog_is_what_is_carried_over_of_the_whole_caseload() -> None:
    figures = counts({"received": 18, "carried_in": 2, "granted": 15, "concluded": 15, "carried_out": 5})
    rate = one(measures.rates(made_panel([Made("甲县", 2023, figures)])), "backlog_rate")
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (5, 20, 0.25)


def test_of_several_documents_the_fullest_speaks() -> None:
    full = plain("甲县", 2023, 4, 10, source="b.html")
    torn = Made("甲县", 2023, {"requests.granted.total": "9"}, rest=None, source="a.txt")
    used = documents_used(made_panel([torn, full, Made("", 2023), Made("乙县", None)]))
    assert used[["agency", "source", "documents"]].to_numpy().tolist() == [["甲县", "b.html", 2]]
    assert one(measures.outcomes(made_panel([torn, full])), "granted")["value"] == 4


def test_reasons_are_shares_of_their_group() -> None:
    rows = {"denied.third_party": 3, "denied.deliberative": 1, "not_available.not_held": 7, "concluded": 11}
    frame = measures.reasons(made_panel([Made("甲县", 2023, counts(rows))]))
    assert len(frame) == sum(len(members(group)) for group in measures.REASON_GROUPS) == 16
    third = one(frame, "denied.third_party")
    assert (third["numerator"], third["denominator"], third["value"], third["group"]) == (3, 4, 0.75, "denied")
    assert one(frame, "not_available.not_held")["value"] == 1
    assert one(frame, "not_processed.repeat")["reason"] == "zero_denominator"


def test_a_group_with_a_hole_has_no_shares() -> None:
    rows = counts({"denied.third_party": 3})
    hole = dict.fromkeys((f"requests.denied.deliberative.{c}" for c in REQUEST_COLUMNS), "")
    frame = measures.reasons(made_panel([Made("甲县", 2023, rows | hole | {"requests.concluded.total": "9"})]))
    third = one(frame, "denied.third_party")
    assert third["value"] is pd.NA and (third["reason"], third["lacking"]) == ("denominator_missing", 7)
    pooled = measures.pool(frame, ["group"])
    assert one(pooled, "denied.third_party")[["used", "left_out"]].tolist() == [0, 1]


def test_applicants_are_pooled_over_agency_years() -> None:
    first = Made("甲县", 2022, counts({"denied.third_party": 2}) | counts({"denied.deliberative": 1}, "research_institution"))
    second = Made("乙县", 2023, counts({"denied.third_party": 1, "denied.deliberative": 1}))
    frame = measures.reasons_by_applicant(made_panel([first, second]))
    persons = one(frame[frame["applicant"] == "natural_person"], "denied.third_party")
    assert (persons["numerator"], persons["denominator"], persons["value"]) == (3, 4, 0.75)
    assert (persons["used"], persons["agencies"]) == (2, 2)
    institutes = one(frame[frame["applicant"] == "research_institution"], "denied.deliberative")
    assert (institutes["numerator"], institutes["denominator"]) == (1, 1)


def test_pool_sums_over_sums_and_gives_the_median_agency() -> None:
    panel = made_panel([plain("甲县", 2023, 90, 100), plain("乙县", 2023, 1, 10), plain("丙县", 2023, 5, 10)])
    rates = measures.rates(panel)
    pooled = one(measures.pool(rates[rates["measure"] == "grant_rate"], ["year"]), "grant_rate")
    assert (pooled["numerator"], pooled["denominator"], pooled["value"]) == (96, 120, 0.8)
    assert (pooled["median"], pooled["agencies"], pooled["left_out"]) == (0.5, 3, 0)


def test_the_balanced_block_is_the_largest_over_consecutive_years() -> None:
    years = {
        "甲县": (2019, 2021, 2022, 2023),
        "乙县": (2021, 2022, 2023),
        "丙县": (2021, 2022, 2023),
        "丁县": (2022, 2023),
    }
    panel = made_panel([plain(agency, year, 1, 2) for agency, held in years.items() for year in held])
    rates = measures.rates(panel)
    granted = rates[rates["measure"] == "grant_rate"]
    block = measures.balanced_block(granted)
    assert block == measures.Block(("丙县", "乙县", "甲县"), (2021, 2022, 2023))
    assert len(measures.inside(granted, block)) == 9


def test_two_agencies_are_no_block() -> None:
    panel = made_panel([plain(agency, year, 1, 2) for agency in ("甲县", "乙县") for year in (2022, 2023)])
    assert measures.balanced_block(measures.rates(panel)) == measures.Block((), ())


def test_a_new_reporter_does_not_move_the_balanced_trend() -> None:
    panel = made_panel(
        [plain(agency, year, 5, 10) for agency in ("甲县", "乙县", "丙县") for year in (2022, 2023)]
        + [plain("丁县", 2023, 1000, 1000)]
    )
    rates = measures.rates(panel)
    granted = rates[rates["measure"] == "grant_rate"]
    block = measures.balanced_block(granted)
    trend = measures.pool(measures.inside(granted, block), ["year"])
    assert trend["value"].tolist() == [0.5, 0.5]


def test_volumes_keep_their_printed_unit() -> None:
    figures = {"proactive.licensing.decisions": "6900", "proactive.fees.amount": "12.5"}
    panel = made_panel([Made("甲县", 2023, figures), Made("乙县", 2023, figures, fee_unit="yuan"), BLANK_ZEROS])
    frame = measures.volumes(panel)
    fees = frame[frame["measure"] == "fees"].set_index("agency")
    assert fees.loc["甲县", ["value", "unit"]].tolist() == [12.5, "10k yuan"]
    assert fees.loc["乙县", ["value", "unit"]].tolist() == [12.5, "yuan"]
    assert fees.loc[BLANK_ZEROS.agency, "reason"] == "not_in_form"
    licences = one(frame, "licensing", BLANK_ZEROS.agency)
    assert licences["value"] is pd.NA and (licences["reason"], licences["silences"]) == ("nothing_printed", "blank")


def test_latest_volumes_are_those_of_the_last_year_with_a_figure() -> None:
    panel = made_panel([Made("甲县", 2022, {"proactive.licensing.decisions": "5"}), Made("甲县", 2023, rest="", figures={})])
    latest = measures.latest(measures.volumes(panel))
    assert set(latest["year"]) == {2022} and one(latest, "licensing")["value"] == 5


def test_coverage_shows_every_year_between_first_and_last() -> None:
    panel = made_panel([plain("甲县", 2020, 1, 2), plain("乙县", 2022, 1, 2), Made("乙县", 2020, rest=None), BLANK_ZEROS])
    frame = measures.coverage(panel, "requests").set_index(["agency", "year"])
    assert len(frame) == 3 * 4
    assert frame.loc[("甲县", 2020), "state"] == "complete" and frame.loc[("甲县", 2021), "state"] == "missing"
    assert frame.loc[("乙县", 2020), ["state", "absent"]].tolist() == ["no_figures", 175]
    assert frame.loc[(BLANK_ZEROS.agency, 2019), ["state", "number", "blank"]].tolist() == ["partly", 35, 126]


def test_the_form_is_that_of_the_table_not_of_the_report() -> None:
    panel = made_panel([Made("甲县", 2023, counts({"received": 1}))])
    mixed = panel.cells.assign(form=panel.cells["form"].where(panel.cells["table"] != "requests", "2019"))
    panel = replace(panel, cells=mixed)
    assert set(measures.outcomes(panel)["form"]) == {"2019"} and set(measures.volumes(panel)["form"]) == {"2021"}
