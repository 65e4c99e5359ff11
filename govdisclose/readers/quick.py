"""Functions of PDFium that are asked for every character and every shape of a page, called the quick way.

Its bindings convert each argument to the type that the function declares, which takes longer than the answer. Here arguments
go as they are: handles as `Handle`, whole numbers for `int`, and for what is filled in the places of an `Answer`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

_NUMBERS = (ctypes.c_int, ctypes.c_uint, ctypes.c_float, ctypes.c_double)


class Handle(ctypes.c_void_p):
    """What the library knows a page, a text or a shape by; `value` is None for none."""


def quick(function: Any) -> Callable[..., Any]:
    """A function of the bindings without their conversions; it gives numbers or handles."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.PYFUNCTYPE(function.restype if function.restype in _NUMBERS else Handle)(address)


def handle(pointer: Any) -> Handle:
    """The handle in a pointer of the bindings."""
    return Handle(ctypes.cast(pointer, ctypes.c_void_p).value)


class Answer:
    """Room for numbers that a function writes to the places that it is given (`to`): read them before the next question.

    `bytes` are the numbers as an array holds them.
    """

    def __init__(self, kind: Any, count: int) -> None:
        self.numbers = (kind * count)()
        self.bytes = memoryview(self.numbers).cast("B")
        self.to = tuple(ctypes.byref(self.numbers, ctypes.sizeof(kind) * n) for n in range(count))
