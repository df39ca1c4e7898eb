"""Calibration by marginal maximum likelihood: the design, EM, the way to the maximum, errors."""
