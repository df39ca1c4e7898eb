"""The schema, one for SQLite and PostgreSQL; what changes here needs a step in ``migrations/versions``.

Answers are blocks of rows of one intake, never changed. A corrected file is another intake of its part of the sitting;
the former one stays, without any name. A person is a pseudonym everywhere but in ``identity``.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import String as AnyString

String = AnyString().with_variant(AnyString(collation="C"), "postgresql")
"""Words that sort by their characters on both engines, whatever the language of the server."""

metadata = MetaData()

secret = Table(
    "secret", metadata,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)  # fmt: skip
"""``pseudonyms``: the key by which numbers of persons become pseudonyms."""

trail = Table(
    "trail", metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)  # fmt: skip
"""Everything that was ever done, in a chain of hashes; rows are only added."""

trail_end = Table(
    "trail_end", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String, nullable=False),
)  # fmt: skip
"""One row: the last of the trail, locked by whoever adds to it."""

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
