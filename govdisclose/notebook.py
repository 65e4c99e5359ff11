"""What the notebooks share: checked parameters, numbered figures with captions, findings, the tables behind.

A notebook opens a `Page`, shows figures on it, and closes it; every word on the page follows its language.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pandas as pd
from IPython.display import HTML, display
from matplotlib.figure import Figure

from govdisclose import captions, measures, tables
from govdisclose.dictionary import definition_rows, measure_of
from govdisclose.drawing import svg
from govdisclose.evidence import OUTCOMES
from govdisclose.figures import LIMIT, by_size
from govdisclose.panel import Panel, open_panel
from govdisclose.wording import LANGUAGES, number, say

TABLES = {
    "transparency_trends": "requests",
    "denial_reasons": "requests",
    "enforcement_volume": "proactive",
    "peer_comparison": "requests",
}
"""Notebook -> the table of the form that its figures come from, where its measure does not tell another."""


@dataclass(frozen=True)
class Page:
    """One report page in the making.

    Attributes
    ----------
    name : the notebook
    language : "zh" or "en"
    panel : the selected part of the panel
    agencies : all agencies of the selection, those with the largest figures first
    cover : `measures.coverage` of the table that the page is about
    table : that table
    measure : the measure that the page is about, "" where it is about several
    shown : key and measures of every figure shown so far, in order
    """

    name: str
    language: str
    panel: Panel
    agencies: tuple[str, ...]
    cover: pd.DataFrame
    table: str
    measure: str = ""
    shown: list[tuple[str, str, pd.DataFrame]] = field(default_factory=list)

    @property
    def drawn(self) -> tuple[str, ...]:
        """The agencies that charts have room for."""
        return self.agencies[:LIMIT]

    def title(self) -> None:
        """Show the page's title, with the measure that it is about."""
        subject = f"{'：' if self.language == 'zh' else ': '}{measure_of(self.measure).label(self.language)}" if self.measure else ""
        _show(f"<h1>{escape(say(self.language, 'title', self.name) + subject)}</h1>")

    def heading(self, key: str) -> None:
        """Show a section heading."""
        _show(f"<h2>{escape(say(self.language, 'heading', key))}</h2>")

    def summary(self, sentences: Sequence[str], drawn: Sequence[pd.DataFrame]) -> None:
        """Show the plain summary: whom the page is about, then `sentences`, then how many figures are doubted."""
        self.heading("summary")
        lines = [*captions.scope(self.panel, self.cover, self.language), *sentences]
        lines.append(captions.doubts(list(drawn), self.language))
        _show('<ul class="summary">' + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>")

    def show(self, key: str, figure: Figure, frame: pd.DataFrame, text: object = "", **words: object) -> None:
        """Show a chart with its title, its caption (`text` in place of that of the key) and an alternative text; its
        measures go to the tables at the end."""
        title = say(self.language, "figure", key, **words)
        caption_text = str(text) or captions.caption(key, self.language, **words)
        parts = [caption_text, self.rests_on(key, frame), say(self.language, "caption", f"source_{self.table}")]
        self.shown.append((key, title, frame))
        label = say(self.language, "heading", "figure", n=len(self.shown))
        caption = ("" if self.language == "zh" else " ").join(part for part in parts if part)
        image = b64encode(svg(figure).encode()).decode()
        _show(
            f'<figure><h3>{escape(label)}  {escape(title)}</h3><div class="chart">'
            f'<img style="width:100%" alt="{escape(title + ". " + caption_text)}" src="data:image/svg+xml;base64,{image}"></div>'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )

    def rests_on(self, key: str, frame: pd.DataFrame) -> str:
        """The part of a caption that says what the chart of this key rests on; "" where its caption says so itself."""
        if key.startswith("coverage") or not {"agency", "year", "state"} <= set(frame.columns):
            return ""
        drawn = frame[frame["measure"].isin(OUTCOMES)] if key == "outcomes" else frame
        # The latest figures and a balanced sub-panel are chosen for having no gaps: what is missing elsewhere is not theirs.
        cover = self.cover.head(0) if key in ("volume_ranks", "trend") else self.cover
        text = captions.rests_on(drawn, cover, self.language)
        if len(self.agencies) <= LIMIT:
            return text
        return text + ("" if self.language == "zh" else " ") + say(self.language, "caption", "limited", limit=LIMIT)

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
        touched = tables.touching(self.panel, cells)
        _show(tables.findings_list(self.panel, touched, self.language))

    def tables(self) -> None:
        """Show the table behind each figure shown."""
        self.heading("tables")
        html = f"<p>{escape(say(self.language, 'tables', 'marks'))}</p>"
        for place, (key, title, frame) in enumerate(self.shown, 1):
            content, rows = tables.behind(key, frame, self.language)
            label = say(self.language, "heading", "table", n=place)
            count = say(self.language, "tables", "rows", count=number(rows))
            html += tables.folded(f"{label}  {title}", count, content, rows <= tables.OPEN_ROWS)
        _show(html)

    def definitions(self) -> None:
        """Show the entries of the dictionary for the measures shown."""
        keys = [str(key) for _, _, frame in self.shown if "measure" in frame for key in frame["measure"].unique()]
        self.heading("definitions")
        headers, rows = definition_rows(keys, self.language)
        count = say(self.language, "tables", "rows", count=number(len(rows)))
        title = say(self.language, "tables", "dictionary")
        _show(tables.folded(title, count, tables.table(headers, rows), len(rows) <= 4))

    def caveats(self, *keys: str) -> None:
        """Show what must not be concluded."""
        self.heading("caveats")
        _show("<ul>" + "".join(f"<li>{escape(say(self.language, 'caveat', key))}</li>" for key in keys) + "</ul>")


def open_page(
    name: str,
    panel_path: str,
    agencies: list[str],
    years: list[int],
    agency_kind: str,
    language: str,
    measure: str | None = None,
) -> Page:
    """Given the parameters of a notebook, check them, select from the panel and return the page.

    Raises
    ------
    ValueError : a parameter is of the wrong type, names what the panel does not hold, or leaves nothing
    """
    check_values({"panel_path": panel_path, "agencies": agencies, "years": years})
    check_values({"agency_kind": agency_kind, "language": language, "measure": measure or ""})
    panel = open_panel(Path(panel_path)).select(agencies or None, years or None, agency_kind or None)
    one = None if measure is None else measure_of(measure)
    table = TABLES[name] if one is None else one.above[max(one.above)].table
    cover = measures.coverage(panel, table, years)
    if cover.empty:
        raise ValueError("no document of the selection tells both its agency and its year")
    if one is not None:
        counted = measures.agency_years(panel, [one.key])
        sized = counted.assign(value=counted["numerator" if one.kind == "count" else "denominator"])
    elif table == "requests":
        counted = measures.outcomes(panel)
        sized = counted[counted["measure"] == "received"]
    else:
        counted = measures.volumes(panel)
        sized = counted[counted["measure"] != "fees"]
    order = by_size(sized)
    rank = {agency: place for place, agency in enumerate(order)}
    cover = cover.sort_values(["agency", "year"], key=lambda c: c.map(rank) if c.name == "agency" else c, kind="stable")
    return Page(name, language, panel, tuple(order), cover.reset_index(drop=True), table, measure or "")


def check_values(given: dict[str, object]) -> None:
    """Raise `ValueError`, in a sentence, where a parameter is not of the type or kind that the notebooks take."""
    for name, value in given.items():
        if name in ("agencies", "years"):
            kind: type = str if name == "agencies" else int
            fits = isinstance(value, list) and all(type(item) is kind for item in value)
            wanted = "a list of names" if name == "agencies" else "a list of whole numbers such as [2022, 2023]"
        elif name == "language":
            fits, wanted = value in LANGUAGES, 'one of "zh" and "en"'
        else:
            fits, wanted = isinstance(value, str), "a text"
        if not fits:
            raise ValueError(f"parameter {name} must be {wanted}, not {value!r}")


def _show(html: str) -> None:
    display(HTML(html))  # type: ignore[no-untyped-call]
