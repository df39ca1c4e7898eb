"""Rules over items and over a whole bank; a rule's docstring is its page in the manual.

`ITEM_RULES` and `BANK_RULES` map a rule's name to its function; `RULES` holds both.
"""

from __future__ import annotations

from qbank.lint.items import (
    competency_of_another_level,
    item_without_reason,
    level_outside_standard,
    unbalanced_mathematics,
    unknown_competency,
)
from qbank.lint.relations import enemy_unknown
from qbank.lint.rule import ItemInput, ItemRule, Rule, RuleInput
from qbank.lint.syllabus import (
    competency_levels,
    importance_shares,
    prerequisite_cycle,
    too_few_competencies,
    unknown_prerequisite,
    weight_on_unexamined_level,
    weights_add_up,
)

ITEM_RULES: dict[str, ItemRule] = {
    rule.__name__: rule
    for rule in (
        unknown_competency,
        level_outside_standard,
        competency_of_another_level,
        unbalanced_mathematics,
        item_without_reason,
    )
}

BANK_RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        weights_add_up,
        weight_on_unexamined_level,
        competency_levels,
        unknown_prerequisite,
        prerequisite_cycle,
        too_few_competencies,
        importance_shares,
        enemy_unknown,
    )
}

RULES: dict[str, ItemRule | Rule] = {**BANK_RULES, **ITEM_RULES}

__all__ = ["BANK_RULES", "ITEM_RULES", "RULES", "ItemInput", "ItemRule", "Rule", "RuleInput"]
