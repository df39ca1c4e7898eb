"""What each option attracted, and from whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, column_deviations, ratio
from qbank.analysis.criterion import THIRDS, group_weights, paper_scores, rest_scores
from qbank.analysis.intervals import CONFIDENCE, correlation_interval, wilson_interval
from qbank.analysis.sitting import NOT_REACHED, OMITTED, SittingData


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Every cell seen, as a place in one long list: each item's labels, then omitted, not reached.

    item, index, role : per category ; person, category : per cell seen ; n : (n_items,) cells seen
    """

    item: IntArray
    label: tuple[str, ...]
    role: tuple[str, ...]
    person: IntArray
    column: IntArray
    category: IntArray
    n: IntArray


def choices(data: SittingData) -> Choices:
    """Return the cells with marks, or left blank, of the items that have labels."""
    n_labels = np.array([len(words) for words in data.labels], np.int64)
    has_labels = n_labels > 0
    width = np.where(has_labels, n_labels + 2, 0)
    start = np.concatenate([[0], np.cumsum(width)]).astype(np.int64)
    counted: BoolArray = ~np.isnan(data.marks) & has_labels
    person, column = np.nonzero(counted)
    code: NDArray[np.int64] = data.answer[person, column].astype(np.int64)
    code = np.where(
        code == OMITTED, n_labels[column], np.where(code == NOT_REACHED, n_labels[column] + 1, code)
    )
    labels: list[str] = []
    roles: list[str] = []
    for words, key in zip(data.labels, data.key, strict=True):
        if words:
            labels += [*words, "", ""]
            roles += ["key" if index in key else "distractor" for index in range(len(words))]
            roles += ["omitted", "not_reached"]
    return Choices(
        item=np.repeat(np.arange(data.n_items), width),
        label=tuple(labels),
        role=tuple(roles),
        person=person,
        column=column,
        category=start[column] + code,
        n=np.bincount(column, minlength=data.n_items).astype(np.int64),
    )


def option_table(data: SittingData, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return one row an option, then one for omitted and one for not reached, item by item.

    item, position (order of the bank's original options), option, role (key, distractor, omitted,
    not_reached), n, share of the persons who saw the item; share_low, share_mid, share_high = the same in
    the low, middle and high third by paper score within the form, ties shared;
    rest_correlation = Pearson's r of choosing (1) or not (0) with the marks on the other items, with Fisher's 95 %
    interval rest_low, rest_high; share_ci_low, share_ci_high = Wilson's 95 % interval of the share; mean_score
    = mean paper score of the choosers, in marks. Shares of an item sum to 1.

    Cost: a few passes over the cells.
    """
    cells = choices(data)
    counts = np.bincount(cells.category, minlength=len(cells.item))
    share = ratio(counts, cells.n[cells.item])
    thirds = group_shares(data, cells, group_weights(data, THIRDS))
    seen_by = cells.n[cells.item]
    share_low, share_high = wilson_interval(counts, seen_by, confidence=confidence)
    correlation = _choice_correlation(data, cells, counts)
    rest_low, rest_high = correlation_interval(correlation, seen_by, confidence=confidence)
    score = np.bincount(cells.category, paper_scores(data)[cells.person], minlength=len(cells.item))
    return pl.DataFrame(
        {
            "item": np.array(data.items, dtype=object)[cells.item].tolist(),
            "position": _positions(cells.item),
            "option": list(cells.label),
            "role": list(cells.role),
            "n": counts,
            "share": share,
            "share_low": thirds[:, 0],
            "share_mid": thirds[:, 1],
            "share_high": thirds[:, 2],
            "share_ci_low": share_low,
            "share_ci_high": share_high,
            "rest_correlation": correlation,
            "rest_low": rest_low,
            "rest_high": rest_high,
            "mean_score": ratio(score, counts),
        },
        schema_overrides={"item": pl.String, "option": pl.String, "role": pl.String, "position": pl.Int64},
    )


def choice_statistics(data: SittingData) -> pl.DataFrame:
    """Return the columns item, position, option, role, n, share and rest_correlation of `option_table`, and no others."""
    cells = choices(data)
    counts = np.bincount(cells.category, minlength=len(cells.item)).astype(np.int64)
    return pl.DataFrame(
        {
            "item": np.array(data.items, dtype=object)[cells.item].tolist(),
            "position": _positions(cells.item),
            "option": list(cells.label),
            "role": list(cells.role),
            "n": counts,
            "share": ratio(counts, cells.n[cells.item]),
            "rest_correlation": _choice_correlation(data, cells, counts),
        },
        schema_overrides={"item": pl.String, "option": pl.String, "role": pl.String, "position": pl.Int64},
    )


def quantile_table(data: SittingData, *, n_groups: int = 5) -> pl.DataFrame:
    """Return the data of the quantile plots: item, position, option, role, group 1…n_groups (low to high), share.

    Groups are of equal size by paper score within the form, ties shared (`rank_weights`).
    """
    cells = choices(data)
    shares = group_shares(data, cells, group_weights(data, np.linspace(0.0, 1.0, n_groups + 1).tolist()))
    return pl.DataFrame(
        {
            "item": np.repeat(np.array(data.items, dtype=object)[cells.item], n_groups).tolist(),
            "position": np.repeat(_positions(cells.item), n_groups),
            "option": np.repeat(np.array(cells.label, dtype=object), n_groups).tolist(),
            "role": np.repeat(np.array(cells.role, dtype=object), n_groups).tolist(),
            "group": np.tile(np.arange(1, n_groups + 1), len(cells.item)),
            "share": shares.reshape(-1),
        },
        schema_overrides={"item": pl.String, "option": pl.String, "role": pl.String, "position": pl.Int64},
    )


def group_shares(data: SittingData, cells: Choices, weights: FloatArray) -> FloatArray:
    """Return the share of each group that falls in each category, (n_categories, n_groups).

    weights : (n_persons, n_groups), how much of each person belongs to each group.
    """
    n_categories = len(cells.item)
    shares = np.empty((n_categories, weights.shape[1]))
    for group in range(weights.shape[1]):
        weight = weights[cells.person, group]
        inside = np.bincount(cells.category, weight, minlength=n_categories)
        shares[:, group] = ratio(
            inside, np.bincount(cells.column, weight, minlength=data.n_items)[cells.item]
        )
    return shares


def _positions(item: IntArray) -> IntArray:
    """Return the position of each category within its item; item is sorted."""
    first = np.searchsorted(item, item, side="left")
    return (np.arange(len(item)) - first).astype(np.int64)


def _choice_correlation(data: SittingData, cells: Choices, counts: IntArray) -> FloatArray:
    """Return r of each category's indicator with the rest score: (m₁ − m)·√(p/(1−p))/s, moments with n."""
    seen = ~np.isnan(data.marks)
    deviations = column_deviations(rest_scores(data), seen)
    sd = np.sqrt(ratio(np.einsum("pi,pi->i", deviations, deviations), seen.sum(axis=0)))
    centred = deviations[cells.person, cells.column]
    above = ratio(np.bincount(cells.category, centred, minlength=len(cells.item)), counts)
    share = ratio(counts, cells.n[cells.item])
    return ratio(above * np.sqrt(ratio(share, 1 - share)), sd[cells.item])


def group_table(data: SittingData, *, n_groups: int = 3) -> pl.DataFrame:
    """Return the share of each ability group that fell to each option: as `quantile_table`, with ``n_groups`` groups.

    item, position, option, role, group 1…n_groups (low to high), share, mean_score (mean paper score of the group's choosers).
    """
    cells = choices(data)
    weights = group_weights(data, np.linspace(0.0, 1.0, n_groups + 1).tolist())
    score = paper_scores(data)[cells.person]
    n_categories = len(cells.item)
    means = np.empty((n_categories, n_groups))
    for group in range(n_groups):
        weight = weights[cells.person, group]
        inside = np.bincount(cells.category, weight, minlength=n_categories)
        means[:, group] = ratio(np.bincount(cells.category, weight * score, minlength=n_categories), inside)
    return pl.DataFrame(
        {
            "item": np.repeat(np.array(data.items, dtype=object)[cells.item], n_groups).tolist(),
            "position": np.repeat(_positions(cells.item), n_groups),
            "option": np.repeat(np.array(cells.label, dtype=object), n_groups).tolist(),
            "role": np.repeat(np.array(cells.role, dtype=object), n_groups).tolist(),
            "group": np.tile(np.arange(1, n_groups + 1), n_categories),
            "share": group_shares(data, cells, weights).reshape(-1),
            "mean_score": means.reshape(-1),
        },
        schema_overrides={"item": pl.String, "option": pl.String, "role": pl.String, "position": pl.Int64},
    )
