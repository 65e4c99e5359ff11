"""A document as read, before any form is known: lines of cells in reading order."""

from __future__ import annotations

from dataclasses import dataclass, field

from govdisclose.findings import Finding

# Cells that no printer put there. A scraper writes a merged cell as bars with nothing between them, and an empty
# paragraph may be an empty cell or mere spacing; such cells count only where the row cannot do without them.
PAD = "\ufdd0"
SOFT = "\ufdd1"
# A bar after the last text of a row closes the row, or stands before an empty last cell.
END = "\ufdd2"
DOUBTFUL = frozenset((PAD, SOFT, END))
LOST = "\ufffd"
"""Stands for print that cannot be read: a cell that holds it is neither empty nor a figure."""


@dataclass(slots=True)
class Line:
    """A row of a table, a line of text, or a paragraph.

    Attributes
    ----------
    cells : texts as printed, in order; "" is an empty cell, `PAD`, `SOFT` and `END` are doubtful ones
    grid : number of the table in the document, 0 outside tables
    row : number of the row in its table, or of the line in its text, from 1
    whole : the cells are known to be one row (False where a cell is a line and rows cannot be told)
    sizes : (colspan, rowspan) of each cell, None in a row without any span
    spans : (column from 0, colspan, rowspan) of each cell in a table that has spans, once `place_spans` has been called
    parted : a bar stood before it, so that an empty cell may end the row before
    page : number of the page, 0 where a document has none
    packed : blanks may part cells inside one text (plain text, paragraphs)
    """

    cells: list[str]
    grid: int = 0
    row: int = 0
    whole: bool = True
    spans: list[tuple[int, int, int]] | None = None
    sizes: list[tuple[int, int]] | None = None
    packed: bool = False
    parted: bool = False
    page: int = 0


@dataclass(slots=True)
class Document:
    """Lines in reading order with what stands around them. `title` and `meta` as the document declares them.

    `sure`: where figures were read off a picture, how sure each is (0 to 1; an empty cell 1), by the table, row and number
    of its cell (for a line outside tables 0, its row, 0). `found`: what the reader has to say of the document as a whole.
    `with_hidden`: the lines and those that a page does not show at first (tabs, copies); empty where there are none.
    """

    source: str
    name: str
    lines: list[Line]
    title: str = ""
    meta: list[tuple[str, str]] = field(default_factory=list)
    sure: dict[tuple[int, int, int], float] = field(default_factory=dict)
    found: tuple[Finding, ...] = ()
    with_hidden: list[Line] = field(default_factory=list)


def place_spans(lines: list[Line]) -> None:
    """Fill in `spans`: where each cell stands, given what the cells before it in the row and those above it cover."""
    covered: dict[int, int] = {}  # column -> rows that a cell from above still covers
    grid, spread = 0, False
    for line in lines:
        if not line.grid:
            continue
        if line.grid != grid:
            grid, spread, covered = line.grid, False, {}
        if not spread and line.sizes is None:
            continue
        spread = True
        below = {column: rows - 1 for column, rows in covered.items() if rows > 1}
        line.spans, column = [], 0
        for wide, high in line.sizes or [(1, 1)] * len(line.cells):
            while column in covered:
                column += 1
            line.spans.append((column, wide, high))
            if high > 1:
                below.update((c, high - 1) for c in range(column, column + wide))
            column += wide
        covered = below
