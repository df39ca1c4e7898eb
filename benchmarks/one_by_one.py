"""Papers found one by one on the bank of `benchmarks/family.py`, beside the family: what each more paper costs.

    python benchmarks/one_by_one.py [--seed N] [--json] [--plot FILE.svg]

family: the design, then papers by their numbers. random: 25 items drawn from the bank; slots: one item of each slot
of the family, drawn; both keep a paper whose information lies within the tolerance and that shares at most K items
with each paper kept before (the greedy form of the clique search that the literature uses). HiGHS: one integer
program a paper, a random objective, the same rules, stopped at its first paper; of each kept paper a row. Each ends
by a number of papers or of draws, never by the clock. Papers are counted after CPU seconds of one process.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import family  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from qbank.assemble.family.codes.bounds import most_papers  # noqa: E402
from qbank.assemble.family.demands import Demands  # noqa: E402
from qbank.assemble.family.design import Design, design_family  # noqa: E402
from qbank.assemble.family.numbering import Numbering  # noqa: E402
from qbank.assemble.family.sieve import passes  # noqa: E402

Array = NDArray[np.float64]
Papers = NDArray[np.int64]

CASE = "2pl-5"
MARKS = (1, 3, 10, 30, *(base * 10**power for power in range(2, 8) for base in (1, 2, 5)))
"""Papers after which the clock is read."""
FAMILY, RANDOM, SLOTS, SOLVER = 5_000_000, 2_000, 10_000, 30
"""Papers after which each method ends."""
DRAWS = 2_000_000
"""Papers drawn at random in all, at most."""
BLOCK = 1 << 13


def compared(seed: int) -> list[dict[str, Any]]:
    """Return papers found against CPU seconds, method by method, on one bank."""
    demands = family.demands_of(CASE, seed)
    clock = time.process_time()
    found = design_family(demands, family.OVERLAP, seed)
    assert found is not None
    design_s = time.process_time() - clock
    rng = np.random.default_rng([seed, 9])
    methods: dict[str, tuple[Callable[[], Iterator[int]], float]] = {
        "family": (lambda: by_number(found), design_s),
        "slots": (lambda: one_by_one(drawn_from_slots(found, rng), SLOTS), design_s),
        "random": (lambda: one_by_one(drawn_at_random(demands, found, rng), RANDOM), 0.0),
        "HiGHS": (lambda: solved(demands, found, rng), 0.0),
    }
    return [line for method, (papers, before) in methods.items() for line in _read(method, papers(), before)]


def _read(method: str, growing: Iterator[int], before: float) -> Iterator[dict[str, Any]]:
    """Yield how many CPU seconds each mark took; growing : how many papers there are, again and again."""
    clock, wall, marks, last = time.process_time(), time.perf_counter(), iter(MARKS), 0
    mark = next(marks)
    for last in growing:
        if last < mark:
            continue
        yield _line(method, last, before + time.process_time() - clock, time.perf_counter() - wall)
        while mark <= last:
            mark = next(marks, 10**18)


def _line(method: str, papers: int, cpu_s: float, wall_s: float) -> dict[str, Any]:
    return {
        "method": method, "papers": papers, "cpu_s": round(cpu_s, 3), "wall_s": round(wall_s, 3),
        "peak_mb": round(family.peak_mb(), 1), "overlap": family.OVERLAP, "tolerance_percent": family.tolerance(CASE),
        "estimated": False, "upper_bound": most_papers(family.N_ITEMS, family.LENGTH, family.OVERLAP),
    }  # fmt: skip


def by_number(found: Design) -> Iterator[int]:
    """Yield how many papers of a family have been made."""
    made = 0
    for _, items in family.papers_of(found, Numbering(b"made up for a benchmark", found.code.size)):
        made += len(items)
        yield made
        if made >= FAMILY:
            return


def drawn_from_slots(found: Design, rng: np.random.Generator) -> Iterator[Papers]:
    """Yield blocks of papers within the tolerance, one item of each slot drawn."""
    sizes = found.sieve.filled.sum(axis=1)
    for _ in range(0, DRAWS, BLOCK):
        words = (rng.random((BLOCK, sizes.size)) * sizes).astype(np.int64)
        yield found.slots[np.arange(sizes.size), words[passes(found.sieve, words)]]


def drawn_at_random(demands: Demands, found: Design, rng: np.random.Generator) -> Iterator[Papers]:
    """Yield blocks of papers within the same limits, items drawn from the whole bank."""
    low, high, _ = limits(demands, found)
    for _ in range(0, DRAWS, BLOCK):
        papers = rng.random((BLOCK, demands.n_columns)).argpartition(family.LENGTH, axis=1)[:, : family.LENGTH]
        sums = demands.measures.values[:, papers].sum(axis=2).T
        yield papers[((sums >= low) & (sums <= high)).all(axis=1)]


def limits(demands: Demands, found: Design) -> tuple[Array, Array, Array]:
    """Return the least and the most that a paper may add up to in each measure, and the middle, as in the family."""
    values = demands.measures.values
    middle = sum((values[:, slot[slot >= 0]].mean(axis=1) for slot in found.slots), np.zeros(len(values)))
    width = demands.measures.width(middle)
    return middle - width, middle + width, middle


def one_by_one(drawn: Iterator[Papers], most: int) -> Iterator[int]:
    """Yield how many papers are kept; each shares at most `OVERLAP` items with every other."""
    kept: list[list[int]] = [[] for _ in range(family.N_ITEMS)]  # of each item the papers that show it
    n = 0
    for block in drawn:
        for paper in block.tolist():
            shared = [place for item in paper for place in kept[item]]
            if shared and np.bincount(shared).max() > family.OVERLAP:
                continue
            for item in paper:
                kept[item].append(n)
            n += 1
            yield n
            if n == most:
                return


def solved(demands: Demands, found: Design, rng: np.random.Generator) -> Iterator[int]:
    """Yield how many papers HiGHS has found, each by a program of its own."""
    import highspy

    low, high, _ = limits(demands, found)
    n = demands.n_columns
    highs: Any = highspy.Highs()
    for option, value in {"output_flag": False, "threads": 1, "mip_max_improving_sols": 1, "random_seed": 1}.items():
        highs.setOptionValue(option, value)
    columns = np.arange(n, dtype=np.int32)
    for _ in range(n):
        highs.addVar(0.0, 1.0)
    highs.changeColsIntegrality(n, columns, np.full(n, highspy.HighsVarType.kInteger))
    highs.addRow(family.LENGTH, family.LENGTH, n, columns, np.ones(n))
    for row, least, most in zip(demands.measures.values, low, high, strict=True):
        highs.addRow(float(least), float(most), n, columns, row)
    for made in range(1, SOLVER + 1):
        highs.changeColsCost(n, columns, rng.random(n))
        highs.run()
        chosen = np.flatnonzero(np.array(highs.getSolution().col_value) > 0.5).astype(np.int32)
        assert chosen.size == family.LENGTH, "no further paper"
        yield made
        highs.addRow(0.0, float(family.OVERLAP), chosen.size, chosen, np.ones(chosen.size))


def plot(lines: list[dict[str, Any]]) -> str:
    """Return papers found against CPU seconds, one curve a method, as SVG."""
    import altair
    import vl_convert

    names = {
        "family": "family by a code", "slots": "one by one, from its slots", "random": "one by one, at random",
        "HiGHS": "one by one, integer programs",
    }  # fmt: skip
    points = [{"method": names[line["method"]], "papers": line["papers"], "seconds": line["cpu_s"]} for line in lines]
    order = list(names.values())
    chart = altair.Chart(altair.Data(values=points), width=420, height=280).mark_line(point={"size": 45}).encode(
        x=altair.X("seconds:Q", title="CPU seconds, the design included", scale=altair.Scale(type="log", nice=False)),
        y=altair.Y("papers:Q", title="papers found", scale=altair.Scale(type="log"), axis=altair.Axis(format="~s")),
        color=altair.Color("method:N", title=None, sort=order, scale=altair.Scale(domain=order, range=["#111", "#1f77b4", "#d95f02", "#777"])),
        strokeDash=altair.StrokeDash("method:N", title=None, sort=order, scale=altair.Scale(domain=order)),
        shape=altair.Shape("method:N", title=None, sort=order, scale=altair.Scale(domain=order)),
    )  # fmt: skip
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def main() -> None:
    """Print the table, or one object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=family.SEED)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--plot", type=Path, help="draw it")
    options = parser.parse_args()
    lines = compared(options.seed)
    for line in lines:
        print(json.dumps(line) if options.json else f"{line['method']:>8} {line['papers']:>10,} papers {line['cpu_s']:>9.3f} s")
    if options.plot:
        options.plot.write_text(plot(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
