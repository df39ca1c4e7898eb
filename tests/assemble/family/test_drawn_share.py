"""Of several partitions drawn words tell which has most papers, as far as all words counted one by one agree."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from qbank.assemble.family import drawn_share
from qbank.assemble.family.drawn_share import DRAWN, best_of_drawn, kept_share
from qbank.assemble.family.partition import Partition
from tests.assemble.family.test_slots import demands_with, slots_of


def counted(work: Partition, members: list[np.ndarray], *, pairs: bool) -> float:
    """Return the share of all words that keep the rows and the measures' widths, and the pairs apart if asked."""
    demands, kept, n = work.demands, 0, 0
    y = demands.measures.values
    mean = sum(y[:, found].mean(axis=1) for found in members)
    width = demands.measures.width(mean)
    for word in product(*members):
        here = list(word)
        sums = demands.values[:, here].sum(axis=1)
        good = bool(((sums >= demands.low - 1e-9) & (sums <= demands.high + 1e-9)).all())
        good &= bool((np.abs(y[:, here].sum(axis=1) - mean) <= width * (1 + 1e-9)).all())
        kept += good and not (pairs and work.conflict[np.ix_(here, here)].any())
        n += 1
    return kept / n


def test_the_share_of_all_words_is_what_is_counted_one_by_one() -> None:
    work = slots_of(demands_with("all", 1), 1)
    every = np.array(list(product(*(range(found.size) for found in work.members))), dtype=np.uint8)
    assert kept_share(work, work.members, every) == counted(work, work.members, pairs=False)


@pytest.mark.parametrize("part", ["rows", "all"])
def test_those_with_most_papers_are_chosen_and_the_first_where_words_do_not_tell(part: str) -> None:
    told = 0
    for seed in range(4):
        demands = demands_with(part, seed)
        found = [slots_of(demands, at).members for at in range(seed, seed + 5)]
        work = slots_of(demands, 0)
        chosen, value = best_of_drawn(work, found, seed)
        assert value == work.fitness() and work.members is chosen
        first = counted(work, found[0], pairs=False)
        if 0.025 < first < 0.45:
            told += 1
            worth = []
            for members in found:
                work.members = members
                work.measure()
                worth.append(counted(work, members, pairs=False) * np.exp(-work.clashes()))
            error = 4 / np.sqrt(DRAWN)
            assert worth[[each is chosen for each in found].index(True)] > max(worth) - error
        elif not 0.015 < first < 0.55:
            assert chosen is found[0]
    assert told >= 2


def test_pairs_that_never_meet_count_and_where_most_words_are_papers_the_first_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    demands = demands_with("clashes", 2)
    found = [slots_of(demands, seed).members for seed in range(5)]
    clashes = [slots_of(demands, seed).clashes() for seed in range(5)]
    fewest = int(np.argmin(clashes))
    assert fewest != 0
    assert best_of_drawn(slots_of(demands, 0), found, 1)[0] is found[0]
    monkeypatch.setattr(drawn_share, "MOST", 1.0)
    assert best_of_drawn(slots_of(demands, 0), found, 1)[0] is found[fewest]
