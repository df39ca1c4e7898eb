"""The marginal likelihood of Rasch difficulties and of the spread of ability, with all second derivatives at once.

Made for few persons: everything about them stays in memory, (n_persons, n_nodes). Ability is sd z with z standard
normal, so that the nodes stay where they are while the spread moves.
"""

from dataclasses import dataclass

import numpy as np

from qbank.irt.conditional.contrast import forms_of
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, ScoreArray


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of persons who saw something, to items that somebody saw.

    right, seen    (n_persons, n_items) 1 or 0;  forms: persons and items of each pattern of seen items
    nodes          (n_nodes,) of z;  log_weights: (n_nodes,)
    """

    right: FloatArray
    seen: FloatArray
    forms: tuple[tuple[IndexArray, IndexArray], ...]
    nodes: FloatArray
    log_weights: FloatArray


@dataclass(frozen=True, slots=True)
class Slope:
    """The log-likelihood, its gradient and its negative second derivative by (b_1, ..., b_n, log sd).

    skew    (n_items,) third derivative by each b of what complete data would tell, expected
    """

    value: float
    gradient: FloatArray
    information: FloatArray
    skew: FloatArray


def answers_of(scores: ScoreArray, n_nodes: int) -> Answers:
    """Return what the likelihood needs.

    scores : (n_persons, n_items), −1 not seen
    """
    scores = scores[(scores != NOT_SEEN).any(axis=1)]
    seen = (scores != NOT_SEEN).astype(np.float64)
    nodes = np.linspace(-5.0, 5.0, n_nodes)
    log_weights = -0.5 * nodes**2
    log_weights -= np.log(np.exp(log_weights).sum())
    return Answers(
        (scores == 1).astype(np.float64),
        seen,
        tuple(forms_of(scores)),
        nodes,
        log_weights,
    )


def difficulty_likelihood(answers: Answers, difficulties: FloatArray, log_sd: float) -> Slope:
    """Return the marginal log-likelihood and its derivatives.

    difficulties : (n_items,);  log_sd : logarithm of the standard deviation of ability, whose mean is 0

    log L = sum over persons of log of the sum over nodes of w exp(sum_j s_j (x_j (sd z − b_j) − log(1 + exp(sd z
    − b_j)))); the second derivatives are those of Louis (1982), J. R. Stat. Soc. B 44, eq. 3.2: what complete data
    would tell less the posterior covariance of a person's score.
    """
    ability = np.exp(log_sd) * answers.nodes
    logit = ability[:, None] - difficulties
    tail = np.log1p(np.exp(-np.abs(logit)))
    chance = np.exp(np.minimum(logit, 0.0) - tail)
    variance = chance * (1.0 - chance)
    total = answers.right.sum(axis=1)
    joint = total[:, None] * ability - answers.seen @ (np.maximum(logit, 0.0) + tail).T + answers.log_weights
    peak = joint.max(axis=1, keepdims=True, initial=-np.inf)
    posterior = np.exp(joint - peak)
    sums = posterior.sum(axis=1, keepdims=True)
    posterior /= sums
    value = float((peak + np.log(sums)).sum() - answers.right.sum(axis=0) @ difficulties)

    # Persons who saw item j, expected at each node.
    at_node = answers.seen.T @ posterior
    mean_chance = (posterior @ chance) * answers.seen
    by_difficulty = (at_node * chance.T).sum(axis=1) - answers.right.sum(axis=0)
    score = ability * (total[:, None] - answers.seen @ chance.T)
    mean_score = (posterior * score).sum(axis=1)

    n_items = difficulties.size
    information = np.empty((n_items + 1, n_items + 1))
    information[:n_items, :n_items] = mean_chance.T @ mean_chance - _squared_chances(
        answers, posterior, chance
    )
    information[range(n_items), range(n_items)] += (at_node * variance.T).sum(axis=1)
    cross = answers.seen.T @ (posterior * score) * chance.T + at_node * (variance * ability[:, None]).T
    information[n_items, :n_items] = mean_chance.T @ mean_score - cross.sum(axis=1)
    information[:n_items, n_items] = information[n_items, :n_items]
    complete = ability**2 * (answers.seen @ variance.T) - score
    information[n_items, n_items] = (posterior * (complete - score**2)).sum() + mean_score @ mean_score
    skew = (at_node * (variance * (1.0 - 2.0 * chance)).T).sum(axis=1)
    return Slope(value, np.append(by_difficulty, mean_score.sum()), information, skew)


def _squared_chances(answers: Answers, posterior: FloatArray, chance: FloatArray) -> FloatArray:
    """Return the sum over persons who saw both items of the posterior mean of P_i P_j, (n_items, n_items)."""
    n_items = chance.shape[1]
    found = np.zeros((n_items, n_items))
    for persons, items in answers.forms:
        own = chance[:, items]
        found[np.ix_(items, items)] += (own.T * posterior[persons].sum(axis=0)) @ own
    return found
