"""The figures of the page on peers: each shown with its caption, on the page that the notebook has opened."""

from __future__ import annotations

from typing import Any

import pandas as pd

from govdisclose import captions, peer_charts
from govdisclose.change import FEWEST_YEARS, Decomposition
from govdisclose.dictionary import measure_of
from govdisclose.drawing import LIMIT
from govdisclose.measures import COMPUTED
from govdisclose.notebook import Page
from govdisclose.peer_words import Group, largest_differences, missing_words, whole_robust
from govdisclose.wording import say, sentences


def show_group(page: Page, group: Group) -> None:
    """Show all figures of a group."""
    for show in (show_funnel, show_ranks, show_standard, show_changes, show_parts, show_trends, show_robustness):
        show(page, group)


def show_values(page: Page, values: pd.DataFrame) -> None:
    """Show every agency's figure over all its years, among its peers."""
    bounded = measure_of(page.measure).kind in ("share", "rate")
    note = say(page.language, "chart", "values" if bounded else "values_plain", measure=measure_of(page.measure).label(page.language))
    figure = peer_charts.ranked(values.head(LIMIT), page.language, note)
    text = captions.caption("peer_values" if bounded else "peer_values_plain", page.language, **missing_words(page.panel, page.measure))
    if len(values) > LIMIT:
        text = sentences(page.language, text, captions.caption("first_rows", page.language, limit=LIMIT))
    page.show("peer_values", figure, values, text=text)


def _ranked_caption(page: Page, key: str, drawn: int, **words: object) -> str:
    """The caption of a chart of one line an agency, and how many it leaves to the table."""
    text = captions.caption(key, page.language, **words)
    if drawn <= LIMIT:
        return text
    return sentences(page.language, text, captions.caption("outermost", page.language, all=drawn, limit=LIMIT))


def show_funnel(page: Page, group: Group) -> None:
    """Show the funnel plot of a group."""
    if group.funnel is not None:
        rows = group.funnel.agencies.assign(measure=page.measure)
        words = missing_words(group.panel, page.measure)
        page.show("funnel", peer_charts.funnel(group.funnel, page.language), rows, group=group.name, **words)


def show_ranks(page: Page, group: Group) -> None:
    """Show shrunken shares and ranks of a group."""
    if group.shrunken is not None:
        rows = group.shrunken.agencies.assign(measure=page.measure)
        text = _ranked_caption(page, "ranks", len(rows), **missing_words(group.panel, page.measure))
        page.show("ranks", peer_charts.ranks(group.shrunken, page.language), rows, text=text, group=group.name)


def _computed(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    """The rows that could be computed; None where there are none."""
    told = None if frame is None else frame[frame["state"] == COMPUTED]
    return None if told is None or told.empty else told


def _show_ranked(page: Page, group: Group, key: str, frame: pd.DataFrame, drawn: pd.DataFrame, note: str, signed: bool, **words: Any) -> None:
    """Show the values of `drawn`, one line an agency, largest first; the table behind is `frame`."""
    ordered = drawn.sort_values(["value", "agency"], ascending=[False, True])
    figure = peer_charts.ranked(peer_charts.extremes(ordered), page.language, note, reference=0.0 if signed else None, signed=signed)
    text = _ranked_caption(page, key, len(drawn), tested=len(drawn), left_out=len(frame) - len(drawn), fewest=FEWEST_YEARS)
    page.show(key, figure, frame, text=text, group=group.name, **words)


def _tested(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows with the values of a column to draw and q in words."""
    words = ["q " + ("<0.001" if q < 0.001 else f"{q:.3f}") for q in frame["q"]]
    return frame.assign(value=frame[column], word=words)


def show_standard(page: Page, group: Group) -> None:
    """Show a group's shares under the same mix of applicants."""
    told = _computed(group.standard)
    if group.standard is not None and told is not None:
        drawn = told.assign(flagged=False, value=told["standardised"])
        _show_ranked(page, group, "standard", group.standard, drawn, measure_of(page.measure).label(page.language), signed=False)


def show_changes(page: Page, group: Group) -> None:
    """Show how each agency of a group changed between the first and the last year."""
    told = _computed(group.changes)
    if group.changes is not None and told is not None:
        years = sorted({int(year) for year in group.panel.reports["year"].dropna()})
        span = {"first": years[0], "last": years[-1]}
        note = say(page.language, "chart", "differences", measure=measure_of(page.measure).label(page.language), **span)
        _show_ranked(page, group, "changes", group.changes, _tested(told, "difference"), note, signed=True, **span)


def show_parts(page: Page, group: Group) -> None:
    """Show what the change of a group's pooled share is made of, by agency and by kind of applicant."""
    for key, found in (("mix_agency", group.by_agency), ("mix_applicant", group.by_applicant)):
        if found is not None:
            _show_decomposition(page, key, found, group)


def _show_decomposition(page: Page, key: str, found: Decomposition, group: Group) -> None:
    names = {one: say(page.language, "stratum", one) for one in ("natural_person", "organisations")}
    span: dict[str, Any] = {"first": found.first, "last": found.last}
    used = len(group.agencies) - len(found.left_out)
    text = captions.caption("mix", page.language, agencies=used, left_out=len(found.left_out))
    figure = peer_charts.effects(found, page.language, names)
    page.show(key, figure, found.strata.assign(measure=page.measure), text=text, group=group.name, **span)


def show_trends(page: Page, group: Group) -> None:
    """Show the slopes of the agencies of a group that have enough years."""
    told = _computed(group.trend)
    if group.trend is not None and told is not None:
        note = say(page.language, "chart", "slopes", measure=measure_of(page.measure).label(page.language))
        _show_ranked(page, group, "trends", group.trend, _tested(told, "slope"), note, signed=True)


def show_robustness(page: Page, group: Group | None, measure: str = "") -> None:
    """Show the pooled measure (the page's, where none is named) by year on four bases: of a group, or of the whole panel."""
    key = measure or page.measure
    frame = whole_robust(page.panel, key) if group is None else group.robust
    if frame is None or not (frame["state"] == COMPUTED).any():
        return
    sound, balanced = largest_differences(frame, key, page.language)
    name = say(page.language, "peer", "everyone") if group is None else group.name
    whole = frame[frame["basis"] == "all"]
    words: dict[str, Any] = {"sound": sound, "balanced": balanced, "n": int(whole["n"].sum()), "missing": int(whole["n_missing"].sum())}
    text = captions.caption("robust", page.language, **words)
    if group is None:
        text = sentences(page.language, text, say(page.language, "summary", "overlap"))
    page.show("robust", peer_charts.robustness(frame, page.language), frame, text=text, group=name)
