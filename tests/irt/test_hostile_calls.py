"""Calls that nobody should make, or makes only once: each gives a flagged result or a ValueError that says why."""

import numpy as np
import pytest

from qbank import irt
from qbank.irt import (
    ability_at_score,
    adaptive_items,
    andersen_test,
    calibrate,
    calibrate_conditional,
    characteristic_curve,
    find_drift,
    item_fit_by_group,
    item_parameters,
    random_items,
    random_missing,
    recovery,
    simulate,
    sum_score_distribution,
)

ITEMS = item_parameters("2pl", a=[1.0] * 6, b=np.linspace(-1, 1, 6))
SCORES = simulate(ITEMS, np.random.default_rng(1).normal(size=300), seed=1)


def test_anchors_of_two_models_have_no_common_chi_square_but_a_drift() -> None:
    guessing = calibrate(SCORES, model="3pl", priors={"c": ("beta", 5, 17), "a": ("lognormal", 0, 0.5)})
    found = find_drift(guessing, calibrate(SCORES), statistics=("wald", "d2"))
    assert np.isnan(found.values[found.statistics.index("wald")]).all()
    assert np.isfinite(found.values[found.statistics.index("d2")]).all()


def test_models_of_other_items_do_not_hinder_a_drift() -> None:
    mixed = calibrate(SCORES, model=["2pl"] * 5 + ["3pl"], priors={"c": ("beta", 5, 17)})
    (wald,) = find_drift(mixed, calibrate(SCORES), statistics=("wald",)).values
    assert np.isfinite(wald).all() and wald.size >= 5


def test_an_unknown_ability_has_an_unknown_expected_score_under_guessing_too() -> None:
    guessing = item_parameters("3pl", a=[1.0], b=[0.0], c=[0.2])
    assert np.isnan(characteristic_curve(guessing, [np.nan])).all()


def test_scores_beyond_all_abilities_lie_at_infinity() -> None:
    np.testing.assert_array_equal(ability_at_score(ITEMS, [-np.inf, np.inf, np.nan]), [-np.inf, np.inf, np.nan])


def test_a_calibration_stands_for_its_items_in_simulations() -> None:
    fit = calibrate(SCORES)
    theta = [-1.0, 0.0, 1.0]
    np.testing.assert_array_equal(simulate(fit, theta, seed=1), simulate(fit.parameters, theta, seed=1))
    assert adaptive_items(SCORES[:4], fit, 3, seed=1).sum() == 12
    assert recovery(fit, n_persons=200, n_replications=2, seed=1).converged == 1.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: item_fit_by_group(0, ITEMS, ["x"]), "matrix of persons by items"),
        (lambda: item_fit_by_group([[1, 0], [1]], ITEMS, ["x", "y"]), "scores"),
        (lambda: andersen_test(SCORES[:0], calibrate_conditional(SCORES)), "no persons"),
        (lambda: random_items(-1, 5, 1, seed=1), "persons is 0 or more"),
        (lambda: random_missing(-1, 5, 0.3, seed=1), "persons is 0 or more"),
        (lambda: sum_score_distribution([np.ones((2, 3)), np.ones((2, 4))]), "equally many nodes"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        call()


def test_parameters_without_answers_have_no_likelihood_and_no_fit_of_the_test() -> None:
    fit = calibrate(SCORES)
    for call in (
        lambda: irt.test_fit(SCORES, ITEMS),  # type: ignore[arg-type]
        lambda: irt.local_dependence(SCORES, ITEMS),  # type: ignore[arg-type]
        lambda: irt.slope_index(SCORES, ITEMS),  # type: ignore[arg-type]
        lambda: irt.information_criteria(ITEMS),  # type: ignore[arg-type]
        lambda: irt.likelihood_ratio(fit, ITEMS),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match="the result of calibrate is needed, found ItemParameters"):
            call()
