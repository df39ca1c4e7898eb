"""Item response theory: calibration, scoring, fit, linking and simulation. Imports numpy, scipy and threadpoolctl only."""

from qbank.irt.calibration import calibrate

__all__ = ["calibrate"]
