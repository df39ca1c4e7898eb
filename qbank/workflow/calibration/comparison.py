"""Which model a sitting supports."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from qbank.irt import Comparison, compare
from qbank.problem import Problem, has_errors
from qbank.workflow.calibration.answers import Request, read_answers
from qbank.workflow.calibration.limits import COMPARED
from qbank.workflow.repeaters import Choice
from qbank.workflow.workspace import Workspace


def compare_models(
    id: str, workspace: Workspace, *, repeaters: Choice = "exclude", bank_path: Path | None = None
) -> tuple[Comparison | None, list[Problem]]:
    """Say which model a sitting supports, items with partial credit beside it by pcm or gpcm. Nothing is stored."""
    answers, problems = read_answers(id, workspace, bank_path, Request("2pl", None, repeaters))
    if answers is None or has_errors(problems):
        return None, problems
    found = compare(
        answers.scores,
        COMPARED,
        n_options=np.nan_to_num(answers.n_options) if answers.bank is not None else None,
        groups=answers.groups,
        items=answers.items,
        errors="none",
        design="spiralled",
    )
    return found, problems
