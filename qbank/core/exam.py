"""What a computer exam room gets of a paper: no key, and no hash that a key could be tried out on.

The digest of a form (`qbank.core.form.form_digest`) is made of keys too, so it never stands in an exam: with one question
and four options it would tell the key after four trials. The two digests here are made of what the candidate sees.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from qbank.core.form import Form, FormItem, form_items, full_marks
from qbank.core.item import Canonical, Plain, canonical, canonical_run, digest, seen_part
from qbank.core.presentation import Paper, Question, SharedText, Task
from qbank.core.remembered import Remembered


def exam_digest(form: Form) -> str:
    """Return 16 hexadecimal digits of what is seen on a paper, and of no key, rubric, rationale or order of options.

    The original order of options is left out as well: of an ordering question whose author wrote the steps down in the
    right order it is the key. `shown_digest` tells two orders apart.
    """
    facts: dict[str, Plain] = {
        "id": form.id, "title": form.title, "subject": form.subject, "language": form.language,
        "version_of": form.version_of, "base_places": form.base_places,
        "places": tuple(_seen_digested(entry) for entry in form_items(form)),
    }  # fmt: skip
    return digest(facts)


def _seen_facts(entry: FormItem) -> tuple[Plain, ...]:
    parts: Plain = tuple(_seen_facts(part) for part in entry.parts)
    return (entry.kind, seen_part(entry.fingerprint), full_marks(entry), entry.scored, entry.variant, parts)


_seen_digested: Remembered[FormItem, Canonical] = Remembered(lambda entry: canonical(_seen_facts(entry)))
"""Place → what the digest of an exam takes of it."""


def candidate_paper(paper: Paper) -> Paper:
    """Return the paper with everything gone that only markers may know: keys, model answers, rubrics, what a task's steps
    deduct; the ids of items, by which questions could be looked up; and the digest of what is printed, which here has
    others in its stead."""
    sections = tuple(
        replace(section, questions=tuple(_question(one) for one in section.questions)) for section in paper.sections
    )
    return replace(paper, sections=sections, digest="")


def _question(question: Question) -> Question:
    shared = question.shared and SharedText("", question.shared.title, question.shared.text, question.shared.first, question.shared.last)
    return replace(
        question, item="", answer="", guide=(), task=question.task and _task(question.task), shared=shared,
        parts=tuple(_question(part) for part in question.parts),
    )  # fmt: skip


def _task(task: Task) -> Task:
    return replace(task, steps=tuple(replace(step, deductions=()) for step in task.steps), vetoes=())


def shown_digest(paper: Paper) -> str:
    """Return 16 hexadecimal digits of the texts of a paper in printed order, options and all: nothing that is not shown.

    Neither the notices nor the time allowed count: they may be others on screen.
    """
    sections: tuple[Plain, ...] = tuple(
        (section.title, section.instruction, tuple(_shown(question) for question in section.questions))
        for section in paper.sections
    )
    facts: dict[str, Plain] = {"code": paper.code, "title": paper.title, "subject": paper.subject, "sections": sections}
    return digest(facts)


def printed_digest(paper: Paper) -> str:
    """Return the 8 hexadecimal digits that stand on every page of a paper and in the codes of its answer sheets.

    Made of the paper's code and of its questions in printed order, options and all, never of a key: of a paper of one
    question that would tell the key after four trials. Words of the program's own (titles, instructions, how to answer a
    part) do not count, so that sheets printed by another release are still known.
    """
    questions = (question for section in paper.sections for question in section.questions)
    facts: tuple[Plain, ...] = tuple(_shown(_without_part_stems(one)) for one in questions)
    return digest({"code": paper.code, "questions": facts})[:8]


def _without_part_stems(question: Question) -> Question:
    return replace(question, parts=tuple(replace(part, stem="") for part in question.parts)) if question.parts else question


def _shown(question: Question) -> tuple[Plain, ...]:
    shared: Plain = (question.shared.title, question.shared.text) if question.shared else ()
    parts: Plain = tuple(_shown(part) for part in question.parts)
    own = _own_digested(question.kind, question.stem, question.options, question.prompts, question.marks)
    return (question.number, own, shared, parts)


@lru_cache(maxsize=32768, typed=True)
def _own_digested(
    kind: str, stem: str, options: tuple[tuple[str, str], ...], prompts: tuple[tuple[str, str], ...], marks: float
) -> Canonical:
    """Return what digests take of a question whatever its number: papers share it. (1 mark and 1.0 are told apart.)"""
    return canonical_run(kind, stem, options, prompts, marks)
