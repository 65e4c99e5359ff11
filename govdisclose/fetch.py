"""Addresses -> bytes, politely: robots.txt, a pause per host, limits of time and size, a cache; never into a private network.

Only what is asked for is fetched; nothing that a page names.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import json
import os
import re
import socket
import ssl
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Timer
from urllib.parse import quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from govdisclose.errors import ReportError
from govdisclose.sources import MAX_BYTES

WHO = "govdisclose (research on disclosure reports)"
SECONDS = 60.0  # for one document, all redirects together
WAIT = 15.0  # for a connection, and for each piece of an answer
PAUSE = 1.0  # between two requests to one host, where its robots.txt asks for no longer one
MAX_PAUSE = 30.0
MAX_REDIRECTS = 5
ALLOW_PRIVATE, CACHE = "GOVDISCLOSE_ALLOW_PRIVATE", "GOVDISCLOSE_CACHE"
"""Environment variables: 1 to allow addresses of this machine and private networks; the folder of the cache."""
_ROBOTS = 512 * 1024  # bytes of a robots.txt
_SLOW = "save the page in a browser and name the file"
# Networks of IPv6 whose addresses stand for an IPv4 address: which bits of them.
_WRAPPED = ((ipaddress.IPv6Network("64:ff9b::/96"), 0), (ipaddress.IPv6Network("::/96"), 0), (ipaddress.IPv6Network("2002::/16"), 80))

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z\d+.-]+://[^\r\n]*")  # of any kind; C:// is none

_last: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: the address that gave it, its bytes, and when (UTC, ISO 8601)."""

    address: str
    data: bytes
    time: str


def is_address(name: str) -> bool:
    """Whether a source is an address, of whatever kind, and no path or text."""
    return _ADDRESS.fullmatch(name) is not None


def fetch(address: str, refresh: bool = False, allow_private: bool | None = None) -> Fetched:
    """Given an address (http or https), return what is there, from the cache where it has been fetched before.

    Parameters
    ----------
    refresh : fetch anew what the cache has
    allow_private : let the address, or one that it redirects to, be of this machine or a private network; by default
        only where the environment variable `GOVDISCLOSE_ALLOW_PRIVATE` is 1

    Raises
    ------
    ReportError : refused by robots.txt or by the rules above, not there, cut off, too large, too slow; the message says which
    """
    kept = _cached(address)
    if kept is not None and not refresh:
        return kept
    private = os.environ.get(ALLOW_PRIVATE) == "1" if allow_private is None else allow_private
    try:
        status, data, final = _get(address, private, time.monotonic() + SECONDS)
    except ReportError as error:
        if error.source == address:
            raise
        # Its robots.txt, or where it redirects to: what was asked for is the source.
        raise ReportError(address, f"{error.source}: {error.found}", error.missing) from error
    if status != 200:
        raise ReportError(address, f"the server answered {status}", "check the address in a browser")
    fetched = Fetched(final, data, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    _keep(address, fetched)
    return fetched


def _place(address: str) -> Path:
    folder = Path(os.environ.get(CACHE) or Path.home() / ".cache" / "govdisclose" / "pages")
    return folder / hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()


def _cached(address: str) -> Fetched | None:
    place = _place(address)
    try:
        about = json.loads(place.with_suffix(".json").read_text("utf-8"))
        data = place.with_suffix(".bin").read_bytes()
        if hashlib.sha256(data).hexdigest() != about["sha256"]:
            return None  # cut off while it was written
        return Fetched(about["address"], data, about["time"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(address: str, fetched: Fetched) -> None:
    place = _place(address)
    about = {"asked": address, "address": fetched.address, "time": fetched.time}
    about["sha256"] = hashlib.sha256(fetched.data).hexdigest()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".bin").write_bytes(fetched.data)
        place.with_suffix(".json").write_text(json.dumps(about), "utf-8")
    except OSError:
        return  # a cache that cannot be written is no reason not to read


@lru_cache(256)
def _robots(origin: str, private: bool) -> RobotFileParser:
    """What a host's robots.txt allows; all where it has none, nothing where it cannot be had."""
    rules = RobotFileParser()
    until, address = time.monotonic() + SECONDS, f"{origin}/robots.txt"
    for _ in range(MAX_REDIRECTS + 1):
        until += 0 if private else _waited(address, PAUSE)
        status, data, to = _once(address, private, until, _ROBOTS)
        if to is None:
            break
        address = urljoin(address, to)
    if status == 200:
        rules.parse(data.decode("utf-8", "replace").splitlines())
    elif 400 <= status < 500 and status not in (401, 403, 429):
        rules.allow_all = True  # type: ignore[attr-defined]
        rules.modified()
    else:
        rules.disallow_all = True  # type: ignore[attr-defined]
        rules.modified()
    return rules


def _get(address: str, private: bool, until: float) -> tuple[int, bytes, str]:
    """Status, body and address of an answer, redirects followed; each host is asked whether it may be."""
    for _ in range(MAX_REDIRECTS + 1):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            found = f"an address of the kind {parts.scheme or '?'}" if parts.hostname or parts.scheme not in ("http", "https") else "no host named"
            raise ReportError(address, found, "only http and https are fetched, as https://host/page")
        rules = _robots(f"{parts.scheme}://{parts.netloc}", private)
        if not rules.can_fetch(WHO, address):
            raise ReportError(address, "its robots.txt asks programs to stay away", "save the page in a browser and name the file")
        pause = min(max(float(rules.crawl_delay(WHO) or 0), PAUSE), MAX_PAUSE)
        until += 0 if private else _waited(address, pause)
        status, data, to = _once(address, private, until, MAX_BYTES)
        if to is None:
            return status, data, address
        address = urljoin(address, to)
    raise ReportError(address, f"more than {MAX_REDIRECTS} redirects", "check the address in a browser")


def _once(address: str, private: bool, until: float, most: int) -> tuple[int, bytes, str | None]:
    """Status and body of one answer, or where it redirects to, before the time is up."""
    parts = urlsplit(address)
    try:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        where = _resolved(address, host, port, private)
        connection = http.client.HTTPConnection(host, port, timeout=WAIT)
        connection.sock = line = socket.create_connection(where, WAIT)  # to the very address that was looked at
        # Whatever comes in drops, header lines or a handshake without end, is cut off when the time is up.
        timer = Timer(max(until - time.monotonic(), 0), _cut, [connection])
        timer.start()
        try:
            if parts.scheme == "https":
                secure = ssl.create_default_context()
                connection.sock = locked = secure.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
                locked.do_handshake()
            path = quote(parts.path or "/", safe="/%:=&?~#+!$,;'@()*[]") + (f"?{quote(parts.query, safe='/%:=&?~#+!$,;@()*[]')}" if parts.query else "")
            connection.request("GET", path, headers={"User-Agent": WHO, "Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308) and (to := answer.getheader("Location")):
                return answer.status, b"", to
            return answer.status, _body(address, answer, until, most), None
        finally:
            timer.cancel()
            connection.close()
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        if time.monotonic() >= until:
            raise ReportError(address, f"takes more than {SECONDS:g} s", _SLOW) from error
        raise ReportError(address, f"cannot be fetched ({error})", "check the address, or save the page and name the file") from error


def _cut(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # closed already
        connection.sock.shutdown(socket.SHUT_RDWR)


def _waited(address: str, pause: float) -> float:
    """Wait until the host may be asked again; return how long that was."""
    host = urlsplit(address).hostname or ""
    rest = max(_last.get(host, -pause) + pause - time.monotonic(), 0)
    time.sleep(rest)
    _last[host] = time.monotonic()
    return rest


def _resolved(address: str, host: str, port: int, private: bool) -> tuple[str, int]:
    """The numeric address of a host, which must be public unless `private`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, where in found:
        numeric = str(where[0]).partition("%")[0]
        if private or is_public(numeric):
            return numeric, port
    raise ReportError(address, f"{host} is an address of this machine or of a private network", f"set {ALLOW_PRIVATE}=1 if that is meant")


def is_public(numeric: str) -> bool:
    """Whether a numeric address is one of the open internet, and so is the IPv4 address that it may stand for.

    >>> is_public("8.8.8.8"), is_public("::ffff:127.0.0.1"), is_public("64:ff9b::a00:1"), is_public("224.0.0.1")
    (True, False, False, False)
    """
    found = ipaddress.ip_address(numeric)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        for network, behind in _WRAPPED:
            if found in network and not is_public(str(ipaddress.IPv4Address(int(found) >> behind & 0xFFFF_FFFF))):
                return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _body(address: str, answer: http.client.HTTPResponse, until: float, most: int) -> bytes:
    """The whole body, unpacked; `ReportError` beyond `most` bytes, beyond the time, or where it was cut off."""
    packing = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip", "deflate"):
        raise ReportError(address, f"packed in a way that was not asked for ({packing})", _SLOW)
    unpack = zlib.decompressobj(47) if packing != "identity" else None  # gzip or zlib, as its head says
    parts, size = [], 0
    while piece := answer.read1(65_536):
        if unpack is not None:
            piece = unpack.decompress(piece, most + 1 - size)
        parts.append(piece)
        size += len(piece)
        if size > most:
            raise ReportError(address, f"more than {most:,} bytes", "a report is never that large")
        if time.monotonic() > until:
            raise ReportError(address, f"takes more than {SECONDS:g} s", _SLOW)
    if time.monotonic() > until:
        raise ReportError(address, f"takes more than {SECONDS:g} s", _SLOW)
    if answer.length or (unpack is not None and not unpack.eof):
        raise ReportError(address, f"was cut off after {size:,} bytes", "try again later, or save the page and name the file")
    return b"".join(parts)
