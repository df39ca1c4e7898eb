"""Whole families audited from outside: overlap pair by pair, tolerances from the items' parameters, exposure.

What a paper shall keep is counted here anew: the information from slope and difficulty by `qbank.irt`, the limits from
the items of the slots, the pairs by comparing every paper with every other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qbank.assemble.family import design
from qbank.assemble.family.codes import best_code, codes_for
from qbank.assemble.family.counting import count_papers, exposure, word_at
from qbank.assemble.family.demands import Demands, Measures, plain_demands
from qbank.assemble.family.design import Design, design_family
from qbank.assemble.family.sieve import passes
from qbank.irt.models import MODELS

ABILITIES = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
LARGE = {"2pl": (120, (10,), 3, 0.15), "3pl": (120, (10,), 3, 0.2), "domains": (120, (3, 3, 2, 2), 3, 0.2)}
"""Name → items, places by section, overlap, tolerance."""
SMALL = (60, (8,), 2, 0.15)


def parameters(name: str, n_items: int, seed: int) -> tuple[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    slope = rng.lognormal(0, 0.3, n_items)
    values = np.column_stack([slope, -slope * rng.normal(0, 1, n_items)])
    if name != "3pl":
        return "2pl", values
    guessing = rng.beta(5, 17, n_items)
    return "3pl", np.column_stack([values, np.log(guessing / (1 - guessing))])


def designed(name: str, size: tuple[int, tuple[int, ...], int, float], seed: int) -> tuple[Demands, Design, np.ndarray]:
    n_items, places, overlap, tolerance = size
    model, values = parameters(name, n_items, seed)
    information = information_of(model, values).T
    n = ABILITIES.size
    measures = Measures(
        tuple(f"information at {ability:g}" for ability in ABILITIES), information, np.full(n, tolerance),
        np.full(n, np.inf), np.full(n, np.nan),
    )  # fmt: skip
    section = np.arange(n_items) * len(places) // n_items
    demands = plain_demands(places, section, measures)
    with pytest.MonkeyPatch.context() as patch:  # a few translations are enough to see that they keep the overlap
        patch.setattr(design, "TRANSLATED", 200_000)
        patch.setattr(design, "FEW", 0)
        found = design_family(demands, overlap, seed)
    assert found is not None
    return demands, found, information_of(model, values)


def information_of(model: str, values: np.ndarray) -> np.ndarray:
    """Return (n_items, n_abilities) by the models of calibration; 3PL and 4PL are one record with u = 1 for the first."""
    if model == "3pl":
        values = np.column_stack([values, np.full(len(values), np.inf)])
        from qbank.irt.models.asymptotes import asymptote_information

        return asymptote_information(values, ABILITIES)
    assert MODELS[model].name == "2pl"
    from qbank.irt.models.logistic import logistic_information

    return logistic_information(values, ABILITIES)


def items_of(found: Design, places: np.ndarray) -> np.ndarray:
    """Return the items of the papers that stand at some places of the code."""
    words = word_at(found.code, found.translation, places)
    return found.slots[np.arange(words.shape[1]), words[passes(found.sieve, words)]]


def audit(size: tuple[int, tuple[int, ...], int, float], demands: Demands, found: Design, information: np.ndarray, papers: np.ndarray) -> None:
    """Every paper: no item twice, its sections filled, its information within the tolerance of the slots' mean."""
    n_items, places, _, tolerance = size
    assert (papers >= 0).all()
    assert (np.diff(np.sort(papers, axis=1), axis=1) > 0).all()
    by_section = np.array([(demands.section[papers] == section).sum(axis=1) for section in range(len(places))])
    assert (by_section == np.array(places)[:, None]).all()
    used = found.slots[found.slots >= 0]
    assert used.size == np.unique(used).size <= n_items
    middle = sum(information[slot[slot >= 0]].mean(axis=0) for slot in found.slots)
    found_information = information[papers].sum(axis=1)
    assert (np.abs(found_information / middle - 1) <= tolerance + 1e-7).all()


def most_shared(first: np.ndarray, second: np.ndarray, n_items: int) -> np.ndarray:
    """Return how many items each paper of one list shares with each of another."""
    here, there = np.zeros((len(first), n_items), np.float32), np.zeros((len(second), n_items), np.float32)
    np.put_along_axis(here, first, 1, axis=1)
    np.put_along_axis(there, second, 1, axis=1)
    return here @ there.T


@pytest.fixture(scope="module", params=LARGE)
def large(request: pytest.FixtureRequest) -> tuple[str, Demands, Design, np.ndarray]:
    return request.param, *designed(request.param, LARGE[request.param], seed=3)


def drawn(found: Design, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return items_of(found, rng.integers(0, found.code.size, n, dtype=np.uint64))


def test_all_papers_of_a_whole_family_share_few_items_pair_by_pair() -> None:
    demands, found, information = designed("2pl", SMALL, seed=2)
    assert found.code.size <= 20_000
    papers = items_of(found, np.arange(found.code.size))
    assert len(papers) == found.count.papers > 50
    shared = most_shared(papers, papers, SMALL[0])
    assert (np.diagonal(shared) == SMALL[1][0]).all()
    assert shared[~np.eye(len(papers), dtype=bool)].max() == SMALL[2]
    audit(SMALL, demands, found, information, papers)


def test_random_papers_of_a_large_family_share_few_items(large: tuple[str, Demands, Design, np.ndarray]) -> None:
    name, _, found, _ = large
    overlap = LARGE[name][2]
    one, other = drawn(found, 60_000, 1)[:2000], drawn(found, 60_000, 2)[:2000]
    assert min(len(one), len(other)) > 1000
    shared = most_shared(one, other, LARGE[name][0])
    assert shared[shared < sum(LARGE[name][1])].max() == overlap


def test_every_paper_passes_an_audit_from_the_parameters(large: tuple[str, Demands, Design, np.ndarray]) -> None:
    name, demands, found, information = large
    papers = drawn(found, 200_000, 3)
    assert len(papers) > 1000
    audit(LARGE[name], demands, found, information, papers)


def test_a_word_is_left_out_only_where_it_breaks_the_tolerance(large: tuple[str, Demands, Design, np.ndarray]) -> None:
    name, _, found, information = large
    rng = np.random.default_rng(4)
    words = word_at(found.code, found.translation, rng.integers(0, found.code.size, 20_000, dtype=np.uint64))
    items = found.slots[np.arange(words.shape[1]), words]
    whole = (items >= 0).all(axis=1)
    middle = sum(information[slot[slot >= 0]].mean(axis=0) for slot in found.slots)
    within = (np.abs(information[items].sum(axis=1) / middle - 1) <= LARGE[name][3]).all(axis=1)
    every = replace(found.sieve, stays=np.ones(found.sieve.filled.shape))  # none taken out to even exposure
    assert np.array_equal(passes(every, words), whole & within)


def test_the_interval_of_the_count_holds_the_count_of_other_words(large: tuple[str, Demands, Design, np.ndarray]) -> None:
    _, _, found, _ = large
    again = count_papers(found.code, found.translation, found.sieve, seed=99)
    assert again.low <= found.count.high
    assert found.count.low <= again.high


@pytest.mark.parametrize(("order", "length", "overlap"), [(5, 6, 2), (8, 7, 3), (9, 10, 3), (7, 20, 8)])
def test_before_filtering_each_symbol_of_each_slot_is_on_equally_many_papers(order: int, length: int, overlap: int) -> None:
    code = best_code(order, length, overlap)
    assert code is not None
    words = word_at(code, np.zeros(length, np.uint8), np.arange(code.size))
    for slot in range(length):
        assert (np.bincount(words[:, slot], minlength=order) == code.size // order).all()


def test_every_code_of_the_tables_uses_every_symbol_of_every_place() -> None:
    for order in (4, 5, 8, 9, 16, 25, 31, 32, 37):
        for offer in codes_for(order, 12):
            if offer.size <= 10**8:
                assert offer.make().generator.any(axis=0).all()


def test_an_item_that_hardly_any_paper_would_show_is_left_out() -> None:
    """Three items measure so sharply that with them hardly any paper keeps its tolerance."""
    _, values = parameters("2pl", 300, 1)
    values[[7, 70, 200]] = [6.0, 0.0]
    information = information_of("2pl", values).T
    n = ABILITIES.size
    names = tuple(map(str, ABILITIES))
    even = Measures(names, information, np.full(n, 0.3), np.full(n, np.inf), np.full(n, np.nan))
    found = design_family(plain_demands((10,), np.zeros(300, np.int64), even), 4, 1)
    assert found is not None
    assert not np.isin([7, 70, 200], found.slots).any()
    rng = np.random.default_rng(5)
    words = word_at(found.code, found.translation, rng.integers(0, found.code.size, 400_000, dtype=np.uint64))
    shown = exposure(found.sieve, words[passes(found.sieve, words)])[found.sieve.filled]
    assert shown.min() >= 0.5 * shown.mean()
    assert shown.max() <= 1.35 * shown.mean()
