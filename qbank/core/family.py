"""The family file: slots of items, the code whose words choose among them, and the rules that a word must meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from qbank.core.presentation import Language

Proof = Literal["algebra", "enumerated", "compared"]


@dataclass(frozen=True, slots=True)
class FamilySlot:
    """One place of the papers: the section where it stands, and by symbol the item's id and fingerprint, "" without, and
    the share of its papers that are not taken out to even exposure.

    size : questions that each symbol stands for, one after the other in ids and fingerprints: a set on one stimulus fills
    several places
    """

    section: int
    ids: tuple[str, ...]
    fingerprints: tuple[str, ...]
    stays: tuple[float, ...]
    size: int = 1

    def items(self, symbol: int) -> tuple[str, ...]:
        """Return the ids of the questions of a symbol."""
        return self.ids[symbol * self.size : (symbol + 1) * self.size]


@dataclass(frozen=True, slots=True)
class TriedRule:
    """A rule that is tried on every word: its label, its bounds, and by slot and symbol what each item adds."""

    label: str
    low: float
    high: float
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class NeverTogether:
    """Two items that never meet: slot and symbol of each, and whose wish that is."""

    slot: int
    symbol: int
    other_slot: int
    other_symbol: int
    label: str


@dataclass(frozen=True, slots=True)
class FamilyCode:
    """The words: those of a linear code, or a list.

    order : letters of the alphabet ; overlap : in how many places two words agree at most, of a list how many items two
    papers share at most ; generator :
    (dimension, length) rows, () of a list ; translation : (length,) added to every word, () of a list ; listed :
    words, () of a code
    """

    order: int
    overlap: int
    construction: str
    proof: Proof
    generator: tuple[tuple[int, ...], ...] = ()
    translation: tuple[int, ...] = ()
    listed: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class FamilySize:
    """words : of the code ; papers : counted or estimated ; low, high : its 99 % interval ; tried, kept : words tried, and
    papers among them ; most : the papers that no method can exceed with these items and this overlap"""

    words: int
    papers: int
    low: int
    high: int
    tried: int
    kept: int
    most: int

    @property
    def exact(self) -> bool:
        """Return whether every word was tried."""
        return self.tried == self.words


@dataclass(frozen=True, slots=True)
class Family:
    """A family of parallel papers, one a person, from which any paper follows by its number and the secret.

    theta, tolerance : abilities at which information may differ from the mean by that share ; score_tolerance : by how
    many marks the expected score at the cut may differ ; cut_ability : the ability at the cut ; basis : see
    `Certificate` ; answers : the fewest answers behind an item's calibration, 0 where one has none ; pilot : whether
    its sittings calibrate and do not count ; secret_check : tells the right secret without telling it
    """

    id: str
    blueprint: str
    title: str
    subject: str
    language: Language
    level: int
    bank: str
    blueprint_digest: str
    bank_digest: str
    statistics_digest: str
    as_of: str
    engine_version: str
    seed: int
    asked_overlap: int
    theta: tuple[float, ...]
    tolerance: float
    score_tolerance: float
    cut_ability: float
    basis: str
    answers: int
    pilot: bool
    secret_check: str
    code: FamilyCode
    slots: tuple[FamilySlot, ...]
    proven: tuple[str, ...]
    rules: tuple[TriedRule, ...]
    apart: tuple[NeverTogether, ...]
    size: FamilySize

    @property
    def length(self) -> int:
        """Return how many questions a paper has."""
        return sum(slot.size for slot in self.slots)

    @property
    def overlap(self) -> int:
        """Return how many items two papers share at most: of a code the most that so many places of agreement can hold."""
        if self.code.listed:
            return self.code.overlap
        return sum(sorted((slot.size for slot in self.slots), reverse=True)[: self.code.overlap])

    @property
    def n_items(self) -> int:
        """Return how many items the papers of the family draw on."""
        return sum(bool(id) for slot in self.slots for id in slot.ids)


def gathered(labels: Iterable[str], most: int = 8) -> tuple[str, ...]:
    """Return labels of rules, in one where a rule has more than `most` of its own: one for each of many past papers, say.

    >>> gathered(["a", *(f"overlap: {{max: 3}} (p-{k})" for k in range(9)), "keys (A)"])
    ('a', 'overlap: {max: 3} (× 9)', 'keys (A)')
    """
    every = tuple(labels)
    stems = [label.rpartition(" (")[0] if label.endswith(")") else "" for label in every]
    times = Counter(stems)
    return tuple(dict.fromkeys(
        f"{stem} (× {times[stem]})" if stem and times[stem] > most else label for label, stem in zip(every, stems, strict=True)
    ))  # fmt: skip
