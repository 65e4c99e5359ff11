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

from govdisclose.doubts import cells_of, where
from govdisclose.execute import LANG, templates, title, write_whole
from govdisclose.exhibits import Links
from govdisclose.findings import SEVERITIES
from govdisclose.panel import Panel
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
    panel: Panel, pages: Sequence[Link], selection: Mapping[str, object], target: Path, links: Links = NOWHERE
) -> None:
    """Given a panel, the pages made of it and of its documents, write the index; every text in it is escaped, and no
    script but its own can run."""
    environment = Environment(loader=FileSystemLoader(str(templates())), autoescape=True)
    script = templates().joinpath("index.js").read_text(encoding="utf-8")
    cover = coverage(panel)
    html = environment.get_template("index.html.j2").render(
        style=templates().joinpath("style.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        pages=_listed([page for page in pages if not page.group[0]]),
        groups=_grouped(pages),
        failed=[_page(page) | {"group": page.group[1]} for page in pages if page.error],
        selection="; ".join(f"{name} = {_value(value)}" for name, value in selection.items() if value),
        facts=_facts(panel),
        years=year_span(sorted({int(year) for year in panel.reports["year"].dropna()})),
        forms=", ".join(f"{form} ({count})" for form, count in sorted(Counter(panel.reports["form"]).items())),
        span=sorted({int(year) for year in cover["year"]}),
        agencies=_agencies(panel, cover, pages),
        regions=bool((panel.reports["region"].fillna("") != "").any()),
        kinds=_kinds(cover),
        documents=[_document(row, links) for row in records(panel.reports)],
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


def _agencies(panel: Panel, cover: pd.DataFrame, pages: Sequence[Link]) -> list[dict[str, object]]:
    """One line for each agency: who it is, which years were read, what was found, its own pages."""
    profiles: dict[str, list[dict[str, str]]] = {}
    for page in pages:
        if page.group[0] == "agency":
            profiles.setdefault(page.group[1], []).append(_page(page))
    doubted = set(
        zip(*(panel.reports.loc[panel.reports["findings_error"] > 0, name] for name in ("agency", "year")), strict=True)
    )
    named = panel.reports[panel.reports["agency"].fillna("") != ""]
    tiles: dict[str, list[tuple[int, str]]] = {}
    for row in records(cover):
        state = str(row["state"])
        if state == "read" and (row["agency"], row["year"]) in doubted:
            state = "doubted"
        tiles.setdefault(str(row["agency"]), []).append((int(str(row["year"])), state))
    lines = []
    for agency, mine in named.groupby("agency", sort=True):
        line = tiles.get(str(agency), [])
        lines.append(
            {
                "agency": str(agency),
                "kind": _text(mine["agency_kind"].iloc[-1]),
                "region": _text(mine["region"].iloc[-1]),
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


def _kinds(cover: pd.DataFrame) -> list[dict[str, object]]:
    """For each kind of agency, how many of its agencies were read in each year; the largest kind first."""
    kinds = []
    for kind, mine in cover.assign(agency_kind=cover["agency_kind"].fillna("")).groupby("agency_kind", sort=True):
        total = int(mine["agency"].nunique())
        read = mine[mine["state"] == "read"].groupby("year")["agency"].nunique()
        bars = [
            {"x": 34 * place + 4, "year": year, "count": int(read.get(year, 0)), "height": round(40 * int(read.get(year, 0)) / total, 2)}
            for place, year in enumerate(sorted({int(year) for year in mine["year"]}))
        ]
        kinds.append({"kind": str(kind), "total": total, "bars": bars, "width": 34 * len(bars) + 8})
    return sorted(kinds, key=lambda one: (-int(str(one["total"])), str(one["kind"])))


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
    return {
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
