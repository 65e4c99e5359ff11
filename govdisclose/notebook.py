"""What the notebooks share: checked parameters, numbered figures with captions, findings, the tables behind.

A notebook opens a `Page`, shows figures on it, and closes it; every word on the page follows its language.
"""

from __future__ import annotations

import ast
import difflib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import escape
from pathlib import Path

import pandas as pd
from IPython.core.getipython import get_ipython
from IPython.display import HTML, display
from matplotlib.figure import Figure

from govdisclose import captions, doubts, exhibits, measures, tables
from govdisclose.corrections import outcomes, read_corrections
from govdisclose.counted import CORRECTED, PRINTED, VALUES, counted
from govdisclose.dictionary import definition_rows, measure_of
from govdisclose.drawing import LIMIT, svg
from govdisclose.evidence import OUTCOMES
from govdisclose.export import csv_text
from govdisclose.figures import by_size
from govdisclose.findings import SEVERITIES
from govdisclose.panel import Panel, open_panel
from govdisclose.places import placed, read_places
from govdisclose.wording import LANGUAGES, listed, number, say, sentences

PROFILE, QUALITY = "agency_profile", "data_quality"
"""The notebook about one agency, and the one about the panel itself."""

TABLES = {
    "transparency_trends": "requests",
    "denial_reasons": "requests",
    "enforcement_volume": "proactive",
    "peer_comparison": "requests",
    PROFILE: "",
    QUALITY: "",
}
"""Notebook -> the table of the form that its figures come from, where its measure does not tell another; "" for all."""

DEFINITION_WIDTHS = (16, 18, 8, 14, 21, 23)
"""Columns of the dictionary of a page, in per cent."""

STACKED = ("outcomes", "denied_years", "unmet_years")
"""Charts whose columns stand only where all their parts are known."""


@dataclass(frozen=True)
class Page:
    """One report page in the making.

    Attributes
    ----------
    name : the notebook
    language : "zh" or "en"
    panel : the selected part of the panel, with the values that count
    read : the same part as it was read, with the corrections beside the printed values
    values : which figures count: "printed", "corrected" or "sound"
    corrections : what became of each correction, see `govdisclose.corrections.outcomes`
    agencies : all agencies of the selection, those with the largest figures first
    cover : `measures.coverage` of the table that the page is about
    links : where the pages of the documents are
    shown : title, table behind and its number of rows of every figure shown so far, in order
    drawn_from : key and figures of each of them
    table : the table of the form that the page is about, "" for all
    measure : the measure that the page is about, "" where it is about several
    """

    name: str
    language: str
    panel: Panel
    read: Panel
    values: str
    corrections: pd.DataFrame
    agencies: tuple[str, ...]
    cover: pd.DataFrame
    links: exhibits.Links = tables.NOWHERE
    shown: list[tuple[str, str, int]] = field(default_factory=list)
    drawn_from: list[tuple[str, pd.DataFrame]] = field(default_factory=list)
    table: str = ""
    measure: str = ""

    @property
    def drawn(self) -> tuple[str, ...]:
        """The agencies that charts have room for."""
        return self.agencies[:LIMIT]

    def title(self, whose: str = "") -> None:
        """Show the page's title, before it whom alone it is about, behind it the one measure that it is about."""
        title = say(self.language, "title", self.name)
        if self.measure:
            title += ("：" if self.language == "zh" else ": ") + measure_of(self.measure).label(self.language)
        _show("<h1>" + escape(" · ".join(filter(None, (whose, title)))) + "</h1>")

    def heading(self, key: str) -> None:
        """Show a section heading."""
        _show(f"<h2>{escape(say(self.language, 'heading', key))}</h2>")

    def summary(self, sentences: Sequence[str], drawn: Sequence[pd.DataFrame]) -> None:
        """Show the plain summary: whom the page is about, then `sentences`, then how many figures are doubted."""
        lines = [*captions.scope(self.panel, self.cover, self.language), *sentences]
        lines.append(captions.doubts(list(drawn), self.language))
        self.heading("summary")
        self.sentences(lines)

    def sentences(self, lines: Sequence[str]) -> None:
        """Show sentences as a list."""
        _show('<ul class="summary">' + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>")

    def html(self, html: str) -> None:
        """Show HTML that a function of this package made; it has escaped what documents say."""
        _show(html)

    def show(
        self,
        key: str,
        figure: Figure,
        frame: pd.DataFrame,
        table: str = "",
        printed: tables.Printed | None = None,
        text: object = "",
        **words: object,
    ) -> None:
        """Show a chart with its title, caption, alternative text and data; its table goes to the tables at the end.

        Parameters
        ----------
        table : the form's table that the figures are from; the notebook's own by default
        printed : headers and rows of the table behind it, where `tables.behind` does not know the chart
        text : the caption, where it is not that of the key
        """
        title = say(self.language, "figure", key, **words)
        told = str(text) or captions.caption(key, self.language, **words)
        source = say(self.language, "caption", f"source_{table or self.table or 'all'}")
        parts = [told, self.rests_on(key, frame), source, say(self.language, "caption", f"values_{self.values}")]
        behind = (tables.table(*printed), len(printed[1])) if printed else tables.behind(key, frame, self.language, self.links)
        self.shown.append((title, *behind))
        self.drawn_from.append((key, frame))
        label = say(self.language, "heading", "figure", n=len(self.shown))
        caption = sentences(self.language, *parts)
        image = b64encode(svg(figure).encode()).decode()
        data = download(frame, f"{self.name}-{len(self.shown)}.csv", say(self.language, "page", "data"))
        _show(
            f'<figure><h3>{escape(label)}  {escape(title)}</h3><div class="chart">'
            f'<img alt="{escape(sentences(self.language, title + ("。" if self.language == "zh" else "."), told))}" style="width:100%" src="data:image/svg+xml;base64,{image}"></div>'
            f"<figcaption>{escape(caption)} {data}</figcaption></figure>"
        )

    def rests_on(self, key: str, frame: pd.DataFrame) -> str:
        """The part of a caption that says what the chart of this key rests on; "" where its caption says so itself."""
        if key.startswith("coverage"):
            missing = int(frame["state"].isin(["missing", "failed"]).sum())
            return captions.caption("coverage_n", self.language, held=len(frame) - missing, possible=len(frame), missing=missing)
        if not {"agency", "year", "state"} <= set(frame.columns):
            return ""
        drawn = frame[frame["measure"].isin(OUTCOMES)] if key == "outcomes" else frame
        # The latest figures and a balanced sub-panel are chosen for having no gaps: what is missing elsewhere is not theirs.
        chosen = key in ("volume_ranks", "trend")
        parts = [captions.rests_on(drawn, self.cover.head(0) if chosen else self.cover, self.language, whole=key in STACKED)]
        if chosen:
            left = set(self.cover["agency"]) - set(frame["agency"])
            parts.append(say(self.language, "caption", "chosen", count=len(left)))
        if len(self.agencies) > LIMIT:
            parts.append(say(self.language, "caption", "limited", limit=LIMIT))
        return sentences(self.language, *parts)

    def unit(self, unit: str) -> str:
        """The printed unit in words."""
        return say(self.language, "unit", unit)

    def remark(self, key: str, **words: object) -> None:
        """Show a sentence in place of a figure that cannot be drawn."""
        _show(f"<p>{escape(captions.caption(key, self.language, **words))}</p>")

    def findings(self, rows: Sequence[str] = (), column: str = "*") -> None:
        """Show the findings that touch the cells used: `rows` and `column` of the page's table, as patterns; without
        rows, the cells of the page's measure."""
        self.heading("findings")
        cells = [f"{self.table}.{row}.{column}" for row in rows]
        if not rows:
            one = measure_of(self.measure)
            cells = [key for side in (one.above, one.below) for form in side.values() for key in form.patterns]
        touched = doubts.touching(self.read, cells)
        _show(doubts.findings_list(self.read, touched, self.language, self.links))
        if len(self.corrections):
            self.heading("corrections")
            used = say(self.language, "corrections", "used" if self.values == CORRECTED else "unused")
            _show(f"<p>{escape(used)}</p>" + doubts.corrections_list(self.corrections, self.language, self.links))

    def all_findings(self) -> None:
        """Show all findings of the selection, gravest first."""
        self.heading("all_findings")
        rank = self.read.findings["severity"].map({severity: place for place, severity in enumerate(SEVERITIES)})
        ordered = self.read.findings.assign(rank=rank).sort_values(["rank", "agency", "year", "rule"], kind="stable")
        _show(doubts.findings_list(self.read, ordered, self.language, self.links))

    def tables(self) -> None:
        """Show the table behind each figure shown."""
        self.heading("tables")
        html = f"<p>{escape(say(self.language, 'tables', 'marks'))}</p>"
        for place, (title, content, rows) in enumerate(self.shown, 1):
            label = say(self.language, "heading", "table", n=place)
            count = say(self.language, "tables", "rows", count=number(rows))
            html += tables.folded(f"{label}  {title}", count, content, rows <= tables.OPEN_ROWS)
        _show(html)

    def definitions(self) -> None:
        """Show the entries of the dictionary for the measures shown; where none is, what the rules and states shown mean."""
        if not any("measure" in frame for _, frame in self.drawn_from):
            self.heading("definitions")
            for key, printed in doubts.definitions(self.read, self.language).items():
                _show(tables.folded(say(self.language, "tables", key), "", tables.table(*printed, doubts.RULE_WIDTHS), True))
            return
        keys = [str(key) for _, frame in self.drawn_from if "measure" in frame for key in frame["measure"].unique()]
        self.heading("definitions")
        headers, rows = definition_rows(keys, self.language)
        count = say(self.language, "tables", "rows", count=number(len(rows)))
        title = say(self.language, "tables", "dictionary")
        _show(tables.folded(title, count, tables.table(headers, rows, DEFINITION_WIDTHS), len(rows) <= 4))

    def caveats(self, *keys: str) -> None:
        """Show what must not be concluded."""
        self.heading("caveats")
        given = [f"{key}_{self.values}" if key == "printed" else key for key in keys]
        _show("<ul>" + "".join(f"<li>{escape(say(self.language, 'caveat', key))}</li>" for key in given) + "</ul>")


def open_page(
    name: str,
    panel_path: str,
    agencies: list[str],
    years: list[int],
    agency_kind: str | list[str],
    language: str,
    values: str = PRINTED,
    corrections: str = "",
    measure: str | None = None,
    places: str = "",
) -> Page:
    """Given the parameters of a notebook, check them, select from the panel and return the page.

    Raises
    ------
    ValueError : a parameter is of the wrong type, names what the panel does not hold, or leaves nothing; the notebook has
        none of this name
    """
    shell = get_ipython()
    check_given([] if shell is None else shell.user_ns.get("In", []))
    check_values({"panel_path": panel_path, "agencies": agencies, "years": years})
    check_values({"agency_kind": agency_kind, "language": language, "values": values, "corrections": corrections})
    check_values({"measure": measure or "", "places": places})
    read = with_places(opened(Path(panel_path)), places).select(agencies or None, years or None, agency_kind or None)
    read, told = corrected(read, corrections)
    panel = counted(read, values)
    one = None if measure is None else measure_of(measure)
    table = TABLES[name] if one is None else one.above[max(one.above)].table
    cover = measures.coverage(panel, table, years)
    if cover.empty:
        raise ValueError("no document of the selection tells both its agency and its year")
    if one is not None:
        figures = measures.agency_years(panel, [one.key])
        sized = figures.assign(value=figures["numerator" if one.kind == "count" else "denominator"])
    elif table == "proactive":
        figures = measures.volumes(panel)
        sized = figures[figures["measure"] != "fees"]
    else:
        figures = measures.outcomes(panel)
        sized = figures[figures["measure"] == "received"]
    order = by_size(sized)
    rank = {agency: place for place, agency in enumerate(order)}
    cover = cover.sort_values(["agency", "year"], key=lambda c: c.map(rank) if c.name == "agency" else c, kind="stable")
    links = page_links(panel, Path(panel_path), values)
    cover = cover.reset_index(drop=True)
    return Page(
        name, language, panel, read, values, told, tuple(order), cover, links, table=table, measure=measure or ""
    )


def corrected(panel: Panel, corrections: str) -> tuple[Panel, pd.DataFrame]:
    """Given a panel and the file of corrections ("" for none), return the panel with them, and what became of each."""
    if not corrections:
        return panel, pd.DataFrame()
    given = read_corrections(corrections)
    told = outcomes(panel.cells, given[given["agency"].isin(panel.reports["agency"])])
    return panel.correct(given), told


def with_places(panel: Panel, places: str) -> Panel:
    """Given a panel and the file that says where agencies are ("" for none), return the panel with its kinds and levels."""
    return placed(panel, read_places(places)) if places else panel


def page_links(panel: Panel, panel_path: Path, values: str = PRINTED) -> exhibits.Links:
    """The pages of the documents: in this folder where a report is built, beside the panel where a notebook is run by hand;
    with the cells whose corrected figures count."""
    own = exhibits.links(panel, Path(exhibits.FOLDER), Path())
    links = own if own.pages else exhibits.links(panel, panel_path.parent / exhibits.FOLDER, Path())
    return replace(links, corrected=exhibits.corrected_cells(panel)) if values == CORRECTED else links


def opened(path: Path) -> Panel:
    """The panel of a file, which is read once as long as it stays the same: many pages are made of one panel."""
    if not path.is_file():
        return open_panel(path)
    stat = path.stat()
    return _opened(path.resolve(), stat.st_mtime_ns, stat.st_size, stat.st_ino)


@lru_cache(maxsize=1)
def _opened(path: Path, *_: int) -> Panel:
    return open_panel(path)


def check_given(ran: Sequence[str]) -> None:
    """Given the cells run so far, raise `ValueError` where papermill was given a parameter that the notebook does not take.

    It puts what it is given into a cell of its own after the parameters: a misspelt name would change nothing on the page.
    """
    place = next((number for number, source in enumerate(ran) if source.startswith("# Parameters\n")), 0)
    taken = [name for source in ran[:place] for name in _assigned(source)]
    for name in _assigned(ran[place]) if "panel_path" in taken else ():
        if name not in taken:
            near = difflib.get_close_matches(name, taken, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"the notebook has no parameter {name!r}; {hint}it takes {listed('en', taken)}")


def _assigned(source: str) -> list[str]:
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return []
    return [one.id for line in lines if isinstance(line, ast.Assign) for one in line.targets if isinstance(one, ast.Name)]


def check_values(given: Mapping[str, object]) -> None:
    """Raise `ValueError`, in a sentence, where a parameter is not of the type or kind that the notebooks take."""
    for name, value in given.items():
        if name == "agency_kind" and isinstance(value, list):
            fits, wanted = all(isinstance(kind, str) for kind in value), "a text or a list of texts"
        elif name in ("agencies", "years"):
            kind: type = str if name == "agencies" else int
            fits = isinstance(value, list) and all(type(item) is kind for item in value)
            wanted = "a list of names" if name == "agencies" else "a list of whole numbers such as [2022, 2023]"
        elif name == "language":
            fits, wanted = value in LANGUAGES, 'one of "zh" and "en"'
        elif name == "values":
            fits, wanted = value in VALUES, 'one of "printed", "corrected" and "sound"'
        else:
            fits, wanted = isinstance(value, str), "a text"
        if not fits:
            raise ValueError(f"parameter {name} must be {wanted}, not {value!r}")


def download(frame: pd.DataFrame, name: str, words: str) -> str:
    """A link that saves the frame as CSV, which stands in the link itself; no spreadsheet takes a text for a formula."""
    data = b64encode(b"\xef\xbb\xbf" + csv_text(frame).encode()).decode()
    return f'<a class="data" download="{escape(name)}" href="data:text/csv;charset=utf-8;base64,{data}">{escape(words)}</a>'


def _show(html: str) -> None:
    display(HTML(html))  # type: ignore[no-untyped-call]
