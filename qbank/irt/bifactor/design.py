"""What a bifactor calibration estimates: free values, what shares them, and how a testlet moves an item.

An item of a testlet answers to a theta + s eta + its intercepts. Adding x to the linear predictor of any model
is adding x times a direction to its values; the direction is what a shift of the ability scale by one does to
them (Model.rescaling). So every model of MODELS serves, and its derivatives come by the chain rule.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.ability import log_normal_weights
from qbank.irt.models import MODELS, FloatArray, IndexArray, Mask, Model
from qbank.irt.priors import LEAST_SLOPE, Prior, function

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
    priors       of free values
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
    priors: tuple[Prior, ...]
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
    equal_sd: bool = False,
    known: FloatArray,
    priors: Mapping[str, tuple[str, FloatArray, FloatArray]] | None = None,
    nodes: FloatArray,
    specific_nodes: FloatArray,
) -> Design:
    """Return the design.

    structure : "bifactor" or "testlet";  equal_sd : one sd for all testlets
    known : (n_items, n_most) values that are fixed, NaN where free; of models with a = 1 the slope that all such
        items share is free, and ability N(0, 1)
    priors : as checked_priors gives them; the name s stands for specific slopes and sds
    """
    n_items, n_most = known.shape
    index = np.full((n_items, n_most + 1), FIXED, dtype=np.intp)
    base = np.zeros((n_items, n_most + 1))
    places: dict[Hashable, int] = {}
    low: list[float] = []
    high: list[float] = []
    named: dict[str, dict[int, int]] = {}

    def give(item: int, column: int, key: Hashable, name: str, bounds: tuple[float, float]) -> None:
        index[item, column] = places.setdefault(key, len(places))
        if len(places) > len(low):
            low.append(bounds[0])
            high.append(bounds[1])
            named.setdefault(name, {})[index[item, column]] = item

    pairs = np.flatnonzero(np.bincount(testlet[testlet >= 0], minlength=1) == 2)
    for item, word in enumerate(words):
        model, n = MODELS[word], int(n_categories[item])
        least, most = model.bounds(n)
        for column, name in enumerate(model.parameters(n)):
            bounds = float(least[column]), float(most[column])
            if name == "a" and model.slope == "one":
                give(item, column, "unit slope", name, bounds)
            elif not np.isnan(known[item, column]):
                base[item, column] = known[item, column]
            elif name in model.shared(n):
                give(item, column, (word, n, name), name, bounds)
            else:
                give(item, column, (item, column), name, bounds)
        if testlet[item] != FIXED:
            key: Hashable = (item, "s")
            if structure == "testlet":
                key = ("sd", 0 if equal_sd else int(testlet[item]))
            elif testlet[item] in pairs:
                # Two items show the product of their slopes, no more.
                key = ("s", int(testlet[item]))
            give(item, n_most, key, "s", (-STEEPEST, STEEPEST))
    bounds_low, row_of = np.array(low), _rows(n_categories, testlet)
    made = _priors(priors or {}, named, bounds_low)
    return Design(
        kinds=_kinds(words, n_categories, testlet, n_most),
        n_categories=n_categories,
        testlet=testlet,
        proportional=structure == "testlet",
        index=index,
        base=base,
        low=bounds_low,
        high=np.array(high),
        priors=made,
        nodes=nodes,
        log_weights=log_normal_weights(nodes, 0.0, 1.0),
        specific=((np.zeros(1), np.zeros(1)), (specific_nodes, log_normal_weights(specific_nodes, 0.0, 1.0))),
        row=row_of[0],
        n_rows=row_of[1],
    )


def _priors(
    priors: Mapping[str, tuple[str, FloatArray, FloatArray]],
    named: Mapping[str, Mapping[int, int]],
    low: FloatArray,
) -> tuple[Prior, ...]:
    """Return the priors on places of the free vector, and keep slopes positive whose logarithm has one.

    named : name -> place -> the first item that has it
    """
    found = []
    for name, (word, p, q) in priors.items():
        own = named.get(function(name).of, {})
        members = [(place, item) for place, item in own.items() if not np.isnan(p[item])]
        if not members:
            continue
        places, items = (np.array(x, dtype=np.intp) for x in zip(*members, strict=True))
        found.append(Prior(name, word, places, p[items], q[items]))
        if word == "lognormal" or name == "log_a":
            low[places] = LEAST_SLOPE
    return tuple(found)


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


def values_at(task: Design, rows: FloatArray) -> FloatArray:
    """Return a free vector from values (n_items, n_most + 1), clipped to the bounds."""
    free = np.zeros(task.n_free)
    moving = task.index != FIXED
    free[task.index[moving]] = rows[moving]
    return np.asarray(np.clip(free, task.low, task.high), dtype=np.float64)


def held(task: Design, free: FloatArray, gradient: FloatArray) -> FloatArray:
    """Return the gradient, 0 where a bound stops its ascent."""
    stopped = ((free <= task.low) & (gradient < 0)) | ((free >= task.high) & (gradient > 0))
    return np.where(stopped, 0.0, gradient)
