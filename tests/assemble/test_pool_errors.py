"""The pool says how well the parameters of its items are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qbank.assemble.pool import make_pool
from qbank.assemble.prior import GRADE_FACILITY_SD, population_facility
from qbank.core.history import NO_HISTORY, logistic
from tests.assemble.samples import mixed_items, tiny_bank


def test_errors_are_those_of_the_calibration_and_judged_ones_move_the_facility_by_its_sd() -> None:
    bank = tiny_bank(mixed_items(6))
    known = bank.fingerprints["T-02"]
    history = replace(NO_HISTORY, estimates={known: logistic(known, "2pl", "s", 1.4, 0.2, 0.17, 0.09, 400, "S1")})
    pool = make_pool(bank, history, level=4, kinds=frozenset({"single", "true_false"}), uses={})
    place = pool.ids.index("T-02")
    assert (pool.slope_se[place], pool.difficulty_se[place]) == (0.17, 0.09)
    for item in np.flatnonzero(~pool.calibrated):
        a, b, se = (np.array([values[item]]) for values in (pool.slope, pool.difficulty, pool.difficulty_se))
        away = population_facility(a, b - se, mean=0.0, sd=1.0) - population_facility(a, b + se, mean=0.0, sd=1.0)
        assert away[0] / 2 == pytest.approx(GRADE_FACILITY_SD, rel=0.1)
        assert pool.slope_se[item] == pytest.approx(0.3 * pool.slope[item])


def test_an_empty_pool_has_no_errors() -> None:
    pool = make_pool(tiny_bank([]), NO_HISTORY, level=4, kinds=frozenset({"single"}), uses={})
    assert pool.slope_se.shape == pool.difficulty_se.shape == (0,)
