"""Digital PDF -> lines of cells: characters and ruling lines by their places on the page, nothing else of the file."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from govdisclose.errors import ReportError
from govdisclose.grid import Document, Line
from govdisclose.readers import scan
from govdisclose.readers.ruling import Box, Rule, Ruled, tables
from govdisclose.readers.text import cell_lines
from govdisclose.sources import Source

MAX_PAGES = 300
MAX_CHARACTERS = 60_000  # of one page
MAX_OBJECTS = 100_000  # drawn on one page
MAX_DEPTH = 8  # forms in one another
THIN = 3.0  # points up to which a filled shape is a line
LOST = "\ufffd"  # stands for text that is drawn and cannot be read
_MARGIN = 0.09  # share of the page's height in which heads, feet and page numbers stand

_PAGE_NUMBER = re.compile(r"\W*(?:第\s*)?\d{1,3}\s*(?:页)?(?:\s*[/／,，]?\s*(?:共\s*)?\d{1,3}\s*页?)?\W*")
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、|[(（]|\d{1,2}[.、．]")
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
class _Page:
    """What is printed on a page."""

    number: int
    width: float
    height: float
    chars: list[Char]
    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)


def read(source: Source) -> Document:
    """Given a PDF, return its lines. `ReportError` where it is damaged, locked, without text, or beyond the limits."""
    try:
        document = pdfium.PdfDocument(source.data)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower()
        found = "a PDF locked by a password" if locked else f"a damaged PDF ({error})"
        raise ReportError(source.name, found, "open it in a viewer and print it to a new PDF") from error
    try:
        if not 0 < len(document) <= MAX_PAGES:
            raise ReportError(source.name, f"{len(document):,} pages", f"a report has 1 to {MAX_PAGES}")
        pages = [_page(source, document, number) for number in range(len(document))]
    except pdfium.PdfiumError as error:
        raise ReportError(source.name, f"a damaged PDF ({error})", "open it in a viewer and print it to a new PDF") from error
    finally:
        document.close()
    if not any(page.chars for page in pages):
        return scan.read(source)
    return Document(source.name, source.stem, _lines(pages))


# --- what is printed --------------------------------------------------------------------------------------------------
def _page(source: Source, document: pdfium.PdfDocument, number: int) -> _Page:
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

        found = _Page(number + 1, wide, high, [])
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


def _draw(source: Source, page: pdfium.PdfPage, found: _Page, place: Any, known: dict[int, bool]) -> None:
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


def _path(item: Any, outer: _Transform, found: _Page, place: Any) -> None:
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


def _line(found: _Page, left: float, top: float, right: float, bottom: float) -> None:
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


# --- lines ------------------------------------------------------------------------------------------------------------
@dataclass
class _Row:
    """A row of a table in the making: texts, (colspan, rowspan), and the page that it stands on."""

    cells: list[str]
    sizes: list[tuple[int, int]]
    page: int


def _lines(pages: Sequence[_Page]) -> list[Line]:
    """The pages one after the other: rows of tables, and lines of text without heads, feet and page numbers."""
    content = [_content(page) for page in pages]
    furniture = _furniture(pages, content)
    lines: list[Line] = []
    rows: list[_Row] = []
    edges: list[float] = []
    grid = 0

    def close() -> None:
        nonlocal rows
        for number, row in enumerate(rows, 1):
            if len(row.cells) == 1:
                made = cell_lines(row.cells[0], grid, number)
            else:
                plain = row.sizes.count((1, 1)) == len(row.sizes)
                made = [Line(row.cells, grid, number, True, None, None if plain else row.sizes)]
            for line in made:
                line.page = row.page
            lines.extend(made)
        rows = []

    for page, parts in zip(pages, content, strict=True):
        for part in parts:
            if isinstance(part, _TextLine):
                if (page.number, part) not in furniture:
                    close()
                    lines.append(Line([part.text], 0, page.number, whole=False, packed=True, page=page.number))
                continue
            table, made = part
            columns = sorted({round(x, 1) for cell in table.cells for x in (cell.left, cell.right)})
            if rows and _same_columns(edges, columns) and rows[-1].page == page.number - 1:
                if _goes_on(rows[-1], made[0]):
                    rows[-1].cells = [_together(one, other) for one, other in zip(rows[-1].cells, made[0].cells, strict=True)]
                    made = made[1:]
            else:
                close()
                grid += 1
            rows.extend(made)
            edges = columns
    close()
    return lines


def _same_columns(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two tables stand on the same outer edges: the second may go on with the first."""
    return bool(one) and bool(other) and abs(one[0] - other[0]) < 4 and abs(one[-1] - other[-1]) < 4


def _goes_on(last: _Row, first: _Row) -> bool:
    """Whether the first row of a page is the rest of the last row of the page before: a label cut by the page's end."""
    if len(last.cells) != len(first.cells) or last.sizes != first.sizes:
        return False
    filled = [number for number, cell in enumerate(first.cells) if cell]
    return len(filled) == 1 and bool(last.cells[filled[0]]) and not _NUMBERED.match(first.cells[filled[0]]) and (
        not first.cells[filled[0]][0].isdigit() and any(last.cells[filled[0] + 1 :])
    )


class _TextLine(NamedTuple):
    text: str
    left: float
    top: float
    right: float
    bottom: float


def _content(page: _Page) -> list[_TextLine | tuple[Ruled, list[_Row]]]:
    """Lines of text and tables of a page, from the top."""
    found = [table for table in tables(page.across, page.down) if _is_table(table, page)]
    inside: dict[int, list[Char]] = defaultdict(list)
    loose: list[Char] = []
    for char in page.chars:
        x, y = char.middle
        number = next((n for n, t in enumerate(found) if t.left <= x <= t.right and t.top <= y <= t.bottom), -1)
        (inside[number] if number >= 0 else loose).append(char)
    parts: list[tuple[float, _TextLine | tuple[Ruled, list[_Row]]]] = [
        (table.top, (table, _rows(table, inside[number], page.number))) for number, table in enumerate(found)
    ]
    parts += [(line.top, line) for line in _text_lines(loose)]
    return [part for _, part in sorted(parts, key=lambda one: one[0])]


def _is_table(table: Ruled, page: _Page) -> bool:
    """Whether a ruled block is more than a frame around the page or an underlined heading."""
    return len(table.cells) > 1 and table.right - table.left > 40


def _rows(table: Ruled, chars: Sequence[Char], number: int) -> list[_Row]:
    """The rows of a table, each with the cells that begin in it."""
    held: dict[Box, list[Char]] = {cell: [] for cell in table.cells}
    home: Box | None = None
    for char in chars:
        x, y = char.middle
        # The next character mostly stands in the same cell.
        if home is None or not (home.left <= x <= home.right and home.top <= y <= home.bottom):
            home = next((c for c in table.cells if c.left <= x <= c.right and c.top <= y <= c.bottom), None)
        if home is not None:
            held[home].append(char)
    rows: dict[int, _Row] = {}
    for cell in table.cells:
        row = rows.setdefault(cell.row, _Row([], [], number))
        row.cells.append(_cell_text(held[cell], cell))
        row.sizes.append((cell.wide, cell.high))
    return [rows[key] for key in sorted(rows)]


def _text_lines(chars: Sequence[Char]) -> list[_TextLine]:
    """Characters outside tables as lines, from the top."""
    found = []
    for line in _by_line(chars):
        edges = min(c.left for c in line), min(c.top for c in line), max(c.right for c in line), max(c.bottom for c in line)
        found.append(_TextLine(_joined(line), *edges))
    return found


def _by_line(chars: Sequence[Char]) -> list[list[Char]]:
    """Characters as lines from the top, each from the left: what overlaps a line by half its height belongs to it."""
    lines: list[list[Char]] = []
    middle = height = 0.0
    for char in sorted(chars, key=lambda char: char.middle[1]):
        y = char.middle[1]
        if lines and abs(y - middle) <= 0.5 * max(height, char.bottom - char.top, 4.0):
            lines[-1].append(char)
            height = max(height, char.bottom - char.top)
        else:
            lines.append([char])
            middle, height = y, char.bottom - char.top
    return [sorted(line, key=lambda char: char.left) for line in lines]


def _joined(line: Sequence[Char]) -> str:
    """A line's text; a gap as wide as a character is a blank."""
    size = sorted(max(char.right - char.left, char.bottom - char.top) for char in line)[len(line) // 2]
    parts = [line[0].text]
    for before, char in zip(line, line[1:], strict=False):
        gap = char.left - before.right
        both = before.text.isascii() and char.text.isascii()
        if gap > (0.45 if both else 0.9) * size:
            parts.append(" " if gap < 2.5 * size else "  ")
        parts.append(char.text)
    return "".join(parts)


def _cell_text(chars: Sequence[Char], cell: Box) -> str:
    """A cell's text: wrapped lines put together, a figure's own lines only where the first reaches the cell's edge."""
    text = ""
    right = cell.left
    for line in _by_line(chars):
        own = _joined(line)
        if text:
            wide = max(char.right - char.left for char in line)
            digits = text[-1].isdigit() and own[0].isdigit()
            text = f"{text}\n{own}" if digits and cell.right - right > 2 * wide + 6 else _together(text, own)
        else:
            text = own
        right = line[-1].right
    return text


def _together(one: str, other: str) -> str:
    """Two lines of one text."""
    latin = one[-1:].isascii() and one[-1:].isalpha() and other[:1].isascii() and other[:1].isalpha()
    return f"{one} {other}" if latin else one + other


def _furniture(pages: Sequence[_Page], content: Sequence[Sequence[Any]]) -> set[tuple[int, _TextLine]]:
    """Lines that are no text of the report: page numbers, and heads and feet from their second page on."""
    found: set[tuple[int, _TextLine]] = set()
    seen: dict[tuple[str, int], list[tuple[int, _TextLine]]] = defaultdict(list)
    for page, parts in zip(pages, content, strict=True):
        for line in parts:
            if not isinstance(line, _TextLine):
                continue
            above, below = line.bottom < _MARGIN * page.height, line.top > (1 - _MARGIN) * page.height
            if not above and not below:
                continue
            if _PAGE_NUMBER.fullmatch(line.text):
                found.add((page.number, line))
            else:
                seen[re.sub(r"\d+", "#", line.text), round(line.top / 4)].append((page.number, line))
    for lines in seen.values():
        if len(lines) > 1:
            found.update(lines[1:])
    return found
