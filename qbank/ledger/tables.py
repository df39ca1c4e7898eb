"""The schema, one for SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION = 1

metadata = MetaData()

schema = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

sitting = Table(
    "sitting", metadata,
    Column("id", String, primary_key=True),
    Column("date", String, nullable=False),
    Column("place", String, nullable=False),
    Column("design", String, nullable=False),
    Column("cut", Float, nullable=False),
    Column("marks", Float, nullable=False),
    Column("bank", String, nullable=False),
    Column("source_digest", String, nullable=False),
)  # fmt: skip

paper = Table(
    "paper", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("form", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("text", Text, nullable=False),
)  # fmt: skip

person = Table(
    "person", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("person", String, nullable=False),
    Column("form", Integer, nullable=False),
    Column("groups", JSON, nullable=False),
)  # fmt: skip

response_block = Table(
    "response_block", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("n_persons", Integer, nullable=False),
    Column("n_items", Integer, nullable=False),
    Column("items", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("checksum", String, nullable=False),
)  # fmt: skip

item_use = Table(
    "item_use", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("item", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("n_seen", Integer, nullable=False),
    Column("facility", Float),
    Column("item_rest", Float),
    Column("flags", JSON, nullable=False),
    Column("held", Boolean, nullable=False),
)  # fmt: skip

calibration = Table(
    "calibration", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("model", String, nullable=False),
    Column("scale", String, nullable=False),
    Column("ability_mean", Float, nullable=False),
    Column("ability_sd", Float, nullable=False),
    Column("log_likelihood", Float, nullable=False),
    Column("gradient_norm", Float, nullable=False),
    Column("converged", Boolean, nullable=False),
    Column("n_persons", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
)  # fmt: skip

estimate = Table(
    "estimate", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("item", String, nullable=False),
    Column("a", Float, nullable=False),
    Column("b", Float, nullable=False),
    Column("se_a", Float),
    Column("se_b", Float),
    Column("n_answers", Integer, nullable=False),
)  # fmt: skip

decision = Table(
    "decision", metadata,
    Column("id", Integer, primary_key=True),
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), nullable=False),
    Column("item", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("who", String, nullable=False),
    Column("at", String, nullable=False),
)  # fmt: skip
