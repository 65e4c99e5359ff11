"""The straight lines and the boxes of the paths that a page of a PDF paints: ruling, and what covers text."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pypdfium2.raw as raw

from govdisclose.readers.objects import Place, Transform, fill_of, framed, is_clear, matrix_of, stroke_of, times
from govdisclose.readers.quick import Answer, Handle, quick
from govdisclose.readers.ruling import Rule
from govdisclose.readers.seen import Paint

if TYPE_CHECKING:
    from govdisclose.readers.drawn import Page

MAX_SEGMENTS = 5000  # of one path
THIN = 3.0  # points up to which a filled shape is a line
_ROUND = 6.0  # points that a corner may be rounded by
_Point = tuple[float, float]

_draw_mode, _count_segments, _segment = quick(raw.FPDFPath_GetDrawMode), quick(raw.FPDFPath_CountSegments), quick(raw.FPDFPath_GetPathSegment)
_kind, _closes, _point = quick(raw.FPDFPathSegment_GetType), quick(raw.FPDFPathSegment_GetClose), quick(raw.FPDFPathSegment_GetPoint)
_modes, _places = Answer(ctypes.c_int, 2), Answer(ctypes.c_float, 2 * MAX_SEGMENTS)
_X_TO, _Y_TO = _places.to[::2], _places.to[1::2]


def take_path(item: Handle, outer: Transform, page: Page, place: Place, paints: list[Paint], order: int) -> None:
    """Take the straight lines of a path: its strokes, shapes filled so thin that they are lines, and edges of filled boxes."""
    _draw_mode(item, *_modes.to)
    fill, stroke = _modes.numbers[:]
    if not fill and not stroke:
        return
    a, b, c, d, e, f = times(matrix_of(item), outer)
    segments = [_segment(item, index) for index in range(min(_count_segments(item), MAX_SEGMENTS))]
    for segment, x_to, y_to in zip(segments, _X_TO, _Y_TO, strict=False):
        _point(segment, x_to, y_to)
    kinds = [_kind(segment) for segment in segments]
    numbers = _places.numbers[: 2 * len(segments)]
    points = [place(a * x + c * y + e, b * x + d * y + f) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    starts = [n for n, kind in enumerate(kinds) if kind == raw.FPDF_SEGMENT_MOVETO]
    shapes = [points[start:end] for start, end in pairwise([*starts, len(points)])]
    boxes = list(map(framed, shapes))
    alpha = fill_of(item)[3] if fill else 0
    if alpha and not stroke and all(min(right - left, bottom - top) <= THIN for left, top, right, bottom in boxes):
        for box in boxes:
            _line(page, *box)
        return  # most ruling is of this kind: nothing else need be asked
    pieces = _pieces(segments, kinds, points, starts)
    if stroke and stroke_of(item)[3]:
        for (x0, y0), (x1, y1) in pieces:
            _line(page, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    straight = sum(abs(x1 - x0) + abs(y1 - y0) for (x0, y0), (x1, y1) in pieces if min(abs(x1 - x0), abs(y1 - y0)) < 0.5)
    for shape, (left, top, right, bottom) in zip(shapes, boxes, strict=True):
        if alpha and min(right - left, bottom - top) <= THIN:
            _line(page, left, top, right, bottom)
            continue
        boxed = straight > right - left + bottom - top and all(min(px - left, right - px, py - top, bottom - py) < _ROUND for px, py in shape)
        rounded = len(shape) > 8 and min(right - left, bottom - top) > 2 * _ROUND
        if boxed and (alpha or rounded) and not (right - left > 0.9 * page.width and bottom - top > 0.9 * page.height):
            for edge in ((left, top, right, top), (left, bottom, right, bottom), (left, top, left, bottom), (right, top, right, bottom)):
                if page.sight.is_edge(*edge):
                    _line(page, *edge)
        if alpha == 255 and boxed and len(shapes) == 1:
            paints.append(Paint(order, left, top, right, bottom, not is_clear(item), False))


def _pieces(segments: Sequence[Handle], kinds: Sequence[int], points: Sequence[_Point], starts: Sequence[int]) -> list[tuple[_Point, _Point]]:
    """The straight pieces of a path of shapes that start at some of its segments."""
    pieces = []
    for start, end in pairwise([*starts, len(points)]):
        for n in range(start + 1, end):
            if kinds[n] == raw.FPDF_SEGMENT_LINETO:
                pieces.append((points[n - 1], points[n]))
            if _closes(segments[n]):
                pieces.append((points[n], points[start]))
    return pieces


def _line(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    if bottom - top <= THIN < right - left:
        page.across.append(Rule((top + bottom) / 2, left, right))
    elif right - left <= THIN < bottom - top:
        page.down.append(Rule((left + right) / 2, top, bottom))
    elif right - left <= THIN and bottom - top <= THIN:
        # A dot of a dotted line, or the crossing of two lines drawn cell by cell.
        if right - left > bottom - top:
            page.across.append(Rule((top + bottom) / 2, left, right))
        elif right - left < bottom - top:
            page.down.append(Rule((left + right) / 2, top, bottom))
