"""Reports -> the contract's data frames, built once a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from govdisclose.cells import columns_of, numbers_of
from govdisclose.findings import Finding
from govdisclose.forms import load_forms

if TYPE_CHECKING:
    from govdisclose.report import Report

REPORTS = ("source", "sha256", "agency", "agency_kind", "region", "year", "form", "cells_number")
CELLS = ("agency", "year", "form", "table", "row", "column", "value", "state", "text", "unit", "source", "place")
FINDINGS = (
    "rule", "severity", "table", "row", "column", "involved", "expected", "found", "suggestion", "message", "message_en",
)  # fmt: skip
STATEMENTS = ("section", "sentence", "subject", "value", "unit", "qualifier", "start", "end")
_NUMBERS = frozenset(("value", "expected", "found", "suggestion"))
_INTEGERS = frozenset(("year", "start", "end"))


_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)  # what pandas calls "str"


def _numbers(values: npt.NDArray[np.float64]) -> Any:
    missing = np.isnan(values)
    return pd.arrays.FloatingArray(np.where(missing, 1.0, values), missing)


def _strings(values: Any) -> Any:
    array = values if isinstance(values, pa.Array) else _text_array(values)
    return pd.array(array, dtype=_TEXT)


def _column(name: str, values: Sequence[Any]) -> Any:
    if name in _NUMBERS:
        return _numbers(np.array(values, dtype=float))
    if name in _INTEGERS:
        return pd.array(values, dtype=pd.Int64Dtype())
    if name == "cells_number":
        return np.array(values, dtype=np.int64)
    if name == "involved":
        return pd.Series([list(v) for v in values], dtype=object)
    return _strings(values)


class _Repeated:
    """What is the same for all rows of a report, for each of them."""

    def __init__(self, reports: Sequence[Report], counts: Sequence[int]) -> None:
        self.reports = reports
        self.index = np.repeat(np.arange(len(reports)), counts)

    def column(self, name: str) -> Any:
        values = [getattr(report, name) for report in self.reports]
        if name in _INTEGERS:
            return pd.array(values, dtype=pd.Int64Dtype()).take(self.index)
        return _strings(pa.array(values, type=pa.large_string()).take(pa.array(self.index)))


@cache
def _slot_columns() -> tuple[dict[int, int], dict[str, pa.Array]]:
    """All slots of all forms: their number by identity (there is one object a slot), and their names in that order."""
    slots = [slot for form in load_forms().values() for slot in form.slots]
    numbers = {id(slot): number for number, slot in enumerate(slots)}
    names = ("form", "table", "row", "column")
    return numbers, {name: pa.array([getattr(s, name) for s in slots], type=pa.large_string()) for name in names}


def _text_array(values: Sequence[str]) -> pa.Array:
    return pa.array(values, type=pa.large_string())


def _shared(parts: Sequence[Sequence[Any]], made: Callable[[Sequence[Any]], pa.Array], kind: pa.DataType) -> pa.Array:
    """The parts of all reports in one array; what several reports share is made into an array once."""
    arrays: dict[int, pa.Array] = {}
    for part in parts:
        if id(part) not in arrays:
            arrays[id(part)] = made(part)
    return pa.concat_arrays([arrays[id(part)] for part in parts]) if parts else pa.array([], type=kind)


def reports_frame(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """What a panel knows of its documents: a row for each, with the values of `REPORTS`."""
    columns = zip(*rows, strict=True) if rows else [()] * len(REPORTS)
    return pd.DataFrame({name: _column(name, own) for name, own in zip(REPORTS, columns, strict=True)}, copy=False)


def cells_frame(reports: Sequence[Report]) -> pd.DataFrame:
    """The contract's `cells` of all reports: one row for every cell of their forms."""
    columns = [columns_of(report.slots) for report in reports]
    slots, _, states, texts, units, places = zip(*columns, strict=True) if columns else ((),) * 6
    alike: dict[tuple[str, ...], tuple[str, ...]] = {}  # most reports hold a number in every cell
    states = tuple(alike.setdefault(own, own) for own in map(tuple, states))
    repeated = _Repeated(reports, [len(report.slots) for report in reports])
    numbers, names = _slot_columns()
    index = _shared(slots, lambda own: pa.array([numbers[id(slot)] for slot in own], type=pa.int64()), pa.int64())
    return pd.DataFrame(
        {
            "agency": repeated.column("agency"),
            "year": repeated.column("year"),
            **{name: _strings(column.take(index)) for name, column in names.items()},
            "value": _numbers(np.concatenate([numbers_of(report.slots) for report in reports] or [np.empty(0)])),
            "state": _strings(_shared(states, _text_array, pa.large_string())),
            "text": _strings(list(chain.from_iterable(texts))),
            "unit": _strings(_shared(units, _text_array, pa.large_string())),
            "source": repeated.column("source"),
            "place": _strings(_shared(places, _text_array, pa.large_string())),
        },
        copy=False,
    )


def _listed(reports: Sequence[Report], items: str, names: Sequence[str], whose: bool) -> pd.DataFrame:
    rows = [row for report in reports for row in getattr(report, items)]
    fields = attrgetter(*names)
    columns = zip(*map(fields, rows), strict=True) if rows else [()] * len(names)
    repeated = _Repeated(reports, [len(getattr(report, items)) for report in reports])
    front = {name: repeated.column(name) for name in ("agency", "year", "source")} if whose else {}
    return pd.DataFrame({**front, **{name: _column(name, own) for name, own in zip(names, columns, strict=True)}}, copy=False)


def keys_of(rows: pd.DataFrame) -> pd.Series[str]:
    """The key ("table.row.column") of each row of a frame that names cells."""
    return rows["table"] + "." + rows["row"] + "." + rows["column"]


def findings_frame(reports: Sequence[Report], whose: bool = False) -> pd.DataFrame:
    """The contract's `findings`; `whose` puts agency, year and source in front."""
    return _listed(reports, "found", FINDINGS, whose)


def findings_of(documents: pd.DataFrame, found: Sequence[Finding]) -> pd.DataFrame:
    """Findings about documents (agency, year, source: one line a finding) in the form of a panel's findings."""
    front = {name: _column(name, documents[name].tolist()) for name in ("agency", "year", "source")}
    return pd.DataFrame({**front, **{name: _column(name, [getattr(one, name) for one in found]) for name in FINDINGS}})


def statements_frame(reports: Sequence[Report], whose: bool = False) -> pd.DataFrame:
    """The contract's `statements`; `whose` puts agency, year and source in front."""
    return _listed(reports, "stated", STATEMENTS, whose)
