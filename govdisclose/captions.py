"""Measures in, sentences out: what a figure shows, what it rests on, what is missing, and what a page says at its head.

All sentences are computed; none is kept from an earlier run. Plain text throughout, to be escaped by who prints it.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd

from govdisclose.measures import COMPUTED, REASON_GROUPS, VOLUMES, Block, pool
from govdisclose.panel import Panel
from govdisclose.wording import listed, number, percent, say, titled, year_span

Texts = list[str]


def rests_on(frame: pd.DataFrame, cover: pd.DataFrame, language: str, whole: bool = False) -> str:
    """Given the figures of a chart and the coverage, return its n, what could not be computed, and what is missing.

    `cover` may be empty: then nothing is said of missing reports. `whole`: the chart shows an agency-year only where all its
    figures are computable; else n counts those that have any.
    """
    held = (frame["state"] == COMPUTED) | ((frame["reason"] == "zero_denominator") & ("group" in frame))
    pairs = frame.assign(held=held).groupby(["agency", "year"])["held"]
    drawn = pairs.all() if whole else pairs.any()
    agencies = {agency for agency, _ in drawn[drawn].index}
    key = "n" if len(agencies) != 1 else "n_one"
    parts = [say(language, "caption", key, used=int(drawn.sum()), agencies=len(agencies))]
    shown = pd.Series(drawn.loc[pd.MultiIndex.from_frame(frame[["agency", "year"]])].to_numpy(dtype=bool), index=frame.index)
    for key, rows in (("lost", frame[~held & ~shown]), ("partly", frame[~held & shown])):
        lost = rows.drop_duplicates(["agency", "year"])
        if len(lost):
            reasons = rows.drop_duplicates(["agency", "year", "reason"])  # an agency-year may lack figures for several
            parts.append(say(language, "caption", key, count=len(lost), why=why(reasons, language)))
    if len(cover):
        parts.append(say(language, "caption", "missing", count=int((cover["state"] == "missing").sum())))
    for key, rows in (
        ("settled", frame[held & (frame["lacking"] > 0)]),
        ("hollow", frame[held & frame["flagged"]]),
    ):
        count = len(rows.drop_duplicates(["agency", "year"]))
        if count:
            parts.append(say(language, "caption", key, count=count))
    return _joined(parts, language)


def why(lost: pd.DataFrame, language: str) -> str:
    """The reasons of figures that cannot be computed, each with its count, the commonest first."""
    counted = Counter(lost["reason"]).most_common()
    if language == "zh":
        return "；".join(f"{say(language, 'why', key)}（{count}）" for key, count in counted)
    return "; ".join(f"{say(language, 'why', key)} ({count})" for key, count in counted)


def caption(key: str, language: str, **values: object) -> str:
    """What a chart shows, in a sentence or two."""
    return say(language, "caption", key, **values)


def trend_words(block: Block) -> dict[str, object]:
    """What the caption of a balanced trend names."""
    return {"agencies": len(block.agencies), "years": year_span(list(block.years))}


def pooled_words(shares: pd.DataFrame) -> dict[str, object]:
    """What the caption of a pooled table names: agency-years used in every group, and those left out of some."""
    lost = shares[(shares["state"] != COMPUTED) & (shares["reason"] != "zero_denominator")]
    left_out = len(lost.drop_duplicates(["agency", "year"]))
    return {"used": len(shares.drop_duplicates(["agency", "year"])) - left_out, "left_out": left_out}


def line_words(lines: pd.DataFrame) -> dict[str, object]:
    """What the caption of a table pooled by line names: agency-years used, and those left out, from the fewest to the most."""
    spans = {name: (int(lines[name].min()), int(lines[name].max())) for name in ("used", "left_out")}
    return {name: f"{low}–{high}" if low < high else str(low) for name, (low, high) in spans.items()}


def scope(panel: Panel, cover: pd.DataFrame, language: str) -> Texts:
    """Who is in the panel, over which years, what is missing, what was left out."""
    read = cover[cover["state"] != "missing"]
    forms = [say(language, "summary", "form", form=f, count=c) for f, c in sorted(Counter(read["form"]).items())]
    texts = [
        say(
            language,
            "summary",
            "scope",
            agencies=cover["agency"].nunique(),
            years=year_span(sorted({int(year) for year in cover["year"]}), language),
            documents=len(read),
            possible=len(cover),
            missing=len(cover) - len(read),
            forms=listed(language, forms),
        )
    ]
    nameless = int(((panel.reports["agency"].fillna("") == "") | panel.reports["year"].isna()).sum())
    several = int((read["documents"] > 1).sum())
    empty = int((read["state"] == "no_figures").sum())
    for key, count in (
        ("no_figures", empty),
        ("several", several),
        ("nameless", nameless),
        ("failures", len(panel.failures)),
    ):
        if count:
            texts.append(say(language, "summary", key, count=count))
    return texts


def requests_summary(counts: pd.DataFrame, shares: pd.DataFrame, language: str) -> Texts:
    """Requests received and concluded, and the spread of grant rates."""
    totals = counts.groupby("measure")["value"].sum()
    texts = [
        say(
            language,
            "summary",
            "requests",
            received=number(float(totals["received"])),
            concluded=number(float(totals["concluded"])),
        )
    ]
    rate = shares[shares["measure"] == "grant_rate"]
    held = rate[rate["state"] == COMPUTED].sort_values(["value", "agency", "year"])
    if len(held):
        texts.append(
            say(
                language,
                "summary",
                "rate",
                used=len(held),
                median=percent(float(held["value"].median())),
                low=percent(float(held["value"].iloc[0])),
                lowest=_who(held[held["value"] == held["value"].iloc[0]], language),
                high=percent(float(held["value"].iloc[-1])),
                highest=_who(held[held["value"] == held["value"].iloc[-1]], language),
            )
        )
    else:
        texts.append(say(language, "summary", "no_rate"))
    lost = rate[rate["state"] != COMPUTED]
    if len(lost):
        texts.append(say(language, "summary", "not_computable", count=len(lost), why=why(lost, language)))
    return texts


def reasons_summary(shares: pd.DataFrame, language: str) -> Texts:
    """The commonest reason of each group, and what was left out."""
    texts = []
    pooled = pool(shares, ["group"])
    for group in REASON_GROUPS:
        rows = pooled[pooled["group"] == group].sort_values("numerator", ascending=False, kind="stable")
        top = rows.iloc[0]
        name, cases = titled(language, "outcome", group), float(top["denominator"])
        words = {"group": name, "used": int(top["used"]), "cases": number(cases)}
        if cases:
            reason = say(language, "reason", str(top["measure"]))
            parts = [say(language, "summary", "group", top=reason, share=percent(float(top["value"])), **words)]
        else:
            parts = [say(language, "summary", "empty_group", **words)]
        if rows["left_out"].any():
            parts.append(say(language, "summary", "left_out", count=int(rows["left_out"].max())))
        texts.append(_joined(parts, language))
    return [*texts, say(language, "summary", "overlap")] if shares["agency"].nunique() > 1 else texts


def volumes_summary(figures: pd.DataFrame, language: str) -> Texts:
    """How many agency-years print each volume, zeros, the median and the largest; the units of fees."""
    texts = []
    for measure in [name for name in VOLUMES if name != "fees"]:
        held = figures[(figures["measure"] == measure) & (figures["state"] == COMPUTED)].sort_values(
            ["value", "agency"]
        )
        name = titled(language, "volume", measure)
        if not len(held):
            texts.append(say(language, "summary", "no_volume", volume=name))
            continue
        texts.append(
            say(
                language,
                "summary",
                "volume",
                volume=name,
                used=len(held),
                zeros=int((held["value"] == 0).sum()),
                median=number(float(held["value"].median())),
                high=number(float(held["value"].iloc[-1])),
                highest=_who(held[held["value"] == held["value"].iloc[-1]], language),
            )
        )
    fees = figures[(figures["measure"] == "fees") & (figures["state"] == COMPUTED)]
    if len(fees):
        counted = Counter(fees["unit"]).most_common()
        units = [say(language, "summary", "fee_unit", unit=say(language, "unit", u), count=c) for u, c in counted]
        texts.append(say(language, "summary", "fee_units", units=listed(language, units)))
    else:
        texts.append(caption("no_fees", language))
    return texts


def doubts(frames: list[pd.DataFrame], language: str) -> str:
    """How many of the figures drawn are touched by an error finding, and how many such could not be computed at all."""
    count, lost = (sum(int(((frame["state"] == COMPUTED) == held)[frame["flagged"]].sum()) for frame in frames) for held in (True, False))
    parts = [say(language, "summary", "doubted", count=count) if count else say(language, "summary", "undoubted")]
    if lost:
        parts.append(say(language, "summary", "doubted_lost", count=lost))
    return _joined(parts, language)


def _who(rows: pd.DataFrame, language: str) -> str:
    """Whose figure it is, and how many more have the same; of those the one with most cases."""
    divided = "denominator" in rows and rows["denominator"].notna().all()
    row = (rows.sort_values("denominator", ascending=False, kind="stable") if divided else rows).iloc[0]
    comma = "，" if language == "zh" else ", "
    cases = f"{comma}{number(float(str(row['numerator'])))}/{number(float(str(row['denominator'])))}" if divided else ""
    who = f"{row['agency']} {row['year']}{cases}"
    return who if len(rows) == 1 else say(language, "summary", "tied", who=who, count=len(rows) - 1)


def _joined(parts: Texts, language: str) -> str:
    return ("" if language == "zh" else " ").join(parts)
