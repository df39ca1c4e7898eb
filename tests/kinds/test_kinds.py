"""How what a candidate wrote is read and marked, kind by kind."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.kinds import KINDS
from tests.files.sound import sound_bank

MARKED: dict[str, Any] = {
    "single": {"key": "C"},
    "true_false": {"key": "true"},
    "numeric": {"value": 1680.0, "tolerance": 5.0, "unit": "℃"},
}
ORDER = {"single": "CADB", "true_false": "", "numeric": ""}

READ = [
    # single: printed A is the item's C
    *[("single", marked, "C") for marked in ("A", "a", " a ", "Ａ", "ａ", "　Ａ　", "Ⓐ")],
    *[("single", marked, "B") for marked in ("D", "d", "Ｄ")],
    *[("single", marked, None) for marked in ("", "E", "H", "Z", "AB", "1", "@", "А", "√", "对", "A.")],
    *[("true_false", marked, "true") for marked in ("√", "✓", "✔", "对", "正确", "是", "T", "t", "Ｔ", "true", "y", "1", "１", " √ ")],
    *[("true_false", marked, "false") for marked in ("×", "✗", "✘", "x", "X", "Ｘ", "错", "错误", "否", "F", "ｆ", "no", "0", "０")],
    *[("true_false", marked, None) for marked in ("", "B", "2", "不对", "√×", "对错", "-")],
    *[("numeric", marked, "1680") for marked in ("1680", " 1680 ", "１６８０", "1 680", "1,680", "1，680", "1680℃", "1680 ℃", "1680 kg")],
    ("numeric", "1,234,567.5", "1234567.5"),
    ("numeric", "3,33", "3.33"),
    ("numeric", "３．３３", "3.33"),
    ("numeric", "0.50", "0.50"),
    ("numeric", "-5", "-5"),
    ("numeric", "−5", "-5"),
    ("numeric", "－5", "-5"),
    ("numeric", "+5", "+5"),
    ("numeric", "1.5e3", "1.5e3"),
    ("numeric", "95%", "95"),
    *[("numeric", marked, None) for marked in ("", "很多", "kg", "-", ".", ",", "约5", "√")],
]  # fmt: skip


def test_every_kind_has_its_tables() -> None:
    assert set(MARKED) == set(ORDER) == {kind for kind, _, _ in READ} == set(KINDS)
    assert all(kind.word == word for word, kind in KINDS.items())


@pytest.mark.parametrize(("word", "marked", "answer"), READ)
def test_what_is_marked_is_read(word: str, marked: str, answer: str | None) -> None:
    assert KINDS[word].read(marked, ORDER[word]) == answer


@pytest.mark.parametrize("word", KINDS)
def test_the_key_is_worth_everything(word: str) -> None:
    kind = KINDS[word]
    assert kind.credit(MARKED[word], kind.key_label(MARKED[word])) == 1.0


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("word", KINDS)
def test_the_printed_key_reads_as_the_key(word: str, language: Any) -> None:
    kind = KINDS[word]
    label = kind.key_label(MARKED[word])
    assert kind.read(kind.show_answer(label, ORDER[word], language), ORDER[word]) == label


@pytest.mark.parametrize(
    ("word", "answer", "share"),
    [("single", "C", 1), ("single", "A", 0), ("single", "B", 0), ("true_false", "true", 1), ("true_false", "false", 0),
     *[("numeric", answer, 1) for answer in ("1680", "1675", "1685", "1680.0", "1.68e3", "+1680", "1684.999")],
     *[("numeric", answer, 0) for answer in ("1674.9", "1685.1", "0", "-1680", "1e999", "168")]],
)  # fmt: skip
def test_answers_are_credited(word: str, answer: str, share: float) -> None:
    assert KINDS[word].credit(MARKED[word], answer) == share


@pytest.mark.parametrize(
    ("value", "tolerance", "right", "wrong"),
    [(0.3, 0.1, ("0.2", "0.4", "0.3"), ("0.19", "0.41")), (3.33, 0.01, ("3.32", "3.34"), ("3.31", "3.35")),
     (5.0, 0.0, ("5", "5.0", "5.000"), ("5.001", "4.999")), (0.0, 0.0, ("0", "-0", "0.0"), ("0.001",)),
     (-2.5, 0.5, ("-2", "-3", "-2.5"), ("2.5", "-1.9", "-3.1")), (1e6, 0.0, ("1000000", "1e6"), ("1000001",))],
)  # fmt: skip
def test_the_edge_of_a_tolerance_is_right_whatever_binary_fractions_say(
    value: float, tolerance: float, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    marked = {"value": value, "tolerance": tolerance, "unit": ""}
    credit = KINDS["numeric"].credit
    assert [credit(marked, answer) for answer in right] == [1.0] * len(right)
    assert [credit(marked, answer) for answer in wrong] == [0.0] * len(wrong)


@given(value=st.integers(-(10**6), 10**6), places=st.integers(0, 4), steps=st.integers(0, 50))
def test_a_decimal_answer_is_right_exactly_within_the_tolerance(value: int, places: int, steps: int) -> None:
    """In whole units of the last place the rule is exact; the floats must agree with it."""
    def decimal(units: int) -> str:
        return f"{units / 10**places:.{places}f}"

    marked = {"value": float(decimal(value)), "tolerance": float(decimal(steps)), "unit": ""}
    credit = KINDS["numeric"].credit
    for far in (-steps, steps):
        assert credit(marked, decimal(value + far)) == 1.0
    for far in (-steps - 1, steps + 1):
        assert credit(marked, decimal(value + far)) == 0.0


@given(order=st.permutations("ABCD").map("".join), letter=st.sampled_from("ABCD"))
def test_a_letter_read_back_from_any_printed_order_is_the_original(order: str, letter: str) -> None:
    single = KINDS["single"]
    printed = single.show_answer(letter, order, "zh")
    assert order[ord(printed) - ord("A")] == letter
    assert single.read(printed, order) == letter


@pytest.mark.parametrize("word", KINDS)
@given(marked=st.text(max_size=12))
def test_whatever_is_marked_is_an_answer_or_none_and_can_be_credited(word: str, marked: str) -> None:
    answer = KINDS[word].read(marked, ORDER[word])
    if answer is not None:
        share = KINDS[word].credit(MARKED[word], answer)
        assert 0 <= share <= 1 and math.isfinite(share)
        assert KINDS[word].answers(MARKED[word]) == () or answer in KINDS[word].answers(MARKED[word])


def test_a_body_says_what_is_seen_what_is_marked_and_what_may_move(tmp_path: Path) -> None:
    items = sound_bank(tmp_path).items
    one, two, three = items["Q-1"], items["Q-2"], items["Q-3"]
    assert (one.body.seen(), one.body.marked()) == ({"options": {"A": "铁", "B": "铜", "C": "铝"}}, {"key": "A"})
    assert (two.body.seen(), two.body.marked()) == ({}, {"key": "true"})
    assert (three.body.seen(), three.body.marked()) == (
        {"unit": "℃"}, {"value": 1680.0, "tolerance": 5.0, "unit": "℃"},
    )  # fmt: skip
    assert KINDS["single"].permutations(one) == ("ABC", frozenset("C"))
    assert KINDS["single"].options(one) == (("A", "铁"), ("B", "铜"), ("C", "铝"))
    for item in (two, three):
        assert KINDS[item.kind].permutations(item) == ("", frozenset())
        assert KINDS[item.kind].options(item) == ()


def test_options_keep_numbers_as_they_were_written(tmp_path: Path) -> None:
    from tests.files.sound import changed

    files = changed("items/a.yaml", "A: 铁\n      B: 铜\n      C: 铝", "A: 1.10\n      B: 1.1\n      C: 010")
    item = sound_bank(tmp_path, files).items["Q-1"]
    assert KINDS["single"].options(item) == (("A", "1.10"), ("B", "1.1"), ("C", "010"))
