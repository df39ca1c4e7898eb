"""Decisions about persons who each sat a paper of their own: what they are worth, papers and all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.classification.bootstrap import drawn_again
from qbank.analysis.classification.irt import normal_population
from qbank.analysis.classification.record import Classification, classification
from qbank.analysis.paper_model import step_of
from qbank.analysis.pooled import pooled
from qbank.analysis.pooled_model import pooled_curves
from qbank.analysis.reliability.alpha import variance_of
from qbank.analysis.reliability.pooled import pooled_reliability
from qbank.analysis.sitting import SittingData

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class DecidedScores:
    """Marks on which persons of different papers are decided.

    total : (n_persons,) marks, brought to the cut of the sitting where papers have cuts of their own, and to the marks of the largest
    paper where papers have not the same ; full : those marks ; reliability : of the totals ; true : (n_persons,) of which the mean is the true variance, and
    of which the sum over persons counted so many times estimates theirs
    """

    total: FloatArray
    full: float
    reliability: float
    true: FloatArray


def decided_scores(data: SittingData) -> DecidedScores:
    """Return the totals with what part of their variance is true: that of marks above expectation, papers being error.

    A cut equated for a paper moves its totals by as much as it differs from that of the sitting, and takes what that paper adds out again.
    """
    found = pooled(data)
    full = float(found.full.max(initial=0.0))
    stretch = np.where(found.full > 0, full / np.where(found.full > 0, found.full, 1.0), 1.0)
    moved = np.nan_to_num(data.cuts[data.form] - data.cut)
    total = np.clip((data.total - moved) * stretch, 0.0, full)
    worth = pooled_reliability(found, data.total)
    a, b = (found.above**2).sum(axis=1), found.total**2
    # each person's part of the covariances, at the scale of the unbiased estimate
    share = b - a
    true = share * (worth.true / share.mean()) if len(share) and share.mean() > 0 else np.full(len(share), np.nan)
    observed = variance_of(total)
    scale = float(stretch.mean()) ** 2 if len(stretch) else 1.0
    reliability = min(worth.true * scale / observed, 1.0) if observed > 0 else float("nan")
    return DecidedScores(total, full, reliability, true * scale)


def resampled_pooled(
    scores: DecidedScores, cut: float, *, replications: int, seed: int, confidence: float
) -> dict[str, tuple[float, float]]:
    """Return the percentile intervals of `resampled`, persons drawn anew with their papers; items keep their means."""
    total, n = scores.total, len(scores.total)

    def reliability(count: FloatArray) -> float:
        mean = count @ total / n
        observed = float(count @ (total - mean) ** 2) / (n - 1)
        return min(float(count @ scores.true) / n / observed, 1.0) if observed > 0 else float("nan")

    return drawn_again(total, reliability, scores.full, cut, replications=replications, seed=seed, confidence=confidence)


def pooled_lee(
    data: SittingData, calibrated: CalibratedItems | None, population: tuple[ArrayLike, ArrayLike] | None = None
) -> Classification | None:
    """Return the figures by item parameters over all papers, None unless every item has some.

    Given ability a person's marks on a paper are taken as normal, half a step of marks being added to them (the sum of many
    independent items; Lee 2010 has their exact distribution, which would be worked out once a paper). Belonging is decided by the marks expected on a
    paper drawn from all; a second decision is on another paper, so that what the papers differ by makes decisions disagree.
    """
    from scipy.special import ndtr

    if calibrated is None:
        return None
    nodes, weights = normal_population(*calibrated.ability) if population is None else population
    at, share = np.asarray(nodes, float), np.asarray(weights, float)
    curves = pooled_curves(data, calibrated, at)
    if curves is None:
        return None
    step = step_of(calibrated.marks)
    cuts = np.where(np.isnan(data.cuts), data.cut, data.cuts)[:, None]
    z = (curves.of_papers - cuts + step / 2) / np.sqrt(np.maximum(curves.spread, TOLERANCE))
    persons = np.bincount(data.form, minlength=data.n_forms)
    passing = persons / persons.sum() @ ndtr(z)
    belongs = (persons / persons.sum() @ (curves.of_papers - cuts) >= -TOLERANCE).astype(np.int64)
    return classification("lee", np.stack([1 - passing, passing]), share / share.sum(), belongs, nodes=at)
