"""The form's identities on printed figures, and the one cell that would mend them."""

from __future__ import annotations

import pytest
from filings import Filing, cell_keys
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.documents import read_document
from govdisclose.grid import Document
from govdisclose.report import _read_tables
from govdisclose.sources import open_source
from govdisclose.usual import read_usual

FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}
SOUND = {
    "requests.received.natural_person": "12",
    "requests.received.total": "12",
    "requests.granted.natural_person": "7",
    "requests.granted.total": "7",
    "requests.denied.other_law.natural_person": "5",
    "requests.denied.other_law.total": "5",
    "requests.concluded.natural_person": "12",
    "requests.concluded.total": "12",
    "reviews.reconsideration.upheld": "1",
    "reviews.reconsideration.total": "1",
}


def filing(**printed: str) -> bytes:
    keys = dict.fromkeys(cell_keys(FORMS), "0") | SOUND | printed
    return typeset(Filing("金湖县水利局", 2023, "金湖县水利局2023年政府信息公开工作年度报告", FORMS, keys), LAYOUTS["html_merged"])


def identities(page: bytes) -> list[tuple[str, str, str, float | None]]:
    """Rule, severity, culprit and suggestion of each finding about an identity."""
    return [
        (f.rule, f.severity, f"{f.table}.{f.row}.{f.column}" if f.column else "", f.suggestion)
        for f in gd.read_report(page).found
        if f.rule.startswith(("requests.", "reviews."))
    ]


def test_a_sound_report_has_no_finding() -> None:
    assert gd.read_report(filing()).found == ()


def test_a_total_printed_0_is_the_one_culprit_of_three_identities() -> None:
    cell = "requests.concluded.total"
    assert sorted(identities(filing(**{cell: "0"}))) == [
        ("requests.balance", "error", cell, 12.0),
        ("requests.concluded_sum", "error", cell, 12.0),
        ("requests.row_total", "error", cell, 12.0),
    ]


def test_a_wrong_detail_breaks_its_row_and_its_column() -> None:
    cell = "requests.granted.natural_person"
    assert sorted(identities(filing(**{cell: "9"}))) == [
        ("requests.concluded_sum", "error", cell, 7.0),
        ("requests.row_total", "error", cell, 7.0),
    ]


def test_two_mistakes_apart_are_told_apart() -> None:
    found = identities(filing(**{"requests.granted.natural_person": "9", "reviews.litigation_direct.pending": "3"}))
    assert ("reviews.row_total", "error", "", None) in found
    assert {cell for rule, _, cell, _ in found if rule.startswith("requests.")} == {"requests.granted.natural_person"}


def test_where_two_cells_could_be_wrong_none_is_suggested() -> None:
    # 5 beside a total of 0: the total may be lost, or the 5 may stand in the wrong row.
    assert identities(filing(**{"reviews.litigation_after_review.upheld": "5"})) == [("reviews.row_total", "error", "", None)]


def test_no_count_below_zero_is_suggested() -> None:
    # 10 and 1 beside a total of 0: only the total can change, for no count is negative.
    page = filing(**{"reviews.reconsideration.upheld": "10", "reviews.reconsideration.overturned": "1",
                     "reviews.reconsideration.total": "0"})  # fmt: skip
    assert identities(page) == [("reviews.row_total", "error", "reviews.reconsideration.total", 11.0)]


def test_an_empty_total_is_doubted_and_nothing_is_put_in() -> None:
    report = gd.read_report(filing(**{"requests.granted.total": ""}))
    cell = next(c for c in report.slots if c.slot.key == "requests.granted.total")
    assert (cell.value, cell.state) == (None, "blank")
    row = [f for f in report.found if f.rule == "requests.row_total"]
    assert [(f.severity, f.column, f.expected, f.found, f.suggestion) for f in row] == [("warning", "total", 7.0, None, None)]


def test_slashes_beside_a_total_of_0_are_no_contradiction() -> None:
    slashes = {key: "/" for key in cell_keys(FORMS) if key.startswith("requests.carried_in.") and not key.endswith("total")}
    assert gd.read_report(filing(**slashes)).found == ()


@pytest.mark.parametrize("layout", ["html_merged", "html_word", "html_unmerged"])
def test_the_quick_reading_agrees_with_the_general_one(layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {key: str(number) for number, key in enumerate(cell_keys(FORMS))}
    page = typeset(Filing("金湖县水利局", 2023, "金湖县水利局2023年政府信息公开工作年度报告", FORMS, keys), LAYOUTS[layout])

    def document() -> Document:
        return read_document(open_source(page))

    quick = _read_tables(document()).fill(2023)[1]
    assert read_usual(document()) is not None
    monkeypatch.setattr("govdisclose.report.read_usual", lambda _: None)
    general = _read_tables(document()).fill(2023)[1]
    assert quick == general


@pytest.mark.parametrize("printed", ["12/3", "1.234.567", "12.", "若干", "见附件", "约30"])
def test_what_stands_for_a_figure_never_vanishes(printed: str) -> None:
    for text in (
        f"金湖县水利局2023年政府信息公开工作年度报告\n| 行政许可 | {printed} | | |\n| 行政处罚 | 4 | | |\n",
        f"<h1>金湖县水利局2023年政府信息公开工作年度报告</h1><table><tr><td>行政许可</td><td>{printed}</td><td></td><td></td></tr>"
        "<tr><td>行政处罚</td><td>4</td><td></td><td></td></tr></table>",
    ):
        report = gd.read_report(text)
        cell = next(c for c in report.slots if c.slot.key == "proactive.licensing.decisions")
        assert (cell.value, cell.state, cell.text) == (None, "unreadable", printed)
        assert [f.column for f in report.found if f.rule == "cell.unreadable"] == ["decisions"]


def test_a_word_among_figures_does_not_shift_them() -> None:
    text = (
        "金湖县水利局2023年政府信息公开工作年度报告\n| 信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |\n"
        "| 规章 | 0 | 0 | 0 |\n| 行政规范性文件 | 若干 | 2 | 3 | |\n"
    )
    cells = {c.slot.column: (c.value, c.state) for c in gd.read_report(text).slots if c.slot.row == "normative_documents"}
    assert cells == {"issued": (None, "unreadable"), "repealed": (2, "number"), "in_force": (3, "number")}


YEARS_PAGE = (
    "<h1>金湖县水利局2023年政府信息公开工作年度报告</h1><table><tr><td>信息内容</td><td>年度</td><td>本年处理决定数量</td></tr>"
    "<tr><td rowspan=2>行政许可</td><td>{}</td><td>5</td></tr><tr><td>{}</td><td>7</td></tr></table>"
)


@pytest.mark.parametrize("labels", [("2022年", "2023年"), ("上年", "本年"), ("去年", "2023年度")])
def test_of_two_years_the_own_is_read(labels: tuple[str, str]) -> None:
    report = gd.read_report(YEARS_PAGE.format(*labels))
    assert [c.value for c in report.slots if c.slot.key == "proactive.licensing.decisions"] == [7]
    assert [(f.severity, f.involved) for f in report.found if f.rule == "table.years"] == [("note", ())]


def test_years_of_which_none_is_the_own_are_doubted() -> None:
    found = [f for f in gd.read_report(YEARS_PAGE.format("2021年", "2022年")).found if f.rule == "table.years"]
    assert [("proactive.licensing.decisions" in f.involved, f.severity) for f in found] == [(True, "warning")]


def test_two_reports_in_one_text_are_not_mixed() -> None:
    def report(year: int, figure: int) -> str:
        rows = "".join(f"| {label} | {figure} |\n" for label in ("行政许可", "行政处罚", "行政强制"))
        return f"金湖县水利局{year}年政府信息公开工作年度报告\n\n二、主动公开政府信息情况\n{rows}"

    for text in (report(2023, 7) + report(2022, 5), f"{report(2023, 7)}附件:2022年数据\n{report(2022, 5)}"):
        read = gd.read_report(text)
        keys = ("licensing", "penalties", "coercive_measures")
        assert [c.value for c in read.slots if c.slot.row in keys] == [7, 7, 7]
