"""Rules over items and over a whole bank; a rule's docstring is its page in the manual.

`ITEM_RULES` and `BANK_RULES` map a rule's name to its function; `RULES` holds both and those over the comments that
accept findings. A docstring begins with the code that the rule reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from qbank.core.presentation import Language
from qbank.core.standard import Standard
from qbank.core.stimulus import Stimulus
from qbank.lint.answer_keys import (
    key_positions,
    key_runs,
    longest_is_key_often,
    same_number_of_keys,
    true_share,
)
from qbank.lint.copies import near_duplicate
from qbank.lint.cues import answer_in_another_stem
from qbank.lint.editorial import impossible_step, status_against_log, unapproved_revision, unknown_author
from qbank.lint.formulae import command_outside_mathematics, unreadable_chemistry
from qbank.lint.items import (
    competency_of_another_level,
    item_without_reason,
    level_outside_standard,
    unbalanced_braces,
    unbalanced_mathematics,
    unknown_competency,
)
from qbank.lint.options import (
    all_of_the_above,
    combined_options,
    mixed_units,
    none_of_the_above,
    numbers_out_of_order,
    overlapping_ranges,
    same_options,
    uneven_options,
)
from qbank.lint.pictures import poor_alternative_text
from qbank.lint.provenance import stale_reference, standard_without_year, superseded_standard
from qbank.lint.punctuation import (
    formula_not_in_mathematics,
    look_alike_characters,
    punctuation_width,
    stray_spaces,
    traditional_characters,
    wide_characters,
)
from qbank.lint.relations import enemy_unknown, part_id_taken
from qbank.lint.rule import ItemInput, ItemRule, Rule, RuleInput
from qbank.lint.silence import OPT_OUT_RULES
from qbank.lint.stems import (
    blank_too_early,
    bracket_width,
    double_negative,
    gratuitous_length,
    several_blanks,
    unemphasised_negative,
    unfocused_stem,
)
from qbank.lint.stimuli import as_statement, stimulus_enemy_unknown, unknown_stimulus, unused_stimulus
from qbank.lint.syllabus import (
    competency_levels,
    importance_shares,
    prerequisite_cycle,
    prerequisite_of_higher_level,
    too_few_competencies,
    unknown_prerequisite,
    weight_on_unexamined_level,
    weights_add_up,
)
from qbank.lint.testwise import converging_options, key_repeats_stem, longest_option_is_key
from qbank.lint.true_false import compound_statement, question_to_be_judged
from qbank.lint.units import mixed_degree_signs, unit_spelling, units_outside_the_law
from qbank.lint.unwritten import is_stub, unwritten_item
from qbank.lint.wording import absolute_terms, article_cue, number_cue, vague_terms
from qbank.problem import Problem, Span

SOUNDNESS: tuple[ItemRule, ...] = (
    unknown_competency,
    level_outside_standard,
    competency_of_another_level,
    unbalanced_mathematics,
    unbalanced_braces,
    unreadable_chemistry,
    command_outside_mathematics,
    item_without_reason,
    unwritten_item,
)

_QUALITY: tuple[ItemRule, ...] = (
    all_of_the_above,
    none_of_the_above,
    combined_options,
    longest_option_is_key,
    key_repeats_stem,
    converging_options,
    numbers_out_of_order,
    mixed_units,
    overlapping_ranges,
    uneven_options,
    same_options,
    unemphasised_negative,
    double_negative,
    unfocused_stem,
    blank_too_early,
    bracket_width,
    several_blanks,
    gratuitous_length,
    absolute_terms,
    vague_terms,
    article_cue,
    number_cue,
    compound_statement,
    question_to_be_judged,
    punctuation_width,
    wide_characters,
    stray_spaces,
    traditional_characters,
    look_alike_characters,
    formula_not_in_mathematics,
    unit_spelling,
    mixed_degree_signs,
    units_outside_the_law,
    superseded_standard,
    standard_without_year,
    poor_alternative_text,
)
"""How an item is written; nobody edits a retired item any more, so they are left out there."""

ITEM_RULES: dict[str, ItemRule] = {rule.__name__: rule for rule in (*SOUNDNESS, *_QUALITY)}

BANK_RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        weights_add_up,
        weight_on_unexamined_level,
        competency_levels,
        unknown_prerequisite,
        prerequisite_cycle,
        prerequisite_of_higher_level,
        too_few_competencies,
        importance_shares,
        enemy_unknown,
        part_id_taken,
        unknown_stimulus,
        stimulus_enemy_unknown,
        unused_stimulus,
        key_positions,
        key_runs,
        true_share,
        longest_is_key_often,
        same_number_of_keys,
        answer_in_another_stem,
        stale_reference,
        unknown_author,
        impossible_step,
        status_against_log,
        unapproved_revision,
        near_duplicate,
    )
}

RULES: dict[str, Callable[..., Iterator[Any]]] = {**BANK_RULES, **ITEM_RULES, **OPT_OUT_RULES}


def item_findings(given: ItemInput) -> list[Problem]:
    """Return what every rule over one item finds."""
    rules = SOUNDNESS if given.item.status == "retired" or is_stub(given.item) else ITEM_RULES.values()
    return [problem for rule in rules for problem in rule(given)]


_TEXT_RULES: tuple[ItemRule, ...] = (
    unbalanced_mathematics,
    unbalanced_braces,
    unreadable_chemistry,
    command_outside_mathematics,
    punctuation_width,
    wide_characters,
    stray_spaces,
    traditional_characters,
    look_alike_characters,
    formula_not_in_mathematics,
    unit_spelling,
    mixed_degree_signs,
    units_outside_the_law,
    superseded_standard,
    standard_without_year,
    poor_alternative_text,
)
"""Rules that look at any text, not at a question; a stimulus obeys them too."""


def stimulus_findings(
    stimulus: Stimulus, standard: Standard, language: Language, place: Callable[..., Span]
) -> list[Problem]:
    """Return what the rules over texts find in the title and the text of a stimulus."""
    found: list[Problem] = []
    for key, words in (("title", stimulus.title), ("text", stimulus.text)):
        given = ItemInput(as_statement(stimulus, words), standard, language, lambda *steps, key=key, **where: place(key, **where))
        problems = [problem for rule in _TEXT_RULES for problem in rule(given)]
        found += [
            replace(problem, facts=tuple((name, key if fact == "stem" else fact) for name, fact in problem.facts))
            for problem in problems
        ]
    return found


def code_of(rule: Callable[..., Any]) -> str:
    """Return the code that a rule reports, from the head of its docstring."""
    return (rule.__doc__ or "").split(":", 1)[0].strip()


__all__ = ["BANK_RULES", "ITEM_RULES", "RULES", "SOUNDNESS", "ItemInput", "ItemRule", "Rule", "RuleInput", "code_of", "item_findings", "stimulus_findings"]
