"""Batches of pages: complete, self-contained, the same each time, and never stopped by one bad notebook."""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from made_panels import BLANK_ZEROS, ZERO_TOTAL, Made, counts, made_panel
from selectolax.lexbor import LexborHTMLParser

import govdisclose
from govdisclose.corrections import APPLIED, COLUMNS, CONFIRMED, STALE
from govdisclose.forms import load_forms
from govdisclose.manifest import FILE
from govdisclose.parameters import declared
from govdisclose.render import Rendered, build_reports
from govdisclose.wording import LANGUAGES, say

PARAMETERS = 'panel_path = ""\nlanguage = "zh"\nagencies = []'


@pytest.fixture(scope="module")
def panel_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("panel") / "panel.duckdb"
    evil = Made('<img src="http://evil.example/x.png">县', 2022, counts({"received": 2, "granted": 2, "concluded": 2}))
    made_panel([ZERO_TOTAL, BLANK_ZEROS, evil], {"broken <b>.txt": "text lost to question marks"}).save(path)
    return path


@pytest.fixture(scope="module")
def made(panel_path: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Rendered]:
    return build_reports(panel_path, tmp_path_factory.mktemp("out"))


class _Loads(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "link", "iframe", "object", "embed", "base"):
            self.loads.append(f"<{tag}>")
        self.loads += [v for k, v in given.items() if v and k in ("src", "srcset", "data", "poster") and v[:5] != "data:"]
        self.loads += [k for k in given if k.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(path: Path) -> _Loads:
    page = _Loads()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_every_notebook_and_language_has_its_page(made: list[Rendered]) -> None:
    assert [(one.notebook, one.language) for one in made] == [
        (name, language)
        for name in ("transparency_trends", "denial_reasons", "enforcement_volume", "peer_comparison", "data_quality")
        for language in ("zh", "en")
    ]
    assert [one.error for one in made] == [""] * 10
    assert made[0].html.name == "transparency_trends.zh.html" and made[0].ipynb.exists()


def test_no_page_loads_or_runs_anything(made: list[Rendered]) -> None:
    out = made[0].html.parent
    for path in [*(one.html for one in made), out / "index.html", *(out / "documents").iterdir()]:
        own = ["<script>"] if path.name == "index.html" else []  # Its own, which searches and sorts.
        assert parsed(path).loads == own, path.name
        assert not re.search(r"url\(|@import", path.read_text(encoding="utf-8")), path.name


def test_every_number_of_a_report_leads_to_its_cells(made: list[Rendered]) -> None:
    out = made[0].html.parent
    ids: dict[Path, set[str | None]] = {}
    for report in (*(one.html for one in made), *(out / "documents").iterdir(), out / "index.html"):
        tree = LexborHTMLParser(report.read_text("utf-8"))
        for link in tree.css("a[href]:not([href^='data:'])"):
            href = unquote(link.attributes["href"] or "")
            file, _, mark = href.partition("#")
            target = (report.parent / file).resolve() if file else report
            if target not in ids:
                ids[target] = {node.id for node in LexborHTMLParser(target.read_text("utf-8")).css("[id]")}
            assert not mark or mark in ids[target], f"{report.name}: {href}"
        if report.parent == out and not report.name.startswith(("index", "data_quality")):  # those count documents
            numbers = [cell for cell in tree.css("td.number") if cell.text().strip()]
            assert numbers and all(cell.css_first("a") for cell in numbers), report.name
    index = LexborHTMLParser((out / "index.html").read_text("utf-8"))
    assert len({(link.attributes["href"] or "").partition("#")[0] for link in index.css("a[href^=documents]")}) == 3


def test_pages_speak_one_language_and_fold_the_code(made: list[Rendered]) -> None:
    chinese, english = (one.html.read_text(encoding="utf-8") for one in made[:2])
    assert '<html lang="zh-CN">' in chinese and "<h2>概要</h2>" in chinese and "<summary>代码</summary>" in chinese
    assert '<html lang="en">' in english and "<h2>Summary</h2>" in english and "<h2>概要</h2>" not in english
    assert "open_page" in english and "Run <code>make report" not in english
    assert english.count("<img alt=") == 6 and 'alt=""' not in english


MISSING = {"zh": "缺 |没有报告|不能|未计入|没能读出|不足", "en": "missing|without|not computable|left out|could not be read|only part"}


def test_every_figure_has_its_words_its_data_and_its_source(made: list[Rendered], tmp_path: Path, panel_path: Path) -> None:
    profiles = build_reports(panel_path, tmp_path, [], parameters={"agencies": [ZERO_TOTAL.agency]}, per=["agency"])
    counted = dict.fromkeys(LANGUAGES, 0)
    for page in [*made, *profiles]:
        tree = LexborHTMLParser(page.html.read_text("utf-8"))
        figures = tree.css("figure")
        assert len(tree.css("img")) == len(figures) >= 2
        for figure in figures:
            title, alt, caption = figure.css_first("h3").text(), figure.css_first("img").attributes["alt"] or "", figure.css_first("figcaption").text()
            assert title.split("  ", 1)[1] in alt and len(alt) > len(title) + 10
            assert "n = " in caption and ("来源：" if page.language == "zh" else "Source: ") in caption, (page.html.name, title)
            assert re.search(MISSING[page.language], caption), (page.html.name, title)
            link = figure.css_first("a.data").attributes
            rows = base64.b64decode((link["href"] or "").partition("base64,")[2]).decode("utf-8-sig").splitlines()
            assert (link["download"] or "").startswith(page.notebook) and len(rows) > 1 and "," in rows[0]
            counted[page.language] += 1
    assert counted["zh"] == counted["en"] >= 25


def test_the_page_on_data_says_what_its_rules_and_states_mean(made: list[Rendered]) -> None:
    for page in (one for one in made if one.notebook == "data_quality"):
        text = " ".join(parsed(page.html).texts)
        assert say(page.language, "rule", "requests.concluded_sum") in text and say(page.language, "state", "blank") in text


def test_every_rule_has_its_words() -> None:
    files = [ast.parse(file.read_text("utf-8")) for file in Path(govdisclose.__file__).parent.rglob("*.py")]
    texts = [node.value for tree in files for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    first = ["agency", "cell", "columns", "figure", "form", "legal", "ocr", "panel", "period", "prose", "report", "row", "series", "sheet", "table", "text", "year"]
    found = {text for text in texts if text.partition(".")[0] in first and re.fullmatch(r"[a-z]+\.[a-z_]+", text)}
    found -= {"text.color", "panel.duckdb", "panel.xlsx"}
    found |= {one.rule for form in load_forms().values() for one in form.identities}
    found |= {f"correction.{outcome}" for outcome in (APPLIED, CONFIRMED, STALE)}
    assert len(found) > 50
    for language in LANGUAGES:
        assert all(say(language, "rule", rule) for rule in found)


def test_pages_name_no_folder_of_the_machine(made: list[Rendered], panel_path: Path) -> None:
    for one in made:
        assert str(one.html.parent) not in one.html.read_text(encoding="utf-8")
        assert (str(panel_path.parent) not in one.html.read_text(encoding="utf-8") or panel_path.parent == one.html.parent)


def test_the_executed_notebook_keeps_its_parameters(made: list[Rendered]) -> None:
    metadata = json.loads(made[1].ipynb.read_text(encoding="utf-8"))["metadata"]
    assert metadata["papermill"]["parameters"]["language"] == "en"


def test_the_index_says_what_was_read_what_failed_and_what_was_found(made: list[Rendered]) -> None:
    path = made[0].html.with_name("index.html")
    html, text = path.read_text(encoding="utf-8"), " ".join(" ".join(parsed(path).texts).split())
    assert 'href="denial_reasons.en.html"' in html
    assert "broken <b>.txt" in text and "text lost to question marks" in text
    assert '<img src="http://evil.example/x.png">县' in text
    assert "requests.concluded_sum" in text and "The total of (七) is printed as 0; the outcomes sum to 12." in text
    assert "Years: 2019, 2022–2023" in text and "Forms: 2019 (1), 2021 (2)" in text


def test_the_same_panel_gives_the_same_bytes(made: list[Rendered], panel_path: Path) -> None:
    again_made, out = ("enforcement_volume", "data_quality"), made[0].html.parent
    before = {one.html: one.html.read_bytes() for one in made if one.notebook in again_made}
    assert all(one.kept for one in build_reports(panel_path, out, again_made))
    (out / FILE).unlink()
    again = build_reports(panel_path, out, again_made)
    assert not any(one.kept for one in again)
    assert {one.html: one.html.read_bytes() for one in again} == before


def test_the_selection_is_named_in_the_index(panel_path: Path, tmp_path: Path) -> None:
    (one,) = build_reports(panel_path, tmp_path, ["enforcement_volume"], ["en"], {"years": [2023]}, workers=1)
    assert one.error == "" and "3 agencies" not in one.html.read_text(encoding="utf-8")
    assert "years = 2023" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert str(one).startswith(str(tmp_path / "enforcement_volume.en.html"))


def test_corrections_are_used_marked_and_listed(panel_path: Path, tmp_path: Path) -> None:
    head, line = ",".join(COLUMNS), f"{ZERO_TOTAL.agency},2023,requests,concluded,total,0,12,总计漏填,审校,2026-03-01"
    (tmp_path / "own.csv").write_text(f"{head}\n{line}\n", encoding="utf-8")
    given = {"values": "corrected", "corrections": str(tmp_path / "own.csv")}
    (one,) = build_reports(panel_path, tmp_path / "out", ["transparency_trends"], ["zh"], given)
    assert one.error == ""
    tree = LexborHTMLParser(one.html.read_text("utf-8"))
    text = " ".join(tree.body.text().split()) if tree.body else ""
    captions = [caption.text() for caption in tree.css("figcaption")]
    assert captions and all("数字照更正表（见“更正”）更正，其余照印出的。" in caption for caption in captions)
    assert all(word in text for word in ("总计漏填", "审校", "2026-03-01", "它们是读者的判断"))
    marked = {(cell.text(), (cell.css_first("a").attributes["href"] or "").partition("#")[2]) for cell in tree.css("td.number") if "‡" in cell.text()}  # type: ignore[union-attr]
    assert marked == {("12‡", "requests.concluded.total"), ("58.3%‡", "grant_rate"), ("83.3%‡", "full_or_partial_rate")}
    pages = [LexborHTMLParser(page.read_text("utf-8")) for page in (tmp_path / "out" / "documents").glob("*-*.html")]
    (cell,) = [cell for page in pages for cell in page.css("td") if cell.css_first("ins")]
    assert (cell.text(deep=False), cell.css_first("ins").text()) == ("0", "12")  # type: ignore[union-attr]
    assert "corrections = ../own.csv" in (tmp_path / "out" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"parameters": {"corrections": "nowhere.csv"}}, "nowhere.csv: cannot be read"),
        ({"parameters": {"values": "corrected"}}, "needs corrections"),
        ({"parameters": {"agencys": ["甲县"]}}, "has no parameter 'agencys'; did you mean 'agencies'? it takes"),
        ({"parameters": {"language": "en"}}, "parameter 'language' is set by build_reports itself"),
        ({"parameters": {"years": "2023"}}, "parameter years must be a list of whole numbers"),
        ({"parameters": {"agencies": ["海州市市场监督管理"]}}, "海州市市场监督管理局"),
        ({"notebooks": ["denial"]}, "no notebook 'denial' in"),
        ({"languages": ["fr"]}, 'parameter language must be one of "zh" and "en"'),
        ({"panel_path": Path("nowhere.duckdb")}, "nowhere.duckdb"),
    ],
)
def test_mistakes_stop_before_anything_runs(panel_path: Path, tmp_path: Path, given: Mapping[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        build_reports(**({"panel_path": panel_path, "out": tmp_path / "out"} | given))  # type: ignore[arg-type]
    assert sentence in str(caught.value)
    assert not (tmp_path / "out").exists()


PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write(path: Path, parameters: str, *sources: str, metadata: Mapping[str, object] = PYTHON) -> None:
    tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[tagged, *map(nbformat.v4.new_code_cell, sources)], metadata=metadata)
    nbformat.write(notebook, path)


def test_a_failing_notebook_keeps_its_traceback_and_the_rest_goes_on(panel_path: Path, tmp_path: Path) -> None:
    write(tmp_path / "a_bad.ipynb", PARAMETERS, 'print("made before")', 'raise KeyError("no such <cell>")')
    write(tmp_path / "b_dead.ipynb", PARAMETERS, "import os, signal; os.kill(os.getppid(), signal.SIGKILL)")
    write(tmp_path / "c_good.ipynb", PARAMETERS, 'print("all well")')
    out = tmp_path / "out"
    bad, dead, good = build_reports(panel_path, out, languages=["en"], notebooks_dir=tmp_path, workers=1)
    assert bad.error == "KeyError: 'no such <cell>'" and str(bad) == f"{bad.html}: failed: {bad.error}"
    text = " ".join(parsed(bad.html).texts)
    assert "This page did not run to its end." in text and "made before" in text and "Traceback" in text
    assert parsed(bad.html).loads == []
    assert dead.error.startswith("the process that ran it ended with code")
    assert not dead.html.exists() and "b_dead.en.html" not in (out / "index.html").read_text(encoding="utf-8")
    assert good.error == "" and "all well" in good.html.read_text(encoding="utf-8")
    assert "no such &lt;cell&gt;" in (out / "index.html").read_text(encoding="utf-8")


def test_a_parameters_cell_must_hold_plain_literals(tmp_path: Path) -> None:
    write(tmp_path / "x.ipynb", "years = [2020, 2021]\nlast = max(years)")
    with pytest.raises(ValueError, match=r"must hold plain literals, not 'last = max\(years\)'"):
        declared(tmp_path / "x.ipynb")
    write(tmp_path / "x.ipynb", 'panel_path = ""')
    with pytest.raises(ValueError, match="sets no 'language'"):
        build_reports(tmp_path / "p.duckdb", tmp_path, notebooks_dir=tmp_path)


def test_a_notebook_of_ones_own_is_named_by_its_file_and_needs_no_kernel(panel_path: Path, tmp_path: Path) -> None:
    write(tmp_path / "mine.ipynb", PARAMETERS, 'print(f"in {language}")', metadata={})
    (one,) = build_reports(panel_path, tmp_path / "out", [str(tmp_path / "mine.ipynb")], ["en"])
    assert (one.error, one.html.name) == ("", "mine.en.html") and "in en" in one.html.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "made", "sentence"),
    [
        ("r.ipynb", {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "r.ipynb: its kernel 'ir' is for R, reports are made in Python; "),
        ("denial_reasons.ipynb", {}, "the package has a notebook 'denial_reasons'; give yours another name"),
        ("text.ipynb", None, "text.ipynb: no notebook ("),
    ],
)
def test_a_notebook_that_cannot_run_is_a_sentence(panel_path: Path, tmp_path: Path, name: str, made: dict[str, object] | None, sentence: str) -> None:
    if made is None:
        (tmp_path / name).write_text("years = []", "utf-8")
    else:
        write(tmp_path / name, PARAMETERS, metadata=made)
    with pytest.raises(ValueError, match=".") as caught:
        build_reports(panel_path, tmp_path / "out", [str(tmp_path / name)])
    assert sentence in str(caught.value)
