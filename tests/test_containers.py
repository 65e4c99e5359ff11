"""Archives, crawls and addresses: one document a member, limits that hold, nothing fetched from where it should not be."""

from __future__ import annotations

import gzip
import http.server
import io
import os
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from filings import filings
from typeset import LAYOUTS, typeset
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import govdisclose as gd
from govdisclose import fetch

PAGES = {f"{one.agency}{one.year}.html": typeset(one, LAYOUTS["html_merged"]) for one in filings()[:3]}


def zipped(members: dict[str, bytes], flag: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
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


# --- addresses --------------------------------------------------------------------------------------------------------
class Server(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        Server.asked.append(self.path)
        if self.path == "/robots.txt":
            self.answer(200, b"User-agent: *\nDisallow: /secret")
        elif self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/%E5%B9%B4%E6%8A%A5.html?a=1")
            self.end_headers()
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 1_000_000)
            except OSError:
                return
        elif self.path == "/gone":
            self.answer(404, b"")
        else:
            self.answer(200, next(iter(PAGES.values())))

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    fetch._robots.cache_clear()
    with mock.patch.dict(os.environ, {fetch.CACHE: str(tmp_path / "cache"), fetch.ALLOW_PRIVATE: "1"}):
        yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()


def test_an_address_is_read_and_kept(server: str) -> None:
    report = gd.read_report(f"{server}/moved")
    assert (report.agency, report.source) == (filings()[0].agency, f"{server}/moved")
    before = len(Server.asked)
    assert gd.read_report(f"{server}/moved").sha256 == report.sha256
    assert len(Server.asked) == before


@pytest.mark.parametrize(
    ("path", "found"),
    [("/secret.html", "robots.txt"), ("/away", "only http and https"), ("/gone", "404"), ("/endless", "more than")],
)
def test_what_is_not_fetched(server: str, path: str, found: str) -> None:
    with pytest.raises(gd.ReportError, match=found):
        gd.read_report(server + path)


def test_private_addresses_are_only_fetched_when_asked_for(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fetch.ALLOW_PRIVATE, "0")
    fetch._robots.cache_clear()
    before = len(Server.asked)
    for address in (server, server.replace("127.0.0.1", "localhost"), "http://169.254.169.254/latest", "http://[::1]/"):
        with pytest.raises(gd.ReportError, match=r"private network|cannot be fetched"):
            gd.read_report(f"{address}/a.html")
    assert len(Server.asked) == before
