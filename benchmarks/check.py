"""What checking a bank costs, by number of items: read every file, validate, apply every rule.

`python benchmarks/check.py [--case 10000] [--seed N] [--json]`; the items are those of banks/steelmaking, copied under new ids.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import tempfile
import time
from pathlib import Path

from qbank.workflow.bank import check_bank

BANK = Path(__file__).resolve().parent.parent / "banks" / "steelmaking"
CASES = ("307", "1000", "10000")


def make_bank(folder: Path, n_items: int) -> None:
    """Write a bank of about n_items items: copies of the real files with other ids."""
    shutil.copytree(BANK, folder)
    sources = sorted((folder / "items").rglob("*.yaml"))
    for copy in range(1, n_items // 307 + (n_items % 307 > 0)):
        for path in sources:
            text = path.read_text("utf-8").replace("BOF4-", f"C{copy:03d}-")
            (path.parent / f"copy-{copy:03d}-{path.name}").write_text(text, "utf-8")


def measure(case: str, seed: int) -> dict[str, object]:
    """Return cost and findings of one case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "bank"
        make_bank(folder, int(case))
        wall, cpu = time.perf_counter(), time.process_time()
        source, problems = check_bank(folder)
        return {
            "case": case, "seed": seed, "cpu_s": round(time.process_time() - cpu, 3),
            "wall_s": round(time.perf_counter() - wall, 3),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "items": len(source.texts), "problems": len(problems),
        }  # fmt: skip


def main() -> None:
    """Print one line, or one JSON object, a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    for case in [words.case] if words.case else CASES:
        found = measure(case, words.seed)
        print(json.dumps(found) if words.json else "  ".join(f"{name} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
