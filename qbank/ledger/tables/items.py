"""What analyses and calibrations say of items."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, Table, UniqueConstraint

from qbank.ledger.tables.schema import String, metadata

item_use = Table(
    "item_use", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("item", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("n", Integer, nullable=False),
    Column("facility", Float),
    Column("item_rest", Float),
    Column("n_omitted", Integer, nullable=False),
    Column("n_not_reached", Integer, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("held", Boolean, nullable=False),
    Index("item_use_by_item", "item"),
)  # fmt: skip
"""What the analysis of a sitting says of an item revision."""

sitting_level = Table(
    "sitting_level", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("logits", Float, nullable=False),
    Column("n_shared", Integer, nullable=False),
)  # fmt: skip
"""By how much a whole sitting went better than the others, from all analyses together: one goes, and all rows go."""

item_flag = Table(
    "item_flag", metadata,
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), primary_key=True),
    Column("item", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("facts", JSON, nullable=False),
    Index("item_flag_by_item", "item"),
)  # fmt: skip
"""What is said against an item beside the flags of the analysis: by a calibration, that it drifted or was known; by its
history (``trend``), that it is out of control."""

calibration = Table(
    "calibration", metadata,
    Column("id", String, primary_key=True),
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("model", String, nullable=False),
    Column("scale", String, nullable=False),
    Column("ability_mean", Float, nullable=False),
    Column("ability_sd", Float, nullable=False),
    Column("log_likelihood", Float, nullable=False),
    Column("gradient_norm", Float, nullable=False),
    Column("converged", Boolean, nullable=False),
    Column("n_persons", Integer, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    UniqueConstraint("sitting", "number"),
)  # fmt: skip

parameter = Table(
    "parameter", metadata,
    Column("calibration", ForeignKey("calibration.id", ondelete="CASCADE"), primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("item", String, nullable=False),
    Column("model", String, nullable=False),
    Column("n_categories", Integer, nullable=False),
    Column("values", JSON, nullable=False),
    Column("errors", JSON, nullable=False),
    Column("covariance", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("n_answers", Integer, nullable=False),
    Index("parameter_by_item", "item"),
)  # fmt: skip
"""``categories``: of each category the share of the marks that it earns, and the largest that belongs to it."""

planned = Table(
    "planned", metadata,
    Column("calibration", ForeignKey("calibration.id", ondelete="CASCADE"), primary_key=True),
    Column("fingerprint", String, primary_key=True),
    Column("item", String, nullable=False),
    Column("grade", Float),
    Column("slope", Float, nullable=False),
    Column("difficulty", Float, nullable=False),
    Column("error", Float, nullable=False),
    Column("facility", Float, nullable=False),
    Column("facility_low", Float, nullable=False),
    Column("facility_high", Float, nullable=False),
    Column("n_answers", Integer, nullable=False),
    Index("planned_by_item", "item"),
)  # fmt: skip
"""Difficulties of a small sitting drawn towards the judged grades: for planning, no estimates."""

link = Table(
    "link", metadata,
    Column("id", String, primary_key=True),
    Column("sitting", ForeignKey("sitting.id", ondelete="CASCADE"), nullable=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("method", String, nullable=False),
    Column("from_scale", String, nullable=False),
    Column("to_scale", String, nullable=False),
    Column("slope", Float, nullable=False),
    Column("intercept", Float, nullable=False),
    Column("anchors", JSON, nullable=False),
    Column("settings", JSON, nullable=False),
)  # fmt: skip
