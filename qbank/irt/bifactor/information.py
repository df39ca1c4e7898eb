"""The observed information, exactly (Louis 1982, eq. 3.2), and the cross-product of the persons' scores.

    information = E[complete-data information] - sum over persons of Cov(complete-data score)

given the answers. Given the general ability the testlets are independent, so the covariance has two parts: within
a testlet, the second moments of its score over both abilities, once for each pattern; between testlets, the
products of their mean scores given the general ability, over that ability.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from qbank.irt.bifactor.design import FIXED, Design
from qbank.irt.bifactor.expectation import (
    Chunk,
    Expectation,
    item_derivatives,
    log_tables,
    pattern_likelihoods,
    posteriors,
    score_table,
    specific_posteriors,
)
from qbank.irt.bifactor.patterns import Packet, Part
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray

WORK_BYTES = 1 << 24


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
    for part in parts:
        log_p, kept = pattern_likelihoods(task, part, tables)
        persons = np.zeros_like(log_p)
        for chunk in posteriors(task, part, log_p):
            persons += chunk.patterns.T @ chunk.posterior
        names = [_names(task, packet) for packet in part.packets]
        means = [
            np.empty((packet.patterns.shape[0], own.size, task.nodes.size))
            for packet, own in zip(part.packets, names, strict=True)
        ]
        current, table = -1, np.empty(0)
        for number, packet, piece, posterior in specific_posteriors(task, part, tables, kept):
            if number != current:
                current, table = number, score_table(task, free, packet)
            own = names[number]
            second, means[number][piece] = _moments(
                task, packet, packet.patterns[piece], own, table, posterior, persons[packet.here][piece]
            )
            observed[np.ix_(own, own)] -= second
        for chunk in posteriors(task, part, log_p):
            gradient = _person_scores(task, part, chunk, means, names)
            crossed += gradient.T @ gradient
            _between(task, part, chunk, means, names, observed)
    return observed + crossed, crossed


def _complete(task: Design, free: FloatArray, expectation: Expectation) -> FloatArray:
    """Return the expected information of the complete data, with the priors'."""
    _, bend = item_derivatives(task, free, expectation, curvature=True)
    assert bend is not None
    moving = task.index != FIXED
    item, row, column = np.nonzero(moving[:, :, None] & moving[:, None])
    complete = np.diag(task.prior_precision)
    np.add.at(complete, (task.index[item, row], task.index[item, column]), bend[item, row, column])
    return complete


def _names(task: Design, packet: Packet) -> IndexArray:
    """Return the free values that a packet's items have, each once."""
    places = np.unique(task.index[packet.items])
    return places[places != FIXED]


def _moments(
    task: Design,
    packet: Packet,
    patterns: FloatArray,
    names: IndexArray,
    table: FloatArray,
    posterior: FloatArray,
    persons: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the second moments of a packet's score, summed over persons, and its mean given general ability.

    patterns : (n, n_items);  table : of score_table;  posterior : (n, n_specific, n_nodes) of the specific
    ability;  persons : (n, n_nodes) at the pattern and node
    Shapes (n_names, n_names) and (n, n_names, n_nodes).
    """
    n, n_specific, n_nodes = posterior.shape
    second = np.zeros((names.size, names.size))
    mean = np.empty((n, names.size, n_nodes))
    size = max(1, WORK_BYTES // (8 * max(1, names.size) * n_specific * n_nodes))
    for low in range(0, n, size):
        lot = slice(low, min(low + size, n))
        score = _pattern_scores(task, packet, patterns[lot], names, table)
        mean[lot] = np.einsum("uksq,usq->ukq", score, posterior[lot])
        weight = (posterior[lot] * persons[lot][:, None])[:, None]
        flat = score.reshape(*score.shape[:2], -1)
        weighted = (score * weight).reshape(flat.shape)
        second += (weighted @ np.swapaxes(flat, 1, 2)).sum(axis=0)
    return second, mean


def _pattern_scores(
    task: Design, packet: Packet, patterns: FloatArray, names: IndexArray, table: FloatArray
) -> FloatArray:
    """Return the derivatives of each pattern's log P by the packet's free values, (n, n_names, n_specific,
    n_nodes).
    """
    score = np.zeros((patterns.shape[0], names.size, *table.shape[2:]))
    starts = np.searchsorted(packet.owner, np.arange(packet.items.size))
    for place, item in enumerate(packet.items.tolist()):
        seen = np.flatnonzero(patterns[:, place] != NOT_SEEN)
        rows = starts[place] + patterns[seen, place]
        for column in np.flatnonzero(task.index[item] != FIXED).tolist():
            name = int(np.searchsorted(names, task.index[item, column]))
            score[seen, name] += table[rows, column]
    return score


def _person_scores(
    task: Design, part: Part, chunk: Chunk, means: Sequence[FloatArray], names: Sequence[IndexArray]
) -> FloatArray:
    """Return the derivative of each person's log marginal probability, (n, n_free): Fisher's identity."""
    gradient = np.zeros((chunk.posterior.shape[0], task.n_free))
    for number, own in enumerate(names):
        for lot in _lots(chunk.posterior.shape[0], own.size * task.nodes.size):
            code = part.codes[chunk.rows][lot, number]
            some = np.flatnonzero(code >= 0)
            score = means[number][code[some]] @ chunk.posterior[lot][some][:, :, None]
            gradient[np.ix_(some + lot.start, own)] += score[:, :, 0]
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
    """Subtract from `observed` the products of the mean scores of different packets, over general ability."""
    sizes = np.array([mean.shape[0] for mean in means], dtype=np.float64)
    widths = np.array([own.size for own in names], dtype=np.float64)
    n = chunk.posterior.shape[0]
    # By pairs of patterns, or person by person: whichever takes less arithmetic.
    pairs = (sizes.sum() ** 2 - (sizes**2).sum()) / 2 * widths.mean() + n * sizes.size**2 / 2 * 10
    if pairs < n * widths.sum() ** 2:
        _between_patterns(task, part, chunk, means, names, observed)
    else:
        _between_persons(task, part, chunk, means, names, observed)


def _between_patterns(
    task: Design,
    part: Part,
    chunk: Chunk,
    means: Sequence[FloatArray],
    names: Sequence[IndexArray],
    observed: FloatArray,
) -> None:
    """Subtract the products from the expected persons with each pair of patterns at each node."""
    from scipy.sparse import csr_array

    codes = part.codes[chunk.rows]
    by_node = [np.ascontiguousarray(mean.transpose(2, 0, 1)) for mean in means]
    for a in range(len(means)):
        for b in range(a + 1, len(means)):
            both = np.flatnonzero((codes[:, a] >= 0) & (codes[:, b] >= 0))
            shape = means[a].shape[0], means[b].shape[0]
            key = codes[both, a].astype(np.int64) * shape[1] + codes[both, b]
            pattern = csr_array(
                (np.ones(both.size), key, np.arange(both.size + 1)), shape=(both.size, shape[0] * shape[1])
            )
            pairs = (pattern.T @ chunk.posterior[both]).reshape(*shape, -1).transpose(2, 0, 1)
            product = (np.swapaxes(by_node[a], 1, 2) @ (pairs @ by_node[b])).sum(axis=0)
            _subtract(observed, names[a], names[b], product)


def _between_persons(
    task: Design,
    part: Part,
    chunk: Chunk,
    means: Sequence[FloatArray],
    names: Sequence[IndexArray],
    observed: FloatArray,
) -> None:
    """Subtract the products person by person."""
    ends = np.cumsum([own.size for own in names])
    total = int(ends[-1])
    root = np.sqrt(chunk.posterior)
    for lot in _lots(root.shape[0], total * task.nodes.size):
        codes = part.codes[chunk.rows][lot]
        whole = np.zeros((codes.shape[0], total, task.nodes.size))
        for number, own in enumerate(names):
            some = np.flatnonzero(codes[:, number] >= 0)
            whole[some, ends[number] - own.size : ends[number]] = means[number][codes[some, number]]
        whole *= root[lot][:, None]
        flat = whole.transpose(1, 0, 2).reshape(total, -1)
        product = flat @ flat.T
        for a in range(len(names)):
            for b in range(a + 1, len(names)):
                rows = slice(ends[a] - names[a].size, ends[a])
                columns = slice(ends[b] - names[b].size, ends[b])
                _subtract(observed, names[a], names[b], product[rows, columns])


def _subtract(observed: FloatArray, rows: IndexArray, columns: IndexArray, product: FloatArray) -> None:
    observed[np.ix_(rows, columns)] -= product
    observed[np.ix_(columns, rows)] -= product.T
