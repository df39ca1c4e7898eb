"""Sittings as they come: penalties, half marks, cases of 20 marks, gaps, thirty groups, a group of one. A status, never an exception."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import polars as pl
import pytest

from qbank.analysis import SittingData, analyse, sitting_data

N, K = 240, 24


def _marks(seed: int, n: int = N, k: int = K) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.random((n, k)) < 1 / (1 + np.exp(-(rng.normal(size=(n, 1)) - rng.normal(-0.3, 0.8, k))))).astype(float)


def _items(k: int = K) -> list[str]:
    return [f"I{item:02d}" for item in range(k)]


def half_marks() -> SittingData:
    rng = np.random.default_rng(1)
    marks = _marks(1) + np.where(rng.random((N, K)) < 0.3, 0.5, 0.0)
    return sitting_data(_items(), np.minimum(marks, 1.0), 1.0, cut=12.5, strata={"section": ["a", "b"] * 12})


def penalties() -> SittingData:
    return sitting_data(_items(), np.where(_marks(2) == 1, 1.0, -0.25), 1.0, cut=10, groups={"site": ["n", "s"] * 120})


def penalties_below_nothing() -> SittingData:
    marks = np.where(_marks(2) * (np.arange(K) < 3) == 1, 1.0, -0.5)
    return sitting_data(_items(), marks, 1.0, cut=0, groups={"site": ["n", "s"] * 120})


def a_case_of_twenty_marks() -> SittingData:
    rng = np.random.default_rng(3)
    marks = _marks(3)
    marks[:, -2:] = np.round(2 * np.clip(10 + 4 * marks.mean(axis=1, keepdims=True) + rng.normal(0, 4, (N, 2)), 0, 20)) / 2
    full = np.r_[np.ones(K - 2), 20.0, 20.0]
    return sitting_data(_items(), marks, full, cut=36, groups={"site": ["n", "s"] * 120}, strata={"section": ["mc"] * 22 + ["case"] * 2})


def gaps_by_design() -> SittingData:
    rng = np.random.default_rng(4)
    marks = _marks(4)
    marks[rng.random(marks.shape) < 0.03] = np.nan
    return sitting_data(_items(), marks, 1.0, cut=12, groups={"site": ["n", "s"] * 120}, strata={"section": ["a", "b"] * 12})


def the_same_persons_twice() -> SittingData:
    half = _marks(5)[: N // 2]
    return sitting_data(_items(), np.vstack([half, half]), 1.0, cut=12, groups={"site": ["n", "s"] * 120})


def a_group_of_one() -> SittingData:
    return sitting_data(_items(), _marks(6), 1.0, cut=12, groups={"site": ["one"] + ["n", "s"] * 119 + ["n"]})


def group_words_empty() -> SittingData:
    words = ["", "n", "s"] * 80
    return sitting_data(_items(), _marks(7), 1.0, cut=12, groups={"site": words, "batch": [""] * N, "sex": ["f"] * N})


def thirty_groups() -> SittingData:
    n = 3600
    words = {"site": [f"S{person % 30:02d}" for person in range(n)]}
    return sitting_data(_items(), _marks(8, n), 1.0, cut=12, groups=words)


def unequal_papers() -> SittingData:
    marks = _marks(9, N, 30)
    form = (np.arange(N) % 3 == 0).astype(int)
    marks[np.ix_(form == 0, np.arange(20, 30))] = np.nan
    marks[np.ix_(form == 1, np.arange(0, 12))] = np.nan
    return sitting_data(_items(30), marks, 1.0, form=form, forms=("A", "B"), cut=11, groups={"site": ["n", "s"] * 120})


def a_paper_nobody_sat() -> SittingData:
    return sitting_data(_items(), _marks(10), 1.0, form=np.zeros(N, int), forms=("A", "B"), cut=12)


def items_worth_nothing() -> SittingData:
    full = np.ones(K)
    full[:4] = 0.0
    return sitting_data(_items(), _marks(11) * full, full, cut=12, groups={"site": ["n", "s"] * 120})


def nothing_at_all() -> SittingData:
    return sitting_data([], np.zeros((0, 0)), [], cut=1)


def answers_alike() -> SittingData:
    return sitting_data(_items(), np.tile(_marks(12)[:, :1], (1, K)), 1.0, cut=12, groups={"site": ["n", "s"] * 120})


SITTINGS = (
    half_marks, penalties, penalties_below_nothing, a_case_of_twenty_marks, gaps_by_design, the_same_persons_twice, a_group_of_one,
    group_words_empty, thirty_groups, unequal_papers, a_paper_nobody_sat, items_worth_nothing, nothing_at_all, answers_alike,
)  # fmt: skip


def frames(record: Any) -> list[tuple[str, pl.DataFrame]]:
    """Return every table of a record and of the records in it, by name."""
    found: list[tuple[str, pl.DataFrame]] = []
    for field in fields(record):
        value = getattr(record, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, pl.DataFrame):
                found.append((field.name, part))
            elif hasattr(part, "__dataclass_fields__"):
                found += [(f"{field.name}.{name}", table) for name, table in frames(part)]
    return found


@pytest.mark.parametrize("make", SITTINGS, ids=lambda make: make.__name__)
def test_odd_sittings_are_analysed_whole(make: Any) -> None:
    data = make()
    found = analyse(data, design="spiralled")
    assert found.items.height == data.n_items
    for name, table in frames(found):
        for column, kind in table.schema.items():
            if kind.is_float():
                infinite = table[column].is_infinite().any()
                assert not infinite, (name, column)
            if column == "status":
                assert table[column].null_count() == 0 and not (table[column] == "").any(), name
            if column in {"facility", "reached", "finished"} and kind.is_float():
                known = table[column].fill_nan(None).drop_nulls()
                assert ((known >= -0.5) & (known <= 1 + 1e-9)).all(), (name, column)


def test_a_group_of_one_and_empty_words_are_told() -> None:
    alone = analyse(a_group_of_one(), design="none").dif[0]
    assert alone.groups.filter(group="one")["role"].to_list() == ["too_few"] and alone.status == "ok"
    assert [one.column for one in analyse(group_words_empty(), design="none").dif] == ["site"]


def test_of_thirty_groups_the_largest_are_compared_and_all_take_part_in_the_test_of_all() -> None:
    found = analyse(thirty_groups(), design="none").dif[0]
    assert found.groups["role"].value_counts().sort("count")["count"].to_list() == [1, 8, 21]
    assert set(found.omnibus["n_groups"]) == {30} and (found.omnibus["gmh_p"] >= 0).all()
