"""Rows and columns that only count: what programs put above and beside a table when they write it out (0, 1, 2 …)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from govdisclose.grid import DOUBTFUL, Line

_CORNERS = DOUBTFUL | {"", "0"}  # how a row that counts the columns may begin
_LEAST = 3  # so many rows or columns that count from 0 or 1 do so by no chance


def without_counters(lines: list[Line]) -> list[Line]:
    """Given a document's lines, return them without rows and first columns that only count."""
    first = [line.cells[0] for line in lines]
    if not ("0" in first or "1" in first or any(line.cells[:3] == ["", "0", "1"] for line in lines if not line.cells[0])):
        return lines
    if not ("1" in first and "2" in first) and not any(_counts_columns(line.cells) for line in lines if line.cells[0] in _CORNERS):
        return lines
    kept: list[Line] = []
    for (table, _), group in groupby(lines, key=lambda line: (line.grid or (line.whole and len(line.cells) > 1), line.grid)):
        block = list(group)
        kept.extend(_freed(block) if table else block)
    return kept


def _freed(block: list[Line]) -> list[Line]:
    """The rows of one table without those that count its columns, and without a first column that counts its rows."""
    rows = block[1:] if _counts_columns(block[0].cells) else block
    numbered = [line for line in rows if line.cells[0].isdecimal()]
    headed = all(line.cells[0].isdecimal() for line in rows[1:]) and len(numbered) >= len(rows) - 1
    if headed and len(numbered) >= _LEAST and _counts([line.cells[0] for line in numbered]) and _all_have_more(rows):
        for line in rows:
            line.cells = line.cells[1:]
            line.sizes = line.sizes[1:] if line.sizes else None
    return rows


def _counts_columns(cells: list[str]) -> bool:
    """Whether a row counts the columns: from 0, or beside an empty corner; figures of a report may well be 1, 2, 3."""
    own = [cell for cell in cells if cell not in DOUBTFUL]
    if own and not own[0]:
        return _counts(own[1:])
    return len(own) > _LEAST and own[0] == "0" and _counts(own)


def _counts(texts: list[str]) -> bool:
    """Whether texts are 0, 1, 2 … or 1, 2, 3 …"""
    first = texts[0] if len(texts) >= _LEAST else ""
    return first in ("0", "1") and texts == [str(number) for number in range(int(first), int(first) + len(texts))]


def _all_have_more(rows: Sequence[Line]) -> bool:
    return all(len(line.cells) > 1 for line in rows)
