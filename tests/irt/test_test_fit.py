"""Fit of the whole test: its moments against all answer patterns, its error rate, and what it finds."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.linalg import null_space

from qbank.irt import calibrate, item_parameters, simulate
from qbank.irt.ability import log_normal_weights
from qbank.irt.fit import limited_information
from qbank.irt.fit.moments import (
    correlations,
    covariance_times,
    derivatives_of_probability,
    expected,
    jacobian,
    moments_of,
    observed,
    variances,
)
from qbank.irt.likelihood import quadrature
from qbank.irt.parameters import ItemParameters, from_estimates, log_probability_table
from tests.irt.samples import sample

Floats = NDArray[np.float64]

NODES = quadrature(31)
WEIGHTS = np.exp(log_normal_weights(NODES, 0.3, 0.8))
WORDS = ("2pl", "grm", "3pl", "nominal")
N_CATEGORIES = np.array([2, 3, 2, 3])
ESTIMATES = np.array(
    [
        [1.2, 0.4, np.nan, np.nan],
        [0.9, 1.0, -0.7, np.nan],
        [1.5, -0.5, -1.5, np.nan],
        [0.6, 1.4, 0.3, -0.2],
    ]
)
N_OWN = (2, 3, 3, 4)


def mixed(estimates: Floats = ESTIMATES) -> ItemParameters:
    return from_estimates(WORDS, N_CATEGORIES, estimates)


def by_pattern(parameters: ItemParameters, weights: Floats = WEIGHTS) -> tuple[Floats, Floats]:
    """Return the moments of every answer pattern, and its probability."""
    table, first = np.exp(log_probability_table(parameters, NODES)), np.cumsum([0, *N_CATEGORIES])
    patterns = list(product(*(range(k) for k in N_CATEGORIES)))
    chance = [np.prod([table[first[j] + x] for j, x in enumerate(p)], axis=0) @ weights for p in patterns]
    centre = np.array(chance) @ np.array(patterns)
    rows = [
        [float(p[j] == k) for j in range(4) for k in range(1, N_CATEGORIES[j])]
        + [(p[i] - centre[i]) * (p[j] - centre[j]) for i in range(4) for j in range(i + 1, 4)]
        for p in patterns
    ]
    return np.array(rows), np.array(chance)


def expected_of(estimates: Floats, mean: float = 0.3, sd: float = 0.8) -> Floats:
    weights = np.exp(log_normal_weights(NODES, mean, sd))
    return expected(moments_of(log_probability_table(mixed(estimates), NODES), N_CATEGORIES, weights))


@settings(max_examples=20, deadline=None)
@given(arrays(np.float64, (4, 4), elements=st.floats(-1.5, 1.5)), st.floats(-1.0, 1.0), st.floats(0.4, 1.5))
def test_moments_and_their_covariance_are_those_of_all_answer_patterns(moved: Floats, mean: float, sd: float) -> None:
    estimates = ESTIMATES + moved
    # Thresholds of a graded item stand in order.
    estimates[1, 1:3] = ESTIMATES[1, 1:3] + moved[1, 1]
    weights = np.exp(log_normal_weights(NODES, mean, sd))
    moments, chance = by_pattern(mixed(estimates), weights)
    of = moments_of(log_probability_table(mixed(estimates), NODES), N_CATEGORIES, weights)
    assert chance.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(expected(of), chance @ moments, atol=1e-12)
    centred = moments - chance @ moments
    covariance = centred.T @ (centred * chance[:, None])
    np.testing.assert_allclose(covariance_times(of)(np.eye(of.n_moments)), covariance, atol=1e-12)
    np.testing.assert_allclose(variances(of), np.diag(covariance), atol=1e-12)


def test_observed_moments_are_means_over_persons() -> None:
    answers = np.array([[0, 2, 1, 1], [1, 1, 1, 0], [1, 2, 0, 2]], dtype=np.int8)
    of = moments_of(log_probability_table(mixed(), NODES), N_CATEGORIES, WEIGHTS)
    centred = answers - of.centre
    products = [(centred[:, i] * centred[:, j]).mean() for i in range(4) for j in range(i + 1, 4)]
    np.testing.assert_allclose(observed(of, answers)[:6], np.array([2, 1, 2, 2, 1, 1]) / 3.0)
    np.testing.assert_allclose(observed(of, answers)[6:], products)
    np.testing.assert_allclose(
        correlations(of, observed(of, answers))[[0, 3, 4]], np.corrcoef(answers.T)[[0, 1, 1], [1, 2, 3]]
    )


def test_derivatives_of_the_moments_are_finite_differences() -> None:
    of = moments_of(log_probability_table(mixed(), NODES), N_CATEGORIES, WEIGHTS)
    places = np.full((4, 4), -1)
    free = [(item, column) for item, n in enumerate(N_OWN) for column in range(n)]
    for place, where in enumerate(free):
        places[where] = place
    derivatives = derivatives_of_probability(mixed(), np.arange(4), NODES)
    z = (NODES - 0.3) / 0.8
    score = np.stack((z / 0.8, z**2))
    score -= (score @ WEIGHTS)[:, None]
    n_free = len(free) + 2
    found = jacobian(of, derivatives, places, score * WEIGHTS, np.array([n_free - 2, n_free - 1]), n_free).toarray()
    step = 1e-6
    for place, where in enumerate(free):
        up, down = ESTIMATES.copy(), ESTIMATES.copy()
        up[where] += step
        down[where] -= step
        slope = (expected_of(up) - expected_of(down)) / (2 * step)
        np.testing.assert_allclose(found[:, place], slope, atol=1e-8)
    by_mean = (expected_of(ESTIMATES, 0.3 + step) - expected_of(ESTIMATES, 0.3 - step)) / (2 * step)
    by_log_sd = (expected_of(ESTIMATES, sd=0.8 * np.exp(step)) - expected_of(ESTIMATES, sd=0.8 * np.exp(-step))) / (
        2 * step
    )
    np.testing.assert_allclose(found[:, -2:], np.column_stack((by_mean, by_log_sd)), atol=1e-8)


@pytest.mark.parametrize("statistic", ["C2", "M2*"])
@pytest.mark.parametrize("model", ["grm", "gpcm", "pcm", "rsm"])
def test_m2_is_the_quadratic_form_in_the_orthogonal_complement(model: str, statistic: str) -> None:
    rng = np.random.default_rng(5)
    true = item_parameters("gpcm", a=np.ones(7), steps=rng.normal(0, 1, (7, 2)))
    scores = simulate(true, rng.normal(0, 1, 600), seed=rng)
    fit = calibrate(scores, model=model)
    found = limited_information.test_fit(scores, fit, statistic=statistic)
    assert found.n_free == fit.n_free
    assert found.df == found.n_moments - fit.n_free
    free = limited_information._free_values(fit)
    of = moments_of(log_probability_table(fit.parameters, fit.nodes), fit.parameters.n_categories, fit.weights)
    z = fit.nodes / float(fit.ability_sd)
    score = np.stack((z / float(fit.ability_sd), z**2))
    score = (score - (score @ fit.weights)[:, None]) * fit.weights
    slopes = jacobian(
        of,
        derivatives_of_probability(fit.parameters, np.arange(7), fit.nodes),
        free.items,
        score,
        free.ability[0],
        free.n_free,
    ).toarray()
    merge = np.eye(of.n_moments)
    if statistic == "M2*":
        merge = np.zeros((7 + 21, of.n_moments))
        merge[of.owner, np.arange(of.owner.size)] = of.category
        merge[7:, of.owner.size :] = np.eye(21)
    residual = merge @ (observed(of, scores) - expected(of))
    covariance = merge @ covariance_times(of)(np.eye(of.n_moments)) @ merge.T
    complement = null_space((merge @ slopes).T)
    inner = complement.T @ residual
    form = inner @ np.linalg.solve(complement.T @ covariance @ complement, inner)
    assert found.m2 == pytest.approx(600 * form, rel=1e-6)


def test_of_right_wrong_items_all_statistics_are_one() -> None:
    scores = sample(400, 8, 3)
    fit = calibrate(scores)
    one, other = (limited_information.test_fit(scores, fit, statistic=word) for word in ("C2", "M2*"))
    assert one.statistic == other.statistic == "M2"
    assert one.m2 == pytest.approx(other.m2, rel=1e-9)


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_where_the_model_holds_m2_is_chi_squared(model: str) -> None:
    rng = np.random.default_rng(8)
    true = item_parameters("rasch", a=np.ones(7), b=rng.normal(0, 1, 7))
    found = []
    for _ in range(60):
        scores = simulate(true, rng.normal(0, 1, 400), seed=rng)
        found.append(limited_information.test_fit(scores, calibrate(scores, model=model, errors="none")))
    df = found[0].df
    assert df == 28 - (8 if model == "rasch" else 14)
    assert np.mean([x.m2 for x in found]) == pytest.approx(df, abs=3.0 * np.sqrt(2 * df / 60))
    assert 0.0 < np.mean([x.p < 0.05 for x in found]) < 0.15
    assert np.mean([x.rmsea_low == 0.0 for x in found]) > 0.85


def test_c2_of_mixed_items_is_chi_squared_too() -> None:
    rng = np.random.default_rng(9)
    steps = np.full((6, 2), np.nan)
    steps[3:] = [-0.8, 0.6]
    true = item_parameters(["2pl"] * 3 + ["grm"] * 3, a=np.full(6, 1.2), b=[0.0, -0.5, 0.5, *[np.nan] * 3], steps=steps)
    p = []
    for _ in range(40):
        scores = simulate(true, rng.normal(0, 1, 800), seed=rng)
        fit = calibrate(scores, model=true.model, errors="none")
        p.append(limited_information.test_fit(scores, fit).p)
    assert 0.35 < np.mean(p) < 0.65
    assert np.mean(np.array(p) < 0.05) < 0.15


def test_two_abilities_behind_one_test_are_found() -> None:
    rng = np.random.default_rng(1)
    half = item_parameters("2pl", a=np.full(6, 1.5), b=rng.normal(0, 1, 6))
    scores = np.hstack([simulate(half, rng.normal(0, 1, 1500), seed=rng) for _ in range(2)])
    found = limited_information.test_fit(scores, calibrate(scores))
    assert found.status == "ok"
    assert found.p < 1e-10
    assert found.rmsea_low > 0.05
    assert found.rmsea_low < found.rmsea < found.rmsea_high
    assert found.srmsr > 0.08
    assert found.cfi < 0.8
    assert found.tli < found.cfi
    assert found.rmsea == pytest.approx(np.sqrt((found.m2 - found.df) / (1499 * found.df)))
    # Items of the half that ability does not follow go together more than expected.
    assert max(np.nanmean(found.residual_correlations[:6, :6]), np.nanmean(found.residual_correlations[6:, 6:])) > 0.1


def test_groups_are_samples_of_one_test() -> None:
    rng = np.random.default_rng(2)
    true = item_parameters("2pl", a=rng.lognormal(0, 0.2, 8), b=rng.normal(0, 1, 8))
    groups = ["a", "b"] * 1000
    theta = np.where(np.arange(2000) % 2, 0.8 + 1.3 * rng.normal(0, 1, 2000), rng.normal(0, 1, 2000))
    scores = simulate(true, theta, seed=rng)
    fit = calibrate(scores, groups=groups)
    found = limited_information.test_fit(scores, fit, groups=groups)
    assert found.n_samples == 2
    assert found.n_free == fit.n_free == 18
    assert found.df == 2 * 36 - 18
    assert found.p > 0.01
    together = limited_information.test_fit(scores, calibrate(scores))
    assert together.n_samples == 1
    # An item that is harder in one group only spoils the fit.
    scores[1::2, 3] &= rng.random(1000) < 0.6
    spoilt = limited_information.test_fit(scores, calibrate(scores, groups=groups), groups=groups)
    assert spoilt.p < 1e-6
    assert spoilt.rmsea == pytest.approx(np.sqrt(2 * (spoilt.m2 - spoilt.df) / (1999 * spoilt.df)))


def test_samples_of_unequal_size_weigh_by_their_persons() -> None:
    rng = np.random.default_rng(3)
    true = item_parameters("2pl", a=rng.lognormal(0, 0.2, 6), b=rng.normal(0, 1, 6))
    groups = ["a"] * 200 + ["b"] * 1000
    scores = simulate(true, np.where(np.arange(1200) < 200, 0.0, 0.8) + rng.normal(0, 1, 1200), seed=rng)
    fit = calibrate(scores, groups=groups)
    found = limited_information.test_fit(scores, fit, groups=groups)
    free = limited_information._free_values(fit)
    derivatives = derivatives_of_probability(fit.parameters, np.arange(6), fit.nodes)
    table = log_probability_table(fit.parameters, fit.nodes)
    residuals, slopes, covariance = [], [], np.zeros((42, 42))
    for group, rows in enumerate((slice(0, 200), slice(200, 1200))):
        of = moments_of(table, np.full(6, 2), fit.weights[group])
        z = (fit.nodes - fit.ability_mean[group]) / fit.ability_sd[group]
        score = np.stack((z / fit.ability_sd[group], z**2))
        score = (score - (score @ of.weights)[:, None]) * of.weights
        root = np.sqrt(scores[rows].shape[0])
        residuals.append(root * (observed(of, scores[rows]) - expected(of)))
        places = free.items, score, free.ability[group], free.n_free
        slopes.append(root * jacobian(of, derivatives, *places).toarray())
        covariance[21 * group : 21 * group + 21, 21 * group : 21 * group + 21] = covariance_times(of)(np.eye(21))
    complement = null_space(np.concatenate(slopes).T)
    inner = complement.T @ np.concatenate(residuals)
    form = inner @ np.linalg.solve(complement.T @ covariance @ complement, inner)
    assert found.m2 == pytest.approx(form, rel=1e-6)


def test_forms_are_samples_and_stray_answers_are_left_out() -> None:
    scores = sample(3000, 12, 4, forms=3)
    scores[7, :] = -1
    scores[8, scores[8] >= 0] = [1] + [-1] * ((scores[8] >= 0).sum() - 1)
    fit = calibrate(scores)
    found = limited_information.test_fit(scores, fit)
    assert found.n_samples == 3
    assert (found.n_persons, found.n_left_out) == (2998, 2)
    assert found.p > 0.01
    apart = ~((scores >= 0).T.astype(int) @ (scores >= 0) > 0)
    assert np.isnan(found.residual_correlations[apart]).all()


def test_scattered_missing_answers_leave_the_complete_persons() -> None:
    scores = sample(1000, 8, 6)
    whole = np.arange(1000) < 600
    rng = np.random.default_rng(6)
    scores[~whole] = np.where(rng.random((400, 8)) < 0.4, -1, scores[~whole])
    found = limited_information.test_fit(scores, calibrate(scores))
    complete = (scores >= 0).all(axis=1)
    assert found.n_samples == 1
    assert found.n_persons == complete.sum() >= 600


def test_an_item_that_nobody_saw_and_the_order_of_items_change_nothing() -> None:
    scores = sample(500, 6, 3)
    known = limited_information.test_fit(scores, calibrate(scores))
    order = [3, 0, 5, 1, 4, 2]
    more = np.insert(scores[::-1, order], 2, -1, axis=1)
    found = limited_information.test_fit(more, calibrate(more))
    assert found.m2 == pytest.approx(known.m2, rel=1e-4)
    assert (found.df, found.n_free, found.n_items) == (known.df, known.n_free, 6)
    assert found.srmsr == pytest.approx(known.srmsr, rel=1e-4)


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (1, 1), (5, 1), (3, 0), (2, 5), (40, 3)])
def test_tiny_matrices_have_a_status(shape: tuple[int, int]) -> None:
    scores = np.random.default_rng(3).integers(0, 2, shape).astype(np.int8)
    found = limited_information.test_fit(scores, calibrate(scores))
    assert found.status in ("no persons", "too few degrees of freedom")
    assert np.isnan(found.m2)
    assert np.isnan(found.p)
    assert found.residual_correlations.shape == (shape[1], shape[1])


def test_fixed_and_common_values_are_not_free() -> None:
    scores = sample(800, 8, 2)
    common = calibrate(scores, model="1pl")
    assert limited_information.test_fit(scores, common).n_free == common.n_free == 9
    tied = calibrate(scores, equal=[("a", (0, 1, 2))])
    assert limited_information.test_fit(scores, tied).n_free == tied.n_free == 14
    anchored = calibrate(scores, fixed={0: {"a": 1.0, "b": 0.0}, 1: {"a": 1.2, "b": 0.5}})
    assert limited_information.test_fit(scores, anchored).n_free == anchored.n_free == 14
    assert limited_information.test_fit(scores, common).df == 36 - 9


def test_a_wrong_call_is_refused_at_once() -> None:
    scores = sample(100, 5, 1)
    fit = calibrate(scores, model="rasch")
    with pytest.raises(ValueError, match="unknown statistic 'G2'"):
        limited_information.test_fit(scores, fit, statistic="G2")
    graded = calibrate(scores + (scores == 1) * (np.arange(100)[:, None] % 2), model="grm")
    with pytest.raises(ValueError, match="M2 is for right/wrong items"):
        limited_information.test_fit(scores, graded, statistic="M2")
    with pytest.raises(ValueError, match="3 items for parameters of 5"):
        limited_information.test_fit(scores[:, :3], fit)
    grouped = calibrate(scores, model="rasch", groups=["a", "b"] * 50)
    with pytest.raises(ValueError, match="groups"):
        limited_information.test_fit(scores, grouped)


def test_a_sample_that_is_left_out_takes_its_ability_with_it() -> None:
    scores = sample(800, 8, 3)
    groups = ["a"] * 780 + ["b"] * 20
    found = limited_information.test_fit(scores, calibrate(scores, groups=groups), groups=groups)
    assert (found.status, found.n_samples, found.n_left_out) == ("ok", 1, 20)
    assert found.df == 36 - 16


def test_few_persons_are_said() -> None:
    scores = sample(60, 6, 3)
    fit = calibrate(scores, model="rasch")
    assert limited_information.test_fit(scores, fit).status == "few persons"
    assert limited_information.test_fit(scores, fit, least_persons=50).status == "ok"
