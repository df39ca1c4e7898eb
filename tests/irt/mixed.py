"""Forms with items of every model, at random, for the tests of irt."""

import numpy as np
from numpy.typing import NDArray

from qbank.irt import ItemParameters
from qbank.irt.models import MODELS, NOT_SEEN
from qbank.irt.parameters import batches_of, from_estimates


def mixed_items(
    n_items: int, rng: np.random.Generator, *, words: tuple[str, ...] = tuple(MODELS), sharp: float = 1.0
) -> ItemParameters:
    """Return items of random models with two to five categories; `sharp` multiplies the discriminations."""
    model = rng.choice(words, n_items)
    n_categories = np.array([rng.integers(MODELS[w].categories[0], min(MODELS[w].categories[1], 5) + 1) for w in model])
    rows = [values_of(str(w), int(k), rng, sharp) for w, k in zip(model, n_categories, strict=True)]
    estimates = np.full((n_items, max((row.size for row in rows), default=0)), np.nan)
    for item, row in enumerate(rows):
        estimates[item, : row.size] = row
    return from_estimates(model.tolist(), n_categories, estimates)


def values_of(word: str, k: int, rng: np.random.Generator, sharp: float) -> NDArray[np.float64]:
    """Return the values of an item in the metric that is estimated."""
    a = 1.0 if MODELS[word].slope == "one" else sharp * rng.lognormal(0.0, 0.4)
    found = []
    for name in MODELS[word].parameters(k):
        if name == "a":
            found.append(a)
        elif name == "logit_c":
            found.append(rng.uniform(-4.0, 0.0))
        elif name == "logit_u":
            found.append(rng.uniform(1.0, 4.0))
        elif name.startswith("a"):
            found.append(a * int(name[1:]) + rng.normal(0.0, 0.5))
        else:
            found.append(sharp * rng.normal(0.0, 1.2))
    values = np.array(found)
    if word == "grm":
        values[1:] = -np.sort(-values[1:])
        values[1:] -= 0.05 * np.arange(values.size - 1)
    return values


def patterns(
    parameters: ItemParameters, n_persons: int, rng: np.random.Generator, *, sparse: float = 0.0
) -> NDArray[np.int8]:
    """Return categories drawn evenly, so that odd patterns come too; `sparse` is the share not seen."""
    drawn = (rng.random((n_persons, len(parameters.items))) * parameters.n_categories).astype(np.int8)
    drawn[rng.random(drawn.shape) < sparse] = NOT_SEEN
    return drawn


def log_likelihood(
    parameters: ItemParameters, scores: NDArray[np.int8], theta: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the log-likelihood (n_persons, n_theta), item by item."""
    total = np.zeros((scores.shape[0], theta.size))
    for batch in batches_of(parameters):
        log_probability = batch.model.log_probability(batch.values, theta)
        for row, item in enumerate(batch.items):
            seen = scores[:, item] != NOT_SEEN
            total[seen] += log_probability[row][scores[seen, item]]
    return total
