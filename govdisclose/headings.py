"""The headings above a block of rows: which columns they name, in which order, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from govdisclose.forms import Row, Table, table_forms
from govdisclose.labels import LABEL, OTHER, classify
from govdisclose.runs import Mark, Place
from govdisclose.words import label_key


class Headings:
    """The columns of one block as its heading gives them."""

    def __init__(self, home: tuple[str, str], table: Table, row: Row, marks: list[Mark]) -> None:
        self.home = home
        self.keys = [slot.column for slot in row.slots]
        self.marks = marks
        self.groups = table.column_groups
        self._second: frozenset[int] = frozenset()
        self._second = self._second_names({column.key: label_key(column.zh) for column in row.columns})
        self._known: list[str | None] | None = None

    def key(self, mark: Mark) -> str | None:
        meaning = mark.token.meaning
        key = meaning.columns.get(self.home) if meaning is not None else None
        return key if key in self.keys and id(mark) not in self._second else None

    def _second_names(self, official: dict[str, str]) -> frozenset[int]:
        """Marks that may name a column of the form (合计), where another column has its official name (总计)."""
        named = [(mark, key, label_key(mark.token.text) == official.get(key)) for mark in self.marks if (key := self.key(mark))]
        owned = {key: mark.x for mark, key, own in named if own}
        return frozenset(id(mark) for mark, key, own in named if not own and key in owned and (mark.x < 0 or mark.x != owned[key]))

    def foreign(self) -> bool:
        """Whether the heading names columns of another form, and none of this one."""
        named = [m.token.meaning for m in self.marks if m.token.meaning is not None and m.token.meaning.columns]
        own = sum(1 for mark in self.marks if self.key(mark) is not None)
        other = [m for m in named if m.columns and self.home not in m.columns and self.home[1] in m.tables]
        return not own and len(other) > 0

    def merged(self) -> bool:
        """Whether a heading stands over several columns, so that the others beside it reach over two lines."""
        return any(map(self._grouping, self.marks))

    def _grouping(self, mark: Mark) -> bool:
        return mark.token.meaning is not None and self.home in mark.token.meaning.column_groups

    def order(self) -> list[str | None]:
        """Column keys in printed order, None for a column that the form does not have."""
        if self._known is None:
            self._known = self._order()
        return self._known

    def _order(self) -> list[str | None]:
        by_row: dict[tuple[int, int], list[Mark]] = {}
        for mark in self.marks:
            by_row.setdefault((mark.place.grid, mark.place.row), []).append(mark)
        for marks in reversed(list(by_row.values())):
            if len({key for mark in marks if (key := self.key(mark))}) == len(self.keys):
                return self._line(marks)
        order = self._line(self.marks)
        for group in self.groups:
            inner = [i for i, key in enumerate(order) if key in group.columns]
            heads = [i for i, mark in enumerate(self._named) if self._grouping(mark)]
            if inner and heads:
                return self._nested(order, inner, heads[0])
        return [key for key in order if key != ""]

    def template(self) -> tuple[int, ...] | None:
        """The column (index) of each figure of a row as the heading has it, -1 for a figure that the form does not have.

        None where the heading does not name all columns.
        """
        order = self.order()
        if not set(self.keys) <= set(order):
            return None
        seen: set[str] = set()
        template = []
        for key in order:
            template.append(self.keys.index(key) if key in self.keys and key not in seen else -1)
            seen.add(key or "")
        return tuple(template)

    def _line(self, marks: list[Mark]) -> list[str | None]:
        first = next((i for i, mark in enumerate(marks) if self.key(mark) is not None or self._grouping(mark)), len(marks))
        last = max((i for i, mark in enumerate(marks) if self.key(mark) is not None), default=-1)
        self._named, order = [], []
        for mark in marks[first : last + 2]:
            grouped = self._grouping(mark)
            if grouped or id(mark) in self._second or self.key(mark) is not None or (mark.token.kind == OTHER and len(mark.token.text) <= 8):
                self._named.append(mark)
                order.append("" if grouped else self.key(mark))
        return order

    @staticmethod
    def _nested(order: list[str | None], inner: list[int], head: int) -> list[str | None]:
        low, high = min(inner), max(inner)
        while high + 1 < len(order) and order[high + 1] is None:
            high += 1
        children = [order[i] for i in range(low, high + 1)]
        out: list[str | None] = []
        for i, key in enumerate(order):
            if i == head:
                out.extend(children)
            elif not low <= i <= high and key != "":
                out.append(key)
        return out

    def spans(self, of: int) -> dict[str, tuple[int, int]] | None:
        """Column key -> first and last column of the grid, where the grid tells all of them apart.

        `of`: number of cells of the row in question where places are counted, not known: such places are comparable
        only between rows of as many cells.
        """
        found: dict[str, tuple[int, int]] = {}
        for mark in self.marks:
            key = self.key(mark)
            if key is not None and mark.x >= 0:
                if mark.of != of and mark.of and of:
                    return None
                low, high = mark.x, mark.x + mark.wide - 1
                if key in found and found[key] != (low, high):
                    if high < found[key][0] - 1 or low > found[key][1] + 1:
                        return None
                    low, high = min(low, found[key][0]), max(high, found[key][1])
                found[key] = low, high
        return found if len(found) == len(self.keys) and _apart(found.values()) else None

    def _rows(self) -> list[tuple[Mark, int]]:
        """The labels of rows that stand as headings, and the rows they name."""
        known = [(mark, mark.token.meaning) for mark in self.marks if mark.token.meaning is not None]
        return [(mark, meaning.rows[self.home]) for mark, meaning in known if self.home in meaning.rows and self.key(mark) is None]

    def line_of_all(self, of: int) -> list[int] | None:
        """For rows printed one after the other in one line: the grid column of each of their figures, row by row.

        The order of rows, and of columns under each, is the heading's own.
        """
        named = [(mark, key) for mark in self.marks if (key := self.key(mark)) is not None]
        heads = self._rows()
        if any(mark.x < 0 or (mark.of and of and mark.of != of) for mark, _ in (*named, *heads)):
            return None
        places: dict[tuple[int, str], int] = {}
        for head, row in heads:
            for mark, key in named:
                if mark.line > head.line and head.x <= mark.x < head.x + head.wide and places.setdefault((row, key), mark.x) != mark.x:
                    return None
        if not _apart((mark.x, mark.x + mark.wide - 1) for mark, _ in named):
            return None
        if not heads:
            named.sort(key=lambda one: one[0].x)
            usual = [key for _, key in named] == self.keys * (len(named) // len(self.keys))
            return [mark.x for mark, _ in named] if usual else None
        if len(places) != len(named):
            return None
        ordered = sorted((row, self.keys.index(key)) for row, key in places)
        return [places[row, self.keys[column]] for row, column in ordered]

    def another_line(self) -> bool:
        """Whether the headings of rows printed one after the other in one line stand in another order than the form's."""
        rows = [row for _, row in self._rows()]
        keys = [key for mark in self.marks if (key := self.key(mark)) is not None]
        times = len(keys) // len(self.keys)
        whole = len(keys) == times * len(self.keys) and sorted(keys) == sorted(self.keys * times)
        return (len(set(rows)) == len(rows) and rows != sorted(rows)) or (whole and keys != self.keys * times)


def _apart(ranges: Iterable[tuple[int, int]]) -> bool:
    ordered = sorted(ranges)
    return all(a[1] < b[0] for a, b in zip(ordered, ordered[1:], strict=False))


@lru_cache(maxsize=4096)
def heading_fits(form: str, table: str, row: int | None, lines: tuple[tuple[str, ...], ...]) -> bool:
    """Whether headings (texts, line by line) name the columns of a row in the form's own order.

    `row` None: of all rows, printed one after the other in one line under the labels of the rows.
    """
    home = (form, table)
    rows = table_forms()[form].table(table).rows
    marks = [
        Mark(token, Place(1, number, position), number)
        for number, texts in enumerate(lines)
        for position, text in enumerate(texts)
        for token in classify(text, False)
    ]
    if row is not None:
        headings = Headings(home, table_forms()[form].table(table), rows[row], marks)
        return headings.order() == headings.keys and not headings.foreign()
    known = [mark.token.meaning for mark in marks if mark.token.kind == LABEL and mark.token.meaning is not None]
    named = [m.rows[home] for m in known if home in m.rows and home not in m.columns]
    columns = [m.columns[home] for m in known if home in m.columns]
    return named == list(range(len(rows))) and columns == [slot.column for line in rows for slot in line.slots]
