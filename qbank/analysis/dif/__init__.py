"""Differential item functioning: does an item favour one group among persons of equal score?

found = dif_analysis(data, "site")
found.items                                # one row an item and focal group, every statistic
mantel_haenszel(right, n).delta            # each statistic by itself, on counts: group × score
"""

from __future__ import annotations

from qbank.analysis.dif.analysis import DifAnalysis, dif_analysis, dif_columns, groups_of
from qbank.analysis.dif.by_calibration import with_item_response
from qbank.analysis.dif.calibrations import (
    ItemResponseDif,
    LikelihoodRatioDif,
    item_response_dif,
    likelihood_ratio_dif,
)
from qbank.analysis.dif.counts import MatchedCounts
from qbank.analysis.dif.delta_plot import DeltaPlot, delta_plot
from qbank.analysis.dif.homogeneity import Homogeneity, breslow_day
from qbank.analysis.dif.item_response import (
    GroupParameters,
    LordTest,
    RajuAreas,
    generalised_lord,
    group_parameters,
    linked_to,
    lord,
    raju_signed,
    raju_unsigned,
)
from qbank.analysis.dif.logistic import (
    JODOIN,
    ZUMBO,
    LogisticDif,
    effect_class,
    fit_logistic,
    logistic_dif,
    nagelkerke,
)
from qbank.analysis.dif.mantel import (
    MantelHaenszel,
    ets_class,
    mantel_haenszel,
    mantel_haenszel_exact,
    simple_class,
)
from qbank.analysis.dif.many_groups import GeneralisedMantelHaenszel, generalised_mantel_haenszel
from qbank.analysis.dif.matching import item_strata, matched_counts, rest_counts, rest_reliability
from qbank.analysis.dif.multiplicity import benjamini_hochberg, holm
from qbank.analysis.dif.ordinal import OrdinalDif, liu_agresti, ordinal_dif, proportional_odds, smd_class
from qbank.analysis.dif.power import delta_power, detectable_delta, null_delta_se, planned_delta_se
from qbank.analysis.dif.purification import Purified, purify
from qbank.analysis.dif.settings import DifSettings
from qbank.analysis.dif.sibtest import Sibtest, sibtest
from qbank.analysis.dif.standardisation import Standardised, standardisation, standardised_class

__all__ = [
    "JODOIN",
    "ZUMBO",
    "DeltaPlot",
    "DifAnalysis",
    "DifSettings",
    "GeneralisedMantelHaenszel",
    "GroupParameters",
    "Homogeneity",
    "ItemResponseDif",
    "LikelihoodRatioDif",
    "LogisticDif",
    "LordTest",
    "MantelHaenszel",
    "MatchedCounts",
    "OrdinalDif",
    "Purified",
    "RajuAreas",
    "Sibtest",
    "Standardised",
    "benjamini_hochberg",
    "breslow_day",
    "delta_plot",
    "delta_power",
    "detectable_delta",
    "dif_analysis",
    "dif_columns",
    "effect_class",
    "ets_class",
    "fit_logistic",
    "generalised_lord",
    "generalised_mantel_haenszel",
    "group_parameters",
    "groups_of",
    "holm",
    "item_response_dif",
    "item_strata",
    "likelihood_ratio_dif",
    "linked_to",
    "liu_agresti",
    "logistic_dif",
    "lord",
    "mantel_haenszel",
    "mantel_haenszel_exact",
    "matched_counts",
    "nagelkerke",
    "null_delta_se",
    "ordinal_dif",
    "planned_delta_se",
    "proportional_odds",
    "purify",
    "raju_signed",
    "raju_unsigned",
    "rest_counts",
    "rest_reliability",
    "sibtest",
    "simple_class",
    "smd_class",
    "standardisation",
    "standardised_class",
    "with_item_response",
]
