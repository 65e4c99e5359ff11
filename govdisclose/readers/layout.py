"""A page as it lies -> its tables and paragraphs from the top down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from govdisclose.readers.ocr import Reader
from govdisclose.readers.picture import TYPE, Grey, straight
from govdisclose.readers.ruling import Ruled, find_tables
from govdisclose.readers.type import Page, Strip, lines_of, read_cells, read_lines

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
        tables, rest = find_tables(turned)
        page = Page(np.ascontiguousarray(np.rot90(grey, quarters)), rest)
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
    return [row for row in rows if row]


def _paragraphs(reader: Reader, page: Page, around: Grey, tops: list[int]) -> list[tuple[int, str]]:
    """Texts outside tables; a line that reaches the right margin goes on in the next one, up to the next table."""
    strips = [s for s in lines_of(around) if s.bottom - s.top > 0.4 * TYPE and s.right - s.left > 0.4 * TYPE]
    if not strips:
        return []
    reads = read_lines(reader, page, strips)
    left, right = min(s.left for s in strips), max(s.right for s in strips)
    found: list[tuple[int, str]] = []
    last: Strip | None = None
    for strip, read in zip(strips, reads, strict=True):
        if not read.text:
            continue
        goes_on = (
            last is not None
            and last.right > right - 2.5 * TYPE
            and strip.left < left + 1.2 * TYPE
            and strip.top - last.bottom < 1.6 * TYPE
            and not any(last.top < top < strip.top for top in tops)
        )
        if goes_on:
            found[-1] = found[-1][0], found[-1][1] + read.text
        elif last is not None and strip.top < last.bottom - 0.5 * TYPE:  # beside it, some way off
            found[-1] = found[-1][0], f"{found[-1][1]}  {read.text}"
        else:
            found.append((strip.top, read.text))
        last = strip
    return found


