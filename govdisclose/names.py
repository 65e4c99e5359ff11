"""Names of agencies as they stand in titles and first sentences.

A name is a run of Chinese characters that ends in the word for an office or a place. What a sentence puts before it
(现公布, 由, 请与) and what an office puts after it (党政办公室) do not belong to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from govdisclose.years import CHINESE_YEAR, year_of

_HAN = r"[\u4e00-\u9fff]"
_ORGAN = (
    r"人民政府|政府|办公厅|办公室|委员会|管委会|办事处|街道办|街道|总局|分局|局|厅|部|委|署|总队|支队|大队|调查队|中心|站|院|所|社|协会|联合会|集团|公司|银行|学校|[大中小]学|馆|镇|乡|苏木|县|旗"
    r"|区|市|州|盟|省|农场|林场|兵团|师|团|园|社区|研究室|办|处|组|校|台|会|地区|海关|法庭|机关"
    r"|(?:监管|税务|海关|公安|教育|卫生健康|卫健|卫生|气象|司法|水利|交通运输|交通|审计|民政|财政|烟草|统计|(?:监督|应急|城市)管理)系统"
)
_NAME = re.compile(rf"(?:{_HAN}|[()·])+?(?:{_ORGAN})\)?")
_PLACES = re.compile(rf"(?:{_HAN}{{2,12}}?(?:自治区|自治州|自治县|地区|省|市|州|盟|县|区|旗))+\Z")
_UNIT = re.compile(rf"{_HAN}{{2,8}}?(?:自治区|自治州|地区|省|市|州|盟)")
_PROVINCE = re.compile(rf"{_HAN}{{2,6}}?(?:省|自治区)(?={_HAN}{{2,10}}[市州盟县区])")
# Words of a sentence before a name. What follows the last of them is the name.
_LEADIN = re.compile(
    r"公布|发布|公开(?!办|领|工|中|科|处|股|和|与)|编制(?!委)(?:完成|形成)?了?|撰写了?|形成了?|完成了?|现将|特将|兹将|现就|关于|汇总|做好|印发|报送|起草|对照|根据|按照"
    r"|网站首页|首页|标题|名称|中文名|全文|图文|文稿解读|年度?(?![轮镇乡])|联系|致电|学习|直接与|的(?=.{3})|本报告由|报告由|^由|^与|^向|^请|^将"
)
_TRAIL = re.compile(r"(?:关于|对|的|年度|年|现|,|\s)+\Z")
_NOT_NAMES = re.compile(
    r"[我本各该某全](?<!全(?=国))(?:市|县|区|镇|乡|局|委|办|院|处|街道|单位|机关|部门|厅|省|州|政府)?.{0,6}\Z"
    r"|.{0,2}(?:单位|部门|机关|市区|县区|(?<![东西新])城区|地区|小组|科室|全社会|社会|全市|全区|全县)\Z"
    r"|.*[我本][局镇乡厅委办院处站所街]\Z|(?:组织(?!部)|开展|推进|推动|加强|抓好|统筹|负责).*"
    r"|(?:省|市|区|县|州)委|.*(?:国务院|中华人民共和国政府|党中央|人民群众|政府网|情况|事项|条例|\*).*"
    r"|.{0,8}(?:信息|政务)公开(?:办公室|办|领导小组)\Z|.*(?:工作|报告|公众)(?:部|会|组|处)\Z"
)
_BARE_GOVERNMENT = re.compile(r"[省市区县州旗镇乡](?:人民)?政府(?:办公室|办公厅|办)?\Z")
_INTERNAL = re.compile(
    r"(?:党政(?:综合|和人大)?(?:办公室|办)|(?:党建)?综合(?:督考|事务|管理)?(?:办公室|科|处)|政务(?:服务)?公开(?:工作)?(?:领导小组)?(?:办公室|办|科)"
    r"|(?:政府|政务)?信息公开(?:工作)?(?:领导小组|联席会议)?(?:办公室|办|中心|科)"
    r"|政务服务(?:管理)?(?:办公室|中心)|(?:政务|信息)公开[科处股]|(?<=[署部])办公厅|(?:政策)?法规(?:科|处|股)|秘书(?:科|处|股)|办公室(?:\(.{2,8}\))?)\Z"
)
# The title: …信息公开工作年度报告 in any order of its last characters (工作告年度报), a year perhaps among them.
_CORE = re.compile(rf"(?:信息|政务)\s*公开\s*((?:[工作年度报告情况的书总结 \n]|20\d\d|{CHINESE_YEAR}|\d{{4}}){{2,18}})")
_ANNOUNCED = re.compile(r"[现特兹](?:将|就|公布|公开|发布|向社会)[^。\n]{0,70}?((?:信息|政务)公开)(?:工作)?的?(?:有关)?情况(?!的?报告)")
_CORE_TAIL = re.compile(r"\s*[((]?\s*(20\d\d)\s*年?度?\s*[))]?(?!\s*[-/.年]?\s*\d)")
_NOT_TITLE = re.compile(
    r"\s*[>〉》]?\s*(?:有关|格式|编制(?!单位|机构|说明|依据|背景|日期|时间|人|:)|发布(?!时间|日期|机构|单位|人|者|:)|的?通知|和|报送|工作的|制度|内容|模板|样|应|要|填|》的通知|[^《》。\n]{0,24}通知》)"
)
_PART_YEAR = re.compile("半年|季度|月份")
_YEAR = re.compile(rf"(20\d\d|{CHINESE_YEAR})\s*(?:年度|年|度)?")
_BREAK = re.compile(r"[^\u4e00-\u9fff\d()·○〇 ]")
_RUN = re.compile(rf"{_HAN}{{1,24}}\Z")
_IN_FILE_NAME = re.compile(r"20\d\d年?|[-_ ]")  # beside the agency
_FORMAL = ("办事处", "人民政府")
_PUBLISHER = re.compile("(?:发布|发文|公开|制作|编制|责任)(?:机构|单位|机关|主体|部门)|发布者")
_ORIGIN = re.compile("(?:信息|文章|稿件|内容)?来源|作者|单位|机构|ContentSource|Author", re.IGNORECASE)
_TITLE_LABEL = re.compile("(?:信息|文件)?(?:名称|标题)|中文名|ArticleTitle|title", re.IGNORECASE)
_INLINE_META = re.compile(r"(?:发布|发文|公开|责任)(?:机构|单位|机关|主体|部门)\s*:\s*([\u4e00-\u9fff()]{2,30})")
_COMPILER = re.compile(
    r"由([\u4e00-\u9fff()]{2,36}?)(?=根据|按照|依照|依据|结合|综合|汇总|负责(?!的)|组织(?!的|召开|开展|举办|实施)|统一|按|编制|撰写|编写|起草|整理|完成|牵头)"
)
_AUTHORED = re.compile(r"(?:完成|形成)?了?(?:本(?:年度)?报告|《|20\d\d)")
_CONTACT = re.compile(
    r"(?:请|可)(?:直接|及时)?(?:与|向|联系|致电|联络|拨打):?"
    r"([\u4e00-\u9fff]{3,36}?(?:\([\u4e00-\u9fff]{2,8}\))?)(?=\(|联系|取得|咨询|反映|,|。|电话|:)"
)
_SITE = re.compile(r"(?:从|在|通过|登录)“?([\u4e00-\u9fff]{3,30}?)(?:官方|门户|政府|政务|部门|信息)*\Z")
# The last character of an office's name before what it does: …局坚持, …镇在县委领导下.
_ACTING = re.compile(
    r"[局会府处道镇乡厅室院心区队部县市委所站办署社](?=[坚认深严高全积紧按根在以切始持扎现通建贯依聚围立着结共不进牢党政信是收])"
    r"(?=坚持|认真|深入|严格|高度|全面|积极|紧紧|按照|根据|在|以|切实|始终|持续|扎实|现|通过|建立|贯彻|依据|聚焦|围绕|立足|着力|结合|共|依照|不断|进一步|牢固|党组|是(?:主管|负责|承担)|收到|(?:政府信息|政务信息|(?<!府)信息|政务)公开工作(?!领导))"
)
_CLAUSE_ENDS = re.compile("[,。;:\n]")
_CLAUSE = re.compile(r"[,。;:\n、(]\s*(?:20\d\d年度?(?:以来)?,?)?")
_SIGNED = re.compile(r"[\u4e00-\u9fff()]{3,34}")
_DATED = re.compile(r"(?:20\d\d|二[〇○零]..)\s*年.{1,6}月.{0,5}")
_PREFIX = re.compile(r"\A\([\u4e00-\u9fff]{1,6}\)(?=.)")  # (图解)
_SET_BEFORE = re.compile(r"([\u4e00-\u9fff()]{3,36})[:\]】|]\s*\Z")  # A:2023年…, [A]2023年…
_SET_AFTER = re.compile(r"\s*[((]([\u4e00-\u9fff]{3,30})[))]")  # …年度报告(A)


class Titled(NamedTuple):
    """A title found in a text: the agency ("" where it names none), the year, and where its words begin and end."""

    agency: str
    year: int | None
    start: int
    end: int


class Named(NamedTuple):
    """A name of the agency, where it stands (for the finding), and whether it counts when names disagree."""

    name: str
    place: str
    firm: bool


@lru_cache(4096)
def tidy(name: str) -> str:
    """Given text around a name, return the name alone, or "" where there is none."""
    name = _PREFIX.sub("", name.replace(" ", "").strip("·"))
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
    last = floor = 0
    place = text.find("报")
    while place >= 0:
        mark, place = place, text.find("报", place + 1)
        if mark < last or text.rfind("公开", max(last, mark - 24), mark) < 0:
            continue
        core = _CORE.search(text, max(last, mark - 24), mark + 8)
        if not core or core.end() <= mark:
            continue
        last = core.end()
        tail = core[1]
        if not ("告" in tail or "年" in tail) or _NOT_TITLE.match(text, core.end()):
            continue
        named = _named_before(text, core.start(), floor)
        floor = core.end()
        if named is None:
            continue
        year = named.year
        if year is None and (inner := _YEAR.search(tail)):
            year = year_of(inner[1])
        elif year is None and (outer := _CORE_TAIL.match(text, core.end())):
            year = int(outer[1])
        after = "" if named.agency else _SET_AFTER.match(text, core.end())
        agency = tidy(after[1]) if after else named.agency
        yield Titled(agency, year, named.start, core.start(1) + len(tail.rstrip()))


def announced(text: str) -> Iterator[Titled]:
    """Given the first sentences, yield what they announce where they do not call it a report: 现公布A2023年政府信息公开工作情况."""
    for found in _ANNOUNCED.finditer(text):
        if named := _named_before(text, found.start(1)):
            yield Titled(named.agency, named.year, named.start, found.end())


def _named_before(text: str, core: int, floor: int = 0) -> Titled | None:
    """Agency and year before the words 信息公开 that begin at `core`, not before `floor`; None where the period is but part of a year."""
    start = core
    while start > core - 8 and start and text[start - 1] in " \n":
        start -= 1
    government = text.endswith("政府", 0, start) and text[core] == "信"
    start = start - 2 if government else core
    window = text[max(floor, start - 70) : start]
    if _PART_YEAR.search(window[-16:]):
        return None
    before = _BREAK.split(window)[-1]
    first = start - len(before)
    year: int | None = None
    if years := list(_YEAR.finditer(before)):
        year = year_of(years[-1][1])
        before = before[years[-1].end() :].strip() or before[: years[-1].start()]
    before = before.strip()
    if not before and year is not None and (outer := _SET_BEFORE.search(window[: len(window) - (start - first)])):
        before = outer[1]
    if " " in before:
        before = _last_of(before)
    if government and before.endswith("人民"):
        before += "政府"
    return Titled(tidy(before), year, first, core)


def _last_of(names: str) -> str:
    """The last of two names that a blank parts (that of the web site, and the agency's); a name with a blank in it as it is."""
    site, _, own = names.rpartition(" ")
    others = not is_place(site.strip()) and tidy(site) and tidy(own) and len(own) > 3
    return own if others and not own.endswith(("街道", "街道办事处")) else names


def named_after(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """The names that a pattern's first group catches."""
    for found in pattern.finditer(text):
        if name := tidy(found[1]) or tidy(_INTERNAL.sub("", found[1])):
            yield name


@lru_cache(4096)
def office(name: str) -> str:
    """Given the name of a section of an office, return the office; the general office of a government stays itself."""
    outer = _INTERNAL.sub("", name)
    if outer.endswith("人民"):
        outer += "政府"  # 人民政府信息公开办公室
    if outer == name or not tidy(outer):
        return name
    outer = _INTERNAL.sub("", outer) or outer  # 海关总署办公厅政务公开处
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
    """Given a name and the texts of the document, return the longer form of it that they print, else the name.

    西岭区人民政府 becomes 东湖市西岭区人民政府 where the text says so. Names that begin with a city or province, and those
    of a city or county itself, stay as they are.
    """
    if not name or is_place(name):
        return name
    if _UNIT.match(name) and not name.startswith(("市", "州")):
        return _formal(name, name, texts)
    if is_vague(name) and (whole := _only_one(name, texts)):
        return whole
    found: Counter[str] = Counter()
    for text in texts:
        at = text.find(name)
        while at >= 0 and len(found) < 20:
            run = _RUN.search(text, max(0, at - 24), at)
            if run and (place := _place_before(run[0], name)):
                found[place] += 1
            at = text.find(name, at + 1)
    best = max(found, key=lambda place: (found[place], len(place)), default="")
    return _formal(best + name, name, texts)


def _formal(longer: str, name: str, texts: list[str]) -> str:
    """西岭区溪山镇 as 西岭区溪山镇人民政府 where the texts call it or 溪山镇 so."""
    if name.endswith(("镇", "乡", "街道")):
        for tail in _FORMAL:
            if any(one + tail in text for one in (longer, name) for text in texts):
                return longer + tail
    return longer


def _only_one(name: str, texts: list[str]) -> str:
    """The only office of a government named in full that 县政府办 can stand for, "" where there are several or none."""
    kind = re.escape(name[0]) + "(?:人民)?政府" + ("(?:办公室|办公厅)" if "办" in name else r"(?!办|信|网|门|公报|令)")
    runs = (run for text in texts for run in re.findall(rf"{_HAN}{{2,16}}?{kind}", text))
    found = {tidy(_SENTENCE.split(run)[-1]) for run in runs}
    found = {one for one in found if one.count(name[0]) == 1 and not is_vague(one)}
    return found.pop() if len(found) == 1 else ""


def _place_before(run: str, name: str) -> str:
    """The place names right before a name, without the words of the sentence and without the province above a city."""
    leads = list(_SENTENCE.finditer(run))
    if leads:
        run = run[leads[-1].end() :]
        if leads[-1][0] in _OF_ANOTHER:
            return ""
    if name[0] in "省市县区州旗" and not name.startswith("市场"):
        place = run if re.fullmatch(rf"{_HAN}{{2,14}}", run) else ""
    else:
        chain = _PLACES.search(run)
        place = chain[0] if chain and chain.start() == 0 else ""
    return _PROVINCE.sub("", place)


_OF_ANOTHER = frozenset(("按照", "根据", "落实", "贯彻", "上级", "对照"))  # 按照南山市水利局要求: the office above
_SENTENCE = re.compile(
    r"由|与|请|向|联系|现将|公布|发布|公开|按照|根据|落实|贯彻|上级|对照|通过|登录"
    r"|在(?=[\u4e00-\u9fff]{2,8}[省市县区州])|的|和|及|对|为|是|年|月|日|地址|报告|编制|系|首页|来源|单位|机构|上|可|至|到|各|全|我|本"
)


def stands_alone(head: str, title: Titled) -> bool:
    """Whether a title stands on a line of its own, not within a sentence."""
    end = head.find("\n", title.end)
    line = head[head.rfind("\n", 0, title.start) + 1 : end if end >= 0 else len(head)]
    return len(line) <= 70 and "。" not in line and "," not in line


def is_title_label(label: str) -> bool:
    """Whether a piece of metadata gives the document's title."""
    return bool(_TITLE_LABEL.fullmatch(label))


def firm_names(
    meta: Sequence[tuple[str, str]],
    head: str,
    body: str,
    titled: Sequence[Titled],
    headings: Sequence[Titled],
    above: Sequence[Titled],
) -> Iterator[Named]:
    """Names of the agency in order of trust: `titled` in the title and its metadata, `headings` in the first lines,
    `above` the same headings with the lines above them."""
    yield from (Named(one.agency, "title", True) for one in titled if one.agency)
    sentences: list[Named] = []
    for one, whole in zip(headings, above, strict=True):
        agency = one.agency or whole.agency
        if agency and stands_alone(head, one):
            yield Named(agency, "heading", True)
        elif agency:
            sentences.append(Named(agency, "text", True))
    for label, value in meta:
        if _PUBLISHER.fullmatch(label) and (agency := tidy(value)):
            yield Named(office(agency), "publisher", True)
    yield from (Named(office(agency), "publisher", True) for agency in named_after(_INLINE_META, head[:600]))
    yield from sentences
    for agency in (*named_after(_COMPILER, head), *_authors(head)):
        if not is_vague(agency):
            yield Named(office(agency), "text", True)
    yield from _signed(body)


def _places(text: str, word: str) -> Iterator[int]:
    return (hit.start() for hit in re.finditer(word, text))


def _authors(head: str) -> Iterator[str]:
    """Offices that say of themselves: …局编制了本报告."""
    for word in ("编制", "编写", "撰写"):
        for place in _places(head, word):
            if _AUTHORED.match(head, place + 2) and (name := tidy(_CLAUSE_ENDS.split(head[max(0, place - 40) : place])[-1])):
                yield name


def remaining_names(head: str) -> Iterator[Named]:
    """Names for a document that tells none: offices on whose own site the report can be read (that of a government tells
    nothing), and 区政府办公室 where that is what the sentences speak of."""
    for word in ("网站", "官网"):
        for place in _places(head, word):
            for name in named_after(_SITE, head[max(0, place - 40) : place]):
                if len(name) > 3 and not name.endswith(("政府", "政府办公室", "政府办公厅")) and not is_place(name):
                    yield Named(office(name), "contact", False)
    yield from (Named(name, "text", False) for name in _acting(head[:1000], True) if name.endswith(("办公室", "办公厅")))


def hinted_names(meta: Sequence[tuple[str, str]], head: str, stem: str) -> Iterator[Named]:
    """Names that only hint at whose report it is, for a document that does not say so outright."""
    for word in ("联系", "致电"):
        if (at := head.find(word)) >= 0:
            near = head[max(0, at - 60) : at + 40]
            yield from (Named(office(one), "contact", False) for one in named_after(_CONTACT, near) if not is_vague(one))
    if agency := tidy(_IN_FILE_NAME.sub("", stem)):
        yield Named(agency, "name", False)
    yield from (Named(agency, "text", False) for agency in _acting(head[:1000]))
    yield from (Named(line, "heading", False) for line in head.split("\n")[:6] if len(line) > 3 and tidy(line) == line)
    origins = (tidy(value) for label, value in meta if _ORIGIN.fullmatch(label))
    yield from (Named(agency, "origin", False) for agency in origins if agency)


def completed_above(head: str, begin: int, title: Titled) -> Titled:
    """A title whose agency or year stands on the one or two short lines above it."""
    if head[begin : title.start].strip(" 0123456789〇○零一二三四五六七八九年度关于") or not begin:
        return title
    above = head[max(0, begin - 80) : begin - 1].split("\n")[-2:]
    for lines in (above[-1:], above):
        joined = "".join(lines) + head[begin : title.end]
        if len(joined) < 110 and (one := next(titles(joined), None)) and one.agency:
            return one
    return title


def _acting(head: str, vague: bool = False) -> Iterator[str]:
    """Names of offices that the first sentences say did something; `vague`: those that say but what kind it is."""
    last = -1
    for hit in _ACTING.finditer(head):
        window = head[max(0, hit.end() - 40) : hit.end()]
        starts = list(_CLAUSE.finditer(window))
        clause = window[starts[-1].end() :] if starts else window
        if hit.end() - len(clause) == last:
            continue  # what the office did can end like an office: 坚持以人民为中心
        last = hit.end() - len(clause)
        if len(clause) > 2 and (agency := tidy(re.sub(r"\A20\d\d年度?,?", "", clause))) and is_vague(agency) == vague:
            yield office(agency)


def _signed(body: str) -> Iterator[Named]:
    lines = [line.strip() for line in body[-1500:].split("\n") if line.strip()][-14:]
    for line, following in zip(lines, lines[1:], strict=False):
        if "月" in following and _DATED.fullmatch(following) and _SIGNED.fullmatch(line) and (agency := tidy(line)):
            yield Named(office(agency), "signature", True)
