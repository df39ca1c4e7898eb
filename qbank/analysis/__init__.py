"""What a sitting says about its papers and its items: arrays in, tidy tables out.

data = sitting_data(items, marks, marks_max, answer=…, labels=…, key=…, form=…, forms=…, cut=60)
analysis = analyse(data, design="spiralled")
analysis.items, analysis.options, analysis.flags      # polars tables
"""

from __future__ import annotations

from qbank.analysis.analyse import SittingAnalysis, analyse
from qbank.analysis.classical import generalised_upper_lower, item_table
from qbank.analysis.compare import Design, compare_papers
from qbank.analysis.decisions import borderline_table, pass_rates, score_distribution
from qbank.analysis.dif import DifAnalysis, DifSettings, dif_analysis, dif_columns
from qbank.analysis.dimension import dimension_analysis
from qbank.analysis.distractors import group_table, option_table, quantile_table
from qbank.analysis.equating import EquatingAnalysis, EquatingSettings, equate_papers
from qbank.analysis.keys import likely_keys
from qbank.analysis.pattern_fit import PatternFit, pattern_fit
from qbank.analysis.person_fit import PersonFitAnalysis, person_fit_analysis
from qbank.analysis.reliability import (
    alpha_if_dropped,
    cronbach_alpha,
    feldt_interval,
    reliability_analysis,
    reliability_table,
)
from qbank.analysis.review import Raised, Thresholds, findings_table, flag_table, review_table
from qbank.analysis.settings import AnalysisSettings
from qbank.analysis.sitting import (
    NOT_REACHED,
    NOT_SEEN,
    OMITTED,
    VOID,
    WITHHELD,
    SittingData,
    sitting_data,
)
from qbank.analysis.speed import speed_analysis
from qbank.analysis.subscores import subscore_analysis
from qbank.analysis.tiers import Tiers

__all__ = [
    "NOT_REACHED",
    "NOT_SEEN",
    "OMITTED",
    "VOID",
    "WITHHELD",
    "AnalysisSettings",
    "Design",
    "DifAnalysis",
    "DifSettings",
    "EquatingAnalysis",
    "EquatingSettings",
    "PatternFit",
    "PersonFitAnalysis",
    "Raised",
    "SittingAnalysis",
    "SittingData",
    "Thresholds",
    "Tiers",
    "alpha_if_dropped",
    "analyse",
    "borderline_table",
    "compare_papers",
    "cronbach_alpha",
    "dif_analysis",
    "dif_columns",
    "dimension_analysis",
    "equate_papers",
    "feldt_interval",
    "findings_table",
    "flag_table",
    "generalised_upper_lower",
    "group_table",
    "item_table",
    "likely_keys",
    "option_table",
    "pass_rates",
    "pattern_fit",
    "person_fit_analysis",
    "quantile_table",
    "reliability_analysis",
    "reliability_table",
    "review_table",
    "score_distribution",
    "sitting_data",
    "speed_analysis",
    "subscore_analysis",
]
