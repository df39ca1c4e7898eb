"""How repeatable scores are: coefficients by paper, by section and domain, and errors score by score."""

from qbank.analysis.reliability.alpha import (
    alpha_error,
    alpha_if_dropped,
    cronbach_alpha,
    feldt_interval,
    kr21,
    standardised_alpha,
    variance_of,
    variances,
)
from qbank.analysis.reliability.analysis import ReliabilityAnalysis, reliability_analysis
from qbank.analysis.reliability.bounds import Guttman, SplitHalves, guttman, split_halves, stepped_up
from qbank.analysis.reliability.coefficients import Moments, coefficient_table, moments
from qbank.analysis.reliability.conditional import conditional_table, irt_error, score_grid
from qbank.analysis.reliability.factoring import Factors, factors, oblimin, omega_hierarchical, omega_total
from qbank.analysis.reliability.strata import strata_table, stratified_alpha
from qbank.analysis.reliability.table import (
    Reliability,
    complete_marks,
    mean_alpha_if_dropped,
    reliability_table,
)

__all__ = [
    "Factors",
    "Guttman",
    "Moments",
    "Reliability",
    "ReliabilityAnalysis",
    "SplitHalves",
    "alpha_error",
    "alpha_if_dropped",
    "coefficient_table",
    "complete_marks",
    "conditional_table",
    "cronbach_alpha",
    "factors",
    "feldt_interval",
    "guttman",
    "irt_error",
    "kr21",
    "mean_alpha_if_dropped",
    "moments",
    "oblimin",
    "omega_hierarchical",
    "omega_total",
    "reliability_analysis",
    "reliability_table",
    "score_grid",
    "split_halves",
    "standardised_alpha",
    "stepped_up",
    "strata_table",
    "stratified_alpha",
    "variance_of",
    "variances",
]
