"""What a page of a PDF draws: characters, lines and shapes by their places, in the order in which they are painted."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from govdisclose.errors import ReportError
from govdisclose.grid import LOST
from govdisclose.readers.objects import (
    NOTHING,
    Box,
    Place,
    Transform,
    bounds,
    clip_of,
    drop_replacements,
    fill_of,
    grey_of,
    is_clear,
    is_painted,
    matrix_of,
    times,
)
from govdisclose.readers.paths import take_path
from govdisclose.readers.quick import Answer, Handle, handle, quick
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
_SMALL = 1.5  # points of type that nobody reads
_FEW = 60  # characters beside the picture of a scan: a page number, a stamp, a note
_ASKEW = 7  # degrees by which a scan's or a careless printer's text may lie off the page
_UPRIGHT: Transform = (1, 0, 0, 1, 0, 0)
_BLANKS = frozenset((32, 13, 10, 9, 0xA0, 0x3000))  # all that the library adds to a text itself is among them
_HYPHEN = 2  # the library's code for a hyphen at a line's end, which it takes for the break of a word

_count_objects, _object, _kind = quick(raw.FPDFPage_CountObjects), quick(raw.FPDFPage_GetObject), quick(raw.FPDFPageObj_GetType)
_count_inner, _inner = quick(raw.FPDFFormObj_CountObjects), quick(raw.FPDFFormObj_GetObject)
_activate = quick(raw.FPDFPageObj_SetIsActive)
_count_chars = quick(raw.FPDFText_CountChars)
_code, _text_object, _font_size = quick(raw.FPDFText_GetUnicode), quick(raw.FPDFText_GetTextObject), quick(raw.FPDFText_GetFontSize)
_char_matrix, _char_box, _loose_box = quick(raw.FPDFText_GetMatrix), quick(raw.FPDFText_GetCharBox), quick(raw.FPDFText_GetLooseCharBox)
_angle, _is_unmapped, _is_hyphen = quick(raw.FPDFText_GetCharAngle), quick(raw.FPDFText_HasUnicodeMapError), quick(raw.FPDFText_IsHyphen)
_ink, _loose, _matrix = Answer(ctypes.c_double, 4), Answer(ctypes.c_float, 4), Answer(ctypes.c_float, 6)


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
    """A text object: when it is painted, how light, and what it is clipped to."""

    order: int
    grey: int
    clip: Box | None


_NO_ITEM = _Item(0, 0, None)


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
            return _page(source, page, handle(text.raw), objects, number)
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


def _objects(source: Source, page: Any, number: int) -> Iterator[tuple[Handle, Transform, int]]:
    """All that is painted, in order, with the transform of the form that it stands in."""
    left = MAX_OBJECTS

    def visit(container: Handle, count: int, get: Any, matrix: Transform, depth: int) -> Iterator[tuple[Handle, Transform, int]]:
        nonlocal left
        left -= count
        if left < 0:
            raise ReportError(source.name, f"more than {MAX_OBJECTS:,} objects on page {number + 1}", "print it to a new PDF")
        for index in range(count):
            item = get(container, ctypes.c_ulong(index))
            kind = _kind(item)
            yield item, matrix, kind
            if kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
                yield from visit(item, _count_inner(item), _inner, times(matrix_of(item), matrix), depth + 1)

    whole = handle(page.raw)
    yield from visit(whole, _count_objects(whole), _object, _UPRIGHT, 0)


def _page(source: Source, page: Any, text: Handle, objects: list[tuple[Handle, Transform, int]], number: int) -> Page:
    count = _count_chars(text)
    if count > MAX_CHARACTERS:
        raise ReportError(source.name, f"{count:,} characters on page {number + 1}", f"at most {MAX_CHARACTERS:,} are read")
    edges = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, ctypes.byref(edges))
    left, bottom, right, top = edges.left, edges.bottom, edges.right, edges.top
    # What a viewer turns the page by says nothing: text is read as it stands upright.
    turned = -_lying(text, count) % 360
    wide, high = (right - left, top - bottom) if turned in (0, 180) else (top - bottom, right - left)

    def place(x: Any, y: Any) -> tuple[Any, Any]:
        """Where a point, or where points (arrays) stand as the page is looked at."""
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
    texts: list[tuple[Handle, Transform]] = []
    for order, (item, matrix, kind) in enumerate(objects):
        if kind == raw.FPDF_PAGEOBJ_PATH:
            take_path(item, matrix, found, place, paints, order)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            paints.append(_image(item, matrix, place, order))
        elif kind == raw.FPDF_PAGEOBJ_TEXT:
            colour = fill_of(item)
            known[item.value or 0] = _Item(order, grey_of(colour), clip_of(item, matrix, place) if is_painted(item, colour) else NOTHING)
            texts.append((item, matrix))
    chars, inks, clips, told = _chars(text, count, place, turned, known)
    marked: list[Box] = []
    for item, matrix in texts:
        if (key := item.value or 0) not in told and (mark := _untold(bounds(item, matrix, place), known[key].order, chars)):
            chars.append(mark)
            marked.append(mark[1:5])
            clips.append(known[key].clip)
    if marked:
        inks = np.concatenate((inks, marked))
    bare: Sight | None = None
    if is_pictured(paints, wide, high):
        for item, _ in texts:
            _activate(item, False)
        bare = Sight.of(page, turned, wide, high)
    seen = only_seen(chars, inks, clips, paints, found.sight, bare, found.across, found.down, wide, high)
    if bare:
        # Text that was read off a scan is no print; that which is seen as well is doubtful where it stands on ink.
        found.scanned = len(seen) < _FEW and bare.is_written
        seen = [] if found.scanned else beside_pictures(seen, bare.without(found.across, found.down))
    found.chars = without_strokes(each_once(without_marks(seen)), found.across)
    return found


def _lying(text: Handle, count: int) -> int:
    """By how many degrees most characters are turned on the page."""
    angles = Counter(
        round(math.degrees(_angle(text, index)) / 90) * 90 % 360
        for index in range(0, count, max(1, count // 200))
        if _code(text, index) > 32
    )
    return angles.most_common(1)[0][0] if angles else 0


def _chars(
    text: Handle, count: int, place: Place, turned: int, known: dict[int, _Item]
) -> tuple[list[Char], NDArray[Any], list[Box | None], Container[int]]:
    """The characters that are painted, of each the edges of its ink and what it is clipped to; and the texts that have any."""
    inks, fonts = bytearray(), bytearray()
    kinds: dict[int, tuple[bool, bool, float, int, int, Box | None]] = {}  # of each text
    found: list[tuple[str, float, int, int, bool]] = []
    clips: list[Box | None] = []
    for index in range(count):
        code = _code(text, index)
        if code in _BLANKS:
            continue
        item = _text_object(text, index).value or 0
        if item not in kinds:
            _char_matrix(text, index, _matrix.to[0])
            a, _, c, d, _, _ = _matrix.numbers[:]
            askew, straight, larger = _laid(a, c, d, turned)
            kinds[item] = askew, straight, _font_size(text, index) * larger, *known.get(item, _NO_ITEM)
        askew, straight, size, order, grey, clip = kinds[item]
        if size < _SMALL:
            continue
        char = chr(code) if _is_told(code) and _is_unmapped(text, index) != 1 else LOST
        if code == _HYPHEN and _is_hyphen(text, index) == 1:
            char = "-"
        if askew:
            if not is_word(char) and char not in "()":
                char = LOST  # its neighbours do not stand beside it
            elif not straight:
                continue  # words over the page
        _char_box(text, index, *_ink.to)
        _loose_box(text, index, _loose.to[0])
        inks += _ink.bytes
        fonts += _loose.bytes
        found.append((char, size, order, grey, askew))
        clips.append(clip)
    left, right, bottom, top = np.frombuffer(inks, np.float64).reshape(-1, 4).T
    edges = _boxes(left, top, right, bottom, place)
    # As high as the font, so that a full stop stands on the line of its sentence; as wide as the ink. In vertical
    # writing the font's box lies beside the ink and says nothing.
    near, high, far, low = np.frombuffer(fonts, np.float32).reshape(-1, 4).T.astype(np.float64)
    if turned in (0, 180):
        around = (near - 1 <= left) & (right <= far + 1)
        bottom, top = np.where(around, np.minimum(bottom, low), bottom), np.where(around, np.maximum(top, high), top)
    else:
        around = (low - 1 <= bottom) & (top <= high + 1)
        left, right = np.where(around, np.minimum(left, near), left), np.where(around, np.maximum(right, far), right)
    boxes = _boxes(left, top, right, bottom, place).tolist()
    chars = [
        Char(char, left, top, right, bottom, size, order, grey, askew)
        for (char, size, order, grey, askew), (left, top, right, bottom) in zip(found, boxes, strict=True)
    ]
    return chars, edges, clips, kinds.keys()


@lru_cache(1024)
def _laid(a: float, c: float, d: float, turned: int) -> tuple[bool, bool, float]:
    """Of type with this matrix: whether it lies off the page's lines, or upright across them, and how much larger it is."""
    angle = abs((math.degrees(math.atan2(c, a)) + turned + 180) % 360 - 180)
    return angle > _ASKEW, min(angle % 90, 90 - angle % 90) <= _ASKEW, math.hypot(c, d)


def _boxes(left: NDArray[Any], top: NDArray[Any], right: NDArray[Any], bottom: NDArray[Any], place: Place) -> NDArray[Any]:
    """Boxes in the page's own directions as they are looked at, in rows."""
    (x0, y0), (x1, y1) = place(left, top), place(right, bottom)
    return np.stack((np.minimum(x0, x1), np.minimum(y0, y1), np.maximum(x0, x1), np.maximum(y0, y1)), axis=1)


def _is_told(code: int) -> bool:
    """Whether a code stands for a character of print, not for a glyph that only its font knows."""
    return 32 < code < 0xD800 or 0xF900 <= code < 0xFFF0 or 0x10000 <= code < 0xF0000


def _untold(box: Box, order: int, chars: Sequence[Char]) -> Char | None:
    """A mark where text is drawn of which not one character is told: its place must not look empty."""
    left, top, right, bottom = box
    if right - left < 0.3 or bottom - top < 0.3 or any(abs(c.left - left) < 1 and c.top - 4 < top < c.bottom + 4 for c in chars):
        return None
    return Char(LOST, *box, bottom - top, order)


def _image(item: Handle, outer: Transform, place: Place, order: int) -> Paint:
    return Paint(order, *bounds(item, outer, place), not is_clear(item), True)
