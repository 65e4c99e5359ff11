"""The one exception that a document can cause."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def visible(text: str) -> str:
    """A text with what steers terminals, turns lines around or is no character written out: names in archives hold anything.

    >>> visible("年报\\x1b[2J.html")
    '年报\\\\x1b[2J.html'
    """
    if text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in _UNSEEN else c for c in text)


class ReportError(Exception):
    """A source that cannot be read as a disclosure report.

    Never raised for a printed mistake: that is a finding. The message names the source, what was found in it
    and what was missing; the same three are attributes. Nothing in them steers a terminal.

    Parameters
    ----------
    source : name of the document (path, address, or "<text>")
    found : what the document turned out to hold
    missing : what was looked for in vain, and what the reader can do about it
    """

    def __init__(self, source: str, found: str, missing: str = "") -> None:
        self.source = visible(source)
        self.found = visible(found)
        self.missing = visible(missing)
        super().__init__(f"{self.source}: {self.found}" + (f"; {self.missing}" if self.missing else ""))

    def __reduce__(self) -> tuple[type[ReportError], tuple[str, str, str]]:
        # Exceptions cross process borders in a batch; the default would pass one argument of three.
        return type(self), (self.source, self.found, self.missing)
