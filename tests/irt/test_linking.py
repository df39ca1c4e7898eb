"""Links find the line that made the data, of every model; rescaling can be undone; errors are those of the draws."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.irt import (
    ItemParameters,
    Link,
    bootstrap_link,
    calibrate,
    calibrate_conditional,
    compose,
    expected_score,
    find_drift,
    information,
    inverse,
    item_parameters,
    link,
    link_chain,
    parametric,
    rescale,
    shrink,
    simulate,
)
from qbank.irt.linking import METHODS
from qbank.irt.linking.moments import points
from qbank.irt.models import MODELS, FloatArray
from qbank.irt.parameters import from_estimates, log_probability_table
from tests.irt.forms import WORDS, erring_along, form, line, moved, with_estimates
from tests.irt.forms import direction as along
from tests.irt.samples import sample

CURVES = ("haebara", "stocking-lord")
DIRECTIONS = ("symmetric", "to", "from")
every_method = pytest.mark.parametrize("method", METHODS)
every_word = pytest.mark.parametrize("word", WORDS)
slopes = st.floats(0.3, 3.0)
intercepts = st.floats(-2.0, 2.0)
A = np.array([0.7, 1.0, 1.3, 0.9, 1.6])
B = np.array([-1.5, -0.4, 0.2, 0.9, 1.8])
LABELS = ["v", "w", "x", "y", "z"]


def items(scale: str, a: FloatArray = A, b: FloatArray = B) -> ItemParameters:
    return item_parameters("2pl", a=a, b=b, items=LABELS[: len(a)], scale=scale)


def test_every_model_is_tried() -> None:
    assert set(WORDS) == set(MODELS)


@every_method
@given(slope=slopes, intercept=intercepts, direction=st.sampled_from(DIRECTIONS))
@settings(max_examples=12, deadline=None)
def test_a_link_finds_the_line_between_two_scales_of_the_same_items(
    method: str, slope: float, intercept: float, direction: str
) -> None:
    new = moved(form("old"), slope, intercept)
    found = link(new, form("old"), method=method, direction=direction)
    assert found.slope == pytest.approx(slope, abs=1e-8)
    assert found.intercept == pytest.approx(intercept, abs=1e-8)
    assert (found.from_scale, found.to_scale, found.status) == ("new", "old", "ok")
    assert found.anchors == form("old").items
    assert found.left_out == ()


@every_word
@every_method
def test_each_model_alone_finds_the_line(word: str, method: str) -> None:
    slope = 1.0 if MODELS[word].slope == "one" else 0.7
    found = link(moved(form("old", (word,)), slope, 0.6), form("old", (word,)), method=method)
    assert (found.slope, found.intercept) == (pytest.approx(slope, abs=1e-8), pytest.approx(0.6, abs=1e-8))


@every_method
def test_a_calibration_linked_to_itself_stays_where_it_is(method: str) -> None:
    found = link(form("x"), form("x"), method=method)
    assert (found.slope, found.intercept) == (pytest.approx(1.0, abs=1e-9), pytest.approx(0.0, abs=1e-9))


@every_method
@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_link_back_is_the_inverse(method: str, seed: int) -> None:
    new, old = moved(form("old", noise=0.2, seed=seed), 1.3, 0.4), form("old")
    there, back = link(new, old, method=method), inverse(link(old, new, method=method))
    assert there.slope == pytest.approx(back.slope, abs=1e-8)
    assert there.intercept == pytest.approx(back.intercept, abs=1e-8)
    np.testing.assert_allclose(there.covariance, back.covariance, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("method", CURVES)
def test_one_direction_there_is_the_other_direction_back(method: str) -> None:
    new, old = moved(form("old", noise=0.2, seed=3), 1.3, 0.4), form("old")
    there, back = (
        link(new, old, method=method, direction="to"),
        link(old, new, method=method, direction="from"),
    )
    assert there.slope * back.slope == pytest.approx(1.0, abs=1e-8)
    assert abs(there.slope - link(new, old, method=method, direction="from").slope) > 1e-4


@pytest.mark.parametrize("method", CURVES)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_no_line_of_a_fine_grid_has_a_smaller_criterion(method: str, direction: str) -> None:
    new, old = moved(form("old", noise=0.3, seed=4), 1.2, -0.5), form("old")
    found = link(new, old, method=method, direction=direction)
    nodes = np.linspace(-6, 6, 61)
    weights = np.exp(-0.5 * nodes**2) / np.exp(-0.5 * nodes**2).sum()

    def criterion(slope: float, intercept: float) -> float:
        total = 0.0
        for one, two, way in (
            (new, old, line(slope, intercept)),
            (old, new, inverse(line(slope, intercept))),
        ):
            if direction == ("from" if one is new else "to"):
                continue
            if method == "haebara":
                gap = np.exp(log_probability_table(rescale(one, way), nodes)) - np.exp(
                    log_probability_table(two, nodes)
                )
                total += float((gap**2).mean(axis=0) @ weights)
            else:
                gap = (expected_score(rescale(one, way), nodes) - expected_score(two, nodes)).sum(axis=0)
                total += float(gap**2 @ weights)
        return total

    best = criterion(found.slope, found.intercept)
    assert found.criterion == pytest.approx(best, rel=1e-9)
    around = [
        criterion(found.slope + slope, found.intercept + intercept)
        for slope in (-0.3, -0.01, 0.0, 0.01, 0.3)
        for intercept in (-0.5, -0.01, 0.0, 0.01, 0.5)
    ]
    assert min(around) >= best * (1.0 - 1e-12)


@every_method
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("seed", [1, 2])
def test_errors_come_from_the_derivatives_by_every_estimate(method: str, direction: str, seed: int) -> None:
    words = ("2pl", "3pl", "4pl", "grm", "gpcm", "nominal")
    new, old = moved(form("old", words, noise=0.2, seed=5), 1.2, -0.5), form("old", words)
    nothing = np.zeros(new.estimates.shape)
    for side in (0, 1):
        shift = along((new, old)[side], seed)
        errors = [erring_along(part, shift if at == side else nothing) for at, part in enumerate((new, old))]
        ends = []
        for step in (1e-5, -1e-5):
            parts = [new, old]
            parts[side] = with_estimates(parts[side], parts[side].estimates + step * shift)
            one = link(*parts, method=method, direction=direction)
            ends.append(np.array([one.slope, one.intercept]))
        slope = (ends[0] - ends[1]) / 2e-5
        assert np.abs(slope).min() > 1e-3
        found = link(*errors, method=method, direction=direction)
        np.testing.assert_allclose(found.covariance, np.outer(slope, slope), rtol=1e-4)


@pytest.mark.parametrize("method", ["mean-sigma", "stocking-lord"])
def test_errors_by_the_delta_method_are_those_of_many_draws(method: str) -> None:
    words = ("2pl", "grm")
    new, old = moved(form("old", words, error=0.04), 1.2, -0.5), form("old", words, error=0.04)
    found = link(new, old, method=method)
    drawn = bootstrap_link(found, parametric(new, old), n_draws=150, seed=1)
    assert drawn.n_failed == 0
    assert found.slope_error == pytest.approx(drawn.line.slope_error, rel=0.2)
    assert found.intercept_error == pytest.approx(drawn.line.intercept_error, rel=0.2)
    low, high = drawn.interval()[0]
    assert low < found.slope < high
    assert (high - low) / 3.92 == pytest.approx(drawn.line.slope_error, rel=0.15)


def test_errors_of_items_that_err_together_count_together() -> None:
    alone = item_parameters("rasch", a=np.ones(5), b=B, items=LABELS, scale="new")
    known = item_parameters("rasch", a=np.ones(5), b=B, items=LABELS, scale="old")
    covariance = np.zeros((5, 2, 2))
    covariance[:, 1, 1] = 0.04
    joint = np.zeros((5, 2, 5, 2))
    joint[:, 1, :, 1] = 0.04
    fixed = from_estimates(
        "rasch", [2] * 5, known.estimates, covariance=0 * covariance, items=LABELS, scale="old"
    )
    apart = from_estimates(
        "rasch", [2] * 5, alone.estimates, covariance=covariance, items=LABELS, scale="new"
    )
    together = from_estimates(
        "rasch", [2] * 5, alone.estimates, covariance=covariance, joint=joint, items=LABELS, scale="new"
    )
    one, all_at_once = (link(x, fixed, method="mean-mean") for x in (apart, together))
    assert one.intercept_error == pytest.approx(0.2 / np.sqrt(5))
    assert all_at_once.intercept_error == pytest.approx(0.2)
    assert "independent" in str(one.settings["errors"])
    drawn = bootstrap_link(all_at_once, parametric(together, fixed), n_draws=300, seed=2)
    assert drawn.line.intercept_error == pytest.approx(0.2, rel=0.13)


def test_a_calibration_keeps_what_its_items_share_of_the_sample() -> None:
    rng = np.random.default_rng(3)
    b = np.linspace(-1.5, 1.5, 12)
    truth = item_parameters("2pl", a=np.ones(12), b=b)
    found, fits = [], []
    for scale in ("x", "y"):
        fit = calibrate(simulate(truth, rng.standard_normal(400), seed=rng), scale=scale)
        fits.append(fit)
        assert fit.parameters.joint is not None
        for item in range(12):
            np.testing.assert_allclose(fit.parameters.joint[item, :, item], fit.parameters.covariance[item])
        found.append(fit.parameters)
    jointly = link(*found, method="stocking-lord")
    assert link(*fits, method="stocking-lord") == jointly
    apart = link(*(replace(part, joint=None) for part in found), method="stocking-lord")
    # The two samples' means alone err by sqrt(2 / 400).
    assert jointly.intercept_error > np.sqrt(2 / 400) > apart.intercept_error
    shifted = rescale(found[0], line(2.0, 1.0, "x"))
    plain, carried = (link(part, found[1], method="mean-mean") for part in (found[0], shifted))
    assert carried.slope_error == pytest.approx(plain.slope_error / 2.0, rel=1e-6)


def test_calibrations_of_any_kind_link_with_what_their_items_share() -> None:
    first, second = sample(400, 8, 1), sample(400, 8, 2)
    flat = [
        calibrate(scores, ability="histogram", scale=name) for scores, name in ((first, "x"), (second, "y"))
    ]
    for fit in flat:
        assert fit.parameters.joint is not None
        for item in range(8):
            np.testing.assert_allclose(fit.parameters.joint[item, :, item], fit.parameters.covariance[item])
    assert link(*flat).settings["errors"] == "delta method, items jointly"
    # Without a distribution of ability the difficulties have mean 0, which leaves nothing of the line to chance.
    conditional = [
        calibrate_conditional(scores, scale=name) for scores, name in ((first, "x"), (second, "y"))
    ]
    found = link(*conditional, method="mean-mean")
    assert (found.slope, found.intercept) == (1.0, pytest.approx(0.0, abs=1e-9))
    assert found.intercept_error == pytest.approx(0.0, abs=1e-6)


def test_difficulties_made_for_planning_link_nothing() -> None:
    plan = shrink(sample(40, 5, 1), np.array([1, 2, 3, 4, 5]))
    for function in (link, find_drift):
        with pytest.raises(ValueError, match="not by PlannedDifficulties"):
            function(plan, items("old"))  # type: ignore[operator]
    with pytest.raises(ValueError, match="not by PlannedDifficulties"):
        link_chain([plan], base="old")  # type: ignore[list-item]


def test_a_bootstrap_of_persons_takes_any_way_to_calibrate_again() -> None:
    first, second = sample(300, 6, 1), sample(300, 6, 2)

    def resample(rng: np.random.Generator) -> tuple[ItemParameters, ItemParameters]:
        if rng.random() < 0.1:
            raise ValueError("nothing to calibrate")
        rows = [scores[rng.integers(0, 300, 300)] for scores in (first, second)]
        return calibrate(rows[0], scale="x").parameters, calibrate(rows[1], scale="y").parameters

    found = link(calibrate(first, scale="x").parameters, calibrate(second, scale="y").parameters)
    drawn = bootstrap_link(found, resample, n_draws=25, seed=4)
    assert 0 < drawn.n_failed < 10
    assert np.isnan(drawn.slopes).sum() == drawn.n_failed
    assert 0.3 < drawn.line.slope_error / found.slope_error < 3.0
    again = bootstrap_link(found, resample, n_draws=25, seed=4)
    np.testing.assert_array_equal(drawn.slopes, again.slopes)


@given(slope=slopes, intercept=intercepts)
@settings(deadline=None)
def test_rescale_and_its_inverse_is_the_identity(slope: float, intercept: float) -> None:
    start = form("new")
    back = rescale(rescale(start, line(slope, intercept)), inverse(line(slope, intercept)))
    assert back.scale == "new"
    theta = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(
        log_probability_table(back, theta), log_probability_table(start, theta), atol=1e-8
    )
    same = [back.model[item] == start.model[item] for item in range(len(start.items))]
    assert sum(same) >= 14
    np.testing.assert_allclose(back.estimates[same], start.estimates[same], atol=1e-9)
    np.testing.assert_allclose(back.covariance[same], start.covariance[same], atol=1e-9)


@given(slope=slopes, intercept=intercepts)
@settings(deadline=None)
def test_rescaling_moves_the_curves_along_and_keeps_errors_of_b_in_proportion(
    slope: float, intercept: float
) -> None:
    start = form("new")
    there = rescale(start, line(slope, intercept))
    theta = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(
        log_probability_table(there, slope * theta + intercept),
        log_probability_table(start, theta),
        atol=1e-8,
    )
    np.testing.assert_allclose(
        information(there, slope * theta + intercept),
        information(start, theta) / slope**2,
        rtol=1e-6,
        atol=1e-12,
    )
    right = start.n_categories == 2
    np.testing.assert_allclose(there.errors["b"][right], slope * start.errors["b"][right], rtol=1e-6)
    np.testing.assert_allclose(
        there.errors["a"][right], start.errors["a"][right] / slope, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_array_equal(there.values["c"], start.values["c"])


def test_rescaled_errors_can_count_the_links_own() -> None:
    there, known = line(1.3, 0.4), line(1.3, 0.4)
    without = rescale(form("new"), there)
    whole = rescale(form("new"), there, errors="calibration and link")
    item = 4
    b = form("new").values["b"][item]
    more = whole.errors["b"][item] ** 2 - without.errors["b"][item] ** 2
    assert more == pytest.approx(there.covariance[0, 0] * b**2 + there.covariance[1, 1], rel=1e-6)
    a = form("new").values["a"][item]
    more = whole.errors["a"][item] ** 2 - without.errors["a"][item] ** 2
    assert more == pytest.approx(there.covariance[0, 0] * (a / 1.3**2) ** 2, rel=1e-6)
    exact = rescale(form("new"), replace(known, covariance=np.zeros((2, 2))), errors="calibration and link")
    np.testing.assert_allclose(exact.covariance, without.covariance)
    unknown = rescale(form("new"), Link("given", 1.3, 0.4, (), "new", "old"), errors="calibration and link")
    assert np.isnan(unknown.errors["b"]).all()


@given(slopes, intercepts, slopes, intercepts)
def test_composed_links_carry_as_one_after_the_other(a1: float, b1: float, a2: float, b2: float) -> None:
    first, second = line(a1, b1, "x", "y"), line(a2, b2, "y", "z")
    both = compose(first, second)
    assert (both.from_scale, both.to_scale) == ("x", "z")
    start = items("x")
    np.testing.assert_allclose(
        rescale(start, both).estimates, rescale(rescale(start, first), second).estimates, atol=1e-9
    )
    nothing = compose(first, inverse(first))
    assert (nothing.slope, nothing.intercept) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-12))
    with pytest.raises(ValueError, match="leads to scale 'y', the second begins at 'x'"):
        compose(first, first)


def test_errors_of_inverse_and_composed_links_are_those_of_draws() -> None:
    rng = np.random.default_rng(6)
    small = np.array([[0.0004, -0.0001], [-0.0001, 0.0009]])
    first, second = (
        replace(line(*each), covariance=small) for each in ((1.3, 0.4, "x", "y"), (0.8, -0.6, "y", "z"))
    )
    one, two = (rng.multivariate_normal([x.slope, x.intercept], small, 40_000) for x in (first, second))
    back = np.column_stack((1.0 / one[:, 0], -one[:, 1] / one[:, 0]))
    np.testing.assert_allclose(inverse(first).covariance, np.cov(back.T), rtol=0.05, atol=1e-5)
    on = np.column_stack((two[:, 0] * one[:, 0], two[:, 0] * one[:, 1] + two[:, 1]))
    np.testing.assert_allclose(compose(first, second).covariance, np.cov(on.T), rtol=0.05, atol=1e-5)


def test_every_threshold_is_a_difficulty_and_a_nominal_item_has_one_of_each() -> None:
    found = points(form("x"))
    counts = np.bincount(found.item)
    expected = [
        1 if word == "nominal" else n - 1
        for word, n in zip(form("x").model, form("x").n_categories, strict=True)
    ]
    np.testing.assert_array_equal(counts, expected)
    # A gpcm item told as a nominal one keeps its discrimination, whatever its steps.
    gpcm = from_estimates("gpcm", [4], np.array([[0.7, 0.3, -0.2, -1.0]]))
    told = from_estimates("nominal", [4], np.array([[0.7, 1.4, 2.1, 0.3, -0.2, -1.0]]))
    assert points(told).a == pytest.approx(points(gpcm).a)
    assert points(told).b[0] == pytest.approx(points(gpcm).b.mean(), abs=0.2)


@every_method
def test_items_without_slopes_keep_their_unit(method: str) -> None:
    old = item_parameters("rasch", a=np.ones(5), b=B, scale="old")
    new = item_parameters("rasch", a=np.ones(5), b=B * 1.1 - 0.5, scale="new")
    found = link(new, old, method=method)
    assert found.slope == 1.0
    assert set(rescale(new, found).model) == {"rasch"}
    assert found.intercept == pytest.approx(0.5 - 0.1 * B.mean(), abs=0.02)


def test_an_item_without_a_slope_whose_unit_changes_gets_one() -> None:
    there = rescale(form("new", ("rasch", "pcm", "rsm")), line(2.0, 0.0))
    assert set(there.model) == {"2pl", "gpcm"}
    np.testing.assert_allclose(there.values["a"], 0.5)


def test_weights_make_an_anchor_count_more_or_not_at_all() -> None:
    old, new = items("old"), items("new", b=B + np.array([0, 0, 0, 0, 1.0]))
    for method in METHODS:
        plain, light, none = (
            link(new, old, method=method, anchor_weights={"z": weight}) for weight in (1.0, 0.1, 0.0)
        )
        without = link(new, old, method=method, anchors=LABELS[:4])
        assert none.intercept == pytest.approx(without.intercept, abs=1e-9)
        assert none.left_out == (("z", "weight 0"),)
        assert abs(light.intercept) < abs(plain.intercept)
        # The first four items are where they were.
        assert (none.slope, none.intercept) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))


def test_nodes_and_weights_decide_where_curves_are_compared() -> None:
    old, new = items("old"), items("new", b=B + np.array([0.3, 0, 0, 0, -0.3]))
    low = link(new, old, nodes=[-3.0, -2.5, -2.0], weights="uniform")
    high = link(new, old, nodes=[2.0, 2.5, 3.0], weights="uniform")
    assert low.slope * -2.5 + low.intercept < -2.5 + 0.01
    assert high.slope * 2.5 + high.intercept > 2.5 + 0.01
    given_normal = link(
        new, old, nodes=np.linspace(-6, 6, 61), weights=np.exp(-0.5 * np.linspace(-6, 6, 61) ** 2)
    )
    assert given_normal.slope == pytest.approx(link(new, old).slope, abs=1e-12)
    both = link(new, old, nodes=[[-1.0, 0.0], [0.0, 1.0]], weights=[[1.0, 2.0], [1.0, 0.5]])
    assert both.settings["nodes"] == ((-1.0, 0.0), (0.0, 1.0))
    again = link(new, old, **{k: v for k, v in both.settings.items() if k != "errors"})  # type: ignore[arg-type]
    assert again == both


def test_an_edited_item_and_an_item_without_an_estimate_are_no_anchors() -> None:
    old = item_parameters("2pl", a=A, b=B, items=LABELS, fingerprints=["1", "2", "3", "4", ""], scale="old")
    b = np.where(np.arange(5) == 2, np.nan, B)
    new = item_parameters("2pl", a=A, b=b, items=LABELS, fingerprints=["1", "X", "3", "", "5"], scale="new")
    found = link(new, old, method="mean-mean")
    assert found.anchors == ("v", "y", "z")
    assert found.left_out == (("w", "edited"), ("x", "not estimated"))
    assert link(new, old, method="mean-mean", anchors=["v", "w", "z"]).anchors == ("v", "z")


def test_other_categories_and_thresholds_of_another_meaning_are_no_anchors() -> None:
    one = from_estimates(
        ["grm", "grm", "2pl"], [3, 3, 2], np.array([[1, 1, -1], [1, 1, 0], [1, 0, np.nan]]), scale="x"
    )
    two = from_estimates(
        ["gpcm", "grm", "3pl"],
        [3, 4, 2],
        np.array([[1, 1, -1, np.nan], [1, 1, 0, -1], [1, 0.3, -1, np.nan]]),
        scale="y",
    )
    found = link(one, two, method="haebara")
    assert found.left_out == (("1", "other model"), ("2", "other categories"))
    assert found.anchors == ("3",)


def test_wild_difficulties_do_not_lead_the_curve_methods_astray() -> None:
    old = items("old")
    new = moved(items("old", b=B), 0.6, 1.0)
    wild = with_estimates(new, np.vstack((new.estimates[:4], [[0.001, -4.0]])))
    for method in CURVES:
        found = link(wild, old, method=method)
        assert found.status == "ok"
        assert found.slope == pytest.approx(0.6, abs=0.15)


def test_errors_are_unknown_where_the_items_errors_are() -> None:
    found = link(items("new"), items("old"))
    assert np.isnan(found.covariance).all()
    assert np.isnan(found.slope_error)
    with pytest.raises(ValueError, match="not all known"):
        bootstrap_link(found, parametric(items("new"), items("old")), n_draws=10, seed=1)


def test_a_wrong_call_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="unknown method"):
        link(items("new"), items("old"), method="stocking")
    with pytest.raises(ValueError, match="unknown direction"):
        link(items("new"), items("old"), direction="back")
    with pytest.raises(ValueError, match="'q' is not in both"):
        link(items("new"), items("old"), method="haebara", anchors=["q"])
    with pytest.raises(ValueError, match="no estimated item in common"):
        link(items("new"), items("old"), method="haebara", anchors=[])
    with pytest.raises(ValueError, match="at least two"):
        link(items("new"), items("old"), method="mean-sigma", anchors=["v"])
    with pytest.raises(ValueError, match="leads from scale 'new', the items are on 'old'"):
        rescale(items("old"), line(1.0, 0.0))
    with pytest.raises(ValueError, match="unknown errors"):
        rescale(items("new"), line(1.0, 0.0), errors="all")
    with pytest.raises(ValueError, match="two items have the label 'q'"):
        link(item_parameters("2pl", a=[1, 1], b=[0, 1], items=["q", "q"], scale="x"), items("old"))
    with pytest.raises(ValueError, match="'q', which is in neither"):
        link(items("new"), items("old"), anchor_weights={"q": 1.0})
    with pytest.raises(ValueError, match="must be 0 or more, found -1"):
        link(items("new"), items("old"), anchor_weights={"v": -1.0})
    with pytest.raises(ValueError, match="nodes must have shape"):
        link(items("new"), items("old"), nodes=np.zeros((3, 5)))
    with pytest.raises(ValueError, match=r"weights for 2 nodes"):
        link(items("new"), items("old"), nodes=[0.0, 1.0], weights=[1.0])
    with pytest.raises(ValueError, match="unknown weights"):
        link(items("new"), items("old"), weights="beta")
    with pytest.raises(ValueError, match="calibrated ItemParameters"):
        link({"a": A, "b": B}, items("old"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="slope above 0"):
        Link("given", -1.0, 0.0, (), "x", "y")
    with pytest.raises(ValueError, match="mean discrimination is above 0"):
        link(items("new", a=-A), items("old"), method="mean-mean")
