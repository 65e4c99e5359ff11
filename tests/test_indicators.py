"""The statistics of 2014 to 2018: every figure of the list, whatever its layout, and no figure of a code or a running total."""

from __future__ import annotations

import random

import pytest
from filings import filings
from layouts_statistics import FORM, STATISTICS
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.checks import check_cells

KEYS = [slot.key for slot in FORM.slots]
AGENCY = "金湖县水利局"


def figures(seed: int) -> dict[str, str]:
    chance = random.Random(seed)
    return {key: str(chance.choice((0, 0, 1, chance.randint(2, 40), chance.randint(100, 99_999)))) for key in KEYS}


def read(layout: str, printed: dict[str, str]) -> tuple[gd.Report, dict[str, tuple[float | None, str]]]:
    report = gd.read_report(STATISTICS[layout](AGENCY, 2016, printed))
    return report, {cell.slot.key: (cell.value, cell.state) for cell in report.slots}


@pytest.mark.parametrize("layout", STATISTICS)
@pytest.mark.parametrize("seed", range(5))
def test_every_figure_of_the_list_reads_back(layout: str, seed: int) -> None:
    printed = figures(seed)
    report, cells = read(layout, printed)
    assert (report.agency, report.year, report.form) == (AGENCY, 2016, "2014")
    assert cells == {key: (float(text), "number") for key, text in printed.items()}
    assert set(report.cells["table"]) == {"statistics"}
    assert not [one for one in report.found if not one.rule.startswith("statistics.")]


@pytest.mark.parametrize("layout", ["html", "html_coded", "text_bars"])
def test_blanks_slashes_and_words_are_kept_apart(layout: str) -> None:
    printed = figures(1) | {"statistics.complaints.count": "", "statistics.fees.count": "/", "statistics.staff.count": "约30"}
    _, cells = read(layout, printed)
    assert cells["statistics.complaints.count"] == (None, "blank")
    assert cells["statistics.fees.count"] == (None, "not_applicable")
    assert cells["statistics.staff.count"] == (None, "unreadable")


def test_what_does_not_add_up_is_found() -> None:
    printed = dict.fromkeys(KEYS, "0") | {"statistics.requests.received.count": "5", "statistics.requests.received.online.count": "4"}
    report, _ = read("html", printed)
    (one,) = [found for found in report.found if found.severity == "error"]
    assert (one.rule, one.expected, one.found) == ("statistics.received", 4, 5)
    sound = gd.read_report(STATISTICS["html"](AGENCY, 2016, dict.fromkeys(KEYS, "0")))
    assert check_cells(sound.slots) == []


def test_a_lost_label_is_told_by_its_order_and_a_lost_line_is_absent() -> None:
    page = STATISTICS["html"](AGENCY, 2016, dict.fromkeys(KEYS, "3")).decode()
    damaged = page.replace("网络申请数", "络申请").replace("（一）举报投诉数量", "（一）举报")
    report = gd.read_report(damaged)
    assert [cell.value for cell in report.slots] == [3.0] * len(KEYS)
    assert {one.row for one in report.found if one.rule == "row.by_order"} == {"requests.received.online", "complaints"}
    lost = gd.read_report("\n".join(line for line in STATISTICS["text_bars"](AGENCY, 2016, dict.fromkeys(KEYS, "3")).decode().split("\n") if "举报" not in line))
    assert [cell.slot.row for cell in lost.slots if cell.state == "absent"] == ["complaints"]
    assert [one.row for one in lost.found if one.rule == "cell.absent"] == ["complaints"]


def test_figures_of_several_columns_without_a_head_are_left_open() -> None:
    rows = "".join(f"<tr><td>{row.label.zh}</td><td>件</td><td>1</td><td>2</td></tr>" for row in FORM.tables[0].rows)
    report = gd.read_report(f"<h1>{AGENCY}2016年政府信息公开工作年度报告</h1><table>{rows}</table>")
    assert {cell.state for cell in report.slots} == {"unreadable"}
    (one,) = [one for one in report.found if one.rule == "figure.several"]
    assert set(one.involved) == set(KEYS)


@pytest.mark.parametrize("layout", ["html_unclosed", "text_dense", "text_bar_after"])
def test_a_report_of_a_later_form_is_never_taken_for_the_list(layout: str) -> None:
    assert {gd.read_report(typeset(filing, LAYOUTS[layout])).form for filing in filings()[:4]} <= {"2019", "2021"}


HEAD_2008 = ["指标名称", "计量单位", "代码", "本年度", "历年累计"]


def rows_of(printed: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(row.label.zh, "件", printed[row.slots[0].key]) for row in FORM.tables[0].rows]


def page(*rows: list[str]) -> bytes:
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h1>{AGENCY}2016年政府信息公开工作年度报告</h1><table>{body}</table>".encode()


def text(*lines: str) -> bytes:
    return "\n".join([f"{AGENCY}2016年政府信息公开工作年度报告", *lines]).encode()


def values(source: bytes) -> list[float | None]:
    return [cell.value for cell in gd.read_report(source).slots]


def test_neither_codes_nor_running_totals_are_figures_in_plain_text() -> None:
    printed = figures(7)
    wanted = [float(printed[key]) for key in KEYS]
    rows = [[label, unit, f"{n:02d}", figure, str(int(figure) + 9)] for n, (label, unit, figure) in enumerate(rows_of(printed), 1)]
    assert values(text(*HEAD_2008, *(cell for row in rows for cell in row))) == wanted
    assert values(text(" ".join(HEAD_2008), *(" ".join(row) for row in rows))) == wanted
    assert values(text("|".join(HEAD_2008), *("|".join(row) for row in rows))) == wanted


@pytest.mark.parametrize("head", [["序号", "指标", "单位", "数量"], []])
def test_the_code_of_the_next_line_is_no_figure(head: list[str]) -> None:
    rows = [(str(n), label, unit) for n, (label, unit, _) in enumerate(rows_of(figures(7)), 1)]
    report = gd.read_report(text(*head, *(cell for row in rows for cell in row)))
    assert all(cell.value is None for cell in report.slots)


def test_of_several_columns_the_one_that_the_title_names_is_read() -> None:
    printed = figures(8)
    wanted = [float(printed[key]) for key in KEYS]
    for own, other in (("水利局", "教育局"), ("2016年", "2015年"), ("2016年", "2017年")):
        ahead = page(["统计指标", "单位", own, other], *([a, b, c, "77"] for a, b, c in rows_of(printed)))
        behind = page(["统计指标", "单位", other, own], *([a, b, "77", c] for a, b, c in rows_of(printed)))
        assert values(ahead) == values(behind) == wanted


@pytest.mark.parametrize("lines", [False, True])
def test_columns_of_other_agencies_are_left_open_with_one_finding(lines: bool) -> None:
    rows = [["统计指标", "单位", "教育局", "民政局"], *([a, b, c, "77"] for a, b, c in rows_of(figures(9)))]
    report = gd.read_report(text(*(cell for row in rows for cell in row)) if lines else page(*rows))
    assert {cell.state for cell in report.slots} == {"unreadable"}
    (one,) = [one for one in report.found if one.rule == "figure.several"]
    assert set(one.involved) == set(KEYS)


def test_a_head_over_two_columns_names_neither() -> None:
    head = "<tr><td rowspan=2>统计指标</td><td rowspan=2>单位</td><td colspan=2>统计数</td></tr><tr><td>教育局</td><td>民政局</td></tr>"
    body = page(*([a, b, c, "77"] for a, b, c in rows_of(figures(9)))).replace(b"<table>", b"<table>" + head.encode())
    assert {cell.state for cell in gd.read_report(body).slots} == {"unreadable"}


def test_two_lists_in_one_document_are_read_where_they_agree() -> None:
    printed = dict.fromkeys(KEYS, "3")
    first, second = page(*map(list, rows_of(printed))), page(*map(list, rows_of(printed | {"statistics.complaints.count": "4"})))
    cells = {cell.slot.row: (cell.value, cell.state) for cell in gd.read_report(first + second).slots}
    assert cells.pop("complaints") == (None, "unreadable")
    assert set(cells.values()) == {(3.0, "number")}
