"""One agency in full, and how good a panel's data are: exact figures, honest words, texts of documents escaped."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from made_panels import CONCLUDED_ZERO, ZERO_TOTAL, Made, counts, made_panel

from govdisclose import changes, profile, quality, tables
from govdisclose.exhibits import FOLDER, Links, write_exhibits
from govdisclose.findings import Finding
from govdisclose.panel import Panel, open_panel

KIND = "公安"
OWN = "甲市公安局"


def requests(received: int, granted: int, concluded: int) -> dict[str, str | None]:
    return counts({"received": received, "granted": granted, "concluded": concluded})


def reports() -> list[Made]:
    reviewed: dict[str, str | None] = {"reviews.reconsideration.upheld": "2", "reviews.reconsideration.overturned": "1"}
    reviewed |= {"reviews.reconsideration.total": "3", "reviews.litigation_direct.total": ""}
    own = [Made(OWN, 2022, requests(10, 4, 8), kind=KIND), Made(OWN, 2023, requests(20, 5, 10) | reviewed, kind=KIND)]
    others = [Made(f"{name}市公安局", 2023, requests(n, n // 2, n), kind=KIND) for name, n in zip("乙丙丁戊", (10, 20, 30, 80), strict=True)]
    return [*own, *others, Made("甲市税务局", 2023, requests(999, 9, 9), kind="税务")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made_panel(reports()).save(tmp_path / "panel.duckdb")


def open_profile(path: Path, **given: object) -> profile.Profile:
    parameters = {"agencies": [OWN], "years": [], "agency_kind": "", "language": "en"} | given
    return profile.open_profile(str(path), **parameters)  # type: ignore[arg-type]


def test_an_agency_stands_beside_the_quartiles_of_its_peers(path: Path) -> None:
    beside = profile.beside_peers(open_profile(path))
    (row,) = beside.query("measure == 'received' and year == 2023").to_dict("records")
    assert (row["value"], row["count"], row["low"], row["median"], row["high"]) == (20, 4, 17.5, 25, 42.5)
    assert beside.query("measure == 'received' and year == 2022")[["count", "median"]].isna().to_numpy().tolist() == [[False, True]]
    assert set(beside["agency"]) == {OWN} and set(beside["measure"]) == set(profile.COMPARED)


def test_peers_are_of_the_same_level_too(tmp_path: Path) -> None:
    below = [Made(f"甲市第{n}区公安局", 2023, counts({"received": n}), kind="公安") for n in range(4)]
    made_panel([*reports(), *below]).save(tmp_path / "levels.duckdb")
    one = open_profile(tmp_path / "levels.duckdb")
    assert profile.beside_peers(one).query("measure == 'received' and year == 2023")["count"].tolist() == [4]
    assert set(one.compared["agency"]).isdisjoint(report.agency for report in below)


def test_fewer_than_three_peers_are_no_median(path: Path, tmp_path: Path) -> None:
    made_panel(reports()[:4]).save(tmp_path / "few.duckdb")
    one = open_profile(tmp_path / "few.duckdb")
    beside = profile.beside_peers(one)
    assert beside["count"].max() == 2 and beside["median"].isna().all()
    lines = profile.summary(one, beside)
    assert "Requests received: 20 in 2023. The year before: 10. Peers with a figure that year: 2, too few to compare." in lines
    assert "Fewer than 3 agencies of its kind and level have figures in this panel, so nothing is compared." in lines


def test_the_summary_says_what_the_data_say(path: Path) -> None:
    one = open_profile(path)
    lines = profile.summary(one, profile.beside_peers(one))
    assert lines[0] == "甲市公安局: 2022–2023; documents: 2. Kind: Public security (公安)."
    assert "Requests received: 20 in 2023. The year before: 10. Median of 4 peers that year: 25, quartiles 17.5 to 42.5." in lines
    assert "Grant rate: 50.0% in 2023. The year before: 50.0%. Median of 4 peers that year: 50.0%, quartiles 50.0% to 50.0%." in lines
    reconsidered = "Administrative reconsiderations: 3 in 2023. The year before: 0. Median of 4 peers that year: 0, quartiles 0 to 0."
    assert reconsidered in lines


def test_a_doubted_figure_is_marked_in_words(tmp_path: Path) -> None:
    wrong = Finding("reviews.row_total", "error", "合计不符", "wrong sum", "reviews", "reconsideration", "total", ("reviews.reconsideration.total",))
    made_panel([Made("甲县", 2022, findings=(wrong,)), Made("甲县", 2023)]).save(tmp_path / "panel.duckdb")
    one = open_profile(tmp_path / "panel.duckdb", agencies=[])
    assert "Administrative reconsiderations: 0 in 2023. The year before: 0†." in profile.summary(one, profile.beside_peers(one))


def test_one_year_is_called_one_year(path: Path) -> None:
    one = open_profile(path, years=[2023], language="zh")
    lines = profile.summary(one, profile.beside_peers(one))
    assert lines[1] == "本库只有 2023 年一年的报告，看不出变化；下面的图各只有一个点。"
    assert not any("上一年" in line for line in lines)


def test_reviews_are_as_printed(path: Path) -> None:
    mine = open_profile(path).reviews.query("year == 2023")
    held = {(row["route"], row["result"]): (row["value"], row["reason"]) for row in mine.to_dict("records")}
    assert held["reconsideration", "total"] == (3, "") and held["reconsideration", "overturned"] == (1, "")
    assert pd.isna(held["litigation_direct", "total"][0]) and held["litigation_direct", "total"][1] == "nothing_printed"
    headers, rows = profile.reviews_table(mine, "en")
    assert headers == ["Year", "Route", "Upheld", "Overturned", "Other result", "Pending", "Total", "Document"]
    assert [getattr(entry, "text", entry) for entry in rows[1]] == ["2023", "Direct litigation", "0", "0", "0", "0", "blank", f"{OWN}2023.html"]


def test_figures_lead_to_their_cells_and_those_of_peers_to_the_measure(path: Path) -> None:
    one = open_profile(path)
    links = Links("documents", {f"{OWN}2023.html": "documents/own.html"}, measures=frozenset(profile.COMPARED))
    _, rows = profile.peers_table(profile.beside_peers(one).query("year == 2023"), "en", links)
    told = {str(row[0]): [(entry.text, entry.href) for entry in row[2:] if isinstance(entry, tables.Figure)] for row in rows}
    there = "documents/measure.received.html"
    assert told["Requests received"] == [
        ("20", "documents/own.html#requests.received.total"), ("17.5", there), ("25", there), ("42.5", there), ("4", there),
    ]  # fmt: skip
    assert told["Grant rate"][0] == ("50.0%", "documents/own.html#grant_rate")
    assert told["Lawsuits"][0] == ("0", "documents/own.html#lawsuits")  # of two totals, one of them blank beside its parts
    _, rows = profile.reviews_table(one.reviews.query("year == 2023"), "en", links)
    assert rows[0][3] == tables.Figure("1", "reviews.reconsideration.overturned", "documents/own.html#reviews.reconsideration.overturned")
    assert rows[0][-1] == tables.Place(f"{OWN}2023.html", "documents/own.html", f"{OWN}2023.html")


def test_the_page_of_a_document_has_a_mark_for_every_link_of_a_profile(path: Path, tmp_path: Path) -> None:
    write_exhibits(open_panel(path), tmp_path / FOLDER, profile.COMPARED)
    one = open_profile(path)
    _, peers = profile.peers_table(profile.beside_peers(one), "en", one.page.links)
    _, reviewed = profile.reviews_table(one.reviews, "en", one.page.links)
    own = [entry.href for row in (*peers, *reviewed) for entry in row if isinstance(entry, tables.Figure | tables.Place)]
    assert len([href for href in own if href]) == len(own) == 18 * 5 + 6 * 6
    for href in own:
        page, _, mark = href.partition("#")
        assert not mark or f'id="{mark}"' in Path(page).read_text("utf-8"), href


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"agencies": [OWN, "乙市公安局"]}, "a profile is of one agency; agencies names 2: 甲市公安局、乙市公安局"),
        ({"agencies": ["甲市公安"]}, f"no agency '甲市公安' in the panel; nearest: {OWN}"),
        ({"agencies": OWN}, "parameter agencies must be a list of names"),
        ({"years": [1999]}, "no report of 1999 in the panel"),
    ],
)
def test_wrong_parameters_stop_with_a_sentence(path: Path, given: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        open_profile(path, **given)
    assert sentence in str(caught.value)


def test_without_a_name_it_is_the_agency_with_most_requests(path: Path) -> None:
    assert open_profile(path, agencies=[]).agency == "甲市税务局"
    assert open_profile(path, agencies=[], agency_kind=KIND).agency == "戊市公安局"


def test_the_evidence_gives_text_place_and_doubt(tmp_path: Path) -> None:
    evil = Made("<b>局", 2023, {"requests.received.total": "<i>1"}, findings=(CONCLUDED_ZERO,), source="<u>.html")
    made_panel([evil]).save(tmp_path / "panel.duckdb")
    html = profile.evidence(open_profile(tmp_path / "panel.duckdb", agencies=[]))
    assert "&lt;i&gt;1" in html and "table requests, row received, column total" in html and "&lt;u&gt;.html" in html
    assert "(七)总计：总计 †" not in html and "Concluded in all: Total †</td>" in html
    assert not any(tag in html for tag in ("<i>", "<u>", "<b>局"))


def test_findings_of_the_whole_panel_stay_with_the_agency(tmp_path: Path) -> None:
    copied = Finding("series.duplicate", "warning", "与乙局相同", "the same as 乙局")
    panel = made_panel([Made("甲局", 2023, findings=(copied,)), Made("乙局", 2023)])
    panel.save(tmp_path / "panel.duckdb")
    assert list(open_profile(tmp_path / "panel.duckdb", agencies=["甲局"]).page.panel.findings["rule"]) == ["series.duplicate"]


# --- the quality of the data -----------------------------------------------------------------------------------------
def test_coverage_tells_failed_from_missing() -> None:
    panel = made_panel([Made("甲县", 2021), Made("甲县", 2024), Made("乙县", 2024)], {"甲县2022.pdf": "no text", "乙县.pdf": "no text"})
    states = quality.coverage(panel).set_index(["agency", "year"])["state"]
    assert {key: state for key, state in states.items() if key[0] == "甲县"} == {
        ("甲县", 2021): "read", ("甲县", 2022): "failed", ("甲县", 2023): "missing", ("甲县", 2024): "read",
    }  # fmt: skip
    assert (states == "failed").sum() == 1


def test_findings_are_counted_by_rule_and_agency() -> None:
    note = Finding("legal.section", "note", "缺第六节", "no section six")
    panel = made_panel([ZERO_TOTAL, Made("甲县", 2023, findings=(note, note)), Made("乙县", 2023)])
    assert quality.rules(panel).to_numpy().tolist() == [["requests.concluded_sum", 1, 0, 0, 1], ["legal.section", 0, 0, 2, 1]]
    assert quality.doubted(panel)[["agency", "error", "note"]].to_numpy().tolist() == [[ZERO_TOTAL.agency, 1, 0], ["甲县", 0, 2]]


def changed(kept: list[Made], failures: dict[str, str] | None = None) -> Panel:
    return made_panel(kept, failures)


def test_what_changed_is_told_document_by_document() -> None:
    old = changed([Made("甲县", 2022), Made("乙县", 2022), Made("丙县", 2022), Made("丁县", 2022)], {"戊县2022.html": "no text"})
    note = Finding("legal.section", "note", "缺第六节", "no section six")
    new = changed(
        [
            Made("甲县", 2022, {"requests.received.total": "7", "requests.granted.total": ""}),
            Made("乙县", 2022, findings=(note,)),
            Made("丁县", 2022),
            Made("戊县", 2022),
            Made("己县", 2022),
        ],
        {"丙县2022.html": "no text", "庚县.pdf": "no text"},
    )
    frame = changes.compare(old, new)
    assert {row["source"]: (row["change"], row["cells"], row["findings"]) for row in frame.to_dict("records")} == {
        "甲县2022.html": ("figures", 2, 0),
        "乙县2022.html": ("findings", 0, 1),
        "丙县2022.html": ("failed", 0, 0),
        "戊县2022.html": ("recovered", 0, 0),
        "己县2022.html": ("new", 0, 0),
        "庚县.pdf": ("failed", 0, 0),
    }
    assert changes.compare(old, old).empty


def test_the_panel_before_is_kept_while_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "panel.duckdb"
    first, second = changed([Made("甲县", 2022)]), changed([Made("甲县", 2022), Made("甲县", 2023)])
    changes.keep_previous(path, first)
    first.save(path, replace=True)
    changes.keep_previous(path, changes.open_panel(path))
    assert changes.open_previous(path) is None and changes.digest_of(path) == ""
    changes.keep_previous(path, second)
    second.save(path, replace=True)
    kept = changes.digest_of(path)
    changes.keep_previous(path, changes.open_panel(path))
    previous = changes.open_previous(path)
    assert previous is not None and len(previous.reports) == 1 and changes.digest_of(path) == kept
    assert list(changes.compare(previous, changes.open_panel(path))["change"]) == ["new"]


def test_what_cannot_be_computed_says_why(tmp_path: Path) -> None:
    made_panel([ZERO_TOTAL]).save(tmp_path / "panel.duckdb")
    one = open_profile(tmp_path / "panel.duckdb", agencies=[])
    why = "because the concluded total is printed as 0 beside outcomes that sum to more (not repaired) (1)"
    assert f"Grant rate: not computable for any year, {why}." in profile.summary(one, profile.beside_peers(one))
