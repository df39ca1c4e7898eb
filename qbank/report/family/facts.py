"""What the report of a family of papers is made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from qbank.assemble.family.comparability import Comparability
from qbank.assemble.family.showing import Shared, Shown
from qbank.messages import Language, text
from qbank.report.sitting.words import Texts

ENOUGH_ANSWERS = 200
"""Answers behind the calibration of every item before sittings of a family may count."""


@dataclass(frozen=True, slots=True, eq=False)
class FamilyFacts:
    """A family of papers and what was found by looking at a sample of them.

    name : of the family ; title : of its papers ; length : questions of a paper ; order : letters of the alphabet ; places :
    of a word ; agree : in how many of them two words agree at most ; proof : ``algebra``, ``enumerated`` or ``compared`` ; overlap : items that any two
    papers share at most ; words : of the code ; papers : how many meet every rule ; low, high : its 99 % interval, both
    equal to papers where all words were tried ; most : the papers that no method can exceed, None where unknown ;
    n_eligible : items that the papers could draw on ; proven, tried : labels of the rules that hold by construction, and of
    those that every word is tried against ; basis : ``calibrated``, ``planned`` or ``judged`` ; answers : the fewest
    answers behind an item's calibration ; pilot : whether its sittings calibrate and do not count ; comparability ; shown :
    how often papers show each item ; ids : (n_used,) of the items of shown ; shared ; versions : (what, name, version)
    of everything that the family rests on
    """

    name: str
    title: str
    length: int
    order: int
    places: int
    agree: int
    proof: str
    overlap: int
    words: int
    papers: int
    low: int
    high: int
    most: int | None
    n_eligible: int
    proven: tuple[str, ...]
    tried: tuple[str, ...]
    basis: str
    answers: int
    pilot: bool
    comparability: Comparability
    shown: Shown
    ids: tuple[str, ...]
    shared: Shared
    versions: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """The facts and the texts of one language."""

    facts: FamilyFacts
    t: Texts
    language: Language


def family_text(language: Language, name: str, /, **fields: object) -> str:
    """Return a text of the report of a family."""
    return text(language, f"report_family.{name}", **fields)


def told(facts: FamilyFacts, language: Language) -> Told:
    """Return the facts with the texts of a language."""
    return Told(facts, partial(family_text, language), language)


def large(number: int) -> str:
    """Return a number of papers: with commas, and from a thousand million millions on by its power of ten.

    >>> large(1234567), large(45 * 10**20)
    ('1,234,567', '4.5e+21')
    """
    return f"{number:,}" if number < 10**15 else f"{float(number):.1e}"
