"""The quadratic form of residual moments from which the parameters' estimation is projected out.

N e' C e with C = Xi^-1 - Xi^-1 D (D' Xi^-1 D)^-1 D' Xi^-1, Maydeu-Olivares & Joe (2005). All moments are in
units of their standard deviations, which leaves the form what it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qbank.irt.blocks import Block
from qbank.irt.fit.moments import (
    Moments,
    correlations,
    covariance_times,
    expected,
    observed,
    score_variances,
    variances,
)
from qbank.irt.models import FloatArray, IndexArray, Mask

MOST_STEPS = 5000
CLOSE = 1e-8
# A direction of the free values that changes the moments by less than this is not told apart by them.
LEAST_CHANGE = 1e-6
# A moment of less variance is one of an answer that never comes.
LEAST_VARIANCE = 1e-10


@dataclass(frozen=True, slots=True)
class Sample:
    """Persons of one group who saw the same items, and what the model says of their moments.

    items         (n_sample_items,);  pairs: places in it of each pair's items
    known         (n_moments,) mask of the moments that vary
    residual      (n_moments,) sqrt(N) (observed - expected) / sd;  jacobian: sparse (n_moments, n_free) of the same
    times         x -> R x, R being the correlations of the moments; x: (n_some, n_moments)
    observed, expected   (n_pairs,) correlations of the scores
    """

    items: IndexArray
    pairs: tuple[IndexArray, IndexArray]
    n_persons: int
    known: Mask
    residual: FloatArray
    jacobian: Any
    times: Callable[[FloatArray], FloatArray]
    observed: FloatArray
    expected: FloatArray


@dataclass(frozen=True, slots=True)
class ResidualForm:
    """The value of the form and whether it converged.

    n_told   free values that move any moment;  rank: of the derivatives by them
    """

    value: float
    rank: int
    n_told: int
    converged: bool


def sample_of(of: Moments, block: Block, items: IndexArray, slopes: Any, *, merge: bool) -> Sample:
    """Return a sample with its moments in units of their standard deviations.

    merge : the shares of each item's categories become its mean score.
    """
    from scipy.sparse import diags

    model, data, variance = expected(of), observed(of, block.scores), variances(of)
    met = correlations(of, data), correlations(of, model)
    times, means = covariance_times(of), _means(of)
    if merge:
        variance = np.concatenate((score_variances(of, model), variance[of.owner.size :]))
        model, data, slopes = means @ model, means @ data, means @ slopes
    known = variance > LEAST_VARIANCE
    scale = np.where(known, 1.0 / np.sqrt(np.where(known, variance, 1.0)), 0.0)

    def scaled(x: FloatArray) -> FloatArray:
        found = times((x * scale) @ means if merge else x * scale)
        return np.asarray((found @ means.T if merge else found) * scale)

    return Sample(
        items=items,
        pairs=of.pairs,
        n_persons=block.persons.size,
        known=known,
        residual=np.sqrt(block.persons.size) * (data - model) * scale,
        jacobian=diags(np.sqrt(block.persons.size) * scale) @ slopes,
        times=scaled,
        observed=met[0],
        expected=met[1],
    )


def _means(of: Moments) -> Any:
    """Return the sparse matrix that makes mean scores of shares, and leaves the products of pairs."""
    from scipy.sparse import block_diag, csr_matrix, identity

    places = of.owner, np.arange(of.owner.size)
    scores = csr_matrix((of.category, places), shape=(of.starts.size, of.owner.size))
    return block_diag((scores, identity(of.pairs[0].size)), format="csr")


def residual_form(samples: Sequence[Sample]) -> ResidualForm:
    """Return the form of the stacked residuals of samples, which share the free values.

    It is e' y of the y that minimises y' R y / 2 - e' y among those with D' y = 0, found by conjugate gradients in the
    null space of D', Gould, Hribar & Nocedal (2001): R is only multiplied with, never made or factored.
    Cost: some ten to a hundred products, and O(n_free^3) once.
    """
    from scipy.linalg import eigh
    from scipy.sparse import vstack

    if not samples:
        return ResidualForm(np.nan, 0, 0, True)
    residual = np.concatenate([sample.residual for sample in samples])
    slopes = vstack([sample.jacobian for sample in samples], format="csr")
    norm = np.sqrt(np.asarray(slopes.power(2).sum(axis=0)).ravel())
    slopes = slopes.multiply(1.0 / np.maximum(norm, 1e-300)).tocsr()
    roots, vectors = eigh((slopes.T @ slopes).toarray())
    told = roots > LEAST_CHANGE**2
    vectors = vectors[:, told] / np.sqrt(roots[told])
    ends = np.cumsum([sample.residual.size for sample in samples])

    def projected(x: FloatArray) -> FloatArray:
        found: FloatArray = x - slopes @ (vectors @ (vectors.T @ (slopes.T @ x)))
        return found

    def times(x: FloatArray) -> FloatArray:
        parts = np.split(x, ends[:-1])
        return np.concatenate([sample.times(part[None])[0] for sample, part in zip(samples, parts, strict=True)])

    y = np.zeros_like(residual)
    left = projected(residual)
    direction, square = left, float(left @ left)
    goal = CLOSE**2 * square
    for _ in range(MOST_STEPS):
        if square <= goal:
            break
        image = times(direction)
        length = square / float(direction @ image)
        y += length * direction
        left = projected(left - length * image)
        before, square = square, float(left @ left)
        direction = left + (square / before) * direction
    return ResidualForm(float(residual @ y), int(told.sum()), int((norm > 0).sum()), square <= goal)
