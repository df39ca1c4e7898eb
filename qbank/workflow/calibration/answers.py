"""What goes into a calibration of a sitting: whose answers, to which items, in which categories, by which models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank.core.bank import Bank
from qbank.core.form import papers_of
from qbank.core.history import Estimate, History
from qbank.kinds import KINDS
from qbank.kinds.questions import find_question
from qbank.kinds.scoring import calibration_share
from qbank.ledger import latest_calibration, read_history
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.calibration.categories import (
    RIGHT_OR_WRONG,
    Categories,
    categories_of,
    placed,
    right_or_wrong,
)
from qbank.workflow.calibration.models import MIXED, word_of
from qbank.workflow.repeaters import Choice, SatBefore, sat_before
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.sitting import sitting_bank
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a calibration: the words of the command line."""

    model: str
    polytomous: str | None = None
    repeaters: Choice = "exclude"


@dataclass(frozen=True, slots=True)
class Answers:
    """scores : int8 (n_persons, n_items), the category of each answer, −1 not seen ; rows : (n_persons,) where the
    persons stand in the sitting ; categories, words : of each item ; n_options : (n_items,) NaN where the bank does not
    say ; groups : the persons' papers where these are linked by common items only ; left_out : item → why ;
    before : who sat an earlier sitting ; n_left_out : how many persons are left out for that ; counts_as : the rules
    """

    scored: ScoredSitting
    scores: NDArray[np.int8]
    rows: NDArray[np.int64]
    items: tuple[str, ...]
    fingerprints: tuple[str, ...]
    categories: tuple[Categories, ...]
    words: tuple[str, ...]
    n_options: NDArray[np.float64]
    groups: list[str] | None
    left_out: Mapping[str, str]
    before: SatBefore
    n_left_out: int
    counts_as: Mapping[str, str]
    bank: Bank | None
    history: History
    latest: tuple[str, str, float, float] | None

    @property
    def n_categories(self) -> NDArray[np.intp]:
        """Return how many categories each item has, (n_items,)."""
        return np.array([len(own.shares) for own in self.categories], dtype=np.intp)


def read_answers(
    id: str, workspace: Workspace, bank_path: Path | None, request: Request
) -> tuple[Answers | None, list[Problem]]:
    """Return what a calibration takes, or why there is nothing to calibrate."""
    scored, problems = score_sitting(id, workspace, bank_path)
    if scored is None:
        return None, problems
    responses = scored.stored.responses
    ledger = workspace.open()
    try:
        its_bank = scored.stored.record.bank
        history = read_history(ledger, without=id, bank=its_bank)
        latest = latest_calibration(ledger, without=id, bank=its_bank)
        before = sat_before(ledger, responses, scored.forms)
    finally:
        ledger.close()
    left_out = {
        item: history.held[entry.fingerprint]
        for item, entry in scored.marking.items()
        if entry.fingerprint in history.held
    } | dict.fromkeys(scored.credited, "credit")
    left_out |= dict.fromkeys(getattr(scored, "dropped", ()), "dropped")
    present = scored.scores.present
    out = present & before.left_out(request.repeaters)
    rows = np.flatnonzero(present & ~out)
    problems += _told(id, before, present, out, request)
    columns = np.array([n for n, item in enumerate(responses.items) if item not in left_out], dtype=np.intp)
    if has_errors(problems):
        return None, problems
    if not columns.size:
        return None, [*problems, error("C106", Span(id), n=int(rows.size))]
    rules = scored.scores.rules.calibration
    counts_as = {"omitted": str(rules.omitted), "not_reached": str(rules.not_reached)}
    share = calibration_share(scored.scores, responses)[np.ix_(rows, columns)]
    bank, _ = sitting_bank(scored.stored.record.bank, workspace, bank_path)
    items = tuple(responses.items[n] for n in columns)
    n_options = np.array([_n_options(bank, item) for item in items])
    fingerprints = tuple(scored.marking[item].fingerprint for item in items)
    scores = np.empty(share.shape, dtype=np.int8)
    categories: list[Categories] = []
    words: list[str] = []
    for n, item in enumerate(items):
        own, word = _category_and_model(share[:, n], item, scored, history, request, guessed=not n_options[n] < 2)
        scores[:, n] = placed(share[:, n], own.tops) if own.partial else right_or_wrong(share[:, n])
        categories.append(own)
        words.append(word)
    joined = [item for item, own in zip(items, categories, strict=True) if own.joined]
    if joined:
        problems.append(warning("C121", Span(id), n=len(joined), items=some(joined)))
    papers, paper = papers_of(scored.forms)
    sat = [papers[paper[form]] for form in responses.form[rows]]
    return Answers(
        scored, scores, rows, items, fingerprints, tuple(categories), tuple(words), n_options,
        sat if scored.stored.record.design == "anchor" else None, left_out, before, int(out.sum()), counts_as, bank,
        history, latest,
    ), problems  # fmt: skip


def _told(
    id: str, before: SatBefore, present: NDArray[np.bool_], out: NDArray[np.bool_], request: Request
) -> list[Problem]:
    """Return how many persons sat before, where any of them did."""
    n = int((present & before.sat).sum())
    if not n:
        return []
    of, past = int(present.sum()), some(before.sittings)
    if not out.any():
        return [warning("C123", Span(id), n=n, of=of, sittings=past)]
    if (present & ~out).any():
        return [warning("C122", Span(id), n=int(out.sum()), of=of, sittings=past)]
    return [error("C127", Span(id), n=n, sittings=past)]


def _n_options(bank: Bank | None, item: str) -> float:
    """Return among how many options a question is answered, 0 where there are none, NaN where nobody knows."""
    found = find_question(bank, item) if bank is not None else None
    if found is None:
        return np.nan
    kind = found[0].kind
    return 2.0 if kind == "true_false" else float(len(KINDS[kind].options(found[0]))) if KINDS[kind].one_letter else 0.0


def _category_and_model(
    share: NDArray[np.float64], item: str, scored: ScoredSitting, history: History, request: Request, *, guessed: bool
) -> tuple[Categories, str]:
    """Return the categories and the model of an item; those on the bank's scale already keep theirs."""
    entry = scored.marking[item]
    markings = (entry.marked, *entry.by_paper.values())
    partial = any(KINDS[entry.kind].partial(marked) for marked in markings)
    n_answers = int(np.isfinite(share).sum())

    def word(in_part: bool) -> str:
        return word_of(request.model, request.polytomous, partial=in_part, guessed=guessed, n_answers=n_answers)

    known = history.estimates.get(entry.fingerprint)
    if known is not None and len(known.tops) == known.n_categories == len(known.shares):
        former = Categories(known.shares, known.tops)
        if _may_stay(known, word(known.n_categories > 2), request) and (partial or not former.partial):
            return former, known.model
    own = categories_of(share) if partial else RIGHT_OR_WRONG
    return own, word(len(own.shares) > 2)


def _may_stay(known: Estimate, wanted: str, request: Request) -> bool:
    """Return whether an item keeps the model that it has on the scale; ``mixed`` leaves every one its own."""
    return known.model == wanted or (request.model == MIXED and request.polytomous is None)
