"""Why marks on the scale of a family cannot be told: items without a calibration, or with one that does not hold for now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qbank.core.history import Estimate
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error
from qbank.workflow.scoring import ScoredSitting


def uncalibrated_problems(
    lacking: Mapping[str, str], waiting: Mapping[str, str], scored: ScoredSitting, known: Iterable[Estimate], *, family: str
) -> list[Problem]:  # fmt: skip
    """Return why items have no calibration that counts: somebody has to decide about them first, they were calibrated by
    another key than the sitting marks them by, or never.

    lacking : the item by the fingerprint of its revision ; waiting : the sitting where somebody has to decide, by
    fingerprint ; known : the estimates of the others
    """
    sitting = scored.stored.record.id
    problems = []
    for place in sorted({where for print_, where in waiting.items() if print_ in lacking}):
        items = sorted({lacking[print_] for print_, where in waiting.items() if where == place and print_ in lacking})
        problems.append(error("N155", Span(sitting), family=family, sitting=place, n=len(items), items=some(items), first=items[0]))
    others = {print_: id for print_, id in lacking.items() if print_ not in waiting}
    rekeyed = sorted({id for id in others.values() if id in scored.marking and scored.marking[id].corrected})
    if rekeyed:
        model, n = _model(known), len(rekeyed)
        problems.append(error("N156", Span(sitting), id=sitting, family=family, n=n, items=some(rekeyed), first=rekeyed[0], model=model))
    without = sorted(set(others.values()).difference(rekeyed))
    if without:
        problems.append(error("N152", Span(sitting), family=family, n=len(without), items=some(without)))
    return problems


def _model(known: Iterable[Estimate]) -> str:
    """Return the word by which a calibration leaves the items their models."""
    models = {one.model for one in known if one.n_categories == 2}
    return models.pop() if len(models) == 1 else "mixed"
