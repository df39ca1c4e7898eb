"""The highest point of each person's likelihood, weighted likelihood or posterior, found among all its peaks.

With lower asymptotes or ordered thresholds the likelihood of one person can have several peaks, and can be highest
at an infinite end though it has a peak. The slope of its logarithm is therefore looked at on a ladder of abilities
that spans all that the items can tell; every interval where it turns from rising to falling holds a peak. Within an
interval the slope is a polynomial through Chebyshev points, so that a peak costs one matrix product of the answers
by a table of the items, whatever their models.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.polynomial import chebyshev

from qbank.irt.blocks import Block, group_by_form
from qbank.irt.likelihood import CHUNK_BYTES, Layout, indicators, layout
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, Mask, ScoreArray
from qbank.irt.parameters import Batch, ItemParameters, batches_of, first_rows

# An item tells nothing beyond the abilities where it tells this share of what it tells at best: slopes beyond are
# lost in rounding, so that no maximum is left out that could be told.
LEAST_SHARE = 1e-14
CORE, STEP, GROWTH, FARTHEST = 8.0, 0.25, 1.12, 2000.0
# Rungs are this over the sharpest discrimination apart, but no closer than LEAST_STEP.
WIDTH, LEAST_STEP = 0.75, 0.02
N_POINTS = 13
# Forms of fewer persons join.
FORM_SIZE = 256
HALVINGS = 16
SUBSTEPS = 8
# What rounding leaves of a slope that is 0, as a share of the largest that it could be.
NOISE = 1e-13
# Below this the information has lost digits, and nothing is known of its slope.
LEAST_INFORMATION = 1e-290

POINTS = np.cos(np.pi * (np.arange(N_POINTS) + 0.5) / N_POINTS)
TO_COEFFICIENTS = np.linalg.inv(chebyshev.chebvander(POINTS, N_POINTS - 1)).T


@dataclass(frozen=True, slots=True)
class Target:
    """What is maximised: the log-likelihood, with a normal prior or Warm's weight.

    mean, sd   (n_persons,) of the prior, or None;  warm: whether Warm's weight is on the likelihood
    """

    mean: FloatArray | None = None
    sd: FloatArray | None = None
    warm: bool = False


@dataclass(frozen=True, slots=True)
class Modes:
    """Arrays (n_persons,): where the target is highest (−inf, inf or NaN where nowhere finite), minus its second
    derivative there, the Fisher information there; flat: mask, it is the same everywhere.
    """

    theta: FloatArray
    curvature: FloatArray
    information: FloatArray
    flat: Mask


@dataclass(frozen=True, slots=True)
class _Tables:
    """What a block's items say at some nodes.

    slope         (sum of n_categories, n_nodes) d log P_k / d theta, rows of all items' categories
    information   (n_block_items, n_nodes) sum over k of P_k'^2 / P_k
    warm          the same shape, sum over k of P_k' P_k'' / P_k
    """

    nodes: FloatArray
    slope: FloatArray
    information: FloatArray
    warm: FloatArray


def modes(parameters: ItemParameters, answers: ScoreArray, target: Target) -> Modes:
    """Return where the target of each person is highest.

    answers : (n_persons, n_items), −1 where not seen or where the item has no parameters
    """
    n_persons = answers.shape[0]
    theta, curvature, information = np.full((3, n_persons), np.nan)
    found = Modes(theta, curvature, information, np.zeros(n_persons, dtype=bool))
    rungs = ladder(parameters, target)
    for block in _blocks(answers):
        form = _form(parameters, block, target)
        rows, low, high = _brackets(form, rungs)
        _best(form, rungs, rows, *_peaks(form, rows, low, high), found)
    return found


def _blocks(answers: ScoreArray) -> tuple[Block, ...]:
    """Return the blocks of persons; small forms join in one with a mask, for what their tables would cost."""
    blocks = group_by_form(answers, np.zeros(answers.shape[0], dtype=np.intp), collapse=False)
    small = [block for block in blocks if block.persons.size < FORM_SIZE]
    if len(small) < 2:
        return blocks
    persons = np.sort(np.concatenate([block.persons for block in small]))
    items = np.flatnonzero((answers[persons] != NOT_SEEN).any(axis=0))
    scores = answers[np.ix_(persons, items)]
    mask = (scores != NOT_SEEN).astype(np.int8)
    joined = Block(items, scores * mask, mask, persons, np.ones(persons.size), 0)
    return (*(block for block in blocks if block.persons.size >= FORM_SIZE), joined)


def ladder(parameters: ItemParameters, target: Target | None = None) -> FloatArray:
    """Return abilities a quarter apart within 8 of 0, further apart beyond, as far as any item tells something.

    They are closer where an item discriminates so sharply that a peak could stand between two of them.
    """
    batches, rungs = batches_of(parameters), _rungs(STEP)
    sharpest = max((float(x.model.information(x.values, rungs).max(initial=0.0)) for x in batches), default=0.0)
    # The information of a logistic item is a^2 / 4 at most.
    rungs = _rungs(min(STEP, max(WIDTH / (2.0 * np.sqrt(sharpest)) if sharpest else STEP, LEAST_STEP)))
    told = np.abs(rungs) <= 1.0
    for batch in batches:
        information = batch.model.information(batch.values, rungs)
        most = information.max(axis=1, keepdims=True)
        told |= ((information >= LEAST_SHARE * most) & (most > 0)).any(axis=0)
    if target is not None and target.mean is not None and target.mean.size:
        assert target.sd is not None
        told |= (rungs >= (target.mean - target.sd).min()) & (rungs <= (target.mean + target.sd).max())
    where = np.flatnonzero(told)
    return rungs[max(where[0] - 1, 0) : where[-1] + 2]


def _rungs(step: float) -> FloatArray:
    n_inner = int(np.ceil(2.0 * CORE / step))
    n_outer = int(np.log(FARTHEST / CORE) / np.log(GROWTH)) + 1
    outer = CORE * GROWTH ** np.arange(1, n_outer + 1)
    return np.concatenate((-outer[::-1], np.linspace(-CORE, CORE, n_inner + 1), outer))


@dataclass(frozen=True, slots=True)
class _Form:
    """A block of persons with what its items need; scale: (n_block_items, 1) the largest slope of each item."""

    block: Block
    target: Target
    batches: tuple[Batch, ...]
    at: Layout
    place: IndexArray
    scale: FloatArray


def _form(parameters: ItemParameters, block: Block, target: Target) -> _Form:
    first = first_rows(parameters.n_categories)
    place = np.full(len(parameters.items), -1, dtype=np.intp)
    place[block.items] = np.arange(block.items.size)
    form = _Form(block, target, batches_of(parameters, block.items), layout(block, first), place, np.empty((0, 1)))
    slope = np.abs(_tables(form, np.linspace(-CORE, CORE, 9)).slope)
    scale = np.zeros((block.items.size, 1))
    for batch in form.batches:
        scale[place[batch.items], 0] = slope[_rows(form, batch)].max(axis=(1, 2))
    return replace(form, scale=scale)


def _rows(form: _Form, batch: Batch) -> IndexArray:
    """Return where the categories of a batch stand in a table of all items' categories, (n_batch, n_categories)."""
    return form.at.first[batch.items, None] + np.arange(batch.n_categories)


def _tables(form: _Form, nodes: FloatArray) -> _Tables:
    """Return what the items of a form say at the nodes."""
    slope = np.zeros((form.at.first[-1], nodes.size))
    information, warm = np.zeros((2, form.block.items.size, nodes.size))
    for batch in form.batches:
        gradient = batch.model.ability_gradient(batch.values, nodes)
        probability = np.exp(batch.model.log_probability(batch.values, nodes))
        # P' = P g and P'' = P (c + g^2), g and c being the derivatives of log P.
        flow = probability * gradient
        slope[_rows(form, batch)] = gradient
        information[form.place[batch.items]] = (flow * gradient).sum(axis=1)
        if form.target.warm:
            curvature = batch.model.ability_curvature(batch.values, nodes)
            warm[form.place[batch.items]] = (flow * (curvature + gradient**2)).sum(axis=1)
    return _Tables(nodes, slope, information, warm)


def _chunks(form: _Form, rows: IndexArray, n_nodes: int) -> Iterator[slice]:
    size = max(64, CHUNK_BYTES // (8 * (form.at.rows.size + 2 * n_nodes)))
    for low in range(0, rows.size, size):
        yield slice(low, min(low + size, rows.size))


def _slopes(form: _Form, tables: _Tables, rows: IndexArray) -> FloatArray:
    """Return d target / d theta of some rows of the block at the nodes, (n_rows, n_nodes)."""
    base = tables.slope[form.at.base]
    ratios = tables.slope[form.at.rows] - base[form.at.owner]
    found: FloatArray = indicators(form.block.scores[rows], form.at) @ ratios
    found += base.sum(axis=0) if form.block.seen is None else form.block.seen[rows].astype(np.float64) @ base
    return np.add(found, _pull(form, tables, rows), out=found)


def _pull(form: _Form, tables: _Tables, rows: IndexArray) -> FloatArray:
    """Return what the target adds to the slope of the log-likelihood, (n_rows or 1, n_nodes)."""
    target = form.target
    pull = np.zeros((1, tables.nodes.size))
    if target.mean is not None:
        assert target.sd is not None
        persons = form.block.persons[rows]
        pull = (target.mean[persons, None] - tables.nodes) / target.sd[persons, None] ** 2
    if target.warm:
        information = _over_items(form, tables.information, rows)
        ratio = np.divide(
            _over_items(form, tables.warm, rows),
            information,
            out=np.zeros_like(information),
            where=information > LEAST_INFORMATION,
        )
        pull = pull + 0.5 * ratio
    return pull


def _over_items(form: _Form, table: FloatArray, rows: IndexArray) -> FloatArray:
    """Return the sum over the items that each row saw, (n_rows or 1, n_nodes)."""
    seen = np.ones((1, table.shape[0])) if form.block.seen is None else form.block.seen[rows].astype(np.float64)
    total: FloatArray = seen @ table
    return total


def _brackets(form: _Form, rungs: FloatArray) -> tuple[IndexArray, FloatArray, FloatArray]:
    """Return rows of the block and the ends of an interval for every peak; an infinite end is an interval of itself.

    A row without any interval has a flat target.
    """
    tables = _tables(form, rungs)
    everyone = np.arange(form.block.persons.size)
    found = []
    for part in _chunks(form, everyone, rungs.size):
        slopes = _slopes(form, tables, everyone[part])
        slopes[np.abs(slopes) <= _noise(form, everyone[part])] = 0.0
        sign = _signs(slopes)
        row, rung = np.nonzero((sign[:, :-1] > 0) & (sign[:, 1:] < 0))
        left, right = np.flatnonzero(sign[:, 0] < 0), np.flatnonzero(sign[:, -1] > 0)
        ends = np.concatenate((np.full(left.size, -np.inf), np.full(right.size, np.inf)))
        found.append((
            np.concatenate((row, left, right)) + part.start,
            np.concatenate((rungs[rung], ends)),
            np.concatenate((rungs[rung + 1], ends)),
        ))  # fmt: skip
    rows, low, high = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return rows, low, high


def _signs(slopes: FloatArray) -> FloatArray:
    """Return the sign of each slope; a zero has the sign of the next slope towards the left, else to the right."""
    sign = np.sign(slopes)
    if (sign == 0).any():
        for _ in range(2):
            at = np.where(sign != 0, np.arange(sign.shape[1]), 0)
            sign = np.take_along_axis(sign, np.maximum.accumulate(at, axis=1), axis=1)[:, ::-1]
    return sign


def _peaks(
    form: _Form, rows: IndexArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return theta, minus the second derivative of the target and the information at the peak of each interval.

    Intervals in which the polynomial is not yet exact are halved.
    """
    theta, curvature, information = low.copy(), np.full(low.size, np.nan), np.full(low.size, np.nan)
    waiting = np.flatnonzero(np.isfinite(low))
    low, high = low.copy(), high.copy()
    for halving in range(HALVINGS + 1):
        again = []
        for chosen in _alike(low, waiting):
            left, right = low[chosen[0]], high[chosen[0]]
            tables = _tables(form, (left + right) / 2.0 + (right - left) / 2.0 * POINTS)
            for part in _chunks(form, chosen, N_POINTS):
                pairs = chosen[part]
                slopes = _slopes(form, tables, rows[pairs])
                coefficients = TO_COEFFICIENTS.T @ slopes.T
                rough = _rough(coefficients, _noise(form, rows[pairs])[:, 0]) & (halving < HALVINGS)
                at = _root(coefficients[:, ~rough])
                done = pairs[~rough]
                theta[done] = (left + right) / 2.0 + (right - left) / 2.0 * at
                turning = chebyshev.chebval(at, chebyshev.chebder(coefficients[:, ~rough]), tensor=False)
                curvature[done] = -turning * 2.0 / (right - left)
                told = TO_COEFFICIENTS.T @ _over_items(form, tables.information, rows[done]).T
                information[done] = chebyshev.chebval(at, told, tensor=False)
                unfinished = pairs[rough]
                # The middle point is the centre of the interval.
                rising = slopes[rough, N_POINTS // 2] > 0
                low[unfinished[rising]] = high[unfinished[~rising]] = (left + right) / 2.0
                again.append(unfinished)
        waiting = np.concatenate(again) if again else waiting[:0]
        if not waiting.size:
            break
    return theta, curvature, information


def _alike(low: FloatArray, waiting: IndexArray) -> list[IndexArray]:
    """Return the waiting intervals that begin at the same place (and so are the same: all were halved as often)."""
    order = waiting[np.argsort(low[waiting], kind="stable")]
    return [part for part in np.split(order, np.flatnonzero(np.diff(low[order])) + 1) if part.size]


def _noise(form: _Form, rows: IndexArray) -> FloatArray:
    """Return the slope below which it is rounding, by what each row saw, (n_rows or 1, 1)."""
    return NOISE * _over_items(form, form.scale, rows)


def _rough(coefficients: FloatArray, noise: FloatArray) -> Mask:
    """Return for each polynomial whether its last terms still matter."""
    size = np.abs(coefficients)
    rough: Mask = size[-2:].sum(axis=0) > np.maximum(1e-10 * size.max(axis=0), noise)
    return rough


def _root(coefficients: FloatArray) -> FloatArray:
    """Return where in [-1, 1] each polynomial falls through 0, by Newton steps that fall back to halving."""
    derivative = chebyshev.chebder(coefficients)
    n = coefficients.shape[1]
    low, high, at = np.full(n, -1.0), np.full(n, 1.0), np.zeros(n)
    for _ in range(80):
        value = chebyshev.chebval(at, coefficients, tensor=False)
        low, high = np.where(value > 0, at, low), np.where(value < 0, at, high)
        slope = chebyshev.chebval(at, derivative, tensor=False)
        ahead = at - value / np.where(slope < 0, slope, -1e-300)
        ahead = np.where((ahead > low) & (ahead < high), ahead, (low + high) / 2.0)
        ahead = np.where(value == 0, at, ahead)
        moved = float(np.abs(ahead - at).max(initial=0.0))
        at = ahead
        if moved < 1e-14:
            break
    return at


def _best(
    form: _Form,
    rungs: FloatArray,
    rows: IndexArray,
    theta: FloatArray,
    curvature: FloatArray,
    information: FloatArray,
    found: Modes,
) -> None:
    """Write the highest peak of each row to where its person stands."""
    persons = form.block.persons
    n_peaks = np.bincount(rows, minlength=persons.size)
    height = np.zeros(rows.size)
    several = np.flatnonzero(n_peaks[rows] > 1)
    height[several] = _heights(form, rungs, rows[several], theta[several])
    # Of equal heights the one nearest to 0, so that the outcome does not hang on rounding or order.
    order = np.lexsort((-np.abs(theta), height, rows))
    last = order[np.flatnonzero(np.append(np.diff(rows[order]) > 0, True))] if rows.size else order
    at = persons[rows[last]]
    found.theta[at], found.curvature[at] = theta[last], curvature[last]
    found.information[at] = information[last]
    found.flat[persons[n_peaks == 0]] = True


def _heights(form: _Form, rungs: FloatArray, rows: IndexArray, theta: FloatArray) -> FloatArray:
    """Return the log target, up to a constant of each row, of some rows at an ability each."""
    theta = np.clip(theta, rungs[0], rungs[-1])
    height = np.zeros(rows.size)
    for part in _chunks(form, rows, form.at.rows.size):
        scores = form.block.scores[rows[part]]
        for batch in form.batches:
            place = form.place[batch.items]
            log_probability = batch.model.log_probability(batch.values, theta[part])
            answer = scores[:, place].T[:, None].astype(np.intp)
            own = np.take_along_axis(log_probability, answer, axis=1)[:, 0]
            if form.block.seen is not None:
                own = own * form.block.seen[rows[part]][:, place].T
            height[part] += own.sum(axis=0)
        if form.target.mean is not None or form.target.warm:
            height[part] += _integral(form, rungs, rows[part], theta[part])
    return height


def _integral(form: _Form, rungs: FloatArray, rows: IndexArray, theta: FloatArray) -> FloatArray:
    """Return the integral from the first rung to theta of what the target adds to the slope, by trapezoids."""
    steps = np.arange((rungs.size - 1) * SUBSTEPS + 1) / SUBSTEPS
    nodes = np.interp(steps, np.arange(rungs.size), rungs)
    pull = np.broadcast_to(_pull(form, _tables(form, nodes), rows), (rows.size, nodes.size))
    area = np.cumsum(0.5 * (pull[:, 1:] + pull[:, :-1]) * np.diff(nodes), axis=1)
    area = np.concatenate((np.zeros((rows.size, 1)), area), axis=1)
    left = np.clip(np.searchsorted(nodes, theta, side="right") - 1, 0, nodes.size - 2)
    row = np.arange(rows.size)
    share = (theta - nodes[left]) / (nodes[left + 1] - nodes[left])
    slope = pull[row, left] * (1.0 - share / 2.0) + pull[row, left + 1] * share / 2.0
    integral: FloatArray = area[row, left] + slope * (theta - nodes[left])
    return integral
