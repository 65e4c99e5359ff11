"""Which documents of a panel are meant, by agencies, years and kinds of agency, in whatever script the names are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from govdisclose.words import fold


def chosen(
    reports: pd.DataFrame,
    agencies: str | Iterable[str] | None,
    years: int | Iterable[int] | None,
    kind: str | Iterable[str] | None,
) -> pd.Series[bool]:
    """Given a panel's `reports`, return which of them are of these agencies, years and kinds (None for all).

    Raises
    ------
    ValueError : one of the names or years is not in the panel (the nearest names are given), or nothing is left
    """
    if reports.empty:
        raise ValueError("the panel holds no report")
    wanted = pd.Series(True, index=reports.index)
    if agencies is not None:
        names = _found("agency", agencies, reports["agency"])
        wanted &= reports["agency"].isin(names)
    if kind is not None:
        wanted &= reports["agency_kind"].isin(_found("agency kind", kind, reports["agency_kind"]))
    if years is not None:
        known = sorted({int(year) for year in reports["year"].dropna()})
        asked = list(years) if isinstance(years, Iterable) and not isinstance(years, str) else [years]
        if wrong := [year for year in asked if not isinstance(year, int | np.integer)]:
            raise ValueError(f"years are whole numbers such as 2023, not {wrong[0]!r}")
        unknown = [year for year in asked if year not in known]
        if unknown:
            raise ValueError(f"no report of {listed(unknown)} in the panel, which holds {listed(known)}")
        wanted &= reports["year"].isin(asked).fillna(False).astype(bool)
    if not wanted.any():
        held = reports if agencies is None else reports[reports["agency"].isin(names)]
        years_held = sorted({int(year) for year in held["year"].dropna()})
        raise ValueError(
            f"no report is left for agencies {_told(agencies)}, years {_told(years)}, kind {_told(kind)}: each is in "
            f"the panel, but not together; those agencies reported on {listed(years_held)}"
        )
    return wanted


def _found(what: str, asked: str | Iterable[str], column: pd.Series[str]) -> list[str]:
    """Given one name or several, in any script, return them as the column writes them; `ValueError` where it has none."""
    known = [name for name in dict.fromkeys(column) if name]
    names = []
    for name in [asked] if isinstance(asked, str) else asked:
        names.append(name if name in known else fold(name))
        if names[-1] not in known:
            near = [match for match, _, _ in process.extract(name, known, scorer=fuzz.WRatio, limit=3)]
            raise ValueError(f"no {what} {name!r} in the panel; nearest: {'、'.join(near) or 'none, no document tells one'}")
    return names


def listed(numbers: Sequence[int]) -> str:
    """Years in words: 2019-2021, 2023."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs) or "none"


def _told(asked: object) -> str:
    if asked is None:
        return "(all)"
    return "、".join(map(str, asked)) if isinstance(asked, Iterable) and not isinstance(asked, str) else str(asked)
