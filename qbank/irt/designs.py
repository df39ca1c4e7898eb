"""Who sees which items: masks for simulated sittings, in forms, at random, or by what was answered so far."""

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.ability import log_normal_weights
from qbank.irt.answers import checked_scores
from qbank.irt.likelihood import quadrature
from qbank.irt.models import NOT_SEEN, IndexArray, Mask
from qbank.irt.parameters import first_rows, log_probability_table
from qbank.irt.scoring.information import information
from qbank.irt.scoring.population import Source, parameters_of

# An adaptive test aims with a coarse grid: the choice of the next item needs no more.
N_NODES = 41
BEST = 5


def linked_forms(n_persons: int, n_items: int, n_forms: int, *, blocks_a_form: int = 2) -> Mask:
    """Return who sees what, (n_persons, n_items), when forms are made of neighbouring blocks in a ring.

    The items are cut into n_forms blocks of nearly equal size; form f has the blocks f to f + blocks_a_form - 1,
    the last ones followed by the first, so that each item stands in blocks_a_form forms. Person i has form
    i mod n_forms.

    >>> linked_forms(3, 6, 3).astype(int)
    array([[1, 1, 1, 1, 0, 0],
           [0, 0, 1, 1, 1, 1],
           [1, 1, 0, 0, 1, 1]])
    """
    _check_persons(n_persons)
    if not 1 <= n_forms <= n_items:
        raise ValueError(f"{n_items} items make 1 to {n_items} forms, not {n_forms}")
    if not 1 <= blocks_a_form <= n_forms:
        raise ValueError(f"a form has 1 to {n_forms} blocks, not {blocks_a_form}")
    block = np.arange(n_items) * n_forms // n_items
    form = np.arange(n_persons) % n_forms
    return np.asarray((block - form[:, None]) % n_forms < blocks_a_form)


def random_missing(n_persons: int, n_items: int, share: float, *, seed: int | np.random.Generator) -> Mask:
    """Return who sees what, (n_persons, n_items), when each answer is missing with the same chance.

    >>> bool(random_missing(100, 50, 0.2, seed=1).mean() > 0.75)
    True
    """
    _check_persons(n_persons)
    if not 0 <= share <= 1:
        raise ValueError(f"the share of missing answers lies between 0 and 1, found {share}")
    return np.asarray(np.random.default_rng(seed).random((n_persons, n_items)) >= share)


def random_items(n_persons: int, n_items: int, length: int, *, seed: int | np.random.Generator) -> Mask:
    """Return who sees what, (n_persons, n_items), when everybody gets items of his own, drawn without return.

    >>> random_items(3, 6, 2, seed=1).sum(axis=1)
    array([2, 2, 2])
    """
    _check_persons(n_persons)
    _check_length(length, n_items)
    rank = np.random.default_rng(seed).random((n_persons, n_items)).argsort(axis=1).argsort(axis=1)
    return np.asarray(rank < length)


def adaptive_items(
    scores: ArrayLike, parameters: Source, length: int, *, seed: int | np.random.Generator
) -> Mask:
    """Return who sees what, (n_persons, n_items), in an adaptive test of a given length.

    scores : (n_persons, n_items), what each person would answer to each item
    Each next item is drawn from the BEST most informative ones at the mean of the posterior given the answers so far,
    ability being N(0, 1) before. What is seen depends on seen answers only: it can be ignored by the likelihood
    (Rubin 1976; Mislevy & Wu 1996, for adaptive tests). Items without parameters are never seen.
    Cost: length times n_persons times (n_items + n_nodes).

    >>> from qbank.irt import item_parameters, simulate
    >>> items = item_parameters("2pl", a=np.ones(30), b=np.linspace(-3, 3, 30))
    >>> adaptive_items(simulate(items, [-2.0, 2.0], seed=1), items, 8, seed=1).sum(axis=1)
    array([8, 8])
    """
    answers, bank = checked_scores(scores), parameters_of(parameters)
    if answers.shape[1] != len(bank.items):
        raise ValueError(f"scores of {answers.shape[1]} items for parameters of {len(bank.items)}")
    beyond = np.flatnonzero(answers.max(axis=0, initial=NOT_SEEN) >= bank.n_categories)
    if beyond.size:
        raise ValueError(f"a score of item {bank.items[beyond[0]]} is beyond its categories")
    usable = bank.estimated
    _check_length(length, int(usable.sum()))
    rng = np.random.default_rng(seed)
    nodes = quadrature(N_NODES)
    aims = np.where(usable[:, None], information(bank, nodes), -np.inf)
    table = log_probability_table(bank, nodes)
    first = first_rows(bank.n_categories)[:-1]
    log_posterior = np.tile(log_normal_weights(nodes, 0.0, 1.0), (answers.shape[0], 1))
    everybody = np.arange(answers.shape[0])
    seen = np.zeros(answers.shape, dtype=bool)
    for _ in range(length):
        aim = np.where(seen, -np.inf, aims[:, _nearest(log_posterior)].T)
        item = _one_of_the_best(aim, rng)
        seen[everybody, item] = True
        answer = answers[everybody, item]
        log_posterior += np.where((answer != NOT_SEEN)[:, None], table[first[item] + np.maximum(answer, 0)], 0.0)
    return seen


def _check_persons(n_persons: int) -> None:
    if n_persons < 0:
        raise ValueError(f"the number of persons is 0 or more, not {n_persons}")


def _check_length(length: int, n_items: int) -> None:
    if not 0 <= length <= n_items:
        raise ValueError(f"{n_items} items make a test of 0 to {n_items}, not {length}")


def _nearest(log_posterior: np.ndarray) -> IndexArray:
    """Return the node (n_persons,) nearest to the mean of each posterior."""
    nodes = quadrature(log_posterior.shape[1])
    weights = np.exp(log_posterior - log_posterior.max(axis=1, keepdims=True))
    mean = weights @ nodes / weights.sum(axis=1)
    return np.asarray(np.rint((mean - nodes[0]) / (nodes[1] - nodes[0])), dtype=np.intp)


def _one_of_the_best(aim: np.ndarray, rng: np.random.Generator) -> IndexArray:
    """Return an item a person, drawn from the BEST of those that are left (aim above minus infinity)."""
    n_best = min(BEST, aim.shape[1])
    best = np.argpartition(-aim, n_best - 1, axis=1)[:, :n_best]
    left = np.isfinite(np.take_along_axis(aim, best, axis=1))
    pick = np.where(left, rng.random(best.shape), -1.0).argmax(axis=1)
    return np.asarray(best[np.arange(aim.shape[0]), pick], dtype=np.intp)
