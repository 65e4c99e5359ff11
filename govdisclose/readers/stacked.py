"""Lines of labels, one under another -> labels: which lines are one, in tables that no ruling parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from govdisclose.readers.official import names_part
from govdisclose.readers.written import Piece, together

_FAR = 3.0  # heights of type between two lines that cannot be of one label
_LINES = 30  # of one label
Parted = Callable[[Piece, Piece], bool]


@dataclass
class Label:
    """Lines of one label."""

    pieces: list[Piece]

    @property
    def text(self) -> str:
        text = ""
        for piece in self.pieces:
            text = together(text, piece.text)
        return text

    @property
    def top(self) -> float:
        return self.pieces[0].top

    @property
    def bottom(self) -> float:
        return self.pieces[-1].bottom


def labels_of(pieces: Sequence[Piece], size: float, parted: Parted) -> list[Label]:
    """Given lines of labels from the top, return the labels: lines that stand closer than rows do, so that most are official ones.

    Parameters
    ----------
    size : height of type, points
    parted : whether a ruling line stands between two lines
    """
    if not pieces:
        return []
    gaps = sorted({round(gap, 1) for one, other in _neighbours(pieces) if (gap := other.top - one.bottom) < _FAR * size})
    ways = [_blocks(pieces, gap, parted) for gap in (-1e9, *(gap + 0.06 for gap in gaps[:12]))]
    ways.append(_words(pieces, size, parted))
    return max(ways, key=lambda labels: sum(2 if names_part(label.text) else -1 for label in labels))


def _neighbours(pieces: Sequence[Piece]) -> list[tuple[Piece, Piece]]:
    """Each piece with the next below that stands under it."""
    found = []
    for number, one in enumerate(pieces):
        for other in pieces[number + 1 : number + 12]:
            if other.top > one.top + 0.1 and one.left < other.right and other.left < one.right:
                found.append((one, other))
                break
    return found


def _blocks(pieces: Sequence[Piece], most: float, parted: Parted) -> list[Label]:
    below = {id(one): other for one, other in _neighbours(pieces) if other.top - one.bottom <= most and not parted(one, other)}
    over = {id(other) for other in below.values()}
    found = []
    for piece in pieces:
        if id(piece) in over:
            continue
        held = [piece]
        while (after := below.get(id(held[-1]))) is not None and after not in held:
            held.append(after)
        found.append(Label(held))
    return _over_page(found)


def _words(pieces: Sequence[Piece], size: float, parted: Parted) -> list[Label]:
    """Labels where lines of one stand no closer than those of two: as many lines as make an official one."""
    found = []
    for label in _blocks(pieces, _FAR * size, parted):
        rest = label.pieces
        while rest:
            ends = (end for end in range(min(len(rest), _LINES), 0, -1) if names_part("".join(p.text for p in rest[:end])))
            end = next(ends, 1)
            found.append(Label(rest[:end]))
            rest = rest[end:]
    return found


def _over_page(labels: list[Label]) -> list[Label]:
    """Labels that a page's end cuts in two, put together where only both together are an official one."""
    found: list[Label] = []
    for label in labels:
        before = found[-1] if found else None
        if before is not None and label.top - before.bottom > 100 and not (names_part(before.text) and names_part(label.text)):
            whole = Label([*before.pieces, *label.pieces])
            if names_part(whole.text):
                found[-1] = whole
                continue
        found.append(label)
    return found
