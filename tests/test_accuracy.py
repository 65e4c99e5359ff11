"""The count of cells read right: nothing wrong without a word, in any format; the READMEs hold its table."""

from __future__ import annotations

from pathlib import Path

import accuracy
import pytest

import govdisclose as gd

ROOT = Path(__file__).parents[1]


def test_no_figure_is_wrong_without_a_word() -> None:
    found = accuracy.measure(1)
    assert {kind: row[4] for kind, row in found.items()} == dict.fromkeys(found, 0)
    assert all(row[2] + row[3] == row[1] for row in found.values())
    assert all(row[2] > 0.95 * row[1] for row in found.values())


def test_a_wrong_figure_would_be_counted() -> None:
    filing, expected = accuracy.case(0)
    report = gd.read_report(accuracy.typeset(filing, accuracy.LAYOUTS["html_merged"]))
    assert accuracy.count(report, expected) == (len(expected), 0, 0)
    key = next(key for key, (value, _) in expected.items() if value)
    assert accuracy.count(report, expected | {key: (None, "blank")}) == (len(expected) - 1, 0, 1)


@pytest.mark.parametrize(("name", "language"), [("README.md", 0), ("README.zh.md", 1)])
def test_the_readme_has_a_row_for_each_format(name: str, language: int) -> None:
    held = (ROOT / name).read_text("utf-8").partition(accuracy.BEGIN)[2].partition(accuracy.END)[0]
    kinds = {layout.split("_")[0] for layout in accuracy.LAYOUTS} & accuracy.FORMATS.keys()
    assert {line.split(" | ")[0][2:] for line in held.splitlines()[3:]} == {accuracy.FORMATS[kind][language] for kind in kinds}
