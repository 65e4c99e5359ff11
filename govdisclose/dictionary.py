"""The dictionary of measures: what each measure counts, of what, from which cells of which form; read from `measures.toml`.

Nothing is computed here. `govdisclose.measures` computes, `govdisclose.harmonise` joins years, and the pages print the
definitions, all from these entries.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from html import escape
from importlib import resources
from typing import Any

import pandas as pd

from govdisclose.forms import load_forms
from govdisclose.printed import noted
from govdisclose.wording import LANGUAGES, number, percent, say

KINDS = ("count", "share", "rate", "ratio")
TOTAL = "total"
EXPLAINED = 5
"""Measures that a note below figures explains."""


@dataclass(frozen=True)
class Cells:
    """The cells of one side of a measure in one form: patterns as declared, and the keys they stand for."""

    patterns: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def table(self) -> str:
        return self.keys[0].split(".")[0]

    def of(self, column: str) -> Cells:
        """The same rows for another column of the requests table (a type of applicant)."""
        patterns, keys = (
            tuple(f"{key.removesuffix('.' + TOTAL)}.{column}" if key.endswith("." + TOTAL) else key for key in names)
            for names in (self.patterns, self.keys)
        )
        return Cells(patterns, keys)


@dataclass(frozen=True, eq=False, repr=False)
class Measure(str):
    """One measure. As a text it is its key, so it stands wherever a key does: `gd.measure(panel, gd.measures.grant_rate)`.

    Attributes
    ----------
    key : its name in code and tables
    kind : "count", "share" (binomial interval), "rate" (Poisson interval) or "ratio" (no interval)
    zh, en : its label
    zh_is, en_is : its definition in words
    above, below : form -> the cells counted and the cells divided by; a count has none below
    segment : form -> number; only years of one number may be compared
    stock : whether it is a count at one point of time, which years do not add up
    scale : 1000 where it is told for each 1,000 cases
    source : law, notice or paper that it rests on
    zh_note, en_note : what to mind
    series : its name in `gd.harmonise`, "" where it has none
    """

    key: str
    kind: str
    zh: str
    en: str
    zh_is: str
    en_is: str
    above: Mapping[str, Cells]
    below: Mapping[str, Cells]
    segment: Mapping[str, int]
    stock: bool
    scale: float
    source: str
    zh_note: str
    en_note: str
    series: str

    def __new__(cls, key: str, *_: object, **__: object) -> Measure:
        return super().__new__(cls, key)

    def __repr__(self) -> str:
        return f"Measure({self.key}: {self.en}, {self.en_is})"

    def _repr_html_(self) -> str:
        (zh_heads, (zh,)), (en_heads, (en,)) = (definition_rows([self.key], language) for language in LANGUAGES)
        lines = ""
        for pair in zip(zip(zh_heads, en_heads, strict=True), zip(zh, en, strict=True), strict=True):
            head, cell = ("<br>".join(dict.fromkeys(escape(text).replace("\n", "<br>") for text in both)) for both in pair)
            lines += f"<tr><th style='text-align:left'>{head}</th><td style='text-align:left'>{cell}</td></tr>"
        return f"<table>{lines}</table>"

    def label(self, language: str) -> str:
        """The label in "zh" or "en"; in English with a capital."""
        return self.zh if language == "zh" else self.en[:1].upper() + self.en[1:]

    def written(self, value: float | None, digits: int | None = None) -> str:
        """A value in print: a share as a percentage, anything else as a number with so many decimals, None for those it has."""
        return percent(value) if self.kind == "share" else number(value, digits)

    @property
    def unit(self) -> str:
        """What values are told in: "" for a count, whose cells tell it."""
        return {"count": "", "share": "share", "rate": f"per {self.scale:,.0f}", "ratio": "ratio"}[self.kind]

    @property
    def by_applicant(self) -> bool:
        """Whether the measure can be told for each type of applicant: all its cells are totals of the requests table."""
        sides = [side for cells in (self.above, self.below) for side in cells.values() if side.table != "statistics"]
        return all(key.startswith("requests.") and key.endswith("." + TOTAL) for side in sides for key in side.keys)


@cache
def _declared() -> dict[str, Any]:
    return tomllib.loads((resources.files("govdisclose") / "measures.toml").read_text(encoding="utf-8"))


@cache
def dictionary() -> dict[str, Measure]:
    """All measures by key, in the order of the file.

    Raises
    ------
    ValueError : a measure of `measures.toml` names no cell of its form, or is otherwise unsound
    """
    found: dict[str, Measure] = {}
    for entry in _declared()["measure"]:
        for one in _spelled_out(entry):
            if one.key in found:
                raise ValueError(f"measures.toml: {one.key} is declared twice")
            found[one.key] = one
    return found


def measure_of(key: str) -> Measure:
    """The measure of this key; `ValueError`, naming the nearest ones, where there is none."""
    if key not in dictionary():
        near = difflib.get_close_matches(key, dictionary(), 3, 0.4)
        raise ValueError(f"no measure {key!r}; " + (f"nearest: {', '.join(near)}; " if near else "") + "gd.measure_table() and `govdisclose measure --list` show all")
    return dictionary()[key]


@cache
def attributes() -> dict[str, Measure]:
    """All measures by their name as an attribute, which has "_" for the dot of the key."""
    return {key.replace(".", "_"): one for key, one in dictionary().items()}


def attribute(name: str, module: str) -> Measure:
    """The measure of this name as an attribute: `gd.measures.grant_rate`, `gd.measures.denied_third_party`.

    Raises
    ------
    AttributeError : the module has no such name; the message names the nearest measures
    """
    if name.startswith("_"):
        raise AttributeError(f"{module} has no {name!r}")  # Python itself asks for such names at every import
    if name not in attributes():
        near = difflib.get_close_matches(name, attributes(), 3, 0.6)
        raise AttributeError(f"{module} has no {name!r}" + (f"; nearest: {', '.join(near)}" if near else ""))
    return attributes()[name]


def _spelled_out(entry: Mapping[str, Any]) -> Iterator[Measure]:
    """One declared measure, or one for each row of the group that `each` names."""
    if "each" not in entry:
        yield _measure(entry, {}, "")
        return
    for row in next(iter(load_forms().values())).table("requests").rows:
        if row.label.key.startswith(entry["each"] + "."):
            words = {"row": row.label.key, "zh": row.label.zh.lstrip("0123456789."), "en": row.label.en}
            yield _measure(entry, words, f"{row.legal}；")


def _measure(entry: Mapping[str, Any], words: Mapping[str, str], legal: str) -> Measure:
    key = entry["key"].format(**words)
    if entry["kind"] not in KINDS or (entry["kind"] == "count") == ("below" in entry):
        raise ValueError(f"measures.toml: {key} has the wrong kind or denominator")
    above, below = (_side(key, entry.get(side, {}), words) for side in ("above", "below"))
    segment = entry["segment"]
    if set(segment) != set(above) or (below and set(below) != set(above)):
        raise ValueError(f"measures.toml: {key} has not the same forms above, below and in its segments")
    text = {name: entry[name].format(**words) for name in ("zh", "en", "zh_is", "en_is", "zh_note", "en_note")}
    return Measure(
        key=key, kind=entry["kind"], above=above, below=below, segment=segment, stock=entry.get("stock", False), scale=float(entry.get("scale", 1)),
        source=legal + entry["source"], series=entry.get("series", ""), **text,
    )  # fmt: skip


def _side(name: str, declared: Mapping[str, Sequence[str]], words: Mapping[str, str]) -> dict[str, Cells]:
    found = {}
    for forms, patterns in declared.items():
        filled = tuple(pattern.format(**words) for pattern in patterns)
        for form in forms.split("+"):
            slots = [slot.key for slot in load_forms()[form].slots]
            matched = [tuple(key for key in slots if fnmatchcase(key, pattern)) for pattern in filled]
            if not all(matched):
                raise ValueError(f"measures.toml: {name} names no cell of the form of {form}")
            found[form] = Cells(filled, tuple(key for keys in matched for key in keys))
    return found


def measure_table(language: str = "en") -> pd.DataFrame:
    """The dictionary as a frame, one row a measure.

    Parameters
    ----------
    language : "zh" or "en", of labels, definitions and notes

    Returns
    -------
    DataFrame : measure (key), label, kind, definition, unit, forms, segments ("2019: 1, 2021: 1"; years of one number may
        be compared), numerator, denominator (cells of the newest form), source, note

    Examples
    --------
    >>> measure_table().set_index("measure").loc["grant_rate", ["kind", "definition"]].tolist()
    ['share', 'granted ÷ concluded']
    """
    zh = language == "zh"
    rows = [
        {
            "measure": one.key,
            "label": one.label(language),
            "kind": one.kind,
            "definition": one.zh_is if zh else one.en_is,
            "unit": one.unit,
            "forms": ", ".join(one.above),
            "segments": ", ".join(f"{form}: {number}" for form, number in one.segment.items()),
            "numerator": " + ".join(_newest(one.above)),
            "denominator": " + ".join(_newest(one.below)),
            "source": one.source,
            "note": one.zh_note if zh else one.en_note,
        }
        for one in dictionary().values()
    ]
    return pd.DataFrame(rows).astype("str")


def _newest(side: Mapping[str, Cells]) -> tuple[str, ...]:
    return side[max(side)].patterns if side else ()


def definition_rows(keys: Sequence[str], language: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headers and rows of the definitions of some measures, in plain words, for a page."""
    zh = language == "zh"
    headers = tuple(say(language, "tables", key) for key in ("measure", "definition", "unit", "segments", "rests", "mind"))
    rows: list[tuple[str, ...]] = []
    for key in dict.fromkeys(keys):
        one = measure_of(key)
        unit = say(language, "told_in", one.kind)
        forms = ", ".join(f"{form} ({number})" for form, number in one.segment.items())
        source, note = one.source, one.zh_note if zh else one.en_note
        rows.append((f"{one.label(language)}\n{one.key}", one.zh_is if zh else one.en_is, unit, forms, source, note))
    return headers, rows


def explained(figures: pd.DataFrame) -> pd.DataFrame:
    """Given figures of measures, return them so that a notebook shows below what the measures are and what the reasons say."""
    lines = []
    for key in list(dict.fromkeys(figures["measure"]))[:EXPLAINED]:
        one = dictionary().get(key)
        if one is not None:
            lines.append(f"<b>{escape(key)}</b> {escape(one.zh)}: {escape(one.zh_is)} · {escape(one.label('en'))}: {escape(one.en_is)}")
    for reason in dict.fromkeys(figures["reason"].dropna()):
        if reason:
            lines.append(f"<b>{escape(reason)}</b> " + " · ".join(escape(say(language, "why", reason)) for language in LANGUAGES))
    return noted(figures, "".join(f"<div style='font-size:.82rem'>{line}</div>" for line in lines))


def measures_markdown(language: str = "en") -> str:
    """The dictionary as a Markdown page: how blanks count, then one table of all measures."""
    headers, rows = definition_rows(list(dictionary()), language)
    lines = [_declared()["page"][language].strip(), "", "| " + " | ".join(headers) + " |", "|" + "---|" * len(headers)]
    lines += ["| " + " | ".join(escape(cell, quote=False).replace("|", "\\|").replace("\n", "<br>") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
