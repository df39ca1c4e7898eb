"""Reliability of abilities: marginal, from the items and the distribution of ability, and empirical, from scores."""

import numpy as np

from qbank.irt.information import total_information
from qbank.irt.likelihood import quadrature
from qbank.irt.models import FloatArray
from qbank.irt.parameters import Calibration, ItemParameters
from qbank.irt.population import MeanAndSd, parameters_of, population
from qbank.irt.scoring import PersonScores


def marginal_reliability(
    source: Calibration | ItemParameters, *, ability: MeanAndSd | None = None, n_nodes: int = 61
) -> FloatArray:
    """Return the reliability that the items have on average in the population, shape () or (n_groups,).

    1 - (mean of the error variance) / (variance of ability), the error variance at theta being 1 / (I(theta) + 1 /
    variance of ability); Green, Bock, Humphreys, Linn & Reckase (1984). It is the mean of I / (I + 1 / variance).
    mirt's marginal_rxx takes I / (I + variance) over N(0, 1), which is the same only where the variance is 1.
    ability : mean and sd; None takes a calibration's own distribution, in each group if it has groups, or N(0, 1)

    >>> from qbank.irt import item_parameters
    >>> float(marginal_reliability(item_parameters("2pl", a=[1.5] * 20, b=[0.0] * 20)).round(3))
    0.863
    """
    several = ability is None and isinstance(source, Calibration) and bool(source.groups)
    groups = source.groups if several and isinstance(source, Calibration) else None
    people = population(source, ability, groups, len(groups) if groups else 1, quadrature(n_nodes))
    weights = np.exp(people.log_weights(people.index))
    mean = weights @ people.nodes
    variance = (weights * (people.nodes - mean[:, None]) ** 2).sum(axis=1)
    share = total_information(parameters_of(source), people.nodes) * variance[:, None]
    found: FloatArray = (weights * (share / (1.0 + share))).sum(axis=1)
    return found if several else found[0]


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
