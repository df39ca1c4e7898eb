"""The observed information, exactly, from analytic derivatives (Louis 1982, eq. 3.2), and its inverse.

    information = E[complete-data information] - sum over persons of Cov(complete-data score)

given the answers. In the partial-credit family (rasch, 1pl, 2pl and their polytomous kin) a person's
complete-data score at a node is `answer * node + f(node)` for the slope and `constant + f(node)` for
everything else, f being the gradient of log P_0 and the same for everybody. So the covariances of all pairs
of items need only three products of the size of an E-step per form, and a thousand items cost no more than
their forms do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

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
from qbank.irt.models import FloatArray, IndexArray

# Persons who share no form have every pair of items to themselves. Above this many operations their
# information is the sum of the outer products of their scores (Berndt, Hall, Hall & Hausman 1974), and the
# settings say so.
MASKED_OPERATIONS = 4e11
# Up to here the information matrix is made and inverted whole (4,000 free values: 128 MB and some seconds).
WHOLE_INFORMATION = 4000
BATCH = 500


def observed_information(
    task: Design, blocks: Sequence[Block], free: FloatArray, expectation: Expectation
) -> FloatArray:
    """Return minus the Hessian of the objective by the free values, (n_free, n_free).

    expectation : of the E-step at `free`.
    Cost: one and a half E-steps, and n_items^2 for each person of a form.
    """
    values, ability = expand(task, free)
    log_probability = task.model.log_probability(values, task.nodes)
    log_weights = log_normal_weights(task.nodes, ability[:, 0], np.exp(ability[:, 1]))
    score = task.model.gradient(values, task.nodes)
    n_items, n_parameters = values.shape
    exact = [block for block in blocks if is_exact(block, task.nodes.size)]
    if len(exact) < len(blocks):
        expectation = expect(exact, log_probability, log_weights)
    # One row for each value of the items that have a free one, and for each group value; the last step drops
    # the fixed.
    items = np.flatnonzero((task.item_index != FIXED).any(axis=1))
    place = np.full(n_items, FIXED)
    place[items] = np.arange(items.size)
    whole = _complete_information(task, free, items, log_weights, expectation)
    for block in blocks:
        pick = np.flatnonzero(place[block.items] != FIXED)
        group_score = ability_score(task.nodes, log_weights[block.group], ability[block.group])
        own = score[block.items[pick]]
        f = np.concatenate((own[:, :, 0].reshape(pick.size * n_parameters, task.nodes.size), group_score))
        rows = (place[block.items[pick], None] * n_parameters + np.arange(n_parameters)).ravel()
        rows = np.concatenate((rows, items.size * n_parameters + 2 * block.group + np.arange(2)))
        chunks = posteriors(block, log_probability, log_weights[block.group])
        if block.seen is None:
            part = -_missing(chunks, f, task.nodes, pick)
        elif is_exact(block, task.nodes.size):
            part = -_missing_masked(chunks, f, task.nodes, pick)
        else:
            part = _outer_products(chunks, own, group_score, pick)
        whole[np.ix_(rows, rows)] += part
    return _folded(task, whole, items) + np.diag(log_prior_derivatives(task, free)[1])


def is_exact(block: Block, n_nodes: int) -> bool:
    """Return whether the information of this block is the observed one, and not outer products."""
    return block.seen is None or 4.0 * block.persons.size * block.items.size**2 * n_nodes <= MASKED_OPERATIONS


def sampling_covariance(
    task: Design, blocks: Sequence[Block], free: FloatArray, expectation: Expectation
) -> tuple[FloatArray, FloatArray]:
    """Return the covariances of each item's values, (n_items, n_parameters, n_parameters), and of each
    group's ability mean and log sd, (n_groups, 2, 2): 0 where fixed, NaN where unknown.

    They are blocks of the inverse of the whole observed information. Above WHOLE_INFORMATION free values the
    items are taken in batches of BATCH, the others held at their estimates, which leaves the errors slightly
    too small.
    """
    if task.n_free <= WHOLE_INFORMATION:
        return _covariance_blocks(task, blocks, free, expectation)
    n_items, n_parameters = task.item_values.shape
    by_item = np.zeros((n_items, n_parameters, n_parameters))
    for low in range(0, n_items, BATCH):
        batch = np.arange(low, min(low + BATCH, n_items))
        places, part = _restricted(task, free, batch)
        own, by_group = _covariance_blocks(part, blocks, free[places], expectation)
        by_item[batch] = own[batch]
    return by_item, by_group


def _covariance_blocks(
    task: Design, blocks: Sequence[Block], free: FloatArray, expectation: Expectation
) -> tuple[FloatArray, FloatArray]:
    """Return the blocks of one inverse; values that a bound holds are fixed there and have no error."""
    information = observed_information(task, blocks, free, expectation)
    moving = np.flatnonzero((free > task.low) & (free < task.high))
    whole = np.full((task.n_free + 1,) * 2, np.nan)
    whole[np.ix_(moving, moving)] = covariance(information[np.ix_(moving, moving)])
    # The last row stands for everything that is fixed: FIXED is -1, its index.
    whole[FIXED, :] = whole[:, FIXED] = 0.0
    by_item, by_group = (
        whole[index[:, :, None], index[:, None, :]] for index in (task.item_index, task.ability_index)
    )
    return by_item, by_group


def _restricted(task: Design, free: FloatArray, items: IndexArray) -> tuple[IndexArray, Design]:
    """Return the places of some items and all groups in the free vector, and a design of only those."""
    item_index = np.full_like(task.item_index, FIXED)
    item_index[items] = task.item_index[items]
    places = np.setdiff1d(np.concatenate((item_index.ravel(), task.ability_index.ravel())), [FIXED])
    number = np.full(task.n_free + 1, FIXED)
    number[places] = np.arange(places.size)
    values, ability = expand(task, free)
    return places, replace(
        task,
        item_values=values,
        item_index=number[item_index],
        ability_values=ability,
        ability_index=number[task.ability_index],
        low=task.low[places],
        high=task.high[places],
    )


def covariance(information: FloatArray) -> FloatArray:
    """Return the inverse of an information matrix, all NaN when it is not positive definite.

    One that is singular up to rounding (the data do not identify the model) counts as not positive definite.
    """
    unknown = np.full(information.shape, np.nan)
    diagonal = np.diag(information)
    if not np.isfinite(information).all() or (diagonal <= 0.0).any():
        return unknown
    scale = np.sqrt(diagonal)
    scaled = information / np.outer(scale, scale)
    try:
        root = np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError:
        return unknown
    # The squared diagonal is what each value keeps of its information once the ones before it are estimated.
    if (np.diag(root) ** 2 <= 1e-9).any():
        return unknown
    inverse: FloatArray = np.linalg.inv(scaled) / np.outer(scale, scale)
    return inverse


def _complete_information(
    task: Design, free: FloatArray, items: IndexArray, log_weights: FloatArray, expectation: Expectation
) -> FloatArray:
    """Return minus the expected complete-data Hessian, block-diagonal by item and by group."""
    values, ability = expand(task, free)
    hessian = task.model.hessian(values[items], task.nodes)
    n_rows = items.size * values.shape[1]
    whole = np.zeros((n_rows + 2 * ability.shape[0],) * 2)
    rows = np.arange(n_rows).reshape(items.size, values.shape[1])
    by_item = np.einsum("jkq,jprkq->jpr", expectation.counts[items], hessian)
    whole[rows[:, :, None], rows[:, None, :]] = -by_item
    for group in range(ability.shape[0]):
        low = n_rows + 2 * group
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


def _missing(chunks: Iterable[Chunk], f: FloatArray, nodes: FloatArray, pick: IndexArray) -> FloatArray:
    """Return the summed posterior covariances (n_rows, n_rows) of the scores of a block without a mask.

    f : (n_rows, n_nodes), rows of the values of the items at `pick` in the block, then the group's. A score
    is u theta + f(theta) with u = (answers, 0, ...): its covariance is u u' Var(theta) + u Cov(theta, f)' +
    Cov(f, theta) u' + Cov(f, f), and only u and the posterior depend on the person.
    """
    squares = np.zeros((pick.size, pick.size))
    cross = np.zeros((pick.size, nodes.size))
    pairs = np.zeros((nodes.size, nodes.size))
    for chunk in chunks:
        answers, posterior = _answers(chunk, pick), chunk.posterior
        mean = posterior @ nodes
        variance = np.maximum(posterior @ nodes**2 - mean**2, 0.0)
        spread = answers * np.sqrt(chunk.weights * variance)[:, None]
        squares += spread.T @ spread
        cross += answers.T @ (posterior * (nodes - mean[:, None]) * chunk.weights[:, None])
        root = posterior * np.sqrt(chunk.weights)[:, None]
        pairs[np.diag_indices(nodes.size)] += chunk.weights @ posterior
        pairs -= root.T @ root
    missing: FloatArray = f @ pairs @ f.T
    slope = _slope_rows(f, pick)
    with_f = cross @ f.T
    missing[slope] += with_f
    missing[:, slope] += with_f.T
    missing[np.ix_(slope, slope)] += squares
    return missing


def _missing_masked(
    chunks: Iterable[Chunk], f: FloatArray, nodes: FloatArray, pick: IndexArray
) -> FloatArray:
    """Return the same as _missing for a block with a mask, where f counts only if the item was seen."""
    total = np.zeros((f.shape[0], f.shape[0]))
    slope = _slope_rows(f, pick)
    for chunk in chunks:
        answers, mask = _answers(chunk, pick), _row_mask(chunk, f.shape[0], pick)
        for node in range(nodes.size):
            score = mask * f[:, node]
            score[:, slope] += answers * nodes[node]
            score *= np.sqrt(chunk.weights * chunk.posterior[:, node])[:, None]
            total += score.T @ score
        mean = mask * (chunk.posterior @ f.T)
        mean[:, slope] += answers * (chunk.posterior @ nodes)[:, None]
        mean *= np.sqrt(chunk.weights)[:, None]
        total -= mean.T @ mean
    return total


def _outer_products(
    chunks: Iterable[Chunk], score: FloatArray, group_score: FloatArray, pick: IndexArray
) -> FloatArray:
    """Return the sum over persons of s s', s the posterior mean of the person's score; any model.

    score : (n_picked_items, n_parameters, n_categories, n_nodes);  group_score : (2, n_nodes).
    """
    n_items, n_parameters, _, n_nodes = score.shape
    n_rows = n_items * n_parameters + 2
    total = np.zeros((n_rows, n_rows))
    for chunk in chunks:
        mean = _row_mask(chunk, n_rows, pick)
        mean[:, :-2] *= chunk.posterior @ score[:, :, 0].reshape(n_rows - 2, n_nodes).T
        mean[:, -2:] = chunk.posterior @ group_score.T
        for category, indicator in enumerate(chunk.indicators, start=1):
            more = (score[:, :, category] - score[:, :, 0]).reshape(n_rows - 2, n_nodes)
            mean[:, :-2] += np.repeat(indicator[:, pick], n_parameters, axis=1) * (chunk.posterior @ more.T)
        mean *= np.sqrt(chunk.weights)[:, None]
        total += mean.T @ mean
    return total


def _answers(chunk: Chunk, pick: IndexArray) -> FloatArray:
    """Return the answers to the picked items as category numbers, (n_persons, n_picked_items)."""
    answers = chunk.indicators[0]
    for category, indicator in enumerate(chunk.indicators[1:], start=2):
        answers = answers + category * indicator
    return answers if pick.size == answers.shape[1] else answers[:, pick]


def _slope_rows(f: FloatArray, pick: IndexArray) -> IndexArray:
    """Return the rows of f that belong to slopes."""
    rows: IndexArray = np.arange(pick.size) * ((f.shape[0] - 2) // max(1, pick.size))
    return rows


def _row_mask(chunk: Chunk, n_rows: int, pick: IndexArray) -> FloatArray:
    """Return 1 for each row of f that a person's answers depend on, (n_persons, n_rows)."""
    assert chunk.seen is not None
    seen = np.repeat(chunk.seen[:, pick], (n_rows - 2) // max(1, pick.size), axis=1)
    return np.column_stack((seen, np.ones((seen.shape[0], 2))))


def _folded(task: Design, whole: FloatArray, items: IndexArray) -> FloatArray:
    """Return the rows and columns of the free values; those of a common slope add up."""
    index = np.concatenate((task.item_index[items].ravel(), task.ability_index.ravel()))
    rows = np.flatnonzero(index != FIXED)
    places = index[rows]
    information = np.zeros((task.n_free, task.n_free))
    if rows.size == task.n_free:
        information[np.ix_(places, places)] = whole[np.ix_(rows, rows)]
        return information
    half = np.zeros((task.n_free, whole.shape[0]))
    np.add.at(half, places, whole[rows])
    np.add.at(information, places, half.T[rows])
    return information
