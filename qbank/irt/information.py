"""What items tell about ability, and what score they lead one to expect."""

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.models import FloatArray
from qbank.irt.parameters import ItemParameters, batches_of


def information(parameters: ItemParameters, theta: ArrayLike) -> FloatArray:
    """Return the Fisher information of each item at each theta, (n_items, n_theta); NaN without an estimate.

    For the logistic models a^2 P (1 - P), Lord (1980), eq. 5-9. That of a test is the sum over its items, and
    the standard error of a maximum likelihood ability is 1 / sqrt(sum).

    >>> from qbank.irt import item_parameters
    >>> information(item_parameters("2pl", a=[2.0, 1.0], b=[0.0, 0.0]), [0.0])
    array([[1.  ],
           [0.25]])
    """
    nodes = _nodes(theta)
    found = np.full((len(parameters.items), nodes.size), np.nan)
    for batch in batches_of(parameters):
        found[batch.items] = batch.model.information(batch.values, nodes)
    return found


def expected_score(parameters: ItemParameters, theta: ArrayLike) -> FloatArray:
    """Return the expected score of each item at each theta, (n_items, n_theta): sum over k of k P_k.

    >>> from qbank.irt import item_parameters
    >>> expected_score(item_parameters("rasch", a=[1.0], b=[0.0]), [0.0])
    array([[0.5]])
    """
    nodes = _nodes(theta)
    found = np.full((len(parameters.items), nodes.size), np.nan)
    for batch in batches_of(parameters):
        probability = np.exp(batch.model.log_probability(batch.values, nodes))
        found[batch.items] = np.einsum("jkq,k->jq", probability, np.arange(batch.n_categories, dtype=np.float64))
    return found


def _nodes(theta: ArrayLike) -> FloatArray:
    nodes = np.asarray(theta, dtype=np.float64)
    if nodes.ndim != 1:
        raise ValueError(f"theta must be a vector, found shape {nodes.shape}")
    return nodes
