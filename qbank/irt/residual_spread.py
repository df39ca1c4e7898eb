"""How far mean squares stray by chance when they are averaged over the posterior of ability."""

import numpy as np

from qbank.irt.fit_evidence import Evidence
from qbank.irt.likelihood import Block, Chunk, posteriors
from qbank.irt.models import FloatArray, IndexArray, Mask
from qbank.irt.parameters import Batch, batches_of

# So many persons tell a variance to 2 %.
MOST_PERSONS = 5000


def squares(probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (k - E)^2, (n_items, n_categories, n_nodes), and its expectation V, (n_items, n_nodes).

    >>> squares(np.array([[[0.5], [0.5]]]))[1]
    array([[0.25]])
    """
    category = np.arange(probability.shape[1], dtype=np.float64)
    expected = np.einsum("jkn,k->jn", probability, category)
    raw = (category[:, None] - expected[:, None]) ** 2
    return raw, np.maximum((probability * raw).sum(axis=1), 1e-300)


def residual_variances(evidence: Evidence) -> FloatArray:
    """Return one person's variance of (x - E)^2 - V and of (x - E)^2 / V - 1, (2, n_items).

    Both are averaged over the person's posterior, and what their regression on the item's scores explains is
    taken out: estimating the parameters has moved the mean square back by so much. From MOST_PERSONS persons,
    spread evenly over the likelihoods.
    """
    n_items = evidence.answers.shape[1]
    n_columns = evidence.free.shape[1] + 5
    moments = np.zeros((n_items, n_columns, n_columns))
    tables = [(batch, _table(evidence, batch)) for batch in batches_of(evidence.parameters)]
    chosen = _chosen(evidence)
    for block in evidence.blocks:
        part = _rows(block, chosen)
        if part.persons.size:
            for chunk in posteriors(
                part, evidence.first, evidence.log_probability, evidence.log_weights[part.group]
            ):
                _add(moments, evidence, part, chunk, tables)
    return _left_over(moments)


def _chosen(evidence: Evidence) -> Mask:
    """Return a mask of the persons; which ones does not depend on their order."""
    n_persons = evidence.answers.shape[0]
    if n_persons <= MOST_PERSONS:
        return np.ones(n_persons, dtype=bool)
    order = np.lexsort((evidence.theta, evidence.seen.sum(axis=1)))
    chosen = np.zeros(n_persons, dtype=bool)
    chosen[order[np.linspace(0, n_persons - 1, MOST_PERSONS).astype(np.intp)]] = True
    return chosen


def _rows(block: Block, chosen: Mask) -> Block:
    rows = np.flatnonzero(chosen[block.persons])
    seen = None if block.seen is None else block.seen[rows]
    return Block(block.items, block.scores[rows], seen, block.persons[rows], block.weights[rows], block.group)


def _table(evidence: Evidence, batch: Batch) -> FloatArray:
    """Return at each node, for an answer in each category, both residuals and the scores of the free values.

    Shape (n_items, n_categories, 2 + n_parameters, n_nodes).
    """
    probability = np.exp(
        evidence.log_probability[evidence.first[batch.items, None] + np.arange(batch.n_categories)]
    )
    raw, v = squares(probability)
    scores = batch.model.gradient(batch.values, evidence.nodes)
    scores = scores * evidence.free[batch.items, : scores.shape[1], None, None]
    residuals = np.stack((raw - v[:, None], raw / v[:, None] - 1.0), axis=2)
    return np.concatenate((residuals, scores.transpose(0, 2, 1, 3)), axis=2)


def _add(
    moments: FloatArray,
    evidence: Evidence,
    block: Block,
    chunk: Chunk,
    tables: list[tuple[Batch, FloatArray]],
) -> None:
    """Add the products of a chunk's residuals, scores, the scores of the spread of ability, and 1."""
    place = np.full(evidence.answers.shape[1], -1, dtype=np.intp)
    place[block.items] = np.arange(block.items.size)
    posterior = chunk.posterior
    spread = np.stack((posterior @ evidence.nodes, posterior @ evidence.nodes**2), axis=1)
    for batch, table in tables:
        here: IndexArray = np.flatnonzero(place[batch.items] >= 0)
        items, columns = batch.items[here], place[batch.items[here]]
        answers = block.scores[chunk.rows][:, columns].T.astype(np.intp)
        means = np.tensordot(table[here], posterior, axes=(3, 1))
        own = np.take_along_axis(means, answers[:, None, None], axis=1)[:, 0]
        wide = np.zeros((here.size, moments.shape[1], posterior.shape[0]))
        wide[:, : own.shape[1]] = own
        wide[:, -3:-1] = spread.T * evidence.spread_free[items, None, None]
        wide[:, -1] = 1.0
        if block.seen is not None:
            wide *= block.seen[chunk.rows][:, columns].T[:, None]
        moments[items] += wide @ wide.transpose(0, 2, 1)


def _left_over(moments: FloatArray) -> FloatArray:
    """Return the variances of the first two columns that a regression on the others leaves, NaN without persons."""
    n = moments[:, -1, -1]
    moments = moments / np.maximum(n, 1.0)[:, None, None]
    both, cross, other = moments[:, :2, :2], moments[:, :2, 2:], moments[:, 2:, 2:]
    scale = np.sqrt(np.maximum(np.einsum("jpp->jp", other), 1e-300))
    unit = other / (scale[:, :, None] * scale[:, None])
    cross = cross / scale[:, None]
    explained = cross @ np.linalg.pinv(unit, rcond=1e-9, hermitian=True) @ cross.transpose(0, 2, 1)
    left = np.einsum("jpp->pj", both - explained)
    return np.where((n > 1) & (left > 0), left, np.nan)
