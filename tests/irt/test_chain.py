"""Chains over sittings: paths, composed lines and errors; all scales at once."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.irt import (
    ItemParameters,
    Link,
    Scales,
    average_links,
    calibrate,
    chain_links,
    compose,
    expected_score,
    inverse,
    item_parameters,
    link,
    link_all,
    link_chain,
    rescale,
    simulate,
)
from qbank.irt.linking.common_items import some_items
from qbank.irt.linking.together import ITEM_WEIGHTS, METHODS
from qbank.irt.models import FloatArray
from qbank.irt.parameters import from_estimates, log_probability_table
from tests.irt.forms import direction, erring_along, form, line, moved, with_estimates

# Sitting s0 is the base; every sitting has the items of its place and the next.
LINES = {"s0": (1.0, 0.0), "s1": (1.3, 0.4), "s2": (0.8, -0.7), "s3": (1.1, 1.2)}


def sittings(noise: float = 0.0, seed: int = 0, error: float = 0.05) -> list[ItemParameters]:
    """Return four calibrations in a row, neighbours sharing half of their mixed items, on scales of their own."""
    found = []
    for number, (name, (slope, intercept)) in enumerate(LINES.items()):
        whole = form("base", noise=noise, seed=seed * 10 + number, error=error)
        places = np.arange(len(whole.items))
        own = some_items(whole, places[(places // 4 == number) | (places // 4 == number + 1)])
        found.append(moved(own, slope, intercept, name))
    return found


def test_a_chain_goes_from_sitting_to_sitting_and_finds_every_line() -> None:
    found = link_chain(sittings(), base="s0")
    assert found.paths == {
        "s0": ("s0",),
        "s1": ("s1", "s0"),
        "s2": ("s2", "s1", "s0"),
        "s3": ("s3", "s2", "s1", "s0"),
    }
    assert found.unreached == ()
    for name, (slope, intercept) in LINES.items():
        assert found.links[name].slope == pytest.approx(slope, abs=1e-7)
        assert found.links[name].intercept == pytest.approx(intercept, abs=1e-7)
        assert (found.links[name].from_scale, found.links[name].to_scale) == (name, "s0")
    assert found.links["s0"].method == "identity"
    assert found.links["s0"].slope_error == 0.0
    # From another base, the same lines the other way.
    back = link_chain(sittings(), base="s3")
    assert back.links["s0"].slope == pytest.approx(1 / 1.1, abs=1e-7)
    assert back.paths["s0"] == ("s0", "s1", "s2", "s3")


def test_links_of_a_chain_are_those_between_neighbours() -> None:
    calibrations = sittings(noise=0.1, seed=1)
    found = link_chain(calibrations, base="s0", method="haebara", direction="to")
    one = link(calibrations[1], calibrations[0], method="haebara", direction="to")
    two = link(calibrations[2], calibrations[1], method="haebara", direction="to")
    assert found.links["s1"].slope == pytest.approx(one.slope, abs=1e-9)
    assert found.links["s2"].intercept == pytest.approx(compose(two, one).intercept, abs=1e-9)
    np.testing.assert_allclose(found.links["s1"].covariance, one.covariance, rtol=1e-6)


def test_errors_grow_along_a_chain() -> None:
    found = link_chain(sittings(), base="s0", method="mean-mean")
    errors = [found.links[name].intercept_error for name in LINES]
    assert errors[0] == 0.0
    assert errors[1] < errors[2] < errors[3]


def check_errors(parts: list[ItemParameters], solve: Callable[[list[ItemParameters]], Scales]) -> None:
    """Assert that errors of one calibration along one direction move all lines together as they should."""
    for place in range(len(parts)):
        shift = direction(parts[place], place)
        erring = [
            erring_along(part, shift if at == place else np.zeros(part.estimates.shape))
            for at, part in enumerate(parts)
        ]
        ends = []
        for step in (1e-5, -1e-5):
            near = list(parts)
            near[place] = with_estimates(parts[place], parts[place].estimates + step * shift)
            ends.append(_lines(solve(near)))
        slope = (ends[0] - ends[1]) / 2e-5
        found = solve(erring).covariance.reshape(slope.size, slope.size)
        np.testing.assert_allclose(found, np.outer(slope, slope), rtol=1e-4, atol=1e-7)
        assert np.abs(slope).max() > 1e-3


@pytest.mark.parametrize("method", ["mean-mean", "mean-sigma", "haebara", "stocking-lord"])
def test_errors_of_a_chain_come_from_the_estimates_of_all_its_calibrations(method: str) -> None:
    check_errors(sittings(noise=0.05, seed=3), lambda parts: link_chain(parts, base="s1", method=method))


def _lines(scales: Scales) -> FloatArray:
    return np.array([[one.slope, one.intercept] for one in scales.links.values()]).ravel()


def test_a_calibration_that_serves_two_links_counts_once() -> None:
    # The middle calibration's items serve both links and go in with opposite signs: they fall out.
    names = ["q1", "q2", "q3", "q4"]
    b = np.array([-1.0, 0.0, 1.0, 2.0])
    unknown = np.zeros((4, 2, 2))
    unknown[:, 1, 1] = 0.04

    def rasch(scale: str, covariance: FloatArray) -> ItemParameters:
        return from_estimates(
            "rasch",
            [2] * 4,
            np.column_stack((np.ones(4), -b)),
            covariance=covariance,
            items=names,
            scale=scale,
        )

    calibrations = [rasch("x", 0 * unknown), rasch("y", unknown), rasch("z", 0 * unknown)]
    middle = link(calibrations[0], calibrations[1], method="mean-mean")
    assert middle.intercept_error == pytest.approx(0.1)
    independent = compose(middle, link(calibrations[1], calibrations[2], method="mean-mean"))
    assert independent.intercept_error == pytest.approx(0.1 * np.sqrt(2))
    # x and z have the items in common too: hide that, so that the path leads over y.
    apart = [
        replace(calibrations[0], fingerprints=("1",) * 4),
        calibrations[1],
        replace(calibrations[2], fingerprints=("2",) * 4),
    ]
    found = link_chain(apart, base="z", method="mean-mean")
    assert found.paths["x"] == ("x", "y", "z")
    assert found.links["x"].intercept_error == pytest.approx(0.0, abs=1e-9)


def test_scales_that_nothing_joins_are_said_by_name() -> None:
    alone = item_parameters("2pl", a=np.ones(3), b=[0.0, 1.0, 2.0], items=["x1", "x2", "x3"], scale="island")
    near = item_parameters("2pl", a=np.ones(3), b=[0.0, 1.0, 2.0], items=["x1", "x2", "q0"], scale="near")
    for found in (
        link_chain([*sittings(), alone, near], base="s1"),
        link_all([*sittings(), alone, near], base="s1"),
    ):
        assert found.unreached == ("island", "near")
        assert set(found.links) == set(LINES)
    two = link_chain([alone, near], base="near", least_anchors=2)
    assert two.unreached == ()


def test_the_shortest_path_is_taken_and_then_the_one_with_most_items() -> None:
    def calibration(scale: str, labels: str) -> ItemParameters:
        b = np.array([ord(label) - 100.0 for label in labels])
        return item_parameters("rasch", a=np.ones(b.size), b=b, items=list(labels), scale=scale)

    found = link_chain(
        [
            calibration("base", "abcdefgh"),
            calibration("few", "abcxyz"),
            calibration("many", "defghxyzu"),
            calibration("far", "xyzu"),
        ],
        base="base",
        method="mean-mean",
    )
    assert found.paths["far"] == ("far", "many", "base")
    assert found.paths["few"] == ("few", "base")


def test_given_links_are_gone_either_way() -> None:
    one, two, three = line(2.0, 1.0, "a", "b"), line(0.5, 0.3, "c", "b"), line(1.5, -0.2, "c", "d")
    found = chain_links([one, two, three], base="d")
    assert found.paths["a"] == ("a", "b", "c", "d")
    expected = compose(compose(one, inverse(two)), three)
    assert found.links["a"].slope == pytest.approx(expected.slope)
    np.testing.assert_allclose(found.links["a"].covariance, expected.covariance)
    assert np.isnan(found.covariance[0, 0, 1, 0])


@given(st.floats(0.3, 3.0), st.floats(-2, 2), st.floats(0.3, 3.0), st.floats(-2, 2))
def test_an_average_of_links_is_the_same_whichever_way_it_is_gone(
    a1: float, b1: float, a2: float, b2: float
) -> None:
    lines = [line(a1, b1), line(a2, b2)]
    there = average_links(lines, [1.0, 3.0])
    back = average_links([inverse(one) for one in lines], [1.0, 3.0])
    # The bisector bisects angles: gone back, it is the same line up to the weights' angles.
    if a1 == a2 and b1 == b2:
        assert there.slope == pytest.approx(a1)
    equal, other = average_links(lines), average_links([inverse(one) for one in lines])
    assert equal.slope == pytest.approx(1.0 / other.slope, rel=1e-9)
    assert equal.intercept == pytest.approx(-other.intercept / other.slope, abs=1e-9)
    assert min(a1, a2) - 1e-9 <= there.slope <= max(a1, a2) + 1e-9
    assert back.from_scale == there.to_scale


def test_errors_of_an_average_come_from_those_of_its_lines() -> None:
    lines = [line(2.0, 0.4), line(0.6, -0.9)]
    for place, shift in ((0, (0.3, -0.5)), (1, (0.7, 0.2))):
        erring = [
            replace(one, covariance=np.outer(shift, shift) if at == place else np.zeros((2, 2)))
            for at, one in enumerate(lines)
        ]
        ends = []
        for step in (1e-6, -1e-6):
            near = list(lines)
            slope, intercept = lines[place].slope + step * shift[0], lines[place].intercept + step * shift[1]
            near[place] = replace(lines[place], slope=slope, intercept=intercept)
            mean = average_links(near, [1.0, 2.0])
            ends.append(np.array([mean.slope, mean.intercept]))
        slopes = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(
            average_links(erring, [1.0, 2.0]).covariance, np.outer(slopes, slopes), rtol=1e-5
        )


@pytest.mark.parametrize("weights", ITEM_WEIGHTS)
def test_all_scales_at_once_find_every_line(weights: str) -> None:
    found = link_all(sittings(), base="s2", item_weights=weights)
    slope, intercept = LINES["s2"]
    for name, (a, b) in LINES.items():
        assert found.links[name].slope == pytest.approx(a / slope, abs=1e-7)
        assert found.links[name].intercept == pytest.approx((b - intercept) / slope, abs=1e-7)
    assert found.links["s2"].slope_error == 0.0
    assert found.paths["s3"] == ()
    assert set(found.links["s0"].anchors) == {"q4", "q5", "q6", "q7"}


def test_all_scales_at_once_minimise_habermans_sums_of_squares() -> None:
    calibrations = sittings(noise=0.2, seed=2)
    found = link_all(calibrations, base="s0")
    names = list(LINES)
    labels = sorted({label for part in calibrations for label in part.items})
    # Right/wrong and graded items alike, but for nominal ones; the design matrices written out.
    from qbank.irt.linking.moments import points

    rows, y = [], []
    for t, part in enumerate(calibrations):
        for item, label in enumerate(part.items):
            row = np.zeros(len(names) + len(labels))
            row[t], row[len(names) + labels.index(label)] = 1.0, 1.0
            rows.append(row)
            y.append(np.log(points(part).a[item]))
    solution = np.linalg.lstsq(np.array(rows)[:, 1:], np.array(y), rcond=None)[0]
    slopes = np.exp(np.concatenate(([0.0], solution[: len(names) - 1])))
    np.testing.assert_allclose([one.slope for one in found.links.values()], slopes, rtol=1e-9)
    rows, y = [], []
    steps: dict[tuple[str, int], int] = {}
    for t, part in enumerate(calibrations):
        own, number = points(part), dict.fromkeys(part.items, 0)
        for b, item in zip(own.b, own.item, strict=True):
            key = part.items[item], number[part.items[item]]
            number[part.items[item]] += 1
            row = np.zeros(len(names) + 60)
            row[t], row[len(names) + steps.setdefault(key, len(steps))] = -1.0, 1.0
            rows.append(row)
            y.append(slopes[t] * b)
    solution = np.linalg.lstsq(np.array(rows)[:, 1:], np.array(y), rcond=None)[0]
    np.testing.assert_allclose(
        [one.intercept for one in found.links.values()][1:], solution[: len(names) - 1], rtol=1e-7, atol=1e-9
    )


def test_errors_of_all_scales_at_once_come_from_all_estimates() -> None:
    check_errors(sittings(noise=0.05, seed=4), lambda parts: link_all(parts, base="s1"))
    # Weights are taken as known: where all calibrations agree they do not move the lines.
    check_errors(sittings(), lambda parts: link_all(parts, base="s1", item_weights="precision"))


def test_two_scales_at_once_are_the_mean_mean_of_logarithms() -> None:
    new, old = moved(form("old", ("2pl", "3pl"), noise=0.2, seed=3), 1.3, 0.5), form("old", ("2pl", "3pl"))
    found = link_all([new, old], base="old").links["new"]
    slope = np.exp(np.mean(np.log(new.values["a"]) - np.log(old.values["a"])))
    assert found.slope == pytest.approx(slope)
    assert found.intercept == pytest.approx(old.values["b"].mean() - slope * new.values["b"].mean())


def test_items_without_slopes_keep_their_unit_at_once() -> None:
    words = ("rasch", "pcm", "rsm")
    found = link_all([moved(form("x", words), 1.0, 0.5, "y"), form("x", words)], base="x")
    assert (found.links["y"].slope, found.links["y"].intercept) == (1.0, pytest.approx(0.5))


def test_an_edited_item_joins_nothing_at_once() -> None:
    new, old = moved(form("old", ("2pl", "grm"), noise=0.3, seed=4), 1.2, 0.2), form("old", ("2pl", "grm"))
    n = len(old.items)
    edited = replace(new, fingerprints=("X", *["1"] * (n - 1)))
    known = replace(old, fingerprints=("1",) * n)
    left = np.arange(1, n)
    expected = link_all([some_items(new, left), some_items(old, left)], base="old").links["new"]
    found = link_all([edited, known], base="old").links["new"]
    assert found.slope == pytest.approx(expected.slope)
    assert found.anchors == old.items[1:]
    # An unknown revision is that of the others.
    assert link_all([new, known], base="old").links["new"].anchors == old.items


def test_precision_weights_listen_to_the_calibration_that_knows_better() -> None:
    names = ["q1", "q2", "q3", "q4"]
    b = np.array([-1.0, 0.0, 1.0, 2.0])
    values = np.column_stack((np.ones(4), -b))
    wild = values + np.array([[0, 0], [0, 0], [0, 0], [0, 2.0]])
    loose = np.tile(np.diag([0.01, 0.01]), (4, 1, 1))
    loose[3] *= 1000.0
    old = from_estimates("2pl", [2] * 4, values, covariance=loose, items=names, scale="old")
    new = from_estimates("2pl", [2] * 4, wild, covariance=loose, items=names, scale="new")
    plain, wise = (link_all([new, old], base="old", item_weights=word).links["new"] for word in ITEM_WEIGHTS)
    assert abs(wise.intercept) < 0.01 < abs(plain.intercept)
    unknown = item_parameters("2pl", a=np.ones(4), b=b, items=names, scale="new")
    with pytest.raises(ValueError, match="scale 'new' lacks some"):
        link_all([unknown, old], base="old", item_weights="precision")


@settings(max_examples=8, deadline=None)
@given(st.permutations(list(range(4))))
def test_the_order_of_calibrations_changes_nothing(order: list[int]) -> None:
    calibrations = sittings(noise=0.2, seed=5)
    mixed = [calibrations[place] for place in order]
    for one, other in (
        (link_all(calibrations, base="s1"), link_all(mixed, base="s1")),
        (
            link_chain(calibrations, base="s1", method="mean-mean"),
            link_chain(mixed, base="s1", method="mean-mean"),
        ),
    ):
        for name in LINES:
            assert one.links[name].slope == pytest.approx(other.links[name].slope)
            assert one.links[name].intercept_error == pytest.approx(other.links[name].intercept_error)


def test_parts_calibrated_apart_and_linked_equal_all_calibrated_together() -> None:
    rng = np.random.default_rng(12)
    n = 30
    truth = item_parameters(
        "2pl", a=rng.lognormal(0, 0.2, n), b=rng.normal(0, 1, n), items=[f"q{j}" for j in range(n)]
    )
    # Three sittings of 15 items, neighbours share 7 or 8; ability N(0, 1), N(0.5, 1.2), N(-0.3, 0.9).
    starts, ability = (0, 8, 15), ((0.0, 1.0), (0.5, 1.2), (-0.3, 0.9))
    scores, groups, parts = [], [], []
    for name, low, (mean, sd) in zip("xyz", starts, ability, strict=True):
        seen = np.zeros((1500, n), dtype=bool)
        seen[:, low : low + 15] = True
        scores.append(simulate(truth, rng.normal(mean, sd, 1500), seed=rng, seen=seen))
        groups += [name] * 1500
        own = scores[-1][:, low : low + 15]
        parts.append(calibrate(own, items=truth.items[low : low + 15], scale=name).parameters)
    together = calibrate(np.concatenate(scores), groups=groups, items=truth.items, scale="x")
    for found in (
        link_chain(parts, base="x"),
        link_all(parts, base="x"),
        link_all(parts, base="x", item_weights="precision"),
    ):
        for part in parts[1:]:
            there = rescale(part, found.links[part.scale], errors="calibration and link")
            place = [together.parameters.items.index(label) for label in there.items]
            for name in ("a", "b"):
                gap = there.values[name] - together.parameters.values[name][place]
                assert np.abs(gap / there.errors[name]).max() < 3.0
                assert np.abs(gap / there.errors[name]).mean() < 1.0
        at = together.groups.index("y")
        line_y = found.links["y"]
        assert line_y.slope == pytest.approx(float(together.ability_sd[at]), abs=2.5 * line_y.slope_error)
        assert line_y.intercept == pytest.approx(
            float(together.ability_mean[at]), abs=2.5 * line_y.intercept_error
        )


def test_a_wrong_call_is_refused_at_once() -> None:
    calibrations = sittings()
    for function in (link_chain, link_all):
        with pytest.raises(ValueError, match="no calibration is on the base scale 'q'"):
            function(calibrations, base="q")
        with pytest.raises(ValueError, match="two calibrations are on scale 's0'"):
            function([*calibrations, calibrations[0]], base="s0")
        with pytest.raises(ValueError, match="at least 1 anchor"):
            function(calibrations, base="s0", least_anchors=0)
        with pytest.raises(ValueError, match="calibrated ItemParameters"):
            function([None], base="s0")  # type: ignore[list-item]
    with pytest.raises(ValueError, match="unknown method"):
        link_chain(calibrations, base="s0", method="haberman")
    with pytest.raises(ValueError, match="unknown direction"):
        link_chain(calibrations, base="s0", direction="up")
    with pytest.raises(ValueError, match="unknown item weights"):
        link_all(calibrations, base="s0", item_weights="n")
    with pytest.raises(ValueError, match="no link leads to or from"):
        chain_links([line(1.0, 0.0)], base="q")
    with pytest.raises(ValueError, match="from one scale to one other"):
        average_links([line(1.0, 0.0), line(1.0, 0.0, "x", "y")])
    with pytest.raises(ValueError, match="one for each link"):
        average_links([line(1.0, 0.0)], [1.0, 2.0])
    assert isinstance(link_chain(calibrations[:1], base="s0").links["s0"], Link)


CURVES = METHODS[1:]


@pytest.mark.parametrize("method", CURVES)
def test_all_curves_at_once_find_every_line(method: str) -> None:
    found = link_all(sittings(), base="s2", method=method)
    slope, intercept = LINES["s2"]
    for name, (a, b) in LINES.items():
        assert found.links[name].slope == pytest.approx(a / slope, abs=1e-7)
        assert found.links[name].intercept == pytest.approx((b - intercept) / slope, abs=1e-7)
        assert found.links[name].status == "ok"


@pytest.mark.parametrize("method", CURVES)
def test_two_scales_at_once_are_the_symmetric_link_of_two(method: str) -> None:
    new, old = moved(form("old", noise=0.2, seed=3), 1.3, 0.5), form("old")
    found, one = link_all([new, old], base="old", method=method).links["new"], link(new, old, method=method)
    assert found.slope == pytest.approx(one.slope, abs=1e-9)
    assert found.intercept == pytest.approx(one.intercept, abs=1e-9)
    np.testing.assert_allclose(found.covariance, one.covariance, rtol=1e-6)


@pytest.mark.parametrize("method", CURVES)
def test_no_lines_nearby_have_a_smaller_sum_of_criteria(method: str) -> None:
    # Three calibrations of the same items, so that three pairs pull at two lines.
    words = ("2pl", "3pl", "grm")
    parts = [moved(form("t", words, noise=0.2, seed=t), *LINES[f"s{t}"], f"s{t}") for t in range(3)]
    found = link_all(parts, base="s0", method=method)

    def total(lines: dict[str, tuple[float, float]]) -> float:
        on_base = [rescale(part, line(*lines[part.scale], part.scale, "s0")) for part in parts]
        # A criterion at a line: the part is linked with the line held, by moving it there and back.
        value = 0.0
        for one in range(3):
            for other in range(one + 1, 3):
                value += _criterion_at_identity(
                    rescale(on_base[one], inverse(line(*lines[f"s{other}"], f"s{other}", "s0"))),
                    parts[other],
                    method,
                )
                value += _criterion_at_identity(
                    rescale(on_base[other], inverse(line(*lines[f"s{one}"], f"s{one}", "s0"))),
                    parts[one],
                    method,
                )
        return value

    best = {name: (one.slope, one.intercept) for name, one in found.links.items()}
    least = total(best)
    for name in ("s1", "s2"):
        for step in ((0.004, 0.0), (-0.004, 0.0), (0.0, 0.004), (0.0, -0.004)):
            near = {**best, name: (best[name][0] + step[0], best[name][1] + step[1])}
            assert total(near) > least


def _criterion_at_identity(one: ItemParameters, two: ItemParameters, method: str) -> float:
    """Return the criterion on the scale that both are on, written out."""
    nodes = np.linspace(-6, 6, 61)
    weights = np.exp(-0.5 * nodes**2) / np.exp(-0.5 * nodes**2).sum()
    if method == "haebara":
        gap = np.exp(log_probability_table(one, nodes)) - np.exp(log_probability_table(two, nodes))
        return float((gap**2).mean(axis=0) @ weights)
    gap = (expected_score(one, nodes) - expected_score(two, nodes)).sum(axis=0)
    return float(gap**2 @ weights)


@pytest.mark.parametrize("method", CURVES)
def test_errors_of_all_curves_at_once_come_from_all_estimates(method: str) -> None:
    words = ("2pl", "3pl", "grm")
    parts = [moved(form("t", words, noise=0.05, seed=t), *LINES[f"s{t}"], f"s{t}") for t in range(3)]
    check_errors(parts, lambda near: link_all(near, base="s1", method=method))
