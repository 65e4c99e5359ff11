"""Cut-out lines of type -> text and how sure it is. Works offline: the model ships in the wheel of `rapidocr`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from govdisclose.readers.picture import Grey

HIGH = 48  # dots; the height of line that the model takes
MAX_WIDE = 2400  # dots at that height; longer lines are squeezed
_BATCH = 2400  # dots of all lines of a batch side by side
# What a figure may be written with, and what is the same to the eye.
_ALIKE = {
    **{str(n): str(n) for n in range(10)},
    **{chr(0xFF10 + n): str(n) for n in range(10)},
    **dict.fromkeys("Oo\uff2f\uff4f〇○", "0"),
    **dict.fromkeys("lI|\uff5c", "1"),
    **dict.fromkeys("-—–―一_\uff0d\u30fc", "—"),
    **dict.fromkeys("/\uff0f", "/"),
    **dict.fromkeys(",\uff0c", ","),
    **dict.fromkeys(".\uff0e", "."),
    **dict.fromkeys("+\uff0b", "+"),
    **dict.fromkeys("%\uff05", "%"),
}
_FIGURE = "0123456789—/,.+%"


class Read(NamedTuple):
    """What a line says, and how sure that is (0 to 1: the least sure of its characters)."""

    text: str
    sure: float


class Reader:
    """The recogniser. Get it from `reader`: loading takes a second, and once a process is enough."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        # A batch sets this for its workers, which share the processors among themselves.
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
        cv2.setNumThreads(options.intra_op_num_threads or -1)
        model = next(str(f) for f in files("rapidocr").joinpath("models").iterdir() if "_rec_" in f.name and f.name.endswith(".onnx"))
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        known = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = np.array(["", *known, " "])
        self._alike = [np.array([i for i, c in enumerate(self._characters) if _ALIKE.get(c) == f]) for f in _FIGURE]

    def words(self, lines: Sequence[Grey]) -> list[Read]:
        """Read lines of words."""
        found = [Read("", 0.0)] * len(lines)
        for number, odds in self._odds(lines):
            found[number] = _decoded(odds, self._characters)
        return found

    def figures(self, lines: Sequence[Grey]) -> list[tuple[Read, Read]]:
        """Read lines that may be figures: as words, and as a figure (only the characters of figures count)."""
        found = [(Read("", 0.0), Read("", 0.0))] * len(lines)
        figures = np.array(["", *_FIGURE])
        for number, odds in self._odds(lines):
            own = np.stack([odds[:, 0], *(odds[:, alike].sum(1) for alike in self._alike)], axis=1)
            found[number] = _decoded(odds, self._characters), _decoded(own, figures)
        return found

    def _odds(self, lines: Sequence[Grey]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """For each line, the odds of each character (the first: none) at each step."""
        wides = [min(MAX_WIDE, max(HIGH, -(-HIGH * line.shape[1] // line.shape[0]))) for line in lines]
        order = sorted(range(len(lines)), key=wides.__getitem__)
        while order:
            wide = wides[order[0]]
            batch = [order.pop(0)]
            while order and wides[order[0]] * (len(batch) + 1) <= _BATCH and wides[order[0]] <= 1.3 * wide + 16:
                batch.append(order.pop(0))
            wide = -(-wides[batch[-1]] // 32) * 32
            pixels = np.zeros((len(batch), 3, HIGH, wide), np.float32)
            for place, number in enumerate(batch):
                how = cv2.INTER_AREA if lines[number].shape[0] > HIGH else cv2.INTER_CUBIC
                line = cv2.resize(lines[number], (wides[number], HIGH), interpolation=how)
                pixels[place, :, :, : wides[number]] = line.astype(np.float32) / 127.5 - 1
            yield from zip(batch, self._session.run(None, {self._input: pixels})[0], strict=True)


def _decoded(odds: NDArray[np.float32], characters: NDArray[np.str_]) -> Read:
    """The likeliest text: equal neighbours are one character, and "none" parts equal ones."""
    best = odds.argmax(1)
    text, sure, last = [], [], 0
    for step, number in enumerate(best):
        if number and number != last:
            text.append(str(characters[number]))
            sure.append(float(odds[step, number]))
        elif number:
            sure[-1] = max(sure[-1], float(odds[step, number]))
        last = int(number)
    return Read("".join(text).strip(), min(sure, default=0.0))


@cache
def reader() -> Reader:
    """The process's recogniser."""
    return Reader()
