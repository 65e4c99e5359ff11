"""Pages and texts are hostile: each ends, as a report or in a `ReportError` that names the limit, and nothing in it acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import pytest

import govdisclose as gd
from govdisclose import guard
from govdisclose.numbers import read_figure

TITLE = "金湖县水利局2023年政府信息公开工作年度报告"
ROWS = "<tr><td>行政许可</td><td>7</td></tr><tr><td>行政处罚</td><td>2</td></tr>"
SECONDS, MEGABYTES = 120, 1_500  # far more than any takes; without its limit each takes all of one or the other
N = 290_000  # bytes of a page that is still read without a worker

HOSTILE: dict[str, tuple[str, str]] = {
    # the document, and what the error says, "" for a report
    "tables in tables": (TITLE + "<table><tr><td>" * 1000 + ROWS, "more than 100 tables in one another"),
    "spans of a billion": (f"<p>{TITLE}</p><table><tr><td colspan=1000000000 rowspan=99999999>行政许可</td><td>7</td></tr></table>", ""),
    "spans of words": (f'<p>{TITLE}</p><table><tr><td colspan="100%">行政许可</td><td>7</td></tr></table>', ""),
    "a million cells": (f"<p>{TITLE}</p><table>" + "<tr>" + "<td>1</td>" * 1_000_000 + "</tr></table>", "1,000,002 lines or cells"),
    "cells never closed": (f"<p>{TITLE}</p><table>" + "<td>1" * 300_000, "300,000 lines or cells"),
    "rows without end": (f"<p>{TITLE}</p><table>" + ROWS * 10_000 + "</table>", "20,000 rows of figures"),
    "elements left open": ("<div>" * 200_000 + TITLE, "200,000 elements open in one another"),
    "fewer of them": ("<div>" * (N // 5) + TITLE, "58,000 elements open in one another"),
    "elements of no name": (TITLE + "<table><tr><td>" + "<td<p>" * 40_000, "elements open in one another"),
    "closed elements": (TITLE + "<div>" * 20_000 + "</div>" * 20_000, "20,000 elements open in one another"),
    "one endless number": (TITLE + "\n" + "1" * 5_000_000, ""),
    "endless bars": (TITLE + "\n" + "|" * 2_000_000, "2,000,000 lines or cells"),
    "endless lines": (TITLE + "\n" + "0\n" * 500_000, "500,001 lines or cells"),
    "endless brackets": (TITLE + "\n" + "政(a" * 300_000, ""),
    "endless labels": (TITLE + "\n" + "规章 0 1 2 " * 50_000, ""),
    "endless colons": (TITLE + "\n" + '{"a":' * (N // 5), ""),
    "parts in parts": ("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n\n" + "--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 6_000, "no table|title"),
    "zero bytes": (TITLE + "\x00" * 1000 + "\n行政许可 | 7 |\n行政处罚 | 2 |\n", ""),
    "half a character": (TITLE + "\ud800\n行政许可 | 7 |\n行政处罚 | 2 |\n", ""),
}


def outcome(kind: str) -> str | list[tuple[float | None, str]]:
    """The words of the error, or value and state of every cell of the report."""
    try:
        report = gd.read_report(HOSTILE[kind][0])
    except gd.ReportError as error:
        assert error.source == "<text>"
        return error.found
    return [(cell.value, cell.state) for cell in report.slots]


@pytest.fixture(scope="module")
def worker() -> Iterator[guard.Worker]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOVDISCLOSE_MEGABYTES", str(MEGABYTES))
        made = guard.Worker()
    yield made
    made.end()


@pytest.mark.parametrize("kind", HOSTILE)
def test_ends_as_a_report_or_an_error_that_names_the_limit(kind: str, worker: guard.Worker) -> None:
    ended = worker.ask(partial(outcome, kind), SECONDS)
    if isinstance(ended, str):
        assert HOSTILE[kind][1] and re.search(HOSTILE[kind][1], ended)
    else:
        assert not HOSTILE[kind][1] and len(ended) == 200
        assert all((value is None) == (state != "number") for value, state in ended)


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>document.write('<table>{}</table>')</script>",
        "<!-- <table>{}</table> -->",
        "<style>{}</style>",
        "<template><table>{}</table></template>",
        "<noscript><table>{}</table></noscript>",
        "<select><option>{}</option></select>",
    ],
)
def test_what_no_reader_sees_is_not_read(hidden: str) -> None:
    page = f"<html><body><h1>{TITLE}</h1>{hidden.format(ROWS.replace('7', '999'))}<table>{ROWS}</table></body></html>"
    cells = gd.read_report(page).cells
    assert cells.loc[cells["row"] == "licensing", "value"].tolist() == [7.0]


def test_entities_of_a_document_are_not_resolved() -> None:
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><h1>{TITLE}</h1><table>{ROWS}</table><p>&x;</p>'
    report = gd.read_report(page)
    assert "root:" not in "".join(report.sections.values())


def test_a_number_longer_than_any_count_is_no_number() -> None:
    assert read_figure("1" * 15).state == "number"
    assert read_figure("1" * 16).state == "unreadable"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "zip"),
        (b"\xd0\xcf\x11\xe0....", "LibreOffice|annual report"),
        (b"\x89PNG....", "picture"),
        (bytes(range(128, 256)) * 20, "charset"),
    ],
)
def test_what_is_no_document_is_refused_with_its_kind(data: bytes, what: str) -> None:
    with pytest.raises(gd.ReportError, match=what):
        gd.read_report(data)


def test_a_folder_an_address_and_nothing_are_refused(tmp_path: object) -> None:
    with pytest.raises(gd.ReportError, match="folder"):
        gd.read_report(str(tmp_path))
    with pytest.raises(gd.ReportError, match="private network"):
        gd.read_report("http://127.0.0.1:9/report.html")
    with pytest.raises(gd.ReportError, match=r"none\.html"):
        gd.read_report(f"{tmp_path}/none.html")
