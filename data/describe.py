"""Write docs/data.md, the data descriptor: what a panel holds and how it came there, from form files, measures and wording.

    python data/describe.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from govdisclose.dictionary import dictionary
from govdisclose.forms import Form, Row, load_forms
from govdisclose.wording import say, section

PAGE = Path(__file__).resolve().parents[1] / "docs" / "data.md"

_HOME = {"agency": "the agency, in simplified characters", "year": "the year reported on", "source": "the document's path, address or name"}
TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "reports": (
        "each document read",
        {
            "source": _HOME["source"],
            "sha256": "checksum of its bytes",
            "agency": _HOME["agency"],
            "agency_kind": "kind of agency, by `places.csv`, `agencies.csv` or its name; empty where none tells",
            "region": "whose office the agency is, by `places.csv`, `agencies.csv` or its name; empty where these leave it open, and for offices of the centre and zones",
            "year": _HOME["year"],
            "form": "the form that its tables follow, the newest where they differ",
            "cells_number": "how many of its cells hold a number",
            "findings_error, findings_warning, findings_note": "how many findings of each severity",
        },
    ),
    "cells": (
        "every cell of the form, the full grid always",
        {
            "agency, year": "as above",
            "form": "the form that this cell's table follows",
            "table, row, column": "keys of the form, below",
            "value": "the printed number in its own unit; missing unless `state` is `number`",
            "state": "`number`, `blank` (an empty cell), `not_applicable` (`/`, `—`, `-`, 不适用), `unreadable`, `absent` (no such cell)",
            "text": "the cell exactly as printed",
            "unit": "the form's unit, or the one printed where the form leaves it open",
            "source, place": "which document, and where in it",
        },
    ),
    "findings": (
        "each thing that does not hold",
        {
            "agency, year, source": "as above",
            "rule": "its stable name, such as `requests.balance`",
            "severity": "`error` (an identity of the form is broken), `warning` (implausible or contradicted), `note`",
            "table, row, column": "the cell most likely at fault; empty where that cannot be told",
            "involved": "all cells that take part",
            "expected, found": "the numbers, where there are any",
            "suggestion": "the value that the one likeliest explanation gives the cell; never applied",
            "message, message_en": "one sentence, Chinese and English",
        },
    ),
    "statements": (
        "each figure or claim of the prose",
        {
            "agency, year, source": "as above",
            "section": "`overview`, `problems` or `other`: sections 一, 五, 六",
            "sentence": "the sentence as printed",
            "subject": "what is counted",
            "value, unit": "the figure and its unit",
            "qualifier": "words that limit the figure, such as 约 or 同比",
            "start, end": "where the figure stands in the section, in characters",
        },
    ),
    "failures": ("each document that could not be read", {"source": _HOME["source"], "reason": "why, and what to do"}),
}
"""Table -> what a row of it is for, and its columns with their meaning."""


FRAMES: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "gd.places": (
        "each agency",
        "It takes a panel, or names. What a name leaves open stays open: no code, and all candidates.",
        {
            "agency": "the agency",
            "kind": "kind of agency, as `agency_kind`",
            "level": "`central`, `province`, `city`, `county`, `township`; empty where not told, as for zones and institutions",
            "code": "six digits by GB/T 2260 of the division as named; missing where open. A town has that of its county, a zone that of the division it lies in",
            "place": "the division in full; as printed where the table does not know it",
            "province, city, county": "its parts; also where only the province or city is told",
            "since, until": "years of the changes that made and ended the division under this name and code; missing where before 2008, or still so",
            "became": "codes today of a division that is no more",
            "candidates": "list of `code name`, where open",
            "how": "`name`, `parent` (its province or city stands in the name), `short` (a name without 市, 区 …), `region` (by the region given), `central`, `override`, `open`",
            "note, note_en": "what is to be said: former names, several of one name, zones, seats",
        },
    ),
    "gd.lineage": (
        "each pair of offices that follow each other",
        "It takes a panel, names, or nothing (the whole table). No series is ever joined by it.",
        {
            "before, after": "the agencies; missing where the panel has none of that office and place",
            "office_before, office_after": "the offices, by their usual names",
            "code": "code of the place; missing where open",
            "year": "year of the change at the centre (local offices followed within about a year), or of the division",
            "change": "`merger`, `renaming`, `split`, `new`, `transfer`, or `place`: the division became another",
            "join": "what a comparison across it takes: `same` office with changed tasks, `sum` of all forerunners, `none`, `place`",
            "years_before, years_after": "years reported on",
            "source, source_en": "the legal source",
            "caveat, caveat_en": "what to mind, in words",
        },
    ),
}
"""Function -> what a row of its frame is for, what it takes, and its columns with their meaning."""

METHODS = (
    "A document (web page, text, Word, Excel, OpenDocument, PDF, scan, or an archive of them) is cut into lines and tables, whatever its layout.",
    "Rows and columns are told by their labels, their order and the sums that the form demands, never by one site's markup.",
    "Every cell of the form gets a row: the text as printed, its state, and, where it is a number, its value in the printed unit.",
    "The sums of the form, the prose and the agency's other years are compared; whatever does not hold is a finding. No figure is changed by one.",
    "Agency, year and kind are taken from the document, or from what the reader gives (`agencies.csv`, `agency=`, `year=`).",
)
"""How documents become a panel, step by step."""

USAGE = ("who_reports", "rate", "overlap", "clustered", "blank", "small", "reasons_law", "applicants", "volumes", "fees", "quality", "forms")
"""The caveats of the report pages that hold for all use of a panel."""


def description() -> str:
    """The page as Markdown, in the order of a journal's data descriptor."""
    lines = ["# Data descriptor", "", "Made from form files, measures and wording by `python data/describe.py`; do not edit."]
    lines += ["`govdisclose export` writes a codebook with each cell in full, and the provenance of every document.", ""]
    lines += ["## Background and summary", "", *_summary(), ""]
    lines += ["## Methods", "", *(f"{place}. {step}" for place, step in enumerate(METHODS, 1)), ""]
    lines += ["## Data records", ""]
    for name, (what, columns) in TABLES.items():
        lines += [f"### {name}: one row for {what}", "", "| Column | Meaning |", "|---|---|"]
        lines += [f"| {column} | {meaning} |" for column, meaning in columns.items()] + [""]
    for name, (what, takes, columns) in FRAMES.items():
        lines += [f"### {name}: one row for {what}", "", takes, "", "| Column | Meaning |", "|---|---|"]
        lines += [f"| {column} | {meaning} |" for column, meaning in columns.items()] + [""]
    for form in load_forms().values():
        lines += _form(form)
    used = {form: sum(form in one.above for one in dictionary().values()) for form in load_forms()}
    told = ", ".join(f"{count} from the form of {form}" for form, count in used.items())
    lines += ["### Measures", "", f"[measures.md](measures.md) defines {len(dictionary())} measures: {told} can be computed.", ""]
    lines += ["## Technical validation", ""]
    lines += ["`make accuracy` typesets random figures in many layouts, reads them back and counts; the README prints what it found. What these", "rules say of a document stands in `findings`:", ""]
    lines += ["| Rule | | |", "|---|---|---|", *(f"| `{rule}` | {zh} | {en} |" for rule, (zh, en) in section("rule").items()), ""]
    lines += ["## Usage notes", "", *(f"- {say('en', 'caveat', key)}" for key in USAGE), ""]
    lines += ["## Code availability", "", "[CITATION.cff](../CITATION.cff) says how to cite the tool; a figure is cited by the agency's own report (see the README).", "MIT licence. The figures are the agencies' own."]
    return "\n".join(lines) + "\n"


def _summary() -> Iterator[str]:
    yield "Every year China's government offices publish a disclosure annual report (政府信息公开工作年度报告; article 49 of the"
    yield "政府信息公开条例) on an official form. A panel holds many of them, one row a cell, each with document, checksum and place:"
    yield ""
    yield "| Form | Notice | Reports since | Cells | Tables |"
    yield "|---|---|---:|---:|---|"
    for form in load_forms().values():
        tables = ", ".join(f"{table.label.en} {table.label.zh}" for table in form.tables)
        yield f"| {form.key} | {form.notice} | {form.since} | {len(form.slots)} | {tables} |"


def _form(form: Form) -> Iterator[str]:
    yield from (f"### The form of {form.key}: {form.title} ({len(form.slots)} cells)", "")
    yield from (f"{form.notice}; in use since the reports of {form.since}.", "")
    for table in form.tables:
        yield from (f"#### `{table.key}` {table.label.zh} · {table.label.en}", "")
        for _, rows in groupby(table.rows, key=lambda row: row.block):
            block = list(rows)
            columns = "; ".join(f"`{column.key}` {column.zh}" for column in block[0].columns)
            yield from (f"Columns: {columns}.", "", "| Row | | | Unit | Rests on |", "|---|---|---|---|---|")
            yield from (f"| `{row.label.key}` | {row.label.zh} | {row.label.en} | {_units(row)} | {row.legal} |" for row in block)
            yield ""
    yield from ("Identities:", "")
    words = dict.fromkeys((one.rule, one.table, one.zh, one.en) for one in form.identities)
    yield from (f"- `{rule}` ({table}): {zh}; {en}" for rule, table, zh, en in words)
    yield ""


def _units(row: Row) -> str:
    return ", ".join(dict.fromkeys(slot.unit or "as printed" for slot in row.slots))


if __name__ == "__main__":
    PAGE.write_text(description(), encoding="utf-8")
