"""The ledger by itself: opening, damage, versions, removal, the history it tells; on both engines."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from qbank.core.history import Estimate, Use, logistic
from qbank.core.responses import Responses
from qbank.ledger import (
    CalibrationRecord,
    Decision,
    Ledger,
    LedgerError,
    SittingRecord,
    Source,
    add_answers,
    decisions_of,
    identities_of,
    list_sittings,
    open_ledger,
    read_history,
    read_sitting,
    remove_sitting,
    tables,
    write_analysis,
    write_calibration,
    write_decision,
)

RESPONSES = Responses(
    sitting="s", persons=("P1", "P2", "P3"), items=("i", "j"),
    answer=np.array([[0, -1], [1, -3], [-4, 1]], dtype=np.int16), labels=(("A", "B"), ("true", "false")),
    forms=("f",), form=np.zeros(3, dtype=np.int16), groups=(("site", ("一", "", "=1")), ("team", ("x", "", "y"))),
    standing=np.array([0, 1, 2], dtype=np.int8),
)  # fmt: skip


def record(id: str = "s", date: str = "2026-11-23") -> SittingRecord:
    return SittingRecord(id, date, "Linz", "spiralled", 60.0, 100.0, "bank", "6-17-02-02 炼钢工", 4, {"omitted": "zero"})


def put(ledger: Ledger, id: str = "s", date: str = "2026-11-23", prints: tuple[str, str] = ("i.1", "j.1")) -> None:
    source = Source("d", "answers.csv", exposure=(("i", prints[0], 3), ("j", prints[1], 3)))
    assert add_answers(ledger, record(id, date), (("f", "x", "text of f"),), RESPONSES, source) == "added"


def head(sitting: str, scale: str = "bank:s", mean: float = 0.2) -> CalibrationRecord:
    return CalibrationRecord(sitting, "2pl", scale, mean, 1.1, -1.0, 1e-6, True, 3, {"seed": "1"}, {"qbank": "0"})


def estimate(fingerprint: str, sitting: str, n: int, scale: str = "bank:s", se: float = 0.1) -> Estimate:
    return logistic(fingerprint, "2pl", scale, 1.0, 0.5, se, se, n, sitting)


def use(item: str, fingerprint: str, sitting: str = "s", flags: tuple[str, ...] = ()) -> Use:
    return Use(item, fingerprint, sitting, "2026-11-23", 3, 0.5, math.nan, flags)


def test_what_goes_in_comes_out(ledger: Ledger) -> None:
    put(ledger)
    stored = read_sitting(ledger, "s")
    assert stored is not None
    assert stored.record == record() and stored.papers == ("text of f",)
    for name in Responses.__slots__:
        if name == "persons":
            continue
        found, expected = getattr(stored.responses, name), getattr(RESPONSES, name)
        assert np.array_equal(found, expected) if isinstance(expected, np.ndarray) else found == expected, name
    known = identities_of(ledger, "s")
    assert [known[person].number for person in stored.responses.persons] == list(RESPONSES.persons)
    assert not {*stored.responses.persons} & {*RESPONSES.persons}
    assert read_sitting(ledger, "t") is None


def test_a_damaged_block_of_answers_is_a_ledger_error(ledger: Ledger) -> None:
    put(ledger)
    block = tables.response_block
    with ledger.begin() as connection:
        whole = connection.execute(select(block.c.answer)).scalar_one()
    for damaged in (whole[:-3], b"nonsense", b"", whole[:12] + bytes([whole[12] ^ 1]) + whole[13:]):
        with ledger.begin() as connection:
            connection.execute(block.update().values(answer=damaged))
        with pytest.raises(LedgerError, match="s//1 block 0"):
            read_sitting(ledger, "s")


def test_a_file_that_is_no_database_is_a_ledger_error(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"person,form\n" * 500)
    with pytest.raises(LedgerError, match=r"ledger\.db"):
        open_ledger(path)
    assert path.read_bytes() == b"person,form\n" * 500


@pytest.mark.parametrize("place", ["nowhere://x", "sqlite+nothing:///x.db"])
def test_a_url_that_no_driver_knows_is_a_ledger_error(place: str) -> None:
    with pytest.raises(LedgerError):
        open_ledger(place)


def test_a_ledger_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    open_ledger(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '99'")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match="99"):
        open_ledger(path)


def test_a_sqlite_ledger_writes_ahead_flushes_fully_and_overwrites_what_is_deleted(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    with ledger.begin() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")]
    ledger.close()
    assert found == ["wal", 2, 1, 1]


def test_an_exception_inside_a_transaction_leaves_no_trace(ledger: Ledger) -> None:
    with pytest.raises(KeyError), ledger.begin() as connection:
        connection.execute(tables.sitting.insert().values(asdict(record())))
        raise KeyError("anything")
    assert list_sittings(ledger) == ()


def test_a_sitting_is_removed_with_all_that_rests_on_it(ledger: Ledger) -> None:
    put(ledger)
    put(ledger, "t", "2027-01-01")
    write_analysis(ledger, "s", [(use("i", "i.1", flags=("miskey",)), True)])
    write_calibration(ledger, head("s"), [("i", estimate("i.1", "s", 3))])
    write_decision(ledger, Decision("s", "i", "i.1", "credit", "why", "who", "now"))
    assert remove_sitting(ledger, "s") is True
    assert remove_sitting(ledger, "s") is False
    assert [entry.id for entry, _ in list_sittings(ledger)] == ["t"]
    with ledger.begin() as connection:
        for table in tables.metadata.sorted_tables:
            if "sitting" in table.c:
                rows = connection.execute(select(table.c.sitting)).scalars().all()
                assert set(rows) <= {"t"}, table.name


def test_the_last_decision_on_an_item_holds(ledger: Ledger) -> None:
    put(ledger)
    write_analysis(ledger, "s", [(use("i", "i.1", flags=("miskey", "negative")), True), (use("j", "j.1"), False)])
    assert read_history(ledger).held == {"i.1": "miskey, negative"}
    states = []
    for verdict in ("keep", "credit", "keep"):
        write_decision(ledger, Decision("s", "i", "i.1", verdict, "why", "who", "now"))
        states.append(dict(read_history(ledger).held))
    assert states == [{}, {"i.1": "credit"}, {}]
    assert [entry.verdict for entry in decisions_of(ledger, "s")] == ["keep", "credit", "keep"]
    assert decisions_of(ledger, "t") == ()


def test_an_item_that_no_flag_held_is_held_once_it_is_credited(ledger: Ledger) -> None:
    put(ledger)
    write_decision(ledger, Decision("s", "j", "j.1", "credit", "why", "who", "now"))
    assert read_history(ledger).held == {"j.1": "credit"}


def test_a_held_revision_has_no_estimate(ledger: Ledger) -> None:
    put(ledger)
    write_calibration(ledger, head("s"), [("i", estimate("i.1", "s", 3)), ("j", estimate("j.1", "s", 3))])
    assert set(read_history(ledger).estimates) == {"i.1", "j.1"}
    write_analysis(ledger, "s", [(use("i", "i.1", flags=("negative",)), True)])
    assert set(read_history(ledger).estimates) == {"j.1"}


def test_the_calibration_with_more_answers_holds_on_one_scale(ledger: Ledger) -> None:
    put(ledger, "s", "2026-01-01")
    put(ledger, "t", "2027-01-01")
    write_calibration(ledger, head("s"), [("i", estimate("i.1", "s", 500))])
    write_calibration(ledger, head("t"), [("i", estimate("i.1", "t", 300)), ("j", estimate("j.1", "t", 300))])
    found = read_history(ledger).estimates
    assert (found["i.1"].sitting, found["j.1"].sitting) == ("s", "t")


def test_scales_that_are_not_linked_never_mix(ledger: Ledger) -> None:
    put(ledger, "s", "2026-01-01")
    put(ledger, "t", "2027-01-01")
    write_calibration(ledger, head("s", mean=0.2), [("i", estimate("i.1", "s", 500))])
    write_calibration(ledger, head("t", "bank:t", mean=0.7), [("j", estimate("j.1", "t", 30, "bank:t"))])
    history = read_history(ledger)
    assert set(history.estimates) == {"j.1"}
    assert (history.ability_mean, history.ability_sd) == (0.7, 1.1)


def test_numbers_that_do_not_exist_come_back_as_such(ledger: Ledger) -> None:
    put(ledger)
    write_calibration(ledger, head("s"), [("i", estimate("i.1", "s", 3, se=math.nan))])
    history = read_history(ledger)
    assert math.isnan(history.estimates["i.1"].errors["a"])
    assert all(math.isnan(entry.facility) and math.isnan(entry.item_rest) for entry in history.uses)


def test_the_digest_names_the_state_of_the_history(ledger: Ledger) -> None:
    states = [read_history(ledger).digest]
    put(ledger)
    states.append(read_history(ledger).digest)
    write_analysis(ledger, "s", [(use("i", "i.1", flags=("miskey",)), True)])
    states.append(read_history(ledger).digest)
    write_decision(ledger, Decision("s", "i", "i.1", "keep", "why", "who", "now"))
    states.append(read_history(ledger).digest)
    write_calibration(ledger, head("s"), [("i", estimate("i.1", "s", 3))])
    states.append(read_history(ledger).digest)
    assert len(set(states)) == len(states)
    assert read_history(ledger).digest == states[-1]
