"""What kind of office an agency is, and of which level, as its name tells by kinds.toml; and what English calls the kind."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from govdisclose.names import office


@cache
def _kinds() -> tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]:
    raw = tomllib.loads((resources.files("govdisclose") / "kinds.toml").read_text(encoding="utf-8"))
    return tuple((kind["name"], kind["english"], tuple(kind.get("ends", ())), tuple(kind.get("holds", ()))) for kind in raw["kind"])


@cache
def agency_kind(name: str) -> str:
    """Given an agency's name, return its kind by the table in kinds.toml (市场监督管理, 街道, 区政府), "" where no rule fits.

    Examples
    --------
    >>> agency_kind("南山市东湖区市场监督管理局"), agency_kind("东湖区人民政府")
    ('市场监督管理', '区政府')
    """
    bare = name.replace("人民政府", "政府")  # 民政 is not meant there
    name = office(name)
    for kind, _, ends, holds in _kinds():
        if (ends and name.endswith(ends)) or any(word in bare for word in holds):
            return kind
    return ""


@cache
def english_kind(kind: str) -> str:
    """Given a kind, return its name in English by kinds.toml, "" where that does not know it; 市政府(汇总), as a list of
    agencies may mark a city's summary of its offices, is known with 市政府.

    Examples
    --------
    >>> english_kind("公安"), english_kind("市政府(汇总)"), english_kind("彩票")
    ('Public security', 'City government, summary', '')
    """
    raw = tomllib.loads((resources.files("govdisclose") / "kinds.toml").read_text(encoding="utf-8"))
    bare, mark = re.fullmatch(r"(.*?)(?:[(（]([^()（）]*)[)）])?", kind, re.DOTALL).groups()  # type: ignore[union-attr]  # Fits anything.
    told = {one: english for one, english, _, _ in _kinds()}.get(bare, "")
    more = raw["mark"].get(mark, "") if mark else ""
    return f"{told}, {more}" if told and more else "" if mark else told


def kind_name(kind: str, language: str) -> str:
    """Given a kind, return it as a page of that language names it: in English the Chinese name, which parameters take,
    stands behind; a kind that kinds.toml does not know stays as it is.

    Examples
    --------
    >>> kind_name("公安", "zh"), kind_name("公安", "en"), kind_name("彩票", "en")
    ('公安', 'Public security (公安)', '彩票')
    """
    english = english_kind(kind) if language == "en" else ""
    return f"{english} ({kind})" if english else kind


@cache
def _level_rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    raw = tomllib.loads((resources.files("govdisclose") / "kinds.toml").read_text(encoding="utf-8"))
    return tuple((one["name"], re.compile(one["pattern"])) for one in raw["level"])


def agency_level(name: str) -> str:
    """Given an agency's name, return its level: "township", "county", "city", "province" or "" where the name tells none.

    County-level cities cannot be told from their name and count as cities.

    Examples
    --------
    >>> agency_level("南通市海门区市场监督管理局"), agency_level("江苏省人民政府办公厅"), agency_level("商务部")
    ('county', 'province', '')
    """
    return next((level for level, pattern in _level_rules() if pattern.search(name)), "")
