"""What stands in a cell → the answer to a question, as its kind reads it, or one of the ways of having none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from qbank.core.form import FormItem, full_marks
from qbank.core.responses import MARKS_ONLY, NOT_REACHED, NOT_SEEN, OMITTED, VOID, WITHHELD
from qbank.files.answers.papers import plain_word
from qbank.files.answers.reading import Reading
from qbank.kinds import KINDS
from qbank.kinds.kind import folded

CODES: Mapping[str, int] = {
    "omitted": OMITTED, "not_reached": NOT_REACHED, "not_seen": NOT_SEEN, "void": VOID, "withheld": WITHHELD,
}  # fmt: skip
WORDS: Mapping[str, tuple[str, ...]] = {
    "omitted": ("omitted", "未答", "漏答", "空题"),
    "not_reached": ("not reached", "not_reached", "未答到", "未做到"),
    "not_seen": ("not seen", "not_seen", "未见", "未发"),
    "void": ("void", "作废", "本题作废"),
    "withheld": ("withheld", "违纪"),
}  # fmt: skip
UNTYPED = "???"
"""What reading answer sheets writes where a person has not typed a handwritten answer yet: never an answer itself."""
_WHOLE = re.compile(r"(-?\d+)\.0+")
_MARKS = re.compile(r"(\d{1,4}(?:\.\d{1,6})?)(?:分|marks?|points?)?", re.IGNORECASE)


def _codes(words: Mapping[str, tuple[str, ...]]) -> Mapping[str, int]:
    return {plain_word(word): CODES[name] for name, known in words.items() if name in CODES for word in known}


CUSTOMARY = _codes(WORDS)
Read = Callable[[str], str | int | None]
"""A cell's text → label, code of having no answer, or None where it is neither."""


def reader_of(entry: FormItem, reading: Reading, *, scored: bool) -> Read:
    """Return how the cells of one place on a paper are read.

    Words for having no answer that the mapping file gives come first; customary ones count only where the text is no
    answer to the question itself, as it may be where anything can be filled in.

    >>> from qbank.core.form import FormItem
    >>> place = FormItem("Q-1", "single", "f", "CADB", 1.0, {"key": "C"}, "", "")
    >>> read = reader_of(place, Reading(), scored=False)
    >>> read("Ａ"), read("E"), read("作废"), read("A.0")
    ('C', None, -4, None)
    >>> reader_of(place, Reading(), scored=True)("0.50")
    'marks:0.5'
    """
    own = _codes(reading.words) if reading.words else {}
    kind = KINDS[entry.kind]
    most = full_marks(entry)

    def answer(text: str) -> str | None:
        if scored and not kind.rated:
            return _marks(text, most)
        label = kind.read(text, entry.order, entry.marked)
        whole = _WHOLE.fullmatch(text) if label is None else None
        return kind.read(whole.group(1), entry.order, entry.marked) if whole else label

    def read(text: str) -> str | int | None:
        word = plain_word(text)
        if word in own:
            return own[word]
        if word == UNTYPED:
            return None
        label = answer(text)
        return CUSTOMARY.get(word) if label is None else label

    return read


def _marks(text: str, most: float) -> str | None:
    """Return the label of so many marks, None where they are more than the question has."""
    match = _MARKS.fullmatch(folded(text).replace(" ", ""))
    if match is None or float(match.group(1)) > most + 1e-9:
        return None
    return f"{MARKS_ONLY}{float(match.group(1)):g}"


def not_seen_words(reading: Reading) -> frozenset[str]:
    """Return what says in the cell of a question that the person did not have it."""
    return frozenset(plain_word(word) for word in (*WORDS["not_seen"], *reading.words.get("not_seen", ())))
