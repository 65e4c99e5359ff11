"""Charts: Chinese labels on any machine, gaps as gaps, doubted figures hollow, room for few agencies and for many."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from made_panels import BLANK_ZEROS, CONCLUDED_ZERO, ZERO_TOTAL, Made, counts, made_panel
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from govdisclose import drawing, figures, measures
from govdisclose.panel import Panel

TWO = ("full_or_partial_rate", "grant_rate")


def yearly(agency: str, years: tuple[int, ...], size: int = 10, **more: object) -> list[Made]:
    rows = {"received": 10 * size, "granted": 4 * size, "denied.third_party": 6 * size, "concluded": 10 * size}
    return [Made(agency, year, counts(rows), **more) for year in years]  # type: ignore[arg-type]


def many(number: int) -> Panel:
    names = [f"示例省示例市云岭县第{n}市场监督管理局综合行政执法大队" for n in range(number)]
    return made_panel([report for n, name in enumerate(names) for report in yearly(name, (2022, 2023), n + 1)])


def charts(panel: Panel, language: str) -> dict[str, Callable[[], Figure]]:
    outcomes, rates, reasons = measures.outcomes(panel), measures.rates(panel), measures.reasons(panel)
    received = outcomes[outcomes["measure"] == "received"]
    names = figures.by_size(received)
    volumes = measures.volumes(panel)
    decisions, fees = volumes[volumes["measure"] != "fees"], volumes[volumes["measure"] == "fees"]
    applicants = measures.reasons_by_applicant(panel)
    types = list(applicants["applicant"].unique())
    return {
        "coverage": lambda: figures.coverage(measures.coverage(panel, "requests"), names, language),
        "counts": lambda: figures.counts(received, names, language),
        "outcomes": lambda: figures.outcomes(outcomes, names, language),
        "rates": lambda: figures.rates(rates, names, language, TWO),
        "backlog": lambda: figures.rates(rates, names, language, ["backlog_rate"]),
        "trend": lambda: figures.trend(rates, measures.Block(tuple(names), (2022, 2023)), language, TWO),
        "reasons": lambda: figures.reasons(reasons, names, language, ["denied"]),
        "unmet": lambda: figures.reasons(reasons, names, language, ["not_available", "not_processed"]),
        "agencies": lambda: figures.reason_table(measures.pool(reasons, ["agency"]), "agency", names, language),
        "applicants": lambda: figures.reason_table(applicants, "applicant", types, language),
        "volumes": lambda: figures.volumes(decisions, names, language),
        "ranks": lambda: figures.volume_ranks(measures.latest(decisions), names, language),
        "fees": lambda: figures.fees(fees, names, language, "10k yuan"),
    }


@pytest.mark.parametrize(("number", "language"), [(1, "en"), (3, "zh"), (11, "en")])
def test_every_chart_is_drawn_without_a_missing_glyph(number: int, language: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, draw in charts(many(number), language).items():
            assert drawing.svg(draw()).startswith("<svg"), name


def test_every_chart_survives_reports_with_nothing_in_them() -> None:
    panel = made_panel([Made("甲县", 2022, rest=None), Made("甲县", 2023, rest="")])
    drawn = charts(panel, "zh")
    for name in set(drawn) - {"trend", "ranks"}:
        assert drawing.svg(drawn[name]()).startswith("<svg"), name


def test_the_font_comes_with_the_package_and_minus_is_a_hyphen() -> None:
    style = drawing.style()
    assert style["font.family"] == ["Noto Sans SC"] and style["axes.unicode_minus"] is False


def test_the_same_chart_gives_the_same_bytes_and_names_no_address() -> None:
    panel = made_panel([ZERO_TOTAL, BLANK_ZEROS])
    first, second = (drawing.svg(charts(panel, "zh")["rates"]()) for _ in range(2))
    assert first == second
    assert "dtd" not in first and "<script" not in first and "<image" not in first


def test_a_missing_year_is_a_gap_in_the_line() -> None:
    panel = made_panel([*yearly("甲县", (2020, 2021, 2023)), *yearly("乙县", (2020, 2021, 2022, 2023))])
    received = measures.outcomes(panel).query("measure == 'received'")
    figure = figures.counts(received, ["甲县", "乙县"], "zh")
    first, second = (axis.get_lines()[0].get_ydata() for axis in figure.axes)
    assert np.isnan(np.asarray(first, dtype=float)).tolist() == [False, False, True, False]
    assert np.asarray(second, dtype=float).tolist() == [100, 100, 100, 100]


def test_a_doubted_point_is_hollow_and_a_figure_not_computable_is_a_cross() -> None:
    doubt = CONCLUDED_ZERO
    doubted = yearly("甲县", (2022,), findings=(doubt,))
    zero = Made("甲县", 2023, ZERO_TOTAL.figures, findings=(doubt,))
    rates = measures.rates(made_panel([*doubted, zero]))
    figure = figures.rates(rates, ["甲县"], "zh", ["grant_rate"])
    line, hollow, cross = figure.axes[0].get_lines()
    assert hollow.get_markerfacecolor() == "white" and list(hollow.get_xdata()) == [2022]
    assert cross.get_marker() == "x" and list(cross.get_xdata()) == [2023]
    assert list(line.get_markevery()) == [False, True]
    assert np.isnan(np.asarray(line.get_ydata(), dtype=float)[1])


def test_figures_beside_points_keep_clear_of_each_other() -> None:
    reports = [Made(f"县{n}", year, {"proactive.fees.amount": f"{year}3.{n}257"}) for n in range(9) for year in range(2021, 2025)]
    fees = measures.volumes(made_panel(reports)).query("measure == 'fees'")
    figure = figures.fees(fees, [f"县{n}" for n in range(9)], "zh", "10k yuan")
    canvas = FigureCanvasAgg(figure)
    for axis in figure.axes:
        boxes = [label.get_window_extent(canvas.get_renderer()) for label in axis.texts]  # type: ignore[no-untyped-call]
        assert axis.texts[0].get_text().startswith("20,243.") and len(boxes) > 1
        assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])


def test_volumes_of_different_orders_stand_on_a_logarithmic_axis_with_room_for_zero() -> None:
    small = Made("甲县", 2023, {"proactive.licensing.decisions": "0", "proactive.penalties.decisions": "3"})
    large = Made("乙县", 2023, {"proactive.licensing.decisions": "11398889"})
    volumes = measures.volumes(made_panel([small, large])).query("measure != 'fees'")
    axis = figures.volumes(volumes, ["乙县", "甲县"], "zh").axes[0]
    assert axis.get_yscale() == "symlog" and axis.get_ylim()[0] < 0 < axis.get_ylim()[1]
    assert [drawing.count_label("zh")(tick) for tick in axis.get_yticks()] == ["0", "1", "100", "1万", "100万", "1亿"]
    narrow = measures.volumes(made_panel([small])).query("measure != 'fees'")
    assert figures.volumes(narrow, ["甲县"], "zh").axes[0].get_yscale() == "linear"


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [("zh", 9999, "9,999"), ("zh", 250_000, "25万"), ("en", 250_000, "250k"), ("en", 3e6, "3M"), ("en", 0, "0")],
)
def test_axis_labels_count_in_the_reader_s_way(language: str, value: float, text: str) -> None:
    assert drawing.count_label(language)(value) == text


def test_stacked_shares_reach_exactly_one_and_few_cases_are_pale() -> None:
    reports = [*yearly("甲县", (2022,), 10), *yearly("甲县", (2023,), 1)]
    reasons = measures.reasons(made_panel(reports))
    axis = figures.reasons(reasons, ["甲县"], "zh", ["denied"]).axes[0]
    (boxes,) = [one for one in axis.collections if isinstance(one, PolyCollection)]
    tops = [float(path.vertices[:, 1].max()) for path in boxes.get_paths()]
    assert tops == [1.0, 1.0]
    assert [face[3] for face in boxes.get_facecolor().tolist()] == [1.0, 0.4]


@pytest.mark.parametrize("number", [3, 40])
def test_panel_titles_do_not_run_into_each_other(number: int) -> None:
    panel = many(number)
    figure = charts(panel, "zh")["counts"]()
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [axis._left_title.get_window_extent(renderer) for axis in figure.axes if axis.get_visible()]
    assert len(boxes) == number
    for i, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[i + 1 :])


@pytest.mark.parametrize(("number", "language"), [(3, "en"), (11, "zh"), (40, "en")])
def test_no_word_reaches_beyond_its_figure(number: int, language: str) -> None:
    for name, draw in charts(many(number), language).items():
        figure = draw()
        drawn, size = figure.get_tightbbox(FigureCanvasAgg(figure).get_renderer()), figure.bbox_inches
        beyond = drawn.x0, drawn.y0, size.x1 - drawn.x1, size.y1 - drawn.y1
        # Pages are shown in the reader's fonts, in which words at the right end may be wider by a fifth.
        wider = 0.2 if name == "trend" else 0.0
        assert min(beyond) > -0.02 and beyond[2] > wider, (name, beyond)


def test_agencies_are_ordered_by_their_largest_figure() -> None:
    panel = made_panel([*yearly("甲县", (2022,), 1), *yearly("乙县", (2022,), 9), Made("丙县", 2022, rest=None)])
    assert figures.by_size(measures.outcomes(panel).query("measure == 'received'")) == ["乙县", "甲县", "丙县"]
