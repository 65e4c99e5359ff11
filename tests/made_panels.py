"""Panels made by hand for the tests: full grids of the official forms with the figures that a test names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from govdisclose.findings import Finding
from govdisclose.forms import load_forms
from govdisclose.numbers import read_figure
from govdisclose.panel import Panel


@dataclass(frozen=True)
class Made:
    """A report in short: `figures` by "table.row.column" as printed, all other cells as `rest` (None: absent)."""

    agency: str
    year: int | None
    figures: Mapping[str, str | None] = field(default_factory=dict)
    form: str = "2021"
    rest: str | None = "0"
    kind: str = "市场监督管理"
    findings: tuple[Finding, ...] = ()
    fee_unit: str = "10k yuan"
    source: str = ""

    @property
    def name(self) -> str:
        return self.source or f"{self.agency}{self.year}.html"


def _cells(report: Made) -> list[dict[str, object]]:
    form = load_forms()[report.form]
    unknown = set(report.figures) - {slot.key for slot in form.slots}
    assert not unknown, f"no such cell in form {report.form}: {sorted(unknown)}"
    rows: list[dict[str, object]] = []
    for slot in form.slots:
        text = report.figures.get(slot.key, report.rest)
        value, state = (None, "absent") if text is None else read_figure(text)[:2]
        unit = report.fee_unit if slot.row == "fees" and slot.column == "amount" else slot.unit
        place = f"table {slot.table}, row {slot.row}, column {slot.column}"
        rows.append(
            {"agency": report.agency, "year": report.year, "form": report.form, "table": slot.table, "row": slot.row}
            | {"column": slot.column, "value": value, "state": state, "text": text or "", "unit": unit}
            | {"source": report.name, "place": place}
        )
    return rows


def made_panel(reports: Sequence[Made], failures: Mapping[str, str] | None = None) -> Panel:
    """Given reports in short, return the panel that reading them would give."""
    cells = pd.DataFrame([row for report in reports for row in _cells(report)])
    text = ["agency", "form", "table", "row", "column", "state", "text", "unit", "source", "place"]
    cells = cells.astype({"year": "Int64", "value": "Float64"} | dict.fromkeys(text, "str"))
    found = [
        {"agency": r.agency, "year": r.year, "source": r.name}
        | {name: getattr(f, name) for name in Finding.__dataclass_fields__}
        | {"involved": list(f.involved)}
        for r in reports
        for f in r.findings
    ]
    columns = ["agency", "year", "source", "rule", "severity", "table", "row", "column", "involved", "expected"]
    columns += ["found", "suggestion", "message", "message_en"]
    numbers = ("expected", "found", "suggestion")
    words = [c for c in columns if c not in (*numbers, "year", "involved")]
    findings = pd.DataFrame(found, columns=columns).astype(
        {"year": "Int64", "involved": "object"} | dict.fromkeys(numbers, "Float64") | dict.fromkeys(words, "str")
    )
    listed = []
    for report in reports:
        counts = {s: sum(f.severity == s for f in report.findings) for s in ("error", "warning", "note")}
        numbers_read = int(((cells["source"] == report.name) & (cells["state"] == "number")).sum())
        listed.append(
            {"source": report.name, "sha256": "", "agency": report.agency, "agency_kind": report.kind, "region": ""}
            | {"year": report.year, "form": report.form, "cells_number": numbers_read}
            | {f"findings_{severity}": count for severity, count in counts.items()}
        )
    listing = pd.DataFrame(listed).astype({"year": "Int64"})
    said = ["agency", "year", "source", "section", "sentence", "subject", "value", "unit", "qualifier", "start", "end"]
    statements = pd.DataFrame(columns=said).astype({"year": "Int64", "value": "Float64", "start": "Int64", "end": "Int64"})
    failed = pd.DataFrame(list((failures or {}).items()), columns=["source", "reason"]).astype("str")
    return Panel(reports=listing, cells=cells, findings=findings, statements=statements, failures=failed)


CONCLUDED_ZERO = Finding(
    rule="requests.concluded_sum",
    severity="error",
    message="(七)总计一栏印为 0,各办理结果之和为 12。",
    message_en="The total of (七) is printed as 0; the outcomes sum to 12.",
    table="requests",
    row="concluded",
    column="total",
    involved=("requests.granted.total", "requests.concluded.total"),
    expected=12,
    found=0,
    suggestion=12,
)
"""A broken identity whose faulty cell is known: the printed total 0 beside 12 concluded requests."""


def counts(total: Mapping[str, int], column: str = "natural_person") -> dict[str, str | None]:
    """Given counts by row of the requests table, return the cells that print them for one applicant type and in total."""
    return {f"requests.{row}.{c}": str(n) for row, n in total.items() for c in (column, "total")}


ZERO_TOTAL = Made(
    "海州市市场监督管理局",
    2023,
    counts({"received": 12, "granted": 7, "partially_granted": 3, "denied.internal_affairs": 1})
    | counts({"not_available.not_held": 1})
    | {"requests.concluded.natural_person": "12", "requests.concluded.total": "0"}
    | {"proactive.licensing.decisions": "6900", "proactive.penalties.decisions": "715"}
    | {"proactive.coercive_measures.decisions": "178"},
    findings=(CONCLUDED_ZERO,),
)
"""A report that prints the total of concluded requests as 0 beside 12."""


def _blank_zeros() -> dict[str, str | None]:
    """A 2019 form that leaves a cell empty where others print 0, and the totals of all outcome rows too."""
    natural = {"received": 821, "carried_in": 18, "granted": 258, "partially_granted": 3, "denied.state_secret": 14}
    natural |= {"denied.internal_affairs": 5, "denied.deliberative": 3, "denied.administrative_inquiry": 10}
    natural |= {"not_available.not_held": 252, "not_available.would_require_creation": 44, "not_available.unclear": 25}
    natural |= {"not_processed.petition_complaint": 148, "not_processed.repeat": 5, "concluded": 767, "carried_out": 72}
    firms = {"received": 35, "granted": 12, "denied.deliberative": 1, "denied.administrative_inquiry": 2}
    firms |= {"not_available.not_held": 12, "not_available.would_require_creation": 3, "concluded": 35}
    firms |= {"not_processed.petition_complaint": 1, "not_processed.repeat": 4}
    lawyers = {"received": 2, "granted": 1, "not_available.not_held": 1, "concluded": 2}
    others = {"received": 1, "granted": 1, "concluded": 1}
    totals = {"received": 859, "carried_in": 18, "concluded": 805, "carried_out": 72}
    columns = {"natural_person": natural, "commercial_enterprise": firms, "legal_service_institution": lawyers}
    columns |= {"other_organization": others, "total": totals}
    return {f"requests.{row}.{column}": str(n) for column, rows in columns.items() for row, n in rows.items()}


BLANK_ZEROS = Made("沪江市人民政府办公厅", 2019, _blank_zeros(), form="2019", rest="", kind="政府办公厅")
"""A report of the 2019 form with blanks for zeros: 805 concluded in all, and no total beside any single outcome."""
