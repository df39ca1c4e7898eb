"""Families whose papers have questions on stimuli: long papers, two sections with stimuli; all papers by brute force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from unittest import mock

import numpy as np
import pytest

from qbank.assemble.family import design
from qbank.assemble.family.listing import list_papers
from qbank.assemble.family.make import Made, Wishes, family_of, make_family
from qbank.assemble.family.papers import Papers, papers_of_family
from qbank.assemble.setting import Setting, make_setting
from qbank.assemble.verify import audit_forms
from qbank.core.blueprint import Section
from qbank.core.form import form_items
from qbank.core.history import NO_HISTORY
from qbank.core.item import Item
from qbank.problem import has_errors
from qbank.workflow.family import Opened, family_form, family_pool
from tests.assemble.samples import HERE, tiny_bank, tiny_blueprint, tiny_item

SECRET = b"0123456789abcdef"


def items_of(kind: str, alone: int, stimuli: Sequence[int], name: str) -> list[Item]:
    """Return items without a stimulus, then so many on each stimulus of a name."""
    on = [""] * alone + [f"{name}-{k}" for k, size in enumerate(stimuli) for _ in range(size)]
    return [tiny_item(k, id=f"{kind[0].upper()}{name}{k:03d}", kind=kind, stimulus=stimulus) for k, stimulus in enumerate(on)]


def setting_of(items: list[Item], single: int, true_false: int, *rules: str) -> Setting:
    blueprint = replace(
        tiny_blueprint(*rules, single=single, true_false=true_false, marks=float(single + true_false), cut=0.6 * (single + true_false)),
        sections=(Section("单项选择题", "single", single, 1.0, "", HERE), Section("判断题", "true_false", true_false, 1.0, "", HERE)),
    )
    setting, problems = make_setting(blueprint, tiny_bank(items))
    assert setting is not None, problems
    return setting


def made_from(setting: Setting, overlap: int, *, listed: bool = False) -> Made:
    """Return a family of a code or, to be quick, of few papers compared one by one."""
    quick = {"FINALISTS": 1, "ROUNDS": 1, "TRANSLATED": 0}
    way = {"list_papers": partial(list_papers, drawn=200, most=60), "best_code": lambda *_: None} if listed else {"FEW": 0}
    with mock.patch.multiple(design, **quick, **way):
        made, problems = make_family(setting, Wishes(overlap, tolerance=0.5, score_tolerance=0.2, pilot=True))
    assert made is not None and not has_errors(problems), problems
    return made


def opened(made: Made, setting: Setting) -> Opened:
    family = family_of(made, setting, id="f", title="", subject="", secret_check="")
    pool = family_pool(family, setting.bank, setting.blueprint, NO_HISTORY)
    return Opened(papers_of_family(family, "digest", SECRET), setting.blueprint, setting.bank, pool, NO_HISTORY)


def all_papers(papers: Papers) -> dict[int, frozenset[str]]:
    """Return the items of every number that is a paper."""
    assert papers.size <= 5_000
    found = {number: papers.items(number) for number in range(papers.size) if not papers.broken(number)}
    assert all(len(set(items)) == len(items) == papers.family.length for items in found.values())
    return {number: frozenset(items) for number, items in found.items()}


def most_shared(papers: Sequence[frozenset[str]]) -> int:
    """Return how many items any two papers share at most, over every pair."""
    ids = sorted(frozenset().union(*papers))
    shows = np.array([[id in paper for id in ids] for paper in papers], dtype=np.int64)
    return int(np.triu(shows @ shows.T, 1).max())


def sets_on(paper: frozenset[str], setting: Setting) -> dict[tuple[str, str], int]:
    """Return how many questions of each kind stand on each stimulus of a paper."""
    items = [setting.bank.items[id] for id in paper]
    return dict(Counter((item.kind, item.stimulus) for item in items if item.stimulus))


@pytest.mark.parametrize("listed", [False, True])
def test_papers_of_a_hundred_questions_with_sets_share_no_more_questions_than_promised(listed: bool) -> None:
    items = items_of("single", 195, [4] * 15, "S") + items_of("true_false", 60, [], "T")
    rules = ("- sets: {items: 3-4, number: 5}", "- count: {where: 'importance == \"X\"', min: 30}")
    setting = setting_of(items, 80, 20, *rules)
    made = made_from(setting, 47, listed=listed)
    place = opened(made, setting)
    family, papers = place.papers.family, all_papers(place.papers)
    assert bool(family.code.listed) == listed
    assert Counter(slot.size for slot in family.slots) == {1: 85, 3: 5}
    assert len(papers) == family.size.papers > 20
    assert 30 < most_shared([*papers.values()]) <= family.overlap <= 47
    assert all(sorted(sets_on(paper, setting).values()) == [3] * 5 for paper in papers.values())
    forms = tuple(family_form(place, number) for number in list(papers)[:6])
    assert [frozenset(entry.id for entry in form_items(form)) for form in forms] == [*papers.values()][:6]
    audit = audit_forms(forms, setting)
    assert [check for check in audit.checks if not check.holds] == []
    assert {check.found for check in audit.checks if "stimulus" in check.rule} >= {5.0}


def test_sets_in_two_sections_are_kept_by_a_rule_each() -> None:
    items = items_of("single", 35, [4] * 10, "S") + items_of("true_false", 20, [3] * 8, "T")
    rules = ("- sets: {items: 3, number: 2, section: 单项选择题}", "- sets: {items: 2-3, number: 1, section: 判断题}")
    setting = setting_of(items, 13, 6, *rules)
    place = opened(made_from(setting, 9), setting)
    papers = all_papers(place.papers)
    assert Counter((slot.section, slot.size) for slot in place.papers.family.slots) == {(0, 1): 7, (0, 3): 2, (1, 1): 4, (1, 2): 1}
    assert len(papers) == place.papers.family.size.papers > 40
    assert most_shared([*papers.values()]) <= place.papers.family.overlap <= 9
    for paper in papers.values():
        assert sorted((kind, n) for (kind, _), n in sets_on(paper, setting).items()) == [("single", 3), ("single", 3), ("true_false", 2)]
    audit = audit_forms(tuple(family_form(place, number) for number in list(papers)[:6]), setting)
    assert [check for check in audit.checks if not check.holds] == []


def test_one_rule_may_fill_two_sections_and_no_stimulus_stands_in_both() -> None:
    items = items_of("single", 35, [4] * 10, "S") + items_of("true_false", 20, [3] * 8, "S")  # most stimuli have both kinds
    setting = setting_of(items, 13, 6, "- sets: {items: 3, number: 5}")
    place = opened(made_from(setting, 9), setting)
    papers = all_papers(place.papers)
    assert Counter((slot.section, slot.size) for slot in place.papers.family.slots) == {(0, 1): 4, (0, 3): 3, (1, 3): 2}
    assert len(papers) == place.papers.family.size.papers > 20
    assert most_shared([*papers.values()]) <= place.papers.family.overlap <= 9
    stood = [sets_on(paper, setting) for paper in papers.values()]
    assert all(len({stimulus for _, stimulus in found}) == 5 and {*found.values()} == {3} for found in stood)
    audit = audit_forms(tuple(family_form(place, number) for number in list(papers)[:6]), setting)
    assert [check for check in audit.checks if not check.holds] == []
