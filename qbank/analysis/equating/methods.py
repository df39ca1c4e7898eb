"""Every method on one pair of papers: equated scores and standard errors at each score point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from qbank.analysis.arrays import FloatArray
from qbank.analysis.equating.bootstrap import bootstrap, presmoothed, presmoothed_pairs
from qbank.analysis.equating.circle import Form, circle_arc, circle_errors
from qbank.analysis.equating.equipercentile import (
    chained_equipercentile,
    equipercentile,
    frequency_estimation,
    synthetic_scores,
)
from qbank.analysis.equating.errors import Method, anchor_errors, linear_errors, mean_error
from qbank.analysis.equating.influence import chained_errors, equipercentile_errors, frequency_errors
from qbank.analysis.equating.kernel import chained_kernel, continuous, kernel_equating
from qbank.analysis.equating.linear import (
    Line,
    chained_linear,
    chained_mean,
    levine,
    levine_true,
    linear_equating,
    mean_equating,
    nominal_weights,
    tucker,
)
from qbank.analysis.equating.loglinear import LogLinear
from qbank.analysis.equating.replications import kernel_replications, spline_replications
from qbank.analysis.equating.scores import Moments, Pairs, Scores, joint_moments, moments
from qbank.analysis.equating.settings import EquatingSettings
from qbank.analysis.equating.spline import postsmoothed


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Equated scores at each point of the new paper, (n_points,), their standard errors (NaN: none) and where these come from."""

    equated: FloatArray
    errors: FloatArray
    source: str = "analytic"


Curves = dict[str, Curve]


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """Presmoothed tables, their models, and the powers chosen; joint is used for pairs alone."""

    new: Any
    base: Any
    fits: tuple[LogLinear, LogLinear]
    degrees: tuple[Any, Any]


def group_curves(new: Scores, base: Scores, smoothed: Smoothed | None, settings: EquatingSettings) -> Curves:
    """Return the methods for equivalent groups by name; those of equipercentile kind only where scores vary.

    identity, mean, linear, circle_arc, circle_arc_symmetric, equipercentile, equipercentile_loglinear,
    equipercentile_spline, kernel
    """
    x = new.points
    one, two = moments(new), moments(base)
    ends = _ends(x, base.points)
    error = float(mean_error(one, two))
    found: Curves = {"identity": Curve(x.copy(), np.zeros(len(x)), "none")}
    found["mean"] = Curve(mean_equating(one, two)(x), np.full(len(x), error))
    found["linear"] = Curve(linear_equating(one, two)(x), linear_errors(x, one, two))
    for name, form in _ARCS:
        found[name] = _circle(x, float(one.mean), float(two.mean), error, ends, form)
    if min(float(one.variance), float(two.variance)) > 0:
        found["equipercentile"] = Curve(equipercentile(new, base), equipercentile_errors(new, base))
        found["equipercentile_spline"] = _bare(postsmoothed(new, base, settings.spline_s))
        if smoothed is not None:
            found["equipercentile_loglinear"] = Curve(
                equipercentile(smoothed.new, smoothed.base),
                equipercentile_errors(smoothed.new, smoothed.base, fits=smoothed.fits),
            )
            found["kernel"] = _bare(kernel_equating(smoothed.new, smoothed.base))
    if settings.n_reps:
        _replace_errors(found, new, base, _group_replications(new, base, smoothed, settings.spline_s), settings)
    return found


def anchor_curves(
    new: Pairs, base: Pairs, smoothed: Smoothed | None, settings: EquatingSettings, *, internal: bool
) -> Curves:
    """Return the methods for groups with an anchor by name.

    identity, mean_nominal, mean_tucker, mean_levine, mean_chained, linear_tucker, linear_levine, levine_true,
    linear_chained, braun_holland, circle_arc_tucker, circle_arc_chained, frequency_estimation,
    frequency_estimation_loglinear, chained_equipercentile, chained_equipercentile_loglinear, kernel, kernel_chained
    """
    x, w = new.totals, settings.weight
    one, two = joint_moments(new), joint_moments(base)
    ends = _ends(x, base.totals)
    found: Curves = {"identity": Curve(x.copy(), np.zeros(len(x)), "none")}
    for name, (method, line) in _line_methods(new, base, w, internal=internal).items():
        made = method(one, two)
        straight = made if isinstance(made, Line) else line(made)
        found[name] = Curve(straight(x), anchor_errors(x, method, new, base, "general", line))
    for name, of in (("circle_arc_tucker", "mean_tucker"), ("circle_arc_chained", "mean_chained")):
        middle = float(one.mean_x) if of == "mean_chained" else float(tucker(one, two, w).mean_x)
        level = float(np.interp(middle, x, found[of].equated))
        found[name] = _circle(x, middle, level, float(found[of].errors[0]), ends, "simplified")
    varies = min(float(p) for p in (one.variance_x, one.variance_v, two.variance_x, two.variance_v)) > 0
    if varies:
        found["braun_holland"] = _bare(_braun_holland(new, base, w)(x))
        found["frequency_estimation"] = Curve(
            frequency_estimation(new, base, weight=w), frequency_errors(new, base, weight=w)
        )
        found["chained_equipercentile"] = Curve(chained_equipercentile(new, base), chained_errors(new, base))
    if varies and smoothed is not None:
        a, b, fits = smoothed.new, smoothed.base, smoothed.fits
        found["frequency_estimation_loglinear"] = Curve(
            frequency_estimation(a, b, weight=w), frequency_errors(a, b, weight=w, fits=fits)
        )
        found["chained_equipercentile_loglinear"] = Curve(
            chained_equipercentile(a, b), chained_errors(a, b, fits=fits)
        )
        found["kernel"] = _bare(kernel_equating(*synthetic_scores(a, b, w)))
        steps = continuous(a.total), continuous(a.anchor), continuous(b.anchor), continuous(b.total)
        found["kernel_chained"] = _bare(chained_kernel(steps, x))
    if settings.n_reps:
        _replace_errors(found, new, base, _anchor_replications(new, base, smoothed, w, internal=internal), settings)
    return found


METHOD_NAMES = (
    "identity", "mean", "linear", "circle_arc", "circle_arc_symmetric", "equipercentile", "equipercentile_loglinear",
    "equipercentile_spline", "kernel", "mean_nominal", "mean_tucker", "mean_levine", "mean_chained", "linear_tucker",
    "linear_levine", "levine_true", "linear_chained", "braun_holland", "circle_arc_tucker", "circle_arc_chained",
    "frequency_estimation", "frequency_estimation_loglinear", "chained_equipercentile",
    "chained_equipercentile_loglinear", "kernel_chained", "irt_true", "irt_observed",
)  # fmt: skip
"""Every method that a pair of papers may have."""

_ARCS: tuple[tuple[str, Form], ...] = (("circle_arc", "simplified"), ("circle_arc_symmetric", "symmetric"))


def _line_methods(
    new: Pairs, base: Pairs, weight: float | None, *, internal: bool
) -> dict[str, tuple[Method, Callable[..., Line]]]:
    ratio_new, ratio_base = (_nominal_ratio(pairs) for pairs in (new, base))
    return {
        "mean_nominal": (lambda a, b: nominal_weights(a, b, ratio_new, ratio_base, weight), mean_equating),
        "mean_tucker": (lambda a, b: tucker(a, b, weight), mean_equating),
        "mean_levine": (lambda a, b: levine(a, b, weight, internal=internal), mean_equating),
        "mean_chained": (chained_mean, linear_equating),
        "linear_tucker": (lambda a, b: tucker(a, b, weight), linear_equating),
        "linear_levine": (lambda a, b: levine(a, b, weight, internal=internal), linear_equating),
        "levine_true": (lambda a, b: levine_true(a, b, internal=internal), linear_equating),
        "linear_chained": (chained_linear, linear_equating),
    }


def _nominal_ratio(pairs: Pairs) -> float:
    full = float(pairs.anchors[-1])
    return float(pairs.totals[-1]) / full if full > 0 else float("nan")


def _braun_holland(new: Pairs, base: Pairs, weight: float | None) -> Line:
    f, g = synthetic_scores(new, base, weight)
    return linear_equating(moments(f), moments(g))


def _ends(x: FloatArray, y: FloatArray) -> tuple[tuple[float, float], tuple[float, float]]:
    return (float(x[0]), float(y[0])), (float(x[-1]), float(y[-1]))


def _circle(
    x: FloatArray,
    middle: float,
    level: float,
    error: float,
    ends: tuple[tuple[float, float], tuple[float, float]],
    form: Form,
) -> Curve:
    low, high = ends
    if not (low[0] < middle < high[0] and np.isfinite(level)):
        return Curve(np.full(len(x), np.nan), np.full(len(x), np.nan), "none")
    return Curve(
        circle_arc(x, middle, level, low=low, high=high, form=form),
        circle_errors(x, middle, level, error, low=low, high=high, form=form),
    )


def _bare(equated: FloatArray) -> Curve:
    return Curve(equated, np.full(len(equated), np.nan), "none")


def _replace_errors(
    found: Curves, new: Any, base: Any, replications: dict[str, Callable[[Any, Any], FloatArray]], settings: EquatingSettings
) -> None:
    for name, method in replications.items():
        if name in found:
            drawn = bootstrap(new, base, method, n_reps=settings.n_reps, seed=settings.seed)
            found[name] = Curve(found[name].equated, drawn.errors, "bootstrap")


def _group_replications(
    new: Scores, base: Scores, smoothed: Smoothed | None, spline_s: float
) -> dict[str, Callable[[Any, Any], FloatArray]]:
    x = new.points
    low, high = _ends(x, base.points)

    def arc(form: Form) -> Callable[[Scores, Scores], FloatArray]:
        def method(a: Scores, b: Scores) -> FloatArray:
            return circle_arc(x, moments(a).mean, moments(b).mean, low=low, high=high, form=form)

        return method

    def line(make: Callable[[Moments, Moments], Line]) -> Callable[[Scores, Scores], FloatArray]:
        return lambda a, b: make(moments(a), moments(b))(x)

    methods: dict[str, Callable[[Any, Any], FloatArray]] = {
        "mean": line(mean_equating), "linear": line(linear_equating), "equipercentile": equipercentile,
        **{name: arc(form) for name, form in _ARCS},
    }  # fmt: skip
    if min(float(moments(new).variance), float(moments(base).variance)) > 0:
        methods["equipercentile_spline"] = spline_replications(new, base, spline_s)
    if smoothed is not None:
        methods["kernel"] = presmoothed(kernel_replications(smoothed.new, smoothed.base), new, base, smoothed.degrees)
        methods["equipercentile_loglinear"] = presmoothed(equipercentile, new, base, smoothed.degrees)
    return methods


def _anchor_replications(
    new: Pairs, base: Pairs, smoothed: Smoothed | None, weight: float | None, *, internal: bool
) -> dict[str, Callable[[Any, Any], FloatArray]]:
    x = new.totals

    def straight(method: Method, line: Callable[..., Line]) -> Callable[[Pairs, Pairs], FloatArray]:
        def replicate(a: Pairs, b: Pairs) -> FloatArray:
            made = method(joint_moments(a), joint_moments(b))
            return (made if isinstance(made, Line) else line(made))(x)

        return replicate

    methods: dict[str, Callable[[Any, Any], FloatArray]] = {
        name: straight(method, line) for name, (method, line) in _line_methods(new, base, weight, internal=internal).items()
    }
    methods["braun_holland"] = lambda a, b: _braun_holland(a, b, weight)(x)
    methods["frequency_estimation"] = lambda a, b: frequency_estimation(a, b, weight=weight)
    methods["chained_equipercentile"] = chained_equipercentile
    if smoothed is not None:
        for name in ("frequency_estimation", "chained_equipercentile"):
            methods[f"{name}_loglinear"] = presmoothed_pairs(methods[name], new, base, smoothed.degrees)
        post = kernel_replications(*synthetic_scores(smoothed.new, smoothed.base, weight))
        methods["kernel"] = presmoothed_pairs(
            lambda a, b: post(*synthetic_scores(a, b, weight)), new, base, smoothed.degrees
        )
    return methods
