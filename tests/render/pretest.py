"""Papers in which the last question of every longer section does not count, in Chinese and in English."""

from __future__ import annotations

from dataclasses import replace

from qbank.core.presentation import Paper, PaperSection, Part, Question
from tests.render.every_kind import en_every_kind, zh_every_kind

PRETEST_PARTS: tuple[Part, ...] = ("paper", "key", "marking-guide", "task-record")
"""The parts that say something of questions which do not count."""


def uncounted(question: Question) -> Question:
    """Return the question, and its parts, with marks that do not count."""
    return replace(question, scored=False, parts=tuple(map(uncounted, question.parts)))


def with_pretest(paper: Paper) -> Paper:
    """Return the paper with the last question of each section of two or more, and the last task, not counted."""
    return replace(paper, sections=tuple(map(_section, paper.sections)))


def _section(section: PaperSection) -> PaperSection:
    *others, last = section.questions
    return replace(section, questions=(*others, uncounted(last))) if others or last.task else section


def zh_pretest() -> Paper:
    """Return the Chinese paper of every kind with questions that do not count."""
    return with_pretest(zh_every_kind())


def en_pretest() -> Paper:
    """Return the English paper of every kind with questions that do not count."""
    return with_pretest(en_every_kind())
