"""Filings as pictures: the official tables drawn, then spoilt as printers, scanners, phones and fax machines spoil them.

Every picture is the same each time: what is random in it follows from the layout's name.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from zlib import crc32

import matplotlib
import numpy as np
import variants as v
from filings import Filing
from grids import Grid, cut, spread
from numpy.random import Generator, default_rng
from pages import Layout, page
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Spoil = Callable[[Image.Image, Generator], Image.Image]

WIDTH, HEIGHT, MARGIN = 1654, 2339, 130  # A4 at 200 dots an inch
TITLE, TEXT, CELL = 52, 34, 28  # sizes of type, in pixels
SANS, SERIF, TIMES, DEJAVU = "NotoSansSC-Regular.otf", "NotoSerifSC-Regular.otf", "STIXGeneral.ttf", "DejaVuSans.ttf"


# --- drawing ----------------------------------------------------------------------------------------------------------
@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    if name.endswith(".otf"):
        path = Path(str(resources.files("pylopdf_fonts_zh_cn").joinpath(name)))
    else:
        path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name
    return ImageFont.truetype(path, size)


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines, line = [], ""
    for character in text:
        if line and font.getlength(line + character) > width:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line] if line else lines


class _Sheet:
    """A pile of pages that is written from the top down."""

    def __init__(self, words: str, digits: str, ruling: int, dotted: bool) -> None:
        self.words, self.digits, self.ruling, self.dotted = words, digits, ruling, dotted
        self.pages: list[Image.Image] = []
        self.turn()

    def turn(self) -> None:
        self.pages.append(Image.new("L", (WIDTH, HEIGHT), 255))
        self.draw = ImageDraw.Draw(self.pages[-1])
        self.y = MARGIN

    def room(self, height: int) -> None:
        if self.y + height > HEIGHT - MARGIN and self.y > MARGIN:
            self.turn()

    def text(self, text: str, size: int, middle: bool = False, indent: bool = False) -> None:
        font = _font(self.words, size)
        for line in _wrap("　　" * indent + text, font, WIDTH - 2 * MARGIN):
            self.room(2 * size)
            x = (WIDTH - font.getlength(line)) / 2 if middle else MARGIN
            self.draw.text((x, self.y), line, 0, font)
            self.y += round(1.6 * size)
        self.y += size // 3

    def _line(self, ends: tuple[int, int, int, int]) -> None:
        if not self.dotted:
            self.draw.line(ends, 0, self.ruling)
            return
        x0, y0, x1, y1 = ends
        for start in range(0, max(x1 - x0, y1 - y0), 9):
            step = (start, 0, min(start + 5, x1 - x0), 0) if x1 > x0 else (0, start, 0, min(start + 5, y1 - y0))
            self.draw.line((x0 + step[0], y0 + step[1], x0 + step[2], y0 + step[3]), 0, self.ruling)

    def grid(self, grid: Grid) -> None:
        """A table with every cell ruled, labels wrapped, figures in the middle."""
        font = _font(self.words, CELL)
        matrix = spread(grid)
        whole = WIDTH - 2 * MARGIN
        wide = [0.55 + 0.45 * any(s.cell.kind == "label" and s.cell.across == 1 for s in c) for c in zip(*matrix, strict=True)]
        edges = [MARGIN + round(whole * sum(wide[:n]) / sum(wide)) for n in range(grid.width + 1)]
        wrapped = {}
        heights = [0] * len(matrix)
        for r, row in enumerate(matrix):
            for c, spot in enumerate(row):
                if spot.origin:
                    width = edges[c + spot.cell.across] - edges[c] - 14
                    wrapped[r, c] = _wrap(spot.cell.text, font, width)
                    need = round((len(wrapped[r, c]) * 1.25 + 0.7) * CELL)
                    for y in range(r, r + spot.cell.down):
                        heights[y] = max(heights[y], -(-need // spot.cell.down))
        if sum(heights) > HEIGHT - 2 * MARGIN:  # taller than a page: it goes on overleaf, as a word processor has it
            rows = next(n for n in range(len(heights), 0, -1) if self.y + sum(heights[:n]) <= HEIGHT - MARGIN)
            self.grid(cut(grid, 0, rows, repeat=False))
            self.turn()
            self.grid(cut(grid, rows, len(heights), repeat=False))
            return
        self.room(sum(heights))
        tops = [self.y + sum(heights[:n]) for n in range(len(matrix) + 1)]
        for (r, c), lines in wrapped.items():
            cell = matrix[r][c].cell
            x0, x1, y0, y1 = edges[c], edges[c + cell.across], tops[r], tops[r + cell.down]
            for ends in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                self._line(ends)
            y = (y0 + y1 - round(1.25 * CELL * len(lines))) / 2
            for line in lines:
                own = _font(self.digits, CELL) if cell.kind == "figure" and line.isascii() else font
                self.draw.text(((x0 + x1 - own.getlength(line)) / 2, y), line, 0, own)
                y += 1.25 * CELL
        self.y = tops[-1] + TEXT


def sheets(filing: Filing, words: str, digits: str, ruling: int, dotted: bool) -> list[Image.Image]:
    """A filing on A4 pages, grey, at 200 dots an inch."""
    printed = v.everywhere(lambda text: text)(page(filing))
    sheet = _Sheet(words, digits, ruling, dotted)
    for line in printed.head:
        sheet.text(line, TITLE, middle=True)
    for text in printed.opening:
        sheet.text(text, TEXT, indent=True)
    for part in printed.parts:
        sheet.text(part.heading, TEXT)
        for text in part.paragraphs:
            sheet.text(text, TEXT, indent=True)
        for grid in part.grids:
            sheet.grid(grid)
    return sheet.pages


# --- spoiling ---------------------------------------------------------------------------------------------------------
def turned(degrees: float) -> Spoil:
    """Laid on the glass askew, or the wrong way round."""
    return lambda sheet, _: sheet.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def noisy(amount: float) -> Spoil:
    """Grain of a sensor; `amount` in grey levels."""
    return lambda sheet, random: _grey(np.asarray(sheet, float) + random.normal(0, amount, (sheet.height, sheet.width)))


def speckled(share: float) -> Spoil:
    """Black and white dots, as of an old copier's drum; `share` of all pixels."""

    def spoil(sheet: Image.Image, random: Generator) -> Image.Image:
        grey = np.array(sheet)
        dots = random.random(grey.shape)
        grey[dots < share / 2] = 0
        grey[dots > 1 - share / 2] = 255
        return Image.fromarray(grey)

    return spoil


def shaded(dark: float) -> Spoil:
    """Light that falls off to one corner."""

    def spoil(sheet: Image.Image, _: Generator) -> Image.Image:
        y, x = np.mgrid[0 : sheet.height, 0 : sheet.width]
        return _grey(np.asarray(sheet, float) * (1 - dark * (x / sheet.width + y / sheet.height) / 2))

    return spoil


def faded(black: int, paper: int) -> Spoil:
    """Weak ink on grey paper."""
    return lambda sheet, _: sheet.point([round(black + (paper - black) * level / 255) for level in range(256)])


def smaller(share: float) -> Spoil:
    """Fewer dots an inch."""
    return lambda sheet, _: sheet.resize((round(sheet.width * share), round(sheet.height * share)), Image.Resampling.LANCZOS)


def blurred(radius: float) -> Spoil:
    return lambda sheet, _: sheet.filter(ImageFilter.GaussianBlur(radius))


def bent(share: float) -> Spoil:
    """Photographed from one side: the far edge is shorter by `share`."""

    def spoil(sheet: Image.Image, _: Generator) -> Image.Image:
        w, h = sheet.size
        corners = (0, 0, -share * w / 2, h, w * (1 + share / 2), h, w, 0)
        return sheet.transform((w, h), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255)

    return spoil


def _grey(levels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


# --- files ------------------------------------------------------------------------------------------------------------
def _saved(pages: list[Image.Image], suffix: str, quality: int) -> bytes:
    """One file: pages of a TIFF or PDF, else one long picture."""
    out = io.BytesIO()
    if suffix == ".tif":
        pages = [one.point(lambda level: 255 * (level > 127)).convert("1") for one in pages]
        pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    elif suffix == ".pdf":
        fixed = {"creationDate": None, "modDate": None}
        pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=200, quality=quality, **fixed)
    else:
        long = Image.new("L", (max(one.width for one in pages), sum(one.height for one in pages)), 255)
        for number, one in enumerate(pages):
            long.paste(one, (0, sum(before.height for before in pages[:number])))
        long.save(out, {".jpg": "JPEG", ".png": "PNG", ".gif": "GIF", ".bmp": "BMP"}[suffix], quality=quality)
    return out.getvalue()


def scan(
    name: str,
    about: str,
    *spoils: Spoil,
    words: str = SANS,
    digits: str = SANS,
    ruling: int = 2,
    dotted: bool = False,
    suffix: str = ".png",
    quality: int = 75,
) -> Layout:
    """A layout of pictures: type and ruling of the print, then what was done to each page, then the file."""

    def spoilt(filing: Filing) -> Iterator[Image.Image]:
        random = default_rng(crc32(name.encode()))
        for sheet in sheets(filing, words, digits, ruling, dotted):
            for spoil in spoils:
                sheet = spoil(sheet, random)
            yield sheet

    def typeset(filing: Filing) -> bytes:
        return _saved(list(spoilt(filing)), suffix, quality)

    return Layout(f"scan_{name}", suffix, False, typeset, about)


SCANS: tuple[Layout, ...] = (
    scan("clean", "a screenshot"),
    scan("serif", "serif type, figures in Times", words=SERIF, digits=TIMES),
    scan("askew", "laid on the glass askew, grain, JPEG", turned(1.7), noisy(9), suffix=".jpg", quality=60),
    scan("askew_other", "askew the other way, Times", turned(-3.1), noisy(6), words=SERIF, digits=TIMES, suffix=".pdf"),
    scan("sideways", "a quarter turn", turned(90), noisy(5), suffix=".pdf"),
    scan("sideways_other", "a quarter turn back, and askew", turned(-91.2), digits=TIMES, suffix=".tif"),
    scan("upside_down", "the wrong way up", turned(180.8), noisy(5), words=SERIF, digits=TIMES, suffix=".pdf"),
    scan("speckled", "an old copier's dots", speckled(0.02), digits=TIMES),
    scan("speckled_askew", "dots, askew", turned(0.9), speckled(0.01), words=SERIF, suffix=".pdf"),
    scan("fax", "a fax: black and white, two hundred dots an inch", turned(-0.6), digits=DEJAVU, suffix=".tif"),
    scan("fax_speckled", "a fax with dots", turned(0.4), speckled(0.004), words=SERIF, digits=TIMES, suffix=".tif"),
    scan("small", "a hundred and thirty dots an inch", smaller(0.65), noisy(4), suffix=".jpg", quality=70),
    scan("smaller", "a hundred dots an inch, Times", smaller(0.5), words=SERIF, digits=TIMES, suffix=".png"),
    scan("smallest", "eighty dots an inch, JPEG", smaller(0.4), noisy(3), suffix=".jpg", quality=50),
    scan("blurred", "out of focus", blurred(2.2), noisy(5), digits=TIMES, suffix=".jpg"),
    scan("faded", "weak ink on grey paper", faded(140, 215), noisy(7), words=SERIF, digits=TIMES, suffix=".jpg"),
    scan("shaded", "a shadow over one corner", shaded(0.5), turned(1.1), noisy(6), suffix=".jpg"),
    scan("photo", "a telephone's photograph", bent(0.05), shaded(0.35), blurred(0.8), noisy(6), digits=TIMES, suffix=".jpg"),
    scan("crushed", "JPEG of the lowest quality", turned(0.5), digits=TIMES, suffix=".jpg", quality=18),
    scan("hairlines", "hairline ruling, askew", turned(0.8), noisy(8), ruling=1, words=SERIF, digits=TIMES, suffix=".jpg"),
    scan("dotted", "dotted ruling", dotted=True, suffix=".gif"),
    scan("heavy", "heavy ruling, DejaVu", turned(-0.4), ruling=5, digits=DEJAVU, suffix=".bmp"),
)
"""Every kind of picture. Not in `typeset.LAYOUTS`: they are not read back for certain, and reading takes seconds."""
