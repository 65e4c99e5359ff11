"""Tables that need no parser are read as the parser would read them."""

from __future__ import annotations

import pytest
from filings import filings
from layouts_html import HTML
from typeset import typeset

from govdisclose.documents import read_document
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
