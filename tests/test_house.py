"""The house itself: the order of the rooms, the commands that the READMEs promise, words that have no place here."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from papermill.cli import papermill as papermill_cli
from typer.testing import CliRunner

import govdisclose
from govdisclose.cli import app
from govdisclose.panel import open_panel

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "govdisclose"
READMES = ("README.md", "README.zh.md")

ROOMS = (
    *("errors", "steps", "findings", "grid", "words", "wording", "numbers", "numerals", "forms", "sources", "markup", "fetch", "crawls", "containers", "folders", "store", "guard"),
    *("readers", "counters", "documents", "identities", "labels", "runs", "labelled", "headings", "pairing", "recognise", "seats", "rows", "columns", "cells", "editions", "usual", "indicators", "settle"),
    *("minimal", "mistakes", "localise", "checks", "sections", "years", "names", "spam", "agency", "kinds", "divisions", "placing"),
    *("contexts", "subjects", "quantities", "claims", "statements", "prose", "rates", "legal"),
    *("frames", "printed", "displays", "report", "batch", "selection", "places", "lineage", "history", "volumes", "series", "corrections", "assembly", "panel", "counted", "dictionary", "harmonise", "export", "changes"),
    *(
        "evidence",
        "intervals",
        "measures",
        "exhibits",
        "datatables",
        "explore",
        "completion",
        "compare",
        "change",
        "drawing",
        "captions",
        "tables",
        "doubts",
        "figures",
        "segments",
        "peer_charts",
        "peer_words",
        "notebook",
        "peer_page",
        "profile",
        "quality",
        "warm",
        "execute",
        "manifest",
        "index",
        "parameters",
        "render",
        "review",
        "terminal",
        "cli",
    ),
)
"""The rooms in the order in which the data walks through them; a room imports only from those before it."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the package below its doors (`__init__`, `__main__`), with the room it stands in."""
    for file in sorted(PACKAGE.rglob("*.py")):
        room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if not room.startswith("__"):
            yield room, ast.parse(file.read_text("utf-8"))


def imported_rooms(tree: ast.AST) -> Iterator[str]:
    """Rooms that a module needs to run; imports for type checkers alone do not count."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package, not dots"
            parts = (node.module or "").split(".")
            if parts[0] == "govdisclose":
                yield from parts[1:2] or (alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("govdisclose."))
        else:
            yield from imported_rooms(node)


def test_no_pattern_has_a_possessive_group() -> None:
    """Python before 3.11.5 matches them wrongly; atomic groups do the same."""
    found = [file.name for file in sorted(PACKAGE.rglob("*.py")) if re.search(r"(?<!\\)\)[*+?]\+", file.read_text("utf-8"))]
    assert found == []


def test_every_module_has_its_room() -> None:
    assert {room for room, _ in modules()} <= set(ROOMS)


def test_imports_never_point_upstream() -> None:
    wrong = [
        f"{room} imports {other}"
        for room, tree in modules()
        for other in imported_rooms(tree)
        if ROOMS.index(other) > ROOMS.index(room)
    ]
    assert wrong == []


def test_an_import_upstream_would_be_seen() -> None:
    tree = ast.parse(
        "def f():\n    from govdisclose.panel import Panel\nimport govdisclose.cli\nfrom govdisclose import forms"
    )
    assert list(imported_rooms(tree)) == ["panel", "cli", "forms"]


def blocks(readme: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / readme).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def commands(readme: str) -> list[str]:
    return [
        line for block in blocks(readme, "bash") for line in block.splitlines() if line and not line.startswith("#")
    ]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a reader of the README has: `my_folder` with a report, corrections, and of the repository samples and notebooks."""
    (tmp_path / "my_folder").mkdir()
    page = next(file for file in sorted((ROOT / "data" / "documents").iterdir()) if file.suffix == ".html")
    shutil.copy(page, tmp_path / "my_folder" / "report.html")
    shutil.copy(ROOT / "data" / "corrections.csv", tmp_path)
    for name in ("data/documents", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_both_readmes_give_the_same_commands() -> None:
    assert commands(READMES[0]) == commands(READMES[1])
    bare = [[re.sub(r"  #.*", "", block) for block in blocks(readme, "python")] for readme in READMES]
    assert bare[0] == bare[1]


@pytest.mark.parametrize("page", [*READMES, "CHANGELOG.md", *(f"docs/{file.name}" for file in sorted((ROOT / "docs").glob("*.md")))])
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / page).parent.joinpath(link).exists()] == []


def test_the_version_is_the_same_everywhere() -> None:
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    changed = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert cited and changed and {cited[1], changed[1], declared} == {govdisclose.__version__}


@pytest.mark.parametrize("readme", READMES)
def test_make_targets_of_the_readme_run_in_ci(readme: str) -> None:
    """All but the demo, whose recipe the next test runs, and the count of accuracy, which tests/test_accuracy.py runs."""
    targets = {line.removeprefix("make ") for line in commands(readme) if line.startswith("make ")}
    assert targets == {"report", "demo", "accuracy", "test"}
    run_in_ci = set(re.findall(r"^make (\w+)", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE))
    assert run_in_ci == targets - {"demo", "accuracy"}


def test_the_demo_is_made_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make demo` without the notebooks, which `make report` runs."""
    monkeypatch.setattr("govdisclose.render.build_reports", lambda *_: [])
    recipe = re.search(r"^demo: install\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe is not None
    make, read = (shlex.split(line.replace("build/demo", str(tmp_path / "demo"))) for line in recipe[1].splitlines())
    assert make[0] == "$(BIN)/python"
    truth = ["--truth", str(tmp_path / "truth.csv")]
    subprocess.run([sys.executable, *make[1:], *truth], cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "truth.csv").read_bytes() == (ROOT / "data" / "synthetic-truth.csv").read_bytes()
    assert read[:2] == ["$(BIN)/govdisclose", "report"]
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, read[1:])
    assert done.exit_code == 0, done.output
    panel = open_panel("reports/demo/panel.duckdb")
    assert (len(panel.reports), panel.reports["agency"].nunique(), len(panel.failures)) == (224, 41, 0)


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.usefixtures("desk")
def test_commands_of_the_readme_run(readme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the notebooks of `govdisclose report`, which `make report` runs."""
    monkeypatch.setattr("govdisclose.render.build_reports", lambda *_: [])
    others = []
    for line in commands(readme):
        program, *words = shlex.split(line)
        if program == "govdisclose":
            done = CliRunner().invoke(app, words)
            allowed = (0, 1) if words[0] == "check" else (0,)  # The sample may hold printed mistakes.
            assert done.exit_code in allowed, f"{line}: {done.output}"
        elif program == "papermill" and readme == READMES[0]:  # The other README has the same commands.
            papermill_cli(words, standalone_mode=False)
            assert "不予公开率" in Path(words[1]).read_text("utf-8")
        else:
            others.append(program)
    assert set(others) - {"papermill"} == {"make", "source"}
    assert Path("my_reports/panel.duckdb").exists()
    assert Path("tables/codebook.csv").exists()


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.usefixtures("desk")
def test_python_of_the_readme_runs(readme: str) -> None:
    names: dict[str, object] = {}
    for block in blocks(readme, "python"):
        exec(compile(block, readme, "exec"), names)
    assert len(names["requests"]) == 1  # type: ignore[arg-type]
    assert Path("panel.duckdb").exists()


def files_of_the_repository() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git repository")
    return [ROOT / name for name in listed.stdout.decode("utf-8").split("\0") if name and (ROOT / name).is_file()]


def test_nothing_names_where_it_was_written() -> None:
    """Words in pieces, so that this file does not name them itself."""
    pieces = ("/wo" + "rk/", "/fa" + "rm/", r"fa" + "rm-(?:bench|studio)", r"\.lib" + "rary", "sub-?ag" + "ent")
    names = (r"(?<!user-)\bag" + r"ents?\b", r"\bsess" + r"ions?\b", "cla" + "ude", "anth" + "ropic", "chat" + "gpt")
    forbidden = re.compile("|".join(pieces + names), re.IGNORECASE)
    shared = re.compile(r"\.\./sha" + "red")
    found = []
    for file in files_of_the_repository():
        name = file.relative_to(ROOT).as_posix()
        for number, line in enumerate(file.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if forbidden.search(line) or (shared.search(line) and name != ".ci/run"):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == []
