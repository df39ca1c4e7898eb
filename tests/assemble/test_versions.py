"""Scrambled versions: the same questions in other places with other letters, a true map back, and an audit that sees."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble import assemble
from qbank.assemble.layout import Arrangement
from qbank.assemble.pool import pool_for
from qbank.assemble.versions import (
    MOST_ALIKE,
    families,
    longest_run,
    share_alike,
    too_alike,
    version_findings,
    versions_of,
)
from qbank.core.blueprint import Blueprint, Order
from qbank.core.form import Form, FormItem, answer_names, answer_places, form_items, printed_letter
from qbank.core.history import NO_HISTORY
from qbank.core.item import Item
from qbank.files.forms import form_text, parse_form
from qbank.kinds.single import SingleBody
from tests.assemble.samples import made_up_history, steelmaking, theory, tiny_bank, tiny_blueprint, tiny_item
from tests.assemble.test_layout import dozen, laid_out


def tiny_versions(blueprint: Blueprint, *, arrangement: Arrangement | None = None, **bank_facts: object) -> tuple[Form, ...]:
    """Return a paper of fifteen items and its further versions."""
    _, bank = dozen()
    bank = tiny_bank([replace(item, **bank_facts) for item in bank.items.values()]) if bank_facts else bank
    form = laid_out(blueprint, bank, unscored=("T-04",), arrangement=arrangement)
    return (form, *versions_of(form, blueprint, bank, pool_for(blueprint, bank, NO_HISTORY, {}), 0, arrangement or Arrangement()))


@given(seed=st.integers(0, 30), n=st.integers(2, 8), order=st.sampled_from([None, "domain", "grade", "random"]))
@settings(max_examples=20, deadline=None)
def test_a_version_holds_the_questions_of_its_paper_and_maps_back_to_them(seed: int, n: int, order: Order | None) -> None:
    base, *versions = tiny_versions(dozen(seed=seed, order=order, versions=n)[0])
    ids = [entry.id for entry in form_items(base)]
    assert [form.id for form in versions] == [f"{base.id}-v{number}" for number in range(2, n + 1)]
    for form in versions:
        assert [ids[place - 1] for place in form.base_places] == [entry.id for entry in form_items(form)]
        assert sorted(form.base_places) == list(range(1, 16))
        for mine, theirs in zip(form.sections, base.sections, strict=True):
            one = {entry.id: replace(entry, order="") for entry in mine.items}
            assert one == {entry.id: replace(entry, order="") for entry in theirs.items}
        assert parse_form(form_text(form), "form.yaml") == (form, [])
    assert all(low <= found <= high for _, _, found, low, high in version_findings(versions, base))


@pytest.mark.parametrize("order", [None, "domain", "grade", "facility", "random"])
def test_neighbours_with_two_versions_see_three_quarters_of_the_questions_differ(order: Order | None) -> None:
    bank = steelmaking()
    blueprint = replace(theory(), order=order, versions=4, n_forms=1)
    made, _ = assemble(blueprint, bank, made_up_history(bank))
    assert made is not None
    forms = (made.forms[0], *versions_of(made.forms[0], blueprint, bank, made.setting.pool, 0))
    assert len(forms) == 4
    for first, second in combinations(forms, 2):
        there = {place.id: (name, printed(place)) for name, place in numbered(first)}
        same = sum(there[place.id] == (name, printed(place)) for name, place in numbered(second))
        assert same <= MOST_ALIKE * 100
        assert share_alike(first, second) == same / 100
    assert not too_alike(forms)


def numbered(form: Form) -> list[tuple[str, FormItem]]:
    return list(zip(answer_names(form), answer_places(form), strict=True))


def printed(place: FormItem) -> str:
    return printed_letter(place.order, str(place.marked["key"]))


@pytest.mark.parametrize("order", ["domain", "grade", "facility"])
def test_a_version_keeps_the_order_that_the_blueprint_writes(order: Order) -> None:
    bank = steelmaking()
    blueprint = replace(theory(), order=order, versions=2, n_forms=1)
    made, _ = assemble(blueprint, bank, made_up_history(bank))
    assert made is not None
    (version,) = versions_of(made.forms[0], blueprint, bank, made.setting.pool, 0)
    pool = made.setting.pool
    domains, position = [domain.code for domain in bank.standard.domains], {id: n for n, id in enumerate(pool.ids)}
    for section in version.sections:
        found = {
            "domain": [domains.index(entry.domain) for entry in section.items],
            "grade": [bank.items[entry.id].grade for entry in section.items],
            "facility": [-float(pool.facility[position[entry.id]]) for entry in section.items],
        }[order]
        assert found == sorted(found)


def test_fixed_questions_and_pinned_options_stay_and_stimuli_stay_together_in_their_order() -> None:
    _, bank = dozen()
    shared = ["T-00", "T-03", "T-06"]
    pinned = SingleBody(options={letter: f"{letter}11" for letter in "ABCD"}, key="D", pin=("D",))
    items = {
        id: replace(item, stimulus="S" if id in shared else "", body=pinned if id == "T-11" else item.body)
        for id, item in bank.items.items()
    }
    bank, blueprint = tiny_bank(list(items.values())), dozen(versions=6)[0]
    arrangement = Arrangement(fixed={"T-07": 2, "T-11": 5})
    base = laid_out(blueprint, bank, arrangement=arrangement)
    forms = (base, *versions_of(base, blueprint, bank, pool_for(blueprint, bank, NO_HISTORY, {}), 0, arrangement))
    starts = set()
    for form in forms:
        ids = [entry.id for entry in form.sections[0].items]
        assert ids[1] == "T-07"
        assert form.sections[1].items[4].id == "T-11"
        assert form.sections[1].items[4].order[3] == "D"
        start = ids.index("T-00")
        assert ids[start : start + 3] == shared
        starts.add(start)
    assert len(starts) > 1


def test_no_key_runs_longer_in_a_version_than_three() -> None:
    bank = steelmaking()
    blueprint = replace(theory(), versions=3, n_forms=1)
    made, _ = assemble(blueprint, bank)
    assert made is not None
    for form in versions_of(made.forms[0], blueprint, bank, made.setting.pool, 0):
        assert longest_run(form) <= 3


def second_version(blueprint: Blueprint, items: list[Item]) -> tuple[Form, Form]:
    """Return the paper of all items and its second version."""
    bank = tiny_bank(items)
    base = laid_out(blueprint, bank)
    (version,) = versions_of(base, blueprint, bank, pool_for(blueprint, bank, NO_HISTORY, {}), 0)
    return base, version


def test_orders_are_drawn_until_a_short_paper_differs_enough() -> None:
    items = [tiny_item(n, competency="K0") for n in range(4)]
    for seed in range(12):
        assert not too_alike(second_version(tiny_blueprint(true_false=4, single=0, seed=seed, versions=2), items))


def test_orders_are_drawn_until_keys_that_cannot_move_do_not_run() -> None:
    keys = "ABABABAA"
    bodies = [SingleBody(options={letter: f"{letter}{n}" for letter in "ABCD"}, key=key, pin=tuple("ABCD")) for n, key in enumerate(keys)]
    items = [tiny_item(n, kind="single", body=body, competency="K0") for n, body in enumerate(bodies)]
    for seed in range(12):
        base, version = second_version(tiny_blueprint(true_false=0, single=8, seed=seed, versions=2), items)
        assert [entry.marked["key"] for entry in form_items(base)] == list(keys)
        assert max(len(list(run)) for _, run in groupby(printed(entry) for entry in form_items(version))) <= 3


def test_versions_that_cannot_differ_are_named_with_what_they_share() -> None:
    items = [tiny_item(n, grade=1 + n) for n in range(5)]
    blueprint = tiny_blueprint(true_false=5, single=0, order="grade", versions=2)
    bank = tiny_bank(items)
    base = laid_out(blueprint, bank)
    forms = (base, *versions_of(base, blueprint, bank, pool_for(blueprint, bank, NO_HISTORY, {}), 0))
    assert too_alike(forms) == ((base.id, f"{base.id}-v2", 1.0),)


def planted(form: Form, fault: str) -> Form:
    """Return a version with a mistake in it."""
    section = form.sections[0]
    first, second, *rest = section.items
    changed: dict[str, tuple[FormItem, ...]] = {
        "another question": (replace(first, id="T-99"), second, *rest),
        "marks": (replace(first, scored=False, marks=0.0, worth=1.0), second, *rest),
        "another question in its stead": (second, second, *rest),
        "fewer": (second, *rest),
        "another revision": (replace(first, fingerprint="0" * 16 + "." + "0" * 16), second, *rest),
    }
    if fault == "map":
        a, b, *others = form.base_places
        return replace(form, base_places=(b, a, *others))
    if fault == "map not one to one":
        return replace(form, base_places=(form.base_places[1], *form.base_places[1:]))
    return replace(form, sections=(replace(section, items=changed[fault]), *form.sections[1:]))


@pytest.mark.parametrize(
    "fault",
    ["another question", "marks", "another question in its stead", "fewer", "another revision", "map", "map not one to one"],
)
def test_the_audit_finds_a_mistake_planted_in_a_version(fault: str) -> None:
    base, version = tiny_versions(dozen(versions=2)[0])
    assert all(low <= found <= high for _, _, found, low, high in version_findings([version], base))
    findings = version_findings([planted(version, fault)], base)
    assert any(not low <= found <= high for _, _, found, low, high in findings)


def test_the_audit_finds_a_run_of_keys_that_the_paper_has_not() -> None:
    base, version = tiny_versions(dozen(versions=2)[0])
    last = version.sections[1]
    straight = tuple(replace(entry, order=base_order(entry)) for entry in last.items)
    version = replace(version, sections=(version.sections[0], replace(last, items=straight)))
    found = {rule: value for _, rule, value, _, high in version_findings([version], base) if value > high}
    assert found == {"version: longest run of one key": 5}


def base_order(entry: FormItem) -> str:
    """Return an order that prints the key as A."""
    key = str(entry.marked["key"])
    return key + "".join(letter for letter in "ABCD" if letter != key)


def test_a_version_without_its_paper_stands_for_it() -> None:
    base, second, third = tiny_versions(dozen(versions=3)[0])
    assert families((second, base, third)) == ((base, (second, third)),)
    assert families((second, third)) == ((second, (third,)),)


def test_the_same_seed_gives_the_same_versions() -> None:
    blueprint = dozen(versions=3)[0]
    assert tiny_versions(blueprint) == tiny_versions(blueprint)
    other = tiny_versions(replace(blueprint, seed=9))
    assert [form.base_places for form in tiny_versions(blueprint)[1:]] != [form.base_places for form in other[1:]]
    assert np.unique([form.base_places for form in other[1:]], axis=0).shape[0] == 2
