"""Expected marks on the papers of a family and on its scale, every item as the sitting marks it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.paper_model import step_of
from qbank.assemble.family.counting import exposure
from qbank.assemble.family.papers import papers_of_family
from qbank.assemble.family.sampling import sample_papers
from qbank.core.family import Family
from qbank.core.history import Estimate
from qbank.kinds import KINDS
from qbank.kinds.marking import all_accepted
from qbank.workflow.scoring import ScoredSitting

THETA = np.linspace(-10.0, 10.0, 801)
"""Abilities between which expected marks are interpolated."""

FINEST = 0.01
"""The step of totals that the rules do not round, where questions can be answered in part."""

COUNTED = 20_000
"""Papers of a large family that stand for all of them."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FamilyCurves:
    """scale : (n_theta,) mean expected marks of the family's papers ; papers : (n_papers, n_theta) expected marks of each
    paper of the sitting ; full, step : full marks of a paper as printed, and the step of the marks: that of the totals where
    full marks are a multiple of it ; paper_full, paper_step : (n_papers,) full marks of each paper as it is marked, and the
    step of its totals"""

    scale: Array
    papers: Array
    full: float
    step: float
    paper_full: Array
    paper_step: Array


def asked_of(scored: ScoredSitting, family: Family) -> dict[str, str]:
    """Return the items whose parameters the marks of a sitting on the scale of its family need, by the fingerprints of the
    revisions that count: of a sitting's items with the key by which they are marked, of all others as printed.

    Items that the sitting dropped or credited need none.
    """
    items, counted = scored.stored.responses.items, scored.scores.counted
    asked = {
        scored.marking[item].fingerprint: item
        for n, item in enumerate(items) if counted[:, n].any() and item not in scored.credited
    }  # fmt: skip
    settled = scored.dropped | scored.credited
    for slot in family.slots:
        asked |= {_marked(scored, id, print_): id for id, print_ in zip(slot.ids, slot.fingerprints, strict=True) if id and id not in settled}
    return asked


def of_one_scale(known: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Return the estimates that are on the scale of most of them."""
    scales = [one.scale for one in known.values()]
    present = max(dict.fromkeys(scales), key=scales.count) if scales else ""
    return {print_: one for print_, one in known.items() if one.scale == present}


def curves_of(scored: ScoredSitting, family: Family, known: Mapping[str, Estimate]) -> FamilyCurves:
    """Return expected marks on the papers of a sitting and on the scale of their family; known : of all `asked_of`.

    A dropped item is out of the papers that showed it, those of the family as those of the sitting; where the rules
    rescale, the marks of each such paper's other items are scaled to its full marks, as those of its candidates are.
    """
    share = _shares(known)
    form, rules = scored.forms[0], scored.scores.rules
    worth, items = scored.scores.counted, scored.stored.responses.items
    papers = np.zeros((len(scored.forms), THETA.size))
    for n, item in enumerate(items):
        if worth[:, n].any():
            papers += np.outer(worth[:, n], np.ones(THETA.size) if item in scored.credited else share[scored.marking[item].fingerprint])
    marks = [section.marks_each for section in form.sections]
    shown = shown_shares(family, marks, scored.dropped if rules.dropped == "rescale" else ())
    scale = np.zeros(THETA.size)
    for slot, often in zip(family.slots, shown, strict=True):
        for id, print_, each in zip(slot.ids, slot.fingerprints, np.repeat(often, slot.size), strict=True):
            if id in scored.credited:
                scale += marks[slot.section] * each
            elif print_ and id not in scored.dropped:
                scale += marks[slot.section] * each * share[_marked(scored, id, print_)]
    full = float(form.marks)
    factor = _factors(scored)
    whole = step_of([(0.0, mark) for mark in sorted({round(float(mark), 9) for mark in (worth / factor[:, None]).ravel() if mark > 0} | {full})])
    rung = step_of_totals(whole, rules.round.step, in_part=answered_in_part(scored))
    scaled = rules.round.step or (whole * factor if rung == whole else rung)
    step = rung if _multiple(full, rung) else whole
    return FamilyCurves(scale, papers, full, step, np.round(worth.sum(axis=1), 9), np.where(factor == 1, rung, scaled))


def step_of_totals(whole: float, rounding: float, *, in_part: bool) -> float:
    """Return the step in which totals are: of questions answered in part that to which they are rounded.

    whole : of which the marks of every question are multiples ; rounding : to what totals are rounded, 0 not at all ;
    in_part : whether any question can earn a part of its marks

    >>> step_of_totals(1.0, 0.5, in_part=False), step_of_totals(1.0, 0.5, in_part=True), step_of_totals(0.5, 1.0, in_part=False)
    (1.0, 0.5, 1.0)
    """
    if not in_part and (not rounding or _multiple(whole, rounding)):
        return whole
    return rounding or FINEST


def answered_in_part(scored: ScoredSitting) -> bool:
    """Return whether a question that counts can earn a part of its marks, or a wrong answer costs marks."""
    items, counted, rules = scored.stored.responses.items, scored.scores.counted, scored.scores.rules
    there = {items[n] for n in np.flatnonzero(counted.any(axis=0)).tolist()} - scored.credited
    return any(rules.penalty.values()) or any(
        KINDS[entry.kind].partial(marked)
        for entry in (scored.marking[item] for item in there)
        for keys in all_accepted(entry) for marked in keys
    )  # fmt: skip


def shown_shares(family: Family, marks: Sequence[float] = (), dropped: Collection[str] = ()) -> Array:
    """Return the share of the family's papers that show each item of each slot, (n_slots, order).

    Of all its papers where they are few, else of `COUNTED` of them, always the same: the scale of a family depends on
    nothing but its file. Papers are not every combination of a slot's items, so their mean is not the mean of the slots.

    dropped : items for whose marks the others of their papers are scaled; each paper then counts as often as the marks of
    its other items are multiplied ; marks : of a question by section, needed where items are dropped
    """
    papers = papers_of_family(family, "", bytes(32))
    words = sample_papers(papers.code, papers.translation, papers.sieve, COUNTED, family.seed).words
    if not dropped:
        return exposure(papers.sieve, words)
    whole, left = np.zeros(len(words)), np.zeros(len(words))
    for place, slot in enumerate(family.slots):
        symbols = [[id for id in slot.items(k) if id] for k in range(family.code.order)]
        whole += marks[slot.section] * np.array([len(ids) for ids in symbols])[words[:, place]]
        left += marks[slot.section] * np.array([sum(id not in dropped for id in ids) for ids in symbols])[words[:, place]]
    return exposure(papers.sieve, words, np.divide(whole, left, out=np.ones(len(words)), where=left > 0))


def _multiple(marks: float, step: float) -> bool:
    return abs(marks / step - round(marks / step)) < 1e-6


def _marked(scored: ScoredSitting, id: str, printed: str) -> str:
    """Return the fingerprint of an item of the family with the key by which the sitting marks it, as printed elsewhere."""
    return scored.marking[id].fingerprint if id in scored.marking else printed


def _factors(scored: ScoredSitting) -> Array:
    """Return by what the marks of each paper were scaled for the items dropped from it, (n_papers,), 1 where nothing was."""
    worth = scored.scores.counted
    printed = np.zeros_like(worth)
    for n, item in enumerate(scored.stored.responses.items):
        entry = scored.marking[item]
        printed[:, n] = [entry.marks_by_paper.get(form, entry.marks) for form in scored.stored.responses.forms]
    before = np.where(worth > 0, printed, 0.0).sum(axis=1)
    after = worth.sum(axis=1)
    factor = np.divide(after, before, out=np.ones(len(worth)), where=before > 0)
    return np.where(np.abs(factor - 1.0) < 1e-9, 1.0, factor)


def _shares(known: Mapping[str, Estimate]) -> dict[str, Array]:
    """Return by fingerprint the expected share of the marks at each ability of the grid."""
    from qbank.irt import from_reported
    from qbank.irt.parameters import first_rows, log_probability_table

    found = list(known.values())
    parameters = from_reported(
        [one.model for one in found], [one.n_categories for one in found], [one.values for one in found], items=tuple(known)
    )
    table = np.exp(log_probability_table(parameters, THETA))
    first = first_rows(parameters.n_categories)
    return {
        print_: np.asarray(np.array(one.shares, dtype=np.float64) @ table[first[n] : first[n + 1]])
        for n, (print_, one) in enumerate(known.items())
    }
