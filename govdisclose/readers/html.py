"""Web pages -> lines of cells. Parsed by lexbor (HTML5 rules), walked once; nothing in a page is run or fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from govdisclose.errors import ReportError
from govdisclose.findings import Finding
from govdisclose.grid import SOFT, Document, Line
from govdisclose.readers.boxes import row_of_boxes
from govdisclose.readers.hidden import hidden_nodes, keeps_place, raised_nodes
from govdisclose.readers.plain import MARK, PlainTable, span
from govdisclose.readers.text import RAISED, cell_lines, text_lines

_SKIP = frozenset(
    ["script", "style", "noscript", "template", "select", "option", "textarea", "svg", "object", "iframe", "del", "s", "strike", "rt", "rp", "title", "head", "annotation", "annotation-xml", "canvas", "-comment"]
)
_NOTES = frozenset(["a", "small"])
_STRUCK = frozenset(["del", "s", "strike"])
# What stands in a cell and shows figures that cannot be read: then the cell is not empty.
_PICTURED = frozenset(["svg", "object", "iframe", "canvas", "noscript"])
_BLOCK = frozenset(
    ["p", "div", "li", "dd", "dt", "dl", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "main", "aside", "center", "form", "fieldset", "blockquote", "address", "pre", "caption", "hr"]
)
_LEAF = frozenset(["p", "div", "li", "dd", "dt"])
_WHITE = re.compile("[ \t\r\n\f]+")
_PLAIN = ["td", "p", "span", "tr", "o\\:p", "font", "b", "strong", "th", "tbody", "thead", "tfoot", "table", "a", "u", "em", "i", "colgroup", "col", "small", "big", "label", "ins"]
# Cells that hold anything else, or more than one paragraph, are walked; all others are their text.
_UNUSUAL = "".join(f":not({tag})" for tag in _PLAIN) + ",p~p"
_TABLE_TAG = re.compile(r"</?(?:table|tbody|thead|tfoot)\b[^>]*>", re.IGNORECASE)
_WORD = re.compile("[\u4e00-\u9fff]{2}")
_PICTURE = "[图]"
_VEILED = "[不显示]"  # a cell all of whose figures are hidden or struck out: it shows none, and is not empty
_HOLDS_BLANKS = frozenset(["-text", "br", "span", "font", "b", "strong", "o:p", "a"])
_FEW_CELLS = 150  # less than the form's tables have
_HIDDEN = "表格里有页面不显示的行、单元格或数字,未读取", "tables hold rows, cells or digits that the page does not show; they were not read"
_LEFT_OUT = Finding("page.hidden", "note", *_HIDDEN)
_LAST_ROW = "结转下年度"
MAX_NESTED = 100  # tables in one another; each looks through all that it holds


def _size_of(cell: LexborNode) -> tuple[int, int]:
    attributes = cell.attributes
    if "colspan" in attributes or "rowspan" in attributes:
        return span(attributes.get("colspan")), span(attributes.get("rowspan"))
    return 1, 1


def _is_empty(node: LexborNode) -> bool:
    """Whether a paragraph or the like holds nothing but blanks: an empty cell, perhaps."""
    first = node.first_child
    if first is None:
        return True
    if first.tag not in _HOLDS_BLANKS or (first.next is not None and first.next.next is not None):
        return False
    return not node.text(deep=True).strip() and node.css_first("img,td,p,div") is None


def _is_figure(text: str) -> bool:
    """Whether a text not shown is a figure, no label with a number."""
    return any(map(str.isdigit, text)) and _WORD.search(text) is None


def _cell_around(node: LexborNode) -> int:
    """Identity of the table cell that a node stands in, 0 where it stands in none."""
    around = node.parent
    while around is not None and around.tag not in ("td", "th"):
        around = around.parent
    return around.mem_id if around is not None else 0


class _Table:
    """A table being read: the cells of its open row. `layout`: the row only lays out the page around inner tables."""

    __slots__ = ("cells", "grid", "layout", "row", "sizes")

    def __init__(self, grid: int) -> None:
        self.grid = grid
        self.row = 0
        self.cells: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.layout = False


class _Page:
    """One walk over a page: text outside tables gathers until a table begins or ends."""

    def __init__(self, source: str, cut: Sequence[PlainTable] = (), hidden: frozenset[int] = frozenset(), raised: frozenset[int] = frozenset()) -> None:
        self.source = source
        self.cut = cut  # tables read already
        self.hidden = hidden  # elements not shown
        self.raised = raised  # elements set above or below the line
        self.apart = hidden | raised
        self.veils: list[tuple[int, int]] = []  # the hidden elements that are open, and the line at which each begins
        self.unseen: set[int] = set()  # lines that are not shown
        self.boxes = False  # whether rows may be made of lists and boxes
        self.left_out = False  # a hidden piece of a table holds figures
        self.veiled = False  # a hidden piece of the open cell does
        self.plain = False  # whether the table just left was read at one go
        self.lines: list[Line] = []
        self.loose: list[str] = []
        self.cell: list[str] | None = None
        self.open: list[_Table] = []
        self.table: _Table | None = None
        self.tables = 0
        self.cells = 0

    def flush(self) -> None:
        if self.loose:
            self.lines.extend(text_lines("".join(self.loose), packed=True))
            self.loose = []

    def end_cell(self) -> None:
        if self.cell is None or self.table is None:
            return
        cell, self.cell = self.cell, None
        veiled, self.veiled = self.veiled, False
        if len(cell) == 1 and not veiled:
            self.table.cells.append(cell[0].strip())
        else:
            parts = [part.strip() for part in "".join(cell).split("\n")]
            filled = [p for p in parts if p and p != _PICTURE] or [p for p in parts if p]
            self.table.cells.append("\n".join(filled) or (_VEILED if veiled else ""))

    def end_row(self) -> None:
        table = self.table
        if table is None:
            return
        self.end_cell()
        if table.cells or table.layout:
            table.row += 1
            self.flush()
            if table.layout:
                table.layout = False
                self.loose.append("\n")
            elif len(table.cells) == 1:
                self.lines.extend(cell_lines(table.cells[0], table.grid, table.row))
            else:
                plain = table.sizes.count((1, 1)) == len(table.sizes)
                self.lines.append(Line(table.cells, table.grid, table.row, True, None, None if plain else table.sizes))
            table.cells, table.sizes = [], []

    def enter_table(self) -> _Table:
        if self.cell is not None and self.table is not None:
            # The open cell only lays out the page: its words so far stand before the inner table.
            self.loose.append("\n".join([*self.table.cells, "".join(self.cell), ""]))
            self.table.cells, self.cell, self.table.layout = [], None, True
        self.flush()
        if self.table is not None:
            self.open.append(self.table)
            if len(self.open) > MAX_NESTED:
                raise ReportError(self.source, f"more than {MAX_NESTED} tables in one another", "save the page anew")
        self.tables += 1
        self.table, self.cell = _Table(self.tables), None
        return self.table

    def exit_table(self) -> None:
        self.end_row()
        self.table = self.open.pop() if self.open else None
        self.cell = None

    def text(self, text: str) -> None:
        if "\n" in text or "\t" in text or "\r" in text:
            text = _WHITE.sub(" ", text)
        (self.loose if self.cell is None else self.cell).append(text)

    def plain_table(self, node: LexborNode) -> None:
        """Read a table that holds no other: its cells are taken row by row, and walked only where they need it."""
        table = self.enter_table()
        outside = node.first_child
        while outside is not None:  # a caption stands in no row
            if outside.tag == "caption":
                self.loose.append(outside.text(deep=True) + "\n")
                self.flush()
            outside = outside.next
        spanning = node.css("[colspan],[rowspan]")
        sizes = {cell.mem_id: _size_of(cell) for cell in spanning}
        spanned = {row.mem_id for cell in spanning if (row := cell.parent) is not None}
        unusual = {_cell_around(inner) for inner in node.css(_UNUSUAL)}
        unusual.update(_cell_around(inner) for inner in node.css("small,a[href^='#']"))
        lines, grid = self.lines, table.grid
        for row in node.css("tr"):
            cells = [cell for cell in row.iter() if cell.tag != "-comment"]
            if unusual and any(cell.mem_id in unusual for cell in cells):
                for cell in cells:
                    self.walk(cell)
                self.end_row()
                continue
            texts = [cell.text(deep=True) for cell in cells]
            texts = [text if text.isdecimal() else " ".join(text.split()) for text in texts]
            if texts:
                table.row += 1
                self.cells += len(texts)
                if len(texts) == 1:
                    self.lines.extend(cell_lines(texts[0], table.grid, table.row))
                else:
                    wide = [sizes.get(cell.mem_id, (1, 1)) for cell in cells] if row.mem_id in spanned else None
                    lines.append(Line(texts, grid, table.row, True, None, wide))
        self.exit_table()

    def read_already(self, cut: PlainTable) -> None:
        """Take in a table that was read before the page was parsed."""
        table = self.enter_table()
        self.cells += cut.cells
        add, grid = self.lines.append, table.grid
        for number, (texts, sizes) in enumerate(cut.rows, 1):
            if len(texts) > 1:
                add(Line(texts, grid, number, True, None, sizes))
            else:
                table.row = number
                self.lines.extend(cell_lines(texts[0], table.grid, table.row))
        self.exit_table()

    def enter(self, node: LexborNode, tag: str) -> bool:
        """Take note of a node's begin; whether to walk into it."""
        if self.hidden and node.mem_id in self.hidden:
            if (self.table is not None or tag not in _BLOCK) and node.css_first("table") is None:
                words = node.text(deep=True) if self.table is not None else ""
                self.left_out = self.left_out or any(map(str.isdigit, words))
                if tag in ("td", "th") and self.table is not None and not self.table.layout and keeps_place(node):
                    self.end_cell()
                    self.cells += 1
                    self.table.sizes.append(_size_of(node))
                    self.cell = []
                self.veiled = self.veiled or (self.cell is not None and _is_figure(words))
                return False
            self.flush()
            self.veils.append((node.mem_id, len(self.lines)))
        if tag == "td" or tag == "th":
            self.end_cell()
            if self.table is not None:
                self.cells += 1
                self.table.sizes.append(_size_of(node))
                self.cell = None if self.table.layout else []
                if self.table.layout:
                    self.loose.append("\n")
        elif tag in _SKIP:
            if self.cell is not None:
                self.shown(node, tag)
            return False
        elif tag in _BLOCK:
            if self.boxes and self.table is None and (cells := row_of_boxes(node, tag)):
                self.flush()
                self.lines.append(Line(cells, 0, len(self.lines) + 1))
                return False
            target = self.loose if self.cell is None else self.cell
            if tag == "pre":
                target.append("\n" + node.text(deep=True) + "\n")
                return False
            target.append("\n")
            only = node.first_child
            if only is not None and only.tag == "-text" and only.next is None:
                text = only.text_content or ""
                if self.cell is None and tag in _LEAF and not text.strip():
                    target.append(SOFT)  # its end breaks the line
                else:
                    self.text(" " if text == "\n" else text)
                return False
            if self.cell is None and tag in _LEAF and _is_empty(node):
                target.append(SOFT)  # its end breaks the line
                return False
        elif tag == "br":
            (self.loose if self.cell is None else self.cell).append("\n")
        elif tag == "tr":
            self.end_row()
        elif tag == "table":
            if self.cut and (number := node.attributes.get(MARK)):
                self.read_already(self.cut[int(number)])
                self.plain = True
                return False
            if self.cell is not None and len(node.css("td,th")) < 2:
                return True  # one framed figure inside a cell is the cell's own text
            if len(node.css("table")) < 2 and not (self.apart and any(one.mem_id in self.apart for one in node.css("*"))):
                self.plain_table(node)
                self.plain = True
                return False
            self.enter_table()
        elif tag == "img":
            if self.cell is not None:
                self.cell.append(f"\n{_PICTURE}\n")
        elif tag == "sup" or tag == "sub" or (self.raised and node.mem_id in self.raised) or (tag in _NOTES and self.is_note(node, tag)):
            # Raised figures are footnote marks, as are small ones and links within the page right after a figure; joined to the text they would lengthen the number.
            self.text(node.text(deep=True).translate(RAISED))
            return False
        elif tag == "bdo" and node.attributes.get("dir") == "rtl":
            self.text("\u202e")  # what follows is shown backwards: no figure
        elif tag == "input":
            attributes = node.attributes
            if attributes.get("type", "text") in ("text", "number", None):
                self.text(attributes.get("value") or "")
        return True

    def is_note(self, node: LexborNode, tag: str) -> bool:
        """Whether small digits or a link within the page follow a figure: 12<a href="#n1">1</a>."""
        before = "".join(self.cell or []).rstrip()[-1:]
        own = node.text(deep=True).strip()[:1]
        return before.isdigit() and own.isdigit() and (tag == "small" or (node.attributes.get("href") or "").startswith("#"))

    def shown(self, node: LexborNode, tag: str) -> None:
        """What a cell shows of an element whose text is not read: a field's value, the option chosen, or a picture."""
        if tag == "textarea":
            self.text(node.text(deep=True))
        elif tag == "select":
            chosen = node.css_first("option[selected]") or node.css_first("option")
            self.text(chosen.text(deep=True) if chosen is not None else "")
        elif tag in _STRUCK:
            self.veiled = self.veiled or _is_figure(node.text(deep=True))
        elif self.cell is not None and (tag in _PICTURED or (tag == "script" and "write" in node.text(deep=True))):
            self.cell.append(f"\n{_PICTURE}\n")

    def leave(self, node: LexborNode, tag: str) -> None:
        if tag == "td" or tag == "th":
            self.end_cell()
        elif tag == "tr":
            self.end_row()
        elif tag == "table":
            if self.plain:
                self.plain = False
            elif self.cell is None or len(node.css("td,th")) >= 2:
                self.exit_table()
        elif tag in _BLOCK:
            (self.loose if self.cell is None else self.cell).append("\n")
        if self.veils and node.mem_id == self.veils[-1][0]:
            self.flush()
            self.unseen.update(range(self.veils.pop()[1], len(self.lines)))

    def walk(self, root: LexborNode) -> None:
        node: LexborNode | None = root
        depth = 0  # nodes are not compared with the root: lexbor compares them by their text
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                text = node.text_content
                if text == "\n":
                    (self.loose if self.cell is None else self.cell).append(" ")
                elif text:
                    self.text(text)
                child = None
            else:
                child = node.first_child if self.enter(node, tag) else None
            if child is not None:
                node, depth = child, depth + 1
                continue
            while node is not None:
                if tag != "-text":
                    self.leave(node, tag)
                if not depth:
                    node = None
                elif (following := node.next) is not None:
                    node = following
                    break
                else:
                    node, depth = node.parent, depth - 1
                    tag = (node.tag or "") if node is not None else ""


def _walked(source: str, tree: LexborHTMLParser, text: str, cut: Sequence[PlainTable] = (), boxes: bool = False) -> _Page:
    page = _Page(source, cut, hidden_nodes(tree, text), raised_nodes(tree, text))
    page.boxes = boxes
    if tree.body is not None:
        page.walk(tree.body)
        page.flush()
    return page


def _title(tree: LexborHTMLParser, text: str) -> str:
    node = tree.head.first_child if tree.head is not None else None
    while node is not None and node.tag != "title":
        node = node.next
    if node is None and ("<title" in text or "<TITLE" in text):
        node = tree.css_first("title")
    return " ".join(node.text(deep=True).split()) if node is not None else ""


def read_html(source: str, name: str, text: str, cut: Sequence[PlainTable] = ()) -> Document:
    """Given a page's text (decoded), return its lines: paragraphs, and a line for each table row.

    `cut` are the tables that were taken out of the page.
    """
    tree = LexborHTMLParser(text)
    page = _walked(source, tree, text, cut)
    if not cut and page.cells < _FEW_CELLS and text.count("<td") + text.count("<TD") > page.cells * 1.2 + 2:
        # Cells outside any table: the parser drops their tags. One table around everything keeps the rows.
        whole = f"<table>{_TABLE_TAG.sub('', text)}</table>"
        again = _walked(source, LexborHTMLParser(whole), whole)
        if again.cells > page.cells:
            page = again
    if page.cells < _FEW_CELLS and _LAST_ROW in text:
        page = _walked(source, tree, text, cut, boxes=True)
    declared = tree.css("meta[name][content]") if "content" in text or "CONTENT" in text else []
    named = ((node.attributes.get("name"), node.attributes.get("content")) for node in declared)
    meta = [(label, content) for label, content in named if label and content]
    document = Document(source, name, page.lines, _title(tree, text), meta, found=(_LEFT_OUT,) if page.left_out else ())
    if page.unseen:
        document.with_hidden = page.lines
        document.lines = [line for number, line in enumerate(page.lines) if number not in page.unseen]
    return document
