"""Which cells a figure rests on: one document for each agency-year, its cells, what is silent in it, what is doubted.

Nothing is repaired here. A silent cell is settled as holding nothing only where the printed total of its own row or
column leaves no room for it; that is the form's identity read backwards, and `Ledger.standing` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdisclose.cells import SCALES
from govdisclose.dictionary import TOTAL, Cells
from govdisclose.forms import load_forms, table_forms
from govdisclose.frames import keys_of
from govdisclose.history import codes, keys, places
from govdisclose.panel import Panel

PRINTED, SUMMED, SETTLED, LACKING, NOT_IN_FORM = range(5)
"""How a cell stands: printed; a sum of cells that stand; silent but settled by a printed total; lacking; not in the form."""

BASES = ("printed", "sum", "settled", "at_least", "none")
"""The same five as words."""

SILENCES = ("blank", "not_applicable", "unreadable", "absent", "doubted")
"""Why a cell holds no number that counts ("doubted": see `counted`); `Ledger.silence` holds them as bits 1, 2, 4, 8, 16."""

OUTCOMES = ("granted", "partially_granted", "denied", "not_available", "not_processed", "other")
"""How a request can end, in the order of both forms; all but the first two are groups of rows in the 2021 form."""


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


@cache
def sums_of(form: str, table: str) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The identities of a table by which one cell is the sum of others, as places: whole, parts; rows before columns."""
    slots = [keys()[slot.key] for slot in load_forms()[form].slots]
    return tuple(
        (slots[identity.right[0]], tuple(slots[part] for part in identity.left))
        for identity in load_forms()[form].identities
        if len(identity.right) == 1 and identity.table == table
    )


@cache
def _parts(form: str, table: str) -> dict[int, tuple[int, ...]]:
    """Whole -> the parts through which a total is told that is not printed itself: those of its row, where it has any."""
    found: dict[int, tuple[int, ...]] = {}
    for whole, parts in sums_of(form, table):
        found.setdefault(whole, parts)
    return found


@dataclass(frozen=True)
class Ledger:
    """The cells of n documents as arrays; `history.keys` tells the place of each cell's key.

    Attributes
    ----------
    documents : one row a document, in the arrays' order (see `documents_used`)
    forms : table -> (n,) the form that this table of the document follows, "" where it has none
    values : (n, keys) figures; NaN where a cell is lacking or not in the document's form
    standing : (n, keys) PRINTED, SUMMED, SETTLED, LACKING or NOT_IN_FORM
    silence : (n, keys) bits of `SILENCES`; 0 where a number is printed
    flagged : (n, keys) whether a finding of severity "error" points at the cell
    units : (n, keys) unit of the cell as a place in `unit_names`
    """

    documents: pd.DataFrame
    forms: Mapping[str, npt.NDArray[np.object_]]
    values: npt.NDArray[np.float64]
    standing: npt.NDArray[np.int8]
    silence: npt.NDArray[np.int8]
    flagged: npt.NDArray[np.bool_]
    units: npt.NDArray[np.int8]
    unit_names: tuple[str, ...]

    def column(self, name: str, key: str) -> npt.NDArray[np.float64]:
        """One cell of all documents in one of the arrays."""
        return np.asarray(getattr(self, name)[:, keys()[key]])


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
    DataFrame : agency, agency_kind, region, year, form, source, documents; sorted by agency and year
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
    columns = ["agency", "agency_kind", "region", "year", "form", "source", "documents"]
    return ordered[columns].reset_index(drop=True)


def doubted_cells(panel: Panel) -> pd.DataFrame:
    """Given a panel, return the cells that an "error" finding points at: source and key ("table.row.column").

    A finding that names the cell most likely at fault points at that cell; one that cannot tell points at all cells
    involved.
    """
    errors = panel.findings[panel.findings["severity"] == "error"]
    named = (errors[["table", "row", "column"]].fillna("") != "").all(axis=1)
    culprits = errors.loc[named, ["source"]].assign(key=keys_of(errors[named]))
    shared = errors.loc[~named, ["source", "involved"]].explode("involved").rename(columns={"involved": "key"})
    return pd.concat([culprits, shared], ignore_index=True).dropna().drop_duplicates().reset_index(drop=True)


@lru_cache(maxsize=1)
def read_ledger(panel: Panel) -> Ledger:
    """Given a panel, return the cells of `documents_used` with the silent ones settled where totals leave no room.

    The ledger of the last panel asked about is kept, as several measures of one panel rest on it.
    """
    documents = documents_used(panel)
    sources, cells = documents["source"].tolist(), panel.cells
    line, place = codes(cells["source"], sources), places(cells)
    known = (line >= 0) & (place >= 0)
    at = line[known], place[known]
    shape = (len(documents), len(keys()))
    values = np.full(shape, np.nan)
    scaled = [unit for unit in cells["unit"].unique() if unit.startswith(tuple(SCALES.values())) and not unit.endswith("yuan")]
    apart = cells["unit"].isin(scaled).to_numpy(dtype=bool)[known]  # 3万件 is not 3 of what the others count
    values[at] = np.where(apart, np.nan, cells["value"].to_numpy(dtype=float, na_value=np.nan)[known])
    silence = np.zeros(shape, np.int8)
    kinds = np.where(apart, SILENCES.index("doubted"), codes(cells["state"], SILENCES)[known])
    silence[at] = np.where(kinds >= 0, 1 << np.maximum(kinds, 0), 0)
    standing = np.full(shape, NOT_IN_FORM, np.int8)
    standing[at] = LACKING
    standing[~np.isnan(values)] = PRINTED
    unit_names = tuple(dict.fromkeys(["", *cells["unit"].unique()]))
    units = np.zeros(shape, np.int8)
    units[at] = codes(cells["unit"], unit_names)[known]

    doubted = doubted_cells(panel)
    spots = doubted["key"].map(keys()).fillna(-1).to_numpy(dtype=np.int64)
    lines = codes(doubted["source"], sources)
    real = (lines >= 0) & (spots >= 0)
    flagged = np.zeros(shape, np.bool_)
    flagged[lines[real], spots[real]] = True

    followed = cells[["source", "table", "form"]].drop_duplicates(["source", "table"])
    homes = dict.fromkeys(table.key for form in load_forms().values() for table in form.tables)
    forms: dict[str, npt.NDArray[np.object_]] = {
        home: _followed(documents["source"], followed[followed["table"] == home]) for home in homes
    }
    for form in load_forms().values():
        for table in form.tables:
            mine = np.flatnonzero(forms[table.key] == form.key)
            _settle(sums_of(form.key, table.key), mine, values, standing, flagged)
    return Ledger(documents, forms, values, standing, silence, flagged, units, unit_names)


def _followed(sources: pd.Series[str], forms: pd.DataFrame) -> npt.NDArray[np.object_]:
    """The form that a table follows in each source, "" where the source has none."""
    known = dict(zip(forms["source"], forms["form"], strict=True))
    return np.array([known.get(source, "") for source in sources], dtype=object)


def _settle(
    sums: Sequence[tuple[int, tuple[int, ...]]],
    mine: npt.NDArray[np.intp],
    values: npt.NDArray[np.float64],
    standing: npt.NDArray[np.int8],
    flagged: npt.NDArray[np.bool_],
) -> None:
    """Work out, in place, what the printed totals of some documents say of silent cells, until no more follows.

    Counts cannot be negative. So where the printed parts of a line already make up its printed total, the silent
    parts hold nothing; and where every part stands, a silent total is their sum. A total that a finding points at
    proves nothing.
    """
    if not len(mine) or not sums:
        return
    for _ in range(4):
        before = int((standing[mine] == LACKING).sum())
        for whole, parts in sums:
            cells = np.ix_(mine, np.array(parts))
            part, part_stands = values[cells], standing[cells]
            lacking = part_stands == LACKING
            added = np.nansum(part, axis=1)
            proven = (standing[mine, whole] <= SETTLED) & (added == values[mine, whole]) & ~flagged[mine, whole]
            settled = lacking & proven[:, None]
            values[cells] = np.where(settled, 0.0, part)
            standing[cells] = np.where(settled, SETTLED, part_stands)
            summed = (standing[mine, whole] == LACKING) & ~lacking.any(axis=1) & (part_stands != NOT_IN_FORM).all(axis=1)
            values[mine[summed], whole] = added[summed]
            standing[mine[summed], whole] = np.maximum(part_stands.max(axis=1), SUMMED)[summed]
        if int((standing[mine] == LACKING).sum()) == before:
            return


@dataclass(frozen=True)
class Count:
    """One figure of n documents: the sum of some cells, and what it rests on.

    Attributes
    ----------
    value : (n,) NaN where not computable
    at_least : (n,) what is printed of it, where cells lack; else NaN
    lacking : (n,) cells that the figure would rest on and that hold no number
    silence : (n,) bits of `SILENCES` of those cells
    basis : (n,) one of `BASES`
    origin : (n,) the cells used, in words
    flagged : (n,) whether a finding of severity "error" points at one of them
    unit : (n,) unit of the first of them
    contradicted : (n,) whether the figure is 0 beside parts of it that are more
    reason : (n,) "" where computed, else why not
    """

    value: npt.NDArray[np.float64]
    at_least: npt.NDArray[np.float64]
    lacking: npt.NDArray[np.int64]
    silence: npt.NDArray[np.int8]
    basis: npt.NDArray[np.object_]
    origin: npt.NDArray[np.object_]
    flagged: npt.NDArray[np.bool_]
    unit: npt.NDArray[np.object_]
    contradicted: npt.NDArray[np.bool_]
    reason: npt.NDArray[np.object_]


def count(ledger: Ledger, side: Mapping[str, Cells]) -> Count:
    """Given a ledger and the cells of a figure by form, return the figure of every document.

    A document is counted by the form that its table follows. A total that is not printed is made from the parts of its
    row; the cells it lacked are then theirs.
    """
    n = len(ledger.documents)
    words: dict[str, npt.NDArray[np.object_]] = {
        name: np.full(n, word, object)
        for name, word in (("basis", "none"), ("origin", ""), ("unit", ""), ("reason", "not_in_form"))
    }
    found = Count(
        value=np.full(n, np.nan), at_least=np.full(n, np.nan), lacking=np.zeros(n, np.int64), silence=np.zeros(n, np.int8),
        flagged=np.zeros(n, np.bool_), contradicted=np.zeros(n, np.bool_), **words,
    )  # fmt: skip
    for form, cells in side.items():
        mine = np.flatnonzero(ledger.forms[cells.table] == form)
        if len(mine):
            _count(ledger, form, cells, mine, found)
    return found


def _count(ledger: Ledger, form: str, cells: Cells, mine: npt.NDArray[np.intp], found: Count) -> None:
    """Fill in the figures of the documents `mine`, which follow one form."""
    at = np.array([keys()[key] for key in cells.keys])
    values, standing = ledger.values[np.ix_(mine, at)], ledger.standing[np.ix_(mine, at)]
    silent = ledger.silence[mine] != 0
    route = np.zeros(silent.shape, np.bool_)
    least, split_any = values.copy(), np.zeros(len(mine), np.bool_)
    for place, whole in enumerate(at.tolist()):
        parts = np.array(_parts(form, cells.table).get(whole, ()), dtype=np.intp)
        split = silent[:, whole] & bool(len(parts))
        route[:, parts] |= split[:, None]
        route[:, whole] = ~split | silent[:, parts].all(axis=1)
        split_any |= split
        # Where a total is lacking, what its parts print is the least that it can be.
        printed = np.nansum(ledger.values[np.ix_(mine, parts)], axis=1)
        least[:, place] = np.where(standing[:, place] == LACKING, printed, values[:, place])
    lacked = route & silent
    short = (standing == LACKING).any(axis=1)
    nothing = short & (lacked == route).all(axis=1)
    stands = standing.max(axis=1)
    if len(at) > 1:
        stands = np.maximum(stands, SUMMED)
    total = np.nansum(values, axis=1)
    found.value[mine] = np.where(short, np.nan, total)
    found.at_least[mine] = np.where(short & ~nothing, np.nansum(least, axis=1), np.nan)
    found.lacking[mine] = lacked.sum(axis=1)
    found.silence[mine] = np.bitwise_or.reduce(np.where(lacked, ledger.silence[mine], 0), axis=1)
    found.basis[mine] = np.where(nothing, "none", np.take(BASES, stands))
    found.origin[mine] = np.where(split_any, _origin(cells, split=True), _origin(cells, split=False))
    found.flagged[mine] = (ledger.flagged[mine] & route).any(axis=1)
    found.unit[mine] = np.take(np.array(ledger.unit_names, object), ledger.units[mine, at[0]])
    found.reason[mine] = np.select([nothing, short], ["nothing_printed", "cells_missing"], "")
    parts_of = [parts for whole, parts in sums_of(form, cells.table) if [whole] == at.tolist()]
    more = [np.nansum(ledger.values[np.ix_(mine, np.array(parts))], axis=1) > 0 for parts in parts_of]
    found.contradicted[mine] = ~short & (total == 0) & np.logical_or.reduce(more) if more else False


def _origin(cells: Cells, split: bool) -> str:
    """In words, the cells that a figure was taken from. `split`: totals through the parts of their row."""
    names = [f"{name.removesuffix('.' + TOTAL)}.*" if split and name.endswith("." + TOTAL) else name for name in cells.patterns]
    return ("sum of " if split or len(cells.keys) > 1 else "") + " + ".join(names)


def silence_names(bits: npt.NDArray[np.int8]) -> npt.NDArray[np.str_]:
    """Given bits of `SILENCES`, return their names, joined by "+"."""
    names = ["+".join(name for bit, name in enumerate(SILENCES) if code >> bit & 1) for code in range(1 << len(SILENCES))]
    return np.take(names, bits)


NUMBERS = ("value", "at_least", "numerator", "denominator", "low", "high", "median")
COUNTS = ("lacking", "used", "left_out", "agencies", "n", "n_missing", "segment")
WORDS = ("measure", "silences", "basis", "origin", "state", "reason", "group", "applicant", "unit", "form", "source")


def tidy(frame: pd.DataFrame, numbers: Sequence[str] = NUMBERS) -> pd.DataFrame:
    """The frame with the package's types: nullable numbers (NA where there is nothing), text as str."""
    known = [name for name in numbers if name in frame]
    typed = frame.assign(**{name: pd.array(frame[name].to_numpy(dtype=float, na_value=np.nan)) for name in known})
    kinds = dict.fromkeys(known, "Float64") | {name: "Int64" for name in COUNTS if name in frame}
    return typed.astype(kinds | {name: "str" for name in WORDS if name in frame})
