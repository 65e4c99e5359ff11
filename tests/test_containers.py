"""Archives, crawls and addresses: one document a member, limits that hold, nothing fetched from where it should not be."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from filings import filings
from typeset import LAYOUTS, typeset
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import govdisclose as gd
from govdisclose import containers

PAGES = {f"{one.agency}{one.year}.html": typeset(one, LAYOUTS["html_merged"]) for one in filings()[:3]}


def zipped(members: dict[str, bytes], flag: bool = True, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def names(panel: gd.Panel) -> list[tuple[str, int]]:
    return sorted(zip(panel.reports["agency"], panel.reports["year"], strict=True))


WANTED = sorted((one.agency, one.year) for one in filings()[:3])


def test_the_documents_of_a_zip_are_read_like_files(tmp_path: Path) -> None:
    inner = zipped({"深/" + name: page for name, page in list(PAGES.items())[1:]})
    junk = {"__MACOSX/._a.html": b"x", ".DS_Store": b"x", "style.css": b"x", "empty.html": b""}
    (tmp_path / "a.zip").write_bytes(zipped({next(iter(PAGES)): next(iter(PAGES.values())), "b.zip": inner} | junk))
    panel = gd.read_reports(tmp_path, progress=False)
    assert names(panel) == WANTED
    assert all(source.startswith(f"{tmp_path}/a.zip!") for source in panel.reports["source"])
    assert list(panel.failures["source"]) == [f"{tmp_path}/a.zip!empty.html"]
    report = gd.read_report(panel.reports["source"].iloc[0])
    assert report.agency == panel.reports["agency"].iloc[0]


def test_names_in_gbk_are_read_rightly(tmp_path: Path) -> None:
    data = zipped({"xxxx.html": next(iter(PAGES.values()))}).replace(b"xxxx.html", "年报".encode("gbk") + b".html")
    (tmp_path / "a.zip").write_bytes(data)
    assert list(gd.read_reports(tmp_path, progress=False).reports["source"]) == [f"{tmp_path}/a.zip!年报.html"]


def test_tar_and_gzip(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        for name, page in list(PAGES.items())[:2]:
            info = tarfile.TarInfo(name)
            info.size = len(page)
            archive.addfile(info, io.BytesIO(page))
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(list(PAGES.values())[2]))
    assert names(gd.read_reports(tmp_path, progress=False)) == WANTED


@pytest.mark.parametrize("packed", [True, False])
def test_a_crawl_gives_a_document_for_each_page(tmp_path: Path, packed: bool) -> None:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)

    def add(address: str, data: bytes, status: str = "200 OK", kind: str = "text/html") -> None:
        headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.0")
        writer.write_record(writer.create_warc_record(address, "response", payload=io.BytesIO(data), http_headers=headers))

    for number, page in enumerate(PAGES.values()):
        add(f"http://www.example.gov.cn/{number}.html", page)
    add("http://www.example.gov.cn/0.html", next(iter(PAGES.values())))
    add("http://www.example.gov.cn/no.html", b"gone", "404 Not Found")
    add("http://www.example.gov.cn/a.png", b"\x89PNG", kind="image/png")
    (tmp_path / ("a.warc.gz" if packed else "a.warc")).write_bytes(out.getvalue())
    panel = gd.read_reports(tmp_path, progress=False)
    assert names(panel) == WANTED
    assert sorted(panel.reports["source"]) == [f"http://www.example.gov.cn/{number}.html" for number in range(3)]
    assert panel.failures.empty


def test_an_archive_of_one_document_is_that_document() -> None:
    assert gd.read_report(zipped(dict(list(PAGES.items())[:1]))).agency == filings()[0].agency
    with pytest.raises(gd.ReportError, match="several documents; use read_reports"):
        gd.read_report(zipped(PAGES))


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"a.html": b" " * 50_000_000}, "unpacked from"),
        ({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"d.html": b"x"})})})}, "deep in one another"),
    ],
)
def test_archives_made_to_harm_end_in_an_error(members: dict[str, bytes], found: str) -> None:
    with pytest.raises(gd.ReportError, match=found):
        gd.read_report(zipped(members))


def test_a_damaged_archive_is_a_failure_and_the_rest_is_read(tmp_path: Path) -> None:
    good = zipped(PAGES)
    (tmp_path / "a.zip").write_bytes(good[: len(good) // 2])
    (tmp_path / "b.zip").write_bytes(good)
    panel = gd.read_reports(tmp_path, progress=False)
    assert names(panel) == WANTED and list(panel.failures["source"]) == [f"{tmp_path}/a.zip"]


# --- archives made to harm, or only odd ---------------------------------------------------------------------------------
def tarred(members: dict[str, bytes | tarfile.TarInfo], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = data if isinstance(data, tarfile.TarInfo) else tarfile.TarInfo(name)
            if isinstance(data, bytes):
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data) if isinstance(data, bytes) else None)
    return out.getvalue()


def linked(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


PAGE = next(iter(PAGES.values()))
ODD = {
    "zip": (zipped, ".zip"),
    "tar": (tarred, ".tar"),
    "tar.gz": (lambda members: tarred(members, "w:gz"), ".tar.gz"),
    "tar.bz2": (lambda members: tarred(members, "w:bz2"), ".tbz2"),
    "tar.xz": (lambda members: tarred(members, "w:xz"), ".tar.xz"),
}


@pytest.mark.parametrize("kind", ODD)
def test_names_are_only_names_and_each_source_is_read_again(kind: str, tmp_path: Path) -> None:
    pack, suffix = ODD[kind]
    odd = ["../../up.html", "/etc/root.html", "a\nb\x1b[31m.html", "c!d.html", "./.x/../e.html", "深/年报.html"]
    (tmp_path / f"a{suffix}").write_bytes(pack({name: PAGE + f"<!--{name}-->".encode() for name in odd}))
    panel = gd.read_reports(tmp_path, progress=False)
    assert panel.failures.empty
    expected = [name for name in odd if name != "./.x/../e.html"]
    assert {source.removeprefix(f"{tmp_path}/a{suffix}!") for source in panel.reports["source"]} == {
        name.replace("\n", "\\n").replace("\x1b", "\\x1b") for name in expected
    }
    for source, sha256 in zip(panel.reports["source"], panel.reports["sha256"], strict=True):
        assert gd.read_report(source).sha256 == sha256
    assert not (tmp_path.parent / "up.html").exists()


class Name(str):
    """A name that is another one's equal only by its letters."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ODD)
def test_members_of_one_name_are_told_apart(kind: str, tmp_path: Path) -> None:
    pack, suffix = ODD[kind]
    pages = list(PAGES.values())[:2]
    twice = pack(dict(zip((Name("a.html"), Name("a.html")), pages, strict=True)))
    (tmp_path / f"a{suffix}").write_bytes(twice)
    panel = gd.read_reports(tmp_path, progress=False)
    assert names(panel) == WANTED_TWO
    assert sorted(panel.reports["source"]) == [f"{tmp_path}/a{suffix}!a.html", f"{tmp_path}/a{suffix}!a.html#2"]
    for source, agency in zip(panel.reports["source"], panel.reports["agency"], strict=True):
        assert gd.read_report(source).agency == agency


WANTED_TWO = sorted((one.agency, one.year) for one in filings()[:2])


def locked(data: bytes) -> bytes:
    """A zip that says that its first member is locked."""
    made = bytearray(data)
    made[6] |= 1
    made[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        ({"bad.zip": zipped({"x.html": PAGE})[:-30]}, "damaged archive"),
        ({"bad.html": b"\x00" * 30_000_000}, "unpacked from"),
        ({"bad.zip": locked(zipped({"x.html": PAGE}))}, "locked by a password"),
        ({"bad.7z": b"7z\xbc\xaf\x27\x1c" + bytes(50)}, "a 7z archive, which is not opened; unpack it (7z x"),
        ({"bad.rar": b"Rar!\x1a\x07" + bytes(50)}, "a RAR archive, which is not opened"),
        ({"bad.epub": zipped({"mimetype": b"application/epub+zip", "a.xhtml": PAGE}, packed=zipfile.ZIP_STORED)}, "an e-book (EPUB), which is not read; convert it"),
        ({"bad.pptx": zipped({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"})}, "a presentation (.pptx), which is not read; save it as a PDF"),
        ({"bad.html.xz": lzma.compress(PAGE)[:-40]}, "damaged"),
        ({"bad.html.gz": gzip.compress(bytes(70_000_000))}, "unpacked from"),
        ({"bad.tgz": tarred({"x.html": bytes(30_000_000)}, "w:gz")}, "unpacked from"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value.split()[0],
)
def test_a_bad_member_alone_is_a_failure(bad: dict[str, bytes], found: str, tmp_path: Path) -> None:
    first, *others = PAGES.items()
    (tmp_path / "a.zip").write_bytes(zipped(dict([first]) | bad | dict(others)))
    panel = gd.read_reports(tmp_path, progress=False)
    assert names(panel) == WANTED
    assert len(panel.failures) == 1 and panel.failures["source"][0].startswith(f"{tmp_path}/a.zip!bad.")
    assert found in panel.failures["reason"][0]


def test_what_stands_before_the_damage_of_a_tar_is_read(tmp_path: Path) -> None:
    whole = tarred({name: page + b"<!--" + os.urandom(5_000).hex().encode() + b"-->" for name, page in PAGES.items()})
    (tmp_path / "a.tar").write_bytes(whole[: 2 * len(whole) // 3])
    panel = gd.read_reports(tmp_path, progress=False)
    assert 0 < len(panel.reports) < 3 and not panel.failures.empty


def test_links_pipes_and_devices_in_a_tar_are_no_documents(tmp_path: Path) -> None:
    odd = {"a.html": PAGE, "b.html": linked("b.html", tarfile.SYMTYPE, "/etc/passwd"), "c.html": linked("c.html", tarfile.FIFOTYPE)}
    odd["d.html"] = linked("d.html", tarfile.CHRTYPE)
    (tmp_path / "a.tar").write_bytes(tarred(odd))
    panel = gd.read_reports(tmp_path, progress=False)
    assert list(panel.reports["source"]) == [f"{tmp_path}/a.tar!a.html"] and panel.failures.empty


def test_headers_of_a_tar_that_say_they_are_huge_are_not_read() -> None:
    info = tarfile.TarInfo("a.html")
    info.type, info.size = tarfile.XHDTYPE, 60_000_000
    data = info.tobuf() + bytes(60_000_000)
    with pytest.raises(gd.ReportError, match="a list or header of 60,000,000 bytes"):
        gd.read_report(data)


def test_a_list_of_members_that_is_too_long_is_not_read() -> None:
    entry = zipped({"a.html": PAGE})
    start = entry.index(b"PK\x01\x02")
    end = entry.index(b"PK\x05\x06")
    directory = entry[start:end] * 180_000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(directory), start, 0)
    with pytest.raises(gd.ReportError, match=r"a list or header of .* bytes"):
        gd.read_report(entry[:start] + directory + tail)


def test_too_many_members_and_too_much_in_all_end_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_MEMBERS", 5)
    many = containers.list_archive("a.zip", io.BytesIO(zipped({f"{n}.html": b"x" for n in range(9)})))
    assert len(many.members) == 5 and [fault.found for fault in many.faults] == ["more than 5 files"]
    monkeypatch.undo()
    monkeypatch.setattr(containers, "MAX_UNPACKED", 2_000_000)
    inner = {f"{n}.zip": zipped({"x.html": os.urandom(900_000)}) for n in range(4)}
    much = containers.list_archive("a.zip", io.BytesIO(zipped(inner)))
    assert list(much.members) == ["a.zip!0.zip!x.html", "a.zip!1.zip!x.html"]
    assert ["2,000,000 bytes" in fault.found for fault in much.faults] == [True, True]


def test_an_office_file_is_a_document_whatever_its_name(tmp_path: Path) -> None:
    word = typeset(filings()[0], LAYOUTS["docx_merged"])
    (tmp_path / "a.zip").write_bytes(word)
    (tmp_path / "b.zip").write_bytes(zipped({"inner.zip": typeset(filings()[1], LAYOUTS["docx_merged"])}))
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_STORED) as file:
        file.writestr("c.docx", typeset(filings()[2], LAYOUTS["docx_merged"]))
    panel = gd.read_reports(tmp_path, progress=False)
    assert names(panel) == WANTED and panel.failures.empty
    assert gd.read_report((tmp_path / "c.zip").read_bytes()).agency == filings()[2].agency


def test_larger_pictures_in_an_archive_are_documents(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a.html": PAGE, "scan.png": b"\x89PNG" + os.urandom(30_000), "seal.png": b"\x89PNG"}))
    panel = gd.read_reports(tmp_path, progress=False)
    assert len(panel.reports) == 1 and list(panel.failures["source"]) == [f"{tmp_path}/a.zip!scan.png"]


# --- crawls -----------------------------------------------------------------------------------------------------------
def crawl(pages: list[tuple[str, bytes]], packed: bool = False) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    for address, data in pages:
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
        writer.write_record(writer.create_warc_record(address, "response", payload=io.BytesIO(data), http_headers=headers))
    return out.getvalue()


ADDRESS = "http://www.example.gov.cn/a.html"


@pytest.mark.parametrize("how", ["plain", "record by record", "as a whole", "bzip2", "in a zip"])
def test_a_crawl_however_it_is_packed(how: str, tmp_path: Path) -> None:
    pages = [(f"http://www.example.gov.cn/{n}.html?id={n}", page) for n, page in enumerate(PAGES.values())]
    plain = crawl(pages, how == "record by record")
    name, data = {
        "as a whole": ("a.warc.gz", gzip.compress(plain)),
        "bzip2": ("a.warc.bz2", bz2.compress(plain)),
        "in a zip": ("a.zip", zipped({"b.warc": plain})),
    }.get(how, ("a.warc", plain))
    (tmp_path / name).write_bytes(data)
    panel = gd.read_reports(tmp_path, progress=False)
    assert names(panel) == WANTED and sorted(panel.reports["source"]) == [address for address, _ in pages]
    assert panel.failures.empty


def test_an_address_that_was_crawled_twice_gives_two_sources(tmp_path: Path) -> None:
    first, second, third = PAGES.values()
    (tmp_path / "a.warc").write_bytes(crawl([(ADDRESS, first), (ADDRESS, second)]))
    (tmp_path / "b.warc").write_bytes(crawl([(ADDRESS, third)]))
    panel = gd.read_reports(tmp_path, progress=False)
    assert names(panel) == WANTED
    assert sorted(panel.reports["source"]) == sorted([ADDRESS, f"{tmp_path}/a.warc!{ADDRESS}#2", f"{tmp_path}/b.warc!{ADDRESS}"])
    assert gd.read_report(f"{tmp_path}/a.warc!{ADDRESS}#2").agency == filings()[1].agency


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"WARC/1.0\r\nWARC-Type: response\r\nX: " + b"x" * 2_000_000, "headers of more than"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n" + b"X: x\r\n" * 200_000, "headers of more than"),
        (gzip.compress(b"WARC/1.0\r\nX: " + b"x" * 30_000_000), "headers of more than"),
        (b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 10\r\n\r\nHTTP/1.0 2", "damaged WARC"),
        (crawl([(ADDRESS, PAGE)])[:-2_000], "cut off when it was crawled"),
        (crawl([(ADDRESS, PAGE)]) + b"nonsense", "damaged WARC"),
    ],
    ids=["line", "lines", "packed line", "no address", "cut", "nonsense"],
)
def test_a_crawl_made_to_harm_ends_in_an_error(data: bytes, found: str) -> None:
    with pytest.raises(gd.ReportError, match=found):
        gd.read_report(data)
