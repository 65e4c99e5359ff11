"""The front page of a batch of reports: links, what was read, what failed, what was found. Bilingual, no clock in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader

from govdisclose.execute import LANG, templates, title
from govdisclose.exhibits import Links
from govdisclose.findings import SEVERITIES
from govdisclose.panel import Panel
from govdisclose.tables import cells_of, records, where
from govdisclose.wording import number, year_span

Pages = Sequence[tuple[str, str, str, str]]
"""Notebook, language, file name and error of each page."""


def write_index(panel: Panel, pages: Pages, selection: Mapping[str, object], target: Path, links: Links) -> None:
    """Given a panel, the pages made of it and of its documents, write the index; every text in it is escaped."""
    environment = Environment(loader=FileSystemLoader(str(templates())), autoescape=True)
    html = environment.get_template("index.html.j2").render(
        style=templates().joinpath("style.css").read_text(encoding="utf-8"),
        pages=[[_page(one, target.parent) for one in group] for _, group in groupby(pages, key=lambda page: page[0])],
        selection="; ".join(f"{name} = {_value(value)}" for name, value in selection.items() if value),
        facts=_facts(panel),
        years=year_span(sorted({int(year) for year in panel.reports["year"].dropna()})),
        forms=", ".join(f"{form} ({count})" for form, count in sorted(Counter(panel.reports["form"]).items())),
        documents=[_document(row, links) for row in records(panel.reports)],
        failures=records(panel.failures),
        rules=_rules(panel.findings),
        errors=[_error(row, links) for row in records(panel.findings[panel.findings["severity"] == "error"])],
    )
    target.write_text(html, encoding="utf-8")


Row = Mapping[str, object]


def _page(page: tuple[str, str, str, str], folder: Path) -> dict[str, str]:
    name, language, href, error = page
    return {
        "href": href if (folder / href).exists() else "",
        "lang": LANG[language],
        "title": title(name, language),
        "error": error,
    }


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
        "source": _text(row["source"]),
        "href": links.of(row["source"], next((key for key in cells_of(row) if "*" not in key), "")),
    }
