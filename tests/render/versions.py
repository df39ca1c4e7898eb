"""Papers with a map of three versions, in Chinese and in English."""

from __future__ import annotations

from dataclasses import replace

from qbank.core.presentation import Paper, Question
from qbank.render.version_map import version_map
from tests.render.every_kind import en_every_kind, zh_every_kind


def scrambled(paper: Paper, by: int) -> tuple[Paper, tuple[int, ...]]:
    """Return a version whose questions are turned round in each section, keys of one letter moved on, and the map back."""
    sections, places, number = [], [], 0
    for section in paper.sections:
        n = by % len(section.questions)
        turned = (*section.questions[n:], *section.questions[:n])
        places += [question.number for question in turned]
        sections.append(replace(section, questions=tuple(
            _renumbered(question, number := number + 1, by) for question in turned
        )))  # fmt: skip
    letter = "ABCDEFGH"[by]
    return replace(paper, sections=tuple(sections), version=letter, code=f"{paper.code}-{letter}", digest=f"{by}" * 8), tuple(places)


def _renumbered(question: Question, number: int, by: int) -> Question:
    answer = question.answer
    if len(answer) == 1 and question.options:
        letters = [letter for letter, _ in question.options]
        answer = letters[(letters.index(answer) + by) % len(letters)]
    parts = tuple(_renumbered(part, part.number, by) for part in question.parts)
    return replace(question, number=number, answer=answer, parts=parts)


def with_versions(paper: Paper, own: int, n: int = 3) -> Paper:
    """Return one of the versions of a paper with the map to the others."""
    papers, places = zip(*(scrambled(paper, by) for by in range(n)), strict=True)
    return replace(papers[own], version_map=version_map(own, papers, places))


def zh_versions() -> Paper:
    """Return version B of the Chinese paper of every kind."""
    return with_versions(zh_every_kind(), 1)


def en_versions() -> Paper:
    """Return version A of the English paper of every kind."""
    return with_versions(en_every_kind(), 0)
