"""Shares and rates that the prose states, each tied to the counts that it is of, and checked within its rounding.

A rate is tied only where its sentence leaves no doubt: a share (占…%) to the count right before it, of the outcomes of
requests or of a 其中; a rate with a name (合格率, 予以公开率) to the counts that the name says. What is compared with another
year, planned, or only about so much is left alone, and so is a share whose whole could be another than those known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from govdisclose.contexts import RECEIVED
from govdisclose.findings import Finding
from govdisclose.numbers import plain
from govdisclose.prose import Values, last_digit
from govdisclose.statements import Statement

CONCLUDED, CARRIED_IN = "requests.concluded.total", "requests.carried_in.total"

_OUTCOMES = {
    "予以公开": ("granted",),
    "部分公开": ("partially_granted",),
    "不予公开": ("denied.",),
    "无法提供": ("not_available.",),
    "不予处理": ("not_processed.",),
}
"""Outcome of a request as prose names it -> the rows of the table, by key or the beginning of keys."""

_CASES = frozenset("件条份起宗项个例次")
_VAGUE = re.compile(r"(?:约|近|超过?|逾|不足|不到|不低于|不少于|至少|最高|最低|力争|目标|计划|高于|低于|大于|小于|均|平均)[^,。;]{0,6}\Z")
_BOUND = re.compile(r" ?(?:以上|以下|以内|左右|上下|多|余)")
_SHARE = re.compile(r"占(?:比|到|了)?(?P<whole>[^,。;占]{0,20}?)(?:总数|总量|总件数)?的?(?:比例|比重|百分比)?(?:为|达到?|:)?\Z")
_CONDITION_RATE = re.compile(r"(?P<name>不合格|合格|不达标|达标)率\Z")
_OUTCOME_RATE = re.compile(r"(?P<name>予以公开|部分公开|不予公开|无法提供|不予处理)率\Z")
_GRANTED_RATE = frozenset(("公开率", "申请公开率", "依申请公开率"))  # with or without those granted in part
_OPPOSITE = {"不合格": "合格", "合格": "不合格", "不达标": "达标", "达标": "不达标"}
_ALL_RECEIVED, _ALL_CONCLUDED = re.compile("新收|收到|受理|申请"), re.compile("办结|办理|答复|处理|作出")


class Rate(NamedTuple):
    """A rate that the prose states.

    Attributes
    ----------
    stated : the statement of the rate
    name : 不合格率, or the subject of the share
    parts, wholes : the counts that may stand above and below the line; one each where that is certain
    involved : keys of the cells that these are, as far as the form has them
    """

    stated: Statement
    name: str
    parts: tuple[float, ...]
    wholes: tuple[float, ...]
    involved: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """Per cent, by the first of the counts."""
        return 100 * self.parts[0] / self.wholes[0]

    @property
    def agrees(self) -> bool:
        """Whether the stated rate is one of the possible ones, rounded or cut off at its last printed digit."""
        said, digit = self.stated.value, last_digit(self.stated.value)
        possible = (100 * part / whole for part in self.parts for whole in self.wholes)
        return any(-0.5 * digit - 1e-9 <= rate - said < digit - 1e-9 for rate in possible)


def rates(statements: Sequence[Statement], sections: Mapping[str, str], values: Values) -> list[Rate]:
    """Given what the prose states, return the rates among it that can be tied to counts, in order.

    Parameters
    ----------
    statements, sections : as `find_statements` gives and takes them
    values : "table.row.column" -> (value, state), of the same report

    Examples
    --------
    >>> from govdisclose.statements import find_statements
    >>> prose = {"overview": "2023年抽检食品7350批次,不合格271批次,合格率97.3%。"}
    >>> (rate,) = rates(find_statements(prose, 2023), prose, {})
    >>> rate.name, round(rate.value, 1), rate.stated.value, rate.agrees
    ('合格率', 96.3, 97.3, False)
    """
    found = []
    for place, one in enumerate(statements):
        if one.unit == "%" and (rate := _tied(place, one, statements, sections[one.section], values)):
            found.append(rate)
    return found


def check_rates(statements: Sequence[Statement], sections: Mapping[str, str], values: Values) -> list[Finding]:
    """Given what the prose states, return a finding `prose.rate` for each rate that contradicts the counts it is of."""
    return [_finding(rate) for rate in rates(statements, sections, values) if not rate.agrees]


def _tied(place: int, one: Statement, said: Sequence[Statement], text: str, values: Values) -> Rate | None:
    """The rate with its counts, None where they are not certain."""
    last = place - 1 if place and said[place - 1].section == one.section and said[place - 1].end <= one.start else None
    gap = text[max(0 if last is None else said[last].end, one.start - 40) : one.start]
    if _VAGUE.search(gap) or _BOUND.match(text, one.end):
        return None
    if named := _CONDITION_RATE.search(one.subject):
        return _of_condition(one, named["name"], said)
    if not _plainly(one.qualifier):
        return None
    if named := _OUTCOME_RATE.search(one.subject):
        printed, keys = _printed(named["name"], values)
        return _of_requests(one, (printed,), keys, "", _wholes(values, said))
    if one.subject in _GRANTED_RATE and "申请" in one.sentence:
        (granted, keys), (partly, more) = _printed("予以公开", values), _printed("部分公开", values)
        return _of_requests(one, (granted, granted + partly), (*keys, *more), "", _wholes(values, said))
    share = _SHARE.search(gap)
    if share is None or last is None or said[last].sentence != one.sentence:
        return None
    return _share(one, last, share["whole"], said, values)


def _share(one: Statement, last: int, whole: str, said: Sequence[Statement], values: Values) -> Rate | None:
    """A share of the count right before it, `said[last]`; `whole` are the words for what it is a share of."""
    part, before = said[last], said[last - 1] if last else None
    if part.unit[:1] not in _CASES or part.value <= 0 or part.qualifier not in ("", "其中"):
        return None
    keys = (part.about,) if part.about else ()
    base = before if part.qualifier and before and before.sentence == one.sentence and before.unit == part.unit else None
    counted = base.value if base and not base.qualifier else 0.0
    if part.subject in _OUTCOMES or part.about in ("requests.granted.total", "requests.partially_granted.total"):
        known = _wholes(values, said)
        return _of_requests(one, (part.value,), keys, whole, known._replace(spoken=counted))
    if not counted or whole:
        return None
    others = [x.value for x in said[:last] if x.section == one.section and x.unit == part.unit]
    wholes = dict.fromkeys(count for count in (counted, *others) if count >= part.value)
    return Rate(one, part.subject, (part.value,), tuple(wholes), keys) if wholes else None


def _plainly(qualifier: str) -> bool:
    """Whether nothing narrows a rate to others, to another time, or to a difference."""
    return set(qualifier.split()) <= {"占", "其中", "含"}


def _base(place: int, said: Sequence[Statement]) -> Statement | None:
    """The count that a conditional count is a part of: the nearest before it in the sentence, of its subject and unit."""
    part = said[place]
    for one in reversed(said[:place]):
        if one.sentence != part.sentence or one.section != part.section:
            return None
        if one.unit == part.unit and (one.subject == part.subject or part.subject.endswith("率")):
            narrowed = part.qualifier.rpartition(" ")[0]
            return one if one.qualifier == narrowed and one.value >= part.value and one.value > 0 else None
    return None


def _of_condition(one: Statement, name: str, said: Sequence[Statement]) -> Rate | None:
    """合格率 with the counts of its sentence; None where there is not exactly one pair of counts."""
    pairs: list[tuple[Statement, float]] = []
    for at, part in enumerate(said):
        condition = part.qualifier.rpartition(" ")[2]
        if part.section == one.section and part.sentence == one.sentence and condition in (name, _OPPOSITE[name]):
            whole = _base(at, said)
            if whole is None or (pairs and whole is not pairs[0][0]):
                return None
            pairs.append((whole, part.value if condition == name else whole.value - part.value))
    alone = {part for _, part in pairs}
    if len(alone) != 1 or not _same_scope(pairs[0][0], one):
        return None
    bases = [x for x in said if x.section == one.section and x.sentence == one.sentence and x.unit == pairs[0][0].unit]
    if any(x is not pairs[0][0] and x.qualifier == pairs[0][0].qualifier for x in bases):
        return None  # two bases: the rate may be of either
    return Rate(one, f"{name}率", (alone.pop(),), (pairs[0][0].value,))


def _same_scope(whole: Statement, one: Statement) -> bool:
    return whole.qualifier == one.qualifier or (not whole.qualifier and _plainly(one.qualifier))


def _printed(name: str, values: Values) -> tuple[float, tuple[str, ...]]:
    """The figure of an outcome in the table, total of all applicants, and the cells above zero that make it up."""
    keys = [
        key
        for key in values
        if key.startswith("requests.")
        and key.endswith(".total")
        and key[9:].startswith(_OUTCOMES[name])
        and values[key][0]
    ]
    if name in ("予以公开", "部分公开"):
        keys = [key for key in keys if key == f"requests.{_OUTCOMES[name][0]}.total"]
    return sum(values[key][0] or 0.0 for key in keys), tuple(keys)


class _Wholes(NamedTuple):
    """What a share of requests may be of: those concluded, those received, and a count right before the share."""

    concluded: tuple[float, ...]
    received: tuple[float, ...]
    spoken: float = 0.0


def _wholes(values: Values, said: Sequence[Statement]) -> _Wholes:
    """The wholes as the table prints them and as the prose says them; those carried in may count as received."""
    received, concluded, carried = (values.get(key, (None, ""))[0] or 0.0 for key in (RECEIVED, CONCLUDED, CARRIED_IN))
    stated = {one.about: one.value for one in said if one.about in (RECEIVED, CONCLUDED)}
    return _Wholes((concluded, stated.get(CONCLUDED, 0.0)), (received, received + carried, stated.get(RECEIVED, 0.0)))


def _of_requests(one: Statement, parts: tuple[float, ...], keys: tuple[str, ...], whole: str, known: _Wholes) -> Rate | None:
    """A share of requests: of those concluded or received, as its words say, else of either."""
    if _ALL_CONCLUDED.search(whole):
        wholes, below = known.concluded, CONCLUDED
    elif whole and _ALL_RECEIVED.search(whole):
        wholes, below = known.received, RECEIVED
    elif whole:
        return None  # of something else
    else:
        wholes, below = (*known.concluded, *known.received, known.spoken), CONCLUDED
    possible = tuple(dict.fromkeys(number for number in wholes if number >= max(*parts, 1)))
    return Rate(one, one.subject, parts, possible, (*keys, below)) if possible else None


def _finding(rate: Rate) -> Finding:
    one = rate.stated
    counts = f"{plain(rate.parts[0])}/{plain(rate.wholes[0])}"
    return Finding(
        "prose.rate",
        "warning",
        f"文字说{rate.name}为{plain(one.value)}%(“{one.quoted}”),按{counts}应为{rate.value:.2f}%",
        f"the prose gives {plain(one.value)} % for {rate.name}, {counts} is {rate.value:.2f} %",
        involved=rate.involved,
        expected=round(rate.value, 4),
        found=one.value,
    )
