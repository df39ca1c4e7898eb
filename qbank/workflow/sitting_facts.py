"""sitting show: what is stored of a sitting, and how many answers of which sort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qbank.core.responses import (
    NOT_MARKED,
    NOT_REACHED,
    NOT_SEEN,
    OMITTED,
    STANDINGS,
    VOID,
    WITHHELD,
    Responses,
)
from qbank.ledger import AnswerMark, FilePart, PaperCut, SittingRecord, file_parts, read_sitting
from qbank.problem import Problem, Span, error
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SittingFacts:
    """papers : paper → persons who had it ; standings, answers : word → how many ; parts : every file it ever had ; marks :
    single answers that were declared void or withheld after the import ; unfitting : those among them without a person or
    a question in the files that count ; cuts : of papers, accepted after equating
    """

    record: SittingRecord
    papers: Mapping[str, int]
    n_persons: int
    n_items: int
    standings: Mapping[str, int]
    answers: Mapping[str, int]
    parts: tuple[FilePart, ...]
    marks: tuple[AnswerMark, ...] = ()
    unfitting: tuple[AnswerMark, ...] = ()
    cuts: tuple[PaperCut, ...] = ()


def sitting_facts(id: str, workspace: Workspace) -> tuple[SittingFacts | None, list[Problem]]:
    """Return what is stored of a sitting."""
    if not workspace.has_ledger():
        return None, [error("L102", Span(id), id=id)]
    ledger = workspace.open()
    try:
        stored = read_sitting(ledger, id)
        parts = file_parts(ledger, id)
    finally:
        ledger.close()
    if stored is None:
        return None, [error("L102", Span(id), id=id)]
    found = stored.responses
    papers = {form: int((found.form == n).sum()) for n, form in enumerate(found.forms)}
    counts = standing_counts(found), answer_counts(found)
    return SittingFacts(stored.record, papers, len(found.persons), len(found.items), *counts, parts, stored.marks, stored.unfitting, stored.cuts), []


def standing_counts(responses: Responses) -> dict[str, int]:
    """Return how many persons are present, absent, void, withheld."""
    return {word: int((responses.standing == n).sum()) for n, word in enumerate(STANDINGS)}


def answer_counts(responses: Responses) -> dict[str, int]:
    """Return how many questions on the papers of those present were answered, and how many not, by each way."""
    sat = responses.standing == STANDINGS.index("present")
    answer = responses.answer[sat]
    unseen = 0
    for form in range(len(responses.forms)):
        mine = answer[responses.form[sat] == form] == NOT_SEEN
        unseen += int(mine[:, ~mine.all(axis=0)].sum()) if mine.size else 0
    counts = {"answered": int((answer >= 0).sum())}
    names = {"omitted": OMITTED, "not_reached": NOT_REACHED, "void_answers": VOID, "withheld_answers": WITHHELD}
    counts |= {name: int(np.count_nonzero(answer == code)) for name, code in names.items()}
    return counts | {"not_seen": unseen, "not_marked": int(np.count_nonzero(answer == NOT_MARKED))}
