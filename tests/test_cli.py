"""The command line: what it prints, makes and exits with, and a sentence for every mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_panels import ZERO_TOTAL, Made, counts, made_panel
from made_reports import read_short, short_document
from typer.testing import CliRunner, Result

from govdisclose import cli
from govdisclose import panel as panel_module
from govdisclose.cli import app
from govdisclose.panel import open_panel
from govdisclose.render import Rendered

HAI, GUAN = "海州市市场监督管理局", "灌河县人民政府"


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "reading", read_short)
    monkeypatch.setattr(cli, "reading", read_short)
    monkeypatch.setattr(cli.out, "width", 200)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "documents"
    place.mkdir()
    (place / "sound.txt").write_text(short_document(GUAN, 2023), "utf-8")
    (place / "unsound.txt").write_text(short_document(HAI, 2022, licensing="6900"), "utf-8")
    return place


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_version_and_help() -> None:
    assert run("--version").stdout == "govdisclose 0.1.0\n"
    for command in ("extract", "check", "export", "measure", "report"):
        shown = run(command, "--help")
        assert shown.exit_code == 0
        assert f"govdisclose {command} " in shown.stdout
    assert run().exit_code == 2


def test_extract(folder: Path, tmp_path: Path) -> None:
    (folder / "news.txt").write_text("nothing", "utf-8")
    done = run("extract", folder, "-o", tmp_path / "new" / "panel.duckdb", "--workers", 1)
    assert done.exit_code == 0
    shown = " ".join(done.stdout.split())
    assert f"agencies 2 ({HAI}、{GUAN}) years 2022-2023 documents read 2 documents that failed 1" in shown
    assert "findings 1 error, 0 warnings, 0 notes" in shown
    assert done.stderr == f"{folder / 'news.txt'}: no table of the form; save the page that shows the tables\n"
    assert len(open_panel(tmp_path / "new" / "panel.duckdb").reports) == 2


def test_extract_adds_or_starts_anew(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "panel.duckdb"
    run("extract", folder / "sound.txt", "-o", file)
    run("extract", folder / "unsound.txt", "-o", file)
    assert open_panel(file).reports["agency"].tolist() == [HAI, GUAN]
    run("extract", folder / "sound.txt", "-o", file, "--replace")
    assert open_panel(file).reports["agency"].tolist() == [GUAN]


def test_extract_with_an_agency_file(folder: Path, tmp_path: Path) -> None:
    kinds = tmp_path / "kinds.csv"
    kinds.write_text(f"agency,agency_kind\n{GUAN},县级政府\n", "utf-8")
    assert run("extract", folder, "-o", tmp_path / "panel.duckdb", "--agency-file", kinds).exit_code == 0
    assert open_panel(tmp_path / "panel.duckdb").reports["agency_kind"].tolist()[1] == "县级政府"
    kinds.write_text("name\n", "utf-8")
    wrong = run("extract", folder, "-o", tmp_path / "panel.duckdb", "--agency-file", kinds)
    assert (wrong.exit_code, wrong.stderr) == (
        2,
        f"govdisclose: {kinds}: no column agency; its first line should be agency,agency_kind,region\n",
    )


@pytest.mark.parametrize("command", ["extract", "report"])
def test_nothing_to_read_is_a_sentence(command: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "news.txt").write_text("nothing", "utf-8")
    file = tmp_path / "out"
    empty = run(command, tmp_path / "empty", "-o", file)
    assert (empty.exit_code, empty.stdout) == (2, "")
    assert empty.stderr == (
        f"govdisclose: {tmp_path / 'empty'}: the folder holds no document; "
        "name a folder, file or pattern with reports\n"
    )
    unread = run(command, tmp_path / "news.txt", "-o", file)
    assert (unread.exit_code, unread.stdout) == (2, "")
    assert unread.stderr == (
        f"{tmp_path / 'news.txt'}: no table of the form; save the page that shows the tables\n"
        "no report could be read, nothing was saved; name a folder, file or pattern with reports\n"
    )
    assert not file.exists()


def test_extract_never_overwrites_what_is_no_panel(folder: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("chapter one", "utf-8")
    done = run("extract", folder, "-o", thesis, "--replace")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"govdisclose: {thesis}: no panel (")
    assert thesis.read_text("utf-8") == "chapter one"


def test_ctrl_c_saves_what_was_read(folder: Path, tmp_path: Path) -> None:
    (folder / "t.txt").write_text('"stop"', "utf-8")
    done = run("extract", folder, "-o", tmp_path / "panel.duckdb")
    assert done.exit_code == 130
    assert "stopped by Ctrl-C: what was read is saved, run the command again for the rest" in done.stderr
    assert open_panel(tmp_path / "panel.duckdb").reports["agency"].tolist() == [GUAN]


def test_many_failures_are_cut(folder: Path, tmp_path: Path) -> None:
    for number in range(25):
        (folder / f"news{number:02}.txt").write_text("nothing", "utf-8")
    lines = run("extract", folder, "-o", tmp_path / "panel.duckdb").stderr.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 5 more; panel.failures lists all"


def test_check(folder: Path) -> None:
    sound = run("check", folder / "sound.txt")
    assert (sound.exit_code, sound.stdout) == (
        0,
        f"{folder / 'sound.txt'}: {GUAN} 2023, form 2021, 200 of 200 cells hold a number; nothing to find fault with\n",
    )
    unsound = run("check", folder / "unsound.txt")
    assert unsound.exit_code == 1
    for word in ("requests.balance", "(七)总计 › 总计", "error", " 12 ", " 0 ", "总计列:12 + 0 ≠ 0 + 0。"):
        assert word in unsound.stdout
    english = run("check", folder / "unsound.txt", "--lang", "en").stdout
    assert "Column total: 12 + 0 ≠ 0 + 0." in english and "Concluded in all › Total" in english and "总计" not in english
    both = run("check", folder, "--lang", "both").stdout
    assert "总计列:12 + 0 ≠ 0 + 0。" in both
    assert "Column total: 12 + 0 ≠ 0 + 0." in both


def test_check_of_what_cannot_be_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text("nothing", "utf-8")
    done = run("check", folder / "unsound.txt", tmp_path / "news.txt")
    assert done.exit_code == 2
    assert done.stderr == f"{tmp_path / 'news.txt'}: no table of the form; save the page that shows the tables\n"
    assert "requests.balance" in done.stdout


def test_text_of_a_document_does_nothing_in_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(short_document("[red]局[/red]\x1b[31m", 2023), "utf-8")
    assert "[red]局[/red]\ufffd[31m 2023" in run("check", tmp_path / "a.txt").stdout


def test_export(folder: Path, tmp_path: Path) -> None:
    panel = tmp_path / "panel.duckdb"
    run("extract", folder, "-o", panel)
    done = run("export", panel, "-o", tmp_path / "tables")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == str(tmp_path / "tables" / "codebook.csv")
    assert run("export", panel, "-o", tmp_path / "all.xlsx", "--format", "xlsx").stdout == f"{tmp_path / 'all.xlsx'}\n"
    wrong = run("export", panel, "-o", tmp_path / "cells.csv")
    assert (wrong.exit_code, wrong.stderr) == (
        2,
        f"govdisclose: {tmp_path / 'cells.csv'}: csv is written as files in a folder; name a folder\n",
    )
    missing = run("export", tmp_path / "none.duckdb", "-o", tmp_path)
    assert missing.exit_code == 2
    assert missing.stderr.startswith(f"govdisclose: {tmp_path / 'none.duckdb'}: no such file; a panel is a file; make one")


def test_report_hands_over_to_the_notebooks(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "reports"
    asked: list[tuple[object, ...]] = []
    made = [Rendered("trends", "zh", out / "trends.zh.html", out / "trends.zh.ipynb", 4.25)]

    def build_reports(*arguments: object) -> list[Rendered]:
        asked.append(arguments)
        return made

    monkeypatch.setattr("govdisclose.render.build_reports", build_reports)
    done = run("report", folder, "-o", out)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-2:] == [f"{out / 'trends.zh.html'}: 4.2 s", f"open {out / 'index.html'}"]
    assert asked.pop() == (out / "panel.duckdb", out, None, ("zh", "en"), None, None)
    assert len(open_panel(out / "panel.duckdb").reports) == 2
    words = ["--agency", HAI, "--agency", GUAN, "--years", "2019-2021,2023", "--lang", "en", "--workers", "2"]
    assert run("report", out / "panel.duckdb", "-o", out, *words, "--notebooks", "denial_reasons").exit_code == 0
    parameters = {"agencies": [HAI, GUAN], "years": [2019, 2020, 2021, 2023]}
    assert asked.pop() == (out / "panel.duckdb", out, ["denial_reasons"], ("en",), parameters, 2)
    made.append(Rendered("reasons", "zh", out / "reasons.zh.html", out / "reasons.zh.ipynb", 1, "NameError: x"))
    failed = run("report", folder, "-o", out, "--kind", "税务")
    assert failed.exit_code == 1
    assert failed.stderr == f"{out / 'reasons.zh.html'}: failed: NameError: x\n"
    assert asked.pop()[4] == {"agency_kind": ["税务"]}


def test_report_hands_over_the_file_of_places(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr("govdisclose.render.build_reports", lambda *arguments: asked.append(arguments) or [])
    (folder / "places.csv").write_text(f"agency,kind,level,code\n{HAI},某类,county,320600\n", "utf-8")
    assert run("report", folder, "-o", tmp_path).exit_code == 0
    assert asked.pop()[4] == {"places": str(folder / "places.csv")}
    held = open_panel(tmp_path / "panel.duckdb").reports.set_index("agency").loc[HAI]
    assert (held["agency_kind"], held["region"]) == ("某类", "江苏省南通市")
    other = tmp_path / "other.csv"
    other.write_text(f"agency,kind,level,code\n{HAI},,,320700\n", "utf-8")
    assert run("report", tmp_path / "panel.duckdb", "-o", tmp_path, "--places", other).exit_code == 0
    assert asked.pop()[4] == {"places": str(other)}
    assert run("extract", folder, "-o", tmp_path / "other.duckdb", "--places", other).exit_code == 0
    assert open_panel(tmp_path / "other.duckdb").reports.set_index("agency").loc[HAI, "region"] == "江苏省连云港市"


def test_report_hands_over_corrections_and_names_those_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr("govdisclose.render.build_reports", lambda *arguments: asked.append(arguments) or [])
    head = "agency,year,table,row,column,printed,corrected,reason,who,date"
    file = tmp_path / "own.csv"
    file.write_text(f"{head}\n无此县,2023,requests,received,total,1,2,看错,审校,2026-03-01\n", encoding="utf-8")
    done = run("report", folder, "-o", tmp_path, "--corrections", file)
    assert done.exit_code == 0 and "corrections  1 no_report" in done.stdout
    assert done.stderr == "correction refused: 无此县 2023 requests.received.total: no such report or cell in the panel\n"
    assert asked.pop()[4] == {"corrections": str(file), "values": "corrected"}
    run("report", folder, "-o", tmp_path, "--corrections", file, "--values", "sound")
    assert asked.pop()[4] == {"corrections": str(file), "values": "sound"}
    file.write_text(f"{head}\n无此县,2023,requests,received,total,1,二,看错,审校,2026-03-01\n", encoding="utf-8")
    wrong = run("report", folder, "-o", tmp_path, "--corrections", file)
    assert (wrong.exit_code, asked) == (2, [])
    assert wrong.stderr.startswith(f"govdisclose: {file}, line 2: corrected is '二'")


def test_report_on_what_is_not_there_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    done = run("report", folder, "-o", tmp_path, "--agency", "灌河县政府")
    assert done.exit_code == 2
    assert f"govdisclose: no agency '灌河县政府' in the panel; nearest: {GUAN}" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--notebooks", "transparency_trend"], "; did you mean 'transparency_trends'? there are transparency_trends, "),
        (["--notebooks", "nope"], "; there are transparency_trends, "),
        (["--values", "corrected"], "govdisclose: --values corrected needs --corrections, "),
    ],
)
def test_report_reads_nothing_where_what_is_asked_for_is_not_there(folder: Path, tmp_path: Path, words: list[str], sentence: str) -> None:
    done = run("report", folder, "-o", tmp_path / "reports", *words)
    assert done.exit_code == 2 and done.stderr.startswith("govdisclose: ")
    assert sentence in done.stderr
    assert not (tmp_path / "reports").exists()


def test_report_is_of_the_documents_named_alone(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdisclose.render.build_reports", lambda *_: [])
    run("report", folder, "-o", tmp_path)
    run("report", folder / "sound.txt", "-o", tmp_path)
    assert open_panel(tmp_path / "panel.duckdb").reports["agency"].tolist() == [GUAN]


@pytest.mark.parametrize("years", ["19", "2024-2019", "2019..2020", "2019-"])
def test_years_that_are_none(folder: Path, tmp_path: Path, years: str) -> None:
    done = run("report", folder, "-o", tmp_path / "reports", "--years", years)
    assert done.exit_code == 2
    assert done.stderr == f"govdisclose: --years {years}: no years; write 2019-2024 or 2021,2023\n"
    assert not (tmp_path / "reports").exists()


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    ended = {"=甲县": (7, 12), "乙县": (0, 0), "丙县": (9, 12)}
    made = [Made(who, 2023, counts({"granted": g, "concluded": n, "received": n})) for who, (g, n) in ended.items()]
    return made_panel([*made, ZERO_TOTAL]).save(tmp_path / "panel.duckdb")


def test_measure(measured: Path, tmp_path: Path) -> None:
    done = run("measure", measured, "grant_rate", "--csv", tmp_path / "rates.csv")
    assert done.exit_code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.stdout.splitlines() if line.startswith("│")]
    assert ["=甲县", "2023", "grant_rate", "share", "0.5833", "0.3195–0.8067", "7/12", "1", "0", ""] in rows
    assert ["乙县", "2023", "grant_rate", "share", "", "", "0/0", "1", "0", "zero_denominator"] in rows
    assert "zero_contradicted: 办结总计印为 0" in done.stdout and "there are no cases" in done.stdout
    lines = (tmp_path / "rates.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 5 and [line for line in lines if "甲县" in line][0].startswith("'=甲县,2023,")


def test_measure_pooled(measured: Path) -> None:
    pooled = run("measure", measured, "grant_rate", "received", "--by", "year", "--by", "agency_kind")
    assert "2023 │ 市场监督管理 │ grant_rate │ share │ 0.6667 │ 0.4671–0.8203 │ 16/24 │ 3 │       1 │" in pooled.stdout
    whole = run("measure", measured, "received", "--whole")
    assert whole.exit_code == 0 and "│ received │" in whole.stdout and " 36 " in whole.stdout
    assert "│ 24" not in run("measure", measured, "grant_rate", "--whole", "--sound").stdout


def test_measures_are_listed() -> None:
    listed = run("measure", "--list").stdout
    assert "grant_rate" in listed and "予以公开 ÷ 办结总计" in listed
    assert "granted ÷ concluded" in run("measure", "--list", "--lang", "en").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("grantrate",), "govdisclose: no measure 'grantrate'; nearest: grant_rate, granted, clearance_rate; "),
        ((), "govdisclose: name a panel file and a measure: govdisclose measure panel.duckdb grant_rate; --list shows the measures\n"),
        (("received", "--whole", "--by", "year"), "govdisclose: --whole and --by exclude each other\n"),
        (("fees", "--by", "county"), "govdisclose: no level 'county'; measures are told by agency, year, "),
        (("fees", "--by", "applicant"), "govdisclose: the form does not tell 'fees' by type of applicant\n"),
        (("received", "--csv", "nowhere/at/all.csv"), "govdisclose: [Errno 2] No such file or directory: 'nowhere/at/all.csv'\n"),
    ],
)
def test_measures_that_cannot_be_computed_are_a_sentence(measured: Path, words: tuple[str, ...], sentence: str) -> None:
    done = run("measure", measured, *words)
    assert (done.exit_code, done.stdout) == (2, "") and done.stderr.startswith(sentence)


def test_a_missing_panel_says_how_to_make_one(tmp_path: Path) -> None:
    done = run("measure", tmp_path / "no.duckdb", "grant_rate")
    assert done.exit_code == 2
    assert done.stderr == f"govdisclose: {tmp_path / 'no.duckdb'}: no such file; a panel is a file; make one with: govdisclose extract FOLDER -o panel.duckdb\n"


def test_many_figures_are_cut_in_the_terminal(tmp_path: Path) -> None:
    file = made_panel([Made(f"第{n}镇人民政府", 2023, rest="0") for n in range(205)]).save(tmp_path / "panel.duckdb")
    done = run("measure", file, "received")
    assert done.stderr == "… and 5 more rows; --csv writes all, --by pools them\n" and done.stdout.count("received") == 200
