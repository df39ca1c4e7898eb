"""What the three occupational banks promise of their items: how many, how hard, how keyed, how explained."""

from __future__ import annotations

from collections import Counter

import pytest
from scipy.stats import chisquare

from qbank.core.item import Item
from qbank.kinds.case import parts
from qbank.kinds.numeric import NumericBody
from qbank.kinds.single import SingleBody
from tests.banks.test_banks import bank_at
from tests.workflow.places import REPOSITORY

PROMISED = {
    ("steelmaking", 5): 60, ("steelmaking", 4): 700, ("steelmaking", 3): 400, ("steelmaking", 2): 60, ("steelmaking", 1): 60,
    ("ironmaking", 4): 400, ("hot-rolling", 4): 400,
}  # fmt: skip
SPREAD = {1: 15, 2: 30, 3: 30, 4: 20, 5: 5}
"""per cent of the items of a level at each judged grade"""
WITHIN = 4

of_each_level = pytest.mark.parametrize(("bank", "level"), PROMISED, ids=str)


def items_of(bank: str, level: int) -> list[Item]:
    return [item for item in bank_at(REPOSITORY / "banks" / bank).items.values() if item.level == level]


@of_each_level
def test_as_many_items_as_promised(bank: str, level: int) -> None:
    assert len(items_of(bank, level)) >= PROMISED[bank, level]


@of_each_level
def test_judged_grades_are_spread_as_the_rule_asks(bank: str, level: int) -> None:
    found = Counter(item.grade for item in items_of(bank, level))
    shares = {grade: 100 * found[grade] / found.total() for grade in SPREAD}
    assert {grade: share for grade, share in shares.items() if abs(share - SPREAD[grade]) > WITHIN} == {}


@of_each_level
def test_keys_of_single_choices_fall_on_every_letter_alike(bank: str, level: int) -> None:
    letters = Counter(item.body.key for item in items_of(bank, level) if isinstance(item.body, SingleBody))
    assert chisquare([letters[letter] for letter in "ABCD"]).pvalue > 0.05


@of_each_level
def test_at_least_half_of_the_single_choices_tell_the_misconception_behind_a_distractor(bank: str, level: int) -> None:
    told = [bool(item.body.misconception) for item in items_of(bank, level) if isinstance(item.body, SingleBody)]
    assert sum(told) >= len(told) / 2


@of_each_level
def test_every_item_says_why_and_where_from(bank: str, level: int) -> None:
    assert [item.id for item in items_of(bank, level) if not (item.rationale.strip() and item.reference.strip())] == []


@of_each_level
def test_every_number_is_worked_out_by_its_formula(bank: str, level: int) -> None:
    found = [
        part.id for item in items_of(bank, level) if not item.template
        for part in (parts(item) if item.kind == "case" else (item,))
        if isinstance(part.body, NumericBody) and not part.body.key.formula
    ]  # fmt: skip
    assert found == []


@of_each_level
def test_every_competency_of_a_large_level_is_asked(bank: str, level: int) -> None:
    items = items_of(bank, level)
    standard = bank_at(REPOSITORY / "banks" / bank).standard
    points = {one.code for one in standard.competencies.values() if level in one.levels}
    missing = points - {item.competency for item in items}
    assert not missing or len(items) < 2 * len(points)
