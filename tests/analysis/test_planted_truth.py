"""What is planted is found, what is not planted is not said to be there: a few seeds of benchmarks/analysis_truth.py."""

from __future__ import annotations

import pytest

from tests.analysis.truth import truth

SEEDS = {
    "miskey-200": 3, "likely-key-200": 6, "likely-key-30": 10, "options-1000": 2, "drift-1000": 1, "dependence-2000": 2, "speed": 6,
    "factors-1000": 1, "dimension-1000": 1, "subscores-1000": 4, "livingston_lewis_4p-10000": 3, "lee-10000": 2,
    "facility-30": 30, "item_rest-100": 6,
}  # fmt: skip


@pytest.mark.parametrize("case", SEEDS)
def test_planted_things_are_found_and_others_left_alone(case: str) -> None:
    row = truth.measured(case, SEEDS[case])
    assert row["sensitivity"] >= row["at_least"], row
    assert row["at_most"] is None or row["false"] <= row["at_most"], row


@pytest.mark.parametrize("case", ["equating-400", "alpha-30", "alpha-100"])
def test_intervals_hold_the_truth(case: str) -> None:
    row = truth.measured(case, 12)
    # of 12 intervals of 95 % fewer than 9 hold the truth once in 400 times
    assert row["found"] >= 9, row


def test_every_case_says_what_is_planted_and_sets_limits() -> None:
    for name, case in truth.CASES.items():
        assert case.planted and 0 < case.least <= 1, name
        assert case.most is None or 0 <= case.most <= 0.15, name
