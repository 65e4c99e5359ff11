"""One notebook and its parameters in, an executed notebook and a self-contained HTML page out.

`python -m govdisclose.execute` is the worker of `govdisclose.render`: a job a line on standard input, a result a line on
standard output.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import nbformat
import papermill  # type: ignore[import-untyped]
from nbclient.exceptions import DeadKernelError
from nbconvert import HTMLExporter
from papermill.exceptions import PapermillExecutionError  # type: ignore[import-untyped]

from govdisclose.wording import say

LANG = {"zh": "zh-CN", "en": "en"}
"""Language of a page -> its code in HTML."""


@dataclass(frozen=True)
class Job:
    """One run: the notebook, where to, with what, and which languages the page exists in. All JSON can hold."""

    notebook: str
    out: str
    language: str
    languages: list[str]
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        return Path(self.notebook).stem

    def target(self, suffix: str, language: str = "") -> Path:
        """The page (`.html`) or executed notebook (`.ipynb`) of this run."""
        return Path(self.out) / f"{self.name}.{language or self.language}{suffix}"


def run(job: Job) -> str:
    """Run a notebook with papermill, write the executed notebook and its page, return what went wrong or "".

    A failing notebook leaves what it made, and its traceback, on its page.
    """
    target, error = job.target(".ipynb"), ""
    for old in (target, job.target(".html")):
        old.unlink(missing_ok=True)
    for last_try in (False, True):
        try:
            papermill.execute_notebook(
                job.notebook, str(target), job.parameters, progress_bar=False, cwd=job.out, kernel_name="python3"
            )
        except PapermillExecutionError as failed:
            error = f"{failed.ename}: {failed.evalue}"
        except (DeadKernelError, RuntimeError) as failed:
            # Kernels of parallel runs can pick the same port; the second try gets another.
            if not last_try:
                continue
            error = f"{type(failed).__name__}: {failed}"
        except Exception as failed:  # Whatever happens to one page, it says so itself and the batch goes on.
            error = f"{type(failed).__name__}: {failed}"
        break
    notebook = nbformat.read(target if target.exists() else job.notebook, as_version=4)  # type: ignore[no-untyped-call]
    job.target(".html").write_text(page(notebook, job, error), encoding="utf-8")
    return error


def page(notebook: nbformat.NotebookNode, job: Job, error: str = "") -> str:
    """Given an executed notebook, return its page: code folded away, nothing loaded from outside the file."""
    language = job.language
    links = [{"href": "index.html", "text": say(language, "page", "index")}]
    for other in job.languages:
        if other != language:
            links.append({"href": job.target(".html", other).name, "text": say(language, "page", "other")})
    facts = {
        "lang": LANG[language],
        "title": title(job.name, language),
        "style": templates().joinpath("style.css").read_text(encoding="utf-8"),
        "links": links,
        "code": say(language, "heading", "code"),
        "parameters": say(language, "heading", "parameters"),
        "injected": any("injected-parameters" in cell.metadata.get("tags", []) for cell in notebook.cells),
        "failed": say(language, "page", "failed"),
        "error": error,
    }
    with resources.as_file(templates()) as folder:
        base = [str(folder)]
        exporter = HTMLExporter(template_name="page", extra_template_basedirs=base)  # type: ignore[no-untyped-call]
        exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
        html: str = exporter.from_notebook_node(notebook, resources={"page": facts})[0]
    return html


def title(name: str, language: str) -> str:
    """The title of a notebook's page; its file name where it has none."""
    try:
        return say(language, "title", name)
    except KeyError:
        return name


def templates() -> resources.abc.Traversable:
    return resources.files("govdisclose").joinpath("templates")


def _serve() -> None:
    """Run the jobs that come in on standard input until it ends."""
    # What notebooks and libraries print must not get among the results.
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    for line in sys.stdin:
        started = time.monotonic()
        error = run(Job(**json.loads(line)))
        print(json.dumps({"error": error, "seconds": time.monotonic() - started}), file=results, flush=True)


def as_line(job: Job) -> str:
    """A job as the worker reads it."""
    return json.dumps(asdict(job), ensure_ascii=True) + "\n"


def from_line(line: str) -> Mapping[str, Any]:
    """A worker's answer: error and seconds."""
    answer: Mapping[str, Any] = json.loads(line)
    return answer


if __name__ == "__main__":
    _serve()
