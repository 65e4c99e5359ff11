"""Tables that go on over the end of a page: their parts put together, and rows that the page's end cuts through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from govdisclose.grid import LOST
from govdisclose.numbers import NOT_APPLICABLE, NUMBER, read_figure
from govdisclose.readers.official import names_part, names_row
from govdisclose.readers.written import together

SAME = 4.0  # points within which edges of two parts are one


@dataclass
class Spot:
    """A cell of a table in the making: first column, columns and rows covered, text; whether its sides are drawn open."""

    column: int
    wide: int
    high: int
    text: str
    open_left: bool = False
    open_right: bool = False


@dataclass
class Part:
    """A table, or the part of one on a page.

    Attributes
    ----------
    edges : x of its columns' edges
    rows : the cells that begin in each row
    pages : of each row
    ys : y of its rows' edges, where it is a part
    until : the last page on which its columns go on
    """

    edges: list[float]
    rows: list[list[Spot]]
    pages: list[int] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)
    until: int = 0


def follows(one: Part, other: Part) -> bool:
    """Whether a part of the next page stands on the same edges, so that it goes on with the first.

    Of a cell that covers many rows a page may draw no edge, so that the columns of one part may be more.
    """
    few, many = sorted((one.edges, other.edges), key=len)
    outer = [abs(one.edges[at] - other.edges[at]) < SAME for at in (0, -1)]
    return all(outer) or (any(outer) and len(few) > 2 and all(any(abs(x - y) < SAME for y in many) for x in few))


def put_together(one: Part, other: Part) -> None:
    """Add a part of the next page to a table: without a repeated heading, and with a row cut by the page's end made whole."""
    _share_columns(one, other)
    head = _repeated(one, other)
    rows, pages = other.rows[head:], other.pages[head:]
    if not rows:
        return
    if one.rows and _is_cut(one.rows[-1], rows[0]):
        _join(one, rows[0])
        rows, pages = rows[1:], pages[1:]
    elif one.rows and _in_doubt(one.rows[-1], rows[0]):
        for spot in (*one.rows[-1], *rows[0]):
            if _is_value(spot.text):
                spot.text += LOST
    one.rows += rows
    one.pages += pages
    one.until = max(one.until, other.until)


def _share_columns(one: Part, other: Part) -> None:
    """Bring two parts on the same columns: every edge of either."""
    edges = list(one.edges)
    for edge in other.edges:
        if all(abs(edge - known) >= SAME for known in edges):
            edges.append(edge)
    edges.sort()
    for part in (one, other):
        places = [min(range(len(edges)), key=lambda i, at=edge: abs(edges[i] - at)) for edge in part.edges]  # type: ignore[misc]
        for row in part.rows:
            for spot in row:
                end = places[spot.column + spot.wide]
                spot.column = places[spot.column]
                spot.wide = end - spot.column
        part.edges = edges


def _repeated(one: Part, other: Part) -> int:
    """How many rows at the begin of a part repeat the table's heading."""
    for start in range(min(3, len(one.rows))):
        same = 0
        for first, row in zip(one.rows[start:], other.rows, strict=False):
            texts = [spot.text for spot in row if spot.text]
            if not texts or texts != [spot.text for spot in first if spot.text] or any(map(_is_value, texts)):
                break
            same += 1
        if same and sum(spot.high - 1 > same - number - 1 for number in range(same) for spot in other.rows[number]) == 0:
            return same
    return 0


def _is_value(text: str) -> bool:
    return LOST in text or read_figure(text).state in (NUMBER, NOT_APPLICABLE)


def _labels(last: Sequence[Spot], first: Sequence[Spot]) -> tuple[str, str]:
    """The labels of two rows, each the last text before the figures; of the second what stands in the place of the first's."""
    above, below = _label(last), _label(first)
    if above is None:
        return "", below.text if below else ""
    same = next((spot.text for spot in first if (spot.column, spot.wide) == (above.column, above.wide)), None)
    return above.text, same if same is not None else below.text if below else ""


def _label(row: Sequence[Spot]) -> Spot | None:
    """The last text before a row's figures; in a row without figures the label that is one, or its only text."""
    texts = [spot for spot in row if spot.text]
    at = next((n for n, spot in enumerate(texts) if _is_value(spot.text)), len(texts))
    if at < len(texts):
        return texts[at - 1] if at else None
    return next((spot for spot in reversed(texts) if names_row(spot.text)), texts[0] if len(texts) == 1 else None)


def _values(row: Sequence[Spot]) -> int:
    return sum(1 for spot in row if _is_value(spot.text))


def _is_cut(last: Sequence[Spot], first: Sequence[Spot]) -> bool:
    """Whether the first row of a page is the rest of the last row of the page before."""
    above, below = _labels(last, first)
    texts = {spot.column: spot.text for spot in last}
    if not below:
        # Every row has a label but for those of a heading, whose figures stand in a row of their own.
        figures = [spot for spot in first if _is_value(spot.text)]
        fits = all(not texts.get(spot.column) or _is_value(texts[spot.column]) for spot in figures)
        return fits and bool(above or _values(last) or not any(spot.text for spot in (*last, *first)))
    if not above:
        return bool(_values(last)) and not _values(first) or not any(spot.text for spot in last)
    if names_part(above) and names_part(below):
        return False
    if names_part(together(above, below)):
        return True
    return not _values(first) and bool(_values(last)) and not names_part(below) and not names_part(above)


def _in_doubt(last: Sequence[Spot], first: Sequence[Spot]) -> bool:
    """Whether two rows may be one, and nothing tells."""
    above, below = _labels(last, first)
    return bool(above and below) and not names_part(above) and not names_part(below)


def _join(one: Part, first: Sequence[Spot]) -> None:
    """Make the last row of a table and the first of the next page one."""
    last = one.rows[-1]
    for spot in first:
        above = next((s for s in last if (s.column, s.wide) == (spot.column, spot.wide)), None)
        if above is None:
            above = _from_above(one, spot)
            if above is None:
                if spot.text:
                    last.append(spot)
                    last.sort(key=lambda s: s.column)
                continue
        above.high += spot.high - 1
        if not spot.text or spot.text == above.text and not _is_value(spot.text):
            continue
        if above.text and (_is_value(above.text) or _is_value(spot.text)):
            above.text += LOST + spot.text  # a figure in two parts, or two figures
        else:
            above.text = together(above.text, spot.text)


def _from_above(one: Part, spot: Spot) -> Spot | None:
    """The cell of an earlier row that covers the last row where `spot` goes on."""
    for number, row in enumerate(reversed(one.rows[:-1]), 2):
        for above in row:
            if above.column == spot.column and above.wide == spot.wide and above.high >= number:
                return above
    return None
