"""How many papers a bank supports: against enumeration on pools small enough for it, and on the real bank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble import make_setting
from qbank.assemble.capacity import capacity, cells
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.explain.ladder import explain
from qbank.assemble.growth import growth
from qbank.assemble.scene import Selection
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.sittings import play_policy
from qbank.assemble.sums import for_papers
from qbank.core.blueprint import Blueprint
from qbank.core.history import NO_HISTORY, Use
from qbank.core.item import Item
from qbank.files.bank import read_bank
from qbank.files.blueprint import read_blueprint
from tests.assemble.samples import mixed_items, steelmaking, theory, tiny_bank, tiny_blueprint
from tests.corpus import CORPUS

TODAY = "2026-11-23"
RULES = (
    "- count: {where: grade >= 3, max: 1}",
    "- count: {where: 'domain == \"A\"', min: 2}",
    "- sum: {of: seconds, max: 200}",
    "- once_per: competency",
    "- mean: {of: facility, min: 0.5}",
    "- exclude: [T-01]",
)


def setting_of(blueprint: Blueprint, items: list[Item]) -> Setting:
    """Return the setting of a tiny bank, which has no problem."""
    setting, problems = make_setting(blueprint, tiny_bank(items), as_of=TODAY)
    assert setting is not None and not problems
    return setting


def every_paper(setting: Setting) -> list[frozenset[int]]:
    """Return the items of every paper that holds the rules, by trying all of them in plain code."""
    scene, pool = scene_of(setting), setting.pool
    found = []
    for items in combinations(range(len(pool.ids)), sum(section.items for section in setting.blueprint.sections)):
        section = [[s.kind for s in setting.blueprint.sections].index(pool.items[item].kind) for item in items]
        if [section.count(n) for n, _ in enumerate(setting.blueprint.sections)] != [s.items for s in setting.blueprint.sections]:
            continue
        marks = np.array([setting.blueprint.sections[n].marks_each for n in section])
        chosen = Selection(np.array(items), np.array(section), np.ones(len(items), dtype=np.bool_), marks)
        findings = [
            finding for rule in setting.rules if rule.word != "overlap"
            for finding in CONSTRAINTS[rule.word].count(rule, scene, chosen)
        ]  # fmt: skip
        if all(low - 1e-9 <= amount <= high + 1e-9 for amount, low, high, _ in findings):
            found.append(frozenset(items))
    return found


def most_apart(papers: Iterable[frozenset[int]], overlap: int = 0) -> int:
    """Return the size of the largest set of papers any two of which share so many items at most."""
    papers = list(papers)

    def grow(chosen: list[frozenset[int]], rest: list[frozenset[int]]) -> int:
        fitting = [paper for paper in rest if all(len(paper & other) <= overlap for other in chosen)]
        return max((grow([*chosen, paper], fitting[n + 1 :]) for n, paper in enumerate(fitting)), default=len(chosen))

    return grow([], papers)


@given(rules=st.sets(st.sampled_from(RULES), max_size=3), n_items=st.integers(3, 10))
@settings(max_examples=25, deadline=None)
def test_the_papers_found_and_the_bound_enclose_what_enumeration_finds(rules: set[str], n_items: int) -> None:
    setting = setting_of(tiny_blueprint(*sorted(rules), cut=0.0), mixed_items(n_items))  # papers need not be alike
    truth = most_apart(every_paper(setting))
    result = capacity(setting)
    assert result.found <= truth <= result.bound
    assert result.found == truth  # the pools are small enough for the direct program
    assert bool(result.binding)


@pytest.mark.parametrize("overlap", [1, 2])
def test_papers_that_may_share_items_are_enclosed_too(overlap: int) -> None:
    setting = setting_of(tiny_blueprint("- count: {where: grade >= 3, max: 1}"), mixed_items(7))
    truth = most_apart(every_paper(setting), overlap)
    result = capacity(setting, overlap=overlap, most=8)
    assert result.found <= truth <= result.bound or result.capped
    assert result.found > most_apart(every_paper(setting))


def test_the_rule_that_was_planted_is_the_one_that_binds() -> None:
    """Twelve items, three a paper, but only two of grade 5, of which every paper must hold one."""
    items = [replace(item, grade=5 if n < 2 else 2) for n, item in enumerate(mixed_items(12))]
    result = capacity(setting_of(tiny_blueprint("- count: {where: grade == 5, min: 1}"), items))
    assert (result.found, result.bound) == (2, 2)
    ((rule,),) = result.binding
    assert (rule.label, rule.short) == ("count: {where: grade == 5, min: 1}", 1.0)


def test_two_rules_that_bind_only_together_are_named_together() -> None:
    """Six items of grade 5 and six of grade 2 serve three papers; at least one hard and no more than one hard do not
    serve a fourth, and neither rule alone is in the way."""
    items = [replace(item, grade=5 if n < 8 else 2) for n, item in enumerate(mixed_items(12))]
    rules = ("- count: {where: grade == 5, max: 1}", "- count: {where: grade == 2, max: 2}")
    result = capacity(setting_of(tiny_blueprint(*rules), items))
    (names,) = [{rule.label for rule in rules} for rules in result.binding]
    assert "count: {where: grade == 5, max: 1}" in names and len(names) > 1
    assert "count: {where: grade == 2, max: 2}" not in names


def test_the_tightest_cell_says_how_many_papers_it_allows() -> None:
    items = [replace(item, grade=5 if n < 2 else 2) for n, item in enumerate(mixed_items(12))]
    setting = setting_of(tiny_blueprint("- count: {where: grade == 5, min: 1}"), items)
    first = cells(setting, ())[0]
    assert (first.section, first.domain, first.grade) == ("", "", 5)
    assert (first.have, first.least, first.papers) == (2, 1.0, 2)


@given(n_items=st.integers(6, 12))
@settings(max_examples=10, deadline=None)
def test_no_cell_allows_fewer_papers_than_exist(n_items: int) -> None:
    setting = setting_of(tiny_blueprint("- count: {where: grade >= 3, min: 1}"), mixed_items(n_items))
    truth = most_apart(every_paper(setting))
    allowed = [cell.papers for cell in cells(setting, ()) if cell.papers >= 0]
    assert truth <= min(allowed)


def test_worn_items_do_not_count() -> None:
    rule = "- exposure: {max_uses: 1, within_months: 12}"
    items = mixed_items(9)
    used = tuple(Use(item.id, "", "S1", "2026-10-01", 10, 0.5, 0.2, ()) for item in items[:3])
    setting, _ = make_setting(tiny_blueprint(rule), tiny_bank(items), replace(NO_HISTORY, uses=used), as_of=TODAY)
    assert setting is not None
    assert capacity(setting).bound == 2


def test_the_steelmaking_bank_supports_two_papers_and_its_single_choice_items_bind() -> None:
    setting, _ = make_setting(theory(), steelmaking(), as_of=TODAY)
    assert setting is not None
    result = capacity(setting)
    assert (result.found, result.bound, result.proof) == (2, 2, "linear")
    ((rule,),) = result.binding
    assert (rule.label, rule.short) == ("单项选择题 (80)", 16.0)  # 224 items, three papers need 240
    assert rule.origin.path.endswith("bof-4-theory.yaml") and rule.origin.line == 12


@given(rules=st.sets(st.sampled_from(RULES[:5]), max_size=2), n_items=st.integers(4, 9), step=st.integers(1, 2))
@settings(max_examples=10, deadline=None)
def test_what_is_to_be_written_raises_the_capacity_once_it_is_written(rules: set[str], n_items: int, step: int) -> None:
    setting = setting_of(tiny_blueprint(*sorted(rules), cut=0.0), mixed_items(n_items))
    now = capacity(setting)
    (more,) = growth(setting, now.found, steps=(step,))
    assert more.papers == now.found + step and 0 < more.least <= more.total
    items = explain(for_papers(setting, more.papers)).items
    assert len(items) == more.total
    written = [replace(item, id=f"W-{n:02d}", span=mixed_items(1)[0].span) for n, item in enumerate(items)]
    after = capacity(setting_of(setting.blueprint, [*mixed_items(n_items), *written]))
    assert after.bound >= more.papers
    if more.proved:
        assert after.found >= more.papers


def test_the_forklift_bank_needs_four_items_for_a_second_paper() -> None:
    """At most ±1 mark about 4 of 8 in each domain, and no competency twice on a paper."""
    blueprint, _ = read_blueprint(CORPUS / "blueprints" / "forklift-1.yaml")
    source, _ = read_bank(CORPUS / "banks" / "forklift")
    assert blueprint is not None and source.bank is not None
    setting, _ = make_setting(blueprint, source.bank, as_of=TODAY)
    assert setting is not None
    (more,) = growth(setting, 1, steps=(1,))
    assert (more.papers, more.total, more.least, more.proved) == (2, 4, 4, True)


def used_in_turn(n_items: int, max_uses: int, months: int, every: int, n_forms: int = 1) -> tuple[int, bool, int]:
    """Return sittings in a row, whether for ever, and the bound, of papers of three interchangeable items."""
    rule = f"- exposure: {{max_uses: {max_uses}, within_months: {months}}}"
    items = [replace(item, kind="true_false", body=mixed_items(1)[0].body) for item in mixed_items(n_items)]
    blueprint = tiny_blueprint(rule, "- overlap: {max: 0}", true_false=3, single=0, n_forms=n_forms)
    found = play_policy(setting_of(blueprint, items), every=every)
    return found.n_built, found.for_ever, found.bound


def test_items_that_rest_long_enough_last_for_ever() -> None:
    """Three items a paper, one use in 12 months, a sitting every 7 months: two sittings fall into 12 months."""
    assert used_in_turn(6, 1, 12, 7) == (2, True, -1)
    assert used_in_turn(5, 1, 12, 7) == (1, False, 1)
    assert used_in_turn(3, 2, 12, 7) == (2, True, -1)
    assert used_in_turn(12, 1, 12, 7, n_forms=2) == (2, True, -1)
    assert used_in_turn(11, 1, 12, 7, n_forms=2) == (1, False, 1)


def test_a_use_exactly_so_many_months_ago_still_counts() -> None:
    assert used_in_turn(6, 1, 12, 6) == (2, False, 2)
    assert used_in_turn(9, 1, 12, 6) == (3, True, -1)


@given(
    n_items=st.integers(3, 12), max_uses=st.integers(1, 3), months=st.integers(1, 24), every=st.integers(2, 12),
    n_forms=st.integers(1, 2),
)  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_interchangeable_items_last_as_long_as_arithmetic_says(
    n_items: int, max_uses: int, months: int, every: int, n_forms: int
) -> None:
    window = months // every + 1
    most = n_items * max_uses // (3 * n_forms) if n_items >= 3 * n_forms else 0
    if n_items >= 3 * n_forms and max_uses >= window:
        most = window
    built, for_ever, bound = used_in_turn(n_items, max_uses, months, every, n_forms)
    assert for_ever == (built == window)
    assert built <= min(most, window)
    assert bound == (-1 if most >= window else most)


def test_history_wears_items_until_its_uses_are_old() -> None:
    rule = "- exposure: {max_uses: 1, within_months: 12}"
    items = mixed_items(9)
    used = tuple(Use(item.id, "", "S1", "2026-10-01", 10, 0.5, 0.2, ()) for item in items)
    setting, _ = make_setting(tiny_blueprint(rule), tiny_bank(items), replace(NO_HISTORY, uses=used), as_of=TODAY)
    assert setting is not None
    policy = play_policy(setting, every=6)
    assert policy.n_built == 0 and policy.bound == 0 and policy.sittings[0].rested == 0


def test_a_rule_about_earlier_papers_leaves_for_ever_open() -> None:
    rules = ("- exposure: {max_uses: 1, within_months: 5}", "- overlap: {max: 3, since: 2026-01-01}")
    policy = play_policy(setting_of(tiny_blueprint(*rules), mixed_items(9)), every=6)
    assert policy.n_built == policy.window == 1 and not policy.for_ever
    alone = play_policy(setting_of(tiny_blueprint(rules[0]), mixed_items(9)), every=6)
    assert alone.for_ever
