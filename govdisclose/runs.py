"""Lines -> runs: each maximal series of figures with the labels that stand before it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from govdisclose.forms import load_forms
from govdisclose.grid import DOUBTFUL, END, PAD, SOFT, Document, Line, place_spans
from govdisclose.labels import IGNORED, LABEL, OTHER, PROSE, VALUE, Meaning, Token, classify, exact_meaning, meaning_of
from govdisclose.numbers import BLANK

_NUMBERED = re.compile(r"[(（]?[一二三四五六七八九十\d]+[)）、.．](?=\D)")
_ONE_ROW = 40
END_CELL, SOFT_CELL = classify(END, False)[0], classify(SOFT, False)[0]
_JOIN = 14  # a label may be cut into so many lines (one character a line)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell stands: table (0 outside tables), row and column from 1; page, 0 where there is none."""

    grid: int
    row: int
    column: int
    page: int = 0

    def __str__(self) -> str:
        page = f"page {self.page}, " if self.page else ""
        if self.grid:
            return f"{page}table {self.grid}, row {self.row}, column {self.column}"
        return f"{page}line {self.row}, column {self.column}" if self.column > 1 else f"{page}line {self.row}"


@dataclass(slots=True)
class Mark:
    """A token where it stands. `line`: index of its line; `x`, `wide`: first column and number of columns covered, where the
    grid tells; `of`: how many cells the row has, where the cells' places are only counted."""

    token: Token
    place: Place
    line: int
    x: int = -1
    wide: int = 1
    of: int = 0


@dataclass(slots=True)
class Run:
    """Figures that stand together. `own`: labels in the same row, before them; `pending`: labels and other texts since
    the run before; `line`: index of the line of the first figure; `whole`: the figures are known to be one row; `mark`: how many
    labels of the document stand before the figures; `alone`: they begin a line in which nothing else stands."""

    values: list[Mark]
    own: list[Mark]
    pending: list[Mark]
    line: int
    whole: bool
    mark: int = 0
    table: str = ""
    after_prose: bool = False
    alone: bool = False

    @property
    def labels(self) -> list[Mark]:
        return [mark for mark in (*self.pending, *self.own) if mark.token.kind == LABEL]


@dataclass(slots=True)
class Reading:
    """Runs in order, the texts after the last run, all labels in order, and remarks on units beside the tables."""

    runs: list[Run]
    tail: list[Mark]
    marks: list[Mark]
    notes: list[Mark]


def _stands_for_figure(mark: Mark) -> bool:
    """Whether a cell after a label is a figure, or a text with digits that may be meant as one."""
    text = mark.token.text
    return mark.token.kind == VALUE or (any(c.isdigit() for c in text) and not _NUMBERED.match(text))


def _are_figures(label: Mark, cells: list[Mark], texts: int) -> bool:
    """Whether the texts between a row's label and its first figure stand in the place of figures.

    They do where the row has as many cells with them as the form has columns, and not without them: words for a figure
    are unreadable, not a second label after which an empty cell could be read in their place.
    """
    meaning = label.token.meaning
    if meaning is None or not meaning.rows or meaning.columns:
        return False
    filled = max((i + 1 for i, mark in enumerate(cells) if not is_empty(mark)), default=0)
    columns = {len(load_forms()[form].table(table).rows[row].slots) for (form, table), row in meaning.rows.items()}
    return filled == texts or (filled in columns and filled - texts not in columns)


def is_empty(mark: Mark) -> bool:
    """Whether a mark is an empty cell (a sure or a doubtful one)."""
    return mark.token.figure is not None and mark.token.figure.state == BLANK


def _join_labels(texts: list[Mark]) -> list[Mark]:
    """Pieces of labels that stand in lines of their own, put together where they make one official label."""
    if all(mark.token.kind == LABEL for mark in texts) or len(texts) < 2:
        return texts
    joined, start = [], 0
    while start < len(texts):
        best: tuple[int, Meaning] | None = None
        whole = texts[start].token.text
        for end in range(start + 1, min(start + _JOIN, len(texts))):
            piece = texts[end].token
            if piece.kind == PROSE or len(whole) > 60:
                break
            whole += piece.text
            if all(mark.token.kind == LABEL for mark in texts[start : end + 1]):
                continue
            # A label in brackets or after 第二十条第(一)项 may go on with any words, but not with the next label.
            swallowed = any(mark.token.kind == LABEL for mark in texts[start + 1 : end + 1])
            if found := exact_meaning(whole) if swallowed else meaning_of(whole):
                best = end, found
        if best is None:
            joined.append(texts[start])
            start += 1
        else:
            text = "".join(mark.token.text for mark in texts[start : best[0] + 1])
            first = texts[start]
            joined.append(Mark(Token(LABEL, text, meaning=best[1]), first.place, first.line, first.x, first.wide, first.of))
            start = best[0] + 1
    return joined


class _Gatherer:
    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.marks: list[Mark] = []
        self.notes: list[Mark] = []
        self.pending: list[Mark] = []
        self.loose: list[Mark] = []  # texts standing alone, perhaps pieces of labels
        self.run: Run | None = None
        self.after_prose = False
        self.ends = [0, 0]  # rows in one line whose last text has no bar after it, and has one

    def settle(self) -> None:
        """Close the open series: pieces of labels are joined, and empty cells after a mere heading are dropped."""
        if self.run is not None:
            run, self.run = self.run, None
            last = next((m.token for m in (*reversed(run.own), *reversed(run.pending)) if m.token.kind == LABEL), None)
            headless = last is None or not (last.meaning and last.meaning.rows)
            named = run.own or run.pending
            if named and named[-1].token.kind == OTHER and len(run.values) > 2:
                # an empty row whose label is damaged
                headless = headless and not (run.whole or _NUMBERED.match(named[-1].token.text))
            padding = {m.token.doubt for m in run.values}
            if (padding <= DOUBTFUL and padding != {SOFT}) or (headless and all(is_empty(m) for m in run.values)):
                self.runs.pop()
                self.pending = run.pending + run.own + self.pending
                self.after_prose = self.after_prose or run.after_prose
        if self.loose:
            joined = _join_labels(self.loose)
            self.loose = []
            self.pending.extend(joined)
            self.marks.extend(mark for mark in joined if mark.token.kind != PROSE)

    def begin(self, values: list[Mark], own: list[Mark], line: int, whole: bool) -> None:
        self.settle()
        self.run = Run(values, own, self.pending, line, whole, len(self.marks), after_prose=self.after_prose)
        self.pending, self.after_prose = [], False
        self.runs.append(self.run)

    def rows(self, line: Line, index: int) -> None:
        """A line of cells: one row, or several where every cell holds as many lines as the others."""
        heights = {cell.count("\n") for cell in line.cells if cell} if any("\n" in cell for cell in line.cells) else {0}
        if len(heights) == 1 and (height := heights.pop()) > 1:
            for number in range(height + 1):
                cells = [cell.split("\n")[number] if cell else "" for cell in line.cells]
                self.row(Line(cells, line.grid, line.row, True, line.spans, page=line.page), index)
        else:
            self.row(line, index)

    def row(self, line: Line, index: int) -> None:
        """A line whose cells are one row: what stands before the figures are its labels."""
        self.settle()
        if not line.grid and PAD not in line.cells:
            closed = line.cells[-1] == END
            self.ends[closed] += bool(line.cells[-1 - closed].strip(SOFT))
        marks: list[Mark] = []
        last = -1
        width = 0 if line.spans else len(line.cells)
        for number, cell in enumerate(line.cells):
            x, wide, _ = line.spans[number] if line.spans else (number, 1, 1)
            place = Place(line.grid, line.row, number + 1, line.page)
            for token in classify(cell, line.packed):
                if token.kind == LABEL:
                    last = len(marks)
                # After a label, what looks like a page number (12/3) may be meant as a figure: it must not vanish.
                aside = token.kind == IGNORED and (last < 0 or not any(c.isdigit() for c in token.text))
                (self.notes if aside else marks).append(Mark(token, place, index, x, wide, width))
        start = 0
        own: list[Mark] = []
        for number, mark in enumerate(marks[: last + 1]):
            if mark.token.kind == OTHER:
                self.marks.append(mark)
            if mark.token.kind != LABEL:
                continue
            between = marks[start:number]
            figures = [m for m in between if m.token.kind == VALUE and not is_empty(m)]
            last_own = own[-1].token.meaning if own else None
            # Without row marks a whole table is one line, in which an empty row is still a row.
            blank_row = last > _ONE_ROW and len(between) > 1 and last_own is not None and last_own.rows and not last_own.columns
            if blank_row or (figures and (own or len(figures) > 1)):
                self.begin(between, own, index, True)
                own = []
            else:
                own += [m for m in between if m.token.kind != VALUE]
            own.append(mark)
            self.marks.append(mark)
            start = number + 1
        rest = marks[start:]
        if last > _ONE_ROW:  # all of a document in one line: the text after the tables is no cell of theirs
            words = (i for i, m in enumerate(rest) if m.token.kind == PROSE or (m.token.kind == OTHER and _NUMBERED.match(m.token.text)))
            rest = rest[: next(words, len(rest))]
        first = next((i for i, mark in enumerate(rest) if _stands_for_figure(mark)), len(rest))
        if first and own and own[-1].token.kind == LABEL and _are_figures(own[-1], rest, first):
            first = 0
        if first < len(rest):
            own += rest[:first]
            self.marks.extend(m for m in rest[:first] if m.token.kind == OTHER)
            self.begin(rest[first:], own, index, True)
        elif own and rest and (meaning := own[-1].token.meaning) and meaning.rows and not meaning.columns:
            self.begin(rest, own, index, True)
        else:
            self.settle()
            self.pending.extend(own + rest)
            self.marks.extend(m for m in rest if m.token.kind == OTHER)

    @staticmethod
    def ended(run: Run, mark: Mark) -> bool:
        """Whether the figures so far are a row written in one line, and this figure stands below it.

        Then it is none of its cells, but a page number or a piece torn off. Empty cells still belong to the row.
        """
        if is_empty(mark) or not run.values or mark.place.row == run.values[-1].place.row:
            return False
        named = run.labels[-1].token.meaning if run.labels else None
        if named is None or not named.rows or named.columns:
            # Below a heading: bars behind it are no cells of a row.
            return run.whole and any(not is_empty(one) for one in run.values)
        rows = {one.place.row for one in run.values if one.token.doubt not in DOUBTFUL}
        beside = sum(one.place.row in rows and one.token.doubt != SOFT for one in run.values)
        return run.whole or (len(rows) == 1 and beside > 1)

    def stream(self, line: Line, index: int) -> None:
        """A line that is one cell, or a row without bars."""
        place = Place(line.grid, line.row, 1, line.page)
        tokens = classify(line.cells[0], line.packed)
        for token in tokens:
            mark = Mark(token, place, index)
            if token.kind == VALUE:
                if self.run is None or self.ended(self.run, mark):
                    self.begin([], [], index, False)
                    self.runs[-1].alone = token is tokens[0] and not line.grid
                assert self.run is not None
                self.run.values.append(mark)
            elif token.kind == LABEL or token.kind == OTHER:
                if self.run is not None:
                    if line.parted:
                        self.run.values.append(Mark(END_CELL, place, index))
                    self.settle()
                self.loose.append(mark)
            elif token.kind == PROSE:
                if self.run is not None and line.parted:
                    self.run.values.append(Mark(END_CELL, place, index))
                self.settle()
                self.pending.append(mark)
                self.after_prose = True
            else:
                self.notes.append(mark)

    def settle_ends(self) -> None:
        """Whether a bar at the end of a row closes it (as after most figures) or stands before an empty last cell."""
        votes = self.ends
        for run in self.runs:
            sure = [m for m in run.values if m.token.doubt not in DOUBTFUL]
            if not run.whole and sure and not is_empty(sure[-1]) and all(m.token.doubt != PAD for m in run.values):
                votes[run.values[-1].token.doubt == END] += 1
        closing = votes[1] > 2 * votes[0]
        for run in self.runs:
            if any(m.token.doubt == END for m in run.values):
                kept = [m for m in run.values if not (closing and m.token.doubt == END)]
                run.values = [Mark(SOFT_CELL, m.place, m.line) if m.token.doubt == END else m for m in kept]
        self.runs = [run for run in self.runs if run.values]

    def read(self, lines: list[Line]) -> Reading:
        for index, line in enumerate(lines):
            if line.whole and len(line.cells) > 1:
                self.rows(line, index)
            elif line.cells:
                self.stream(line, index)
        self.settle()
        self.settle_ends()
        return Reading(self.runs, self.pending, self.marks, self.notes)


def gather(document: Document) -> Reading:
    """Given a document, return its runs."""
    place_spans(document.lines)
    return _Gatherer().read(document.lines)
