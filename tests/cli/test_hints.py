"""Problems as a person reads them."""

from __future__ import annotations

import json

import pytest

from qbank.cli.output import say_problems
from qbank.problem import Span, error


def test_a_hint_that_several_problems_in_a_row_share_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    missing = [error("A201", Span("plan.yaml", line), forms=2, n=1, bound=1) for line in (1, 2, 3)]
    other = error("A202", Span("plan.yaml", 4), n=2)
    say_problems([*missing, other, missing[0]], "en", "text")
    lines = capsys.readouterr().err.splitlines()
    assert [line.startswith("    hint: ") for line in lines] == [False, True, False, False, False, True, False, True]
    say_problems(missing, "en", "json")
    assert all(record["hint"] for record in json.loads(capsys.readouterr().out))
