"""Rules over true-false statements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.lint.reading import prose
from qbank.lint.rule import ItemInput
from qbank.problem import Problem, note, warning

_COMPOUND = re.compile(r"[；;]|[，,](?:并且|而且|同时又?|且)|[，,]或者?|不仅[^。]{0,60}(?:而且|还)|既[^。]{1,20}又|[,;] (?:and|but)\b|\b(?:and|but) (?:it|they|this) ")
_QUESTION = re.compile(r"[？?]|是否|吗[。？?]?$|对不对|(要|能|会|可|应)不\1|^\s*(?:is|are|does|do(?! not)|can|should|must|will)\b", re.IGNORECASE)

_REPORTING = re.compile("[查看验测判认定决问取与按论管知]|分析|考虑|注意|反映|表明|说明|了解|根据|关键")


def compound_statement(given: ItemInput) -> Iterator[Problem]:
    """W140: a statement to be judged says one thing.

    Where it says two and one is wrong, a candidate who knows only the other is marked wrong for a right judgement,
    and nobody can tell from the answers which part was known.

    Bad: ``stem: 氧枪喷头用纯铜制造，并且不需要水冷。``. Good: ``stem: 氧枪喷头用纯铜制造。``
    """
    for question in given.reading.statements:
        match = _COMPOUND.search(prose(question.stem.text))
        if match:
            yield note("W140", given.place(*question.stem.steps), words=match.group()[:12])


def question_to_be_judged(given: ItemInput) -> Iterator[Problem]:
    """W141: what is to be judged true or false is a statement, not a question.

    "True" is no answer to 是否 or "is it": candidates mark what they think is meant.

    Bad: ``stem: 检修前是否必须停电？``. Good: ``stem: 检修前必须停电。``
    """
    for question in given.reading.statements:
        stem = question.stem.text
        match = _QUESTION.search(stem)
        if match and not _reported(stem, match):
            yield warning("W141", given.place(*question.stem.steps), words=match.group())


def _reported(stem: str, match: re.Match[str]) -> bool:
    """Return whether 是否 stands inside a statement: 检查阀门是否关严, 取决于…是否…"""
    return match.group() == "是否" and _REPORTING.search(stem) is not None and "？" not in stem
