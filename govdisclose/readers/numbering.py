"""Numbers that Word puts before paragraphs by itself (一、 (二) 3.): printed, but no part of the text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lxml import etree

from govdisclose.readers.package import Package, attribute, inside, local

_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_CHINESE = frozenset(("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand", "koreanCounting"))
_CIRCLED = frozenset(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"))
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""


class Numbers:
    """Counts the numbered paragraphs of a document, which are to be asked for in their order."""

    def __init__(self, package: Package) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, tuple[str, dict[int, int]]] = {}  # list -> its kind of list, where levels begin anew
        self._styles: dict[str, tuple[str, int]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[tuple[str, int]] = set()
        if "word/numbering.xml" in package.names:
            for one in package.xml("word/numbering.xml"):
                if local(one) == "abstractNum":
                    levels = (level for level in one if local(level) == "lvl")
                    self._levels[attribute(one, "abstractNumId") or ""] = {_int(attribute(level, "ilvl")): _level(level) for level in levels}
                elif local(one) == "num":
                    self._lists[attribute(one, "numId") or ""] = _list(one)
        if self._lists and "word/styles.xml" in package.names:
            self._read_styles(package.xml("word/styles.xml"))

    def _read_styles(self, part: etree._Element) -> None:
        based: dict[str, str] = {}
        for style in part.iter("{*}style"):
            name = attribute(style, "styleId") or ""
            based[name] = next((attribute(one, "val") or "" for one in style if local(one) == "basedOn"), "")
            if (own := _numbered(style)) is not None:
                self._styles[name] = own
        for name in based:
            seen, above = {name}, name
            while above not in self._styles and (above := based.get(above, "")) not in seen and above:
                seen.add(above)
            if above in self._styles:
                self._styles[name] = self._styles[above]

    def before(self, paragraph: etree._Element) -> str:
        """What is printed before a paragraph; "" for bullets and where nothing is."""
        if not self._lists:
            return ""
        own = _numbered(paragraph)
        if own is None:
            settings = inside(paragraph, "pPr")
            style = next((attribute(one, "val") or "" for one in settings if local(one) == "pStyle"), "")
            own = self._styles.get(style)
        if own is None or own[0] not in self._lists:
            return ""
        kind, anew = self._lists[own[0]]
        levels, depth = self._levels.get(kind, {}), own[1]
        if depth not in levels:
            return ""
        counts = self._counts[kind]
        if depth in anew and (own[0], depth) not in self._begun:
            counts.pop(depth, None)
        self._begun.add((own[0], depth))
        first = anew.get(depth, levels[depth].start)
        counts[depth] = counts[depth] + 1 if depth in counts else first
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        text = levels[depth].text if levels[depth].kind != "bullet" else ""
        for level in range(depth + 1):
            if f"%{level + 1}" in text:
                about = levels.get(level, _Level())
                text = text.replace(f"%{level + 1}", _written(counts.get(level, about.start), about.kind))
        return text


def _numbered(element: etree._Element) -> tuple[str, int] | None:
    """List and level that a paragraph or style names; None where it names none."""
    for settings in element:
        for one in settings if local(settings) == "pPr" else ():
            if local(one) == "numPr":
                values = {local(child): attribute(child, "val") or "0" for child in one}
                return values.get("numId", "0"), _int(values.get("ilvl"))
    return None


def _level(level: etree._Element) -> _Level:
    values = {local(one): attribute(one, "val") or "" for one in level}
    kind = values.get("numFmt") or next((attribute(one, "val") or "" for one in level.iter("{*}numFmt")), "decimal")
    return _Level(_int(values.get("start", "1")), kind, values.get("lvlText", "")[:40])


def _list(number: etree._Element) -> tuple[str, dict[int, int]]:
    kind, anew = "", {}
    for one in number:
        if local(one) == "abstractNumId":
            kind = attribute(one, "val") or ""
        elif local(one) == "lvlOverride":
            for child in one:
                if local(child) == "startOverride":
                    anew[_int(attribute(one, "ilvl"))] = _int(attribute(child, "val"))
    return kind, anew


def _written(number: int, kind: str) -> str:
    if kind == "none":
        return ""
    if kind in _CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
    if kind == "chineseLegalSimplified" and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return (f"{_LEGAL[tens]}拾" if tens else "") + (_LEGAL[ones] if ones else "")
    if kind == "ideographDigital":
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if kind in _CIRCLED and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    if kind in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr(ord("a" if kind == "lowerLetter" else "A") + number - 1)
    if kind in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        text = ""
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            text += letters * count
        return text.upper() if kind == "upperRoman" else text
    return str(number)


def _int(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0
