"""Scraped text -> lines of cells: a row a line or a cell a line, with bars, tabs, blank lines or nothing between."""

from __future__ import annotations

import csv
import re
from collections import Counter

from govdisclose.grid import END, LOST, PAD, SOFT, Document, Line
from govdisclose.readers.foreign import rewritten

_BARS = str.maketrans(dict.fromkeys("｜│┃┆┇┊┋║¦▏丨", "|"))
_OTHER_BARS = re.compile("[" + "".join(map(chr, _BARS)) + "]")
_RULER = re.compile(r"[\s|:+=─━┄┅┈┉┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬═_-]*")
_GAP = re.compile(r"\|[ \t\u3000]+\|")
_ROW_MARK = re.compile(r"\{?\|[-}+]+.*")  # wiki markup: a row or a table begins or ends
_DASH_RUN = re.compile(r"[-=─━═_][-=─━═_]{2}")  # the first apart: a search skips to it
_GRID_RULER = re.compile(r"^[^\n\w]*(?:[┼╬├┤┬┴┌└┐┘╠╣]|\+[-=]{3})[^\n\w]*$", re.MULTILINE)
_PART_RULER = re.compile(r"[├|+][─-]{3,}[┼+].*[┤|+]\s*$")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_CSV_ROW = re.compile(r"""[\[(]?'[^']*'(?:, ?'[^']*')+[\])]?,?|"""  r'\[?"[^"]*"(?:, ?"[^"]*")+\]?,?|[^\d,"][^,"]{0,60}(?:,[\d./\-—]*)+')
_SENTENCE_ENDS = frozenset("。;:!?；：！？")  # no such row ends so
_COMPACT = re.compile(r"[^\s|]\|[^\s|]")
_LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\([^()\s]{0,500}(?: \"[^\"\n]{0,200}\")?\)")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)([^*_\n|]{1,200}?)(?<=\S)\1")
# Without any of these, and without a run of dashes, a text holds no bar, tab or ruler.
_DRAWN = re.compile("[" + "".join(map(chr, _BARS)) + "|\t┼╬├┤┬┴┌└┐┘╠╣]")
_COUNTED = re.compile(r"^[ \t]+0(?: +\d+)+ *$", re.MULTILINE)  # the columns that a program counts above a printed table
_BLANKS = re.compile("  +")
_NO_VALUE = frozenset(("NaN", "None", "<NA>"))
_TAG = re.compile(r"</?(?:span|font|div|p|b|i|u|s|em|strong|a|sub|sup|o:p|small|big|label|ins|del|mark|code|center)(?:\s[^<>]{0,800})?/?>", re.IGNORECASE)
_RAISED_TAG = re.compile(r"<sup(?:\s[^<>]{0,200})?>(\d{1,3})</sup>", re.IGNORECASE)
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")  # raised figures are footnote marks, no digits of the number before
_WRAPPED = 8  # lines that one row may be wrapped over
_NAMED_FIGURE = re.compile("[\u4e00-\u9fff] ?:?[ :]?[0-9]+。?$")
_PADDED = re.compile(r"\s{4,}\|")  # an empty first cell as wide as the others
_LEAST_CELLS, _LEAST_ROWS = 4, 3  # of a table that commas part
_MARKS = ("；", "~", "^", "#", " / ", "/", " - ", "：", "，", "、")
_ALSO_CELLS = (" / ", " - ")  # what parts cells here stands for one that is not applicable elsewhere
_FIGURE = re.compile(r"[+-]?[\d,.]*|[/—-]")
_LEAST_MARKED, _LONGEST_CELL = 10, 60
_FRAMED = 0.95
_FRAMES, _LEAST_FRAMED = "|\t,;/、", 20
_LEAST_LINES = 40  # of a text long enough to hold a table with a cell a line
_LEAST_PAGES = 3  # with the title on top: two may be a title and the heading below it
_MANY = 200  # blank lines in a row that may still be empty cells


class _Stream:
    """Cells a line, parted by bars: a bar with nothing since the bar before it is an empty cell."""

    def __init__(self, compact: bool) -> None:
        self.lines: list[Line] = []
        self.parted = False
        self.compact = compact

    def add(self, cell: str, number: int) -> None:
        self.lines.append(Line([cell], 0, number, False, packed=True))

    def feed(self, line: str, number: int) -> None:
        parts = line.split("|")
        padding = not line.replace("|", "").strip() and len(parts) > 2 and not _GAP.search(line)
        for position, part in enumerate(parts):
            if position:
                if self.parted:
                    tight = padding or (position > 1 and not parts[position - 1])
                    self.add(PAD if tight and not self.compact else "", number)
                self.parted = True
            if text := part.strip():
                self.add(text, number)
                self.lines[-1].parted = self.parted and not position
                self.parted = False


def _csv_row(line: str) -> list[str]:
    line = line.strip("[](),")
    return next(csv.reader([line], skipinitialspace=True, quotechar="'" if line.startswith("'") else '"'))


def _separated(raw: list[str]) -> dict[int, tuple[int, list[str]]]:
    """The rows of tables that commas or semicolons part, by number of line from 1: number of the table, and cells.

    They stand one after the other, alike in number of cells.
    """
    found: dict[int, tuple[int, list[str]]] = {}
    tables = 0
    for mark in ",;":
        run: list[tuple[int, list[str]]] = []
        for number, line in enumerate([*raw, ""], 1):
            cells = next(csv.reader([line], delimiter=mark), []) if line.count(mark) >= _LEAST_CELLS - 1 else []
            if run and len(cells) != len(run[-1][1]):
                # 本年制发件数:3, 本年废止件数 5 pairs each figure with its name; it is no row of cells.
                short = sum(len(cell) <= 24 and not _NAMED_FIGURE.search(cell) for _, row in run for cell in row)
                if len(run) >= _LEAST_ROWS and short > 0.8 * len(run) * len(run[0][1]):
                    tables += 1
                    found.update((place, (tables, [cell.strip() for cell in row])) for place, row in run)
                run = []
            if len(cells) >= _LEAST_CELLS and max(map(len, cells)) <= 120:
                run.append((number, cells))
    return found


def _marked(raw: list[str]) -> dict[int, list[str]]:
    """The rows of a text in which another mark than a bar, a comma or a tab parts cells (；, /, ~ …), by number of line from 1.

    A mark does so where it stands before and between all figures of many lines. An empty place between two slashes may as
    well be one that is not applicable.
    """
    for mark in _MARKS:
        if sum(line.count(mark) >= _LEAST_CELLS - 1 for line in raw) < _LEAST_MARKED:
            continue
        lines = {number: f"{line} " for number, line in enumerate(raw, 1) if mark in f"{line} "}
        cells = {number: [cell.strip() for cell in line.split(mark)] for number, line in lines.items()}
        figures = [row[-3:] for row in cells.values() if len(row) >= _LEAST_CELLS and any(map(str.isdigit, row[-1] + row[-2] + row[-3]))]
        parted = sum(all(map(_FIGURE.fullmatch, row)) for row in figures)
        if parted < max(_LEAST_MARKED, 0.8 * len(figures)):
            continue
        if mark in _ALSO_CELLS and sum("" in row[1:-1] for row in cells.values()) > (1 - _FRAMED) * len(cells):
            continue  # the marks side by side are cells that are not applicable
        empty = LOST if mark in _ALSO_CELLS or mark == "/" else ""
        for end in (0, -1):  # a mark before or after every row, headings too, parts nothing
            if sum(not row[end] for row in cells.values()) > _FRAMED * len(cells):
                cells = {number: row[1:] if not end else row[:-1] for number, row in cells.items() if len(row) > 1 and not row[end]}
        rows = {number: [row[0], *(cell or empty for cell in row[1:])] for number, row in cells.items()}
        return {number: row for number, row in rows.items() if max(map(len, row)) <= _LONGEST_CELL and row[-1][-1:] != "。"}
    return {}


def _row_cells(line: str, compact: bool, opening: bool, unclosed: bool) -> list[str]:
    """The cells of a row written in one line: one empty cell is taken off at each end, never two.

    Where no bar opens the row, a bar at its end closes it or stands before an empty last cell: a doubtful one. So does
    a bar at the begin of a row where rows are not opened by bars (`opening`), and one at its end where other rows end without.
    """
    parts = line.split("|")
    compact = compact or ("| " not in line and " |" not in line)
    opened = len(parts) > 1 and not parts[0].strip()
    closed = len(parts) > 1 and not parts[-1].strip()
    cells = [_BREAK.sub("\n", p.strip()) if p.strip() else ("" if p or compact else PAD) for p in parts[opened : len(parts) - closed]]
    if closed and (not opened or not opening or unclosed):
        cells.append(END)
    return [SOFT, *cells] if opened and not opening else cells


def _unframed(text: str) -> str:
    """Text in which a program put one mark around every piece of a page, the line breaks between cells among them.

    Lines hold the mark alone or stand between two: without it they are cells a line with empty lines between.
    """
    lines = text.split("\n")
    for mark in _FRAMES:
        framed = sum(len(line) > 2 and line[0] == mark == line[-1] and mark not in line[1:-1] for line in lines)
        if framed < _LEAST_FRAMED:
            continue
        alone = sum(line.strip(" ") == mark for line in lines)
        if alone + framed > 0.8 * sum(bool(line) for line in lines):
            bare = ("" if line.strip(" ") == mark else line for line in lines)
            return "\n".join(line[line.startswith(mark) : -1 if line.endswith(mark) else None] for line in bare)
    return text


def _usual_gap(lines: list[str]) -> int:
    """How many blank lines stand between two cells where each cell is a line: 0, or 1 where paragraphs were kept.

    The lines are given without blanks around them.
    """
    gaps: dict[int, int] = {}
    blank, short = 0, False
    for text in lines:
        if not text:
            blank += 1
            continue
        if len(text) > 24:
            short = False
        else:
            if short and "|" not in text and "\t" not in text:
                gaps[blank] = gaps.get(blank, 0) + 1
            short = True
        blank = 0
    return 1 if gaps and max(gaps, key=gaps.__getitem__) >= 1 else 0


def _join_wrapped(text: str) -> str:
    """Tables drawn with rulers between their rows: the lines between two rulers are one row, joined cell by cell."""
    out: list[str] = []
    open_rows: list[list[str]] = []

    def close() -> None:
        if 1 < len(open_rows) <= _WRAPPED and len({len(row) for row in open_rows}) == 1:
            out.append("|".join("".join(part.strip() for part in column) or " " for column in zip(*open_rows, strict=True)))
        else:
            out.extend("|".join(row) for row in open_rows)
        open_rows.clear()

    drawn = False
    for line in text.split("\n"):
        if (_GRID_RULER.search(line) and _RULER.fullmatch(line.strip())) or (drawn and _PART_RULER.search(line)):
            close()  # beside a ruler over some columns stands a piece of the group's label
            drawn = True
            out.append("---")
        elif drawn and "|" in line:
            open_rows.append(line.split("|"))
        else:
            close()
            drawn = False
            out.append(line)
    close()
    return "\n".join(out)


def text_lines(text: str, packed: bool = True, alone: bool = False) -> list[Line]:
    """Given text, return a `Line` for each row written in one line and for each cell or paragraph standing alone.

    `packed` is passed on to the lines: whether blanks may part several cells within one text. `alone`: the text is the
    whole document, and its tables are numbered.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not (_DRAWN.search(text) or _DASH_RUN.search(text)):
        return _undrawn_lines(text, packed, alone)
    if _OTHER_BARS.search(text):
        text = text.translate(_BARS)
    rulers = len(_GRID_RULER.findall(text))
    if rulers > 2 and text.count("\n") < 200 * rulers:
        text = _join_wrapped(text)
    if "\n" not in text:
        text = text.strip()
        if "|" not in text and "\t" not in text:
            return [Line([text], 0, 1, False, packed=packed)] if text else []
    raw = text.split("\n")
    barred = "|" in text
    compact = barred and _COMPACT.search(text) is not None and " | " not in text
    usual = _usual_gap([line.strip() for line in raw])
    starts = Counter(line[:1] == "|" or (line[:2] == "  " and not _PADDED.match(line)) for line in raw if line.count("|") > 2 and len(line) > 12)
    opening = starts[True] > starts[False]
    unclosed = sum(line[:1] == "|" != line.rstrip()[-1:] for line in raw if line.count("|") > 2) > 1
    tabs = [line for line in raw if "\t" in line.strip()]
    tabbed = len(tabs) > 2  # rows are written in one line
    # A tab before or after every row, headings too, parts nothing.
    begun, ended = (tabbed and sum(line[end] == "\t" for line in tabs) > _FRAMED * len(tabs) for end in (0, -1))
    stream = _Stream(compact)
    out = stream.lines
    blank = 0
    for number, line in enumerate(raw, 1):
        bare = line.strip()
        if not bare:
            blank += 1
            continue
        gap, blank = min(blank - usual, _MANY), 0
        if bare == SOFT:
            out.append(Line([SOFT], 0, number, False))
            continue
        if _ROW_MARK.fullmatch(bare) and not any(c.isdigit() for c in bare[:3]):
            if stream.parted:
                stream.add("", number)
            stream.parted = False
            continue
        if "|" in bare or (_DASH_RUN.search(bare) and _RULER.fullmatch(bare)):
            if _DASH_RUN.search(bare) and _RULER.fullmatch(bare):
                stream.parted = False
                continue
            parts = bare.split("|")
            filled = sum(1 for part in parts if part.strip())
            if filled >= 2 or (filled and bare[0] == "|" == bare[-1] and len(parts) >= 4):
                out.append(Line(_row_cells(bare, compact, opening and not line.startswith(" |"), unclosed), 0, number, True))
                stream.parted = False
            else:
                stream.feed(bare, number)
            continue
        if "," in bare and _CSV_ROW.fullmatch(bare):
            out.append(Line([cell.strip() for cell in _csv_row(bare)], 0, number, True))
            stream.parted = False
            continue
        if "\t" in bare or "\t\t" in line or (tabbed and line.endswith("\t")):
            cells = [cell.strip() for cell in line.strip(" \n").split("\t")]
            cells = cells[begun and not cells[0] : len(cells) - (ended and not cells[-1])]
            after = len(cells) - 1 - next((i for i, cell in enumerate(cells) if cell), 0)
            if sum(map(bool, cells)) > 1 or after > 1 - tabbed:
                out.append(Line(cells, 0, number, True))
                stream.parted = False
                continue
        if gap > 0 and not stream.parted and out:
            out.extend(Line([SOFT], 0, number, False) for _ in range(gap))
        out.append(Line([bare], 0, number, False, packed=packed, parted=stream.parted))
        stream.parted = False
    return out


def _undrawn_lines(text: str, packed: bool, alone: bool) -> list[Line]:
    """`text_lines` of a text that holds no bar, tab or ruler."""
    if "\n" not in text:
        text = text.strip()
        return [Line([text], 0, 1, False, packed=packed)] if text else []
    raw = [line.strip() for line in text.split("\n")]
    separated = _separated(raw) if text.count(",") + text.count(";") >= _LEAST_CELLS * _LEAST_ROWS else {}
    marked = _marked(raw) if alone and not separated else {}
    usual = _usual_gap(raw)
    filled = [line for line in raw if line]
    # Labels that every report has twice stand once: the capture dropped repeated lines, and what is left of a figure is a gap.
    once = alone and len(filled) > _LEAST_LINES and len(set(filled)) == len(filled)
    out: list[Line] = []
    blank = 0
    for number, bare in enumerate(raw, 1):
        if not bare:
            blank += 1
            continue
        gap, blank = blank - usual, 0
        if bare == SOFT:
            out.append(Line([SOFT], 0, number, False))
        elif "," in bare and bare[-1] not in _SENTENCE_ENDS and (number not in separated or bare[0] in "[('") and _CSV_ROW.fullmatch(bare):
            out.append(Line([cell.strip() for cell in _csv_row(bare)], 0, number, True))
        elif number in marked:
            out.append(Line(marked[number], 0, number, True))
        elif number in separated:
            table, cells = separated[number]
            out.append(Line(cells, table if alone else 0, number, True))
        else:
            if gap > 0 and out and not once:
                out.extend([Line([SOFT], 0, number, False) for _ in range(min(gap, _MANY))])
            out.append(Line([bare], 0, number, False, None, None, packed))
    return out


def cell_lines(cell: str, grid: int, row: int) -> list[Line]:
    """A row of one cell: a heading, a paragraph, or one cell of a table that stands on end."""
    plain = "\n" not in cell and "|" not in cell
    lines = [Line([cell], whole=False, packed=True)] if plain else text_lines(cell)
    for line in lines:
        line.grid, line.row = grid, row
    return lines


def _uncounted(text: str) -> str:
    """Tables that a program printed with its count of columns (0 1 2 …) above and of rows (0, 1, 2, …) before: without both.

    Where every row has as many texts as columns are counted (an empty cell is printed as NaN), bars part them.
    """
    out: list[str] = []
    rows: list[str] = []
    width = 0  # columns of the open table, 0 outside tables

    def close() -> None:
        cells = [_BLANKS.split(row.strip()) for row in rows]
        if all(len(row) == width for row in cells):
            out.extend(f"| {' | '.join('' if cell in _NO_VALUE else cell for cell in row)} |" for row in cells)
        else:
            out.extend(row.lstrip() for row in rows)
        rows.clear()

    for line in [*text.split("\n"), ""]:
        if width and (line == str(len(rows)) or line.startswith(f"{len(rows)} ")):
            rows.append(line[len(str(len(rows))) :])
            continue
        close()
        width = 0
        if _COUNTED.fullmatch(line) and line.split() == [str(n) for n in range(len(line.split()))]:
            width, line = len(line.split()), ""
        out.append(line)
    return "\n".join(out)


def _unheaded(text: str) -> str:
    """Text without its title at the head of every page after the first."""
    title = text.lstrip().split("\n", 1)[0].strip()
    if "报告" not in title or text.count(title) < _LEAST_PAGES:
        return text
    first, *rest = text.split("\n" + title + "\n")
    return "\n".join([first, *rest]) if len(rest) + 1 >= _LEAST_PAGES else text


def read_text(source: str, name: str, text: str) -> Document:
    """Given scraped text or Markdown (decoded), return its lines. Links and emphasis are not part of what is printed."""
    if "</" in text:  # Markdown may keep the tags of words
        text = _TAG.sub("", _RAISED_TAG.sub(lambda mark: mark[1].translate(RAISED), text))
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "**" in text or "__" in text:
        text = _EMPHASIS.sub(r"\2", text)
    if _COUNTED.search(text):
        text = _uncounted(text)
    text = rewritten(text)
    return Document(source, name, text_lines(_unheaded(_unframed(text)), alone=True))
