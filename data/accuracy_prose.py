"""How well the prose is read: precision and recall on the labelled sentences of `prose_labelled.toml`.

    python data/accuracy_prose.py

A figure is right where its value and unit are; its subject where one of the two subjects holds the other; a cell where the
figure is tied to the very key that the label names, so that a figure tied where none should be lowers the precision; a rate
where name, counts and verdict are those of the label.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from govdisclose.rates import rates
from govdisclose.statements import Statement, find_statements

LABELLED = Path(__file__).with_name("prose_labelled.toml")
YEAR = 2023
MEASURES = ("figures", "subjects", "cells", "rates")


class Score(NamedTuple):
    """Of a measure: how many are right, how many were read, how many the labels hold."""

    right: int
    read: int
    labelled: int

    @property
    def precision(self) -> float:
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 1.0

    def __add__(self, other: tuple[Any, ...]) -> Score:  # type: ignore[override]
        return Score(*(a + b for a, b in zip(self, other, strict=True)))


def _score(read: Counter[Any], labelled: Counter[Any]) -> Score:
    return Score((read & labelled).total(), read.total(), labelled.total())


def _subjects(found: tuple[Statement, ...], says: list[list[Any]]) -> Score:
    """Of the figures that are right, how many have the right subject."""
    left = list(says)
    right = matched = 0
    for one in found:
        same = [label for label in left if (label[1], label[2]) == (one.value, one.unit)]
        if same:
            best = next((x for x in same if x[0] in one.subject or (one.subject and one.subject in x[0])), None)
            left.remove(best or same[0])
            matched += 1
            right += best is not None
    return Score(right, matched, matched)


def scores(sentence: dict[str, Any]) -> dict[str, Score]:
    """Given a labelled sentence, return its score in each measure."""
    prose = {"overview": sentence["text"]}
    found, says = find_statements(prose, YEAR), sentence["says"]
    tied = Counter((one.value, one.about) for one in found if one.about)
    read = Counter((r.name, r.parts[0], r.wholes[0], r.agrees) for r in rates(found, prose, {}))
    return {
        "figures": _score(Counter((one.value, one.unit) for one in found), Counter((s[1], s[2]) for s in says)),
        "subjects": _subjects(found, says),
        "cells": _score(tied, Counter((s[1], s[3]) for s in says if s[3])),
        "rates": _score(read, Counter(map(tuple, sentence.get("rates", [])))),
    }


def measured() -> dict[str, dict[str, Score]]:
    """Group of sentences (and "all") -> measure -> score."""
    table: dict[str, dict[str, Score]] = {}
    for group, sentences in tomllib.loads(LABELLED.read_text("utf-8")).items():
        for sentence in sentences:
            for name in (group, "all"):
                sums = table.setdefault(name, dict.fromkeys(MEASURES, Score(0, 0, 0)))
                table[name] = {measure: sums[measure] + score for measure, score in scores(sentence).items()}
    return {name: table[name] for name in sorted(table, key=lambda name: name == "all")}


def main() -> None:
    print(f"{'sentences':<12}" + "".join(f"{measure + ' P':>12}{'R':>7}{'n':>5}" for measure in MEASURES))
    for name, row in measured().items():
        cells = (f"{s.precision:>12.1%}{s.recall:>7.1%}{s.labelled:>5}" for s in row.values())
        print(f"{name:<12}" + "".join(cells))


if __name__ == "__main__":
    main()
