"""Which model the data support."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import compare, guessing_prior, item_parameters, simulate
from qbank.irt.comparison import FLOORS

rng = np.random.default_rng(20)
A, B = rng.lognormal(0, 0.4, 20), rng.normal(0, 1, 20)
ONE = item_parameters("rasch", a=np.ones(20), b=B)
TWO = item_parameters("2pl", a=A, b=B)
THREE = item_parameters("3pl", a=1.6 * A, b=B, c=np.full(20, 0.25))


def answers(items: object, n_persons: int, seed: int = 1) -> NDArray[np.int8]:
    theta = np.random.default_rng(seed).normal(size=n_persons)
    return simulate(items, theta, seed=seed)  # type: ignore[arg-type]


@pytest.mark.parametrize(("items", "expected"), [(ONE, "rasch"), (TWO, "2pl"), (THREE, "3pl")])
def test_the_model_that_answers_were_drawn_from_is_the_one_supported(items: object, expected: str) -> None:
    found = compare(answers(items, 4000), n_options=4)
    assert (found.supported, found.status) == (expected, "clear")
    assert found.facts["best_bic"] == expected
    assert found.facts["left_out"] == {}


def test_a_test_against_the_border_has_a_statistic_and_no_p() -> None:
    found = compare(answers(THREE, 1500), n_options=4, errors="none")
    tests = {(test.smaller, test.larger): test for test in found.tests}
    assert set(tests) == {("rasch", "2pl"), ("rasch", "3pl"), ("2pl", "3pl")}
    inside, border = tests["rasch", "2pl"], tests["2pl", "3pl"]
    assert inside.status == "ok" and inside.p < 1e-6
    # Rasch has 20 difficulties and a variance, the 2PL 40 values.
    assert inside.df == 19
    assert inside.chi_square == pytest.approx(
        2 * (found.candidate("2pl").fit.log_likelihood - found.candidate("rasch").fit.log_likelihood)
    )
    assert border.status == "boundary" and np.isnan(border.p) and border.df == 20


def test_p_values_of_a_true_null_hypothesis_are_spread_evenly() -> None:
    p = [compare(answers(ONE, 400, seed), ("rasch", "2pl"), errors="none").tests[0].p for seed in range(25)]
    # Kolmogorov's distance of 25 uniform numbers exceeds 0.32 in 1 % of samples.
    assert np.abs(np.sort(p) - (np.arange(25) + 0.5) / 25).max() < 0.32


@pytest.mark.parametrize(
    ("n_persons", "left_out"),
    [(80, {"rasch", "2pl", "3pl"}), (150, {"2pl", "3pl"}), (700, {"3pl"}), (1000, set())],
)
def test_a_model_needs_so_many_persons_an_item(n_persons: int, left_out: set[str]) -> None:
    found = compare(answers(ONE, n_persons), n_options=4, errors="none")
    assert set(found.facts["left_out"]) == left_out  # type: ignore[call-overload]
    assert found.supported == "rasch"
    if len(left_out) == 3:
        assert found.status == "too few persons"
    for one in found.candidates:
        assert one.floor == FLOORS[one.model]
        assert len(one.below) == (20 - len(one.flagged) if one.model in left_out else 0)


def test_an_item_below_the_floor_is_named_and_does_not_stop_the_others() -> None:
    scores = answers(TWO, 900)
    scores[300:, 3] = -1
    found = compare(scores, ("rasch", "2pl"), items=[f"i{n}" for n in range(20)])
    assert found.candidate("2pl").below == ("i3",)
    assert found.candidate("2pl").status == "ok"


def test_guessing_has_a_mean_of_one_in_the_number_of_options() -> None:
    word, p, q = guessing_prior([2, 4, 5, 0, np.nan])
    assert word == "beta"
    np.testing.assert_allclose((p / (p + q))[:3], [0.5, 0.25, 0.2])
    assert np.isnan(p[3:]).all() and np.isnan(q[3:]).all()
    with pytest.raises(ValueError, match="strength"):
        guessing_prior(4, strength=0)


def test_true_or_false_items_are_guessed_more_often_and_items_without_options_never() -> None:
    options = np.repeat([2, 4, 0], (7, 7, 6))
    found = compare(answers(TWO, 300), n_options=options, errors="none").candidate("3pl").fit
    c = found.parameters.values["c"]
    # Few easy answers say little about c: the prior's mean remains.
    assert np.nanmean(c[:7]) > np.nanmean(c[7:14]) + 0.1
    assert found.parameters.model[14:] == ("2pl",) * 6
    assert np.isnan(c[14:]).all()


def test_without_options_four_are_assumed_and_that_is_said() -> None:
    scores = answers(TWO, 300)
    unknown, known = compare(scores, errors="none"), compare(scores, n_options=4, errors="none")
    assert unknown.candidate("3pl").fit.log_likelihood == known.candidate("3pl").fit.log_likelihood
    assert (unknown.facts["options_known"], known.facts["options_known"]) == (False, True)


def test_items_with_more_categories_have_the_partial_credit_models() -> None:
    items = item_parameters(
        ["2pl"] * 5 + ["gpcm"] * 3, a=[0.6, 1.0, 1.5, 0.9, 1.3, 0.6, 1.2, 0.9], b=[-1, 0, 1, 0.5, -0.5, np.nan, np.nan, np.nan],
        steps=np.concatenate((np.full((5, 2), np.nan), [[-1, 1], [-0.5, 0.5], [0, 1]])),
    )  # fmt: skip
    found = compare(answers(items, 3000), n_options=[4] * 5 + [0] * 3)
    assert found.candidate("rasch").fit.parameters.model == ("rasch",) * 5 + ("pcm",) * 3
    assert found.candidate("3pl").fit.parameters.model == ("3pl",) * 5 + ("gpcm",) * 3
    assert found.supported == "2pl"
    assert {(test.smaller, test.larger, test.df) for test in found.tests} >= {("rasch", "2pl", 7), ("2pl", "3pl", 5)}


def test_a_half_mark_item_counts_like_any_other() -> None:
    """Marks are not part of the call: what is calibrated is the category, 0 or 1, whatever it is worth."""
    scores = answers(TWO, 600)
    with pytest.raises(ValueError, match="whole numbers"):
        compare(scores * 0.5)


def test_nothing_to_compare_is_refused_or_said() -> None:
    with pytest.raises(ValueError, match="named once each"):
        compare(answers(TWO, 50), ())
    with pytest.raises(ValueError, match="named once each"):
        compare(answers(TWO, 50), ("2pl", "2pl"))
    with pytest.raises(ValueError, match="one number or one for each of 20 items"):
        compare(answers(TWO, 50), n_options=[4, 4])
    alone = compare(answers(TWO, 600), ("2pl",))
    assert (alone.supported, alone.status, alone.tests) == ("2pl", "clear", ())
    empty = compare(np.empty((0, 3), dtype=np.int8), ("rasch", "2pl"))
    assert empty.status in ("too few persons", "not converged")
