"""The notebooks to learn from: they run as they stand beside the bundled data, show what their text says, and are no reports."""

from __future__ import annotations

import ast
import builtins
import re
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import papermill
import pytest

from govdisclose.parameters import GUIDES, find_notebooks, notebook_files
from govdisclose.warm import CAN_FORK, ENGINE

ROOT = Path(__file__).parents[1]


def cells(guide: str) -> list[nbformat.NotebookNode]:
    found: list[nbformat.NotebookNode] = nbformat.read(ROOT / "notebooks" / f"{guide}.ipynb", as_version=4).cells  # type: ignore[no-untyped-call]
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folders that the guides need."""
    place = tmp_path_factory.mktemp("copy")
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    return place


@pytest.fixture(scope="module")
def shown(copy: Path) -> dict[str, dict[str, str]]:
    """What each cell of each guide shows: text, and HTML where there is any."""
    found = {}
    for guide in GUIDES:
        target, engine = copy / f"run.{guide}.ipynb", ENGINE if CAN_FORK else None
        papermill.execute_notebook(copy / "notebooks" / f"{guide}.ipynb", target, engine_name=engine, progress_bar=False, cwd=copy / "notebooks")
        found[guide] = {cell.id: "".join(map(_shown, cell.get("outputs", []))) for cell in nbformat.read(target, as_version=4).cells}  # type: ignore[no-untyped-call]
    return found


def _shown(output: nbformat.NotebookNode) -> str:
    data = output.get("data", {})
    return str(output.get("text", "")) + str(data.get("text/html") or data)


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
        ("explore-findings", ["gd-explore", "30 行"]),
        ("trace-cell", ["<td>金湖县</td>", "requests.granted.total", "<td>62.0</td>"]),
        ("correct-cells", ["<td>12.0</td>", "<td>11.0</td>"]),
        ("correct-count", ["0.583333"]),
        ("export-csv", ["codebook.csv"]),
        ("figure-rates", ["image/png"]),
    ],
)
def test_each_cell_of_the_tutorial_shows_what_its_text_promises(shown: dict[str, dict[str, str]], cell: str, words: list[str]) -> None:
    assert [word for word in words if word not in shown["tutorial"][cell]] == []


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("explore-requests", ["gd-explore", "294 行"]),
        ("yearbook-join", ["没有对上 · no partner: []", "<td>70.41</td>", "<td>117.87</td>", "<td>119.83</td>"]),
        ("regress-glm", ["10 agency-years, 7 agencies", "<td>1.995</td>", "<td>1.651</td>", "<td>2.411</td>"]),
        ("stata-write", ["予以公开率:予以公开 ÷ 办结总计", "<td>0.433566</td>", "<td>3050.0</td>"]),
        ("form-compare", ["{'2014': 58, '2019': 198, '2021': 200}", "shared by 2019 and 2021: 172", "<td>other.uncorrected</td>"]),
        ("correct-one", ["<td>zero_contradicted</td>", "<td>12.0</td>", "<td>0.583333</td>"]),
        ("contradict-list", ["not read: 0", "the prose says 0 of “行政复议”, the cell “Reconsideration (Total)” is 1"]),
        ("cite-cell", ["金湖县,2023年政府信息公开工作年度报告,“(一)予以公开”“总计”,印作“62”;金湖县2023.txt,line 145,SHA-256 "]),
        ("figure-drawn", ["image/png"]),
        ("two-agencies", ["淮安 1362/3050 − 宿迁 1431/3521 = +0.0401 [+0.0162, +0.0641]"]),
        ("law-event", ["46 agency-years of 8 made-up agencies", "<td>-0.006</td>", "<td>-0.035</td>", "<td>0.023</td>"]),
    ],
)
def test_each_recipe_shows_what_its_text_promises(shown: dict[str, dict[str, str]], cell: str, words: list[str]) -> None:
    assert [word for word in words if word not in shown["cookbook"][cell]] == []


def test_recipes_stand_alone() -> None:
    """Names that a recipe uses come from the first cell or from itself."""
    first, _, *recipes = [cell.source for cell in cells("cookbook") if cell.cell_type == "code"]
    known = _names(first)[1]
    assert len(recipes) == 10
    for recipe in recipes:
        used, made = _names(recipe)
        assert used - made - known - set(dir(builtins)) == set(), recipe


def _names(source: str) -> tuple[set[str], set[str]]:
    """Names that some code uses, and those that it makes."""
    nodes = list(ast.walk(ast.parse(source)))
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    made = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    imports = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    return used, made | {(alias.asname or alias.name).split(".")[0] for alias in imports}


def test_files_of_the_guides_stand_in_their_own_folders(shown: dict[str, dict[str, str]], copy: Path) -> None:
    assert set(shown) == set(GUIDES)
    assert {file.name for file in (copy / "build" / "tutorial").iterdir()} == {"panel.duckdb", "tables"}
    assert {file.name for file in (copy / "build" / "cookbook").iterdir()} == {"yearbook.csv", "corrections.csv", "panel.dta", "tables", "合成样本"}
    sent = pd.read_stata(copy / "build" / "cookbook" / "panel.dta")
    assert sent["reason"].tolist().count("zero_contradicted") == 1 and int(sent["grant_rate"].isna().sum()) == 2
    cells_sent = pd.read_parquet(copy / "build" / "cookbook" / "tables" / "cells.parquet")
    assert len(cells_sent) == 2370 and set(cells_sent["state"]) >= {"number", "blank", "absent"}


@pytest.mark.parametrize(("guide", "lines"), [("tutorial", 52), ("cookbook", 130)])
def test_it_is_short_clean_and_in_both_languages(guide: str, lines: int) -> None:
    code = [cell for cell in cells(guide) if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert sum(len(cell.source.splitlines()) for cell in code) < lines
    for cell in cells(guide):
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            assert any("\u4e00" <= char <= "\u9fff" for char in cell.source) and "· " in cell.source.splitlines()[0]
            assert len(re.findall(r"[A-Za-z]{3,}", cell.source)) > 10


@pytest.mark.parametrize("guide", GUIDES)
def test_it_is_no_report(guide: str) -> None:
    assert guide not in {file.stem for file in notebook_files(None, find_notebooks())}
    with pytest.raises(ValueError, match=f"no notebook '{guide}'"):
        notebook_files([guide], find_notebooks())
