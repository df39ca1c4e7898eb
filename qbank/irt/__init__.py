"""Item response theory: calibration, scoring, fit, linking, simulation. Imports numpy, scipy and
threadpoolctl.
"""

from qbank.irt.bifactor import (
    BifactorCalibration,
    BifactorIndices,
    BifactorScores,
    BifactorTest,
    bifactor_indices,
    bifactor_test,
    calibrate_bifactor,
    score_bifactor,
    simulate_bifactor,
)
from qbank.irt.calibration.estimate import calibrate
from qbank.irt.comparison import Candidate, Comparison, compare, guessing_prior
from qbank.irt.conditional.andersen import AndersenTest, andersen_test
from qbank.irt.conditional.estimate import ConditionalCalibration, calibrate_conditional
from qbank.irt.conditional.martin_lof import MartinLofTest, martin_lof_test
from qbank.irt.criteria import InformationCriteria, LikelihoodRatio, information_criteria, likelihood_ratio
from qbank.irt.designs import adaptive_items, linked_forms, random_items, random_missing
from qbank.irt.fit.dependence import LocalDependence, SuspiciousPair, local_dependence, suspicious_pairs
from qbank.irt.fit.item_table import item_table, select_items
from qbank.irt.fit.items import ItemFit, item_fit, item_fit_by_group
from qbank.irt.fit.jackknife import SlopeIndex, slope_index
from qbank.irt.fit.limited_information import TestFit, test_fit
from qbank.irt.fit.persons import PersonFit, person_fit
from qbank.irt.fit.residuals import ItemResiduals, item_residuals
from qbank.irt.linking import (
    Drift,
    Link,
    LinkDraws,
    Scales,
    average_links,
    bootstrap_link,
    chain_links,
    compose,
    find_drift,
    inverse,
    link,
    link_all,
    link_chain,
    parametric,
    rescale,
)
from qbank.irt.models import MODELS, Model
from qbank.irt.parameters import Calibration, ItemParameters, from_estimates
from qbank.irt.planning.record import PlannedDifficulties, planned_facility, planned_information
from qbank.irt.planning.shrinkage import shrink
from qbank.irt.published import from_reported, item_parameters
from qbank.irt.recovery import KindRecovery, Recovery, recovery
from qbank.irt.regression import Regression, expected_ability
from qbank.irt.scoring.information import (
    ability_at_score,
    characteristic_curve,
    expected_score,
    information,
    score_variance,
    sem_of_ability,
    sem_of_score,
    total_information,
)
from qbank.irt.scoring.persons import PersonScores, score_persons
from qbank.irt.scoring.plausible import Pooled, combine_draws, plausible_values
from qbank.irt.scoring.reliability import empirical_reliability, marginal_reliability, sum_score_reliability
from qbank.irt.scoring.sum_scores import SumScores, score_sums, sem_of_conversion, sum_score_distribution
from qbank.irt.simulate import simulate

__all__ = [
    "MODELS",
    "AndersenTest",
    "BifactorCalibration",
    "BifactorIndices",
    "BifactorScores",
    "BifactorTest",
    "Calibration",
    "Candidate",
    "Comparison",
    "ConditionalCalibration",
    "Drift",
    "InformationCriteria",
    "ItemFit",
    "ItemParameters",
    "ItemResiduals",
    "KindRecovery",
    "LikelihoodRatio",
    "Link",
    "LinkDraws",
    "LocalDependence",
    "MartinLofTest",
    "Model",
    "PersonFit",
    "PersonScores",
    "PlannedDifficulties",
    "Pooled",
    "Recovery",
    "Regression",
    "Scales",
    "SlopeIndex",
    "SumScores",
    "SuspiciousPair",
    "TestFit",
    "ability_at_score",
    "adaptive_items",
    "andersen_test",
    "average_links",
    "bifactor_indices",
    "bifactor_test",
    "bootstrap_link",
    "calibrate",
    "calibrate_bifactor",
    "calibrate_conditional",
    "chain_links",
    "characteristic_curve",
    "combine_draws",
    "compare",
    "compose",
    "empirical_reliability",
    "expected_ability",
    "expected_score",
    "find_drift",
    "from_estimates",
    "from_reported",
    "guessing_prior",
    "information",
    "information_criteria",
    "inverse",
    "item_fit",
    "item_fit_by_group",
    "item_parameters",
    "item_residuals",
    "item_table",
    "likelihood_ratio",
    "link",
    "link_all",
    "link_chain",
    "linked_forms",
    "local_dependence",
    "marginal_reliability",
    "martin_lof_test",
    "parametric",
    "person_fit",
    "planned_facility",
    "planned_information",
    "plausible_values",
    "random_items",
    "random_missing",
    "recovery",
    "rescale",
    "score_bifactor",
    "score_persons",
    "score_sums",
    "score_variance",
    "select_items",
    "sem_of_ability",
    "sem_of_conversion",
    "sem_of_score",
    "shrink",
    "simulate",
    "simulate_bifactor",
    "slope_index",
    "sum_score_distribution",
    "sum_score_reliability",
    "suspicious_pairs",
    "test_fit",
    "total_information",
]
