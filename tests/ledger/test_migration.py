"""A ledger of an earlier schema becomes one of the present: whole or not at all, with all that it held, on both engines."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, select, text

from qbank.core.responses import counted_answers
from qbank.ledger import (
    Ledger,
    LedgerError,
    decisions_of,
    entries,
    identities_of,
    list_sittings,
    open_ledger,
    read_sitting,
    tables,
    verify_ledger,
)
from qbank.ledger.migrations import FOLDER, HEAD, revision_of, upgrade
from tests.ledger.engines import ENGINES, place_on
from tests.workflow.places import REPOSITORY

STORED = Path(__file__).parent / "stored" / "schema-1.db"
SECOND = STORED.with_name("schema-2.db")
OLD_TABLES = ("schema_version", "sitting", "paper", "person", "response_block", "item_use", "calibration", "estimate", "decision")


def old_rows(table: str) -> list[dict[str, Any]]:
    """Return the rows of the stored file, read without qbank."""
    connection = sqlite3.connect(f"file:{STORED}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    finally:
        connection.close()


def put_old_into_postgresql(url: str) -> None:
    """Make the tables of the first schema by their own words, and fill them from the stored file."""
    import psycopg

    source = sqlite3.connect(f"file:{STORED}?mode=ro", uri=True)
    with psycopg.connect(url) as target:
        for name in OLD_TABLES:
            words = source.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            target.execute(words.replace("BLOB", "BYTEA").replace("FLOAT", "DOUBLE PRECISION"))
            found = source.execute(f"SELECT * FROM {name}")
            kinds = {r[1]: r[2] for r in source.execute(f"PRAGMA table_info({name})")}
            truth = [kinds[column[0]] == "BOOLEAN" for column in found.description]
            for row in found.fetchall():
                values = [bool(v) if is_truth and v is not None else v for v, is_truth in zip(row, truth, strict=True)]
                target.execute(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(row))})", values)  # type: ignore[arg-type]
    source.close()


@pytest.fixture(params=ENGINES)
def old_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield a place with a ledger of the first schema."""
    with place_on(request.param, tmp_path) as place:
        if request.param == "sqlite":
            shutil.copy(STORED, place)
        else:
            put_old_into_postgresql(place)
        yield place


def test_what_a_ledger_of_the_first_schema_held_is_all_there(old_place: str) -> None:
    ledger = open_ledger(old_place)
    (old,) = old_rows("sitting")
    persons = sorted(old_rows("person"), key=lambda row: row["position"])
    (block,) = old_rows("response_block")
    stored = read_sitting(ledger, old["id"])
    assert stored is not None
    for name in ("id", "date", "place", "design", "cut", "marks", "bank"):
        assert getattr(stored.record, name) == old[name], name
    known = identities_of(ledger, old["id"])
    assert [known[person].number for person in stored.responses.persons] == [row["person"] for row in persons]
    assert stored.responses.form.tolist() == [row["form"] for row in persons]
    raw = zstandard.ZstdDecompressor().decompress(block["answer"])
    answer = np.frombuffer(raw, "<i2").reshape(block["n_persons"], block["n_items"])
    np.testing.assert_array_equal(stored.responses.answer, answer)
    np.testing.assert_array_equal(counted_answers(stored.responses), answer)
    assert list(stored.responses.items) == json.loads(block["items"])
    assert [list(words) for words in stored.responses.labels] == json.loads(block["labels"])
    groups = dict(stored.responses.groups)
    for row, person in enumerate(persons):
        for name, word in json.loads(person["groups"]).items():
            assert groups.get(name, [""] * len(persons))[row] == word
    papers = sorted(old_rows("paper"), key=lambda row: row["position"])
    assert list(stored.papers) == [row["text"] for row in papers]
    _uses_and_estimates_are_there(ledger)
    assert [(d.item, d.verdict, d.why, d.who, d.at) for d in decisions_of(ledger)] == [
        tuple(row[name] for name in ("item", "verdict", "why", "who", "at"))
        for row in sorted(old_rows("decision"), key=lambda row: row["id"])
    ]
    assert verify_ledger(ledger)[1] == []
    ledger.close()


def _uses_and_estimates_are_there(ledger: Ledger) -> None:
    u, e, p, c = tables.item_use.c, tables.exposure.c, tables.parameter.c, tables.calibration.c
    with ledger.read() as connection:
        uses = connection.execute(select(u.item, u.fingerprint, u.n, u.facility, u.item_rest, u.flags, u.held)).all()
        seen = connection.execute(select(e.item, e.fingerprint, e.n_seen)).all()
        estimates = connection.execute(select(p.item, p.fingerprint, p["values"], p.errors, p.n_answers)).all()
        heads = connection.execute(select(c.sitting, c.model, c.scale, c.log_likelihood, c.converged, c.n_persons)).all()
    old = old_rows("item_use")
    assert sorted(map(tuple, seen)) == sorted((r["item"], r["fingerprint"], r["n_seen"]) for r in old)
    expected = [
        (r["item"], r["fingerprint"], r["n_seen"], r["facility"], r["item_rest"], json.loads(r["flags"]), bool(r["held"]))
        for r in old
    ]  # fmt: skip
    assert sorted(map(repr, map(tuple, uses))) == sorted(map(repr, expected))
    assert sorted(map(repr, map(tuple, estimates))) == sorted(
        repr((r["item"], r["fingerprint"], {"a": r["a"], "b": r["b"]}, {"a": r["se_a"], "b": r["se_b"]}, r["n_answers"]))
        for r in old_rows("estimate")
    )
    assert [tuple(head) for head in heads] == [
        (r["sitting"], r["model"], r["scale"], r["log_likelihood"], bool(r["converged"]), r["n_persons"])
        for r in old_rows("calibration")
    ]
    assert old and estimates and heads  # the stored file has something of each


def shape(ledger: Ledger) -> dict[str, Any]:
    """Return columns, keys, indexes and collations as the database itself tells them."""
    with ledger.read() as connection:
        inspector = inspect(connection)
        found: dict[str, Any] = {}
        for table in sorted(inspector.get_table_names()):
            found[table] = {
                "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)),
                "key": inspector.get_pk_constraint(table)["constrained_columns"],
                "foreign": sorted(f"{k['constrained_columns']} {k['referred_table']} {k['options']}" for k in inspector.get_foreign_keys(table)),
                "indexes": sorted(f"{i['name']} {i['column_names']} {bool(i['unique'])}" for i in inspector.get_indexes(table)
                                  if not i.get("duplicates_constraint")),
                "unique": sorted(u["column_names"] for u in inspector.get_unique_constraints(table)),
            }  # fmt: skip
        if connection.dialect.name == "postgresql":
            query = text("SELECT table_name, column_name, collation_name FROM information_schema.columns "
                         "WHERE table_schema = current_schema() AND table_name <> 'alembic_version' ORDER BY 1, 2")  # fmt: skip
            found["collations"] = [tuple(row) for row in connection.execute(query)]
        return found


def differences(ledger: Ledger) -> list[Any]:
    with ledger.read() as connection:
        options = {"compare_type": True, "include_name": lambda name, kind, _: (kind, name) != ("table", "alembic_version")}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata))


def test_a_migrated_ledger_is_one_that_was_made_new(old_place: str, ledger_place: str, tmp_path: Path) -> None:
    migrated = open_ledger(old_place)
    assert differences(migrated) == []
    fresh = open_ledger(ledger_place if "://" in old_place and "://" in ledger_place else tmp_path / "fresh.db")
    assert differences(fresh) == []
    if migrated.engine.dialect.name == fresh.engine.dialect.name:
        assert shape(migrated) == shape(fresh)
    migrated.close()
    fresh.close()


def test_the_newest_step_is_the_schema_of_the_program() -> None:
    assert ScriptDirectory(str(FOLDER)).get_heads() == [HEAD]


def test_an_old_sqlite_ledger_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(STORED, path)
    open_ledger(path).close()
    kept = tmp_path / f"ledger.db.before-{HEAD}"
    assert dump(kept) == dump(STORED)
    assert [entry.action for entry in entries(open_ledger(path))] == ["trail begun", "ledger upgraded", "ledger upgraded"]


def rows_by_table(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of a SQLite file, read without qbank."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}
    finally:
        connection.close()


def test_what_a_ledger_of_the_second_schema_held_is_all_there(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    shutil.copy(SECOND, path)
    before = rows_by_table(path)
    assert all(before.values())  # the stored file has something of each
    ledger = open_ledger(path)
    assert verify_ledger(ledger)[1] == []
    assert [entry.facts["before"] for entry in entries(ledger)[-2:]] == [{"revision": "0002"}, {"revision": "0003"}]
    with ledger.begin() as connection:  # who sat is known to the trail from now on
        connection.execute(text("UPDATE identity SET name = 'x' WHERE position = 0"))
    assert {(p.code, dict(p.facts)["table"]) for p in verify_ledger(ledger)[1]} == {("L216", "identity")}
    with ledger.begin() as connection:
        connection.execute(text("UPDATE identity SET name = '' WHERE position = 0"))
    ledger.close()
    after = rows_by_table(path)
    for name, rows in before.items():
        if name not in ("alembic_version", "trail_end"):
            new = [row for row in after[name] if row not in rows]
            assert len(new) == 2 * (name == "trail") and len(after[name]) == len(rows) + len(new), name


def names_of(place: str) -> set[str]:
    """Return the tables of a ledger, read without opening it."""
    engine = create_engine(place.replace("postgresql://", "postgresql+psycopg://") if "://" in place else f"sqlite:///{place}")
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_a_step_that_fails_leaves_the_ledger_as_it_was(old_place: str) -> None:
    engine = create_engine(
        old_place.replace("postgresql://", "postgresql+psycopg://") if "://" in old_place else f"sqlite:///{old_place}"
    )
    with engine.begin() as connection:
        connection.execute(text("UPDATE response_block SET checksum = 'x'"))  # found once all new tables are made
    with pytest.raises(LedgerError, match="checksum") as caught:
        open_ledger(old_place)
    assert caught.value.reason == "damaged"
    assert names_of(old_place) == set(OLD_TABLES)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM person")).scalar_one()
    engine.dispose()
    assert found == len(old_rows("person"))


def test_the_last_step_that_fails_leaves_the_second_schema(old_place: str) -> None:
    engine = create_engine(
        old_place.replace("postgresql://", "postgresql+psycopg://") if "://" in old_place else f"sqlite:///{old_place}"
    )
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(connection, "0001", "0002")
        connection.execute(text("DELETE FROM secret"))
    before = names_of(old_place)
    with pytest.raises(LedgerError, match="key"):
        open_ledger(old_place)
    assert names_of(old_place) == before and "seal" not in before
    with engine.connect() as connection:
        assert revision_of(connection) == "0002"
    engine.dispose()


def test_a_ledger_of_a_newer_program_is_refused_and_left_as_it_is(ledger_place: str) -> None:
    ledger = open_ledger(ledger_place)
    with ledger.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = shape(ledger)
    with pytest.raises(LedgerError, match="9999") as caught:
        open_ledger(ledger_place)
    assert caught.value.reason == "newer"
    assert shape(ledger) == before
    ledger.close()


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from qbank.ledger import open_ledger
last, seen = int(sys.argv[1]), 0
def count(*_):
    global seen
    seen += 1
    if seen == last:
        os.kill(os.getpid(), signal.SIGKILL)
for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
    event.listen(Engine, moment, count)
open_ledger(sys.argv[2]).close()
print(seen)
"""


def opened_and_killed(place: str, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(last), place], capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip


def test_a_migration_that_is_killed_leaves_the_old_ledger(tmp_path: Path) -> None:
    counted = tmp_path / "counted.db"
    shutil.copy(STORED, counted)
    whole = opened_and_killed(str(counted), 0)
    assert whole.returncode == 0, whole.stderr
    n_events = int(whole.stdout)
    for last in (6, n_events // 3, n_events // 2, n_events - 1, n_events):
        path = tmp_path / f"{last}.db"
        shutil.copy(STORED, path)
        assert opened_and_killed(str(path), last).returncode == -signal.SIGKILL
        assert dump(path) == dump(STORED)
    ledger = open_ledger(path)
    assert [n for _, n in list_sittings(ledger)] == [len(old_rows("person"))]
    ledger.close()


def test_a_migration_that_is_killed_leaves_the_old_ledger_on_postgresql(postgres_place: str) -> None:
    put_old_into_postgresql(postgres_place)
    for last in (40, 90):
        assert opened_and_killed(postgres_place, last).returncode == -signal.SIGKILL
    ledger = open_ledger(postgres_place)
    assert [n for _, n in list_sittings(ledger)] == [len(old_rows("person"))]
    assert verify_ledger(ledger)[1] == []
    ledger.close()
