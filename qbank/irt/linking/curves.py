"""The two methods that compare curves: Haebara and Stocking–Lord. Newton's method with exact derivatives."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qbank.irt.linking.common_items import Anchors
from qbank.irt.linking.moments import Solution, points
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import Batch, ItemParameters, batches_of, first_rows

DIRECTIONS = ("symmetric", "to", "from")
# Step of the central difference that takes a curve's derivative by an estimate along theta.
STEP = 1e-4
MAX_ITERATIONS = 200


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

    def cross(self, side: Side, free: FloatArray, moving: bool) -> FloatArray:
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
    starts = sorted(_starts(anchors, rasch), key=lambda start: task.at(start)[0])
    ends = []
    for start in starts:
        ends.append(_descend(task, start, rasch))
        if ends[-1][2]:
            break
    free, value, converged = min(ends, key=lambda end: (not end[2], end[1]))
    return _solution(task, free, value, converged, rasch)


def _starts(anchors: Anchors, rasch: bool) -> list[FloatArray]:
    """Return first values of (B, log A): from medians, which a wild item does not move, from means, and 0."""
    source, target = points(anchors.source), points(anchors.target)
    starts = []
    for middle in (np.median, np.mean):
        log_slope = 0.0
        if not rasch:
            with np.errstate(divide="ignore", invalid="ignore"):
                log_slope = float(middle(np.log(source.a / target.a)))
        log_slope = float(np.clip(log_slope, -2.0, 2.0)) if np.isfinite(log_slope) else 0.0
        shift = float(middle(target.b - np.exp(log_slope) * source.b))
        starts.append(np.array([shift if np.isfinite(shift) else 0.0, log_slope]))
    return [*starts, np.zeros(2)]


def _descend(task: Criterion, start: FloatArray, rasch: bool) -> tuple[FloatArray, float, bool]:
    """Return where Newton's method ends, the criterion there, and whether it has converged.

    The Hessian gets a multiple of its own diagonal until it is positive definite and the step goes down
    (Levenberg 1944, Marquardt 1963).
    """
    moving = np.array([0] if rasch else [0, 1])
    free, damping = start.copy(), 0.0
    value, gradient, hessian = task.at(free)
    for _ in range(MAX_ITERATIONS):
        own = hessian[np.ix_(moving, moving)]
        diagonal = np.maximum(np.abs(np.diag(own)), 1e-12 * np.abs(own).max() + 1e-300)
        lifted = own + damping * np.diag(diagonal)
        if np.linalg.eigvalsh(lifted)[0] <= 0.0:
            damping = max(4.0 * damping, 1e-3)
            continue
        step = np.zeros(2)
        step[moving] = -np.linalg.solve(lifted, gradient[moving])
        step[1] = np.clip(step[1], -1.0, 1.0)
        if np.abs(step).max() <= 1e-11 * (1.0 + np.abs(free).max()):
            return free + step if damping == 0.0 else free, value, True
        ahead = task.at(free + step)
        # Near the end rounding hides which criterion is the smaller, but not which gradient.
        level = abs(ahead[0] - value) <= 1e-10 * value + 1e-28
        flatter = np.abs(ahead[1][moving]).max() < np.abs(gradient[moving]).max()
        if flatter if level else ahead[0] < value:
            free, damping = free + step, damping / 16.0 if damping > 1e-6 else 0.0
            value, gradient, hessian = ahead
        elif level:
            return free, value, True
        else:
            damping = max(4.0 * damping, 1e-3)
        if damping > 1e12:
            break
    return free, value, False


def _solution(task: Criterion, free: FloatArray, value: float, converged: bool, rasch: bool) -> Solution:
    """Return the line, with its derivatives by the implicit function theorem: −H^-1 d gradient / d estimate;
    Ogasawara (2001).
    """
    _, _, hessian = task.at(free)
    slope = float(np.exp(free[1]))
    moving = np.array([0] if rasch else [0, 1])
    inverse = np.zeros((2, 2))
    own = hessian[np.ix_(moving, moving)]
    regular = np.linalg.eigvalsh(own)[0] > 1e-13 * np.abs(own).max()
    inverse[np.ix_(moving, moving)] = np.linalg.inv(own) if regular else np.nan
    # From (B, log A) to (A, B).
    change = -np.array([[0.0, slope], [1.0, 0.0]]) @ inverse
    by_source: FloatArray | float = 0.0
    by_target: FloatArray | float = 0.0
    for side in task.sides:
        moved, rested = (np.einsum("ef,fjp->ejp", change, task.cross(side, free, at)) for at in (True, False))
        by_source, by_target = (
            (by_source + rested, by_target + moved)
            if side.forward
            else (by_source + moved, by_target + rested)
        )
    return Solution(slope, float(free[0]), np.asarray(by_source), np.asarray(by_target), value, converged)
