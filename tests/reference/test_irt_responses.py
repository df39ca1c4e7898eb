"""The benchmark's answers are, byte by byte, those on which the other programs were measured.

`bench/simulate_responses.py` beside the checkout; its sizes are made smaller here, the draws are the same.
"""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT.parent / "shared" / "bench" / "simulate_responses.py"
NAMES = {
    "b": "b_2pl_10k_60", "c": "c_2pl_100k_100", "d": "d_3pl_20k_60", "e": "e_gpcm_20k_40", "f": "f_rasch_100k_100",
    "g": "g_sparse_50k_1000",
}  # fmt: skip


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    found = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = found
    spec.loader.exec_module(found)
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [20261123, 7])
def test_the_answers_of_every_case_are_those_of_the_shared_script(
    name: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SCRIPT.is_file():
        pytest.skip(f"REFERENCE MISSING: {SCRIPT} is not there, nothing was compared with it")
    ours, theirs = module(ROOT / "benchmarks" / "responses.py"), module(SCRIPT)
    case = ours.CASES[name]
    kind, n_persons, n_items = theirs.CASES[NAMES[name]]
    assert (case.n_persons, case.n_items) == (n_persons, n_items)
    # A block that divides nothing: the draws must not depend on where blocks end.
    monkeypatch.setattr(ours, "BLOCK", 1234)
    monkeypatch.setattr(theirs, "SEED", seed)
    monkeypatch.setitem(theirs.CASES, NAMES[name], (kind, n_persons // 10, n_items))
    found = ours.responses(replace(case, n_persons=n_persons // 10), seed)
    expected, true = theirs.gen(NAMES[name])
    assert found.scores.dtype == np.int8
    np.testing.assert_array_equal(found.scores, expected)
    for parameter, values in found.true.items():
        np.testing.assert_array_equal(values, true[parameter])
