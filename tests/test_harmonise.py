"""One series a measure over all forms: values as printed, and a new segment wherever the definition breaks."""

from __future__ import annotations

import math

from filings import Filing, cell_keys
from layouts_statistics import FORM, STATISTICS
from made_panels import Made, counts, made_panel
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose import segments
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


def over_forms() -> gd.Panel:
    old = [Made("甲县", year, {f"statistics.{key}.count": str(n) for key, n in OLD.items()}, "2014") for year in (2017, 2018)]
    new = counts({"received": 9, "concluded": 9, "granted": 4, "partially_granted": 2, "denied.other_law": 3})
    return made_panel([*old, *(Made("甲县", year, new, "2019") for year in (2019, 2020))])


OLD = {"requests.received": 8, "requests.answered.granted": 7, "requests.answered.partially_granted": 1}


def test_no_line_is_drawn_over_a_break_of_the_definition() -> None:
    frame = segments.series(over_forms())
    figure = segments.drawn(frame, ["甲县"], "en")
    crossing = {}
    for axis, key in zip(figure.axes, segments.SERIES, strict=False):
        lines = [dict(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in axis.lines if len(line.get_xdata()) == 4]
        crossing[key] = any(not math.isnan(line[2018] + line[2019]) for line in lines)
        drawn = {year for line in lines for year, value in line.items() if not math.isnan(value)}
        assert drawn == {2017, 2018, 2019, 2020}
        assert [list(line.get_xdata()) for line in axis.lines if len(line.get_xdata()) == 2] == [[2018.5, 2018.5]]
        assert [text.get_text() for text in axis.texts] == ["New form, same definition" if crossing[key] else "Definition changes"]
    assert crossing == {"received": True, "concluded": True, "granted": False, "partially_granted": False, "denied": False}


def test_where_the_definition_breaks_is_said_measure_by_measure() -> None:
    broken, whole = segments.breaks(segments.series(over_forms()), "zh").split("。")[:2]
    assert [name in broken for name in ("予以公开", "部分公开", "不予公开", "新收申请")] == [True, True, True, False]
    assert whole == "定义不变的：新收申请、办结申请"


def test_reports_of_one_form_have_no_break_to_show() -> None:
    assert segments.series(made_panel([Made("甲县", 2022), Made("甲县", 2023)])).empty
