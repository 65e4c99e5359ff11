"""What does not hold between the reports of a panel: exact findings on made panels, none but the planted on the samples."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from made_panels import Made, counts, made_panel
from synthetic import write

import govdisclose as gd
from govdisclose.panel import Panel, open_panel
from govdisclose.series import check_series

ROOT = Path(__file__).parents[1]
HAI, GUAN, LIN = "海州市市场监督管理局", "灌河县市场监督管理局", "临海县市场监督管理局"
PENALTIES = "proactive.penalties.decisions"


def series(panel: Panel) -> pd.DataFrame:
    return check_series(panel.reports, panel.cells, panel.statements)


def told(reports: list[Made], rule: str = "") -> list[tuple[object, ...]]:
    """Source, rule, severity, cell, expected, found, suggestion of each finding, but for the missing years."""
    found = series(made_panel(reports))
    found = found[(found["rule"] == rule) if rule else (found["rule"] != "series.gap")]
    keys = (found["table"] + "." + found["row"] + "." + found["column"]).str.strip(".")
    numbers = [found[name].astype(object).where(found[name].notna(), None) for name in ("expected", "found", "suggestion")]
    return list(zip(found["source"], found["rule"], found["severity"], keys, *numbers, strict=True))


def years(agency: str, key: str, figures: Mapping[int, str], form: str = "2021", **more: str) -> list[Made]:
    return [Made(agency, year, {key: figure}, form, **more) for year, figure in figures.items()]  # type: ignore[arg-type]


# --- carried over -----------------------------------------------------------------------------------------------------
LAST = Made(HAI, 2022, counts({"received": 12, "granted": 9, "concluded": 9, "carried_out": 3}), "2019")
THIS = {"received": 7, "granted": 10, "concluded": 10}


def test_a_sound_series_over_the_change_of_forms_has_no_finding() -> None:
    assert told([LAST, Made(HAI, 2023, counts(THIS | {"carried_in": 3}))]) == []


def test_a_carry_over_that_differs_with_both_balances_sound_names_no_cell() -> None:
    this = Made(HAI, 2023, counts(THIS | {"received": 6, "carried_in": 4}))
    assert told([LAST, this]) == [
        (this.name, "series.carry_over", "warning", "requests", 3.0, 4.0, None),
        (this.name, "series.carry_over", "warning", "requests", 3.0, 4.0, None),
    ]
    first = series(made_panel([LAST, this])).iloc[0]
    assert first[["agency", "year", "table", "row", "column"]].tolist() == [HAI, 2023, "requests", "", ""]
    assert first["involved"] == ["requests.carried_in.natural_person", "2022:requests.carried_out.natural_person"]
    assert first["message"] == "2022年报告“四、结转下年度继续办理”的“自然人”为3,2023年报告“二、上年结转政府信息公开申请数量”的“自然人”为4,二者应相等"
    assert first["message_en"] == (
        "Carried over to next year (Natural persons) is 3 in the report of 2022, "
        "Carried in from last year (Natural persons) is 4 in that of 2023; the two should be equal"
    )


def test_the_cell_whose_balance_and_total_it_mends_is_named_with_the_suggestion() -> None:
    this = Made(HAI, 2023, counts(THIS | {"carried_in": 3}) | {"requests.carried_in.natural_person": "8"})
    cell = "requests.carried_in.natural_person"
    assert told([LAST, this]) == [(this.name, "series.carry_over", "warning", cell, 3.0, 8.0, 3.0)]


def test_last_years_cell_is_named_on_last_years_report() -> None:
    last = Made(HAI, 2022, {**LAST.figures, "requests.carried_out.natural_person": "5"}, "2019")
    this = Made(HAI, 2023, counts(THIS | {"carried_in": 3}))
    cell = "requests.carried_out.natural_person"
    assert told([last, this]) == [(last.name, "series.carry_over", "warning", cell, 3.0, 5.0, 3.0)]
    found = series(made_panel([last, this])).iloc[0]
    assert found["involved"] == [cell, "2023:requests.carried_in.natural_person"]
    assert found["message"].endswith(";2022年的收支不平,很可能是该年的数字有误")


def test_two_cells_at_fault_together_are_named_without_a_suggestion() -> None:
    this = Made(HAI, 2023, counts(THIS | {"carried_in": 8}))
    assert told([LAST, this]) == [
        (this.name, "series.carry_over", "warning", "requests.carried_in.natural_person", 3.0, 8.0, None),
        (this.name, "series.carry_over", "warning", "requests.carried_in.total", 3.0, 8.0, None),
    ]


def test_with_both_balances_broken_no_cell_is_named() -> None:
    last = Made(HAI, 2022, counts({"received": 12, "granted": 9, "concluded": 9, "carried_out": 5}))
    this = Made(HAI, 2023, counts(THIS | {"carried_in": 8}))
    assert {row[3] for row in told([last, this])} == {"requests"}


@pytest.mark.parametrize("silent", ["", "/", None, "若干"])
def test_a_silent_cell_is_no_zero(silent: str | None) -> None:
    figures = counts(THIS | {"carried_in": 3}) | {"requests.carried_in.natural_person": silent}
    assert told([LAST, Made(HAI, 2023, figures)]) == []


def test_years_that_do_not_follow_and_other_agencies_are_not_compared() -> None:
    assert told([LAST, Made(HAI, 2024, counts(THIS | {"carried_in": 8}))]) == []
    assert told([LAST, Made(GUAN, 2023, counts(THIS | {"carried_in": 8}))]) == []
    assert told([LAST, Made("", 2023, counts(THIS | {"carried_in": 8}))]) == []


# --- in force ---------------------------------------------------------------------------------------------------------
def documents(year: int, issued: int, repealed: int, in_force: int) -> Made:
    row = "proactive.normative_documents"
    return Made(HAI, year, {f"{row}.issued": str(issued), f"{row}.repealed": str(repealed), f"{row}.in_force": str(in_force)})


def test_stock_and_flow() -> None:
    assert told([documents(2022, 4, 1, 32), documents(2023, 5, 2, 35)]) == []
    found = series(made_panel([documents(2022, 4, 1, 32), documents(2023, 5, 2, 36)])).iloc[0]
    assert found[["year", "rule", "severity", "table", "row", "expected", "found"]].tolist() == [
        2023, "series.stock_flow", "warning", "proactive", "", 35, 36,
    ]  # fmt: skip
    assert found["involved"] == [
        *(f"proactive.normative_documents.{column}" for column in ("in_force", "issued", "repealed")),
        "2022:proactive.normative_documents.in_force",
    ]
    assert found["message"] == "“行政规范性文件”的“现行有效件数”:2022年末数加本年制发减本年废止为32+5-2=35,2023年印作36"


def test_stocks_are_never_compared_over_the_change_of_forms() -> None:
    old = Made(HAI, 2022, {"proactive.normative_documents.total": "90"}, "2019")
    assert told([old, documents(2023, 5, 2, 36)]) == []


# --- jumps ------------------------------------------------------------------------------------------------------------
USUAL = {2018: "700", 2019: "745", 2020: "690", 2021: "720", 2022: "715"}


def test_a_slip_of_a_digit_is_named() -> None:
    found = series(made_panel(years(HAI, PENALTIES, USUAL | {2023: "7150"})))
    assert found[["year", "rule", "severity", "table", "row", "column", "expected", "found"]].values.tolist() == [
        [2023, "series.jump", "note", "proactive", "penalties", "decisions", 715, 7150]
    ]
    assert found["message"].item() == "“行政处罚”的“本年处理决定数量”印作7150,本机关其他5年的中位数是715(10倍);接近×10,是否多写或少写了一位"
    assert found["message_en"].item() == (
        "Penalties (Decisions this year) is 7150, the median of the agency's 5 other years is 715 (a factor of 10); "
        "close to ×10, as when a digit is too many or too few"
    )


@pytest.mark.parametrize(("figure", "slip"), [("7", "÷100"), ("72000", "×100"), ("4400", ""), ("0", "")])
def test_slips_of_other_sizes(figure: str, slip: str) -> None:
    found = series(made_panel(years(HAI, PENALTIES, USUAL | {2023: figure})))
    assert found["rule"].tolist() == ["series.jump"]
    assert (f"接近{slip},是否" in found["message"].item()) is bool(slip)


def test_fees_in_yuan() -> None:
    fees = {2019: "12.5", 2020: "14.1", 2021: "13", 2022: "12.8", 2023: "131000"}
    (message,) = series(made_panel(years(HAI, "proactive.fees.amount", fees)))["message"]
    assert message.endswith("接近×10,000,是否元与万元混淆")
    in_yuan = [Made(HAI, 2023, {"proactive.fees.amount": "131000"}, fee_unit="yuan")]
    assert told(years(HAI, "proactive.fees.amount", dict(list(fees.items())[:4])) + in_yuan) == []


@pytest.mark.parametrize(
    "figures",
    [
        USUAL | {2023: "1900"},  # growth
        {2020: "700", 2021: "745", 2022: "690", 2023: "7150"},  # three other years
        {2018: "2", 2019: "0", 2020: "3", 2021: "1", 2022: "2", 2023: "21"},  # few cases
        {2018: "70", 2019: "75", 2020: "69", 2021: "7200", 2022: "7150", 2023: "7300"},  # a new level
        {2018: "9", 2019: "800", 2020: "60", 2021: "4000", 2022: "250", 2023: "7300"},  # an unsteady history
    ],
)
def test_no_jump(figures: dict[int, str]) -> None:
    assert told(years(HAI, PENALTIES, figures)) == []


def test_what_happened_to_all_of_a_kind_is_no_jump() -> None:
    reports = [
        made
        for number in range(5)
        for made in years(f"第{number}县市场监督管理局", PENALTIES, USUAL | {2023: "7150" if number < 4 else "730"})
    ]
    assert told(reports) == []
    found = series(made_panel([*reports[:6], *(m for m in reports[6:] if m.year != 2023), *years(GUAN, PENALTIES, USUAL)]))
    assert found["agency"].tolist() == ["第0县市场监督管理局"]
    calm = [made for number in range(3) for made in years(f"第{number}县市场监督管理局", PENALTIES, USUAL | {2023: "740"})]
    (message,) = series(made_panel(years(HAI, PENALTIES, USUAL | {2023: "7150"}) + calm))["message"]
    assert ";同类3个机关当年约为其他年份的1倍" in message


# --- copies -----------------------------------------------------------------------------------------------------------
ENFORCED = {"licensing": "6900", "penalties": "715", "coercive_measures": "178"}
PROACTIVE = {f"proactive.{row}.decisions": figure for row, figure in ENFORCED.items()}
ASKED = counts({"received": 196, "granted": 104, "partially_granted": 23, "denied.other_law": 17, "concluded": 196}) | counts(
    {"not_available.not_held": 31, "not_processed.repeat": 21}
)


def test_a_table_copied_from_last_year() -> None:
    found = series(made_panel([Made(HAI, 2022, PROACTIVE), Made(HAI, 2023, PROACTIVE)]))
    assert found[["year", "rule", "severity", "table", "row"]].values.tolist() == [
        [2023, "series.duplicate", "warning", "proactive", ""]
    ]
    assert found["involved"].item() == list(PROACTIVE)
    assert found["message"].item() == "“主动公开政府信息情况”全表与本机关2022年的报告完全相同,其中3个大于0的数字互不推定,难以是巧合"


def test_a_table_copied_from_another_agency_is_told_on_both() -> None:
    found = series(made_panel([Made(HAI, 2023, ASKED), Made(GUAN, 2023, ASKED), Made(LIN, 2022, ASKED)]))
    assert found[["agency", "table"]].values.tolist() == [[HAI, "requests"], [GUAN, "requests"]]
    assert found["message"].iloc[0].startswith(f"“收到和处理政府信息公开申请情况”全表与{GUAN}的同年报告完全相同,其中5个")


def test_what_can_agree_by_chance_is_no_copy() -> None:
    few = counts({"received": 3, "granted": 2, "denied.other_law": 1, "concluded": 3})
    stocks = {"proactive.regulations.in_force": "3512", "proactive.normative_documents.in_force": "48210"}
    assert told([Made(HAI, year, few | stocks) for year in (2022, 2023)] + [Made(GUAN, 2023, few | stocks)]) == []
    assert told([Made(HAI, 2023, ASKED), Made(GUAN, 2023, {**ASKED, "requests.other.unpaid.total": "1"})]) == []
    assert told([Made(HAI, 2023, ASKED, source="a"), Made(HAI, 2023, ASKED, source="b")]) == []


# --- gaps -------------------------------------------------------------------------------------------------------------
def test_missing_years() -> None:
    found = series(made_panel([Made(HAI, year) for year in (2018, 2019, 2022, 2024)]))
    assert found[["year", "rule", "severity", "message"]].values.tolist() == [
        [2022, "series.gap", "note", "有2019年和2022年的报告,没有读到其间2020、2021年的报告"],
        [2024, "series.gap", "note", "有2022年和2024年的报告,没有读到其间2023年的报告"],
    ]


# --- summaries --------------------------------------------------------------------------------------------------------
def summary(*offices: Made, kind: str = "县政府(汇总)", received: str = "100") -> Panel:
    return made_panel([Made("灌河县人民政府", 2023, {"requests.received.total": received}, kind=kind), *offices])


def office(name: str, received: str, year: int = 2023) -> Made:
    return Made(name, year, {"requests.received.total": received})


OFFICES = office("灌河县水利局", "60"), office("灌河县教育局", "55"), office("临海县水利局", "70")


def test_a_summary_below_the_sum_of_its_offices() -> None:
    found = series(summary(*OFFICES))
    assert found[["agency", "rule", "severity", "row", "expected", "found"]].values.tolist() == [
        ["灌河县人民政府", "series.aggregate", "note", "received", 115, 100]
    ]
    assert found["message"].item() == "“一、本年新收政府信息公开申请数量”的“总计”:汇总为100,这里有的2个所属机关(灌河县教育局、灌河县水利局)合计115;统计范围或口径可能不同"


def test_membership_by_region_counts_nothing_twice() -> None:
    panel = summary(*OFFICES, office("丰水镇人民政府", "5"), office("灌河县丰水镇水利站", "2"), office("灌河县公安局", "9", 2022))
    regions = {"灌河县人民政府": "某省灌河县", "丰水镇人民政府": "某省灌河县丰水镇", "临海县水利局": "某省临海县"}
    panel.reports["region"] = panel.reports["agency"].map(regions).fillna("")
    (message,) = series(panel)["message"]
    assert "4个所属机关(丰水镇人民政府、灌河县丰水镇水利站、灌河县教育局、灌河县水利局)合计122" in message
    city = Made("海州市人民政府", 2023, {"requests.received.total": "300"}, kind="市政府(汇总)")
    panel = made_panel([city, Made("灌河县人民政府", 2023, {"requests.received.total": "100"}), *OFFICES])
    panel.reports["region"] = panel.reports["agency"].map(
        {"海州市人民政府": "某省海州市"} | {m.agency: f"某省海州市{m.agency[:3]}" for m in OFFICES} | {"灌河县人民政府": "某省海州市灌河县"}
    )
    (message,) = series(panel)["message"]
    assert "(临海县水利局、灌河县人民政府)合计170;其余可能来自这里没有的机关" in message


def test_a_report_that_may_be_of_the_office_alone_is_left_out() -> None:
    panel = summary(*OFFICES, kind="县政府")
    assert series(panel).empty
    said = pd.DataFrame(
        [["灌河县人民政府", 2023, "灌河县人民政府2023.html", "overview", "", "政府信息公开申请", 100.0, "件", "全县", 0, 1]],
        columns=panel.statements.columns,
    ).astype(panel.statements.dtypes.to_dict())
    assert check_series(panel.reports, panel.cells, said)["rule"].tolist() == ["series.aggregate"]
    assert check_series(panel.reports, panel.cells, said.assign(value=130.0)).empty
    assert series(summary(office("灌河县水利局", "40"), office("灌河县教育局", "60"))).empty  # they agree
    assert series(summary(office("灌河县水利局", "40"))).empty  # one office makes no sum


# --- the samples, and panels that change ------------------------------------------------------------------------------
def test_the_samples_have_no_false_finding() -> None:
    found = gd.read_reports(ROOT / "data" / "documents", progress=False).findings
    found = found[found["rule"].str.startswith("series.")]
    assert found[["agency", "year", "rule"]].values.tolist() == [["上海市人民政府办公厅", 2025, "series.gap"]]


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    folder = tmp_path_factory.mktemp("province")
    write(folder, folder / "truth.csv")
    return gd.read_reports(folder / "合成样本", agencies=folder / "agencies.csv", workers=1, progress=False)


def test_the_made_up_province_shows_what_was_planted(province: Panel) -> None:
    found = province.findings[province.findings["rule"].str.startswith("series.")]
    assert set(found["rule"]) == {"series.carry_over", "series.gap"}
    carried = found[found["rule"] == "series.carry_over"]
    with (ROOT / "data" / "synthetic-truth.csv").open(encoding="utf-8") as file:
        planted = [
            (row["agency"], int(row["year"]), f"requests.{row['row']}.{row['column']}", float(row["meant"]), float(row["printed"]))
            for row in csv.DictReader(file)
            if row["rule"] == "series.carry_over"
        ]
    cells = [involved[0] for involved in carried["involved"]]
    assert list(zip(carried["agency"], carried["year"], cells, carried["expected"], carried["found"], strict=True)) == planted
    reported = province.reports.groupby("agency")["year"].agg(lambda years: sum(b - a > 1 for a, b in zip(years, years[1:], strict=False)))
    assert len(found) - len(carried) == reported.sum()


def test_findings_of_a_series_follow_the_panel(province: Panel, tmp_path: Path) -> None:
    agency = "东溪县人民政府"
    one = province.select(agency)
    assert (one.findings["rule"] == "series.carry_over").sum() == 2
    assert one.reports["findings_warning"].sum() == (one.findings["severity"] == "warning").sum()
    alone = one.select(years=2023)
    assert not alone.findings["rule"].str.startswith("series.").any()
    file = alone.save(tmp_path / "panel.duckdb")
    one.select(years=2022).save(file)
    for _ in range(2):
        merged = open_panel(file)
        assert (merged.findings["rule"] == "series.carry_over").sum() == 2
        merged.save(file)
    gap = one.select(years=[2021, 2023]).findings
    assert gap["rule"][gap["rule"].str.startswith("series.")].tolist() == ["series.gap"]
