"""Items shown too seldom or too often: what is counted, what a slot can spare, how many papers evening may cost."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from qbank.assemble.family import design, exposure
from qbank.assemble.family.codes.reed_solomon import reed_solomon
from qbank.assemble.family.counting import Count
from qbank.assemble.family.design import Design, _even_list, _only, even_exposure, without_items
from qbank.assemble.family.exposure import (
    _spared,
    counted,
    evened,
    rarely_shown,
    relative_exposure,
    sample_papers,
    without_rare,
)
from qbank.assemble.family.listing import Listing
from qbank.assemble.family.sieve import Sieve, passes


def sieve_of(sizes: list[int], pairs: list[tuple[int, int, int, int]] = []) -> Sieve:  # noqa: B006
    """Return slots of so many items without a rule but pairs that never meet."""
    n, order, none = len(sizes), max(sizes), np.zeros(0)
    filled = np.arange(order) < np.array(sizes)[:, None]
    return Sieve(
        filled, np.zeros((n, order, 0)), none, none, (), np.array(pairs, np.int64).reshape(-1, 4),
        tuple(f"pair {k}" for k in range(len(pairs))), (), np.ones(filled.shape), np.ones(n, np.int64),
    )  # fmt: skip


NEVER = [(0, 1, 1, k) for k in range(6)]
"""Item 1 of slot 0 meets two of the eight items of slot 1 only."""


def design_of(sieve: Sieve, code: object, n: int = 0, weights: list[int] | None = None) -> Design:
    length, order = sieve.filled.shape
    slots = np.where(sieve.filled, np.arange(length * order).reshape(length, order), -1)
    return Design(
        code, np.zeros(length, np.uint8), slots, np.zeros(length, np.int64), sieve, Count(n, n, n, n, n, n),  # type: ignore[arg-type]
        np.array(weights or [1] * length),
    )  # fmt: skip


@pytest.mark.parametrize("sizes", [[8, 8, 8], [2, 6, 3], [1, 9]])
def test_exposure_is_told_over_the_mean_of_all_items(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rules an item of a slot of s is shown n / (n_slots s) times the mean of all n items: all together add up to n."""
    monkeypatch.setattr(exposure, "BLOCK", 4096)
    found, kept = relative_exposure(sieve_of(sizes), 1)
    n = sum(sizes)
    assert kept == 4096
    assert found.sum() == pytest.approx(n)
    for row, size in zip(found, sizes, strict=True):
        assert row[:size] == pytest.approx(n / len(sizes) / size, rel=0.2)
        assert (row[size:] == 0).all()


def test_exposure_is_that_of_all_words_that_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposure, "PER_ITEM", 3000)
    monkeypatch.setattr(exposure, "BLOCK", 8192)
    sieve = sieve_of([8, 8, 4], NEVER)
    words = np.array([word for word in product(range(8), repeat=3) if word[2] < 4])
    papers = words[passes(sieve, words)]
    expected = counted(papers, 8) / len(papers) * 20 / 3
    found, kept = relative_exposure(sieve, 2)
    assert kept >= 24_000
    assert found == pytest.approx(expected, abs=0.1)


def test_items_shown_seldom_are_those_of_large_slots_and_only_where_enough_papers_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposure, "DRAWN", 1)  # one block
    monkeypatch.setattr(exposure, "BLOCK", 4096)
    slots = 100 + np.arange(24).reshape(3, 8)
    assert rarely_shown(sieve_of([8, 8, 8], NEVER), slots, 1).tolist() == [101]
    assert rarely_shown(sieve_of([8, 8, 8]), slots, 1).tolist() == []
    small = [(1, k, 0, 1) for k in range(6)]
    assert rarely_shown(sieve_of([7, 8, 8], small), slots, 1).tolist() == [], "slots of seven are left as they are"
    both = [*NEVER, *((2, 3, 1, k) for k in range(1, 7))]
    assert rarely_shown(sieve_of([8, 8, 8], both), slots, 1).tolist() == [101, 119]
    monkeypatch.setattr(exposure, "BLOCK", 256)  # 240 papers at least are wanted: 300 an item of a slot, a tenth of them
    assert rarely_shown(sieve_of([8, 8, 8]), slots, 1).size == 0
    assert rarely_shown(sieve_of([8, 8, 8], NEVER), slots, 1).tolist() == [101]
    monkeypatch.setattr(exposure, "BLOCK", 230)
    assert rarely_shown(sieve_of([8, 8, 8], NEVER), slots, 1).tolist() == []


def test_slots_spare_the_items_shown_least_until_they_are_small_or_crowded() -> None:
    """Of a slot eight items stay, and the mean over the slots less a sixth: 14 / 1.2 = 11.67 of slots of 12, 8 and 22."""
    filled = np.arange(22) < np.array([12, 8, 22])[:, None]
    shown = np.where(filled, np.random.default_rng(1).permutation(66).reshape(3, 22), np.inf)
    spared = _spared(shown, filled)
    assert spared.sum(axis=1).tolist() == [1, 0, 11]
    for row, found in zip(shown, spared, strict=True):
        assert row[found].tolist() == sorted(row[found].tolist(), key=float) or row[found].max(initial=0) < row[~found].min()
        assert row[found].max(initial=-1) < row[~found].min()
    few = np.arange(10) < np.array([10, 9])[:, None]
    assert _spared(np.where(few, 1.0, np.inf), few).sum(axis=1).tolist() == [2, 1], "eight stay however few the others have"


def skewed(n: int, seed: int) -> np.ndarray:
    """Return words of six letters of which the first comes thrice as often as each other in slot 0."""
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 6, (n, 4)).astype(np.uint8)
    words[:, 0] = rng.choice(6, n, p=[3 / 8, *[1 / 8] * 5])
    return words


def test_evening_takes_out_no_larger_share_of_the_papers_than_allowed() -> None:
    """From 3/8, 2.25 times the mean, to 1.28 times it costs 55 % of that item's papers, a quarter of all."""
    papers, filled = skewed(20_000, 1), np.ones((4, 6), dtype=np.bool_)
    cost = []
    for loss in (0.7, 0.25, 0.15, 0.02):
        keep = evened(papers, filled, loss)
        stay = float(np.prod(keep[np.arange(4), papers], axis=1).mean())
        assert stay >= 1 - loss
        assert (keep <= 1).all() and (keep > 0).all()
        cost.append(1 - stay)
        after = counted(papers, 6, np.prod(keep[np.arange(4), papers], axis=1))[0] / (len(papers) * stay) * 6
        if loss == 0.7:
            assert after.max() == pytest.approx(1.28, abs=0.03)
    assert cost[0] == pytest.approx(3 / 8 - 1.28 / 6 * (5 / 8) / (1 - 1.28 / 6), abs=0.02)
    assert cost[0] >= cost[1] > cost[2] > 0, "a looser bound where the tight one costs too much"
    assert cost[3] == 0, "none where even that does"


@pytest.mark.parametrize("n", [2_000, 40_000])
def test_the_smaller_the_sample_the_further_inside_the_bounds_lie(n: int) -> None:
    """Three standard errors of an item's count: .5 (1 + 3 √(6 / n)) and 1.35 over that, at .53 and 1.28 at the widest."""
    margin = 1 + 3 * (6 / n) ** 0.5
    often, seldom = skewed(n, 2), np.random.default_rng(3).integers(0, 6, (n, 4)).astype(np.uint8)
    gone = (seldom[:, 0] == 2) & (np.arange(n) % 4 > 0)
    seldom[gone, 0] = np.array([0, 1, 3, 4, 5])[np.arange(int(gone.sum())) % 5]
    for papers, bound, end in ((often, min(1.28, 1.35 / margin), np.max), (seldom, max(0.53, 0.5 * margin), np.min)):
        keep = evened(papers, np.ones((4, 6), dtype=np.bool_))
        weight = np.prod(keep[np.arange(4), papers], axis=1)
        after = counted(papers, 6, weight) / weight.sum() * 6
        assert end(after) == pytest.approx(bound, abs=0.006 if end is np.max else 0.02)


def test_an_item_that_no_sampled_paper_holds_is_left_as_it_is() -> None:
    papers = skewed(8_000, 4)
    papers[papers[:, 0] == 5, 0] = 4
    keep = evened(papers, np.ones((4, 6), dtype=np.bool_))
    assert keep[0, 5] == keep[0].max() == 1
    assert keep[0, 0] < 1


def test_a_slot_of_few_items_keeps_its_own_mean() -> None:
    """Two items in a slot beside five slots of six are shown 2.67 times the mean each: none of that is taken out."""
    filled = np.arange(6) < np.array([2, 6, 6, 6, 6, 6])[:, None]
    papers = np.random.default_rng(5).integers(0, 6, (40_000, 6)).astype(np.uint8)
    papers[:, 0] = np.arange(40_000) % 5 < 1  # one item four times as often as the other
    keep = evened(papers, filled)
    weight = np.prod(keep[np.arange(6), papers], axis=1)
    after = counted(papers, 6, weight) / weight.sum()
    assert after[0, :2].max() == pytest.approx(1.28 / 2, abs=0.01)
    assert after[1:] == pytest.approx(np.full((5, 6), 1 / 6), abs=0.02)


def test_of_items_shown_seldom_slots_lose_those_least_shown_and_the_papers_with_them() -> None:
    rng, none = np.random.default_rng(6), np.zeros((4, 12), dtype=np.bool_)
    papers = rng.integers(0, 9, (20_000, 4)).astype(np.uint8)
    papers = papers[(papers[:, 2] > 2) | (rng.random(len(papers)) < np.array([0.4, 0.2, 0.3])[np.minimum(papers[:, 2], 2)])]
    nine = np.arange(12) < np.full(4, 9)[:, None]
    assert np.argwhere(nine & ~without_rare(papers, nine, none)).tolist() == [[2, 1]], "eight stay, the least shown goes"
    # with the papers of a rare item another becomes rare: it stands on nearly all of those, and on half of its share else
    papers = rng.integers(0, 12, (40_000, 4)).astype(np.uint8)
    half = rng.random(len(papers)) < 0.5
    papers = papers[np.where(papers[:, 0] == 5, half, (papers[:, 1] != 3) | half)]
    papers[papers[:, 0] == 5, 1] = 3
    every = np.ones((4, 12), dtype=np.bool_)
    shown = counted(papers, 12) / len(papers) * 12
    assert shown[0, 5] < 0.54 < 0.8 < shown[1, 3]
    assert np.argwhere(~without_rare(papers, every, none)).tolist() == [[0, 5], [1, 3]]


def test_papers_are_judged_by_samples_large_enough_and_left_alone_where_even() -> None:
    filled = np.ones((4, 6), dtype=np.bool_)
    assert (evened(skewed(119, 1), filled) == 1).all() and (evened(skewed(120, 1), filled) < 1).any()
    assert (evened(np.random.default_rng(1).integers(0, 6, (40_000, 4)), filled) == 1).all()


def test_a_sample_of_a_small_code_is_each_of_its_papers_once() -> None:
    code, sieve = reed_solomon(8, 3, 2), sieve_of([8, 8, 4], NEVER)
    papers = sample_papers(code, np.zeros(3, np.uint8), sieve, 1)
    every = [word for word in product(range(8), repeat=3) if word[2] < 4 and (0, word[0], 1, word[1]) not in NEVER]
    found = {tuple(word) for word in papers.tolist()}
    assert len(found) == len(papers) and found <= set(every)
    assert 20 < len(papers) <= 32


# --- what a design makes of it


@pytest.mark.parametrize(("overlap", "shared"), [(0, 0), (1, 5), (2, 8), (3, 9)])
def test_places_of_agreement_count_the_items_of_the_heaviest_slots(overlap: int, shared: int) -> None:
    code = reed_solomon(5, 4, overlap + 1)
    assert design_of(sieve_of([5] * 4), code, weights=[1, 5, 1, 3]).overlap == shared
    listing = Listing(5, 4, overlap, np.zeros((1, 4), np.uint8))
    assert design_of(sieve_of([5] * 4), listing, weights=[1, 5, 1, 3]).overlap == overlap, "lists count items themselves"


@pytest.mark.parametrize(("out", "left"), [((0, 0), [1, 2]), ((1, 1), [1, 2]), ((1, 2), [0, 2]), ((2, 0), [0, 1]), ((0, 2), [0, 1]), ((2, 1), [0, 1, 2])])
def test_a_pair_stays_where_both_its_items_do(out: tuple[int, int], left: list[int]) -> None:
    sieve = sieve_of([3, 3, 3], [(0, 0, 1, 1), (1, 2, 2, 2), (2, 0, 0, 2)])
    filled = sieve.filled.copy()
    filled[out] = False
    found = _only(sieve, filled)
    assert found.pairs.tolist() == sieve.pairs[left].tolist()
    assert found.reasons == tuple(f"pair {k}" for k in left)
    assert not found.filled[out]


def test_evening_stops_where_fewer_papers_than_wanted_would_remain() -> None:
    sieve = sieve_of([8, 8, 8], [*NEVER, *((0, 2, 2, k) for k in range(6))])
    code = reed_solomon(8, 3, 3)
    papers = passes(sieve, np.array(list(product(range(8), repeat=3))))
    whole = replace(design_of(sieve, code), count=Count(512, *[int(papers.sum())] * 3, 512, int(papers.sum())))
    must = np.ones(24, dtype=np.bool_)
    after = even_exposure(whole, must, 1)
    n = after.count.papers
    assert 0 < n < whole.count.papers
    assert even_exposure(whole, must, 1, wanted=n).count.papers == n, "as many as wanted remain"
    assert even_exposure(whole, must, 1, wanted=n + 1) is whole
    assert even_exposure(whole, must, 1, wanted=whole.count.papers) is whole
    assert even_exposure(whole, must, 1, wanted=whole.count.papers + 1).count.papers == n, "there were too few before"


@pytest.mark.parametrize(("low", "loss"), [(10_000, 0.7), (4_000_000, 0.7), (12_000_000, 0.9), (120_000_000, 0.99)])
def test_evening_may_take_out_more_where_very_many_papers_remain(low: int, loss: float, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def remembered(papers: np.ndarray, filled: np.ndarray, share: float) -> np.ndarray:
        asked.append(share)
        return np.ones(filled.shape)

    monkeypatch.setattr(design, "evened", remembered)
    whole = replace(design_of(sieve_of([8, 8, 8], NEVER), reed_solomon(8, 3, 3)), count=Count(512, low, low, low, 512, low))
    assert even_exposure(whole, np.ones(24, dtype=np.bool_), 1) is whole
    assert asked == [pytest.approx(loss)]


def test_of_many_papers_those_of_items_left_out_no_longer_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Item 1 of slot 0 meets three of nine: on 27 of 675 papers it is too seldom shown, and goes."""
    asked: list[float] = []

    def remembered(papers: np.ndarray, filled: np.ndarray, share: float) -> np.ndarray:
        asked.append(share)
        return np.ones(filled.shape)

    monkeypatch.setattr(design, "evened", remembered)
    low = 12_000_000
    whole = replace(design_of(sieve_of([9] * 3, NEVER), reed_solomon(9, 3, 3)), count=Count(729, low, low, low, 729, low))
    found = even_exposure(whole, np.zeros(27, dtype=np.bool_), 1)
    assert asked == [pytest.approx(1 - 1.2e6 / (low * 648 / 675))]
    assert np.argwhere(found.slots < 0).tolist() == [[0, 1]] == np.argwhere(~found.sieve.filled).tolist()
    assert (found.count.papers, found.sieve.pairs.size) == (648, 0)


def listing_of(n: int, seed: int) -> Listing:
    """Return n words of 10 letters of which letter 0 of slot 0 is rare."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 10, (n, 4)).astype(np.uint8)
    rows[(rows[:, 0] == 0) & (rng.random(n) < 0.8), 0] = 1 + rng.integers(0, 9)
    rows[(rows[:, 0] == 0) & (rng.random(n) < 0.5), 0] = 3
    return Listing(10, 4, 4, rows)


def test_a_list_goes_without_items_rarely_shown_unless_too_few_papers_remain_or_they_must_stay() -> None:
    listing, sieve = listing_of(400, 1), sieve_of([10] * 4)
    none, rare = np.zeros((4, 10), dtype=np.bool_), int((listing.rows[:, 0] == 0).sum())
    filled, rows = _even_list(listing, sieve, none, 0, np.random.default_rng(1))
    assert 0 < rare < 20 and np.argwhere(~filled).tolist() == [[0, 0]]
    n = len(rows)
    assert 0 < n <= 400 - rare and (rows[:, 0] != 0).all()
    for wanted, expected in ((n, n), (n + 1, 400)):
        filled, rows = _even_list(listing, sieve, none, wanted, np.random.default_rng(1))
        assert len(rows) == expected and filled.all() == (expected == 400)
    must = none.copy()
    must[0, 0] = True
    assert _even_list(listing, sieve, must, 0, np.random.default_rng(1))[0].all()


def test_papers_without_some_items_are_those_of_the_list_that_show_none_of_them() -> None:
    listing, sieve = listing_of(60, 2), sieve_of([10] * 4, [(0, 1, 1, 1), (2, 2, 3, 3)])
    whole, out = design_of(sieve, listing, 60), np.zeros((4, 10), dtype=np.bool_)
    out[0, 1] = out[2, 5] = True
    left = int(((listing.rows[:, 0] != 1) & (listing.rows[:, 2] != 5)).sum())
    for most in (100, 7):
        found = without_items(whole, out, most, 1)
        assert found is not None and found.count == Count(*[min(left, most)] * 6)
        assert not out[np.arange(4), found.code.rows].any()  # type: ignore[union-attr]
        assert (found.slots[out] == -1).all() and (found.slots[~out] == whole.slots[~out]).all()
        assert found.sieve.reasons == ("pair 1",)
    out[3] = True
    assert without_items(whole, out, 100, 1) is None, "a slot would be empty"
    assert without_items(design_of(sieve, reed_solomon(11, 4, 2)), out & False, 100, 1) is None, "a code is no list"
