"""What an item says, read once for all rules: its questions and its texts.

Most rules look for a few words. They first ask whether a character of those words occurs in the item at all (`one_of`),
which costs next to nothing, so that ten thousand items pass all rules in less than a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from qbank.core.item import Item
from qbank.core.prose import MATHEMATICS, columns, prose, shown
from qbank.kinds import KINDS
from qbank.kinds.kind import Passage
from qbank.lint.traditional import SIMPLIFIED

_HAN = re.compile("[\u4e00-\u9fff]")
_HAN_RUN = re.compile("[\u4e00-\u9fff]+")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")

_LATIN = re.compile("[A-Za-z]")

CHOICE = ("single", "multiple")

__all__ = ["CHOICE", "MATHEMATICS", "Question", "Reading", "columns", "count_han", "has_han", "latin_words", "middle", "one_of",
           "prose", "read_item", "shown"]  # fmt: skip

_HANZI = "\u4e00-\u9fff"
_PERHAPS_AMISS = re.compile(
    f"[{''.join(sorted(SIMPLIFIED))}\uff05\uff0b\uff0f-\uff19\uff1d\uff21-\uff3a\uff41-\uff5a\u0370-\u0500\u2e80-\u2fdf\u30a0-\u30ff\uf900-\ufaff\t]"
    rf"|[{_HANZI}”）](?:[,;:?!.(]|--)|[,;?!(\"'][{_HANZI}“（]|  | [,.;?!，。；：、）]|[，。；：？！、（“] |^\s|\s$|[a-z] ?[，。；：？！、] ?[a-z]"
    rf"|[\d）)_/·][ \u2009]?(?:[A-Za-z°℉][A-Za-z\d°]|℃C)|\d\s*[公斤市英大千马毫工标准个达尔克磅加盎华]|[lO][\d.,]|\d[lO]"
)
"""What a finding of the rules over characters and units in a rationale begins with: most have none, and are left out."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question: an item, or one part of a case with its own stem and options.

    keys : the options that are (part of) the key ; steps : the keys that lead to it from the item, none for the item
    itself
    """

    item: Item
    kind: str
    stem: Passage
    options: tuple[Passage, ...]
    keys: tuple[Passage, ...]
    steps: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """questions : of the item, or of a case's parts ; choices : those with options to choose from, some of them the
    key ; statements : those to be judged true or false ; passages : every text ; prose : all of them, a line each,
    without formulae ; asked : the same of the passages alone ; han : whether the stem is Chinese ; latin : whether any
    letter is Latin ; written : the passages, the rationale and the reference

    The rationale and the reference count for prose, latin and written where something may be amiss in them.
    """

    questions: tuple[Question, ...]
    choices: tuple[Question, ...]
    statements: tuple[Question, ...]
    passages: tuple[Passage, ...]
    prose: str
    asked: str
    han: bool
    latin: bool
    written: tuple[Passage, ...]


def read_item(item: Item) -> Reading:
    """Return what an item says."""
    kind = KINDS[item.kind]
    stem = Passage(("stem",), "stem", item.stem)
    texts = tuple(kind.passages(item))
    passages = (stem, *texts)
    behind = (Passage(("rationale",), "rationale", item.rationale), Passage(("reference",), "reference", item.reference))
    written = (*passages, *[passage for passage in behind if _PERHAPS_AMISS.search(passage.text)])
    asked = _joined(passages)
    whole = _joined(written) if len(written) > len(passages) else asked
    options = tuple([passage for passage in texts if passage.role == "option" and passage.steps[0] == "options"])
    questions: tuple[Question, ...] = (Question(item, item.kind, stem, options, _keys(options)),)
    parts = kind.parts(item)
    if parts:
        questions = tuple(_part(index, part, texts) for index, part in enumerate(parts))
    choices = tuple([question for question in questions if question.kind in CHOICE and question.options])
    statements = tuple([question for question in questions if question.kind == "true_false"])
    han = _HAN.search(item.stem) is not None
    return Reading(questions, choices, statements, passages, whole, asked, han, _LATIN.search(whole) is not None, written)


def _keys(options: tuple[Passage, ...]) -> tuple[Passage, ...]:
    return tuple([option for option in options if option.right])


def _joined(passages: tuple[Passage, ...]) -> str:
    """Return the prose of some passages, a line each."""
    joined = "\n".join([passage.text for passage in passages])
    if "$" in joined or "![" in joined:  # in each text by itself: a dollar too many ends with its text
        joined = "\n".join([prose(passage.text) for passage in passages])
    return joined


def _part(index: int, part: Item, texts: tuple[Passage, ...]) -> Question:
    steps = ("parts", index)
    options = tuple(passage for passage in texts if passage.steps[:2] == steps and passage.role == "option")
    return Question(part, part.kind, Passage((*steps, "stem"), "stem", part.stem), options, _keys(options), steps)


def one_of(marks: str) -> Callable[[str], object]:
    """Return the test whether any of some characters occurs in a text.

    >>> bool(one_of("都全")("以上都是")), bool(one_of("都全")("脱碳"))
    (True, False)
    """
    return re.compile(f"[{re.escape(marks)}]").search


def has_han(text: str) -> bool:
    """Return whether any character is Chinese."""
    return _HAN.search(text) is not None


def count_han(text: str) -> int:
    """Return the number of Chinese characters."""
    return sum(map(len, _HAN_RUN.findall(text)))


def latin_words(text: str) -> list[str]:
    """Return the words written in Latin letters, in lower case.

    >>> latin_words("The operator's key-switch")
    ['the', "operator's", 'key-switch']
    """
    return [word.lower() for word in _LATIN_WORD.findall(text)]


def middle(values: list[float]) -> float:
    """Return the median."""
    return float(median(values))
