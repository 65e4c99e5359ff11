"""The reports of a panel side by side: one document an agency-year, all its figures in one array, who came before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

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


@cache
def label(key: str) -> tuple[str, str]:
    """The words for a cell in Chinese and English, from the newest form that has it."""
    for form in load_forms().values():
        if key in form.places:
            slot = form.slots[form.places[key]]
            row = next(row for row in form.table(slot.table).rows if row.label.key == slot.row)
            column = next(column for column in row.columns if column.key == slot.column)
            return f"“{row.label.zh}”的“{column.zh}”", f"{row.label.en} ({column.en})"
    raise KeyError(key)


@dataclass(frozen=True, eq=False)
class History:
    """The figures of n documents.

    Attributes
    ----------
    documents : agency, agency_kind, region, year, source: one row for each agency-year, by agency and year
    values : (n, keys) figures as printed; NaN where no number is
    empty : (n, keys) whether the cell is printed without a figure (blank or not applicable)
    before : (n,) place of the agency's report on the year before, -1 where there is none
    fee_units : (n,) the unit in which the amount of fees is printed
    """

    documents: pd.DataFrame
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
    told = reports[(reports["agency"].fillna("") != "") & reports["year"].notna()]
    told = told.sort_values(["agency", "year", "cells_number", "source"], ascending=[True, True, False, True])
    told = told.drop_duplicates(["agency", "year"])
    documents = told[["agency", "agency_kind", "region", "year", "source"]].reset_index(drop=True)
    values = np.full((len(documents), len(keys())), np.nan)
    empty = np.zeros(values.shape, np.bool_)
    fee_units = np.full(len(documents), "", dtype=object)
    line, place = _lines(documents["source"], cells["source"]), _places(cells)
    known = (line >= 0) & (place >= 0)
    at = line[known], place[known]
    values[at] = cells["value"].to_numpy(dtype=float, na_value=np.nan)[known]
    empty[at] = cells["state"].isin([BLANK, NOT_APPLICABLE]).to_numpy(dtype=bool)[known]
    fees = (line >= 0) & (place == keys()[FEES])
    fee_units[line[fees]] = cells["unit"].to_numpy()[fees]
    return History(documents, values, empty, _before(documents), fee_units)


def _lines(documents: pd.Series[str], sources: pd.Series[str]) -> Places:
    codes, named = pd.factorize(sources)
    return pd.Index(documents).get_indexer(pd.Index(named))[codes] if len(codes) else np.zeros(0, np.intp)


def _places(cells: pd.DataFrame) -> Places:
    """The place of each cell's key; tables, rows and columns are few, cells are millions, so only codes are combined."""
    if cells.empty:
        return np.zeros(0, np.intp)
    coded = [pd.factorize(cells[name]) for name in ("table", "row", "column")]
    numbers = [{name: code for code, name in enumerate(named)} for _, named in coded]
    lookup = np.full([len(named) for _, named in coded], -1, np.intp)
    for form in load_forms().values():
        for slot in form.slots:
            at = [known.get(name) for known, name in zip(numbers, (slot.table, slot.row, slot.column), strict=True)]
            if None not in at:
                lookup[tuple(at)] = keys()[slot.key]
    return lookup[coded[0][0], coded[1][0], coded[2][0]]


def _before(documents: pd.DataFrame) -> Places:
    """Documents stand by agency and year, so the report of the year before is the line above, or is missing."""
    agency, year = documents["agency"].to_numpy(), documents["year"].to_numpy(dtype=np.int64)
    above = np.arange(len(documents), dtype=np.intp) - 1
    follows = np.zeros(len(documents), np.bool_)
    follows[1:] = (agency[1:] == agency[:-1]) & (np.diff(year) == 1)
    return np.where(follows, above, -1)
