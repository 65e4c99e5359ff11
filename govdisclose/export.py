"""A panel for other programs: CSV, Excel or Parquet, always with the codebook that says what each key means."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from govdisclose.assembly import TABLES
from govdisclose.forms import load_forms
from govdisclose.panel import Panel

Format = Literal["csv", "xlsx", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "parquet")
SHEET_ROWS = 1_048_576
"""Rows of an Excel sheet, its heading included."""
CELL_CHARACTERS = 32_767
CUT = "…(cut)"

# What a spreadsheet takes for the start of a formula, also in the full-width forms that Chinese systems accept. The
# apostrophe itself is among them so that taking one leading apostrophe off always gives the text as printed.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
_AS_PRINTED = "as printed"
CODEBOOK = (
    *("form", "table", "row", "column", "key", "table_zh", "group_zh", "row_zh", "column_zh"),
    *("label_en", "unit", "legal", "notice"),
)


def codebook() -> pd.DataFrame:
    """Given nothing, return one row for each cell of each official form.

    Columns: form, table, row, column (the contract's keys), key (the three joined), their Chinese labels in the form's
    words, one English label, unit ("as printed" where the form leaves it to the report), the article of the
    Regulations on Open Government Information that the row rests on, and the notice that prescribes the form.
    """
    rows = []
    for form in load_forms().values():
        for table in form.tables:
            groups = {group.key: group for group in table.groups}
            for row in table.rows:
                group = groups.get(row.group)
                for slot, column in zip(row.slots, row.columns, strict=True):
                    english = [table.label.en, *([group.en] if group else []), row.label.en, column.en]
                    chinese = (table.label.zh, group.zh if group else "", row.label.zh, column.zh)
                    about = (" / ".join(english), slot.unit or _AS_PRINTED, row.legal, form.notice)
                    rows.append((form.key, slot.table, slot.row, slot.column, slot.key, *chinese, *about))
    return pd.DataFrame(rows, columns=list(CODEBOOK), dtype="str")


def export_panel(panel: Panel, target: str | Path, format: Format = "csv") -> list[Path]:
    """Write a panel and its codebook, return the files written.

    In CSV and Excel a text that a spreadsheet would take for a formula (it begins with ``= + - @``, a tab or a carriage
    return, or with an apostrophe) gets an apostrophe in front: a cell printed ``-`` reads ``'-``. Numbers stay numbers,
    missing ones are empty. Parquet keeps every text and type as it is.

    Parameters
    ----------
    panel : what to write
    target : a folder, made if need be; for "xlsx" also a file name ending in .xlsx
    format : "csv" (UTF-8 with a mark that makes Excel show Chinese), "xlsx" (one workbook), "parquet"

    Raises
    ------
    ValueError : no such format, a target that does not fit it, or more rows than an Excel sheet holds
    """
    target = Path(target)
    if format not in FORMATS:
        raise ValueError(f"no format {format!r}; choose one of {', '.join(FORMATS)}")
    is_workbook = format == "xlsx" and target.suffix.lower() == ".xlsx"
    if not is_workbook and (target.is_file() or target.suffix.lower() in (".csv", ".xlsx", ".parquet")):
        raise ValueError(f"{target}: {format} is written as files in a folder; name a folder")
    tables = {name: getattr(panel, name) for name in TABLES} | {"codebook": codebook()}
    if format == "xlsx":
        file = target if is_workbook else target / "panel.xlsx"
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_workbook(tables, file)
        return [file]
    target.mkdir(parents=True, exist_ok=True)
    files = []
    for name, table in tables.items():
        files.append(target / f"{name}.{format}")
        if format == "csv":
            write_csv(table, files[-1])
        else:
            table.to_parquet(files[-1], index=False)
    return files


def write_csv(table: pd.DataFrame, file: Path) -> None:
    """Write a table as `export_panel` writes its CSV files."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(_lines(table))


def csv_text(table: pd.DataFrame) -> str:
    """Given a table, return it as CSV that a spreadsheet takes as it is meant (see `export_panel`)."""
    stream = io.StringIO()
    csv.writer(stream).writerows(_lines(table))
    return stream.getvalue()


def _write_workbook(tables: dict[str, pd.DataFrame], file: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    for name, table in tables.items():
        if len(table) + 1 > SHEET_ROWS:
            raise ValueError(
                f"{name} has {len(table):,} rows, an Excel sheet holds {SHEET_ROWS - 1:,}; "
                "export as csv or parquet, or select agencies or years first"
            )

    def fit(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        return value if len(value) <= CELL_CHARACTERS else value[: CELL_CHARACTERS - len(CUT)] + CUT

    book = Workbook(write_only=True)
    for name, table in tables.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for line in _lines(table):
            sheet.append([fit(value) for value in line])
    book.save(file)


def _lines(table: pd.DataFrame) -> Iterator[Sequence[Any]]:
    """The heading and the rows of a table as a spreadsheet may have them."""
    yield list(table.columns)
    yield from zip(*(_column(table[name]) for name in table.columns), strict=True)


def _column(column: pd.Series[Any]) -> list[Any]:
    if column.dtype == "object":
        return [_safe("; ".join(items)) for items in column]
    if isinstance(column.dtype, pd.StringDtype):
        return [_safe(text) for text in column]
    return [None if pd.isna(number) else int(number) if number == int(number) else float(number) for number in column]


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
