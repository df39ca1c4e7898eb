"""What the search for slots believes an exchange gains is what it gains: counted anew before and after."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from qbank.assemble.family.demands import Demands, Measures, no_measures, plain_demands
from qbank.assemble.family.exchanges import (
    GAIN,
    _between,
    _clash_change,
    _spread_change,
    _with_spare,
    exchange,
)
from qbank.assemble.family.fitness import Rows, features_of, log_share, sensitivity
from qbank.assemble.family.partition import Partition
from qbank.assemble.family.slots import _assign
from qbank.problem import Span

SIZES = ((4, 3, 2, 3), (2, 3))
N = 22
PARTS = ("rows", "spread", "clashes", "all")


def demands_with(part: str, seed: int) -> Demands:
    """Return 16 candidates for four slots and 6 for two, with rows, measures, or pairs that never meet."""
    rng = np.random.default_rng(seed)
    section = np.repeat([0, 1], [15, 7])
    measures = no_measures(N)
    if part in ("spread", "all"):
        nan, free = np.full(2, np.nan), np.full(2, np.inf)
        measures = Measures(("a", "b"), rng.normal(1, 1, (2, N)), np.array([0.3, 0.5]), free, nan)
    demands = plain_demands((4, 2), section, measures)
    if part in ("rows", "all"):
        values = np.vstack([rng.integers(0, 3, N), rng.normal(0, 1, N), section == 1]).astype(float)
        low, high = np.array([4.0, -np.inf, 2.0]), np.array([6.0, 0.5, 2.0])
        demands = replace(
            demands,
            values=values,
            low=low,
            high=high,
            labels=("c", "d", "e"),
            origins=(Span("x.yaml", 1, 1),) * 3,
        )
    if part in ("clashes", "all"):
        pairs = np.array(
            [pair for pair in product(range(N), repeat=2) if pair[0] < pair[1] and rng.random() < 0.2]
        )
        demands = replace(demands, conflicts=pairs, reasons=("enemies",) * len(pairs))
    return demands


def slots_of(demands: Demands, seed: int) -> Partition:
    """Return slots of unlike sizes filled at random, with some candidates left over in each section."""
    rng = np.random.default_rng(seed)
    rows, evens = features_of(demands, np.full(len(demands.measures.names), 6.0))
    members = []
    for section, sizes in enumerate(SIZES):
        here = rng.permutation(np.flatnonzero(demands.section == section))
        members += np.split(here[: sum(sizes)], np.cumsum(sizes)[:-1])
    conflict = np.zeros((N, N), dtype=np.bool_)
    conflict[demands.conflicts[:, 0], demands.conflicts[:, 1]] = True
    return Partition(demands, rows, evens, np.repeat([0, 1], [4, 2]), members, conflict | conflict.T)


def objective(work: Partition, members: list[np.ndarray]) -> float:
    """Return what slots are worth in the metric of the moment, from their members alone."""
    n = work.rows.low.size
    mean = sum(work.x[found].mean(axis=0) for found in members)
    variance = sum(work.x[found].var(axis=0) for found in members)
    clash = sum(
        work.conflict[np.ix_(one, other)].mean() for place, one in enumerate(members) for other in members[:place]
    )  # fmt: skip
    return float(log_share(work.rows, mean[:n], variance[:n])) - float(variance[n:].sum()) - float(clash)


def swapped(
    members: list[np.ndarray], first: int, other: int | np.ndarray, row: int, column: int
) -> list[np.ndarray]:
    found = [each.copy() for each in members]
    pool = found[other] if isinstance(other, int) else other.copy()
    found[first][row], pool[column] = pool[column], found[first][row]
    return found


def is_measured(work: Partition) -> None:
    """Check that what an exchange carried on is what the slots have, measured anew."""
    kept = [work.mean.copy(), work.square.copy(), work.near.copy(), work.away.copy()]
    work.measure()
    for one, other in zip(kept, (work.mean, work.square, work.near, work.away), strict=True):
        assert one == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize("part", PARTS)
def test_an_exchange_of_two_slots_gains_what_it_says_and_is_the_best_of_the_first_slot_that_gains(
    part: str,
) -> None:
    ends: list[int] = []
    for seed in range(4):
        work = slots_of(demands_with(part, seed), seed)
        for _ in range(8):
            before = [found.copy() for found in work.members]
            start = objective(work, before)
            best = [
                max(objective(work, swapped(before, 3, other, row, column)) - start for row in range(3) for column in range(SIZES[0][other]))
                for other in range(3)
            ]  # fmt: skip
            gain, asked = _between(work, 3, np.array([0, 1, 2]))
            gaining = [place for place, each in enumerate(best) if each > GAIN]
            assert asked == (gaining[0] + 1 if gaining else 3)
            assert gain == pytest.approx(best[gaining[0]] if gaining else 0.0, abs=1e-9)
            assert objective(work, work.members) - start == pytest.approx(gain, abs=1e-9)
            is_measured(work)
            ends.append(asked if gain else 0)
            if not gain:
                break
    assert set(ends) >= {0, 1, 2}


def test_every_exchange_of_two_slots_of_unlike_sizes_changes_spread_and_clashes_as_foretold() -> None:
    for seed in range(6):
        work = slots_of(demands_with("all", seed), seed)
        first, other, rows = 0, 3, work.rows.low.size
        one, two = work.members[first], work.members[other]
        owner, m = np.full(two.size, other), np.full(two.size, two.size)
        clash, spread = (
            _clash_change(work, one, two, first, owner, m),
            _spread_change(work, one, two, first, owner, m),
        )
        met, wide = work.clashes(), (work.square - work.mean**2).sum(axis=0)[rows:].sum()
        kept = work.members
        for row, column in product(range(one.size), range(two.size)):
            work.members = swapped(kept, first, other, row, column)
            work.measure()
            assert clash[row, column] == pytest.approx(work.clashes() - met, abs=1e-12)
            assert spread[row, column] == pytest.approx(
                (work.square - work.mean**2).sum(axis=0)[rows:].sum() - wide, abs=1e-9
            )


@pytest.mark.parametrize("part", PARTS)
def test_an_exchange_with_what_is_left_over_gains_what_it_says_and_never_lets_go_of_what_must_be_used(
    part: str,
) -> None:
    n_gaining = 0
    for seed in range(12):
        demands = demands_with(part, seed)
        work = slots_of(replace(demands, must=np.arange(N) % 3 == 0), seed)
        before, spare = [found.copy() for found in work.members], work.spare[0]
        assert spare.size == 3
        start = objective(work, before)
        best = max(
            objective(work, swapped(before, 0, spare, row, column)) - start
            for row in range(4) for column in range(3) if not work.demands.must[before[0][row]]
        )  # fmt: skip
        gain = _with_spare(work, 0, work.spare, 0)
        assert gain == pytest.approx(best if best > GAIN else 0.0, abs=1e-9)
        assert objective(work, work.members) - start == pytest.approx(gain, abs=1e-9)
        assert np.isin(before[0][work.demands.must[before[0]]], work.members[0]).all()
        n_gaining += gain > 0
        is_measured(work)
    assert n_gaining > 4


def test_where_exchanges_end_no_exchange_gains() -> None:
    """Whatever is compared at once and left out since it has not changed: the end is an optimum of all pairs."""
    for seed in range(4):
        work = slots_of(demands_with("all", seed), seed)
        exchange(work, rng=np.random.default_rng(seed))
        start, spare = objective(work, work.members), work.spare
        for first, slots in (
            (0, range(4)),
            (1, range(4)),
            (2, range(4)),
            (3, range(4)),
            (4, range(4, 6)),
            (5, range(4, 6)),
        ):
            found, section = work.members, int(work.section[first])
            others = [*(other for other in slots if other != first), spare[section]]
            for other in others:
                for row, column in product(
                    range(found[first].size), range((found[other] if isinstance(other, int) else other).size)
                ):
                    assert objective(work, swapped(found, first, other, row, column)) - start < 1e-5


def test_the_assignment_keeps_sizes_and_sections_and_uses_what_must_be_used() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        must = np.isin(np.arange(N), [*rng.permutation(15)[:8], *(15 + rng.permutation(7)[:4])])
        work = slots_of(replace(demands_with("all", seed), must=must), seed)
        _assign(work, times=3)
        assert [found.size for found in work.members] == [*SIZES[0], *SIZES[1]]
        used = np.concatenate(work.members)
        assert np.unique(used).size == used.size
        assert all(
            (work.demands.section[found] == section).all()
            for section, found in zip(work.section, work.members, strict=True)
        )
        assert np.isin(np.flatnonzero(must), used).all()
        is_measured(work)


def test_clashes_are_the_mean_over_all_papers_of_pairs_that_never_meet() -> None:
    work = slots_of(demands_with("clashes", 3), 3)
    papers = np.array(list(product(*work.members)))
    met = sum(work.conflict[papers[:, one], papers[:, other]] for one in range(6) for other in range(one))
    assert work.clashes() == pytest.approx(float(np.mean(met)))
    assert work.fitness() == pytest.approx(-work.clashes())


def test_the_share_is_that_of_normal_sums_with_half_a_step_to_either_side() -> None:
    rows = Rows(
        np.zeros((4, 1)),
        np.array([3.0, -np.inf, 2.0, 40.0]),
        np.array([6.0, 1.5, 2.0, 50.0]),
        np.array([1.0, 0.0, 0.5, 1.0]),
        np.full(4, 1e-3) * [1, 2, 3, 4],
    )
    mean, variance = np.array([4.0, 1.0, 2.4, 12.0]), np.array([2.0, 0.5, 0.1, 9.0])
    sd = np.sqrt(variance) + rows.blur
    each = [
        norm.cdf((high + half - m) / s) - norm.cdf((low - half - m) / s)
        for low, high, half, m, s in zip(rows.low, rows.high, rows.step / 2, mean, sd, strict=True)
    ]
    each[3] = norm.sf((39.5 - 12) / sd[3]) - norm.sf(
        (50.5 - 12) / sd[3]
    )  # far out the difference of two ones is 0
    assert float(log_share(rows, mean, variance)) == pytest.approx(float(np.log(each).sum()), rel=1e-9)
    some = np.array([3, 1])
    assert float(log_share(rows, mean[some], variance[some], some)) == pytest.approx(
        float(np.log([each[3], each[1]]).sum()), rel=1e-9
    )
    # of a row that its mean keeps, more variance costs; of one that its mean breaks it helps, which counts as nothing
    slope = sensitivity(rows, mean, variance)
    assert (slope[:2] > 0).all() and slope[3] == 0
    more = np.array([1e-3, 0, 0, 0])
    assert float(log_share(rows, mean, variance) - log_share(rows, mean, variance + more)) == pytest.approx(
        1e-3 * slope[0], rel=0.01
    )
