"""How much faster a batch of agency profiles is than `papermill` called for each, as ratios in the same run.

    python tests/benchmarks/notebooks.py [PROFILES [ALONE]]

PROFILES (default 20) profiles of made-up provinces are made both ways on the same processors, two at a time: by
`papermill` on the command line, one process each; and by `build_reports`, which writes the HTML pages besides and starts
its warm processes within the time measured. Where ALONE is given, only the first so many are made by papermill, whose
time for each does not hang on how many there are. Outputs of both are compared. Times of the clock hang on what
else the machine does meanwhile, times of processors less so: both are told.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd

from govdisclose.panel import Panel, read_reports
from govdisclose.parameters import find_notebooks
from govdisclose.render import build_reports

ROOT = Path(__file__).parents[2]
WORKERS = min(2, os.cpu_count() or 1)


def outputs(notebook: Path) -> list[object]:
    return [cell.get("outputs") for cell in json.loads(notebook.read_text("utf-8"))["cells"]]


def provinces(panel: Panel, agencies: int) -> Panel:
    """The panel so many times over, each time with other names of agencies, that it holds as many agencies."""
    times = -(-agencies // panel.reports["agency"].nunique())

    def renamed(frame: pd.DataFrame) -> pd.DataFrame:
        parts = [frame.assign(agency=mark + frame["agency"], source=mark + "/" + frame["source"]) for mark in "东南西北中"[:times]]
        return pd.concat(parts, ignore_index=True)

    frames = {name: renamed(getattr(panel, name)) for name in ("reports", "cells", "findings", "statements")}
    frames["reports"] = frames["reports"].assign(sha256=frames["reports"]["source"].map(lambda source: f"{hash(source):064x}"))
    return replace(panel, **frames)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock, and of all processors, that this process and those it started spent on it."""

    def spent() -> float:
        return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))

    clock, before = time.perf_counter(), spent()
    work()
    return time.perf_counter() - clock, spent() - before


def main(count: int, alone: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [sys.executable, ROOT / "data" / "synthetic.py", folder / "documents", "--truth", folder / "truth.csv"]
        subprocess.run(made, check=True, capture_output=True)
        panel = provinces(read_reports(folder / "documents", workers=WORKERS, progress=False), count)
        path = panel.save(folder / "panel.duckdb")
        agencies = sorted({one for one in panel.reports["agency"] if one})[:count]
        (folder / "alone").mkdir()

        def papermill(agency: str) -> None:
            given = {"panel_path": "../panel.duckdb", "agencies": [agency], "language": "zh"}
            source, target = find_notebooks() / "agency_profile.ipynb", folder / "alone" / f"{agency}.ipynb"
            words = [source, target, "--no-progress-bar", "--cwd", folder / "alone", "-y", json.dumps(given, ensure_ascii=False)]
            subprocess.run([sys.executable, "-m", "papermill", *words], check=True, capture_output=True)

        def one_by_one() -> None:
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(papermill, agencies[:alone]))

        def batch() -> None:
            pages = build_reports(path, folder / "batch", [], ["zh"], {"agencies": agencies}, WORKERS, per=["agency"])
            if any(page.error for page in pages):
                raise SystemExit("a page failed: a timing would mean nothing")
            for agency, page in list(zip(agencies, pages, strict=True))[:alone]:
                if outputs(folder / "alone" / f"{agency}.ipynb") != outputs(page.ipynb):
                    raise SystemExit("the outputs differ: a timing would mean nothing")

        apart = [one / alone for one in timed(one_by_one)]
        together = [one / len(agencies) for one in timed(batch)]
    print(f"{len(agencies)} profiles on {WORKERS} processors, {alone} of them by papermill too; outputs are the same")
    print("seconds a profile          clock  processors")
    print(f"papermill, a process each {apart[0]:6.2f}      {apart[1]:6.2f}")
    print(f"build_reports, with HTML  {together[0]:6.2f}      {together[1]:6.2f}")
    print(f"times as fast             {apart[0] / together[0]:6.1f}      {apart[1] / together[1]:6.1f}")


if __name__ == "__main__":
    profiles = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    main(profiles, int(sys.argv[2]) if len(sys.argv) > 2 else profiles)
