"""The answers of one paper as ordered categories, which every question about dimension starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import FloatArray, IntArray
from qbank.analysis.reliability import complete_marks
from qbank.analysis.sitting import SittingData

MOST_CATEGORIES = 6
MOST_PERSONS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class PaperCategories:
    """Persons complete on the scored items of a paper, and the items that vary.

    n : persons complete on the paper, of whom at most 20,000 are drawn ; marks : (n_persons, k) ; category : (n_persons, k), 0, 1, … in the order of the marks ; items : (k,) indices into
    ``data.items`` ; left_out : indices of items that do not vary
    """

    n: int
    marks: FloatArray
    category: IntArray
    items: IntArray
    left_out: IntArray


def paper_categories(data: SittingData, form: int, *, seed: int = 1) -> PaperCategories:
    """Return the paper's answers in ordered categories; more than six different marks are joined to six of equal width.

    Of more than 20,000 persons that many are drawn (seed): eigenvalues and covariances are certain enough, and the cost ends.
    """
    marks, _ = complete_marks(data, form)
    n = len(marks)
    if n > MOST_PERSONS:
        marks = marks[np.sort(np.random.default_rng(seed).choice(n, MOST_PERSONS, replace=False))]
    held = np.flatnonzero(data.in_form[form] & data.scored[form])
    varies = np.ptp(marks, axis=0) > 1e-9 if len(marks) else np.zeros(len(held), bool)
    own = marks[:, varies]
    category = np.column_stack([categories(column) for column in own.T]) if own.shape[1] else own.astype(np.int64)
    return PaperCategories(n, own, category.astype(np.int64), held[varies], held[~varies])


def categories(marks: FloatArray) -> IntArray:
    """Return the rank of each mark among those that occur, (n_persons,); of many different ones six steps of equal width.

    >>> categories(np.array([0.0, 1.5, 0.5, 1.5])).tolist()
    [0, 2, 1, 2]
    """
    rounded = np.round(marks, 9)
    if len(rounded) and np.isin(rounded, (rounded.min(), rounded.max())).all():
        return np.asarray(rounded > rounded.min(), np.int64)
    levels = np.unique(rounded)
    if len(levels) > MOST_CATEGORIES:
        width = (levels[-1] - levels[0]) / MOST_CATEGORIES
        rounded = np.minimum(np.floor((rounded - levels[0]) / width + 1e-9), MOST_CATEGORIES - 1)
        levels = np.unique(rounded)
    return np.asarray(np.searchsorted(levels, rounded), np.int64)
