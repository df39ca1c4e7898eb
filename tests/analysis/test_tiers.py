"""Tiers: what each number of persons permits, and what is told where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from qbank.analysis import Thresholds, Tiers, analyse, sitting_data, speed_analysis


@pytest.mark.parametrize(
    ("part", "least"),
    [
        ("statistics", 10), ("flags", 30), ("rasch", 100), ("mean_equating", 100), ("dif", 200), ("dif_focal", 100),
        ("linear_equating", 200), ("two_pl", 500), ("three_pl", 1000), ("equipercentile", 1000),
    ],
)  # fmt: skip
def test_a_part_is_given_from_its_number_of_persons_on_and_not_from_one_less(part, least):  # type: ignore[no-untyped-def]
    assert Tiers().needs(part) == least
    assert Tiers().allows(part, least) and not Tiers().allows(part, least - 1)


def test_what_is_withheld_names_the_number_that_it_needs():
    asked = [("statistics", "A", 9), ("flags", "A", 9), ("dif", "site", 500), ("three_pl", "", 999)]
    assert Tiers().withheld(asked).rows() == [
        ("statistics", "A", 9, 10), ("flags", "A", 9, 30), ("three_pl", "", 999, 1000)
    ]  # fmt: skip
    assert Tiers().withheld([]).height == 0


def test_the_thresholds_follow_the_tiers():
    limits = Thresholds(tiers=Tiers(marks_only_below=5, options_only_below=8))
    assert (limits.suppress_below, limits.small_below) == (5, 8)
    assert limits.limits()["marks_only_below"] == 5.0


def test_an_item_that_a_flag_holds_is_held_until_people_decide_and_what_was_held_before_stays():
    rng = np.random.default_rng(3)
    ability = rng.normal(size=400)
    right = (ability[:, None] + rng.normal(size=(400, 6)) > 0).astype(float)
    right[:, 2] = 1 - right[:, 2]
    names = [f"i{n}" for n in range(6)]
    held = [False] * 5 + [True]
    data = sitting_data(names, right, 1.0, held=held)
    assert analyse(data, design="none").held == ("i2", "i5")
    assert analyse(data, design="none", decided={"i2"}).held == ("i5",)


def test_strata_and_held_need_one_entry_an_item():
    with pytest.raises(ValueError, match="one entry an item"):
        sitting_data(["a", "b"], [[1, 0]], 1.0, strata={"section": ["one"]})
    with pytest.raises(ValueError, match="one entry an item"):
        sitting_data(["a", "b"], [[1, 0]], 1.0, held=[True])


def test_the_curve_of_speed_follows_the_printed_order():
    answer = np.zeros((40, 4), int)
    answer[:10, 0] = -3  # the first item of the data stands last on the paper
    data = sitting_data(list("abcd"), np.ones((40, 4)), 1.0, answer=answer, printed=[[3, 2, 1, 0]])
    curve = speed_analysis(data).curve
    assert curve["item"].to_list() == list("dcba")
    assert curve["reached"].to_list() == [1.0, 1.0, 1.0, 0.75]
    with pytest.raises(ValueError, match="places of items"):
        sitting_data(["a"], [[1]], 1.0, printed=[[1]])
