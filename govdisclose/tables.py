"""Frames in, printed tables out: HTML with every cell escaped, marks at doubted figures, and links to where each came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import pandas as pd

from govdisclose.counted import DOUBTED
from govdisclose.dictionary import measure_of
from govdisclose.drawing import width_of
from govdisclose.evidence import SILENCES, members
from govdisclose.exhibits import Links, agency_mark
from govdisclose.kinds import kind_name
from govdisclose.measures import COMPUTED, REASON_GROUPS, VOLUMES
from govdisclose.printed import rows_of
from govdisclose.wording import number, percent, say, titled

OPEN_ROWS = 40
"""A table of more rows is folded."""


@dataclass(frozen=True)
class Figure:
    """A number in a table: its text, as a hint where it was taken from, and the address of that cell."""

    text: str
    hint: str = ""
    href: str = ""


@dataclass(frozen=True)
class Place:
    """A text in a table that leads somewhere, with a hint."""

    text: str
    href: str
    hint: str = ""


Entry = str | Figure | Place
NOWHERE = Links()
"""No pages to link to."""


def table(headers: Sequence[str], rows: Iterable[Sequence[Entry]], widths: Sequence[int] = ()) -> str:
    """Given headers and rows, return an HTML table; numbers are set to the right.

    `widths`: of the columns in per cent, for a table of words that keeps within the page; where the page is narrow its rows
    stand one below the other, each entry behind its header.
    """
    lines = list(rows)
    heads = [f' data-head="{escape(header)}"' if widths else "" for header in headers]
    first = lines[0] if lines else [""] * len(headers)
    kinds = [' class="number"' if isinstance(entry, Figure) else "" for entry in first]
    head = "".join(f"<th{kind}>{escape(header)}</th>" for header, kind in zip(headers, kinds, strict=True))
    body = "".join("<tr>" + "".join(_entry(one, told) for one, told in zip(row, heads, strict=True)) + "</tr>" for row in lines)
    columns = "".join(f'<col style="width:{width}%">' for width in widths)
    start = f'<table class="listed"><colgroup>{columns}</colgroup>' if widths else "<table>"
    return f'<div class="scroll">{start}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _entry(entry: Entry, more: str) -> str:
    if isinstance(entry, Figure):
        hint = f' title="{escape(entry.hint)}"' if entry.hint else ""
        return f'<td class="number"{hint}{more}>{_linked(entry.text, entry.href)}</td>'
    text, href, told = (entry, "", "") if isinstance(entry, str) else (entry.text, entry.href, entry.hint)
    ems = max(map(width_of, text.split("\n")))
    kind = "short" if ems <= 9 else "wide" if ems > 30 else "long"
    hint = f' title="{escape(told)}"' if told else ""
    html = _linked(text.strip(), href)
    if more and not href:
        html = html.replace("_", "_<wbr>")  # a key such as requests.concluded_sum
    return f'<td class="{kind}"{hint}{more}>{html}</td>'


def _linked(text: str, href: str) -> str:
    html = escape(text).replace("\n", "<br>")
    return f'<a href="{escape(href)}">{html}</a>' if href else html


def folded(title: str, count: str, content: str, opened: bool) -> str:
    """Content under a heading that opens and closes."""
    state = " open" if opened else ""
    return f"<details{state}><summary>{escape(title)} <small>{escape(count)}</small></summary>{content}</details>"


def behind(key: str, frame: pd.DataFrame, language: str, links: Links = NOWHERE) -> tuple[str, int]:
    """Given a chart's key and the measures drawn, return the table behind it and its number of rows.

    `links` leads from each figure to the page of its document, at the cell or cells that it was taken from.
    """
    kinds = {"received": _counts, "segments": _counts, "outcomes": _counts, "volumes": _volumes, "volume_ranks": _volumes, "fees": _volumes}
    if key.startswith("coverage"):
        headers, rows = _coverage(frame, language, links)
    elif key in kinds:
        headers, rows = kinds[key](frame, language, links)
    elif key in ("reason_agencies", "applicants"):
        headers, rows = _pooled(frame, "agency" if key == "reason_agencies" else "applicant", language, links)
    elif key in ("denied_years", "unmet_years"):
        headers, rows = _reasons(frame, language, links)
    elif key in COMPARISONS:
        headers, rows = _comparison(frame, language, links)
    else:
        headers, rows = _rates(frame, language, links)
    return table(headers, rows), len(rows)


COMPARISONS = ("peer_values", "funnel", "ranks", "mix_agency", "mix_applicant", "robust", "changes", "trends", "standard")
"""Charts of comparisons, whose frames are printed column by column."""

Printed = tuple[list[str], list[list[Entry]]]


def words(language: str, *keys: str) -> list[str]:
    """Headers of a table."""
    return [say(language, "tables", key) for key in keys]


records = rows_of


def known(value: object) -> float | None:
    """A number out of `records`."""
    return None if value is None else float(str(value))


def _figure(row: dict[str, Any], links: Links) -> Figure:
    """A count or volume with its marks."""
    value, least = known(row["value"]), known(row.get("at_least"))
    mark = ("†" if row["flagged"] else "") + ("°" if row.get("basis") == "settled" else "")
    text = number(value) if value is not None else f"≥ {number(least)}" if least is not None else "—"
    mark += links.mark(row["source"], row["origin"])
    return Figure(text + mark, str(row["origin"]), links.of(row["source"], row["origin"]))


def document(source: object, links: Links) -> Place:
    """A document by the name of its file, with its page, and the whole source as a hint."""
    whole = str(source or "")
    return Place(whole.rstrip("/").rpartition("/")[2] or whole, links.of(whole), whole)


def _coverage(frame: pd.DataFrame, language: str, links: Links) -> Printed:
    states = [state for state in SILENCES if state != DOUBTED or frame[state].any()]
    headers = words(language, "agency", "kind", "year", "form", "state", "number")
    headers += [titled(language, "silence", state) for state in states] + words(language, "source")
    rows: list[list[Entry]] = []
    for row in records(frame):
        said = titled(language, "coverage", str(row["state"])).split("（")[0].split(" (")[0]
        missing = row["state"] == "missing"
        page = links.of(row["source"])
        tally = [Figure("" if missing else number(known(row[name])), href=page) for name in ("number", *states)]
        who = [str(row["agency"]), kind_name(str(row["agency_kind"] or ""), language), str(row["year"]), str(row["form"])]
        rows.append([*who, said, *tally, document(row["source"], links)])
    return headers, rows


def _wide(frame: pd.DataFrame, measures: Sequence[str]) -> Iterable[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Agency-years, each with its rows in the order of `measures`."""
    found: dict[tuple[object, object], dict[str, dict[str, Any]]] = {}
    for row in records(frame):
        found.setdefault((row["agency"], row["year"]), {})[str(row["measure"])] = row
    for mine in found.values():
        yield next(iter(mine.values())), [mine[measure] for measure in measures if measure in mine]


def _who(row: dict[str, Any]) -> list[Entry]:
    return [str(row[name]) for name in ("agency", "year", "form")]


def _counts(frame: pd.DataFrame, language: str, links: Links) -> Printed:
    measures = list(dict.fromkeys(frame["measure"]))
    headers = words(language, "agency", "year", "form") + [titled(language, "outcome", m) for m in measures]
    rows: list[list[Entry]] = [
        [*_who(one), *(_figure(row, links) for row in mine), document(one["source"], links)]
        for one, mine in _wide(frame, measures)
    ]
    return headers + words(language, "source"), rows


def _volumes(frame: pd.DataFrame, language: str, links: Links) -> Printed:
    measures = [measure for measure in VOLUMES if (frame["measure"] == measure).any()]
    headers = words(language, "agency", "year", "form") + [titled(language, "volume", m) for m in measures]
    rows: list[list[Entry]] = []
    for one, mine in _wide(frame, measures):
        unit = [say(language, "unit", str(row["unit"])) if row["unit"] else "" for row in mine if row["measure"] == "fees"]
        rows.append([*_who(one), *(_figure(row, links) for row in mine), *unit, document(one["source"], links)])
    return headers + (words(language, "unit") if "fees" in measures else []) + words(language, "source"), rows


def _rates(frame: pd.DataFrame, language: str, links: Links) -> Printed:
    headers = words(language, "agency", "year", "measure", "value", "fraction", "interval", "lacking", "note", "source")
    rows: list[list[Entry]] = []
    for row in records(frame):
        note = say(language, "tables", "not_computable", why=say(language, "why", row["reason"])) if row["reason"] else ""
        mark = "°" if row["state"] == COMPUTED and row["lacking"] else ""
        at = links.of(row["source"], row["measure"])
        figures = _share(row, mark + links.mark(row["source"], row["measure"]), at)
        lacking = Figure(number(known(row["lacking"])), href=at)
        what = measure_of(row["measure"]).label(language)
        rows.append([row["agency"], str(row["year"]), what, *figures, lacking, note, document(row["source"], links)])
    return headers, rows


def _share(row: dict[str, Any], mark: str, href: str) -> list[Entry]:
    """A share with its marks, its fraction and its interval."""
    share = percent(known(row["value"])) + ("†" if row["flagged"] else "") + mark
    fraction = f"{number(known(row['numerator']))}/{number(known(row['denominator']))}"
    return [Figure(share, href=href), Figure(fraction, href=href), Figure(_interval(row), href=href)]


def _interval(row: dict[str, Any]) -> str:
    low, high = row["low"], row["high"]
    return "" if low is None or high is None else f"{percent(low)}–{percent(high)}"


def _reasons(frame: pd.DataFrame, language: str, links: Links) -> Printed:
    reasons = list(dict.fromkeys(frame["measure"]))
    headers = words(language, "agency", "year") + [say(language, "reason", reason) for reason in reasons]
    rows: list[list[Entry]] = []
    for one, mine in _wide(frame, reasons):
        figures = []
        for row in mine:
            marks = ("†" if row["flagged"] else "") + ("°" if row["lacking"] and row["numerator"] is not None else "")
            marks += links.mark(row["source"], f"requests.{row['measure']}.*")
            cells = str(row["origin"]).split(" ÷ ")[0]  # of the cases, not of the share
            figures.append(Figure(number(known(row["numerator"])) + marks, cells, links.of(row["source"], cells)))
        rows.append([str(one["agency"]), str(one["year"]), *figures, document(one["source"], links)])
    return headers + words(language, "source"), rows


def _pooled(frame: pd.DataFrame, over: str, language: str, links: Links) -> Printed:
    headers = words(language, over, "group", "reason", "share", "fraction", "interval", "used", "left_out")
    rows: list[list[Entry]] = []
    order = [reason for group in REASON_GROUPS for reason in members(group)]
    for row in sorted(records(frame), key=lambda row: (row[over], order.index(row["measure"]))):
        if not row["denominator"]:
            continue
        whose, reason, whom = row[over], row["measure"], over == "applicant"
        group = reason.split(".")[0]
        at = links.row(reason, whose if whom else agency_mark(whose))
        mark = links.mark("" if whom else whose, f"requests.{group}.*.{whose if whom else '*'}")
        who = [say(language, "applicant", whose) if whom else whose, titled(language, "outcome", group), say(language, "reason", reason)]
        rows.append([*who, *_share(row, mark, at), *(Figure(number(known(row[name])), href=at) for name in ("used", "left_out"))])
    return headers, rows


def _comparison(frame: pd.DataFrame, language: str, links: Links) -> Printed:
    """A frame of `compare` or `change`, the columns that it has, in the units of its measure.

    What is computed of many reports leads to the page that lists the measure in all of them.
    """
    measure = str(frame["measure"].iloc[0])
    share = measure_of(measure).kind == "share"
    shown = [name for name in _COLUMNS if name.split("+")[0] in frame]
    rows = []
    for row in records(frame):
        at = links.measure(measure, str(row.get("agency") or ""))
        entries = [_column(name, row, share, language) for name in shown]
        rows.append([replace(entry, href=at) if isinstance(entry, Figure) else entry for entry in entries])
    unit = say(language, "chart", "points") if share else say(language, "told_in", measure_of(measure).kind)
    return [say(language, "tables", _COLUMNS[name][0], unit=unit) for name in shown], rows


_COLUMNS = {
    "group": ("peers", "text"), "agency": ("agency", "text"), "stratum": ("stratum", "stratum"), "year": ("year", "text"),
    "basis": ("basis", "basis"), "value": ("value", "value"), "numerator+denominator": ("fraction", "fraction"),
    "crude": ("crude", "value"), "standardised": ("standardised", "value"), "shrunken": ("shrunken", "value"),
    "value_first": ("first", "value"), "numerator_first+denominator_first": ("fraction", "fraction"),
    "value_last": ("last", "value"), "numerator_last+denominator_last": ("fraction", "fraction"),
    "difference": ("difference", "points"), "rate": ("rate_effect", "points"), "mix": ("mix_effect", "points"),
    "slope": ("slope", "points"), "low+high": ("interval", "range"), "low95+high95": ("limits95", "range"),
    "low998+high998": ("limits998", "range"), "place": ("standing", "place"), "weight": ("weight", "percent"),
    "rank": ("rank", "decimal"), "rank_low+rank_high": ("rank_interval", "ranks"), "tau": ("tau", "decimal"),
    "p": ("p", "probability"), "q": ("q", "probability"), "n": ("n", "count"), "n_missing": ("left_out", "count"),
    "natural_person": ("persons", "count"), "organisations": ("bodies", "count"), "reason": ("note", "reason"),
}  # fmt: skip
"""Columns of a comparison in their order: the word that heads them, and how they are written."""


def _column(name: str, row: Mapping[str, Any], share: bool, language: str) -> Entry:
    """One entry of `_comparison`; † at the first figure of a row that an error finding touches."""
    first, _, second = name.partition("+")
    kind = _COLUMNS[name][1]
    if kind in ("text", "stratum", "basis", "place", "reason"):
        text = str(row[first] or "") if row[first] is not None else ""
        sections = {"stratum": "stratum", "basis": "basis", "place": "place", "reason": "why"}
        if kind == "text" or not text or (kind == "stratum" and text not in ("natural_person", "organisations")):
            return text
        return say(language, sections[kind], text.rpartition("_")[2] if kind == "place" else text)
    value = known(row[first])
    other = known(row[second]) if second else None
    mark = "†" if first in ("value", "crude", "difference", "tau") and row.get("flagged") and value is not None else ""
    if kind in ("range", "ranks", "fraction"):
        if value is None or (other is None and kind != "fraction"):
            return Figure("")
        if kind == "range":
            return Figure("–".join(percent(one) if share else number(one, 1) for one in (value, other)))
        return Figure(f"{number(value)}–{number(other)}" if kind == "ranks" else f"{number(value)}/{number(other)}" if other is not None else number(value))
    if value is None:
        return Figure("—")
    written = {
        "value": percent(value) if share else number(value, 1), "percent": percent(value), "decimal": f"{value:.2f}",
        "probability": "<0.0001" if value < 1e-4 else f"{value:.4f}", "count": number(value),
        "points": f"{100 * value:+.2f}" if share else f"{value:+.2f}",
    }  # fmt: skip
    return Figure(written[kind] + mark)
