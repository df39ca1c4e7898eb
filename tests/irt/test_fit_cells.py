"""The parts of item fit: sums without an item, sparse cells, groups of ability, answers given the others."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qbank.irt import item_fit, item_parameters
from qbank.irt.fit.ability_groups import ability_groups
from qbank.irt.fit.evidence import gather
from qbank.irt.fit.predictive import predictive_tables
from qbank.irt.fit.sparse_cells import cell_fit
from qbank.irt.fit.sum_score_groups import rest_distributions
from tests.irt.samples import items_of, sample, sample_of


@given(
    st.lists(st.integers(2, 4), min_size=1, max_size=5).flatmap(
        lambda sizes: st.tuples(st.just(sizes), st.integers(0, 1000))
    )
)
def test_sums_without_an_item_are_distributed_as_all_patterns_say(drawn: tuple[list[int], int]) -> None:
    sizes, seed = drawn
    rng = np.random.default_rng(seed)
    tables = [rng.dirichlet(np.ones(k), 2).T for k in sizes]
    for place, rest in rest_distributions(tables):
        others = [table for item, table in enumerate(tables) if item != place]
        expected = np.zeros_like(rest)
        for pattern in itertools.product(*[range(table.shape[0]) for table in others]):
            chance = np.ones(2)
            for table, category in zip(others, pattern, strict=True):
                chance = chance * table[category]
            expected[sum(pattern)] += chance
        np.testing.assert_allclose(rest, expected, atol=1e-12)


def test_five_hundred_items_have_sums_that_add_up_to_one() -> None:
    right = np.random.default_rng(1).uniform(1e-6, 1 - 1e-6, (500, 1))
    for _, rest in itertools.islice(rest_distributions([np.stack((1 - p, p)) for p in right]), 3):
        np.testing.assert_allclose(rest.sum(axis=0), 1.0, atol=1e-10)


def table(*rows: tuple[float, ...]) -> NDArray[np.float64]:
    return np.array(rows, dtype=float)


def test_a_sparse_category_joins_the_one_beside_it() -> None:
    found = cell_fit(table((2, 5, 3)), table((0.5, 5.5, 4)), 1.0)
    assert found.df == 1
    assert found.chi2 == pytest.approx(1.0 / 6.0 + 1.0 / 4.0)


def test_a_sparse_category_in_the_middle_joins_the_smaller_neighbour() -> None:
    found = cell_fit(table((4, 1, 2, 3)), table((5, 0.5, 2, 2.5)), 1.0)
    assert found.df == 2
    assert found.chi2 == pytest.approx(1 / 5 + 0.25 / 2.5 + 0.25 / 2.5)


def test_a_sparse_score_joins_the_neighbour_of_fewer_persons() -> None:
    rows = ((30, 10), (3, 0), (5, 5)), ((28, 12), (2.5, 0.5), (6, 4))
    found = cell_fit(table(*rows[0]), table(*rows[1]), 1.0)
    assert found.df == 2
    assert found.chi2 == pytest.approx(4 / 28 + 4 / 12 + 0.25 / 8.5 + 0.25 / 4.5)


def test_rows_with_unequal_cells_join_from_their_outer_ends() -> None:
    low = cell_fit(table((3, 0, 0), (4, 9, 17)), table((2.5, 0.25, 0.25), (5, 10, 15)), 1.0)
    assert low.chi2 == pytest.approx(0.25 / 7.5 + 2.25 / 10.5 + 4.0 / 15.0)
    assert low.df == 2
    high = cell_fit(table((17, 9, 4), (0, 0, 3)), table((15, 10, 5), (0.25, 0.25, 2.5)), 1.0)
    assert high == low


def test_a_table_that_stays_sparse_has_no_fit() -> None:
    found = cell_fit(table((1, 0), (0, 1)), table((0.4, 0.3), (0.5, 0.1)), 1.0)
    assert (found.chi2, found.df) == (0.0, 0)


@given(st.integers(0, 10_000))
def test_joining_cells_loses_no_person_and_mirrors_with_the_categories(seed: int) -> None:
    rng = np.random.default_rng(seed)
    observed = rng.integers(0, 6, (5, 4)).astype(float)
    expected = observed.sum(axis=1, keepdims=True) * rng.dirichlet(np.ones(4), 5)
    found = cell_fit(observed, expected, 1.0)
    assert found.chi2 >= 0
    assert 0 <= found.df <= 15
    if (expected[observed.sum(axis=1) > 0].min(axis=1) >= 1.0).all():
        mirrored = cell_fit(observed[:, ::-1], expected[:, ::-1], 1.0)
        assert mirrored.chi2 == pytest.approx(found.chi2)


def test_equal_abilities_are_divided_between_two_groups() -> None:
    scores = np.array([[0, 0, 0]] * 3 + [[1, 0, 0]] * 4 + [[1, 1, 1]] * 3, dtype=np.int8)
    evidence = gather(scores, item_parameters("rasch", a=np.ones(3), b=np.zeros(3)), at="eap")
    groups = ability_groups(evidence, 0, np.argsort(evidence.theta), 2)
    np.testing.assert_allclose(groups.persons, [5, 5])
    np.testing.assert_allclose(groups.observed, [[3, 2], [0, 5]])
    np.testing.assert_allclose(groups.expected.sum(axis=1), groups.persons)


@pytest.mark.parametrize("words", [["2pl"] * 5, ["grm", "2pl", "gpcm", "3pl"]])
def test_what_the_other_answers_say_is_what_all_patterns_say(words: list[str]) -> None:
    scores, parameters = sample_of(words, 60, 3, sparse=0.2), items_of(words, 3)
    evidence = gather(scores, parameters, at="eap")
    found = predictive_tables(evidence, np.ones(60, dtype=bool))
    weights = evidence.weights[0]
    for item in range(len(words)):
        own = slice(evidence.first[item], evidence.first[item + 1])
        expected = np.zeros(evidence.first[item + 1] - evidence.first[item])
        for person in np.flatnonzero(scores[:, item] >= 0):
            joint = weights.copy()
            for other in range(len(words)):
                if other != item and scores[person, other] >= 0:
                    joint *= np.exp(evidence.log_probability[evidence.first[other] + scores[person, other]])
            shares = np.exp(evidence.log_probability[own]) @ joint
            expected += shares / shares.sum()
        np.testing.assert_allclose(found.expected[item].sum(axis=0), expected, rtol=1e-9)
        np.testing.assert_array_equal(
            found.observed[item].sum(axis=0),
            np.bincount(scores[scores[:, item] >= 0, item], minlength=expected.size),
        )


def test_rmsd_weighs_the_distance_of_the_curves_by_the_ability_distribution() -> None:
    words = ["2pl", "grm", "2pl"]
    scores, parameters = sample_of(words, 200, 3), items_of(words, 3)
    evidence = gather(scores, parameters, at="eap")
    first, weights = evidence.first, evidence.weights[0]
    likelihood = np.exp(sum(evidence.log_probability[first[item] + scores[:, item]] for item in range(3)))
    posterior = likelihood * weights / (likelihood * weights).sum(axis=1, keepdims=True)
    found = item_fit(scores, parameters, statistics=("rmsd",))
    for item in range(3):
        n_categories = int(first[item + 1] - first[item])
        shares = np.stack([posterior[scores[:, item] == k].sum(axis=0) for k in range(n_categories)])
        shares /= posterior.sum(axis=0)
        apart = shares - np.exp(evidence.log_probability[first[item] : first[item + 1]])
        assert found.rmsd[item] == pytest.approx(np.sqrt((apart**2 * weights).sum() / n_categories))
        assert found.md[item] == pytest.approx(np.arange(n_categories) @ apart @ weights)


def test_how_persons_are_stored_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["2pl", "grm", "2pl", "3pl", "gpcm", "2pl"]
    scores, parameters = sample_of(words, 400, 5, sparse=0.3), items_of(words, 5)
    for at in ("posterior", "eap"):
        found = []
        for many in (0, 10_000):
            monkeypatch.setattr("qbank.irt.blocks.MANY_FORMS", many)
            found.append(item_fit(scores, parameters, at=at))
        for name in ("infit", "outfit", "z_infit", "z_outfit", "s_x2", "q1", "rmsd", "zh"):
            np.testing.assert_allclose(
                getattr(found[0], name), getattr(found[1], name), rtol=1e-9, err_msg=name
            )


def test_persons_of_small_forms_are_pooled_and_all_count() -> None:
    scores = sample(600, 10, 4, sparse=0.05)
    parameters = item_parameters("2pl", a=np.ones(10), b=np.linspace(-1, 1, 10))
    found = item_fit(scores, parameters, statistics=("s_x2",))
    np.testing.assert_array_equal(found.s_x2_persons, (scores >= 0).sum(axis=0))


def test_extreme_persons_are_put_near_or_left_out() -> None:
    scores = sample(300, 4, 2)
    parameters = item_parameters("2pl", a=np.ones(4), b=np.linspace(-1, 1, 4))
    near, out = (gather(scores, parameters, at="ml", extremes=word).theta for word in ("near", "left out"))
    extreme = (scores.sum(axis=1) % 4) == 0
    assert np.isnan(out[extreme]).all()
    np.testing.assert_array_equal(near[~extreme], out[~extreme])
    assert near.max() == pytest.approx(np.nanmax(out) + 0.1)
    kept = item_fit(scores, parameters, at="ml", extremes="left out", statistics=("mean_squares",))
    alone = item_fit(scores[~extreme], parameters, at="ml", statistics=("mean_squares",))
    np.testing.assert_allclose(kept.infit, alone.infit)
