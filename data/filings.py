"""Filled figures of one agency and year, and where the published ones are read from."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from govdisclose.forms import Form, load_forms

HERE = Path(__file__).resolve().parent
TABLES = ("proactive", "requests", "reviews")


@dataclass(frozen=True)
class Fact:
    """A figure that only the prose states, such as 食品抽样 7350 批次."""

    subject: str
    value: str
    unit: str


@dataclass(frozen=True)
class Filing:
    """What one agency filed for one year, before any layout.

    Attributes
    ----------
    agency, year, title : as the report is headed
    forms : table key -> key of the form which that table follows ("2021" or "2019")
    printed : "table.row.column" -> text as printed, "" for an empty cell. A row of which no cell is known is left out of
        the document; an unknown cell of a known row is typeset empty
    claims : what the prose says against the tables: cell key -> figure; "reviews" -> "0" denies any review
    facts : figures of the prose alone
    synthetic : the figures are made up, and the document says so
    """

    agency: str
    year: int
    title: str
    forms: Mapping[str, str]
    printed: Mapping[str, str]
    claims: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    synthetic: bool = False

    def form(self, table: str) -> Form:
        return load_forms()[self.forms[table]]


def cell_keys(forms: Mapping[str, str]) -> tuple[str, ...]:
    """All cell keys of a report whose tables follow the given forms, in printed order."""
    return tuple(slot.key for table in TABLES for slot in load_forms()[forms[table]].table(table).slots)


def known_rows(filing: Filing) -> frozenset[str]:
    """The rows ("table.row") of which at least one cell is known: the document has no others."""
    return frozenset(key.rpartition(".")[0] for key in filing.printed)


@dataclass(frozen=True)
class SourceCard:
    """One row of `sources.csv`: which published report the figures stand in, and how the sample of it is typeset."""

    agency: str
    year: int
    title: str
    forms: Mapping[str, str]
    partial: str
    prose: str
    layout: str


def _pairs(text: str) -> dict[str, str]:
    """`a=1; b=2` -> {"a": "1", "b": "2"}."""
    return {key.strip(): value.strip() for key, _, value in (part.partition("=") for part in text.split(";")) if key.strip()}


def _fact(subject: str, figure: str) -> Fact:
    digits = len(figure) - len(figure.lstrip("0123456789."))
    return Fact(subject, figure[:digits], figure[digits:])


def source_cards(path: Path = HERE / "sources.csv") -> list[SourceCard]:
    """Given `sources.csv`, return its rows in order."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            SourceCard(r["agency"], int(r["year"]), r["title"], _pairs(r["forms"]), r["partial"], r["prose"], r["layout"])
            for r in csv.DictReader(file)
        ]


def filings(path: Path = HERE / "published.csv", cards: Path = HERE / "sources.csv") -> list[Filing]:
    """Given the published figures and their source cards, return one filing for each agency and year, in the file's order.

    `KeyError` where a figure has no source card or names a cell that its form does not have.
    """
    by_report = {(card.agency, card.year): card for card in source_cards(cards)}
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for (agency, year), rows in groupby(csv.DictReader(file), lambda r: (r["agency"], int(r["year"]))):
            card = by_report[agency, year]
            printed = {f"{r['table']}.{r['row']}.{r['column']}": r["value"] for r in rows}
            if strangers := printed.keys() - set(cell_keys(card.forms)):
                raise KeyError(f"{agency} {year}: no such cells in the form: {sorted(strangers)}")
            prose = _pairs(card.prose)
            claims = {key: value for key, value in prose.items() if key.partition(".")[0] in TABLES}
            facts = tuple(_fact(subject, figure) for subject, figure in prose.items() if subject not in claims)
            found.append(Filing(agency, year, card.title, card.forms, printed, claims, facts))
    return found
