"""Layouts that no typesetter of ours makes: what a page hides, odd marks between cells, headings in another order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis.strategies import DataObject, data, permutations

import govdisclose as gd
from govdisclose.forms import load_forms

TITLE = "青河县水务局2023年政府信息公开工作年度报告"
COLUMNS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
FORM = load_forms()["2021"].table("requests")
FIGURES = {
    "received": [12, 3, 0, 0, 1, 0, 16],
    "carried_in": [1, 0, 0, 0, 0, 0, 1],
    "granted": [7, 2, 0, 0, 1, 0, 10],
    "partially_granted": [2, 0, 0, 0, 0, 0, 2],
    "denied.state_secret": [0, 1, 0, 0, 0, 0, 1],
    "denied.other_law": [3, 0, 0, 0, 0, 0, 3],
    "concluded": [12, 3, 0, 0, 1, 0, 16],
    "carried_out": [1, 0, 0, 0, 0, 0, 1],
}
ROWS = {row.label.key: (row.label.zh.replace(",", "，"), FIGURES.get(row.label.key, [0] * 7)) for row in FORM.rows}
OUTCOMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
Cells = dict[str, tuple[float | None, str]]


def read(report: gd.Report, table: str) -> Cells:
    """The cells of a table that hold anything."""
    cells = report.cells[(report.cells["table"] == table) & (report.cells["state"] != "absent")]
    keys = cells["row"] + "." + cells["column"]
    values = [None if state != "number" else float(value) for value, state in zip(cells["value"], cells["state"], strict=True)]
    return dict(zip(keys, zip(values, cells["state"], strict=True), strict=True))


def expected() -> Cells:
    names = [slot.column for slot in FORM.rows[0].slots]
    return {f"{row}.{name}": (float(n), "number") for row, (_, figures) in ROWS.items() for name, n in zip(names, figures, strict=True)}


def page(body: str) -> str:
    return f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><h2>三、收到和处理政府信息公开申请情况</h2>{body}</body></html>"


def table(rows: list[list[object]], cell: str = "<td>{}</td>", attributes: str = "") -> str:
    return f"<table{attributes}>{''.join('<tr>' + ''.join(cell.format(one) for one in row) + '</tr>' for row in rows)}</table>"


def grid(order: list[int] | None = None, plus: int = 0) -> list[list[object]]:
    order = order if order is not None else list(range(7))
    head: list[object] = ["项目", *(COLUMNS[i] for i in order)]
    return [head, *([label, *(figures[i] + plus for i in order)] for label, figures in ROWS.values())]


def text(rows: list[list[object]], mark: str) -> str:
    return "\n".join([TITLE, "三、收到和处理政府信息公开申请情况", *(mark.join(map(str, row)) for row in rows), "五、存在的主要问题"])


def flagged(report: gd.Report) -> set[str]:
    return {key for involved in report.findings["involved"] for key in involved}


HIDDEN = {
    "style": table(grid(plus=5), attributes=' style="display: none"'),
    "parent": f'<div style="DISPLAY:none">{table(grid(plus=5))}</div>',
    "attribute": f"<section hidden>{table(grid(plus=5))}</section>",
    "class": f"<style>.old, .x {{ display: none }}</style><div class='old'>{table(grid(plus=5))}</div>",
    "usual class": f"<div class='d-none'>{table(grid(plus=5))}</div>",
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_hidden_copy_of_a_table_is_not_read(kind: str) -> None:
    for body in (HIDDEN[kind] + table(grid()), table(grid()) + HIDDEN[kind]):
        report = gd.read_report(page(body))
        assert read(report, "requests") == expected()
        assert "table.repeated" not in set(report.findings["rule"])


@pytest.mark.parametrize(
    "cell",
    [
        "<td>{0}</td><td style='display:none'>7</td>",
        "<td>{0}<span style='visibility:hidden'>9</span></td>",
        "<td>{0}<i style=\"font-size:0px\">9</i></td>",
        "<td><span style='text-decoration:line-through'>88</span>{0}</td>",
        "<td>{0}<em class=hidden>1</em></td>",
        "<td>{0}<span style='opacity:0'>9</span></td>",
    ],
)
def test_hidden_pieces_of_cells_are_not_read(cell: str) -> None:
    report = gd.read_report(page(table(grid(), cell)))
    assert read(report, "requests") == expected()
    assert report.findings["rule"].tolist().count("page.hidden") == 1


@pytest.mark.parametrize(
    "cell",
    [
        "<td><p style='font-size:0'><span style='font-size:14px'>{0}</span></p></td>",
        "<td style='font-size:0'><span lang=EN-US style='font-size:10.5pt'>{0}</span></td>",
        "<td><span style='visibility:hidden'> <b style='visibility: visible'>{0}</b></span></td>",
    ],
)
def test_what_shows_itself_inside_what_is_hidden_is_read(cell: str) -> None:
    report = gd.read_report(page(table(grid(), cell)))
    assert read(report, "requests") == expected()
    assert "page.hidden" not in set(report.findings["rule"])


@pytest.mark.parametrize(
    "cell",
    [
        "<td><span style='opacity:0'>{0}</span></td>",
        "<td><p class=hide>{0}</p></td>",
        "<td style='font-size:0'>{0}</td>",
        "<td style='visibility:hidden'>{0}</td>",
        "<td><s>{0}</s></td>",
        "<td><del>{0}</del></td>",
        "<td><span style='font-size:0'>9<b style='font-size:9pt'>{0}</b></span></td>",
    ],
)
def test_cells_whose_figures_are_all_hidden_or_struck_out_are_not_empty(cell: str) -> None:
    rows = ["<tr><td>" + str(label) + "</td>" + "".join(map(cell.format, figures)) + "</tr>" for label, *figures in grid()[1:]]
    report = gd.read_report(page(table(grid()[:1]).replace("</table>", "".join(rows) + "</table>")))
    assert read(report, "requests") == dict.fromkeys(expected(), (None, "unreadable"))


def test_hidden_rows_are_not_read() -> None:
    rows = table(grid()).replace("<tr><td>(一)", "<tr style='display:none'><td>(一)予以公开</td>" + "<td>9</td>" * 7 + "</tr><tr><td>(一)")
    assert read(gd.read_report(page(rows)), "requests") == expected()


def test_the_only_copy_of_a_table_is_read_though_a_tab_hides_it() -> None:
    shown = table([["行政许可", 7], ["行政处罚", 8]])
    report = gd.read_report(page(f"{shown}<div style='display:none'>{table(grid())}</div>"))
    assert read(report, "requests") == expected()
    note = next(one for one in report.found if one.rule == "page.hidden")
    assert {key.split(".")[0] for key in note.involved} == {"requests"}


@pytest.mark.parametrize("style", ["font-size:0.8em", "border:none", "display:block", "opacity:0.5", "display:none-such"])
def test_what_is_shown_is_read(style: str) -> None:
    hidden = style == "display:none-such"
    report = gd.read_report(page(f"<div style='{style}'>{table(grid())}</div>"))
    assert read(report, "requests") == expected()
    assert ("page.hidden" in set(report.findings["rule"])) == hidden


def test_rules_for_other_screens_and_for_tabs_hide_nothing() -> None:
    sheet = "<style>@media print{.a{display:none}} .b{display:none} .b.on{display:block}</style>"
    report = gd.read_report(page(f"{sheet}<div class=a>{table([['行政许可', 7]])}</div><div class='b on'>{table(grid())}</div>"))
    assert read(report, "requests") == expected()
    assert read(report, "proactive")["licensing.decisions"] == (7.0, "number")


@pytest.mark.parametrize("remark", ["<!-- 5 -->", "<!--<td>5</td>-->"])
def test_remarks_between_cells_are_no_cells(remark: str) -> None:
    assert read(gd.read_report(page(table(grid(), "<td>{}</td>" + remark))), "requests") == expected()


@pytest.mark.parametrize(
    ("cell", "value", "state"),
    [
        ("<textarea>12</textarea>", 12.0, "number"),
        ("<select><option>5<option selected>12</select>", 12.0, "number"),
        ("<math><semantics><mn>12</mn><annotation>12</annotation></semantics></math>", 12.0, "number"),
        ("12<sub>1</sub>", 12.0, "number"),
        ("12<span style='vertical-align: super'>1</span>", 12.0, "number"),
        ("12<sup><a href='#n'>[1]</a></sup>", 12.0, "number"),
        ("<svg><text>12</text></svg>", None, "unreadable"),
        ("<canvas>12</canvas>", None, "unreadable"),
        ("<iframe src='a'></iframe>", None, "unreadable"),
        ("<noscript>12</noscript>", None, "unreadable"),
        ("<script>document.write(12)</script>", None, "unreadable"),
        ("<script>count(12)</script>", None, "blank"),
        ("&#x202e;21", None, "unreadable"),
        ("<bdo dir=rtl>21</bdo>", None, "unreadable"),
        ("十二", None, "unreadable"),
    ],
)
def test_what_a_cell_shows(cell: str, value: float | None, state: str) -> None:
    report = gd.read_report(page(table(grid()).replace("<td>12</td>", f"<td>{cell}</td>", 1)))
    assert read(report, "requests") == {**expected(), "received.natural_person": (value, state)}


def test_a_count_with_a_fraction_is_doubted() -> None:
    report = gd.read_report(page(table(grid()).replace("<td>12</td>", "<td>1.234</td>", 1) + table([["行政事业性收费", 2.5]])))
    doubted = [(one.row, one.column, one.found) for one in report.found if one.rule == "cell.fraction"]
    assert doubted == [("received", "natural_person", 1.234)]


@pytest.mark.parametrize("years", [("2022", "2023"), ("2023", "2022"), ("上年", "本年")])
def test_rows_of_bare_years_are_told_apart(years: tuple[str, str]) -> None:
    own = years.index("2023" if "2023" in years else "本年")
    rows: list[list[object]] = [["项目", "年度", *COLUMNS]]
    for label, figures in ROWS.values():
        both = [figures if i == own else [n + 4 for n in figures] for i in (0, 1)]
        rows += [[label, years[0], *both[0]], [years[1], *both[1]]]
    spanned = table(rows)
    for label, _ in ROWS.values():
        spanned = spanned.replace(f"<td>{label}", f"<td rowspan=2>{label}")
    assert read(gd.read_report(page(spanned)), "requests") == expected()


MARKS = ["；", "~", "^", "#", " / ", "/", " - ", "：", "，", "、", ";", ",", "|", "\t"]


@pytest.mark.parametrize("mark", MARKS)
def test_any_mark_may_part_the_cells_of_a_text(mark: str) -> None:
    assert read(gd.read_report(text(grid(), mark)), "requests") == expected()


def test_an_empty_place_between_slashes_may_be_not_applicable() -> None:
    report = gd.read_report(text(grid(), "/").replace("16", "", 1))
    assert read(report, "requests") == {**expected(), "received.total": (None, "unreadable")}


def test_thousands_parted_by_blanks_in_rows_parted_by_blanks() -> None:
    rows = text(grid(), " ").replace("12 3 0 0 1 0 16", "1 012 3 0 0 1 0 1 016", 1)
    report = gd.read_report(rows)
    more = {"received.natural_person": (1012.0, "number"), "received.total": (1016.0, "number")}
    assert read(report, "requests") == expected() | more
    assert {f"requests.{key}" for key in more} <= flagged(report)


def test_thousands_that_nothing_tells_apart_are_left_open() -> None:
    rows = text(grid(), " ").replace("12 3 0 0 1 0 16", "1 100 100 0 0 1 0 5", 1)
    report = gd.read_report(rows)
    assert not any(key.startswith("received") for key in read(report, "requests"))
    assert "requests.received.total" in flagged(report)


@pytest.mark.parametrize("mark", [" ", "\n"])
@pytest.mark.parametrize("order", [[6, 0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 0, 6], [6, 5, 4, 3, 2, 1, 0]])
def test_a_flat_heading_tells_the_order_of_columns(order: list[int], mark: str) -> None:
    rows = grid(order)
    for short in (rows, rows[:2]):  # one row alone need not add up in one way only
        cells = read(gd.read_report(text(short, mark)), "requests")
        assert cells == {key: cell for key, cell in expected().items() if len(short) > 2 or key.startswith("received")}


def test_reviews_under_headings_in_another_order() -> None:
    figures = {"litigation_after_review": [1, 0, 0, 0, 1], "litigation_direct": [0, 2, 0, 1, 3], "reconsideration": [4, 0, 5, 0, 9]}
    head = "<tr><td colspan=10>行政诉讼</td><td colspan=5 rowspan=2>行政复议</td></tr><tr><td colspan=5>复议后起诉</td><td colspan=5>未经复议直接起诉</td></tr>"
    for order in ([0, 1, 2, 3, 4], [4, 0, 1, 2, 3]):
        rows = [[OUTCOMES[i] for _ in figures for i in order], [own[i] for own in figures.values() for i in order]]
        body = table(rows).replace("<table>", f"<table>{head}")
        report = gd.read_report(page(table(grid()) + "<h2>四、政府信息公开行政复议、行政诉讼情况</h2>" + body))
        names = ["upheld", "overturned", "other", "pending", "total"]
        assert read(report, "reviews") == {f"{row}.{name}": (float(n), "number") for row, own in figures.items() for name, n in zip(names, own, strict=True)}


def test_reviews_in_another_order_without_places_are_doubted() -> None:
    lines = ["行政诉讼", "行政复议", "复议后起诉", "未经复议直接起诉", *OUTCOMES * 3, *"100010201300000"]
    report = gd.read_report(text(grid(), "|") + "\n四、政府信息公开行政复议、行政诉讼情况\n" + "\n".join(lines))
    assert "columns.order" in set(report.findings["rule"])
    assert {f"reviews.{key}" for key in read(report, "reviews")} <= flagged(report)


def test_a_label_does_not_swallow_the_next() -> None:
    lines = ["第二十条第(八)项", "信息内容", "本年收费金额(单位:万元)", "行政事业性收费", "三、收到和处理政府信息公开申请情况", "项目", *COLUMNS]
    rows = [str(cell) for row in grid()[1:] for cell in row]
    report = gd.read_report("\n".join([TITLE, "二、主动公开政府信息情况", *lines, *rows]))
    assert read(report, "requests") == expected()


BOXES = {
    "list": ("<ul>{}</ul>", "<li>{}</li>"),
    "boxes": ("<div class='row'>{}</div>", "<div>{}</div>"),
    "boxes in lines": ("<div>\n {}\n</div>", "<span>{}</span>\n"),
    "words in a row": ("<div>{}</div>", "<span>{}</span>"),
    "paragraphs": ("<div>{}</div>", "<p>{}</p>"),
}


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("kind", BOXES)
def test_rows_of_lists_and_boxes(kind: str, empty: bool) -> None:
    around, box = BOXES[kind]
    rows = [["" if empty and one == 0 else one for one in row] for row in grid()]
    body = "\n".join(around.format("".join(box.format(one) for one in row)) for row in rows)
    blank = {key: (None, "blank") if empty and value == 0 else (value, state) for key, (value, state) in expected().items()}
    assert read(gd.read_report(page(body)), "requests") == blank


@pytest.mark.parametrize("mark", ["①", "²", "⑴"])
def test_footnote_marks_lengthen_no_figure_in_rows_parted_by_blanks(mark: str) -> None:
    rows = text(grid(), " ").replace(" 16\n", f" 16{mark}\n")
    assert read(gd.read_report(rows), "requests") == expected()


def test_a_slash_joined_to_the_label_is_its_figure() -> None:
    report = gd.read_report(f"{TITLE}\n二、主动公开政府信息情况\n信息内容\n本年处理决定数量\n行政许可/\n行政处罚\n8\n行政强制\n2\n")
    assert read(report, "proactive") == {
        "licensing.decisions": (None, "not_applicable"),
        "penalties.decisions": (8.0, "number"),
        "coercive_measures.decisions": (2.0, "number"),
    }


@pytest.mark.parametrize("mark", ["\t", "；"])
def test_a_mark_around_every_row_is_no_empty_cell(mark: str) -> None:
    lines = text(grid(), mark).split("\n")
    body = "\n".join(f"{mark}{line}{mark}" if mark in line else line for line in lines)
    assert read(gd.read_report(body), "requests") == expected()


def test_a_blank_line_before_some_rows_is_no_empty_cell_where_empty_cells_leave_no_trace() -> None:
    figures = {"received": "9 1 2 1 1 14", "carried_in": "2 2", "granted": "3 3", "partially_granted": "4 1 5", "denied.state_secret": "1 1"}
    lines = [TITLE, "三、收到和处理政府信息公开申请情况", *COLUMNS]
    for key, own in figures.items():
        lines += [ROWS[key][0], *([""] if key == "received" else []), *own.split(), ""]
    report = gd.read_report("\n".join(lines))
    assert not [key for key, (_, state) in read(report, "requests").items() if state == "blank"]
    assert "requests.received.total" in flagged(report)


def test_labels_after_the_figures_below_a_heading_are_doubted() -> None:
    body = "二、主动公开政府信息情况\n第二十条第(一)项\n信息内容\n本年制发件数\n本年废止件数\n现行有效件数\n1\n0\n5\n规章\n7\n1\n4392\n行政规范性文件\n第二十条第(五)项\n信息内容\n本年处理决定数量\n12\n行政许可\n"
    report = gd.read_report(f"{TITLE}\n一、总体情况\n全年认真做好公开工作。\n{body}")
    truth = {"regulations.issued": 1.0, "normative_documents.issued": 7.0, "licensing.decisions": 12.0}
    for key, value in truth.items():
        assert read(report, "proactive").get(key) in (None, (value, "number")) or f"proactive.{key}" in flagged(report)


def nested(first: list[object], second: list[object], order: list[int]) -> list[list[object]]:
    """Two lines of headings, some of them over several columns, above rows in the given order of columns."""
    return [first, second, *grid(order)[1:]]


MERGED = {
    "groups swapped": (["法人或其他组织", "自然人", "总计"], COLUMNS[1:6], [1, 2, 3, 4, 5, 0, 6]),
    "as the form has it": (["自然人", "法人或其他组织", "总计"], COLUMNS[1:6], [0, 1, 2, 3, 4, 5, 6]),
    "total in the line above": (["申请人情况", "总计", "自然人", "法人或其他组织"], COLUMNS[1:6], [0, 1, 2, 3, 4, 5, 6]),
}


@pytest.mark.parametrize("mark", ["\t", "|", "\n"])
@pytest.mark.parametrize("kind", MERGED)
def test_merged_headings_tell_the_order_but_for_the_total(kind: str, mark: str) -> None:
    first, second, order = MERGED[kind]
    assert read(gd.read_report(text(nested(list(first), list(second), order), mark)), "requests") == expected()


def test_a_total_printed_twice_is_read_once() -> None:
    rows = [[row[0], row[-1], *row[1:]] for row in grid()]
    only = [row if not n else [row[0], row[1], *[""] * 6, row[-1]] for n, row in enumerate(rows)]
    assert read(gd.read_report(page(table(rows))), "requests") == expected()
    blank = {key: cell if key.endswith("total") else (None, "blank") for key, cell in expected().items()}
    assert read(gd.read_report(page(table(only))), "requests") == blank


def test_columns_left_out_are_absent() -> None:
    kept = [0, 1, 6]
    rows = [["项目", *(COLUMNS[i] for i in kept)], *([label, *(figures[i] for i in kept)] for label, figures in ROWS.values())]
    names = [FORM.rows[0].slots[i].column for i in kept]
    for document in (page(table(rows)), text(rows, "\t")):
        report = gd.read_report(document)
        assert read(report, "requests") == {key: cell for key, cell in expected().items() if key.rpartition(".")[2] in names}
        assert "requests.received.other_organization" in flagged(report)


def test_reviews_of_two_kinds_only_are_doubted() -> None:
    rows = [["行政复议", "行政诉讼"], OUTCOMES * 2, [1, 0, 0, 0, 1, 0, 2, 0, 1, 3]]
    body = table(rows).replace("<td>行政", "<td colspan=5>行政")
    report = gd.read_report(page(table(grid()) + "<h2>四、政府信息公开行政复议、行政诉讼情况</h2>" + body))
    filled = {f"reviews.{key}" for key in read(report, "reviews")}
    assert {key for key in filled if "litigation" in key} <= flagged(report)


@pytest.mark.parametrize("head", [TITLE, "2024-01-15 10:23", "1/15/24, 4:12 PM", "https://www.example.cn/a.html 2/8"])
def test_heads_and_feet_of_pages_stand_in_no_row(head: str) -> None:
    lines = text(grid(), "\n").split("\n")
    for place in (40, 80, 120):  # among the figures of a row
        lines.insert(place, head)
    assert read(gd.read_report("\n".join(lines)), "requests") == expected()


@pytest.mark.parametrize("cell", ["<td>{0}<a href='#n1'>1</a></td>", "<td>{0}<small>2</small></td>", "<td><p>{0} <a href='#_ftn1'>[1]</a></p></td>"])
def test_notes_behind_figures_do_not_lengthen_them(cell: str) -> None:
    rows = ["<tr><td>" + str(label) + "</td>" + "".join(map(cell.format, figures)) + "</tr>" for label, *figures in grid()[1:]]
    report = gd.read_report(page(table(grid()[:1]).replace("</table>", "".join(rows) + "</table>")))
    assert read(report, "requests") == expected()


@pytest.mark.parametrize("mark", ["-", "/", "—"])
def test_marks_for_not_applicable_in_wide_text_are_no_separators(mark: str) -> None:
    rows = [[label, *(figure or mark for figure in figures)] for label, *figures in grid()[1:]]
    report = gd.read_report(text([["项目", *COLUMNS], *rows], "     "))
    assert read(report, "requests") == {key: (value or None, "number" if value else "not_applicable") for key, (value, _) in expected().items()}


def test_two_rows_in_one_are_no_figure() -> None:
    """1 0 2 beside 0 0 1 is three cells, not 102."""
    labels, figures = [row[0] for row in grid()[1:]], [row[1:] for row in grid()[1:]]
    joined = [["<br>".join(map(str, labels[2:5])), *(" ".join(map(str, three)) for three in zip(*figures[2:5], strict=True))]]
    report = gd.read_report(page(table([*grid()[:3], *joined, *grid()[6:]])))
    found = read(report, "requests")
    assert {key: one for key, one in found.items() if one[1] == "number" and one != expected()[key]} == {}


@pytest.mark.parametrize(
    ("printed", "value", "unit", "rules"),
    [
        ("3万", 3.0, "10k cases", {"cell.unit"}),
        ("3万件", 3.0, "10k cases", {"cell.unit"}),
        ("2万条", 2.0, "10k cases", {"cell.unit"}),
        ("1.2亿", 1.2, "100m cases", {"cell.unit"}),
        ("-5", -5.0, "cases", {"cell.negative"}),
        ("1.234", 1.234, "cases", {"cell.fraction"}),
        ("12件", 12.0, "cases", set()),
    ],
)
def test_counts_that_can_be_none_are_doubted(printed: str, value: float, unit: str, rules: set[str]) -> None:
    report = gd.read_report(page(table([["行政许可", printed], ["行政处罚", 2]])))
    cell = report.cells[report.cells["row"] == "licensing"].iloc[0]
    assert (float(cell["value"]), cell["unit"], cell["text"]) == (value, unit, printed)
    found = report.findings[report.findings["row"] == "licensing"]
    assert set(found["rule"]) == rules


@pytest.mark.parametrize(("printed", "unit"), [("5万", "10k yuan"), ("5万元", "10k yuan"), ("0.5亿", "100m yuan"), ("50000元", "yuan")])
def test_units_of_amounts(printed: str, unit: str) -> None:
    cells = gd.read_report(page(table([["信息内容", "本年收费金额(单位:万元)"], ["行政事业性收费", printed]]))).cells
    assert cells.loc[cells["row"] == "fees", "unit"].tolist() == [unit]


def test_counts_in_other_units_are_added_to_nothing(tmp_path: Path) -> None:
    for name, printed in (("青河县水务局", "3万"), ("青河县教育局", "4")):
        body = page(table([["行政许可", printed], ["行政处罚", 2]])).replace("青河县水务局", name)
        (tmp_path / f"{name}.html").write_text(body, "utf-8")
    figures = gd.measure(gd.read_reports(tmp_path, progress=False), "licensing").set_index("agency")
    assert figures.loc["青河县教育局", "value"] == 4
    assert figures["state"].to_dict() == {"青河县水务局": "not_computable", "青河县教育局": "computed"}


def test_characters_that_a_pdf_writes_as_radicals() -> None:
    """Browsers print 民 as ⺠ and 长 as ⻓: drawn alike, and NFKC leaves them as they are."""
    title = "<h1>⻓⻔县⼈⺠政府办公室2023年政府信息公开工作年度报告</h1>"
    rows = [[str(cell).replace("行", "⾏") for cell in row] for row in grid()]
    report = gd.read_report((title + table(rows)).encode())
    assert (report.agency, report.year) == ("长门县人民政府办公室", 2023)
    assert read(report, "requests") == expected()


def test_who_and_when_as_the_reader_says() -> None:
    """As everywhere in simplified characters; what the document then leaves unsaid is no finding."""
    bare = table(grid()).encode()
    assert {"agency.missing", "year.missing"} <= set(gd.read_report(bare).findings["rule"])
    report = gd.read_report(bare, agency=" 青河縣水務局", year=np.int64(2023))
    assert (report.agency, report.year, type(report.year)) == ("青河县水务局", 2023, int)
    assert not {"agency.missing", "year.missing"} & set(report.findings["rule"])
    other = page("<p>统计期限为2022年1月1日至2022年12月31日。</p>" + table(grid())).encode()
    rules = [set(gd.read_report(other, year=year).findings["rule"]) for year in (None, 2023, 2022)]
    assert ["year.conflict" in found for found in rules] == [True, True, False]
    with pytest.raises(ValueError, match="year must be a whole number such as 2023, not '2023'"):
        gd.read_report(bare, year="2023")  # type: ignore[arg-type]


PARTS = [["received"], ["carried_in"], ["granted"], ["partially_granted"]]
PARTS += [[row.label.key for row in FORM.rows if row.group == group] for group in ("denied", "not_available", "not_processed", "other")]
PARTS += [["concluded"], ["carried_out"]]


def in_rows(keys: list[str], figures: Mapping[str, list[int]], labels: Mapping[str, str]) -> list[list[object]]:
    return [["项目", *COLUMNS], *([labels.get(key, ROWS[key][0]), *figures[key]] for key in keys)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(data())
def test_rows_in_any_order_are_told_by_their_labels(drawn: DataObject) -> None:
    """Each row another figure: none may take its neighbour's."""
    parts = [PARTS[i] for i in drawn.draw(permutations(range(2, 8)))]
    parts = [PARTS[0], PARTS[1], *(drawn.draw(permutations(part)) for part in parts), PARTS[8], PARTS[9]]
    assume(all(part[0] != "other.other" for part in parts))  # without its group's label it is told by the row above alone
    figures = {key: [100 * n + place for place in range(7)] for n, key in enumerate(ROWS, 1)}
    rows = in_rows([key for part in parts for key in part], figures, {})
    for document in (page(table(rows)), page(table([[*row, "", ""] for row in rows])), text(rows, " | "), text(rows, "\t")):
        report = gd.read_report(document)
        keys = {f"{row}.{slot.column}": (float(value), "number") for row, own in figures.items() for slot, value in zip(FORM.rows[0].slots, own, strict=True)}
        assert read(report, "requests") == keys
        assert ("rows.moved" in set(report.findings["rule"])) == ([row[0] for row in rows[1:]] != [label for label, _ in ROWS.values()])


@settings(max_examples=30, deadline=None, derandomize=True)
@given(data())
def test_rows_in_any_order_below_their_labels_are_never_anothers(drawn: DataObject) -> None:
    """Also where 其他 stands first in its group, and its label alone does not tell whose it is: what is not told is not read."""
    parts = [drawn.draw(permutations(PARTS[i])) for i in drawn.draw(permutations(range(2, 8)))]
    figures = {key: [100 * n + place for place in range(7)] for n, key in enumerate(ROWS, 1)}
    rows = in_rows([key for part in [PARTS[0], PARTS[1], *parts, PARTS[8], PARTS[9]] for key in part], figures, {})
    lines = [line for label, *own in rows[1:] for line in (f"{label} |", " | ".join(map(str, own)) + " |")]
    report = gd.read_report("\n".join([TITLE, "三、收到和处理政府信息公开申请情况", *lines, "五、存在的主要问题"]).encode())
    keys = {f"{row}.{slot.column}": (float(value), "number") for row, own in figures.items() for slot, value in zip(FORM.rows[0].slots, own, strict=True)}
    wrong = {key for key, cell in read(report, "requests").items() if cell != keys[key] and cell[1] != "absent"}
    assert wrong == set()
    assert {f"requests.{key}" for key, cell in read(report, "requests").items() if cell[1] == "absent"} <= flagged(report)


def test_a_label_that_columns_have_too_counts_only_in_its_place() -> None:
    figures = {key: own for key, (_, own) in ROWS.items()}
    keys = list(ROWS)
    keys.insert(2, keys.pop(keys.index("concluded")))
    told = gd.read_report(page(table(in_rows(keys, figures, {"concluded": "总计"}))))
    assert {key for key, (value, _) in read(told, "requests").items() if value is not None} <= set(expected())
    assert {f"requests.{key}" for key, cell in expected().items() if read(told, "requests").get(key) != cell} <= flagged(told)
    assert "rows.moved" not in set(told.findings["rule"])


def test_a_label_that_columns_have_too_is_told_by_its_groups_label() -> None:
    other = [key for key in ROWS if key.startswith("other.")]
    keys = [key for key in ROWS if key not in other]
    keys[4:4] = reversed(other)
    rows = [["", *row] for row in in_rows(keys, {key: own for key, (_, own) in ROWS.items()}, {})]
    assert read(gd.read_report(page(table(rows))), "requests") != expected()
    rows[5][0] = "(六)其他处理"
    report = gd.read_report(page(table(rows)))
    assert read(report, "requests") == expected()
    assert "rows.moved" in set(report.findings["rule"])


def test_rows_named_twice_are_not_told_by_their_labels() -> None:
    figures = {key: own for key, (_, own) in ROWS.items()}
    keys = list(ROWS)
    keys[4], keys[5] = keys[5], keys[4]
    told = gd.read_report(page(table(in_rows(keys, figures, {"denied.deliberative": ROWS["denied.other_law"][0]}))))
    assert "rows.moved" not in set(told.findings["rule"])
    assert "requests.denied.deliberative.total" in flagged(told)
