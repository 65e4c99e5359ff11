"""Exports: every figure and text survives, and no spreadsheet runs any of it."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from made_reports import BALANCE, DENIED, made_report

from govdisclose import export
from govdisclose.assembly import TABLES, assembled
from govdisclose.export import codebook, export_panel
from govdisclose.findings import Finding
from govdisclose.folders import Failure
from govdisclose.forms import load_forms
from govdisclose.panel import Panel

FIGURES = {
    "proactive.licensing.decisions": "=1+1",
    "proactive.penalties.decisions": "-",
    "proactive.coercive_measures.decisions": "—",
    "proactive.fees.amount": "7730.28",
    "proactive.regulations.issued": "",
    "proactive.normative_documents.in_force": "\uff1d1",
    "proactive.regulations.repealed": "1,234",
    "proactive.regulations.in_force": "@SUM(A1)",
    "proactive.normative_documents.issued": "+86",
    "proactive.normative_documents.repealed": "\t12",
    "requests.received.natural_person": "'-",
}


@pytest.fixture
def panel() -> Panel:
    injected = Finding("text.injected", "note", "=HYPERLINK(甲)", "a\rb")
    reports = [
        made_report("甲.html", figures=FIGURES, found=[BALANCE, injected], stated=[DENIED]),
        made_report("乙.html", "=灌河县人民政府", 2020, "2019", {"proactive.licensing.change": "-3"}),
    ]
    return Panel(**assembled(reports, [Failure("丙.pdf", "a PDF")], {}), interrupted=False)


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def cell(table: list[dict[str, str]], row: str, column: str) -> tuple[str, str, str]:
    found = [line for line in table if (line["year"], line["row"], line["column"]) == ("2023", row, column)]
    return found[0]["value"], found[0]["state"], found[0]["text"]


def test_csv(panel: Panel, tmp_path: Path) -> None:
    files = export_panel(panel, tmp_path / "out")
    assert [file.name for file in files] == [f"{name}.csv" for name in (*TABLES, "codebook")]
    assert files[1].read_bytes().startswith(b"\xef\xbb\xbfagency,year,form,")
    cells = rows(files[1])
    assert len(cells) == len(panel.cells)
    assert cell(cells, "licensing", "decisions") == ("", "unreadable", "'=1+1")
    assert cell(cells, "penalties", "decisions") == ("", "not_applicable", "'-")
    assert cell(cells, "coercive_measures", "decisions") == ("", "not_applicable", "—")
    assert cell(cells, "fees", "amount") == ("7730.28", "number", "7730.28")
    assert cell(cells, "regulations", "issued") == ("", "blank", "")
    assert cell(cells, "regulations", "repealed") == ("1234", "number", "1,234")
    assert cell(cells, "regulations", "in_force")[2] == "'@SUM(A1)"
    assert cell(cells, "normative_documents", "issued") == ("86", "number", "'+86")
    assert cell(cells, "normative_documents", "repealed") == ("12", "number", "'\t12")
    assert cell(cells, "normative_documents", "in_force")[2] == "'\uff1d1"
    assert cell(cells, "received", "natural_person")[2] == "''-"
    change = next(line for line in cells if line["column"] == "change")
    assert (change["value"], change["text"], change["agency"]) == ("-3", "'-3", "'=灌河县人民政府")
    findings = rows(files[2])
    assert findings[0]["involved"] == "requests.received.total; requests.concluded.total"
    assert (findings[0]["expected"], findings[1]["expected"]) == ("12", "")
    assert findings[1]["message"] == "'=HYPERLINK(甲)"
    assert rows(files[4]) == [{"source": "丙.pdf", "reason": "a PDF"}]


def test_every_text_can_be_had_back(panel: Panel, tmp_path: Path) -> None:
    cells = rows(export_panel(panel, tmp_path)[1])
    assert [line["text"].removeprefix("'") for line in cells] == panel.cells["text"].tolist()


def test_excel(panel: Panel, tmp_path: Path) -> None:
    assert export_panel(panel, tmp_path / "out", "xlsx") == [tmp_path / "out" / "panel.xlsx"]
    (file,) = export_panel(panel, tmp_path / "new" / "all.xlsx", "xlsx")
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == [*TABLES, "codebook"]
    heading, *lines = book["cells"].values
    assert len(lines) == len(panel.cells)
    table = pd.DataFrame(lines, columns=heading).set_index(["year", "row", "column"])
    licensing, fees = table.loc[(2023, "licensing", "decisions")], table.loc[(2023, "fees", "amount")]
    assert (pd.isna(licensing["value"]), licensing["text"]) == (True, "'=1+1")
    assert (fees["value"], fees["text"], fees["form"]) == (7730.28, "7730.28", "2021")
    assert not [c for sheet in book for line in sheet.iter_rows() for c in line if c.data_type == "f"]


def test_excel_takes_what_it_cannot_hold(tmp_path: Path) -> None:
    long = Finding("x", "note", "长" * 40_000, "bell \x07")
    (file,) = export_panel(Panel(**assembled([made_report("a", found=[long])], [], {}), interrupted=False), tmp_path, "xlsx")
    _, line = openpyxl.load_workbook(file)["findings"].values
    assert line is not None
    assert line[-1] == "bell \ufffd"
    assert len(str(line[-2])) == 32_767
    assert str(line[-2]).endswith("长…(cut)")


def test_too_many_rows_for_a_sheet(panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", 300)
    with pytest.raises(ValueError, match=r"cells has 398 rows, an Excel sheet holds 299; export as csv or parquet"):
        export_panel(panel, tmp_path / "out.xlsx", "xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_parquet_keeps_everything(panel: Panel, tmp_path: Path) -> None:
    files = export_panel(panel, tmp_path, "parquet")
    assert [file.name for file in files] == [f"{name}.parquet" for name in (*TABLES, "codebook")]
    cells = pd.read_parquet(files[1])
    pd.testing.assert_frame_equal(cells, panel.cells)
    assert [list(items) for items in pd.read_parquet(files[2])["involved"]] == panel.findings["involved"].tolist()


def test_targets_that_do_not_fit(panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="csv is written as files in a folder; name a folder"):
        export_panel(panel, tmp_path / "cells.csv")
    with pytest.raises(ValueError, match="parquet is written as files in a folder"):
        export_panel(panel, tmp_path / "file", "parquet")
    with pytest.raises(ValueError, match="no format 'stata'; choose one of csv, xlsx, parquet"):
        export_panel(panel, tmp_path, "stata")  # type: ignore[arg-type]


def test_codebook_has_every_cell_of_every_form() -> None:
    book = codebook()
    assert book.groupby("form").size().to_dict()["2021"] == 200
    assert not book.duplicated(["form", "key"]).any()
    assert (book.drop(columns="group_zh") != "").all().all()
    line = book[(book["form"] == "2021") & (book["key"] == "requests.denied.state_secret.natural_person")].iloc[0]
    assert line["row_zh"] == "1.属于国家秘密"
    assert (line["group_zh"], line["column_zh"], line["unit"]) == ("(三)不予公开", "自然人", "cases")
    assert line["label_en"] == "Disclosure requests / Denied / State secret / Natural persons"
    assert line["notice"] == "国办公开办函〔2021〕30号"
    fees = book[book["key"] == "proactive.fees.amount"].iloc[0]
    assert (fees["unit"], fees["label_en"]) == (
        "as printed",
        "Proactive disclosure / Administrative fees / Fees charged this year",
    )


def test_codebook_covers_the_cells_of_a_panel(panel: Panel) -> None:
    keys = panel.cells["form"] + panel.cells["table"] + "." + panel.cells["row"] + "." + panel.cells["column"]
    book = codebook()
    assert set(keys) <= set(book["form"] + book["key"])
    assert len(book) == len({*book["form"] + book["key"]}) == sum(len(form.slots) for form in load_forms().values())
