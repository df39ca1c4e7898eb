"""Options: who chose what, against numpy, under ties and small numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qbank.analysis import SittingData, option_table, quantile_table, sitting_data

answers = st.integers(1, 30).flatmap(
    lambda n: arrays(np.int16, (n, 3), elements=st.sampled_from([-3, -1, 0, 1, 2]))
)


def sitting(answer: np.ndarray) -> SittingData:
    return sitting_data(
        ["a", "b", "c"],
        (answer == 0).astype(float),
        1.0,
        answer=answer,
        labels=[["A", "B", "C"]] * 3,
        key=[{0}] * 3,
    )


@settings(max_examples=60)
@given(answers)
def test_shares_of_an_item_sum_to_one_in_every_group(answer: np.ndarray) -> None:
    data = sitting(answer)
    columns = ["share", "share_low", "share_mid", "share_high"]
    sums = option_table(data).group_by("item", maintain_order=True).agg(pl.col(columns).sum())
    assert np.allclose(sums.select(columns).to_numpy(), 1)
    fifths = quantile_table(data).group_by("item", "group").agg(pl.col("share").sum())
    assert np.allclose(fifths["share"].to_numpy(), 1)


@settings(max_examples=60)
@given(answers)
def test_correlation_of_choosing_is_numpys(answer: np.ndarray) -> None:
    data = sitting(answer)
    right = (answer == 0).astype(float)
    for row in option_table(data).iter_rows(named=True):
        item = "abc".index(row["item"])
        code = {3: -1, 4: -3}.get(row["position"], row["position"])
        chose, rest = (answer[:, item] == code).astype(float), right.sum(axis=1) - right[:, item]
        assert row["n"] == chose.sum()
        if np.ptp(chose) and np.ptp(rest):
            assert row["rest_correlation"] == pytest.approx(np.corrcoef(chose, rest)[0, 1], abs=1e-12)
            assert row["mean_score"] == pytest.approx(right.sum(axis=1)[chose > 0].mean())
        else:
            assert np.isnan(row["rest_correlation"])


def test_groups_of_persons_who_all_scored_the_same_choose_alike() -> None:
    answer = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]] * 3, np.int16)
    shares = quantile_table(sitting(answer)).filter((pl.col("item") == "a") & (pl.col("option") == "A"))
    assert shares["share"].to_list() == pytest.approx([1 / 3] * 5)


def test_five_groups_of_five_persons_are_the_persons() -> None:
    answer = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 0]], np.int16)
    shares = quantile_table(sitting(np.vstack([answer, answer[3:]]))).filter(pl.col("item") == "c")
    key = shares.filter(pl.col("role") == "key")["share"].to_list()
    assert key == pytest.approx([0, 0, 0, 1, 1])


def test_items_without_labels_have_no_option_rows() -> None:
    data = sitting_data(["essay"], [[3.0], [5.0]], [10.0])
    assert option_table(data).height == 0
    assert quantile_table(data).height == 0
