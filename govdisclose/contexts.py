"""Of whom, of when and of which cell a stated figure speaks.

A figure gets the contract key of a cell only where its sentence leaves no doubt: not for a whole city or for offices
below, not for another year, a difference, a running total, one channel of several or a rounded number.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources

RECEIVED = "requests.received.total"
RECONSIDERATION = "reviews.reconsideration.total"
LITIGATION = "reviews.litigation"
ISSUED = "proactive.normative_documents.issued"

CLAIMED = {
    "政府信息公开申请": RECEIVED,
    "上年结转": "requests.carried_in.total",
    "结转下年度": "requests.carried_out.total",
    "行政复议": RECONSIDERATION,
    "行政诉讼": LITIGATION,
    "规范性文件": ISSUED,
    "行政许可": "proactive.licensing.decisions",
    "行政处罚": "proactive.penalties.decisions",
    "行政强制": "proactive.coercive_measures.decisions",
    "行政事业性收费": "proactive.fees.amount",
}
"""Subject of a claim that there was none -> key. `reviews.litigation` is the two rows of litigation together."""

_PART, _OPEN, _CLOSE, _COMMA, _STOP, _OWN, _AREA, _LAST, _NOW, _COMPARE, _SUM, _YEAR = range(1, 13)
_OFFICES = "局镇乡厅委办院处站所街"
_KINDS = {
    **dict.fromkeys(";。", _STOP),
    ",": _COMMA,
    "(": _OPEN,
    ")": _CLOSE,
    **dict.fromkeys(["其中", "包括", "包含", "含"], _PART),
    **dict.fromkeys(["今年", "全年", "本年"], _NOW),
    **dict.fromkeys(["同比", "环比", "比", "较"], _COMPARE),
    **dict.fromkeys(["累计", "以来"], _SUM),
    **dict.fromkeys(["上年", "上年度", "上一年", "上一年度", "去年", "往年", "同期", "历年", "近年"], _LAST),
    **dict.fromkeys([f"我{one}" for one in _OFFICES] + [f"本{one}" for one in f"{_OFFICES}级机单部"], _OWN),
    **dict.fromkeys(["区本级", "县本级", "市本级", "省本级"], _OWN),
}
"""Word -> what it tells; a year and the words for whole areas and offices below are the rest."""
_OWN_WORDS = r"我[局镇乡厅委办院处站所街](?!不掌握)|本[局镇乡厅委办院处站所街级机单部](?!不掌握)|区本级|县本级|市本级|省本级"
_AREA_WORDS = (
    r"全[市区县省州盟旗国系]统?|我[市区县省州盟旗]|各[镇乡街级部单科区县市地有局]|下属|所属|直属|辖区|市直|区直|县直|省直"
    r"|成员单位|政府办(?!事|理)|镇街|两级"
)
# Every branch begins with a character of its own, so that a search skips to these.
_SCOPE = re.compile(f"{_OWN_WORDS}|{_AREA_WORDS}")
_MARK = re.compile(
    rf";|。|,|\(|\)|其中|包[括含]|含|{_OWN_WORDS}|{_AREA_WORDS}"
    r"|上一?年度?(?!度?结转|度?转结)|去年(?!结转)|往年|同期|历年|近年|20\d\d年|今年|全年|本年"
    r"|同比|环比|比(?<!占比)(?!例|重|赛|如|对|武)|较(?!为|好|大|多|少|高|低|强|快|小)|累计|以来"
)


_PERSONS = "requests.received.natural_person"
_SET_BESIDE = re.compile("度?相?比(?!例)")  # 与2022年相比
_AMONG = re.compile("#(?:政府信息公开)?(?:申请|案件|事项|件)*当?中(?!心)")  # 办结的13件申请中
_OWN_PART = re.compile(r"#[^。;]{0,8},其中[,:]?(?:本机关|本级|[省市县区州旗]本级|[^,。]{0,4}政府办)")  # the rest is others'


def _rules() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Hint, key of a cell, and pattern of the words around a figure, as `contexts.toml` has them."""
    told = tomllib.loads((resources.files("govdisclose") / "contexts.toml").read_text(encoding="utf-8"))

    def filled(words: str) -> str:
        for name, part in told["parts"].items():
            words = words.replace(f"«{name}»", part)
        return words

    return tuple((row["hint"], row["cell"], re.compile(filled(row["words"]))) for row in told["rules"]["rows"])


_RULES = _rules()
_HINT = re.compile("|".join(dict.fromkeys(hint for hint, _, _ in _RULES)))
CHANNELS = re.compile("网络|网上|在线|网站|网页|平台|当面|现场|窗口|信函|邮寄|邮件|传真|电话|口头|书面")
_NOT_DECISIONS = re.compile("信息|公开|公示|公布|发布|录入|归集|上传|立案|事项|目录|清单|职权|拟|听证|案卷")
_DECIDING = re.compile("决定|作出|办理|实施")
_JOINING = frozenset("或和及")
_CLAUSE_END = re.compile("[,。;、(:]")
_NOT_CASES = re.compile("维持|纠正|纠错|撤销|驳回|办理|审理|法院[^,。]{0,4}受理|代理|出庭|调解|化解|审结|结案|败诉|胜诉|或|档案")
_PASSED_ON = re.compile("转办|转交|转来|移交|移送|交办")
_RECEIVING = re.compile("收到|接到|受理|新收")
_NOT_RECEIVED = re.compile("办结|答复|办理|予以|部分公开|结转|复议|诉讼|咨询")
_OF_THESE = re.compile("[^,。;(]{0,6}[,;(]其中[^,。;]{0,12}(?:信息公开|政务公开|依申请)")
_REQUESTS = re.compile("依申请|公开的?申请|申请公开|信息公开申请")
_OTHER_TOPICS = re.compile(r"提案|建议|信访|投诉|热线|咨询|留言|来信|信箱|规范性文件|\n\([二三四五六七八九]\)|主动公开(?!的?申请)")
_ENFORCEMENT = re.compile("执法|处罚|许可|征收|仲裁|劳动|工伤|拆迁|强制")
_DISCLOSURE = re.compile("信息公开|政务公开|依申请|公开申请|申请公开|政府信息")
_REACH = 240  # how far back a topic or a scope is looked for
_UNITS = frozenset(("", "件", "条", "份", "起", "宗", "例", "次", "件次", "人次", "项", "个", "封", "单", "笔", "桩"))


@dataclass(slots=True)
class Context:
    """What the words before a figure say of whom and when it speaks, from the beginning of its sentence on.

    `area`, `year`, `part`, `compared`, `running` hold the words themselves (全区, 上年, 其中, 同比, 累计), "" where none applies;
    `outside` is `part` as it was before the bracket; `base` is the year reported on, `dated` whether that year has been
    named (全年累计 is no running total).
    """

    base: int | None
    area: str = ""
    year: str = ""
    part: str = ""
    outside: str = ""
    compared: str = ""
    running: str = ""
    dated: bool = False

    def read(self, words: str) -> None:
        """Take in the words between the figure before and this one."""
        for mark in _MARK.finditer(words):
            word = mark[0]
            kind = _KINDS.get(word) or (_YEAR if word[0] == "2" else _AREA)
            if kind == _COMMA:
                self.compared = ""
            elif kind == _STOP:
                self.part = self.outside = self.compared = self.running = ""
            elif kind == _OPEN:
                self.outside = self.part
            elif kind == _CLOSE:
                self.part = self.outside
            elif kind == _PART:
                self.part = word if word == "其中" else "含"
            elif kind == _OWN:
                self.area = ""
            elif kind == _AREA:
                self.area = self.area or word
            elif kind == _COMPARE:
                self.compared = word
            elif kind == _SUM:
                self.running = "" if self.dated and word == "累计" else word
            elif kind == _NOW:
                self.dated, self.year = True, ""
            elif kind == _YEAR and _SET_BESIDE.match(words, mark.end()):
                continue
            elif not words.endswith(("转至", "转到"), 0, mark.start()):  # 结转至2024年 still speaks of this year
                self._date(word, kind)

    def _date(self, word: str, kind: int) -> None:
        """Take in a year or 上年: what the figure is compared with, or the year that the sentence speaks of."""
        other = True
        if kind == _YEAR:
            self.base = self.base or int(word[:4])
            other = int(word[:4]) != self.base
            self.dated = self.dated or not other
        if self.compared:
            self.compared += word
        else:
            self.year = word if other else ""

    @property
    def elsewhere(self) -> bool:
        """Whether the figure speaks of other offices, of another time or of a difference."""
        return bool(self.area or self.year or self.compared or self.running)

    @property
    def narrows(self) -> bool:
        return bool(self.area or self.year or self.part or self.compared or self.running)

    def words(self) -> tuple[str, str, str, str, str]:
        return self.area, self.year, self.part, self.compared, self.running


def of_requests(text: str, place: int) -> bool:
    """Whether the last topic named before `place` is disclosure requests."""
    at = -1
    for found in _REQUESTS.finditer(text, max(0, place - _REACH), place):
        at = found.start()
    return at >= 0 and not _OTHER_TOPICS.search(text, at, place)


def of_the_area(text: str, place: int) -> bool:
    """Whether this paragraph counts the requests of a whole area: 全区共收到130件。予以公开59件."""
    begin = text.rfind("\n", max(0, place - _REACH), place) + 1 or max(0, place - _REACH)
    area = False
    for scope in _SCOPE.finditer(text, begin, place):
        area = scope[0] not in _KINDS
    return area


def _key(near: str) -> str:
    for hint, key, rule in _RULES:
        if hint in near and rule.search(near):
            return key
    return ""


def about(near: str, value: float, unit: str, context: Context, text: str, sentence: int, place: int) -> str:
    """Given the words around a figure, return the key of the cell it speaks of, or "".

    Parameters
    ----------
    near : the words from the last comma to the figure, "#" in the figure's place, and what follows; without blanks
    value, unit : the figure as printed
    context : of whom and when
    text, sentence, place : the whole text, where this sentence begins in it, and where the figure stands
    """
    if context.elsewhere:
        return ""
    if not _HINT.search(near):
        return ""
    key = _key(near)
    if not key:
        return ""
    if "中" in near and (_AMONG.search(near) or _OWN_PART.search(near)):
        return ""
    before = near[: near.index("#")]
    if key == "proactive.fees.amount":
        return key if unit in ("元", "万元", "亿元") or value == 0 else ""
    if unit not in _UNITS and unit.lstrip("万亿") not in _UNITS:
        return ""
    if key.startswith("requests."):
        if key == RECEIVED:
            if context.part or _PASSED_ON.search(before) or len(set(CHANNELS.findall(before))) == 1 or "不予公开" in before:
                return ""
            return key if _REQUESTS.search(near) or of_requests(text, place) else ""
        if key == _PERSONS and (_NOT_RECEIVED.search(text, sentence, place) or not _RECEIVING.search(text, sentence, place)):
            return ""
        own = of_requests(text, place) and not of_the_area(text, place) and _JOINING.isdisjoint(before[-12:])
        return key if own else ""
    if key.startswith("reviews."):
        if _NOT_CASES.search(before) or _NOT_CASES.search(_CLAUSE_END.split(near[len(before) :], 1)[0]):
            return ""
        if _OF_THESE.match(text, place):
            return ""  # all cases of the office, those about disclosure are told after
        return key if in_disclosure(text, sentence, place) else ""
    if context.part or _NOT_DECISIONS.search(before):
        return ""
    if key.startswith("proactive.normative") and "规范性文件" not in near:
        return key if "规范性文件" in text[sentence:place] else ""
    return key if unit != "项" or key.startswith("proactive.normative") or _DECIDING.search(before) else ""


def in_disclosure(text: str, sentence: int, place: int, none: bool = False) -> bool:
    """Whether a case spoken of at `place` arose from disclosure; `none`: the sentence says that there was no case."""
    words = text[max(sentence, place - 160) : place + 40]
    if _DISCLOSURE.search(words) or of_requests(text, place):
        return True
    return none and not _ENFORCEMENT.search(words)
