"""The form as it is printed: every cell in its place, findings coloured, nothing in a document acts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from filings import Filing, cell_keys
from selectolax.lexbor import LexborHTMLParser
from typeset import LAYOUTS, typeset

import govdisclose as gd

FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}
AGENCY = "金湖县水利局"


def page(**printed: str) -> bytes:
    keys = dict.fromkeys(cell_keys(FORMS), "0") | printed
    return typeset(Filing(AGENCY, 2023, f"{AGENCY}2023年政府信息公开工作年度报告", FORMS, keys), LAYOUTS["html_merged"])


@pytest.fixture(scope="module")
def report() -> gd.Report:
    return gd.read_report(
        page(
            **{
                "requests.received.natural_person": "5",
                "requests.granted.natural_person": "5",
                "requests.granted.total": "5",
                "requests.concluded.natural_person": "5",
                "requests.concluded.total": "5",
                "proactive.licensing.decisions": "/",
                "proactive.penalties.decisions": "约<b>7",
            }
        )
    )


def test_every_cell_stands_in_the_form_with_what_is_printed(report: gd.Report) -> None:
    tree = LexborHTMLParser(report.show().html)
    cells = tree.css("table.gd-form td")
    printed = dict(zip(report.cells["table"] + "." + report.cells["row"] + "." + report.cells["column"], report.cells["text"], strict=True))
    assert [cell.attributes["title"].split(" ")[0].split("\n")[0] for cell in cells] == list(printed)  # type: ignore[union-attr]
    assert [cell.text() for cell in cells] == list(printed.values())
    assert len(tree.css("table.gd-form")) == 3


def test_a_doubted_cell_is_coloured_and_says_what_is_expected(report: gd.Report) -> None:
    tree = LexborHTMLParser(report.show("en").html)
    (culprit,) = [cell for cell in tree.css("td.error") if "requests.received.total" in (cell.attributes["title"] or "")]
    assert culprit.text() == "0"
    assert "Suggestion 5" in (culprit.attributes["title"] or "") and "table 2, row 4, column 8" in (culprit.attributes["title"] or "")
    assert len(tree.css("td.involved")) > 5


def test_states_are_told_apart_and_markup_does_not_act(report: gd.Report) -> None:
    tree = LexborHTMLParser(report.show().html)
    (unreadable,) = tree.css("td.unreadable")
    assert unreadable.text() == "约<b>7" and not tree.css("td b")


def test_a_report_shows_itself(report: gd.Report) -> None:
    assert repr(report).startswith(f"Report({AGENCY}, 2023, form 2021: 198 of 200 cells hold a number")
    assert report._repr_html_().startswith(f"<p>{AGENCY} 2023 · form 2021")


def test_a_figure_is_traced_to_its_cell(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_bytes(page(**{"requests.received.natural_person": "5"}))
    panel = gd.read_reports(file, progress=False)
    traced = panel.trace(AGENCY, 2023, "requests.received.natural_person")
    row = traced.iloc[0].to_dict()
    assert (row["value"], row["state"], row["text"], row["place"]) == (5.0, "number", "5", "table 2, row 4, column 2")
    assert row["source"] == str(file) and len(row["sha256"]) == 64
    assert row["findings"] == ["requests.balance", "requests.row_total"]
    assert "title=" in panel.show(AGENCY, 2023).html
    with pytest.raises(ValueError, match="nearest: requests.received.total"):
        panel.trace(AGENCY, 2023, "requests.received.totals")
    assert isinstance(traced, pd.DataFrame)
    (framed,) = LexborHTMLParser(traced._repr_html_()).css("td.marked")  # type: ignore[operator]
    assert framed.text() == "5" and framed.attributes["class"] == "error marked"
    assert type(traced[["value"]]) is pd.DataFrame
