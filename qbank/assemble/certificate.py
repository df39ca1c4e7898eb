"""What is proved of assembled papers, and what errors of estimation leave open beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.expected import item_information, probability
from qbank.assemble.goals import Stage
from qbank.assemble.pool import Pool, basis_of
from qbank.assemble.precision import estimation_error
from qbank.assemble.scene import Scene
from qbank.assemble.search import Outcome
from qbank.core.form import Certificate, LaterGoal

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reached:
    """A stage of the goals and the papers that it led to."""

    stage: Stage
    outcome: Outcome


def certificate_of(reached: tuple[Reached, ...], scene: Scene, marks: Array) -> Certificate:
    """Return the certificate of papers; scene : where they were compared ; marks : (n_forms, n_items)."""
    first, *rest = reached
    pool, used = scene.pool, (marks > 0).any(axis=0)
    goal_bound = _bound(first)
    score, information = apart(pool, marks, scene.theta)
    error = estimation_error(pool, marks, scene.theta)
    return Certificate(
        objective=_rounded(first.outcome.objective), bound=_rounded(goal_bound),
        gap=_rounded(max(first.outcome.objective - goal_bound, 0.0)), violations=(),
        method=reached[-1].outcome.method, basis=basis_of(pool, used),
        interval=round(judgement_interval(pool, marks), 2), goal=first.stage.label, kind=first.stage.kind,
        later=tuple(
            LaterGoal(each.stage.label, _rounded(each.outcome.objective), _rounded(_bound(each))) for each in rest
        ),
        cut_ability=float(scene.cut), score_apart=_rounded(score), information_apart=_rounded(information),
        score_error=_rounded(error.score), information_error=_rounded(error.information),
    )  # fmt: skip


def _bound(reached: Reached) -> float:
    """Return the proven bound; where none was, what no papers can be better than, whatever the rules."""
    stage, outcome = reached.stage, reached.outcome
    bound = min(outcome.bound, outcome.objective)
    if stage.kind not in ("information", "mixed"):
        return max(bound, 0.0)
    if np.isfinite(bound):
        return bound
    cheapest = 0.0 if stage.cost is None else float(np.minimum(stage.cost, 0.0).sum()) * max(len(outcome.chosen), 1)
    return cheapest - (stage.most if stage.kind == "information" else 0.0)


def _rounded(value: float) -> float:
    """Return a value to six places, never −0.0.

    >>> _rounded(-1e-9)
    0.0
    """
    return round(value, 6) + 0.0


def apart(pool: Pool, marks: Array, theta: Array) -> tuple[float, float]:
    """Return the largest difference between two papers at some abilities: of expected score, in marks, and of
    information, as a share of the papers' mean.
    """
    scores = marks @ probability(pool, theta)
    information = (marks > 0) @ item_information(pool, theta)
    mean = information.mean(axis=0)
    spread = (information.max(axis=0) - information.min(axis=0)) / np.where(mean > 0, mean, np.inf)
    return float((scores.max(axis=0) - scores.min(axis=0)).max()), float(spread.max())


def judgement_interval(pool: Pool, marks: Array) -> float:
    """Return the half-width (95 %) of the difference between two papers' expected marks that is not yet known.

    The facility of every item is uncertain with its own SD; over two papers the variances add:
    ``1.96 √(Σ marks² sd²)``, the largest over all pairs of papers; of a single paper, that of its own expected marks.
    marks : (n_forms, n_items) what each item carries on each paper
    """
    variance = np.sort(((marks * pool.facility_sd) ** 2).sum(axis=1))[::-1]
    return float(1.96 * np.sqrt(variance[:2].sum()))
