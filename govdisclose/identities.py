"""A form's identities, evaluated on figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import NamedTuple, TypeVar

from govdisclose.forms import Identity

T = TypeVar("T")
TOLERANCE = 1e-6


class Broken(NamedTuple):
    """An identity that does not hold, with both sums."""

    identity: Identity
    left: float
    right: float


@cache
def _picker(slots: tuple[int, ...]) -> Callable[[Sequence[float | None]], tuple[float | None, ...]]:
    if len(slots) == 1:
        only = slots[0]
        return lambda values: (values[only],)
    return itemgetter(*slots)


def broken(identities: Sequence[Identity], values: Sequence[float | None]) -> list[Broken]:
    """Given a figure for each slot of the form, return the identities that do not hold.

    None means that the figure is not known; an identity that needs it is left out, not broken.
    """
    found = []
    for identity in identities:
        left, right = _picker(identity.left)(values), _picker(identity.right)(values)
        if None in left or None in right:
            continue
        one, other = sum(left), sum(right)  # type: ignore[arg-type]
        if abs(one - other) > TOLERANCE:
            found.append(Broken(identity, float(one), float(other)))
    return found


def together(items: Iterable[tuple[T, set[int]]]) -> list[tuple[set[int], list[T]]]:
    """Given items and the slots that each speaks of, return those that hang together by shared slots: their slots, and they."""
    groups: list[tuple[set[int], list[T]]] = []
    for item, slots in items:
        members, apart = [item], []
        for group in groups:
            if group[0] & slots:
                slots, members = slots | group[0], group[1] + members
            else:
                apart.append(group)
        groups = [*apart, (slots, members)]
    return groups
