"""Which pages are up to date: what each rests on as one key, and the file that remembers the keys of pages made."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from threading import Lock

import pandas as pd

from govdisclose.panel import Panel

FILE = "manifest.jsonl"
"""In the folder of reports: one line a page, the last one counts; a line that was cut short counts for nothing."""
LIBRARIES = ("govdisclose", "pandas", "numpy", "scipy", "matplotlib", "nbconvert", "pylopdf-fonts-zh-cn")
"""What the look and the figures of a page depend on."""
_READ = (".py", ".toml", ".csv", ".j2", ".css", ".js", ".json")


def digest(*parts: str) -> str:
    """SHA-256 of texts, in hexadecimal; their borders count."""
    return sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


def document_digests(panel: Panel) -> dict[str, str]:
    """Given a panel, return for each document (by source) a digest of all that the panel holds of it."""
    parts: dict[str, list[str]] = {source: [] for source in panel.reports["source"]}
    for table in (panel.reports, panel.cells, panel.findings, panel.statements):
        plain = table.assign(**{name: table[name].map(repr) for name in table.columns[table.dtypes == "object"]})
        rows = pd.util.hash_pandas_object(plain, index=False).to_numpy()
        for source, places in table.groupby("source", sort=False).indices.items():
            parts[str(source)].append(sha256(rows[places].tobytes()).hexdigest())
    return {source: digest(*held) for source, held in parts.items()}


def failures_digest(panel: Panel) -> str:
    """A digest of what could not be read."""
    return digest(*(f"{source}\n{reason}" for source, reason in panel.failures.itertuples(index=False)))


@cache
def versions() -> dict[str, str]:
    """Python and the libraries that a page depends on, each with its version."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


@cache
def code_digest() -> str:
    """A digest of this package's own files: a version number does not change with every change of the code."""
    files = sorted((file for file in Path(str(resources.files("govdisclose"))).rglob("*") if file.suffix in _READ), key=str)
    return digest(*(f"{file.name} {sha256(file.read_bytes()).hexdigest()}" for file in files))


class Manifest:
    """The pages of a folder with their keys.

    Each page is written down when it is there, so that a run that was stopped goes on where it stopped.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._file, self._lock = folder, folder / FILE, Lock()
        self._known: dict[str, tuple[str, str]] = {}
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.is_file() else []
        for line in lines:
            try:
                page, key, checksum = json.loads(line)
            except ValueError:
                continue
            self._known[str(page)] = (str(key), str(checksum))

    def is_current(self, page: str, key: str) -> bool:
        """Whether the page is there, unchanged, and was made with this key."""
        known, checksum = self._known.get(page, ("", ""))
        file = self._folder / page
        return known == key and file.is_file() and _checksum(file) == checksum

    def add(self, page: str, key: str) -> None:
        """Write down that a page has been made with this key."""
        with self._lock:
            self._known[page] = (key, _checksum(self._folder / page))
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(_line(page, self._known[page]))

    def close(self) -> None:
        """Put the lines in order, one a page, of those pages that are still there."""
        kept = {page: held for page, held in self._known.items() if (self._folder / page).is_file()}
        part = self._file.with_suffix(".part")
        part.write_text("".join(_line(page, kept[page]) for page in sorted(kept)), encoding="utf-8")
        part.replace(self._file)


def _checksum(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def _line(page: str, held: Iterable[str]) -> str:
    return json.dumps([page, *held], ensure_ascii=True) + "\n"


def provenance(panel: Panel, sources: Iterable[str], parameters: Mapping[str, object], notebook: Path) -> dict[str, str]:
    """What a page rests on, in words, for its footer.

    Returns
    -------
    documents (how many, and the SHA-256 of their sorted SHA-256, one a line), notebook (its SHA-256), versions, parameters
    """
    sums = sorted(panel.reports["sha256"][panel.reports["source"].isin(set(sources))])
    joined = sha256("".join(f"{one}\n" for one in sums).encode()).hexdigest()
    told = (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in parameters.items())
    return {
        "documents": f"{len(sums)} · {joined}",
        "notebook": f"{notebook.name} · {sha256(notebook.read_bytes()).hexdigest()}",
        "versions": ", ".join(f"{name} {number}" for name, number in versions().items()) + f" · {code_digest()[:16]}",
        "parameters": "; ".join(told),
    }
