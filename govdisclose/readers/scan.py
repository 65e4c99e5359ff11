"""Pictures and scanned PDFs -> lines of cells, by character recognition that works offline."""

from __future__ import annotations

from importlib.util import find_spec

from govdisclose.errors import ReportError
from govdisclose.grid import Document, Line
from govdisclose.sources import Source


def read(source: Source) -> Document:
    """Given a picture or a PDF of pictures, return its lines: ruled tables cell by cell, all else as text.

    `Document.sure` tells how sure each figure is. `ReportError` where the extra `ocr` is not installed, the picture is
    damaged or too large, or it has too many pages.
    """
    for package in ("cv2", "onnxruntime", "rapidocr"):
        if find_spec(package) is None:
            raise ReportError(source.name, "a scan or picture", "to read it: pip install 'govdisclose[ocr]'")
    from govdisclose.readers.layout import read_page
    from govdisclose.readers.ocr import reader
    from govdisclose.readers.picture import pages

    lines: list[Line] = []
    document = Document(source.name, source.stem, lines)
    grids = 0
    for page in pages(source):
        for block in read_page(reader(), page):
            if isinstance(block, str):
                lines.append(Line([block], 0, len(lines) + 1, False, packed=True))
                document.sure[0, len(lines), 0] = 0.0  # without ruling an empty cell leaves no trace: no figure has a sure place
                continue
            grids += 1
            for number, row in enumerate(block, 1):
                lines.append(Line([c.text for c in row], grids, number, sizes=[c.size for c in row]))
                document.sure.update({(grids, number, n): c.sure for n, c in enumerate(row, 1) if c.sure is not None})
    return document
