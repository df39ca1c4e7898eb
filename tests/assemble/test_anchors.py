"""The anchor stands on every paper, mirrors it, and leaves the rest of the papers to be built."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from qbank.assemble import assemble, audit_forms, goals
from qbank.assemble.engine import Assembly
from qbank.assemble.scene import PastPaper
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Form, form_items
from qbank.problem import Problem
from tests.assemble.samples import ids_of, made_up_history, tiny_bank, tiny_blueprint, tiny_item, with_place

PLAN = {"n_forms": 3, "true_false": 6, "single": 3}


@pytest.fixture(autouse=True)
def any_papers_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first papers that break no rule: the anchor is chosen before papers are made alike."""
    monkeypatch.setattr(goals, "STOP_AT", np.inf)


def bank_of(n: int) -> Bank:
    return tiny_bank([tiny_item(i, kind="single" if i % 3 == 2 else "true_false") for i in range(n)])


def built(blueprint: Blueprint, bank: Bank, **more: object) -> tuple[Assembly | None, list[Problem]]:
    return assemble(blueprint, bank, made_up_history(bank), **more)  # type: ignore[arg-type]


def shared(forms: tuple[Form, ...]) -> set[str]:
    return set.intersection(*(set(ids_of(form)) for form in forms))


@pytest.mark.parametrize("n_items", [21, 24, 30])
def test_an_internal_anchor_is_all_that_papers_without_overlap_share(n_items: int) -> None:
    bank = bank_of(n_items)
    made, problems = built(tiny_blueprint("- overlap: {max: 0}", "- anchor: {items: 3}", **PLAN), bank)
    assert made is not None, problems
    anchor = shared(made.forms)
    assert len(anchor) == 3
    assert sorted(bank.items[id].kind for id in anchor) == ["single", "true_false", "true_false"]
    assert all(set(ids_of(a)) & set(ids_of(b)) == anchor for a, b in combinations(made.forms, 2))
    audit = audit_forms(made.forms, made.setting)
    assert [check for check in audit.checks if not check.holds] == []
    named = {check.rule for check in audit.checks if check.rule.startswith("anchor")}
    assert {"anchor: {items: 3}: items", "anchor: {items: 3}: mean", "anchor: {items: 3}: 判断题"} <= named


def test_the_anchor_is_as_difficult_as_the_papers_and_as_spread() -> None:
    bank = bank_of(60)
    made, problems = built(tiny_blueprint("- overlap: {max: 0}", "- anchor: {items: 6, tolerance: 0.2}", n_forms=3,
                                          true_false=12, single=6), bank)  # fmt: skip
    assert made is not None, problems
    pool = made.setting.pool
    b = dict(zip(pool.ids, pool.difficulty, strict=True))
    anchor = [b[id] for id in shared(made.forms)]
    for form in made.forms:
        paper = [b[id] for id in ids_of(form)]
        assert abs(np.mean(anchor) - np.mean(paper)) <= 0.2 + 1e-9
        assert abs(np.std(anchor) - np.sqrt(np.mean((np.array(paper) - np.mean(anchor)) ** 2))) <= 0.2 + 1e-9


def test_a_bank_that_is_too_small_for_the_papers_beside_the_anchor_is_refused() -> None:
    made, problems = built(tiny_blueprint("- overlap: {max: 0}", "- anchor: {items: 3}", **PLAN), bank_of(20))
    assert made is None
    assert "P148" in {problem.code for problem in problems}


def test_an_external_anchor_carries_no_marks_and_stands_beside_the_scored_questions() -> None:
    bank = bank_of(33)
    rules = ("- overlap: {max: 0}", "- anchor: {items: 3, place: external}")
    made, problems = built(tiny_blueprint(*rules, **PLAN), bank)
    assert made is not None, problems
    anchor = shared(made.forms)
    for form in made.forms:
        unscored = {entry.id for entry in form_items(form) if not entry.scored}
        assert unscored == anchor and len(anchor) == 3
        assert sum(entry.marks for entry in form_items(form) if entry.scored) == 12
    assert [check for check in audit_forms(made.forms, made.setting).checks if not check.holds] == []


def test_an_anchor_of_the_past_comes_from_the_papers_named_although_nothing_else_may() -> None:
    bank = bank_of(40)
    old = frozenset(f"T-{i:02d}" for i in range(9))
    past = (PastPaper("old-1-A", "2025-01-01", old),)
    rules = ("- overlap: {max: 0}", "- overlap: {max: 0, with: [old-1]}",
             "- anchor: {items: 3, from: [old-1], tolerance: 1}")  # fmt: skip
    made, problems = built(tiny_blueprint(*rules, **PLAN), bank, past=past)
    assert made is not None, problems
    anchor = shared(made.forms)
    assert len(anchor) == 3 and anchor <= old
    assert all(set(ids_of(form)) & old == anchor for form in made.forms)
    assert [check for check in audit_forms(made.forms, made.setting).checks if not check.holds] == []


def test_the_audit_finds_an_anchor_item_that_one_paper_lacks() -> None:
    bank = bank_of(30)
    made, _ = built(tiny_blueprint("- overlap: {max: 0}", "- anchor: {items: 3}", **PLAN), bank)
    assert made is not None
    first, *others = made.forms
    places = form_items(first)
    index = next(k for k, entry in enumerate(places) if entry.id in shared(made.forms))
    free = next(entry for form in others for entry in form_items(form) if entry.kind == places[index].kind
                and entry.id not in ids_of(first))  # fmt: skip
    audit = audit_forms((with_place(first, index, free), *others), made.setting)
    broken = {check.rule for check in audit.checks if not check.holds}
    assert "anchor: {items: 3}: items" in broken


def test_renaming_items_changes_no_anchor() -> None:
    items = [tiny_item(i, kind="single" if i % 3 == 2 else "true_false") for i in range(24)]
    again = [tiny_item(i, id=f"R-{(7 * i) % 24:02d}", kind="single" if i % 3 == 2 else "true_false") for i in range(24)]
    stems = []
    for some in (items, again):
        bank = tiny_bank(some)
        blueprint = tiny_blueprint("- overlap: {max: 0}", "- anchor: {items: 3}", **PLAN)
        made, problems = assemble(blueprint, bank)
        assert made is not None, problems
        stems.append({bank.items[id].stem for id in shared(made.forms)})
    assert stems[0] == stems[1]
