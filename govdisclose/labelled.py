"""Tables that name every figure: a row label and a column label before each, or the whole table turned on its side.

Here the order of the form is not needed: each figure's own labels say where it belongs.
"""

from __future__ import annotations

from govdisclose.forms import Form, Table
from govdisclose.labels import LABEL
from govdisclose.runs import Mark, Run, is_empty


def _figures(run: Run) -> list[Mark]:
    return [mark for mark in run.values if not mark.token.doubt]


def read_labelled(form: Form, table: Table, runs: list[Run]) -> dict[int, Mark | None] | None:
    """Given the runs of a table, return slot -> figure where each figure carries its labels; None where they do not.

    A slot that is named twice with different figures is left open (None).
    """
    home = (form.key, table.key)

    def column_of(run: Run) -> str | None:
        labels = run.labels
        meaning = labels[-1].token.meaning if labels and labels[-1].token.kind == LABEL else None
        return meaning.columns.get(home) if meaning is not None else None

    named = [(run, column, figures) for run in runs if (column := column_of(run)) and (figures := _figures(run))]
    if len(named) < max(4, 0.6 * sum(1 for run in runs if not all(is_empty(m) for m in run.values))):
        return None
    if all(len(figures) == 1 for _, _, figures in named):
        return _one_by_one(home, table, runs)
    if len({len(row.slots) for row in table.rows}) == 1 and all(len(figures) == len(table.rows) for _, _, figures in named):
        return _on_its_side(table, [(column, figures) for _, column, figures in named])
    return None


def _enter(found: dict[int, Mark | None], slot: int, mark: Mark) -> None:
    before = found.get(slot, mark)
    same = before is not None and before.token.figure == mark.token.figure
    found[slot] = mark if same else None


def _one_by_one(home: tuple[str, str], table: Table, runs: list[Run]) -> dict[int, Mark | None]:
    found: dict[int, Mark | None] = {}
    current: int | None = None
    for run in runs:
        labels = [mark.token.meaning for mark in run.labels if mark.token.meaning is not None]
        if not labels:
            continue
        column = labels[-1].columns.get(home)
        rows = [row for meaning in (labels[:-1] if column else labels) if (row := meaning.rows.get(home)) is not None]
        if rows:
            current = rows[-1]
        figures = _figures(run)
        if column is None or current is None or len(figures) != 1:
            continue
        for slot in table.rows[current].slots:
            if slot.column == column:
                _enter(found, slot.index, figures[0])
    return found


def _on_its_side(table: Table, lines: list[tuple[str, list[Mark]]]) -> dict[int, Mark | None]:
    found: dict[int, Mark | None] = {}
    for column, figures in lines:
        for row, mark in zip(table.rows, figures, strict=True):
            for slot in row.slots:
                if slot.column == column:
                    _enter(found, slot.index, mark)
    return found
