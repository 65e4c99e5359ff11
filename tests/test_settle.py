"""Figures read in doubt: what the form's identities settle, and what stays in doubt."""

from __future__ import annotations

import pytest

from govdisclose.cells import Filled
from govdisclose.findings import Finding
from govdisclose.forms import load_forms
from govdisclose.numbers import NUMBER, UNREADABLE, read_figure
from govdisclose.settle import SURE, confidence, readings, settle

FORM = load_forms()["2021"]
KEYS = {slot.key: slot for slot in FORM.slots}
TABLES = {table.key: number for number, table in enumerate(FORM.tables, 1)}
PERSON, TOTAL = "natural_person", "total"


def report(printed: dict[str, str]) -> list[Filled]:
    """Cells that say "0" but for those given."""
    cells = []
    for slot in FORM.slots:
        text = printed.get(slot.key, "0")
        figure = read_figure(text)
        place = f"page 2, table {TABLES[slot.table]}, row {slot.index}, column 1"
        cells.append(Filled(slot, figure.value, figure.state, text, slot.unit, place))
    return cells


def balanced(received: int, granted: int) -> dict[str, str]:
    """A requests table in which everything holds: all from natural persons, some granted, the rest carried over."""
    rows = {"received": received, "granted": granted, "concluded": granted, "carried_out": received - granted}
    return {f"requests.{row}.{column}": str(n) for row, n in rows.items() for column in (PERSON, TOTAL)}


def after(printed: dict[str, str], doubts: dict[str, float]) -> tuple[dict[str, tuple[float | None, str]], list[Finding]]:
    cells, found = settle(report(printed), doubts)
    return {cell.slot.key: (cell.value, cell.state) for cell in cells}, found


def test_confidence_goes_by_place() -> None:
    cells = report({"proactive.regulations.issued": ""})
    sure = {(1, 0, 1): 0.0, (1, 1, 1): 0.5, (2, 10, 1): 0.7, (9, 9, 9): 0.1}
    assert confidence(cells, sure) == {"proactive.regulations.repealed": 0.5, cells[10].slot.key: 0.7}


def told_by_order(*rows: str) -> list[Finding]:
    """That rows were told by their order alone."""
    return [Finding("row.by_order", "note", "", "", involved=tuple(key for key in KEYS if key.startswith(f"{row}."))) for row in rows]


def test_where_a_label_was_lost_an_empty_cell_is_in_doubt() -> None:
    empty, figure, unruled = (f"requests.granted.{column}" for column in (PERSON, TOTAL, "other_organization"))
    cells = report({empty: "", unruled: ""})
    places = {(TABLES["requests"], slot.index, 1): 0.97 for slot in FORM.slots if slot.key in (empty, figure)}
    places |= {(TABLES["requests"], KEYS[unruled].index, 1): 0.0}
    assert confidence(cells, places) == {figure: 0.97}
    sure = confidence(cells, places, told_by_order("requests.granted"))
    assert sure == {empty: 0.5, figure: 0.97}
    settled, found = settle(cells, sure)
    assert [(c.slot.key, c.value, c.state) for c in settled if c != cells[c.slot.index]] == [(empty, None, UNREADABLE)]
    assert [(f.rule, f.severity, f.involved) for f in found] == [("cell.unreadable", "warning", (empty,))]
    assert "未见字迹,但其周围字迹残缺" in found[0].message and "the print about it is damaged" in found[0].message_en


def test_where_most_labels_of_a_table_were_lost_all_its_figures_are_in_doubt() -> None:
    rows = [f"reviews.{row.label.key}" for row in FORM.table("reviews").rows]
    cells = report({})
    sure = {(TABLES[cell.slot.table], cell.slot.index, 1): 0.97 for cell in cells}
    few, most = (confidence(cells, sure, told_by_order(*rows[:n])) for n in (len(rows) // 2, len(rows) // 2 + 1))
    assert set(few.values()) == {0.97} and len(few) == len(cells)
    assert {key for key, odds in most.items() if odds == 0.5} == {key for key in KEYS if key.startswith("reviews.")}


def test_where_most_figures_of_a_table_are_in_doubt_so_is_all_else_in_it() -> None:
    row = [key for key in KEYS if key.startswith("reviews.reconsideration.")]
    cells = report({row[0]: "", row[1]: "", "requests.granted.total": ""})
    places = {key: (TABLES[KEYS[key].table], KEYS[key].index, 1) for key in (*row, "requests.granted.total")}
    half = {places[key]: 1.0 for key in places} | {places[key]: SURE - 0.1 for key in row[2:3]}
    assert len(row) == 5 and confidence(cells, half) == {row[2]: SURE - 0.1, row[3]: 1.0, row[4]: 1.0}
    most = half | {places[row[3]]: SURE - 0.1}
    assert confidence(cells, most) == {row[0]: 0.5, row[1]: 0.5, row[2]: SURE - 0.1, row[3]: SURE - 0.1, row[4]: 0.5}


def test_where_no_figure_of_a_document_is_sure_its_empty_cells_are_in_doubt() -> None:
    empty, figure = "reviews.reconsideration.upheld", "requests.granted.total"
    cells = report({empty: ""})
    places = {(TABLES[KEYS[key].table], KEYS[key].index, 1): sure for key, sure in ((empty, 1.0), (figure, 0.7))}
    assert confidence([cell for cell in cells if cell.slot.key in (empty, figure)], places) == {empty: 0.5, figure: 0.7}
    assert confidence(cells, places) == {figure: 0.7}, "the other figures were not read off a picture"


def test_what_was_read_without_doubt_stays_as_it_is() -> None:
    printed = balanced(12, 7) | {"requests.granted.natural_person": "1"}  # breaks its row and its column
    cells = report(printed)
    assert settle(cells, dict.fromkeys(KEYS, SURE)) == (tuple(cells), [])


@pytest.mark.parametrize(
    ("right", "read"), [("7", "1"), ("8", "3"), ("6", "0"), ("5", "6"), ("10", "1"), ("11", "1"), ("100", "10"), ("38", "35")]
)
def test_two_identities_that_leave_one_reading_settle_it(right: str, read: str) -> None:
    key = "requests.granted.natural_person"
    values, found = after(balanced(200, int(right)) | {key: read}, {key: 0.6})
    assert values[key] == (int(right), NUMBER)
    assert [(f.rule, f.severity, f.involved, f.expected, f.found) for f in found] == [
        ("ocr.settled", "note", (key,), float(right), float(read))
    ]
    assert f"“{read}”(把握60%)" in found[0].message and f"“{read}” (60% sure)" in found[0].message_en


def test_a_reading_that_the_identities_alone_leave_is_confirmed() -> None:
    key = "requests.granted.natural_person"
    values, found = after(balanced(12, 7), {key: 0.5})
    assert values[key] == (7, NUMBER)
    assert [(f.rule, f.severity, f.involved) for f in found] == [("ocr.confirmed", "note", (key,))]


def test_one_identity_alone_changes_nothing() -> None:
    """A row of the reviews has no second identity: the total may be the misprint."""
    key = "reviews.reconsideration.upheld"
    values, found = after({key: "3", "reviews.reconsideration.total": "8"}, {key: 0.5})
    assert values[key] == (None, UNREADABLE)
    assert [(f.rule, f.severity, f.suggestion) for f in found] == [("cell.unreadable", "warning", 8.0)]


def test_two_readings_that_remain_are_left_open() -> None:
    """3 + 8 and 8 + 3 in one row of the reviews: the total allows both."""
    keys = ("reviews.reconsideration.upheld", "reviews.reconsideration.overturned")
    printed = dict(zip(keys, "38", strict=True)) | {"reviews.reconsideration.total": "11"}
    values, found = after(printed, dict.fromkeys(keys, 0.5))
    assert [values[key] for key in keys] == [(None, UNREADABLE)] * 2
    assert [(f.rule, f.suggestion) for f in found] == [("cell.unreadable", None)] * 2


def test_a_figure_without_identity_is_left_open() -> None:
    key = "proactive.licensing.decisions"
    values, found = after({key: "17"}, {key: SURE - 0.01})
    assert values[key] == (None, UNREADABLE)
    assert [(f.rule, f.row, f.column) for f in found] == [("cell.unreadable", "licensing", "decisions")]


def test_a_misprint_that_no_reading_mends_is_not_mended() -> None:
    key = "requests.granted.natural_person"
    values, found = after(balanced(12, 7) | {key: "4"}, {key: 0.5})
    assert values[key] == (None, UNREADABLE)
    assert [f.rule for f in found] == ["cell.unreadable"]


def test_cells_in_doubt_are_settled_together() -> None:
    """Three in one row and two in one column, each misread."""
    printed = balanced(30, 0)
    row = {"natural_person": "8", "commercial_enterprise": "6", "other_organization": "10"}
    for name in ("granted", "concluded"):
        printed |= {f"requests.{name}.{column}": n for column, n in row.items()} | {f"requests.{name}.total": "24"}
    printed |= {f"requests.received.{column}": n for column, n in row.items()} | {"requests.received.total": "24"}
    printed |= {f"requests.carried_out.{column}": "0" for column in (PERSON, TOTAL)}
    wrong = {
        "requests.granted.natural_person": "3",
        "requests.granted.commercial_enterprise": "0",
        "requests.granted.other_organization": "1",
    }
    values, found = after(printed | wrong, dict.fromkeys(wrong, 0.4))
    assert {key: values[key][0] for key in wrong} == dict(zip(wrong, (8, 6, 10), strict=True))
    assert [f.rule for f in found] == ["ocr.settled"] * 3


def test_a_slash_taken_for_a_one_is_no_number() -> None:
    key = "requests.granted.natural_person"
    values, found = after(balanced(12, 0) | {key: "1"}, {key: 0.6})
    assert values[key] == (None, "not_applicable")
    assert "“/”" in found[0].message


def test_the_first_doubt_of_a_cell_gives_way_to_the_second() -> None:
    key = "requests.granted.natural_person"
    doubt = Finding("cell.unreadable", "warning", "", "", involved=(key,))
    other = Finding("cell.unreadable", "warning", "", "", involved=("requests.received.total",))
    _, found = settle(report(balanced(12, 7) | {key: "[不清]"}), {key: 0.0}, [doubt, other])
    assert [f.involved for f in found] == [("requests.received.total",), (key,)]


def test_a_page_in_doubt_takes_no_time_and_settles_nothing_wrong() -> None:
    printed = balanced(60, 8) | {"requests.granted.natural_person": "3"}
    values, _ = after(printed, {key: 0.5 for key in KEYS if key.startswith("requests.")})
    truth = {key: float(text) for key, text in balanced(60, 8).items()}
    wrong = {k: v for k, v in values.items() if v[1] == NUMBER and v[0] != truth.get(k, 0.0)}
    assert wrong == {}


def test_readings_are_plausible_figures() -> None:
    assert readings("1")[0] == ("1", 1.0)
    assert {r.text for r in readings("1")} >= {"7", "4", "/", "10", "11"}
    assert "7.5" in {r.text for r in readings("1.5")}
    assert "-3" in {r.text for r in readings("-8")}
    assert readings("[不清]") == readings("三") == readings("") == ()
    assert len(readings("888888888")) < 200
