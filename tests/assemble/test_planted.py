"""The audit finds a violation of every rule that is planted in a paper, and none in a paper that keeps it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from qbank.assemble import audit_forms
from qbank.assemble.layout import Heading, build_form
from qbank.assemble.setting import Setting
from qbank.core.form import Certificate, Form
from tests.assemble.samples import tiny_blueprint
from tests.assemble.test_constraints import TRUTHS, Places, setting_of, truth_items

MARKS = {"true_false": 1.0, "single": 2.0}
CERTIFICATE = Certificate(0.0, 0.0, 0.0, (), "by hand", "judged")
PLANTED = [(text, truth) for text, truth in TRUTHS if not text.startswith(("- pretest", "- anchor"))]


def paper_of(setting: Setting, positions: tuple[int, ...]) -> Form:
    pool = setting.pool
    return build_form(
        setting.blueprint, setting.bank, pool, 0, CERTIFICATE, Heading("1", "2026-11-23", "", "", "none"),
        positions=np.array(positions), scored=np.ones(len(positions), dtype=np.bool_),
        sections=np.array([int(pool.items[p].kind == "single") for p in positions]),
    )  # fmt: skip


@pytest.mark.parametrize(("text", "truth"), PLANTED, ids=[text for text, _ in PLANTED])
def test_the_audit_says_of_every_paper_what_the_words_say(text: str, truth: Callable[[Places], bool]) -> None:
    setting = setting_of(tiny_blueprint(text), truth_items())
    pool, (rule,) = setting.pool, setting.rules
    kinds = [[p for p, item in enumerate(pool.items) if item.kind == kind] for kind in MARKS]
    papers = [(*two, one) for two in combinations(kinds[0], 2) for one in kinds[1]]
    kept = {paper: truth([(pool.items[p], MARKS[pool.items[p].kind]) for p in paper]) for paper in papers}
    for wanted in {*kept.values()}:
        paper = next(paper for paper in papers if kept[paper] is wanted)
        checks = [c for c in audit_forms((paper_of(setting, paper),), setting).checks if c.rule.startswith(rule.label)]
        if not text.startswith("- place"):  # where it stands is the layout's business, which nobody asked here
            assert all(check.holds for check in checks) is wanted, [c for c in checks if not c.holds]
