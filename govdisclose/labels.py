"""The words of all forms: what a printed text may mean. Each distinct text is classified once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from govdisclose.forms import Form, table_forms
from govdisclose.grid import DOUBTFUL, LOST
from govdisclose.numbers import BLANK, NUMBER, UNREADABLE, Figure, read_figure
from govdisclose.words import fold, label_head, label_key

VALUE, LABEL, OTHER, PROSE, IGNORED = range(5)
Home = tuple[str, str]  # form key, table key


@dataclass(frozen=True)
class Meaning:
    """What a label can be: a row or column in some tables, a heading of some tables, or mere furniture of them."""

    rows: dict[Home, int] = field(default_factory=dict)
    columns: dict[Home, str] = field(default_factory=dict)
    column_groups: dict[Home, int] = field(default_factory=dict)
    opens: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    homes: set[Home] = field(default_factory=set)


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A classified text. `figure` of a VALUE; `doubt` marks cells that only stand in where a row needs them (PAD,
    SOFT, words for figures); `parts`: the figures that blanks inside the text may separate; `flat`: digits that
    stand joined to their label."""

    kind: int
    text: str
    figure: Figure | None = None
    meaning: Meaning | None = None
    doubt: str = ""
    parts: tuple[Figure, ...] = ()
    flat: bool = False


_NO_FIGURE = frozenset(["无", "未发生", "没有", "暂无", "未开展", "未涉及", "零", "null", "none", "nan", "nil", "o", "O", "l", "I", "详见附件", "见附件", "[图]", "[不清]", "[不显示]"])
_FURNITURE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[, ]{1,2}\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?|20\d\d[-/.]\d\d?[-/.]\d\d?|(?:https?|file):/{2,3}[^\s]{1,300}(?: \d+/\d+)?|"
    r"(?:page|p\.)\s*\d+(?:\s*-.*)?|第\s*\d+\s*页(?:.{0,3}共\s*\d+\s*页)?|[-—–]\s*\d+\s*[-—–]|\d+\s*/\s*\d+|"
    r"\(?(?:单位|计量单位)[::]?[件条项万亿元、,/]{0,6}\)?|[件条项份个]|万元|序号|\(?续表?\)?|续上表|接上表",
    re.IGNORECASE,
)
_TAIL = re.compile(r"^(?P<label>.*?[^\d\s.,/\\+\-—–―])(?P<gap>:?)(?P<tail>[\d.,/\\+\-—–―][\d.,/\\+\-—–―件条项起宗份个万亿元]*)$", re.DOTALL)
_SPACED_TAIL = re.compile(r"\s(?:[+\d/\\—–―－／\-][^\s]{0,16}|不[适適]用|不涉及)\s*$")
_PAIR_FIGURE = re.compile(r"([-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+)?(?![.\d]*[、)]|\.[^\d])|(?<=[\u4e00-\u9fff):]) ?[/—-](?=[,;。 ]|$))")
_COLON = re.compile("^[^:：\n]*[:：].*\\d", re.MULTILINE)  # each line is gone through once, whatever its length
_ITEM_AFTER = re.compile(r"\s\d(?=\d?[.、](?!\d))")
_ROW_OF, _LONGEST_LABEL = 3, 40  # so many figures after a text are a row, however it is called
_THOUSANDS = re.compile(r"0\d\d")  # of 1 012
_WORDS = re.compile("[\u4e00-\u9fff]")
_ITEM_NUMBER = re.compile(r"\d{1,2}[.、](?!\d)")
_DOUBTFUL = re.compile(r"(?=.*\d)(?!\d{1,2}[.、．)](?:\D|$))[^\u4e00-\u9fff。]{0,8}[\u4e00-\u9fff]{0,2}[^\u4e00-\u9fff。]{0,8}")
_RAISED = re.compile(r"(?<=\d)[①-⒛⓪-⓿❶-➓¹²³⁰⁴-⁹]+(?=\s|$)")  # footnote marks, which folding makes digits
_NONE_MARKS = "/／—–-－"
_NUMERAL = re.compile("[〇零一二三四五六七八九十百千万两]{1,8}")  # in a cell of its own: a figure in words
_NUMBER_IN_BRACKETS = re.compile(r"(?<!第二十条第)[(（][一二三四五六七八九十\d]{1,2}[)）]")


@cache
def vocabulary() -> dict[str, Meaning]:
    """Folded label -> meaning, over all forms."""
    words: dict[str, Meaning] = {}

    def meaning(text: str, form: Form, table: str) -> Meaning:
        found = words.setdefault(label_key(text), Meaning())
        found.tables.add(table)
        found.homes.add((form.key, table))
        return found

    def name(spellings: tuple[str, ...], form: Form, table: str) -> list[Meaning]:
        whole = [meaning(text, form, table) for text in spellings]
        return whole + [meaning(label_head(text), form, table) for text in spellings if "(" in text and label_head(text)]

    for form in table_forms().values():
        for table in form.tables:
            home = (form.key, table.key)
            for index, row in enumerate(table.rows):
                for found in name(row.label.spellings, form, table.key):
                    found.rows.setdefault(home, index)
                for column in row.columns:
                    for found in name(column.spellings, form, table.key):
                        found.columns.setdefault(home, column.key)
            for number, group in enumerate(table.column_groups):
                for found in name(group.spellings, form, table.key):
                    found.column_groups[home] = number
            for text in (*table.furniture, *table.items, *(s for g in table.groups for s in g.spellings)):
                meaning(text, form, table.key)
            for found in name(table.label.spellings, form, table.key):
                found.opens.add(table.key)
    words.pop("", None)
    return words


@cache
def _prefixes() -> tuple[str, ...]:
    """Furniture that is followed by more words (marked … in the form): 第二十条第(五)项, 本列数据的勾稽关系为…"""
    forms = table_forms().values()
    return tuple({label_key(t) for form in forms for table in form.tables for t in table.furniture if t.endswith("…")})


@cache
def _segments() -> re.Pattern[str]:
    labels = sorted(vocabulary(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, labels)))


@cache
def _variants() -> tuple[tuple[str, str], ...]:
    text = resources.files("govdisclose").joinpath("words.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["variants"].items())


def _known(key: str) -> Meaning | None:
    words = vocabulary()
    if found := words.get(key):
        return found
    for old, new in _variants():
        if old in key and (found := words.get(key.replace(old, new))):
            return found
    return None


def exact_meaning(text: str) -> Meaning | None:
    """What a text means that is one label to the letter, or None."""
    return _known(label_key(text))


def meaning_of(text: str) -> Meaning | None:
    """What a text means as a label, or None: exactly, or by what stands before its first bracket."""
    words = vocabulary()
    key = label_key(text)
    if found := _known(key):
        return found
    if ("(" in text or "（" in text) and not _NUMBER_IN_BRACKETS.search(text) and (found := _known(label_head(text))):
        return found
    for prefix in _prefixes():
        if key.startswith(prefix) and len(key) < 80:
            return words.get(prefix)
    return None


def _flattened(text: str) -> tuple[Token, ...] | None:
    """Labels that stand joined together, if the text is nothing but labels."""
    bare = label_key(_ITEM_NUMBER.sub("", "".join(fold(text).split())))
    tokens, end = [], 0
    words = vocabulary()
    for match in _segments().finditer(bare):
        if bare[end : match.start()].strip("一二三四五六七八九十"):
            return None
        tokens.append(Token(LABEL, match[0], meaning=words[match[0]]))
        end = match.end()
    return tuple(tokens) if len(tokens) > 1 and end == len(bare) else None


def _value(text: str, figure: Figure, packed: bool) -> Token:
    parts: tuple[Figure, ...] = ()
    if packed and len(pieces := text.split()) > 1:
        figures = [read_figure(piece) for piece in pieces]
        if all(f.state != UNREADABLE for f in figures):
            parts = tuple(figures)
    return Token(VALUE, text, figure, parts=parts)


def _label_and_figures(text: str) -> tuple[Token, ...] | None:
    """A row written without bars: a label, then figures parted by blanks, or joined to the label (doubtful)."""
    pieces = fold(_RAISED.sub("", text)).split()
    first = len(pieces)
    while first and (read_figure(pieces[first - 1]).state != UNREADABLE or _THOUSANDS.fullmatch(pieces[first - 1])):
        first -= 1
    joined = first == len(pieces)
    label, tail = " ".join(pieces[:first]), " ".join(pieces[first:])
    if joined:
        match = _TAIL.match(label)
        if match is None:
            return None
        label, tail = match["label"].rstrip(": "), match["tail"]
        joined = not match["gap"]
    found = meaning_of(label)
    labels: tuple[Token, ...] | None = (Token(LABEL, label, meaning=found),) if found else _flattened(label)
    if labels is None and (start := _ITEM_AFTER.search(label)) and (found := meaning_of(label[start.end() - 1 :])):
        labels = (Token(LABEL, label[start.end() - 1 :], meaning=found),)  # 予公开 5.属于…: a piece of the group's label
    if labels is None and len(pieces) - first >= _ROW_OF and len(label) <= _LONGEST_LABEL:
        labels = (Token(OTHER, label),)  # a piece of a label, or a row that the form does not have
    if labels is None:
        return None
    if joined:
        return (*labels, Token(VALUE, tail, read_figure(tail), flat=True))
    # Blanks part cells here: a blank inside a figure cannot be told from one between two.
    return (*labels, *(Token(VALUE, piece, read_figure(piece)) for piece in tail.split()))


def _heading_row(text: str) -> tuple[Token, ...] | None:
    """A row of headings without bars: labels parted by blanks, and words beside them that are none (项目)."""
    pieces = text.split()
    if len(pieces) < _ROW_OF:
        return None
    found = [meaning_of(piece) for piece in pieces]
    if sum(one is not None for one in found) < max(_ROW_OF, 0.7 * len(pieces)):
        return None
    return tuple(Token(LABEL, p, meaning=m) if m else Token(OTHER, p) for p, m in zip(pieces, found, strict=True))


def _pairs(text: str) -> tuple[Token, ...] | None:
    """A text that names each of its figures: 规章:本年制发件数3,本年废止件数5."""
    pieces = _PAIR_FIGURE.split(fold(text))
    if len(pieces) < 5 or len(text) > 400 or pieces[-1].strip(" ,;。、"):
        return None
    tokens: list[Token] = []
    for label, figure in zip(pieces[::2], pieces[1::2], strict=False):
        bare = label.strip(" ,;:。、件")
        found = meaning_of(bare)
        labels: tuple[Token, ...] | None = (Token(LABEL, bare, meaning=found),) if found else _flattened(bare)
        if labels is None:
            return None
        tokens += [*labels, Token(VALUE, figure, read_figure(figure))]
    return tuple(tokens)


@lru_cache(maxsize=131072)
def classify(text: str, packed: bool) -> tuple[Token, ...]:
    """Given the text of a cell or line, return what it is made of (one token, unless several stand joined).

    `packed`: blanks may part several figures, as in lines of plain text; inside a table cell they do not.
    """
    if text in DOUBTFUL:
        return (Token(VALUE, "", Figure(None, BLANK), doubt=text),)
    figure = read_figure(text)
    if figure.state != UNREADABLE:
        return (_value(text, figure, packed),)
    if LOST in text and not _WORDS.search(text):
        return (Token(VALUE, text, figure),)
    if packed and _COLON.search(text) and (pairs := _pairs(text)):
        return pairs
    if packed and _SPACED_TAIL.search(text) and (row := _label_and_figures(text)):
        return row
    if found := meaning_of(text):
        if packed and text[-1] in _NONE_MARKS and found.rows and not found.columns and (row := _label_and_figures(text)):
            return row  # 行政事业性收费/
        return (Token(LABEL, text, meaning=found),)
    folded = fold(text).strip()
    if _FURNITURE.fullmatch(folded):
        return (Token(IGNORED, text),)
    if packed:
        value = _value(text, figure, True)
        if value.parts:
            return (value,)
    if len(text) > 120:
        return (Token(PROSE, text),)
    if labels := _flattened(text):
        return labels
    if packed and ((row := _label_and_figures(text)) or (row := _heading_row(text))):
        return row
    if (not packed or len(folded) > 1) and _NUMERAL.fullmatch(folded):
        return (Token(VALUE, text, figure, doubt="word"),)
    if "".join(folded.split()) in _NO_FIGURE or _DOUBTFUL.fullmatch(folded):
        return (Token(VALUE, text, figure, doubt="word"),)
    return (Token(PROSE if len(folded) > 40 or "。" in folded else OTHER, text),)


def is_number(token: Token) -> bool:
    return token.figure is not None and token.figure.state == NUMBER
