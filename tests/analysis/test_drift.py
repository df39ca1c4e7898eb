"""Why an anchor moved: everybody finds it easier, or some knew the answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis.drift import DriftCause, drift_cause, posterior_without

NODES = np.linspace(-5, 5, 41)
N_ITEMS = 60
PLACE = 7
"""The item that is looked at, of middling difficulty."""


def cause(seed: int, n: int, *, shift: float = 0.0, share: float = 0.0, site: str = "", sites: int = 2) -> DriftCause:
    """Simulate a sitting in which one item is planted, and return what is said of it."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(0.2, 1.0, n)
    a, b = np.exp(rng.normal(0, 0.2, N_ITEMS)), rng.normal(-0.5, 1.0, N_ITEMS)
    a[PLACE], b[PLACE] = 1.2, 0.1
    p = 1 / (1 + np.exp(-a * (theta[:, None] - b)))
    where = rng.choice([f"S{k}" for k in range(sites)], n)
    told = rng.random(n) < np.where((site == "") | (where == site), share, 0.0)
    right = (rng.random(p.shape) < p).astype(np.int8)
    moved = 1 / (1 + np.exp(-a[PLACE] * (theta - b[PLACE] - shift)))
    right[:, PLACE] = (rng.random(n) < moved) | told
    curves = 1 / (1 + np.exp(-a[:, None] * (NODES - b[:, None])))
    left_out = np.arange(N_ITEMS) == PLACE
    weights = -0.5 * (NODES - 0.2) ** 2
    posterior = posterior_without(right, np.log(curves), np.log(1 - curves), weights, left_out)
    return drift_cause("Q", right[:, PLACE], posterior, NODES, a=1.2, b=0.1, sites=list(where))


@pytest.mark.parametrize("seed", range(4))
def test_a_leak_at_one_site_is_called_so_and_the_site_named(seed: int) -> None:
    found = cause(seed, 2400, share=0.4, site="S1")
    assert (found.verdict, found.where) == ("leak", ("S1",))
    assert found.sites[0].site == "S1" and abs(found.sites[0].share - 0.4) < 0.12
    assert found.sites[1].share < 0.12


@pytest.mark.parametrize("seed", range(4))
def test_a_leak_everywhere_names_no_site(seed: int) -> None:
    found = cause(seed, 5000, share=0.3)
    assert (found.verdict, found.where) == ("leak", ()) and abs(found.share - 0.3) < 0.06


@pytest.mark.parametrize("shift", [-0.9, 0.9])
@pytest.mark.parametrize("seed", range(3))
def test_an_item_that_moved_for_all_has_drifted(shift: float, seed: int) -> None:
    found = cause(seed, 5000, shift=shift)
    assert found.verdict == "drift" and abs(found.shift - shift) < 0.15 and not found.where


def test_a_harder_item_never_leaked() -> None:
    assert {cause(seed, 600, shift=0.8).verdict for seed in range(6)} == {"drift"}


def test_what_fits_its_curve_is_left_alone() -> None:
    verdicts = [cause(seed, 1200).verdict for seed in range(20)]
    assert verdicts.count("none") >= 17


def test_few_answers_that_do_not_tell_are_not_called_a_leak() -> None:
    verdicts = [cause(seed, 250, shift=-0.9, sites=1).verdict for seed in range(8)]
    assert "leak" not in verdicts and "easier" in verdicts


def test_the_posterior_is_that_of_bayes_by_brute_force() -> None:
    rng = np.random.default_rng(5)
    right = rng.integers(-1, 2, (6, 4)).astype(np.int8)
    p = rng.uniform(0.1, 0.9, (4, 3))
    prior = np.array([0.2, 0.5, 0.3])
    left_out = np.array([False, True, False, False])
    found = posterior_without(right, np.log(p), np.log(1 - p), np.log(prior), left_out)
    for person in range(6):
        like = prior.copy()
        for item in (0, 2, 3):
            if right[person, item] >= 0:
                like *= p[item] if right[person, item] else 1 - p[item]
        np.testing.assert_allclose(found[person], like / like.sum(), rtol=1e-12)


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=6), st.sampled_from([(), "sites"]))
@settings(max_examples=60, deadline=None)
def test_any_answers_have_a_verdict(answers: list[int], sites: str | tuple[()]) -> None:
    """Nobody, one person, all right, all wrong."""
    right = np.array(answers, dtype=np.int8)
    posterior = np.full((right.size, NODES.size), 1 / NODES.size)
    names = [f"S{n % 2}" for n in range(right.size)] if sites else ()
    found = drift_cause("Q", right, posterior, NODES, a=1.0, b=0.0, sites=names)
    assert found.verdict in ("none", "drift", "easier", "leak") and found.n == int((right >= 0).sum())
    assert 0 <= found.share < 1 and min(found.log_likelihoods.values()) > -1e-6
