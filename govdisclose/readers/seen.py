"""Of the characters that a page of a PDF paints, those that can be seen: the page is drawn, and looked at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govdisclose.grid import LOST

if TYPE_CHECKING:
    from govdisclose.readers.drawn import Char
    from govdisclose.readers.ruling import Rule

DOTS = 1.5  # dots a point at which a page is drawn
MAX_DOTS = 6_000_000
FAINT = 8  # steps of grey, of 255, that no eye tells from paper
DARK = 70  # steps that ink of a figure has, and a watermark has not
_BAND = 32  # rows of dots that are compared at a time: all that is made on the way stays in the processor's cache
_BLEED = 0.75  # dots
_GLANCE = 12  # dots
_PART = 0.2  # share of a character's width that may be hidden before it could be taken for another
_LIGHT = 150  # grey from which type is a mark over the page,
_DARK, _DARK_WORDS = 0.3, 30  # where this share of the figures, or so many Chinese characters, are darker
_LARGER = 1.6  # times the usual size of type that no cell holds
_MARGIN = 3.0  # points inside a cell's edges that its ruling may take up
_LARGE = 0.4  # share of the page that a scan's pictures cover, over the text that was read off them
_PALE, _INK = 24, 0.0003  # steps that even pale ink has, and the share of a page's dots at its edges: some dozen characters
_STACKED = 500  # characters above one another, of a page that has more lines than any
_Box = tuple[float, float, float, float]


class Paint(NamedTuple):
    """A filled box or a picture: when it is painted, its edges, whether nothing shines through."""

    order: int
    left: float
    top: float
    right: float
    bottom: float
    opaque: bool
    picture: bool


@dataclass
class Sight:
    """The drawn page: from dot to dot, by how much grey changes."""

    scale: float
    grey: NDArray[Any]
    change: NDArray[Any]

    @classmethod
    def of(cls, page: Any, turned: int, wide: float, high: float) -> Sight:
        """Draw a page; `turned` (degrees), `wide` and `high` (points) as it is looked at."""
        scale = min(DOTS, (MAX_DOTS / max(wide * high, 1)) ** 0.5)
        drawn = page.render(scale=scale, grayscale=True, rotation=-page.get_rotation() % 360, draw_annots=False)
        grey = np.rot90(drawn.to_numpy().reshape(drawn.height, drawn.width).copy(), {90: -1, 180: 2, 270: 1}.get(turned, 0))
        drawn.close()
        return cls(scale, grey, _changes(grey))

    def shows(self, boxes: NDArray[Any]) -> list[bool]:
        """Whether anything stands out in characters' boxes of ink (left, top, right, bottom)."""
        left, top, right, bottom = boxes.T * self.scale
        # A neighbour's ink reaches half a dot over its edge: a character is looked at inside its own.
        inner = np.where(right - left > 3.5, _BLEED, -_BLEED)
        high, wide = self.change.shape
        y0, y1 = np.clip((np.trunc(top), np.trunc(bottom) + 2), 0, high).astype(int)
        x0, x1 = np.clip((np.trunc(left + inner) + 1, np.ceil(right - inner)), 0, wide).astype(int)
        filled = (y0 < y1) & (x0 < x1)
        # Nearly all show halfway down: only where one does not the whole of its box is looked at.
        halfway = np.minimum((y0 + y1) // 2, high - 1)[:, None], np.minimum(x0[:, None] + np.arange(_GLANCE), x1[:, None] - 1)
        shown = filled & (self.change[halfway] > FAINT).any(axis=1)
        for n in np.flatnonzero(filled & ~shown):
            shown[n] = self.change[y0[n] : y1[n], x0[n] : x1[n]].max() > FAINT
        found: list[bool] = shown.tolist()
        return found

    def without(self, across: Sequence[Rule], down: Sequence[Rule]) -> Sight:
        """The page without its ruling."""
        change = self.change.copy()
        for rules, dots in ((across, change), (down, change.T)):
            for rule in rules:
                at, start, end = (max(0, int(edge * self.scale)) for edge in rule)
                dots[max(0, at - 2) : at + 3, start : end + 2] = 0
        return Sight(self.scale, self.grey, change)

    @property
    def is_written(self) -> bool:
        """Whether there is so much ink that it may be type."""
        return float(np.mean(self.change > _PALE)) > _INK

    def is_edge(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether a line from corner to corner parts two shades: the edge of a box in the colour of the paper does not."""
        x0, y0, x1, y1 = (max(0, round(edge * self.scale)) for edge in (left, top, right, bottom))
        along = self.change[max(0, y0 - 1) : y1 + 2, max(0, x0 - 1) : x1 + 2].max(axis=0 if right - left > bottom - top else 1, initial=0)
        return along.size > 0 and float(np.mean(along > FAINT)) > 0.6

    def is_reversed(self, box: _Box) -> bool:
        """Whether the paper in a box is dark, so that light type stands out on it."""
        x0, y0, x1, y1 = (max(0, round(edge * self.scale)) for edge in box)
        paper = self.grey[y0 : y1 + 1, x0 : x1 + 1]
        return paper.size > 0 and float(np.median(paper)) < 200

    def differs(self, other: Sight, box: _Box) -> bool:
        """Whether anything in a box is drawn otherwise on another drawing of the page."""
        x0, y0, x1, y1 = (max(0, int(edge * self.scale)) for edge in (box[0] + 0.5, box[1], box[2] - 0.5, box[3]))
        one, two = (sight.grey[y0 : y1 + 1, x0 : x1 + 1].astype(int) for sight in (self, other))
        return int(np.abs(one - two).max(initial=0)) > FAINT

    def inked_at(self, char: Char) -> bool:
        """Whether something dark is drawn in a character's place."""
        x0, y0, x1, y1 = (max(0, round(edge * self.scale)) for edge in (char.left, char.top, char.right, char.bottom))
        return int(self.change[y0 : y1 + 1, x0 : x1 + 1].max(initial=0)) > DARK

    def inked(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether a cell without text is not empty: something dark is drawn well inside its edges."""
        x0, y0, x1, y1 = (max(0, round(e * self.scale)) for e in (left + _MARGIN, top + _MARGIN, right - _MARGIN, bottom - _MARGIN))
        return x1 > x0 + 1 and y1 > y0 + 1 and int(np.count_nonzero(self.change[y0:y1, x0:x1] > DARK)) > 5


def _changes(grey: NDArray[Any]) -> NDArray[Any]:
    """By how much each dot differs from the one before it and the one above it, whichever is more."""
    change = np.zeros(grey.shape, dtype=np.uint8)
    for top in range(0, len(grey), _BAND):
        first, end = max(top, 1), min(top + _BAND, len(grey))
        change[top:end, 1:] = _apart(grey[top:end, 1:], grey[top:end, :-1])
        np.maximum(change[first:end], _apart(grey[first:end], grey[first - 1 : end - 1]), out=change[first:end])
    return change


def _apart(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """By how much numbers without a sign differ."""
    differ: NDArray[Any] = np.maximum(one, other)
    differ -= np.minimum(one, other)
    return differ


def only_seen(
    chars: Sequence[Char],
    inks: NDArray[Any],
    clips: Sequence[_Box | None],
    paints: Sequence[Paint],
    sight: Sight,
    bare: Sight | None,
    across: Sequence[Rule],
    down: Sequence[Rule],
    wide: float,
    high: float,
) -> list[Char]:
    """Given characters as painted, return those that are seen; `LOST` for what is seen and could be another.

    Parameters
    ----------
    inks, clips : of each character the edges of its ink (a row), and what it is clipped to
    paints : what is painted over
    sight, bare : the page, and where pictures cover much of it, the page without its text
    across, down : the page's ruling
    wide, high : the page's size, points
    """
    if not chars:
        return []
    page = (0.0, 0.0, wide, high)
    on_page = _shares(inks, np.array(page))
    clipped = np.array([clip is not None for clip in clips])
    parts = np.minimum(on_page, np.where(clipped, _shares(inks, np.array([clip or page for clip in clips])), 1.0))
    open_to_sight = parts > _PART
    shown = iter(sight.shows(inks[open_to_sight]))
    found: list[Char] = []
    hiding: list[tuple[Char, _Box]] = []  # not seen themselves, though something is seen in their place
    cut: Char | None = None  # the last character that its clip or the page's edge hides
    covers = [paint for paint in paints if paint.opaque]
    times = [paint.order for paint in covers]
    for char, ink, part, is_open in zip(chars, zip(*inks.T.tolist(), strict=True), parts.tolist(), open_to_sight.tolist(), strict=True):
        if not is_open:
            if found and _go_on(found[-1], char):
                found[-1] = found[-1]._replace(text=LOST)
            cut = char
            if _share(ink, page) > 1 - _PART and (sight.differs(bare, ink) if bare else sight.shows(np.array([ink]))[0]):
                hiding.append((char, ink))
            continue
        if not next(shown):
            continue
        if part < 1 - _PART or (cut is not None and _go_on(cut, char)):
            char = char._replace(text=LOST)
        if char.grey > 100 and sight.is_reversed(ink):
            char = char._replace(grey=0)
        hidden = _hidden(ink, covers[bisect_right(times, char.item) :], sight, bare) if times and times[-1] > char.item else 0.0
        if hidden < 1 - _PART:
            found.append(char if hidden <= _PART else char._replace(text=LOST))
    if not hiding:
        return found
    # Of two like characters on one place the library tells but one, perhaps that which is not seen.
    places = {(round(x / 2) + i, round(y / 4) + j) for one in found for x, y in [one.middle] for i in (-1, 0, 1) for j in (-1, 0, 1)}
    alone = [(one, ink) for one, ink in hiding if one.text.isdigit() and (round(one.middle[0] / 2), round(one.middle[1] / 4)) not in places]
    if not alone:
        return found
    shows = sight.without(across, down).shows(np.array([ink for _, ink in alone]))
    return found + [one._replace(text=LOST) for (one, _), is_shown in zip(alone, shows, strict=True) if is_shown]


def _hidden(ink: _Box, covers: Sequence[Paint], sight: Sight, bare: Sight | None) -> float:
    """How much of a character's width what is painted over it hides."""
    hidden = 0.0
    x, y = (ink[0] + ink[2]) / 2, (ink[1] + ink[3]) / 2
    for paint in covers:
        if not (paint.left < ink[2] and ink[0] < paint.right and paint.top < y < paint.bottom):
            continue
        if paint.picture and bare is None:
            hidden = max(hidden, 0.5 if paint.left < x < paint.right else 0.0)
            continue
        share = _share(ink, (paint.left, -1e9, paint.right, 1e9))
        # A picture's own clearness is not told: whether text shines through is seen.
        if not (paint.picture and bare and share > 1 - _PART and sight.differs(bare, ink)):
            hidden = max(hidden, share)
    return hidden


def is_pictured(paints: Sequence[Paint], wide: float, high: float) -> bool:
    """Whether pictures, one or in pieces, cover so much of a page that it may be a scan."""
    sizes = (max(0.0, min(p.right, wide) - max(p.left, 0)) * max(0.0, min(p.bottom, high) - max(p.top, 0)) for p in paints if p.picture)
    return sum(sizes) > _LARGE * wide * high


def beside_pictures(chars: Sequence[Char], bare: Sight) -> list[Char]:
    """Characters of a page with pictures; a digit that stands on ink of the page without text (`bare`) may not be what is seen."""
    return [char._replace(text=LOST) if not is_word(char.text) and bare.inked_at(char) else char for char in chars]


def _go_on(one: Char, other: Char) -> bool:
    """Whether two characters are digits of one figure: hiding one of them leaves another figure."""
    apart = other.left - one.right
    return one.item == other.item and one.text.isdigit() and other.text.isdigit() and abs(apart) < 0.3 * one.size and abs(one.top - other.top) < 1


def _share(ink: _Box, box: _Box) -> float:
    """How much of a box of ink lies in another box."""
    across = (min(ink[2], box[2]) - max(ink[0], box[0])) / max(ink[2] - ink[0], 0.01)
    down = (min(ink[3], box[3]) - max(ink[1], box[1])) / max(ink[3] - ink[1], 0.01)
    return max(0.0, min(across, 1.0)) * max(0.0, min(down, 1.0))


def _shares(inks: NDArray[Any], boxes: NDArray[Any]) -> NDArray[Any]:
    """The same of many boxes of ink (rows), in one box or each in its own."""
    sizes = np.maximum(inks[:, 2:] - inks[:, :2], 0.01)
    shares = np.clip((np.minimum(inks[:, 2:], boxes[..., 2:]) - np.maximum(inks[:, :2], boxes[..., :2])) / sizes, 0.0, 1.0)
    both: NDArray[Any] = shares[:, 0] * shares[:, 1]
    return both


def each_once(chars: Sequence[Char]) -> list[Char]:
    """What is printed twice to look bold counts once; two characters on one place cannot be read."""
    kept: list[Char] = []
    spots: dict[int, tuple[float, float, float]] = {}  # of some of those kept: their middle, and how high they are
    near: dict[tuple[int, int], list[int]] = defaultdict(list)
    for char, is_close in zip(chars, _close(chars), strict=True):
        if not is_close:
            kept.append(char)
            continue
        (x, y), high = char.middle, char.bottom - char.top
        column, row = int(x / 8), int(y / 8)
        double = False
        for at in [at for i in (-1, 0, 1) for j in (-1, 0, 1) for at in near.get((column + i, row + j), ())]:
            ox, oy, other_high = spots[at]
            size = max(high, other_high, 1.0)
            if abs(y - oy) > 0.25 * size or abs(x - ox) > 0.15 * size:
                continue
            other = kept[at]
            if char.text == other.text:
                double = True
            elif char.item != other.item and abs(x - ox) < 0.3 * max(char.right - char.left, other.right - other.left):
                kept[at] = other._replace(text=LOST)
                double = True
            if double:
                break
        if not double:
            near[column, row].append(len(kept))
            spots[len(kept)] = x, y, high
            kept.append(char)
    return kept


def _close(chars: Sequence[Char]) -> list[bool]:
    """Which characters have another so near that it might stand on the same place, as few have."""
    if not chars:
        return []
    boxes = np.array([char[1:5] for char in chars])
    order = np.argsort(boxes[:, 0] + boxes[:, 2])
    left, top, right, bottom = boxes[order].T
    x, y, high = (left + right) / 2, (top + bottom) / 2, np.maximum(bottom - top, 1.0)
    close = np.zeros(len(chars), dtype=bool)
    for step in range(1, min(len(chars), _STACKED + 1)):
        apart = x[step:] - x[:-step]
        if not (apart <= 0.16 * high.max()).any():
            break
        size = np.maximum(high[step:], high[:-step])
        pairs = (apart <= 0.16 * size) & (np.abs(y[step:] - y[:-step]) <= 0.26 * size)
        close[order[step:][pairs]] = close[order[:-step][pairs]] = True
    else:
        close |= len(chars) > _STACKED  # so many above one another that it is not worth while
    found: list[bool] = close.tolist()
    return found


def is_word(char: str) -> bool:
    """Whether a character says the same whichever way its line runs: Chinese is also set downwards."""
    return not (char.isascii() or char.isdigit())


def without_marks(chars: Sequence[Char]) -> list[Char]:
    """Characters without marks over the page, such as of a draft: type that lies askew and is large, or light beside the rest."""
    sizes = sorted(char.size for char in chars)
    usual = sizes[len(sizes) // 2] if sizes else 0.0
    if all(char.grey < _LIGHT for char in chars):
        return [char for char in chars if char.text != LOST or char.size <= _LARGER * usual]
    words = [char for char in chars if is_word(char.text)]
    figures = [char for char in chars if not is_word(char.text)]
    marked = sum(c.grey < _LIGHT for c in words) > _DARK_WORDS and any(c.grey >= _LIGHT for c in words)
    doubtful = marked or sum(c.grey < _LIGHT for c in figures) > _DARK * len(figures)
    found = []
    for char in chars:
        if char.text == LOST and char.size > _LARGER * usual:
            continue
        if char.grey >= _LIGHT and marked and is_word(char.text):
            continue
        if char.grey >= _LIGHT and doubtful and not is_word(char.text):
            char = char._replace(text=LOST)  # or is it a figure?
        found.append(char)
    return found


def without_strokes(chars: Sequence[Char], across: Sequence[Rule]) -> list[Char]:
    """Characters with a mark for digits that a line runs through: struck out, they do not count, or do they?"""
    rules = sorted(across)
    ats = [rule.at for rule in rules]
    found = []
    for char in chars:
        if char.text.isdigit():
            x, high = char.middle[0], char.bottom - char.top
            low, top = bisect_left(ats, char.top + 0.3 * high), bisect_right(ats, char.bottom - 0.3 * high)
            if any(rule.start <= x <= rule.end for rule in rules[low:top]):
                char = char._replace(text=LOST)
        found.append(char)
    return found
