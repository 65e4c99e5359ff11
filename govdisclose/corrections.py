"""Corrections that a reader decided on: a table beside the panel, applied on request, each with its reason.

A correction names what is printed. Where the document prints something else, it was written for another version of it and
is refused. The printed value is never replaced: a corrected panel has one column more.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from govdisclose.findings import Finding
from govdisclose.forms import Slot, load_forms, parts_of, words_of
from govdisclose.numbers import read_figure
from govdisclose.words import fold

COLUMNS = ("agency", "year", "table", "row", "column", "printed", "corrected", "reason", "who", "date")
APPLIED, CONFIRMED, STALE, NO_REPORT = "applied", "confirmed", "stale", "no_report"
"""What became of a correction: applied; it says that the printed figure is right; the document prints something else; the
panel has no such report or the report no such cell."""

_WORDS = {
    APPLIED: ("note", "更正为{corrected}({reason};{who})", "corrected to {corrected} ({reason}; {who})"),
    CONFIRMED: ("note", "核对过,印出的数字无误({reason};{who})", "checked: the printed figure is right ({reason}; {who})"),
    STALE: ("warning", "更正未采用:更正表记该格印作“{expected}”", "a correction was refused: it was made for “{expected}”"),
}


def read_corrections(path: str | Path) -> pd.DataFrame:
    """Given a CSV file of corrections (UTF-8), return them as a frame.

    Columns: agency, year, table, row, column (the contract's keys); printed (the cell's text as the document prints it, empty
    for an empty cell); corrected (the figure that should stand there, in the cell's unit; the printed figure itself where it
    was found to be right); reason; who; date (2026-03-01).

    Raises
    ------
    ValueError : no such file, a column is missing, or a line is no correction; the message names line and mend
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ValueError(f"{path}: cannot be read ({reason}); name a CSV file of corrections") from error
    lines = csv.DictReader(io.StringIO(text, newline=""))
    if missing := [name for name in COLUMNS if name not in (lines.fieldnames or ())]:
        raise ValueError(f"{path}: no column {missing[0]}; its first line should be {','.join(COLUMNS)}")
    return _read_lines(str(path), "line", ((lines.line_num, line) for line in lines))


def checked_corrections(given: pd.DataFrame) -> pd.DataFrame:
    """Given corrections as a frame of whatever types, return them as `read_corrections` does; `ValueError` as there."""
    if missing := [name for name in COLUMNS if name not in given]:
        raise ValueError(f"corrections: no column {missing[0]}; there should be {', '.join(COLUMNS)}")
    rows = given[list(COLUMNS)].astype(object).to_dict("records")
    return _read_lines("corrections", "row", enumerate({name: _written(value) for name, value in row.items()} for row in rows))


def _written(value: Any) -> str:
    """A value of a frame as a CSV file has it."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    return "" if pd.isna(value) else _exact(value) if isinstance(value, float) else str(value)


def _read_lines(name: str, unit: str, lines: Iterable[tuple[int, Mapping[Any, Any]]]) -> pd.DataFrame:
    """`unit`: what the numbers of the lines count."""
    rows = []
    seen: dict[tuple[object, ...], int] = {}
    for number, line in lines:
        try:
            if None in line:
                raise ValueError("more entries than columns; put quotes around a text with commas")
            row = _read_line({name: (line[name] or "").strip() for name in COLUMNS})
            cell = tuple(row[name] for name in COLUMNS[:5])
            if cell in seen:
                raise ValueError(f"the cell was corrected on {unit} {seen[cell]} already; keep one of both")
        except ValueError as error:
            raise ValueError(f"{name}, {unit} {number}: {error}") from None
        seen[cell] = number
        rows.append(row)
    return corrections_frame(rows)


def _read_line(line: Mapping[str, str]) -> dict[str, Any]:
    key = f"{line['table']}.{line['row']}.{line['column']}"
    slots = _slots(key)
    if not slots:
        raise ValueError(f"no form has a cell {key!r}; the codebook of govdisclose export lists all")
    figure = read_figure(line["corrected"])
    if figure.value is None or (figure.value < 0 and not slots[0].signed):
        raise ValueError(f"corrected is {line['corrected']!r}; write the figure that should stand there")
    if not line["year"].isdecimal() or not line["agency"]:
        raise ValueError(f"agency {line['agency']!r}, year {line['year']!r}: name both")
    if not line["reason"]:
        raise ValueError("a correction needs a reason")
    try:
        date.fromisoformat(line["date"])
    except ValueError:
        raise ValueError(f"date is {line['date']!r}; write it as 2026-03-01") from None
    return {**line, "agency": fold(line["agency"]), "year": int(line["year"]), "corrected": figure.value}


def _slots(key: str) -> list[Slot]:
    return [form.slots[form.places[key]] for form in load_forms().values() if key in form.places]


def corrections_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The frame of `read_corrections` from its rows."""
    kinds = dict.fromkeys(COLUMNS, "str") | {"year": "Int64", "corrected": "Float64"}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(kinds)


def write_corrections(corrections: pd.DataFrame, path: str | Path) -> None:
    """Write corrections as `read_corrections` reads them; the file is replaced in one step."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            lines = csv.writer(stream, lineterminator="\n")
            lines.writerow(COLUMNS)
            for row in corrections.astype(object).itertuples(index=False):
                lines.writerow([_exact(value) if name == "corrected" else value for name, value in zip(COLUMNS, row, strict=True)])
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _exact(number: float) -> str:
    return f"{number:.15g}"


def outcomes(cells: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """Given a panel's cells and corrections, return what becomes of each.

    Returns
    -------
    DataFrame : the corrections, one line for each document of that agency and year, with line (of `cells`, -1 where there
        is none), source, found (what is printed), outcome (see `APPLIED` and its neighbours)
    """
    keys = list(COLUMNS[:5])
    asked = cells[cells["agency"].isin(corrections["agency"])]
    known = asked[[*keys, "source", "text", "value"]].assign(line=asked.index)
    found = corrections.merge(known, on=keys, how="left", validate="one_to_many")
    same = found["text"].fillna("").str.strip() == found["printed"].str.strip()
    right = (found["value"] == found["corrected"]).fillna(False).astype(bool)
    outcome = pd.Series(STALE, index=found.index).mask(same, APPLIED).mask(same & right, CONFIRMED)
    found["outcome"] = outcome.mask(found["line"].isna(), NO_REPORT).astype("str")
    found["line"] = found["line"].fillna(-1).astype("int64")
    return found.assign(source=found["source"].fillna("")).rename(columns={"text": "found"}).drop(columns="value")


def with_corrections(cells: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The cells with a column `corrected` beside what is printed; NA where nothing is corrected."""
    applied = told[told["outcome"] == APPLIED]
    corrected = pd.Series(pd.NA, index=cells.index, dtype="Float64")
    corrected.loc[applied["line"].to_numpy()] = applied["corrected"].to_numpy()
    return cells.assign(corrected=corrected)


def findings_about(told: pd.DataFrame) -> list[Finding]:
    """A finding for each correction of a document that is there: `correction.applied`, `.confirmed` or `.stale`."""
    found = []
    for row in told[told["line"] >= 0].astype(object).to_dict("records"):
        key = f"{row['table']}.{row['row']}.{row['column']}"
        zh, en = words_of(key)
        severity, words, words_en = _WORDS[row["outcome"]]
        say = {"corrected": _exact(row["corrected"]), "reason": row["reason"], "who": row["who"], "expected": row["printed"]}
        told_zh = f"{zh}印作“{row['found']}”;{words.format(**say)}"
        told_en = f"{en} is printed “{row['found']}”; {words_en.format(**say)}"
        found.append(Finding(f"correction.{row['outcome']}", severity, told_zh, told_en, *parts_of(key), (key,)))
    return found
