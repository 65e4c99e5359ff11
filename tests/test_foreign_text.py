"""Text whose tables are written otherwise, and figures that may be several: read right, or said to be in doubt."""

from __future__ import annotations

import pytest
from test_layouts import COLUMNS, ROWS, TITLE, expected, flagged, grid, page, read, table, text

import govdisclose as gd

HEAD = "三、收到和处理政府信息公开申请情况"
END = "五、存在的主要问题"


def width(label: str) -> int:
    """Columns of a terminal."""
    return sum(2 if ord(character) > 255 else 1 for character in label)


def latex() -> str:
    head, *rows = grid()
    lines = [" & ".join(map(str, row)) + r" \\" for row in rows]
    lines[1] = lines[1].replace("二、上年结转", r"\multicolumn{1}{l}{二、上年结转").replace(" & ", "}\n& ", 1)
    return "\n".join(
        [TITLE, r"\subsection{" + HEAD + r"}\label{a}", r"\begin{longtable}[]{@{}llllllll@{}}", r"\toprule", " & ".join(map(str, head)) + r" \\", r"\midrule", *lines]
        + [r"\bottomrule", r"\end{longtable}", END]
    )


def under_dashes(right: bool) -> str:
    rows = [[f"{row[0]}{' ' * (100 - width(str(row[0])))}", *(str(cell).rjust(8) if right else str(cell).ljust(8) for cell in row[1:])] for row in grid()[1:]]
    ruler = " ".join(["-" * 100, *["-" * 8] * 7])
    return "\n".join([TITLE, HEAD, ruler, *(" ".join(row).rstrip() for row in rows), ruler, END])


@pytest.mark.parametrize("written", [latex(), under_dashes(True), under_dashes(False), " ".join(text(grid(), " ").split("\n"))], ids=["latex", "right", "left", "one line"])
def test_tables_written_otherwise(written: str) -> None:
    assert read(gd.read_report(written.encode()), "requests") == expected()


def test_an_empty_cell_under_dashes_stays_empty() -> None:
    printed = under_dashes(True).replace("       7        2", "       7         ")
    assert read(gd.read_report(printed), "requests")["granted.commercial_enterprise"] == (None, "blank")


@pytest.mark.parametrize("mark", ["- ", "* ", "• "])
def test_marks_of_lists_are_no_minus(mark: str) -> None:
    lines = [str(cell) for row in grid() for cell in row]
    assert read(gd.read_report("\n".join([TITLE, HEAD, *(mark + line for line in lines), END])), "requests") == expected()


def test_numbers_of_pages_are_no_figures() -> None:
    lines = [TITLE, HEAD, *(str(cell) for row in grid() for cell in row), END]
    pages = ["\n".join([*lines[at : at + 40], f"{number}"]) for number, at in enumerate(range(0, len(lines), 40), 1)]
    assert read(gd.read_report("\n\f".join(pages)), "requests") == expected()


def test_ends_of_rows_are_no_empty_cells() -> None:
    """Blank lines stand for empty cells, and one more ends each row."""
    rows = [[label, *["" if (n + number) % 3 == 0 else figure for n, figure in enumerate(figures)]] for number, (label, figures) in enumerate(ROWS.values())]
    report = gd.read_report("\n".join([TITLE, HEAD, *("\n".join(map(str, row)) + "\n" for row in [grid()[0], *rows]), END]))
    cells = report.cells[report.cells["table"] == "requests"]
    assert set(cells["state"]) == {"number", "blank"}
    assert cells["state"].tolist() == ["blank" if cell == "" else "number" for row in rows for cell in row[1:]]


def test_a_total_beside_another_total_is_the_official_one() -> None:
    rows = [[*row[:7], 99, row[7]] for row in grid()]
    rows[0][7] = "合计"
    assert read(gd.read_report(page(table(rows))), "requests") == expected()


def test_an_added_column_and_lost_blanks_are_doubted() -> None:
    """小计 before 总计 on the heading: a row of seven figures has lost one, which may be the total."""
    rows: list[list[object]] = [[*row[:7], 99, row[7]] for row in grid()]
    rows[0][7] = "小计"
    rows[3] = rows[3][:-1]
    report = gd.read_report(text(rows, " "))
    assert "requests.granted.total" in flagged(report)
    assert read(report, "requests")["received.total"] == expected()["received.total"]


@pytest.mark.parametrize(
    ("printed", "value", "rules"),
    [
        ("819 822", 819822.0, {"cell.parted"}),
        ("1 0 2", 102.0, {"cell.parted"}),
        ("12 034", 12034.0, set()),
        ("1,234", 1234.0, set()),
    ],
)
def test_blanks_between_digits_are_doubted(printed: str, value: float, rules: set[str]) -> None:
    report = gd.read_report(page(table([["行政许可", printed], ["行政处罚", 2]])))
    assert report.cells.loc[report.cells["row"] == "licensing", "value"].tolist() == [value]
    assert set(report.findings.loc[report.findings["row"] == "licensing", "rule"]) == rules


def test_blanks_between_digits_are_sure_where_all_figures_or_a_sum_show_it() -> None:
    alike = [["行政许可", "1 234"], ["行政处罚", "20 500"], ["行政强制", "7 777"]]
    assert "cell.parted" not in set(gd.read_report(page(table(alike))).findings["rule"])
    rows = [*grid()[:3], ["(一)予以公开", "1 200", 2, 0, 0, 1, 0, "1 203"], *grid()[4:]]
    assert "cell.parted" not in set(gd.read_report(page(table(rows))).findings["rule"])


@pytest.mark.parametrize(("printed", "rule"), [("0.5万", "cell.unit"), ("5000元", "cell.unit"), ("1.234", "cell.parted"), ("0.092", ""), ("5万元", "")])
def test_amounts_that_may_be_meant_otherwise(printed: str, rule: str) -> None:
    report = gd.read_report(page(table([["信息内容", "本年收费金额(单位:万元)"], ["行政事业性收费", printed]])))
    assert set(report.findings.loc[report.findings["row"] == "fees", "rule"]) - {"cell.absent"} == ({rule} if rule else set())


def test_a_figure_below_a_row_is_doubted_where_others_stand_beside_their_labels() -> None:
    rows = ["规章 0 2 11", "行政规范性文件 3 0 7", "行政许可 27", "行政处罚 2", "行政强制 0", "行政事业性收费", "1"]
    assert "proactive.fees.amount" in flagged(gd.read_report("\n".join([TITLE, "二、主动公开政府信息情况", *rows, HEAD, " ".join(COLUMNS)])))


def test_empty_cells_before_and_behind_the_figures() -> None:
    """A merged label leaves empty cells before the figures: rows of the same width tell where they begin."""
    rows: list[list[object]] = [["", *row] for row in grid()]
    rows[3] = ["(一)予以公开", "", "", "", "", "", "", 3, ""]
    got = read(gd.read_report(page(table(rows))), "requests")
    assert (got["granted.other_organization"], got["granted.total"]) == ((3.0, "number"), (None, "blank"))
