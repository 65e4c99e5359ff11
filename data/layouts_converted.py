"""Pages as programs turn them into other formats: wiki markup, XML, JSON, text with tags, text with wrapped labels."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby

from filings import Filing
from grids import Cell, Grid, spread, texts
from layouts_text import text
from pages import Layout, Page, page

_STYLE = "font-size:10.5pt;font-family:宋体"
_NAMESPACES = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table"))
_WRAP = 6  # characters of a label in one line


# --- tables line by line ----------------------------------------------------------------------------------------------
def framed(grid: Grid) -> list[str]:
    """A bar around every piece of a page, the line ends between its cells and rows among them."""
    lines = []
    for row in grid.rows:
        for cell in texts(row):
            lines += [f"|{cell}|", "|"] if cell else ["|", "|"]
        lines += ["|", "|"]
    return lines


def tagged(grid: Grid) -> list[str]:
    """Markdown that keeps the tags of words; covered places are empty."""
    lines = []
    for number, row in enumerate(spread(grid)):
        cells = [spot.cell.text if spot.origin else "" for spot in row]
        cells = [f'<span style="{_STYLE}"><span\nlang="EN-US">{cell}</span></span>' if cell else " " for cell in cells]
        lines.append(f"| {' | '.join(cells)} |")
        if not number:
            lines.append("|" + "---|" * grid.width)
    return lines


def wiki(grid: Grid) -> list[str]:
    """A table of MediaWiki with the spans of its cells."""
    lines = ['{| class="wikitable"']
    for row in grid.rows:
        lines.append("|-")
        lines += [f"|{_spans(cell)} {cell.text}" for cell in row]
    return [*lines, "|}"]


def _spans(cell: Cell) -> str:
    named = [f'{name}="{count}"' for name, count in (("colspan", cell.across), ("rowspan", cell.down)) if count > 1]
    return f" {' '.join(named)} |" if named else ""


def wrapped(grid: Grid) -> list[str]:
    """A row a line as it is read off a page: a long label goes on below its figures; blanks part the cells."""
    lines = []
    for row in grid.rows:
        labels = [cell.text for cell in row if cell.kind != "figure"]
        figures = [cell.text for cell in row if cell.kind == "figure" and cell.text]
        last = labels[-1] if labels else ""
        if not figures or len(last) < 2 * _WRAP:
            lines.append(" ".join(filter(None, (*labels, *figures))))
            continue
        pieces = [last[at : at + _WRAP] for at in range(0, len(last), _WRAP)]
        lines += [" ".join((*labels[:-1], pieces[0], *figures)), *pieces[1:]]
    return lines


# --- whole documents --------------------------------------------------------------------------------------------------
def _parts(sheet: Page) -> Iterator[str | Grid]:
    yield from (*sheet.head, *sheet.opening)
    for part in sheet.parts:
        yield from (text for text in (part.heading, *part.paragraphs) if text)
        yield from part.grids


def rows_in_json(sheet: Page) -> str:
    """A web service's answer: paragraphs, and tables as lists of rows; covered places are null."""
    content: list[object] = []
    for part in _parts(sheet):
        rows = [[spot.cell.text if spot.origin else None for spot in row] for row in spread(part)] if isinstance(part, Grid) else []
        content.append(rows or part)
    return json.dumps({"title": sheet.head[0], "content": content}, ensure_ascii=False)


def docbook(sheet: Page) -> str:
    """Tables of the CALS model, as DocBook has them."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<article>"]
    for part in _parts(sheet):
        if not isinstance(part, Grid):
            lines.append(f"<para>{escape(part)}</para>")
            continue
        lines.append(f'<informaltable><tgroup cols="{part.width}"><tbody>')
        for row, spots in zip(part.rows, spread(part), strict=True):
            entries = []
            for cell in row:
                first = next(i for i, spot in enumerate(spots, 1) if spot.cell is cell)
                names = f' namest="c{first}" nameend="c{first + cell.across - 1}"' if cell.across > 1 else ""
                more = f' morerows="{cell.down - 1}"' if cell.down > 1 else ""
                entries.append(f"<entry{names}{more}><para>{escape(cell.text)}</para></entry>")
            lines.append(f"<row>{''.join(entries)}</row>")
        lines.append("</tbody></tgroup></informaltable>")
    return "\n".join([*lines, "</article>"])


def opendocument(sheet: Page) -> bytes:
    """An .odt: rows of cells with their spans and the places they cover; equal neighbours are written once, "repeated"."""
    lines = [f"<office:document-content {_NAMESPACES}><office:body><office:text>"]
    for part in _parts(sheet):
        if not isinstance(part, Grid):
            lines.append(f"<text:p>{escape(part)}</text:p>")
            continue
        rows = []
        for spots in spread(part):
            cells = ""
            for _, group in groupby(spots, key=lambda spot: (spot.cell.text, spot.cell.across, spot.cell.down, spot.origin)):
                alike = list(group)
                cell, origin = alike[0].cell, alike[0].origin
                spans = f' table:number-columns-spanned="{cell.across}" table:number-rows-spanned="{cell.down}"'
                times = f' table:number-columns-repeated="{len(alike)}"' if len(alike) > 1 else ""
                content = f"<text:p>{escape(cell.text)}</text:p>" if cell.text else ""
                shown = f"<table:table-cell{spans}{times}>{content}</table:table-cell>"
                cells += shown if origin else f"<table:covered-table-cell{times}/>"
            rows.append(f"<table:table-row>{cells}</table:table-row>")
        lines.append(f"<table:table>{''.join(rows)}</table:table>")
    content = "".join([*lines, "</office:text></office:body></office:document-content>"])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, data in (("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", content)):
            package.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


def _whole(name: str, suffix: str, write: Callable[[Page], str | bytes], about: str) -> Layout:
    def typeset(filing: Filing) -> bytes:
        made = write(page(filing))
        return made.encode() if isinstance(made, str) else made

    return Layout(f"converted_{name}", suffix, True, typeset, about)


CONVERTED = (
    text("framed", "a bar around every piece, line ends among them", framed, exact=False),
    text("tagged", "Markdown that keeps the tags of words", tagged, suffix=".md"),
    text("wiki", "MediaWiki", wiki),
    text("wrapped", "long labels go on below their figures", wrapped, exact=False),
    _whole("json", ".json", rows_in_json, "a web service's answer, tables as lists of rows"),
    _whole("docbook", ".xml", docbook, "DocBook"),
    _whole("opendocument", ".odt", opendocument, "an OpenDocument text"),
)
