"""What the law asks of a report beyond its figures: six sections, a date of publication, a word on fees. All are notes.

Sources: 政府信息公开条例 (State Council Order 711, in force since 15 May 2019), articles 49 and 50; the forms of the notices
国办公开办函〔2019〕60号 and 〔2021〕30号; 政府信息公开信息处理费管理办法 (国办函〔2020〕109号, in force since 2021).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from govdisclose.agency import is_government
from govdisclose.findings import Finding
from govdisclose.forms import load_forms
from govdisclose.kinds import agency_kind
from govdisclose.sections import headed

SINCE = 2019
"""The first year whose reports the revised Regulations govern."""

_FEES_SINCE = 2021
_SECTIONS = {
    "overview": ("一、总体情况", "overview"),
    "problems": ("五、存在的主要问题及改进情况", "problems and improvement"),
    "other": ("六、其他需要报告的事项", "other matters"),
}
_NUMBERS = {"proactive": "二、", "requests": "三、", "reviews": "四、"}
_STRUCTURE = 3  # headings that make a whole report of a document; an extract of its tables owes no sections

_PUBLISHED = re.compile(r"(?:发布|公开|公布)(?:日期|时间)|pub(?:lish)?_?date", re.IGNORECASE)
_DATE = re.compile(r"(20\d\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})(?!\d)")
_IN_LINE = re.compile(r"(?:发布|公开|公布)(?:日期|时间)\s*[::]\s*" + _DATE.pattern)
_HEAD_LINES = 40
_OWES_NO_DATE = frozenset(("街道", "乡镇", "开发区管委会"))  # article 49 names departments and governments above these

_FEES = re.compile(r"信息处理费|收费|收取|费用|处理费")
_NOTHING = re.compile(r"(?:无|没有|不存在|未有)[^。;]{0,16}(?:事项|情况|内容|问题)|\A\s*(?:\([一1]\))?\s*无\s*[。;.]?\s*\Z")


def check_legal(
    agency: str,
    year: int | None,
    sections: Mapping[str, str],
    lines: Sequence[str],
    pairs: Iterable[tuple[str, str]],
    tables: Iterable[str],
    unpaid: float | None,
) -> list[Finding]:
    """Given what was read of a report, return notes on what the law asks and the report lacks.

    Parameters
    ----------
    agency, year : whose report, on which year; nothing is asked of reports before those of 2019
    sections : as `split_sections` gives them
    lines, pairs : the text without the tables of the form, and labels with values around it
    tables : tables of the form of which the document has any cell
    unpaid : requests that ended because a fee was not paid, None where that is not printed

    Returns
    -------
    list of Finding : `legal.section_missing`, `legal.late`, `legal.fees_unexplained`
    """
    if year is None or year < SINCE:
        return []
    return [*_missing(sections, lines, set(tables)), *_late(agency, year, pairs, lines), *_fees(year, sections, unpaid)]


def _missing(sections: Mapping[str, str], lines: Sequence[str], tables: set[str]) -> Iterator[Finding]:
    """Sections of which neither a heading nor anything under it was found."""
    if all(sections[key] for key in _SECTIONS) and len(tables) >= len(_NUMBERS):
        return
    headings = headed(lines)
    if len(headings) < _STRUCTURE:
        return
    labels = {table.key: table.label for table in next(iter(load_forms().values())).tables}
    names = {"overview": _SECTIONS["overview"]}
    names |= {key: (f"{number}{labels[key].zh}", labels[key].en) for key, number in _NUMBERS.items()}
    names |= _SECTIONS
    missing = [key for key in names if key not in headings and key not in tables and not sections.get(key)]
    if missing:
        zh, en = "、".join(f"“{names[key][0]}”" for key in missing), ", ".join(names[key][1] for key in missing)
        yield Finding(
            "legal.section_missing",
            "note",
            f"没有找到{zh};《政府信息公开条例》第五十条和国办公开办函〔2021〕30号要求年度报告有六个部分",
            f"not found: {en}; article 50 of the Regulations and the official form ask for six sections",
            table=missing[0] if len(missing) == 1 and missing[0] in _NUMBERS else "",
        )


def _dates(pairs: Iterable[tuple[str, str]], lines: Sequence[str]) -> set[date]:
    """The dates that the document itself calls those of its publication."""
    found = [_DATE.search(value) for label, value in pairs if len(label) <= 20 and _PUBLISHED.search(label)]
    for line in lines[:_HEAD_LINES]:
        if ("日期" in line or "时间" in line) and len(line) < 200:
            found += _IN_LINE.finditer(line)
    days = set()
    for one in found:
        if one is not None:
            try:
                days.add(date(int(one[1]), int(one[2]), int(one[3])))
            except ValueError:
                continue  # 2024-13-40 is no date
    return days


def _late(agency: str, year: int, pairs: Iterable[tuple[str, str]], lines: Sequence[str]) -> Iterator[Finding]:
    """A date after the deadline. A later year than the next can be that of a site that moved, so it tells nothing."""
    days = _dates(pairs, lines)
    if len(days) != 1 or not agency or agency_kind(agency) in _OWES_NO_DATE:
        return
    day, deadline = days.pop(), date(year + 1, 3, 31) if is_government(agency) else date(year + 1, 1, 31)
    if day.year == year + 1 and day > deadline:
        yield Finding(
            "legal.late",
            "note",
            f"文中的发布日期是{day.year}年{day.month}月{day.day}日,《政府信息公开条例》第四十九条的期限是{deadline.month}月31日",
            f"the document gives {day.isoformat()} as its date of publication; article 49 of the Regulations asks for "
            f"{deadline.isoformat()}",
        )


def _fees(year: int, sections: Mapping[str, str], unpaid: float | None) -> Iterator[Finding]:
    """Section 六 must say what was charged for processing information; that there is nothing to report says it too."""
    other = sections.get("other", "")
    if year < _FEES_SINCE or not (other or unpaid) or _NOTHING.search(other):
        return
    if any("费" in text and _FEES.search(text) for text in sections.values()):
        return
    ended = f",而有{unpaid:g}件申请因逾期未缴费不再处理" if unpaid else ""
    ended_en = f", though {unpaid:g} requests ended because a fee was not paid" if unpaid else ""
    yield Finding(
        "legal.fees_unexplained",
        "note",
        f"没有报告收取信息处理费的情况{ended};按国办公开办函〔2021〕30号应在第六部分报告",
        f"the report does not say what it charged for processing information{ended_en}; section 六 of the form asks for it",
        involved=("requests.other.unpaid.total",) if unpaid else (),
    )
