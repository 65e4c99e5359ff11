"""The warm engine: what papermill's own engine gives, nothing left over from the notebook before, and deaths that are told."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from govdisclose.warm import CAN_FORK, ENGINE, Died, WarmEngine

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="this system cannot fork: papermill's own engine runs the notebooks")


def write(path: Path, *sources: str) -> Path:
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


def run(notebook: Path, engine: str | None = ENGINE) -> nbformat.NotebookNode:
    target = notebook.with_suffix(".out.ipynb")
    papermill.execute_notebook(notebook, target, engine_name=engine, progress_bar=False, cwd=notebook.parent)
    return nbformat.read(target, as_version=4)


MIXED = (
    'print("a"); print("b")',
    'import sys\nprint("to stderr", file=sys.stderr)\n1 + 1',
    "import pandas as pd\npd.DataFrame({'n': [1, 2]})",
    "from IPython.display import HTML, display, clear_output\nshown = display(HTML('<b>1</b>'), display_id=True)\nshown.update(HTML('<b>2</b>'))",
    'print("gone"); clear_output(); print("stays")',
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "__name__, _",
    "await __import__('asyncio').sleep(0)\n5",
)


def test_outputs_are_those_of_a_new_kernel(tmp_path: Path) -> None:
    notebook = write(tmp_path / "mixed.ipynb", *MIXED)
    ours, theirs = run(notebook), run(notebook, None)
    assert [cell.outputs for cell in ours.cells] == [cell.outputs for cell in theirs.cells]
    assert [cell.execution_count for cell in ours.cells] == [cell.execution_count for cell in theirs.cells]
    assert ours.metadata.language_info == theirs.metadata.language_info


LEAVE = """
import os, sys, warnings, decimal, matplotlib, numpy, pandas
import matplotlib.pyplot as plt
secret = 1
plt.figure(); matplotlib.rcParams["font.size"] = 99; warnings.simplefilter("error")
pandas.set_option("display.max_rows", 3); numpy.set_printoptions(precision=1); decimal.getcontext().prec = 3
pandas.DataFrame.total = 1; sys.path.insert(0, "elsewhere"); sys.modules["of_the_user"] = os
os.environ["LEFT"] = "1"; os.chdir("/"); numpy.random.seed(1)
"""
LOOK = """
import os, sys, warnings, decimal, matplotlib, numpy, pandas
import matplotlib.pyplot as plt
print("secret" in dir(), plt.get_fignums(), matplotlib.rcParams["font.size"], len(warnings.filters))
print(pandas.get_option("display.max_rows"), numpy.get_printoptions()["precision"], decimal.getcontext().prec)
print(hasattr(pandas.DataFrame, "total"), "elsewhere" in sys.path, "of_the_user" in sys.modules)
print(os.environ.get("LEFT"), os.getcwd(), os.environ.get("GIVEN"), len(get_ipython().user_ns["In"]))
"""


def test_nothing_is_left_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", "by the caller")
    look = write(tmp_path / "look.ipynb", LOOK)
    before = run(look).cells[0].outputs
    run(write(tmp_path / "leave.ipynb", LEAVE))
    assert run(look).cells[0].outputs == before
    assert f"None {tmp_path} by the caller" in before[0].text
    assert "False [] 10.0" in before[0].text


def test_a_failing_cell_ends_the_notebook_and_keeps_what_was_made(tmp_path: Path) -> None:
    notebook = write(tmp_path / "bad.ipynb", 'print("made before")\n1 / 0', "print(1)")
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        run(notebook)
    cells = nbformat.read(tmp_path / "bad.out.ipynb", as_version=4).cells
    made = next(cell for cell in cells if "made before" in cell.source)
    assert [output.output_type for output in made.outputs] == ["stream", "error"]
    assert made.metadata.papermill.status == "failed" and cells[-1].outputs == []


def test_a_cell_that_may_fail_does_not_end_the_notebook(tmp_path: Path) -> None:
    notebook = nbformat.read(write(tmp_path / "may.ipynb", "1 / 0", "print('after')"), as_version=4)
    notebook.cells[0].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, tmp_path / "may.ipynb")
    target = tmp_path / "may.out.ipynb"
    with pytest.raises(PapermillExecutionError):  # papermill itself complains of any error, at the end.
        papermill.execute_notebook(tmp_path / "may.ipynb", target, engine_name=ENGINE, progress_bar=False)
    assert "after" in str(nbformat.read(target, as_version=4).cells[-1].outputs)


def test_the_death_of_a_notebook_is_told_and_the_next_one_runs(tmp_path: Path) -> None:
    with pytest.raises(Died, match="ended with code -9"):
        run(write(tmp_path / "dead.ipynb", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    with pytest.raises(Died, match="ended with code -9"):
        run(write(tmp_path / "deadlier.ipynb", "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"))
    assert "well" in str(run(write(tmp_path / "good.ipynb", 'print("well")')).cells[0].outputs)


def test_the_engine_is_declared_for_papermill() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["entry-points"]["papermill.engine"][ENGINE].partition(":")
    assert getattr(importlib.import_module(module), name) is WarmEngine
