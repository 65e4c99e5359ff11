"""What a document comes wrapped in, taken off: a saved page, the answer of a web service, tables in other markup than HTML's."""

from __future__ import annotations

import email
import html
import json
import re
from collections.abc import Iterator, Sequence

from govdisclose.sources import Source, decode, is_markup

_LONGEST_CELL = 200  # characters; a longer text is no cell of a table
_ESCAPED_CELLS = 20
_LOOKED_AT = 200_000
_LEAST_ROWS = 5
_ROW = re.compile(r"<(?:[a-zA-Z]{1,10}:)?(?:table-)?row\b", re.IGNORECASE)
# Tables of DocBook and CALS, TEI, OpenDocument and Excel's XML: other names for the same parts.
_PART = re.compile(
    r"<(?P<end>/?)(?:[a-zA-Z]{1,10}:)?(?P<name>informaltable|table|table-row|row|entry|table-cell|cell|para|simpara|p)"
    r"(?P<attributes>\s[^<>]*)?>",
    re.IGNORECASE,
)
_NAMES = {"informaltable": "table", "row": "tr", "table-row": "tr", "para": "p", "simpara": "p"}
_NAMES |= dict.fromkeys(("entry", "cell", "table-cell"), "td")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)\s*=\s*["']\D{0,4}(\d{1,3})["']""")
_MOST_REPEATED = 64  # columns; a workbook fills its rows up with one empty cell "repeated" ten thousand times
_TIMES = "data-times"
_REPEATED = re.compile(rf'(<td[^<>]*) {_TIMES}="(\d+)"(>(?:(?!</?td\b).)*)</td>', re.DOTALL)
_WIKI = re.compile(r"^\{\|", re.MULTILINE)
_WIKI_ATTRIBUTES = re.compile(r"""(?>(?:\s*+[a-z]++\s*+=\s*+(?:"[^"|]*+"|\d++))+)\s*+\|(?!\|)""")


def _html_tables(text: str) -> str:
    """XML whose tables name their parts otherwise than HTML, with HTML's names and spans."""
    column = 0

    def renamed(part: re.Match[str]) -> str:
        nonlocal column
        name = part["name"].lower()
        name = _NAMES.get(name, name)
        if part["end"]:
            return f"</{name}>"
        column = 0 if name == "tr" else column
        if name != "td":
            return f"<{name}>"
        found = {key.lower(): int(value) for key, value in _ATTRIBUTE.findall(part["attributes"] or "")}
        wide = found.get("number-columns-spanned") or found.get("span") or found.get("mergeacross", 0) + 1
        if "namest" in found and found.get("nameend", 0) > found["namest"]:
            wide = found["nameend"] - found["namest"] + 1
        high = found.get("number-rows-spanned") or max(found.get("morerows", 0), found.get("mergedown", 0)) + 1
        repeated = min(found.get("number-columns-repeated", 1), _MOST_REPEATED)
        skipped = max(found.get("index", 0) - 1 - column, 0)
        column += skipped + wide * repeated
        times = f' {_TIMES}="{repeated}"' if repeated > 1 else ""
        closed = "</td>" if (part["attributes"] or "").endswith("/") else ""
        return f'{"<td></td>" * skipped}<td colspan="{wide}" rowspan="{high}"{times}>{closed}'

    return _REPEATED.sub(lambda cell: (cell[1] + cell[3] + "</td>") * int(cell[2]), _PART.sub(renamed, text))


def _wiki_tables(text: str) -> str:
    """A text with tables of MediaWiki, as HTML."""
    out: list[str] = []
    inside = False
    for line in text.split("\n"):
        mark = line.lstrip()
        if mark.startswith("{|"):
            inside = True
            out.append("<table><tr>")
        elif inside and mark.startswith("|}"):
            inside = False
            out.append("</table>")
        elif inside and mark.startswith("|-"):
            out.append("</tr><tr>")
        elif inside and mark.startswith(("|", "!")):
            for cell in re.split(r"\|\||!!", mark[1:]):
                named = _WIKI_ATTRIBUTES.match(cell)
                attributes = cell[: named.end() - 1] if named else ""
                out.append(f"<td {attributes}>{html.escape(cell[named.end() if named else 0 :].strip())}")
        else:
            out.append(html.escape(line) if inside else f"<p>{html.escape(line)}</p>")
    return "\n".join(out)


def _strings(value: object) -> Iterator[str]:
    """The texts of a JSON value in order; what is plainly a table (rows of single values) becomes rows with bars."""
    if isinstance(value, str):
        yield value
    elif rows := _rows(value):
        yield from ("| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |" for row in rows)
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _rows(value: object) -> list[Sequence[object]]:
    """A table given as a list of rows, as a list of named values, or as named columns; empty where it is none."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(parts, list) or len(parts) < 2:
        return []
    if all(isinstance(part, dict) and len(part) > 1 for part in parts):
        if any(list(part) != list(parts[0]) for part in parts):
            return []
        rows: list[Sequence[object]] = [list(part.values()) for part in parts]
        named = list(parts[0])
        rows = list(zip(*rows, strict=True)) if isinstance(value, dict) else [named, *rows]
    else:
        rows = parts
    tabular = all(isinstance(row, list | tuple) and len(row) > 1 for row in rows)
    single = tabular and all(cell is None or isinstance(cell, str | int | float) for row in rows for cell in row)
    return rows if single and not any(isinstance(cell, str) and len(cell) > _LONGEST_CELL for row in rows for cell in row) else []


def unwrap(text: str) -> str:
    """The document inside a wrapping: a saved page (MHTML), the answer of a web service (JSON), escaped markup."""
    head = text[:2000]
    if "MIME-Version:" in head and "Content-Type:" in head:
        message = email.message_from_string(text)
        for part in message.walk():
            if part.get_content_type() in ("text/html", "text/plain"):
                payload = part.get_payload(decode=True)
                if isinstance(payload, bytes):
                    return decode(Source("<part>", "", payload, ""))
    elif head.lstrip()[:1] in ("{", "[") and text[-200:].rstrip()[-1:] in ("}", "]"):
        try:
            text = "\n".join(_strings(json.loads(text)))
        except (ValueError, RecursionError):
            return text
    if "\n|-" in text and _WIKI.search(text):
        return _wiki_tables(text)
    if "<tr" not in text and len(_ROW.findall(text, 0, _LOOKED_AT)) > _LEAST_ROWS:
        return _html_tables(text)
    if not is_markup(text) or text.count("&lt;td") > _ESCAPED_CELLS:
        text = html.unescape(text)
    return text
