"""Measures in, charts out. A gap in the data is a gap in the chart; a doubted figure is drawn hollow.

Every function takes a frame of `govdisclose.measures`, the agencies to draw in their order, and the language of the
words ("zh" or "en"). Charts stand alone: they are made without pyplot and leave no state behind.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedLocator

from govdisclose import drawing
from govdisclose.dictionary import measure_of
from govdisclose.drawing import BLUE, FEW, GREY, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION, WIDTH, styled
from govdisclose.drawing import LIMIT as LIMIT
from govdisclose.evidence import OUTCOMES, members
from govdisclose.measures import COMPUTED, REASON_GROUPS, Block, inside, pool
from govdisclose.wording import number, percent, say, titled

OUTCOME_COLOURS = dict(zip(OUTCOMES, (BLUE, SKY, VERMILLION, ORANGE, PURPLE, GREY), strict=True))
REASON_COLOURS = (VERMILLION, ORANGE, drawing.YELLOW, drawing.GREEN, SKY, BLUE, PURPLE, "#444444")
RATE_COLOURS = {"full_or_partial_rate": SKY, "grant_rate": BLUE, "backlog_rate": VERMILLION}
VOLUME_MARKS = {"licensing": (BLUE, "o", -0.1), "penalties": (VERMILLION, "s", 0.0), "coercive_measures": (PURPLE, "^", 0.1)}
"""Colour and marker, and how far the marks stand apart so that none hides another."""
THIN = 10
"""A share of fewer cases is drawn pale."""

def by_size(figures: pd.DataFrame) -> list[str]:
    """Given counts of one measure, return the agencies, those with the largest figures first."""
    largest = figures.assign(value=figures["value"].fillna(-1)).groupby("agency")["value"].max().reset_index()
    return list(largest.sort_values(["value", "agency"], ascending=[False, True])["agency"])


def _span(frame: pd.DataFrame) -> list[int]:
    years = [int(year) for year in frame["year"]]
    return list(range(min(years), max(years) + 1))


@styled
def coverage(frame: pd.DataFrame, /, agencies: Sequence[str], language: str) -> Figure:
    """Which agency reported on which year: one tile each, with the share of cells that hold a number."""
    colours = {"complete": BLUE, "partly": SKY, "no_figures": ORANGE, "missing": "white"}
    return drawing.tiles(frame, agencies, colours, partial(titled, language, "coverage"))


@styled
def counts(frame: pd.DataFrame, /, agencies: Sequence[str], language: str, years: Sequence[int] = ()) -> Figure:
    """Cases of one measure by agency and year, on one common axis for all agencies."""
    shown = frame[frame["agency"].isin(agencies)]
    figure, scale = _one_measure(shown, agencies, list(years) or _span(frame), language, BLUE)
    return drawing.headed(figure, say(language, "chart", f"cases_{scale}"), drawing.signs(shown, language))


def _one_measure(shown: pd.DataFrame, agencies: Sequence[str], span: Sequence[int], language: str, colour: str) -> tuple[Figure, str]:
    """A panel an agency with the figures of one measure, and how their common axis is scaled."""
    figure, axes = drawing.small_multiples(agencies, span)
    scale = drawing.count_axis(axes[0], shown["value"], language)
    for axis, agency in zip(axes, agencies, strict=True):
        rows = shown[shown["agency"] == agency]
        drawing.light_grid(axis)
        drawing.series(axis, rows, span, colour)
        drawing.value_labels(axis, rows, few=len(agencies) <= FEW)
    return figure, scale


@styled
def outcomes(frame: pd.DataFrame, /, agencies: Sequence[str], language: str) -> Figure:
    """How requests ended: shares of the six outcomes in their sum, by agency and year."""
    shown = frame[frame["agency"].isin(agencies) & frame["measure"].isin(OUTCOMES)]
    span = _span(frame)
    figure, axes = drawing.small_multiples(agencies, span)
    few = len(agencies) <= FEW
    for axis, agency in zip(axes, agencies, strict=True):
        table = shown[shown["agency"] == agency].pivot(index="year", columns="measure", values="value")[list(OUTCOMES)]
        flagged = shown[(shown["agency"] == agency) & shown["flagged"]]["year"].unique().tolist()
        drawing.stacked(axis, table, [OUTCOME_COLOURS[o] for o in OUTCOMES], flagged, few, THIN)
    handles: list[Artist] = [
        Patch(facecolor=OUTCOME_COLOURS[o], label=titled(language, "outcome", o)) for o in OUTCOMES
    ]
    signs = drawing.signs(shown, language)
    drawing.percent_axis(axes[0], 1.0, room=0.24 if few else 0.18)
    return drawing.headed(
        figure, titled(language, "chart", "share_of_outcomes"), handles + signs, columns=6 if not signs else 4
    )


@styled
def rates(frame: pd.DataFrame, /, agencies: Sequence[str], language: str, measures: Sequence[str]) -> Figure:
    """Rates by agency and year with their 95 % intervals, on one common axis."""
    shown = frame[frame["agency"].isin(agencies) & frame["measure"].isin(measures)]
    span = _span(frame)
    figure, axes = drawing.small_multiples(agencies, span)
    shifts = np.linspace(0.12, -0.12, len(measures)) if len(measures) > 1 else [0.0]
    for axis, agency in zip(axes, agencies, strict=True):
        drawing.light_grid(axis)
        for measure, shift in zip(measures, shifts, strict=True):
            rows = shown[(shown["agency"] == agency) & (shown["measure"] == measure)]
            drawing.intervals(axis, rows, RATE_COLOURS[measure], float(shift))
            drawing.series(axis, rows, span, RATE_COLOURS[measure], shift=float(shift))
    known = shown["value"].where(shown["state"] == COMPUTED)
    drawing.percent_axis(axes[0], 1.0 if measures[0] != "backlog_rate" else drawing.share_top(known), room=0.14)
    handles: list[Artist] = [drawing.key(RATE_COLOURS[m], measure_of(m).label(language)) for m in measures]
    note = "share_of_caseload" if measures[0] == "backlog_rate" else "share_of_concluded"
    return drawing.headed(figure, titled(language, "chart", note), [*handles, *drawing.signs(shown, language)])


@styled
def trend(frame: pd.DataFrame, /, block: Block, language: str, measures: Sequence[str]) -> Figure:
    """Rates over the agencies of a balanced sub-panel: sums over sums with their interval, and the median agency."""
    figure = Figure(figsize=(WIDTH, 3.4))
    axes = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.06, right=0.86, top=0.88, bottom=0.1, wspace=0.46)
    for axis, measure in zip(axes, measures, strict=True):
        drawing.light_grid(axis)
        rows = inside(frame[frame["measure"] == measure], block)
        for _, one in rows.groupby("agency"):
            axis.plot(one["year"].astype(float), one["value"].astype(float), color="#cfcfcf", linewidth=0.7, zorder=1)
        pooled = pool(rows, ["year"]).sort_values("year")
        years = pooled["year"].to_numpy(dtype=float)
        low, high = pooled["low"].to_numpy(dtype=float), pooled["high"].to_numpy(dtype=float)
        axis.fill_between(years, low, high, color=BLUE, alpha=0.18, linewidth=0, zorder=2)
        ends: list[tuple[float, str, str]] = []
        for column, word, colour, dashes in (("value", "pooled", BLUE, "-"), ("median", "median", VERMILLION, "--")):
            values = pooled[column].to_numpy(dtype=float)
            axis.plot(years, values, dashes, color=colour, marker="o", markersize=4, linewidth=1.8, zorder=3)
            if column == "value":
                hollow = pooled["flagged"].to_numpy(dtype=bool)
                axis.plot(years[hollow], values[hollow], "o", color=colour, markersize=4, mfc="white", zorder=4)
            ends.append((float(values[-1]), f"{say(language, 'chart', word)} {percent(float(values[-1]))}", colour))
        drawing.end_labels(axis, float(years[-1]), ends, 0.08, 8)
        axis.set_title(measure_of(measure).label(language), loc="left")
        drawing.year_axis(axis, block.years)
        axis.set_xlim(min(block.years) - 0.25, max(block.years) + 0.1)
    drawing.percent_axis(axes[0], 1.0, room=0.04)
    axes[0].yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    return figure


@styled
def reasons(frame: pd.DataFrame, /, agencies: Sequence[str], language: str, groups: Sequence[str]) -> Figure:
    """How one or two groups divide by legal reason: shares of all their cases, by agency and year."""
    rows = [row for group in groups for row in members(group)]
    shown = frame[frame["agency"].isin(agencies) & frame["measure"].isin(rows)]
    span = _span(frame)
    figure, axes = drawing.small_multiples(agencies, span)
    few = len(agencies) <= FEW
    for axis, agency in zip(axes, agencies, strict=True):
        mine = shown[shown["agency"] == agency]
        table = mine.pivot(index="year", columns="measure", values="numerator")[rows]
        complete = mine.groupby("year")["denominator"].apply(lambda column: column.notna().all())
        table = table.where(complete)
        drawing.stacked(axis, table, REASON_COLOURS, mine[mine["flagged"]]["year"].unique().tolist(), few, THIN)
    drawing.percent_axis(axes[0], 1.0, room=0.24 if few else 0.18)
    handles: list[Artist] = [
        Patch(facecolor=colour, label=say(language, "reason", row))
        for row, colour in zip(rows, REASON_COLOURS, strict=False)
    ]
    lost = shown.assign(state=np.where(shown["denominator"].isna(), "lost", COMPUTED))
    return drawing.headed(figure, titled(language, "chart", "share_of_group"), handles + drawing.signs(lost, language))


@styled
def reason_table(frame: pd.DataFrame, /, over: str, names: Sequence[str], language: str) -> Figure:
    """Reasons against agencies or applicant types: the number of cases, shaded by its share in the group."""
    labels = [say(language, "applicant", name) if over == "applicant" else name for name in names]
    left = drawing.label_room(labels, 3.0, 0.25)
    longest = max(drawing.width_of(say(language, "reason", row)) for group in REASON_GROUPS for row in members(group))
    top, row_height = float(longest * 7.5 / 72 * np.sin(np.radians(40))) + 0.55, 0.23
    height = top + len(names) * row_height + 0.05
    figure = Figure(figsize=(WIDTH, height))
    axis = figure.add_axes((left / WIDTH, 0.05 / height, 1 - (left + 0.35) / WIDTH, 1 - (top + 0.05) / height))
    shades = matplotlib.colormaps["Blues"]
    cells = {(row[over], row["measure"]): row for row in frame.to_dict("records")}
    x, marks, words = 0.0, [], []
    for group in REASON_GROUPS:
        first = x
        marks.append(x + 0.5)
        words.append(say(language, "chart", "cases_in_group"))
        for y, name in enumerate(names):
            one = cells.get((name, members(group)[0]))
            text = "" if one is None else "×" if not one["used"] else number(float(one["denominator"]))
            axis.text(x + 0.85, y + 0.52, text, ha="right", va="center", fontsize=7, color=MUTED)
        x += 1
        for row in members(group):
            marks.append(x + 0.5)
            words.append(say(language, "reason", row))
            for y, name in enumerate(names):
                _reason_cell(axis, x, y, cells.get((name, row)), shades)
            x += 1
        axis.plot([first + 0.1, x], [-0.12, -0.12], color=INK, linewidth=0.8, clip_on=False)
        axis.text(first + 0.1, -(top - 0.25) / row_height, titled(language, "outcome", group), fontsize=9, va="baseline", ha="left")
        x += 0.5
    axis.set_xlim(0, x - 0.5)
    axis.set_ylim(len(names), 0)
    axis.set_yticks(np.arange(len(names)) + 0.5, labels, fontsize=8, color=INK)
    axis.set_xticks([])
    for mark, word in zip(marks, words, strict=True):
        axis.text(mark - 0.2, -0.35, word, rotation=40, ha="left", va="bottom", fontsize=7.5, rotation_mode="anchor", color=INK)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    return figure


def _reason_cell(
    axis: Axes, x: float, y: float, row: dict[Hashable, Any] | None, shades: matplotlib.colors.Colormap
) -> None:
    """One cell of the table of reasons; white without cases, no number for none of several cases."""
    if row is None or not row["denominator"]:
        return
    share = float(row["value"])
    axis.add_patch(Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, facecolor=shades(0.04 + 0.86 * share), linewidth=0))
    colour = "white" if share > 0.55 else INK if share else "#b5b5b5"
    mark = "†" if row["flagged"] else ""
    axis.text(
        x + 0.5, y + 0.52, number(float(row["numerator"])) + mark, ha="center", va="center", fontsize=7, color=colour
    )


@styled
def volumes(frame: pd.DataFrame, /, agencies: Sequence[str], language: str) -> Figure:
    """Licences, penalties and coercive measures by agency and year, on one common axis."""
    shown = frame[frame["agency"].isin(agencies) & frame["measure"].isin(VOLUME_MARKS)]
    span = _span(frame)
    figure, axes = drawing.small_multiples(agencies, span)
    scale = drawing.count_axis(axes[0], shown["value"], language)
    for axis, agency in zip(axes, agencies, strict=True):
        drawing.light_grid(axis)
        for measure, (colour, marker, shift) in VOLUME_MARKS.items():
            rows = shown[(shown["agency"] == agency) & (shown["measure"] == measure)]
            drawing.series(axis, rows, span, colour, marker, shift)
    handles: list[Artist] = [
        drawing.key(colour, say(language, "volume", name), marker) for name, (colour, marker, _) in VOLUME_MARKS.items()
    ]
    note = say(language, "chart", f"cases_{scale}")
    return drawing.headed(figure, note, [*handles, *drawing.signs(shown, language)], columns=5)


@styled
def volume_ranks(frame: pd.DataFrame, /, agencies: Sequence[str], language: str) -> Figure:
    """The latest volumes of each agency (`govdisclose.measures.latest`) side by side, with the year they are of."""
    years = frame.groupby("agency")["year"].first()
    labels = [f"{name}  {years[name]}" if name in years.index else name for name in agencies]
    left = drawing.label_room(labels)
    height = len(agencies) * 0.2 + 0.4
    figure = Figure(figsize=(WIDTH, height))
    axis = figure.add_axes((left / WIDTH, 0.33 / height, 1 - (left + 0.3) / WIDTH, 1 - 0.38 / height))
    scale = drawing.count_axis(axis, frame["value"], language, along="x")
    axis.grid(axis="both", color=drawing.FAINT, linewidth=0.5)
    axis.set_axisbelow(True)
    rank = {name: place for place, name in enumerate(agencies)}
    for measure, (colour, marker, shift) in VOLUME_MARKS.items():
        for doubted, rows in frame[frame["measure"] == measure].groupby("flagged"):
            face = "white" if doubted else colour
            at = [rank[name] + 1.6 * shift for name in rows["agency"] if name in rank]
            values = [float(v) for v, name in zip(rows["value"], rows["agency"], strict=True) if name in rank]
            axis.plot(values, at, marker, color=colour, markerfacecolor=face, markersize=5.5, alpha=0.9, clip_on=False)
    axis.set_ylim(len(agencies) - 0.4, -0.6)
    axis.set_yticks(range(len(agencies)), labels, fontsize=8, color=INK)
    axis.tick_params(axis="y", length=0)
    handles: list[Artist] = [
        drawing.key(colour, say(language, "volume", name), marker, line=False)
        for name, (colour, marker, _) in VOLUME_MARKS.items()
    ]
    note = say(language, "chart", f"cases_{scale}")
    return drawing.raised(figure, axis, handles, columns=5, note=say(language, "chart", "latest", note=note))


@styled
def fees(frame: pd.DataFrame, /, agencies: Sequence[str], language: str, unit: str) -> Figure:
    """Fees by agency and year, of those that print them in this unit."""
    shown = frame[frame["agency"].isin(agencies)]
    figure, scale = _one_measure(shown, agencies, _span(frame), language, drawing.GREEN)
    note = say(language, "chart", f"money_{scale}", unit=say(language, "unit", unit))
    return drawing.headed(figure, note, drawing.signs(shown, language))
