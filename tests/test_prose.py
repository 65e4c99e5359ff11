"""Prose against tables: one finding for each contradicted cell, and none where scope, year or reading is in doubt."""

from __future__ import annotations

import pytest

from govdisclose.findings import Finding
from govdisclose.prose import check_prose
from govdisclose.statements import find_statements

RESULTS = ("upheld", "overturned", "other", "pending", "total")
NONE = {
    f"reviews.{row}.{column}": (0.0, "number")
    for row in ("reconsideration", "litigation_direct", "litigation_after_review")
    for column in RESULTS
}
ASKED = {"requests.received.natural_person": 12.0, "requests.received.total": 12.0, "requests.carried_in.total": 1.0,
         "requests.granted.total": 7.0, "requests.partially_granted.total": 3.0,
         "requests.denied.third_party.total": 2.0,
         "requests.concluded.total": 12.0, "requests.carried_out.total": 1.0}  # fmt: skip


def check(text: str, **cells: float | None) -> list[Finding]:
    """Findings for a text beside table 四 of zeros and the cells given (dots written as two underscores, None blank)."""
    values: dict[str, tuple[float | None, str]] = dict(NONE)
    values |= {key: (number, "number") for key, number in ASKED.items()}
    values |= {key.replace("__", "."): (number, "blank" if number is None else "number") for key, number in cells.items()}
    return check_prose(find_statements({"overview": text}, 2023), values)


def cells(findings: list[Finding]) -> list[tuple[str, float | None, float | None]]:
    return [(f"{f.table}.{f.row}.{f.column}", f.expected, f.found) for f in findings]


DENIED = "未发生因政府信息公开引起的行政复议、行政诉讼。"


def test_no_review_in_the_prose_and_one_in_the_table() -> None:
    (finding,) = check(DENIED, reviews__reconsideration__overturned=1, reviews__reconsideration__total=1)
    assert (finding.rule, finding.severity) == ("prose.contradiction", "warning")
    assert cells([finding]) == [("reviews.reconsideration.total", 0, 1)]
    assert finding.involved == ("reviews.reconsideration.total",)
    assert finding.message == f"文字说没有行政复议(“{DENIED}”),表中“行政复议”的“总计”却是1"
    assert finding.message_en == "the prose says 0 of “行政复议”, the cell “Reconsideration (Total)” is 1"
    assert finding.suggestion is None


@pytest.mark.parametrize("total", [0.0, None])
def test_a_total_of_zero_does_not_hide_a_case(total: float | None) -> None:
    found = check(DENIED, reviews__reconsideration__overturned=1, reviews__reconsideration__total=total)
    assert cells(found) == [("reviews.reconsideration.overturned", 0, 1)]
    assert found[0].involved == ("reviews.reconsideration.overturned", "reviews.reconsideration.total")


def test_no_litigation_in_the_prose_and_two_rows_of_it() -> None:
    found = check(DENIED, reviews__litigation_direct__total=2, reviews__litigation_after_review__total=1)
    assert cells(found) == [("reviews.litigation_direct.total", 0, 2), ("reviews.litigation_after_review.total", 0, 1)]


CONTRADICTED = [
    ("我局收到政府信息公开申请5件。", {}, [("requests.received.total", 5, 12)]),
    ("我局收到政府信息公开申请5件。", {"requests__received__total": 0, "requests__received__natural_person": 0},
     [("requests.received.total", 5, 0)]),
    ("未收到政府信息公开申请。", {}, [("requests.received.total", 0, 12)]),
    ("收到政府信息公开申请12件,予以公开8件。", {}, [("requests.granted.total", 8, 7)]),
    ("收到政府信息公开申请12件,上年结转2件。", {}, [("requests.carried_in.total", 2, 1)]),
    ("收到政府信息公开申请12件,结转下年度0件。", {}, [("requests.carried_out.total", 0, 1)]),
    ("政府信息公开行政复议3件。", {"reviews__reconsideration__total": 1}, [("reviews.reconsideration.total", 3, 1)]),
    ("政府信息公开行政诉讼3件。", {"reviews__litigation_direct__total": 1}, [("reviews.litigation_direct.total", 3, 1)]),
    ("作出行政处罚决定7件。", {"proactive__penalties__decisions": 9}, [("proactive.penalties.decisions", 7, 9)]),
    ("本年制发规范性文件0件,现行有效0件。",
     {"proactive__normative_documents__issued": 4, "proactive__normative_documents__in_force": 32},
     [("proactive.normative_documents.issued", 0, 4), ("proactive.normative_documents.in_force", 0, 32)]),
    ("本年制发规范性文件2件。", {"proactive__normative_documents__produced": 4},
     [("proactive.normative_documents.produced", 2, 4)]),
    ("收取行政事业性收费12000元。", {"proactive__fees__amount": 2.5}, [("proactive.fees.amount", 1.2, 2.5)]),
    ("收取行政事业性收费1.2亿元。", {"proactive__fees__amount": 1.2}, [("proactive.fees.amount", 12000, 1.2)]),
    ("作出行政许可决定1.2万件。", {"proactive__licensing__decisions": 1203}, [("proactive.licensing.decisions", 12000, 1203)]),
    ("收取行政事业性收费3万元。", {"proactive__fees__amount": 2.5}, [("proactive.fees.amount", 3, 2.5)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "table", "expected"), CONTRADICTED)
def test_contradicted(text: str, table: dict[str, float], expected: list[tuple[str, float, float]]) -> None:
    assert cells(check(text, **table)) == expected


LEFT_ALONE = [
    ("", {}),
    (DENIED, {}),
    ("我局收到政府信息公开申请12件,予以公开7件,部分公开3件。", {}),
    # blank and absent cells contradict nothing
    ("我局收到政府信息公开申请5件。", {"requests__received__total": None}),
    ("作出行政许可3件。", {}),
    # another scope, another year, a part, a difference, a rounded figure
    ("全市共收到政府信息公开申请130件。", {}),
    ("区政府办代表区政府受理政府信息公开申请20件。", {}),
    ("2022年收到政府信息公开申请20件。", {}),
    ("收到网络申请3件。", {}),
    ("收到政府信息公开申请12件,比上年增加4件。", {}),
    ("收到政府信息公开申请10余件。", {}),
    ("历年累计收到政府信息公开申请200件。", {}),
    ("主动公开行政处罚信息5条。", {"proactive__penalties__decisions": 9}),
    # the table's own slip: its parts agree with the prose
    ("我局收到政府信息公开申请12件。", {"requests__received__total": 0}),
    ("收到政府信息公开申请12件,办结12件。", {"requests__concluded__total": 0}),
    # received and carried in together
    ("我局受理政府信息公开申请13件。", {}),
    # the prose balances by itself over another scope
    ("收到政府信息公开申请300件,办结290件,上年结转12件,结转下年度22件。", {}),
    # one of two statements agrees
    ("收到政府信息公开申请5件。收到政府信息公开申请12件。", {}),
    # litigation: the two rows are not told apart
    ("政府信息公开行政诉讼3件。", {"reviews__litigation_direct__total": 2, "reviews__litigation_after_review__total": 1}),
    ("政府信息公开行政诉讼2件。", {"reviews__litigation_direct__total": 2, "reviews__litigation_after_review__total": 1}),
    ("政府信息公开行政复议1件。", {"reviews__reconsideration__overturned": 1}),
    # not about disclosure
    ("行政执法工作均无被申请行政复议。", {"reviews__reconsideration__total": 1}),
    ("办理行政复议案件120件。", {"reviews__reconsideration__total": 1}),
    ("无行政复议纠错案件。", {"reviews__reconsideration__total": 1}),
    # the same amount or number in another unit, or rounded
    ("收取行政事业性收费25000元。", {"proactive__fees__amount": 2.5}),
    ("收取行政事业性收费12345.6元。", {"proactive__fees__amount": 1.23}),
    ("收取行政事业性收费1.2亿元。", {"proactive__fees__amount": 12034.5}),
    ("收取行政事业性收费12.3万元。", {"proactive__fees__amount": 12.34}),
    ("作出行政许可决定1.2万件。", {"proactive__licensing__decisions": 12034}),
    ("作出行政许可决定1.2万件。", {"proactive__licensing__decisions": 11961}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "table"), LEFT_ALONE)
def test_left_alone(text: str, table: dict[str, float | None]) -> None:
    assert check(text, **table) == []


def test_fees_printed_in_yuan_are_compared_as_yuan() -> None:
    values = {"proactive.fees.amount": (251000.0, "number")}
    said = find_statements({"overview": "收取行政事业性收费25.1万元。"}, 2023)
    assert check_prose(said, values, "yuan") == []
    assert cells(check_prose(said, values)) == [("proactive.fees.amount", 25.1, 251000)]
    assert check_prose(said, values, "") == []


def test_without_tables_nothing_is_claimed() -> None:
    assert check_prose(find_statements({"overview": f"收到政府信息公开申请5件。{DENIED}"}), {}) == []
    absent: dict[str, tuple[float | None, str]] = dict.fromkeys((*NONE, *ASKED), (None, "absent"))
    assert check_prose(find_statements({"overview": f"收到政府信息公开申请5件。{DENIED}"}), absent) == []


def test_a_long_sentence_is_cut_in_the_message() -> None:
    (finding,) = check(f"{'我局认真做好各项工作,' * 8}收到政府信息公开申请5件。")
    assert len(finding.message) < 140
    assert finding.message.startswith("文字说政府信息公开申请5件(“我局认真")
