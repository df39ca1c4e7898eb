"""The ETS classes: size, significance and, for C, significance above 1."""

from __future__ import annotations

import numpy as np
import pytest

from qbank.analysis.dif import detectable_delta, ets_class, mantel_haenszel, null_delta_se, simple_class


@pytest.mark.parametrize(
    ("n", "reference", "focal", "ets", "simple"),
    [
        (1000, 700, 690, "A", "A"),  # hardly any difference
        (1000, 700, 590, "B", "B"),  # Δ about −1.1, certain
        (40, 28, 23, "A", "B"),  # as large, but by chance
        (1000, 700, 490, "C", "C"),  # Δ about −2.1, certainly above 1
        (100, 70, 53, "B", "C"),  # Δ about −1.7: significant, not certainly above 1
        (1000, 490, 700, "C", "C"),  # the other way round
    ],
)
def test_a_class_needs_size_and_significance(n: int, reference: int, focal: int, ets: str, simple: str) -> None:
    found = mantel_haenszel(np.array([[float(reference)], [float(focal)]]), np.full((2, 1), float(n)))
    assert str(ets_class(found)) == ets and str(simple_class(found.delta)) == simple


def test_what_is_detectable_shrinks_with_the_root_of_the_persons() -> None:
    right, n = np.array([[60.0, 80.0], [60.0, 80.0]]), np.full((2, 2), 100.0)
    one, four = (float(detectable_delta(null_delta_se(k * right, k * n))) for k in (1, 4))
    assert np.isclose(one, 2 * four)
    assert np.isclose(float(null_delta_se(1e4 * right, 1e4 * n)), float(mantel_haenszel(1e4 * right, 1e4 * n).delta_se), rtol=1e-3)
