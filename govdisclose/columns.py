"""The figures of a paired row -> the columns of the form.

Usually a row has as many figures as the form has columns. Where it has more (an added column, a spacer, a merged
heading read twice) or fewer (empty cells lost), the heading and the form's identities decide; where they cannot,
the cells concerned are left open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb

from govdisclose.forms import Row
from govdisclose.grid import DOUBTFUL, PAD, SOFT
from govdisclose.headings import Headings
from govdisclose.identities import broken
from govdisclose.labels import LABEL, OTHER
from govdisclose.numbers import UNREADABLE
from govdisclose.recognise import Match
from govdisclose.rows import (
    RowFigures,
    added_widths,
    align_starts,
    by_part,
    by_place,
    drop_spacing,
    join_thousands,
    lost_without_trace,
    resolve,
    soft_in_halves,
    spread,
    strip_empty,
    sure_of,
    usual_ends,
)
from govdisclose.runs import Mark, is_empty
from govdisclose.seats import BY_ORDER, EXTRA, FORM, JOINED, LOST, MERGED, MOVED, ORDER, ROWS, SUBROWS, Seats

MAX_PLACINGS = 3000  # ways to set a row's figures that are tried one by one

MOST_ADDED = 2  # columns without a heading that a document may have beside the form's
FEW_ROWS = 3  # fewer rows do not show that the document has a column more than the form
MOVING_ROWS = 3  # identities that must gain before a whole table is read in another order of columns


def _templates(width: int, columns: Headings) -> Iterator[tuple[int, ...]]:
    """Ways in which `width` figures can be the columns: the heading's own way first, then all in the form's order.

    A template names the column (index) of each figure, -1 for none.
    """
    count = len(columns.keys)
    headed = columns.template()
    if headed is not None and len(headed) == width:
        yield headed
    if comb(max(width, count), min(width, count)) > MAX_PLACINGS:
        return
    if width >= count:
        for kept in combinations(range(width), count):
            column = iter(range(count))
            yield tuple(next(column) if i in kept else -1 for i in range(width))
    else:
        yield from combinations(range(count), width)


def _apply(template: tuple[int, ...], marks: Sequence[Mark], count: int) -> list[Mark | None]:
    cells: list[Mark | None] = [None] * count
    for column, mark in zip(template, marks, strict=True):
        if column >= 0:
            cells[column] = mark
    return cells


class _Vote:
    """The form's identities as judges of competing readings of one table."""

    def __init__(self, match: Match, lines: list[RowFigures]) -> None:
        self.size = match.table.slots[-1].index + 1
        self.identities = [i for i in match.form.identities if i.table == match.table.key]
        self.lines = lines

    def values(self) -> list[float | None]:
        values: list[float | None] = [None] * self.size
        for line in self.lines:
            if line.cells is not None:
                self.enter(values, line, line.cells)
        return values

    @staticmethod
    def enter(values: list[float | None], line: RowFigures, cells: Sequence[Mark | None], open_is_empty: bool = False) -> None:
        for slot, mark in zip(line.row.slots, cells, strict=True):
            figure = mark.token.figure if mark is not None else None
            unknown = not open_is_empty if mark is None else figure is None or figure.state == UNREADABLE
            values[slot.index] = None if unknown else (figure.value if figure and figure.value is not None else 0.0)

    def faults(self, readings: Sequence[tuple[RowFigures, Sequence[Mark | None]]]) -> int:
        values = self.values()
        for line, cells in readings:
            self.enter(values, line, cells, open_is_empty=True)
        slots = {slot.index for line, _ in readings for slot in line.row.slots}
        touched = [i for i in self.identities if not slots.isdisjoint(i.slots)]
        return len(broken(touched, values))


def _same(a: Mark | None, b: Mark | None) -> bool:
    if a is None or b is None or a.token.figure is None or b.token.figure is None:
        return a is b
    return a.token.figure[:2] == b.token.figure[:2]


def _agree(readings: list[list[Mark | None]]) -> tuple[list[Mark | None], list[int]]:
    """What competing readings have in common: the cells, and the columns on which they differ."""
    first = readings[0]
    differ = [i for i in range(len(first)) if not all(_same(first[i], other[i]) for other in readings[1:])]
    return [None if i in differ else cell for i, cell in enumerate(first)], differ


def _settle_width(
    lines: list[RowFigures], columns: Headings, vote: _Vote, seats: Seats
) -> tuple[int, ...] | None:
    """Rows that all have one wrong number of figures: one template for all of them.

    Returns the template by which most rows are read, None where there is not just one.
    """
    usual = None
    widths = Counter(len(line.extra) for line in lines if line.extra)
    for width, _ in widths.most_common():
        group = [line for line in lines if len(line.extra) == width]
        keys = columns.keys
        empty = [i for i in range(width) if all(is_empty(line.extra[i]) for line in group)]
        ways = list(dict.fromkeys(_templates(width, columns)))
        headed = len(columns.template() or ()) == width
        if not headed and len(empty) == width - len(keys) and width > len(keys):
            ways = [way for way in ways if all(way[i] < 0 for i in empty)]
        if not ways:
            for line in group:
                seats.doubt(EXTRA, line.row.label.key, [slot.index for slot in line.row.slots])
            continue
        scores = [
            vote.faults([(line, _apply(way, line.extra, len(keys))) for line in group]) if vote.identities else 0
            for way in ways
        ]
        low = min(scores)
        judges = [line for line in group if not any(is_empty(line.extra[i]) for i, column in enumerate(ways[0]) if column >= 0)]
        # Rows with empty cells need not add up: they are no judges over the heading.
        if headed and (not judges or scores[0] <= low + len(group) // 3):
            chosen = [ways[0]]
        else:
            chosen = [way for way, score in zip(ways, scores, strict=True) if score == low]
        if usual is None and len(chosen) == 1 and width > len(keys):
            usual = chosen[0]
        lost = set() if headed else {i for way in chosen for i, column in enumerate(way) if column < 0}
        added = any(not is_empty(line.extra[i]) for line in group for i in lost)
        for line in group:
            cells, differ = _agree([_apply(way, line.extra, len(keys)) for way in chosen])
            left_out = sum(not is_empty(line.extra[i]) for i in lost)
            if left_out and (len(group) < FEW_ROWS or left_out > MOST_ADDED or 3 * low > len(group)):
                cells = [None] * len(keys)  # nothing shows an added column: what is left out may be a figure
            line.cells = cells
            if added:  # also where it is empty: the column left out may be the form's
                differ = list(range(len(keys)))
            if differ:
                seats.doubt(EXTRA, line.row.label.key, [line.row.slots[i].index for i in differ])
    return usual


def _settle_short(line: RowFigures, template: tuple[int, ...], vote: _Vote, seats: Seats) -> None:
    """A row with too few figures: the places on which all readings agree that break the fewest identities.

    `template`: the column of each figure of a full row, -1 for a figure that the form does not have.
    """
    wanted = len(line.row.slots)
    figures = [m for m in line.found if m.token.doubt not in DOUBTFUL]
    merged = any(m.token.doubt == PAD for m in line.found) or any(m.wide > 1 for m in line.found)
    if merged and len(figures) == 1 and is_first(line):
        # One figure over all columns: it is kept in the first, and the rest is left open.
        line.cells = [figures[0], *[None] * (wanted - 1)]
        seats.doubt(MERGED, line.row.label.key, [slot.index for slot in line.row.slots[1:]])
        return
    while len(figures) > 1 and is_empty(figures[-1]) and len(figures) >= len(template):
        figures = figures[:-1]
    readings = []
    width = len(template)
    if vote.identities and 0 < len(figures) < width and comb(width, len(figures)) <= MAX_PLACINGS:
        placings = combinations(template, len(figures))
        readings = [_apply(way, figures, wanted) for way in placings]
    if not readings:
        line.cells = [None] * wanted
        seats.doubt(LOST, line.row.label.key, [slot.index for slot in line.row.slots])
        return
    scores = [vote.faults([(line, cells)]) for cells in readings]
    low = min(scores)
    cells, differ = _agree([cells for cells, score in zip(readings, scores, strict=True) if score == low])
    line.cells = [None] * wanted if low else cells
    # What is placed was placed by sums: that holds for all of the row, not for its open cells alone.
    # And where the document has a column more than the form, its figure may stand for the one that is lost.
    if low or differ or None in cells or -1 in template:
        seats.doubt(LOST, line.row.label.key, [slot.index for slot in line.row.slots])


def is_first(line: RowFigures) -> bool:
    """Whether a row's only figure stands in its first cell."""
    return bool(line.found) and not is_empty(line.found[0])


def _reordered(lines: list[RowFigures], columns: Headings, vote: _Vote, seats: Seats) -> None:
    """Columns that the heading gives in another order than the form: the heading's place, or the identities, decide."""
    keys = columns.keys
    order = [key for key in columns.order() if key is not None]
    if sorted(order) != sorted(keys) or order == keys:
        return
    rows = [line for line in lines if line.cells is not None and None not in line.cells]
    if not rows:
        return
    placed = [by_place(line, columns) for line in rows]
    if all(cells is not None and None not in cells for cells in placed):
        moved = [cells for cells in placed if cells is not None]
    else:
        # The heading of a total that is merged over several rows comes first in the text, though its column is last:
        # where that alone is another order, only several rows that add up no other way move figures.
        rest = [key for key in order if key != keys[-1]]
        told = rest != keys[:-1] or not columns.merged()
        orders = [[*rest, keys[-1]], order] if told and columns.merged() and order[-1] != keys[-1] else [order]
        ways = [[_apply(tuple(map(keys.index, own)), [m for m in line.cells or [] if m is not None], len(keys)) for line in rows] for own in orders]
        stay = vote.faults([(line, line.cells or []) for line in rows])
        gains = [stay - vote.faults(list(zip(rows, way, strict=True))) for way in ways]
        moved, gained = ways[gains.index(max(gains))], max(gains)
        needed = 0 if told else MOVING_ROWS
        if gained < needed or gains.count(gained) > 1:
            for line, *others in zip(rows, *ways, strict=True):
                if gained >= 0 and not all(_same(a, b) for own in others for a, b in zip(line.cells or [], own, strict=True)):
                    seats.doubt(ORDER, line.row.label.key, [slot.index for slot in line.row.slots])
        if gained < needed:
            return
    for line, cells in zip(rows, moved, strict=True):
        if line.cells != cells:
            line.cells = cells
            seats.doubt(MOVED, line.row.label.key, [])


def _lines(match: Match) -> list[RowFigures]:
    """The rows of the form with their figures; a run that holds several rows is cut by the number of columns."""
    lines: list[RowFigures] = []
    rows = match.table.rows
    for one in match.placed:
        found = [m for run in one.runs for m in run.values if len(one.runs) == 1 or m.token.doubt not in DOUBTFUL]
        taken = [rows[j] for j in one.rows]
        if len(taken) == 1:
            marks, split = spread(found, len(taken[0].slots))
            lines.append(RowFigures(taken[0], marks, split=split, whole=one.runs[0].whole, named=bool(one.runs[0].own)))
            continue
        wanted = sum(len(row.slots) for row in taken)
        marks, split = spread(found, wanted)
        whole = RowFigures(_joined(taken), marks, whole=one.runs[0].whole)
        _resolve_all(match, whole)
        start = 0
        for row in taken:
            end = start + len(row.slots)
            cells = whole.cells[start:end] if whole.cells is not None else None
            lines.append(RowFigures(row, [m for m in cells or [] if m is not None], cells, split=split, unsure=whole.unsure))
            start = end
    return lines


def _resolve_all(match: Match, line: RowFigures) -> None:
    """Fill a line that holds several rows: by the places under the headings, or by the number of its figures."""
    wanted, sure = len(line.row.slots), sure_of(line.found)
    home = (match.form.key, match.table.key)
    headings = Headings(home, match.table, match.table.rows[0], match.headers.get(line.row.block, []))
    if sure and all(m.x >= 0 for m in sure):
        places = headings.line_of_all(sure[0].of)
        standing = {m.x: m for m in sure}
        if places is not None and len(places) == wanted and all(x in standing for x in places):
            line.cells = [standing[x] for x in places]
            return
    if headings.another_line():
        line.unsure = ORDER
    filled = [i for i, mark in enumerate(sure) if not is_empty(mark)]
    if len(sure) > wanted and filled and filled[-1] - filled[0] < wanted:
        # Empty cells too many at the ends: the sums of the rows tell which, or nothing does.
        offsets = range(max(0, filled[-1] - wanted + 1), min(filled[0], len(sure) - wanted) + 1)
        vote = _Vote(match, [])
        scores = [vote.faults([(line, sure[offset : offset + wanted])]) for offset in offsets]
        if scores.count(min(scores)) == 1:
            offset = offsets[scores.index(min(scores))]
            line.cells = list(sure[offset : offset + wanted])
        return
    resolve(line, 0, 0, set())
    if line.cells is not None and any(m is not None and m.token.doubt == SOFT for m in line.cells) and _Vote(match, []).faults([(line, line.cells)]):
        line.unsure = line.unsure or LOST  # the empty lines may be others' cells, or none


def _joined(rows: list[Row]) -> Row:
    """Several rows of the form as if they were one."""
    slots = tuple(slot for row in rows for slot in row.slots)
    return Row(rows[0].label, slots, rows[0].columns, rows[0].block)


def _subrows(match: Match) -> set[int]:
    """Rows of the form that the document splits in several: their label is followed by rows with other labels."""
    found = set()
    for one in match.placed:
        run = one.runs[0]
        texts = [mark.token for mark in (*run.pending[-2:], *run.own) if mark.token.kind in (LABEL, OTHER)]
        if len(texts) > 1 and texts[-1].kind == OTHER and texts[-2].kind == LABEL:
            below = [
                other
                for other in match.unplaced
                if run.line < other.line <= run.line + 2 * len(run.values) + 2
                and (named := other.own or other.pending)
                and all(m.token.kind == OTHER for m in named)
            ]
            if below and len(below[0].values) >= len(match.table.rows[one.rows[0]].slots):
                found.add(one.rows[0])
    return found


def seat(match: Match) -> Seats:
    """Given a table whose rows are found, return what stands in each of its cells, and which cells are in doubt."""
    seats = Seats()
    if match.labelled is not None:
        seats.marks = dict(match.labelled)
        return seats
    lines = _lines(match)
    drop_spacing(lines)
    trailing, soft_ends = usual_ends(lines)
    halves = soft_in_halves(lines, soft_ends)
    subrows = _subrows(match)
    vote = _Vote(match, lines)
    surplus = 0  # rows with figures that the form does not have
    blocks: dict[int, list[RowFigures]] = {}
    for line in lines:
        blocks.setdefault(line.row.block, []).append(line)
    for block, group in blocks.items():
        columns = Headings((match.form.key, match.table.key), match.table, group[0].row, match.headers.get(block, []))
        join_thousands(group)
        align_starts(group)
        if by_part(group, columns):
            continue
        widths = added_widths(group, columns.order())
        strip_empty(group, widths, columns.order())
        for line in group:
            sure = sure_of(line.found)
            if line.cells is None and len(sure) != len(line.row.slots) and all(m.wide == 1 for m in sure):
                line.cells = by_place(line, columns)
            if line.cells is None:
                # Where a bar opens each row, the bar of the next row adds to the empty cells; the last row has no next.
                after = trailing.get(len(line.row.slots), 0) - (line is lines[-1] and not line.whole)
                resolve(line, after, soft_ends, widths, halves)
        slots = [slot.index for line in group for slot in line.row.slots]
        if columns.foreign():
            for line in group:
                line.cells = [None] * len(line.row.slots)
            seats.doubt(FORM, "", slots)
            continue
        for line in group:
            if line.cells is None and (cells := by_place(line, columns)) is not None:
                line.cells = cells
                open_slots = [s.index for s, c in zip(line.row.slots, cells, strict=True) if c is None]
                if open_slots:
                    seats.doubt(MERGED, line.row.label.key, open_slots)
        wide = [line for line in group if line.cells is None and line.extra]
        for line in group:
            # As many cells as a row that has one too many, and the last ones empty: which is too many is as open.
            if line.cells is not None and any(len(other.extra) == len(sure_of(line.found)) for other in wide):
                line.unsure = line.unsure or EXTRA
        template = _settle_width(wide, columns, vote, seats) or columns.template() or tuple(range(len(columns.keys)))
        counts = Counter(len(sure_of(line.found)) for line in group)
        headed = not match.table.one_line and bool(wide) and len(columns.template() or ()) == len(template)
        longer = headed or counts[len(template)] >= counts[len(columns.keys)]
        surplus += len(wide)
        for line in group:
            # Where full rows have a figure more than the form, a row with just as many as the form lacks one.
            lacking = longer and len(columns.keys) == len(sure_of(line.found)) < len(template)
            if line.cells is None or (lacking and any(not is_empty(m) for m in line.found)):
                _settle_short(line, template, vote, seats)
        if match.table.one_line is False:
            _reordered(group, columns, vote, seats)
    rows = {row.label.key: j for j, row in enumerate(match.table.rows)}
    if surplus and lost_without_trace(lines, surplus):
        # A row with as many figures as the form may have lost one, and have one that is not the form's.
        for line in lines:
            if len(sure_of(line.found)) == len(line.row.slots):
                line.unsure = line.unsure or EXTRA
    for line in lines:
        cells = line.cells or [None] * len(line.row.slots)
        if rows[line.row.label.key] in subrows:
            cells = [None] * len(line.row.slots)
            seats.doubt(SUBROWS, line.row.label.key, [slot.index for slot in line.row.slots])
        if line.unsure:
            seats.doubt(line.unsure, line.row.label.key, [slot.index for slot in line.row.slots])
        if line.split:
            seats.doubt(JOINED, line.row.label.key, [slot.index for slot in line.row.slots])
        for slot, cell in zip(line.row.slots, cells, strict=True):
            seats.marks[slot.index] = cell
    order = [j for one in match.placed for j in one.rows]
    if order != sorted(order):
        seats.doubt(ROWS, "", [])
    for one in match.placed:
        if not one.sure:
            for j in one.rows:
                row = match.table.rows[j]
                seats.doubt(BY_ORDER, row.label.key, [slot.index for slot in row.slots])
    return seats
