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
    (culprit,) = [cell for cell in tree.css("table.gd-form td.error") if "requests.received.total" in (cell.attributes["title"] or "")]
    assert culprit.text() == "0"
    assert "Suggestion 5" in (culprit.attributes["title"] or "") and "table 2, row 4, column 8" in (culprit.attributes["title"] or "")
    assert len(tree.css("td.involved")) > 5


def test_states_are_told_apart_and_markup_does_not_act(report: gd.Report) -> None:
    tree = LexborHTMLParser(report.show().html)
    (unreadable,) = tree.css("td.unreadable")
    assert unreadable.text() == "约<b>7" and not tree.css("td b")


def test_a_report_shows_itself(report: gd.Report) -> None:
    assert repr(report).startswith(f"Report({AGENCY}, 2023, form 2021: 198 of 200 cells hold a number")
    assert report._repr_html_().startswith(f"<p><strong>{AGENCY} 2023</strong> · 2021 年格式 · 200 格中有数字的 198 格 · 发现 ")
    assert "form of 2021 · 198 of 200 cells hold a number" in report.show("en").html


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


def test_findings_show_whole_messages_and_stay_a_frame(report: gd.Report) -> None:
    (message,) = report.findings.loc[report.findings["rule"] == "cell.unreadable", "message_en"]
    for findings in (report.findings, report.findings[report.findings["severity"] != "note"]):
        tree = LexborHTMLParser(findings._repr_html_())  # type: ignore[operator]
        assert len(tree.css("tr")) == 1 + len(findings) and not tree.css("td b")
        assert any(message in cell.text() for cell in tree.css("td"))
        assert tree.css_first("td.error").text().startswith("错误 · errorrequests.")
    assert isinstance(report.findings, pd.DataFrame) and type(report.findings[["rule", "severity"]]) is pd.DataFrame
    many = gd.Panel(**{name: pd.DataFrame() for name in ("reports", "cells", "statements", "failures")}, findings=pd.concat([report.findings] * 30))
    assert "这里只有前 60 条" in many.findings._repr_html_()  # type: ignore[operator]
    assert report.findings.head(0)._repr_html_() == "<p>没有。 · None.</p>"  # type: ignore[operator]


def test_a_panel_shows_who_reports_on_which_years(tmp_path: Path) -> None:
    for year in (2021, 2022, 2024):
        keys = dict.fromkeys(cell_keys(FORMS), "0") | ({"requests.received.natural_person": "5"} if year == 2022 else {})
        filing = Filing(AGENCY, year, f"{AGENCY}{year}年政府信息公开工作年度报告", FORMS, keys)
        (tmp_path / f"{year}.html").write_bytes(typeset(filing, LAYOUTS["html_merged"]))
    tree = LexborHTMLParser(gd.read_reports(tmp_path, progress=False)._repr_html_())
    facts, coverage = tree.css("table.gd-list")
    assert "发现 · Findings2 errors, " in facts.text()
    heads, row = coverage.css("tr")
    assert [cell.text() for cell in heads.css("th")] == ["机关 · Agency", "2021", "2022", "2024"]
    assert [cell.text() for cell in row.css("td")] == [AGENCY, "200", "200", "200"]
    assert "error" in str(row.css("td")[2].attributes["class"]) and "error" not in str(row.css("td")[1].attributes["class"])
