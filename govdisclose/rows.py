"""A row of the form with the figures found for it, and the usual ways in which they are as many as its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from govdisclose.forms import Row
from govdisclose.grid import DOUBTFUL, PAD, SOFT
from govdisclose.headings import Headings
from govdisclose.labels import VALUE, Token
from govdisclose.numbers import NUMBER, UNREADABLE, Figure, read_figure
from govdisclose.pairing import core
from govdisclose.runs import Mark, is_empty
from govdisclose.seats import EXTRA

_HEAD, _GROUP = re.compile(r"[1-9]\d{0,2}(?: \d{3})*"), re.compile(r"\d{3}")
_FEW = 3  # rows that are too few to show how a text is spaced
_MOST_PIECES = 24  # beyond, the ways to join them are too many


@dataclass(slots=True)
class RowFigures:
    """A row of the form with the figures found for it. `cells` is filled where they are as many as the columns."""

    row: Row
    found: list[Mark]
    cells: list[Mark | None] | None = None
    extra: list[Mark] = field(default_factory=list)
    split: bool = False
    whole: bool = True
    named: bool = True  # a label stands in the row itself
    unsure: str = ""  # why its cells are read with doubt


def spread(marks: list[Mark], wanted: int) -> tuple[list[Mark], bool]:
    """Figures that blanks part within one text: one figure, or several, whichever gives as many as wanted.

    Returns the marks and whether digits had to be taken apart that stand joined (`规章012`).
    """
    flat = next((m for m in marks if m.token.flat), None)
    if flat is not None and wanted > 1 and len(sure_of(marks)) == 1:
        digits = flat.token.text
        if len(digits) == wanted and digits.isascii() and digits.isdecimal() and (wanted <= 3 or not digits.strip("0")):
            figures = [Figure(int(digit), NUMBER) for digit in digits]
            return [Mark(Token(VALUE, d, f), flat.place, flat.line) for d, f in zip(digits, figures, strict=True)], True
        return [Mark(Token(VALUE, digits, Figure(None, UNREADABLE)), flat.place, flat.line)], True
    if not any(m.token.parts for m in marks):
        return marks, False
    if len(sure_of(marks)) == wanted:
        # One text for each column. The same figure over and over is a merged cell written out.
        return [
            Mark(Token(VALUE, m.token.text.split()[0], m.token.parts[0]), m.place, m.line)
            if len(set(m.token.parts)) == 1 and len(m.token.parts) > 1
            else m
            for m in marks
        ], False
    out: list[Mark] = []
    for mark in marks:
        pieces = mark.token.text.split() if mark.token.parts else []
        if pieces:
            out.extend(
                Mark(Token(VALUE, piece, figure), mark.place, mark.line)
                for piece, figure in zip(pieces, mark.token.parts, strict=True)
            )
        else:
            out.append(mark)
    return out, False


def _ways(marks: Sequence[Mark], surplus: int) -> Iterator[list[Mark]]:
    """The ways to join `surplus` figures of three digits to those before them, of which a blank may part them."""
    if not surplus:
        yield list(marks)
        return
    for i in range(1, len(marks)):
        first, rest = marks[i - 1], marks[i]
        if first.place == rest.place and _GROUP.fullmatch(rest.token.text) and _HEAD.fullmatch(first.token.text):
            text = f"{first.token.text} {rest.token.text}"
            joined = Mark(Token(VALUE, text, read_figure(text)), first.place, first.line)
            # What was joined may go on (1 234 567), what stands before it is settled.
            yield from ([*marks[: i - 1], *way] for way in _ways([joined, *marks[i + 1 :]], surplus - 1))


def join_thousands(group: list[RowFigures]) -> None:
    """Rows of one block, written without bars, that have too many figures because blanks part their thousands.

    Only where all rows too long can be so; where nothing tells which blank is one, the row is left open.
    """
    joined: list[tuple[RowFigures, list[list[Mark]]]] = []
    for line in group:
        marks = sure_of(line.found)
        surplus = len(marks) - len(line.row.slots)
        if surplus <= 0 or line.cells is not None or len(marks) > _MOST_PIECES:
            continue
        ways = list(_ways(marks, surplus))
        if not ways:
            return
        if len(ways) > 1 and line.row.slots[-1].column == "total":
            values = [[mark.token.figure.value or 0 if mark.token.figure else 0 for mark in way] for way in ways]
            ways = [way for way, own in zip(ways, values, strict=True) if sum(own[:-1]) == own[-1]] or ways
        joined.append((line, ways))
    for line, ways in joined:
        line.split = True
        if len(ways) == 1:
            line.found = ways[0]
        else:
            line.cells = [None] * len(line.row.slots)


def _without_half(marks: list[Mark]) -> list[Mark]:
    """Doubtful empty cells, two for each empty cell of the table, made one."""
    out: list[Mark] = []
    count = 0
    for mark in marks:
        count = count + 1 if mark.token.doubt == SOFT else 0
        if not count or count % 2:
            out.append(mark)
    return out


def strip_empty(group: list[RowFigures], widths: set[int], order: list[str | None]) -> None:
    """Take off the empty cells that merged labels leave before and after the figures of a row.

    Not where the heading names as many columns as the row has cells: there an empty cell is a column of its own.
    """
    wanted = len(group[0].row.slots)
    for width in [w for w in widths if w > wanted and w != len(order)]:
        rows = [line for line in group if len(sure_of(line.found)) == width]
        surplus = width - wanted
        leading = all(is_empty(m) for line in rows for m in sure_of(line.found)[:surplus])
        for line in rows:
            sure = sure_of(line.found)
            if line.whole and line.found[-1].token.doubt == SOFT and not is_empty(sure[-1]):
                continue  # an empty cell may end the row: then more are to be taken off before it
            first = next((i for i, m in enumerate(sure) if not is_empty(m)), 0)
            if leading:
                line.found = sure[surplus:]
            elif not line.whole and all(is_empty(m) for m in sure[wanted + min(first, surplus) :]):
                line.found = sure[min(first, surplus) :][:wanted]


def align_starts(group: list[RowFigures]) -> None:
    """Where rows tell where their figures begin, an empty cell before that place is a (lost) label, not a figure."""
    starts = Counter((m.of, m.x) for line in group if line.found and len(sure_of(line.found)) == len(line.row.slots) for m in line.found[:1])
    if not starts:
        return
    (usual, start), times = starts.most_common(1)[0]
    sole = times >= _FEW and sum(of == usual for of, _ in starts) == 1
    for line in group:
        wanted = len(line.row.slots)
        if len(sure_of(line.found)) > wanted and all(m.x >= 0 for m in line.found):
            after = [m for m in line.found if m.x >= start or not is_empty(m)]
            if not line.named or (sole and line.found[0].of == usual and len(sure_of(after)) == wanted):
                line.found = after


def sure_of(marks: Sequence[Mark]) -> list[Mark]:
    return [m for m in marks if m.token.doubt not in DOUBTFUL]


def lost_without_trace(lines: list[RowFigures], surplus: int) -> bool:
    """Whether empty cells leave no trace, and rows have too few figures, or several too many: a code beside each may make up for what is lost."""
    found = [sure_of(line.found) for line in lines]
    short = any(0 < len(sure) < len(line.row.slots) for line, sure in zip(lines, found, strict=True))
    return (short or surplus > 1) and not any(is_empty(mark) for sure in found for mark in sure)


def added_widths(group: list[RowFigures], order: list[str | None]) -> set[int]:
    """The numbers of figures, other than the form's, that rows of this block have by design (an added column …)."""
    wanted = len(group[0].row.slots)
    found = {len(order)} if len(order) > wanted and set(order) >= {s.column for s in group[0].row.slots} else set()
    if wanted > 1:
        found |= {len(sure) for line in group if not all(map(is_empty, (sure := sure_of(line.found))[wanted:]))}
    return found


def _with_soft(found: list[Mark], soft_ends: int) -> tuple[list[Mark], list[Mark]]:
    """The marks of a row with its doubtful empty cells, without those that end every row; and with half of them."""
    marks = [m for m in found if m.token.doubt != PAD]
    ends = 0
    while ends < soft_ends and marks and marks[-1].token.doubt == SOFT:
        marks, ends = marks[:-1], ends + 1
    return marks, _without_half(marks)


def _ends_too(each: list[Mark], halved: list[Mark], wanted: int) -> bool:
    """Whether the last doubtful empty cells may as well only end the row, and its cells would be others then."""
    ended = len(halved) == wanted < len(each) and all(m.token.doubt == SOFT for m in each[wanted:])
    return ended and any((a.token.doubt == SOFT) != (b.token.doubt == SOFT) for a, b in zip(each, halved, strict=False))


def _soft_end(found: Sequence[Mark]) -> int:
    """How many doubtful empty cells end a row."""
    return next((i for i, m in enumerate(reversed(found)) if m.token.doubt != SOFT), len(found))


def drop_spacing(lines: list[RowFigures]) -> None:
    """Take off the doubtful empty cells that are mere spacing.

    They are where full rows have such before or among their figures, or where short rows have none: empty cells leave no trace then.
    """
    begun = [line for line in lines if not line.whole and len(line.row.slots) > 1 and not all(map(is_empty, line.found))]
    ends = min((_soft_end(line.found) for line in begun), default=0)
    short = [line.found[: len(line.found) - ends] for line in begun if len(sure_of(line.found)) < len(line.row.slots)]
    without = sum(all(m.token.doubt != SOFT for m in found) for found in short)
    if without >= _FEW and 2 * without > len(short):
        for line in lines:
            line.found = [m for m in line.found if m.token.doubt != SOFT]
        return
    for line in lines:
        sure = sure_of(line.found)
        if len(sure) == len(line.row.slots) and not any(is_empty(m) for m in sure):
            before_last = line.found[: line.found.index(sure[-1])]
            if any(m.token.doubt == SOFT for m in before_last):
                break
    else:
        return
    for line in lines:
        line.found = [m for m in line.found if m.token.doubt != SOFT]


def soft_in_halves(lines: list[RowFigures], soft_ends: int) -> bool:
    """Whether two doubtful empty cells stand for one empty cell of the table: in more rows than one does."""
    votes = 0
    for line in lines:
        each, halved = _with_soft(line.found, soft_ends)
        if len(halved) < len(each) and any(m.token.doubt != SOFT for m in each) and not _ends_too(each, halved, len(line.row.slots)):
            votes += (len(halved) == len(line.row.slots)) - (len(each) == len(line.row.slots))
    return votes > 0


def resolve(line: RowFigures, trailing: int, soft_ends: int, widths: set[int], halves: bool = False) -> None:
    """Fill `line.cells` where the figures found are as many as the columns, in one of the usual ways.

    `trailing`, `soft_ends`: how many empty and doubtful empty cells end even full rows; `widths`: numbers of figures that
    rows of this block have because the document has more columns than the form; `halves`: see `soft_in_halves`.
    """
    wanted = len(line.row.slots)
    found = line.found
    sure = sure_of(found)
    if len(sure) in widths:
        line.extra = sure
        return
    if widths and line.whole and sure and line.found[-1].token.doubt == SOFT and is_empty(sure[0]) and not is_empty(sure[-1]):
        return  # an empty cell more at its begin, as other rows have, or one at its end
    if len(sure) >= wanted and all(is_empty(m) for m in sure[wanted:]):
        if not is_empty(sure[wanted - 1]) or len(sure) - wanted >= trailing or all(is_empty(m) for m in sure):
            line.cells = list(sure[:wanted])
            if line.whole and is_empty(sure[0]) and trailing < len(sure) - wanted and not all(map(is_empty, sure)):
                line.unsure = EXTRA  # the cell too many may as well stand before the figures
            return
    elif len(sure) > wanted:
        if not line.whole and len(core(sure)) == wanted:
            line.cells = list(core(sure))
            return
        firm = [m for m in sure if m.token.doubt != "word" and m.token.kind == VALUE]
        while len(sure) > wanted and sure[-1].token.kind != VALUE:
            sure = sure[:-1]
        if len(sure) == wanted:
            line.cells = list(sure)
        elif len(firm) == wanted and not line.whole:
            line.cells = list(firm)
        else:
            line.extra = sure
        return
    ways = _with_soft(found, soft_ends)
    for marks in reversed(ways) if halves else ways:
        if marks is ways[1] and not halves and _ends_too(*ways, wanted):
            break
        # Doubtful empty cells that are too many can be left out at the end, not among the figures.
        filled = max((i + 1 for i, m in enumerate(marks) if m.token.doubt != SOFT), default=0)
        if len(marks) == wanted or (filled <= wanted < len(marks) and all(m.token.doubt != SOFT for m in marks[:filled])):
            line.cells = list(marks[:wanted])
            return
    if found and all(is_empty(m) for m in found) and (len(found) >= wanted or any(m.token.doubt == PAD for m in found)):
        line.cells = [found[min(i, len(found) - 1)] for i in range(wanted)]


def usual_ends(lines: list[RowFigures]) -> tuple[dict[int, int], int]:
    """The empty cells that end every full row, by number of columns; and the doubtful ones that end every full row."""
    usual: dict[int, int] = {}
    soft = []
    for line in lines:
        wanted = len(line.row.slots)
        sure = sure_of(line.found)
        if len(sure) >= wanted and not is_empty(sure[wanted - 1]) and all(is_empty(m) for m in sure[wanted:]):
            usual[wanted] = min(usual.get(wanted, 99), len(sure) - wanted)
            ends = 0
            while line.found[-1 - ends].token.doubt in (SOFT, PAD):
                ends += 1
            soft.append(sum(1 for m in line.found[len(line.found) - ends :] if m.token.doubt == SOFT))
    return usual, min(soft) if soft else _ends_of_all(lines)


def _ends_of_all(lines: list[RowFigures]) -> int:
    """Where no row is full: how many doubtful empty cells end every row, if more rows have as many cells as columns without them."""
    begun = [line for line in lines if not line.whole and len(line.row.slots) > 1 and not all(map(is_empty, line.found))]
    ends = min((_soft_end(line.found) for line in begun), default=0)
    more = [len(line.found) - len(line.row.slots) for line in begun]
    return ends if more.count(ends) > more.count(0) else 0


def by_place(line: RowFigures, columns: Headings) -> list[Mark | None] | None:
    """The figures of a row set under the heading cells above them, if each column has one cell of its own."""
    if not line.found or any(m.x < 0 for m in line.found):
        return None
    spans = columns.spans(line.found[0].of)
    if spans is None or line.found[-1].x > max(high for _, high in spans.values()):
        return None  # headings that do not reach to the end of the row stand elsewhere
    cells: list[Mark | None] = []
    for key in columns.keys:
        low, high = spans[key]
        under = [m for m in line.found if m.x <= high and m.x + m.wide - 1 >= low]
        filled = [m for m in under if not is_empty(m)]
        if len(filled) > 1 and len({m.token.text for m in filled}) > 1:
            return None
        best = filled[0] if filled else under[0] if under else None
        if best is None:
            return None
        cells.append(best)
    seen: set[int] = set()
    for i, cell in enumerate(cells):
        if cell is not None and id(cell) in seen:
            cells[i] = None  # the same cell lies over several columns: only the first can have the figure
        elif cell is not None:
            seen.add(id(cell))
    return cells


def by_part(group: list[RowFigures], columns: Headings) -> bool:
    """Fill the rows of a block whose heading names some of the form's columns only, and whose rows have as many cells."""
    order = columns.order()
    named = [key for key in order if key in columns.keys]
    if named != order or len(set(named)) != len(named) or not 1 < len(named) < len(columns.keys):
        return False
    rows = [sure_of(line.found) for line in group]
    if len(rows) < _FEW or any(len(sure) != len(named) or any(m.x < 0 for m in sure) for sure in rows):
        return False
    for line, sure in zip(group, rows, strict=True):
        cells = dict(zip(named, sure, strict=True))
        line.cells = [cells.get(key) for key in columns.keys]
    return True
