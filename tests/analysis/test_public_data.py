"""Every public data set of the reference folder goes through the whole analysis, and its tables keep to plain arithmetic."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest

from qbank.analysis import (
    Design,
    SittingData,
    analyse,
    findings_table,
    group_table,
    item_table,
    likely_keys,
    option_table,
    quantile_table,
    reliability_table,
    sitting_data,
)
from qbank.analysis.dif import DifSettings, dif_analysis, dif_columns
from tests.analysis.public_data import DATA, FOLDER, sat12

pytestmark = pytest.mark.skipif(not (FOLDER / "analysis").exists(), reason=f"reference data absent, NOT run: {FOLDER}")


def design_of(data: SittingData) -> Design:
    return "anchor" if data.n_forms > 1 else "none"


def tables(found: Any) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every table that a record holds, at any depth."""
    if isinstance(found, pl.DataFrame):
        yield "", found
    elif isinstance(found, tuple):
        for place, part in enumerate(found):
            yield from ((f"{place}.{name}", table) for name, table in tables(part))
    elif dataclasses.is_dataclass(found) and not isinstance(found, type):
        for field in dataclasses.fields(found):
            yield from ((f"{field.name}.{name}", table) for name, table in tables(getattr(found, field.name)))


def with_holes(data: SittingData) -> SittingData:
    """One cell in ten was never seen, and one item by one person only."""
    rng = np.random.default_rng(1)
    marks = np.where(rng.random(data.marks.shape) < 0.1, np.nan, data.marks)
    marks[1:, -1] = np.nan
    return sitting_data(data.items, marks, data.marks_max, form=data.form, forms=data.forms, groups=dict(data.groups),
                        strata=dict(data.strata), cut=data.cut)  # fmt: skip


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("name", DATA)
def test_the_whole_analysis_of_a_public_data_set(name: str, holes: bool) -> None:
    data = with_holes(DATA[name]()) if holes else DATA[name]()
    found = analyse(data, design=design_of(data))
    assert found.items.height == data.n_items and found.items["item"].to_list() == list(data.items)
    for place, table in tables(found):
        for column in table.columns:
            if table[column].dtype == pl.Float64:
                values = table[column].drop_nulls().to_numpy()
                assert not np.isinf(values).any() or column in INFINITE, (place, column)
    _within(found.items, "facility", 0, 1)
    _within(found.items, "item_rest", -1, 1)
    _within(found.options, "share", 0, 1)
    for table in (group_table(data), quantile_table(data), option_table(data), likely_keys(data), findings_table(found)):
        assert table.columns


INFINITE = {"odds_ratio", "odds_high", "log_odds_high", "log_odds_low"}
"""Odds of a table with an empty cell are infinite."""


def _within(table: pl.DataFrame, column: str, low: float, high: float) -> None:
    values = table[column].drop_nulls().to_numpy()
    values = values[np.isfinite(values)]
    assert ((values >= low - 1e-12) & (values <= high + 1e-12)).all(), column


@pytest.mark.parametrize("name", DATA)
def test_the_first_columns_are_those_of_plain_arithmetic(name: str) -> None:
    data = DATA[name]()
    table = item_table(data)
    for item in range(data.n_items):
        seen = ~np.isnan(data.marks[:, item])
        marks = data.marks[seen, item]
        assert table["n"][item] == seen.sum()
        assert table["facility"][item] == pytest.approx(marks.mean() / data.marks_max[item], abs=1e-12)
        if data.n_forms == 1:
            rest = np.nansum(np.delete(data.marks[seen], item, axis=1), axis=1)
            assert table["item_rest"][item] == pytest.approx(np.corrcoef(marks, rest)[0, 1], abs=1e-10)
    if data.n_forms == 1 and not np.isnan(data.marks).any():
        k = data.n_items
        alpha = k / (k - 1) * (1 - data.marks.var(axis=0, ddof=1).sum() / data.marks.sum(axis=1).var(ddof=1))
        assert reliability_table(data)["alpha"][0] == pytest.approx(alpha, abs=1e-12)


def test_of_the_keys_of_two_public_tests_one_is_doubted() -> None:
    """Item 32 of SAT12: the key that is handed down, E, goes with nothing (r = .04), C does (.20); mirt's manual doubts it too."""
    found = likely_keys(sat12()).filter("suggested")
    assert found.select("item", "key", "option").rows() == [("i31", "E", "C")]
    assert not likely_keys(DATA["inventory"]())["suggested"].any()


@pytest.mark.parametrize("name", ["LSAT7", "SAT12", "Science", "verbal", "inventory", "ratings1"])
def test_dif_by_every_column_of_a_public_data_set(name: str) -> None:
    data = DATA[name]()
    settings = DifSettings(total_from=0, focal_from=0, lost_at_most=1.0)
    for column in dif_columns(data):
        found = dif_analysis(data, column, settings=settings).items
        assert set(found["item"]) == set(data.items), column
        p = found["p"].drop_nulls().to_numpy()
        assert ((p[np.isfinite(p)] >= 0) & (p[np.isfinite(p)] <= 1)).all()
