"""Maximum of the marginal likelihood: EM, accelerated, then Newton's method with the exact information."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.bifactor.design import FIXED, Design, held
from qbank.irt.bifactor.expectation import Expectation, expect, item_derivatives, item_objectives
from qbank.irt.bifactor.information import information
from qbank.irt.bifactor.patterns import Part
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.priors import derivatives, log_density

NEWTON_STEPS = 1
HALVINGS = 6
LONGEST_STEP = 1.5
# Up to here the information is made whole for Newton's method.
SMALL = 4000
# ... and up to here its eigenvalues are taken where it is not positive.
TAKEN_APART = 1000
# EM steps before the first attempt of Newton's method, and between attempts.
WARM_UP = 6
BOUND_PASSES = 8
ROUNDING = 1e-13
SLOW = 0.2
STEP_LENGTHS = (1.0, 0.5, 0.25, 0.1)


@dataclass(frozen=True, slots=True)
class State:
    """A point of the ascent: free vector, E-step there, objective (with priors) and gradient (bounds held)."""

    free: FloatArray
    expectation: Expectation
    objective: float
    gradient: FloatArray

    @property
    def gradient_norm(self) -> float:
        return float(np.abs(self.gradient).max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Ascent:
    """The last state, the objective at each accepted step, whether the gradient is small enough, and the last
    information that served Newton's method.
    """

    state: State
    trace: tuple[float, ...]
    converged: bool
    observed: FloatArray | None


def evaluate(task: Design, parts: Sequence[Part], free: FloatArray) -> State:
    """Return the state at a free vector, clipped to the bounds; one E-step.

    The gradient is the complete-data one at the expected counts: Fisher's identity.
    """
    free = np.clip(free, task.low, task.high)
    expectation = expect(task, parts, free)
    slope, _ = item_derivatives(task, free, expectation, curvature=False)
    gradient = gathered(task, slope) + derivatives(task.priors, free)[0]
    objective = expectation.log_likelihood + float(log_density(task.priors, free).sum())
    return State(free, expectation, objective, held(task, free, gradient))


def gathered(task: Design, by_item: FloatArray) -> FloatArray:
    """Return the sum over items of what belongs to each free value, (n_free,)."""
    moving = task.index != FIXED
    total: FloatArray = np.bincount(task.index[moving], by_item[moving], minlength=task.n_free).astype(
        np.float64
    )
    return total


def ascend(
    task: Design,
    parts: Sequence[Part],
    free: FloatArray,
    *,
    goal: float,
    max_iterations: int,
    observed: FloatArray | None = None,
) -> Ascent:
    """Return the highest state found. The objective never falls between steps.

    goal : largest absolute derivative at which to stop
    observed : the information near by, with which Newton's method starts; without it EM warms up
    """
    state = evaluate(task, parts, free)
    trace = [state.objective]
    steps = 0
    while state.gradient_norm > goal and steps < max_iterations:
        for _ in range(0 if observed is not None else min(WARM_UP, max_iterations - steps)):
            before = state.objective
            first, state = squarem(task, parts, state)
            trace += [first.objective, state.objective]
            steps += 1
            if state.gradient_norm <= goal or state.objective - before < 1e-9 * abs(before):
                break
        if task.n_free <= SMALL:
            states, observed = newton(task, parts, state, observed, goal=goal, max_steps=max_iterations - steps)
            steps += len(states)
            trace += [ahead.objective for ahead in states]
            risen = states[-1].objective - state.objective if states else np.inf
            state = (states or [state])[-1]
            if risen < ROUNDING * abs(state.objective):
                break
            if state.gradient_norm > goal:
                observed = None
    return Ascent(state, tuple(trace), state.gradient_norm <= goal, observed)


def newton(
    task: Design,
    parts: Sequence[Part],
    state: State,
    observed: FloatArray | None,
    *,
    goal: float,
    max_steps: int,
) -> tuple[list[State], FloatArray | None]:
    """Return the states of Newton's method, as far as it ascends, and the last information that it used.

    The information is expensive and changes little near the maximum: it is made again when a step with the old one
    does not cut the gradient to a fifth.
    """
    states = [state]
    fresh = False
    while len(states) <= max_steps and states[-1].gradient_norm > goal:
        here = states[-1]
        if observed is None:
            observed, fresh = information(task, parts, here.free, here.expectation)[0], True
        ahead = _along(task, parts, here, _newton_step(task, here, observed))
        slow = ahead is None or ahead.gradient_norm > SLOW * here.gradient_norm
        if ahead is not None:
            states.append(ahead)
        if slow and fresh and (
            ahead is None or ahead.objective - here.objective < ROUNDING * abs(here.objective)
        ):
            break
        if slow:
            observed = None
        fresh = False
    return states[1:], observed


def _along(task: Design, parts: Sequence[Part], state: State, step: FloatArray) -> State | None:
    """Return the first of the states at shares of a step that is not lower, or None."""
    for length in STEP_LENGTHS:
        ahead = evaluate(task, parts, state.free + length * step)
        if ahead.objective >= state.objective - ROUNDING * abs(state.objective):
            return ahead
    return None


def squarem(task: Design, parts: Sequence[Part], state: State) -> tuple[State, State]:
    """Return the states after one EM step and after one SQUAREM cycle; the objective falls in neither.

    Varadhan & Roland (2008), scheme S3. A cycle that would end below the plain EM step gives way to the second
    EM step.
    """
    first = evaluate(task, parts, maximise(task, state.expectation, state.free))
    second = maximise(task, first.expectation, first.free)
    step = first.free - state.free
    bend = (second - first.free) - step
    size = float(np.linalg.norm(bend))
    length = max(1.0, float(np.linalg.norm(step)) / size) if size > 0 else 1.0
    if length > 1.0:
        leap = evaluate(task, parts, state.free + 2.0 * length * step + length**2 * bend)
        if leap.objective >= first.objective:
            return first, leap
    return first, evaluate(task, parts, second)


def maximise(task: Design, expectation: Expectation, free: FloatArray) -> FloatArray:
    """Return a free vector with a higher expected complete-data log-likelihood: the M-step.

    Newton steps on all items at once, halved for the items (and those that share values with them) that would
    fall.
    """
    joined = _joined(task)
    owner = _owner(task, joined)
    for _ in range(NEWTON_STEPS):
        before = _objective(task, free, expectation, joined, owner)
        step = np.clip(_step(task, free, expectation), -LONGEST_STEP, LONGEST_STEP)
        for _ in range(HALVINGS):
            candidate = np.clip(free + step, task.low, task.high)
            worse = _objective(task, candidate, expectation, joined, owner) < before
            if not worse.any():
                break
            step = np.where(worse[owner], step / 2.0, step)
        else:
            candidate = np.clip(np.where(worse[owner], free, free + step), task.low, task.high)
        free = candidate
    return free


def _joined(task: Design) -> IndexArray:
    """Return a number for each item, the same for items that share values, directly or through others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_items = task.index.shape[0]
    item, column = np.nonzero(task.index != FIXED)
    place = task.index[item, column] + n_items
    size = n_items + task.n_free
    graph = coo_array((np.ones(item.size), (item, place)), shape=(size, size))
    return connected_components(graph, directed=False)[1][:n_items].astype(np.intp)


def _owner(task: Design, joined: IndexArray) -> IndexArray:
    """Return the number of the items to which each free value belongs."""
    owner = np.zeros(task.n_free, dtype=np.intp)
    item, column = np.nonzero(task.index != FIXED)
    owner[task.index[item, column]] = joined[item]
    return owner


def _objective(
    task: Design, free: FloatArray, expectation: Expectation, joined: IndexArray, owner: IndexArray
) -> FloatArray:
    """Return the expected complete-data log-likelihood with its priors, of items that share values."""
    total = np.bincount(joined, item_objectives(task, free, expectation))
    prior = np.bincount(owner, log_density(task.priors, free), minlength=total.size)
    return np.asarray(total + prior, dtype=np.float64)


def _step(task: Design, free: FloatArray, expectation: Expectation) -> FloatArray:
    """Return the Newton step of the M-step, (n_free,).

    Each item's own values form a small block; values that several items share border all blocks, and are
    solved first by their Schur complement.
    """
    slope, bend = item_derivatives(task, free, expectation, curvature=True)
    assert bend is not None
    shared = task.shared
    place = np.where(task.index == FIXED, 0, task.index)
    own = (task.index != FIXED) & ~shared[place]
    common = (task.index != FIXED) & shared[place]
    pull, curve = derivatives(task.priors, free)
    # Far above its centre a prior's curvature turns negative; the step only needs an ascent.
    curve = np.maximum(-curve, 0.0)
    rise = np.where(own, slope + pull[place], 0.0)
    block = np.where(own[:, :, None] & own[:, None], bend, 0.0)
    diagonal = np.einsum("jpp->jp", block)
    diagonal += np.where(own, curve[place], 1.0)
    inverse = _positive_inverse(block)
    by_item = np.einsum("jpr,jr->jp", inverse, rise)
    step = np.zeros(task.n_free)
    if common.any():
        border = np.where(own[:, :, None] & common[:, None], bend, 0.0)
        response = inverse @ border
        schur = (
            np.where(common[:, :, None] & common[:, None], bend, 0.0) - np.swapaxes(border, 1, 2) @ response
        )
        rest = slope - np.einsum("jpr,jp->jr", border, by_item)
        names = np.flatnonzero(shared)
        small = np.searchsorted(names, place)
        matrix = np.diag(curve[names])
        right = pull[names].copy()
        n, n_all = place.shape
        pairs = common[:, :, None] & common[:, None]
        rows = np.broadcast_to(small[:, :, None], (n, n_all, n_all))[pairs]
        columns = np.broadcast_to(small[:, None], (n, n_all, n_all))[pairs]
        np.add.at(matrix, (rows, columns), schur[pairs])
        np.add.at(right, small[common], rest[common])
        step[names] = _positive_inverse(matrix[None])[0] @ right
        shift = np.where(common, step[place], 0.0)
        by_item = by_item - np.einsum("jpr,jr->jp", response, shift)
    step[task.index[own]] = by_item[own]
    return step


def _positive_inverse(matrices: FloatArray) -> FloatArray:
    """Return the inverses with the eigenvalues made positive: an ascent where the objective curves upwards."""
    values, vectors = np.linalg.eigh(matrices)
    size = np.maximum(np.abs(values), 1e-8 * np.abs(values).max(axis=1, keepdims=True) + 1e-10)
    inverse: FloatArray = (vectors / size[:, None]) @ np.swapaxes(vectors, 1, 2)
    return inverse


def _newton_step(task: Design, state: State, observed: FloatArray) -> FloatArray:
    """Return observed^-1 gradient over the values that no bound holds.

    The value that would cross a bound first goes to it, and the others are solved again, given that: clipping it
    alone would leave the others a step that belongs to another point.
    """
    moving = (state.gradient != 0.0) | ((state.free > task.low) & (state.free < task.high))
    step = np.zeros(task.n_free)
    for _ in range(BOUND_PASSES):
        if not moving.any():
            break
        pull = state.gradient - observed[:, ~moving] @ step[~moving]
        step[moving] = _solved(observed[np.ix_(moving, moving)], pull[moving])
        room = np.where(step > 0, task.high - state.free, task.low - state.free)
        share = np.divide(room, step, out=np.full_like(step, np.inf), where=moving & (step != 0))
        if share.min(initial=np.inf) >= 1.0:
            break
        crossing = share <= share.min()
        step[crossing] = room[crossing]
        moving &= ~crossing
    longest = float(np.abs(step).max(initial=0.0))
    return step if longest <= LONGEST_STEP else step * (LONGEST_STEP / longest)


def _solved(matrix: FloatArray, pull: FloatArray) -> FloatArray:
    """Return matrix^-1 pull, with eigenvalues made positive where the objective curves upwards."""
    from scipy import linalg

    try:
        return np.asarray(linalg.cho_solve(linalg.cho_factor(matrix), pull), dtype=np.float64)
    except linalg.LinAlgError:
        if pull.size > TAKEN_APART:
            return pull / np.maximum(np.abs(np.diag(matrix)), 1e-3)
        return np.asarray(_positive_inverse(matrix[None])[0] @ pull, dtype=np.float64)
