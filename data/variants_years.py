"""Reports that print the year before beside their own figures: in rows, in columns, or as a whole copy of each table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grids import Cell, Grid
from pages import Page, Part
from variants import GridChange, PageChange, each_grid

BEFORE = "4711"
"""The figure of the year before, the same in every cell."""


def _before(cell: Cell) -> Cell:
    return replace(cell, text=BEFORE, kind="pad", key="")


def in_rows(own_first: bool) -> PageChange:
    """Each row of the requests twice, with a column that names the year."""

    def doubled(year: int) -> GridChange:
        def change(grid: Grid) -> Grid:
            if grid.table != "requests":
                return grid
            rows: list[tuple[Cell, ...]] = []
            for number, row in enumerate(grid.rows):
                if number < grid.heads:
                    rows.append(tuple(replace(c, across=c.across + 1) if not number and not i else c for i, c in enumerate(row)))
                    continue
                labels = [replace(c, down=2 * c.down) for c in row if c.kind == "label"]
                figures = [c for c in row if c.kind != "label"]
                own = (Cell(f"{year}年", "label"), *figures)
                last = (Cell(f"{year - 1}年", "label"), *map(_before, figures))
                first, second = (own, last) if own_first else (last, own)
                rows += [(*labels, *first), second]
            return replace(grid, width=grid.width + 1, rows=tuple(rows))

        return change

    return lambda page: each_grid(doubled(page.year))(page)


def _in_columns(grid: Grid) -> Grid:
    if grid.table != "proactive":
        return grid
    width = 2 * grid.width - 1
    rows: list[tuple[Cell, ...]] = []
    for row in grid.rows:
        if row[0].across == grid.width:
            rows.append((replace(row[0], across=width),))
        elif all(cell.kind in ("head", "pad") for cell in row):
            rows.append((replace(row[0], down=2), *(replace(cell, across=2 * cell.across) for cell in row[1:])))
            rows.append(tuple(Cell(text, "head", cell.across) for cell in row[1:] for text in ("本年", "上年")))
        else:
            rows.append((row[0], *(part for cell in row[1:] for part in (cell, _before(cell)))))
    return replace(grid, width=width, rows=tuple(rows))


def in_columns(page: Page) -> Page:
    """Each column of the proactive table twice, under 本年 and 上年."""
    return each_grid(_in_columns)(page)


def in_copies(own_first: bool) -> PageChange:
    """Each table twice, under a caption that names the year."""

    def change(page: Page) -> Page:
        def parts() -> Iterator[Part]:
            for part in page.parts:
                if not part.grids:
                    yield part
                    continue
                yield replace(part, grids=())
                last = [replace(grid, rows=tuple(tuple(_before(c) if c.kind == "figure" else c for c in row) for row in grid.rows)) for grid in part.grids]
                copies = [(page.year, part.grids), (page.year - 1, tuple(last))]
                for year, grids in copies if own_first else reversed(copies):
                    yield Part("", (f"{year}年情况如下:",), grids)

        return replace(page, parts=tuple(parts()))

    return change
