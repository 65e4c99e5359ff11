"""The reports of a panel side by side: one document an agency-year, all its figures in one array, who came before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from govdisclose.forms import load_forms
from govdisclose.numbers import BLANK, NOT_APPLICABLE

FEES = "proactive.fees.amount"

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@cache
def keys() -> dict[str, int]:
    """Key of every cell of every form -> its place in the arrays. Forms share the cells that have one key."""
    named = dict.fromkeys(slot.key for form in load_forms().values() for slot in form.slots)
    return {key: place for place, key in enumerate(named)}


@dataclass(frozen=True, eq=False)
class History:
    """The figures of n documents.

    Attributes
    ----------
    documents : agency, agency_kind, region, year, source: one row for each agency-year, by agency and year
    agency, year : (n,) the same two as arrays
    values : (n, keys) figures as printed; NaN where no number is
    empty : (n, keys) whether the cell is printed without a figure (blank or not applicable)
    before : (n,) place of the agency's report on the year before, -1 where there is none
    fee_units : (n,) the unit in which the amount of fees is printed
    """

    documents: pd.DataFrame
    agency: npt.NDArray[np.object_]
    year: npt.NDArray[np.int64]
    values: Floats
    empty: npt.NDArray[np.bool_]
    before: Places
    fee_units: npt.NDArray[np.object_]

    def column(self, key: str) -> Floats:
        """The figures of one cell in all documents."""
        return self.values[:, keys()[key]]

    def sums(self, names: Sequence[str]) -> Floats:
        """(n, names) figures for sums: an empty cell adds nothing, one that cannot be read leaves its sums open (NaN)."""
        at = [keys()[name] for name in names]
        return np.where(self.empty[:, at], 0.0, self.values[:, at])


def read_history(reports: pd.DataFrame, cells: pd.DataFrame) -> History:
    """Given a panel's `reports` and `cells`, return the figures of one document for each agency and year.

    Of several documents of one agency and year the one with the most figures speaks, then the first by name; documents
    without an agency or a year speak for nobody.
    """
    lines = np.array(_speaking(reports), dtype=np.intp)
    documents = pd.DataFrame({name: reports[name].array.take(lines) for name in ("agency", "agency_kind", "region", "year", "source")})
    values = np.full((len(documents), len(keys())), np.nan)
    empty = np.zeros(values.shape, np.bool_)
    fee_units = np.full(len(documents), "", dtype=object)
    line, place = codes(cells["source"], documents["source"].tolist()), places(cells)
    known = (line >= 0) & (place >= 0)
    at = line[known], place[known]
    values[at] = cells["value"].to_numpy(dtype=float, na_value=np.nan)[known]
    empty[at] = (codes(cells["state"], (BLANK, NOT_APPLICABLE)) >= 0)[known]
    fees = (line >= 0) & (place == keys()[FEES])
    fee_units[line[fees]] = cells["unit"].array[fees].to_numpy(dtype=object)
    agency = documents["agency"].to_numpy(dtype=object)
    year = documents["year"].to_numpy(dtype=np.int64)
    return History(documents, agency, year, values, empty, _before(agency, year), fee_units)


def _speaking(reports: pd.DataFrame) -> list[int]:
    """The lines of the documents that speak for an agency and year, in the order of these."""
    columns = (reports[name].tolist() for name in ("agency", "year", "cells_number", "source"))
    told = [
        (agency, year, -numbers, source, line)
        for line, (agency, year, numbers, source) in enumerate(zip(*columns, strict=True))
        if agency and agency == agency and year is not pd.NA
    ]
    told.sort()
    first: dict[tuple[str, int], int] = {}
    for agency, year, _, _, line in told:
        first.setdefault((agency, year), line)
    return list(first.values())


def codes(column: pd.Series[str], names: Sequence[str]) -> npt.NDArray[np.int64]:
    """The place of each of a column's words among the names, -1 where it is none."""
    words = pa.array(column, type=pa.large_string())
    found = pc.index_in(words, value_set=pa.array(names, type=pa.large_string()))
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


@cache
def _axes() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], npt.NDArray[np.int64]]:
    """Tables, rows and columns of all forms, and the place of each key by their codes; codes of -1 lead nowhere."""
    slots = [slot for form in load_forms().values() for slot in form.slots]
    tables, rows, columns = (tuple(dict.fromkeys(getattr(s, name) for s in slots)) for name in ("table", "row", "column"))
    lookup = np.full((len(tables) + 1, len(rows) + 1, len(columns) + 1), -1, np.int64)
    for slot in slots:
        lookup[tables.index(slot.table), rows.index(slot.row), columns.index(slot.column)] = keys()[slot.key]
    return tables, rows, columns, lookup


def places(cells: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The place of each cell's key; cells are millions, so only codes are combined, never words."""
    tables, rows, columns, lookup = _axes()
    found = lookup[codes(cells["table"], tables), codes(cells["row"], rows), codes(cells["column"], columns)]
    return np.asarray(found)


def _before(agency: npt.NDArray[np.object_], year: npt.NDArray[np.int64]) -> Places:
    """Documents stand by agency and year, so the report of the year before is the line above, or is missing."""
    above = np.arange(len(agency), dtype=np.intp) - 1
    follows = np.zeros(len(agency), np.bool_)
    follows[1:] = (agency[1:] == agency[:-1]) & (np.diff(year) == 1)
    return np.where(follows, above, -1)
