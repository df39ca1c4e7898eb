"""The chosen items dealt to the papers so that every row and every term is as even as it can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.program import Array, Indices
from qbank.assemble.standing import Frame


def deal(
    frame: Frame, counts: Indices, groups: Indices, rng: np.random.Generator, *, terms: float = 1.0
) -> NDArray[np.bool_]:
    """Return papers (n_forms, n_columns + 1) on which the columns stand as often as ``counts`` says.

    Columns of like rows are dealt one after the other, each to the paper that has had least of what it brings, in
    proportion to what the paper should have, among those that have a place left. counts : (n_groups, n_columns) ; groups : (n_forms,)
    """
    chosen = np.zeros((frame.n_forms, frame.item.size), dtype=np.bool_)
    holders: dict[int, set[int]] = {}
    for group in range(counts.shape[0]):
        forms = np.flatnonzero(groups == group)
        own = np.flatnonzero(counts[group, : frame.nothing])
        whole = _expected(frame, own, counts[group, own], forms.size)
        sums = np.zeros((forms.size, whole.shape[1]))
        traits = _traits(frame, whole, terms)
        fixed = np.flatnonzero(~np.isnan(frame.step) & (frame.low[forms] == frame.high[forms]).all(axis=0))
        places = frame.columns[:, fixed].toarray()
        room = frame.high[np.ix_(forms, fixed)].copy()
        for column in own[np.lexsort((rng.random(own.size), _signature(frame, own), -counts[group, own]))]:
            brings = traits[[column]].toarray().ravel()
            load = sums @ brings + 1e-6 * rng.random(forms.size)
            taken = holders.setdefault(int(frame.item[column]), set())
            load[(room < places[column] - 1e-9).any(axis=1)] = np.inf
            load[[form in taken or not frame.may_stand[form, column] for form in forms]] = np.inf
            for place in np.argsort(load, kind="stable")[: counts[group, column]]:
                if np.isfinite(load[place]):
                    chosen[forms[place], column] = True
                    taken.add(int(forms[place]))
                    sums[place] += brings
                    room[place] -= places[column]
    return chosen


def _expected(frame: Frame, own: Indices, counts: Indices, n_papers: int) -> Array:
    """Return what a paper should have of each row and each term on average; shape (1, n_rows + n_terms)."""
    rows = counts @ frame.columns[own]
    terms = counts @ frame.values[own]
    return np.concatenate([np.asarray(rows).ravel(), np.asarray(terms).ravel()])[None, :] / n_papers


def _traits(frame: Frame, whole: Array, terms: float) -> sparse.csr_matrix:
    """Return the columns with their rows and terms, scaled so that no row outweighs another."""
    scale = 1.0 / np.sqrt(np.maximum(np.abs(whole.ravel()), 1e-12))
    scale[np.abs(whole.ravel()) < 1e-9] = 0.0
    scale[frame.low.shape[1] :] *= terms
    both = sparse.hstack([frame.columns, sparse.csr_matrix(frame.values)])
    return sparse.csr_matrix(both @ sparse.diags(scale * np.sqrt(1.0)))


def _signature(frame: Frame, own: Indices) -> Indices:
    """Return a number for each column that is the same where the rows with equal coefficients are the same."""
    part = frame.columns[own][:, np.flatnonzero(~np.isnan(frame.step))]
    part.sort_indices()
    names: dict[bytes, int] = {}
    return np.array([
        names.setdefault(part.indices[part.indptr[k] : part.indptr[k + 1]].tobytes(), len(names))
        for k in range(own.size)
    ], dtype=np.int64)  # fmt: skip
