"""Corrections: beside what is printed, never in its place; refused where the print is another; each with its reason."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from made_panels import BLANK_ZEROS, CONCLUDED_ZERO, ZERO_TOTAL, Made, counts, made_panel

import govdisclose as gd
from govdisclose.checks import check_cells
from govdisclose.corrections import COLUMNS, outcomes, read_corrections, write_corrections
from govdisclose.counted import counted, filled
from govdisclose.evidence import read_ledger
from govdisclose.measures import coverage, rates
from govdisclose.panel import Panel
from govdisclose.store import PanelError

ROOT = Path(__file__).parents[1]
HEAD = ",".join(COLUMNS)
KEY = "requests.concluded.total"
LINE = f"{ZERO_TOTAL.agency},2023,requests,concluded,total,0,12,总计漏填,审校,2026-03-01"


@pytest.fixture(scope="module")
def panel() -> Panel:
    plain = made_panel([ZERO_TOTAL, BLANK_ZEROS])
    found = check_cells(filled(plain.cells[plain.cells["source"] == ZERO_TOTAL.name]))
    assert {f.suggestion for f in found if f.severity == "error"} == {12.0}
    return made_panel([Made(**{**ZERO_TOTAL.__dict__, "findings": tuple(found)}), BLANK_ZEROS])


def table(tmp_path: Path, *lines: str) -> Path:
    (tmp_path / "corrections.csv").write_text("\n".join((HEAD, *lines, "")), encoding="utf-8")
    return tmp_path / "corrections.csv"


def cell(panel: Panel, key: str = KEY, agency: str = ZERO_TOTAL.agency) -> dict[str, object]:
    keys = panel.cells["table"] + "." + panel.cells["row"] + "." + panel.cells["column"]
    found: dict[str, object] = panel.cells[(keys == key) & (panel.cells["agency"] == agency)].iloc[0].to_dict()
    return found


def test_a_correction_stands_beside_what_is_printed(panel: Panel, tmp_path: Path) -> None:
    corrected = panel.correct(table(tmp_path, LINE))
    one = cell(corrected)
    assert (one["value"], one["text"], one["state"], one["corrected"]) == (0.0, "0", "number", 12.0)
    assert corrected.cells["corrected"].notna().sum() == 1
    assert list(corrected.cells.columns) == [*panel.cells.columns, "corrected"] and "corrected" not in panel.cells
    told = corrected.findings[corrected.findings["rule"].str.startswith("correction.")]
    assert list(told["rule"]) == ["correction.applied"] and "总计漏填" in told["message"].item()
    assert len(corrected.correct(table(tmp_path, LINE)).findings) == len(corrected.findings)
    with pytest.raises(PanelError, match="is not saved"):
        corrected.save(tmp_path / "panel.duckdb")


@pytest.mark.parametrize("kinds", [None, str])
def test_a_frame_of_any_types_is_taken_as_its_file_is(panel: Panel, tmp_path: Path, kinds: type | None) -> None:
    """As pandas reads the file: all as text, or `printed` and `corrected` as numbers."""
    frame = pd.read_csv(table(tmp_path, LINE), dtype=kinds)
    pd.testing.assert_frame_equal(panel.correct(frame).cells, panel.correct(table(tmp_path, LINE)).cells)
    pd.testing.assert_frame_equal(panel.correct(frame.assign(corrected=12.0, date=pd.Timestamp(2026, 3, 1))).cells, panel.correct(frame).cells)
    with pytest.raises(ValueError, match="corrections, row 0: corrected is 'zwölf'; write the figure"):
        panel.correct(frame.assign(corrected="zwölf"))
    with pytest.raises(ValueError, match="corrections: no column reason"):
        panel.correct(frame.drop(columns="reason"))
    with pytest.raises(ValueError, match="row 1: the cell was corrected on row 0 already"):
        panel.correct(pd.concat([frame, frame]))


def test_a_correction_of_other_print_is_refused(panel: Panel, tmp_path: Path) -> None:
    lines = [LINE.replace(",0,12,", ",1,12,"), LINE.replace("2023", "2024")]
    lines.append(LINE.replace("concluded,total,0,12", "granted,total,7,7"))
    told = outcomes(panel.cells, read_corrections(table(tmp_path, *lines)))
    assert list(told["outcome"]) == ["stale", "no_report", "confirmed"]
    corrected = panel.correct(table(tmp_path, *lines))
    assert corrected.cells["corrected"].isna().all()
    rules = corrected.findings[corrected.findings["rule"].str.startswith("correction.")]
    assert sorted(zip(rules["rule"], rules["severity"], strict=True)) == [("correction.confirmed", "note"), ("correction.stale", "warning")]
    assert "refused: it was made for “1”" in " ".join(rules["message_en"])


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (LINE.replace("concluded,", "concuded,"), "line 2: no form has a cell 'requests.concuded.total'"),
        (LINE.replace(",0,12,", ",0,twelve,"), "corrected is 'twelve'"),
        (LINE.replace(",0,12,", ",0,-1,"), "corrected is '-1'"),
        (LINE.replace("总计漏填", ""), "needs a reason"),
        (LINE.replace("2026-03-01", "gestern"), "write it as 2026-03-01"),
        (LINE.replace("2023", "23年"), "name both"),
        (LINE.replace("总计漏填", "总计,漏填"), "put quotes around a text with commas"),
        (f"{LINE}\n{LINE}", "line 3: the cell was corrected on line 2 already"),
    ],
)
def test_what_is_no_correction_is_named_with_its_line(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        read_corrections(table(tmp_path, line))
    assert sentence in str(caught.value)


def test_a_file_without_the_columns_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("agency,year\n")
    with pytest.raises(ValueError, match="no column table; its first line should be agency,year,table"):
        read_corrections(tmp_path / "a.csv")
    with pytest.raises(ValueError, match="cannot be read"):
        read_corrections(tmp_path / "none.csv")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    lines = [LINE, LINE.replace("requests,concluded,total,0,12,总计漏填", 'proactive,fees,amount,/,7730.2817,"元,非万元"')]
    given = read_corrections(table(tmp_path, *lines))
    write_corrections(given, tmp_path / "again.csv")
    pd.testing.assert_frame_equal(read_corrections(tmp_path / "again.csv"), given)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def rate(panel: Panel) -> dict[str, object]:
    found = rates(panel)
    found = found[(found["agency"] == ZERO_TOTAL.agency) & (found["measure"] == "grant_rate")]
    return {str(k): v for k, v in found.iloc[0].to_dict().items()}


def test_which_figures_count(panel: Panel, tmp_path: Path) -> None:
    assert counted(panel, "printed") is panel and rate(panel)["reason"] == "zero_contradicted"
    corrected = counted(panel.correct(table(tmp_path, LINE)), "corrected")
    one = rate(corrected)
    assert (one["numerator"], one["denominator"], one["flagged"], one["state"]) == (7.0, 12.0, False, "computed")
    assert "error" not in set(corrected.findings["severity"])
    assert cell(corrected)["text"] == "0"


def test_only_sound_cells_count(panel: Panel) -> None:
    sound = counted(panel, "sound")
    assert (cell(sound)["state"], pd.isna(cell(sound)["value"]), cell(sound)["text"]) == ("doubted", True, "0")
    assert cell(sound, "requests.granted.natural_person")["value"] == 7.0
    one = rate(sound)  # the totals are doubted, the types of applicants are not: they still say 7 of 12
    assert (one["numerator"], one["denominator"], one["flagged"]) == (7.0, 12.0, False)
    assert "doubted" in str(one["silences"]) and not read_ledger(sound).flagged.any()
    assert coverage(sound, "requests")["doubted"].sum() > 0 == coverage(panel, "requests")["doubted"].sum()
    others = panel.cells[panel.cells["agency"] == BLANK_ZEROS.agency].reset_index(drop=True)
    pd.testing.assert_frame_equal(sound.cells[sound.cells["agency"] == BLANK_ZEROS.agency].reset_index(drop=True), others)


def test_what_cannot_be_counted_is_said(panel: Panel) -> None:
    with pytest.raises(ValueError, match="values must be one of printed, corrected, sound, not 'right'"):
        counted(panel, "right")
    with pytest.raises(ValueError, match="needs corrections"):
        counted(panel, "corrected")


def test_a_correction_that_leaves_a_sum_broken_leaves_its_finding(tmp_path: Path) -> None:
    made = Made("乙县", 2023, counts({"received": 3, "granted": 3, "concluded": 0}), findings=(CONCLUDED_ZERO,))
    line = "乙县,2023,requests,concluded,total,0,2,核对原件,审校,2026-03-01"
    corrected = counted(made_panel([made]).correct(table(tmp_path, line)), "corrected")
    errors = corrected.findings[corrected.findings["severity"] == "error"]
    assert set(errors["rule"]) == {"requests.balance", "requests.concluded_sum", "requests.row_total"}
    assert CONCLUDED_ZERO.message not in set(errors["message"])


def test_the_bundled_corrections_mend_what_has_one_explanation() -> None:
    panel = gd.read_reports(ROOT / "data" / "documents", progress=False)
    corrections = gd.read_corrections(ROOT / "data" / "corrections.csv")
    assert set(outcomes(panel.cells, corrections)["outcome"]) == {"applied"}
    errors = panel.findings[panel.findings["severity"] == "error"]
    suggested = errors[errors["suggestion"].notna()].drop_duplicates(["agency", "year", "table", "row", "column"])
    keys = ["agency", "year", "table", "row", "column"]
    own = corrections.rename(columns={"corrected": "suggestion"})[[*keys, "suggestion"]]
    pd.testing.assert_frame_equal(
        own.sort_values(keys, ignore_index=True), suggested[[*keys, "suggestion"]].sort_values(keys, ignore_index=True)
    )
    left = gd.counted(panel.correct(corrections), "corrected").findings
    assert len(left[left["severity"] == "error"]) == len(errors[errors["suggestion"].isna()])
