"""``workflow:`` of bank.yaml → the editorial rules of the bank."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.editorial import Person, Workflow
from qbank.files.standard import Code
from qbank.files.yaml_text import Node, locate
from qbank.problem import Problem, Span, error


class PersonText(Authored):
    """One entry of ``people:``."""

    name: FilledText
    roles: Many[Literal["writer", "reviewer", "approver"]] = ()
    until: Annotated[WrittenText, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = ""


class WorkflowText(Authored):
    """``workflow:``, who takes which step, and how many signatures an approval needs."""

    people: Annotated[dict[Code, PersonText], Field(min_length=1)]
    four_eyes: bool = True
    reviewers: Annotated[int, Field(ge=0, le=9)] = 1


def make_workflow(text: WorkflowText) -> Workflow:
    """Return the rules as a record."""
    people = {
        id: Person(id, person.name, frozenset(person.roles), person.until) for id, person in text.people.items()
    }
    return Workflow(people, text.four_eyes, text.reviewers)


def check_workflow(workflow: Workflow, node: Node, path: str) -> list[Problem]:
    """Return what makes an approval impossible for everybody; ``node`` is that of bank.yaml."""
    problems = []
    n_reviewers = sum("reviewer" in person.roles for person in workflow.people.values())
    if n_reviewers < workflow.reviewers:
        span = Span(path, *locate(node, ("workflow", "reviewers")))
        problems.append(error("J118", span, need=workflow.reviewers, n=n_reviewers))
    if not any("approver" in person.roles for person in workflow.people.values()):
        problems.append(error("J119", Span(path, *locate(node, ("workflow", "people")))))
    return problems
