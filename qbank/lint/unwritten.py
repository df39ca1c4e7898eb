"""Items that are ordered but not written yet: stubs as `qbank new item` and `qbank coverage --stubs` make them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from qbank.core.item import Item
from qbank.lint.rule import ItemInput
from qbank.messages import LANGUAGES, text
from qbank.problem import Problem, error, warning


def unwritten_item(given: ItemInput) -> Iterator[Problem]:
    """G105: an item that still has the stem of its stub, or an option or an answer of it, is to be written.

    A warning for a draft, an error for everything beyond: nobody may approve an empty question. The other rules of
    style keep silent until there is a stem to judge.

    Bad: ``stem: 题干（　　）``, ``A: 选项 A`` as the stub has them. Good: a question.
    """
    tell = warning if given.item.status == "draft" else error
    if is_stub(given.item):
        yield tell("G105", given.place("stem"), id=given.item.id)
    elif _left_over().search(given.reading.prose):
        for passage in given.reading.passages[1:]:
            if _left_over().fullmatch(passage.text):
                yield tell("G105", given.place(*passage.steps), id=given.item.id)
                return


def is_stub(item: Item) -> bool:
    """Return whether the stem is still that of a stub, in either language."""
    stem = item.stem.strip()
    if len(stem) > 30:
        return False
    return any(stem.startswith(word) and not stem[len(word) :].strip(" _（）()　") for word in _words())


@cache
def _left_over() -> re.Pattern[str]:
    """Return the pattern of what a stub has in place of a part's stem, an option, a prompt, a point or an answer."""
    numbered = [text(language, f"authored.stub.{word}") for language in LANGUAGES for word in ("option", "prompt", "point", "demand")]
    answers = [text(language, "authored.stub.answer") for language in LANGUAGES]
    return re.compile(
        rf"^(?:(?:{'|'.join(numbered)}) [A-Z1-9]|(?:{'|'.join(answers)})(?: [1-9])?|(?:{'|'.join(_words())}) [1-9][ _（）()\u3000]*)$",
        re.MULTILINE,
    )


def _words() -> list[str]:
    return [text(language, "authored.stub.stem") for language in LANGUAGES]
