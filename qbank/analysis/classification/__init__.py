"""How good decisions at a cut are: accuracy, consistency, kappa, false passes and false fails, by six methods."""

from __future__ import annotations

from qbank.analysis.classification.beta import BetaTrueScores, beta_from_moments, true_score_moments
from qbank.analysis.classification.binomial import (
    effective_length,
    hanson_brennan,
    huynh,
    livingston_lewis,
    lord_k,
    subkoviak,
)
from qbank.analysis.classification.combined import Part, combined_decision, combined_from_scores
from qbank.analysis.classification.combined_parts import (
    DECISIONS,
    STATES,
    CombinedAnalysis,
    PartScores,
    combined_analysis,
)
from qbank.analysis.classification.entry import DecisionAccuracy, decision_accuracy
from qbank.analysis.classification.irt import lee, normal_population, rudner
from qbank.analysis.classification.record import Classification, classification

__all__ = [
    "DECISIONS",
    "STATES",
    "BetaTrueScores",
    "Classification",
    "CombinedAnalysis",
    "DecisionAccuracy",
    "Part",
    "PartScores",
    "beta_from_moments",
    "classification",
    "combined_analysis",
    "combined_decision",
    "combined_from_scores",
    "decision_accuracy",
    "effective_length",
    "hanson_brennan",
    "huynh",
    "lee",
    "livingston_lewis",
    "lord_k",
    "normal_population",
    "rudner",
    "subkoviak",
    "true_score_moments",
]
