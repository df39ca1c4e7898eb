"""Tests of two groups or many at once on the mean mark: Mantel's χ² and the generalised Mantel–Haenszel χ²."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import FloatArray
from qbank.analysis.dif.mantel import chi2_p


@dataclass(frozen=True, slots=True, eq=False)
class GeneralisedMantelHaenszel:
    """chi2, df, p : one value an item, NaN where no stratum can tell groups apart."""

    chi2: FloatArray
    df: FloatArray
    p: FloatArray


def generalised_mantel_haenszel(
    total: FloatArray, n: FloatArray, *, square: FloatArray | None = None
) -> GeneralisedMantelHaenszel:
    """Return the generalised Mantel–Haenszel χ² of each item over two groups or more.

    total, n, square : (..., n_groups, n_strata) sum of marks, persons, sum of squared marks (None: right/wrong)

    chi2 = d′ V⁻¹ d, d the groups' sums of marks minus what their size and the stratum's mean make expected, summed
    over strata, V its hypergeometric covariance, Σ s² (diag(n) − n n′/T) with s² the variance of the marks in the stratum
    (n − 1): Mantel (1963) for two groups and partial marks, Somes (1986) for many groups and right/wrong, the
    mean-score statistic of Landis, Heyman & Koch (1978) for both. df = the rank of V (usually n_groups − 1).
    """
    squares = total if square is None else square
    persons = n.sum(axis=-2)
    size = np.maximum(persons, 1.0)
    marks = total.sum(axis=-2)
    spread = np.where(persons > 1, (squares.sum(axis=-2) - marks**2 / size) / np.maximum(persons - 1, 1), 0.0)
    spread = np.maximum(spread, 0.0)
    gap = (total - n * (marks / size)[..., None, :]).sum(axis=-1)
    weighted = n * (spread / size)[..., None, :]
    cross = np.einsum("...gs,...hs->...gh", weighted, n)
    diagonal = (n * spread[..., None, :]).sum(axis=-1)
    covariance = diagonal[..., :, None] * np.eye(n.shape[-2]) - cross
    scale = np.maximum(np.trace(covariance, axis1=-2, axis2=-1), 1e-300)[..., None, None]
    values, vectors = np.linalg.eigh(covariance / scale)
    kept = values > 1e-10
    along = np.einsum("...gk,...g->...k", vectors, gap)
    chi2 = np.where(kept, along**2 / np.where(kept, values, 1.0), 0.0).sum(axis=-1) / scale[..., 0, 0]
    df = kept.sum(axis=-1).astype(float)
    chi2 = np.where(df > 0, chi2, np.nan)
    return GeneralisedMantelHaenszel(chi2, np.where(df > 0, df, np.nan), chi2_p(chi2, df))
