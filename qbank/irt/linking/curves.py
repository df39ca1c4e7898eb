"""The two methods that compare curves: Haebara and Stocking–Lord. Newton's method with exact derivatives."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qbank.irt.linking.common_items import Anchors
from qbank.irt.linking.moments import Solution, points
from qbank.irt.linking.newton import descend, inverse_hessian
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import Batch, ItemParameters, batches_of, first_rows

DIRECTIONS = ("symmetric", "to", "from")
# Step of the central difference that takes a curve's derivative by an estimate along theta.
STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Grid:
    """Where curves are compared: nodes and weights (n_nodes,) that sum to 1, on each of the two scales."""

    from_nodes: FloatArray
    from_weights: FloatArray
    to_nodes: FloatArray
    to_weights: FloatArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Items as rows of a table, one a category: batches with their rows (n_batch, n_categories).

    shape    (n_items, n_most) of the estimates
    """

    batches: tuple[tuple[Batch, IndexArray], ...]
    n_rows: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One half of the criterion: the curves that stay where they are, and those that move along.

    goal       probabilities of the calibration whose scale it is, (n_rows, n_nodes);  moving: the other's
               items;  resting: this one's
    forward    the moving curves are taken at t = A theta + B, otherwise at (theta − B) / A
    """

    resting: Rows
    moving: Rows
    goal: FloatArray
    nodes: FloatArray
    weights: FloatArray
    forward: bool

    def arguments(self, free: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return t (n_nodes,), dt / d(B, log A) (2, n_nodes), and its second derivatives (2, 2, n_nodes)."""
        slope, theta = np.exp(free[1]), self.nodes
        second = np.zeros((2, 2, theta.size))
        if self.forward:
            second[1, 1] = slope * theta
            return slope * theta + free[0], np.stack((np.ones_like(theta), slope * theta)), second
        t = (theta - free[0]) / slope
        second[0, 1] = second[1, 0] = 1.0 / slope
        second[1, 1] = t
        return t, np.stack((np.full_like(theta, -1.0 / slope), -t)), second


def haebara(anchors: Anchors, rasch: bool, grid: Grid, direction: str) -> Solution:
    """Return the line that minimises, averaged over the categories of all items, the squared differences of
    their probabilities, sum over nodes of weight (P_jk − P*_jk)^2; Haebara (1980), and over all categories
    Kim & Lee (2006). An item counts as its weight says.
    """
    return _closest(anchors, rasch, grid, direction, by_item=True)


def stocking_lord(anchors: Anchors, rasch: bool, grid: Grid, direction: str) -> Solution:
    """Return the line that minimises the squared difference of the test's expected scores, sum over nodes of
    weight (sum over j and k of k (P_jk − P*_jk))^2; Stocking & Lord (1983). An item counts as its weight says.
    """
    return _closest(anchors, rasch, grid, direction, by_item=False)


@dataclass(frozen=True, slots=True)
class Criterion:
    """The squared differences of curves as a function of (B, log A), with derivatives.

    row_weights    (n_rows,) of each category of each item: of its squared difference where by_item is true,
                   of the difference itself otherwise
    """

    sides: tuple[Side, ...]
    row_weights: FloatArray
    by_item: bool

    def at(self, free: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the criterion, its gradient (2,) and its Hessian (2, 2)."""
        value, gradient, hessian = 0.0, np.zeros(2), np.zeros((2, 2))
        for side in self.sides:
            t, first, second = side.arguments(free)
            curve, slope, curvature = _curves(side.moving, t)
            gap = curve - side.goal
            if self.by_item:
                weight = self.row_weights[:, None]
                f, df = (weight * gap**2).sum(axis=0), 2.0 * (weight * gap * slope).sum(axis=0)
                ddf = 2.0 * (weight * (slope**2 + gap * curvature)).sum(axis=0)
            else:
                gap, slope, curvature = (self.row_weights @ part for part in (gap, slope, curvature))
                f, df, ddf = gap**2, 2.0 * gap * slope, 2.0 * (slope**2 + gap * curvature)
            value += float(side.weights @ f)
            gradient += first @ (side.weights * df)
            hessian += (first * (side.weights * ddf)) @ first.T + second @ (side.weights * df)
        return value, gradient, hessian

    def by_estimates(self, free: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the derivatives of the gradient by the estimates of source and target, each (2, n_items, n_most)."""
        source, target = [], []
        for side in self.sides:
            moved, rested = self._cross(side, free, moving=True), self._cross(side, free, moving=False)
            source.append(rested if side.forward else moved)
            target.append(moved if side.forward else rested)
        return np.sum(source, axis=0), np.sum(target, axis=0)

    def _cross(self, side: Side, free: FloatArray, *, moving: bool) -> FloatArray:
        """Return the derivatives of one side's gradient by the estimates, of its moving or its resting items,
        (2, n_items, n_most).
        """
        t, first, _ = side.arguments(free)
        curve, slope, _ = _curves(side.moving, t)
        gap = curve - side.goal
        part = side.moving if moving else side.resting
        theta = t if moving else side.nodes
        found = np.zeros((2, *part.shape))
        if not self.by_item:
            gap, slope = self.row_weights @ gap, self.row_weights @ slope
        for items, rows, by_value, by_both in _by_values(part, theta):
            weight = self.row_weights[rows]
            if self.by_item:
                inner = (
                    by_value * slope[rows][:, None] + (by_both * gap[rows][:, None] if moving else 0.0)
                ) * (weight[:, None, :, None])
                by_node = 2.0 * inner.sum(axis=2)
            else:
                total, total_both = (np.einsum("jk,jpkq->jpq", weight, x) for x in (by_value, by_both))
                by_node = 2.0 * (total * slope + (total_both * gap if moving else 0.0))
            if not moving:
                by_node = -by_node
            found[:, items, : by_node.shape[1]] = np.einsum("eq,jpq->ejp", first * side.weights, by_node)
        return found


def _rows(parameters: ItemParameters) -> Rows:
    begins = first_rows(parameters.n_categories)
    found = tuple(
        (batch, begins[batch.items, None] + np.arange(batch.n_categories)) for batch in batches_of(parameters)
    )
    return Rows(found, int(begins[-1]), parameters.estimates.shape)


def _curves(items: Rows, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return P, dP / dtheta and d2P / dtheta2 of all categories, each (n_rows, n_theta)."""
    found = np.empty((3, items.n_rows, theta.size))
    for batch, rows in items.batches:
        probability = np.exp(batch.model.log_probability(batch.values, theta))
        slope = batch.model.ability_gradient(batch.values, theta)
        curvature = batch.model.ability_curvature(batch.values, theta)
        found[:, rows] = probability, probability * slope, probability * (slope**2 + curvature)
    return found[0], found[1], found[2]


def _by_values(
    items: Rows, theta: FloatArray
) -> Iterator[tuple[IndexArray, IndexArray, FloatArray, FloatArray]]:
    """Yield, batch by batch, items, their rows (n, K), dP / dvalue and d2P / dvalue dtheta, (n, p, K, n_theta)."""
    for batch, rows in items.batches:
        along = (_by_value(batch, theta + STEP) - _by_value(batch, theta - STEP)) / (2.0 * STEP)
        yield batch.items, rows, _by_value(batch, theta), along


def _by_value(batch: Batch, theta: FloatArray) -> FloatArray:
    """Return dP / dvalue, (n_items, n_parameters, n_categories, n_theta)."""
    probability = np.exp(batch.model.log_probability(batch.values, theta))
    slopes: FloatArray = probability[:, None] * batch.model.gradient(batch.values, theta)
    return slopes


def criterion(anchors: Anchors, grid: Grid, direction: str, by_item: bool) -> Criterion:
    """Return the criterion of the anchors: "to" compares on the target's scale and weights, "from" on the
    source's, "symmetric" is the sum of the two.
    """
    source, target, sides = _rows(anchors.source), _rows(anchors.target), []
    if direction in ("symmetric", "to"):
        goal = _curves(target, grid.to_nodes)[0]
        sides.append(Side(target, source, goal, grid.to_nodes, grid.to_weights, False))
    if direction in ("symmetric", "from"):
        goal = _curves(source, grid.from_nodes)[0]
        sides.append(Side(source, target, goal, grid.from_nodes, grid.from_weights, True))
    counts = anchors.source.n_categories
    rows = np.repeat(anchors.weights, counts)
    rows = rows / rows.sum() if by_item else rows * np.concatenate([np.arange(n) for n in counts])
    return Criterion(tuple(sides), rows, by_item)


def _closest(anchors: Anchors, rasch: bool, grid: Grid, direction: str, *, by_item: bool) -> Solution:
    task = criterion(anchors, grid, direction, by_item)
    moving = np.array([0] if rasch else [0, 1], dtype=np.intp)
    starts = sorted(_starts(anchors, rasch), key=lambda start: task.at(start)[0])
    ends = []
    for start in starts:
        ends.append(descend(task.at, start, moving))
        if ends[-1][2]:
            break
    free, value, converged = min(ends, key=lambda end: (not end[2], end[1]))
    return _solution(task, free, value, converged, moving)


def _starts(anchors: Anchors, rasch: bool) -> list[FloatArray]:
    """Return first values of (B, log A): from medians, which a wild item does not move, from means, and 0."""
    source, target = points(anchors.source), points(anchors.target)
    starts = []
    for middle in (np.median, np.mean):
        log_slope = 0.0
        usable = (source.a > 0) & (target.a > 0)
        if not rasch and usable.any():
            log_slope = float(middle(np.log(source.a[usable] / target.a[usable])))
        shift = target.b - np.exp(log_slope) * source.b
        known = shift[np.isfinite(shift)]
        starts.append(np.array([middle(known) if known.size else 0.0, log_slope]))
    return [*starts, np.zeros(2)]


def _solution(
    task: Criterion, free: FloatArray, value: float, converged: bool, moving: IndexArray
) -> Solution:
    """Return the line, with its derivatives by the implicit function theorem: −H^-1 d gradient / d estimate;
    Ogasawara (2001).
    """
    slope = float(np.exp(free[1]))
    # From (B, log A) to (A, B).
    change = -np.array([[0.0, slope], [1.0, 0.0]]) @ inverse_hessian(task.at(free)[2], moving)
    by_source, by_target = (np.einsum("ef,fjp->ejp", change, cross) for cross in task.by_estimates(free))
    return Solution(slope, float(free[0]), by_source, by_target, value, converged)
