"""sitting mark: a paper that turns out to be void, withheld, or of somebody who was not there."""

from __future__ import annotations

from dataclasses import replace

from qbank.core.responses import Standing
from qbank.ledger import Marked, find_person, mark_person, stages_of
from qbank.problem import Problem, Span, error
from qbank.workflow.workspace import Workspace


def mark_standing(
    id: str, person: str, standing: Standing, workspace: Workspace, *, why: str, who: str = ""
) -> tuple[Marked | None, list[Problem]]:
    """Change what the paper of one person counts as; ``person`` is the number, the document or the pseudonym."""
    if not workspace.has_ledger():
        return None, [error("L102", Span(id), id=id)]
    opened = workspace.open()
    try:
        ledger = replace(opened, who=who) if who else opened
        if not stages_of(ledger, id):
            return None, [error("L102", Span(id), id=id)]
        found = find_person(ledger, id, person)
        if not found:
            return None, [error("H110", Span(id), id=id, person=person)]
        if len(found) > 1:
            # the file's row is what a person at the desk can look up; it says nobody's name
            rows = ", ".join(
                f"{place.part or '-'}:{place.position + 1} {one.person}" for one in found for place in one.places
            )
            return None, [error("H111", Span(id), id=id, person=person, n=len(found), rows=rows)]
        return mark_person(ledger, id, found[0], standing, why), []
    finally:
        opened.close()
