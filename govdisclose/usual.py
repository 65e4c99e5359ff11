"""The usual case, read in one pass: web tables whose rows all carry the form's labels and as many figures as columns.

Most pages are such. Whatever is not exactly so (a label or a figure too many, another order, a table missing) makes
this reading give up, and the general one (runs, recognise, columns) takes over; where both apply they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from govdisclose.cells import Filled, filled, unit_in
from govdisclose.forms import Form, Row, Table, load_forms
from govdisclose.grid import Document
from govdisclose.headings import heading_fits
from govdisclose.labels import IGNORED, LABEL, VALUE, Meaning, Token, classify

_Candidate = tuple[Form, Table]


@dataclass(frozen=True, slots=True)
class Usual:
    """The cells of each table, the form that each follows, and the lines that the tables take up."""

    cells: dict[str, list[Filled]]
    forms: dict[str, Form]
    inside: set[int]


@lru_cache(maxsize=131072)
def _token(text: str) -> Token | None:
    tokens = classify(text, False)
    return tokens[0] if len(tokens) == 1 and tokens[0].doubt in ("", "word") else None


@lru_cache(maxsize=4096)
def _unit(heading: tuple[tuple[str, ...], ...], form: str, table: str, column: str) -> str:
    return unit_in([text for line in heading for text in line], (form, table), column)


class _Reader:
    def __init__(self) -> None:
        self.done: dict[str, tuple[Form, list[list[Filled]]]] = {}
        self.open: list[_Candidate] = []
        self.rows: list[list[Filled]] = []
        self.heading: list[tuple[str, ...]] = []
        self.rows_heading: tuple[tuple[str, ...], ...] = ()
        self.first_line = 0
        self.inside: set[int] = set()

    def next_row(self, label: Meaning, count: int) -> bool:
        """Whether a label names the next row of an open table, or the first of a new one; narrows the candidates."""
        wanted = len(self.rows)
        if self.open:
            self.open = [
                (form, table)
                for form, table in self.open
                if wanted < len(table.rows) and label.rows.get((form.key, table.key)) == wanted
            ]
        else:
            self.open = [
                (form, form.table(key))
                for (name, key), row in label.rows.items()
                if row == 0 and key not in self.done and (form := load_forms()[name])
            ]
        self.open = [(form, table) for form, table in self.open if len(table.rows[wanted].slots) == count]
        return bool(self.open)

    def starts_block(self, row: int) -> bool:
        table = self.open[0][1]
        return row == 0 or table.rows[row].block != table.rows[row - 1].block

    def take(self, values: list[tuple[Token, str]]) -> bool:
        row = len(self.rows)
        if self.starts_block(row):
            self.rows_heading, self.heading = tuple(self.heading), []
            self.open = [(f, t) for f, t in self.open if heading_fits(f.key, t.key, row, self.rows_heading)]
            if not self.open:
                return False
        form, table = self.open[0]
        if len(self.open) > 1 and len({len(t.rows[row].slots) for _, t in self.open}) > 1:
            return False
        self.rows.append(self.fill(form, table, table.rows[row], values))
        return True

    def fill(self, form: Form, table: Table, row: Row, values: list[tuple[Token, str]]) -> list[Filled]:
        heading = self.rows_heading
        return [
            filled(slot, token, slot.unit or _unit(heading, form.key, table.key, slot.column), place)
            for slot, (token, place) in zip(row.slots, values, strict=True)
        ]

    def close(self, line: int) -> None:
        """Note a table whose last row has been read."""
        whole = [(form, table) for form, table in self.open if len(table.rows) == len(self.rows)]
        if whole:
            form, table = whole[0]
            self.inside.update(range(self.first_line, line + 1))
            self.done[table.key] = (form, self.rows)
            self.open, self.rows, self.heading = [], [], []


@lru_cache(maxsize=131072)
def _place(grid: int, row: int, column: int) -> str:
    return f"table {grid}, row {row}, column {column}"


def read_usual(document: Document) -> Usual | None:
    """Given a document, return the cells of its tables if all three are there and none leaves a doubt; else None."""
    reader = _Reader()
    for index, line in enumerate(document.lines):
        if not line.grid:
            if reader.rows and line.cells[0]:
                return None
            continue
        labels: list[Token] = []
        values: list[tuple[Token, str]] = []
        other = False
        for number, cell in enumerate(line.cells):
            token = _token(cell)
            if token is None:
                return None
            if token.kind == VALUE:
                values.append((token, _place(line.grid, line.row, number + 1)))
            elif token.kind == LABEL:
                if values:
                    return None
                labels.append(token)
            elif token.kind != IGNORED:
                other = True
        if other:
            if labels or reader.rows:
                return None
            continue
        if not labels:
            if not values:
                continue
            if not _one_line(reader, values):
                return None
            reader.close(index)
            continue
        if not values:
            if not reader.heading and not reader.rows:
                reader.first_line = index
            reader.heading.append(tuple(token.text for token in labels))
            continue
        meaning = labels[-1].meaning
        if meaning is None or not reader.next_row(meaning, len(values)) or not reader.take(values):
            return None
        reader.close(index)
    if reader.rows or len(reader.done) != len(next(iter(load_forms().values())).tables):
        return None
    return Usual(
        {key: [cell for row in rows for cell in row] for key, (_, rows) in reader.done.items()},
        {key: form for key, (form, _) in reader.done.items()},
        reader.inside,
    )


def _one_line(reader: _Reader, values: list[tuple[Token, str]]) -> bool:
    """A row of bare figures: the rows of a table that the form prints in one line, under the headings of all of them."""
    if reader.rows or not reader.heading:
        return False
    for form in load_forms().values():
        for table in form.tables:
            if not table.one_line or table.key in reader.done or len(values) != len(table.slots):
                continue
            reader.rows_heading = tuple(reader.heading)
            if not heading_fits(form.key, table.key, None, reader.rows_heading):
                continue
            reader.open = [(form, table)]
            start = 0
            for row in table.rows:
                end = start + len(row.slots)
                reader.rows.append(reader.fill(form, table, row, values[start:end]))
                start = end
            return True
    return False
