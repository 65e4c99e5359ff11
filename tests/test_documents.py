"""The bundled documents say what the published figures say."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import synthetic
import typeset
from filings import Filing, cell_keys, filings, known_rows

import govdisclose as gd

DATA = Path(__file__).parents[1] / "data"
FILINGS = {(filing.agency, filing.year): filing for filing in filings()}
DOCUMENTS = {
    (filing.agency, filing.year): path
    for filing in FILINGS.values()
    for path in (DATA / "documents").glob(f"{filing.agency}{filing.year}.*")
}


def expected(filing: Filing) -> Iterator[tuple[str, float | None, str]]:
    """Key, value and state of every cell: a row of which nothing is known is absent, a single unknown cell blank."""
    known = known_rows(filing)
    for key in cell_keys(filing.forms):
        if key.rpartition(".")[0] not in known:
            yield key, None, "absent"
        else:
            text = filing.printed.get(key, "").removesuffix("元")
            yield (key, float(text), "number") if text else (key, None, "blank")


def test_each_published_report_has_one_document() -> None:
    assert len(FILINGS) == 12
    assert set(DOCUMENTS) == set(FILINGS)
    assert len({typeset.LAYOUTS[card.layout].name for card in typeset.source_cards()}) == 12


def test_documents_are_what_the_script_makes() -> None:
    assert typeset.differences(DATA / "documents") == []


@pytest.mark.parametrize("who", FILINGS, ids=lambda who: f"{who[0]}{who[1]}")
def test_document_reads_back_as_published(who: tuple[str, int]) -> None:
    report = gd.read_report(DOCUMENTS[who])
    cells = report.cells
    read = {
        f"{table}.{row}.{column}": (None if missing else float(value), state)
        for table, row, column, value, missing, state in zip(
            cells["table"],
            cells["row"],
            cells["column"],
            cells["value"],
            cells["value"].isna(),
            cells["state"],
            strict=True,
        )
    }
    wanted = {key: (value, state) for key, value, state in expected(FILINGS[who])}
    assert {key: (wanted.get(key), read.get(key)) for key in wanted | read if wanted.get(key) != read.get(key)} == {}
    assert (report.agency, report.year) == who


@pytest.mark.parametrize("who", FILINGS, ids=lambda who: f"{who[0]}{who[1]}")
def test_cells_keep_the_print_and_the_form(who: tuple[str, int]) -> None:
    filing = FILINGS[who]
    cells = gd.read_report(DOCUMENTS[who]).cells
    assert list(cells["form"]) == [filing.forms[table] for table in cells["table"]]
    if filing.agency == "上海市人民政府办公厅" and filing.year == 2019:
        amount = cells[cells["column"] == "purchase_amount"].iloc[0]
        assert (amount["text"], amount["unit"], amount["value"]) == ("251000元", "yuan", 251000)


def test_every_document_says_that_it_is_typeset_again() -> None:
    for path in DOCUMENTS.values():
        data = path.read_bytes()
        assert any("【重排样本】".encode(charset) in data for charset in ("utf-8", "gb18030")), path.name


def test_published_figures_name_cells_of_their_forms() -> None:
    with (DATA / "published.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2197
    assert all(row["form"] == FILINGS[row["agency"], int(row["year"])].forms[row["table"]] for row in rows)


def test_synthetic_truth_is_what_the_generator_plants(tmp_path: Path) -> None:
    number = synthetic.write(tmp_path / "demo", tmp_path / "truth.csv")
    assert number == len(list((tmp_path / "demo").glob("合成样本/*"))) == 224
    assert (tmp_path / "truth.csv").read_bytes() == (DATA / "synthetic-truth.csv").read_bytes()


def test_synthetic_series_carry_over_and_hold_every_identity() -> None:
    filed = [filing for agency in synthetic.agencies() for filing in synthetic.series(agency, synthetic.SEED)]
    by_report = {(filing.agency, filing.year): filing for filing in filed}
    for filing in filed:
        for table in ("requests", "reviews"):
            form = filing.form(table)
            figures = [int(filing.printed[s.key]) if s.table == table else 0 for s in form.slots]
            broken = [
                i
                for i in form.identities
                if i.table == table and sum(figures[n] for n in i.left) != sum(figures[n] for n in i.right)
            ]
            assert broken == []
        if last := by_report.get((filing.agency, filing.year - 1)):
            assert last.printed["requests.carried_out.total"] == filing.printed["requests.carried_in.total"]
