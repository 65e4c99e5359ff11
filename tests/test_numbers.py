"""Printed text of one cell -> figure."""

from __future__ import annotations

import pytest

from govdisclose.numbers import read_figure


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("12", 12, ""),
        ("0", 0, ""),
        ("0.00", 0.0, ""),
        ("72701.2578", 72701.2578, ""),
        ("1,234", 1234, ""),
        ("1，234", 1234, ""),
        ("1 234", 1234, ""),
        ("6 9 0 0", 6900, ""),
        ("６９００", 6900, ""),
        ("\u200b 12\u00a0", 12, ""),
        ("12件", 12, "件"),
        ("3 条", 3, "条"),
        ("43.5万元", 43.5, "万元"),
        ("251000元", 251000, "元"),
        ("12①", 12, ""),
        ("12²", 12, ""),
        ("12[1]", 12, ""),
        ("12*", 12, ""),
        ("30\n（其中修订 4 件）", 30, ""),
        ("41（含自然失效 9 件）", 41, ""),
        ("〇", 0, ""),
        ("+10", 10, ""),
        ("－3", -3, ""),
        ("增2", 2, ""),
        ("减少3", -3, ""),
        ("減3", -3, ""),
        ("↑2", 2, ""),
    ],
)
def test_a_figure_as_printed(text: str, value: float, unit: str) -> None:
    figure = read_figure(text)
    assert (figure.value, figure.state, figure.unit) == (value, "number", unit)


@pytest.mark.parametrize("text", ["/", "／", "-", "—", "――", "－", "不适用", "不適用", "不涉及", "\\"])
def test_not_applicable(text: str) -> None:
    assert read_figure(text)[:2] == (None, "not_applicable")


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u00a0\u200b", "\n"])
def test_blank(text: str) -> None:
    assert read_figure(text)[:2] == (None, "blank")


@pytest.mark.parametrize(
    "text",
    ["无", "O", "1O", "l2", "012", "00", "3\n1", "1①2", "①", "12%", "1,23", "12,3456", "2023-01-05", "约12", "12-13", "43 43", "12 34 5",
     "(3)", "12(3)", "12.", "三", "本年增", "减用负值表示,如-8"],
)  # fmt: skip
def test_what_is_no_plain_figure_is_unreadable(text: str) -> None:
    assert read_figure(text)[:2] == (None, "unreadable")
