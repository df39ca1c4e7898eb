"""check, new, show: the bank itself."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from qbank.core.bank import Bank
from qbank.core.history import NO_HISTORY, Estimate, History, Use
from qbank.core.item import Item
from qbank.files.bank import BankSource, read_bank, shown_path
from qbank.files.disk import write_bytes
from qbank.kinds import KINDS
from qbank.lint import BANK_RULES, ITEM_RULES, ItemInput, RuleInput
from qbank.problem import Problem, Span, error
from qbank.workflow.workspace import Workspace


def check_bank(root: Path) -> tuple[BankSource, list[Problem]]:
    """Return the bank and everything wrong with it: files first, then rules over the whole, sorted by place."""
    if not root.is_dir():
        return BankSource(None, {}, frozenset()), [error("B004", Span(shown_path(root)))]
    source, problems = read_bank(root)
    if source.bank is not None:
        given = RuleInput(source.bank, {id: text.place for id, text in source.texts.items()}, source.declared)
        for rule in BANK_RULES.values():
            problems += rule(given)
        for text in source.texts.values():
            one = ItemInput(text.item, source.bank.standard, source.bank.language, text.place)
            for item_rule in ITEM_RULES.values():
                problems += item_rule(one)
    once = dict.fromkeys(problems)  # a mistake under defaults is found again by every item that inherits it
    return source, sorted(once, key=lambda problem: (problem.span, problem.code, problem.facts))


def usable_bank(root: Path) -> tuple[Bank | None, list[Problem]]:
    """Return the bank where it has no error, else nothing and the errors."""
    source, problems = check_bank(root)
    errors = [problem for problem in problems if problem.severity == "error"]
    return (None if errors else source.bank), errors


def new_bank(folder: Path) -> list[Problem]:
    """Write a small bank of one's own that passes check, with a blueprint and a workspace file."""
    if folder.exists() and any(folder.iterdir()):
        return [error("B005", Span(shown_path(folder)))]
    starter = resources.files("qbank") / "starter"
    with resources.as_file(starter) as source:
        for path in sorted(source.rglob("*.yaml")):
            write_bytes(folder / path.relative_to(source), path.read_bytes())
    return []


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with what is known of it: its revision's estimate, all its uses, a flag that holds it back."""

    item: Item
    fingerprint: str
    competency: str
    options: tuple[tuple[str, str], ...]
    key: str
    estimate: Estimate | None
    uses: tuple[Use, ...]
    held: str


def show_item(bank: Bank, id: str, workspace: Workspace) -> ItemView | None:
    """Return the item of that id with its statistics, or None."""
    item = bank.items.get(id)
    if item is None:
        return None
    history = history_of(workspace)
    fingerprint = bank.fingerprints[id]
    kind = KINDS[item.kind]
    competency = bank.standard.competencies.get(item.competency)
    return ItemView(
        item, fingerprint, competency.title if competency else "", kind.options(item),
        kind.key_label(item.body.marked()),
        history.estimates.get(fingerprint), tuple(use for use in history.uses if use.item == id),
        history.held.get(fingerprint, ""),
    )  # fmt: skip


def history_of(workspace: Workspace) -> History:
    """Return what the ledger knows, or nothing where there is no ledger yet."""
    if not workspace.has_ledger():
        return NO_HISTORY
    from qbank.ledger import read_history

    ledger = workspace.open()
    try:
        return read_history(ledger)
    finally:
        ledger.close()


