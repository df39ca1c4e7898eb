"""What errors of the parameters alone do to papers: the formula against simulation and against known figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.assemble.expected import item_information, probability
from qbank.assemble.pool import Pool, make_pool
from qbank.assemble.precision import estimation_error, information_error, parameter_errors, score_error
from qbank.core.history import NO_HISTORY
from tests.assemble.samples import mixed_items, tiny_bank

Array = NDArray[np.float64]


def pool_of(a: Array, b: Array, se_a: Array, se_b: Array) -> Pool:
    """Return a pool of calibrated items with these parameters."""
    pool = make_pool(
        tiny_bank(mixed_items(a.size)), NO_HISTORY, level=4, kinds=frozenset({"single", "true_false"}), uses={}
    )
    return replace(
        pool, slope=a, difficulty=b, slope_se=se_a, difficulty_se=se_b, calibrated=np.ones(a.size, dtype=np.bool_)
    )


def asymptotic_errors(a: Array, b: Array, n_persons: int) -> tuple[Array, Array]:
    """Return standard errors of 2PL parameters from n persons of a standard normal population whose ability is known:
    the inverse of n times the averaged information matrix of (a, b); Lord (1980), eq. 12-8.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    off = nodes - b[:, None]
    p = 1 / (1 + np.exp(-a[:, None] * off))
    w = n_persons * p * (1 - p) * weights / weights.sum()
    aa, bb, ab = (w * off**2).sum(1), a**2 * w.sum(1), -a * (w * off).sum(1)
    det = aa * bb - ab**2
    return np.sqrt(bb / det), np.sqrt(aa / det)


@pytest.mark.parametrize(("n_persons", "percent"), [(200, 8.0), (500, 5.0), (1000, 3.5)])
def test_25_items_know_their_information_to_8_5_and_3_per_cent(n_persons: int, percent: float) -> None:
    """25 items of slopes lognormal(0.1, 0.3) and difficulties N(0, 1); errors by the asymptotic information matrix."""
    rng = np.random.default_rng(25)
    a, b = np.exp(rng.normal(0.1, 0.3, 25)), rng.normal(0, 1, 25)
    found = estimation_error(pool_of(a, b, *asymptotic_errors(a, b, n_persons)), np.ones((1, 25)), np.array([0.0]))
    assert 100 * found.information == pytest.approx(percent, abs=1.5)


def test_first_order_errors_are_those_of_a_parametric_simulation() -> None:
    rng = np.random.default_rng(7)
    a, b = np.exp(rng.normal(0, 0.3, 12)), rng.normal(0, 0.8, 12)
    pool = pool_of(a, b, *asymptotic_errors(a, b, 600))
    theta, marks = np.array([-0.5, 0.4]), np.zeros((2, 12))
    marks[0, :7], marks[1, 5:] = 1.0, 2.0
    marks[1, 5:7] = 1.0
    se_a, se_b, r = parameter_errors(pool)
    assert (np.abs(r) < 1).all() and np.abs(r).max() > 0.3
    draws = []
    for _ in range(3000):
        z, y = rng.normal(size=12), rng.normal(size=12)
        drawn = replace(pool, slope=a + se_a * z, difficulty=b + se_b * (r * z + np.sqrt(1 - r**2) * y))
        scores = marks @ probability(drawn, theta)
        information = (marks > 0) @ item_information(drawn, theta)
        draws.append([scores[0] - scores[1], (information[0] - information[1])])
    score, information = np.std(np.array(draws), axis=0)
    found = estimation_error(pool, marks, theta)
    assert found.score == pytest.approx(float(score.max()), rel=0.08)
    mean = ((marks > 0) @ item_information(pool, theta)).mean(axis=0)
    assert found.information == pytest.approx(float((information / mean).max()), rel=0.1)


def test_what_two_papers_share_leaves_nothing_open() -> None:
    a, b = np.linspace(0.5, 1.5, 6), np.linspace(-1, 1, 6)
    pool = pool_of(a, b, 0.2 * a, np.full(6, 0.1))
    same = estimation_error(pool, np.ones((2, 6)), np.array([0.0]))
    assert (same.score, same.information) == (0.0, 0.0)
    apart = np.array([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]])
    half = estimation_error(replace(pool, slope_se=0.1 * a, difficulty_se=np.full(6, 0.05)), apart, np.array([0.0]))
    whole = estimation_error(pool, apart, np.array([0.0]))
    assert whole.score == pytest.approx(2 * half.score) and whole.information == pytest.approx(2 * half.information)


def test_a_fixed_slope_adds_nothing_and_unknown_errors_are_those_of_judgement() -> None:
    a, b = np.ones(4), np.zeros(4)
    unknown = np.full(4, np.nan)
    rasch = pool_of(a, b, unknown, np.full(4, 0.2))
    assert score_error(rasch, np.zeros(1))[:, 0] == pytest.approx(0.25 * 0.2)
    assert information_error(rasch, np.zeros(1))[:, 0] == pytest.approx(0.0), "its information is flat at the top"
    blind = pool_of(a, b, unknown, unknown)
    assert (information_error(blind, np.zeros(1)) > 0.1).all()
