"""Forms of every model for the tests of linking."""

import numpy as np

from qbank.irt import ItemParameters, Link, inverse, rescale
from qbank.irt.models import FloatArray
from qbank.irt.parameters import from_estimates

# Word, number of categories, values; the model is told by it.
ITEMS: tuple[tuple[str, int, tuple[float, ...]], ...] = (
    ("rasch", 2, (1.0, 0.4)),
    ("rasch", 2, (1.0, -0.9)),
    ("1pl", 2, (0.8, 1.0)),
    ("1pl", 2, (0.8, -0.3)),
    ("2pl", 2, (1.4, -0.7)),
    ("2pl", 2, (0.7, 0.9)),
    ("3pl", 2, (1.2, 0.3, -1.4)),
    ("3pl", 2, (1.7, -1.2, -np.inf)),
    ("4pl", 2, (1.1, 0.5, -1.6, 3.0)),
    ("4pl", 2, (0.9, -0.2, -2.0, np.inf)),
    ("grm", 3, (1.3, 1.1, -0.4)),
    ("grm", 4, (0.8, 1.5, 0.1, -1.2)),
    ("pcm", 3, (1.0, 0.6, 0.3)),
    ("pcm", 4, (1.0, 1.2, 1.0, -0.5)),
    ("gpcm", 3, (0.7, -0.2, -1.0)),
    ("gpcm", 5, (0.5, 0.9, 1.3, 0.8, -0.6)),
    ("rsm", 4, (1.0, 0.2, 0.7, 0.6)),
    ("rsm", 4, (1.0, -0.5, 0.7, 0.6)),
    ("nominal", 3, (0.4, 1.5, 0.3, -0.2)),
    ("nominal", 4, (0.6, 0.2, 1.9, 0.1, 0.5, -0.7)),
)
WORDS = tuple(dict.fromkeys(word for word, _, _ in ITEMS))


def form(
    scale: str, words: tuple[str, ...] = WORDS, *, noise: float = 0.0, seed: int = 0, error: float = 0.1
) -> ItemParameters:
    """Return the items of some models on one scale, their values moved by normal noise, each with an error."""
    rng = np.random.default_rng(seed)
    chosen = [(number, item) for number, item in enumerate(ITEMS) if item[0] in words]
    n_most = max(len(values) for _, (_, _, values) in chosen)
    estimates = np.full((len(chosen), n_most), np.nan)
    covariance = np.full((len(chosen), n_most, n_most), np.nan)
    for row, (_, (word, _, values)) in enumerate(chosen):
        free = np.isfinite(values)
        # Values that a model fixes or shares stay where they are.
        free[0] &= word not in ("rasch", "1pl", "pcm", "rsm")
        free[2:] &= word != "rsm"
        shake = noise * rng.standard_normal(len(values)) * free
        estimates[row, : len(values)] = np.array(values) + shake
        covariance[row, : len(values), : len(values)] = np.diag(
            error**2 * free * rng.uniform(0.5, 1.5, len(values))
        )
    return from_estimates(
        [word for _, (word, _, _) in chosen],
        [n for _, (_, n, _) in chosen],
        estimates,
        covariance=covariance,
        items=[f"q{number}" for number, _ in chosen],
        scale=scale,
    )


def line(slope: float, intercept: float, from_scale: str = "new", to_scale: str = "old") -> Link:
    """Return a line between two scales."""
    return Link("given", slope, intercept, (), from_scale, to_scale, covariance=np.diag([0.01, 0.02]))


def moved(items: ItemParameters, slope: float, intercept: float, scale: str = "new") -> ItemParameters:
    """Return the items on a scale that the line carries back to where they were."""
    return rescale(items, inverse(line(slope, intercept, scale, items.scale)))


def with_estimates(items: ItemParameters, estimates: FloatArray) -> ItemParameters:
    """Return the items with other values, their covariances kept."""
    return from_estimates(
        items.model,
        items.n_categories,
        estimates,
        covariance=items.covariance,
        joint=items.joint,
        items=items.items,
        fingerprints=items.fingerprints,
        scale=items.scale,
    )


def direction(items: ItemParameters, seed: int) -> FloatArray:
    """Return a random way to move the finite estimates, those that the model fixes too."""
    shift = np.random.default_rng(seed).normal(0.0, 1.0, items.estimates.shape)
    return np.where(np.isfinite(items.estimates), shift, 0.0)


def erring_along(items: ItemParameters, shift: FloatArray) -> ItemParameters:
    """Return the items with errors along one direction only: what is made of them errs by its derivative along it."""
    joint = np.multiply.outer(shift, shift)
    return from_estimates(
        items.model,
        items.n_categories,
        items.estimates,
        covariance=items.covariance,
        joint=joint,
        items=items.items,
        fingerprints=items.fingerprints,
        scale=items.scale,
    )
