"""The constraint language: the word under ``constraints:`` → its schema and the functions that compile and count it."""

from __future__ import annotations

from qbank.assemble.constraints.between import (
    ExposureRule,
    OverlapRule,
    compare_overlap,
    compile_exposure,
    compile_overlap,
    count_exposure,
)
from qbank.assemble.constraints.content import (
    CountRule,
    NumberRule,
    compile_count,
    compile_marks,
    compile_mean,
    compile_sum,
    count_count,
    count_marks,
    count_mean,
    count_sum,
)
from qbank.assemble.constraints.logic import (
    ItemsRule,
    OncePerRule,
    compile_exclude,
    compile_include,
    compile_once_per,
    count_exclude,
    count_include,
    count_once_per,
)
from qbank.assemble.rules import Constraint

CONSTRAINTS: dict[str, Constraint] = {
    "count": Constraint(CountRule, compile_count, count_count),
    "marks": Constraint(CountRule, compile_marks, count_marks),
    "sum": Constraint(NumberRule, compile_sum, count_sum),
    "mean": Constraint(NumberRule, compile_mean, count_mean),
    "once_per": Constraint(OncePerRule, compile_once_per, count_once_per, bare=True),
    "overlap": Constraint(OverlapRule, compile_overlap, compare=compare_overlap),
    "exposure": Constraint(ExposureRule, compile_exposure, count_exposure),
    "include": Constraint(ItemsRule, compile_include, count_include, bare=True),
    "exclude": Constraint(ItemsRule, compile_exclude, count_exclude, bare=True),
}
