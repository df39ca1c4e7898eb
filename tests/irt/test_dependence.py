"""Local dependence: pairs that are planted are found, others are not, and the definitions hold by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import calibrate, item_parameters, score_persons, simulate
from qbank.irt.fit.dependence import local_dependence, suspicious_pairs
from qbank.irt.fit.jackknife import slope_index
from qbank.irt.parameters import log_probability_table
from qbank.irt.scoring.information import expected_score
from tests.irt.samples import sample


def planted(n_items: int = 12, n_persons: int = 2000, share: float = 0.4, seed: int = 1) -> NDArray[np.int8]:
    """Return scores in which a share of the answers to item 7 are copied from item 2."""
    scores = sample(n_persons, n_items, seed)
    copied = np.random.default_rng(seed).random(n_persons) < share
    scores[copied, 7] = scores[copied, 2]
    return scores


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_a_planted_pair_is_found_and_no_other(model: str) -> None:
    scores = planted()
    found = local_dependence(scores, calibrate(scores, model=model, items=[f"item {j}" for j in range(12)]))
    pairs = suspicious_pairs(found, ld_z=15.0)
    assert (pairs[0].one, pairs[0].other) == (2, 7)
    assert pairs[0].items == ("item 2", "item 7")
    assert [pair for pair in pairs if pair.aq3 > 0.2] == [pairs[0]]
    assert "aQ3 above 0.2" in pairs[0].why
    only = suspicious_pairs(found, aq3=1.0, ld_z=15.0)
    assert [pair.why for pair in only[:1]] == [("standardised LD-X2 above 15",)]
    assert found.ld_sign[2, 7] == found.ld_sign[7, 2] == 1
    assert found.ld_v[2, 7] > 0.1


def test_where_nothing_is_planted_nothing_is_found() -> None:
    scores = sample(2000, 15, 2)
    found = local_dependence(scores, calibrate(scores))
    assert suspicious_pairs(found) == ()
    pairs = np.triu_indices(15, k=1)
    assert -0.12 < found.mean_q3 < 0.0
    assert np.abs(found.aq3[pairs]).max() < 0.12
    assert np.mean(found.ld_p[pairs] < 0.05) < 0.08


def test_q3_is_the_correlation_of_residuals_over_those_who_saw_both() -> None:
    scores = sample(300, 5, 3, sparse=0.2)
    fit = calibrate(scores)
    found = local_dependence(scores, fit)
    theta = score_persons(scores, fit).theta
    residual = scores - expected_score(fit.parameters, theta).T
    both = (scores[:, 1] >= 0) & (scores[:, 4] >= 0)
    assert found.n_persons[1, 4] == both.sum()
    assert found.q3[1, 4] == pytest.approx(np.corrcoef(residual[both, 1], residual[both, 4])[0, 1], abs=1e-12)
    np.testing.assert_array_equal(found.q3, found.q3.T)
    assert found.aq3[1, 4] == pytest.approx(found.q3[1, 4] - found.q3[np.triu_indices(5, 1)].mean())


def test_ld_x2_is_pearsons_statistic_of_the_pairs_table() -> None:
    rng = np.random.default_rng(4)
    steps = np.full((4, 3), np.nan)
    steps[1:3] = [[-1.0, 0.0, 1.0], [-0.5, 0.2, 0.9]]
    true = item_parameters(["2pl", "grm", "grm", "2pl"], a=np.ones(4), b=[0.2, np.nan, np.nan, -0.3], steps=steps)
    scores = simulate(true, rng.normal(0, 1, 500), seed=rng)
    scores[rng.random(scores.shape) < 0.1] = -1
    fit = calibrate(scores, model=true.model)
    found = local_dependence(scores, fit)
    table = np.exp(log_probability_table(fit.parameters, fit.nodes))
    for one, other in ((0, 3), (0, 1), (1, 2)):
        first = np.cumsum([0, 2, 4, 4, 2])
        both = (scores[:, one] >= 0) & (scores[:, other] >= 0)
        p, q = (table[first[item] : first[item + 1]] for item in (one, other))
        expected = both.sum() * np.einsum("kn,ln,n->kl", p, q, fit.weights)
        seen = np.zeros_like(expected)
        np.add.at(seen, (scores[both, one], scores[both, other]), 1)
        x2 = ((seen - expected) ** 2 / expected).sum()
        least = min(expected.shape) - 1
        assert found.ld_x2[one, other] == found.ld_x2[other, one] == pytest.approx(x2, rel=1e-9)
        assert found.ld_df[one, other] == (expected.shape[0] - 1) * (expected.shape[1] - 1)
        assert abs(found.ld_v[one, other]) == pytest.approx(np.sqrt(x2 / (both.sum() * least)))
        # The sign by counting concordant and discordant pairs of persons one by one.
        assert found.ld_sign[one, other] == np.sign(gamma(seen) - gamma(expected))


def gamma(table: NDArray[np.float64]) -> float:
    alike = unlike = 0.0
    for k in range(table.shape[0]):
        for m in range(table.shape[1]):
            alike += table[k, m] * table[k + 1 :, m + 1 :].sum()
            unlike += table[k, m] * table[k + 1 :, :m].sum()
    return float((alike - unlike) / (alike + unlike))


def test_groups_are_expected_by_their_own_distributions() -> None:
    rng = np.random.default_rng(5)
    true = item_parameters("2pl", a=np.full(8, 1.2), b=rng.normal(0, 1, 8))
    groups = ["a", "b"] * 1500
    scores = simulate(true, np.where(np.arange(3000) % 2, 1.5, 0.0) + rng.normal(0, 1, 3000), seed=rng)
    found = local_dependence(scores, calibrate(scores, groups=groups), groups=groups)
    assert np.mean(found.ld_p[np.triu_indices(8, k=1)] < 0.05) < 0.15
    with pytest.raises(ValueError, match="groups"):
        local_dependence(scores, calibrate(scores, groups=groups))


def test_items_that_nobody_saw_together_or_that_have_no_estimate_are_unknown() -> None:
    scores = sample(600, 9, 6, forms=2)
    scores[:, 0] = np.where(scores[:, 0] >= 0, 1, -1)
    found = local_dependence(scores, calibrate(scores, model="rasch"))
    assert np.isnan(found.q3[0]).all()
    assert np.isnan(found.ld_x2[0]).all()
    assert found.n_persons[0].sum() == 0
    assert np.isfinite(found.ld_z[1:4, 4:6]).all()
    apart = found.n_persons == 0
    assert apart[1, 8]
    for name in ("q3", "aq3", "ld_x2", "ld_p", "ld_v", "ld_z"):
        assert np.isnan(getattr(found, name)[apart]).all()
    suspicious_pairs(found)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (1, 1), (3, 0), (2, 3)])
def test_tiny_matrices_do_not_crash(shape: tuple[int, int]) -> None:
    scores = (np.arange(shape[0] * shape[1]).reshape(shape) % 2).astype(np.int8)
    fit = calibrate(scores, model="rasch")
    found = local_dependence(scores, fit)
    assert found.q3.shape == found.ld_x2.shape == (shape[1], shape[1])
    suspicious_pairs(found)
    assert slope_index(scores, fit).index.shape == (shape[1], shape[1])


def test_the_slopes_of_a_planted_pair_rest_on_each_other() -> None:
    scores = planted(n_items=10, n_persons=1000)
    fit = calibrate(scores, items=[f"item {j}" for j in range(10)])
    found = slope_index(scores, fit, delete=[2, 7, 5])
    assert found.status == ("ok", "ok", "ok")
    assert {pair[:2] for pair in found.pairs} == {("item 2", "item 7"), ("item 7", "item 2")}
    again = calibrate(np.delete(scores, 7, axis=1))
    by_hand = (fit.parameters.values["a"][2] - again.parameters.values["a"][2]) / again.parameters.errors["a"][2]
    assert found.index[2, 1] == pytest.approx(by_hand, rel=1e-4)
    assert np.isnan(found.index[7, 1])


def test_slopes_of_independent_items_do_not_rest_on_each_other() -> None:
    scores = sample(600, 8, 11)
    found = slope_index(scores, calibrate(scores))
    assert found.pairs == ()
    assert found.high >= 0.5


def test_only_slopes_that_were_estimated_alone_have_an_index() -> None:
    scores = sample(500, 6, 2)
    fit = calibrate(scores, model=["2pl", "2pl", "2pl", "rasch", "1pl", "1pl"], fixed={0: {"a": 1.0, "b": 0.0}})
    found = slope_index(scores, fit, delete=[1, 3])
    np.testing.assert_array_equal(np.isfinite(found.index[:, 1]), [False, True, True, False, False, False])


def test_a_wrong_call_is_refused_at_once() -> None:
    scores = sample(100, 4, 1)
    fit = calibrate(scores, model="rasch")
    with pytest.raises(ValueError, match="3 items for parameters of 4"):
        local_dependence(scores[:, :3], fit)
    with pytest.raises(ValueError, match="3 items for parameters of 4"):
        slope_index(scores[:, :3], fit)
    with pytest.raises(ValueError, match="delete names places of items, 0 to 3"):
        slope_index(scores, fit, delete=[4])


def test_a_stray_answer_in_an_empty_corner_is_no_dependence() -> None:
    rng = np.random.default_rng(7)
    true = item_parameters("grm", a=np.linspace(1.8, 2.5, 8), steps=np.tile([-2.0, 0.0, 2.0], (8, 1)))
    scores = simulate(true, rng.normal(0, 1, 1500), seed=rng)
    scores[:3, 6], scores[:3, 7] = 0, 3
    fit = calibrate(scores, model="grm")
    found = local_dependence(scores, fit)
    df = found.ld_df[np.triu_indices(8, k=1)]
    assert (df < 9).any()
    table = np.exp(log_probability_table(fit.parameters, fit.nodes)).reshape(8, 4, -1)
    n_joined = 0
    for one, other in zip(*np.triu_indices(8, k=1), strict=True):
        expected = 1500 * np.einsum("kn,ln,n->kl", table[one], table[other], fit.weights)
        seen = np.zeros_like(expected)
        np.add.at(seen, (scores[:, one], scores[:, other]), 1)
        few = expected < 1
        cells = ((seen - expected) ** 2 / expected)[~few].tolist()
        if expected[few].sum() >= 1:
            n_joined += 1
            cells.append((seen[few].sum() - expected[few].sum()) ** 2 / expected[few].sum())
        n = len(cells) - 7
        assert found.ld_df[one, other] == n
        assert abs(found.ld_z[one, other]) == pytest.approx(abs(sum(cells) - n) / np.sqrt(2 * n))
    assert (df > 0).all()
    assert n_joined > 0
    assert suspicious_pairs(found) == ()
    # All cells together would have cried out.
    assert (found.ld_x2[6, 7] - 9) / np.sqrt(18) > 10


def test_what_chance_brings_to_some_pair_is_not_suspicious() -> None:
    few = sample(25, 12, 3)
    found = local_dependence(few, calibrate(few, model="rasch"))
    assert np.nanmax(found.aq3) > 0.3
    assert suspicious_pairs(found) == ()
    assert len(suspicious_pairs(found, level=np.inf)) > 0
