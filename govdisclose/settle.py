"""Figures read with doubt (off a picture, or without ruling), and how sure each is -> figures that count: the form's identities settle what is in doubt.

A figure that was read without doubt is as printed, and breaks an identity only if the print does. One in doubt counts if
the identities leave it, among what its print could plausibly be, exactly one reading; else it is unreadable.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from govdisclose.cells import Filled
from govdisclose.findings import Finding
from govdisclose.forms import Form, Identity, load_forms, parts_of
from govdisclose.identities import TOLERANCE, together
from govdisclose.numbers import ABSENT, BLANK, NUMBER, UNREADABLE, read_figure

SURE = 0.9
"""How sure a figure must have been read to count by itself: below it, one in fifty of the trial's figures was wrong."""

_DAMAGED = 0.5  # how sure can be at most what stands, or is missing, where the print about it is damaged
_MAX_LOOKS = 600_000  # readings looked at to satisfy the identities of a table; beyond it the doubt stands
_PLACE = re.compile(r"table (\d+), row (\d+), column (\d+)|line (\d+)")
# Digits (and strokes) that bad print turns into one another.
_PAIRS = "17 14 1/ 7/ 06 08 09 27 23 38 35 39 49 46 56 58 59 68 69 89"
_LOOKS = {c: "".join(pair.replace(c, "") for pair in _PAIRS.split() if c in pair) for c in "0123456789/"}


class _Reading(NamedTuple):
    """What a cell may say: its text, and what that adds to a sum."""

    text: str
    adds: float


@lru_cache(maxsize=4096)
def readings(text: str) -> tuple[_Reading, ...]:
    """Given a figure as read in doubt, return what the print may plausibly be, itself first.

    Up to two digits are others that look alike; or one that stands twice or is thin (0, 1) was lost or is too many; or a
    point is the comma of thousands.
    """
    bare = text.replace(",", "").strip()
    if not re.fullmatch(r"[-+]?[\d/]{1,9}(?:\.\d{1,6})?|—", bare):
        return ()
    once = list(_swapped(bare))
    twice = [other for at, one in once for place, other in _swapped(one) if place > at] if len(bare) < 6 else []
    found: dict[str, _Reading] = {}
    whole = [bare.replace(".", "")] if re.fullmatch(r"\D?\d{1,3}\.\d{3}", bare) else []
    for one in (bare, *whole, *(one for _, one in once), *_longer(bare), *_shorter(bare), *twice):
        figure = read_figure(one)
        if figure.state not in (UNREADABLE, BLANK):
            found.setdefault(one, _Reading(one, figure.value or 0.0))
    return tuple(found.values())


def _swapped(text: str) -> Iterator[tuple[int, str]]:
    """Each text with one character that looks like another in its place, and which one."""
    for at, character in enumerate(text):
        for other in _LOOKS.get(character, ""):
            if other != "/" or len(text) == 1:
                yield at, text[:at] + other + text[at + 1 :]


def _longer(text: str) -> Iterator[str]:
    for at, character in enumerate(text):
        for more in {character, "0", "1"}:
            if character.isdigit():
                yield text[:at] + more + text[at:]
                yield text[: at + 1] + more + text[at + 1 :]


def _shorter(text: str) -> Iterator[str]:
    for at, character in enumerate(text):
        if len(text) > 1 and (character in "01" or character in (text[at - 1 : at], text[at + 1 : at + 2])):
            yield text[:at] + text[at + 1 :]


def confidence(
    cells: Sequence[Filled], sure: Mapping[tuple[int, int, int], float], doubts: Sequence[Finding] = ()
) -> dict[str, float]:
    """Given how sure the cells of a document were read, by table, row and number, return it by key of the form's cells.

    `doubts`: the findings so far. Where a picture lost the label of a row, an empty cell of the row may have lost its
    figure. Where it lost most labels of a table, or left most of its figures in doubt or all of the document's, any figure
    may have lost strokes (a 4 reads as a 1) and any empty cell its figure.
    """
    odds = {cell: sure[at] for cell in cells if (at := _at(cell.place)) in sure and cell.state != ABSENT}
    by_order = {key for doubt in doubts if doubt.rule == "row.by_order" for key in doubt.involved}
    damaged = _most((cell.slot.table, cell.slot.key in by_order) for cell in cells)
    damaged |= _most((cell.slot.table, one < SURE) for cell, one in odds.items() if cell.state != BLANK)
    is_lost = not any(c.state not in (BLANK, ABSENT, UNREADABLE) and odds.get(c, 1.0) >= SURE for c in cells)
    found = {}
    for cell, one in odds.items():
        blank = cell.state == BLANK
        if one >= SURE and (is_lost or cell.slot.table in damaged or (blank and cell.slot.key in by_order)):
            found[cell.slot.key] = _DAMAGED
        elif not blank:
            found[cell.slot.key] = one
    return found


def _at(place: str) -> tuple[int, int, int]:
    """Table, row and number of a cell by its place; zeros where it has none."""
    found = _PLACE.search(place)
    if found is None:
        return 0, 0, 0
    return (0, int(found[4]), 0) if found[4] else (int(found[1]), int(found[2]), int(found[3]))


def _most(told: Iterable[tuple[str, bool]]) -> set[str]:
    """The tables of which more cells are told to be so than not."""
    votes: Counter[str] = Counter()
    for table, is_so in told:
        votes[table] += 1 if is_so else -1
    return {table for table, vote in votes.items() if vote > 0}


def settle(
    cells: Sequence[Filled], sure: Mapping[str, float], doubts: Sequence[Finding] = ()
) -> tuple[tuple[Filled, ...], list[Finding]]:
    """Settle the cells of a report that was read off a picture.

    Parameters
    ----------
    cells : every cell of the report
    sure : how sure each figure was read (0 to 1), by "table.row.column"; a cell without is not in doubt
    doubts : the findings so far

    Returns
    -------
    The cells, in which a figure in doubt is settled or unreadable, and the findings with what was settled and what not.
    """
    found: list[Filled] = []
    notes: list[Finding] = []
    for (form, _), group in groupby(cells, key=lambda cell: (cell.slot.form, cell.slot.table)):
        settled, more = _settle_table(load_forms()[form], list(group), sure)
        found.extend(settled)
        notes.extend(more)
    told = {note.involved for note in notes}
    return tuple(found), [*(d for d in doubts if d.rule != "cell.unreadable" or d.involved not in told), *notes]


def _settle_table(
    form: Form, cells: list[Filled], sure: Mapping[str, float]
) -> tuple[list[Filled], list[Finding]]:
    odds = {cell.slot.index: sure.get(cell.slot.key, 1.0) for cell in cells}
    doubtful = {cell.slot.index: cell for cell in cells if odds[cell.slot.index] < SURE}
    if not doubtful:
        return cells, []
    known = {
        c.slot.index: c.value or 0.0 for c in cells if c.slot.index not in doubtful and c.state not in (UNREADABLE, ABSENT)
    }
    domains = {index: readings(cell.text) if odds[index] else () for index, cell in doubtful.items()}
    open_ = {index: domain for index, domain in domains.items() if domain}
    told = known.keys() | open_.keys()
    sums = [i for i in form.identities if i.table == cells[0].slot.table and told >= set(i.slots)]
    left = _left_over(sums, known, open_)
    settled: list[Filled] = []
    findings: list[Finding] = []
    confirmed: list[Filled] = []
    placeless: list[Filled] = []
    for cell in cells:
        index = cell.slot.index
        if index not in doubtful:
            settled.append(cell)
            continue
        witnesses = sum(1 for i in sums if index in i.slots)
        only = left[index][0] if witnesses and len(left.get(index, ())) == 1 else None
        if only is not None and only == open_[index][0]:
            confirmed.append(cell)
            settled.append(cell)
        elif only is not None and witnesses > 1:
            figure = read_figure(only.text)
            settled.append(cell._replace(value=figure.value, state=figure.state))
            findings.append(_note(form, cell, odds[index], only))
        else:
            settled.append(cell._replace(value=None, state=UNREADABLE))
            if not odds[index] and cell.state != UNREADABLE:
                placeless.append(cell)
                continue
            findings.append(_unreadable(form, cell, odds[index], only))
    if confirmed:
        findings.append(_confirmation(form, confirmed))
    if placeless:
        findings.append(_unruled(form, placeless))
    return settled, findings


def _left_over(
    sums: Sequence[Identity], known: Mapping[int, float], domains: Mapping[int, tuple[_Reading, ...]]
) -> dict[int, list[_Reading]]:
    """For each cell in doubt, those of its readings with which all identities can hold; nothing where that takes too long."""
    in_doubt = ((identity, own) for identity in sums if (own := set(identity.slots) & domains.keys()))
    found: dict[int, list[_Reading]] = {}
    for part, members in together(in_doubt):
        equations = []
        for identity in members:
            signs = {**dict.fromkeys(identity.left, 1), **dict.fromkeys(identity.right, -1)}
            fixed = sum(sign * known[slot] for slot, sign in signs.items() if slot not in domains)
            equations.append((fixed, {slot: sign for slot, sign in signs.items() if slot in domains}))
        found |= _Search(equations, {slot: list(domains[slot]) for slot in sorted(part)}).solved()
    return found


_Equation = tuple[float, dict[int, int]]


class _Search:
    """Tries the readings of some cells until it is known of each whether more than one lets all equations hold."""

    def __init__(self, equations: list[_Equation], domains: dict[int, list[_Reading]]) -> None:
        self.equations, self.domains = equations, domains
        self.looked = 0

    def solved(self) -> dict[int, list[_Reading]]:
        """For each cell, no, one or two readings that can be; nothing for any where that takes too long to find out."""
        good: dict[int, list[_Reading]] = {slot: [] for slot in self.domains}
        for slot, domain in self.domains.items():
            for reading in domain:
                if len(good[slot]) > 1:
                    break
                if reading in good[slot]:
                    continue
                found = self._solution({**self.domains, slot: [reading]})
                if self.looked > _MAX_LOOKS:
                    return {}
                for other, own in found.items():
                    if own not in good[other]:
                        good[other].append(own)
        return good

    def _solution(self, domains: dict[int, list[_Reading]]) -> dict[int, _Reading]:
        """One way to fill all cells; nothing where there is none."""
        narrowed = self._narrowed(domains)
        if narrowed is None:
            return {}
        branching = [slot for slot, domain in narrowed.items() if len(domain) > 1]
        if not branching:
            return {slot: domain[0] for slot, domain in narrowed.items()}
        slot = min(branching, key=lambda s: len(narrowed[s]))
        for reading in narrowed[slot]:
            if found := self._solution({**narrowed, slot: [reading]}):
                return found
        return {}

    def _narrowed(self, domains: dict[int, list[_Reading]]) -> dict[int, list[_Reading]] | None:
        """The readings without those that some equation rules out by itself; None where it rules out all of a cell."""
        domains, changed = dict(domains), True
        while changed and self.looked <= _MAX_LOOKS:
            changed = False
            for fixed, signs in self.equations:
                spans = {}
                for slot, sign in signs.items():
                    adds = [sign * reading.adds for reading in domains[slot]]
                    spans[slot] = min(adds), max(adds)
                    self.looked += len(adds)
                low, high = fixed + sum(s[0] for s in spans.values()), fixed + sum(s[1] for s in spans.values())
                for slot, sign in signs.items():
                    rest_low, rest_high = low - spans[slot][0] - TOLERANCE, high - spans[slot][1] + TOLERANCE
                    kept = [r for r in domains[slot] if rest_low <= -sign * r.adds <= rest_high]
                    if not kept:
                        return None
                    if len(kept) < len(domains[slot]):
                        domains[slot], changed = kept, True
                        break  # the spans are no longer right
        return domains if self.looked <= _MAX_LOOKS else None


def _names(form: Form, cell: Filled) -> tuple[str, str]:
    row, column = form.labels(cell.slot.key)
    return f"{row.zh}·{column.zh}", f"{row.key}, {column.key}"


def _note(form: Form, cell: Filled, odds: float, only: _Reading) -> Finding:
    zh, en = _names(form, cell)
    return Finding(
        "ocr.settled",
        "note",
        f"{zh}:识别为“{cell.text}”(把握{odds:.0%}),按勾稽关系只能是“{only.text}”,取后者",
        f"{en}: read off the picture as “{cell.text}” ({odds:.0%} sure); the identities leave only “{only.text}”, which is used",
        *parts_of(cell.slot.key),
        (cell.slot.key,),
        only.adds if read_figure(only.text).state == NUMBER else None,
        cell.value,
    )


def _unreadable(form: Form, cell: Filled, odds: float, only: _Reading | None) -> Finding:
    zh, en = _names(form, cell)
    if cell.state == BLANK:
        read_zh, read_en = "未见字迹,但其周围字迹残缺,数字也可能缺失", "nothing was found, but the print about it is damaged, and a figure may have been lost"
    else:
        read_zh, read_en = f"识别为“{cell.text}”(把握{odds:.0%}),没有把握", f"read off the picture as “{cell.text}” ({odds:.0%} sure), which is in doubt"
    hint_zh = f",按勾稽关系可能是“{only.text}”" if only else ""
    hint_en = f"; one identity would ask for “{only.text}”" if only else ""
    return Finding(
        "cell.unreadable",
        "warning",
        f"{zh}:{read_zh},请核对原图{hint_zh}",
        f"{en}: {read_en}: check the picture{hint_en}",
        *parts_of(cell.slot.key),
        (cell.slot.key,),
        suggestion=only.adds if only and read_figure(only.text).state == NUMBER else None,
    )


def _confirmation(form: Form, cells: Sequence[Filled]) -> Finding:
    table = form.table(cells[0].slot.table).label
    return Finding(
        "ocr.confirmed",
        "note",
        f"“{table.zh}”表有{len(cells)}个格子识别把握不大,但勾稽关系只容得下所识别的数字",
        f"the table “{table.en}”: {len(cells)} cells were read with doubt, but the identities leave only what was read",
        cells[0].slot.table,
        involved=tuple(cell.slot.key for cell in cells),
    )


def _unruled(form: Form, cells: Sequence[Filled]) -> Finding:
    table = form.table(cells[0].slot.table).label
    return Finding(
        "ocr.unruled",
        "warning",
        f"“{table.zh}”表没有足以分格的框线,空格不留痕迹,{len(cells)}个数字的位置没有把握,请核对原件",
        f"the table “{table.en}” has no ruling that parts its cells, so that empty ones leave no trace: the places of {len(cells)} figures are in doubt",
        cells[0].slot.table,
        involved=tuple(cell.slot.key for cell in cells),
    )
