"""What sittings taught: answers, papers as printed, item use, calibrations, decisions, in one database.

Every write is one transaction: a process killed at any moment leaves the ledger as before or complete.
"""

from __future__ import annotations

from qbank.ledger.engine import Ledger, LedgerError, open_ledger
from qbank.ledger.history import (
    Decision,
    decisions_of,
    latest_calibration,
    read_history,
    write_analysis,
    write_calibration,
    write_decision,
)
from qbank.ledger.sittings import (
    Design,
    SittingRecord,
    StoredSitting,
    add_sitting,
    list_papers,
    list_sittings,
    read_sitting,
    remove_sitting,
)

__all__ = [
    "Decision",
    "Design",
    "Ledger",
    "LedgerError",
    "SittingRecord",
    "StoredSitting",
    "add_sitting",
    "decisions_of",
    "latest_calibration",
    "list_papers",
    "list_sittings",
    "open_ledger",
    "read_history",
    "read_sitting",
    "remove_sitting",
    "write_analysis",
    "write_calibration",
    "write_decision",
]
