"""The command line: a thin skin over read_reports, read_report, export_panel and build_reports."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from govdisclose.batch import read_all
from govdisclose.changes import keep_previous
from govdisclose.errors import ReportError
from govdisclose.export import export_panel
from govdisclose.findings import Finding
from govdisclose.folders import Failure, find_documents, read_agencies
from govdisclose.forms import load_forms
from govdisclose.localise import localise, most_likely
from govdisclose.numbers import NUMBER
from govdisclose.panel import Panel, open_panel, read_reports
from govdisclose.report import Report, read_report
from govdisclose.store import PanelError

ERRORS_FOUND, UNUSABLE, STOPPED = 1, 2, 130
"""Exit codes: findings of severity error, or a notebook that failed; input that cannot be used; Ctrl-C."""
SHOWN = 20
"""Failures shown in the terminal; the panel holds all."""
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

app = typer.Typer(
    help="Read China's government information disclosure annual reports (政府信息公开工作年度报告) into checked figures.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out, err = Console(), Console(stderr=True)
if not out.is_terminal:
    out.width = 200  # In a pipe or a file a table need not be squeezed into eighty columns.


class Formats(StrEnum):
    """What a panel can be exported to."""

    csv = "csv"
    xlsx = "xlsx"
    parquet = "parquet"


class Groups(StrEnum):
    """What pages can be made for one by one."""

    agency = "agency"
    region = "region"
    kind = "kind"
    year = "year"


class Languages(StrEnum):
    """Languages of reports and messages."""

    zh = "zh"
    en = "en"
    both = "both"


Workers = Annotated[int | None, typer.Option(min=1, help="Most processes to use; one a processor by default.")]
AgencyFile = Annotated[
    Path | None,
    typer.Option(help="CSV with columns agency, agency_kind, region; by default the agencies.csv of each folder."),
]


def _print_version(asked: bool) -> None:
    if asked:
        out.print(f"govdisclose {version('govdisclose')}", highlight=False)
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def extract(
    sources: Annotated[list[str], typer.Argument(metavar="DIR", help="Folders, files or patterns with reports.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The panel file to make or to add to.")],
    workers: Workers = None,
    agency_file: AgencyFile = None,
    anew: Annotated[bool, typer.Option("--replace", help="Start anew; drop what the panel file holds.")] = False,
) -> None:
    """Read reports into a panel file (DuckDB).

    Documents read again take the place of their older reading; what cannot be read is listed with the reason.

    Examples:

        govdisclose extract my_folder -o panel.duckdb

        govdisclose extract "pages/**/*.html" more.txt -o panel.duckdb --workers 4
    """
    panel = _read(sources, workers, agency_file)
    _save(panel, output, anew)
    _summarise(panel, output)
    _end(panel)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Reports, archives of them, or folders.")],
    lang: Annotated[Languages, typer.Option(help="Language of the messages.")] = Languages.zh,
) -> None:
    """Show what does not hold in a report: broken sums, doubtful cells, prose against tables.

    Exits with 1 where there are errors, with 2 where a file cannot be read.

    Examples:

        govdisclose check report.html

        govdisclose check reports/*.html --lang en
    """
    documents, failures = find_documents(files)
    results, stopped = read_all(lambda source: read_report(source if "://" in source else Path(source)), documents, workers=1, progress=False)
    for result in (*failures, *results):
        if isinstance(result, Report):
            _show(result, lang)
        else:
            _complain(f"{result.source}: {result.reason}")
    if stopped:
        raise typer.Exit(STOPPED)
    if failures or any(isinstance(result, Failure) for result in results):
        raise typer.Exit(UNUSABLE)
    if any(finding.severity == "error" for result in results if isinstance(result, Report) for finding in result.found):
        raise typer.Exit(ERRORS_FOUND)


@app.command()
def export(
    panel: Annotated[Path, typer.Argument(metavar="PANEL", help="A panel file that extract or report made.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to; for xlsx also a file name.")],
    format: Annotated[
        Formats, typer.Option(help="csv and parquet write a file a table, xlsx one workbook.")
    ] = Formats.csv,
) -> None:
    """Write a panel and its codebook for other programs.

    Examples:

        govdisclose export panel.duckdb -o tables

        govdisclose export panel.duckdb -o panel.xlsx --format xlsx
    """
    with _sentence(PanelError):
        opened = open_panel(panel)
    with _sentence(ValueError, OSError):
        for file in export_panel(opened, output, format.value):
            _tell(str(file))


@app.command()
def report(
    sources: Annotated[
        list[str], typer.Argument(metavar="DIR", help="Folders, files or patterns with reports, or one panel file.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the reports.")],
    notebooks: Annotated[
        list[str] | None, typer.Option(help="A notebook to run; may be repeated. All by default.")
    ] = None,
    lang: Annotated[Languages, typer.Option(help="Language of the reports.")] = Languages.both,
    agency: Annotated[list[str] | None, typer.Option(help="An agency to report on; may be repeated.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="A kind of agency to report on; may be repeated.")] = None,
    years: Annotated[str | None, typer.Option(help="Years to report on, such as 2019-2024 or 2021,2023.")] = None,
    per: Annotated[
        list[Groups] | None,
        typer.Option(help="Besides, pages for each agency (its profile), region, kind or year; may be repeated."),
    ] = None,
    workers: Workers = None,
    agency_file: AgencyFile = None,
) -> None:
    """Read reports, run the notebooks on them, write HTML with an index.

    Pages that are up to date are left as they are; after Ctrl-C the same command goes on where it stopped.

    Examples:

        govdisclose report my_folder -o my_reports

        govdisclose report my_folder -o my_reports --per agency

        govdisclose report panel.duckdb -o my_reports --agency 海州市市场监督管理局 --years 2019-2024
    """
    from govdisclose.render import (
        build_reports,
    )  # Notebook machinery takes seconds to import; other commands need none.

    given: dict[str, object] = {"agencies": agency, "agency_kind": kind}
    parameters = {name: value for name, value in given.items() if value}
    if years:
        with _sentence(ValueError):
            parameters["years"] = _years(years)
    panel_path = output / "panel.duckdb"
    if len(sources) == 1 and Path(sources[0]).suffix == ".duckdb":
        panel_path = Path(sources[0])
        with _sentence(PanelError):
            _summarise(open_panel(panel_path), panel_path)
    else:
        panel = _read(sources, workers, agency_file)
        if not panel.reports.empty:
            keep_previous(panel_path, panel)
        _save(panel, panel_path, anew=True)
        _summarise(panel, panel_path)
        _end(panel)
    languages = ("zh", "en") if lang is Languages.both else (lang.value,)
    groups = [one.value for one in per or ()]
    try:
        with _sentence(ValueError, OSError):
            of = (panel_path, output, notebooks, languages, parameters or None, workers)
            made = build_reports(*of, None, groups) if groups else build_reports(*of)
    except KeyboardInterrupt:
        _complain("stopped by Ctrl-C: the pages made so far stay, run the command again for the rest")
        raise typer.Exit(STOPPED) from None
    for page in made:
        if page.error or not page.group[0]:
            (_complain if page.error else _tell)(str(page))
    if groups:
        ones = [page for page in made if page.group[0]]
        kept, failed = sum(page.kept for page in ones), sum(bool(page.error) for page in ones)
        _tell(f"pages per {', '.join(groups)}: {len(ones)}, of which {kept} were up to date and {failed} failed")
    _tell(f"open {output / 'index.html'}")
    if any(page.error for page in made):
        raise typer.Exit(ERRORS_FOUND)


def _read(sources: list[str], workers: int | None, agency_file: Path | None) -> Panel:
    if agency_file is not None:
        with _sentence(ValueError):
            read_agencies(agency_file)
    with _sentence(ReportError), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # That the run was stopped is told at its end.
        return read_reports(sources, workers=workers, agencies=agency_file)


def _save(panel: Panel, path: Path, anew: bool) -> None:
    """Save what was read; nothing is made or dropped where nothing was."""
    if panel.reports.empty:
        _list_failures(panel)
        _complain("no report could be read, nothing was saved; name a folder, file or pattern with reports")
        raise typer.Exit(STOPPED if panel.interrupted else UNUSABLE)
    with _sentence(PanelError, OSError):
        panel.save(path, replace=anew)


def _summarise(panel: Panel, path: Path) -> None:
    _list_failures(panel)
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2))
    for name, value in panel.facts().items():
        table.add_row(name, _plain(value))
    table.add_row("panel", _plain(str(path)))
    out.print(table)


def _list_failures(panel: Panel) -> None:
    for source, reason in panel.failures.head(SHOWN).itertuples(index=False):
        _complain(f"{source}: {reason}")
    if len(panel.failures) > SHOWN:
        _complain(f"… and {len(panel.failures) - SHOWN} more; panel.failures lists all")


def _end(panel: Panel) -> None:
    if panel.interrupted:
        _complain("stopped by Ctrl-C: what was read is saved, run the command again for the rest")
        raise typer.Exit(STOPPED)


def _show(report: Report, lang: Languages) -> None:
    numbers = sum(slot.state == NUMBER for slot in report.slots)
    who = f"{report.agency or '?'} {report.year or '?'}"
    heading = f"{report.source}: {who}, form {report.form}, {numbers} of {len(report.slots)} cells hold a number"
    if not report.found:
        _tell(f"{heading}; nothing to find fault with")
        return
    table = Table(title=_plain(heading), title_justify="left", title_style="bold")
    for name in ("severity", "rule", "cell", "expected", "found", "suggestion", "message"):
        is_number = name in ("expected", "found", "suggestion")
        table.add_column(
            name, justify="right" if is_number else "left", overflow="fold", min_width=8 if name == "cell" else None
        )
    for finding in report.found:
        figures = [_figure(number) for number in (finding.expected, finding.found, finding.suggestion)]
        messages = {Languages.zh: finding.message, Languages.en: finding.message_en}
        table.add_row(
            Text(finding.severity, style=_COLOURS.get(finding.severity, "")),
            finding.rule,
            _plain(_cell(finding)),
            *figures,
            _plain(messages.get(lang, f"{finding.message}\n{finding.message_en}")),
        )
    out.print(table)
    for zh, en in most_likely(localise(report.slots)):
        _tell({Languages.zh: zh, Languages.en: en}.get(lang, f"{zh}\n{en}"))


def _cell(finding: Finding) -> str:
    """The cell of a finding in the form's own words; its keys where no form has it, nothing where it has none."""
    for form in load_forms().values():
        for table in form.tables:
            for row in table.rows:
                if (table.key, row.label.key) == (finding.table, finding.row):
                    columns = [column.zh for column in row.columns if column.key == finding.column]
                    if columns or not finding.column:
                        return " › ".join((row.label.zh, *columns))
    return " › ".join(key for key in (finding.table, finding.row, finding.column) if key)


def _figure(number: float | None) -> str:
    return "" if number is None else f"{number:,.15g}"


def _plain(text: str) -> Text:
    """Text of a document for the terminal: neither markup nor control characters in it do anything."""
    return Text(_CONTROL.sub("\ufffd", text))


def _tell(sentence: str) -> None:
    out.print(_plain(sentence), soft_wrap=True)


def _complain(sentence: str) -> None:
    err.print(_plain(sentence), soft_wrap=True)


@contextmanager
def _sentence(*mistakes: type[Exception]) -> Iterator[None]:
    """Given errors that the user can mend, end with their message alone."""
    try:
        yield
    except mistakes as error:
        _complain(f"govdisclose: {error}")
        raise typer.Exit(UNUSABLE) from None


def _years(text: str) -> list[int]:
    """Given "2019-2021,2023", return [2019, 2020, 2021, 2023]."""
    years: set[int] = set()
    for part in text.replace("\uff0c", ",").split(","):
        match = re.fullmatch(r"\s*(\d{4})(?:\s*[-–—~]\s*(\d{4}))?\s*", part)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise ValueError(f"--years {text}: no years; write 2019-2024 or 2021,2023")
        years.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return sorted(years)
