"""Worker processes: a document that hangs, swells or crashes its reader there ends in a `ReportError`, and nothing else does.

One protocol for single documents (`guarded`) and for batches. Workers are started as plain interpreters, not through
`multiprocessing`: a script that reads needs no `if __name__ == "__main__"`, and a notebook's threads are not forked. In a
worker readers are called directly.
"""

from __future__ import annotations

import atexit
import gc
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock, Timer
from typing import Any, BinaryIO, Concatenate, ParamSpec, TypeVar

from govdisclose.errors import ReportError
from govdisclose.sources import Source

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 180.0
"""Time that reading one document may take; a scanned page takes some three seconds."""
MEGABYTES = int(os.environ.get("GOVDISCLOSE_MEGABYTES") or 6_000)
"""Memory that a worker may ask for, where the system can be told so; an environment variable of that name sets another limit."""
STARTING = 120.0
"""Time that a worker may take to start: on a busy machine its imports take a while."""
INSIDE = "GOVDISCLOSE_GUARDED"
"""Set in processes that can be ended themselves."""
_MEND = "the file is damaged or made to do harm: open it in its program and save it anew, or print it to a new PDF"


class Ended(Exception):
    """A worker is no more; the message says why, `slow` whether its time was up."""

    def __init__(self, found: str, slow: bool = False) -> None:
        super().__init__(found)
        self.slow = slow


class Worker:
    """A process that does what it is asked, one thing at a time, within limits of time and memory.

    `OSError` where no process can be had. `threads` are those that it takes for one document.
    """

    def __init__(self, threads: int | None = None) -> None:
        if not sys.executable:
            raise OSError("no interpreter to start")
        path = os.pathsep.join(os.path.abspath(place) for place in sys.path)  # noqa: PTH100
        own = {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", INSIDE: "1"}
        self._slow = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", "from govdisclose.guard import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=({"OMP_NUM_THREADS": str(threads)} if threads else {}) | os.environ | own,
            # Ctrl-C reaches the calling process alone, which ends the workers itself.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def ask(self, work: Callable[[], T], seconds: float = SECONDS) -> T:
        """What `work`, which can be pickled and raises nothing, gives in the worker. `Ended` where it ends instead."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        timer = Timer(seconds, self._expire)
        timer.start()
        try:
            pickle.dump((seconds, os.environ.get("PATH", ""), work), process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            answer: T = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.end()
            if self._slow:
                raise Ended(f"reading took more than {seconds:g} s and was ended", slow=True) from error
            code = process.returncode
            told = f"by the system (signal {-code}), often for want of memory" if code < 0 else f"with code {code}"
            raise Ended(f"the process that read it ended {told}") from error
        except BaseException:  # Ctrl-C: an answer still to come would be taken for that of the next question.
            self.end()
            raise
        finally:
            timer.cancel()
        return answer

    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it, with the programs that it runs itself; by force where it does not listen."""
        self._process.terminate()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _expire(self) -> None:
        self._slow = True
        self.end()


class _Guard:
    """The worker for documents read one by one: started for the first, kept for the next. Others wait their turn."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.worker: Worker | None = None

    def ask(self, work: Callable[[], T], seconds: float) -> T:
        with self.lock:
            if self.worker is None or not self.worker.alive():
                self.worker = Worker()
                self.worker.ask(partial(bool, work), STARTING)  # what it imports is not counted as reading
            return self.worker.ask(work, seconds)

    def end(self) -> None:
        if self.worker is not None:
            self.worker.end()
            self.worker = None


_guard = _Guard()
atexit.register(_guard.end)


def guarded(
    read: Callable[Concatenate[Source, P], T], source: Source, *rest: P.args, **named: P.kwargs
) -> T:
    """Given a function that reads a source, return what it reads, in a process of its own.

    Raises
    ------
    ReportError : that of the function; or reading took too much time or memory, or crashed
    """
    if os.environ.get(INSIDE):
        return read(source, *rest, **named)
    try:
        answer = _guard.ask(partial(_attempt, partial(read, source, *rest, **named), source.name), SECONDS)
    except Ended as error:
        raise ReportError(source.name, str(error), _MEND) from error
    except OSError as error:
        raise ReportError(source.name, f"no process to read it in can be started ({error})", "close some programs and try again") from error
    if isinstance(answer, ReportError):
        raise answer
    return answer


def _attempt(work: Callable[[], T], name: str) -> T | ReportError:
    try:
        return work()
    except Exception as error:
        return as_report_error(name, error)


def as_report_error(source: str, error: Exception) -> ReportError:
    """Whatever reading a document raised, as the one exception that a document may cause."""
    if isinstance(error, ReportError):
        return error
    if isinstance(error, MemoryError):
        return ReportError(source, f"reading takes more than the {MEGABYTES:,} MB that are allowed", "no report needs that much")
    if isinstance(error, RecursionError):
        return ReportError(source, "elements nested deeper in one another than can be read", "save the document anew")
    return ReportError(source, f"unexpected {type(error).__name__}: {error} (a fault of the reader, not of the document)")


def serve() -> None:
    """What a worker does: what it is asked to, until nobody asks or listens any more."""
    _limit()
    gc.set_threshold(100_000)  # what documents are read into hardly holds reference cycles, and looking for some takes its time
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Whatever a library prints goes to standard error, not between the answers.
    with suppress(EOFError, BrokenPipeError, SystemExit):
        while True:
            seconds, os.environ["PATH"], work = pickle.load(sys.stdin.buffer)  # LibreOffice may be installed only now
            _alarm(seconds + 10)
            answer = work()
            _alarm(0)
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    os._exit(0)  # Closing what nobody listens to would complain.


def _alarm(seconds: float) -> None:
    """The system ends this process then, whatever it does: the one that asked may be no more."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds))


def _limit() -> None:
    signal.signal(signal.SIGTERM, _stop)
    with suppress(ImportError, ValueError, OSError):
        import resource

        taken = 0
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        # What is imported has taken its part already, with something for each processor.
        with suppress(OSError):
            taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        most = MEGABYTES * 1024 * 1024 + taken
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))


def _stop(*_: Any) -> None:
    """Leave in order: what was started from here (LibreOffice) is ended too."""
    raise SystemExit
