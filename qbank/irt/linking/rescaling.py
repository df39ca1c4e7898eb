"""Items carried to another scale, with their errors."""

import numpy as np

from qbank.irt.linking.common_items import items_of
from qbank.irt.linking.record import Link
from qbank.irt.models import MODELS, FloatArray, carried
from qbank.irt.parameters import Batch, ItemParameters, batches, carried_joint, from_estimates
from qbank.irt.scoring.population import Source

ERRORS = ("calibration", "calibration and link")
# Relative step of the central difference of the rescaling matrix; what it moves is linear in A^-1 and B.
STEP = 1e-5


def rescale(parameters: Source, line: Link, *, errors: str = "calibration") -> ItemParameters:
    """Return the parameters on the scale that the link leads to: a / A, A b + B, d − a B / A, with their
    errors; asymptotes stay as they are.

    errors : "calibration" carries the items' own errors along and takes the link as known; "calibration and
        link" adds what the link's covariance makes of them, taken as independent of the items, which it is
        but for the anchors themselves (NaN where the link's errors are unknown)

    An item of a model without a slope of its own (rasch, pcm, rsm) whose unit changes is from then on one of
    the model with a slope that holds it (2pl, gpcm). Carried back by the inverse link, every item's curves
    are what they were.

    >>> from qbank.irt import item_parameters
    >>> new = item_parameters("2pl", a=[1.0], b=[0.5], scale="new")
    >>> moved = rescale(new, Link("mean-sigma", 2.0, 1.0, (), "new", "old"))
    >>> moved.values["a"], moved.values["b"], moved.scale
    (array([0.5]), array([2.]), 'old')
    """
    parameters = items_of(parameters)
    if errors not in ERRORS:
        raise ValueError(f"unknown errors {errors!r} (errors: {', '.join(ERRORS)})")
    if parameters.scale != line.from_scale:
        raise ValueError(
            f"the link leads from scale {line.from_scale!r}, the items are on {parameters.scale!r}"
        )
    return _carried_items(parameters, line, errors, free=line.slope != 1.0)


def with_free_slopes(parameters: ItemParameters) -> ItemParameters:
    """Return the same items on the same scale, each told in the model with a slope of its own that holds it."""
    scale = parameters.scale
    return _carried_items(parameters, Link("", 1.0, 0.0, (), scale, scale), "calibration", free=True)


def _carried_items(parameters: ItemParameters, line: Link, errors: str, *, free: bool) -> ItemParameters:
    words = list(parameters.model)
    every = np.arange(len(words))
    parts = []
    for batch in batches(words, parameters.n_categories, parameters.estimates, every):
        word = batch.model.freed(batch.n_categories)[0] if free else batch.model.name
        for item in batch.items:
            words[item] = word
        parts.append((batch, *_moved(batch, parameters.covariance[batch.items], line, errors, free)))
    n_most = max((values.shape[1] for _, values, _, _ in parts), default=parameters.estimates.shape[1])
    n_most = max(n_most, parameters.estimates.shape[1])
    estimates = np.full((len(words), n_most), np.nan)
    matrices = np.zeros((len(words), n_most, parameters.estimates.shape[1]))
    covariance = np.full((len(words), n_most, n_most), np.nan)
    for batch, values, own, matrix in parts:
        n_new = values.shape[1]
        matrices[batch.items, :n_new, : matrix.shape[1]] = matrix
        estimates[batch.items, :n_new], covariance[batch.items, :n_new, :n_new] = values, own
    return from_estimates(
        words,
        parameters.n_categories,
        estimates,
        covariance=covariance,
        joint=carried_joint(parameters, matrices) if errors == "calibration" else None,
        items=parameters.items,
        fingerprints=parameters.fingerprints,
        scale=line.to_scale,
    )


def _moved(
    batch: Batch, covariance: FloatArray, line: Link, errors: str, free: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the values of a batch on the other scale, their covariance, and the matrix that made them."""
    n_own = batch.values.shape[1]
    word, freed = batch.model.name, np.eye(n_own)
    if free:
        word, freed = batch.model.freed(batch.n_categories)

    def matrix_of(slope: float, intercept: float) -> FloatArray:
        return MODELS[word].rescaling(batch.n_categories, slope, intercept) @ freed

    matrix = matrix_of(line.slope, line.intercept)
    moved = matrix @ covariance[:, :n_own, :n_own] @ matrix.T
    if errors == "calibration and link":
        h = STEP * line.slope
        by_slope = matrix_of(line.slope + h, line.intercept) - matrix_of(line.slope - h, line.intercept)
        by_intercept = matrix_of(line.slope, line.intercept + h) - matrix_of(line.slope, line.intercept - h)
        # The logit of an asymptote at 0 or 1 is infinite and does not move.
        own = np.where(np.isinf(batch.values), 0.0, batch.values)
        by_line = np.stack((own @ by_slope.T, own @ by_intercept.T), axis=2) / (2.0 * h)
        moved = moved + by_line @ line.covariance @ by_line.transpose(0, 2, 1)
    return carried(batch.values, matrix), moved, matrix
