"""Every model of the table obeys its laws: probabilities, derivatives, scales, reports, documentation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qbank.irt.models import MODELS, FloatArray, Model, carried
from qbank.irt.models.graded import IMPOSSIBLE

THETA = np.linspace(-6, 6, 13)
STEP = 1e-6
CASES = [
    pytest.param(model, n, id=f"{model.name}-{n}")
    for model in MODELS.values()
    for n in (2, 3, 5)
    if model.categories[0] <= n <= model.categories[1]
]
every_case = pytest.mark.parametrize(("model", "n_categories"), CASES)
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
ordered = pytest.mark.parametrize("word", ["grm", "pcm", "gpcm", "rsm"])
a_few = settings(max_examples=8, deadline=None)


@st.composite
def items(draw: st.DrawFn, model: Model, n_categories: int) -> FloatArray:
    """Values of three items, valid, well within the bounds."""
    slopes = model.slopes(n_categories)
    raw = draw(arrays(np.float64, (3, slopes.size), elements=st.floats(-1, 1, allow_subnormal=False)))
    values = raw * np.where(slopes, 2.5, 4.0)
    if model.name == "grm":
        values[:, 1:] = -np.sort(-values[:, 1:], axis=1) - 0.1 * np.arange(n_categories - 1)
    if model.name == "4pl":
        values[:, 2:] = np.sort(values[:, 2:], axis=1) + np.array([-0.1, 0.1])
    assert model.valid(values).all()
    return values


def nudged(values: FloatArray, parameter: int, by: float) -> FloatArray:
    moved = values.copy()
    moved[:, parameter] += by
    return moved


def two_parameter(values: FloatArray) -> FloatArray:
    return MODELS["2pl"].log_probability(values, THETA)


@every_case
def test_a_model_says_its_equation_and_its_source_and_names_its_columns(
    model: Model, n_categories: int
) -> None:
    names, slopes, reported = (
        part(n_categories) for part in (model.parameters, model.slopes, model.reported)
    )
    low, high = model.bounds(n_categories)
    assert "P = " in model.doc
    assert "(19" in model.doc
    assert MODELS[model.name] is model
    assert len(names) == slopes.size == low.size == high.size == len(set(names))
    assert all(edge.shape == slopes.shape for edge in model.edges(n_categories))
    assert slopes[0]
    assert (low < high).all()
    assert len(set(reported)) == len(reported)
    assert set(model.shared(n_categories)) <= set(names)


@every_case
@a_few
@given(data=st.data())
def test_probabilities_lie_between_0_and_1_and_sum_to_1(
    model: Model, n_categories: int, data: st.DataObject
) -> None:
    values = data.draw(items(model, n_categories))
    log_probability = model.log_probability(values, THETA)
    assert log_probability.shape == (3, n_categories, THETA.size)
    assert (log_probability <= 0).all()
    np.testing.assert_allclose(np.exp(log_probability).sum(axis=1), 1.0, rtol=1e-12)


@every_case
def test_everything_is_finite_at_the_bounds_and_far_beyond_the_nodes(model: Model, n_categories: int) -> None:
    low, high = model.bounds(n_categories)
    corners = np.stack((low, high, np.where(model.slopes(n_categories), low, high), (low + high) / 2.0))
    theta = np.array([-60.0, -6.0, 0.0, 6.0, 60.0])
    counts = np.ones((4, n_categories, 5))
    for function in (model.log_probability, model.gradient, model.ability_gradient, model.ability_curvature):
        assert np.isfinite(function(corners, theta)).all()
    assert np.isfinite(model.hessian(corners, theta, counts)).all()
    information = model.information(corners, theta)
    assert np.isfinite(information).all()
    assert (information >= 0).all()


@every_case
@a_few
@given(data=st.data())
def test_the_gradient_equals_the_finite_difference(
    model: Model, n_categories: int, data: st.DataObject
) -> None:
    values = data.draw(items(model, n_categories))
    gradient = model.gradient(values, THETA)
    assert gradient.shape == (3, values.shape[1], n_categories, THETA.size)
    for parameter in range(values.shape[1]):
        ahead, behind = (model.log_probability(nudged(values, parameter, by), THETA) for by in (STEP, -STEP))
        np.testing.assert_allclose(
            gradient[:, parameter], (ahead - behind) / (2 * STEP), rtol=1e-5, atol=1e-6
        )


@every_case
@a_few
@given(data=st.data())
def test_the_hessian_equals_the_finite_difference_of_the_gradient(
    model: Model, n_categories: int, data: st.DataObject
) -> None:
    values = data.draw(items(model, n_categories))
    counts = np.random.default_rng(n_categories).random((3, n_categories, THETA.size))
    hessian = model.hessian(values, THETA, counts)
    assert hessian.shape == (3, values.shape[1], values.shape[1])
    np.testing.assert_allclose(hessian, hessian.transpose(0, 2, 1), rtol=1e-12, atol=1e-12)
    for parameter in range(values.shape[1]):
        ahead, behind = (
            np.einsum("jpkq,jkq->jp", model.gradient(nudged(values, parameter, by), THETA), counts)
            for by in (STEP, -STEP)
        )
        difference = (ahead - behind) / (2 * STEP)
        np.testing.assert_allclose(hessian[:, :, parameter], difference, rtol=1e-5, atol=1e-5)


@every_case
@a_few
@given(data=st.data())
def test_derivatives_by_ability_equal_the_finite_differences(
    model: Model, n_categories: int, data: st.DataObject
) -> None:
    values = data.draw(items(model, n_categories))
    slope, curvature = model.ability_gradient(values, THETA), model.ability_curvature(values, THETA)
    ahead, behind = (model.log_probability(values, THETA + by) for by in (STEP, -STEP))
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * STEP), rtol=1e-5, atol=1e-6)
    ahead, behind = (model.ability_gradient(values, THETA + by) for by in (STEP, -STEP))
    np.testing.assert_allclose(curvature, (ahead - behind) / (2 * STEP), rtol=1e-5, atol=1e-6)


@every_case
@a_few
@given(data=st.data())
def test_information_is_the_mean_squared_slope_and_the_mean_curvature(
    model: Model, n_categories: int, data: st.DataObject
) -> None:
    values = data.draw(items(model, n_categories))
    probability = np.exp(model.log_probability(values, THETA))
    information = model.information(values, THETA)
    squares = (probability * model.ability_gradient(values, THETA) ** 2).sum(axis=1)
    curvatures = (probability * model.ability_curvature(values, THETA)).sum(axis=1)
    np.testing.assert_allclose(information, squares, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(information, -curvatures, rtol=1e-9, atol=1e-12)


@every_case
@a_few
@given(data=st.data(), slope=st.floats(0.2, 5.0), intercept=st.floats(-3.0, 3.0))
def test_rescaled_values_mean_the_same_on_the_new_scale(
    model: Model, n_categories: int, data: st.DataObject, slope: float, intercept: float
) -> None:
    values = data.draw(items(model, n_categories))
    moved = carried(values, model.rescaling(n_categories, slope, intercept))
    before, after = (
        model.log_probability(values, THETA),
        model.log_probability(moved, slope * THETA + intercept),
    )
    np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-9)


@every_case
@a_few
@given(data=st.data())
def test_the_freed_model_holds_the_same_items(model: Model, n_categories: int, data: st.DataObject) -> None:
    values = data.draw(items(model, n_categories))
    word, matrix = model.freed(n_categories)
    assert MODELS[word].slope != "one"
    same = MODELS[word].log_probability(carried(values, matrix), THETA)
    np.testing.assert_allclose(same, model.log_probability(values, THETA), rtol=1e-9, atol=1e-9)


@every_case
@a_few
@given(data=st.data())
def test_reports_have_the_derivatives_that_they_say(
    model: Model, n_categories: int, data: st.DataObject
) -> None:
    values = data.draw(items(model, n_categories))
    values[:, 0] = np.where(np.abs(values[:, 0]) < 0.1, 0.5, values[:, 0])
    found, jacobian = model.report(values)
    assert found.shape == (3, len(model.reported(n_categories)))
    for parameter in range(values.shape[1]):
        ahead, behind = (model.report(nudged(values, parameter, by))[0] for by in (STEP, -STEP))
        np.testing.assert_allclose(
            jacobian[:, :, parameter], (ahead - behind) / (2 * STEP), rtol=1e-5, atol=1e-5
        )


@every_case
def test_where_the_slope_is_0_there_is_no_difficulty(model: Model, n_categories: int) -> None:
    values = model.start(np.full((1, n_categories), 1.0 / n_categories))
    values[:, 0] = 0.0
    found, _ = model.report(values)
    for name, value in zip(model.reported(n_categories), found[0], strict=True):
        assert np.isnan(value) == name.startswith("b")


@pytest.mark.parametrize(("model", "n_categories"), [case for case in CASES if case.values[0].linear])
@a_few
@given(data=st.data())
def test_in_a_linear_model_derivatives_of_categories_differ_by_constants_times_a_power_of_theta(
    model: Model, n_categories: int, data: st.DataObject
) -> None:
    gradient = model.gradient(data.draw(items(model, n_categories)), THETA)
    power = THETA ** model.slopes(n_categories)[:, None]
    found = gradient - gradient[:, :, :1]
    # The constant of the first item at the first node, -6, is that of all.
    constants = found[0, :, :, 0] / power[:, :1]
    expected = np.broadcast_to(constants[:, :, None] * power[:, None], found.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_the_models_with_asymptotes_and_grm_are_not_linear() -> None:
    assert {word for word, model in MODELS.items() if not model.linear} == {"3pl", "4pl", "grm"}


@every_case
@a_few
@given(data=st.data())
def test_first_values_are_valid_and_within_the_bounds_whatever_the_shares(
    model: Model, n_categories: int, data: st.DataObject
) -> None:
    counts = data.draw(arrays(np.int64, (4, n_categories), elements=st.integers(0, 1000)))
    counts[counts.sum(axis=1) == 0, 0] = 1
    counts[0], counts[1] = np.arange(n_categories) == 0, np.arange(n_categories) == n_categories - 1
    values = model.start(counts / counts.sum(axis=1, keepdims=True))
    low, high = model.bounds(n_categories)
    assert np.isfinite(values).all()
    assert model.valid(values).all()
    assert ((values > low) & (values < high)).all()


@every_case
def test_first_values_lead_to_about_the_shares_that_were_seen(model: Model, n_categories: int) -> None:
    # Facilities above the guessing rate that 3pl starts from.
    shares = np.random.default_rng(n_categories).dirichlet(np.full(n_categories, 4.0), 200)
    shares = shares[shares[:, 1:].sum(axis=1) > 0.3]
    if model.shared(n_categories) and n_categories > 2:
        shares = np.tile(shares[:1], (3, 1))
    nodes = np.linspace(-6, 6, 61)
    weights = np.exp(-0.5 * nodes**2)
    marginal = np.exp(model.log_probability(model.start(shares), nodes)) @ (weights / weights.sum())
    np.testing.assert_allclose(marginal, shares, atol=0.02)


@pytest.mark.parametrize("word", ["grm", "pcm", "gpcm", "rsm", "nominal"])
def test_with_two_categories_every_model_is_the_2pl(word: str) -> None:
    values = np.array([[0.7, -1.0], [2.0, 0.5]])
    np.testing.assert_allclose(
        MODELS[word].log_probability(values, THETA), two_parameter(values), rtol=1e-12, atol=1e-15
    )


def test_asymptotes_of_0_and_1_are_the_model_without_them_to_the_last_derivative() -> None:
    theta = np.array([-400.0, -6.0, 0.3, 6.0, 400.0])
    logistic = np.array([[2.0, -0.5], [-1.5, 1.0]])
    three = np.column_stack((logistic, [-np.inf, -np.inf]))
    four = np.column_stack((three, [np.inf, np.inf]))
    counts = np.arange(1.0, 21.0).reshape(2, 2, 5)
    simple = MODELS["2pl"]
    for word, values in (("3pl", three), ("4pl", four)):
        model = MODELS[word]
        for same in ("log_probability", "ability_gradient", "ability_curvature", "information"):
            found, expected = getattr(model, same)(values, theta), getattr(simple, same)(logistic, theta)
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
        gradient, hessian = model.gradient(values, theta), model.hessian(values, theta, counts)
        np.testing.assert_allclose(gradient[:, :2], simple.gradient(logistic, theta), rtol=1e-12, atol=1e-12)
        assert (gradient[:, 2:] == 0).all()
        np.testing.assert_allclose(hessian[:, :2, :2], simple.hessian(logistic, theta, counts), rtol=1e-11)
        assert (hessian[:, 2:] == 0).all()
        assert (model.report(values)[0][:, 3] == 0).all()


def test_the_likelihood_can_have_its_maximum_at_c_of_0_and_u_of_1_only() -> None:
    for model in MODELS.values():
        low, high = model.edges(2)
        names = np.array(model.parameters(2))
        assert set(names[low]) <= {"logit_c"}
        assert set(names[high]) <= {"logit_u"}
    assert [edge.tolist() for edge in MODELS["4pl"].edges(2)] == [
        [False, False, True, False],
        [False, False, False, True],
    ]


def test_a_lower_asymptote_above_the_upper_one_is_not_valid_but_stays_finite() -> None:
    values = np.array([[1.0, 0.0, 0.5, 0.5], [1.0, 0.0, 1.0, -1.0], [1.0, 0.0, -1.0, 1.0]])
    model = MODELS["4pl"]
    assert model.valid(values).tolist() == [False, False, True]
    assert np.isfinite(model.gradient(values, THETA)).all()
    assert np.isfinite(model.hessian(values, THETA, np.ones((3, 2, THETA.size)))).all()


def test_thresholds_out_of_order_are_not_valid_and_no_step_can_like_them() -> None:
    values = np.array([[1.0, 1.0, -1.0], [1.0, 0.0, 0.0], [1.0, -1.0, 1.0]])
    model = MODELS["grm"]
    assert model.valid(values).tolist() == [True, False, False]
    assert (model.log_probability(values, THETA)[1:] == IMPOSSIBLE).all()
    assert np.isfinite(model.gradient(values, THETA)).all()
    assert np.isfinite(model.hessian(values, THETA, np.ones((3, 3, THETA.size)))).all()


def test_a_narrow_category_far_from_the_nodes_is_computed_without_cancellation() -> None:
    # P_1 = L'(z) gap to first order; the difference of two logistic functions near 1 would be 0 or noise.
    gap, z = 2.0**-23, 45.0
    found = MODELS["grm"].log_probability(np.array([[1.0, z, z - gap]]), np.array([0.0]))[0, 1, 0]
    assert found == pytest.approx(np.log(gap) - z, rel=1e-9)


def test_reported_difficulties_mean_what_they_say() -> None:
    def probability(word: str, values: list[float], theta: float) -> FloatArray:
        return np.exp(MODELS[word].log_probability(np.array([values]), np.array([theta]))[0, :, 0])

    def report(word: str, values: list[float]) -> dict[str, float]:
        found = MODELS[word].report(np.array([values]))[0][0].tolist()
        return dict(zip(MODELS[word].reported(3 if word[-1] == "m" else 2), found, strict=True))

    four = [1.5, -0.6, -1.0, 2.0]
    halfway = report("4pl", four)
    assert probability("4pl", four, halfway["b"])[1] == pytest.approx((halfway["c"] + halfway["u"]) / 2)
    graded = [1.5, 2.0, -1.0]
    assert probability("grm", graded, report("grm", graded)["b1"])[0] == pytest.approx(0.5)
    assert probability("grm", graded, report("grm", graded)["b2"])[2] == pytest.approx(0.5)
    for word, values in (("gpcm", [1.5, 2.0, -1.0]), ("pcm", [1.0, 0.3, 0.8]), ("rsm", [1.0, 0.4, -0.7])):
        steps = report(word, values)
        at_first, at_second = (probability(word, values, steps[name]) for name in ("b1", "b2"))
        assert at_first[0] == pytest.approx(at_first[1])
        assert at_second[1] == pytest.approx(at_second[2])
        assert steps["b"] == pytest.approx((steps["b1"] + steps["b2"]) / 2)


@every_model
def test_no_item_and_no_node_are_allowed(model: Model) -> None:
    n = max(2, min(3, model.categories[1]))
    empty, one = np.empty((0, model.slopes(n).size)), model.start(np.full((1, n), 1.0 / n))
    assert model.log_probability(empty, THETA).shape == (0, n, THETA.size)
    assert model.hessian(empty, THETA, np.empty((0, n, THETA.size))).shape == (0, *2 * (empty.shape[1],))
    assert model.gradient(one, THETA[:0]).shape == (1, empty.shape[1], n, 0)
    assert model.start(np.empty((0, n))).shape == empty.shape
