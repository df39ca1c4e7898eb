"""Overlap of the papers of every construction: all of 20,000 × 20,000 random pairs against the proven bound.

    python benchmarks/family_overlap.py [--case CONSTRUCTION] [--seed N] [--papers N] [--count] [--json]

A case is a construction of qbank.assemble.family.codes, or `combined`: what `best_code` gives for papers of 100 and 80
places from 8 and 9 items a slot. Of each the largest codes over several fields are tried, two independent groups of
random words, every pair of the two compared. `--count` instead counts all words of every code of the table of orbits up
to multiples and compares with the overlap written there (the proof, repeated).

(see benchmarks/README.md)
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from qbank.assemble.family.codes import CONSTRUCTIONS, Code, certify, codes_for, words  # noqa: E402
from qbank.assemble.family.codes.orbits import entries, orbit_code  # noqa: E402
from qbank.assemble.family.codes.quasi_cyclic import QuasiCyclic, certify_quasi_cyclic, quasi_cyclic_entries  # noqa: E402
from qbank.assemble.family.fields import prime_powers  # noqa: E402

CASES = (*(word for word in CONSTRUCTIONS if word != "repetition"), "combined")
COMPARED = ("case", "order", "length", "dimension", "papers", "overlap", "worst", "kept", "pairs", "cpu_s")
COUNTED = ("case", "order", "codes", "longest", "dimension", "words", "kept", "cpu_s")
ORDERS = (4, 8, 9, 16, 25, 37)


def worst_pair(code: Code, n_papers: int, seed: int) -> tuple[int, int]:
    """Return in how many places two words at most agree, and how many pairs of different words were compared."""
    rng = np.random.default_rng(seed)
    messages = rng.integers(0, code.order, (2, n_papers, code.dimension), dtype=np.uint16)
    left, right = words(code, messages[0]), np.ascontiguousarray(words(code, messages[1]).T)
    known = np.ascontiguousarray(messages[1].T)
    agree, equal = np.empty(n_papers, dtype=np.uint8), np.empty(n_papers, dtype=bool)
    worst = pairs = 0
    for word, message in zip(left, messages[0], strict=True):
        agree[:] = 0
        for column, symbol in zip(right, word, strict=True):
            np.equal(column, symbol, out=equal)
            np.add(agree, equal, out=agree, casting="unsafe")
        if int(agree.max()) == code.length:
            agree[(known == message[:, None]).all(axis=0)] = 0
        worst, pairs = max(worst, int(agree.max())), pairs + n_papers
    return worst, pairs


def codes_of(case: str) -> Iterator[Code]:
    """Yield the codes of a case: for each field one of many words, of 20 to 200 places where there is any."""
    if case == "combined":
        for order in (8, 9):
            for length in (80, 100):
                yield from (offer.make() for offer in codes_for(order, length) if offer.size > 10**6)
        return
    for order in ORDERS:
        offers = [o for o in CONSTRUCTIONS[case](order, 128) if o.size > 10**6 and o.length <= 200]
        if offers:
            yield max(
                offers, key=lambda offer: (offer.length - 2 * offer.overlap > 0, offer.length, offer.dimension)
            ).make()


def run(case: str, seed: int, n_papers: int) -> Iterator[dict[str, Any]]:
    """Yield the figures of each code of a case."""
    for code in codes_of(case):
        start, wall = time.process_time(), time.perf_counter()
        worst, pairs = worst_pair(code, n_papers, seed)
        yield {
            "case": case, "seed": seed, "order": code.order, "length": code.length, "dimension": code.dimension,
            "papers": code.size, "overlap": code.overlap, "worst": worst, "pairs": pairs, "kept": worst <= code.overlap,
            "cpu_s": time.process_time() - start, "wall_s": time.perf_counter() - wall, "peak_mb": _peak(),
        }  # fmt: skip


def count(seed: int) -> Iterator[dict[str, Any]]:
    """Yield for each field how many codes of the table were counted again, over how many words."""
    for order in prime_powers(256):
        start, wall, n_words, exact = time.process_time(), time.perf_counter(), 0, True
        tables = [*entries(order), *quasi_cyclic_entries(order)]
        for entry in tables:
            if isinstance(entry, QuasiCyclic):
                exact &= certify_quasi_cyclic(entry) == entry.overlap
            else:
                exact &= certify(orbit_code(entry)) == entry.overlap
            n_words += order**entry.dimension
        if tables:
            yield {
                "case": "count", "seed": seed, "order": order, "codes": len(tables), "kept": exact,
                "longest": max(e.length for e in tables), "dimension": max(e.dimension for e in tables), "words": n_words,
                "cpu_s": time.process_time() - start, "wall_s": time.perf_counter() - wall, "peak_mb": _peak(),
            }  # fmt: skip


def _cell(value: object) -> str:
    """Return a figure as it is printed."""
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"{value:.3g}" if isinstance(value, int) and value > 10**6 else str(value)


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--papers", type=int, default=20_000, help="random papers in each of the two groups")
    parser.add_argument("--count", action="store_true", help="count all words of the codes of the table")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    shown = COUNTED if asked.count else COMPARED
    if not asked.json:
        print("| " + " | ".join(shown) + " |\n|" + " --- |" * len(shown))
    broken = False
    cases = (
        [count(asked.seed)] if asked.count else [run(case, asked.seed, asked.papers) for case in asked.case or CASES]
    )
    for found in (row for rows in cases for row in rows):
        broken |= not found["kept"]
        line = json.dumps(found) if asked.json else "| " + " | ".join(_cell(found[word]) for word in shown) + " |"
        print(line, flush=True)
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
