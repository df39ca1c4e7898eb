"""Exposure follows the lineage of an item, its id: a comma does not reset it; what was found out about the text does."""

from __future__ import annotations

from qbank.assemble.uses import past_use
from qbank.core.form import form_items
from qbank.ledger import read_history
from qbank.ledger.item_history import item_history
from qbank.problem import has_errors
from qbank.workflow.bank import usable_bank
from qbank.workflow.papers import assemble_papers
from tests.workflow.places import Place, added, edit_item


def edited(place: Place) -> str:
    """Put a comma behind the stem of a question of the first paper; returns its id."""
    item = place.forms[0].sections[0].items[0].id
    before, _ = usable_bank(place.bank)
    edit_item(place, item, r"stem: (.*)$", r"stem: \1，")
    after, _ = usable_bank(place.bank)
    assert before is not None and after is not None
    assert before.items[item].stem != after.items[item].stem
    return item


def test_an_edited_question_keeps_its_uses(place: Place) -> None:
    added(place)
    item = edited(place)
    ledger = place.workspace.open()
    history = read_history(ledger)
    ledger.close()
    uses, persons = past_use(history, "2027-01-01", 24, same_day=True)
    other = place.forms[0].sections[0].items[1].id
    assert uses[item] == uses[other] == 1
    assert persons[item] == persons[other] > 100


def test_the_history_of_an_edited_question_goes_on(place: Place) -> None:
    added(place)
    item = place.forms[0].sections[0].items[0].id
    ledger = place.workspace.open()
    before = item_history(ledger, item)
    edited(place)
    after = item_history(ledger, item)
    ledger.close()
    assert before.n_seen == after.n_seen > 100


SMALL = """
blueprint: small
bank: ../banks/steelmaking
level: 4
forms: 1
minutes: 30
marks: 20
cut: 12
seed: 1
sections:
  - {title: 单项选择题, kind: single, items: 20, marks_each: 1}
constraints:
  - exposure: {max_uses: %d, within_months: 24}
"""


def test_an_edited_question_that_was_used_up_enters_no_paper(place: Place) -> None:
    added(place)
    item = edited(place)
    sat = {entry.id for form in place.forms for entry in form_items(form)}
    plan = place.root / "blueprints/small.yaml"
    drawn = []
    for most in (1, 2):
        plan.write_text(SMALL % most, "utf-8")
        made, problems = assemble_papers(plan, place.workspace, series=str(most), as_of="2027-01-01")
        assert made is not None and not has_errors(problems), problems
        drawn.append({entry.id for form in made.forms for entry in form_items(form)})
    assert item in sat and not drawn[0] & sat
    assert drawn[1] & sat  # one use more is free for all of them
