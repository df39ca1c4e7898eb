"""Ranks: held against a plain sort, whatever the order of the rows; and what is said of how far the order can be trusted."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis.ranking import award_classes, order_trust, rank_correlation, rank_persons

NAN = float("nan")
few_values = st.sampled_from([NAN, 0.0, 1.0, 1 / 3 + 1 / 3 + 1 / 3, 2.5, 3.0])


@st.composite
def sittings(draw: st.DrawFn) -> tuple[list[float], list[list[float]]]:
    n = draw(st.integers(0, 12))
    n_ties = draw(st.integers(0, 3))
    row = st.lists(few_values, min_size=n, max_size=n)
    return draw(row), [draw(row) for _ in range(n_ties)]


def as_arrays(total: list[float], ties: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(total, dtype=float), np.array(ties, dtype=float).reshape(len(ties), len(total))


def key_of(total: list[float], ties: list[list[float]], row: int) -> tuple[float, ...]:
    return tuple(-math.inf if math.isnan(values[row]) else round(values[row], 6) for values in (total, *ties))


@given(sittings())
def test_ranks_are_those_of_a_plain_sort(sitting: tuple[list[float], list[list[float]]]) -> None:
    total, ties = sitting
    found = rank_persons(*as_arrays(total, ties))
    ranked = [row for row in range(len(total)) if not math.isnan(total[row])]
    expected = sorted(ranked, key=functools.cmp_to_key(lambda a, b: -1 if key_of(total, ties, a) > key_of(total, ties, b) else 1 if key_of(total, ties, a) < key_of(total, ties, b) else 0))
    assert found.order.tolist() == expected
    for row in range(len(total)):
        if row in ranked:
            assert found.rank[row] == 1 + sum(key_of(total, ties, other) > key_of(total, ties, row) for other in ranked)
        else:
            assert found.rank[row] == 0
    for place, row in enumerate(expected[1:], start=1):
        pairs = zip(key_of(total, ties, expected[place - 1]), key_of(total, ties, row), strict=True)
        assert found.decided[place] == next((n for n, (one, other) in enumerate(pairs) if one != other), -1)


@given(sittings())
def test_equals_are_counted_pair_by_pair(sitting: tuple[list[float], list[list[float]]]) -> None:
    total, ties = sitting
    found = rank_persons(*as_arrays(total, ties))
    ranked = [row for row in range(len(total)) if not math.isnan(total[row])]
    for depth in range(len(ties) + 1):
        equal = [
            (a, b) for a, b in itertools.combinations(ranked, 2)
            if key_of(total, ties, a)[: depth + 1] == key_of(total, ties, b)[: depth + 1]
        ]  # fmt: skip
        assert found.pairs[depth] == len(equal)
        assert found.persons[depth] == len({row for pair in equal for row in pair})
    assert (found.broken >= 0).all() and found.broken.sum() == found.pairs[0] - found.pairs[-1]


@given(sittings(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_rank(sitting: tuple[list[float], list[list[float]]], random: object) -> None:
    total, ties = as_arrays(*sitting)
    rows = list(range(total.size))
    random.shuffle(rows)  # type: ignore[attr-defined]
    one, other = rank_persons(total, ties), rank_persons(total[rows], ties[:, rows])
    assert other.rank.tolist() == one.rank[rows].tolist()
    assert other.pairs.tolist() == one.pairs.tolist()


@given(sittings())
def test_who_has_more_marks_never_stands_behind(sitting: tuple[list[float], list[list[float]]]) -> None:
    total, ties = as_arrays(*sitting)
    rank = rank_persons(total, ties).rank
    for a, b in itertools.permutations(np.flatnonzero(rank > 0), 2):
        if total[a] > total[b] + 1e-6:
            assert rank[a] < rank[b]


@given(sittings())
def test_a_further_tie_break_parts_equals_and_moves_nobody_past_another(sitting: tuple[list[float], list[list[float]]]) -> None:
    total, ties = as_arrays(*sitting)
    if len(ties):
        fewer, all_of_them = rank_persons(total, ties[:-1]).rank, rank_persons(total, ties).rank
        for a, b in itertools.permutations(np.flatnonzero(all_of_them > 0), 2):
            assert not (fewer[a] < fewer[b] and all_of_them[a] > all_of_them[b])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=15), st.lists(st.integers(1, 4), max_size=4).map(tuple))
def test_prizes_go_to_whoever_stands_within_their_number(points: list[int], awards: tuple[int, ...]) -> None:
    rank = rank_persons(np.array(points, dtype=float), np.zeros((0, len(points)))).rank
    classes = award_classes(rank, awards)
    for person, place in zip(classes, rank, strict=True):
        expected = next((n for n in range(1, len(awards) + 1) if place <= sum(awards[:n])), 0)
        assert person == expected


def test_equal_totals_are_truly_ordered_with_probability_one_half_whatever_a_tie_break_says() -> None:
    total = np.array([90.0, 90, *np.linspace(80, 40, 18)])
    ranks = rank_persons(total, np.array([np.arange(20.0)]))
    found = order_trust(total, np.full(20, 3.0), ranks.order)
    assert found is not None
    assert ranks.rank[:2].tolist() == [2, 1] and found.reversed[1] == pytest.approx(0.5)
    assert np.isnan(found.reversed[0]) and (found.reversed[1:] <= 0.5).all()


@settings(deadline=None)
@given(st.integers(10, 30), st.floats(0.5, 12), st.integers(0, 9))
def test_larger_errors_make_the_order_less_sure(n: int, error: float, seed: int) -> None:
    total = np.sort(np.random.default_rng(seed).normal(60, 12, n))[::-1]
    order = np.arange(n)
    sure, unsure = (order_trust(total, np.full(n, error * factor), order) for factor in (1.0, 1.3))
    assert sure is not None and unsure is not None
    assert unsure.reliability <= sure.reliability
    assert (unsure.reversed[1:] >= sure.reversed[1:] - 1e-12).all()
    assert unsure.first <= sure.first + 0.03


def normal(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    true = rng.normal(60, 10, 120)
    return true, true + rng.normal(0, 5, 120), np.full(120, 5.0)


def binomial(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A hundred questions, easy for those who lead: errors shrink towards full marks."""
    true = rng.beta(8, 2, 150)
    total = rng.binomial(100, true).astype(float)
    return true, total, np.sqrt(total * (100 - total) / 99)


@pytest.mark.parametrize("draw", [normal, binomial])
def test_what_is_said_of_the_first_ten_is_what_true_scores_show(draw: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
    rng = np.random.default_rng(5)
    said, found, first, truly_first, turned, truly_turned = [], [], [], [], [], []
    for _ in range(60):
        true, total, error = draw(rng)
        order = np.argsort(-total, kind="stable")
        trust = order_trust(total, error, order, seed=2)
        assert trust is not None and trust.depths == (3, 10)
        best = np.argsort(-true)
        said.append(trust.kept[1])
        found.append(len({*order[:10]} & {*best[:10]}))
        first.append(trust.first)
        truly_first.append(order[0] == best[0])
        turned.append(trust.reversed[1:10].mean())
        truly_turned.append((np.diff(true[order[:10]]) > 0).mean())
    assert np.mean(said) == pytest.approx(np.mean(found), abs=0.6)
    assert np.mean(first) == pytest.approx(np.mean(truly_first), abs=0.2)
    assert np.mean(turned) == pytest.approx(np.mean(truly_turned), abs=0.05)


def test_nothing_is_said_of_fewer_than_ten_or_without_errors() -> None:
    assert order_trust(np.arange(9.0), np.ones(9), np.arange(9)[::-1]) is None
    assert order_trust(np.arange(12.0), np.zeros(12), np.arange(12)[::-1]) is None
    assert order_trust(np.arange(12.0), np.full(12, NAN), np.arange(12)[::-1]) is None
    alike = order_trust(np.full(12, 50.0), np.ones(12), np.arange(12))
    assert alike is not None and alike.reliability == 0 and alike.reversed[1:].tolist() == [0.5] * 11
    assert alike.first == pytest.approx(1 / 12, abs=0.02)


@given(st.lists(st.integers(0, 9), min_size=3, max_size=20), st.lists(st.integers(0, 9), min_size=20, max_size=20))
def test_rank_correlations_are_those_of_scipy(first: list[int], second: list[int]) -> None:
    from scipy.stats import kendalltau, spearmanr

    one, other = np.array(first, dtype=float), np.array(second[: len(first)], dtype=float)
    rho, tau, n = rank_correlation(one, other)
    assert n == one.size
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert math.isnan(rho) and math.isnan(tau)
    else:
        assert rho == pytest.approx(spearmanr(one, other).statistic, abs=1e-9)
        assert tau == pytest.approx(kendalltau(one, other).statistic, abs=1e-9)
