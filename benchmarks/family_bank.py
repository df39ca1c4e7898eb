"""Families from a real bank with all rules of its blueprint: how many papers for which overlap, and what bounds them.

    python benchmarks/family_bank.py [--overlap K] [--blueprint FILE] [--seed N] [--count N] [--json]

Each K runs `qbank family` in a fresh folder and a process of its own, as a pilot (the bank of steelmaking is not
calibrated). papers: counted, or the lower limit of the 99 % interval where estimated; upper_bound: no method can give
more papers of that length from these items with that overlap, whatever the rules.

(see benchmarks/README.md)
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OVERLAPS = (20, 30, 40, 50)
SHOWN = ("overlap", "papers", "estimated", "proven_overlap", "order", "items", "upper_bound", "cpu_s", "peak_mb")


def run(blueprint: str, overlap: int, seed: int, count: int) -> dict[str, Any]:
    """Return size, proof and cost of one family."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("banks", "blueprints"):
            shutil.copytree(ROOT / name, Path(folder) / name)
        shutil.copy(ROOT / "qbank.yaml", folder)
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "qbank", "--lang", "en", "family", blueprint, "--overlap", str(overlap), "--seed", str(seed),
             "--count", str(count), "--as-of", "2026-11-26", "--pilot", "--json"],
            cwd=folder, capture_output=True, encoding="utf-8", check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found: dict[str, Any] = json.loads(done.stdout)["result"] or {}
    return {
        "case": Path(blueprint).stem, "seed": seed, "overlap": overlap, "papers": found.get("low", 0),
        "estimated": found.get("estimated"), "proven_overlap": found.get("overlap"), "order": found.get("order"),
        "items": found.get("items"), "upper_bound": found.get("upper_bound"), "construction": found.get("construction"),
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "wall_s": time.perf_counter() - wall, "peak_mb": after.ru_maxrss / 1024,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--overlap", type=int, action="append")
    parser.add_argument("--blueprint", default="blueprints/bof-4-theory.yaml")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2, help="papers that there must be: longer lists (K = 30)")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not asked.json:
        print("| " + " | ".join(SHOWN) + " |\n|" + " --- |" * len(SHOWN))
    for overlap in asked.overlap or OVERLAPS:
        row = run(asked.blueprint, overlap, asked.seed, asked.count)
        print(json.dumps(row) if asked.json else "| " + " | ".join(_cell(row[word]) for word in SHOWN) + " |", flush=True)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}"
    return f"{value:.3g}" if isinstance(value, int) and value > 10**6 else str(value)


if __name__ == "__main__":
    main()
