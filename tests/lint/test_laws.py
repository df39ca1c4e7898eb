"""Laws of the rules of style: no text crashes one, and no finding depends on the order of items or of options."""

from __future__ import annotations

import dataclasses
import itertools
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.bank import make_bank
from qbank.core.item import Item
from qbank.files.standard import read_standard
from qbank.files.yaml_text import parse_yaml
from qbank.kinds.multiple import MultipleBody
from qbank.kinds.numeric import NumericBody, NumericKey
from qbank.kinds.single import SingleBody
from qbank.kinds.true_false import TrueFalseBody
from qbank.lint import BANK_RULES, ItemInput, RuleInput, item_findings
from qbank.lint.punctuation import _SPACES, stray_space
from qbank.lint.reading import prose, read_item
from qbank.problem import Problem, Span
from tests.lint.cases import STANDARD, Case, cases, findings

SYLLABUS = read_standard(parse_yaml(STANDARD, "standard.yaml")[0], "standard.yaml")[0]  # type: ignore[arg-type]
WORDS = ["转炉", "氧枪", "（　　）", "( )", "____", "以上都是", "不", "除", "外", "的是", "1 650 ℃", "0.8 Mpa", "12～15", "$R$", "$",
         "a", "an ", "are", "never", "一定", "；", "，", ",", " ", "  ", "\n", "\t", "\0", "🔥", "爐", "エ", "О", "⼯", "①", "A和B", "![](x)",
         "![a](b", "GB/T 700-1988", "10", "1.0", "１", "|", "\\", "{", "}", "\ufffc", "\u200b", "\ud7ff", "é"]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(WORDS), max_size=12).map("".join), st.text(max_size=30))


def item(id: str, kind: str, stem: str, body: object, line: int, reference: str = "") -> Item:
    return Item(id, kind, "A-001", 4, stem, body, 1, "live", 2, "remember", 60, "因为", reference, (), (), Span("a.yaml", line, 3))  # type: ignore[arg-type]


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Return a few items of any words, of the kinds that most rules are about."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        stem, reference = draw(TEXTS), draw(TEXTS)
        options = dict(zip("ABCD", draw(st.lists(TEXTS, min_size=2, max_size=4)), strict=False))
        bodies = {
            "single": SingleBody.model_construct(options=options, key="A"),
            "multiple": MultipleBody.model_construct(options=options, key=("A", "B")),
            "true_false": TrueFalseBody(key=draw(st.booleans())),
            "numeric": NumericBody(key=NumericKey(value=3.5, unit=draw(TEXTS))),
        }
        kind = draw(st.sampled_from(sorted(bodies)))
        made.append(item(f"Q-{number}", kind, stem, bodies[kind], number + 1, reference))
    return made


def found_in(given_items: list[Item]) -> list[Problem]:
    assert SYLLABUS is not None
    bank = make_bank(name="x", title="x", language="zh", root=".", standard=SYLLABUS, standard_digest="",
                     items={entry.id: entry for entry in given_items}, references=(("炉", "2021"),))  # fmt: skip
    problems: list[Problem] = []
    places = {}
    for entry in given_items:
        places[entry.id] = lambda *steps, span=entry.span, **_: span
        problems += item_findings(ItemInput(entry, SYLLABUS, "zh", places[entry.id]))
    for rule in BANK_RULES.values():
        problems += rule(RuleInput(bank, places, frozenset(bank.items)))
    return problems


@given(items())
@settings(max_examples=150, deadline=None)
def test_no_text_crashes_a_rule_and_the_order_of_items_changes_nothing(made: list[Item]) -> None:
    before = sorted(found_in(made), key=repr)
    assert sorted(found_in(made[::-1]), key=repr) == before
    assert all(problem.severity != "error" for problem in before if problem.code.startswith("W"))


def test_a_retired_item_is_not_judged_for_its_style() -> None:
    bad = item("Q-1", "true_false", "检修前是否必须停电？", TrueFalseBody(key=True), 1)
    assert [problem.code for problem in found_in([bad])] == ["Q120", "W141"]
    assert found_in([dataclasses.replace(bad, status="retired")]) == []


def test_findings_do_not_depend_on_what_stands_before_in_the_run() -> None:
    """Readings are kept between rules; a kept one must never answer for another text."""
    every = cases()
    alone = [sorted(map(repr, findings(case))) for case in every]
    shuffled: list[tuple[int, Case]] = list(enumerate(every))
    random.Random(7).shuffle(shuffled)
    assert all(sorted(map(repr, findings(case))) == alone[index] for index, case in shuffled)


NASTY = ["以上A", "下列各项", "(", "(炉", "“炉", "'炉", '"', "![", "![]( ", "$", "不仅", "除", "不", "1 ", "1  ～", "A 、", "a\n", "not ", "   ", "　",
         "炉，", "O.", "1l", "GB ", "第1", "没有", "the a ", "是（", "是 ", "\t", "一定", "①", "，并且", "5 - ", "A和"]  # fmt: skip


@pytest.mark.parametrize("words", NASTY)
def test_no_text_takes_a_rule_long(words: str) -> None:
    """The longest texts that the schema takes, made of what makes a careless pattern try everything."""
    text = (words * 20000)[:19990]
    options = {"A": text + "甲", "B": text, "C": "炉" + text, "D": text + "乙"}
    made = [
        item("Q-1", "single", text, SingleBody.model_construct(options=options, key="A"), 1, text),
        item("Q-2", "true_false", f"炉{text}炉", TrueFalseBody(key=False), 2),
        item("Q-3", "single", f"the {text} x", SingleBody.model_construct(options=options, key="A"), 3),
    ]
    before = time.process_time()
    found_in(made)
    assert time.process_time() - before < 3


def test_the_quick_look_for_stray_spaces_misses_none() -> None:
    for marks in itertools.product(" 提A，。（“”.;\t\n\u3000\xa0", repeat=4):
        text = "".join(marks).rstrip("\n")
        found, wanted = stray_space(text), _SPACES.search(text)
        assert (found and found.span()) == (wanted and wanted.span()), text


@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_the_prose_of_an_item_is_that_of_each_of_its_texts(texts: list[str]) -> None:
    body = SingleBody.model_construct(options=dict(zip("ABC", texts[1:], strict=False)), key="A")
    reading = read_item(item("Q-1", "single", texts[0], body, 1))
    assert reading.prose == "\n".join(prose(passage.text) for passage in reading.written)
