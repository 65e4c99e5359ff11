"""Advertisements written into documents are found, and the words that offices use themselves are not."""

from __future__ import annotations

import time

import pytest

from govdisclose.agency import injected
from govdisclose.spam import without

ADVERTS = [
    ("贯彻上级KayBet体育工作要求", ["KayBet体育"]),
    ("按照bet789官网要求公开", ["bet789官网"]),
    ("云东体育_官网@:西山镇人民政府2022年政府信息公开", ["云东体育_官网@:"]),
    ("由东岭体育_官网登录@溪南县民政局编制", ["东岭体育_官网登录@"]),
    ("赌博官网区人民政府北山街道办事处", ["赌博官网"]),
    ("现将澳门特区赌场,澳门博彩业网址交通运输局年报公布", ["澳门特区赌场,澳门博彩业网址"]),
    ("现公布789bet手机app下载_溪南789便民电话_789取消提款2022年年报", ["789bet手机app下载_溪南789便民电话_789取消提款"]),
    ("办公厅香港六宝典资料免费网站做好工作", ["香港六宝典资料免费网站"]),
    ("我局乐鱼体育官网app下载认真贯彻", ["乐鱼体育官网app下载"]),
    ("办公厅中国体育彩票_澳客彩票网-游戏平台做好公开", ["中国体育彩票_澳客彩票网-游戏平台"]),
    ("当前位置:首页 > q8官网入口(中国)官方网站 > 年报", ["q8官网入口(中国)官方网站"]),
    ("example.com溪山乡人民政府2021年", ["example.com"]),
    ("亚洲精品久久久国产成人一区_韩日欧美一区", ["亚洲精品久久久国产成人一区_韩日欧美一区"]),
    ("本镇真人娱乐平台人民政府", ["真人娱乐平台"]),
    ("英国威廉希尔公司,十大博彩公司推进工作", ["英国威廉希尔公司,十大博彩公司"]),
    ("推进2025年澳门赌场推荐工作", ["澳门赌场推荐"]),
    ("如有疑问,请与沙巴体育_大发体育在线¥投注官网市水利局联系", ["沙巴体育_大发体育在线¥投注官网"]),
    ("789体育直播,789体育备用网址水利局编制了报告", ["789体育直播,789体育备用网址"]),
    ("2011年成人直播 水利局政府信息公开", ["成人直播"]),
    ("加强vbet365手机版官方网站建设", ["vbet365手机版官方网站"]),
    ("bet77体育投注_2024欧洲杯在哪投注#办公厅2020年", ["bet77体育投注_2024欧洲杯在哪投注#"]),
    ("报告-凯发国际登录", ["凯发国际登录"]),
    ("县人大代表云东体育_bob电竞app-在线*官网公开", ["云东体育_bob电竞app-在线*官网"]),
]

ORDINARY = [
    "市体育局官网发布信息12条",
    "国家体育总局、省体育局关心支持",
    "县文化体育中心、体育馆、体育公园开放",
    "打击网络赌博,捣毁赌场3个",
    "查处百家乐赌博案12起",
    "开展棋牌游戏场所治理",
    "政务APP下载量1万次",
    "“12345”热线平台、掌上溪南APP平台",
    "登录www.example.gov.cn下载本报告",
    "在本局网站kjj.example.gov.cn上查阅",
    "电子邮箱:xinxi@example.com",
    "网址http://www.example.com,欢迎查询",
    "KTV娱乐场所、CCTV体育频道",
    "中国福利彩票发行管理中心",
    "区教育体育局政务公开官方网站",
    "江南街道、金沙县、银河社区、半岛都市报官网",
    "首页_溪南县人民政府",
    "推进一区二园建设,打造国产品牌和精品旅游线路",
    "GIS平台、OA平台登录",
    "体育产业、体育赛事_全民健身",
    "福利彩票公益金、体育彩票公益金使用情况",
    "2023体育直播活动、全年组织12体育活动",
    "APP手机版下载、政务网手机版上线",
    "县人大代表体育局调研",
    "",
]


@pytest.mark.parametrize(("text", "adverts"), ADVERTS)
def test_adverts_are_found_whole(text: str, adverts: list[str]) -> None:
    assert [text[start:end] for start, end in injected(text)] == adverts


@pytest.mark.parametrize("text", ORDINARY)
def test_what_offices_write_is_no_advert(text: str) -> None:
    assert injected(text) == []


def test_without_keeps_offsets_with_a_filler() -> None:
    text = "上级KayBet体育要求"
    assert without(text, injected(text)) == "上级要求"
    assert without(text, injected(text), "*") == "上级********要求"


@pytest.mark.parametrize("text", ["体育_" * 300_000, "久久久" * 300_000, "9bet体育," * 120_000, "a.com溪" * 160_000, "_" * 10**6])
def test_a_million_hostile_characters_end_soon(text: str) -> None:
    began = time.process_time()
    injected(text)
    assert time.process_time() - began < 3
