"""Tables whose ruling does not part all cells: columns by the alignment of all their rows and heads, rows by their labels.

Where the places of the figures do not settle it, the whole row or table is in doubt: a blank cell leaves no trace here, and
a figure must never move into its place.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from govdisclose.grid import LOST
from govdisclose.numbers import NOT_APPLICABLE, NUMBER, read_figure
from govdisclose.readers.headed import Column, columns_under, heads_in, pair_heads
from govdisclose.readers.official import names_column, names_part, names_row, names_several, names_table
from govdisclose.readers.ruling import Rule
from govdisclose.readers.stacked import Label, labels_of
from govdisclose.readers.written import Piece

WIDE = 0.55  # of the page's width: a line of prose
_TOUCHING = 0.3  # of a column's figures: most that may run into the next
_PROSE = "。;；"
_YEAR = re.compile(r"(?:19|20)\d\d(?:年度?)?")


@dataclass
class TextLine:
    """A line of text outside ruled tables: its pieces from the left, its page, and where it stands in the document (y)."""

    pieces: list[Piece]
    page: int
    top: float
    bottom: float
    text: str
    wide: float  # width of the page

    @property
    def has_figures(self) -> bool:
        return any(is_value(piece.text) for piece in self.pieces)

    def without(self, taken: Container[int]) -> TextLine:
        """The line without some heads (by their `id`)."""
        left = [part for piece in self.pieces for part in heads_in(piece) if id(part) not in taken]
        return replace(self, pieces=left, text="  ".join(part.text for part in left))

    @property
    def is_prose(self) -> bool:
        widest = max(part.right - part.left for piece in self.pieces for part in heads_in(piece))
        return widest > WIDE * self.wide or any(mark in self.text for mark in _PROSE) or names_table(self.text)


@dataclass
class Hints:
    """The lines drawn beside the text, y as in `TextLine`."""

    across: list[Rule]
    down: list[Rule]

    def cuts(self, top: float, bottom: float) -> list[float]:
        """x of vertical lines beside a line of text."""
        middle = (top + bottom) / 2
        return sorted(rule.at for rule in self.down if rule.start <= middle <= rule.end)

    def parted(self, one: Piece, other: Piece) -> bool:
        """Whether a horizontal line stands between two pieces, one above the other."""
        left, right = max(one.left, other.left), min(one.right, other.right)
        low, high = (one.top + one.bottom) / 2, (other.top + other.bottom) / 2
        return any(low < rule.at < high and rule.start < right and left < rule.end for rule in self.across)


@dataclass
class Row:
    """A row as read: its cells, whether their places are in doubt, its page. `loose`: a line of text, one cell."""

    cells: list[str]
    page: int
    doubt: bool = False
    loose: bool = False


def is_value(text: str) -> bool:
    """Whether a text stands where a figure does: one, or what is left of one (#### where a sheet's column is too narrow)."""
    return read_figure(text).state in (NUMBER, NOT_APPLICABLE) or set(text) == {"#"} or (LOST in text and not any(char >= "\u4e00" for char in text if char != LOST))


def _figures_in(piece: Piece) -> tuple[Piece, ...]:
    """A piece, or the figures that stand in it with narrow gaps between."""
    return piece.words if piece.words and not is_value(piece.text) and all(is_value(word.text) for word in piece.words) else (piece,)


def read_lines(lines: Sequence[TextLine], hints: Hints) -> list[Row]:
    """Given lines of text in order, return them as rows: of the tables among them, and lines alone."""
    for line in lines:
        line.pieces = [part for piece in line.pieces for part in _figures_in(piece)]
    found: list[Row] = []
    start = 0
    for begin, end in _stretches(lines):
        found += [_alone(line) for line in lines[start:begin]]
        found += _table(lines[begin:end], hints)
        start = end
    return found + [_alone(line) for line in lines[start:]]


def _alone(line: TextLine) -> Row:
    return Row([line.text], line.page, doubt=True, loose=True)


def _stretches(lines: Sequence[TextLine]) -> list[tuple[int, int]]:
    """Where lines may be a table: from after prose or a heading to the next, if there are figures in between."""
    found, start = [], 0
    for number in range(len(lines) + 1):
        if number == len(lines) or lines[number].is_prose:
            if any(line.has_figures for line in lines[start:number]):
                found.append((start, number))
            start = number + 1
    return found


def _table(lines: Sequence[TextLine], hints: Hints) -> list[Row]:
    """A stretch of lines as blocks: heads, and the rows below them."""
    figured = [n for n, line in enumerate(lines) if line.has_figures]
    starts = {n: min(piece.left for piece in lines[n].pieces if is_value(piece.text)) for n in figured}
    heads = []
    for number, line in enumerate(lines):
        if number in starts:
            heads.append(False)
            continue
        beside = [starts[n] for n in (next((n for n in reversed(figured) if n < number), -1), next((n for n in figured if n > number), -1)) if n >= 0]
        below = next((n for n in figured if n > number), None)
        last = line.pieces[-1]
        headed = any(names_column(piece.text) and not names_row(piece.text) for piece in line.pieces)
        heads.append(below is not None and (headed or last.right > max(beside) + 1) and not (len(line.pieces) > 1 and names_row(line.pieces[0].text) and not names_part(last.text)))
    found: list[Row] = []
    above: list[TextLine] = []
    rows: list[TextLine] = []
    for line, is_head in zip(lines, heads, strict=True):
        if is_head and any(row.has_figures for row in rows):
            found += _Block(above, rows, hints).read()
            above, rows = [], []
        if is_head:
            above += [*rows, line]
            rows = []
        else:
            rows.append(line)
    return found + _Block(above, rows, hints).read() if rows else found + [_alone(line) for line in above]


def _some_of(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces without none, some or all but one of them, the most first."""
    for number in range(min(len(pieces), 6), 0, -1):
        yield from map(list, combinations(pieces[-6:], number))


def _labels_of(piece: Piece) -> tuple[Piece, ...]:
    """A piece, or its words where a narrow gap parts a label from that of its group."""
    return piece.words if piece.words and not names_row(piece.text) and names_row(piece.words[-1].text) else (piece,)


def _holds_figure(label: Label) -> bool:
    """Whether a figure stands so near to its label that both are one text."""
    return label.text[-1].isdigit() and names_part(label.text.rstrip("0123456789.,"))


def _side_by_side(pieces: Iterable[Piece], cuts: Sequence[float]) -> list[Column]:
    """Figures as columns: those that overlap, with no vertical line between."""
    columns: list[Column] = []
    for piece in sorted(pieces, key=lambda p: p.left):
        if columns and columns[-1].overlaps(piece) and bisect(cuts, columns[-1].left) == bisect(cuts, piece.left):
            columns[-1].add(piece, False)
        else:
            columns.append(Column(piece.left, piece.right, [piece]))
    return columns


class _Block:
    """The rows below one head, or below none."""

    def __init__(self, above: list[TextLine], rows: list[TextLine], hints: Hints) -> None:
        self.above, self.rows, self.hints = above, rows, hints
        self.doubt = False
        self.spanning: list[TextLine] = []
        values = [piece for line in rows for piece in line.pieces if is_value(piece.text)]
        self.start = min((piece.left for piece in values), default=0.0)
        texts = [piece for line in rows for piece in line.pieces if not is_value(piece.text) and line.has_figures]
        # Numbers of rows stand before the labels; they are no figures.
        if texts and (numbers := [v for v in values if v.right < min(t.left for t in texts)]):
            ids = {id(number) for number in numbers}
            self.start = min((v.left for v in values if id(v) not in ids), default=self.start)
        for line in rows:
            line.pieces = [part for piece in line.pieces for part in self._parts(piece)]
        self.size = sorted(piece.size for line in rows for piece in line.pieces)[sum(len(line.pieces) for line in rows) // 2]

    def _parts(self, piece: Piece) -> tuple[Piece, ...]:
        """A piece, or where the first column of figures begins inside it what stands before and after."""
        after = tuple(word for word in piece.words if word.left >= self.start - 0.1)
        before = piece.words[: len(piece.words) - len(after)]
        if not after or not before or not is_value(after[0].text):
            return (piece,)
        text = "".join(word.text for word in before)
        return (piece._replace(text=text, right=before[-1].right, words=before if len(before) > 1 else ()), *after)

    def read(self) -> list[Row]:
        columns = self._columns()
        self.doubt = self.doubt or any(self._is_odd(word) for line in (*self.above, *self.rows) for piece in line.pieces for word in piece.words or (piece,))
        made: list[tuple[float, Row]] = []
        labels = self._labels()
        lines = [line for line in self.rows if line.has_figures]
        homes = {n: at for n, line in enumerate(lines) if (at := self._label_of(line, labels)) is not None}
        alone = {n for n in range(len(lines)) if n not in homes} if labels or not self.above else set()
        # Figures of no row: of which, nothing tells; they are left out, and the rows beside them are in doubt.
        near = {n + step for n in alone for step in (-1, 1)}
        self.doubt = self.doubt or (not labels and len(lines) > 1) or any(map(_holds_figure, labels))
        held = Counter(homes.values())
        for n, line in enumerate(lines):
            if n in alone:
                continue
            cells, sure = self._cells(line, columns)
            if labels:
                label = labels[homes[n]].text
                sure = sure and n not in near and held[homes[n]] == 1 and not (alone and not names_part(label))
                cells.insert(0, label)
            made.append((line.top, Row(cells, line.page, self.doubt or not sure)))
        for at, one in enumerate(labels):
            if at in held:
                continue
            beside = [p for line in self.rows for p in line.pieces if p.left >= self.start and p.top < one.bottom and one.top < p.bottom]
            page = next(line.page for line in self.rows if line.top <= one.pieces[0].top + 0.1 and one.pieces[0].bottom <= line.bottom + 0.1)
            if names_row(one.text) and not any(is_value(p.text) for p in beside):
                cells, sure = self._placed(beside, columns)
                made.append((one.top, Row([one.text, *cells], page, self.doubt or bool(alone) or not sure)))
            else:
                made.append((one.top, Row([one.text], page, doubt=True, loose=True)))
        made += [(line.top, _alone(line)) for line in self.rows if not line.has_figures and not any(map(self._is_label, line.pieces))]
        head = self._head(columns, bool(labels))
        return head + [row for _, row in sorted(made, key=lambda pair: pair[0])]

    def _is_odd(self, piece: Piece) -> bool:
        """Whether a piece may hold a figure that cannot be told from what stands over it."""
        marked = any(char.isdigit() or char == LOST for char in piece.text) and piece.left + piece.right > 2 * self.start
        return marked and not (is_value(piece.text) or names_part(piece.text) or _YEAR.fullmatch(piece.text))

    # Columns

    def _columns(self) -> list[Column]:
        values = [p for line in self.rows for p in line.pieces if is_value(p.text) and p.left >= self.start - 0.1]
        cuts = self._cuts()
        columns = _side_by_side(values, cuts)
        apart = columns if cuts else [part for column in columns for part in self._freed(column)]
        freed = len(apart) > len(columns)
        self._add_heads(columns := apart)
        if freed and not all(column.held and column.heads for column in columns):
            self.doubt = True  # only where each has a head of its own are they columns
        for column in columns:
            ruled = cuts and bisect(cuts, column.left) not in (0, len(cuts))
            if not ruled and not column.is_aligned(self.size):
                self.doubt = True
        return columns

    def _freed(self, column: Column) -> list[Column]:
        """The columns that figures run together over: without these few they stand apart, each aligned; else the column itself.

        A figure left out reaches over two of them, so that its own row is in doubt.
        """
        if column.is_aligned(self.size):
            return [column]
        widest = sorted(column.held, key=lambda p: p.left - p.right)
        for number in range(1, int(_TOUCHING * len(widest)) + 1):
            parts = _side_by_side(widest[number:], ())
            if len(parts) > 1 and all(part.is_aligned(self.size) for part in parts):
                across = all(sum(part.overlaps(piece) for part in parts) > 1 for piece in widest[:number])
                return parts if across else [column]
        return [column]

    def _cuts(self) -> list[float]:
        """x of vertical lines that stand beside most rows."""
        lines = [line for line in self.rows if line.has_figures]
        found: list[float] = []
        near = [cut for line in lines for cut in self.hints.cuts(line.top, line.bottom)]
        for cut in sorted(near):
            if not found or cut - found[-1] > 2.5:
                found.append(cut)
        return [cut for cut in found if sum(abs(cut - other) <= 2.5 for other in near) * 2 >= len(lines)]

    def _add_heads(self, columns: list[Column]) -> None:
        """Set heads over the columns, from the lowest line up; a head over no figure makes a column that is blank throughout."""
        if pair_heads(columns, [part for line in self.above for piece in line.pieces for part in heads_in(piece)], self.size, self.hints.parted):
            taken = {id(piece) for column in columns for piece in column.heads}
            self.spanning = [line for one in self.above if (line := one.without(taken)).pieces]
            return
        figured = len(columns)
        apart: list[Piece] = []
        for line in reversed(self.above):
            left: list[Piece] = []
            for piece in self._told_apart(line.pieces, columns):
                under = columns_under(piece, columns)
                if names_several(piece.text):
                    left.append(piece)
                elif len(under) == 1:
                    under[0].add(piece, True)
                elif not under and piece.right > self.start:
                    apart.append(piece)
                    columns.append(Column(piece.left, piece.right, [], [piece]))
                else:
                    left.append(piece)
            if any(piece.left >= self.start - 0.1 and not names_part(piece.text) for piece in left):
                self.doubt = True  # it may be the heads of several columns, of which some are blank throughout
            if left:
                self.spanning.insert(0, replace(line, pieces=left, text="  ".join(p.text for p in left)))
            columns.sort(key=lambda column: column.left)
        bare = [column for column in columns if not column.heads]
        headed = [column for column in columns if not column.held]
        if not apart or not bare:
            return
        # Heads and figures aligned apart: told only where there are as many of the ones as of the others.
        order = [bool(column.held) for column in columns if not (column.held and column.heads)]
        pairs = list(zip(order[::2], order[1::2], strict=False))
        if len(bare) == len(headed) and len(set(pairs)) == 1 and pairs[0][0] != pairs[0][1] and figured:
            rest = [column for column in columns if not (column.held and column.heads)]
            for one, other in zip(rest[::2], rest[1::2], strict=True):
                for piece in other.held:
                    one.add(piece, False)
                for piece in other.heads:
                    one.add(piece, True)
                columns.remove(other)
        else:
            self.doubt = True

    def _told_apart(self, pieces: Sequence[Piece], columns: Sequence[Column]) -> list[Piece]:
        """Pieces with those in words that reach over several columns, each word over one of its own."""
        found: list[Piece] = []
        for piece in pieces:
            homes = [columns_under(word, columns) for word in piece.words]
            known = [home[0] for home in homes if len(home) == 1]
            told = len(known) > 1 and not any(len(home) > 1 for home in homes) and len({id(one) for one in known}) == len(known) >= len(homes) / 2
            found += piece.words if told else [piece]
        return found

    def _head(self, columns: Sequence[Column], labelled: bool) -> list[Row]:
        """The heads as rows: those over several columns as lines, the lowest under them cell by cell."""
        if not self.above:
            return []
        page = self.above[-1].page
        cells = []
        over: list[tuple[float, str]] = [(line.top, line.text) for line in self.spanning]
        for column in columns:
            heads = sorted(column.heads, key=lambda p: p.top)
            # Of what stands above a column, as much as is one official head: the rest belongs to several columns.
            kept = next((some for some in _some_of(heads) if names_part("".join(p.text for p in some))), heads)
            over += [(p.top, p.text) for p in heads if all(p is not one for one in kept)]
            cells.append("".join(p.text for p in kept))
        rows = [Row([text], page, doubt=True, loose=True) for _, text in sorted(over)]
        return [*rows, Row(["", *cells] if labelled else cells, page)] if any(cells) else rows

    # Rows

    def _labels(self) -> list[Label]:
        """Labels before the figures."""
        words = [w for line in self.rows for p in line.pieces for w in _labels_of(p) if self._is_label(w)]
        middles = [(line.top + line.bottom) / 2 for line in self.rows if line.has_figures]
        return labels_of(words, self.size, self.hints.parted, middles)

    def _is_label(self, piece: Piece) -> bool:
        return piece.right < self.start + 0.5 * self.size and piece.left < self.start - 0.1 and not is_value(piece.text)

    def _label_of(self, line: TextLine, labels: Sequence[Label]) -> int | None:
        """The label beside a line of figures: the rightmost of those that reach over its middle."""
        figures = [piece for piece in line.pieces if piece.left >= self.start - 0.1 and is_value(piece.text)]
        middle = sum((p.top + p.bottom) / 2 for p in figures) / max(1, len(figures))
        beside = [n for n, label in enumerate(labels) if label.top <= middle <= label.bottom]
        return max(beside, key=lambda n: min(p.left for p in labels[n].pieces), default=None)

    def _cells(self, line: TextLine, columns: Sequence[Column]) -> tuple[list[str], bool]:
        return self._placed([piece for piece in line.pieces if piece.left >= self.start - 0.1], columns)

    def _placed(self, pieces: Sequence[Piece], columns: Sequence[Column]) -> tuple[list[str], bool]:
        """Pieces of a row in their columns, and whether each has one of its own."""
        cells = [""] * len(columns)
        sure = True
        for piece in self._told_apart(pieces, columns):
            under = [n for n, column in enumerate(columns) if column.overlaps(piece)]
            if len(under) != 1 or cells[under[0]]:
                sure = False
            at = under[0] if under else min(range(len(columns)), key=lambda n: abs(columns[n].left - piece.left), default=-1)
            if at >= 0:
                cells[at] = f"{cells[at]}{LOST}{piece.text}" if cells[at] else piece.text
        return cells, sure
