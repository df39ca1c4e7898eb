"""Small samples of answers for the tests of irt."""

import numpy as np
from numpy.typing import NDArray

from qbank.irt import item_parameters, simulate


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
