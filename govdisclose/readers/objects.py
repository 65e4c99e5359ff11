"""What an object that a page of a PDF paints says of itself: place, clip, colour, and whether it is painted at all."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pypdfium2.raw as raw

from govdisclose.readers.quick import Answer, Handle, quick

_CLEAR = 12  # of 255: how dense the paint of text is that nobody sees
Transform = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Place = Callable[[Any, Any], tuple[Any, Any]]  # of one point, or of the x and y of many (arrays)
Colour = tuple[int, int, int, int]
NOTHING: Box = (0.0, 0.0, 0.0, 0.0)

_fill, _stroke = quick(raw.FPDFPageObj_GetFillColor), quick(raw.FPDFPageObj_GetStrokeColor)
_mode = quick(raw.FPDFTextObj_GetTextRenderMode)
is_clear = quick(raw.FPDFPageObj_HasTransparency)  # whether something shines through an object
_matrix, _bounds = quick(raw.FPDFPageObj_GetMatrix), quick(raw.FPDFPageObj_GetBounds)
_clip, _count_clips = quick(raw.FPDFPageObj_GetClipPath), quick(raw.FPDFClipPath_CountPaths)
_count_clip_segments, _clip_segment = quick(raw.FPDFClipPath_CountPathSegments), quick(raw.FPDFClipPath_GetPathSegment)
_point = quick(raw.FPDFPathSegment_GetPoint)
_count_marks, _mark, _remove_mark = quick(raw.FPDFPageObj_CountMarks), quick(raw.FPDFPageObj_GetMark), quick(raw.FPDFPageObj_RemoveMark)
_mark_says = quick(raw.FPDFPageObjMark_GetParamStringValue)
_NO_ROOM = ctypes.c_ulong(0)
_singles, _counts, _length = Answer(ctypes.c_float, 6), Answer(ctypes.c_uint, 4), Answer(ctypes.c_ulong, 1)


def drop_replacements(item: Handle) -> None:
    """Take off what a text is declared to stand for (ActualText): what counts is what is printed."""
    for index in range(_count_marks(item) - 1, -1, -1):
        mark = _mark(item, ctypes.c_ulong(index))
        if _mark_says(mark, b"ActualText", None, _NO_ROOM, *_length.to):
            _remove_mark(item, mark)


def is_painted(item: Handle, filled: Colour) -> bool:
    """Whether text with this fill is painted, not only there to be searched for or to clip by."""
    mode = _mode(item)
    if mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP):
        return False
    return mode not in (raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP) or filled[3] > _CLEAR


@lru_cache(1024)
def grey_of(colour: Colour) -> int:
    """How light a colour is on paper, 0 (black) to 255."""
    red, green, blue, alpha = colour
    return round(255 - (255 - 0.3 * red - 0.59 * green - 0.11 * blue) * alpha / 255)


def fill_of(item: Handle) -> Colour:
    """Red, green, blue and density (255: nothing shines through) of an object's fill; black where it has none."""
    return tuple(_counts.numbers[:]) if _fill(item, *_counts.to) else (0, 0, 0, 255)


def stroke_of(item: Handle) -> Colour:
    """The same of its stroke."""
    return tuple(_counts.numbers[:]) if _stroke(item, *_counts.to) else (0, 0, 0, 255)


def matrix_of(item: Handle) -> Transform:
    """How an object is moved, turned and sized in what holds it."""
    if not _matrix(item, _singles.to[0]):
        return (0.0,) * 6
    a, b, c, d, e, f = _singles.numbers[:]
    return a, b, c, d, e, f


def times(one: Transform, other: Transform) -> Transform:
    """Two transforms, one after the other."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def framed(points: list[tuple[float, float]]) -> Box:
    """The edges of a box around points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def bounds(item: Handle, outer: Transform, place: Place) -> Box:
    """The edges of what an object paints, as the page is looked at."""
    if not _bounds(item, *_singles.to[:4]):
        return NOTHING
    left, bottom, right, top = _singles.numbers[:4]
    a, b, c, d, e, f = outer
    return framed([place(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)])


def clip_of(item: Handle, outer: Transform, place: Place) -> Box | None:
    """What of the page an object is clipped to, None where it is not."""
    path: Handle = _clip(item)
    box: Box | None = None
    a, b, c, d, e, f = outer
    (x_to, y_to), numbers = _singles.to[:2], _singles.numbers
    for index in range(_count_clips(path) if path.value else 0):
        points = []
        for number in range(min(_count_clip_segments(path, index), 200)):
            _point(_clip_segment(path, index, number), x_to, y_to)
            x, y = numbers[:2]
            points.append(place(a * x + c * y + e, b * x + d * y + f))
        if points:
            own = framed(points)
            box = own if box is None else (max(box[0], own[0]), max(box[1], own[1]), min(box[2], own[2]), min(box[3], own[3]))
    return box
