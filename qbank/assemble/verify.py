"""The audit: every rule of a blueprint counted again on finished papers, in plain code that knows no program."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.answer_patterns import pattern_lines
from qbank.assemble.certificate import judgement_interval
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.constraints.anchor import common_anchor
from qbank.assemble.constraints.between import shared_counts, told_pairs
from qbank.assemble.constraints.psychometric import usual_rules
from qbank.assemble.curves import Measured, measure
from qbank.assemble.expected import expected_of
from qbank.assemble.pool import Pool, basis_of
from qbank.assemble.scene import Scene, Selection
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.weights import domain_weights
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Form, answer_places, form_items, printed_letter
from qbank.core.item import seen_part
from qbank.core.stimulus import stimulus_enemies
from qbank.kinds import KINDS

KEY_SHARE = (0.22, 0.28)
"""Each of four letters carries 25 % ± 3 of the keys."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule on one paper: what was found, what was allowed."""

    form: str
    rule: str
    found: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Return whether the rule holds, with a slack of 1e-9."""
        return self.low - 1e-9 <= self.found <= self.high + 1e-9


@dataclass(frozen=True, slots=True)
class Audit:
    """checks : every rule × paper ; lines : (name, one value a paper, target or None) side by side ;
    measured : the papers' curves"""

    forms: tuple[str, ...]
    checks: tuple[Check, ...]
    lines: tuple[tuple[str, tuple[float, ...], float | None], ...]
    basis: str
    interval: float
    measured: Measured


def audit_forms(forms: tuple[Form, ...], setting: Setting) -> Audit:
    """Return the count of every rule on every paper, and the papers side by side."""
    blueprint, bank, pool = setting.blueprint, setting.bank, setting.pool
    selections = [selection_of(form, pool) for form in forms]
    marks = np.zeros((len(forms), len(pool.ids)))
    for row, chosen in enumerate(selections):
        marks[row, chosen.positions] = chosen.marks
    scene = scene_of(setting, marks.mean(axis=0), cut=_ability_of(forms, setting))
    for rule in setting.rules:
        if rule.word == "anchor":
            scene = replace(scene, anchor=common_anchor(rule, scene, selections))
    checks: list[Check] = []
    for form, chosen in zip(forms, selections, strict=True):
        checks += _structure(form, blueprint, bank, len(chosen.positions))
        for rule in setting.rules:
            for finding in CONSTRAINTS[rule.word].count(rule, scene, chosen):
                checks.append(Check(form.id, _named(rule.label, finding.part), *finding[:3]))
    checks += _between(forms, selections, setting, scene)
    lines = _side_by_side(forms, selections, blueprint, bank, pool, scene.theta)
    lines += tuple(pattern_lines(forms, bank))
    basis = basis_of(pool, marks.any(axis=0))
    interval = judgement_interval(pool, marks) if basis != "calibrated" and len(forms) > 1 else 0.0
    return Audit(tuple(form.id for form in forms), tuple(checks), lines, basis, interval, measure(marks, scene))


def _ability_of(forms: tuple[Form, ...], setting: Setting) -> float | None:
    """Return the ability that ``at: cut`` stood for when the papers were made, None where it means nothing by now."""
    known = {form.certificate.cut_ability for form in forms}
    same = all(form.statistics_digest == setting.history.digest for form in forms)
    return known.pop() if same and len(known) == 1 else None


def _named(label: str, part: str) -> str:
    return f"{label}: {part}" if part else label


def selection_of(form: Form, pool: Pool) -> Selection:
    """Return the places of a paper whose items the pool knows."""
    position = {id: index for index, id in enumerate(pool.ids)}
    places = [
        (position[entry.id], section, entry.scored, entry.marks if entry.scored else 0.0, number)
        for section, part in enumerate(form.sections)
        for number, entry in enumerate(part.items, start=1)
        if entry.id in position
    ]
    positions, sections, scored, marks, numbers = zip(*places, strict=True) if places else ((), (), (), (), ())
    return Selection(
        np.array(positions, dtype=np.int64), np.array(sections, dtype=np.int64), np.array(scored, dtype=np.bool_),
        np.array(marks, dtype=np.float64), np.array(numbers, dtype=np.int64),
    )  # fmt: skip


def _structure(form: Form, blueprint: Blueprint, bank: Bank, n_known: int) -> list[Check]:
    places = form_items(form)
    checks = [
        Check(form.id, f"items in the bank, {'released' if blueprint.purpose == 'practice' else 'live'} and undecided none", n_known, len(places), len(places)),
        Check(form.id, "marks", math.fsum(entry.marks for entry in places if entry.scored), blueprint.marks, blueprint.marks),
        Check(form.id, "distinct items", len({entry.id for entry in places}), len(places), len(places)),
        Check(
            form.id, "questions as in the bank",
            sum(seen_part(bank.fingerprints.get(entry.id, "")) == seen_part(entry.fingerprint) for entry in places),
            len(places), len(places),
        ),
    ]  # fmt: skip
    for planned, section in zip(blueprint.sections, form.sections, strict=False):
        counted = [entry for entry in section.items if entry.scored]
        found = sum((entry.kind, entry.marks) == (planned.kind, planned.marks_each) for entry in counted)
        checks.append(Check(form.id, f"section {planned.title}", found, planned.items, planned.items))
    if blueprint.weights_tolerance is not None:
        carried: defaultdict[str, float] = defaultdict(float)
        for entry in places:
            carried[entry.domain] += entry.marks * entry.scored
        for weight in domain_weights(blueprint, bank.standard):
            on_domain = math.fsum(carried[leaf] for leaf in weight.leaves)
            low, high = weight.marks - blueprint.weights_tolerance, weight.marks + blueprint.weights_tolerance
            checks.append(Check(form.id, weight.label, on_domain, low, high))
    present = {entry.id for entry in places}
    clashes = sum(e in present for entry in places if entry.id in bank.items for e in bank.items[entry.id].enemies)
    checks.append(Check(form.id, "enemies together", clashes, 0, 0))
    if bank.stimuli:
        shared = {bank.items[entry.id].stimulus for entry in places if entry.id in bank.items}
        clashes = sum({*pair} <= shared for pair in stimulus_enemies(bank.stimuli))
        checks.append(Check(form.id, "enemy stimuli together", clashes, 0, 0))
    checks += _keys(form)
    return checks


def _keys(form: Form) -> list[Check]:
    letters: Counter[str] = Counter()
    widths: set[int] = set()
    for entry in answer_places(form):
        if entry.order and KINDS[entry.kind].one_letter:
            key = KINDS[entry.kind].key_label(entry.marked)
            letters[printed_letter(entry.order, key)] += 1
            widths.add(len(entry.order))
    total = sum(letters.values())
    if widths != {4} or total < 20:
        return []
    low, high = KEY_SHARE
    return [Check(form.id, f"keys {letter}", letters[letter] / total, low, high) for letter in "ABCD"]


def _between(
    forms: tuple[Form, ...], selections: list[Selection], setting: Setting, scene: Scene
) -> list[Check]:
    checks = []
    for rule in (*setting.rules, *usual_rules(setting.rules, setting.blueprint)):
        compare = CONSTRAINTS[rule.word].compare
        for (first, second), finding in compare(rule, scene, selections) if compare else ():
            checks.append(Check(f"{forms[first].id} / {forms[second].id}", _named(rule.label, finding.part), *finding[:3]))
    shared = shared_counts([chosen.positions for chosen in selections], len(setting.pool.ids))
    return checks + [
        Check(f"{forms[pair[0]].id} / {forms[pair[1]].id}", "overlap", _n_shared(forms[pair[0]], forms[pair[1]]), -math.inf, math.inf)
        for pair in told_pairs(shared)[0]
    ]


def _n_shared(first: Form, second: Form) -> int:
    return len({entry.id for entry in form_items(first)} & {entry.id for entry in form_items(second)})


def _side_by_side(
    forms: tuple[Form, ...], selections: list[Selection], blueprint: Blueprint, bank: Bank, pool: Pool,
    points: NDArray[np.float64],
) -> tuple[tuple[str, tuple[float, ...], float | None], ...]:
    lines: list[tuple[str, tuple[float, ...], float | None]] = []
    for weight in domain_weights(blueprint, bank.standard):
        values = tuple(
            math.fsum(e.marks for e in form_items(form) if e.domain in weight.leaves and e.scored) for form in forms
        )
        lines.append((f"domain {weight.code}", values, weight.marks))
    competencies = bank.standard.competencies
    for word in "XYZ":
        values = tuple(
            float(sum(competencies[e.competency].importance == word for e in form_items(f) if e.competency in competencies))
            for f in forms
        )
        lines.append((f"importance {word}", values, None))
    for grade in range(1, 6):
        values = tuple(float(sum(pool.items[p].grade == grade for p in s.positions)) for s in selections)
        lines.append((f"grade {grade}", values, None))
    lines.append(("seconds", tuple(float(sum(pool.items[p].seconds for p in s.positions)) for s in selections), None))
    lines.append(("expected mean", tuple(_dot(pool.facility, s) for s in selections), None))
    for theta in points:
        found = {int(i): expected_of(pool, int(i), float(theta)) for s in selections for i in s.positions}
        scores = tuple(math.fsum(found[int(i)].share * float(m) for i, m in zip(s.positions, s.marks, strict=True)) for s in selections)
        lines.append((f"expected score at θ={theta:.2f}", scores, None))
        information = tuple(math.fsum(found[int(i)].information for i in s.positions[s.scored]) for s in selections)
        lines.append((f"information at θ={theta:.2f}", information, None))
    calibrated = tuple(float(sum(bool(pool.calibrated[p]) for p in s.positions)) for s in selections)
    lines.append(("calibrated items", calibrated, None))
    return tuple(lines)


def _dot(values: NDArray[np.float64], chosen: Selection) -> float:
    return math.fsum(float(values[p]) * float(m) for p, m in zip(chosen.positions, chosen.marks, strict=True))
