"""Digital PDF -> lines of cells: characters and ruling lines by their places on the page, nothing else of the file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pypdfium2 as pdfium

from govdisclose.errors import ReportError
from govdisclose.grid import LOST, Document, Line
from govdisclose.readers import scan
from govdisclose.readers.aligned import Hints, TextLine, is_value, read_lines
from govdisclose.readers.beside import put_beside
from govdisclose.readers.cut import Part, Spot, follows, put_together
from govdisclose.readers.drawn import Char, Page, read_page
from govdisclose.readers.ruling import NEAR, Box, Rule, Ruled, tables
from govdisclose.readers.text import cell_lines
from govdisclose.readers.written import Piece, Written, by_line, cell_text, is_figure, joined, pieces, written
from govdisclose.sources import Source

if TYPE_CHECKING:
    from govdisclose.readers.picture import Grey

MAX_PAGES = 300
_MARGIN = 0.09  # share of the page's height in which heads, feet and page numbers stand
_BELOW = 5_000.0  # points from one page to the next, where lines of several pages are read as one text
_LEAST, _SHARE = 2, 0.2  # cells that hold several figures, and their share: beyond both the ruling does not part the cells
_MANY = 4  # figures of which one cell holds no more
_BESIDE = 16.0  # points above and below a table in which its next row would stand
_BORDER = 4.5  # points that a border of several strokes is broad
_LARGE = 1.8  # times the usual size: type of a mark over the page, in a table

_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}、")
_PAGE_NUMBER = re.compile(r"\W*(?:第\s*)?\d{1,3}\s*(?:页)?(?:\s*[/／,，]?\s*(?:共\s*)?\d{1,3}\s*页?)?\W*")


def read(source: Source) -> Document:
    """Given a PDF, return its lines; of scanned pages by character recognition, whatever text lies under them unseen.

    `Document.sure` is 0 for each figure whose place in its row is not certain for want of ruling. `ReportError` where
    the PDF is damaged, locked or beyond the limits, or nothing but scans and the extra `ocr` is not installed, without
    which single scanned pages are left out.
    """
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
    bare = not any(page.chars for page in pages)
    if bare and not scan.is_installed():
        raise scan.missing(source)
    scanned = [page.number for page in pages if (bare or page.scanned and scan.is_installed()) and _is_drawn(page)]
    drawn = scan.pages_of(source, scanned)
    writer = _Writer(Document(source.name, source.stem, []))
    contents = [_content(page) for page in pages]
    beside = {id(part) for part in put_beside([part for content in contents for part in content.parts if isinstance(part, Part)])}
    for content in contents:
        content.parts = [part for part in content.parts if id(part) not in beside]
    furniture = _furniture(pages, contents)
    for page, content in zip(pages, contents, strict=True):
        if page.number in scanned:
            writer.add_scan(next(drawn), page.number)
        else:
            writer.add(page, content, furniture)
    writer.end()
    return writer.document


def _is_drawn(page: Page) -> bool:
    """Whether there may be type on a page without any text: ruling alone is not worth the time of recognising it."""
    return page.scanned or page.sight.without(page.across, page.down).is_written


@dataclass
class _Content:
    """What stands on a page, from the top: lines of text and parts of tables; and the ruling that makes no table."""

    parts: list[TextLine | Part]
    hints: Hints


@dataclass
class _Writer:
    """Puts what stands on the pages one after the other: tables over several pages, text without heads and feet."""

    document: Document
    table: Part | None = None
    loose: list[TextLine] = field(default_factory=list)  # since the last table
    hints: Hints = field(default_factory=lambda: Hints([], []))
    grids: int = 0

    def add(self, page: Page, content: _Content, furniture: set[int]) -> None:
        self.hints.across += content.hints.across
        self.hints.down += content.hints.down
        for part in content.parts:
            if isinstance(part, TextLine):
                if id(part) not in furniture:
                    self.loose.append(part)
                continue
            margins = all(_in_margin(line, page) and not line.is_prose and not _SECTION.match(line.text) for line in self.loose)
            if self.table and margins and page.number - 1 in (self.table.pages[-1], self.table.until) and follows(self.table, part):
                self._text()
                put_together(self.table, part)
            else:
                self._close()
                self._text()
                self.table = part

    def add_scan(self, page: Grey, number: int) -> None:
        self.end()
        self.grids = scan.add_page(self.document, page, self.grids, number)

    def end(self) -> None:
        self._close()
        self._text()

    def _close(self) -> None:
        """Write the open table."""
        table, self.table = self.table, None
        if table is None:
            return
        self.grids += 1
        for number, (row, page) in enumerate(zip(table.rows, table.pages, strict=True), 1):
            texts = [spot.text for spot in row]
            if len(texts) == 1:
                made = cell_lines(texts[0], self.grids, number)
            else:
                sizes = [(spot.wide, spot.high) for spot in row]
                made = [Line(texts, self.grids, number, sizes=None if sizes.count((1, 1)) == len(sizes) else sizes)]
            for line in made:
                line.page = page
            self.document.lines += made

    def _text(self) -> None:
        """Write the lines of text, and the tables among them that no ruling parts."""
        lines, self.loose = self.loose, []
        number = 0
        for row in read_lines(lines, self.hints):
            if row.loose:
                number = 0
                at = len(self.document.lines) + 1
                self.document.lines.append(Line(row.cells, 0, at, whole=False, packed=True, page=row.page))
                self.document.sure[0, at, 0] = 0.0
                continue
            if not number:
                self.grids += 1
            number += 1
            cells = [cell or LOST for cell in row.cells] if row.doubt else row.cells
            self.document.lines.append(Line(cells, self.grids, number, page=row.page))
            if row.doubt:
                self.document.sure.update({(self.grids, number, column): 0.0 for column in range(1, len(cells) + 1)})


def _in_margin(line: TextLine, page: Page) -> bool:
    top = line.top % _BELOW
    return top < _MARGIN * page.height or top > (1 - _MARGIN) * page.height


def _content(page: Page) -> _Content:
    """Lines of text and tables of a page, from the top."""
    drawn = [table for table in tables(page.across, page.down) if len(table.cells) > 1 and table.right - table.left > 40]
    drawn = [one for one in drawn if len(one.cells) > 4 or not any(_holds(one, other) for other in drawn if other is not one)]
    usual = _usual([char.size for char in page.chars])
    inside: dict[int, list[Char]] = defaultdict(list)
    loose: list[Char] = []
    order = sorted(range(len(drawn)), key=lambda n: (drawn[n].right - drawn[n].left) * (drawn[n].bottom - drawn[n].top))
    for char in page.chars:
        x, y = char.middle
        for home in order:
            table = drawn[home]
            if table.left <= x <= table.right and table.top <= y <= table.bottom:
                if char.size <= _LARGE * usual:
                    inside[home].append(char)
                break
        else:
            loose.append(char)
    loose = [char for line in by_line(loose) if not _is_mark(line, usual) for char in line]
    held = [{cell: written(chars) for cell, chars in _held(table, inside[number]).items()} for number, table in enumerate(drawn)]
    whole = {number for number, cells in enumerate(held) if _is_parted(cells.values())}
    for number in set(range(len(drawn))) - whole:
        loose += inside[number]
    # A table beside whose rows stand others without ruling is not parted by its ruling either.
    while touched := {number for number in whole if _touches(drawn[number], loose, page)}:
        whole -= touched
        for number in touched:
            loose += inside[number]
    ruled = [drawn[number] for number in sorted(whole)]
    parts: list[tuple[float, TextLine | Part]] = [(drawn[n].top, _part(drawn[n], held[n], page)) for n in sorted(whole)]
    above = page.number * _BELOW
    down = [r for r in page.down if not any(t.left - 2 <= r.at <= t.right + 2 and t.top - 2 <= (r.start + r.end) / 2 <= t.bottom + 2 for t in ruled)]
    across = [r for r in page.across if not any(t.top - 2 <= r.at <= t.bottom + 2 and t.left - 2 <= (r.start + r.end) / 2 <= t.right + 2 for t in ruled)]
    here = Hints(across, down)
    parts += [(line.top, line) for line in _text_lines(loose, page, here)]
    parts.sort(key=lambda one: one[0])
    for _, part in parts:
        if isinstance(part, TextLine):
            part.top, part.bottom = part.top + above, part.bottom + above
            part.pieces = [_lower(piece, above) for piece in part.pieces]
    hints = Hints([Rule(r.at + above, r.start, r.end) for r in across], [Rule(r.at, r.start + above, r.end + above) for r in down])
    return _Content([part for _, part in parts], hints)


def _lower(piece: Piece, by: float) -> Piece:
    return piece._replace(top=piece.top + by, bottom=piece.bottom + by, words=tuple(_lower(word, by) for word in piece.words))


def _holds(one: Ruled, other: Ruled) -> bool:
    """Whether a table stands in another, which is then but the frame around it."""
    return one.left <= other.left + 1 and other.right - 1 <= one.right and one.top <= other.top + 1 and other.bottom - 1 <= one.bottom


def _touches(table: Ruled, loose: Sequence[Char], page: Page) -> bool:
    """Whether figures without ruling stand right above or below a table."""
    for line in by_line([char for char in loose if table.top - _BESIDE < char.bottom and char.top < table.bottom + _BESIDE]):
        top, bottom = min(char.top for char in line), max(char.bottom for char in line)
        apart = bottom < table.top + 2 or top > table.bottom - 2
        inside = [piece for piece in pieces(line) if table.left - 2 < piece.left and piece.right < table.right + 2]
        margin = top < _MARGIN * page.height or top > (1 - _MARGIN) * page.height
        if apart and not margin and any(is_value(piece.text) for piece in inside):
            return True
    return False


def _is_mark(line: Sequence[Char], usual: float) -> bool:
    """Whether a line is a number in large type that is no year: a mark over the page, not a figure of the report."""
    text = joined(line)
    return is_figure(text) and min(char.size for char in line) > _LARGE * usual and not re.fullmatch(r"(?:19|20)\d\d", text)


def _usual(sizes: list[float]) -> float:
    return sorted(sizes)[len(sizes) // 2] if sizes else 0.0


def _held(table: Ruled, chars: Sequence[Char]) -> dict[Box, list[Char]]:
    """The characters of each cell; digits of one text that a line runs through belong to neither side."""
    held: dict[Box, list[Char]] = {cell: [] for cell in table.cells}
    home: Box | None = None
    last: Char | None = None
    for char in chars:
        x, y = char.middle
        before = home
        # The next character mostly stands in the same cell.
        if home is None or not (home.left <= x <= home.right and home.top <= y <= home.bottom):
            home = next((c for c in table.cells if c.left <= x <= c.right and c.top <= y <= c.bottom), None)
        if home is None:
            continue
        beside = last is not None and last.item == char.item and -0.3 * char.size < char.left - last.right < 0.3 * char.size
        if before is not None and home is not before and beside and last is not None and char.text.isdigit() and last.text.isdigit():
            held[before][-1] = last._replace(text=LOST)
            char = char._replace(text=LOST)
        held[home].append(char)
        last = char
    return held


def _is_parted(cells: Iterable[Sequence[Written]]) -> bool:
    """Whether the ruling parts the cells: hardly any holds several figures, or a figure beside its label."""
    several = single = 0
    for lines in cells:
        if not any(char.isdigit() or char in "/-—" for line in lines for char in line.text):
            continue
        figures = sum(is_figure(text) for line in lines for text in line.parts)
        mixed = any(len(line.parts) > 1 and any(map(is_figure, line.parts)) for line in lines)
        words = any(text and not is_figure(text) for line in lines for text in line.parts)
        several += mixed or figures > 2 or (figures > 0 and words)
        single += figures > 0
        if figures > _MANY:
            return False
    return several < _LEAST or several <= _SHARE * single


def _part(table: Ruled, held: dict[Box, list[Written]], page: Page) -> Part:
    """The rows of a table, each with the cells that begin in it."""
    edges = sorted({x for cell in table.cells for x in (cell.left, cell.right)})
    sides = {edge: [rule for rule in page.down if abs(rule.at - edge) <= NEAR] for edge in (table.left, table.right)}
    rows: dict[int, list[Spot]] = {}
    widest: dict[tuple[int, int], float] = defaultdict(float)
    for cell in table.cells:
        widest[cell.column, cell.wide] = max([widest[cell.column, cell.wide], *(line.width for line in held[cell])])
    for cell in table.cells:
        text = cell_text(held[cell], cell.right - cell.left, widest[cell.column, cell.wide])
        off = cell.right > page.width + 2 or cell.left < -2 or cell.bottom > page.height + 2 or cell.top < -2
        if not text and (off or _is_inked(page, cell)):
            text = LOST
        wide = edges.index(cell.right) - edges.index(cell.left)
        middle = (cell.top + cell.bottom) / 2
        bare = [edge in sides and not any(rule.start <= middle <= rule.end for rule in sides[edge]) for edge in (cell.left, cell.right)]
        rows.setdefault(cell.row, []).append(Spot(edges.index(cell.left), wide, cell.high, text, *bare))
    numbers = range(max(rows) + 1)
    ys = sorted({y for cell in table.cells for y in (cell.top, cell.bottom)})
    return Part(edges, [rows.get(number, []) for number in numbers], [page.number for _ in numbers], ys, page.number)


def _is_inked(page: Page, cell: Box) -> bool:
    """Whether something is drawn in a cell without text, beside the strokes of a broad border."""
    edges = cell.left, cell.top, cell.right, cell.bottom
    if not page.sight.inked(*edges):
        return False
    across = [r for r in page.across if _runs_along(r, cell.left, cell.right, (cell.top, cell.bottom))]
    down = [r for r in page.down if _runs_along(r, cell.top, cell.bottom, (cell.left, cell.right))]
    return page.sight.without(across, down).inked(*edges)


def _runs_along(rule: Rule, start: float, end: float, sides: tuple[float, float]) -> bool:
    return rule.start < start + _BORDER and end - _BORDER < rule.end and min(abs(rule.at - side) for side in sides) < _BORDER


def _text_lines(chars: Sequence[Char], page: Page, hints: Hints) -> list[TextLine]:
    """Characters outside tables as lines, from the top."""
    found = []
    for line in by_line(chars):
        top, bottom = min(char.top for char in line), max(char.bottom for char in line)
        found.append(TextLine(pieces(line, hints.cuts(top, bottom)), page.number, top, bottom, joined(line), page.width))
    return found


def _furniture(pages: Sequence[Page], contents: Sequence[_Content]) -> set[int]:
    """Lines that are no text of the report: page numbers, and heads and feet from their second page on."""
    found: set[int] = set()
    seen: dict[tuple[str, int], list[TextLine]] = defaultdict(list)
    for page, content in zip(pages, contents, strict=True):
        for line in content.parts:
            if not isinstance(line, TextLine) or not _in_margin(line, page):
                continue
            if _PAGE_NUMBER.fullmatch(line.text) and len(line.pieces) < 3:
                found.add(id(line))
            else:
                seen[re.sub(r"\d+", "#", line.text), round(line.top % _BELOW / 4)].append(line)
    for lines in seen.values():
        found.update(id(line) for line in lines[1:])
    return found
