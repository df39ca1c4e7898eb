"""A workspace of one's own for each test, and a ledger of one's own on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qbank.ledger import Ledger, open_ledger
from tests.ledger.engines import ENGINES, place_on
from tests.workflow.places import Place, copy_place, prepared


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a fresh copy of the prepared workspace, with an empty ledger."""
    return copy_place(prepared(), tmp_path / "place")


@pytest.fixture(params=ENGINES)
def ledger_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield a path and a URL at which no ledger is yet: each test runs on SQLite and on PostgreSQL."""
    with place_on(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def ledger(ledger_place: str) -> Iterator[Ledger]:
    """Yield an empty ledger on either engine."""
    opened = open_ledger(ledger_place, who="tester")
    yield opened
    opened.close()


@pytest.fixture
def postgres_place(tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL database."""
    with place_on("postgresql", tmp_path) as found:
        yield found
