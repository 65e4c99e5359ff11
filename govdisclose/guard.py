"""Readers of risky formats in a process of their own: a document that hangs, swells or crashes it ends in a `ReportError`.

The process is started for the first such document and kept for the next. In a batch, whose workers are such processes
themselves, readers are called directly.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from threading import Lock, Timer
from typing import Any, BinaryIO

from govdisclose.errors import ReportError
from govdisclose.grid import Document
from govdisclose.sources import Source

SECONDS = 120
"""Time that reading one document may take."""
MEGABYTES = 6_000
"""Memory that the process may ask for, where the system can tell it so."""
INSIDE = "GOVDISCLOSE_GUARDED"
"""Set in processes that can be ended themselves."""


class _Guard:
    """One process at a time, and who waits for it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.worker: subprocess.Popen[bytes] | None = None

    def ask(self, question: Any, seconds: float) -> Any:
        """What the process answers; None where it had to be ended or ended itself."""
        if self.worker is None or self.worker.poll() is not None:
            self.worker = _start()
        worker = self.worker
        assert worker.stdin is not None and worker.stdout is not None
        timer = Timer(seconds, worker.kill)
        timer.start()
        try:
            pickle.dump(question, worker.stdin, pickle.HIGHEST_PROTOCOL)
            worker.stdin.flush()
            return pickle.load(worker.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        except BaseException:  # Ctrl-C: an answer still to come would be taken for that of the next question.
            self.end()
            raise
        finally:
            timer.cancel()

    def end(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()
            self.worker = None


_guard = _Guard()
atexit.register(_guard.end)


def guarded(module: str, source: Source, seconds: float = SECONDS) -> Document:
    """Given the name of a module with `read(source)`, return what it reads, in a process of its own.

    Raises
    ------
    ReportError : that of the reader; or the process took too long, or ended (often for want of memory)
    """
    if os.environ.get(INSIDE):
        return _read(module, source)
    with _guard.lock:
        answer = _guard.ask((module, source), seconds)
        if answer is None:
            code = _guard.worker.wait() if _guard.worker is not None else 0
            _guard.worker = None
            killed = code in (-9, 1) and sys.platform != "win32"
            found = f"reading took more than {seconds:g} s or the process was ended" if killed else f"reading ended with code {code}"
            raise ReportError(source.name, found, "the file is damaged or made to do harm: print it to a new PDF")
    if isinstance(answer, ReportError):
        raise answer
    document: Document = answer
    return document


def _read(module: str, source: Source) -> Document:
    document: Document = import_module(module).read(source)
    return document


def _start() -> subprocess.Popen[bytes]:
    path = os.pathsep.join(os.path.abspath(place) for place in sys.path)  # noqa: PTH100
    return subprocess.Popen(
        [sys.executable, "-P", "-c", "from govdisclose.guard import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", INSIDE: "1"},
        start_new_session=True,  # Ctrl-C reaches the calling process alone.
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def serve() -> None:
    """What the process does: read what it is given, until nobody asks any more."""
    _limit_memory()
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Whatever a library prints goes to standard error, not between the answers.
    with suppress(EOFError, BrokenPipeError):
        while True:
            module, source = pickle.load(sys.stdin.buffer)
            pickle.dump(_answer(module, source), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    os._exit(0)


def _answer(module: str, source: Source) -> Document | ReportError:
    try:
        return _read(module, source)
    except ReportError as error:
        return error
    except MemoryError:
        return ReportError(source.name, f"reading takes more than {MEGABYTES:,} MB", "no report needs that much")
    except Exception as error:
        told = f"unexpected {type(error).__name__}: {error}"
        return ReportError(source.name, told, "a fault of the reader, not of the document")


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEGABYTES * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
