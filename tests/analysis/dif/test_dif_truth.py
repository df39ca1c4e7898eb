"""Planted DIF is found and sound items are not accused: three of the seeds of benchmarks/analysis_truth.py, smaller."""

from __future__ import annotations

import importlib.util
from pathlib import Path

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "analysis_truth.py"


def test_planted_dif_is_found_after_purification_and_sound_items_are_not_accused() -> None:
    spec = importlib.util.spec_from_file_location("analysis_truth", BENCHMARK)
    assert spec and spec.loader
    truth = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(truth)
    rows = [truth.dif(seed, n_persons=10_000, n_items=24, n_planted=3) for seed in (1, 2, 3)]
    assert sum(row["found"] for row in rows) >= 0.95 * sum(row["planted"] for row in rows)
    assert sum(row["accused"] for row in rows) <= 0.005 * sum(row["sound"] for row in rows)
