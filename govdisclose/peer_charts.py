"""Comparisons in, charts out: funnel plots, ranked intervals, what a change is made of, one measure on four bases.

Colours and shapes say the same thing twice, so that no chart needs colour to be read; a doubted figure is hollow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from govdisclose import drawing
from govdisclose.change import Decomposition
from govdisclose.compare import BASES, Funnel, Shrunken
from govdisclose.dictionary import measure_of
from govdisclose.drawing import BLUE, INK, LIMIT, MUTED, ORANGE, PURPLE, SKY, VERMILLION, WIDTH, styled
from govdisclose.measures import COMPUTED
from govdisclose.printed import rows_of
from govdisclose.wording import say, titled

PLACES = {"inside": (BLUE, "o"), "95": (ORANGE, "s"), "99.8": (VERMILLION, "D")}
"""Where an agency lies in a funnel: colour and marker."""
BASIS_MARKS = dict(zip(BASES, ((BLUE, "o"), (SKY, "s"), (VERMILLION, "^"), (PURPLE, "D")), strict=True))
STRATA = 14
"""So many strata of a decomposition are drawn; the table holds all."""
NAMED = 9
"""Up to so many agencies of a funnel are all named, else those outside the limits."""


def _points(value: float, _: int) -> str:
    """A difference of shares on an axis, in percentage points."""
    return f"{100 * value:+.3g}" if abs(value) > 1e-9 else "0"


def _value_axis(axis: Axes, key: str, along: str, language: str) -> None:
    side = axis.yaxis if along == "y" else axis.xaxis
    side.set_major_locator(MaxNLocator(6))
    side.set_minor_locator(NullLocator())
    if measure_of(key).kind == "share":
        side.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.4g}%"))
    else:
        label = drawing.count_label(language)
        side.set_major_formatter(FuncFormatter(lambda value, _: label(value)))


@styled
def funnel(found: Funnel, /, language: str) -> Figure:
    """Each agency's figure against its number of cases, with the limits that chance leaves around the pooled figure."""
    rows, curve = found.agencies, found.curve
    figure = Figure(figsize=(WIDTH, 5.2))
    axis = figure.add_axes((0.07, 0.11, 0.83, 0.85))
    x = curve["denominator"].to_numpy(dtype=float)
    ends: list[tuple[float, str, str]] = [(found.target, say(language, "chart", "target", value=measure_of(found.measure).written(found.target, 1)), INK)]
    for name, dashes, colour in (("99.8", "-", MUTED), ("95", (0, (4, 3)), MUTED)):
        for side in ("low", "high"):
            bound = curve[side + name.replace(".", "")].to_numpy(dtype=float)
            axis.plot(x, bound, linestyle=dashes, color=colour, linewidth=0.9, zorder=1)
            ends.append((float(bound[-1]), f"{name}%", colour))
    axis.axhline(found.target, color=INK, linewidth=0.8, zorder=1)
    if x[-1] / x[0] > 50:
        axis.set_xscale("log")
        axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlim(x[0], x[-1])
    values = rows["value"].to_numpy(dtype=float)
    inner = rows[["low998", "high998"]].to_numpy(dtype=float)
    low, high = min(values.min(), inner[:, 0].min()), max(values.max(), inner[:, 1].max())
    room = 0.06 * (high - low) or 0.05
    axis.set_ylim(low - room, high + room)
    for row in rows.to_dict("records"):
        colour, marker = PLACES[str(row["place"]).rpartition("_")[2]]
        face = "white" if row["flagged"] else colour
        axis.plot(row["denominator"], row["value"], marker, color=colour, markerfacecolor=face, markersize=5.5, zorder=3)
    label = drawing.count_label(language)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: label(value)))
    axis.set_xlabel(titled(language, "chart", "denominator"), fontsize=8)
    _value_axis(axis, found.measure, "y", language)
    drawing.end_labels(axis, float(x[-1]), ends, 0.036 * float(np.ptp(axis.get_ylim())), 5)
    outside = rows if len(rows) <= NAMED else rows[rows["place"] != "inside"]
    _names(axis, [(float(r["denominator"]), float(r["value"]), str(r["agency"])) for r in outside.to_dict("records")], rows)
    handles: list[Artist] = [
        drawing.key(colour, say(language, "place", name), marker, line=False)
        for name, (colour, marker) in PLACES.items()
        if rows["place"].str.endswith(name).any()
    ]
    note = say(language, "chart", "funnel", measure=measure_of(found.measure).label(language))
    return drawing.raised(figure, axis, [*handles, *drawing.signs(rows, language)], columns=4, note=note)


def _names(axis: Axes, points: Sequence[tuple[float, float, str]], rows: pd.DataFrame) -> None:
    """Names beside points, on the side where they cover no other name or point."""
    marks = axis.transData.transform(rows[["denominator", "value"]].to_numpy(dtype=float))
    scale = axis.figure.dpi / 72
    box = axis.get_window_extent()
    taken: list[tuple[float, float, float, float]] = [(x - 4, y - 4, x + 4, y + 4) for x, y in marks]
    for x, y, name in points:
        at_x, at_y = axis.transData.transform((x, y))
        wide, tall = drawing.width_of(name) * 7.5 * scale, 9 * scale
        tries = [(7.0, y, "left") for y in (0.0, 9.0, -9.0)] + [(-7.0, y, "right") for y in (0.0, 9.0, -9.0)]
        tries += [(0.0, 10.0, "center"), (0.0, -10.0, "center")]
        best: tuple[int, tuple[float, float, str], tuple[float, float, float, float]] | None = None
        for dx, dy, side in tries:
            left = at_x + dx * scale - {"left": 0.0, "right": wide, "center": wide / 2}[side]
            spot = (left, at_y + dy * scale - tall / 2, left + wide, at_y + dy * scale + tall / 2)
            covered = sum(_meet(spot, other) for other in taken) + 3 * (left < box.x0 or left + wide > box.x1)
            if best is None or covered < best[0]:
                best = (covered, (dx, dy, side), spot)
        assert best is not None
        taken.append(best[2])
        dx, dy, side = best[1]
        axis.annotate(name, (x, y), (dx, dy), textcoords="offset points", ha=side, va="center", fontsize=7.5, color=INK, zorder=2, bbox=_UNDER)


_UNDER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.4}
"""What keeps names readable where they lie on a line."""


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def extremes(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that a ranked chart has room for: all, or as many from both ends."""
    return frame if len(frame) <= LIMIT else pd.concat([frame.head(LIMIT // 2), frame.tail(LIMIT // 2)])


def _rows(labels: Sequence[str], right: float, panels: int = 1) -> tuple[Figure, list[Axes]]:
    """A chart with one line for each label, top down, in one or two panels."""
    left = drawing.label_room(labels)
    titles = 0.24 if panels > 1 else 0.0
    height = len(labels) * 0.21 + 0.45 + titles
    figure = Figure(figsize=(WIDTH, height))
    width = (WIDTH - left - right - 0.35 * (panels - 1)) / panels
    axes = [
        figure.add_axes(((left + n * (width + 0.35)) / WIDTH, 0.36 / height, width / WIDTH, 1 - (0.4 + titles) / height))
        for n in range(panels)
    ]
    for place, axis in enumerate(axes):
        axis.set_ylim(len(labels) - 0.4, -0.6)
        axis.set_yticks(range(len(labels)), list(labels) if not place else [""] * len(labels), fontsize=8, color=INK)
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x", color=drawing.FAINT, linewidth=0.5)
        axis.set_axisbelow(True)
    return figure, axes


@styled
def ranked(frame: pd.DataFrame, /, language: str, note: str, reference: float | None = None, signed: bool = False) -> Figure:
    """Values with their intervals, one line each, as the frame orders them; a shaded line heads each `group` it has.

    Columns: agency, measure, value, low, high, flagged, state; group where there are several; word where not the value is to
    stand on the right; crude for a second value, drawn as a tick. `signed`: the values are differences.
    """
    lines: list[dict[str, Any]] = []
    for group, mine in frame.groupby("group", sort=False) if "group" in frame else [("", frame)]:
        lines += [{"head": str(group)}] if group else []
        lines += rows_of(mine)
    figure, (axis,) = _rows([str(line.get("head", line.get("agency"))) for line in lines], 0.75)
    key = str(frame["measure"].iloc[0])
    if reference is not None:
        axis.axvline(reference, color=INK, linewidth=0.8, zorder=1)
    for y, line in enumerate(lines):
        if "head" in line:
            axis.axhspan(y - 0.5, y + 0.5, color=drawing.FAINT, alpha=0.45, linewidth=0, zorder=0)
            axis.get_yticklabels()[y].set_color(BLUE)
            continue
        if line["state"] != COMPUTED:
            axis.plot(0.02, y, "x", color=MUTED, markersize=4, transform=axis.get_yaxis_transform(), zorder=4)
            continue
        value = float(line["value"])
        if line["low"] is not None and line["high"] is not None:
            axis.plot([line["low"], line["high"]], [y, y], color=BLUE, linewidth=1.4, alpha=0.55, zorder=2)
        axis.plot(value, y, "o", color=BLUE, markerfacecolor="white" if line["flagged"] else BLUE, markersize=4.5, zorder=3)
        if line.get("crude") is not None:
            axis.plot(line["crude"], y, "|", color=VERMILLION, markersize=7, markeredgewidth=1.4, zorder=4)
        word = str(line.get("word") or measure_of(key).written(value, 1))
        _beside(axis, y, word)
    _value_axis(axis, key, "x", language)
    if signed and measure_of(key).kind == "share":
        axis.xaxis.set_major_formatter(FuncFormatter(_points))
    ticks = [
        drawing.key(BLUE, say(language, "chart", "standard")),
        drawing.key(VERMILLION, say(language, "chart", "crude"), "|", line=False),
    ]
    handles = [*(ticks if "crude" in frame else []), *drawing.signs(frame, language)]
    return drawing.raised(figure, axis, handles, columns=4, note=note)


def _dots(axis: Axes, x: npt.NDArray[Any], y: npt.NDArray[Any], hollow: npt.NDArray[np.bool_], marker: str, colour: str, **look: Any) -> None:
    """Points, hollow where the figure is doubted."""
    axis.plot(x[~hollow], y[~hollow], marker, color=colour, **look)
    axis.plot(x[hollow], y[hollow], marker, color=colour, markerfacecolor="white", **look)


@styled
def ranks(found: Shrunken, /, language: str) -> Figure:
    """Shares drawn towards the peers' with their 95 % intervals, and beside them the ranks that are possible."""
    rows = extremes(found.agencies)
    figure, (left, right) = _rows([str(name) for name in rows["agency"]], 0.2, panels=2)
    at = np.arange(len(rows))
    hollow = rows["flagged"].to_numpy(dtype=bool)
    left.axvline(found.mean, color=INK, linewidth=0.8, zorder=1)
    left.hlines(at, rows["low"], rows["high"], color=BLUE, linewidth=1.4, alpha=0.55, zorder=2)
    left.plot(rows["value"], at, "|", color=VERMILLION, markersize=7, markeredgewidth=1.4, zorder=3)
    right.hlines(at, rows["rank_low"] - 0.15, rows["rank_high"] + 0.15, color=PURPLE, linewidth=4, alpha=0.4, zorder=2)
    for axis, column, colour in ((left, "shrunken", BLUE), (right, "rank", PURPLE)):
        values = rows[column].to_numpy(dtype=float)
        _dots(axis, values, at, hollow, "o", colour, markersize=4.5, zorder=4)
    _value_axis(left, found.measure, "x", language)
    right.set_xlim(0.3, len(found.agencies) + 0.7)
    right.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
    right.set_title(titled(language, "chart", "rank"), loc="left", fontsize=8.5, pad=3)
    left.set_title(measure_of(found.measure).label(language), loc="left", fontsize=8.5, pad=3)
    handles: list[Artist] = [
        drawing.key(BLUE, say(language, "chart", "shrunken")),
        drawing.key(VERMILLION, say(language, "chart", "raw"), "|", line=False),
        drawing.key(INK, say(language, "chart", "peer_mean"), ""),
        Patch(facecolor=PURPLE, alpha=0.4, label=say(language, "chart", "rank_interval")),
        *drawing.signs(rows, language),
    ]
    return _paired(figure, (left, right), handles)


def _paired(figure: Figure, axes: Sequence[Axes], handles: Sequence[Artist]) -> Figure:
    """`drawing.raised` for two panels side by side: the second follows the first."""
    before = [axis.get_position() for axis in axes]
    drawing.raised(figure, axes[0], handles, columns=5)
    after = axes[0].get_position()
    for axis, box in zip(axes[1:], before[1:], strict=True):
        axis.set_position((box.x0, after.y0, box.width, after.height))
    return figure


@styled
def effects(found: Decomposition, /, language: str, names: dict[str, str]) -> Figure:
    """A change and its two parts, then what each stratum adds to them; `names` are the words for strata that need any."""
    rows = found.strata.head(STRATA)
    labels = [titled(language, "chart", word) for word in ("change", "rate_effect", "mix_effect")]
    labels += [names.get(str(one), str(one)) for one in rows["stratum"]]
    figure, (axis,) = _rows(labels, 0.75)
    change = found.last_value - found.first_value
    for y, (value, colour, hatch) in enumerate(((change, INK, ""), (found.rate, BLUE, ""), (found.mix, ORANGE, "///"))):
        axis.barh(y, value, 0.62, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        _beside(axis, y, f"{100 * value:+.2f}")
        axis.get_yticklabels()[y].set_color(BLUE)
    for y, row in enumerate(rows.to_dict("records"), 3):
        axis.barh(y - 0.18, row["rate"], 0.34, color=BLUE, linewidth=0)
        axis.barh(y + 0.18, row["mix"], 0.34, color=ORANGE, hatch="///", edgecolor="white", linewidth=0)
        _beside(axis, y, f"{100 * (row['rate'] + row['mix']):+.2f}")
    axis.axvline(0, color=INK, linewidth=0.8)
    axis.axhline(2.5, color=drawing.FAINT, linewidth=0.8)
    axis.xaxis.set_major_locator(MaxNLocator(6))
    axis.xaxis.set_major_formatter(FuncFormatter(_points))
    handles: list[Artist] = [
        Patch(facecolor=BLUE, label=say(language, "chart", "rate_effect")),
        Patch(facecolor=ORANGE, hatch="///", edgecolor="white", label=say(language, "chart", "mix_effect")),
    ]
    return drawing.raised(figure, axis, handles, columns=4, note=say(language, "chart", "points"))


def _beside(axis: Axes, y: float, word: str) -> None:
    axis.annotate(word, (1, y), (4, 0), xycoords=axis.get_yaxis_transform(), textcoords="offset points", va="center", fontsize=7, color=MUTED, annotation_clip=False)


@styled
def robustness(frame: pd.DataFrame, /, language: str) -> Figure:
    """A pooled measure by year on four bases (`compare.robust`), side by side within each year, with their intervals."""
    key = str(frame["measure"].iloc[0])
    years = sorted({int(year) for year in frame["year"]})
    figure = Figure(figsize=(WIDTH, 3.2))
    axis = figure.add_axes((0.07, 0.1, 0.91, 0.86))
    drawing.light_grid(axis)
    for (basis, (colour, marker)), shift in zip(BASIS_MARKS.items(), np.linspace(-0.24, 0.24, len(BASES)), strict=True):
        rows = frame[(frame["basis"] == basis) & (frame["state"] == COMPUTED)]
        at: npt.NDArray[np.float64] = rows["year"].to_numpy(dtype=float) + shift
        low, high = rows["low"].to_numpy(dtype=float, na_value=np.nan), rows["high"].to_numpy(dtype=float, na_value=np.nan)
        axis.vlines(at, low, high, color=colour, linewidth=1, alpha=0.7, zorder=2)
        hollow = rows["flagged"].to_numpy(dtype=bool)
        values = rows["value"].to_numpy(dtype=float)
        _dots(axis, at, values, hollow, marker, colour, markersize=5, zorder=3)
    axis.set_xlim(min(years) - 0.5, max(years) + 0.5)
    axis.xaxis.set_major_locator(FixedLocator(years))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))
    _value_axis(axis, key, "y", language)
    note = measure_of(key).label(language)
    shown = frame[frame["state"] == COMPUTED]
    drawn = set(shown["basis"])
    handles: list[Artist] = [
        drawing.key(colour, say(language, "basis", basis), marker, line=False) for basis, (colour, marker) in BASIS_MARKS.items() if basis in drawn
    ]
    return drawing.raised(figure, axis, [*handles, *drawing.signs(shown, language)], columns=4, note=note)
