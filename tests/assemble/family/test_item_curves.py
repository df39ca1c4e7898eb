"""Curves of items: grids, items known by arrays alone, cubics given back by interpolation, outcomes of cases by enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble.expected import item_information, mark_variance, probability
from qbank.assemble.family.item_curves import (
    _in_part,
    _merged,
    ability_grid,
    curves_from_arrays,
    interpolation,
    item_curves,
)
from qbank.assemble.general import chances, general_items
from tests.assemble.samples import mixed_items, tiny_bank
from tests.assemble.test_general_pool import general_estimate, general_history, pool_of

THETA = np.linspace(-2, 2, 9)


def test_the_grid_and_its_weights_are_those_of_a_normal_population() -> None:
    theta, weights = ability_grid(0.5, 2.0, 101)
    assert theta[[0, 50, 100]].tolist() == [-9.5, 0.5, 10.5]
    assert np.ptp(np.diff(theta)) < 1e-12
    assert weights.sum() == pytest.approx(1)
    assert weights @ theta == pytest.approx(0.5) and weights @ (theta - 0.5) ** 2 == pytest.approx(4, rel=1e-4)
    assert weights[60] / weights[50] == pytest.approx(np.exp(-0.5))  # one SD from the mean


def test_items_known_by_arrays_are_weighed_by_the_population_that_is_said() -> None:
    share = np.full((2, 9), 0.5)
    found = curves_from_arrays(THETA, share, share, mean=0.5, sd=2.0)
    assert found.sd == 2.0 and found.weights.sum() == pytest.approx(1)
    assert found.weights == pytest.approx(np.exp(-((THETA - 0.5) ** 2) / 8) / np.exp(-((THETA - 0.5) ** 2) / 8).sum())
    assert (found.variance == 0.25).all() and found.in_part == ()


@pytest.mark.parametrize(
    "theta",
    [np.linspace(0, 1, 3), np.linspace(1, 0, 5), np.array([0, 1, 2, 4.0]), np.zeros(5), np.zeros((2, 4))],
)
def test_grids_that_are_none_are_refused(theta: np.ndarray) -> None:
    with pytest.raises(ValueError, match="equally spaced"):
        curves_from_arrays(theta, np.full((1, theta.shape[-1]), 0.5), np.full((1, theta.shape[-1]), 0.2))
    assert curves_from_arrays(np.linspace(0, 1, 4), np.full((1, 4), 0.5), np.full((1, 4), 0.2)).theta.size == 4


@pytest.mark.parametrize("shapes", [((2, 9), (1, 9), (2, 9)), ((2, 9), (2, 9), (2, 8)), ((2, 8), (2, 8), (2, 8)), ((9,), (9,), (9,))])
def test_arrays_that_do_not_belong_together_are_refused(shapes: tuple[tuple[int, ...], ...]) -> None:
    share, information, variance = (np.full(shape, 0.2) for shape in shapes)
    with pytest.raises(ValueError, match="do not belong"):
        curves_from_arrays(THETA, share, information, variance)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0, 1.2)), min_size=4, max_size=4))
def test_items_with_less_variance_come_in_halves_as_far_as_three_points_can(of_theta: list[tuple[float, float]]) -> None:
    """At least mean (1 − mean) less half the smaller of mean and rest; chances of three outcomes, never below 0."""
    p, less = (np.array(each) for each in zip(*of_theta, strict=True))
    variance = p * (1 - p) * less
    found = curves_from_arrays(np.linspace(-1, 1, 4), p[None, :], p[None, :], variance[None, :]).in_part
    if (p * (1 - p) - variance <= 1e-6).all():
        assert found == ()
        return
    (half,) = found
    assert half.item == 0 and half.worth.tolist() == [0, 0.5, 1]
    assert (half.chance >= -1e-12).all() and half.chance.sum(axis=0) == pytest.approx(1)
    assert half.worth @ half.chance == pytest.approx(p)
    least = p * (1 - p) - np.minimum(p, 1 - p) / 2
    assert half.worth**2 @ half.chance - p**2 == pytest.approx(np.clip(variance, least, p * (1 - p)), abs=1e-9)


def test_only_items_with_less_variance_come_in_halves() -> None:
    share = np.tile(np.linspace(0.1, 0.9, 9), (3, 1))
    variance = share * (1 - share)
    variance[1, 4] *= 0.8  # at one ability is enough
    (half,) = curves_from_arrays(THETA, share, share, variance).in_part
    assert half.item == 1
    assert (half.chance[1] > 0).tolist() == [place == 4 for place in range(9)]


@settings(max_examples=40)
@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4), st.integers(4, 9), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_interpolation_gives_cubics_back_from_end_to_end(cubic: list[float], n: int, at: list[float]) -> None:
    grid = np.linspace(-1, 3, n)
    points = np.array([-1.0, 3.0, *(-1 + 4 * each for each in at)])
    weights = interpolation(grid, points)
    assert weights.sum(axis=0) == pytest.approx(1)
    assert np.polyval(cubic, grid) @ weights == pytest.approx(np.polyval(cubic, points), abs=1e-9)
    assert interpolation(grid, grid) == pytest.approx(np.eye(n), abs=1e-12)


def test_between_two_nodes_the_four_around_it_count_and_none_beyond_the_ends() -> None:
    grid = np.linspace(0, 7, 8)
    weights = interpolation(grid, np.array([3.5, 0.5, 6.5, -0.01, 7.01, np.nan]))
    assert [np.flatnonzero(column).tolist() for column in weights.T[:3]] == [[2, 3, 4, 5], [0, 1, 2, 3], [4, 5, 6, 7]]
    assert weights[2:6, 0] == pytest.approx([-1 / 16, 9 / 16, 9 / 16, -1 / 16])
    assert np.isnan(weights[:, 3:]).all()


def test_outcomes_that_are_worth_the_same_are_one() -> None:
    worth, chance = _merged(np.array([0.5, 0.0, 0.5 + 1e-12, 1.0]), np.array([[0.1], [0.2], [0.3], [0.4]]))
    assert worth == pytest.approx([0, 0.5, 1])
    assert chance == pytest.approx(np.array([[0.2], [0.4], [0.4]]))


def test_curves_of_a_pool_are_those_of_its_items_in_its_population() -> None:
    bank = tiny_bank(mixed_items(8))
    pool = replace(pool_of(bank, general_history(bank)), ability_mean=0.4, ability_sd=1.5)
    found = item_curves(pool, 11)
    assert found.theta == pytest.approx(np.linspace(0.4 - 7.5, 0.4 + 7.5, 11)) and found.sd == 1.5
    assert found.weights @ found.theta == pytest.approx(0.4)
    for one, other in ((found.share, probability), (found.variance, mark_variance), (found.information, item_information)):
        assert one == pytest.approx(other(pool, found.theta))
    # outcomes have the mean and variance of the curves, and every item that they leave out earns all or nothing
    named = {part.item: part for part in found.in_part}
    for item in range(len(pool.ids)):
        if item in named:
            part = named[item]
            assert part.worth @ part.chance == pytest.approx(found.share[item])
            assert part.worth**2 @ part.chance - found.share[item] ** 2 == pytest.approx(found.variance[item])
        else:
            assert found.variance[item] == pytest.approx(found.share[item] * (1 - found.share[item]))
    at = found.mixed(interpolation(found.theta, np.array([0.0, 1.0])))
    assert at.theta == pytest.approx([0, 1]) and at.weights.tolist() == [0, 0] and at.sd == 1.5
    assert [part.chance.shape[1] for part in at.in_part] == [2] * len(found.in_part)


def test_questions_of_a_case_earn_their_shares_independently_of_each_other() -> None:
    """Item 0 is a case of four questions, two of which are worth the same; item 1 a guessed one that earns all or nothing."""
    bank = tiny_bank(mixed_items(10))
    asked = [(0, 0.5, 1), (0, 0.125, 0), (0, 0.125, 5), (0, 0.25, 3), (1, 1.0, 0), (2, 1.0, 4)]
    general = general_items([(item, weight, general_estimate(f"f{k}", k)) for item, weight, k in asked])
    pool, at = replace(pool_of(bank, general_history(bank)), general=general), np.array([-0.5, 1.0])
    every: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    for part in general:
        for row, (item, likely) in enumerate(zip(part.items, chances(part, at), strict=True)):
            every.setdefault(int(item), []).append((part.weights[row] * part.shares[row], likely))
    found = {part.item: part for part in _in_part(pool, at)}
    assert sorted(found) == [0, 2]
    for item in found:
        sums: dict[float, np.ndarray] = {}
        for outcome in product(*(range(own.size) for own, _ in every[item])):
            worth = round(sum(float(own[k]) for k, (own, _) in zip(outcome, every[item], strict=True)), 9)
            sums[worth] = sums.get(worth, np.zeros(2)) + np.prod(
                [likely[k] for k, (_, likely) in zip(outcome, every[item], strict=True)], axis=0
            )
        assert found[item].worth == pytest.approx(sorted(sums))
        assert found[item].chance == pytest.approx(np.array([sums[worth] for worth in sorted(sums)]), abs=1e-12)
