"""Reports made by hand, and a reader of short documents that stands in for the real one where only batches matter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from govdisclose.cells import Filled
from govdisclose.errors import ReportError
from govdisclose.findings import Finding
from govdisclose.forms import load_forms
from govdisclose.numbers import read_figure
from govdisclose.report import Report
from govdisclose.statements import Statement
from govdisclose.steps import Steps

BALANCE = Finding(
    rule="requests.balance",
    severity="error",
    message="总计列:12 + 0 ≠ 0 + 0。",
    message_en="Column total: 12 + 0 ≠ 0 + 0.",
    table="requests",
    row="concluded",
    column="total",
    involved=("requests.received.total", "requests.concluded.total"),
    expected=12,
    found=0,
    suggestion=12,
)
DENIED = Statement("other", "未发生行政复议案件。", "reviews", 0, "", "", 3, 12)


def made_report(
    source: str,
    agency: str = "海州市市场监督管理局",
    year: int | None = 2023,
    form: str = "2021",
    figures: Mapping[str, str] | None = None,
    found: Sequence[Finding] = (),
    stated: Sequence[Statement] = (),
    sha256: str = "",
) -> Report:
    """A report with the figures given by "table.row.column" as printed; every other cell holds 0."""
    slots = tuple(
        Filled(slot, *read_figure(text)[:2], text, slot.unit, f"table {slot.table}, row {slot.row}")
        for slot in load_forms()[form].slots
        for text in [(figures or {}).get(slot.key, "0")]
    )
    sha256 = sha256 or hashlib.sha256(source.encode("utf-8", "backslashreplace")).hexdigest()
    return Report(source, sha256, agency, year, form, slots, tuple(found), {}, tuple(stated))


def short_document(agency: str = "海州市市场监督管理局", year: int | None = 2023, **figures: str) -> str:
    """The text of a document that `read_short` reads; `licensing="12"` fills the cell of that row in table two."""
    return json.dumps({"agency": agency, "year": year, "figures": figures}, ensure_ascii=False)


def read_short(source: Path, agency: str | None = None) -> Steps[Report]:
    """Stands in for `report.reading`."""
    data = source.read_bytes()
    yield
    try:
        raw = json.loads(data)
    except ValueError as error:
        raise ReportError(str(source), "no table of the form", "save the page that shows the tables") from error
    if raw == "crash":
        raise KeyError("columns")
    if raw == "stop":
        raise KeyboardInterrupt
    figures = {f"proactive.{row}.decisions": text for row, text in raw["figures"].items()}
    found = (BALANCE,) if raw["figures"] else ()
    told = agency or raw["agency"]
    return made_report(str(source), told, raw["year"], figures=figures, found=found, sha256=hashlib.sha256(data).hexdigest())
