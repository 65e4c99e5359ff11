"""Word documents (.docx and its kin) -> lines of cells: the accepted text, as a reader of the printed page sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from govdisclose.errors import ReportError
from govdisclose.grid import SOFT, Document, Line
from govdisclose.readers.numbering import Numbers
from govdisclose.readers.package import Package, attribute, inside, local
from govdisclose.readers.plain import MAX_SPAN
from govdisclose.readers.text import RAISED, cell_lines, text_lines
from govdisclose.sources import Source

MAX_DEPTH = 200  # tables, boxes and controls in one another
MAX_CELLS = 200_000

# What only wraps text; what is not printed: deleted, moved away, hidden, or a field's formula.
_WRAPS = frozenset(("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "fldSimple", "bdo", "dir", "r", "rubyBase", "ruby"))
_GONE = frozenset(("del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "sdtPr", "rt", "rubyPr", "footnoteReference", "endnoteReference", "commentReference", "annotationRef"))
_PRINTED = frozenset(("t", "br", "cr", "tab", "noBreakHyphen", "sym"))
_BOXES = frozenset(("drawing", "pict", "object", "AlternateContent"))
_OFF = frozenset(("0", "false", "off"))


def read(source: Source) -> Document:
    """Given a Word document, return its lines. `ReportError` where it is damaged, locked or beyond the limits."""
    package = Package(source)
    root = package.xml(package.main_part("word/document.xml"))
    body = next((one for one in root if local(one) == "body"), None)
    if body is None:
        raise ReportError(source.name, "a Word document without a body", "open it in Word or WPS and save it anew")
    reader = _Reader(source.name, _Text(_hidden_styles(package), Numbers(package)))
    try:
        reader.blocks(body, 0)
    except RecursionError as error:
        raise ReportError(source.name, "elements nested too deep", f"at most {MAX_DEPTH} are read") from error
    reader.flush()
    return Document(source.name, source.stem, reader.lines)


@dataclass(slots=True)
class _Cell:
    """A cell before spans are known: where it begins, how wide it is, whether it goes on with the cell above."""

    element: etree._Element
    column: int
    wide: int
    below: bool


@dataclass(frozen=True, slots=True)
class _Text:
    """What the text of paragraphs depends on: styles that are not printed, and numbers that are."""

    hidden: frozenset[str]
    numbers: Numbers


@dataclass(slots=True)
class _Reader:
    source: str
    about: _Text
    lines: list[Line] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    tables: int = 0
    cells: int = 0

    def flush(self) -> None:
        if self.loose:
            self.lines.extend(text_lines("\n".join(self.loose), packed=True))
            self.loose = []

    def blocks(self, parent: etree._Element, depth: int) -> None:
        """Read paragraphs and tables in order."""
        if depth > MAX_DEPTH:
            raise ReportError(self.source, f"elements nested {depth} deep", f"at most {MAX_DEPTH} are read")
        begun = ""
        for one in parent:
            name = local(one)
            if name == "p":
                boxes: list[etree._Element] = []
                text = begun + _paragraph(one, boxes, self.about)
                begun = text if _goes_on(one) else ""
                if not begun:
                    self.loose.append(text if text.strip() else SOFT)
                for box in boxes:
                    self.blocks(box, depth + 1)
            elif name == "tbl":
                self.table(one, depth + 1)
            elif name in _WRAPS:
                self.blocks(one, depth + 1)
            elif name == "AlternateContent":
                self.blocks(_chosen(one), depth + 1)
        if begun:
            self.loose.append(begun)

    def table(self, table: etree._Element, depth: int) -> None:
        """Read a table: a line a row, or, where a row only lays out the page around inner tables, what its cells hold."""
        self.flush()
        self.tables += 1
        grid = self.tables
        rows = [_row(row) for row in _rows(table)]
        for number, row in enumerate(rows):
            self.cells += len(row)
            if self.cells > MAX_CELLS:
                raise ReportError(self.source, f"more than {MAX_CELLS:,} cells", "a report has some 300")
            if any(_is_layout(cell.element) for cell in row):
                for cell in row:
                    self.blocks(cell.element, depth + 1)
                self.flush()
                continue
            cells = [_text(cell.element, self.about) for cell in row if not cell.below]
            if not cells:
                continue
            sizes = [(cell.wide, _height(rows, number, cell)) for cell in row if not cell.below]
            if len(cells) == 1:
                self.lines.extend(cell_lines(cells[0], grid, number + 1))
            else:
                plain = sizes.count((1, 1)) == len(sizes)
                self.lines.append(Line(cells, grid, number + 1, True, None, None if plain else sizes))


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table that are printed."""
    for one in table:
        name = local(one)
        if name == "tr":
            if not any(local(child) in ("del", "hidden") and _on(child) for child in inside(one, "trPr")):
                yield one
        elif name in _WRAPS:
            yield from _rows(one)


def _row(row: etree._Element) -> list[_Cell]:
    cells: list[_Cell] = []
    column = next((_number(child) for child in inside(row, "trPr") if local(child) == "gridBefore"), 0)
    for one in _cells(row):
        wide, below, beside = 1, False, False
        for child in inside(one, "tcPr"):
            name = local(child)
            if name == "gridSpan":
                wide = min(max(_number(child), 1), MAX_SPAN)
            elif name == "vMerge":
                below = (attribute(child, "val") or "continue") == "continue"
            elif name == "hMerge":
                beside = (attribute(child, "val") or "continue") == "continue"
        if beside and cells:
            cells[-1].wide += wide
        else:
            cells.append(_Cell(one, column, wide, below))
        column += wide
    return cells


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    """The cells of a row, without those whose deletion is recorded."""
    for one in row:
        name = local(one)
        if name == "tc":
            if not any(local(child) == "cellDel" for settings in one if local(settings) == "tcPr" for child in settings):
                yield one
        elif name in _WRAPS:
            yield from _cells(one)


def _height(rows: list[list[_Cell]], number: int, cell: _Cell) -> int:
    """How many rows a cell covers: those below in which the cell at its column goes on with it."""
    high = 1
    for row in rows[number + 1 : number + MAX_SPAN]:
        if not any(one.below and one.column == cell.column for one in row):
            break
        high += 1
    return high


def _is_layout(cell: etree._Element) -> bool:
    """Whether a cell holds a table of more than one cell."""
    return any(sum(1 for _ in one.iter("{*}tc")) > 1 for one in cell.iter("{*}tbl"))


def _text(cell: etree._Element, about: _Text) -> str:
    """The text of a cell: its paragraphs, empty ones left out, each on a line."""
    texts = (text.strip() for text in _paragraphs(cell, about, 0))
    return "\n".join(text for text in texts if text)


def _paragraphs(parent: etree._Element, about: _Text, depth: int) -> Iterator[str]:
    """The printed paragraphs of a cell, with those of text boxes and of a framed figure's own table."""
    if depth > MAX_DEPTH:
        raise RecursionError
    begun = ""
    for one in parent:
        name = local(one)
        if name == "p":
            boxes: list[etree._Element] = []
            text = begun + _paragraph(one, boxes, about)
            begun = text if _goes_on(one) else ""
            if not begun:
                yield text
            for box in boxes:
                yield from _paragraphs(box, about, depth + 1)
        elif name in _WRAPS or name in ("tbl", "tr", "tc"):
            yield from _paragraphs(one, about, depth + 1)
        elif name == "AlternateContent":
            yield from _paragraphs(_chosen(one), about, depth + 1)
    if begun:
        yield begun


def _goes_on(paragraph: etree._Element) -> bool:
    """Whether the end of a paragraph is deleted, so that the next one goes on with it."""
    settings = inside(paragraph, "pPr")
    mark = inside(settings, "rPr")
    return any(local(child) in ("del", "moveFrom") for child in mark)


def _paragraph(paragraph: etree._Element, boxes: list[etree._Element], about: _Text) -> str:
    """The printed text of a paragraph with its number; text boxes in it are added to `boxes`."""
    parts: list[str] = []
    settings = inside(paragraph, "pPr")
    if any(local(child) == "pStyle" and attribute(child, "val") in about.hidden for child in settings):
        return ""
    _inline(paragraph, parts, boxes, about.hidden, [], 0)
    text, number = "".join(parts), about.numbers.before(paragraph)
    # A number must not run into a figure.
    return f"{number}\n{text}" if number and text.lstrip()[:1].isdigit() else number + text


def _hidden_styles(package: Package) -> frozenset[str]:
    """The styles whose text is not printed, by themselves or by the style that they rest on."""
    if "word/styles.xml" not in package.names:
        return frozenset()
    based: dict[str, str] = {}
    hidden: set[str] = set()
    for style in package.xml("word/styles.xml").iter("{*}style"):
        name = attribute(style, "styleId") or ""
        for child in style:
            if local(child) == "basedOn":
                based[name] = attribute(child, "val") or ""
            elif local(child) == "rPr" and any(local(one) == "vanish" and _on(one) for one in child):
                hidden.add(name)
    for name in based:
        seen: set[str] = set()
        above = name
        while above in based and above not in seen and above not in hidden:
            seen.add(above)
            above = based[above]
        if above in hidden:
            hidden.add(name)
    return frozenset(hidden)


def _inline(
    parent: etree._Element, parts: list[str], boxes: list[etree._Element], hidden: frozenset[str], fields: list[bool], depth: int
) -> None:
    """Add the printed text of runs to `parts`. `fields`: for each field that is open whether its result has begun."""
    if depth > MAX_DEPTH:
        raise RecursionError
    for one in parent:
        name = local(one)
        if name == "r":
            settings = inside(one, "rPr")
            if any(
                (local(child) in ("vanish", "webHidden") and _on(child)) or (local(child) == "rStyle" and attribute(child, "val") in hidden)
                for child in settings
            ):
                for child in one:
                    _field(child, fields)
                continue
            raised = any(local(child) == "vertAlign" and attribute(child, "val") == "superscript" for child in settings)
            inner: list[str] = []
            _inline(one, inner, boxes, hidden, fields, depth + 1)
            # Raised figures are footnote marks; joined to the text they would lengthen the number.
            parts.append("".join(inner).translate(RAISED) if raised else "".join(inner))
        elif name == "fldChar":
            _field(one, fields)
        elif name in _PRINTED and not all(fields):
            continue
        elif name == "t":
            parts.append(one.text or "")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name == "tab":
            parts.append("\t")
        elif name == "noBreakHyphen":
            parts.append("-")
        elif name == "sym":
            parts.append(_symbol(attribute(one, "char") or ""))
        elif name in _GONE:
            continue
        elif name in _BOXES:
            chosen = _chosen(one) if name == "AlternateContent" else one
            boxes.extend(box for box in chosen.iter("{*}txbxContent") if not _inside_box(box, chosen))
        elif name in _WRAPS or name in ("oMath", "oMathPara"):
            _inline(one, parts, boxes, hidden, fields, depth + 1)


def _field(element: etree._Element, fields: list[bool]) -> None:
    """Follow a field's marks: what stands between its begin and its result is how it is computed, and is not printed."""
    mark = (attribute(element, "fldCharType") or "") if local(element) == "fldChar" else ""
    if mark == "begin":
        fields.append(False)
    elif fields and mark == "separate":
        fields[-1] = True
    elif fields and mark == "end":
        fields.pop()


def _inside_box(box: etree._Element, within: etree._Element) -> bool:
    """Whether a text box stands in another one, with which it is read, or among what older programs show instead."""
    around = box.getparent()
    while around is not None and around is not within:
        if local(around) in ("txbxContent", "Fallback"):
            return True
        around = around.getparent()
    return False


def _chosen(alternatives: etree._Element) -> etree._Element:
    """The first of several ways to write the same thing."""
    return next((one for one in alternatives if local(one) == "Choice"), alternatives)


def _symbol(code: str) -> str:
    try:
        value = int(code, 16)
    except ValueError:
        return "□"
    return "□" if 0xE000 <= value <= 0xF8FF or not 0x20 <= value < 0x11_0000 else chr(value)


def _on(switch: etree._Element) -> bool:
    return (attribute(switch, "val") or "1") not in _OFF


def _number(element: etree._Element) -> int:
    try:
        return min(max(int(attribute(element, "val") or 0), 0), MAX_SPAN)
    except ValueError:
        return 0
