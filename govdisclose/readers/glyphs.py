"""The ink of a figure -> what its shapes say about a reading of it: how many digits, points, strokes there are.

The recogniser is blind in places and sure all the same: it drops points, folds 11 into 1, takes a slash for a 1. Counting
shapes is blind in other places, so that a wrong figure would have to deceive both.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import cv2
import numpy as np

from govdisclose.readers.picture import TYPE, Grey

FITS, BLURRED, CONTRADICTS = "fits", "blurred", "contradicts"

_FINER = 2  # times that a line is enlarged
_LEVELS = (185, 140, 95)  # what is darker is ink: digits that touch on one level are apart on the next
_GROUPED = re.compile(r"\D?\d{1,3}(?:[.,]\d{3})+(?:\.\d+)?")
_LEANS = 0.21  # more than a 1 does in any type, slanted ones included, and less than a slash
_NARROW, _BROAD = 0.48, 0.98  # widths of a digit with the blank beside it, in heights


class _Shape(NamedTuple):
    """A connected piece of ink: its width and height, its top in the line, whether it is a slanting bar, how far it leans."""

    left: int
    wide: int
    top: int
    high: int
    slash: bool
    lean: float


class _Count(NamedTuple):
    """What a line's ink consists of: tall shapes from the left, points at the foot, dashes, and what is none of these."""

    tall: list[_Shape]
    points: list[_Shape]
    dashes: int
    rest: int


def _slash(piece: Grey) -> bool:
    """Whether a piece of ink is one straight slanting stroke, which a 1 is not: that is upright, or has a flag or foot."""
    high = piece.shape[0]
    rows = piece.sum(1, dtype=float) / 255
    if high < TYPE // 2 or not rows.all():
        return False
    centres = (piece.astype(float) / 255 * np.arange(piece.shape[1])).sum(1) / rows
    extents = [int(np.ptp(np.flatnonzero(row))) + 1 for row in piece]
    if sum(extents) > 1.2 * rows.sum():  # hollow, as a 0
        return False
    slope, start = np.polyfit(np.arange(high), centres, 1)
    stray = np.abs(centres - (slope * np.arange(high) + start)).max()
    return bool(slope < -0.18 and stray < 0.07 * high and rows.max() < 1.7 * np.median(rows) + 1)


def _lean(piece: Grey) -> float:
    """How far the rows of a piece of ink lie to the right of those below them, in dots a row; that of a 1 is small."""
    y, x = np.nonzero(piece)
    across, down = x - x.mean(), y - y.mean()
    return -float((across * down).sum() / max((down * down).sum(), 1))


def _count(grey: Grey, level: int) -> _Count:
    """The shapes of a line's ink; pieces above one another are one shape."""
    dark = (grey < level) * np.uint8(255)
    number, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    shapes: list[_Shape] = []
    for one in sorted(range(1, number), key=lambda n: int(stats[n, 0])):
        x, y, w, h, area = (int(n) for n in stats[one])
        if area < 5 * _FINER**2:
            continue
        piece = (labels[y : y + h, x : x + w] == one) * np.uint8(255)
        shape = _Shape(x, w, y, h, _slash(piece), _lean(piece))
        last = shapes[-1] if shapes else None
        if last and min(last.left + last.wide, x + w) - x > 0.5 * min(last.wide, w):
            top, bottom = min(last.top, y), max(last.top + last.high, y + h)
            shapes[-1] = _Shape(last.left, max(last.left + last.wide, x + w) - last.left, top, bottom - top, False, 0.0)
        else:
            shapes.append(shape)
    if not shapes:
        return _Count([], [], 0, 0)
    high = max(max(s.top + s.high for s in shapes) - min(s.top for s in shapes), round(0.5 * TYPE * _FINER))
    foot = max(s.top + s.high for s in shapes) - high
    dashes = [s for s in shapes if s.wide > 1.6 * s.high and s.high < 0.3 * high and s.wide > 0.2 * TYPE * _FINER]
    tall = [s for s in shapes if s.high > 0.62 * high]
    points = [s for s in shapes if s not in dashes and s.top - foot > 0.55 * high and s.wide < 0.42 * high]
    return _Count(tall, points, len(dashes), len(shapes) - len(dashes) - len(tall) - len(points))


def _inside(point: _Shape, digit: _Shape) -> bool:
    return digit.left <= point.left + point.wide / 2 <= digit.left + digit.wide


def _evenly_set(tall: list[_Shape], text: str) -> bool:
    """Whether digits follow one another evenly: where a point has been lost, they stand apart."""
    after = "".join("." if c in ".," else "0" for c in text.strip("—-+%"))
    digits = [at for at, c in enumerate(after) if c == "0"]
    parted = [at for at in range(1, len(digits)) if digits[at] - digits[at - 1] > 1]
    middles = [s.left + s.wide / 2 for s in tall]
    steps = [b - a for at, (a, b) in enumerate(zip(middles, middles[1:], strict=False), 1) if at not in parted]
    if len(steps) > 1:
        return max(steps) < 1.28 * min(steps)
    return not steps or steps[0] < 1.02 * max(s.high for s in tall)


def _marks_fit(count: _Count, text: str) -> bool:
    """Whether the point of 1.234 stands on the line, or the comma of 1,234 reaches below it: the one is not the other."""
    if not _GROUPED.fullmatch(text) or not count.tall:
        return True
    foot = float(np.median([s.top + s.high for s in count.tall]))
    high = max(s.high for s in count.tall)
    for shape, mark in zip(count.points, (c for c in text if c in ".,"), strict=True):
        below = shape.top + shape.high - foot
        if below < 0.09 * high if mark == "," else below > 0.05 * high or shape.high > 1.2 * shape.wide + 1:
            return False
    return True


class Glyphs:
    """The shapes of a figure's ink, in a line of grey with nothing else in it."""

    def __init__(self, grey: Grey) -> None:
        finer = cv2.resize(grey, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_CUBIC)
        counts = [_count(finer, level) for level in _LEVELS]
        # What is a point on one level, and inside a digit on a lighter one, has come off that digit.
        whole = [s for s in counts[0].tall if s.wide < _BROAD * s.high]
        self.counts = [
            count._replace(points=[p for p in count.points if not any(_inside(p, s) for s in whole)]) for count in counts
        ]

    @property
    def mark(self) -> str:
        """"—" or "/" where the ink is nothing but one level or slanting bar, else ""."""
        tall, points, dashes, rest = self.counts[0]
        if points or rest or len(tall) + dashes != 1:
            return ""
        return "—" if dashes else "/" if tall[0].slash else ""

    def agreement(self, text: str) -> str:
        """Given a reading of the ink, return whether its shapes bear it out.

        `FITS`, `CONTRADICTS`, or `BLURRED` where digits run together and could be so many.
        """
        digits = [c for c in text if c.isdigit() or c == "/"]
        wanted = [c == "/" for c in digits]
        signs = sum(c in "—-" for c in text)
        clearest = max(self.counts, key=lambda count: len(count.points))
        if len(clearest.points) != sum(c in ".," for c in text) or not _marks_fit(clearest, text):
            return CONTRADICTS
        whole = [c for c in self.counts if not c.rest and c.dashes == signs]
        if digits == ["1"] and any(len(c.tall) == 1 and c.tall[0].lean > _LEANS for c in whole):
            return CONTRADICTS
        for count in whole:
            if [s.slash for s in count.tall] == wanted and all(s.wide < _BROAD * s.high for s in count.tall):
                return FITS if _evenly_set(count.tall, text) else CONTRADICTS
        for count in whole:
            least = sum(max(1, round(s.wide / s.high / _BROAD)) for s in count.tall)
            most = sum(max(1, round(s.wide / s.high / _NARROW)) for s in count.tall if s.wide >= _BROAD * s.high)
            most += sum(s.wide < _BROAD * s.high for s in count.tall)
            bars = any(wanted) or any(s.slash for s in count.tall)
            if least <= len(wanted) <= most and not bars:
                return BLURRED
        return CONTRADICTS
