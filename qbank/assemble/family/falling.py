"""Items on which the able do worse, by their calibration: a family goes without them."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

from qbank.assemble.plausible import estimated_items, falls
from qbank.assemble.pool import pool_for
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.history import History
from qbank.messages.lists import some
from qbank.problem import Problem, warning

NAMED = 8
"""Items that a message names at most."""


def hold_falling(blueprint: Blueprint, bank: Bank, history: History) -> tuple[History, list[Problem]]:
    """Return the history with those items held whose slope is not above 0, so that no paper takes them, and a warning that
    names them.

    A single paper is refused instead (P150): there, one item fewer is another paper; a family has others in its place.
    A case is held where the slope of one of its questions falls.
    """
    if not any(falls(estimate) for estimate in history.estimates.values()):
        return history, []
    pool = pool_for(blueprint, bank, history, {})
    every = estimated_items(bank, history, pool)
    found = sorted(((id, item.id, estimate) for item, id, estimate in every if falls(estimate)), key=itemgetter(0))
    if not found:
        return history, []
    held = {bank.fingerprints[item]: "slope" for _, item, _ in found}
    items = some([f"{id} (a = {estimate.values['a']:.2f}, {estimate.sitting})" for id, _, estimate in found], NAMED)
    problem = warning("P614", blueprint.span, n=len(held), items=items)
    return replace(history, held={**history.held, **held}), [problem]
