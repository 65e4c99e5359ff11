"""Figures of several years in one document: those of the report's own year are kept, before any table is read.

Three ways are known: a column of years that gives each row of the form once for every year, a heading row of years (本年,
上年, 同比) that gives each column so, and a whole copy of a table, or of the report, under a caption with the year. Nothing
is chosen where the document does not name the year.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from govdisclose.findings import Finding
from govdisclose.grid import DOUBTFUL, Document, Line, place_spans
from govdisclose.labels import LABEL
from govdisclose.recognise import tables_of
from govdisclose.runs import Run, gather

_YEARS = re.compile(r"20\d\d年")
_YEAR_CELL = re.compile(r"20\d\d(?:年.*)?", re.DOTALL)
_LABEL = re.compile(
    r"(?:(?P<year>20\d\d)(?:年度?)?|(?P<own>本年度?|今年|当年|本期)|(?P<other>上一?年度?|去年|上期|上年同期|同期"
    r"|(?:同比|增减|增幅|较上年|比上年).{0,6}))(?:数|数量|数据|情况)?"
)
_CAPTION = re.compile(r"(?P<own>本年度|今年|当年)|(?P<other>上一?年度|去年)")
_SENTENCE = re.compile("[,，。;；]|相比|比较|同比")
_LASTING = re.compile("年度?报告|年报|附")  # a caption that holds for all sections after it
_SECTION = re.compile("[一二三四五六七八]、")
_MOST_CAPTION = 40


@dataclass(frozen=True, slots=True)
class Edition:
    """A document without the figures of other years, and the remark that says so."""

    document: Document
    findings: tuple[Finding, ...]


def _owns(text: str, year: int | None) -> bool | None:
    """Whether a cell names the report's own year (True), or another or a difference (False); None where it names none."""
    if len(text) > 16 or not text:
        return None
    found = _LABEL.fullmatch("".join(text.split()).strip("()（）"))
    if found is None:
        return None
    if found["year"]:
        return int(found["year"]) == year if year is not None else None
    return found["own"] is not None


def _is_figures(line: Line) -> bool:
    return any(cell[:1].isdigit() and not _YEAR_CELL.fullmatch(cell) for cell in line.cells)


def _rebuilt(lines: list[Line], kept: dict[int, bool], dropped: dict[int, frozenset[int]]) -> list[Line]:
    """The lines of one table with spans, without the rows not `kept` and the `dropped` columns of each row.

    A cell over several rows moves to the first of them that is left.
    """
    rows: dict[int, list[tuple[int, int, int, str]]] = defaultdict(list)
    for number, line in enumerate(lines):
        for (x, wide, high), cell in zip(line.spans or (), line.cells, strict=True):
            left = [i for i in range(number, min(number + high, len(lines))) if kept[i]]
            width = sum(1 for column in range(x, x + wide) if not left or column not in dropped[left[0]])
            if left and width and (left[0] == number or high > 1):
                rows[left[0]].append((x, width, len(left), cell))
    out = []
    for number, line in enumerate(lines):
        cells = sorted(rows[number], key=lambda cell: cell[0])
        if kept[number] and cells:
            sizes = [(wide, high) for _, wide, high, _ in cells]
            out.append(replace(line, cells=[cell for *_, cell in cells], sizes=sizes, spans=None))
    return out


def _blocks(lines: list[Line], year: int | None) -> list[tuple[list[int], dict[int, int]]]:
    """Rows that differ by their year alone: their numbers, and number -> place of the cell that names the year."""
    found: list[tuple[list[int], dict[int, int]]] = []
    before = -2
    for number, line in enumerate(lines):
        places = [i for i, cell in enumerate(line.cells) if _owns(cell, year) is not None]
        if len(line.cells) < 2 or len(places) != 1 or places[0] == len(line.cells) - 1:
            continue
        if number != before + 1 or any(line.cells[: places[0]]):
            found.append(([], {}))
        found[-1][0].append(number)
        found[-1][1][number] = places[0]
        before = number
    return [(rows, at) for rows, at in found if sum(_owns(lines[i].cells[at[i]], year) is True for i in rows) == 1 < len(rows)]


def _years_in_rows(lines: list[Line], year: int | None) -> list[Line] | None:
    """One table whose rows stand once for each year: its rows of the own year; None where it is no such table."""
    blocks = _blocks(lines, year)
    if not blocks:
        return None
    kept = dict.fromkeys(range(len(lines)), True)
    column: set[int] = set()
    out = dict(enumerate(lines))
    for rows, at in blocks:
        for number in rows:
            line, place = lines[number], at[number]
            if line.spans is not None:
                column.add(line.spans[place][0])
            kept[number] = _owns(line.cells[place], year) is True
            if kept[number]:
                first = lines[rows[0]].cells[: at[rows[0]]]
                label = line.cells[:place] if any(line.cells[:place]) else first
                out[number] = replace(line, cells=[*label, *line.cells[place + 1 :]])
    if any(line.spans is not None for line in lines):
        return _rebuilt(lines, kept, dict.fromkeys(kept, frozenset(column))) if len(column) == 1 else None
    return [out[number] for number in range(len(lines)) if kept[number]]


def _heads(line: Line, year: int | None) -> list[bool | None] | None:
    """For each cell of a heading row of years whether its column is the own year's, None for labels; None if no such row."""
    kinds = [_owns(cell, year) for cell in line.cells]
    if True not in kinds or False not in kinds or _is_figures(line):
        return None
    for place in range(1, len(kinds)):
        if not line.cells[place] and line.spans is None:
            kinds[place] = kinds[place - 1]  # a merged cell written out
    return kinds


def _years_in_columns(lines: list[Line], year: int | None) -> list[Line] | None:
    """One table whose columns stand once for each year: its columns of the own year; None where it is no such table."""
    heads = {number: kinds for number, line in enumerate(lines) if len(line.cells) > 1 and (kinds := _heads(line, year))}
    if not heads:
        return None
    kept = dict.fromkeys(range(len(lines)), True)
    out = list(lines)
    dropped: dict[int, frozenset[int]] = dict.fromkeys(kept, frozenset())
    for number, kinds in heads.items():
        head = lines[number]
        kept[number] = any(kind is None and cell for kind, cell in zip(kinds, head.cells, strict=True))
        if kept[number]:
            cells = ["" if kind else cell for kind, cell in zip(kinds, head.cells, strict=True)]
            out[number] = replace(head, cells=cells)
        after = next((n for n in range(number + 1, len(lines)) if n in heads), len(lines))
        above = number - 1 if number and not _is_figures(lines[number - 1]) and number - 1 not in heads else number
        if head.spans is not None:
            columns = {x + i for (x, wide, _), kind in zip(head.spans, kinds, strict=True) if kind is False for i in range(wide)}
            for n in range(above, after):
                dropped[n] = frozenset(columns)
            continue
        gone = {place - len(kinds) for place, kind in enumerate(kinds) if kind is False}  # counted from the right
        out[number] = replace(out[number], cells=[c for i, c in enumerate(out[number].cells) if i - len(kinds) not in gone])
        named = sum(kind is not None for kind in kinds)
        for n in range(number + 1, after):
            cells = lines[n].cells
            over_next = n == after - 1 and after in heads and not _is_figures(lines[n])
            if len(cells) > named and not over_next:
                out[n] = replace(lines[n], cells=[c for i, c in enumerate(cells) if i - len(cells) not in gone])
    if any(line.spans is not None for line in lines):
        return _rebuilt(out, kept, dropped)
    return [line for number, line in enumerate(out) if kept[number]]


def _captions(document: Document, year: int | None) -> dict[int, bool]:
    """Lines that name one year, and whether it is the report's own."""
    found = {}
    for number, line in enumerate(document.lines):
        text = line.cells[0] if len(line.cells) == 1 else ""
        if not 0 < len(text) <= _MOST_CAPTION or _SENTENCE.search(text.strip("。；;")):
            continue
        years = set(_YEARS.findall("".join(text.split())))
        if len(years) == 1 and year is not None:
            found[number] = years.pop() == f"{year}年"
        elif not years and (words := _CAPTION.search(text)):
            found[number] = words["own"] is not None
    return found


def _own_copies(document: Document, year: int | None) -> tuple[list[Line], list[int]]:
    """The lines without copies of tables under the caption of another year, and the lines that were left out."""
    captions = _captions(document, year)
    if not (False in captions.values() and len(captions) > 1):
        return document.lines, []
    reading = gather(document)
    labels = {mark.line for mark in reading.marks if mark.token.kind == LABEL}
    inside = {mark.line for mark in reading.marks if mark.token.meaning and not mark.token.meaning.opens}
    starts: list[int] = []  # for each line the caption that it stands under, -1 for none
    now = lasting = -1
    for number, line in enumerate(document.lines):
        if number in captions and number not in labels:
            now = number
            if _LASTING.search(line.cells[0]):
                lasting = number
        elif len(line.cells) == 1 and number not in inside and _SECTION.match(line.cells[0]):
            now = lasting
        starts.append(now)
    gone: set[int] = set()
    for runs in tables_of(reading).values():
        copies: dict[bool, list[Run]] = {True: [], False: []}
        for run in runs:
            if starts[run.line] >= 0:
                copies[captions[starts[run.line]]].append(run)
        own, other = copies[True], copies[False]
        if not other or 2 * sum(bool(run.labels) for run in own) < sum(bool(run.labels) for run in other):
            continue
        for run in other:
            start = starts[run.line]
            gone.update(mark.line for mark in (*run.pending, *run.own, *run.values) if starts[mark.line] == start)
        gone.update(start for run in own + other if (start := starts[run.line]) >= 0)
    for number, line in enumerate(document.lines):
        if number - 1 in gone and len(line.cells) == 1 and line.cells[0] in DOUBTFUL:
            gone.add(number)
    return [line for number, line in enumerate(document.lines) if number not in gone], sorted(gone)


def own_edition(document: Document, year: int | None) -> Edition | None:
    """Given a document and its year, return it without the figures of other years; None where it names none beside.

    A copy goes only where the same table stands also under the own year; a row or a column only beside one of the own.
    """
    lines, copies = _own_copies(document, year)
    if any(_owns(cell, year) is False for line in lines if len(line.cells) > 1 for cell in line.cells):
        place_spans(lines)
        tables: list[list[Line]] = []
        for line in lines:
            before = tables[-1][-1] if tables else None
            same = before is not None and line.grid == before.grid
            if before is not None and same and (line.grid or min(len(line.cells), len(before.cells)) > 1):
                tables[-1].append(line)
            else:
                tables.append([line])
        for table in tables:
            if any(line.spans is not None for line in table):
                for line in table:
                    line.spans = line.spans or [(x, 1, 1) for x in range(len(line.cells))]
        chosen = [_years_in_rows(table, year) or _years_in_columns(table, year) for table in tables]
        if any(chosen):
            lines = [line for table, own in zip(tables, chosen, strict=True) for line in own or table]
            copies = copies or [0]
    if not copies:
        return None
    when, when_en = (f"{year}年", str(year)) if year is not None else ("本年", "the current year")
    note = Finding("table.years", "note", f"文中并列了几年的数字,取的是{when}", f"the document prints several years; the figures of {when_en} were taken")
    return Edition(replace(document, lines=lines), (note,))
