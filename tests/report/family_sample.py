"""A family made by hand: its report changes only where reports do."""

from __future__ import annotations

from functools import cache

import numpy as np

from qbank.assemble.family.comparability import comparability
from qbank.assemble.family.item_curves import ability_grid, curves_from_arrays
from qbank.assemble.family.showing import shared_items, shown_items
from qbank.report.family import FamilyFacts

SLOTS, ORDER = 10, 7


@cache
def sample_family(*, calibrated: bool = True, cut: float = 6.0) -> FamilyFacts:
    """Return ten slots of seven items, and all words of a code of dimension 3 over GF(7) as its papers."""
    n = SLOTS * ORDER
    place = np.arange(n)
    a, b = 0.8 + 0.4 * (place % 5) / 4, -1.5 + 3 * (place // ORDER) / (SLOTS - 1) + 0.4 * ((place % ORDER) - 3) / 3
    theta, _ = ability_grid(n_theta=81)
    p = 1 / (1 + np.exp(-a[:, None] * (theta - b[:, None])))
    items = curves_from_arrays(theta, p, a[:, None] ** 2 * p * (1 - p))
    polynomial = np.array([[x, y, z] for x in range(7) for y in range(7) for z in range(7)])
    at = np.arange(SLOTS) % 7
    words = (polynomial[:, :1] + polynomial[:, 1:2] * at + polynomial[:, 2:] * at**2) % 7
    papers = place.reshape(SLOTS, ORDER)[np.arange(SLOTS), words][:-9]
    shown = shown_items(papers, place, every=True)
    return FamilyFacts(
        name="tiny-1", title="小试卷", length=SLOTS, order=ORDER, places=SLOTS, agree=4, proof="algebra", overlap=4,
        words=343, papers=334, low=334, high=334, most=2401, n_eligible=75, proven=("section 选择题", "weights: A-A"),
        tried=("information: {at: -1, within: 5%}", "expected_score: {at: cut, within: 2}", "enemies A-1 A-2"),
        basis="calibrated" if calibrated else "judged", answers=412 if calibrated else 0, pilot=not calibrated,
        comparability=comparability(items, papers, 1.0, cut), shown=shown,
        ids=tuple(f"A-{item + 1:03d}" for item in shown.items), shared=shared_items(papers, n_pairs=2000),
        versions=(("family", "tiny-1", "0a1b"), ("bank", "tiny", "2c3d"), ("program", "qbank", "test")),
    )  # fmt: skip
