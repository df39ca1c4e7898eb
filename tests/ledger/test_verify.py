"""Tampering with any row of the trail or any block is found and named; an untouched ledger is whole. On both engines."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from qbank.core.responses import Responses
from qbank.ledger import (
    Decision,
    Ledger,
    SittingRecord,
    Source,
    add_answers,
    entries,
    tables,
    verify_ledger,
    write_decision,
)
from qbank.ledger.trail import hash_of

PAPERS = (("f", "x", "text"),)
BLOCK_CHANGES = ("block", "first", "n_persons", "n_items", "dtype", "answer", "checksum", "removed", "other")
FOUND = settings(max_examples=30, deadline=None)


def filled(ledger: Ledger, n: int = 3) -> None:
    """Add sittings of 25 persons, with decisions."""
    rng = np.random.default_rng(5)
    for number in range(n):
        id, answer = f"s{number}", rng.integers(-1, 2, (25, 2)).astype(np.int16)
        given_ = Responses(
            id, tuple(f"P{row}" for row in range(25)), ("i", "j"), answer, (("A", "B"), ("C", "D")), ("f",),
            np.zeros(25, np.int16), (("site", ("一",) * 25),), np.zeros(25, np.int8),
        )  # fmt: skip
        record = SittingRecord(id, "2026-11-23", "", "spiralled", 60.0, 100.0, "bank")
        add_answers(ledger, record, PAPERS, given_, Source("d", exposure=(("i", "i.1", 25), ("j", "j.1", 25))))
        write_decision(ledger, Decision(id, "i", "i.1", "keep", "why", "who", "now"))


@pytest.fixture
def whole(ledger: Ledger) -> Ledger:
    filled(ledger)
    assert verify_ledger(ledger)[1] == []
    return ledger


def codes(ledger: Ledger, **options: str) -> set[tuple[str, str]]:
    return {(p.code, dict(p.facts).get("table", "")) for p in verify_ledger(ledger, **options)[1]}


def restored(ledger: Ledger, table: Any, rows: list[Any]) -> None:
    with ledger.begin() as connection:
        connection.execute(delete(table))
        connection.execute(insert(table), rows)


@FOUND
@given(data=st.data())
def test_any_change_of_any_row_of_the_trail_is_found(whole: Ledger, data: st.DataObject) -> None:
    t = tables.trail
    with whole.begin() as connection:
        rows = [dict(row) for row in connection.execute(select(t).order_by(t.c.number)).mappings()]
        row = data.draw(st.sampled_from(rows))
        column = data.draw(st.sampled_from([*t.c.keys(), "removed", "doubled", "rehashed", "swapped"]))
        here = t.c.number == row["number"]
        if column == "removed":
            connection.execute(delete(t).where(here))
        elif column == "doubled":
            connection.execute(insert(t).values(row | {"number": len(rows) + 1}))
        elif column == "rehashed":  # a forger who knows how rows are hashed
            forged = row | {"who": row["who"] + "!"}
            connection.execute(update(t).where(here).values(forged | {"hash": hash_of(forged)}))
        elif column == "swapped":
            other = data.draw(st.sampled_from([r for r in rows if r["number"] != row["number"]]))
            for one, values in ((row, other), (other, row)):
                facts = {name: value for name, value in values.items() if name != "number"}
                connection.execute(update(t).where(t.c.number == one["number"]).values(facts))
        else:
            value = {"number": row["number"] + 1000, "facts": {**row["facts"], "n": 1}}.get(column, f"{row[column]}x")
            connection.execute(update(t).where(here).values({column: value}))
    found = codes(whole)
    restored(whole, t, rows)
    assert found & {(code, table) for code in ("L201", "L202", "L203", "L204") for table in ("trail", "trail_end")}
    assert codes(whole) == set()


@FOUND
@given(number=st.integers(0, 2), column=st.sampled_from(BLOCK_CHANGES), place=st.integers(0, 10_000), change=st.integers(1, 255))
def test_any_change_of_any_block_is_found(whole: Ledger, number: int, column: str, place: int, change: int) -> None:
    b = tables.response_block
    with whole.read() as connection:
        rows = [dict(row) for row in connection.execute(select(b).order_by(b.c.intake, b.c.block)).mappings()]
    assert len(rows) == 3
    row = rows[number]
    try:
        with whole.begin() as connection:
            here = (b.c.intake == row["intake"]) & (b.c.block == row["block"])
            if column == "removed":
                connection.execute(delete(b).where(here))
            elif column == "other":  # a whole block of another sitting, checksum and all
                other = next(r for r in rows if r["intake"] != row["intake"])
                connection.execute(update(b).where(here).values(answer=other["answer"], checksum=other["checksum"]))
            elif column == "answer":
                raw = bytearray(row["answer"])
                raw[place % len(raw)] ^= change
                connection.execute(update(b).where(here).values(answer=bytes(raw)))
            else:
                value = row[column] + 1 if isinstance(row[column], int) else row[column] + "x"
                connection.execute(update(b).where(here).values({column: value}))
        found = codes(whole)
    finally:
        restored(whole, b, rows)
    # a byte of the compressed frame that carries nothing may change: then the answers are still those given
    if not found:
        assert column == "answer"
    else:
        assert {table for _, table in found} & {"response_block"}
    assert codes(whole) == set()


@pytest.mark.parametrize(
    ("statement", "code", "table"),
    [
        ("UPDATE trail_end SET number = number - 1", "L204", "trail_end"),
        ("DELETE FROM trail_end", "L204", "trail_end"),
        ("UPDATE person SET standing = 'void' WHERE intake = 's0//1' AND position = 3", "L213", "intake"),
        ("UPDATE person SET standing = 'gone' WHERE intake = 's0//1' AND position = 3", "L206", "person"),
        ("UPDATE person SET site = 'x' WHERE intake = 's0//1' AND position = 3", "L213", "intake"),
        ("UPDATE person SET form = 5 WHERE intake = 's0//1' AND position = 3", "L206", "person"),
        ("DELETE FROM person WHERE intake = 's0//1' AND position = 3", "L207", "person"),
        ("UPDATE intake SET n_persons = 24 WHERE id = 's0//1'", "L207", "person"),
        ("UPDATE exposure SET n_seen = 3 WHERE intake = 's0//1' AND item = 'i'", "L210", "exposure"),
        ("UPDATE paper SET digest = 'z' WHERE sitting = 's0'", "L211", "paper"),
        ("DELETE FROM intake WHERE id = 's9'; UPDATE intake SET current = (1 = 0) WHERE id = 's0//1'", "L214", "intake"),
    ],
)
def test_what_does_not_fit_together_is_found(whole: Ledger, statement: str, code: str, table: str) -> None:
    with whole.begin() as connection:
        for one in statement.split(";"):
            connection.execute(text(one))
    assert (code, table) in codes(whole)


def test_changed_labels_are_found(whole: Ledger) -> None:
    with whole.begin() as connection:
        i = tables.intake
        connection.execute(update(i).where(i.c.id == "s0//1").values(labels=[["B", "A"], ["C", "D"]]))
    assert codes(whole) == {("L213", "intake"), ("L215", "intake")}


def test_rows_that_belong_to_nothing_are_found_on_sqlite(tmp_path: Any) -> None:
    import sqlite3

    from qbank.ledger import open_ledger

    ledger = open_ledger(tmp_path / "ledger.db")
    filled(ledger, 1)
    ledger.close()
    connection = sqlite3.connect(tmp_path / "ledger.db")  # without foreign keys, as other programs open it
    connection.execute("DELETE FROM sitting")
    connection.execute("UPDATE trail SET facts = 'no JSON' WHERE number = 1")
    connection.execute("UPDATE intake SET labels = '[', n_persons = 'many'")
    connection.commit()
    connection.close()
    ledger = open_ledger(tmp_path / "ledger.db")
    found = codes(ledger)
    ledger.close()
    assert {("L208", "intake"), ("L208", "paper"), ("L201", "trail"), ("L206", "intake")} <= found


def test_a_trail_that_was_cut_off_is_found_by_the_hash_written_down(whole: Ledger) -> None:
    last = entries(whole)[-1]
    assert codes(whole, expect=last.hash) == set() and codes(whole, expect=entries(whole)[0].hash) == set()
    before = entries(whole)[-2]
    with whole.begin() as connection:
        connection.execute(delete(tables.trail).where(tables.trail.c.number == last.number))
        connection.execute(update(tables.trail_end).values(number=before.number, hash=before.hash))
    assert codes(whole) == {("L215", "decision")}  # what the last row was about is still there
    with whole.begin() as connection:
        connection.execute(delete(tables.decision).where(tables.decision.c.sitting == last.subject))
    assert codes(whole) == set()
    assert codes(whole, expect=last.hash) == {("L205", "trail")}


def test_facts_are_hashed_as_they_are_stored(ledger: Ledger) -> None:
    from qbank.ledger.trail import record

    odd = {"nan": float("nan"), "half": "\ud800", "nul": "\x00", "big": 2**70, "set": {"b", "a"}, 3: (1.5, None, True)}
    with ledger.begin() as connection:
        record(connection, ledger, "odd", "", odd)
    (entry,) = entries(ledger)
    assert entry.facts["nan"] is None and entry.facts["set"] == ["a", "b"] and entry.facts["3"] == [1.5, None, True]
    assert json.dumps(dict(entry.facts)) and codes(ledger) == set()
