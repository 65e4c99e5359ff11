"""How much faster a batch of agency profiles is than `papermill` called for each, as a ratio in the same run.

    python tests/benchmarks/notebooks.py [PROFILES]

PROFILES (default 20, 41 at most) profiles of the made-up province are made both ways on the same processors, two at a time:
by `papermill` on the command line, one process each; and by `build_reports`, which writes the HTML pages besides and
starts its warm processes within the time measured. Outputs of both are compared. What starting takes is paid once, so
the fewer profiles the lower the ratio; the last line says what 100 would give, reckoned from a batch of two and this one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]

from govdisclose.panel import read_reports  # noqa: E402
from govdisclose.render import build_reports, find_notebooks  # noqa: E402


def outputs(notebook: Path) -> list[object]:
    return [cell.get("outputs") for cell in json.loads(notebook.read_text("utf-8"))["cells"]]


def main(count: int) -> None:
    workers = min(2, os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, ROOT / "data" / "synthetic.py", folder / "documents"], check=True, capture_output=True)
        panel = read_reports(folder / "documents", workers=workers, progress=False)
        path = panel.save(folder / "panel.duckdb")
        agencies = sorted({one for one in panel.reports["agency"] if one})[:count]
        (folder / "alone").mkdir()

        def alone(agency: str) -> Path:
            given = {"panel_path": "../panel.duckdb", "agencies": [agency], "language": "zh"}
            source, target = find_notebooks() / "agency_profile.ipynb", folder / "alone" / f"{agency}.ipynb"
            words = [source, target, "--no-progress-bar", "--cwd", folder / "alone", "-y", json.dumps(given, ensure_ascii=False)]
            subprocess.run([sys.executable, "-m", "papermill", *words], check=True, capture_output=True)
            return target

        start = time.perf_counter()
        with ThreadPoolExecutor(workers) as pool:
            executed = list(pool.map(alone, agencies))
        apart = (time.perf_counter() - start) / len(agencies)

        def batch(out: str, some: list[str]) -> tuple[float, list[Path]]:
            begun = time.perf_counter()
            made = build_reports(path, folder / out, [], ["zh"], {"agencies": some}, workers, per=["agency"])
            if any(page.error for page in made):
                raise SystemExit("a page failed: a timing would mean nothing")
            return time.perf_counter() - begun, [page.ipynb for page in made]

        few, _ = batch("few", agencies[:workers])
        all_of_them, pages = batch("all", agencies)
        if [outputs(one) for one in executed] != [outputs(one) for one in pages]:
            raise SystemExit("the outputs differ: a timing would mean nothing")
    each = (all_of_them - few) / (len(agencies) - workers)
    print(f"{len(agencies)} profiles on {workers} processors, seconds a profile; outputs are the same")
    print(f"papermill, a process each  {apart:6.2f}")
    print(f"build_reports, with HTML   {all_of_them / len(agencies):6.2f}   {apart * len(agencies) / all_of_them:.1f} times as fast")
    hundred = few + each * (100 - workers)
    print(f"the same, of 100 profiles  {hundred / 100:6.2f}   {apart * 100 / hundred:.1f} times as fast (first {workers} in {few:.1f} s, then {each:.2f} s each)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
