"""The panel: batches, duplicates, selecting, display, and the file that it is kept in."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from made_reports import BALANCE, DENIED, made_report, read_short, short_document

from govdisclose import batch
from govdisclose import panel as panel_module
from govdisclose.assembly import assembled
from govdisclose.errors import ReportError
from govdisclose.findings import Finding
from govdisclose.folders import Failure
from govdisclose.panel import Panel, open_panel, read_reports
from govdisclose.report import Report, reading
from govdisclose.store import PanelError

HAI, GUAN = "海州市市场监督管理局", "灌河县人民政府"
SAMPLES = Path(__file__).parents[1] / "data" / "documents"
TABLES = ("reports", "cells", "findings", "statements", "failures")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "reading", read_short)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two agencies, three documents, one page that is no report."""
    place = tmp_path / "documents"
    place.mkdir()
    (place / "hai-2023.txt").write_text(short_document(HAI, 2023, licensing="6900"), "utf-8")
    (place / "hai-2022.txt").write_text(short_document(HAI, 2022), "utf-8")
    (place / "guan.txt").write_text(short_document(GUAN, 2023, penalties="/"), "utf-8")
    (place / "news.txt").write_text("nothing", "utf-8")
    return place


def of(*reports: Report, failures: tuple[Failure, ...] = ()) -> Panel:
    return Panel(**assembled(reports, failures, {}), interrupted=False)


def assert_same(left: Panel, right: Panel) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(left, name), getattr(right, name), check_exact=True)


def licences(panel: Panel) -> list[float]:
    cells = panel.cells
    return cells["value"][(cells["row"] == "licensing") & (cells["column"] == "decisions")].tolist()


def test_a_folder_as_a_panel(folder: Path) -> None:
    panel = read_reports(folder, progress=False)
    assert panel.reports[["agency", "year", "form", "cells_number", "findings_error"]].values.tolist() == [
        [HAI, 2022, "2021", 200, 0],
        [HAI, 2023, "2021", 200, 1],
        [GUAN, 2023, "2021", 199, 1],
    ]
    assert panel.reports["source"].tolist() == [str(folder / f) for f in ("hai-2022.txt", "hai-2023.txt", "guan.txt")]
    assert len(panel.cells) == 600
    assert licences(panel) == [0, 6900, 0]
    assert panel.findings.columns[:5].tolist() == ["agency", "year", "source", "rule", "severity"]
    assert panel.findings[["agency", "year", "rule"]].values.tolist() == [
        [HAI, 2023, "requests.balance"],
        [GUAN, 2023, "requests.balance"],
    ]
    assert panel.failures.values.tolist() == [
        [str(folder / "news.txt"), "no table of the form; save the page that shows the tables"]
    ]
    assert not panel.interrupted


def test_the_order_of_the_sources_does_not_matter(folder: Path) -> None:
    files = sorted(folder.glob("*.txt"))
    assert_same(read_reports(folder, progress=False), read_reports(files[::-1], workers=3, progress=False))


def test_workers_read_the_samples_just_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "reading", reading)
    here = read_reports(SAMPLES, workers=1, progress=False)
    assert len(here.reports) == 12
    assert here.failures.empty
    monkeypatch.setattr(batch, "PATIENCE", 0)
    monkeypatch.setattr(batch, "START_UP", -60)
    assert_same(read_reports(SAMPLES, workers=2, progress=False), here)


def test_a_report_crosses_from_a_worker_unchanged() -> None:
    report = made_report("a.html", figures=ODD | UNREADABLE, found=[BALANCE], stated=[DENIED])
    data = pickle.dumps(report)
    assert pickle.loads(data) == report
    assert len(data) < 16_000


def test_dtypes_are_those_of_the_contract() -> None:
    empty = of()
    assert {name: str(dtype) for name, dtype in empty.cells.dtypes.items() if dtype != "str"} == {
        "year": "Int64",
        "value": "Float64",
    }
    full = of(made_report("a", found=[BALANCE], stated=[DENIED]), failures=(Failure("b", "empty"),))
    for name in TABLES:
        pd.testing.assert_series_equal(getattr(full, name).dtypes, getattr(empty, name).dtypes)


def test_nothing_at_all_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="the folder holds no document; name a folder, file or pattern"):
        read_reports(tmp_path, progress=False)
    with pytest.raises(ReportError, match="nothing to read"):
        read_reports([], progress=False)


def test_agency_given_for_all_documents(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(short_document("", 2023), "utf-8")
    assert read_reports(tmp_path, agency=HAI, progress=False).reports["agency"].tolist() == [HAI]


def test_agencies_file_of_the_folder_overrides_the_kind(folder: Path) -> None:
    (folder / "agencies.csv").write_text(f"agency,agency_kind,region\n{GUAN},县级政府,灌河县\n", "utf-8-sig")
    reports = read_reports(folder, progress=False).reports
    assert reports[["agency_kind", "region"]].values.tolist()[2] == ["县级政府", "灌河县"]
    assert reports["agency_kind"].tolist()[0] == "市场监督管理"


def test_agencies_file_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "kinds.csv").write_text(f"agency,agency_kind\n{HAI},市场监管\n", "utf-8")
    reports = read_reports(folder, agencies=tmp_path / "kinds.csv", progress=False).reports
    assert reports["agency_kind"].tolist()[:2] == ["市场监管", "市场监管"]


def test_a_fault_of_the_reader_is_a_failure(folder: Path) -> None:
    (folder / "news.txt").write_text('"crash"', "utf-8")
    panel = read_reports(folder, progress=False)
    assert panel.failures["reason"].tolist() == ["unexpected KeyError: 'columns' (a fault of the reader, not of the document)"]
    assert len(panel.reports) == 3


def test_ctrl_c_keeps_what_was_read(folder: Path) -> None:
    (folder / "hai-2022.txt").write_text('"stop"', "utf-8")
    with pytest.warns(UserWarning, match="stopped by Ctrl-C: 1 of 4 documents were read"):
        panel = read_reports(folder, progress=False)
    assert panel.interrupted
    assert panel.reports["agency"].tolist() == [GUAN]
    assert panel.failures["reason"].tolist() == ["not read: the run was stopped before its turn"] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
def test_a_file_name_that_is_no_utf8(tmp_path: Path) -> None:
    name = os.fsencode(str(tmp_path)) + b"/\xba\xa3\xd6\xdd.txt"
    Path(os.fsdecode(name)).write_text(short_document(), "utf-8")
    panel = read_reports(tmp_path, progress=False)
    assert panel.reports["source"].tolist() == [f"{tmp_path}/\\udcba\\udca3\\udcd6\\udcdd.txt"]
    assert_same(open_panel(panel.save(tmp_path / "panel.duckdb")), panel)


def test_two_documents_of_one_agency_and_year_are_both_kept() -> None:
    panel = of(made_report("a.html"), made_report("b.html"), made_report("c.html", year=2022))
    assert panel.reports["source"].tolist() == ["c.html", "a.html", "b.html"]
    assert panel.reports["findings_warning"].tolist() == [0, 1, 1]
    assert panel.findings[["source", "rule", "severity"]].values.tolist() == [
        ["a.html", "panel.duplicate", "warning"],
        ["b.html", "panel.duplicate", "warning"],
    ]
    assert panel.findings["message"].iloc[0] == f"{HAI}2023年的报告有2份,汇总时会重复计算:a.html、b.html。"
    assert panel.findings["message_en"].iloc[0] == (
        f"2 documents are reports of {HAI} for 2023; sums would count each: a.html、b.html."
    )


def test_documents_without_agency_or_year_are_no_duplicates() -> None:
    panel = of(made_report("a", ""), made_report("b", ""), made_report("c", year=None), made_report("d", year=None))
    assert panel.findings.empty
    assert panel.reports["source"].tolist() == ["a", "b", "c", "d"]


def test_the_same_bytes_twice_are_read_once() -> None:
    panel = of(made_report("b", sha256="1"), made_report("a", sha256="1"))
    assert panel.reports["source"].tolist() == ["a"]
    assert len(panel.cells) == 200
    assert panel.findings[["source", "rule", "severity", "message_en"]].values.tolist() == [
        ["a", "panel.copy", "note", "Files with the same bytes were left out: b."]
    ]


ODD = {"proactive.licensing.decisions": "", "proactive.penalties.decisions": "—", "proactive.fees.amount": "7730.28"}
UNREADABLE = {"proactive.coercive_measures.decisions": "十 二\n\x00'\"\t"}


def full_panel() -> Panel:
    """A panel with every state, both forms, lists, offsets and missing values of every column."""
    return of(
        made_report("a.html", figures=ODD | UNREADABLE, found=[BALANCE, Finding("text.injected", "note", "甲", "a")]),
        made_report("b.html", GUAN, 2020, "2019", stated=[DENIED]),
        made_report("c.html", "", None),
        failures=(Failure("d.pdf", "a PDF"),),
    )


def test_saved_and_opened_a_panel_is_exactly_the_same(tmp_path: Path) -> None:
    panel = full_panel()
    opened = open_panel(panel.save(tmp_path / "new" / "panel.duckdb"))
    assert_same(opened, panel)
    assert opened.findings["involved"].tolist() == [["requests.received.total", "requests.concluded.total"], []]
    assert opened.findings["expected"].tolist() == [12, pd.NA]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["panel.duckdb"]


def test_an_empty_panel_can_be_kept(tmp_path: Path) -> None:
    assert_same(open_panel(of().save(tmp_path / "panel.duckdb")), of())


def test_saving_merges_and_a_document_read_again_takes_its_place(tmp_path: Path) -> None:
    file = tmp_path / "panel.duckdb"
    licensing = "proactive.licensing.decisions"
    of(made_report("a", sha256="1"), made_report("b", year=2022, sha256="2")).save(file)
    newer = of(
        made_report("a", figures={licensing: "7"}, sha256="9"),  # the same file, mended
        made_report("moved/b", year=2022, figures={licensing: "8"}, sha256="2"),  # the same bytes elsewhere
        made_report("c", GUAN, figures={licensing: "9"}),
    )
    newer.save(file)
    opened = open_panel(file)
    assert opened.reports["source"].tolist() == ["moved/b", "a", "c"]
    assert licences(opened) == [8, 7, 9]
    assert_same(opened, newer)
    newer.save(file)
    assert_same(open_panel(file), newer)


def test_merging_in_any_order_gives_the_same_panel(tmp_path: Path) -> None:
    whole = full_panel()
    parts = [whole.select(agencies=HAI), whole.select(agencies=GUAN), of(made_report("c.html", "", None))]
    for number, order in enumerate([(0, 1, 2), (2, 0, 1)]):
        file = tmp_path / f"{number}.duckdb"
        for part in order:
            parts[part].save(file)
        assert_same(open_panel(file), whole)


def test_duplicates_are_found_and_forgotten_over_merges(tmp_path: Path) -> None:
    file = tmp_path / "panel.duckdb"
    of(made_report("a")).save(file)
    of(made_report("b")).save(file)
    assert open_panel(file).findings["rule"].tolist() == ["panel.duplicate", "panel.duplicate"]
    of(made_report("b", year=2022)).save(file)
    opened = open_panel(file)
    assert opened.findings.empty
    assert opened.reports["findings_warning"].tolist() == [0, 0]


def test_a_document_that_fails_now_keeps_its_older_reading(tmp_path: Path) -> None:
    file = tmp_path / "panel.duckdb"
    of(made_report("a"), failures=(Failure("x", "old"), Failure("y", "old"))).save(file)
    of(made_report("x", year=2021), failures=(Failure("a", "empty"),)).save(file)
    opened = open_panel(file)
    assert opened.reports["source"].tolist() == ["x", "a"]
    assert opened.failures.values.tolist() == [["a", "empty"], ["y", "old"]]


def test_replace_starts_anew(tmp_path: Path) -> None:
    file = tmp_path / "panel.duckdb"
    of(made_report("a")).save(file)
    of(made_report("b", year=2020)).save(file, replace=True)
    assert open_panel(file).reports["source"].tolist() == ["b"]


def test_a_save_that_fails_leaves_the_last_panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "panel.duckdb"
    before = of(made_report("a"))
    before.save(file)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        of(made_report("b")).save(file)
    monkeypatch.undo()
    assert_same(open_panel(file), before)
    assert [path.name for path in tmp_path.iterdir()] == ["panel.duckdb"]


HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_panel_open_elsewhere_for_writing_blocks_neither_reader_nor_rebuild(tmp_path: Path) -> None:
    file = tmp_path / "panel.duckdb"
    of(made_report("a")).save(file)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert open_panel(file).reports["source"].tolist() == ["a"]
        of(made_report("b", year=2020)).save(file)
        assert open_panel(file).reports["source"].tolist() == ["b", "a"]
        holder.communicate("")
    assert open_panel(file).reports["source"].tolist() == ["b", "a"]


@pytest.mark.parametrize("read_only", [True, False])
def test_a_panel_open_in_this_process_blocks_nothing(tmp_path: Path, read_only: bool) -> None:
    file = tmp_path / "panel.duckdb"
    of(made_report("a")).save(file)
    with duckdb.connect(str(file), read_only=read_only) as mine:
        for year in (2019, 2020):
            of(made_report(f"b{year}", year=year)).save(file)
        assert open_panel(file).reports["source"].tolist() == ["b2019", "b2020", "a"]
        assert mine.execute("SELECT source FROM reports").fetchall() == [("a",)]
    assert open_panel(file).reports["source"].tolist() == ["b2019", "b2020", "a"]


def test_readers_see_whole_panels_while_it_is_rebuilt(tmp_path: Path) -> None:
    file = tmp_path / "panel.duckdb"
    small, large = of(made_report("a")), of(made_report("a"), made_report("b", year=2020))
    small.save(file)
    seen: set[tuple[int, int]] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            opened = open_panel(file)
            seen.add((len(opened.reports), len(opened.cells)))

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(5):
        large.save(file, replace=True)
        small.save(file, replace=True)
    done.set()
    reader.join()
    assert seen <= {(1, 200), (2, 400)}


def test_two_savers_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "panel.duckdb"
    savers = [threading.Thread(target=of(made_report(f"{number}", year=2000 + number)).save, args=(file,)) for number in range(4)]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join()
    assert open_panel(file).reports["source"].tolist() == ["0", "1", "2", "3"]


def test_what_is_no_panel_says_so(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match=r"none\.duckdb: no such file; a panel is a file; make one with: govdisclose ext"):
        open_panel(tmp_path / "none.duckdb")
    with pytest.raises(PanelError, match="a folder; a panel is a file"):
        open_panel(tmp_path)
    text = tmp_path / "notes.txt"
    text.write_text("notes " * 1000, "utf-8")
    with pytest.raises(PanelError, match=r"notes\.txt: no panel \(.*\); make one with: govdisclose extract FOLDER -o pan"):
        open_panel(text)
    other = tmp_path / "other.duckdb"
    duckdb.connect(str(other)).close()
    with pytest.raises(PanelError, match=r"other\.duckdb: a database, but no panel; make one with"):
        open_panel(other)


def test_a_file_that_is_no_panel_is_never_overwritten(tmp_path: Path) -> None:
    text = tmp_path / "thesis.txt"
    text.write_text("chapter one", "utf-8")
    for anew in (False, True):
        with pytest.raises(PanelError, match=r"thesis\.txt: no panel"):
            of(made_report("a")).save(text, replace=anew)
    assert text.read_text("utf-8") == "chapter one"


def test_a_panel_of_another_version(tmp_path: Path) -> None:
    file = of(made_report("a")).save(tmp_path / "panel.duckdb")
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE govdisclose SET schema = 99")
    with pytest.raises(PanelError, match=r"panel of version 99, this package reads version 1; read the documents again"):
        open_panel(file)
    with pytest.raises(PanelError, match="version 99"):
        of(made_report("a")).save(file)
    of(made_report("a")).save(file, replace=True)
    assert open_panel(file).reports["source"].tolist() == ["a"]


def test_select() -> None:
    panel = full_panel()
    assert panel.select().reports.equals(panel.reports)
    hai = panel.select(agencies=HAI)
    assert (hai.reports["source"].tolist(), len(hai.cells), len(hai.findings), len(hai.statements)) == (
        ["a.html"],
        200,
        2,
        0,
    )
    assert len(hai.failures) == 1
    assert panel.select(years=2020).reports["source"].tolist() == ["b.html"]
    assert panel.select(years=[2020, 2023]).reports["source"].tolist() == ["a.html", "b.html"]
    assert panel.select(kind="市场监督管理").reports["source"].tolist() == ["a.html"]
    assert panel.select(agencies="灌河縣人民政府").reports["source"].tolist() == ["b.html"]


def test_select_names_what_there_is() -> None:
    panel = full_panel()
    with pytest.raises(ValueError, match=f"no agency '海州市监局' in the panel; nearest: {HAI}"):
        panel.select(agencies="海州市监局")
    with pytest.raises(ValueError, match="no report of 2018, 2021-2022 in the panel, which holds 2020, 2023"):
        panel.select(years=[2018, 2020, 2021, 2022])
    for odd in ("2023", ["2023"], pd.NA, 2023.5):
        with pytest.raises(ValueError, match="years are whole numbers such as 2023, not"):
            panel.select(years=odd)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no agency kind '税务' in the panel; nearest: 市场监督管理"):
        panel.select(kind="税务")
    with pytest.raises(ValueError, match=f"no report is left for agencies {HAI}, years 2020, kind .all.*reported on 2023"):
        panel.select(agencies=HAI, years=2020)
    with pytest.raises(ValueError, match="the panel holds no report"):
        of().select()


def test_select_leaves_duplicates_of_the_selection_alone() -> None:
    panel = of(made_report("a"), made_report("b"), made_report("c", GUAN))
    assert panel.select(agencies=GUAN).findings.empty
    assert panel.select(agencies=HAI).findings["rule"].tolist() == ["panel.duplicate", "panel.duplicate"]


def test_display() -> None:
    panel = of(made_report("a", "<b>局</b>", found=[BALANCE]), made_report("b", GUAN, 2020), failures=(Failure("x", "y"),))
    assert repr(panel) == (
        "Panel(agencies: 2 (<b>局</b>、灌河县人民政府), years: 2020, 2023, documents read: 2, documents that failed: 1, "
        "cells: 400, findings: 1 error, 0 warnings, 0 notes)"
    )
    shown = panel._repr_html_()
    assert "&lt;b&gt;局&lt;/b&gt;" in shown
    assert "<b>" not in shown
    assert repr(of()).startswith("Panel(agencies: 0, years: none, documents read: 0")
