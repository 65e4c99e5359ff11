"""Kind, level and division of agencies as frames, what a file says of them instead, and the regions that they are grouped by."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from govdisclose.divisions import by_code, full_name, path
from govdisclose.kinds import agency_kind, agency_level
from govdisclose.placing import LEVELS, Place, is_vertical, locate, printed
from govdisclose.wording import say
from govdisclose.words import fold

if TYPE_CHECKING:
    from govdisclose.panel import Panel

COLUMNS = (
    *("agency", "kind", "level", "code", "place", "province", "city", "county", "since", "until", "became"),
    *("candidates", "how", "note", "note_en"),
)
OVERRIDES = ("agency", "kind", "level", "code")
"""Columns of a file that says where agencies are, see `read_places`."""


def places(panel: Panel | str | Iterable[str], overrides: pd.DataFrame | None = None, year: int | None = None) -> pd.DataFrame:
    """Given a panel or names of agencies, return kind, level and division of each; what a name leaves open stays open.

    Parameters
    ----------
    panel : a panel, whose regions (`agencies.csv`) and years help where a name alone does not tell; or names
    overrides : what to take instead, see `read_places`
    year : for names, the year that they reported on

    Returns
    -------
    DataFrame : agency; kind (see `agency_kind`); level ("central", "province", "city", "county", "township", "" where not told);
        code (six digits by GB/T 2260, NA where open; a town has that of its county, a zone that of the division it lies in); place
        (the division's name in full; as printed where the table has none); province, city, county; since, until (years of the
        division's name and code, NA where before 2008 or still so), became (codes today of a former one); candidates (list of
        "code name" where open); how (see `Place`); note, note_en. One row for each agency, by name.
    """
    if isinstance(panel, str):
        panel = [panel]
    if isinstance(panel, Iterable):
        asked = [(name, "", year, year) for name in dict.fromkeys(panel) if name]
        kinds: dict[str, str] = {}
    else:
        reports = panel.reports[panel.reports["agency"].fillna("") != ""]
        held = reports.assign(region=reports["region"].fillna(""), agency_kind=reports["agency_kind"].fillna("")).groupby("agency", sort=True)
        about = held.agg(region=("region", "last"), kind=("agency_kind", "last"), first=("year", "min"), last=("year", "max"))
        kinds = dict(zip(about.index, about["kind"], strict=True))
        asked = [
            (name, region, None if pd.isna(first) else int(first), None if pd.isna(last) else int(last))
            for name, region, first, last in zip(about.index, about["region"], about["first"], about["last"], strict=True)
        ]
    given = {} if overrides is None else {row["agency"]: row for row in overrides.to_dict("records")}
    rows = [_row(name, kinds.get(name, ""), locate(name, region, first, last), given.get(fold(name).strip())) for name, region, first, last in asked]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    types = dict.fromkeys(COLUMNS, "str") | {"since": "Int64", "until": "Int64", "candidates": "object"}
    return frame.astype(types)


def read_places(path: str | Path) -> pd.DataFrame:
    """Given a CSV file (UTF-8) that says where agencies are, return it as a frame for `places`.

    Its columns are agency, kind, level, code; what is left empty is told by the name as ever.

    Returns
    -------
    DataFrame : agency (simplified characters), kind, level, code, each "" where the file is silent

    Raises
    ------
    ValueError : no such file, other columns, or a line that cannot be taken; the message names file and line
    """
    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path}: cannot be opened ({error.strerror}); name a CSV file with columns {', '.join(OVERRIDES)}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 (byte {error.start}); save it as CSV UTF-8") from error
    lines = csv.DictReader(io.StringIO(text, newline=""))
    if sorted(lines.fieldnames or ()) != sorted(OVERRIDES):
        raise ValueError(f"{path}: its first line should be {','.join(OVERRIDES)}, not {','.join(lines.fieldnames or ())!r}")
    rows: dict[str, dict[str, str]] = {}
    for line in lines:
        try:
            if None in line or None in line.values():
                raise ValueError(f"{'more' if None in line else 'fewer'} entries than columns; put quotes around a text with commas")
            row = _override({name: fold(line[name]).strip() for name in OVERRIDES})
            if rows.setdefault(row["agency"], row) is not row:
                raise ValueError(f"{row['agency']} stands on a line before; keep one of both")
        except ValueError as error:
            raise ValueError(f"{path}, line {lines.line_num}: {error}") from None
    return pd.DataFrame(list(rows.values()), columns=list(OVERRIDES), dtype="str")


def _override(row: dict[str, str]) -> dict[str, str]:
    if not row["agency"]:
        raise ValueError("it names no agency")
    if not (row["kind"] or row["level"] or row["code"]):
        raise ValueError(f"nothing is said of {row['agency']}; give a kind, a level or a code")
    if row["level"] and row["level"] not in LEVELS:
        raise ValueError(f"no level {row['level']!r}; there are {', '.join(LEVELS)}")
    if row["code"] and row["code"] not in by_code():
        what = "no division has the code" if re.fullmatch("[0-9]{6}", row["code"]) else "a code has six digits, as 320614, not"
        raise ValueError(f"{what} {row['code']!r}")
    return row


def overridden(known: Mapping[str, tuple[str, str]], overrides: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Given agency -> (kind, region), return it with the kinds and the regions of the codes of `overrides` in their place."""
    found = dict(known)
    for row in overrides.to_dict("records"):
        kind, region = found.get(row["agency"], ("", ""))
        place = full_name(by_code()[row["code"]][-1]) if row["code"] else region
        found[row["agency"]] = row["kind"] or kind, place
    return found


def region_of(name: str, year: int | None) -> str:
    """The division whose office an agency that reported on this year is, in full, by its name alone; "" where that leaves it open.

    Offices of the centre in a division, zones and institutions are no offices of it: its government does not count them.
    """
    place = locate(name, "", year, year)
    own = place.division is not None and place.level and not is_vertical(name)
    return full_name(place.division) if own and place.division else ""


def _row(name: str, kind: str, place: Place, given: dict[Any, Any] | None) -> tuple[object, ...]:
    kind = kind or agency_kind(fold(name))
    if given is not None:
        kind = given["kind"] or kind
        if given["code"]:
            place = Place(place.level if place.how != "open" else "", by_code()[given["code"]][-1], how="override")
            place = replace(place, level=given["level"] or place.level or (place.division.level if place.division else ""))
        elif given["level"]:
            place = replace(place, level=given["level"], how="override" if place.how == "open" else place.how)
    one = place.division
    lies = one or place.lies
    parts = path(lies) if lies else ("", "", "")
    where = "".join(parts) if one or place.lies else "".join(place.printed)
    told = [(key, value.split("|")) for key, value in place.notes]
    notes = ("".join(say(language, "where", key, **{f"v{n}": part for n, part in enumerate(parts)}) for key, parts in told) for language in ("zh", "en"))
    candidates = [] if one else [f"{other.code} {full_name(other)}" for other in place.candidates]
    return (
        *(name, kind, place.level, one.code if one else None, where, *parts),
        *(one.since if one else None, one.until if one else None, " ".join(one.became) if one else ""),
        *(candidates, place.how, *notes),
    )


def placed(panel: Panel, overrides: pd.DataFrame | None = None) -> Panel:
    """Given a panel, return it with the kinds that a file gives (see `read_places`) and a column `level` in its `reports`.

    The column is for use, not for keeping: it is not saved.
    """
    told = places(panel, overrides).set_index("agency")
    agencies = panel.reports["agency"]
    columns = {name: agencies.map(told[source]).astype(object).fillna("").astype("str") for name, source in (("agency_kind", "kind"), ("level", "level"))}
    return replace(panel, reports=panel.reports.assign(**columns))


def peer_levels(panel: Panel) -> dict[str, str]:
    """Given a panel, return agency -> its level for comparison; where the division is open, the level that its words show.

    In words alone county-level cities cannot be told from others and count as cities.
    """
    known = panel if "level" in panel.reports else placed(panel)
    levels = dict(zip(known.reports["agency"], known.reports["level"], strict=True))
    return {agency: level or agency_level(agency) for agency, level in levels.items()}


def regions(told: pd.DataFrame) -> pd.Series[str]:
    """Given the frame of `places`, return agency -> the region to group it by, "" where nothing tells any.

    By province where the agencies are of several, by city where all are of one province, by county where all are of one city.
    Places that the table does not know (made-up ones) count as printed.
    """
    known = told[["province", "city", "county"]].fillna("")
    for line in told.index[told["code"].isna() & (known["province"] == "") & (told["place"] != "")]:
        known.loc[line] = list(printed(told.loc[line, "place"]))
    several = [int((known[name][known[name] != ""]).nunique()) > 1 for name in ("province", "city")]
    parts = 1 if several[0] else 2 if several[1] else 3
    names = ["".join(row[:parts]) or "".join(row) for row in known.itertuples(index=False)]
    return pd.Series(names, index=told["agency"], dtype="str").where((told["level"] != "central").to_numpy(), "中央")
