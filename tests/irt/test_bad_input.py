"""Wrong and odd input: a refusal in words, or a status, and never a number that looks like any other."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qbank.irt import (
    adaptive_items,
    calibrate,
    calibrate_conditional,
    compare,
    item_fit,
    item_parameters,
    recovery,
    score_persons,
    simulate,
)

ITEMS = item_parameters("2pl", a=[1.0, 1.2, 0.8, 1.1, 0.9], b=[-1.0, -0.5, 0.0, 0.5, 1.0])
SCORES = simulate(ITEMS, np.random.default_rng(1).normal(size=300), seed=1)
FIT = calibrate(SCORES)

TAKERS: dict[str, Callable[[Any], Any]] = {
    "calibrate": calibrate,
    "gpcm": lambda scores: calibrate(scores, model="gpcm"),
    "conditional": calibrate_conditional,
    "compare": lambda scores: compare(scores, ("rasch", "2pl"), errors="none"),
    "score": lambda scores: score_persons(scores, FIT),
    "fit": lambda scores: item_fit(scores, FIT),
    "adaptive": lambda scores: adaptive_items(scores, ITEMS, 3, seed=1),
}
every_taker = pytest.mark.parametrize("taker", TAKERS)

REFUSED = {
    "NaN": np.where(SCORES == 1, np.nan, 0.0),
    "infinite": np.where(SCORES == 1, np.inf, 0.0),
    "below -1": np.where(SCORES == 1, -2, 0),
    "fractions": SCORES * 0.5,
    "300 categories": np.arange(1500).reshape(300, 5) % 300,
    "huge": np.where(SCORES == 1, 10**12, 0),
    "huge floats": np.where(SCORES == 1, 1e300, 0.0),
    "words": SCORES.astype(str),
    "objects": np.where(SCORES == 1, None, 0),
    "complex": SCORES.astype(complex),
    "a vector": SCORES[0],
    "a cube": SCORES[None],
    "a number": 1,
    "nothing": None,
    "rows of different lengths": [[1, 0], [1]],
}
SAME = {
    "truth values": SCORES.astype(bool),
    "unsigned": SCORES.astype(np.uint8),
    "long unsigned": SCORES.astype(np.uint64),
    "long": SCORES.astype(np.int64),
    "whole floats": SCORES.astype(float),
    "lists": SCORES.tolist(),
    "columns first": np.asfortranarray(SCORES),
    "every second column": np.repeat(SCORES, 2, axis=1)[:, ::2],
    "masked, nothing hidden": np.ma.masked_array(SCORES),
}
ODD = {
    "nothing seen": np.full((300, 5), -1, dtype=np.int8),
    "no persons": np.empty((0, 5), dtype=np.int8),
    "one person": SCORES[:1],
    "two persons": SCORES[:2],
    "all right": np.ones((300, 5), dtype=np.int8),
    "all wrong": np.zeros((300, 5), dtype=np.int8),
}


@every_taker
@pytest.mark.parametrize("kind", REFUSED)
def test_scores_that_are_none_are_refused_in_words(taker: str, kind: str) -> None:
    with pytest.raises(ValueError, match=r"scores|categories|item"):
        TAKERS[taker](REFUSED[kind])


@every_taker
@pytest.mark.parametrize("kind", ODD)
def test_data_from_which_nothing_follows_give_a_result_and_no_exception(taker: str, kind: str) -> None:
    TAKERS[taker](ODD[kind])


@pytest.mark.parametrize("kind", SAME)
def test_the_same_numbers_in_another_dress_give_the_same_calibration(kind: str) -> None:
    np.testing.assert_array_equal(calibrate(SAME[kind]).parameters.estimates, FIT.parameters.estimates)


def test_read_only_scores_are_left_as_they_are() -> None:
    scores = SCORES.copy()
    scores.setflags(write=False)
    assert calibrate(scores).log_likelihood == FIT.log_likelihood
    np.testing.assert_array_equal(scores, SCORES)


def test_what_a_mask_hides_is_not_seen() -> None:
    hidden = np.random.default_rng(2).random(SCORES.shape) < 0.2
    masked = calibrate(np.ma.masked_array(SCORES, hidden))
    assert masked.log_likelihood == calibrate(np.where(hidden, -1, SCORES)).log_likelihood


@pytest.mark.parametrize("kind", ["nothing seen", "no persons", "one person", "all right", "all wrong"])
def test_a_calibration_of_nothing_says_so(kind: str) -> None:
    fit = calibrate(ODD[kind])
    assert [problem.code for problem in fit.problems] == ["C115"]
    assert np.isnan(fit.parameters.values["b"]).all()
    assert not set(fit.status) & {"ok", "fixed"}


def test_one_item_cannot_tell_a_slope_and_says_so() -> None:
    assert calibrate(SCORES[:, :1]).status == ("no error",)


def test_labels_stand_once() -> None:
    with pytest.raises(ValueError, match="two items have the label 'x'"):
        calibrate(SCORES, items=["x", "y", "x", "z", "u"])
    with pytest.raises(ValueError, match="two items have the label 'x'"):
        item_parameters("2pl", a=[1.0, 1.0], b=[0.0, 0.0], items=["x", "x"])


def test_forms_that_nothing_connects_are_named_and_give_no_number() -> None:
    scores = SCORES.copy()
    scores[:150, 3:], scores[150:, :3] = -1, -1
    fit = calibrate(scores, items=list("ABCDE"))
    assert [problem.code for problem in fit.problems] == ["C110"]
    assert dict(fit.problems[0].facts)["sets"] == "A, B, C; D, E"
    assert not fit.converged and np.isnan(fit.log_likelihood)
    assert np.isnan(fit.parameters.estimates).all()
    assert compare(scores, ("rasch", "2pl")).status == "not converged"


def test_a_model_with_too_many_values_does_not_converge_and_says_so() -> None:
    fit = calibrate(SCORES, model="4pl", max_iterations=5)
    assert not fit.converged
    assert [problem.code for problem in fit.problems] == ["C111"]


@pytest.mark.parametrize("silent", ["a", "b"])
def test_a_group_without_answers_changes_nothing_for_the_other(silent: str) -> None:
    groups = np.array(["a", "b"])[np.arange(300) % 2]
    scores = np.where((groups == silent)[:, None], -1, SCORES)
    fit, alone = calibrate(scores, groups=groups), calibrate(SCORES[groups != silent])
    assert fit.log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-9)
    np.testing.assert_allclose(fit.parameters.values["b"], alone.parameters.values["b"], atol=1e-6)
    np.testing.assert_allclose(fit.parameters.errors["b"], alone.parameters.errors["b"], rtol=1e-6)
    at = fit.groups.index(silent)
    assert np.isnan(fit.ability_mean[at]) and np.isnan(fit.ability_sd[at])
    assert fit.ability_mean[1 - at] == 0.0 and fit.ability_sd[1 - at] == 1.0


def test_a_group_of_one_person_leaves_the_others_in_peace() -> None:
    fit = calibrate(SCORES, groups=["a"] * 299 + ["b"])
    np.testing.assert_allclose(fit.parameters.values["b"], FIT.parameters.values["b"], atol=0.02)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"groups": ["a"] * 3}, "3 groups for 300 persons"),
        ({"groups": ["a"] * 299 + [None]}, "person 300 has no group"),
        ({"groups": [1.0] * 299 + [np.nan]}, "person 300 has no group"),
        ({"groups": np.zeros((300, 2))}, "one label a person"),
        ({"covariates": np.where(np.arange(300) == 4, np.nan, 1.0)[:, None]}, "covariates must be finite"),
        ({"covariates": np.full((300, 1), 1e200)}, "covariates must be finite"),
        ({"covariates": np.ones((300, 1))}, "constant or depend on each other"),
        ({"covariates": np.ones((3, 1))}, "one row a person"),
        ({"model": "5pl"}, "unknown model '5pl'"),
        ({"model": ["2pl"] * 4}, "4 models for 5 items"),
        ({"model": None}, "model must be a word"),
        ({"fingerprints": ["a"]}, "1 fingerprints for 5 items"),
        ({"n_categories": [2, 2]}, "one or one for each of 5 items"),
        ({"n_categories": [2.5] * 5}, "whole numbers"),
        ({"n_categories": 3}, "item 1 has 3 categories, a 2pl item 2"),
        ({"n_nodes": 1}, "n_nodes must be 3 or more"),
        ({"tolerance": np.nan}, "tolerance above 0"),
        ({"priors": {"c": ("beta", 5, 17)}}, "no item has a value 'c'"),
        ({"priors": {"slope": ("normal", 0, 1)}}, "no item has a value 'slope'"),
        ({"priors": {"a": ("gamma", 1, 1)}}, "unknown prior 'gamma'"),
        ({"priors": {"a": ("lognormal", 0, -1)}}, "must be above 0"),
        ({"priors": {"a": 5}}, "a word and two numbers"),
        ({"priors": [1]}, "priors must be a mapping"),
        ({"fixed": {9: {"a": 1.0}}}, "the items are 0 to 4"),
        ({"fixed": {0: {"slope": 1.0}}}, "parameter 'slope' of a 2pl item"),
        ({"fixed": {0: {"a": np.inf}}}, "finite number, found inf"),
        ({"fixed": {0: 5}}, "values by name, found 5"),
        ({"fixed": {"a": [1.0, 2.0]}}, "one value for each of 5 items, found 2"),
        ({"fixed": [1]}, "ItemParameters or a mapping"),
        ({"equal": [("a", [0, 9])]}, "equal names item 9"),
        ({"equal": [("c", [0, 1])]}, "parameter 'c' of a 2pl item"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        calibrate(SCORES, **options)


def test_parameters_and_abilities_are_numbers() -> None:
    with pytest.raises(ValueError, match="a must be finite"):
        item_parameters("2pl", a=[np.inf], b=[0.0])
    with pytest.raises(ValueError, match="b must have one value for each of 2 items"):
        item_parameters("2pl", a=[1.0, 1.0], b=[0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="abilities must be finite"):
        simulate(ITEMS, [np.nan], seed=1)
    with pytest.raises(ValueError, match="item 1 has no parameters to recover"):
        recovery(item_parameters("2pl", a=[np.nan], b=[0.0]), n_persons=9, n_replications=1, seed=1)
