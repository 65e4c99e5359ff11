"""Where agencies are: codes and levels from names of all kinds, what stays open, what a file says instead, and regions."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_panels import Made, counts, made_panel
from typer.testing import CliRunner

import govdisclose as gd
from govdisclose.cli import app
from govdisclose.divisions import Division, by_code, divisions, full_name, path, short_names
from govdisclose.places import peer_levels, placed, region_of, regions
from govdisclose.placing import locate

TOLD = [
    # printed names in full
    ("南通市海门区市场监督管理局", "320614", "county", "parent"),
    ("北京市朝阳区教育委员会", "110105", "county", "parent"),
    ("江苏省教育厅", "320000", "province", "name"),
    ("吉林省教育厅", "220000", "province", "name"),
    ("吉林市教育局", "220200", "city", "name"),
    ("吉林省吉林市船营区人民政府", "220204", "county", "parent"),
    ("上海市浦东新区人民政府", "310115", "county", "parent"),
    ("海淀区教委", "110108", "county", "name"),
    ("金湖县", "320831", "county", "name"),
    ("宿迁市", "321300", "city", "name"),
    ("驻马店市人民政府", "411700", "city", "name"),
    ("秦皇岛市山海关区教育局", "130303", "county", "parent"),
    ("黔东南苗族侗族自治州人民政府", "522600", "city", "name"),
    ("内蒙古自治区教育厅", "150000", "province", "name"),
    ("香港特别行政区政府", "810000", "province", "name"),
    # governed by the province, no city between
    ("仙桃市人民政府", "429004", "county", "name"),
    ("湖北省仙桃市市场监督管理局", "429004", "county", "parent"),
    ("神农架林区人民政府", "429021", "county", "name"),
    ("济源市教育局", "419001", "county", "name"),
    ("阿拉尔市人民政府", "659002", "county", "name"),
    ("第八师石河子市教育局", "659001", "county", "name"),
    ("新疆生产建设兵团第一师阿拉尔市人民政府", "659002", "county", "name"),
    # county-level cities
    ("昆山市人民政府", "320583", "county", "name"),
    # short names, and names in traditional characters
    ("北京海淀区教委", "110108", "county", "parent"),
    ("海门市场监督管理局", "320614", "county", "short"),
    ("济南市中区教育局", "370103", "county", "parent"),
    ("南京鼓楼区人民政府", "320106", "county", "parent"),
    ("广西南宁市青秀区人民政府", "450103", "county", "parent"),
    ("重庆市酉阳县水利局", "500242", "county", "short"),
    ("延边州人民政府", "222400", "city", "short"),
    ("西藏教育厅", "540000", "province", "short"),
    ("吉林教育厅", "220000", "province", "short"),
    ("廣東省廣州市天河區教育局", "440106", "county", "parent"),
    # vertical offices
    ("国家税务总局江苏省税务局", "320000", "province", "name"),
    ("国家税务总局南通市海门区税务局", "320614", "county", "parent"),
    ("国家统计局南通调查队", "320600", "city", "short"),
    ("中国证券监督管理委员会江苏监管局", "320000", "province", "short"),
    ("南通市公安局海门分局", "320614", "county", "parent"),
    ("北京市公安局海淀分局", "110108", "county", "parent"),
    ("中国人民银行南通市中心支行", "320600", "city", "name"),
    ("荆州市公安交通警察支队", "421000", "city", "name"),  # not of 公安县, which is in it
    # towns: the code of the county
    ("南通市海门区三星镇人民政府", "320614", "township", "parent"),
    ("海门区三星镇人民政府", "320614", "township", "name"),
    ("广州市黄埔区长岭街道办事处", "440112", "township", "parent"),
    ("东莞市虎门镇人民政府", "441900", "township", "name"),
    # zones, the Corps, institutions: the code of where they lie, no level
    ("苏州工业园区管理委员会", "320500", "", "short"),
    ("国家税务总局苏州工业园区税务局", "320500", "", "short"),
    ("昆山经济技术开发区管理委员会", "320583", "", "short"),
    ("南通市海门区临江新区管理委员会", "320614", "", "parent"),
    ("中国(上海)自由贸易试验区管理委员会", "310000", "", "short"),
    ("新疆生产建设兵团教育局", "650000", "", "name"),
    ("南通市公安局开发区分局", "320600", "", "name"),
    ("南通市第一人民医院", "320600", "", "name"),
    # divisions that are no more, under their own codes
    ("海门市市场监督管理局", "320684", "county", "name"),
    ("襄樊市人民政府", "420600", "city", "name"),
    ("莱芜市教育局", "371200", "city", "name"),
    ("赣县人民政府", "360721", "county", "name"),
]

OPEN = [
    ("朝阳区教育局", "county", ["110105 北京市朝阳区", "220104 吉林省长春市朝阳区"]),
    (
        "鼓楼区人民政府",
        "county",
        ["320106 江苏省南京市鼓楼区", "320302 江苏省徐州市鼓楼区", "350102 福建省福州市鼓楼区", "410204 河南省开封市鼓楼区"],
    ),
    ("城关区人民政府", "county", ["540102 西藏自治区拉萨市城关区", "620102 甘肃省兰州市城关区"]),
    ("西湖区政府", "county", ["330106 浙江省杭州市西湖区", "360103 江西省南昌市西湖区"]),
    ("衡阳教育局", "", ["430400 湖南省衡阳市", "430421 湖南省衡阳市衡阳县"]),
    ("南通市东湖区教育局", "", ["320600 江苏省南通市"]),
    ("南通市城东街道办事处", "township", ["320600 江苏省南通市"]),
    ("南京海关", "", ["320100 江苏省南京市"]),
    ("审计署驻南京特派员办事处", "", ["320100 江苏省南京市"]),
    ("示例省人民政府办公厅", "province", []),
    ("甲州市市场监督管理局", "", []),
    ("东溪县柳湾镇人民政府", "township", []),
    ("南山市东湖区市场监督管理局", "county", []),
    ("虎门镇人民政府", "township", []),
    ("海门街道办事处", "township", []),
    ("市教育局", "", []),
    ("县水利局", "county", []),
    ("太湖流域管理局", "", []),
    ("长白山保护开发区管理委员会", "", []),
    ("泰山风景名胜区管理委员会", "", []),
    ("雄安新区管理委员会", "", []),
    ("平安建设办公室", "", []),
    ("长江水利委员会", "", []),
    ("公安交通管理局", "", []),
    ("合作交流办公室", "", []),
    ("国家海洋局南海分局", "", []),
    ("中国民用航空华东地区管理局", "", []),
    ("东区教育局", "", ["510402 四川省攀枝花市东区"]),
    ("滨海新区管理委员会", "", ["120116 天津市滨海新区"]),
    ("浙江省金湖县教育局", "", ["330000 浙江省"]),
    ("省教育厅", "province", []),
    ("教育厅", "province", []),
    ("区教育厅", "province", []),
]

OFFICES = ["人民政府", "市场监督管理局", "教育局", "公安局", "人民政府办公室", "税务局", "城市管理局", "市政园林局", "乡村振兴局", "水利局", ""]


@pytest.mark.parametrize(("name", "code", "level", "how"), TOLD)
def test_a_name_tells_code_and_level(name: str, code: str, level: str, how: str) -> None:
    told = gd.places(name).iloc[0]
    assert (told["code"], told["level"], told["how"], told["candidates"]) == (code, level, how, [])
    assert told["place"] == full_name(by_code()[code][0 if told["became"] else -1])


@pytest.mark.parametrize(("name", "level", "candidates"), OPEN)
def test_what_a_name_leaves_open_stays_open(name: str, level: str, candidates: list[str]) -> None:
    told = gd.places(name).iloc[0]
    assert (told["level"], told["candidates"], told["how"]) == (level, candidates, "open") and pd.isna(told["code"])


@pytest.mark.parametrize("name", ["教育部", "商务部", "国家税务总局", "国家税务总局办公厅", "海关总署", "国务院办公厅", "国家数据局", "国家发展改革委", "农业部"])
def test_bodies_of_the_centre(name: str) -> None:
    told = gd.places(name).iloc[0]
    assert told["level"] == told["how"] == "central" and pd.isna(told["code"]) and told["candidates"] == []


def test_columns_and_words() -> None:
    told = gd.places(["海门市市场监督管理局", "南通市海门区市场监督管理局", "朝阳区教育局"])
    assert list(told["kind"]) == ["市场监督管理", "市场监督管理", "教育"]
    assert told[["province", "city", "county"]].values.tolist()[:2] == [["江苏省", "南通市", "海门市"], ["江苏省", "南通市", "海门区"]]
    assert told[["since", "until"]].astype(object).where(told[["since", "until"]].notna(), None).values.tolist() == [[None, 2020], [2020, None], [None, None]]
    assert list(told["became"]) == ["320614", "", ""]
    assert told["note"][0] == "320684 江苏省南通市海门市 存在至 2020 年，今为 320614 江苏省南通市海门区。"
    assert told["note_en"][2] == "2 divisions have this name; it does not tell which. "
    assert len(gd.places([])) == 0 and list(gd.places([]).columns) == list(told.columns)


def test_the_year_decides_between_a_former_and_a_present_name() -> None:
    def code(name: str, year: int | None) -> tuple[str, str]:
        told = gd.places(name, year=year).iloc[0]
        return told["code"], told["note"]

    assert code("海门市场监督管理局", 2017)[0] == "320684"
    assert code("海门市场监督管理局", 2023) == ("320614", "")
    assert code("崇川区教育局", 2018)[0] == "320602" and code("崇川区教育局", 2022)[0] == "320613"
    assert code("崇川区教育局", None) == ("320613", "此前为 320602 江苏省南通市崇川区（至 2020 年）。")
    assert code("南通市海门区市场监督管理局", 2016) == ("320614", "所报年份没有江苏省南通市海门区（2020–）。")
    assert code("巢湖市教育局", 2009)[0] == "341400" and code("巢湖市教育局", 2014)[0] == "340181"
    assert gd.places("市中区教育局", year=2023)["candidates"][0] == [
        "370103 山东省济南市市中区", "370402 山东省枣庄市市中区", "511002 四川省内江市市中区", "511102 四川省乐山市市中区"
    ]  # fmt: skip
    assert code("重庆两江新区管理委员会", 2022)[0] == "500000"  # a zone of the city until it became a district
    assert code("重庆两江新区人民政府", 2026)[0] == "500157"


def test_a_region_given_tells_what_a_name_does_not() -> None:
    def told(name: str, region: str) -> tuple[str | None, str, str]:
        place = locate(name, region)
        return place.division.code if place.division else None, place.level, place.how

    assert told("朝阳区教育局", "吉林省长春市") == ("220104", "county", "region")
    assert told("市教育局", "江苏省南通市") == ("320600", "city", "region")
    assert told("市教育局", "江苏省南通市海门区") == ("320600", "city", "region")
    assert told("区教育局", "江苏省南通市海门区") == ("320614", "county", "region")
    assert told("三星镇人民政府", "江苏省南通市海门区") == ("320614", "township", "region")
    assert told("教育局", "江苏省/南通市") == ("320600", "city", "region")
    assert told("金湖县水利局", "江苏省淮安市金湖县") == ("320831", "county", "name")
    assert told("海门市水利局", "江苏省南通市海门区") == ("320684", "county", "name")
    assert told("金湖县水利局", "浙江省杭州市") == (None, "", "open")  # name and region contradict each other
    assert told("东溪县水利局", "江苏省南通市") == (None, "county", "open")


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.sampled_from(divisions()), st.sampled_from(OFFICES))
def test_every_division_with_any_office_reads_back(division: Division, office: str) -> None:
    province, city, _ = path(division)
    whole = locate(full_name(division) + office)
    assert whole.division is not None and whole.division.code in (division.code, *division.became)
    assert whole.level == division.level
    short = "" if division.level == "province" else next(short_names(next(one for one in by_code()[f"{division.code[:2]}0000"])), "")
    for name in (division.name, (city or province) + division.name if division.level == "county" else division.name, short + division.name):
        found = locate(name + office)
        meant = {found.division.code} if found.division else {one.code for one in found.candidates}
        assert meant & {division.code, *division.became}, name + office


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text("南通市海门区江苏省朝阳县镇教育局人民政府办公室第一师新街道国家税务总驻关厅()", max_size=14), st.integers(2008, 2026))
def test_any_text_has_a_place_or_none(name: str, year: int) -> None:
    told = locate(name, "", year, year)
    assert (told.division is None) == (told.how in ("open", "central")) and not (told.division and told.candidates)
    assert all(text for key, value in told.notes for text in (key, value))


def test_the_table_is_sound() -> None:
    codes = [one.code for one in divisions() if one.until is None]
    assert len(codes) == len(set(codes)) == 3214
    assert len({one for one in codes if one.endswith("0000")}) == 34
    for one in divisions():
        assert re.fullmatch("[0-9]{6}", one.code) and (one.until is None) == (not one.became)
        assert all(by_code()[code][-1].until is None for code in one.became)
        assert one.since is None or one.until is None or one.since <= one.until
    assert [(one.name, one.since, one.until, one.became) for one in by_code()["420600"]] == [
        ("襄樊市", None, 2010, ("420600",)),
        ("襄阳市", 2010, None, ()),
    ]


# --- a file that says where agencies are ------------------------------------------------------------------------------
def test_a_file_overrides(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("agency,kind,level,code\n朝阳区教育局,,,220104\n南京海关,海关,province,320000\n甲局,某类,county,\n", "utf-8-sig")
    told = gd.places(["朝阳区教育局", "南京海关", "甲局", "金湖县"], gd.read_places(file))
    assert told[["kind", "level", "code", "how"]].fillna("").values.tolist() == [
        ["教育", "county", "220104", "override"],
        ["海关", "province", "320000", "override"],
        ["某类", "county", "", "override"],
        ["县政府", "county", "320831", "name"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("agency,code\n甲,320614\n", "its first line should be agency,kind,level,code, not 'agency,code'"),
        ("agency,kind,level,code\n甲局,,,32061\n", "line 2: a code has six digits, as 320614, not '32061'"),
        ("agency,kind,level,code\n甲局,,,320614\n乙局,,,999999\n", "line 3: no division has the code '999999'"),
        ("agency,kind,level,code\n甲局,,town,320614\n", "line 2: no level 'town'; there are central, province, city, county, township"),
        ("agency,kind,level,code\n,教育,,320614\n", "line 2: it names no agency"),
        ("agency,kind,level,code\n甲局,,,\n", "line 2: nothing is said of 甲局"),
        ("agency,kind,level,code\n甲局,教育,county\n", "line 2: fewer entries than columns"),
        ("agency,kind,level,code\n甲局,教育,county,320614,x\n", "line 2: more entries than columns"),
        ("agency,kind,level,code\n甲局,教育,,\n甲局,公安,,\n", "line 3: 甲局 stands on a line before"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "places.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=re.escape(str(file)) + r".*") as error:
        gd.read_places(file)
    assert message in str(error.value)
    done = CliRunner().invoke(app, ["report", str(tmp_path), "-o", str(tmp_path / "out"), "--places", str(file)])
    assert done.exit_code == 2 and message in done.stderr.replace("\n", "")


def test_a_file_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be opened"):
        gd.read_places(tmp_path / "none.csv")
    (tmp_path / "gbk.csv").write_bytes("agency,kind,level,code\n海门,,,".encode("gb18030"))
    with pytest.raises(ValueError, match="not UTF-8"):
        gd.read_places(tmp_path / "gbk.csv")


# --- panels and regions -----------------------------------------------------------------------------------------------
def of(*names: str, years: tuple[int, ...] = (2023,)) -> gd.Panel:
    return made_panel([Made(name, year, counts({"received": 5}), source=f"{name}{year}.html") for name in names for year in years])


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("南通市教育局", "江苏省南通市"),
        ("海门市教育局", "江苏省南通市海门市"),
        ("海门区三星镇人民政府", "江苏省南通市海门区"),
        ("国家税务总局南通市税务局", ""),
        ("苏州工业园区管理委员会", ""),
        ("南京大学", ""),
        ("朝阳区教育局", ""),
    ],
)
def test_the_region_of_a_report_is_that_of_whose_office_it_is(name: str, region: str) -> None:
    assert region_of(name, 2015) == region


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["江苏省教育厅", "南通市教育局", "杭州市教育局", "教育部"], ["江苏省", "江苏省", "浙江省", "中央"]),
        (["江苏省教育厅", "南通市教育局", "海门区教育局", "宿迁市", "南通市城东街道办事处"], ["江苏省", "江苏省南通市", "江苏省南通市", "江苏省宿迁市", "江苏省南通市"]),
        (["南通市教育局", "海门区教育局", "崇川区教育局"], ["江苏省南通市", "江苏省南通市海门区", "江苏省南通市崇川区"]),
        (["上海市教育委员会", "上海市浦东新区教育局"], ["上海市", "上海市浦东新区"]),
        (["示例省人民政府办公厅", "甲州市教育局", "东溪县人民政府", "教育局"], ["示例省", "甲州市", "东溪县", ""]),
    ],
)
def test_regions_are_as_fine_as_the_panel_is_wide(names: list[str], labels: list[str]) -> None:
    told = regions(gd.places(names))
    assert told.to_dict() == dict(zip(names, labels, strict=True))


def test_a_made_up_province_is_grouped_as_printed() -> None:
    panel = of("示例省人民政府办公厅", "甲州市教育局", "东溪县人民政府", "乙州市公安局")
    regions_given = {"示例省人民政府办公厅": "示例省", "甲州市教育局": "示例省甲州市", "东溪县人民政府": "示例省甲州市东溪县", "乙州市公安局": "示例省乙州市"}
    panel.reports["region"] = panel.reports["agency"].map(regions_given)
    told = gd.places(panel)
    assert told["code"].isna().all() and set(told["how"]) == {"open"}
    assert regions(told).to_dict() == {"示例省人民政府办公厅": "示例省", "甲州市教育局": "示例省甲州市", "东溪县人民政府": "示例省甲州市", "乙州市公安局": "示例省乙州市"}


def test_peers_of_county_level_cities_are_counties() -> None:
    panel = of("昆山市教育局", "金湖县教育局", "苏州市教育局", "甲州市教育局", "商务部", "教育部")
    assert peer_levels(panel) == {
        "昆山市教育局": "county", "金湖县教育局": "county", "苏州市教育局": "city", "甲州市教育局": "city", "商务部": "central", "教育部": "central"
    }  # fmt: skip
    found = gd.peers(panel).set_index("agency")
    assert found.loc["昆山市教育局", "level"] == "county" and found.loc["昆山市教育局", "peers"] == 2


def test_a_file_beside_the_documents_counts(tmp_path: Path) -> None:
    for name in ("朝阳区教育局", "金湖县教育局"):
        text = f"{name}2023年政府信息公开工作年度报告\n| 行政许可 | 7 |\n| 行政处罚 | 2 |\n"
        (tmp_path / f"{name}.txt").write_text(text, "utf-8")
    plain = gd.read_reports(tmp_path, workers=1, progress=False).reports
    assert plain[["agency", "region"]].values.tolist() == [["朝阳区教育局", ""], ["金湖县教育局", "江苏省淮安市金湖县"]]
    (tmp_path / "places.csv").write_text("agency,kind,level,code\n朝阳区教育局,学校,,220104\n", "utf-8")
    panel = gd.read_reports(tmp_path, workers=1, progress=False)
    assert panel.reports[["agency_kind", "region"]].values.tolist()[0] == ["学校", "吉林省长春市朝阳区"]
    assert gd.places(panel)["code"].tolist() == ["220104", "320831"] and panel.failures.empty
    levels = pd.DataFrame([{"agency": "朝阳区教育局", "kind": "", "level": "city", "code": ""}])
    assert peer_levels(placed(panel, levels)) == {"朝阳区教育局": "city", "金湖县教育局": "county"}
    placed(panel, levels).save(tmp_path / "panel.duckdb")
    assert list(gd.open_panel(tmp_path / "panel.duckdb").reports.columns) == list(panel.reports.columns)
