"""calibrate: from the answers of a sitting to item parameters in the ledger."""

from __future__ import annotations

from qbank.workflow.calibration.comparison import compare_models
from qbank.workflow.calibration.limits import (
    COMPARED,
    DRIFT_LEVEL,
    FIT_LEVEL,
    FIT_RANGE,
    FIT_RMSEA,
    LEAST_ANCHORS,
    LEAST_IN_CATEGORY,
    MOST_CATEGORIES,
    PLANNED_BELOW,
)
from qbank.workflow.calibration.linking import METHODS
from qbank.workflow.calibration.models import MODELS, POLYTOMOUS
from qbank.workflow.calibration.run import Calibrated, calibrate_sitting
from qbank.workflow.calibration.store import list_calibrations
from qbank.workflow.repeaters import CHOICES, sat_before

__all__ = [
    "CHOICES",
    "COMPARED",
    "DRIFT_LEVEL",
    "FIT_LEVEL",
    "FIT_RANGE",
    "FIT_RMSEA",
    "LEAST_ANCHORS",
    "LEAST_IN_CATEGORY",
    "METHODS",
    "MODELS",
    "MOST_CATEGORIES",
    "PLANNED_BELOW",
    "POLYTOMOUS",
    "Calibrated",
    "calibrate_sitting",
    "compare_models",
    "list_calibrations",
    "sat_before",
]
