"""A panel in, one page a document out: what it prints, cell by cell, where each stands, and what is doubted.

The tables of the reports link every number to its cell on such a page. A number made of several cells links to a mark
there that frames them all; one made of many documents links to a page that lists the row in all of them. Pages hold no
script, load nothing, link only to their neighbours, and escape every text of a document.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from html import escape
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from govdisclose.dictionary import TOTAL, dictionary, measure_of
from govdisclose.evidence import APPLICANTS, OUTCOMES, REQUEST_COLUMNS, documents_used, members
from govdisclose.findings import SEVERITIES
from govdisclose.forms import load_forms, parts_of
from govdisclose.frames import keys_of
from govdisclose.measures import COMPUTED, RATES, REASON_GROUPS, agency_years
from govdisclose.numbers import NUMBER
from govdisclose.panel import Panel
from govdisclose.printed import BOTH, form_html, rows_of
from govdisclose.wording import LANGUAGES, number, say, titled

FOLDER = "documents"
"""The folder of the pages, beside the reports."""
_NAME = re.compile(r"[0-9a-f]{12}-[0-9a-f]{4}\.html|(?:requests|measure)\.[a-z0-9_.]+\.html")
_SHA, _WHO = 12, 4
_LISTED = 8  # cells that the list of findings links to; the hints name the finding at every one
_NUMBERS = ("found", "expected", "suggestion", "value", "fraction")  # columns of numbers
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = "".join(resources.files("govdisclose").joinpath("templates/document.css").read_text(encoding="utf-8").splitlines())


def address(sha256: str, agency: str, year: object, source: str) -> str:
    """The file name of a document's page: the beginning of its checksum, and a mark of whose report it is read as."""
    digest = sha256 or hashlib.sha256(source.encode()).hexdigest()
    whose = hashlib.sha256(f"{agency}\n{year}".encode()).hexdigest()
    return f"{digest[:_SHA]}-{whose[:_WHO]}.html"


@dataclass(frozen=True)
class Links:
    """Where the pages of a panel's documents are, as seen from a report.

    Attributes
    ----------
    folder : the folder of pages, "" where there are none
    pages : source of a document -> its page; only pages that exist
    corrected : source, agency or "" (all) -> the cells whose corrected figure counts
    measures : the measures that have a page of their own
    """

    folder: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)
    corrected: Mapping[str, frozenset[str]] = field(default_factory=dict)
    measures: frozenset[str] = frozenset()

    def mark(self, whose: object, cells: object) -> str:
        """"‡" where a corrected figure is among these cells, named as in `of`, of a source, an agency or all ("")."""
        keys = self.corrected.get(str(whose), frozenset())
        patterns = [str(cells).removeprefix("sum of ")]
        if (one := dictionary().get(str(cells))) is not None:
            sides = [side for forms in (one.above, one.below) for side in forms.values()]
            patterns = [f"{key.removesuffix('.' + TOTAL)}.*" for side in sides for key in side.patterns]
        return "‡" if any(fnmatchcase(key, pattern) for key in keys for pattern in patterns) else ""

    def of(self, source: object, cells: object = "") -> str:
        """The address of a document's page, at a cell ("requests.granted.total"), at the cells of a sum ("sum of
        requests.denied.*.total") or at those of a rate ("grant_rate"); "" where it has no page."""
        page = self.pages.get(str(source), "")
        return page and _at(page, str(cells or "").removeprefix("sum of "))

    def row(self, key: object, at: str = "") -> str:
        """The address of the page that lists a row ("denied.third_party") in all documents, at an agency or applicant."""
        return f"{self.folder}/{_row_page(str(key))}{at and '#'}{at}" if self.folder else ""

    def measure(self, key: object, agency: str = "") -> str:
        """The address of the page that lists a measure in all documents, at an agency; "" where there is none."""
        if str(key) not in self.measures:
            return ""
        return f"{self.folder}/{_measure_page(str(key))}" + (f"#{agency_mark(agency)}" if agency else "")


def links(panel: Panel, folder: Path, seen_from: Path) -> Links:
    """Given a panel and the folder of its pages, return their addresses as seen from another folder."""
    there = Path(os.path.relpath(folder, seen_from)).as_posix()
    found = {source: f"{there}/{name}" for source, name in _names(panel) if (folder / name).is_file()}
    named = frozenset(key for key in dictionary() if (folder / _measure_page(key)).is_file())
    return Links(there, found, measures=named) if found else Links()


def corrected_cells(panel: Panel) -> dict[str, frozenset[str]]:
    """Given a panel with corrections, return what `Links.corrected` holds."""
    cells = panel.cells[panel.cells["corrected"].notna()]
    found: dict[str, set[str]] = {}
    for key, *whose in zip(keys_of(cells), cells["source"], cells["agency"], strict=True):
        for name in (*whose, ""):
            found.setdefault(name, set()).add(key)
    return {name: frozenset(keys) for name, keys in found.items()}


def mark_of(row: Mapping[str, object]) -> str:
    """Given a row of `measures.agency_years`, return where its document's page shows what it is made of: a cell, or the mark
    of the measure that frames several."""
    return str(row["measure"] if " " in str(row["origin"]) else row["origin"])


def agency_mark(agency: str) -> str:
    """The mark of an agency on the page of a row."""
    return "a-" + hashlib.sha256(agency.encode()).hexdigest()[:8]


def _names(panel: Panel) -> Iterator[tuple[str, str]]:
    columns = panel.reports[["sha256", "agency", "year", "source"]].astype(object)
    for sha256, agency, year, source in columns.itertuples(index=False):
        yield str(source), address(str(sha256), str(agency), year, str(source))


def write_exhibits(panel: Panel, folder: Path, measures: Iterable[str] = RATES) -> list[Path]:
    """Given a panel, write the page of each document, of each row of reasons and of each of some measures, return the files.

    The same panel gives the same bytes; a page that has not changed is left alone, one of a document that is no longer in
    the panel is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, html in _pages(panel, sorted(set(measures) & set(dictionary()))):
        file, data = folder / name, html.encode("utf-8", "replace")
        if not file.is_file() or file.read_bytes() != data:
            file.write_bytes(data)
        written[name] = file
    for old in folder.iterdir():
        if _NAME.fullmatch(old.name) and old.name not in written:
            old.unlink()
    return list(written.values())


def _pages(panel: Panel, measures: Sequence[str]) -> Iterator[tuple[str, str]]:
    names = dict(_names(panel))
    used = documents_used(panel, "requests")
    years: dict[str, dict[str, str]] = {}
    for agency, year, source in used[["agency", "year", "source"]].itertuples(index=False):
        years.setdefault(agency, {})[str(year)] = names[source]
    cells = dict(list(panel.cells.groupby("source", sort=False)))
    findings = dict(list(panel.findings.groupby("source", sort=False)))
    for row in rows_of(panel.reports):
        source = str(row["source"])
        told = findings.get(source, panel.findings.head(0))
        yield names[source], document_page(row, cells[source], told, years.get(str(row["agency"]), {}), sorted({*RATES, *measures}))
    asked = panel.cells[(panel.cells["table"] == "requests") & panel.cells["source"].isin(used["source"])]
    grouped = dict(list(asked.groupby("row", sort=False)))
    for key in (row for group in REASON_GROUPS for row in members(group)):
        if key in grouped:
            yield _row_page(key), row_page(key, used, grouped[key], names)
    if measures and len(used):
        computed = agency_years(panel, measures)
        for measure in measures:
            yield _measure_page(measure), measure_page(measure, computed[computed["measure"] == measure], names)


def _at(page: str, mark: str) -> str:
    """The address of a page at a cell or mark, "" for its beginning."""
    return f"{page}#{quote(mark, safe='*')}" if mark else page


def _row_page(key: str) -> str:
    return f"requests.{key}.html"


def _measure_page(key: str) -> str:
    return f"measure.{key}.html"


def _page(title: str, style: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n"
        f'<nav><a href="../index.html">{_both("page", "index")}</a></nav>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n'
    )


def _both(section: str, key: str) -> str:
    zh, en = (escape(say(language, section, key)) for language in LANGUAGES)
    return zh if zh == en else f'{zh} <span lang="en">{en}</span>'


def _list(headers: str, rows: list[str], kind: str = "list") -> str:
    return f'<div class="scroll"><table class="{kind}"><thead><tr>{headers}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _th(of_numbers: bool) -> str:
    return '<th class="number">' if of_numbers else "<th>"


# --- one document -----------------------------------------------------------------------------------------------------
def document_page(
    report: Mapping[str, object],
    cells: pd.DataFrame,
    findings: pd.DataFrame,
    years: Mapping[str, str],
    measures: Sequence[str] = RATES,
) -> str:
    """Given a document's row of `reports` (missing values as None), its cells and findings, return its page.

    `years` : year -> page of the same agency's report on that year, for findings that compare two years
    `measures` : those that pages link to the cells of
    """
    facts = {"source": report["source"], "sha256": report["sha256"], "form": report["form"]}
    listed = "".join(f"<dt>{_both('exhibit', key)}</dt><dd>{escape(str(value or ''))}</dd>" for key, value in facts.items())
    key = "".join(
        f'<span class="{kind}">{_both(section, kind)}</span>'
        for kind, section in (*((severity, "severity") for severity in SEVERITIES), ("involved", "exhibit"))
    )
    sums = list(_sums(cells, findings, measures))
    marks = "".join(f'<p class="sum" id="{escape(mark)}">{told}</p>' for mark, told, _ in sums)
    title = f"{report['agency'] or '?'} {report['year'] or '?'}"
    body = (
        f"<dl>{listed}</dl>\n<h2>{_both('exhibit', 'findings')}</h2>\n{_findings(findings, years)}\n"
        f"<h2>{_both('exhibit', 'cells')}</h2>\n<p class=\"key\">{key}</p>\n<p>{_both('exhibit', 'hover')}</p>\n"
        f'{marks}<div class="scroll">{form_html(cells, findings, BOTH, anchors=True)}</div>'
    )
    return _page(title, "".join(_framing(mark, patterns) for mark, _, patterns in sums), body)


def _sums(cells: pd.DataFrame, findings: pd.DataFrame, measures: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """What is made of several cells of a document: its mark, its name, the patterns of its cells."""
    asked = [row for row in rows_of(cells[["table", "row", "column", "state"]]) if row["table"] == "requests"]
    rows = {row["row"] for row in asked}
    silent = {row["row"] for row in asked if row["column"] == TOTAL and row["state"] != NUMBER}
    errors = findings.loc[findings["severity"] == "error", "involved"]
    # Where only sound figures count, a total that an error finding involves is made of its parts.
    made = silent | {parts_of(key)[1] for keys in errors for key in keys if key.endswith("." + TOTAL)}
    for measure in ("received", "carried_in", *OUTCOMES, "concluded", "carried_out"):
        mine = [row for row in members(measure) if row in rows]
        name = _told("sum", *(titled(one, "outcome", measure) for one in LANGUAGES))
        whole = f"requests.{measure}.*" if len(mine) > 1 else f"requests.{mine[0]}" if mine else ""
        if len(mine) > 1 and not silent & set(mine):
            yield f"{whole}.{TOTAL}", name, [f"{whole}.{TOTAL}"]
        if made & set(mine):
            yield f"{whole}.*", name, [f"{whole}.*"]
    for row in (row for group in REASON_GROUPS for row in members(group) if row in made):
        yield f"requests.{row}.*", _told("sum", *(say(one, "reason", row) for one in LANGUAGES)), [f"requests.{row}.*"]
    forms = dict(zip(cells["table"], cells["form"], strict=True))
    unprinted = set(keys_of(cells[(cells["column"] == TOTAL) & (cells["state"] != NUMBER)]))
    for one in map(measure_of, measures):
        sides = [side[form] for side in (one.above, one.below) for form in side if forms.get(side[form].table) == form]
        patterns = [pattern for side in sides for pattern in (side.keys if "_*" in "".join(side.patterns) else side.patterns)]
        through = any(key in unprinted for side in sides for key in side.keys)
        if through:
            patterns = [f"{pattern.removesuffix('.' + TOTAL)}.*" for pattern in patterns]
        if len(sides) == 1 + bool(one.below) and (len(patterns) > 1 or through):
            yield one.key, _told("rate" if one.below else "sum", *(one.label(language) for language in LANGUAGES)), patterns


def _told(kind: str, *names: str) -> str:
    zh, en = (escape(say(one, "exhibit", kind, of=of)) for one, of in zip(LANGUAGES, names, strict=True))
    return f'{zh} <span lang="en">{en}</span>'


def _framing(mark: str, patterns: list[str]) -> str:
    """The style that frames the cells of a pattern ("requests.denied.*.total") while its mark is aimed at."""
    chosen = []
    for pattern in patterns:
        first, *rest = pattern.split(".*")
        last = rest[-1] if rest else ""
        own = f'[id^="{first}."]' + (f'[id$="{last}"]' if last else "") if rest else f'[id="{first}"]'
        chosen.append(f'[id="{mark}"]:target~div {own}')
    return f"{','.join(chosen)}{{outline:3px solid #0b5394;outline-offset:-1px}}" if chosen else ""


def _findings(findings: pd.DataFrame, years: Mapping[str, str]) -> str:
    if findings.empty:
        return f"<p>{_both('tables', 'no_findings')}</p>"
    names = ("severity", "cell", "found", "expected", "suggestion", "message")
    heads = {name: escape(" ".join(say(language, "tables", name) for language in LANGUAGES)) for name in names}
    headers = "".join(f"{_th(name in _NUMBERS)}{_both('tables', name)}</th>" for name in names)
    rows = []
    for row in rows_of(findings):
        named = row["table"] and row["row"] and row["column"]
        keys = [f"{row['table']}.{row['row']}.{row['column']}"] if named else row["involved"]
        cells = "<br>".join(_cell_link(str(key), years) for key in keys[:_LISTED])
        cells += f"<br>… ({len(keys)})" if len(keys) > _LISTED else ""
        figures = "".join(
            f'<td class="number" data-head="{heads[name]}">{"" if row[name] is None else escape(number(float(row[name])))}</td>'
            for name in ("found", "expected", "suggestion")
        )
        rows.append(
            f'<tr><td data-head="{heads["severity"]}">{_both("severity", str(row["severity"]))}<br>{escape(str(row["rule"]))}</td>'
            f'<td data-head="{heads["cell"]}">{cells}</td>{figures}<td data-head="{heads["message"]}">{escape(str(row["message"]))}<br><span lang="en">{escape(str(row["message_en"]))}</span></td></tr>'
        )
    return _list(headers, rows, "list stacked")


def _cell_link(key: str, years: Mapping[str, str]) -> str:
    """A link to a cell of this page, or of another year's ("2022:requests.carried_out.total") where there is one."""
    year, _, cell = key.rpartition(":")
    page = years.get(year, "")
    return escape(key) if year and not page else f'<a href="{page}#{quote(cell)}">{escape(key)}</a>'


# --- one row in all documents -----------------------------------------------------------------------------------------
def row_page(key: str, used: pd.DataFrame, cells: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Given a row of the requests table, the documents that speak and their cells of that row, return its page."""
    form = next(f for f in load_forms().values() if any(t.key == "requests" for t in f.tables))
    line = form.table("requests").row(key)
    named = {column.key: f'{escape(column.zh)} <small lang="en">{escape(column.en)}</small>' for column in line.columns}
    headers = "".join(f"<th>{_both('tables', name)}</th>" for name in ("agency", "year"))
    headers += "".join(f"{_th(True)}{named[column]}</th>" for column in REQUEST_COLUMNS)
    printed = {(row["source"], row["column"]): _as_printed(row["text"], row["state"]) for row in rows_of(cells)}
    rows, seen = [], set[str]()
    for agency, year, source in used[["agency", "year", "source"]].itertuples(index=False):
        mark = f' id="{agency_mark(agency)}"' if agency not in seen else ""
        seen.add(agency)
        figures = "".join(
            f'<td class="number"><a href="{names[source]}#requests.{key}.{column}">{printed.get((source, column)) or _as_printed("", "absent")}</a></td>'
            for column in REQUEST_COLUMNS
        )
        rows.append(f'<tr{mark} class="{agency_mark(agency)}"><td>{escape(agency)}</td><td>{year}</td>{figures}</tr>')
    marks = "".join(f'<span id="{applicant}"></span>' for applicant in APPLICANTS)
    style = "".join(
        f"#{applicant}:target~div td:nth-child({REQUEST_COLUMNS.index(applicant) + 3}){{background:#e8f1fa}}"
        for applicant in APPLICANTS
    )
    style += "tr:target td{border-top:3px solid #0b5394}"
    return _page(f"{line.label.zh} · {line.label.en}", style, f"<p>{_both('exhibit', 'row')}</p>{marks}{_list(headers, rows)}")


def _as_printed(text: object, state: object) -> str:
    """What a cell prints; where it prints nothing, in grey why: a dash would look like one that is printed."""
    return escape(str(text or "").strip()) or f"<small>{_both('silence', str(state))}</small>"


def measure_page(key: str, figures: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Given a measure, its figures by agency-year (see `measures.agency_years`) and the pages of documents, return its page."""
    one = measure_of(key)
    headers = "".join(f"{_th(name in _NUMBERS)}{_both('tables', name)}</th>" for name in ("agency", "year", "value", "fraction", "note"))
    rows, seen = [], set[str]()
    for row in rows_of(figures):
        agency, page = str(row["agency"]), names[str(row["source"])]
        mark = f' id="{agency_mark(agency)}"' if agency not in seen else ""
        seen.add(agency)
        value, above, below = (None if row[name] is None else float(row[name]) for name in ("value", "numerator", "denominator"))
        told = one.written(value) + ("†" if row["flagged"] else "") + ("°" if row["basis"] == "settled" else "")
        part = "" if below is None else f"{number(above)}/{number(below)}"
        why = "" if row["state"] == COMPUTED else _both("why", str(row["reason"]))
        rows.append(
            f'<tr{mark}><td>{escape(agency)}</td><td>{row["year"]}</td><td class="number"><a href="{_at(page, mark_of(row))}">'
            f'{told}</a></td><td class="number">{part}</td><td>{why}</td></tr>'
        )
    told = f'<p>{escape(one.zh_is)} <span lang="en">{escape(one.en_is)}</span></p><p>{_both("exhibit", "measure")}</p>'
    return _page(f"{one.zh} · {one.label('en')}", "tr:target td{border-top:3px solid #0b5394}", told + _list(headers, rows))
