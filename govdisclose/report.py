"""One document in, one checked report out: calls the rooms upstream in order and does nothing else."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any

import pandas as pd

from govdisclose.agency import identify
from govdisclose.cells import Cells, Filled, choose_form, columns_of, fill
from govdisclose.checks import check_cells
from govdisclose.columns import seat
from govdisclose.containers import open_document
from govdisclose.displays import Findings, report_html
from govdisclose.documents import is_risky, read_document, refuse_unready
from govdisclose.editions import own_edition
from govdisclose.errors import ReportError
from govdisclose.findings import Finding
from govdisclose.forms import Form, load_forms
from govdisclose.frames import cells_frame, findings_frame, statements_frame
from govdisclose.grid import DOUBTFUL, Document
from govdisclose.guard import as_report_error, guarded
from govdisclose.indicators import read_indicators
from govdisclose.labels import LABEL, PROSE
from govdisclose.legal import check_legal
from govdisclose.localise import explain
from govdisclose.numbers import ABSENT, NUMBER
from govdisclose.printed import Shown
from govdisclose.prose import FEES, check_prose
from govdisclose.rates import check_rates
from govdisclose.recognise import Match, recognise
from govdisclose.runs import SOFT_CELL, gather
from govdisclose.sections import split_sections
from govdisclose.settle import confidence, settle
from govdisclose.sources import Source
from govdisclose.statements import Statement, find_statements
from govdisclose.steps import Steps, finished
from govdisclose.usual import read_usual
from govdisclose.words import fold

MAX_RUNS = 3_000  # rows of figures; the form has some forty
_TABLES = frozenset(("proactive", "requests", "reviews"))
MIN_ROWS = 6  # rows of the form that make a report of a document whose title is none


@dataclass(frozen=True, repr=False)
class Report:
    """A report as printed: cells, findings, prose.

    Attributes
    ----------
    source : which document
    sha256 : checksum of the document's bytes
    agency : in simplified characters, freed of injected text; "" where the document does not tell
    year : the year reported on, None where the document does not tell
    form : "2021", "2019" or "2014"; the newer one where the tables differ
    slots : the full grid, one `Filled` a cell of the form, in printed order
    found : the findings
    sections : prose of sections 一, 五, 六 under "overview", "problems", "other"
    stated : figures and claims of the prose
    sure : how sure each figure was read off a picture, 0 to 1, by "table.row.column"; empty for other documents
    """

    source: str
    sha256: str
    agency: str
    year: int | None
    form: str
    slots: Sequence[Filled]
    found: tuple[Finding, ...]
    sections: Mapping[str, str]
    stated: tuple[Statement, ...]
    sure: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The contract's `cells`: one row for every cell of the form."""
        return cells_frame([self])

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The contract's `findings`."""
        return Findings(findings_frame([self]))

    @cached_property
    def explanations(self) -> pd.DataFrame:
        """What would explain the broken identities, the likeliest first: see `govdisclose.explain`."""
        return explain(self)

    @cached_property
    def statements(self) -> pd.DataFrame:
        """The contract's `statements`."""
        return statements_frame([self])

    def show(self, language: str = "zh") -> Shown:
        """The tables as the form prints them, for a notebook: what is doubted in colour, the findings in words below."""
        return Shown(report_html(self.agency, self.year, self.form, self.source, self.cells, self.findings, language))

    def _repr_html_(self) -> str:
        return self.show().html

    def __repr__(self) -> str:
        numbers = sum(state == NUMBER for state in columns_of(self.slots)[2])
        return (
            f"Report({self.agency or '?'}, {self.year or '?'}, form {self.form}: {numbers} of {len(self.slots)} cells hold "
            f"a number, {len(self.found)} findings; {self.source})"
        )


def _packed(report: Report) -> tuple[Any, ...]:
    """How a report is pickled: cells as columns of plain values, which cross from a worker in a third of the time."""
    slots, *columns = columns_of(report.slots)
    rest = {field.name: getattr(report, field.name) for field in fields(report) if field.name != "slots"}
    return _unpacked, (rest, [(slot.form, slot.index) for slot in slots], columns)


def _unpacked(rest: dict[str, Any], slots: list[tuple[str, int]], columns: list[Sequence[Any]]) -> Report:
    known = {key: form.slots for key, form in load_forms().items()}
    return Report(slots=Cells((tuple(known[form][index] for form, index in slots), *columns)), **rest)


copyreg.pickle(Report, _packed)


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
    # An empty cell at the end can have been told by the text after the table, and stands where that does.
    end = max((mark.line for mark in last.values if mark.token is not SOFT_CELL), default=last.line)
    return range(start, max(end, last.line) + 1)


def _prose(document: Document, inside: set[int]) -> list[str]:
    """The document's text in lines, folded, with an empty line for each table of the form."""
    lines: list[str] = []
    for index, line in enumerate(document.lines):
        if index in inside:
            if lines and lines[-1]:
                lines.append("")
        else:
            cells = line.cells
            if len(cells) > 1 or cells[0] in DOUBTFUL:
                cells = [cell for cell in cells if cell and cell not in DOUBTFUL]
            if text := "  ".join(cells):
                lines.extend(text.split("\n"))
    return fold("\n".join(lines)).split("\n")


def _pairs(document: Document, inside: set[int]) -> list[tuple[str, str]]:
    """Label and value of the tables around the report (发布机构, 索引号 …)."""
    pairs = [(label, fold(value)) for label, value in document.meta]
    for index, line in enumerate(document.lines):
        if index not in inside and len(line.cells) > 1:
            cells = [fold(cell).strip().rstrip(":") for cell in line.cells if cell not in DOUBTFUL]
            pairs += [(a, b) for a, b in zip(cells, cells[1:], strict=False) if a and b and len(a) <= 12 and len(b) < 200]
    return pairs


class _Figures(Mapping[str, tuple[float | None, str]]):
    """Value and state of each cell by its key; few are ever asked for."""

    def __init__(self, form: Form, cells: Sequence[Filled]) -> None:
        slots, self.values_of, self.states_of, _, self.units_of, _ = columns_of(cells)
        self.places = form.places if tuple(slots) == form.slots else {slot.key: n for n, slot in enumerate(slots)}

    def __getitem__(self, key: str) -> tuple[float | None, str]:
        place = self.places[key]
        return self.values_of[place], self.states_of[place]

    def get(self, key: str, default: Any = None) -> Any:
        """The quick way of what a `Mapping` does by itself."""
        place = self.places.get(key)
        return default if place is None else (self.values_of[place], self.states_of[place])

    def unit(self, key: str) -> str:
        return self.units_of[self.places[key]] if key in self.places else ""

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def _own_forms(cells: Sequence[Filled]) -> dict[str, str]:
    """Table -> the form that it follows, for each table of which the document has any cell."""
    own: dict[str, str] = {}
    slots, _, states = columns_of(cells)[:3]
    start = 0
    while start < len(slots):
        slot = slots[start]
        end = start + len(load_forms()[slot.form].table(slot.table).slots)
        if any(state != ABSENT for state in states[start:end]):
            own[slot.table] = slot.form
        start = end
    return own


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

    fill: Callable[[int | None], tuple[Form, Sequence[Filled], list[Finding]]]
    inside: set[int]
    rows: int
    labels: int
    keys: frozenset[str]
    usual: bool = False
    uncovered: frozenset[str] = frozenset()


def _read_tables(document: Document) -> _Tables:
    """The tables of a document, in one pass where nothing is in doubt. `ReportError` beyond `MAX_RUNS` rows."""
    usual = read_usual(document)
    if usual is not None:
        return _Tables(lambda _: (usual.form, usual.cells, usual.doubts), usual.inside, MIN_ROWS, 0, _TABLES, True)
    listing = read_indicators(document)
    if listing is not None:
        return _Tables(lambda _: (listing.form, listing.cells, listing.doubts), listing.inside, MIN_ROWS, 0, _TABLES)
    reading = gather(document)
    if len(reading.runs) > MAX_RUNS:
        found = f"{len(reading.runs):,} rows of figures"
        raise ReportError(document.source, found, f"a report has at most {MAX_RUNS:,}: split the file")
    matches = recognise(reading)
    inside = {line for match in matches.values() for line in _table_lines(match)}

    def fill_general(year: int | None) -> tuple[Form, tuple[Filled, ...], list[Finding]]:
        tied = year is not None and any(match.tied for match in matches.values())
        found = recognise(reading, year) if tied else matches
        form = choose_form({key: (match.form, match.table) for key, match in found.items()}, year)
        return form, *fill(found, {key: seat(match) for key, match in found.items()}, form)

    labels = sum(1 for mark in reading.marks if mark.token.kind == LABEL)
    return _Tables(fill_general, inside, sum(len(match.placed) for match in matches.values()), labels, frozenset(matches))


def _uncovered(document: Document, tables: _Tables) -> tuple[Document, _Tables]:
    """A page whose tables are not all in what it shows at first: where they stand in hidden parts (tabs), these count too."""
    if not document.with_hidden or tables.keys == _TABLES:
        return document, tables
    whole = replace(document, lines=document.with_hidden)
    found = _read_tables(whole)
    more = found.keys - tables.keys
    return (whole, replace(found, uncovered=more)) if more else (document, tables)


def _uncovered_note(tables: _Tables, cells: Sequence[Filled]) -> list[Finding]:
    if not tables.uncovered:
        return []
    zh = "有的表页面起初并不显示(如选项卡),也已读取"
    en = "some tables stand in parts that the page does not show at first (such as tabs); they were read"
    involved = tuple(cell.slot.key for cell in cells if cell.slot.table in tables.uncovered)
    return [Finding("page.hidden", "note", zh, en, involved=involved)]


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
    source : path, address, bytes, or text of the document; a member of an archive as "archive.zip!page.html"
    agency, year : say who and when, over what the document says

    Returns
    -------
    Report : every cell of the form as printed, the findings, the prose.

    Raises
    ------
    ReportError : the document cannot be read as an annual report. Never for a printed mistake: that is a finding.
    ValueError : `year` is no whole number

    Examples
    --------
    >>> text = "金湖县水利局2023年政府信息公开工作年度报告\\n| 行政许可 | 7 |\\n| 行政处罚 | 2 |\\n"
    >>> cells = read_report(text).cells
    >>> float(cells.loc[cells["row"] == "licensing", "value"].item())
    7.0
    """
    return finished(reading(source, agency, year))


def reading(source: str | Path | bytes, agency: str | None = None, year: int | None = None) -> Steps[Report]:
    """`read_report` in steps."""
    if year is not None and not isinstance(year, Integral):
        raise ValueError(f"year must be a whole number such as 2023, not {year!r}")
    agency, year = None if agency is None else fold(agency).strip(), None if year is None else int(year)
    opened = open_document(source)
    try:
        if is_risky(opened):
            refuse_unready(opened)
            return guarded(_read, opened, agency, year)
        yield
        return (yield from _steps(opened, agency, year))
    except RecursionError as error:
        raise as_report_error(opened.name, error) from error


def _read(opened: Source, agency: str | None, year: int | None) -> Report:
    return finished(_steps(opened, agency, year))


def _settled(agency: str | None, year: int | None) -> set[str]:
    """Rules that tell of nothing where the reader says whose report it is, or a year that is not the document's."""
    return ({"agency.missing"} if agency else set()) | ({"year.missing", "year.conflict"} if year is not None else set())


def _steps(opened: Source, agency: str | None, year: int | None) -> Steps[Report]:
    document = read_document(opened)
    yield
    document, tables = _uncovered(document, _read_tables(document))
    yield
    lines = _prose(document, tables.inside)
    pairs = _pairs(document, tables.inside)
    yield
    who = identify(fold(document.title), pairs, lines, document.name)
    yield
    if tables.rows < MIN_ROWS and not (who.is_report and (tables.rows or (who.year is not None and (agency or who.agency)))):
        raise _refuse(opened, tables.labels, who.refusal)
    settled = _settled(agency, None if year == who.year else year)
    year = who.year if year is None else year
    edition = None if tables.usual else own_edition(document, year)
    if edition is not None:
        tables = replace(_read_tables(edition.document), uncovered=tables.uncovered)
    form, cells, doubtful = tables.fill(year)
    sure: dict[str, float] = {}
    if document.sure:
        sure = confidence(cells, document.sure, doubtful)
        cells, doubtful = settle(cells, sure, doubtful)
    sections = split_sections(lines)
    yield
    stated = find_statements(sections, year)
    yield
    figures, own = _Figures(form, cells), _own_forms(cells)
    unpaid = figures.get("requests.other.unpaid.total", (None, ABSENT))[0]
    whose = who.agency if agency is None else agency
    findings = [
        *(finding for finding in who.findings if finding.rule not in settled),
        *document.found,
        *_uncovered_note(tables, cells),
        *_forms_differ(form.key, own),
        *doubtful,
        *(edition.findings if edition is not None else ()),
        *check_cells(cells),
        *check_prose(stated, figures, figures.unit(FEES)),
        *check_rates(stated, sections, figures),
        *check_legal(whose, year, sections, lines, pairs, own, unpaid),
    ]
    return Report(
        opened.name,
        opened.sha256,
        whose,
        year,
        form.key,
        cells,
        tuple(findings),
        sections,
        stated,
        sure,
    )
