"""Gradient and observed information against brute force: the likelihood written out, and finite differences."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import MODELS
from qbank.irt.ability import ABILITIES, log_normal_weights, regression
from qbank.irt.answers import categories, counted_scores, highest_scores, usable
from qbank.irt.blocks import group_by_form
from qbank.irt.calibration import errors, information
from qbank.irt.calibration.anchors import anchored
from qbank.irt.calibration.ascent import _along, ascend
from qbank.irt.calibration.design import Design, Ties, ability_values, gradient, item_values, start
from qbank.irt.calibration.em import evaluate, maximise, squarem
from qbank.irt.calibration.errors import covariance, sampling_covariance
from qbank.irt.calibration.information import cross_product_information, observed_information
from qbank.irt.calibration.task import make_task
from qbank.irt.models import FloatArray, IndexArray, ScoreArray
from qbank.irt.priors import Priors, checked_priors
from qbank.irt.respondents import RespondentsHere, held_here
from tests.irt.samples import sample_of

Case = tuple[Design, RespondentsHere, NDArray[np.int8], NDArray[np.intp]]


def case(
    words: list[str],
    *,
    forms: int = 1,
    sparse: float = 0.0,
    n_groups: int = 1,
    n_persons: int = 240,
    priors: Priors | None = None,
    fixed: dict[int, dict[str, float]] | None = None,
    equal: Ties = (),
    ability: str = "normal",
    n_covariates: int = 0,
) -> Case:
    scores = sample_of(words, n_persons, 7, forms=forms, sparse=sparse)
    groups = np.arange(n_persons) % n_groups
    labels = [str(item) for item in range(len(words))]
    counts = counted_scores(scores)
    n_own = categories(highest_scores(counts), words, None, labels)
    anchors = anchored(fixed, words, n_own, labels)
    status, shares = usable(counts, words, n_own, np.ones(len(words), dtype=bool))
    assert set(status) == {"ok"}
    task = make_task(
        words,
        n_own,
        anchors,
        shares,
        equal=equal,
        priors=checked_priors(priors, len(words)),
        ability=ABILITIES[ability] if not n_covariates else regression(n_covariates),
        answered=np.ones(n_groups, dtype=bool),
        n_nodes=61,
    )
    covariates = covariates_of(n_persons, n_covariates) if n_covariates else None
    return task, persons_of(scores, groups, covariates), scores, groups


def persons_of(scores: ScoreArray, groups: IndexArray, covariates: FloatArray | None) -> RespondentsHere:
    blocks = group_by_form(scores, groups, collapse=False, covariates=covariates)
    return held_here(blocks, collapse=covariates is None)


def covariates_of(n_persons: int, n_covariates: int) -> FloatArray:
    return np.random.default_rng(5).normal(0, 1, (n_persons, n_covariates))


GUESSING: Priors = {"c": ("beta", 5, 17), "log_a": ("normal", 0.0, 0.5)}
CASES: dict[str, Callable[[], Case]] = {
    "2pl": lambda: case(["2pl"] * 6),
    "rasch": lambda: case(["rasch"] * 6),
    "1pl": lambda: case(["1pl"] * 6),
    "mixed logistic": lambda: case(["rasch", "1pl", "2pl", "1pl", "2pl", "rasch"]),
    "forms": lambda: case(["2pl"] * 9, forms=2),
    "chance": lambda: case(["2pl"] * 7, sparse=0.4),
    "groups": lambda: case(["2pl"] * 6, n_groups=3),
    "prior": lambda: case(["2pl"] * 4 + ["1pl"] * 3, priors={"log_a": ("normal", 0.1, 0.4)}),
    "anchors": lambda: case(["2pl"] * 6, fixed={0: {"a": 1.0, "b": 0.2}, 3: {"a": 1.3, "b": -0.5}}),
    "equal": lambda: case(["2pl"] * 6, equal=[("a", [0, 2, 4]), ("d", [1, 2])]),
    "3pl": lambda: case(["3pl"] * 5, priors=GUESSING),
    "3pl with a fixed asymptote": lambda: case(["3pl"] * 5, fixed={1: {"c": 0.25}, 2: {"c": 0.0}}),
    "4pl": lambda: case(["4pl"] * 5, priors={**GUESSING, "u": ("beta", 17, 2), "d": ("normal", 0.0, 2.0)}),
    "grm": lambda: case(["grm"] * 5),
    "pcm": lambda: case(["pcm"] * 5),
    "gpcm": lambda: case(["gpcm"] * 5, priors={"a": ("lognormal", 0.0, 0.5)}),
    "rsm": lambda: case(["rsm"] * 5),
    "nominal": lambda: case(["nominal"] * 4),
    "mixed": lambda: case(["2pl", "3pl", "grm", "gpcm", "rsm", "rsm", "nominal", "2pl", "2pl"], forms=2, priors=GUESSING),
    "mixed by chance": lambda: case(["2pl", "3pl", "grm", "rsm", "rsm", "gpcm"], sparse=0.3, n_groups=2),
    "covariates": lambda: case(["2pl"] * 5, n_covariates=2),
    "covariates and groups": lambda: case(["rasch"] * 6, n_covariates=1, n_groups=2, forms=2),
    "covariates, mixed": lambda: case(["2pl", "3pl", "grm", "gpcm", "2pl"], n_covariates=1, priors=GUESSING),
    "covariates by chance": lambda: case(["2pl"] * 6, n_covariates=1, sparse=0.4),
    "histogram": lambda: case(["2pl"] * 5, ability="histogram"),
}
every_case = pytest.mark.parametrize("name", CASES)


def written_out(task: Design, scores: NDArray[np.int8], groups: NDArray[np.intp], free: FloatArray) -> float:
    """Return the log-likelihood person by person and node by node, in the probability domain."""
    probability = {
        int(item): np.exp(part.model.log_probability(item_values(part, free)[[row]], task.nodes)[0])
        for part in task.parts
        for row, item in enumerate(part.items)
    }
    total, abilities = 0.0, ability_values(task, free)
    for person, (answers, group) in enumerate(zip(scores, groups, strict=True)):
        if task.ability.by_person:
            covariates = covariates_of(scores.shape[0], abilities.shape[1] - 2)[person]
            mean, sd = abilities[group, 0] + covariates @ abilities[group, 2:], np.exp(abilities[group, 1])
            likelihood = np.exp(log_normal_weights(task.nodes, mean, sd))
        else:
            likelihood = np.exp(task.ability.log_weights(task.nodes, abilities)[group])
        for item, answer in enumerate(answers):
            if answer >= 0:
                likelihood = likelihood * probability[item][answer]
        total += float(np.log(likelihood.sum()))
    return total


def away(task: Design) -> FloatArray:
    """Return a point that is no maximum."""
    return start(task) + 0.05 * np.random.default_rng(3).normal(size=task.n_free)


def differences(at: Callable[[FloatArray], FloatArray], free: FloatArray, step: float) -> FloatArray:
    rows = [(at(free + step * e) - at(free - step * e)) / (2 * step) for e in np.eye(free.size)]
    return np.array(rows)


@every_case
def test_the_log_likelihood_equals_the_one_written_out(name: str) -> None:
    task, persons, scores, groups = CASES[name]()
    state = evaluate(task, persons, away(task))
    assert state.expectation.log_likelihood == pytest.approx(
        written_out(task, scores, groups, state.free), abs=1e-8
    )


@every_case
def test_the_gradient_equals_the_finite_difference(name: str) -> None:
    task, persons, _, _ = CASES[name]()
    free = away(task)
    numeric = differences(lambda x: np.array(evaluate(task, persons, x).objective), free, 1e-5)
    np.testing.assert_allclose(evaluate(task, persons, free).gradient, numeric, atol=1e-5)


@every_case
def test_the_observed_information_equals_the_finite_difference(name: str) -> None:
    task, persons, _, _ = CASES[name]()
    free = away(task)
    exact = observed_information(task, persons, free, evaluate(task, persons, free).expectation)
    numeric = -differences(lambda x: evaluate(task, persons, x).gradient, free, 1e-5)
    np.testing.assert_allclose(exact, numeric, atol=1e-4)


@every_case
def test_no_step_of_the_accelerated_em_lowers_the_objective(name: str) -> None:
    task, persons, _, _ = CASES[name]()
    state = evaluate(task, persons, start(task))
    for _ in range(6):
        first, second = squarem(task, persons, state)
        assert state.objective <= first.objective + 1e-9
        assert first.objective <= second.objective + 1e-9
        state = second


@pytest.mark.parametrize("name", ["2pl", "rasch", "1pl", "mixed logistic", "anchors", "equal", "rsm"])
def test_one_m_step_finds_the_maximum_of_the_expected_likelihood(name: str) -> None:
    task, persons, _, _ = CASES[name]()
    expectation = evaluate(task, persons, start(task)).expectation
    free = maximise(task, expectation, start(task))
    # Three Newton steps from a fair start: only if a common slope and its intercepts move together.
    assert np.abs(gradient(task, free, expectation)).max() < 1e-5


@every_case
def test_a_newton_step_that_would_lower_the_objective_is_shortened_or_refused(name: str) -> None:
    task, persons, _, _ = CASES[name]()
    top = ascend(task, persons, tolerance=1e-7, max_iterations=100).state
    assert _along(task, persons, top, np.full(task.n_free, 0.5)) is None
    state = evaluate(task, persons, start(task))
    uphill = 30.0 * state.gradient / np.linalg.norm(state.gradient)
    ahead = _along(task, persons, state, uphill)
    assert ahead is None or ahead.objective >= state.objective


def test_outer_products_stand_in_where_the_exact_information_costs_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task, persons, _, _ = case(["2pl"] * 12, sparse=0.3, n_persons=3000)
    free = start(task)
    for _ in range(20):
        free = squarem(task, persons, evaluate(task, persons, free))[1].free
    expectation = evaluate(task, persons, free).expectation
    exact = sampling_covariance(task, persons, free, expectation)[0]
    monkeypatch.setattr(information, "MASKED_OPERATIONS", 0.0)
    assert any(not information.is_exact(task, head) for head in persons.heads)
    near = sampling_covariance(task, persons, free, expectation)[0]
    # Both estimate the same information; with 3,000 persons they agree to some percent.
    np.testing.assert_allclose(np.diagonal(near, 0, 1, 2), np.diagonal(exact, 0, 1, 2), rtol=0.15)


def test_items_in_batches_have_nearly_the_errors_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    task, persons, _, _ = case(["2pl"] * 12, n_persons=2000)
    state = evaluate(task, persons, start(task))
    whole = sampling_covariance(task, persons, state.free, state.expectation)[0]
    monkeypatch.setattr(errors, "WHOLE_INFORMATION", 4)
    monkeypatch.setattr(errors, "BATCH", 5)
    batches = sampling_covariance(task, persons, state.free, state.expectation)[0]
    error_whole, error_batches = (np.sqrt(np.diagonal(c, 0, 1, 2)) for c in (whole, batches))
    assert (error_batches <= error_whole * (1 + 1e-9)).all()
    np.testing.assert_allclose(error_batches, error_whole, rtol=0.15)


@every_case
def test_the_cross_product_is_that_of_the_persons_gradients(name: str) -> None:
    task, persons, scores, groups = CASES[name]()
    free = away(task)
    plain = replace(task, priors=())
    n_covariates = task.ability_values.shape[1] - 2 if task.ability.by_person else 0
    covariates = covariates_of(scores.shape[0], n_covariates)
    gradients = [
        evaluate(
            plain,
            persons_of(scores[[person]], groups[[person]], covariates[[person]] if n_covariates else None),
            free,
        ).gradient
        for person in range(scores.shape[0])
    ]
    expected = sum(np.outer(gradient, gradient) for gradient in gradients)
    np.testing.assert_allclose(cross_product_information(task, persons, free), expected, atol=1e-8)


def test_every_model_has_a_case() -> None:
    assert set(MODELS) <= set(CASES)


def test_an_information_that_is_singular_has_no_covariance() -> None:
    assert np.isnan(covariance(np.ones((2, 2)))).all()
    assert np.isnan(covariance(np.diag([1.0, -1.0]))).all()
    assert np.isnan(covariance(np.diag([1.0, 0.0]))).all()
    np.testing.assert_allclose(covariance(np.diag([4.0, 1e-6])), np.diag([0.25, 1e6]))
