"""Printed text of one cell -> figure. No context, no defaults, no guesses."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from govdisclose.words import simplify

NUMBER, BLANK, NOT_APPLICABLE, UNREADABLE, ABSENT = "number", "blank", "not_applicable", "unreadable", "absent"


MAX_DIGITS = 15  # as many as a float holds exactly; no agency counts further
MAX_LENGTH = 200  # characters of a cell that may still be a figure with its remark


class Figure(NamedTuple):
    """A figure as printed. `value` only where `state` is "number"; `unit` as printed in the cell, "" where none is;
    `signed`: the cell prints a sign or a word for one (增2, -3)."""

    value: float | None
    state: str
    unit: str = ""
    signed: bool = False


_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202c\u202f\u2060-\u2064\ufeff]")
# Footnote marks must go before NFKC, which would turn 12① into 121 and 12² into 122.
_RAISED = "[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u00b9\u00b2\u00b3\u2070-\u2079]"
_FOOTNOTE = re.compile("[\\[［(（]?注?" + _RAISED + "+[\\]］)）]?$|[\\[［]注?\\d{0,2}[\\]］]$|[*＊※]+$")
_HAS_RAISED = re.compile(_RAISED)
_NOT_APPLICABLE = re.compile(r"[/\\]{1,3}|[-‐‑‒–—―─﹣]{1,6}|不适用|不涉及|n/a", re.IGNORECASE)
_UNIT = "(?P<unit>(?:万|亿)?(?:件次|人次|件|条|项|起|宗|份|个|部|例|次|元|批次)|万|亿)?"
_PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGN = r"(?P<sign>[+\-−]|(?:新)?增(?:加)?|减(?:少)?|上升|下降|↑|↓)?"
_REMARK = r"(?:\((?![\d.,]+\)$)[^()]*\))?"
_FIGURE = re.compile(rf"{_SIGN}(?P<number>{_PLAIN}){_UNIT}{_REMARK}")
_NEGATIVE = frozenset(("-", "−", "减", "减少", "下降", "↓"))
_DIGIT_GAP = re.compile(r"(?<=[\d,.])[ \t\u00a0\u3000]+(?=[\d,.])")
# Blanks inside a figure part thousands (1 234), or every digit from the next (6 9 0 0); 6 9 alone may be two figures.
_GROUPS = re.compile(r"\D{0,3}\d{1,3}(?:\s\d{3})+(?:\.\d+)?\D*")
_APART = re.compile(r"\D{0,3}\d(?:\s+\d){2,}\D*")
_LEADING_ZERO = re.compile(r"0\d")


@lru_cache(maxsize=65536)
def read_figure(text: str) -> Figure:
    """Given the text of one cell as printed, return its figure.

    Thousands separators, full-width digits, blanks between digits, footnote marks, a unit after the digits and a
    remark in brackets after the figure are understood. Everything else that is no plain figure is "unreadable":
    Chinese numerals, letters for digits, two figures, percentages, words.

    Returns
    -------
    Figure : value (int where no decimal point is printed), state, the unit printed in the cell, whether it is signed
    """
    if text.isdecimal() and text.isascii() and len(text) <= MAX_DIGITS and (text[0] != "0" or len(text) == 1):
        return Figure(int(text), NUMBER)
    if len(text) > MAX_LENGTH:
        return Figure(None, UNREADABLE if text.strip() else BLANK)
    bare = _INVISIBLE.sub("", text).strip()
    if not bare:
        return Figure(None, BLANK)
    bare = _FOOTNOTE.sub("", bare).strip()
    if not bare or _HAS_RAISED.search(bare):
        return Figure(None, UNREADABLE)
    bare = simplify(unicodedata.normalize("NFKC", bare)).strip()
    if _NOT_APPLICABLE.fullmatch(bare):
        return Figure(None, NOT_APPLICABLE)
    bare = bare.replace("〇", "0").replace("○", "0") if any(c.isdigit() for c in bare) or bare in "〇○" else bare
    if _DIGIT_GAP.search(bare):
        if not (_GROUPS.fullmatch(bare) or _APART.fullmatch(bare)):
            return Figure(None, UNREADABLE)  # two figures, or one: nothing tells
        bare = _DIGIT_GAP.sub("", bare)
    bare = "".join(bare.split()) if "\n" not in bare or "(" in bare else bare
    match = _FIGURE.fullmatch(bare)
    if match is None or _LEADING_ZERO.match(match["number"]) or len(match["number"]) > MAX_DIGITS:
        return Figure(None, UNREADABLE)
    digits = match["number"].replace(",", "")
    value: float = float(digits) if "." in digits else int(digits)
    sign = match["sign"] or ""
    return Figure(-value if sign in _NEGATIVE else value, NUMBER, match["unit"] or "", bool(sign))


def plain(number: float) -> str:
    """A figure as words print it: no exponent, no zeros at the end."""
    return f"{number:g}" if abs(number) < 1e6 else f"{number:.12g}"
