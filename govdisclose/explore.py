"""A table of a panel that a reader searches, sorts and filters in a notebook: `panel.explore("cells")`, `panel["grant_rate"]`.

DataTables comes with itables and stands in each output, so that a saved or exported notebook needs no network and no other
cell. Every text of a document is escaped here, before any script sees it. Where scripts do not run, the first rows stand
as a plain table.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from govdisclose.assembly import TABLES
from govdisclose.datatables import with_library
from govdisclose.dictionary import dictionary
from govdisclose.exhibits import FOLDER, Links, links, mark_of
from govdisclose.forms import cell_name, load_forms
from govdisclose.measures import measure
from govdisclose.panel import Panel
from govdisclose.printed import rows_of
from govdisclose.wording import LANGUAGES, number, say

ROWS = 5_000
"""Rows that a browser is given, where no other number is asked for: it searches them at once."""
PLAIN_ROWS = 15
"""Rows of the plain table."""
LINKED = ("value", "source")
"""Columns that lead to the evidence."""
FIRST = (
    *("agency", "year", "measure", "severity", "rule", "said", "table", "row", "column", "label", "value", "low", "high", "numerator"),
    *("denominator", "state", "reason", "text", "unit", "expected", "found", "suggestion"),
)
"""Columns in the order in which they are read ("said": the message in the reader's language); all others follow in their own."""
WHOLE = ("year", "segment", "first", "last")
"""Numbers that are names."""
LONG = ("involved", "message", "message_en", "sentence", "origin", "reason", "source", "place")
"""Texts that may be long: they scroll in their cell."""

STYLE = (
    ".gd-explore .scroll{overflow-x:auto}.gd-explore table{border-collapse:collapse;margin:0!important;width:max-content!important;min-width:100%}"
    ".gd-explore,.gd-explore th,.gd-explore td{font-size:.8rem;line-height:1.35}.gd-explore p{margin:.3rem 0}"
    ".gd-explore th,.gd-explore td{text-align:left!important;padding:.2rem .5rem!important;max-width:22em;vertical-align:top}"
    ".gd-explore th{white-space:nowrap}.gd-explore td{border-bottom:1px solid #ddd;overflow-wrap:break-word}.gd-explore .none{color:#888}"
    ".gd-explore td.number,.gd-explore td.whole{text-align:right!important;font-variant-numeric:tabular-nums}"
    ".gd-explore thead th{min-width:5em}.gd-explore thead input{width:0!important;min-width:100%!important}"
    ".gd-explore td div{max-height:4.2em;overflow-y:auto}"
)


@dataclass(frozen=True, eq=False, repr=False)
class Explored:
    """A table to look through in a notebook.

    Attributes
    ----------
    name : what it shows
    frame : all rows that were asked for
    limit : how many of them the browser is given
    language : "zh" or "en", of its controls
    hrefs : for each row where its evidence is, "" where nowhere
    """

    name: str
    frame: pd.DataFrame
    limit: int
    language: str
    hrefs: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Explored({self.name}: {len(self.frame):,} rows, at most {self.limit:,} shown in a notebook; .frame holds all)"

    def _repr_html_(self) -> str:
        given = _told(self.frame.head(self.limit), self.language)
        columns = [_column(str(name), given.iloc[:, place]) for place, name in enumerate(given.columns)]
        data = {"columns": columns, "language": _controls(self.language)}
        if any(self.hrefs):
            data["links"] = _texts(pd.Series(self.hrefs[: len(given)]))
        told = f"{escape(self.name)} · {say(self.language, 'explore', 'rows', count=number(len(self.frame)))}"
        if len(given) < len(self.frame):
            told += f"<br><strong>{say(self.language, 'explore', 'cut', shown=number(len(given)))}</strong>"
        text = _for_script(data)
        mark = "gd-" + hashlib.sha256(text.encode()).hexdigest()[:16]
        return (
            f'<div class="gd-explore" id="{mark}"><style>{STYLE}</style><p>{told}</p><div class="scroll">{self._plain(given)}</div>'
            f'<script type="module">const ID = "{mark}", DATA = {text};{with_library("explore.js")}</script></div>'
        )

    def _plain(self, given: pd.DataFrame) -> str:
        """The first rows as they are seen where scripts do not run."""
        first = given.head(PLAIN_ROWS)
        heads = "".join(f"<th>{escape(str(name))}</th>" for name in first.columns)
        columns = [_plain(first.iloc[:, place]) for place in range(first.shape[1])]
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in zip(*columns, strict=True))
        note = f'<p class="fixed">{say(self.language, "explore", "plain", shown=len(first))}</p>'
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{note}"


def table_of(panel: Panel, name: str) -> pd.DataFrame:
    """Given a panel and a name, return its table of that name: "cells" and its like, "requests" and the other tables of the
    form (their cells), or a measure by agency and year.

    Raises
    ------
    ValueError : no such table or measure; the message names the nearest ones
    """
    if name in TABLES:
        found: pd.DataFrame = getattr(panel, name)
        return found
    if name in _form_tables():
        return panel.cells[panel.cells["table"] == name].reset_index(drop=True)
    if name in dictionary():
        return measure(panel, name)
    near = difflib.get_close_matches(str(name), names(), 3, 0.4)
    told = f"nearest: {', '.join(near)}" if near else f"tables are {', '.join((*TABLES, *_form_tables()))}"
    raise ValueError(f"no table or measure {name!r}; {told}; gd.measure_table() lists the measures")


def names() -> list[str]:
    """Everything that `table_of` knows."""
    return [*TABLES, *_form_tables(), *dictionary()]


def explore(
    panel: Panel,
    table: str | pd.DataFrame = "cells",
    where: str | None = None,
    agencies: str | Iterable[str] | None = None,
    years: int | Iterable[int] | None = None,
    kind: str | Iterable[str] | None = None,
    pages: str | Path | None = None,
    language: str = "zh",
    limit: int = ROWS,
) -> Explored:
    """A table to search, sort and filter in a notebook; it works without a network, also when the notebook is exported.

    Parameters
    ----------
    table : "cells", "findings", "statements", "reports", "failures"; "requests", "proactive", "reviews", "statistics" (the
        cells of that table); a measure such as "grant_rate"; or a frame made from this panel
    where : rows to show, as pandas' `query` takes it: "row == 'received' and value > 100"
    agencies, years, kind : as `Panel.select`
    pages : folder that `govdisclose report` wrote; each row then leads to its evidence on the pages of documents
    language : "zh" or "en", of controls and labels
    limit : the browser gets no more rows than this; the first ones, and a sentence says so

    Examples
    --------
    panel.explore("findings", where="severity == 'error'"); panel.explore("requests", years=2023)

    Raises
    ------
    ValueError : no such table, measure, agency, year, column or language
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of zh and en, not {language!r}")
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    narrowed = any(one is not None for one in (agencies, years, kind))
    chosen = panel.select(agencies, years, kind) if narrowed else panel
    name = table if isinstance(table, str) else "DataFrame"
    if isinstance(table, pd.DataFrame):
        frame = table.reset_index() if any(table.index.names) else table
        if narrowed and "source" not in frame:
            raise ValueError("a frame without a column source cannot be narrowed to agencies, years or a kind; use where=")
        frame = frame[frame["source"].isin(chosen.reports["source"])] if narrowed else frame
    else:
        frame = table_of(chosen, table)
    if where is not None:
        frame = _filtered(frame, where)
    known = links(panel, Path(pages) / FOLDER, Path.cwd()) if pages is not None else Links()
    if pages is not None and not known.pages:
        raise ValueError(f"{Path(pages) / FOLDER}: no pages of this panel's documents; govdisclose report writes them")
    return Explored(name, frame, limit, language, _hrefs(frame.head(limit), known))


def _filtered(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    try:
        wanted = frame.eval(where)
    except Exception as error:  # pandas raises whatever the text makes it stumble over.
        raise ValueError(f"where={where!r}: {error}; columns are {', '.join(map(str, frame.columns))}") from error
    if not isinstance(wanted, pd.Series) or not pd.api.types.is_bool_dtype(wanted.dtype):
        raise ValueError(f'where={where!r} says of no row whether it is shown; write a condition such as "year == 2023"')
    return frame[wanted.fillna(False).astype(bool)]


def _told(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    """The rows as they are shown: the form's own words beside the keys of a cell, what is read first in front."""
    if {"table", "row", "column"} <= set(frame.columns):
        keys = _keys(frame)
        labels = {key: cell_name(key.replace("..", ".*."), language, " › ") for key in keys.unique() if key.strip(".")}
        frame = frame.assign(label=keys.map(labels).fillna(""))
    order = {name: place for place, name in enumerate(FIRST)}
    order["message" if language == "zh" else "message_en"] = order["said"]
    names = [str(name) for name in frame.columns]
    return frame.iloc[:, sorted(range(len(names)), key=lambda place: order.get(names[place], len(FIRST)))]


def _keys(frame: pd.DataFrame) -> pd.Series[str]:
    parts = [frame[name].fillna("").astype("str") for name in ("table", "row", "column")]
    return parts[0] + "." + parts[1] + "." + parts[2]


def _hrefs(frame: pd.DataFrame, known: Links) -> tuple[str, ...]:
    """Where the evidence of each row is: on a page of its document, else at the document's own address."""
    if "source" not in frame:
        return ()
    if {"table", "row", "column"} <= set(frame.columns):
        marks = [key if key.count(".") >= 2 and not key.endswith(".") and ".." not in key else "" for key in _keys(frame)]
    elif {"measure", "origin"} <= set(frame.columns):
        marks = [mark_of(row) for row in rows_of(frame[["measure", "origin"]])]
    else:
        marks = [""] * len(frame)
    return tuple(known.of(source, mark) or _web(source) for source, mark in zip(frame["source"].astype(str), marks, strict=True))


def _web(source: str) -> str:
    return source if source.startswith(("http://", "https://")) else ""


def _column(name: str, values: pd.Series[Any]) -> dict[str, Any]:
    """A column as the script takes it: numbers, or escaped texts."""
    about = {"linked": name in LINKED}
    if pd.api.types.is_bool_dtype(values.dtype) or not pd.api.types.is_numeric_dtype(values.dtype):
        return about | {"kind": "long" if name in LONG else "text"} | _texts(values)
    kind = "whole" if name in WHOLE else "number"
    return about | {"kind": kind, "numbers": [_number(one) for one in values.to_numpy(float, na_value=np.nan).tolist()]}


def _number(value: float) -> float | str | None:
    """A number as JSON can hold it: NA is null, what is infinite a word."""
    if math.isnan(value):
        return None
    return str(value) if math.isinf(value) else int(value) if value.is_integer() else value


def _texts(values: pd.Series[Any]) -> dict[str, Any]:
    at, different = pd.factorize(values.map(_text).astype(object))
    return {"texts": [escape(text) for text in different], "at": at.tolist()}


def _plain(values: pd.Series[Any]) -> list[str]:
    return [escape(_text(value) if held else "NA") for value, held in zip(values, values.notna(), strict=True)]


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value is pd.NA else str(value)


def _for_script(data: object) -> str:
    """JSON that ends no script element, whatever it holds."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _controls(language: str) -> dict[str, Any]:
    """The words of the controls, in DataTables' terms."""
    flat = ("search", "lengthMenu", "info", "infoEmpty", "infoFiltered", "zeroRecords", "emptyTable")
    logic = {
        kind: {name: say(language, "filter", name) for name in (*of_kind, "equal", "notEqual", "empty", "notEmpty")}
        for kind, of_kind in (("text", ("contains", "notContains", "starts", "ends")), ("number", ("greater", "greaterOrEqual", "less", "lessOrEqual")))
    }
    return {name: say(language, "explore", name) for name in flat} | {"columnControl": {"search": logic}}


@cache
def _form_tables() -> tuple[str, ...]:
    return tuple(dict.fromkeys(table.key for form in load_forms().values() for table in form.tables))


def _getitem(panel: Panel, name: str) -> pd.DataFrame:
    try:
        return table_of(panel, name)
    except ValueError as error:
        raise KeyError(str(error)) from None


Panel.explore, Panel.__getitem__, Panel._ipython_key_completions_ = explore, _getitem, lambda _: names()
