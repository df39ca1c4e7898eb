"""Why an item is on a paper or not: every claim against plain enumeration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qbank.assemble import assemble, audit_forms, make_setting
from qbank.assemble.compile import compile_program
from qbank.assemble.engine import find_papers
from qbank.assemble.program import Program, Terms, deviations, objective, violations, with_indicators
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.trial import broken_by, try_exchanges
from qbank.assemble.verify import selection_of
from qbank.assemble.why import Papers, papers_of, why_on, why_planned
from qbank.core.blueprint import Blueprint
from qbank.core.history import NO_HISTORY, History, Use
from qbank.core.item import Item
from qbank.files.bank import read_bank
from qbank.files.blueprint import read_blueprint
from tests.assemble.samples import (
    mixed_items,
    steelmaking,
    theory,
    tiny_bank,
    tiny_blueprint,
    tiny_item,
)
from tests.corpus import CORPUS

TODAY = "2026-11-23"
RULES = (
    "- count: {where: grade >= 3, max: 2}",
    "- count: {where: 'domain == \"A\"', min: 1}",
    "- sum: {of: seconds, max: 200}",
    "- once_per: competency",
    "- mean: {of: facility, min: 0.5}",
    "- overlap: {max: 0}",
    "- overlap: {max: 1}",
)


def tiny_papers(rules: list[str], n_forms: int, items: list[Item]) -> tuple[Setting, Papers] | None:
    """Return papers of a tiny bank, nothing where there are none."""
    blueprint = tiny_blueprint(*rules, n_forms=n_forms)
    made, _ = assemble(blueprint, tiny_bank(items), as_of=TODAY)
    if made is None:
        return None
    selections = tuple(selection_of(form, made.setting.pool) for form in made.forms)
    return made.setting, papers_of(made.setting, selections, tuple(form.id for form in made.forms), 0)


@given(
    rules=st.sets(st.sampled_from(RULES), max_size=3), n_forms=st.integers(1, 2), n_items=st.integers(6, 10),
    enemies=st.booleans(),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_an_exchange_is_blocked_exactly_where_it_breaks_the_program(
    rules: set[str], n_forms: int, n_items: int, enemies: bool
) -> None:
    items = mixed_items(n_items)
    if enemies:
        items[1] = replace(items[1], enemies=("T-03", "T-04"))
    made = tiny_papers(sorted(rules), n_forms, items)
    assume(made is not None)
    assert made is not None
    setting, papers = made
    chosen = papers.chosen
    program = with_made_up_goals(papers.program, chosen, n_items)
    assert violations(program, chosen) == {}
    n = program.n_candidates
    there = program.item[:n][chosen[0, :n]]
    out = [a for a in np.flatnonzero(chosen[0, :n]) for b in range(n) if program.item[b] not in there]
    into = [b for a in np.flatnonzero(chosen[0, :n]) for b in range(n) if program.item[b] not in there]
    trials = try_exchanges(program, chosen, 0, np.array(out, dtype=np.int64), np.array(into, dtype=np.int64))
    for number, (leaves, comes) in enumerate(zip(out, into, strict=True)):
        after = chosen.copy()
        after[0, leaves], after[0, comes] = False, True
        after = with_indicators(program, after)
        wrong = violations(program, after)
        assert bool(trials.allowed[number]) == (not wrong)
        named = broken_by(program, trials, number, 0, names=setting.pool.ids, papers=papers.names)
        rows = set(program.labels)
        assert {entry.label for entry in named} & rows == set(wrong) & rows
        assert trials.change[number] == pytest.approx(objective(program, after) - objective(program, chosen), abs=1e-9)


def with_made_up_goals(program: Program, chosen: NDArray[np.bool_], seed: int) -> Program:
    """Return the program with a cost and with quantities of every sense: compared, with a target, too little, too much;
    the last is capped a little above what the papers have."""
    rng = np.random.default_rng(seed)
    values = np.zeros((4, program.n_columns))
    values[:, : program.n_candidates] = rng.uniform(0, 1, (4, program.n_candidates))
    target = np.full((program.n_forms, 4), 1.5)
    target[:, 0] = np.nan
    sense, weight, unit = np.array([0, 0, -1, 1]), np.array([1.0, 2.0, 1.0, 0.5]), np.array([1.0, 0.5, 1.0, 2.0])
    terms = Terms(("a", "b", "c", "d"), values, target, unit, sense, weight, np.full(4, np.inf))
    cost = np.zeros(program.n_columns)
    cost[: program.n_candidates] = rng.uniform(-1, 1, program.n_candidates)
    made = replace(program, terms=terms, cost=cost)
    worst = (deviations(made, chosen) * unit)[:, 3].max() + 0.1
    return replace(made, terms=replace(terms, cap=np.array([np.inf, np.inf, np.inf, worst])))


@given(rules=st.sets(st.sampled_from(RULES[:5]), max_size=2), n_items=st.integers(6, 9))
@settings(max_examples=20, deadline=None)
def test_no_paper_that_holds_a_kept_out_item_is_better_than_its_price_says(rules: set[str], n_items: int) -> None:
    made = tiny_papers(sorted(rules), 1, mixed_items(n_items))
    assume(made is not None)
    assert made is not None
    setting, papers = made
    program = papers.program
    best = objective(program, papers.chosen)
    for item, id in enumerate(setting.pool.ids):
        column = int(np.flatnonzero(program.item == item)[0])
        inside = bool(papers.chosen[0, column])
        found = why_on(id, setting, papers)
        assert found.standing == ("on the paper" if inside else "kept out")
        truth = _best_with(program, setting, column, wanted=not inside)
        if np.isinf(found.price) or found.impossible:
            assert truth is None
        elif truth is not None:
            assert truth - best >= found.price - (best - _relaxed(papers)) - 1e-6


def _best_with(program: Any, setting: Setting, column: int, *, wanted: bool) -> float | None:
    """Return the objective of the best single paper that holds a candidate, or does not, by enumeration."""
    from itertools import combinations

    size = sum(section.items for section in setting.blueprint.sections)
    found = None
    for columns in combinations(range(program.n_candidates), size):
        if (column in columns) != wanted:
            continue
        row = np.zeros((1, program.n_columns), dtype=np.bool_)
        row[0, list(columns)] = True
        row = with_indicators(program, row)
        if not violations(program, row):
            value = objective(program, row)
            found = value if found is None else min(found, value)
    return found


def _relaxed(papers: Papers) -> float:
    from qbank.assemble.direct import direct_program
    from qbank.assemble.relaxed import Relaxation

    point = Relaxation(direct_program(papers.program)).minimise()
    assert point is not None
    return point.objective


def test_the_rules_that_an_item_serves_and_how_many_could_do_it() -> None:
    """Two true/false items, one of grade 5 at least, of which there are two: the other one is the only replacement."""
    items = [tiny_item(n, grade=5 if n in (0, 3) else 2, kind="single" if n % 3 == 2 else "true_false") for n in range(9)]
    made = tiny_papers(["- count: {where: grade == 5, min: 1, max: 1}"], 1, items)
    assert made is not None
    setting, papers = made
    on = [setting.pool.ids[i] for i in papers.program.item[papers.chosen[0]]]
    (hard,) = [id for id in on if setting.bank.items[id].grade == 5]
    found = why_on(hard, setting, papers)
    rule = next(entry for entry in found.served if entry.label.startswith("count"))
    assert (rule.found, rule.without, rule.low, rule.high, rule.needed, rule.replacements) == (1, 0, 1, 1, True, 1)
    assert found.n_allowed == 1 and found.best is not None
    assert found.best.item == next(id for id in ("T-00", "T-03") if id != hard)
    other = why_on(found.best.item, setting, papers)
    assert other.standing == "kept out" and other.n_allowed == 1 and other.best is not None and other.best.item == hard
    assert other.blocking[0][0].label.startswith("count") and other.blocking[0][1] == 1


def test_an_item_of_another_paper_is_kept_out_by_the_overlap() -> None:
    made = tiny_papers(["- overlap: {max: 0}"], 2, mixed_items(9))
    assert made is not None
    setting, papers = made
    there = setting.pool.ids[int(papers.program.item[np.flatnonzero(papers.chosen[1])[0]])]
    found = why_on(there, setting, papers)
    assert found.elsewhere == ("tiny-1-B",) and found.n_allowed == 0
    assert found.nearest is not None and [entry.label for entry in found.nearest.broken] == ["overlap: {max: 0}"]
    assert found.nearest.broken[0].other == "tiny-1-B"


def refused(item: Item, blueprint: Blueprint, history: History = NO_HISTORY) -> list[str]:
    """Return the words of the reasons why an item of a tiny bank is no candidate."""
    setting, _ = make_setting(blueprint, tiny_bank([*mixed_items(6), item]), history, as_of=TODAY)
    assert setting is not None
    found = why_planned(item.id, setting, compile_program(setting.rules, scene_of(setting)))
    return [entry.word for entry in found.refused]


def test_each_reason_why_an_item_is_no_candidate_has_its_word() -> None:
    item, plan = tiny_item(7), tiny_blueprint()
    assert refused(item, plan) == []
    assert refused(replace(item, status="retired"), plan) == ["status"]
    assert refused(replace(item, level=5), plan) == ["level"]
    assert refused(replace(item, competency="K99"), plan) == ["competency"]
    assert refused(replace(item, status="draft", level=5), plan) == ["status", "level"]
    assert refused(item, tiny_blueprint("- exclude: [T-07]")) == ["rule"]
    easy = replace(plan, sections=tuple(replace(section, where="grade == 2") for section in plan.sections))
    assert refused(replace(item, grade=4), easy) == ["where"]
    only_single = tiny_blueprint(true_false=0)
    assert refused(item, only_single) == ["kind"]
    bank = tiny_bank([item])
    held = replace(NO_HISTORY, held={bank.fingerprints["T-07"]: "疑似答案错误"})
    assert refused(item, plan, held) == ["held"]


def test_a_worn_item_comes_back_on_the_day_that_is_named() -> None:
    rule = "- exposure: {max_uses: 2, within_months: 12}"
    used = tuple(Use("T-03", "", f"S{n}", date, 10, 0.5, 0.2, ()) for n, date in enumerate(("2026-02-28", "2026-06-30", "2025-01-01")))
    history = replace(NO_HISTORY, uses=used)
    bank = tiny_bank(mixed_items(6))

    def reasons(day: str) -> list[Any]:
        setting, _ = make_setting(tiny_blueprint(rule), bank, history, as_of=day)
        assert setting is not None
        return list(why_planned("T-03", setting, compile_program(setting.rules, scene_of(setting))).refused)

    (reason,) = reasons(TODAY)
    facts = dict(reason.facts)
    assert reason.word == "exposure" and facts["back"] == "2027-03-01" and facts["uses"] == "2"
    assert reasons("2027-02-28") and not reasons("2027-03-01")


@pytest.mark.parametrize("name", ["bof-4-theory", "all-kinds"])
def test_every_item_of_a_real_bank_is_a_candidate_or_has_a_reason_why_not(name: str) -> None:
    blueprint, _ = read_blueprint(CORPUS / "blueprints" / f"{name}.yaml")
    assert blueprint is not None
    source, _ = read_bank(CORPUS / "blueprints" / blueprint.bank)
    assert source.bank is not None
    setting, _ = make_setting(blueprint, source.bank, as_of=TODAY)
    assert setting is not None
    program = compile_program(setting.rules, scene_of(setting))
    from qbank.assemble.eligibility import refusals

    usable = {setting.pool.ids[item] for item in program.item[: program.n_candidates]}
    for id, item in source.bank.items.items():
        assert (id in usable) != bool(refusals(item, setting, program)), id


def test_an_item_that_no_paper_can_hold_names_the_rules_that_forbid_it() -> None:
    items = [replace(item, seconds=30 if n != 1 else 500) for n, item in enumerate(mixed_items(9))]
    setting, _ = make_setting(tiny_blueprint("- sum: {of: seconds, max: 200}"), tiny_bank(items), as_of=TODAY)
    assert setting is not None
    found = why_planned("T-01", setting, compile_program(setting.rules, scene_of(setting)))
    assert found.standing == "eligible" and found.impossible == ("sum: {of: seconds, max: 200}",)


def test_the_real_paper_explains_all_its_items_and_the_audit_agrees() -> None:
    setting, _ = make_setting(replace(theory(), n_forms=1), steelmaking(), as_of=TODAY)
    assert setting is not None
    outcome, _ = find_papers(setting)
    made, _ = assemble(setting.blueprint, setting.bank, as_of=TODAY)
    assert made is not None and len(outcome.chosen)
    audit = audit_forms(made.forms, made.setting)
    papers = papers_of(setting, (selection_of(made.forms[0], setting.pool),), ("A",), 0)
    counted = {check.rule: check.found for check in audit.checks}
    first = setting.pool.ids[int(papers.program.item[np.flatnonzero(papers.chosen[0])[0]])]
    found = why_on(first, setting, papers)
    for entry in found.served:
        if entry.label in counted:
            assert entry.found == pytest.approx(counted[entry.label], abs=1e-6)
    assert any(entry.label in counted for entry in found.served)
