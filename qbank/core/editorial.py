"""An item's way through the editorial office: who may take which step, and where the steps taken have led.

``draft → in_review → approved → live → suspended → retired``; a rejected item goes back to draft, a live one may be
released for practice, and then it never stands in an examination again. The table `TRANSITIONS` is the whole of it.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qbank.core.item import Item, Status, Step

Role = Literal["writer", "reviewer", "approver"]
ROLES: tuple[Role, ...] = ("writer", "reviewer", "approver")
_ALL: frozenset[Role] = frozenset(ROLES)
_JUDGES: frozenset[Role] = frozenset({"reviewer", "approver"})
_APPROVER: frozenset[Role] = frozenset({"approver"})

TRANSITIONS: Mapping[tuple[Status, Status], frozenset[Role]] = {
    ("draft", "in_review"): frozenset({"writer"}),
    ("in_review", "draft"): _ALL,
    ("in_review", "approved"): _JUDGES,
    ("in_review", "retired"): _APPROVER,
    ("approved", "live"): _APPROVER,
    ("approved", "retired"): _APPROVER,
    ("approved", "draft"): _APPROVER,
    ("approved", "in_review"): _ALL,
    ("live", "suspended"): _JUDGES,
    ("live", "in_review"): _ALL,
    ("live", "released"): _APPROVER,
    ("live", "retired"): _APPROVER,
    ("suspended", "live"): _APPROVER,
    ("suspended", "in_review"): _ALL,
    ("suspended", "draft"): _APPROVER,
    ("suspended", "retired"): _APPROVER,
    ("released", "retired"): _APPROVER,
}
"""(from, to) → the roles that may take the step. Back to in_review: the item was changed and is to be approved anew."""

SIGNED: tuple[Status, ...] = ("approved", "live")
"""Statuses that stand on an approval of the present revision."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the editorial office; ``until`` is the last day on which the roles count, empty while they do."""

    id: str
    name: str
    roles: frozenset[Role]
    until: str = ""

    def may(self, roles: frozenset[Role], on: str) -> bool:
        """Return whether one of the roles was this person's on a day."""
        return bool(self.roles & roles) and (not self.until or on <= self.until)


@dataclass(frozen=True, slots=True)
class Workflow:
    """The editorial rules of a bank.

    people : by id, in the order of bank.yaml ; four_eyes : the author neither reviews nor approves ;
    reviewers : how many reviewers must have signed a revision before it is approved
    """

    people: Mapping[str, Person]
    four_eyes: bool = True
    reviewers: int = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """A step that cannot be right: which one (from 0), the problem's code, the key that is wrong, its facts."""

    step: int
    code: str
    key: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the steps have led.

    approved : the fingerprint that was approved last, and ``approved_on`` when ; signed : who has signed which
    revision since ; was_released : the item was made public once ; last : the last step ; late : where the first
    step leaves from is not known. After a step that cannot be right the next one is held against where it says to
    have led, so that one mistake is told once; nothing is approved by it
    """

    status: Status = "draft"
    approved: str = ""
    approved_on: str = ""
    signed: frozenset[tuple[str, str]] = frozenset()
    was_released: bool = False
    last: Step | None = None
    late: bool = False
    faults: tuple[Fault, ...] = field(default=())

    def reviewers(self, fingerprint: str) -> frozenset[str]:
        """Return who has signed this revision."""
        return frozenset(person for person, revision in self.signed if revision == fingerprint)


def allowed_from(status: Status) -> tuple[Status, ...]:
    """Return the statuses that one may be followed by.

    >>> allowed_from("released")
    ('retired',)
    """
    return tuple(to for start, to in TRANSITIONS if start == status)


def follow(
    steps: Sequence[Step], workflow: Workflow | None, author: str = "", *, start: Status | None = None
) -> Standing:
    """Return where the steps lead, with everything in them that cannot be right.

    start : where the first step leaves from; None where nobody knows, as a log may have been begun late. Without a
    ``workflow:`` people and roles are not held against anything, and one approval is enough.
    """
    standing = Standing(start or "draft", late=start is None)
    for n, step in enumerate(steps):
        faults = tuple(Fault(n, code, key, facts) for code, key, facts in _faults(standing, step, workflow, author))
        after = _after(standing, step, workflow) if not faults else dataclasses.replace(standing, status=step.to)
        standing = dataclasses.replace(
            after, last=step, faults=(*standing.faults, *faults),
            was_released=standing.was_released or step.to == "released", late=False,
        )  # fmt: skip
    return standing


def _after(standing: Standing, step: Step, workflow: Workflow | None) -> Standing:
    if step.to != "approved":
        signed = frozenset[tuple[str, str]]() if step.to in ("draft", "in_review") else standing.signed
        return dataclasses.replace(standing, status=step.to, signed=signed)
    signed = standing.signed | {(step.by, step.fingerprint)}
    if not is_approved(signed, step, workflow):
        return dataclasses.replace(standing, status="in_review", signed=signed)
    return dataclasses.replace(
        standing, status="approved", signed=signed, approved=step.fingerprint, approved_on=step.on
    )


def is_approved(signed: frozenset[tuple[str, str]], step: Step, workflow: Workflow | None) -> bool:
    """Return whether a step to approved completes the approval, or is one signature of several."""
    if workflow is None or step.by not in workflow.people:
        return True
    names = {name for name, revision in signed if revision == step.fingerprint} & {*workflow.people}
    by_approver = any("approver" in workflow.people[name].roles for name in names)
    return by_approver and _n_reviews(signed, step, workflow) >= workflow.reviewers


def _n_reviews(signed: frozenset[tuple[str, str]], step: Step, workflow: Workflow) -> int:
    """Return how many reviewers have signed the revision, the person of this step with them."""
    names = {name for name, revision in signed if revision == step.fingerprint} | {step.by}
    return sum("reviewer" in workflow.people[name].roles for name in names if name in workflow.people)


def _faults(
    standing: Standing, step: Step, workflow: Workflow | None, author: str
) -> Iterator[tuple[str, str, dict[str, str]]]:
    start = standing.status
    if standing.was_released and step.to not in ("released", "retired"):
        yield "J111", "to", {"to": step.to}
    elif (roles := _roles(standing, step)) is None:
        yield "J106", "to", {"start": start, "to": step.to, "allowed": ", ".join(allowed_from(start)) or "–"}
    elif workflow is not None:
        yield from _wrong_person(standing, step, workflow, author, roles)
    if not _is_day(step.on):
        yield "J112", "on", {"on": step.on}
    elif standing.last is not None and step.on < standing.last.on:
        yield "J108", "on", {"on": step.on, "before": standing.last.on}


def _roles(standing: Standing, step: Step) -> frozenset[Role] | None:
    """Return who may take the step, None where nobody may."""
    if standing.late:
        found = [roles for (_, to), roles in TRANSITIONS.items() if to == step.to]
        return frozenset[Role]().union(*found) if found else None
    return TRANSITIONS.get((standing.status, step.to))


def _wrong_person(
    standing: Standing, step: Step, workflow: Workflow, author: str, roles: frozenset[Role]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    person = workflow.people.get(step.by)
    if person is None:
        yield "J103", "by", {"name": step.by, "people": ", ".join(workflow.people)}
        return
    if not person.may(roles, step.on):
        wanted = ", ".join(role for role in ROLES if role in roles)
        yield "J105", "by", {"name": step.by, "to": step.to, "roles": wanted}
        return
    if step.to != "approved":
        return
    if not step.fingerprint:
        yield "J114", "to", {}
    if workflow.four_eyes and not author:
        yield "J113", "by", {"name": step.by}
    elif workflow.four_eyes and step.by == author:
        yield "J109", "by", {"name": step.by}
    elif step.by in standing.reviewers(step.fingerprint):
        yield "J117", "by", {"name": step.by}
    elif "reviewer" not in person.roles and (n := _n_reviews(standing.signed, step, workflow)) < workflow.reviewers:
        yield "J110", "by", {"name": step.by, "n": str(n), "need": str(workflow.reviewers)}


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def effective_status(item: Item, fingerprint: str, workflow: Workflow | None) -> Status:
    """Return what an item counts as: what was written, unless that stands on an approval that is not there.

    An approved or live item whose present revision nobody has approved counts as in_review; an item that was released
    once never counts as more than released. Without a ``workflow:`` the written status is believed.
    """
    if item.status not in SIGNED:
        return item.status
    if any(step.to == "released" for step in item.steps):
        return "released"
    if workflow is None:
        return item.status
    return item.status if follow(item.steps, workflow, item.author).approved == fingerprint else "in_review"


def changed_halves(approved: str, fingerprint: str) -> tuple[bool, bool]:
    """Return whether what candidates see and how answers are marked differ between two revisions.

    >>> changed_halves("a.b", "a.c")
    (False, True)
    """
    (seen, _, marked), (seen_now, _, marked_now) = approved.partition("."), fingerprint.partition(".")
    return seen != seen_now, marked != marked_now


CHANGED: Mapping[tuple[bool, bool], str] = {
    (True, True): "seen and marked", (True, False): "seen", (False, True): "marked", (False, False): "the record",
}  # fmt: skip
"""The word for what `changed_halves` finds."""
