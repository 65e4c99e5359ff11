"""Pages as web sites publish them: merged cells kept, lost or written out, odd charsets, Word's markup, tables in tables."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import count

import variants as v
import variants_years as years
from filings import Filing
from grids import Cell, Grid, spread
from pages import Layout, Page, page

Table = Callable[[Grid], str]
Frame = Callable[[Page, str], str]


# --- tables -----------------------------------------------------------------------------------------------------------
def _spans(cell: Cell) -> str:
    across = f' colspan="{cell.across}"' if cell.across > 1 else ""
    return across + (f' rowspan="{cell.down}"' if cell.down > 1 else "")


def _table(rows: list[list[str]], attributes: str = ' border="1"') -> str:
    lines = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table{attributes}><tbody>\n{lines}\n</tbody></table>"


def merged(grid: Grid) -> str:
    """Merged cells as the form has them."""
    return _table([[f"<td{_spans(cell)}>{escape(cell.text)}</td>" for cell in row] for row in grid.rows])


def unmerged(grid: Grid) -> str:
    """Merging lost: a row has only the cells that begin in it."""
    return _table([[f"<td>{escape(cell.text)}</td>" for cell in row] for row in grid.rows])


def written_out(grid: Grid) -> str:
    """A merged cell's text again in every place that it covered."""
    return _table([[f"<td>{escape(spot.cell.text)}</td>" for spot in line] for line in spread(grid)])


def hollow(grid: Grid) -> str:
    """Empty cells in the places that a merged cell covered."""
    return _table([[f"<td>{escape(spot.cell.text) if spot.origin else ''}</td>" for spot in line] for line in spread(grid)])


def unclosed(grid: Grid) -> str:
    """Upper-case tags, nothing closed, labels broken over lines, &nbsp; in empty cells."""

    def cell(one: Cell) -> str:
        text = escape(one.text) or "&nbsp;"
        broken = text[:2] + "<BR>" + text[2:] if one.kind == "head" and len(text) == 4 else text
        return f"<TD{_spans(one)}><P align=center>{broken}"

    lines = "\n".join("<TR>" + "".join(map(cell, row)) for row in grid.rows)
    return f"<TABLE cellSpacing=0 border=1>\n{lines}\n</TABLE>"


def headed(grid: Grid) -> str:
    """thead and th for the heading, figures with nested emphasis, one tbody a block."""

    def cell(one: Cell) -> str:
        tag = "th" if one.kind in ("head", "label") else "td"
        text = f"<strong>{escape(one.text)}</strong>" if one.kind == "figure" and one.text else escape(one.text)
        return f'<{tag} class="c"{_spans(one)}>{text}</{tag}>'

    rows = ["<tr>" + "".join(map(cell, row)) + "</tr>" for row in grid.rows]
    head = f"<thead>{''.join(rows[: grid.heads])}</thead>" if grid.heads else ""
    return f"<table>{head}<tbody>{''.join(rows[grid.heads :])}</tbody></table>"


_WORD_CELL = "border:solid windowtext 1.0pt;mso-border-alt:solid windowtext .5pt;padding:0cm 5.4pt 0cm 5.4pt"
_WORD_TEXT = "font-size:10.5pt;font-family:宋体;mso-font-kerning:0pt"


def word(grid: Grid) -> str:
    """Word's own export: font in span in paragraph, o:p for emptiness, row heights, conditional comments."""

    def cell(one: Cell) -> str:
        text = f"<span lang=EN-US>{escape(one.text)}</span>" if one.kind == "figure" else escape(one.text)
        body = f'<font face="宋体">{text}</font>' if one.text else "<o:p>&nbsp;</o:p>"
        return (
            f'<td width={60 * one.across}{_spans(one)} valign=top style="width:{45 * one.across}.0pt;{_WORD_CELL}">\n'
            f'<p class=MsoNormal align=center style="text-align:center">'
            f'<span style="{_WORD_TEXT}">{body}<o:p></o:p></span></p>\n</td>'
        )

    numbers = count()
    lines = "\n".join(
        f'<tr style="mso-yfti-irow:{next(numbers)};height:16.5pt">{"".join(map(cell, row))}</tr>' for row in grid.rows
    )
    return (
        "<![if !supportMisalignedColumns]><![endif]>"
        f'<table class=MsoNormalTable border=0 style="border-collapse:collapse;mso-yfti-tbllook:1184">{lines}</table>'
    )


# --- pages ------------------------------------------------------------------------------------------------------------
def _paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{escape(text)}</p>\n" for text in texts)


def _body(page: Page, table: Table) -> str:
    parts = "".join(
        (f"<h2>{escape(part.heading)}</h2>\n" if part.heading else "")
        + _paragraphs(part.paragraphs)
        + "".join(f"{table(grid)}\n" for grid in part.grids)
        for part in page.parts
    )
    title = "".join(f"<h1>{escape(line)}</h1>\n" for line in page.head)
    return f"{title}{_paragraphs(page.opening)}{parts}"


def plain(page: Page, body: str) -> str:
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{escape("".join(page.head))}</title></head>\n<body>\n{body}</body></html>\n'


def declared(charset: str) -> Frame:
    """The page declares this charset, whatever its bytes are in; "" declares none."""
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    return lambda page, body: (f"<html><head>{meta}<title>{escape(''.join(page.head))}</title></head><body>{body}</body></html>")


def site(page: Page, body: str) -> str:
    """A site of the old kind: navigation, metadata and report in cells of a layout table, with a script and a footer."""
    menu = "".join(f'<tr><td><a href="#">{word}</a></td></tr>' for word in ("首页", "规章", "行政许可", "公开年报", "联系我们"))
    facts = (
        ("索引号", f"0143/{page.year + 1}-00012", "组配分类", "公开年报"),
        ("发布机构", page.agency, "成文日期", f"{page.year + 1}-01-20"),
        ("文号", "", "浏览次数", "153"),
    )
    metadata = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in facts)
    return (
        f"<html><head><meta charset=utf-8><title>{escape(''.join(page.head))}_公开年报</title>"
        '<style>td{padding:2px}</style><script>var t="<table><tr><td>规章</td><td>99</td></tr></table>";</script></head>\n'
        '<body><table width="1000"><tr><td colspan="2">当前位置:首页 &gt; 政府信息公开 &gt; 公开年报</td></tr>\n'
        f'<tr><td width="200" valign="top"><table>{menu}</table></td><td>\n<table class="meta">{metadata}</table>\n'
        f"<div>【字体:大 中 小】</div><table><tr><td>\n{body}\n</td></tr></table>\n"
        "</td></tr><tr><td colspan=2>主办单位:网站编辑部 备案号00000000号</td></tr></table></body></html>\n"
    )


def word_page(page: Page, body: str) -> str:
    return (
        '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">\n<head>\n'
        '<meta http-equiv=Content-Type content="text/html; charset=gb2312"><meta name=Generator content="Microsoft Word 15">\n'
        "<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]-->\n"
        "<style><!-- p.MsoNormal {mso-style-unhide:no; margin:0cm;} @page WordSection1 {size:595.3pt 841.9pt;} --></style>\n"
        f"<title>{escape(''.join(page.head))}</title></head>\n<body lang=ZH-CN><div class=WordSection1>\n"
        f"{body.replace('<p>', '<p class=MsoNormal><span style=mso-spacerun:yes>&nbsp;&nbsp;</span>')}</div></body></html>\n"
    )


# --- layouts ----------------------------------------------------------------------------------------------------------
def html(
    name: str,
    about: str,
    *changes: v.PageChange,
    table: Table = merged,
    frame: Frame = plain,
    exact: bool = True,
    encoding: str = "utf-8",
) -> Layout:
    """A layout of web pages: changes of the page, then a table style, a page frame and an encoding."""

    def typeset(filing: Filing) -> bytes:
        sheet = page(filing)
        for change in changes:
            sheet = change(sheet)
        return frame(sheet, _body(sheet, table)).encode(encoding, "xmlcharrefreplace")

    return Layout(f"html_{name}", ".html", exact, typeset, about)


HTML = (
    html("merged", "merged cells as the form has them"),
    html("unmerged", "merging lost", table=unmerged),
    html("written_out", "a merged cell's text in every place it covered", table=written_out),
    html("hollow", "covered places as empty cells", v.everywhere(v.wide_marks), table=hollow),
    html("headed", "thead and th", v.everywhere(v.wide_marks), table=headed),
    html("unclosed", "td, tr and p never closed", v.labels(v.wide_marks), table=unclosed),
    html("word", "Word's export in GBK", v.everywhere(v.wide_marks), table=word, frame=word_page, encoding="gb18030"),
    html("site", "navigation, metadata and report in a layout table", frame=site),
    html("site_headed", "the same with thead and th", v.titled("{year}年度{agency}政府信息公开工作年度报告"), table=headed, frame=site),
    html("gbk_undeclared", "GBK, no charset declared", frame=declared(""), encoding="gb18030"),
    html("gbk_as_utf8", "GBK declared as UTF-8", frame=declared("utf-8"), encoding="gb18030"),
    html("utf8_as_gb2312", "UTF-8 declared as GB2312", frame=declared("gb2312")),
    html("pieces", "tables cut at page ends", v.in_pieces(repeat=False)),
    html("pieces_headed", "tables cut at page ends, headings again", v.in_pieces(repeat=True)),
    html("pieces_hollow", "tables cut, covered places empty", v.in_pieces(repeat=False), table=hollow),
    html("subtotal", "an added column", v.each_grid(v.subtotalled)),
    html("subtotal_unmerged", "an added column, merging lost", v.each_grid(v.subtotalled), table=unmerged),
    html("total_first", "the total's heading before the applicants'", v.each_grid(v.total_before_applicants)),
    html("total_first_unmerged", "the same, merging lost", v.each_grid(v.total_before_applicants), table=unmerged),
    html("reviews_in_rows", "reviews as three rows of five", v.each_grid(v.reviews_in_rows)),
    html("indented", "an empty first column", v.each_grid(v.indented)),
    html("without_items", "no item line, section numbers wrong", v.each_grid(v.without_items), v.odd_headings),
    html("heading_in_table", "section headings inside the tables", v.heading_in_table),
    html("extra_rows", "rows that the form does not know", v.each_grid(v.with_extra_rows)),
    html("explained", "explanations inside labels", v.each_grid(v.explained)),
    html("labels_short", "short and wrong labels", v.respelled(v.SHORT), v.titled("{agency} {year}年度政府信息公开工作年度报告")),
    html("labels_lost", "labels lost or twice", v.each_grid(v.labels_lost), exact=False),
    html("traditional", "traditional characters", v.everywhere(v.traditional)),
    html("big5", "traditional characters in Big5", v.everywhere(v.traditional), frame=declared("big5"), encoding="big5hkscs"),
    html("full_width", "full-width digits and marks", v.everywhere(v.wide)),
    html("thousands", "thousands separators", v.figures(v.thousands(","))),
    html(
        "thousands_wide",
        "full-width thousands separators",
        v.figures(v.thousands("\uff0c")),
        v.figures(lambda cell: v.wide(cell.text)),
    ),
    html("thousands_blank", "blanks between thousands", v.figures(v.thousands("\u00a0"))),
    html("units", "units inside cells", v.figures(v.with_unit)),
    html("remarks", "remarks inside cells", v.figures(v.with_remark)),
    html("padded", "odd blanks about figures", v.figures(v.padded), v.titled("【图文】{year}年{agency}政府信息公开工作年度报告")),
    html("mirror", "a mirror's reading aids, digits lost in prose", v.digits_lost, v.prose(v.with_aids), v.labels(v.with_aids)),
    html("brand", "a gambling brand before names", v.with_brand),
    html(
        "contents",
        "a list of contents, a sentence before the tables",
        v.with_contents,
        v.titled("{agency}|{year}年政府信息公开工作年度报告"),
    ),
    html("years_in_rows", "the year before in a row under each row", years.in_rows(True)),
    html("years_in_rows_first", "the year before in a row above each row", years.in_rows(False)),
    html("years_in_columns", "this year and the year before as columns", years.in_columns),
    html("years_in_copies", "a copy of each table for the year before, above it", years.in_copies(False)),
)
