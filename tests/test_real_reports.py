"""Real documents, where they are at hand: GOVDISCLOSE_REAL_REPORTS names their folder. Nothing of their text is here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import govdisclose as gd

FOLDER = os.environ.get("GOVDISCLOSE_REAL_REPORTS", "")


def real(name: str) -> Path:
    path = Path(FOLDER or "no such folder") / name
    if not FOLDER or not path.is_file():
        pytest.skip(f"{name} is not here: set GOVDISCLOSE_REAL_REPORTS to the folder of real documents")
    return path


@pytest.fixture(scope="module")
def haimen() -> gd.Report:
    return gd.read_report(real("haimen-amr-2023.txt"))


def test_agency_year_and_form(haimen: gd.Report) -> None:
    assert (haimen.agency, haimen.year, haimen.form) == ("南通市海门区市场监督管理局", 2023, "2021")


def test_every_cell_is_a_number_as_published(haimen: gd.Report) -> None:
    cells = haimen.cells
    assert len(cells) == 200
    assert set(cells["state"]) == {"number"}
    values = dict(zip(cells["table"] + "." + cells["row"] + "." + cells["column"], cells["value"], strict=True))
    printed = {
        "proactive.normative_documents.repealed": 2,
        "proactive.normative_documents.in_force": 3,
        "proactive.licensing.decisions": 6900,
        "proactive.penalties.decisions": 715,
        "proactive.coercive_measures.decisions": 178,
        "requests.received.natural_person": 12,
        "requests.received.total": 12,
        "requests.granted.natural_person": 7,
        "requests.granted.total": 7,
        "requests.partially_granted.natural_person": 3,
        "requests.partially_granted.total": 3,
        "requests.denied.internal_affairs.natural_person": 1,
        "requests.denied.internal_affairs.total": 1,
        "requests.not_available.not_held.natural_person": 1,
        "requests.not_available.not_held.total": 1,
        "requests.concluded.natural_person": 12,
        "reviews.reconsideration.overturned": 1,
        "reviews.reconsideration.total": 1,
    }
    assert {key: value for key, value in values.items() if value} == printed


def test_the_total_printed_0_is_found_and_nothing_else_is_suggested(haimen: gd.Report) -> None:
    findings = haimen.findings
    suggested = findings[findings["suggestion"].notna()]
    assert set(suggested["rule"]) == {"requests.balance", "requests.row_total", "requests.concluded_sum"}
    assert set(zip(suggested["table"], suggested["row"], suggested["column"], strict=True)) == {
        ("requests", "concluded", "total")
    }
    assert set(suggested["suggestion"]) == {12.0}
    assert set(findings[findings["severity"] == "error"]["rule"]) == set(suggested["rule"])


def test_the_prose_contradicts_table_four_and_a_brand_is_injected(haimen: gd.Report) -> None:
    findings = haimen.findings
    contradiction = findings[findings["rule"] == "prose.contradiction"]
    assert list(zip(contradiction["table"], contradiction["row"], contradiction["column"], strict=True)) == [
        ("reviews", "reconsideration", "total")
    ]
    assert (contradiction["expected"].item(), contradiction["found"].item()) == (0, 1)
    assert len(findings[findings["rule"] == "text.injected"]) == 1


def test_a_figure_is_traced_to_its_line(haimen: gd.Report) -> None:
    cells = haimen.cells
    licensing = cells[(cells["row"] == "licensing")].iloc[0]
    lines = real("haimen-amr-2023.txt").read_text("utf-8").split("\n")
    assert licensing["place"].startswith("line ")
    assert lines[int(licensing["place"].split()[1]) - 1].strip(" |") == "6900"


@pytest.mark.parametrize("name", ["hongze-2023.pdf"])
def test_a_kind_that_is_not_read_yet_is_refused_with_its_name(name: str) -> None:
    with pytest.raises(gd.ReportError, match=name):
        gd.read_report(real(name))


def test_the_blank_form_is_told_from_a_report() -> None:
    blank = gd.read_report(real("blank-form-2021.docx"))
    assert (blank.agency, blank.year, blank.form) == ("", None, "2021")
    assert len(blank.cells) == 200 and set(blank.cells["state"]) == {"blank"}
    assert list(blank.findings["rule"]) == ["report.template"]
