"""Answers drawn from the models, for power, benchmarks and tests."""

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.models import NOT_SEEN, FloatArray, Mask, ScoreArray
from qbank.irt.parameters import Batch, batches_of
from qbank.irt.scoring.population import Source, parameters_of

CHUNK = 4096


def simulate(
    parameters: Source,
    theta: ArrayLike,
    *,
    seed: int | np.random.Generator,
    seen: ArrayLike | None = None,
) -> ScoreArray:
    """Return scores int8 (n_persons, n_items), −1 where not seen or where the item has no parameters.

    parameters : of items, or a calibration
    theta : (n_persons,);  seen : (n_persons, n_items), true where the person gets the item, None for all.
    The same seed gives the same answers; one uniform number is drawn for every person and item, seen or not.

    >>> from qbank.irt import item_parameters
    >>> simulate(item_parameters("2pl", a=[1.0, 1.5], b=[-9.0, 9.0]), [0.0, 0.5], seed=1)
    array([[1, 0],
           [1, 0]], dtype=int8)
    """
    ability = np.asarray(theta, dtype=np.float64)
    if ability.ndim != 1:
        raise ValueError(f"theta must be a vector with one value a person, found shape {ability.shape}")
    if not np.isfinite(ability).all():
        raise ValueError("abilities must be finite numbers")
    items = parameters_of(parameters)
    shape = ability.size, len(items.items)
    wanted: Mask = np.ones(shape, dtype=bool) if seen is None else np.asarray(seen, dtype=bool)
    if wanted.shape != shape:
        raise ValueError(f"seen must have shape {shape}, found {wanted.shape}")
    rng = np.random.default_rng(seed)
    scores = np.full(shape, NOT_SEEN, dtype=np.int8)
    batches = batches_of(items)
    for low in range(0, ability.size, CHUNK):
        rows = slice(low, low + CHUNK)
        uniform = rng.random((ability[rows].size, shape[1]))
        for batch in batches:
            drawn = _drawn(batch, ability[rows], uniform[:, batch.items])
            scores[rows, batch.items] = np.where(wanted[rows][:, batch.items], drawn, NOT_SEEN)
    return scores


def _drawn(batch: Batch, ability: FloatArray, uniform: FloatArray) -> ScoreArray:
    """Return a category for each person and item: how many cumulative probabilities a uniform number
    exceeds.
    """
    probability = np.exp(batch.model.log_probability(batch.values, ability))
    steps = 1.0 - probability[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    drawn: ScoreArray = (uniform.T[:, None] > steps).sum(axis=1).astype(np.int8).T
    return drawn
