"""The constraint language: the word under ``constraints:`` → its schema and the functions that compile and count it."""

from __future__ import annotations

from qbank.assemble.constraints import (
    anchor,
    between,
    content,
    crossed,
    keys,
    logic,
    pretest,
    psychometric,
    sets,
)
from qbank.assemble.rules import Constraint, ItemsRule

CONSTRAINTS: dict[str, Constraint] = {
    "count": Constraint(content.CountRule, content.compile_count, content.count_count),
    "marks": Constraint(content.CountRule, content.compile_marks, content.count_marks),
    "share": Constraint(
        content.ShareRule, content.compile_share, content.count_share, expressions=("where", "among")
    ),
    "sum": Constraint(content.NumberRule, content.compile_sum, content.count_sum),
    "mean": Constraint(content.NumberRule, content.compile_mean, content.count_mean),
    "crossed": Constraint(crossed.CrossedRule, crossed.compile_crossed, crossed.count_crossed),
    "keys": Constraint(keys.KeysRule, keys.compile_keys, keys.count_keys),
    "once_per": Constraint(logic.OncePerRule, logic.compile_once_per, logic.count_once_per, bare="of"),
    "all_or_none": Constraint(ItemsRule, logic.compile_all_or_none, logic.count_all_or_none, bare="items"),
    "at_most_one": Constraint(ItemsRule, logic.compile_at_most_one, logic.count_at_most_one, bare="items"),
    "at_most": Constraint(logic.AtMostRule, logic.compile_at_most, logic.count_at_most),
    "if_then": Constraint(
        logic.IfThenRule, logic.compile_if_then, logic.count_if_then, expressions=("if", "then")
    ),
    "include": Constraint(ItemsRule, logic.compile_include, logic.count_include, bare="items"),
    "exclude": Constraint(ItemsRule, logic.compile_exclude, logic.count_exclude, bare="items"),
    "place": Constraint(logic.PlaceRule, logic.compile_place, logic.count_place),
    "sets": Constraint(sets.SetsRule, sets.compile_sets, sets.count_sets),
    "anchor": Constraint(anchor.AnchorRule, anchor.compile_anchor, anchor.count_anchor, roles=anchor.roles_anchor),
    "pretest": Constraint(
        pretest.PretestRule, pretest.compile_pretest, pretest.count_pretest, roles=pretest.roles_pretest
    ),
    "apart": Constraint(between.ApartRule, between.compile_apart, between.count_apart),
    "overlap": Constraint(
        between.OverlapRule, between.compile_overlap, between.count_overlap, compare=between.compare_overlap
    ),
    "exposure": Constraint(between.ExposureRule, between.compile_exposure, between.count_exposure),
    "expected_score": Constraint(
        psychometric.ExpectedScoreRule, psychometric.compile_expected_score, psychometric.count_expected_score
    ),
    "sd": Constraint(psychometric.SdRule, psychometric.compile_sd, psychometric.count_sd),
    "information": Constraint(
        psychometric.InformationRule, psychometric.compile_information, psychometric.count_information
    ),
    "csem": Constraint(psychometric.CsemRule, psychometric.compile_csem, psychometric.count_csem),
    "characteristic": Constraint(
        psychometric.CharacteristicRule, psychometric.compile_characteristic, psychometric.count_characteristic,
        compare=psychometric.compare_characteristic,
    ),
}
