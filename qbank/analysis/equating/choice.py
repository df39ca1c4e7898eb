"""Which method of equating is reported: by the design, the number of persons, and what exists."""

from __future__ import annotations

import numpy as np

from qbank.analysis.arrays import FloatArray
from qbank.analysis.compare import Design
from qbank.analysis.equating.cut import see_at
from qbank.analysis.equating.methods import Curves
from qbank.analysis.equating.settings import EquatingSettings


def reported_method(design: Design, n: int, *, alike: bool, settings: EquatingSettings) -> str:
    """Return the method to report for two papers, the smaller taken by n persons.

    Equivalent groups: mean from 100, linear from 200, presmoothed equipercentile from 1,000 (the tiers' defaults). Anchor:
    mean with nominal weights; then Tucker where the groups are alike, Levine observed where not; then frequency
    estimation or chained equipercentile, presmoothed. Under the first tier identity.

    >>> reported_method("spiralled", 150, alike=True, settings=EquatingSettings())
    'mean'
    >>> reported_method("anchor", 1200, alike=False, settings=EquatingSettings())
    'chained_equipercentile_loglinear'
    """
    tiers = settings.tiers
    if not tiers.allows("mean_equating", n):
        return "identity"
    if design == "spiralled":
        if tiers.allows("equipercentile", n):
            return "equipercentile_loglinear"
        return "linear" if tiers.allows("linear_equating", n) else "mean"
    if tiers.allows("equipercentile", n):
        return "frequency_estimation_loglinear" if alike else "chained_equipercentile_loglinear"
    if tiers.allows("linear_equating", n):
        return "linear_tucker" if alike else "linear_levine"
    return "mean_nominal"


def chosen_method(
    curves: Curves, points: FloatArray, cut: float, design: Design, n: int, alike: bool, settings: EquatingSettings
) -> str:
    """Return the method to report, one step simpler where the better one does not exist."""
    if settings.method is not None:
        if settings.method not in curves:
            raise ValueError(f"no method {settings.method!r} (methods: {', '.join(curves)})")
        return settings.method
    wanted = reported_method(design, n, alike=alike, settings=settings)
    simpler = ("linear", "mean") if design == "spiralled" else ("linear_tucker", "mean_nominal")
    for name in (wanted, *simpler):
        if name in curves and np.isfinite(curves[name].equated).all():
            if name.startswith("mean") and not see_at(curves[name], points, cut) < settings.see_below:
                return "identity"
            return name
    return "identity"
