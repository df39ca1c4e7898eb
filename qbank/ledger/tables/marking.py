"""How answers are marked, who passes, what people decided, and how far a sitting is on its way to release."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from qbank.ledger.tables.schema import String, metadata

scoring = Table(
    "scoring", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("why", Text, nullable=False, default=""),
    Column("current", Boolean, nullable=False),
    Column("rules", JSON, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("intakes", JSON, nullable=False),
    Column("n_persons", Integer, nullable=False),
    Column("total", LargeBinary, nullable=False),
    Column("checksum", String, nullable=False),
)  # fmt: skip
"""One run of marking: the rules, what was changed of the printed marking, and the total of every person."""

result = Table(
    "result", metadata,
    Column("sitting", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("site", String, primary_key=True),
    Column("form", String, primary_key=True),
    Column("registered", Integer, nullable=False),
    Column("present", Integer, nullable=False),
    Column("void", Integer, nullable=False),
    Column("withheld", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("passed", Integer, nullable=False),
    Column("sum", Float, nullable=False),
    Column("sum_of_squares", Float, nullable=False),
    Column("bands", JSON, nullable=False),
    ForeignKeyConstraint(["sitting", "number"], ["scoring.sitting", "scoring.number"], ondelete="CASCADE"),
)  # fmt: skip
"""Counts of one scoring by site and paper; ``waiting`` sat and have no total before their tasks are marked; ``bands`` counts the present by twentieths of the marks."""

decision = Table(
    "decision", metadata,
    Column("id", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("item", String, nullable=False, index=True),
    Column("fingerprint", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("who", String, nullable=False),
    Column("at", String, nullable=False),
)  # fmt: skip

paper_cut = Table(
    "paper_cut", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("paper", String, nullable=False),
    Column("cut", Float, nullable=False),
    Column("equated", Float, nullable=False),
    Column("base", String, nullable=False),
    Column("base_cut", Float, nullable=False),
    Column("method", String, nullable=False),
    Column("se", Float),
    Column("basis", String, nullable=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("current", Boolean, nullable=False),
)  # fmt: skip
"""Cuts of papers that somebody accepted after equating, in place of that of the sitting; rows are only added, and one that
was taken back or followed by another is not current. ``cut`` is the lowest mark that passes, ``equated`` the exact one."""

gate = Table(
    "gate", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("stage", String, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("facts", JSON, nullable=False),
)  # fmt: skip
"""The stages of a sitting, each passed (or taken back) by someone; the last row of a stage holds."""
