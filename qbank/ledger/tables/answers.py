"""Sittings as they were held: papers, persons, answers, raters' marks, who had which item."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from qbank.ledger.tables.schema import String, metadata

sitting = Table(
    "sitting", metadata,
    Column("id", String, primary_key=True),
    Column("date", String, nullable=False),
    Column("place", String, nullable=False),
    Column("design", String, nullable=False),
    Column("cut", Float, nullable=False),
    Column("marks", Float, nullable=False),
    Column("bank", String, nullable=False),
    Column("occupation", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
)  # fmt: skip

paper = Table(
    "paper", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("form", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("text", Text, nullable=False),
)  # fmt: skip

intake = Table(
    "intake", metadata,
    Column("id", String, primary_key=True),
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("part", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("source", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("forms", JSON, nullable=False),
    Column("items", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("n_persons", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
    UniqueConstraint("sitting", "part", "number"),
)  # fmt: skip
"""One file of answers: a part of a sitting (a station's, usually the only one, called ``""``), first or corrected."""

person = Table(
    "person", metadata,
    Column("intake", ForeignKey("intake.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("person", String, nullable=False),
    Column("form", Integer, nullable=False),
    Column("standing", String, nullable=False),
    Column("site", String, nullable=False),
    Column("room", String, nullable=False),
    Column("seat", String, nullable=False),
    Column("groups", JSON, nullable=False),
    Index("person_by_pseudonym", "person"),
)  # fmt: skip
"""``person`` is a pseudonym; ``form`` an index into the intake's forms."""

identity = Table(
    "identity", metadata,
    Column("intake", ForeignKey("intake.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("number", String, nullable=False),
    Column("name", String, nullable=False),
    Column("document", String, nullable=False),
    Index("identity_by_number", "number"),
    Index("identity_by_document", "document"),
)  # fmt: skip
"""The only table that says who somebody is: 准考证号, 姓名, 身份证号 as they stood in the file."""

seal = Table(
    "seal", metadata,
    Column("intake", ForeignKey("intake.id", ondelete="CASCADE"), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)  # fmt: skip
"""The key by which the trail's digests of a file's persons were made: another one whenever somebody leaves it."""

answer_mark = Table(
    "answer_mark", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("person", String, primary_key=True),
    Column("item", String, primary_key=True),
    Column("standing", String, nullable=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("why", Text, nullable=False),
    Index("answer_mark_by_person", "person"),
)  # fmt: skip
"""Single answers declared ``void`` or ``withheld`` after the import, laid over what stands on paper; one that is taken
back has no row."""

response_block = Table(
    "response_block", metadata,
    Column("intake", ForeignKey("intake.id", ondelete="CASCADE"), primary_key=True),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("first", Integer, nullable=False),
    Column("n_persons", Integer, nullable=False),
    Column("n_items", Integer, nullable=False),
    Column("dtype", String, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("checksum", String, nullable=False),
)  # fmt: skip

rating_block = Table(
    "rating_block", metadata,
    Column("intake", ForeignKey("intake.id", ondelete="CASCADE"), primary_key=True),
    Column("raters", JSON, nullable=False),
    Column("steps", JSON, nullable=False),
    Column("n_ratings", Integer, nullable=False),
    Column("rating", LargeBinary, nullable=False),
    Column("checksum", String, nullable=False),
)  # fmt: skip
"""Marks by person, item, step and rater."""

exposure = Table(
    "exposure", metadata,
    Column("intake", ForeignKey("intake.id", ondelete="CASCADE"), primary_key=True),
    Column("item", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("n_seen", Integer, nullable=False),
    Column("papers", JSON, nullable=False),
    Index("exposure_by_item", "item"),
)  # fmt: skip
"""How many persons had an item, and on which papers; counts from the import on, by the item's id through every revision."""
