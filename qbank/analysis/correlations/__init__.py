"""Correlations of what stands behind marks: tetrachoric, polychoric, polyserial, and their smoothing."""

from qbank.analysis.correlations.normal import bivariate_normal, bivariate_normal_density
from qbank.analysis.correlations.pairs import (
    PairCorrelations,
    pearson_pairs,
    polychoric_pairs,
    tetrachoric,
    tetrachoric_pairs,
)
from qbank.analysis.correlations.serial import polyserial, polyserial_ml
from qbank.analysis.correlations.smoothing import smoothed

__all__ = [
    "PairCorrelations",
    "bivariate_normal",
    "bivariate_normal_density",
    "pearson_pairs",
    "polychoric_pairs",
    "polyserial",
    "polyserial_ml",
    "smoothed",
    "tetrachoric",
    "tetrachoric_pairs",
]
