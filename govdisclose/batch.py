"""Many documents in, one report or one reason each out: here while that is quicker, else in workers, several at a time.

A worker that is ended costs the document in its hands and no other.
"""

from __future__ import annotations

import gc
import os
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, TypeVar

from govdisclose.folders import Failure
from govdisclose.guard import STARTING, Ended, Worker, as_report_error
from govdisclose.steps import Steps, finished, in_step

T = TypeVar("T")

PATIENCE = 0.5
"""Seconds of reading in this process before workers are thought of: a small batch never waits for them."""
START_UP = 1.5
"""Seconds that starting workers takes (an interpreter that imports pandas); they must save more than that."""
COLLECT_AFTER = 500
"""Documents between two collections of garbage."""
ABREAST, LULL = 64, 0.1
"""Most documents read in step, and how many seconds they may take: progress is shown, and Ctrl-C heard, between them."""
UNREAD = "not read: the run was stopped before its turn"
REST = "the rest was read"


def read_all(
    read: Callable[[str], Steps[T]], sources: Sequence[str], workers: int | None = None, progress: bool = True
) -> tuple[list[T | Failure], bool]:
    """Given documents and the function that reads one, return what each gave, in their order.

    Parameters
    ----------
    read : importable generator function (or `functools.partial` of one); may raise anything. Documents that are read
        quickly are read in step
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


def _read_each(read: Callable[[str], Steps[T]], sources: Sequence[str], workers: int) -> Generator[tuple[int, T | Failure]]:
    """Read in this process while that is the shorter way, then in workers, then here what no worker would take."""
    todo, done, begun = deque(range(len(sources))), -1, time.monotonic()
    warming, abreast = 0.0, 1
    while todo:
        tile = [todo.popleft() for _ in range(min(abreast, len(todo)))]
        started = time.monotonic()
        yield from in_step(lambda at: read(sources[at]), tile, lambda at, error: _failed(sources[at], error))
        abreast = min(2 * abreast, ABREAST) if time.monotonic() - started < LULL / 2 else max(abreast // 2, 1)
        done += len(tile)
        spent = time.monotonic() - begun
        if not done:  # The first document pays for loading forms and dictionaries, as the first of each worker will.
            warming, begun, abreast = spent, time.monotonic(), 1
            continue
        crew = min(workers, len(todo))
        if crew > 1 and spent >= PATIENCE and spent / done * len(todo) * (1 - 1 / crew) > START_UP + warming:
            yield from _read_in_workers(_Work(read, sources, todo), crew)
            workers = 1


def _read_one(read: Callable[[str], Steps[T]], source: str) -> T | Failure:
    try:
        return finished(read(source))
    except Exception as error:  # A batch never dies of one document, whatever the reader stumbles over.
        return _failed(source, error)


def _failed(source: str, error: Exception) -> Failure:
    told = as_report_error(source, error)
    return Failure(source, told.found + (f"; {told.missing}" if told.missing else ""))


@dataclass(frozen=True)
class _Work:
    """What the hands of one run share."""

    read: Callable[[str], Steps[Any]]
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
        for hand in hands:
            hand.join()


class _Hand(Thread):
    """Keeps one worker busy until nothing is left to do."""

    def __init__(self, work: _Work) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._worker: Worker | None = None

    def run(self) -> None:
        work = self._work
        while work.todo and not work.stopped.is_set():
            worker = self._worker or self._begun()
            if worker is None or work.stopped.is_set():
                break  # Where no worker can be had, what is left is read in the calling process.
            try:
                position = work.todo.popleft()
            except IndexError:  # Another hand took the last one.
                break
            source = work.sources[position]
            try:
                work.results.put((position, worker.ask(partial(_read_one, work.read, source))))
            except Ended as error:
                self._worker = None
                # The system ends the largest process, which need not be the one with the troublesome document.
                if error.slow or position in work.retried:
                    work.results.put((position, Failure(source, f"{error}; {REST}")))
                else:
                    work.retried.add(position)
                    work.todo.append(position)
        self.stop()

    def _begun(self) -> Worker | None:
        """A worker that is ready to read, or None where none can be had."""
        try:
            self._worker = Worker(threads=1)  # Workers share the processors: none takes several for one document.
            self._worker.ask(partial(bool, self._work.read), STARTING)
        except Exception:  # no process to be had, or the function is none that another process can import
            return None
        return self._worker

    def stop(self) -> None:
        if self._worker is not None:
            self._worker.end()


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
