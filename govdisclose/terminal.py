"""What the command line says: panels, findings and corrections as tables and sentences, safe for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from govdisclose.corrections import NO_REPORT, STALE, outcomes
from govdisclose.dictionary import dictionary
from govdisclose.findings import Finding
from govdisclose.forms import cell_name
from govdisclose.localise import localise, most_likely
from govdisclose.numbers import NUMBER
from govdisclose.panel import Panel
from govdisclose.printed import rows_of
from govdisclose.report import Report
from govdisclose.review import legible
from govdisclose.wording import say

SHOWN = 20
"""Failures shown in the terminal; the panel holds all."""
FIGURES_SHOWN = 200
"""Rows of figures shown in the terminal."""
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}

out, err = Console(), Console(stderr=True)
if not out.is_terminal:
    out.width = 200  # In a pipe or a file a table need not be squeezed into eighty columns.


def tell_corrections(panel: Panel, corrections: pd.DataFrame) -> None:
    """How many corrections match, and each that is refused."""
    told = outcomes(panel.cells, corrections)
    tell("corrections  " + ", ".join(f"{count} {outcome}" for outcome, count in Counter(told["outcome"]).items()))
    reasons = {STALE: "the document prints {found!r}, not {printed!r}", NO_REPORT: "no such report or cell in the panel"}
    for row in told[told["outcome"].isin(reasons)].to_dict("records"):
        cell = f"{row['agency']} {row['year']} {row['table']}.{row['row']}.{row['column']}"
        complain(f"correction refused: {cell}: {reasons[row['outcome']].format(found=row['found'], printed=row['printed'])}")


def summarise(panel: Panel, path: Path) -> None:
    """What a panel holds, where it is, and what could not be read."""
    list_failures(panel)
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2))
    for name, value in panel.facts().items():
        table.add_row(name, legible(value))
    table.add_row("panel", legible(str(path)))
    out.print(table)


def list_failures(panel: Panel) -> None:
    """The first `SHOWN` documents that could not be read."""
    for source, reason in panel.failures.head(SHOWN).itertuples(index=False):
        complain(f"{source}: {reason}")
    if len(panel.failures) > SHOWN:
        complain(f"… and {len(panel.failures) - SHOWN} more; panel.failures lists all")


def show(report: Report, language: str) -> None:
    """What does not hold in a report, with messages in "zh", "en" or "both", and its likeliest explanations."""
    numbers = sum(slot.state == NUMBER for slot in report.slots)
    who = f"{report.agency or '?'} {report.year or '?'}"
    heading = f"{report.source}: {who}, form {report.form}, {numbers} of {len(report.slots)} cells hold a number"
    if not report.found:
        tell(f"{heading}; nothing to find fault with")
        return
    table = Table(title=legible(heading), title_justify="left", title_style="bold")
    for name in ("severity", "rule", "cell", "expected", "found", "suggestion", "message"):
        is_number = name in ("expected", "found", "suggestion")
        table.add_column(name, justify="right" if is_number else "left", overflow="fold", min_width=8 if name == "cell" else None)
    for finding in report.found:
        figures = [_figure(number) for number in (finding.expected, finding.found, finding.suggestion)]
        messages = {"zh": finding.message, "en": finding.message_en}
        table.add_row(
            Text(finding.severity, style=_COLOURS.get(finding.severity, "")),
            finding.rule,
            legible(_cell(finding, language)),
            *figures,
            legible(messages.get(language, f"{finding.message}\n{finding.message_en}")),
        )
    out.print(table)
    for zh, en in most_likely(localise(report.slots)):
        tell({"zh": zh, "en": en}.get(language, f"{zh}\n{en}"))


def list_measures(language: str) -> None:
    """Every declared measure with its label and definition."""
    table = Table()
    for name in ("measure", "kind", "label", "definition"):
        table.add_column(name, overflow="fold", no_wrap=name in ("measure", "kind"))
    for one in dictionary().values():
        table.add_row(one.key, one.kind, one.label(language), one.zh_is if language == "zh" else one.en_is)
    out.print(table)


def show_figures(figures: pd.DataFrame, levels: Sequence[str]) -> None:
    """Figures of measures: value with interval, what it rests on, and why one is lacking; marked where an error touches it."""
    table = Table()
    apart = ["segment", "unit"] if figures["segment"].nunique() > 1 else ["unit"]
    for name in (*levels, "measure", *apart, "value", "95 %", "cases", "n", "missing", "reason"):
        is_number = name in ("year", "segment", "value", "95 %", "cases", "n", "missing")
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows_of(figures.head(FIGURES_SHOWN)):
        bounds = "" if row["low"] is None else f"{row['low']:.4g}–{row['high']:.4g}"
        cases = "" if row["denominator"] is None or row["numerator"] is None else f"{_figure(row['numerator'])}/{_figure(row['denominator'])}"
        value = "" if row["value"] is None else f"{row['value']:,.4f}".rstrip("0").rstrip(".") + ("†" if row["flagged"] else "")
        told = ("" if row[name] is None else legible(str(row[name])) for name in (*levels, "measure", *apart))
        table.add_row(*told, value, bounds, cases, str(row["n"]), str(row["n_missing"]), row["reason"] or "")
    out.print(table)
    if len(figures) > FIGURES_SHOWN:
        complain(f"… and {len(figures) - FIGURES_SHOWN:,} more rows; --csv writes all, --by pools them")
    for reason in dict.fromkeys(figures["reason"]):
        if reason:
            tell(f"{reason}: {say('zh', 'why', reason)} · {say('en', 'why', reason)}")
    if (figures["flagged"] & figures["value"].notna()).any():
        tell(f"†: {say('zh', 'why', 'doubted')} · {say('en', 'why', 'doubted')}")


def _cell(finding: Finding, language: str) -> str:
    """The cell, row or table of a finding in the form's own words; its keys where no form has it, nothing where it has none."""
    if not finding.table:
        return ""
    key = f"{finding.table}.{finding.row or '*'}.{finding.column or '*'}"
    return cell_name(key, "en" if language == "en" else "zh", " › ").removesuffix(".*").removesuffix(".*")


def _figure(number: float | None) -> str:
    return "" if number is None else f"{number:,.15g}"


def tell(sentence: str) -> None:
    """A sentence on standard output."""
    out.print(legible(sentence), soft_wrap=True)


def complain(sentence: str) -> None:
    """A sentence on standard error."""
    err.print(legible(sentence), soft_wrap=True)
