"""The statistics of 2014 to 2018 as web pages and scrapers give them: with codes or without, groups with dashes or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from govdisclose.forms import load_forms

FORM = load_forms()["2014"]
# Group lines before a row, with their level in the numbering; they hold no figure.
GROUPS = {
    "published": ("一、主动公开情况",),
    "channels.gazette": ("（二）通过不同渠道和方式公开政府信息的情况",),
    "responses": ("二、回应解读情况",),
    "responses.press_conferences": ("（二）通过不同渠道和方式回应解读的情况",),
    "requests.received": ("三、依申请公开情况",),
    "offices": ("八、机构建设和保障经费情况",),
    "meetings": ("九、政府信息公开会议和培训情况",),
}
REMARKS = {"published": "（不同渠道和方式公开相同信息计1条）", "staff.full_time": "（不包括政府公报及政府网站工作人员数）"}
WITHIN = frozenset(("published.normative_documents", "responses.press_conferences_of_heads", "denied.state_secret"))
TITLE = "{agency}{year}年政府信息公开工作年度报告"
Printed = Mapping[str, str]
Lines = list[tuple[str, str, str]]


def lines(printed: Printed, dash: str) -> Lines:
    """Label, unit and figure of every line, groups with `dash` for unit and figure."""
    units = {"cases": "件", "10k yuan": "万元", "entries": "条", "times": "次", "articles": "篇", "units": "个", "persons": "人", "attendances": "人次"}
    made: Lines = []
    number = 0
    for row in FORM.tables[0].rows:
        made += [(group, dash, dash) for group in GROUPS.get(row.label.key, ())]
        number = number + 1 if "." in row.label.key else 0
        lead = "其中：" if row.label.key in WITHIN else f"{number}." if number else "（一）"
        slot = row.slots[0]
        made.append((f"{lead}{row.label.zh}{REMARKS.get(row.label.key, '')}", units[slot.unit], printed[slot.key]))
    return made


def _page(agency: str, year: int, body: str) -> bytes:
    title = TITLE.format(agency=agency, year=year)
    return f"<html><head><meta charset=utf-8><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>".encode()


def html(agency: str, year: int, printed: Printed) -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines(printed, "——"))
    head = "<tr><td>统计指标</td><td>单位</td><td>统计数</td></tr>"
    return _page(agency, year, f"<p>政府信息公开情况统计表</p><table>{head}{rows}</table>")


def html_coded(agency: str, year: int, printed: Printed) -> bytes:
    """A column that numbers the rows, the year's figure, and one that adds up all years."""
    head = "<tr><th>代码</th><th>指标名称</th><th>计量单位</th><th>本年度</th><th>历年累计</th></tr>"
    rows = "".join(
        f"<tr><td>{n:02d}</td><td>{escape(label)}</td><td>{unit}</td><td>{escape(figure)}</td><td>{9000 + n if figure else ''}</td></tr>"
        for n, (label, unit, figure) in enumerate(lines(printed, ""), 1)
    )
    return _page(agency, year, f"<table>{head}{rows}</table>")


def text_cells(agency: str, year: int, printed: Printed) -> bytes:
    """A cell a line; groups with dashes."""
    cells = [cell for line in lines(printed, "——") for cell in line]
    return "\n".join([TITLE.format(agency=agency, year=year), "统计指标", "单位", "统计数", *cells]).encode()


def text_bars(agency: str, year: int, printed: Printed) -> bytes:
    rows = [" | ".join(line) + " |" for line in lines(printed, "")]
    return "\n".join([TITLE.format(agency=agency, year=year), "统计指标 | 单位 | 统计数 |", *rows]).encode()


def text_blanks(agency: str, year: int, printed: Printed) -> bytes:
    rows = [" ".join(filter(None, line)) for line in lines(printed, "")]
    return "\n".join([TITLE.format(agency=agency, year=year), "统计指标 单位 统计数", *rows]).encode()


STATISTICS: dict[str, Callable[[str, int, Printed], bytes]] = {
    "html": html,
    "html_coded": html_coded,
    "text_cells": text_cells,
    "text_bars": text_bars,
    "text_blanks": text_blanks,
}
"""Every layout of the list by name."""
