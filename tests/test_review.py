"""The walk through broken sums: what is shown, what each answer writes, and that stopping loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from filings import Filing, cell_keys
from typer.testing import CliRunner, Result
from typeset import LAYOUTS, typeset

from govdisclose.cli import app
from govdisclose.corrections import COLUMNS, read_corrections
from govdisclose.panel import open_panel, read_reports

FORMS = {"proactive": "2021", "requests": "2021", "reviews": "2021"}
JIN, YAN = "金湖县水利局", "鹿城县水利局"


def page(agency: str, **printed: str) -> bytes:
    keys = dict.fromkeys(cell_keys(FORMS), "0") | printed
    return typeset(Filing(agency, 2023, f"{agency}2023年政府信息公开工作年度报告", FORMS, keys), LAYOUTS["html_merged"])


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two documents: a total printed 0 beside 7, and a row of the reviews that has two explanations."""
    folder = tmp_path_factory.mktemp("review")
    cells = {f"requests.{row}.{column}": "7" for row in ("received", "granted", "concluded") for column in ("natural_person", "total")}
    (folder / "a.html").write_bytes(page(JIN, **cells | {"requests.concluded.total": "0"}))
    (folder / "b.html").write_bytes(page(YAN, **{"reviews.litigation_direct.upheld": "5"}))
    read_reports(folder, progress=False).save(folder / "panel.duckdb")
    return folder / "panel.duckdb"


def walk(panel: Path, file: Path, typed: str, *more: str) -> Result:
    words = ["review", str(panel), "-c", str(file), "--who", "审校", *more]
    return CliRunner().invoke(app, words, input=typed)


def written(file: Path) -> list[tuple[object, ...]]:
    kept = read_corrections(file)
    return [tuple(row) for row in kept[["agency", "table", "row", "column", "printed", "corrected"]].itertuples(index=False)]


CONCLUDED = (JIN, "requests", "concluded", "total", "0", 7.0)


def test_a_suggestion_taken_settles_every_sum_it_mends(panel: Path, tmp_path: Path) -> None:
    before = panel.read_bytes()
    done = walk(panel, tmp_path / "own.csv", "\ns\n", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "1 answered, 1 open" in done.output and done.output.count("skip") == 2
    assert "(七)总计" not in done.output and "Concluded" in done.output and "table 2, row 27, column 8" in done.output
    assert written(tmp_path / "own.csv") == [CONCLUDED]
    line = read_corrections(tmp_path / "own.csv").iloc[0]
    assert (line["who"], line["date"]) == ("审校", date.today().isoformat()) and "should be 7" in line["reason"]
    assert panel.read_bytes() == before
    corrected = open_panel(panel).correct(tmp_path / "own.csv")
    assert "correction.applied" in set(corrected.findings["rule"])


def test_it_goes_on_where_it_was_left(panel: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    assert "1 answered, 1 open" in walk(panel, file, "1\nq\n").output
    done = walk(panel, file, "2\n")
    assert JIN not in done.output and YAN in done.output and "1 answered, 0 open" in done.output
    assert written(file) == [CONCLUDED, (YAN, "reviews", "litigation_direct", "upheld", "5", 0.0)]
    assert "nothing was answered, 0 open" in walk(panel, file, "").output


def test_a_figure_is_typed_or_the_printed_one_is_confirmed(panel: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    done = walk(panel, file, "v\nconcluded.total\n八\n\nv\nconcluded.total\n7\n原件为7\np\n")
    assert "没有听懂" in done.output and "2 answered, 0 open" in done.output
    assert written(file) == [CONCLUDED, (YAN, "reviews", "litigation_direct", "total", "0", 0.0)]
    assert list(read_corrections(file)["reason"]) == ["原件为7", "核对原件,印的就是这个数"]
    rules = open_panel(panel).correct(file).findings["rule"]
    assert {"correction.applied", "correction.confirmed"} <= set(rules)


def test_a_second_answer_takes_the_place_of_the_first(panel: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    walk(panel, file, "v\nrequests.concluded.total\n6\n看错\n1\nq\n")
    assert written(file) == [CONCLUDED]


def test_stopping_at_any_moment_loses_nothing(panel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answers() -> Iterator[str]:
        yield "1"
        raise KeyboardInterrupt

    said = answers()
    monkeypatch.setattr("govdisclose.cli.typer.prompt", lambda *_, **__: next(said))
    done = walk(panel, tmp_path / "own.csv", "")
    assert done.exit_code == 130 and "every answer so far is in" in done.output
    assert written(tmp_path / "own.csv") == [CONCLUDED]
    assert [file.name for file in tmp_path.iterdir()] == ["own.csv"]
    monkeypatch.undo()
    assert walk(panel, tmp_path / "own.csv", "").exit_code == 130  # the input ends before the question is answered


def test_a_file_that_holds_no_corrections_is_left_alone(panel: Path, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("agency,figure\n")
    done = walk(panel, tmp_path / "own.csv", "1\n")
    assert done.exit_code == 2 and ",".join(COLUMNS) in done.output
    assert (tmp_path / "own.csv").read_text() == "agency,figure\n"
    assert walk(tmp_path / "none.duckdb", tmp_path / "new.csv", "").exit_code == 2


def test_text_of_a_document_does_nothing_to_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page(JIN, **{"reviews.litigation_direct.upheld": "5", "reviews.litigation_direct.other": "\x1b[2J[red]x"}))
    done = walk(tmp_path / "a.html", tmp_path / "own.csv", "s\n")
    assert "\x1b" not in done.output
