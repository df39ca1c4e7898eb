"""Patterns in the keys of papers, on papers made by hand."""

from __future__ import annotations

from qbank.assemble.answer_patterns import Pattern, answer_patterns, pattern_lines
from qbank.core.bank import make_bank
from qbank.core.form import Certificate, Form, FormItem, FormSection
from qbank.core.item import Item
from qbank.core.standard import Occupation, Standard
from qbank.kinds.single import SingleBody
from qbank.problem import Span


def place(id: str, kind: str, key: str, order: str = "", *, parts: tuple[FormItem, ...] = ()) -> FormItem:
    return FormItem(id, kind, "f", order, 1, {"key": key}, "A", "A-1", parts=parts)


def form(*places: FormItem) -> Form:
    certificate = Certificate.__new__(Certificate)
    return Form("P-1", "b", "t", "s", "zh", 4, 90, 100, 60, "bank", "", "", "", "2026-11-25", "1", 1,
                (FormSection("一", "single", 1, places),), certificate)  # fmt: skip


ITEMS = {
    f"Q-{n}": Item(f"Q-{n}", "single", "A-1", 4, "问（　　）。",
                   SingleBody(options={"A": "最长的选项在此", "B": "短", "C": "短些", "D": "不短"}, key="A" if n < 18 else "B"),
                   1, "live", 2, "apply", 60, "", "", (), (), Span("a", n, 1))
    for n in range(24)
}  # fmt: skip
BANK = make_bank(
    name="bank", title="", language="zh", root=".", standard_digest="", items=ITEMS,
    standard=Standard(Occupation("1", "t", "", "", ()), False, (4,), (), {}, Span("s")),
)  # fmt: skip


def found(paper: Form) -> dict[str, Pattern]:
    return {pattern.what: pattern for pattern in answer_patterns(paper, BANK)}


def test_letters_are_those_printed_not_those_of_the_bank() -> None:
    """All keys are A in the bank; the orders print them as A, B, C, D in turn."""
    orders = ["ABCD", "BACD", "BCAD", "BCDA"]
    even = found(form(*(place(f"Q-{n}", "single", "A", orders[n % 4]) for n in range(24))))
    assert (even["positions"].found, even["positions"].suspicious) == (1.0, False)
    assert (even["run"].found, even["run"].suspicious) == (1, False)
    same = found(form(*(place(f"Q-{n}", "single", "A", "ABCD") for n in range(24))))
    assert same["positions"].suspicious and same["run"].suspicious
    assert same["run"].found == 24


def test_a_key_that_is_the_longest_option_too_often_is_a_pattern() -> None:
    keys = ["A" if n < 18 else "B" for n in range(24)]
    often = found(form(*(place(f"Q-{n}", "single", key, "ABCD") for n, key in enumerate(keys))))["longest"]
    assert often.suspicious and often.n == 24
    seldom = found(form(*(place(f"Q-{n}", "single", "B", "ABCD") for n in range(24))))["longest"]
    assert (seldom.found, seldom.suspicious) == (1.0, False)


def test_the_share_of_true_statements_counts_the_parts_of_cases() -> None:
    true = [place(f"T-{n}", "true_false", "true") for n in range(12)]
    case = place("C-1", "case", "", parts=tuple(place(f"C-1.{n}", "true_false", "false") for n in range(8)))
    assert found(form(*true, case)) == {"true": Pattern("P-1", "true", 20, 0.6, False)}
    assert found(form(*true, *true))["true"].suspicious


def test_small_papers_have_no_statistics_and_only_common_ones_stand_side_by_side() -> None:
    small = form(*(place(f"T-{n}", "true_false", "true") for n in range(19)))
    large = form(*(place(f"T-{n}", "true_false", "true") for n in range(20)))
    assert answer_patterns(small, BANK) == ()
    assert pattern_lines((small, large), BANK) == []
    assert pattern_lines((large, large), BANK) == [("keys true", (1.0, 1.0), None)]
