"""Why marks on the scale of a family cannot be told: items without a calibration, or with one that does not hold for now."""

from __future__ import annotations

from collections.abc import Mapping

from qbank.core.history import History
from qbank.ledger import VERDICTS, Ledger, awaiting
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error


def uncalibrated_problems(
    lacking: Mapping[str, str], history: History, ledger: Ledger, *, sitting: str, family: str
) -> list[Problem]:  # fmt: skip
    """Return why items have no calibration that counts: somebody has to decide about them first, has decided otherwise
    than to keep them, or there is none.

    lacking : the item by the fingerprint of its revision
    """
    waiting = awaiting(ledger, {print_ for print_ in lacking if print_ in history.held})
    problems = []
    for place in sorted(set(waiting.values())):
        items = sorted({lacking[print_] for print_, where in waiting.items() if where == place})
        problems.append(error("N155", Span(sitting), family=family, sitting=place, n=len(items), items=some(items), first=items[0]))
    decided = {id: history.held[print_] for print_, id in sorted(lacking.items()) if print_ in history.held and print_ not in waiting}
    if decided:
        named = [f"{id} ({found})" if found in VERDICTS else id for id, found in sorted(decided.items())]
        problems.append(error("N156", Span(sitting), family=family, n=len(named), items=some(named)))
    without = sorted({id for print_, id in lacking.items() if print_ not in history.held and id not in decided})
    if without:
        problems.append(error("N152", Span(sitting), family=family, n=len(without), items=some(without)))
    return problems
