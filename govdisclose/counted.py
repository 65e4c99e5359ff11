"""Which figures of a panel count: those printed, those corrected, or only those that no error touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pandas as pd

from govdisclose.cells import Filled
from govdisclose.checks import check_cells
from govdisclose.forms import Slot, load_forms
from govdisclose.frames import findings_of, keys_of
from govdisclose.numbers import NUMBER
from govdisclose.panel import Panel

PRINTED, CORRECTED, SOUND = VALUES = ("printed", "corrected", "sound")
DOUBTED = "doubted"
"""The state of a cell that does not count because an error touches it; only here, never in a panel that was read."""


def counted(panel: Panel, values: str) -> Panel:
    """Given a panel, return the panel to compute from: its `value` is what counts, its findings those that still hold.

    Parameters
    ----------
    values : "printed": the panel as it is. "corrected": what `Panel.correct` put beside the printed value counts, and the
        form's identities are checked anew. "sound": a cell that takes part in anything that a finding of severity "error"
        says has no value, and its state is "doubted"; what it said can still be computed from other cells, or is missing

    Raises
    ------
    ValueError : no such choice, or "corrected" of a panel without corrections
    """
    if values not in VALUES:
        raise ValueError(f"values must be one of {', '.join(VALUES)}, not {values!r}")
    if values == PRINTED:
        return panel
    return _sound(panel) if values == SOUND else _corrected(panel)


def touched(findings: pd.DataFrame) -> pd.DataFrame:
    """The cells that take part in findings of severity "error": source and key ("table.row.column")."""
    errors = findings[findings["severity"] == "error"]
    named = pd.DataFrame({"source": errors["source"], "key": keys_of(errors)})
    shared = errors[["source", "involved"]].explode("involved").rename(columns={"involved": "key"})
    return pd.concat([named, shared], ignore_index=True).dropna().drop_duplicates()


def _sound(panel: Panel) -> Panel:
    cells = panel.cells
    doubted = touched(panel.findings)
    concerned = cells[cells["source"].isin(doubted["source"]) & (cells["state"] == NUMBER)]
    lines = concerned.index[(concerned["source"] + "|" + keys_of(concerned)).isin(doubted["source"] + "|" + doubted["key"])]
    changed = cells.assign(value=cells["value"].copy(), state=cells["state"].copy())
    changed.loc[lines, "value"] = pd.NA
    changed.loc[lines, "state"] = DOUBTED
    findings = panel.findings[panel.findings["severity"] != "error"].reset_index(drop=True)
    return replace(panel, cells=changed, findings=findings)


def _corrected(panel: Panel) -> Panel:
    if "corrected" not in panel.cells:
        raise ValueError('values "corrected" needs corrections; name their file')
    cells = corrected_in_place(panel.cells)
    sources = list(dict.fromkeys(cells["source"][cells["corrected"].notna()]))
    rules = {identity.rule for form in load_forms().values() for identity in form.identities}
    gone = panel.findings["source"].isin(sources) & panel.findings["rule"].isin(rules)
    told, found = [], []
    for source in sources:
        new = check_cells(filled(cells[cells["source"] == source]))
        told += [source] * len(new)
        found += new
    documents = panel.reports.set_index("source")[["agency", "year"]].loc[told].reset_index()
    kept = panel.findings[~gone]
    findings = pd.concat([kept, findings_of(documents, found)], ignore_index=True) if found else kept.reset_index(drop=True)
    return replace(panel, cells=cells, findings=findings)


def corrected_in_place(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells with a column `corrected` -> the same with corrected values and states; `text` stays as printed."""
    given = cells["corrected"].notna()
    return cells.assign(value=cells["value"].mask(given, cells["corrected"]), state=cells["state"].mask(given, NUMBER))


@cache
def _slot(form: str, table: str, row: str, column: str) -> Slot:
    return load_forms()[form].slots[load_forms()[form].places[f"{table}.{row}.{column}"]]


def filled(cells: pd.DataFrame) -> Sequence[Filled]:
    """The cells of one document, from a panel's frame, as the checks take them."""
    names = ["form", "table", "row", "column", "value", "state", "text", "unit", "place"]
    values = cells[names].astype(object).where(cells[names].notna(), None)
    return [Filled(_slot(*row[:4]), *row[4:]) for row in values.itertuples(index=False, name=None)]
