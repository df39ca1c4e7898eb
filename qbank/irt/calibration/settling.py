"""The last steps to the maximum, by Newton's method with a matrix that is there anyway.

The ascent ends where the gradient is small. Along a direction of which the answers tell little that leaves a way to
go, a different one wherever sums were added in another order. The observed information, which the errors need, gives
that way at no cost. Short enough, it is gone without looking again: what is left is of the order of its square. A
longer one is gone in steps with the same matrix, one E-step each, and the matrix is made again at their end.
"""

from dataclasses import dataclass, replace

import numpy as np

from qbank.irt.calibration.ascent import Ascent
from qbank.irt.calibration.design import Design, log_prior
from qbank.irt.calibration.em import State, evaluate, in_domain
from qbank.irt.calibration.errors import (
    WHOLE_INFORMATION,
    covariance,
    inner,
    inverse_information,
    moving_values,
)
from qbank.irt.calibration.information import is_exact
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.respondents import Respondents

# A longer way is no rest of an ascent: the objective has no maximum there, or is no parabola yet.
LONGEST = 0.1
# Steps with one matrix; each has to leave at most so much of the gradient.
MOST_STEPS = 12
LEFT = 0.5
# Here a step ends the search.
DONE = 1e-10
ROUNDS = 3
# How far from where the matrix was made the search may end, times the standard error there: so much do errors change
# with the place. With curves that bend more, little; of large samples a little more, which are near their maximum and
# whose matrix is dear.
LINEAR, BENT, BENT_LARGE = 2e-8, 1e-9, 3e-7


@dataclass(frozen=True, slots=True)
class Settled:
    """The ascent with its last steps, and the inverse information of the values that no bound holds, if it was made."""

    ascent: Ascent
    inverse: FloatArray | None


def settled(task: Design, persons: Respondents, ascent: Ascent, kind: str) -> Settled:
    """Return the maximum beside the end of an ascent, to about 1e-10 of each value.

    kind : of errors; where there are to be none, only the last matrix of the ascent is used, if it kept one
    An ascent that did not converge stays where it ended, and so does one of too many values for one matrix.
    """
    if not ascent.converged or not task.n_free or task.n_free > WHOLE_INFORMATION or task.ability.name == "histogram":
        return Settled(ascent, None)
    if ascent.information is not None:
        moving = moving_values(task, ascent.state.free)
        ascent = _stepped(task, persons, ascent, moving, covariance(inner(ascent.information, moving)))
    if kind == "none":
        return Settled(ascent, None)
    exact = kind != "cross-product" and all(is_exact(task, head) for head in persons.heads)
    linear = all(part.model.linear for part in task.parts)
    near = LINEAR if linear else BENT if persons.sample is None else BENT_LARGE
    for _ in range(ROUNDS):
        state = ascent.state
        moving = moving_values(task, state.free)
        inverse = inverse_information(task, persons, state.free, state.expectation, kind)
        error = np.sqrt(np.diagonal(inverse))
        step = inverse @ state.gradient[moving]
        if not step.size or not np.isfinite(step).all():
            break
        if exact and float(np.abs(step * error).max()) <= near and np.abs(step).max() <= np.sqrt(DONE):
            return Settled(_unseen(task, ascent, moving, step), inverse)
        ascent = _stepped(task, persons, ascent, moving, inverse)
        if float(np.abs((ascent.state.free - state.free)[moving] * error).max()) <= near:
            break
    return Settled(ascent, inverse)


def _stepped(
    task: Design, persons: Respondents, ascent: Ascent, moving: IndexArray, inverse: FloatArray
) -> Ascent:
    """Return the ascent after steps with one matrix, as long as the gradient falls."""
    states = [ascent.state]
    for _ in range(MOST_STEPS):
        here = states[-1]
        step = inverse @ here.gradient[moving]
        if not step.size or not DONE < np.abs(step).max() <= LONGEST:
            break
        free = _moved(here, moving, step)
        if ((free <= task.low) | (free >= task.high))[moving].any() or not in_domain(task, free):
            break
        ahead = evaluate(task, persons, free)
        if not ahead.gradient_norm <= LEFT * here.gradient_norm:
            break
        states.append(ahead)
    trace = (*ascent.trace, *(state.objective for state in states[1:]))
    return replace(ascent, state=states[-1], trace=trace)


def _unseen(task: Design, ascent: Ascent, moving: IndexArray, step: FloatArray) -> Ascent:
    """Return the ascent after a step that needs no E-step; the objective rises by half of step times gradient."""
    state = ascent.state
    free = _moved(state, moving, step)
    if ((free <= task.low) | (free >= task.high))[moving].any() or not in_domain(task, free):
        return ascent
    rise = 0.5 * float(step @ state.gradient[moving])
    by_prior = log_prior(task, free) - log_prior(task, state.free)
    expectation = replace(state.expectation, log_likelihood=state.expectation.log_likelihood + rise - by_prior)
    there = replace(state, free=free, expectation=expectation, objective=state.objective + rise)
    return replace(ascent, state=there, trace=(*ascent.trace[:-1], there.objective))


def _moved(state: State, moving: IndexArray, step: FloatArray) -> FloatArray:
    free = state.free.copy()
    free[moving] += step
    return free
