"""Equating: which mark on one paper is worth which mark on another.

`equate_papers` does it for the papers of a sitting. The methods themselves take tables of frequencies:

    new, base = scores(points, counts_new), scores(points, counts_base)      # equivalent groups
    linear_equating(moments(new), moments(base))(points)
    equipercentile(smooth(new, 6), smooth(base, 6))
    pairs_new, pairs_base = tabulate_pairs(total, anchor, totals, anchors), …      # groups with an anchor
    linear_equating(tucker(joint_moments(pairs_new), joint_moments(pairs_base)))(totals)
    frequency_estimation(pairs_new, pairs_base)
"""

from __future__ import annotations

from qbank.analysis.equating.anchors import Anchor, find_anchor, robust_z
from qbank.analysis.equating.bootstrap import Bootstrap, bootstrap, presmoothed, presmoothed_pairs, resample
from qbank.analysis.equating.choice import reported_method
from qbank.analysis.equating.circle import circle_arc, circle_errors
from qbank.analysis.equating.cut import mark_at
from qbank.analysis.equating.equipercentile import (
    chained_equipercentile,
    equipercentile,
    frequency_estimation,
    percentile_rank,
    score_at,
    synthetic_scores,
)
from qbank.analysis.equating.errors import anchor_errors, linear_errors, mean_error, moment_covariance
from qbank.analysis.equating.influence import (
    chained_errors,
    equipercentile_errors,
    frequency_errors,
    lord_errors,
)
from qbank.analysis.equating.item_response import observed_score_equating, true_score_equating
from qbank.analysis.equating.kernel import (
    Continuous,
    bandwidth_penalty,
    best_bandwidth,
    chained_kernel,
    continuous,
    kernel_equating,
)
from qbank.analysis.equating.linear import (
    Line,
    Synthetic,
    chained_linear,
    chained_mean,
    general_linear,
    identity_line,
    levine,
    levine_true,
    linear_equating,
    mean_equating,
    nominal_weights,
    synthetic,
    tucker,
)
from qbank.analysis.equating.loglinear import (
    LogLinear,
    fit_pairs,
    fit_scores,
    fit_table,
    score_fit_table,
    smooth,
    smooth_pairs,
)
from qbank.analysis.equating.methods import METHOD_NAMES, Curve, anchor_curves, group_curves
from qbank.analysis.equating.outcome import EquatingAnalysis
from qbank.analysis.equating.papers import equate_papers
from qbank.analysis.equating.scores import (
    JointMoments,
    Moments,
    Pairs,
    Scores,
    common_step,
    joint_moments,
    moments,
    score_points,
    scores,
    tabulate,
    tabulate_pairs,
)
from qbank.analysis.equating.settings import EquatingSettings
from qbank.analysis.equating.spline import natural_spline, postsmoothed, smoothing_spline

__all__ = [
    "METHOD_NAMES",
    "Anchor",
    "Bootstrap",
    "Continuous",
    "Curve",
    "EquatingAnalysis",
    "EquatingSettings",
    "JointMoments",
    "Line",
    "LogLinear",
    "Moments",
    "Pairs",
    "Scores",
    "Synthetic",
    "anchor_curves",
    "anchor_errors",
    "bandwidth_penalty",
    "best_bandwidth",
    "bootstrap",
    "chained_equipercentile",
    "chained_errors",
    "chained_kernel",
    "chained_linear",
    "chained_mean",
    "circle_arc",
    "circle_errors",
    "common_step",
    "continuous",
    "equate_papers",
    "equipercentile",
    "equipercentile_errors",
    "find_anchor",
    "fit_pairs",
    "fit_scores",
    "fit_table",
    "frequency_errors",
    "frequency_estimation",
    "general_linear",
    "group_curves",
    "identity_line",
    "joint_moments",
    "kernel_equating",
    "levine",
    "levine_true",
    "linear_equating",
    "linear_errors",
    "lord_errors",
    "mark_at",
    "mean_equating",
    "mean_error",
    "moment_covariance",
    "moments",
    "natural_spline",
    "nominal_weights",
    "observed_score_equating",
    "percentile_rank",
    "postsmoothed",
    "presmoothed",
    "presmoothed_pairs",
    "reported_method",
    "resample",
    "robust_z",
    "score_at",
    "score_fit_table",
    "score_points",
    "scores",
    "smooth",
    "smooth_pairs",
    "smoothing_spline",
    "synthetic",
    "synthetic_scores",
    "tabulate",
    "tabulate_pairs",
    "true_score_equating",
    "tucker",
]
