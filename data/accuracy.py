"""How exactly each format is read: random figures, typeset in every layout, read back and counted.

    python data/accuracy.py [REPORTS] [--write]

REPORTS (default 6) is how many reports are typeset in each layout. Prints a table in Markdown; `--write` puts it into both
READMEs between their marks. The same number gives the same table.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from filings import Filing, cell_keys
from typeset import LAYOUTS, typeset

import govdisclose as gd

ROOT = Path(__file__).resolve().parents[1]
FORMATS = {
    "html": ("HTML", "网页 HTML"),
    "text": ("scraped text, Markdown, CSV", "抓取的文本、Markdown、CSV"),
    "docx": ("Word .docx", "Word .docx"),
    "xlsx": ("Excel .xlsx", "Excel .xlsx"),
    "pdf": ("digital PDF", "数字版 PDF"),
    "scan": ("scans", "扫描件"),
}
MIXES = (
    {"proactive": "2021", "requests": "2021", "reviews": "2021"},
    {"proactive": "2019", "requests": "2019", "reviews": "2019"},
    {"proactive": "2021", "requests": "2019", "reviews": "2021"},
)
HEADS = (("Format", "layouts", "cells", "right", "flagged", "wrong"), ("格式", "版式数", "格数", "读对", "已标疑", "读错"))
BEGIN, END = "<!-- accuracy -->", "<!-- /accuracy -->"
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


def measure(reports: int) -> dict[str, list[int]]:
    """Format -> layouts, cells, right, flagged, wrong."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for name, layout in LAYOUTS.items():
        kind = next((kind for kind in FORMATS if name.startswith(kind)), "")
        if not kind:
            continue
        row = found[kind]
        row[0] += 1
        for seed in range(reports):
            filing, expected = case(seed)
            counts = count(gd.read_report(typeset(filing, layout)), expected)
            row[1] += len(expected)
            for place, number in enumerate(counts, 2):
                row[place] += number
    return {kind: found[kind] for kind in FORMATS if kind in found}


def table(found: Mapping[str, list[int]], language: int) -> str:
    """The counts as a table in Markdown, in English (0) or Chinese (1)."""
    lines = [f"| {' | '.join(HEADS[language])} |", "|---|" + "---:|" * 5]
    lines += [f"| {FORMATS[kind][language]} | {' | '.join(f'{number:,}' for number in row)} |" for kind, row in found.items()]
    return "\n".join(lines)


def write(found: Mapping[str, list[int]]) -> None:
    for language, name in enumerate(("README.md", "README.zh.md")):
        file = ROOT / name
        before, _, rest = file.read_text("utf-8").partition(BEGIN)
        file.write_text(f"{before}{BEGIN}\n{table(found, language)}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("reports", type=int, nargs="?", default=6)
    parser.add_argument("--write", action="store_true", help="put the table into both READMEs")
    asked = parser.parse_args()
    counted = measure(asked.reports)
    print(table(counted, 0))
    if asked.write:
        write(counted)
