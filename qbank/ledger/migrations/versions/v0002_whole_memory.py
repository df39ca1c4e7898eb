"""The whole memory: parts and corrections of sittings, pseudonyms, blocks, scorings, general parameters, the trail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0002"
down_revision = "0001"

OLD = (
    "decision", "estimate", "calibration", "item_use", "response_block", "person", "paper", "sitting",
)  # fmt: skip
STRING = sa.String().with_variant(sa.String(collation="C"), "postgresql")
CODES = {-4: "void", -5: "withheld"}


def upgrade() -> None:
    """Set the old tables aside, make the new ones, carry everything over, and drop the old ones."""
    connection = op.get_bind()
    for name in OLD:
        op.rename_table(name, f"old_{name}")
    make_tables()
    key = secrets.token_bytes(32)
    put(connection, "secret", [{"name": "pseudonyms", "value": key}])
    sittings = rows(connection, "old_sitting")
    blocks: dict[str, list[str]] = {}
    for one in sittings:
        blocks |= carry_sitting(connection, one, key)
    carry_calibrations(connection)
    carry_decisions(connection)
    say_so(connection, [one["id"] for one in sittings], blocks)
    for name in OLD:
        op.drop_table(f"old_{name}")
    op.drop_table("schema_version")


def rows(connection: sa.Connection, table: str, **where: Any) -> list[Mapping[str, Any]]:
    """Return the rows of an old table as they are stored."""
    clause = " AND ".join(f"{name} = :{name}" for name in where)
    query = sa.text(f"SELECT * FROM {table}" + (f" WHERE {clause}" if clause else ""))
    return [dict(row) for row in connection.execute(query, where).mappings()]


def put(connection: sa.Connection, table: str, values: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into a new table; lists and tables of values become JSON."""
    if values:
        plain = [{n: json.dumps(v) if isinstance(v, list | dict) else v for n, v in row.items()} for row in values]
        names = list(plain[0])
        quoted = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join(f":{name}" for name in names)
        connection.execute(sa.text(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})'), plain)


def loaded(value: Any) -> Any:
    """Return a stored JSON value, which SQLite hands back as text."""
    return json.loads(value) if isinstance(value, str) else value


def carry_sitting(connection: sa.Connection, one: Mapping[str, Any], key: bytes) -> dict[str, list[str]]:
    """Carry one sitting over: papers, one intake, its persons and answers, exposure and what the analysis said; return
    the checksums of the answers by intake."""
    id = one["id"]
    papers = sorted(rows(connection, "old_paper", sitting=id), key=lambda row: row["position"])
    persons = sorted(rows(connection, "old_person", sitting=id), key=lambda row: row["position"])
    (block,) = rows(connection, "old_response_block", sitting=id)
    raw = zstandard.ZstdDecompressor().decompress(block["answer"])
    if hashlib.sha256(raw).hexdigest() != block["checksum"]:
        raise ValueError(f"the answers of {id} do not match their checksum")
    answer = np.frombuffer(raw, dtype="<i2").reshape(block["n_persons"], block["n_items"]).copy()
    standing = ["present"] * len(persons)
    for code, word in CODES.items():
        for row in np.flatnonzero((answer == code).any(axis=1)).tolist():
            standing[row] = word
    # what stood on void and withheld papers was not kept: those answers stay as they are
    intake = f"{id}//1"
    names = ("id", "date", "place", "design", "cut", "marks", "bank")
    put(connection, "sitting", [{n: one[n] for n in names} | {"occupation": "", "level": 0, "settings": {}}])
    put(connection, "paper", [{n: p[n] for n in ("sitting", "form", "position", "digest", "text")} for p in papers])
    put(connection, "intake", [{
        "id": intake, "sitting": id, "part": "", "number": 1, "current": True, "at": "", "who": "", "source": "",
        "digest": one["source_digest"], "why": "", "forms": [p["form"] for p in papers],
        "items": loaded(block["items"]), "labels": loaded(block["labels"]), "n_persons": len(persons), "settings": {},
    }])  # fmt: skip
    groups = [loaded(row["groups"]) for row in persons]
    put(connection, "person", [
        {
            "intake": intake, "position": n, "person": pseudonym(key, row["person"]), "form": row["form"],
            "standing": standing[n], **{name: str(own.get(name, "")) for name in ("site", "room", "seat")},
            "groups": {name: word for name, word in own.items() if name not in ("site", "room", "seat")},
        }
        for n, (row, own) in enumerate(zip(persons, groups, strict=True))
    ])  # fmt: skip
    put(connection, "identity", [
        {"intake": intake, "position": n, "number": row["person"], "name": "", "document": ""}
        for n, row in enumerate(persons)
    ])  # fmt: skip
    checksums = carry_answers(connection, intake, answer)
    uses = rows(connection, "old_item_use", sitting=id)
    put(connection, "exposure", [
        {
            "intake": intake, "item": u["item"], "fingerprint": u["fingerprint"], "n_seen": u["n_seen"],
            "papers": [p["form"] for p in papers if f"fingerprint: {u['fingerprint']}," in p["text"]],
        }
        for u in uses
    ])  # fmt: skip
    analysed = [u for u in uses if u["facility"] is not None]
    if analysed:
        put(connection, "item_use", [
            {
                "sitting": id, "item": u["item"], "fingerprint": u["fingerprint"], "n": u["n_seen"],
                "facility": u["facility"], "item_rest": u["item_rest"], "n_omitted": 0, "n_not_reached": 0,
                "flags": loaded(u["flags"]), "held": bool(u["held"]),
            }
            for u in uses
        ])  # fmt: skip
    return {intake: checksums}


def carry_answers(connection: sa.Connection, intake: str, answer: Any) -> list[str]:
    """Write answers in blocks of 20,000 persons, with the checksum of type, shape and bytes; return the checksums."""
    found = []
    for block, first in enumerate(range(0, max(len(answer), 1), 20_000)):
        part = np.ascontiguousarray(answer[first : first + 20_000])
        small = part.size == 0 or (part.min() >= -128 and part.max() <= 127)
        name, kind = ("int8", "<i1") if small else ("int16", "<i2")
        data = part.astype(kind).tobytes()
        shape = f"{part.shape[0]}x{part.shape[1]}"
        found.append(hashlib.sha256(f"{name} {shape}\n".encode() + data).hexdigest())
        put(connection, "response_block", [{
            "intake": intake, "block": block, "first": first, "n_persons": part.shape[0], "n_items": part.shape[1],
            "dtype": name, "answer": zstandard.ZstdCompressor(level=6).compress(data),
            "checksum": found[-1],
        }])  # fmt: skip
    return found


def carry_calibrations(connection: sa.Connection) -> None:
    """Carry calibrations over; slopes and difficulties become named values."""
    for head in rows(connection, "old_calibration"):
        id = f"{head['sitting']}/1"
        names = ("sitting", "model", "scale", "ability_mean", "ability_sd", "log_likelihood", "gradient_norm", "n_persons")
        own = {"id": id, "number": 1, "current": True, "at": "", "who": "", "converged": bool(head["converged"])}
        values = {n: head[n] for n in names} | own | {"settings": loaded(head["settings"]), "versions": {}}
        put(connection, "calibration", [values])
        put(connection, "parameter", [
            {
                "calibration": id, "fingerprint": e["fingerprint"], "item": e["item"], "model": head["model"],
                "n_categories": 2, "values": {"a": e["a"], "b": e["b"]}, "errors": {"a": e["se_a"], "b": e["se_b"]},
                "covariance": [], "categories": [[0.0, 0.0], [1.0, 1.0]], "n_answers": e["n_answers"],
            }
            for e in rows(connection, "old_estimate", sitting=head["sitting"])
        ])  # fmt: skip


def carry_decisions(connection: sa.Connection) -> None:
    """Carry decisions over in their order."""
    names = ("sitting", "item", "fingerprint", "verdict", "why", "who", "at")
    found = sorted(rows(connection, "old_decision"), key=lambda row: row["id"])
    put(connection, "decision", [
        {"id": f"{row['sitting']}/{n}", "number": n} | {name: row[name] for name in names}
        for n, row in enumerate(found, start=1)
    ])  # fmt: skip


def say_so(connection: sa.Connection, sittings: list[str], blocks: Mapping[str, list[str]]) -> None:
    """Begin the trail with what was there before it."""
    row = {
        "number": 1, "at": "", "who": "", "action": "trail begun", "subject": "",
        "facts": {"before": {"revision": "0001"}, "sittings": sittings, "blocks": dict(blocks)}, "previous": "",
    }  # fmt: skip
    words = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    found = hashlib.sha256(words.encode()).hexdigest()
    put(connection, "trail", [row | {"hash": found}])
    put(connection, "trail_end", [{"id": 1, "number": 1, "hash": found}])


def pseudonym(key: bytes, number: str) -> str:
    """Return the pseudonym of a number: 80 bits of HMAC-SHA256 in base 32."""
    plain = "".join(unicodedata.normalize("NFKC", number).split()).upper().encode()
    return "p" + base64.b32encode(hmac.digest(key, plain, hashlib.sha256)[:10]).decode("ascii").lower()


def make_tables() -> None:
    """Make the tables of this revision."""
    op.create_table("secret",
        sa.Column("name", STRING, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name")
    )
    op.create_table("sitting",
        sa.Column("id", STRING, nullable=False),
        sa.Column("date", STRING, nullable=False),
        sa.Column("place", STRING, nullable=False),
        sa.Column("design", STRING, nullable=False),
        sa.Column("cut", sa.Float(), nullable=False),
        sa.Column("marks", sa.Float(), nullable=False),
        sa.Column("bank", STRING, nullable=False),
        sa.Column("occupation", STRING, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_table("trail",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("action", STRING, nullable=False),
        sa.Column("subject", STRING, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("previous", STRING, nullable=False),
        sa.Column("hash", STRING, nullable=False),
        sa.PrimaryKeyConstraint("number")
    )
    op.create_table("trail_end",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", STRING, nullable=False),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_table("calibration",
        sa.Column("id", STRING, nullable=False),
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("model", STRING, nullable=False),
        sa.Column("scale", STRING, nullable=False),
        sa.Column("ability_mean", sa.Float(), nullable=False),
        sa.Column("ability_sd", sa.Float(), nullable=False),
        sa.Column("log_likelihood", sa.Float(), nullable=False),
        sa.Column("gradient_norm", sa.Float(), nullable=False),
        sa.Column("converged", sa.Boolean(), nullable=False),
        sa.Column("n_persons", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sitting", "number")
    )
    op.create_index(op.f("ix_calibration_sitting"), "calibration", ["sitting"], unique=False)
    op.create_table("decision",
        sa.Column("id", STRING, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("item", STRING, nullable=False),
        sa.Column("fingerprint", STRING, nullable=False),
        sa.Column("verdict", STRING, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index(op.f("ix_decision_item"), "decision", ["item"], unique=False)
    op.create_index(op.f("ix_decision_sitting"), "decision", ["sitting"], unique=False)
    op.create_table("item_flag",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("item", STRING, nullable=False),
        sa.Column("code", STRING, nullable=False),
        sa.Column("fingerprint", STRING, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting", "item", "code")
    )
    op.create_index("item_flag_by_item", "item_flag", ["item"], unique=False)
    op.create_table("sitting_level",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("logits", sa.Float(), nullable=False),
        sa.Column("n_shared", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting")
    )
    op.create_table("gate",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", STRING, nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting", "number")
    )
    op.create_table("intake",
        sa.Column("id", STRING, nullable=False),
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("part", STRING, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("source", STRING, nullable=False),
        sa.Column("digest", STRING, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("forms", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("n_persons", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sitting", "part", "number")
    )
    op.create_index(op.f("ix_intake_sitting"), "intake", ["sitting"], unique=False)
    op.create_table("item_use",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("item", STRING, nullable=False),
        sa.Column("fingerprint", STRING, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("facility", sa.Float(), nullable=True),
        sa.Column("item_rest", sa.Float(), nullable=True),
        sa.Column("n_omitted", sa.Integer(), nullable=False),
        sa.Column("n_not_reached", sa.Integer(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting", "item")
    )
    op.create_index("item_use_by_item", "item_use", ["item"], unique=False)
    op.create_table("link",
        sa.Column("id", STRING, nullable=False),
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("method", STRING, nullable=False),
        sa.Column("from_scale", STRING, nullable=False),
        sa.Column("to_scale", STRING, nullable=False),
        sa.Column("slope", sa.Float(), nullable=False),
        sa.Column("intercept", sa.Float(), nullable=False),
        sa.Column("anchors", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_table("paper",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("form", STRING, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", STRING, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting", "form")
    )
    op.create_table("scoring",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("intakes", sa.JSON(), nullable=False),
        sa.Column("n_persons", sa.Integer(), nullable=False),
        sa.Column("total", sa.LargeBinary(), nullable=False),
        sa.Column("checksum", STRING, nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting", "number")
    )
    op.create_table("exposure",
        sa.Column("intake", STRING, nullable=False),
        sa.Column("item", STRING, nullable=False),
        sa.Column("fingerprint", STRING, nullable=False),
        sa.Column("n_seen", sa.Integer(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("intake", "item")
    )
    op.create_index("exposure_by_item", "exposure", ["item"], unique=False)
    op.create_table("identity",
        sa.Column("intake", STRING, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", STRING, nullable=False),
        sa.Column("name", STRING, nullable=False),
        sa.Column("document", STRING, nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("intake", "position")
    )
    op.create_index("identity_by_document", "identity", ["document"], unique=False)
    op.create_index("identity_by_number", "identity", ["number"], unique=False)
    op.create_table("parameter",
        sa.Column("calibration", STRING, nullable=False),
        sa.Column("fingerprint", STRING, nullable=False),
        sa.Column("item", STRING, nullable=False),
        sa.Column("model", STRING, nullable=False),
        sa.Column("n_categories", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("covariance", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("n_answers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["calibration"], ["calibration.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("calibration", "fingerprint")
    )
    op.create_index("parameter_by_item", "parameter", ["item"], unique=False)
    op.create_table("person",
        sa.Column("intake", STRING, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", STRING, nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("standing", STRING, nullable=False),
        sa.Column("site", STRING, nullable=False),
        sa.Column("room", STRING, nullable=False),
        sa.Column("seat", STRING, nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("intake", "position")
    )
    op.create_index("person_by_pseudonym", "person", ["person"], unique=False)
    op.create_table("planned",
        sa.Column("calibration", STRING, nullable=False),
        sa.Column("fingerprint", STRING, nullable=False),
        sa.Column("item", STRING, nullable=False),
        sa.Column("grade", sa.Float(), nullable=True),
        sa.Column("slope", sa.Float(), nullable=False),
        sa.Column("difficulty", sa.Float(), nullable=False),
        sa.Column("error", sa.Float(), nullable=False),
        sa.Column("facility", sa.Float(), nullable=False),
        sa.Column("facility_low", sa.Float(), nullable=False),
        sa.Column("facility_high", sa.Float(), nullable=False),
        sa.Column("n_answers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["calibration"], ["calibration.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("calibration", "fingerprint")
    )
    op.create_index("planned_by_item", "planned", ["item"], unique=False)
    op.create_table("rating_block",
        sa.Column("intake", STRING, nullable=False),
        sa.Column("raters", sa.JSON(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("n_ratings", sa.Integer(), nullable=False),
        sa.Column("rating", sa.LargeBinary(), nullable=False),
        sa.Column("checksum", STRING, nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("intake")
    )
    op.create_table("response_block",
        sa.Column("intake", STRING, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("n_persons", sa.Integer(), nullable=False),
        sa.Column("n_items", sa.Integer(), nullable=False),
        sa.Column("dtype", STRING, nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("checksum", STRING, nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("intake", "block")
    )
    op.create_table("result",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site", STRING, nullable=False),
        sa.Column("form", STRING, nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("void", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("sum", sa.Float(), nullable=False),
        sa.Column("sum_of_squares", sa.Float(), nullable=False),
        sa.Column("bands", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sitting", "number"], ["scoring.sitting", "scoring.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting", "number", "site", "form")
    )
