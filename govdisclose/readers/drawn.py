"""What a page of a PDF prints: characters and ruling lines by their places, as the page is looked at."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from govdisclose.errors import ReportError
from govdisclose.readers.ruling import Rule
from govdisclose.sources import Source

MAX_CHARACTERS = 60_000  # of one page
MAX_OBJECTS = 100_000  # drawn on one page
MAX_DEPTH = 8  # forms in one another
THIN = 3.0  # points up to which a filled shape is a line
LOST = "\ufffd"  # stands for text that is drawn and cannot be read
_Transform = tuple[float, float, float, float, float, float]


class Char(NamedTuple):
    """A printed character: text and edges, x to the right and y downwards from the page's upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass
class Page:
    """What is printed on a page."""

    number: int
    width: float
    height: float
    chars: list[Char]
    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)


def read_page(source: Source, document: pdfium.PdfDocument, number: int) -> Page:
    """What is printed on a page, numbered from 0; `ReportError` beyond the limits."""
    page = document[number]
    text = page.get_textpage()
    try:
        count = raw.FPDFText_CountChars(text)
        if count > MAX_CHARACTERS:
            raise ReportError(source.name, f"{count:,} characters on page {number + 1}", f"at most {MAX_CHARACTERS:,} are read")
        edges = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page, ctypes.byref(edges))
        left, bottom, right, top = crop = edges.left, edges.bottom, edges.right, edges.top
        # What a viewer turns the page by says nothing: text is read as it stands upright.
        turned = -_lying(text, count) % 360
        wide, high = (right - left, top - bottom) if turned in (0, 180) else (top - bottom, right - left)

        def place(x: float, y: float) -> tuple[float, float]:
            """Where a point stands as the page is looked at."""
            if turned == 90:
                return y - bottom, x - left
            if turned == 180:
                return right - x, y - bottom
            if turned == 270:
                return top - y, right - x
            return x - left, top - y

        found = Page(number + 1, wide, high, [])
        known: dict[int, bool] = {}
        found.chars = list(_chars(text, count, place, crop, known, turned in (0, 180)))
        _draw(source, page, found, place, known)
        return found
    finally:
        text.close()
        page.close()


def _lying(text: pdfium.PdfTextPage, count: int) -> int:
    """By how many degrees most characters are turned on the page."""
    angles = Counter(
        round(math.degrees(raw.FPDFText_GetCharAngle(text, index)) / 90) * 90 % 360
        for index in range(0, count, max(1, count // 200))
        if raw.FPDFText_GetUnicode(text, index) > 32
    )
    return angles.most_common(1)[0][0] if angles else 0


def _chars(
    text: Any, count: int, place: Any, crop: tuple[float, float, float, float], shown: dict[int, bool], upright: bool
) -> Iterator[Char]:
    """The characters that are printed: visible, on the page, each once. `shown` is told which text objects are drawn."""
    edges = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = edges
    inked = [ctypes.byref(edge) for edge in edges]
    loose = raw.FS_RECTF()
    seen: set[tuple[str, float, float]] = set()
    for index in range(count):
        item = raw.FPDFText_GetTextObject(text, index)
        address = ctypes.addressof(item.contents) if item else 0
        if address not in shown:
            shown[address] = not item or _is_shown(item)
        code = raw.FPDFText_GetUnicode(text, index)
        if not shown[address] or code <= 32 or code in (0xA0, 0x3000) or raw.FPDFText_IsGenerated(text, index) == 1:
            continue
        raw.FPDFText_GetCharBox(text, index, *inked)
        if not (crop[0] < right.value and left.value < crop[2] and crop[1] < top.value and bottom.value < crop[3]):
            continue  # off the page
        # As high as the font, so that a full stop stands on the line of its sentence; as wide as the ink. In vertical
        # writing the font's box lies beside the ink and says nothing.
        raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(loose))
        if upright and loose.left - 1 <= left.value and right.value <= loose.right + 1:
            bottom.value, top.value = min(bottom.value, loose.bottom), max(top.value, loose.top)
        elif not upright and loose.bottom - 1 <= bottom.value and top.value <= loose.top + 1:
            left.value, right.value = min(left.value, loose.left), max(right.value, loose.right)
        (x0, y0), (x1, y1) = place(left.value, top.value), place(right.value, bottom.value)
        char = Char(chr(code), min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        x, y = char.left, char.top
        keys = (char.text, int(x), int(y)), (char.text, int(x + 0.5) + 0.5, int(y + 0.5) + 0.5)
        if not seen.isdisjoint(keys):
            continue  # printed twice, half a point apart, to look bold
        seen.update(keys)
        yield char


def _is_shown(item: Any) -> bool:
    """Whether a text is drawn: not in the invisible mode, not fully transparent, not white."""
    if raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if raw.FPDFPageObj_GetFillColor(item, *map(ctypes.byref, (red, green, blue, alpha))):
        return alpha.value > 0 and min(red.value, green.value, blue.value) < 250
    return True


def _draw(source: Source, page: pdfium.PdfPage, found: Page, place: Any, known: dict[int, bool]) -> None:
    """Note the lines that the page draws, and a mark where it draws text of which no character is `known`.

    Where a font is not in the file and not on the machine, single characters can be lost; their place must not look empty.
    """
    left = MAX_OBJECTS

    def visit(container: Any, count: int, get: Any, matrix: _Transform, depth: int) -> None:
        nonlocal left
        left -= count
        if left < 0:
            raise ReportError(source.name, f"more than {MAX_OBJECTS:,} objects on page {found.number}", "print it to a new PDF")
        for index in range(count):
            item = get(container, index)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_PATH:
                _path(item, matrix, found, place)
            elif kind == raw.FPDF_PAGEOBJ_TEXT and ctypes.addressof(item.contents) not in known and _is_shown(item):
                _, _, _, _, e, f = _times(_matrix(item), matrix)
                x, y = place(e, f)
                if not any(abs(char.left - x) < 6 and char.top - 4 < y < char.bottom + 4 for char in found.chars):
                    found.chars.append(Char(LOST, x, y - 6, x + 3, y))
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
                inner = _times(_matrix(item), matrix)
                visit(item, raw.FPDFFormObj_CountObjects(item), raw.FPDFFormObj_GetObject, inner, depth + 1)

    visit(page, raw.FPDFPage_CountObjects(page), raw.FPDFPage_GetObject, (1, 0, 0, 1, 0, 0), 0)


def _matrix(item: Any) -> _Transform:
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(one: _Transform, other: _Transform) -> _Transform:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _path(item: Any, outer: _Transform, found: Page, place: Any) -> None:
    """Take the straight lines of a path: its strokes, and shapes filled so thin that they are lines."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    a, b, c, d, e, f = _times(_matrix(item), outer)
    x, y = ctypes.c_float(), ctypes.c_float()
    at_x, at_y = ctypes.byref(x), ctypes.byref(y)
    points: list[tuple[float, float]] = []
    pieces: list[tuple[tuple[float, float], tuple[float, float]]] = []
    shapes: list[list[tuple[float, float]]] = []
    for index in range(min(raw.FPDFPath_CountSegments(item), 5000)):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        raw.FPDFPathSegment_GetPoint(segment, at_x, at_y)
        point = place(a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            points = [point]
            shapes.append(points)
            continue
        if not points:
            continue
        if kind == raw.FPDF_SEGMENT_LINETO:
            pieces.append((points[-1], point))
        points.append(point)
        if raw.FPDFPathSegment_GetClose(segment):
            pieces.append((point, points[0]))
    if stroke.value:
        for (x0, y0), (x1, y1) in pieces:
            _line(found, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    elif fill.value:
        for shape in shapes:
            xs, ys = [p[0] for p in shape], [p[1] for p in shape]
            _line(found, min(xs), min(ys), max(xs), max(ys))


def _line(found: Page, left: float, top: float, right: float, bottom: float) -> None:
    if bottom - top <= THIN < right - left:
        found.across.append(Rule((top + bottom) / 2, left, right))
    elif right - left <= THIN < bottom - top:
        found.down.append(Rule((left + right) / 2, top, bottom))
    elif right - left <= THIN and bottom - top <= THIN:
        # A dot of a dotted line, or the crossing of two lines drawn cell by cell.
        if right - left > bottom - top:
            found.across.append(Rule((top + bottom) / 2, left, right))
        elif right - left < bottom - top:
            found.down.append(Rule((left + right) / 2, top, bottom))
