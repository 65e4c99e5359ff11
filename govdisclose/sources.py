"""Path, bytes, address or text -> bytes with a name, and their decoded text."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from govdisclose.errors import ReportError, visible

HTML, TEXT = "html", "text"
SUFFIXES = frozenset((".html", ".htm", ".shtml", ".xhtml", ".txt", ".text", ".md", ".markdown", ".tsv", ".csv", ".json", ".xml"))
MAX_BYTES = 64 * 1024 * 1024

DOCX, SHEETS, WORD, ODF, PDF, IMAGE, ARCHIVE = "docx", "sheets", "word", "odf", "pdf", "image", "archive"

# How the bytes of a file begin, its kind, and what to call it.
_MAGIC = (
    (b"%PDF-", PDF, "a PDF"),
    (b"PK\x03\x04", ARCHIVE, "a zip container"),
    (b"\xd0\xcf\x11\xe0", WORD, "a legacy Office file (.doc, .wps)"),
    (b"{\\rtf", WORD, "an RTF file"),
    (b"\x89PNG", IMAGE, "a picture (PNG)"),
    (b"\xff\xd8\xff", IMAGE, "a picture (JPEG)"),
    (b"GIF8", IMAGE, "a picture (GIF)"),
    (b"II*\x00", IMAGE, "a picture (TIFF)"),
    (b"MM\x00*", IMAGE, "a picture (TIFF)"),
    (b"\x1f\x8b", ARCHIVE, "a gzip archive"),
    (b"Rar!", ARCHIVE, "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE, "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", ARCHIVE, "a Zstandard archive"),
    (b"BZh", ARCHIVE, "a bzip2 archive"),
    (b"\xfd7zXZ\x00", ARCHIVE, "an xz archive"),
    (b"WARC/", ARCHIVE, "a WARC file"),
)
_MAGIC_BYTES = tuple(magic for magic, _, _ in _MAGIC)
_ZIP = b"PK\x03\x04"
_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"customXml/", b"mimetype")
# Names inside a container that tell what it holds: parts of a zip, streams of a legacy file.
_INSIDE = (
    (_ZIP, b"word/document.xml", DOCX, "a Word document"),
    (_ZIP, b"xl/workbook.xml", SHEETS, "an Excel workbook"),
    (_ZIP, b"mimetypeapplication/vnd.oasis.opendocument", ODF, "an OpenDocument file"),
    (b"\xd0\xcf\x11\xe0", "Workbook".encode("utf-16-le"), SHEETS, "a legacy Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "Book\x00".encode("utf-16-le"), SHEETS, "a legacy Excel workbook"),
)
# Of zip containers that are no archives either: a name inside, what it is, what to do.
_UNREAD = (
    (b"mimetypeapplication/epub+zip", "an e-book (EPUB), which is not read", "convert it to a Word document (with Calibre: ebook-convert report.epub report.docx)"),
    (b"ppt/presentation.xml", "a presentation (.pptx), which is not read", "save it as a PDF, or copy its tables into a Word document"),
)
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-]+)", re.IGNORECASE)
_MARKUP = re.compile(r"<\s*(?:!doctype|html|head|body|table|tr|td|div|p|meta|span|center|h[1-6])\b", re.IGNORECASE)
_MARKDOWN = re.compile(r"^\|?(?:[ \t]*:?-{3,}:?[ \t]*\|){2,}", re.MULTILINE)  # the line below a table's head
_SURE_WORDS = 4  # so many different ones of the words below never come out of a wrong charset
# Words that a report of this kind cannot do without; a wrong charset never produces them.
_EXPECTED = ("政府", "信息", "公开", "行政", "年度", "申请", "公開", "資訊", "報告", "报告", "總計", "总计")


@dataclass(frozen=True, slots=True)
class Source:
    """A document before reading: `name` for messages, `stem` (file name without suffix), the bytes and their checksum."""

    name: str
    stem: str
    data: bytes
    sha256: str


def source_of(name: str, stem: str, data: bytes) -> Source:
    """Bytes with a name, as a document before reading; `ReportError` beyond `MAX_BYTES`."""
    if len(data) > MAX_BYTES:
        raise ReportError(name, f"{len(data):,} bytes", f"a report is at most {MAX_BYTES:,} bytes")
    return Source(visible(name), stem, data, hashlib.sha256(data).hexdigest())


def open_source(source: str | Path | bytes) -> Source:
    """Given a path, bytes, or the text of a document, return it as bytes.

    A string is a path unless it holds a line break or markup; a string that is neither raises `ReportError`.
    """
    if isinstance(source, bytes):
        return source_of("<bytes>", "", source)
    if isinstance(source, str) and ("\n" in source or _MARKUP.search(source[:4096]) or len(source) > 1024):
        return source_of("<text>", "", source.encode("utf-8", "surrogatepass"))
    path = source if isinstance(source, Path) else Path(source)
    try:
        about = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(about.st_mode):
            raise ReportError(str(source), "a folder", "use read_reports for folders")
        if not stat.S_ISREG(about.st_mode):
            raise ReportError(str(source), "no ordinary file", "a pipe or device is not read: save the document to a file")
        if about.st_size > MAX_BYTES:
            raise ReportError(str(source), f"{about.st_size:,} bytes", f"a report is at most {MAX_BYTES:,} bytes")
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123
            data = file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReportError(str(source), f"cannot be opened ({reason})", "check the path") from error
    return source_of(str(source), path.stem, data)


def is_office(head: bytes) -> bool:
    """Whether a zip container, given how it begins, is an Office file: its first part tells, archives hold such files too."""
    first = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    return head.startswith(_ZIP) and first.startswith(_PARTS)


def _binary(data: bytes) -> tuple[str, str]:
    """Kind of a file that is neither web page nor text, and what to call it; "" for a web page or text."""
    if (data.startswith(b"BM") and data[6:10] == bytes(4)) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return IMAGE, "a picture (BMP or WebP)"
    if not data.startswith(_MAGIC_BYTES):
        return (ARCHIVE, "a tar archive") if data[257:262] == b"ustar" else ("", "")
    for magic, part, kind, what in _INSIDE:
        if data.startswith(magic) and part in data and (magic != _ZIP or is_office(data[:256])):
            return kind, what
    return next((kind, what) for magic, kind, what in _MAGIC if data.startswith(magic))


def binary_kind(source: Source) -> str:
    """Kind of a file that is neither web page nor text (`DOCX`, `SHEETS`, `WORD`, `PDF`, `IMAGE`, `ARCHIVE`), else ""."""
    return _binary(source.data)[0]


def refuse_unread(source: Source) -> None:
    """`ReportError` for an e-book or a presentation, which would be taken for an archive."""
    for part, what, mend in _UNREAD if is_office(source.data[:256]) else ():
        if part in source.data:
            raise ReportError(source.name, what, mend)


def kind_of(source: Source, text: str) -> str:
    """`HTML` or `TEXT`, from the content alone: file names lie."""
    return HTML if is_markup(text) else TEXT


def is_markup(text: str) -> bool:
    """Whether a text is a web page or a piece of one."""
    if _MARKUP.search(text, 0, 200_000) is None:
        return False
    return "---" not in text or "<t" in text or "<T" in text or _MARKDOWN.search(text) is None


def _score(text: str) -> int:
    return sum(text.count(word) for word in _EXPECTED)


def sure_text(data: bytes) -> tuple[str, str] | None:
    """The text of a page and its charset, where the words of a report leave no doubt; None elsewhere."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        text = data.decode("utf-8")
        if "\x00" not in text:
            return text, "utf-8"
    except UnicodeDecodeError:
        pass
    for name in _charsets(data):
        try:
            text = data.decode(name, "replace")
        except LookupError:
            continue
        known = (word for word in _EXPECTED if word in text)
        if "\ufffd" not in text and len(list(islice(known, _SURE_WORDS))) == _SURE_WORDS:
            return text, name
    return None


def _charsets(data: bytes) -> list[str]:
    """Charsets to try where bytes are no UTF-8, likelier ones first."""
    declared = _DECLARED.search(data[:4096])
    names = ["gb18030", "big5hkscs", "utf-8", "utf-16-le", "utf-16-be"]
    if declared:
        label = declared[1].decode("ascii").lower()
        names.insert(0, "gb18030" if label in ("gb2312", "gbk", "gb_2312-80", "x-gbk") else label)
    return names


def likely_charset(data: bytes) -> str:
    """The first charset that the bytes may be in."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _charsets(data)[0]
    return "utf-8"


def decode(source: Source) -> str:
    """The source's bytes as text.

    Strict UTF-8 first, then the declared charset (gb2312 and gbk read as gb18030), then gb18030, Big5 and UTF-16;
    the reading that holds the words of a report wins, because wrong charsets decode without error.
    """
    data = source.data
    if not data or data.isspace():
        raise ReportError(source.name, "an empty file", "download it again")
    what = _binary(data)[1]
    if what:
        raise ReportError(source.name, f"{what}, not a web page or text", "save it as HTML or text and read that")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", "replace")
    sure = sure_text(data)
    if sure:
        return sure[0]
    best, best_score = "", 0
    for name in _charsets(data):
        try:
            text = data.decode(name, "replace")
        except LookupError:
            continue
        score = _score(text) - text.count("\ufffd")
        if score > best_score:
            best, best_score = text, score
    if not best:
        raise ReportError(source.name, "bytes that are no Chinese text in any usual charset", "check that the file is complete")
    return best
