"""What the lists of a page look like in a browser, at the widths of a desk, a tablet and a phone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from browser import chromium, framed
from made_panels import Made, counts, made_panel
from selectolax.lexbor import LexborHTMLParser

from govdisclose import doubts, tables
from govdisclose.execute import templates
from govdisclose.exhibits import write_exhibits
from govdisclose.findings import Finding

LONG = Finding(
    "requests.concluded_sum", "error", "总计应等于各项之和。" * 8, "Unclear after correction: the total should equal the sum over applicant types. " * 4,
    "requests", "not_available.would_require_creation", "legal_service_institution", ("requests.concluded.total",), 1_234_567, 0, 1_234_567,
)  # fmt: skip


@pytest.mark.parametrize(("width", "stacked"), [(1100, False), (768, True), (390, True)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_of_findings_keeps_within_the_page(width: int, stacked: bool, language: str, tmp_path: Path) -> None:
    report = Made("南通市海门区市场监督管理局综合行政执法大队", 2023, counts({"received": 5}), source="https://www.example.gov.cn/zwgk/annual/2023/index_4021.html", findings=(LONG,))
    panel = made_panel([report])
    content = doubts.findings_list(panel, panel.findings, language)
    measure = """const [list, row] = [".scroll", ".listed tbody tr"].map((one) => document.querySelector(one));
        const told = () => [list.scrollWidth <= list.clientWidth, document.documentElement.scrollWidth <= innerWidth, getComputedStyle(row).display];
        const wait = () => (innerWidth === WIDTH ? parent.postMessage(told(), "*") : setTimeout(wait, 50));  // A new frame has another width at first.
        addEventListener("load", wait);""".replace("WIDTH", str(width))
    style = templates().joinpath("style.css").read_text("utf-8")
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style><body><main>{content}</main><script>{measure}</script></body>", "utf-8")
    assert framed(page, width) == [True, True, "block" if stacked else "table-row"]


@pytest.mark.parametrize(("width", "display"), [(1100, "table-row"), (390, "block")])
def test_the_findings_of_a_document_keep_within_its_page(width: int, display: str, tmp_path: Path) -> None:
    panel = made_panel([Made("甲县", 2023, counts({"received": 5}), findings=(LONG,))])
    (page, *_) = write_exhibits(panel, tmp_path, [])
    measure = """const [list, row] = [".scroll", ".list tbody tr"].map((one) => document.querySelector(one));
        const told = () => [list.scrollWidth <= list.clientWidth, document.documentElement.scrollWidth <= innerWidth, getComputedStyle(row).display];
        const wait = () => (innerWidth === WIDTH ? parent.postMessage(told(), "*") : setTimeout(wait, 50));
        addEventListener("load", wait);""".replace("WIDTH", str(width))
    html = page.read_text("utf-8")
    assert [cell.attributes["data-head"] for cell in LexborHTMLParser(html).css(".list td")][2:5] == ["印出 Printed", "应为 Expected", "建议 Suggestion"]
    page.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html) + f"<script>{measure}</script>", "utf-8")
    assert framed(page, width) == [True, True, display]


def test_what_is_folded_is_printed_open_but_code_is_not(tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext is installed to read the print with")
    style = templates().joinpath("style.css").read_text("utf-8")
    page, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    folded = tables.folded("Table 1", "rows: 56", "<p>12,345</p>", False)
    page.write_text(f'<!doctype html><meta charset=utf-8><style>{style}</style>{folded}<details class="code"><summary>Code</summary>import</details>', "utf-8")
    chromium(page, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    text = subprocess.run(["pdftotext", str(printed), "-"], check=True, capture_output=True, text=True).stdout
    assert text.split() == ["Table", "1", "rows:", "56", "12,345"]


def test_entries_of_a_list_name_their_heads_and_numbers_have_theirs_above_them() -> None:
    tree = LexborHTMLParser(tables.table(["Rule", "Found"], [["a.b_c", tables.Figure("3")], ["<d_e>", tables.Figure("4")]], (70, 30)))
    assert [cell.attributes["data-head"] for cell in tree.css("td")] == ["Rule", "Found", "Rule", "Found"]
    assert [head.attributes.get("class") for head in tree.css("th")] == [None, "number"]
    assert [cell.text() for cell in tree.css("td")] == ["a.b_c", "3", "<d_e>", "4"] and len(tree.css("wbr")) == 2
    plain = tables.table(["Rule"], [["a_b"]])
    assert plain == '<div class="scroll"><table><thead><tr><th>Rule</th></tr></thead><tbody><tr><td class="short">a_b</td></tr></tbody></table></div>'
