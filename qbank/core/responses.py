"""Answers as integers, with five different ways of having none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

OMITTED: Final = -1
NOT_SEEN: Final = -2
NOT_REACHED: Final = -3
VOID: Final = -4
WITHHELD: Final = -5


@dataclass(frozen=True, slots=True)
class Responses:
    """What every person of one sitting marked.

    answer : int16 (n_persons, n_items), index into ``labels[item]`` or one of OMITTED, NOT_SEEN, NOT_REACHED,
        VOID, WITHHELD ; labels : for each item the answers that occur, as original option letters or words ;
    form : int16 (n_persons,), index into ``forms`` ; groups : named columns of words, each (n_persons,)
    """

    sitting: str
    persons: tuple[str, ...]
    items: tuple[str, ...]
    answer: NDArray[np.int16]
    labels: tuple[tuple[str, ...], ...]
    forms: tuple[str, ...]
    form: NDArray[np.int16]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
