"""Item review: flags by stated thresholds, everything found about an item, its suspected cause and what to do.

flag_table(items, options, keys=likely_keys(data))     # from the classical tables alone
found = findings_table(analysis, raised)               # from every topic that ran
review_table(found)                                    # one row an item, worst first
"""

from __future__ import annotations

from qbank.analysis.review.causes import CAUSES, WEIGHTS, Cause, suspected_cause
from qbank.analysis.review.findings import FINDINGS, Raised, findings_table, review_table
from qbank.analysis.review.flags import CODES, HOLDS, INFORMS, flag_table
from qbank.analysis.review.thresholds import Thresholds

__all__ = [
    "CAUSES",
    "CODES",
    "FINDINGS",
    "HOLDS",
    "INFORMS",
    "WEIGHTS",
    "Cause",
    "Raised",
    "Thresholds",
    "findings_table",
    "flag_table",
    "review_table",
    "suspected_cause",
]
