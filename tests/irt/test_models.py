"""Every model of the table obeys its law: probabilities, derivatives, documentation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.irt import MODELS
from qbank.irt.models import FloatArray, Model

THETA = np.linspace(-6, 6, 25)
STEP = 1e-5
slopes = st.floats(-3, 3, allow_subnormal=False)
intercepts = st.floats(-6, 6, allow_subnormal=False)
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def nudged(values: FloatArray, parameter: int, by: float) -> FloatArray:
    moved = values.copy()
    moved[:, parameter] += by
    return moved


@every_model
def test_a_model_says_its_equation_and_its_source(model: Model) -> None:
    assert "P = " in model.doc
    assert "(19" in model.doc
    assert MODELS[model.name] is model
    assert model.parameters[0] == "a"


@every_model
@given(a=slopes, d=intercepts)
def test_probabilities_lie_between_0_and_1_and_sum_to_1(model: Model, a: float, d: float) -> None:
    probability = np.exp(model.log_probability(np.array([[a, d]]), THETA))
    assert ((probability > 0) & (probability < 1)).all()
    np.testing.assert_allclose(probability.sum(axis=1), 1.0, rtol=1e-12)


@every_model
@pytest.mark.parametrize("edge", [-1.0, 1.0])
def test_probabilities_are_finite_at_the_bounds(model: Model, edge: float) -> None:
    values = np.array([model.bounds[1]]) * edge
    assert np.isfinite(model.log_probability(values, THETA)).all()


@every_model
@given(a=slopes, d=intercepts)
def test_the_gradient_equals_the_finite_difference(model: Model, a: float, d: float) -> None:
    values = np.array([[a, d]])
    for parameter in range(2):
        ahead = model.log_probability(nudged(values, parameter, STEP), THETA)
        behind = model.log_probability(nudged(values, parameter, -STEP), THETA)
        np.testing.assert_allclose(
            model.gradient(values, THETA)[:, parameter], (ahead - behind) / (2 * STEP), atol=1e-6
        )


@every_model
@given(a=slopes, d=intercepts)
def test_the_hessian_equals_the_finite_difference_of_the_gradient(model: Model, a: float, d: float) -> None:
    values = np.array([[a, d]])
    for parameter in range(2):
        ahead = model.gradient(nudged(values, parameter, STEP), THETA)
        behind = model.gradient(nudged(values, parameter, -STEP), THETA)
        np.testing.assert_allclose(
            model.hessian(values, THETA)[:, :, parameter], (ahead - behind) / (2 * STEP), atol=1e-5
        )


@every_model
@given(a=slopes, d=intercepts)
def test_derivatives_by_ability_equal_the_finite_differences(model: Model, a: float, d: float) -> None:
    values = np.array([[a, d]])
    ahead, behind = (model.log_probability(values, THETA + by) for by in (STEP, -STEP))
    slope = model.ability_gradient(values, THETA)
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * STEP), atol=1e-6)
    ahead, behind = (model.information(values, THETA + by) for by in (STEP, -STEP))
    np.testing.assert_allclose(
        model.information_slope(values, THETA), (ahead - behind) / (2 * STEP), atol=1e-5
    )
    # Information is the expected squared slope of the log-likelihood.
    expected = (np.exp(model.log_probability(values, THETA)) * slope**2).sum(axis=1)
    np.testing.assert_allclose(model.information(values, THETA), expected, atol=1e-12)
