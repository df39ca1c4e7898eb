"""What stands in the counts of a scoring: nobody is lost between registered and absent, whatever the answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from hypothesis import given, settings

from qbank.core.responses import NOT_MARKED, STANDINGS
from qbank.core.tally import Tally
from qbank.workflow.scoring import ScoredSitting
from qbank.workflow.scoring_run import result_rows
from tests.kinds.test_marks import Case, cases, sat, scored


def counted(case: Case) -> tuple[Any, list[Tally]]:
    responses = sat(case.forms, case.rows)
    scores = scored(case.forms, responses, case.rules, credited=case.credited, dropped=case.dropped)
    stored = SimpleNamespace(responses=responses, record=SimpleNamespace(cut=3.0))
    rows = result_rows(cast(ScoredSitting, SimpleNamespace(stored=stored, scores=scores, forms=case.forms, cut=np.full(len(responses.persons), 3.0))))
    return scores, [
        Tally(r.registered, r.present, r.void, r.withheld, r.waiting, r.passed, r.sum, r.sum_of_squares, r.bands) for r in rows
    ]


@given(cases())
@settings(max_examples=60, deadline=None)
def test_the_counts_add_up_to_the_registered_and_absent_is_who_stands_as_absent(case: Case) -> None:
    scores, tallies = counted(case)
    standing = [word for _, word, _ in case.rows]
    waits = [
        word == "present" and bool(np.isnan(total)) and NOT_MARKED in cells.values()
        for (_, word, cells), total in zip(case.rows, scores.total, strict=True)
    ]
    names = ("present", "waiting", "absent", "void", "withheld")
    assert sum(one.registered for one in tallies) == len(case.rows)
    assert sum(getattr(one, name) for one in tallies for name in names) == len(case.rows)
    for name in STANDINGS[1:]:
        assert sum(getattr(one, name) for one in tallies) == standing.count(name), name
    assert sum(one.waiting for one in tallies) == sum(waits)
    assert sum(one.present for one in tallies) == standing.count("present") - sum(waits)
    assert all(sum(one.bands) == one.present for one in tallies)
