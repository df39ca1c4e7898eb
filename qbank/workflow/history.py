"""history: one item through all sittings."""

from __future__ import annotations

import difflib

from qbank.core.bank import settle
from qbank.ledger import ItemHistory, item_history, known_items
from qbank.problem import Problem, Span, error
from qbank.report.history.data import HistoryData, HistoryFlag, item_chart
from qbank.workflow.bank import check_bank
from qbank.workflow.control import flags_of_item
from qbank.workflow.workspace import Workspace

NEAR = 3


def history_of_item(item: str, workspace: Workspace) -> tuple[HistoryData | None, list[Problem]]:
    """Return an item through all sittings; one of a bank that no sitting had has an empty history.

    An id that neither a sitting nor a bank of the workspace knows is an error that names those nearest to it.
    """
    banks = _ids_in_banks(workspace)
    flags: tuple[HistoryFlag, ...] = ()
    history, others = ItemHistory(item, (), (), (), "", (), ()), tuple(banks)
    if workspace.has_ledger():
        ledger = workspace.open()
        try:
            history = item_history(ledger, item)
            empty = not (history.uses or history.estimates or history.decisions or history.parts)
            if empty and item not in banks:
                others = tuple(dict.fromkeys((*known_items(ledger), *others)))
            if not empty:
                flags = flags_of_item(ledger, history)
        finally:
            ledger.close()
    known = history.uses or history.estimates or history.decisions or history.parts or item in banks
    if not known:
        near = ", ".join(difflib.get_close_matches(item, others, n=NEAR))
        return None, [error("U101", Span(item), id=item, suggestion=near)]
    parts = tuple((part, item_chart(part)) for part in history.parts)
    return HistoryData(history, item_chart(history), flags, parts, banks.get(item, "")), []


def _ids_in_banks(workspace: Workspace) -> dict[str, str]:
    """Return the items of all banks of the workspace with their fingerprints, as far as they can be read."""
    found: dict[str, str] = {}
    for path in sorted(workspace.root.glob("banks/*/bank.yaml")) or [*workspace.root.glob("bank.yaml")]:
        bank = check_bank(path.parent, cached=True)[0].bank
        found |= dict(settle(bank).fingerprints) if bank is not None else {}
    return found
