"""Small samples of answers for the tests of irt."""

import numpy as np
from numpy.typing import NDArray

from qbank.irt import MODELS, ItemParameters, item_parameters, simulate
from qbank.irt.parameters import from_estimates


def sample(
    n_persons: int, n_items: int, seed: int, *, forms: int = 1, sparse: float = 0.0
) -> NDArray[np.int8]:
    """Return scores of a 2PL test; with `forms`, neighbouring forms share half of their items; `sparse` is the share
    of answers that chance takes away."""
    rng = np.random.default_rng(seed)
    items = item_parameters("2pl", a=rng.lognormal(0, 0.3, n_items), b=rng.normal(0, 1, n_items))
    seen = np.ones((n_persons, n_items), dtype=bool)
    if forms > 1:
        length = 2 * n_items // (forms + 1)
        start = (np.arange(n_persons) % forms) * (length // 2)
        place = np.arange(n_items)
        seen = (place >= start[:, None]) & (place < start[:, None] + length)
    seen &= rng.random(seen.shape) >= sparse
    return simulate(items, rng.normal(0, 1, n_persons), seed=rng, seen=seen)


def items_of(words: list[str], seed: int, *, n_categories: int = 4) -> ItemParameters:
    """Return plausible items of any models, those with steps of n_categories."""
    rng = np.random.default_rng(seed)
    sizes = [MODELS[word].categories[0] if MODELS[word].categories == (2, 2) else n_categories for word in words]
    rows = []
    for word, n in zip(words, sizes, strict=True):
        row = MODELS[word].start(np.full((1, n), 1.0 / n))[0]
        names = MODELS[word].parameters(n)
        shift = rng.normal(0, 0.7)
        for column, name in enumerate(names):
            if name[0] == "a" and MODELS[word].slope == "own":
                row[column] *= rng.lognormal(0, 0.2)
            elif name[0] == "d":
                row[column] += shift
            elif name == "logit_c":
                row[column] = -1.5
            elif name == "logit_u":
                row[column] = 3.0
        rows.append(row)
    estimates = np.full((len(words), max(row.size for row in rows)), np.nan)
    for item, row in enumerate(rows):
        estimates[item, : row.size] = row
    return from_estimates(words, np.array(sizes), estimates)


def sample_of(
    words: list[str], n_persons: int, seed: int, *, n_categories: int = 4, forms: int = 1, sparse: float = 0.0
) -> NDArray[np.int8]:
    """Return scores on items of any models; forms overlap by half as in `sample`."""
    rng = np.random.default_rng(seed)
    n_items = len(words)
    seen = np.ones((n_persons, n_items), dtype=bool)
    if forms > 1:
        length = 2 * n_items // (forms + 1)
        start = (np.arange(n_persons) % forms) * (length // 2)
        place = np.arange(n_items)
        seen = (place >= start[:, None]) & (place < start[:, None] + length)
    seen &= rng.random(seen.shape) >= sparse
    parameters = items_of(words, seed, n_categories=n_categories)
    return simulate(parameters, rng.normal(0, 1, n_persons), seed=rng, seen=seen)
