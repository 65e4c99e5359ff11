"""A page as it lies -> its tables and paragraphs from the top down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from govdisclose.readers.inked import Ruled, find_tables
from govdisclose.readers.ocr import Reader
from govdisclose.readers.picture import TYPE, Grey, straight
from govdisclose.readers.type import ILLEGIBLE, Page, Strip, lines_of, read_cells, read_lines

_SAMPLES = 8  # lines by which it is told which way up a page lies
_UPRIGHT = 0.8  # how sure these are read, on average, on a page that lies the right way up


class Cell(NamedTuple):
    """A cell as read: text, how sure (0 to 1; None where it is no figure), and (columns, rows) that it covers."""

    text: str
    sure: float | None
    size: tuple[int, int]


Row = list[Cell]


def read_page(reader: Reader, grey: Grey) -> list[str | list[Row]]:
    """Given a page in grey, return what stands on it: a text for each paragraph, rows of cells for each ruled table."""
    page, tables = _upright(reader, *straight(grey))
    found: list[tuple[int, str | list[Row]]] = []
    around = page.dark.copy()
    for table in tables:
        found.append((table.top, _rows(reader, page, table)))
        around[table.top : table.bottom, table.left : table.right] = 0
    found.extend(_paragraphs(reader, page, around, [table.top for table in tables]))
    return [block for _, block in sorted(found, key=lambda pair: pair[0])]


def _upright(reader: Reader, grey: Grey, dark: Grey) -> tuple[Page, list[Ruled]]:
    """The page turned so that its lines can be read, and its tables."""
    best: tuple[float, Page, list[Ruled]] | None = None
    for quarters in (0, 3, 1, 2):
        turned = np.ascontiguousarray(np.rot90(dark, quarters))
        lying = np.ascontiguousarray(np.rot90(grey, quarters))
        tables, rest = find_tables(lying, turned)
        page = Page(lying, rest)
        sure = _legible(reader, page)
        if best is None or sure > best[0]:
            best = sure, page, tables
        if sure > _UPRIGHT:
            break
    assert best is not None
    return best[1:]


def _legible(reader: Reader, page: Page) -> float:
    """How well some lines of the page can be read as it lies."""
    strips = [s for s in lines_of(page.dark, 0.8) if 0.5 * TYPE < s.bottom - s.top < 2 * TYPE and 3 * TYPE < s.right - s.left < 14 * TYPE]
    some = strips[:: -(-len(strips) // _SAMPLES) or 1]
    if not some:
        return 0.0
    reads = reader.words([page.cut(strip, 0.15, 0.3) for strip in some])
    # Type that stands on its side gives few characters, and unsure ones.
    return sum(r.sure * min(1.0, len(r.text) * TYPE / (s.right - s.left)) for r, s in zip(reads, some, strict=True)) / len(some)


def _rows(reader: Reader, page: Page, table: Ruled) -> list[Row]:
    """The rows of a table; a cell stands in the first of the rows that it covers."""
    texts = read_cells(reader, page, table.cells)
    rows: list[Row] = [[] for _ in range(max(box.row for box in table.cells) + 1)]
    for box, text in zip(table.cells, texts, strict=True):
        rows[box.row].append(Cell(text.text, text.sure, (box.across, box.down)))
    # An empty cell alone in its row has lost what stood beside it: it is the place of no figure.
    return [[one._replace(text=ILLEGIBLE, sure=0.0) for one in row] if len(row) == 1 and not row[0].text else row for row in rows if row]


def _paragraphs(reader: Reader, page: Page, around: Grey, tops: list[int]) -> list[tuple[int, str]]:
    """Texts outside tables; a line that reaches the right margin goes on in the next one, up to the next table."""
    strips = [s for s in lines_of(around) if s.bottom - s.top > 0.4 * TYPE and s.right - s.left > 0.4 * TYPE]
    if not strips:
        return []
    texts = {strip: read.text for strip, read in zip(strips, read_lines(reader, page, strips), strict=True) if read.text}
    left, right = min(s.left for s in strips), max(s.right for s in strips)
    found: list[tuple[int, str]] = []
    last, last_text = None, ""
    for row in _level(list(texts)):
        text, first = "  ".join(texts[strip] for strip in row), row[0]
        goes_on = (
            last is not None
            and len(row) == 1
            and last.right > right - 2.5 * TYPE
            and first.left < left + 1.2 * TYPE
            and first.top - last.bottom < 1.6 * TYPE
            and not any(last.top < top < first.top for top in tops)
        )
        found.append((found.pop()[0], last_text + text) if goes_on else (first.top, text))
        last, last_text = (first if len(row) == 1 else None), found[-1][1]
    return found


def _level(strips: list[Strip]) -> list[list[Strip]]:
    """Strips in rows, from the top down and from left to right."""
    rows: list[list[Strip]] = []
    for strip in sorted(strips, key=lambda s: s.top + s.bottom):
        middle = (strip.top + strip.bottom) / 2
        if rows and rows[-1][0].top < middle < rows[-1][0].bottom:
            rows[-1].append(strip)
        else:
            rows.append([strip])
    return [sorted(row, key=lambda s: s.left) for row in rows]
