"""Anchors that were moved are found and taken out, largest first; anchors that were not are left alone."""

import numpy as np
import pytest

from qbank.irt import Drift, ItemParameters, calibrate, find_drift, item_parameters, link, simulate
from qbank.irt.linking import DRIFT_STATISTICS
from qbank.irt.linking.drift import robust_threshold
from qbank.irt.models import FloatArray
from qbank.irt.parameters import from_estimates
from tests.irt.forms import form, moved, with_estimates

N = 20
rng = np.random.default_rng(20)
A, B = rng.lognormal(0.0, 0.2, N), rng.normal(0.0, 1.0, N)
ROBUST = ("robust-z-a", "robust-z-b")
every_statistic = pytest.mark.parametrize("word", DRIFT_STATISTICS)


def noisy(
    scale: str,
    seed: int,
    *,
    error: float = 0.08,
    b_moves: FloatArray | float = 0.0,
    a_moves: FloatArray | float = 1.0,
    slope: float = 1.0,
) -> ItemParameters:
    """Return a calibration of the same items with errors, some of them moved, in another unit."""
    own = np.random.default_rng(seed)
    a = A * a_moves * np.exp(own.normal(0, error, N))
    b = B + b_moves + own.normal(0, error, N)
    items = item_parameters("2pl", a=a * slope, b=(b - 0.4) / slope, scale=scale)
    # The errors are of a and b, d = −a b.
    jacobian = np.zeros((N, 2, 2))
    jacobian[:, 0, 0], jacobian[:, 1, 0], jacobian[:, 1, 1] = a, -a * b, -a
    covariance = jacobian @ np.swapaxes(jacobian, 1, 2) * error**2
    unit = np.zeros((N, 2, 2))
    unit[:, 0, 0], unit[:, 1, 0], unit[:, 1, 1] = slope, 0.4, 1.0
    return from_estimates(
        "2pl", [2] * N, items.estimates, covariance=unit @ covariance @ np.swapaxes(unit, 1, 2), scale=scale
    )


def at(*places: int, by: float) -> FloatArray:
    moves = np.zeros(N)
    moves[list(places)] = by
    return moves


@every_statistic
def test_every_statistic_says_its_definition_its_source_and_when_it_flags(word: str) -> None:
    statistic = DRIFT_STATISTICS[word]
    assert statistic.name == word
    assert "(19" in statistic.doc or "(20" in statistic.doc
    assert "Flagged" in statistic.doc


@every_statistic
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_items_that_were_moved_are_found(word: str, seed: int) -> None:
    if word == "robust-z-a":
        new = noisy("new", seed, a_moves=np.exp(at(4, 11, by=1.0)), slope=1.2)
    else:
        new = noisy("new", seed, b_moves=at(4, 11, by=1.1), slope=1.2)
    found = find_drift(new, noisy("old", seed + 100), statistics=[word])
    assert {"5", "12"} <= set(found.removed)
    assert len(found.removed) <= 4
    assert found.status == "drift removed"
    assert found.line.slope == pytest.approx(1.2, abs=0.2)
    assert set(found.line.anchors) == set(found.items) - set(found.removed)


@every_statistic
def test_items_that_were_not_moved_are_rarely_removed(word: str) -> None:
    n_removed = sum(
        len(find_drift(noisy("x", 2 * seed, slope=0.8), noisy("y", 2 * seed + 1), statistics=[word]).removed)
        for seed in range(25)
    )
    # One in a hundred is 5 of 500; 15 would be passed by chance once in ten thousand runs.
    assert n_removed <= 15


@every_statistic
def test_a_form_held_against_itself_has_no_drift(word: str) -> None:
    for items in (form("x"), noisy("x", 1), form("x", ("rasch", "pcm"))):
        found = find_drift(items, items, statistics=[word], method="haebara")
        assert found.removed == ()
        assert found.status == "no drift"
        assert np.nan_to_num(np.abs(found.values)).max() < 0.1


@every_statistic
def test_the_same_items_in_another_unit_have_no_drift(word: str) -> None:
    found = find_drift(moved(form("old"), 1.3, 0.7), form("old"), statistics=[word])
    assert found.removed == ()
    assert found.line.slope == pytest.approx(1.3)


@pytest.mark.parametrize("word", ["robust-z-b", "distance", "wald", "d2", "area"])
def test_items_with_more_categories_are_judged_too(word: str) -> None:
    old = form("old", ("2pl", "3pl", "grm", "gpcm", "nominal"), error=0.05)
    shifted = old.estimates.copy()
    item = old.items.index("q11")
    # Each threshold of the graded item moves by 1.2: d = −a b.
    shifted[item, 1:4] -= 1.2 * shifted[item, 0]
    wobble = np.random.default_rng(5).normal(0, 0.01, shifted.shape)
    new = moved(with_estimates(old, shifted + wobble), 1.2, 0.5)
    found = find_drift(new, old, statistics=[word], method="haebara")
    assert found.removed[0] == "q11"


def test_the_largest_goes_first_and_the_others_are_linked_again() -> None:
    new = noisy("new", 7, b_moves=at(2, by=2.0) + at(9, by=-1.2))
    old = noisy("old", 8)
    found = find_drift(new, old, statistics=ROBUST)
    assert found.removed[:2] == ("3", "10")
    assert [step.removed for step in found.steps] == [*found.removed, ""]
    assert found.removed_at[2] == 1
    assert found.removed_at[9] == 2
    for number, step in enumerate(found.steps[:2], start=1):
        assert step.removed in step.flagged
        there = (found.removed_at == 0) | (found.removed_at >= number)
        ratio = np.nan_to_num(np.abs(step.values) / step.thresholds[:, None]).max(axis=0)
        assert found.items[int(np.where(there, ratio, 0.0).argmax())] == step.removed
    left = [label for label in found.items if label not in found.removed]
    assert found.line == link(new, old, anchors=left)
    assert found.verdict[2] == "removed"
    assert set(found.verdict) <= {"removed", "kept"}
    # A removed item still shows how far it lies from where the others place it.
    assert abs(found.values[1, 2]) > found.thresholds[1]


def test_the_floor_holds_anchors_that_would_go() -> None:
    new, old = noisy("new", 7, b_moves=at(2, 9, 15, by=1.5)), noisy("old", 8)
    found = find_drift(new, old, floor=18)
    assert len(found.removed) == 2
    assert found.status == "too few anchors left"
    assert found.verdict.count("flagged") >= 1
    assert len(found.line.anchors) == found.floor == 18
    assert find_drift(new, old).floor == 10
    few = find_drift(form("x", ("2pl",)), form("x", ("2pl",)))
    assert few.floor == 3


def test_the_plot_shows_the_line_the_points_and_the_band() -> None:
    new, old = noisy("new", 7, b_moves=at(2, by=1.5), slope=1.2), noisy("old", 8)
    found: Drift = find_drift(new, old, statistics=ROBUST)
    np.testing.assert_allclose(found.b_source, new.values["b"])
    np.testing.assert_allclose(found.b_target, old.values["b"])
    gap = found.b_target - (found.line.slope * found.b_source + found.line.intercept)
    inside = (found.band[0] <= gap) & (gap <= found.band[1])
    np.testing.assert_array_equal(inside, np.abs(found.values[1]) <= found.thresholds[1])
    assert not inside[2]


def test_few_anchors_need_a_larger_distance_to_be_flagged() -> None:
    sampled = np.random.default_rng(9).normal(size=(4000, 12))
    low, middle, high = np.quantile(sampled, [0.25, 0.5, 0.75], axis=1)
    z = (sampled - middle[:, None]) / (0.7413 * (high - low))[:, None]
    assert (np.abs(z) > robust_threshold(12)).mean() == pytest.approx(0.01, abs=0.002)
    assert (np.abs(z) > 2.576).mean() > 0.03


def test_a_threshold_of_ones_own_is_taken() -> None:
    new, old = noisy("new", 7), noisy("old", 8)
    strict = find_drift(new, old, statistics=["robust-z-b"], thresholds={"robust-z-b": 1.0})
    assert len(strict.removed) > 3
    assert strict.thresholds[0] == 1.0
    lax = {"robust-z-b": 50.0, "robust-z-a": 50.0}
    assert find_drift(new, old, statistics=ROBUST, thresholds=lax).status == "no drift"


def test_anchors_without_errors_are_judged_by_what_needs_none() -> None:
    new = item_parameters("2pl", a=A, b=B + at(3, by=1.0) + rng.normal(0, 0.05, N), scale="new")
    old = item_parameters("2pl", a=A, b=B, scale="old")
    found = find_drift(new, old)
    assert found.statistics == ROBUST
    assert found.removed[0] == "4"
    assert np.isnan(find_drift(new, old, statistics=["wald"]).values).all()


def test_a_sitting_whose_items_moved_is_found_out_from_its_answers() -> None:
    own = np.random.default_rng(11)
    shift = at(0, by=0.7) + at(1, by=-0.7)
    labels = [f"q{number}" for number in range(N)]
    before, after = (item_parameters("2pl", a=A, b=b, items=labels) for b in (B, B + shift))
    old = calibrate(simulate(before, own.normal(0, 1, 1200), seed=own), items=labels, scale="old")
    new = calibrate(simulate(after, own.normal(0.4, 1.1, 1200), seed=own), items=labels, scale="new")
    same = calibrate(simulate(before, own.normal(0.4, 1.1, 1200), seed=own), items=labels, scale="same")
    found = find_drift(new, old)
    assert found.statistics == ("wald",)
    assert set(found.removed) == {"q0", "q1"}
    assert found.line.slope == pytest.approx(1.1, abs=3 * found.line.slope_error)
    assert found.line.intercept == pytest.approx(0.4, abs=3 * found.line.intercept_error)
    assert find_drift(same, old).removed == ()


def test_a_wrong_call_is_refused_at_once() -> None:
    new, old = noisy("new", 7), noisy("old", 8)
    with pytest.raises(ValueError, match="unknown statistic 'z'"):
        find_drift(new, old, statistics=["z"])
    with pytest.raises(ValueError, match="unknown statistic 'z'"):
        find_drift(new, old, thresholds={"z": 1.0})
    with pytest.raises(ValueError, match="one statistic or more"):
        find_drift(new, old, statistics=[])
    with pytest.raises(ValueError, match="above 0"):
        find_drift(new, old, thresholds={"d2": 0.0})
    with pytest.raises(ValueError, match="floor must be at least 1"):
        find_drift(new, old, floor=0)
    with pytest.raises(ValueError, match="calibrated ItemParameters"):
        find_drift({"b": B}, old)  # type: ignore[arg-type]
