"""Scores on different papers: curves against sums by hand, verdicts against persons drawn at random."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis.equating.family_marks import family_marks
from qbank.assemble.curves import curves as paper_curves
from qbank.assemble.family.comparability import OFFSETS, RULES, Comparability, comparability
from qbank.assemble.family.item_curves import (
    ItemCurves,
    ability_grid,
    curves_from_arrays,
    interpolation,
    item_curves,
)
from qbank.assemble.family.pass_chances import pass_chances, places_of, step_of
from qbank.assemble.family.showing import papers_that_show, shared_items, shown_items
from tests.assemble.samples import mixed_items, tiny_bank
from tests.assemble.test_general_pool import general_history, pool_of


def logistic(a: np.ndarray, b: np.ndarray, theta: np.ndarray, c: np.ndarray | float = 0.0) -> np.ndarray:
    c = np.broadcast_to(np.asarray(c, float), a.shape)[:, None]
    return c + (1 - c) / (1 + np.exp(-a[:, None] * (theta[None, :] - b[:, None])))


def bank(n: int, seed: int) -> tuple[ItemCurves, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0, 0.3, n), rng.normal(0, 1, n)
    theta, _ = ability_grid()
    p = logistic(a, b, theta)
    return curves_from_arrays(theta, p, a[:, None] ** 2 * p * (1 - p)), a, b


def drawn(n_items: int, n_papers: int, length: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(n_items)[:length] for _ in range(n_papers)])


# --- curves


def test_curves_are_the_sums_over_the_items_of_each_paper() -> None:
    items, a, b = bank(60, 1)
    papers = drawn(60, 30, 12, 2)
    found = comparability(items, papers, 2.0, 14.0)
    p = logistic(a, b, items.theta)
    score = np.array([2 * p[row].sum(axis=0) for row in papers])
    information = np.array([(a[row, None] ** 2 * p[row] * (1 - p[row])).sum(axis=0) for row in papers])
    sem = np.array([np.sqrt(4 * (p[row] * (1 - p[row])).sum(axis=0)) for row in papers])
    for spread, values in ((found.score, score), (found.information, information), (found.sem, sem)):
        assert spread.least == pytest.approx(values.min(axis=0))
        assert spread.most == pytest.approx(values.max(axis=0))
        assert spread.median == pytest.approx(np.median(values, axis=0))
        assert spread.sd == pytest.approx(values.std(axis=0, ddof=1), abs=1e-12)
    assert found.marks == 24 and found.band == pytest.approx(np.ptp(score, axis=0).max())


def test_every_paper_reaches_the_cut_at_its_own_ability() -> None:
    items, a, b = bank(60, 3)
    papers = drawn(60, 20, 15, 4)
    found = comparability(items, papers, 1.0, 9.0)
    for row, own, at_cut in zip(papers, found.own_ability, found.scores_at_cut, strict=True):
        assert logistic(a[row], b[row], np.array([own])).sum() == pytest.approx(9.0, abs=1e-5)
        assert logistic(a[row], b[row], np.array([found.cut_ability])).sum() == pytest.approx(at_cut, abs=1e-5)
    assert found.scores_at_cut.mean() == pytest.approx(9.0, abs=1e-5)


def test_a_place_that_is_not_scored_adds_nothing() -> None:
    items, _, _ = bank(30, 5)
    papers = drawn(30, 10, 6, 6)
    marks = np.array([1.0, 1, 0, 1, 1, 1])
    with_trial, without = (
        comparability(items, papers, marks, 3.0),
        comparability(items, np.delete(papers, 2, axis=1), 1.0, 3.0),
    )
    assert with_trial.information.mean == pytest.approx(without.information.mean)
    assert with_trial.verdict("raw").rate.mean == pytest.approx(without.verdict("raw").rate.mean)


def test_a_cut_that_no_ability_reaches_is_told_as_missing_numbers() -> None:
    theta, _ = ability_grid()
    p = logistic(np.ones(8), np.zeros(8), theta, 0.5)
    found = comparability(curves_from_arrays(theta, p, p * (1 - p)), drawn(8, 5, 4, 1), 1.0, 1.0)
    assert np.isnan(found.cut_ability) and np.isnan(found.verdict("equated").extra_overall)
    assert np.isnan(found.verdict("raw").chance.mean).all() and found.verdict("raw").rate.mean > 0.9


# --- chances of passing


def enumerated(items: ItemCurves, row: np.ndarray, marks: np.ndarray, cut: float, node: int) -> float:
    """Return the chance of passing by going through every pattern of outcomes."""
    part = {each.item: each for each in items.in_part}
    outcomes = []
    for item, mark in zip(row.tolist(), marks.tolist(), strict=True):
        if item in part:
            outcomes.append(list(zip(mark * part[item].worth, part[item].chance[:, node], strict=True)))
        else:
            p = items.share[item, node]
            outcomes.append([(0.0, 1 - p), (mark, p)])
    total = 0.0
    for pattern in product(*outcomes):
        if sum(worth for worth, _ in pattern) >= cut - 1e-9:
            total += float(np.prod([chance for _, chance in pattern]))
    return total


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10_000),
    st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0]), min_size=1, max_size=4),
    st.floats(-1, 12),
    st.booleans(),
)
def test_the_chance_of_passing_is_that_of_all_patterns(seed: int, worth: list[float], cut: float, parts: bool) -> None:
    rng = np.random.default_rng(seed)
    theta = np.linspace(-3, 3, 4)
    share = rng.uniform(0.05, 0.95, (8, 4))
    less = np.where(np.arange(8) % 2 == 0, 1.0, 0.7)[:, None] if parts else 1.0
    items = curves_from_arrays(theta, share, share, share * (1 - share) * less)
    marks = np.array(worth)
    papers = drawn(8, 3, len(worth), seed)
    step = step_of(items, papers, marks)
    cuts = np.full((1, 3), int(np.ceil(cut / step - 1e-9)))
    found = pass_chances(places_of(items, papers, marks, step), cuts)[0]
    wanted = [[enumerated(items, row, marks, cut, node) for node in range(4)] for row in papers]
    assert found == pytest.approx(np.array(wanted), abs=1e-12)


def test_items_that_come_in_halves_keep_mean_and_variance() -> None:
    theta = np.linspace(-1, 1, 4)
    share = np.full((1, 4), 0.4)
    (half,) = curves_from_arrays(theta, share, share, share * (1 - share) * 0.6).in_part
    assert half.worth @ half.chance == pytest.approx(share[0])
    assert half.worth**2 @ half.chance - share[0] ** 2 == pytest.approx(0.24 * 0.6)


def simulated(a: np.ndarray, b: np.ndarray, papers: np.ndarray, theta: np.ndarray, seed: int) -> np.ndarray:
    """Return the marks of one person at each ability on the paper of the same row."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-a[papers] * (theta[:, None] - b[papers])))
    return (rng.random(p.shape) < p).sum(axis=1)


def test_two_sittings_on_two_papers_disagree_as_often_as_persons_drawn_at_random_do() -> None:
    items, a, b = bank(40, 7)
    papers = drawn(40, 60, 10, 8)
    found = comparability(items, papers, 1.0, 6.0)
    raw = found.verdict("raw")
    rng = np.random.default_rng(9)
    n = 200_000
    theta = rng.normal(size=n)
    first = rng.integers(0, 60, n)
    second = (first + rng.integers(1, 60, n)) % 60
    passed = simulated(a, b, papers[first], theta, 1) >= 6
    other, again = simulated(a, b, papers[second], theta, 2) >= 6, simulated(a, b, papers[first], theta, 3) >= 6
    error = 4 * np.sqrt(0.25 / n)
    assert raw.rate.mean == pytest.approx(passed.mean(), abs=error)
    assert raw.different_overall == pytest.approx((passed != other).mean(), abs=error)
    assert raw.same_overall == pytest.approx((passed != again).mean(), abs=error)
    assert raw.extra_overall > 4 * error / 4  # there is something to see
    at = np.full(n, found.cut_ability + 0.25)
    near = (simulated(a, b, papers[first], at, 4) >= 6) != (simulated(a, b, papers[second], at, 5) >= 6)
    assert raw.different[OFFSETS.index(0.25)] == pytest.approx(near.mean(), abs=error)


def test_a_paper_of_its_own_cut_is_passed_by_the_marks_that_are_converted_to_the_cut_and_rounded() -> None:
    items, a, b = bank(40, 10)
    papers = drawn(40, 12, 10, 11)
    found = comparability(items, papers, 1.0, 6.0)
    chance = []
    grid = np.linspace(-8, 8, 3201)
    expected = np.array([logistic(a[row], b[row], grid).sum(axis=0) for row in papers])
    cuts = family_marks(grid, expected.mean(axis=0), expected, [6.0], [0], full=10, cut=6).paper_cut
    for row, own in zip(papers, cuts.tolist(), strict=True):
        p = np.repeat(logistic(a[row], b[row], np.array([found.cut_ability])), 3, axis=1)
        curves = curves_from_arrays(np.linspace(-1, 1, 4), np.hstack([p, p[:, :1]]), np.hstack([p, p[:, :1]]))
        chance.append(enumerated(curves, np.arange(10), np.ones(10), round(own), 0))
    assert len(set(cuts.tolist())) > 1
    middle = OFFSETS.index(0.0)
    equated = found.verdict("equated")
    assert equated.chance.least[middle] == pytest.approx(min(chance), abs=1e-5)
    assert equated.chance.mean[middle] == pytest.approx(np.mean(chance), abs=1e-5)


# --- laws


def effects(found: Comparability) -> list[float]:
    return [found.verdict(rule).extra_overall for rule in RULES]


def test_identical_papers_have_no_effect() -> None:
    items, _, _ = bank(20, 12)
    found = comparability(items, np.tile(np.arange(10), (25, 1)), 1.0, 6.0)
    assert effects(found) == pytest.approx([0, 0, 0], abs=1e-12)
    assert found.band == pytest.approx(0, abs=1e-12) and found.own.sd == pytest.approx(0, abs=1e-9)
    assert found.verdict("raw").same_overall > 0.1


def test_one_paper_has_no_spread() -> None:
    items, _, _ = bank(20, 12)
    found = comparability(items, np.arange(10)[None, :], 1.0, 6.0)
    assert found.score.sd.max() == 0 and effects(found) == [0, 0, 0]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(2, 8))
def test_the_paper_adds_twice_the_variance_and_order_nothing(seed: int, n_papers: int, length: int) -> None:
    items, _, _ = bank(20, seed)
    papers = drawn(20, n_papers, length, seed)
    rng = np.random.default_rng(seed)
    found = comparability(items, papers, 1.0, length * 0.6)
    for rule in RULES:
        verdict = found.verdict(rule)
        if np.isfinite(verdict.theta).all():
            assert verdict.extra == pytest.approx(2 * verdict.chance.sd**2, abs=1e-12)
            assert (verdict.extra >= -1e-12).all() and (np.diff(verdict.chance.mean) >= -1e-9).all()
    shuffled = np.array([rng.permutation(row) for row in papers])[rng.permutation(n_papers)]
    again = comparability(items, shuffled, 1.0, length * 0.6)
    assert effects(again) == pytest.approx(effects(found), abs=1e-12, nan_ok=True)


def test_where_verdicts_are_certain_nothing_is_lost_by_not_working_them_out(monkeypatch: pytest.MonkeyPatch) -> None:
    items, _, _ = bank(60, 19)
    papers = drawn(60, 15, 30, 20)
    short = comparability(items, papers, 1.0, 18.0)
    monkeypatch.setattr("qbank.assemble.family.comparability.SURE", np.inf)
    whole = comparability(items, papers, 1.0, 18.0)
    for rule in ("raw", "equated"):
        assert short.verdict(rule).rate.least == pytest.approx(whole.verdict(rule).rate.least, abs=1e-10)
        assert short.verdict(rule).extra_overall == pytest.approx(whole.verdict(rule).extra_overall, abs=1e-10)


def test_words_and_slots_are_the_same_papers() -> None:
    items, _, _ = bank(24, 13)
    slots = np.arange(24).reshape(6, 4)
    words = np.random.default_rng(14).integers(0, 4, (30, 6))
    one = comparability(items, words, 1.0, 4.0, slots=slots)
    other = comparability(items, slots[np.arange(6), words], 1.0, 4.0)
    assert effects(one) == effects(other)


def test_equating_takes_away_most_of_what_unlike_papers_do() -> None:
    items, _, b = bank(200, 15)
    easy_first = np.argsort(b)
    papers = np.array([easy_first[k : k + 60] for k in range(60, 80)])
    raw, equated, ability = effects(comparability(items, papers, 1.0, 36.0))
    assert raw > 0.001 and equated < raw / 10 and ability < raw / 10


@pytest.mark.parametrize(
    ("papers", "marks"),
    [(np.zeros((0, 3), int), 1.0), (np.array([[0, 99]]), 1.0), (np.array([[-1, 0]]), 1.0), (np.array([[0, 1]]), 0.0)],
)
def test_papers_that_are_none_are_refused(papers: np.ndarray, marks: float) -> None:
    items, _, _ = bank(20, 16)
    with pytest.raises(ValueError, match=r"papers|marks"):
        comparability(items, papers, marks, 1.0)


def test_cubic_interpolation_gives_item_curves_back() -> None:
    grid, _ = ability_grid()
    at = np.linspace(-1, 1, 37)
    a, b = np.array([0.7, 3.0]), np.array([0.1, -0.2])
    assert logistic(a, b, grid) @ interpolation(grid, at) == pytest.approx(logistic(a, b, at), abs=1e-5)
    assert np.isnan(interpolation(grid, np.array([5.1, np.nan]))).all()


# --- what papers show


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(1, 6))
def test_the_mean_of_shared_items_is_that_of_all_pairs(seed: int, n_papers: int, length: int) -> None:
    papers = drawn(15, n_papers, length, seed)
    sets = [set(row.tolist()) for row in papers]
    every = [len(sets[i] & sets[j]) for i in range(n_papers) for j in range(i)]
    found = shared_items(papers, n_pairs=500)
    assert found.mean == pytest.approx(np.mean(every))
    assert found.most <= max(every) and found.pairs.sum() == 500
    shown = shown_items(papers, np.arange(15), every=True)
    assert shown.share.sum() == pytest.approx(length) and shown.least <= 1 <= shown.most


def test_so_many_papers_show_most_of_the_items() -> None:
    rng = np.random.default_rng(17)
    share = np.full(200, 0.1)
    n = papers_that_show(share)
    assert n is not None
    shown = [(rng.random((n, 200)) < share).any(axis=0).mean() for _ in range(400)]
    assert np.mean(shown) == pytest.approx(0.95, abs=0.005)
    assert papers_that_show(np.array([0.5, 1e-12])) is None


def test_a_pool_of_many_models_gives_the_curves_of_its_papers_and_the_chances_of_its_patterns() -> None:
    bank = tiny_bank(mixed_items(10))
    pool = pool_of(bank, general_history(bank))
    n = len(pool.ids)
    items = item_curves(pool, 41)
    papers = drawn(n, 4, 5, 18)
    marks = np.array([1.0, 2.0, 1.0, 1.0, 3.0])
    found = comparability(items, papers, marks, 4.5)
    table = np.zeros((4, n))
    np.put_along_axis(table, papers, marks[None, :], axis=1)
    wanted = paper_curves(pool, table, items.theta)
    assert found.score.most == pytest.approx(wanted.expected_score.max(axis=0))
    assert found.information.least == pytest.approx(wanted.information.min(axis=0))
    assert found.sem.mean == pytest.approx(wanted.sem.mean(axis=0))
    assert {part.chance.shape[0] for part in items.in_part} == {3, 4}
    step = step_of(items, papers, marks)
    exact = pass_chances(places_of(items, papers, marks, step), np.full((1, 4), int(np.ceil(4.5 / step - 1e-9))))[0]
    assert exact[:, 20] == pytest.approx([enumerated(items, row, marks, 4.5, 20) for row in papers])
