"""What a page holds but does not show: elements hidden by an attribute, by their style, or by a rule of the page's style sheets.

Copies for narrow screens, last year's rows, decoys between digits and tabs not yet opened are hidden so; what is struck
through is shown as not valid. Style sheets outside the page are not fetched; of their rules only the usual names of
classes are known.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_NOT_SHOWN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?:font-size|opacity)\s*:\s*0+(?:\.0*)?(?![\d.])|text-decoration[^:;]*:[^:;]*line-through|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
# What shows an element though it stands in a hidden one; nothing shows it in one that is not displayed.
_AGAIN = {
    "visibility": re.compile(r"visibility\s*:\s*visible", re.IGNORECASE),
    "font-size": re.compile(r"font-size\s*:\s*(?!0+(?:\.0*)?(?![\d.]))[\w.]", re.IGNORECASE),
}
_GONE = re.compile(r"display\s*:\s*none|collapse|mso-hide", re.IGNORECASE)
_WORDS = ("display", "visibility", "font-size", "opacity", "mso-hide", "text-decoration")
# A page without any of these hides nothing; they are looked for one by one, as that is quicker than any pattern.
_SIGNS = (
    *("isplay:none", "isplay: none", "isplay :none", "isplay : none", "ISPLAY:none", "ISPLAY: none", "ISPLAY:NONE", "ISPLAY: NONE"),
    *("isibility", "ISIBILITY", "ont-size:0", "ont-size: 0", "SIZE:0", "SIZE: 0", "opacity", "mso-hide", "line-through", "hidden", "HIDDEN", "hide", "d-none", "sr-only"),
)
_CLASSES = (".hidden", ".hide", ".d-none", ".layui-hide", ".sr-only", ".visually-hidden")
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|sub|text-top)", re.IGNORECASE)
_RAISED_SIGNS = ("align:su", "align: su", "align:text-top", "align: text-top", "ALIGN: su")
_HIDING_WORDS = "|".join(name[1:] for name in _CLASSES)  # "hidden" is an attribute as well
_HIDING_TAG = re.compile(rf"{_NOT_SHOWN.pattern}|{_RAISED.pattern}|[\s\"'=](?:{_HIDING_WORDS})[\s\"'=/>]".encode(), re.IGNORECASE)
_SHEET = re.compile(r"<style[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_REMARK = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]*)\}")
_SIMPLE = re.compile(r"[a-z]{0,10}([.#][A-Za-z_-][\w-]{0,60})")
_SHOWN = re.compile(r"display\s*:\s*(?!none)\w|visibility\s*:\s*visible", re.IGNORECASE)
_NAME = re.compile(r"[.#][A-Za-z_-][\w-]{0,60}")
_LONGEST_SHEETS = 200_000


def names_hidden(text: str) -> list[str]:
    """Classes and identifiers (.name, #name) that the style sheets in a page's text hide."""
    sheets = "<style" in text or "<STYLE" in text
    return _hiding_rules(text) if sheets and any(sign in text for sign in _SIGNS) else []


def _hiding_rules(text: str) -> list[str]:
    """The classes and identifiers that the page's own style sheets hide always: no rule shows them, on no screen."""
    sheets = _REMARK.sub("", "\n".join(_SHEET.findall(text)))[:_LONGEST_SHEETS]
    hidden: dict[str, None] = {}
    shown: set[str] = set()
    depth = 0
    for part in re.split(r"(@[^{};]*\{|[^{}]*\{[^{}]*\}|\})", sheets):
        if part.startswith("@") and part.endswith("{"):
            depth += 1
        elif part == "}":
            depth = max(depth - 1, 0)
        elif rule := _RULE.fullmatch(part):
            names = [name.strip() for name in rule[1].split(",")]
            if not depth and _NOT_SHOWN.search(rule[2]):
                hidden.update((one[1], None) for name in names if (one := _SIMPLE.fullmatch(name)))
            elif _SHOWN.search(rule[2]):
                shown.update(known for name in names for known in _NAME.findall(name))
    return [name for name in hidden if name not in shown]


def may_hide(tags: bytes) -> bool:
    """Whether a piece of a table hides or raises what it holds by an attribute or a usual class."""
    return _HIDING_TAG.search(tags) is not None


def _hides(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    found = _NOT_SHOWN.search(attributes.get("style") or "")
    if found is None:
        return False
    again = next((pattern for word, pattern in _AGAIN.items() if found[0].lower().startswith(word)), None)
    return again is None or not _shown_again(node, again)


def keeps_place(cell: LexborNode) -> bool:
    """Whether a hidden cell still takes up its place in the row, as one that is not displayed does not."""
    style = cell.attributes.get("style") or ""
    found = _NOT_SHOWN.search(style)
    return found is not None and "hidden" not in cell.attributes and _GONE.search(style) is None


def _shown_again(node: LexborNode, style: re.Pattern[str]) -> bool:
    """Whether elements in a hidden one that show themselves hold all of its figures."""
    figures = shown = 0
    for piece in node.traverse(include_text=True):
        if piece.tag != "-text":
            continue
        count = sum(map(str.isdigit, piece.text_content or ""))
        figures += count
        around = piece.parent
        while count and around is not None and around.mem_id != node.mem_id:
            if style.search(around.attributes.get("style") or ""):
                shown += count
                break
            around = around.parent
    return figures == shown > 0


def raised_nodes(tree: LexborHTMLParser, text: str) -> frozenset[int]:
    """The elements of a page (by identity) that are set above or below the line by their style: footnote marks."""
    if not any(sign in text for sign in _RAISED_SIGNS):
        return frozenset()
    found = tree.css('[style*="vertical-align" i]')
    return frozenset(node.mem_id for node in found if node.tag not in ("td", "th", "img") and _RAISED.search(node.attributes.get("style") or ""))


def hidden_nodes(tree: LexborHTMLParser, text: str) -> frozenset[int]:
    """The elements of a page (by identity) that are not shown, given the page and its text."""
    if not any(sign in text for sign in _SIGNS):
        return frozenset()
    wanted = [f'[style*="{word}" i]' for word in _WORDS if word in text or word.upper() in text]
    nodes = [node.mem_id for node in tree.css(",".join(["[hidden]", *wanted])) if _hides(node)]
    names = [name for name in dict.fromkeys((*_CLASSES, *names_hidden(text))) if name[1:] in text]
    return frozenset((*nodes, *(node.mem_id for node in (tree.css(",".join(names)) if names else ()))))
