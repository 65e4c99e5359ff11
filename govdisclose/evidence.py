"""Which cells a figure rests on: one document for each agency-year, its grid, what is silent in it, what is doubted.

Nothing is repaired here. A silent cell is settled as holding nothing only where the printed total of its own row or
column leaves no room for it; that is the form's identity read backwards, and `Grid.standing` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdisclose.forms import table_forms
from govdisclose.panel import Panel

PRINTED, SUMMED, SETTLED, LACKING, NOT_IN_FORM = range(5)
"""How a cell of a grid stands: printed; a sum of cells that stand; silent but settled by a printed total; lacking."""

BASES = ("printed", "sum", "settled", "at_least", "none")
"""The same five as words."""

SILENCES = ("blank", "not_applicable", "unreadable", "absent", "doubted")
"""Why a cell holds no number that counts ("doubted": see `counted`); `Grid.silence` holds them as bits 1, 2, 4, 8, 16."""

OUTCOMES = ("granted", "partially_granted", "denied", "not_available", "not_processed", "other")
"""How a request can end, in the order of both forms; all but the first two are groups of rows in the 2021 form."""

TOTAL = "total"


def _request_axes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Rows of the requests table over all forms (each once, in printed order) and its columns, the total last."""
    tables = [form.table("requests") for form in table_forms().values()]
    rows = list(dict.fromkeys(row.label.key for table in tables for row in table.rows))
    columns = list(dict.fromkeys(column.key for table in tables for row in table.rows for column in row.columns))
    return tuple(rows), tuple(sorted(columns, key=lambda column: column == TOTAL))


REQUEST_ROWS, REQUEST_COLUMNS = _request_axes()
APPLICANTS = REQUEST_COLUMNS[:-1]


def members(outcome: str) -> tuple[str, ...]:
    """The rows that make up an outcome: itself where the form prints it as one row, else the rows of its group."""
    return tuple(row for row in REQUEST_ROWS if row == outcome or row.startswith(outcome + "."))


@dataclass(frozen=True)
class Grid:
    """The requests table of n documents as arrays.

    Attributes
    ----------
    documents : one row a document, in the arrays' order (see `documents_used`)
    values : (n, rows, columns) figures; NaN where a cell is lacking or not in the document's form
    standing : (n, rows, columns) PRINTED, SUMMED, SETTLED, LACKING or NOT_IN_FORM
    silence : (n, rows, columns) bits of `SILENCES`; 0 where a number is printed
    flagged : (n, rows, columns) whether a finding of severity "error" points at the cell
    """

    documents: pd.DataFrame
    values: npt.NDArray[np.float64]
    standing: npt.NDArray[np.int8]
    silence: npt.NDArray[np.int8]
    flagged: npt.NDArray[np.bool_]


def documents_used(panel: Panel, table: str = "") -> pd.DataFrame:
    """Given a panel, return the one document that speaks for each agency-year.

    Where several documents report on the same agency and year, the one with the most figures is used, then the one
    with the fewest errors, then the first by name; `documents` says how many there were. Documents without an agency
    or a year speak for nobody.

    Parameters
    ----------
    table : the table that is spoken of: `form` is then the form that it follows, which may be older than the report's

    Returns
    -------
    DataFrame : agency, agency_kind, year, form, source, documents; sorted by agency and year
    """
    reports = panel.reports[(panel.reports["agency"].fillna("") != "") & panel.reports["year"].notna()]
    ordered = reports.sort_values(
        ["agency", "year", "cells_number", "findings_error", "source"], ascending=[True, True, False, True, True]
    )
    count = ordered.groupby(["agency", "year"])["source"].transform("size")
    ordered = ordered.assign(documents=count).drop_duplicates(["agency", "year"])
    if table:
        forms = panel.cells[panel.cells["table"] == table].drop_duplicates("source").set_index("source")["form"]
        ordered = ordered.assign(form=ordered["source"].map(forms).fillna(ordered["form"]).astype("str"))
    return ordered[["agency", "agency_kind", "year", "form", "source", "documents"]].reset_index(drop=True)


def doubted_cells(panel: Panel) -> pd.DataFrame:
    """Given a panel, return the cells that an "error" finding points at: source and key ("table.row.column").

    A finding that names the cell most likely at fault points at that cell; one that cannot tell points at all cells
    involved.
    """
    errors = panel.findings[panel.findings["severity"] == "error"]
    named = (errors[["table", "row", "column"]].fillna("") != "").all(axis=1)
    culprits = errors.loc[named, ["source"]].assign(
        key=errors.loc[named, "table"] + "." + errors.loc[named, "row"] + "." + errors.loc[named, "column"]
    )
    shared = errors.loc[~named, ["source", "involved"]].explode("involved").rename(columns={"involved": "key"})
    return pd.concat([culprits, shared], ignore_index=True).dropna().drop_duplicates().reset_index(drop=True)


def _codes(values: pd.Series[str], axis: Sequence[str]) -> npt.NDArray[np.intp]:
    return pd.Index(axis).get_indexer(pd.Index(values))


@lru_cache(maxsize=1)
def requests_grid(panel: Panel) -> Grid:
    """Given a panel, return the requests tables of `documents_used` with their silent cells settled where possible.

    The grid of the last panel asked about is kept, as several measures of one panel rest on it.
    """
    documents = documents_used(panel, "requests")
    cells = panel.cells[panel.cells["table"] == "requests"]
    at = (
        _codes(cells["source"], list(documents["source"])),
        _codes(cells["row"], REQUEST_ROWS),
        _codes(cells["column"], REQUEST_COLUMNS),
    )
    known = (at[0] >= 0) & (at[1] >= 0) & (at[2] >= 0)
    place = (at[0][known], at[1][known], at[2][known])
    shape = (len(documents), len(REQUEST_ROWS), len(REQUEST_COLUMNS))
    values = np.full(shape, np.nan)
    values[place] = cells["value"].to_numpy(dtype=float, na_value=np.nan)[known]
    silence = np.zeros(shape, np.int8)
    kinds = _codes(cells["state"], SILENCES)[known]
    silence[place] = np.where(kinds >= 0, 1 << np.maximum(kinds, 0), 0)
    standing = np.full(shape, NOT_IN_FORM, np.int8)
    standing[place] = LACKING
    standing[~np.isnan(values)] = PRINTED

    doubted = doubted_cells(panel)
    parts = doubted["key"].str.extract(r"^requests\.(?P<row>.+)\.(?P<column>[^.]+)$")
    marks = (
        _codes(doubted["source"], list(documents["source"])),
        _codes(parts["row"], REQUEST_ROWS),
        _codes(parts["column"], REQUEST_COLUMNS),
    )
    real = (marks[0] >= 0) & (marks[1] >= 0) & (marks[2] >= 0)
    flagged = np.zeros(shape, np.bool_)
    flagged[marks[0][real], marks[1][real], marks[2][real]] = True
    _settle(values, standing, flagged)
    return Grid(documents, values, standing, silence, flagged)


def _settle(values: npt.NDArray[np.float64], standing: npt.NDArray[np.int8], flagged: npt.NDArray[np.bool_]) -> None:
    """Work out, in place, what the printed totals say of silent cells: along rows, then along columns, until no more.

    Counts cannot be negative. So where the printed parts of a line already make up its printed total, the silent
    parts hold nothing; and where every part stands, a silent total is their sum. A total that a finding points at
    proves nothing.
    """
    total = REQUEST_COLUMNS.index(TOTAL)
    outcomes = [REQUEST_ROWS.index(row) for outcome in OUTCOMES for row in members(outcome)]
    concluded = REQUEST_ROWS.index("concluded")
    across: tuple[Any, Any] = np.s_[:, :, :total], np.s_[:, :, total]
    down: tuple[Any, Any] = np.s_[:, outcomes, :], np.s_[:, concluded, :]
    for _ in range(4):
        before = int((standing == LACKING).sum())
        for (parts, whole), axis in ((across, 2), (down, 1)):
            part, part_stands = values[parts], standing[parts]
            sums = np.nansum(part, axis=axis)
            lacking = part_stands == LACKING
            exists = (part_stands != NOT_IN_FORM).any(axis=axis)
            proven = (standing[whole] <= SETTLED) & (sums == values[whole]) & ~flagged[whole]
            settled = lacking & np.expand_dims(proven, axis)
            values[parts] = np.where(settled, 0.0, part)
            standing[parts] = np.where(settled, SETTLED, part_stands)
            summed = (standing[whole] == LACKING) & exists & ~lacking.any(axis=axis)
            worst = np.where(part_stands == NOT_IN_FORM, 0, part_stands).max(axis=axis)
            values[whole] = np.where(summed, sums, values[whole])
            standing[whole] = np.where(summed, np.maximum(worst, SUMMED), standing[whole])
        if int((standing == LACKING).sum()) == before:
            return


@dataclass(frozen=True)
class Count:
    """One figure of n documents: the sum of some rows of a column, and what it rests on.

    Attributes
    ----------
    measure : name of the figure
    value : (n,) cases; NaN where not computable
    at_least : (n,) what is printed of it, where cells lack; else NaN
    lacking : (n,) cells that the figure would rest on and that hold no number
    silence : (n,) bits of `SILENCES` of those cells
    basis : (n,) one of `BASES`
    origin : (n,) the cells used, in words
    flagged : (n,) whether a finding of severity "error" points at one of them
    reason : (n,) "" where computed, else why not
    """

    measure: str
    value: npt.NDArray[np.float64]
    at_least: npt.NDArray[np.float64]
    lacking: npt.NDArray[np.int64]
    silence: npt.NDArray[np.int8]
    basis: npt.NDArray[np.str_]
    origin: npt.NDArray[np.str_]
    flagged: npt.NDArray[np.bool_]
    reason: npt.NDArray[np.str_]


def count_rows(grid: Grid, measure: str, rows: Sequence[str], column: str = TOTAL) -> Count:
    """Given a grid, return the sum of `rows` in `column` for every document.

    A total that is not printed is made from the applicant types; the cells it lacked are then theirs.
    """
    at, col, last = [REQUEST_ROWS.index(row) for row in rows], REQUEST_COLUMNS.index(column), len(APPLICANTS)
    values, standing, silent = grid.values[:, at, col], grid.standing[:, at, col], grid.silence[:, at, :] != 0
    in_form = standing != NOT_IN_FORM
    split = in_form & silent[:, :, col] & (column == TOTAL)
    route = np.zeros(silent.shape, np.bool_)
    route[:, :, col] = in_form
    if column == TOTAL:
        route[:, :, :last] = split[:, :, None]
        route[:, :, last] &= ~split | silent[:, :, :last].all(axis=2)
    lacked = route & silent

    missing, short = ~in_form.any(axis=1), (standing == LACKING).any(axis=1)
    nothing = short & (lacked == route).all(axis=(1, 2))
    stands = np.where(in_form, standing, PRINTED).max(axis=1, initial=PRINTED)
    stands = np.where(in_form.sum(axis=1) > 1, np.maximum(stands, SUMMED), stands)
    # Where a total is lacking, what its applicant types print is the least that it can be.
    least = np.where(standing == LACKING, np.nansum(np.where(route, grid.values[:, at, :], 0.0), axis=2), values)
    return Count(
        measure=measure,
        value=np.where(missing | short, np.nan, np.nansum(values, axis=1)),
        at_least=np.where(short & ~nothing, np.nansum(least, axis=1), np.nan),
        lacking=lacked.sum(axis=(1, 2)),
        silence=np.bitwise_or.reduce(np.where(lacked, grid.silence[:, at, :], 0), axis=(1, 2)),
        basis=np.where(missing | nothing, "none", np.take(BASES, stands)),
        origin=_origin(measure, rows, in_form, split.any(axis=1), column),
        flagged=np.asarray((grid.flagged[:, at, :] & route).any(axis=(1, 2))),
        reason=np.select([missing, nothing, short], ["not_in_form", "nothing_printed", "cells_missing"], ""),
    )


def _origin(
    measure: str, rows: Sequence[str], in_form: npt.NDArray[np.bool_], split: npt.NDArray[np.bool_], column: str
) -> npt.NDArray[np.str_]:
    """In words, the cells of every document that a figure was taken from. `split`: through the applicant types."""
    only = np.take(rows, in_form.argmax(axis=1))
    several = in_form.sum(axis=1) > 1
    row = np.where(several, f"{measure}.*", only)
    name = np.char.add(np.char.add("requests.", row), np.where(split, ".*", f".{column}"))
    name = np.where(several | split, np.char.add("sum of ", name), name)
    return np.where(in_form.any(axis=1), name, "")


def silence_names(bits: npt.NDArray[np.int8]) -> npt.NDArray[np.str_]:
    """Given bits of `SILENCES`, return their names, joined by "+"."""
    names = ["+".join(name for bit, name in enumerate(SILENCES) if code >> bit & 1) for code in range(1 << len(SILENCES))]
    return np.take(names, bits)


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the package's types: nullable numbers (NA where there is nothing), text as str."""
    numbers = [c for c in ("value", "at_least", "numerator", "denominator", "low", "high", "median") if c in frame]
    counts = [c for c in ("lacking", "used", "left_out", "agencies") if c in frame]
    words = ("measure", "silences", "basis", "origin", "state", "reason", "group", "applicant", "unit")
    typed = frame.assign(**{c: pd.array(frame[c].to_numpy(dtype=float, na_value=np.nan)) for c in numbers})
    return typed.astype(
        dict.fromkeys(numbers, "Float64")
        | dict.fromkeys(counts, "Int64")
        | dict.fromkeys([c for c in words if c in frame], "str")
    )
