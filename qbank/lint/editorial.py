"""Rules over the steps that items have taken through the editorial office."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from qbank.core.bank import Bank
from qbank.core.editorial import CHANGED, SIGNED, Fault, Standing, changed_halves, effective_status, follow
from qbank.core.item import Item
from qbank.lint.rule import RuleInput
from qbank.problem import Problem, Span, error, warning


def unapproved_revision(given: RuleInput) -> Iterator[Problem]:
    """J101: under a ``workflow:`` an approved or live item stands on an approval of its present revision.

    A stem, an option or a key that was changed after the approval makes another revision: the item counts as
    in_review and enters no paper until it is approved anew (J101). J102: its ``log:`` holds no approval at all.
    A corrected rationale or reference changes nothing.
    """
    bank = given.bank
    for id, item in bank.items.items() if bank.workflow else ():
        if item.status not in SIGNED or effective_status(item, bank.fingerprints[id], bank.workflow) != "in_review":
            continue
        standing = follow(item.steps, bank.workflow, item.author)
        place = given.place(id, "status")
        if standing.approved:
            what = CHANGED[changed_halves(standing.approved, bank.fingerprints[id])]
            yield warning("J101", place, id=id, status=item.status, on=standing.approved_on, what=what)
        else:
            yield warning("J102", place, id=id, status=item.status)


def impossible_step(given: RuleInput) -> Iterator[Problem]:
    """J103: every step of a ``log:`` is one that could be taken.

    The step leads on from the one before (draft → in_review → approved → live → suspended → retired, and live →
    released), on a day that is not before it, by somebody whom bank.yaml names and whose role it is; the author
    neither reviews nor approves. An item that was released once never goes live again. The code says what is wrong:
    J103 nobody of that name, J105 not their role, J106 no such transition, J108 and J112 the day, J109 the author,
    J110 signatures missing, J111 released before, J113 no author, J114 no fingerprint, J117 signed already.
    """
    for id, item in given.bank.items.items():
        if item.steps:
            for fault in _standing(given.bank, item).faults:
                yield fault_problem(fault, given.place(id, "log", fault.step, fault.key))


def fault_problem(fault: Fault, span: Span) -> Problem:
    """Return a step that cannot be right as a problem at a place."""
    facts = dict(fault.facts)
    if fault.code == "J103":
        near = difflib.get_close_matches(facts["name"], facts["people"].split(", "), n=1)
        facts["suggestion"] = near[0] if near else ""
    return Problem(fault.code, "error", span, tuple(facts.items()))


def status_against_log(given: RuleInput) -> Iterator[Problem]:
    """J107: the written status is where the steps of the ``log:`` have led.

    Bad: ``status: live`` over a log whose last step is ``to: in_review``. Change a status with ``qbank status``, which
    writes both. Without a ``workflow:`` this is a warning.
    """
    for id, item in given.bank.items.items():
        if not item.steps:
            continue
        standing = _standing(given.bank, item)
        if standing.status != item.status and not standing.faults:
            report = error if given.bank.workflow else warning
            yield report("J107", given.place(id, "status"), id=id, status=item.status, reached=standing.status)


def unknown_author(given: RuleInput) -> Iterator[Problem]:
    """J104: under a ``workflow:`` the author of an item is one of its people.

    Otherwise nobody can tell who must not review it. Those who have left stay under ``people:`` with ``until:``.
    """
    workflow = given.bank.workflow
    for id, item in given.bank.items.items() if workflow else ():
        if item.author and workflow and item.author not in workflow.people:
            near = difflib.get_close_matches(item.author, workflow.people, n=1)
            yield error("J104", given.place(id, "author"), name=item.author, suggestion=near[0] if near else "")


def _standing(bank: Bank, item: Item) -> Standing:
    return follow(item.steps, bank.workflow, item.author)
