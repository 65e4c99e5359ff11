"""Digital PDF -> lines of cells: characters and ruling lines by their places on the page, nothing else of the file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2 as pdfium

from govdisclose.errors import ReportError
from govdisclose.grid import Document, Line
from govdisclose.readers import scan
from govdisclose.readers.drawn import Char, Page, read_page
from govdisclose.readers.ruling import Box, Ruled, tables
from govdisclose.readers.text import cell_lines
from govdisclose.sources import Source

MAX_PAGES = 300
_MARGIN = 0.09  # share of the page's height in which heads, feet and page numbers stand

_PAGE_NUMBER = re.compile(r"\W*(?:第\s*)?\d{1,3}\s*(?:页)?(?:\s*[/／,，]?\s*(?:共\s*)?\d{1,3}\s*页?)?\W*")
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、|[(（]|\d{1,2}[.、．]")


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
        pages = [read_page(source, document, number) for number in range(len(document))]
    except pdfium.PdfiumError as error:
        raise ReportError(source.name, f"a damaged PDF ({error})", "open it in a viewer and print it to a new PDF") from error
    finally:
        document.close()
    if not any(page.chars for page in pages):
        return scan.read(source)
    return Document(source.name, source.stem, _lines(pages))


@dataclass
class _Row:
    """A row of a table in the making: texts, (colspan, rowspan), and the page that it stands on."""

    cells: list[str]
    sizes: list[tuple[int, int]]
    page: int


def _lines(pages: Sequence[Page]) -> list[Line]:
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


def _content(page: Page) -> list[_TextLine | tuple[Ruled, list[_Row]]]:
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


def _is_table(table: Ruled, page: Page) -> bool:
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


def _furniture(pages: Sequence[Page], content: Sequence[Sequence[Any]]) -> set[tuple[int, _TextLine]]:
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
