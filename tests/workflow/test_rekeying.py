"""What is asked of a scoring run, held against the papers, and what decisions make of it: conditions one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qbank.core.form import Form, FormItem, form_items
from qbank.core.scoring_changes import Changes, Rekey, changes_record
from qbank.kinds.marking import printed_markings, remarked
from qbank.ledger import Decision, Scoring
from qbank.problem import Problem
from qbank.workflow.decided import decided_changes, with_decided
from qbank.workflow.rekeying import Asked, read_asked
from qbank.workflow.scoring_run import _left_out
from tests.workflow.places import prepared


def with_items(form: Form, *items: FormItem) -> Form:
    """Return a paper of these questions in one section."""
    return replace(form, sections=(replace(form.sections[0], items=items),))


@pytest.fixture(scope="module")
def entry() -> FormItem:
    """Return a question of one right letter whose key is A."""
    found = next(one for one in form_items(prepared().forms[0]) if one.kind == "single" and "B" in one.order)
    return replace(found, marked={**found.marked, "key": "A"})


@pytest.fixture(scope="module")
def form(entry: FormItem) -> Form:
    other = replace(entry, id="OTHER", fingerprint="o.1")
    return with_items(prepared().forms[0], entry, other)


def asked(form: Form | tuple[Form, ...], asked: Asked, bank: tuple[Rekey, ...] = ()) -> tuple[Changes, list[Problem]]:
    forms = form if isinstance(form, tuple) else (form,)
    return read_asked(asked, "s", forms, printed_markings(forms), bank)


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def of_bank(entry: FormItem, key: str, item: str = "") -> Rekey:
    return Rekey(item or entry.id, "", key, ({**entry.marked, "key": key},), "bank.1", "bank")


def test_an_item_can_be_asked_for_in_one_way_only_and_once(form: Form, entry: FormItem) -> None:
    assert codes(asked(form, Asked(rekey=(f"{entry.id}=B",), drop=(entry.id,)))[1]) == ["M107"]
    assert codes(asked(form, Asked(drop=("OTHER",), credit=("OTHER",)))[1]) == ["M107"]
    assert codes(asked(form, Asked(rekey=(f"{entry.id}=B", f"{entry.id}=C")))[1]) == ["M107"]
    changes, problems = asked(form, Asked(drop=("OTHER", "OTHER")))
    assert not problems and changes.drop == ("OTHER",)


def test_a_key_asked_for_by_name_goes_before_that_of_the_bank(form: Form, entry: FormItem) -> None:
    bank = (of_bank(entry, "C"), of_bank(entry, "D", "OTHER"))
    changes, problems = asked(form, Asked(rekey=(f"{entry.id}=B",), corrected=True), bank)
    assert not problems and {(one.item, one.words, one.source) for one in changes.rekey} == {
        (entry.id, "B", "asked"), ("OTHER", "D", "bank"),
    }  # fmt: skip
    assert asked(form, Asked(), bank)[0] == Changes()


def test_a_paper_is_named_whole_or_not_at_all(form: Form, entry: FormItem) -> None:
    for written in (f"{entry.id}@=B", f"{entry.id}@ =B", f"{entry.id}=", "=B", entry.id):
        assert codes(asked(form, Asked(rekey=(written,)))[1]) == ["M102"], written
    changes, problems = asked(form, Asked(rekey=(f"{entry.id}@{form.id}=B",)))
    assert not problems and [(one.item, one.paper) for one in changes.rekey] == [(entry.id, form.id)]


def test_the_revision_with_another_key_is_that_of_the_bank_where_it_has_just_this_key(form: Form, entry: FormItem) -> None:
    bank = (of_bank(entry, "B"),)
    for key, fingerprint in (("B", "bank.1"), ("C", remarked(entry.fingerprint, 0, ({**entry.marked, "key": "C"},)))):
        changes, _ = asked(form, Asked(rekey=(f"{entry.id}={key}",)), bank)
        assert [one.fingerprint for one in changes.rekey] == [fingerprint]


def test_a_template_drawn_apart_on_two_papers_needs_a_key_for_each(form: Form, entry: FormItem) -> None:
    two = with_items(replace(form, id="second"), replace(entry, variant=7))
    assert codes(asked((form, two), Asked(rekey=(f"{entry.id}=B",)))[1]) == ["M106"]
    assert codes(asked((form, with_items(two, entry)), Asked(rekey=(f"{entry.id}=B",)))[1]) == []


def test_a_paper_is_empty_when_nothing_that_counts_is_left(form: Form, entry: FormItem) -> None:
    tried = replace(entry, id="TRIED", scored=False, marks=0.0, worth=1.0)
    nothing = replace(entry, id="NOTHING", marks=0.0)
    paper = with_items(form, entry, tried, nothing)
    assert codes(asked(paper, Asked(drop=(entry.id,)))[1]) == ["M108"]
    assert codes(asked(paper, Asked(drop=("TRIED", "NOTHING")))[1]) == []


def decision(entry: FormItem, verdict: str, named: str = "", fingerprint: str = "") -> Decision:
    return Decision("s", entry.id, fingerprint or entry.fingerprint, verdict, "", "", "", named)  # type: ignore[arg-type]


def test_the_last_decision_on_the_revision_that_was_printed_holds(form: Form, entry: FormItem) -> None:
    printed = printed_markings((form,))
    earlier = decision(entry, "drop")
    for later, expected in (
        (decision(entry, "credit"), Changes(decided=(entry.id,))), (decision(entry, "keep"), Changes()),
        (decision(entry, "credit", fingerprint="other.1"), Changes(decided_drop=(entry.id,))),
        (decision(entry, "enemy", "OTHER"), Changes(decided_drop=(entry.id,))),
    ):  # fmt: skip
        assert decided_changes([earlier, later], "s", (form,), printed, ()) == expected
    keyed = decided_changes([earlier, decision(entry, "accept", "B")], "s", (form,), printed, ())
    assert [(one.item, [key["key"] for key in one.accepted], one.source) for one in keyed.rekey] == [(entry.id, ["A", "B"], "decided")]


def test_a_decision_goes_before_what_was_asked_but_what_was_dropped_stays_dropped(form: Form, entry: FormItem) -> None:
    key = Rekey(entry.id, "", "B", ({"key": "B"},), "a.b", "asked")
    old = replace(key, item="OLD", source="decided")
    former = Changes((key, old), drop=("OTHER",), credit=("CREDITED", entry.id))
    assert with_decided(former, Changes(decided=(entry.id,), decided_drop=("OTHER",))) == Changes(
        (), ("OTHER",), ("CREDITED",), (entry.id,), ("OTHER",)
    )
    again = replace(key, words="C", source="decided")
    assert with_decided(former, Changes((again,))) == Changes((again,), ("OTHER",), ("CREDITED",))


def test_only_what_was_asked_for_by_name_is_missed_in_the_next_run(entry: FormItem) -> None:
    key = Rekey("ASKED", "", "B", ({"key": "B"},), "a.b", "asked")
    record = changes_record(Changes((key, replace(key, item="DECIDED", source="decided")), drop=("DROPPED",), credit=("CREDITED",)))
    run = Scoring("s", 3, "", "", "", True, {}, record, (), 10)
    [problem] = _left_out("s", [run], Changes(decided=("CREDITED",)))
    assert (problem.code, dict(problem.facts)["items"], dict(problem.facts)["number"]) == ("M117", "ASKED, DROPPED", "3")
    assert _left_out("s", [run], Changes((key,), drop=("DROPPED", "CREDITED"))) == [] == _left_out("s", [], Changes())
