"""short and essay: answers in one's own words (简答题, 论述题), marked by people along a rubric."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, cast

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many
from qbank.core.item import Item, Plain
from qbank.core.presentation import GuidePoint, Language
from qbank.kinds.kind import ItemKind, Marked, Passage, Place, Points, Printed, no_options, no_permutation
from qbank.kinds.rated import all_marks, awarded, fewer_marks, read_marks, show_marks
from qbank.problem import Problem, error


class RubricPoint(Authored):
    """One point of the rubric: what earns how many marks."""

    points: Points
    text: FilledText


class WrittenBody(Authored):
    """A model answer, the rubric that adds up to the marks, and the lines to write on."""

    key: FilledText
    rubric: Annotated[Many[RubricPoint], Field(min_length=1, max_length=50)]
    lines: Annotated[int, Field(ge=1, le=80)] | None = None

    def seen(self) -> Plain:
        """Return nothing: the stem is all there is to see."""
        return {}

    def marked(self) -> Marked:
        """Return the rubric, the model answer, and the most that can be awarded."""
        return {
            "most": float(sum(point.points for point in self.rubric)), "key": self.key,
            "rubric": tuple({"points": float(point.points), "text": point.text} for point in self.rubric),
        }  # fmt: skip


def _body(item: Item) -> WrittenBody:
    return cast("WrittenBody", item.body)


def check(item: Item, place: Place) -> list[Problem]:
    """Return whether the rubric adds up to the marks of the item."""
    total = sum(point.points for point in _body(item).rubric)
    if total != item.marks:
        return [error("Q210", place("rubric"), total=f"{total:g}", marks=f"{item.marks:g}")]
    return []


def passages(item: Item) -> Iterator[Passage]:
    """Yield the model answer and the points of the rubric."""
    yield Passage(("key",), "answer", _body(item).key, True)
    for index, point in enumerate(_body(item).rubric):
        yield Passage(("rubric", index, "text"), "rubric", point.text)


def printed(item: Item, marks: float, language: Language) -> Printed:
    """Return the lines to write on, the model answer and the rubric."""
    body = _body(item)
    lines = body.lines or (max(3, math.ceil(marks)) if item.kind == "short" else max(10, math.ceil(1.5 * marks)))
    guide = tuple(GuidePoint(point.text, point.points) for point in body.rubric)
    return Printed(n_lines=lines, guide=guide, answer=body.key)


def _kind(word: str) -> ItemKind:
    return ItemKind(
        word=word, body=WrittenBody, check=check, permutations=no_permutation, options=no_options, read=read_marks,
        credit=awarded, answers=lambda marked: (), key_label=all_marks, show_answer=show_marks, space="lines",
        passages=passages, printed=printed, slips=fewer_marks, partial=lambda marked: True, rated=True, own_marks=True,
    )  # fmt: skip


SHORT = _kind("short")
ESSAY = _kind("essay")
