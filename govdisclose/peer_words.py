"""Groups of peers and what is to be said of them: who is compared, who lies outside, what is left of a rank, of a change.

All sentences are computed; none is kept from an earlier run. Plain text throughout, to be escaped by who prints it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pandas as pd

from govdisclose.change import FEWEST_YEARS, Decomposition, compare_years, decompose, standardise, trend
from govdisclose.compare import FEWEST, Funnel, Shrunken, funnel, peers, robust, shrink
from govdisclose.dictionary import measure_of
from govdisclose.kinds import english_kind
from govdisclose.measures import COMPUTED, agency_years, measure, pool
from govdisclose.panel import Panel
from govdisclose.wording import listed, say, sentences

GROUPS = 6
"""So many groups of peers are drawn, the largest; the tables hold all agencies."""

Texts = list[str]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Group:
    """Agencies of one kind and level, and what a comparison of one measure finds; None where there is nothing to compare.

    Attributes
    ----------
    name : kind and level in words
    panel : their part of the panel
    agencies : their names
    funnel, shrunken : None with fewer than `FEWEST` agencies that have the measure; shrunken also where it is no share
    by_agency, by_applicant : the change from the first to the last year, taken apart
    changes, trend, robust, standard : frames of the functions of these names; None where they cannot be had
    """

    name: str
    panel: Panel
    agencies: tuple[str, ...]
    funnel: Funnel | None
    shrunken: Shrunken | None
    by_agency: Decomposition | None
    by_applicant: Decomposition | None
    changes: pd.DataFrame | None
    trend: pd.DataFrame | None
    robust: pd.DataFrame | None
    standard: pd.DataFrame | None


def group_name(kind: str, level: str, language: str) -> str:
    """Kind and level in words."""
    told = [kind or say(language, "level", "kindless"), say(language, "level", level)]
    english = english_kind(kind)
    if language == "en" and english:
        return f"{english} ({', '.join(told)})"
    return f"{told[0]}（{told[1]}）" if language == "zh" else f"{told[0]} ({told[1]})"


def values(panel: Panel, key: str, language: str) -> pd.DataFrame:
    """A measure of every agency over all its years, with its group of peers; largest groups first, highest value first."""
    found = peers(panel)
    names = [group_name(kind, level, language) for kind, level in zip(found["agency_kind"], found["level"], strict=True)]
    told = found.assign(group=names, order=pd.factorize(pd.Series(names))[0])
    figures = measure(panel, key, "agency").merge(told[["agency", "group", "order", "peers"]], on="agency")
    return figures.sort_values(["order", "value", "agency"], ascending=[True, False, True], ignore_index=True)


def groups(panel: Panel, key: str, language: str) -> list[Group]:
    """The groups of peers that can be compared, largest first, at most `GROUPS`; with what is found of each."""
    shown = values(panel, key, language)
    held = shown[shown["state"] == COMPUTED].groupby("group", sort=False)["agency"].nunique()
    names = list(held.index[held >= FEWEST])[:GROUPS]
    return [_group(name, panel.select(sorted(set(shown.loc[shown["group"] == name, "agency"]))), key) for name in names]


def _group(name: str, panel: Panel, key: str) -> Group:
    one = measure_of(key)
    several = panel.reports["year"].nunique() > 1
    counted, share = one.kind in ("share", "rate"), one.kind == "share"
    agencies = tuple(sorted(set(panel.reports["agency"])))
    return Group(
        name=name,
        panel=panel,
        agencies=agencies,
        funnel=_tried(lambda: funnel(panel, key)) if counted else None,
        shrunken=_tried(lambda: shrink(panel, key)) if share else None,
        by_agency=_tried(lambda: decompose(panel, key, by="agency")) if share and several else None,
        by_applicant=_tried(lambda: decompose(panel, key, by="applicant")) if share and several and one.by_applicant else None,
        changes=compare_years(panel, key) if counted and several else None,
        trend=trend(panel, key) if several else None,
        robust=robust(panel, key) if several else None,
        standard=standardise(panel, key) if share and one.by_applicant else None,
    )


def _tried(compare: Callable[[], T]) -> T | None:
    """What a comparison finds; None where too few have the measure in one segment, or in both years, to be compared."""
    try:
        return compare()
    except ValueError:
        return None


def small_groups(panel: Panel, key: str, language: str) -> pd.Series[int]:
    """How many agencies have the measure in the groups that are too small to compare."""
    shown = values(panel, key, language)
    held = shown[shown["state"] == COMPUTED].groupby("group", sort=False)["agency"].nunique()
    held = held.reindex(shown["group"].unique(), fill_value=0)
    return held[held < FEWEST]


# --- sentences --------------------------------------------------------------------------------------------------------
def summary(panel: Panel, compared: list[Group], key: str, language: str) -> Texts:
    """The plain summary of a page: who is compared, and what of it is more than chance."""
    label = measure_of(key).label(language)
    definition = measure_of(key).zh_is if language == "zh" else measure_of(key).en_is
    texts = [say(language, "peer", "measure", label=label, definition=definition)]
    small = small_groups(panel, key, language)
    if len(small):
        named = listed(language, [f"{name} {count}" for name, count in small.items()][:8])
        more = "…" if len(small) > 8 else ""
        texts.append(say(language, "peer", "small", groups=len(small), fewest=FEWEST, named=named + more))
    if not compared:
        return [*texts, say(language, "peer", "none", fewest=FEWEST)]
    for group in compared:
        texts += _of_group(group, key, language)
    return texts


def _of_group(group: Group, key: str, language: str) -> Texts:
    """Up to three sentences with the group's name in front: differences, changes over the years, robustness."""
    whole = [_differences(group, key, language), _over_years(group, language)]
    whole.append([] if group.robust is None else [_robustness(group.robust, key, language)])
    name = say(language, "peer", "group", group=group.name, agencies=len(group.agencies))
    return [sentences(language, name, *said) for said in whole if said]


def _differences(group: Group, key: str, language: str) -> Texts:
    said = []
    if group.funnel is not None:
        rows = group.funnel.agencies
        outer = rows[rows["place"].str.endswith("99.8")]
        between = int(rows["place"].str.endswith("95").sum())
        target = measure_of(key).written(group.funnel.target, 1)
        said.append(say(language, "peer", "funnel", target=target, outer=len(outer), between=between, n=len(rows)))
        if len(outer):
            named = [f"{row['agency']} {measure_of(key).written(row['value'], 1)}" for row in outer.head(6).to_dict("records")]
            said.append(say(language, "peer", "outside", named=listed(language, named)))
        key_of = "dispersed" if group.funnel.beyond else "chance"
        said.append(say(language, "peer", key_of, phi=f"{group.funnel.dispersion:.2f}", left=_left_outside(group.funnel)))
    if group.shrunken is not None:
        rows = group.shrunken.agencies
        spans = rows["rank_high"] - rows["rank_low"] + 1
        said.append(say(language, "peer", "ranks", span=f"{spans.median():.0f}", n=len(rows)))
    if group.standard is not None:
        told = group.standard[group.standard["state"] == COMPUTED]
        if len(told):
            most = float((told["standardised"] - told["crude"]).abs().max())
            said.append(say(language, "peer", "standard", most=_points(most, language, signed=False), n=len(told)))
    return said


def _left_outside(found: Funnel) -> int:
    """How many agencies lie beyond the 99.8 % limits when these are widened by the dispersion."""
    rows, wider = found.agencies, found.dispersion**0.5
    low, high = (found.target + wider * (rows[name] - found.target) for name in ("low998", "high998"))
    return int(((rows["value"] < low) | (rows["value"] > high)).sum())


def _over_years(group: Group, language: str) -> Texts:
    said = []
    if group.by_agency is not None:
        found = group.by_agency
        points = {
            name: _points(value, language)
            for name, value in (("change", found.last_value - found.first_value), ("rate", found.rate), ("mix", found.mix))
        }
        agencies = len(found.strata)
        said.append(say(language, "peer", "decomposed", first=found.first, last=found.last, agencies=agencies, **points))
    if group.changes is not None:
        tested = group.changes[group.changes["state"] == COMPUTED]
        counts = {"n": len(tested), "p": int((tested["p"] < 0.05).sum()), "q": int((tested["q"] < 0.05).sum())}
        said.append(say(language, "peer", "changes" if len(tested) else "no_changes", **counts))
    if group.trend is not None:
        tested = group.trend[group.trend["state"] == COMPUTED]
        counts = {"n": len(tested), "few": len(group.trend) - len(tested), "q": int((tested["q"] < 0.05).sum())}
        said.append(say(language, "peer", "trends" if len(tested) else "no_trends", fewest=FEWEST_YEARS, **counts))
    return said


def _robustness(frame: pd.DataFrame, key: str, language: str) -> str:
    sound, balanced = largest_differences(frame, key, language)
    return say(language, "peer", "robust", sound=sound, balanced=balanced)


def largest_differences(frame: pd.DataFrame, key: str, language: str) -> tuple[str, str]:
    """By how much at most the pooled figure of a year differs on sound figures, and on the balanced panel, in words."""
    told = []
    for basis in ("sound", "balanced"):
        apart = frame.loc[(frame["basis"] == basis) & (frame["state"] == COMPUTED), "difference"].abs().max()
        missing = say(language, "peer", "not_had")
        told.append(missing if pd.isna(apart) else _points(float(apart), language, signed=False, key=key))
    return told[0], told[1]


def _points(difference: float, language: str, signed: bool = True, key: str = "grant_rate") -> str:
    """A difference of shares in percentage points, of other measures as it is."""
    sign = "+" if signed else ""
    if measure_of(key).kind != "share":
        return f"{difference:{sign}.1f}"
    return say(language, "peer", "points", value=f"{100 * difference:{sign}.1f}")


def whole_robust(panel: Panel, key: str) -> pd.DataFrame:
    """`robust` over the whole panel, with the rows of forms that have not the measure left out."""
    found = robust(panel, key)
    return found[found["reason"] != "not_in_form"]


def missing_words(panel: Panel, key: str) -> dict[str, Any]:
    """What captions say of a group: agency-years used, agencies, agency-years without a computable figure."""
    figures = agency_years(panel, [key])
    one = pool(figures, []).iloc[0]
    return {"n": int(one["used"]), "agencies": int(one["agencies"]), "missing": int(one["left_out"])}
