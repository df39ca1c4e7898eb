"""A recovery study counts rightly, and calibrations pass it."""

import numpy as np
import pytest

from qbank.irt import ItemParameters, from_estimates, item_parameters, linked_forms, recovery
from qbank.irt.recovery import _kind

TWO = item_parameters("2pl", a=[0.8, 1.0, 1.2, 1.4, 0.9, 1.1], b=[-1.0, -0.6, -0.2, 0.2, 0.6, 1.0])
RASCH = item_parameters("rasch", a=np.ones(6), b=[-1.0, -0.6, -0.2, 0.2, 0.6, 1.0])


def test_bias_rmse_and_coverage_of_estimates_whose_distribution_is_known() -> None:
    rng = np.random.default_rng(1)
    true = np.tile(np.linspace(-1, 1, 10), (2000, 1))
    errors = rng.uniform(0.1, 0.3, true.shape)
    estimates = true + 0.05 + errors * rng.normal(size=true.shape)
    found = _kind("b", true, estimates, errors, 1.959964)
    assert found is not None
    assert found.n == 20_000 and found.missing == 0.0
    assert found.bias == pytest.approx(0.05, abs=5 * found.bias_error)
    assert found.bias_error == pytest.approx(np.sqrt((errors**2).mean() / 20_000), rel=0.1)
    assert found.rmse == pytest.approx(np.sqrt((errors**2).mean() + 0.05**2), rel=0.02)
    assert found.rmse_error == pytest.approx(found.rmse / np.sqrt(2 * 20_000), rel=0.5)
    assert found.mean_error == pytest.approx(errors.mean())
    unbiased = _kind("b", true, estimates - 0.05, errors, 1.959964)
    assert unbiased is not None
    assert unbiased.coverage == pytest.approx(0.95, abs=0.01)
    assert unbiased.coverage_error == pytest.approx(np.sqrt(0.95 * 0.05 / 20_000), rel=0.2)
    half = _kind("b", true, estimates - 0.05, errors / 2, 1.959964)
    # P(|z| < 0.98) of the normal distribution.
    assert half is not None and half.coverage == pytest.approx(0.673, abs=0.02)


def test_what_is_fixed_is_not_counted_and_what_is_missing_is_told() -> None:
    true, ones = np.zeros((4, 3)), np.ones((4, 3))
    assert _kind("a", true, true, np.zeros((4, 3)), 1.96) is None
    errors = ones.copy()
    errors[:, 0] = 0.0
    errors[0, 1] = np.nan
    found = _kind("a", true, true, errors, 1.96)
    assert found is not None and (found.n, found.missing) == (7, 0.125)


def test_a_replication_does_not_depend_on_how_many_there_are() -> None:
    two, three = (recovery(TWO, n_persons=300, n_replications=n, seed=4) for n in (2, 3))
    np.testing.assert_array_equal(two.estimates["b"], three.estimates["b"][:2])
    assert (three.estimates["b"][2] != three.estimates["b"][1]).any()
    assert (recovery(TWO, n_persons=300, n_replications=2, seed=5).estimates["b"] != two.estimates["b"]).any()


def test_intervals_hold_the_truth_in_most_replications() -> None:
    found = recovery(TWO, n_persons=600, n_replications=20, seed=6)
    assert found.converged == 1.0 and found.groups == ("",)
    for name in ("a", "b", "d"):
        kind = found.kind(name)
        # 120 estimates: the Monte Carlo error of a coverage is 0.02 or a little more.
        assert 0.88 <= kind.coverage <= 1.0
        assert kind.mean_error == pytest.approx(kind.rmse, rel=0.25)
        assert abs(kind.bias) < 4 * kind.bias_error + 0.02


def test_the_means_and_spreads_of_groups_come_back() -> None:
    found = recovery(
        RASCH, n_persons={"new": 400, "base": 400}, ability={"base": (0.0, 1.0), "new": (0.6, 1.3)}, n_replications=20, seed=7
    )
    assert found.groups == ("base", "new")
    np.testing.assert_allclose(found.estimates["mean"].mean(axis=0), [0.0, 0.6], atol=0.08)
    np.testing.assert_allclose(found.estimates["sd"].mean(axis=0), [1.0, 1.3], atol=0.08)
    assert [kind.name for kind in found.kinds] == ["b", "d", "mean", "sd"]
    # The first group's mean is fixed: 20 means of the other.
    assert found.kind("mean").n == 20 and found.kind("sd").n == 40
    assert found.kind("sd").coverage >= 0.85


def test_a_design_decides_who_sees_what() -> None:
    forms = linked_forms(300, 6, 3)
    masked = recovery(TWO, n_persons=300, n_replications=1, seed=1, design=forms)
    called = recovery(TWO, n_persons=300, n_replications=1, seed=1, design=lambda scores, items, rng: forms)
    whole = recovery(TWO, n_persons=300, n_replications=1, seed=1)
    np.testing.assert_array_equal(masked.estimates["b"], called.estimates["b"])
    assert masked.kind("b").mean_error > whole.kind("b").mean_error
    with pytest.raises(ValueError, match=r"the design must have shape \(300, 6\), found \(299, 6\)"):
        recovery(TWO, n_persons=300, n_replications=1, seed=1, design=forms[1:])


def test_parameters_may_be_drawn_anew_for_each_replication() -> None:
    def drawn(rng: np.random.Generator) -> ItemParameters:
        estimates = np.column_stack((np.ones(5), rng.normal(0, 1, (5, 2)).cumsum(axis=1)))
        return from_estimates("pcm", np.full(5, 3), estimates)

    found = recovery(drawn, n_persons=400, n_replications=3, seed=2)
    assert found.true["b1"].shape == (3, 5)
    assert (found.true["b1"][0] != found.true["b1"][1]).all()
    assert np.abs(found.estimates["b1"] - found.true["b1"]).max() < 1.0
    assert {"b1", "b2"} <= {kind.name for kind in found.kinds}


def test_a_wrong_call_is_refused_at_once() -> None:
    for call, words in (
        ({"n_persons": 0}, "at least one person"),
        ({"n_replications": 0}, "at least one replication"),
        ({"level": 95}, "between 0 and 1, found 95"),
        ({"ability": (0.0, 0.0)}, "sd of the abilities must be above 0"),
        ({"n_persons": {"x": 5}, "ability": {"y": (0.0, 1.0)}}, r"given for \['y'\], persons for \['x'\]"),
    ):
        with pytest.raises(ValueError, match=words):
            recovery(TWO, **{"n_persons": 10, "n_replications": 1, "seed": 1, **call})  # type: ignore[arg-type]
