"""How agencies and their web editors vary the official tables and titles: pure changes of a page, whatever prints it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from grids import Cell, Grid, cut
from opencc import OpenCC
from pages import Page, Part

from govdisclose.forms import UNITS, load_forms

PageChange = Callable[[Page], Page]
GridChange = Callable[[Grid], Grid]
CellChange = Callable[[Cell], str]

WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
MARKS = str.maketrans("():,", "\uff08\uff09\uff1a\uff0c")
UNIT_WORDS = {contract: printed for printed, contract in UNITS.items()}


# --- the tables -------------------------------------------------------------------------------------------------------
def each_grid(change: GridChange) -> PageChange:
    """Given a change of one table, return the same change of every table of a page."""
    return lambda page: replace(page, parts=tuple(replace(part, grids=tuple(map(change, part.grids))) for part in page.parts))


def _recell(grid: Grid, change: Callable[[Cell], Cell]) -> Grid:
    return replace(grid, rows=tuple(tuple(map(change, row)) for row in grid.rows))


def figures(change: CellChange) -> PageChange:
    """Print the figures otherwise; an empty cell stays empty."""
    return each_grid(lambda grid: _recell(grid, lambda c: replace(c, text=change(c)) if c.kind == "figure" and c.text else c))


def labels(change: Callable[[str], str]) -> PageChange:
    """Print headings and row labels otherwise."""
    return each_grid(lambda grid: _recell(grid, lambda c: c if c.kind == "figure" else replace(c, text=change(c.text))))


def respelled(spellings: dict[str, str]) -> PageChange:
    """Print some labels in other words."""
    return labels(lambda text: spellings.get(text, text))


def prose(change: Callable[[str], str]) -> PageChange:
    """Change every text outside the tables."""
    return lambda page: replace(
        page,
        head=tuple(map(change, page.head)),
        opening=tuple(map(change, page.opening)),
        parts=tuple(
            replace(part, heading=change(part.heading), paragraphs=tuple(map(change, part.paragraphs)))
            for part in page.parts
        ),
    )


def everywhere(change: Callable[[str], str]) -> PageChange:
    """Change every text of the page, figures included."""

    def changed(page: Page) -> Page:
        page = prose(change)(page)
        return each_grid(lambda grid: _recell(grid, lambda c: replace(c, text=change(c.text))))(page)

    return changed


def subtotalled(grid: Grid) -> Grid:
    """A column 小计 over the organisations, before the total, as some reports add it (its figures are not of the form)."""
    if grid.table != "requests":
        return grid
    rows = []
    for number, row in enumerate(grid.rows):
        if number < 2:
            widened = row[1] if number == 1 else row[-1]
            rows.append(tuple(replace(c, across=c.across + 1) if c is widened else c for c in row))
        elif number == 2:
            rows.append((*row, Cell("小计", "head")))
        else:
            parts = [c.text for c in row if c.kind == "figure"][1:-1]
            added = str(sum(map(int, parts))) if all(part.isdecimal() for part in parts) else ""
            rows.append((*row[:-1], Cell(added, "pad"), row[-1]))
    return replace(grid, width=grid.width + 1, rows=tuple(rows))


def total_before_applicants(grid: Grid) -> Grid:
    """总计 merged over all three heading rows, so that in the source it stands right after 申请人情况."""
    if grid.table != "requests":
        return grid
    (relation, applicants), (person, organisations, total), *rest = grid.rows
    first = (relation, replace(applicants, across=applicants.across - 1), replace(total, down=3))
    return replace(grid, rows=(first, (person, organisations), *rest))


def reviews_in_rows(grid: Grid) -> Grid:
    """The reviews table as three rows of five."""
    if grid.table != "reviews":
        return grid
    (review, suits), (*names, direct, after), _, line = grid.rows
    step = len(names)
    head = (Cell("", "head", 2), *(replace(name, down=1) for name in names))
    rows = (
        head,
        (replace(review, kind="label", across=2), *line[:step]),
        (Cell(suits.text, "label", 1, 2), Cell(direct.text, "label"), *line[step : 2 * step]),
        (Cell(after.text, "label"), *line[2 * step :]),
    )
    return Grid(grid.table, step + 2, rows, heads=1)


def indented(grid: Grid) -> Grid:
    """An empty first column in every row."""
    return replace(grid, width=grid.width + 1, rows=tuple((Cell("", "pad"), *row) for row in grid.rows))


def without_items(grid: Grid) -> Grid:
    """The first block of the proactive table without its item line, as if the heading of the section stood for it."""
    return replace(grid, rows=grid.rows[1:]) if grid.table == "proactive" else grid


def with_extra_rows(grid: Grid) -> Grid:
    """A row that the form does not know, and a remark under the table."""
    if grid.table != "proactive":
        return grid
    stranger = (Cell("其他主动公开文件", "label"), *(Cell(text, "pad") for text in ("5", "1", "9")[: grid.width - 1]))
    remark = (Cell("注:其他主动公开文件为2018年以来的累计数,共15件。", "pad", grid.width),)
    second = next((n for n, row in enumerate(grid.rows) if n and row[0].across == grid.width), len(grid.rows))
    return replace(grid, rows=(*grid.rows[:second], stranger, *grid.rows[second:], remark))


def in_pieces(repeat: bool) -> PageChange:
    """Tables cut where a page of the original ended: with the heading rows printed again, or without."""

    def pieces(grid: Grid) -> tuple[Grid, ...]:
        middle = len(grid.rows) // 2 + 1
        if grid.table == "proactive":
            blocks = [n for n, row in enumerate(grid.rows) if row[0].across == grid.width]
            middle = blocks[len(blocks) // 2]
        if grid.table == "reviews" or middle in (0, len(grid.rows)):
            return (grid,)
        first, second = cut(grid, 0, middle, repeat), cut(grid, middle, len(grid.rows), repeat)
        if repeat and grid.heads:
            second = replace(second, rows=(*grid.rows[: grid.heads], *second.rows), heads=grid.heads)
        return first, second

    return lambda page: replace(
        page,
        parts=tuple(replace(part, grids=tuple(piece for grid in part.grids for piece in pieces(grid))) for part in page.parts),
    )


def heading_in_table(page: Page) -> Page:
    """Section headings as the first row of their tables."""

    def moved(part: Part) -> Part:
        if not part.grids:
            return part
        first = part.grids[0]
        row = (Cell(part.heading, "head", first.width),)
        return replace(part, heading="", grids=(replace(first, rows=(row, *first.rows)), *part.grids[1:]))

    return replace(page, parts=tuple(map(moved, page.parts)))


def explained(grid: Grid) -> Grid:
    """Labels with explanations in brackets, which hold the names of other rows, years and numbers."""
    notes = {
        "规章": "规章(本机关没有制定规章的权限)",
        "规范性文件": "规范性文件(指有正式文号的文件)",
        "行政规范性文件": "行政规范性文件(指有正式文号的文件)",
        "上一年项目数量": "上一年项目数量(指2018年的事项数)",
        "本年增/减": "本年增/减(减用负值表示,如-8)",
        "其他对外管理服务事项": "其他对外管理服务事项(含行政确认、行政给付,不含行政处罚、行政强制)",
        "行政许可": "行政许可(按办结数计)",
    }
    return _recell(grid, lambda c: c if c.kind == "figure" else replace(c, text=notes.get(c.text, c.text)))


def labels_lost(grid: Grid) -> Grid:
    """规章 empty, the same heading twice, item numbers gone: rows and columns are then known by their place."""
    if grid.table != "proactive":
        return grid
    lost = {
        "规章": "",
        "第二十条第(一)项": "第二十条第",
        "第二十条第(五)项": "第二十条第",
        "本年增/减": "本年增/",
        "现行有效件数": "现行有效件",
    }
    twice = {"本年新公开数量": "本年新", "本年新制作数量": "本年新"}
    return _recell(grid, lambda c: c if c.kind == "figure" else replace(c, text=(lost | twice).get(c.text, c.text)))


SHORT = {
    "行政规范性文件": "规范性文件",
    "现行有效件数": "现行有效件",
    "本年处理决定数量": "本年处理绝对数量",
    "对外公开总数量": "对外公开总数",
    "上一年项目数量": "上年项目数量",
    "本年增/减": "本年增\\减",
    "本年收费金额(单位:万元)": "本年收费金额单位:万元",
    "自然人": "自然 人",
    "总计": "总 计",
    "商业企业": "商业 企业",
    "(三)不予公开": "(三) 不予公开",
    "二、上年结转政府信息公开申请数量": "二、上年转结政府信息公开数量",
    "5.属于三类内部事务信息": "5.属于三类内部管理信息",
    "未经复议直接起诉": "未经行政复议直接起诉",
}
"""Official label -> a short or wrong one seen in print."""


# --- the figures ------------------------------------------------------------------------------------------------------
def thousands(mark: str) -> CellChange:
    return lambda cell: f"{int(cell.text):,}".replace(",", mark) if cell.text.isdecimal() else cell.text


@cache
def _units() -> dict[str, str]:
    """The unit word a cell may carry: by its form; sums of money without one of their own are in 万元."""
    slots = [slot for form in load_forms().values() for slot in form.slots if not slot.signed]
    return {slot.key: UNIT_WORDS.get(slot.unit, "万元") for slot in slots}


def with_unit(cell: Cell) -> str:
    plain = cell.text.replace(".", "", 1).isdecimal()
    return cell.text + _units().get(cell.key, "") if plain else cell.text


def with_remark(cell: Cell) -> str:
    """A remark with a figure of its own behind some figures."""
    remarked = cell.key.endswith(("documents.issued", "documents.produced", "licensing.decisions"))
    return f"{cell.text}(其中修订4件)" if remarked and cell.text.isdecimal() else cell.text


def padded(cell: Cell) -> str:
    """Blanks of four kinds and a zero-width space about the figure."""
    return f"\u3000\u00a0 {cell.text}\u200b \u00a0"


def wide(text: str) -> str:
    """Full-width digits, letters and marks."""
    return text.translate(WIDE)


def wide_marks(text: str) -> str:
    """Brackets, colon and comma as Chinese typesetting has them."""
    return text.translate(MARKS)


# --- the text ---------------------------------------------------------------------------------------------------------
@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


def traditional(text: str) -> str:
    """Traditional characters, with the wikis' word for a document."""
    return str(_converter().convert(text.replace("规范性文件", "规范性档案")))


AIDS = {
    "制": "zhì",
    "发": "fā",
    "数": "shù",
    "务": "wu",
    "处": "chǔ",
    "许": "xǔ",
    "强": "qiáng",
    "续": "xù",
    "诉": "sù",
    "结": "jie)(jie",
}
"""Characters after which mirror sites inject a reading aid, doubled once."""


def with_aids(text: str) -> str:
    """Reading aids after some characters, labels included; the relation's opening bracket comes broken."""
    text = "".join(f"{char}({AIDS[char]})" if char in AIDS else char for char in text)
    return text.replace("(本列", "?。ū玖")


def with_brand(page: Page) -> Page:
    """A gambling brand before names."""
    brand = "某某体育_官网@:"
    return prose(lambda text: text.replace(page.agency, brand + page.agency))(page)


def digits_lost(page: Page) -> Page:
    """The page's editor lost digits of the dates in the running text."""
    return prose(lambda text: text.replace(f"{page.year}年1月1日", f"{page.year}1月1日").replace("12月31日", "1231日"))(page)


# --- titles and headings ----------------------------------------------------------------------------------------------
def titled(pattern: str) -> PageChange:
    """Another kind of title; `|` parts its lines."""
    return lambda page: replace(page, head=tuple(pattern.format(agency=page.agency, year=page.year).split("|")))


def untitled(page: Page) -> Page:
    return replace(page, head=())


def odd_headings(page: Page) -> Page:
    """Section numbers wrong or missing."""
    odd = {"二、": "一、", "三、": "三是", "四、": "、"}
    return replace(
        page,
        parts=tuple(replace(part, heading=odd.get(part.heading[:2], part.heading[:2]) + part.heading[2:]) for part in page.parts),
    )


def with_contents(page: Page) -> Page:
    """A list of contents before the report and a sentence with a number between a heading and its table."""
    contents = tuple(part.heading for part in page.parts)
    sentence = "该部分以表格形式报告,另报送信息30余篇。表格如下:"
    return replace(
        page,
        opening=(*page.opening, "目录", *contents),
        parts=tuple(replace(part, paragraphs=(sentence,)) if part.grids else part for part in page.parts),
    )
