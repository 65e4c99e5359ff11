"""docs/extending.md is followed in a copy of the repository: what it writes, changes and asserts, block by block."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("extending.md", "extending.zh.md")


def sections(page: str) -> dict[int, list[tuple[str, str]]]:
    """The blocks of each section of a page, in order: language and text."""
    parts = (ROOT / "docs" / page).read_text("utf-8").split("\n## ")[1:]
    pattern = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return {number: pattern.findall(part) for number, part in enumerate(parts)}


def change(copy: Path, diff: str) -> None:
    """Apply a diff whose hunks are found by their text, which must stand exactly once in the file."""
    head, *hunks = diff.split("@@\n")
    file = copy / head.removeprefix("+++ ").strip()
    text = file.read_text("utf-8")
    for hunk in hunks:
        lines = hunk.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line[0] in marks) for marks in (" -", " +"))
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def bare(blocks: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Blocks without remarks, which follow the page's language."""
    return [(language, re.sub(r"  #.*", "", text)) for language, text in blocks]


def test_both_pages_give_the_same_blocks() -> None:
    english, chinese = (sections(page) for page in PAGES)
    assert len(english) == 5 and list(map(bare, english.values())) == list(map(bare, chinese.values()))


@pytest.mark.parametrize("section", range(5))
def test_the_page_can_be_followed(section: int, tmp_path: Path) -> None:
    for name in ("govdisclose", "data", "docs", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    path = os.pathsep.join([str(tmp_path), str(tmp_path / "data")])
    blocks = sections(PAGES[0])[section]
    assert blocks[-1][0] == "python" and "assert" in blocks[-1][1]
    for language, text in blocks:
        if language == "diff":
            change(tmp_path, text)
        elif language == "bash":
            command, *names = shlex.split(text)
            assert command == "cp"
            shutil.copy(*(tmp_path / name for name in names))
        else:
            own = f"import govdisclose\nassert govdisclose.__file__.startswith({str(tmp_path)!r})\n"
            done = subprocess.run(
                [sys.executable, "-c", own + text], cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr[-2000:]
