"""Whole papers from the real bank, and what is said where none can be built."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from qbank.assemble import Assembly, assemble, audit_forms
from qbank.assemble.keys import option_orders
from qbank.core.bank import Bank, make_bank
from qbank.core.blueprint import Blueprint, Section
from qbank.core.form import Form, form_items, printed_letter
from qbank.core.history import NO_HISTORY, History, Use
from qbank.core.item import Item
from qbank.files.blueprint import read_blueprint
from qbank.kinds import KINDS
from qbank.kinds.single import SingleBody
from qbank.problem import Problem
from tests.assemble.samples import (
    HERE,
    compared_at,
    halved,
    ids_of,
    made_up_history,
    mixed_items,
    steelmaking,
    theory,
    tiny_bank,
    tiny_blueprint,
    tiny_item,
    written_rule,
)
from tests.corpus import CORPUS

TODAY = "2026-11-23"


def built(
    blueprint: Blueprint, bank: Bank, history: History = NO_HISTORY, **options: Any
) -> tuple[Assembly, list[Problem]]:
    """Return papers whose audit finds no violation."""
    made, problems = assemble(blueprint, bank, history, as_of=TODAY, **options)
    assert made is not None, problems
    assert not any(problem.severity == "error" for problem in problems)
    audit = audit_forms(made.forms, made.setting)
    assert [check for check in audit.checks if not check.holds] == []
    return made, problems


@cache
def two_papers() -> tuple[Assembly, tuple[Problem, ...]]:
    made, problems = built(theory(), steelmaking(), title="理论知识试卷", subject="转炉炼钢工")
    return made, tuple(problems)


def refused(blueprint: Blueprint, bank: Bank, history: History = NO_HISTORY) -> list[Problem]:
    """Return why there are no papers."""
    made, problems = assemble(blueprint, bank, history, as_of=TODAY)
    assert made is None
    return problems


def codes(problems: list[Problem] | tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def facts(problem: Problem) -> dict[str, str]:
    return dict(problem.facts)


def keys_of(form: Form) -> list[str]:
    """Return the printed letters of the keys in printed order."""
    entries = [entry for entry in form_items(form) if entry.kind == "single"]
    return [printed_letter(entry.order, str(entry.marked["key"])) for entry in entries]  # type: ignore[index, call-overload]


def longest_run(letters: list[str]) -> int:
    longest = run = 1
    for before, after in pairwise(letters):
        run = run + 1 if before == after else 1
        longest = max(longest, run)
    return longest


def test_two_papers_of_the_real_bank_hold_every_rule_counted_from_scratch() -> None:
    forms, bank = two_papers()[0].forms, steelmaking()
    for form in forms:
        items = [bank.items[id] for id in ids_of(form)]
        importance = Counter(bank.standard.competencies[item.competency].importance for item in items)
        assert Counter(item.kind for item in items) == {"single": 80, "true_false": 20}
        assert importance["X"] >= 80
        assert 10 <= sum(item.grade >= 4 for item in items) <= 20
        assert sum(item.seconds for item in items) <= 5400
        assert len({item.competency for item in items}) == 100
        assert not any(enemy in ids_of(form) for item in items for enemy in item.enemies)
    assert len(forms) == 2 and not set(ids_of(forms[0])) & set(ids_of(forms[1]))


def test_papers_carry_what_they_depended_on() -> None:
    (first, second), bank = two_papers()[0].forms, steelmaking()
    assert (first.id, second.id) == ("bof-4-theory-1-A", "bof-4-theory-1-B")
    for form in (first, second):
        assert (form.bank_digest, form.blueprint_digest) == (bank.digest, theory().digest)
        assert (form.title, form.subject, form.as_of, form.seed) == ("理论知识试卷", "转炉炼钢工", TODAY, 20261123)
        assert (form.marks, form.cut, form.statistics_digest) == (100.0, 60.0, "none")
        for entry in form_items(form):
            assert entry.fingerprint == bank.fingerprints[entry.id]
            assert entry.marked == bank.items[entry.id].body.marked()
            assert entry.domain == bank.standard.competencies[entry.competency].domain


def test_items_stand_in_the_order_of_the_standard() -> None:
    order = [domain.code for domain in steelmaking().standard.domains]
    for form in two_papers()[0].forms:
        for section in form.sections:
            places = [(order.index(entry.domain), entry.id) for entry in section.items]
            assert places == sorted(places, key=lambda place: place[0])
            # statements change places within their domain where they would make a long run of true or false
            assert section.kind == "true_false" or places == sorted(places)


def test_keys_are_balanced_and_never_four_in_a_row() -> None:
    for form in two_papers()[0].forms:
        letters = keys_of(form)
        assert len(letters) == 80
        assert all(0.22 <= share / 80 <= 0.28 for share in Counter(letters).values())
        assert set(letters) == set("ABCD")
        assert longest_run(letters) <= 3


def test_options_that_may_not_move_keep_their_letters() -> None:
    bank, n_fixed = steelmaking(), 0
    for form in two_papers()[0].forms:
        for entry in form_items(form):
            body = bank.items[entry.id].body
            if not isinstance(body, SingleBody):
                assert entry.order == ""
                continue
            assert sorted(entry.order) == sorted(body.options)
            fixed = list(body.options) if not body.shuffle else list(body.pin)
            n_fixed += bool(fixed)
            assert all(printed_letter(entry.order, letter) == letter for letter in fixed)
    assert n_fixed > 0, "the real bank has such items, and the papers hold some"


def lettered(index: int, kind: str, key: str, options: str = "ABCDE", **body: Any) -> Item:
    texts = {letter: f"{letter}{index}" for letter in options}
    made = KINDS[kind].body.model_validate({"options": texts, "key": list(key), **body})
    return tiny_item(index, kind=kind, body=cast("Any", made))


def test_keys_of_several_letters_are_spread_over_the_printed_letters() -> None:
    items = tuple(lettered(index, "multiple", "AB") for index in range(100))
    orders = option_orders(items, np.random.default_rng(1))
    letters = Counter(printed_letter(orders[item.id], letter) for item in items for letter in "AB")
    assert set(letters) == set("ABCDE") and max(letters.values()) - min(letters.values()) <= 2
    assert len(set(orders.values())) > 50


@pytest.mark.parametrize("kind", ["ordering", "matching"])
def test_an_order_is_never_printed_as_its_own_answer(kind: str) -> None:
    key, more = ("CABED", {}) if kind == "ordering" else ("CAB", {"prompts": ["a", "b", "c"]})
    items = tuple(lettered(index, kind, key, **more) for index in range(300))
    orders = option_orders(items, np.random.default_rng(2))
    printed = {"".join(printed_letter(orders[item.id], letter) for letter in key) for item in items}
    assert "ABCDE"[: len(key)] not in printed and len(printed) > 20
    assert all(sorted(order) == list("ABCDE") for order in orders.values())


def test_pinned_options_of_a_multiple_keep_their_place() -> None:
    items = tuple(lettered(index, "multiple", "AC", pin=["E"], shuffle=index % 2 == 0) for index in range(40))
    orders = option_orders(items, np.random.default_rng(3))
    assert all(orders[item.id][4] == "E" for item in items)
    assert all(orders[item.id] == "ABCDE" for item in items[1::2])


def test_parts_of_a_case_are_shuffled_and_balanced_with_the_rest() -> None:
    part = {"kind": "single", "stem": "s", "marks": 1, "options": dict(zip("ABCD", "wxyz", strict=True)), "key": "A"}
    body = KINDS["case"].body.model_validate({"parts": [part] * 4})
    cases = tuple(tiny_item(index, kind="case", body=cast("Any", body)) for index in range(5))
    items = (*cases, *(single(index, "A") for index in range(5, 25)))
    orders = option_orders(items, np.random.default_rng(4))
    assert Counter(printed_letter(order, "A") for order in orders.values() if order) == dict.fromkeys("ABCD", 10)
    assert {f"{case.id}.{number}" for case in cases for number in range(1, 5)} <= set(orders)


def single(index: int, key: str, **body: Any) -> Item:
    options = {letter: f"{letter}{index}" for letter in "ABCD"}
    return tiny_item(index, kind="single", body=SingleBody(options=options, key=key, **body))


def test_a_pinned_last_option_stays_last_while_the_others_move() -> None:
    items = tuple(single(index, "ABC"[index % 3], pin=("D",)) for index in range(60))
    orders = option_orders(items, np.random.default_rng(3))
    assert all(order[3] == "D" for order in orders.values())
    assert len(set(orders.values())) == 6
    places = Counter(printed_letter(orders[item.id], item.body.marked()["key"]) for item in items)  # type: ignore[index, call-overload]
    assert places == {"A": 20, "B": 20, "C": 20}


@pytest.mark.parametrize("seed", range(12))
def test_no_letter_is_right_four_times_in_a_row_where_that_can_be_had(seed: int) -> None:
    items = tuple(single(index, "ABCD"[index % 4]) for index in range(80))
    orders = option_orders(items, np.random.default_rng(seed))
    letters = [printed_letter(orders[item.id], item.body.marked()["key"]) for item in items]  # type: ignore[index, call-overload]
    assert longest_run(letters) <= 3
    assert Counter(letters) == dict.fromkeys("ABCD", 20)


def test_movable_keys_make_up_for_those_that_cannot_move() -> None:
    items = tuple(single(index, "A", shuffle=index >= 10) for index in range(40))
    orders = option_orders(items, np.random.default_rng(5))
    assert all(orders[item.id] == "ABCD" for item in items[:10])
    places = Counter(printed_letter(orders[item.id], "A") for item in items)
    assert places == {"A": 10, "B": 10, "C": 10, "D": 10}


def test_papers_on_judged_grades_say_so_with_the_interval_that_remains() -> None:
    made, problems = two_papers()
    assert codes(problems) == ["A203"]
    (problem,) = problems
    assert problem.severity == "warning"
    # Two papers of 100 items at 1 mark, each facility known to ± 0.11: 1.96 √(200 · 0.11²).
    assert facts(problem)["interval"] == f"{1.96 * (200 * 0.11**2) ** 0.5:.1f}" == "3.0"
    assert {form.certificate.basis for form in made.forms} == {"judged"}


def test_the_interval_is_in_marks_not_in_items() -> None:
    items = [tiny_item(index, kind="single") for index in range(12)]
    _, problems = built(tiny_blueprint("- overlap: {max: 0}", n_forms=2, true_false=0, single=5), tiny_bank(items))
    assert facts(problems[0])["interval"] == f"{1.96 * (2 * 5 * 2**2 * 0.11**2) ** 0.5:.1f}"


def test_calibrated_papers_are_parallel_at_the_cut() -> None:
    bank, history = steelmaking(), made_up_history(steelmaking())
    made, problems = built(theory(), bank, history)
    certificate = made.forms[0].certificate
    assert not problems
    assert certificate.basis == "calibrated"
    assert 0 <= certificate.bound <= certificate.objective <= 0.01
    assert certificate.gap == pytest.approx(certificate.objective - certificate.bound, abs=2e-6)
    # The claim again from the parameters, in plain code: expected scores near the cut differ by at most 0.01 marks.
    audit = audit_forms(made.forms, made.setting)
    lines = [values for name, values, _ in audit.lines if name.startswith("expected score")]
    assert len(lines) == 3 and audit.basis == "calibrated" and audit.interval == 0
    assert lines[1][0] == pytest.approx(60.0, abs=0.5), "the middle point is the ability at the cut"
    # The cut's ability of the second pass is that of the first papers, so a hair more than 0.01 may be seen.
    assert all(abs(first - second) <= 0.02 for first, second in lines)


def test_one_uncalibrated_item_makes_the_basis_judged() -> None:
    bank = tiny_bank(mixed_items(3))
    history = made_up_history(bank)
    estimates = dict(history.estimates)
    del estimates[bank.fingerprints["T-01"]]
    made, problems = built(tiny_blueprint(), bank, replace(history, estimates=estimates))
    assert made.forms[0].certificate.basis == "judged"
    assert codes(problems) == ["A207"]
    made, problems = built(tiny_blueprint(), bank, history)
    assert made.forms[0].certificate.basis == "calibrated"
    assert not problems


@pytest.mark.parametrize("status", ["draft", "in_review", "approved", "suspended", "retired", "released"])
def test_items_that_are_not_live_never_enter(status: str) -> None:
    bank = steelmaking()
    taken = [id for form in two_papers()[0].forms for id in ids_of(form)][::5]
    items = {id: replace(item, status=status if id in taken else item.status) for id, item in bank.items.items()}
    changed = make_bank(
        name=bank.name, title="", language="zh", root="", standard=bank.standard, standard_digest="", items=items,
    )  # fmt: skip
    made, problems = assemble(halved(theory(), 2), changed, as_of=TODAY)
    assert made is not None, problems
    assert not set(taken) & {id for form in made.forms for id in ids_of(form)}
    assert not set(taken) & set(made.setting.pool.ids)


def test_items_that_wait_for_a_decision_never_enter() -> None:
    bank = steelmaking()
    taken = [id for form in two_papers()[0].forms for id in ids_of(form)][::5]
    history = replace(NO_HISTORY, held={bank.fingerprints[id]: "low discrimination" for id in taken})
    made, _ = built(halved(theory(), 2), bank, history)
    assert not set(taken) & {id for form in made.forms for id in ids_of(form)}


def test_items_of_another_level_or_without_a_place_in_the_standard_never_enter() -> None:
    items = mixed_items(8)
    items[1], items[2] = replace(items[1], level=3), replace(items[2], competency="NOWHERE")
    made, _ = built(tiny_blueprint(), tiny_bank(items))
    assert set(made.setting.pool.ids) == {items[0].id, *(item.id for item in items[3:])}


def use(item: str, date: str) -> Use:
    return Use(item, "f", f"S{date}", date, 100, 0.7, 0.3, ())


def test_items_used_often_within_the_months_rest_and_come_back_later() -> None:
    blueprint = tiny_blueprint("- exposure: {max_uses: 2, within_months: 24}")
    bank = tiny_bank(mixed_items(8))
    often = [use("T-01", "2025-01-10"), use("T-01", "2026-05-10")]
    long_ago = [use("T-02", "2020-01-10"), use("T-02", "2026-05-10")]
    once = [use("T-03", "2026-05-10")]
    history = replace(NO_HISTORY, uses=(*often, *long_ago, *once))
    made, _ = built(blueprint, bank, history)
    assert dict(zip(made.setting.pool.ids, made.setting.pool.columns.numbers["uses"], strict=True)) == {
        "BOF4-BCC-01": 0, "T-01": 2, "T-02": 1, "T-03": 1, "T-04": 0, "T-05": 0, "T-06": 0, "T-07": 0,
    }  # fmt: skip
    assert "T-01" not in ids_of(made.forms[0])
    forced = tiny_blueprint("- exposure: {max_uses: 2, within_months: 24}", "- include: [T-01]")
    problems = refused(forced, bank, history)
    assert codes(problems) == ["A202", "A223", "A221", "A208"]
    assert {"n": "1", "pool": "8"}.items() <= facts(problems[-1]).items()
    made, _ = built(replace(forced, rules=forced.rules[1:]), bank, history)
    assert "T-01" in ids_of(made.forms[0])


def test_more_papers_than_the_bank_holds_name_the_items_to_write() -> None:
    problems = refused(replace(theory(), n_forms=5), steelmaking())
    assert set(codes(problems)) <= {"A201", "A220", "A229", "A233", "P145"}
    assert {facts(problem)["papers"] for problem in problems if problem.code == "P145"} == {"5"}
    problems = [problem for problem in problems if problem.code != "P145"]
    live = sum(item.status == "live" and item.kind in ("single", "true_false") for item in steelmaking().items.values())
    assert int(facts(problems[0])["n"]) == int(facts(problems[0])["bound"]) == 500 - live
    assert sum(int(facts(problem)["n"]) for problem in problems[1:]) == 500 - live
    assert all(problem.span.path.endswith("bof-4-theory.yaml") for problem in problems)
    # a long commission is listed in part: the sections' lines, or the blueprint's own where it says how many more
    assert {problem.span.line for problem in problems[1:]} <= {1, 12, 13}


def test_rules_that_contradict_each_other_are_problems_not_exceptions() -> None:
    bank = tiny_bank(mixed_items(9))
    blueprint = tiny_blueprint("- count: {where: 'grade >= 3', min: 3}", "- count: {where: 'grade >= 3', max: 1}")
    problems = refused(blueprint, bank)
    assert codes(problems) == ["A202", "A221", "A222"]
    assert [facts(problem)["rule"] for problem in problems[1:]] == [
        "count: {where: grade >= 3, min: 3}", "count: {where: grade >= 3, max: 1}",
    ]  # fmt: skip
    assert [(facts(problem)["asked"], facts(problem)["reached"]) for problem in problems[1:]] == [("3", "1"), ("1", "3")]


@pytest.mark.parametrize(
    "rule",
    [
        "- mean: {of: facility, min: 0.9, max: 0.95}",
        "- exclude: [BOF4-BCC-01, T-01, T-02, T-03, T-04, T-05, T-06, T-07, T-08]",
        "- exposure: {max_uses: 0}",
        "- sum: {of: seconds, max: 1}",
    ],
)
@pytest.mark.parametrize("n_forms", [1, 2])
def test_no_rule_that_cannot_hold_raises(rule: str, n_forms: int) -> None:
    problems = refused(tiny_blueprint(rule, n_forms=n_forms), tiny_bank(mixed_items(9)))
    assert len({"A201", "A202"} & set(codes(problems))) == 1
    assert set(codes(problems)) <= {"A201", "A202", "A208", "A220", "A221", "A222", "A223", "A231", "P145"}


def test_two_papers_that_must_share_and_may_not_are_refused() -> None:
    blueprint = tiny_blueprint("- include: [T-01]", "- overlap: {max: 0}", n_forms=2)
    (problem,) = refused(blueprint, tiny_bank(mixed_items(9)))
    assert problem.code == "P134"
    assert facts(problem) == {"n": "1", "max": "0", "forms": "2"}


def test_an_empty_pool_is_said_once() -> None:
    bank = tiny_bank([replace(item, status="retired") for item in mixed_items(6)])
    assert codes(refused(tiny_blueprint(), bank)) == ["A204"]
    assert codes(refused(theory(), tiny_bank([]))) == ["A204"]
    no_such_kind = (Section("计算题", "numeric", 2, 2.0, "", HERE),)
    assert codes(refused(tiny_blueprint(sections=no_such_kind), tiny_bank(mixed_items(6)))) == ["A204"]


def test_a_level_that_the_standard_lacks_is_refused() -> None:
    (problem,) = refused(tiny_blueprint(level=3), tiny_bank(mixed_items(6)))
    assert problem.code == "P108"
    assert facts(problem) == {"level": "3", "levels": "4"}


# Wrong words: the text of one rule, the code, the line and column below `constraints:` (line 12), some facts.
WRONG_RULES = [
    ("conut: {max: 3}", "P101", 12, 5, {"word": "conut", "suggestion": "count"}),
    ("once-per: competency", "P101", 12, 5, {"suggestion": "once_per"}),
    ("wibble: 3", "P101", 12, 5, {"suggestion": ""}),
    ("count: {where: 'grade >= 3'}", "P106", 12, 5, {"word": "count"}),
    ("count: {min: 3, maxx: 4}", "P107", 12, 21, {"key": "maxx", "word": "count"}),
    ("count: {min: -3}", "P107", 12, 18, {"key": "min"}),
    ("count: {min: many}", "P107", 12, 18, {"key": "min"}),
    ("count: {min: [3]}", "P107", 12, 18, {"key": "min"}),
    ("count: 3", "P107", 12, 12, {"word": "count"}),
    ("count: ", "P107", 12, 11, {"word": "count"}),
    ("sum: {max: 3}", "P107", 12, 10, {"key": "of"}),
    ("mean: {of: beauty, max: 3}", "P107", 12, 16, {"key": "of"}),
    ("once_per: copetency", "P107", 12, 15, {"word": "once_per"}),
    ("overlap: {max: 1.5}", "P107", 12, 20, {"key": "max"}),
    ("overlap: {max: -1}", "P107", 12, 20, {"key": "max"}),
    ("overlap: {}", "P106", 12, 5, {"word": "overlap"}),
    ("exposure: {within_months: 0, max_uses: 1}", "P107", 12, 31, {"key": "within_months"}),
    ("include: BOF4", "P107", 12, 14, {"word": "include"}),
    ("exclude: [{a: 1}]", "P107", 12, 15, {"word": "exclude"}),
    ("count: {where: grad >= 3, max: 3}", "P105", 12, 20, {"reason": "column", "word": "grad"}),
    ("count: {where: 'grad >= 3', max: 3}", "P105", 12, 21, {"reason": "column", "word": "grad"}),
    ('count: {where: "seconds > 5 and grad >= 3", max: 3}', "P105", 12, 37, {"word": "grad"}),
    ("count: {where: tags == '转炉' and grad >= 3, max: 3}", "P105", 12, 37, {"word": "grad"}),
    ('count: {where: ''importance == "Q"'', max: 3}', "P105", 12, 34, {"reason": "word", "word": "Q"}),
    ("count: {where: grade >> 3, max: 3}", "P105", 12, 20, {"reason": "construct"}),
    ("count: {where: grade >= , max: 3}", "P105", 12, None, {"reason": "syntax"}),
    ("count: {where: kind > 'a', max: 3}", "P105", 12, 20, {"reason": "order"}),
    ("count: {where: grade == 'a', max: 3}", "P105", 12, 29, {"reason": "type"}),
    ("count: {where: domain == 'Z-Z', max: 3}", "P105", 12, 30, {"reason": "word", "word": "Z-Z"}),
    ("count: {section: 单选题, max: 3}", "P110", 12, 22, {"section": "单选题"}),
    ("count: {where: grade in 3, max: 3}", "P105", 12, 29, {"expression": "grade in 3"}),
]

HEAD = """\
blueprint: wrong-words
bank: ../banks/steelmaking
level: 4
minutes: 90
marks: 100
cut: 60
sections:
  - {title: 单项选择题, kind: single, items: 80, marks_each: 1}
  - {title: 判断题, kind: true_false, items: 20, marks_each: 1}
# 约束
constraints:
  - """


@pytest.mark.parametrize(("text", "code", "line", "column", "said"), WRONG_RULES, ids=[w[0] for w in WRONG_RULES])
def test_a_wrong_rule_is_refused_at_its_place(
    tmp_path: Path, text: str, code: str, line: int, column: int | None, said: dict[str, str]
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"{HEAD}{text}\n  - overlap: {{max: 0}}\n", encoding="utf-8")
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None and not problems
    found = refused(blueprint, steelmaking())
    assert codes(found) == [code]
    assert found[0].span.line == line
    if column is not None:
        assert found[0].span.column == column
    assert said.items() <= facts(found[0]).items()


def test_what_cannot_be_meant_is_said_beside_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"{HEAD}count: {{where: grad >= 3, max: 3}}\n  - count: {{min: 800%}}\n", encoding="utf-8")
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None and not problems
    found = refused(blueprint, steelmaking())
    assert codes(found)[0] == "P105" and found[0].span.line == 12
    assert any(problem.span.line == 13 for problem in found[1:])


def test_a_wrong_expression_of_a_section_is_refused_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(HEAD.replace("items: 20, marks_each: 1}", "items: 20, marks_each: 1, where: grad >= 3}")
                    + "overlap: {max: 0}\n", encoding="utf-8")  # fmt: skip
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None and not problems
    (found,) = refused(blueprint, steelmaking())
    assert (found.code, found.span.line, found.span.column) == ("P105", 9, 69)


def test_two_sections_of_one_kind_share_no_item_and_keep_to_their_expressions() -> None:
    blueprint = tiny_blueprint(true_false=2, single=0)
    easy, hard = (replace(blueprint.sections[0], title=t, where=w, marks_each=m, items=2)
                  for t, w, m in (("易", "grade <= 3", 1.0), ("难", "grade >= 3", 2.0)))  # fmt: skip
    blueprint = replace(blueprint, sections=(easy, hard), marks=6.0, cut=3.0)
    made, _ = built(blueprint, tiny_bank(mixed_items(9)))
    (form,) = made.forms
    assert len(set(ids_of(form))) == 4
    grades = [[made.setting.bank.items[e.id].grade for e in section.items] for section in form.sections]
    assert max(grades[0]) <= 3 <= min(grades[1])
    assert [[e.marks for e in section.items] for section in form.sections] == [[1.0, 1.0], [2.0, 2.0]]


def test_all_wrong_rules_are_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    rules = [text for text, *_ in WRONG_RULES]
    path.write_text(HEAD + "\n  - ".join(rules) + "\n", encoding="utf-8")
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None and not problems
    found = refused(blueprint, steelmaking())
    assert codes(found) == [code for _, code, *_ in WRONG_RULES]
    assert [problem.span.line for problem in found] == list(range(12, 12 + len(rules)))


def test_the_same_seed_gives_the_same_papers_and_another_seed_other_orders() -> None:
    blueprint, bank = halved(theory(), 2), steelmaking()
    first, again = (built(blueprint, bank)[0].forms for _ in range(2))
    other = built(replace(blueprint, seed=7), bank)[0].forms
    assert first == again
    orders, others = ({e.id: e.order for f in forms for e in form_items(f)} for forms in (first, other))
    common = [id for id in orders.keys() & others.keys() if orders[id]]
    moved = sum(orders[id] != others[id] for id in common)
    assert not common or moved > len(common) / 4
    assert [e.order for e in form_items(first[0])] != [e.order for e in form_items(other[0])]


def renamed(bank: Bank, seed: int) -> tuple[Bank, dict[str, str]]:
    """Return the bank with its ids shuffled among its items, and the new id of each."""
    ids = list(bank.items)
    new = random.Random(seed).sample(ids, len(ids))
    names = dict(zip(ids, new, strict=True))
    items = {
        names[id]: replace(item, id=names[id], enemies=tuple(names[e] for e in item.enemies))
        for id, item in bank.items.items()
    }
    other = make_bank(name="r", title="", language="zh", root="", standard=bank.standard, standard_digest="", items=items)
    return other, names


@pytest.mark.parametrize("seed", [1, 2])
def test_renaming_items_changes_no_paper(seed: int) -> None:
    bank = tiny_bank([*mixed_items(12)[:-1], tiny_item(11, kind="single", enemies=("T-02",))])
    at = compared_at(-0.4, 0.3)
    blueprint = tiny_blueprint(
        "- overlap: {max: 0}", "- count: {where: 'grade >= 3', min: 1}", n_forms=2, objective=at, true_false=3
    )
    other, names = renamed(bank, seed)
    assert names != {id: id for id in bank.items}
    one, two = built(blueprint, bank)[0].forms, built(blueprint, other)[0].forms
    assert one[0].certificate == two[0].certificate
    for first, second in zip(one, two, strict=True):
        assert {names[id] for id in ids_of(first)} == set(ids_of(second))


def test_one_paper_alone_has_most_information_at_the_cut() -> None:
    made, problems = built(replace(theory(), n_forms=1), steelmaking())
    (form,) = made.forms
    assert codes(problems) == ["A207"]
    assert form.certificate.objective < 0, "information is maximised, so the cost is its negative"
    assert form.certificate.bound <= form.certificate.objective
    assert 0 <= form.certificate.gap <= 0.01 + 1e-6
    line = "information at"
    alone = sorted(v[0] for n, v, _ in audit_forms(made.forms, made.setting).lines if n.startswith(line))
    pair = audit_forms(two_papers()[0].forms, made.setting).lines
    assert alone[1] > max(max(v) for n, v, _ in pair if n.startswith(line)) - 0.5


@pytest.mark.parametrize(("n_forms", "most"), [(3, 0), (3, 5)])
def test_more_papers_of_half_the_length_share_no_more_than_allowed(n_forms: int, most: int) -> None:
    blueprint = halved(theory(), n_forms)
    rules = [rule for rule in blueprint.rules if rule.word != "overlap"]
    blueprint = replace(blueprint, rules=(*rules, written_rule(f"- overlap: {{max: {most}}}")), max_nodes=20)
    made, problems = built(blueprint, steelmaking())
    assert codes(problems) == ["A203"]
    assert len(made.forms) == n_forms and all(len(set(ids_of(form))) == 50 for form in made.forms)
    pairs = list(combinations(made.forms, 2))
    assert all(len(set(ids_of(one)) & set(ids_of(two))) <= most for one, two in pairs)
    assert len({form.id for form in made.forms}) == n_forms


def test_overlap_lets_a_small_bank_give_three_papers() -> None:
    bank = tiny_bank([tiny_item(i, kind="single" if i % 3 == 2 else "true_false") for i in range(15)])
    plan: dict[str, int] = {"n_forms": 3, "true_false": 6, "single": 3}
    assert set(codes(refused(tiny_blueprint("- overlap: {max: 0}", **plan), bank))) == {"A201", "A220", "P145"}
    made, _ = built(tiny_blueprint("- overlap: {max: 5}", **plan, max_nodes=20), bank)
    shared = [len(set(ids_of(a)) & set(ids_of(b))) for a, b in combinations(made.forms, 2)]
    assert max(shared) <= 5 and min(shared) > 0


def test_the_blueprint_of_the_repository_is_the_one_tested() -> None:
    assert (CORPUS / "blueprints" / "bof-4-theory.yaml").is_file()
    assert (theory().n_forms, [section.items for section in theory().sections]) == (2, [80, 20])
    assert {rule.word for rule in theory().rules} == {"count", "mean", "sum", "once_per", "overlap", "exposure"}
