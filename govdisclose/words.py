"""Words as compared: full-width forms, traditional characters, reading aids, blanks, numbering, punctuation.

Printed text is never changed by this; folding makes a copy for comparing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC

_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\ufe00-\ufe0f]")
_MARKS = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿê"
# A reading aid is Latin with tone marks or plain pinyin, lower case, right after a Chinese character: 政(zheng)府(fu).
_READING = re.compile(rf"\((?<=[\u3400-\u9fff]\()[a-z{_MARKS}]{{1,6}}\)(?:\([a-z{_MARKS}]{{1,6}}\))*")
# The wide forms of nearly every text: replaced one by one they cost little, and NFKC then finds nothing to do.
_WIDE = tuple(zip("，：；（）！？％　", ",:;()!?% ", strict=True))
# What PDF writers put for a character drawn like a radical (人⺠政府), and NFKC does not know: Unicode's
# Equivalent_Unified_Ideograph.
_RADICALS = str.maketrans(
    "⺁⺂⺃⺄⺅⺆⺈⺉⺊⺋⺌⺍⺎⺏⺐⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺫⺬⺭⺯⺰⺱⺲⺳⺴⺶⺹⺺⺻⺼⺾⺿⻀⻁⻂⻃"
    "⻄⻅⻆⻈⻉⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
    "厂乛乚乙亻冂刀刂卜㔾小小兀尣尢巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王目示礻糹纟罓罒㓁冗羊耂肀聿肉艹艹艹虎衤覀"
    "西见角讠贝车辶辶辶邑钅長镸长门阝雨青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
)
_RADICAL = re.compile("[\u2e80-\u2eff]")
_BLANKS = re.compile(r"\s+")
_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、,.:]|\([一二三四五六七八九十\d]{1,3}\)|[一二三四五六七八九十\d]{1,2}[、.)](?!\d)|[①-⑳])+"
    r"|^\d{1,2}(?=[\u4e00-\u9fff]{2})"  # the stop after the number lost: 3危及
)
_NOISE = re.compile(r"[\s/\\,.;:、。“”\"'‘’《》<>()\[\]【】·…—–\-~*#_●■◆]+")
_AMBIGUOUS = frozenset("著乾於后里面么干台云谷丑斗余郁")


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def traditional_characters() -> frozenset[str]:
    """Characters that are written differently in simplified script, without those that are also simplified words."""
    block = "".join(map(chr, range(0x3400, 0x9FFF)))
    folded = _converter().convert("\n".join(block)).split("\n")
    pairs = zip(block, folded, strict=True)
    return frozenset(old for old, new in pairs if old != new) - _AMBIGUOUS


@cache
def _traditional() -> re.Pattern[str]:
    return re.compile(f"[{''.join(sorted(traditional_characters()))}]")


def simplify(text: str) -> str:
    """Given text, return it in simplified characters (unchanged where it holds no traditional one)."""
    if not _traditional().search(text):
        return text
    return str(_converter().convert(text))


def fold(text: str) -> str:
    """Given printed text, return it for comparing: NFKC, simplified, without reading aids and zero-width characters."""
    if not text.isascii():
        for wide, narrow in _WIDE:
            text = text.replace(wide, narrow)
        text = unicodedata.normalize("NFKC", text)
        if _RADICAL.search(text):
            text = text.translate(_RADICALS)
        text = simplify(_ZERO_WIDTH.sub("", text))
        if "(" in text:
            text = _READING.sub("", text)
    return text


@lru_cache(maxsize=65536)
def label_key(text: str) -> str:
    """Given a label as printed, return what two spellings of one label share: no numbering, blanks or punctuation."""
    bare = _BLANKS.sub("", fold(text))
    return _NOISE.sub("", _NUMBERING.sub("", bare))


def label_head(text: str) -> str:
    """The key of what stands before the first bracket: explanations in brackets are not part of a label."""
    bare = _NUMBERING.sub("", _BLANKS.sub("", fold(text)))
    head = bare.split("(", 1)[0] if not bare.startswith("(") else bare
    return _NOISE.sub("", head)
