"""Marginal maximum likelihood by EM (Bock & Aitkin 1981), accelerated by SQUAREM (Varadhan & Roland 2008)."""

from dataclasses import dataclass

import numpy as np

from qbank.irt.calibration.design import (
    FIXED,
    Design,
    Part,
    ability_values,
    add,
    gradient,
    held,
    item_values,
    log_prior,
    log_prior_derivatives,
    tables,
)
from qbank.irt.likelihood import Expectation, Expecting, expectation_of
from qbank.irt.models import FloatArray, Mask
from qbank.irt.priors import log_density
from qbank.irt.respondents import Respondents

NEWTON_STEPS = 3
HALVINGS = 4
LONGEST_STEP = 1.5
# A pinch of ridge keeps an item solvable that nobody in the sample answered: its step is zero.
RIDGE = 1e-8


@dataclass(frozen=True, slots=True)
class State:
    """A point of the ascent: free vector, E-step there, objective and gradient (bounds held)."""

    free: FloatArray
    expectation: Expectation
    objective: float
    gradient: FloatArray

    @property
    def gradient_norm(self) -> float:
        return float(np.abs(self.gradient).max(initial=0.0))


def expected(task: Design, persons: Respondents, free: FloatArray, chosen: Mask | None = None) -> Expectation:
    """Return the E-step at a free vector, of the chosen blocks if not of all."""
    return expectation_of(persons.sum(Expecting(task.first, *tables(task, free)), chosen))


def evaluate(task: Design, persons: Respondents, free: FloatArray) -> State:
    """Return the state at a free vector, clipped to the bounds; one E-step."""
    free = np.clip(free, task.low, task.high)
    expectation = expected(task, persons, free)
    slope = held(task, free, gradient(task, free, expectation))
    return State(free, expectation, expectation.log_likelihood + log_prior(task, free), slope)


def in_domain(task: Design, free: FloatArray) -> bool:
    """Return whether every item's values are in the domain of its model."""
    return all(part.model.valid(item_values(part, free)).all() for part in task.parts)


def squarem(task: Design, persons: Respondents, state: State) -> tuple[State, State]:
    """Return the states after one EM step and after one SQUAREM cycle; the objective falls in neither.

    With r = f1 - f0 and v = (f2 - f1) - r the cycle goes to f0 + 2 s r + s^2 v, s = |r| / |v| >= 1 (their
    scheme S3). A cycle that would end below the plain EM step, or outside a model's domain, gives way to the
    second EM step.
    """
    first = evaluate(task, persons, maximise(task, state.expectation, state.free))
    second = maximise(task, first.expectation, first.free)
    step = first.free - state.free
    bend = (second - first.free) - step
    size = float(np.linalg.norm(bend))
    length = max(1.0, float(np.linalg.norm(step)) / size) if size > 0 else 1.0
    if length > 1.0:
        ahead = np.clip(state.free + 2.0 * length * step + length**2 * bend, task.low, task.high)
        if in_domain(task, ahead):
            leap = evaluate(task, persons, ahead)
            if leap.objective >= first.objective:
                return first, leap
    return first, evaluate(task, persons, second)


def maximise(task: Design, expectation: Expectation, free: FloatArray) -> FloatArray:
    """Return a free vector with a higher expected complete-data log-likelihood: the M-step.

    Newton steps on all items at once (for models outside the exponential family, of Fisher scoring, which is
    always uphill); a few suffice: EM needs only an ascent (Dempster, Laird & Rubin 1977).
    """
    for _ in range(NEWTON_STEPS):
        free = _climb_items(task, expectation.counts, free)
    if task.ability.by_person:
        return _climb_regression(task, expectation, free)
    return _climb_ability(task, expectation.persons, free)


def _climb_items(task: Design, counts: FloatArray, free: FloatArray) -> FloatArray:
    """Return the free vector after one step of the items, halved where an item would fall."""
    if not any((part.index != FIXED).any() for part in task.parts):
        return free
    before = _item_objective(task, counts, free)
    step = np.clip(_item_step(task, counts, free), -LONGEST_STEP, LONGEST_STEP)
    for halving in range(HALVINGS + 1):
        candidate = np.clip(free + step, task.low, task.high)
        worse = ~(_item_objective(task, counts, candidate) >= before)
        if not worse.any():
            return candidate
        places = [part.index[worse[part.items]] for part in task.parts]
        falling = np.unique(np.concatenate([place[place != FIXED] for place in places]))
        step[falling] = step[falling] / 2.0 if halving < HALVINGS else 0.0
    return np.clip(free + step, task.low, task.high)


def _item_objective(task: Design, counts: FloatArray, free: FloatArray) -> FloatArray:
    """Return each item's part of the expected log-likelihood, (n_items,); items that share values have one sum."""
    parts = np.zeros(task.n_items)
    tied = np.zeros(task.n_items, dtype=bool)
    prior = log_density(task.priors, free) if task.priors else None
    for part in task.parts:
        values = item_values(part, free)
        found = np.einsum(
            "jkq,jkq->j", counts[part.rows], part.model.log_probability(values, task.nodes)
        )
        found[~part.model.valid(values)] = -np.inf
        if prior is not None:
            found += np.where(part.index != FIXED, _divided(prior, part, task)[part.index], 0.0).sum(axis=1)
        parts[part.items] = found
        tied[part.items] = part.shared.any(axis=1)
    if tied.any():
        parts[tied] = parts[tied].sum()
    return parts


def _divided(prior: FloatArray, part: Part, task: Design) -> FloatArray:
    """Return the log prior at each place, divided among the items that point to it."""
    if not part.shared.any():
        return prior
    users = np.ones(task.n_free)
    for other in task.parts:
        add(users, other.index, np.ones(other.index.shape))
    return prior / np.maximum(users - 1.0, 1.0)


def _item_step(task: Design, counts: FloatArray, free: FloatArray) -> FloatArray:
    """Return the step (n_free,), zero at the abilities.

    Each item's own values form a small block. Values that items share border all of them; they are solved
    first, by the Schur complement of the blocks.
    """
    prior_slope, prior_curvature = log_prior_derivatives(task, free)
    # Where a prior's log density curves upwards the step only needs an ascent.
    prior_curvature = np.maximum(prior_curvature, 0.0)
    step = np.zeros(task.n_free)
    border = np.unique(np.concatenate([part.index[part.shared] for part in task.parts]))
    number = np.zeros(task.n_free, dtype=np.intp)
    number[border] = np.arange(border.size)
    schur = np.diag(prior_curvature[border] + RIDGE)
    rise = prior_slope[border]
    solved = []
    for part in task.parts:
        values = item_values(part, free)
        persons = counts[part.rows]
        score = part.model.gradient(values, task.nodes)
        slope = np.einsum("jkq,jpkq->jp", persons, score)
        curvature = _curvature(part, values, task.nodes, persons, score)
        own = (part.index != FIXED) & ~part.shared
        block, pull = _own_blocks(part, own, slope, curvature, prior_slope, prior_curvature)
        if not border.size:
            step[part.index[own]] = np.linalg.solve(block, pull[:, :, None])[:, :, 0][own]
            continue
        across = np.where(own[:, :, None] & part.shared[:, None, :], curvature, 0.0)
        answer = np.linalg.solve(block, np.concatenate((pull[:, :, None], across), axis=2))
        by_item, response = answer[:, :, 0], answer[:, :, 1:]
        among = np.where(part.shared[:, :, None] & part.shared[:, None, :], curvature, 0.0)
        among -= across.swapaxes(1, 2) @ response
        gain = np.where(part.shared, slope, 0.0) - (across.swapaxes(1, 2) @ by_item[:, :, None])[:, :, 0]
        at = number[np.maximum(part.index, 0)]
        pairs = part.shared[:, :, None] & part.shared[:, None, :]
        rows, columns = np.broadcast_arrays(at[:, :, None], at[:, None, :])
        np.add.at(schur, (rows[pairs], columns[pairs]), among[pairs])
        np.add.at(rise, at[part.shared], gain[part.shared])
        solved.append((part, own, by_item, response))
    if border.size:
        step[border] = np.clip(np.linalg.solve(schur, rise), -LONGEST_STEP, LONGEST_STEP)
        for part, own, by_item, response in solved:
            shared = np.where(part.shared, step[np.maximum(part.index, 0)], 0.0)
            by_item = by_item - (response @ shared[:, :, None])[:, :, 0]
            step[part.index[own]] = by_item[own]
    return step


def _curvature(
    part: Part, values: FloatArray, nodes: FloatArray, persons: FloatArray, score: FloatArray
) -> FloatArray:
    """Return a positive semidefinite curvature (n_part, n_parameters, n_parameters) of the expected likelihood.

    In the linear models it is minus the Hessian; else its expectation, the sum of n P_k score score'.
    """
    if part.model.linear:
        return -part.model.hessian(values, nodes, persons)
    weight = np.exp(part.model.log_probability(values, nodes)) * persons.sum(axis=1, keepdims=True)
    half = (score * np.sqrt(weight)[:, None]).reshape(score.shape[0], score.shape[1], -1)
    curvature: FloatArray = half @ half.swapaxes(1, 2)
    return curvature


def _own_blocks(
    part: Part,
    own: Mask,
    slope: FloatArray,
    curvature: FloatArray,
    prior_slope: FloatArray,
    prior_curvature: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return curvature and gradient of the own values with the prior, and identity rows for the rest."""
    places = np.where(own, part.index, 0)
    diagonal = np.arange(slope.shape[1])
    pull = np.where(own, slope + prior_slope[places], 0.0)
    block = np.where(own[:, :, None] & own[:, None, :], curvature, 0.0)
    block[:, diagonal, diagonal] += np.where(own, prior_curvature[places] + RIDGE, 1.0)
    return block, pull


def _climb_ability(task: Design, persons: FloatArray, free: FloatArray) -> FloatArray:
    """Return the free vector after the M-step of each group's ability distribution."""
    values = ability_values(task, free)
    for group, places in enumerate(task.ability_index):
        moving = places != FIXED
        if moving.any():
            better = task.ability.climb(task.nodes, values[group], persons[group], moving)
            free = free.copy()
            free[places[moving]] = better[moving]
    return np.clip(free, task.low, task.high)


def _climb_regression(task: Design, expectation: Expectation, free: FloatArray) -> FloatArray:
    """Return the free vector after one step of Fisher scoring of the ability values and slopes of all groups."""
    places = np.unique(task.ability_index[task.ability_index != FIXED])
    if not places.size:
        return free
    pull, scoring = np.zeros(task.n_free), np.zeros((task.n_free, task.n_free))
    for own, index in zip(expectation.abilities, task.ability_index, strict=True):
        moving = index != FIXED
        at = index[moving]
        np.add.at(pull, at, own.gradient[moving])
        np.add.at(scoring, (at[:, None], at[None]), own.scoring[np.ix_(moving, moving)])
    block = scoring[np.ix_(places, places)] + RIDGE * np.eye(places.size)
    free = free.copy()
    free[places] += np.clip(np.linalg.solve(block, pull[places]), -0.5, 0.5)
    return np.clip(free, task.low, task.high)
