"""Any figures, typeset in any layout, read back as printed."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from filings import Filing, cell_keys
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from typeset import LAYOUTS, typeset

import govdisclose as gd
from govdisclose.forms import load_forms

AGENCIES = (
    "南通市海门区市场监督管理局",
    "上海市科学技术委员会",
    "宿迁市人民政府",
    "淮安市洪泽区人民政府办公室",
    "江宁区湖熟街道办事处",
)
FORM_MIXES = (
    {"proactive": "2021", "requests": "2021", "reviews": "2021"},
    {"proactive": "2019", "requests": "2019", "reviews": "2019"},
    {"proactive": "2021", "requests": "2019", "reviews": "2021"},
    {"proactive": "2019", "requests": "2021", "reviews": "2021"},
)
PRINTS = {slot.key: slot for form in load_forms().values() for slot in form.slots}
LOSSLESS = sorted(name for name, layout in LAYOUTS.items() if layout.exact)
LOSSY = sorted(name for name, layout in LAYOUTS.items() if not layout.exact)
QUICK = settings(
    max_examples=7,
    deadline=None,
    derandomize=True,
    # No shrinking: the difference of a failing case is short already, and a broken reader fails in many layouts at once.
    phases=[Phase.explicit, Phase.generate],
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


class Print(NamedTuple):
    """A cell as printed, and what must be read from it."""

    text: str
    value: float | None
    state: str


BLANK = Print("", None, "blank")
NOT_APPLICABLE = st.sampled_from(["/", "\uff0f", "—", "-", "――", "\uff0d", "不适用", "不涉及"]).map(
    lambda text: Print(text, None, "not_applicable")
)
WHOLE = st.one_of(st.just(0), st.integers(0, 30), st.integers(0, 99_999_999)).map(lambda n: Print(str(n), n, "number"))
MONEY = st.tuples(st.integers(0, 99_999), st.integers(0, 9999)).map(
    lambda pair: Print(text := f"{pair[0]}.{pair[1]:04d}", float(text), "number")
)
SIGNED = st.tuples(
    st.integers(1, 400), st.sampled_from([("+", 1), ("-", -1), ("\uff0d", -1), ("增", 1), ("减", -1), ("减少", -1)])
).map(lambda pair: Print(f"{pair[1][0]}{pair[0]}", pair[0] * pair[1][1], "number"))


def prints(key: str, blanks: bool) -> st.SearchStrategy[Print]:
    """What may stand in this cell."""
    kinds = [WHOLE, NOT_APPLICABLE]
    if blanks:
        kinds.append(st.just(BLANK))
    if PRINTS[key].signed:
        kinds.append(SIGNED)
    if key.endswith(("amount", "purchase_amount")):
        kinds.append(MONEY)
    return st.one_of(kinds)


@st.composite
def filled(draw: st.DrawFn, blanks: bool = True) -> tuple[Filing, dict[str, Print]]:
    """A filing and what must be read from it: a ground in every cell, and up to forty cells that differ from it."""
    forms = draw(st.sampled_from(FORM_MIXES))
    keys = cell_keys(forms)
    ground = draw(st.sampled_from(["counting", "zeros", "slashes", *(["blanks"] if blanks else [])]))
    expected = {
        key: {
            # No two cells alike: a figure in the wrong place cannot pass for the right one.
            "counting": Print(str(number + 1), number + 1, "number"),
            "zeros": Print("0", 0, "number"),
            "slashes": Print("/", None, "not_applicable"),
            "blanks": BLANK,
        }[ground]
        for number, key in enumerate(keys)
    }
    for key in draw(st.lists(st.sampled_from(keys), unique=True, max_size=40)):
        expected[key] = draw(prints(key, blanks))
    agency, year = draw(st.sampled_from(AGENCIES)), draw(st.integers(2019, 2025))
    title = f"{agency}{year}年政府信息公开工作年度报告"
    return Filing(agency, year, title, forms, {key: cell.text for key, cell in expected.items()}), expected


def read_back(filing: Filing, layout: str) -> tuple[gd.Report, dict[str, tuple[float | None, str]]]:
    """The report read from the typeset filing, and value and state of each of its cells by key."""
    report = gd.read_report(typeset(filing, LAYOUTS[layout]))
    return report, figures_of(report)


def figures_of(report: gd.Report) -> dict[str, tuple[float | None, str]]:
    cells = report.cells
    keys = cells["table"] + "." + cells["row"] + "." + cells["column"]
    values = [None if missing else float(value) for value, missing in zip(cells["value"], cells["value"].isna(), strict=True)]
    return dict(zip(keys, zip(values, cells["state"], strict=True), strict=True))


def differences(read: dict[str, tuple[float | None, str]], expected: dict[str, Print]) -> dict[str, tuple[object, object]]:
    """Cell -> (printed, read), for every cell that is not read as printed."""
    wanted = {key: (cell.value, cell.state) for key, cell in expected.items()}
    return {key: (wanted.get(key), read.get(key)) for key in wanted | read if wanted.get(key) != read.get(key)}


def unseen(layout: str, expected: dict[str, Print]) -> set[str]:
    """Cells that the layout itself does not tell: they may read as absent, with a finding.

    The line of an empty reviews table has no label in text, and is bars alone, as padding is. Where each row opens with
    an empty cell, nothing says on which side the reviews line has a cell too many if its own first or last is empty.
    Markdown fills short rows up behind, so that a row with empty cells at its end may be one with a cell lost.
    """
    if layout.startswith("text_markdown"):
        return {key for key, cell in expected.items() if key.startswith("requests.")}
    reviews = [key for key in expected if key.startswith("reviews.")]
    empty = [expected[key] == BLANK for key in reviews]
    if layout.startswith("text_") and all(empty):
        return set(reviews)
    return set(reviews) if layout == "text_bar_first" and (empty[0] or empty[-1]) else set()


@pytest.mark.parametrize("layout", [name for name in LOSSLESS if not name.startswith("pdf")])
@QUICK
@given(filled())
def test_every_cell_reads_back_as_printed(layout: str, case: tuple[Filing, dict[str, Print]]) -> None:
    reads_back(layout, case)


@pytest.mark.parametrize("layout", [name for name in LOSSLESS if name.startswith("pdf")])
@settings(QUICK, max_examples=4)
@given(filled())
def test_every_cell_of_a_pdf_reads_back_as_printed(layout: str, case: tuple[Filing, dict[str, Print]]) -> None:
    """Fewer cases: making a PDF takes half a second."""
    reads_back(layout, case)


def reads_back(layout: str, case: tuple[Filing, dict[str, Print]]) -> None:
    filing, expected = case
    report, read = read_back(filing, layout)
    doubtful = {key for key in unseen(layout, expected) if read.get(key) == (None, "absent")}
    assert {key: pair for key, pair in differences(read, expected).items() if key not in doubtful} == {}
    assert (report.agency, report.year) == (filing.agency, filing.year)


@QUICK
@given(filled())
def test_text_is_kept_as_printed(case: tuple[Filing, dict[str, Print]]) -> None:
    filing, _ = case
    cells = gd.read_report(typeset(filing, LAYOUTS["html_merged"])).cells
    keys = cells["table"] + "." + cells["row"] + "." + cells["column"]
    assert dict(zip(keys, cells["text"], strict=True)) == dict(filing.printed)


@pytest.mark.parametrize("layout", [name for name in LOSSY if not name.startswith("pdf")])
@QUICK
@given(filled(blanks=False))
def test_full_tables_read_back_where_blanks_leave_no_trace(layout: str, case: tuple[Filing, dict[str, Print]]) -> None:
    filing, expected = case
    report, read = read_back(filing, layout)
    assert differences(read, expected) == {}
    assert (report.agency, report.year) == (filing.agency, filing.year)


@pytest.mark.parametrize("layout", [name for name in LOSSY if not name.startswith("pdf")])
@QUICK
@given(filled())
def test_a_lost_blank_never_puts_a_figure_in_a_wrong_cell(layout: str, case: tuple[Filing, dict[str, Print]]) -> None:
    filing, expected = case
    _, read = read_back(filing, layout)
    moved = {
        key: (cell, read.get(key))
        for key, cell in expected.items()
        if read.get(key, (None, ""))[1] == "number" and read[key][0] != cell.value
    }
    assert moved == {}


@pytest.mark.parametrize("layout", LOSSLESS)
def test_a_row_left_out_is_absent(layout: str) -> None:
    keys = cell_keys(FORM_MIXES[0])
    expected = {
        key: Print(str(number + 1), number + 1, "number")
        for number, key in enumerate(keys)
        if not key.startswith(("requests.denied.security_stability.", "requests.carried_out.", "proactive.penalties."))
    }
    filing = Filing(AGENCIES[0], 2022, f"{AGENCIES[0]}2022年政府信息公开工作年度报告", FORM_MIXES[0], {k: c.text for k, c in expected.items()})
    _, read = read_back(filing, layout)
    gone = {key: Print("", None, "absent") for key in keys if key not in expected}
    assert differences(read, expected | gone) == {}


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_same_filing_gives_same_bytes(layout: str) -> None:
    keys = cell_keys(FORM_MIXES[0])
    filing = Filing(AGENCIES[0], 2022, "标题", FORM_MIXES[0], dict.fromkeys(keys, "7"))
    assert typeset(filing, LAYOUTS[layout]) == typeset(filing, LAYOUTS[layout])


@pytest.mark.parametrize(("year", "form"), [(2020, "2019"), (2021, "2021"), (2023, "2021")])
def test_rows_that_forms_share_follow_the_form_of_the_year(year: int, form: str) -> None:
    text = f"""示例市水利局{year}年政府信息公开工作年度报告
三、收到和处理政府信息公开申请情况
|  | 自然人 | 商业企业 | 科研机构 | 社会公益组织 | 法律服务机构 | 其他 | 总计 |
| 一、本年新收政府信息公开申请数量 | 3 | 0 | 0 | 0 | 0 | 0 | 3 |
| 二、上年结转政府信息公开申请数量 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |
| (一)予以公开 | 3 | 0 | 0 | 0 | 0 | 0 | 3 |
"""
    report = gd.read_report(text)
    granted = report.cells[report.cells["row"] == "granted"]
    assert report.form == form and granted["value"].tolist() == [3, 0, 0, 0, 0, 0, 3]


def silently_wrong(text: str, expected: dict[str, Print]) -> dict[str, tuple[object, object]]:
    """Cells that read as another figure or as another kind of none, and that no finding names."""
    report = gd.read_report(text)
    read = figures_of(report)
    named = {key for involved in report.findings["involved"] for key in involved}
    open_cells = {key for key, (_, state) in read.items() if state in ("absent", "unreadable")}
    return {key: pair for key, pair in differences(read, expected).items() if key not in named | open_cells and key in read}


@pytest.mark.parametrize("layout", ["text_paragraphs", "text_framed", "text_bar_alone", "text_dense", "text_label_then_figures"])
@QUICK
@given(filled())
def test_nothing_is_read_into_the_gaps_of_dropped_lines(layout: str, case: tuple[Filing, dict[str, Print]]) -> None:
    """A capture that keeps only the first of equal lines: what was dropped is no blank."""
    filing, expected = case
    lines = typeset(filing, LAYOUTS[layout]).decode().split("\n")
    kept = [line for n, line in enumerate(lines) if not line.strip() or line not in lines[:n]]
    assert silently_wrong("\n".join(kept), expected) == {}


@pytest.mark.parametrize("layout", ["text_blanks", "text_row_bars", "text_markdown", "text_wrapped"])
@QUICK
@given(filled(), st.integers(1, 40))
def test_a_page_number_between_rows_is_no_figure(layout: str, case: tuple[Filing, dict[str, Print]], number: int) -> None:
    filing, expected = case
    lines = typeset(filing, LAYOUTS[layout]).decode().split("\n")
    for place in range(len(lines) - 3, 12, -9):
        lines.insert(place, str(number))
    assert silently_wrong("\n".join(lines), expected) == {}
