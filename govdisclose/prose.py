"""Prose against tables: where a report says one figure in words and prints another in its form.

Both stay as printed. A contradiction is claimed only where the prose speaks of the same agency and year, and where no
reading of the table agrees with it: a printed total of 0 beside figures that add up to the prose's number is a slip of
the table itself, and other rules report it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govdisclose.contexts import ISSUED, LITIGATION, RECEIVED, RECONSIDERATION
from govdisclose.findings import Finding
from govdisclose.forms import parts_of, words_of
from govdisclose.numbers import plain
from govdisclose.statements import Statement

Values = Mapping[str, tuple[float | None, str]]
_RESULTS = ("upheld", "overturned", "other", "pending")
_LITIGATION_ROWS = ("reviews.litigation_direct", "reviews.litigation_after_review")
_CONCLUDED, _CARRIED_IN, _CARRIED_OUT = (f"requests.{row}.total" for row in ("concluded", "carried_in", "carried_out"))
_NOT_RESULTS = frozenset((RECEIVED, _CARRIED_IN, _CONCLUDED, _CARRIED_OUT))
FEES = "proactive.fees.amount"
_SCALED = {"万": 1e4, "亿": 1e8, "元": 1.0}
_MONEY = {"yuan": 1.0, "10k yuan": 1e4, "100m yuan": 1e8}
_PRODUCED = "proactive.normative_documents.produced"


def check_prose(statements: Sequence[Statement], values: Values, fee_unit: str = "10k yuan") -> list[Finding]:
    """Given the statements of a report and its cells, return a finding for each cell that the prose contradicts.

    Parameters
    ----------
    statements : as `find_statements` gives them
    values : "table.row.column" -> (value, state)
    fee_unit : the unit in which the table prints the amount of fees

    Returns
    -------
    list of Finding : rule `prose.contradiction`; `expected` is what the prose says, `found` what the table prints
    """
    by_key: dict[str, list[Statement]] = {}
    for one in statements:
        if one.about:
            by_key.setdefault(one.about, []).append(one)
    if RECEIVED in by_key and _of_another_scope(by_key, values):
        by_key = {key: said for key, said in by_key.items() if not key.startswith("requests.")}
    findings: list[Finding] = []
    for key, said in by_key.items():
        if key == LITIGATION:
            findings += _litigation(said, values)
        elif any(one.unit[:1] in _SCALED for one in said):
            findings += _amount(key, said, values, fee_unit)
        else:
            findings += _cell(key, said, values)
    return findings


def _number(values: Values, key: str) -> float | None:
    value, state = values.get(key, (None, "absent"))
    return value if state == "number" else None


def _sum(values: Values, keys: Sequence[str]) -> float | None:
    printed = [values.get(key, (None, "absent")) for key in keys]
    numbers = [value for value, state in printed if state == "number" and value is not None]
    return sum(numbers) if numbers else None


def _review(values: Values, row: str) -> tuple[list[float], str, float | None]:
    """The readings of a row of table 四 (printed total, sum of results), and the cell that shows most of them."""
    total = _number(values, f"{row}.total")
    results = [f"{row}.{result}" for result in _RESULTS]
    added = _sum(values, results)
    readings = [reading for reading in (total, added) if reading is not None]
    if not total and added:
        shown = next(key for key in results if _number(values, key))
        return readings, shown, _number(values, shown)
    return readings, f"{row}.total", total


def _readings(key: str, values: Values) -> set[float]:
    """What else the table can be read to say about a cell of requests: the sum that its row or column should give."""
    row, _, column = key.rpartition(".")
    parts = [one for one in values if one != key and one.rpartition(".")[0] == row]
    readings = [_sum(values, parts)]
    if key == RECEIVED:
        # 受理 can count those carried in, and those concluded.
        both = _sum(values, (RECEIVED, _CARRIED_IN))
        readings += [both, _number(values, _CONCLUDED)]
    if key == _CONCLUDED:
        rows = [one for one in values if one.startswith("requests.") and one.endswith(f".{column}") and one not in _NOT_RESULTS]
        readings.append(_sum(values, rows))
    return {reading for reading in readings if reading is not None}


def _cell(key: str, said: Sequence[Statement], values: Values) -> list[Finding]:
    if key == RECONSIDERATION:
        readings, shown, found = _review(values, key.removesuffix(".total"))
        # A printed total of 0 does not bear out 未发生 where a result stands beside it.
        agreed = {max(readings)} if readings and any(one.value == 0 for one in said) else set(readings)
    else:
        shown = _PRODUCED if key == ISSUED and key not in values else key
        found = _number(values, shown)
        agreed = set() if found is None else {found}
    spoken = {one.value for one in said}
    if found is None or spoken & agreed:
        return []
    if key.startswith("requests.") and 0 not in spoken and spoken & _readings(key, values):
        return []
    return [_finding(said[0], shown, found, tuple(dict.fromkeys((shown, key))) if shown != _PRODUCED else (shown,))]


def _amount(key: str, said: Sequence[Statement], values: Values, fee_unit: str) -> list[Finding]:
    """A figure said in 万 or 亿, or an amount of money: it agrees where either figure rounds to the other."""
    found = _number(values, _PRODUCED if key == ISSUED and key not in values else key)
    if found is None:
        return []
    unit = _MONEY.get(fee_unit) if key == FEES else 1.0
    if unit is None:
        return []
    if any(_agrees(one, found, unit) for one in said):
        return []
    spoken = said[0].value * _worth(said[0].unit) / unit
    return [_finding(said[0], key, found, (key,), spoken)]


def _agrees(one: Statement, found: float, unit: float) -> bool:
    """Whether the figure said is the one found, rounded or cut off at its last digit, or the other way about."""
    worth, printed = one.value * _worth(one.unit), found * unit
    digit = last_digit(one.value) * _worth(one.unit) if one.unit[:1] in _SCALED else 0.0
    own = last_digit(found) * unit / 2 if unit > 1 else 0.0
    return -max(digit / 2, own) < printed - worth < max(digit, own) or abs(printed - worth) < 1e-6


def _worth(unit: str) -> float:
    """How much one of a printed unit is, in single cases or in yuan."""
    return _SCALED.get(unit[:1], 1.0)


def last_digit(figure: float) -> float:
    """What one of the last printed digit is worth: 0.1 in 58.3, 1 in 12."""
    return 10.0 ** -len(f"{figure:.12g}".partition(".")[2])


def _litigation(said: Sequence[Statement], values: Values) -> list[Finding]:
    """The prose does not tell the two rows of litigation apart: both together are compared, and each alone."""
    rows = [_review(values, row) for row in _LITIGATION_ROWS]
    seen = [row for row in rows if row[0]]
    if not seen:
        return []
    sums = [max(readings) for readings, _, _ in seen]
    possible = {sum(sums), *(reading for readings, _, _ in seen for reading in readings)} if sum(sums) else {0.0}
    if sum(sums):
        possible.discard(0.0)
    if any(one.value in possible for one in said):
        return []
    involved = tuple(shown for _, shown, _ in seen)
    first = said[0]
    filled = [(shown, found) for readings, shown, found in seen if max(readings)]
    if len(filled) == 1:
        return [_finding(first, filled[0][0], filled[0][1] or 0.0, involved)]
    if first.value == 0:
        return [_finding(first, shown, found or 0.0, involved) for shown, found in filled]
    return [_finding(first, "", sum(sums), involved)]


def _of_another_scope(by_key: Mapping[str, Sequence[Statement]], values: Values) -> bool:
    """Whether the prose counts other requests than the table: each balances by itself, and they differ.

    Only a balance that includes requests carried over tells; that as many were concluded as received proves nothing.
    """
    said = {key: by_key[key][0].value for key in _NOT_RESULTS if key in by_key}
    if len(said) < 3 or not (said.get(_CARRIED_IN) or said.get(_CARRIED_OUT)):
        return False
    printed = {key: _number(values, key) or 0.0 for key in _NOT_RESULTS}

    def balanced(figures: Mapping[str, float]) -> bool:
        left = figures.get(RECEIVED, 0.0) + figures.get(_CARRIED_IN, 0.0)
        return left == figures.get(_CONCLUDED, 0.0) + figures.get(_CARRIED_OUT, 0.0)

    return balanced(said) and balanced(printed) and said[RECEIVED] != printed[RECEIVED]


def _finding(said: Statement, cell: str, found: float, involved: tuple[str, ...], expected: float | None = None) -> Finding:
    """`expected`: what the prose says in the cell's own unit, where that is another."""
    table, row, column = parts_of(cell or involved[0])
    named_zh, named_en = "表中行政诉讼合计", "the two rows of litigation together"
    if cell:
        named_zh, named_en = f"表中{words_of(cell)[0]}", f"the cell “{words_of(cell)[1]}”"
    spoken = f"{said.subject}{plain(said.value)}{said.unit}" if said.unit or said.value else f"没有{said.subject}"
    return Finding(
        rule="prose.contradiction",
        severity="warning",
        message=f"文字说{spoken}(“{said.quoted}”),{named_zh}却是{plain(found)}",
        message_en=f"the prose says {plain(said.value)} of “{said.subject}”, {named_en} is {plain(found)}",
        table=table,
        row=row if cell else "",
        column=column if cell else "",
        involved=involved,
        expected=said.value if expected is None else expected,
        found=found,
    )
