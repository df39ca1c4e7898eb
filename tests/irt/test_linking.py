"""Links find the line that made the data, and rescaling can be undone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qbank.irt import Link, calibrate, expected_score, information, inverse, item_parameters, link, rescale
from qbank.irt.models import FloatArray
from qbank.irt.parameters import ItemParameters
from tests.irt.samples import sample

METHODS = ("mean-sigma", "mean-mean", "haebara", "stocking-lord")
every_method = pytest.mark.parametrize("method", METHODS)
A = np.array([0.7, 1.0, 1.3, 0.9, 1.6])
B = np.array([-1.5, -0.4, 0.2, 0.9, 1.8])
LABELS = ["v", "w", "x", "y", "z"]
slopes = st.floats(0.3, 3.0)
intercepts = st.floats(-2.0, 2.0)


def items(scale: str, a: FloatArray = A, b: FloatArray = B) -> ItemParameters:
    return item_parameters("2pl", a=a, b=b, items=LABELS[: len(a)], scale=scale)


def line(slope: float, intercept: float) -> Link:
    return Link("mean-sigma", slope, intercept, (), "new", "old")


@every_method
@given(slope=slopes, intercept=intercepts)
@settings(max_examples=15, deadline=None)
def test_a_link_finds_the_line_between_two_scales_of_the_same_items(
    method: str, slope: float, intercept: float
) -> None:
    new = rescale(items("old"), inverse(line(slope, intercept)))
    found = link(new, items("old"), method=method)
    assert found.slope == pytest.approx(slope, abs=1e-5)
    assert found.intercept == pytest.approx(intercept, abs=1e-5)
    assert (found.from_scale, found.to_scale) == ("new", "old")
    assert found.anchors == tuple(LABELS)


@given(slope=slopes, intercept=intercepts)
def test_rescale_and_its_inverse_is_the_identity(slope: float, intercept: float) -> None:
    fit = calibrate(sample(300, 5, 1), priors={"log_a": ("normal", 0.0, 0.5)}, scale="new")
    there = line(slope, intercept)
    back = rescale(rescale(fit.parameters, there), inverse(there))
    assert back.scale == "new"
    for name in back.names:
        np.testing.assert_allclose(back.values[name], fit.parameters.values[name], atol=1e-9)
        np.testing.assert_allclose(back.errors[name], fit.parameters.errors[name], rtol=1e-6)


@given(slope=slopes, intercept=intercepts)
def test_rescaling_moves_the_curves_along_and_keeps_errors_of_b_in_proportion(
    slope: float, intercept: float
) -> None:
    fit = calibrate(sample(300, 5, 1), priors={"log_a": ("normal", 0.0, 0.5)}, scale="new")
    moved = rescale(fit.parameters, line(slope, intercept))
    theta = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(
        expected_score(moved, slope * theta + intercept), expected_score(fit.parameters, theta), atol=1e-9
    )
    np.testing.assert_allclose(
        information(moved, slope * theta + intercept), information(fit.parameters, theta) / slope**2
    )
    np.testing.assert_allclose(moved.errors["b"], slope * fit.parameters.errors["b"], rtol=1e-6)
    np.testing.assert_allclose(moved.errors["a"], fit.parameters.errors["a"] / slope, rtol=1e-9)


@pytest.mark.parametrize(("method", "sum_first"), [("haebara", False), ("stocking-lord", True)])
def test_the_curve_methods_minimise_their_criterion(method: str, sum_first: bool) -> None:
    rng = np.random.default_rng(4)
    new = items("new", A * rng.lognormal(0, 0.2, 5), B + rng.normal(0, 0.3, 5))
    old = items("old")
    found = link(new, old, method=method)
    nodes = np.linspace(-6, 6, 61)
    weights: NDArray[np.float64] = np.exp(-0.5 * nodes**2)

    def criterion(slope: float, intercept: float) -> float:
        gap = expected_score(rescale(new, line(slope, intercept)), nodes) - expected_score(old, nodes)
        gap = gap.sum(axis=0) if sum_first else gap
        return float((gap**2 * weights).sum())

    best = criterion(found.slope, found.intercept)
    for slope, intercept in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
        assert criterion(found.slope + slope, found.intercept + intercept) > best


@every_method
def test_rasch_items_keep_their_unit(method: str) -> None:
    old = item_parameters("rasch", a=np.ones(5), b=B, scale="old")
    new = item_parameters("rasch", a=np.ones(5), b=B * 1.1 - 0.5, scale="new")
    found = link(new, old, method=method)
    assert found.slope == 1.0
    assert set(rescale(new, found).model) == {"rasch"}
    assert found.intercept == pytest.approx(0.5 - 0.1 * B.mean(), abs=0.02)


def test_a_rasch_item_whose_unit_changes_is_rasch_no_longer() -> None:
    new = item_parameters("rasch", a=np.ones(2), b=[0.0, 1.0], scale="new")
    assert set(rescale(new, line(2.0, 0.0)).model) == {"2pl"}


def test_an_edited_item_and_an_item_without_an_estimate_are_no_anchors() -> None:
    old = item_parameters("2pl", a=A, b=B, items=LABELS, fingerprints=["1", "2", "3", "4", ""], scale="old")
    b = np.where(np.arange(5) == 2, np.nan, B)
    new = item_parameters("2pl", a=A, b=b, items=LABELS, fingerprints=["1", "X", "3", "", "5"], scale="new")
    assert link(new, old, method="mean-mean").anchors == ("v", "y", "z")
    assert link(new, old, method="mean-mean", anchors=["v", "w", "z"]).anchors == ("v", "z")


def test_a_wrong_call_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="unknown method"):
        link(items("new"), items("old"), method="stocking")
    with pytest.raises(ValueError, match="'q' is not in both"):
        link(items("new"), items("old"), method="haebara", anchors=["q"])
    with pytest.raises(ValueError, match="no estimated item in common"):
        link(items("new"), items("old"), method="haebara", anchors=[])
    with pytest.raises(ValueError, match="at least two"):
        link(items("new"), items("old"), method="mean-sigma", anchors=["v"])
    with pytest.raises(ValueError, match="leads from scale 'new', the items are on 'old'"):
        rescale(items("old"), line(1.0, 0.0))
