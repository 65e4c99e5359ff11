"""Findings and corrections in, printed lists out: what is doubted or mended, in the form's words, with links to the cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from html import escape

import pandas as pd

from govdisclose.evidence import SILENCES
from govdisclose.exhibits import Links
from govdisclose.findings import SEVERITIES
from govdisclose.forms import cell_name, parts_of
from govdisclose.frames import keys_of
from govdisclose.panel import Panel
from govdisclose.tables import (
    NOWHERE,
    OPEN_ROWS,
    Entry,
    Figure,
    Printed,
    document,
    folded,
    known,
    records,
    table,
    words,
)
from govdisclose.wording import number, placed, say, titled

FINDING_WIDTHS = (14, 12, 12, 8, 9, 10, 21, 14)
CORRECTION_WIDTHS = (15, 21, 8, 11, 14, 17, 14)
RULE_WIDTHS = (25, 75)
"""Columns of the lists, in per cent."""
CORRECTED_HEADS = ("corrected", "outcome", "reason", "who")


def touching(panel: Panel, patterns: Sequence[str]) -> pd.DataFrame:
    """Given a panel and patterns of cells ("requests.denied.*.total"), return the findings that point at such a cell.

    A finding that names the cell most likely at fault points at that one, else at all cells involved. Gravest first.
    """
    findings = panel.findings
    touched = [any(_meet(key, pattern) for key in cells_of(row) for pattern in patterns) for row in records(findings)]
    rank = findings["severity"].map({severity: place for place, severity in enumerate(SEVERITIES)})
    kept = findings.assign(rank=rank)[pd.Series(touched, index=findings.index, dtype=bool)]
    return kept.sort_values(["rank", "agency", "year", "rule"], kind="stable")


def cells_of(row: Mapping[str, object]) -> list[str]:
    """The cells that a finding points at: the one at fault, else those involved, else the whole row or table it names."""
    place = [str(row[name] or "") for name in ("table", "row", "column")]
    involved = row["involved"]
    if all(place) or not isinstance(involved, list) or not involved:
        known = [key for key in place if key]
        return [".".join((known + ["*"] * 3)[:3])] if known else []
    return [str(key) for key in involved]


def _meet(key: str, pattern: str) -> bool:
    """Whether a cell, or a "*" that stands for several, is one that the pattern speaks of."""
    return all(own == "*" or fnmatchcase(own, asked) for own, asked in zip(parts_of(key), parts_of(pattern), strict=True))


def findings_list(panel: Panel, touched: pd.DataFrame, language: str, links: Links = NOWHERE) -> str:
    """Given findings, return them as tables, errors in full view and the rest folded, with document and place."""
    cells = panel.cells[panel.cells["source"].isin(touched["source"])]
    places = dict(zip(cells["source"] + "|" + keys_of(cells), cells["place"], strict=True))
    headers = words(language, "severity", "who", "cell", "found", "expected", "suggestion", "message", "place")
    errors: list[list[Entry]] = []
    others: list[list[Entry]] = []
    for row in records(touched):
        keys = cells_of(row)
        place = places.get(f"{row['source']}|{keys[0] if keys else ''}", "")
        at = links.of(row["source"], keys[0] if place else "")
        line: list[Entry] = [
            f"{say(language, 'severity', str(row['severity']))}\n{row['rule']}",
            f"{row['agency'] or ''}\n{row['year'] or ''}",
            where(row, language),
            *(Figure(number(known(row[name])), href=at) for name in ("found", "expected", "suggestion")),
            str(row["message"] if language == "zh" else row["message_en"]),
            replace(document(row["source"], links), text=f"{document(row['source'], links).text}\n{placed(language, place)}", href=at),
        ]
        (errors if row["severity"] == "error" else others).append(line)
    html = table(headers, errors, FINDING_WIDTHS) if errors else ""
    if others:
        title = say(language, "tables", "folded", count=len(others))
        html += folded(title, "", table(headers, others, FINDING_WIDTHS), not errors and len(others) <= OPEN_ROWS)
    untouched = panel.findings.drop(index=touched.index)
    if len(untouched):
        rules = Counter(untouched["rule"]).most_common()
        named = ", ".join(f"{rule} ({count})" for rule, count in rules)
        html += f"<p>{escape(say(language, 'tables', 'elsewhere', count=len(untouched), rules=named))}</p>"
    return html if len(touched) else f"<p>{escape(say(language, 'tables', 'no_findings'))}</p>{html}"


def corrections_list(told: pd.DataFrame, language: str, links: Links = NOWHERE) -> str:
    """Given what became of corrections (`govdisclose.corrections.outcomes`), return them as a table."""
    headers = [*words(language, "who", "cell", "found"), *(say(language, "corrections", k) for k in CORRECTED_HEADS)]
    lines: list[list[Entry]] = []
    for row in records(told):
        key = f"{row['table']}.{row['row']}.{row['column']}"
        at = links.of(row["source"], key)
        lines.append(
            [
                f"{row['agency']}\n{row['year']}",
                cell_name(key, language),
                Figure(str(row["printed"] if row["found"] is None else row["found"]), key, at),
                Figure(number(known(row["corrected"])), key, at),
                say(language, "corrections", str(row["outcome"])),
                str(row["reason"]),
                f"{row['who']}\n{row['date']}",
            ]
        )
    return table(headers, lines, CORRECTION_WIDTHS)


def definitions(panel: Panel, language: str) -> dict[str, Printed]:
    """Given a panel, return what the rules of its findings say, and what each state of a cell means: headers and rows."""
    rules = sorted(set(panel.findings["rule"]))
    states = [[titled(language, "silence", one), say(language, "state", one)] for one in SILENCES]
    return {
        "rules_defined": (words(language, "rule", "says"), [[rule, say(language, "rule", rule)] for rule in rules]),
        "states_defined": (words(language, "state", "says"), [[titled(language, "tables", "number"), say(language, "state", "number")], *states]),
    }


def where(row: Mapping[str, object], language: str) -> str:
    """What a finding points at, in the form's words: a cell, a row, a table, or a number of cells."""
    keys = cells_of(row)
    if row["row"]:
        return cell_name(f"{row['table']}.{row['row']}.{row['column'] or '*'}", language)
    if len(keys) > 1:
        return say(language, "tables", "several_cells", count=len(keys))
    return cell_name(keys[0], language) if keys else ""
