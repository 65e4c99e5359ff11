"""Names of agencies as they stand in titles and first sentences.

A name is a run of Chinese characters that ends in the word for an office or a place. What a sentence puts before it
(现公布, 由, 请与) and what an office puts after it (党政办公室) do not belong to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from govdisclose.years import CHINESE_YEAR, year_of

_HAN = r"[\u4e00-\u9fff]"
_ORGAN = (
    r"人民政府|政府|办公厅|办公室|委员会|管委会|办事处|街道办|街道|总局|分局|局|厅|部|委|署|总队|支队|大队|中心|站|院|所|社|协会|联合会|集团|公司|银行|学校|馆|镇|乡|苏木|县|旗"
    r"|区|市|州|盟|省|农场|林场|兵团|师|团|园|社区|办|处|组|校|台|会|地区|海关|法庭|机关"
)
_NAME = re.compile(rf"(?:{_HAN}|[()·])+?(?:{_ORGAN})\)?")
_PLACES = re.compile(rf"(?:{_HAN}{{2,12}}?(?:自治区|自治州|自治县|地区|省|市|州|盟|县|区|旗))+\Z")
_UNIT = re.compile(rf"{_HAN}{{2,8}}?(?:自治区|自治州|地区|省|市|州|盟)")
_PROVINCE = re.compile(rf"{_HAN}{{2,6}}?(?:省|自治区)(?={_HAN}{{2,10}}[市州盟县区])")
# Words of a sentence before a name. What follows the last of them is the name.
_LEADIN = re.compile(
    r"公布|发布|公开(?!办|领|工|中|科|和|与)|编制(?:完成|形成)?了?|撰写了?|形成了?|完成了?|现将|特将|兹将|现就|关于|汇总|做好|印发|报送|起草|对照|根据|按照"
    r"|网站首页|首页|标题|名称|全文|图文|文稿解读|年度?(?!轮)|联系|本报告由|报告由|^由|^与|^向|^请|^将"
)
_TRAIL = re.compile(r"(?:关于|对|的|年度|年|现|,|\s)+\Z")
_NOT_NAMES = re.compile(
    r"[我本各该全某](?:市|县|区|镇|乡|局|委|办|院|处|街道|单位|机关|部门|厅|省|州|政府)?.{0,6}\Z|.{0,2}(?:单位|部门|机关|市区|县区|城区|地区|小组|科室|全社会|社会|全市|全区|全县)\Z"
    r"|(?:省|市|区|县|州)委|.*(?:国务院|中华人民共和国政府|党中央|人民群众|政府网|情况|事项|条例|\*).*|.{0,8}(?:信息|政务)公开(?:办公室|办|领导小组)\Z|.*(?:工作|报告|公众)(?:部|会|组|处)\Z"
)
_BARE_GOVERNMENT = re.compile(r"[省市区县州旗镇乡](?:人民)?政府(?:办公室|办公厅|办)?\Z")
_INTERNAL = re.compile(
    r"(?:党政(?:综合|和人大)?(?:办公室|办)|(?:党建)?综合(?:督考|事务|管理)?(?:办公室|科|处)|政务(?:服务)?公开(?:工作)?(?:领导小组)?(?:办公室|办|科)"
    r"|(?:政府|政务)?信息公开(?:工作)?(?:领导小组|联席会议)?(?:办公室|办|中心|科)|政务服务(?:管理)?(?:办公室|中心)|(?:政策)?法规(?:科|处|股)|秘书(?:科|处|股)|办公室(?:\(.{2,8}\))?)\Z"
)
# The title: …信息公开工作年度报告 in any order of its last characters (工作告年度报), a year perhaps among them.
_CORE = re.compile(rf"(?:信息|政务)\s*公开\s*((?:[工作年度报告情况的书总结 \n]|20\d\d|{CHINESE_YEAR}|\d{{4}}){{2,18}})")
_CORE_TAIL = re.compile(r"\s*[((]?\s*(20\d\d)\s*年?度?\s*[))]?(?!\s*[-/.年]?\s*\d)")
_NOT_TITLE = re.compile(r"\s*[>〉》]?\s*(?:有关|格式|编制(?!单位|机构|:)|发布(?!时间|日期|机构|单位|人|者|:)|的?通知|和|报送|工作的|制度|内容|模板|样|应|要|填|》的通知)")
_REPORT = re.compile("报")
_PART_YEAR = re.compile("半年|季度|月份")
_YEAR = re.compile(rf"(20\d\d|{CHINESE_YEAR})\s*(?:年度|年|度)?")
_BREAK = re.compile(r"[^\u4e00-\u9fff\d()·○〇 ]")
_FORMAL = ("办事处", "人民政府")


class Titled(NamedTuple):
    """A title found in a text: the agency ("" where it names none), the year, and where its words begin and end."""

    agency: str
    year: int | None
    start: int
    end: int


def tidy(name: str) -> str:
    """Given text around a name, return the name alone, or "" where there is none."""
    name = name.replace(" ", "").strip("·")
    name = _TRAIL.sub("", name)
    leads = list(_LEADIN.finditer(name))
    if leads:
        name = name[leads[-1].end() :]
    if name.count("(") != name.count(")"):
        name = name.replace("(", "").replace(")", "")
    if not 2 <= len(name) <= 40 or _NOT_NAMES.match(name) or not _NAME.fullmatch(name):
        return ""
    return name


def titles(text: str) -> Iterator[Titled]:
    """Given a text, yield the titles of annual reports in it.

    Examples
    --------
    >>> next(titles("山南县水利局2023年政府信息公开工作年度报告_山南县人民政府"))[:2]
    ('山南县水利局', 2023)
    """
    last = 0
    for mark in _REPORT.finditer(text):
        core = _CORE.search(text, max(last, mark.start() - 24), mark.start() + 8) if mark.start() >= last else None
        if not core or core.end() <= mark.start():
            continue
        last = core.end()
        tail = core[1]
        if not ("告" in tail or "年" in tail) or _NOT_TITLE.match(text, core.end()):
            continue
        start = core.start()
        while start and text[start - 1] in " \n":
            start -= 1
        government = text.endswith("政府", 0, start) and core[0][0] == "信"
        start = start - 2 if government else core.start()
        window = text[max(0, start - 70) : start]
        if _PART_YEAR.search(window[-16:]):
            continue
        breaks = list(_BREAK.finditer(window))
        before = window[breaks[-1].end() if breaks else 0 :]
        first = start - len(before)
        years = list(_YEAR.finditer(before))
        year: int | None = None
        if years:
            year = year_of(years[-1][1])
            after, before = before[years[-1].end() :].strip(), before[: years[-1].start()]
            before = after or before
        elif inner := _YEAR.search(tail):
            year = year_of(inner[1])
        elif outer := _CORE_TAIL.match(text, core.end()):
            year = int(outer[1])
        before = before.strip()
        if government and before.endswith("人民"):
            before += "政府"
        yield Titled(tidy(before), year, first, core.start(1) + len(tail.rstrip()))


def named_after(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """The names that a pattern's first group catches."""
    for found in pattern.finditer(text):
        if name := tidy(found[1]):
            yield name


def office(name: str) -> str:
    """Given the name of a room or a section of an office, return the office; the office of a government stays itself."""
    outer = _INTERNAL.sub("", name)
    if outer.endswith("人民"):
        outer += "政府"  # 人民政府信息公开办公室
    if outer == name or not tidy(outer):
        return name
    if outer.endswith("政府") and name == f"{outer}办公室" and not re.search(r"[镇乡道](?:人民)?政府\Z", outer):
        return name
    return outer


def is_vague(name: str) -> bool:
    """Whether a name says only what kind of government it is: 区政府, 镇人民政府."""
    return bool(_BARE_GOVERNMENT.match(name))


def is_place(name: str) -> bool:
    """Whether a name is that of a city, county or district itself: 宿迁市, as in summary reports."""
    return name[-1:] in "市县区省州盟旗" and not name.endswith(("管理区", "开发区", "园区", "示范区", "街区"))


def completed(name: str, texts: list[str]) -> str:
    """Given a name and the texts of the document, return the longer form of the same name that they print, else the name.

    洪泽区人民政府 becomes 淮安市洪泽区人民政府 where the text says so. Names that begin with a city or province, and those of a city
    or county itself, stay as they are.
    """
    if not name or is_place(name) or (_UNIT.match(name) and not name.startswith(("市", "州"))):
        return name
    found: Counter[str] = Counter()
    for text in texts:
        at = text.find(name)
        while at >= 0 and len(found) < 20:
            run = re.search(rf"{_HAN}{{1,24}}\Z", text[max(0, at - 24) : at])
            if run and (place := _place_before(run[0], name)):
                found[place] += 1
            at = text.find(name, at + 1)
    best = max(found, key=lambda place: (found[place], len(place)), default="")
    longer = best + name
    if name.endswith(("镇", "乡", "街道")):
        for tail in _FORMAL:
            if any(longer + tail in text for text in texts):
                return longer + tail
    return longer


def _place_before(run: str, name: str) -> str:
    """The place names right before a name, without the words of the sentence and without the province above a city."""
    leads = list(_SENTENCE.finditer(run))
    if leads:
        run = run[leads[-1].end() :]
    if name[0] in "市县区州旗" and not name.startswith("市场"):
        place = run if re.fullmatch(rf"{_HAN}{{2,14}}", run) else ""
    else:
        chain = _PLACES.search(run)
        place = chain[0] if chain and chain.start() == 0 else ""
    return _PROVINCE.sub("", place)


_SENTENCE = re.compile(
    r"由|与|请|向|联系|现将|公布|发布|公开|按照|根据|通过|登录|在(?=[\u4e00-\u9fff]{2,8}[省市县区州])|的|和|及|对|为|是|年|月|日|地址|报告|编制|系|首页|来源|单位|机构|上|可|至|到|各|全|我|本"
)
