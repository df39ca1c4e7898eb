"""The observed information, exactly (Louis 1982, eq. 3.2), and the cross-product of the persons' scores.

    information = E[complete-data information] - sum over persons of Cov(complete-data score)

given the answers. Given the general ability the testlets are independent, so the covariance has two parts: within
a testlet, the second moments of its score over both abilities, once for each pattern; between testlets, the
products of their mean scores given the general ability, over that ability.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from qbank.irt.bifactor.design import FIXED, Design
from qbank.irt.bifactor.expectation import (
    Chunk,
    Expectation,
    Tables,
    item_derivatives,
    log_tables,
    pattern_likelihoods,
    posteriors,
    score_table,
    specific_posteriors,
)
from qbank.irt.bifactor.patterns import FEWEST_PERSONS, Packet, Part, indicators, share
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray
from qbank.irt.priors import derivatives

WORK_BYTES = 1 << 24
DERIVATIVE_BYTES = 1 << 28
# Persons with one pattern, on the average, from which on they are taken together.
SAME_PATTERN = 8
# A table of the persons with each pair of patterns at each node may take so much.
PAIR_BYTES = 1 << 26


def information(
    task: Design, parts: Sequence[Part], free: FloatArray, expectation: Expectation
) -> tuple[FloatArray, FloatArray]:
    """Return minus the Hessian of the objective, and the sum of outer products of the persons' scores.

    Both (n_free, n_free), the second without the prior. expectation : of the E-step at `free`.
    Cost: two E-steps; n_patterns x n_specific x n_nodes x n_values^2 of each testlet; for each pair of
    testlets n_persons x n_nodes where they have few patterns, and n_values^2 times that where they have many.
    """
    observed = _complete(task, free, expectation)
    crossed = np.zeros_like(observed)
    tables = log_tables(task, free)
    for part in _shares(task, parts):
        log_p, kept = pattern_likelihoods(task, part, tables)
        persons = np.zeros_like(log_p)
        for chunk in posteriors(task, part, log_p):
            persons += chunk.patterns.T @ chunk.posterior
        names = [_names(task, packet) for packet in part.packets]
        means = []
        for packet, own, pieces_of in _by_packet(task, part, tables, kept):
            table = score_table(task, free, packet)
            second, mean = _moments(task, packet, own, table, pieces_of, persons[packet.here])
            observed[np.ix_(own, own)] -= second
            means.append(mean)
        for chunk in posteriors(task, part, log_p):
            gradient = _person_scores(task, part, chunk, means, names)
            crossed += gradient.T @ gradient
            _between(task, part, chunk, means, names, observed)
    return observed + crossed, crossed


def _shares(task: Design, parts: Sequence[Part]) -> Iterator[Part]:
    """Yield the parts, split until the derivatives of their patterns fit."""
    for part in parts:
        values = sum(packet.patterns.shape[0] * _names(task, packet).size for packet in part.packets)
        if 8 * task.nodes.size * values <= DERIVATIVE_BYTES or part.persons.size < FEWEST_PERSONS:
            yield part
        else:
            half = part.persons.size // 2
            yield from _shares(task, (share(part, slice(0, half)), share(part, slice(half, None))))


def _complete(task: Design, free: FloatArray, expectation: Expectation) -> FloatArray:
    """Return the expected information of the complete data, with the priors'."""
    _, bend = item_derivatives(task, free, expectation, curvature=True)
    assert bend is not None
    moving = task.index != FIXED
    item, row, column = np.nonzero(moving[:, :, None] & moving[:, None])
    complete = np.diag(-derivatives(task.priors, free)[1])
    np.add.at(complete, (task.index[item, row], task.index[item, column]), bend[item, row, column])
    return complete


def _names(task: Design, packet: Packet) -> IndexArray:
    """Return the free values that a packet's items have, each once."""
    places = np.unique(task.index[packet.items])
    return np.asarray(places[places != FIXED], dtype=np.intp)


def _by_packet(
    task: Design, part: Part, tables: Tables, kept: list[FloatArray] | None
) -> Iterator[tuple[Packet, IndexArray, Iterator[tuple[slice, FloatArray]]]]:
    """Yield each packet, its free values, and the pieces of its specific posterior."""
    stream = specific_posteriors(task, part, tables, kept)
    for number, group in groupby(stream, key=lambda item: item[0]):
        packet = part.packets[number]
        yield packet, _names(task, packet), ((piece, posterior) for _, _, piece, posterior in group)


def _moments(
    task: Design,
    packet: Packet,
    names: IndexArray,
    table: FloatArray,
    pieces_of: Iterator[tuple[slice, FloatArray]],
    persons: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the second moments of a packet's score, summed over persons, and its mean given general ability.

    table : of score_table;  pieces_of : posteriors (n, n_specific, n_nodes) of the specific ability
    persons : (n_patterns, n_nodes) at the pattern and node
    Shapes (n_names, n_names) and (n_patterns, n_names, n_nodes). The score of an item depends on its category
    alone, so that the moments need only the expected persons in each category, and in each pair of categories.
    """
    fold = _fold(task, packet, names)
    columns = np.arange(packet.owner.size)
    base = np.zeros((names.size, *table.shape[2:]))
    if (packet.patterns != NOT_SEEN).all():
        # All is seen: what is above category 0 suffices, measured from it.
        zero = np.flatnonzero(packet.category == 0)
        columns = np.flatnonzero(packet.category > 0)
        rows = fold.reshape(packet.owner.size, -1, names.size)
        base = np.einsum("casq,can->nsq", table[zero], rows[zero], optimize=True)
        table = table[columns] - table[zero[packet.owner[columns]]]
        fold = rows[columns].reshape(-1, names.size)
    n_columns, n_all, n_specific, n_nodes = table.shape
    one, other = np.triu_indices(n_columns, 1)
    apart = packet.owner[columns[one]] != packet.owner[columns[other]]
    one, other = one[apart], other[apart]
    total = np.zeros(n_specific * n_nodes)
    single = np.zeros((n_columns, n_specific * n_nodes))
    double = np.zeros((one.size, n_specific * n_nodes))
    mean = np.empty((packet.patterns.shape[0], names.size, n_nodes))
    by_node = np.ascontiguousarray(table.transpose(3, 2, 0, 1)).reshape(n_nodes, n_specific, -1)
    base_by_node = np.ascontiguousarray(base.transpose(2, 1, 0))
    for piece, posterior in pieces_of:
        has = indicators(packet, piece)[:, columns]
        weight = (posterior * persons[piece][:, None]).reshape(has.shape[0], -1)
        total += weight.sum(axis=0)
        single += has.T @ weight
        double += (has[:, one] * has[:, other]).T @ weight
        # Expected score of each column given general ability, then those of the columns that a pattern has.
        turned = np.ascontiguousarray(posterior.transpose(2, 0, 1))
        expected = (turned @ by_node).reshape(n_nodes, -1, n_columns, n_all) * has[:, :, None]
        own = expected.reshape(n_nodes, has.shape[0], -1) @ fold + turned @ base_by_node
        mean[piece] = own.transpose(1, 2, 0)
    local = _column_products(table.reshape(n_columns, n_all, -1), single, double, one, other)
    flat_base = base.reshape(names.size, -1)
    weighted = (table.reshape(n_columns, n_all, -1) * single[:, None]).reshape(n_columns * n_all, -1)
    cross = flat_base @ weighted.T @ fold
    return fold.T @ local @ fold + (flat_base * total) @ flat_base.T + cross + cross.T, mean


def _column_products(
    table: FloatArray, single: FloatArray, double: FloatArray, one: IndexArray, other: IndexArray
) -> FloatArray:
    """Return the products of the columns' scores, summed over the persons who have both columns.

    table : (n_columns, n_values, n);  single : (n_columns, n) and double : (n_pairs, n) expected persons
    one, other : (n_pairs,) the columns of each pair
    Shape (n_columns * n_values, n_columns * n_values).
    """
    n_columns, n_values, n = table.shape
    local = np.zeros((n_columns * n_values, n_columns * n_values))
    blocks = local.reshape(n_columns, n_values, n_columns, n_values)
    for column in range(n_columns):
        blocks[column, :, column] = (table[column] * single[column]) @ table[column].T
        pairs = np.flatnonzero(one == column)
        for lot in _lots(pairs.size, 2 * n_values * n):
            some = pairs[lot]
            product = (table[column] * double[some][:, None]) @ np.swapaxes(table[other[some]], 1, 2)
            blocks[column][:, other[some]] = product.transpose(1, 0, 2)
            blocks[other[some], :, column] = product.transpose(0, 2, 1)
    return local


def _fold(task: Design, packet: Packet, names: IndexArray) -> FloatArray:
    """Return the matrix that sums the derivatives of a packet's columns by their items' values to free values.

    Shape (n_columns * (n_most + 1), n_names).
    """
    places = task.index[packet.items][packet.owner].ravel()
    fold = np.zeros((places.size, names.size))
    moving = np.flatnonzero(places != FIXED)
    fold[moving, np.searchsorted(names, places[moving])] = 1.0
    return fold


def _person_scores(
    task: Design, part: Part, chunk: Chunk, means: Sequence[FloatArray], names: Sequence[IndexArray]
) -> FloatArray:
    """Return the derivative of each person's log marginal probability, (n, n_free): Fisher's identity."""
    gradient = np.zeros((chunk.posterior.shape[0], task.n_free))
    for number, own in enumerate(names):
        codes = part.codes[chunk.rows, number]
        order = np.argsort(codes, kind="stable")
        order = order[np.searchsorted(codes[order], 0) :]
        if means[number].shape[0] * SAME_PATTERN > order.size:
            for lot in _lots(order.size, own.size * task.nodes.size):
                some = order[lot]
                score = means[number][codes[some]] @ chunk.posterior[some][:, :, None]
                gradient[np.ix_(some, own)] += score[:, :, 0]
            continue
        # Many persons with each pattern: one product for all of them.
        for some in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
            gradient[np.ix_(some, own)] += chunk.posterior[some] @ means[number][codes[some[0]]].T
    return gradient


def _lots(n: int, values_each: int) -> Iterator[slice]:
    size = max(1, WORK_BYTES // (8 * max(1, values_each)))
    for low in range(0, n, size):
        yield slice(low, min(low + size, n))


def _between(
    task: Design,
    part: Part,
    chunk: Chunk,
    means: Sequence[FloatArray],
    names: Sequence[IndexArray],
    observed: FloatArray,
) -> None:
    """Subtract from `observed` the products of the mean scores of different packets, over general ability.

    For each pair by patterns or by persons, whichever takes less arithmetic.
    """
    codes = part.codes[chunk.rows].astype(np.intp)
    posterior = np.ascontiguousarray(chunk.posterior.T)
    n_nodes = task.nodes.size
    for a in range(len(means)):
        for b in range(a + 1, len(means)):
            both = np.flatnonzero((codes[:, a] >= 0) & (codes[:, b] >= 0))
            if not both.size:
                continue
            n_pairs = means[a].shape[0] * means[b].shape[0]
            widths = names[a].size, names[b].size
            few = 8 * n_pairs * n_nodes <= PAIR_BYTES
            weights = posterior if both.size == codes.shape[0] else posterior[:, both]
            pair = means[a], means[b], codes[both, a], codes[both, b], weights
            if few and n_pairs * min(widths) < both.size * widths[0] * widths[1]:
                product = pattern_products(*pair)
            else:
                product = person_products(*pair)
            observed[np.ix_(names[a], names[b])] -= product
            observed[np.ix_(names[b], names[a])] -= product.T


def pattern_products(
    one: FloatArray, other: FloatArray, of_one: IndexArray, of_other: IndexArray, weights: FloatArray
) -> FloatArray:
    """Return the sum over persons and nodes of weight x the mean scores of their patterns of two packets.

    one, other : (n_patterns, n_names, n_nodes);  of_one, of_other : (n,) the persons' patterns
    weights : (n_nodes, n). Shape (n_names of one, n_names of the other).
    """
    shape = one.shape[0], other.shape[0]
    key = of_one * shape[1] + of_other
    total = np.zeros((one.shape[1], other.shape[1]))
    for node, weight in enumerate(weights):
        persons = np.bincount(key, weight, minlength=shape[0] * shape[1]).reshape(shape)
        total += one[:, :, node].T @ (persons @ other[:, :, node])
    return total


def person_products(
    one: FloatArray, other: FloatArray, of_one: IndexArray, of_other: IndexArray, weights: FloatArray
) -> FloatArray:
    """Return what pattern_products returns, person by person."""
    total = np.zeros((one.shape[1], other.shape[1]))
    for lot in _lots(of_one.size, (one.shape[1] + other.shape[1]) * one.shape[2]):
        left = one[of_one[lot]] * weights[:, lot].T[:, None]
        total += np.einsum("iaq,ibq->ab", left, other[of_other[lot]], optimize=True)
    return total
