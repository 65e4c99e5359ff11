"""Archives of documents: zip, tar and gzip files, and the WARC files of crawlers, one document a member.

A member is named "archive.zip!folder/page.html". Nothing is unpacked to disk.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from govdisclose.errors import ReportError
from govdisclose.fetch import fetch
from govdisclose.sources import ARCHIVE, MAX_BYTES, Source, binary_kind, open_source, source_of

MARK = "!"
MAX_MEMBERS = 20_000
MAX_ARCHIVE = 1024 * 1024 * 1024  # bytes of an archive: it is read whole
MAX_RATIO = 250  # what text shrinks to at best; far beyond it a file is made to burst
BURST = 8 * 1024 * 1024  # bytes from which the ratio is looked at
MAX_DEPTH = 2  # an archive in an archive, no more
SUFFIXES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".warc")

_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, EOFError, OSError)
_PACKED: dict[bytes, Callable[[io.BytesIO], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
_WEB = ("text/html", "application/xhtml", "text/plain", "application/pdf", "application/msword", "application/vnd.", "application/wps")


class Member(NamedTuple):
    """A document in an archive: its name, and how to get its bytes."""

    name: str
    read: Callable[[], bytes]


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive."""
    return name.lower().endswith(SUFFIXES)


def members(name: str, data: bytes, depth: int = 1) -> Iterator[Member]:
    """Given an archive's name and bytes, yield its documents, those of an archive in it too, in their order.

    Hidden files and what macOS adds are none. `ReportError` where the archive is damaged, locked or beyond the limits;
    a member's own fault is raised when it is read.
    """
    if depth > MAX_DEPTH:
        raise ReportError(name, f"archives {depth} deep in one another", f"at most {MAX_DEPTH} are opened")
    try:
        for number, member in enumerate(_members(name, data)):
            if number >= MAX_MEMBERS:
                raise ReportError(name, f"more than {MAX_MEMBERS:,} files", "split the archive")
            own = PurePosixPath(member.name)
            if any(part.startswith((".", "__MACOSX", "~$")) for part in own.parts):
                continue
            if is_archive(own.name):
                yield from members(f"{name}{MARK}{member.name}", member.read(), depth + 1)
            else:
                yield Member(f"{name}{MARK}{member.name}", member.read)
    except _BROKEN as error:
        raise ReportError(name, f"a damaged or locked archive ({error})", "unpack it and name the folder") from error


def _members(name: str, data: bytes) -> Iterator[Member]:
    if data.startswith(b"PK"):
        yield from _zipped(name, zipfile.ZipFile(io.BytesIO(data)))
        return
    for magic, opened in _PACKED.items():
        if data.startswith(magic):
            if data[:2] == b"\x1f\x8b" and _is_warc(data):
                yield from _warc(name, data)
                return
            inner = _limited(name, opened(io.BytesIO(data)), len(data))
            if inner[257:262] == b"ustar":
                yield from _tarred(name, inner)
            else:
                yield Member(PurePosixPath(name).stem, partial(_slice, inner, 0, len(inner)))
            return
    if data.startswith(b"WARC/"):
        yield from _warc(name, data)
    elif data[257:262] == b"ustar":
        yield from _tarred(name, data)
    else:
        raise ReportError(name, "an archive of an unknown kind", "unpack it and name the folder")


def _zipped(name: str, archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        if info.is_dir():
            continue

        def read(info: zipfile.ZipInfo = info) -> bytes:
            own = f"{name}{MARK}{_zip_name(info)}"
            try:
                with archive.open(info) as file:
                    return _limited(own, file, info.compress_size)
            except RuntimeError as error:
                raise ReportError(own, "locked by a password", "unpack it with the password") from error
            except (*_BROKEN, NotImplementedError) as error:
                raise ReportError(own, f"a damaged member ({error})", "pack the archive anew") from error

        yield Member(_zip_name(info), read)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name: archives made on Chinese systems write GBK without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _tarred(name: str, data: bytes) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for info in archive:
            if info.isfile():
                own = f"{name}{MARK}{info.name}"
                if info.size > MAX_BYTES:
                    raise ReportError(own, f"{info.size:,} bytes", f"a report is at most {MAX_BYTES:,} bytes")
                yield Member(info.name, partial(_slice, data, info.offset_data, info.size))


def _slice(data: bytes, start: int, size: int) -> bytes:
    return data[start : start + size]


def _record(data: bytes, offset: int, address: str) -> bytes:
    """The content of the record at a place of a WARC file."""
    from warcio.archiveiterator import ArchiveIterator

    stream = io.BytesIO(data)
    stream.seek(offset)
    record = next(iter(ArchiveIterator(stream)))
    return _limited(address, record.content_stream(), max(int(record.length or 0), BURST // MAX_RATIO))


def _limited(name: str, file: Any, packed: int) -> bytes:
    """The bytes of an opened member; `ReportError` where it is too large, or larger than anything real from so little."""
    most = min(MAX_BYTES, max(BURST, packed * MAX_RATIO))
    data: bytes = file.read(most + 1)
    if len(data) > most:
        raise ReportError(name, f"more than {most:,} bytes unpacked from {packed:,}", "no report is packed like that")
    return data


def _is_warc(data: bytes) -> bool:
    try:
        return bool(gzip.open(io.BytesIO(data)).read(5) == b"WARC/")
    except _BROKEN:
        return False


def _warc(name: str, data: bytes) -> Iterator[Member]:
    """The pages of a crawl: answers with status 200, each address and content once."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    seen: set[tuple[str, str]] = set()
    try:
        pages = ArchiveIterator(io.BytesIO(data))
        for record in pages:
            address = record.rec_headers.get_header("WARC-Target-URI") or ""
            if record.rec_type != "response" or record.http_headers is None or record.http_headers.get_statuscode() != "200":
                continue
            kind = (record.http_headers.get_header("Content-Type") or "text/html").lower()
            digest = record.rec_headers.get_header("WARC-Payload-Digest") or ""
            if not kind.startswith(_WEB) or (address, digest) in seen:
                continue
            seen.add((address, digest))
            yield Member(address, partial(_record, data, pages.get_record_offset(), address))
    except ArchiveLoadFailed as error:
        raise ReportError(name, f"a damaged WARC file ({error})", "crawl it anew") from error


@lru_cache(2)
def _opened(archive: str, changed: float) -> dict[str, Member]:
    """The documents of an archive by name, kept while its members are read one by one."""
    return {member.name: member for member in members(archive, _whole(archive))}


def _whole(archive: str) -> bytes:
    path = Path(archive)
    try:
        size = path.stat().st_size
        if size > MAX_ARCHIVE:
            raise ReportError(archive, f"{size:,} bytes", f"archives of at most {MAX_ARCHIVE:,} bytes are opened: split it")
        return path.read_bytes()
    except OSError as error:
        raise ReportError(archive, f"cannot be opened ({error.strerror})", "check the path") from error


def list_members(archive: str) -> list[str]:
    """The names of an archive's documents, as `open_document` takes them."""
    return list(_opened(archive, Path(archive).stat().st_mtime))


def open_document(source: str | Path | bytes) -> Source:
    """Given a path, an address, bytes, text, or the name of an archive's member, return it as bytes.

    An archive of one document is that document. `ReportError` for one of several: they are for `read_reports`.
    """
    if isinstance(source, str) and source.startswith(("http://", "https://")) and "\n" not in source:
        fetched = fetch(source)
        return _only(source_of(source, _stem(source), fetched.data))
    if not isinstance(source, bytes) and MARK in str(source) and "\n" not in str(source) and not os.path.exists(source):  # noqa: PTH110
        name = str(source)
        archive = next((head for head in _heads(name) if Path(head).is_file()), None)
        if archive is not None:
            found = _opened(archive, Path(archive).stat().st_mtime).get(name)
            if found is None:
                raise ReportError(name, f"no such document in {archive}", "list the archive and check the name")
            inner = name[len(archive) + 1 :]
            shown = inner if inner.startswith(("http://", "https://")) else name
            return source_of(shown, _stem(inner), found.read())
    return _only(open_source(source))


def _heads(name: str) -> Iterator[str]:
    at = name.find(MARK)
    while at > 0:
        yield name[:at]
        at = name.find(MARK, at + 1)


def _stem(name: str) -> str:
    return PurePosixPath(name.partition("?")[0]).stem


def _only(source: Source) -> Source:
    """The document itself, or the only one of an archive."""
    if binary_kind(source) != ARCHIVE:
        return source
    found = list(islice(members(source.name, source.data), 2))
    if len(found) != 1:
        told = "an archive of several documents" if found else "an archive without a document"
        raise ReportError(source.name, told, "use read_reports, or name one as archive.zip!page.html")
    return source_of(found[0].name, _stem(found[0].name), found[0].read())
