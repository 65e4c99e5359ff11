"""Notes on what the law asks of a report: six sections, a date of publication, a word on fees."""

from __future__ import annotations

import pytest

import govdisclose as gd
from govdisclose.findings import Finding
from govdisclose.legal import check_legal

BUREAU, COUNTY, TOWN = "海州市水利局", "灌河县人民政府", "灌河县柳湾镇人民政府"
SECTIONS = {"overview": "全年工作平稳。", "problems": "人手不足。", "other": "全年收取信息处理费0元。"}
TABLES = ("proactive", "requests", "reviews")


def check(
    agency: str = BUREAU,
    year: int | None = 2023,
    sections: dict[str, str] | None = None,
    lines: tuple[str, ...] = (),
    pairs: tuple[tuple[str, str], ...] = (),
    tables: tuple[str, ...] = TABLES,
    unpaid: float | None = 0.0,
) -> list[Finding]:
    return check_legal(agency, year, SECTIONS | (sections or {}), lines, pairs, tables, unpaid)


def test_a_whole_report_has_no_note() -> None:
    assert check() == []


# --- sections ---------------------------------------------------------------------------------------------------------
HEADINGS = ("一、总体情况", "全年工作平稳。", "二、主动公开政府信息情况", "", "三、收到和处理政府信息公开申请情况", "")


def test_sections_of_which_nothing_is_found() -> None:
    (finding,) = check(sections={"problems": "", "other": ""}, lines=HEADINGS)
    assert (finding.rule, finding.severity) == ("legal.section_missing", "note")
    assert finding.message == (
        "没有找到“五、存在的主要问题及改进情况”、“六、其他需要报告的事项”;"
        "《政府信息公开条例》第五十条和国办公开办函〔2021〕30号要求年度报告有六个部分"
    )
    assert finding.message_en == (
        "not found: problems and improvement, other matters; article 50 of the Regulations and the official form ask "
        "for six sections"
    )
    (finding,) = check(lines=HEADINGS, tables=("proactive", "requests"))
    assert finding.message.startswith("没有找到“四、政府信息公开行政复议、行政诉讼情况”;")
    assert finding.table == "reviews"


def test_a_heading_without_text_is_a_section() -> None:
    lines = (*HEADINGS, "四、政府信息公开行政复议、行政诉讼情况", "", "五、存在的主要问题及改进情况", "六、其他需要报告的事项")
    assert check(sections={"problems": "", "other": ""}, lines=lines, tables=()) == []


def test_an_extract_owes_no_sections() -> None:
    assert check(sections={"problems": "", "other": ""}, lines=HEADINGS[:2], tables=("proactive",)) == []
    assert check(sections={"problems": ""}, lines=HEADINGS, year=2017) == []
    assert check(sections={"problems": ""}, lines=HEADINGS, year=None) == []


# --- date of publication ----------------------------------------------------------------------------------------------
def dated(day: str, agency: str = BUREAU) -> list[str]:
    return [finding.rule for finding in check(agency, pairs=(("发布日期", day),))]


@pytest.mark.parametrize(
    ("agency", "day", "late"),
    [
        (BUREAU, "2024-01-31", False),
        (BUREAU, "2024-02-01 09:30", True),
        (BUREAU, "2024年3月4日", True),
        (COUNTY, "2024-03-31", False),
        (COUNTY, "2024/4/1", True),
        ("灌河县人民政府办公室", "2024-03-15", False),
        (TOWN, "2024-05-01", False),  # article 49 names no day for towns
        (BUREAU, "2025-02-01", False),  # a site that moved
        (BUREAU, "2023-12-30", False),
        (BUREAU, "2024-13-40", False),
        ("", "2024-05-01", False),
    ],
)
def test_late(agency: str, day: str, late: bool) -> None:
    assert dated(day, agency) == ["legal.late"] * late


def test_what_a_late_report_is_told() -> None:
    (finding,) = check(lines=("海州市水利局2023年政府信息公开工作年度报告", "来源:海州市水利局 发布时间:2024-02-19 浏览次数:12"))
    assert finding.severity == "note"
    assert finding.message == "文中的发布日期是2024年2月19日,《政府信息公开条例》第四十九条的期限是1月31日"
    assert finding.message_en == (
        "the document gives 2024-02-19 as its date of publication; article 49 of the Regulations asks for 2024-01-31"
    )


def test_only_a_certain_date_of_publication_counts() -> None:
    assert check(pairs=(("成文日期", "2024-02-19"), ("生成日期", "2024-02-19"), ("keywords", "2024-02-19"))) == []
    assert check(pairs=(("发布日期", "2024-02-19"), ("公开日期", "2024-01-20"))) == []
    assert check(lines=("数据统计至2024年2月19日。",)) == []
    assert [f.rule for f in check(pairs=(("PubDate", "2024-02-19 10:00"),))] == ["legal.late"]


# --- fees -------------------------------------------------------------------------------------------------------------
def test_a_report_that_is_silent_on_fees() -> None:
    (finding,) = check(sections={"other": "本机关认真落实各项公开任务。"})
    assert (finding.rule, finding.severity, finding.involved) == ("legal.fees_unexplained", "note", ())
    assert finding.message == "没有报告收取信息处理费的情况;按国办公开办函〔2021〕30号应在第六部分报告"
    (finding,) = check(sections={"other": ""}, unpaid=2.0)
    assert finding.involved == ("requests.other.unpaid.total",)
    assert "而有2件申请因逾期未缴费不再处理" in finding.message


@pytest.mark.parametrize("other", ["本年度没有其他需要报告的事项。", "无。", "无其他需要报告的事项。", "未收取任何费用。", ""])
def test_a_report_that_says_so(other: str) -> None:
    assert check(sections={"other": other}) == []
    assert check(year=2020, sections={"other": "本机关认真落实各项公开任务。"}) == []
    assert check(sections={"other": "落实各项任务。", "overview": "全年收取信息处理费100元。"}) == []


# --- in a document ----------------------------------------------------------------------------------------------------
def test_in_a_page() -> None:
    page = (
        '<html><head><meta name="PubDate" content="2024-02-19 10:00"></head><body><h1>海州市水利局2023年政府信息公开工作年度报告</h1>'
        "<p>一、总体情况</p><p>全年工作平稳。</p><p>二、主动公开政府信息情况</p>"
        "<table><tr><td>信息内容</td><td>本年处理决定数量</td></tr><tr><td>行政许可</td><td>7</td></tr>"
        "<tr><td>行政处罚</td><td>2</td></tr><tr><td>行政强制</td><td>0</td></tr></table>"
        "<p>五、存在的主要问题及改进情况</p><p>人手不足。</p><p>六、其他需要报告的事项</p><p>已开展培训。</p></body></html>"
    )
    legal = [finding for finding in gd.read_report(page.encode()).found if finding.rule.startswith("legal.")]
    assert [finding.rule for finding in legal] == ["legal.section_missing", "legal.late", "legal.fees_unexplained"]
    assert legal[0].message.startswith("没有找到“三、收到和处理政府信息公开申请情况”、“四、政府信息公开行政复议、行政诉讼情况”;")
