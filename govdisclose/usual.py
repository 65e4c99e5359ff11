"""The usual case, read in one pass: web tables whose rows all carry the form's labels and as many figures as columns.

Most pages are such. Whatever is not exactly so (a label or a figure too many, another order, a table missing) makes
this reading give up, and the general one (runs, recognise, columns) takes over; where both apply they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from govdisclose.cells import Filled, filled, unit_in
from govdisclose.forms import Form, Row, Table, load_forms
from govdisclose.grid import Document, Line
from govdisclose.headings import heading_fits
from govdisclose.labels import IGNORED, LABEL, VALUE, Token, classify

_Home = tuple[str, str]
_Heading = tuple[tuple[str, ...], ...]
_new = tuple.__new__


@dataclass(frozen=True, slots=True)
class Usual:
    """The cells of each table, the form that each follows, and the lines that the tables take up."""

    cells: dict[str, list[Filled]]
    forms: dict[str, Form]
    inside: set[int]


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
    return load_forms()[form].table(table).rows


@lru_cache(maxsize=4096)
def _units(heading: _Heading, home: _Home, number: int) -> tuple[str, ...]:
    """The units of a row's cells under a heading."""
    texts = [text for line in heading for text in line]
    return tuple(slot.unit or unit_in(texts, home, slot.column) for slot in _rows(home)[number].slots)


def _fill(home: _Home, number: int, heading: _Heading, values: list[Token], line: Line, first: int) -> list[Filled]:
    """The cells of a row of the form; `first`: the column of the first figure."""
    place = f"table {line.grid}, row {line.row}, column "
    cells = []
    for slot, unit, token in zip(_rows(home)[number].slots, _units(heading, home, number), values, strict=True):
        first += 1
        figure = token.figure
        if figure is None or figure[2] or figure[3]:
            cells.append(filled(slot, token, unit, place + str(first)))
        else:  # a plain figure: the same without the call
            cells.append(_new(Filled, (slot, figure[0], figure[1], token.text, unit, place + str(first))))
    return cells


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
            self.forms[home[1]] = load_forms()[home[0]]
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
    return tuple(((f.key, t.key), t) for f in load_forms().values() for t in f.tables if t.one_line)


def read_usual(document: Document) -> Usual | None:
    """Given a document, return the cells of its tables if all three are there and none leaves a doubt; else None."""
    reader = _Reader()
    for index, line in enumerate(document.lines):
        if not line.grid:
            if reader.rows and line.cells[0]:
                return None
        elif not reader.line(line, index):
            return None
    if reader.rows or len(reader.cells) != len(next(iter(load_forms().values())).tables):
        return None
    return Usual(reader.cells, reader.forms, reader.inside)
