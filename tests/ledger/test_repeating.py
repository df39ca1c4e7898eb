"""What the server took back is run again: which faults these are, and a real deadlock between two stations."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from qbank.ledger import open_ledger
from qbank.ledger.failures import can_be_repeated


class Fault(Exception):
    """What a driver raises, with the state that the server gave."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "lost", "repeated"),
    [
        ("40P01", False, True), ("40001", False, True), ("57P01", False, True), ("08006", False, True), (None, True, True),
        ("23505", False, False), ("42501", False, False), ("53100", False, False), ("55P03", False, False), (None, False, False),
    ],
)  # fmt: skip
def test_only_what_left_nothing_behind_is_run_again(state: str | None, lost: bool, repeated: bool) -> None:
    fault = DBAPIError("SELECT 1", None, Fault(state), connection_invalidated=lost)
    assert can_be_repeated(fault) is repeated


def test_what_no_database_said_is_not_run_again() -> None:
    assert not can_be_repeated(None) and not can_be_repeated(ValueError("40P01"))


def test_of_two_that_wait_for_each_other_one_is_taken_back_and_run_again(postgres_place: str) -> None:
    first = open_ledger(postgres_place, who="first")
    second = open_ledger(postgres_place, who="second")
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE seat (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO seat VALUES (1, 0), (2, 0)"))
    met, runs = threading.Barrier(2), {"first": 0, "second": 0}
    faults: list[BaseException] = []

    def work(name: str, seats: tuple[int, int]):  # type: ignore[no-untyped-def]
        def inside(connection: Connection) -> None:
            runs[name] += 1
            for step, seat in enumerate(seats):
                connection.execute(text("UPDATE seat SET n = n + 1 WHERE id = :id"), {"id": seat})
                if step == 0 and runs[name] == 1:
                    met.wait(20)  # each holds what the other one wants

        return inside

    def station(ledger, name: str, seats: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
        try:
            ledger.write(work(name, seats), sitting=name)
        except BaseException as fault:
            faults.append(fault)

    threads = [
        threading.Thread(target=station, args=(first, "first", (1, 2))),
        threading.Thread(target=station, args=(second, "second", (2, 1))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults and sorted(runs.values()) == [1, 2]
    with first.read() as connection:
        assert connection.execute(text("SELECT n FROM seat ORDER BY id")).scalars().all() == [2, 2]
    first.close()
    second.close()
