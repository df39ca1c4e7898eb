"""From what qbank.yaml says under ``analysis:`` to the settings of an analysis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qbank.analysis import AnalysisSettings, DifSettings, EquatingSettings, Thresholds, Tiers
from qbank.core.analysis_rules import AnalysisRules
from qbank.core.authored import Authored


def analysis_settings(rules: AnalysisRules) -> AnalysisSettings:
    """Return the settings that `analyse`, review, gate and equating share.

    >>> from qbank.core.analysis_rules import PersonsRules
    >>> analysis_settings(AnalysisRules(persons=PersonsRules(dif_from=400))).thresholds.tiers.needs("dif")
    400
    """
    dif = rules.dif
    equating = EquatingSettings(**_numbers(rules.equating))
    if "seed" in rules.model_fields_set:
        equating = replace(equating, seed=int(rules.seed))
    return AnalysisSettings(
        thresholds=Thresholds(**_numbers(rules.flags), tiers=Tiers(**_numbers(rules.persons)), confidence=float(rules.confidence)),
        dif=DifSettings(alpha=float(dif.alpha), purify_by=dif.purify_by, correction=dif.correction, max_steps=int(dif.max_steps)),
        equating=equating,
        reference=dict(dif.reference),
        focal=dict(dif.focal),
        ability_groups=int(rules.ability_groups),
        seed=int(rules.seed),
    )


def _numbers(rules: Authored) -> dict[str, Any]:
    """Return numbers as such, without how they were written."""
    return {name: int(value) if isinstance(value, int) else float(value) for name, value in rules.model_dump().items()}
