"""Histories of many items at once are those of each alone."""

from __future__ import annotations

from pathlib import Path

from qbank.ledger import item_histories, item_history, known_items
from qbank.ledger.item_history import MOST_ITEMS
from tests.workflow.places import add, copy_place, prepared


def test_histories_together_are_those_of_each_item_alone(tmp_path: Path) -> None:
    place = copy_place(prepared(), tmp_path)
    assert add(place)[0] is not None
    ledger = place.workspace.open()
    try:
        items = [*known_items(ledger), "nobody"]
        together = item_histories(ledger, [*items, items[0]])
        assert len(items) > MOST_ITEMS and list(together) == items
        assert all(together[item] == item_history(ledger, item) for item in (*items[:3], *items[MOST_ITEMS - 1 : MOST_ITEMS + 2], "nobody"))
        assert together["nobody"].uses == () and together[items[0]].uses
    finally:
        ledger.close()
