"""The official forms, read from the declarative files beside this module.

A form is data: labels, aliases, keys, units, identities. This module loads and checks those files and holds no
label itself; a new form is a new file.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib import resources
from typing import Any

INDICATOR_UNITS = {"条": "entries", "次": "times", "篇": "articles", "个": "units", "人": "persons", "人次": "attendances"}
"""Units of the lists of indicators, beside `UNITS`."""

UNITS = {"件": "cases", "项": "items", "元": "yuan", "万元": "10k yuan", "亿元": "100m yuan"}
"""Printed unit -> the contract's name for it. No unit is ever converted into another."""


@dataclass(frozen=True)
class Label:
    """A label of the form: its key, the official words, and the variants seen in print."""

    key: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.zh, *self.aliases)


@dataclass(frozen=True)
class Slot:
    """One cell of a form: where its figure belongs. `index` counts through the whole form."""

    index: int
    form: str
    table: str
    row: str
    column: str
    unit: str
    signed: bool

    @cached_property
    def key(self) -> str:
        return f"{self.table}.{self.row}.{self.column}"


@dataclass(frozen=True)
class ColumnGroup:
    """A heading over several columns: the printed heading, and the keys of the columns under it."""

    spellings: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A row of a form: its label, the slots after it, and the group of rows it stands in."""

    label: Label
    slots: tuple[Slot, ...]
    columns: tuple[Label, ...]
    block: int
    group: str = ""
    legal: str = ""
    total: bool = False


@dataclass(frozen=True)
class Table:
    """One table of a form. `one_line`: the form prints all rows one after the other in a single line."""

    key: str
    label: Label
    legal: str
    rows: tuple[Row, ...]
    groups: tuple[Label, ...]
    furniture: tuple[str, ...]
    items: tuple[str, ...]
    column_groups: tuple[ColumnGroup, ...]
    one_line: bool
    totals: frozenset[str] = field(default_factory=frozenset)
    figure_heads: tuple[str, ...] = ()
    other_heads: tuple[str, ...] = ()
    text_heads: tuple[str, ...] = ()

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(slot for row in self.rows for slot in row.slots)

    def row(self, key: str) -> Row:
        return next(row for row in self.rows if row.label.key == key)


@dataclass(frozen=True)
class Identity:
    """Sum of the cells `left` = sum of the cells `right` (indices of slots), as the form demands.

    `table` and `over` (a row or column key) say where it holds; `zh`/`en` say it in words.
    """

    rule: str
    table: str
    over: str
    left: tuple[int, ...]
    right: tuple[int, ...]
    zh: str
    en: str

    @cached_property
    def slots(self) -> tuple[int, ...]:
        return self.left + self.right


@dataclass(frozen=True)
class Form:
    """An official form: tables, slots in printed order, identities, and the notice that prescribes it.

    `listed`: a list of indicators with one figure each, in place of tables.
    """

    key: str
    title: str
    title_en: str
    notice: str
    since: int
    tables: tuple[Table, ...]
    identities: tuple[Identity, ...]
    listed: bool = False

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(slot for table in self.tables for slot in table.slots)

    @cached_property
    def places(self) -> dict[str, int]:
        """Key of each slot -> its place in the form."""
        return {slot.key: number for number, slot in enumerate(self.slots)}

    def table(self, key: str) -> Table:
        return next(table for table in self.tables if table.key == key)

    def labels(self, key: str) -> tuple[Label, Label]:
        """The labels of a cell's row and column."""
        table, row, column = parts_of(key)
        line = self.table(table).row(row)
        return line.label, next(label for label in line.columns if label.key == column)


def _label(raw: dict[str, Any]) -> Label:
    return Label(raw["key"], raw["label"], raw["en"], tuple(raw.get("aliases", ())))


def _table(raw: dict[str, Any], form: str, first: int) -> Table:
    rows: list[Row] = []
    index = first
    for number, block in enumerate(raw["block"]):
        columns = tuple(_label(column) for column in block["columns"])
        for line in block["rows"]:
            slots = []
            for column in block["columns"]:
                printed = line.get("unit", column["unit"])
                unit = (UNITS | INDICATOR_UNITS)[printed] if printed else ""
                slots.append(Slot(index, form, raw["key"], line["key"], column["key"], unit, column.get("signed", False)))
                index += 1
            legal, total = line.get("legal", raw["legal"]), line.get("total", False)
            rows.append(Row(_label(line), tuple(slots), columns, number, line.get("group", ""), legal, total))
    return Table(
        key=raw["key"],
        label=Label(raw["key"], raw["label"], raw["label_en"], tuple(raw["headings"])),
        legal=raw["legal"],
        rows=tuple(rows),
        groups=tuple(_label(group) for group in raw.get("groups", ())),
        furniture=tuple(raw["furniture"]),
        items=tuple(block.get("item", "") for block in raw["block"]),
        column_groups=tuple(
            ColumnGroup((group["label"], *group["aliases"]), tuple(group["columns"]))
            for block in raw["block"]
            for group in block.get("column_groups", ())
        ),
        one_line=raw.get("one_line", False),
        totals=frozenset(c["key"] for block in raw["block"] for c in block["columns"] if c.get("total")),
        figure_heads=tuple(raw.get("figure_heads", ())),
        other_heads=tuple(raw.get("other_heads", ())),
        text_heads=tuple(raw.get("text_heads", ())),
    )


def _identities(raw: dict[str, Any], table: Table) -> list[Identity]:
    """One declared identity, spelled out for every row or column it speaks of."""
    across = raw["per"] == "row"
    lines: dict[str, dict[str, int]] = {}
    for slot in table.slots:
        outer, inner = (slot.row, slot.column) if across else (slot.column, slot.row)
        lines.setdefault(outer, {})[inner] = slot.index

    def pick(keys: dict[str, int], patterns: list[str]) -> tuple[int, ...]:
        return tuple(index for key, index in keys.items() if any(fnmatchcase(key, p) for p in patterns))

    found = []
    for over, keys in lines.items():
        left, right = pick(keys, raw["left"]), pick(keys, raw["right"])
        if not left or not right:
            raise ValueError(f"identity {raw['rule']}: nothing matches {raw['left']} or {raw['right']} in {over}")
        found.append(Identity(raw["rule"], table.key, over, left, right, raw["zh"], raw["en"]))
    return found


def read_form(text: str) -> Form:
    """Given the text of a form file (TOML), return the form. `ValueError` or `KeyError` where the file is unsound."""
    raw = tomllib.loads(text)
    tables: list[Table] = []
    for table in raw["table"]:
        tables.append(_table(table, raw["form"], sum(len(t.slots) for t in tables)))
    by_key = {table.key: table for table in tables}
    identities = [i for one in raw["identity"] for i in _identities(one, by_key[one["table"]])]
    return Form(
        raw["form"], raw["title"], raw["title_en"], raw["notice"], raw["since"], tuple(tables), tuple(identities),
        raw.get("listed", False),
    )


@cache
def load_forms() -> dict[str, Form]:
    """All forms that ship with the package, newest first, by key."""
    files = sorted((f for f in resources.files(__name__).iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    forms = [read_form(file.read_text(encoding="utf-8")) for file in reversed(files)]
    return {form.key: form for form in forms}


@cache
def table_forms() -> dict[str, Form]:
    """The forms that are tables of rows and columns, newest first."""
    return {key: form for key, form in load_forms().items() if not form.listed}


def parts_of(key: str) -> tuple[str, str, str]:
    """Table, row and column of a key ("requests.denied.third_party.total"); rows may have a dot in them."""
    table, _, rest = key.partition(".")
    row, _, column = rest.rpartition(".")
    return table, row, column


@cache
def words_of(key: str) -> tuple[str, str]:
    """The words for a cell in Chinese and English, from the newest form that has it."""
    row, column = next(form for form in load_forms().values() if key in form.places).labels(key)
    return f"“{row.zh}”的“{column.zh}”", f"{row.en} ({column.en})"


def cell_name(key: str, language: str, between: str = "") -> str:
    """Given "table.row.column", return the form's own labels of row and column, or of what it names of them.

    "*" for a row or column stands for all; the key itself is returned where no form has it.
    """
    table_key, row_key, column_key = parts_of(key)
    index = 0 if language == "zh" else 1
    for form in load_forms().values():
        for home in (home for home in form.tables if home.key == table_key):
            if row_key == "*":
                return (home.label.zh, home.label.en)[index]
            for row in (row for row in home.rows if row.label.key == row_key):
                name = (row.label.zh, row.label.en)[index]
                columns = [(c.zh, c.en)[index] for c in row.columns if c.key == column_key]
                if columns or column_key == "*":
                    return (between or ("：" if language == "zh" else ": ")).join((name, *columns))
    return key
