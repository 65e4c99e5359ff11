"""Reports on different forms -> one series a measure, with the places where the definition breaks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

import pandas as pd

from govdisclose.forms import load_forms
from govdisclose.frames import cells_frame
from govdisclose.numbers import NUMBER
from govdisclose.panel import Panel
from govdisclose.report import Report

COLUMNS = ("agency", "year", "form", "measure", "value", "state", "segment", "cells", "label", "label_en", "note", "note_en", "source")


@dataclass(frozen=True, slots=True)
class Measure:
    """What the forms measure alike: cells and segment by form, words in Chinese and English."""

    key: str
    zh: str
    en: str
    cells: dict[str, tuple[str, ...]]
    segment: dict[str, int]
    zh_note: str
    en_note: str


@cache
def harmonised_measures() -> tuple[Measure, ...]:
    """The measures of `harmonised.toml`, patterns spelled out for each form."""
    raw = tomllib.loads((resources.files("govdisclose") / "harmonised.toml").read_text(encoding="utf-8"))
    found = []
    for one in raw["measure"]:
        cells = {}
        for form, patterns in one["cells"].items():
            keys = [slot.key for slot in load_forms()[form].slots]
            cells[form] = tuple(key for pattern in patterns for key in keys if fnmatchcase(key, pattern))
            if not cells[form]:
                raise ValueError(f"harmonised.toml: {one['key']} names no cell of the form of {form}")
        found.append(Measure(one["key"], one["zh"], one["en"], cells, one["segment"], one["zh_note"], one["en_note"]))
    return tuple(found)


def harmonise(reports: Panel | Report | Iterable[Report]) -> pd.DataFrame:
    """Given a panel or reports, return what their forms measure alike, one row a document and measure.

    Figures are as printed; nothing is filled in. A series may be drawn through the rows of one agency, measure and
    `segment`; between two segments the definition breaks (`note` says how), and no line should cross.

    Returns
    -------
    DataFrame : agency, year, form (which the cells follow), measure, value (cases or documents; NA unless computed), state
        ("number", the state of the first cell that holds none, or "not_in_form"), segment (NA where not in the form),
        cells (keys, joined by " + "), label, label_en, note, note_en, source

    Examples
    --------
    >>> from govdisclose import read_report
    >>> text = "金湖县水利局2023年政府信息公开工作年度报告\\n| 一、本年新收政府信息公开申请数量 | 1 | 0 | 0 | 0 | 0 | 2 | 3 |\\n"
    >>> series = harmonise(read_report(text))
    >>> series.loc[series["measure"] == "requests_received", ["year", "value", "segment"]].to_numpy().tolist()
    [[2023, 3.0, 1]]
    """
    if isinstance(reports, Panel):
        cells = reports.cells
    else:
        cells = cells_frame([reports] if isinstance(reports, Report) else list(reports))
    keyed = cells.assign(key=cells["table"] + "." + cells["row"] + "." + cells["column"])
    wanted = {key for measure in harmonised_measures() for keys in measure.cells.values() for key in keys}
    keyed = keyed[keyed["key"].isin(wanted)]
    rows = []
    for (source, agency, year), document in keyed.groupby(["source", "agency", "year"], sort=False, dropna=False):
        held = {
            key: (form, value, state)
            for key, form, value, state in zip(document["key"], document["form"], document["value"], document["state"], strict=True)
        }
        rows += [(agency, year, *_computed(measure, held), measure.zh, measure.en, measure.zh_note, measure.en_note, source) for measure in harmonised_measures()]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    kinds = {"year": "Int64", "value": "Float64", "segment": "Int64"}
    return frame.astype(kinds | {name: "str" for name in COLUMNS if name not in kinds})


def _computed(measure: Measure, held: dict[str, tuple[str, object, str]]) -> Sequence[object]:
    """Form, measure, value, state, segment and cells of one measure in one document."""
    for form, keys in measure.cells.items():
        mine = [held[key] for key in keys if key in held and held[key][0] == form]
        if len(mine) != len(keys):
            continue
        lacking = next((state for _, _, state in mine if state != NUMBER), "")
        value = None if lacking else sum(float(str(value)) for _, value, _ in mine)
        return form, measure.key, value, lacking or NUMBER, measure.segment[form], " + ".join(keys)
    return "", measure.key, None, "not_in_form", None, ""
