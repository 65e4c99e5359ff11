"""The words of charts, tables and report pages in Chinese and English, read from `wording.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

LANGUAGES = ("zh", "en")


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    text = resources.files("govdisclose").joinpath("wording.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def section(name: str) -> dict[str, tuple[str, str]]:
    """The keys of a section of `wording.toml`, each with its words in Chinese and English."""
    return {key: (pair[0], pair[1]) for key, pair in _words()[name].items()}


def all_words() -> list[str]:
    """Everything that charts and pages can say, in both languages."""
    return [text for section in _words().values() for pair in section.values() for text in pair]


def say(language: str, section: str, key: str, **values: object) -> str:
    """Given a language, a section of `wording.toml` and a key, return the words with `values` filled in."""
    text = _words()[section][key][LANGUAGES.index(language)]
    return text.format(**values) if values else text


def titled(language: str, section: str, key: str) -> str:
    """`say` for a heading or label: in English with a capital."""
    return capital(say(language, section, key))


def capital(text: str) -> str:
    """The text with a capital at its start, where its script has any."""
    return text[:1].upper() + text[1:]


def number(value: float | None, digits: int | None = None) -> str:
    """A figure with thousands separators and no more decimals than it has; "—" where there is none."""
    if value is None or value != value:
        return "—"
    if digits is not None:
        return f"{value:,.{digits}f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal; "—" where there is none."""
    return "—" if share is None or share != share else f"{100 * share:.1f}%"


def listed(language: str, items: list[str]) -> str:
    """The items as a list in a sentence."""
    if language == "zh":
        return "、".join(items)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else ""


def sentences(language: str, *parts: str) -> str:
    """Sentences one after the other; those that are empty are left out."""
    return ("" if language == "zh" else " ").join(filter(None, parts))


_PLACE = re.compile(r"(?:page (\d+), )?(?:table (\d+), row (\d+), column (\d+)|line (\d+)(?:, column (\d+))?)")


def placed(language: str, place: str) -> str:
    """A place of the contract ("page 2, table 1, row 9, column 10") in words of the language."""
    found = _PLACE.fullmatch(place)
    if language != "zh" or not found:
        return place
    page, *at = found.groups()
    words = [f"第 {number} {name}" for number, name in zip(at, ("个表", "行", "列", "行", "列"), strict=True) if number]
    return (f"第 {page} 页，" if page else "") + "".join(words)


def year_span(years: list[int], language: str = "en") -> str:
    """Years as spans: 2019–2021, 2023."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ("、" if language == "zh" else ", ").join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
