"""How far the figures can be trusted: reading, prose, error localisation and false alarms, measured and printed as tables.

    python data/accuracy.py [REPORTS] [--write]

Random figures are typeset in every layout, read back and counted. REPORTS (default 6) is how many reports are typeset in each
layout; scans take seconds a page, so one report in every third layout of theirs is read. Mistakes are planted to see whether
they are found and explained (`accuracy_localisation.py`), labelled sentences are read (`accuracy_prose.py`), and what the rules say of
known documents is judged (`accuracy_findings.py`). Prints tables in Markdown; `--write` puts them into both READMEs between
their marks. The same number gives the same tables.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import accuracy_findings
import accuracy_localisation
import accuracy_prose
from filings import Filing, cell_keys
from layouts_scan import SCANS
from layouts_statistics import FORM, STATISTICS
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.mistakes import KINDS

ROOT = Path(__file__).resolve().parents[1]
FORMATS = {
    "html": ("HTML", "网页 HTML"),
    "text": ("scraped text, Markdown, CSV", "抓取的文本、Markdown、CSV"),
    "converted": ("JSON, DocBook, OpenDocument", "JSON、DocBook、OpenDocument"),
    "docx": ("Word .docx", "Word .docx"),
    "xlsx": ("Excel .xlsx", "Excel .xlsx"),
    "pdf": ("digital PDF", "数字版 PDF"),
    "scan": ("scans", "扫描件"),
    "statistics": ("the statistics of 2014 to 2018 (HTML, text)", "2014—2018年统计表（HTML、文本）"),
}
MIXES = (
    {"proactive": "2021", "requests": "2021", "reviews": "2021"},
    {"proactive": "2019", "requests": "2019", "reviews": "2019"},
    {"proactive": "2021", "requests": "2019", "reviews": "2021"},
)
SCANNED = SCANS[::3]
MISTAKES = 200
"""Mistakes planted of each kind."""
HEADS = {
    "accuracy": (("Format", "layouts", "cells", "right", "flagged", "wrong"), ("格式", "版式数", "格数", "读对", "已标疑", "读错")),
    "accuracy-prose": (("Read from prose", "labelled", "precision", "recall"), ("从文字读出", "标注数", "精确率", "召回率")),
    "accuracy-localisation": (
        ("Planted mistake", "n", "truth among the simplest explanations", "ranked first", "suggestions", "of them right"),
        ("所植的错", "n", "真相在最简解释之列", "排在第一", "建议数", "其中对的"),
    ),
    "accuracy-findings": (
        ("Rule", "findings, bundled reports", "false", "findings, made-up province", "false"),
        ("规则", "发现数（附带报告）", "误报", "发现数（虚构省）", "误报"),
    ),
}
"""Mark in the READMEs -> headings of its table in English and Chinese."""
PROSE = {
    "figures": ("figures with their units", "数字与单位"),
    "subjects": ("what a figure counts", "数字所说的事"),
    "cells": ("the cell that it speaks of", "所说的格"),
    "rates": ("shares and their counts", "比率与件数"),
}
PLANTED = {"two cells": ("any two cells", "任意两格"), "three cells": ("any three cells", "任意三格")}
Tables = dict[str, list[tuple[tuple[str, str], tuple[str, ...]]]]
"""Mark -> rows of the table: what they are about in English and Chinese, and the entries, alike in both."""
Expected = Mapping[str, tuple[float | None, str]]


def case(seed: int) -> tuple[Filing, dict[str, tuple[float | None, str]]]:
    """A filing of random figures, some cells blank or `/`, and what must be read from each cell."""
    chance = random.Random(seed)
    forms = MIXES[seed % len(MIXES)]
    printed: dict[str, str] = {}
    expected: dict[str, tuple[float | None, str]] = {}
    for key in cell_keys(forms):
        kind = chance.random()
        number = chance.choice((0, 0, chance.randint(1, 9), chance.randint(10, 99), chance.randint(100, 99_999)))
        text = "/" if kind < 0.02 else "" if kind < 0.03 and seed % 2 else str(number)
        printed[key] = text
        expected[key] = (number, "number") if text.isdecimal() else (None, "not_applicable" if text else "blank")
    agency, year = f"示例市第{seed + 1}区人民政府", 2019 + seed % 7
    return Filing(agency, year, f"{agency}{year}年政府信息公开工作年度报告", forms, printed, synthetic=True), expected


def count(report: gd.Report, expected: Expected) -> tuple[int, int, int]:
    """Cells read right; not right but in doubt (not read, or named by a finding); wrong without a word."""
    named = {f"{one.table}.{one.row}.{one.column}" for one in report.found} | {key for one in report.found for key in one.involved}
    rows = {f"{one.table}.{one.row}" for one in report.found if one.row and not one.column}
    right = flagged = 0
    for cell in report.slots:
        key = cell.slot.key
        if expected.get(key) == (cell.value, cell.state):
            right += 1
        elif cell.state in ("absent", "unreadable") or key in named or key.rpartition(".")[0] in rows:
            flagged += 1
    return right, flagged, len(expected) - right - flagged


def _filed(reports: int, scans: int) -> Iterator[tuple[str, str, gd.Report, Expected]]:
    """Format, layout, report as read and what it must hold, for each report typeset."""
    layouts = [(name, layout, reports) for name, layout in LAYOUTS.items()]
    if find_spec("rapidocr") is not None:
        layouts += [(layout.name, layout, scans) for layout in SCANNED]
    for name, layout, times in layouts:
        for kind in [kind for kind in FORMATS if name.startswith(kind)]:
            for seed in range(times):
                filing, expected = case(seed)
                yield kind, name, gd.read_report(typeset(filing, layout)), expected
    for name, made in STATISTICS.items():
        for seed in range(reports):
            chance = random.Random(seed)
            printed = {slot.key: str(chance.choice((0, 1, chance.randint(2, 40), chance.randint(100, 99_999)))) for slot in FORM.slots}
            yield "statistics", name, gd.read_report(made("示例市水利局", 2016, printed)), {k: (float(v), "number") for k, v in printed.items()}


def measure(reports: int, scans: int = 0) -> dict[str, list[int]]:
    """Format -> layouts, cells, right, flagged, wrong."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    layouts: dict[str, set[str]] = defaultdict(set)
    for kind, layout, report, expected in _filed(reports, scans):
        layouts[kind].add(layout)
        counts = (len(layouts[kind]), len(expected), *count(report, expected))
        found[kind] = [counts[0], *(a + b for a, b in zip(found[kind][1:], counts[1:], strict=True))]
    return {kind: found[kind] for kind in FORMATS if kind in found}


def _share(share: float) -> str:
    return "—" if share != share else f"{100 * share:.1f}%"


def tables(reports: int, scans: int, mistakes: int) -> Tables:
    """All tables of the READMEs."""
    formats = measure(reports, scans)
    planted = accuracy_localisation.measure(mistakes)
    prose = accuracy_prose.measured()["all"]
    return {
        "accuracy": [(FORMATS[kind], tuple(f"{number:,}" for number in row)) for kind, row in formats.items()],
        "accuracy-prose": [
            (PROSE[name], (f"{score.labelled}", _share(score.precision), _share(score.recall))) for name, score in prose.items()
        ],
        "accuracy-localisation": [
            (
                PLANTED.get(str(name)) or KINDS[str(name)][::-1],
                (f"{row['seen']:.0f}", _share(row["in_top"]), _share(row["first"]), f"{round(row['suggested'] * row['seen'])}",
                 _share(row["suggested_right"]) if row["suggested"] else "—"),
            )
            for name, row in planted.iterrows()
        ],
        "accuracy-findings": [((f"`{rule}`",) * 2, tuple(map(str, row))) for rule, row in accuracy_findings.measure().items()],
    }  # fmt: skip


def table(mark: str, rows: Sequence[tuple[tuple[str, str], tuple[str, ...]]], language: int) -> str:
    """One table in Markdown, in English (0) or Chinese (1)."""
    heads = HEADS[mark][language]
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join([*lines, *(f"| {about[language]} | {' | '.join(entries)} |" for about, entries in rows)])


def between(text: str, mark: str) -> tuple[str, str, str]:
    """A README's text before, between and after the marks of a table."""
    before, begin, rest = text.partition(f"<!-- {mark} -->\n")
    held, end, after = rest.partition(f"\n<!-- /{mark} -->")
    if not begin or not end:
        raise ValueError(f"no marks <!-- {mark} --> and <!-- /{mark} -->")
    return before + begin, held, end + after


def write(found: Tables) -> None:
    for language, name in enumerate(("README.md", "README.zh.md")):
        file = ROOT / name
        text = file.read_text("utf-8")
        for mark, rows in found.items():
            before, _, after = between(text, mark)
            text = before + table(mark, rows, language) + after
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("reports", type=int, nargs="?", default=6)
    parser.add_argument("--write", action="store_true", help="put the tables into both READMEs")
    asked = parser.parse_args()
    counted = tables(asked.reports, 1, MISTAKES)
    print("\n\n".join(table(mark, rows, 0) for mark, rows in counted.items()))
    if asked.write:
        write(counted)
