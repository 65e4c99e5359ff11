"""WARC files of crawlers -> the pages in them, one by one, with headers of limited length. Nothing is unpacked to disk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple, cast

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed

MAX_HEADER = 256 * 1024  # bytes of the headers of one record
MAX_TOTAL = 16 * 1024**3  # bytes of a file when unpacked; a crawler begins a new file at 1 to 5 GB
_WEB = ("text/html", "application/xhtml", "text/plain", "application/pdf", "application/msword", "application/vnd.", "application/wps")


class CrawlError(OSError):
    """A WARC file that cannot be read on; `whole`: it was compressed as a whole, not record by record."""

    def __init__(self, found: str, whole: bool = False) -> None:
        super().__init__(found)
        self.whole = whole


class Page(NamedTuple):
    """A page of a crawl: its address, where its record begins, how long that is, and whether another was alike ("" if unknown)."""

    address: str
    offset: int
    length: int
    digest: str


class _Lines(DecompressingBufferedReader):  # type: ignore[misc]
    """Reads a file line by line or in pieces; `CrawlError` where headers, or all that is unpacked, have no end."""

    header = 0

    def readline(self, length: int | None = None) -> bytes:
        line = cast(bytes, super().readline(min(length or MAX_HEADER, MAX_HEADER)))
        self.header = 0 if line in (b"\r\n", b"\n") else self.header + len(line)
        self._within()
        return line

    def read(self, length: int | None = None) -> bytes:
        self._within()
        return cast(bytes, super().read(length))

    def _within(self) -> None:
        if self.header >= MAX_HEADER:
            raise CrawlError(f"headers of more than {MAX_HEADER:,} bytes")
        if self.num_read > MAX_TOTAL:
            raise CrawlError(f"more than {MAX_TOTAL:,} bytes unpacked")


def _records(file: BinaryIO) -> Any:
    records = ArchiveIterator(file, verify_http=False)
    records.reader = _Lines(file)
    return records


def pages(file: BinaryIO) -> Iterator[Page]:
    """Given a WARC file, plain or compressed record by record, yield its pages: answers with status 200 and saved resources.

    `CrawlError` where it is damaged, cut off or beyond the limits; the pages before have been yielded.
    """
    file.seek(0)
    records = _records(file)
    try:
        for record in records:
            about, answer = record.rec_headers, record.http_headers
            if record.rec_type == "response" and answer is not None and answer.get_statuscode() == "200":
                kind = answer.get_header("Content-Type") or "text/html"
            elif record.rec_type == "resource":
                kind = about.get_header("Content-Type") or ""
            else:
                continue
            if kind.lower().startswith(_WEB):
                address = about.get_header("WARC-Target-URI") or ""
                digest = about.get_header("WARC-Payload-Digest") or ""
                length = int(record.length or 0)
                yield Page(address, records.get_record_offset(), length, digest)
    except ArchiveLoadFailed as error:
        raise CrawlError(f"{error}".strip().partition("\n")[0], whole="non-chunked" in str(error)) from error
    except CrawlError:
        raise
    except Exception as error:  # what a damaged record makes of the library's own steps is anything
        raise CrawlError(f"{type(error).__name__}: {error}") from error


class Content(io.RawIOBase):
    """The content of the page at a place of a file, to be read in pieces. `CrawlError` at its end where it was cut off."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        file.seek(offset)
        try:
            record = next(iter(_records(file)))
        except Exception as error:
            raise CrawlError(f"{type(error).__name__}: {error}") from error
        self._cut = record.rec_headers.get_header("WARC-Truncated")
        self._raw, self._stream = record.raw_stream, record.content_stream()

    def read(self, size: int = -1) -> bytes:
        piece = cast(bytes, self._stream.read(size))
        if not piece:
            while self._raw.read(65_536):  # what follows the end that the page itself gives
                continue
            if self._cut or getattr(self._raw, "limit", 0):
                raise CrawlError(f"cut off when it was crawled ({self._cut or 'the record is shorter than it says'})")
        return piece
