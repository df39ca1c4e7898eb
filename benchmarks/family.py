"""Families of papers: how many there are, what they cost, and what other methods find on the same bank.

    python benchmarks/family.py [--case CASE] [--seed N] [--json] [--plot FILE.svg]

The banks have 1,000 made-up items, a ~ LogNormal(0, 0.3), b ~ N(0, 1), 3PL also c ~ Beta(5, 17); a paper has 25 items,
its information at θ = −2, −1, 0, 1, 2 lies within ± tolerance of the family's mean, and no two papers share more than
K items (5 where nothing is said).

2pl-5, 3pl-5, 2pl-1: the tolerance in per cent; -wide: b ~ N(0, 1.1), c ~ Beta(5, 20). 2pl-domains: ten content domains
of about as many items, two or three on every paper; 2pl-domains-unequal: domains of 20 to 220 items. 2pl-5-cut: the
expected score at the cut (60 % of the marks) within ± 2 % of the marks as well. science: the 918 dichotomous items of
a real pool (see `benchmarks/published.py`; left out where the tables are not beside the checkout). k-sweep: K = 1, 2, 3,
5, 10. index: 1,000,000 papers of 2pl-5 with their numbers in one .npy file, and single papers. search: papers found
against CPU seconds, by the code and by other methods (`benchmarks/one_by_one.py`), in one run on the bank of 2pl-5.

papers: in the family, every one within the tolerance; estimated: from a sample of words, with the limits of the 99 %
interval (low_99, high_99), else counted. overlap: proven for every pair. upper_bound: so many papers of that length
and overlap any method can give from the bank, whatever their information. share: of the words that are papers.
exposure: papers that show an item, as a share of the mean over the items used, least and most. Cost is that of the
design: slots, code and count. Peak memory is the process's own, so each case runs in a process of its own.

The published record is 438,950 papers (Fuchimoto & Ueno 2020, clique search with parallel integer programming); its
bank, tolerance and time are not known to us, so the methods of the case `search` are run here on one bank.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from qbank.assemble.family.codes.bounds import most_papers  # noqa: E402
from qbank.assemble.family.counting import exposure, word_at  # noqa: E402
from qbank.assemble.family.demands import Demands, Measures, plain_demands  # noqa: E402
from qbank.assemble.family.design import Design, design_family  # noqa: E402
from qbank.assemble.family.numbering import Numbering  # noqa: E402
from qbank.assemble.family.sieve import passes  # noqa: E402

Array = NDArray[np.float64]

N_ITEMS, LENGTH, OVERLAP, SEED = 1000, 25, 5, 1
ABILITIES = (-2.0, -1.0, 0.0, 1.0, 2.0)
GOALS = {"2pl-5": 1e9, "3pl-5": 7e8, "2pl-1": 1e6, "2pl-domains": 1e7, "science": 3e8}
"""What the lower limit of the count shall be above."""
CASES = (
    "2pl-5", "2pl-5-wide", "3pl-5", "3pl-5-wide", "2pl-1", "2pl-domains", "2pl-domains-unequal", "2pl-5-cut", "science",
    "k-sweep", "index", "search",
)  # fmt: skip
SWEEP = (1, 2, 3, 5, 10)
EVEN = (3, 3, 3, 3, 3, 2, 2, 2, 2, 2)
"""Places of ten domains of about 100 items each."""
UNEQUAL = (6, 4, 3, 3, 2, 2, 2, 1, 1, 1)
"""Places of ten domains, the largest with 220 items and the least with 20."""
UNEQUAL_ITEMS = (220, 150, 130, 120, 90, 80, 80, 60, 50, 20)
CUT = 0.6
"""Share of the marks that the average paper gives at the cut."""
SHOWN, SAMPLE = 150_000, 60_000_000
"""Papers that the exposure of items is counted from, and words drawn for them at most."""
FIRST, BLOCK = 1 << 8, 1 << 17
"""Numbers tried at once, at first and at most."""
PAPERS = 1_000_000
SINGLES = 1000
TABLES = ROOT.parent / "shared" / "reference" / "assembly"


def parameters(case: str, seed: int) -> tuple[Array, Array, Array]:
    """Return slope, difficulty and lower asymptote of the bank of a case, each (n_items,)."""
    if case == "science":
        return _science()
    rng, wide = np.random.default_rng(seed), case.endswith("wide")
    a, b = np.exp(rng.normal(0, 0.3, N_ITEMS)), rng.normal(0, 1.1 if wide else 1.0, N_ITEMS)
    c = rng.beta(5, 20 if wide else 17, N_ITEMS) if case.startswith("3pl") else np.zeros(N_ITEMS)
    return a, b, c


def _science() -> tuple[Array, Array, Array]:
    import published

    table = published.read("TestDesign_itempool_science_1000.csv")
    values = np.array([published.numbers(table, f"PAR{place}") for place in (1, 2, 3)])
    a, b, c = values[:, np.array(table["MODEL"]) == "3PL"]
    return a, b, c


def probability(a: Array, b: Array, c: Array, theta: Array) -> Array:
    """Return the chance of a right answer; shape (n_theta, n_items)."""
    return np.asarray(c + (1 - c) / (1 + np.exp(-a * (theta[:, None] - b))))


def information(a: Array, b: Array, c: Array, theta: Array) -> Array:
    """Return the information of 3PL items, Lord (1980), eq. 5-9; shape (n_theta, n_items)."""
    p = probability(a, b, c, theta)
    return np.asarray(a**2 * ((p - c) / (1 - c)) ** 2 * (1 - p) / p)


def tolerance(case: str) -> float:
    """Return by how many per cent the information of a paper may differ."""
    return 1.0 if case == "2pl-1" else 5.0


def demands_of(case: str, seed: int) -> Demands:
    """Return what the papers of a case shall satisfy."""
    a, b, c = parameters(case, seed)
    theta = np.array(ABILITIES)
    values, share = information(a, b, c, theta), np.full(len(ABILITIES), tolerance(case) / 100)
    names, amount = [f"information at {ability:g}" for ability in ABILITIES], np.full(len(ABILITIES), np.inf)
    if case.endswith("cut"):
        values = np.vstack([values, probability(a, b, c, np.array([cut_ability(a, b, c)]))])
        names, share, amount = [*names, "expected score at the cut"], np.append(share, np.inf), np.append(amount, 0.02 * LENGTH)
    measures = Measures(tuple(names), values, share, amount, np.full(len(names), np.nan))
    places, sizes = domains(case, a.size)
    section = np.random.default_rng([seed, 7]).permutation(np.repeat(np.arange(len(places)), sizes))
    return plain_demands(places, section, measures)


def domains(case: str, n_items: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return by content domain the places of a paper and the items of the bank."""
    if case == "2pl-domains-unequal":
        return UNEQUAL, UNEQUAL_ITEMS
    if case == "2pl-domains":
        return EVEN, (N_ITEMS // len(EVEN),) * len(EVEN)
    return (LENGTH,), (n_items,)


def cut_ability(a: Array, b: Array, c: Array) -> float:
    """Return the ability at which the average paper gives the cut, by bisection."""
    low, high = -6.0, 6.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if probability(a, b, c, np.array([middle])).mean() < CUT else (low, middle)
    return low


def run_design(case: str, seed: int, overlap: int = OVERLAP) -> dict[str, Any]:
    """Return size, proof and cost of the family of one case."""
    demands, clock = demands_of(case, seed), Clock()
    found = design_family(demands, overlap, seed)
    cost = clock.read()
    return cost | ({"papers": 0} if found is None else figures(case, demands, found, seed))


def figures(case: str, demands: Demands, found: Design, seed: int) -> dict[str, Any]:
    """Return what there is to say of a family; exposure from words drawn at random."""
    shown = exposure(found.sieve, _some_words(found, seed))[found.sieve.filled]
    shown /= shown.mean()
    count = found.count
    return {
        "papers": count.papers, "overlap": found.overlap, "tolerance_percent": tolerance(case),
        "estimated": not count.exact, "upper_bound": most_papers(demands.n_columns, LENGTH, found.overlap),
        "low_99": count.low, "high_99": count.high, "order": found.code.order,
        "dimension": getattr(found.code, "dimension", None), "share": round(count.share, 6), "items_used": shown.size,
        "exposure_low": round(float(shown.min()), 3), "exposure_high": round(float(shown.max()), 3),
    }  # fmt: skip


def _some_words(found: Design, seed: int) -> NDArray[np.integer]:
    """Return words drawn at random that are papers: about `SHOWN`, fewer where they are rare."""
    rng, kept = np.random.default_rng([seed, 8]), []
    for _ in range(0, min(SAMPLE, 8 * found.code.size), BLOCK):
        words = word_at(found.code, found.translation, rng.integers(0, found.code.size, BLOCK, dtype=np.uint64))
        kept.append(words[passes(found.sieve, words)])
        if sum(map(len, kept)) >= SHOWN:
            break
    return np.concatenate(kept)


def papers_of(found: Design, numbering: Numbering, start: int = 0) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.integer]]]:
    """Yield numbers and candidates of papers, in growing blocks, from a number on: (n,) and (n, length)."""
    slots, places = found.slots.astype(np.uint16), np.arange(LENGTH)
    first, step = start, FIRST
    while first < numbering.size:
        numbers = np.arange(first, min(first + step, numbering.size), dtype=np.uint64)
        words = word_at(found.code, found.translation, numbering.places(numbers))
        kept = passes(found.sieve, words)
        yield numbers[kept], slots[places, words[kept]]
        first, step = first + step, min(2 * step, BLOCK)


def run_index(seed: int) -> dict[str, Any]:
    """Return the cost of 1,000,000 papers in one file and of single papers; the design is not timed."""
    found = design_family(demands_of("2pl-5", seed), OVERLAP, seed)
    assert found is not None
    numbering = Numbering(b"made up for a benchmark", found.code.size)
    kind = np.dtype([("number", "<u8"), ("items", "<u2", (LENGTH,))])
    with tempfile.TemporaryDirectory() as folder:
        path, clock = Path(folder) / "index.npy", Clock()
        rows = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(PAPERS,))
        filled = 0
        for numbers, items in papers_of(found, numbering):
            n = min(len(numbers), PAPERS - filled)
            rows["number"][filled : filled + n], rows["items"][filled : filled + n] = numbers[:n], items[:n]
            filled += n
            if filled == PAPERS:
                break
        rows.flush()
        cost, size = clock.read(), path.stat().st_size
        same = all(
            np.array_equal(single(found, numbering, int(number))[0], items) for number, items in rows[:: PAPERS // 100]
        )
        del rows
    clock = Clock()
    for number in range(SINGLES):
        single(found, numbering, number)
    return cost | {
        "papers": filled, "overlap": found.overlap, "tolerance_percent": 5.0, "estimated": False,
        "upper_bound": most_papers(N_ITEMS, LENGTH, found.overlap), "file_mb": round(size / 1e6, 1),
        "single_ms": round(1000 * clock.read()["cpu_s"] / SINGLES, 3), "singles_agree": same,
    }  # fmt: skip


def single(found: Design, numbering: Numbering, number: int) -> tuple[NDArray[np.integer], bool]:
    """Return the candidates that one number stands for, and whether they are a paper."""
    word = word_at(found.code, found.translation, np.array([numbering.place(number)], dtype=np.uint64))
    return found.slots[np.arange(LENGTH), word[0]], bool(passes(found.sieve, word)[0])


class Clock:
    """Time since it was made."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def read(self) -> dict[str, Any]:
        """Return CPU and wall seconds and the most memory this process has held."""
        return {
            "cpu_s": round(time.process_time() - self.cpu, 3),
            "wall_s": round(time.perf_counter() - self.wall, 3),
            "peak_mb": round(peak_mb(), 1),
        }


def peak_mb() -> float:
    """Return the most memory this process has held, in MB."""
    if os.name == "nt":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def run(case: str, seed: int) -> list[dict[str, Any]]:
    """Return the lines of the table for one case."""
    if case == "k-sweep":
        lines = [run_design("2pl-5", seed, overlap) for overlap in SWEEP]
    elif case == "index":
        lines = [run_index(seed)]
    elif case == "search":
        import one_by_one

        lines = one_by_one.compared(seed)
    else:
        lines = [run_design(case, seed)]
    goal = {"goal": GOALS[case]} if case in GOALS else {}
    return [{"case": case, "seed": seed} | line | goal for line in lines]


COLUMNS = {
    "case": 19, "method": 20, "papers": 20, "low_99": 20, "overlap": 7, "order": 5, "share": 9, "upper_bound": 24,
    "exposure_low": 12, "exposure_high": 13, "cpu_s": 8, "peak_mb": 8, "single_ms": 9,
}  # fmt: skip


def main() -> None:
    """Print the table, or one object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, help="one case only")
    parser.add_argument("--seed", type=int, default=SEED, help="of the bank and of the design")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--plot", type=Path, help="draw the case search")
    options = parser.parse_args()
    if not options.json:
        print(" ".join(f"{name:>{width}}" for name, width in COLUMNS.items()))
    context = multiprocessing.get_context("spawn")
    for case in [options.case] if options.case else CASES:
        if case == "science" and not TABLES.is_dir():
            print(f"science is left out: its tables are not in {TABLES}", file=sys.stderr)
            continue
        with context.Pool(1) as pool:
            lines = pool.apply(run, (case, options.seed))
        for line in lines:
            text = " ".join(f"{line.get(name, '')!s:>{width}}" for name, width in COLUMNS.items())
            print(json.dumps(line) if options.json else text, flush=True)
        if options.plot and case == "search":
            import one_by_one

            options.plot.write_text(one_by_one.plot(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
