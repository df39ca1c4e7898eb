"""What a blueprint asks of a bank that does not have it, as far as that can be counted without a solver."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.constraints.between import worn_items
from qbank.assemble.constraints.pretest import PretestRule
from qbank.assemble.plausible import Reading, unknown_names
from qbank.assemble.rules import Bounds, Compiled, Within, limit, selected_items
from qbank.assemble.setting import Setting
from qbank.problem import Problem, error, warning


def lacking(setting: Setting) -> list[Problem]:
    """Return the sections for which the bank has too few items, the rules whose expression no item satisfies, and
    the items and papers that rules name and that are not there.

    Where papers may share nothing every paper needs items of its own. What several rules together ask for only the
    solver can tell.
    """
    read = Reading(setting.blueprint, setting.bank, setting.pool, setting.candidates)
    unknown = unknown_names(setting.rules, read, setting.past)
    return [*unknown, *_places(setting), *(found for rule in setting.rules for found in _matches(rule, setting))]


def _places(setting: Setting) -> Iterator[Problem]:
    """Yield the kinds of places for which there are too few items, without those that are worn or excluded."""
    blueprint, candidates = setting.blueprint, setting.candidates
    usable = np.ones(len(setting.pool.ids), dtype=np.bool_)
    for rule in setting.rules:
        if rule.word == "exposure":
            usable &= ~worn_items(rule, setting.pool, setting.history, setting.as_of, same_day=setting.same_day)
    apart = any(
        rule.word == "overlap" and not rule.value.of_past and rule.value.high == 0 for rule in setting.rules
    ) and not any(rule.word == "anchor" for rule in setting.rules)
    papers = blueprint.n_forms if apart else 1
    for index, role in enumerate(candidates.roles):
        has = int(usable[candidates.item[candidates.role == index]].sum())
        section = blueprint.sections[role.section]
        if role.rule < 0 and has < section.items * papers:
            yield error("P145", section.span, title=section.title, has=has, items=section.items, papers=papers)
        elif role.rule >= 0 and blueprint.rules[role.rule].word == "pretest":
            rule = next(rule for rule in setting.rules if rule.index == role.rule)
            assert isinstance(rule.value, PretestRule)
            if has < rule.value.items * papers:
                yield error("P146", rule.span, rule=rule.label, has=has, items=rule.value.items, papers=papers)


def _matches(rule: Compiled, setting: Setting) -> Iterator[Problem]:
    """Yield the expressions of a rule that no item of the pool satisfies: an error where some must, else news."""
    place = setting.blueprint.rules[rule.index].place
    for key in CONSTRAINTS[rule.word].expressions:
        if key in rule.expressions and not selected_items(rule, setting.pool, key).any():
            written = isinstance(rule.value, Within | Bounds) and key in rule.value.model_fields_set
            if not written and key == "where" and getattr(rule.value, "where", None) in ("True", None):
                continue
            least = limit(getattr(rule.value, "min", None), 1.0, 0.0) if key in ("where", "then") else 0.0
            certain = rule.word in ("count", "marks", "sum") or (rule.word == "share" and "among" not in rule.value.model_fields_set)
            report = error if least > 0 and certain else warning
            yield report("P147", place(key, inside=True), rule=rule.label, expression=rule.expressions[key].text)
