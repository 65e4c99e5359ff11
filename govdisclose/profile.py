"""One agency in full: its series, its peers (the other agencies of its kind and level), the cells that its figures rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from govdisclose import captions, doubts, drawing, measures, notebook, tables
from govdisclose.counted import PRINTED, counted
from govdisclose.dictionary import measure_of
from govdisclose.drawing import BLUE, GREY, INK, ORANGE, SKY, VERMILLION, WIDTH, styled
from govdisclose.evidence import documents_used, doubted_cells, tidy
from govdisclose.exhibits import Links, mark_of
from govdisclose.figures import by_size
from govdisclose.findings import SEVERITIES
from govdisclose.forms import cell_name, load_forms, table_forms
from govdisclose.kinds import kind_name
from govdisclose.lineage import breaks, of_agency
from govdisclose.measures import COMPUTED, NOT_COMPUTABLE
from govdisclose.numbers import NUMBER
from govdisclose.panel import Panel
from govdisclose.places import peer_levels
from govdisclose.selection import chosen
from govdisclose.wording import number, placed, say, sentences, titled, year_span

ROUTES = ("reconsideration", "litigation_direct", "litigation_after_review")
"""The rows of the reviews table: how a requester can have a decision reviewed."""
RESULTS = {"upheld": GREY, "overturned": VERMILLION, "other": ORANGE, "pending": SKY}
"""How a review ends -> its colour."""
COMPARED = (
    *("received", "grant_rate", "full_or_partial_rate", "backlog_rate", "reconsiderations", "lawsuits"),
    *("licensing", "penalties", "coercive_measures"),
)
"""The measures of the dictionary in which an agency is set beside its peers."""
FEWEST = 3
"""Peers with a figure that a median needs; with fewer the comparison is left out and the page says so."""
EVIDENCE_WIDTHS = (36, 14, 12, 14, 24)
"""Columns of the evidence, in per cent."""
_SHOWN = {"requests": ("total",), "reviews": ("total",)}


@dataclass(frozen=True)
class Profile:
    """A page about one agency.

    Attributes
    ----------
    page : the page, whose panel holds this agency alone, with the findings of the whole panel on its documents
    agency, kind, region : who it is, as far as the panel tells
    compared : `COMPARED` of the agency and of its peers: the other agencies of its kind and level
    counts, rates, volumes : measures of the agency alone, as the other notebooks have them
    reviews : its reviews by route and result, see `reviews`
    lineage : what it came from and what it became, see `lineage.of_agency`
    """

    page: notebook.Page
    agency: str
    kind: str
    region: str
    compared: pd.DataFrame
    counts: pd.DataFrame
    rates: pd.DataFrame
    volumes: pd.DataFrame
    reviews: pd.DataFrame
    lineage: pd.DataFrame


def open_profile(
    panel_path: str,
    agencies: list[str],
    years: list[int],
    agency_kind: str | list[str],
    language: str,
    values: str = PRINTED,
    corrections: str = "",
    places: str = "",
) -> Profile:
    """Given the parameters of the notebook, return the profile of the one agency that is meant.

    That is the one named; where none is, the one with most requests among those of `agency_kind`.

    Raises
    ------
    ValueError : as `notebook.open_page`; or several agencies are named
    """
    notebook.check_values({"panel_path": panel_path, "agencies": agencies, "years": years})
    notebook.check_values({"agency_kind": agency_kind, "language": language, "values": values, "corrections": corrections})
    if len(agencies) > 1:
        raise ValueError(f"a profile is of one agency; agencies names {len(agencies)}: {'、'.join(agencies)}")
    notebook.check_values({"places": places})
    whole = notebook.with_places(notebook.opened(Path(panel_path)), places)
    reports = whole.reports[chosen(whole.reports, agencies or None, years or None, agency_kind or None)]
    if not agencies:
        asked = measures.outcomes(_part(whole, reports))
        first = by_size(asked[asked["measure"] == "received"])
        reports = reports[reports["agency"].isin(first[:1])]
    if (reports["agency"] == "").all() or reports["year"].isna().all():
        raise ValueError("no document of the selection tells both its agency and its year")
    agency, kind, region = (str(reports[name].iloc[-1] or "") for name in ("agency", "agency_kind", "region"))
    of_kind = whole.reports["agency_kind"] == kind
    levels = peer_levels(replace(whole, reports=whole.reports[of_kind]))
    alike = of_kind & (whole.reports["agency"].map(levels) == levels[agency])
    like = whole.reports["source"].isin(reports["source"]) | (alike & (kind != ""))
    if years:
        like &= whole.reports["year"].isin(years).fillna(False).astype(bool)
    both, told = notebook.corrected(_part(whole, whole.reports[like]), corrections)
    kin = counted(both, values)
    panel, read = _part(kin, reports), _part(both, reports)
    told = told[told["agency"] == agency] if len(told) else told
    cover, links = measures.coverage(panel, "", years), notebook.page_links(panel, Path(panel_path), values)
    page = notebook.Page(notebook.PROFILE, language, panel, read, values, told, (agency,), cover, links)
    own = (measures.outcomes(panel), measures.rates(panel), measures.volumes(panel), reviews(panel), of_agency(whole, agency))
    return Profile(page, agency, kind, region, measures.agency_years(kin, COMPARED, forms=table_forms()), *own)


def _part(panel: Panel, reports: pd.DataFrame) -> Panel:
    """The part of a panel that is of these documents, with the findings of the whole: it knows of copies of other agencies'
    tables and the like, which the documents alone cannot show."""
    tables = {name: getattr(panel, name) for name in ("cells", "findings", "statements")}
    kept = {name: table[table["source"].isin(reports["source"])].reset_index(drop=True) for name, table in tables.items()}
    return replace(panel, reports=reports.reset_index(drop=True), **kept)


# --- measures ---------------------------------------------------------------------------------------------------------
def reviews(panel: Panel) -> pd.DataFrame:
    """Given a panel, return the reviews of each agency-year by route and result, as printed.

    Returns
    -------
    DataFrame : agency, agency_kind, year, form, source, route, result, value (cases), lacking, silences, origin,
        flagged, state, reason; one row for each route and each of `RESULTS` and "total"
    """
    documents = documents_used(panel, "reviews").drop(columns="documents")
    cells = panel.cells[(panel.cells["table"] == "reviews") & panel.cells["row"].isin(ROUTES)]
    wanted = pd.MultiIndex.from_product([ROUTES, [*RESULTS, "total"]], names=["row", "column"]).to_frame(index=False)
    found = documents.merge(wanted, how="cross").merge(
        cells[["source", "row", "column", "value", "state"]].rename(columns={"state": "cell"}), how="left"
    )
    key = "reviews." + found["row"] + "." + found["column"]
    doubted = doubted_cells(panel)
    marks = set(zip(doubted["source"], doubted["key"], strict=True))
    held, outside = found["cell"] == NUMBER, found["cell"].isna()
    return tidy(
        found.assign(
            origin=key.where(~outside, ""),
            lacking=(~held).astype(int),
            silences=found["cell"].where(~held).fillna(""),
            flagged=[pair in marks for pair in zip(found["source"], key, strict=True)],
            state=np.where(held, COMPUTED, NOT_COMPUTABLE),
            reason=np.select([held, outside], ["", "not_in_form"], "nothing_printed"),
        )
        .drop(columns="cell")
        .rename(columns={"row": "route", "column": "result"})
    )


def beside_peers(profile: Profile) -> pd.DataFrame:
    """Given a profile, return its agency's measures of `COMPARED` beside those of its peers of the same year.

    Returns
    -------
    DataFrame : the columns of `measures.agency_years`, and of the peers: count (those with a figure), low, median, high
        (their quartiles in place of the interval; NA where fewer than `FEWEST` have a figure)
    """
    held = profile.compared.drop(columns=["low", "high"])
    peers = held[(held["state"] == COMPUTED) & (held["agency"] != profile.agency)].astype({"value": "float64"})
    grouped = peers.groupby(["year", "measure"])["value"]
    spread = grouped.agg(count="size", median="median").assign(low=grouped.quantile(0.25), high=grouped.quantile(0.75))
    spread.loc[spread["count"] < FEWEST, ["low", "median", "high"]] = np.nan
    joined = held[held["agency"] == profile.agency].merge(spread.reset_index(), on=["year", "measure"], how="left")
    return joined.assign(count=joined["count"].fillna(0).astype("int64")).astype(dict.fromkeys(("low", "median", "high"), "Float64"))


# --- words ------------------------------------------------------------------------------------------------------------
def summary(profile: Profile, beside: pd.DataFrame) -> list[str]:
    """What the page shows, in sentences: who, which years, the latest figures beside the year before and the peers."""
    language, panel = profile.page.language, profile.page.panel
    years = sorted({int(year) for year in panel.reports["year"].dropna()})
    who = [say(language, "profile", "kind", kind=kind_name(profile.kind, language))] if profile.kind else []
    who += [say(language, "profile", "region", region=profile.region)] if profile.region else []
    told = {"agency": profile.agency, "years": year_span(years, language), "documents": len(panel.reports)}
    lines = [sentences(language, say(language, "profile", "who", **told), *who)]
    lost = [int(row["year"]) for row in tables.records(profile.page.cover) if row["state"] == "missing"]
    if lost:
        lines.append(say(language, "profile", "missing", years=year_span(lost, language)))
    if len(years) == 1:
        lines.append(say(language, "profile", "one_year", year=years[0]))
    lines += breaks(profile.lineage, years, language)
    for measure in COMPARED:
        mine = beside[beside["measure"] == measure].sort_values("year")
        held = mine[mine["state"] == COMPUTED]
        if held.empty:
            lines.append(say(language, "profile", "nothing", measure=label(measure, language), why=captions.why(mine, language)))
            continue
        last = held.iloc[-1]
        words = {"measure": label(measure, language), "year": last["year"], "value": _marked(measure, last)}
        parts = [say(language, "profile", "latest", **words)]
        before = held[held["year"] == last["year"] - 1]
        if len(before):
            parts.append(say(language, "profile", "before", value=_marked(measure, before.iloc[0])))
        if not pd.isna(last["median"]):
            spread = {name: figure(measure, last[name]) for name in ("low", "median", "high")}
            parts.append(say(language, "profile", "peers", count=last["count"], **spread))
        elif last["count"]:
            parts.append(say(language, "profile", "few_peers", count=last["count"]))
        lines.append(sentences(language, *parts))
    counts = [int((panel.findings["severity"] == severity).sum()) for severity in SEVERITIES]
    lines.append(say(language, "profile", "findings", **dict(zip(SEVERITIES, counts, strict=True))))
    if beside["count"].max() < FEWEST:
        lines.append(say(language, "profile", "no_peers", fewest=FEWEST))
    lines.append(captions.doubts([profile.counts, profile.rates, profile.volumes, profile.reviews], language))
    return lines


def label(measure: str, language: str) -> str:
    """The name of a measure of `COMPARED`."""
    return measure_of(measure).label(language)


def figure(measure: str, value: object) -> str:
    """A figure of a measure of `COMPARED` as text: a count, or a share as a percentage."""
    return measure_of(measure).written(tables.known(None if value is pd.NA else value))


def _marked(measure: str, row: pd.Series[Any]) -> str:
    return figure(measure, row["value"]) + ("†" if row["flagged"] else "")


# --- charts -----------------------------------------------------------------------------------------------------------
@styled
def draw_peers(beside: pd.DataFrame, /, language: str) -> Figure:
    """The agency's figures over the quartiles and the median of its peers: one panel a measure, each on its own axis."""
    figure, axes = _panels(beside, [label(measure, language) for measure in COMPARED], 3, 1.25)
    span = list(range(int(beside["year"].min()), int(beside["year"].max()) + 1))
    for axis, measure in zip(axes, COMPARED, strict=True):
        rows = beside[beside["measure"] == measure]
        known = pd.concat([rows["value"], rows["high"]])
        if measure_of(measure).kind == "count":
            drawing.count_axis(axis, known, language)
        else:
            drawing.percent_axis(axis, 1.0 if measure != "backlog_rate" else drawing.share_top(known), room=0.14)
        drawing.light_grid(axis)
        spread = rows[rows["median"].notna()]
        low, middle, high = (spread[name].to_numpy(dtype=float) for name in ("low", "median", "high"))
        years = spread["year"].to_numpy(dtype=float)
        axis.vlines(years, low, high, color=drawing.FAINT, linewidth=9, zorder=0)
        axis.hlines(middle, years - 0.28, years + 0.28, color=drawing.MUTED, linewidth=1.4, zorder=1)
        drawing.series(axis, rows, span, BLUE)
    handles: list[Artist] = [drawing.key(BLUE, say(language, "profile", "own"))]
    if beside["median"].notna().any():
        handles.append(drawing.key(drawing.MUTED, say(language, "profile", "median"), marker=""))
        handles.append(Patch(facecolor=drawing.FAINT, label=say(language, "profile", "quartiles")))
    return drawing.headed(figure, say(language, "profile", "own_axes"), [*handles, *drawing.signs(beside, language)])


@styled
def draw_reviews(frame: pd.DataFrame, /, language: str) -> Figure:
    """Reviews by year and result, one panel a route, on one common axis."""
    figure, axes = _panels(frame, [titled(language, "route", route) for route in ROUTES], 3, 1.6)
    totals = frame[frame["result"] == "total"]
    known = totals["value"].dropna().astype(float)
    for axis, route in zip(axes, ROUTES, strict=True):
        mine = frame[frame["route"] == route]
        drawing.light_grid(axis)
        years = sorted({int(year) for year in frame["year"]})
        parts = mine.pivot(index="year", columns="result", values="value").reindex(index=years, columns=list(RESULTS))
        tops = np.cumsum(parts.fillna(0).to_numpy(dtype=float), axis=1)
        _columns(axis, np.array(years, dtype=float), tops)
        bottom = pd.Series(tops[:, -1], index=years)
        _total_labels(axis, totals[totals["route"] == route], bottom)
        top = max(1.0, float(max(known.max() if len(known) else 0, bottom.max())))
        axis.set_ylim(0, top * 1.3)
        axis.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    handles: list[Artist] = [Patch(facecolor=colour, label=say(language, "result", name)) for name, colour in RESULTS.items()]
    lost = totals.assign(flagged=False)
    return drawing.headed(figure, say(language, "chart", "cases_linear"), [*handles, *drawing.signs(lost, language)], columns=5)


def _columns(axis: Axes, years: npt.NDArray[np.float64], tops: npt.NDArray[np.float64]) -> None:
    """Stacked columns, as one artist: (years, results) heights, each the sum up to its result."""
    lows = np.hstack([np.zeros((len(years), 1)), tops[:, :-1]])
    corners = [
        [(year - 0.35, low), (year + 0.35, low), (year + 0.35, high), (year - 0.35, high)]
        for year, below, above in zip(years, lows, tops, strict=True)
        for low, high in zip(below, above, strict=True)
    ]
    axis.add_collection(PolyCollection(corners, facecolors=[*RESULTS.values()] * len(years), linewidths=0))


def _total_labels(axis: Axes, totals: pd.DataFrame, heights: pd.Series[float]) -> None:
    """The printed totals over the columns; a cross where a report prints none."""
    held = totals[totals["state"] == COMPUTED]
    for row in held.to_dict("records"):
        text = number(float(row["value"])) + ("†" if row["flagged"] else "")
        axis.annotate(
            text, (int(row["year"]), heights[int(row["year"])]), (0, 2), textcoords="offset points", ha="center", va="bottom",
            fontsize=7, color=INK,
        )  # fmt: skip
    drawing.crosses(axis, totals[totals["state"] != COMPUTED]["year"].to_numpy(dtype=float), INK)


def _panels(frame: pd.DataFrame, names: Sequence[str], columns: int, plot: float) -> tuple[Figure, list[Axes]]:
    """Small panels, each with an axis of its own, over the years of `frame`."""
    rows = -(-len(names) // columns)
    height = rows * (plot + 0.5) + 0.1
    figure = Figure(figsize=(WIDTH, height))
    axes = list(figure.subplots(rows, columns, squeeze=False, sharex=True).flat)
    figure.subplots_adjust(
        left=0.5 / WIDTH, right=1 - 0.15 / WIDTH, bottom=0.3 / height, top=1 - 0.22 / height, wspace=0.26, hspace=0.5 / plot
    )
    years = list(range(int(frame["year"].min()), int(frame["year"].max()) + 1))
    for axis, name in zip(axes, names, strict=True):
        axis.set_title(name, loc="left", pad=4, y=1.0)
    drawing.year_axis(axes[0], years, crowded=True)
    return figure, axes


# --- tables -----------------------------------------------------------------------------------------------------------
def peers_table(beside: pd.DataFrame, language: str, links: Links = tables.NOWHERE) -> tables.Printed:
    """The table behind `draw_peers`: own figures lead to their cells, those of the peers to the page of the measure."""
    words = tables.words(language, "measure", "year", "value")
    words += [titled(language, "profile", name) for name in ("low", "median", "high", "count")]
    rows: list[list[tables.Entry]] = []
    for row in tables.records(beside.sort_values(["year", "measure"], key=lambda c: c.map(COMPARED.index) if c.name == "measure" else c)):
        measure, there = str(row["measure"]), links.measure(row["measure"])
        cells = mark_of(row)
        marks = ("†" if row["flagged"] else "") + ("°" if row["basis"] == "settled" else "") + links.mark(row["source"], cells)
        own = tables.Figure(figure(measure, row["value"]) + marks, str(row["origin"]), links.of(row["source"], cells))
        spread = [tables.Figure(figure(measure, row[name]), href=there) for name in ("low", "median", "high")]
        rows.append([label(measure, language), str(row["year"]), own, *spread, tables.Figure(str(row["count"]), href=there)])
    return words, rows


def reviews_table(frame: pd.DataFrame, language: str, links: Links = tables.NOWHERE) -> tables.Printed:
    """The table behind `draw_reviews`, each figure with a link to its cell."""
    results = [*RESULTS, "total"]
    words = [*tables.words(language, "year"), say(language, "profile", "route"), *(titled(language, "result", one) for one in results)]
    lines: dict[tuple[str, str, str], dict[str, tables.Entry]] = {}
    for row in tables.records(frame):
        text = say(language, "silence", str(row["silences"])) if row["silences"] else number(tables.known(row["value"]))
        text += ("†" if row["flagged"] else "") + links.mark(row["source"], row["origin"])
        entry = tables.Figure(text, str(row["origin"]), links.of(row["source"], row["origin"]))
        lines.setdefault((str(row["year"]), str(row["route"]), str(row["source"])), {})[str(row["result"])] = entry
    rows: list[list[tables.Entry]] = [
        [year, titled(language, "route", route), *(held[one] for one in results), tables.document(source, links)]
        for (year, route, source), held in lines.items()
    ]
    return [*words, *tables.words(language, "source")], rows


def evidence(profile: Profile) -> str:
    """The cells that the figures of the page rest on, document by document: text as printed, place, findings.

    HTML with every text of a document escaped; one table a document, folded, its SHA-256 over it.
    """
    language, panel, links = profile.page.language, profile.page.panel, profile.page.links
    marks: dict[tuple[object, str], str] = {}
    for row in sorted(tables.records(panel.findings), key=lambda row: row["severity"] == "error"):
        marks |= dict.fromkeys(((row["source"], key) for key in doubts.cells_of(row)), " †" if row["severity"] == "error" else " *")
    html = f"<p>{escape(say(language, 'profile', 'evidence'))}</p>"
    words = tables.words(language, "cell", "as_printed", "value", "state", "place")
    for one in tables.records(panel.reports.sort_values(["year", "source"])):
        cells = panel.cells[panel.cells["source"] == one["source"]]
        shown = cells[[row["column"] in _SHOWN.get(str(row["table"]), (row["column"],)) for row in tables.records(cells)]]
        rows: list[list[tables.Entry]] = []
        for row in tables.records(shown):
            key = f"{row['table']}.{row['row']}.{row['column']}"
            mark = marks.get((one["source"], key), "") + links.mark(one["source"], key)
            state = "" if row["state"] == NUMBER else titled(language, "silence", str(row["state"]))
            held = number(tables.known(row["value"])) if row["state"] == NUMBER else ""
            value = tables.Figure(held, str(row["unit"] or ""), links.of(one["source"], key))
            place = tables.Place(placed(language, str(row["place"] or "")), links.of(one["source"], key))
            rows.append([cell_name(key, language) + mark, str(row["text"] or ""), value, state, place])
        form = load_forms().get(str(one["form"]))
        notice = f" · {form.notice}" if form else ""
        head = f"{one['year'] or '—'} · {one['source']}"
        html += tables.folded(head, f"SHA-256 {one['sha256']}{notice}", tables.table(words, rows, EVIDENCE_WIDTHS), False)
    return html

