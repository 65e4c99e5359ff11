"""Rates of the prose against the counts they are of, and the measured accuracy of reading prose."""

from __future__ import annotations

import pytest
from accuracy_prose import MEASURES, measured

from govdisclose.findings import Finding
from govdisclose.rates import check_rates
from govdisclose.statements import find_statements

VALUES: dict[str, tuple[float | None, str]] = {
    f"requests.{row}.total": (figure, "number")
    for row, figure in {
        "received": 12.0, "carried_in": 1.0, "granted": 7.0, "partially_granted": 1.0, "denied.third_party": 2.0,
        "denied.other_law": 0.0, "concluded": 12.0, "carried_out": 1.0,
    }.items()
}  # fmt: skip


def check(text: str, values: dict[str, tuple[float | None, str]] | None = None) -> list[Finding]:
    sections = {"overview": text}
    return check_rates(find_statements(sections, 2023), sections, VALUES if values is None else values)


def test_a_rate_that_its_counts_contradict() -> None:
    (finding,) = check("2023年完成食品抽样7350批次,不合格271批次,合格率97.3%。")
    assert (finding.rule, finding.severity, finding.involved) == ("prose.rate", "warning", ())
    assert (finding.expected, finding.found, finding.suggestion) == (96.3129, 97.3, None)
    assert finding.message == "文字说合格率为97.3%(“2023年完成食品抽样7350批次,不合格271批次,合格率97.3%。”),按7079/7350应为96.31%"
    assert finding.message_en == "the prose gives 97.3 % for 合格率, 7079/7350 is 96.31 %"


def test_a_share_names_its_cells() -> None:
    (finding,) = check("收到政府信息公开申请12件。予以公开7件,占办结总数的53.8%。")
    assert finding.involved == ("requests.granted.total", "requests.concluded.total")
    assert (finding.expected, finding.found) == (58.3333, 53.8)


@pytest.mark.parametrize(
    "text",
    [
        "抽检500批次,合格490批次,抽检合格率为97%。",
        "抽检500批次,抽检合格率为97%,不合格10批次。",
        "予以公开7件,占58.4%。",  # 58.33 is neither rounded nor cut off to this
        "不予公开2件,占比15.7%。",
        "办结政府信息公开申请12件,予以公开率68.3%。",
        "办结政府信息公开申请12件,公开率76.6%。",
        "发布信息800条,其中政策文件200条,占35%。",
    ],
)
def test_contradicted(text: str) -> None:
    assert [finding.rule for finding in check(text)] == ["prose.rate"]


@pytest.mark.parametrize(
    "text",
    [
        "抽检7350批次,不合格271批次,合格率96.3%。",
        "抽检7350批次,不合格271批次,不合格率3.6%。",  # cut off
        "予以公开7件,占58.3%。",
        "予以公开7件,占53.8%。",  # of received and carried in
        "予以公开7件,占53%。",
        "不予公开2件,占比16.7%。",
        "办结政府信息公开申请12件,公开率58.3%。",
        "办结政府信息公开申请12件,公开率66.7%。",  # with those granted in part
        # of others, of other times, about, planned, of something else
        "全市予以公开59件,占70%。",
        "2022年予以公开9件,占70%。",
        "予以公开7件,同比增长70%。",
        "予以公开7件,占70%以上。",
        "予以公开7件,占比约70%。",
        "予以公开7件,占主动公开信息的70%。",
        "发布信息800条,政策文件200条,占35%。",
        "发布信息800条,视频100条,其中解读50条,占6.25%。",
        "抽检500批次,不合格10批次,合格率目标为99%以上。",
        "抽检500批次,不合格10批次,合格率较上年提高1.2个百分点。",
        "抽检食品400批次、药品100批次,不合格5批次,合格率97%。",
        "抽检500批次,不合格10批次。上年合格率95%。",
        "行政处罚决定公开率100%。",
        "",
    ],
)
def test_left_alone(text: str) -> None:
    assert check(text) == []


def test_without_a_table_only_the_counts_of_the_prose_tell() -> None:
    assert check("予以公开7件,占70%。", {}) == []
    assert [f.expected for f in check("收到政府信息公开申请12件。予以公开7件,占70%。", {})] == [58.3333]


FLOORS = {"figures": (0.99, 0.99), "subjects": (0.96, 0.96), "cells": (0.97, 0.97), "rates": (1.0, 1.0)}
"""Measure -> precision and recall that hold. The reading was mended on the same sentences: what they guard is that it
does not get worse, not how well it does on reports of other wordings."""


@pytest.mark.parametrize("measure", MEASURES)
def test_prose_is_read_as_labelled(measure: str) -> None:
    score = measured()["all"][measure]
    precision, recall = FLOORS[measure]
    assert score.precision >= precision
    assert score.recall >= recall


def test_the_labelled_set_is_large_enough() -> None:
    table = measured()
    assert table["all"]["figures"].labelled >= 150
    assert table["all"]["cells"].labelled >= 60
    assert table["hard"]["cells"].labelled == 0
    assert table["hard"]["cells"].read == 0
