"""Word and Excel documents: what is printed is read, what is not is not, damaged ones end in a `ReportError`."""

from __future__ import annotations

import io
import random
import re
import shutil
import socket
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
import xlwt  # type: ignore[import-untyped]
from filings import Filing, cell_keys
from layouts_office import W, _links, _types, _workbook, _zipped
from openpyxl import Workbook, load_workbook
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.documents import read_document
from govdisclose.guard import INSIDE
from govdisclose.readers import legacy
from govdisclose.readers.word import read as read_word
from govdisclose.sources import Source, source_of

TITLE = "金湖县水利局2023年政府信息公开工作年度报告"
FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}
OFFICE = sorted(name for name in LAYOUTS if name.startswith(("docx", "xlsx")))


def filing() -> Filing:
    return Filing("金湖县水利局", 2023, TITLE, FORMS, {key: str(n + 1) for n, key in enumerate(cell_keys(FORMS))})


def word(body: str) -> bytes:
    paragraph = f"<w:p><w:r><w:t>{TITLE}</w:t></w:r></w:p>"
    return _zipped(
        {
            "[Content_Types].xml": _types({}),
            "_rels/.rels": _links({"r1": ("officeDocument", "word/document.xml")}),
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{paragraph}{body}</w:body></w:document>',
        }
    )


def table(*rows: tuple[str, str]) -> str:
    """A table of two columns; the second cell as XML."""
    cells = "<w:tr><w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc><w:tc><w:p>{}</w:p></w:tc></w:tr>"
    return "<w:tbl>" + "".join(cells.format(label, figure) for label, figure in rows) + "</w:tbl>"


def decisions(source: bytes | str) -> dict[str, tuple[float | None, str, str]]:
    """Value, state and text of the cells of decisions."""
    cells = gd.read_report(source).slots
    return {c.slot.row: (c.value, c.state, c.text) for c in cells if c.slot.column == "decisions"}


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<w:r><w:t>1</w:t></w:r><w:r><w:t>2</w:t></w:r>", "12"),
        ("<w:r><w:t>12</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>3</w:t></w:r>", "12"),
        ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>12</w:t></w:r>', "12"),
        ("<w:del><w:r><w:delText>3</w:delText></w:r></w:del><w:ins><w:r><w:t>12</w:t></w:r></w:ins>", "12"),
        ("<w:r><w:t>12</w:t></w:r><w:r><w:footnoteReference/></w:r>", "12"),
        ('<w:r><w:t>12</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>1</w:t></w:r>', "12¹"),
        ("<w:ruby><w:rt><w:r><w:t>9</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>12</w:t></w:r></w:rubyBase></w:ruby>", "12"),
        ("<w:smartTag><w:hyperlink><w:r><w:t>12</w:t></w:r></w:hyperlink></w:smartTag>", "12"),
        (
            '<w:r><w:t>1</w:t><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>=9</w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>9</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
            "12",
        ),
        ('<w:r><w:instrText>DDEAUTO c:/x.exe "9"</w:instrText></w:r><w:r><w:t>12</w:t></w:r>', "12"),
        ("<w:r><w:instrText>=9</w:instrText></w:r><w:fldSimple><w:r><w:t>12</w:t></w:r></w:fldSimple>", "12"),
    ],
)
def test_a_cell_of_a_word_document_holds_what_is_printed(xml: str, text: str) -> None:
    found = decisions(word(table(("行政许可", xml), ("行政处罚", "<w:r><w:t>2</w:t></w:r>"))))
    assert found["licensing"] == (12, "number", text)
    assert found["penalties"] == (2, "number", "2")


def with_parts(data: bytes, **parts: str) -> bytes:
    """The Word document with these parts (by name, without folder and suffix) added."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as file:
        for name, text in parts.items():
            file.writestr(f"word/{name}.xml", text)
    return out.getvalue()


NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="5">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="japaneseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="6"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="●"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="6"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="5"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    "</w:numbering>"
)


def numbered(text: str, level: int = 0, number: int = 1, style: str = "") -> str:
    own = f'<w:pStyle w:val="{style}"/>' if style else f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{own}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_numbers_that_word_puts_before_paragraphs_are_read() -> None:
    styles = f'<w:styles xmlns:w="{W}"><w:style w:styleId="h"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    styles += '<w:style w:styleId="h2"><w:basedOn w:val="h"/></w:style></w:styles>'
    paragraphs = [
        *(numbered("总体情况", style="h2"), numbered("主动公开。"), numbered("甲", 1), numbered("乙", 1), numbered("丙", style="h")),
        *(numbered("丁", 1), numbered("点", number=2), numbered("戊", number=3), numbered("己", number=3), numbered("无", number=9)),
    ]
    source = source_of("a", "a", with_parts(word("".join(paragraphs)), numbering=NUMBERING, styles=styles))
    lines = [line.cells[0] for line in read_word(source).lines]
    assert lines[1:] == ["一、总体情况", "二、主动公开。", "（一）甲", "（二）乙", "三、丙", "（一）丁", "点", "五、戊", "六、己", "无"]


def test_labels_numbered_by_word_and_figures_that_are() -> None:
    def cell(text: str, level: int | None = None) -> str:
        return f"<w:tc>{numbered(text, level) if level is not None else numbered(text, 0, 0)}</w:tc>"

    rows = [("行政许可", None, "7", None), ("行政处罚", None, "234", 2), ("行政强制", 1, "5", None)]
    body = "".join(f"<w:tr>{cell(label, at)}{cell(figure, own)}</w:tr>" for label, at, figure, own in rows)
    found = decisions(with_parts(word(f"<w:tbl>{body}</w:tbl>"), numbering=NUMBERING))
    assert found["licensing"] == (7, "number", "7")
    assert found["penalties"] == (None, "unreadable", "1\n234")
    assert found["coercive_measures"] == (5, "number", "5")


def test_sections_numbered_by_word_are_told() -> None:
    body = numbered("总体情况") + "<w:p><w:r><w:t>本年度公开信息120条。</w:t></w:r></w:p>"
    body += table(("行政许可", "<w:r><w:t>7</w:t></w:r>"), ("行政处罚", "<w:r><w:t>2</w:t></w:r>"))
    body += numbered("存在的主要问题及改进情况") + "<w:p><w:r><w:t>人手不足。</w:t></w:r></w:p>"
    sections = gd.read_report(with_parts(word(body), numbering=NUMBERING)).sections
    assert "120条" in sections["overview"] and sections["problems"].endswith("人手不足。")


def test_what_is_deleted_with_changes_recorded_is_gone() -> None:
    deleted = '<w:tc><w:tcPr><w:cellDel w:id="1"/></w:tcPr><w:p><w:r><w:t>99</w:t></w:r></w:p></w:tc>'
    joined = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>1</w:t></w:r></w:p><w:p><w:r><w:t>2</w:t></w:r></w:p>"
    rows = f"<w:tr><w:tc><w:p><w:r><w:t>行政许可</w:t></w:r></w:p></w:tc>{deleted}<w:tc>{joined}</w:tc></w:tr>"
    rows += "<w:tr><w:tc><w:p><w:r><w:t>行政处罚</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>2</w:t></w:r></w:p></w:tc></w:tr>"
    assert decisions(word(f"<w:tbl>{rows}</w:tbl>"))["licensing"] == (12, "number", "12")


def test_what_a_word_document_links_to_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INSIDE, "1")
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("fetched"))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("fetched"))
    links = _links({"r9": ("image", 'http://example.com/x.png" TargetMode="External'), "r8": ("attachedTemplate", "file:///etc/passwd")})
    picture = '<w:r><w:drawing><a:blip xmlns:a="urn:a" xmlns:r="urn:r" r:link="r9"/></w:drawing><w:t>12</w:t></w:r>'
    data = word(table(("行政许可", picture), ("行政处罚", "<w:r><w:t>2</w:t></w:r>")))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as file:
        file.writestr("word/_rels/document.xml.rels", links)
    assert decisions(out.getvalue())["licensing"] == (12, "number", "12")


def test_text_hidden_by_its_style_is_not_read() -> None:
    styles = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="gone"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="child"><w:basedOn w:val="gone"/></w:style></w:styles>'
    )
    hidden = '<w:r><w:rPr><w:rStyle w:val="child"/></w:rPr><w:t>9</w:t></w:r>'
    body = table(("行政许可", f"<w:r><w:t>12</w:t></w:r>{hidden}"), ("行政处罚", "<w:r><w:t>2</w:t></w:r>"))
    out = io.BytesIO(word(body))
    with zipfile.ZipFile(out, "a") as file:
        file.writestr("word/styles.xml", styles)
    assert decisions(out.getvalue())["licensing"] == (12, "number", "12")


def test_values_of_a_workbook_are_read_as_shown() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([TITLE])
    for row in (["规章", 1, 2, 3], ["行政许可", 12.0], ["行政处罚", "3 "], ["行政强制", "=SUM(B2:B3)"], ["行政事业性收费", 0.1 + 0.2]):
        sheet.append(row)
    sheet["A9"], sheet["B9"] = "行政处罚", 99
    sheet.row_dimensions[9].hidden = True
    sheet["B4"].number_format, sheet["B4"].value = "0", 12.6  # shown as 13
    sheet["B3"].number_format = "#,##0"
    hidden = book.create_sheet("旧")
    hidden.append(["行政许可", 98])
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    report = gd.read_report(out.getvalue())
    cells = {c.slot.key.removeprefix("proactive."): (c.value, c.state, c.text) for c in report.slots}
    assert cells["licensing.decisions"] == (12, "number", "12")
    assert cells["penalties.decisions"] == (13, "number", "13")
    assert cells["fees.amount"] == (0.3, "number", "0.3")
    assert cells["coercive_measures.decisions"] == (None, "unreadable", "=SUM(B2:B3)")
    assert ("cell.unreadable", "coercive_measures") in [(f.rule, f.row) for f in report.found]


def workbook(*rows: list[object], formats: dict[str, str] | None = None) -> Workbook:
    """A workbook of one sheet: the title, then these rows, some cells in formats of their own."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "年报"
    for row in ([TITLE], *rows):
        sheet.append(row)
    for place, code in (formats or {}).items():
        sheet[place].number_format = code
    return book


def saved(book: Workbook, cells: dict[str, str] | None = None, computed: bool = False) -> bytes:
    """The workbook as a file, with these cells of its first sheet as given; `computed`: as Excel saves it."""
    out = io.BytesIO()
    book.save(out)
    again = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(again, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                for place, cell in (cells or {}).items():
                    text, count = re.subn(f'<c r="{place}"[^>]*>.*?</c>', cell, text)
                    assert count == 1
            elif name == "xl/workbook.xml":
                assert 'fullCalcOnLoad="1"' in text
                text = text.replace('fullCalcOnLoad="1"', "") if computed else text
            new.writestr(name, text)
    return again.getvalue()


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (12.0, '0"件"', (12, "number", "12件")),
        (12.4, '#,##0"件"', (12, "number", "12件")),
        (1234.0, '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"_ ;_ @_ ', (1234, "number", "1,234")),
        (0, '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"_ ;_ @_ ', (None, "not_applicable", "-")),
        (0, '0;-0;"/"', (None, "not_applicable", "/")),
        (0, "0;-0;;@", (None, "blank", "")),
        (0, "#,###", (None, "blank", "")),
        (0.12, "0%", (None, "unreadable", "12%")),
        (45000, "yyyy/m/d", (None, "unreadable", "2023/3/15")),
        (45000, 'yyyy"年"m"月"d"日"', (None, "unreadable", "2023年3月15日")),
        (0.5, "h:mm", (None, "unreadable", "12:00")),
        (12, "[DBNum1]General", (None, "unreadable", "12 [[DBNum1]General]")),
        (12.5, "# ?/?", (None, "unreadable", "12.5 [# ?/?]")),
        (12, "0000", (None, "unreadable", "0012")),
        (120000, "#,##0,", (120, "number", "120")),
        (12, "General", (12, "number", "12")),
        (12, "@", (12, "number", "12")),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(value: float, code: str, expected: tuple[float | None, str, str]) -> None:
    book = workbook(["行政许可", value], ["行政处罚", 2], formats={"B2": code})
    found = decisions(saved(book))
    assert (found["licensing"], found["penalties"]) == (expected, (2, "number", "2"))


def test_errors_and_dates_of_an_old_workbook_are_read_as_shown() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("年报")
    sheet.write(0, 0, TITLE)
    for number, (label, value, code) in enumerate((("行政许可", 45000, "yyyy/m/d"), ("行政处罚", 7, '0"件"'), ("行政强制", 3, "General")), 1):
        sheet.write(number, 0, label)
        sheet.write(number, 1, value, xlwt.easyxf(num_format_str=code))
    out = io.BytesIO()
    book.save(out)
    found = decisions(out.getvalue())
    assert found["licensing"] == (None, "unreadable", "2023/3/15")
    assert (found["penalties"], found["coercive_measures"]) == ((7, "number", "7件"), (3, "number", "3"))


def test_a_formula_that_was_never_computed_is_no_figure() -> None:
    """Some programs leave the value out, some write 0 and ask Excel to compute on opening; a stored result counts."""
    book = workbook(["行政许可", "=1+1"], ["行政处罚", "=2+2"], ["行政强制", "=3+3"], ["规章", 1, 2, 3])
    zero = {"B2": '<c r="B2"><f>1+1</f><v>0</v></c>'}
    report = gd.read_report(saved(book, zero))
    cells = {c.slot.row: (c.value, c.state, c.text) for c in report.slots if c.slot.column == "decisions"}
    assert cells["licensing"] == (None, "unreadable", "=1+1")
    assert cells["penalties"] == (None, "unreadable", "=2+2")
    assert {f.row for f in report.found if f.rule == "cell.unreadable"} == {"licensing", "penalties", "coercive_measures"}
    four = {"B3": '<c r="B3"><f>2+2</f><v>4</v></c>', "B4": '<c r="B4" t="str"><f>A1</f><v></v></c>'}
    found = decisions(saved(book, zero | four, computed=True))
    assert (found["licensing"], found["penalties"]) == ((0, "number", "0"), (4, "number", "4"))
    assert found["coercive_measures"] == (None, "blank", "")


def test_a_remark_far_aside_makes_no_row_wide() -> None:
    book = workbook(["行政许可", 12], ["行政处罚", 2], ["规章", 1, 2, 3])
    book.active["XFD1048576"] = "旧表"  # type: ignore[index]
    found = decisions(saved(book))
    assert (found["licensing"], found["penalties"]) == ((12, "number", "12"), (2, "number", "2"))
    data = typeset(filing(), LAYOUTS["xlsx_one"])
    book = load_workbook(io.BytesIO(data))
    book.active["XFD1048576"] = "旧表"  # type: ignore[index]
    out = io.BytesIO()
    book.save(out)
    assert [cell.value for cell in gd.read_report(out.getvalue()).slots] == [float(n + 1) for n in range(200)]


def test_a_zero_beside_other_results_was_computed() -> None:
    """A program that computes may still ask Excel to do it again: its other formulas have results, and then 0 is one too."""
    book = workbook(["行政许可", "=1-1"], ["行政处罚", "=2+2"], ["行政强制", "=3-3"], ["规章", 1, 2, 3])
    cells = {"B2": '<c r="B2"><f>1-1</f><v>0</v></c>', "B3": '<c r="B3"><f>2+2</f><v>4</v></c>'}
    found = decisions(saved(book, cells))  # the third has no result: who writes some only has not computed
    assert [found[row][0] for row in ("licensing", "penalties", "coercive_measures")] == [None, 4, None]
    found = decisions(saved(book, cells | {"B4": '<c r="B4"><f>3-3</f><v>0</v></c>'}))
    assert [found[row][0] for row in ("licensing", "penalties", "coercive_measures")] == [0, 4, 0]


def test_an_error_in_a_cell_is_no_figure() -> None:
    book = workbook(["行政许可", "=1/0"], ["行政处罚", 2])
    data = saved(book, {"B2": '<c r="B2" t="e"><f>1/0</f><v>#REF!</v></c>'})
    assert decisions(data)["licensing"] == (None, "unreadable", "#REF!")


@pytest.mark.parametrize(("result", "flags", "expected"), [(None, 0, "=?"), (0.0, 2, "=?"), (0.0, 0, "0"), (8.0, 2, "8")])
def test_a_formula_of_an_old_workbook_counts_only_if_it_was_computed(result: float | None, flags: int, expected: str) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("年报")
    for number, row in enumerate(([TITLE], ["行政许可", xlwt.Formula("1+1")], ["行政处罚", 2], ["规章", 1, 2, 3])):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    out = io.BytesIO()
    book.save(out)
    data = out.getvalue()
    if result is not None:
        at = data.index(b"\x03\x00\x00\x00\x00\x00\xff\xff")
        data = data[:at] + struct.pack("<dH", result, flags) + data[at + 10 :]
    state = "unreadable" if expected == "=?" else "number"
    found = decisions(data)["licensing"]
    assert found == (None if state == "unreadable" else float(expected), state, expected)


def test_what_is_hidden_in_a_workbook_is_not_read_and_told() -> None:
    book = workbook(["规章", 1, 2, 3], ["行政许可", 98], ["行政许可", 12], ["行政处罚", 2, "旧", 97])
    sheet = book.active
    assert sheet is not None
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    old = book.create_sheet("旧")
    old.append(["行政许可", 96])
    old.sheet_state = "veryHidden"
    book.create_sheet("空").sheet_state = "hidden"
    report = gd.read_report(saved(book))
    cells = {c.slot.row: c.value for c in report.slots if c.slot.column == "decisions"}
    assert (cells["licensing"], cells["penalties"]) == (12, 2)
    hidden = [f for f in report.found if f.rule == "sheet.hidden"]
    assert [f.severity for f in hidden] == ["note"]
    assert hidden[0].message_en.endswith("were not read: 年报!3:3、年报!D:D、旧")
    assert not [f for f in gd.read_report(saved(workbook(["行政许可", 12], ["行政处罚", 2]))).found if f.rule == "sheet.hidden"]


SPREADSHEET = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:automatic-styles>
<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"""


def spreadsheet(*tables: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", SPREADSHEET.format("".join(tables)))
    return file.getvalue()


def ods_row(*cells: str, about: str = "") -> str:
    return f"<table:table-row{about}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str, about: str = "") -> str:
    return f"<table:table-cell{about}><text:p>{text}</text:p></table:table-cell>"


def test_what_is_hidden_in_an_open_document_is_not_read_and_told() -> None:
    columns = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/><table:table-column table:number-columns-repeated="3"/>'
    rows = [
        ods_row(ods_cell("示例市水利局2023年政府信息公开工作年度报告")),
        ods_row(ods_cell("第二十条第(六)项", ' table:number-columns-spanned="3"'), '<table:covered-table-cell table:number-columns-repeated="2"/>'),
        ods_row(ods_cell("信息内容"), ods_cell("本年处理决定数量"), "<table:table-cell/>"),
        ods_row(ods_cell("行政处罚"), ods_cell("98"), about=' table:visibility="collapse"'),
        ods_row(ods_cell("行政处罚"), ods_cell("12"), ods_cell("97")),
        "<table:table-row-group>" + ods_row(ods_cell("行政强制"), ods_cell("2"), ods_cell("96")) + "</table:table-row-group>",
        ods_row('<table:table-cell table:number-columns-repeated="16384"/>', about=' table:visibility="filter"'),
        *(ods_row(ods_cell(f"备注{number}")) for number in range(4)),
    ]
    old = f'<table:table table:name="旧" table:style-name="off">{ods_row(ods_cell("行政强制"), ods_cell("95"))}</table:table>'
    empty = '<table:table table:name="空" table:style-name="off"><table:table-row><table:table-cell/></table:table-row></table:table>'
    made = spreadsheet(f'<table:table table:name="年报">{columns}{"".join(rows)}</table:table>', old, empty)
    document = read_document(Source("a.ods", "a", made, ""))
    assert [line.cells for line in document.lines[2:5]] == [["信息内容", "本年处理决定数量"], ["行政处罚", "12"], ["行政强制", "2"]]
    assert [(f.rule, f.message_en.rpartition(": ")[2]) for f in document.found] == [("sheet.hidden", "年报!4:4、年报!C:C、旧")]


def test_a_label_over_a_hidden_row_of_an_open_document_covers_those_that_are_shown() -> None:
    label = ods_cell("甲", ' table:number-rows-spanned="3"')
    covered = "<table:covered-table-cell/>"
    rows = (ods_row(label, ods_cell("1")), ods_row(covered, ods_cell("9"), about=' table:visibility="collapse"'), ods_row(covered, ods_cell("2")), *(ods_row(ods_cell("乙"), ods_cell(str(n))) for n in range(5)))
    document = read_document(Source("a.ods", "a", spreadsheet(f"<table:table>{''.join(rows)}</table:table>"), ""))
    assert [line.cells for line in document.lines] == [["甲", "1"], ["2"], *(["乙", str(n)] for n in range(5))]
    assert document.lines[0].sizes == [(1, 2), (1, 1)]


def test_an_old_workbook_without_its_hidden_rows() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("年报")
    for number, row in enumerate(([TITLE], ["规章", 1, 2, 3], ["行政许可", 99], ["行政许可", 12], ["行政处罚", "/"])):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    sheet.row(2).hidden = True
    sheet.merge(4, 4, 1, 3)
    out = io.BytesIO()
    book.save(out)
    found = decisions(out.getvalue())
    assert found["licensing"] == (12, "number", "12") and found["penalties"] == (None, "not_applicable", "/")


def test_an_old_word_document_is_converted_or_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rtf = b"{\\rtf1\\ansi hello}"
    monkeypatch.setattr(legacy, "PROGRAMS", ("no-such-program",))
    with pytest.raises(gd.ReportError, match="install LibreOffice"):
        gd.read_report(rtf)
    monkeypatch.undo()
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed: .doc, .wps and .rtf are not tried")
    (tmp_path / "a.docx").write_bytes(typeset(filing(), LAYOUTS["docx_merged"]))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "doc:MS Word 97", "--outdir", str(tmp_path), "a.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    report = gd.read_report(tmp_path / "a.doc")
    assert [cell.value for cell in report.slots] == [float(n + 1) for n in range(200)]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_what_an_old_word_document_links_to_is_not_fetched(tmp_path: Path) -> None:
    """Neither a picture from the network nor a text of this machine."""
    (tmp_path / "secret.txt").write_text("机密")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.1)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.png"
        secret = (tmp_path / "secret.txt").as_posix()
        fields = (f'INCLUDEPICTURE "{address}" \\\\d', f'INCLUDETEXT "{secret}"', f'DDEAUTO soffice "{secret}" x')
        links = "".join(f"{{\\field{{\\*\\fldinst {{{field}}}}}{{\\fldrslt 12}}}}" for field in fields)
        data = f"{{\\rtf1\\ansi {links}}}".encode()
        made = legacy._converted(source_of("a.rtf", "a", data), shutil.which("soffice") or "")
        with pytest.raises(TimeoutError):
            server.accept()
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        assert "机密" not in file.read("word/document.xml").decode()


@pytest.mark.parametrize("what", ["bomb", "doctype", "locked", "no body", "cut", "deep"])
def test_a_hostile_office_file_ends_in_an_error(what: str) -> None:
    good = typeset(filing(), LAYOUTS["docx_merged"])
    if what == "bomb":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("word/document.xml", b"<a>" + b" " * 200_000_000)
        bad = out.getvalue()
    elif what == "doctype":
        entity = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
        bad = _zipped({"word/document.xml": f'{entity}<w:document xmlns:w="{W}"><w:body>&b;</w:body></w:document>'})
    elif what == "locked":
        bad = b"\xd0\xcf\x11\xe0" + bytes(512) + "Workbook".encode("utf-16-le")
    elif what == "no body":
        bad = _zipped({"word/document.xml": f'<w:document xmlns:w="{W}"/>'})
    elif what == "deep":
        bad = word("<w:tbl><w:tr><w:tc>" * 240 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 240)
    else:
        bad = good[: len(good) // 2]
    with pytest.raises(gd.ReportError):
        gd.read_report(bad)


@pytest.mark.parametrize("layout", OFFICE)
def test_a_damaged_office_file_raises_nothing_else(layout: str) -> None:
    good = typeset(filing(), LAYOUTS[layout])
    chance = random.Random(layout)
    for _ in range(12):
        data = bytearray(good)
        for _ in range(chance.choice((1, 4, 40))):
            place = chance.randrange(len(data))
            end = place + chance.randrange(1, 60)
            data[place:end] = chance.choice((b"", bytes([chance.randrange(256)]), bytes(data[place:end]) * 2))
        try:
            report = gd.read_report(bytes(data))
        except gd.ReportError:
            continue
        assert all((cell.value is None) == (cell.state != "number") for cell in report.slots)


def test_a_workbook_of_many_cells_ends_in_an_error() -> None:
    class Many:
        def xml(self) -> str:
            row = "<row>" + "<c><v>1</v></c>" * 1000 + "</row>"
            return f"<worksheet><sheetData>{row * 300}</sheetData></worksheet>"

    with pytest.raises(gd.ReportError, match="more than 200,000 cells"):
        gd.read_report(_workbook({"a": Many()}))  # type: ignore[dict-item]
