"""Whoever changes one stored value behind the program's back is found, whatever the table and column. On both engines."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Column, LargeBinary
from sqlalchemy.types import JSON, Boolean, Float, Integer

from qbank.core.history import Estimate, Planned, Use
from qbank.core.ratings import Ratings
from qbank.core.responses import Responses
from qbank.ledger import (
    CalibrationRecord,
    Decision,
    ItemFlag,
    Ledger,
    LinkRecord,
    PaperCut,
    ResultRow,
    ScoringRecord,
    SittingRecord,
    Source,
    StoredLevel,
    accept_cuts,
    add_answers,
    entries,
    mark_answers,
    open_ledger,
    pass_stage,
    read_sitting,
    remove_sitting,
    tables,
    verify_ledger,
    write_analysis,
    write_calibration,
    write_decision,
    write_levels,
    write_scoring,
)
from tests.ledger.engines import ENGINES, place_on

TABLES = [table.name for table in tables.metadata.sorted_tables]
COLUMNS = [(table.name, column.name) for table in tables.metadata.sorted_tables for column in table.columns]
FOUND_IN = {"person": "intake", "trail": "trail_end"}
"""Where a finding is said to be, if not in the table itself: the content of a file has one digest, that of its intake."""


def fill(ledger: Ledger, id: str) -> None:
    """Put a row of one sitting into every table; a table that is forgotten here fails the tests."""
    given = Responses(
        id, ("001", "002"), ("i", "j"), np.zeros((2, 2), np.int16), (("A",), ("B",)), ("f",), np.zeros(2, np.int16), (),
        np.zeros(2, np.int8),
    )  # fmt: skip
    ratings = Ratings(*(np.array([n], np.int32) for n in (0, 1, 0, 0)), np.array([1.5]), ("",), ("甲",))
    record = SittingRecord(id, "2026-11-23", "", "spiralled", 60.0, 100.0, "bank")
    source = Source("d", exposure=(("i", "i.1", 2), ("j", "j.1", 2)))
    add_answers(ledger, record, (("f", "x", "text"),), given, source, ratings=ratings)
    write_analysis(ledger, id, [(Use(item, f"{item}.1", id, "2026-11-23", 2, 0.5, 0.3, ()), False) for item in "ij"])
    write_levels(ledger, id, [StoredLevel(id, 0.1, 2)], [ItemFlag(id, "j", "j.1", "trend", False)])
    stored = read_sitting(ledger, id, as_on_paper=True)
    assert stored is not None
    mark_answers(ledger, stored.responses, np.array([1]), ["j"], "void", "page missing", {"room": "3"})
    write_decision(ledger, Decision(id, "i", "i.1", "keep", "why", "who", "now"))
    pass_stage(ledger, id, "keys", "looked at")
    accept_cuts(ledger, id, [PaperCut(id, "f", 58.0, 57.3, "e", 60.0, "linear", 0.8, "digest", "agreed")])
    rows = [ResultRow("", "f", 2, 2, 0, 0, 0, 1, 110.0, 6100.0)]
    write_scoring(ledger, ScoringRecord(id, {"a": 1}, {}, (f"{id}//1",), np.array([50.0, 60.0])), rows)
    write_calibration(
        ledger, CalibrationRecord(id, "rasch", "s:1", 0.0, 1.0, -9.0, 0.0, True, 2),
        [("i", Estimate(f"{id} i.1", "rasch", "s:1", {"a": 1.0, "b": 0.5}, {"a": 0.0, "b": 0.1}, 2, id))],
        planned=[Planned("j", f"{id} j.1", 3.0, 1.0, 0.2, 0.5, 0.6, 0.5, 0.7, 2, id, "s:1")],
        links=[LinkRecord(id, "mean", "s:1", "s:0", 1.0, 0.0, ("i",))], flags=[ItemFlag(id, "i", "i.1", "drift", False)],
    )  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with place_on(request.param, tmp_path_factory.mktemp("tampering")) as place:
        ledger = open_ledger(place, who="tester")
        try:
            for id in ("s0", "s1"):
                fill(ledger, id)
            assert verify_ledger(ledger)[1] == []
            yield ledger
            assert verify_ledger(ledger)[1] == []  # whatever a test changed it has put back
        finally:
            ledger.close()


@contextmanager
def behind(ledger: Ledger) -> Iterator[Any]:
    """Yield a function that runs a statement on the database itself, where nothing minds what belongs to what."""
    if ledger.path is not None:
        connection: Any = sqlite3.connect(ledger.path)
    else:
        import psycopg

        connection = psycopg.connect(ledger.engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
        connection.execute("SET session_replication_role = replica")
    try:
        yield connection.execute
        connection.commit()
    finally:
        connection.close()


@contextmanager
def changed(ledger: Ledger, table: str, column: str, other: Any) -> Iterator[None]:
    """Change one value of the first row while the block runs."""
    row, mark = ("rowid", "?") if ledger.path is not None else ("ctid", "%s")
    with behind(ledger) as execute:
        place, before = execute(f'SELECT {row}, "{column}" FROM "{table}" ORDER BY 2, 1 LIMIT 1').fetchone() if not isinstance(
            tables.metadata.tables[table].c[column].type, JSON
        ) else execute(f'SELECT {row}, CAST("{column}" AS TEXT) FROM "{table}" LIMIT 1').fetchone()  # fmt: skip
        query = f'UPDATE "{table}" SET "{column}" = {mark} WHERE {row} = {mark} RETURNING {row}'
        ((place,),) = execute(query, (other(before), place)).fetchall()
    try:
        yield
    finally:
        with behind(ledger) as execute:
            execute(query, (before, place)).fetchall()


def another(column: Column[Any], value: Any) -> Any:
    """Return another value that the column may hold."""
    if isinstance(column.type, JSON):
        return json.dumps([json.loads(value), "x"])
    if isinstance(column.type, Boolean):
        return type(value)(not value)
    if isinstance(column.type, LargeBinary):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(column.type, Float | Integer):
        return (value or 0) + 7_000
    return value + "x"


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_one_changed_value_is_found(whole: Ledger, table: str, column: str) -> None:
    with changed(whole, table, column, lambda value: another(tables.metadata.tables[table].c[column], value)):
        found = {dict(problem.facts)["table"] for problem in verify_ledger(whole)[1]}
    assert found & {table, FOUND_IN.get(table)}


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_gone_is_found(whole: Ledger, table: str) -> None:
    columns = [column.name for column in tables.metadata.tables[table].columns]
    quoted, mark = ", ".join(f'"{name}"' for name in columns), "?" if whole.path is not None else "%s"
    texts = [f'CAST("{c.name}" AS TEXT)' if isinstance(c.type, JSON) else f'"{c.name}"' for c in tables.metadata.tables[table].columns]
    with behind(whole) as execute:
        row = execute(f'DELETE FROM "{table}" RETURNING {", ".join(texts)}').fetchall()
    found = {dict(problem.facts)["table"] for problem in verify_ledger(whole)[1]}
    with behind(whole) as execute:
        for one in row:
            execute(f'INSERT INTO "{table}" ({quoted}) VALUES ({", ".join([mark] * len(columns))})', one)
    assert found & {table, FOUND_IN.get(table)}


def test_totals_and_counts_have_to_agree_even_where_a_forger_wrote_the_trail_anew(ledger: Ledger) -> None:
    fill(ledger, "s")
    rows = [ResultRow("", "f", 2, 2, 0, 0, 0, 1, 111.0, 6100.0)]
    write_scoring(ledger, ScoringRecord("s", {"a": 2}, {}, ("s//1",), np.array([50.0, 60.0])), rows)
    assert [(p.code, dict(p.facts)["what"]) for p in verify_ledger(ledger)[1]] == [("L207", "sum")]


def test_a_sitting_that_was_removed_and_added_again_is_whole(ledger: Ledger) -> None:
    fill(ledger, "s")
    assert remove_sitting(ledger, "s") and verify_ledger(ledger)[1] == []
    fill(ledger, "s")
    assert verify_ledger(ledger)[1] == []


def test_what_an_earlier_version_wrote_without_digests_is_whole(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qbank.ledger.trail.digests", lambda *_: {})
    fill(ledger, "s")
    assert all(not entry.facts.get("digests") for entry in entries(ledger))
    assert verify_ledger(ledger)[1] == []
    monkeypatch.undo()
    fill(replace(ledger, who="later"), "t")
    assert verify_ledger(ledger)[1] == []
