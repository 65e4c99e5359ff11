"""Figures and claims of a report's prose, each with its words and, where that is certain, the cell it speaks of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from govdisclose.claims import Claim, claims, subjects_in
from govdisclose.contexts import CLAIMED, Context, about, in_disclosure, of_the_area
from govdisclose.quantities import Quantity, quantities
from govdisclose.spam import injected, without
from govdisclose.subjects import CONDITIONS, after_noun, subject_of

_FILLER = "\ufffc"  # stands for each character of an advertisement, so that offsets hold
_END = re.compile(r"[。!?\n]")
_START = attrgetter("start")
_CUT = re.compile(r".*[,;:。()!?\n]", re.DOTALL)  # up to the last of these
_BRACKET = re.compile(r"\([^()]*\)")
_AND = re.compile(r"\A(?:[、和与]|及(?!时))+")
_YEAR = re.compile(r"20\d\d(?=年)")
_MOST = 10_000  # no section states more figures; what does must not take long
_SHARES = frozenset(("%", "个百分点", "倍"))
_REACH = 160  # how far back the words of a figure are followed; also bounds the work per figure


class Statement(NamedTuple):
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
    about : key of the cell it speaks of ("requests.received.total"; "reviews.litigation" for both rows of litigation),
        "" where that is not certain
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

    @property
    def quoted(self) -> str:
        """The sentence, or its beginning where it is long."""
        return self.sentence if len(self.sentence) <= 60 else f"{self.sentence[:57]}…"


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


def _stated(section: str, text: str, year: int | None) -> Iterator[Statement]:
    """The statements of one section."""
    spans = injected(text)
    read = without(text, spans, _FILLER) if spans else text
    hits: list[Quantity | Claim] = [*islice(quantities(read), _MOST)]
    if denied := list(claims(read)):
        hits = sorted([*hits, *denied], key=_START)
    stop = place = 0
    context = Context(year)
    while place < len(hits):
        begin = hits[place].start
        first = max(
            read.rfind("。", stop, begin), read.rfind("\n", stop, begin), read.rfind("!", stop, begin), read.rfind("?", stop, begin)
        ) + 1 or stop
        end = _END.search(read, begin)
        stop = end.end() if end else len(read)
        last = place + 1
        while last < len(hits) and hits[last].start < stop:
            last += 1
        if not read.startswith("其中", first):  # 其中 goes on with the sentence before, and with its scope
            context = Context(context.base)
        context.compared = ""
        yield from _in_sentence(section, read, text[first:stop].strip(), first, hits[place:last], context)
        place = last


def _in_sentence(
    section: str, text: str, words: str, first: int, hits: list[Quantity | Claim], context: Context
) -> Iterator[Statement]:
    """The statements of one sentence: `text` is the section, `first` where the sentence begins in it."""
    seen = first
    subject = parted = ""  # `parted`: what 其中 divides
    counted: dict[str, str] = {}  # unit -> what was last counted in it
    denied: set[str] = set()
    for hit in hits:
        gap = text[max(seen, hit.start - _REACH) : hit.start]
        context.read(gap)
        if isinstance(hit, Claim):
            seen = max(seen, hit.start)
            if hit.subject not in denied:
                denied.add(hit.subject)
                key = _key_of_claim(hit, context, text, first)
                yield Statement(section, words, hit.subject, 0.0, "", _joined(context), hit.start, hit.end, key)
            continue
        seen = hit.end
        lead = _lead(gap, bool(subject))
        several = _several(lead, hit.value)
        if several and hit.value == 0:
            for name in several:
                if name not in denied:
                    denied.add(name)
                    key = "" if context.elsewhere or hit.unit == "元" else CLAIMED.get(name, "")
                    yield Statement(section, words, name, 0.0, hit.unit, _joined(context), hit.start, hit.end, key)
            continue
        after = text[hit.end : hit.end + 30]
        alone = not subject and gap.endswith(",") and after_noun(after)  # …工作,1项当事人撤回申请
        whole = "" if hit.unit in _SHARES else parted if context.part else counted.get(hit.unit, "")
        subject, qualifier = subject_of("" if alone else lead, after, subject, whole)
        if several:
            subject = "、".join(several)
        counted[hit.unit] = subject
        if not context.part:
            parted = subject
        key = ""
        if not (several or hit.rounded or qualifier or context.elsewhere):
            near = f"{lead}#{_bare(after)}"
            key = about(near, hit.value, hit.unit, context, text, first, hit.start)
        if hit.value == 0 and key and any(CLAIMED.get(name) == key for name in denied):
            continue  # 未收到申请0件 says it twice
        narrowed = _joined(context, qualifier, hit.rounded)
        yield Statement(section, words, subject, hit.value, hit.unit, narrowed, hit.start, hit.end, key)


def _key_of_claim(claim: Claim, context: Context, text: str, first: int) -> str:
    """The cell that a claim speaks of, "" where it speaks of others or of cases that did not arise from disclosure."""
    key = "" if context.elsewhere else CLAIMED.get(claim.subject, "")
    if key.startswith("reviews.") and not in_disclosure(text, first, claim.start, none=True):
        return ""
    if key.startswith("requests.") and of_the_area(text, claim.start):
        return ""
    return key


def _lead(gap: str, follows: bool) -> str:
    """The words of a figure, from the last punctuation before it on; `follows`: the sentence has named a subject."""
    if ")" in gap:
        gap = _BRACKET.sub("", gap)
    cut = _CUT.match(gap)
    lead = _AND.sub("", _bare(gap[cut.end() if cut else 0 :]))
    if cut and not lead.strip("共为") and (gap[cut.end() - 1] == ":" or not follows):
        # 行政复议:0 and 2023年,12件: the words stand before the punctuation.
        cut = _CUT.match(gap, 0, cut.end() - 1)
        lead = _bare(gap[cut.end() if cut else 0 :]).rstrip(":(,")
    return lead


def _bare(words: str) -> str:
    return words.replace(" ", "").replace(_FILLER, "")


def _several(lead: str, value: float) -> list[str]:
    """The subjects of the form that one figure counts together (行政复议、行政诉讼均为0), empty where it counts one."""
    if value != 0 and not ("复议" in lead and "诉讼" in lead):
        return []
    named = list(dict.fromkeys(name for _, _, name in subjects_in(lead, 0, len(lead))))
    if len(named) > 1 and "行政复议" in named and "政府信息公开申请" in named:
        named.remove("政府信息公开申请")  # the reason of the case, not what is counted
    return named if len(named) > 1 else []


def _joined(context: Context, *extra: str) -> str:
    """The qualifying words, blank between them; 其中不合格 needs no 其中."""
    words = [word for word in extra if word]
    if not context.narrows:
        return " ".join(words)
    words = [*filter(None, context.words()), *words]
    if len(words) > 1 and extra and extra[0] in CONDITIONS and "其中" in words:
        words.remove("其中")
    return " ".join(dict.fromkeys(words))
