"""Many pages as a build: made once, kept while nothing changed, gone on with after a stop, the same bytes each time."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from functools import partial
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from made_panels import Made, counts, made_panel
from typer.testing import CliRunner

from govdisclose import render
from govdisclose.cli import app
from govdisclose.execute import prepare
from govdisclose.export import csv_text
from govdisclose.manifest import FILE, Manifest, document_digests
from govdisclose.notebook import PROFILE, download
from govdisclose.panel import Panel
from govdisclose.render import Rendered, build_reports
from govdisclose.warm import Warm

EVIL = "<script>document.title='hacked'</script>\"' onload=x 局/../.."
PARAMETERS = 'panel_path = ""\nagencies = []\nyears = []\nagency_kind = ""\nlanguage = "zh"'
ABOUT = "print(agencies, years, agency_kind, language)"
KINDS = {"甲市公安局": "公安", "乙市公安局": "公安", "丙市税务局": "税务", EVIL: "税务"}


def panel(**received: int) -> Panel:
    made = [
        Made(name, year, counts({"received": received.get(name, 5)}), kind=kind, source=f"{place}-{year}.html")
        for place, (name, kind) in enumerate(KINDS.items())
        for year in (2022, 2023)
    ]
    return made_panel(made, {"甲市公安局2024<b>.pdf": "no text"})


def write(path: Path, *sources: str) -> None:
    tagged = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [tagged, *(nbformat.v4.new_code_cell(source) for source in sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


class _Kept:
    """A warm process that outlives a build: starting one takes longer than most of these tests."""

    alive = True

    def __init__(self, warm: Warm) -> None:
        self.call = warm.call

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    place = tmp_path_factory.mktemp("warm")
    panel().save(place / "panel.duckdb")
    process = Warm(place / "profile", partial(prepare, str(place / "panel.duckdb")))
    yield process
    process.close()


@pytest.fixture(autouse=True)
def _one_process(warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "Warm", lambda *_: _Kept(warm))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a panel and two small notebooks, one of them a profile that fails for one agency."""
    panel().save(tmp_path / "panel.duckdb")
    (tmp_path / "notebooks").mkdir()
    write(tmp_path / "notebooks" / "about.ipynb", ABOUT)
    write(tmp_path / "notebooks" / f"{PROFILE}.ipynb", ABOUT, 'assert agencies != ["丙市税务局"], "<b>bad</b>"')
    return tmp_path


def build(desk: Path, *per: str, out: str = "out", **given: object) -> list[Rendered]:
    return build_reports(desk / "panel.duckdb", desk / out, languages=["en"], notebooks_dir=desk / "notebooks", per=per, workers=1, **given)  # type: ignore[arg-type]


def files(folder: Path) -> dict[str, bytes]:
    kept = (".html", ".jsonl")
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.suffix in kept}


def made_again(pages: list[Rendered]) -> set[str]:
    return {page.group[1] for page in pages if not page.kept}


def test_pages_are_made_once_and_again_where_something_changed(desk: Path) -> None:
    first = build(desk, "agency")
    assert [(page.group[1], page.error) for page in first] == [
        ("", ""), (EVIL, ""), ("丙市税务局", "AssertionError: <b>bad</b>"), ("乙市公安局", ""), ("甲市公安局", ""),
    ]  # fmt: skip
    page = desk / "out" / "agency" / "甲市公安局.en.html"
    assert "['甲市公安局'] []  en" in unescape(page.read_text("utf-8")) and 'href="../index.html"' in page.read_text("utf-8")
    assert made_again(build(desk, "agency")) == {"丙市税务局"}  # What failed is tried again.
    panel(甲市公安局=6).save(desk / "panel.duckdb", replace=True)
    assert made_again(build(desk, "agency")) == {"", "甲市公安局", "乙市公安局", "丙市税务局"}  # Its peers rest on it.
    page.write_text(page.read_text("utf-8").replace("甲", "申"), "utf-8")
    assert made_again(build(desk, "agency")) == {"甲市公安局", "丙市税务局"}
    write(desk / "notebooks" / "about.ipynb", ABOUT, "1")
    assert made_again(build(desk)) == {""}


def test_a_build_that_was_stopped_goes_on(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[str] = []
    add = Manifest.add

    def stop(self: Manifest, page: str, key: str) -> None:
        if len(added) == 2:
            raise KeyboardInterrupt
        added.append(page)
        add(self, page, key)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Manifest, "add", stop)
        build(desk, "agency")
    with (desk / "out" / FILE).open("a", encoding="utf-8") as stream:
        stream.write('["cut sho')
    pages = build(desk, "agency")
    assert [page.html.relative_to(desk / "out").as_posix() for page in pages if page.kept] == added
    assert not list((desk / "out").rglob("*.part*"))


def test_the_same_panel_gives_the_same_bytes_wherever(desk: Path) -> None:
    build(desk, "kind", "year")
    shutil.copytree(desk, desk.parent / "elsewhere")
    build(desk.parent / "elsewhere", "kind", "year", out="again")
    first = files(desk / "out")
    assert sum(not name.startswith("documents") for name in first) == 1 + 2 + 2 + 2
    assert first == files(desk.parent / "elsewhere" / "again")
    assert "[] [2022]  en" in unescape(first["year/2022/about.en.html"].decode())
    assert "[] [] 税务 en" in unescape(first["kind/税务/about.en.html"].decode())
    assert '<p class="group">Taxation (税务)</p>' in first["kind/税务/about.en.html"].decode()
    text = unescape(re.sub("<[^>]+>", "", first["kind/税务/about.en.html"].decode()))
    assert "Provenance" in text and 'agency_kind = "税务"' in text and "4 · " in text and str(desk) not in text


def test_a_profile_is_the_same_each_time_and_whole(desk: Path) -> None:
    def once(out: str) -> tuple[Rendered, str]:
        given = {"agencies": [EVIL]}
        (page,) = build_reports(desk / "panel.duckdb", desk / out, [], ["en"], given, 1, per=["agency"])
        return page, page.html.read_text("utf-8")

    (page, html), (_, again) = once("one"), once("other")
    assert page.error == "" and html == again
    assert html.count("<img alt=") == html.count('download="agency_profile-') == html.count("<figcaption>") == 7
    assert "<script" not in html and "Provenance" in html and "govdisclose 0.1.0" in html
    assert html.count(' data-head="Document and place">table requests, row ') >= 2 * 25


def test_what_no_document_tells_is_a_sentence(desk: Path) -> None:
    made_panel([Made("公安局", 2023, counts({"received": 5}), source="a.html")]).save(desk / "panel.duckdb", replace=True)
    with pytest.raises(ValueError, match=r"tells its region; an agencies.csv in the folder"):
        build(desk, "region")
    assert not (desk / "out").exists()


def test_names_become_safe_paths_that_are_told_apart() -> None:
    names = render._page_names([("agency", name) for name in ("甲市", "ABC局", "abc局", EVIL, "..", "x" * 99)])
    paths = list(names.values())[1:]
    assert paths[:2] == ["agency/甲市", "agency/ABC局"] and len({path.casefold() for path in paths}) == 6
    assert all(re.fullmatch(r"agency/[\w-]{1,70}", path) for path in paths)


def test_a_digest_is_of_one_document_alone() -> None:
    one, other = document_digests(panel()), document_digests(panel(甲市公安局=6))
    assert {source for source in one if one[source] != other[source]} == {"0-2022.html", "0-2023.html"}


def test_failing_pages_give_an_exit_code_and_few_lines(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdisclose.render.find_notebooks", lambda: desk / "notebooks")
    words = ["report", str(desk / "panel.duckdb"), "-o", str(desk / "out"), "--per", "agency", "--lang", "en", "--workers", "1"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "pages per agency: 4, of which 0 were up to date and 1 failed" in done.stdout
    assert done.stderr.endswith(f"\n{desk}/out/agency/丙市税务局.en.html: failed: AssertionError: <b>bad</b>\n")
    page = (desk / "out" / "agency" / "丙市税务局.en.html").read_text("utf-8")
    assert "Traceback" in page and "&lt;b&gt;bad&lt;/b&gt;" in page and "<b>bad" not in page.replace("<b>AssertionError", "")
    index = (desk / "out" / "index.html").read_text("utf-8")
    assert "AssertionError: &lt;b&gt;bad&lt;/b&gt;" in index and index.count("<script") == 1
    monkeypatch.setattr("govdisclose.render.build_reports", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    stopped = CliRunner().invoke(app, words)
    assert stopped.exit_code == 130
    assert stopped.stderr.endswith("\nstopped by Ctrl-C: the pages made so far stay, run the command again for the rest\n")


def test_the_data_of_a_figure_are_in_its_page() -> None:
    frame = panel().reports[["agency", "year"]].assign(note="=1+1", share=0.25)
    link = download(frame, 'a"b.csv', "Download")
    assert 'download="a&quot;b.csv"' in link
    data = base64.b64decode(re.search("base64,([^\"]+)", link)[1]).decode("utf-8-sig")  # type: ignore[index]
    assert data == csv_text(frame) and data.splitlines()[1].endswith(",'=1+1,0.25")


def test_pages_per_region_are_of_provinces_cities_or_counties(desk: Path) -> None:
    names = ("南通市教育局", "海门区教育局", "宿迁市教育局")
    made_panel([Made(name, 2023, counts({"received": 5}), source=f"{name}.html") for name in names]).save(desk / "panel.duckdb", replace=True)
    made = build(desk, "region")
    assert [page.group for page in made if page.group[0]] == [("region", "江苏省南通市"), ("region", "江苏省宿迁市")]
    assert "['南通市教育局', '海门区教育局']" in made[-2].html.read_text("utf-8").replace("&#39;", "'")


def test_a_file_of_places_counts_for_pages(desk: Path) -> None:
    (desk / "places.csv").write_text("agency,kind,level,code\n甲市公安局,,,320600\n", "utf-8")
    parameters = {"places": str(desk / "places.csv")}
    tagged = nbformat.v4.new_code_cell(PARAMETERS + '\nplaces = ""', metadata={"tags": ["parameters"]})
    cells = [tagged, nbformat.v4.new_code_cell("print(agencies, places)")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}), desk / "notebooks" / "about.ipynb")
    pages = build(desk, "region", parameters=parameters)
    groups = {page.group[1]: page.html.read_text("utf-8") for page in pages}
    assert set(groups) == {"", "江苏省南通市", "乙市", "丙市"}
    assert "['甲市公安局'] ../../../places.csv" in unescape(groups["江苏省南通市"])
    index = (desk / "out" / "index.html").read_text("utf-8")
    assert "江苏省南通市 <small>320600</small>" in index and "places = ../places.csv" in index and str(desk) not in index
    assert made_again(build(desk, "region", parameters=parameters)) == set()
    (desk / "places.csv").write_text("agency,kind,level,code\n甲市公安局,,county,320600\n", "utf-8")
    assert made_again(build(desk, "region", parameters=parameters)) == set(groups)
    write(desk / "notebooks" / "about.ipynb", ABOUT)  # one that does not ask for it runs without
    assert {page.error for page in build(desk, "region", parameters=parameters)} == {""}


def test_addresses_lead_to_the_pages(desk: Path) -> None:
    build(desk, "agency")
    for link in re.findall(r'href="([^"#]+)"', (desk / "out" / "index.html").read_text("utf-8")):
        assert (desk / "out" / unquote(unescape(link))).is_file(), link
    manifest = [json.loads(line)[0] for line in (desk / "out" / FILE).read_text("utf-8").splitlines()]
    assert len(manifest) == 4 and manifest == sorted(manifest)
