"""The notebooks as files, and the page that they open: parameters, selection, words in both languages."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import papermill
import pytest
from made_panels import BLANK_ZEROS, ZERO_TOTAL, Made, counts, made_panel

from govdisclose import captions, doubts, figures, measures, notebook, tables
from govdisclose.dictionary import measure_of
from govdisclose.findings import Finding
from govdisclose.forms import cell_name
from govdisclose.parameters import GUIDES, declared, find_notebooks
from govdisclose.wording import LANGUAGES, placed, say, year_span

NAMES = tuple(notebook.TABLES)
TEXT = {"panel_path": "../reports/panel.duckdb", "agencies": [], "years": [], "agency_kind": "", "language": "zh"}
TEXT |= {"values": "printed", "corrections": "", "places": ""}


@pytest.fixture(scope="module")
def panel_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reports") / "panel.duckdb"
    made_panel([ZERO_TOTAL, BLANK_ZEROS, Made("乙县", 2022, counts({"received": 3, "concluded": 3, "granted": 3}))]).save(path)
    return path


def cells(name: str) -> list[nbformat.NotebookNode]:
    found: list[nbformat.NotebookNode] = nbformat.read(find_notebooks() / f"{name}.ipynb", as_version=4).cells
    return found


def test_there_is_a_notebook_for_each_title() -> None:
    assert {file.stem for file in find_notebooks().glob("*.ipynb")} == {*NAMES, *GUIDES}


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_clean_and_thin(name: str) -> None:
    for cell in cells(name):
        assert len(cell.source.splitlines()) <= 10
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
            tree = ast.parse(cell.source)
            assert not any(isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef) for node in ast.walk(tree))
    ids = [cell.id for cell in cells(name)]
    assert ids[:3] == ["about", "parameters", "open"] and len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", NAMES)
def test_the_one_parameters_cell_holds_the_agreed_literals(name: str) -> None:
    of_measure = {"measure": "grant_rate"} if name == "peer_comparison" else {}
    assert declared(find_notebooks() / f"{name}.ipynb") == TEXT | of_measure


def test_a_notebook_runs_by_hand_from_its_folder(tmp_path: Path, panel_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "reports").mkdir()
    shutil.copy(panel_path, tmp_path / "reports" / "panel.duckdb")
    source = find_notebooks() / "enforcement_volume.ipynb"
    target = tmp_path / "run.ipynb"
    papermill.execute_notebook(source, target, cwd=tmp_path / "notebooks", progress_bar=False)
    outputs = json.loads(target.read_text(encoding="utf-8"))["cells"][2]["outputs"]
    html = "".join(line for output in outputs for line in output["data"]["text/html"])
    assert "行政许可、行政处罚、行政强制与收费的数量" in html and "最多 6,900（海州市市场监督管理局 2023）" in html


def open_page(panel_path: Path, /, **given: object) -> notebook.Page:
    parameters = TEXT | {"panel_path": str(panel_path)} | given
    return notebook.open_page("transparency_trends", **parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"agencies": "乙县"}, "parameter agencies must be a list of names, not '乙县'"),
        ({"years": ["2023"]}, "parameter years must be a list of whole numbers"),
        ({"years": [True]}, "parameter years must be a list of whole numbers"),
        ({"language": "de"}, 'parameter language must be one of "zh" and "en", not \'de\''),
        ({"agency_kind": None}, "parameter agency_kind must be a text, not None"),
        ({"values": "right"}, 'parameter values must be one of "printed", "corrected" and "sound", not \'right\''),
        ({"values": "corrected"}, "needs corrections"),
        ({"corrections": "nowhere.csv"}, "nowhere.csv: cannot be read"),
        ({"agencies": ["乙具"]}, "乙县"),
        ({"years": [1999]}, "1999"),
        ({"agencies": ["乙县"], "years": [2019]}, "no report is left"),
        ({"panel_path": "nowhere.duckdb"}, "nowhere.duckdb"),
    ],
)
def test_wrong_parameters_stop_with_a_sentence(panel_path: Path, given: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        open_page(panel_path, **given)
    assert sentence in str(caught.value)


def test_a_parameter_that_the_notebook_does_not_take_stops_with_a_sentence() -> None:
    """papermill only warns of it, and would make a page about all agencies."""
    own = ["", 'panel_path = "a.duckdb"\nagencies = []\nyears = []']
    notebook.check_given([*own, "# Parameters\nagencies = ['甲']\nyears = [2023]\n"])
    with pytest.raises(ValueError, match="no parameter 'agency'; did you mean 'agencies'\\? it takes panel_path, agencies and years"):
        notebook.check_given([*own, "# Parameters\nagency = ['甲']\n"])
    notebook.check_given(["", "# Parameters\nmine = 1\n", *own])
    notebook.check_given(["%%time"])


def test_a_selection_without_agency_or_year_stops_with_a_sentence(tmp_path: Path) -> None:
    made_panel([Made("", 2023), Made("甲县", None)]).save(tmp_path / "panel.duckdb")
    with pytest.raises(ValueError, match="tells both its agency and its year"):
        open_page(tmp_path / "panel.duckdb")


def test_a_page_selects_orders_and_counts(panel_path: Path) -> None:
    page = open_page(panel_path)
    assert page.agencies == (BLANK_ZEROS.agency, ZERO_TOTAL.agency, "乙县")
    assert len(page.cover) == 3 * 5
    assert open_page(panel_path, agencies=["乙县"]).agencies == ("乙县",)
    assert open_page(panel_path, agency_kind="政府办公厅").agencies == (BLANK_ZEROS.agency,)


def test_more_agencies_than_a_chart_holds_are_named_as_left_to_the_table(tmp_path: Path) -> None:
    reports = [Made(f"第{n}镇人民政府", 2023, counts({"received": n})) for n in range(figures.LIMIT + 1)]
    made_panel(reports).save(tmp_path / "panel.duckdb")
    page = open_page(tmp_path / "panel.duckdb", language="en")
    assert len(page.agencies) == 61 and len(page.drawn) == 60 and "第0镇人民政府" not in page.drawn
    received = measures.outcomes(page.panel).query("measure == 'received'")
    assert page.rests_on("received", received).endswith(
        "n = 61 agency-years, from 61 agencies. Agency-years in the range without a report: 0. Only the 60 agencies with the largest figures are drawn; the table holds all."
    )


def test_the_summary_is_computed(panel_path: Path) -> None:
    page = open_page(panel_path, language="en")
    shares = measures.rates(page.panel)
    lines = [*captions.scope(page.panel, page.cover, "en")]
    lines += captions.requests_summary(measures.outcomes(page.panel), shares, "en")
    assert (
        lines[0]
        == "3 agencies, 2019–2023: reports on 3 of 15 agency-years were read; 12 are missing. "
        "Forms that the table follows: 2019 (1) and 2021 (2)."
    )
    assert lines[1].startswith("These reports print 874 requests received and 808 concluded.")
    assert lines[2] == (
        "Agency-years with a grant rate: 2; the median is 66.9%, the lowest 33.8% (沪江市人民政府办公厅 2019, 272/805), "
        "the highest 100.0% (乙县 2022, 3/3)."
    )
    assert lines[3] == (
        "Reported but without a grant rate: 1, because the concluded total is printed as 0 beside outcomes that sum to "
        "more (not repaired) (1)."
    )


def test_who_shares_the_lowest_and_the_highest_is_counted() -> None:
    ended = {"甲县": (0, 1), "乙县": (0, 40), "丙县": (3, 4), "丁县": (6, 8), "戊县": (9, 12)}
    panel = made_panel([Made(name, 2023, counts({"granted": g, "concluded": n, "received": n})) for name, (g, n) in ended.items()])
    lines = captions.requests_summary(measures.outcomes(panel), measures.rates(panel), "en")
    assert lines[1] == (
        "Agency-years with a grant rate: 5; the median is 75.0%, the lowest 0.0% (乙县 2023, 0/40; others with the same: 1), "
        "the highest 75.0% (戊县 2023, 9/12; others with the same: 2)."
    )


def test_a_caption_says_what_it_rests_on_and_what_is_missing(panel_path: Path) -> None:
    page = open_page(panel_path)
    shares = measures.rates(page.panel)
    text = captions.rests_on(shares[shares["measure"] == "grant_rate"], page.cover, "zh")
    assert text == (
        "n = 2 个机关年份，来自 2 个机关。有报告但不能计算的 1 个：办结总计印为 0，而各办理结果之和大于 0（不作更正）（1）。"
        "范围内没有报告的机关年份 12 个。其中 1 个用到空白等无数字的格，同一行或同列印出的总计表明这些格没有件数（表中标 °）。"
    )


def test_an_agency_year_with_part_of_the_figures_is_counted_and_told() -> None:
    panel = made_panel([Made("甲县", 2023, {"proactive.licensing.decisions": ""}), Made("乙县", 2023, rest=None)])
    volumes = measures.volumes(panel).query("measure != 'fees'")
    text = captions.rests_on(volumes, volumes.assign(state="read"), "en")
    assert text == (
        "n = 1 (agency-years), from one agency. Reported but not computable: 1, because the cells hold no number (1). "
        "Agency-years with only part of the figures computable: 1, because the cells hold no number (1). "
        "Agency-years in the range without a report: 0."
    )
    assert captions.rests_on(volumes, volumes.assign(state="read"), "en", whole=True).startswith("n = 0 agency-years")


def test_tables_mark_doubt_and_say_where_each_figure_is_from(panel_path: Path) -> None:
    counted = measures.outcomes(open_page(panel_path).panel)
    html, rows = tables.behind("outcomes", counted, "zh")
    assert rows == 3
    assert '<td class="number" title="requests.concluded.total">0†</td>' in html
    assert '<td class="number" title="sum of requests.granted.*">272°</td>' in html


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("table 2, row 27, column 8", "第 2 个表第 27 行第 8 列"),
        ("page 3, table 1, row 9, column 10", "第 3 页，第 1 个表第 9 行第 10 列"),
        ("line 557", "第 557 行"),
        ("page 2, line 5, column 3", "第 2 页，第 5 行第 3 列"),
        ("", ""),
        ("elsewhere", "elsewhere"),
    ],
)
def test_places_are_told_in_the_reader_s_language(place: str, told: str) -> None:
    assert placed("zh", place) == told and placed("en", place) == place


def test_years_are_told_as_spans() -> None:
    assert year_span([2019, 2023, 2024], "zh") == "2019、2023–2024" and year_span([2019, 2023, 2024]) == "2019, 2023–2024"


@pytest.mark.parametrize(
    ("source", "name"),
    [("my/pages.zip!2023/a.html", "a.html"), ("https://x.gov.cn/zfxxgk/", "zfxxgk"), ("a.html", "a.html"), ("", "")],
)
def test_a_document_is_named_by_its_file(source: str, name: str) -> None:
    assert tables.document(source, tables.NOWHERE) == tables.Place(name, "", source)


def test_only_findings_about_the_cells_used_are_listed(panel_path: Path) -> None:
    panel = open_page(panel_path).panel
    assert len(doubts.touching(panel, ["requests.*.total"])) == 1
    assert len(doubts.touching(panel, ["requests.denied.*.*", "proactive.*.*"])) == 0
    html = doubts.findings_list(panel, doubts.touching(panel, ["requests.*.*"]), "zh")
    assert "(七)总计：总计" in html and "table requests, row concluded, column total" in html


def test_a_finding_about_a_whole_row_or_table_touches_all_its_cells() -> None:
    row = Finding("row.by_order", "note", "按行次认定", "placed by order", "requests", "received")
    whole = Finding("cell.absent", "warning", "没有找到", "not found", "requests")
    elsewhere = Finding("text.injected", "note", "已剔除", "removed")
    panel = made_panel([Made("甲县", 2023, findings=(row, whole, elsewhere))])
    assert list(doubts.touching(panel, ["requests.*.total"])["rule"]) == ["cell.absent", "row.by_order"]
    assert list(doubts.touching(panel, ["requests.denied.*.*"])["rule"]) == ["cell.absent"]
    assert cell_name("requests.received.*", "en") == "Received this year"
    assert cell_name("requests.*.*", "zh") == "收到和处理政府信息公开申请情况"


def test_text_of_documents_is_escaped() -> None:
    panel = made_panel([Made("<script>alert(1)</script>县", 2023, counts({"received": 1}))])
    html, _ = tables.behind("received", measures.outcomes(panel), "zh")
    assert "<script>" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_measures_has_its_words(language: str) -> None:
    for measure in measures.RATES:
        assert measure_of(measure).label(language)
    for group in measures.REASON_GROUPS:
        assert say(language, "outcome", group)
    for row in figures.members("denied") + figures.members("not_available") + figures.members("not_processed"):
        assert say(language, "reason", row)


def test_reasons_of_one_agency_year_are_all_told() -> None:
    panel = made_panel([Made("甲县", 2023, counts({"received": 5}), rest="")])
    figures = measures.agency_years(panel, ["received", "grant_rate", "reconsiderations"])
    text = captions.rests_on(figures, figures.head(0), "en")
    assert text == (
        "n = 1 (agency-years), from one agency. Agency-years with only part of the figures computable: 1, "
        "because cells of the denominator hold no number (1); the cells hold no number (1)."
    )


def test_figures_chosen_for_having_no_gaps_say_whom_they_leave_out(tmp_path: Path) -> None:
    reports = [Made("甲县", 2023, {"proactive.licensing.decisions": "3"}), Made("乙县", 2023, rest=None)]
    made_panel(reports).save(tmp_path / "panel.duckdb")
    page = notebook.open_page("enforcement_volume", **(TEXT | {"panel_path": str(tmp_path / "panel.duckdb")}))  # type: ignore[arg-type]
    latest = measures.latest(measures.volumes(page.panel).query("measure == 'licensing'"))
    assert page.rests_on("volume_ranks", latest) == "n = 1 个机关年份，来自 1 个机关。因缺这些数字而未计入的机关 1 个。"


def test_silent_cells_are_marked_only_where_they_make_a_figure() -> None:
    """What totals prove to be no case is a figure with °; where nothing proves it there is no figure and no mark."""
    panel = made_panel([BLANK_ZEROS, Made("乙县", 2023, counts({"received": 5}), rest="")])
    html, _ = tables.behind("denied_years", measures.reasons(panel).query("group == 'denied'"), "en")
    assert "°" in html and "—°" not in html and ">—</td>" in html


def test_fees_count_the_reports_that_print_none() -> None:
    printed = {"甲县": ("5", "10k yuan"), "乙县": ("", "10k yuan"), "丁县": ("/", "yuan"), "戊县": ("7", "yuan")}
    reports = [Made(name, 2023, {"proactive.fees.amount": text}, fee_unit=unit) for name, (text, unit) in printed.items()]
    panel = made_panel([*reports, Made("丙县", 2020, form="2019")])
    fees = measures.volumes(panel).query("measure == 'fees'")
    shown: dict[str, pd.DataFrame] = {}
    code = next(cell.source for cell in cells("enforcement_volume") if "figures.fees" in cell.source)
    page = SimpleNamespace(show=lambda key, figure, frame, unit: shown.update({unit: frame}), unit=str)
    exec(code, {"fees": fees, "measures": measures, "figures": figures, "language": "en", "page": page})
    assert captions.rests_on(shown["10k yuan"], fees.head(0), "en") == (
        "n = 1 (agency-years), from one agency. Reported but not computable: 2, because the form used has no such item (1); the cells hold no number (1)."
    )
    html, rows = tables.behind("fees", shown["10k yuan"], "en")
    assert rows == 3 and html.count("10k yuan") == 2  # a blank cell stands under a unit


def test_doubted_figures_that_could_not_be_computed_are_counted() -> None:
    panel = made_panel([ZERO_TOTAL])
    shares = measures.agency_years(panel, ["grant_rate"])
    assert captions.doubts([shares], "en") == (
        "No figure used on this page is touched by a finding of severity error. "
        "Figures that such a finding touches and that could not be computed: 1."
    )
    assert captions.doubts([shares[~shares["flagged"]]], "zh") == "本页用到的数字都没有受“错误”级发现影响。"
