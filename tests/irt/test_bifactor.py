"""Testlets: the reduced integral against the whole one, derivatives, recovery, what cannot be identified, odd input."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import logsumexp

from qbank.irt import (
    MODELS,
    BifactorCalibration,
    bifactor_indices,
    bifactor_test,
    calibrate,
    calibrate_bifactor,
    item_parameters,
    score_bifactor,
    score_persons,
    simulate,
    simulate_bifactor,
)
from qbank.irt.bifactor.ascent import evaluate, maximise
from qbank.irt.bifactor.design import Design, design, expand, values_at
from qbank.irt.bifactor.expectation import expect
from qbank.irt.bifactor.information import information, pattern_products, person_products
from qbank.irt.bifactor.patterns import make_parts

Scores = NDArray[np.int8]
WORDS = ["2pl", "3pl", "grm", "gpcm", "pcm", "rasch", "1pl", "1pl", "4pl", "rsm", "rsm", "nominal"]
TESTLET = np.array([0, 0, 0, 1, 1, 1, 1, -1, 0, -1, 1, -1])
CATEGORIES = np.array([2, 2, 4, 3, 3, 2, 2, 2, 2, 3, 3, 3])
TEXTS = ["x"] * 3 + ["y"] * 3 + ["z"] * 3


def _everything(structure: str) -> tuple[Design, NDArray[np.float64], Scores]:
    """Return a design with every model in and out of testlets, a free vector, and answers with gaps."""
    rng = np.random.default_rng(7)
    testlet = TESTLET.copy()
    if structure == "testlet":
        testlet[-1] = 1
    most = max(len(MODELS[word].parameters(int(k))) for word, k in zip(WORDS, CATEGORIES, strict=True))
    task = design(
        WORDS,
        CATEGORIES,
        testlet,
        structure=structure,
        known=np.full((len(WORDS), most), np.nan),
        priors={
            "logit_c": ("normal", np.full(len(WORDS), -1.1), np.full(len(WORDS), 0.5)),
            "s": ("normal", np.zeros(len(WORDS)), np.ones(len(WORDS))),
        },
        nodes=np.linspace(-5, 5, 11),
        specific_nodes=np.linspace(-4, 4, 9),
    )
    rows = np.zeros(task.index.shape)
    for item, (word, k) in enumerate(zip(WORDS, CATEGORIES.tolist(), strict=True)):
        first = MODELS[word].start(np.full((1, k), 1 / k))[0]
        rows[item, : first.size] = first
    rows[:, -1] = 0.5
    free = values_at(task, rows)
    scores = np.column_stack([rng.integers(0, k, 60) for k in CATEGORIES]).astype(np.int8)
    scores[rng.random(scores.shape) < 0.2] = -1
    return task, free + rng.normal(0, 0.1, free.size), scores


def _whole_integral(task: Design, free: NDArray[np.float64], scores: Scores) -> float:
    """Return the log-likelihood by the sum over all nodes of ability and both effects at once."""
    values = expand(task, free)
    eta, log_w = task.specific[1]
    total = np.zeros((scores.shape[0], task.nodes.size, eta.size, eta.size))
    for item, (word, k) in enumerate(zip(WORDS, CATEGORIES.tolist(), strict=True)):
        model = MODELS[word]
        own = values[item, : len(model.parameters(k))]
        for node, effect in enumerate(eta):
            at, theta = own, task.nodes
            if task.testlet[item] >= 0 and task.proportional:
                theta = theta + values[item, -1] * effect
            elif task.testlet[item] >= 0:
                unit = model.slopes(k).astype(float)
                at = own + values[item, -1] * effect * (model.rescaling(k, 1.0, -1.0) @ unit - unit)
            log_p = model.log_probability(at[None], theta)[0]
            part = np.where(scores[:, item, None] >= 0, log_p[np.maximum(scores[:, item], 0)], 0.0)
            if task.testlet[item] == 0:
                total[:, :, node, :] += part[:, :, None]
            elif task.testlet[item] == 1:
                total[:, :, :, node] += part[:, :, None]
            elif node == 0:
                total += part[:, :, None, None]
    weighted = total + task.log_weights[:, None, None] + log_w[:, None] + log_w
    return float(logsumexp(weighted, axis=(1, 2, 3)).sum())


@pytest.mark.parametrize("structure", ["bifactor", "testlet"])
def test_two_dimensions_give_the_integral_over_three(structure: str) -> None:
    task, free, scores = _everything(structure)
    reduced = expect(task, make_parts(task, scores), free).log_likelihood
    assert reduced == pytest.approx(_whole_integral(task, free, scores), abs=1e-8)


@pytest.mark.parametrize("structure", ["bifactor", "testlet"])
def test_gradient_and_information_are_the_finite_differences(structure: str) -> None:
    task, free, scores = _everything(structure)
    parts = make_parts(task, scores)
    state = evaluate(task, parts, free)
    slope, bend = np.empty(task.n_free), np.empty((task.n_free, task.n_free))
    for place in range(task.n_free):
        step = 1e-5 * (np.arange(task.n_free) == place)
        up, down = evaluate(task, parts, free + step), evaluate(task, parts, free - step)
        slope[place] = (up.objective - down.objective) / 2e-5
        bend[place] = (down.gradient - up.gradient) / 2e-5
    np.testing.assert_allclose(state.gradient, slope, atol=1e-6)
    np.testing.assert_allclose(information(task, parts, free, state.expectation)[0], bend, atol=1e-6)


def test_products_between_testlets_are_the_same_by_patterns_and_by_persons() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(5, 3, 7)), rng.normal(size=(4, 2, 7))
    of_one, of_other, weights = rng.integers(0, 5, 50), rng.integers(0, 4, 50), rng.random((7, 50))
    whole = np.einsum("iaq,ibq,qi->ab", one[of_one], other[of_other], weights)
    np.testing.assert_allclose(pattern_products(one, other, of_one, of_other, weights), whole, atol=1e-10)
    np.testing.assert_allclose(person_products(one, other, of_one, of_other, weights), whole, atol=1e-10)


def test_em_steps_never_lower_the_objective() -> None:
    task, free, scores = _everything("testlet")
    parts = make_parts(task, scores)
    state = evaluate(task, parts, free)
    for _ in range(5):
        ahead = evaluate(task, parts, maximise(task, state.expectation, state.free))
        assert ahead.objective > state.objective
        state = ahead


def _sample(n_persons: int = 1500, *, seed: int = 1, gaps: float = 0.0) -> Scores:
    items = item_parameters("2pl", a=[1.0, 1.4, 0.8] * 3, b=[-1.0, 0.0, 1.0] * 3)
    rng = np.random.default_rng(seed)
    seen = rng.random((n_persons, 9)) >= gaps
    return simulate_bifactor(
        items, rng.normal(size=n_persons), TEXTS, specific=[1.0, 1.2, 0.8] * 3, seed=rng, seen=seen
    )


@pytest.fixture(scope="module")
def fit() -> BifactorCalibration:
    return calibrate_bifactor(_sample(), TEXTS)


def test_without_testlets_it_is_the_unidimensional_calibration() -> None:
    scores = _sample(400)
    plain = calibrate(scores, model="2pl", n_nodes=31)
    alone = calibrate_bifactor(scores, [None] * 9, n_nodes=31)
    assert alone.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    assert alone.unidimensional_log_likelihood == alone.log_likelihood
    for name in ("a", "b"):
        np.testing.assert_allclose(alone.parameters.values[name], plain.parameters.values[name], atol=1e-4)
        np.testing.assert_allclose(alone.parameters.errors[name], plain.parameters.errors[name], rtol=1e-3)


@pytest.mark.parametrize(("model", "sd_known"), [("rasch", False), ("pcm", False), ("1pl", True)])
def test_models_with_a_common_slope_agree_with_calibrate(model: str, sd_known: bool) -> None:
    scores = _sample(400)
    plain = calibrate(scores, model=model, n_nodes=61)
    alone = calibrate_bifactor(scores, [None] * 9, model=model, n_nodes=61)
    assert alone.ability_sd == pytest.approx(float(plain.ability_sd), abs=1e-3)
    assert alone.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-2)
    np.testing.assert_allclose(alone.parameters.values["b"], plain.parameters.values["b"], atol=1e-3)
    np.testing.assert_allclose(alone.parameters.errors["b"], plain.parameters.errors["b"], rtol=1e-2)
    assert (alone.ability_sd_error == 0) is sd_known
    if not sd_known:
        assert alone.ability_sd_error == pytest.approx(float(plain.ability_errors["sd"]), rel=1e-2)


def test_no_effect_is_the_unidimensional_likelihood_exactly() -> None:
    task, _, scores = _everything("bifactor")
    plain = design(
        WORDS,
        CATEGORIES,
        np.full(len(WORDS), -1),
        structure="bifactor",
        known=np.full(task.base[:, :-1].shape, np.nan),
        nodes=task.nodes,
        specific_nodes=task.specific[1][0],
    )
    rows = expand(*_everything("bifactor")[:2])
    rows[:, -1] = 0.0
    with_zero = expect(task, make_parts(task, scores), values_at(task, rows)).log_likelihood
    without = expect(plain, make_parts(plain, scores), values_at(plain, rows)).log_likelihood
    assert with_zero == pytest.approx(without, abs=1e-9)


def test_true_values_come_back(fit: BifactorCalibration) -> None:
    assert fit.converged and set(fit.status) == {"ok"} and fit.testlet_status == ("ok",) * 3
    a = fit.parameters.values["a"]
    assert (np.abs(a - [1.0, 1.4, 0.8] * 3) < 3 * fit.parameters.errors["a"]).all()
    assert (np.abs(fit.specific - [1.0, 1.2, 0.8] * 3) < 3 * fit.specific_errors).all()
    assert (np.diff(fit.trace) >= -1e-9).all()
    testlet = calibrate_bifactor(_sample(), TEXTS, structure="testlet")
    assert (np.abs(testlet.testlet_sd - 1.0) < 4 * testlet.testlet_sd_errors).all()
    np.testing.assert_allclose(
        testlet.specific, np.repeat(testlet.testlet_sd, 3) * testlet.parameters.values["a"], rtol=1e-9
    )


def test_graded_items_in_testlets_come_back() -> None:
    rng = np.random.default_rng(5)
    steps = np.array([[-1.0, 0.0, 1.0], [-0.5, 0.5, 1.5]] * 4)
    items = item_parameters("grm", a=[1.2] * 8, b=None, steps=steps)
    texts = ["x"] * 4 + ["y"] * 2 + [None] * 2
    scores = simulate_bifactor(items, rng.normal(size=1500), texts, testlet_sd=[0.8, 0.6], seed=rng)
    fit = calibrate_bifactor(scores, texts, model="grm", structure="testlet")
    assert fit.converged
    assert (np.abs(fit.testlet_sd - [0.8, 0.6]) < 3 * fit.testlet_sd_errors).all()
    assert (np.abs(fit.parameters.values["b1"] - steps[:, 0]) < 4 * fit.parameters.errors["b1"]).all()


def test_order_of_persons_items_and_labels_changes_nothing(fit: BifactorCalibration) -> None:
    rng = np.random.default_rng(2)
    order = rng.permutation(9)
    scores = _sample()[rng.permutation(1500)][:, order]
    again = calibrate_bifactor(scores, [{"x": "c", "y": "a", "z": "b"}[TEXTS[item]] for item in order])
    assert again.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(again.specific, fit.specific[order], atol=1e-4)
    np.testing.assert_allclose(again.specific_errors, fit.specific_errors[order], rtol=1e-3)


def test_a_reversed_testlet_item_keeps_its_sign_and_the_sum_is_positive() -> None:
    scores = _sample()
    scores[:, 1] = 1 - scores[:, 1]
    fit = calibrate_bifactor(scores, TEXTS)
    assert fit.specific[1] < 0 < fit.specific[:3].sum()
    assert fit.parameters.values["a"][1] < 0


def test_a_never_seen_item_and_an_absent_person_change_nothing(fit: BifactorCalibration) -> None:
    scores = np.column_stack((_sample(), np.full(1500, -1)))
    scores = np.vstack((scores, np.full((1, 10), -1))).astype(np.int8)
    again = calibrate_bifactor(scores, [*TEXTS, "x"])
    assert again.status[9] == "not seen" and again.n_persons == 1500
    assert again.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)
    np.testing.assert_allclose(again.specific[:9], fit.specific, atol=1e-9)


def test_errors_by_cross_product_and_sandwich_are_near_those_of_the_information(fit: BifactorCalibration) -> None:
    for kind in ("cross-product", "sandwich"):
        other = calibrate_bifactor(_sample(), TEXTS, errors=kind)
        np.testing.assert_allclose(other.specific_errors, fit.specific_errors, rtol=0.35)
        assert not np.allclose(other.specific_errors, fit.specific_errors, rtol=1e-6)
    none = calibrate_bifactor(_sample(), TEXTS, errors="none")
    assert set(none.status) == {"ok"} and np.isnan(none.specific_errors).all()


def test_persons_in_several_parts_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from qbank.irt.bifactor import patterns

    scores = _sample(2500, gaps=0.2)
    whole = calibrate_bifactor(scores, TEXTS, structure="testlet")
    monkeypatch.setattr(patterns, "PART_BYTES", 1000)
    monkeypatch.setattr(patterns, "CHUNK_BYTES", 100_000)
    monkeypatch.setattr(patterns, "PIECE_BYTES", 400_000)
    parts = calibrate_bifactor(scores, TEXTS, structure="testlet")
    assert parts.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-7)
    np.testing.assert_allclose(parts.testlet_sd_errors, whole.testlet_sd_errors, rtol=1e-5)


def test_two_thousand_answers_do_not_underflow() -> None:
    items = item_parameters("2pl", a=[1.0] * 2000, b=np.linspace(-2, 2, 2000))
    texts = ["x"] * 1000 + ["y"] * 500 + [None] * 500
    scores = simulate_bifactor(items, [-1.0, 0.0, 1.0], texts, testlet_sd=[1.0, 0.5], seed=3)
    task = design(
        ["2pl"] * 2000,
        np.full(2000, 2),
        np.array([0] * 1000 + [1] * 500 + [-1] * 500),
        structure="testlet",
        known=np.full((2000, 2), np.nan),
        nodes=np.linspace(-6, 6, 31),
        specific_nodes=np.linspace(-6, 6, 15),
    )
    rows = np.column_stack((items.values["a"], items.values["d"], np.ones(2000)))
    found = expect(task, make_parts(task, scores), values_at(task, rows))
    assert -5000 < found.log_likelihood < -1000


def test_what_cannot_be_told_apart_is_left_out_and_said() -> None:
    scores = _sample(600)
    lonely = calibrate_bifactor(scores, ["w", *TEXTS[1:]])
    assert lonely.testlet_status[0] == "one item" and lonely.testlet[0] == -1 and lonely.specific[0] == 0
    all_one = calibrate_bifactor(scores, ["x"] * 9)
    assert all_one.testlet_status == ("not identified",)
    assert all_one.log_likelihood == all_one.unidimensional_log_likelihood
    pair = calibrate_bifactor(scores, ["x", "x"] + [None] * 7)
    assert pair.testlet_status == ("equal slopes",)
    assert pair.specific[0] == pair.specific[1] > 0
    halves = calibrate_bifactor(scores, ["x"] * 5 + ["y"] * 4, structure="testlet")
    assert halves.testlet_status == ("equal sd", "equal sd")
    assert halves.testlet_sd[0] == halves.testlet_sd[1]
    parted = scores.copy()
    parted[np.arange(600), np.arange(600) % 2] = -1
    apart = calibrate_bifactor(parted, ["x", "x"] + [None] * 7)
    assert apart.testlet_status == ("never together",)


def test_forms_that_nothing_connects_are_refused() -> None:
    scores = _sample(600)
    scores[:300, :3] = -1
    scores[300:, 3:] = -1
    refused = calibrate_bifactor(scores, TEXTS)
    assert not refused.converged and set(refused.status) == {"not connected"}
    assert [problem.code for problem in refused.problems] == ["C110"]
    assert np.isnan(refused.specific).all() and np.isnan(refused.log_likelihood)
    assert calibrate_bifactor(scores, TEXTS, design="spiralled", structure="testlet").converged


def test_degenerate_items_are_flagged_rows() -> None:
    scores = _sample(600)
    scores[:, 0], scores[:, 1], scores[1:, 2] = 1, 0, -1
    fit = calibrate_bifactor(scores, TEXTS, structure="testlet")
    assert fit.status[:3] == ("all right", "all wrong", "too few answers")
    assert fit.testlet_status == ("no items", "equal sd", "equal sd")
    assert np.isnan(fit.specific[:3]).all() and np.isfinite(fit.specific[3:]).all()
    result = score_bifactor(scores, fit)
    assert np.isfinite(result.theta).all()


@pytest.mark.parametrize("rows", [0, 1, 3])
@pytest.mark.parametrize("structure", ["bifactor", "testlet"])
def test_few_or_no_persons_give_a_result_without_numbers(rows: int, structure: str) -> None:
    scores = _sample(600)[:rows]
    fit = calibrate_bifactor(scores, TEXTS, structure=structure)
    assert len(fit.status) == 9
    assert np.isfinite(score_bifactor(scores, fit).theta).all()
    bifactor_test(fit)
    bifactor_indices(fit)
    if rows < 2:
        assert not fit.converged and np.isnan(fit.specific).all()


def test_wrong_calls_are_refused_at_once() -> None:
    scores = _sample(50)
    for call, words in (
        (lambda: calibrate_bifactor(scores, TEXTS[:3]), "3 testlets for 9 items"),
        (lambda: calibrate_bifactor(scores, TEXTS, structure="tree"), "unknown structure 'tree'"),
        (lambda: calibrate_bifactor(scores, TEXTS, errors="guess"), "unknown errors"),
        (lambda: calibrate_bifactor(scores, TEXTS, n_specific_nodes=2), "3 or more"),
        (lambda: calibrate_bifactor(scores, TEXTS, model="nominal"), "nominal"),
        (lambda: calibrate_bifactor(scores, TEXTS, fixed={"a": 1.0}), "only asymptotes"),
        (lambda: calibrate_bifactor(scores + 3, TEXTS), "must be 0 or 1"),
        (lambda: calibrate_bifactor(scores * np.nan, TEXTS), "NaN"),
    ):
        with pytest.raises(ValueError, match=words):
            call()


def test_known_guessing_stays_where_it_is_put() -> None:
    fit = calibrate_bifactor(_sample(), TEXTS, model="3pl", fixed={"c": 0.05}, structure="testlet")
    np.testing.assert_allclose(fit.parameters.values["c"], 0.05)
    np.testing.assert_allclose(fit.parameters.errors["c"], 0.0, atol=1e-12)
    prior = calibrate_bifactor(_sample(600), TEXTS, model="3pl", priors={"c": ("beta", 5, 17)}, structure="testlet")
    assert prior.converged and prior.log_posterior != prior.log_likelihood


def test_scores_take_the_testlets_into_account(fit: BifactorCalibration) -> None:
    scores = _sample()
    result = score_bifactor(scores, fit)
    plain = score_persons(scores, calibrate(scores), method="eap")
    assert result.errors.mean() > 1.1 * plain.errors.mean()
    assert np.corrcoef(result.theta, plain.theta)[0, 1] > 0.95
    assert result.marginal_reliability == pytest.approx(1 - (result.errors**2).mean(), abs=1e-9)
    assert result.specific_theta.shape == (1500, 3)
    nobody = score_bifactor(np.full((1, 9), -1), fit)
    assert nobody.theta[0] == 0 and nobody.errors[0] == 1 and nobody.specific_errors[0].tolist() == [1, 1, 1]


def test_scores_of_a_model_without_effects_are_the_usual_ones() -> None:
    scores = _sample(300)
    fit = calibrate_bifactor(scores, [None] * 9, model="rasch")
    usual = score_persons(scores, calibrate(scores, model="rasch"), method="eap")
    result = score_bifactor(scores, fit)
    np.testing.assert_allclose(result.theta, usual.theta, atol=2e-3)
    np.testing.assert_allclose(result.errors, usual.errors, atol=2e-3)


def test_the_integral_over_an_effect_is_its_posterior_mean(fit: BifactorCalibration) -> None:
    """One person's effect by the whole sum over ability and the three effects."""
    scores = _sample()[:1]
    nodes, eta = fit.nodes[::3], fit.specific_nodes[::3]
    a, d = fit.parameters.values["a"], fit.parameters.values["d"]
    grid = np.stack(np.meshgrid(nodes, eta, eta, eta, indexing="ij"))
    log_p = -0.5 * (grid**2).sum(axis=0)
    for item in range(9):
        z = a[item] * grid[0] + fit.specific[item] * grid[1 + fit.testlet[item]] + d[item]
        log_p += -np.logaddexp(0, -z if scores[0, item] == 1 else z)
    weight = np.exp(log_p - log_p.max())
    weight /= weight.sum()
    result = score_bifactor(scores, fit)
    assert result.theta[0] == pytest.approx((weight * grid[0]).sum(), abs=1e-3)
    np.testing.assert_allclose(result.specific_theta[0], [(weight * x).sum() for x in grid[1:]], atol=5e-3)


def test_indices_are_those_of_a_hand_calculation(fit: BifactorCalibration) -> None:
    indices = bifactor_indices(fit)
    g, s = indices.general, indices.specific
    sums = np.array([s[0:3].sum(), s[3:6].sum(), s[6:9].sum()]) ** 2
    total = g.sum() ** 2 + sums.sum() + (1 - g**2 - s**2).sum()
    assert indices.explained_common_variance == pytest.approx((g**2).sum() / (g**2 + s**2).sum())
    assert indices.omega_hierarchical == pytest.approx(g.sum() ** 2 / total)
    assert indices.omega == pytest.approx((g.sum() ** 2 + sums.sum()) / total)
    assert indices.uncontaminated == pytest.approx(27 / 36)
    assert 0.3 < indices.omega_hierarchical < indices.omega < 1
    np.testing.assert_allclose(g, fit.parameters.values["a"] / np.sqrt(1.702**2 + fit.parameters.values["a"] ** 2
                                                                        + fit.specific**2))  # fmt: skip


def test_the_test_finds_effects_and_leaves_their_absence_alone() -> None:
    strong = bifactor_test(calibrate_bifactor(_sample(), TEXTS, structure="testlet"))
    assert strong.df == 3 and strong.p < 1e-6 and strong.mixture_p < strong.p
    items = item_parameters("2pl", a=[1.0] * 9, b=[-1.0, 0.0, 1.0] * 3)
    none = simulate(items, np.random.default_rng(4).normal(size=800), seed=5)
    fit = calibrate_bifactor(none, TEXTS, structure="testlet")
    weak = bifactor_test(fit)
    assert fit.converged and weak.p > 0.05 and weak.mixture_p <= weak.p
    alone = bifactor_test(calibrate_bifactor(none, [None] * 9))
    assert np.isnan(alone.p) and alone.status == "no testlets"
    prior = calibrate_bifactor(none, TEXTS, structure="testlet", priors={"s": ("normal", 0.0, 1.0)})
    assert bifactor_test(prior).status == "prior"


def test_an_effect_estimated_at_zero_has_no_error() -> None:
    """Alternate items of one testlet are made to repel each other, which no sd can show."""
    rng = np.random.default_rng(6)
    theta, shift = rng.normal(size=(2, 1500))
    z = theta[:, None] + shift[:, None] * np.array([1, -1, 1, -1, 0, 0, 0, 0])
    scores = (rng.random((1500, 8)) < 1 / (1 + np.exp(-z))).astype(np.int8)
    fit = calibrate_bifactor(scores, ["x"] * 4 + [None] * 4, structure="testlet", model="rasch")
    assert fit.testlet_status == ("no effect",)
    assert fit.testlet_sd[0] == 0 and np.isnan(fit.testlet_sd_errors[0])
    assert fit.converged
    assert bifactor_test(fit).mixture_p == 1.0


def test_simulated_answers_follow_the_predictor() -> None:
    items = item_parameters("2pl", a=[1.0, 1.0], b=[0.0, 0.0])
    theta = np.zeros(40000)
    effect = np.full((40000, 1), 1.0)
    slopes = simulate_bifactor(items, theta, ["x", None], specific=[1.5, 9.0], specific_theta=effect, seed=1)
    assert slopes.mean(axis=0) == pytest.approx([1 / (1 + np.exp(-1.5)), 0.5], abs=0.01)
    with pytest.raises(ValueError, match="either"):
        simulate_bifactor(items, theta, ["x", None], seed=1)
    unseen = simulate_bifactor(items, [0.0], ["x", None], testlet_sd=0.5, seed=1, seen=[[True, False]])
    assert unseen[0, 1] == -1
