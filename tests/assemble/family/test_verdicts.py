"""Verdicts on papers: what spreads, cuts and rules do at their edges, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from qbank.assemble.family.comparability import OFFSETS, comparability, spread_of
from qbank.assemble.family.item_curves import ItemCurves, ability_grid, curves_from_arrays, interpolation


def logistic(b: np.ndarray, theta: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-(theta - b[:, None]))))


def items_of(b: list[float], mean: float = 0.0, sd: float = 1.0) -> ItemCurves:
    theta, _ = ability_grid(mean, sd)
    p = logistic(np.array(b), theta)
    return curves_from_arrays(theta, p, p * (1 - p), mean=mean, sd=sd)


def test_a_spread_leaves_one_in_a_hundred_below_low_and_above_high() -> None:
    found = spread_of(np.arange(201.0))
    assert [float(each) for each in (found.least, found.low, found.median, found.high, found.most)] == pytest.approx([0, 2, 100, 198, 200])
    assert (float(found.mean), float(found.width)) == (100, 200) and found.sd == pytest.approx(np.std(np.arange(201), ddof=1))
    assert not found.mean.flags.writeable


def test_points_lie_around_the_cut_in_standard_deviations_of_ability() -> None:
    found = comparability(items_of([0.5, 1.0, 2.0, 0.0], mean=1.0, sd=2.0), np.array([[0, 1], [2, 3]]), 1.0, 1.0)
    points = found.verdict("raw").theta
    assert points == pytest.approx(found.cut_ability + 2 * np.array(OFFSETS))
    assert found.weights @ found.theta == pytest.approx(1.0)


def test_a_cut_ability_that_is_known_is_taken() -> None:
    items, papers = items_of([-1.0, 0.0, 1.0, 2.0]), np.array([[0, 1], [2, 3]])
    found = comparability(items, papers, 1.0, 1.0, cut_ability=0.7)
    assert found.cut_ability == 0.7 and found.verdict("raw").theta[OFFSETS.index(0.0)] == pytest.approx(0.7)
    expected = logistic(np.array([-1.0, 0, 1, 2]), np.array([0.7]))[:, 0]
    assert found.scores_at_cut == pytest.approx([expected[:2].sum(), expected[2:].sum()], abs=1e-5)
    assert comparability(items, papers, 1.0, 1.0).cut_ability == pytest.approx(0.5, abs=1e-6), "by symmetry"


def test_marks_weigh_scores_but_not_information() -> None:
    items, papers, marks = items_of([0.0, 0.5, -0.5]), np.array([[0, 1, 2], [1, 0, 2]]), np.array([3.0, 1.0, 0.0])
    found = comparability(items, papers, marks, 2.0)
    p = logistic(np.array([0.0, 0.5, -0.5]), found.theta)
    assert found.marks == 4
    assert found.score.mean == pytest.approx(2 * (p[0] + p[1]))
    assert found.information.most == pytest.approx(p[0] * (1 - p[0]) + p[1] * (1 - p[1]))
    one, other = (np.sqrt(9 * p[a] * (1 - p[a]) + p[b] * (1 - p[b])) for a, b in ((0, 1), (1, 0)))
    assert found.sem.most == pytest.approx(np.maximum(one, other)) and found.sem.least == pytest.approx(np.minimum(one, other))


@pytest.mark.parametrize(("cut", "needed"), [(1.0, 1), (1.2, 2), (0.9, 1), (0.3 / 0.1 - 2, 1), (2.0, 2)])
def test_the_raw_cut_is_reached_by_marks_at_or_above_it(cut: float, needed: int) -> None:
    """Two items of one mark each; 0.3 / 0.1 − 2 is a little less than 1 in binary."""
    items = items_of([0.0, 1.0])
    found = comparability(items, np.array([[0, 1], [1, 0]]), 1.0, cut, cut_ability=0.0)
    one, other = logistic(np.array([0.0, 1.0]), np.array([0.0]))[:, 0]
    chance = one * other if needed == 2 else 1 - (1 - one) * (1 - other)
    assert found.verdict("raw").chance.mean[OFFSETS.index(0.0)] == pytest.approx(chance, abs=1e-5)
    assert found.cut == cut


def test_cuts_of_tenths_are_not_missed_by_rounding() -> None:
    """Three items of 0.1 and a cut of 0.3: 0.3 / 0.1 is a little less than three, 0.1 + 0.2 a little more than 0.3."""
    items = items_of([0.0, 0.0, 0.0])
    for cut in (0.3, 0.1 + 0.2):
        found = comparability(items, np.array([[0, 1, 2]]), 0.1, cut, cut_ability=0.0)
        assert found.verdict("raw").chance.mean[OFFSETS.index(0.0)] == pytest.approx(1 / 8, abs=1e-5)


@pytest.mark.parametrize(("b", "cut", "needed"), [([0.0, 0.0, 0.0], 1.5, 2), ([-1.0, -1.0, 0.0], 2.0, 2), ([-3.0, -3.0, 0.0], 2.2, 3), ([3.0, 3.0, 0.0], 0.5, 1)])
def test_a_paper_that_is_the_mean_of_its_family_keeps_the_cut(b: list[float], cut: float, needed: int) -> None:
    """Marks of 2.2 need 3 of three: as many as the raw cut asks for."""
    found = comparability(items_of(b), np.array([[0, 1, 2]]), 1.0, cut)
    p = logistic(np.array(b), np.array([found.cut_ability]))[:, 0]
    sums = np.ones(1)
    for each in p:
        sums = np.convolve(sums, [1 - each, each])
    for rule in ("raw", "equated"):
        assert found.verdict(rule).chance.mean[OFFSETS.index(0.0)] == pytest.approx(sums[needed:].sum(), abs=1e-4)


def test_verdicts_by_ability_err_by_the_information_of_the_paper() -> None:
    items, papers = items_of([-1.0, 0.0, 0.5, 2.0]), np.array([[0, 1], [2, 3]])
    found = comparability(items, papers, 1.0, 1.0, cut_ability=0.3).verdict("ability")
    theta = 0.3 + np.array(OFFSETS)
    p = logistic(np.array([-1.0, 0, 0.5, 2]), theta)
    information = np.stack([(p * (1 - p))[pair].sum(axis=0) for pair in papers])
    expected = norm.cdf((theta - 0.3) * np.sqrt(information))
    assert found.chance.least == pytest.approx(expected.min(axis=0), abs=1e-5) and found.chance.most == pytest.approx(expected.max(axis=0), abs=1e-5)
    assert found.chance.mean[OFFSETS.index(0.0)] == pytest.approx(0.5)


def test_of_two_papers_verdicts_differ_as_often_as_on_the_one_and_the_other() -> None:
    items = items_of([-1.0, 1.0])
    raw = comparability(items, np.array([[0], [1]]), 1.0, 1.0, cut_ability=0.0).verdict("raw")
    one, other = logistic(np.array([-1.0, 1.0]), raw.theta)
    assert raw.same == pytest.approx(one * (1 - one) + other * (1 - other), abs=1e-5)
    assert raw.different == pytest.approx(one * (1 - other) + other * (1 - one), abs=1e-5)
    theta, weights = ability_grid()
    one, other = logistic(np.array([-1.0, 1.0]), theta)
    assert (float(raw.rate.least), float(raw.rate.most)) == pytest.approx((other @ weights, one @ weights))
    assert raw.same_overall == pytest.approx((one * (1 - one) + other * (1 - other)) @ weights)
    assert raw.extra_overall == pytest.approx((one * (1 - other) + other * (1 - one)) @ weights - raw.same_overall)


def test_the_ability_of_the_cut_is_found_up_to_the_ends_of_the_grid_and_not_beyond() -> None:
    theta = np.linspace(0, 8, 9)
    line = (theta / 10)[None, :]
    items = curves_from_arrays(theta, line, np.ones((1, 9)))
    for cut in (0.01, 0.1, 0.25, 0.4, 0.75, 0.79):
        assert comparability(items, np.array([[0]]), 1.0, cut).own_ability == pytest.approx([10 * cut])
    for cut in (-0.1, 0.0, 0.81):
        found = comparability(items, np.array([[0]]), 1.0, cut)
        assert np.isnan(found.own_ability).all() and np.isnan(found.cut_ability)


def test_the_ability_of_the_cut_is_where_interpolated_marks_are_the_cut() -> None:
    """On a coarse grid another cubic than that of the curves between two nodes would give another ability."""
    theta = np.linspace(-4, 4, 9)
    p = 1 / (1 + np.exp(-3 * (theta - np.array([[-1.2], [0.3], [1.1]]))))
    items = curves_from_arrays(theta, p, p * (1 - p))
    for cut in (0.4, 1.0, 1.45, 2.2, 2.9):
        own = comparability(items, np.array([[0, 1, 2]]), 1.0, cut).own_ability
        assert p.sum(axis=0) @ interpolation(theta, own) == pytest.approx([cut], abs=1e-9)


def test_a_curve_that_dips_reaches_the_cut_where_it_first_does() -> None:
    theta = np.linspace(0, 8, 9)
    curve = np.array([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.45, 0.7, 0.8]])
    found = comparability(curves_from_arrays(theta, curve, np.ones((1, 9))), np.array([[0]]), 1.0, 0.55)
    assert 4 < found.own_ability[0] < 5


@pytest.mark.parametrize("papers", [np.array([[0, 4]]), np.array([[0, -1]]), np.array([0, 1]), np.zeros((2, 0), int)])
def test_papers_name_items_that_are_there(papers: np.ndarray) -> None:
    with pytest.raises(ValueError, match="papers must"):
        comparability(items_of([0.0] * 4), papers, 1.0, 1.0)


@pytest.mark.parametrize("marks", [[1.0, -1.0], [0.0, 0.0], [1.0, np.nan], [1.0, np.inf]])
def test_marks_are_numbers_from_0_one_of_them_above(marks: list[float]) -> None:
    with pytest.raises(ValueError, match="marks must"):
        comparability(items_of([0.0] * 4), np.array([[0, 1]]), np.array(marks), 1.0)
