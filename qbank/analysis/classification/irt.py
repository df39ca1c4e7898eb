"""Decisions from item parameters: the sum score given ability (Lee), the ability given its error (Rudner)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.classification.record import (
    Classification,
    category_probabilities,
    classification,
)
from qbank.analysis.paper_model import PaperModel, expected_marks, marks_distribution, step_of
from qbank.irt import ItemParameters, characteristic_curve, sem_of_ability, sum_score_distribution
from qbank.irt.likelihood import quadrature
from qbank.irt.parameters import first_rows, log_probability_table
from qbank.irt.scoring.sum_scores import whole_weights

TOLERANCE = 1e-9


def normal_population(mean: float = 0.0, sd: float = 1.0, n_nodes: int = 600) -> tuple[FloatArray, FloatArray]:
    """Return equally spaced abilities up to six standard deviations from the mean, and the share of persons at each.

    As many nodes as this because a cut is a step: with 61 an accuracy of .907 comes out as .904.
    """
    nodes = quadrature(n_nodes)
    weights = np.exp(-(nodes**2) / 2)
    return np.asarray(mean + sd * nodes), np.asarray(weights / weights.sum())


def lee(
    parameters: ItemParameters,
    cuts: Sequence[float],
    *,
    nodes: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    marks: ArrayLike | tuple[tuple[float, ...], ...] | None = None,
) -> Classification:
    """Return the classification of sum scores given item parameters; Lee (2010), J. Educ. Meas. 47, 1–17.

    cuts : in marks, a score at the cut is above it ; nodes, weights : (n_nodes,) abilities and the shares of persons
    there, None: N(0, 1) ; marks : (n_items,) that a category more brings, None: 1; or of each item a tuple of the marks
    of its categories

    Given ability the distribution of the sum is Lord & Wingersky's (1984; Hanson 1994 for items of several
    categories); the true category is that of the expected score. Items without parameters do not count.

    >>> from qbank.irt import item_parameters
    >>> found = lee(item_parameters("rasch", a=[1.0] * 40, b=np.linspace(-2, 2, 40)), [24])
    >>> round(found.accuracy, 3), round(found.consistency, 3)
    (0.897, 0.858)
    """
    at, shares = _population(nodes, weights)
    if isinstance(marks, tuple) and marks and isinstance(marks[0], tuple):
        return _of_marks(PaperModel(parameters, marks), cuts, at, shares)
    worth = np.ones(len(parameters.items)) if marks is None else np.asarray(marks, float)
    counted = np.flatnonzero(parameters.estimated & (worth > 0))
    points, unit = whole_weights(worth[counted])
    table = np.exp(log_probability_table(parameters, at))
    row = first_rows(parameters.n_categories)
    distribution = sum_score_distribution(
        [table[row[item] : row[item + 1]] for item in counted], points.tolist()
    )
    first = np.array([int(np.ceil(cut / unit - TOLERANCE)) for cut in cuts], np.int64)
    expected = characteristic_curve(parameters, at, weights=worth)
    true = np.searchsorted(np.asarray(cuts, float) - TOLERANCE, expected, side="right")
    return classification("lee", category_probabilities(distribution, first), shares, true, nodes=at)


def _of_marks(model: PaperModel, cuts: Sequence[float], at: FloatArray, shares: FloatArray) -> Classification:
    """Return Lee's figures where each category has marks of its own."""
    step = step_of(model.marks)
    distribution = marks_distribution(model, at, step)
    first = np.array([int(np.ceil(cut / step - TOLERANCE)) for cut in cuts], np.int64)
    true = np.searchsorted(np.asarray(cuts, float) - TOLERANCE, expected_marks(model, at)[0], side="right")
    return classification("lee", category_probabilities(distribution, first), shares, true, nodes=at)


def rudner(
    cuts: Sequence[float],
    *,
    parameters: ItemParameters | None = None,
    sem: ArrayLike | None = None,
    nodes: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Classification:
    """Return the classification of estimated abilities; Rudner (2001, 2005), Practical Assessment, Research & Evaluation.

    cuts : on the ability scale ; parameters : whose information gives the standard errors, or sem : (n_nodes,) itself
    nodes, weights : (n_nodes,) true abilities and the shares of persons there, None: N(0, 1)

    An estimate is normal around the true ability, its standard error 1/√information there.

    >>> round(rudner([0.0], sem=0.3).accuracy, 3)
    0.907
    """
    from scipy.special import ndtr

    at, shares = _population(nodes, weights)
    if sem is None:
        if parameters is None:
            raise ValueError("either parameters or sem")
        sem = sem_of_ability(parameters, at)
    error = np.broadcast_to(np.asarray(sem, float), at.shape)
    below = np.vstack([np.zeros(at.size), *(_below(cut, at, error, ndtr) for cut in cuts), np.ones(at.size)])
    true = np.searchsorted(np.asarray(cuts, float) - TOLERANCE, at, side="right")
    return classification("rudner", np.diff(below, axis=0), shares, true, nodes=at)


def _below(cut: float, at: FloatArray, error: FloatArray, normal: np.ufunc) -> FloatArray:
    """Return the probability of an estimate below the cut: a half where nothing is known of the ability."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(error > 0, (cut - at) / error, np.where(at < cut, np.inf, -np.inf))
    return np.asarray(normal(z))


def _population(nodes: ArrayLike | None, weights: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    if nodes is None:
        return normal_population()
    at = np.asarray(nodes, float)
    share = np.ones(at.size) if weights is None else np.asarray(weights, float)
    if at.ndim != 1 or share.shape != at.shape:
        raise ValueError(f"nodes {at.shape} and weights {share.shape} do not belong together")
    return at, np.asarray(share / share.sum())
