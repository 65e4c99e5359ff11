"""Digital PDF: ruled with lines, boxes, dashes, tiles, in one direction or not at all; over several pages; turned; with what is not seen."""

from __future__ import annotations

import atexit
import datetime
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as fonts
import variants as v
from filings import Filing
from grids import Cell, Grid, Spot, spread
from pages import Layout, Page, page

SIZE, LINE = 8.0, 4.2  # points of the type, millimetres from line to line
PAD = 0.8
LEFT, TOP, WIDTH, HEIGHT = 12.0, 18.0, 186.0, 256.0
LABELS = {3: (20.0, 24.0, 36.0), 2: (40.0, 40.0), 1: (60.0,)}
NARROW = {3: (11.0, 13.0, 22.0), 2: (13.0, 22.0), 1: (22.0,)}
"""Widths of the columns of labels, by how many there are before the figures."""


@dataclass(frozen=True)
class Style:
    """How a PDF is made.

    Attributes
    ----------
    rules : "lines", "boxes", "dashes", "columns" (down only), "rows" (across only), "tiles", "white" (tiles) or "none"
    turned : by so many degrees; `sideways`: by the text itself
    cut : a page ends where it is full, also inside a row
    odd : what is done to figures, one of `ODD`
    narrow : narrow columns of labels, so that most of these have several lines
    pad : millimetres above and below the text of a cell
    align : "centre", or "sheet": text at the left edge, figures at the right edge
    over : so many columns of figures stand on the first page, the others each on a page of their own after it
    """

    rules: str = "lines"
    repeat: bool = False
    turned: int = 0
    sideways: bool = False
    heads: bool = False
    bold: bool = False
    short: float = HEIGHT
    hidden: bool = False
    size: float = SIZE
    cut: bool = False
    odd: str = ""
    narrow: bool = False
    pad: float = PAD
    align: str = "centre"
    over: int = 0


ODD = {
    "covered": "a text under a white box, below each figure",
    "clipped": "text clipped away beside each figure",
    "unpainted": "a digit that is not painted after each figure",
    "notes": "a small raised digit after each figure",
    "apart": "digits set one by one, with gaps",
    "marked": "a mark in large light type over each page",
    "struck": "figures struck out",
}


@cache
def _font() -> tuple[str, frozenset[str]]:
    """The packaged font cut down to the characters of our own texts, which makes a page twenty times as fast."""
    from fontTools import subset

    here = Path(__file__).parent
    files = [*here.glob("*.py"), *here.glob("*.csv"), *(here.parent / "govdisclose" / "forms").glob("*.toml")]
    chars = frozenset("".join(file.read_text("utf-8") for file in files)) | frozenset(map(chr, range(33, 127)))
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    options = subset.Options(layout_features=[], notdef_outline=True)
    font = subset.load_font(str(fonts.sans_path()), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(chars))
    cutter.subset(font)
    small = str(Path(folder) / "small.otf")
    subset.save_font(font, small, options)
    return small, chars


class _Press:
    """A PDF in the making: what is printed goes down the page, and on the next where it is full."""

    def __init__(self, style: Style, title: str, text: str) -> None:
        from fpdf import FPDF  # for the typesetter alone: reading needs no such package

        self.style, self.title = style, title
        self.pdf: Any = FPDF(format="A4")
        self.pdf.set_creation_date(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        self.pdf.set_auto_page_break(False)
        self.pdf.add_font("sans", fname=_font()[0] if not set(text) - _font()[1] else str(fonts.sans_path()))
        self.pages = 0
        self.next_page()

    def next_page(self) -> None:
        self.pdf.add_page()
        self.pages += 1
        self.pdf.set_font("sans", size=self.style.size)
        if self.style.odd == "marked":
            with self.pdf.local_context(text_color=215), self.pdf.rotation(40, 60, 200):
                self.pdf.set_font("sans", size=64)
                self.pdf.text(40, 200, "样本2023")
            self.pdf.set_font("sans", size=self.style.size)
        if self.style.turned:
            self.pdf.pages[self.pages].rotate = self.style.turned
        self.y = TOP
        if self.style.heads:
            self.put(LEFT + 50, 10, self.title)
            self.put(LEFT + 88, 290, f"— {self.pages} —")
        if self.style.hidden:
            self.pdf.set_text_color(255, 255, 255)
            self.put(LEFT, TOP - 2, "行政许可 99")
            self.pdf.set_text_color(0, 0, 0)
            self.put(-40, 100, "行政处罚 98")

    def put(self, x: float, y: float, text: str) -> None:
        if self.style.sideways:
            # A character at a time, each lying on its side, the line running up the page.
            with self.pdf.rotation(90, y, 297 - x):
                self.pdf.text(y, 297 - x, text)
        else:
            self.pdf.text(x, y, text)

    def width(self, text: str) -> float:
        return float(self.pdf.get_string_width(text))

    def wrapped(self, text: str, width: float) -> list[str]:
        lines = [""]
        for char in text:
            if char == "\n" or self.width(lines[-1] + char) > width:
                lines.append("")
            lines[-1] += char.strip("\n")
        return lines

    def write(self, x: float, y: float, text: str) -> None:
        self.put(x, y, text)
        if self.style.bold:
            self.put(x + 0.08, y, text)

    def paragraph(self, text: str) -> None:
        for line in self.wrapped("　　" + text, WIDTH - 30):
            if self.y + LINE > TOP + self.style.short:
                self.next_page()
            self.write(LEFT, self.y + 3, line)
            self.y += LINE + 1.5

    def table(self, grid: Grid) -> None:
        lines = spread(grid)
        widths = _widths(grid, lines, NARROW if self.style.narrow else LABELS)
        heights = [self._height(line, widths) for line in lines]
        first = 0
        if self.style.cut:
            self._table_cut(lines, widths, heights)
            return
        if self.style.over:
            self._table_over(lines, widths, heights)
            return
        if self.y + sum(heights[: grid.heads + 1]) > TOP + self.style.short:
            self.next_page()
        for number in range(len(heights)):
            if self.y + sum(heights[first : number + 1]) > TOP + self.style.short and number > first:
                self._print(lines, widths, heights, first, number)
                self.next_page()
                if self.style.repeat and grid.heads:
                    self._print(lines, widths, heights, 0, grid.heads)
                    self.y += sum(heights[: grid.heads])
                first = number
        self._print(lines, widths, heights, first, len(lines))
        self.y += sum(heights[first:]) + 3

    def _table_cut(self, lines: list[list[Spot]], widths: list[float], heights: list[float]) -> None:
        """A table as one long sheet that the pages cut between any two lines of text."""
        boxes = [
            (sum(widths[:x]), sum(heights[:y]), sum(widths[x : x + spot.cell.across]), sum(heights[y : y + spot.cell.down]), spot.cell)
            for y, line in enumerate(lines)
            for x, spot in enumerate(line)
            if spot.origin
        ]
        texts = [(x + left, y + top, text) for x, y, wide, high, cell in boxes for left, top, text in self._set(cell.text, wide, high, cell.kind)]
        start, total = 0.0, sum(heights)
        while start < total - 0.01:
            end = min(total, start + TOP + self.style.short - self.y)
            while crossed := [top for _, top, _ in texts if top < end - 0.01 < top + LINE - 0.02]:
                end = min(crossed)
            for x, y, wide, high, _ in boxes:
                if y < end - 0.01 and y + high > start + 0.01:
                    top = max(y, start)
                    self._border(LEFT + x, self.y + top - start, wide, min(y + high, end) - top)
            for x, top, text in texts:
                if start - 0.01 <= top < end - 0.01:
                    self.write(LEFT + x, self.y + top - start + 0.75 * LINE, text)
            self.y += end - start
            start = end
            if start < total - 0.01:
                self.next_page()
        self.y += 3

    def _table_over(self, lines: list[list[Spot]], widths: list[float], heights: list[float]) -> None:
        """A table as a sheet that is wider than the page: a cell that a page's edge cuts is drawn open there."""
        first = next((n for n, width in enumerate(widths) if width == widths[-1]), 0) + self.style.over
        cuts = [0, *range(first, len(widths), self.style.over), len(widths)]
        for begin, end in zip(cuts, cuts[1:], strict=False):
            self.next_page()
            left, right = LEFT + sum(widths[:begin]), LEFT + sum(widths[:end])
            for y, line in enumerate(lines):
                for x, spot in enumerate(line):
                    across = spot.cell.across
                    if not spot.origin or x >= end or x + across <= begin:
                        continue
                    at, low, wide = LEFT + sum(widths[:x]), self.y + sum(heights[:y]), sum(widths[x : x + across])
                    high = sum(heights[y : y + spot.cell.down])
                    near, far = max(at, left) - left + LEFT, min(at + wide, right) - left + LEFT
                    ends = [(near, low, far, low), (near, low + high, far, low + high)]
                    ends += [(near, low, near, low + high)] if x >= begin else []
                    ends += [(far, low, far, low + high)] if x + across <= end else []
                    for line_ends in ends:
                        self.pdf.line(*line_ends)
                    with self.pdf.local_context(), self.pdf.rect_clip(LEFT, low, right - left, high):
                        self._text(spot.cell, at - left + LEFT, low, wide, high)
        self.y += sum(heights) + 3

    def _height(self, line: list[Spot], widths: list[float]) -> float:
        deep = [
            len(self.wrapped(spot.cell.text, sum(widths[x : x + spot.cell.across]) - 2 * PAD)) / spot.cell.down
            for x, spot in enumerate(line)
            if spot.origin
        ]
        return max([1.0, *deep]) * LINE + 2 * self.style.pad

    def _print(self, lines: list[list[Spot]], widths: list[float], heights: list[float], first: int, last: int) -> None:
        """Rows `first` to `last`: a cell that began on the page before goes on empty."""
        for y in range(first, last):
            for x, spot in enumerate(lines[y]):
                begins = x == 0 or lines[y][x - 1].cell is not spot.cell
                above = y > first and lines[y - 1][x].cell is spot.cell
                if not begins or above:
                    continue
                down = sum(1 for row in lines[y:last] if row[x].cell is spot.cell)
                box = (
                    LEFT + sum(widths[:x]),
                    self.y + sum(heights[first:y]),
                    sum(widths[x : x + spot.cell.across]),
                    sum(heights[y : y + down]),
                )
                self._border(*box)
                if spot.origin:
                    self._text(spot.cell, *box)

    def _border(self, x: float, y: float, wide: float, high: float) -> None:
        rules = self.style.rules
        if self.style.sideways:
            x, y, wide, high = y, 297 - x - wide, high, wide
        if rules == "lines":
            self.pdf.rect(x, y, wide, high)
        elif rules in ("columns", "rows"):
            far, low = (x, y + high) if rules == "columns" else (x + wide, y)
            self.pdf.line(x, y, far, low)
            self.pdf.line(2 * x + wide - far, 2 * y + high - low, x + wide, y + high)
        elif rules in ("tiles", "white"):
            if rules == "white":
                with self.pdf.local_context(fill_color=150):
                    self.pdf.rect(x - 0.3, y - 0.3, wide + 0.6, high + 0.6, style="F")
            with self.pdf.local_context(fill_color=255 if rules == "white" else 230):
                self.pdf.rect(x + 0.3, y + 0.3, wide - 0.6, high - 0.6, style="F")
        elif rules == "boxes":
            for box in ((x, y, wide, 0.2), (x, y, 0.2, high), (x, y + high, wide, 0.2), (x + wide, y, 0.2, high)):
                self.pdf.rect(*box, style="F")
        elif rules == "dashes":
            self.pdf.set_dash_pattern(dash=1, gap=0.5)
            for ends in ((x, y, x + wide, y), (x, y, x, y + high), (x, y + high, x + wide, y + high), (x + wide, y, x + wide, y + high)):
                self.pdf.line(*ends)
            self.pdf.set_dash_pattern()

    def _text(self, cell: Cell, x: float, y: float, wide: float, high: float) -> None:
        for left, top, line in self._set(cell.text, wide, high, cell.kind):
            place = x + left, y + top + 0.75 * LINE
            if cell.kind == "figure" and self.style.odd in ODD:
                self._odd(line, *place, x, wide)
            else:
                self.write(*place, line)

    def _set(self, text: str, wide: float, high: float, kind: str) -> list[tuple[float, float, str]]:
        """The lines of a cell, with their places in it."""
        lines = self.wrapped(text, wide - 2 * PAD)
        first = (high - len(lines) * LINE) / 2
        number = kind == "figure" and text.isdecimal()
        share = 0.5 if self.style.align == "centre" else 1.0 if number else 0.0
        return [(PAD + share * (wide - 2 * PAD - self.width(line)), first + number * LINE, line) for number, line in enumerate(lines)]

    def _odd(self, text: str, x: float, y: float, left: float, wide: float) -> None:
        """A figure with what must not be read with it."""
        odd, end = self.style.odd, x + self.width(text)
        if odd == "covered":
            self.put(x - 0.4, y, "旧数")
            with self.pdf.local_context(fill_color=255):
                self.pdf.rect(left + 0.4, y - 2.6, wide - 0.8, 3.4, style="F")
        elif odd == "clipped":
            with self.pdf.rect_clip(left, y - 4, wide, 6):
                self.put(left + wide + 0.6, y, "旧数")
        elif odd == "unpainted":
            with self.pdf.local_context(text_mode=3):
                self.put(end, y, "7")
        elif odd == "struck" and text.isdecimal():
            self.pdf.line(x, y - 1, end, y - 1)
        elif odd == "notes" and text.isdecimal():
            self.pdf.set_font("sans", size=0.6 * self.style.size)
            self.put(end, y - 1.1, "1")
            self.pdf.set_font("sans", size=self.style.size)
        if odd == "apart":
            for char in text:
                self.put(x, y, char)
                x += self.width(char) + (0.3 if text.isdecimal() else 0)
        else:
            self.write(x, y, text)

    def bytes(self) -> bytes:
        return bytes(self.pdf.output())


def _widths(grid: Grid, lines: list[list[Spot]], known: dict[int, tuple[float, ...]]) -> list[float]:
    labels = next(
        (sum(spot.cell.kind in ("label", "pad") for spot in line) for line in lines if any(s.cell.kind == "figure" for s in line)), 0
    )
    held = known.get(labels, (30.0,) * labels)
    rest = (WIDTH - sum(held)) / max(1, grid.width - labels)
    return [*held, *[rest] * (grid.width - labels)]


def _text_of(sheet: Page) -> str:
    cells = (cell.text for part in sheet.parts for grid in part.grids for row in grid.rows for cell in row)
    prose = (text for part in sheet.parts for text in (part.heading, *part.paragraphs))
    return "".join((*sheet.head, *sheet.opening, *prose, *cells))


def pdf(name: str, about: str, style: Style, *changes: v.PageChange) -> Layout:
    def typeset(filing: Filing) -> bytes:
        sheet: Page = page(filing)
        for change in changes:
            sheet = change(sheet)
        press = _Press(style, "".join(sheet.head), _text_of(sheet))
        for line in (*sheet.head, *sheet.opening):
            press.paragraph(line)
        for part in sheet.parts:
            for line in (part.heading, *part.paragraphs):
                if line:
                    press.paragraph(line)
            for grid in part.grids:
                press.table(grid)
        return press.bytes()

    return Layout(f"pdf_{name}", ".pdf", style.rules not in ("columns", "rows", "none") and not style.over, typeset, about)


PDF = (
    pdf("ruled", "ruled with lines", Style()),
    pdf("boxes", "lines as thin filled boxes, printed twice to look bold", Style(rules="boxes", bold=True)),
    pdf("dashes", "dashed lines", Style(rules="dashes")),
    pdf("pages", "short pages with heads and numbers", Style(short=120, heads=True)),
    pdf("pages_headed", "short pages, the table's head on each", Style(short=120, repeat=True, heads=True)),
    pdf("turned", "pages lying on their side", Style(turned=90)),
    pdf("turned_back", "pages lying on their other side", Style(turned=270)),
    pdf("upside_down", "pages upside down", Style(turned=180)),
    pdf("sideways", "text running up the page", Style(sideways=True, short=170)),
    pdf("hidden", "white text, and text beside the page", Style(hidden=True)),
    pdf("subtotal", "an added column", Style(size=6), v.each_grid(v.subtotalled)),
    pdf("wide", "full-width digits and marks", Style(size=6), v.everywhere(v.wide)),
    pdf("columns", "lines down only", Style(rules="columns", size=6)),
    pdf("rows", "lines across only", Style(rules="rows", size=6)),
    pdf("rows_pages", "lines across only, short pages with the table's head on each", Style(rules="rows", size=6, short=120, repeat=True, heads=True)),
    pdf("tiles", "cells as grey tiles with gaps", Style(rules="tiles")),
    pdf("white_tiles", "cells as white tiles on grey", Style(rules="white")),
    pdf("bare", "no lines at all", Style(rules="none", size=6)),
    pdf("bare_pages", "no lines, short pages with numbers", Style(rules="none", size=6, short=120, heads=True)),
    pdf("bare_narrow", "no lines at all, labels in several lines that stand no closer than rows", Style(rules="none", size=6, narrow=True, pad=0)),
    pdf("bare_sheet", "no lines at all, text to the left and figures to the right", Style(rules="none", size=6, align="sheet")),
    pdf("rows_narrow", "lines across only, narrow labels, short pages", Style(rules="rows", size=6, narrow=True, pad=0.3, align="sheet", short=140)),
    pdf("over", "columns of figures on pages of their own", Style(over=3)),
    pdf("cut", "pages that end inside rows", Style(cut=True, short=104, heads=True)),
    *(pdf(odd, about, Style(odd=odd, size=6 if odd == "apart" else SIZE)) for odd, about in ODD.items() if odd != "struck"),
)
STRUCK = pdf("struck", ODD["struck"], Style(odd="struck"))
"""No layout that figures can be read back from: whether a figure that is struck out counts, nobody can tell."""
