"""Word documents and Excel workbooks: merged cells, split tables, text boxes, tracked changes, a sheet a table.

Both are written part by part and stored uncompressed, so that the same filing gives the same bytes everywhere.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from html import escape

import variants as v
from filings import Filing
from grids import Cell, Grid, spread
from pages import Layout, Page, page

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Runs = Callable[[str], str]
Table = Callable[[Grid], str]


def _zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), XML + text)
    return out.getvalue()


def _links(targets: dict[str, tuple[str, str]]) -> str:
    links = "".join(f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{to}"/>' for key, (kind, to) in targets.items())
    return f'<Relationships xmlns="{LINKS}">{links}</Relationships>'


def _types(kinds: dict[str, str]) -> str:
    named = "".join(f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in kinds.items())
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="{TYPES}">{rels}<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'


# --- Word -------------------------------------------------------------------------------------------------------------
def run(text: str) -> str:
    """Text as one run; line ends as breaks."""
    pieces = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(piece)}</w:t>' for piece in text.split("\n"))
    return f"<w:r>{pieces}</w:r>" if text else ""


def in_runs(text: str) -> str:
    """A run for every character, as spelling and fonts cut it, with a note's mark after it."""
    pieces = "".join(f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t>{escape(one)}</w:t></w:r>' for one in text)
    return pieces + '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="2"/></w:r>' if text else ""


def tracked(text: str) -> str:
    """The text as an insertion beside what was deleted, moved away or hidden."""
    old = '<w:del w:id="1"><w:r><w:delText>99</w:delText></w:r></w:del><w:moveFrom w:id="2"><w:r><w:t>98</w:t></w:r></w:moveFrom>'
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>97</w:t></w:r>"
    return f'{old}{hidden}<w:ins w:id="3">{run(text)}</w:ins>' if text else old


def field(text: str) -> str:
    """The text as the result of a field, in a content control."""
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>=SUM(ABOVE) 96</w:instrText></w:r>'
    ends = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{begin}{ends.format(run(text))}</w:sdtContent></w:sdt>" if text else ""


def _paragraph(text: str, runs: Runs = run) -> str:
    return f"<w:p>{runs(text)}</w:p>"


def _word_cell(cell: Cell | None, wide: int, merge: str, runs: Runs) -> str:
    settings = (f'<w:gridSpan w:val="{wide}"/>' if wide > 1 else "") + merge
    text = cell.text if cell else ""
    made = runs if cell and cell.kind == "figure" else run
    return f"<w:tc><w:tcPr>{settings}</w:tcPr>{_paragraph(text, made)}</w:tc>"


def _word_rows(grid: Grid, runs: Runs) -> list[str]:
    """Merged cells as Word has them: across by width, down by cells that go on with the one above."""
    rows = []
    for line in spread(grid):
        cells = []
        for place, spot in enumerate(line):
            if place and line[place - 1].cell is spot.cell:
                continue
            begins = '<w:vMerge w:val="restart"/>' if spot.cell.down > 1 else ""
            merge = begins if spot.top else "<w:vMerge/>"
            cells.append(_word_cell(spot.cell if spot.top else None, spot.cell.across, merge, runs))
        rows.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return rows


def word(runs: Runs = run) -> Table:
    return lambda grid: f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(_word_rows(grid, runs))}</w:tbl>"


def controlled(grid: Grid) -> str:
    """Rows in content controls, a deleted row first."""
    rows = _word_rows(grid, field)
    gone = f'<w:tr><w:trPr><w:del w:id="9"/></w:trPr>{_word_cell(Cell("规章", "label"), 1, "", run) * 3}</w:tr>'
    held = "".join(f"<w:sdt><w:sdtContent>{row}</w:sdtContent></w:sdt>" for row in rows)
    return f"<w:tbl><w:tblPr/>{gone}{held}</w:tbl>"


def nested(grid: Grid) -> str:
    """The table inside a cell of another that only lays out the page."""
    return f"<w:tbl><w:tr><w:tc><w:tcPr/>{word()(grid)}<w:p/></w:tc></w:tr></w:tbl>"


def boxed(grid: Grid) -> str:
    """The table in a text box, and once more for programs that know no such boxes."""
    box = f"<w:txbxContent>{word()(grid)}<w:p/></w:txbxContent>"
    choice = f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
    return (
        "<w:p><w:r><mc:AlternateContent>"
        f"{choice}<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def _word_body(sheet: Page, table: Table) -> Iterator[str]:
    yield from (_paragraph(line) for line in (*sheet.head, *sheet.opening))
    for part in sheet.parts:
        yield from (_paragraph(line) for line in (part.heading, *part.paragraphs) if line)
        for grid in part.grids:
            yield f"{table(grid)}<w:p/>"


def docx(
    name: str, about: str, *changes: v.PageChange, table: Table | None = None, namespace: str = W, main: str = "document"
) -> Layout:
    def typeset(filing: Filing) -> bytes:
        sheet = page(filing)
        for change in changes:
            sheet = change(sheet)
        spaces = f'xmlns:w="{namespace}" xmlns:mc="urn:mc" xmlns:wps="urn:wps"'
        body = "".join(_word_body(sheet, table or word()))
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        return _zipped(
            {
                "[Content_Types].xml": _types({f"word/{main}.xml": kind}),
                "_rels/.rels": _links({"r1": ("officeDocument", f"word/{main}.xml")}),
                f"word/{main}.xml": f"<w:document {spaces}><w:body>{body}<w:sectPr/></w:body></w:document>",
            }
        )

    return Layout(f"docx_{name}", ".docx", True, typeset, about)


# --- Excel ------------------------------------------------------------------------------------------------------------
Value = Callable[[Cell], str]


def text_value(cell: Cell) -> str:
    """The text in the cell itself."""
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(cell.text)}</t></is>' if cell.text else ">"


def number_value(cell: Cell) -> str:
    """A figure as a number, everything else as text."""
    if cell.kind == "figure" and cell.text.isdecimal() and (cell.text[0] != "0" or cell.text == "0"):
        return f"><v>{cell.text}.0</v>"
    return text_value(cell)


def formula_value(cell: Cell) -> str:
    """Totals as formulas with the value last computed."""
    made = number_value(cell)
    return made.replace("><v>", "><f>SUM(A1:B2)</f><v>") if cell.key.endswith(".total") else made


def _address(row: int, column: int) -> str:
    return f"{chr(64 + column)}{row}"


class _Sheet:
    """Rows of a worksheet in the making."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self.rows: list[str] = []
        self.merged: list[str] = []

    def line(self, text: str) -> None:
        self.rows.append(self._row([(1, Cell(text, "head"))]))

    def hidden(self) -> None:
        self.rows.append(self._row([(1, Cell("规章", "label")), (2, Cell("95", "figure"))]).replace("<row ", '<row hidden="1" '))

    def _row(self, cells: list[tuple[int, Cell]]) -> str:
        number = len(self.rows) + 1
        made = "".join(f'<c r="{_address(number, column)}"{self.value(cell)}</c>' for column, cell in cells)
        return f'<row r="{number}">{made}</row>'

    def table(self, grid: Grid) -> None:
        for line in spread(grid):
            number = len(self.rows) + 1
            cells = []
            for column, spot in enumerate(line, 1):
                if spot.origin:
                    cells.append((column, spot.cell))
                    if spot.cell.across > 1 or spot.cell.down > 1:
                        last = _address(number + spot.cell.down - 1, column + spot.cell.across - 1)
                        self.merged.append(f"{_address(number, column)}:{last}")
            self.rows.append(self._row(cells))

    def xml(self) -> str:
        merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in self.merged)
        return (
            f'<worksheet xmlns="{S}"><sheetData>{"".join(self.rows)}</sheetData>'
            + (f"<mergeCells>{merged}</mergeCells>" if merged else "")
            + "</worksheet>"
        )


def xlsx(name: str, about: str, value: Value = number_value, apart: bool = False, hidden: bool = False) -> Layout:
    """A workbook of one sheet, or (`apart`) of a sheet for each section with a table and one for the prose."""

    def typeset(filing: Filing) -> bytes:
        sheet = page(filing)
        sheets = {"年报": _Sheet(value)}
        first = sheets["年报"]
        for line in (*sheet.head, *sheet.opening):
            first.line(line)
        for part in sheet.parts:
            here = sheets.setdefault(part.heading[:10], _Sheet(value)) if apart and part.grids else first
            for line in (part.heading, *part.paragraphs):
                here.line(line)
            for grid in part.grids:
                if hidden:
                    here.hidden()
                here.table(grid)
        return _workbook(sheets)

    return Layout(f"xlsx_{name}", ".xlsx", True, typeset, about)


def _workbook(sheets: dict[str, _Sheet]) -> bytes:
    numbers = range(1, len(sheets) + 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in zip(numbers, sheets, strict=True))
    return _zipped(
        {
            "[Content_Types].xml": _types(
                {"xl/workbook.xml": f"{kind}.sheet.main+xml"}
                | {f"xl/worksheets/sheet{n}.xml": f"{kind}.worksheet+xml" for n in numbers}
            ),
            "_rels/.rels": _links({"r1": ("officeDocument", "xl/workbook.xml")}),
            "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _links({f"r{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in numbers}),
        }
        | {f"xl/worksheets/sheet{n}.xml": made.xml() for n, made in zip(numbers, sheets.values(), strict=True)}
    )


OFFICE = (
    docx("merged", "merged cells as Word has them"),
    docx("strict", "strict Office Open XML, another name of the main part", namespace=STRICT, main="document"),
    docx("runs", "a run for every character, note marks", table=word(in_runs)),
    docx("tracked", "tracked changes and hidden text", table=word(tracked)),
    docx("controls", "content controls, fields, a deleted row", table=controlled),
    docx("nested", "tables inside a layout table", table=nested),
    docx("boxes", "tables in text boxes", table=boxed),
    docx("pieces", "tables over two pages", v.in_pieces(repeat=False)),
    docx("pieces_headed", "tables over two pages, headings again", v.in_pieces(repeat=True)),
    docx("wide", "full-width digits and marks", v.everywhere(v.wide)),
    xlsx("one", "one sheet"),
    xlsx("apart", "a sheet a table", apart=True),
    xlsx("text", "numbers stored as text", text_value),
    xlsx("formulas", "totals as formulas, hidden rows", formula_value, hidden=True),
)
