"""Tab inside a string: measures in `gd.measure(panel, "gr`, tables and measures in `panel.explore("fi`.

A reader's shell is changed only on request, by `%load_ext govdisclose`; `gd.measures.` and `panel["` complete without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from govdisclose.dictionary import dictionary
from govdisclose.explore import names

_CALLS: dict[str, Callable[[], Sequence[str]]] = {
    "explore": names,
    **dict.fromkeys(
        ("measure", "compare_years", "trend", "robust", "funnel", "shrink", "decompose", "standardise"), lambda: list(dictionary())
    ),
}
_OPEN_STRING = re.compile(rf"""\b(?P<call>{"|".join(_CALLS)})\((?:[^()]|\([^()]*\))*["'](?P<begun>[\w.]*)$""")


@context_matcher()  # type: ignore[untyped-decorator]
def matcher(context: CompletionContext) -> SimpleMatcherResult:
    """What a string that is being typed can become, where it is an argument of one of `_CALLS`."""
    found = _OPEN_STRING.search(context.text_until_cursor)
    if found is None:
        return {"completions": []}
    fitting = [SimpleCompletion(text=name, type="param") for name in _CALLS[found["call"]]() if name.startswith(found["begun"])]
    return {"completions": fitting, "matched_fragment": found["begun"], "suppress": bool(fitting)}


def register(shell: Any) -> None:
    """Let a shell complete so; once, however often it is asked."""
    if matcher not in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.append(matcher)
