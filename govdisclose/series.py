"""What does not hold between the reports of a panel: an agency's years against each other, and figures that were copied.

Each report stays as printed; a finding stands on one report and names the other's year. In `involved` the cells of the
report itself are "table.row.column", those of another year have that year in front ("2022:requests.carried_out.total").
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from govdisclose.findings import Finding
from govdisclose.forms import load_forms, words_of
from govdisclose.frames import findings_frame, findings_of
from govdisclose.history import Floats, History, keys, read_history
from govdisclose.identities import TOLERANCE
from govdisclose.numbers import plain
from govdisclose.volumes import aggregates, jumps

RULES = "series."
"""What the names of these rules begin with; no other rule's does."""

_NAMED = 5  # other agencies that a finding names
_LAST_YEAR_DIGITS, _OTHER_AGENCY_DIGITS, _FIGURES = 6.0, 7.0, 3
_STOCKS = frozenset(("in_force", "prior_items", "change", "total"))
_FOLLOWS = frozenset(("received", "carried_in", "concluded"))


def check_series(reports: pd.DataFrame, cells: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """Given the tables of a panel, return what does not hold between its reports.

    Parameters
    ----------
    reports, cells, statements : as in `Panel`

    Returns
    -------
    DataFrame : agency, year, source, then the contract's findings, in the order of agencies and years. Rules:

        - `series.carry_over` (warning): requests carried over to next year = those carried in from last year, for
          each type of applicant; both forms have both rows (notices 国办公开办函〔2019〕60号 and 〔2021〕30号, table 三).
        - `series.stock_flow` (warning): in force = in force last year + issued - repealed, both years by the form of 2021.
        - `series.duplicate` (warning): a whole table equal to last year's or to another agency's of that year.
        - `series.jump` (note): see `jumps`. `series.aggregate` (note): see `aggregates`.
        - `series.gap` (note): the panel lacks years between two that the agency reported on.
    """
    history = read_history(reports, cells)
    told = [
        *_carry_over(history), *_stock_flow(history), *_copied(history), *_gaps(history),
        *jumps(history), *aggregates(history, statements),
    ]  # fmt: skip
    if not told:
        return _nothing().copy()
    told.sort(key=lambda one: one[0])
    lines = [line for line, _ in told]
    return findings_of(history.documents.iloc[lines], [finding for _, finding in told])


@cache
def _nothing() -> pd.DataFrame:
    return findings_frame([], whose=True)


# --- requests carried over --------------------------------------------------------------------------------------------
@cache
def _columns() -> tuple[str, ...]:
    """The columns of the requests table, the total last; all forms have the same."""
    table = next(iter(load_forms().values())).table("requests")
    named = [column.key for column in table.rows[0].columns]
    return tuple(sorted(named, key=lambda column: column in table.totals))


def _row(row: str) -> list[str]:
    return [f"requests.{row}.{column}" for column in _columns()]


def _unmatched(figures: Floats) -> Floats:
    """By how much the parts of a row exceed its total: (n, columns) -> (n,)."""
    return np.asarray(figures[:, :-1].sum(axis=1) - figures[:, -1])


class _Carried(NamedTuple):
    """The sums of a side of the carry-over: its figures as printed, its balances, its row's parts less its total."""

    printed: Floats
    balance: Floats
    row: Floats


def _carry_over(history: History) -> Iterator[tuple[int, Finding]]:
    received, carried_in, concluded, carried_out = (
        history.sums(_row(row)) for row in ("received", "carried_in", "concluded", "carried_out")
    )
    balance = received + carried_in - concluded - carried_out
    entering = _Carried(history.values[:, [keys()[key] for key in _row("carried_in")]], balance, _unmatched(carried_in))
    leaving = _Carried(history.values[:, [keys()[key] for key in _row("carried_out")]], balance, _unmatched(carried_out))
    now = np.flatnonzero(history.before >= 0)
    with np.errstate(invalid="ignore"):
        apart = np.abs(entering.printed[now] - leaving.printed[history.before[now]]) > TOLERANCE
    for hit, column in np.argwhere(apart):
        yield _carried(history, int(now[hit]), int(column), entering, leaving)


def _carried(history: History, line: int, column: int, entering: _Carried, leaving: _Carried) -> tuple[int, Finding]:
    """The finding for one column; it stands on the report whose cell is named, else on the later one.

    A cell is named where its own year's balance is broken and mended by the other year's figure while the other
    year's balance holds; the figure is suggested where the row's total holds with it too.
    """
    above = int(history.before[line])
    this, last = float(entering.printed[line, column]), float(leaving.printed[above, column])
    shift, whole = last - this, column == len(_columns()) - 1
    in_row = entering.row[line] + (-shift if whole else shift)
    out_row = leaving.row[above] + (shift if whole else -shift)
    balance_now, balance_then = entering.balance[line, column], leaving.balance[above, column]
    blames_this = _mended(balance_now, shift) and abs(balance_then) <= TOLERANCE
    blames_last = _mended(balance_then, shift) and abs(balance_now) <= TOLERANCE
    year = int(history.year[line])
    cells = f"requests.carried_in.{_columns()[column]}", f"requests.carried_out.{_columns()[column]}"
    (zh_in, en_in), (zh_out, en_out) = map(words_of, cells)
    own, other, other_year = (1, 0, year) if blames_last else (0, 1, year - 1)
    suggested = (blames_this and abs(in_row) <= TOLERANCE) or (blames_last and abs(out_row) <= TOLERANCE)
    table, row, name = cells[own].split(".") if blames_this or blames_last else ("requests", "", "")
    told = f"{year - 1}年报告{zh_out}为{plain(last)},{year}年报告{zh_in}为{plain(this)},二者应相等"
    told_en = f"{en_out} is {plain(last)} in the report of {year - 1}, {en_in} is {plain(this)} in that of {year}; the two should be equal"
    if row:
        told += f";{year - own}年的收支不平,很可能是该年的数字有误"
        told_en += f"; the balance of {year - own} does not hold, so its figure is most likely at fault"
    expected, found = (this, last) if blames_last else (last, this)
    return above if blames_last else line, Finding(
        "series.carry_over", "warning", told, told_en, table, row, name, (cells[own], f"{other_year}:{cells[other]}"),
        expected, found, expected if suggested else None,
    )  # fmt: skip


def _mended(balance: float, shift: float) -> bool:
    return abs(balance) > TOLERANCE and abs(balance + shift) <= TOLERANCE


# --- what is in force -------------------------------------------------------------------------------------------------
def _stock_flow(history: History) -> Iterator[tuple[int, Finding]]:
    now = np.flatnonzero(history.before >= 0)
    for row in ("regulations", "normative_documents"):
        cells = [f"proactive.{row}.{column}" for column in ("in_force", "issued", "repealed")]
        stock, issued, repealed = (history.column(cell) for cell in cells)
        due = stock[history.before[now]] + issued[now] - repealed[now]
        with np.errstate(invalid="ignore"):
            broken = np.flatnonzero(np.abs(stock[now] - due) > TOLERANCE)
        for hit in broken:
            line, above = int(now[hit]), int(history.before[now[hit]])
            year = int(history.year[line])
            zh, en = words_of(cells[0])
            added = f"{plain(stock[above])}+{plain(issued[line])}-{plain(repealed[line])}={plain(due[hit])}"
            told = f"{zh}:{year - 1}年末数加本年制发减本年废止为{added},{year}年印作{plain(stock[line])}"
            told_en = f"{en}: in force at the end of {year - 1} plus issued less repealed gives {added}, "
            told_en += f"the report of {year} prints {plain(stock[line])}"
            yield line, Finding(
                "series.stock_flow", "warning", told, told_en, "proactive", involved=(*cells, f"{year - 1}:{cells[0]}"),
                expected=float(due[hit]), found=float(stock[line]),
            )  # fmt: skip


# --- copied tables ----------------------------------------------------------------------------------------------------
@cache
def _tables() -> dict[str, tuple[list[int], list[int]]]:
    """Table -> the places of its cells, and of those that no other cell determines and that do not persist by nature.

    Left out of the latter are totals, what the balance gives, and stocks, which may well be last year's.
    """
    places: dict[str, tuple[list[int], list[int]]] = {}
    for form in load_forms().values():
        for table in form.tables:
            whole, free = places.setdefault(table.key, ([], []))
            for slot in table.slots:
                place = keys()[slot.key]
                if place in whole:
                    continue
                whole.append(place)
                if slot.column not in _STOCKS | table.totals and slot.row not in _FOLLOWS:
                    free.append(place)
    return places


def _copied(history: History) -> Iterator[tuple[int, Finding]]:
    """Whole tables that are equal, where chance does not explain it.

    Volumes spread over orders of magnitude, so a figure x is met by chance with a probability well below 1/(1 + x), and
    a table whose free figures have the product of (1 + x) = 10^d with less than 10^-d: d >= 6 is asked for against the
    one report of the year before, d >= 7 against all other agencies of the year, and three figures above zero for both.
    """
    for table, (whole, free) in _tables().items():
        figures = np.abs(np.nan_to_num(history.values[:, free]))
        digits = np.where((figures > 0).sum(axis=1) >= _FIGURES, np.log10(1 + figures).sum(axis=1), 0.0)
        telling = np.flatnonzero(digits >= _LAST_YEAR_DIGITS)
        printed = dict(zip(telling.tolist(), map(bytes, history.values[np.ix_(telling, np.array(whole))]), strict=True))
        yield from _of_last_year(history, table, free, printed)
        same: dict[tuple[int, bytes], list[int]] = {}
        for line, content in printed.items():
            if digits[line] >= _OTHER_AGENCY_DIGITS:
                same.setdefault((int(history.year[line]), content), []).append(line)
        for lines in same.values():
            for line in lines if len(lines) > 1 else []:
                others = [str(history.agency[other]) for other in lines[: _NAMED + 1] if other != line][:_NAMED]
                more = len(lines) - 1 > _NAMED
                zh = f"{'、'.join(others)}{'等' if more else ''}的同年报告"
                en = f"the report of the same year by {', '.join(others)}{' and others' if more else ''}"
                yield line, _copy(history, line, table, free, zh, en)


def _of_last_year(history: History, table: str, free: list[int], printed: dict[int, bytes]) -> Iterator[tuple[int, Finding]]:
    for line, content in printed.items():
        above = int(history.before[line])
        if above >= 0 and printed.get(above) == content:
            year = int(history.year[above])
            yield line, _copy(history, line, table, free, f"本机关{year}年的报告", f"the agency's own report of {year}")


@cache
def _names() -> tuple[str, ...]:
    return tuple(keys())


def _copy(history: History, line: int, table: str, free: list[int], zh: str, en: str) -> Finding:
    involved = [_names()[place] for place in free if history.values[line, place] > 0]
    title = next(form.table(table).label for form in load_forms().values() if any(t.key == table for t in form.tables))
    told = f"“{title.zh}”全表与{zh}完全相同,其中{len(involved)}个大于0的数字互不推定,难以是巧合"
    told_en = f"the whole table “{title.en}” equals {en}; {len(involved)} figures above zero that do not follow from one another can hardly agree by chance"
    return Finding("series.duplicate", "warning", told, told_en, table, involved=tuple(involved))


# --- missing years ----------------------------------------------------------------------------------------------------
def _gaps(history: History) -> Iterator[tuple[int, Finding]]:
    agency, year = history.agency, history.year
    for line in np.flatnonzero((agency[1:] == agency[:-1]) & (np.diff(year) > 1)) + 1:
        missing = [str(one) for one in range(year[line - 1] + 1, year[line])]
        zh, en = "、".join(missing), ", ".join(missing)
        told = f"有{year[line - 1]}年和{year[line]}年的报告,没有读到其间{zh}年的报告"
        told_en = f"reports of {year[line - 1]} and {year[line]} are here, none of {en}"
        yield int(line), Finding("series.gap", "note", told, told_en)
