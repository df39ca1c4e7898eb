"""Item fit: 1 and uniform p values where the model holds, away from them where it does not."""

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import (
    ItemFit,
    ItemParameters,
    calibrate,
    item_fit,
    item_fit_by_group,
    item_parameters,
    simulate,
)
from qbank.irt.fit.items import STATISTICS
from qbank.irt.models import FloatArray
from tests.irt.samples import items_of, sample, sample_of

ARRAYS = tuple(field.name for field in fields(ItemFit) if field.type is FloatArray)


def replications(
    model: str, n_items: int, n_persons: int, n: int, *, seen_share: float = 1.0
) -> list[ItemFit]:
    """Return the fit of n samples for which the model holds."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(n):
        if model in ("rasch", "1pl"):
            true = item_parameters("rasch", a=np.ones(n_items), b=rng.normal(0, 1, n_items))
        elif model in ("2pl", "3pl"):
            c = np.full(n_items, 0.2) if model == "3pl" else None
            true = item_parameters(model, a=rng.lognormal(0, 0.3, n_items), b=rng.normal(0, 1, n_items), c=c)
        else:
            steps = np.sort(rng.normal(0, 1, (n_items, 3)), axis=1)
            true = item_parameters(model, a=rng.lognormal(0, 0.2, n_items), steps=steps)
        seen = rng.random((n_persons, n_items)) < seen_share
        scores = simulate(true, rng.normal(0, 1, n_persons), seed=rng, seen=seen)
        priors = {"c": ("beta", 5, 17)} if model == "3pl" else None
        fit = calibrate(scores, model=model, priors=priors, errors="none")
        found.append(item_fit(scores, fit, statistics=("mean_squares", "s_x2")))
    return found


@pytest.mark.parametrize(
    ("model", "n_items"), [("rasch", 15), ("1pl", 15), ("2pl", 15), ("3pl", 15), ("grm", 8), ("gpcm", 8)]
)
def test_where_the_model_holds_few_items_are_flagged(model: str, n_items: int) -> None:
    found = replications(model, n_items, 1000, 12)
    p = np.concatenate([one.s_x2_p for one in found])
    # An item with an unused category has no parameters.
    assert np.isfinite(p).mean() > 0.95
    p = p[np.isfinite(p)]
    # About 100 to 180 tests: 5 % are expected, with a standard error of about 2 %.
    assert (p < 0.05).mean() < 0.12
    assert 0.38 < p.mean() < 0.60
    for name in ("z_infit", "z_outfit"):
        z = np.concatenate([getattr(one, name) for one in found])
        z = z[np.isfinite(z)]
        assert (np.abs(z) > 1.96).mean() < 0.12
        assert abs(z.mean()) < 0.3
        assert 0.8 < z.std() < 1.2
    np.testing.assert_allclose(np.nanmean([one.infit for one in found]), 1.0, atol=0.01)
    np.testing.assert_allclose(np.nanmean([one.outfit for one in found]), 1.0, atol=0.02)


def test_estimating_the_spread_of_ability_is_reckoned_with_in_short_rasch_tests() -> None:
    z = np.concatenate([one.z_infit for one in replications("rasch", 4, 800, 60)])
    # 240 deviates; 0.79 if the spread were taken as given.
    assert 0.87 < z.std() < 1.1


@pytest.mark.parametrize("seen_share", [0.97, 0.6])
def test_where_the_model_holds_answers_missing_at_random_flag_few_items(seen_share: float) -> None:
    found = replications("2pl", 15, 1200, 12, seen_share=seen_share)
    p = np.concatenate([one.s_x2_p for one in found])
    assert np.isfinite(p).all()
    assert (p < 0.05).mean() < 0.10
    assert 0.40 < p.mean() < 0.60


def test_an_item_that_goes_against_the_test_stands_out_in_every_statistic() -> None:
    scores = sample(3000, 15, 2)
    rng = np.random.default_rng(2)
    scores[:, 4] = rng.random(3000) < 0.5
    found = item_fit(scores, calibrate(scores, model="rasch"))
    for name in ("infit", "outfit", "z_infit", "z_outfit", "s_x2", "rmsd", "s_x2_rmsea"):
        assert getattr(found, name).argmax() == 4, name
    assert found.zh.argmin() == 4
    assert found.s_x2_p[4] < 1e-6
    assert found.q1_p[4] < 1e-6


@pytest.mark.parametrize("forms", [1, 3])
def test_guessing_that_the_model_denies_is_found_in_complete_and_in_linked_forms(forms: int) -> None:
    rng = np.random.default_rng(3)
    n_items, n_persons = 24, 6000
    c = np.where(np.arange(n_items) == 9, 0.35, 0.0)
    u = np.where(np.arange(n_items) == 9, 0.85, 1.0)
    true = item_parameters("4pl", a=np.full(n_items, 1.5), b=rng.normal(0, 0.7, n_items), c=c, u=u)
    seen = np.ones((n_persons, n_items), dtype=bool)
    if forms > 1:
        start = (np.arange(n_persons) % forms)[:, None] * 6
        seen = (np.arange(n_items) >= start) & (np.arange(n_items) < start + 12)
    scores = simulate(true, rng.normal(0, 1, n_persons), seed=rng, seen=seen)
    found = item_fit(scores, calibrate(scores, model="rasch"), statistics=("s_x2", "rmsd"))
    assert found.s_x2_p[9] < 1e-8
    assert np.nanargmax(found.rmsd) == 9
    assert found.s_x2_persons[9] == seen[:, 9].sum()


def test_a_steep_item_among_items_of_one_slope_is_found_however_the_model_is_written() -> None:
    rng = np.random.default_rng(12)
    a = np.where(np.arange(12) == 3, 2.2, 1.0)
    true = item_parameters("2pl", a=a, b=rng.normal(0, 0.7, 12))
    scores = simulate(true, rng.normal(0, 1, 2000), seed=rng)
    ways = (
        calibrate(scores, model="rasch", errors="none"),
        calibrate(scores, model="1pl", errors="none"),
        calibrate(scores, model="2pl", equal=[("a", range(12))], errors="none"),
    )
    found = [item_fit(scores, fit, statistics=("infit",)).z_infit for fit in ways]
    assert found[0][3] < -6
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=0.05)
    free = item_fit(scores, calibrate(scores, model="2pl", errors="none"), statistics=("infit",)).z_infit
    assert abs(free[3]) < 3


def test_a_curve_that_lies_above_the_model_has_a_positive_mean_deviation() -> None:
    scores = sample(2000, 12, 5)
    fit = calibrate(scores, model="2pl", errors="none")
    easier = scores.copy()
    easier[:, 3] |= (np.random.default_rng(5).random(2000) < 0.3).astype(np.int8)
    found = item_fit(easier, fit, statistics=("rmsd",))
    assert found.md[3] > 0.04
    assert found.rmsd.argmax() == 3
    assert np.abs(np.delete(found.md, 3)).max() < 0.03


MIXED = ["2pl", "grm", "3pl", "gpcm", "rasch", "nominal", "pcm", "2pl", "rsm", "rsm", "4pl", "2pl"]


def mixed(*, forms: int = 1, sparse: float = 0.0) -> tuple[NDArray[np.int8], ItemParameters]:
    scores = sample_of(MIXED, 900, 4, forms=forms, sparse=sparse)
    return scores, items_of(MIXED, 4)


@pytest.mark.parametrize("at", ["posterior", "eap", "wle", "ml"])
@pytest.mark.parametrize(("forms", "sparse"), [(1, 0.0), (3, 0.0), (1, 0.3)])
def test_the_order_of_persons_and_items_changes_nothing(at: str, forms: int, sparse: float) -> None:
    scores, parameters = mixed(forms=forms, sparse=sparse)
    rng = np.random.default_rng(1)
    persons, items = rng.permutation(scores.shape[0]), rng.permutation(scores.shape[1])
    turned = items_of([MIXED[item] for item in items], 4)
    for field in ("estimates", "covariance", "n_categories"):
        object.__setattr__(turned, field, getattr(parameters, field)[items])
    one = item_fit(scores, parameters, at=at)
    other = item_fit(scores[np.ix_(persons, items)], turned, at=at)
    for name in ARRAYS:
        np.testing.assert_allclose(
            getattr(other, name), getattr(one, name)[items], rtol=1e-6, atol=1e-9, err_msg=name
        )


def test_an_item_that_nobody_saw_changes_nothing_and_says_so() -> None:
    scores = sample(400, 8, 1)
    parameters = item_parameters("2pl", a=np.ones(9), b=np.linspace(-1, 1, 9))
    wider = np.column_stack((scores, np.full(400, -1, dtype=np.int8)))
    found = item_fit(wider, parameters)
    alone = item_fit(scores, item_parameters("2pl", a=np.ones(8), b=np.linspace(-1, 1, 9)[:8]))
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(found, name)[:8], getattr(alone, name), err_msg=name)
        assert name == "s_x2_persons" or np.isnan(getattr(found, name)[8])
    assert found.status[8] == "not seen"


def test_items_without_an_estimate_have_no_fit_and_their_word() -> None:
    scores = sample(500, 6, 3, forms=2)
    scores[:, 0] = np.where(scores[:, 0] == -1, -1, 1)
    found = item_fit(scores, calibrate(scores, model="rasch"))
    assert found.status == ("all right", "ok", "ok", "ok", "ok", "ok")
    assert np.isnan(found.infit[0])
    assert np.isnan(found.s_x2[0])
    assert np.isfinite(found.infit[1:]).all()
    assert np.isfinite(found.s_x2[1:]).all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (1, 1), (3, 0), (2, 3)])
@pytest.mark.parametrize("at", ["posterior", "eap", "wle", "ml"])
def test_tiny_matrices_do_not_crash(shape: tuple[int, int], at: str) -> None:
    scores = (np.arange(shape[0] * shape[1]).reshape(shape) % 2).astype(np.int8)
    assert item_fit(scores, calibrate(scores, model="rasch"), at=at).infit.shape == shape[1:]
    bare = item_parameters("2pl", a=np.ones(shape[1]), b=np.zeros(shape[1]))
    assert item_fit(scores, bare, at=at).s_x2.shape == shape[1:]


def test_parameters_of_another_sample_cost_no_degrees_of_freedom() -> None:
    scores = sample(2000, 10, 6)
    fit = calibrate(scores, model="2pl", errors="none")
    own, stored = item_fit(scores, fit), item_fit(scores, fit.parameters)
    np.testing.assert_allclose(stored.s_x2, own.s_x2, rtol=1e-6)
    np.testing.assert_array_equal(stored.s_x2_df, own.s_x2_df + 2)
    np.testing.assert_array_equal(stored.q1_df, own.q1_df + 2)


def test_the_spread_of_ability_of_a_rasch_test_counts_as_a_slope_or_not() -> None:
    scores = sample(1000, 10, 6)
    fit = calibrate(scores, model="rasch", errors="none")
    common = calibrate(scores, model="1pl", errors="none")
    counted = item_fit(scores, fit, statistics=("s_x2",))
    np.testing.assert_array_equal(counted.s_x2_df, item_fit(scores, common, statistics=("s_x2",)).s_x2_df)
    alone = item_fit(scores, fit, statistics=("s_x2",), spread="not counted")
    np.testing.assert_array_equal(alone.s_x2_df, counted.s_x2_df + 1)


def test_only_what_is_asked_for_is_computed_and_defined() -> None:
    scores = sample(300, 6, 1)
    found = item_fit(scores, calibrate(scores, model="rasch", errors="none"), statistics=("rmsd",))
    assert set(found.definitions) == {"rmsd"}
    assert np.isfinite(found.rmsd).all()
    assert np.isnan(found.infit).all()
    assert set(item_fit(scores, calibrate(scores, model="rasch")).definitions) == set(STATISTICS)


def test_a_statistic_may_be_asked_for_by_the_name_of_its_result() -> None:
    scores = sample(300, 6, 1)
    parameters = item_parameters("rasch", a=np.ones(6), b=np.zeros(6))
    found = item_fit(scores, parameters, statistics=("infit", "outfit", "g2"))
    assert tuple(found.definitions) == ("mean_squares", "q1")
    assert np.isfinite(found.infit).all()
    assert np.isfinite(found.g2).all()


def test_groups_of_a_calibration_have_their_own_fit_and_their_own_ability() -> None:
    rng = np.random.default_rng(8)
    true = item_parameters("2pl", a=rng.lognormal(0, 0.2, 12), b=rng.normal(0, 1, 12))
    theta = np.concatenate((rng.normal(0, 1, 1500), rng.normal(1, 1, 1500)))
    groups = ["day"] * 1500 + ["night"] * 1500
    scores = simulate(true, theta, seed=rng)
    scores[1500:, 2] = rng.random(1500) < 0.4
    fit = calibrate(scores, model="2pl", groups=groups, errors="none")
    whole = item_fit(scores, fit, groups=groups)
    found = item_fit_by_group(scores, fit, groups)
    assert tuple(found) == ("day", "night")
    assert found["night"].md[2] < -0.1 < 0.1 < found["day"].md[2]
    np.testing.assert_array_equal(found["day"].n_answers + found["night"].n_answers, whole.n_answers)
    assert np.abs(np.delete(found["night"].md, 2)).max() < 0.05


def test_sites_that_the_calibration_does_not_know_are_fitted_apart() -> None:
    scores = sample(1000, 8, 9)
    fit = calibrate(scores, model="2pl", errors="none")
    sites = np.where(np.arange(1000) % 2 == 0, "east", "west").tolist()
    found = item_fit_by_group(scores, fit, sites, statistics=("rmsd",))
    np.testing.assert_allclose(found["east"].md + found["west"].md, 0.0, atol=5e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"at": "mode"}, "unknown at 'mode'"),
        ({"statistics": ("q3",)}, "unknown statistic 'q3'"),
        ({"spread": "half"}, "unknown spread 'half'"),
        ({"extremes": "far"}, "unknown extremes 'far'"),
        ({"n_groups": 1}, "n_groups must be 2 or more"),
        ({"ability": (0.0, 0.0)}, "sd of ability"),
    ],
)
def test_a_wrong_call_is_refused_at_once(settings: dict[str, object], message: str) -> None:
    scores = sample(100, 4, 1)
    fit = calibrate(scores, model="rasch")
    with pytest.raises(ValueError, match=message):
        item_fit(scores, fit, **settings)  # type: ignore[arg-type]


def test_scores_that_do_not_belong_to_the_parameters_are_refused() -> None:
    scores = sample(100, 4, 1)
    fit = calibrate(scores, model="rasch")
    with pytest.raises(ValueError, match="3 items for parameters of 4"):
        item_fit(scores[:, :3], fit)
    with pytest.raises(ValueError, match="item '2' has the score 3"):
        item_fit(np.where(np.arange(4) == 1, 3, scores), fit)
    with pytest.raises(ValueError, match="2 groups for 100 persons"):
        item_fit_by_group(scores, fit, ["a", "b"])
