"""The year that a report speaks of, and its 统计期限."""

from __future__ import annotations

import re
from typing import NamedTuple

from govdisclose.numerals import chinese_year

CHINESE_YEAR = "二[〇○零O0][〇○零O一二三四五六七八九]{2}"
_PERIOD = re.compile(
    r"(?:统计|期限|时限|周期|数据[为自从])[^。\n]{0,18}?(?<![〔[])(?P<year>20\d\d|"
    + CHINESE_YEAR
    + r")\s*(?P<mark>年)?\s*(?:(?P<month>\d{1,2})\s*月\s*(?:(?P<day>\d{1,2})\s*日)?)?"
    r"(?:\s*(?:起|开始)?\s*[,,]?\s*(?:至|到|-|—|~|–)+\s*"
    r"(?:(?P<until>20\d\d)\s*(?P<mark2>年)?\s*)?(?P<month2>\d{1,2})\s*月\s*(?:(?P<day2>\d{1,2})\s*日)?)?"
)
_IN_TEXT = re.compile(r"(20\d\d|" + CHINESE_YEAR + r")\s*年度?(?!\s*\d{1,2}\s*月)")

_BY_THE_END = re.compile(r"截[至止]到?\s*(20\d\d)\s*年\s*(?:年?底|末|12\s*月)")


class Period(NamedTuple):
    """The 统计期限: its year (of the last day), whether it is a calendar year, and the words."""

    year: int
    whole: bool
    words: str


def year_of(text: str) -> int | None:
    """Given four digits, Chinese or not, return the year they name where a report can speak of it, else None."""
    year = int(text) if text.isascii() and text.isdigit() else chinese_year(text.replace("O", "〇").replace("0", "〇"))
    return year if year is not None and 2003 <= year <= 2049 else None


def period(text: str) -> Period | None:
    """Given a text, return the period it says its figures cover, or None.

    Where an editor lost digits (20221月1日, 202111日) only the year is trusted and the period counts as whole.

    Examples
    --------
    >>> period("数据的统计期限为2022年12月1日至2023年10月31日。").whole
    False
    """
    for found in _PERIOD.finditer(text):
        first = year_of(found["year"])
        if first is None:
            continue
        last = int(found["until"]) if found["until"] else first
        sound = found["mark"] and (found["mark2"] or not found["until"]) and found["month"] and found["month2"]
        if not sound:
            return Period(last if last >= first else first, True, found[0])
        begins = (int(found["month"]), int(found["day"] or 1)) == (1, 1)
        ends = int(found["month2"]) == 12 and int(found["day2"] or 31) == 31
        return Period(last, begins and ends and first == last, found[0])
    return None


def spoken_year(text: str) -> int | None:
    """Given the first sentences of a report, return the year they name first, or None."""
    found = _IN_TEXT.search(text) or _BY_THE_END.search(text)
    return year_of(found[1]) if found else None
