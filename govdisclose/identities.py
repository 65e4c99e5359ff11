"""A form's identities, evaluated on figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from govdisclose.forms import Identity

TOLERANCE = 1e-6


class Broken(NamedTuple):
    """An identity that does not hold, with both sums."""

    identity: Identity
    left: float
    right: float


def broken(identities: Sequence[Identity], values: Sequence[float | None]) -> list[Broken]:
    """Given a figure for each slot of the form, return the identities that do not hold.

    None means that the figure is not known; an identity that needs it is left out, not broken.
    """
    found = []
    for identity in identities:
        left = right = 0.0
        for slot in identity.left:
            value = values[slot]
            if value is None:
                break
            left += value
        else:
            for slot in identity.right:
                value = values[slot]
                if value is None:
                    break
                right += value
            else:
                if abs(left - right) > TOLERANCE:
                    found.append(Broken(identity, left, right))
    return found
