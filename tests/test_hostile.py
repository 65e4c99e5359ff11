"""Files made to do harm, of every kind but pages: each ends in a `ReportError` that names the limit, read in a worker."""

from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from layouts_office import W, _links, _types

import govdisclose as gd
from govdisclose import guard
from govdisclose.folders import find_documents

S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TITLE = "金湖县水利局2023年政府信息公开工作年度报告"


@pytest.fixture(autouse=True, scope="module")
def small_worker() -> Iterator[None]:
    """All are read in one worker that may take 1.5 GB and two minutes, far more than any takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOVDISCLOSE_MEGABYTES", "1500")
        patch.delenv(guard.INSIDE, raising=False)
        patch.setattr(guard, "_guard", guard._Guard())
        patch.setattr(guard, "SECONDS", 120)
        yield
        guard._guard.end()


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return out.getvalue()


def workbook(sheet: bytes, strings: bytes = b"") -> dict[str, bytes]:
    links = {"r1": ("worksheet", "worksheets/sheet1.xml")} | ({"r2": ("sharedStrings", "sharedStrings.xml")} if strings else {})
    book = f'<workbook xmlns="{S}" xmlns:r="urn:r"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
    parts = {
        "[Content_Types].xml": _types({}).encode(),
        "_rels/.rels": _links({"r1": ("officeDocument", "xl/workbook.xml")}).encode(),
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": _links(links).encode(),
        "xl/worksheets/sheet1.xml": sheet,
    }
    return parts | ({"xl/sharedStrings.xml": strings} if strings else {})


def document(body: str, before: str = "") -> bytes:
    return packed({"word/document.xml": f'{before}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode()})


LAUGHS = "<!DOCTYPE d [" + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10)) + "]>"
OUTSIDE = '<!DOCTYPE d [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>'
BIG = b" " * 40_000_000
PARAGRAPH = "<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>"

OFFICE = {
    "bomb in a word document": (packed({"word/document.xml": b"<a>" + BIG}), "33,554,432 bytes unpacked"),
    "bomb in a sheet": (packed(workbook(b"<worksheet>" + BIG)), "33,554,432 bytes unpacked"),
    "bomb in the texts of a workbook": (packed(workbook(b"<worksheet/>", b"<sst>" + BIG)), "33,554,432 bytes unpacked"),
    "many parts": (packed({"word/document.xml": b"<a/>"} | {f"word/{n}.xml": b"" for n in range(2_500)}), "2,501 parts"),
    "billion laughs in a word document": (document(PARAGRAPH, LAUGHS), "declares a document type"),
    "billion laughs in a sheet": (packed(workbook(f"{LAUGHS}<worksheet>&a9;</worksheet>".encode())), "declares a document type"),
    "an entity from outside": (document(PARAGRAPH, OUTSIDE), "declares a document type"),
    "millions of paragraphs": (document("<w:p/>" * 205_000), "lines"),
    "cells without end": (document("<w:tbl><w:tr>" + "<w:tc><w:p/></w:tc>" * 210_000 + "</w:tr></w:tbl>"), "200,000 cells"),
    "tables in tables": (document("<w:tbl><w:tr><w:tc>" * 200 + "</w:tc></w:tr></w:tbl>" * 200), "Excessive depth"),
    "elements in elements": (document("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000), "Excessive depth"),
    "a row of a billion": (packed(workbook(b'<worksheet><sheetData><row r="999999999"><c r="ZZZ9999999"><v>1</v></c></row></sheetData></worksheet>')), "no table|title"),
}


@pytest.mark.parametrize("kind", OFFICE)
def test_an_office_file_made_to_harm_ends_in_an_error(kind: str) -> None:
    data, found = OFFICE[kind]
    assert len(data) < 3_000_000
    with pytest.raises(gd.ReportError, match=found):
        gd.read_report(data)


def test_entities_in_other_charsets_are_not_resolved_either() -> None:
    body = f'{OUTSIDE}<w:document xmlns:w="{W}"><w:body>{PARAGRAPH}</w:body></w:document>'
    data = packed({"word/document.xml": ('<?xml version="1.0" encoding="UTF-16"?>' + body).encode("utf-16")})
    with pytest.raises(gd.ReportError) as caught:
        gd.read_report(data)
    assert "root:" not in str(caught.value)


def legacy_workbook(next_sector: int) -> bytes:
    """A compound file whose one chain of sectors leads to `next_sector`."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<LLLLLLLLL", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<L", 0) + b"\xff" * (436 - 4)
    table = struct.pack("<LLL", 0xFFFFFFFD, next_sector, next_sector) + b"\xff" * (512 - 12)
    name = "Workbook".encode("utf-16-le")
    entry = name + bytes(64 - len(name)) + struct.pack("<HBB", len(name) + 2, 2, 1) + b"\xff" * 12 + bytes(36) + struct.pack("<LQ", 2, 2**31 - 1)
    return head[:512].ljust(512, b"\x00") + table + entry * 4 + bytes(512)


@pytest.mark.parametrize("next_sector", [1, 2, 0, 0x7FFFFFF0])
def test_an_old_workbook_of_endless_sectors_ends_in_an_error(next_sector: int) -> None:
    with pytest.raises(gd.ReportError, match="damaged or locked workbook"):
        gd.read_report(legacy_workbook(next_sector))


def pdf(*objects: str) -> bytes:
    body = b"%PDF-1.7\n"
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{place:010d} 00000 n \n" for place in places)
    return body + f"{table}trailer << /Root 1 0 R /Size {len(objects) + 1} >>\nstartxref\n{len(body)}\n%%EOF".encode()


CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>"
FORM = "<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /F 5 0 R >> >> /Length 10 >>\nstream\n/F Do /F Do\nendstream"
HUGE = zlib.compress(b"0 0 m 1 1 l S\n" * 2_000_000, 9).decode("latin-1")
WORDS = "<< /Length 40 >>\nstream\nBT /T 12 Tf 50 700 Td (nothing much) Tj ET\nendstream"
TYPE = PAGE.replace("/XObject", "/Font << /T << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> /XObject")
PDFS = {
    "says it has a billion pages": pdf(CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1000000000 >>", TYPE, WORDS),
    "pages in a circle": pdf(CATALOG, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
    "a thousand pages": pdf(CATALOG, f"<< /Type /Pages /Kids [{'3 0 R ' * 1000}] /Count 1000 >>", PAGE, "<< /Length 0 >>\nstream\n\nendstream"),
    "a drawing in itself": pdf(CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE, "<< /Length 5 >>\nstream\n/F Do\nendstream", FORM),
    "endless drawing": pdf(
        CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE, f"<< /Filter /FlateDecode /Length {len(HUGE)} >>\nstream\n{HUGE}\nendstream"
    ),
    "objects in a circle": pdf(CATALOG, "<< /Type /Pages /Kids 3 0 R /Count 1 >>", "3 0 R"),
    "a page of a million points": pdf(CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", TYPE.replace("600 800", "1000000 1000000"), WORDS),
    "broken objects": pdf(CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /MediaBox [0 0 0"),
}


@pytest.mark.parametrize("kind", PDFS)
def test_a_pdf_made_to_harm_ends_in_an_error(kind: str) -> None:
    with pytest.raises(gd.ReportError) as caught:
        gd.read_report(PDFS[kind])
    limits = {"a drawing in itself": "the process that read it ended", "a thousand pages": "1,000 pages; a report has 1 to 300", "endless drawing": "100,000 objects"}
    assert limits.get(kind, "") in str(caught.value)
    assert "took more than" not in str(caught.value)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes, *others: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(others) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


TEXT_BOMB = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9))
GIF = b"GIF89a" + struct.pack("<HHBBB", 60_000, 60_000, 0x80, 0, 0) + bytes(6)
GIF += b"," + struct.pack("<HHHHB", 0, 0, 60_000, 60_000, 0) + b"\x02\x02\x4c\x01\x00;"
TIFF_PAGES = b"II*\x00" + struct.pack("<L", 8) + struct.pack("<HHHLLL", 1, 256, 4, 1, 9, 8)
PICTURES = {
    "100,000 dots to a side": (png(100_000, 100_000, b""), "dots"),
    "9,000 x 10,000 dots": (png(9_000, 10_000, zlib.compress(bytes(9_001 * 100))), "9,000 x 10,000 dots"),
    "texts that burst": (png(100, 100, zlib.compress(bytes(101 * 100)), TEXT_BOMB), "picture"),
    "a huge animation": (GIF, "dots"),
    "pages in a circle": (TIFF_PAGES, "picture|pages"),
    "a line": (png(1_000_000, 1, b""), "1,000,000 x 1 dots"),
}


@pytest.mark.skipif(find_spec("rapidocr") is None, reason="the extra ocr is not installed")
@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_made_to_harm_ends_in_an_error(kind: str) -> None:
    data, found = PICTURES[kind]
    with pytest.raises(gd.ReportError, match=found):
        gd.read_report(data)


def test_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.html").open("wb") as file:
        file.truncate(1024**3)
    with pytest.raises(gd.ReportError, match=r"1,073,741,824 bytes; a report is at most 67,108,864"):
        gd.read_report(tmp_path / "a.html")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pipes_and_devices_in_a_folder_are_failures(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.html")
    os.mkfifo(tmp_path / "b.zip")
    (tmp_path / "c.html").symlink_to("/dev/zero")
    (tmp_path / "d").symlink_to(tmp_path)
    (tmp_path / "e.txt").write_text(f"{TITLE}\n| 行政许可 | 7 |\n| 行政处罚 | 2 |\n", "utf-8")
    panel = gd.read_reports(tmp_path, progress=False)
    assert len(panel.reports) == 1
    assert [(Path(source).name, reason.partition(";")[0]) for source, reason in panel.failures.itertuples(index=False)] == [
        ("a.html", "no ordinary file"),
        ("b.zip", "no ordinary file"),
        ("c.html", "no ordinary file"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_names_that_steer_a_terminal_are_written_out(tmp_path: Path) -> None:
    name = "年报\x1b[2J\n\u202elmth.html"
    (tmp_path / name).write_bytes(b"")
    assert find_documents(tmp_path)[0] == [f"{tmp_path}/{name}"]
    panel = gd.read_reports(tmp_path, progress=False)
    assert list(panel.failures["source"]) == [f"{tmp_path}/年报\\x1b[2J\\n\\u202elmth.html"]
    with pytest.raises(gd.ReportError) as caught:
        gd.read_report(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path}/年报\\x1b[2J\\n\\u202elmth.html: an empty file")
