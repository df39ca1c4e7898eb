"""Laws of person scores under every model, and persons of whom little is known."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qbank.irt import (
    ItemParameters,
    PersonScores,
    calibrate,
    calibrate_conditional,
    item_parameters,
    score_persons,
    simulate,
    total_information,
)
from qbank.irt.likelihood import quadrature
from qbank.irt.parameters import batches_of, from_estimates
from tests.irt.mixed import log_likelihood, mixed_items, patterns
from tests.irt.samples import sample

METHODS = ("eap", "map", "ml", "wle")
ITEMS = item_parameters("2pl", a=[0.6, 1.0, 1.4, 0.9, 1.2], b=[-1.5, -0.5, 0.0, 0.8, 1.6])
LINEAR = ("rasch", "1pl", "2pl", "pcm", "gpcm", "rsm", "grm", "nominal")
every_method = pytest.mark.parametrize("method", METHODS)
few = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 10**6)
Array = NDArray[np.float64]


def part(parameters: ItemParameters, items: NDArray[np.intp]) -> ItemParameters:
    return from_estimates(
        [parameters.model[item] for item in items], parameters.n_categories[items], parameters.estimates[items]
    )


def same(one: PersonScores, other: PersonScores, persons: NDArray[np.intp] | None = None) -> None:
    """Assert equal scores, up to rounding: where the top is flat, a small slope moves it far."""
    order = np.arange(one.theta.size) if persons is None else persons
    theta, errors = one.theta[order], one.errors[order]
    assert other.status == tuple(one.status[person] for person in order)
    told = np.isfinite(other.theta)
    np.testing.assert_array_equal(other.theta[~told], theta[~told])
    assert (np.abs(other.theta[told] - theta[told]) <= 1e-8 + 1e-10 * errors[told] ** 2).all()
    sure = told & (errors < 1e3)
    np.testing.assert_allclose(other.errors[sure], errors[sure], rtol=1e-5)


@given(seed=seeds)
@few
def test_eap_lies_within_the_nodes_and_its_error_below_the_spread_of_ability_on_average(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(6, rng)
    found = score_persons(patterns(items, 50, rng, sparse=0.3), items)
    assert (np.abs(found.theta) < 6).all()
    assert (found.errors > 0).all()
    drawn = score_persons(simulate(items, rng.normal(0, 1, 400), seed=rng), items)
    assert (drawn.errors**2).mean() < 1.0


@given(seed=seeds)
@few
def test_eap_is_the_mean_of_the_posterior_on_the_nodes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(7, rng)
    scores = patterns(items, 40, rng, sparse=0.3)
    nodes = quadrature(61)
    log_joint = log_likelihood(items, scores, nodes) - 0.5 * ((nodes - 0.4) / 0.8) ** 2
    posterior = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    found = score_persons(scores, items, ability=(0.4, 0.8))
    np.testing.assert_allclose(found.theta, posterior @ nodes, atol=1e-10)
    variance = (posterior * (nodes - (posterior @ nodes)[:, None]) ** 2).sum(axis=1)
    np.testing.assert_allclose(found.errors, np.sqrt(variance), atol=1e-10)


def warm_weight(items: ItemParameters, scores: NDArray[np.int8], grid: Array) -> tuple[Array, Array]:
    """Return information and the log of Warm's weight of each person on a grid, the latter by trapezoids."""
    told, warm = np.zeros((2, len(items.items), grid.size))
    for batch in batches_of(items):
        probability = np.exp(batch.model.log_probability(batch.values, grid))
        # Derivatives by differences, so that nothing is taken from what is tested.
        first = np.gradient(probability, grid, axis=2, edge_order=2)
        second = np.gradient(first, grid, axis=2, edge_order=2)
        told[batch.items] = (first**2 / probability).sum(axis=1)
        warm[batch.items] = (first * second / probability).sum(axis=1)
    seen = (scores >= 0).astype(float)
    ratio = (seen @ warm) / (2.0 * np.maximum(seen @ told, 1e-300))
    steps = 0.5 * (ratio[:, 1:] + ratio[:, :-1]) * np.diff(grid)
    return seen @ told, np.concatenate((np.zeros((scores.shape[0], 1)), np.cumsum(steps, axis=1)), axis=1)


@pytest.mark.parametrize("sharp", [0.7, 2.5])
@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_map_and_ml_are_the_highest_of_all_maxima(sharp: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(int(rng.integers(1, 10)), rng, sharp=sharp)
    scores = patterns(items, 25, rng, sparse=0.2)
    scores = scores[(scores >= 0).any(axis=1)]
    grid = np.linspace(-30, 30, 9001)
    likelihood = log_likelihood(items, scores, grid)
    for method, target in (("ml", likelihood), ("map", likelihood - 0.5 * ((grid - 0.3) / 1.2) ** 2)):
        found = score_persons(scores, items, method=method, ability=(0.3, 1.2))
        assert not np.isnan(found.theta).any()
        for person, theta in enumerate(found.theta):
            row = target[person]
            at = np.interp(np.clip(theta, -30, 30), grid, row)
            # Linear between grid points: below the true height by at most step^2 curvature / 8.
            assert at >= row.max() - 1e-3
            if not np.isfinite(theta):
                assert method == "ml"
                assert found.status[person] == "not finite"


def test_wle_is_the_highest_maximum_of_the_weighted_likelihood() -> None:
    grid = np.linspace(-12, 12, 12_001)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        items = mixed_items(6, rng)
        scores = patterns(items, 20, rng, sparse=0.2)
        scores = scores[(scores >= 0).any(axis=1)]
        information, log_weight = warm_weight(items, scores, grid)
        target = log_likelihood(items, scores, grid) + log_weight
        found = score_persons(scores, items, method="wle")
        inside = np.abs(found.theta) < 11
        assert inside.mean() > 0.8
        best = target[:, 1:-1].max(axis=1)
        at = np.array([np.interp(theta, grid, row) for theta, row in zip(found.theta, target, strict=True)])
        np.testing.assert_array_less(best[inside] - 1e-3, at[inside])
        told = np.array([np.interp(t, grid, row) for t, row in zip(found.theta, information, strict=True)])
        expected = score_persons(scores, items, method="wle", errors="expected")
        np.testing.assert_allclose(expected.errors[inside], told[inside] ** -0.5, rtol=1e-3)


def test_peaks_of_sharp_items_close_to_each_other_are_told_apart() -> None:
    rng = np.random.default_rng(12)
    grid = np.linspace(-4, 4, 32_001)
    for _ in range(12):
        # Without asymptotes Warm's weight is the root of the information, which has a peak by every sharp item.
        items = item_parameters("2pl", a=rng.uniform(5, 12, 6), b=rng.uniform(-2, 2, 6))
        scores = rng.integers(0, 2, (40, 6)).astype(np.int8)
        target = log_likelihood(items, scores, grid) + 0.5 * np.log(total_information(items, grid))
        found = score_persons(scores, items, method="wle")
        at = [np.interp(theta, grid, row) for theta, row in zip(found.theta, target, strict=True)]
        np.testing.assert_array_less(target.max(axis=1) - 1e-3, at)


def test_with_guessing_a_local_maximum_and_an_infinite_end_do_not_win() -> None:
    # Easy items wrong and hard items right: guesses, or a peak near 2.5. Two wrong answers speak for guesses.
    items = item_parameters("3pl", a=[0.5, 0.5, 3.0, 3.0], b=[0.0, 0.0, 1.8, 2.0], c=[0.25] * 4)
    scores = np.array([[0, 0, 1, 1], [0, -1, 1, 1]], dtype=np.int8)
    grid = np.linspace(-10, 10, 4001)
    likelihood = log_likelihood(items, scores, grid)
    peaks = (likelihood[:, 1:-1] > likelihood[:, :-2]) & (likelihood[:, 1:-1] >= likelihood[:, 2:])
    assert (peaks.sum(axis=1) == 1).all()
    found = score_persons(scores, items, method="ml")
    assert found.theta[0] == -np.inf
    assert found.theta[1] == pytest.approx(grid[likelihood[1].argmax()], abs=0.01)
    assert found.status == ("not finite", "ok")
    assert np.isnan(found.errors[0]) and found.errors[1] > 0


@every_method
@given(seed=seeds)
@few
def test_an_answer_in_a_higher_category_never_lowers_a_person(method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    # With an asymptote or in the nominal model a better answer can count less.
    items = mixed_items(5, rng, words=("rasch", "2pl", "pcm", "gpcm", "rsm", "grm"))
    scores = patterns(items, 30, rng)
    item = seed % 5
    better = scores.copy()
    better[:, item] = np.minimum(scores[:, item] + 1, items.n_categories[item] - 1)
    low, high = (score_persons(x, items, method=method).theta for x in (scores, better))
    assert (high >= low - 1e-7).all()


@every_method
@given(seed=seeds)
@few
def test_reordering_persons_or_items_reorders_the_scores(method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(6, rng)
    scores = patterns(items, 40, rng, sparse=0.2)
    persons, order = rng.permutation(40), rng.permutation(6)
    one = score_persons(scores, items, method=method)
    other = score_persons(scores[persons][:, order], part(items, order), method=method)
    same(one, other, persons)


@every_method
@given(seed=seeds)
@example(seed=9)
@few
def test_a_never_seen_item_changes_nothing(method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(6, rng)
    scores = patterns(items, 20, rng, sparse=0.2)
    scores[:, 2] = -1
    kept = np.array([0, 1, 3, 4, 5])
    one = score_persons(scores, items, method=method)
    other = score_persons(scores[:, kept], part(items, kept), method=method)
    same(one, other)


@every_method
@given(seed=seeds)
@few
def test_a_person_is_scored_alike_alone_and_among_others(method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(5, rng)
    scores = patterns(items, 30, rng, sparse=0.4)
    together = score_persons(scores, items, method=method)
    for person in range(0, 30, 7):
        alone = score_persons(scores[[person]], items, method=method)
        same(together, alone, np.array([person]))


@every_method
@given(seed=seeds)
@settings(max_examples=40, deadline=None)
def test_nothing_odd_raises_and_every_row_has_a_word(method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(int(rng.integers(0, 8)), rng, sharp=float(rng.choice([0.0, 0.05, 1.0, 8.0])))
    estimates = np.array(items.estimates)
    estimates[rng.random(len(items.items)) < 0.2] = np.nan
    items = replace(items, estimates=estimates)
    scores = patterns(items, int(rng.integers(0, 12)), rng, sparse=float(rng.choice([0.0, 0.5, 1.0])))
    for errors in ("observed", "expected"):
        found = score_persons(scores, items, method=method, errors=errors)
        assert set(found.status) <= {"ok", "no answers", "not finite", "flat"}
        for theta, error, word in zip(found.theta, found.errors, found.status, strict=True):
            assert np.isfinite(theta) == (word == "ok" or (word == "no answers" and method in ("eap", "map")))
            assert np.isnan(error) or error > 0


@given(seed=seeds)
@few
def test_wle_is_finite_for_every_pattern_of_rasch_items(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_items = int(rng.integers(1, 200))
    items = item_parameters("rasch", a=np.ones(n_items), b=rng.normal(0, 2, n_items))
    scores = rng.integers(0, 2, (20, n_items))
    scores[0], scores[1] = 0, 1
    found = score_persons(scores, items, method="wle")
    assert np.isfinite(found.theta).all() and np.isfinite(found.errors).all()


@pytest.mark.parametrize("word", LINEAR)
def test_a_perfect_score_is_infinitely_likely_able_and_a_zero_score_the_reverse(word: str) -> None:
    rng = np.random.default_rng(5)
    items = mixed_items(6, rng, words=(word,))
    if word == "nominal":
        items = from_estimates("nominal", [3] * 2, np.array([[1.0, 2.0, 0.3, 0.1], [0.5, 1.5, 0.0, 0.2]]))
    top = (items.n_categories - 1)[None].astype(np.int8)
    found = score_persons(np.concatenate((top, 0 * top)), items, method="ml")
    np.testing.assert_array_equal(found.theta, [np.inf, -np.inf])
    assert found.status == ("not finite", "not finite")
    for method in ("eap", "map", "wle"):
        assert np.isfinite(score_persons(top, items, method=method).theta).all()


def test_where_every_ability_is_as_likely_the_likelihood_is_called_flat() -> None:
    items = item_parameters("2pl", a=[0.0, 0.0], b=[0.0, 0.0])
    for method in ("ml", "wle"):
        found = score_persons([[1, 0]], items, method=method)
        assert found.status == ("flat",)
        assert np.isnan(found.theta[0])
    for method in ("eap", "map"):
        found = score_persons([[1, 0]], items, method=method, ability=(0.5, 0.8))
        assert found.theta[0] == pytest.approx(0.5)
        assert found.errors[0] == pytest.approx(0.8)


def test_far_items_and_dull_items_are_followed_to_their_maximum() -> None:
    far = item_parameters("2pl", a=[1.0, 1.0], b=[30.0, 31.0])
    assert score_persons([[1, 0]], far, method="ml").theta[0] == pytest.approx(30.5)
    dull = item_parameters("2pl", a=[0.05, 0.05, 0.05], b=[0.0, 0.0, 0.0])
    expected = np.log(2.0) / 0.05
    assert score_persons([[1, 1, 0]], dull, method="ml").theta[0] == pytest.approx(expected, abs=1e-6)
    sharp = item_parameters("2pl", a=[40.0, 40.0], b=[1.0, 1.1])
    assert score_persons([[1, 0]], sharp, method="ml").theta[0] == pytest.approx(1.05, abs=1e-9)
    both = item_parameters("2pl", a=[9.0, 9.0, 0.3], b=[60.0, 60.4, 0.0])
    assert score_persons([[1, 0, -1]], both, method="ml").theta[0] == pytest.approx(60.2, abs=1e-9)


def test_wle_of_equally_hard_rasch_items_is_a_logarithm() -> None:
    # n (1 - P) + (1 - 2 P) / 2 = 0 for a perfect score, so that P = (n + 1/2) / (n + 1).
    for n_items in (1, 5, 40, 2000):
        items = item_parameters("rasch", a=np.ones(n_items), b=np.full(n_items, 0.7))
        found = score_persons(np.array([[1] * n_items, [0] * n_items]), items, method="wle")
        expected = np.log(2.0 * n_items + 1.0)
        np.testing.assert_allclose(found.theta, [0.7 + expected, 0.7 - expected], atol=1e-9)


def test_rounding_of_a_likelihood_that_rises_no_more_is_not_taken_for_a_maximum() -> None:
    rng = np.random.default_rng(13)
    # The last item tells something of abilities far away, where the others tell nothing any more.
    items = mixed_items(90, rng, words=("2pl", "gpcm", "grm"))
    estimates = np.vstack((items.estimates, np.full(items.estimates.shape[1], np.nan)))
    estimates[90, :2] = 0.02, 0.0
    items = from_estimates([*items.model, "2pl"], [*items.n_categories, 2], estimates)
    scores = np.where(rng.random((60, 91)) < 0.3, -1, items.n_categories - 1)
    scores[:, 90] = -1
    scores[0, 90] = 1
    found = score_persons(scores, items, method="ml")
    assert (found.theta == np.inf).all()


def test_two_thousand_answers_do_not_underflow() -> None:
    rng = np.random.default_rng(3)
    items = item_parameters("2pl", a=rng.lognormal(0, 0.3, 2000), b=rng.normal(0, 1, 2000))
    ability = np.array([-1.0, 0.0, 1.5])
    scores = simulate(items, ability, seed=4)
    for method in METHODS:
        found = score_persons(scores, items, method=method)
        np.testing.assert_allclose(found.theta, ability, atol=0.15)
        assert (found.errors > 0.01).all()


def test_a_posterior_narrower_than_the_nodes_are_apart_is_told_all_the_same() -> None:
    rng = np.random.default_rng(15)
    items = item_parameters("2pl", a=rng.lognormal(0.7, 0.2, 600), b=rng.normal(0, 1, 600))
    scores = simulate(items, rng.normal(0, 1, 30), seed=16)
    found = score_persons(scores, items)
    assert found.errors.max() < 0.2
    fine = np.linspace(-6, 6, 9601)
    log_joint = log_likelihood(items, scores, fine) - 0.5 * fine**2
    posterior = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.theta, posterior @ fine, atol=1e-5)
    variance = (posterior * (fine - (posterior @ fine)[:, None]) ** 2).sum(axis=1)
    np.testing.assert_allclose(found.errors, np.sqrt(variance), rtol=1e-3)


def test_who_saw_nothing_keeps_the_prior_or_has_no_score() -> None:
    nothing = np.full((1, 5), -1)
    for method in ("eap", "map"):
        found = score_persons(nothing, ITEMS, method=method, ability=(0.5, 0.8))
        assert found.theta[0] == pytest.approx(0.5)
        assert found.errors[0] == pytest.approx(0.8)
    for method in ("ml", "wle"):
        found = score_persons(nothing, ITEMS, method=method)
        assert np.isnan(found.theta[0])
        assert found.status == ("no answers",)


def test_items_without_parameters_are_left_out_and_counted() -> None:
    holed = item_parameters("2pl", a=[np.nan, 1.0], b=[np.nan, 0.0])
    for method in METHODS:
        found = score_persons([[1, 0], [0, 0], [1, -1]], holed, method=method)
        assert found.theta[0] == found.theta[1]
        np.testing.assert_array_equal(found.n_answers, [1, 1, 0])
        np.testing.assert_array_equal(found.n_ignored, [1, 1, 1])


@every_method
def test_new_persons_are_scored_on_some_of_the_items_in_any_order(method: str) -> None:
    bank = item_parameters("2pl", a=[0.8, 1.2, 1.0], b=[-1.0, 0.0, 1.0], items=["Q1", "Q2", "Q3"], scale="2026")
    one = score_persons([[1, -1, 0]], bank, method=method)
    other = score_persons([[0, 1, 1]], bank, method=method, items=["Q3", "Q9", "Q1"])
    assert other.theta[0] == pytest.approx(one.theta[0], abs=1e-9)
    assert (other.n_answers[0], other.n_ignored[0], other.scale) == (2, 1, "2026")
    with pytest.raises(ValueError, match="two items have the label 'Q1'"):
        score_persons([[1, 1]], bank, method=method, items=["Q1", "Q1"])
    with pytest.raises(ValueError, match="scores of 3 items for parameters of 2"):
        score_persons([[1, 1, 0]], bank, method=method, items=["Q1", "Q2"])


def test_a_conditional_calibration_scores_persons_by_its_items_alone() -> None:
    scores = sample(300, 6, 14)
    fit = calibrate_conditional(scores)
    own, bare = (score_persons(scores, source, method="wle") for source in (fit, fit.parameters))
    np.testing.assert_array_equal(own.theta, bare.theta)


@every_method
@pytest.mark.parametrize("shape", [(0, 5), (1, 5)])
def test_no_person_and_one_person_do_not_crash(method: str, shape: tuple[int, int]) -> None:
    assert score_persons(np.zeros(shape, dtype=np.int8), ITEMS, method=method).theta.shape == shape[:1]


@every_method
def test_no_item_does_not_crash(method: str) -> None:
    nothing = item_parameters("2pl", a=[], b=[])
    found = score_persons(np.zeros((3, 0), dtype=np.int8), nothing, method=method)
    assert found.status == ("no answers",) * 3


def test_each_person_can_have_a_distribution_of_their_own() -> None:
    rng = np.random.default_rng(6)
    scores = sample(200, 5, 6, sparse=0.2)
    mean, sd = rng.normal(0, 0.5, 200), rng.uniform(0.5, 1.5, 200)
    for method in ("eap", "map"):
        found = score_persons(scores, ITEMS, method=method, ability=(mean, sd))
        for person in (0, 50, 199):
            alone = score_persons(scores[[person]], ITEMS, method=method, ability=(mean[person], sd[person]))
            # Nodes reach as far as anyone's distribution, so that the grids differ a little.
            assert found.theta[person] == pytest.approx(alone.theta[0], abs=1e-5)
            assert found.errors[person] == pytest.approx(alone.errors[0], abs=1e-5)


def test_a_far_or_narrow_ability_distribution_is_not_cut_off_by_the_nodes() -> None:
    nothing = np.full((1, 5), -1)
    for mean, sd in ((9.0, 1.0), (0.0, 0.05), (-3.0, 4.0)):
        found = score_persons(nothing, ITEMS, ability=(mean, sd))
        assert found.theta[0] == pytest.approx(mean, abs=1e-3 * sd)
        assert found.errors[0] == pytest.approx(sd, rel=2e-3)


def test_memory_does_not_grow_with_persons_times_nodes() -> None:
    rng = np.random.default_rng(7)
    items = item_parameters("2pl", a=rng.lognormal(0, 0.3, 40), b=rng.normal(0, 1, 40))
    scores = simulate(items, rng.normal(0, 1, 40_000), seed=8)
    for method in METHODS:
        tracemalloc.start()
        score_persons(scores, items, method=method)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # 40,000 persons by 61 nodes alone would be 20 MB.
        assert most < 16e6


def test_a_calibration_brings_its_ability_distribution() -> None:
    scores = sample(500, 6, 1)
    fit = calibrate(scores, model="rasch")
    own = score_persons(scores, fit)
    told = score_persons(scores, fit.parameters, ability=(0.0, float(fit.ability_sd)))
    np.testing.assert_allclose(own.theta, told.theta, atol=1e-9)
    weights = np.where(fit.nodes > 0, fit.weights, 0.0)
    halved = score_persons(scores, replace(fit, weights=weights / weights.sum()))
    assert halved.theta.min() > 0 > own.theta.min()


def test_each_person_is_scored_with_the_distribution_of_the_group() -> None:
    rng = np.random.default_rng(2)
    groups = ["a", "b"] * 1000
    theta = rng.normal(0, 1, 2000) + np.arange(2000) % 2
    fit = calibrate(simulate(ITEMS, theta, seed=rng), groups=groups)
    found = score_persons([[1, 0, 1, 0, 1]] * 2, fit, groups=["a", "b"])
    assert found.theta[1] > found.theta[0]
    with pytest.raises(ValueError, match="groups"):
        score_persons([[1, 0, 1, 0, 1]], fit)


def test_a_wrong_call_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="unknown method 'mle'"):
        score_persons([[1] * 5], ITEMS, method="mle")
    with pytest.raises(ValueError, match="unknown errors 'robust'"):
        score_persons([[1] * 5], ITEMS, errors="robust")
    with pytest.raises(ValueError, match="2 items for parameters of 5"):
        score_persons([[1, 0]], ITEMS)
    with pytest.raises(ValueError, match="matrix of persons by items"):
        score_persons([1, 0, 1, 0, 1], ITEMS)
    with pytest.raises(ValueError, match="whole numbers"):
        score_persons([[0.5] * 5], ITEMS)
    for ability in ((0.0, 0.0), (np.nan, 1.0), (0.0, [1.0, -1.0])):
        with pytest.raises(ValueError, match="above 0"):
            score_persons([[1] * 5] * 2, ITEMS, ability=ability)


def test_a_score_that_an_item_does_not_have_is_refused_with_item_and_value() -> None:
    items = from_estimates(["2pl", "gpcm"], [2, 3], np.array([[1.0, 0.0, np.nan], [1.0, 0.2, 0.1]]), items=["Q1", "Q2"])
    with pytest.raises(ValueError, match="item 'Q1' has the score 2, but its scores are 0 to 1"):
        score_persons([[2, 2]], items)
    with pytest.raises(ValueError, match="item 'Q2' has the score 3, but its scores are 0 to 2"):
        score_persons([[1, 3]], items)
    with pytest.raises(ValueError, match="0 or more, or -1 for not seen, found -2"):
        score_persons([[1, -2]], items)
    assert score_persons([[1, 2]], items).status == ("ok",)
