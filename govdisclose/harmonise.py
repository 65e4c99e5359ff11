"""Reports on different forms -> one series a measure, with the places where the definition breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from govdisclose.dictionary import Measure, dictionary
from govdisclose.frames import cells_frame, keys_of
from govdisclose.numbers import NUMBER
from govdisclose.panel import Panel
from govdisclose.report import Report

COLUMNS = ("agency", "year", "form", "measure", "value", "state", "segment", "cells", "label", "label_en", "note", "note_en", "source")


def harmonised_measures() -> tuple[Measure, ...]:
    """The measures of the dictionary that are counted over the forms and have a name as a series."""
    return tuple(one for one in dictionary().values() if one.series)


def harmonise(reports: Panel | Report | Iterable[Report]) -> pd.DataFrame:
    """Given a panel or reports, return what their forms measure alike, one row a document and measure.

    The measures are those of the dictionary that have a series. Figures are as printed: unlike in `measures.measure`, no
    blank counts as nothing because a printed total leaves it no room. A series may be drawn through the rows of one agency, measure and
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
    keyed = cells.assign(key=keys_of(cells))
    wanted = {key for measure in harmonised_measures() for cells in measure.above.values() for key in cells.keys}
    keyed = keyed[keyed["key"].isin(wanted)]
    rows = []
    for (source, agency, year), document in keyed.groupby(["source", "agency", "year"], sort=False, dropna=False):
        held = {
            key: (form, value, state)
            for key, form, value, state in zip(document["key"], document["form"], document["value"], document["state"], strict=True)
        }
        rows += [(agency, year, *_computed(measure, held), measure.zh, measure.label("en"), measure.zh_note, measure.en_note, source) for measure in harmonised_measures()]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    kinds = {"year": "Int64", "value": "Float64", "segment": "Int64"}
    return frame.astype(kinds | {name: "str" for name in COLUMNS if name not in kinds})


def _computed(measure: Measure, held: dict[str, tuple[str, object, str]]) -> Sequence[object]:
    """Form, measure, value, state, segment and cells of one measure in one document."""
    for form, cells in measure.above.items():
        mine = [held[key] for key in cells.keys if key in held and held[key][0] == form]
        if len(mine) != len(cells.keys):
            continue
        lacking = next((state for _, _, state in mine if state != NUMBER), "")
        value = None if lacking else sum(float(str(value)) for _, value, _ in mine)
        return form, measure.series, value, lacking or NUMBER, measure.segment[form], " + ".join(cells.keys)
    return "", measure.series, None, "not_in_form", None, ""
