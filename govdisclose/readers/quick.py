"""Functions of PDFium that are asked for every character and every shape of a page, called the quick way.

Its bindings make a pointer object of Python for each handle, which takes several times as long as the answer.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

_NUMBERS = (ctypes.c_int, ctypes.c_uint, ctypes.c_long, ctypes.c_ulong, ctypes.c_float, ctypes.c_double)


def quick(function: Any) -> Callable[..., Any]:
    """A function of the bindings that takes and gives handles, addresses and bytes as they are: plain integers, None for none."""
    gives, *takes = (kind if kind in _NUMBERS else ctypes.c_void_p for kind in (function.restype, *function.argtypes))
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.PYFUNCTYPE(gives, *takes)(address)


def handle(pointer: Any) -> int:
    """The handle in a pointer of the bindings."""
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


class Answer:
    """Room for numbers that a function writes to the addresses it is given (`to`): `numbers[:]` before the next question."""

    def __init__(self, kind: Any, count: int) -> None:
        self.numbers = (kind * count)()
        self.to = tuple(ctypes.addressof(self.numbers) + ctypes.sizeof(kind) * n for n in range(count))
