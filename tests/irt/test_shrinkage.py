"""Difficulties drawn towards judged grades: coverage, limits, and against the exact posterior by brute force."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.assemble.prior import GRADE_FACILITY, GRADE_FACILITY_SD, difficulty_for_facility, judged_errors
from qbank.irt import (
    PlannedDifficulties,
    calibrate,
    planned_facility,
    planned_information,
    score_persons,
    shrink,
)
from qbank.irt.planning.likelihood import answers_of, difficulty_likelihood
from qbank.irt.planning.modes import ABILITY_LOG_SD, LEVEL, LEVEL_SD, SPREAD, STEP, STEP_SD

Floats = NDArray[np.float64]


def sitting(
    n_persons: int, n_items: int, seed: int, *, spread: float = SPREAD, step: float = STEP
) -> tuple[NDArray[np.int8], Floats, Floats]:
    """Return scores, grades and the true difficulties."""
    rng = np.random.default_rng(seed)
    grades = rng.integers(1, 6, n_items).astype(np.float64)
    b = LEVEL + step * (grades - 3) + rng.normal(0, spread, n_items)
    ability = rng.normal(0, 1, n_persons)
    return (rng.logistic(size=(n_persons, n_items)) < ability[:, None] - b).astype(np.int8), grades, b


def covered(plan: PlannedDifficulties, b: Floats) -> NDArray[np.bool_]:
    return (plan.low <= b) & (b <= plan.high)


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_the_derivatives_of_the_marginal_likelihood_equal_differences(missing: float) -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(0, 2, (60, 6)).astype(np.int8)
    scores[rng.random(scores.shape) < missing] = -1
    data = answers_of(scores, 13)
    assert (len(data.forms) > 1) == (missing > 0)
    values = np.append(rng.normal(size=6), 0.2)
    here = difficulty_likelihood(data, values[:-1], values[-1])
    for place in range(7):
        up, down = values.copy(), values.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        above, below = (difficulty_likelihood(data, x[:-1], x[-1]) for x in (up, down))
        assert here.gradient[place] == pytest.approx((above.value - below.value) / 2e-5, abs=1e-6)
        np.testing.assert_allclose(
            here.information[place], (below.gradient - above.gradient) / 2e-5, atol=1e-6
        )


def test_moments_and_intervals_are_those_of_the_exact_posterior() -> None:
    """200,000 draws of everything from the prior, weighted by the likelihood of three items and thirty persons.

    With so few items normal densities around the mode are at their worst: the intervals are somewhat short.
    """
    grades = np.array([1.0, 3.0, 5.0])
    rng = np.random.default_rng(2)
    scores = rng.logistic(size=(30, 3)) < rng.normal(size=(30, 1)) - np.array([-2.0, -1.0, 1.0])
    n = 200_000
    spread, level, step = (
        rng.gamma(2, SPREAD, n),
        rng.normal(LEVEL, LEVEL_SD, n),
        rng.normal(STEP, STEP_SD, n),
    )
    sd = np.exp(rng.normal(0, ABILITY_LOG_SD, n))
    b = level[:, None] + step[:, None] * (grades - 3) + spread[:, None] * rng.normal(size=(n, 3))
    patterns, counts = np.unique(scores, axis=0, return_counts=True)
    nodes = np.linspace(-5, 5, 21)
    weights = np.exp(-(nodes**2) / 2) / np.exp(-(nodes**2) / 2).sum()
    chances = np.zeros((n, counts.size))
    for node, weight in zip(nodes, weights, strict=True):
        right = 1 / (1 + np.exp(b - sd[:, None] * node))
        for column, pattern in enumerate(patterns):
            chances[:, column] += weight * np.where(pattern, right, 1 - right).prod(axis=1)
    log_likelihood = np.log(chances) @ counts
    share = np.exp(log_likelihood - log_likelihood.max())
    share /= share.sum()
    assert 1 / (share**2).sum() > 1000

    plan = shrink(scores, grades)
    mean = share @ b
    deviation = np.sqrt(share @ (b - mean) ** 2)
    np.testing.assert_allclose(plan.difficulties, mean, atol=0.12)
    np.testing.assert_allclose(plan.errors, deviation, rtol=0.12)
    inside = share @ ((plan.low <= b) & (b <= plan.high))
    assert (inside > 0.92).all() and (inside < 0.97).all()
    for value, found in ((level, plan.level), (step, plan.step), (spread, plan.spread)):
        assert found == pytest.approx(share @ value, abs=0.1)
    for value, error in ((level, plan.level_error), (step, plan.step_error)):
        assert error == pytest.approx(np.sqrt(share @ value**2 - (share @ value) ** 2), rel=0.12)


def test_intervals_cover_on_average_over_items_and_less_often_far_off_the_grade() -> None:
    hits, far = [], []
    for seed in range(48):
        spread = (0.35, 0.56, 0.8)[seed % 3]
        scores, grades, b = sitting((40, 80)[seed % 2], 40, seed, spread=spread)
        hit = covered(shrink(scores, grades), b)
        hits.append(hit)
        far.append(hit[np.abs(b - LEVEL - STEP * (grades - 3)) > 1.5 * spread])
    assert 0.93 < np.mean(hits) < 0.97
    assert 0.7 < np.concatenate(far).mean() < np.mean(hits)


def test_answers_and_grades_together_are_nearer_the_truth_than_either_alone() -> None:
    planned, plain, judged = [], [], []
    for seed in range(8):
        scores, grades, b = sitting(60, 50, seed)
        plan, fit = shrink(scores, grades), calibrate(scores, model="rasch")
        ok = np.array(fit.status) == "ok"
        for found, value in (
            (planned, plan.difficulties),
            (plain, fit.parameters.values["b"]),
            (judged, plan.by_grade),
        ):
            found.append((value - b)[ok])
    together, answers, grade = (np.sqrt(np.mean(np.concatenate(x) ** 2)) for x in (planned, plain, judged))
    assert together < 0.95 * answers
    assert together < 0.7 * grade


def test_the_spread_within_grades_is_found() -> None:
    for spread in (0.2, 0.6, 1.2):
        scores, grades, _ = sitting(200, 100, 4, spread=spread)
        plan = shrink(scores, grades)
        assert plan.spread_low < spread < plan.spread_high
        assert plan.spread == pytest.approx(spread, abs=0.15)


def test_many_persons_leave_the_difficulties_of_plain_maximum_likelihood() -> None:
    scores, grades, _ = sitting(4000, 12, 5)
    plan, fit = shrink(scores, grades), calibrate(scores, model="rasch")
    np.testing.assert_allclose(plan.difficulties, fit.parameters.values["b"], atol=0.02)
    np.testing.assert_allclose(plan.errors, fit.parameters.errors["b"], rtol=0.05)


def test_items_that_nobody_saw_get_their_grade_with_the_spread_within_grades() -> None:
    scores, grades, _ = sitting(100, 40, 6)
    plan = shrink(np.column_stack((scores, np.full((100, 3), -1))), [*grades, 1, 5, np.nan])
    np.testing.assert_allclose(plan.difficulties[40:42], plan.by_grade[40:42])
    assert (plan.errors[40:42] > plan.spread).all()
    assert (plan.errors[40:42] < 1.3 * plan.spread).all()
    assert plan.errors[42] > STEP * np.sqrt(2)
    assert plan.n_answers[40:].tolist() == [0, 0, 0]
    alone = shrink(scores, grades)
    np.testing.assert_allclose(plan.difficulties[:40], alone.difficulties)


def test_unseen_items_fall_into_their_intervals() -> None:
    hits = []
    for seed in range(20):
        scores, grades, b = sitting(60, 50, 100 + seed)
        scores[:, 40:] = -1
        hits.append(covered(shrink(scores, grades), b)[40:])
    assert 0.9 < np.mean(hits) < 0.985


def test_items_all_right_or_all_wrong_keep_finite_difficulties_at_the_ends() -> None:
    scores, grades, _ = sitting(40, 20, 7)
    grades[:2] = 3
    scores[:, 0], scores[:, 1] = 1, 0
    plan = shrink(scores, grades)
    same_grade = plan.difficulties[grades == 3]
    assert plan.difficulties[0] == same_grade.min()
    assert plan.difficulties[1] == same_grade.max()
    assert (plan.low < plan.difficulties).all() and (plan.difficulties < plan.high).all()
    assert plan.converged


def test_two_papers_of_one_pool_and_single_missing_answers_are_taken_as_they_are() -> None:
    scores, grades, b = sitting(120, 60, 8)
    scores[:60, 40:] = scores[60:, :20] = -1
    scores[np.random.default_rng(1).random(scores.shape) < 0.05] = -1
    plan = shrink(scores, grades)
    assert np.mean(covered(plan, b)) > 0.9
    assert np.corrcoef(plan.difficulties, b)[0, 1] > 0.9


def test_reordering_persons_or_items_reorders_the_plan() -> None:
    scores, grades, _ = sitting(50, 15, 9)
    rng = np.random.default_rng(1)
    items = rng.permutation(15)
    plan, moved = shrink(scores, grades), shrink(scores[rng.permutation(50)][:, items], grades[items])
    np.testing.assert_allclose(moved.difficulties, plan.difficulties[items], atol=1e-4)
    np.testing.assert_allclose(moved.errors, plan.errors[items], atol=1e-4)


def test_facility_and_information_are_averages_over_what_is_not_known() -> None:
    scores, grades, _ = sitting(80, 10, 10)
    plan = shrink(scores, grades)
    np.testing.assert_allclose(planned_facility(plan), plan.facility)
    assert (plan.facility_low < plan.facility).all() and (plan.facility < plan.facility_high).all()
    np.testing.assert_allclose(plan.facility, scores.mean(axis=0), atol=0.12)
    draws = np.random.default_rng(1).normal(plan.difficulties[:, None], plan.errors[:, None], (10, 40_000))
    chance = 1 / (1 + np.exp(draws - 0.5))
    np.testing.assert_allclose(
        planned_information(plan, [0.5, 2.0])[:, 0], (chance * (1 - chance)).mean(axis=1), atol=2e-3
    )


def test_a_plan_keeps_labels_and_revisions() -> None:
    plan = shrink([[1, 0], [0, 1]], [1, 2], items=["A", "B"], fingerprints=["f1", "f2"])
    assert (plan.items, plan.fingerprints) == (("A", "B"), ("f1", "f2"))
    assert shrink([[1, 0]], [1, 2]).fingerprints == ("", "")
    with pytest.raises(ValueError, match="1 fingerprints for 2 items"):
        shrink([[1, 0]], [1, 2], fingerprints=["f1"])


def test_a_plan_scores_nobody() -> None:
    scores, grades, _ = sitting(30, 5, 11)
    plan = shrink(scores, grades)
    assert plan.purpose == "planning"
    with pytest.raises((TypeError, AttributeError, ValueError)):
        score_persons(scores, plan)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n_persons", "n_items"), [(0, 0), (0, 3), (1, 1), (1, 4), (3, 1), (2, 2), (5, 0), (500, 2)]
)
@pytest.mark.parametrize("score", [-1, 0, 1])
def test_hardly_any_data_leave_the_grades_and_finite_numbers(
    n_persons: int, n_items: int, score: int
) -> None:
    plan = shrink(np.full((n_persons, n_items), score), np.arange(n_items) % 5 + 1)
    assert np.isfinite(plan.difficulties).all() and (plan.errors > 0).all()
    assert 0 < plan.spread_low < plan.spread < plan.spread_high
    assert plan.converged


def test_what_grades_are_worth_beforehand_is_what_assembly_states() -> None:
    one = np.ones(5)
    facility = np.array([GRADE_FACILITY[grade] for grade in range(1, 6)])
    b = difficulty_for_facility(facility, one, mean=0.0, sd=1.0)
    step, level = np.polyfit(np.arange(-2, 3), b, 1)
    assert (level, step) == pytest.approx((LEVEL, STEP), abs=0.02)
    middle = difficulty_for_facility(np.array([GRADE_FACILITY[3]]), one[:1], mean=0.0, sd=1.0)
    assert judged_errors(one[:1], middle, mean=0.0, sd=1.0)[1][0] == pytest.approx(SPREAD, abs=0.03)
    assert pytest.approx(0.11) == GRADE_FACILITY_SD


@pytest.mark.parametrize(
    ("scores", "grades", "says"),
    [
        ([[2, 0]], [1, 2], "found 2"),
        ([[1, 0]], [1], r"shape \(1,\) for 2 items"),
        ([[1, 0]], [0, 3], "grades must be 1 to 5"),
        ([[1, 0]], [6, 3], "found 6"),
    ],
)
def test_wrong_calls_of_shrink_are_refused(scores: object, grades: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        shrink(scores, grades)  # type: ignore[arg-type]


def test_a_confidence_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        shrink([[1, 0]], [1, 2], confidence=95.0)
