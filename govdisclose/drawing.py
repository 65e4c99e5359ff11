"""What all charts share: the packaged Chinese font, colours that the colour-blind can tell apart, panels, axes."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import Concatenate, ParamSpec, TypeVar
from unicodedata import east_asian_width

import matplotlib
import numpy as np
import numpy.typing as npt
import pandas as pd
import pylopdf_fonts_zh_cn as fonts
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator, PercentFormatter

from govdisclose.printed import rows_of
from govdisclose.wording import capital, number, titled

T = TypeVar("T")
P = ParamSpec("P")
INK, MUTED, FAINT = "#222222", "#6b6b6b", "#dddddd"
BLUE, SKY, VERMILLION, ORANGE = "#0072B2", "#56B4E9", "#D55E00", "#E69F00"
PURPLE, GREEN, YELLOW, GREY = "#CC79A7", "#009E73", "#F0E442", "#A6A6A6"
"""Okabe, M. & Ito, K. (2008), Color Universal Design; the grey is ours."""

WIDTH = 10.0
"""Inches; every chart is as wide as the page and as high as it needs."""
FEW = 9
"""Up to so many agencies each point is labelled with its figure."""
LIMIT = 60
"""So many agencies are drawn in panels of their own; the tables hold all."""


@cache
def chinese_font() -> str:
    """Register the packaged Noto Sans SC with matplotlib and return its family name."""
    path = str(fonts.sans_path())
    fontManager.addfont(path)
    return str(get_font(path).family_name)


def style() -> dict[str, object]:
    """Settings of all charts, to be used with `matplotlib.rc_context`."""
    return {
        "font.family": [chinese_font()],
        "axes.unicode_minus": False,
        "font.size": 9,
        "axes.titlesize": 9,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": MUTED,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "svg.fonttype": "path",
        "svg.hashsalt": "govdisclose",
    }


def styled(draw: Callable[Concatenate[T, P], Figure]) -> Callable[Concatenate[T, P], Figure]:
    """A drawing function that draws with `style`."""

    @wraps(draw)
    def drawn(what: T, /, *args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.rc_context(style()):  # type: ignore[arg-type]
            return draw(what, *args, **kwargs)

    return drawn


def svg(figure: Figure) -> str:
    """Given a chart, return it as SVG text: the same chart gives the same bytes, and no address is named in it."""
    buffer = io.StringIO()
    with matplotlib.rc_context(style()):  # type: ignore[arg-type]
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]  # Without the document type, which names an address.


def width_of(text: str) -> float:
    """Width of a text in ems: 1 for a Chinese character, about a half for others."""
    return sum(1.0 if east_asian_width(char) in "WF" else 0.55 for char in text)


def wrapped(text: str, ems: float) -> str:
    """The text in lines of at most so many ems; Chinese breaks anywhere, other words between words."""
    if width_of(text) <= ems:
        return text
    if " " in text:
        return "\n".join(textwrap.wrap(text, max(4, int(ems / 0.55))))
    lines = [""]
    for char in text:
        if width_of(lines[-1] + char) > ems:
            lines.append("")
        lines[-1] += char
    return "\n".join(lines)


def small_multiples(names: Sequence[str], years: Sequence[int]) -> tuple[Figure, list[Axes]]:
    """Given names, return a figure with one small panel each, titled, on one common year axis and one common y axis."""
    count = len(names)
    columns = min(count, 2 if count <= 4 else 3 if count <= FEW else 5)
    rows = -(-count // columns)
    panel_width = (WIDTH - 0.75) / columns
    size = 9 if columns <= 3 else 7.5
    titles = [wrapped(name, (panel_width - 0.2) * 72 / size) for name in names]
    lines = max(title.count("\n") + 1 for title in titles)
    plot, gap = (1.9 if columns <= 3 else 1.05), 0.16 + lines * size * 1.35 / 72
    height = rows * (plot + gap) + 0.3
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    figure.subplots_adjust(
        left=0.6 / WIDTH,
        right=1 - 0.15 / WIDTH,
        bottom=0.3 / height,
        top=1 - gap / height,
        wspace=0.09,
        hspace=gap / plot,
    )
    flat: list[Axes] = list(axes.flat)
    for axis, title in zip(flat, titles, strict=False):
        # With y given, matplotlib does not measure every tick label to place the title.
        axis.set_title(title, loc="left", fontsize=size, pad=4, linespacing=1.15, y=1.0)
    for axis in flat[count:]:
        axis.set_visible(False)
    for axis in flat[max(0, count - columns) : count]:
        axis.tick_params(labelbottom=True)
    year_axis(flat[0], years, crowded=columns > 3)
    return figure, flat[:count]


def year_axis(axis: Axes, years: Sequence[int], crowded: bool = False) -> None:
    """Whole years, all of them, with room at both ends; labels thinned or shortened where they would touch."""
    step = -(-len(years) // (7 if not crowded else 6))
    axis.xaxis.set_major_locator(FixedLocator(list(years)[::step]))
    axis.xaxis.set_major_formatter(
        FuncFormatter(lambda year, _: f"'{int(year) % 100:02d}" if crowded else f"{year:.0f}")
    )
    axis.set_xlim(min(years) - 0.6, max(years) + 0.6)


def count_label(language: str) -> Callable[[float], str]:
    """How large numbers are written on an axis: 万 and 亿 in Chinese, k and M in English."""
    steps = [(1e8, "亿"), (1e4, "万")] if language == "zh" else [(1e9, "bn"), (1e6, "M"), (1e3, "k")]

    def label(value: float) -> str:
        for size, name in steps:
            if abs(value) >= size:
                return f"{value / size:,.4g}{name}"
        return f"{value:,.4g}"

    return label


def count_axis(axis: Axes, values: pd.Series[float], language: str, along: str = "y") -> str:
    """Scale an axis for counts and return how: "log" or "linear".

    Where the figures span more than two orders of magnitude the axis is logarithmic from 1 upwards and linear between
    0 and 1, so that a printed 0 has its place; otherwise it is linear from 0.
    """
    known = values.dropna().astype(float)
    positive = known[known > 0]
    spread = len(positive) > 0 and positive.max() / positive.min() > 100
    top = max(1.0, float(positive.max()) if len(positive) else 1.0)
    label = count_label(language)
    side = axis.yaxis if along == "y" else axis.xaxis
    limits = axis.set_ylim if along == "y" else axis.set_xlim
    if spread:
        (axis.set_yscale if along == "y" else axis.set_xscale)("symlog", linthresh=1, linscale=0.8)
        powers = np.arange(0, int(np.ceil(np.log10(top))) + 1)
        step = -(-len(powers) // 5)
        side.set_major_locator(FixedLocator([0.0, *(10.0 ** powers[::step])]))
        side.set_minor_locator(NullLocator())
        limits(-0.25, top * (5 if along == "y" else 1.6))
    else:
        side.set_major_locator(MaxNLocator(4, integer=True))
        limits(-0.04 * top, top * 1.25)
    side.set_major_formatter(FuncFormatter(lambda value, _: label(value)))
    return "log" if spread else "linear"


def light_grid(axis: Axes, along: str = "y") -> None:
    axis.grid(axis="y" if along == "y" else "x", color=FAINT, linewidth=0.5)
    axis.set_axisbelow(True)


def series(
    axis: Axes, rows: pd.DataFrame, years: Sequence[int], colour: str, marker: str = "o", shift: float = 0
) -> None:
    """One series over consecutive years: a line that breaks at gaps and where the definition changes (`segment`), points,
    hollow points, crosses where a report gives no figure."""
    values, doubted, lost = np.full(len(years), np.nan), np.zeros(len(years), np.bool_), np.zeros(len(years), np.bool_)
    place = rows["year"].to_numpy(dtype=int) - years[0]
    values[place] = rows["value"].to_numpy(dtype=float, na_value=np.nan)
    lost[place] = rows["state"] != "computed"
    doubted[place] = rows["flagged"] & (rows["state"] == "computed")
    at = np.asarray(years) + shift
    size = 4.0 if len(axis.figure.axes) <= FEW else 3.0
    segment = np.zeros(len(years))
    if "segment" in rows.columns:
        segment[place] = rows["segment"].to_numpy(dtype=float, na_value=0)
    for one in np.unique(segment[~np.isnan(values)]) if not np.isnan(values).all() else [0.0]:
        part = np.where(segment == one, values, np.nan)
        axis.plot(at, part, marker=marker, markevery=~doubted, color=colour, markersize=size, linewidth=1.1, zorder=2)
    if doubted.any():
        hollow = axis.plot(at[doubted], values[doubted], marker, color=colour, markersize=size, zorder=3)
        hollow[0].set_markerfacecolor("white")
    crosses(axis, at[lost], colour)


def crosses(axis: Axes, at: npt.NDArray[np.float64], colour: str) -> None:
    # Drawn in the empty band at the head of the panel, in its own coordinates, so that no value is suggested.
    if len(at):
        head = axis.get_xaxis_transform()
        axis.plot(at, np.full(len(at), 0.95), "x", color=colour, markersize=4, transform=head, zorder=4)


def intervals(axis: Axes, rows: pd.DataFrame, colour: str, shift: float = 0) -> None:
    held = rows[rows["state"] == "computed"]
    low, high = held["low"].to_numpy(dtype=float), held["high"].to_numpy(dtype=float)
    axis.vlines(
        held["year"].to_numpy(dtype=float) + shift, low, high, color=colour, linewidth=0.8, alpha=0.75, zorder=1
    )


def key(colour: str, label: str, marker: str = "o", hollow: bool = False, line: bool = True) -> Line2D:
    face = "white" if hollow else colour
    width = 1.3 if line else 0.0
    return Line2D(
        [], [], color=colour, marker=marker, linewidth=width, markersize=4.5, markerfacecolor=face, label=label
    )


def signs(rows: pd.DataFrame, language: str) -> list[Artist]:
    """Legend entries for hollow points and crosses, where the chart has any."""
    signs: list[Artist] = []
    if (rows["flagged"] & (rows["state"] == "computed")).any():
        signs.append(key(MUTED, titled(language, "chart", "flagged"), hollow=True, line=False))
    if (rows["state"] != "computed").any():
        signs.append(key(MUTED, titled(language, "chart", "not_computable"), marker="x", line=False))
    return signs


def _named(handles: Sequence[Artist]) -> list[Artist]:
    """Legend entries, their labels with capitals."""
    for one in handles:
        one.set_label(capital(str(one.get_label())))
    return list(handles)


def headed(figure: Figure, note: str, handles: Sequence[Artist], columns: int = 4) -> Figure:
    """Put a note on the axis and the legend above the chart, which grows by the room that they take."""
    note = capital(note)
    lines = -(-len(handles) // columns)
    extra = 0.24 + 0.21 * lines
    width, height = figure.get_size_inches()
    grown = height + extra
    pars = figure.subplotpars
    gap = pars.hspace
    figure.set_size_inches(width, grown)
    figure.subplots_adjust(bottom=pars.bottom * height / grown, top=pars.top * height / grown, hspace=gap)
    figure.text(0.01, 1 - 0.05 / grown, note, va="top", ha="left", fontsize=8, color=MUTED)
    if handles:
        figure.legend(
            handles=_named(handles), loc="upper left", bbox_to_anchor=(0.0, 1 - 0.22 / grown), ncol=columns, frameon=False,
            fontsize=8, handlelength=1.3, columnspacing=1.6, borderaxespad=0.2, handletextpad=0.5,
        )  # fmt: skip
    return figure


def raised(figure: Figure, axis: Axes, handles: Sequence[Artist], columns: int = 2, note: str = "") -> Figure:
    """Put a legend, and a note on the axis above it, on top of a chart of one freely placed axis."""
    note = capital(note)
    width, height = figure.get_size_inches()
    extra = 0.22 * -(-len(handles) // columns) + (0.34 if note else 0.12)
    grown = height + extra
    box = axis.get_position()
    figure.set_size_inches(width, grown)
    axis.set_position((box.x0, box.y0 * height / grown, box.width, box.height * height / grown))
    if note:
        figure.text(0.01, 1 - 0.05 / grown, note, va="top", ha="left", fontsize=8, color=MUTED)
    figure.legend(
        handles=_named(handles), loc="upper left", bbox_to_anchor=(0, 1 - (0.2 if note else 0) / grown), ncol=columns,
        frameon=False, fontsize=8, handlelength=1.2,
    )  # fmt: skip
    return figure


def value_labels(axis: Axes, rows: pd.DataFrame, few: bool) -> None:
    """Figures above the points, the last first: higher where another is in the way, and left to the table where there is no room."""
    held, size = rows[rows["state"] == "computed"].sort_values("year", ascending=False), 7 if few else 6
    taken: list[tuple[float, float, float]] = []  # from where to where a label reaches, and where it stands, in points
    for row in (held if few else held.head(1)).to_dict("records"):
        text, at = number(float(row["value"])), (float(row["year"]), float(row["value"]))
        x, y = axis.transData.transform(at) * 72 / axis.figure.dpi
        half = width_of(text) * size / 2
        for raised in (4, 5 + size):
            if all(x + half < left or x - half > right or abs(y + raised - up) > size for left, right, up in taken):
                axis.annotate(text, at, (0, raised), textcoords="offset points", ha="center", va="bottom", fontsize=size, color=INK)
                taken.append((x - half, x + half, y + raised))
                break


def stacked(
    axis: Axes, table: pd.DataFrame, colours: Sequence[str], flagged: Sequence[int], few: bool, thin: int
) -> None:
    """Columns of shares by year, n above them; years with a part missing get a cross, those without cases nothing."""
    parts = table.to_numpy(dtype=float, na_value=np.nan)
    total = parts.sum(axis=1)
    years = table.index.to_numpy(dtype=float)
    drawn = total > 0
    tops = np.cumsum(parts[drawn] / total[drawn][:, None], axis=1)
    boxes, faces = [], []
    for year, cases, heights in zip(years[drawn], total[drawn], tops, strict=True):
        left, right, bottom = year - 0.39, year + 0.39, 0.0
        for top, colour in zip(heights, colours, strict=False):
            if top > bottom:
                boxes.append([(left, bottom), (right, bottom), (right, top), (left, top)])
                faces.append((*to_rgb(colour), 1.0 if cases >= thin else 0.4))
            bottom = top
    # One collection a panel: a bar for each part and year would take most of a page's time.
    axis.add_collection(PolyCollection(boxes, facecolors=faces, linewidths=0), autolim=False)
    for year, cases in zip(years[~np.isnan(total)], total[~np.isnan(total)], strict=True):
        if few:
            axis.text(year, 1.02 if cases else 0.02, number(cases), ha="center", va="bottom", fontsize=6.5, color=MUTED)
    crosses(axis, years[np.isnan(total)], MUTED)
    doubted = [float(year) for year in flagged]
    if doubted:
        axis.plot(
            doubted, [1.17 if few else 1.1] * len(doubted), "o", color=MUTED, markersize=3, markerfacecolor="white"
        )


def label_room(labels: Sequence[str], most: float = 3.6, margin: float = 0.3) -> float:
    """Inches that labels beside an axis take, at most so many."""
    return min(most, margin + max(map(width_of, labels)) * 8 / 72)


def tiles(frame: pd.DataFrame, agencies: Sequence[str], colours: Mapping[str, str], words: Callable[[str], str], columns: int = 2) -> Figure:
    """A map of agency-years: a tile each in the colour of its state, with the share of cells that hold a number where `partly`.

    `words` : a state as the legend names it
    """
    years = sorted({int(year) for year in frame["year"]})
    row_height = 0.22 if len(agencies) <= LIMIT else 0.16
    label, height = label_room(agencies, 3.2), len(agencies) * row_height + 0.35
    width = min(WIDTH, label + 0.2 + max(3.0, 0.75 * len(years)))
    figure = Figure(figsize=(WIDTH, height))
    axis = figure.add_axes((label / WIDTH, 0.02 / height, (width - label - 0.1) / WIDTH, 1 - 0.35 / height))
    edges = {state: "#cccccc" if state == "missing" else "none" for state in colours}
    rank = {name: place for place, name in enumerate(agencies)}
    for row in rows_of(frame[frame["agency"].isin(agencies)]):
        state, x, y = row["state"], years.index(row["year"]), rank[row["agency"]]
        axis.add_patch(Rectangle((x + 0.03, y + 0.06), 0.94, 0.88, facecolor=colours[state], edgecolor=edges[state], linewidth=0.5))
        if state == "partly":
            share = f"{100 * row['number'] / row['cells']:.0f}%"
            axis.text(x + 0.5, y + 0.52, share, ha="center", va="center", fontsize=6.5, color=INK)
    axis.set_xlim(0, len(years))
    axis.set_ylim(len(agencies), 0)
    axis.set_xticks(np.arange(len(years)) + 0.5, [str(year) for year in years])
    axis.xaxis.tick_top()
    axis.set_yticks(np.arange(len(agencies)) + 0.5, list(agencies), fontsize=8 if row_height > 0.2 else 6.5, color=INK)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    states = [state for state in colours if (frame["state"] == state).any()]
    handles: list[Artist] = [Patch(facecolor=colours[state], edgecolor=edges[state], label=words(state)) for state in states]
    return raised(figure, axis, handles, columns)


def end_labels(axis: Axes, at: float, ends: Sequence[tuple[float, str, str]], apart: float, away: float) -> None:
    """Words (value, word, colour) at the right end of lines, moved `apart` where they would overlap, `away` from the end."""
    floor = -np.inf
    for value, word, colour in sorted(ends):
        floor = max(value, floor + apart)
        axis.annotate(
            word, (at, floor), (away, 0), textcoords="offset points", va="center", fontsize=8, color=colour, annotation_clip=False
        )


def share_top(known: pd.Series[float]) -> float:
    """How far an axis of small shares goes: beyond the largest of them, from a tenth to the whole."""
    values = known.dropna().astype(float)
    return min(1.0, max(0.1, float(values.max()) * 1.3 if len(values) else 0.0))


def percent_axis(axis: Axes, top: float, room: float) -> None:
    axis.set_ylim(-0.02 * top, top * (1 + room))
    ticks = [0, 0.5, 1] if top == 1.0 else [0, *(t for t in (0.1, 0.2, 0.4, 0.6, 0.8) if t <= top)]
    axis.yaxis.set_major_locator(FixedLocator(ticks))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
