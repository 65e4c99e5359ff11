"""Text whose tables are written otherwise (LaTeX, columns under runs of dashes, lists, all in one line) -> the same with bars or a cell a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from govdisclose.grid import LOST

_LATEX = re.compile(r"\\begin\{(longtable|tabular[a-z]*\*?|tabu|longtabu|supertabular|array)\}(.*?)\\end\{\1\}", re.DOTALL)
_LATEX_HEAD = re.compile(r"\A.*?\\(?:toprule|hline)|\A[^\n]*\n", re.DOTALL)
_LATEX_ROW = re.compile(r"\\\\(?:\[[^\]\n]*\])?|\\tabularnewline")
_MULTIROW = re.compile(r"\\multirow(?:\[[^\]]*\])?\{[^{}]*\}(?:\[[^\]]*\])?\{[^{}]*\}(?:\[[^\]]*\])?\{([^{}]*)\}")
_MULTICOLUMN = re.compile(r"\s*\\multicolumn\{(\d{1,2})\}\{[^{}]*\}\{(.*)\}\s*", re.DOTALL)
_SECTION = re.compile(r"(?:\\hypertarget\{[^{}]*\}\{%\s*)?\\(?:sub)*(?:section|paragraph|chapter|title)\*?\{([^{}]*)\}(?:\\label\{[^{}]*\}\}?)?")
_RULES = re.compile(r"\\(?:c?midrule|cline)(?:\([^()]*\))?\{[^{}]*\}|\\(?:begin|end)\{minipage\}(?:\[[^\]]*\])?(?:\{[^{}]*\})?|\\noalign\{\}|\\[a-zA-Z]+\*?")
_ESCAPED = re.compile(r"\\([&%$#_{}])")
_RULER = re.compile(r"[ \t]*(?:-{2,}|={2,})(?: +(?:-{2,}|={2,})){2,}[ \t]*")
_RUN = re.compile(r"[-=]+")
_BEHIND = re.compile(r"\S\s{2,}\S|\S\s+[\d/—-][\d.,]*\s*$")
_MOST_TABLES = 200  # beyond, to look for the end of each takes long
_FITTING = 0.9  # of a table's lines, for the runs of dashes to be its columns
_FIGURES = re.compile(r"(?<= )\d+(?= )")
_BULLET = re.compile(r"\s*([-*+·•●○◦‣▪■◆►–—])(?:\s+|$)")
_PAGE_NUMBER = re.compile(r"[-—– ]*([1-9]\d{0,2})[-—– ]*")  # a 0 is a figure
_LISTED = re.compile(r"^[ \t]*[-*+·•●○◦‣▪■◆►–—] .*[\u4e00-\u9fff\d]", re.MULTILINE)
_LISTED_FIGURE = re.compile(r"\s*- +[\d,.]+\s*")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_LEAST_LISTED = 20  # after a dash and a blank: counts are not below 0
_LEAST_ITEMS = 10  # of a list whose items are the cells of a table
_LEAST_NAMED = 3  # of them with words
_LEAST_FIGURES = 60  # of a text in one line that is a report's


def rewritten(text: str) -> str:
    """Given text, return it with tables of LaTeX and tables under runs of dashes as rows with bars; where all is one line, with a cell a line.

    Marks before the items of lists, and numbers of pages that form feeds part, are left out.
    """
    if 0 < text.count("\\begin{") <= _MOST_TABLES and "&" in text:
        text = _SECTION.sub(r"\n\1\n", _LATEX.sub(lambda table: "\n" + "\n".join(_latex_rows(table[2])) + "\n", text))
    if "---" in text or "===" in text:
        text = _under_dashes(text)
    bare = text.strip()
    if "\n" not in bare and "|" not in bare and "\t" not in bare and len(_FIGURES.findall(bare)) >= _LEAST_FIGURES:
        return re.sub(" {2,}" if bare.count("  ") >= _LEAST_FIGURES else " +", "\n", bare)
    if len(_LISTED.findall(text)) >= _LEAST_ITEMS:
        text = _unlisted(text)
    return _unpaged(text) if "\f" in text else text


def _unlisted(text: str) -> str:
    """Text without the marks before the items of a list whose items are cells: they are no minus and no empty cell."""
    lines = text.split("\n")
    if sum(map(bool, map(_LISTED_FIGURE.fullmatch, lines))) >= _LEAST_LISTED:
        lines = [_BULLET.sub("", line).strip() or LOST if f"{line.strip()} ".startswith("- ") else line for line in lines]
    marks = [found[1] if (found := _BULLET.match(line)) else "" for line in lines]
    start = 0
    while start < len(lines):
        mark, end = marks[start], start + 1
        while mark and end < len(lines) and (marks[end] == mark or not lines[end].strip()):
            end += 1
        named = sum(bool(_CHINESE.search(line)) for line in lines[start:end]) if end - start >= _LEAST_ITEMS else 0
        if mark and named >= _LEAST_NAMED:
            # Nothing after the mark: an empty item, or a dash for none.
            lines[start:end] = [_BULLET.sub("", line).strip() or (LOST if line.strip() else "") for line in lines[start:end]]
        start = end
    return "\n".join(lines)


def _unpaged(text: str) -> str:
    """Text of pages: without their numbers, and without empty lines where one ends and the next begins."""
    pages = [page.strip("\n").split("\n") for page in text.split("\f") if page.strip()]
    for end in (-1, 0):
        numbers = [_PAGE_NUMBER.fullmatch(page[end].strip()) for page in pages]
        told = [int(number[1]) - n for n, number in enumerate(numbers) if number is not None]
        if len(told) >= max(2, len(pages) - 2) and len(set(told)) == 1:
            pages = ["\n".join(page[:-1] if end else page[1:]).strip("\n").split("\n") if number else page for page, number in zip(pages, numbers, strict=True)]
    return "\n".join("\n".join(page) for page in pages)


def _latex_rows(table: str) -> Iterator[str]:
    for row in _LATEX_ROW.split(_LATEX_HEAD.sub("", table, count=1)):
        cells: list[str] = []
        for cell in re.split(r"(?<!\\)&", _MULTIROW.sub(r"\1", row)):
            merged = _MULTICOLUMN.fullmatch(_leading(cell))
            cells += [_plain(merged[2] if merged else cell), *[""] * (int(merged[1]) - 1 if merged else 0)]
        if len(cells) > 1 or cells[0].strip():
            yield "|" + "|".join(cells) + "|"


def _leading(cell: str) -> str:
    """A cell without the rules that stand before the first of a row."""
    return re.sub(r"\A(?:\s*\\(?:toprule|midrule|bottomrule|hline|endhead|endfirsthead|endfoot|endlastfoot)(?![a-zA-Z]))+", "", cell)


def _plain(cell: str) -> str:
    """The text of a cell between blanks: an empty one is no merged one."""
    kept = _ESCAPED.sub(r"\1", _RULES.sub("", cell.replace("\\\\", "")).replace("{", "").replace("}", ""))
    return f" {' '.join(kept.replace('``', '“').replace(chr(39) * 2, '”').replace('|', ' ').split())} "


def _under_dashes(text: str) -> str:
    """Tables whose columns are as wide as the runs of dashes above them, by the width of characters as one program or the other counts it."""
    lines = text.split("\n")
    rulers = [n for n, line in enumerate(lines) if _RULER.fullmatch(line)]
    done = -1
    for ruler in rulers:
        if ruler <= done:
            continue
        spans = [run.span() for run in _RUN.finditer(lines[ruler])]
        end = ruler + 1
        while end < len(lines) and lines[end].strip() and not _RULER.fullmatch(lines[end]):
            end += 1
        if end < len(lines) and end == ruler + 2 and _RULER.fullmatch(lines[end]):  # a heading between two rulers
            end += 1
            while end < len(lines) and lines[end].strip() and not _RULER.fullmatch(lines[end]):
                end += 1
        begin = ruler - 1 if ruler and lines[ruler - 1].strip() and ruler - 1 > done else ruler
        rows = [n for n in range(begin, end) if not _RULER.fullmatch(lines[n])]
        cut = [[_cells(lines[n], spans, width) for n in rows] for width in (_wide, _wider, _narrow)]
        best = max(map(_aligned, cut), key=lambda way: sum(map(bool, way)))
        if sum(map(bool, best)) < max(2, _FITTING * len(rows)):
            continue
        for n, cells in zip(rows, best, strict=True):
            if cells:
                lines[n] = "| " + " | ".join(cells) + " |"
        done = end - 1
    return "\n".join(lines)


class _Cell(NamedTuple):
    """A text under a run of dashes, and whether it begins and ends where the run does."""

    text: str
    begins: bool
    ends: bool


def _cells(line: str, spans: list[tuple[int, int]], width: Callable[[str], int]) -> list[_Cell]:
    """The texts of a line under the runs; none where one stands between two runs, or a figure behind another text."""
    cells = [""] * len(spans)
    begins, ends = [-1] * len(spans), [-1] * len(spans)
    column, at = 0, 0
    for character in line.replace("|", " "):
        while at + 1 < len(spans) and column >= spans[at + 1][0]:
            at += 1
        after = column + width(character)
        if character.strip():
            if spans[at][0] > column or (after > spans[at][1] and at + 1 < len(spans)):
                return []
            begins[at] = column if begins[at] < 0 else begins[at]
            ends[at] = after
        cells[at] += character
        column = after
    if any(_BEHIND.search(cell) for cell in cells):
        return []
    return [_Cell(cell.strip(), begin == span[0], end == span[1]) for cell, begin, end, span in zip(cells, begins, ends, spans, strict=True)]


def _aligned(rows: list[list[_Cell]]) -> list[list[str]]:
    """The texts of the rows, none of a row in which one is not set to the side that its column is set to."""
    columns = list(zip(*(row for row in rows if row), strict=True))
    left = [sum(cell.begins for cell in column if cell.text) >= sum(cell.ends for cell in column if cell.text) for column in columns]
    return [
        [cell.text for cell in row] if all((cell.begins if side else cell.ends) or not cell.text for cell, side in zip(row, left, strict=False)) else []
        for row in rows
    ]


def _wide(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _wider(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _narrow(_: str) -> int:
    return 1
