"""Sections are known by their headings' words, whatever their numbers, and by nothing inside a sentence."""

from __future__ import annotations

import time

import pytest

from govdisclose.sections import split_sections, wrapped

TABLES = (
    "二、主动公开政府信息情况",
    "",
    "三、收到和处理政府信息公开申请情况",
    "",
    "四、政府信息公开行政复议、行政诉讼情况",
    "",
)
NAMES = ("总体情况", "主动公开政府信息情况", "收到和处理政府信息公开申请情况", "政府信息公开行政复议、行政诉讼情况",
         "存在的主要问题及改进情况", "其他需要报告的事项")  # fmt: skip


def parts(*lines: str) -> tuple[str, str, str]:
    sections = split_sections(lines)
    assert list(sections) == ["overview", "problems", "other"]
    return sections["overview"], sections["problems"], sections["other"]


def test_the_usual_report() -> None:
    assert parts(
        "山南县水利局2023年政府信息公开工作年度报告", "根据条例编制本报告。", "一、总体情况", "公开3条。", "未收到申请。",
        *TABLES, "五、存在的主要问题及改进情况", "人手不足。", "六、其他需要报告的事项", "无。",
    ) == ("公开3条。\n未收到申请。", "人手不足。", "无。")  # fmt: skip


@pytest.mark.parametrize(
    "headings",
    [
        [f"{number}、{name}" for number, name in zip("一二三四五六", NAMES, strict=True)],
        [f"{number}、{name}" for number, name in zip("一一三四四五", NAMES, strict=True)],
        [f"{number}.{name}" for number, name in zip("一二三四五六", NAMES, strict=True)],
        [f"{number}、 {name}:" for number, name in zip("一二三四五六", NAMES, strict=True)],
        [f"第{number}部分 {name}" for number, name in zip("一二三四五六", NAMES, strict=True)],
        ["一、总体情况", "、主动公开政府信息情况", "三是收到和处理政府信息公开申请情况", *NAMES[3:]],
        list(NAMES),
        ["一、总体概述", "二、行政机关主动公开政府信息情况", "三、收到和处理政府信息公开申请情况",
         "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", "五、政府信息公开工作存在的主要问题及改进措施", "六、其它需要报告的事项"],
        ["一、2023年总体情况", *[f"{n}、{name}" for n, name in zip("二三四", NAMES[1:4], strict=True)],
         "五、存在问题和下一步打算", "六、需要说明的其他事项"],
    ],
)  # fmt: skip
def test_headings_by_their_words(headings: list[str]) -> None:
    one, two, three, four, five, six = headings
    assert parts(one, "公开3条。", two, "", three, "", four, "", five, "人手不足。", six, "无。") == (
        "公开3条。",
        "人手不足。",
        "无。",
    )


@pytest.mark.parametrize("leader", ["", "......1", "…… 12", "··············3"])
def test_a_list_of_contents_opens_nothing(leader: str) -> None:
    numbered = [f"{number}、{name}" for number, name in zip("一二三四五六", NAMES, strict=True)]
    contents = ["目录", *(line + leader for line in numbered)]
    body = [numbered[0], "公开3条。", *TABLES, numbered[4], "人手不足。", numbered[5], "无。"]
    assert parts(*contents, *body) == ("公开3条。", "人手不足。", "无。")


def test_names_inside_a_sentence_open_nothing() -> None:
    sentence = "本报告由总体情况、主动公开政府信息情况、存在的主要问题及改进情况、其他需要报告的事项组成。"
    assert parts("一、总体情况", sentence, "2023年,存在的主要问题是人手不足。", *TABLES)[0] == f"{sentence}\n2023年,存在的主要问题是人手不足。"


def test_sub_headings_repeat_section_names() -> None:
    overview, problems, other = parts(
        "一、总体情况", "(一)主动公开政府信息情况", "公开3条。", "(二)依申请公开政府信息情况", "主动公开情况", "未收到申请。",
        *TABLES, "五、存在的主要问题及改进情况", "(一)存在的问题。人手不足。", "(二)改进情况。增加人手。", "六、其他需要报告的事项",
    )  # fmt: skip
    assert overview == "(一)主动公开政府信息情况\n公开3条。\n(二)依申请公开政府信息情况\n主动公开情况\n未收到申请。"
    assert problems == "(一)存在的问题。人手不足。\n(二)改进情况。增加人手。"
    assert other == ""


def test_text_on_the_line_of_the_heading() -> None:
    assert parts("一、总体情况。2023年,公开3条。", *TABLES, "五、存在的主要问题及改进情况:人手不足。", "六、其他需要报告的事项 无") == (
        "2023年,公开3条。",
        "人手不足。",
        "无",
    )


def test_page_furniture_navigation_and_footer_go() -> None:
    assert parts(
        "当前位置:首页 > 政务公开 > 年报", "一、总体情况", "公开3条。", "Page 8 - 山南县水利局年报", "- 3 -", "12", "P. 8", "第 4 页 共 9 页",
        "未收到申请。", *TABLES, "五、存在的主要问题及改进情况", "人手不足。", "六、其他需要报告的事项", "无。", "山南县水利局", "2024年1月20日",
        "扫一扫在手机打开当前页", "版权所有:山南县人民政府",
    ) == ("公开3条。\n未收到申请。", "人手不足。", "无。")  # fmt: skip


def test_without_headings_all_prose_is_overview() -> None:
    assert parts("山南县水利局", "全年公开3条。", "未收到申请。") == ("全年公开3条。\n未收到申请。", "", "")


def test_without_a_heading_of_its_own_the_overview_is_what_stands_before_the_tables() -> None:
    assert parts("山南县水利局2023年年报", "根据条例编制本报告。", "公开3条。", *TABLES, "五、存在的主要问题及改进情况", "人手不足。") == (
        "根据条例编制本报告。\n公开3条。",
        "人手不足。",
        "",
    )


def test_reports_in_prose_alone_keep_what_later_stood_in_tables() -> None:
    overview, problems, _ = parts(
        "一、概述", "2017年做好公开。", "二、主动公开政府信息情况", "公开12条。", "三、依申请公开政府信息情况", "收到申请3件。",
        "四、收费及减免情况", "未收费。", "五、存在的主要问题及改进措施", "人手不足。",
    )  # fmt: skip
    assert overview.split("\n") == [
        "2017年做好公开。", "二、主动公开政府信息情况", "公开12条。", "三、依申请公开政府信息情况", "收到申请3件。", "四、收费及减免情况", "未收费。",
    ]  # fmt: skip
    assert problems == "人手不足。"


@pytest.mark.parametrize("lines", [[], [""], ["", "", ""], list(TABLES)])
def test_no_prose(lines: list[str]) -> None:
    assert parts(*lines) == ("", "", "")


def test_lines_broken_by_the_page_are_joined() -> None:
    lines = [
        "(一)主动公开情况。全年通过门户网站公开各类政府信",
        "息12条。(二)依申请公开情况。收到政府信息公开申请1",
        "2件,均已答复。",
        "(三)政府信息管理情况。",
        "做好管理。",
    ]
    assert list(wrapped(lines)) == ["".join(lines[:3]), "(三)政府信息管理情况。", "做好管理。"]


def test_paragraphs_stay_apart_where_lines_are_paragraphs() -> None:
    lines = ["公开" * 60, "(一)主动公开", "全年公开3条"]
    assert list(wrapped(lines)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "一、总体情况\n" * 120_000,
        "五、存在的主要问题及改进情况\n" * 60_000,
        "\n" * 10**6,
        "溪山\n" * 300_000,
        "存在" * 500_000,
    ],
)
def test_a_million_hostile_characters_end_soon(text: str) -> None:
    lines = text.split("\n")
    began = time.process_time()
    split_sections(lines)
    assert time.process_time() - began < 4


def test_items_of_the_overview_open_no_section() -> None:
    lines = ["一、总体情况", "一是主动公开情况。发布信息3条。", "二是依申请公开情况。收到申请1项。", "二、主动公开政府信息情况", "",
             "三、收到和处理政府信息公开申请情况", ""]  # fmt: skip
    assert split_sections(lines)["overview"].split("\n") == lines[1:3]


def test_arabic_numbers_head_sections_only_where_nothing_else_does() -> None:
    assert parts("1.总体情况", "公开3条。", "2.主动公开政府信息情况", "", "3.存在的主要问题及改进情况", "人手不足。")[:2] == ("公开3条。", "人手不足。")
    assert parts("一、总体情况", "1.主动公开情况", "公开3条。", *TABLES)[0] == "1.主动公开情况\n公开3条。"
