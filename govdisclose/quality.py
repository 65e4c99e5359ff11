"""How good the data of a panel are: what was read and what is missing, what is doubted, what changed since the last run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from govdisclose import changes, drawing, measures, tables
from govdisclose.drawing import BLUE, INK, ORANGE, SKY, VERMILLION, WIDTH, styled
from govdisclose.evidence import SILENCES
from govdisclose.exhibits import Links
from govdisclose.findings import SEVERITIES
from govdisclose.kinds import kind_name
from govdisclose.notebook import opened
from govdisclose.panel import Panel
from govdisclose.wording import listed, number, percent, say, titled, year_span

STATES = {"read": BLUE, "failed": VERMILLION, "missing": "white"}
"""What became of an agency-year -> its colour."""
SEVERITY_COLOURS = dict(zip(SEVERITIES, (VERMILLION, ORANGE, SKY), strict=True))
MOST = 20
"""So many agencies are named as those with the most findings."""


def coverage(panel: Panel, years: Sequence[int] = ()) -> pd.DataFrame:
    """Given a panel, return for every agency and every year between the first and the last what became of it.

    Returns
    -------
    DataFrame : agency, agency_kind, year, form, source, documents, cells, one column a state of cells, state: "read",
        "failed" (no document was read, but the name of one that could not be read has agency and year in it), "missing"
    """
    frame = measures.coverage(panel, "", years)
    names = [str(source) for source in panel.failures["source"]]
    failed = [
        any(str(row["agency"]) in name and str(row["year"]) in name for name in names) for row in tables.records(frame[["agency", "year"]])
    ]
    lost = frame["state"] == "missing"
    return frame.assign(state=np.select([lost & np.array(failed, dtype=bool), lost], ["failed", "missing"], "read"))


def rules(panel: Panel) -> pd.DataFrame:
    """Given a panel, return how many findings each rule has: rule, error, warning, note, documents; gravest first."""
    counted = pd.crosstab(panel.findings["rule"], panel.findings["severity"]).reindex(columns=list(SEVERITIES), fill_value=0)
    documents = panel.findings.groupby("rule")["source"].nunique()
    frame = counted.assign(documents=documents).reset_index().astype({"rule": "str"})
    frame.columns.name = None
    order = [*SEVERITIES, "rule"]
    return frame.sort_values(order, ascending=[False] * len(SEVERITIES) + [True], ignore_index=True)


def counts(panel: Panel) -> dict[str, int]:
    """What the caption of `draw_rules` counts: findings, documents that have any, documents read, documents that could not be."""
    held = panel.findings["source"].nunique()
    return {"n": len(panel.findings), "held": held, "documents": len(panel.reports), "missing": len(panel.failures)}


def doubted(panel: Panel) -> pd.DataFrame:
    """Given a panel, return the agencies with findings: agency, documents, error, warning, note; most errors first."""
    columns = {f"findings_{severity}": severity for severity in SEVERITIES}
    named = panel.reports[panel.reports["agency"] != ""]
    frame = named.groupby("agency").agg(documents=("source", "size"), **{new: (old, "sum") for old, new in columns.items()}).reset_index()
    order = [*SEVERITIES, "agency"]
    frame = frame.sort_values(order, ascending=[False] * len(SEVERITIES) + [True], ignore_index=True)
    return frame[frame[list(SEVERITIES)].sum(axis=1) > 0].reset_index(drop=True)


def since(panel: Panel, panel_path: str) -> pd.DataFrame | None:
    """Given a panel and its file, return `changes.compare` with the panel that it replaced, of this selection's agencies
    and years and of documents that tell neither; None where none was kept."""
    old = changes.open_previous(Path(panel_path))
    if old is None:
        return None
    frame = changes.compare(old, opened(Path(panel_path)))
    mine = frame["agency"].isin(panel.reports["agency"]) & frame["year"].isin(panel.reports["year"].dropna())
    gone = frame["change"] == "gone"
    return frame[mine | gone | (frame["agency"] == "")].reset_index(drop=True)


# --- words ------------------------------------------------------------------------------------------------------------
def summary(panel: Panel, cover: pd.DataFrame, differences: pd.DataFrame | None, language: str) -> list[str]:
    """What was read, how full it is, what is doubted, what changed, in sentences."""
    years = year_span(sorted({int(year) for year in panel.reports["year"].dropna()}), language)
    agencies = panel.reports.loc[panel.reports["agency"] != "", "agency"].nunique()
    states = Counter(cover["state"])
    held = Counter(panel.cells["state"])
    cells = {name: number(held[name]) for name in ("number", *SILENCES)}
    counts = {severity: int(panel.reports[f"findings_{severity}"].sum()) for severity in SEVERITIES}
    clean = int(((panel.reports["findings_error"] == 0) & (panel.reports["findings_warning"] == 0)).sum())
    return [
        say(language, "quality", "scope", read=len(panel.reports), failed=len(panel.failures), agencies=agencies, years=years),
        say(
            language, "quality", "coverage", possible=len(cover), held=states["read"],
            missing=states["missing"] + states["failed"], failed=states["failed"],
        ),
        say(
            language, "quality", "cells", cells=number(len(panel.cells)),
            share=percent(held["number"] / len(panel.cells) if len(panel.cells) else None), **cells,
        ),
        say(language, "quality", "findings", **counts, clean=clean),
        _changed(differences, language),
    ]  # fmt: skip


def _changed(differences: pd.DataFrame | None, language: str) -> str:
    if differences is None:
        return say(language, "quality", "no_previous")
    if differences.empty:
        return say(language, "quality", "unchanged")
    counted = Counter(differences["change"])
    what = [f"{say(language, 'change', one)} {counted[one]}" for one in changes.CHANGES if counted[one]]
    return say(language, "quality", "changed", count=len(differences), what=listed(language, what))


# --- charts and tables ------------------------------------------------------------------------------------------------
@styled
def draw_coverage(cover: pd.DataFrame, /, agencies: Sequence[str], language: str) -> Figure:
    """One tile for each agency and year: read, failed or missing."""
    return drawing.tiles(cover, agencies, STATES, partial(titled, language, "quality"), columns=3)


@styled
def draw_rules(counted: pd.DataFrame, /, language: str) -> Figure:
    """Findings by rule, one bar each, coloured by severity."""
    height = 0.22 * len(counted) + 0.4
    left = drawing.label_room(list(counted["rule"]), WIDTH)
    figure = Figure(figsize=(WIDTH, height))
    axis = figure.add_axes((left / WIDTH, 0.3 / height, 0.95 - left / WIDTH, 1 - 0.33 / height))
    places, start = np.arange(len(counted)), np.zeros(len(counted))
    for severity, colour in SEVERITY_COLOURS.items():
        widths = counted[severity].to_numpy(dtype=float)
        axis.barh(places, widths, 0.7, left=start, color=colour, linewidth=0)
        start += widths
    for place, total in zip(places, start, strict=True):
        axis.annotate(number(float(total)), (total, place), (3, 0), textcoords="offset points", va="center", fontsize=7, color=INK)
    drawing.light_grid(axis, along="x")
    axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_ylim(len(counted) - 0.4, -0.6)
    axis.set_yticks(places, list(counted["rule"]), fontsize=8, color=INK)
    axis.tick_params(axis="y", length=0)
    handles: list[Artist] = [Patch(facecolor=colour, label=titled(language, "severity", one)) for one, colour in SEVERITY_COLOURS.items()]
    return drawing.raised(figure, axis, handles, columns=3)


def coverage_table(cover: pd.DataFrame, language: str, links: Links = tables.NOWHERE) -> tables.Printed:
    """The table behind `draw_coverage`; each document leads to its page."""
    words = tables.words(language, "agency", "kind", "year", "form", "state", "number")
    words += [titled(language, "silence", state) for state in SILENCES] + tables.words(language, "source")
    rows: list[list[tables.Entry]] = []
    for row in tables.records(cover):
        read = row["state"] == "read"
        page = links.of(row["source"])
        tally = [tables.Figure(number(tables.known(row[name])) if read else "", href=page) for name in ("number", *SILENCES)]
        who = [str(row["agency"]), kind_name(str(row["agency_kind"] or ""), language), str(row["year"]), str(row["form"] or "")]
        rows.append([*who, titled(language, "quality", str(row["state"])), *tally, tables.document(row["source"], links)])
    return words, rows


def rules_table(counted: pd.DataFrame, language: str) -> tables.Printed:
    """The table behind `draw_rules`."""
    words = [*tables.words(language, "rule"), *(titled(language, "severity", one) for one in SEVERITIES), *tables.words(language, "documents")]
    return words, [[str(row["rule"]), *(_count(row[one]) for one in (*SEVERITIES, "documents"))] for row in tables.records(counted)]


def doubted_table(frame: pd.DataFrame, language: str) -> str:
    """The agencies with the most findings, as HTML."""
    words = [*tables.words(language, "agency"), *(titled(language, "severity", one) for one in SEVERITIES)]
    words += tables.words(language, "documents", "per_document")
    rows: list[list[tables.Entry]] = []
    for row in tables.records(frame.head(MOST)):
        each = sum(int(row[one]) for one in SEVERITIES) / int(row["documents"])
        rows.append([str(row["agency"]), *(_count(row[one]) for one in (*SEVERITIES, "documents")), tables.Figure(f"{each:.1f}")])
    return tables.table(words, rows)


def changes_table(differences: pd.DataFrame, language: str, links: Links = tables.NOWHERE) -> str:
    """What changed, document by document, as HTML."""
    words = tables.words(language, "agency", "year", "change", "cells_changed", "more_findings", "source")
    rows: list[list[tables.Entry]] = []
    for row in tables.records(differences):
        what = say(language, "change", str(row["change"])) + (say(language, "quality", "bytes") if row["bytes"] else "")
        more = f"{row['findings']:+d}" if row["findings"] else ""
        document = tables.document(row["source"], links)
        rows.append([str(row["agency"] or ""), str(row["year"] or ""), what, _count(row["cells"]), tables.Figure(more), document])
    return tables.table(words, rows)


def _count(value: object) -> tables.Figure:
    return tables.Figure(number(tables.known(value)) if value else "")
