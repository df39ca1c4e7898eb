"""The audit counts again and believes no certificate; the judged prior means what it says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble import Assembly, Audit, Setting, assemble, audit_forms, make_setting
from qbank.assemble.expected import ability_at_cut, probability
from qbank.assemble.pool import make_pool
from qbank.assemble.prior import (
    GRADE_FACILITY,
    difficulty_for_facility,
    judged_parameters,
    population_facility,
)
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Form, FormItem, form_items
from qbank.core.history import NO_HISTORY, History
from tests.assemble.samples import (
    ids_of,
    made_up_history,
    mixed_items,
    steelmaking,
    theory,
    tiny_bank,
    tiny_blueprint,
    with_place,
    written_rule,
)


@cache
def sound() -> Assembly:
    made, _ = assemble(theory(), steelmaking(), as_of="2026-11-23")
    assert made is not None
    assert made.forms[0].certificate.violations == ()
    return made


def setting(blueprint: Blueprint, bank: Bank, history: History = NO_HISTORY) -> Setting:
    made, problems = make_setting(blueprint, bank, history)
    assert made is not None, problems
    return made


def audited(*forms: Form) -> Audit:
    return audit_forms(forms, sound().setting)


def broken(audit: Audit) -> set[tuple[str, str]]:
    """Return (paper, rule) of every check that fails."""
    return {(check.form, check.rule) for check in audit.checks if not check.holds}


def place(id: str, like: FormItem) -> FormItem:
    """Return a place that holds another item of the bank."""
    bank = steelmaking()
    item = bank.items[id]
    return replace(
        like, id=id, kind=item.kind, fingerprint=bank.fingerprints[id], order="ABCD" if item.kind == "single" else "",
        marked=item.body.marked(), competency=item.competency,
        domain=bank.standard.competencies[item.competency].domain,
    )  # fmt: skip


def unused(accept: Callable[[str], bool]) -> str:
    """Return an item on neither paper."""
    used = {id for form in sound().forms for id in ids_of(form)}
    return next(id for id in sound().setting.pool.ids if id not in used and accept(id))


A, B = "bof-4-theory-1-A", "bof-4-theory-1-B"


def test_sound_papers_break_nothing_and_every_rule_was_counted() -> None:
    audit = audited(*sound().forms)
    assert broken(audit) == set()
    assert audit.forms == (A, B)
    rules = {check.rule for check in audit.checks}
    assert {"marks", "distinct items", "questions as in the bank", "enemies together", "keys A", "keys D"} <= rules
    assert {"count: {where: importance == \"X\", min: 80%}", "once_per: competency", "overlap"} <= rules
    weighted = {domain.code for domain in steelmaking().standard.domains if domain.is_leaf and domain.weights.get(4)}
    assert {rule.split()[1] for rule in rules if rule.startswith("weights: ")} == weighted
    assert (audit.basis, round(audit.interval, 2)) == ("judged", 3.05)


def test_an_item_of_another_domain_is_caught_by_the_weights_or_the_rules() -> None:
    first, second = sound().forms
    bank = steelmaking()
    entries = [entry for entry in form_items(first) if entry.domain == "A-A-A"]
    assert entries
    for entry in entries:
        present = (*ids_of(first), entry.kind)
        other = unused(lambda id, present=present: id not in present and bank.items[id].kind == present[-1]
                       and not bank.items[id].competency.startswith("A"))  # fmt: skip
        first = with_place(first, ids_of(first).index(entry.id), place(other, entry))
    assert any(form == A and rule.startswith("weights: A-A-A ") for form, rule in broken(audited(first, second)))


def test_an_item_twice_is_caught() -> None:
    first, second = sound().forms
    entries = form_items(first)
    twice = with_place(first, 3, entries[2])
    found = broken(audited(twice, second))
    assert {(A, "distinct items"), (A, "once_per: competency")} <= found


@pytest.mark.parametrize(("marks", "rule"), [(2.0, "marks"), (0.5, "marks"), (2.0, "section 单项选择题")])
def test_wrong_marks_are_caught(marks: float, rule: str) -> None:
    first, second = sound().forms
    changed = with_place(first, 0, replace(form_items(first)[0], marks=marks))
    assert (A, rule) in broken(audited(changed, second))


def test_wrong_marks_that_cancel_out_are_caught() -> None:
    first, second = sound().forms
    entries = form_items(first)
    changed = with_place(first, 0, replace(entries[0], marks=1.5))
    changed = with_place(changed, 1, replace(entries[1], marks=0.5))
    assert (A, "section 单项选择题") in broken(audited(changed, second))


def test_an_item_changed_after_the_paper_was_made_is_caught() -> None:
    first, second = sound().forms
    entry = form_items(second)[7]
    changed = with_place(second, 7, replace(entry, fingerprint="0" * 16 + entry.fingerprint[16:]))
    assert broken(audited(first, changed)) == {(B, "questions as in the bank")}


def test_a_key_corrected_since_leaves_the_question_as_it_was_printed() -> None:
    first, second = sound().forms
    entry = form_items(second)[7]
    changed = with_place(second, 7, replace(entry, fingerprint=entry.fingerprint[:17] + "0" * 16))
    assert broken(audited(first, changed)) == set()


def test_an_item_that_is_no_longer_in_the_bank_is_caught() -> None:
    first, second = sound().forms
    gone = with_place(first, 0, replace(form_items(first)[0], id="GONE-01"))
    assert {(A, "items in the bank, live and undecided none"), (A, "questions as in the bank")} <= broken(
        audited(gone, second)
    )


def test_an_item_held_since_is_caught() -> None:
    bank, (first, second) = steelmaking(), sound().forms
    held = {form_items(first)[5].fingerprint: "rejected"}
    found = broken(audit_forms((first, second), setting(theory(), bank, replace(NO_HISTORY, held=held))))
    assert (A, "items in the bank, live and undecided none") in found
    assert not any(form == B for form, _ in found)


def test_a_missing_section_is_caught() -> None:
    first, second = sound().forms
    found = broken(audited(replace(first, sections=first.sections[:1]), second))
    assert (A, "marks") in found


def test_an_item_of_another_kind_is_caught() -> None:
    first, second = sound().forms
    true_false = next(entry for entry in form_items(second) if entry.kind == "true_false")
    found = broken(audited(with_place(first, 0, true_false), second))
    assert (A, "section 单项选择题") in found


def test_keys_that_sit_too_often_on_one_letter_are_caught() -> None:
    first, second = sound().forms
    for index, entry in enumerate(form_items(first)):
        if entry.kind == "single":
            key = entry.marked["key"]  # type: ignore[index, call-overload]
            order = str(key) + "".join(letter for letter in sorted(entry.order) if letter != key)
            first = with_place(first, index, replace(entry, order=order))
    assert broken(audited(first, second)) == {(A, f"keys {letter}") for letter in "ABCD"}


def test_an_item_on_both_papers_is_caught() -> None:
    first, second = sound().forms
    shared = with_place(first, 0, form_items(second)[0])
    assert (f"{A} / {B}", "overlap: {max: 0}") in broken(audited(shared, second))


def test_of_two_overlap_rules_the_stricter_counts_in_any_order() -> None:
    bank = tiny_bank(mixed_items(6))
    rules = ("- overlap: {max: 3}", "- overlap: {max: 0}")
    plain = tiny_blueprint(n_forms=2)
    made, _ = assemble(tiny_blueprint(n_forms=1), bank)
    assert made is not None
    pair = (made.forms[0], replace(made.forms[0], id="again"))
    for order in (rules, rules[::-1]):
        blueprint = replace(plain, rules=tuple(written_rule(rule) for rule in order))
        assert broken(audit_forms(pair, setting(blueprint, bank))) == {("tiny-1-A / again", "overlap: {max: 0}")}
    assert not broken(audit_forms(pair, setting(plain, bank)))


def test_enemies_on_one_paper_are_caught() -> None:
    bank, (first, second) = steelmaking(), sound().forms
    one = next(id for id in sound().setting.pool.ids if bank.items[id].enemies)
    both = [one, bank.items[one].enemies[0]]
    for index, id in enumerate(both):
        if id not in ids_of(first):
            free = next(i for i, e in enumerate(form_items(first)) if e.id not in both and i >= index)
            first = with_place(first, free, place(id, form_items(first)[free]))
    assert set(both) <= set(ids_of(first))
    assert (A, "enemies together") in broken(audited(first, second))


@pytest.mark.parametrize("index", range(7))
def test_every_rule_of_the_blueprint_can_be_found_broken(index: int) -> None:
    impossible = [
        "- count: {where: 'importance == \"X\"', max: 10%}", "- count: {where: 'grade >= 4', min: 90}",
        "- mean: {of: facility, max: 0.3}", "- sum: {of: seconds, max: 60}", "- once_per: domain",
        f"- exclude: [{ids_of(sound().forms[0])[0]}]", "- include: [BOF4-NOT-THERE]",
    ]  # fmt: skip
    blueprint = replace(theory(), rules=(written_rule(impossible[index]),))
    found = broken(audit_forms(sound().forms[:1], setting(blueprint, steelmaking())))
    assert len(found) == 1 and next(iter(found))[1].startswith(impossible[index][2:7])


def test_papers_side_by_side_show_what_can_be_counted_by_hand() -> None:
    bank, history = steelmaking(), made_up_history(steelmaking())
    audit = audit_forms(sound().forms, setting(theory(), bank, history))
    lines = {name: values for name, values, _ in audit.lines}
    nodes = np.linspace(-8, 8, 4001)
    density = np.exp(-(nodes**2) / 2) / math.sqrt(2 * math.pi)
    for column, form in enumerate(sound().forms):
        items = [bank.items[id] for id in ids_of(form)]
        assert lines["seconds"][column] == sum(item.seconds for item in items)
        assert [lines[f"grade {g}"][column] for g in range(1, 6)] == [sum(i.grade == g for i in items) for g in range(1, 6)]
        assert sum(lines[f"importance {word}"][column] for word in "XYZ") == 100
        assert math.fsum(v[column] for name, v in lines.items() if name.startswith("domain ")) == 100
        assert lines["calibrated items"][column] == 100
        estimates = [history.estimates[entry.fingerprint] for entry in form_items(form)]
        p = np.array([1 / (1 + np.exp(-e.values["a"] * (nodes - e.values["b"]))) for e in estimates])
        mean = float(np.trapezoid(p.sum(axis=0) * density, nodes))
        assert lines["expected mean"][column] == pytest.approx(mean, abs=1e-4)
    assert audit.basis == "calibrated" and audit.interval == 0.0
    targets = {name: target for name, _, target in audit.lines if name.startswith("domain ")}
    assert math.fsum(target or 0 for target in targets.values()) == pytest.approx(100)


means, sds = st.floats(-2, 2), st.floats(0.3, 3)


@settings(deadline=None)
@given(mean=means, sd=sds)
def test_a_judged_grade_has_its_stated_facility_in_any_population(mean: float, sd: float) -> None:
    grades = np.array([1, 2, 3, 4, 5, 3])
    slope, difficulty = judged_parameters(grades, mean=mean, sd=sd)
    assert slope == pytest.approx(np.full(6, 1 / sd))
    found = population_facility(slope, difficulty, mean=mean, sd=sd)
    assert found == pytest.approx([GRADE_FACILITY[int(grade)] for grade in grades], abs=1e-9)
    assert np.all(np.diff(difficulty[:5]) > 0), "a higher grade is harder"


@settings(deadline=None)
@given(
    facility=st.lists(st.floats(0.02, 0.98), min_size=1, max_size=5), slope=st.floats(0.3, 3), mean=means, sd=sds
)
def test_difficulty_and_facility_are_each_others_inverse(
    facility: list[float], slope: float, mean: float, sd: float
) -> None:
    wanted = np.array(facility)
    a = np.full(wanted.size, slope)
    b = difficulty_for_facility(wanted, a, mean=mean, sd=sd)
    assert population_facility(a, b, mean=mean, sd=sd) == pytest.approx(wanted, abs=1e-9)
    again = difficulty_for_facility(population_facility(a, b, mean=mean, sd=sd), a, mean=mean, sd=sd)
    assert again == pytest.approx(b, abs=1e-6)


def test_population_facility_is_the_integral() -> None:
    nodes = np.linspace(-12, 12, 24001)
    for a, b, mean, sd in ((1.0, 0.0, 0.0, 1.0), (0.7, -1.2, 0.3, 1.4), (2.0, 0.8, -0.5, 0.6)):
        density = np.exp(-((nodes - mean) ** 2) / (2 * sd**2)) / (sd * math.sqrt(2 * math.pi))
        expected = float(np.trapezoid(density / (1 + np.exp(-a * (nodes - b))), nodes))
        found = population_facility(np.array([a]), np.array([b]), mean=mean, sd=sd)
        assert found[0] == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(cut=st.floats(0.1, 0.9), seed=st.integers(0, 99))
def test_the_ability_at_the_cut_has_the_cut_as_expected_share(cut: float, seed: int) -> None:
    pool = make_pool(tiny_bank(mixed_items(8)), NO_HISTORY, level=4, kinds=frozenset({"single", "true_false"}), uses={})
    shares = np.random.default_rng(seed).dirichlet(np.ones(8))
    theta = ability_at_cut(pool, shares, cut)
    assert float(probability(pool, np.array([theta]))[:, 0] @ shares) == pytest.approx(cut, abs=1e-9)
