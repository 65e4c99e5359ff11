"""A panel in, report pages out: notebooks x languages, run in parallel, and an index that says what was read."""

from __future__ import annotations

import ast
import difflib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from queue import Empty, SimpleQueue

import nbformat

from govdisclose.counted import PRINTED, counted
from govdisclose.execute import Job, as_line, from_line
from govdisclose.exhibits import FOLDER, links, write_exhibits
from govdisclose.index import write_index
from govdisclose.notebook import TABLES, check_values
from govdisclose.panel import open_panel
from govdisclose.wording import listed

OWN = ("panel_path", "language")
"""Parameters that `build_reports` sets itself."""


@dataclass(frozen=True)
class Rendered:
    """One page: the notebook and language it was made from, its files, how long it took, and what went wrong or ""."""

    notebook: str
    language: str
    html: Path
    ipynb: Path
    seconds: float
    error: str = ""

    def __str__(self) -> str:
        return f"{self.html}: " + (f"failed: {self.error}" if self.error else f"{self.seconds:.1f} s")


def build_reports(
    panel_path: Path,
    out: Path,
    notebooks: Sequence[str] | None = None,
    languages: Sequence[str] = ("zh", "en"),
    parameters: Mapping[str, object] | None = None,
    workers: int | None = None,
    notebooks_dir: Path | None = None,
) -> list[Rendered]:
    """Run notebooks on a panel and write their pages, executed notebooks, a page for each document, and `index.html`.

    A notebook that fails leaves its traceback on its own page, and the rest goes on. The same panel and parameters give
    the same pages, byte by byte.

    Parameters
    ----------
    panel_path : the panel file
    out : folder to write to, made where missing
    notebooks : names such as "denial_reasons"; None for all in the folder of notebooks
    languages : of "zh" and "en"
    parameters : what to narrow the reports down to: agencies, years, agency_kind; which figures count: values ("printed",
        "corrected", "sound") and the file of corrections
    workers : most notebooks to run at a time; None for one a processor
    notebooks_dir : folder of notebooks; None for those that come with the package

    Returns
    -------
    One `Rendered` a page, notebook by notebook, language by language

    Raises
    ------
    ValueError : no such panel, notebook, language or parameter, a parameter of the wrong type, or an empty selection;
        nothing has been run then
    """
    given = dict(parameters or {})
    files = _notebook_files(notebooks, notebooks_dir or find_notebooks())
    for language in languages:
        check_values({"language": language})
    for file in files:
        check_names(file, given)
    check_values(given)
    panel = open_panel(panel_path)
    selected = panel.select(given.get("agencies") or None, given.get("years") or None, given.get("agency_kind") or None)  # type: ignore[arg-type]
    if corrections := str(given.get("corrections") or ""):
        selected = selected.correct(corrections)
        given["corrections"] = _seen_from(out, Path(corrections))
    counted(selected, str(given.get("values") or PRINTED))
    out.mkdir(parents=True, exist_ok=True)
    write_exhibits(selected, out / FOLDER)  # before the notebooks, which link to the pages that are there
    place = _seen_from(out, panel_path)
    jobs = [
        Job(
            str(file.resolve()),
            str(out.resolve()),
            language,
            list(languages),
            given | {"panel_path": place, "language": language},
        )
        for file, language in product(files, languages)
    ]
    answers = _run_all(jobs, min(workers or os.cpu_count() or 1, len(jobs)))
    rendered = [
        Rendered(job.name, job.language, out / job.target(".html").name, out / job.target(".ipynb").name, *answer)
        for job, answer in zip(jobs, answers, strict=True)
    ]
    pages = [(one.notebook, one.language, one.html.name, one.error) for one in rendered]
    write_index(panel, pages, given, out / "index.html", links(panel, out / FOLDER, out))
    return rendered


def _seen_from(out: Path, file: Path) -> str:
    """The relative place of a file, so that a page names no folder of this machine."""
    return Path(os.path.relpath(file.resolve(), out.resolve())).as_posix()


def find_notebooks() -> Path:
    """The folder of notebooks: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise ValueError(f"no notebooks beside {package}; name their folder (notebooks_dir)")


def _notebook_files(names: Sequence[str] | None, folder: Path) -> list[Path]:
    own = list(TABLES)
    files = sorted(folder.glob("*.ipynb"), key=lambda file: (file.stem not in own, file.stem != own[0], file.stem))
    found = {file.stem: file for file in files}
    if not found:
        raise ValueError(f"{folder}: no notebook (*.ipynb) in this folder")
    for name in names or ():
        if name not in found:
            raise ValueError(f"no notebook {name!r} in {folder}; there are {listed('en', list(found))}")
    return [found[name] for name in (names or found)]


def declared(notebook: Path) -> dict[str, object]:
    """Given a notebook, return the parameters of its tagged cell with their defaults, in order.

    Raises
    ------
    ValueError : it has no cell tagged "parameters", or that cell holds more than plain literals
    """
    cells = nbformat.read(notebook, as_version=4).cells  # type: ignore[no-untyped-call]
    tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise ValueError(f"{notebook}: {len(tagged)} cells are tagged 'parameters', there must be one")
    found: dict[str, object] = {}
    for line in ast.parse(tagged[0].source).body:
        try:
            if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
                raise ValueError(ast.unparse(line))
            found[line.targets[0].id] = ast.literal_eval(line.value)
        except ValueError:
            raise ValueError(
                f"{notebook}: the parameters cell must hold plain literals, not {ast.unparse(line)!r}"
            ) from None
    return found


def check_names(notebook: Path, given: Mapping[str, object]) -> None:
    """Raise `ValueError`, naming the nearest one, where a notebook does not take a parameter of this name."""
    taken = declared(notebook)
    for name in OWN:
        if name not in taken:
            raise ValueError(f"{notebook}: its parameters cell sets no {name!r}")
    known = [name for name in taken if name not in OWN]
    for name in given:
        if name in OWN:
            raise ValueError(f"parameter {name!r} is set by build_reports itself")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"{notebook.stem} has no parameter {name!r}; {hint}it takes {listed('en', known)}")


Answer = tuple[float, str]


def _run_all(jobs: Sequence[Job], workers: int) -> list[Answer]:
    """Run jobs in so many worker processes; the answers stand in the order of the jobs."""
    todo: SimpleQueue[int] = SimpleQueue()
    for place in range(len(jobs)):
        todo.put(place)
    answers: list[Answer] = [(0.0, "not run")] * len(jobs)
    with tempfile.TemporaryDirectory() as profile, ThreadPoolExecutor(workers) as pool:
        hands = [pool.submit(_work, jobs, todo, answers, Path(profile) / str(hand)) for hand in range(workers)]
        for hand in hands:
            hand.result()
    return answers


def _work(jobs: Sequence[Job], todo: SimpleQueue[int], answers: list[Answer], profile: Path) -> None:
    """Hand jobs to one worker process after the other, starting a new one where one has died."""
    worker: subprocess.Popen[str] | None = None
    try:
        while True:
            try:
                place = todo.get_nowait()
            except Empty:
                return
            if worker is None or worker.poll() is not None:
                worker = _start(profile)
            answers[place] = _ask(worker, jobs[place])
    finally:
        if worker is not None:
            worker.terminate()
            worker.communicate()


def _start(profile: Path) -> subprocess.Popen[str]:
    # A profile of its own keeps the user's start-up files out of the pages, and kernels from making one profile at once.
    profile.mkdir(exist_ok=True)
    environment = os.environ | {"IPYTHONDIR": str(profile), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "govdisclose.execute"]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
        encoding="utf-8",
    )


def _ask(worker: subprocess.Popen[str], job: Job) -> Answer:
    assert worker.stdin is not None and worker.stdout is not None
    try:
        worker.stdin.write(as_line(job))
        worker.stdin.flush()
        line = worker.stdout.readline()
    except BrokenPipeError:
        line = ""
    if not line:
        return 0.0, f"the process that ran it ended with code {worker.wait()}"
    answer = from_line(line)
    return float(answer["seconds"]), str(answer["error"])
