"""The official tables of a filing as grids with merged cells, before any layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from filings import TABLES, Filing, known_rows

from govdisclose.forms import Row, Table

CONTENT = "信息内容"
APPLICANTS, ORGANISATIONS = "申请人情况", "法人或其他组织"
RELATION = "(本列数据的勾稽关系为:第一项加第二项之和,等于第三项加第四项之和)"


@dataclass(frozen=True)
class Cell:
    """A cell and how many columns and rows it covers. `kind`: "head", "label", "figure" or "pad"; `key` only of figures."""

    text: str
    kind: str
    across: int = 1
    down: int = 1
    key: str = ""


@dataclass(frozen=True)
class Grid:
    """A table: rows of cells, each cell standing in the row where it begins; the first `heads` rows are its heading."""

    table: str
    width: int
    rows: tuple[tuple[Cell, ...], ...]
    heads: int = 0


@dataclass(frozen=True)
class Spot:
    """A place of the spread grid: the cell that covers it, and whether the cell begins there."""

    cell: Cell
    origin: bool
    top: bool


def spread(grid: Grid) -> list[list[Spot]]:
    """Given a grid, return the full matrix (rows x `width`) with every covered place filled."""
    matrix: list[list[Spot | None]] = [[None] * grid.width for _ in grid.rows]
    for r, row in enumerate(grid.rows):
        for cell in row:
            c = matrix[r].index(None)
            for y in range(r, r + cell.down):
                for x in range(c, c + cell.across):
                    if matrix[y][x] is not None:
                        raise ValueError(f"{grid.table}: two cells at row {y}, column {x}")
                    matrix[y][x] = Spot(cell, (y, x) == (r, c), y == r)
    full = [[spot for spot in line if spot is not None] for line in matrix]
    if any(len(line) != grid.width for line in full):
        raise ValueError(f"{grid.table}: the rows do not fill {grid.width} columns")
    return full


def cut(grid: Grid, start: int, stop: int, repeat: bool) -> Grid:
    """Rows `start` to `stop` as a grid of their own; a cell that the cut runs through goes on there, empty unless `repeat`."""
    matrix = spread(grid)
    rows = []
    for r in range(start, stop):
        row = []
        for c, spot in enumerate(matrix[r]):
            begins_left = c == 0 or matrix[r][c - 1].cell is not spot.cell
            if spot.origin or (r == start and begins_left):
                down = sum(1 for y in range(r, stop) if matrix[y][c].cell is spot.cell)
                row.append(replace(spot.cell, text=spot.cell.text if spot.origin or repeat else "", down=down))
        rows.append(tuple(row))
    return Grid(grid.table, grid.width, tuple(rows), max(0, grid.heads - start))


def _figures(filing: Filing, row: Row, width: int) -> Iterator[Cell]:
    """The figure cells of a row; the last one reaches to the table's edge, `width` columns in all."""
    for number, slot in enumerate(row.slots, 1):
        across = width - len(row.slots) + 1 if number == len(row.slots) else 1
        yield Cell(filing.printed.get(slot.key, ""), "figure", across, key=slot.key)


def _rows(filing: Filing, table: Table) -> list[Row]:
    known = known_rows(filing)
    return [row for row in table.rows if f"{table.key}.{row.label.key}" in known]


def _proactive(filing: Filing, table: Table) -> Grid:
    lines = _rows(filing, table)
    width = 1 + max(len(row.columns) for row in table.rows)
    rows: list[tuple[Cell, ...]] = []
    for number, item in enumerate(table.items):
        block = [row for row in lines if row.block == number]
        if not block:
            continue
        names = block[0].columns
        spans = [1] * (len(names) - 1) + [width - len(names)]
        heads = [Cell(name.zh, "head", across) for name, across in zip(names, spans, strict=True)]
        rows += [(Cell(item, "label", width),), (Cell(CONTENT, "head"), *heads)]
        rows += [(Cell(row.label.zh, "label"), *_figures(filing, row, width - 1)) for row in block]
    return Grid(table.key, width, tuple(rows))


def _requests(filing: Filing, table: Table) -> Grid:
    """The first group (三、本年度办理结果) covers all the others."""
    outcome, labels = table.groups[0].key, {group.key: group.zh for group in table.groups}
    lines = _rows(filing, table)
    spans = Counter(row.group for row in lines) | {outcome: sum(1 for row in lines if row.group)}
    names = table.rows[0].columns
    rows: list[tuple[Cell, ...]] = [
        (Cell(RELATION, "head", 3, 3), Cell(APPLICANTS, "head", len(names))),
        (
            Cell(names[0].zh, "head", 1, 2),
            Cell(ORGANISATIONS, "head", len(names) - 2),
            Cell(names[-1].zh, "head", 1, 2),
        ),
        tuple(Cell(name.zh, "head") for name in names[1:-1]),
    ]
    begun: set[str] = set()
    for row in lines:
        cells = []
        for group in dict.fromkeys((outcome, row.group) if row.group else ()):
            if group not in begun:
                begun.add(group)
                cells.append(Cell(labels[group], "label", 1, spans[group]))
        across = 3 if not row.group else 2 if row.group == outcome else 1
        rows.append((*cells, Cell(row.label.zh, "label", across), *_figures(filing, row, len(names))))
    return Grid(table.key, 3 + len(names), tuple(rows), heads=3)


def _reviews(filing: Filing, table: Table) -> Grid:
    first, *rest = table.rows
    names = first.columns
    rows = (
        (Cell(first.label.zh, "head", len(names)), Cell(table.groups[0].zh, "head", len(names) * len(rest))),
        (*(Cell(name.zh, "head", 1, 2) for name in names), *(Cell(row.label.zh, "head", len(names)) for row in rest)),
        tuple(Cell(name.zh, "head") for _ in rest for name in names),
        tuple(cell for row in table.rows for cell in _figures(filing, row, len(names))),
    )
    return Grid(table.key, len(names) * len(table.rows), rows, heads=3)


def grids(filing: Filing) -> dict[str, Grid]:
    """Given a filing, return its official tables by key; a table without any known row is left out."""
    build = {"proactive": _proactive, "requests": _requests, "reviews": _reviews}
    found = {}
    for key in TABLES:
        table = filing.form(key).table(key)
        if _rows(filing, table):
            found[key] = build[key](filing, table)
    return found


def texts(cells: Iterable[Cell]) -> list[str]:
    return [cell.text for cell in cells]
