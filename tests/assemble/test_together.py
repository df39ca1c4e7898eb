"""Rules that meet each other on one paper: what one of them says holds for the places that another brings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qbank.assemble import assemble
from qbank.assemble.constraints.logic import count_place
from qbank.assemble.scene import Selection
from qbank.assemble.setting import make_setting, scene_of
from qbank.core.form import form_items
from qbank.core.history import NO_HISTORY
from tests.assemble.samples import mixed_items, tiny_bank, tiny_blueprint, written_objective

PRETEST = "- pretest: {section: 判断题, items: 1, places: end}"


def test_an_item_that_is_placed_counts_even_where_the_section_tries_others() -> None:
    blueprint = tiny_blueprint("- place: {item: T-01, at: 1}", PRETEST)
    made, problems = assemble(blueprint, tiny_bank(mixed_items(9)))
    assert made is not None, problems
    first = form_items(made.forms[0])[0]
    assert (first.id, first.scored) == ("T-01", True)


def test_a_placed_item_whose_marks_do_not_count_breaks_the_rule() -> None:
    blueprint = tiny_blueprint("- place: {item: T-01, at: 1}", PRETEST)
    setting, _ = make_setting(blueprint, tiny_bank(mixed_items(9)))
    assert setting is not None
    position = np.array([setting.pool.ids.index("T-01")])
    for scored in (True, False):
        chosen = Selection(position, np.array([0]), np.array([scored]), np.array([1.0 * scored]), np.array([1]))
        (finding,) = count_place(setting.rules[0], scene_of(setting), chosen)
        assert (finding.found >= finding.low) == scored


def test_an_item_that_is_only_tried_cannot_be_placed() -> None:
    items = mixed_items(9)
    items[1] = replace(items[1], status="approved")
    setting, problems = make_setting(tiny_blueprint("- place: {item: T-01, at: 1}", PRETEST), tiny_bank(items))
    assert setting is None
    assert [problem.code for problem in problems] == ["P129"]


def test_a_share_of_what_a_paper_need_not_have_is_no_reason_to_refuse_it() -> None:
    """No item of grade 0 exists, but a paper without items of importance X holds the rule."""
    made, problems = assemble(
        tiny_blueprint("- share: {where: 'grade < 1', among: 'importance == \"X\"', min: 38%}", true_false=1, single=1),
        tiny_bank(mixed_items(9)), NO_HISTORY,
    )  # fmt: skip
    assert made is not None
    assert [(problem.code, problem.severity) for problem in problems if problem.code == "P147"] == [("P147", "warning")]


def test_the_certificate_of_one_paper_counts_uses_where_uses_are_asked_for() -> None:
    blueprint = tiny_blueprint(objective=written_objective("{minimise: uses}"))
    made, problems = assemble(blueprint, tiny_bank(mixed_items(9)))
    assert made is not None, problems
    assert made.forms[0].certificate.kind == "uses"
