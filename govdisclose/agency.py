"""Who reports, and for which year.

Places are trusted in this order: title, headings, the publisher in the metadata, the first sentences, the signature,
the file's name. A shorter name gives way to a longer form of itself that the document prints (西岭区人民政府 to
东湖市西岭区人民政府); names that differ are a finding. Advertisements written into a name are left out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from govdisclose.findings import Finding
from govdisclose.names import (
    Named,
    announced,
    completed,
    completed_above,
    firm_names,
    hinted_names,
    is_place,
    is_title_label,
    is_vague,
    remaining_names,
    stands_alone,
    titles,
)
from govdisclose.sections import wrapped
from govdisclose.spam import injected, without
from govdisclose.years import Period, period, spoken_year

__all__ = ["Identified", "identify", "injected"]

_HEAD_LINES, _HEAD_CHARS = 45, 3200
_ACADEMIC = re.compile(
    r"(?:20\d\d)\s*[-—~至/]\s*(?:20\d\d)\s*学年|学年度?[^。\n]{0,14}信息公开|信息公开[^。\n]{0,14}学年"
)
_SCHOOLS, _SCHOOL_YEAR = re.compile("高等学校信息公开|高校信息公开"), re.compile(r"20\d\d\s*[-—~至/]\s*20\d\d\s*学年")
_TEMPLATE = re.compile(
    r"报告(?:的)?(?:格式|模板|样式|样本|范本|范文|填报说明)|格式模板|[Xx×]{2,}[^\n]{0,24}信息公开[^\n]{0,8}报告|报告(?:编制)?(?:的)?(?:有关事项的)?通知\s*$",
    re.MULTILINE,
)
_PLACEHOLDER = re.compile(r"(?<![A-Za-z])[xX×]{2,3} ?[省市县区镇乡局]")
_OTHER_KIND = re.compile(
    r"上半年|下半年|第?[一二三四1-4]季度|半年|\d{1,2}\s*月份"
    r"|(?:信息|政务)公开(?:工作)?(?:指南|目录|制度|要点|方案|总结|统计表|统计制度|统计数据|办法|规定|条例)"
    r"|统计制度|政府工作报告|部门[预决]算"
)
_SENTENCE = re.compile("。|,|;|根据|按照|依据|要求|编制(?!的)")
_GOVERNMENT = re.compile(r"[省市县区州旗盟](?:人民)?政府(?:办公室|办公厅|办)?\Z|政务公开|政务服务")
_FORM = re.compile(r"人民政府|政府|办公室|办公厅|办事处|管理委员会|管委会|委员会|[局委厅]\Z")
_EVIDENCE = (
    "总体情况",
    "主动公开政府信息情况",
    "收到和处理政府信息公开申请",
    "存在的主要问题",
    "其他需要报告的事项",
    "依申请公开申请",
    "统计期限",
    "统计时限",
    "本报告",
    "本年报",
    "本年度报告",
)


@dataclass(frozen=True, slots=True)
class Identified:
    """Who and when, and whether the text is an annual report at all.

    `agency` is "" and `year` None where the document does not tell; `refusal` says in one sentence why `is_report` is
    false.
    """

    agency: str
    year: int | None
    findings: tuple[Finding, ...]
    is_report: bool
    refusal: str


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
    meta = [(label.replace(" ", "").rstrip(":"), _free(value)) for label, value in meta]
    stem = _free(name.rpartition("/")[2])
    titled = [
        *titles(own_title[:2000]),
        *(one for label, value in meta if is_title_label(label) for one in titles(value)),
    ]
    headings = [*titles(head), *announced(head[:1500])]
    filed = list(titles(stem))
    above = [one if one.agency and one.year else completed_above(head, head.rfind("\n", 0, one.start) + 1, one) for one in headings]
    found = list(firm_names(meta, head, body, titled, headings, above))
    found += (Named(one.agency, "name", True) for one in filed if one.agency)
    if all(one.place == "publisher" or (one.place == "text" and is_government(one.name)) for one in found):
        found += hinted_names(meta, head, stem)
    if not found:
        found += remaining_names(head)
    years = [one.year for one in titled]
    years += (one.year or whole.year for one, whole in zip(headings, above, strict=True))
    years += (one.year for one in filed)
    limits = period(head)
    findings = list(_injection(raw, spans))
    agency = ""
    opening = _opening(own_title, head)
    template = (bool(_TEMPLATE.search(opening)) and not any(years)) or len(_PLACEHOLDER.findall(head)) > 1
    if template:
        findings.append(_TEMPLATE_FINDING)
    else:
        agency = _choose(found, [head, stem, own_title, *(value for _, value in meta), body[-400:]])
        findings += _about_agency(agency, found, raw, spans)
    refusal = "" if template else _refusal(opening, head, bool(years))
    if limits and not any(one.year for one in titled) and not any(stands_alone(head, one) for one in headings if one.year):
        years = [_spoken(years, limits, head)] + years
    year, odd = _about_year(years, limits, head, template)
    return Identified(agency, year, (*findings, *odd), not refusal, refusal)


def _spoken(years: Sequence[int | None], limits: Period, head: str) -> int | None:
    """The year of the period where the sentences after it agree with that and not with the title that a sentence quotes."""
    after = spoken_year(head[head.find(limits.words) + len(limits.words) :])
    return limits.year if after == limits.year else next((year for year in years if year), None)


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


@lru_cache(4096)
def _core(name: str) -> str:
    """What two forms of one agency's name share."""
    return _FORM.sub("", name)


def _same(one: str, other: str) -> bool:
    """Whether two names can be forms of one: one holds the other, or abbreviates it (教体局 for 教育体育局)."""
    a, b = sorted((_core(one), _core(other)), key=len)
    letters = iter(b)
    return a in b or all(char in letters for char in a)


def _choose(found: Sequence[Named], texts: list[str]) -> str:
    if not found:
        return ""
    first = found[0]
    if first.place == "publisher" and is_government(first.name):
        # The county publishes for its towns and offices: what the text says of itself goes before.
        own = [one for one in found if one.place in ("text", "contact") and not is_government(one.name)]
        first = next((one for one in own if one.firm or one.place == "contact" or texts[0].count(one.name) > 1), first)
    elif first.place == "text" and is_government(first.name):
        # Its office compiles reports for others: the office to ask is taken where the sentences speak of that too.
        acting = tuple(one.name for one in found if one.place == "text" and not one.firm and not is_government(one.name))
        own = [one for one in found if one.place == "contact" and acting and one.name.endswith(acting)]
        first = own[0] if own and not is_government(own[0].name) else first
    name = first.name
    if first.place not in ("title", "heading"):
        # A sentence can abbreviate (教体局); elsewhere the name may stand in full.
        forms = (one for one in found if _same(one.name, name) and is_government(one.name) == is_government(name))
        name = max((one.name for one in forms if one.firm or first.place != "text" or not first.firm), key=len)
    return completed(name, texts)


def is_government(name: str) -> bool:
    """Whether a name is that of a government (or its general office) above the towns."""
    return bool(_GOVERNMENT.search(name)) or is_place(name)


def _about_agency(agency: str, found: Sequence[Named], raw: str, spans: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    if not agency:
        yield Finding(
            "agency.missing", "warning", "文中没有写明是哪个机关的报告", "the document does not say whose report it is"
        )
        return
    others = dict.fromkeys(
        one.name
        for one in found
        if one.firm and not _same(one.name, agency) and not (is_vague(one.name) and one.name[0] in agency)
    )
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


def _about_year(
    years: Sequence[int | None], limits: Period | None, head: str, template: bool
) -> tuple[int | None, list[Finding]]:
    named = [year for year in years if year is not None]
    year = named[0] if named else limits.year if limits else None if template else spoken_year(head[:1200])
    if limits and named and named.count(limits.year) > named.count(named[0]):
        year = limits.year  # the name of the page is that of another year's report
    findings: list[Finding] = []
    if year is None and not template:
        findings.append(
            Finding(
                "year.missing",
                "warning",
                "文中没有写明是哪一年的报告",
                "the document does not say for which year it reports",
            )
        )
    others = sorted(
        {other for other in [*named, limits.year if limits else year] if other is not None and other != year}
    )
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
        findings.append(
            Finding(
                "period.odd", "note", f"统计期限不是整年:{words}", f"the period covered is not a calendar year: {words}"
            )
        )
    return year, findings


_TEMPLATE_FINDING = Finding(
    "report.template",
    "warning",
    "这是年度报告格式本身,不是某机关的报告",
    "this is the form of the annual report itself, no agency's report",
)


def _opening(title: str, head: str) -> str:
    """The title and the first lines that stand like one: short, no sentence, no reference to another document."""
    lines = [line for line in head.split("\n")[:10] if len(line) <= 80 and not _SENTENCE.search(line)]
    return "\n".join([title, *lines])


def _refusal(opening: str, head: str, titled: bool) -> str:
    if kind := _ACADEMIC.search(opening) or (_SCHOOLS.search(head[:600]) and _SCHOOL_YEAR.search(head)):
        return (
            f"a university's report for an academic year ({kind[0].strip()}), not a government agency's annual report"
        )
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
    shown_en = ", ".join(
        f"“{words}” ({'title' if place == '标题' else 'line ' + place[1:-1]})" for words, place in places.items()
    )
    yield Finding(
        "text.injected",
        "warning",
        f"文中被写入与报告无关的文字{len(spans)}处:{shown}",
        f"words that have nothing to do with the report were written into it at {len(spans)} places: {shown_en}",
    )
