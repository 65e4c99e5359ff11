"""What does not hold: one `Finding` for each thing, whichever rule found it."""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold (a row of the contract's `findings`).

    `table`, `row`, `column` name the cell most likely at fault and are empty where it cannot be told; `involved` lists
    "table.row.column" of every cell that takes part. `suggestion` is never applied by itself.
    """

    rule: str
    severity: str
    message: str
    message_en: str
    table: str = ""
    row: str = ""
    column: str = ""
    involved: tuple[str, ...] = ()
    expected: float | None = None
    found: float | None = None
    suggestion: float | None = None
