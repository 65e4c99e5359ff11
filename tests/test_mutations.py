"""Documents with bytes changed, cut, doubled or exchanged: a report or a `ReportError`, nothing else."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import partial

import pytest
from filings import Filing, cell_keys
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.guard import Worker

FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}
FILING = Filing("金湖县水利局", 2023, "金湖县水利局2023年政府信息公开工作年度报告", FORMS, {key: str(n) for n, key in enumerate(cell_keys(FORMS))})
EACH = int(os.environ.get("GOVDISCLOSE_MUTATIONS", "3"))
SECONDS = 120  # of a worker, for one document; none takes a hundredth of it


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The document with up to a hundred small changes, or lines exchanged and left out."""
    if chance.random() < 0.3:
        lines = data.split(b"\n")
        for _ in range(chance.randrange(1, 8)):
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one] if chance.random() < 0.5 else b""
        return b"\n".join(lines)
    made = bytearray(data)
    for _ in range(chance.choice((1, 5, 30, 100))):
        place = chance.randrange(max(1, len(made)))
        end = place + chance.choice((1, 1, 2, 10, 400))
        piece = bytes(made[place:end])
        made[place:end] = chance.choice((b"", piece * 2, bytes([chance.randrange(256)]), piece[::-1], b"<", b"|", b"\n", b"0"))
    return bytes(made[: chance.randrange(len(made))] if chance.random() < 0.1 and made else made)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.end()


def outcome(data: bytes) -> str | tuple[int, list[tuple[float | None, str]]]:
    """The words of the error, or how many cells the report has, and value and state of each."""
    try:
        report = gd.read_report(data)
    except gd.ReportError as error:
        return error.found
    return len(report.cells), [(cell.value, cell.state) for cell in report.slots]


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_nothing_but_a_report_or_an_error_comes_of_it(layout: str, worker: Worker) -> None:
    data = typeset(FILING, LAYOUTS[layout])
    chance = random.Random(layout)
    for _ in range(EACH):
        ended = worker.ask(partial(outcome, mutated(data, chance)), SECONDS)
        if isinstance(ended, str):
            assert ended and not ended.startswith("unexpected")
        else:
            assert ended[0] == len(ended[1]) > 0
            assert all((value is None) == (state != "number") for value, state in ended[1])
