"""Fifty sheets of benchmarks/scan.py, everything about hand and scanner drawn at random: nothing clear is misread or asked about,
nothing doubtful is taken for an answer."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

PLACE = Path(__file__).resolve().parents[2] / "benchmarks" / "scan.py"


def test_of_fifty_sheets_every_clear_mark_is_right_and_everything_planted_is_asked_about() -> None:
    spec = importlib.util.spec_from_file_location("benchmark_scan", PLACE)
    assert spec is not None and spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = benchmark
    spec.loader.exec_module(benchmark)
    found = benchmark.measure("fifty", 20261126)
    assert {name: found[name] for name in ("unread", "numbers_right", "asked", "wrong", "missed")} == {
        "unread": 0, "numbers_right": 50, "asked": 0, "wrong": 0, "missed": 0,
    }  # fmt: skip
    assert found["clean"] + found["planted"] == 5000 and found["planted"] > 200
    assert found["cpu_s_a_sheet"] < 0.5
