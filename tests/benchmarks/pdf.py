"""How exactly and how fast digital PDF is read, beside pdfplumber, and camelot where it is installed, on the same files in the same run.

    python tests/benchmarks/pdf.py [FILE.pdf ...]

Without files, web pages of our own layouts are printed by Chromium, which has to be installed. A figure counts as read where
its row of figures comes out whole: all of them, in order, beside one another. The peers only find tables (camelot by ruling),
their rows are taken as they come, wrapped lines joined, empty places left out; for us the whole reading is timed, bytes to checked cells.
"""

from __future__ import annotations

import importlib.util
import io
import logging
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pdfplumber

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "data"))

from filings import Filing, cell_keys  # noqa: E402
from typeset import LAYOUTS, typeset  # noqa: E402

import govdisclose as gd  # noqa: E402
from govdisclose.forms import load_forms  # noqa: E402

ROUNDS = 3
FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}
Rows = list[list[str]]


def ours(data: bytes) -> Rows:
    report = gd.read_report(data)
    found: dict[str, list[str]] = {}
    for cell in report.slots:
        found.setdefault(f"{cell.slot.table}.{cell.slot.row}", []).append(cell.text)
    return list(found.values())


def by_pdfplumber(data: bytes) -> Rows:
    with pdfplumber.open(io.BytesIO(data)) as document:
        tables = [table for page in document.pages for table in page.extract_tables()]
    return [[cell for cell in row if cell is not None] for table in tables for row in table]


def by_camelot(data: bytes) -> Rows:
    camelot = importlib.import_module("camelot")
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        tables = camelot.read_pdf(file.name, pages="all")
    return [[cell for cell in row if cell] for table in tables for row in table.df.to_numpy().tolist()]


READERS = {"ours": ours, "pdfplumber": by_pdfplumber} | ({"camelot": by_camelot} if importlib.util.find_spec("camelot") else {})


def exact(rows: Rows, printed: dict[str, str]) -> tuple[int, int]:
    """Figures that stand in a row read whole, and all figures."""
    texts = {unicodedata.normalize("NFKC", " ".join(cell.replace("\n", "") for cell in row)) for row in rows}
    right = total = 0
    for table in load_forms()["2021"].tables:
        for row in table.rows:
            figures = [printed.get(slot.key, "") for slot in row.slots]
            total += len(figures)
            line = " ".join(figures)
            right += len(figures) if any(text == line or text.endswith(f" {line}") or f" {line} " in f" {text} " for text in texts) else 0
    return right, total


def seconds(read: Callable[[bytes], Rows], data: bytes) -> float:
    start = time.perf_counter()
    read(data)
    return time.perf_counter() - start


LAYOUT_NAMES = ("html_merged", "html_headed", "html_pieces_headed", "html_reviews_in_rows", "html_full_width")
STYLE = "<style>table{border-collapse:collapse;width:100%}td,th{border:1px solid;font-size:11px}</style></head>"


def printed_pages() -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """Name, PDF and figures of pages that Chromium prints."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium to print pages with: install it, or name PDF files")
    figures = {key: str(number * 7) for number, key in enumerate(cell_keys(FORMS), 1)}
    filing = Filing("示例市水利局", 2023, "示例市水利局2023年政府信息公开工作年度报告", FORMS, figures)
    with tempfile.TemporaryDirectory() as place:
        for name in LAYOUT_NAMES:
            page, made = Path(place) / f"{name}.html", Path(place) / f"{name}.pdf"
            page.write_text(typeset(filing, LAYOUTS[name]).decode().replace("</head>", STYLE))
            quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", f"--user-data-dir={place}/profile"]
            subprocess.run([chromium, *quiet, f"--print-to-pdf={made}", page.as_uri()], check=True, capture_output=True)
            yield name, made.read_bytes(), figures


def main(files: list[str]) -> None:
    logging.disable(logging.WARNING)
    given = [(Path(file).name[:20], Path(file).read_bytes(), {}) for file in files]
    peers = [name for name in READERS if name != "ours"]
    heads = "".join(f"{name:>12}{'ms':>7}" for name in READERS)
    print(f"{'file':<22}{heads}{'':3}time of ours / {', '.join(peers)}")
    ratios: dict[str, list[float]] = {name: [] for name in peers}
    for name, data, figures in given or printed_pages():
        rows = {reader: read(data) for reader, read in READERS.items()}  # what each loads once a process is not timed
        times = [{reader: seconds(read, data) for reader, read in READERS.items()} for _ in range(ROUNDS)]
        for peer in peers:
            ratios[peer].append(statistics.median(one["ours"] / one[peer] for one in times))
        counts = {reader: "{}/{}".format(*exact(found, figures)) if figures else "" for reader, found in rows.items()}
        cells = "".join(f"{counts[reader]:>12}{1000 * statistics.median(one[reader] for one in times):>7.0f}" for reader in READERS)
        print(f"{name:<22}{cells}{'':3}" + ", ".join(f"{ratios[peer][-1]:.2f}" for peer in peers))
    print("median ratio of times: " + ", ".join(f"{statistics.median(found):.2f} of {peer}" for peer, found in ratios.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
