"""Parameters given as discrimination, difficulty, steps and asymptotes."""

import numpy as np
import pytest

from qbank.irt import MODELS, expected_score, item_parameters
from qbank.irt.models import FloatArray
from qbank.irt.parameters import from_estimates

STEPS = np.array([[-1.0, 0.5, 1.2], [0.0, 1.5, 2.2]])


@pytest.mark.parametrize("word", [word for word, model in MODELS.items() if word != "nominal"])
def test_what_is_given_is_what_is_reported(word: str) -> None:
    given = {
        "a": np.array([1.0, 1.0]),
        "b": np.array([0.3, -2.0]),
        "c": np.array([0.0, 0.25]),
        "u": np.array([1.0, 0.95]),
    }
    if MODELS[word].categories[1] > 2:
        given = {"a": given["a"], **{f"b{k + 1}": STEPS[:, k] for k in range(3)}}
        items = item_parameters(word, a=given["a"], steps=STEPS)
        np.testing.assert_allclose(items.values["b"], STEPS.mean(axis=1), atol=1e-12)
    else:
        items = item_parameters(word, **given)
    assert items.estimated.all()
    for name in set(given) & set(items.names):
        np.testing.assert_allclose(items.values[name], given[name], rtol=1e-12, atol=1e-12)


def test_a_steeper_slope_leaves_the_steps_where_they_are() -> None:
    for word in ("grm", "gpcm"):
        items = item_parameters(word, a=[0.4, 2.0], steps=STEPS)
        for k in range(3):
            np.testing.assert_allclose(items.values[f"b{k + 1}"], STEPS[:, k], rtol=1e-12, atol=1e-12)


def test_parameters_in_the_normal_metric_are_taken_over_when_asked() -> None:
    # The normal-ogive curve at one unit above b, a = 1: 0.841; the logistic one with D = 1.7 differs by 0.005.
    items = item_parameters("2pl", a=[1.0], b=[0.5], d_constant=1.7)
    assert expected_score(items, [1.5])[0, 0] == pytest.approx(1.0 / (1.0 + np.exp(-1.7)))
    assert items.values["b"][0] == pytest.approx(0.5)
    steps = item_parameters("gpcm", a=[1.0, 1.0], steps=STEPS, d_constant=1.7)
    np.testing.assert_allclose(steps.values["b2"], STEPS[:, 1], rtol=1e-12)
    with pytest.raises(ValueError, match="d_constant must be positive"):
        item_parameters("2pl", a=[1.0], b=[0.5], d_constant=0.0)


def test_items_of_all_models_and_sizes_stand_together() -> None:
    steps = np.array([[np.nan] * 3, [-1.0, 1.0, np.nan], [np.nan] * 3, [-1.0, 0.0, 1.0]])
    items = item_parameters(
        ["2pl", "grm", "3pl", "pcm"],
        a=[1.0, 2.0, 1.0, 1.0],
        b=[1.0, np.nan, 0.0, np.nan],
        c=[np.nan, np.nan, 0.2, np.nan],
        steps=steps,
    )
    assert items.n_categories.tolist() == [2, 3, 2, 4]
    assert items.estimated.all()
    np.testing.assert_allclose(expected_score(items, [0.0])[1:, 0], [1.0, 0.6, 1.5])
    assert np.isnan(items.values["c"]).tolist() == [True, True, False, True]


def test_an_item_without_parameters_has_no_estimate() -> None:
    assert item_parameters("3pl", a=[1.0, np.nan], b=[0.0, 1.0], c=[0.0, 0.2]).estimated.tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("word", "given", "message"),
    [
        ("2pl", {}, "a 2pl item needs b"),
        ("3pl", {"b": [0.0, 0.0]}, "a 3pl item needs c"),
        ("4pl", {"b": [0.0, 0.0], "c": 0.1}, "a 4pl item needs u"),
        ("3pl", {"b": [0.0, 0.0], "c": 1.0}, "0 <= c < u <= 1"),
        ("3pl", {"b": [0.0, 0.0], "c": -0.1}, "0 <= c < u <= 1"),
        ("4pl", {"b": [0.0, 0.0], "c": 0.3, "u": 0.2}, "0 <= c < u <= 1"),
        ("grm", {}, "a grm item needs steps"),
        ("grm", {"steps": [[0.0, 1.0], [np.nan, np.nan]]}, "a grm item needs its steps"),
        ("rsm", {"steps": [[0.0, 1.0], [0.0, 2.0]]}, "same t1"),
        ("nominal", {}, "from_estimates"),
        ("5pl", {"b": [0.0, 0.0]}, "unknown model"),
    ],
)
def test_a_wrong_call_is_refused_at_once(word: str, given: dict[str, FloatArray], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        item_parameters(word, a=[1.0, 1.0], **given)


def test_reported_errors_follow_from_the_covariance_of_the_values() -> None:
    # In rsm d1 = d + t1 and d2 = 2 d: where d and t1 err against each other, d1 errs less than either of them.
    covariance = np.array([[[0.0, 0.0, 0.0], [0.0, 0.01, -0.02], [0.0, -0.02, 0.04]]])
    items = from_estimates("rsm", [3], np.array([[1.0, 0.5, 0.2]]), covariance=covariance)
    assert items.values["d1"][0] == pytest.approx(0.7)
    assert items.values["d2"][0] == pytest.approx(1.0)
    assert items.errors["d1"][0] == pytest.approx(0.1)
    assert items.errors["d2"][0] == pytest.approx(0.2)
    assert items.errors["b"][0] == pytest.approx(0.1)


def test_an_unknown_error_leaves_the_errors_that_do_not_depend_on_it() -> None:
    covariance = np.full((1, 3, 3), np.nan)
    covariance[0, :2, :2] = [[0.04, 0.01], [0.01, 0.09]]
    items = from_estimates("3pl", [2], np.array([[1.0, 0.5, -15.0]]), covariance=covariance)
    assert items.errors["a"][0] == pytest.approx(0.2)
    assert items.errors["d"][0] == pytest.approx(0.3)
    assert np.isfinite(items.errors["b"][0])
    assert np.isnan(items.errors["c"][0])
