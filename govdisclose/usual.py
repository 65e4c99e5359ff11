"""The usual case, read in one pass: web tables whose rows all carry the form's labels and as many figures as columns.

Most pages are such. Whatever is not exactly so (a label or a figure too many, another order, a table missing) makes
this reading give up, and the general one (runs, recognise, columns) takes over; where both apply they agree.

What a table's rows are depends on its labels and on where figures stand, never on the figures: documents that print the
same labels in the same cells are recognised once, and their figures put where those of the first one went.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter

from govdisclose.cells import Cells, Filled, choose_form, competes, doubts, filled, is_shared, unit_in
from govdisclose.findings import Finding
from govdisclose.forms import Form, Row, Slot, Table, table_forms
from govdisclose.grid import Document, Line
from govdisclose.headings import heading_fits
from govdisclose.labels import IGNORED, LABEL, VALUE, Token, classify
from govdisclose.numbers import UNREADABLE, read_figure
from govdisclose.runs import Place
from govdisclose.seats import Seats

_Home = tuple[str, str]
_Heading = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Usual:
    """Every cell of the form, what is doubtful about them, and the lines that the tables take up."""

    form: Form
    cells: Sequence[Filled]
    doubts: list[Finding]
    inside: set[int]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What takes the figures out of all that a document prints in tables, where they belong, and which of its rows are
    its tables'."""

    form: Form
    figures: Callable[[Sequence[str]], tuple[str, ...]]
    slots: tuple[Slot, ...]
    units: tuple[str, ...]
    places: tuple[str, ...]
    inside: frozenset[int]


class _Tokens(dict[str, Token | None]):
    """Text of a cell -> the one token that it is; None where it is none or more than one. Filled as texts come."""

    def __missing__(self, text: str) -> Token | None:
        if len(self) >= _MOST_TEXTS:
            self.clear()
        tokens = classify(text, False)
        token = tokens[0] if len(tokens) == 1 and tokens[0].doubt in ("", "word") else None
        self[text] = token
        return token


_MOST_TEXTS = 200_000
_token = _Tokens().__getitem__


@cache
def _rows(home: _Home) -> tuple[Row, ...]:
    form, table = home
    return table_forms()[form].table(table).rows


@lru_cache(maxsize=4096)
def _units(heading: _Heading, home: _Home, number: int) -> tuple[str, ...]:
    """The units of a row's cells under a heading."""
    texts = [text for line in heading for text in line]
    return tuple(slot.unit or unit_in(texts, home, slot.column) for slot in _rows(home)[number].slots)


def _fill(home: _Home, number: int, heading: _Heading, values: list[Token], line: Line, first: int) -> list[Filled]:
    """The cells of a row of the form; `first`: the column of the first figure."""
    place = _place(line)
    cells = []
    for slot, unit, token in zip(_rows(home)[number].slots, _units(heading, home, number), values, strict=True):
        first += 1
        cells.append(filled(slot, token, unit, place + str(first)))
    return cells


def _place(line: Line) -> str:
    """Where a cell of a row stands, but for the number of its column."""
    return str(Place(line.grid, line.row, 0, line.page))[:-1]


class _Reader:
    def __init__(self) -> None:
        self.cells: dict[str, list[Filled]] = {}
        self.forms: dict[str, Form] = {}
        self.open: list[_Home] = []  # the tables that the rows read so far may belong to
        self.rows: list[list[Filled]] = []
        self.headings: list[tuple[str, ...]] = []
        self.heading: _Heading = ()
        self.first_line = 0
        self.inside: set[int] = set()

    def labelled(self, rows: dict[_Home, int], values: list[Token], line: Line, first: int) -> bool:
        """Take a row with a label if it is the next of an open table, or the first of a new one."""
        number, count = len(self.rows), len(values)
        homes = self.open if number else [home for home, row in rows.items() if not row and home[1] not in self.cells]
        homes = [home for home in homes if rows.get(home) == number and len(_rows(home)[number].slots) == count]
        if not homes:
            return False
        if not number or _rows(homes[0])[number].block != _rows(homes[0])[number - 1].block:
            self.heading, self.headings = tuple(self.headings), []
            homes = [home for home in homes if heading_fits(*home, number, self.heading)]
            if not homes:
                return False
        elif self.headings:
            return False
        if any(map(competes, values, _units(self.heading, homes[0], number))):
            return False
        self.open = homes
        self.rows.append(_fill(homes[0], number, self.heading, values, line, first))
        return True

    def bare(self, values: list[Token], line: Line, first: int) -> bool:
        """Take a row of bare figures: all rows of a table that the form prints in one line."""
        heading = tuple(self.headings)
        for home, table in _one_line_tables():
            if home[1] not in self.cells and len(values) == len(table.slots) and heading_fits(*home, None, heading):
                start = 0
                for number, row in enumerate(table.rows):
                    end = start + len(row.slots)
                    self.rows.append(_fill(home, number, heading, values[start:end], line, first + start))
                    start = end
                self.open, self.headings = [home], []
                return True
        return False

    def close(self, line: int) -> None:
        """Note a table whose last row has been read."""
        home = next((home for home in self.open if len(_rows(home)) == len(self.rows)), None)
        if home is not None:
            self.inside.update(range(self.first_line, line + 1))
            self.forms[home[1]] = table_forms()[home[0]]
            self.cells[home[1]] = [cell for row in self.rows for cell in row]
            self.open, self.rows, self.headings = [], [], []

    def line(self, line: Line, index: int) -> bool:
        """Read one row; False where it is not of the usual kind."""
        labels: list[Token] = []
        values: list[Token] = []
        other = False
        for token in map(_token, line.cells):
            if token is None:
                return not self.rows and not self.headings and not self.cells
            kind = token.kind
            if kind == VALUE:
                values.append(token)
            elif kind == LABEL and not values:
                labels.append(token)
            elif kind != IGNORED or values:
                other = True
        if other:
            return not labels and not self.rows and not self.headings
        if not values:
            if labels:
                if not self.headings and not self.rows:
                    self.first_line = index
                self.headings.append(tuple([token.text for token in labels]))
            return True
        first = len(line.cells) - len(values)
        meaning = labels[-1].meaning if labels else None
        if meaning is None:
            taken = not self.rows and self.bare(values, line, first)
        else:
            taken = self.labelled(meaning.rows, values, line, first)
        if taken:
            self.close(index)
        return taken


@cache
def _one_line_tables() -> tuple[tuple[_Home, Table], ...]:
    return tuple(((f.key, t.key), t) for f in table_forms().values() for t in f.tables if t.one_line)


class _Signs(dict[str, str | int]):
    """Text of a cell -> what it says of the shape: a label its own text, all others their kind. Filled as texts come."""

    def __missing__(self, text: str) -> str | int:
        if len(self) >= _MOST_TEXTS:
            self.clear()
        token = _token(text)
        if token is None:
            sign: str | int = _UNKNOWN
        elif token.kind == LABEL:
            sign = token.text
        else:
            figure = token.figure
            plain = figure is not None and not figure.unit and not figure.signed and figure.state != UNREADABLE
            sign = _ODD if token.kind == VALUE and not plain else token.kind
        self[text] = sign
        return sign


class _Plain(dict[str, tuple[float | None, str]]):
    """Text of a cell that is a figure without unit or sign -> its value and state. Filled as texts come."""

    def __missing__(self, text: str) -> tuple[float | None, str]:
        if len(self) >= _MOST_TEXTS:
            self.clear()
        figure = read_figure(text)
        self[text] = plain = figure.value, figure.state
        return plain


_UNKNOWN, _ODD = -1, -2  # a text that is no one token; a figure with a unit, a sign or a doubt
_MOST_SHAPES = 1_000
_sign = _Signs().__getitem__
_plain = _Plain().__getitem__
_shapes: dict[tuple[tuple[int, ...], tuple[str | int, ...]], _Shape] = {}


def read_usual(document: Document) -> Usual | None:
    """Given a document, return the cells of its tables if all three are there and none leaves a doubt; else None."""
    at: list[int] = []
    rows: list[int] = []
    printed: list[str] = []
    for index, line in enumerate(document.lines):
        if line.grid:
            at.append(index)
            rows += line.grid, line.row, line.page, len(line.cells)
            printed += line.cells
        elif line.cells[0] and rows and rows[-1]:
            rows.append(0)  # text between tables
    signs = tuple(map(_sign, printed))
    key = tuple(rows), signs
    shape = _shapes.get(key)
    if shape is None:
        usual = _recognised(document)
        if usual is not None and _ODD not in signs:
            shape = _shape(usual, at, [document.lines[index] for index in at])
            if shape is not None:
                if len(_shapes) >= _MOST_SHAPES:
                    _shapes.clear()
                _shapes[key] = shape
        return usual
    texts = shape.figures(printed)
    values, states = zip(*map(_plain, texts), strict=True)
    cells = Cells((shape.slots, values, states, texts, shape.units, shape.places))
    return Usual(shape.form, cells, [], set(map(at.__getitem__, shape.inside)))


def _shape(usual: Usual, at: Sequence[int], lines: Sequence[Line]) -> _Shape | None:
    """What may be remembered of a document: None where its figures do not stand in the order of the form."""
    figures = [
        (f"{_place(line)}{column}", text)
        for line in lines
        for column, text in enumerate(line.cells, 1)
        if _sign(text) == VALUE
    ]
    if figures != [(cell.place, cell.text) for cell in usual.cells]:
        return None
    signs = [_sign(text) for line in lines for text in line.cells]
    slots, _, _, _, units, places = zip(*usual.cells, strict=True)
    inside = frozenset(number for number, index in enumerate(at) if index in usual.inside)
    take = itemgetter(*(number for number, sign in enumerate(signs) if sign == VALUE))
    return _Shape(usual.form, take, slots, units, places, inside)


def _recognised(document: Document) -> Usual | None:
    """Read a document of a shape not yet seen."""
    reader = _Reader()
    for index, line in enumerate(document.lines):
        if not line.grid:
            if reader.rows and line.cells[0]:
                return None
        elif not reader.line(line, index):
            return None
    if reader.rows or len(reader.cells) != len(next(iter(table_forms().values())).tables):
        return None
    form = choose_form({key: (own, own.table(key)) for key, own in reader.forms.items()}, None)
    cells: list[Filled] = []
    findings: list[Finding] = []
    for table in form.tables:
        own = table if is_shared(table.key) else reader.forms[table.key].table(table.key)
        here = [
            cell if cell.slot is slot else cell._replace(slot=slot)
            for slot, cell in zip(own.slots, reader.cells[table.key], strict=True)
        ]
        cells.extend(here)
        if any(cell.state == UNREADABLE for cell in here):
            findings.extend(doubts(own, here, Seats()))
    return Usual(form, tuple(cells), findings, reader.inside)
