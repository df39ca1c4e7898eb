"""What a bifactor calibration estimates: free values, what shares them, and how a testlet moves an item.

An item of a testlet answers to a theta + s eta + its intercepts. Adding x to the linear predictor of any model
is adding x times a direction to its values; the direction is what a shift of the ability scale by one does to
them (Model.rescaling). So every model of MODELS serves, and its derivatives come by the chain rule.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.likelihood import log_normal_weights
from qbank.irt.models import MODELS, FloatArray, IndexArray, Mask, Model

FIXED = -1
STEEPEST = 10.0


@dataclass(frozen=True, slots=True)
class Kind:
    """Items of one model with equally many categories, all of them in testlets or none.

    side       1 in testlets, 0 not
    columns    (n_parameters + 1,) their columns in Design.index; the last is the specific one
    shift      (n_parameters, n_parameters), what values gain if 1 is added to theta, as a matrix on values
    direction  (n_parameters,), what values gain if 1 is added to the linear predictor
    """

    model: Model
    n_categories: int
    items: IndexArray
    side: int
    columns: IndexArray
    shift: FloatArray
    direction: FloatArray


@dataclass(frozen=True, slots=True)
class Design:
    """Free values and quadrature.

    testlet      (n_items,) index, −1 without
    proportional whether an item's specific slope is its slope times the sd of its testlet
    index        (n_items, n_most + 1) place of each value in the free vector, FIXED if not free; the last
                 column is the specific slope, or the sd of the testlet if proportional
    base         the same shape, what stands where nothing is free
    low, high    (n_free,)
    prior_mean, prior_precision    (n_free,) normal prior, precision 0 where there is none
    nodes, log_weights             (n_nodes,) general ability
    specific     for side 0 and 1 nodes and log weights of the specific ability; side 0 has the node 0
    row          (n_items,) row of each item's category 0 in the table of its side;  n_rows: of both tables
    """

    kinds: tuple[Kind, ...]
    n_categories: IndexArray
    testlet: IndexArray
    proportional: bool
    index: IndexArray
    base: FloatArray
    low: FloatArray
    high: FloatArray
    prior_mean: FloatArray
    prior_precision: FloatArray
    nodes: FloatArray
    log_weights: FloatArray
    specific: tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
    row: IndexArray
    n_rows: tuple[int, int]

    @property
    def n_free(self) -> int:
        return int(self.low.size)

    @property
    def shared(self) -> Mask:
        """Mask (n_free,) of the values that several items share."""
        users = np.bincount(self.index[self.index != FIXED], minlength=self.n_free)
        return np.asarray(users > 1)


def design(
    words: Sequence[str],
    n_categories: IndexArray,
    testlet: IndexArray,
    *,
    structure: str,
    known: FloatArray,
    nodes: FloatArray,
    specific_nodes: FloatArray,
    prior_logit_c: tuple[float, float] | None,
) -> Design:
    """Return the design.

    known : (n_items, n_most) values that are fixed, NaN where free
    structure : "bifactor" or "testlet". A testlet of two items has one specific slope for both: only their
        product is known from the data.
    """
    n_items, n_most = known.shape
    index = np.full((n_items, n_most + 1), FIXED, dtype=np.intp)
    base = np.zeros((n_items, n_most + 1))
    places: dict[Hashable, int] = {}
    low, high, mean, precision = [], [], [], []
    size = np.bincount(testlet[testlet >= 0], minlength=1)
    for item, word in enumerate(words):
        model, n = MODELS[word], int(n_categories[item])
        names, bounds = model.parameters(n), model.bounds(n)
        for column, name in enumerate(names):
            if not np.isnan(known[item, column]):
                base[item, column] = known[item, column]
                continue
            key: Hashable = (item, column)
            if name == "a" and model.slope == "one":
                key = "unit slope"
            elif name in model.shared(n):
                key = (word, n, name)
            place = index[item, column] = places.setdefault(key, len(places))
            if place == len(low):
                low.append(bounds[0][column])
                high.append(bounds[1][column])
                given = prior_logit_c if name == "logit_c" else None
                mean.append(0.0 if given is None else given[0])
                precision.append(0.0 if given is None else given[1] ** -2)
        if testlet[item] != FIXED:
            one_for_all = structure == "testlet" or size[testlet[item]] == 2
            key = ("testlet", int(testlet[item])) if one_for_all else (item, "specific")
            place = index[item, -1] = places.setdefault(key, len(places))
            if place == len(low):
                low.append(-STEEPEST)
                high.append(STEEPEST)
                mean.append(0.0)
                precision.append(0.0)
    row, n_rows = _rows(n_categories, testlet)
    return Design(
        kinds=_kinds(words, n_categories, testlet, n_most),
        n_categories=n_categories,
        testlet=testlet,
        proportional=structure == "testlet",
        index=index,
        base=base,
        low=np.array(low),
        high=np.array(high),
        prior_mean=np.array(mean),
        prior_precision=np.array(precision),
        nodes=nodes,
        log_weights=log_normal_weights(nodes, 0.0, 1.0),
        specific=((np.zeros(1), np.zeros(1)), (specific_nodes, log_normal_weights(specific_nodes, 0.0, 1.0))),
        row=row,
        n_rows=n_rows,
    )


def _rows(n_categories: IndexArray, testlet: IndexArray) -> tuple[IndexArray, tuple[int, int]]:
    """Return where each item's categories start in the table of its side, and the length of both tables."""
    row = np.zeros(n_categories.size, dtype=np.intp)
    total = []
    for side in (0, 1):
        here = (testlet >= 0) == bool(side)
        ends = np.cumsum(n_categories[here])
        row[here] = ends - n_categories[here]
        total.append(int(ends[-1]) if ends.size else 0)
    return row, (total[0], total[1])


def _kinds(
    words: Sequence[str], n_categories: IndexArray, testlet: IndexArray, n_most: int
) -> tuple[Kind, ...]:
    members: dict[tuple[str, int, int], list[int]] = {}
    for item, word in enumerate(words):
        members.setdefault((word, int(n_categories[item]), int(testlet[item] >= 0)), []).append(item)
    kinds = []
    for (word, n, side), items in members.items():
        model = MODELS[word]
        n_parameters = len(model.parameters(n))
        shift = model.rescaling(n, 1.0, -1.0) - np.eye(n_parameters)
        columns = np.append(np.arange(n_parameters), n_most)
        direction = shift @ model.slopes(n).astype(np.float64)
        kinds.append(Kind(model, n, np.array(items, dtype=np.intp), side, columns, shift, direction))
    return tuple(kinds)


def expand(task: Design, free: FloatArray) -> FloatArray:
    """Return all values (n_items, n_most + 1), the specific one last."""
    values = task.base.copy()
    moving = task.index != FIXED
    values[moving] = free[task.index[moving]]
    return values


def shifted(task: Design, kind: Kind, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the values of some items of a kind at every specific node, and their derivatives.

    values : (n, n_parameters + 1) in the columns of the kind
    Returns (n, n_specific, n_parameters) and (n, n_specific, n_parameters, n_parameters + 1).
    """
    eta = task.specific[kind.side][0]
    own, x = values[:, :-1], values[:, -1]
    n_parameters = own.shape[1]
    jacobian = np.zeros((own.shape[0], eta.size, n_parameters, n_parameters + 1))
    jacobian[..., :-1] = np.eye(n_parameters)
    if task.proportional:
        direction = np.where(np.isfinite(own), own, 0.0) @ kind.shift.T
        jacobian[..., :-1] += (x[:, None] * eta)[..., None, None] * kind.shift
    else:
        direction = np.broadcast_to(kind.direction, own.shape)
    jacobian[..., -1] = eta[:, None] * direction[:, None]
    moved: FloatArray = own[:, None] + (x[:, None] * eta)[..., None] * direction[:, None]
    return moved, jacobian


def log_prior(task: Design, free: FloatArray) -> float:
    """Return the log density of the priors, up to a constant."""
    return float(-0.5 * (task.prior_precision * (free - task.prior_mean) ** 2).sum())


def held(task: Design, free: FloatArray, gradient: FloatArray) -> FloatArray:
    """Return the gradient, 0 where a bound stops its ascent."""
    stopped = ((free <= task.low) & (gradient < 0)) | ((free >= task.high) & (gradient > 0))
    return np.where(stopped, 0.0, gradient)
