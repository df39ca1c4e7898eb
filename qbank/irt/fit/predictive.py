"""What a person's other answers say about an item: expected and observed answers in groups of like expectation."""

from dataclasses import dataclass

import numpy as np

from qbank.irt.blocks import stretches
from qbank.irt.fit.evidence import Evidence, rows_of_persons, without_answer
from qbank.irt.likelihood import posteriors
from qbank.irt.models import FloatArray, Mask, ScoreArray

N_GROUPS = 10
# Expected scores are sorted into so many fine classes before these are joined to groups of equal size.
N_CLASSES = 200


@dataclass(frozen=True, slots=True)
class PredictiveTables:
    """For each item its persons in groups of like expected score: tables (n_groups, n_categories)."""

    observed: tuple[FloatArray, ...]
    expected: tuple[FloatArray, ...]


def predictive_tables(evidence: Evidence, chosen: Mask) -> PredictiveTables:
    """Return observed and expected answers of the chosen persons (n_persons,), whatever items each one saw.

    P(x = k | other answers) = sum over nodes of r P_k, r the posterior given the other answers, which is the
    posterior given all of them divided by P of the answer itself. Given the other answers x is a draw from these
    probabilities, so that persons may be grouped by their expected score as S-X2 groups them by their sum score.
    Cost: n_nodes for each answer.
    """
    n_categories = evidence.parameters.n_categories
    observed = [np.zeros((N_CLASSES, k)) for k in n_categories]
    expected = [np.zeros((N_CLASSES, k)) for k in n_categories]
    for block in evidence.blocks:
        part = rows_of_persons(block, chosen)
        if not part.persons.size:
            continue
        for own in stretches(part):
            chunks = posteriors(
                own, evidence.first, evidence.log_probability, evidence.log_weights[own.group]
            )
            posterior = np.concatenate([chunk.posterior for chunk in chunks])
            for place, item in enumerate(own.items.tolist()):
                rows = np.arange(own.persons.size) if own.seen is None else np.flatnonzero(own.seen[:, place])
                if rows.size:
                    _add(
                        evidence,
                        item,
                        own.scores[rows, place],
                        posterior[rows],
                        observed[item],
                        expected[item],
                    )
    pairs = [_groups(o, e) for o, e in zip(observed, expected, strict=True)]
    return PredictiveTables(tuple(o for o, _ in pairs), tuple(e for _, e in pairs))


def _add(
    evidence: Evidence,
    item: int,
    answers: ScoreArray,
    posterior: FloatArray,
    observed: FloatArray,
    expected: FloatArray,
) -> None:
    """Add the answers of some persons to one item's fine classes."""
    probability = np.exp(evidence.log_probability[evidence.first[item] : evidence.first[item + 1]])
    shares = without_answer(posterior, probability, answers) @ probability.T
    shares /= shares.sum(axis=1, keepdims=True)
    n_categories = probability.shape[0]
    mean = shares @ np.arange(n_categories) / max(1, n_categories - 1)
    fine = np.minimum((mean * N_CLASSES).astype(np.intp), N_CLASSES - 1)
    observed += np.bincount(fine * n_categories + answers, minlength=observed.size).reshape(observed.shape)
    for category in range(n_categories):
        expected[:, category] += np.bincount(fine, weights=shares[:, category], minlength=N_CLASSES)


def _groups(observed: FloatArray, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return fine classes joined to N_GROUPS groups of about as many persons."""
    persons = observed.sum(axis=1)
    total = persons.sum()
    middle = (persons.cumsum() - persons / 2.0) / max(total, 1.0)
    group = np.minimum((middle * N_GROUPS).astype(np.intp), N_GROUPS - 1)
    joined = np.zeros((2, N_GROUPS, observed.shape[1]))
    np.add.at(joined[0], group, observed)
    np.add.at(joined[1], group, expected)
    return joined[0], joined[1]
