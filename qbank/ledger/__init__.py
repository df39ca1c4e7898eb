"""What sittings taught: answers, papers as printed, item use, calibrations, decisions, in one database.

Every write is one transaction: a process killed at any moment leaves the ledger as before or complete.
"""

from __future__ import annotations

from qbank.ledger.answer_marks import (
    ANSWER_STANDINGS,
    AnswerMark,
    AnswerStanding,
    MarkedAnswers,
    answer_marks_of,
    mark_answers,
)
from qbank.ledger.calibrations import (
    CalibrationRecord,
    LinkRecord,
    StoredCalibration,
    calibrations_of,
    latest_calibration,
    links_of,
    write_calibration,
)
from qbank.ledger.decisions import write_decision
from qbank.ledger.engine import Ledger, LedgerError, open_ledger, shown_place
from qbank.ledger.flags import ItemFlag, flags_of
from qbank.ledger.gate import pass_stage, stages_of, steps_of, take_back, undecided_items
from qbank.ledger.history import read_history, write_analysis
from qbank.ledger.identities import Identity, identities_of
from qbank.ledger.intakes import Design, Outcome, SittingRecord, Source, add_answers
from qbank.ledger.item_history import item_history, known_items
from qbank.ledger.item_records import DatedEstimate, ItemHistory, Revision, SittingUse, what_changed
from qbank.ledger.item_series import EstimateSeries, ItemSeries, estimate_series, item_series
from qbank.ledger.item_standing import held_by, present_estimate
from qbank.ledger.levels import StoredLevel, levels_of, write_levels
from qbank.ledger.parts import Changes, FilePart, as_facts, changes_by, file_parts
from qbank.ledger.repeaters import Repeater, repeaters_of
from qbank.ledger.scorings import (
    N_BANDS,
    ResultRow,
    Scoring,
    ScoringRecord,
    counts_of,
    current_scoring,
    persons_of,
    scorings_of,
    totals,
    write_scoring,
)
from qbank.ledger.sittings import (
    Answers,
    OtherParts,
    StoredSitting,
    list_papers,
    list_sittings,
    read_answers,
    read_other_parts,
    read_papers,
    read_sitting,
    remove_sitting,
)
from qbank.ledger.stages import STAGES, Obstacle, Stage, StageState, Step
from qbank.ledger.standings import Found, Marked, find_person, mark_person
from qbank.ledger.statistics import (
    DIMENSIONS,
    Dimension,
    Results,
    Selection,
    StatisticsRow,
    StatisticsTable,
    UnscoredSitting,
    grouped,
    read_results,
    results_of,
    statistics,
    statistics_labels,
)
from qbank.ledger.trail import Entry, entries
from qbank.ledger.verdicts import (
    NAMING,
    ON_MARKS,
    SOUND,
    VERDICTS,
    Decision,
    Verdict,
    decisions_of,
    standing_verdicts,
)
from qbank.ledger.verify import Verified, verify_ledger

__all__ = [
    "ANSWER_STANDINGS",
    "DIMENSIONS",
    "NAMING",
    "N_BANDS",
    "ON_MARKS",
    "SOUND",
    "STAGES",
    "VERDICTS",
    "AnswerMark",
    "AnswerStanding",
    "Answers",
    "CalibrationRecord",
    "Changes",
    "DatedEstimate",
    "Decision",
    "Design",
    "Dimension",
    "Entry",
    "EstimateSeries",
    "FilePart",
    "Found",
    "Identity",
    "ItemFlag",
    "ItemHistory",
    "ItemSeries",
    "Ledger",
    "LedgerError",
    "LinkRecord",
    "Marked",
    "MarkedAnswers",
    "Obstacle",
    "OtherParts",
    "Outcome",
    "Repeater",
    "ResultRow",
    "Results",
    "Revision",
    "Scoring",
    "ScoringRecord",
    "Selection",
    "SittingRecord",
    "SittingUse",
    "Source",
    "Stage",
    "StageState",
    "StatisticsRow",
    "StatisticsTable",
    "Step",
    "StoredCalibration",
    "StoredLevel",
    "StoredSitting",
    "UnscoredSitting",
    "Verdict",
    "Verified",
    "add_answers",
    "answer_marks_of",
    "as_facts",
    "calibrations_of",
    "changes_by",
    "counts_of",
    "current_scoring",
    "decisions_of",
    "entries",
    "estimate_series",
    "file_parts",
    "find_person",
    "flags_of",
    "grouped",
    "held_by",
    "identities_of",
    "item_history",
    "item_series",
    "known_items",
    "latest_calibration",
    "levels_of",
    "links_of",
    "list_papers",
    "list_sittings",
    "mark_answers",
    "mark_person",
    "open_ledger",
    "pass_stage",
    "persons_of",
    "present_estimate",
    "read_answers",
    "read_history",
    "read_other_parts",
    "read_papers",
    "read_results",
    "read_sitting",
    "remove_sitting",
    "repeaters_of",
    "results_of",
    "scorings_of",
    "shown_place",
    "stages_of",
    "standing_verdicts",
    "statistics",
    "statistics_labels",
    "steps_of",
    "take_back",
    "totals",
    "undecided_items",
    "verify_ledger",
    "what_changed",
    "write_analysis",
    "write_calibration",
    "write_decision",
    "write_levels",
    "write_scoring",
]
