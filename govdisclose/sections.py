"""The prose of a report by section: 一 overview, 五 problems, 六 other.

Headings are known by their words and by standing alone on a line; their numbers are often wrong or missing and decide
nothing. A list of contents, a section's name inside a sentence and a sub-heading in brackets open no section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

KEYS = ("overview", "problems", "other")
_ENDS = ("。", ":", ";")  # what a line of prose ends with, and a title does not
_AFTER_NUMBER = frozenset("、.,")
_TABLES = frozenset(("proactive", "requests", "reviews"))

# Heading words. The long names are the form's own; the shorter ones stood in reports before 2019 and on slips.
_MORE_HEADINGS = re.compile(r"(?:^|\s)[二三四五六][、.]")  # a list of contents in one line
_NAMES = {
    "overview": r"(?:\d{4}年度?)?(?:政府信息公开)?(?:工作)?(?:年度)?(?:总体|整体|基本)?(?:工作)?(?:总体|整体)?(?:推进)?(?:情况|概述|概况)",
    "proactive": r"(?:行政机关)?(?:政府信息)?主动公开(?:政府)?(?:信息)?(?:政府)?的?(?:工作)?情况",
    "requests": r"收到[和及与]?处理政府信息公开申请的?(?:工作)?情况|(?:政府信息)?依申请公开(?:政府信息)?[^:。,;\s]{0,16}情况",
    "reviews": r"因?(?:政府)?信息公开[^:。,;]{0,12}行政复议[^:。;]{0,10}诉讼的?(?:有关)?情况",
    "problems": r"[^:。,;\s]{0,14}(?:存在|主要)[^:。,;\s]{0,6}(?:问题|困难|不足)[^:。,;\s]{0,16}|下一步[^:。,;\s]{0,12}(?:打算|措施|安排|计划)",
    "other": r"(?:其[他它])?需要?(?:报告|说明)的?(?:其[他它])?(?:有关)?(?:事项|情况|问题)|其[他它](?:报告)?(?:事项|情况)",
}
_OFFICIAL = re.compile(
    r"总体情况|主动公开政府信息情况|收到和处理政府信息公开申请情况|(?:因)?政府信息公开(?:工作)?(?:被申请)?行政复议[、和及]*(?:提起)?行政诉讼情况"
    r"|存在的?主要问题[及和]改进(?:情况|措施)|其[他它]需要报告的?事项"
)
_HINT = re.compile("情况|事项|问题|概述|概况|不足|下一步|困难")
_NUMBER = r"(?P<number>第?[一二三四五六七八九十]{1,2}(?:部分)?\s*(?:[、,.:]|是|\s)\s*|[、,]\s*|(?P<arabic>\d{1,2}\s*[、.]\s*(?!\d)))?"
_HEADING = re.compile(
    _NUMBER
    + "(?:"
    + "|".join(f"(?P<{key}>{name})" for key, name in _NAMES.items())
    + r")\s*(?P<leader>[.…·]{2,}\s*\d{0,3})?(?P<rest>(?:[:。.]|\s)\s*.*)?"
)
_INLINE = re.compile(r"(?<=[。:;!\s])(?=[一二三四五六七八][、.](?:" + "|".join(_NAMES.values()) + r")[\s:。])")
_FURNITURE = re.compile(
    r"[-—–\s]*(?:第\s*)?\d{1,3}\s*(?:页)?(?:\s*[,/共]\s*共?\s*\d{1,3}\s*页?)?[-—–\s]*"
    r"|(?:Page|P\.?)\s*\d{1,4}(?:\s*[-—].*)?"
    r"|.{0,6}(?:当前|所在)位置\s*[:>].*|首\s*页\s*[>/|].*|【?\s*\[?字体\s*[::\s].{0,30}"
    r"|.{0,40}浏览(?:次数|量)\s*[::].{0,20}|(?:语音)?朗读.{0,6}|(?:打印|关闭|收藏|分享|返回顶部|长者版|关怀版|无障碍|IPv6)[\s|].{0,60}"
)
_FOOTER = re.compile(
    r"扫一扫|版权所有|主办单位|承办单位|网站标识码|.{0,4}ICP备|.{0,6}公网安备|技术支持|上一[篇条]|下一[篇条]|责任编辑|相关(?:链接|文章|附件|文档)"
    r"|附件(?:下载)?\s*[:\d]|网站地图|关于我们|打印本页|【?关闭(?:窗口|本页)|分享到|友情链接|(?:政府|部门)网站链接|返回顶部"
)
_DATE = re.compile(r"(?:\d{4}|[二〇○零一三四五六七八九]{4})\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日?")
_SIGNATURE = re.compile(r"[\u4e00-\u9fff()]{2,30}(?:局|委|会|府|室|处|厅|部|办|院|中心|镇|乡|街道|区|县|市|所|队)")
_LIST_HEAD = re.compile(r"[一二三四五六七八九十]{1,3}[、.,是]|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[、.)]|[●■◆①-⑳]")
_CRUMBS = re.compile(r"位置\s*[:>]|[>/»›|][^>/»›|\n]{1,20}[>/»›|]")


class _Heading(NamedTuple):
    """A heading: its section, what follows it on its line; whether it has the form's own words, a number, 1 or 一是 for 一、."""

    key: str
    rest: str
    official: bool
    numbered: bool
    arabic: bool


@lru_cache(4096)  # the same few headings stand in every report
def _heading(line: str) -> _Heading | None:
    if not _HINT.search(line, 0, 36):
        return None
    match = _HEADING.fullmatch(line)
    if not match:
        return None
    key = next(key for key in _NAMES if match[key])
    name, rest = match[key], (match["rest"] or "").lstrip(":。. \t")
    numbered, official = bool(match["number"]), bool(_OFFICIAL.fullmatch(name))
    # A line of prose can begin like a heading: without a number only the form's own words, alone on the line, will do.
    if (not numbered and (not official or rest)) or len(name) > 34 or _MORE_HEADINGS.search(rest, 0, 40):
        return None
    return _Heading(key, rest, official, numbered, bool(match["arabic"]) or "是" in (match["number"] or ""))


def wrapped(lines: Sequence[str]) -> Iterator[str]:
    """Given lines, yield paragraphs: lines that a page's width broke are joined again, all others stay as they are.

    A line counts as broken when it fills the width of the page, ends without punctuation and is no heading.
    """
    width = max((len(line) for line in lines if not line.isascii()), default=0)  # Latin lines hold twice the letters
    if not 20 <= width <= 90:
        yield from lines  # a text in which paragraphs are lines, or a few words
        return
    held = ""
    for line in lines:
        if held and line and not _LIST_HEAD.match(line):
            latin = held[-1].isascii() and held[-1].isalpha() and line[0].isascii() and line[0].isalpha()
            held += f" {line}" if latin else line
        else:
            if held:
                yield held
            held = line
        full = (
            len(line) >= 0.7 * width
            and line[-1:] not in "。!?;:"
            and not line.endswith(("报告", "年报", "情况", "事项"))
            and not _CRUMBS.search(line)
        )
        if not full or (held is line and _LIST_HEAD.match(line) and not ("," in line or "。" in line)):
            yield held
            held = ""
    if held:
        yield held


def _clean(lines: Sequence[str]) -> list[str]:
    """Lines without page furniture; a line that holds several numbered sections is cut before each."""
    cleaned: list[str] = []
    for line in lines:
        line = line.strip()
        short = line and (len(line) < 80 or "位置" in line[:12]) and line[-1] not in "。;:"
        if short and line[0] not in "一二三四五六七(" and _FURNITURE.fullmatch(line):
            continue
        if len(line) > 150 and "二、" in line and len(parts := _INLINE.split(line)) > 2:
            cleaned += [part.strip() for part in parts]
        else:
            cleaned.append(line)
    return cleaned


def _headings(lines: Sequence[str]) -> list[tuple[int, _Heading]]:
    """The headings that open a section, each with its line, in order; of a list of contents nothing is left."""
    found = [
        (index, heading)
        for index, line in enumerate(lines)
        if (3 < len(line) <= 36 or line[1:2] in _AFTER_NUMBER) and len(line) < 400 and (heading := _heading(line))
    ]
    if any(not heading.arabic for _, heading in found):
        found = [one for one in found if not one[1].arabic]  # beside 一、 an Arabic number or 一是 counts sub-headings
    last_of = {heading.key: place for place, (_, heading) in enumerate(found)}
    kept: list[tuple[int, _Heading]] = []
    for place, (index, heading) in enumerate(found):
        following = found[place + 1][0] if place + 1 < len(found) else len(lines)
        if not heading.rest and last_of[heading.key] > place and not any(lines[index + 1 : following]):
            continue
        # An unnumbered name of a table's section heads a table; over prose it is a sub-heading of the overview.
        if not heading.numbered and heading.key in _TABLES and any(lines[index + 1 : index + 2]):
            continue
        kept.append((index, heading))
    return kept


def _body(lines: Sequence[str], first: str, start: int, stop: int) -> str:
    """The text between two headings, without footer and signature."""
    body = [first] if first else []
    for line in lines[start:stop]:
        if line and line[-1] not in _ENDS and _FOOTER.match(line):
            break
        body.append(line)
    while body and (not body[-1] or _DATE.fullmatch(body[-1])):
        dated = bool(body.pop())
        if dated and body and _SIGNATURE.fullmatch(body[-1]):
            body.pop()
    return "\n".join(filter(None, wrapped(body)))


def headed(lines: Sequence[str]) -> frozenset[str]:
    """The sections that have a heading in a document's lines, those of the tables too; given as to `split_sections`."""
    return frozenset(heading.key for _, heading in _headings(_clean(lines)))


def split_sections(lines: Sequence[str]) -> dict[str, str]:
    """Given a document's lines (folded, tables left out), return its prose by section.

    Parameters
    ----------
    lines : the text in reading order; an empty line where a table of the form stood

    Returns
    -------
    dict : "overview" (一), "problems" (五), "other" (六); "" for a section that the document does not have.
        Where a report of the years before 2019 has prose in place of the tables, the overview runs up to the problems.

    Examples
    --------
    >>> split_sections(["一、总体情况", "全年公开信息3条。", "五、存在的主要问题及改进情况", "人手不足。"])["problems"]
    '人手不足。'
    """
    lines = _clean(lines)
    headings = _headings(lines)
    sections = dict.fromkeys(KEYS, "")
    if not headings:
        start = next((index for index, line in enumerate(lines) if line.endswith(_ENDS) or len(line) > 40), len(lines))
        sections["overview"] = _body(lines, "", start, len(lines))
        return sections
    tables = [(index, heading) for index, heading in headings if heading.key in _TABLES]
    old = not any(heading.official and heading.key == "requests" for _, heading in tables) and any(
        heading.rest or any(lines[index + 1 : index + 2]) for index, heading in tables
    )
    if old:
        # Before 2019 these sections were prose; they belong to what the report says of its year.
        headings = [(index, heading) for index, heading in headings if heading.key not in _TABLES]
    elif tables:
        headings = [one for one in headings if one[1].key != "problems" or one[0] > tables[0][0]]
    stops = [index for index, _ in headings] + [len(lines)]
    for place, (index, heading) in enumerate(headings):
        if heading.key in sections and not sections[heading.key]:
            sections[heading.key] = _body(lines, heading.rest, index + 1, stops[place + 1])
    if headings and not any(heading.key == "overview" for _, heading in headings):
        before = lines[: headings[0][0]]
        start = next((index for index, line in enumerate(before) if line.endswith(_ENDS)), len(before))
        sections["overview"] = _body(before, "", start, len(before))
    return sections
