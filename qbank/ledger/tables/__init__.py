"""The schema, one for SQLite and PostgreSQL; what changes here needs a step in ``migrations/versions``.

Answers are blocks of rows of one intake, never changed. A corrected file is another intake of its part of the sitting;
the former one stays, without any name. A person is a pseudonym everywhere but in ``identity``.
"""

from __future__ import annotations

from qbank.ledger.tables.answers import (
    answer_mark,
    exposure,
    identity,
    intake,
    paper,
    person,
    rating_block,
    response_block,
    seal,
    sitting,
)
from qbank.ledger.tables.items import (
    calibration,
    item_flag,
    item_use,
    link,
    parameter,
    planned,
    sitting_level,
)
from qbank.ledger.tables.marking import decision, gate, paper_cut, result, scoring
from qbank.ledger.tables.schema import String, metadata
from qbank.ledger.tables.written import secret, trail, trail_end

__all__ = [
    "String",
    "answer_mark",
    "calibration",
    "decision",
    "exposure",
    "gate",
    "identity",
    "intake",
    "item_flag",
    "item_use",
    "link",
    "metadata",
    "paper",
    "paper_cut",
    "parameter",
    "person",
    "planned",
    "rating_block",
    "response_block",
    "result",
    "scoring",
    "seal",
    "secret",
    "sitting",
    "sitting_level",
    "trail",
    "trail_end",
]
