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
from qbank.analysis.reliability.factors import Factors, factors, oblimin, omega_hierarchical, omega_total
from qbank.analysis.reliability.guttman import Guttman, SplitHalves, guttman, split_halves, stepped_up
from qbank.analysis.reliability.table import Reliability, complete_marks, mean_alpha_if_dropped, reliability_table

__all__ = [
    "Factors",
    "Guttman",
    "Reliability",
    "SplitHalves",
    "alpha_error",
    "alpha_if_dropped",
    "complete_marks",
    "cronbach_alpha",
    "factors",
    "feldt_interval",
    "guttman",
    "kr21",
    "mean_alpha_if_dropped",
    "oblimin",
    "omega_hierarchical",
    "omega_total",
    "reliability_table",
    "split_halves",
    "standardised_alpha",
    "stepped_up",
    "variance_of",
    "variances",
]
