"""What an object that a page of a PDF paints says of itself: place, clip, colour, and whether it is painted at all."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as raw

_CLEAR = 12  # of 255: how dense the paint of text is that nobody sees
Transform = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Place = Callable[[float, float], tuple[float, float]]
NOTHING: Box = (0.0, 0.0, 0.0, 0.0)
_COLOUR = tuple(ctypes.c_uint() for _ in range(4))
_ASKED = tuple(map(ctypes.byref, _COLOUR))


def drop_replacements(item: Any) -> None:
    """Take off what a text is declared to stand for (ActualText): what counts is what is printed."""
    for index in range(raw.FPDFPageObj_CountMarks(item) - 1, -1, -1):
        mark = raw.FPDFPageObj_GetMark(item, index)
        length = ctypes.c_ulong()
        if raw.FPDFPageObjMark_GetParamStringValue(mark, b"ActualText", None, 0, ctypes.byref(length)):
            raw.FPDFPageObj_RemoveMark(item, mark)


def is_painted(item: Any) -> bool:
    """Whether text is painted, not only there to be searched for or to clip by."""
    mode = raw.FPDFTextObj_GetTextRenderMode(item)
    if mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP):
        return False
    filled = mode in (raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP)
    return not filled or colour(item, raw.FPDFPageObj_GetFillColor)[3] > _CLEAR


def grey_of(item: Any) -> int:
    """How light an object's fill is on paper, 0 (black) to 255."""
    red, green, blue, alpha = colour(item, raw.FPDFPageObj_GetFillColor)
    return round(255 - (255 - 0.3 * red - 0.59 * green - 0.11 * blue) * alpha / 255)


def colour(item: Any, ask: Any) -> tuple[int, int, int, int]:
    """Red, green, blue and density (255: nothing shines through) of an object's fill or stroke; black where it has none."""
    if not ask(item, *_ASKED):
        return 0, 0, 0, 255
    red, green, blue, alpha = _COLOUR
    return red.value, green.value, blue.value, alpha.value


def matrix_of(item: Any) -> Transform:
    """How an object is moved, turned and sized in what holds it."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def times(one: Transform, other: Transform) -> Transform:
    """Two transforms, one after the other."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def framed(points: list[tuple[float, float]]) -> Box:
    """The edges of a box around points."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def bounds(item: Any, outer: Transform, place: Place) -> Box:
    """The edges of what an object paints, as the page is looked at."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, (left, bottom, right, top))):
        return NOTHING
    a, b, c, d, e, f = outer
    corners = [(x, y) for x in (left.value, right.value) for y in (bottom.value, top.value)]
    return framed([place(a * x + c * y + e, b * x + d * y + f) for x, y in corners])


def clip_of(item: Any, outer: Transform, place: Place) -> Box | None:
    """What of the page an object is clipped to, None where it is not."""
    path = raw.FPDFPageObj_GetClipPath(item)
    count = raw.FPDFClipPath_CountPaths(path) if path else 0
    box: Box | None = None
    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = outer
    for index in range(max(count, 0)):
        points = []
        for number in range(min(raw.FPDFClipPath_CountPathSegments(path, index), 200)):
            raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(path, index, number), ctypes.byref(x), ctypes.byref(y))
            points.append(place(a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if points:
            own = framed(points)
            box = own if box is None else (max(box[0], own[0]), max(box[1], own[1]), min(box[2], own[2]), min(box[3], own[3]))
    return box
