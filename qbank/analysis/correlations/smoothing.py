"""A matrix of correlations estimated pair by pair, made one that a set of variables can have."""

from __future__ import annotations

import numpy as np

from qbank.analysis.arrays import FloatArray

LEAST = 1e-8


def smoothed(correlations: FloatArray, *, least: float = LEAST) -> tuple[FloatArray, bool]:
    """Return the matrix with no eigenvalue below ``least`` times their mean, its diagonal 1 again, and whether it moved.

    correlations : (k, k), symmetric; NaN (pairs that nobody saw) counts as 0. Eigenvalues below the bound are set to it
    and the matrix is scaled back to a unit diagonal, as usual with tetrachoric correlations (Knol & Berger 1991).

    >>> matrix = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    >>> better, moved = smoothed(matrix)
    >>> moved, bool(np.linalg.eigvalsh(better).min() > 0)
    (True, True)
    """
    matrix = np.nan_to_num(np.asarray(correlations, float))
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 1.0)
    if not len(matrix):
        return matrix, False
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= least:
        return matrix, False
    raised = (vectors * np.maximum(values, least)) @ vectors.T
    scale = np.sqrt(np.diag(raised))
    better = raised / np.outer(scale, scale)
    better = (better + better.T) / 2
    np.fill_diagonal(better, 1.0)
    return better, True
