"""Who reports, and for which year.

Places are trusted in this order: title, headings, the publisher in the metadata, the first sentences, the signature, the
file's name. A shorter name gives way to a longer form of itself that the document prints (洪泽区人民政府 to 淮安市洪泽区人民政府); names
that differ are a finding. Advertisements written into a name are left out of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from govdisclose.findings import Finding
from govdisclose.names import Titled, completed, is_place, is_vague, named_after, office, tidy, titles
from govdisclose.sections import wrapped
from govdisclose.spam import injected, without
from govdisclose.years import Period, period, spoken_year

__all__ = ["Identified", "agency_kind", "identify", "injected"]

_HEAD_LINES, _HEAD_CHARS, _FOOT_LINES, _ACTING_CHARS = 45, 3200, 14, 1000
_PUBLISHER = re.compile("(?:发布|发文|公开|制作|编制|责任)(?:机构|单位|机关|主体|部门)|发布者")
_ORIGIN = re.compile("(?:信息|文章|稿件|内容)?来源|作者|单位|机构|ContentSource|Author", re.IGNORECASE)
_TITLE_LABEL = re.compile("(?:信息|文件)?(?:名称|标题)|ArticleTitle|title", re.IGNORECASE)
_INLINE_META = re.compile(r"(?:发布|发文|公开|责任)(?:机构|单位|机关|主体|部门)\s*:\s*([\u4e00-\u9fff()]{2,30})")
_COMPILER = re.compile(
    r"由([\u4e00-\u9fff()]{2,36}?)(?=根据|按照|依照|依据|结合|综合|汇总|负责|组织|统一|按|编制|撰写|编写|起草|整理|完成|牵头)"
)
_CONTACT = re.compile(r"(?:请|可)(?:直接|及时)?(?:与|向|联系|致电|联络|拨打):?([\u4e00-\u9fff]{3,36}?(?:\([\u4e00-\u9fff]{2,8}\))?)(?=\(|联系|取得|咨询|反映|,|。|电话|:)")
# The last character of an office's name before what it does: …局坚持, …镇在县委领导下.
_ACTING = re.compile(
    r"[局会府处道镇乡厅室院心区队部县市委所站](?=[坚认深严高全积紧按根在以切始持扎现通建贯依聚围立着结共不进牢党政,])(?=坚持|认真|深入|严格|高度|全面|积极|紧紧|按照|根据|在|以|切实|始终|持续|扎实|现|通过|建立|贯彻|依据|聚焦|围绕|立足|着力|结合|共|依照|不断|进一步|牢固|党组|(?:政府|政务)信息公开工作|,)"
)
_CLAUSE = re.compile(r"[,。;:\n、(]\s*(?:20\d\d年度?(?:以来)?,?)?")
_SIGNED = re.compile(r"[\u4e00-\u9fff()]{3,34}")
_DATED = re.compile(r"(?:20\d\d|二[〇○零]..)\s*年.{1,6}月.{0,5}")
_ACADEMIC = re.compile(r"(?:20\d\d)\s*[-—~至/]\s*(?:20\d\d)\s*学年|学年度?[^。\n]{0,14}信息公开|信息公开[^。\n]{0,14}学年")
_TEMPLATE = re.compile(r"报告(?:的)?(?:格式|模板|样式|样本|范本|范文|填报说明)|格式模板|[Xx×]{2,}[^\n]{0,24}信息公开[^\n]{0,8}报告|报告(?:编制)?(?:的)?(?:有关事项的)?通知\s*$", re.MULTILINE)
_OTHER_KIND = re.compile(
    r"上半年|下半年|第?[一二三四1-4]季度|半年|\d{1,2}\s*月份|(?:信息|政务)公开(?:工作)?(?:指南|目录|制度|要点|方案|工作总结|总结|统计表|统计制度|统计数据|办法|规定|条例)|政务公开工作(?:总结|要点|方案)|统计制度|政府工作报告|部门[预决]算"
)
_SENTENCE = re.compile("[。,;]|根据|按照|依据|要求|编制(?!的)")
_EVIDENCE = ("总体情况", "主动公开政府信息情况", "收到和处理政府信息公开申请", "存在的主要问题", "其他需要报告的事项", "依申请公开申请", "统计期限", "编制本报告", "本年度报告")


@dataclass(frozen=True, slots=True)
class Identified:
    """Who and when, and whether the text is an annual report at all.

    `agency` is "" and `year` None where the document does not tell; `refusal` says in one sentence why `is_report` is false.
    """

    agency: str
    year: int | None
    findings: tuple[Finding, ...]
    is_report: bool
    refusal: str


class _Named(NamedTuple):
    """A name of the agency, where it stands (for the finding), and whether it counts when names disagree."""

    name: str
    place: str
    firm: bool


def identify(title: str, meta: Sequence[tuple[str, str]], lines: Sequence[str], name: str) -> Identified:
    """Given what a document says of itself, return the agency, the year and what is odd about them.

    Parameters
    ----------
    title : the HTML title, "" where there is none
    meta : label and value of metadata ("发布机构", "某县人民政府")
    lines : the text in reading order, folded, without the tables of the form
    name : the file's name

    Examples
    --------
    >>> who = identify("山南县水利局2023年政府信息公开工作年度报告", [], [], "")
    >>> who.agency, who.year
    ('山南县水利局', 2023)
    """
    raw = "\n".join([title, *lines])
    spans = injected(raw)
    clean = without(raw, spans) if spans else raw
    if refusal := _illegible(clean):
        return Identified("", None, (), False, refusal)
    own_title, _, body = clean.partition("\n")
    head = _head(body)
    meta = [(label, _free(value)) for label, value in meta]
    stem = _free(name.rpartition("/")[2])
    headings = list(titles(head))
    found = list(_named(own_title, meta, head, body, stem, headings))
    if all(one.place == "publisher" for one in found):
        found += _mentioned(meta, head, stem)
    years, limits = _years(own_title, meta, head, stem, headings), period(head)
    titled = any(place in ("title", "heading", "name", "text") for _, place in years)
    findings = list(_injection(raw, spans))
    agency = ""
    opening = _opening(own_title, head)
    if template := not titled and bool(_TEMPLATE.search(opening)):
        findings.append(_TEMPLATE_FINDING)
    else:
        agency = _choose(found, [head, stem, own_title, *(value for _, value in meta), body[-400:]])
        findings += _about_agency(agency, found, raw, spans)
    refusal = "" if template else _refusal(opening, head, titled)
    year, odd = _about_year(years, limits, head, template)
    return Identified(agency, year, (*findings, *odd), not refusal, refusal)


def _free(text: str) -> str:
    return without(text, spans) if (spans := injected(text)) else text


def _illegible(text: str) -> str:
    marks = text.count("?")
    if marks < 20 or marks < 2 * sum(1 for char in text[:20_000] if "\u4e00" <= char <= "\u9fff"):
        return ""
    return "the text is lost to question marks; figures without labels are worth nothing"


def _head(body: str) -> str:
    """The beginning of the text, paragraphs whole, letters set apart by blanks closed up."""
    lines = [line.strip() for line in body[:_HEAD_CHARS].split("\n")[:_HEAD_LINES]]
    lines = [_closed(line) for line in lines if line]
    return "\n".join(wrapped(lines))


def _closed(line: str) -> str:
    """政 府 信 息 as 政府信息: a line in which most characters stand alone between blanks."""
    if line.count(" ") * 3 > len(line) and len(line) < 120:
        return re.sub(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])|(?<=\d) (?=\d)", "", line)
    return line


def _named(
    title: str, meta: Sequence[tuple[str, str]], head: str, body: str, stem: str, headings: Sequence[Titled]
) -> Iterator[_Named]:
    """Names of the agency in order of trust; `headings` are the titles found in the head of the text."""
    yield from (_Named(one.agency, "title", True) for one in titles(title) if one.agency)
    yield from (_Named(one.agency, "title", True) for label, value in meta if _TITLE_LABEL.fullmatch(label) for one in titles(value) if one.agency)
    sentences: list[_Named] = []
    for one in headings:
        begin = head.rfind("\n", 0, one.start) + 1
        end = head.find("\n", one.end)
        line = head[begin : end if end >= 0 else len(head)]
        agency = one.agency
        if not agency:
            agency = _above(head, begin, one).agency
        if agency and len(line) <= 70 and "。" not in line and "," not in line:
            yield _Named(agency, "heading", True)
        elif agency:
            sentences.append(_Named(agency, "text", True))
    for label, value in meta:
        if _PUBLISHER.fullmatch(label) and (agency := tidy(value)):
            yield _Named(office(agency), "publisher", True)
    yield from (_Named(office(agency), "publisher", True) for agency in named_after(_INLINE_META, head[:600]))
    yield from sentences
    yield from (_Named(office(agency), "text", True) for agency in named_after(_COMPILER, head) if not is_vague(agency))
    yield from _signed(body)
    yield from (_Named(one.agency, "name", True) for one in titles(stem) if one.agency)


def _mentioned(meta: Sequence[tuple[str, str]], head: str, stem: str) -> Iterator[_Named]:
    """Names that only hint at whose report it is, for a document that does not say so outright."""
    for word in ("联系", "致电"):
        if (at := head.find(word)) >= 0:
            near = head[max(0, at - 60) : at + 40]
            yield from (_Named(office(agency), "contact", False) for agency in named_after(_CONTACT, near) if not is_vague(agency))
    if agency := tidy(re.sub(r"20\d\d年?|[-_ ]", "", stem)):
        yield _Named(agency, "name", False)
    yield from (_Named(agency, "text", False) for agency in _acting(head[:_ACTING_CHARS]))
    yield from (_Named(agency, "origin", False) for label, value in meta if _ORIGIN.fullmatch(label) and (agency := tidy(value)))


def _above(head: str, begin: int, title: Titled) -> Titled:
    """A title whose agency or year stands on the one or two short lines above it."""
    if head[begin : title.start].strip(" 0123456789〇○零一二三四五六七八九年度关于") or not begin:
        return title
    above = head[max(0, begin - 80) : begin - 1].split("\n")[-2:]
    for lines in (above[-1:], above):
        joined = "".join(lines) + head[begin : title.end]
        if len(joined) < 110 and (one := next(titles(joined), None)) and one.agency:
            return one
    return title


def _acting(head: str) -> Iterator[str]:
    """Names of offices that the first sentences say did something."""
    for hit in _ACTING.finditer(head):
        window = head[max(0, hit.end() - 40) : hit.end()]
        starts = list(_CLAUSE.finditer(window))
        clause = window[starts[-1].end() :] if starts else window
        if len(clause) > 3 and (agency := tidy(re.sub(r"\A20\d\d年度?,?", "", clause))) and not is_vague(agency):
            yield office(agency)


def _signed(body: str) -> Iterator[_Named]:
    lines = [line.strip() for line in body[-1500:].split("\n") if line.strip()][-_FOOT_LINES:]
    for line, following in zip(lines, lines[1:], strict=False):
        if _DATED.fullmatch(following) and _SIGNED.fullmatch(line) and (agency := tidy(line)):
            yield _Named(office(agency), "signature", True)


def _years(
    title: str, meta: Sequence[tuple[str, str]], head: str, stem: str, headings: Sequence[Titled]
) -> list[tuple[int | None, str]]:
    """The years of all titles found, in order of trust; None for a title without one."""
    years: list[tuple[int | None, str]] = [(one.year, "title") for one in titles(title)]
    years += [(one.year, "title") for label, value in meta if _TITLE_LABEL.fullmatch(label) for one in titles(value)]
    for one in headings:
        year = one.year or _above(head, head.rfind("\n", 0, one.start) + 1, one).year
        years.append((year, "heading"))
    years += [(one.year, "name") for one in titles(stem)]
    return years


def _core(name: str) -> str:
    """What two forms of one agency's name share."""
    return re.sub("人民政府|政府|办公室|办公厅|办事处|管理委员会|管委会|委员会|[局委厅]\\Z", "", name)


def _same(one: str, other: str) -> bool:
    """Whether two names can be forms of one: one holds the other, or abbreviates it (教体局 for 教育体育局)."""
    a, b = sorted((_core(one), _core(other)), key=len)
    letters = iter(b)
    return a in b or all(char in letters for char in a)


def _choose(found: Sequence[_Named], texts: list[str]) -> str:
    if not found:
        return ""
    first = found[0]
    if first.place == "publisher" and is_government(first.name):
        # The county publishes for its towns and offices: what the text says of itself goes before.
        own = [one for one in found if one.place in ("text", "contact") and not is_government(one.name)]
        first = next((one for one in own if one.firm or one.place == "contact" or texts[0].count(one.name) > 1), first)
    name = first.name
    if first.place not in ("title", "heading"):
        # A sentence can abbreviate (教体局); elsewhere the name may stand in full.
        name = max((one.name for one in found if _same(one.name, name)), key=len)
    return completed(name, texts)


def is_government(name: str) -> bool:
    """Whether a name is that of a government (or its general office) above the towns."""
    return bool(re.search(r"[省市县区州旗盟](?:人民)?政府(?:办公室|办公厅|办)?\Z|政务公开|政务服务", name)) or is_place(name)


def _about_agency(agency: str, found: Sequence[_Named], raw: str, spans: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    if not agency:
        yield Finding("agency.missing", "warning", "文中没有写明是哪个机关的报告", "the document does not say whose report it is")
        return
    others = dict.fromkeys(one.name for one in found if one.firm and not _same(one.name, agency))
    if others:
        listed = "、".join(others)
        below = all(is_government(other) for other in others) and not is_government(agency)
        yield Finding(
            "agency.conflict",
            "note" if below else "warning",
            f"报告机关取{agency},文中另有{listed}",
            f"the report is taken as that of {agency}, the document also names {listed}",
        )
    for start, end in spans:
        advert = raw[start:end]
        if not advert.endswith((":", "@")) and raw.startswith(agency, end):
            yield Finding(
                "agency.shortened",
                "warning",
                f"机关名称前的文字被“{advert}”取代,只余{agency}",
                f"the words before the agency's name were replaced by “{advert}”; {agency} is what is left",
            )
            return


def _about_year(years: Sequence[tuple[int | None, str]], limits: Period | None, head: str, template: bool) -> tuple[int | None, list[Finding]]:
    named = [year for year, _ in years if year is not None]
    year = named[0] if named else limits.year if limits else None if template else spoken_year(head[:1200])
    findings: list[Finding] = []
    if year is None and not template:
        findings.append(Finding("year.missing", "warning", "文中没有写明是哪一年的报告", "the document does not say for which year it reports"))
    others = sorted({other for other in [*named, limits.year if limits else year] if other is not None and other != year})
    if others:
        listed = "、".join(map(str, others))
        findings.append(
            Finding(
                "year.conflict",
                "warning",
                f"报告年份取{year},文中另有{listed}",
                f"the report is taken as that of {year}, the document also says {listed}",
            )
        )
    if limits and not limits.whole:
        words = limits.words.strip()
        findings.append(Finding("period.odd", "note", f"统计期限不是整年:{words}", f"the period covered is not a calendar year: {words}"))
    return year, findings


_TEMPLATE_FINDING = Finding(
    "report.template", "warning", "这是年度报告格式本身,不是某机关的报告", "this is the form of the annual report itself, no agency's report"
)


def _opening(title: str, head: str) -> str:
    """The title and the lines at the beginning that stand like one: short, no sentence, no reference to another document."""
    lines = [line for line in head.split("\n")[:10] if len(line) <= 80 and not _SENTENCE.search(line)]
    return "\n".join([title, *lines])


def _refusal(opening: str, head: str, titled: bool) -> str:
    if kind := _ACADEMIC.search(opening):
        return f"a university's report for an academic year ({kind[0].strip()}), not a government agency's annual report"
    if titled:
        return ""
    if kind := _OTHER_KIND.search(opening):
        return f"another kind of document ({kind[0]}), not an annual report on government information disclosure"
    if sum(1 for words in _EVIDENCE if words in head) < 2:
        return "neither the title nor the sections of an annual report on government information disclosure"
    return ""


def _injection(raw: str, spans: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    if not spans:
        return
    places: dict[str, str] = {}
    for start, end in spans:
        number = raw.count("\n", 0, start)
        places.setdefault(raw[start:end], f"第{number}行" if number else "标题")
        if len(places) == 5:
            break
    shown = "、".join(f"“{words}”({place})" for words, place in places.items())
    shown_en = ", ".join(f"“{words}” ({'title' if place == '标题' else 'line ' + place[1:-1]})" for words, place in places.items())
    yield Finding(
        "text.injected",
        "warning",
        f"文中被写入与报告无关的文字{len(spans)}处:{shown}",
        f"words that have nothing to do with the report were written into it at {len(spans)} places: {shown_en}",
    )


@cache
def _kinds() -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    raw = tomllib.loads((resources.files("govdisclose") / "kinds.toml").read_text(encoding="utf-8"))
    return tuple((kind["name"], tuple(kind.get("ends", ())), tuple(kind.get("holds", ()))) for kind in raw["kind"])


@cache
def agency_kind(name: str) -> str:
    """Given an agency's name, return its kind by the table in kinds.toml (市场监督管理, 街道, 区政府), "" where no rule fits.

    Examples
    --------
    >>> agency_kind("南山市东湖区市场监督管理局"), agency_kind("东湖区人民政府")
    ('市场监督管理', '区政府')
    """
    name = office(name)
    bare = name.replace("人民政府", "政府")  # 民政 is not meant there
    for kind, ends, holds in _kinds():
        if (ends and name.endswith(ends)) or any(word in bare for word in holds):
            return kind
    return ""
