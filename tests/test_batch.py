"""Batches: order, failures, workers that die, runs that are stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from govdisclose import batch
from govdisclose.batch import UNREAD, read_all
from govdisclose.errors import ReportError
from govdisclose.folders import Failure, find_documents, read_agencies
from govdisclose.steps import Steps


def upper(source: str) -> Steps[str]:
    yield
    return source.upper()


def shout(source: str, folder: str = "") -> Steps[str]:
    """A reader that does what the name of the document says."""
    yield
    if source == "bad":
        raise ReportError(source, "a picture", "save it as text")
    if source == "odd":
        raise KeyError("columns")
    if source == "stop":
        raise KeyboardInterrupt
    if source == "print":
        print("between the answers")
    if source == "slow":
        time.sleep(0.02)
    if source == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if source == "deadly once":
        mark = Path(folder) / "died"
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return f"{source} read{' elsewhere' if os.getpid() != MAIN else ''}"


MAIN = int(os.environ.setdefault("GOVDISCLOSE_TEST_MAIN", str(os.getpid())))


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers from the third document on."""
    monkeypatch.setenv("GOVDISCLOSE_TEST_MAIN", str(os.getpid()))
    monkeypatch.setattr(sys.modules[__name__], "MAIN", os.getpid())
    monkeypatch.setattr(batch, "PATIENCE", 0)
    monkeypatch.setattr(batch, "START_UP", -1)


def test_few_documents_are_read_in_this_process_in_order() -> None:
    results, stopped = read_all(upper, ["b", "a", "c"], workers=4, progress=False)
    assert (results, stopped) == (["B", "A", "C"], False)


def test_no_document_gives_nothing() -> None:
    assert read_all(shout, [], progress=False) == ([], False)


def test_failures_say_why_and_the_rest_is_read() -> None:
    results, _ = read_all(upper, ["a"], workers=1, progress=False)
    assert results == ["A"]
    results, _ = read_all(shout, ["bad", "odd"], workers=1, progress=False)
    assert results == [
        Failure("bad", "a picture; save it as text"),
        Failure("odd", "unexpected KeyError: 'columns' (a fault of the reader, not of the document)"),
    ]


@pytest.mark.usefixtures("hasty")
def test_workers_give_the_same_in_the_same_order() -> None:
    sources = ["first", "second", *(f"r{number}" for number in range(30)), "bad", "odd", "print", "last"]
    results, stopped = read_all(shout, sources, workers=3, progress=False)
    assert not stopped
    assert results[:2] == ["first read", "second read"]
    assert results[2:32] == [f"r{number} read elsewhere" for number in range(30)]
    assert results[32:34] == [
        Failure("bad", "a picture; save it as text"),
        Failure("odd", "unexpected KeyError: 'columns' (a fault of the reader, not of the document)"),
    ]
    assert results[34:] == ["print read elsewhere", "last read elsewhere"]


@pytest.mark.usefixtures("hasty")
def test_a_killed_worker_costs_its_document_alone(tmp_path: Path) -> None:
    sources = ["first", "a", "deadly", "b", "deadly once", "c", "d"]
    results, stopped = read_all(partial(shout, folder=str(tmp_path)), sources, workers=2, progress=False)
    assert not stopped
    ended = "the process that read it ended by the system (signal 9), often for want of memory; the rest was read"
    assert results[2] == Failure("deadly", ended)
    rest = [result for position, result in enumerate(results) if position not in (0, 1, 2)]
    assert rest == [f"{name} read elsewhere" for name in ("b", "deadly once", "c", "d")]


@pytest.mark.usefixtures("hasty")
def test_without_workers_to_be_had_everything_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    results, _ = read_all(shout, ["a", "b", "c"], workers=2, progress=False)
    assert results == ["a read", "b read", "c read"]


def test_a_stopped_run_keeps_what_was_read() -> None:
    results, stopped = read_all(shout, ["bad", "stop", "c"], workers=1, progress=False)
    assert stopped
    assert results == [Failure("bad", "a picture; save it as text"), Failure("stop", UNREAD), Failure("c", UNREAD)]


STOPPED_SCRIPT = """
import govdisclose.batch as batch
from test_batch import shout
batch.PATIENCE, batch.START_UP = 0, -1
print("started", flush=True)
results, stopped = batch.read_all(shout, ["slow"] * 3000, workers=2, progress=False)
print(stopped, sum(isinstance(result, str) for result in results), len(results))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_ctrl_c_ends_a_script_with_workers_cleanly() -> None:
    """The script has no `if __name__ == "__main__"`, as researchers' scripts do not."""
    here = Path(__file__).parent
    run = subprocess.Popen(
        [sys.executable, "-c", STOPPED_SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=here
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "started\n"
    time.sleep(2.5)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=20)
    stopped, read, total = out.split()
    assert (stopped, total, err, run.returncode) == ("True", "3000", "", 0)
    assert 0 < int(read) < 3000


def test_documents_of_a_folder(tmp_path: Path) -> None:
    for name in ("b.html", "a.txt", "深/c.htm", "深/无后缀", ".hidden.html", ".git/x.html", "~$b.docx", "agencies.csv"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    (tmp_path / "b_files").mkdir()
    for name in ("style.css", "logo.PNG", "menu.js"):
        (tmp_path / "b_files" / name).touch()
    for name, size in (("scan.jpg", 30_000), ("seal.png", 900), ("b_files/banner.jpg", 90_000)):
        (tmp_path / name).write_bytes(bytes(size))
    found, failures = find_documents(tmp_path)
    assert [str(Path(file).relative_to(tmp_path)) for file in found] == ["a.txt", "b.html", "scan.jpg", "深/c.htm", "深/无后缀"]
    assert failures == []


def test_each_document_once_whichever_way_it_is_named(tmp_path: Path) -> None:
    for name in ("报告[2023].html", "b.html"):
        (tmp_path / name).touch()
    odd = str(tmp_path / "报告[2023].html")
    found, failures = find_documents([odd, tmp_path, f"{tmp_path}/*.html", tmp_path / "b.html"])
    assert found == [odd, str(tmp_path / "b.html")]
    assert failures == []


def test_links_lead_to_documents_already_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.html").touch()
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "2.html").symlink_to(tmp_path / "a" / "1.html")
    monkeypatch.chdir(tmp_path / "a")
    for given in (".", "./", "../b/", tmp_path / "c", "1.html"):
        found, _ = find_documents([given, tmp_path / "a", tmp_path / "b", tmp_path / "c"])
        assert len(found) == 1
    assert find_documents(".")[0] == ["1.html"]
    assert find_documents("../a//")[0] == ["../a/1.html"]


def test_what_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found, failures = find_documents([tmp_path / "empty", f"{tmp_path}/*.pdf", tmp_path / "missing.html"])
    assert found == [str(tmp_path / "missing.html")]
    assert failures == [
        Failure(str(tmp_path / "empty"), "the folder holds no document"),
        Failure(f"{tmp_path}/*.pdf", "the pattern matches no document"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_agencies_file(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "agencies.csv"
    file.write_text("agency,agency_kind,region\n海州市市场监督管理局,市场监管,海州市\n海州區人民政府,,海州区\n", encoding)
    assert read_agencies(file) == {"海州市市场监督管理局": ("市场监管", "海州市"), "海州区人民政府": ("", "海州区")}


def test_agencies_file_without_agencies(tmp_path: Path) -> None:
    file = tmp_path / "kinds.csv"
    file.write_text("name,kind\n", "utf-8")
    with pytest.raises(ValueError, match=r"kinds\.csv: no column agency"):
        read_agencies(file)
    with pytest.raises(ValueError, match=r"missing\.csv: cannot be opened"):
        read_agencies(tmp_path / "missing.csv")


def recorded(source: str, log: list[str]) -> Steps[str]:
    """A reader in two steps that notes what it does, and fails in the second where the name says so."""
    log.append(f"{source}1")
    yield
    if source == "x":
        raise ReportError(source, "a picture", "save it as text")
    log.append(f"{source}2")
    return source


def test_quick_documents_are_read_in_step() -> None:
    log: list[str] = []
    results, stopped = read_all(partial(recorded, log=log), list("abcdxe"), workers=1, progress=False)
    assert (results, stopped) == (["a", "b", "c", "d", Failure("x", "a picture; save it as text"), "e"], False)
    assert " ".join(log) == "a1 a2 b1 b2 c1 d1 c2 d2 x1 e1 e2"


def test_slow_documents_are_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LULL", 0)
    log: list[str] = []
    read_all(partial(recorded, log=log), list("abcde"), workers=1, progress=False)
    assert " ".join(log) == "a1 a2 b1 b2 c1 c2 d1 d2 e1 e2"
