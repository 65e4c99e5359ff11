"""Workers: what hangs, swells, crashes or is made to do harm costs one document, within limits that the error names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from filings import filings
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose import batch, guard
from govdisclose.sources import source_of

READER = """
import os, time
def read(source):
    if source.data == b"hang": time.sleep(60)
    if source.data == b"crash": os._exit(7)
    if source.data == b"swell": return len(bytearray(1_200_000_000))
    if source.data == b"deep": return read(source)
    if source.data == b"fault": raise ValueError("odd")
    return source.name
def read_named(name):
    from govdisclose.sources import source_of
    yield
    return read(source_of(name, "", name.split()[0].encode()))
"""
MEGABYTES = 1_000

posix = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory and signals as Linux has them")


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A reader that does what the document says, and a worker of its own with small limits."""
    (tmp_path / "risky_reader.py").write_text(READER)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("GOVDISCLOSE_MEGABYTES", str(MEGABYTES))
    monkeypatch.delenv(guard.INSIDE, raising=False)
    monkeypatch.setattr(guard, "_guard", guard._Guard())
    import risky_reader  # type: ignore[import-not-found]

    yield risky_reader
    guard._guard.end()
    del sys.modules["risky_reader"]


LIMITS = {
    "hang": "took more than 2 s and was ended",
    "crash": "ended with code 7",
    "swell": f"takes more than the {MEGABYTES:,} MB",
    "deep": "elements nested deeper",
    "fault": "ValueError: odd",
}


@posix
def test_a_reader_that_hangs_crashes_or_swells_ends_in_an_error(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(what: str) -> str:
        return guard.guarded(reader.read, source_of(what, "", what.encode()))

    for what, found in LIMITS.items():
        assert ask("fine") == "fine"
        monkeypatch.setattr(guard, "SECONDS", 2 if what == "hang" else 60)
        with pytest.raises(gd.ReportError, match=found) as caught:
            ask(what)
        assert caught.value.source == what
    assert ask("fine") == "fine"


@posix
def test_in_a_batch_each_costs_itself_alone(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "PATIENCE", 0)
    monkeypatch.setattr(batch, "START_UP", -1)
    monkeypatch.setattr(guard.Worker.ask, "__defaults__", (2,))
    sources = ["fine 1", "fine 2", *LIMITS, "fine 3", "fine 4"]
    results, stopped = batch.read_all(reader.read_named, sources, workers=2, progress=False)
    assert not stopped
    assert [result for result in results if isinstance(result, str)] == [f"fine {number}" for number in range(1, 5)]
    for (what, found), result in zip(LIMITS.items(), results[2:], strict=False):
        assert isinstance(result, batch.Failure) and result.source == what and found in result.reason


@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx"])
def test_risky_kinds_are_read_in_a_worker(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(guard.INSIDE, raising=False)
    layout = next(layout for name, layout in LAYOUTS.items() if name.startswith(kind))
    with mock.patch("govdisclose.report.guarded", wraps=guard.guarded) as called:
        assert gd.read_report(typeset(filings()[0], layout)).agency == filings()[0].agency
        with pytest.raises(gd.ReportError, match="picture"):
            gd.read_report(b"\x89PNG")
    assert called.call_count == 2


def test_a_worker_finds_programs_where_its_asker_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker is kept: LibreOffice may be installed between two documents."""
    worker = guard.Worker()
    assert worker.ask(partial(os.getenv, "PATH")) == os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert worker.ask(partial(os.getenv, "PATH")) == str(tmp_path)
    worker.end()


def test_a_small_page_is_read_here_and_a_long_one_in_a_worker() -> None:
    page = typeset(filings()[0], LAYOUTS["html_merged"])
    with mock.patch("govdisclose.report.guarded", wraps=guard.guarded) as called:
        small = gd.read_report(page)
        assert called.call_count == 0
        long = gd.read_report(page + b" " * 400_000)
        assert called.call_count == 1
    assert long.cells["value"].equals(small.cells["value"]) and long.found == small.found


ORPHAN = """
import sys
from govdisclose import guard
from govdisclose.sources import source_of
sys.path.insert(0, sys.argv[1])
import risky_reader
worker = guard.Worker()
worker.ask(int)
print(worker._process.pid, flush=True)
guard._guard.worker = worker
guard.guarded(risky_reader.read, source_of("hang", "", b"hang"))
"""


def gone(pid: int) -> bool:
    """Whether a process ends within ten seconds."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.1)
    return False


@posix
def test_ctrl_c_while_a_worker_is_busy_leaves_no_process_behind(reader: Any) -> None:
    folder = str(Path(reader.__file__).parent)
    run = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parent
    )
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    time.sleep(0.3)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert "KeyboardInterrupt" in told and gone(pid)


@posix
def test_a_worker_whose_asker_is_killed_ends_when_its_time_is_up(reader: Any) -> None:
    """The system's own alarm ends it, ten seconds after its time."""
    folder = str(Path(reader.__file__).parent)
    script = ORPHAN.replace("guard._guard.worker", "guard.SECONDS = -9; guard._guard.worker")
    script = "from threading import Timer\nTimer.start = lambda self: None\n" + script
    run = subprocess.Popen([sys.executable, "-c", script, folder], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent)
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    time.sleep(0.3)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert gone(pid)
