"""Control charts: published examples worked by hand, the rules against a slow reading of their words, levels, trends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis.control import RUN_LENGTH, at_levels, levels, p_chart, signals, trend

JUICE = (12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6)
"""Montgomery (2013), Table 7.1: nonconforming cans of frozen orange juice in 30 samples of 50."""
ORDERS = (
    (100, 12), (80, 8), (80, 6), (100, 9), (110, 10), (110, 12), (100, 11), (100, 16), (90, 10), (90, 6), (110, 20), (120, 15), (120, 9),
    (120, 8), (110, 6), (80, 8), (80, 10), (80, 7), (90, 5), (100, 8), (100, 5), (100, 8), (100, 10), (90, 6), (90, 9),
)  # fmt: skip
"""Montgomery (2013), Table 7.4: purchase orders, sample size and number with an error, 25 weeks."""


def test_equal_samples_are_those_of_montgomery() -> None:
    """347 of 30 × 50 cans: centre 347 / 1500 = 0.2313; sigma √(0.2313 × 0.7687 / 50) = √0.003556 = 0.05963; limits
    0.2313 ± 0.1789 = 0.0524 and 0.4102 (book: 0.0524, 0.4102). Samples 15 (22 / 50 = 0.44) and 23 (24 / 50 = 0.48) lie above."""
    assert sum(JUICE) == 347
    chart = p_chart([count / 50 for count in JUICE], [50] * 30)
    assert chart.centre == pytest.approx([0.2313] * 30, abs=5e-5)
    assert chart.lower == pytest.approx([0.0524] * 30, abs=5e-5) and chart.upper == pytest.approx([0.4102] * 30, abs=5e-5)
    assert (np.flatnonzero(chart.outside) + 1).tolist() == [15, 23]


def test_limits_follow_the_size_of_each_sample_as_in_montgomery() -> None:
    """234 of 2450 orders: centre 0.0955. For n = 80 sigma is √(0.0955 × 0.9045 / 80) = 0.0329, limits 0.0955 ± 0.0986, cut off
    at 0 below: 0 and 0.194; for n = 110: 0.0280, 0.011 and 0.180. Week 11 (20 / 110 = 0.182) lies above (book: the same)."""
    n, count = np.array(ORDERS).T
    assert (count.sum(), n.sum()) == (234, 2450)
    chart = p_chart(count / n, n)
    assert chart.upper[[1, 10]] == pytest.approx([0.194, 0.180], abs=1e-3)
    assert chart.lower[[1, 10]] == pytest.approx([0.0, 0.011], abs=1e-3)
    assert (np.flatnonzero(chart.outside) + 1).tolist() == [11]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_right_or_all_wrong_is_in_control(share: float) -> None:
    chart = p_chart([share] * 9, [7] * 9)
    assert chart.z.tolist() == [0.0] * 9 and not chart.outside.any()
    assert chart.lower.tolist() == chart.upper.tolist() == [share] * 9
    assert not signals(chart.z).any.any()


def test_a_sitting_without_answers_is_no_point() -> None:
    chart = p_chart([0.5, math.nan, 0.7, 0.6], [100, 100, 100, 0])
    assert np.isnan(chart.z).tolist() == [False, True, False, True]
    assert chart.centre[[0, 2]] == pytest.approx([0.6, 0.6])
    assert p_chart([], []).z.size == 0 and not signals([]).any.size


def test_each_group_has_its_own_centre() -> None:
    chart = p_chart([0.2, 0.4, 0.9, 0.8], [50, 150, 10, 10], [0, 0, 1, 1])
    assert chart.centre.tolist() == pytest.approx([0.35, 0.35, 0.85, 0.85])


def slowly(z: list[float], group: list[int]) -> tuple[list[bool], list[bool], list[bool]]:
    """Return the three rules as their words say, point by point."""
    found: tuple[list[bool], list[bool], list[bool]] = ([], [], [])
    for n, (value, own) in enumerate(zip(z, group, strict=True)):
        before = [z[k] for k in range(n) if group[k] == own and not math.isnan(z[k])]
        there = not math.isnan(value)
        side = math.copysign(1, value)
        found[0].append(there and abs(value) > 3)
        found[1].append(there and side * value > 2 and any(side * other > 2 for other in before[-2:]))
        last = [*before, value][-RUN_LENGTH:]
        found[2].append(there and len(last) == RUN_LENGTH and all(side * other > 0 for other in last))
    return found


DISTANCES = st.one_of(st.floats(-4, 4), st.sampled_from([0.0, 2.0, -2.0, 2.5, -2.5, 3.0, math.nan]), st.floats(0.1, 1.0))


@settings(max_examples=150)
@given(st.lists(st.lists(DISTANCES, max_size=14), max_size=4))
def test_the_rules_are_their_words(groups: list[list[float]]) -> None:
    z = [value for group in groups for value in group]
    which = [n for n, group in enumerate(groups) for _ in group]
    found = signals(z, which)
    assert (found.beyond.tolist(), found.two_of_three.tolist(), found.run.tolist()) == slowly(z, which)


def test_eight_in_a_row_speak_and_seven_do_not() -> None:
    assert not signals([0.5] * 7).any.any()
    assert signals([0.5] * 8).run.tolist() == [False] * 7 + [True]
    assert not signals([0.5] * 4 + [-0.1] + [0.5] * 4).any.any()
    assert not signals([0.5] * 8, [0] * 4 + [1] * 4).any.any()


def test_the_level_of_a_sitting_is_no_drift_of_its_items() -> None:
    """Thirty items in three sittings, the last of abler persons: every facility leaves its limits, none its level."""
    logit = np.linspace(-1, 1.5, 30)
    shift = np.array([0.0, 0.0, 0.8])
    p = 1 / (1 + np.exp(-(logit + shift[:, None])))
    n = np.full(p.size, 1500)
    item, sitting = np.tile(np.arange(30), 3), np.repeat(np.arange(3), 30)
    plain = p_chart(p.ravel(), n, item)
    assert plain.outside.sum() > 30
    found = levels(p.ravel(), n, item, sitting)
    assert np.abs(found.z).max() < 0.2 and found.judged.all()
    assert found.level[2] - found.level[0] == pytest.approx(0.8, abs=0.02)


def test_an_item_that_moved_is_found_beneath_the_level_of_its_sitting() -> None:
    rng = np.random.default_rng(5)
    logit, shift, n = rng.normal(0, 1, 40), np.array([0.0, 0.5, -0.3, 0.2]), 600
    true = logit + shift[:, None]
    true[2:, 7] += 1.0
    p = rng.binomial(n, 1 / (1 + np.exp(-true))) / n
    found = levels(p.ravel(), np.full(p.size, n), np.tile(np.arange(40), 4), np.repeat(np.arange(4), 40))
    beyond = np.unique(np.flatnonzero(np.abs(found.z) > 3) % 40)
    assert beyond.tolist() == [7]


@settings(max_examples=40)
@given(st.integers(2, 5), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_without_ten_common_items_it_is_the_p_chart(n_sittings: int, n_items: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    item, sitting = np.tile(np.arange(n_items), n_sittings), np.repeat(np.arange(n_sittings), n_items)
    n = rng.integers(1, 300, item.size)
    p = rng.binomial(n, rng.uniform(0, 1, item.size)) / n
    found = levels(p, n, item, sitting)
    assert not found.judged.any() and not found.level.any()
    # All right or all wrong: the logit of such an item ends at ±20.
    assert found.z == pytest.approx(p_chart(p, n, item).z, abs=1e-3)


def test_the_slope_is_that_of_a_weighted_line() -> None:
    """Against numpy's weighted least squares, whose errors are scaled by the scatter about the line."""
    rng = np.random.default_rng(2)
    t, error = np.sort(rng.uniform(0, 6, 12)), rng.uniform(0.05, 0.2, 12)
    b = 0.3 + 0.15 * t + rng.normal(0, 3 * error)
    found = trend(b, error, t)
    (slope, _), covariance = np.polyfit(t, b, 1, w=1 / error, cov=True)
    assert found.slope[0] == pytest.approx(slope) and found.error[0] == pytest.approx(math.sqrt(covariance[0, 0]))
    assert found.pooled[0] == pytest.approx(np.average(b, weights=error**-2.0))
    assert found.pooled_error[0] == pytest.approx((error**-2.0).sum() ** -0.5)


def test_two_estimates_or_one_day_make_no_trend() -> None:
    assert np.isnan(trend([0.0, 1.0], [0.1, 0.1], [0.0, 1.0]).slope).all()
    assert np.isnan(trend([0.0, 1.0, 2.0], [0.1] * 3, [5.0] * 3).z).all()
    assert np.isnan(trend([0.0, 1.0, 2.0], [0.1, math.nan, 0.1], [0.0, 1.0, 2.0]).z).all()
    assert trend([], [], []).n.size == 0


def test_groups_have_their_own_trends() -> None:
    b, error, t = [0.0, 0.2, 0.4, 1.0, 1.0, 1.0], [0.1] * 6, [0.0, 1.0, 2.0] * 2
    both = trend(b, error, t, [0, 0, 0, 1, 1, 1])
    assert both.slope.tolist() == pytest.approx([0.2, 0.0])
    assert both.z[0] == pytest.approx(trend(b[:3], error[:3], t[:3]).z[0])


def test_a_point_that_stands_apart_is_held_against_the_others_alone() -> None:
    p, n = np.array([0.5, 0.6, 0.9]), np.array([100, 300, 200])
    expected, z = at_levels(p, n, [0, 0, 0], [0.0, 0.0, 0.0], [False, False, True])
    centre = (50 + 180) / 400
    assert expected == pytest.approx([centre] * 3)
    assert z[2] == pytest.approx((0.9 - centre) / np.sqrt(centre * (1 - centre) * (1 / 200 + 1 / 400)))
    alone = at_levels(p[:2], n[:2], [0, 0], [0.0, 0.0])
    assert (expected[:2], z[:2]) == (pytest.approx(alone[0]), pytest.approx(alone[1]))
    nothing, far = at_levels([0.5, 0.9], [100, 100], [0, 1], [0.0, 0.3], [False, True])
    assert np.isnan([nothing[1], far[1]]).all() and nothing[0] == pytest.approx(0.5)
