"""show: one item as it is printed, with what is known of it, and variants of a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from qbank.core.bank import Bank, settle
from qbank.core.history import Estimate, Use
from qbank.core.item import Item
from qbank.core.presentation import Language, Question
from qbank.core.stimulus import Stimulus
from qbank.kinds import KINDS
from qbank.kinds.questions import part_fingerprints
from qbank.kinds.template import draw_item, draw_text, draws, n_variants
from qbank.ledger import ItemHistory, SittingUse, held_by, item_history, present_estimate
from qbank.problem import Problem
from qbank.workflow.bank import check_bank
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with what is known of it and its parts: the estimates of this revision, all uses, a flag that holds it back.

    question : as it is printed, options in the order of the item ; n_variants : of a template, None where nobody can
    count them ; key : the label of the right answer ; present : the fingerprints of the item and its parts, by id ; history : all that `qbank history` tells from
    """

    item: Item
    bank: Bank
    question: Question
    fingerprint: str
    competency: str
    key: str
    estimates: Mapping[str, Estimate]
    uses: tuple[Use, ...]
    present: Mapping[str, str]
    held: str
    history: ItemHistory
    n_variants: int | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One draw of a template: the values drawn, and the item that comes of them."""

    draw: str
    item: Item
    question: Question
    key: str


def find_item(
    id: str, roots: tuple[Path, ...], workspace: Workspace, language: Language
) -> tuple[ItemView | None, list[Problem]]:
    """Return the item of that id from the first bank that has it, or nothing and the errors of the banks.

    An item whose own file is sound can be looked at, whatever is wrong elsewhere in its bank.
    """
    problems: list[Problem] = []
    for root in roots:
        source, found = check_bank(root, cached=True)
        if source.bank is not None and id in source.bank.items:
            return show_item(settle(source.bank), id, workspace, language), []
        problems += [problem for problem in found if problem.severity == "error"]
    return None, problems


def find_stimulus(id: str, roots: tuple[Path, ...]) -> tuple[Bank, Stimulus] | None:
    """Return the stimulus of that id and the first bank that has it."""
    for root in roots:
        bank = check_bank(root, cached=True)[0].bank
        if bank is not None and id in bank.stimuli:
            return settle(bank), bank.stimuli[id]
    return None


def show_item(bank: Bank, id: str, workspace: Workspace, language: Language) -> ItemView:
    """Return the item of that id with its statistics."""
    item, fingerprint = bank.items[id], bank.fingerprints[id]
    history = _history(id, workspace)
    parts = (part.id for part in KINDS[item.kind].parts(item))
    present = {id: fingerprint, **dict(zip(parts, part_fingerprints(item), strict=True))}
    competency = bank.standard.competencies.get(item.competency)
    return ItemView(
        item, bank, as_question(item, language), fingerprint, competency.title if competency else "",
        KINDS[item.kind].key_label(item.body.marked()),
        {
            one.item: found
            for one in (history, *history.parts)
            if one.item in present and (found := present_estimate(one, present[one.item])) is not None
        },
        tuple(_use(one.item, use) for one in (history, *history.parts) for use in one.uses if one.item in present), present,
        held_by(history, fingerprint), history, n_variants(item.template) if item.template else None,
    )  # fmt: skip


def _history(id: str, workspace: Workspace) -> ItemHistory:
    """Return the history of an item, an empty one where there is no ledger yet."""
    if not workspace.has_ledger():
        return ItemHistory(id, (), (), (), "", (), ())
    ledger = workspace.open()
    try:
        return item_history(ledger, id)
    finally:
        ledger.close()


def _use(item: str, use: SittingUse) -> Use:
    return Use(
        item, use.fingerprint, use.sitting, use.date, use.n_seen, use.facility, use.item_rest, use.flags, use.n_omitted,
        use.n_not_reached,
    )  # fmt: skip


def draw_variants(item: Item, n: int, seed: int, language: Language) -> tuple[Variant, ...]:
    """Return so many different variants of a template, or all that there are; the first is the one of that seed."""
    if item.template is None:
        return ()
    found = []
    for draw in islice(draws(item.template, seed), n):
        made = draw_item(item, draw)
        label = KINDS[made.kind].key_label(made.body.marked())
        found.append(Variant(draw_text(draw), made, as_question(made, language), label))
    return tuple(found)


def as_question(item: Item, language: Language, number: int = 1) -> Question:
    """Return an item as it would be printed with its options in their own order."""
    kind = KINDS[item.kind]
    more = kind.printed(item, item.marks, language)
    letters = "".join(letter for letter, _ in kind.options(item))
    answer = more.answer or ("" if kind.rated else kind.show_answer(kind.key_label(item.body.marked()), letters, language))
    parts = tuple(as_question(part, language, index) for index, part in enumerate(kind.parts(item), start=1))
    question = Question(item.id, number, item.kind, item.stem, kind.options(item), answer, kind.space, item.marks)
    return replace(
        question, prompts=more.prompts, parts=parts, n_lines=more.n_lines, guide=more.guide, task=more.task
    )
