"""What items did in each group is what they would have done had nobody else sat."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qbank.analysis import SittingData, sitting_data
from qbank.analysis.classical import item_table
from qbank.analysis.distractors import option_table
from qbank.analysis.groups import groups_of_persons, item_statistics, persons_of
from tests.analysis.simulated import simulated_sitting


def sitting() -> SittingData:
    return simulated_sitting(n_persons=150, n_items=9, seed=5)


def test_everybody_and_every_group_agree_with_the_tables_of_the_report() -> None:
    data = sitting()
    found = list(groups_of_persons(data, least=10))
    assert found[0].column == "" and {group.column for group in found[1:]} >= {name for name, _ in data.groups}
    for group in found:
        if group.column == "form":
            continue
        words = dict(data.groups).get(group.column)
        rows = np.arange(data.n_persons) if words is None else np.flatnonzero(np.array(words) == group.word)
        alone = persons_of(data, rows)
        items, options = item_table(alone), option_table(alone)
        shared = [name for name in group.items.columns if name in items.columns]
        assert {"facility", "item_rest", "biserial", "omitted"} <= set(shared)
        assert_frame_equal(group.items.select(shared), items.select(shared))
        assert_frame_equal(group.options, options.select(group.options.columns))


def test_the_error_of_the_facility_is_that_of_a_mean() -> None:
    data = sitting_data(["a", "b"], [[2, 0], [0, 1], [1, 1], [2, 1]], [2, 1])
    row = item_statistics(data).row(0, named=True)
    assert row["sd"] == pytest.approx(np.std([2, 0, 1, 2], ddof=1))
    assert row["facility_error"] == pytest.approx(np.std([1, 0, 0.5, 1], ddof=1) / 2)


def test_groups_below_the_tier_and_persons_of_no_group_are_left_out() -> None:
    marks = np.tile([[1, 0], [0, 1]], (15, 1))
    words = ["甲"] * 12 + ["乙"] * 9 + [""] * 9
    found = list(groups_of_persons(sitting_data(["a", "b"], marks, 1, groups={"site": words}), least=10))
    assert [(group.column, group.word, group.n) for group in found] == [("", "", 30), ("site", "甲", 12)]


def test_of_a_paper_only_the_items_are_told_that_others_hold_too() -> None:
    marks = np.where(np.arange(40)[:, None] < 20, [1.0, 0.0, np.nan], [np.nan, 1.0, 0.0])
    marks[::3, 1] = 1 - marks[::3, 1]
    data = sitting_data(["a", "b", "c"], marks, 1, form=np.repeat([0, 1], 20), forms=("A", "B"))
    of_papers = [group for group in groups_of_persons(data, least=10) if group.column == "form"]
    assert [(group.word, group.items["item"].to_list()) for group in of_papers] == [("A", ["b"]), ("B", ["b"])]
    assert [group.items.select(pl.col("n").sum()).item() for group in of_papers] == [20, 20]
