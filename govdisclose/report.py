"""One document in, one checked report out: calls the rooms upstream in order and does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from govdisclose.agency import identify
from govdisclose.cells import Filled, choose_form, doubts, fill, is_shared
from govdisclose.checks import check_cells
from govdisclose.columns import Seats, seat
from govdisclose.documents import read_document
from govdisclose.errors import ReportError
from govdisclose.findings import Finding
from govdisclose.forms import Form, load_forms
from govdisclose.frames import cells_frame, findings_frame, statements_frame
from govdisclose.grid import DOUBTFUL, Document
from govdisclose.labels import LABEL, PROSE
from govdisclose.localise import explain
from govdisclose.numbers import ABSENT, UNREADABLE
from govdisclose.prose import check_prose
from govdisclose.recognise import Match, recognise
from govdisclose.runs import gather
from govdisclose.sections import split_sections
from govdisclose.sources import Source, open_source
from govdisclose.statements import Statement, find_statements
from govdisclose.usual import Usual, read_usual
from govdisclose.words import fold

MAX_RUNS = 3_000  # rows of figures; the form has some forty
MIN_ROWS = 6  # rows of the form that make a report of a document whose title is none


@dataclass(frozen=True)
class Report:
    """A report as printed: cells, findings, prose.

    Attributes
    ----------
    source : which document
    sha256 : checksum of the document's bytes
    agency : in simplified characters, freed of injected text; "" where the document does not tell
    year : the year reported on, None where the document does not tell
    form : "2021" or "2019"; the newer one where the tables differ
    slots : the full grid, one `Filled` a cell of the form, in printed order
    found : the findings
    sections : prose of sections 一, 五, 六 under "overview", "problems", "other"
    stated : figures and claims of the prose
    """

    source: str
    sha256: str
    agency: str
    year: int | None
    form: str
    slots: tuple[Filled, ...]
    found: tuple[Finding, ...]
    sections: Mapping[str, str]
    stated: tuple[Statement, ...]

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The contract's `cells`: one row for every cell of the form."""
        return cells_frame([self])

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The contract's `findings`."""
        return findings_frame([self])

    @cached_property
    def explanations(self) -> pd.DataFrame:
        """What would explain the broken identities, the likeliest first: see `govdisclose.explain`."""
        return explain(self)

    @cached_property
    def statements(self) -> pd.DataFrame:
        """The contract's `statements`."""
        return statements_frame([self])


def _table_lines(match: Match) -> range:
    """The lines that a table takes up: from its first heading after any prose to its last figure."""
    first = match.placed[0].runs[0]
    start = first.line
    for mark in reversed(first.pending):
        if mark.token.kind == PROSE:
            break
        if mark.token.kind == LABEL and mark.token.meaning and not mark.token.meaning.opens:
            start = mark.line
    last = match.placed[-1].runs[-1]
    return range(start, max(last.values[-1].line, last.line) + 1)


def _prose(document: Document, inside: set[int]) -> list[str]:
    """The document's text in lines, folded, with an empty line for each table of the form."""
    lines: list[str] = []
    for index, line in enumerate(document.lines):
        if index in inside:
            if lines and lines[-1]:
                lines.append("")
        else:
            text = "  ".join(cell for cell in line.cells if cell and cell not in DOUBTFUL)
            if text:
                lines.extend(text.split("\n"))
    return fold("\n".join(lines)).split("\n")


def _pairs(document: Document, inside: set[int]) -> list[tuple[str, str]]:
    """Label and value of the tables around the report (发布机构, 索引号 …)."""
    pairs = [(label, fold(value)) for label, value in document.meta]
    for index, line in enumerate(document.lines):
        if len(line.cells) > 1 and index not in inside:
            cells = [fold(cell).strip().rstrip(":") for cell in line.cells if cell not in DOUBTFUL]
            pairs += [(a, b) for a, b in zip(cells, cells[1:], strict=False) if a and b and len(a) <= 12 and len(b) < 200]
    return pairs


def _forms_differ(form: str, own: Mapping[str, str]) -> list[Finding]:
    if len(set(own.values())) < 2:
        return []
    labels = {table.key: table.label for table in load_forms()[form].tables}
    zh = "、".join(f"{labels[table].zh}用{key}年格式" for table, key in own.items())
    en = "; ".join(f"{labels[table].en} follows the form of {key}" for table, key in own.items())
    return [Finding("form.mixed", "note", f"各表格式不一:{zh};报告按{form}年格式", f"the tables follow different forms: {en}")]


@dataclass(frozen=True, slots=True)
class _Tables:
    """What was read of a document's tables: cells and doubts, given the year; the lines they take up; how much it is."""

    fill: Callable[[int | None], tuple[Form, tuple[Filled, ...], list[Finding]]]
    inside: set[int]
    rows: int
    labels: int


def _read_tables(document: Document) -> _Tables:
    """The tables of a document, in one pass where nothing is in doubt. `ReportError` beyond `MAX_RUNS` rows."""
    usual = read_usual(document)
    if usual is not None:
        return _Tables(lambda year: _usual_cells(usual, year), usual.inside, MIN_ROWS, 0)
    reading = gather(document)
    if len(reading.runs) > MAX_RUNS:
        found = f"{len(reading.runs):,} rows of figures"
        raise ReportError(document.source, found, f"a report has at most {MAX_RUNS:,}: split the file")
    matches = recognise(reading)
    inside = {line for match in matches.values() for line in _table_lines(match)}

    def fill_general(year: int | None) -> tuple[Form, tuple[Filled, ...], list[Finding]]:
        form = choose_form({key: (match.form, match.table) for key, match in matches.items()}, year)
        return form, *fill(matches, {key: seat(match) for key, match in matches.items()}, form)

    labels = sum(1 for mark in reading.marks if mark.token.kind == LABEL)
    return _Tables(fill_general, inside, sum(len(match.placed) for match in matches.values()), labels)


def _usual_cells(usual: Usual, year: int | None) -> tuple[Form, tuple[Filled, ...], list[Finding]]:
    form = choose_form({key: (own, own.table(key)) for key, own in usual.forms.items()}, year)
    cells, findings = [], []
    for table in form.tables:
        own = table if is_shared(table.key) else usual.forms[table.key].table(table.key)
        here = [
            cell if cell.slot is slot else cell._replace(slot=slot)
            for slot, cell in zip(own.slots, usual.cells[table.key], strict=True)
        ]
        cells.extend(here)
        if any(cell.state == UNREADABLE for cell in here):
            findings.extend(doubts(own, here, Seats()))
    return form, tuple(cells), findings


def _refuse(source: Source, labels: int, found: str) -> ReportError:
    return ReportError(
        source.name,
        found or "no table of the annual report's form and no title of one",
        f"{labels} labels of the form found; a report needs its tables 二, 三, 四 or the title 政府信息公开工作年度报告",
    )


def read_report(
    source: str | Path | bytes, agency: str | None = None, year: int | None = None
) -> Report:
    """Read one annual report.

    Parameters
    ----------
    source : path, bytes, or the text of the document (HTML or scraped text)
    agency, year : say who and when, over what the document says

    Returns
    -------
    Report : every cell of the form as printed, the findings, the prose.

    Raises
    ------
    ReportError : the document cannot be read as an annual report. Never for a printed mistake: that is a finding.

    Examples
    --------
    >>> text = "金湖县水利局2023年政府信息公开工作年度报告\\n| 行政许可 | 7 |\\n| 行政处罚 | 2 |\\n"
    >>> cells = read_report(text).cells
    >>> float(cells.loc[cells["row"] == "licensing", "value"].item())
    7.0
    """
    opened = open_source(source)
    document = read_document(opened)
    tables = _read_tables(document)
    lines = _prose(document, tables.inside)
    who = identify(fold(document.title), _pairs(document, tables.inside), lines, document.name)
    if tables.rows < MIN_ROWS and not (who.is_report and (tables.rows or (who.year is not None and who.agency))):
        raise _refuse(opened, tables.labels, who.refusal)
    year = who.year if year is None else year
    form, cells, doubtful = tables.fill(year)
    sections = split_sections(lines)
    stated = find_statements(sections, year)
    findings = [
        *who.findings,
        *_forms_differ(form.key, {cell.slot.table: cell.slot.form for cell in cells if cell.state != ABSENT}),
        *doubtful,
        *check_cells(cells),
        *check_prose(stated, {cell.slot.key: (cell.value, cell.state) for cell in cells}),
    ]
    return Report(
        opened.name,
        opened.sha256,
        who.agency if agency is None else agency,
        year,
        form.key,
        cells,
        tuple(findings),
        sections,
        stated,
    )
