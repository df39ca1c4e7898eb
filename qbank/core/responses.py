"""Answers as integers, with different ways of having none, and what became of each person."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

OMITTED: Final = -1
NOT_SEEN: Final = -2
NOT_REACHED: Final = -3
VOID: Final = -4
WITHHELD: Final = -5
NOT_MARKED: Final = -6
"""Answered, or so it is taken, but the people who mark it have not yet: neither 0 marks nor any."""

Standing = Literal["present", "absent", "void", "withheld"]
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
"""What a person's paper counts as: sat, not sat (缺考), declared void (作废), withheld for a breach of rules (违纪)."""

MARKS_ONLY: Final = "marks:"
"""Begins the label of an answer of which only the marks are known: ``marks:0.5``."""


@dataclass(frozen=True, slots=True)
class Responses:
    """What every person of one sitting marked.

    answer : int16 (n_persons, n_items), index into ``labels[item]`` or one of OMITTED, NOT_SEEN, NOT_REACHED, VOID,
        WITHHELD, NOT_MARKED; what stands on the paper, whatever became of the person ; labels : for each item the answers that
        occur, as original option letters or words ; form : int16 (n_persons,), index into ``forms`` ; groups : named
        columns of words, each (n_persons,) ; standing : int8 (n_persons,), index into STANDINGS
    """

    sitting: str
    persons: tuple[str, ...]
    items: tuple[str, ...]
    answer: NDArray[np.int16]
    labels: tuple[tuple[str, ...], ...]
    forms: tuple[str, ...]
    form: NDArray[np.int16]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    standing: NDArray[np.int8]


def present(responses: Responses) -> NDArray[np.bool_]:
    """Return who sat and whose paper stands, (n_persons,)."""
    sat: NDArray[np.bool_] = responses.standing == STANDINGS.index("present")
    return sat


def counted_answers(responses: Responses) -> NDArray[np.int16]:
    """Return the answers with those of void and withheld papers as such, (n_persons, n_items).

    A question that a person did not have stays not seen, and an absent person had none.
    """
    answer = responses.answer.copy()
    for word, code in (("absent", NOT_SEEN), ("void", VOID), ("withheld", WITHHELD)):
        rows = responses.standing == STANDINGS.index(word)
        if rows.any():
            answer[rows] = np.where(answer[rows] == NOT_SEEN, NOT_SEEN, code)
    answer.flags.writeable = False
    return answer


def plain_number(number: str) -> str:
    """Return a person's number as it is compared between files: without width, case or blanks.

    >>> plain_number(" ａ00 17")
    'A0017'
    """
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()
