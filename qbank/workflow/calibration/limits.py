"""Numbers that a calibration of a sitting is decided by."""

from __future__ import annotations

# With fewer persons the difficulties are drawn towards the judged grades as well, for planning.
PLANNED_BELOW = 200
# Fewer anchors than this say nothing about which of them has drifted.
LEAST_ANCHORS = 5
# Chance that any anchor at all is called drifted where none has.
DRIFT_LEVEL = 0.01
COMPARED = ("rasch", "2pl", "3pl")
# An item fits badly when S-X2 is significant after Holm's correction and the effect is not small: an RMSEA above
# 0.05, or mean squares outside 0.7 to 1.3 (Wright & Linacre 1994, for tests with consequences).
FIT_LEVEL, FIT_RMSEA, FIT_RANGE = 0.01, 0.05, (0.7, 1.3)
# A step that hardly anybody took has no difficulty worth the name: marks that fewer persons earned are joined with
# the marks beside them.
LEAST_IN_CATEGORY = 10
# Marks in steps of a half can be forty; beyond so many categories the steps tell one another apart no longer.
MOST_CATEGORIES = 10
