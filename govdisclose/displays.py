"""What reports, panels and findings show of themselves in a notebook, in Chinese and English; every text of a document escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from govdisclose.findings import SEVERITIES
from govdisclose.forms import cell_name
from govdisclose.numbers import NUMBER
from govdisclose.printed import form_html, rows_of
from govdisclose.wording import LANGUAGES, number, say

FINDINGS_SHOWN, AGENCIES_SHOWN, YEARS_SHOWN = 60, 15, 12
"""More than this is cut in a notebook, and a line says so."""

STYLE = (
    ".gd-list{border-collapse:collapse;font-size:.82rem;margin:.4rem 0}.gd-list th,.gd-list td{border-bottom:1px solid #ddd;"
    "padding:.2rem .5rem;text-align:left!important;vertical-align:top;white-space:normal}.gd-list th{font-weight:600}"
    ".gd-list td.number{text-align:right!important;font-variant-numeric:tabular-nums}.gd-list small,.gd-list+p{opacity:.75}"
    ".gd-list .error{background:#f9c9b6;color:#111}.gd-list .warning{background:#ffe9b8;color:#111}.gd-list .note{background:#e8f1fa;color:#111}"
)


_NEEDED = frozenset(("rule", "severity", "table", "row", "column", "expected", "found", "suggestion", "message", "message_en"))


class Findings(pd.DataFrame):
    """The contract's findings as a frame like any other, which shows whole messages in a notebook, not their beginnings.

    Rows chosen from it show themselves likewise; columns chosen from it are a plain frame.
    """

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return _chosen

    def _repr_html_(self) -> str:
        return findings_html(self, LANGUAGES)


def _chosen(*args: Any, **kwargs: Any) -> pd.DataFrame:
    frame = pd.DataFrame(*args, **kwargs)
    return Findings(frame) if frame.columns.is_unique and frame.columns.isin(_NEEDED).sum() == len(_NEEDED) else frame


def findings_html(findings: pd.DataFrame, languages: Sequence[str]) -> str:
    """Given findings, return them as a table: severity in colour, the cell in the form's words, whole messages."""
    if findings.empty:
        return f"<p>{_told(languages, 'tables', 'no_findings')}</p>"
    front = [name for name in ("agency", "year") if name in findings]
    heads = [*(_told(languages, "tables", name) for name in (*front, "severity", "cell", "found", "expected", "suggestion", "message"))]
    rows = []
    for row in rows_of(pd.DataFrame(findings.head(FINDINGS_SHOWN))):
        severity = str(row["severity"])
        kind = severity if severity in SEVERITIES else ""
        said = f"{_told(languages, 'severity', severity) if kind else escape(severity)}<br><small>{escape(str(row['rule']))}</small>"
        messages = [str(row["message" if language == "zh" else "message_en"]) for language in languages]
        rows.append(
            "<tr>" + "".join(f"<td>{escape('' if row[name] is None else str(row[name]))}</td>" for name in front)
            + f'<td class="{kind}">{said}</td><td>{_cell(row, languages)}</td>'
            + "".join(f'<td class="number">{"" if row[name] is None else number(float(row[name]))}</td>' for name in ("found", "expected", "suggestion"))
            + f"<td>{'<br>'.join(escape(message) for message in dict.fromkeys(messages))}</td></tr>"
        )  # fmt: skip
    cut = ""
    if len(findings) > FINDINGS_SHOWN:
        cut = f"<p>{_told(languages, 'display', 'more', shown=FINDINGS_SHOWN, count=number(len(findings)), name='findings')}</p>"
    return f'<style>{STYLE}</style><table class="gd-list"><tr>{_heads(heads)}</tr>{"".join(rows)}</table>{cut}'


def _cell(row: Mapping[str, Any], languages: Sequence[str]) -> str:
    if not row["table"]:
        return ""
    key = f"{row['table']}.{row['row'] or '*'}.{row['column'] or '*'}"
    return "<br>".join(dict.fromkeys(escape(cell_name(key, language, " › ").removesuffix(".*").removesuffix(".*")) for language in languages))


def report_html(agency: str, year: int | None, form: str, source: str, cells: pd.DataFrame, findings: pd.DataFrame, language: str) -> str:
    """One report for a notebook: whose it is and how much of it holds, the form as printed, and its findings in words."""
    numbers = int((cells["state"] == NUMBER).sum())
    facts = say(language, "display", "report", form=form, numbers=numbers, cells=len(cells), findings=len(findings))
    who = f"{agency or '?'} {year or '?'}"
    return (
        f"<p><strong>{escape(who)}</strong> · {facts}<br><small>{escape(source)}</small></p>"
        f"{form_html(cells, findings, language)}{findings_html(findings, (language,))}"
    )


def panel_html(facts: Mapping[str, str], reports: pd.DataFrame) -> str:
    """A panel for a notebook: what it holds, and which agencies report on which years, with what is doubted in colour."""
    rows = "".join(f"<tr><th>{_told(LANGUAGES, 'display', name)}</th><td>{escape(value)}</td></tr>" for name, value in facts.items())
    return f'<style>{STYLE}</style><table class="gd-list">{rows}</table>{_coverage(reports)}'


def _coverage(reports: pd.DataFrame) -> str:
    told = reports[(reports["agency"].fillna("") != "") & reports["year"].notna()]
    if told.empty:
        return ""
    agencies, years = list(dict.fromkeys(told["agency"])), sorted({int(year) for year in told["year"]})
    shown = years[-YEARS_SHOWN:]
    found: dict[tuple[str, int], tuple[int, str]] = {}
    for row in rows_of(told[["agency", "year", "cells_number", *(f"findings_{severity}" for severity in SEVERITIES)]]):
        worst = next((severity for severity in SEVERITIES if row[f"findings_{severity}"]), "")
        found.setdefault((row["agency"], int(row["year"])), (int(row["cells_number"]), worst))
    lines = ""
    for agency in agencies[:AGENCIES_SHOWN]:
        cells = ((found.get((agency, year), ("", ""))) for year in shown)
        lines += f"<tr><td>{escape(agency)}</td>" + "".join(f'<td class="number {worst}">{count}</td>' for count, worst in cells) + "</tr>"
    heads = _heads([_told(LANGUAGES, "tables", "agency"), *map(str, shown)])
    notes = [_told(LANGUAGES, "display", "coverage")]
    if len(agencies) > AGENCIES_SHOWN or len(years) > len(shown):
        left = {"agencies": number(max(len(agencies) - AGENCIES_SHOWN, 0)), "years": len(years) - len(shown)}
        notes.append(_told(LANGUAGES, "display", "left", **left))
    return f'<table class="gd-list"><tr>{heads}</tr>{lines}</table><p><small>{"<br>".join(notes)}</small></p>'


def captioned(key: str, frame: pd.DataFrame, label: Callable[[str], str], **values: object) -> str:
    """Given the figures of a comparison, return them as a table under a caption in both languages; `label` gives
    the measure's name in each."""
    told = (say(language, "display", key, measure=label(language), **values) for language in LANGUAGES)
    lines = "<br>".join(escape(line, quote=False) for line in told)
    return f"<div><p>{lines}</p>{frame.to_html(index=False, escape=True)}</div>"


def _heads(names: Sequence[str]) -> str:
    return "".join(f"<th>{name}</th>" for name in names)


def _told(languages: Sequence[str], section: str, key: str, **values: object) -> str:
    """The words of a page in one language or both."""
    return " · ".join(escape(say(language, section, key, **values), quote=False) for language in languages)
