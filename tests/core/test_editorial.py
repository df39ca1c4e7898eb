"""Steps through the editorial office: where they lead, and which of them cannot be right."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.core.editorial import ROLES, TRANSITIONS, Person, Workflow, allowed_from, follow
from qbank.core.item import Status, Step

STATUSES: tuple[Status, ...] = get_args(Status)
PEOPLE = {
    "wang": Person("wang", "王工", frozenset({"writer"})),
    "zhao": Person("zhao", "赵工", frozenset({"writer", "reviewer"})),
    "qian": Person("qian", "钱工", frozenset({"reviewer"})),
    "li": Person("li", "李工", frozenset({"reviewer", "approver"})),
    "sun": Person("sun", "孙工", frozenset({"approver"})),
    "old": Person("old", "老周", frozenset(ROLES), until="2025-12-31"),
}
RULES = Workflow(PEOPLE)


def steps(*words: str, on: str = "2026-11-20") -> tuple[Step, ...]:
    """Return steps from words such as ``approved by li`` or ``approved by li of b``; the revision is ``a`` else."""
    found = []
    for word in words:
        to, _, rest = word.partition(" by ")
        by, _, revision = rest.partition(" of ")
        found.append(Step(to, by, on, fingerprint=(revision or "a") if to == "approved" else ""))  # type: ignore[arg-type]
    return tuple(found)


def codes(*words: str, workflow: Workflow | None = RULES, author: str = "wang") -> list[tuple[int, str]]:
    return [(fault.step, fault.code) for fault in follow(steps(*words), workflow, author).faults]


def test_the_straight_way_has_no_fault() -> None:
    way = ("in_review by wang", "approved by li", "live by li", "suspended by qian", "live by li", "released by sun", "retired by li")
    assert codes(*way) == []
    assert follow(steps(*way), RULES, "wang").status == "retired"


def test_a_rejected_item_is_a_draft_again_and_must_be_signed_anew() -> None:
    rules = Workflow(PEOPLE, reviewers=2)
    way = ("in_review by wang", "approved by qian", "draft by zhao", "in_review by wang", "approved by li")
    standing = follow(steps(*way), rules, "wang")
    assert (standing.faults, standing.status, standing.approved) == ((), "in_review", "")
    assert follow(steps(*way, "approved by qian"), rules, "wang").status == "approved"


@pytest.mark.parametrize(
    ("way", "found"),
    [
        (("in_review by wang", "approved by wang"), [(1, "J105")]),
        (("in_review by nobody",), [(0, "J103")]),
        (("in_review by qian",), []),  # a log may begin late: back from live
        (("in_review by wang", "live by li"), [(1, "J106")]),
        (("in_review by wang", "approved by sun"), [(1, "J110")]),
        (("in_review by wang", "approved by qian", "approved by sun"), []),
        (("in_review by wang", "approved by qian", "approved by qian"), [(2, "J117")]),
        (("in_review by wang", "approved by qian", "approved by sun of b"), [(2, "J110")]),
        (("in_review by wang", "approved by old"), [(1, "J105")]),
        (("live by li", "released by li", "live by li"), [(2, "J111")]),
        (("live by li", "released by li", "retired by li", "in_review by wang"), [(3, "J111")]),
        (("live by li", "retired by li", "live by li"), [(2, "J106")]),
    ],
)
def test_a_step_that_cannot_be_taken_is_named(way: tuple[str, ...], found: list[tuple[int, str]]) -> None:
    assert codes(*way) == found


def test_four_eyes() -> None:
    way = ("in_review by zhao", "approved by zhao")
    assert codes(*way, author="zhao") == [(1, "J109")]
    assert codes(*way, author="") == [(1, "J113")]
    assert codes(*way, author="zhao", workflow=Workflow(PEOPLE, four_eyes=False)) == []


def test_two_signatures_of_the_same_revision_make_an_approval_in_either_order() -> None:
    rules = Workflow(PEOPLE, reviewers=2)
    for pair in (("approved by qian", "approved by li"), ("approved by li", "approved by qian")):
        standing = follow(steps("in_review by wang", *pair), rules, "wang")
        assert (standing.faults, standing.status, standing.approved) == ((), "approved", "a")
    other = follow(steps("in_review by wang", "approved by qian of b", "approved by li"), rules, "wang")
    assert (other.status, other.approved) == ("in_review", "")


def test_days_go_forward_and_exist() -> None:
    for days, code in ((("2026-11-20", "2026-11-19"), "J108"), (("2026-11-20", "2026-02-30"), "J112")):
        way = tuple(
            Step(to, by, on, fingerprint="a")  # type: ignore[arg-type]
            for to, by, on in zip(("in_review", "approved"), ("wang", "li"), days, strict=True)
        )
        assert [fault.code for fault in follow(way, RULES, "wang").faults] == [code]


@given(start=st.sampled_from(STATUSES), choices=st.lists(st.integers(0, 9), max_size=8))
def test_whatever_the_table_allows_has_no_fault_and_release_is_for_good(start: Status, choices: list[int]) -> None:
    """A walk along the table; people do not count without a workflow."""
    way: list[Step] = []
    status, released = start, start == "released"
    for choice in choices:
        if not (nexts := allowed_from(status)):
            break
        status = nexts[choice % len(nexts)]
        assert not released or status == "retired"
        released = released or status == "released"
        way.append(Step(status, "x", "2026-11-20", fingerprint="a"))
    standing = follow(way, None, start=start)
    assert standing.faults == () and standing.status == status


@given(pair=st.tuples(st.sampled_from(STATUSES), st.sampled_from(STATUSES)))
def test_whatever_the_table_does_not_hold_is_a_fault(pair: tuple[Status, Status]) -> None:
    start, to = pair
    standing = follow([Step(to, "x", "2026-11-20", fingerprint="a")], None, start=start)
    assert bool(standing.faults) == (pair not in TRANSITIONS)
