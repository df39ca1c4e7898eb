"""What the record of a family says of its papers: questions, shared items, items in use, rules gathered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qbank.core.family import (
    Family,
    FamilyCode,
    FamilySize,
    FamilySlot,
    NeverTogether,
    TriedRule,
    gathered,
)

SINGLE = FamilySlot(0, ("a", "b", ""), ("fa", "fb", ""), (1.0, 0.5, 1.0))
SETS = FamilySlot(1, ("c", "d", "e", "f", "", ""), ("fc", "fd", "fe", "ff", "", ""), (1.0, 1.0, 1.0), 2)
OTHER = FamilySlot(1, ("g", "h", "i"), ("fg", "fh", "fi"), (1.0, 1.0, 0.25))


def tiny(**more: object) -> Family:
    """Return a family of four questions in three slots, one of them of two questions on a stimulus."""
    code = FamilyCode(3, 1, "code over GF(3), length 3, distance 2: Reed–Solomon", "algebra", ((1, 1, 1), (0, 1, 2)), (0, 2, 1))
    family = Family(
        id="small-1", blueprint="small", title="小卷", subject="炼钢", language="zh", level=4, bank="steel", blueprint_digest="b1",
        bank_digest="b2", statistics_digest="b3", as_of="2026-11-26", engine_version="1", seed=7, asked_overlap=2,
        theta=(-1.0, 0.0, 1.0), tolerance=0.05, score_tolerance=0.28, cut_ability=0.1, basis="judged", answers=0, pilot=True,
        secret_check="00ff", code=code, slots=(SINGLE, SETS, OTHER), proven=("section 1",),
        rules=(TriedRule("sum", 1.0, 2.5, ((0.5, 1.0, 0.0), (1.0, 0.0, 0.0), (0.1, 0.2, 0.3))),),
        apart=(NeverTogether(0, 1, 2, 0, "enemies"),), size=FamilySize(9, 4, 4, 4, 9, 4, 20),
    )  # fmt: skip
    return replace(family, **more)  # type: ignore[arg-type]


def test_a_symbol_stands_for_the_questions_of_its_place() -> None:
    assert [SINGLE.items(symbol) for symbol in range(3)] == [("a",), ("b",), ("",)]
    assert [SETS.items(symbol) for symbol in range(3)] == [("c", "d"), ("e", "f"), ("", "")]


def test_papers_have_the_questions_of_all_slots_and_draw_on_the_items_that_are_there() -> None:
    assert tiny().length == 4
    assert tiny().n_items == 2 + 4 + 3


@pytest.mark.parametrize(("agree", "shared"), [(0, 0), (1, 2), (2, 3), (3, 4)])
def test_two_papers_share_the_questions_of_the_largest_slots_in_which_words_may_agree(agree: int, shared: int) -> None:
    family = tiny()
    assert replace(family, code=replace(family.code, overlap=agree)).overlap == shared
    listed = replace(family.code, overlap=agree, generator=(), translation=(), listed=((0, 1, 2), (1, 0, 0)))
    assert replace(family, code=listed).overlap == agree, "of a list items were compared"


def test_a_number_is_exact_where_every_word_was_tried() -> None:
    assert FamilySize(9, 4, 4, 4, 9, 4, 20).exact
    assert not FamilySize(9, 4, 3, 6, 8, 4, 20).exact


def test_labels_are_gathered_where_a_rule_has_more_than_so_many() -> None:
    eight, nine = ([f"overlap ({k})" for k in range(n)] for n in (8, 9))
    assert gathered(eight) == tuple(eight)
    assert gathered(nine) == ("overlap (× 9)",)
    assert gathered(["x (1)", "y", "x (2)", "y", "x (3)"], most=2) == ("x (× 3)", "y")
    assert gathered(["x (1)", "x (2)"], most=2) == ("x (1)", "x (2)")
    assert gathered(["no stem"] * 9 + ["(1)"] * 9 + ["z (a) b"] * 9) == ("no stem", "(1)", "z (a) b")
