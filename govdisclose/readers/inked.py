"""The ink of a straight page -> its ruled tables: which cells there are, and which rows and columns each covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from govdisclose.readers.picture import TYPE, Grey

MAX_CELLS = 5_000  # of a page
_RULE = 2 * TYPE  # a stroke so long is no part of a character
_GAP = TYPE // 2  # dots that may be missing in a line
_LEAST = 0.6 * TYPE  # height and width of the least cell
_CROOKED = 0.85  # share of its frame that a sound cell fills at least
_THIN = 9  # dots; a streak of a dirty scanner is no broader
_SLACK = 16  # dots, less than that, by which edges of one row or column may differ (thick ruling, a page that is not flat)


@dataclass(frozen=True, slots=True)
class Box:
    """A cell of a table: its place on the page in dots (left, top, right, bottom), its first row and column, its spans.

    `whole`: its ruling is; else it may be part of a cell, or several.
    """

    left: int
    top: int
    right: int
    bottom: int
    row: int = 0
    column: int = 0
    down: int = 1
    across: int = 1
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruled table: its place on the page, and its cells in reading order."""

    left: int
    top: int
    right: int
    bottom: int
    cells: tuple[Box, ...]


def find_tables(grey: Grey, dark: Grey) -> tuple[list[Ruled], Grey]:
    """Given a straight page and its ink (255), return its ruled tables from the top down, and the ink without ruling."""
    lines = _rules(grey, dark, 0)
    tables = _tables(lines)
    if not tables:  # the ruling may be dotted
        lines = _rules(grey, dark, 9)
        tables = _tables(lines)
    return tables, cv2.bitwise_and(dark, cv2.bitwise_not(cv2.dilate(lines, np.ones((3, 3), np.uint8))))


def _rules(grey: Grey, dark: Grey, bridge: int) -> Grey:
    """Long straight strokes across and down a page; `bridge`: gaps in them that are closed first."""
    found = []
    grain = float(np.median(np.abs(grey.astype(np.int16) - cv2.blur(grey, (3, 3)))))
    for across in (True, False):
        size = (lambda n: (1, n)) if across else (lambda n: (n, 1))  # rows, columns of what lies along the line
        beside = size(9)[::-1]
        # A line may be weaker than type: it need only be darker than what lies on both sides of it.
        relief = cv2.morphologyEx(cv2.blur(grey, size(5)[::-1]), cv2.MORPH_BLACKHAT, np.ones(beside, np.uint8))
        strokes = cv2.bitwise_or(dark, np.asarray((relief > 14 + 2.4 * grain) * np.uint8(255)))
        long = _long(strokes, size)
        gap = bridge or (0 if across else 5)  # cells may be boxes of their own, lower than the least rule
        if gap:
            # Specks are no part of a line: but for dots, only what is of some length is joined.
            parts = strokes if bridge else cv2.morphologyEx(strokes, cv2.MORPH_OPEN, np.ones(size(TYPE * 3 // 4), np.uint8))
            joined = cv2.morphologyEx(parts, cv2.MORPH_CLOSE, np.ones(size(gap), np.uint8))
            broad = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
            long = cv2.bitwise_or(long, _long(cv2.bitwise_and(joined, cv2.bitwise_not(broad)), size))
        found.append(cv2.morphologyEx(long, cv2.MORPH_CLOSE, np.ones(size(2 * _GAP), np.uint8)))
    rows, columns = found
    return np.asarray((rows & ~_streaks(columns.T, rows.T).T) | (columns & ~_streaks(rows, columns)))


def _streaks(across: Grey, down: Grey) -> Grey:
    """Of lines down a page, those that go from edge to edge, far beyond all lines across: no table has such."""
    rows = np.flatnonzero(across.any(1))
    high = len(across)
    streaks = np.zeros_like(down)
    if not len(rows) or rows[0] < 3 * TYPE or rows[-1] > high - 3 * TYPE:
        return streaks
    through = np.flatnonzero(cv2.dilate(down, np.ones((1, 5), np.uint8)).sum(0, dtype=int) > 0.9 * 255 * high)
    for streak in np.split(through, np.flatnonzero(np.diff(through) > 1) + 1):
        if 0 < len(streak) < _THIN:
            streaks[:, streak] = 255
    return streaks


def _long(strokes: Grey, size: Callable[[int], tuple[int, int]]) -> Grey:
    """The strokes that are straight and long. A line that is a little askew steps sideways: thickened crosswise, it goes on."""
    thick = cv2.dilate(strokes, np.ones(size(3)[::-1], np.uint8))
    long = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones(size(_RULE), np.uint8))
    return cv2.erode(long, np.ones(size(3)[::-1], np.uint8))


def _tables(lines: Grey) -> list[Ruled]:
    joined = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    tables: list[Ruled] = []
    for number in range(1, count):
        x, y, wide, high = (int(n) for n in stats[number, :4])
        if wide < 9 * TYPE or high < 1.5 * TYPE:  # less is a character of a large title
            continue
        own = (labels[y : y + high, x : x + wide] == number) * np.uint8(255)
        # The outer lines may be missing, and the page need not be flat.
        cv2.polylines(own, [cv2.convexHull(cv2.findNonZero(own))], True, (255,), 2)
        cells = _cells(own, x, y)
        if len(cells) > 1:
            tables.append(Ruled(x, y, x + wide, y + high, tuple(cells)))
    inner = {b for a in tables for b in tables if a is not b and _within(b, a)}
    return sorted((t for t in tables if t not in inner), key=lambda t: (t.top, t.left))


def _within(one: Ruled, other: Ruled) -> bool:
    return other.left <= one.left and other.top <= one.top and one.right <= other.right and one.bottom <= other.bottom


def _cells(own: Grey, x: int, y: int) -> list[Box]:
    """What the lines of one table enclose. Each enclosed area is a cell, however many rows and columns it covers."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(255 - own, connectivity=4)
    high, wide = own.shape
    # What touches the edge lies beyond the outer lines.
    found = [
        (left, top, w, h, area)
        for left, top, w, h, area in stats[1:].tolist()
        if min(w, h) > _LEAST and left and top and left + w < wide and top + h < high
    ]
    if len(found) > MAX_CELLS:
        return []
    columns = _edges({edge for left, _, w, *_ in found for edge in (left, left + w)})
    rows = _edges({edge for _, top, _, h, _ in found for edge in (top, top + h)})
    xs = {number: x + edge for edge, number in columns.items()}
    ys = {number: y + edge for edge, number in rows.items()}
    cells: list[Box] = []
    crooked: list[Box] = []
    for left, top, w, h, area in found:
        c0, c1 = columns[left], columns[left + w]
        r0, r1 = rows[top], rows[top + h]
        if c1 > c0 and r1 > r0:
            box = Box(x + left, y + top, x + left + w, y + top + h, r0, c0, r1 - r0, c1 - c0)
            (cells if area > _CROOKED * w * h else crooked).append(box)
    return sorted([*cells, *_broken(crooked, cells, xs, ys)], key=lambda cell: (cell.row, cell.column))


def _broken(crooked: list[Box], cells: list[Box], xs: dict[int, int], ys: dict[int, int]) -> list[Box]:
    """What is enclosed but no rectangle, for ruling is broken or specks lie in it: where others lie in its frame, row by row what they leave.

    `xs`, `ys`: place of each line down and across the table, in dots.
    """
    taken = {place for cell in cells for place in _covered(cell)}
    found = []
    for box in sorted(crooked, key=lambda one: (one.down * one.across, one.row, one.column)):
        free = [place for place in _covered(box) if place not in taken]
        taken.update(free)
        if len(free) == box.down * box.across:
            found.append(box)
            continue
        for row, column in free:
            last = found[-1] if found else box
            if not last.whole and (last.row, last.column + last.across) == (row, column):
                found[-1] = replace(last, right=xs[column + 1], across=last.across + 1)
            else:
                found.append(Box(xs[column], ys[row], xs[column + 1], ys[row + 1], row, column, whole=False))
    return found


def _covered(box: Box) -> list[tuple[int, int]]:
    return [(r, c) for r in range(box.row, box.row + box.down) for c in range(box.column, box.column + box.across)]


def _edges(places: set[int]) -> dict[int, int]:
    """Place of an edge -> number of the line that it lies at."""
    numbers: dict[int, int] = {}
    line, last = -1, -10 * _SLACK
    for place in sorted(places):
        if place - last > _SLACK:
            line += 1
        numbers[place], last = line, place
    return numbers
