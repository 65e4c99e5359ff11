"""Addresses -> bytes, politely: robots.txt, a pause per host, limits of time and size, a cache; never into a private network.

Only what is asked for is fetched; nothing that a page names.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import json
import os
import socket
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from govdisclose.errors import ReportError
from govdisclose.sources import MAX_BYTES

WHO = "govdisclose (research on disclosure reports)"
SECONDS = 60.0  # for one document, all redirects together
WAIT = 15.0  # for a connection, and for each piece of an answer
PAUSE = 1.0  # between two requests to one host
MAX_REDIRECTS = 5
ALLOW_PRIVATE, CACHE = "GOVDISCLOSE_ALLOW_PRIVATE", "GOVDISCLOSE_CACHE"
"""Environment variables: 1 to allow addresses of this machine and private networks; the folder of the cache."""

_last: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: the address that gave it, its bytes, and when (UTC, ISO 8601)."""

    address: str
    data: bytes
    time: str


def fetch(address: str, refresh: bool = False, allow_private: bool | None = None) -> Fetched:
    """Given an address (http or https), return what is there, from the cache where it has been fetched before.

    Parameters
    ----------
    refresh : fetch anew what the cache has
    allow_private : let the address, or one that it redirects to, be of this machine or a private network; by default
        only where the environment variable `GOVDISCLOSE_ALLOW_PRIVATE` is 1

    Raises
    ------
    ReportError : refused by robots.txt or by the rules above, not there, too large, too slow; the message says which
    """
    kept = _cached(address)
    if kept is not None and not refresh:
        return kept
    private = os.environ.get(ALLOW_PRIVATE) == "1" if allow_private is None else allow_private
    if not _robots(_origin(address), private).can_fetch(WHO, address):
        raise ReportError(address, "its robots.txt asks programs to stay away", "save the page in a browser and name the file")
    status, data, final = _get(address, private, time.monotonic() + SECONDS, MAX_BYTES)
    if status != 200:
        raise ReportError(address, f"the server answered {status}", "check the address in a browser")
    fetched = Fetched(final, data, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    _keep(address, fetched)
    return fetched


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _place(address: str) -> Path:
    folder = Path(os.environ.get(CACHE) or Path.home() / ".cache" / "govdisclose" / "pages")
    return folder / hashlib.sha256(address.encode()).hexdigest()


def _cached(address: str) -> Fetched | None:
    place = _place(address)
    try:
        about = json.loads(place.with_suffix(".json").read_text("utf-8"))
        data = place.with_suffix(".bin").read_bytes()
    except (OSError, ValueError):
        return None
    if hashlib.sha256(data).hexdigest() != about.get("sha256"):
        return None  # cut off while it was written
    return Fetched(about["address"], data, about["time"])


def _keep(address: str, fetched: Fetched) -> None:
    place = _place(address)
    about = {"asked": address, "address": fetched.address, "time": fetched.time}
    about["sha256"] = hashlib.sha256(fetched.data).hexdigest()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".bin").write_bytes(fetched.data)
        place.with_suffix(".json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")
    except OSError:
        return  # a cache that cannot be written is no reason not to read


@lru_cache(256)
def _robots(origin: str, private: bool) -> RobotFileParser:
    """What a host's robots.txt allows; all where it has none, nothing where it cannot be had."""
    rules = RobotFileParser()
    status, data, _ = _get(f"{origin}/robots.txt", private, time.monotonic() + SECONDS, 512 * 1024)
    if status == 200:
        rules.parse(data.decode("utf-8", "replace").splitlines())
    elif 400 <= status < 500 and status not in (401, 403, 429):
        rules.allow_all = True  # type: ignore[attr-defined]
        rules.modified()
    else:
        rules.disallow_all = True  # type: ignore[attr-defined]
        rules.modified()
    return rules


def _get(address: str, private: bool, until: float, most: int) -> tuple[int, bytes, str]:
    """Status, body and address of an answer, redirects followed."""
    for _ in range(MAX_REDIRECTS + 1):
        status, data, to = _once(address, private, until, most)
        if to is None:
            return status, data, address
        address = urljoin(address, to)
    raise ReportError(address, f"more than {MAX_REDIRECTS} redirects", "check the address in a browser")


def _once(address: str, private: bool, until: float, most: int) -> tuple[int, bytes, str | None]:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ReportError(address, f"an address of the kind {parts.scheme or '?'}", "only http and https are fetched")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        where = _resolved(address, parts.hostname, port, private)
        rest = _last.get(parts.hostname, 0.0) + PAUSE - time.monotonic()
        if rest > 0 and not private:
            time.sleep(rest)
        _last[parts.hostname] = time.monotonic()
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=WAIT)
        connection.sock = socket.create_connection(where, WAIT)  # to the very address that was looked at
        if parts.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=parts.hostname)
        path = quote(parts.path or "/", safe="/%:=&?~#+!$,;'@()*[]") + (f"?{quote(parts.query, safe='/%:=&?~#+!$,;@()*[]')}" if parts.query else "")
        connection.request("GET", path, headers={"User-Agent": WHO, "Accept-Encoding": "identity"})
        answer = connection.getresponse()
        try:
            if answer.status in (301, 302, 303, 307, 308) and (to := answer.getheader("Location")):
                return answer.status, b"", to
            return answer.status, _body(address, answer, until, most), None
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        raise ReportError(address, f"cannot be fetched ({error})", "check the address, or save the page and name the file") from error


def _resolved(address: str, host: str, port: int, private: bool) -> tuple[str, int]:
    """The numeric address of a host, which must be public unless `private`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, where in found:
        numeric = str(where[0]).partition("%")[0]
        if private or ipaddress.ip_address(numeric).is_global:
            return numeric, port
    raise ReportError(address, f"{host} is an address of this machine or of a private network", f"set {ALLOW_PRIVATE}=1 if that is meant")


def _body(address: str, answer: http.client.HTTPResponse, until: float, most: int) -> bytes:
    parts, size = [], 0
    while piece := answer.read1(65_536):
        parts.append(piece)
        size += len(piece)
        if size > most:
            raise ReportError(address, f"more than {most:,} bytes", "a report is never that large")
        if time.monotonic() > until:
            raise ReportError(address, f"takes more than {SECONDS:g} s", "save the page and name the file")
    return b"".join(parts)
