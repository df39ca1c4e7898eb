"""Items that are ordered but not written yet: stubs as `qbank new item` and `qbank coverage --stubs` make them."""

from __future__ import annotations

from collections.abc import Iterator

from qbank.core.item import Item
from qbank.lint.rule import ItemInput
from qbank.messages import LANGUAGES, text
from qbank.problem import Problem, error, warning


def unwritten_item(given: ItemInput) -> Iterator[Problem]:
    """G105: an item that still has the stem of its stub is to be written.

    A warning for a draft, an error for everything beyond: nobody may approve an empty question. The other rules of
    style keep silent until there is something to judge.

    Bad: ``stem: 题干（　　）`` as the stub has it. Good: a question.
    """
    if is_stub(given.item):
        tell = warning if given.item.status == "draft" else error
        yield tell("G105", given.place("stem"), id=given.item.id)


def is_stub(item: Item) -> bool:
    """Return whether the stem is still that of a stub, in either language."""
    stem = item.stem.strip()
    if len(stem) > 30:
        return False
    return any(stem.startswith(word) and not stem[len(word) :].strip(" _（）()　") for word in _words())


def _words() -> list[str]:
    return [text(language, "authored.stub.stem") for language in LANGUAGES]
