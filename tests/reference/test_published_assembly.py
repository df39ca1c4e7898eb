"""The problems that other assembly programs publish, solved from their own tables.

Known: the largest total information of ``science`` is 41.38657 and of ``bayes`` 25.90770 (TestDesign 1.7.0.9999 with
Rglpk, lpSolve and Rsymphony; scipy, CP-SAT and CBC on the same rows: all agree to five decimals). The times of
``booklets`` are multiples of half a minute and add up to 136, so that some of the 14 booklets miss 10 minutes by 0.5.
Of ``groups`` two papers of each group are made here; all 24 take a minute, with benchmarks/published.py.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from qbank.assemble.program import violations

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT.parent / "shared" / "reference" / "assembly"

pytestmark = pytest.mark.skipif(
    not TABLES.is_dir(), reason="the published assembly tables are not beside the checkout (shared/reference/assembly)"
)


@pytest.fixture(scope="module")
def published() -> ModuleType:
    spec = importlib.util.spec_from_file_location("published", ROOT / "benchmarks" / "published.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["published"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("case", "best"), [("science", 41.38657), ("bayes", 25.90770)])
def test_the_known_optimum_of_one_paper_is_reproduced(published: ModuleType, case: str, best: float) -> None:
    program, outcome = published.solved(case, 1)
    assert outcome.status == "optimal"
    assert -outcome.objective == pytest.approx(best, abs=1e-4)
    assert -outcome.bound == pytest.approx(best, abs=1e-4)
    assert not violations(program, outcome.chosen)


@pytest.mark.parametrize("case", ["booklets", "groups", "enemies"])
def test_many_papers_hold_every_published_rule(published: ModuleType, case: str) -> None:
    program = published.groups(each=2) if case == "groups" else published.CASES[case]()
    outcome = published.searched(program, 1)
    assert len(outcome.chosen) == program.n_forms, outcome.broken
    assert violations(program, outcome.chosen) == {}
    if case == "booklets":
        assert outcome.objective == pytest.approx(0.5)
        assert outcome.chosen.sum() == 80 and np.all(outcome.chosen.sum(axis=0) == 1)
    if case == "groups":
        pairs = outcome.chosen.astype(int) @ outcome.chosen.T
        assert pairs[~np.eye(program.n_forms, dtype=bool)].max() == 14, "the limit on what two papers share is reached"
    if case == "enemies":
        assert outcome.objective < 0.01


def test_a_condition_of_a_constraint_table_selects_what_it_says(published: ModuleType) -> None:
    import polars as pl

    table = pl.DataFrame({"LEVEL": [3.0, 4.0, 5.0], "KIND": ["1A", "1B", "1C"], "CONTENT.AREA": ["BIO", "CHE", "BIO"]})
    for condition, expected in (
        ("LEVEL == 3", [True, False, False]),
        ('KIND %in% c("1A", "1C") & LEVEL >= 4', [False, False, True]),
        ('CONTENT.AREA == "BIO" | LEVEL == 4', [True, True, True]),
        ("", [True, True, True]),
    ):
        assert published.holds(condition, table).tolist() == expected
