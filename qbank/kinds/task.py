"""task: a practical assessment (操作技能考核): what to have ready, what to do, how each step is marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, cast

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.item import Item, Plain
from qbank.core.presentation import Deduction, Language, Supply, Task, TaskStep
from qbank.kinds.kind import (
    ItemKind,
    Marked,
    Passage,
    Place,
    Points,
    Printed,
    folded,
    no_options,
    no_permutation,
)
from qbank.kinds.rated import all_marks, awarded, fewer_marks, read_marks, show_marks
from qbank.problem import Problem, error

VETO = "veto"
VETO_WORDS = frozenset({"否定", "否决", "一票否决", "VETO"})


class SupplyText(Authored):
    """One thing to have ready."""

    name: FilledText
    spec: WrittenText = ""
    quantity: WrittenText = ""
    unit: WrittenText = ""
    note: WrittenText = ""


class DeductionText(Authored):
    """What costs how many marks."""

    text: FilledText
    points: Points


class TaskStepText(Authored):
    """One step: what is examined, what is demanded, its marks, what costs marks."""

    title: FilledText
    demand: FilledText
    points: Points
    deductions: Annotated[Many[DeductionText], Field(max_length=50)] = ()


class TaskBody(Authored):
    """A practical task; the points of its steps add up to the marks, a ``veto`` makes the whole task 0.

    site, candidate : what the centre and what the candidate have ready ; requirements : 考核要求
    """

    minutes: Annotated[int, Field(ge=1, le=1440)]
    preparation_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    site: Many[SupplyText] = ()
    candidate: Many[SupplyText] = ()
    requirements: Many[FilledText] = ()
    steps: Annotated[Many[TaskStepText], Field(min_length=1, max_length=100)]
    veto: Many[FilledText] = ()

    def seen(self) -> Plain:
        """Return what the candidate is told: times, what is ready, requirements, the steps and what they demand."""
        return {
            "minutes": self.minutes, "preparation_minutes": self.preparation_minutes,
            "site": tuple(supply.model_dump() for supply in self.site),
            "candidate": tuple(supply.model_dump() for supply in self.candidate),
            "requirements": self.requirements,
            "steps": tuple({"title": step.title, "demand": step.demand} for step in self.steps),
        }  # fmt: skip

    def marked(self) -> Marked:
        """Return the steps with points and deductions, the vetoes, and the most that can be awarded."""
        steps = tuple(
            {
                "title": step.title, "points": float(step.points),
                "deductions": tuple({"text": cut.text, "points": float(cut.points)} for cut in step.deductions),
            }
            for step in self.steps
        )  # fmt: skip
        return {"most": float(sum(step.points for step in self.steps)), "steps": steps, "veto": self.veto}


def _body(item: Item) -> TaskBody:
    return cast("TaskBody", item.body)


def check(item: Item, place: Place) -> list[Problem]:
    """Return whether the steps add up to the marks, and no deduction costs more than its step has."""
    body = _body(item)
    problems: list[Problem] = []
    total = sum(step.points for step in body.steps)
    if total != item.marks:
        problems.append(error("Q213", place("steps"), total=f"{total:g}", marks=f"{item.marks:g}"))
    for index, step in enumerate(body.steps):
        for other, cut in enumerate(step.deductions):
            if cut.points > step.points:
                at = place("steps", index, "deductions", other, "points")
                problems.append(error("Q214", at, points=f"{cut.points:g}", most=f"{step.points:g}"))
    return problems


def passages(item: Item) -> Iterator[Passage]:
    """Yield requirements, steps with their deductions, and vetoes."""
    body = _body(item)
    for index, text in enumerate(body.requirements):
        yield Passage(("requirements", index), "demand", text)
    for index, step in enumerate(body.steps):
        yield Passage(("steps", index, "title"), "demand", step.title)
        yield Passage(("steps", index, "demand"), "demand", step.demand)
        for other, cut in enumerate(step.deductions):
            yield Passage(("steps", index, "deductions", other, "text"), "rubric", cut.text)
    for index, text in enumerate(body.veto):
        yield Passage(("veto", index), "rubric", text)


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return the marks awarded, or ``veto``.

    >>> read("否 定", "", {"most": 100.0}), read("86.5", "", {"most": 100.0})
    ('veto', '86.5')
    """
    return VETO if folded(marked).upper().replace(" ", "") in VETO_WORDS else read_marks(marked, order, given)


def credit(marked: Marked, answer: str) -> float:
    """Return the share of the marks that was awarded; nothing after a veto.

    >>> credit({"most": 100.0}, "86.5"), credit({"most": 100.0}, "veto")
    (0.865, 0.0)
    """
    return 0.0 if answer == VETO else awarded(marked, answer)


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return the marks as they stand, or the word for a veto."""
    return ("否定" if language == "zh" else VETO) if answer == VETO else show_marks(answer, order, language)


def printed(item: Item, marks: float, language: Language) -> Printed:
    """Return the task for its three sheets."""
    body = _body(item)
    return Printed(
        task=Task(
            minutes=body.minutes, preparation_minutes=body.preparation_minutes, site=_supplies(body.site),
            candidate=_supplies(body.candidate), requirements=body.requirements,
            steps=tuple(
                TaskStep(step.title, step.demand, step.points,
                         tuple(Deduction(cut.text, cut.points) for cut in step.deductions))
                for step in body.steps
            ),
            vetoes=body.veto,
        )
    )  # fmt: skip


def _supplies(supplies: tuple[SupplyText, ...]) -> tuple[Supply, ...]:
    return tuple(Supply(each.name, each.spec, each.quantity, each.unit, each.note) for each in supplies)


TASK = ItemKind(
    word="task",
    body=TaskBody,
    check=check,
    permutations=no_permutation,
    options=no_options,
    read=read,
    credit=credit,
    answers=lambda marked: (),
    key_label=all_marks,
    show_answer=show_answer,
    space="lines",
    passages=passages,
    printed=printed,
    slips=lambda marked, order: (*fewer_marks(marked, order), VETO),
    partial=lambda marked: True,
    rated=True,
    own_marks=True,
)
