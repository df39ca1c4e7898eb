"""What expressions say of items, as columns of a pool, and the words that these know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np

from qbank.assemble.item_parameters import Array
from qbank.core.bank import Bank
from qbank.core.item import Item, Status
from qbank.core.prose import shown
from qbank.core.standard import domain_paths
from qbank.core.where import Columns
from qbank.kinds import KINDS
from qbank.kinds.letters import LETTERS


def pool_columns(
    bank: Bank, items: tuple[Item, ...], domain: tuple[str, ...], uses: Mapping[str, int], known: Mapping[str, Array]
) -> Columns:
    """Return the numbers and words of items that constraints and goals speak of.

    domain : leaf domain code per item ; uses : item id → sittings that it was on ; known : further numbers by name
    """
    paths = domain_paths(bank.standard)
    competencies = bank.standard.competencies
    numbers = {
        "grade": [item.grade for item in items],
        "level": [item.level for item in items],
        "seconds": [item.seconds for item in items],
        "marks": [item.marks for item in items],
        "uses": [uses.get(item.id, 0) for item in items],
        "characters": [n_characters(item) for item in items],
    }
    words = {
        "id": [{item.id} for item in items],
        "kind": [{item.kind} for item in items],
        "domain": [set(paths[code]) for code in domain],
        "competency": [{item.competency} for item in items],
        "importance": [{str(competencies[item.competency].importance)} for item in items],
        "cognitive": [{str(item.cognitive)} for item in items],
        "status": [{str(item.status)} for item in items],
        "tags": [set(item.tags) for item in items],
        "stimulus": [{item.stimulus} for item in items],
        "key": [{fixed_key(item)} for item in items],
    }
    return Columns(
        len(items),
        {name: np.array(values, dtype=np.float64) for name, values in numbers.items()} | dict(known),
        {name: tuple(frozenset(entry) for entry in values) for name, values in words.items()},
    )


def n_characters(item: Item) -> int:
    """Return how much of an item a candidate reads: characters of stem, options, prompts and parts as printed, without
    blanks; not of a stimulus, which stands once above all its items.
    """
    texts = [item.stem, *(p.text for p in KINDS[item.kind].passages(item) if p.role not in ("answer", "rubric"))]
    return sum(len("".join(shown(text).split())) for text in texts)


def fixed_key(item: Item) -> str:
    """Return the key as it will be printed: true, false, the letter of an option that may not move; else nothing."""
    kind = KINDS[item.kind]
    if item.kind == "true_false":
        return kind.key_label(item.body.marked())
    if not kind.one_letter:
        return ""
    letters, pinned = kind.permutations(item)
    key = kind.key_label(item.body.marked())
    return key if key in pinned or len(letters) - len(pinned) < 2 else ""


def vocabulary(bank: Bank) -> dict[str, frozenset[str]]:
    """Return the words that exist in the closed columns of expressions over this bank."""
    standard = bank.standard
    return {
        "domain": frozenset(code for domain in standard.domains for code in domain.path),
        "competency": frozenset(standard.competencies),
        "importance": frozenset("XYZ"),
        "kind": frozenset(KINDS),
        "cognitive": frozenset({"remember", "understand", "apply", "analyse"}),
        "id": frozenset(bank.items),
        "stimulus": frozenset({"", *bank.stimuli}),
        "key": frozenset({"", "true", "false", *LETTERS}),
        "status": frozenset(get_args(Status)),
    }
