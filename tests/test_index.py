"""The front page: what it names, and in a browser that it is searched, sorted, printed whole, and that nothing in it acts."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from browser import chromium, framed, told
from made_panels import CONCLUDED_ZERO, Made, counts, made_panel
from selectolax.lexbor import LexborHTMLParser

from govdisclose.index import Link, write_index
from govdisclose.panel import Panel

EVIL = "<script>document.title='hacked'</script>\"' onload=x 局/../.."
KINDS = {"甲市公安局": "公安", "乙市公安局": "公安", "丙市税务局": "税务", EVIL: "<b>税务"}
HOMES = ("南通市海门区市场监督管理局", "杭州市教育局", "朝阳区教育局", "教育部", EVIL)


def panel() -> Panel:
    """Agencies with 10, 2, 1 and no errors a document, and one document that could not be read."""
    errors = dict(zip(KINDS, (10, 2, 0, 1), strict=True))
    made = [
        Made(name, year, counts({"received": 5}), kind=kind, source=f"{place}-{year}.html", findings=(CONCLUDED_ZERO,) * (errors[name] * (year == 2023)))
        for place, (name, kind) in enumerate(KINDS.items())
        for year in (2022, 2023)
    ]
    return made_panel(made, {"甲市公安局2024<b>.pdf": "no text"})


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("index") / "index.html"
    pages = [Link("agency_profile", language, f"agency/x.{language}.html", "", ("agency", name)) for name in KINDS for language in ("zh", "en")]
    of_kind = [Link("about", "en", "kind/x.html", "", ("kind", "公安"))]
    write_index(panel(), [Link("about", "zh", "about.zh.html"), *pages, *of_kind], {}, target)
    return target


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("regions") / "index.html"
    made = [Made(name, year, counts({"received": 5}), source=f"{place}-{year}.html") for place, name in enumerate(HOMES) for year in (2022, 2023)]
    write_index(made_panel(made), [], {}, target)
    return target


def test_it_names_agencies_years_and_pages(index: Path) -> None:
    html = index.read_text("utf-8")
    assert 'aria-label="读到 read 2022–2023"' in html and 'aria-label="2022: 2/2; 2023: 2/2"' in html
    assert '<a href="agency/x.zh.html" lang="zh-CN">甲市公安局</a>' in html
    assert '<label for="search">' in html and not re.search("<th(?! scope=)[ >]", html)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None and re.search("default-src 'none'.* script-src 'sha256-[^ ']+' blob:;", unescape(policy[1]))


def test_kinds_are_named_in_both_languages(index: Path) -> None:
    told = '公安 <span class="en" lang="en">Public security</span>'
    html = index.read_text("utf-8")
    assert html.count(f'<td class="long">{told}</td>') == 2 and f"<figcaption>{told} <small>(2)" in html and f"<b>{told}</b>" in html
    assert '<td class="long">&lt;b&gt;税务</td>' in html


def test_without_scripts_every_row_stands_there(index: Path) -> None:
    tree = LexborHTMLParser(index.read_text("utf-8"))
    assert [len(tree.css(f"#{name} tbody tr:not([hidden])")) for name in ("agencies", "documents")] == [4, 8]
    assert "hidden" in tree.css_first("#searching").attributes


def test_it_groups_agencies_by_region(regions: Path) -> None:
    html = regions.read_text("utf-8")
    assert re.findall("<option>([^<]*)</option>", html) == ["江苏省", "浙江省", "中央"]
    assert re.findall('<tr data-region="([^"]*)"><th', html) == ["", "江苏省", "中央", "", "浙江省"]
    assert "江苏省南通市海门区 <small>320614</small>" in html
    assert '<td class="long" title="110105 北京市朝阳区 220104 吉林省长春市朝阳区 同名的区划有 2 个' in html
    assert html.count('<rect class="shade0"') == 32 and "<title>江苏省: 1</title>" in html
    assert re.findall("<figcaption>([^< ]*)", html)[:3] == ["江苏省", "浙江省", "中央"]


def test_the_same_panel_gives_the_same_bytes(index: Path, tmp_path: Path) -> None:
    for name in ("one.html", "other.html"):
        write_index(panel(), [], {}, tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "other.html").read_bytes()
    html = index.read_text("utf-8")
    assert html.count("<script") == 1 and "© SpryMedia Ltd" in html and len(html) < 400_000


# --- in a browser -------------------------------------------------------------------------------------------------------
HANDS = """
const at = (selector) => document.querySelector(selector);
const texts = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent.trim());
const wait = async (until) => { for (let n = 0; n < 400 && !until(); n++) await new Promise((done) => setTimeout(done, 50)); };
const change = (id, value, kind) => { at(id).value = value; at(id).dispatchEvent(new Event(kind)); };
await wait(() => !at("#searching").hidden && at("#found").textContent);
"""


def asked(page: Path, target: Path, script: str) -> Any:
    """What a script gives back that stands on the page beside its own."""
    own = f'<script type="module">{HANDS} const give = (told) => {{ document.body.dataset.told = JSON.stringify(told); }}; {script}</script></body>'
    html = re.sub(r"script-src [^;]+;", "script-src 'unsafe-inline' blob:;", page.read_text("utf-8"))
    target.write_text(html.replace("</body>", own), "utf-8")
    return told(target)


def test_words_find_agencies_and_documents(index: Path, regions: Path, tmp_path: Path) -> None:
    find = """const told = {};
        for (const words of %s) { change("#search", words, "input"); told[words] = [at("#found").textContent, texts("#documents tbody tr td:first-child").length]; }
        give(told);"""
    nothing = ["0 / 4", 1]  # the row that says so
    expected = {"甲市": ["1 / 4", 2], "公安 乙市": ["1 / 4", 2], "public SECURITY": ["2 / 4", 1], "0-2022": ["0 / 4", 1], "": ["4 / 4", 8]}
    expected |= {"2022": ["0 / 4", 4], "english": nothing, "document.title": ["1 / 4", 2]}  # Years of the tiles are in every row.
    assert asked(index, tmp_path / "asked.html", find % json.dumps(list(expected))) == expected
    places = {"320614": ["1 / 5", 1], "３２０６１４": ["1 / 5", 1], "浙江": ["1 / 5", 1], "市场监督管理 江苏": ["1 / 5", 1]}
    assert asked(regions, tmp_path / "places.html", find % json.dumps(list(places))) == places


def test_a_region_shows_its_rows_alone_in_both_tables(regions: Path, tmp_path: Path) -> None:
    chosen = """change("#region", "江苏省", "change");
        give([at("#found").textContent, texts("#agencies tbody th"), new Set(texts("#documents tbody td:first-child")).size]);"""
    assert asked(regions, tmp_path / "asked.html", chosen) == ["1 / 5", [HOMES[0]], 1]


def test_heads_sort_by_mouse_and_keyboard_and_say_so(index: Path, tmp_path: Path) -> None:
    sort = """const head = (place) => document.querySelectorAll("#agencies thead th")[place];
        const errors = () => texts("#agencies tbody td:nth-last-child(2)");
        const names = () => texts("#agencies tbody th").map((text) => text.slice(0, 2));
        const told = [names(), head(0).getAttribute("aria-sort")];
        const button = head(0).querySelector("[role=button][tabindex='0']");
        const done = () => new Promise((then) => setTimeout(then, 100));
        for (let n = 0; n < 3; n++) {
          button.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", keyCode: 13, which: 13, bubbles: true })); await done();
          told.push(names(), head(0).getAttribute("aria-sort"));
        }
        head(5).click(); await done();
        head(5).querySelector("[role=button]").dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true })); await done();
        told.push(errors(), head(5).getAttribute("aria-sort"), button.getAttribute("aria-label"));
        give(told);"""
    first, pinyin = ["<s", "丙市", "乙市", "甲市"], ["<s", "丙市", "甲市", "乙市"]
    assert asked(index, tmp_path / "asked.html", sort) == [
        *(first, None, pinyin, "ascending", pinyin[::-1], "descending", first, None),
        *(["10", "2", "1", ""], "descending", "机关 Agency：排序 sort"),
    ]


def test_who_comes_back_finds_what_was_asked_for(regions: Path, tmp_path: Path) -> None:
    again = """if (!sessionStorage.getItem("been")) {
          sessionStorage.setItem("been", "1");
          change("#search", "教育", "input"); change("#region", "浙江省", "change"); location.reload();
        } else give([at("#search").value, at("#region").value, at("#found").textContent]);"""
    assert asked(regions, tmp_path / "asked.html", again) == ["教育", "浙江省", "1 / 5"]


def test_all_rows_are_printed(tmp_path: Path) -> None:
    names = [f"K{place:03}市公安局" for place in range(120)]
    write_index(made_panel([Made(name, 2023, counts({"received": 5}), source=f"{name}.html") for name in names]), [], {}, tmp_path / "index.html")
    chromium(tmp_path / "index.html", f"--print-to-pdf={tmp_path / 'index.pdf'}")
    text = "".join(page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(tmp_path / "index.pdf"))
    assert set(re.findall("K[0-9]{3}", text)) == {name[:4] for name in names}


def test_it_fits_a_phone(regions: Path, tmp_path: Path) -> None:
    asked(regions, tmp_path / "page.html", "parent.postMessage(document.documentElement.scrollWidth <= innerWidth, '*')")
    assert framed(tmp_path / "page.html", 390) is True


def test_its_own_script_runs_and_no_other(index: Path, tmp_path: Path) -> None:
    html = index.read_text("utf-8")
    assert EVIL not in html
    dumped = chromium(index, "--dump-dom")
    assert "4 / 4</output>" in dumped and '<p id="searching">' in dumped and dumped.count('role="button"') == 14
    assert "<title>政府信息公开年度报告" in dumped and not re.search("<(?:b|script)>(?:税务|document)", dumped)
    injected = tmp_path / "injected.html"
    injected.write_text(html.replace("<h1>", "<script>document.title='hacked'</script><h1>", 1), "utf-8")
    assert "hacked</title>" not in chromium(injected, "--dump-dom")  # Markup that got in would still not run.
