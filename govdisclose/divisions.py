"""China's divisions down to the county: codes by GB/T 2260, names in full and in short, since when, until when, what became of them.

The table is `divisions.csv`, which names its sources; it is loaded when first asked for.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, NamedTuple

_SUFFIX = {
    "province": re.compile("(?:省|市|特别行政区)$"),
    "city": re.compile("(?:市|地区|盟)$"),
    "county": re.compile("(?:新区|林区|矿区|县|区|市|旗)$"),
}
_DIGITS = {"province": 2, "city": 4, "county": 6}  # of a code, that all in a division share
_OTHER_THAN_DIVISION = re.compile("场|域")  # behind a name in full: 海门市场…, 金湖县域…
_LONGER = re.compile("[省区县旗州盟镇乡村]|市(?!场)|自治|地区|街道|社区|路|大街|大道")  # behind a short name: it is another's, or no place


@dataclass(frozen=True)
class Division:
    """A province, city or county.

    Attributes
    ----------
    code : six digits by GB/T 2260
    since, until : the years of the changes that made and ended it under this name and code; None where before 2008, or still so
    became : codes today of what a former one became; empty where it is still there
    """

    code: str
    name: str
    since: int | None = None
    until: int | None = None
    became: tuple[str, ...] = ()

    @cached_property
    def level(self) -> str:
        """ "province", "city" or "county"; what a province governs without a city between counts as county."""
        return "province" if self.code.endswith("0000") else "city" if self.code.endswith("00") else "county"

    def within(self, other: Division) -> bool:
        """Whether this is `other` or lies in it, by their codes."""
        return self.code.startswith(other.code[: _DIGITS[other.level]])

    def stood(self, first: int, last: int) -> bool:
        """Whether it was there in any of these years of reports, which are published in the year after."""
        return (self.since is None or self.since <= last + 1) and (self.until is None or self.until >= first)


class Chain(NamedTuple):
    """Names of divisions one after the other: where they end, the last of them, how many, and whether that one is a short name."""

    end: int
    last: Division
    names: int
    short: bool


@cache
def words() -> dict[str, Any]:
    """What names say of places beside the divisions: places.toml."""
    return tomllib.loads((resources.files("govdisclose") / "places.toml").read_text(encoding="utf-8"))


@cache
def divisions() -> tuple[Division, ...]:
    """All divisions, by code; of one code the former names first."""
    text = (resources.files("govdisclose") / "divisions.csv").read_text(encoding="utf-8")
    lines = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    found = (
        Division(line["code"], line["name"], _year(line["since"]), _year(line["until"]), tuple(line["became"].split()))
        for line in lines
    )
    return tuple(sorted(found, key=lambda one: (one.code, one.until is None, one.until or 0)))


def _year(text: str) -> int | None:
    return int(text) if text else None


@cache
def by_code() -> dict[str, tuple[Division, ...]]:
    """Code -> the divisions that have or had it, the latest last."""
    found: dict[str, tuple[Division, ...]] = {}
    for one in divisions():
        found[one.code] = (*found.get(one.code, ()), one)
    return found


def path(division: Division) -> tuple[str, str, str]:
    """Given a division, return the names of its province, city and county in its time; "" where there is none."""
    year = division.until or 9999
    names = {"province": "", "city": "", "county": ""}
    for code in (f"{division.code[:2]}0000", f"{division.code[:4]}00"):
        held = by_code().get(code, ())
        there = [one for one in held if (one.since or 0) <= year and (one.until or 9999) >= year] or held[-1:]
        for one in there[:1]:  # in the year of a change the former name
            names[one.level] = one.name
    names[division.level] = division.name
    return names["province"], names["city"], names["county"]


def full_name(division: Division) -> str:
    """Province, city and county in one word: 江苏省南通市海门区."""
    return "".join(path(division))


def short_names(division: Division) -> Iterator[str]:
    """Given a division, yield how it is called without its suffix: 南通, 延边, 延边州."""
    name, level = division.name, division.level
    if "自治" in name:
        peoples = "|".join(sorted(words()["peoples"], key=len, reverse=True))
        stem = re.sub(rf"(?:(?:(?:{peoples})族)+|维吾尔|哈萨克|柯尔克孜|蒙古|锡伯|塔吉克)自治[区州县旗]$", "", name)
        stem = stem if len(stem) > 1 and stem != name else re.sub("族?自治[区州县旗]$", "", name)  # 西藏
        yield from (stem, f"{stem}{name[-1]}", f"{stem}自治{name[-1]}") if level != "province" else (stem,)
    elif len(stem := _SUFFIX[level].sub("", name)) > 1:
        yield stem


@cache
def _index() -> dict[str, list[tuple[str, bool, tuple[Division, ...]]]]:
    """The first two characters of a name -> the names that begin so, longest first, whether each is short, and whose it is."""
    found: dict[tuple[str, bool], list[Division]] = {}
    for one in divisions():
        for name in dict.fromkeys((one.name, *short_names(one))):
            found.setdefault((name, name != one.name), []).append(one)
    heads: dict[str, list[tuple[str, bool, tuple[Division, ...]]]] = {}
    for (name, short), whose in sorted(found.items(), key=lambda item: (-len(item[0][0]), item[0][1])):
        heads.setdefault(name[:2], []).append((name, short, tuple(whose)))
    return heads


def chains(text: str, fits: Callable[[str, Division], bool], above: Division | None = None, at: int = 0) -> list[Chain]:
    """Given a text, return the ways in which names of divisions stand at its beginning, each inside the one before.

    Only the ways that take in most of the text are returned; several where a name is that of several divisions.

    Parameters
    ----------
    fits : whether what follows the short name of a division can follow it (rest of the text, division)
    above : only divisions inside this one count
    """
    found: list[Chain] = []
    for word, short, whose in _index().get(text[at : at + 2], ()):
        if not text.startswith(word, at):
            continue
        end = at + len(word)
        other = (_LONGER if short else _OTHER_THAN_DIVISION).match(text, end)
        for one in whose:
            if above is not None and (one.code == above.code or not one.within(above)):
                continue
            if deeper := chains(text, fits, one, end) if one.level != "county" else []:
                found += [chain._replace(names=chain.names + 1) for chain in deeper]
            elif not other and (not short or fits(text[end:], one)):
                found.append(Chain(end, one, 1, short))
    if len(found) < 2:
        return found
    most = max(found, key=lambda chain: (chain.end, not chain.short))
    return list(dict.fromkeys(one for one in found if (one.end, one.short) == (most.end, most.short)))
