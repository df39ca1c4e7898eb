"""A workspace of one's own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.undrawn import undrawn, unwritten  # noqa: F401
from tests.workflow.places import Place, copy_place, prepared


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a fresh copy of the prepared workspace, with an empty ledger."""
    return copy_place(prepared(), tmp_path / "place")
