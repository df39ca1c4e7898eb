"""Rates, moments and quartiles from counts against the same from persons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis.intervals import wilson_interval
from qbank.analysis.tallies import summarise


def counted(totals: list[float]) -> dict[str, object]:
    x = np.array(totals)
    bands = np.bincount(np.minimum(x // 5, 19).astype(int), minlength=20)
    return {
        "present": [x.size], "passed": [int((x >= 60).sum())], "sum": [x.sum()], "sum_of_squares": [(x**2).sum()], "bands": [bands],
    }  # fmt: skip


@settings(max_examples=80)
@given(st.lists(st.integers(0, 200).map(lambda half: half / 2), min_size=10, max_size=80))
def test_counts_say_what_persons_say(totals: list[float]) -> None:
    x = np.array(totals)
    found = summarise(**counted(totals))  # type: ignore[arg-type]
    assert found.mean[0] == pytest.approx(x.mean()) and found.sd[0] == pytest.approx(x.std(ddof=1), abs=1e-6)
    assert found.rate[0] == pytest.approx((x >= 60).mean())
    low, high = wilson_interval((x >= 60).sum(), x.size)
    assert (found.rate_low[0], found.rate_high[0]) == pytest.approx((float(low), float(high)))
    assert found.lowest[0] <= x.min() and x.max() <= found.highest[0]
    assert found.lowest[0] > x.min() - 5 and found.highest[0] <= x.max() + 5
    for share, quartile in ((0.25, found.quartile_1[0]), (0.5, found.median[0]), (0.75, found.quartile_3[0])):
        # Of a quantile from bands one knows the band: at least that share below its end, at most that share below its start.
        assert (np.minimum(x // 5, 19) * 5 < quartile + 1e-9).mean() >= share - 1e-9
        assert (np.minimum(x // 5, 19) * 5 + 5 <= quartile - 1e-9).mean() <= share + 1e-9


def test_fewer_than_ten_have_no_numbers_and_nobody_has_none() -> None:
    nine, ten, nobody = (counted([65.0] * n) for n in (9, 10, 0))
    for case, suppressed, shown in ((nine, True, False), (ten, False, True), (nobody, False, False)):
        found = summarise(**case)  # type: ignore[arg-type]
        assert found.suppressed[0] == suppressed
        for name in ("rate", "rate_low", "rate_high", "mean", "sd", "lowest", "quartile_1", "median", "quartile_3", "highest"):
            assert np.isfinite(getattr(found, name)[0]) == shown, name


def test_equal_totals_have_no_spread() -> None:
    found = summarise(**counted([66.1] * 40))  # type: ignore[arg-type]
    assert found.sd[0] == pytest.approx(0.0, abs=1e-4) and found.small[0] == False  # noqa: E712
