"""Text that intruders wrote into a document: gambling and adult advertisements, mirror domains.

The words stand in spam.toml; this module knows only how they combine. A span found here is left out when names and
figures are read and is reported as a finding; the text itself stays as printed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from itertools import islice
from string import ascii_letters

_WORDS: dict[str, list[str]] = tomllib.loads((resources.files("govdisclose") / "spam.toml").read_text(encoding="utf-8"))


def _longest_first(*names: str) -> tuple[str, ...]:
    return tuple(sorted({word for name in names for word in _WORDS[name]}, key=lambda word: (-len(word), word)))


def _any(*names: str) -> str:
    """Alternation of the listed words, longest first, so that 官方网站 wins over 官方."""
    return "|".join(re.escape(word) for word in _longest_first(*names))


def _anchored(words: Iterable[str]) -> dict[str, str]:
    """Each word as a pattern that begins at its rarest character, so that a search skips ordinary prose.

    国产精品 becomes 精(?<=国产精)品: a text is full of 国, hardly of 精.
    """
    patterns = {}
    for word in words:
        place = next((n for n, char in enumerate(word) if char not in _COMMON), 0)
        behind = f"(?<={word[: place + 1]})" if place else ""
        patterns[word] = f"{word[place]}{behind}{word[place + 1 :]}"
    return patterns


def _branches(patterns: Iterable[str]) -> str:
    """Alternation grouped by first character, which lets the search skip by that character alone."""
    groups: dict[str, list[str]] = {}
    for pattern in patterns:
        groups.setdefault(pattern[0], []).append(pattern[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in groups.items())


_COMMON = frozenset(_WORDS["common"][0])
_SEPARATORS = r"[_@|·\-—¥*#$]"
_TOPICS = tuple(_WORDS["topics"])
_BRANDS = tuple(_WORDS["brands"])
_STRONG = frozenset(_WORDS["strong"])
_ADULT = frozenset(_WORDS["adult_strong"])
_TELLING = _anchored(_longest_first("strong", "adult_strong", "topics", "brand_baits"))
_WHOLE: dict[str, tuple[str, ...]] = {}
"""What a match of `_CORE` reads -> the words it can be the end of, longest first."""
for _word, _pattern in _TELLING.items():
    _end = _word[_word.index(_pattern[0]) :]
    _WHOLE[_end] = (*_WHOLE.get(_end, ()), _word)
_CORE = re.compile(_branches([*_TELLING.values(), *(rf"{letter}[A-Za-z0-9.\-]*" for letter in ascii_letters)]))
_BAIT = re.compile(rf"{_SEPARATORS}{{1,2}}(?:{_any('baits', 'brands')})")
_BAITED = re.compile(_any("baits"))
_VENUE = re.compile(_any("official_after"))
_RIGHT = re.compile(rf"(?:{_SEPARATORS}{{0,2}}(?:{_any('baits', 'fillers', 'topics', 'brands', 'strong')}))*(?:[_@|#¥*$]+:?)?")
_ADULT_RIGHT = re.compile(rf"(?:_?(?:{_any('adult', 'adult_strong')}))*")
_LEFT = _longest_first("fillers", "topics", "brands", "strong")
_ADULT_LEFT = _longest_first("adult", "adult_strong")
_LATIN_TOPIC = re.compile(
    rf"(?:{_any('topics')})(?!{_any('official_after')})|(?:官网|官方网站)(?:入口|登录|下载|首页|app|注册)|(?:手机|网页|电脑)版(?:官方|官网|app|下载|登录)"
)
_LATIN_BET = re.compile(r"\d{2,4}bet\d{0,4}|bet\d{2,4}|[a-z]{2,12}bet")
_OFFICIAL = frozenset(_WORDS["latin_official"])
_DOMAIN = re.compile(r"(?:[a-z0-9\-]+\.)+(?:com|cn|net|org|vip|cc|top|xyz|app|info|me|tv|club|site)")
_DOMAIN_NAME = re.compile(rf"(?!{_any('domain_after')})[\u4e00-\u9fff]{{1,14}}?(?:人民政府|街道|镇|乡|县|区|市|局|委|厅)")
_FIGHTING_BEFORE = re.compile(_any("enforcement_before"))
_FIGHTING_AFTER = re.compile(_any("enforcement_after"))
_UNKNOWN_BRAND = re.compile(
    r"(?:.*(?:由|与|和|在|将|对|把|为|的|了|及|据|按照|通过|上级|关于|代表|[^\u4e00-\u9fff])|^)([\u4e00-\u9fff]{1,4})\Z", re.DOTALL
)
_GAP = re.compile(r"[_@|·\-—,、:() ]{1,3}|_?[^_\n,。;]{1,20}_|20\d\d")
_GLUED = re.compile(r"(?<!\d)\d{2,3}\Z")  # 365 before a telling word; a year has four digits
_MOST, _LOOKED = 2000, 60_000  # a text with more advertisements or telling words is no document, and must not take long
_REACH = 120  # how far an advertisement is followed to either side of its telling word; also bounds the work per hit


def _fighting(text: str, start: int, end: int) -> bool:
    """Whether the sentence speaks of action against gambling, as police reports do."""
    return bool(_FIGHTING_BEFORE.search(text, max(0, start - 8), start) or _FIGHTING_AFTER.match(text, end))


def _leftwards(text: str, start: int, words: tuple[str, ...], floor: int) -> int:
    """Where the run of `words` (and separators between them) that ends at `start` begins, not before `floor`."""
    floor = max(floor, start - _REACH)
    place = start
    while place > floor:
        end = place - 1 if place < start and text[place - 1] in "_-·|" else place
        if not text.endswith(words, floor, end):
            break
        place = end - next(len(word) for word in words if text.endswith(word, floor, end))
    return place


def _rightwards(pattern: re.Pattern[str], text: str, end: int) -> int:
    found = pattern.match(text, end, end + _REACH)
    return found.end() if found else end


def _spans(text: str) -> Iterator[tuple[int, int]]:
    place = floor = looked = 0
    while (hit := _CORE.search(text, place)) and looked < _LOOKED:
        looked += 1
        start, place = hit.span()
        if text[start].isascii():
            span = _latin_span(text, start, place)
        else:
            word = next(word for word in _WHOLE[hit[0]] if text.endswith(word, 0, place))
            span = _han_span(text, word, max(place - len(word), floor), place, floor)
        if span:
            yield span
            floor = place = max(span[1], place)


def _han_span(text: str, word: str, start: int, end: int, floor: int) -> tuple[int, int] | None:
    """The advertisement around a telling Chinese word, None where the word is used as offices use it."""
    if word in _ADULT:
        span = _leftwards(text, start, _ADULT_LEFT, floor), _rightwards(_ADULT_RIGHT, text, end)
        return span if span != (start, end) else None
    if word in _STRONG:
        if _fighting(text, start, end):
            return None
        left = _leftwards(text, start, _LEFT, floor)
        number = _GLUED.search(text, max(floor, left - 4), left)
        return (number.start() if number else left), _rightwards(_RIGHT, text, end)
    number = _GLUED.search(text, max(floor, start - 4), start) if word in _TOPICS and _BAITED.match(text, end) else None
    if number:
        return number.start(), _rightwards(_RIGHT, text, end)  # 365体育直播
    branded = text.endswith(_BRANDS, floor, start)
    baited = word in _TOPICS and _BAIT.match(text, end)
    if not baited and not (branded and (word not in _TOPICS or not _VENUE.match(text, end))):
        return None
    left = _leftwards(text, start, _LEFT, floor)
    if left == start:
        # A brand that no list knows: what stands between the last boundary and the topic, else two characters.
        brand = _UNKNOWN_BRAND.search(text[max(floor, start - 5) : start])
        left = start - len(brand[1]) if brand else max(floor, start - 2)
    return left, _rightwards(_RIGHT, text, end)


def _latin_span(text: str, first: int, end: int) -> tuple[int, int] | None:
    """The advertisement around a Latin word: a brand before 体育 or 官网登录, a betting host, a domain in a name's place."""
    before = text[first - 1] if first else "\n"
    if before in "/@:.#" or text[end : end + 1] in ("@", "/"):
        return None
    start = first
    while start and first - start < 6 and "0" <= text[start - 1] <= "9":
        start -= 1
    token = text[start : min(end, start + _REACH)].lower()
    if "." in token and (domain := _DOMAIN.match(token)):
        end = start + domain.end()
        return (start, end) if _stray_domain(text, start, end, domain[0]) else None
    if token in _OFFICIAL or not (_LATIN_BET.fullmatch(token) or _LATIN_TOPIC.match(text, end)):
        return None
    return _leftwards(text, start, _LEFT, 0), _rightwards(_RIGHT, text, end)


def _stray_domain(text: str, start: int, end: int, domain: str) -> bool:
    """Whether a bare domain stands where a place name should: glued to the name of an office, not named on purpose."""
    if any(official in domain for official in _WORDS["official_domains"]):
        return False
    if text.endswith(tuple(_WORDS["domain_before"]), 0, start):
        return False
    return bool(_DOMAIN_NAME.match(text, end))


def injected(text: str) -> list[tuple[int, int]]:
    """Given a text, return the spans (start, end) of advertisements written into it, in order and apart.

    Sports offices, police reports of gambling cases, apps and web addresses of offices are no such spans.

    Examples
    --------
    >>> injected("贯彻上级KayBet体育工作要求"), injected("市体育局官网")
    ([(4, 12)], [])
    """
    spans = list(islice(_spans(text), _MOST))
    if not spans:
        return spans
    merged = [spans[0]]
    for start, end in spans[1:]:
        last = merged[-1]
        if start <= last[1] or (start - last[1] < 24 and _GAP.fullmatch(text, last[1], start)):
            merged[-1] = (last[0], max(last[1], end))
        else:
            merged.append((start, end))
    return merged


def without(text: str, spans: list[tuple[int, int]], filler: str = "") -> str:
    """Given a text and spans of it, return the text without them; a `filler` character keeps all offsets."""
    parts, last = [], 0
    for start, end in spans:
        parts += [text[last:start], filler * (end - start)]
        last = end
    return "".join(parts) + text[last:]
