"""The simulations of benchmarks/analysis_truth.py, for tests that run a few of their seeds."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

PLACE = Path(__file__).resolve().parents[2] / "benchmarks" / "analysis_truth.py"


def _loaded() -> Any:
    spec = importlib.util.spec_from_file_location("analysis_truth", PLACE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["analysis_truth"] = module
    spec.loader.exec_module(module)
    return module


truth = _loaded()
