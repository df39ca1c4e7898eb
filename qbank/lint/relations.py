"""Rules that hold items against each other."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from qbank.kinds import KINDS
from qbank.lint.rule import RuleInput
from qbank.problem import Problem, error


def enemy_unknown(given: RuleInput) -> Iterator[Problem]:
    """Q111: an enemy is another item of this bank.

    Enemies never stand on one paper. Bad: ``enemies: [BOF4-BCC-99]`` where no such item exists, or the item itself.
    """
    for item in given.bank.items.values():
        for index, enemy in enumerate(item.enemies):
            if enemy == item.id or enemy not in given.declared:
                near = difflib.get_close_matches(enemy, given.declared - {item.id}, n=1, cutoff=0.8)
                place = given.place(item.id, "enemies", index)
                yield error("Q111", place, enemy=enemy, suggestion=near[0] if near else "")


def part_id_taken(given: RuleInput) -> Iterator[Problem]:
    """Q212: no item is called like a part of a case.

    The parts of case ``BOF4-C1`` are answered, marked and analysed as ``BOF4-C1.1``, ``BOF4-C1.2``. Bad: another item
    with ``id: BOF4-C1.2``.
    """
    for item in given.bank.items.values():
        for part in KINDS[item.kind].parts(item):
            if part.id in given.bank.items:
                here = given.place(item.id, "id")
                yield error("Q212", given.place(part.id, "id"), id=part.id, case=item.id, related=(here,))
