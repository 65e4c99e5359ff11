"""Documents with bytes changed, cut, doubled or exchanged: a report or a `ReportError`, nothing else, and soon."""

from __future__ import annotations

import os
import random
import time

import pytest
from filings import Filing, cell_keys
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.guard import INSIDE

FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}
FILING = Filing("金湖县水利局", 2023, "金湖县水利局2023年政府信息公开工作年度报告", FORMS, {key: str(n) for n, key in enumerate(cell_keys(FORMS))})
EACH = int(os.environ.get("GOVDISCLOSE_MUTATIONS", "3"))
SECONDS = 20


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


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_nothing_but_a_report_or_an_error_comes_of_it(layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INSIDE, "1")
    data = typeset(FILING, LAYOUTS[layout])
    chance = random.Random(layout)
    for _ in range(EACH):
        begun = time.monotonic()
        try:
            report = gd.read_report(mutated(data, chance))
        except gd.ReportError as error:
            assert error.found
            continue
        finally:
            assert time.monotonic() - begun < SECONDS
        assert len(report.slots) == len(report.cells) > 0
        assert all((cell.value is None) == (cell.state != "number") for cell in report.slots)
