"""Laws of calibration, and data that are degenerate or incomplete."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qbank.irt import MODELS as EVERY_MODEL
from qbank.irt import Calibration, calibrate, from_estimates, item_parameters, simulate
from qbank.irt.blocks import group_by_form
from qbank.irt.calibration import estimate
from qbank.irt.calibration.ascent import Ascent, ascend
from qbank.irt.calibration.design import Design
from qbank.irt.likelihood import expect
from qbank.irt.parameters import batches_of, first_rows, log_probability_table
from qbank.irt.respondents import Respondents
from tests.irt.samples import sample

MODELS = ("rasch", "1pl", "2pl")
TAME = {"log_a": ("normal", 0.0, 0.5)}
every_model = pytest.mark.parametrize("model", MODELS)
few = settings(max_examples=15, deadline=None)
any_scores = st.tuples(st.integers(0, 12), st.integers(0, 6), st.integers(0, 2**32 - 1)).map(
    lambda size: np.random.default_rng(size[2]).integers(-1, 2, size[:2]).astype(np.int8)
)


def same(one: Calibration, other: Calibration, *, items: NDArray[np.intp] | slice = slice(None)) -> None:
    """Assert that two fits agree to what the tolerance of the gradient leaves open."""
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)
    for name in one.parameters.names:
        np.testing.assert_allclose(
            one.parameters.values[name], other.parameters.values[name][items], rtol=1e-4, atol=1e-4
        )
        np.testing.assert_allclose(
            one.parameters.errors[name], other.parameters.errors[name][items], rtol=1e-3, atol=1e-5
        )


@every_model
@given(seed=st.integers(0, 10**6))
@few
def test_the_objective_never_falls_between_accepted_steps(model: str, seed: int) -> None:
    fit = calibrate(sample(300, 8, seed, forms=2), model=model, priors=TAME)
    assert fit.converged
    assert (np.diff(fit.trace) >= -1e-9).all()


@every_model
@given(seed=st.integers(0, 10**6))
@few
def test_reordering_persons_or_items_reorders_the_result(model: str, seed: int) -> None:
    scores = sample(400, 6, seed, forms=2)
    rng = np.random.default_rng(seed)
    persons, items = rng.permutation(400), rng.permutation(6)
    fit = calibrate(scores, model=model, priors=TAME)
    moved = calibrate(scores[persons][:, items], model=model, priors=TAME)
    same(moved, fit, items=items)


@every_model
def test_reordering_persons_changes_nothing_where_a_sample_gives_the_start(model: str) -> None:
    scores = sample(20_000, 20, 5)
    persons = np.random.default_rng(5).permutation(20_000)
    same(calibrate(scores[persons], model=model), calibrate(scores, model=model))


@every_model
@given(seed=st.integers(0, 10**6))
@few
def test_a_never_seen_item_and_a_person_without_answers_change_nothing(model: str, seed: int) -> None:
    scores = sample(200, 5, seed)
    more = np.full((201, 6), -1, dtype=np.int8)
    more[1:, :5] = scores
    fit = calibrate(more, model=model, priors=TAME)
    assert fit.status[5] == "not seen"
    assert np.isnan(fit.parameters.values["b"][5])
    assert fit.n_persons == 200
    assert fit.log_likelihood == calibrate(scores, model=model, priors=TAME).log_likelihood


@given(scores=any_scores, model=st.sampled_from(MODELS))
@settings(max_examples=150, deadline=None)
def test_any_scores_give_a_flagged_result_and_no_exception(scores: NDArray[np.int8], model: str) -> None:
    fit = calibrate(scores, model=model)
    assert len(fit.status) == scores.shape[1]
    if "not connected" in fit.status:
        assert not fit.converged
        assert [problem.code for problem in fit.problems] == ["C110"]
        fit = calibrate(scores, model=model, design="spiralled")
    assert np.isfinite(fit.log_likelihood)
    assert fit.log_likelihood <= 0
    usable = np.isin(fit.status, ("ok", "no error"))
    for name in ("a", "d"):
        np.testing.assert_array_equal(np.isfinite(fit.parameters.values[name]), usable)
    known = np.array(fit.status) == "ok"
    np.testing.assert_array_equal(np.isfinite(fit.parameters.errors["d"]), known)


def test_degenerate_items_carry_the_reason() -> None:
    scores = np.full((40, 6), -1, dtype=np.int8)
    scores[:, 0], scores[:, 1] = 1, 0
    scores[0, 3] = 1
    scores[:, 4:] = sample(40, 2, 1)
    fit = calibrate(scores, model="rasch")
    assert fit.status[:4] == ("all right", "all wrong", "not seen", "too few answers")
    assert set(fit.status[4:]) == {"ok"}
    np.testing.assert_array_equal(fit.n_answers, [40, 40, 0, 1, 40, 40])
    for array in (*fit.parameters.values.values(), *fit.parameters.errors.values()):
        assert np.isnan(array[1:4]).all()


def test_where_nobody_guesses_c_ends_at_0_and_the_item_is_the_2pl() -> None:
    theta = np.random.default_rng(3).normal(0, 1, 2000)
    items = item_parameters("2pl", a=[2.0] * 8, b=[-1.5, -1.0, 0.0, 0.5, 1.0, -0.5, -1.5, -1.0])
    scores = simulate(items, theta, seed=3)
    # Right only if two tasks are: the curve lies below any logistic one on the left.
    scores = np.column_stack((scores[:, 0] * scores[:, 6], scores[:, 1] * scores[:, 7], scores[:, 2:6]))
    fit = calibrate(scores, model=["3pl", "3pl", "2pl", "2pl", "2pl", "2pl"])
    plain = calibrate(scores, model="2pl")
    assert fit.converged
    assert fit.status == ("at an edge", "at an edge", "ok", "ok", "ok", "ok")
    assert (fit.parameters.values["c"][:2] < 1e-6).all()
    assert (fit.parameters.errors["c"][:2] == 0).all()
    assert fit.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-3)
    for name in ("a", "b", "d"):
        np.testing.assert_allclose(fit.parameters.values[name], plain.parameters.values[name], atol=2e-3)
        np.testing.assert_allclose(fit.parameters.errors[name], plain.parameters.errors[name], rtol=1e-2)


@given(seed=st.integers(0, 10**6))
@few
def test_an_item_that_stands_twice_diverges_and_is_said_to(seed: int) -> None:
    # Two equal columns among weak items: the likelihood rises for ever with their slope.
    scores = sample(300, 5, seed)
    twice = np.column_stack((scores, scores[:, 0]))
    fit = calibrate(twice)
    assert fit.converged
    assert fit.status[0] == fit.status[5] == "diverged"
    # Now and then chance makes another item as steep.
    assert fit.status[1:5].count("ok") >= 2
    assert np.isnan(fit.parameters.values["a"][[0, 5]]).all()
    tame = calibrate(twice, priors={"log_a": ("normal", 0.0, 0.25)})
    assert tame.converged
    assert set(tame.status) == {"ok"}


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (1, 4), (5, 1)])
@every_model
def test_tiny_matrices_do_not_crash(shape: tuple[int, int], model: str) -> None:
    scores = (np.arange(shape[0] * shape[1]).reshape(shape) % 2).astype(np.int8)
    fit = calibrate(scores, model=model)
    assert len(fit.status) == shape[1]
    assert "ok" not in fit.status


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 3)])
@pytest.mark.parametrize("ability", ["normal", "histogram"])
def test_nothing_and_nobody_is_a_result(shape: tuple[int, int], ability: str) -> None:
    for groups in (None, ["x"] * shape[0]):
        fit = calibrate(np.zeros(shape, dtype=np.int8), groups=groups, ability=ability)
        assert fit.status == ("not seen",) * shape[1]


@given(seed=st.integers(0, 2**32 - 1), groups=st.booleans())
@settings(max_examples=12, deadline=None)
def test_any_answers_to_items_of_any_models_give_estimates_or_a_word(seed: int, groups: bool) -> None:
    rng = np.random.default_rng(seed)
    n_persons, n_items = rng.integers(0, 40), rng.integers(0, 6)
    words = rng.choice(list(EVERY_MODEL), n_items).tolist()
    scores = np.full((n_persons, n_items), -1, dtype=np.int8)
    for item, word in enumerate(words):
        n_categories = min(EVERY_MODEL[word].categories[1], int(rng.integers(2, 6)))
        shares = rng.dirichlet(np.full(n_categories, rng.choice([0.3, 2.0])))
        seen = rng.random(n_persons) < rng.choice([0.3, 1.0])
        scores[seen, item] = rng.choice(n_categories, int(seen.sum()), p=shares)
    fit = calibrate(
        scores,
        model=words,
        groups=rng.choice(["x", "y"], n_persons).tolist() if groups else None,
        max_iterations=40,
    )
    assert (np.diff(fit.trace) >= -1e-9 * (1.0 + np.abs(fit.log_posterior))).all()
    usable = np.isin(fit.status, ("ok", "no error", "at an edge"))
    np.testing.assert_array_equal(fit.parameters.estimated, usable)
    for batch in batches_of(fit.parameters):
        assert batch.model.valid(batch.values).all()


def test_one_two_parameter_item_has_no_errors_because_nothing_identifies_it() -> None:
    scores = np.array([[1], [0], [1], [1]] * 20, dtype=np.int8)
    fit = calibrate(scores, model="2pl")
    assert fit.status == ("no error",)
    assert fit.log_likelihood == pytest.approx(60 * np.log(0.75) + 20 * np.log(0.25), abs=1e-6)


def test_no_spread_of_ability_is_a_result_at_the_bound() -> None:
    # Each person right on exactly one of two items: answers more alike than chance, the variance goes to its floor.
    scores = np.array([[1, 0], [0, 1]] * 50, dtype=np.int8)
    fit = calibrate(scores, model="rasch")
    assert float(fit.ability_sd) == pytest.approx(0.1)
    assert fit.status == ("ok", "ok")


def test_missing_by_design_recovers_the_items_on_one_scale() -> None:
    rng = np.random.default_rng(11)
    n_items, n_persons = 30, 6000
    true = item_parameters("2pl", a=rng.lognormal(0, 0.2, n_items), b=rng.normal(0, 1, n_items))
    form = np.arange(n_persons) % 3
    seen = np.arange(n_items) // 10 != form[:, None]
    scores = simulate(true, rng.normal(0, 1, n_persons), seed=rng, seen=seen)
    fit = calibrate(scores)
    assert fit.converged
    for name in ("a", "b"):
        off = (fit.parameters.values[name] - true.values[name]) / fit.parameters.errors[name]
        assert 0.6 < np.sqrt((off**2).mean()) < 1.4


def test_forms_and_masks_are_two_ways_to_the_same_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = sample(3000, 12, 2, forms=3)
    scores[:40, 0] = -1
    fit = calibrate(scores)
    monkeypatch.setattr("qbank.irt.blocks.MANY_FORMS", 0)
    monkeypatch.setattr("qbank.irt.blocks.FORM_SIZE", 10**6)
    same(calibrate(scores), fit)


def test_anchored_items_stay_and_the_group_is_placed_on_their_scale() -> None:
    rng = np.random.default_rng(8)
    true = item_parameters("2pl", a=rng.lognormal(0, 0.2, 20), b=rng.normal(0, 1, 20))
    scores = simulate(true, rng.normal(0.8, 1.3, 8000), seed=rng)
    anchors = {j: {"a": float(true.values["a"][j]), "b": float(true.values["b"][j])} for j in range(10)}
    fit = calibrate(scores, fixed=anchors)
    assert fit.status == ("fixed",) * 10 + ("ok",) * 10
    np.testing.assert_allclose(fit.parameters.values["b"][:10], true.values["b"][:10], rtol=1e-12)
    assert (fit.parameters.errors["b"][:10] == 0).all()
    assert float(fit.ability_mean) == pytest.approx(0.8, abs=4 * float(fit.ability_errors["mean"]))
    assert float(fit.ability_sd) == pytest.approx(1.3, abs=4 * float(fit.ability_errors["sd"]))
    off = (fit.parameters.values["b"] - true.values["b"])[10:] / fit.parameters.errors["b"][10:]
    assert np.abs(off).max() < 4
    arrays = {name: np.where(np.arange(20) < 10, true.values[name], np.nan) for name in ("a", "b")}
    same(calibrate(scores, fixed=arrays), fit)


def test_groups_differ_by_their_true_difference() -> None:
    rng = np.random.default_rng(9)
    true = item_parameters("2pl", a=rng.lognormal(0, 0.2, 20), b=rng.normal(0, 1, 20))
    group = np.array(["day", "night"])[np.arange(6000) % 2]
    theta = np.where(group == "day", rng.normal(0, 1, 6000), rng.normal(-0.5, 0.7, 6000))
    fit = calibrate(simulate(true, theta, seed=rng), groups=group.tolist())
    assert fit.groups == ("day", "night")
    assert fit.weights.shape == (2, 61)
    np.testing.assert_array_equal(fit.ability_errors["mean"][0], 0)
    assert (fit.ability_mean[0], fit.ability_sd[0]) == (0, 1)
    assert fit.ability_mean[1] == pytest.approx(-0.5, abs=4 * fit.ability_errors["mean"][1])
    assert fit.ability_sd[1] == pytest.approx(0.7, abs=4 * fit.ability_errors["sd"][1])


def test_one_word_for_each_item_mixes_models() -> None:
    words = ["rasch"] * 3 + ["1pl"] * 3 + ["2pl"] * 3
    fit = calibrate(sample(3000, 9, 3), model=words)
    a = fit.parameters.values["a"]
    assert fit.parameters.model == tuple(words)
    np.testing.assert_array_equal(a[:3], 1)
    assert np.ptp(a[3:6]) == 0
    assert np.ptp(a[6:]) > 0
    assert fit.ability_errors["sd"] > 0


def test_errors_are_the_spread_of_estimates_over_samples() -> None:
    rng = np.random.default_rng(12)
    true = item_parameters("rasch", a=np.ones(8), b=np.linspace(-1.5, 1.5, 8))
    fits = [calibrate(simulate(true, rng.normal(0, 1, 500), seed=rng), model="rasch") for _ in range(150)]
    spread = np.std([fit.parameters.values["b"] for fit in fits], axis=0)
    error = np.mean([fit.parameters.errors["b"] for fit in fits], axis=0)
    np.testing.assert_allclose(spread, error, rtol=0.25)


def test_the_result_cannot_be_changed() -> None:
    fit = calibrate(sample(100, 4, 1), model="rasch")
    for array in (fit.parameters.values["a"], fit.parameters.errors["b"], fit.weights, fit.n_answers):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "3pk"}, "unknown model '3pk'"),
        ({"model": ["2pl"]}, "1 models for 4 items"),
        ({"groups": ["x"]}, "1 groups for 100 persons"),
        ({"items": ["x"]}, "1 labels for 4 items"),
        ({"fixed": {9: {"a": 1.0}}}, "item 9"),
        ({"fixed": {0: {"c": 1.0}}}, "'c'"),
        ({"fixed": {0: {"b": 1.0}}}, "together with its slope"),
        ({"fixed": {0: {"a": 2.0}}, "model": "rasch"}, "a = 1"),
        ({"priors": {"log_a": ("normal", 0.0, 0.0)}}, "above 0"),
    ],
)
def test_a_wrong_call_is_refused_at_once(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(sample(100, 4, 1), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.zeros(3, dtype=np.int8), "matrix"),
        (np.array([[2, 0]]), "found 2"),
        (np.array([[-2, 0]]), "found -2"),
        (np.array([[0.5, np.nan]]), "whole numbers"),
    ],
)
def test_wrong_scores_are_refused_at_once(scores: NDArray[np.generic], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(scores)


@pytest.mark.parametrize(
    ("word", "same_as"),
    [("grm", "2pl"), ("gpcm", "2pl"), ("nominal", "2pl"), ("pcm", "rasch"), ("rsm", "rasch")],
)
def test_right_and_wrong_answers_are_calibrated_alike_by_the_models_of_more_categories(
    word: str, same_as: str
) -> None:
    scores = sample(600, 8, 3)
    one, other = calibrate(scores, model=word), calibrate(scores, model=same_as)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-7)
    assert one.n_free == other.n_free
    for name, found in (("a", "a1" if word == "nominal" else "a"), ("d", "d1")):
        np.testing.assert_allclose(one.parameters.values[found], other.parameters.values[name], atol=1e-5)
        np.testing.assert_allclose(one.parameters.errors[found], other.parameters.errors[name], rtol=1e-4)


def test_two_thousand_answered_items_neither_underflow_nor_overflow() -> None:
    rng = np.random.default_rng(3)
    b = rng.normal(0, 1, 2000)
    scores = simulate(item_parameters("rasch", a=np.ones(2000), b=b), rng.normal(0, 1, 150), seed=1)
    fit = calibrate(scores, model="rasch", errors="none")
    ok = np.array(fit.status) == "ok"
    assert fit.converged and ok.mean() > 0.95
    # 300,000 answers, of a log probability of about -0.5 each: exp of a person's is 0 in float64.
    assert np.isfinite(fit.log_likelihood) and fit.log_likelihood / 150 < -800
    assert np.corrcoef(fit.parameters.values["b"][ok], b[ok])[0, 1] > 0.95


def test_steep_items_have_estimates_if_the_likelihood_has_a_maximum() -> None:
    theta = np.random.default_rng(5).normal(0, 1, 1000)
    a, b = np.append(np.full(40, 2.5), 14.0), np.append(np.linspace(-2, 2, 40), 0.0)
    rest = simulate(item_parameters("2pl", a=a, b=b), theta, seed=2)
    steep = from_estimates("nominal", [4], np.array([[6.0, 13.0, 20.0, 5.0, 4.0, -4.0]]))
    fit = calibrate(np.column_stack((rest, simulate(steep, theta, seed=2))), model=["2pl"] * 41 + ["nominal"])
    assert set(fit.status) == {"ok"}
    assert 10 < fit.parameters.values["a"][40] < 25
    assert 15 < fit.parameters.values["a3"][41] < 30


def test_answers_without_a_common_ability_are_told() -> None:
    rng = np.random.default_rng(0)
    fit = calibrate((rng.random((500, 6)) < np.linspace(0.3, 0.7, 6)).astype(np.int8), model="rasch")
    assert [(problem.code, problem.severity) for problem in fit.problems] == [("C116", "warning")]
    assert np.isnan(fit.ability_errors["sd"])
    groups = np.repeat(["a", "b"], 250)
    scores = sample(500, 6, 1)
    scores[250:] = rng.random((250, 6)) < 0.5
    problems = calibrate(scores, model="rasch", groups=groups.tolist()).problems
    assert [(problem.code, problem.facts) for problem in problems] == [("C117", (("n", "1"), ("groups", "b")))]
    assert calibrate(sample(500, 6, 1), model="rasch").problems == ()


def test_equal_values_are_one_value() -> None:
    scores = sample(1500, 6, 4)
    free = calibrate(scores)
    tied = calibrate(scores, equal=[("a", [0, 2, 4]), ("d", [1, 3])])
    a, d = tied.parameters.values["a"], tied.parameters.values["d"]
    assert a[0] == a[2] == a[4] != a[1]
    assert d[1] == d[3]
    assert tied.n_free == free.n_free - 3
    assert tied.log_likelihood < free.log_likelihood


def test_sets_of_items_on_one_scale_by_their_anchors_are_connected() -> None:
    scores = np.full((800, 8), -1, dtype=np.int8)
    scores[:400, :4], scores[400:, 4:] = sample(400, 4, 1), sample(400, 4, 2)
    alone = calibrate(scores, model="rasch")
    assert alone.status == ("not connected",) * 8
    assert [problem.code for problem in alone.problems] == ["C110"]
    half = calibrate(scores, model="rasch", fixed={0: {"b": 0.0}})
    assert half.status[1:] == ("not connected",) * 7
    both = calibrate(scores, model="rasch", fixed={0: {"b": 0.0}, 4: {"b": 0.5}})
    assert both.converged
    assert both.status == ("fixed", "ok", "ok", "ok") * 2


def test_a_histogram_is_told_on_the_scale_of_the_items() -> None:
    rng = np.random.default_rng(3)
    items = item_parameters("2pl", a=rng.lognormal(0, 0.2, 12), b=rng.normal(0, 1, 12))
    theta = np.where(rng.random(3000) < 0.7, rng.normal(-0.7, 0.5, 3000), rng.normal(1.6, 0.5, 3000))
    scores = simulate(items, theta, seed=rng)
    fit = calibrate(scores, ability="histogram")
    assert fit.converged
    assert fit.weights @ fit.nodes == pytest.approx(0.0, abs=1e-10)
    assert fit.weights @ fit.nodes**2 == pytest.approx(1.0, abs=1e-10)
    assert fit.log_likelihood > calibrate(scores).log_likelihood + 10
    blocks = group_by_form(scores, np.zeros(3000, dtype=np.intp), collapse=True)
    table = log_probability_table(fit.parameters, fit.nodes)
    again = expect(blocks, first_rows(fit.parameters.n_categories), table, np.log(fit.weights)[None])
    assert again.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-8)


def test_forms_are_told_apart_even_if_their_hashes_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    class Zeros:
        def integers(self, *_: object, **__: object) -> NDArray[np.uint64]:
            return np.zeros(2, dtype=np.uint64)

    scores = np.full((4, 128), -1, dtype=np.int8)
    # Patterns of two words each, (p, q) and (q, p): their sums are equal.
    scores[:2, :3], scores[:2, 64:66] = 1, 1
    scores[2:, :2], scores[2:, 64:67] = 1, 1
    monkeypatch.setattr("qbank.irt.blocks.np.random.default_rng", lambda seed: Zeros())
    blocks = group_by_form(scores, np.zeros(4, dtype=np.intp), collapse=False)
    assert sorted(block.persons.tolist() for block in blocks) == [[0, 1], [2, 3]]


def test_a_start_that_got_stuck_is_not_preferred_to_one_that_ended_at_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ascents: list[Ascent] = []

    def stuck(task: Design, persons: Respondents, *, tolerance: float, max_iterations: int) -> Ascent:
        found = ascend(task, persons, tolerance=tolerance, max_iterations=max_iterations)
        ascents.append(found)
        if len(ascents) == 1:
            return found
        inside = np.clip(found.state.free, task.low + 1.0, task.high - 1.0)
        return replace(found, converged=False, state=replace(found.state, free=inside))

    monkeypatch.setattr(estimate, "ascend", stuck)
    scores = sample(300, 5, 1)
    twice = np.column_stack((scores, scores[:, 0]))
    fit = calibrate(twice, model="3pl", priors={"c": ("beta", 5, 17)})
    assert len(ascents) == 3
    assert fit.converged
    assert fit.status[0] == fit.status[5] == "diverged"
