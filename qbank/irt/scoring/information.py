"""What items tell about ability, what score they lead one to expect, and how far a score strays from that."""

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.models import FloatArray, Mask
from qbank.irt.parameters import ItemParameters, batches_of
from qbank.irt.scoring.modes import ladder
from qbank.irt.scoring.population import Source, parameters_of


def information(source: Source, theta: ArrayLike) -> FloatArray:
    """Return the Fisher information of each item at each theta, (n_items, n_theta); NaN without an estimate.

    source : item parameters or a calibration, here and below
    sum over k of P_k'^2 / P_k, Samejima (1969), ch. 6; of the logistic model a^2 P (1 - P), Lord (1980), eq. 5-9.

    >>> from qbank.irt import item_parameters
    >>> information(item_parameters("2pl", a=[2.0, 1.0], b=[0.0, 0.0]), [0.0])
    array([[1.  ],
           [0.25]])
    """
    parameters, nodes = parameters_of(source), _nodes(theta)
    found = np.full((len(parameters.items), nodes.size), np.nan)
    for batch in batches_of(parameters):
        found[batch.items] = batch.model.information(batch.values, nodes)
    return found


def total_information(source: Source, theta: ArrayLike) -> FloatArray:
    """Return the information of the whole test at each theta, (n_theta,): the sum over the items that have estimates.

    >>> from qbank.irt import item_parameters
    >>> total_information(item_parameters("2pl", a=[2.0, np.nan, 1.0], b=[0.0, 0.0, 0.0]), [0.0])
    array([1.25])
    """
    return np.asarray(np.nansum(information(source, theta), axis=0))


def sem_of_ability(source: Source, theta: ArrayLike) -> FloatArray:
    """Return the conditional standard error of a maximum likelihood ability, 1 / sqrt(information), (n_theta,).

    Infinite where the items tell nothing; Lord (1980), ch. 5.

    >>> from qbank.irt import item_parameters
    >>> sem_of_ability(item_parameters("2pl", a=[2.0], b=[0.0]), [0.0])
    array([1.])
    """
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / np.sqrt(total_information(source, theta)))


def expected_score(source: Source, theta: ArrayLike) -> FloatArray:
    """Return the expected score of each item at each theta, (n_items, n_theta): sum over k of k P_k.

    >>> from qbank.irt import item_parameters
    >>> expected_score(item_parameters("rasch", a=[1.0], b=[0.0]), [0.0])
    array([[0.5]])
    """
    return _moments(parameters_of(source), _nodes(theta))[0]


def score_variance(source: Source, theta: ArrayLike) -> FloatArray:
    """Return the variance of each item's score at each theta, (n_items, n_theta): sum over k of (k - E)^2 P_k.

    >>> from qbank.irt import item_parameters
    >>> score_variance(item_parameters("rasch", a=[1.0], b=[0.0]), [0.0])
    array([[0.25]])
    """
    return _moments(parameters_of(source), _nodes(theta))[1]


def characteristic_curve(source: Source, theta: ArrayLike, *, weights: ArrayLike | None = None) -> FloatArray:
    """Return the expected sum score of the test at each theta, (n_theta,), its true score; Lord (1980), ch. 4.

    weights : (n_items,) marks that a category more brings (a half-mark item 0.5), 0 leaves an item out; None: 1

    >>> from qbank.irt import item_parameters
    >>> characteristic_curve(item_parameters("rasch", a=[1.0, 1.0], b=[0.0, 0.0]), [0.0], weights=[1.0, 0.5])
    array([0.75])
    """
    known, weight = weights_of(parameters_of(source), weights)
    return np.asarray(weight[known] @ expected_score(source, theta)[known])


def sem_of_score(source: Source, theta: ArrayLike, *, weights: ArrayLike | None = None) -> FloatArray:
    """Return the conditional standard error of the sum score at each theta, (n_theta,).

    sqrt(sum over items of weight^2 times the variance of the item's score), Lord (1980), ch. 4.
    weights : as in `characteristic_curve`

    >>> from qbank.irt import item_parameters
    >>> sem_of_score(item_parameters("rasch", a=[1.0] * 4, b=[0.0] * 4), [0.0])
    array([1.])
    """
    known, weight = weights_of(parameters_of(source), weights)
    return np.asarray(np.sqrt(weight[known] ** 2 @ score_variance(source, theta)[known]))


def ability_at_score(source: Source, score: ArrayLike, *, weights: ArrayLike | None = None) -> FloatArray:
    """Return the ability at which each sum score is the expected one, (n_scores,): the inverse of the curve.

    score : (n_scores,);  weights : as in `characteristic_curve`
    −inf where even the least able are expected to score more (guessing), inf where even the ablest score less, NaN
    where several abilities or all expect it. Used by true-score equating, Kolen & Brennan (2014), ch. 6.

    >>> from qbank.irt import item_parameters
    >>> ability_at_score(item_parameters("rasch", a=[1.0] * 2, b=[0.5] * 2), [0.0, 1.0, 2.0]).round(9)
    array([-inf,  0.5,  inf])
    """
    wanted = _nodes(score, "score")
    rungs = ladder(parameters_of(source))
    curve = characteristic_curve(source, rungs, weights=weights)
    above = curve[None] - wanted[:, None]
    row, rung = np.nonzero((above[:, :-1] < 0) != (above[:, 1:] < 0))
    crossings = np.bincount(row, minlength=wanted.size)
    found = np.where((above > 0).all(axis=1), -np.inf, np.where((above <= 0).all(axis=1), np.inf, np.nan))
    if np.ptp(curve) == 0.0:
        found[:] = np.nan
    single = crossings[row] == 1
    row, low, high = row[single], rungs[rung[single]], rungs[rung[single] + 1]
    rising = above[row, rung[single]] < 0
    for _ in range(60):
        middle = (low + high) / 2.0
        below = (characteristic_curve(source, middle, weights=weights) < wanted[row]) == rising
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found[row] = (low + high) / 2.0
    return found


def weights_of(parameters: ItemParameters, weights: ArrayLike | None) -> tuple[Mask, FloatArray]:
    """Return which items count (they have an estimate and a weight above 0), and the weight of each."""
    n_items = len(parameters.items)
    weight = np.ones(n_items) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != (n_items,):
        raise ValueError(f"weights must have one value an item ({n_items}), found shape {weight.shape}")
    if not (weight >= 0).all() or not np.isfinite(weight).all():
        raise ValueError("weights must be 0 or above")
    return parameters.estimated & (weight > 0), weight


def _moments(parameters: ItemParameters, nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of each item's score, each (n_items, n_nodes)."""
    mean, variance = np.full((2, len(parameters.items), nodes.size), np.nan)
    for batch in batches_of(parameters):
        probability = np.exp(batch.model.log_probability(batch.values, nodes))
        category = np.arange(batch.n_categories, dtype=np.float64)
        expected = np.einsum("jkq,k->jq", probability, category)
        mean[batch.items] = expected
        variance[batch.items] = (probability * (category[:, None] - expected[:, None]) ** 2).sum(axis=1)
    return mean, variance


def _nodes(theta: ArrayLike, name: str = "theta") -> FloatArray:
    nodes = np.asarray(theta, dtype=np.float64)
    if nodes.ndim != 1:
        raise ValueError(f"{name} must be a vector, found shape {nodes.shape}")
    return nodes
