"""Addresses: fetched once and politely, within limits of size and time, and never from where it should not be."""

from __future__ import annotations

import gzip
import http.server
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from filings import filings
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose import fetch

PAGE = typeset(filings()[0], LAYOUTS["html_merged"])
BOMB = gzip.compress(bytes(70_000_000))


class Server(http.server.BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        Server.asked.append(self.path)
        moved = {
            "/moved": "/%E5%B9%B4%E6%8A%A5.html?a=1",
            "/away": "file:///etc/passwd",
            "/inside": "http://169.254.169.254/latest/meta-data",
            "/to-secret": "/secret.html",
            "/circle": "/circle",
        }
        if self.path == "/robots.txt":
            self.answer(b"User-agent: *\nDisallow: /secret")
        elif self.path in moved:
            self.answer(b"", 302, Location=moved[self.path])
        elif self.path in ("/endless", "/drops", "/endless-header"):
            self.wfile.write(b"HTTP/1.0 200 OK\r\n" + (b"" if self.path == "/endless-header" else b"\r\n"))
            try:
                while True:
                    self.wfile.write(b"x" * 1_000_000 if self.path == "/endless" else b"x: y\r\n")
                    time.sleep(0 if self.path == "/endless" else 0.05)
            except OSError:
                return
        elif self.path == "/gone":
            self.answer(b"", 404)
        elif self.path == "/cut":
            self.answer(PAGE[:1000], length=len(PAGE))
        elif self.path == "/gzip":
            self.answer(gzip.compress(PAGE), **{"Content-Encoding": "gzip"})
        elif self.path == "/gzip-cut":
            self.answer(gzip.compress(PAGE)[:-300], **{"Content-Encoding": "gzip"})
        elif self.path == "/bomb":
            self.answer(BOMB, **{"Content-Encoding": "gzip"})
        elif self.path == "/br":
            self.answer(PAGE, **{"Content-Encoding": "br"})
        else:
            self.answer(PAGE)

    def answer(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
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
    made.server_close()


def test_an_address_is_read_and_kept(server: str) -> None:
    report = gd.read_report(f"{server}/moved")
    assert (report.agency, report.source) == (filings()[0].agency, f"{server}/moved")
    before = len(Server.asked)
    assert gd.read_report(f"{server}/moved").sha256 == report.sha256
    assert len(Server.asked) == before


def test_what_is_kept_names_the_bytes_and_the_time(server: str, tmp_path: Path) -> None:
    got = fetch.fetch(f"{server}/moved")
    assert got.data == PAGE and got.address.endswith("?a=1") and got.time.endswith("Z")
    kept = next((tmp_path / "cache").glob("*.bin"))
    kept.write_bytes(b"cut off")
    before = len(Server.asked)
    assert fetch.fetch(f"{server}/moved").data == PAGE and len(Server.asked) == before + 2
    next((tmp_path / "cache").glob("*.json")).write_text("{}")
    assert fetch.fetch(f"{server}/moved").data == PAGE


def test_an_answer_packed_on_the_way_is_the_page_itself(server: str) -> None:
    report = gd.read_report(f"{server}/gzip")
    assert (report.source, report.sha256) == (f"{server}/gzip", gd.read_report(PAGE).sha256)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/secret.html", r"robots\.txt"),
        ("/to-secret", r"robots\.txt"),
        ("/away", "only http and https"),
        ("/circle", "more than 5 redirects"),
        ("/gone", "answered 404"),
        ("/endless", "more than 67,108,864 bytes"),
        ("/bomb", "more than 67,108,864 bytes"),
        ("/cut", "cut off after 1,000 bytes"),
        ("/gzip-cut", "cut off after"),
        ("/br", r"packed in a way that was not asked for \(br\)"),
    ],
)
def test_what_is_not_fetched(server: str, path: str, found: str) -> None:
    for _ in range(2):  # nor kept
        with pytest.raises(gd.ReportError, match=found) as refused:
            gd.read_report(server + path)
        assert refused.value.source == server + path


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("ftp://a.example/a.html", "an address of the kind ftp"),
        ("file:///etc/passwd", "an address of the kind file"),
        ("http://", "no host named"),
        ("HTTP://127.0.0.1/a.html", "http://127.0.0.1/robots.txt: 127.0.0.1 is an address of this machine"),
    ],
)
def test_the_error_names_the_address_asked_for(address: str, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(fetch.ALLOW_PRIVATE, raising=False)
    with pytest.raises(gd.ReportError) as refused:
        gd.read_report(address)
    assert (refused.value.source, refused.value.found[: len(found)]) == (address, found)


@pytest.mark.parametrize("path", ["/drops", "/endless-header"])
def test_what_comes_in_drops_is_cut_off_when_its_time_is_up(server: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch.fetch(f"{server}/a.html")
    monkeypatch.setattr(fetch, "SECONDS", 1.0)
    with pytest.raises(gd.ReportError, match="takes more than 1 s|got more than 100 headers"):
        gd.read_report(server + path)


PRIVATE = [
    *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "017700000001", "0.0.0.0", "10.1.2.3", "192.168.0.1"),
    *("169.254.169.254", "100.64.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]", "[fd00::1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]", "224.0.0.1", "255.255.255.255", "[ff02::1]"),
]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_only_fetched_when_asked_for(server: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fetch.ALLOW_PRIVATE, "0")
    fetch._robots.cache_clear()
    before = len(Server.asked)
    with (
        mock.patch("socket.create_connection", side_effect=AssertionError("connected")),
        pytest.raises(gd.ReportError, match=r"private network|cannot be fetched"),
    ):
        gd.read_report(f"http://{host}:{server.rpartition(':')[2]}/a.html")
    assert len(Server.asked) == before


def test_a_page_of_the_open_internet_cannot_redirect_inside(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is taken for public, and its connections are led to the server of this test."""
    monkeypatch.setenv(fetch.ALLOW_PRIVATE, "0")
    fetch._robots.cache_clear()
    fetch._last.clear()
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
    port = int(server.rpartition(":")[2])
    connect = socket.create_connection
    asked: list[tuple[str, int]] = []

    def connected(where: tuple[str, int], wait: float) -> socket.socket:
        asked.append(where)
        return connect(("127.0.0.1", port), wait)

    def resolved(host: str, *_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """Public at the first look, of this machine at every later one: what is connected to is what was looked at."""
        numeric = "93.184.216.34" if host == "www.example.com" else host
        return [(2, 1, 6, "", (numeric, port))]

    monkeypatch.setattr(socket, "create_connection", connected)
    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    assert fetch.fetch("http://www.example.com/a.html").data == PAGE
    assert asked == [("93.184.216.34", 80)] * 2
    with pytest.raises(gd.ReportError, match=r"169\.254\.169\.254 is an address"):
        fetch.fetch("http://www.example.com/inside")
    assert {where for where, _ in asked} == {"93.184.216.34"}


def test_a_name_that_turns_inward_is_not_followed(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when its robots.txt is asked for and of this machine when the page is (DNS rebinding)."""
    monkeypatch.setenv(fetch.ALLOW_PRIVATE, "0")
    fetch._robots.cache_clear()
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
    port = int(server.rpartition(":")[2])
    connect, looks = socket.create_connection, iter(["93.184.216.34", "127.0.0.1"])
    connected: list[str] = []

    def to(where: tuple[str, int], wait: float) -> socket.socket:
        connected.append(where[0])
        return connect(("127.0.0.1", port), wait)

    monkeypatch.setattr(socket, "create_connection", to)
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: [(2, 1, 6, "", (next(looks) if host == "evil.example" else host, port))])
    with pytest.raises(gd.ReportError, match=r"evil\.example is an address of this machine"):
        fetch.fetch("http://evil.example/a.html")
    assert connected == ["93.184.216.34"]


def test_a_pause_is_made_between_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(fetch, "_last", {})
    for address in ("http://a.example/1", "http://a.example/2", "http://b.example/1"):
        fetch._waited(address, 5)
    assert slept[0] == slept[2] == 0 and 4 < slept[1] <= 5
