"""docs/data.md is what the forms and frames say today."""

from __future__ import annotations

import re

import describe
from made_panels import ZERO_TOTAL, made_panel

import govdisclose as gd
from govdisclose.assembly import TABLES
from govdisclose.export import codebook


def test_the_page_is_current() -> None:
    assert describe.PAGE.read_text("utf-8") == describe.description()


def test_every_column_of_a_panel_is_described_in_its_order() -> None:
    panel = made_panel([ZERO_TOTAL])
    assert tuple(describe.TABLES) == TABLES
    for name, (_, columns) in describe.TABLES.items():
        assert ", ".join(columns).split(", ") == list(getattr(panel, name).columns)


def test_every_column_of_places_and_lineage_is_described_in_its_order() -> None:
    for name, frame in (("gd.places", gd.places("金湖县")), ("gd.lineage", gd.lineage())):
        assert ", ".join(describe.FRAMES[name][2]).split(", ") == list(frame.columns)


def test_every_key_of_every_form_is_named() -> None:
    named = set(re.findall(r"`([^`]+)`", describe.description()))
    book = codebook()
    assert {*book["table"], *book["row"], *book["column"]} <= named
