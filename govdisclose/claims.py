"""Claims that nothing happened: 未收到政府信息公开申请, 未发生行政复议、行政诉讼, 均无.

A claim speaks only of subjects that the form counts. What did not happen *to* a case (未被纠错, 无败诉, 无逾期) is no claim that
there was none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from govdisclose.contexts import CHANNELS

# How each subject is known; the words before (政府信息公开…, 行政…) do not tell them apart.
_WORDS = {
    "申请": "政府信息公开申请",
    "复议": "行政复议",
    "诉讼": "行政诉讼",
    "应诉": "行政诉讼",
    "规范性文件": "规范性文件",
    "行政许可": "行政许可",
    "行政处罚": "行政处罚",
    "行政强制": "行政强制",
    "结转": "结转下年度",
    "行政事业性收费": "行政事业性收费",
    "信息处理费": "信息处理费",
    "收费": "收费",
    "费用": "收费",
}
_SUBJECT = re.compile(
    r"申请(?:公开)?(?!人|书|表|渠道|流程|工作|平台|方式|制度|条件|系统|窗口|指南)|复议|诉讼|应诉|规范性文件|行政(?:许可|处罚|强制)(?!信息|公[开示])|结转|行政事业性收费|信息处理费|收费|费用"
)
_NONE = re.compile(
    r"未(?:曾)?(?:向[^,。;]{0,6})?(?P<verb>收到|接到|接收|受理|收悉|收取|收费|予收费|发生|出现|产生|引起|引发|导致|被|有|因|涉及|制发|制定|出台|印发|作出|做出|办理|实施|开展)"
    r"|没(?!收[^到])(?:有)?(?P<had>收到|接到|接收|受理|收取|发生|出现|产生|被)?"
    r"|无(?!为|棣|极|正当|障碍|法|关|锡|线|论|形|需|须|偿|纸|效|缝|条件|理|故|限|疑|间|私|违|证|照|害|烟|人机)(?:人(?:提出|提起)?)?|零(?=申请|复议|诉讼|行政|依申请)"
)
# Between the negation and its subject these turn the claim into one about something else.
_OTHERWISE = re.compile(r"逾期|超期|超时|不予|拒绝|延期|推诿|违规|违法|不当|公开的信息|应公开|未公开|差错|泄密")
_COMPLAINT = re.compile(r"投诉|举报|不满|异议|问题|责任|主动公开(?:政府)?信息")
_OUTCOME = re.compile(r"[^,。;]{0,12}(?:败诉|纠错|纠正|撤销|责令|确认违法|被改变|维持)")
_NOT_ASKED = re.compile(r"[^,。;、]{0,8}(?:引[发起]|而|被|提起|产生|导致|行政复议|复议|诉讼)")
_HOPE = re.compile("[保止免绝争如若对于凡]")
_HOPED = re.compile(r"(?:确保|防止|避免|杜绝|力争|如果?|若|对于?|对|凡)[^,。;]{0,6}\Z")
# A comma ends the claim, unless it only parts the two kinds of case (…行政复议,行政诉讼案件) and no figure follows.
_STOP = re.compile(r"[。;!?\n]|,(?!(?:也|亦|且|更)?(?:未|无|没有)?(?:被)?(?:提起)?(?:行政)?(?:诉讼|复议)[^,。;\n\d]{0,12}(?:[,。;\n]|\Z))|\d")
_CLOSED = re.compile(r"(?:的?情况|的?情形|现象)?(?:发生|出现)?[)\s]*(?=[,。;)\n]|\Z)")
_BEFORE = re.compile(r"[。;!?\n\d]")
_LAST_YEAR = re.compile(r"(?:上一?年度?|去年)\Z")
_REACH = 80  # how far a negation reaches at most; also bounds the work for each
_MOST = 10_000  # no report denies more; what does must not take long
_RECEIVING = frozenset(("收到", "接到", "接收", "受理", "收悉", "有", "出现", "产生", "办理", "发生"))


def subjects_in(text: str, start: int, stop: int) -> list[tuple[int, int, str]]:
    """The subjects of the form named between two places of a text: where each word begins and ends, and the subject."""
    found = []
    for hit in _SUBJECT.finditer(text, start, stop):
        word = hit[0]
        subject = _WORDS.get(word) or _WORDS["申请"]
        if word == "结转" and _LAST_YEAR.search(text, max(0, hit.start() - 4), hit.start()):
            subject = "上年结转"
        begin = hit.start() - (2 if text.startswith("行政", max(0, hit.start() - 2)) else 0)
        found.append((max(begin, start), hit.end(), subject))
    return found


class Claim(NamedTuple):
    """That there was nothing of a subject; start and end of the words that say so."""

    start: int
    end: int
    subject: str


def claims(text: str) -> Iterator[Claim]:
    """Given a text, yield what it says did not happen, one claim a subject.

    Examples
    --------
    >>> [claim.subject for claim in claims("全年未发生因政府信息公开申请引起的行政复议、行政诉讼。")]
    ['行政复议', '行政诉讼']
    """
    last = 0
    for hit in islice(_NONE.finditer(text), _MOST):
        start, end = hit.span()
        if start < last or (_HOPE.search(text, max(0, start - 10), start) and _HOPED.search(text, max(0, start - 10), start)):
            continue
        stopped = _STOP.search(text, end, end + _REACH)
        stop = stopped.start() if stopped else min(end + _REACH, len(text))
        named = subjects_in(text, end, stop)
        if not named:
            if _CLOSED.match(text, end):
                yield from _said_before(text, start, end)
            continue
        verb = hit["verb"] or hit["had"] or ""
        for subject, place in _meant(text, end, verb, named):
            last = named[-1][1]
            yield Claim(start, place, subject)


def _meant(text: str, end: int, verb: str, named: list[tuple[int, int, str]]) -> Iterator[tuple[str, int]]:
    """The subjects that a negation reaches, each with the end of the words that name it."""
    first, last = named[0][0], named[-1][1]
    if first - end > 45 or _OTHERWISE.search(text, end, first) or _OUTCOME.match(text, last):
        return
    reviews = [name for name in named if name[2] in ("行政复议", "行政诉讼")]
    carried = any(name[2] in ("上年结转", "结转下年度") for name in named)
    if not reviews and _COMPLAINT.search(text, end, first):
        return
    seen: set[str] = set()
    for at, close, subject in named:
        if subject in seen:
            continue
        if subject == "政府信息公开申请":
            # 申请 is asked for, not the reason of a case: 未收到申请; but not 未发生因申请引起的复议, 未被申请行政复议.
            if (
                carried
                or verb
                and verb not in _RECEIVING
                or verb == "发生"
                and reviews
                or "因" in text[end:at]
                or _NOT_ASKED.match(text, close)
                or len(set(CHANNELS.findall(text, end, at))) == 1  # 未收到网络申请 leaves the others open
            ):
                continue
            if any(review[1] <= at and text[review[1] : at] in ("", "的", "案件") for review in reviews):
                continue  # 行政复议申请
        elif subject in ("收费", "行政事业性收费", "信息处理费"):
            if verb and not verb.endswith(("收取", "收费", "发生", "产生")):
                continue
        elif subject in ("规范性文件", "行政许可", "行政处罚", "行政强制") and (reviews or verb in ("收到", "接到", "受理", "收取")):
            continue
        seen.add(subject)
        yield subject, close


def _said_before(text: str, start: int, end: int) -> Iterator[Claim]:
    """Claims whose subjects stand before the negation: 行政复议和行政诉讼均未发生, 政府信息公开申请:无."""
    floor = max(0, start - 40)
    for boundary in _BEFORE.finditer(text, floor, start):
        floor = boundary.end()
    named = subjects_in(text, floor, start)
    if not named or _OUTCOME.match(text, named[-1][1]) or start - named[-1][1] > 12 or "," in text[named[-1][1] : start - 1]:
        return
    reviews = any(subject in ("行政复议", "行政诉讼") for _, _, subject in named)
    seen: set[str] = set()
    for at, _, subject in named:
        if subject not in seen and (not reviews or subject in ("行政复议", "行政诉讼")):
            seen.add(subject)
            yield Claim(at, end, subject)
