"""Planted DIF is found and sound items are not accused: three of the seeds of benchmarks/analysis_truth.py, smaller."""

from __future__ import annotations

from tests.analysis.truth import truth


def test_planted_dif_is_found_after_purification_and_sound_items_are_not_accused() -> None:
    rows = [truth.dif(seed, n_persons=10_000, n_items=24, n_planted=3) for seed in (1, 2, 3)]
    assert sum(row["found"] for row in rows) >= 0.95 * sum(row["planted"] for row in rows)
    assert sum(row["accused"] for row in rows) <= 0.005 * sum(row["sound"] for row in rows)


def test_curves_that_cross_are_told_from_items_that_favour_one_group() -> None:
    row = truth.dif(1, n_persons=10_000, n_items=24, n_planted=3, kind="nonuniform")
    assert (row["found"], row["accused"]) == (3, 0)


def test_of_three_groups_only_the_one_with_planted_items_is_found() -> None:
    row = truth.dif(2, n_persons=9_000, n_items=24, n_planted=3, n_groups=3, apart=0.5)
    assert (row["planted"], row["sound"]) == (3, 45)
    assert row["found"] == 3 and row["accused"] == 0
