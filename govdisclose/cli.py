"""The command line: a thin skin over read_reports, export_panel and build_reports."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from getpass import getuser
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from govdisclose import terminal
from govdisclose.batch import read_all
from govdisclose.changes import keep_previous
from govdisclose.corrections import read_corrections
from govdisclose.dictionary import measure_of
from govdisclose.errors import ReportError
from govdisclose.export import Format, export_panel, write_csv
from govdisclose.folders import PLACES, Failure, beside, find_documents, read_agencies
from govdisclose.measures import LEVELS
from govdisclose.measures import measure as compute
from govdisclose.panel import Panel, open_panel, read_reports
from govdisclose.places import read_places
from govdisclose.report import Report, reading
from govdisclose.review import review as walk_through
from govdisclose.store import PanelError
from govdisclose.terminal import complain, list_failures, out, show, summarise, tell, tell_corrections

ERRORS_FOUND, UNUSABLE, STOPPED = 1, 2, 130
"""Exit codes: findings of severity error, or a notebook that failed; input that cannot be used; Ctrl-C."""

app = typer.Typer(
    help="Read China's government information disclosure annual reports (政府信息公开工作年度报告) into checked figures.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


Values = Literal["printed", "corrected", "sound"]
"""Which figures count."""
Languages = Literal["zh", "en", "both"]
"""Languages of reports and messages."""


class Groups(StrEnum):
    """What pages can be made for one by one."""

    agency = "agency"
    region = "region"
    kind = "kind"
    year = "year"



Workers = Annotated[int | None, typer.Option(min=1, help="Most processes to use; one a processor by default.")]
AgencyFile = Annotated[
    Path | None,
    typer.Option(help="CSV with columns agency, agency_kind, region; by default the agencies.csv of each folder."),
]


PlaceFile = Annotated[
    Path | None,
    typer.Option(help="CSV with columns agency, kind, level, code (GB/T 2260) that says where agencies are; by default the places.csv of each folder."),
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
    places: PlaceFile = None,
    anew: Annotated[bool, typer.Option("--replace", help="Start anew; drop what the panel file holds.")] = False,
) -> None:
    """Read reports into a panel file (DuckDB).

    Documents read again take the place of their older reading; what cannot be read is listed with the reason.

    Examples:

        govdisclose extract my_folder -o panel.duckdb

        govdisclose extract "pages/**/*.html" more.txt -o panel.duckdb --workers 4
    """
    panel = _read(sources, workers, agency_file, places)
    _save(panel, output, anew)
    summarise(panel, output)
    _end(panel)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Reports, archives of them, or folders.")],
    lang: Annotated[Languages, typer.Option(help="Language of the messages.")] = "zh",
) -> None:
    """Show what does not hold in a report: broken sums, doubtful cells, prose against tables.

    Exits with 1 where there are errors, with 2 where a file cannot be read.

    Examples:

        govdisclose check report.html

        govdisclose check reports/*.html --lang en
    """
    documents, failures = find_documents(files)
    results, stopped = read_all(lambda source: reading(source if "://" in source else Path(source)), documents, workers=1, progress=False)
    for result in (*failures, *results):
        if isinstance(result, Report):
            show(result, lang)
        else:
            complain(f"{result.source}: {result.reason}")
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
    format: Annotated[Format, typer.Option(help="csv and parquet write a file a table, xlsx one workbook.")] = "csv",
) -> None:
    """Write a panel and its codebook for other programs.

    Examples:

        govdisclose export panel.duckdb -o tables

        govdisclose export panel.duckdb -o panel.xlsx --format xlsx
    """
    with _sentence(PanelError):
        opened = open_panel(panel)
    with _sentence(ValueError, OSError):
        for file in export_panel(opened, output, format):
            tell(str(file))


@app.command()
def measure(
    panel: Annotated[Path | None, typer.Argument(metavar="PANEL", help="A panel file that extract or report made.")] = None,
    names: Annotated[list[str] | None, typer.Argument(metavar="MEASURE", help="A measure such as grant_rate; may be repeated.")] = None,
    by: Annotated[
        list[str] | None, typer.Option(help=f"What to tell it by, of {', '.join(LEVELS)}; may be repeated. By agency and year by default.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="One figure for the whole panel.")] = False,
    sound: Annotated[bool, typer.Option("--sound", help="Leave out figures that an error touches.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write all columns to this CSV file, safe for a spreadsheet.")] = None,
    lang: Annotated[Languages, typer.Option(help="Language of the list of measures; both is zh here.")] = "zh",
    listing: Annotated[bool, typer.Option("--list", help="List the measures with their definitions, and stop.")] = False,
) -> None:
    """Compute measures from a panel, each with its 95 % interval, what it rests on, and why it is lacking.

    Examples:

        govdisclose measure --list

        govdisclose measure panel.duckdb grant_rate

        govdisclose measure panel.duckdb grant_rate denial_rate --by year --csv rates.csv
    """
    if listing:
        terminal.list_measures("en" if lang == "en" else "zh")
        return
    if panel is None or not names:
        _refuse("name a panel file and a measure: govdisclose measure panel.duckdb grant_rate; --list shows the measures")
    if whole and by:
        _refuse("--whole and --by exclude each other")
    levels = by if by else () if whole else ("agency", "year")
    with _sentence(PanelError, ValueError, OSError):
        for name in names:
            measure_of(name)  # Before the panel is read, which takes longer.
        figures = compute(open_panel(panel), names, levels, sound=sound)
        if csv is not None:
            write_csv(figures, csv)
    terminal.show_figures(figures, levels)
    if csv is not None:
        tell(str(csv))


@app.command()
def review(
    sources: Annotated[
        list[str], typer.Argument(metavar="DIR", help="Folders, files or patterns with reports, or one panel file.")
    ],
    corrections: Annotated[Path, typer.Option("--corrections", "-c", help="The CSV of corrections to make or go on with.")],
    who: Annotated[str, typer.Option(help="Who decides; goes into the file. The login name by default.")] = "",
    lang: Annotated[Languages, typer.Option(help="Language of the questions; both is zh here.")] = "zh",
    workers: Workers = None,
    agency_file: AgencyFile = None,
) -> None:
    """Walk through the broken sums: take an explanation, type a figure, or confirm what is printed.

    Each answer is saved at once; stop with q or Ctrl-C, and run it again to go on. Nothing is changed in the panel:
    govdisclose report --corrections uses the file.

    Examples:

        govdisclose review panel.duckdb --corrections corrections.csv
    """
    panel = _panel_file(sources)
    if panel is None:
        panel = _read(sources, workers, agency_file)
        list_failures(panel)
    language = "en" if lang == "en" else "zh"
    with _sentence(ValueError, OSError):
        try:
            answered, left = walk_through(panel, corrections, who or getuser(), language, out.print, _ask)
        except (typer.Abort, KeyboardInterrupt):
            complain(f"stopped; every answer so far is in {corrections}, run the command again to go on")
            raise typer.Exit(STOPPED) from None
    tell(f"{corrections}: {answered} answered, {left} open" if answered else f"nothing was answered, {left} open")


def _ask(question: str, default: str) -> str:
    answer: str = typer.prompt(question, default=default, show_default=bool(default))
    return answer


@app.command()
def report(
    sources: Annotated[
        list[str], typer.Argument(metavar="DIR", help="Folders, files or patterns with reports, or one panel file.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the reports.")],
    notebooks: Annotated[
        list[str] | None, typer.Option(help="A notebook to run, by name or file; may be repeated. All by default.")
    ] = None,
    lang: Annotated[Languages, typer.Option(help="Language of the reports.")] = "both",
    agency: Annotated[list[str] | None, typer.Option(help="An agency to report on; may be repeated.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="A kind of agency to report on; may be repeated.")] = None,
    years: Annotated[str | None, typer.Option(help="Years to report on, such as 2019-2024 or 2021,2023.")] = None,
    corrections: Annotated[
        Path | None, typer.Option(help="CSV of corrections, as govdisclose review writes it; they count unless --values says not.")
    ] = None,
    values: Annotated[
        Values | None, typer.Option(help="Figures that count: as printed, corrected, or only those that no error touches.")
    ] = None,
    per: Annotated[
        list[Groups] | None,
        typer.Option(help="Besides, pages for each agency (its profile), region, kind or year; may be repeated."),
    ] = None,
    workers: Workers = None,
    agency_file: AgencyFile = None,
    places: PlaceFile = None,
) -> None:
    """Read reports, run the notebooks on them, write HTML with an index.

    Pages that are up to date are left as they are; after Ctrl-C the same command goes on where it stopped.

    Examples:

        govdisclose report my_folder -o my_reports

        govdisclose report my_folder -o my_reports --per agency

        govdisclose report panel.duckdb -o my_reports --agency 海州市市场监督管理局 --years 2019-2024

        govdisclose report my_folder -o my_reports --corrections corrections.csv
    """
    from govdisclose.parameters import (  # Notebook machinery takes seconds to import; other commands need none.
        asked_for,
        find_notebooks,
    )
    from govdisclose.render import build_reports

    given: dict[str, object] = {"agencies": agency, "agency_kind": kind}
    given_corrections = None
    if corrections is not None:
        with _sentence(ValueError):
            given_corrections = read_corrections(corrections)
        given |= {"corrections": str(corrections), "values": "corrected"}
    if values is not None:
        given["values"] = values
    own = [places] if places else beside(sources, PLACES)
    if len(own) > 1:
        _refuse(f"{' and '.join(map(str, own))}: one file says where agencies are; name it with --places")
    if own:
        given["places"] = str(own[0])
    parameters = {name: value for name, value in given.items() if value}
    if years:
        with _sentence(ValueError):
            parameters["years"] = _years(years)
    languages = ("zh", "en") if lang == "both" else (lang,)
    with _sentence(ValueError):
        asked_for(notebooks, find_notebooks(), languages, parameters)  # Before the documents are read, which takes longer.
    if values == "corrected" and corrections is None:
        _refuse("--values corrected needs --corrections, the file that govdisclose review writes")
    panel = _panel_file(sources)
    panel_path = output / "panel.duckdb" if panel is None else Path(sources[0])
    if panel is not None:
        summarise(panel, panel_path)
    else:
        panel = _read(sources, workers, agency_file, places)
        if not panel.reports.empty:
            keep_previous(panel_path, panel)
        _save(panel, panel_path, anew=True)
        summarise(panel, panel_path)
        _end(panel)
    if given_corrections is not None:
        tell_corrections(panel, given_corrections)
    groups = [one.value for one in per or ()]
    try:
        with _sentence(ValueError, OSError):
            of = (panel_path, output, notebooks, languages, parameters or None, workers)
            made = build_reports(*of, None, groups) if groups else build_reports(*of)
    except KeyboardInterrupt:
        complain("stopped by Ctrl-C: the pages made so far stay, run the command again for the rest")
        raise typer.Exit(STOPPED) from None
    for page in made:
        if page.error or not page.group[0]:
            (complain if page.error else tell)(str(page))
    if groups:
        ones = [page for page in made if page.group[0]]
        kept, failed = sum(page.kept for page in ones), sum(bool(page.error) for page in ones)
        tell(f"pages per {', '.join(groups)}: {len(ones)}, of which {kept} were up to date and {failed} failed")
    tell(f"open {output / 'index.html'}")
    if any(page.error for page in made):
        raise typer.Exit(ERRORS_FOUND)


def _panel_file(sources: list[str]) -> Panel | None:
    """The panel, where the sources are one panel file."""
    if len(sources) != 1 or Path(sources[0]).suffix != ".duckdb":
        return None
    with _sentence(PanelError):
        return open_panel(Path(sources[0]))


def _read(sources: list[str], workers: int | None, agency_file: Path | None, places: Path | None = None) -> Panel:
    with _sentence(ValueError):
        if agency_file is not None:
            read_agencies(agency_file)
        for file in [places] if places else beside(sources, PLACES):
            read_places(file)
    with _sentence(ReportError), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # That the run was stopped is told at its end.
        return read_reports(sources, workers=workers, agencies=agency_file, places=places)


def _save(panel: Panel, path: Path, anew: bool) -> None:
    """Save what was read; nothing is made or dropped where nothing was."""
    if panel.reports.empty:
        list_failures(panel)
        complain("no report could be read, nothing was saved; name a folder, file or pattern with reports")
        raise typer.Exit(STOPPED if panel.interrupted else UNUSABLE)
    with _sentence(PanelError, OSError):
        panel.save(path, replace=anew)


def _end(panel: Panel) -> None:
    if panel.interrupted:
        complain("stopped by Ctrl-C: what was read is saved, run the command again for the rest")
        raise typer.Exit(STOPPED)


@contextmanager
def _sentence(*mistakes: type[Exception]) -> Iterator[None]:
    """Given errors that the user can mend, end with their message alone."""
    try:
        yield
    except mistakes as error:
        _refuse(str(error))


def _refuse(sentence: str) -> NoReturn:
    complain(f"govdisclose: {sentence}")
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
