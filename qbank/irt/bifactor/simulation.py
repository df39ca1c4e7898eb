"""Answers drawn from bifactor and testlet models."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.bifactor.arrangement import labelled
from qbank.irt.models import NOT_SEEN, FloatArray, Mask, ScoreArray
from qbank.irt.parameters import ItemParameters, batches_of


def simulate_bifactor(
    parameters: ItemParameters,
    theta: ArrayLike,
    testlets: Sequence[str | None],
    *,
    seed: int | np.random.Generator,
    specific: ArrayLike | None = None,
    testlet_sd: ArrayLike | None = None,
    specific_theta: ArrayLike | None = None,
    seen: ArrayLike | None = None,
) -> ScoreArray:
    """Return scores int8 (n_persons, n_items), −1 where not seen or where the item has no parameters.

    theta : (n_persons,);  testlets : (n_items,) labels, None or "" without
    specific : (n_items,) specific slopes (structure "bifactor"); or testlet_sd : one for each testlet in the
        order in which these first appear (structure "testlet"), or one number for all
    specific_theta : (n_persons, n_testlets) effects, drawn from N(0, 1) by default
    seen : (n_persons, n_items), true where the person gets the item, None for all

    The same seed gives the same answers.

    >>> from qbank.irt import item_parameters
    >>> easy = item_parameters("2pl", a=[1.0, 1.0], b=[-9.0, -9.0])
    >>> simulate_bifactor(easy, [0.0], ["x", "x"], testlet_sd=[0.5], seed=1)
    array([[1, 1]], dtype=int8)
    """
    if (specific is None) == (testlet_sd is None):
        raise ValueError("give either specific slopes or testlet_sd")
    ability = np.asarray(theta, dtype=np.float64)
    if ability.ndim != 1:
        raise ValueError(f"theta must be a vector with one value a person, found shape {ability.shape}")
    n_items = len(parameters.items)
    if len(testlets) != n_items:
        raise ValueError(f"{len(testlets)} testlets for {n_items} items")
    names, testlet = labelled(testlets)
    rng = np.random.default_rng(seed)
    shape = ability.size, len(names)
    effects = rng.normal(size=shape) if specific_theta is None else np.asarray(specific_theta, np.float64)
    if effects.shape != shape:
        raise ValueError(f"specific_theta must have shape {shape}, found {effects.shape}")
    slopes = _slopes(specific, n_items) if testlet_sd is None else None
    sd = (
        np.zeros(len(names))
        if testlet_sd is None
        else np.broadcast_to(np.asarray(testlet_sd, float), len(names))
    )
    wanted: Mask = (
        np.ones((ability.size, n_items), dtype=bool) if seen is None else np.asarray(seen, dtype=bool)
    )
    if wanted.shape != (ability.size, n_items):
        raise ValueError(f"seen must have shape {(ability.size, n_items)}, found {wanted.shape}")
    scores = np.full(wanted.shape, NOT_SEEN, dtype=np.int8)
    for batch in batches_of(parameters):
        slope_columns = batch.model.slopes(batch.n_categories)
        if slopes is not None and slope_columns.sum() != 1 and (testlet[batch.items] >= 0).any():
            raise ValueError(f"a {batch.model.name} item has no single slope: give testlet_sd")
        for item, values in zip(batch.items.tolist(), batch.values, strict=True):
            own = values.copy()
            at = ability
            if testlet[item] >= 0 and slopes is None:
                at = ability + sd[testlet[item]] * effects[:, testlet[item]]
            elif testlet[item] >= 0:
                # Slope 1 on the linear predictor without intercepts: also right for a = 0.
                assert slopes is not None
                at = float(own[slope_columns][0]) * ability + slopes[item] * effects[:, testlet[item]]
                own[slope_columns] = 1.0
            drawn = _drawn(np.exp(batch.model.log_probability(own[None], at))[0], rng.random(at.size))
            scores[:, item] = np.where(wanted[:, item], drawn, NOT_SEEN)
    return scores


def _slopes(specific: ArrayLike | None, n_items: int) -> FloatArray:
    slopes = np.asarray(specific, dtype=np.float64)
    if slopes.shape != (n_items,):
        raise ValueError(
            f"specific must have one slope for each of {n_items} items, found shape {slopes.shape}"
        )
    return slopes


def _drawn(probability: FloatArray, uniform: FloatArray) -> ScoreArray:
    """Return how many cumulative probabilities a uniform number exceeds; probability (n_categories, n)."""
    steps = 1.0 - probability[::-1].cumsum(axis=0)[::-1][1:]
    drawn: ScoreArray = (uniform > steps).sum(axis=0).astype(np.int8)
    return drawn
