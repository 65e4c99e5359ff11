"""Lines of labels, one under another -> labels: which lines are one, in tables that no ruling parts."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from govdisclose.readers.official import begins_part, names_part
from govdisclose.readers.written import Piece, together
from govdisclose.words import label_key

_FAR = 3.0  # heights of type between two lines that cannot be of one label
_LINES = 30  # of one label
_PAGE = 100.0  # points between two lines that only a page's end puts there
_MARKS = (",", "，", "、", ";", "；", "。", ")", "）")  # with which no label begins
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

    @property
    def left(self) -> float:
        return min(piece.left for piece in self.pieces)

    @property
    def right(self) -> float:
        return max(piece.right for piece in self.pieces)


def labels_of(pieces: Sequence[Piece], size: float, parted: Parted, rows: Sequence[float]) -> list[Label]:
    """Given lines of labels from the top, return the labels: as many official ones as can be, and the rest by lines that stand close.

    Parameters
    ----------
    size : height of type, points
    parted : whether a ruling line stands between two lines
    rows : y of the rows of figures, of which a label has one
    """
    if not pieces:
        return []
    gaps = sorted({round(gap, 1) for one, other in _neighbours(pieces) if (gap := other.top - one.bottom) < _FAR * size})
    most = [-1e9, *(gap + 0.06 for gap in gaps[:12])]
    known = named(pieces, size, parted)
    taken = {id(piece) for label in known for piece in label.pieces}
    ways = [_blocks(pieces, gap, parted) for gap in most]
    ways += [[*known, *_blocks(pieces, gap, parted, taken)] for gap in most]

    def worth(label: Label) -> int:
        return 2 if names_part(label.text) else -max(1, sum(label.top <= y <= label.bottom for y in rows))

    return sorted(max(ways, key=lambda labels: sum(map(worth, labels))), key=lambda label: label.top)


def _neighbours(pieces: Sequence[Piece]) -> list[tuple[Piece, Piece]]:
    """Each piece with the next below that stands under it."""
    found = []
    for number, one in enumerate(pieces):
        for other in pieces[number + 1 : number + 12]:
            if other.top > one.top + 0.1 and one.left < other.right and other.left < one.right:
                found.append((one, other))
                break
    return found


def _blocks(pieces: Sequence[Piece], most: float, parted: Parted, taken: Container[int] = ()) -> list[Label]:
    """Lines with no more than so much between them, as labels; without those that are of one already."""
    free = [(one, other) for one, other in _neighbours(pieces) if id(one) not in taken and id(other) not in taken]
    below = {id(one): other for one, other in free if other.top - one.bottom <= most and not parted(one, other)}
    over = {id(other) for other in below.values()}
    found = []
    for piece in pieces:
        if id(piece) in over or id(piece) in taken:
            continue
        held = [piece]
        while (after := below.get(id(held[-1]))) is not None and after not in held:
            held.append(after)
        found.append(Label(held))
    return _over_page(found)


def named(pieces: Sequence[Piece], size: float, parted: Parted) -> list[Label]:
    """Labels where lines of one stand no closer than those of two: lines one under another that make an official one."""
    under = {id(piece): _under(pieces, number, size, parted) for number, piece in enumerate(pieces)}
    found: list[list[Piece]] = []

    def go_on(held: list[Piece], text: str) -> None:
        if names_part(text):
            found.append(held)
        if len(held) < _LINES and begins_part(text):
            for after in under[id(held[-1])]:
                whole = together(text, after.text)
                if label_key(whole) != label_key(text) or after.text.startswith((")", "）")):
                    go_on([*held, after], whole)

    for piece in pieces:
        if not piece.text.startswith(_MARKS):
            go_on([piece], piece.text)
    taken: set[int] = set()
    labels = []
    for held in sorted(found, key=len, reverse=True):
        if taken.isdisjoint(map(id, held)):
            taken.update(map(id, held))
            labels.append(Label(held))
    return labels


def _under(pieces: Sequence[Piece], number: int, size: float, parted: Parted) -> list[Piece]:
    """The pieces that stand next under one, each of which its label may go on with."""
    one = pieces[number]
    found: list[Piece] = []
    for other in pieces[number + 1 :]:
        gap = other.top - one.bottom
        if _FAR * size < gap < _PAGE or len(found) > 2:
            break
        beside = other.top > one.top + 0.1 and one.left < other.right and other.left < one.right
        if beside and (gap >= _PAGE or not parted(one, other)) and not any(other.left < f.right and f.left < other.right for f in found):
            found.append(other)
    return found


def _over_page(labels: list[Label]) -> list[Label]:
    """Labels that a page's end cuts in two, put together where only both together are an official one."""
    found: list[Label] = []
    for label in labels:
        before = found[-1] if found else None
        if before is not None and label.top - before.bottom > _PAGE and not (names_part(before.text) and names_part(label.text)):
            whole = Label([*before.pieces, *label.pieces])
            if names_part(whole.text):
                found[-1] = whole
                continue
        found.append(label)
    return found
