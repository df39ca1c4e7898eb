"""What a blueprint wants to know of other papers and of near copies, looked up only where one of its rules asks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from qbank.assemble.pool import in_use
from qbank.assemble.scene import PastPaper
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Form, form_items
from qbank.files.forms import parse_form, read_form
from qbank.workflow.workspace import Workspace

Alike = tuple[tuple[str, str, float], ...]


def past_papers(blueprint: Blueprint, workspace: Workspace, own: Collection[str]) -> tuple[PastPaper, ...]:
    """Return the papers of earlier days, those of the ledger's sittings and those in the workspace's folder of papers.

    A paper's day is that of its first sitting, before any that up to which past use counted when it was made.
    own : the runs whose papers are being written or audited; what these share is another rule's business
    """
    asked = _asks(blueprint, "overlap", ("with", "since")) or _asks(blueprint, "anchor", ("from",))
    if not asked:
        return ()
    found: dict[str, PastPaper] = {}
    for date, form in _sat(workspace):
        if form.id not in found:
            found[form.id] = _past(form, date)
    for path in sorted(workspace.forms.rglob("*.yaml")):
        written, _ = read_form(path)
        if written is not None and written.id not in found:
            found[written.id] = _past(written, written.as_of)
    return tuple(found[id] for id in sorted(found) if run_of(id) not in own)


def run_of(id: str) -> str:
    """Return the name of the run that a paper came from.

    >>> run_of("bof-4-theory-1-A")
    'bof-4-theory-1'
    """
    return id.rpartition("-")[0]


def _past(form: Form, date: str) -> PastPaper:
    return PastPaper(form.id, date, frozenset(entry.id for entry in form_items(form)))


def _sat(workspace: Workspace) -> list[tuple[str, Form]]:
    """Return the papers of all sittings with their days, oldest first."""
    if not workspace.has_ledger():
        return []
    from qbank.ledger import list_papers

    ledger = workspace.open()
    try:
        stored = list_papers(ledger)
    finally:
        ledger.close()
    parsed = [(date, parse_form(text, id)[0]) for id, date, text in stored]
    return [(date, form) for date, form in parsed if form is not None]


def near_copies(blueprint: Blueprint, bank: Bank) -> Alike:
    """Return the pairs of items of the blueprint's level that are as alike as its rules want to know."""
    rules = [rule.value for rule in blueprint.rules if rule.word == "apart" and isinstance(rule.value, dict)]
    wanted = [found for value in rules if (found := _share(value.get("similarity"))) is not None]
    if not wanted:
        return ()
    from qbank.lint.similarity import make_index, near_pairs

    items = [item for item in bank.items.values() if item.level == blueprint.level and in_use(item, blueprint)]
    pairs = near_pairs(make_index(items), min(wanted))
    return tuple((pair.first, pair.second, round(pair.similarity, 6)) for pair in pairs)


def _share(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and 0.3 <= value <= 1 else None


def _asks(blueprint: Blueprint, word: str, keys: Collection[str]) -> bool:
    return any(
        rule.word == word and isinstance(rule.value, dict) and not rule.value.keys().isdisjoint(keys)
        for rule in blueprint.rules
    )
