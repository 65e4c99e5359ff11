"""Number formats of workbooks: a stored number as the sheet shows it (ECMA-376, 18.8.31). A format beyond these rules gives no figure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

_DATE, _TIME = "yyyy/m/d", "h:mm:ss"
_MONTH, _DAY = 'yyyy"年"m"月"', 'm"月"d"日"'
BUILT_IN = {
    **{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: _DATE},
    **{15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: _TIME, 22: f"{_DATE} h:mm"},
    **{37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 48: "##0.0E+0", 49: "@"},
    **dict.fromkeys((27, 36, 50, 52, 57), _MONTH),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), _DAY),
    **{30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: "h:mm", 33: _TIME, 34: "h:mm", 35: _TIME, 55: "h:mm", 56: _TIME},
}
"""Formats that files give by number alone, as Chinese systems show them."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式)'
    r"|(?P<noon>AM/PM|A/P|上午/下午)|(?P<power>E[+-]0+)|(?P<date>[ymdhs]+)|(?P<digits>[0#?]+)|(?P<mark>[.,%@/])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_EXACT = 15  # digits that a stored number has


class _Part(NamedTuple):
    kind: str
    text: str


@lru_cache(1024)
def _sections(code: str) -> tuple[tuple[_Part, ...], ...]:
    sections: list[list[_Part]] = [[]]
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "other"
        if kind == "other" and match[0] == ";":
            sections.append([])
        else:
            sections[-1].append(_Part(kind, match[kind]))
    return tuple(map(tuple, sections))


def shown(value: str, code: str, since_1904: bool = False) -> str:
    """Given a stored number and the code of its format, return what the sheet shows; a text that is no number as it is.

    Where the code holds what is not known here (fractions, Chinese numerals …) the number stands beside the code, so that
    it is never taken for a figure.

    >>> shown("12.0", '0"件"'), shown("0.125", "0.0%"), shown("0", '#,##0;-#,##0;"-"'), shown("44927", "yyyy/m/d")
    ('12件', '12.5%', '-', '2023/1/1')
    """
    try:
        number = Decimal(repr(float(value)))
    except (ValueError, InvalidOperation):
        return value
    if not number.is_finite():
        return value
    try:
        return _written(number, _sections(code)[:4], since_1904)
    except (ValueError, InvalidOperation, OverflowError):
        return f"{plain(number)} [{code}]"


def plain(number: Decimal) -> str:
    """A number as a cell without a format shows it: 12.0 as 12."""
    if number == number.to_integral_value() and abs(number) < 10**_EXACT:
        return f"{number:.0f}".replace("-0", "0") if not number else f"{number:.0f}"
    return f"{float(number):.{_EXACT}g}"


def _written(number: Decimal, sections: tuple[tuple[_Part, ...], ...], since_1904: bool) -> str:
    """The number in the section of the format that is for it. `ValueError` where the format is beyond the rules here."""
    section, signed = _chosen(number, sections[:3])
    kinds = {part.kind for part in section}
    brackets = [part.text.lower() for part in section if part.kind == "bracket"]
    if any(text.startswith(("dbnum", "natnum")) for text in brackets):
        raise ValueError("numerals of another script")
    if "date" in kinds or any(re.fullmatch("h+|m+|s+", text) for text in brackets):
        return _date(number, section, since_1904)
    if not kinds & {"digits", "general"} and not any(part == _Part("mark", "@") for part in section):
        return "".join(map(_literal, section)).strip() if section or len(sections) > 1 else plain(number)
    return _figure(number if signed else abs(number), section)


def _chosen(number: Decimal, sections: tuple[tuple[_Part, ...], ...]) -> tuple[tuple[_Part, ...], bool]:
    """The section for a number, and whether the number's own sign is written."""
    conditions = [next((m for p in one if p.kind == "bracket" and (m := _CONDITION.fullmatch(p.text))), None) for one in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _holds(number, condition[1], Decimal(condition[2])):
                return section, True
        raise ValueError("no section for this number")
    if len(sections) == 1 or number > 0 or (number == 0 and len(sections) == 2):
        return sections[0], True
    return (sections[1], False) if number < 0 else (sections[2], False)


def _holds(number: Decimal, sign: str, other: Decimal) -> bool:
    return {"<": number < other, ">": number > other, "=": number == other, "<=": number <= other, ">=": number >= other, "<>": number != other}[sign]


def _literal(part: _Part) -> str:
    if part.kind == "bracket":  # [$¥-804] is a currency, all else a colour or a language
        return part.text[1:].partition("-")[0] if part.text.startswith("$") else ""
    if part.kind == "space":
        return " "
    return part.text if part.kind in ("quoted", "escaped", "other") else "%" if part == _Part("mark", "%") else ""


def _figure(number: Decimal, section: tuple[_Part, ...]) -> str:
    places = [n for n, part in enumerate(section) if part.kind in ("digits", "general") or part in (_Part("mark", "."), _Part("mark", "@"))]
    first, last = places[0], places[-1]
    while last + 1 < len(section) and section[last + 1] == _Part("mark", ","):
        last += 1
    inside = section[first : last + 1]
    before, after = ("".join(map(_literal, parts)) for parts in (section[:first], section[last + 1 :]))
    number *= 100 ** sum(part == _Part("mark", "%") for part in section)
    if any(part == _Part("mark", "/") for part in section):
        raise ValueError("fractions")
    if any(part.kind not in ("digits", "mark") for part in inside) or any(part == _Part("mark", "@") for part in inside):
        if len(inside) > 1:
            raise ValueError("text among digits")
        return f"{before}{plain(number)}{after}".strip()
    whole, point, decimals = "".join(part.text for part in inside).partition(".")
    power = next((part.text for part in section if part.kind == "power"), "")
    if power:
        return f"{float(number):.{len(decimals)}E}"
    scaled = (whole + decimals).rstrip(",")
    number = number.scaleb(-3 * (len(whole + decimals) - len(scaled)))
    whole, decimals = whole.rstrip(","), decimals.rstrip(",")
    number = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    sign = "-" if number < 0 else ""
    digits, _, rest = f"{abs(number):f}".partition(".")
    least = whole.count("0")
    digits = digits.lstrip("0").rjust(least, "0")
    if "," in whole and digits:
        digits = f"{int(digits):,}".rjust(least, "0")
    while rest and decimals[len(rest) - 1] != "0" and rest.endswith("0"):
        rest = rest[:-1]
    point = point if rest else ""
    return f"{before}{sign}{digits}{point}{rest}{after}".strip()


def _date(number: Decimal, section: tuple[_Part, ...], since_1904: bool) -> str:
    """A count of days as a date or time of day."""
    days = float(number)
    if not 0 <= days < 2_958_466 or any(part.kind == "bracket" and re.fullmatch("(?i)h+|m+|s+", part.text) for part in section):
        raise ValueError("no date")
    # Day 60 is a 29 February 1900 that never was.
    begin = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30 if days >= 60 else 31)
    moment = begin + timedelta(seconds=round(days * 86_400))
    clock = any(part.kind == "noon" for part in section)
    text, last = "", ""
    for n, part in enumerate(section):
        if part.kind != "date":
            text += {"noon": "上午" if moment.hour < 12 else "下午"}.get(part.kind, _literal(part) if part.kind != "mark" else part.text)
            continue
        mark = part.text.lower()
        if mark[0] == "m" and (last == "h" or next((p.text[0].lower() for p in section[n + 1 :] if p.kind == "date"), "") == "s"):
            figure = moment.minute
        else:
            hour = (moment.hour - 1) % 12 + 1 if clock else moment.hour
            figure = {"y": moment.year, "m": moment.month, "d": moment.day, "h": hour, "s": moment.second}[mark[0]]
        if mark[0] == "y":
            text += f"{figure % 100:02d}" if len(mark) <= 2 else f"{figure}"
        elif mark[0] in "md" and len(mark) > 2:
            text += moment.strftime({"mmm": "%b", "mmmm": "%B", "ddd": "%a"}.get(mark, "%A"))
        else:
            text += f"{figure:0{len(mark)}d}"
        last = mark[0]
    return text.strip()
