"""Chinese numerals: 十二, 一百零五, 二〇二三, 三千二百万.

Only the numeral itself is read; units and approximations (余, 多) are the caller's business.
"""

from __future__ import annotations

DIGITS = dict(zip("零一二三四五六七八九", range(10), strict=True)) | {"〇": 0, "○": 0, "O": 0, "两": 2}
_STEPS = {"十": 10, "百": 100, "千": 1000}
_BLOCKS = {"万": 10_000, "亿": 100_000_000}


def chinese_number(text: str) -> int | None:
    """Given a Chinese numeral, return its value, or None where it is none (千万家, 十百, an empty string).

    Examples
    --------
    >>> chinese_number("一百零五"), chinese_number("二○二三"), chinese_number("十二")
    (105, 2023, 12)
    """
    if not text:
        return None
    if all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    total = block = 0
    digit: int | None = None
    step = size = 1 << 62
    before = ""
    for char in text:
        if char in DIGITS:
            if digit:
                return None
            digit = DIGITS[char]
        elif char in _STEPS:
            # Steps fall (一百二十, never 二十一百); only 十 may open a numeral or a block without its digit.
            bare = char == "十" and (before == "" or before in _BLOCKS or before == "零")
            if _STEPS[char] >= step or not (digit or bare):
                return None
            step = _STEPS[char]
            block += (digit or 1) * step
            digit = None
        elif char in _BLOCKS:
            block += digit or 0
            if not block or _BLOCKS[char] >= size:
                return None
            size = _BLOCKS[char]
            total += block * size
            block, digit, step = 0, None, 1 << 62
        else:
            return None
        before = char
    if digit:
        # 两千三 is 2300 and 一万五 is 15000; after a 零 (两千零三) the digit counts for itself.
        colloquial = (_STEPS | _BLOCKS).get(text[-2], 1)
        digit *= max(colloquial // 10, 1)
    return total + block + (digit or 0)


def chinese_year(text: str) -> int | None:
    """Given four Chinese digits (二〇二三, 二零二三, 二○二三), return the year, else None."""
    return chinese_number(text) if len(text) == 4 and all(char in DIGITS for char in text) else None
