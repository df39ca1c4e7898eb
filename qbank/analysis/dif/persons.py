"""From a sitting to the persons of some groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.criterion import paper_scores
from qbank.analysis.dif.compared import Compared
from qbank.analysis.dif.expected import expected_shares
from qbank.analysis.sitting import SittingData

FORM = "form"
"""The column that stands for the paper sat; groups are then matched on the items that both papers hold."""


def group_words(data: SittingData, column: str) -> NDArray[np.str_]:
    """Return each person's word in the column, shape (n_persons,); raises ValueError where there is no such column."""
    columns = dict(data.groups)
    if column in columns:
        return np.array(columns[column], dtype=np.str_)
    if column == FORM:
        return np.array(data.forms, dtype=np.str_)[data.form]
    raise ValueError(f"no group column {column!r}; there are {', '.join([*columns, FORM])}")


def compared(data: SittingData, words: NDArray[np.str_], groups: tuple[str, ...], column: str) -> Compared:
    """Return the persons of the groups, the first the reference; marks as shares of full marks."""
    place = {name: index for index, name in enumerate(groups)}
    group = np.array([place.get(str(word), -1) for word in words], np.int64)
    kept = np.flatnonzero(group >= 0)
    full = np.where(data.marks_max > 0, data.marks_max, 1.0)
    marks = (data.marks if len(kept) == data.n_persons else data.marks[kept]) / full
    group, form = group[kept], data.form[kept]
    may_match = (data.scored | ~data.in_form).all(axis=0) & data.in_form.any(axis=0) & ~data.held & (data.marks_max > 0)
    if by_form(data, column):
        held = [data.in_form[np.unique(form[group == place])].all(axis=0) for place in range(len(groups))]
        common = np.all(held, axis=0) if held else np.zeros(data.n_items, bool)
        may_match &= common
        marks = np.where(common, marks, np.nan)
        form = np.zeros(len(form), np.int64)
    seen = ~np.isnan(marks)
    dichotomous = (~seen | (marks == 0) | (marks == 1)).all(axis=0)
    expected = None
    if data.pooled:
        form, expected = np.zeros(len(form), np.int64), expected_shares(marks, group, len(groups))
    return Compared(marks, full, group, form, may_match, dichotomous, len(groups), expected)


def pair_of(whole: Compared, focal: int) -> Compared:
    """Return the reference and one focal group of several."""
    if whole.n_groups == 2:
        return whole
    kept = (whole.group == 0) | (whole.group == focal)
    group = (whole.group[kept] == focal).astype(np.int64)
    return Compared(whole.marks[kept], whole.marks_max, group, whole.form[kept], whole.may_match, whole.dichotomous, expected=whole.expected)


def by_form(data: SittingData, column: str) -> bool:
    """Return whether the column is the paper sat and no column of persons has its name."""
    return column == FORM and column not in dict(data.groups)


def paper_share(data: SittingData) -> FloatArray:
    """Return each person's score as a share of the full marks of the paper sat, shape (n_persons,)."""
    full = np.where(data.in_form & data.scored, data.marks_max, 0.0).sum(axis=1)
    return ratio(paper_scores(data), full[data.form])
