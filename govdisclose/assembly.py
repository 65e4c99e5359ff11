"""Tables of a panel: put together from reports, in their order, with the findings that only many documents show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from govdisclose.cells import columns_of
from govdisclose.findings import SEVERITIES, Finding
from govdisclose.folders import Failure
from govdisclose.frames import cells_frame, findings_frame, findings_of, reports_frame, statements_frame
from govdisclose.history import codes
from govdisclose.kinds import agency_kind
from govdisclose.numbers import NUMBER
from govdisclose.places import region_of
from govdisclose.report import Report
from govdisclose.series import RULES, check_series
from govdisclose.words import fold

DUPLICATE, COPY = "panel.duplicate", "panel.copy"
TABLES = ("reports", "cells", "findings", "statements", "failures")
COUNTS = tuple(f"findings_{severity}" for severity in SEVERITIES)
"""Columns of a panel's reports that count their findings."""


def assembled(
    read: Sequence[Report], failures: Iterable[Failure], known: Mapping[str, tuple[str, str]]
) -> dict[str, pd.DataFrame]:
    """Tables of a batch, built once. Of two files with the same bytes the first is kept, and a note names the other.

    `known`: kind and region of agencies, over what their names tell.
    """
    first: dict[tuple[str, str, int | None], Report] = {}
    copies: dict[str, list[str]] = {}
    for report in sorted(read, key=lambda report: (report.agency, report.year or 0, report.source)):
        kept = first.setdefault((report.sha256, report.agency, report.year), report)
        if kept is not report:
            copies.setdefault(kept.source, []).append(report.source)
    reports = [
        replace(report, found=(*report.found, _copy(copies[report.source]))) if report.source in copies else report
        for report in first.values()
    ]
    rows = []
    for report in reports:
        numbers = columns_of(report.slots)[2].count(NUMBER)
        kind, region = known.get(fold(report.agency), ("", ""))
        kind, region = kind or agency_kind(report.agency), region or region_of(report.agency, report.year)
        rows.append((report.source, report.sha256, report.agency, kind, region, report.year, report.form, numbers))
    tables = {
        "reports": reports_frame(rows),
        "cells": cells_frame(reports),
        "findings": findings_frame(reports, whose=True),
        "statements": statements_frame(reports, whose=True),
        "failures": pd.DataFrame(
            sorted((failure.source, failure.reason) for failure in failures), columns=["source", "reason"], dtype="str"
        ),
    }
    return completed(tables, in_order=True)


def _copy(others: list[str]) -> Finding:
    names = "、".join(others)
    return Finding(COPY, "note", f"另有内容完全相同的文件,未重复计入:{names}。", f"Files with the same bytes were left out: {names}.")


@cache
def empty_tables() -> dict[str, pd.DataFrame]:
    """The empty panel's tables: names, order and dtypes of all columns."""
    return {
        "reports": reports_frame([]).assign(**{count: np.zeros(0, np.int64) for count in COUNTS}),
        "cells": cells_frame([]),
        "findings": findings_frame([], whose=True),
        "statements": statements_frame([], whose=True),
        "failures": pd.DataFrame({"source": pd.Series([], dtype="str"), "reason": pd.Series([], dtype="str")}),
    }


def completed(tables: Mapping[str, pd.DataFrame], in_order: bool = False) -> dict[str, pd.DataFrame]:
    """A panel's tables in their order, with the findings that only a panel can show, and the findings of each document counted.

    `in_order`: the reports stand in their order already, and cells and statements in that of the reports.
    """
    reports, findings = tables["reports"], tables["findings"]
    if not in_order:
        reports = reports.sort_values(["agency", "year", "source"], na_position="first", ignore_index=True)
    sources = reports["source"].tolist()
    twice, compared = _duplicates(reports), check_series(reports, tables["cells"], tables["statements"])
    if added := len(twice) + len(compared) > 0 or not in_order:
        own = findings[(findings["rule"] != DUPLICATE) & ~findings["rule"].str.startswith(RULES)]
        findings = pd.concat([own, twice, compared], ignore_index=True)
    ordered = {"failures": tables["failures"]}
    for name, table in (("cells", tables["cells"]), ("findings", findings), ("statements", tables["statements"])):
        if in_order and (name != "findings" or not added):
            ordered[name] = table
            continue
        place = codes(table["source"], sources)
        if (np.diff(place) < 0).any():
            table = table.iloc[np.argsort(place, kind="stable")]
        ordered[name] = table.reset_index(drop=True)
    counted = np.zeros((len(SEVERITIES) + 1, len(reports) + 1), np.int64)  # what has no code (-1) is counted in the last
    np.add.at(counted, (codes(findings["severity"], SEVERITIES), codes(findings["source"], sources)), 1)
    ordered["reports"] = reports.assign(**dict(zip(COUNTS, counted[:-1, :-1], strict=True)))
    return {name: ordered[name] for name in TABLES}


def _duplicates(reports: pd.DataFrame) -> pd.DataFrame:
    """`panel.duplicate` for each document that shares its agency and year with another."""
    whose = Counter(zip(reports["agency"].tolist(), reports["year"].tolist(), strict=True))
    if all(count == 1 or not agency or year is pd.NA for (agency, year), count in whose.items()):
        return empty_tables()["findings"]
    told = reports[(reports["agency"] != "") & reports["year"].notna()]
    twice = told[told.duplicated(["agency", "year"], keep=False)]
    rows, found = [], []
    for (agency, year), group in twice.groupby(["agency", "year"], sort=True):
        names = "、".join(group["source"])
        message = f"{agency}{year}年的报告有{len(group)}份,汇总时会重复计算:{names}。"
        english = f"{len(group)} documents are reports of {agency} for {year}; sums would count each: {names}."
        for source in group["source"]:
            rows.append((agency, year, source))
            found.append(Finding(DUPLICATE, "warning", message, english))
    return findings_of(pd.DataFrame(rows, columns=["agency", "year", "source"]), found)
