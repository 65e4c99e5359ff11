"""The front page of a batch of reports: links, what was read, what failed, what was found. Bilingual, no clock in it."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader

from govdisclose.datatables import with_library
from govdisclose.divisions import by_code, short_names, words
from govdisclose.doubts import cells_of, where
from govdisclose.execute import LANG, templates, title, write_whole
from govdisclose.exhibits import Links
from govdisclose.findings import SEVERITIES
from govdisclose.kinds import english_kind
from govdisclose.panel import Panel
from govdisclose.places import places, regions
from govdisclose.quality import coverage
from govdisclose.tables import NOWHERE, document, records
from govdisclose.wording import number, year_span


@dataclass(frozen=True)
class Link:
    """A page as the index names it: notebook, language, address ("" where there is no page), error, and the group it is
    about as (what pages were made per, value), ("", "") for the whole selection."""

    notebook: str
    language: str
    href: str
    error: str = ""
    group: tuple[str, str] = ("", "")


def write_index(
    panel: Panel,
    pages: Sequence[Link],
    selection: Mapping[str, object],
    target: Path,
    links: Links = NOWHERE,
    told: pd.DataFrame | None = None,
) -> None:
    """Given a panel, the pages made of it and of its documents, write the index; every text in it is escaped, and no
    script but its own can run. `told` is the frame of `places`, where that knows of a file that says where agencies are."""
    environment = Environment(loader=FileSystemLoader(str(templates())), autoescape=True)
    script = with_library("index.js", styled=False)
    cover, told = coverage(panel), places(panel) if told is None else told
    home_of = regions(told)
    cover = _doubted(cover.assign(region=cover["agency"].map(home_of).fillna("")), panel)
    html = environment.get_template("index.html.j2").render(
        style=templates().joinpath("style.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        pages=_listed([page for page in pages if not page.group[0]]),
        groups=_grouped(pages),
        failed=[_page(page) | {"group": page.group[1]} for page in pages if page.error],
        english=english_kind,
        selection="; ".join(f"{name} = {_value(value)}" for name, value in selection.items() if value),
        facts=_facts(panel),
        years=year_span(sorted({int(year) for year in panel.reports["year"].dropna()})),
        forms=", ".join(f"{form} ({count})" for form, count in sorted(Counter(panel.reports["form"]).items())),
        span=sorted({int(year) for year in cover["year"]}),
        agencies=_agencies(panel, cover, pages, told.set_index("agency"), home_of),
        regions=_multiples(cover, "region", _order(told, home_of)) if (home_of != "").any() else [],
        map=_map(told),
        kinds=_multiples(cover.assign(agency_kind=cover["agency_kind"].fillna("")), "agency_kind"),
        documents=[_document(row, links) | {"region": home_of.get(_text(row["agency"]), "")} for row in records(panel.reports)],
        failures=records(panel.failures),
        rules=_rules(panel.findings),
        errors=[_error(row, links) for row in records(panel.findings[panel.findings["severity"] == "error"])],
    )
    write_whole(target, html)


Row = Mapping[str, object]


def _page(page: Link) -> dict[str, str]:
    return {
        "href": page.href,
        "lang": LANG[page.language],
        "title": title(page.notebook, page.language),
        "error": page.error,
    }


def _listed(pages: Sequence[Link]) -> list[list[dict[str, str]]]:
    """Notebook by notebook, its languages."""
    return [[_page(page) for page in group] for _, group in groupby(pages, key=lambda page: page.notebook)]


def _grouped(pages: Sequence[Link]) -> list[dict[str, object]]:
    """What pages were made per, other than for each agency, each with its values and their pages."""
    found: dict[str, dict[str, list[Link]]] = {}
    for page in pages:
        per, value = page.group
        if per and per != "agency":
            found.setdefault(per, {}).setdefault(value, []).append(page)
    return [
        {"per": per, "values": [{"value": value, "pages": _listed(held)} for value, held in values.items()]}
        for per, values in found.items()
    ]


def _doubted(cover: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """The coverage, with the state "doubted" for agency-years whose documents have errors."""
    errors = panel.reports[panel.reports["findings_error"] > 0]
    doubted = set(zip(errors["agency"], errors["year"], strict=True))
    states = [
        "doubted" if row["state"] == "read" and (row["agency"], row["year"]) in doubted else str(row["state"]) for row in records(cover)
    ]
    return cover.assign(state=states)


def _agencies(
    panel: Panel, cover: pd.DataFrame, pages: Sequence[Link], told: pd.DataFrame, home_of: pd.Series[str]
) -> list[dict[str, object]]:
    """One line for each agency: who it is, which years were read, what was found, its own pages."""
    profiles: dict[str, list[dict[str, str]]] = {}
    for page in pages:
        if page.group[0] == "agency":
            profiles.setdefault(page.group[1], []).append(_page(page))
    named = panel.reports[panel.reports["agency"].fillna("") != ""]
    tiles: dict[str, list[tuple[int, str]]] = {}
    for row in records(cover):
        tiles.setdefault(str(row["agency"]), []).append((int(str(row["year"])), str(row["state"])))
    lines = []
    for agency, mine in named.groupby("agency", sort=True):
        line, place = tiles.get(str(agency), []), told.loc[str(agency)]
        lines.append(
            {
                "agency": str(agency),
                "kind": _text(place["kind"]),
                "region": home_of[str(agency)],
                "place": _text(place["place"]) or _text(mine["region"].iloc[-1]),
                "code": "" if pd.isna(place["code"]) else str(place["code"]),
                "notes": " ".join([*place["candidates"], str(place["note"]), str(place["note_en"])]).strip(),
                "open": len(place["candidates"]),
                "pages": profiles.get(str(agency), []),
                "tiles": [{"x": 13 * place, "year": year, "state": state} for place, (year, state) in enumerate(line)],
                "read": year_span([year for year, state in line if state in ("read", "doubted")]),
                "lost": year_span([year for year, state in line if state == "failed"]),
                "missing": year_span([year for year, state in line if state == "missing"]),
                "documents": len(mine),
                "errors": int(mine["findings_error"].sum()),
                "warnings": int(mine["findings_warning"].sum()),
            }
        )
    return lines


def _multiples(cover: pd.DataFrame, column: str, order: Mapping[str, int] | None = None) -> list[dict[str, object]]:
    """For each kind of agency, or each region, how many of its agencies were read in each year and how many of these have
    errors; in the order given, else the largest first."""
    found = []
    for name, mine in cover.groupby(column, sort=True):
        total = int(mine["agency"].nunique())
        read = mine[mine["state"].isin(("read", "doubted"))].groupby("year")["agency"].nunique()
        doubted = mine[mine["state"] == "doubted"].groupby("year")["agency"].nunique()
        bars = []
        for place, year in enumerate(sorted({int(year) for year in mine["year"]})):
            counts = [int(counted.get(year, 0)) for counted in (read, doubted)]
            height, top = (round(40 * count / total, 2) for count in counts)
            bars.append({"x": 34 * place + 4, "year": year, "count": counts[0], "height": height, "doubted": top})
        found.append({"name": str(name), "total": total, "bars": bars, "width": 34 * len(bars) + 8})
    ranks = order or {}
    return sorted(found, key=lambda one: (ranks.get(str(one["name"]), 0), -int(str(one["total"])), str(one["name"])))


def _order(told: pd.DataFrame, home_of: pd.Series[str]) -> dict[str, int]:
    """Region -> its place in the order of codes; those without any stand behind, what is not told last."""
    codes = told["code"].fillna("999998").groupby(home_of.to_numpy()).min()
    return {str(name): int(code) if name else 999_999 for name, code in codes.items()}


def _map(told: pd.DataFrame) -> list[dict[str, object]]:
    """A tile for each province, with the number of agencies read; none where these are all of one province."""
    counted = Counter(province for province in told["province"].fillna("") if province)
    if len(counted) < 2:
        return []
    most = max(counted.values())
    tiles = []
    for name, (x, y) in words()["tiles"].items():
        province = by_code()[name][-1]
        count = counted[province.name]
        shade = 0 if not count else 1 + (count > most / 9) + (count > most / 3)
        tiles.append({"x": 44 * x, "y": 40 * y, "name": province.name, "short": next(short_names(province))[:3], "count": count, "shade": shade})
    return tiles


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _facts(panel: Panel) -> list[dict[str, object]]:
    counts = [int(panel.reports[f"findings_{severity}"].sum()) for severity in SEVERITIES]
    named = panel.reports["agency"][panel.reports["agency"].fillna("") != ""]
    words = [("份文件读出", "documents read"), ("份没能读出", "could not be read"), ("个机关", "agencies")]
    words += [
        ("个有数字的格", "cells with a number"),
        ("条错误", "errors"),
        ("条警示", "warnings"),
        ("条提示", "notes"),
    ]
    values = [
        len(panel.reports),
        len(panel.failures),
        named.nunique(),
        int(panel.reports["cells_number"].sum()),
        *counts,
    ]
    return [{"value": number(value), "zh": zh, "en": en} for value, (zh, en) in zip(values, words, strict=True)]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _figure(value: object) -> str:
    text = _text(value)
    return number(float(text)) if text else ""


def _document(row: Row, links: Links) -> dict[str, str]:
    counted = {"cells": "cells_number", "errors": "findings_error", "warnings": "findings_warning"}
    return {f"{name}_number": _text(row[column]) for name, column in counted.items()} | {
        "agency": _text(row["agency"]),
        "year": _text(row["year"]),
        "form": _text(row["form"]),
        "cells": _figure(row["cells_number"]),
        "errors": _figure(row["findings_error"] or None),
        "warnings": _figure(row["findings_warning"] or None),
        "source": _text(row["source"]),
        "href": links.of(row["source"]),
    }


def _rules(findings: pd.DataFrame) -> list[dict[str, object]]:
    counted = Counter(zip(findings["rule"], findings["severity"], strict=True))
    rules = sorted(
        set(findings["rule"]), key=lambda rule: ([-counted[rule, severity] for severity in SEVERITIES], rule)
    )
    return [{"rule": rule, "counts": [counted[rule, severity] for severity in SEVERITIES]} for rule in rules]


def _error(row: Row, links: Links) -> dict[str, str]:
    return {
        "agency": _text(row["agency"]),
        "year": _text(row["year"]),
        "cell": where(row, "zh"),
        "cell_en": where(row, "en"),
        **{name: _figure(row[name]) for name in ("found", "expected", "suggestion")},
        "message": _text(row["message"]),
        "message_en": _text(row["message_en"]),
        "source": document(row["source"], links).text,
        "href": links.of(row["source"], next((key for key in cells_of(row) if "*" not in key), "")),
    }
