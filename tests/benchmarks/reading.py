"""How long reading takes, as a ratio to `pandas.read_html` on the same pages in the same run.

    python tests/benchmarks/reading.py [PAGES]

Reads PAGES (default 200) reports in one process, bytes to a panel, and lets `read_html` read the tables of the same pages;
once with clean pages of some 6 KB, once with pages as Word saves them, of some 80 KB. Each round does both, and the median
of the rounds' ratios is printed: single timings depend on the machine and on what else it does.
"""

from __future__ import annotations

import io
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "data"))

from filings import Filing, cell_keys  # noqa: E402
from typeset import LAYOUTS, typeset  # noqa: E402

import govdisclose as gd  # noqa: E402
from govdisclose.sources import decode, open_source  # noqa: E402

ROUNDS = 5
PEER_PAGES = 20  # read_html reads so many of the pages each round: its time per page hardly varies
LAYOUT_NAMES = {"clean": "html_merged", "Word-made": "html_word"}
FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}


def figures(seed: int) -> dict[str, str]:
    """Figures that satisfy every identity of the form, as a sound report prints them."""
    chance = random.Random(seed)
    printed = {key: str(chance.randint(0, 9000)) for key in cell_keys(FORMS) if key.startswith("proactive.")}
    requests = [key.rsplit(".", 1) for key in cell_keys(FORMS) if key.startswith("requests.")]
    rows = list(dict.fromkeys(row for row, _ in requests))
    columns = list(dict.fromkeys(column for _, column in requests))
    totals = dict.fromkeys(rows, 0)
    for column in columns[:-1]:
        outcome = {row: chance.choice([0, 0, 0, 1, 2, chance.randint(0, 90)]) for row in rows[2:-2]}
        carried_out = chance.randint(0, 3)
        concluded = sum(outcome.values())
        carried_in = min(chance.randint(0, 2), concluded + carried_out)
        received = concluded + carried_out - carried_in
        values = [received, carried_in, *outcome.values(), concluded, carried_out]
        for row, value in zip(rows, values, strict=True):
            printed[f"{row}.{column}"] = str(value)
            totals[row] += value
    printed |= {f"{row}.{columns[-1]}": str(total) for row, total in totals.items()}
    for key in cell_keys(FORMS):
        if key.startswith("reviews."):
            printed[key] = "0"
    return printed


def pages(layout: str, count: int) -> list[bytes]:
    """Distinct reports in one layout."""
    made = []
    for number in range(count):
        agency = f"示例市第{number + 1}局"
        filing = Filing(agency, 2023, f"{agency}2023年政府信息公开工作年度报告", FORMS, figures(number))
        made.append(typeset(filing, LAYOUTS[layout]))
    return made


def seconds_a_page(folder: Path, count: int) -> float:
    start = time.perf_counter()
    panel = gd.read_reports(folder, workers=1, progress=False)
    taken = time.perf_counter() - start
    if len(panel.reports) != count or set(panel.cells["state"]) != {"number"}:
        raise SystemExit("the pages were not read right: a timing would mean nothing")
    return taken / count


def seconds_of_read_html(texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        pd.read_html(io.StringIO(text), flavor="lxml")
    return (time.perf_counter() - start) / len(texts)


def main(count: int) -> None:
    print(f"{count} reports to a panel in one process, {ROUNDS} rounds; milliseconds a page")
    print(f"{'pages':<12}{'bytes':>8}{'govdisclose':>13}{'read_html':>11}{'ratio':>8}")
    for name, layout in LAYOUT_NAMES.items():
        made = pages(layout, count)
        texts = [decode(open_source(page)) for page in made[:PEER_PAGES]]
        with tempfile.TemporaryDirectory() as folder:
            for number, page in enumerate(made):
                (Path(folder) / f"{number}.html").write_bytes(page)
            seconds_a_page(Path(folder), count)  # what is read once a process is not timed
            rounds = [(seconds_a_page(Path(folder), count), seconds_of_read_html(texts)) for _ in range(ROUNDS)]
        ours, peer = (statistics.median(times) * 1000 for times in zip(*rounds, strict=True))
        ratio = statistics.median(a / b for a, b in rounds)
        print(f"{name:<12}{len(made[0]):>8}{ours:>13.2f}{peer:>11.2f}{ratio:>8.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
