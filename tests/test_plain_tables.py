"""Tables that need no parser are read as the parser would read them."""

from __future__ import annotations

import pytest
from filings import filings
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts_html import HTML
from typeset import typeset

from govdisclose.counters import without_counters
from govdisclose.documents import read_document
from govdisclose.grid import SOFT, Line
from govdisclose.markup import unwrap
from govdisclose.readers.html import read_html
from govdisclose.readers.plain import MARK, cut_tables
from govdisclose.sources import decode, open_source

CELL = "<td>{}</td>"
TABLE = "<table><tr><td>规章</td><td>1</td><td>2</td>{}<td>3</td></tr><tr><td>a</td><td>b</td><td>c</td><td>d</td></tr></table>"


def both(page: str | bytes) -> bool:
    """Whether a page reads the same with its plain tables cut out and without."""
    source = open_source(page.encode() if isinstance(page, str) else page)
    return read_document(source) == read_html(source.name, source.stem, unwrap(decode(source)))


def plain(page: str) -> int:
    """How many tables of a page are plain."""
    return len(cut_tables(page.encode(), "utf-8")[1])


@pytest.mark.parametrize("layout", HTML, ids=lambda layout: layout.name)
def test_every_layout_reads_the_same_without_the_parser(layout: object) -> None:
    for filing in filings()[:3]:
        assert both(typeset(filing, layout))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "cut"),
    [
        ("<td>12</td>", 1),
        ("<td colspan=3>12</td>", 1),
        ("<td colspan=' 3 ' rowspan=\"2\">12</td>", 1),
        ("<td colspan='100%'>12</td>", 1),
        ("<td class='colspan'>12</td>", 0),
        ("<td COLSPAN=2>12</td>", 0),
        ("<td colspan = 2>12</td>", 0),
        ("<th scope=row>12</th>", 1),
        ("<td>12</th>", 1),
        ("<td><p class=MsoNormal><span lang=EN-US style='color:red'>1</span><b>2</b><o:p></o:p></p></td>", 1),
        ("<td>&nbsp;1&#50;&lt;b&gt;</td>", 1),
        ("<td title='1 < 2'>12</td>", 0),
        ("<td title='1 > 2'>12</td>", 0),
        ("<td><p>1</p><p>2</p></td>", 0),
        ("<td>1<br>2</td>", 0),
        ("<td><input value=12></td>", 0),
        ("<td><script>12</script></td>", 0),
        ("<td><!-- 12 --></td>", 0),
        ("<td>1<sup>2</sup></td>", 0),
        ("<td><table><tr><td>12</table></td>", 0),
        ("<td>12", 0),
        ("<TD>12</TD>", 0),
        ("text<td>12</td>", 0),
        ("</tr><td>12</td>", 0),
        ("</tr>\n<tr>\n<td>12</td>", 1),
        ("</tr></tbody><tfoot><tr><td>12</td>", 1),
    ],
)
def test_a_cell_is_plain_or_left_to_the_parser(cell: str, cut: int) -> None:
    page = f"<html><body><p>2023年政府信息公开工作年度报告</p>{TABLE.format(cell)}<p>完</p></body></html>"
    assert plain(page) == cut
    assert both(page)


@pytest.mark.parametrize(
    "around",
    [
        "<table><tr><td>菜单</td><td>{}</td></tr></table>",
        "<!-- {} -->",
        "<script>var a = '{}';</script>",
        "<textarea>{}</textarea>",
        "<p>{}</p>",
        "<div><ul><li>{}</ul></div>",
        "{}{}",
    ],
)
def test_plain_tables_stay_where_they_stand(around: str) -> None:
    assert both("<html><body><p>2023年政府信息公开工作年度报告</p>" + around.replace("{}", TABLE.format("")) + "<p>完</p>")


def test_a_page_that_uses_the_mark_is_left_alone() -> None:
    page = f"<p>政府信息公开年度报告</p><table {MARK}='0'><tr><td>1</td></tr></table>" + TABLE.format("")
    assert plain(page) == 0
    assert both(page)


def test_cells_that_are_no_text_of_the_charset_are_left_to_the_parser() -> None:
    page = f"<p>2023年政府信息公开工作年度报告</p>{TABLE.format('')}".encode().replace(b"<td>3", b"<td>\xff3")
    assert both(page)


CELLS = st.builds(
    lambda opened, text, closed: f"<{opened}>{text}</{closed}>",
    st.sampled_from(["td", "td colspan=2", "td rowspan='2'", "td colspan=2 rowspan=\"3\"", "th", "td class=x"]),
    st.one_of(
        st.integers(0, 99_999).map(str),
        st.sampled_from(["", "/", " 7 ", "行政许可", "<p>12</p>", "<span>1</span>2", "&nbsp;", "<p></p><p>3</p>", "1<br>2"]),
    ),
    st.sampled_from(["td", "td", "td", "th"]),
)
ROWS = st.lists(CELLS, min_size=0, max_size=5).map(lambda cells: f"<tr>{''.join(cells)}</tr>")
TABLES = st.lists(ROWS, min_size=2, max_size=5).map(lambda rows: f"<table><tbody>{''.join(rows)}</tbody></table>")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(TABLES, min_size=1, max_size=2))
def test_tables_of_layouts_seen_before_are_read_as_the_parser_reads_them(tables: list[str]) -> None:
    page = "<html><body><p>2023年政府信息公开工作年度报告</p>" + "<p>文</p>".join(tables) + "</body></html>"
    assert both(page)
    assert both(page.replace("<td>1", "<td>4").replace("行政许可", "规章"))  # the same layouts, other words


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([["0", "1", "2", "3"], ["规章", "1", "0", "5"]], [["规章", "1", "0", "5"]]),
        ([["", "0", "1", "2"], ["0", "规章", "1", "5"], ["1", "费", "2", "0"], ["2", "许可", "0", "0"]], None),
        ([["", "1", "2", "3"], ["规章", "1", "0", "5"], ["0", "0", "0", "0"]], [["规章", "1", "0", "5"], ["0", "0", "0", "0"]]),
        ([[SOFT, "0", "1", "2", "3"], ["a", "1", "1", "2", "3"], ["0", "0", "0", "0", "0"]], [["a", "1", "1", "2", "3"], ["0"] * 5]),
        ([["行", "甲"], ["1", "5"], ["2", "6"], ["3", "7"]], [["甲"], ["5"], ["6"], ["7"]]),
        ([["0", "0", "0", "0"], ["规章", "1", "2", "3"]], [["0", "0", "0", "0"], ["规章", "1", "2", "3"]]),
        ([["1", "2", "3"], ["0", "0", "0"]], [["1", "2", "3"], ["0", "0", "0"]]),
    ],
)
def test_rows_and_columns_that_only_count_go(rows: list[list[str]], left: list[list[str]] | None) -> None:
    found = [line.cells for line in without_counters([Line(list(cells), 1, n) for n, cells in enumerate(rows, 1)])]
    assert found == (left if left is not None else [["规章", "1", "5"], ["费", "2", "0"], ["许可", "0", "0"]])
