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


@pytest.fixture(scope="module")
def hongze() -> gd.Report:
    return gd.read_report(real("hongze-2023.pdf"))


def test_every_cell_of_a_digital_pdf_is_as_published(hongze: gd.Report) -> None:
    assert (hongze.agency, hongze.year, hongze.form) == ("淮安市洪泽区人民政府", 2023, "2021")
    cells = hongze.cells
    assert set(cells["state"]) == {"number"} and len(cells) == 186
    assert dict(cells.groupby("table")["form"].first()) == {"proactive": "2021", "requests": "2019", "reviews": "2021"}
    values = dict(zip(cells["table"] + "." + cells["row"] + "." + cells["column"], cells["value"], strict=True))
    printed = {
        "proactive.normative_documents.repealed": 5,
        "proactive.normative_documents.in_force": 5,
        "proactive.licensing.decisions": 550,
        "proactive.penalties.decisions": 4119,
        "proactive.coercive_measures.decisions": 195,
        "proactive.fees.amount": 7730.28,
        "reviews.reconsideration.upheld": 10,
        "reviews.reconsideration.overturned": 1,
        "reviews.litigation_after_review.upheld": 5,
    }
    requests = {
        "received": 21,
        "partially_granted": 4,
        "denied.state_secret": 1,
        "denied.deliberative": 1,
        "denied.enforcement_files": 1,
        "not_available.not_held": 10,
        "not_available.would_require_creation": 3,
        "not_processed.petition_complaint": 1,
        "concluded": 21,
    }
    for row, value in requests.items():
        printed |= {f"requests.{row}.natural_person": value, f"requests.{row}.total": value}
    assert {key: value for key, value in values.items() if value} == printed
    place = cells.loc[(cells["row"] == "penalties") & (cells["column"] == "decisions"), "place"].item()
    assert place.startswith("page 3, table 1, ")


def test_printed_mistakes_of_the_pdf_are_found_and_kept(hongze: gd.Report) -> None:
    errors = hongze.findings[hongze.findings["severity"] == "error"]
    assert list(errors["rule"]) == ["reviews.row_total"] * 2
    assert list(errors["expected"]) == [11.0, 5.0] and list(errors["found"]) == [0.0, 0.0]
    assert "form.mixed" in set(hongze.findings["rule"]) and "prose.contradiction" not in set(hongze.findings["rule"])



def test_the_blank_form_is_told_from_a_report() -> None:
    blank = gd.read_report(real("blank-form-2021.docx"))
    assert (blank.agency, blank.year, blank.form) == ("", None, "2021")
    assert len(blank.cells) == 200 and set(blank.cells["state"]) == {"blank"}
    assert list(blank.findings["rule"]) == ["report.template"]
