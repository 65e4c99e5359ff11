"""Figures and claims that the prose of a report makes, each with its words and, where it is certain, the cell it speaks of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

from govdisclose.claims import Claim, claims, subjects_in
from govdisclose.contexts import CLAIMED, Context, about, in_disclosure, of_the_area
from govdisclose.quantities import Quantity, quantities
from govdisclose.spam import injected, without
from govdisclose.subjects import CONDITIONS, subject_of

_FILLER = "\ufffc"  # stands for each character of an advertisement, so that offsets hold
_END = re.compile(r"[。!?\n]")
_START = attrgetter("start")
_CUT = re.compile(r".*[,;:。()!?\n]", re.DOTALL)  # up to the last of these
_BLANK = str.maketrans("", "", f" {_FILLER}")
_YEAR = re.compile(r"20\d\d(?=年)")
_MOST = 10_000  # no section states more figures; what does must not take long
_REACH = 160  # how far back the words of a figure are followed; also bounds the work per figure


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure or claim of the prose (a row of the contract's `statements`).

    Attributes
    ----------
    section : "overview", "problems" or "other"
    sentence : the whole sentence, as printed
    subject : what is counted, in the sentence's own words
    value : the figure in the printed unit; 0 for a claim that there was none
    unit : as printed, with its 万 or 亿 ("件", "万元", "%"); "" for a claim
    qualifier : words that narrow it (其中, 不合格, 全区, 上年, 累计, 余), blank between them
    start, end : where figure and unit, or the words of the claim, stand in the section
    about : key of the cell it speaks of ("requests.received.total", "reviews.litigation" for both rows), "" where that is not certain
    """

    section: str
    sentence: str
    subject: str
    value: float
    unit: str
    qualifier: str
    start: int
    end: int
    about: str = ""


def find_statements(sections: Mapping[str, str], year: int | None = None) -> tuple[Statement, ...]:
    """Given the prose by section, return what it states, in order.

    Parameters
    ----------
    sections : as `split_sections` gives them
    year : the year reported on; where it is not given, the year that the prose names most often

    Examples
    --------
    >>> found = find_statements({"overview": "2023年完成食品抽样7350批次,其中不合格271批次。"})
    >>> [(one.subject, one.value, one.unit, one.qualifier) for one in found]
    [('食品抽样', 7350.0, '批次', ''), ('食品抽样', 271.0, '批次', '不合格')]
    """
    if year is None:
        named = Counter(_YEAR.findall(sections.get("overview", "")[:20_000]))
        year = int(max(named, key=lambda one: (named[one], one))) if named else None
    return tuple(one for section, text in sections.items() if text for one in _stated(section, text, year))


def _stated(section: str, text: str, year: int | None, read: str = "") -> Iterator[Statement]:
    """The statements of one section; `read` is its text with advertisements blanked out, where it has any."""
    read = read or text
    hits: list[Quantity | Claim] = [*islice(quantities(read), _MOST), *claims(read)]
    hits.sort(key=_START)
    stop = place = 0
    found: list[Statement] = []
    context = Context(year)
    while place < len(hits):
        first = max(read.rfind(mark, stop, hits[place].start) for mark in "。!?\n") + 1 or stop
        end = _END.search(read, hits[place].start)
        stop = end.end() if end else len(read)
        if read is text and (spans := injected(text[first:stop])) and spans:
            yield from _stated(section, text, year, without(text, injected(text), _FILLER))
            return
        last = place + 1
        while last < len(hits) and hits[last].start < stop:
            last += 1
        if not read.startswith("其中", first):  # 其中 goes on with the sentence before, and with its scope
            context = Context(context.base)
        context.compared = ""
        found += _in_sentence(section, read, text[first:stop].strip(), first, hits[place:last], context)
        place = last
    yield from found


def _in_sentence(
    section: str, text: str, words: str, first: int, hits: list[Quantity | Claim], context: Context
) -> Iterator[Statement]:
    """The statements of one sentence: `text` is the section, `first` where the sentence begins in it."""
    seen = first
    subject = ""
    denied: set[str] = set()
    for hit in hits:
        gap = text[max(seen, hit.start - _REACH) : hit.start]
        context.read(gap)
        if isinstance(hit, Claim):
            if hit.subject not in denied:
                denied.add(hit.subject)
                key = "" if context.elsewhere else CLAIMED.get(hit.subject, "")
                if key.startswith("reviews.") and not in_disclosure(text, first, hit.start, none=True):
                    key = ""
                if key.startswith("requests.") and of_the_area(text, hit.start):
                    key = ""
                yield Statement(section, words, hit.subject, 0.0, "", _joined(context), hit.start, hit.end, key)
            seen = max(seen, hit.start)
            continue
        cut = _CUT.match(gap)
        lead = gap[cut.end() if cut else 0 :].translate(_BLANK).lstrip("、和及与")
        if cut and gap[cut.end() - 1] in ",:(" and not lead.strip("共为"):
            # 收到申请(件):12 and 2023年,12件: the words stand before the punctuation
            cut = _CUT.match(gap, 0, cut.end() - 1)
            lead = gap[cut.end() if cut else 0 :].translate(_BLANK).rstrip(":(,")
        after = text[hit.end : hit.end + 30]
        seen = hit.end
        several = hit.value == 0 or ("复议" in lead and "诉讼" in lead)
        listed = list(dict.fromkeys(name for _, _, name in subjects_in(lead, 0, len(lead)))) if several else []
        if len(listed) > 1 and "行政复议" in listed and "政府信息公开申请" in listed:
            listed.remove("政府信息公开申请")  # the reason of the case, not what is counted
        if hit.value == 0 and len(listed) > 1:
            for name in listed:
                if name not in denied:
                    denied.add(name)
                    key = "" if context.elsewhere or hit.unit == "元" else CLAIMED.get(name, "")
                    yield Statement(section, words, name, 0.0, hit.unit, _joined(context), hit.start, hit.end, key)
            continue
        near = lead + "#" + after.translate(_BLANK)
        key = about(near, hit.value, hit.unit, context, text, first, hit.start) if len(listed) < 3 else ""
        if key.startswith("reviews.") and len(listed) > 1:
            key = ""
        if hit.value == 0 and any(CLAIMED.get(name) == key for name in denied if key):
            continue  # 未收到申请0件 says it twice
        subject, qualifier = subject_of(lead, after, subject)
        narrowed = _joined(context, qualifier, hit.rounded)
        yield Statement(section, words, subject, hit.value, hit.unit, narrowed, hit.start, hit.end, key)


def _joined(context: Context, *extra: str) -> str:
    """The qualifying words, blank between them; 其中不合格 needs no 其中."""
    words = [word for word in (*context.words(), *extra) if word]
    if len(words) > 1 and extra[0] in CONDITIONS and "其中" in words:
        words.remove("其中")
    return " ".join(dict.fromkeys(words)) if words else ""
