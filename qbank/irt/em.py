"""Marginal maximum likelihood by EM (Bock & Aitkin 1981), accelerated by SQUAREM (Varadhan & Roland 2008)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.design import (
    FIXED,
    Design,
    ability_statistic,
    expand,
    gradient,
    held,
    log_prior,
    log_prior_derivatives,
    tables,
)
from qbank.irt.likelihood import Block, Expectation, expect, log_normal_weights
from qbank.irt.models import FloatArray, Mask

NEWTON_STEPS = 3
HALVINGS = 4


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


def evaluate(task: Design, blocks: Sequence[Block], free: FloatArray) -> State:
    """Return the state at a free vector, clipped to the bounds; one E-step."""
    free = np.clip(free, task.low, task.high)
    expectation = expect(blocks, *tables(task, free))
    slope = held(task, free, gradient(task, free, expectation))
    return State(free, expectation, expectation.log_likelihood + log_prior(task, free), slope)


def squarem(task: Design, blocks: Sequence[Block], state: State) -> tuple[State, State]:
    """Return the states after one EM step and after one SQUAREM cycle; the objective falls in neither.

    With r = f1 - f0 and v = (f2 - f1) - r the cycle goes to f0 + 2 s r + s^2 v, s = |r| / |v| >= 1 (their
    scheme S3). A cycle that would end below the plain EM step gives way to the second EM step.
    """
    first = evaluate(task, blocks, maximise(task, state.expectation, state.free))
    second = maximise(task, first.expectation, first.free)
    step = first.free - state.free
    bend = (second - first.free) - step
    size = float(np.linalg.norm(bend))
    length = max(1.0, float(np.linalg.norm(step)) / size) if size > 0 else 1.0
    if length > 1.0:
        leap = evaluate(task, blocks, state.free + 2.0 * length * step + length**2 * bend)
        if leap.objective >= first.objective:
            return first, leap
    return first, evaluate(task, blocks, second)


def maximise(task: Design, expectation: Expectation, free: FloatArray) -> FloatArray:
    """Return a free vector with a higher expected complete-data log-likelihood: the M-step.

    Newton steps on all items at once; a few suffice: EM needs only an ascent (Dempster, Laird & Rubin 1977).
    """
    for _ in range(NEWTON_STEPS):
        free = _climb_items(task, expectation.counts, free)
    return _climb_ability(task, expectation.persons, free)


def _climb_items(task: Design, counts: FloatArray, free: FloatArray) -> FloatArray:
    """Return the free vector after one Newton step of the items, halved where an item would fall."""
    if not (task.item_index != FIXED).any():
        return free
    before = _item_objective(task, counts, free)
    step = np.clip(_item_step(task, counts, free), -1.5, 1.5)
    for _ in range(HALVINGS):
        candidate = np.clip(free + step, task.low, task.high)
        worse = _item_objective(task, counts, candidate) < before
        if not worse.any():
            return candidate
        places = task.item_index[worse]
        step[np.unique(places[places != FIXED])] /= 2.0
    step[np.unique(places[places != FIXED])] = 0.0
    return np.clip(free + step, task.low, task.high)


def _item_objective(task: Design, counts: FloatArray, free: FloatArray) -> FloatArray:
    """Return each item's part of the expected log-likelihood, (n_items,); tied items share one sum."""
    values, _ = expand(task, free)
    parts: FloatArray = np.einsum("jkq,jkq->j", counts, task.model.log_probability(values, task.nodes))
    slope = task.item_index[:, 0]
    if task.prior_log_a is not None:
        mean, sd = task.prior_log_a
        moving = slope != FIXED
        share = np.bincount(slope[moving], minlength=task.n_free)[slope[moving]]
        parts[moving] -= 0.5 * ((np.log(free[slope[moving]]) - mean) / sd) ** 2 / share
    tied = _tied(task)
    if tied.any():
        parts[tied] = parts[tied].sum()
    return parts


def _tied(task: Design) -> Mask:
    """Return a mask (n_items,) of the items whose slope is common with others."""
    slope = task.item_index[:, 0]
    moving = slope != FIXED
    users = np.bincount(slope[moving], minlength=max(1, task.n_free))
    tied: Mask = moving & (users[np.maximum(slope, 0)] > 1)
    return tied


def _item_step(task: Design, counts: FloatArray, free: FloatArray) -> FloatArray:
    """Return the Newton step (n_free,), zero at the abilities.

    Each item's own values form a small block; a common slope borders all of them and is solved first, by its
    Schur complement.
    """
    values, _ = expand(task, free)
    slope = np.einsum("jkq,jpkq->jp", counts, task.model.gradient(values, task.nodes))
    curvature = -np.einsum("jkq,jprkq->jpr", counts, task.model.hessian(values, task.nodes))
    prior_slope, prior_curvature = log_prior_derivatives(task, free)
    # Far above the prior's mean its curvature turns negative; the step only needs an ascent.
    prior_curvature = np.maximum(prior_curvature, 0.0)
    tied, moving = _tied(task), task.item_index != FIXED
    own = moving & ~np.column_stack((tied, np.zeros((tied.size, values.shape[1] - 1), dtype=bool)))
    border = np.where(own, curvature[:, :, 0], 0.0)
    total = slope[tied, 0].sum(), curvature[tied, 0, 0].sum()
    slope, curvature = _own_blocks(task, own, slope, curvature, prior_slope, prior_curvature)
    step = np.zeros(task.n_free)
    by_item = np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
    if tied.any():
        place = task.item_index[tied, 0][0]
        response = np.linalg.solve(curvature[tied], border[tied][:, :, None])[:, :, 0]
        schur = total[1] + prior_curvature[place] - float((border[tied] * response).sum())
        rise = total[0] + prior_slope[place] - float((border[tied] * by_item[tied]).sum())
        step[place] = rise / max(schur, 1e-8)
        by_item[tied] -= np.clip(step[place], -1.5, 1.5) * response
    step[task.item_index[own]] = by_item[own]
    return step


def _own_blocks(
    task: Design,
    own: Mask,
    slope: FloatArray,
    curvature: FloatArray,
    prior_slope: FloatArray,
    prior_curvature: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return gradient and curvature of the own values with the prior, and identity rows for the rest."""
    places = np.where(own, task.item_index, 0)
    n_parameters = slope.shape[1]
    diagonal = np.arange(n_parameters)
    slope = np.where(own, slope + prior_slope[places], 0.0)
    curvature = np.where(own[:, :, None] & own[:, None, :], curvature, 0.0)
    # A pinch of ridge keeps an item solvable that nobody in the sample answered: its step is zero.
    curvature[:, diagonal, diagonal] += np.where(own, prior_curvature[places] + 1e-8, 1.0)
    return slope, curvature


def _climb_ability(task: Design, persons: FloatArray, free: FloatArray) -> FloatArray:
    """Return the free vector after the M-step of each group's ability mean and log sd, by Fisher scoring."""
    for group, places in enumerate(task.ability_index):
        moving = places != FIXED
        if moving.any():
            for _ in range(NEWTON_STEPS):
                free = _climb_group(task, persons[group], free, group)
    return free


def _climb_group(task: Design, persons: FloatArray, free: FloatArray, group: int) -> FloatArray:
    places = task.ability_index[group]
    moving = places != FIXED
    ability = expand(task, free)[1][group]
    log_weights = log_normal_weights(task.nodes, ability[0], np.exp(ability[1]))
    weights, statistic = np.exp(log_weights), ability_statistic(task.nodes, ability)
    centred = (statistic - (statistic @ weights)[:, None])[moving]
    information = persons.sum() * (centred * weights) @ centred.T + 1e-8 * np.eye(int(moving.sum()))
    step = np.clip(np.linalg.solve(information, centred @ persons), -0.5, 0.5)
    before = float(persons @ log_weights)
    for _ in range(HALVINGS):
        candidate = free.copy()
        candidate[places[moving]] += step
        candidate = np.clip(candidate, task.low, task.high)
        moved = expand(task, candidate)[1][group]
        if persons @ log_normal_weights(task.nodes, moved[0], np.exp(moved[1])) >= before:
            return candidate
        step = step / 2.0
    return free
