"""Pages as they come out of scrapers and converters: a cell a line, a row a line, bars, tabs, Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import zip_longest

import variants as v
import variants_years as years
from filings import Filing
from grids import Cell, Grid, spread, texts
from pages import Layout, Page, page

Lines = Callable[[Grid], list[str]]
Marks = Callable[[Page, list[str]], list[str]]


def _covered(grid: Grid, row: tuple[Cell, ...]) -> int:
    """How many places of the row are covered by merged cells: scrapers print a bar for each."""
    return grid.width - len(row)


# --- a cell a line ----------------------------------------------------------------------------------------------------
def bar_after(grid: Grid) -> list[str]:
    """`cell |`, a lone bar for a blank, bars alone for the places that merged cells cover."""
    lines = []
    for row in grid.rows:
        lines += [f"{text} |" if text else "|" for text in texts(row)]
        if covered := _covered(grid, row):
            lines.append("|" * covered)
    return lines


def bar_after_figures(grid: Grid) -> list[str]:
    """Item lines with their bars on one line; the last figure of a row closes it without a bar."""
    lines = []
    for row in grid.rows:
        if row[0].across == grid.width:
            lines.append(f"{row[0].text} | " + "|" * _covered(grid, row))
            continue
        lines += [f"{text} |" if text else "|" for text in texts(row)]
        if row[-1].kind == "figure" and row[-1].text:
            lines[-1] = row[-1].text
    return lines


def bar_alone(grid: Grid) -> list[str]:
    """The bar on a line of its own after every cell; a blank leaves only its bar."""
    return [line for row in grid.rows for text in texts(row) for line in ((text, "|") if text else ("|",))]


def bar_opening(grid: Grid) -> list[str]:
    """The bar opens a cell at the end of the line before; blanks stand before every content; one bar closes the table."""
    return ["| ", *(f" {text}  | " if text else " | " for row in grid.rows for text in texts(row))]


def bar_first(grid: Grid) -> list[str]:
    """Every row begins with the lone bar of an empty column and ends with a bar too many."""
    lines = []
    for row in grid.rows:
        lines += ["|", *(f"{text} |" if text else "|" for text in texts(row))]
        lines[-1] += " |"
    return lines


def paragraphs(grid: Grid) -> list[str]:
    """Every cell a paragraph and every blank an empty one: a blank adds one line end to the two that part cells."""
    lines: list[str] = []
    for row in grid.rows:
        for text in texts(row):
            lines += ["", text] if text and lines else [text]
    return lines


def paragraphs_filled(grid: Grid) -> list[str]:
    """Every filled cell a paragraph; empty ones leave no trace."""
    lines = [line for row in grid.rows for text in texts(row) if text for line in (text, "")]
    return lines[:-1]


def dense(grid: Grid) -> list[str]:
    """Every filled cell a line, short headings broken in two."""
    lines = []
    for row in grid.rows:
        for cell in row:
            broken = cell.kind == "head" and len(cell.text) == 4
            lines += [cell.text[:2], cell.text[2:]] if broken else [cell.text] if cell.text else []
    return lines


def label_then_figures(grid: Grid) -> list[str]:
    """A label a line, the figures of its row together on the next one."""
    lines = []
    for row in grid.rows:
        lines += [f"{cell.text} |" for cell in row if cell.kind != "figure"]
        if figures := texts(cell for cell in row if cell.kind == "figure"):
            lines.append(" | ".join(figures) + " |")
    return lines


# --- a row a line -----------------------------------------------------------------------------------------------------
def row_bars(grid: Grid) -> list[str]:
    """Bars between the cells, and bars behind for the places that merged cells cover."""
    return [" | ".join(texts(row)) + (" " + "|" * n if (n := _covered(grid, row)) else "") for row in grid.rows]


def row_bars_only(grid: Grid) -> list[str]:
    """A bar after each cell; merged cells leave nothing."""
    return [" | ".join(texts(row)) + " |" for row in grid.rows]


def row_bars_about(grid: Grid) -> list[str]:
    """Leading and trailing bars; in the proactive table the leading ones are missing."""
    lead = "" if grid.table == "proactive" else "| "
    return [lead + " | ".join(texts(row)) + " | " for row in grid.rows]


def tabs(grid: Grid) -> list[str]:
    return ["\t".join(texts(row)) for row in grid.rows]


def tabs_hollow(grid: Grid) -> list[str]:
    """As pasted from a spreadsheet: covered places are empty."""
    return ["\t".join(spot.cell.text if spot.origin else "" for spot in line) for line in spread(grid)]


def blanks(grid: Grid) -> list[str]:
    """Blanks between the filled cells of a row."""
    return [" ".join(text for text in texts(row) if text) for row in grid.rows]


def blanks_counted(grid: Grid) -> list[str]:
    """Aligned by blanks, as a program prints a table of its own: columns and rows counted from 0, no value as NaN."""
    rows = [[spot.cell.text if spot.origin and spot.cell.text else "NaN" for spot in line] for line in spread(grid)]
    head = "  ".join(["   ", *map(str, range(grid.width))])
    return ["", head, *("  ".join([str(number), *row]) for number, row in enumerate(rows)), ""]


def _markdown(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ruler(width: int) -> str:
    return "|" + "---|" * width


def markdown(grid: Grid) -> list[str]:
    """A Markdown table: a ruler under its first row, short rows filled up behind."""
    rows = [_markdown([*texts(row), *[""] * _covered(grid, row)]) for row in grid.rows]
    return ["", rows[0], _ruler(grid.width), *rows[1:], ""]


def markdown_hollow(grid: Grid) -> list[str]:
    """A Markdown table in which covered places are empty."""
    rows = [_markdown([spot.cell.text if spot.origin else "" for spot in line]) for line in spread(grid)]
    return ["", rows[0], _ruler(grid.width), *rows[1:], ""]


def _separated(rows: list[list[str]]) -> list[str]:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().splitlines()


def commas(grid: Grid) -> list[str]:
    """Commas between the cells, covered places empty."""
    return _separated([[spot.cell.text if spot.origin else "" for spot in line] for line in spread(grid)])


def _counted(grid: Grid) -> list[list[str]]:
    """The merged cells written out, with a row that counts the columns and a column that counts the rows."""
    rows = [[spot.cell.text for spot in line] for line in spread(grid)]
    return [["", *map(str, range(grid.width))], *([str(number), *row] for number, row in enumerate(rows))]


def commas_counted(grid: Grid) -> list[str]:
    return _separated(_counted(grid))


def markdown_counted(grid: Grid) -> list[str]:
    head, *rows = (_markdown(row) for row in _counted(grid))
    return ["", head, _ruler(grid.width + 1), *rows, ""]


def torn_markdown(grid: Grid) -> list[str]:
    """Markdown of a PDF converter: rows with long labels lose them, group labels are cut in two, a ruler after each row."""
    lines = [""]
    carried = ""
    for row in grid.rows:
        names = [cell.text for cell in row if cell.kind != "figure"]
        cells = texts(cell for cell in row if cell.kind == "figure")
        if grid.table != "requests" or not cells:
            lines += [_markdown(texts(row)), _ruler(len(row))]
            continue
        *groups, name = names
        if len(name) > 13:
            # A label that wraps in the original stands as text lines outside the table, here above, there below.
            wrapped = [name[:12], name[12:]]
            torn = ["", _markdown(cells), _ruler(len(cells)), ""]
            lines += [*groups, *wrapped, *torn] if len(name) % 2 else [*groups, *torn, *wrapped]
            continue
        side, carried = carried, ""
        if groups:
            middle = len(groups[-1]) // 2
            lines += [side] if side else []
            side, carried = groups[-1][:middle], groups[-1][middle:]
        lines += [_markdown(([side] if side else []) + [name, *cells]), _ruler(len(cells) + (2 if side else 1))]
    return [*lines, *([carried] if carried else []), ""]


def flip_book(grid: Grid) -> list[str]:
    """Text of a flip-book: rows parted by blanks, the third heading row of the reviews one character a line of columns."""
    lines = blanks(grid)
    if grid.table == "reviews":
        columns = [cell.text for cell in (*grid.rows[1], *grid.rows[2]) if len(cell.text) <= 4]
        lines[1:3] = [" ".join(texts(grid.rows[1][-2:])), *(" ".join(filter(None, line)) for line in zip_longest(*columns))]
    return lines


# --- pages ------------------------------------------------------------------------------------------------------------
def with_page_marks(page: Page, lines: list[str]) -> list[str]:
    """The furniture of a flip-book every thirty lines, inside tables too."""
    marked = []
    for number, line in enumerate(lines):
        if number and number % 30 == 0:
            leaf = number // 30
            marked += [f"Page {leaf} - {page.head[0]}", f"P. {leaf}"]
        marked.append(line)
    return marked


def with_metadata(page: Page, lines: list[str]) -> list[str]:
    """The site's lines above a report: path, metadata in bars, font size."""
    head = [
        "当前位置 > 首页 > 政府信息公开 > 公开年报",
        f"索引号 | 0143/{page.year + 1}-00012 | 组配分类 | 公开年报 |" + "|" * 40,
        f"发布机构 | {page.agency} | 成文日期 | {page.year + 1}-01-20 |" + "|" * 40,
        "【字体:大 中 小】 浏览次数:153 分享",
    ]
    return [*head, *lines]


def in_numbered_pieces(page: Page, lines: list[str]) -> list[str]:
    """A document library's cuts: long lines of prose broken by running numbers."""
    broken: list[str] = []
    number = 0
    for line in lines:
        if len(line) < 40 or "|" in line:
            broken.append(line)
            continue
        for start in range(0, len(line), 30):
            number += 1
            broken.append(f"{number}、 {line[start : start + 30]}")
    return broken


def _lines(page: Page, table: Lines, apart: bool) -> list[str]:
    """All lines of a page; `apart`: paragraphs and tables part by an empty line."""
    blocks: list[list[str]] = [[line] for line in (*page.head, *page.opening)]
    for part in page.parts:
        blocks += [[text] for text in (part.heading, *part.paragraphs) if text]
        blocks += [table(grid) for grid in part.grids]
    lines: list[str] = []
    for block in blocks:
        lines += ["", *block] if apart and lines else block
    return lines


# --- layouts ----------------------------------------------------------------------------------------------------------
def text(
    name: str,
    about: str,
    table: Lines,
    *changes: v.PageChange,
    marks: Marks | None = None,
    apart: bool = False,
    exact: bool = True,
    encoding: str = "utf-8",
    suffix: str = ".txt",
) -> Layout:
    """A layout of plain text: changes of the page, then a line style, what stands between the lines, and an encoding."""

    def typeset(filing: Filing) -> bytes:
        sheet = page(filing)
        for change in changes:
            sheet = change(sheet)
        lines = _lines(sheet, table, apart)
        lines = marks(sheet, lines) if marks else lines
        return ("\n".join(lines) + "\n").encode(encoding)

    return Layout(f"text_{name}", suffix, exact, typeset, about)


TEXT = (
    text("bar_after", "a cell a line, a bar after it", bar_after),
    text(
        "bar_after_wide",
        "the same with Chinese marks",
        bar_after,
        v.everywhere(v.wide_marks),
        v.titled("{year}年{agency}政府信息公开工作年度报告"),
    ),
    text("bar_after_figures", "heading rows on one line, figures one a line", bar_after_figures),
    text("bar_alone", "the bar on a line of its own", bar_alone),
    text("bar_opening", "the bar at the end of the line before", bar_opening),
    text("bar_first", "every row begins with a lone bar", bar_first),
    text("paragraphs", "a cell a paragraph, empty ones kept", paragraphs, apart=True),
    text("paragraphs_filled", "a cell a paragraph, empty ones gone", paragraphs_filled, apart=True, exact=False),
    text("dense", "a cell a line, no bars, headings broken", dense, exact=False),
    text("label_then_figures", "a label a line, its figures on the next", label_then_figures),
    text("row_bars", "a row a line, bars behind for merged cells", row_bars),
    text("row_bars_only", "a row a line, merged cells lost", row_bars_only),
    text("row_bars_about", "bars about the rows, in part", row_bars_about),
    text("row_bars_gbk", "a row a line in GBK", row_bars_only, encoding="gb18030"),
    text("row_bars_metadata", "metadata in bars above the report", row_bars, marks=with_metadata),
    text("tabs", "tabs, merged cells lost", tabs),
    text("tabs_hollow", "tabs, covered places empty", tabs_hollow),
    text("blanks", "blanks between the cells", blanks, exact=False),
    text("blanks_counted", "blanks between the cells, rows and columns counted from 0", blanks_counted),
    text("markdown", "Markdown, short rows filled up", markdown, suffix=".md"),
    text("markdown_hollow", "Markdown, covered places empty", markdown_hollow, suffix=".md"),
    text("markdown_pieces", "Markdown, tables cut at page ends", markdown, v.in_pieces(repeat=True), suffix=".md"),
    text("markdown_counted", "Markdown by a program that counts rows and columns", markdown_counted, suffix=".md"),
    text("commas", "commas between cells, covered places empty", commas, suffix=".csv"),
    text("commas_counted", "commas, rows and columns counted, merged cells written out", commas_counted, suffix=".csv"),
    text("torn_markdown", "Markdown torn by a PDF converter", torn_markdown, exact=False, suffix=".md"),
    text("flip_book", "a flip-book's text, vertical headings", flip_book, marks=with_page_marks, exact=False),
    text("pages", "page marks inside tables", row_bars, marks=with_page_marks),
    text("library", "prose cut in numbered pieces", bar_after, marks=in_numbered_pieces),
    text("untitled", "no title", bar_after, v.untitled),
    text("labels_short", "short labels, section numbers wrong", bar_alone, v.respelled(v.SHORT), v.odd_headings),
    text("labels_lost", "labels lost or twice", row_bars, v.each_grid(v.labels_lost), exact=False),
    text("explained", "explanations inside labels, a list of contents", row_bars_only, v.each_grid(v.explained), v.with_contents),
    text(
        "without_items",
        "no item line, headings inside the tables",
        bar_after,
        v.each_grid(v.without_items),
        v.heading_in_table,
    ),
    text("extra_rows", "rows that the form does not know", row_bars_only, v.each_grid(v.with_extra_rows)),
    text("subtotal", "an added column", row_bars_only, v.each_grid(v.subtotalled)),
    text("total_first", "the total's heading before the applicants'", bar_after, v.each_grid(v.total_before_applicants)),
    text("reviews_in_rows", "reviews as three rows of five", row_bars_only, v.each_grid(v.reviews_in_rows)),
    text("traditional", "traditional characters", bar_after, v.everywhere(v.traditional)),
    text("traditional_rows", "traditional characters, a row a line", row_bars_about, v.everywhere(v.traditional)),
    text("full_width", "full-width digits and marks", row_bars_only, v.everywhere(v.wide)),
    text("thousands", "thousands separators", bar_after, v.figures(v.thousands(","))),
    text("units", "units inside cells", bar_after, v.figures(v.with_unit)),
    text("remarks", "remarks inside cells", row_bars_only, v.figures(v.with_remark)),
    text("padded", "odd blanks about figures", bar_after, v.figures(v.padded)),
    text(
        "mirror",
        "a mirror's reading aids and brand, digits lost in prose",
        bar_after,
        v.digits_lost,
        v.with_brand,
        v.prose(v.with_aids),
        v.labels(v.with_aids),
    ),
    text("years_in_rows", "a row for each year, a row a line", row_bars_only, years.in_rows(True)),
    text("years_in_rows_first", "the year before first, Markdown", markdown_hollow, years.in_rows(False), suffix=".md"),
    text("years_in_columns", "this year and the year before as columns", row_bars_only, years.in_columns),
    text("years_in_copies", "a copy of each table for the year before", row_bars_only, years.in_copies(True)),
    text(
        "years_in_copies_first",
        "the same, the year before first, a cell a line",
        bar_after,
        years.in_copies(False),
        exact=False,
    ),
)
