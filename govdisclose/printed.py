"""Cells and findings of one document -> the form as it is printed, in HTML: what is doubted is coloured and says why.

Every text of a document is escaped. Nothing is repaired: a cell shows what the document prints.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from itertools import groupby
from typing import Any

import pandas as pd

from govdisclose.findings import SEVERITIES
from govdisclose.forms import Label, Row, Table, load_forms
from govdisclose.numbers import ABSENT, BLANK, UNREADABLE
from govdisclose.wording import LANGUAGES, number, say

BOTH = "both"
"""Chinese with English beside it."""
HINT = 160
"""Characters of a message in a cell's hint; a list of findings holds the whole of it."""

STYLE = "".join(resources.files("govdisclose").joinpath("templates/form.css").read_text(encoding="utf-8").splitlines())


@dataclass(frozen=True)
class Shown:
    """HTML that a notebook displays."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


class Noted(pd.DataFrame):
    """A frame that shows a note below itself in a notebook; what is chosen from it is a plain frame."""

    _metadata = ["note"]
    note: str

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        return f"{pd.DataFrame(self)._repr_html_()}{self.note}"  # type: ignore[operator]


def noted(frame: pd.DataFrame, note: str) -> Noted:
    """Given a frame and HTML that is safe to show, return both as one."""
    found = Noted(frame)
    found.note = note
    return found


@dataclass(frozen=True)
class _Cell:
    text: str
    state: str
    hint: str
    kind: str
    corrected: str = ""

    def html(self, key: str, anchors: bool, marked: Collection[str]) -> str:
        at = f' id="{escape(key)}"' if anchors else ""
        kinds = (self.state if self.state in (ABSENT, UNREADABLE) else "", self.kind, "marked" if key in marked else "")
        classes = f' class="{" ".join(filter(None, kinds))}"' if any(kinds) else ""
        beside = f"<ins>{escape(self.corrected)}</ins>" if self.corrected else ""
        return f'<td{at}{classes} title="{escape(self.hint)}">{escape(self.text)}{beside}</td>'


def form_html(
    cells: pd.DataFrame,
    findings: pd.DataFrame,
    language: str = "zh",
    anchors: bool = False,
    marked: Collection[str] = (),
) -> str:
    """Given the cells and findings of one document, return its tables as the form prints them.

    A cell's hint says where it stands in the document, what state it is in, and each finding that touches it with what
    was expected and what is suggested. What a correction puts in its place stands beside the printed text.

    Parameters
    ----------
    cells, findings : the contract's frames of one document
    language : "zh", "en" or "both"
    anchors : give every cell its key ("requests.granted.total") as the address that a link can point at
    marked : keys of cells to frame
    """
    told = _told(findings, language)
    tables: dict[tuple[str, str], dict[str, _Cell]] = {}
    for row in rows_of(cells):
        key = f"{row['table']}.{row['row']}.{row['column']}"
        tables.setdefault((row["form"], row["table"]), {})[key] = _cell(row, told.get(key, ()), language)
    parts = [f"<style>{STYLE}</style>"]
    for (form, table), filled in tables.items():
        parts.append(_table(load_forms()[form].table(table), filled, language, anchors, marked))
    return "".join(parts)


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain dictionaries, what is missing as None; several times faster than pandas' own."""
    columns = [frame[name].to_numpy(dtype=object, na_value=None) for name in frame]  # type: ignore[call-overload]  # The stubs know no None.
    return [dict(zip(map(str, frame), row, strict=True)) for row in zip(*columns, strict=True)]


def _told(findings: pd.DataFrame, language: str) -> dict[str, list[tuple[str, str]]]:
    """Key of a cell -> severity ("involved" where another cell is named as the one at fault) and words of its findings."""
    told: dict[str, list[tuple[str, str]]] = {}
    for row in rows_of(findings):
        words = "\n".join(_words(row, one) for one in _languages(language))
        own = f"{row['table'] or ''}.{row['row'] or ''}.{row['column'] or ''}"
        named = bool(row["table"] and row["row"] and row["column"])
        if named:
            told.setdefault(own, []).append((row["severity"], words))
        for key in row["involved"]:
            if key != own:
                told.setdefault(key, []).append(("involved" if named else row["severity"], words))
    return told


def _languages(language: str) -> Sequence[str]:
    return LANGUAGES if language == BOTH else (language,)


def _words(finding: Mapping[Any, Any], language: str) -> str:
    message = str(finding["message" if language == "zh" else "message_en"])
    message = message if len(message) <= HINT else message[: HINT - 1] + "…"
    words = f"[{say(language, 'severity', finding['severity'])}] {message}"
    for name in ("expected", "found", "suggestion"):
        if finding[name] is not None:
            words += f" · {say(language, 'tables', name)} {number(float(finding[name]))}"
    return words


def _cell(row: Mapping[str, object], told: Sequence[tuple[str, str]], language: str) -> _Cell:
    state = str(row["state"])
    facts = [f"{row['table']}.{row['row']}.{row['column']}"]
    if state != "number":
        facts += [say(one, "silence", state) for one in _languages(language)]
    facts += [str(row[name]) for name in ("unit", "place") if row[name]]
    hint = "\n".join([" · ".join(facts), *dict.fromkeys(words for _, words in told)])
    ranked = [kind for kind in (*SEVERITIES, "involved") if any(kind == one for one, _ in told)]
    corrected = row.get("corrected")
    beside = "" if corrected is None else number(float(str(corrected)))
    return _Cell("" if state in (ABSENT, BLANK) else str(row["text"]), state, hint, ranked[0] if ranked else "", beside)


def _table(home: Table, filled: Mapping[str, _Cell], language: str, anchors: bool, marked: Collection[str]) -> str:
    def name(label: Label) -> str:
        if language == BOTH:
            return f'{escape(label.zh)} <small lang="en">{escape(label.en)}</small>'
        return escape(label.zh if language == "zh" else label.en)

    lines = list(_one_line(home, name) if home.one_line else ())
    groups = {label.key: label for label in home.groups}
    wide = 1 + any(row.group for row in home.rows)
    deep = max(len(row.slots) for row in home.rows)
    values = ""
    for _, block in groupby(home.rows, key=lambda row: row.block):
        rows = list(block)
        if not home.one_line:
            heads = "".join(f"<th>{name(column)}</th>" for column in rows[0].columns)
            item = escape(home.items[rows[0].block]) if len(home.items) > rows[0].block else ""
            lines.append(f'<tr><th colspan="{wide}">{item}</th>{heads}{_filler(deep - len(rows[0].columns))}</tr>')
        for group, members in groupby(rows, key=lambda row: row.group):
            held = list(members)
            for place, row in enumerate(held):
                cells = "".join(filled[slot.key].html(slot.key, anchors, marked) for slot in row.slots if slot.key in filled)
                if home.one_line:
                    values += cells
                    continue
                beside = f'<th rowspan="{len(held)}">{name(groups[group])}</th>' if group and not place else ""
                own = f'<th colspan="{1 if group else wide}">{name(row.label)}</th>'
                lines.append(f"<tr>{beside}{own}{cells}{_filler(deep - len(row.slots))}</tr>")
    if home.one_line:
        lines.append(f"<tr>{values}</tr>")
    return f'<table class="gd-form"><caption>{name(home.label)}</caption>{"".join(lines)}</table>'


def _filler(columns: int) -> str:
    return f'<th colspan="{columns}"></th>' if columns else ""


def _one_line(home: Table, name: Callable[[Label], str]) -> Iterable[str]:
    """The two heading lines over a table whose rows stand one after the other in a single line."""

    def over(row: Row) -> str:
        return f'<th colspan="{len(row.columns)}">{name(row.label)}</th>'

    yield "<tr>" + "".join(map(over, home.rows)) + "</tr>"
    yield "<tr>" + "".join(f"<th>{name(column)}</th>" for row in home.rows for column in row.columns) + "</tr>"
