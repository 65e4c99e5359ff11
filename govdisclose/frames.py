"""Reports -> the contract's data frames, built once a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from govdisclose.report import Report

CELLS = ("agency", "year", "form", "table", "row", "column", "value", "state", "text", "unit", "source", "place")
FINDINGS = (
    "rule", "severity", "table", "row", "column", "involved", "expected", "found", "suggestion", "message", "message_en",
)  # fmt: skip
STATEMENTS = ("section", "sentence", "subject", "value", "unit", "qualifier", "start", "end")
_NUMBERS = frozenset(("value", "expected", "found", "suggestion"))
_INTEGERS = frozenset(("year", "start", "end"))


def _frame(columns: dict[str, Sequence[Any]]) -> pd.DataFrame:
    built: dict[str, Any] = {}
    for name, values in columns.items():
        if name in _NUMBERS:
            built[name] = pd.array([None if v is None else float(v) for v in values], dtype="Float64")
        elif name in _INTEGERS:
            built[name] = pd.array(values, dtype="Int64")
        elif name == "involved":
            built[name] = pd.Series([list(v) for v in values], dtype=object)
        else:
            built[name] = pd.array(values, dtype="str")
    return pd.DataFrame(built)


def _repeat(reports: Sequence[Report], name: str, counts: Sequence[int]) -> list[Any]:
    return [getattr(report, name) for report, count in zip(reports, counts, strict=True) for _ in range(count)]


def cells_frame(reports: Sequence[Report]) -> pd.DataFrame:
    """The contract's `cells` of all reports: one row for every cell of their forms."""
    counts = [len(report.slots) for report in reports]
    filled = [cell for report in reports for cell in report.slots]
    slots = [cell[0] for cell in filled]
    return _frame(
        {
            "agency": _repeat(reports, "agency", counts),
            "year": _repeat(reports, "year", counts),
            "form": [slot.form for slot in slots],
            "table": [slot.table for slot in slots],
            "row": [slot.row for slot in slots],
            "column": [slot.column for slot in slots],
            "value": [cell[1] for cell in filled],
            "state": [cell[2] for cell in filled],
            "text": [cell[3] for cell in filled],
            "unit": [cell[4] for cell in filled],
            "source": _repeat(reports, "source", counts),
            "place": [cell[5] for cell in filled],
        }
    )


def _listed(reports: Sequence[Report], items: str, names: Sequence[str], whose: bool) -> pd.DataFrame:
    counts = [len(getattr(report, items)) for report in reports]
    rows = [row for report in reports for row in getattr(report, items)]
    front = {name: _repeat(reports, name, counts) for name in ("agency", "year", "source")} if whose else {}
    return _frame({**front, **{name: [getattr(row, name) for row in rows] for name in names}})


def findings_frame(reports: Sequence[Report], whose: bool = False) -> pd.DataFrame:
    """The contract's `findings`; `whose` puts agency, year and source in front."""
    return _listed(reports, "found", FINDINGS, whose)


def statements_frame(reports: Sequence[Report], whose: bool = False) -> pd.DataFrame:
    """The contract's `statements`; `whose` puts agency, year and source in front."""
    return _listed(reports, "stated", STATEMENTS, whose)
