"""Many documents as one panel: who reported what, what could not be read, and one file to keep it in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from rapidfuzz import process

from govdisclose.assembly import COUNTS, TABLES, assembled, completed, empty_tables
from govdisclose.batch import rare_collection, read_all
from govdisclose.corrections import checked_corrections, findings_about, outcomes, read_corrections, with_corrections
from govdisclose.displays import Findings, panel_html, report_html
from govdisclose.errors import ReportError, visible
from govdisclose.findings import SEVERITIES
from govdisclose.folders import AGENCIES, PLACES, Failure, beside, find_documents, read_agencies
from govdisclose.frames import findings_of, keys_of
from govdisclose.places import overridden, read_places
from govdisclose.printed import BOTH, Shown, form_html, noted
from govdisclose.report import Report, reading
from govdisclose.selection import chosen, listed
from govdisclose.steps import Steps
from govdisclose.store import PanelError, check_is_panel, one_writer, read_tables, write_tables


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
            write_tables(path, panel._tables(), empty_tables())
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
        return Panel(**completed(kept | {"failures": self.failures}), interrupted=self.interrupted)

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
        keys = keys_of(one.cells)
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
        correction of a cell that prints something else than it says is refused. `findings` tells of each whose report is
        here: `correction.applied`, `correction.confirmed` (notes), `correction.stale` (warning).

        Raises
        ------
        ValueError : they hold what is no correction; the message names line and mend
        """
        given = checked_corrections(corrections) if isinstance(corrections, pd.DataFrame) else read_corrections(corrections)
        told = outcomes(self.cells, given)
        about = findings_of(told[told["line"] >= 0], findings_about(told))
        own = self.findings[~self.findings["rule"].str.startswith("correction.")]
        tables = dict(self._documents()) | {"findings": pd.concat([own, about], ignore_index=True)}
        tables |= {"cells": with_corrections(self.cells, told), "failures": self.failures}
        return Panel(**completed(tables), interrupted=self.interrupted)

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
        again = self.reports["source"].isin(newer.reports["source"]) | self.reports["sha256"].isin(newer.reports["sha256"])
        gone = self.reports["source"][again]
        tables = {
            name: pd.concat([table[~table["source"].isin(gone)], getattr(newer, name)], ignore_index=True)
            for name, table in self._documents()
        }
        settled = pd.concat([newer.reports["source"], newer.failures["source"]])
        failures = pd.concat([self.failures[~self.failures["source"].isin(settled)], newer.failures], ignore_index=True)
        return Panel(**completed(tables | {"failures": failures.sort_values("source", ignore_index=True)}), interrupted=newer.interrupted)

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
        return [int(self.reports[count].sum()) for count in COUNTS]


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
    return Panel(**assembled(reports, failed, known), interrupted=interrupted), told if interrupted else ""


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
    return Panel(**read_tables(Path(path), empty_tables()), interrupted=False)


def _reading(source: str, agency: str | None) -> Steps[Report]:
    report = yield from reading(source if "://" in source else Path(source), agency=agency)
    return report if report.source.isprintable() else replace(report, source=visible(report.source))
