"""The way to the maximum: accelerated EM until Newton's method can take over, then Newton's method.

On small samples Newton steps use the exact observed information, the matrix that the standard errors need anyway.
On large ones every n-th person gives a start by EM, and an information matrix good enough that steps with it, mended
by the last gradients (limited-memory BFGS; Nocedal 1980), reach the maximum of the whole sample.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qbank.irt.calibration.design import Design, log_prior_derivatives, start
from qbank.irt.calibration.em import State, evaluate, in_domain, squarem
from qbank.irt.calibration.errors import WHOLE_INFORMATION
from qbank.irt.calibration.information import observed_information
from qbank.irt.models import FloatArray
from qbank.irt.respondents import Respondents

LONGEST_STEP = 2.0
STEP_LENGTHS = (1.0, 0.5, 0.25, 0.1, 0.03, 0.01)
BOUND_PASSES = 10
# Above this many values an information that is not positive definite is left to EM.
SMALL = 500
# An EM cycle that gains less than this per person is near enough for Newton.
NEAR = 1e-3
# Two sums of the same log-likelihoods differ by about this much of their size.
ROUNDING = 1e-13
# A step that leaves more than this of the gradient of PATIENCE steps before wants a better information matrix.
SLOW = 0.3
PATIENCE = 4
HISTOGRAM_RIDGE = 1e-2
RIDGED_VALUES = 1500
# Steps and changes of the gradient that mend the information of a sample.
MEMORY = 12

Direction = Callable[[State], FloatArray | None]


@dataclass(frozen=True, slots=True)
class Ascent:
    """Where the ascent ended, the objective at each accepted step, and whether the criterion is met.

    information : the last observed information on the way, if it is dear beside an E-step and was made of all persons
    """

    state: State
    trace: tuple[float, ...]
    converged: bool
    information: FloatArray | None = None


def ascend(task: Design, persons: Respondents, *, tolerance: float, max_iterations: int) -> Ascent:
    """Return the maximum of the objective.

    tolerance : for the largest absolute derivative, times sqrt(n_persons), because standard errors shrink
        with it.
    max_iterations : of EM cycles and Newton steps together.
    """
    free = start(task)
    weight = float(sum(head.n_persons for head in persons.heads))
    goal = tolerance * float(np.sqrt(max(1.0, weight)))
    sample = persons.sample
    if sample is not None:
        free = _sampled(task, sample, free, max_iterations)
    states = [evaluate(task, persons, free)]
    whole = task.n_free <= WHOLE_INFORMATION and task.ability.name != "histogram"
    # A histogram of ability can move and stretch with the items at nearly no cost: Newton needs a ridge.
    ridged = task.ability.name == "histogram" and task.n_free <= RIDGED_VALUES
    linear = all(part.model.linear for part in task.parts)
    gain = (NEAR if linear else NEAR / 20.0) * weight if whole or ridged else 0.0
    made: list[FloatArray] = []
    while states[-1].gradient_norm > goal and len(states) <= max_iterations:
        before = states[-1].objective
        left = max_iterations + 1 - len(states)
        if not (sample is not None and whole and linear and len(states) == 1):
            states += _climb(task, persons, states[-1], gain=gain, goal=goal, max_steps=min(20, left))
        for some in (sample, persons) if whole and sample is not None else ():
            if states[-1].gradient_norm > goal:
                direction = _mended(task, some, states[-1])
                states += _newton(task, persons, states[-1], direction, goal=goal, max_steps=left)
        if (whole or ridged) and states[-1].gradient_norm > goal:
            direction = _exact(task, persons, HISTOGRAM_RIDGE if ridged else 0.0, made)
            states += _newton(task, persons, states[-1], direction, goal=goal, max_steps=left)
        if len(states) > 1 and states[-1].objective - before <= ROUNDING * abs(before):
            break
        gain /= 10.0
    trace = tuple(state.objective for state in states)
    kept = made[-1] if made and whole and not linear else None
    return Ascent(states[-1], trace, states[-1].gradient_norm <= goal, kept)


def _sampled(task: Design, sample: Respondents, free: FloatArray, max_iterations: int) -> FloatArray:
    """Return the free vector after a rough ascent on a sample."""
    states = [evaluate(task, sample, free)]
    weight = float(sum(head.n_persons for head in sample.heads))
    states += _climb(task, sample, states[-1], gain=0.2 * NEAR * weight, goal=0.0, max_steps=max_iterations)
    return states[-1].free


def _climb(
    task: Design, persons: Respondents, state: State, *, gain: float, goal: float, max_steps: int
) -> list[State]:
    """Return the states of accelerated EM, until a cycle gains less than `gain` or the gradient is small."""
    states = [state]
    while len(states) <= max_steps and states[-1].gradient_norm > goal:
        before = states[-1].objective
        states.extend(squarem(task, persons, states[-1]))
        if states[-1].objective - before <= max(gain, ROUNDING * abs(before)):
            break
    return states[1:]


def _exact(task: Design, persons: Respondents, ridge: float, made: list[FloatArray]) -> Direction:
    """Return the direction of Newton's method with the observed information and a ridge; made : gets the last one."""

    def direction(here: State) -> FloatArray | None:
        information = observed_information(task, persons, here.free, here.expectation)
        information[np.diag_indices_from(information)] += ridge
        made[:] = [information]
        return _newton_step(task, here, information)

    return direction


def _mended(task: Design, sample: Respondents, state: State) -> Direction:
    """Return the direction of Newton's method with the information of a sample, mended by the gradients on the way.

    The two-loop recursion of limited-memory BFGS; where a bound holds a value, the sample's information alone.
    """
    plain = replace(task, priors=())
    there = evaluate(plain, sample, state.free)
    share = float(state.expectation.persons.sum()) / max(1.0, float(there.expectation.persons.sum()))
    information = observed_information(plain, sample, state.free, there.expectation)
    information *= share
    information[np.diag_indices_from(information)] += log_prior_derivatives(task, state.free)[1]
    solve = _solver(information)
    pairs: deque[tuple[FloatArray, FloatArray]] = deque(maxlen=MEMORY)
    last: list[State] = []

    def direction(here: State) -> FloatArray | None:
        if last:
            step, change = here.free - last[0].free, last[0].gradient - here.gradient
            if step @ change > 0:
                pairs.append((step, change))
        last[:] = [here]
        if ((here.free <= task.low) | (here.free >= task.high)).any():
            pairs.clear()
        pull, shares = here.gradient.copy(), []
        for step, change in reversed(pairs):
            shares.append(float(step @ pull) / float(step @ change))
            pull -= shares[-1] * change
        if solve is not None and not ((here.free <= task.low) | (here.free >= task.high)).any():
            found: FloatArray | None = _shortened(solve(pull))
        else:
            found = _newton_step(task, replace(here, gradient=pull), information)
        if found is None:
            return None
        for (step, change), part in zip(pairs, reversed(shares), strict=True):
            found = found + step * (part - float(change @ found) / float(step @ change))
        return found

    return direction


def _newton(
    task: Design,
    persons: Respondents,
    state: State,
    direction: Direction,
    *,
    goal: float,
    max_steps: int,
) -> list[State]:
    """Return the states of Newton's method along a direction, none where it does not ascend."""
    states = [state]
    while len(states) <= max_steps and states[-1].gradient_norm > goal:
        here = states[-1]
        step = direction(here)
        ahead = None if step is None else _along(task, persons, here, step)
        if ahead is None:
            break
        states.append(ahead)
        if len(states) > PATIENCE and ahead.gradient_norm > SLOW * states[-1 - PATIENCE].gradient_norm:
            break
        if (
            ahead.gradient_norm > 0.5 * here.gradient_norm
            and ahead.objective - here.objective < ROUNDING * abs(here.objective)
        ):
            break
    return states[1:]


def _newton_step(task: Design, state: State, information: FloatArray) -> FloatArray | None:
    """Return information^-1 gradient over the values that no bound holds, or None if there is no such ascent.

    The value that would cross a bound first goes to it, and the others are solved again, given that: clipping it
    alone would leave the others a step that belongs to another point.
    """
    moving = (state.gradient != 0.0) | ((state.free > task.low) & (state.free < task.high))
    step = np.zeros_like(state.free)
    for _ in range(BOUND_PASSES):
        pull = state.gradient - information[:, ~moving] @ step[~moving]
        solved = _solved(information[np.ix_(moving, moving)], pull[moving])
        if solved is None:
            return None
        step[moving] = solved
        room = np.where(step > 0, task.high - state.free, task.low - state.free)
        share = np.divide(room, step, out=np.full_like(step, np.inf), where=moving & (step != 0))
        if share.min(initial=np.inf) >= 1.0:
            break
        crossing = share <= share.min()
        step[crossing] = room[crossing]
        moving &= ~crossing
        if not moving.any():
            break
    return _shortened(step)


def _shortened(step: FloatArray) -> FloatArray:
    longest = float(np.abs(step).max(initial=0.0))
    return step if longest <= LONGEST_STEP else step * (LONGEST_STEP / longest)


def _solver(information: FloatArray) -> Callable[[FloatArray], FloatArray] | None:
    """Return the function that solves with a positive definite matrix, or None where it is not."""
    from scipy import linalg

    try:
        factor = linalg.cho_factor(information)
    except linalg.LinAlgError:
        return None
    return lambda pull: np.asarray(linalg.cho_solve(factor, pull), dtype=np.float64)


def _solved(information: FloatArray, pull: FloatArray) -> FloatArray | None:
    """Return information^-1 pull, with eigenvalues made positive where the objective curves upwards.

    On a ridge (odd data, too few of them) that is still an ascent, and it leaves the ridge along its length.
    """
    solve = _solver(information)
    if solve is not None:
        return solve(pull)
    if pull.size > SMALL:
        return None
    values, vectors = np.linalg.eigh(information)
    size = np.maximum(np.abs(values), 1e-6 * np.abs(values).max(initial=1e-6))
    step: FloatArray = vectors @ ((vectors.T @ pull) / size)
    return step


def _along(task: Design, persons: Respondents, state: State, step: FloatArray) -> State | None:
    """Return the first of the states at shares of a step that is not lower, or None."""
    for length in STEP_LENGTHS:
        if not in_domain(task, np.clip(state.free + length * step, task.low, task.high)):
            continue
        ahead = evaluate(task, persons, state.free + length * step)
        if ahead.objective >= state.objective - ROUNDING * abs(state.objective):
            return ahead
    return None
