"""Zh: how likely an item's answers are, against what the model leads one to expect."""

import numpy as np

from qbank.irt.fit.evidence import Evidence, curves
from qbank.irt.models import FloatArray


def answer_fit(evidence: Evidence) -> dict[str, FloatArray]:
    """Return zh, (n_items,): the log-likelihood of the item's answers as a normal deviate, low where they misfit.

    Zh = (sum of log P(x) - sum of E log P) / sqrt(sum of Var log P), over persons at their point estimates;
    Drasgow, Levine & Williams (1985), applied to items. Estimated abilities make it too high in short tests.
    """
    gain, variance = np.zeros((2, evidence.answers.shape[1]))
    for part in curves(evidence, evidence.theta):
        probability = np.exp(part.log_probability)
        expected = (probability * part.log_probability).sum(axis=1)
        square = (probability * part.log_probability**2).sum(axis=1)
        own = np.take_along_axis(part.log_probability, part.scores[:, None], axis=1)[:, 0]
        gain[part.items] += ((own - expected) * part.seen).sum(axis=1)
        variance[part.items] += (np.maximum(square - expected**2, 0.0) * part.seen).sum(axis=1)
    positive = variance > 0
    return {"zh": np.divide(gain, np.sqrt(variance), out=np.full(gain.size, np.nan), where=positive)}
