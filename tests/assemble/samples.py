"""A bank small enough to enumerate, the real bank read once, and blueprints for both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from qbank.core.bank import Bank, make_bank
from qbank.core.blueprint import Blueprint, Rule, Section
from qbank.core.form import Form, FormItem, form_items
from qbank.core.history import NO_HISTORY, History, logistic
from qbank.core.item import COGNITIVE_LEVELS, Item
from qbank.core.standard import Competency, Domain, Occupation, Standard
from qbank.core.stimulus import Stimulus
from qbank.files.bank import read_bank
from qbank.files.blueprint import read_blueprint
from qbank.files.yaml_text import Mapping, locate, parse_yaml, plain
from qbank.files.yaml_text import Sequence as NodeList
from qbank.kinds.single import SingleBody
from qbank.kinds.true_false import TrueFalseBody
from qbank.problem import Span
from tests.corpus import CORPUS

HERE = Span("tiny.yaml", 1, 1)


@cache
def steelmaking() -> Bank:
    """Return the real bank; it must have no problems."""
    source, problems = read_bank(CORPUS / "banks" / "steelmaking")
    assert not problems and source.bank is not None
    return source.bank


@cache
def theory() -> Blueprint:
    """Return the real blueprint: two papers of 80 + 20 items."""
    blueprint, problems = read_blueprint(CORPUS / "blueprints" / "bof-4-theory.yaml")
    assert not problems and blueprint is not None
    return blueprint


def halved(blueprint: Blueprint, n_forms: int) -> Blueprint:
    """Return papers of half the length without the limit on seconds, which was written for the whole."""
    return replace(
        blueprint,
        n_forms=n_forms,
        marks=blueprint.marks / 2,
        cut=blueprint.cut / 2,
        sections=tuple(replace(section, items=section.items // 2) for section in blueprint.sections),
    )


def made_up_history(bank: Bank, seed: int = 1, n_answers: int = 400) -> History:
    """Return a history in which every item of the bank has been calibrated."""
    rng = np.random.default_rng(seed)
    estimates = {
        fingerprint: logistic(
            fingerprint, "2pl", "made up", float(np.exp(rng.normal(0, 0.3))), float(rng.normal(-0.7, 1.0)),
            0.1, 0.1, n_answers, "S1",
        )
        for fingerprint in bank.fingerprints.values()
    }  # fmt: skip
    return replace(NO_HISTORY, estimates=estimates, digest="made-up")


def tiny_standard(n_competencies: int) -> Standard:
    """Return leaves A-A and A-B below A, and B; competencies K0, K1, … go round the leaves."""
    domains = (
        Domain("A", "甲", ("A",), {4: 60.0}, False, HERE),
        Domain("A-A", "甲一", ("A", "A-A"), {4: 30.0}, True, HERE),
        Domain("A-B", "甲二", ("A", "A-B"), {4: 30.0}, True, HERE),
        Domain("B", "乙", ("B",), {4: 40.0}, True, HERE),
    )
    leaves = ("A-A", "A-B", "B")
    competencies = {
        f"K{index}": Competency(f"K{index}", "点", "XYZ"[index % 3], (4,), (), leaves[index % 3], HERE)  # type: ignore[arg-type]
        for index in range(n_competencies)
    }
    return Standard(Occupation("6", "工", "", "2022", ()), False, (4,), domains, competencies, HERE)


def tiny_item(index: int, *, id: str = "", kind: str = "true_false", **changed: Any) -> Item:
    """Return an item whose attributes depend on its index alone."""
    body = TrueFalseBody(key=index % 2 == 0)
    if kind == "single":
        body = SingleBody(options={letter: f"{letter}{index}" for letter in "ABCD"}, key="ABCD"[index % 4])  # type: ignore[assignment]
    facts: dict[str, Any] = {
        "competency": f"K{index % 6}", "level": 4, "stem": f"第 {index} 题", "body": body, "marks": 1.0,
        "status": "live", "grade": 1 + (2 * index) % 5, "cognitive": COGNITIVE_LEVELS[index % 4],
        "seconds": 30 + 17 * (index % 5), "rationale": "", "reference": "", "enemies": (),
        "tags": ("even",) if index % 2 == 0 else (), "span": HERE,
    }  # fmt: skip
    return Item(id=id or f"T-{index:02d}", kind=kind, **(facts | changed))


def tiny_bank(items: Sequence[Item]) -> Bank:
    """Return a bank of these items under the tiny standard."""
    return make_bank(
        name="tiny", title="小题库", language="zh", root="tiny", standard=tiny_standard(12), standard_digest="0",
        items={item.id: item for item in items},
        stimuli={item.stimulus: Stimulus(item.stimulus, "材料", "", (), HERE) for item in items if item.stimulus},
    )  # fmt: skip


def mixed_items(n_items: int = 8) -> list[Item]:
    """Return two thirds true/false and one third single-choice items, the first named as the manual's examples."""
    return [
        tiny_item(index, id="BOF4-BCC-01" if index == 0 else "", kind="single" if index % 3 == 2 else "true_false")
        for index in range(n_items)
    ]


def tiny_blueprint(*rules: str, n_forms: int = 1, true_false: int = 2, single: int = 1, **changed: Any) -> Blueprint:
    """Return a plan of a few true/false items at 1 mark and single-choice items at 2 marks."""
    sections = (
        Section("判断题", "true_false", true_false, 1.0, "", HERE),
        Section("单项选择题", "single", single, 2.0, "", HERE),
    )
    facts: dict[str, Any] = {
        "name": "tiny", "title": "", "bank": "tiny", "level": 4, "n_forms": n_forms, "minutes": 10,
        "marks": float(true_false + 2 * single), "cut": 0.6 * (true_false + 2 * single), "seed": 1,
        "sections": tuple(section for section in sections if section.items), "weights_tolerance": None,
        "rules": tuple(written_rule(rule) for rule in rules),
        "objective": None, "max_nodes": 2000, "notices": (),
        "digest": "0", "span": HERE,
    }  # fmt: skip
    return Blueprint(**(facts | changed))


def written_rule(text: str) -> Rule:
    """Return the rule that stands in one line of YAML, ``- count: {…}``."""
    node, problems = parse_yaml(text, "rule.yaml")
    assert not problems and isinstance(node, NodeList)
    (entry,) = node.entries
    assert isinstance(entry, Mapping)
    ((word, value),) = entry.entries.items()

    def place(*steps: int | str, key: bool = False, inside: bool = False) -> Span:
        return Span("rule.yaml", *locate(value, steps, key=key, inside=inside))

    return Rule(word, plain(value), Span("rule.yaml", *entry.keys[word]), place)


def written_objective(text: str) -> Rule:
    """Return the objective that stands in one line of YAML, ``{parallel: [information], at: [0]}``."""
    node, problems = parse_yaml(f"objective: {text}", "plan.yaml")
    assert not problems and isinstance(node, Mapping)
    value = node.entries["objective"]

    def place(*steps: int | str, key: bool = False, inside: bool = False) -> Span:
        return Span("plan.yaml", *locate(value, steps, key=key, inside=inside))

    return Rule("objective", plain(value), Span("plan.yaml", 1, 1), place)


def compared_at(*points: float) -> Rule:
    """Return that papers are made alike in expected score and information at these abilities."""
    return written_objective(f"{{parallel: [expected_score, information], at: {[float(point) for point in points]}}}")


def with_place(form: Form, index: int, entry: FormItem) -> Form:
    """Return the form with the index-th place, counted over all sections, replaced."""
    sections, start = [], 0
    for section in form.sections:
        items = list(section.items)
        if start <= index < start + len(items):
            items[index - start] = entry
        start += len(items)
        sections.append(replace(section, items=tuple(items)))
    assert 0 <= index < start
    return replace(form, sections=tuple(sections))


def ids_of(form: Form) -> list[str]:
    """Return the ids of a form's items in printed order."""
    return [entry.id for entry in form_items(form)]
