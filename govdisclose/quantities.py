"""Figures with their units in running text: 7350批次, 3.5万元, 一百零五件, 58.5%.

Dates, years, numbers of articles and documents, list numbers, telephone numbers, addresses and names of programmes
(双随机、一公开, 12345热线, 六个部分) are no quantities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_letters, digits
from typing import NamedTuple

from govdisclose.numerals import chinese_number

_CHINESE = "〇零一二两三四五六七八九十百千"
_UNITS = (
    "[件人场批班篇条户车家宗]次|场次|个百分点|平方公里|平方米|立方米|公里|公顷|公斤|美元|分(?=[,。;、)])"
    "|[元件条份起宗例次项个家户篇期场名人部册张本幅台套辆艘亩吨类处位批封单桩笔款卷栏支所座间棵株头倍%]"
)
_UNIT_FIRST = "元件条份起宗例次项个家户篇期场名人部册张本幅台套辆艘亩吨类处位批封单桩笔款卷栏支所座间棵株头倍班车平立公美分%"
# A figure and its unit, which may follow 万 or 亿, with 余 or 多 before either; or a figure that closes its clause.
# (Groups are atomic, not possessive: those fail before Python 3.11.5.) Figures of a date fail here already: a text holds more of them than of all others.
_QUANTITY = re.compile(
    rf"[0-9{_CHINESE}](?:(?<=[0-9])[0-9]{{0,12}}+(?>(?:,[0-9]{{3}})*(?:\.[0-9]{{1,12}})?)"
    rf"|(?<=[{_CHINESE}])[{_CHINESE}万亿]{{0,14}}(?=[余多]?[{_UNIT_FIRST}]))"
    rf"(?: ?(?P<unit>[余多]?(?:[万亿][余多]?(?:{_UNITS})?|(?:{_UNITS})))|(?P<bare> ?(?=[,。;、)!\n]|\Z)))"
)
# What stands right before a figure that is no quantity: 第3批, 〔2021〕30号, -2名, A4, 5.15, 二十 before 一.
_NOT_AFTER = frozenset(f"第-—–/.〔[【#№+＋·•×~_{ascii_letters}{digits}{_CHINESE}")
# What a unit belongs to when it counts nothing: 6个部分, 20个工作日内, 3个月, 千家万户, 一件事, 一次性.
_NOT_COUNTED = re.compile(
    r" ?(?:个工作日|个月|[个大项条类](?:大)?(?:部分|方面|章节|层面|维度|环节|阶段|统一|确立|维护|意识|自信|坚持|为主|专项|内容)"
    r"|家万户|人才计划|次性|条龙|件事|个一|[次件户企人事]一|部门)"
)
_JOINS = frozenset("-/~〕]+·•×")
_FIRST_AFTER_UNIT = frozenset("门工月部方章层维环阶统确意自坚为专内万才性龙事一大") | _JOINS
_ONE_IDIOM = frozenset("每任同某这那唯统逐专进第一何")
# A figure without a unit counts only where the words before it say that it does.
_NUMBERED = re.compile(
    r"(?:数|数量|总量|总数|申请|复议|诉讼|许可|处罚|强制|收费|公开|受理|办结|结转|文件|均)(?:件数)?(?:分别)?(?:均|总|合|共)?"
    r"(?:[为是:共计达]|共计|合计)\s*\Z"
    r"|(?:许可|处罚|强制|复议|诉讼|总数|数量)\s*\Z"
)


class Quantity(NamedTuple):
    """A figure: where it and its unit stand, its value, the unit as printed (万件), and 余 or 多 where it is rounded."""

    start: int
    end: int
    value: float
    unit: str
    rounded: str


def quantities(text: str) -> Iterator[Quantity]:
    """Given a text, yield its quantities in order.

    Examples
    --------
    >>> [(q.value, q.unit) for q in quantities("2023年完成抽样7350批次,占58.5%,第3批另计")]
    [(7350.0, '批次'), (58.5, '%')]
    """
    titled = "《" in text or "“" in text
    for hit in _QUANTITY.finditer(text):
        start, end = hit.span()
        if start and ((before := text[start - 1]) in _NOT_AFTER or before == "," and text[start - 2 : start - 1].isdigit()):
            continue  # 1,2345件 is no figure, and 2345 none of its own
        unit = hit["unit"]
        if unit:
            figure = text[start : hit.start("unit")].rstrip()
            after = text[end : end + 1]
            if unit == "名" and text[start - 1 : start] == "前":
                continue  # 前10名
            if after in _FIRST_AFTER_UNIT and (after in _JOINS or _NOT_COUNTED.match(text, hit.start("unit"))):
                continue
        else:
            figure, unit = text[start : hit.start("bare")], ""
            end = start + len(figure)
            if len(figure) > 7 or not _NUMBERED.search(text, max(0, start - 12), start):
                continue
        if figure.isascii():
            value = float(figure.replace(",", ""))
        elif not _counted(text, start, figure, unit) or (number := chinese_number(figure)) is None:
            continue
        else:
            value = float(number)
        if titled and _quoted(text, start, end):
            continue
        rounded = "余" if "余" in unit else "多" if "多" in unit else ""
        yield Quantity(start, end, value, unit.replace(rounded, "") if rounded else unit, rounded)


def _quoted(text: str, start: int, end: int) -> bool:
    """Whether the figure stands inside a title 《…》 or a short name in quotation marks."""
    opened = text.rfind("《", max(0, start - 60), start)
    if opened >= 0 and text.find("》", opened, start) < 0 and text.find("》", end, end + 60) >= 0:
        return True
    opened = text.rfind("“", max(0, start - 24), start)
    return opened >= 0 and text.find("”", opened, start) < 0 and text.find("”", end, end + 24) >= 0


def _counted(text: str, start: int, figure: str, unit: str) -> bool:
    """Whether a Chinese numeral counts something: 十二件 does, 一次 (最多跑一次), 六类 and 两个 (两个维护) do not."""
    before = text[start - 1] if start else "\n"
    if before in _ONE_IDIOM or before in "数几上" or unit in ("类", "处", "位", "批", "部", "分", "本", "倍", "通", "款", "单"):
        return False
    if figure == "一":
        return unit in ("件", "起", "宗", "例", "名") and before in "到理生起议讼请备结开了共有计公诉"
    return len(figure) > 1 or unit not in ("个", "项", "大", "家", "户", "条", "张") or before in "计共到理结开布"
