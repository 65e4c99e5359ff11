"""The one exception that a document can cause."""

from __future__ import annotations


class ReportError(Exception):
    """A source that cannot be read as a disclosure report.

    Never raised for a printed mistake: that is a finding. The message names the source, what was found in it
    and what was missing; the same three are attributes.

    Parameters
    ----------
    source : name of the document (path, address, or "<text>")
    found : what the document turned out to hold
    missing : what was looked for in vain, and what the reader can do about it
    """

    def __init__(self, source: str, found: str, missing: str = "") -> None:
        self.source = source
        self.found = found
        self.missing = missing
        super().__init__(f"{source}: {found}" + (f"; {missing}" if missing else ""))

    def __reduce__(self) -> tuple[type[ReportError], tuple[str, str, str]]:
        # Exceptions cross process borders in a batch; the default would pass one argument of three.
        return type(self), (self.source, self.found, self.missing)
