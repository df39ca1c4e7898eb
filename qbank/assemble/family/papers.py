"""The papers of a family file: from a number and the secret to the items, and from a person to a number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes import Code
from qbank.assemble.family.counting import word_at
from qbank.assemble.family.listing import Listing
from qbank.assemble.family.numbering import Numbering, person_number
from qbank.assemble.family.sieve import Sieve, broken, passes
from qbank.core.family import Family

Words = NDArray[np.integer]

FURTHER = 4_096
"""Numbers that are tried at once where the next paper is looked for."""
LOOKED = 5_000_000
"""Numbers after which the search for the next paper ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Papers:
    """A family at work: numbers 0 … size − 1, of which those are papers whose words meet every rule.

    unusable : ids of items that may no longer stand on a paper; words with one are no papers
    """

    family: Family
    code: Code | Listing
    translation: Words
    sieve: Sieve
    numbering: Numbering
    digest: str

    @property
    def size(self) -> int:
        """Return how many numbers there are, papers or not."""
        return self.numbering.size

    def word(self, number: int) -> Words:
        """Return the word behind a number, (n_slots,)."""
        return np.asarray(word_at(self.code, self.translation, np.array([self.numbering.place(number)], dtype=np.uint64))[0])

    def words(self, numbers: Words) -> Words:
        """Return the words behind numbers, (n, n_slots)."""
        return word_at(self.code, self.translation, self.numbering.places(numbers))

    def broken(self, number: int) -> tuple[str, ...]:
        """Return the rules that the word behind a number breaks; none: it is a paper."""
        word = self.word(number)
        return () if passes(self.sieve, word[None])[0] else broken(self.sieve, word)

    def unfilled(self, number: int) -> int | None:
        """Return the first slot, counted from 0, for which a number gives no item that can be used; None: all have one."""
        there = self.sieve.filled[np.arange(len(self.family.slots)), self.word(number)]
        return None if there.all() else int(np.argmin(there))

    def items(self, number: int) -> tuple[str, ...]:
        """Return the items of the paper behind a number, slot after slot."""
        word = self.word(number).tolist()
        return tuple(id for slot, symbol in zip(self.family.slots, word, strict=True) for id in slot.items(symbol))

    def next(self, number: int, taken: Collection[int] = ()) -> int | None:
        """Return the first number from here on, and around, that is a paper and not taken; None where none is found."""
        start, looked = number, 0
        few = 1
        while looked < min(self.size, LOOKED):
            numbers = (np.arange(start, start + few, dtype=np.uint64) % np.uint64(self.size))[: self.size - looked]
            for found in numbers[passes(self.sieve, self.words(numbers))]:
                if int(found) not in taken:
                    return int(found)
            looked, start, few = looked + len(numbers), (start + len(numbers)) % self.size, min(few * 8, FURTHER)
        return None

    def number_of(self, person: str) -> int | None:
        """Return the number of one person's paper where nobody else is considered."""
        return self.next(person_number(self.numbering.secret, self.digest, person, self.size))

    def numbers_of(self, persons: Sequence[str]) -> tuple[int | None, ...]:
        """Return a number for each of several persons, all different.

        Persons take the first free paper from their own start, in the order of a keyed hash: the same persons get the
        same papers whatever order they are listed in. ValueError where two persons have the same number.
        """
        secret, digest = self.numbering.secret, self.digest
        start = {person: person_number(secret, digest, person, self.size) for person in persons}
        if len(start) < len(persons):
            raise ValueError("two persons have the same number")
        rank = {person: person_number(secret, f"order {digest}", person, 2**62) for person in persons}
        taken: set[int] = set()
        found: dict[str, int | None] = {}
        for person in sorted(persons, key=lambda each: (rank[each], each)):
            number = self.next(start[person], taken)
            found[person] = number
            if number is not None:
                taken.add(number)
        return tuple(found[person] for person in persons)


def papers_of_family(family: Family, digest: str, secret: bytes, unusable: Collection[str] = ()) -> Papers:
    """Return a family at work; digest : of its file ; unusable : see `Papers`."""
    code, translation = _code(family)
    out = {"", *unusable}
    filled = np.array([[out.isdisjoint(slot.items(k)) for k in range(code.order)] for slot in family.slots])
    values = np.array([rule.values for rule in family.rules], dtype=np.float64)
    pairs = np.array([(p.slot, p.symbol, p.other_slot, p.other_symbol) for p in family.apart], dtype=np.int64)
    sieve = Sieve(
        filled, np.moveaxis(values, 0, 2) if len(values) else np.zeros((*filled.shape, 0)),
        np.array([rule.low for rule in family.rules]), np.array([rule.high for rule in family.rules]),
        tuple(rule.label for rule in family.rules), pairs.reshape(-1, 4), tuple(p.label for p in family.apart), family.proven,
        np.array([slot.stays for slot in family.slots]), np.array([slot.size for slot in family.slots], dtype=np.int64),
    )  # fmt: skip
    return Papers(family, code, translation, sieve, Numbering(secret, code.size), digest)


def _code(family: Family) -> tuple[Code | Listing, Words]:
    code, length = family.code, len(family.slots)
    if code.listed:
        rows = np.array(code.listed, dtype=np.uint8)
        return Listing(code.order, length, code.overlap, rows, code.construction, code.proof), np.zeros(length, np.uint8)
    generator = np.array(code.generator, dtype=np.uint8)
    made = Code(code.order, length, len(generator), code.overlap, code.construction, code.proof, generator)
    return made, np.array(code.translation, dtype=np.uint8)
