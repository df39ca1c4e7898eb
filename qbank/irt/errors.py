"""The observed information, exactly, from analytic derivatives (Louis 1982, eq. 3.2), and what follows from it.

    information = E[complete-data information] - sum over persons of Cov(complete-data score)

given the answers. In the partial-credit family (rasch, 1pl, 2pl and their polytomous kin) a person's complete-data
score at a node is `answer * node + f(node)` for the slope and `constant + f(node)` for everything else, f being the
gradient of log P_0 and the same for everybody. So the covariances of all pairs of items need only three products of
the size of an E-step per form, and a thousand items cost no more than their forms do.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from qbank.irt.design import (
    FIXED,
    Design,
    ability_score,
    ability_statistic,
    expand,
    log_prior_derivatives,
)
from qbank.irt.likelihood import Block, Chunk, Expectation, expect, log_normal_weights, posteriors
from qbank.irt.models import FloatArray

# Persons who share no form have every pair of items to themselves. Above this many operations their information
# is the sum of the outer products of their scores (Berndt, Hall, Hall & Hausman 1974), and the settings say so.
MASKED_OPERATIONS = 4e11


def observed_information(
    task: Design, blocks: Sequence[Block], free: FloatArray, expectation: Expectation
) -> FloatArray:
    """Return minus the Hessian of the objective by the free values, (n_free, n_free).

    expectation : of the E-step at `free`. Cost: about one and a half E-steps, and n_items^2 per person of a form.
    """
    values, ability = expand(task, free)
    log_probability = task.model.log_probability(values, task.nodes)
    log_weights = log_normal_weights(task.nodes, ability[:, 0], np.exp(ability[:, 1]))
    score = task.model.gradient(values, task.nodes)
    n_items, n_parameters = values.shape
    exact = [block for block in blocks if is_exact(block, task.nodes.size)]
    if len(exact) < len(blocks):
        expectation = expect(exact, log_probability, log_weights)
    # One row for every item value and group value, fixed ones too; they are folded to the free ones at the end.
    whole = _complete_information(task, values, ability, log_weights, expectation)
    for block in blocks:
        group_score = ability_score(task.nodes, log_weights[block.group], ability[block.group])
        f = np.concatenate((score[block.items, :, 0].reshape(-1, task.nodes.size), group_score))
        rows = (block.items[:, None] * n_parameters + np.arange(n_parameters)).ravel()
        rows = np.concatenate((rows, n_items * n_parameters + 2 * block.group + np.arange(2)))
        chunks = posteriors(block, log_probability, log_weights[block.group])
        if block.seen is None:
            part = -_missing(chunks, f, task.nodes, n_parameters)
        elif is_exact(block, task.nodes.size):
            part = -_missing_masked(chunks, f, task.nodes, n_parameters)
        else:
            part = _outer_products(chunks, score[block.items], group_score)
        whole[np.ix_(rows, rows)] += part
    return _folded(task, whole) + np.diag(log_prior_derivatives(task, free)[1])


def is_exact(block: Block, n_nodes: int) -> bool:
    """Return whether the information of this block is the observed one, and not outer products."""
    return block.seen is None or 4.0 * block.persons.size * block.items.size**2 * n_nodes <= MASKED_OPERATIONS


def covariance(information: FloatArray) -> FloatArray:
    """Return the inverse of an information matrix, all NaN when it is not positive definite.

    A matrix that is singular up to rounding (a model that the data do not identify) counts as not positive definite.
    """
    unknown = np.full(information.shape, np.nan)
    diagonal = np.diag(information)
    if not np.isfinite(information).all() or (diagonal <= 0.0).any():
        return unknown
    scale = np.sqrt(diagonal)
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values.size and values[0] <= 1e-9 * values[-1]:
        return unknown
    inverse: FloatArray = (vectors / values) @ vectors.T / np.outer(scale, scale)
    return inverse


def _complete_information(
    task: Design, values: FloatArray, ability: FloatArray, log_weights: FloatArray, expectation: Expectation
) -> FloatArray:
    """Return minus the expected complete-data Hessian, block-diagonal by item and by group."""
    n_items, n_parameters = values.shape
    whole = np.zeros((n_items * n_parameters + 2 * ability.shape[0],) * 2)
    by_item = -np.einsum("jkq,jprkq->jpr", expectation.counts, task.model.hessian(values, task.nodes))
    rows = np.arange(n_items * n_parameters).reshape(n_items, n_parameters)
    whole[rows[:, :, None], rows[:, None, :]] = by_item
    for group in range(ability.shape[0]):
        low = n_items * n_parameters + 2 * group
        whole[low : low + 2, low : low + 2] = _ability_information(
            task.nodes, log_weights[group], ability[group], expectation.persons[group]
        )
    return whole


def _ability_information(
    nodes: FloatArray, log_weights: FloatArray, ability: FloatArray, persons: FloatArray
) -> FloatArray:
    """Return minus the Hessian of sum persons log w by (mean, log sd), (2, 2).

    log w = h - log sum exp h, so its Hessian is h'' - E_w h'' - Cov_w(h'), with h' the statistic t.
    """
    statistic, weights = ability_statistic(nodes, ability), np.exp(log_weights)
    flat = np.full(nodes.size, -np.exp(-2.0 * ability[1]))
    second = np.stack((flat, -2.0 * statistic[0], -2.0 * statistic[0], -2.0 * statistic[1])).reshape(2, 2, -1)
    centred = statistic - (statistic @ weights)[:, None]
    expected: FloatArray = persons.sum() * (second @ weights + (centred * weights) @ centred.T)
    return expected - second @ persons


def _missing(chunks: Iterable[Chunk], f: FloatArray, nodes: FloatArray, n_parameters: int) -> FloatArray:
    """Return the summed posterior covariances of the scores of a block in which all is seen, (n_rows, n_rows).

    f : (n_rows, n_nodes), rows of the items' values and then the group's. A score is u theta + f(theta) with
    u = (answers, 0, ...): its covariance is u u' Var(theta) + u Cov(theta, f)' + Cov(f, theta) u' + Cov(f, f),
    and only u and the posterior depend on the person.
    """
    n_nodes = nodes.size
    n_slopes = (f.shape[0] - 2) // n_parameters
    squares = np.zeros((n_slopes, n_slopes))
    cross = np.zeros((n_slopes, n_nodes))
    pairs = np.zeros((n_nodes, n_nodes))
    for chunk in chunks:
        answers, posterior = _answers(chunk), chunk.posterior
        mean = posterior @ nodes
        variance = np.maximum(posterior @ nodes**2 - mean**2, 0.0)
        spread = answers * np.sqrt(chunk.weights * variance)[:, None]
        squares += spread.T @ spread
        cross += answers.T @ (posterior * (nodes - mean[:, None]) * chunk.weights[:, None])
        root = posterior * np.sqrt(chunk.weights)[:, None]
        pairs[np.diag_indices(n_nodes)] += chunk.weights @ posterior
        pairs -= root.T @ root
    missing = f @ pairs @ f.T
    slope = np.arange(n_slopes) * n_parameters
    with_f = cross @ f.T
    missing[slope] += with_f
    missing[:, slope] += with_f.T
    missing[np.ix_(slope, slope)] += squares
    return missing


def _missing_masked(
    chunks: Iterable[Chunk], f: FloatArray, nodes: FloatArray, n_parameters: int
) -> FloatArray:
    """Return the same as _missing for a block with a mask, where f counts only if the item was seen."""
    total = np.zeros((f.shape[0], f.shape[0]))
    for chunk in chunks:
        answers, mask = _answers(chunk), _row_mask(chunk, n_parameters)
        for node in range(nodes.size):
            score = mask * f[:, node]
            score[:, :-2:n_parameters] += answers * nodes[node]
            score *= np.sqrt(chunk.weights * chunk.posterior[:, node])[:, None]
            total += score.T @ score
        mean = mask * (chunk.posterior @ f.T)
        mean[:, :-2:n_parameters] += answers * (chunk.posterior @ nodes)[:, None]
        mean *= np.sqrt(chunk.weights)[:, None]
        total -= mean.T @ mean
    return total


def _outer_products(chunks: Iterable[Chunk], score: FloatArray, group_score: FloatArray) -> FloatArray:
    """Return the sum over persons of s s', s the posterior mean of the person's score; any model.

    score : (n_block_items, n_parameters, n_categories, n_nodes);  group_score : (2, n_nodes).
    """
    n_items, n_parameters, _, n_nodes = score.shape
    n_rows = n_items * n_parameters + 2
    total = np.zeros((n_rows, n_rows))
    for chunk in chunks:
        mean = np.empty((chunk.posterior.shape[0], n_rows))
        mean[:, :-2] = _row_mask(chunk, n_parameters)[:, :-2]
        mean[:, :-2] *= chunk.posterior @ score[:, :, 0].reshape(-1, n_nodes).T
        mean[:, -2:] = chunk.posterior @ group_score.T
        for category, indicator in enumerate(chunk.indicators, start=1):
            more = (score[:, :, category] - score[:, :, 0]).reshape(-1, n_nodes)
            mean[:, :-2] += np.repeat(indicator, n_parameters, axis=1) * (chunk.posterior @ more.T)
        mean *= np.sqrt(chunk.weights)[:, None]
        total += mean.T @ mean
    return total


def _answers(chunk: Chunk) -> FloatArray:
    """Return the answers as category numbers, (n_persons, n_block_items)."""
    answers = chunk.indicators[0]
    for category, indicator in enumerate(chunk.indicators[1:], start=2):
        answers = answers + category * indicator
    return answers


def _row_mask(chunk: Chunk, n_parameters: int) -> FloatArray:
    """Return 1 for each row of f that a person's answers depend on, (n_persons, n_rows)."""
    assert chunk.seen is not None
    return np.column_stack(
        (np.repeat(chunk.seen, n_parameters, axis=1), np.ones((chunk.seen.shape[0], 2)))
    )


def _folded(task: Design, whole: FloatArray) -> FloatArray:
    """Return the rows and columns of the free values; those of a common slope add up."""
    index = np.concatenate((task.item_index.ravel(), task.ability_index.ravel()))
    rows = np.flatnonzero(index != FIXED)
    places = index[rows]
    if rows.size == task.n_free:
        information = np.empty((task.n_free, task.n_free))
        information[np.ix_(places, places)] = whole[np.ix_(rows, rows)]
        return information
    half = np.zeros((task.n_free, whole.shape[0]))
    np.add.at(half, places, whole[rows])
    information = np.zeros((task.n_free, task.n_free))
    np.add.at(information, places, half.T[rows])
    return information
