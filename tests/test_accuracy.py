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


def test_the_readmes_hold_every_table() -> None:
    """One row a format and a kind of mistake, in both languages with the same entries; `make accuracy` fills them."""
    texts = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md")]
    held = {mark: [accuracy.between(text, mark)[1].splitlines() for text in texts] for mark in accuracy.HEADS}
    for mark, versions in held.items():
        for language, lines in enumerate(versions):
            assert lines[0] == f"| {' | '.join(accuracy.HEADS[mark][language])} |"
        english, chinese = ([line.split(" | ")[1:] for line in lines[2:]] for lines in versions)
        assert english == chinese and english, mark
    kinds = {line.split(" | ")[0][2:] for line in held["accuracy"][0][2:]}
    assert kinds == {names[0] for names in accuracy.FORMATS.values()}
    assert len(held["accuracy-localisation"][0]) == 2 + len(accuracy.accuracy_localisation.CASES)
    assert {line.split(" | ")[2] for line in held["accuracy-findings"][0][2:]} == {"0"}


def test_no_rule_raises_a_false_alarm_on_the_bundled_reports() -> None:
    found = accuracy.accuracy_findings.published()
    assert found["requests.row_total"] == [12, 0] and found["reviews.row_total"] == [3, 0]
    assert {rule: false for rule, (_, false) in found.items() if false} == {}


def test_a_rule_that_nothing_bears_out_counts_as_false() -> None:
    one = accuracy.accuracy_findings.filings()[0]
    assert not accuracy.accuracy_findings._borne_out(one, [], {2023}, {"rule": "no.such_rule", "involved": []})


def test_without_marks_nothing_is_written() -> None:
    with pytest.raises(ValueError, match="no marks"):
        accuracy.between("text", "accuracy")
