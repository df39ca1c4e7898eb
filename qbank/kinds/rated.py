"""What kinds have in common whose marks people award: the answer is the number of marks, in steps of a half."""

from __future__ import annotations

import math
import re

from qbank.core.presentation import Language
from qbank.kinds.kind import Marked, folded

_MARKS = re.compile(r"(\d{1,3}(?:\.\d+)?)(?:分|marks?|points?)?", re.IGNORECASE)


def read_marks(marked: str, order: str, given: Marked) -> str | None:
    """Return the marks awarded in their shortest form; None for no number, too many, or thirds of a mark.

    >>> [read_marks(text, "", {"most": 10.0}) for text in ("７．５", "8分", "10.0", "11", "7.3", "好")]
    ['7.5', '8', '10', None, None, None]
    """
    match = _MARKS.fullmatch(folded(marked).replace(" ", ""))
    if match is None:
        return None
    marks = float(match.group(1))
    return f"{marks:g}" if marks <= float(given["most"]) and marks * 2 == math.floor(marks * 2) else None


def awarded(marked: Marked, answer: str) -> float:
    """Return the share of the marks that was awarded.

    >>> awarded({"most": 10.0}, "7.5")
    0.75
    """
    return float(answer) / float(marked["most"])


def all_marks(marked: Marked) -> str:
    """Return the label of an answer that gets everything.

    >>> all_marks({"most": 2.5})
    '2.5'
    """
    return f"{float(marked['most']):g}"


def show_marks(answer: str, order: str, language: Language) -> str:
    """Return the marks as they stand."""
    return answer


def fewer_marks(marked: Marked, order: str) -> tuple[str, ...]:
    """Return every number of marks below all of them.

    >>> fewer_marks({"most": 1.0}, "")
    ('0', '0.5')
    """
    return tuple(f"{half / 2:g}" for half in range(int(float(marked["most"]) * 2)))
