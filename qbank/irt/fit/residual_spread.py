"""How far mean squares stray by chance when they are averaged over the posterior of ability."""

from dataclasses import dataclass

import numpy as np

from qbank.irt.fit.evidence import Evidence, rows_of_persons, without_answer
from qbank.irt.likelihood import posteriors
from qbank.irt.models import FloatArray, Mask, ScoreArray
from qbank.irt.parameters import Batch, batches_of

# So many persons tell a variance to 2 %.
MOST_PERSONS = 5000
LEAST_LEFT = 1e-9


def squares(probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (k - E)^2, (n_items, n_categories, n_nodes), and its expectation V, (n_items, n_nodes).

    >>> squares(np.array([[[0.5], [0.5]]]))[1]
    array([[0.25]])
    """
    category = np.arange(probability.shape[1], dtype=np.float64)
    expected = np.einsum("jkn,k->jn", probability, category)
    raw = (category[:, None] - expected[:, None]) ** 2
    return raw, np.maximum((probability * raw).sum(axis=1), 1e-300)


@dataclass(frozen=True, slots=True)
class ResidualSpread:
    """Of (x - E)^2 - V and of (x - E)^2 / V - 1, averaged over the posterior, the first axis of two.

    variance    (2, n_items) one person's variance of what a regression on the item's scores leaves over
    slopes      (2, n_items, n_most) of that regression, 0 for values that were not estimated from the item
    """

    variance: FloatArray
    slopes: FloatArray


def residual_spread(evidence: Evidence) -> ResidualSpread:
    """Return how posterior residuals vary, the part that estimating the item's own values can move taken out.

    Scores are the derivatives of the log-likelihood by the values estimated from the item, and, where the slope is
    given or common, by those of the ability distribution, which stand for it: theta and theta^2. The moments are
    those that the model expects of the answer given the person's other answers, so that rare answers count for
    what they may do and not for what they happened to do. From MOST_PERSONS persons, spread evenly over abilities.
    """
    n_items = evidence.answers.shape[1]
    n_columns = evidence.free.shape[1] + 5
    moments = np.zeros((n_items, n_columns, n_columns))
    tables = {
        int(item): (probability, table)
        for batch in batches_of(evidence.parameters)
        for item, probability, table in zip(batch.items, *_tables(evidence, batch), strict=True)
    }
    chosen = _chosen(evidence)
    for block in evidence.blocks:
        part = rows_of_persons(block, chosen)
        if not part.persons.size:
            continue
        chunks = posteriors(part, evidence.first, evidence.log_probability, evidence.log_weights[part.group])
        posterior = np.concatenate([chunk.posterior for chunk in chunks])
        for place, item in enumerate(part.items.tolist()):
            rows = slice(None) if part.seen is None else np.flatnonzero(part.seen[:, place])
            probability, table = tables[item]
            moments[item] += _moments(part.scores[rows, place], posterior[rows], probability, table)
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


def _tables(evidence: Evidence, batch: Batch) -> tuple[FloatArray, FloatArray]:
    """Return P (n_items, n_categories, n_nodes) and what an answer in each category brings at each node.

    That is both residuals, the scores of the item's own values, those of the spread of ability, and 1:
    (n_items, n_categories, n_columns, n_nodes), 0 where a value was not estimated.
    """
    rows = evidence.first[batch.items, None] + np.arange(batch.n_categories)
    probability = np.exp(evidence.log_probability[rows])
    raw, v = squares(probability)
    scores = batch.model.gradient(batch.values, evidence.nodes).transpose(0, 2, 1, 3)
    n_own = scores.shape[2]
    table = np.zeros((*probability.shape[:2], evidence.free.shape[1] + 5, evidence.nodes.size))
    table[:, :, 0] = raw - v[:, None]
    table[:, :, 1] = raw / v[:, None] - 1.0
    own = evidence.own[batch.items, :n_own]
    table[:, :, 2 : 2 + n_own] = scores * own[:, None, :, None]
    slopes = batch.model.slopes(batch.n_categories)
    elsewhere = np.logical_and(~own[:, slopes].any(axis=1), evidence.free[batch.items].any(axis=1))
    table[:, :, -3:-1] = np.stack((evidence.nodes, evidence.nodes**2)) * elsewhere[:, None, None, None]
    table[:, :, -1] = 1.0
    return probability, table


def _moments(
    answers: ScoreArray, posterior: FloatArray, probability: FloatArray, table: FloatArray
) -> FloatArray:
    """Return the sum over persons of the expected products of the columns' posterior means.

    Given the other answers the posterior is r = posterior / P of the own answer; an answer k would come with
    probability sum of r P_k and leave the means sum of r P_k column_k / sum of r P_k.
    """
    rest = without_answer(posterior, probability, answers)
    found = np.zeros((table.shape[1], table.shape[1]))
    for own, columns in zip(probability, table, strict=True):
        joint = rest @ (own * columns).T
        chance = np.maximum(joint[:, -1:], 1e-300)
        found += joint.T @ (joint / chance)
    return found


def _left_over(moments: FloatArray) -> ResidualSpread:
    """Return what a regression of the first two columns on the others leaves, NaN without persons."""
    n = moments[:, -1, -1]
    moments = moments / np.maximum(n, 1.0)[:, None, None]
    both, cross, other = moments[:, :2, :2], moments[:, :2, 2:], moments[:, 2:, 2:]
    size = np.einsum("jpp->jp", other)
    scale = np.sqrt(np.where(size > 0, size, 1.0))
    unit = other / (scale[:, :, None] * scale[:, None])
    slopes = cross / scale[:, None] @ np.linalg.pinv(unit, rcond=1e-9, hermitian=True) / scale[:, None]
    whole = np.einsum("jpp->pj", both)
    left = whole - np.einsum("jpc,jpc->pj", slopes, cross)
    # Less is rounding: the scores leave nothing over that could tell a misfit.
    told = (n > 1) & (left > LEAST_LEFT * whole)
    return ResidualSpread(np.where(told, left, np.nan), slopes[..., :-3].transpose(1, 0, 2))
