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
    assert len([one for one in report.found if one.rule == "cell.unreadable"]) == len(KEYS)


@pytest.mark.parametrize("layout", ["html_unclosed", "text_dense", "text_bar_after"])
def test_a_report_of_a_later_form_is_never_taken_for_the_list(layout: str) -> None:
    assert {gd.read_report(typeset(filing, LAYOUTS[layout])).form for filing in filings()[:4]} <= {"2019", "2021"}
