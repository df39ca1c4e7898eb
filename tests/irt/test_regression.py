"""Latent regression: slopes found with their errors, persons scored with what the covariates say."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import calibrate, expected_ability, item_parameters, score_persons, simulate


def survey(n_persons: int, seed: int) -> tuple[NDArray[np.int8], dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    """Return answers, covariates with slopes 0.2 an hour and 0.5 for the night shift, and the true abilities."""
    rng = np.random.default_rng(seed)
    hours, night = rng.normal(3.0, 2.0, n_persons), rng.integers(0, 2, n_persons).astype(float)
    theta = 0.2 * (hours - 3.0) + 0.5 * (night - 0.5) + rng.normal(0, 1, n_persons)
    items = item_parameters("2pl", a=rng.lognormal(0, 0.2, 12), b=rng.normal(0, 1, 12))
    return simulate(items, theta, seed=rng), {"hours": hours, "night": night}, theta


def test_slopes_are_found_within_their_errors() -> None:
    scores, covariates, _ = survey(4000, 1)
    fit = calibrate(scores, covariates=covariates)
    assert fit.converged
    assert fit.regression is not None
    assert fit.regression.names == ("hours", "night")
    off = (fit.regression.slopes - [0.2, 0.5]) / fit.regression.errors
    assert np.abs(off).max() < 4
    assert (fit.regression.errors < 0.05).all()
    assert fit.n_free == 2 * 12 + 2


def test_the_unit_and_origin_of_a_covariate_change_its_slope_and_nothing_else() -> None:
    scores, covariates, _ = survey(1500, 2)
    fit = calibrate(scores, covariates=covariates)
    moved = calibrate(scores, covariates={"minutes": 60 * covariates["hours"] + 7, "night": covariates["night"]})
    assert fit.regression is not None
    assert moved.regression is not None
    assert moved.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(moved.regression.slopes * [60, 1], fit.regression.slopes, rtol=1e-4)
    np.testing.assert_allclose(moved.regression.errors * [60, 1], fit.regression.errors, rtol=1e-3)
    np.testing.assert_allclose(moved.parameters.values["b"], fit.parameters.values["b"], atol=1e-4)


def test_a_covariate_without_influence_has_a_slope_of_about_zero_and_gains_little() -> None:
    scores, _, _ = survey(1500, 3)
    fit = calibrate(scores, covariates=np.random.default_rng(9).normal(size=1500))
    assert fit.regression is not None
    assert abs(fit.regression.slopes[0]) < 4 * fit.regression.errors[0]
    gain = fit.log_likelihood - calibrate(scores).log_likelihood
    assert 0 <= gain < 8


def test_persons_are_scored_nearer_to_the_truth_with_what_covariates_say() -> None:
    scores, covariates, theta = survey(3000, 4)
    fit = calibrate(scores, covariates=covariates)
    plain = score_persons(scores, fit, ability=(0.0, 1.1))
    informed = score_persons(scores, fit, ability=expected_ability(fit, covariates))
    error = [float(np.sqrt(((found.theta - theta) ** 2).mean())) for found in (plain, informed)]
    assert error[1] < error[0]


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        (np.ones(50), "constant"),
        (np.column_stack((np.arange(50), 2 * np.arange(50))), "depend on each other"),
        (np.full(50, np.nan), "finite"),
        (np.arange(49), "one row a person"),
    ],
)
def test_covariates_that_cannot_be_used_are_refused(covariates: NDArray[np.float64], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(survey(50, 5)[0], covariates=covariates)


def test_a_histogram_cannot_have_covariates() -> None:
    with pytest.raises(ValueError, match="normal distribution"):
        calibrate(survey(50, 5)[0], covariates=np.arange(50.0), ability="histogram")


def test_a_calibration_without_covariates_expects_no_ability() -> None:
    with pytest.raises(ValueError, match="no covariates"):
        expected_ability(calibrate(survey(200, 6)[0]), np.zeros(3))
