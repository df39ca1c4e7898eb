"""Equating through item parameters on one ability scale; Kolen & Brennan (2014), chapter 6."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.equating.equipercentile import equipercentile
from qbank.analysis.equating.scores import Scores, scores
from qbank.analysis.paper_model import PaperModel, ability_at_marks, expected_marks, marks_distribution
from qbank.irt import ItemParameters, ability_at_score, characteristic_curve, score_sums
from qbank.irt.likelihood import quadrature

Curve = Callable[[FloatArray], FloatArray]
N_NODES = 61


def true_score_equating(
    new: ItemParameters,
    base: ItemParameters,
    x: ArrayLike,
    *,
    weights_new: ArrayLike | None = None,
    weights_base: ArrayLike | None = None,
) -> FloatArray:
    """Return the base paper's expected score at the ability whose expected score on the new paper is x, (n_x,).

    K&B (2014), eq. 6.18. Below the sum of the lower asymptotes and at full marks no ability exists: there the line runs from
    0 to 0 and from full marks to full marks (Kolen 1981).
    weights_new, weights_base : (n_items,) marks that a category more brings; None: 1

    >>> from qbank.irt import item_parameters
    >>> paper = item_parameters("rasch", a=[1.0] * 3, b=[-1.0, 0.0, 1.0])
    >>> true_score_equating(paper, paper, [0, 1, 2, 3]).round(6)
    array([0., 1., 2., 3.])
    """
    at = np.asarray(x, float)
    theta = np.asarray(ability_at_score(new, at, weights=weights_new))
    return _through(
        at, theta, lambda t: characteristic_curve(new, t, weights=weights_new),
        lambda t: characteristic_curve(base, t, weights=weights_base),
        (_full_marks(new, weights_new), _full_marks(base, weights_base)),
    )  # fmt: skip


def equate_true_scores(new: PaperModel, base: PaperModel, x: ArrayLike) -> FloatArray:
    """Return what `true_score_equating` returns, of papers whose categories have marks of their own, (n_x,).

    >>> from qbank.irt import item_parameters
    >>> one = PaperModel(item_parameters("rasch", a=[1.0] * 2, b=[0.0, 1.0]), ((0.0, 1.0), (0.0, 0.5)))
    >>> equate_true_scores(one, one, [0, 0.5, 1, 1.5]).round(6)
    array([0. , 0.5, 1. , 1.5])
    """
    at = np.asarray(x, float)
    return _through(
        at, ability_at_marks(new, at), lambda t: expected_marks(new, t)[0], lambda t: expected_marks(base, t)[0],
        (new.full, base.full),
    )  # fmt: skip


def equate_observed_scores(
    new: PaperModel, base: PaperModel, x: ArrayLike, *, ability: tuple[float, float] | None = None, step: float = 1.0
) -> FloatArray:
    """Return what `observed_score_equating` returns, of papers whose categories have marks of their own, (n_x,).

    ability : mean and sd of the population, None: that of the new paper's model ; step : of the marks
    """
    mean, sd = new.ability if ability is None else ability
    nodes = quadrature(N_NODES)
    share = np.exp(-(nodes**2) / 2)
    f, g = (
        scores(step * np.arange(len(given)), given @ (share / share.sum()))
        for given in (marks_distribution(model, mean + sd * nodes, step) for model in (new, base))
    )
    return equipercentile(f, g, x)


def _through(
    at: FloatArray, theta: FloatArray, of_new: Curve, of_base: Curve, full: tuple[float, float]
) -> FloatArray:
    """Return the base's curve at the abilities; a straight line below and above where there are none."""
    known = np.isfinite(theta)
    y = np.full(at.shape, np.nan)
    y[known] = of_base(theta[known])
    ends = np.array([-60.0, 60.0])
    x_ends, y_ends = of_new(ends), of_base(ends)
    full_x, full_y = full
    knots = np.array([0.0, x_ends[0], x_ends[1], full_x])
    levels = np.array([0.0, y_ends[0], y_ends[1], full_y])
    low = ~known & (at <= (knots[1] + knots[2]) / 2)
    y[low] = np.interp(at[low], knots[:2], levels[:2]) if knots[1] > knots[0] else levels[1] + at[low] - knots[1]
    high = ~known & ~low
    y[high] = np.interp(at[high], knots[2:], levels[2:]) if knots[3] > knots[2] else levels[3] + at[high] - knots[3]
    return y


def observed_score_equating(
    new: ItemParameters,
    base: ItemParameters,
    x: ArrayLike,
    *,
    ability: tuple[float, float] = (0.0, 1.0),
    weights_new: ArrayLike | None = None,
    weights_base: ArrayLike | None = None,
    step: float = 1.0,
) -> FloatArray:
    """Return equipercentile equivalents of the score distributions that the model gives in one population, (n_x,).

    Distributions by Lord & Wingersky (1984), K&B (2014), section 6.6. ability : mean and sd of the synthetic population

    >>> from qbank.irt import item_parameters
    >>> paper = item_parameters("rasch", a=[1.0] * 3, b=[-1.0, 0.0, 1.0])
    >>> observed_score_equating(paper, paper, [0, 1, 2, 3]).round(6) + 0
    array([0., 1., 2., 3.])
    """
    f = model_scores(new, ability, weights_new, step)
    g = model_scores(base, ability, weights_base, step)
    return equipercentile(f, g, x)


def model_scores(
    parameters: ItemParameters, ability: tuple[float, float], weights: ArrayLike | None, step: float
) -> Scores:
    """Return the shares of sum scores in a normal population, on points of the given step."""
    found = score_sums(parameters, weights=weights, ability=ability)
    points = step * np.arange(round(_full_marks(parameters, weights) / step) + 1)
    places = np.clip(np.round(found.score / step).astype(np.intp), 0, len(points) - 1)
    return scores(points, np.bincount(places, found.probability, minlength=len(points)))


def _full_marks(parameters: ItemParameters, weights: ArrayLike | None) -> float:
    each = np.ones(len(parameters.items)) if weights is None else np.asarray(weights, float)
    return float((each * (np.asarray(parameters.n_categories) - 1))[np.asarray(parameters.estimated)].sum())
