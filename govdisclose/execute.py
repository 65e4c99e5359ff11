"""One notebook and its parameters in, an executed notebook and a self-contained HTML page out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import papermill  # type: ignore[import-untyped]
from nbconvert import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters import Highlight2HTML
from papermill.engines import papermill_engines  # type: ignore[import-untyped]
from papermill.exceptions import PapermillExecutionError  # type: ignore[import-untyped]

from govdisclose import warm
from govdisclose.dictionary import dictionary
from govdisclose.notebook import PROFILE, opened
from govdisclose.wording import say

papermill_engines.register(warm.ENGINE, warm.WarmEngine)  # known also where only the sources are there

LANG = {"zh": "zh-CN", "en": "en"}
"""Language of a page -> its code in HTML."""


@dataclass(frozen=True)
class Job:
    """One run: the notebook, where to, with what.

    Attributes
    ----------
    notebook : path of the notebook
    out : folder of the page; the notebook runs in it
    stem : name of the page, without language and suffix
    language, languages : of this page, and all in which it is made
    parameters : what the notebook is given
    group : whom or what alone the page is about, in words; "" for the whole selection
    home : address of the index, seen from the page
    provenance : what the page rests on, for its footer: label -> value
    """

    notebook: str
    out: str
    stem: str
    language: str
    languages: tuple[str, ...]
    parameters: Mapping[str, Any]
    group: str = ""
    home: str = "index.html"
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The notebook's name."""
        return Path(self.notebook).stem

    def target(self, suffix: str, language: str = "") -> Path:
        """The page (`.html`) or executed notebook (`.ipynb`) of this run."""
        return Path(self.out) / f"{self.stem}.{language or self.language}{suffix}"


def prepare(panel_path: str) -> None:
    """What a process that runs many jobs on one panel does first (see `warm.Warm`)."""
    logging.getLogger("papermill").setLevel(logging.ERROR)
    warm.prepare()
    for slow in ("scipy.stats", "statsmodels.stats.multitest", "statsmodels.stats.proportion"):
        import_module(slow)  # Imported where they are used; here once for all pages, since it takes as long as half of one.
    dictionary()
    opened(Path(panel_path))
    code = nbformat.v4.new_code_cell('import this  # "and all that is like it"')  # type: ignore[no-untyped-call]
    page(nbformat.v4.new_notebook(cells=[code]), Job("", "", "", "zh", ("zh",), {}))  # type: ignore[no-untyped-call]


def run(job: Job) -> str:
    """Run a notebook with papermill, write the executed notebook and its page, return what went wrong or "".

    A failing notebook leaves what it made, and its traceback, on its page. Both files appear whole or not at all.
    """
    target, error = job.target(".ipynb"), ""
    target.parent.mkdir(parents=True, exist_ok=True)
    for old in (target, job.target(".html")):
        old.unlink(missing_ok=True)
    part = job.target(".part.ipynb")
    try:
        papermill.execute_notebook(
            job.notebook, str(part), job.parameters, engine_name=warm.ENGINE, kernel_name="python3", language="python", cwd=job.out,
            progress_bar=False, request_save_on_cell_execute=False,
        )  # fmt: skip
    except PapermillExecutionError as failed:
        error = f"{failed.ename}: {failed.evalue}"
    except Exception as failed:  # Whatever happens to one page, it says so itself and the batch goes on.
        error = f"{type(failed).__name__}: {failed}"
    notebook = nbformat.read(part if part.exists() else job.notebook, as_version=4)  # type: ignore[no-untyped-call]
    if part.exists():
        part.replace(target)
    write_whole(job.target(".html"), page(notebook, job, error))
    return error


def write_whole(target: Path, text: str) -> None:
    """Write a file that nobody ever sees in part."""
    part = target.with_name(f".{target.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(target)


def page(notebook: nbformat.NotebookNode, job: Job, error: str = "") -> str:
    """Given an executed notebook, return its page: code folded away, nothing loaded from outside the file."""
    language = job.language
    links = [{"href": job.home, "text": say(language, "page", "index"), "lang": ""}]
    for other in job.languages:
        if other != language:
            links.append({"href": href(job.target(".html", other).name), "text": say(language, "page", "other"), "lang": LANG[other]})
    facts = {
        "lang": LANG[language],
        "title": " · ".join(filter(None, (job.group, title(job.name, language)))),
        "group": job.group if job.name != PROFILE else "",  # A profile's own title names its agency.
        "style": templates().joinpath("style.css").read_text(encoding="utf-8"),
        "links": links,
        "code": say(language, "heading", "code"),
        "parameters": say(language, "heading", "parameters"),
        "injected": any("injected-parameters" in cell.metadata.get("tags", []) for cell in notebook.cells),
        "failed": say(language, "page", "failed"),
        "error": error,
        "provenance": [(say(language, "provenance", name), value) for name, value in job.provenance.items()],
        "provenance_title": say(language, "provenance", "title"),
    }
    html: str = _exporter().from_notebook_node(notebook, resources={"page": facts})[0]
    return html


class _Exporter(HTMLExporter):
    """nbconvert's HTML without the last step, which parses the page again to add alternative texts that ours has."""

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:
        lexer = nb.metadata.get("language_info", {}).get("pygments_lexer", "python")
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer, parent=self))  # type: ignore[no-untyped-call]
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)


@cache
def _exporter() -> _Exporter:
    exporter = _Exporter(template_name="page", extra_template_basedirs=[str(templates())])  # type: ignore[no-untyped-call]
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    return exporter


def href(path: str) -> str:
    """A path below the page as an address: every name is taken as it is, whatever is in it."""
    return quote(path, safe="/")


def title(name: str, language: str) -> str:
    """The title of a notebook's page; its file name where it has none."""
    try:
        return say(language, "title", name)
    except KeyError:
        return name


def templates() -> resources.abc.Traversable:
    return resources.files("govdisclose").joinpath("templates")
