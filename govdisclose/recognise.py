"""Runs of figures -> rows of an official form: which tables a document has, under which form, and how their rows lie.

In the usual case every run carries its row's label and one pass suffices; the rest is paired by labels and order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import repeat

from govdisclose.forms import Form, Table, table_forms
from govdisclose.labelled import read_labelled
from govdisclose.labels import LABEL, OTHER, exact_meaning, meaning_of
from govdisclose.pairing import FITS, LOSE_ROW, OWN, Pairing, Placed, candidates, row_in
from govdisclose.runs import Mark, Reading, Run, is_empty
from govdisclose.words import label_key

_FEW = 0.2  # of a table's rows
_NEAR = 16  # lines before figures in which a piece of a row's label may stand


@dataclass(slots=True)
class Match:
    """How a table of a form is found in a document. `headers`: labels and other short texts above each
    block; `notes`: remarks on units in and around the table; `labelled`: the figures by slot, in a table that names
    each of them; `tied`: no table tells which of several forms it is."""

    form: Form
    table: Table
    placed: list[Placed]
    score: float
    unplaced: list[Run]
    headers: dict[int, list[Mark]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    labelled: dict[int, Mark | None] | None = None
    tied: bool = False

    @property
    def missing(self) -> int:
        """How many rows of the table were not found."""
        return 0 if self.labelled is not None else len(self.table.rows) - sum(len(one.rows) for one in self.placed)


def tables_of(reading: Reading) -> dict[str, list[Run]]:
    """Which table each run stands in, by the last label before it that belongs to one table only."""
    current = ""
    found: dict[str, list[Run]] = {}
    for run in reading.runs:
        for mark in (*run.pending, *run.own):
            meaning = mark.token.meaning
            if meaning is not None and len(meaning.tables) == 1:
                current = next(iter(meaning.tables))
        run.table = current
        if current:
            found.setdefault(current, []).append(run)
    return found


def _quick(form: Form, table: Table, runs: list[Run]) -> list[Placed] | None:
    """The usual case: every run is named by the label right before it, in the form's order, none lacking."""
    home = (form.key, table.key)
    if len(runs) != len(table.rows):
        return None
    placed = []
    for j, run in enumerate(runs):
        last = run.own[-1] if run.own else run.pending[-1] if run.pending else None
        if last is None or row_in(last.token.meaning, home) != j or len(run.values) < len(table.rows[j].slots):
            return None
        if not run.own and j and sum(1 for m in run.pending if row_in(m.token.meaning, home) is not None) > 1:
            return None
        placed.append(Placed([run], [j], True))
    return placed


def _exact_row(run: Run, home: tuple[str, str]) -> int | None:
    """The row that the last label in a run's own line, or in the lines before it, names to the letter; None for a line of headings."""
    named = (run.own if run.whole else []) if run.own else run.pending[-1:]
    last = named[-1].token if named else None
    if last is None or last.kind != LABEL or sum(mark.token.meaning is not None and home in mark.token.meaning.columns for mark in named) > 1:
        return None
    return row_in(exact_meaning(last.text), home)


def _moved(form: Form, table: Table, runs: list[Run]) -> tuple[list[Placed], list[Run]] | None:
    """All rows in another order than the form's, each named once and to the letter in its own line or right before it; and the runs left over.

    None where they stand in the form's order, or where anything but a row that the form does not have is left over. A label that columns
    have as well (其他) counts only in its place: where the form has it, right below a row of its group, or beside its group's label.
    """
    home = (form.key, table.key)
    named = [(run, row) for run in runs if (row := _exact_row(run, home)) is not None]
    order = [row for _, row in named]
    if order == sorted(order) or sorted(order) != list(range(len(table.rows))):
        return None  # not each row once: which form it is, and what is lost, needs more than labels
    blocks = [table.rows[row].block for row in order]
    if sum(a != b for a, b in zip(blocks, blocks[1:], strict=False)) >= len(set(blocks)):
        return None  # headings stand above each block
    for place, (run, row) in enumerate(named):
        meaning, line = (run.own or run.pending)[-1].token.meaning, table.rows[row]
        group = {label_key(text) for one in table.groups if one.key == line.group for text in one.spellings}
        below = bool(group) and place > 0 and table.rows[order[place - 1]].group == line.group
        beside = below or any(label_key(mark.token.text) in group for mark in (*run.pending, *run.own))
        fits = len(run.values) == len(line.slots) if table.one_line else len(run.values) >= len(line.slots)
        if not fits or (meaning is not None and home in meaning.columns and row != place and not beside):
            return None
    taken = {id(run) for run, _ in named}
    lost = [run for run in runs if id(run) not in taken]
    if any(not all(map(is_empty, run.values)) and not (run.own and run.own[-1].token.kind == OTHER) for run in lost):
        return None
    return [Placed([run], [row], True) for run, row in named], lost


def match_table(form: Form, table: Table, runs: list[Run]) -> Match:
    """Given the runs that may belong to a table, return the best pairing with the table's rows."""
    quick = _quick(form, table, runs)
    if quick is None and (moved := _moved(form, table, runs)) is not None:
        return Match(form, table, moved[0], (OWN + FITS) * len(moved[0]), moved[1])
    labelled = None if quick is not None else read_labelled(form, table, runs)
    if labelled:
        placed = [Placed([run], [0], True) for run in (runs[0], runs[-1])]
        return Match(form, table, placed, OWN * len(labelled) / len(table.rows[0].slots), [], labelled=labelled)
    if quick is not None:
        match = Match(form, table, quick, (OWN + FITS) * len(quick), [])
    else:
        pairing = Pairing(form, table, runs)
        score, placed, lost = pairing.solve()
        match = Match(form, table, placed, score, lost)
        bare = [run for run in lost if pairing.bare(run)]
        again, before = any(not run.after_prose for run in bare), False
        if not table.one_line:
            for run in (one.runs[0] for one in placed):
                below, clear = _below_heading(run, (form.key, table.key), table)
                bare += [run] if below else []
                again, before = again or clear, before or (clear and not run.own)
            before = before or any(map(_label_follows, runs, runs[1:], repeat((form.key, table.key))))
        if bare:
            match = _labels_after(match, runs, bare, again)
        if before:  # one label at least stands after its figures: so may any that is not in their line
            match.placed = [one if one.runs[0].own or one.runs[0].whole else replace(one, sure=False) for one in match.placed]
    _strays(match)
    _drop_by_order(match, runs)
    return match


def _drop_by_order(match: Match, runs: list[Run]) -> None:
    """Where labels show that rows stand in another order than the form's, no row is told by its order."""
    home = (match.form.key, match.table.key)
    named: dict[int, int] = {}
    for run in runs:
        row = _exact_row(run, home)
        meaning = (run.own or run.pending)[-1].token.meaning if row is not None else None
        if row is not None and meaning is not None and home not in meaning.columns:
            named[id(run)] = row
    order = list(named.values())
    if order == sorted(order) or len(set(order)) < len(order):
        return
    wrong = [one for one in match.placed if not one.sure and named.get(id(one.runs[0])) not in one.rows]
    match.placed = [one for one in match.placed if one not in wrong]
    match.unplaced += [run for one in wrong for run in one.runs]


def _label_follows(run: Run, after: Run, home: tuple[str, str]) -> bool:
    """Whether figures stand right below a heading, and then a row's label with no figures of its own before the next heading."""
    before = run.pending[-1].token.meaning if run.pending and not run.own and not run.whole else None
    if before is None or home not in before.columns or home in before.rows:
        return False
    labels = [mark.token.meaning for mark in after.pending if mark.token.meaning is not None]
    return bool(labels) and home in labels[0].rows and home not in labels[0].columns and any(home in one.columns for one in labels[1:])


def _strays(match: Match) -> None:
    """Figures in lines of their own, where those of other rows stand beside their labels, may be none (page numbers)."""
    alone = [n for n, one in enumerate(match.placed) if one.runs[0].alone and any(not is_empty(mark) for mark in one.runs[0].values)]
    if 0 < len(alone) <= _FEW * len(match.placed):
        for n in alone:
            match.placed[n] = replace(match.placed[n], sure=False)


def _below_heading(run: Run, home: tuple[str, str], table: Table) -> tuple[bool, bool]:
    """Whether a heading stands between figures and the last label of a row, or piece of one, before them; and whether
    both are labels of a row and of a column."""
    heads = tuple(label_key(text) for text in table.furniture)
    named = row = below = clear = False
    for mark in (*run.pending, *run.own):
        meaning, text = mark.token.meaning, mark.token.text
        if meaning is None and named and label_key(text).startswith(heads):
            heading = any((part := meaning_of(piece)) and home in part.columns for piece in text.split())
            below, clear = True, clear or (heading and row)
        elif meaning is None:
            named = named or (mark.token.kind == OTHER and mark.line > run.line - _NEAR and bool(candidates(text, home)))
        elif home in meaning.rows:
            named = row = True
            below = clear = False
        elif named and home in meaning.columns:
            below, clear = True, row
        elif named and label_key(text).startswith(heads):
            below = True
    return below, clear


def _labels_after(match: Match, runs: list[Run], bare: list[Run], again: bool) -> Match:
    """A reading that leaves rows of bare figures over: the labels may stand after the figures; `again`: to be tried.

    So they do where that leaves nothing over. Where it does not fit either, the rows after the figures left over are in
    doubt, as far as the block goes.
    """
    if match.missing and again:
        pairing = Pairing(match.form, match.table, runs, either=True)
        score, placed, lost = pairing.solve()
        other = Match(match.form, match.table, placed, score, lost)
        if not other.missing and not any(pairing.bare(run) for run in lost):
            other.placed = [replace(one, sure=one.sure and bool(one.runs[0].own)) for one in placed]
            return other
    rows = match.table.rows
    for run in bare:
        after = [n for n, one in enumerate(match.placed) if one.runs[0].line > run.line]
        for n in after:
            one = match.placed[n]
            if rows[one.rows[0]].block == rows[match.placed[after[0]].rows[0]].block and not one.runs[0].own:
                match.placed[n] = replace(one, sure=False)
    return match


def _headers(match: Match, marks: list[Mark]) -> None:
    """Fill in the labels above the first row of each block: what stands between the figures before and its own."""
    start = 0
    for one in match.placed:
        block, run = match.table.rows[one.rows[0]].block, one.runs[0]
        if block not in match.headers:
            above = marks[start : run.mark]
            foreign = [i for i, m in enumerate(above) if m.token.meaning and match.table.key not in m.token.meaning.tables]
            match.headers[block] = above[foreign[-1] + 1 :] if foreign else above
        start = one.runs[-1].mark


def _evidence(reading: Reading, table: str) -> Counter[str]:
    """How many labels of a table belong to one form only, by form."""
    votes: Counter[str] = Counter()
    for mark in reading.marks:
        meaning = mark.token.meaning
        if meaning is not None and meaning.tables == {table}:
            forms = {form for form, _ in meaning.homes}
            if len(forms) == 1:
                votes[next(iter(forms))] += 1
    return votes


def recognise(reading: Reading, year: int | None = None) -> dict[str, Match]:
    """Given the runs of a document, return for each table found how its rows lie, under the form that fits best.

    What fits several forms alike follows the other tables, or else the newest form that was there in the year reported on.
    """
    matches: dict[str, Match] = {}
    undecided: dict[str, list[Match]] = {}
    for name, runs in tables_of(reading).items():
        homes = [form for form in table_forms().values() if any(t.key == name for t in form.tables)]
        votes = _evidence(reading, name) if len(homes) > 1 else Counter()
        if len(votes) == 1:
            homes = [form for form in homes if form.key in votes]
        tried = [match_table(form, form.table(name), runs) for form in homes]
        worth = [m.score - LOSE_ROW * m.missing + 0.5 * votes[m.form.key] for m in tried]
        best = [match for match, value in zip(tried, worth, strict=True) if value == max(worth)]
        complete = [match for match in best if not match.missing]
        if len(complete or best) > 1:
            undecided[name] = complete or best
        else:
            matches[name] = (complete or best)[0]
    newest = max((match.form.key for match in matches.values()), default="")
    for name, best in undecided.items():
        there = [match for match in best if year is None or match.form.since <= year] or best
        latest = max(there, key=lambda match: match.form.since)
        matches[name] = replace(next((match for match in best if match.form.key == newest), latest), tied=not newest)
    for match in matches.values():
        _headers(match, reading.marks)
        if match.placed:
            first, last = match.placed[0].runs[0].line, match.placed[-1].runs[-1].line
            notes = [m for m in reading.notes if first - 12 <= m.line <= last + 3]
            match.notes = [m.token.text for m in notes if "单位" in m.token.text]
    return {name: match for name, match in matches.items() if match.placed}
