"""Many documents as one panel: who reported what, what could not be read, and one file to keep it in."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from rapidfuzz import process

from govdisclose.agency import agency_kind
from govdisclose.batch import rare_collection, read_all
from govdisclose.cells import columns_of
from govdisclose.corrections import findings_about, outcomes, read_corrections, with_corrections
from govdisclose.displays import Findings, panel_html, report_html
from govdisclose.errors import ReportError, visible
from govdisclose.findings import SEVERITIES, Finding
from govdisclose.folders import AGENCIES, PLACES, Failure, beside, find_documents, read_agencies
from govdisclose.frames import cells_frame, findings_frame, findings_of, reports_frame, statements_frame
from govdisclose.history import codes
from govdisclose.numbers import NUMBER
from govdisclose.places import overridden, read_places, region_of
from govdisclose.printed import BOTH, Shown, form_html, noted
from govdisclose.report import Report, reading
from govdisclose.selection import chosen, listed
from govdisclose.series import RULES, check_series
from govdisclose.steps import Steps
from govdisclose.store import PanelError, check_is_panel, one_writer, read_tables, write_tables
from govdisclose.words import fold

DUPLICATE, COPY = "panel.duplicate", "panel.copy"
TABLES = ("reports", "cells", "findings", "statements", "failures")
_COUNTS = tuple(f"findings_{severity}" for severity in SEVERITIES)


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """The reports of many agencies and years.

    Attributes
    ----------
    reports : one row a document: source, sha256, agency, agency_kind, region, year, form, number of cells that hold a
        number, number of findings by severity; ordered by agency, year, source, as all tables are
    cells : the contract's cells of all documents
    findings : agency, year, source, then the contract's findings; `panel.duplicate` where two documents are of one
        agency and year, and the `series.` rules (see `series.check_series`) of the reports that this panel holds
    statements : agency, year, source, then the contract's statements
    failures : source, reason: what could not be read
    interrupted : Ctrl-C stopped the reading; what was not read stands among the failures
    """

    reports: pd.DataFrame
    cells: pd.DataFrame
    findings: pd.DataFrame
    statements: pd.DataFrame
    failures: pd.DataFrame
    interrupted: bool = False

    # What rooms downstream add, see `govdisclose.explore`: a table to look through, a table or measure by name, their names.
    explore: ClassVar[Callable[..., Any]]
    __getitem__: ClassVar[Callable[[Panel, str], pd.DataFrame]]
    _ipython_key_completions_: ClassVar[Callable[[Panel], list[str]]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "findings", Findings(self.findings))

    def save(self, path: str | Path, replace: bool = False) -> Path:
        """Save in one DuckDB file, merged into the panel that is there already.

        A document read again (same source or same bytes) takes the place of its older reading; one that can no longer be
        read keeps its older reading and is listed among the failures. The file changes in one step: who has it open
        keeps what they read, and if anything fails the last panel stays.

        Parameters
        ----------
        path : the panel file, e.g. "panel.duckdb"
        replace : start anew, drop what the file holds

        Raises
        ------
        PanelError : the file exists and is no panel, or one of another version (the latter only when merging); or this
            panel has corrections, which are a layer and no part of what was read
        """
        if "corrected" in self.cells:
            raise PanelError("a panel with corrections is not saved; save it as read, and apply them after opening it")
        path = Path(path)
        with one_writer(path):
            panel = self
            if path.exists():
                check_is_panel(path)
                panel = self if replace else open_panel(path)._merged(self)
            write_tables(path, panel._tables(), _like())
        return path

    def select(
        self,
        agencies: str | Iterable[str] | None = None,
        years: int | Iterable[int] | None = None,
        kind: str | Iterable[str] | None = None,
    ) -> Panel:
        """Given agencies, years, kinds of agency (each one or several; None for all), return the panel of those alone.

        Failures stay as they are: nobody knows which agency a document that could not be read is of.

        Raises
        ------
        ValueError : one of the names or years is not in the panel (the nearest names are given), or nothing is left
        """
        sources = self.reports["source"][chosen(self.reports, agencies, years, kind)]
        kept = {name: table[table["source"].isin(sources)].reset_index(drop=True) for name, table in self._documents()}
        return _finished(kept | {"failures": self.failures}, self.interrupted)

    def trace(self, agency: str, year: int, key: str) -> pd.DataFrame:
        """Given an agency, a year and a cell's key ("requests.granted.total"), return where its figure comes from.

        In a notebook the document's form shows below, the cell framed, as the reports' pages of documents show it.

        Returns
        -------
        DataFrame : agency, year, form, key, value, state, text (as printed), unit, source, place, sha256 (of the document),
            findings (list of the rules that touch the cell); one row for each document of that agency and year

        Raises
        ------
        ValueError : the panel has no such agency or year (the nearest names are given), or no form has such a cell
        """
        one = self.select(agency, year)
        keys = one.cells["table"] + "." + one.cells["row"] + "." + one.cells["column"]
        found = one.cells[keys == key].merge(one.reports[["source", "sha256"]], on="source")
        if found.empty:
            near = [match for match, _, _ in process.extract(key, list(dict.fromkeys(keys)), limit=3)]
            raise ValueError(f"the report has no cell {key!r}; nearest: {', '.join(near)}")
        touching = one.findings[[key in cells for cells in one.findings["involved"]]]
        rules = touching.groupby("source")["rule"].agg(lambda rules: list(dict.fromkeys(rules)))
        found["findings"] = [rules.get(source, []) for source in found["source"]]
        columns = ["agency", "year", "form", "key", "value", "state", "text", "unit", "source", "place", "sha256", "findings"]
        shown = "".join(self._form(source, BOTH, (key,)) for source in found["source"])
        return noted(found.assign(key=key)[columns].reset_index(drop=True), shown)

    def correct(self, corrections: pd.DataFrame | str | Path) -> Panel:
        """Given corrections (or their file, see `read_corrections`), return the panel with them beside what is printed.

        `cells` has one column more: `corrected`, NA where nothing is corrected; `value` and `text` stay as printed. A
        correction of a cell that prints something else than it says is refused. `findings` tells of each:
        `correction.applied`, `correction.confirmed` (notes), `correction.stale` (warning).

        Raises
        ------
        ValueError : the file holds what is no correction; the message names line and mend
        """
        given = corrections if isinstance(corrections, pd.DataFrame) else read_corrections(corrections)
        told = outcomes(self.cells, given)
        about = findings_of(told[told["line"] >= 0], findings_about(told))
        own = self.findings[~self.findings["rule"].str.startswith("correction.")]
        tables = dict(self._documents()) | {"findings": pd.concat([own, about], ignore_index=True)}
        tables |= {"cells": with_corrections(self.cells, told), "failures": self.failures}
        return _finished(tables, self.interrupted)

    def show(self, agency: str, year: int, language: str = "zh") -> Shown:
        """The report of an agency and year as the form prints it, for a notebook; the first by name of several."""
        one = self.select(agency, year)
        source, year_of, form = one.reports[["source", "year", "form"]].iloc[0]
        cells, findings = (table[table["source"] == source] for table in (one.cells, one.findings))
        return Shown(report_html(one.reports["agency"].iloc[0], int(year_of), form, source, cells, findings.drop(columns=["agency", "year"]), language))

    def _form(self, source: str, language: str, marked: Sequence[str] = ()) -> str:
        cells, findings = (table[table["source"] == source] for table in (self.cells, self.findings))
        return form_html(cells, findings, language, marked=marked)

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {name: getattr(self, name) for name in TABLES}

    def _documents(self) -> list[tuple[str, pd.DataFrame]]:
        return [(name, table) for name, table in self._tables().items() if name != "failures"]

    def _merged(self, newer: Panel) -> Panel:
        """This panel with all documents of `newer` added or put in the place of their older reading."""
        again = self.reports["source"].isin(newer.reports["source"]) | self.reports["sha256"].isin(
            newer.reports["sha256"]
        )
        gone = self.reports["source"][again]
        tables = {
            name: pd.concat([table[~table["source"].isin(gone)], getattr(newer, name)], ignore_index=True)
            for name, table in self._documents()
        }
        settled = pd.concat([newer.reports["source"], newer.failures["source"]])
        failures = pd.concat([self.failures[~self.failures["source"].isin(settled)], newer.failures], ignore_index=True)
        return _finished(tables | {"failures": failures.sort_values("source", ignore_index=True)}, newer.interrupted)

    def __repr__(self) -> str:
        facts = self.facts()
        return "Panel(" + ", ".join(f"{name}: {value}" for name, value in facts.items()) + ")"

    def _repr_html_(self) -> str:
        return panel_html(self.facts(), self.reports)

    def facts(self) -> dict[str, str]:
        """What the panel holds, in words: agencies, years, documents, cells, findings."""
        names = [name for name in dict.fromkeys(self.reports["agency"]) if name]
        years = sorted({int(year) for year in self.reports["year"].dropna()})
        shown = "、".join(names[:5]) + ("…" if len(names) > 5 else "")
        return {
            "agencies": f"{len(names)}" + (f" ({shown})" if names else ""),
            "years": listed(years),
            "documents read": f"{len(self.reports)}",
            "documents that failed": f"{len(self.failures)}",
            "cells": f"{len(self.cells):,}",
            "findings": ", ".join(
                f"{count} {severity}{'' if count == 1 else 's'}"
                for severity, count in zip(SEVERITIES, self._severities(), strict=True)
            ),
        }

    def _severities(self) -> list[int]:
        return [int(self.reports[count].sum()) for count in _COUNTS]


def read_reports(
    sources: str | Path | Iterable[str | Path],
    workers: int | None = None,
    agency: str | None = None,
    agencies: str | Path | None = None,
    progress: bool = True,
    places: str | Path | None = None,
) -> Panel:
    """Read many reports. One bad document never stops the rest: it is listed in `panel.failures` with the reason.

    Parameters
    ----------
    sources : folders (with all folders in them), files, patterns such as "reports/**/*.html", or a list of those
    workers : most processes to use; None for one a processor. Small batches are read without any
    agency : whose reports these all are, over what the documents say
    agencies : CSV file (columns agency, and agency_kind, region or both) that overrides the kind told from an agency's
        name; by default the `agencies.csv` of each folder given
    progress : show a progress bar (in a terminal or notebook)
    places : CSV file (columns agency, kind, level, code, see `gd.read_places`) that says where agencies are, over all else;
        by default the `places.csv` of each folder given

    Returns
    -------
    Panel. The same documents give the same panel, whatever the number of workers. After Ctrl-C it holds what was read,
    and a warning says so.

    Raises
    ------
    ReportError : the sources hold no document at all
    ValueError : the file of agencies or of places is not as described
    """
    given = [sources] if isinstance(sources, str | Path) else list(sources)
    lists = beside(given, AGENCIES) if agencies is None else [Path(agencies)]
    known = {name: entry for file in lists for name, entry in read_agencies(file).items()}
    for file in beside(given, PLACES) if places is None else [Path(places)]:
        known = overridden(known, read_places(file))
    documents, failures = find_documents(given)
    if not documents:
        name, reason = (failures[0].source, failures[0].reason) if failures else ("<no source>", "nothing to read")
        raise ReportError(name, reason, "name a folder, file or pattern with reports")
    with rare_collection():  # till the reports have become frames and are gone
        panel, told = _read(documents, failures, partial(_reading, agency=agency), workers, known, progress)
    if told:
        warnings.warn(told, stacklevel=2)
    return panel


def _read(
    documents: Sequence[str],
    failures: list[Failure],
    read: Callable[[str], Steps[Report]],
    workers: int | None,
    known: dict[str, tuple[str, str]],
    progress: bool,
) -> tuple[Panel, str]:
    """The panel of these documents, and what is to be said where Ctrl-C stopped the reading."""
    results, interrupted = read_all(read, documents, workers, progress)
    reports = [result for result in _named_apart(documents, results) if isinstance(result, Report)]
    failed = [*failures, *(Failure(visible(r.source), r.reason) for r in results if isinstance(r, Failure))]
    told = f"stopped by Ctrl-C: {len(reports)} of {len(documents)} documents were read, the rest are failures"
    return _assembled(reports, failed, known, interrupted), told if interrupted else ""


def _named_apart(documents: Sequence[str], results: Sequence[Report | Failure]) -> Iterator[Report | Failure]:
    """The results, each report of a source of its own: one address in two crawls is named by crawl and address."""
    taken: dict[str, str] = {}
    for name, result in zip(documents, results, strict=True):
        if isinstance(result, Report) and taken.setdefault(result.source, result.sha256) != result.sha256:
            yield replace(result, source=visible(name))
        else:
            yield result


def open_panel(path: str | Path) -> Panel:
    """Given a panel file, return the panel. The file is closed again before this returns.

    Raises
    ------
    PanelError : no such file, no panel, or one of another version; the message says what to do
    """
    return Panel(*_in_order(read_tables(Path(path), _like())))


def _reading(source: str, agency: str | None) -> Steps[Report]:
    report = yield from reading(source if "://" in source else Path(source), agency=agency)
    return report if report.source.isprintable() else replace(report, source=visible(report.source))




def _assembled(
    read: Sequence[Report], failures: Iterable[Failure], known: dict[str, tuple[str, str]], interrupted: bool
) -> Panel:
    """Frames of a batch, built once. Of two files with the same bytes the first is kept, and a note names the other."""
    first: dict[tuple[str, str, int | None], Report] = {}
    copies: dict[str, list[str]] = {}
    for report in sorted(read, key=lambda report: (report.agency, report.year or 0, report.source)):
        kept = first.setdefault((report.sha256, report.agency, report.year), report)
        if kept is not report:
            copies.setdefault(kept.source, []).append(report.source)
    reports = [
        replace(report, found=(*report.found, _copy(copies[report.source]))) if report.source in copies else report
        for report in first.values()
    ]
    rows = []
    for report in reports:
        numbers = columns_of(report.slots)[2].count(NUMBER)
        kind, region = known.get(fold(report.agency), ("", ""))
        kind, region = kind or agency_kind(report.agency), region or region_of(report.agency, report.year)
        rows.append(
            (report.source, report.sha256, report.agency, kind, region, report.year, report.form, numbers)
        )
    tables = {
        "reports": reports_frame(rows),
        "cells": cells_frame(reports),
        "findings": findings_frame(reports, whose=True),
        "statements": statements_frame(reports, whose=True),
        "failures": pd.DataFrame(
            sorted((failure.source, failure.reason) for failure in failures), columns=["source", "reason"], dtype="str"
        ),
    }
    return _finished(tables, interrupted, in_order=True)


def _copy(others: list[str]) -> Finding:
    names = "、".join(others)
    return Finding(
        COPY,
        "note",
        f"另有内容完全相同的文件,未重复计入:{names}。",
        f"Files with the same bytes were left out: {names}.",
    )


@cache
def _like() -> dict[str, pd.DataFrame]:
    """The empty panel's tables: names, order and dtypes of all columns."""
    return {
        "reports": reports_frame([]).assign(**{count: np.zeros(0, np.int64) for count in _COUNTS}),
        "cells": cells_frame([]),
        "findings": findings_frame([], whose=True),
        "statements": statements_frame([], whose=True),
        "failures": pd.DataFrame({"source": pd.Series([], dtype="str"), "reason": pd.Series([], dtype="str")}),
    }


def _finished(tables: dict[str, pd.DataFrame], interrupted: bool, in_order: bool = False) -> Panel:
    """A panel in its order, with the findings that only a panel can show, and the findings of each document counted.

    `in_order`: the reports stand in their order already, and cells and statements in that of the reports.
    """
    reports, findings = tables["reports"], tables["findings"]
    if not in_order:
        reports = reports.sort_values(["agency", "year", "source"], na_position="first", ignore_index=True)
    sources = reports["source"].tolist()
    twice, compared = _duplicates(reports), check_series(reports, tables["cells"], tables["statements"])
    if added := len(twice) + len(compared) > 0 or not in_order:
        own = findings[(findings["rule"] != DUPLICATE) & ~findings["rule"].str.startswith(RULES)]
        findings = pd.concat([own, twice, compared], ignore_index=True)
    ordered = {"failures": tables["failures"]}
    for name, table in (("cells", tables["cells"]), ("findings", findings), ("statements", tables["statements"])):
        if in_order and (name != "findings" or not added):
            ordered[name] = table
            continue
        place = codes(table["source"], sources)
        if (np.diff(place) < 0).any():
            table = table.iloc[np.argsort(place, kind="stable")]
        ordered[name] = table.reset_index(drop=True)
    counted = np.zeros((len(SEVERITIES) + 1, len(reports) + 1), np.int64)  # what has no code (-1) is counted in the last
    np.add.at(counted, (codes(findings["severity"], SEVERITIES), codes(findings["source"], sources)), 1)
    ordered["reports"] = reports.assign(**dict(zip(_COUNTS, counted[:-1, :-1], strict=True)))
    return Panel(*_in_order(ordered), interrupted)


def _in_order(
    tables: Mapping[str, pd.DataFrame],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return tables["reports"], tables["cells"], tables["findings"], tables["statements"], tables["failures"]


def _duplicates(reports: pd.DataFrame) -> pd.DataFrame:
    """`panel.duplicate` for each document that shares its agency and year with another."""
    like = _like()["findings"]
    whose = Counter(zip(reports["agency"].tolist(), reports["year"].tolist(), strict=True))
    if all(count == 1 or not agency or year is pd.NA for (agency, year), count in whose.items()):
        return like
    told = reports[(reports["agency"] != "") & reports["year"].notna()]
    twice = told[told.duplicated(["agency", "year"], keep=False)]
    rows = []
    for (agency, year), group in twice.groupby(["agency", "year"], sort=True):
        names = "、".join(group["source"])
        message = f"{agency}{year}年的报告有{len(group)}份,汇总时会重复计算:{names}。"
        english = f"{len(group)} documents are reports of {agency} for {year}; sums would count each: {names}."
        for source in group["source"]:
            row = dict.fromkeys(like.columns, "") | {
                "agency": agency,
                "year": year,
                "source": source,
                "rule": DUPLICATE,
            }
            row |= {"severity": "warning", "message": message, "message_en": english, "involved": []}
            rows.append(row | dict.fromkeys(("expected", "found", "suggestion"), pd.NA))
    return pd.DataFrame(rows, columns=like.columns).astype(like.dtypes.to_dict())
