"""Peers on a page: groups, sentences, captions, charts; few agencies are named as too few, many fit."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from made_panels import Made, counts, made_panel
from test_dictionary import DOUBT

from govdisclose import drawing, notebook, peer_charts, peer_page, peer_words, tables
from govdisclose.change import compare_years, decompose
from govdisclose.compare import funnel, robust, shrink
from govdisclose.panel import Panel


def report(agency: str, year: int, persons: int, granted: int, **more: object) -> Made:
    """Requests of natural persons, some granted, and of two firms, one of them granted."""
    rows = counts({"received": persons, "granted": granted, "denied.third_party": persons - granted, "concluded": persons})
    firms = {"received": 2, "granted": 1, "denied.third_party": 1, "concluded": 2}
    for row, cases in firms.items():
        rows[f"requests.{row}.commercial_enterprise"] = str(cases)
        rows[f"requests.{row}.total"] = str(int(rows[f"requests.{row}.total"] or 0) + cases)
    rows["reviews.reconsideration.total"] = str(1 + persons // 50)
    kind = "政府办公厅" if agency.endswith("办公厅") else "乡镇"
    return Made(agency, year, rows, kind=kind, **more)  # type: ignore[arg-type]


def towns(number: int, years: tuple[int, ...] = (2020, 2021, 2022, 2023, 2024)) -> Panel:
    """Towns of which the last grants nearly all; a finding touches one of them, and one has a name that means harm."""
    reports = [
        report(f"示例县<b>第{n}镇" if n == 1 else f"示例县第{n}镇人民政府", year, 40 + 7 * n, 39 + 7 * n if n == number else 20 + 3 * n, findings=(DOUBT,) if n == 2 else ())
        for n in range(1, number + 1)
        for year in years
    ]
    return made_panel([*reports, report("示例省人民政府办公厅", 2024, 9, 3)])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    html: list[str] = []
    monkeypatch.setattr(notebook, "_show", html.append)
    return html


def run(panel: Panel, tmp_path: Path, language: str, measure: str) -> notebook.Page:
    """What the notebook does, in one go."""
    panel.save(tmp_path / "panel.duckdb")
    page = notebook.open_page("peer_comparison", str(tmp_path / "panel.duckdb"), [], [], "", language, measure=measure)
    values, groups = peer_words.values(page.panel, measure, language), peer_words.groups(page.panel, measure, language)
    page.title()
    page.summary(peer_words.summary(page.panel, groups, measure, language), drawn=[values])
    peer_page.show_values(page, values)
    for group in groups:
        peer_page.show_group(page, group)
    page.findings()
    page.tables()
    page.definitions()
    return page


def test_a_page_is_computed_captioned_and_escaped(tmp_path: Path, shown: list[str]) -> None:
    page = run(towns(6), tmp_path, "en", "grant_rate")
    assert shown[0] == "<h1>Peers compared: Grant rate</h1>"
    text = shown[2]
    assert "which are not compared: 1 (General office of a government (政府办公厅, province level) 1)" in text
    assert "Township or town (乡镇, township level), 6 agencies: pooled" in text and "of 6, 5 lie beyond the 99.8 % limits" in text
    assert "Beyond the limits: 示例县第6镇人民政府 97.6%, 示例县第5镇人民政府 46.8%," in text
    assert "The agencies differ by more than chance" in text and "with limits widened by that, 1 lie beyond those of 99.8 %." in text
    assert "Changes of single agencies: of 6, 0 have p &lt; 0.05, and 0 remain" in text
    assert "From 2020 to 2024 the pooled share of the 6 agencies that have both years changed by +0.0 percentage points" in text
    assert "touches: 1." in text
    keys = [key for key, _ in page.drawn_from]
    assert keys == ["peer_values", "funnel", "ranks", "standard", "changes", "mix_agency", "mix_applicant", "trends", "robust"]
    assert "granted ÷ concluded" in shown[-1] and "Hazell" in shown[-1]
    captions = [html for html in shown if "<figcaption>" in html]
    assert len(captions) == 9
    assert "n = 30 agency-years, from 6 agencies; reported but not computable: 0." in captions[1]
    assert "when 6 agencies are tested at once" in captions[4] and "n = 6 agencies; with fewer than 5 years, hence without a trend: 0." in captions[7]
    assert not any("<b>" in html for html in shown) and any("示例县&lt;b&gt;第1镇" in html for html in shown)


@pytest.mark.parametrize("measure", ["received", "reconsiderations_per_1000", "fees", "denied.state_secret"])
def test_every_kind_of_measure_has_its_page(measure: str, tmp_path: Path, shown: list[str]) -> None:
    page = run(towns(5, (2023, 2024)), tmp_path, "zh", measure)
    assert page.drawn_from[0][0] == "peer_values" and not any("nan" in html.lower().replace("finance", "") for html in shown[:3])


def test_too_few_peers_are_named_and_nothing_is_compared(tmp_path: Path, shown: list[str]) -> None:
    page = run(towns(4), tmp_path, "zh", "grant_rate")
    assert [key for key, _ in page.drawn_from] == ["peer_values"]
    assert "没有一组达到 5 个机关，本页只列数字，不作比较。" in shown[2]
    page.remark("too_few_peers", fewest=peer_words.FEWEST)
    assert "机关太少，分不清差别与偶然" in shown[-1]


def test_one_year_gives_no_change(tmp_path: Path, shown: list[str]) -> None:
    page = run(towns(6, (2024,)), tmp_path, "en", "grant_rate")
    assert [key for key, _ in page.drawn_from] == ["peer_values", "funnel", "ranks", "standard"]


def test_more_agencies_than_fit_are_left_to_the_table(tmp_path: Path, shown: list[str]) -> None:
    towns(64, (2024,)).save(tmp_path / "panel.duckdb")
    page = notebook.open_page("peer_comparison", str(tmp_path / "panel.duckdb"), [], [], "", "en", measure="grant_rate")
    peer_page.show_values(page, peer_words.values(page.panel, "grant_rate", "en"))
    peer_page.show_ranks(page, peer_words.groups(page.panel, "grant_rate", "en")[0])
    captions = " ".join(html for html in shown if "<figcaption>" in html)
    assert "Of 64 agencies only the 60 outermost are drawn" in captions and "Only the first 60 agencies are drawn" in captions
    ranks = next(frame for key, frame in page.drawn_from if key == "ranks")
    assert tables.behind("ranks", ranks, "en")[1] == 64


@pytest.mark.parametrize("language", ["zh", "en"])
def test_charts_are_drawn_without_a_missing_glyph_and_the_same_each_time(language: str) -> None:
    panel = towns(6, (2023, 2024)).select(kind="乡镇")
    names = {"natural_person": "自然人", "organisations": "Organisations"}
    ranked = compare_years(panel).assign(value=lambda frame: frame["difference"])
    drawings = {
        "funnel": lambda: peer_charts.funnel(funnel(panel), language),
        "ranks": lambda: peer_charts.ranks(shrink(panel), language),
        "effects": lambda: peer_charts.effects(decompose(panel), language, names),
        "robustness": lambda: peer_charts.robustness(robust(panel), language),
        "ranked": lambda: peer_charts.ranked(ranked, language, "note", reference=0.0, signed=True),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svgs = {name: drawing.svg(draw()) for name, draw in drawings.items()}
    assert all(svg.startswith("<svg") for svg in svgs.values())
    assert svgs["ranks"] == drawing.svg(drawings["ranks"]())


def test_only_agencies_outside_the_limits_are_named_where_there_are_many() -> None:
    found = funnel(towns(12, (2024,)).select(kind="乡镇"))
    texts = {text.get_text() for text in peer_charts.funnel(found, "zh").axes[0].texts}
    outside = set(found.agencies.loc[found.agencies["place"] != "inside", "agency"])
    assert outside and texts & set(found.agencies["agency"]) == outside
