"""Characters by their places -> lines, pieces of lines, and the texts of cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from govdisclose.grid import LOST
from govdisclose.readers.drawn import Char

APART = 1.1  # heights of type that part two figures; digits of one may be spaced more widely than text
_LEVEL = 0.4  # of the size of type by which the middles of a line's characters may differ
_SAME = 0.12  # of the size of type by which most characters of one line differ, of two fonts
_MARK = 0.8  # of the usual size: type no larger is set to other type, as marks of notes are
_BLANK = 0.3  # heights of type between two words
MOST_DIGITS = 8  # of a figure that is written over two lines; two figures would be taken for a longer one
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_FIGURE = frozenset("0123456789０１２３４５６７８９.,，．/／+-＋－—–%％" + LOST)


_left = attrgetter("left")


class Piece(NamedTuple):
    """What stands together on a line, with its edges; `words`: its parts with narrower gaps between, where it has any."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    words: tuple[Piece, ...] = ()


class Written(NamedTuple):
    """A line of a cell: its text, and the texts of its parts that stand apart."""

    chars: list[Char]
    text: str
    parts: list[str]

    @property
    def width(self) -> float:
        return max(char.right for char in self.chars) - self.chars[0].left


def by_line(chars: Sequence[Char]) -> list[list[Char]]:
    """Characters as lines from the top, each from the left. Small ones stand on the line of what they are set to; turned ones in lines of their own."""
    if _is_one_line(chars):
        return [sorted(sorted(chars, key=_level), key=_left)]
    sizes = sorted(char.size for char in chars)
    usual = sizes[len(sizes) // 2] if sizes else 0.0
    lines: list[list[Char]] = []
    middles: list[float] = []
    last: dict[bool, int] = {}  # the lowest line of upright and of turned type
    small = [char for char in chars if char.size <= _MARK * usual]
    for char in sorted((char for char in chars if char.size > _MARK * usual), key=_level):
        own = char.size or char.bottom - char.top
        home = last.get(char.turned)
        if home is not None and abs(char.middle[1] - middles[home]) <= _LEVEL * max(lines[home][0].size, own):
            lines[home].append(char)
        else:
            last[char.turned] = len(lines)
            lines.append([char])
            middles.append(char.middle[1])
    for char in sorted(small, key=_left):
        at = char.middle[1]
        near = [n for n, middle in enumerate(middles) if abs(middle - at) <= 0.7 * lines[n][0].size]
        beside = near[0] if len(near) == 1 else min(near, key=lambda n: _gap(lines[n], char), default=None)
        if beside is not None and (abs(middles[beside] - at) <= _LEVEL * usual or _gap(lines[beside], char) < 0.6 * usual):
            lines[beside].append(char)
        else:
            lines.append([char])
            middles.append(at)
    order = sorted(range(len(lines)), key=lambda n: middles[n])
    found: list[list[Char]] = []
    for number in order:
        line = lines[number]
        if found and found[-1][0].turned == line[0].turned and abs(_usual_level(found[-1]) - _usual_level(line)) <= _SAME * line[0].size:
            found[-1].extend(line)  # one line, which a letter of the line before parted
        else:
            found.append(line)
    return [sorted(line, key=_left) for line in found]


def _gap(line: Sequence[Char], char: Char) -> float:
    """How far a character stands from the one of a line after which it could follow."""
    return min([abs(char.left - one.right) for one in line])


def _is_one_line(chars: Sequence[Char]) -> bool:
    """Whether all stand on one level in type of one size, as in most cells."""
    if len({(char.size, char.turned) for char in chars}) != 1 or not chars[0].size:
        return False
    levels = [char.top + char.bottom for char in chars]
    return (max(levels) - min(levels)) / 2 <= _LEVEL * chars[0].size


def _level(char: Char) -> float:
    """Twice the height of its middle."""
    return char.top + char.bottom


def _usual_level(line: Sequence[Char]) -> float:
    """The height at which most of a line stands."""
    return sorted(map(_level, line))[len(line) // 2] / 2


def pieces(line: Sequence[Char], cuts: Sequence[float] = ()) -> list[Piece]:
    """A line's parts: what a wide gap or a ruling line (`cuts`, their x) stands between."""
    high = _height(line)
    found = []
    for group in _apart(line, cuts, APART * high):
        words = _apart(group, (), _BLANK * high)
        found.append(_piece(group, tuple(map(_piece, words)) if len(words) > 1 else ()))
    return found


def written(chars: Sequence[Char]) -> list[Written]:
    """A cell's lines."""
    found = []
    for line in by_line(chars):
        text, groups = joined(line), _apart(line, (), APART * _height(line))
        found.append(Written(line, text, [text] if len(groups) == 1 else list(map(joined, groups))))
    return found


def _apart(line: Sequence[Char], cuts: Sequence[float], gap: float) -> list[list[Char]]:
    group = [line[0]]
    groups = [group]
    marked = any(char.text == "/" for char in line)
    for before, char in pairwise(line):
        if (
            char.left - before.right > gap
            or (marked and _is_mark_beside(before, char))
            or (cuts and any(before.middle[0] < x < char.middle[0] for x in cuts))
        ):
            group = [char]
            groups.append(group)
        else:
            group.append(char)
    return groups


def _is_mark_beside(one: Char, other: Char) -> bool:
    """Whether a slash that stands for none and a figure are of two cells, drawn apart with hardly a gap."""
    return one.item != other.item and "/" in (one.text, other.text) and (one.text + other.text).strip("/").isdigit()


def _piece(chars: Sequence[Char], words: tuple[Piece, ...] = ()) -> Piece:
    _, lefts, tops, rights, bottoms, sizes, *_ = zip(*chars, strict=True)
    return Piece(joined(chars), lefts[0], min(tops), max(rights), max(bottoms), max(sizes), words)


def _height(line: Sequence[Char]) -> float:
    return sorted([max(char.right - char.left, char.bottom - char.top) for char in line])[len(line) // 2]


def joined(line: Sequence[Char]) -> str:
    """A line's text: a gap is a blank, small raised digits are marks of notes."""
    text = line[0].text
    if len(line) == 1:
        return text
    size = _height(line)
    raised = _notes(line)
    if 0 in raised:
        text = text.translate(_RAISED)
    for number, (before, char) in enumerate(pairwise(line), 1):
        gap = char.left - before.right
        if gap > 0.45 * size and (gap > 0.9 * size or (before.text.isascii() and char.text.isascii())):
            text += " " if gap < 2.5 * size else "  "
        text += char.text.translate(_RAISED) if number in raised else char.text
    return text


def _notes(line: Sequence[Char]) -> frozenset[int]:
    """Which characters are marks of notes: digits smaller than those of the line, and above their middle."""
    if len({char.size for char in line}) == 1:
        return frozenset()
    digits = [char for char in line if char.text.isdigit()]
    if not digits or len(sizes := {round(char.size, 1) for char in digits}) < 2:
        return frozenset()
    most = max(sizes)
    main = [char for char in digits if char.size > 0.85 * most]
    foot = max(char.bottom for char in main) - 0.12 * most
    small = [n for n, char in enumerate(line) if char.text.isdigit() and char.size <= 0.85 * most and char.bottom < foot + 0.1 * most]
    bracketed = {n for n in small if any(line[m].text in "[](〔〕（）［］【】" for m in (n - 1, n + 1) if 0 <= m < len(line))}
    return frozenset(small) - bracketed


def is_figure(text: str) -> bool:
    """Whether a text is made of what figures are made of."""
    return bool(text) and _FIGURE.issuperset("".join(text.split()))


def cell_text(lines: Sequence[Written], room: float, widest: float) -> str:
    """A cell's text: wrapped lines put together. Two figures, or a figure in two parts, are parted by `LOST`.

    A figure goes on in the next line only where it fills its own: nearly as wide as the cell (`room`), and no line of
    the column is wider (`widest`).
    """
    text = ""
    if not any(is_figure(line.text) for line in lines):
        for line in lines:
            text = together(text, line.text)
        return text
    for number, line in enumerate(lines):
        one = line.text
        if len(line.parts) > 1 and any(map(is_figure, line.parts)):
            one = LOST.join(line.parts)
        if text:
            before = lines[number - 1]
            width, count = before.width, len(before.chars)
            step = width / count
            full = room - width < step + 12 and widest - width < 0.95 * step and count > 1
            goes_on = full and (text[-1].isdecimal() or text[-1] in ".．") and (one[0].isdecimal() or one[0] in ".,．，") and len(line.chars) < count
            if goes_on and sum(map(str.isdigit, text + one)) > MOST_DIGITS and "." not in text + one:
                goes_on = False
            note = not is_figure(one) or not is_figure(text)
            text = together(text, one) if goes_on or note else f"{text}{LOST}{one}"
        else:
            text = one
    return text


def together(one: str, other: str) -> str:
    """Two lines of one text."""
    latin = one[-1:].isascii() and one[-1:].isalpha() and other[:1].isascii() and other[:1].isalpha()
    return f"{one} {other}" if latin else one + other
