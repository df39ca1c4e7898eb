"""How what a candidate wrote is read and marked, kind by kind."""

from __future__ import annotations

import functools
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.core.item import Item
from qbank.files.interchange.answers import number_of
from qbank.kinds import KINDS
from qbank.kinds.questions import questions_of
from qbank.problem import Span
from qbank.workflow.bank import usable_bank
from tests.corpus import CORPUS
from tests.files.sound import changed, sound_bank

FOLD = {"case": True, "width": True, "space": True}


def blank(*accept: str, pattern: str = "") -> dict[str, Any]:
    return {"accept": accept, "pattern": pattern}


TWO_BLANKS = (blank("CaO", "石灰", "氧化钙"), blank("3.2", pattern=r"3\.[0-4]"))
MARKED: dict[str, Any] = {
    "single": {"key": "C"},
    "multiple": {"key": "AC", "credit": "all"},
    "true_false": {"key": "true"},
    "fill": {"key": TWO_BLANKS, "fold": FOLD, "any_order": False, "credit": "each"},
    "numeric": {"value": 1680.0, "tolerance": 5.0, "unit": "℃"},
    "short": {"most": 5.0, "key": "…", "rubric": ({"points": 5.0, "text": "…"},)},
    "essay": {"most": 12.5, "key": "…", "rubric": ({"points": 12.5, "text": "…"},)},
    "matching": {"key": "BAD", "credit": "each"},
    "ordering": {"key": "DBCA", "credit": "all"},
    "task": {"most": 100.0, "steps": (), "veto": ()},
}
ORDER = {"single": "CADB", "multiple": "CADB", "matching": "CADB", "ordering": "CADB"}
ANSWERED = {word: kind for word, kind in KINDS.items() if word != "case"}
"""The kinds that are answered themselves; of a case only the parts are."""

READ = [
    # single: printed A is the item's C
    *[("single", marked, "C") for marked in ("A", "a", " a ", "Ａ", "ａ", "　Ａ　", "Ⓐ")],
    *[("single", marked, "B") for marked in ("D", "d", "Ｄ")],
    *[("single", marked, None) for marked in ("", "E", "H", "Z", "AB", "1", "@", "А", "√", "对", "A.")],
    *[("true_false", marked, "true") for marked in ("√", "✓", "✔", "对", "正确", "是", "T", "t", "Ｔ", "true", "y", "1", "１", " √ ")],
    *[("true_false", marked, "false") for marked in ("×", "✗", "✘", "x", "X", "Ｘ", "错", "错误", "否", "F", "ｆ", "no", "0", "０")],
    *[("true_false", marked, None) for marked in ("", "B", "2", "不对", "√×", "对错", "-")],
    *[("numeric", marked, "1680") for marked in ("1680", " 1680 ", "１６８０", "1 680", "1,680", "1，680", "1680℃", "1680 ℃", "1680°C")],
    ("numeric", "1,234,567.5", "1234567.5"),
    ("numeric", "3,33", "3.33"),
    ("numeric", "３．３３", "3.33"),
    ("numeric", "0.50", "0.50"),
    ("numeric", "-5", "-5"),
    ("numeric", "−5", "-5"),
    ("numeric", "－5", "-5"),
    ("numeric", "+5", "+5"),
    ("numeric", "1.5e3", "1.5e3"),
    ("numeric", "95%", "95 %"),
    *[("numeric", marked, None) for marked in ("", "很多", "kg", "-", ".", ",", "约5", "√", "5 炉", "5 kg**9**9", "5 (kg", "5 kg" * 30)],
    ("numeric", "1680 kg", "1680 kg"),
    ("numeric", "1953.15 K", "1953.15 K"),
    ("numeric", "1680度", "1680"),
    ("numeric", "1680 摄氏度", "1680"),
    # multiple: printed A, B, C, D are the item's C, A, D, B; the key AC is printed as AB
    *[("multiple", marked, "AC") for marked in ("AB", "BA", "ab", "ＡＢ", "A、B", "A,B", "Ａ，Ｂ", "a b", "A;B", "A和B", "A. B.", "A/B", "Ⓐ Ⓑ")],
    *[("multiple", marked, "B") for marked in ("D", " d ")],
    *[("multiple", marked, "ABCD") for marked in ("ABCD", "DCBA")],
    *[("multiple", marked, None) for marked in ("", "AA", "E", "ABE", "A1", "√", "对", "、", "AB错")],
    *[("fill", marked, "CaO;3.2") for marked in ("CaO;3.2", " CaO ； 3.2 ", "CaO|3.2", "CaO；3.2")],
    *[("fill", marked, ";3.2") for marked in (";3.2", "； 3.2")],
    *[("fill", marked, None) for marked in ("", "CaO", "a;b;c", ";", "； ", "x" * 6000 + ";")],
    *[("short", marked, "2.5") for marked in ("2.5", "２．５", "2.5分", "2.50", " 2.5 分 ", "2.5 marks")],
    *[("short", marked, "0") for marked in ("0", "0分", "0.0")],
    *[("short", marked, None) for marked in ("", "5.5", "-1", "2.3", "好", "2/5", "否定", "½", "2½")],
    ("essay", "12.5", "12.5"),
    ("essay", "13", None),
    *[("task", marked, "veto") for marked in ("否定", "否决", "veto", "VETO", "ｖｅｔｏ")],
    ("task", "86.5", "86.5"),
    ("task", "101", None),
    # matching: three prompts; printed A, B, C, D are the item's C, A, D, B
    *[("matching", marked, "BAD") for marked in (
        "1-D 2-B 3-C", "DBC", "dbc", "D B C", "D、B、C", "D-B-C", "D→B→C", "1D2B3C", "1.D；2.B；3.C", "①D②B③C", "(1)D (2)B (3)C",
        "1—D，2—B，3—C", "1→D 2→B 3→C", "3-C 1-D 2-B", "１－Ｄ　２－Ｂ　３－Ｃ", "1:D 2:B 3:C", "1=D,2=B,3=C")],
    *[("matching", marked, "B-D") for marked in ("1-D 3-C", "D-C", "1-D 2- 3-C", "D_C", "1D 2 3C")],
    ("matching", "AAA", "CCC"),
    *[("matching", marked, None) for marked in ("", "D", "DB", "DBCA", "1-E 2-B", "4-A", "1-A 1-B", "0-A", "---", "1", "√", "1-对")],
    *[("ordering", marked, "DBCA") for marked in ("CDAB", "cdab", "C、D、A、B", "C-D-A-B", "C→D→A→B", "C>D>A>B", "C->D->A->B", "Ｃ　Ｄ　Ａ　Ｂ", "C—D—A—B")],
    ("ordering", "CD", "DB"),
    *[("ordering", marked, None) for marked in ("", "CDAA", "CDAE", "3412", "√")],
]  # fmt: skip


def test_every_kind_has_its_tables() -> None:
    assert set(MARKED) == {kind for kind, _, _ in READ} == set(ANSWERED)
    assert all(kind.word == word for word, kind in KINDS.items())


@pytest.mark.parametrize(("word", "marked", "answer"), READ)
def test_what_is_marked_is_read(word: str, marked: str, answer: str | None) -> None:
    assert KINDS[word].read(marked, ORDER.get(word, ""), MARKED[word]) == answer


@pytest.mark.parametrize("word", ANSWERED)
def test_the_key_is_worth_everything(word: str) -> None:
    kind = KINDS[word]
    assert kind.credit(MARKED[word], kind.key_label(MARKED[word])) == 1.0


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("word", ANSWERED)
def test_the_printed_key_reads_as_the_key(word: str, language: Any) -> None:
    kind, order = KINDS[word], ORDER.get(word, "")
    label = kind.key_label(MARKED[word])
    assert kind.read(kind.show_answer(label, order, language), order, MARKED[word]) == label


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("word", ANSWERED)
def test_a_slip_reads_as_itself_and_earns_less_than_everything(word: str, language: Any) -> None:
    kind, order = KINDS[word], ORDER.get(word, "")
    slips = kind.slips(MARKED[word], "".join(sorted(order)))
    assert slips and len(set(slips)) == len(slips)
    for label in slips:
        assert kind.read(kind.show_answer(label, order, language), order, MARKED[word]) == label
        assert 0 <= kind.credit(MARKED[word], label) < 1


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("{value: 7223, tolerance: 1%, unit: kg}", "7223 kg（±1%）", "7223 kg (±1%)"),
        ("{value: 7223, tolerance: 0.50 ％}", "7223（±0.5%）", "7223 (±0.5%)"),
        ("{value: 3.30, tolerance: 0.01, unit: t}", "3.30 ± 0.01 t", "3.30 ± 0.01 t"),
        ("{value: 12.5, tolerance: 0.5, unit: '%'}", "12.5 ± 0.5 %", "12.5 ± 0.5 %"),
        ("{value: 7223, tolerance: 0%, unit: kg}", "7223 kg", "7223 kg"),
        ("{value: 1.0e+2, unit: kg}", "100 kg", "100 kg"),
    ],
)
def test_a_number_is_printed_as_its_key_was_written(tmp_path: Path, key: str, zh: str, en: str) -> None:
    item = sound_bank(tmp_path, changed("items/a.yaml", "{value: 1680, tolerance: 5, unit: ℃}", key)).items["Q-3"]
    kind, marked = KINDS["numeric"], item.body.marked()
    assert [kind.printed(item, 1.0, language).answer for language in ("zh", "en")] == [zh, en]
    for text in (zh, en):
        found = number_of(text)
        assert found is not None and found["value"] == marked["value"] and found.get("unit", "") == marked["unit"]
        within = kind.body.model_validate({"key": found})
        assert within.marked() == marked
        asked = f"{found['value']} {found.get('unit', '')}"
        assert kind.read(asked, "", marked) == kind.key_label(marked)


def test_a_case_is_answered_by_its_parts_only() -> None:
    case = KINDS["case"]
    assert case.read("A", "", {}) is None and case.credit({}, "A") == 0.0 and case.key_label({}) == ""


@pytest.mark.parametrize(
    ("word", "answer", "share"),
    [("single", "C", 1), ("single", "A", 0), ("single", "B", 0), ("true_false", "true", 1), ("true_false", "false", 0),
     *[("numeric", answer, 1) for answer in ("1680", "1675", "1685", "1680.0", "1.68e3", "+1680", "1684.999")],
     *[("numeric", answer, 0) for answer in ("1674.9", "1685.1", "0", "-1680", "1e999", "168", "1680 kg", "1680 K")],
     *[("numeric", answer, 1) for answer in ("1953.15 K", "3056 °F")],
     *[("multiple", answer, 0) for answer in ("A", "ABC", "B", "ABCD")], ("multiple", "AC", 1),
     *[("fill", answer, 1) for answer in ("CaO;3.2", "ｃａｏ;3.2", "石 灰;３．２", "氧化钙;3.4", "C A O;3.0")],
     *[("fill", answer, 0.5) for answer in ("CaO;3.5", "CaO;", "?;3.2", "CaO;13.2", "CaO;3.23")],
     *[("fill", answer, 0) for answer in ("3.2;CaO", "?;?", ";3.25")],
     ("short", "5", 1), ("short", "2.5", 0.5), ("short", "0", 0), ("essay", "5", 0.4),
     ("task", "86.5", 0.865), ("task", "veto", 0),
     ("matching", "BAD", 1), ("matching", "BA-", 2 / 3), ("matching", "--D", 1 / 3), ("matching", "CCC", 0),
     ("ordering", "DBCA", 1), ("ordering", "DBAC", 0), ("ordering", "DBC", 0)],
)  # fmt: skip
def test_answers_are_credited(word: str, answer: str, share: float) -> None:
    assert KINDS[word].credit(MARKED[word], answer) == share


@pytest.mark.parametrize(
    ("rule", "answer", "share"),
    [*[("all", answer, 0) for answer in ("A", "AC", "BD", "ABCDE", "B")], *[("all", "ACD", 1)],
     *[("subset", answer, 0.5) for answer in ("A", "AC", "CD")], *[("subset", answer, 0) for answer in ("AB", "ABCD", "E")],
     ("subset", "ACD", 1), ("share", "A", 1 / 3), ("share", "AC", 2 / 3), ("share", "ACD", 1),
     *[("share", answer, 0) for answer in ("ACE", "B", "ABCD")],
     ("balance", "ACD", 1), ("balance", "AC", 2 / 3), ("balance", "ACE", 1 / 3), ("balance", "AB", 0), ("balance", "BE", 0),
     ("balance", "ABCD", 2 / 3), ("balance", "ABCDE", 1 / 3)],
)  # fmt: skip
def test_a_multiple_answer_is_credited_by_the_rule_of_the_item(rule: str, answer: str, share: float) -> None:
    found = KINDS["multiple"].credit({"key": "ACD", "credit": rule}, answer)
    assert found == pytest.approx(share, abs=1e-12) and (found == 1.0) == (share == 1)


@pytest.mark.parametrize(
    ("answer", "share"),
    [("DBCA", 1), ("BCAD", 2 / 3), ("ADBC", 2 / 3), ("CADB", 2 / 3), ("BDCA", 1 / 3), ("ACBD", 0), ("DB", 1 / 3), ("A", 0)],
)
def test_an_order_by_pairs_is_credited_for_the_neighbours_it_keeps(answer: str, share: float) -> None:
    assert KINDS["ordering"].credit({"key": "DBCA", "credit": "pairs"}, answer) == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "answer", "share"),
    [({"credit": "all"}, "CaO;3.5", 0), ({"credit": "all"}, "CaO;3.1", 1),
     ({"any_order": True}, "3.2;石灰", 1), ({"any_order": True}, "石灰;CaO", 0.5), ({"any_order": True}, "x;石灰", 0.5),
     ({"fold": {**FOLD, "case": False}}, "cao;3.2", 0.5), ({"fold": {**FOLD, "width": False}}, "ＣａＯ;3.2", 0.5),
     ({"fold": {**FOLD, "space": False}}, "Ca O;3.2", 0.5), ({"fold": {**FOLD, "case": False}}, "CaO;3.2", 1),
     ({"key": (blank(r"$\ce{SiO2}$"), blank("$w_{CaO}$"))}, "SiO₂;wCaO", 1),
     ({"key": (blank("x", pattern="(?i)[a-z]+"), blank("y"))}, "QQ;Y", 1),
     ({"key": (blank("x", pattern="load (rate|limit)"), blank("y"))}, "Load  rate;Y", 1),
     ({"key": (blank("x", pattern="3[.]2"), blank("y"))}, "3 . 2;Y", 1)],
)  # fmt: skip
def test_blanks_are_credited_by_what_the_item_says(change: dict[str, Any], answer: str, share: float) -> None:
    assert KINDS["fill"].credit({**MARKED["fill"], **change}, answer) == share


def test_a_single_blank_may_hold_a_semicolon() -> None:
    marked = {**MARKED["fill"], "key": (blank("a;b"),)}
    assert KINDS["fill"].read("a；b", "", marked) == "a；b"
    assert KINDS["fill"].credit(marked, "a；b") == 1.0


def test_a_pattern_that_backtracking_would_never_finish_is_matched_at_once() -> None:
    marked = {**MARKED["fill"], "key": (blank("x", pattern="(a+)+b"),)}
    assert KINDS["fill"].credit(marked, "a" * 400) == 0.0


@pytest.mark.parametrize(
    ("value", "unit", "answer", "share"),
    [(1880, "kg", "1.88吨", 1), (1880, "kg", "1880公斤", 1), (1880, "kg", "1880000 g", 1), (1880, "kg", "1880 t", 0),
     (42.8, "kg/t", "42.8千克/吨", 1), (42.8, "kg/t", "0.0428 t/t", 1), (3.33, "Nm³/(t·min)", "3.33Nm3/(t*min)", 1),
     (3.33, "Nm³/(t·min)", "199.8 Nm³/(t·h)", 1), (3.33, "Nm³/(t·min)", "3.33 m³/(t·min)", 0),
     (0.5, "MPa", "500kPa", 1), (2, "h", "120分钟", 1), (12, "%", "12％", 1), (12, "", "12 %", 1), (12, "炉", "12炉", 1)],
)  # fmt: skip
def test_a_number_counts_in_every_unit_of_its_kind(value: float, unit: str, answer: str, share: float) -> None:
    marked = {"value": float(value), "tolerance": 0.0, "unit": unit}
    numeric = KINDS["numeric"]
    label = numeric.read(answer, "", marked)
    assert label is not None and numeric.credit(marked, label) == share


@pytest.mark.parametrize(
    ("value", "tolerance", "right", "wrong"),
    [(0.3, 0.1, ("0.2", "0.4", "0.3"), ("0.19", "0.41")), (3.33, 0.01, ("3.32", "3.34"), ("3.31", "3.35")),
     (5.0, 0.0, ("5", "5.0", "5.000"), ("5.001", "4.999")), (0.0, 0.0, ("0", "-0", "0.0"), ("0.001",)),
     (1.6e-19, 0.0, ("1.6e-19",), ("0", "1.7e-19")), (1.6e-19, 1e-20, ("1.7e-19", "1.5e-19"), ("1.8e-19",)),
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
    assert single.read(printed, order, {}) == letter


LETTERED = {
    "single": (st.sampled_from("ABCDE"), [{"key": "B"}]),
    "multiple": (
        st.sets(st.sampled_from("ABCDE"), min_size=1).map(lambda letters: "".join(sorted(letters))),
        [{"key": "ACD", "credit": rule} for rule in ("all", "subset", "share", "balance")],
    ),
    "matching": (
        st.lists(st.sampled_from("ABCDE-"), min_size=3, max_size=3).map("".join).filter(lambda label: label != "---"),
        [{"key": "EAC", "credit": rule} for rule in ("each", "all")],
    ),
    "ordering": (st.permutations("ABCDE").map("".join), [{"key": "EBACD", "credit": rule} for rule in ("all", "pairs")]),
}


def test_every_kind_with_letters_is_held_to_the_law_of_permutations() -> None:
    assert set(LETTERED) == set(ORDER)


@pytest.mark.parametrize("word", LETTERED)
@given(data=st.data())
def test_permuting_the_options_never_changes_the_credit(word: str, data: st.DataObject) -> None:
    """The same choice of texts, printed in two orders, is read as one answer and earns one credit."""
    kind, (labels, rules) = KINDS[word], LETTERED[word]
    label = data.draw(labels)
    orders = [data.draw(st.permutations("ABCDE").map("".join)) for _ in range(2)]
    for marked in rules:
        read = {kind.read(kind.show_answer(label, order, "zh"), order, marked) for order in orders}
        assert read == {label}
        assert 0.0 <= kind.credit(marked, label) <= 1.0


@given(texts=st.permutations(["CaO", "3.2", "x"]), written=st.permutations([0, 1, 2]))
def test_blanks_in_any_order_earn_the_same_in_every_order(texts: list[str], written: list[int]) -> None:
    marked = {**MARKED["fill"], "key": (blank("CaO", "x"), blank("3.2"), blank("x")), "any_order": True}
    assert KINDS["fill"].credit(marked, ";".join(texts[n] for n in written)) == 1.0


@pytest.mark.parametrize("word", ANSWERED)
@given(marked=st.text(max_size=12) | st.text("ABCD123-→、;；. kgt℃/0.5否定", max_size=12))
def test_whatever_is_marked_is_an_answer_or_none_and_can_be_credited(word: str, marked: str) -> None:
    answer = KINDS[word].read(marked, ORDER.get(word, ""), MARKED[word])
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


@functools.cache
def every_question() -> dict[str, Item]:
    """Return the items of the bank that shows all kinds, and the parts of its cases."""
    bank, problems = usable_bank(CORPUS / "banks" / "all-kinds")
    assert bank is not None, problems
    return {question.id: question for item in bank.items.values() for question in (*questions_of(item), item)}


def test_the_bank_of_all_kinds_shows_every_kind_twice() -> None:
    counts = Counter(item.kind for item in every_question().values())
    assert set(counts) == set(KINDS) and min(counts.values()) >= 2


@pytest.mark.parametrize("language", ["zh", "en"])
@given(data=st.data())
def test_the_key_of_a_real_question_printed_in_any_order_reads_back_and_earns_everything(
    language: Any, data: st.DataObject
) -> None:
    questions = every_question()
    item = questions[data.draw(st.sampled_from(sorted(id for id, item in questions.items() if item.kind != "case")))]
    kind, marked = KINDS[item.kind], item.body.marked()
    order = "".join(data.draw(st.permutations(kind.permutations(item)[0])))
    label = kind.read(kind.show_answer(kind.key_label(marked), order, language), order, marked)
    assert label == kind.key_label(marked) and kind.credit(marked, label) == 1.0


WORDS = st.text(st.characters(exclude_characters=";；|｜", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@given(keys=st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=4), rule=st.sampled_from(["each", "all"]),
       any_order=st.booleans(), fold=st.fixed_dictionaries({"case": st.booleans(), "width": st.booleans(), "space": st.booleans()}))
def test_blanks_that_pass_check_can_be_filled(
    keys: list[list[str]], rule: str, any_order: bool, fold: dict[str, bool]
) -> None:
    fill = KINDS["fill"]
    body = fill.body.model_validate({"key": keys, "credit": rule, "any_order": any_order, "fold": fold})
    item = replace(every_question()["AK-F1"], stem="____" + "，____" * (len(keys) - 1), body=cast("Any", body))
    if fill.check(item, lambda *steps, **options: Span("x")):
        return
    marked = item.body.marked()
    label = fill.read(fill.show_answer(fill.key_label(marked), "", "zh"), "", marked)
    assert label is not None and fill.credit(marked, label) == 1.0
