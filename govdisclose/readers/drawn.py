"""What a page of a PDF draws: characters, lines and shapes by their places, in the order in which they are painted."""

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
from govdisclose.grid import LOST
from govdisclose.readers.objects import (
    NOTHING,
    Box,
    Place,
    Transform,
    bounds,
    clip_of,
    colour,
    drop_replacements,
    framed,
    grey_of,
    is_painted,
    matrix_of,
    times,
)
from govdisclose.readers.ruling import Rule
from govdisclose.readers.seen import (
    Paint,
    Sight,
    beside_pictures,
    each_once,
    is_pictured,
    is_word,
    only_seen,
    without_marks,
    without_strokes,
)
from govdisclose.sources import Source

MAX_CHARACTERS = 60_000  # of one page
MAX_OBJECTS = 100_000  # drawn on one page
MAX_DEPTH = 8  # forms in one another
THIN = 3.0  # points up to which a filled shape is a line
_ROUND = 6.0  # points that a corner may be rounded by
_SMALL = 1.5  # points of type that nobody reads
_FEW = 60  # characters beside the picture of a scan: a page number, a stamp, a note
_ASKEW = 7  # degrees by which a scan's or a careless printer's text may lie off the page
_UPRIGHT: Transform = (1, 0, 0, 1, 0, 0)


class Char(NamedTuple):
    """A printed character: text and edges, x to the right and y downwards from the page's upper left corner.

    `size` of its type; `item`: which text it was painted with; `grey`: how light it is, 0 (black) to 255; `turned`: its
    line does not run from left to right.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float = 0.0
    item: int = 0
    grey: int = 0
    turned: bool = False

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass
class Page:
    """What is printed on a page.

    `sight`: where there is ink, to tell an empty place from one that only holds no text. `scanned`: what can be read
    is in a picture.
    """

    number: int
    width: float
    height: float
    chars: list[Char]
    sight: Sight
    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)
    scanned: bool = False


class _Item(NamedTuple):
    """A text object: how its type is turned (degrees against the page's) and how large it is."""

    order: int
    turned: float
    size: float
    grey: int
    clip: tuple[float, float, float, float] | None


def read_page(source: Source, document: pdfium.PdfDocument, number: int) -> Page:
    """What is printed on a page, numbered from 0; `ReportError` beyond the limits."""
    page = _flat(document, number)
    try:
        objects = list(_objects(source, page, number))
        for item, _, kind in objects:
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                drop_replacements(item)
        text = page.get_textpage()
        try:
            return _page(source, page, text, objects, number)
        finally:
            text.close()
    finally:
        page.close()


def _flat(document: pdfium.PdfDocument, number: int) -> Any:
    """A page with what its annotations and form fields show made part of it."""
    page = document[number]
    shown = False
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), 2000)):
        note = raw.FPDFPage_GetAnnot(page, index)
        shown = shown or raw.FPDFAnnot_GetSubtype(note) != raw.FPDF_ANNOT_LINK
        raw.FPDFPage_CloseAnnot(note)
    if shown and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
        page.close()
        page = document[number]
    return page


def _objects(source: Source, page: Any, number: int) -> Iterator[tuple[Any, Transform, int]]:
    """All that is painted, in order, with the transform of the form that it stands in."""
    left = MAX_OBJECTS

    def visit(container: Any, count: int, get: Any, matrix: Transform, depth: int) -> Iterator[tuple[Any, Transform, int]]:
        nonlocal left
        left -= count
        if left < 0:
            raise ReportError(source.name, f"more than {MAX_OBJECTS:,} objects on page {number + 1}", "print it to a new PDF")
        for index in range(count):
            item = get(container, index)
            kind = raw.FPDFPageObj_GetType(item)
            yield item, matrix, kind
            if kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
                inner = times(matrix_of(item), matrix)
                yield from visit(item, raw.FPDFFormObj_CountObjects(item), raw.FPDFFormObj_GetObject, inner, depth + 1)

    yield from visit(page, raw.FPDFPage_CountObjects(page), raw.FPDFPage_GetObject, _UPRIGHT, 0)


def _page(source: Source, page: Any, text: Any, objects: list[tuple[Any, Transform, int]], number: int) -> Page:
    count = raw.FPDFText_CountChars(text)
    if count > MAX_CHARACTERS:
        raise ReportError(source.name, f"{count:,} characters on page {number + 1}", f"at most {MAX_CHARACTERS:,} are read")
    edges = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, ctypes.byref(edges))
    left, bottom, right, top = edges.left, edges.bottom, edges.right, edges.top
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

    found = Page(number + 1, wide, high, [], Sight.of(page, turned, wide, high))
    paints: list[Paint] = []
    known: dict[int, _Item] = {}
    texts: list[tuple[Any, Transform]] = []
    for order, (item, matrix, kind) in enumerate(objects):
        if kind == raw.FPDF_PAGEOBJ_PATH:
            _path(item, matrix, found, place, paints, order)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            paints.append(_image(item, matrix, place, order))
        elif kind == raw.FPDF_PAGEOBJ_TEXT:
            clip = clip_of(item, matrix, place) if is_painted(item) else NOTHING
            known[ctypes.addressof(item.contents)] = _Item(order, math.nan, 0.0, grey_of(item), clip)
            texts.append((item, matrix))
    chars, inks, orders, clips, told = _chars(text, count, place, turned, known)
    _untold(texts, told, place, chars, inks, orders, clips, known)
    bare: Sight | None = None
    if is_pictured(paints, wide, high):
        for item, _ in texts:
            raw.FPDFPageObj_SetIsActive(item, False)
        bare = Sight.of(page, turned, wide, high)
    seen = only_seen(chars, inks, orders, clips, paints, found.sight, bare, found.across, found.down, wide, high)
    if bare:
        # Text that was read off a scan is no print; that which is seen as well is doubtful where it stands on ink.
        found.scanned = len(seen) < _FEW and bare.is_written
        seen = [] if found.scanned else beside_pictures(seen, bare.without(found.across, found.down))
    found.chars = without_strokes(each_once(without_marks(seen)), found.across)
    return found


def _lying(text: Any, count: int) -> int:
    """By how many degrees most characters are turned on the page."""
    angles = Counter(
        round(math.degrees(raw.FPDFText_GetCharAngle(text, index)) / 90) * 90 % 360
        for index in range(0, count, max(1, count // 200))
        if raw.FPDFText_GetUnicode(text, index) > 32
    )
    return angles.most_common(1)[0][0] if angles else 0


_Chars = tuple[list[Char], list[Box], list[int], list[Box | None], set[int]]


def _chars(text: Any, count: int, place: Place, turned: int, known: dict[int, _Item]) -> _Chars:
    """The characters that are painted: with the edges of their ink, when each is painted, and what it is clipped to."""
    sides = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = sides
    inked = [ctypes.byref(side) for side in sides]
    loose = raw.FS_RECTF()
    matrix = raw.FS_MATRIX()
    upright = turned in (0, 180)
    chars: list[Char] = []
    inks: list[Box] = []
    orders: list[int] = []
    clips: list[Box | None] = []
    told: set[int] = set()
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in (32, 13, 10, 9, 0xA0, 0x3000) or raw.FPDFText_IsGenerated(text, index) == 1:
            continue
        item = raw.FPDFText_GetTextObject(text, index)
        address = ctypes.addressof(item.contents) if item else 0
        kind = known.get(address)
        if kind is None or math.isnan(kind.turned):
            raw.FPDFText_GetMatrix(text, index, ctypes.byref(matrix))
            angle = (math.degrees(math.atan2(matrix.c, matrix.a)) + turned + 180) % 360 - 180
            size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
            kind = known[address] = _Item(kind.order if kind else 0, angle, size, kind.grey if kind else 0, kind.clip if kind else None)
        if kind.size < _SMALL:
            told.add(address)
            continue
        raw.FPDFText_GetCharBox(text, index, *inked)
        (x0, y0), (x1, y1) = place(left.value, top.value), place(right.value, bottom.value)
        ink = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        # As high as the font, so that a full stop stands on the line of its sentence; as wide as the ink. In vertical
        # writing the font's box lies beside the ink and says nothing.
        raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(loose))
        if upright and loose.left - 1 <= left.value and right.value <= loose.right + 1:
            bottom.value, top.value = min(bottom.value, loose.bottom), max(top.value, loose.top)
        elif not upright and loose.bottom - 1 <= bottom.value and top.value <= loose.top + 1:
            left.value, right.value = min(left.value, loose.left), max(right.value, loose.right)
        (x0, y0), (x1, y1) = place(left.value, top.value), place(right.value, bottom.value)
        told.add(address)
        char = chr(code) if _is_told(code) and raw.FPDFText_HasUnicodeMapError(text, index) != 1 else LOST
        if raw.FPDFText_IsHyphen(text, index) == 1:
            char = "-"  # at a line's end, where the library takes it for the break of a word
        askew = abs(kind.turned) > _ASKEW
        if askew:
            straight = min(abs(kind.turned) % 90, 90 - abs(kind.turned) % 90) <= _ASKEW
            if not is_word(char) and char not in "()":
                char = LOST  # its neighbours do not stand beside it
            elif not straight:
                continue  # words over the page
        chars.append(Char(char, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), kind.size, kind.order, kind.grey, askew))
        inks.append(ink)
        orders.append(kind.order)
        clips.append(kind.clip)
    return chars, inks, orders, clips, told


def _is_told(code: int) -> bool:
    """Whether a code stands for a character of print, not for a glyph that only its font knows."""
    return 32 < code < 0xD800 or 0xF900 <= code < 0xFFF0 or 0x10000 <= code < 0xF0000


def _untold(
    texts: list[tuple[Any, Transform]],
    told: set[int],
    place: Place,
    chars: list[Char],
    inks: list[Box],
    orders: list[int],
    clips: list[Box | None],
    known: dict[int, _Item],
) -> None:
    """Put a mark where text is drawn of which not one character is told: its place must not look empty."""
    for item, matrix in texts:
        address = ctypes.addressof(item.contents)
        if address in told:
            continue
        box = bounds(item, matrix, place)
        if box[2] - box[0] < 0.3 or box[3] - box[1] < 0.3 or any(abs(c.left - box[0]) < 1 and c.top - 4 < box[1] < c.bottom + 4 for c in chars):
            continue
        chars.append(Char(LOST, *box, box[3] - box[1], known[address].order))
        inks.append(box)
        orders.append(known[address].order)
        clips.append(known[address].clip)


def _image(item: Any, outer: Transform, place: Place, order: int) -> Paint:
    return Paint(order, *bounds(item, outer, place), not raw.FPDFPageObj_HasTransparency(item), True)


def _path(item: Any, outer: Transform, found: Page, place: Place, paints: list[Paint], order: int) -> None:
    """Take the straight lines of a path: its strokes, shapes filled so thin that they are lines, and edges of filled boxes."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    a, b, c, d, e, f = times(matrix_of(item), outer)
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
    if stroke.value and colour(item, raw.FPDFPageObj_GetStrokeColor)[3]:
        for (x0, y0), (x1, y1) in pieces:
            _line(found, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    alpha = colour(item, raw.FPDFPageObj_GetFillColor)[3] if fill.value else 0
    for shape in shapes:
        left, top, right, bottom = framed(shape)
        straight = sum(abs(x1 - x0) + abs(y1 - y0) for (x0, y0), (x1, y1) in pieces if min(abs(x1 - x0), abs(y1 - y0)) < 0.5)
        boxed = straight > right - left + bottom - top and all(min(px - left, right - px, py - top, bottom - py) < _ROUND for px, py in shape)
        rounded = len(shape) > 8 and min(right - left, bottom - top) > 2 * _ROUND
        if alpha and min(right - left, bottom - top) <= THIN:
            _line(found, left, top, right, bottom)
        elif boxed and (alpha or rounded) and not (right - left > 0.9 * found.width and bottom - top > 0.9 * found.height):
            for edge in ((left, top, right, top), (left, bottom, right, bottom), (left, top, left, bottom), (right, top, right, bottom)):
                if found.sight.is_edge(*edge):
                    _line(found, *edge)
        if alpha == 255 and boxed and len(shapes) == 1 and min(right - left, bottom - top) > THIN:
            paints.append(Paint(order, left, top, right, bottom, not raw.FPDFPageObj_HasTransparency(item), False))


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
