"""Words of the official forms, by which a reader tells where one label ends and the next begins."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from govdisclose.forms import table_forms
from govdisclose.words import fold, label_head, label_key

_ORDINAL = re.compile(r"[(（][一二三四五六七八九十\d]{1,2}[)）]")


@cache
def _words() -> tuple[frozenset[str], ...]:
    rows: set[str] = set()
    others: set[str] = set()
    headings: set[str] = set()
    wide: set[str] = set()
    for form in table_forms().values():
        for table in form.tables:
            headings.update(table.label.spellings)
            others.update(text for row in table.rows for column in row.columns for text in column.spellings)
            wide.update(text for group in table.groups for text in group.spellings)
            wide.update(text for span in table.column_groups for text in span.spellings)
            wide.update((*table.furniture, *table.items))
            if table.one_line:
                wide.update(text for row in table.rows for text in row.label.spellings)
            else:
                rows.update(text for row in table.rows for text in row.label.spellings)
    keys = [{key for text in texts for key in (label_key(text), label_head(text)) if key} for texts in (rows, others, headings, wide)]
    return tuple(map(frozenset, keys))


def _keys(text: str) -> set[str]:
    """A label's keys: of all of it, and of what stands before an explanation in brackets."""
    explained = text.rstrip().endswith((")", "）")) and not _ORDINAL.search(text, 1)
    return {label_key(text), label_head(text)} if explained else {label_key(text)}


def names_row(text: str) -> bool:
    """Whether a text is the whole label of a row with figures after it."""
    return bool(_keys(text) & _words()[0])


def names_part(text: str) -> bool:
    """Whether a text is the whole label of a row, a column, or a group of either."""
    return bool(_keys(text) & _parts())


@cache
def _parts() -> frozenset[str]:
    return _words()[0] | _words()[1] | _words()[3]


@cache
def _sorted() -> list[str]:
    return sorted(_parts())


def begins_part(text: str) -> bool:
    """Whether more text could make a text the label of a row, a column, or a group of either."""
    key = label_key(text)
    at = bisect_left(_sorted(), key)
    return at < len(_sorted()) and _sorted()[at].startswith(key)


def names_column(text: str) -> bool:
    """Whether a text is the whole head of one column: the label of a row has a number before it, where both read alike."""
    key = label_key(text)
    return key in _words()[1] and "".join(fold(text).split()).startswith(key[:1])


@cache
def _heads() -> tuple[tuple[tuple[frozenset[str], ...], frozenset[str]], ...]:
    """The columns of each table, or of each row where they differ, in order, and the rows: the spellings of each."""
    found: dict[tuple[tuple[frozenset[str], ...], frozenset[str]], None] = {}
    for form in table_forms().values():
        for table in form.tables:
            rows = [tuple(frozenset(map(label_key, column.spellings)) for column in row.columns) for row in table.rows]
            labels = frozenset(label_key(text) for row in table.rows for text in row.label.spellings)
            found.update(dict.fromkeys([(sum(rows, ()), frozenset())] if table.one_line else [(row, labels) for row in rows]))
    return tuple(found)


def begins_heads(texts: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether some heads are the first columns of a table in the form's order; of one with some rows, if `labels` names any."""
    keys = [label_key(text) for text in texts]
    return any(
        len(keys) <= len(heads) and all(key in head for key, head in zip(keys, heads, strict=False)) and (not labels or any(label_key(text) in rows for text in labels))
        for heads, rows in _heads()
    )


def names_several(text: str) -> bool:
    """Whether a text is a heading over several columns or rows, and no column's own."""
    keys = _keys(text)
    return bool(keys & _words()[3]) and not keys & _words()[1]


def names_table(text: str) -> bool:
    """Whether a text is the heading of a table."""
    return label_key(text) in _words()[2]
