"""Residual plot data: shares that add up, follow the curve where the model holds and leave it where it does not."""

import numpy as np
import pytest

from qbank.irt import calibrate, item_parameters, item_residuals, simulate
from tests.irt.samples import items_of, sample, sample_of

WORDS = ["2pl", "grm", "3pl", "gpcm", "nominal", "pcm"]


@pytest.mark.parametrize("at", ["posterior", "eap", "wle", "ml"])
def test_shares_of_all_categories_add_up_to_one_and_lie_in_their_intervals(at: str) -> None:
    scores, parameters = sample_of(WORDS, 500, 1, sparse=0.2), items_of(WORDS, 1)
    found = item_residuals(scores, parameters, at=at, n_groups=5)
    for item, n in enumerate(parameters.n_categories):
        np.testing.assert_allclose(found.observed[item, :n].sum(axis=0), 1.0)
        np.testing.assert_allclose(found.expected[item, :n].sum(axis=0), 1.0)
        np.testing.assert_allclose(found.curve[item, :n].sum(axis=0), 1.0)
        assert np.isnan(found.observed[item, n:]).all()
        assert (found.low[item, :n] <= found.observed[item, :n] + 1e-12).all()
        assert (found.high[item, :n] >= found.observed[item, :n] - 1e-12).all()
        assert (np.diff(found.theta[item]) > 0).all()
    np.testing.assert_allclose(found.persons.sum(axis=1), (scores >= 0).sum(axis=0))


def test_where_the_model_holds_few_intervals_miss_the_curve() -> None:
    rng = np.random.default_rng(3)
    true = item_parameters("2pl", a=rng.lognormal(0, 0.3, 30), b=rng.normal(0, 1, 30))
    scores = simulate(true, rng.normal(0, 1, 2000), seed=rng)
    found = item_residuals(scores, calibrate(scores, model="2pl", errors="none"))
    inside = (found.low <= found.expected) & (found.expected <= found.high)
    assert inside.mean() > 0.95
    assert np.abs(found.residual).max() < 5


def test_a_curve_that_is_not_the_models_leaves_its_intervals() -> None:
    scores = sample(3000, 15, 2)
    rng = np.random.default_rng(2)
    scores[:, 4] = rng.random(3000) < 0.5
    found = item_residuals(scores, calibrate(scores, model="rasch", errors="none"))
    assert found.residual[4, 1, 0] > 5
    assert found.residual[4, 1, -1] < -5
    worst = np.abs(found.residual[:, 1]).max(axis=1)
    assert worst.argmax() == 4


def test_an_item_that_nobody_saw_has_no_residuals() -> None:
    scores = np.column_stack((sample(50, 3, 1), np.full(50, -1)))
    for at in ("posterior", "eap"):
        found = item_residuals(scores, item_parameters("2pl", a=np.ones(4), b=np.zeros(4)), at=at)
        assert np.isnan(found.observed[3]).all()
        assert np.isfinite(found.curve[3]).all()
        assert (np.nan_to_num(found.persons[3]) == 0).all()


@pytest.mark.parametrize("n_persons", [0, 1, 3])
@pytest.mark.parametrize("at", ["posterior", "eap", "ml"])
def test_few_persons_do_not_crash(n_persons: int, at: str) -> None:
    scores = np.eye(3, dtype=np.int8)[:n_persons]
    found = item_residuals(scores, item_parameters("2pl", a=np.ones(3), b=np.zeros(3)), at=at)
    assert found.observed.shape == (3, 2, 10)


@pytest.mark.parametrize(("settings", "message"), [({"n_groups": 0}, "n_groups"), ({"level": 1.0}, "level")])
def test_a_wrong_call_is_refused_at_once(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        item_residuals(sample(10, 2, 1), item_parameters("rasch", a=[1.0, 1.0], b=[0.0, 0.0]), **settings)  # type: ignore[arg-type]
