"""Tables to look through in a notebook: what they hold, that nothing in them acts, that they need no network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from made_panels import ZERO_TOTAL, Made, counts, made_panel
from selectolax.lexbor import LexborHTMLParser

import govdisclose as gd
from govdisclose.execute import Job, page
from govdisclose.exhibits import FOLDER, write_exhibits
from govdisclose.explore import PLAIN_ROWS, names
from govdisclose.findings import Finding
from govdisclose.panel import Panel

EVIL = "</script><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">\u2028&lt;b&gt;"
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), "")


@pytest.fixture(scope="module")
def panel() -> Panel:
    hostile = Finding("cell.unreadable", "warning", EVIL, EVIL, "proactive", "licensing", "decisions", ("proactive.licensing.decisions",))
    figures = counts({"received": 3, "concluded": 3, "granted": 2}) | {"proactive.licensing.decisions": EVIL}
    web = Made("乙县", 2022, counts({"received": 5}), source="https://x.gov.cn/a?b=1&c=\"2\"")
    return made_panel([ZERO_TOTAL, web, Made(f"甲县{EVIL}", 2023, figures, findings=(hostile,), source=f"{EVIL}.html")])


def data_of(shown: gd.Explored) -> dict[str, object]:
    """What the script of a shown table is given."""
    found = re.search(r"DATA = (\{.*\});const VERSION", shown._repr_html_())
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data


def column(shown: gd.Explored, name: str) -> list[object]:
    """A column as the script has it."""
    heads = [node.text() for node in LexborHTMLParser(shown._repr_html_()).css("th")]
    one = data_of(shown)["columns"][heads.index(name)]  # type: ignore[index]
    return [one["texts"][at] for at in one["at"]] if "texts" in one else one["numbers"]


def test_tables_and_measures_are_shown_by_name(panel: Panel) -> None:
    assert repr(panel.explore()) == "Explored(cells: 600 rows, at most 5,000 shown in a notebook; .frame holds all)"
    assert panel.explore("cells").frame is panel.cells
    assert panel.explore("reviews").frame["table"].unique().tolist() == ["reviews"]
    rates = panel.explore("grant_rate")
    assert column(rates, "value") == [None, None, 0.6666666666666666]
    assert column(rates, "reason") == ["zero_denominator", "zero_contradicted", ""]
    pd.testing.assert_frame_equal(rates.frame, gd.measure(panel, "grant_rate"))


def test_rows_are_chosen_before_the_browser_has_them(panel: Panel) -> None:
    some = panel.explore("requests", where="row == 'received' and column == 'total'", years=2023)
    assert sorted(some.frame["value"]) == [3, 12]
    assert len(panel.explore("cells", where="value > 100").frame) == 3
    assert panel.explore(gd.measure(panel, "received"), agencies="乙县").frame["value"].tolist() == [5]
    counted = panel.cells.groupby("state").size().rename("cells").to_frame()
    assert list(panel.explore(counted).frame.columns) == ["state", "cells"]


def test_a_cut_says_so_in_both_languages(panel: Panel) -> None:
    zh, en = (panel.explore("cells", limit=20, language=language)._repr_html_() for language in ("zh", "en"))
    assert "cells · 600 行" in zh and "这里只有前 20 行" in zh
    assert "cells · rows: 600" in en and "Only the first 20 rows are here" in en
    assert "这里只有" not in panel.explore("cells")._repr_html_()
    assert len(column(panel.explore("cells", limit=20), "value")) == 20


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"table": "grantrate"}, "no table or measure 'grantrate'; nearest: grant_rate, granted, clearance_rate"),
        ({"table": "请求"}, "no table or measure '请求'; tables are reports, cells, findings"),
        ({"where": "valu > 1"}, "where='valu > 1': name 'valu' is not defined; columns are agency, year"),
        ({"where": "value"}, "where='value' says of no row whether it is shown"),
        ({"agencies": "丙县"}, "no agency '丙县' in the panel"),
        ({"language": "de"}, "language must be one of zh and en, not 'de'"),
        ({"limit": 0}, "limit must be at least 1, not 0"),
        ({"pages": "nowhere"}, "no pages of this panel's documents; govdisclose report writes them"),
        ({"table": pd.DataFrame({"a": [1]}), "years": 2023}, "without a column source"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence(panel: Panel, given: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        panel.explore(**given)
    assert sentence in str(caught.value)


def test_cells_carry_the_words_of_the_form_and_na_is_no_zero(panel: Panel) -> None:
    one = panel.explore("proactive", where="row == 'licensing'")
    assert column(one, "label") == ["行政许可 › 本年处理决定数量"] * 3
    assert sorted(map(str, column(one, "value"))) == ["0", "6900", "None"]
    assert set(column(panel.explore("findings", language="en"), "label")) == {"Concluded in all › Total", "Licensing › Decisions this year"}


def test_every_row_leads_to_its_evidence(panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_exhibits(panel, tmp_path / "my reports" / FOLDER)
    monkeypatch.chdir(tmp_path)
    cells = panel.explore("cells", where="row == 'received' and column == 'total'", pages="my reports")
    assert [re.sub(r"[0-9a-f]+-[0-9a-f]+", "…", href) for href in cells.hrefs] == ["my reports/documents/….html#requests.received.total"] * 3
    assert all((tmp_path / href.split("#")[0]).is_file() for href in cells.hrefs)
    assert [href.split("#")[1] for href in panel.explore("grant_rate", pages="my reports").hrefs] == ["grant_rate"] * 3
    assert [href for href in panel.explore("reports").hrefs if href] == ["https://x.gov.cn/a?b=1&c=\"2\""]
    assert "https://x.gov.cn/a?b=1&amp;c=&quot;2&quot;" in data_of(panel.explore("reports"))["links"]["texts"]  # type: ignore[index]


def test_without_scripts_the_first_rows_are_a_plain_table(panel: Panel) -> None:
    tree = LexborHTMLParser(panel.explore("cells")._repr_html_())
    assert len(tree.css("tbody tr")) == PLAIN_ROWS and len(tree.css("script")) == 1 and tree.css("img") == []
    assert "这是前 15 行。脚本不能运行" in tree.css_first("p.fixed").text()


def test_any_frame_can_be_shown(panel: Panel) -> None:
    frame = pd.DataFrame([[1.5, 2.0, "a", True, ["x", "y"]], [float("inf"), None, "<b>", False, []]], columns=["p", "p", 3, "ok", "involved"])
    shown = panel.explore(frame)
    heads = [node.text() for node in LexborHTMLParser(shown._repr_html_()).css("th")]
    columns = data_of(shown)["columns"]
    assert heads == ["p", "p", "3", "ok", "involved"] and [one.get("numbers") for one in columns] == [[1.5, "inf"], [2, None], None, None, None]  # type: ignore[attr-defined]
    assert [one.get("texts") for one in columns][2:] == [["a", "&lt;b&gt;"], ["True", "False"], ["x; y", ""]]  # type: ignore[attr-defined]
    assert len(data_of(panel.explore("failures"))["columns"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
def test_an_exported_notebook_loads_nothing(panel: Panel, kind: str) -> None:
    html = panel.explore("findings")._repr_html_()
    output = nbformat.v4.new_output(kind, {"text/html": html, "text/plain": "Explored"})  # type: ignore[no-untyped-call]
    cell = nbformat.v4.new_code_cell("panel.explore('findings')", outputs=[output])  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    text = page(notebook, Job("", "", "", "zh", ("zh",), {}))
    assert text.count(html) == 1 and not re.search(r"""(?:src|import|url)[\s(=]*["']?(?:https?:)?//""", html)
    assert html == panel.explore("findings")._repr_html_()


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser")
@pytest.mark.parametrize("table", ["cells", "findings"])
def test_a_browser_searches_it_and_nothing_in_it_acts(panel: Panel, tmp_path: Path, table: str) -> None:
    html = panel.explore(table, agencies=f"甲县{EVIL}")._repr_html_()
    typing = """<script type="module">
      for (let n = 0; n < 200 && !document.querySelector(".dt-container tbody td"); n++) await new Promise((done) => setTimeout(done, 50));
      const type = async (field, text) => {
        field.value = text; field.dispatchEvent(new Event("input", { bubbles: true })); await new Promise((done) => setTimeout(done, 500));
      };
      for (const field of document.querySelectorAll("thead input")) { await type(field, "<img src=x onerror=alert(1)>"); await type(field, ""); }
      await type(document.querySelector(".dt-search input"), "onerror licensing");
      document.body.dataset.found = document.querySelector(".dt-info").textContent;
    </script>"""
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><title>calm</title>{html}{typing}", "utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--virtual-time-budget=60000", "--dump-dom", str(file)]
    seen = LexborHTMLParser(subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stdout)
    assert seen.css_first("title").text() == "calm" and seen.css("img") == []
    whole = "（从 200 行中筛选）" if table == "cells" else ""
    assert seen.css_first("body").attributes.get("data-found", "").split() == " ".join(["第 1–1 行，共 1 行", whole]).split()
    assert seen.css_first("tbody td").text().startswith("甲县</script>") and seen.css("p.fixed") == []


def test_tables_and_measures_complete_as_keys(panel: Panel) -> None:
    assert panel["cells"] is panel.cells and panel["received"]["value"].tolist() == [5, 12, 3]
    with pytest.raises(KeyError, match="nearest: granted, grant_rate"):
        panel["grante"]
    shell = InteractiveShell()  # type: ignore[no-untyped-call]
    shell.user_ns |= {"panel": panel, "gd": gd}
    assert {"denied", "denied.third_party", "denial_rate"} <= {one.removeprefix('panel["') for one in shell.complete('panel["de')[1]}
    assert len(names()) == len(set(names()))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ('gd.measure(panel, "denied.t', ["denied.third_party"]),
        ("gd.measure(panel.select(years=2023), ['received', 'denied.t", ["denied.third_party"]),
        ('gd.measure(panel, "received"); print("denied.t', []),
        ('gd.compare_years(panel, "clear', ["clearance_rate"]),
        ('panel.explore("find', ["findings"]),
        ('print("denied.t', []),
    ],
)
def test_measures_complete_inside_strings_on_request(typed: str, offered: list[str]) -> None:
    shell = InteractiveShell()  # type: ignore[no-untyped-call]
    for _ in range(2):
        shell.run_line_magic("load_ext", "govdisclose")
    with provisionalcompleter():
        assert [one.text for one in shell.Completer.completions(typed, len(typed))] == offered
