"""The notebook for newcomers: it runs as it stands beside the bundled data, shows what its text says, and is no report."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import papermill
import pytest

from govdisclose.render import TUTORIAL, _notebook_files, find_notebooks
from govdisclose.warm import CAN_FORK, ENGINE

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "notebooks" / f"{TUTORIAL}.ipynb"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each cell shows, run in a copy of the folders that it needs: text, or HTML where there is any."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("data/documents", "notebooks"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "data" / "corrections.csv", copy / "data")
    target, engine = copy / "run.ipynb", ENGINE if CAN_FORK else None
    papermill.execute_notebook(SOURCE, target, engine_name=engine, progress_bar=False, cwd=copy / "notebooks")
    cells = nbformat.read(target, as_version=4).cells  # type: ignore[no-untyped-call]
    data = {cell.id: [one.get("data", {}) for one in cell.get("outputs", [])] for cell in cells}
    assert {file.name for file in (copy / "build" / "tutorial").iterdir()} == {"panel.duckdb", "tables"}
    return {name: "".join(str(one.get("text/html") or one) for one in outputs) for name, outputs in data.items()}


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("read-one", ["<table", "予以公开"]),
        ("cells-total", ["<td>concluded</td>", "<td>0.0</td>"]),
        ("findings-list", ["requests.concluded_sum", "<td>12.0</td>"]),
        ("explain", ["requests.concluded.total", "[12"]),
        ("panel-read", ["12", "2,370"]),
        ("select", ["findings_error", "宿迁市"]),
        ("measure-rate", ["zero_contradicted", "0.433566"]),
        ("trace-cell", ["<td>金湖县</td>", "requests.granted.total", "<td>62.0</td>"]),
        ("correct-cells", ["<td>12.0</td>", "<td>11.0</td>"]),
        ("correct-count", ["0.583333"]),
        ("export-csv", ["codebook.csv"]),
        ("figure-rates", ["image/png"]),
    ],
)
def test_each_cell_shows_what_its_text_promises(shown: dict[str, str], cell: str, words: list[str]) -> None:
    assert [word for word in words if word not in shown[cell]] == []


def test_it_is_short_clean_and_in_both_languages() -> None:
    cells = nbformat.read(SOURCE, as_version=4).cells  # type: ignore[no-untyped-call]
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert sum(len(cell.source.splitlines()) for cell in code) < 50
    for cell in cells:
        if cell.cell_type == "markdown":
            assert any("\u4e00" <= char <= "\u9fff" for char in cell.source) and "· " in cell.source.splitlines()[0]


def test_it_is_no_report() -> None:
    assert TUTORIAL not in {file.stem for file in _notebook_files(None, find_notebooks())}
    with pytest.raises(ValueError, match="no notebook 'tutorial'"):
        _notebook_files([TUTORIAL], find_notebooks())
