"""Families of papers: what the slots promise, what the sieve lets through, and what no two papers share."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble.family.counting import count_papers, share_interval, word_at
from qbank.assemble.family.demands import Demands, Measures, no_measures, plain_demands
from qbank.assemble.family.design import Design, design_family, evenly_sized, slot_sizes
from qbank.assemble.family.even_shares import even_shares
from qbank.assemble.family.exposure import evened, without_rare
from qbank.assemble.family.fitness import SEARCHED, log_even, searched_rows
from qbank.assemble.family.levelling import levelled
from qbank.assemble.family.listing import far_enough, list_papers, random_words
from qbank.assemble.family.sieve import TOGETHER, broken, make_sieve, passes
from qbank.assemble.family.slots import even_sizes, partition
from qbank.assemble.family.uneven import uneven_items
from qbank.problem import Span


def bank_of(n: int, seed: int, n_theta: int = 3, share: float = 0.15) -> Measures:
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0, 0.3, n), rng.normal(0, 1, n)
    theta = np.linspace(-1, 1, n_theta)
    p = 1 / (1 + np.exp(-a[:, None] * (theta - b[:, None])))
    values = (a[:, None] ** 2 * p * (1 - p)).T
    return Measures(
        tuple(f"information {t:g}" for t in theta), values, np.full(n_theta, share), np.full(n_theta, np.inf),
        np.full(n_theta, np.nan),
    )  # fmt: skip


@pytest.fixture(scope="module")
def small() -> tuple[Demands, Design]:
    demands = plain_demands([6], np.zeros(44, np.int64), bank_of(44, 1))
    found = design_family(demands, 2, seed=5)
    assert found is not None
    return demands, found


def every_paper(found: Design) -> np.ndarray:
    words = word_at(found.code, found.translation, np.arange(found.code.size))
    return words[passes(found.sieve, words)]


def test_no_two_papers_of_a_small_family_share_more_items_than_allowed(small: tuple[Demands, Design]) -> None:
    _, found = small
    papers = every_paper(found)
    assert len(papers) == found.count.papers > 50
    agree = max(int((one == other).sum()) for one, other in combinations(papers, 2))
    assert agree == 2  # and the bound is met: the brute force does find pairs


def test_every_paper_keeps_its_tolerances_counted_from_the_items(small: tuple[Demands, Design]) -> None:
    demands, found = small
    items = found.slots[np.arange(6), every_paper(found)]
    assert (items >= 0).all()
    assert all(len(set(row)) == 6 for row in items.tolist())
    information = demands.measures.values[:, items].sum(axis=2).T
    middle = np.array([
        np.mean([demands.measures.values[:, item].tolist() for item in row if item >= 0], axis=0) for row in found.slots
    ]).sum(axis=0)  # fmt: skip
    assert (np.abs(information - middle) <= 0.15 * middle + 1e-6).all()


def test_the_estimate_of_a_count_holds_the_exact_one(small: tuple[Demands, Design]) -> None:
    _, found = small
    estimate = count_papers(found.code, found.translation, found.sieve, 9, exact=0, sample=4000)
    assert not estimate.exact
    assert estimate.low <= found.count.papers <= estimate.high


def test_the_same_seed_gives_the_same_family(small: tuple[Demands, Design]) -> None:
    demands, found = small
    again = design_family(demands, 2, seed=5)
    assert again is not None
    assert np.array_equal(again.slots, found.slots)
    assert np.array_equal(again.translation, found.translation)


def rules(values: list[float], low: float, high: float, conflicts: list[tuple[int, int]]) -> Demands:
    n = len(values)
    plain = plain_demands([3], np.zeros(n, np.int64), no_measures(n))
    return Demands(
        plain.item, plain.section, plain.sizes, np.array([values]), np.array([low]), np.array([high]), ("seconds",),
        (Span("x.yaml", 1, 1),), np.array(conflicts, dtype=np.int64).reshape(-1, 2), ("enemies",) * len(conflicts),
        plain.measures, plain.must,
    )  # fmt: skip


def test_a_rule_that_no_word_can_break_is_proven_and_not_tried() -> None:
    slots = np.arange(9).reshape(3, 3)
    wide = make_sieve(rules([1, 2, 3] * 3, 3, 9, []), slots)
    assert wide.proven == ("seconds",)
    assert wide.labels == ()
    tight = make_sieve(rules([1, 2, 3] * 3, 3, 8, []), slots)
    assert tight.proven == ()
    assert broken(tight, np.array([2, 2, 2])) == ("seconds",)
    assert broken(tight, np.array([2, 2, 1])) == ()


def test_items_that_never_meet_are_proven_in_one_slot_and_tried_in_two() -> None:
    slots = np.arange(9).reshape(3, 3)
    assert make_sieve(rules([1] * 9, 0, 9, [(0, 2)]), slots).proven == ("seconds", "enemies")
    tried = make_sieve(rules([1] * 9, 0, 9, [(0, 5)]), slots)
    assert tried.proven == ("seconds",)
    words = np.array([[0, 2, 1], [0, 1, 1], [1, 2, 1]])
    assert passes(tried, words).tolist() == [False, True, True]
    assert broken(tried, words[0]) == ("enemies",)


def test_a_rule_on_a_candidate_that_stands_in_no_slot_is_proven() -> None:
    found = make_sieve(rules([1] * 9, 0, 9, [(0, 8)]), np.arange(8).reshape(4, 2)[:3])
    assert found.proven == ("seconds", "enemies")
    assert found.pairs.shape == (0, 4)


def test_a_measure_stays_near_the_target_that_is_asked_for_or_else_near_the_mean_of_the_slots() -> None:
    values, slots = np.array([[1.0, 3.0, 5.0, 4.0, 2.0]]), np.array([[0, 1, 2], [3, 4, -1]])
    for target, low, high in ((np.nan, 4.8, 7.2), (5.0, 4.0, 6.0)):
        measures = Measures(("a",), values, np.array([0.2]), np.array([np.inf]), np.array([target]))
        sieve = make_sieve(plain_demands([2], np.zeros(5, np.int64), measures), slots)
        assert (sieve.low[0], sieve.high[0]) == pytest.approx((low, high))


def test_a_symbol_without_an_item_is_on_no_paper() -> None:
    slots = np.array([[0, 1, 2], [3, 4, -1], [5, 6, 7]])
    sieve = make_sieve(rules([1] * 8, 0, 9, []), slots)
    assert passes(sieve, np.array([[0, 2, 0], [0, 1, 0]])).tolist() == [False, True]
    assert broken(sieve, np.array([0, 2, 0])) == ("slot 2",)


@given(st.integers(0, 2**32 - 1))
def test_the_sieve_agrees_with_a_count_item_by_item(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, 12).astype(float).tolist()
    pairs = [tuple(sorted(pair)) for pair in rng.permutation(12)[:6].reshape(3, 2).tolist()]
    demands = rules(values, 4, 8, pairs)  # type: ignore[arg-type]
    slots = rng.permutation(12).reshape(3, 4)
    words = rng.integers(0, 4, (40, 3))
    expected = []
    for word in words:
        here = [int(slots[slot, symbol]) for slot, symbol in enumerate(word)]
        clash = any(one in here and other in here for one, other in pairs)
        expected.append(4 <= sum(values[item] for item in here) <= 8 and not clash)
    assert passes(make_sieve(demands, slots), words).tolist() == expected


def test_slots_gather_what_never_meets_and_what_is_alike() -> None:
    rng = np.random.default_rng(4)
    values = [float(v) for v in rng.permutation([1.0] * 8 + [5.0] * 8 + [9.0] * 8)]
    pairs = [(i, j) for i in range(24) for j in range(i) if values[i] == values[j] and (i + j) % 3 == 0]
    demands = rules(values, 15, 15, [(j, i) for i, j in pairs])
    members, share = partition(demands, [(8, 8, 8)], seed=1)
    assert [len({values[item] for item in slot}) for slot in members] == [1, 1, 1]
    assert share == pytest.approx(0, abs=1e-6)


def test_items_that_must_be_used_are_never_left_over() -> None:
    demands = plain_demands([4], np.zeros(30, np.int64), bank_of(30, 3))
    first, _ = partition(demands, [(7,) * 4], seed=1)
    left = np.setdiff1d(np.arange(30), np.concatenate(first))
    assert left.size == 2
    must = np.isin(np.arange(30), left)
    second, _ = partition(replace(demands, must=must), [(7,) * 4], seed=1)
    assert np.isin(left, np.concatenate(second)).all()


def test_lists_compared_one_by_one_keep_the_overlap() -> None:
    demands = plain_demands([8], np.zeros(24, np.int64), no_measures(24))
    members, _ = partition(demands, [even_sizes(24, 8, 3)], seed=1)
    listing = list_papers(make_sieve(demands, np.array(members)), 3, 4, seed=2, drawn=20_000)
    agree = (listing.rows[:, None] == listing.rows[None]).sum(axis=2)
    assert listing.size > 20
    assert agree[~np.eye(listing.size, dtype=bool)].max() == 4


def test_the_metric_of_measures_is_the_slope_of_their_chance() -> None:
    covariance = np.array([[0.5, 0.2], [0.2, 0.8]])
    width = np.array([1.0, 1.5])
    here, metric = log_even(covariance, width)
    change = np.array([[0.02, 0.01], [0.01, 0.03]])
    there, _ = log_even(covariance + change, width)
    assert there - here == pytest.approx(-float(np.trace(metric @ change)), rel=0.15)


@given(st.integers(1, 500), st.floats(0, 1))
def test_an_interval_of_a_share_holds_it(tried: int, part: float) -> None:
    kept = round(part * tried)
    low, high = share_interval(kept, tried)
    assert 0 <= low <= kept / tried <= high <= 1
    assert low < high


def test_exposure_is_evened_by_taking_papers_out() -> None:
    rng = np.random.default_rng(6)
    filled = np.ones((9, 6), dtype=bool)
    papers = np.minimum(rng.integers(0, 6, (200_000, 9)), rng.integers(0, 30, (200_000, 9))).astype(np.uint8)
    papers[(papers[:, 0] == 3) & (rng.random(len(papers)) < 0.4), 0] = 2
    before = np.array([np.bincount(papers[:, slot], minlength=6) for slot in range(9)]) * 6 / len(papers)
    assert before.max() > 1.4
    sieve = replace(make_sieve(plain_demands([9], np.zeros(54, np.int64), no_measures(54)), np.arange(54).reshape(9, 6)), stays=evened(papers, filled))
    kept = papers[passes(sieve, papers)]
    after = np.array([np.bincount(kept[:, slot], minlength=6) for slot in range(9)]) * 6 / len(kept)
    assert after.max() < 1.37
    assert after.min() > 0.45
    assert len(kept) > 0.75 * len(papers)
    gone = papers[~passes(sieve, papers)][0]
    assert broken(sieve, gone) == ("exposure",)


def test_past_papers_are_met_in_no_more_items_than_allowed_however_many_there_are() -> None:
    rng = np.random.default_rng(8)
    past = np.zeros((SEARCHED + 2, 30))
    for row in past:
        row[rng.permutation(30)[:5]] = 1
    plain = plain_demands([5], np.zeros(30, np.int64), no_measures(30))
    demands = replace(
        plain, values=past, low=np.zeros(len(past)), high=np.full(len(past), 3.0), labels=tuple(f"overlap ({k})" for k in range(len(past))),
        origins=(Span("x.yaml", 1, 1),) * len(past),
    )  # fmt: skip
    assert searched_rows(demands).size == SEARCHED
    slots = rng.permutation(30).reshape(5, 6)
    sieve = make_sieve(demands, slots)
    assert len(sieve.labels) > TOGETHER
    words = rng.integers(0, 6, (300, 5))
    shared = np.array([past[:, items].sum(axis=1).max() for items in slots[np.arange(5), words]])
    assert passes(sieve, words).tolist() == (shared <= 3).tolist()
    assert 0 < (shared <= 3).sum() < 300


def test_the_tightest_rows_of_a_rule_guide_the_search() -> None:
    values = np.zeros((SEARCHED + 2, 30))
    values[:, :10] = 1
    plain = plain_demands([6], np.zeros(30, np.int64), no_measures(30))
    high = np.arange(SEARCHED + 2)[::-1] * 4 / SEARCHED
    spans = (Span("x.yaml", 1, 1),) * (SEARCHED + 1) + (Span("x.yaml", 2, 1),)
    demands = replace(plain, values=values, low=np.zeros(high.size), high=high, labels=("a",) * high.size, origins=spans)
    assert searched_rows(demands).tolist() == list(range(1, SEARCHED + 2))


def test_all_competencies_of_a_plan_of_weights_guide_the_search() -> None:
    rng = np.random.default_rng(4)
    competency = rng.integers(0, 24, 420)  # by chance a paper keeps one of their weights in 2 of 3 cases, all of them never
    values = (competency == np.arange(24)[:, None]).astype(float)
    expected = values.sum(axis=1) / 7
    spans = (Span("x.yaml", 1, 1),) * 24
    demands = plain_demands((60,), np.zeros(420, np.int64), no_measures(420))
    demands = replace(demands, values=values, low=np.ceil(expected - 1), high=np.floor(expected + 1), labels=("w",) * 24, origins=spans)
    members, _ = partition(demands, slot_sizes(demands, 7), seed=1, rounds=2)
    words = np.stack([rng.choice(found, 4000) for found in members], axis=1)
    sums = values[:, words].sum(axis=2)
    assert ((demands.low <= sums.T) & (demands.high >= sums.T)).all(axis=1).mean() > 0.5


def counts_of(words: np.ndarray, order: int) -> np.ndarray:
    return np.array([np.bincount(column, minlength=order) for column in words.T])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_a_list_is_levelled_without_breaking_rules_or_the_overlap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 6, 24).astype(float)
    demands = replace(rules(values.tolist(), 8.0, values.mean() * 8, [(0, 5), (3, 20)]), sizes=(8,))
    sieve = make_sieve(demands, rng.permutation(24).reshape(8, 3))
    skewed = random_words(rng.dirichlet([1, 1, 1], 8), 3000, rng)
    before = far_enough(skewed[passes(sieve, skewed)], skewed[:0], 5, sieve.weights)
    if not len(before):
        return
    shares, _ = even_shares(sieve)
    after = levelled(sieve, before, 5, shares, rng)
    assert after.shape == before.shape
    assert passes(sieve, after).all()
    agree = (after[:, None] == after[None]).sum(axis=2)
    assert agree[~np.eye(len(after), dtype=bool)].max(initial=0) <= 5
    goal = shares * len(before)
    far = [float(np.abs(counts_of(words, 3) - goal).sum()) for words in (before, after)]
    assert far[1] <= far[0]
    assert len(before) < 30 or far[1] < 0.6 * far[0]


def test_a_list_shows_items_evenly_where_its_rules_prefer_some() -> None:
    values = [5.0] * 10 + [1.0] * 14
    demands = replace(rules(values, 8, 20, []), sizes=(8,))
    sieve = make_sieve(demands, np.random.default_rng(1).permutation(24).reshape(8, 3))
    listing = list_papers(sieve, 3, 4, seed=2, drawn=20_000)
    ratio = counts_of(listing.rows, 3) / listing.size * 3
    assert listing.size > 20
    assert even_shares(sieve)[1][0] < 0  # on even papers the rule would be broken on average
    assert ratio.min() > 0.5 and ratio.max() < 1.35


@given(st.integers(0, 2**32 - 1))
def test_even_shares_are_the_nearest_to_even_that_keep_a_rule_on_average(seed: int) -> None:
    """Of one row the projection is known: every letter moves by its own value less its slot's mean."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(0, 1, 12)
    usual = values.reshape(3, 4).mean(axis=1).sum()
    demands = rules(values.tolist(), -np.inf, usual - 0.05, [])
    sieve = make_sieve(demands, np.arange(12).reshape(3, 4))
    shares, _ = even_shares(sieve)
    away = values.reshape(3, 4) - values.reshape(3, 4).mean(axis=1, keepdims=True)
    wanted = 0.05 + 0.1 * float(np.sqrt((away**2).mean(axis=1).sum()))
    expected = 0.25 - away / 4 * wanted * 4 / (away**2).sum()
    if expected.min() > 0:
        assert shares == pytest.approx(expected / expected.sum(axis=1, keepdims=True), abs=1e-6)
    assert shares.sum(axis=1) == pytest.approx(1)


def test_items_that_hardly_any_paper_shows_are_left_out_unless_they_must_be_used() -> None:
    rng = np.random.default_rng(7)
    papers = rng.integers(0, 12, (20_000, 4)).astype(np.uint8)
    papers = papers[((papers[:, 0] != 5) & (papers[:, 1] != 3)) | (rng.random(len(papers)) < 0.2)]
    every, none = np.ones((4, 12), dtype=bool), np.zeros((4, 12), dtype=bool)
    assert np.argwhere(~without_rare(papers, every, none)).tolist() == [[0, 5], [1, 3]]
    must = none.copy()
    must[1, 3] = True
    assert np.argwhere(~without_rare(papers, every, must)).tolist() == [[0, 5]]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(2, 40)), min_size=1, max_size=4))
def test_slots_evenly_sized_show_no_item_much_oftener_than_the_mean(sections: list[tuple[int, int]]) -> None:
    places, items = [n for n, _ in sections], [n * q for n, q in sections]
    demands = plain_demands(places, np.repeat(np.arange(len(places)), items), no_measures(sum(items)))
    even = evenly_sized(demands)
    sizes = np.concatenate(slot_sizes(even, 256))
    if even is not demands:
        assert sizes.mean() / sizes.min() <= 1.2
        assert sizes.min() > 1 or sizes.max() > 1
    else:
        assert min(q for _, q in sections) < 2 or sizes.mean() / sizes.min() > 1.2


def test_a_section_with_few_items_for_its_places_is_named_where_they_are_shown_too_often(small: tuple[Demands, Design]) -> None:
    demands = plain_demands([3, 1], np.repeat([0, 1], [48, 9]), bank_of(57, 2, n_theta=1))
    found = design_family(demands, 2, seed=2)
    assert found is not None
    papers = every_paper(found)
    shown = counts_of(papers, found.code.order) / len(papers) * found.sieve.filled.sum() / 4
    uneven = uneven_items(found, 1)
    assert uneven is not None and uneven.section == 1
    assert uneven.columns.tolist() == sorted(found.slots[found.sieve.filled & ((shown < 0.5) | (shown > 1.35))].tolist())
    assert (uneven.least, uneven.most) == pytest.approx((shown[found.sieve.filled].min(), shown.max()))
    assert (uneven.columns >= 48).all()
    assert uneven_items(small[1], 1) is None
