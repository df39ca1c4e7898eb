"""Which questions of their papers persons had in earlier sittings, and how many the blueprint allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qbank.core.form import Form, answer_places, form_items
from qbank.files.blueprint import read_blueprint
from qbank.files.forms import parse_form
from qbank.ledger import read_sitting
from qbank.ledger.seen import Seen, sat_before, seen_items
from qbank.problem import Problem, Span, warning
from qbank.workflow.paper_files import find_blueprint
from qbank.workflow.workspace import Workspace


def allowed_overlap(form: Form, workspace: Workspace) -> int:
    """Return how many questions a person may have had before: ``overlap: {max: N}`` of the paper's blueprint, else 0.

    Rules on papers of the past (``with``, ``since``) bound papers, not persons.
    """
    path = find_blueprint(form, workspace)
    blueprint = read_blueprint(path)[0] if path is not None else None
    for rule in blueprint.rules if blueprint is not None else ():
        if rule.word == "overlap" and isinstance(rule.value, dict) and not {"with", "since"} & rule.value.keys():
            most = rule.value.get("exact", rule.value.get("max"))
            return most if isinstance(most, int) else 0
    return 0


def seen_before(id: str, workspace: Workspace) -> list[Problem]:
    """Return a warning where persons of a stored sitting had more questions of their paper before than are allowed."""
    ledger = workspace.open()
    try:
        again = sat_before(ledger, id)
        stored = read_sitting(ledger, id) if again else None
        if stored is None:
            return []
        forms = tuple(form for source in stored.papers if (form := parse_form(source, id)[0]) is not None)
        rows = np.flatnonzero(np.isin(stored.responses.persons, again))
        persons = [stored.responses.persons[row] for row in rows]
        shared = shared_questions(forms, seen_items(ledger, persons, answers_of(forms), without=id))
    finally:
        ledger.close()
    position = {form.id: n for n, form in enumerate(forms)}
    own = np.array([position[stored.responses.forms[n]] for n in stored.responses.form[rows]], dtype=np.intp)
    sat = stored.responses.standing[rows] != 1
    n_shared = shared[np.arange(rows.size), own]
    most = np.array([allowed_overlap(form, workspace) for form in forms])[own]
    over = sat & (n_shared > most)
    if not over.any():
        return []
    return [warning("H220", Span(id), n=int(over.sum()), of=int(rows.size), most=int(n_shared[over].max()), allowed=int(most[over].min()))]


def shared_questions(forms: Sequence[Form], seen: Seen) -> NDArray[np.int64]:
    """Return how many questions of each paper each person had before, (n_persons, n_forms); a case counts once."""
    column = {item: n for n, item in enumerate(seen.items)}
    shared = np.zeros((len(seen.persons), len(forms)), dtype=np.int64)
    for n, form in enumerate(forms):
        for entry in form_items(form):
            places = [column[place.id] for place in (entry.parts or (entry,))]
            shared[:, n] += seen.seen[:, places].any(axis=1)
    return shared


def answers_of(forms: Sequence[Form]) -> tuple[str, ...]:
    """Return the ids of all questions of papers that ask for an answer."""
    return tuple(dict.fromkeys(entry.id for form in forms for entry in answer_places(form)))
