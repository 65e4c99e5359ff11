"""Archives of documents: zip, tar, gzip, bzip2 and xz files, and the WARC files of crawlers, one document a member.

A member is named "archive.zip!folder/page.html"; its name is only a name and never a path. Members are read in pieces,
within limits, from the archive where it lies. Only an archive in another one, and a tar that is compressed as a whole, are
unpacked: into a file without a name, which is gone when the process is.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple, cast

from govdisclose.errors import ReportError, visible
from govdisclose.fetch import fetch, is_address
from govdisclose.sources import (
    ARCHIVE,
    MAX_BYTES,
    Source,
    binary_kind,
    is_office,
    open_source,
    refuse_unread,
    source_of,
)

MARK = "!"
MAX_MEMBERS = 50_000  # files in an archive, those of archives in it too
MAX_ARCHIVE = 16 * 1024**3  # bytes of an archive
MAX_UNPACKED = 2 * 1024**3  # bytes of all that has to be unpacked to be looked into
MAX_RATIO = 250  # what text shrinks to at best; far beyond it a file is made to burst
BURST = 8 * 1024 * 1024  # bytes from which the ratio is looked at
MAX_DEPTH = 2  # an archive in an archive, no more
MAX_DIRECTORY = 8 * 1024 * 1024  # bytes of an archive's own list of its members
MAX_DICTIONARY = 256 * 1024 * 1024  # bytes that unpacking xz may take
SUFFIXES = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".warc", ".rar", ".7z", ".zst")
_PIECE = 1024 * 1024
_IN_MEMORY = 32 * 1024 * 1024  # bytes unpacked that are kept in memory
_REFUSED = {b"Rar!": ("a RAR archive", "unrar x"), b"7z\xbc\xaf": ("a 7z archive", "7z x"), b"\x28\xb5\x2f\xfd": ("a Zstandard archive", "unzstd")}
_PACKED: dict[bytes, Callable[[BinaryIO], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}


class _LockedError(Exception):
    """A member is locked by a password."""


class Member(NamedTuple):
    """A document in an archive: the name that `open_document` takes, what to call its source, its bytes, how many as declared."""

    name: str
    shown: str
    read: Callable[[], bytes]
    size: int


@dataclass(slots=True)
class Listing:
    """The documents of an archive by name, and why others are none."""

    members: dict[str, Member] = field(default_factory=dict)
    faults: list[ReportError] = field(default_factory=list)
    entries: int = 0
    spool: BinaryIO | None = None

    def free(self, name: str) -> str:
        """The name, or where another member has it, the name with a number."""
        number, free = 1, visible(name)
        while free in self.members:
            number, free = number + 1, f"{visible(name)}#{number + 1}"
        return free


class _Entry(NamedTuple):
    """A file in an archive: its name or address, how to open it, its size packed and unpacked."""

    name: str
    open: Callable[[], Any]
    packed: int
    size: int
    is_page: bool = False


class _Part:
    """A file, or a part of one, read where its reader stands, and only so much at once.

    Archives say themselves how long their lists and headers are, and several parts of one file are read in turns.
    """

    def __init__(self, file: BinaryIO, start: int = 0, size: int | None = None) -> None:
        self._file, self._start, self._at = file, start, 0
        self._size = file.seek(0, io.SEEK_END) - start if size is None else size

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(offset + (0, self._at, self._size)[whence], 0)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        left = max(self._size - self._at, 0)
        size = left if size is None or size < 0 else min(size, left)
        if size > MAX_DIRECTORY:
            raise OSError(f"a list or header of {size:,} bytes, {MAX_DIRECTORY:,} are allowed")
        self._file.seek(self._start + self._at)
        data = self._file.read(size)
        self._at += len(data)
        return data


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive."""
    return name.lower().endswith(SUFFIXES)


def list_archive(name: str, file: BinaryIO) -> Listing:
    """Given an archive, return its documents, those of archives in it too.

    Hidden files and what macOS adds are none. What is damaged, locked or beyond the limits is a fault, and the rest is
    listed; a member's own fault is raised when it is read.
    """
    found = Listing()
    _list(name, cast(BinaryIO, _Part(file)), 1, found)
    return found


def _list(name: str, file: BinaryIO, depth: int, found: Listing) -> None:
    try:
        if depth > MAX_DEPTH:
            raise ReportError(name, f"archives {depth} deep in one another", f"at most {MAX_DEPTH} are opened")
        for entry in _entries(name, file, found):
            found.entries += 1
            if found.entries > MAX_MEMBERS:
                raise ReportError(name, f"more than {MAX_MEMBERS:,} files", "split the archive")
            own = PurePosixPath(entry.name)
            if not entry.is_page and any(part.startswith((".", "__MACOSX", "~$")) and part not in (".", "..") for part in own.parts):
                continue
            full = found.free(f"{name}{MARK}{entry.name}")
            shown = entry.name if entry.is_page else full
            member = Member(full, visible(shown), partial(_read, full, entry), entry.size)
            if entry.is_page or not is_archive(own.name):
                found.members[full] = member
                continue
            try:
                inner = _unpacked(full, entry, found)
            except ReportError as error:
                found.faults.append(error)
                continue
            if is_office(inner.read(256)):
                found.members[full] = member
            else:
                _list(full, inner, depth + 1, found)
    except ReportError as error:
        found.faults.append(error)
    except Exception as error:  # what a damaged archive makes of the libraries' own steps is anything
        found.faults.append(ReportError(name, f"a damaged archive ({error})", "pack it anew, or unpack it and name the folder"))


def _entries(name: str, file: BinaryIO, found: Listing) -> Iterator[_Entry]:
    file.seek(0)
    head = file.read(512)
    for magic, (what, command) in _REFUSED.items():
        if head.startswith(magic):
            raise ReportError(name, f"{what}, which is not opened", f"unpack it ({command} {PurePosixPath(name).name}) and name the folder")
    if head.startswith(b"PK"):
        yield from _zipped(file)
    elif head.startswith(b"WARC/"):
        yield from _crawled(name, file)
    elif head[257:262] == b"ustar":
        yield from _tarred(file)
    elif opened := next((opened for magic, opened in _PACKED.items() if head.startswith(magic)), None):
        yield from _compressed(name, file, opened, found)
    else:
        raise ReportError(name, "an archive of an unknown kind", "unpack it and name the folder")


def _zipped(file: BinaryIO) -> Iterator[_Entry]:
    archive = zipfile.ZipFile(file)
    for info in archive.infolist():
        if not info.is_dir():
            yield _Entry(_zip_name(info), partial(_open_zipped, archive, info), info.compress_size, info.file_size)


def _open_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Any:
    if info.flag_bits & 1:
        raise _LockedError
    return archive.open(info)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name: archives made on Chinese systems write GBK, those of macOS UTF-8, without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    for charset in ("utf-8", "gb18030"):
        try:
            return info.filename.encode("cp437").decode(charset)
        except UnicodeError:
            continue
    return info.filename


def _tarred(file: BinaryIO) -> Iterator[_Entry]:
    file.seek(0)
    archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115
    for number, info in enumerate(archive):
        if number > MAX_MEMBERS:
            raise tarfile.ReadError(f"more than {MAX_MEMBERS:,} entries")
        if info.isfile():  # no links, pipes or devices
            yield _Entry(info.name, partial(archive.extractfile, info), info.size, info.size)


def _compressed(name: str, file: BinaryIO, opened: Callable[[BinaryIO], Any], found: Listing) -> Iterator[_Entry]:
    size = file.seek(0, io.SEEK_END)
    entry = _Entry(PurePosixPath(name).stem, partial(_from_start, file, opened), size, -1)
    with _from_start(file, opened) as stream:
        head = stream.read(512)
    if head.startswith(b"WARC/") and opened is gzip.open:
        yield from _crawled(name, file, found)
    elif head.startswith(b"WARC/"):
        yield from _crawled(name, _unpacked(name, entry, found))
    elif head[257:262] == b"ustar":
        yield from _tarred(_unpacked(name, entry, found))
    else:
        yield entry


def _from_start(file: BinaryIO, opened: Callable[[BinaryIO], Any]) -> Any:
    file.seek(0)
    if opened is lzma.open:
        lzma.LZMADecompressor(memlimit=MAX_DICTIONARY).decompress(file.read(4096), 1)
        file.seek(0)
    return opened(file)


def _crawled(name: str, file: BinaryIO, found: Listing | None = None) -> Iterator[_Entry]:
    """The pages of a crawl, each address and content once; unpacked first, into `found`, where that must be."""
    from govdisclose import crawls

    seen: set[tuple[str, str]] = set()
    try:
        for page in crawls.pages(file):
            if not page.digest or (page.address, page.digest) not in seen:
                seen.add((page.address, page.digest))
                yield _Entry(page.address, partial(crawls.Content, file, page.offset), max(page.length, 1), -1, True)
    except crawls.CrawlError as error:
        if not error.whole or found is None:
            raise ReportError(name, f"a damaged WARC file ({error})", "what stands before the damage was read: crawl it anew") from error
        entry = _Entry(name, partial(_from_start, file, gzip.open), file.seek(0, io.SEEK_END), -1)
        found.members = {key: member for key, member in found.members.items() if not key.startswith(f"{name}{MARK}")}
        yield from _crawled(name, _unpacked(name, entry, found))


def _pieces(name: str, entry: _Entry, most: int) -> Iterator[bytes]:
    """A member in pieces; `ReportError` where it is locked, damaged, too large, or larger than anything real from so little."""
    most = min(most, max(BURST, entry.packed * MAX_RATIO))
    size = 0
    try:
        with closing(entry.open()) as file:
            while piece := file.read(min(_PIECE, most + 1 - size)):
                size += len(piece)
                if size > most:
                    raise ReportError(name, f"more than {most:,} bytes unpacked from {entry.packed:,}", "no report is packed like that")
                yield piece
    except _LockedError as error:
        raise ReportError(name, "locked by a password", "unpack it with the password") from error
    except ReportError:
        raise
    except Exception as error:
        raise ReportError(name, f"a damaged member, or one packed in an unknown way ({error})", "pack the archive anew") from error


def _read(name: str, entry: _Entry) -> bytes:
    return b"".join(_pieces(name, entry, MAX_BYTES))


def _unpacked(name: str, entry: _Entry, found: Listing) -> BinaryIO:
    """A member as a file of its own. All members of an archive that are unpacked share one file, so that few are open."""
    spool = found.spool = found.spool or cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
    start = spool.seek(0, io.SEEK_END)
    size = 0
    for piece in _pieces(name, entry, MAX_UNPACKED):
        if start + size + len(piece) > MAX_UNPACKED:
            raise ReportError(name, f"more than {MAX_UNPACKED:,} bytes of archives in an archive", "unpack them and name the folder")
        spool.seek(start + size)
        size += spool.write(piece)
    return cast(BinaryIO, _Part(spool, start, size))


@lru_cache(2)
def _opened(archive: str, _changed: float) -> Listing:
    """What an archive holds, kept while its members are read one by one."""
    path = Path(archive)
    try:
        if path.stat().st_size > MAX_ARCHIVE:
            raise ReportError(archive, f"{path.stat().st_size:,} bytes", f"archives of at most {MAX_ARCHIVE:,} bytes are opened: split it")
        return list_archive(archive, path.open("rb"))
    except OSError as error:
        raise ReportError(archive, f"cannot be opened ({error.strerror})", "check the path") from error


def open_archive(archive: str) -> Listing | None:
    """What an archive holds; None where the file is a document that only has the name of one (a zip, as Office files are)."""
    with Path(archive).open("rb") as file:
        if is_office(file.read(256)):
            return None
    return _opened(archive, Path(archive).stat().st_mtime)


def open_document(source: str | Path | bytes) -> Source:
    """Given a path, an address, bytes, text, or the name of an archive's member, return it as bytes.

    An archive of one document is that document. `ReportError` for one of several: they are for `read_reports`.
    """
    if isinstance(source, str) and is_address(source):
        fetched = fetch(source)
        return _only(source_of(source, _stem(source), fetched.data))
    if not isinstance(source, bytes) and MARK in str(source) and "\n" not in str(source) and not os.path.exists(source):  # noqa: PTH110
        name = str(source)
        archive = next((head for head in _heads(name) if os.path.isfile(head)), None)  # noqa: PTH113 (a page given as text is no path)
        if archive is not None:
            member = _opened(archive, Path(archive).stat().st_mtime).members.get(name)
            if member is None:
                raise ReportError(name, f"no such document in {archive}", "list the archive and check the name")
            return _only(source_of(member.shown, _stem(name.rpartition(MARK)[2]), member.read()))
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
    refuse_unread(source)
    found = list_archive(source.name, io.BytesIO(source.data))
    if found.faults:
        raise found.faults[0]
    if len(found.members) != 1:
        told = "an archive of several documents" if found.members else "an archive without a document"
        raise ReportError(source.name, told, "use read_reports, for which its name must end in .zip, .tar, .gz or .warc, or name one as archive.zip!page.html")
    member = next(iter(found.members.values()))
    return source_of(member.shown, _stem(member.name.rpartition(MARK)[2]), member.read())
