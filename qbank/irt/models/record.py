"""What a model is: one frozen record of functions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ScoreArray = NDArray[np.int8]
IndexArray = NDArray[np.intp]
Mask = NDArray[np.bool_]

NOT_SEEN = -1
# Bounds of slopes, a category step apart, and of intercepts. Public data have maxima with slopes up to 20 (guessing,
# few persons); between nodes 0.2 apart a steeper curve is a step, whose slope the likelihood no longer tells.
STEEPEST = 25.0
LARGEST = 100.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model as functions of (values, theta), vectorised over items of equally many categories and over nodes.

    values (n_items, n_parameters) are in the metric that is estimated, unbounded where that can be: slope and
    intercepts of a theta + d, logits of asymptotes. theta: (n_nodes,). No D = 1.7.

    name                a word of MODELS
    slope               "one" (a = 1), "common" (one a for all items of the model) or "own"
    linear              log P_k is linear in theta but for a term that all categories share (the partial-credit
                        family): then d log P_k / d value = u_k theta^e + (a term that all categories share), e
                        being 1 in the columns `slopes` and 0 in the others
    shared              for n_categories, the names of the parameters that all such items of the model share
    categories          least and most categories that an item may have
    parameters          names of the columns of values for n_categories
    slopes              mask of the columns that multiply theta, (n_parameters,), for n_categories
    log_probability     (n_items, n_categories, n_nodes), finite everywhere
    gradient            d log P_k / d value, (n_items, n_parameters, n_categories, n_nodes)
    hessian             of sum over k and nodes of counts_k log P_k, counts (n_items, n_categories, n_nodes):
                        (n_items, n_parameters, n_parameters)
    ability_gradient    d log P_k / d theta, (n_items, n_categories, n_nodes)
    ability_curvature   d2 log P_k / d theta2, the same shape
    information         Fisher information about theta, (n_items, n_nodes)
    bounds              (low, high) for n_categories, each (n_parameters,); an estimate that reaches one has
                        diverged, unless it is an edge
    edges               masks (low, high) for n_categories, each (n_parameters,): bounds at which the likelihood can
                        have its maximum (no guessing, no slips), so that the other values hold
    valid               mask (n_items,): the values are in the model's domain (thresholds in order, c below u)
    start               first values from the share of persons in each category, (n_items, n_categories) ->
                        (n_items, n_parameters)
    rescaling           matrix M (n_parameters, n_parameters) for (n_categories, A, B): values M' mean on the
                        scale A theta + B what values mean on theta
    freed               for n_categories the word of the model with a free slope that holds all items of this
                        one, and the matrix (n_its_parameters, n_parameters) that makes its values
    reported            names of what is reported for n_categories: a, b, c, …
    report              reported quantities (n_items, n_reported) and their derivatives by the values
                        (n_items, n_reported, n_parameters)
    doc                 the equation and its source
    """

    name: str
    slope: str
    linear: bool
    shared: Callable[[int], tuple[str, ...]]
    categories: tuple[int, int]
    parameters: Callable[[int], tuple[str, ...]]
    slopes: Callable[[int], Mask]
    log_probability: Callable[[FloatArray, FloatArray], FloatArray]
    gradient: Callable[[FloatArray, FloatArray], FloatArray]
    hessian: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    ability_gradient: Callable[[FloatArray, FloatArray], FloatArray]
    ability_curvature: Callable[[FloatArray, FloatArray], FloatArray]
    information: Callable[[FloatArray, FloatArray], FloatArray]
    bounds: Callable[[int], tuple[FloatArray, FloatArray]]
    edges: Callable[[int], tuple[Mask, Mask]]
    valid: Callable[[FloatArray], Mask]
    start: Callable[[FloatArray], FloatArray]
    rescaling: Callable[[int, float, float], FloatArray]
    freed: Callable[[int], tuple[str, FloatArray]]
    reported: Callable[[int], tuple[str, ...]]
    report: Callable[[FloatArray], tuple[FloatArray, FloatArray]]
    doc: str

    def __reduce__(self) -> tuple[Callable[[str], "Model"], tuple[str]]:
        """Return the word for the model: its functions stay where they are."""
        return _by_name, (self.name,)


def _by_name(name: str) -> Model:
    from qbank.irt.models import MODELS

    return MODELS[name]


def always_valid(values: FloatArray) -> Mask:
    """Return true for each item: the model's functions hold for all values."""
    return np.ones(values.shape[0], dtype=bool)


def no_edges(n_parameters: int) -> tuple[Mask, Mask]:
    """Return masks that are true nowhere: every bound of the model is far from where a maximum can be."""
    none = np.zeros(n_parameters, dtype=bool)
    return none, none


def carried(values: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return values matrix', what `rescaling` and `freed` mean; the logit of an asymptote at 0 or 1 stays infinite.

    values : (n_items, n_parameters);  matrix : (n_new, n_parameters)

    >>> carried(np.array([[1.0, 0.0, -np.inf]]), np.diag([0.5, 1.0, 1.0]))
    array([[ 0.5,  0. , -inf]])
    """
    infinite = np.isinf(values)
    found: FloatArray = np.where(infinite, 0.0, values) @ matrix.T
    # No value but an asymptote's own logit depends on one, and that keeps its column.
    found[infinite] = values[infinite]
    return found


def carried_covariance(covariance: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return matrix covariance matrix', NaN only where an unknown covariance has a part in it.

    covariance : (..., n, n);  matrix : (..., n_new, n)

    >>> carried_covariance(np.array([[4.0, np.nan], [np.nan, np.nan]]), np.diag([0.5, 1.0]))
    array([[ 1., nan],
           [nan, nan]])
    """
    unknown = np.isnan(covariance)
    other_side = np.swapaxes(matrix, -1, -2)
    found: FloatArray = matrix @ np.where(unknown, 0.0, covariance) @ other_side
    found[(matrix != 0.0).astype(np.float64) @ unknown @ (other_side != 0.0) > 0.0] = np.nan
    return found
