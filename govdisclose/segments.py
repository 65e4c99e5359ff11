"""Counts over forms that define them otherwise: one panel a measure, a line for each agency that ends where the definition does."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from govdisclose import drawing
from govdisclose.dictionary import measure_of
from govdisclose.drawing import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILLION, styled
from govdisclose.measures import COMPUTED, measure
from govdisclose.panel import Panel
from govdisclose.wording import say, sentences, titled

SERIES = ("received", "concluded", "granted", "partially_granted", "denied")
"""What all forms count of requests."""
STATISTICS = "2014"
"""The form whose definitions differ: the statistics of the years up to 2018."""
_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
_MANY = "#9fb4c2"


def series(panel: Panel) -> pd.DataFrame:
    """Given a panel, return what its forms count alike of requests, by agency and year; no rows unless it has several forms' years."""
    frame = measure(panel, SERIES)
    old = frame["form"] == STATISTICS
    return frame if old.any() and not old.all() else frame[:0]


def breaks(frame: pd.DataFrame, language: str) -> str:
    """Where the definition breaks, measure by measure, and where it does not."""
    broken, whole = [], []
    for key in SERIES:
        one = measure_of(key)
        if _is_broken(frame[frame["measure"] == key]):
            broken.append(f"{one.label(language)}：{one.zh_note.rstrip('。')}" if language == "zh" else f"{one.label(language)}: {one.en_note.rstrip('.')}")
        else:
            whole.append(one.label(language))
    between = "；" if language == "zh" else "; "
    kept = ("、" if language == "zh" else ", ").join(whole)
    words = [say(language, "chart", "broken", which=between.join(broken))] if broken else []
    words += [say(language, "chart", "unbroken", which=kept)] if whole else []
    return sentences(language, *words)


def _is_broken(rows: pd.DataFrame) -> bool:
    return bool(rows["segment"].dropna().nunique() > 1)


@styled
def drawn(frame: pd.DataFrame, /, agencies: Sequence[str], language: str) -> Figure:
    """Each measure in a panel of its own: no line is drawn over the year in which its definition changed."""
    shown = frame[frame["agency"].isin(agencies)]
    years = [int(year) for year in shown["year"]]
    span = list(range(min(years), max(years) + 1))
    figure, axes = drawing.small_multiples([measure_of(key).label(language) for key in SERIES], span)
    scale = drawing.count_axis(axes[0], shown["value"], language)
    few = len(agencies) <= len(_COLOURS)
    for axis, key in zip(axes, SERIES, strict=True):
        drawing.light_grid(axis)
        rows = shown[shown["measure"] == key]
        for number, agency in enumerate(agencies):
            drawing.series(axis, rows[rows["agency"] == agency], span, _COLOURS[number] if few else _MANY)
        _change(axis, shown, _is_broken(rows), language)
    handles: list[Artist] = [drawing.key(colour, agency) for agency, colour in zip(agencies, _COLOURS, strict=False)] if few else []
    note = say(language, "chart", f"cases_{scale}")
    return drawing.headed(figure, note, [*handles, *drawing.signs(shown, language)], columns=3)


def _change(axis: Axes, rows: pd.DataFrame, broken: bool, language: str) -> None:
    """A line down the panel between the last year of the old form and the first of a new one, and what it says."""
    held = rows[rows["state"] == COMPUTED]
    old = held["form"] == STATISTICS
    after = held.loc[~old, "year"].min()
    before = held.loc[old & (held["year"] < after), "year"].max()
    if pd.isna(before) or pd.isna(after):
        return
    at = (int(before) + int(after)) / 2
    axis.axvline(at, color=INK if broken else MUTED, linewidth=1.2 if broken else 0.7, linestyle="--" if broken else ":", zorder=1)
    words = titled(language, "chart", "break" if broken else "same")
    axis.annotate(words, (at, 0.99), (3, 0), xycoords=axis.get_xaxis_transform(), textcoords="offset points", va="top", fontsize=7, color=INK if broken else MUTED)
