"""What stands in each slot of a table, and why that is open or in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from govdisclose.runs import Mark

# Why a cell is left open, or is read with doubt.
LOST, MERGED, JOINED, EXTRA, SUBROWS, BY_ORDER, MOVED, FORM, SEVERAL, ORDER, ROWS = (
    "lost", "merged", "joined", "extra", "subrows", "by_order", "moved", "form", "several", "order", "rows",
)  # fmt: skip


@dataclass(slots=True)
class Seats:
    """A mark for each slot, or None where the slot is left open. `doubts`: reason -> slots."""

    marks: dict[int, Mark | None] = field(default_factory=dict)
    doubts: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def doubt(self, reason: str, row: str, slots: Sequence[int]) -> None:
        self.doubts.setdefault((reason, row), []).extend(slots)
