"""Columns of figures that no ruling parts, and which official head stands over each, however either are aligned."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from govdisclose.numbers import NOT_APPLICABLE, read_figure
from govdisclose.readers.official import begins_part, names_column
from govdisclose.readers.stacked import Label, Parted, named
from govdisclose.readers.written import Piece

_SPREAD = 0.3  # heights of type by which edges that are aligned may differ
_TOUCH = 0.15  # of a head's width


@dataclass
class Column:
    """A column in the making: the pieces that stand in it, and how far they reach."""

    left: float
    right: float
    held: list[Piece] = field(default_factory=list)
    heads: list[Piece] = field(default_factory=list)

    def overlaps(self, piece: Piece | Label) -> bool:
        return piece.left < self.right and self.left < piece.right

    def shared(self, piece: Piece) -> float:
        """How much of a head stands over the column."""
        return (min(piece.right, self.right) - max(piece.left, self.left)) / max(0.1, piece.right - piece.left)

    def add(self, piece: Piece, head: bool) -> None:
        (self.heads if head else self.held).append(piece)
        self.left, self.right = min(self.left, piece.left), max(self.right, piece.right)

    def is_aligned(self, size: float) -> bool:
        """Whether its figures stand under one another, and so do the marks for none: a sheet sets numbers to the right, text to the left."""
        marks = [p for p in self.held if read_figure(p.text).state == NOT_APPLICABLE]
        return _aligned(self.held, size) or _aligned(marks, size) and _aligned([p for p in self.held if all(p is not mark for mark in marks)], size)


def _aligned(pieces: Sequence[Piece], size: float) -> bool:
    """Whether pieces stand under one another by their left edges, their middles or their right edges."""
    places = [(p.left, (p.left + p.right) / 2, p.right) for p in pieces]
    return not places or any(max(one) - min(one) <= _SPREAD * size for one in zip(*places, strict=True))


def columns_under(piece: Piece, columns: Sequence[Column]) -> list[Column]:
    """The columns that a head stands over, without those whose edge it only touches."""
    touched = [column for column in columns if column.overlaps(piece)]
    return touched if len(touched) < 2 else [c for c in touched if c.shared(piece) > _TOUCH] or touched


def heads_in(piece: Piece) -> tuple[Piece, ...]:
    """A piece, or its words where narrow gaps part the heads of several columns."""
    return piece.words if piece.words and not begins_part(piece.text) and all(begins_part(word.text) for word in piece.words) else (piece,)


def pair_heads(columns: list[Column], pieces: Sequence[Piece], size: float, parted: Parted) -> bool:
    """Set official heads over the columns, where only one way of aligning them does; whether there is one.

    A head over no figure makes a column that is blank throughout. Marks for none that stand by themselves at a head's
    left edge join the figures at the right edge of the same column.

    Parameters
    ----------
    columns : from the left; changed in place
    pieces : what stands above them
    size : height of type, points
    parted : whether a ruling line stands between two pieces, one above the other
    """
    labels = named(sorted(pieces, key=lambda p: (p.top, p.left)), size, parted)
    heads = sorted((label for label in labels if names_column(label.text)), key=lambda label: label.left)
    known = {id(piece) for label in labels for piece in label.pieces}
    if not heads or any(one.right >= other.left for one, other in zip(heads, heads[1:], strict=False)):
        return False
    if any(p.right > heads[0].left and id(p) not in known and "单位" not in p.text for p in pieces):
        return False  # the head of a column that the form does not know
    ways = {tuple(homes) for way in (_over, _to_the_right, _to_the_left, _centred) if (homes := way(columns, heads, size))}
    if len(ways) != 1:
        return False
    made = [Column(head.left, head.right) for head in heads]
    for column, home in zip(columns, ways.pop(), strict=True):
        for piece in column.held:
            made[home].add(piece, False)
    for column, head in zip(made, heads, strict=True):
        for piece in head.pieces:
            column.add(piece, True)
    columns[:] = made
    return True


Homes = list[int]


def _over(columns: Sequence[Column], heads: Sequence[Label], size: float) -> Homes:
    """The head that each column stands under; none where one stands under none or several, or two under one."""
    homes = []
    for column in columns:
        over = [n for n, head in enumerate(heads) if column.overlaps(head)]
        if len(over) != 1 or over[0] in homes:
            return []
        homes += over
    return homes


def _to_the_right(columns: Sequence[Column], heads: Sequence[Label], size: float) -> Homes:
    """Heads at the left edges of their columns, figures at the right edges."""
    lefts = [head.left - _SPREAD * size for head in heads]
    homes = [bisect_right(lefts, column.left) - 1 for column in columns]
    beyond = [n < 0 or n + 1 < len(heads) and column.right > heads[n + 1].left for n, column in zip(homes, columns, strict=True)]
    twice = [n for n in range(1, len(homes)) if homes[n] == homes[n - 1]]
    marks = all(all(read_figure(p.text).state == NOT_APPLICABLE for p in columns[n - 1].held) for n in twice)
    at_edge = all(abs(p.left - heads[homes[n]].left) <= _SPREAD * size for n in twice for p in columns[n - 1].held)
    return homes if not any(beyond) and marks and at_edge and len(twice) == len(homes) - len(set(homes)) else []


def _to_the_left(columns: Sequence[Column], heads: Sequence[Label], size: float) -> Homes:
    """Heads at the right edges of their columns, figures at the left edges."""
    rights = [head.right + _SPREAD * size for head in heads]
    homes = [sum(right < column.right for right in rights) for column in columns]
    beyond = [n == len(rights) or n > 0 and column.left < heads[n - 1].right for n, column in zip(homes, columns, strict=True)]
    return homes if not any(beyond) and len(set(homes)) == len(homes) else []


def _centred(columns: Sequence[Column], heads: Sequence[Label], size: float) -> Homes:
    """Heads in the middle of their columns, all figures at the right edges or all at the left: as many of the ones as of the others."""
    if len(columns) != len(heads):
        return []
    middles = [(head.left + head.right) / 2 for head in heads]
    right = all(middles[n] < column.right and (n + 1 == len(middles) or column.right < middles[n + 1]) for n, column in enumerate(columns))
    left = all(column.left < middles[n] and (n == 0 or middles[n - 1] < column.left) for n, column in enumerate(columns))
    return list(range(len(columns))) if right or left else []
