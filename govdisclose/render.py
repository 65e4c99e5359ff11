"""A panel in, report pages out: notebooks x languages x groups, run in parallel, and an index that says what was read."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import pandas as pd
from tqdm import tqdm

from govdisclose import changes
from govdisclose.counted import PRINTED, counted
from govdisclose.execute import Job, href, prepare, run
from govdisclose.exhibits import FOLDER, links, write_exhibits
from govdisclose.index import Link, write_index
from govdisclose.kinds import kind_name
from govdisclose.lineage import partners
from govdisclose.manifest import Manifest, code_digest, digest, document_digests, failures_digest, provenance, versions
from govdisclose.measures import RATES
from govdisclose.notebook import PROFILE, QUALITY
from govdisclose.panel import Panel, open_panel
from govdisclose.parameters import FILES, asked_for, declared, find_notebooks
from govdisclose.places import placed, places, read_places, regions
from govdisclose.profile import COMPARED
from govdisclose.warm import Died, Warm

PER = {"agency": "agency", "region": "region", "kind": "agency_kind", "year": "year"}
"""What pages can be made for one by one -> the column of a panel's reports that tells it; the region is that of `regions`."""


@dataclass(frozen=True)
class Rendered:
    """One page: the notebook and language it was made from, its files, how long it took, what went wrong or "", the group it
    is about ("" for the whole selection) as (per, value), and whether it was up to date and left as it is."""

    notebook: str
    language: str
    html: Path
    ipynb: Path
    seconds: float
    error: str = ""
    group: tuple[str, str] = ("", "")
    kept: bool = False

    def __str__(self) -> str:
        how = "up to date" if self.kept else f"{self.seconds:.1f} s"
        return f"{self.html}: " + (f"failed: {self.error}" if self.error else how)


@dataclass(frozen=True)
class _Task:
    """A page to be: how it is made, its group, and the key that says whether it is up to date."""

    job: Job
    group: tuple[str, str]
    page: str
    key: str


def build_reports(
    panel_path: Path,
    out: Path,
    notebooks: Sequence[str] | None = None,
    languages: Sequence[str] = ("zh", "en"),
    parameters: Mapping[str, object] | None = None,
    workers: int | None = None,
    notebooks_dir: Path | None = None,
    per: Sequence[str] = (),
) -> list[Rendered]:
    """Run notebooks on a panel and write their pages, executed notebooks, a page for each document, and `index.html`.

    A notebook that fails leaves its traceback on its own page, and the rest goes on. The same panel and parameters give
    the same pages, byte by byte; a page whose notebook, parameters, versions and documents are those that it was made
    with is left as it is, so a run that was stopped goes on where it stopped.

    Parameters
    ----------
    panel_path : the panel file
    out : folder to write to, made where missing
    notebooks : names such as "denial_reasons"; None for all in the folder of notebooks (but the profile of one agency and
        the guides), or files of your own; none of them where only pages `per` something are wanted
    languages : of "zh" and "en"
    parameters : what to narrow the reports down to: agencies, years, agency_kind; which figures count: values ("printed",
        "corrected", "sound") and the file of corrections; the file places that says where agencies are, see `read_places`
    workers : most notebooks to run at a time; None for one a processor
    notebooks_dir : folder of notebooks; None for those that come with the package
    per : of "agency", "region", "kind", "year": besides, pages for each of these: the profile for each agency, the
        notebooks otherwise; regions are provinces, cities or counties, see `places.regions`

    Returns
    -------
    One `Rendered` a page, notebook by notebook, language by language; then those of each group

    Raises
    ------
    ValueError : no such panel, notebook, language or parameter, a parameter of the wrong type, an empty selection, or
        no document that tells what pages are to be made per; nothing has been run then
    KeyboardInterrupt : Ctrl-C; what was made stays
    """
    given = dict(parameters or {})
    folder = notebooks_dir or find_notebooks()
    files = asked_for(notebooks, folder, languages, given)
    panel = open_panel(panel_path)
    overrides = read_places(str(given["places"])) if given.get("places") else None
    if overrides is not None:
        panel = placed(panel, overrides)
    selected = _select(panel, given)
    told = places(selected, overrides)
    if corrections := str(given.get("corrections") or ""):
        selected = selected.correct(corrections)
    counted(selected, str(given.get("values") or PRINTED))
    tasks = list(_tasks(panel, selected, regions(told), panel_path, out, files, languages, given, per, folder))
    out.mkdir(parents=True, exist_ok=True)
    compared = [str((declared(file) | given).get("measure") or "") for file in files]
    write_exhibits(selected, out / FOLDER, (*RATES, *COMPARED, *compared))  # before the notebooks, which link to the pages that are there
    manifest = Manifest(out)
    todo = [task for task in tasks if not manifest.is_current(task.page, task.key)]
    made: dict[str, tuple[float, str]] = {}

    def finished(task: _Task, seconds: float, error: str) -> None:
        made[task.page] = seconds, error
        if not error:
            manifest.add(task.page, task.key)

    try:
        _run_all(todo, panel_path, min(workers or os.cpu_count() or 1, len(todo)), finished)
    finally:
        manifest.close()
    rendered = [_rendered(task, out, made.get(task.page)) for task in tasks]
    pages = [
        Link(one.notebook, one.language, href(task.page) if one.html.exists() else "", one.error, one.group)
        for one, task in zip(rendered, tasks, strict=True)
    ]
    for name in FILES:
        if given.get(name):
            given[name] = _seen_from(out, str(given[name]))
    write_index(panel, pages, given, out / "index.html", links(panel, out / FOLDER, out), places(panel, overrides))
    return rendered


def _rendered(task: _Task, out: Path, made: tuple[float, str] | None) -> Rendered:
    job, page = task.job, out / task.page
    seconds, error = made or (0.0, "")
    return Rendered(job.name, job.language, page, page.with_suffix(".ipynb"), seconds, error, task.group, made is None)


def _seen_from(folder: Path, file: str | Path) -> str:
    """The relative place of a file, so that a page names no folder of this machine."""
    return Path(os.path.relpath(Path(file).resolve(), folder.resolve())).as_posix()


def _select(panel: Panel, given: Mapping[str, Any]) -> Panel:
    return panel.select(given.get("agencies") or None, given.get("years") or None, given.get("agency_kind") or None)


# --- what is to be made -----------------------------------------------------------------------------------------------
def _tasks(
    panel: Panel,
    selected: Panel,
    home_of: pd.Series[str],
    panel_path: Path,
    out: Path,
    files: Sequence[Path],
    languages: Sequence[str],
    given: Mapping[str, Any],
    per: Sequence[str],
    folder: Path,
) -> Iterator[_Task]:
    """Every page, each with its key."""
    digests, unread = document_digests(panel), failures_digest(panel)
    earlier = changes.digest_of(panel_path)
    common = digest(code_digest(), *(f"{name} {number}" for name, number in versions().items()))
    taken = {file: declared(file) for file in [*files, *folder.glob(f"{PROFILE}.ipynb")]}
    texts = {file: digest(file.read_text(encoding="utf-8")) for file in [*files, *folder.glob(f"{PROFILE}.ipynb")]}
    wanted = [(file, ("", ""), given, selected.reports) for file in files]
    for one in per:
        wanted += list(_groups(one, selected, home_of, files, given, folder))
    names = _page_names([group for _, group, _, _ in wanted])
    kin = partners(panel) if any(file.stem == PROFILE for file, _, _, _ in wanted) else {}
    for (file, group, parameters, reports), language in product(wanted, languages):
        place = Path(names[group]) / file.stem if group[0] and file.stem != PROFILE else Path(names[group] or file.stem)
        home = out.resolve() / place.parent
        sources = sorted(_used(file, panel, reports, kin))
        own = {"panel_path": _seen_from(home, panel_path), "language": language}
        beside = {name: str(parameters[name]) for name in FILES if parameters.get(name) and name in taken[file]}
        own |= {name: _seen_from(home, one) for name, one in beside.items()}
        told = {name: value for name, value in parameters.items() if name in taken[file]} | own
        job = Job(
            str(file.resolve()), str(home), place.name, language, tuple(languages), told, kind_name(group[1], language) if group[0] == "kind" else group[1],
            "/".join([".."] * (len(place.parts) - 1) + ["index.html"]), provenance(panel, sources, told, file),
        )  # fmt: skip
        rests_on = [digests[source] for source in sources]
        rests_on += [digest(Path(one).read_text(encoding="utf-8")) for one in beside.values()]
        if file.stem != PROFILE:
            rests_on.append(unread)
        if file.stem == QUALITY:
            rests_on.append(earlier)
        shown = replace(job, notebook=file.name, out="")
        key = digest(common, texts[file], repr(shown), *rests_on)
        yield _Task(job, group, (place.parent / job.target(".html").name).as_posix(), key)


def _groups(
    per: str, selected: Panel, home_of: pd.Series[str], files: Sequence[Path], given: Mapping[str, Any], folder: Path
) -> Iterator[tuple[Path, tuple[str, str], Mapping[str, Any], Any]]:
    """The notebooks to run for each value of a column of the reports, with the parameters that narrow them down to it."""
    column, reports = PER[per], selected.reports[(selected.reports["agency"] != "") & selected.reports["year"].notna()]
    if per == "region":
        reports = reports.assign(region=reports["agency"].map(home_of))
    told = reports[reports[column].notna() & (reports[column].astype("str") != "")]
    if told.empty:
        mend = "; an agencies.csv in the folder (agency,agency_kind,region) can tell it" if per != "year" else ""
        raise ValueError(f"no document of the selection tells its {per}{mend}")
    for value, mine in told.groupby(column, sort=True):
        names = sorted(set(mine["agency"]))
        narrowed: dict[str, object] = {"agencies": names}
        if per in ("kind", "year"):
            narrowed = {"agency_kind": str(value)} if per == "kind" else {"years": [int(str(value))]}
        parameters = dict(given) | narrowed
        own = [folder / f"{PROFILE}.ipynb"] if per == "agency" else [file for file in files if file.stem != PROFILE]
        for file in own:
            yield file, (per, str(value)), parameters, mine


def _used(file: Path, panel: Panel, reports: Any, kin: Mapping[str, set[str]]) -> set[str]:
    """The documents that a page rests on: those of its selection, and for a profile those of its peers, forerunners, successors."""
    if file.stem != PROFILE:
        return set(reports["source"])
    kinds, related = set(reports["agency_kind"]), set().union(*(kin.get(name, ()) for name in set(reports["agency"])))
    beside = panel.reports["agency_kind"].isin(kinds) | panel.reports["agency"].isin(related)
    return set(reports["source"]) | set(panel.reports["source"][beside])


def _page_names(groups: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """A path for the pages of each group, told apart also where file names ignore case, and safe whatever the value is."""
    names: dict[tuple[str, str], str] = {("", ""): ""}
    taken: set[str] = set()
    for per, value in dict.fromkeys(group for group in groups if group[0]):
        clean = re.sub(r"[^\w-]+", "_", value)[:60]
        name = f"{per}/{clean}" if clean == value else f"{per}/{clean}-{digest(value)[:8]}"
        if name.casefold() in taken:
            name = f"{per}/{clean}-{digest(value)[:8]}"
        taken.add(name.casefold())
        names[per, value] = name
    return names


# --- running ----------------------------------------------------------------------------------------------------------
def _run_all(tasks: Sequence[_Task], panel_path: Path, workers: int, finished: Callable[[_Task, float, str], None]) -> None:
    """Run tasks in so many warm processes; `finished` is called for each, in whatever order they end."""
    todo: SimpleQueue[_Task] = SimpleQueue()
    for task in tasks:
        todo.put(task)
    hands: list[_Hand] = []
    with tempfile.TemporaryDirectory() as profile, ThreadPoolExecutor(max(1, workers)) as pool:
        bar = tqdm(total=len(tasks), desc="Running notebooks", unit="page", disable=None)
        try:
            first = partial(prepare, str(panel_path.resolve()))
            hands += [_Hand(todo, Path(profile) / str(place), first, finished, bar) for place in range(workers)]
            for done in [pool.submit(hand.work) for hand in hands]:
                done.result()
        finally:
            for hand in hands:
                hand.stop()
            bar.close()


class _Hand:
    """Gives one task after the other to a warm process, to a new one where it has died."""

    def __init__(
        self,
        todo: SimpleQueue[_Task],
        profile: Path,
        first: Callable[[], None],
        finished: Callable[[_Task, float, str], None],
        bar: Any,
    ) -> None:
        self._todo, self._profile, self._first, self._finished, self._bar = todo, profile, first, finished, bar
        self._warm: Warm | None = None
        self._stopped = False

    def work(self) -> None:
        while not self._stopped:
            try:
                task = self._todo.get_nowait()
            except Empty:
                break
            if self._warm is None or not self._warm.alive:
                self._warm = Warm(self._profile, self._first)
            started = monotonic()
            try:
                error = self._warm.call(run, task.job)
            except Died as died:
                error = str(died)
                for suffix in (".html", ".ipynb"):  # What the dead have left may be of the run before.
                    task.job.target(suffix).unlink(missing_ok=True)
            if not self._stopped:
                self._finished(task, monotonic() - started, error)
                self._bar.update()
        self.stop()

    def stop(self) -> None:
        self._stopped = True
        if self._warm is not None:
            self._warm.close()
