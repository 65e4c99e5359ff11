"""One series a measure over all forms: values as printed, and a new segment wherever the definition breaks."""

from __future__ import annotations

from filings import Filing, cell_keys
from layouts_statistics import FORM, STATISTICS
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.harmonise import harmonised_measures

AGENCY = "金湖县水利局"


def report(year: int, form: str, **printed: str) -> gd.Report:
    if form == "2014":
        held = {slot.key: "0" for slot in FORM.slots} | printed
        return gd.read_report(STATISTICS["html"](AGENCY, year, held))
    forms = dict.fromkeys(("proactive", "requests", "reviews"), form)
    held = dict.fromkeys(cell_keys(forms), "0") | printed
    return gd.read_report(typeset(Filing(AGENCY, year, f"{AGENCY}{year}年政府信息公开工作年度报告", forms, held), LAYOUTS["html_merged"]))


def test_measures_of_all_forms_in_one_series() -> None:
    series = gd.harmonise(
        [
            report(2016, "2014", **{"statistics.requests.received.count": "7", "statistics.requests.answered.denied.count": "2"}),
            report(2020, "2019", **{"requests.received.total": "8", "requests.denied.third_party.total": "3"}),
            report(2022, "2021", **{"requests.received.total": "9", "requests.denied.state_secret.total": "1", "requests.denied.third_party.total": "3"}),
        ]
    )
    assert len(series) == 3 * len(harmonised_measures())

    def of(measure: str) -> list[tuple[int, str, float, int]]:
        own = series[series["measure"] == measure]
        return list(own[["year", "form", "value", "segment"]].itertuples(index=False, name=None))

    assert of("requests_received") == [(2016, "2014", 7.0, 1), (2020, "2019", 8.0, 1), (2022, "2021", 9.0, 1)]
    assert of("denied") == [(2016, "2014", 2.0, 1), (2020, "2019", 3.0, 2), (2022, "2021", 4.0, 2)]
    force = series[series["measure"] == "normative_documents_in_force"]
    assert list(force["state"]) == ["not_in_form", "not_in_form", "number"]
    assert force["segment"].isna().tolist() == [True, True, False]


def test_a_cell_without_a_number_gives_no_value() -> None:
    series = gd.harmonise(report(2022, "2021", **{"requests.denied.third_party.total": "", "requests.received.total": "/"}))
    states = dict(zip(series["measure"], series["state"], strict=True))
    assert (states["denied"], states["requests_received"], states["granted"]) == ("blank", "not_applicable", "number")
    assert series.loc[series["state"] != "number", "value"].isna().all()
