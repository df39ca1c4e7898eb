"""The first schema, before revisions were written down: nothing to do."""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Do nothing: a ledger of this revision has all its tables."""
