"""What became of offices and of their places: documented successions, never joined into one series by themselves."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from govdisclose.places import places
from govdisclose.printed import rows_of
from govdisclose.wording import listed, say, sentences, year_span

if TYPE_CHECKING:
    from govdisclose.panel import Panel

COLUMNS = (
    *("before", "after", "office_before", "office_after", "code", "year", "change", "join"),
    *("years_before", "years_after", "source", "source_en", "caveat", "caveat_en"),
)
JOINS = {
    "same": ("原机关改名并有职责调整，前后两段不自动相接。", "The office went on under a new name, with changed tasks; the two series are not joined."),
    "sum": ("由几个机关合并，只有全部前身之和才接近可比，且同一申请可能计几次；不自动相接。", "It was merged: only the sum of all forerunners comes near, and it may count a request several times; nothing is joined."),
    "none": ("职责来自继续存在的机关，没有可比的前身数列。", "Its tasks came from offices that went on: no earlier series is comparable."),
    "place": ("区划变了，辖区和级别可能不同；不自动相接。", "The division changed, perhaps its area and rank with it; the two series are not joined."),
}
"""What a series across a change would take -> that in words. Nothing is ever joined by itself."""


@dataclass(frozen=True)
class Change:
    """A succession of offices: year (at the centre), what it was ("merger", "renaming", "split", "new", "transfer"), offices before
    and after, what a joined series would take (see `JOINS`), source and caveat, each in Chinese and English."""

    year: int
    type: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    join: str
    source: tuple[str, str]
    caveat: tuple[str, str]


@cache
def _table() -> tuple[tuple[Change, ...], tuple[tuple[str, re.Pattern[str]], ...]]:
    raw = tomllib.loads((resources.files("govdisclose") / "lineage.toml").read_text(encoding="utf-8"))
    sources = {key: (one["zh"], one["en"]) for key, one in raw["source"].items()}
    changes = tuple(
        Change(one["year"], one["type"], tuple(one["from"]), tuple(one["to"]), one["join"], sources[one["source"]], tuple(one.get("caveat", ("", ""))))
        for one in raw["change"]
    )
    return changes, tuple((name, re.compile(pattern)) for name, pattern in raw["office"].items())


@cache
def office_of(name: str) -> str:
    """Given an agency's name, return its office by the table, "" where that has none.

    Examples
    --------
    >>> office_of("海门市工商行政管理局"), office_of("国家税务总局南通市税务局"), office_of("南通市体育局")
    ('工商行政管理局', '税务局', '')
    """
    return next((office for office, pattern in _table()[1] if pattern.search(name)), "")


@dataclass(frozen=True)
class _Agency:
    name: str
    office: str
    level: str
    code: str
    until: int | None
    today: frozenset[str]
    years: tuple[int, ...]

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Level and places of today: who shares one of these with another is of the same place, or of what that became."""
        return [(self.level, one) for one in self.today]


def lineage(panel: Panel | str | Iterable[str] | None = None, overrides: pd.DataFrame | None = None) -> pd.DataFrame:
    """Given a panel or names of agencies, return what they came from and what they became; without, the whole table.

    Parameters
    ----------
    overrides : what is known of places beside the names, see `read_places`

    Returns
    -------
    DataFrame : before, after (agencies given; NA for an office that is none of them); office_before, office_after; code (of the
        place, NA where open); year (of the change at the centre, or of the division's); change ("merger", "renaming", "split", "new",
        "transfer", or "place": the division became another); join ("same", "sum", "none", "place": see `JOINS`); years_before,
        years_after (reported on); source, source_en; caveat, caveat_en. By code and year. Series are never joined by this.
    """
    changes = _table()[0]
    if panel is None:
        rows = [_row(None, None, one, before, after) for one in changes for before in one.before for after in one.after]
        return _frame(rows)
    agencies = _agencies(panel, overrides)
    by_office: dict[str, list[_Agency]] = {}
    for agency in agencies:
        by_office.setdefault(agency.office, []).append(agency)
    found: list[tuple[object, ...]] = []
    for one in changes:
        for before, after in product(one.before, one.after):
            pairs = _pairs(by_office.get(before, []), by_office.get(after, []))
            found += [_row(*pair, one, before, after) for pair in pairs]
    for office, alike in by_office.items():
        former = [old for old in alike if old.until is not None and office]
        for old, new in _pairs(former, [one for one in alike if one.until is None]):
            if old is not None and new is not None:
                change = Change(old.until or 0, "place", (), (), "place", ("GB/T 2260", "GB/T 2260"), ("", ""))
                found.append(_row(old, new, change, office, office))
    return _frame(found).sort_values(["code", "year", "after", "before", "office_before"], kind="stable", ignore_index=True)


def _agencies(panel: Panel | str | Iterable[str], overrides: pd.DataFrame | None) -> list[_Agency]:
    told = places(panel, overrides)
    years: dict[str, list[int]] = {}
    if not isinstance(panel, str | Iterable):
        for name, year in panel.reports[["agency", "year"]].dropna().itertuples(index=False):
            years.setdefault(name, []).append(int(year))
    found = []
    for row in rows_of(told):
        today = set(str(row["became"] or row["code"] or row["place"] or "").split())
        if row["level"] == "central":
            today = {"000000"}
        elif row["level"] == "township" or (row["code"] and not row["level"]):
            today = set()  # a zone has no code of its own to be known by
        until = None if row["until"] is None else int(row["until"])
        mine = tuple(sorted(set(years.get(row["agency"], ()))))
        found.append(_Agency(row["agency"], office_of(row["agency"]), row["level"], row["code"] or "", until, frozenset(today), mine))
    return found


def _pairs(olds: list[_Agency], news: list[_Agency]) -> Iterator[tuple[_Agency | None, _Agency | None]]:
    """Agencies of one level and place of which one follows the other, and those of either list whose other half is not there."""
    there: dict[tuple[str, str], list[_Agency]] = {}
    for new in news:
        for key in new.keys:
            there.setdefault(key, []).append(new)
    met: set[str] = set()
    for old in olds:
        for new in dict.fromkeys(new for key in old.keys for new in there.get(key, ())):
            met |= {old.name, new.name}
            yield old, new
    yield from ((old, None) for old in olds if old.name not in met)
    yield from ((None, new) for new in news if new.name not in met)


def _row(old: _Agency | None, new: _Agency | None, change: Change, before: str, after: str) -> tuple[object, ...]:
    place = new or old
    spans = [year_span(list(one.years)) if one else "" for one in (old, new)]
    joins = JOINS[change.join]
    caveats = (joins[0] + change.caveat[0], f"{joins[1]} {change.caveat[1]}".strip())
    return (
        *(old.name if old else None, new.name if new else None, before, after, (place.code or None) if place else None),
        *(change.year, change.type, change.join, *spans, *change.source, *caveats),
    )


def of_agency(panel: Panel, agency: str) -> pd.DataFrame:
    """Given a panel and one of its agencies, return the rows of `lineage` that it takes part in."""
    mine = office_of(agency)
    near = {mine} | {office for one in _table()[0] for office in one.before + one.after if mine in one.before + one.after}
    offices = panel.reports["agency"].fillna("").map(office_of)
    told = lineage(replace(panel, reports=panel.reports[offices.isin(near if mine else ())]))
    return told[(told["before"] == agency) | (told["after"] == agency)].reset_index(drop=True)


def partners(panel: Panel) -> dict[str, set[str]]:
    """Given a panel, return agency -> its forerunners and successors that the panel holds too."""
    told = lineage(panel)
    both = told[told["before"].notna() & told["after"].notna()]
    found: dict[str, set[str]] = {}
    for old, new in zip(both["before"], both["after"], strict=True):
        found.setdefault(old, set()).add(new)
        found.setdefault(new, set()).add(old)
    return found


def breaks(told: pd.DataFrame, years: Sequence[int], language: str) -> list[str]:
    """Given the rows of an agency and the years that it reported on, return what is to be said of them, in sentences.

    That is what the panel holds of forerunners and successors, and the changes since the agency's first report.
    """
    zh = language == "zh"
    lines = []
    for (year, _), group in told.groupby(["year", "change"], sort=True):
        both = group[group["before"].notna() & group["after"].notna()]
        if both.empty and int(str(year)) < min(years):
            continue
        offices = {name: listed(language, list(dict.fromkeys(group[f"office_{name}"]))) for name in ("before", "after")}
        one = group.iloc[0]
        parts = [say(language, "profile", "lineage", year=year, source=one["source" if zh else "source_en"], **offices)]
        if len(both):
            named = [f"{row['before']} ({row['years_before']}) → {row['after']} ({row['years_after']})" for row in both.to_dict("records")]
            parts.append(say(language, "profile", "lineage_here", named=listed(language, named)))
        lines.append(sentences(language, *parts, one["caveat" if zh else "caveat_en"]))
    return lines


def _frame(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(COLUMNS, "str") | {"year": "Int64"})
