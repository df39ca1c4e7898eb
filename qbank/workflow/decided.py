"""What decisions about items change of the marking: keys, items dropped, items credited to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from qbank.core.form import Form, answer_places
from qbank.core.scoring_changes import Changes, Rekey
from qbank.kinds import KINDS
from qbank.kinds.marking import Marking
from qbank.ledger import ON_MARKS, Decision
from qbank.problem import Problem
from qbank.workflow.rekeying import read_rekey


def decided_changes(
    decisions: Iterable[Decision], id: str, forms: tuple[Form, ...], printed: Mapping[str, Marking], bank: tuple[Rekey, ...]
) -> Changes:
    """Return what the last decisions on the items as they were printed change of their marking.

    printed, bank : as in `qbank.workflow.rekeying.read_asked`
    """
    rekey: list[Rekey] = []
    credit, drop = [], []
    for item, decision in sorted(last_on_marks(decisions, forms).items()):
        if decision.verdict == "credit":
            credit.append(item)
        elif decision.verdict == "drop":
            drop.append(item)
        elif decision.verdict != "keep":
            rekey += decided_keys(decision, id, forms, printed, bank)[0]
    return Changes(tuple(rekey), decided=tuple(credit), decided_drop=tuple(drop))


def last_on_marks(decisions: Iterable[Decision], forms: tuple[Form, ...]) -> dict[str, Decision]:
    """Return by item the last decision on how the revision that was printed is marked."""
    printed = {entry.id: entry.fingerprint for form in forms for entry in answer_places(form)}
    return {
        each.item: each
        for each in decisions
        if each.verdict in ON_MARKS and printed.get(each.item) == each.fingerprint
    }


def decided_keys(
    decision: Decision, id: str, forms: tuple[Form, ...], printed: Mapping[str, Marking], bank: tuple[Rekey, ...]
) -> tuple[list[Rekey], list[Problem]]:
    """Return the keys that a decision ``rekey KEY`` or ``accept KEY`` gives an item, and what is wrong with them.

    ``KEY@PAPER`` is for one paper only. A key that is accepted too stands beside the printed one.
    """
    key, _, paper = decision.named.partition("@")
    if decision.verdict == "accept" and (entry := printed.get(decision.item)) is not None:
        key = f"{KINDS[entry.kind].key_label(entry.by_paper.get(paper, entry.marked))}|{key}"
    where = f"@{paper}" if paper else ""
    found, problems = read_rekey(f"{decision.item}{where}={key}", id, forms, printed, bank)
    return [replace(change, source="decided") for change in found], problems


def with_decided(changes: Changes, decided: Changes) -> Changes:
    """Return changes with those that decisions make in place of former ones; a decision on an item goes before what was
    asked for it, but an item dropped by name stays dropped.

    >>> key = Rekey("Q-1", "", "B", ({"key": "B"},), "a.b", "asked")
    >>> with_decided(Changes((key,), decided=("Q-2",)), Changes(decided=("Q-1",)))
    Changes(rekey=(), drop=(), credit=(), decided=('Q-1',), decided_drop=())
    """
    about = {*(change.item for change in decided.rekey), *decided.decided, *decided.decided_drop}
    rekey = [change for change in changes.rekey if change.source != "decided" and change.item not in about]
    keyed = sorted((*rekey, *decided.rekey), key=lambda change: (change.item, change.paper))
    credit = tuple(item for item in changes.credit if item not in about)
    return Changes(tuple(keyed), changes.drop, credit, decided.decided, decided.decided_drop)
