"""What changed between two readings: the panel of the last run is kept beside the new one, and the two are compared."""

from __future__ import annotations

import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pandas as pd

from govdisclose.assembly import TABLES
from govdisclose.panel import Panel, open_panel
from govdisclose.store import PanelError

CHANGES = ("new", "gone", "figures", "findings", "failed", "recovered")
"""What can have happened to a document: read for the first time; no longer there; other cells; other findings alone; could
be read and no longer can; can be read at last."""
_CELL = ["table", "row", "column"]


def previous(path: Path) -> Path:
    """Where the panel that a run replaced is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def keep_previous(path: Path, panel: Panel) -> None:
    """Before `panel` replaces the panel file at `path`: keep that one beside it, unless it holds the same.

    Where it holds the same, what was kept before stays: reading the same documents twice changes nothing. What is no
    panel of this version is not kept.
    """
    with suppress(PanelError):
        old = open_panel(path)
        if not all(getattr(old, name).equals(getattr(panel, name)) for name in TABLES):
            part = previous(path).with_suffix(".part")
            shutil.copyfile(path, part)
            part.replace(previous(path))


def open_previous(path: Path) -> Panel | None:
    """Given a panel file, return the panel that it replaced; None where none was kept."""
    with suppress(PanelError):
        return open_panel(previous(path))
    return None


def digest_of(path: Path) -> str:
    """SHA-256 of the panel kept beside this one; "" where there is none."""
    kept = previous(path)
    return sha256(kept.read_bytes()).hexdigest() if kept.is_file() else ""


def compare(old: Panel, new: Panel) -> pd.DataFrame:
    """Given two panels, return the documents that are not the same in both.

    Returns
    -------
    DataFrame : source, agency, year (as in the newer panel that has them), change (one of `CHANGES`), cells (whose figure,
        state or text changed; 0 unless the change is "figures"), findings (how many more the newer has), bytes (whether
        the document's own bytes changed); ordered by agency, year and source
    """
    before, after = (panel.reports.set_index("source") for panel in (old, new))
    told, found = (panel.findings["source"].value_counts() for panel in (old, new))
    lost, unread = set(new.failures["source"]), set(old.failures["source"])
    cells = _changed_cells(old, new)
    rows = []
    for source in dict.fromkeys([*after.index, *before.index]):
        one, happened, altered = (after if source in after.index else before).loc[source], "", False
        more = 0
        if source not in before.index:
            happened = "recovered" if source in unread else "new"
        elif source not in after.index:
            happened = "failed" if source in lost else "gone"
        else:
            more = int(found.get(source, 0)) - int(told.get(source, 0))
            altered = bool(one["sha256"] != before.loc[source, "sha256"])
            happened = "figures" if cells.get(source, 0) else "findings" if more else ""
        if happened:
            rows.append((source, one["agency"], one["year"], happened, cells.get(source, 0), more, altered))
    rows += [(source, "", pd.NA, "failed", 0, 0, False) for source in sorted(lost - set(before.index) - unread)]
    frame = pd.DataFrame(rows, columns=["source", "agency", "year", "change", "cells", "findings", "bytes"])
    frame = frame.astype({"source": "str", "agency": "str", "year": "Int64", "change": "str", "cells": "int64", "findings": "int64"})
    return frame.sort_values(["agency", "year", "source"], ignore_index=True)


def _changed_cells(old: Panel, new: Panel) -> dict[str, int]:
    """Source -> cells whose value, state or text is not what it was; one that only one panel has counts too."""
    keys = ["source", *_CELL]
    both = old.cells.merge(new.cells, on=keys, how="outer", suffixes=("_old", "_new"), indicator=True)
    both = both[both["source"].isin(set(old.reports["source"]) & set(new.reports["source"]))]
    same = both["_merge"] == "both"
    for name in ("value", "state", "text"):
        was, now = both[f"{name}_old"], both[f"{name}_new"]
        same &= ((was == now) | (was.isna() & now.isna())).fillna(False).astype(bool)
    return {str(source): int(count) for source, count in both.loc[~same, "source"].value_counts().items()}
