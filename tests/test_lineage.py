"""What became of offices and of their places: the documented table, what a panel holds of it, and that nothing is joined."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_panels import Made, counts, made_panel

import govdisclose as gd
from govdisclose import profile
from govdisclose.lineage import JOINS, _table, office_of, partners


def of(**years: tuple[int, ...]) -> gd.Panel:
    return made_panel(
        [Made(name, year, counts({"received": 5}), kind="市场监督管理", source=f"{name}{year}.html") for name, own in years.items() for year in own]
    )


@pytest.mark.parametrize(
    ("name", "office"),
    [
        ("海门市工商行政管理局", "工商行政管理局"),
        ("海门市工商局", "工商行政管理局"),
        ("南通市质量技术监督局", "质量技术监督局"),
        ("南通市食品药品监督管理局", "食品药品监督管理局"),
        ("江苏省药品监督管理局", "药品监督管理局"),
        ("南通市海门区市场监督管理局", "市场监督管理局"),
        ("国家税务总局南通市税务局", "税务局"),
        ("江苏省南通市国家税务局", "国家税务局"),
        ("江苏省地方税务局", "地方税务局"),
        ("南通市规划局", "规划局"),
        ("北京市规划和自然资源委员会", "自然资源局"),
        ("南通市国土资源局", "国土资源局"),
        ("南通市环保局", "环境保护局"),
        ("南通市卫生和计划生育委员会", "卫生和计划生育委员会"),
        ("海门市卫生局", "卫生局"),
        ("海门市人口和计划生育委员会", "人口和计划生育委员会"),
        ("南通市文化广电新闻出版局", "文化局"),
        ("南通市文化广电和旅游局", "文化和旅游局"),
        ("江苏省新闻出版广电局", "新闻出版广电局"),
        ("南通市大数据管理局", "大数据管理局"),
        ("南通市数据局", "数据局"),
        ("国家金融监督管理总局江苏监管局", "金融监督管理局"),
        ("江苏省地方金融监督管理局", "地方金融监督管理局"),
        ("农业农村部", "农业农村局"),
        ("南通市体育局", ""),
    ],
)
def test_the_office_is_told_by_the_name(name: str, office: str) -> None:
    assert office_of(name) == office


def test_the_table_is_documented() -> None:
    told = gd.lineage()
    merged = told[told["office_after"] == "市场监督管理局"]
    assert merged[["office_before", "year", "change", "join"]].values.tolist() == [
        ["工商行政管理局", 2018, "merger", "sum"],
        ["质量技术监督局", 2018, "merger", "sum"],
        ["食品药品监督管理局", 2018, "merger", "sum"],
        ["物价局", 2018, "transfer", "none"],
    ]
    assert merged["source"].iloc[0] == "第十三届全国人民代表大会第一次会议关于国务院机构改革方案的决定（2018年3月17日）"
    assert told["before"].isna().all() and told["after"].isna().all() and (told[["source", "source_en", "caveat", "caveat_en"]] != "").all(axis=None)
    changes, offices = _table()
    known = {name for name, _ in offices}
    assert {name for one in changes for name in one.before + one.after} <= known and {one.join for one in changes} <= set(JOINS)
    assert all(office_of(name) == name for name in known)


def test_a_panel_tells_forerunners_of_the_same_place() -> None:
    panel = of(海门市工商行政管理局=(2015, 2016), 南通市海门区市场监督管理局=(2021, 2022, 2023), 海门市市场监督管理局=(2019, 2020), 金湖县工商行政管理局=(2016,))
    told = gd.lineage(panel)
    here = told[told["before"].notna() & told["after"].notna()]
    assert here[["before", "after", "year", "change", "years_before", "years_after"]].values.tolist() == [
        ["海门市工商行政管理局", "南通市海门区市场监督管理局", 2018, "merger", "2015–2016", "2021–2023"],
        ["海门市市场监督管理局", "南通市海门区市场监督管理局", 2020, "place", "2019–2020", "2021–2023"],
        ["海门市工商行政管理局", "海门市市场监督管理局", 2018, "merger", "2015–2016", "2019–2020"],
    ]
    missing = told[told["before"].isna() & (told["after"] == "海门市市场监督管理局")]
    assert list(missing["office_before"]) == ["物价局", "质量技术监督局", "食品药品监督管理局"]
    assert told[told["before"] == "金湖县工商行政管理局"]["after"].isna().all()
    assert partners(panel)["海门市工商行政管理局"] == {"南通市海门区市场监督管理局", "海门市市场监督管理局"}
    assert panel.reports["agency"].nunique() == 4  # nothing was joined


def test_zones_towns_and_open_places_are_nobodys_forerunners() -> None:
    told = gd.lineage(["苏州工业园区国土资源局", "苏州市自然资源和规划局", "朝阳区环保局", "北京市朝阳区生态环境局"])
    assert told[told["before"].notna() & told["after"].notna()].empty


def test_made_up_places_follow_as_printed() -> None:
    told = gd.lineage(["甲州市环境保护局", "甲州市生态环境局", "乙州市生态环境局"])
    here = told[told["before"].notna() & told["after"].notna()]
    assert here[["before", "after", "join"]].values.tolist() == [["甲州市环境保护局", "甲州市生态环境局", "same"]]


def test_the_page_of_an_agency_says_where_its_series_breaks(tmp_path: Path) -> None:
    path = tmp_path / "panel.duckdb"
    of(海门市工商行政管理局=(2015, 2016), 海门市市场监督管理局=(2019, 2020)).save(path)
    one = profile.open_profile(str(path), ["海门市市场监督管理局"], [], "", "zh")
    lines = [line for line in profile.summary(one, profile.beside_peers(one)) if "沿革" in line]
    assert lines == [
        "2018 年的机构沿革：工商行政管理局、质量技术监督局、食品药品监督管理局 → 市场监督管理局"
        "（第十三届全国人民代表大会第一次会议关于国务院机构改革方案的决定（2018年3月17日））。"
        "本库中：海门市工商行政管理局 (2015–2016) → 海门市市场监督管理局 (2019–2020)。"
        "由几个机关合并，只有全部前身之和才接近可比，且同一申请可能计几次；不自动相接。"
        "不少市县自 2014 年起就先行合并，名称也已是市场监督管理局；专利执法和价格检查也并入。"
    ]
    alone = of(海门市市场监督管理局=(2021, 2022))
    alone.save(tmp_path / "alone.duckdb")
    one = profile.open_profile(str(tmp_path / "alone.duckdb"), [], [], "", "en")
    assert not [line for line in profile.summary(one, profile.beside_peers(one)) if "Succession" in line]
