"""Many documents in, one report or one reason each out: here while that is quicker, else in worker processes.

Workers are started as plain interpreters, not through `multiprocessing`: a script that calls `read_reports` needs no
`if __name__ == "__main__"`, a notebook's threads are not forked, and a worker that the system ends costs the document in
its hands and no other.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from queue import Empty, SimpleQueue
from threading import Event, Thread, Timer
from typing import Any, BinaryIO, TypeVar

from govdisclose.errors import ReportError
from govdisclose.folders import Failure
from govdisclose.guard import INSIDE

T = TypeVar("T")

PATIENCE = 0.5
"""Seconds of reading in this process before workers are thought of: a small batch never waits for them."""
START_UP = 1.5
"""Seconds that starting workers takes (an interpreter that imports pandas); they must save more than that."""
COLLECT_AFTER = 500
"""Documents between two collections of garbage."""
UNREAD = "not read: the run was stopped before its turn"
SECONDS = 180
"""Time that a document may take in a worker."""
SLOW = f"reading took more than {SECONDS} s and was ended; the rest was read"
KILLED = "the process that read it was ended by the system, twice (often for want of memory); the rest was read"


def read_all(
    read: Callable[[str], T], sources: Sequence[str], workers: int | None = None, progress: bool = True
) -> tuple[list[T | Failure], bool]:
    """Given documents and the function that reads one, return what each gave, in their order.

    Parameters
    ----------
    read : importable function (or `functools.partial` of one); may raise anything
    sources : paths
    workers : most processes to use; None for one a processor, 1 for none beside this one
    progress : show a bar on standard error

    Returns
    -------
    One entry a document, a `Failure` where it could not be read; and whether Ctrl-C stopped the run. What was read before
    is kept, the rest are failures that say so.
    """
    results: list[T | Failure] = [Failure(source, UNREAD) for source in sources]
    failed = 0
    each = _read_each(read, sources, workers or _processors())
    with _bar(len(sources), progress) as bar, closing(each) as read_ones, rare_collection() as collect:
        try:
            for position, result in read_ones:
                results[position] = result
                bar.update()
                collect()
                if isinstance(result, Failure):
                    failed += 1
                    bar.set_postfix_str(f"{failed} failed")
        except KeyboardInterrupt:
            return results, True
    return results, False


@contextmanager
def rare_collection() -> Generator[Callable[[], None]]:
    """Reports hold no reference cycles, and looking for some among all those read takes a third of the time of reading.

    What is yielded is to be called for each document: now and then it collects, and sets aside what is left.
    """
    calls = count(1)
    enabled, frozen = gc.isenabled(), gc.get_freeze_count()

    def collect() -> None:
        if not next(calls) % COLLECT_AFTER:
            gc.collect()
            if not frozen:
                gc.freeze()

    gc.disable()
    try:
        yield collect
    finally:
        if not frozen:
            gc.unfreeze()
        if enabled:
            gc.enable()


def _read_each(read: Callable[[str], T], sources: Sequence[str], workers: int) -> Generator[tuple[int, T | Failure]]:
    """Read in this process while that is the shorter way, then in workers, then here what no worker would take."""
    todo, done, begun = deque(range(len(sources))), -1, time.monotonic()
    warming = 0.0
    while todo:
        position = todo.popleft()
        yield position, _read_one(read, sources[position])
        done += 1
        spent = time.monotonic() - begun
        if not done:  # The first document pays for loading forms and dictionaries, as the first of each worker will.
            warming, begun = spent, time.monotonic()
            continue
        crew = min(workers, len(todo))
        if crew > 1 and spent >= PATIENCE and spent / done * len(todo) * (1 - 1 / crew) > START_UP + warming:
            yield from _read_in_workers(_Work(read, sources, todo), crew)
            workers = 1


def _read_one(read: Callable[[str], T], source: str) -> T | Failure:
    try:
        return read(source)
    except ReportError as error:
        return Failure(source, error.found + (f"; {error.missing}" if error.missing else ""))
    except Exception as error:  # A batch never dies of one document, whatever the reader stumbles over.
        return Failure(
            source, f"unexpected {type(error).__name__}: {error} (a fault of the reader, not of the document)"
        )


@dataclass(frozen=True)
class _Work:
    """What the hands of one run share."""

    read: Callable[[str], Any]
    sources: Sequence[str]
    todo: deque[int]
    results: SimpleQueue[tuple[int, Any]] = field(default_factory=SimpleQueue)
    retried: set[int] = field(default_factory=set)
    stopped: Event = field(default_factory=Event)


def _read_in_workers(work: _Work, crew: int) -> Generator[tuple[int, Any]]:
    hands = [_Hand(work) for _ in range(crew)]
    try:
        for hand in hands:
            hand.start()
        while any(hand.is_alive() for hand in hands) or not work.results.empty():
            # A wait without end would not hear Ctrl-C on Windows.
            with suppress(Empty):
                yield work.results.get(timeout=0.2)
    except KeyboardInterrupt:
        while not work.results.empty():
            yield work.results.get()
        raise
    finally:
        work.stopped.set()
        for hand in hands:
            hand.stop()


class _Hand(Thread):
    """Keeps one worker busy until nothing is left to do."""

    def __init__(self, work: _Work) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._worker: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        work = self._work
        while work.todo and not work.stopped.is_set():
            self._worker = self._worker or _start(work.read)
            if self._worker is None:
                return  # No worker can be had: what is left is read in the calling process.
            try:
                position = work.todo.popleft()
            except IndexError:  # Another hand took the last one.
                break
            begun = time.monotonic()
            answer = _ask(self._worker, work.sources[position])
            if answer is not None:
                work.results.put((position, answer))
                continue
            self._worker = None
            if time.monotonic() - begun >= SECONDS:
                work.results.put((position, Failure(work.sources[position], SLOW)))
                continue
            if position in work.retried:
                work.results.put((position, Failure(work.sources[position], KILLED)))
            else:  # The system ends the largest process, which need not be the one with the troublesome document.
                work.retried.add(position)
                work.todo.append(position)
        self.stop()

    def stop(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()


def _start(read: Callable[[str], Any]) -> subprocess.Popen[bytes] | None:
    """A worker that is ready to read, or None where none can be started."""
    if not sys.executable:
        return None
    path = os.pathsep.join(os.path.abspath(place) for place in sys.path)  # noqa: PTH100
    try:
        worker = subprocess.Popen(
            [sys.executable, "-P", "-c", "from govdisclose.batch import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Workers share the processors: none takes several for one document (recognising characters would).
            env={"OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", INSIDE: "1"},
            # Ctrl-C reaches the calling process alone, which ends the workers itself.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError:
        return None
    if _ask(worker, read) is None:
        worker.kill()
        return None
    return worker


def _ask(worker: subprocess.Popen[bytes], question: Any) -> Any:
    """Hand one thing to a worker, return its answer; None where the worker is no more."""
    assert worker.stdin is not None and worker.stdout is not None
    timer = Timer(SECONDS, worker.kill)
    timer.start()
    try:
        pickle.dump(question, worker.stdin, pickle.HIGHEST_PROTOCOL)
        worker.stdin.flush()
        return pickle.load(worker.stdout)
    except (EOFError, OSError, pickle.UnpicklingError):
        worker.kill()
        worker.wait()
        return None
    finally:
        timer.cancel()


def serve() -> None:
    """What a worker does: read what it is told to, until nobody asks or listens any more."""
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Whatever a library prints goes to standard error, not between the answers.
    questions = sys.stdin.buffer
    with suppress(EOFError, BrokenPipeError):
        read = pickle.load(questions)
        answer: Any = True
        while True:
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
            answer = _read_one(read, pickle.load(questions))
    os._exit(0)  # Closing what nobody listens to would complain.


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _bar(total: int, progress: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # Without ipywidgets tqdm falls back to text, which is good enough to keep quiet.
        from tqdm.auto import tqdm
    return tqdm(total=total, desc="Reading reports", unit="report", disable=None if progress else True)
