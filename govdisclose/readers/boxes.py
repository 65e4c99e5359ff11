"""Rows of a table that a page draws without one: items of a list, or boxes in a box, set side by side by the page's style."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from govdisclose.numbers import BLANK, UNREADABLE, read_figure

_ROWS = frozenset(["div", "ul", "ol", "li", "section"])
_BOXES = frozenset(["li", "div", "span", "p"])
_INSIDE = "div,li,ul,table,p,h1,h2,h3,h4,dl,br"
_MOST_LABELS, _BARE_ROW = 3, 10
_LONGEST_WORD = 12  # of a word in the place of a figure


def row_of_boxes(node: LexborNode, tag: str) -> list[str] | None:
    """The cells of a row, given the element around them: labels, then figures and empty boxes; None where it is no such row."""
    if tag not in _ROWS:
        return None
    boxes = [box for box in node.iter() if box.tag != "-comment"]
    if len(boxes) < 2 or len({box.tag for box in boxes}) > 1 or boxes[0].tag not in _BOXES:
        return None
    if node.text(deep=False).strip() or any(box.css_first(_INSIDE) not in (None, box) for box in boxes):
        return None
    cells = [" ".join(box.text(deep=True).split()) for box in boxes]
    figures = [read_figure(cell) for cell in cells]
    labels = next((i for i, figure in enumerate(figures) if figure.state != UNREADABLE), len(cells))
    values = figures[labels:]
    read = sum(figure.state != UNREADABLE for figure in values)
    filled = sum(figure.state not in (UNREADABLE, BLANK) for figure in values)
    if labels > _MOST_LABELS or (not labels and len(cells) < _BARE_ROW) or not (filled or len(values) >= _MOST_LABELS):
        return None
    words = [cell for cell, figure in zip(cells[labels:], values, strict=True) if figure.state == UNREADABLE]
    return cells if 2 * read > len(values) and all(len(word) <= _LONGEST_WORD for word in words) else None
