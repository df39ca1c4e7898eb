"""Item response theory: calibration, scoring, fit, linking, simulation. Imports numpy, scipy and
threadpoolctl.
"""

from qbank.irt.andersen import AndersenTest, andersen_test
from qbank.irt.calibration import calibrate
from qbank.irt.conditional import ConditionalCalibration, calibrate_conditional
from qbank.irt.fit import ItemFit, item_fit
from qbank.irt.information import expected_score, information
from qbank.irt.linking import Link, inverse, link, rescale
from qbank.irt.models import MODELS, Model
from qbank.irt.parameters import Calibration, ItemParameters, item_parameters
from qbank.irt.scoring import PersonScores, score_persons
from qbank.irt.simulate import simulate

__all__ = [
    "MODELS",
    "AndersenTest",
    "Calibration",
    "ConditionalCalibration",
    "ItemFit",
    "ItemParameters",
    "Link",
    "Model",
    "PersonScores",
    "andersen_test",
    "calibrate",
    "calibrate_conditional",
    "expected_score",
    "information",
    "inverse",
    "item_fit",
    "item_parameters",
    "link",
    "rescale",
    "score_persons",
    "simulate",
]
