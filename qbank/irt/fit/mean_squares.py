"""Infit and outfit: mean squares of the answers' residuals, near 1 where the model holds."""

import numpy as np

from qbank.irt.fit.evidence import Evidence, curves
from qbank.irt.fit.residual_spread import residual_spread, squares
from qbank.irt.models import FloatArray
from qbank.irt.parameters import batches_of

# One answer against a variance near 0 would decide the outfit of an item alone.
LEAST_VARIANCE = 10.0**-2.5


def mean_squares(evidence: Evidence, least_variance: float = LEAST_VARIANCE) -> dict[str, FloatArray]:
    """Return infit, outfit and their z, each (n_items,).

    outfit = mean of (x - E)^2 / V, infit = sum of (x - E)^2 / sum of V, over the persons who saw the item;
    Wright & Masters (1982), ch. 5.
    """
    if evidence.at == "posterior":
        return _of_posterior(evidence)
    return _of_points(evidence, least_variance)


def _of_points(evidence: Evidence, least_variance: float) -> dict[str, FloatArray]:
    """Return mean squares at point estimates, V held at `least_variance` or more.

    z = (m^(1/3) - 1) 3 / q + q / 3, q the model's standard deviation of the mean square m:
    q^2 = sum (C / V^2) / n^2 - 1 / n of outfit, sum (C - V^2) / (sum V)^2 of infit, C = E (x - E)^4.
    """
    n, square, weighted, variance, fourth, excess = np.zeros((6, evidence.answers.shape[1]))
    for part in curves(evidence, evidence.theta):
        probability = np.exp(part.log_probability)
        category = np.arange(probability.shape[1], dtype=np.float64)
        expected = np.einsum("jkn,k->jn", probability, category)
        deviation = (category[:, None] - expected[:, None]) ** 2
        v = np.maximum((probability * deviation).sum(axis=1), max(least_variance, 1e-300))
        c = (probability * deviation**2).sum(axis=1)
        residual = (part.scores - expected) ** 2 * part.seen
        n[part.items] += part.seen.sum(axis=1)
        square[part.items] += residual.sum(axis=1)
        weighted[part.items] += (residual / v).sum(axis=1)
        variance[part.items] += (v * part.seen).sum(axis=1)
        fourth[part.items] += (c / v**2 * part.seen).sum(axis=1)
        excess[part.items] += ((c - v**2) * part.seen).sum(axis=1)
    infit, outfit = _ratio(square, variance), _ratio(weighted, n)
    return {
        "infit": infit,
        "outfit": outfit,
        "z_infit": _standardised(infit, np.sqrt(np.maximum(_ratio(excess, variance**2), 0.0))),
        "z_outfit": _standardised(outfit, np.sqrt(np.maximum(_ratio(fourth - n, n**2), 0.0))),
    }


def _standardised(mean_square: FloatArray, sd: FloatArray) -> FloatArray:
    """Return Wilson and Hilferty's cube root of a mean square as a normal deviate; Wright & Masters (1982), ch. 5."""
    spread = np.where(sd > 0, sd, np.nan)
    z: FloatArray = (np.cbrt(mean_square) - 1.0) * 3.0 / spread + spread / 3.0
    return z


def _of_posterior(evidence: Evidence) -> dict[str, FloatArray]:
    """Return mean squares averaged over each person's posterior: 1 is expected in tests of any length.

    The model's own answers have E[(x - E)^2 / V] = 1 at every ability, so also over the posterior, for any
    values of the parameters. Hence, with g the sum of a residual over persons, s the sums of the item's scores (0 at
    the maximum of the likelihood, not where a prior pulls) and b the regression of one on the other,
    z = (g - b's) / sqrt(n left-over variance); Pierce (1982), Ann. Statist. 10, Neyman's C(alpha).
    """
    n_items = evidence.answers.shape[1]
    infit, outfit, z_infit, z_outfit = np.full((4, n_items), np.nan)
    spread = residual_spread(evidence)
    for batch in batches_of(evidence.parameters):
        items = batch.items
        rows = evidence.first[items, None] + np.arange(batch.n_categories)
        counts, (raw, v) = evidence.counts[rows], squares(np.exp(evidence.log_probability[rows]))
        persons = counts.sum(axis=1)
        total, variance = persons.sum(axis=1), (persons * v).sum(axis=1)
        infit[items] = _ratio((counts * raw).sum(axis=(1, 2)), variance)
        outfit[items] = _ratio((counts * (raw / v[:, None])).sum(axis=(1, 2)), total)
        scores = np.einsum("jkq,jpkq->jp", counts, batch.model.gradient(batch.values, evidence.nodes))
        moved = np.einsum("cjp,jp->cj", spread.slopes[:, items, : scores.shape[1]], scores)
        sd = np.sqrt(spread.variance[:, items] * total)
        z_infit[items] = _ratio((infit[items] - 1.0) * variance - moved[0], sd[0])
        z_outfit[items] = _ratio((outfit[items] - 1.0) * total - moved[1], sd[1])
    return {"infit": infit, "outfit": outfit, "z_infit": z_infit, "z_outfit": z_outfit}


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    ratio: FloatArray = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return ratio
