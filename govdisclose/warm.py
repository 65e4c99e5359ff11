"""A notebook runs in a copy of a process that has imported everything: seconds become tenths, and nothing can leak.

A warm process imports pandas, matplotlib, papermill and this package once, then forks a child for each call. Whatever a
notebook does to its namespace, to modules, settings, folder or environment ends with its child. `WarmEngine` lets
papermill run notebooks so (`papermill in.ipynb out.ipynb --engine govdisclose-warm`); where the system cannot fork, or the
notebook is not in Python, papermill's own engine runs it.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib
import nbformat
from ipykernel.ipkernel import IPythonKernel
from ipykernel.jsonutil import encode_images, json_clean
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from traitlets.config import Config

from govdisclose import drawing
from govdisclose.wording import all_words

ENGINE = "govdisclose-warm"
CAN_FORK = hasattr(os, "fork")
_INLINE = "module://matplotlib_inline.backend_inline"
"""The backend that a kernel sets before matplotlib is imported."""
_state = {"forked": False}

P = ParamSpec("P")
T = TypeVar("T")


class Died(RuntimeError):
    """The process that ran something is no more; the message gives its code."""


class Warm:
    """A process with all imports done, which runs each call in a child of its own, one after the other.

    Parameters
    ----------
    profile : folder for IPython's own files: the user's start-up files stay out, and no two kernels make one at once
    prepare : importable function that the process calls before anything else: what it imports and caches, every child has
    """

    def __init__(self, profile: Path, prepare: Callable[[], None]) -> None:
        profile.mkdir(parents=True, exist_ok=True)
        path = os.pathsep.join(os.path.abspath(place) for place in sys.path)  # noqa: PTH100
        own = {"PYTHONPATH": path, "IPYTHONDIR": str(profile), "MPLBACKEND": _INLINE, "PYTHONIOENCODING": "utf-8"}
        # One thread each: several notebooks run at a time, and a process that is forked must have no more.
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", "from govdisclose.warm import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | threads | own,
            # Ctrl-C reaches the calling process alone, which ends this one and its child together.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        pickle.dump(prepare, self._process.stdin)
        self._process.stdin.flush()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an importable function on picklable arguments in a new child and return what it returns.

        Raises
        ------
        Died : the child ended before it had an answer, or this process did
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            pickle.dump((function, args, kwargs), self._process.stdin)
            self._process.stdin.flush()
            answer, told = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            self._process.kill()
            code = self._process.wait()
            self.close()  # A child that outlives this process must not go on alone.
            raise Died(f"the process that ran it ended with code {code}") from None
        if told:
            raise Died(told)
        result: T = answer
        return result

    def close(self) -> None:
        """End the process, and the child that it may be waiting for."""
        with suppress(OSError):
            if CAN_FORK:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def serve() -> None:
    """What a warm process does: prepare, then fork for each call until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What notebooks and libraries print must not get among the answers.
    with suppress(EOFError, BrokenPipeError):
        unfit = _answer((pickle.load(sys.stdin.buffer), (), {}))
        ready = not pickle.loads(unfit)[1]
        gc.freeze()  # What was imported is no garbage: children need not look through it, nor copy it by doing so.
        while True:
            call = pickle.load(sys.stdin.buffer)
            answers.write(unfit if not ready else _in_child(call) if CAN_FORK else _answer(call))
            answers.flush()


def _answer(call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]) -> bytes:
    function, args, kwargs = call
    try:
        return pickle.dumps((function(*args, **kwargs), ""))
    except Exception as error:
        return pickle.dumps((None, f"{type(error).__name__}: {error}"))


def _in_child(call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]) -> bytes:
    """The answer of a forked child; if it ends without one, what its end was."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(reading)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
            _state["forked"] = True
            with os.fdopen(writing, "wb") as answer:
                answer.write(_answer(call))
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        given = answer.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return given if code == 0 else pickle.dumps((None, f"the process that ran it ended with code {code}"))


def prepare() -> None:
    """Import what notebooks use, and draw once: the fonts and their letters are then known to every child."""
    with matplotlib.rc_context(drawing.style()):  # type: ignore[arg-type]
        figure = Figure()
        figure.subplots().set_title("".join(sorted({*"0123456789", *"".join(all_words())})))
        drawing.svg(figure)


@cache
def _shared() -> Warm:
    """The warm process of this one's calls to the engine."""
    folder = tempfile.TemporaryDirectory(prefix="govdisclose-", ignore_cleanup_errors=True)
    warm = Warm(Path(folder.name), prepare)
    atexit.register(folder.cleanup)
    atexit.register(warm.close)
    return warm


class WarmEngine:
    """papermill's engine `govdisclose-warm`: the same outputs as those of a new kernel, without waiting for one."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run all cells of a notebook; arguments and result are those of papermill's engines."""
        return _engine().execute_notebook(nb, kernel_name, **kwargs)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        return str(_engine().nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        return str(_engine().nb_language(nb, language))


@cache
def _engine() -> Any:
    """The engine in papermill's terms. papermill loads this module while it is itself imported, so it comes later."""
    from papermill.engines import Engine, NBClientEngine  # type: ignore[import-untyped]

    class Managed(Engine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
            """Run all cells; the manager is told of each, as by papermill's own engine."""
            language = nb_man.nb.metadata.get("kernelspec", {}).get("language", "python")
            if CAN_FORK and language == "python":
                _execute(nb_man)
            else:
                NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **kwargs)

    return Managed


def _execute(nb_man: Any) -> None:
    sources = [
        (cell.source, "raises-exception" in cell.metadata.get("tags", [])) if cell.cell_type == "code" else None
        for cell in nb_man.nb.cells
    ]
    if _state["forked"]:
        made = run_cells(sources)
    else:
        if not _shared().alive:
            _shared.cache_clear()
        made = _shared().call(run_cells, sources, str(Path.cwd()), dict(os.environ))
    for place, cell in enumerate(nb_man.nb.cells):
        if place >= len(made):
            break
        nb_man.cell_start(cell, place)
        one = made[place]
        if one is not None:
            cell.execution_count, cell.outputs = one[0], nbformat.from_dict(one[1])  # type: ignore[no-untyped-call]
            if one[2]:
                nb_man.cell_exception(cell, cell_index=place)
        nb_man.cell_complete(cell, cell_index=place)
    nb_man.nb.metadata["language_info"] = nbformat.from_dict(IPythonKernel.language_info)  # type: ignore[no-untyped-call]


Made = tuple[int, list[dict[str, Any]], bool]
"""Execution count, outputs, and whether the notebook ends here with an error."""


def run_cells(
    sources: list[tuple[str, bool] | None], folder: str = "", environment: Mapping[str, str] | None = None
) -> list[Made | None]:
    """Run code cells in a shell in this process, which should be a child that ends after it.

    Parameters
    ----------
    sources : source of each cell and whether it may fail; None for cells that are no code
    folder, environment : where and with what to run; as this process by default

    Returns
    -------
    What each cell made, up to the first that failed; None for cells that are no code
    """
    if folder:
        os.chdir(folder)
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
        os.environ.setdefault("MPLBACKEND", _INLINE)
    if "" not in sys.path:
        sys.path.insert(0, "")
    shell: _Shell = _Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    made: list[Made | None] = []
    for one in sources:
        if one is None or not one[0].strip():
            made.append(None)
            continue
        source, may_fail = one
        shell.made = []
        with redirect_stdout(_Stream(shell, "stdout")), redirect_stderr(_Stream(shell, "stderr")):
            result = shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        failed = not result.success and not may_fail
        made.append((shell.execution_count - 1, shell.made, failed))
        if failed:
            break
    return made


class _Stream(io.TextIOBase):
    """What a cell prints, as an output of the notebook; what follows at once on the same stream is the same output."""

    def __init__(self, shell: _Shell, name: str) -> None:
        self._shell, self._name = shell, name

    def write(self, text: str) -> int:
        last = self._shell.made[-1] if self._shell.made and not self._shell.clear else {}
        if last.get("name") == self._name and last["output_type"] == "stream":
            last["text"] += text
        elif text:
            self._shell.add({"output_type": "stream", "name": self._name, "text": text})
        return len(text)

    def writable(self) -> bool:
        return True


def _plain(data: Any) -> Any:
    """What is displayed, as JSON can hold it."""
    return json_clean(encode_images(data))  # type: ignore[no-untyped-call]


class _Publisher(DisplayPublisher):
    """`display(...)` as an output of the notebook."""

    def publish(self, data: Any, metadata: Any = None, *args: Any, **kwargs: Any) -> None:
        shell: Any = self.shell
        name = (kwargs.get("transient") or {}).get("display_id")
        content = {"data": _plain(data), "metadata": _plain(metadata or {})}
        if kwargs.get("update"):
            for output in shell.named.get(name, ()):
                output.update(content)
            return
        output = {"output_type": "display_data", **content}
        shell.add(output)
        if name:
            shell.named.setdefault(name, []).append(output)

    def clear_output(self, wait: bool = False) -> None:
        shell: Any = self.shell
        shell.clear = True
        if not wait:
            shell.made, shell.clear = [], False


class _Result(DisplayHook):
    """The value of a cell's last expression as an output of the notebook."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        content = {"data": _plain(format_dict), "metadata": md_dict or {}}
        shell: Any = self.shell
        if content["data"]:
            shell.add({"output_type": "execute_result", "execution_count": self.prompt_count, **content})

    def finish_displayhook(self) -> None:
        pass


class _Shell(InteractiveShell):
    """IPython's shell with its outputs kept as a notebook stores them."""

    made: list[dict[str, Any]] = []
    named: dict[str, list[dict[str, Any]]] = {}
    clear = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(displayhook_class=_Result, display_pub_class=_Publisher, **kwargs)  # type: ignore[no-untyped-call]

    def add(self, output: dict[str, Any]) -> None:
        if self.clear:
            self.made.clear()
            self.clear = False
        self.made.append(output)

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        said = {"ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
        self.add({"output_type": "error", **said})
