"""A straight page -> what is set on it: lines of words, cells of tables, and how sure each figure is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from govdisclose.readers.glyphs import BLURRED, CONTRADICTS, FITS, Glyphs
from govdisclose.readers.inked import Box
from govdisclose.readers.ocr import Read, Reader
from govdisclose.readers.picture import TYPE, Grey

ILLEGIBLE = "[不清]"  # ink that gives no text
_WORDS = re.compile(r"[^\W\d_一〇○a-zA-Z]|一.|.一")
_BY_SHAPE = 0.95  # how sure a bar is told by its shape, or a reading that the shapes bear out against another
_AMONG_WORDS = 0.85  # how sure a figure can be at most that is read among words (30件): its shapes are not looked at
_CLIPPED = 0.6  # how sure a figure can be at most that the ruling touches: an 8 may look like a 3
_BORNE_OUT = {FITS: 1.0, BLURRED: 0.93, CONTRADICTS: 0.3}  # how sure a reading can be at most
_POINTED = re.compile(r"\D?\d{1,3}(?:\.\d{3})+")
_POINT = 0.85  # how sure such a figure can be at most: what tells its point from a comma is a few dots
_FAINT = 30  # grey levels darker than paper: that may still be ink, where nothing darker is,
_DASH = 6  # dots; a hyphen's width


class Strip(NamedTuple):
    """A line of type on a page, in dots: left, top, right, bottom."""

    left: int
    top: int
    right: int
    bottom: int


class Page(NamedTuple):
    """A straight page in grey, and its ink (255) without ruling."""

    grey: Grey
    dark: Grey

    def cut(self, strip: Strip, above: float, beside: float, within: Box | None = None) -> Grey:
        """The strip with paper about it, in shares of its height; what lies beyond the page, or `within`, is paper."""
        low = max(0, round(0.8 * TYPE) - (strip.bottom - strip.top))  # a dash is read at the height of its line
        strip = strip._replace(top=strip.top - low // 2, bottom=strip.bottom + low // 2)
        up, side = (round(share * (strip.bottom - strip.top)) for share in (above, beside))
        high, wide = self.grey.shape
        edges = (within.left, within.top, within.right, within.bottom) if within else (0, 0, wide, high)
        left, top = max(strip.left - side, edges[0]), max(strip.top - up, edges[1])
        right, bottom = min(strip.right + side, edges[2]), min(strip.bottom + up, edges[3])
        missing = top - strip.top + up, strip.bottom + up - bottom, left - strip.left + side, strip.right + side - right
        return cv2.copyMakeBorder(self.grey[top:bottom, left:right], *missing, cv2.BORDER_CONSTANT, value=(255,))


class Text(NamedTuple):
    """What a cell says; `sure` (0 to 1) of a figure, None of words and of nothing."""

    text: str
    sure: float | None


def lines_of(dark: Grey, gap: float = 1.2) -> list[Strip]:
    """Lines of type of an area's ink, from the top down; type that stands `gap` of its height apart is not one line."""
    reach = np.ones((1, max(3, round(gap * TYPE))), np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, reach), connectivity=8)
    boxes = [(x, y, x + w, y + h) for x, y, w, h, area in stats[1:].tolist() if area >= 12 and h < 5 * TYPE]
    strips: list[list[int]] = []
    for x0, y0, x1, y1 in sorted(boxes, key=lambda b: (b[1] - b[3], b[0])):  # the tallest first: dots and dashes join them
        for strip in strips:
            level = min(y1, strip[3]) - max(y0, strip[1]) > 0.5 * (y1 - y0)
            if level and x0 - strip[2] < gap * TYPE and strip[0] - x1 < gap * TYPE:
                strip[:] = min(x0, strip[0]), min(y0, strip[1]), max(x1, strip[2]), max(y1, strip[3])
                break
        else:
            strips.append([x0, y0, x1, y1])
    return sorted((Strip(*strip) for strip in strips), key=lambda s: (s.top, s.left))


def _bands(dark: Grey, left: int, top: int) -> list[Strip]:
    """The lines inside a cell, one below the other: ink between rows without any."""
    rows = np.flatnonzero(dark.any(1))
    if not len(rows):
        return []
    cuts = np.flatnonzero(np.diff(rows) > 1)
    bands = [[int(rows[a]), int(rows[b])] for a, b in zip([0, *(cuts + 1)], [*cuts, len(rows) - 1], strict=True)]
    joined = [bands[0]]
    for first, last in bands[1:]:  # 二 is two bands, and so is i
        if last - joined[-1][0] < 1.12 * TYPE or first - joined[-1][1] < 0.08 * TYPE:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    strips = []
    for first, last in joined:
        columns = np.flatnonzero(dark[first : last + 1].any(0))
        strips.append(Strip(left + int(columns[0]), top + first, left + int(columns[-1]) + 1, top + last + 1))
    return [s for s in strips if s.bottom - s.top > 3 or len(strips) == 1 or s.right - s.left > TYPE // 3]


class _Ink(NamedTuple):
    """The ink inside a cell, where that stands on the page, and whether some of it may lie under the ruling."""

    dark: Grey
    left: int
    top: int
    clipped: bool


def _inside(page: Page, box: Box) -> _Ink:
    """The ink inside a cell, without what its ruling left along its edges."""
    dark = page.dark[box.top : box.bottom, box.left : box.right]
    if not dark.any():
        return _Ink(dark, box.left, box.top, False)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    high, wide = dark.shape
    x, y, w, h, area = stats.T
    at_side, at_end = (x <= 2) | (x + w >= wide - 2), (y <= 2) | (y + h >= high - 2)
    # What is left of a line goes along the cell; a 1 that stands close to it does not.
    left_over = (at_side & (w <= 8) & (h > 0.75 * high)) | (at_end & (h <= 8) & (w > 0.75 * wide))
    if high > 1.4 * TYPE:  # a streak of the scanner goes through
        left_over |= (w <= 5) & (h >= high - 2)
    keep = ~(left_over | ((at_side | at_end) & (area < 14)) | (area < 5))
    keep[0] = False
    clipped = keep & ((x == 0) | (y == 0) | (x + w == wide) | (y + h == high))
    return _Ink(keep[labels] * np.uint8(255), box.left, box.top, bool(clipped.any()))


def _faint(page: Page, box: Box) -> bool:
    """Whether an empty cell holds something too weak to count as ink, and too large to be dirt: a dash, a stroke."""
    grey = page.grey[box.top + 4 : box.bottom - 4, box.left + 4 : box.right - 4]
    if min(grey.shape) < 8:
        return False
    if _stands_out(cv2.GaussianBlur(grey, (5, 5), 0), 3, 9, 2):
        return True
    return _stands_out(cv2.morphologyEx(cv2.blur(grey, (3, 1)), cv2.MORPH_CLOSE, np.ones((1, _DASH), np.uint8)), _DASH, 2, 0)


def _stands_out(grey: Grey, wide: int, high: int, apart: int) -> bool:
    """Whether something of this size, so far `apart` from the sides, is darker than paper and its grain."""
    paper = float(np.median(grey))
    grain = float(np.median(np.abs(grey - paper)))
    weak = (grey < paper - max(_FAINT, 8 * grain)).astype(np.uint8)
    x, y, w, h, area = cv2.connectedComponentsWithStats(weak, connectivity=8)[2][1:].T
    inside = (x >= apart) & (y > 1) & (x + w <= weak.shape[1] - apart) & (y + h < weak.shape[0] - 1)
    return bool((inside & (w >= wide) & (h >= high) & (area >= min(30, wide * high))).any())


def read_cells(reader: Reader, page: Page, boxes: Sequence[Box]) -> list[Text]:
    """Read cells of tables, in their order."""
    inside = [_inside(page, box) for box in boxes]
    bands = [_bands(one.dark, one.left, one.top) for one in inside]
    strips = [(number, strip) for number, lines in enumerate(bands) for strip in lines]
    first = reader.figures([page.cut(strip, 0.16, 0.3, boxes[number]) for number, strip in strips])
    # A single character is looked at as a figure whatever it was read as: a full-width slash looks like 八.
    figures = [place for place, (words, _) in enumerate(first) if len(words.text) < 2 or not _WORDS.search(words.text)]
    second = reader.figures([_stretched(page.cut(strips[n][1], 0.3, 0.5, boxes[strips[n][0]])) for n in figures])
    again = {place: figure for place, (_, figure) in zip(figures, second, strict=True)}
    found: list[list[Read]] = [[] for _ in boxes]
    plain = [True] * len(boxes)
    for place, (number, strip) in enumerate(strips):
        words, figure = first[place]
        if place in again:
            settled = _settled(Glyphs(page.cut(strip, 0.1, 0.1, boxes[number])), figure, again[place])
            kept = words if _WORDS.search(words.text) and settled.text not in ("—", "/") else settled
            plain[number] &= kept is settled
            found[number].append(kept._replace(sure=min(kept.sure, _CLIPPED)) if inside[number].clipped else kept)
        else:
            plain[number] = False
            found[number].append(words)
    return [
        _text(page, box, reads, figure, lines)
        for box, reads, figure, lines in zip(boxes, found, plain, bands, strict=True)
    ]


def _stretched(line: Grey) -> Grey:
    return cv2.resize(line, None, fx=1.45, fy=1, interpolation=cv2.INTER_CUBIC)


def _text(page: Page, box: Box, reads: list[Read], figure: bool, lines: list[Strip]) -> Text:
    if not reads:
        return Text(ILLEGIBLE, 0.0) if not box.whole or _faint(page, box) else Text("", None)
    sure = min(read.sure for read in reads)
    if figure and not box.whole:
        return Text(ILLEGIBLE, 0.0)
    if not figure:
        text = "".join(read.text for read in reads)
        return Text(text, min(sure, _AMONG_WORDS) if any(c.isdigit() for c in text) else None)
    # A figure too long for its cell goes on below.
    full = box.right - box.left - (lines[0].right - lines[0].left) < 1.4 * TYPE or reads[0].text.endswith(",")
    text = ("" if full else "\n").join(read.text for read in reads)
    text = re.sub(r"^—(?=\d)", "-", text)
    if _POINTED.fullmatch(text):
        sure = min(sure, _POINT)
    return Text(text or ILLEGIBLE, sure if text else 0.0)


def _settled(glyphs: Glyphs, one: Read, other: Read) -> Read:
    """Two readings of a figure and the shapes of its ink as one: where they disagree, it is not sure."""
    fits = glyphs.agreement(one.text), glyphs.agreement(other.text)
    if glyphs.mark:  # specks may lie as a dash does: that must have been read as one, too
        bar = glyphs.mark == "/" or glyphs.mark == one.text == other.text
        return Read(glyphs.mark, _BY_SHAPE if bar else 0.6)
    if one.text == other.text:
        return Read(one.text, min(one.sure, other.sure, _BORNE_OUT[fits[0]]))
    fit, best = max(zip(fits, (one, other), strict=True), key=lambda pair: (_BORNE_OUT[pair[0]], pair[1].sure))
    return Read(best.text, min(best.sure, _BY_SHAPE if fit == FITS and fits[0] != fits[1] else 0.4))


def read_lines(reader: Reader, page: Page, strips: Sequence[Strip]) -> list[Read]:
    """Read lines of words."""
    return reader.words([page.cut(strip, 0.12, 0.25) for strip in strips])
