"""Pictures and scanned PDFs -> lines of cells, by character recognition that works offline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from govdisclose.errors import ReportError
from govdisclose.grid import Document, Line
from govdisclose.sources import Source

if TYPE_CHECKING:
    from govdisclose.readers.picture import Grey


def read(source: Source) -> Document:
    """Given a picture, return its lines: ruled tables cell by cell, all else as text.

    `Document.sure` tells how sure each figure is. `ReportError` where the extra `ocr` is not installed, the picture is
    damaged or too large, or it has too many pages.
    """
    refuse_unready(source)
    from govdisclose.readers.picture import pages

    document = Document(source.name, source.stem, [])
    grids = 0
    for page in pages(source):
        grids = add_page(document, page, grids)
    return document


def refuse_unready(source: Source) -> None:
    """`ReportError` where the extra `ocr` is not installed."""
    if not is_installed():
        raise missing(source)


def is_installed() -> bool:
    """Whether the extra `ocr` is."""
    return all(find_spec(package) for package in ("cv2", "onnxruntime", "rapidocr"))


def missing(source: Source) -> ReportError:
    """What to say of a scan where the extra `ocr` is not installed."""
    return ReportError(source.name, "a scan or picture", "to read it: pip install 'govdisclose[ocr]'")


def pages_of(source: Source, numbers: Sequence[int]) -> Iterator[Grey]:
    """Some pages of a PDF, numbered from 1, as pictures."""
    if numbers:
        from govdisclose.readers.picture import pdf_pages

        yield from pdf_pages(source, numbers)


def add_page(document: Document, page: Grey, grids: int, number: int = 0) -> int:
    """Add the lines of a page, and return how many tables there are now.

    Parameters
    ----------
    page : the page as it lies, in grey
    grids : tables of the pages before
    number : of the page, where the document has other pages than scans
    """
    from govdisclose.readers.layout import read_page
    from govdisclose.readers.ocr import reader

    lines = document.lines
    for block in read_page(reader(), page):
        if isinstance(block, str):
            lines.append(Line([block], 0, len(lines) + 1, False, packed=True, page=number))
            document.sure[0, len(lines), 0] = 0.0  # without ruling an empty cell leaves no trace: no figure has a sure place
            continue
        grids += 1
        for at, row in enumerate(block, 1):
            lines.append(Line([c.text for c in row], grids, at, sizes=[c.size for c in row], page=number))
            sure = [c.sure if c.text else 1.0 for c in row]
            document.sure.update({(grids, at, n): one for n, one in enumerate(sure, 1) if one is not None})
    return grids
