"""How well items, persons and the whole test fit a calibration, and which items depend on each other."""
