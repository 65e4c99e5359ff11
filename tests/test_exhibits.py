"""The pages of documents: every cell with what is printed and doubted, displayed by a browser; nothing in a document acts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from made_panels import BLANK_ZEROS, CONCLUDED_ZERO, ZERO_TOTAL, Made, counts, made_panel
from selectolax.lexbor import LexborHTMLParser

from govdisclose.counted import counted
from govdisclose.evidence import REQUEST_COLUMNS
from govdisclose.exhibits import FOLDER, Links, address, links, write_exhibits
from govdisclose.findings import Finding
from govdisclose.measures import outcomes, rates, reasons
from govdisclose.panel import Panel

EVIL = "</title><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), "")


@pytest.fixture(scope="module")
def panel() -> Panel:
    hostile = Finding("cell.unreadable", "warning", EVIL, EVIL, "proactive", "licensing", "decisions",
                      ("proactive.licensing.decisions", "2022:requests.carried_out.total"))  # fmt: skip
    figures = counts({"received": 3}) | {"proactive.licensing.decisions": EVIL, "proactive.penalties.decisions": None}
    return made_panel([ZERO_TOTAL, BLANK_ZEROS, Made(f"乙县{EVIL}", 2023, figures, findings=(hostile,), source=f"{EVIL}.html")])


@pytest.fixture(scope="module")
def folder(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reports") / FOLDER
    write_exhibits(panel, path)
    return path


def page_of(panel: Panel, folder: Path, agency: str) -> Path:
    row = panel.reports[panel.reports["agency"].str.startswith(agency)].iloc[0]
    return folder / address(row["sha256"], row["agency"], row["year"], row["source"])


def test_a_page_holds_every_cell_its_place_and_the_findings(panel: Panel, folder: Path) -> None:
    tree = LexborHTMLParser(page_of(panel, folder, ZERO_TOTAL.agency).read_text("utf-8"))
    cells = panel.cells[panel.cells["source"] == ZERO_TOTAL.name]
    keys = cells["table"] + "." + cells["row"] + "." + cells["column"]
    assert {cell.id: cell.text() for cell in tree.css("table.gd-form td")} == dict(zip(keys, cells["text"], strict=True))
    (culprit,) = tree.css("td.error")
    hint = culprit.attributes["title"] or ""
    assert culprit.id == "requests.concluded.total" and "应为 12" in hint and "Printed 0" in hint
    assert "table requests, row concluded, column total" in hint and CONCLUDED_ZERO.message_en in hint
    assert [one.attributes["href"] for one in tree.css("table.list a")] == ["#requests.concluded.total"]


def test_a_measure_is_listed_with_a_link_to_each_document(panel: Panel, folder: Path) -> None:
    tree = LexborHTMLParser((folder / "measure.full_or_partial_rate.html").read_text("utf-8"))
    rows = [[cell.text() for cell in row.css("td")] for row in tree.css("tbody tr")]
    mine = next(row for row in rows if row[0] == BLANK_ZEROS.agency)
    assert mine[:2] == [BLANK_ZEROS.agency, str(BLANK_ZEROS.year)]
    page = page_of(panel, folder, BLANK_ZEROS.agency).name
    hrefs = [link.attributes["href"] for link in tree.css("tbody a")]
    assert f"{page}#full_or_partial_rate" in hrefs and len(hrefs) == len(rows) == 3
    known = links(panel, folder, folder.parent)
    assert known.measure("grant_rate") == "documents/measure.grant_rate.html" and known.measure("denial_rate") == ""
    assert "measure.denial_rate.html" in {one.name for one in write_exhibits(panel, folder, ["denial_rate"])}
    write_exhibits(panel, folder)


def test_every_link_leads_to_a_cell_or_mark_that_is_there(panel: Panel, tmp_path: Path) -> None:
    keys = ["denial_rate", "received", "granted", "lawsuits", "reconsideration_overturn_rate", "penalties_per_licence"]
    trees = {file.name: LexborHTMLParser(file.read_text("utf-8")) for file in write_exhibits(panel, tmp_path, keys)}
    marks = {name: {one.id for one in tree.css("[id]")} for name, tree in trees.items()}
    for name, tree in trees.items():
        for link in tree.css("tbody a"):
            page, _, mark = (link.attributes["href"] or "").partition("#")
            assert not mark or mark in marks[page or name], f"{name}: {page}#{mark}"
    lawsuits = page_of(panel, tmp_path, ZERO_TOTAL.agency)
    assert '[id="lawsuits"]:target~div [id="reviews.litigation_direct.total"]' in lawsuits.read_text("utf-8")


def test_a_cell_that_prints_nothing_is_not_shown_as_a_dash(panel: Panel, folder: Path) -> None:
    tree = LexborHTMLParser((folder / "requests.denied.state_secret.html").read_text("utf-8"))
    rows = {row.css("td")[0].text(): [cell.text() for cell in row.css("td")[2:]] for row in tree.css("tbody tr")}
    assert rows[BLANK_ZEROS.agency][2:] == ["空白 blank"] * 5 and rows[ZERO_TOTAL.agency][-1] == "0"
    assert "空白 blank" in tree.css("td small")[0].text() and "Grey words" in tree.css("p")[0].text()


def test_the_checksum_names_the_page() -> None:
    name = address("ab" * 32, "甲县", 2023, "a.html")
    assert re.fullmatch(r"(ab){6}-[0-9a-f]{4}\.html", name)
    assert name != address("ab" * 32, "乙县", 2023, "a.html") and name == address("ab" * 32, "甲县", 2023, "moved/b.html")


def test_the_same_panel_leaves_the_same_files_and_removes_the_others(panel: Panel, tmp_path: Path) -> None:
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in write_exhibits(panel, tmp_path)}
    (tmp_path / "own.html").write_text("kept")
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in write_exhibits(panel, tmp_path)} == before
    assert len(write_exhibits(panel.select(ZERO_TOTAL.agency), tmp_path)) == len(before) - 2
    assert len(list(tmp_path.iterdir())) == len(before) - 1 and (tmp_path / "own.html").exists()


def test_sums_and_rates_lead_to_marks(panel: Panel, folder: Path) -> None:
    found = links(panel, folder, folder.parent)
    ended = outcomes(panel)
    page = page_of(panel, folder, BLANK_ZEROS.agency)
    denied = ended[(ended["source"] == BLANK_ZEROS.name) & (ended["measure"] == "denied")]["origin"].item()
    assert denied == "sum of requests.denied.*.*"
    assert found.of(BLANK_ZEROS.name, denied) == f"documents/{page.name}#requests.denied.*.*"
    assert found.of(BLANK_ZEROS.name, "requests.granted.total") == f"documents/{page.name}#requests.granted.total"
    assert set(rates(panel)["measure"]) == {"grant_rate", "full_or_partial_rate", "backlog_rate"}
    assert found.row("denied.third_party", "natural_person") == "documents/requests.denied.third_party.html#natural_person"
    rows = {f"requests.{row}.html" for row in set(reasons(panel)["measure"])}
    assert rows == {file.name for file in folder.glob("requests.*")}
    assert Links().of(BLANK_ZEROS.name, denied) == "" == Links().row("denied.third_party")
    assert links(panel, folder / "elsewhere", folder) == Links()


@pytest.mark.parametrize("values", ["printed", "sound"])
def test_whatever_figures_count_their_cells_can_be_shown(panel: Panel, folder: Path, values: str) -> None:
    used, found = counted(panel, values), links(panel, folder, folder.parent)
    made = [*outcomes(used)[["source", "origin"]].itertuples(index=False)]
    made += [(source, origin.split(" ÷ ")[0]) for source, origin in reasons(used)[["source", "origin"]].itertuples(index=False)]
    assert {origin for source, origin in made if source == ZERO_TOTAL.name} >= (
        {"requests.concluded.total"} if values == "printed" else {"sum of requests.concluded.*", "sum of requests.granted.*"}
    )
    for source, origin in made:
        page, _, mark = found.of(source, origin).partition("#")
        assert f'id="{unquote(mark)}"' in (folder.parent / page).read_text("utf-8"), origin


def test_text_of_documents_is_escaped_everywhere(folder: Path) -> None:
    for file in folder.iterdir():
        tree = LexborHTMLParser(file.read_text("utf-8"))
        assert not tree.css("script, img, iframe, link, object, base, form, [onerror], [src]"), file.name
        assert all(not re.match(r"\w+:|//", link.attributes["href"] or "") for link in tree.css("[href]")), file.name


# --- as a browser displays it -----------------------------------------------------------------------------------------
PROBE = """<script>
addEventListener("load", () => {
  const told = {};
  for (const cell of document.querySelectorAll("td[id]")) {
    const box = cell.getBoundingClientRect(), style = getComputedStyle(cell);
    told[cell.id] = [Math.round(box.left), Math.round(box.top), box.width > 0 && box.height > 0, style.backgroundColor,
                     style.outlineStyle, cell.textContent];
  }
  const probe = document.createElement("pre");
  probe.id = "probe";
  probe.textContent = JSON.stringify({title: document.title, told, images: document.images.length, scrolled: scrollY > 0});
  document.body.append(probe);
});
</script>"""


def displayed(page: Path, mark: str, tmp_path: Path) -> dict[str, object]:
    """What Chromium displays of a page: a copy without its policy, so that scripts in it could run, asks for it."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine, so what a browser displays is not looked at")
    html = re.sub(r"<meta http-equiv=[^>]*>", "", page.read_text("utf-8"), count=1).replace("</head>", PROBE + "</head>", 1)
    copy = tmp_path / "page.html"
    copy.write_text(html, encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
               "--virtual-time-budget=2000", "--dump-dom", f"{copy.as_uri()}#{mark}"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True)
    probe = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert probe is not None, done.stdout[-500:]
    found: dict[str, object] = json.loads(unescape(probe[1]))
    return found


def test_a_browser_displays_cells_findings_and_the_frame_of_a_sum(panel: Panel, folder: Path, tmp_path: Path) -> None:
    shown = displayed(page_of(panel, folder, ZERO_TOTAL.agency), "requests.denied.*.total", tmp_path)
    told: dict[str, list[object]] = shown["told"]  # type: ignore[assignment]
    cells = panel.cells[panel.cells["source"] == ZERO_TOTAL.name]
    assert len(told) == len(cells) and all(cell[2] for cell in told.values())
    rows = [row for row in dict.fromkeys(cells["row"]) if f"requests.{row}.total" in told]
    lefts = [{told[f"requests.{row}.{column}"][0] for row in rows} for column in REQUEST_COLUMNS]
    tops = [{told[f"requests.{row}.{column}"][1] for column in REQUEST_COLUMNS} for row in rows]
    for line in (lefts, tops):  # each column stands in one line, each row too, and one after the other
        assert all(len(places) == 1 for places in line) and [min(p) for p in line] == sorted(min(p) for p in line)  # type: ignore[type-var]
    assert told["requests.concluded.total"][3:] == ["rgb(249, 201, 182)", "none", "0"]
    assert told["requests.granted.total"][3] == "rgb(255, 246, 223)"
    assert told["requests.received.total"][3] == "rgba(0, 0, 0, 0)"
    framed = {key for key, cell in told.items() if cell[4] == "solid"}
    assert framed == {f"requests.{row}.total" for row in rows if row.startswith("denied.")}
    assert shown["scrolled"]


def test_a_browser_reaches_a_cell_and_runs_nothing(panel: Panel, folder: Path, tmp_path: Path) -> None:
    shown = displayed(page_of(panel, folder, "乙县"), "proactive.licensing.decisions", tmp_path)
    told: dict[str, list[object]] = shown["told"]  # type: ignore[assignment]
    assert [key for key, cell in told.items() if cell[4] == "solid"] == ["proactive.licensing.decisions"]
    assert told["proactive.licensing.decisions"][3:] == ["rgb(255, 233, 184)", "solid", EVIL]
    assert (shown["title"], shown["images"]) == (f"乙县{EVIL} 2023", 0)
