"""Where an agency is, as its name tells it: level and division.

A name tells a place where it begins with one or with the office above it (国家税务总局南通市税务局). What it leaves open stays open:
朝阳区 is in two cities, and a district that the table does not know is not guessed. Codes are those of the name as printed:
海门市 has another than 海门区, which it became.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from govdisclose.divisions import Chain, Division, by_code, chains, divisions, full_name, short_names, words
from govdisclose.kinds import agency_level
from govdisclose.words import fold

LEVELS = ("central", "province", "city", "county", "township")
_SAID: dict[str, tuple[str, ...]] = {"省": ("province",), "自治区": ("province",), "市": ("city", "county", "province"), "州": ("city",)}
_SAID |= {"盟": ("city",), "地区": ("city",), "县": ("county",), "旗": ("county",), "区": ("county",)}
_CORPS = re.compile(r"(?:新疆)?(?:生产建设)?兵团(?:第[一二三四五六七八九十]+师)?|第[一二三四五六七八九十]+师(?!范)")
_HAN = "[\u4e00-\u9fff]"
_STEM = "[^\\W省市县区旗]"
_PRINTED = re.compile(
    rf"({_STEM}{{2,6}}?(?:省|自治区))?({_STEM}{{2,6}}?(?:自治州|地区|盟|州(?!市)|市(?!场)))?"
    rf"((?!城市|城区|社区|地区|自治){_STEM}{{1,8}}?(?:自治县|县(?!域)|区(?!域)|旗|市(?!场)))?"
)


@dataclass(frozen=True)
class Place:
    """Where an agency is, as far as it is told.

    Attributes
    ----------
    level : one of `LEVELS`, "" where it is not told
    division : whose code it has; None where that is open
    candidates : the divisions that it may be, where it is open
    lies : a division that it surely lies in
    how : "name" (the name alone), "parent" (its province or city stands in the name), "short" (a name without 市, 区 …), "region"
        (the region given with it), "central", "override", "open"
    printed : province, city and county as printed, where the table has none
    notes : what is to be said of it, as keys of `wording.toml` with their values
    """

    level: str = ""
    division: Division | None = None
    candidates: tuple[Division, ...] = ()
    lies: Division | None = None
    how: str = "open"
    printed: tuple[str, str, str] = ("", "", "")
    notes: tuple[tuple[str, str], ...] = ()


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(words()[f"{name}_pattern"])


@cache
def _central() -> frozenset[str]:
    return frozenset(words()["central"])


@lru_cache(65536)
def locate(name: str, region: str = "", first: int | None = None, last: int | None = None) -> Place:
    """Given an agency's name, return its place.

    Parameters
    ----------
    region : where it is as somebody says; used where the name does not tell
    first, last : the years that it reported on: names and codes that were not there then do not count, if others do

    Examples
    --------
    >>> locate("南通市海门区市场监督管理局").division.code, locate("北京海淀区教委").division.code, locate("朝阳区教育局").division
    ('320614', '110108', None)
    """
    text = re.sub(r"[\s()·“”\"]", "", fold(name))
    body, above = text, ""
    while prefix := _prefixes().match(body):
        body, above = body[prefix.end() :], prefix[0]
    body = body.removeprefix("中国") if body.startswith("中国") and chains(body[2:], _fits) else body  # 中国(上海)自由贸易试验区
    if _is_central(text, body, above):
        return Place("central", how="central")
    span = (first, last if last is not None else first) if first is not None else None
    hint = _region(region)
    if corps := _CORPS.match(body):
        inside = [one for one in chains(body[corps.end() :], _fits) if one.last.code.startswith("6590")]
        if not inside:
            whole = by_code()["650000"][-1]
            return Place("", whole, how="name", notes=(("corps", full_name(whole)),))
        body = body[corps.end() :]
    place = _placed(body, hint, span)
    if place.division is None and not place.candidates and place.lies is None:
        place = replace(place, printed=printed(region) if region and hint is None else printed(body))
    return place


@cache
def _prefixes() -> re.Pattern[str]:
    return re.compile("|".join(sorted(words()["prefixes"], key=len, reverse=True)))


def is_vertical(name: str) -> bool:
    """Whether a name begins with that of a body of the centre: 国家税务总局南通市税务局."""
    return bool(_prefixes().match(fold(name)))


def _is_central(text: str, body: str, above: str) -> bool:
    whole = re.sub("(?:办公厅|办公室|机关|本级)$", "", text.removeprefix("中华人民共和国"))
    if {text, whole} & _central() or (above and re.fullmatch(f"(?:办公厅|办公室|机关|{_HAN}{{2,8}}司)?", body) and above not in ("中共", "中国共产党")):
        return True
    return bool(re.match(f"国务院|国家{_HAN}{{1,14}}(?:局|委员会|委|总局|署)$", text) and not chains(body, _fits) and text == body)


@cache
def _region(region: str) -> Division | None:
    """The division that a region names, whatever it is called."""
    text = re.sub(r"[\s·/,、-]", "", fold(region))
    found = [one for one in chains(text, lambda rest, _: not rest) if one.end == len(text)] if text else []
    told, _ = _settled([one.last for one in found], None)
    return told[0] if len(told) == 1 else None


def _fits(rest: str, division: Division) -> bool:
    """Whether what follows the short name of a division can follow it."""
    if any(name in words()["words"] for name in short_names(division)):
        return False
    if _pattern("institution").search(rest):
        return division.level != "county"
    if town := _pattern("town").match(rest) or _pattern("town_office").match(rest):
        return division.level != "province" and len(re.split("街道|镇|乡|苏木", town[0])[0]) > 1 and not re.search("路|大道|大街", town[0])
    if _pattern("zone").search(rest):
        return division.level != "county" or bool(_pattern("development").match(rest))
    return not rest or bool(_pattern("office").match(rest)) or rest.startswith(("海关", "驻"))


def _fits_anything(_: str, __: Division) -> bool:
    return True


def _settled(found: Sequence[Division], span: tuple[int, int] | None) -> tuple[tuple[Division, ...], tuple[tuple[str, str], ...]]:
    """Of divisions of one name those that are meant, and what is to be said of them.

    Those that were there in the years reported on go before others, and of one place under two codes the one of today.
    """
    kept, notes = list(dict.fromkeys(found)), []
    if span is not None and (then := [one for one in kept if one.stood(*span)]):
        kept = then
    today = {one.code: one for one in kept if one.until is None}
    merged = [one for one in kept if one.until is None or not any(code in today for code in one.became)]
    for one in kept:
        if one not in merged:
            notes.append(("formerly", f"{one.code} {full_name(one)}|{one.until}"))
    if len(merged) != 1:
        return tuple(merged), ()
    one = merged[0]
    if span is not None and not one.stood(*span):
        notes.append(("not_then", f"{full_name(one)}|{one.since or ''}–{one.until or ''}"))
    elif span is None and one.since is not None and _pattern("zone").search(one.name):
        notes.append(("since", f"{full_name(one)}|{one.since}"))
    elif one.until is not None:
        became = "、".join(f"{code} {full_name(by_code()[code][-1])}" for code in one.became)
        notes.append(("former", f"{one.code} {full_name(one)}|{one.until}|{became or '—'}"))
    return (one,), tuple(notes)


def _placed(body: str, hint: Division | None, span: tuple[int, int] | None) -> Place:
    fits: Callable[[str, Division], bool] = _fits
    found, how = chains(body, fits), ""
    if not found and body.startswith("驻"):  # 审计署驻南京特派员办事处
        body, fits = body[1:], _fits_anything
        found = chains(body, fits)
    seat = fits is _fits_anything or bool(found and _pattern("seat").search(body, found[0].end))
    if len(found) > 1 and body.endswith("厅") and not body.endswith("办公厅"):
        found = [one for one in found if one.last.level == "province"] or found  # 厅 are offices of provinces
    if found and hint is not None:
        inside = [one for one in found if _agree(one.last, hint)]
        if not inside:
            both = (*dict.fromkeys(one.last for one in found), hint)
            return Place(candidates=both, notes=(("region_other", f"{full_name(found[0].last)}|{full_name(hint)}"),))
        how = "region" if len({one.last.code for one in inside}) < len({one.last.code for one in found}) else ""
        found = inside
    elif hint is not None:
        found, how = chains(body, fits, hint), "region"
    if not found:
        return _without_name(body, hint)
    told, notes = _settled([one.last for one in found], span)
    by_name = {one.last: one for one in found}
    later = span is not None and not any(one.stood(*span) for one in told)
    if later and len(told) == 1 and told[0].level == "county" and _pattern("zone").search(told[0].name):
        holder = next(one for one in (f"{told[0].code[:4]}00", f"{told[0].code[:2]}0000") if one in by_code())
        return Place("", by_code()[holder][-1], how="parent", notes=(("zone", full_name(by_code()[holder][-1])),))
    places = [_of_rest(body[by_name[one].end :], one, _how(by_name[one], how)) for one in told]
    if seat:
        return Place(candidates=told, notes=(("seat", full_name(told[0])),))
    if len(told) == 1 and (places[0].how == "name" and _is_common(told[0].name, body)):
        return Place(candidates=told, notes=(("common", told[0].name),))
    if len(places) == 1:
        return replace(places[0], notes=(*places[0].notes, *notes))
    level = places[0].level if len({place.level for place in places}) == 1 else ""
    return Place(level, candidates=told, lies=_common(told), notes=(("several", str(len(told))),))


def _agree(one: Division, other: Division) -> bool:
    """Whether one lies in the other, or became it."""
    return one.within(other) or other.within(one) or other.code in one.became or one.code in other.became


def _is_common(name: str, body: str) -> bool:
    """Whether zones elsewhere are called like a division: 东区, 滨海新区管委会."""
    return name in words()["common"] or (name.endswith("新区") and bool(re.search("管委会|管理委员会", body)))


def _how(chain: Chain, how: str) -> str:
    return how or ("short" if chain.short else "parent" if chain.names > 1 else "name")


def _common(candidates: Sequence[Division]) -> Division | None:
    """The city or province that all candidates lie in."""
    for length, rest in ((4, "00"), (2, "0000")):
        codes = {one.code[:length] + rest for one in candidates}
        if len(codes) == 1 and (held := by_code().get(next(iter(codes)))):
            return held[-1]
    return None


def _of_rest(rest: str, one: Division, how: str) -> Place:
    """The place of an office in a division, by what its name says behind the division's."""
    if _pattern("institution").search(rest):
        return Place("", one, how=how, notes=(("institution", full_name(one)),))
    unknown = _pattern("unknown").match(rest)
    if unknown and not _pattern("zone").search(unknown[0]):
        return Place(candidates=(one,), lies=one, notes=(("unknown", f"{full_name(one)}|{unknown[0]}"),))
    if _pattern("town").match(rest) or _pattern("town_office").match(rest):
        return _town(one, how)
    if _pattern("zone").search(rest):
        return Place("", one, how=how, notes=(("zone", full_name(one)),))
    branch = _pattern("branch").search(rest) if one.level != "county" else None
    if branch:
        part = branch["part"] + (branch["suffix"] or "")
        inside = {chain.last for chain in chains(part, lambda left, _: not left, one) if chain.end == len(part)}
        told, notes = _settled(sorted(inside, key=lambda division: division.code), None)
        if len(told) == 1:
            return Place("county", told[0], how="parent", notes=notes)
        return Place("", one, how=how, notes=(("branch", full_name(one)),))
    return Place(one.level, one, how=how)


def _town(one: Division, how: str) -> Place:
    if one.level == "county" or (one.level == "city" and one.code not in _governing_counties()):
        return Place("township", one, how=how)
    return Place("township", candidates=(one,), lies=one, notes=(("town", full_name(one)),))


@cache
def _governing_counties() -> frozenset[str]:
    return frozenset(f"{one.code[:4]}00" for one in divisions() if one.level == "county" and one.until is None)


def _without_name(body: str, hint: Division | None) -> Place:
    """The place of an agency whose name begins with no division that the table knows."""
    if _pattern("town").match(body):
        told = _PRINTED.match(body)
        plain = told is None or not any(told.groups())
        if hint is not None and plain:
            return _town(hint, "region")
        return Place("township", candidates=(hint,) if hint else (), lies=hint)
    said = re.match("(省|自治区|市(?!场)|州|盟|地区|县|区|旗)(?=人民|政府|.)", body)
    if said and _pattern("office").match(body[said.end() :]):
        levels = _SAID[said[1]]
        for code in (hint.code, f"{hint.code[:4]}00", f"{hint.code[:2]}0000") if hint is not None else ():
            one = by_code().get(code, (None,))[-1]
            if one is not None and one.level in levels and one.name.endswith(said[1]):
                return _of_rest(body[said.end() :], one, "region")
        level = "province" if body.endswith("厅") else levels[0] if len(levels) == 1 else ""
        return Place(level, candidates=(hint,) if hint else (), lies=hint)
    if hint is not None and _pattern("office").match(body):
        return _of_rest(body, hint, "region")
    level = "" if _pattern("zone").search(body) else agency_level(body)
    if level == "city" or (body.endswith("厅") and not body.endswith("办公厅")):
        level = "province" if body.endswith("厅") else ""  # 甲州市 may be a county-level city
    open_ones = {"candidates": (hint,), "lies": hint, "notes": (("unknown", f"{full_name(hint)}|{body}"),)} if hint is not None else {}
    return Place(level, **open_ones)  # type: ignore[arg-type]


def printed(text: str) -> tuple[str, str, str]:
    found = _PRINTED.match(re.sub(r"[\s/,、-]", "", fold(text)))
    province, city, county = (part or "" for part in (found.groups() if found else ("", "", "")))
    return province, city, county
