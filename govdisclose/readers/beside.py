"""Tables wider than their page: columns that stand on a later page, put beside those that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from govdisclose.grid import LOST
from govdisclose.readers.aligned import is_value
from govdisclose.readers.cut import SAME, Part, Spot
from govdisclose.readers.official import begins_heads, names_column, names_row
from govdisclose.readers.written import together

_LEVEL = 1.5  # points by which the edges of one row may differ from page to page
_LEAST = 2  # rows, so that edges are not level by chance


def put_beside(parts: Sequence[Part]) -> list[Part]:
    """Given the ruled tables of all pages in order, join those whose columns go on; return those that were joined to others.

    One goes on with another where its rows have the same edges, it has no labels of its own (or the same again), and its
    heads go on with the official ones, or it lies as the parts of a joined table above it do.
    """
    gone: list[Part] = []
    joined: list[tuple[list[float], list[float], int]] = []
    for number, one in enumerate(parts):
        if any(one is part for part in gone):
            continue
        edges = one.edges
        for other in parts[number + 1 :]:
            apart = other.pages[0] - one.pages[0]
            if apart < 1 or any(other is part for part in gone) or not _is_level(one, other):
                continue
            here, there = _on_shared_rows(one, other)
            same = _repeated(here, there)
            above, beside = _heads(here, 0), _heads(there, same)
            labels = [] if above else [spot.text for row in here.rows for spot in row if names_row(spot.text)]
            known = bool(above) or bool(labels) and _first_figures(here) == len(here.rows)
            if _is_bare(there, same) and (beside and known and begins_heads([*above, *beside], labels) or (edges, other.edges, apart) in joined):
                joined.append((edges, other.edges, apart))
                one.rows, one.pages, one.ys = here.rows, here.pages, here.ys
                _join(one, there, same)
                gone.append(other)
    return gone


def _is_level(one: Part, other: Part) -> bool:
    """Whether the rows of figures of two parts have the same edges, and the first begins no lower."""
    first = _first_figures(other)
    if len(other.rows) < _LEAST or first == len(other.rows) or one.ys[0] > other.ys[0] + _LEVEL:
        return False
    below = other.ys[first:]
    level = [y for y in one.ys if y > below[0] - _LEVEL]
    return len(level) == len(below) and all(abs(a - b) <= _LEVEL for a, b in zip(level, below, strict=True))


def _first_figures(part: Part) -> int:
    """The first row with figures."""
    return next((n for n, row in enumerate(part.rows) if any(is_value(spot.text) for spot in row)), len(part.rows))


def _on_shared_rows(one: Part, other: Part) -> tuple[Part, Part]:
    """Two parts with rows between all edges of either: of heads that cover several rows a part may draw fewer."""
    ys = list(one.ys)
    ys += [y for y in other.ys if all(abs(y - known) > _LEVEL for known in ys)]
    ys.sort()
    made = []
    for part in (one, other):
        places = [min(range(len(ys)), key=lambda n, y=y: abs(ys[n] - y)) for y in part.ys]  # type: ignore[misc]
        rows: list[list[Spot]] = [[] for _ in ys[1:]]
        for number, row in enumerate(part.rows):
            rows[places[number]] += [replace(spot, high=places[number + spot.high] - places[number]) for spot in row]
        made.append(replace(part, rows=rows, pages=[part.pages[0]] * len(rows), ys=ys))
    return made[0], made[1]


def _repeated(one: Part, other: Part) -> int:
    """How many columns a part has again from the first: the labels, printed on every page."""
    rows = [pair for pair in zip(one.rows, other.rows, strict=True) if any(is_value(s.text) for row in pair for s in row)]
    count = 0
    for at in range(1, min(len(one.edges), len(other.edges))):
        wide = [part.edges[at] - part.edges[0] for part in (one, other)]
        labels = [[[(s.column, s.wide, s.text) for s in row if s.column < at] for row in side] for side in zip(*rows, strict=True)]
        texts = [text for row in labels[1] for *_, text in row if text]
        if abs(wide[0] - wide[1]) > SAME or labels[0] != labels[1] or any(map(is_value, texts)):
            break
        count = at if texts else count
    return count


def _heads(part: Part, skipped: int) -> list[str]:
    """The official heads of a part's columns from the left, each the first that stands over the first figures."""
    over = [[s for row in part.rows[: _first_figures(part)] for s in row if s.column <= n < s.column + s.wide] for n in range(skipped, len(part.edges) - 1)]
    found = [next((s for s in spots if names_column(s.text)), None) for spots in over]
    return [s.text for n, s in enumerate(found) if s is not None and (n == 0 or found[n - 1] is not s)]


def _is_bare(part: Part, skipped: int) -> bool:
    """Whether the rows of figures hold nothing else, but for what is printed on every page."""
    rows = [[s.text for s in row if s.column >= skipped and s.text] for row in part.rows]
    return all(all(map(is_value, texts)) for texts in rows if any(map(is_value, texts)))


def _join(one: Part, other: Part, skipped: int) -> None:
    """Put the columns of a part beside those of another. A cell that both draw open where they meet is one."""
    wide = len(one.edges) - 1
    shift = one.edges[-1] - other.edges[skipped]
    added = len(other.edges) - 1 - skipped
    one.edges = [*one.edges, *(edge + shift for edge in other.edges[skipped + 1 :])]
    drawn = {n + down for n, row in enumerate(other.rows) for spot in row for down in range(spot.high)}
    for number, (here, row) in enumerate(zip(one.rows, other.rows, strict=True)):
        last = next((s for s in here if s.column + s.wide == wide and s.open_right), None)
        if number not in drawn:  # a cell over all columns of which the page draws no side
            if last is not None:
                last.wide += added
            else:
                here.append(Spot(wide, added, 1, "", True, True))
        for spot in (s for s in row if s.column + s.wide > skipped):
            begun = spot.column < skipped  # a cell over the labels, or over labels and figures
            if last is not None and spot.column <= skipped and (spot.open_left or skipped) and spot.high == last.high:
                last.wide, last.open_right = last.wide + spot.wide - (skipped - spot.column), spot.open_right
                last.text = last.text if begun else _whole(last.text, spot.text)
            elif not begun:
                spot.column += wide - skipped
                here.append(spot)
    one.until = max(one.until, other.until)


def _whole(one: str, other: str) -> str:
    """The text of a cell that two pages show a part of each."""
    if one and other and (is_value(one) or is_value(other)):
        return f"{one}{LOST}{other}"
    return together(one, other)
