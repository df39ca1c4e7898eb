"""Difficulties of small sittings, drawn towards the judged grades: for planning, never estimates."""

from __future__ import annotations

import numpy as np

from qbank.core.history import Planned
from qbank.irt import PlannedDifficulties, shrink
from qbank.irt.parameters import Calibration
from qbank.kinds.questions import find_question
from qbank.workflow.calibration.answers import Answers


def planned_of(answers: Answers) -> PlannedDifficulties | None:
    """Return planning difficulties of the items of right and wrong, where the bank has grades for them."""
    bank = answers.bank
    plain = np.array([not own.partial for own in answers.categories], dtype=np.bool_)
    items = [item for item, here in zip(answers.items, plain, strict=True) if here]
    known = [find_question(bank, item) if bank is not None else None for item in items]
    grades = np.array([np.nan if found is None else float(found[0].grade) for found in known])
    if answers.scores.shape[0] < 2 or np.unique(grades[np.isfinite(grades)]).size < 2:
        return None
    prints = [found for found, here in zip(answers.fingerprints, plain, strict=True) if here]
    planned = shrink(answers.scores[:, plain], grades, items=items, fingerprints=prints)
    return planned if planned.converged else None


def planned_rows(plan: PlannedDifficulties, fit: Calibration, sitting: str) -> tuple[Planned, ...]:
    """Return planning difficulties as the ledger keeps them: on the scale of the sitting's calibration.

    Planning puts those who sat at mean 0 with a spread of their own, the calibration at the mean and the spread that it
    found: a difficulty b becomes mean + (sd / own sd) b, and the slope, 1 there, own sd / sd.
    """
    mean, sd = float(np.mean(fit.ability_mean)), float(np.mean(fit.ability_sd))
    unit = sd / plan.ability_sd if plan.ability_sd > 0 and sd > 0 else 1.0
    return tuple(
        Planned(
            item, plan.fingerprints[n], float(plan.grades[n]), 1.0 / unit, mean + unit * float(plan.difficulties[n]),
            unit * float(plan.errors[n]), float(plan.facility[n]), float(plan.facility_low[n]),
            float(plan.facility_high[n]), int(plan.n_answers[n]), sitting, fit.parameters.scale,
        )
        for n, item in enumerate(plan.items)
        if plan.n_answers[n]
    )  # fmt: skip
