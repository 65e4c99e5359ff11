"""Volumes that stand out: against the agency's own years and its peers, and summaries against their departments.

Nothing here says that a figure is wrong: a jump can be real, and who counts what differs. All are notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from govdisclose.findings import Finding
from govdisclose.forms import parts_of, words_of
from govdisclose.history import FEES, Floats, History, Places
from govdisclose.numbers import plain

RECEIVED = "requests.received.total"
_DECISIONS = tuple(f"proactive.{row}.decisions" for row in ("licensing", "penalties", "coercive_measures"))
VOLUMES = (RECEIVED, *_DECISIONS, FEES)
"""The figures whose size tells something by itself."""

OTHER_YEARS, PEERS = 4, 3
"""Other years that a history needs, peers that make a comparison."""

_PEER_YEARS = 2
_FACTOR, _DEVIATIONS, _APART, _LARGE = 5.0, 6.0, 3.0, 30.0
_SLIPS = {
    1: ("10", "多写或少写了一位", "a digit is too many or too few"),
    2: ("100", "多写或少写了两位", "two digits are too many or too few"),
    4: ("10,000", "元与万元混淆", "yuan and 10k yuan are mixed up"),
}
_NEAR = 0.15  # of a power of ten, in decimal digits


class _Level(NamedTuple):
    """For one volume and year: the documents' log of 1 + figure, less the median of the agency's other years.

    lines : documents of that year with enough other years; change, scale : the difference and its robust deviation;
    usual : the median itself as a figure; nearest : how near any other year comes; others : how many other years
    """

    lines: Places
    change: Floats
    scale: Floats
    usual: Floats
    nearest: Floats
    others: Places


def jumps(history: History) -> Iterator[tuple[int, Finding]]:
    """`series.jump` for each volume that is a robust outlier of the agency's history and of its peers' change that year.

    On the scale log(1 + x) the figure must lie more than six deviations (1.4826 times the median absolute deviation of at
    least four other years, Poisson noise at the least) and more than a factor of 5 from the median of the other years,
    and more than a factor of 3 from each of them: a level that lasts is no slip. Figure or median must reach 30. Where three or more agencies of its kind have a history, the same factor must
    lie between its change and their median change: what happened to all is no slip.
    """
    kinds = history.documents["agency_kind"].to_numpy()
    for key in VOLUMES:
        for level in _levels(history, key):
            enough = level.others >= OTHER_YEARS
            far = np.abs(level.change) > np.maximum(np.log(_FACTOR), _DEVIATIONS * level.scale)
            far &= level.nearest > np.log(_APART)
            large = np.maximum(history.column(key)[level.lines], level.usual) >= _LARGE
            for hit in np.flatnonzero(enough & far & large):
                line = int(level.lines[hit])
                alike = (kinds[level.lines] == kinds[line]) & (level.lines != line) & (kinds[line] != "")
                peers = level.change[alike]
                compared = len(peers) >= PEERS
                if compared and abs(level.change[hit] - np.median(peers)) <= np.log(_FACTOR):
                    continue
                yield line, _jump(history, key, line, level, int(hit), peers if compared else peers[:0])


def _levels(history: History, key: str) -> Iterator[_Level]:
    """One volume, year by year. Fees count only where they are printed in the form's own unit, 万元."""
    figures = history.column(key)
    if key == FEES:
        figures = np.where(history.fee_units == "10k yuan", figures, np.nan)
    lines = np.flatnonzero(figures >= 0)
    if not len(lines):
        return
    agency = pd.factorize(history.agency[lines])[0]
    often = np.bincount(agency)[agency] > _PEER_YEARS
    if not often.any():
        return
    lines, agency = lines[often], pd.factorize(agency[often])[0]
    year = history.year[lines] - history.year[lines].min()
    grid = np.full((agency.max() + 1, year.max() + 1), np.nan)
    grid[agency, year] = np.log1p(figures[lines])
    at = np.full(grid.shape, -1, np.intp)
    at[agency, year] = lines
    rest = np.repeat(grid[:, None, :], grid.shape[1], axis=1)  # agency, year, the years but that one
    np.einsum("ayy->ay", rest)[...] = np.nan
    usual = _median(rest)
    scale = 1.4826 * _median(np.abs(rest - usual[:, :, None]))
    others = (~np.isnan(rest)).sum(axis=2)
    nearest = np.fmin.reduce(np.abs(rest - grid[:, :, None]), axis=2)
    for one in range(grid.shape[1]):
        rows = np.flatnonzero(~np.isnan(grid[:, one]))
        median = usual[rows, one]
        noise = np.exp(-median / 2)  # Poisson: a count of n varies by about its root
        change, usually = grid[rows, one] - median, np.expm1(median)
        yield _Level(at[rows, one], change, np.maximum(scale[rows, one], noise), usually, nearest[rows, one], others[rows, one])


def _median(figures: Floats) -> Floats:
    """The median along the last axis without the NaN; sorting puts those last."""
    known = (~np.isnan(figures)).sum(axis=-1, keepdims=True)
    ordered = np.sort(figures, axis=-1)
    low, high = (np.take_along_axis(ordered, np.maximum(at, 0), axis=-1) for at in ((known - 1) // 2, known // 2 - (known == 0)))
    return np.asarray((low + high)[..., 0] / 2)


def _jump(history: History, key: str, line: int, level: _Level, hit: int, peers: Floats) -> Finding:
    figure, usual = float(history.column(key)[line]), round(float(level.usual[hit]), 4)
    times = f"{figure / usual:.3g}" if usual else ""
    (zh, en), others = words_of(key), int(level.others[hit])
    told = f"{zh}印作{plain(figure)},本机关其他{others}年的中位数是{plain(usual)}" + (f"({times}倍)" if times else "")
    told_en = f"{en} is {plain(figure)}, the median of the agency's {others} other years is {plain(usual)}"
    told_en += f" (a factor of {times})" if times else ""
    if len(peers):
        typical = f"{float(np.exp(np.median(peers))):.2g}"
        told += f";同类{len(peers)}个机关当年约为其他年份的{typical}倍"
        told_en += f"; {len(peers)} agencies of its kind stand at about {typical} of their other years"
    if slip := _slip(figure, usual, key):
        told += f";接近{slip[0]},是否{slip[1]}"
        told_en += f"; close to {slip[0]}, as when {slip[2]}"
    return Finding("series.jump", "note", told, told_en, *parts_of(key), (key,), usual, figure)


def _slip(figure: float, usual: float, key: str) -> tuple[str, str, str] | None:
    """The slip of units or digits that a factor looks like: in print, in Chinese, in English."""
    if not figure or not usual:
        return None
    power = np.log10(figure / usual)
    for size, (times, zh, en) in _SLIPS.items():
        if abs(abs(power) - size) <= _NEAR and (size != 4 or key == FEES):
            return ("×" if power > 0 else "÷") + times, zh, en
    return None


# --- summaries against departments ------------------------------------------------------------------------------------
_GOVERNMENT = re.compile(r"(?:人民政府|政府)?(?:办公厅|办公室)?\Z")
_PLACE_ENDS = tuple("省市县区州旗盟")
_WHOLE = re.compile("全[省市县区州旗盟]")
SUMMARY = "汇总"
"""What the kind of an agency holds, in `agencies.csv`, whose reports count a whole area."""


def _place(agency: str) -> str:
    """The place of which a name is the government ("" where it is none): 甲州市人民政府 -> 甲州市."""
    bare = _GOVERNMENT.sub("", agency, count=1)
    return bare if bare.endswith(_PLACE_ENDS) else ""


def _of_the_whole(history: History, statements: pd.DataFrame) -> Places:
    """The documents of governments that count their whole area.

    That is so where `agencies.csv` calls the kind a summary, or where the prose gives for 全市, 全区 … the very number of
    requests that the table prints. Other reports of governments may be of the office alone and are left out.
    """
    documents = history.documents
    governs = np.array([bool(_place(name)) for name in history.agency], dtype=bool)
    if not governs.any():
        return np.zeros(0, np.intp)
    named = documents["agency_kind"].str.contains(SUMMARY, regex=False).to_numpy(dtype=bool)
    said = statements[statements["source"].isin(documents["source"][governs & ~named])]
    said = said[said["qualifier"].str.fullmatch(_WHOLE.pattern) & said["subject"].str.contains("申请") & (said["value"] > 0)]
    lines = pd.Index(documents["source"]).get_indexer(pd.Index(said["source"]))
    agreed = lines[history.column(RECEIVED)[lines] == said["value"].to_numpy(dtype=float, na_value=np.nan)]
    spoken = np.zeros(len(documents), np.bool_)
    spoken[agreed] = True
    return np.flatnonzero(governs & (named | spoken))


def aggregates(history: History, statements: pd.DataFrame) -> Iterator[tuple[int, Finding]]:
    """`series.aggregate` where a summary's figure is not the sum over the offices of its area that the panel holds."""
    summaries = _of_the_whole(history, statements)
    if not len(summaries):
        return
    offices = [
        _Office(line, name, _place(name), region)
        for line, (name, region) in enumerate(zip(history.agency, history.documents["region"], strict=True))
    ]
    for line in summaries:
        same_year = np.flatnonzero(history.year == history.year[line])
        members = _members(offices[line], [offices[other] for other in same_year])
        for key in (RECEIVED, *_DECISIONS):
            figures = history.column(key)
            counted = members[figures[members] >= 0]
            total = float(figures[counted].sum())
            if len(counted) >= 2 and figures[line] >= 0 and total != figures[line]:
                yield int(line), _aggregate(history, key, int(line), counted, total)


class _Office(NamedTuple):
    """A document's agency: its line, its name, the place that it governs if it does, its region."""

    line: int
    name: str
    place: str
    region: str

    def holds(self, other: _Office) -> bool:
        """Whether another office belongs to the area that this one governs: by region where both have one, else by name."""
        if other.place == self.place:
            return False
        if self.region and other.region:
            return other.region.startswith(self.region) and (other.region != self.region or not other.place)
        return other.name.startswith(self.place)


def _members(summary: _Office, offices: list[_Office]) -> Places:
    """The documents whose agencies belong to the area of a summary, without those that a government below it counts."""
    inside = [office for office in offices if summary.holds(office)]
    below = [office for office in inside if office.place]
    counted = [office.line for office in inside if not any(one.holds(office) for one in below)]
    return np.array(counted, dtype=np.intp)


def _aggregate(history: History, key: str, line: int, members: Places, total: float) -> Finding:
    names = [str(history.agency[other]) for other in members]
    shown = "、".join(names[:5]) + ("等" if len(names) > 5 else "")
    shown_en = ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
    figure = float(history.column(key)[line])
    zh, en = words_of(key)
    more = total > figure
    why = "统计范围或口径可能不同" if more else "其余可能来自这里没有的机关"
    why_en = "they may count differently" if more else "the rest may come from offices that are not here"
    told = f"{zh}:汇总为{plain(figure)},这里有的{len(names)}个所属机关({shown})合计{plain(total)};{why}"
    told_en = f"{en}: the summary gives {plain(figure)}, its {len(names)} offices here ({shown_en}) sum to {plain(total)}; {why_en}"
    return Finding("series.aggregate", "note", told, told_en, *parts_of(key), (key,), total, figure)
