"""Walking through what does not hold: one question a broken identity, each answer a line in the file of corrections.

The file is replaced in one step after every answer, so stopping at any moment loses nothing, and the next walk begins where
this one ended: what is corrected holds, what was confirmed is not asked again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from govdisclose.cells import Filled
from govdisclose.checks import check_cells
from govdisclose.corrections import (
    COLUMNS,
    CONFIRMED,
    corrections_frame,
    outcomes,
    read_corrections,
    with_corrections,
    write_corrections,
)
from govdisclose.counted import corrected_in_place, filled
from govdisclose.findings import Finding
from govdisclose.forms import load_forms
from govdisclose.frames import keys_of
from govdisclose.localise import Explanation, localise
from govdisclose.numbers import read_figure
from govdisclose.panel import Panel
from govdisclose.wording import say

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Ask = Callable[[str, str], str]
"""A question and the answer if nothing is typed -> the answer."""


def legible(text: str) -> Text:
    """Text of a document for the terminal: neither markup nor control characters in it do anything."""
    return Text(_CONTROL.sub("\ufffd", text))


@dataclass(frozen=True)
class Question:
    """One broken identity of one document, what would explain it, and the cells as they are printed."""

    agency: str
    year: int
    source: str
    finding: Finding
    ways: tuple[Explanation, ...]
    cells: dict[str, Filled]

    @property
    def cell(self) -> str:
        """The cell most likely at fault, else the total that the others were compared with."""
        one = self.finding
        return f"{one.table}.{one.row}.{one.column}" if one.row and one.column else one.involved[-1]


def review(
    panel: Panel, path: Path, who: str, language: str, show: Callable[[RenderableType], None], ask: Ask
) -> tuple[int, int]:
    """Ask about every open error of a panel and write the answers to a file of corrections.

    Parameters
    ----------
    panel : as it was read
    path : the file of corrections; made where there is none, else gone on with
    who : goes into the file
    language : "zh" or "en", of questions and messages
    show, ask : what prints, and what asks; whatever they raise ends the walk, and all answers so far are in the file

    Returns
    -------
    How many questions were answered, and how many are open still

    Raises
    ------
    ValueError : the file is there and holds no corrections
    """
    given = read_corrections(path) if path.exists() else corrections_frame([])
    errors = panel.findings[panel.findings["severity"] == "error"]
    told = errors[errors["agency"].fillna("").ne("") & errors["year"].notna()]
    concerned = panel.cells[panel.cells["source"].isin(told["source"])]
    answered, skipped, stop = 0, 0, False
    for _, cells in concerned.groupby("source", sort=False):
        passed: set[tuple[str, ...]] = set()
        while not stop and (question := next(_open(cells, given, passed), None)) is not None:
            show(_shown(question, language))
            answer = _answer(question, language, show, ask)
            if answer is None:
                stop = True
            elif not answer:
                passed.add(question.finding.involved)
            else:
                given = _with(given, question, answer, who)
                write_corrections(given, path)
                answered += 1
        skipped += sum(1 for _ in _open(cells, given, set()))
    return answered, skipped


def _open(cells: pd.DataFrame, given: pd.DataFrame, passed: set[tuple[str, ...]]) -> Iterator[Question]:
    """The questions of a document that no correction has settled and that were not passed over."""
    told = outcomes(cells, given)
    confirmed = told[told["outcome"] == CONFIRMED]
    settled = set(keys_of(confirmed))
    slots = filled(corrected_in_place(with_corrections(cells, told)))
    by_key = {slot.slot.key: slot for slot in slots}
    ways = localise(slots)
    row = cells.iloc[0]
    for finding in check_cells(slots):
        if finding.severity != "error" or finding.involved in passed or settled & set(finding.involved):
            continue
        groups = {one.group for one in ways if any(repair.cell in finding.involved for repair in one.repairs)}
        own = tuple(one for one in ways if one.group in groups)
        yield Question(str(row["agency"]), int(row["year"]), str(row["source"]), finding, own, by_key)


def _shown(question: Question, language: str) -> RenderableType:
    """A question as a table: what does not hold, the row as printed, the explanations by number."""
    one = question.finding
    at = 0 if language == "zh" else 1
    cell = question.cells[question.cell]
    grid = Table(box=None, show_header=False, pad_edge=False)
    whose = legible(f"{question.agency} {question.year} · {question.source} · {cell.place}")
    whose.stylize("bold")
    grid.add_row(whose)
    grid.add_row(Text(_told(one, language), style="red"))
    form = load_forms()[cell.slot.form].table(cell.slot.table).row(cell.slot.row)
    row = Table(title=(form.label.zh, form.label.en)[at], title_justify="left", pad_edge=False)
    printed = []
    for slot, column in zip(form.slots, form.columns, strict=True):
        row.add_column((column.zh, column.en)[at], overflow="fold", justify="right")
        own = question.cells[slot.key]
        printed.append(Text(legible(own.text).plain or f"({own.state})", style="reverse" if own is cell else ""))
    row.add_row(*printed)
    grid.add_row(row)
    for number, way in enumerate(question.ways, 1):
        grid.add_row(legible(f"{number}. {_told(way, language)}"))
    return grid


Change = tuple[str, float, str]
"""A cell's key, the figure that should stand there, and the reason."""


def _answer(question: Question, language: str, show: Callable[[RenderableType], None], ask: Ask) -> Sequence[Change] | None:
    """The changes that the answer stands for; none of them to pass over the question, None to end the walk."""
    sure = bool(question.ways) and question.ways[0].unique
    take = say(language, "review", "take", count=len(question.ways)) if question.ways else ""
    while True:
        said = ask(say(language, "review", "asked", ways=take), "1" if sure else "s").strip().lower()
        if said == "q":
            return None
        if said == "s":
            return ()
        printed = read_figure(question.cells[question.cell].text).value
        if said == "p" and printed is not None:
            return [(question.cell, printed, say(language, "review", "as_printed"))]
        if said == "v":
            typed = _typed(question, language, ask)
            if typed is not None:
                return [typed]
        elif said.isdecimal() and 1 <= int(said) <= len(question.ways):
            way = question.ways[int(said) - 1]
            return [(repair.cell, repair.mended, _told(way, language)) for repair in way.repairs]
        show(Text(say(language, "review", "again"), style="yellow"))


def _told(one: Finding | Explanation, language: str) -> str:
    return one.message if language == "zh" else one.message_en


def _typed(question: Question, language: str, ask: Ask) -> Change | None:
    key = ask(say(language, "review", "which"), question.cell).strip()
    found = [known for known in question.cells if known == key or known.endswith(f".{key}")]
    figure = read_figure(ask(say(language, "review", "what"), ""))
    reason = ask(say(language, "review", "why"), "").strip()
    if len(found) != 1 or figure.value is None or not reason:
        return None
    if figure.value < 0 and not question.cells[found[0]].slot.signed:
        return None
    return found[0], figure.value, reason


def _with(given: pd.DataFrame, question: Question, changes: Sequence[Change], who: str) -> pd.DataFrame:
    """The corrections with these changes; a cell that was corrected before takes the newer one."""
    rows: list[dict[str, Any]] = []
    for key, value, reason in changes:
        slot = question.cells[key].slot
        place = {"agency": question.agency, "year": question.year, "table": slot.table, "row": slot.row, "column": slot.column}
        told = {"printed": question.cells[key].text, "corrected": value, "reason": reason, "who": who}
        rows.append(place | told | {"date": date.today().isoformat()})
    new = corrections_frame(rows)
    cells = list(COLUMNS[:5])
    kept = given[~given.set_index(cells).index.isin(new.set_index(cells).index)]
    return pd.concat([kept, new], ignore_index=True) if len(kept) else new
