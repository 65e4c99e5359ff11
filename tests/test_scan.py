"""Pictures of reports: read as printed or in doubt, never silently wrong; what is no page is refused."""

from __future__ import annotations

import io
import os
import struct
import zlib
from importlib.util import find_spec
from random import Random
from typing import Any

import pytest
from filings import Filing, cell_keys
from layouts_scan import SCANS
from PIL import Image
from typeset import typeset

import govdisclose as gd
from govdisclose.numbers import read_figure
from govdisclose.readers import scan

needs_ocr = pytest.mark.skipif(
    find_spec("rapidocr") is None, reason="reading scans needs the extra: pip install 'govdisclose[ocr]'"
)
KINDS = {layout.name: layout for layout in SCANS}
ALWAYS = ("scan_sideways_other", "scan_smallest")  # the rest takes minutes
FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}
PRINTS = ("0", "1", "7", "11", "17", "60", "88", "100", "1000", "", "/", "\uff0f", "—", "-", "12.05", "3,081", "96", "435", "20")


def filing(seed: int) -> Filing:
    """A filing of what recognisers take for one another."""
    random = Random(seed)
    printed = {key: random.choice(PRINTS) for key in cell_keys(FORMS)}
    agency = "江宁区湖熟街道办事处"
    return Filing(agency, 2022, f"{agency}2022年政府信息公开工作年度报告", FORMS, printed)


@needs_ocr
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=()
            if name in ALWAYS
            else pytest.mark.skipif("GOVDISCLOSE_ALL_SCANS" not in os.environ, reason="set GOVDISCLOSE_ALL_SCANS=1: minutes"),
        )
        for name in KINDS
    ],
)
def test_a_scan_reads_as_printed_or_in_doubt(name: str) -> None:
    printed = filing(len(name))
    report = gd.read_report(typeset(printed, KINDS[name]))
    read = {cell.slot.key: (cell.value, cell.state) for cell in report.slots}
    right, wrong = [], {}
    for key, text in printed.printed.items():
        figure = read_figure(text)
        if read[key] == (figure.value, figure.state):
            right.append(key)
        elif read[key][1] not in ("unreadable", "absent"):
            wrong[key] = text, read[key]
    assert wrong == {}
    assert len(right) >= (198 if name == ALWAYS[0] else 150)
    assert (report.agency, report.year, report.form) == (printed.agency, 2022, "2021")
    doubted = {key for finding in report.found if finding.rule in ("cell.unreadable", "cell.absent") for key in finding.involved}
    assert {key for key, (_, state) in read.items() if state in ("unreadable", "absent")} <= doubted
    assert set(report.sure) <= set(read) and all(0 <= sure <= 1 for sure in report.sure.values())


def png(width: int, height: int) -> bytes:
    """A PNG that says it is so large; its rows are missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def tiff(pages: int) -> bytes:
    out = io.BytesIO()
    first, *rest = [Image.new("1", (80, 80), 1) for _ in range(pages)]
    first.save(out, "TIFF", save_all=True, append_images=rest)
    return out.getvalue()


@needs_ocr
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (png(60_000, 60_000), "more than 80,000,000 dots"),
        (png(9_000, 9_000), "9,000 x 9,000 dots"),
        (png(9, 9), "9 x 9 dots"),
        (b"\x89PNG....", "damaged picture"),
        (b"BM" + bytes(40), "damaged picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "damaged picture"),
        (tiff(61), "61 pages"),
        (tiff(2), "neither the title"),
    ],
    ids=["bomb", "large", "icon", "png", "bmp", "webp", "pages", "empty pages"],
)
def test_what_is_no_page_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(gd.ReportError, match=says):
        gd.read_report(data)


def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "find_spec", lambda _: None)
    with pytest.raises(gd.ReportError, match=r"pip install 'govdisclose\[ocr\]'"):
        gd.read_report(tiff(1))


@needs_ocr
def test_an_empty_cell_is_sure_and_words_are_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from govdisclose.grid import Document
    from govdisclose.readers import layout, ocr

    row = [layout.Cell(text, sure, (1, 1)) for text, sure in (("规章", None), ("", None), ("3", 0.97), ("[不清]", 0.0))]
    monkeypatch.setattr(layout, "read_page", lambda _, __: ["前言", [row]])
    monkeypatch.setattr(ocr, "reader", lambda: None)
    document = Document("", "", [])
    assert scan.add_page(document, np.zeros((9, 9), np.uint8), 4) == 5
    assert document.sure == {(0, 1, 0): 0.0, (5, 1, 2): 1.0, (5, 1, 3): 0.97, (5, 1, 4): 0.0}


class Blind:
    """A recogniser to which nothing is legible."""

    def figures(self, lines: list[object]) -> list[object]:
        from govdisclose.readers.ocr import Read

        return [(Read("", 0.0), Read("", 0.0))] * len(lines)


@needs_ocr
def test_cells_are_found_blank_only_where_there_is_no_ink() -> None:
    import cv2
    import numpy as np

    from govdisclose.readers.inked import find_tables
    from govdisclose.readers.type import ILLEGIBLE, Page, Text, read_cells

    grey = np.full((400, 700), 255, np.uint8)
    for x in (50, 250, 450, 650):
        cv2.line(grey, (x, 50), (x, 350), (0,), 2)
    for y in (50, 150, 250, 350):
        cv2.line(grey, (50, y), (650, y), (0,), 2)
    cv2.circle(grey, (350, 100), 9, (0,), 3)  # ink
    cv2.circle(grey, (550, 200), 9, (190,), 4)  # weak ink
    tables, rest = find_tables(grey, np.where(grey < 128, 255, 0).astype(np.uint8))
    assert [(len(t.cells), t.cells[-1].row, t.cells[-1].column) for t in tables] == [(9, 2, 2)]
    texts = read_cells(Blind(), Page(grey, rest), tables[0].cells)  # type: ignore[arg-type]
    illegible = Text(ILLEGIBLE, 0.0)
    assert [n for n, text in enumerate(texts) if text == illegible] == [1, 5]
    assert {text for n, text in enumerate(texts) if n not in (1, 5)} == {Text("", None)}


@needs_ocr
@pytest.mark.parametrize(
    ("printed", "reading", "says"),
    [
        ("12.05", "12.05", "fits"),
        ("12.05", "1205", "contradicts"),
        ("3,081", "3,081", "fits"),
        ("3,081", "3.081", "contradicts"),
        ("3.081", "3,081", "contradicts"),
        ("11", "1", "contradicts"),
        ("100", "10", "contradicts"),
        ("100", "100", "fits"),
        ("/", "1", "contradicts"),
        ("/", "/", "fits"),
        ("1", "/", "contradicts"),
        ("7", "7", "fits"),
        ("-3", "3", "contradicts"),
        ("-3", "-3", "fits"),
        ("17", "17", "fits"),
    ],
)
def test_shapes_bear_a_reading_out_or_not(printed: str, reading: str, says: str) -> None:
    import numpy as np
    from layouts_scan import DEJAVU, SANS, TIMES, _font
    from PIL import ImageDraw

    from govdisclose.readers.glyphs import Glyphs

    for name in (SANS, TIMES, DEJAVU):
        sheet = Image.new("L", (140, 44), 255)
        ImageDraw.Draw(sheet).text((10, 2), printed, 0, _font(name, 28))
        glyphs = Glyphs(np.asarray(sheet))
        assert glyphs.agreement(reading) == says, name
        assert glyphs.mark == ("/" if printed == "/" else "")


@needs_ocr
@pytest.mark.parametrize(("printed", "fits"), [("/", False), ("\uff0f", False), ("1", True)])
def test_a_slash_out_of_focus_is_no_1(printed: str, fits: bool) -> None:
    """Its shape is no longer that of a bar, and the recogniser takes it for a 1: but it leans."""
    import numpy as np
    from layouts_scan import DEJAVU, SANS, TIMES, _font
    from PIL import ImageDraw, ImageFilter

    from govdisclose.readers.glyphs import CONTRADICTS, Glyphs

    for name in (SANS, TIMES, DEJAVU) if printed.isascii() else (SANS,):
        sheet = Image.new("L", (60, 44), 255)
        ImageDraw.Draw(sheet).text((10, 2), printed, 0, _font(name, 28))
        specks = Random(1)
        for radius in (0.8, 1.6, 2.2):
            soft = np.array(sheet.filter(ImageFilter.GaussianBlur(radius)))
            for _ in range(40):  # which make its edges ragged
                soft[specks.randrange(44), specks.randrange(60)] = 90
            assert (Glyphs(soft).agreement("1") != CONTRADICTS) == fits, (name, radius)


def ruled(rows: int, columns: int) -> Any:
    """A page with a ruled table, dark on white: cells of 100 dots, the first corner at (100, 120)."""
    import cv2
    import numpy as np

    grey = np.full((320 + 100 * rows, 200 + 100 * columns), 255, np.uint8)
    for x in range(columns + 1):
        cv2.line(grey, (100 + 100 * x, 120), (100 + 100 * x, 120 + 100 * rows), (0,), 2)
    for y in range(rows + 1):
        cv2.line(grey, (100, 120 + 100 * y), (100 + 100 * columns, 120 + 100 * y), (0,), 2)
    return grey


def places(grey: Any) -> list[tuple[int, int, bool]]:
    import numpy as np

    from govdisclose.readers.inked import find_tables

    tables, _ = find_tables(grey, np.where(grey < 170, 255, 0).astype(np.uint8))
    assert len(tables) == 1
    return [(cell.row, cell.column, cell.whole) for cell in tables[0].cells]


@needs_ocr
@pytest.mark.parametrize("grey_of_it", [90, 190], ids=["dark", "weak"])
def test_a_streak_of_the_scanner_parts_no_cells(grey_of_it: int) -> None:
    import cv2

    page = ruled(3, 4)
    cv2.line(page, (250, 0), (250, len(page)), (grey_of_it,), 2)
    cv2.line(page, (0, 270), (page.shape[1], 270), (grey_of_it,), 2)
    assert places(page) == [(row, column, True) for row in range(3) for column in range(4)]


@needs_ocr
def test_where_ruling_is_broken_the_cells_that_it_parts_are_in_doubt() -> None:
    import cv2

    page = ruled(3, 4)
    cv2.rectangle(page, (196, 240), (204, 290), (255,), -1)  # between the first and second cell of the second row,
    cv2.rectangle(page, (130, 316), (170, 324), (255,), -1)  # and below the first
    sound = [(row, column, True) for row in range(3) for column in range(4) if (row, column) not in ((1, 0), (1, 1), (2, 0))]
    assert places(page) == sorted([*sound, (1, 0, False), (2, 0, False)])  # the first of these reaches over both columns


@needs_ocr
def test_an_open_table_photographed_from_one_side_has_all_its_cells() -> None:
    import cv2
    import numpy as np

    page = ruled(3, 4)
    page[:, 90:110] = page[:, 490:510] = 255  # no sides,
    for y in range(4):
        cv2.line(page, (100, 120 + 100 * y), (500, 120 + 100 * y), (0,), 2)
    corners = np.array([(100, 120), (500, 120), (500, 420), (100, 420)], np.float32)
    seen = np.array([(110, 120), (492, 120), (502, 420), (92, 420)], np.float32)  # and the far edge is shorter
    page = cv2.warpPerspective(page, cv2.getPerspectiveTransform(corners, seen), page.shape[::-1], borderValue=(255,))
    assert places(page) == [(row, column, True) for row in range(3) for column in range(4)]


@needs_ocr
@pytest.mark.parametrize("ends", [(150, 300, 160, 300), (103, 300, 112, 300), (150, 310, 158, 286)], ids=["dash", "at the side", "slash"])
def test_a_faint_mark_makes_an_empty_cell_a_doubt(ends: tuple[int, int, int, int]) -> None:
    import cv2
    import numpy as np

    from govdisclose.readers.inked import find_tables
    from govdisclose.readers.type import ILLEGIBLE, Page, read_cells

    page = ruled(3, 4)
    cv2.line(page, ends[:2], ends[2:], (200,), 2)
    grain = np.random.default_rng(1).normal(0, 2, page.shape)
    page = np.clip(page + grain, 0, 255).astype(np.uint8)
    tables, rest = find_tables(page, np.where(page < 128, 255, 0).astype(np.uint8))
    texts = read_cells(Blind(), Page(page, rest), tables[0].cells)  # type: ignore[arg-type]
    assert [text.text for text in texts] == ["", "", "", "", ILLEGIBLE, *[""] * 7]


@needs_ocr
def test_an_empty_cell_alone_in_its_row_is_no_figures_place() -> None:
    import numpy as np

    from govdisclose.readers.inked import Box, Ruled
    from govdisclose.readers.layout import _rows
    from govdisclose.readers.type import ILLEGIBLE, Page

    cells = Box(100, 100, 200, 200), Box(200, 100, 300, 200, 0, 1), Box(100, 200, 300, 300, 1, 0, 1, 2)
    page = Page(np.full((400, 400), 255, np.uint8), np.zeros((400, 400), np.uint8))
    rows = _rows(Blind(), page, Ruled(100, 100, 300, 300, cells))  # type: ignore[arg-type]
    assert [[cell.text for cell in row] for row in rows] == [["", ""], [ILLEGIBLE]]
