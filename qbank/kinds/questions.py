"""What takes an answer: an item, or the parts of a case in its stead."""

from __future__ import annotations

from qbank.core.bank import Bank
from qbank.core.item import Item
from qbank.kinds import KINDS
from qbank.kinds.case import part_fingerprint
from qbank.kinds.template import variant


def questions_of(item: Item) -> tuple[Item, ...]:
    """Return the parts of a case, or the item itself."""
    return KINDS[item.kind].parts(item) or (item,)


def part_fingerprints(item: Item) -> tuple[str, ...]:
    """Return the fingerprints of the parts of a case in order; none for any other item."""
    return tuple(part_fingerprint(item, part) for part in KINDS[item.kind].parts(item))


def find_question(bank: Bank, id: str, seed: int = 0) -> tuple[Item, str] | None:
    """Return the item or part of a case by its id, and its fingerprint.

    seed : of the variant, where the item is a template; the fingerprint is that of all variants
    """
    if id in bank.items:
        return variant(bank.items[id], seed), bank.fingerprints[id]
    head, _, number = id.rpartition(".")
    case = bank.items.get(head)
    parts = KINDS[case.kind].parts(case) if case else ()
    if case and number.isdecimal() and str(int(number)) == number and 1 <= int(number) <= len(parts):
        index = int(number) - 1
        return KINDS[case.kind].parts(variant(case, seed))[index], part_fingerprint(case, parts[index])
    return None
