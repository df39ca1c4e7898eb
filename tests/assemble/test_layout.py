"""From chosen items to a paper: the order that a blueprint names, places that do not count, keys that do not run."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble import assemble
from qbank.assemble.layout import Arrangement, Heading, build_form
from qbank.assemble.pool import Pool, pool_for
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint, Order
from qbank.core.form import (
    Certificate,
    Form,
    answer_places,
    form_digest,
    form_items,
    full_marks,
    printed_letter,
)
from qbank.core.history import NO_HISTORY
from qbank.files.blueprint import read_blueprint
from qbank.files.forms import form_text, parse_form
from qbank.kinds import KINDS
from tests.assemble.samples import made_up_history, steelmaking, theory, tiny_bank, tiny_blueprint, tiny_item
from tests.assemble.test_arrange import longest
from tests.corpus import CORPUS

PROVED = Certificate(0.0, 0.0, 0.0, (), "by hand", "judged")
HEADING = Heading("1", "2026-11-23", "", "", "none")


def laid_out(
    blueprint: Blueprint, bank: Bank, *, unscored: tuple[str, ...] = (), arrangement: Arrangement | None = None
) -> Form:
    """Return the paper of all items of the bank, each in the first section of its kind."""
    pool: Pool = pool_for(blueprint, bank, NO_HISTORY, {})
    kinds = [section.kind for section in blueprint.sections]
    positions = np.arange(len(pool.ids))
    return build_form(
        blueprint, bank, pool, 0, PROVED, HEADING, positions=positions,
        sections=np.array([kinds.index(item.kind) for item in pool.items]),
        scored=np.array([id not in unscored for id in pool.ids]), arrangement=arrangement or Arrangement(),
    )  # fmt: skip


def dozen(**changed: object) -> tuple[Blueprint, Bank]:
    """Return a paper of ten true/false and five single-choice items that are the whole bank."""
    items = [tiny_item(n, kind="single" if n % 3 == 2 else "true_false") for n in range(15)]
    return tiny_blueprint(true_false=10, single=5, **changed), tiny_bank(items)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", ["domain", "grade", "facility"])
def test_the_questions_of_a_section_follow_each_other_by_the_rule(order: Order) -> None:
    bank = steelmaking()
    made, _ = assemble(replace(theory(), order=order), bank, made_up_history(bank))
    assert made is not None
    domains = [domain.code for domain in bank.standard.domains]
    position = {id: n for n, id in enumerate(made.setting.pool.ids)}
    measure = {
        "domain": lambda entry: domains.index(entry.domain),
        "grade": lambda entry: bank.items[entry.id].grade,
        "facility": lambda entry: -made.setting.pool.facility[position[entry.id]],
    }[order]
    for form in made.forms:
        for section in form.sections:
            found = [measure(entry) for entry in section.items]
            assert found == sorted(found)
            assert len(set(found)) > 1


def test_a_random_order_depends_on_the_seed_and_not_on_what_items_are_called() -> None:
    blueprint, bank = dozen(order="random")
    renamed = tiny_bank([replace(item, id=f"Z{99 - n}") for n, item in enumerate(bank.items.values())])
    stems = [[b.items[e.id].stem for e in form_items(laid_out(blueprint, b))] for b in (bank, renamed)]
    other = laid_out(replace(blueprint, seed=2), bank)
    assert stems[0] == stems[1]
    assert stems[0] != [bank.items[entry.id].stem for entry in form_items(other)]


@given(seed=st.integers(0, 50), order=st.sampled_from(["domain", "grade", "random"]))
@settings(max_examples=25, deadline=None)
def test_no_letter_is_the_key_of_four_questions_in_a_row_nor_is_true_where_chance_orders(seed: int, order: Order) -> None:
    items = [tiny_item(n, kind="single" if n < 20 else "true_false") for n in range(40)]
    form = laid_out(tiny_blueprint(true_false=20, single=20, seed=seed, order=order), tiny_bank(items))
    letters = [printed_letter(e.order, KINDS[e.kind].key_label(e.marked)) for e in answer_places(form) if e.order]
    assert longest(letters) <= 3
    if order == "random":
        judged = [str(entry.marked["key"]) for entry in answer_places(form) if entry.kind == "true_false"]
        assert longest(judged) <= 3


def test_a_section_that_must_rise_in_grade_keeps_its_run_of_true_statements() -> None:
    items = [tiny_item(n, grade=1 + n, body=tiny_item(0).body) for n in range(5)]
    form = laid_out(tiny_blueprint(true_false=5, single=0, order="grade"), tiny_bank(items))
    assert [entry.id for entry in form_items(form)] == [item.id for item in items]


def test_items_of_one_stimulus_stand_together_in_every_order() -> None:
    blueprint, bank = dozen()
    shared = {f"T-{n:02d}" for n in (0, 4, 9)}
    bank = tiny_bank([replace(item, stimulus="S" if item.id in shared else "") for item in bank.items.values()])
    for order in ("domain", "grade", "facility", "random"):
        form = laid_out(replace(blueprint, order=order), bank)
        runs = [key for key, _ in groupby(form_items(form), key=lambda entry: entry.id in shared)]
        assert runs.count(True) == 1


def test_an_item_with_a_fixed_place_stands_there() -> None:
    blueprint, bank = dozen()
    form = laid_out(blueprint, bank, arrangement=Arrangement(fixed={"T-07": 1, "T-08": 5}))
    assert form.sections[0].items[0].id == "T-07"
    assert form.sections[1].items[4].id == "T-08"


def test_an_unscored_place_carries_no_marks_but_what_it_would_be_worth_and_comes_back_from_its_file() -> None:
    blueprint, bank = dozen()
    form = laid_out(blueprint, bank, unscored=("T-02", "T-03"), arrangement=Arrangement(pretest={0: "end"}))
    entries = {entry.id: entry for entry in form_items(form)}
    assert [(entries[id].marks, entries[id].worth, full_marks(entries[id])) for id in ("T-02", "T-03", "T-05")] == [
        (0.0, 2.0, 2.0), (0.0, 1.0, 1.0), (2.0, 0.0, 2.0),
    ]  # fmt: skip
    assert form.sections[0].items[-1].id == "T-03"
    assert parse_form(form_text(form), "form.yaml") == (form, [])
    counted = replace(form.sections[0].items[-1], scored=True, marks=1.0, worth=0.0)
    section = replace(form.sections[0], items=(*form.sections[0].items[:-1], counted))
    assert form_digest(replace(form, sections=(section, form.sections[1]))) != form_digest(form)


def test_the_blueprint_names_the_order_and_the_number_of_versions(tmp_path: Path) -> None:
    source = (CORPUS / "blueprints" / "bof-4-theory.yaml").read_text("utf-8")
    path = tmp_path / "plan.yaml"
    path.write_text(source + "order: grade\nversions: 2\n", "utf-8")
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None
    assert (blueprint.order, blueprint.versions, problems) == ("grade", 2, [])
    path.write_text(source + "order: grad\nversions: 9\n", "utf-8")
    _, problems = read_blueprint(path)
    n = source.count("\n")
    assert [(problem.code, problem.span.line) for problem in problems] == [
        ("S104", n + 2), ("S105", n + 1),
    ]  # fmt: skip


def test_every_place_keeps_its_number_when_nothing_else_is_asked() -> None:
    form = laid_out(*dozen())
    domains = [entry.domain for entry in form.sections[0].items]
    assert all(a <= b for a, b in pairwise(domains))
