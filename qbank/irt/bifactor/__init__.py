"""Testlets: items that hang together beyond ability because they share a stimulus, a text, a case."""

from qbank.irt.bifactor.calibration import calibrate_bifactor
from qbank.irt.bifactor.indices import BifactorIndices, BifactorTest, bifactor_indices, bifactor_test
from qbank.irt.bifactor.record import BifactorCalibration, BifactorScores
from qbank.irt.bifactor.scores import score_bifactor
from qbank.irt.bifactor.simulation import simulate_bifactor

__all__ = [
    "BifactorCalibration",
    "BifactorIndices",
    "BifactorScores",
    "BifactorTest",
    "bifactor_indices",
    "bifactor_test",
    "calibrate_bifactor",
    "score_bifactor",
    "simulate_bifactor",
]
