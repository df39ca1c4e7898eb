"""Rules over a whole bank; a rule's docstring is its page in the manual.

`RULES` maps the rule's name to its function: bank, positions of its items, declared ids → problems.
"""

from __future__ import annotations

from qbank.lint.relations import (
    competency_of_another_level,
    enemy_unknown,
    item_without_reason,
    level_outside_standard,
    unbalanced_mathematics,
    unknown_competency,
)
from qbank.lint.rule import Rule, RuleInput
from qbank.lint.syllabus import (
    competency_levels,
    importance_shares,
    prerequisite_cycle,
    too_few_competencies,
    unknown_prerequisite,
    weight_on_unexamined_level,
    weights_add_up,
)

RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        weights_add_up,
        weight_on_unexamined_level,
        competency_levels,
        unknown_prerequisite,
        prerequisite_cycle,
        too_few_competencies,
        importance_shares,
        unknown_competency,
        level_outside_standard,
        competency_of_another_level,
        enemy_unknown,
        unbalanced_mathematics,
        item_without_reason,
    )
}

__all__ = ["RULES", "Rule", "RuleInput"]
