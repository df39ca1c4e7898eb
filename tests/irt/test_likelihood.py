"""The E-step counts what the posteriors say, whatever the scale of the likelihoods."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import ItemParameters, from_estimates, item_parameters, simulate
from qbank.irt.ability import log_normal_weights
from qbank.irt.blocks import Block, group_by_form
from qbank.irt.likelihood import layout, posteriors, quadrature, tally
from qbank.irt.parameters import first_rows, log_probability_table

NODES = quadrature(61)
LOG_WEIGHTS = log_normal_weights(NODES, 0.0, 1.0)


def parameters(n_items: int, n_categories: int) -> ItemParameters:
    rng = np.random.default_rng(n_items)
    a, b = rng.lognormal(0, 0.3, n_items), rng.normal(0, 1, n_items)
    if n_categories == 2:
        return item_parameters("2pl", a=a, b=b)
    intercepts = -a[:, None] * (b[:, None] + np.linspace(-1, 1, n_categories - 1)).cumsum(axis=1)
    return from_estimates("gpcm", np.full(n_items, n_categories), np.column_stack((a, intercepts)))


def check(block: Block, items: ItemParameters) -> None:
    first, table = first_rows(items.n_categories), log_probability_table(items, NODES)
    found = tally(block, first, table, LOG_WEIGHTS)
    chunks = list(posteriors(block, first, table, LOG_WEIGHTS))
    weighted = [chunk.posterior * chunk.weights[:, None] for chunk in chunks]
    assert found.log_likelihood == pytest.approx(sum(float(c.weights @ c.log_marginal) for c in chunks), rel=1e-12)
    answered = sum(c.indicators.T @ w for c, w in zip(chunks, weighted, strict=True))
    assert found.answered.shape == (layout(block, first).rows.size, NODES.size)
    np.testing.assert_allclose(found.answered, answered, rtol=1e-9, atol=1e-9)
    at_nodes = sum(w.sum(axis=0) for w in weighted)
    np.testing.assert_allclose(found.persons, at_nodes, rtol=1e-9, atol=1e-9)
    seen = at_nodes[None] if block.seen is None else sum(
        c.seen.T @ w for c, w in zip(chunks, weighted, strict=True) if c.seen is not None)  # fmt: skip
    np.testing.assert_allclose(found.seen, seen, rtol=1e-9, atol=1e-9)


def answers(items: ItemParameters, n_persons: int, share_missing: float = 0.0) -> NDArray[np.int8]:
    rng = np.random.default_rng(3)
    seen = rng.random((n_persons, items.n_categories.size)) >= share_missing
    return simulate(items, rng.normal(size=n_persons), seed=rng, seen=seen)


@pytest.mark.parametrize("n_categories", [2, 4])
@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_an_e_step_is_the_sum_of_the_posteriors(n_categories: int, missing: float) -> None:
    items = parameters(30, n_categories)
    for block in group_by_form(answers(items, 3000, missing), np.zeros(3000, dtype=np.intp), collapse=False):
        check(block, items)


def test_weights_count_persons() -> None:
    items = parameters(5, 2)
    (block,) = group_by_form(answers(items, 900), np.zeros(900, dtype=np.intp), collapse=True)
    assert block.weights.max() > 1
    check(block, items)
    check(replace(block, weights=block.weights * 0.5), items)


def test_long_tests_and_odd_persons_need_another_scale_than_the_rest() -> None:
    items = parameters(2000, 2)
    scores = answers(items, 300)
    # Persons 200 and up answer against all difficulties: hundreds of powers of ten less likely than the first ones.
    scores[200:] = items.values["b"] > 0
    (block,) = group_by_form(scores, np.zeros(300, dtype=np.intp), collapse=False)
    first, table = first_rows(items.n_categories), log_probability_table(items, NODES)
    marginal = np.concatenate([c.log_marginal for c in posteriors(block, first, table, LOG_WEIGHTS)])
    odd = np.isin(block.persons, np.arange(200, 300))
    assert marginal[~odd].min() - marginal[odd].max() > 800
    check(block, items)
    check(replace(block, scores=block.scores[::-1].copy()), items)
