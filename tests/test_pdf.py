"""Digital PDF of kinds whose ruling does not part every cell, or that hold what cannot be seen: right, or in doubt."""

from __future__ import annotations

import math

import accuracy
import layouts_pdf
import numpy as np
import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.grid import LOST, Document
from govdisclose.readers import seen, written
from govdisclose.readers.beside import put_beside
from govdisclose.readers.cut import Part, Spot, put_together
from govdisclose.readers.drawn import Char, read_page
from govdisclose.readers.pdf import read
from govdisclose.readers.ruling import Rule, tables
from govdisclose.sources import Source

OPEN = sorted(name for name, layout in LAYOUTS.items() if name.startswith("pdf") and not layout.exact)
"""Layouts in which an empty cell, or a page of empty cells, leaves no trace."""
UNSURE = frozenset(("absent", "unreadable"))


def read_pdf(pdf: FPDF) -> Document:
    return read(Source("a.pdf", "a", bytes(pdf.output()), ""))


@pytest.mark.parametrize("layout", OPEN)
@pytest.mark.parametrize("seed", [0, 1, 3])
def test_blanks_without_ruling_stay_in_their_columns(layout: str, seed: int) -> None:
    """Odd numbers give cases with blanks."""
    filing, expected = accuracy.case(seed)
    read = {cell.slot.key: (cell.value, cell.state) for cell in gd.read_report(typeset(filing, LAYOUTS[layout])).slots}
    wrong = {key: (read[key], cell) for key, cell in expected.items() if read[key] != cell}
    assert wrong == {}


def test_a_figure_struck_out_is_in_doubt() -> None:
    filing, expected = accuracy.case(0)
    states = {cell.slot.key: cell.state for cell in gd.read_report(layouts_pdf.STRUCK.typeset(filing)).slots}
    assert {state for key, state in states.items() if expected[key][1] == "number"} <= UNSURE


def ruled(pdf: FPDF, rows: list[list[str]]) -> None:
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            pdf.rect(20 + 30 * column, 20 + 10 * number, 30, 10)
            pdf.text(22 + 30 * column, 26 + 10 * number, text)


def page() -> FPDF:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    return pdf


@pytest.fixture
def sheet() -> FPDF:
    pdf = page()
    ruled(pdf, [["A", "12"], ["B", ""]])
    return pdf


def test_a_cell_with_something_drawn_is_not_empty(sheet: FPDF) -> None:
    sheet.line(54, 33, 58, 37)
    sheet.line(54, 37, 58, 33)
    assert [line.cells for line in read_pdf(sheet).lines] == [["A", "12"], ["B", LOST]]


def test_an_empty_cell_is_empty(sheet: FPDF) -> None:
    assert [line.cells for line in read_pdf(sheet).lines] == [["A", "12"], ["B", ""]]


def test_what_cannot_be_seen_is_not_read(sheet: FPDF) -> None:
    sheet.set_text_color(255)
    sheet.text(56, 36, "3")
    with sheet.local_context(fill_opacity=0, text_color=0):
        sheet.text(60, 36, "4")
    assert [line.cells for line in read_pdf(sheet).lines] == [["A", "12"], ["B", ""]]


def over_a_scan(rows: int, **how: object) -> FPDF:
    """The picture of a page of figures, and text on it that was read off it, of which one figure is wrong."""
    printed = page()
    ruled(printed, [[str(number * 7 + column) for column in range(5)] for number in range(rows)])
    picture = pdfium.PdfDocument(bytes(printed.output()))[0].render(scale=2).to_pil()
    pdf = page()
    pdf.image(picture, 0, 0, 210)
    with pdf.local_context(**how):
        for number in range(rows):
            for column in range(5):
                pdf.text(22 + 30 * column, 26 + 10 * number, str(number * 7 + column + (number == column == 1)))
    return pdf


@pytest.mark.parametrize("how", [{"text_mode": 3}, {"text_mode": 7}, {"fill_opacity": 0}], ids=["invisible", "clip", "clear"])
def test_unseen_text_over_a_scan_is_not_read(how: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = over_a_scan(8, **how)
    pdf.add_page()
    ruled(pdf, [["A", "12"]])
    pages = []
    monkeypatch.setattr("govdisclose.readers.scan.is_installed", lambda: True)
    monkeypatch.setattr("govdisclose.readers.scan.add_page", lambda document, grey, grids, number: pages.append(number) or grids + 1)
    lines = read_pdf(pdf).lines
    assert pages == [1]
    assert [(line.cells, line.grid, line.page) for line in lines] == [(["A", "12"], 2, 2)]


def test_a_scan_among_pages_is_left_out_where_none_can_be_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = over_a_scan(8, text_mode=3)
    monkeypatch.setattr("govdisclose.readers.scan.is_installed", lambda: False)
    with pytest.raises(gd.ReportError, match="a scan or picture"):
        read_pdf(pdf)
    pdf = over_a_scan(8, text_mode=3)
    pdf.add_page()
    ruled(pdf, [["A", "12"]])
    assert [line.cells for line in read_pdf(pdf).lines] == [["A", "12"]]


def test_figures_printed_over_those_of_a_picture_are_neither() -> None:
    data = bytes(over_a_scan(14).output())
    page = read_page(Source("a.pdf", "a", data, ""), pdfium.PdfDocument(data), 0)
    assert not page.scanned
    assert {char.text for char in page.chars} == {LOST}


def test_ruling_alone_is_not_sent_to_recognition(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = page()
    ruled(pdf, [["", ""]] * 8)
    monkeypatch.setattr("govdisclose.readers.scan.is_installed", lambda: True)
    monkeypatch.setattr("govdisclose.readers.scan.add_page", lambda *_: pytest.fail("recognised"))
    assert {cell for line in read_pdf(pdf).lines for cell in line.cells} == {""}


def test_light_type_on_a_dark_cell_is_read(sheet: FPDF) -> None:
    with sheet.local_context(fill_color=20):
        sheet.rect(50, 30, 30, 10, style="F")
    sheet.set_text_color(255)
    sheet.text(56, 36, "3")
    assert [line.cells for line in read_pdf(sheet).lines] == [["A", "12"], ["B", "3"]]


@pytest.mark.parametrize("text", ["7 8", "78"])
def test_two_figures_on_one_place_are_neither(sheet: FPDF, text: str) -> None:
    sheet.text(52, 36, text[0])
    sheet.text(52.3 if text == "78" else 62, 36, text[-1])
    assert LOST in read_pdf(sheet).lines[1].cells[1]


def test_figures_set_on_their_side_are_in_doubt(sheet: FPDF) -> None:
    with sheet.rotation(90, 60, 38):
        sheet.text(60, 38, "12")
    assert LOST in read_pdf(sheet).lines[1].cells[1]


def row(*texts: str) -> list[Spot]:
    return [Spot(column, 1, 1, text) for column, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("last", "first", "whole"),
    [
        (("1.属于国家", "5", "0"), ("秘密", "", ""), [("1.属于国家秘密", "5", "0")]),
        (("1.属于国家", "", ""), ("秘密", "5", "0"), [("1.属于国家秘密", "5", "0")]),
        (("2.重复申请", "13", "0"), ("", "0", ""), [("2.重复申请", f"13{LOST}0", "0")]),
        (("2.重复申请", "", ""), ("", "4", "0"), [("2.重复申请", "4", "0")]),
        (("2.重复申请", "4", "0"), ("3.其他", "", ""), [("2.重复申请", "4", "0"), ("3.其他", "", "")]),
        (("信息内容", "本年制发件数", "本年废止件数"), ("规章", "", ""), [("信息内容", "本年制发件数", "本年废止件数"), ("规章", "", "")]),
        (("甲", "1", "2"), ("乙", "3", ""), [("甲", f"1{LOST}", f"2{LOST}"), ("乙", f"3{LOST}", "")]),
    ],
)
def test_rows_at_the_end_of_a_page(last: tuple[str, ...], first: tuple[str, ...], whole: list[tuple[str, ...]]) -> None:
    one, other = Part([0, 10, 20, 30], [row(*last)], [1]), Part([0, 10, 20, 30], [row(*first)], [2])
    put_together(one, other)
    assert [tuple(spot.text for spot in made) for made in one.rows] == whole


def test_boxes_that_stand_apart_are_one_table() -> None:
    across = [Rule(y, x, x + 40) for y in (0, 20, 26, 46) for x in (0, 46)]
    down = [Rule(x, y, y + 20) for x in (0, 40, 46, 86) for y in (0, 26)]
    (table,) = tables(across, down)
    assert [(cell.row, cell.column) for cell in table.cells] == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize(
    ("last", "first", "read"),
    [
        ("-", "B", [["A", "-"], ["B", "12"]]),
        ("n-", "ext", [["A", "n-"], ["ext", "12"]]),
        ("7-", "8", [["A", "7-"], ["8", "12"]]),
        ("\xad", "B", [["A", "-"], ["B", "12"]]),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_is_printed(last: str, first: str, read: list[list[str]]) -> None:
    """The library takes it for the break of a word; it may stand for none, or before a figure."""
    pdf = page()
    ruled(pdf, [["A", last], [first, "12"]])
    assert [line.cells for line in read_pdf(pdf).lines] == read


def test_a_sign_and_its_figure_on_two_lines_are_no_figure_without_sign() -> None:
    pdf = page()
    pdf.rect(20, 20, 30, 14)
    pdf.rect(50, 20, 30, 14)
    pdf.text(22, 26, "A")
    pdf.text(52, 25, "-")
    pdf.text(52, 31, "3")
    assert [line.cells for line in read_pdf(pdf).lines] == [["A", f"-{LOST}3"]]


def lines_of(pdf: FPDF) -> list[list[str]]:
    return [line.cells for line in read_pdf(pdf).lines]


def unruled(pdf: FPDF, rows: list[tuple[str, ...]], step: float = 6) -> None:
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            pdf.text((20, 90, 120)[column], 20 + step * number, text)


def chinese() -> FPDF:
    pdf = FPDF()
    pdf.add_font("sans", fname=layouts_pdf._font()[0])
    pdf.add_page()
    pdf.set_font("sans", size=8)
    return pdf


def test_lines_of_labels_as_close_as_rows_are_told_by_the_official_labels() -> None:
    pdf = chinese()
    unruled(pdf, [("信息内容", "本年制发件数", "本年废止件数"), ("规章", "12", "3")])
    for y, text in ((32, "行政规"), (38, "范性文件"), (44, "")):
        pdf.text(20, y, text)
    pdf.text(90, 35, "7")
    assert lines_of(pdf)[1:] == [["", "本年制发件数", "本年废止件数"], ["规章", "12", "3"], ["行政规范性文件", "7", ""]]


def test_heads_at_the_left_and_figures_at_the_right_of_their_columns() -> None:
    pdf = chinese()
    for x, head in ((60, "本年制发件数"), (100, "本年废止件数"), (140, "现行有效件数")):
        pdf.text(x, 20, head)
    for y, label, *figures in ((26, "规章", "12", "/", "3"), (32, "行政规范性文件", "1205", "4", "31999")):
        pdf.text(20, y, label)
        for x, figure in zip((60, 100, 140), figures, strict=True):
            pdf.text(x if figure == "/" else x + 37 - pdf.get_string_width(figure), y, figure)
    assert lines_of(pdf) == [["", "本年制发件数", "本年废止件数", "现行有效件数"], ["规章", "12", "/", "3"], ["行政规范性文件", "1205", "4", "31999"]]


def dense(rows: list[tuple[str, ...]], heads: tuple[str, ...] = ("自然人", "其他", "总计")) -> Document:
    """Columns so narrow that a figure of five digits runs into the next."""
    pdf = chinese()
    for x, head in zip((90, 105, 112.4), heads, strict=True):
        pdf.text(x, 20, head)
    for number, (label, *figures) in enumerate(rows, 1):
        pdf.text(20, 20 + 6 * number, label)
        for x, figure in zip((90, 105, 112.4), figures, strict=True):
            pdf.text(x, 20 + 6 * number, figure)
    return read_pdf(pdf)


DENSE = [("本年新收", "1", "23", "24"), ("上年结转", "4", "5", "9"), ("予以公开", "2", "14380", "14382"), ("部分公开", "3", "", "3"), ("重复申请", "0", "71", "71")]


def test_figures_that_run_into_the_next_leave_their_own_row_in_doubt() -> None:
    document = dense(DENSE)
    rows = {line.cells[0]: line for line in document.lines[1:]}
    assert {label: line.cells[1:] for label, line in rows.items()} == {
        label: ["2", "1438014382", LOST] if label == "予以公开" else list(figures) for label, *figures in DENSE
    }
    doubted = {label for label, line in rows.items() if document.sure.get((line.grid, line.row, 2)) == 0}
    assert doubted == {"予以公开"}


@pytest.mark.parametrize("heads", [("自然人", "其他", ""), ("自然人", "", "总计")])
def test_columns_without_heads_of_their_own_are_not_told_apart_by_few_rows(heads: tuple[str, str, str]) -> None:
    document = dense(DENSE, heads)
    assert all(document.sure[line.grid, line.row, 1] == 0 for line in document.lines if line.cells[0] in {row[0] for row in DENSE})


def test_a_head_that_the_form_does_not_know_leaves_the_columns_in_doubt() -> None:
    """Four columns of figures under three official heads and one more: of which column a blank is, nothing tells."""
    pdf = chinese()
    for x, head in ((60, "本年制发件数"), (100, "本年废止件数"), (125, "小计"), (140, "现行有效件数")):
        pdf.text(x, 20, head)
    for y, label, *figures in ((26, "规章", "12", "", "3"), (32, "行政规范性文件", "1205", "", "31999")):
        pdf.text(20, y, label)
        for x, figure in zip((60, 100, 125), figures, strict=True):
            pdf.text(x + 37 - pdf.get_string_width(figure), y, figure)
    document = read_pdf(pdf)
    rows = document.lines[2:]
    assert [line.cells for line in rows] == [["规章", "12", LOST, LOST, "3"], ["行政规范性文件", "1205", LOST, LOST, "31999"]]
    assert all(document.sure.get((line.grid, line.row, column)) == 0 for line in rows for column in range(1, 6))


def test_a_figure_under_other_text_is_none() -> None:
    pdf = chinese()
    unruled(pdf, [("信息内容", "本年处理决定数量"), ("行政处罚", "12")])
    pdf.text(20, 32, "行政强制")
    pdf.text(90, 32, "47万")
    pdf.text(91, 31.2, "元)")
    assert lines_of(pdf)[2:] == [["行政处罚", "12"], ["行政强制", f"4{LOST}{LOST}"]]


def test_a_label_set_downwards_is_no_figure() -> None:
    pdf = chinese()
    unruled(pdf, [("信息内容", "本年处理决定数量"), ("行政处罚", "12"), ("行政强制", "3")])
    for number, char in enumerate("(六)"):
        with pdf.rotation(-90, 14, 24 + 3 * number):
            pdf.text(14, 24 + 3 * number, char)
    assert [line for line in lines_of(pdf) if line[0].startswith("行政")] == [["行政处罚", "12"], ["行政强制", "3"]]


def part(page: int, left: float, ys: list[float], rows: list[list[str]]) -> Part:
    width = max(map(len, rows))
    return Part([left + 30 * n for n in range(width + 1)], [row(*texts) for texts in rows], [page] * len(rows), ys, page)


@pytest.mark.parametrize(
    ("other", "joined"),
    [
        (part(2, 20, [10, 30, 50], [["本年废止件数", "现行有效件数"], ["3", "4"]]), True),
        (part(2, 20, [10, 30, 58], [["本年废止件数", "现行有效件数"], ["3", "4"]]), False),
        (part(2, 20, [10, 30, 50], [["本年制发件数", "本年废止件数"], ["3", "4"]]), False),
        (part(2, 20, [10, 30, 50], [["本年废止件数", "现行有效件数"], ["规章", "4"]]), False),
        (part(1, 20, [10, 30, 50], [["本年废止件数", "现行有效件数"], ["3", "4"]]), False),
    ],
    ids=["goes on", "other rows", "other heads", "labels", "same page"],
)
def test_columns_of_a_later_page(other: Part, joined: bool) -> None:
    one = part(1, 20, [10, 30, 50], [["信息内容", "本年制发件数"], ["规章", "2"]])
    assert put_beside([one, other]) == ([other] if joined else [])
    texts = [[spot.text for spot in cells] for cells in one.rows]
    assert texts[1] == (["规章", "2", "3", "4"] if joined else ["规章", "2"])


characters = st.lists(
    st.builds(
        lambda text, x, y, size, item: Char(text, x, y, x + 0.6 * size, y + size, size, item),
        st.sampled_from("12年/"), st.integers(-4, 40), st.integers(-4, 30), st.sampled_from([10.0, 10.0, 10.0, 40.0]), st.integers(0, 2),
    ),
    min_size=1, max_size=12,
)


@given(characters)
@settings(derandomize=True)
def test_only_characters_near_another_can_be_printed_twice(chars: list[Char]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_close", lambda chars: [True] * len(chars))
        expected = seen.each_once(chars)
    assert seen.each_once(chars) == expected


@given(characters)
@settings(derandomize=True)
def test_characters_on_one_level_are_one_line(chars: list[Char]) -> None:
    chars = [char._replace(top=char.top / 8, bottom=char.bottom / 8) for char in chars]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(written, "_is_one_line", lambda _: False)
        expected = written.by_line(chars)
    assert written.by_line(chars) == expected


@given(st.lists(st.tuples(*[st.floats(-9, 50)] * 4), min_size=1, max_size=8), st.integers(0, 99))
@settings(derandomize=True)
def test_ink_anywhere_in_its_box_shows(boxes: list[tuple[float, ...]], seed: int) -> None:
    change = (np.random.default_rng(seed).random((60, 50)) > 0.98) * np.uint8(255)
    expected = []
    for left, top, right, bottom in (tuple(1.5 * edge for edge in box) for box in boxes):
        inner = 0.75 if right - left > 3.5 else -0.75
        whole = change[max(0, int(top)) : max(0, int(bottom) + 2), max(0, int(left + inner) + 1) : max(0, math.ceil(right - inner))]
        expected.append(bool(whole.any()))
    assert seen.Sight(1.5, change, change).shows(np.array(boxes)) == expected
