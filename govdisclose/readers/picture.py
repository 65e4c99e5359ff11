"""Bytes of a picture or scanned PDF -> grey pages, within limits; what is ink on them, and how to lay them straight."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from govdisclose.errors import ReportError
from govdisclose.sources import Source

Grey = NDArray[Any]
"""A page or a part of it, rows by columns, 0 (black, or paper in a mask of ink) to 255."""

MAX_PAGES = 60
MAX_PIXELS = 80_000_000  # of one page; a sheet of A3 at 400 dots an inch has 31 million
MIN_SIDE = 60  # dots; a picture with less is an icon
PDF_DOTS = 200  # dots an inch at which a page of a PDF is drawn
_SIZES = f"{MIN_SIDE} to a side and at most {MAX_PIXELS:,} in all are read: scan at 200 to 300 an inch"
FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
TYPE = 28  # height of Chinese type, in dots, to which pages are scaled: what the recogniser reads best
_SPECK = 9  # dots of ink that may be dirt, on a page of that scale; a decimal point is no larger,
_DIRTY = 1 / 5000  # so that only a page with so many specks a dot is swept


def pages(source: Source) -> Iterator[Grey]:
    """Given a picture, return its pages in grey as they lie. `ReportError` where it is damaged or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PIL's own limit first warns; ours is below it
            picture = Image.open(io.BytesIO(source.data), formats=FORMATS)
        with picture:
            frames = 1 if picture.format == "GIF" else getattr(picture, "n_frames", 1)  # a GIF's are an animation
            _limit_pages(source, frames)
            for number in range(frames):
                picture.seek(number)
                _limit_dots(source, *picture.size)
                yield _grey(picture)
    except ReportError:
        raise
    except Image.DecompressionBombError as error:
        raise ReportError(source.name, f"a picture of more than {MAX_PIXELS:,} dots", _SIZES) from error
    except Exception as error:  # the decoders raise whatever they stumble over
        found = f"a damaged picture ({type(error).__name__}: {error})"
        raise ReportError(source.name, found, "save or scan it anew") from error


def _limit_dots(source: Source, width: int, height: int) -> None:
    if width * height > MAX_PIXELS or min(width, height) < MIN_SIDE:
        raise ReportError(source.name, f"a picture of {width:,} x {height:,} dots", _SIZES)


def _limit_pages(source: Source, number: int) -> None:
    if number > MAX_PAGES:
        raise ReportError(source.name, f"{number} pages of pictures", f"at most {MAX_PAGES} are read: split the file")


def _grey(frame: Image.Image) -> Grey:
    upright = ImageOps.exif_transpose(frame)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:  # what shines through is paper
        colours = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours)
    if upright.mode.startswith("I"):  # sixteen bits
        return np.asarray(np.clip(np.asarray(upright) // 256, 0, 255), dtype=np.uint8)
    return np.asarray(upright.convert("L"), dtype=np.uint8)


def pdf_pages(source: Source, numbers: Sequence[int]) -> Iterator[Grey]:
    """Given a PDF, return some of its pages, numbered from 1, as `pages` does."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(source.data) as document:
            _limit_pages(source, len(numbers))
            for number in numbers:
                page = document[number - 1]
                width, height = page.get_size()
                scale = min(PDF_DOTS / 72, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
                drawn = page.render(scale=scale, grayscale=True)
                yield np.array(drawn.to_numpy(), dtype=np.uint8).reshape(drawn.height, drawn.width)
    except pypdfium2.PdfiumError as error:
        raise ReportError(source.name, f"a damaged or locked PDF ({error})", "save it anew, without a password") from error


def even(grey: Grey) -> Grey:
    """The page with shadows, grey paper and weak ink evened out: paper is white, ink is dark."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)), (0, 0), 9)
    bright = cv2.divide(grey, cv2.resize(paper, grey.shape[::-1]), scale=255)
    dark = float(np.percentile(bright, 0.3))
    stretched = (bright.astype(np.float32) - dark) * (255 / max(255 - dark, 40))
    return np.asarray(np.clip(stretched, 0, 255), dtype=np.uint8)


def ink(page: Grey) -> Grey:
    """Ink as 255, paper as 0, of a page that `even` has gone over."""
    soft = cv2.GaussianBlur(page, (3, 3), 0)
    level, _ = cv2.threshold(soft, 0, 255, cv2.THRESH_OTSU)
    return cv2.threshold(soft, min(max(level, 110), 190), 255, cv2.THRESH_BINARY_INV)[1]


def type_height(dark: Grey) -> float:
    """Height of the page's type in dots; 0 where there is no type."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    wide, high, area = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]
    marks = (high >= 6) & (high < 120) & (wide < 2 * high) & (wide * 8 > high) & (area > 12)
    # Half of the marks of Chinese type are parts of characters; its tall ones are whole.
    return float(np.percentile(high[marks], 75)) if marks.sum() >= 12 else 0.0


def askew(dark: Grey) -> float:
    """Degrees, between -45 and 45, by which the page must be turned for its ruling (or its lines) to lie straight."""
    share = min(1.0, 1200 / max(dark.shape))
    small = cv2.resize(dark, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(small)[0]
    if found is not None:
        ends = found.reshape(-1, 4)
        found = ends[np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]) > max(small.shape) / 16]
    if found is not None and len(found) >= 6:
        x0, y0, x1, y1 = found.reshape(-1, 4).T.astype(float)
        length = np.hypot(x1 - x0, y1 - y0)
        angle = (np.degrees(np.arctan2(y1 - y0, x1 - x0)) + 45) % 90 - 45
        counts, edges = np.histogram(angle, 360, (-45, 45), weights=length)
        near = np.abs(angle - edges[counts.argmax()]) < 0.75
        order = angle[near].argsort()
        weight = length[near][order].cumsum()
        return float(angle[near][order][np.searchsorted(weight, weight[-1] / 2)])
    tries = np.arange(-6, 6.01, 0.25)
    return float(tries[np.argmax([np.var(turn(small, angle, 0).sum(1, dtype=np.float64)) for angle in tries])])


def turn(page: Grey, degrees: float, paper: int = 255) -> Grey:
    """The page turned counter-clockwise about its middle, with room for its corners."""
    high, wide = page.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    across, down = round(wide * cos + high * sin), round(high * cos + wide * sin)
    matrix[:, 2] += (across - wide) / 2, (down - high) / 2
    return cv2.warpAffine(page, matrix, (across, down), flags=cv2.INTER_CUBIC, borderValue=(paper,))


def straight(grey: Grey) -> tuple[Grey, Grey]:
    """Given a page as it lies, return it with straight ruling, clean and at the scale of `TYPE`, and its ink.

    It may still lie on its side or upside down: only reading tells.
    """
    page = even(grey)
    dark = ink(page)
    angle = askew(dark)
    if abs(angle) > 0.05:
        page = turn(page, angle)
    high = type_height(_swept(dark)[0])
    if high and not TYPE * 0.75 < high < TYPE * 1.5:
        share = min(max(TYPE / high, 0.3), 3.0, (MAX_PIXELS / page.size) ** 0.5)
        how = cv2.INTER_CUBIC if share > 1 else cv2.INTER_AREA
        page = cv2.resize(page, None, fx=share, fy=share, interpolation=how)
    dark, specks = _swept(ink(page))
    return np.where(cv2.dilate(specks, np.ones((3, 3), np.uint8)) > 0, np.uint8(255), page), dark


def _swept(dark: Grey) -> tuple[Grey, Grey]:
    """The ink of a page without specks, and the specks, if the page is dirty."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < _SPECK
    small[0] = False
    if small.sum() < _DIRTY * dark.size:
        return dark, np.zeros_like(dark)
    specks = small[labels] * np.uint8(255)
    return dark & ~specks, specks
