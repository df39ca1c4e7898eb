"""Reliability of abilities: marginal, from the items and the distribution of ability, and empirical, from scores."""

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.likelihood import quadrature
from qbank.irt.models import FloatArray
from qbank.irt.parameters import Calibration
from qbank.irt.scoring.information import characteristic_curve, sem_of_score, total_information
from qbank.irt.scoring.persons import PersonScores
from qbank.irt.scoring.population import MeanAndSd, Source, population


def marginal_reliability(source: Source, *, ability: MeanAndSd | None = None, n_nodes: int = 61) -> FloatArray:
    """Return the reliability that the items have on average in the population, shape () or (n_groups,).

    1 - (mean of the error variance) / (variance of ability), the error variance at theta being 1 / (I(theta) + 1 /
    variance of ability); Green, Bock, Humphreys, Linn & Reckase (1984). It is the mean of I / (I + 1 / variance).
    mirt's marginal_rxx takes I / (I + variance) over N(0, 1), which is the same only where the variance is 1.
    ability : mean and sd; None takes a calibration's own distribution, in each group if it has groups, or N(0, 1)

    >>> from qbank.irt import item_parameters
    >>> float(marginal_reliability(item_parameters("2pl", a=[1.5] * 20, b=[0.0] * 20)).round(3))
    0.863
    """
    nodes, weights, several = _weights(source, ability, n_nodes)
    mean = weights @ nodes
    variance = (weights * (nodes - mean[:, None]) ** 2).sum(axis=1)
    share = total_information(source, nodes) * variance[:, None]
    found: FloatArray = (weights * (share / (1.0 + share))).sum(axis=1)
    return found if several else found[0]


def sum_score_reliability(
    source: Source, *, weights: ArrayLike | None = None, ability: MeanAndSd | None = None, n_nodes: int = 61
) -> FloatArray:
    """Return the reliability of the sum score in the population, shape () or (n_groups,); NaN without any variance.

    1 - (mean of the squared conditional error) / (variance of the score), Kolen, Zeng & Hanson (1996): the squared
    correlation of the score with its expectation at the person's ability.
    weights : (n_items,) marks that a category more brings, 0 leaves an item out; None: 1
    ability : as in `marginal_reliability`

    >>> from qbank.irt import item_parameters
    >>> float(sum_score_reliability(item_parameters("2pl", a=[1.5] * 20, b=[0.0] * 20)).round(3))
    0.892
    """
    nodes, shares, several = _weights(source, ability, n_nodes)
    true = characteristic_curve(source, nodes, weights=weights)
    error = shares @ sem_of_score(source, nodes, weights=weights) ** 2
    signal = (shares * (true - (shares @ true)[:, None]) ** 2).sum(axis=1)
    total = signal + error
    found: FloatArray = np.divide(signal, total, out=np.full_like(total, np.nan), where=total > 0)
    return found if several else found[0]


def _weights(source: Source, ability: MeanAndSd | None, n_nodes: int) -> tuple[FloatArray, FloatArray, bool]:
    """Return nodes, the ability distributions on them (n_groups or 1, n_nodes), and whether there are groups."""
    groups = source.groups if ability is None and isinstance(source, Calibration) else ()
    people = population(source, ability, groups or None, max(len(groups), 1), quadrature(n_nodes))
    return people.nodes, np.exp(people.log_weights(people.index)), bool(groups)


def empirical_reliability(scores: PersonScores) -> float:
    """Return the reliability of the abilities of a sample, NaN for fewer than two persons with a finite one.

    eap and map: variance / (variance + mean squared error), ml and wle: 1 - mean squared error / variance, the
    variance of the estimates with n - 1. Persons without answers or without a finite ability take no part. Of eap it
    is the share of the variance of ability that the scores explain, Adams (2005).

    >>> from qbank.irt import item_parameters, score_persons
    >>> items = item_parameters("2pl", a=[1.5] * 3, b=[0.0] * 3)
    >>> round(empirical_reliability(score_persons([[0, 0, 0], [1, 0, 1], [1, 1, 1]], items)), 3)
    0.685
    """
    told = np.array([word == "ok" for word in scores.status], dtype=bool) & np.isfinite(scores.errors)
    if told.sum() < 2:
        return float("nan")
    variance = float(scores.theta[told].var(ddof=1))
    error = float((scores.errors[told] ** 2).mean())
    shrunken = scores.method in ("eap", "map")
    below = variance + error if shrunken else variance
    if below <= 0:
        return float("nan")
    return variance / below if shrunken else 1.0 - error / variance
