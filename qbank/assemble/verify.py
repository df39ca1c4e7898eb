"""The audit: every rule of a blueprint counted again on finished papers, in plain code that knows no program."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.answer_patterns import pattern_lines
from qbank.assemble.compile import comparison_points, domain_targets, marks_per_item, read_rules
from qbank.assemble.constraints import CONSTRAINTS, Selection
from qbank.assemble.engine import judgement_interval
from qbank.assemble.pool import Pool, vocabulary
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Form, answer_places, form_items, printed_letter
from qbank.core.item import seen_part
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
    """checks : every rule × paper ; lines : (name, one value a paper, target or None) side by side"""

    forms: tuple[str, ...]
    checks: tuple[Check, ...]
    lines: tuple[tuple[str, tuple[float, ...], float | None], ...]
    basis: str
    interval: float


def audit_forms(forms: tuple[Form, ...], blueprint: Blueprint, bank: Bank, pool: Pool) -> Audit:
    """Return the count of every rule on every paper, and the papers side by side."""
    rules, _ = read_rules(blueprint, vocabulary(bank))
    position = {id: index for index, id in enumerate(pool.ids)}
    checks: list[Check] = []
    selections: list[Selection] = []
    for form in forms:
        places = [entry for entry in form_items(form) if entry.id in position]
        chosen = Selection(
            np.array([position[entry.id] for entry in places], dtype=np.int64),
            np.array([entry.marks for entry in places]),
        )
        selections.append(chosen)
        checks += _structure(form, blueprint, bank, len(places))
        for rule in rules:
            found, low, high = CONSTRAINTS[rule.word].count(rule, pool, blueprint, chosen)
            checks.append(Check(form.id, rule.label, found, low, high))
    checks += _between(forms, blueprint)
    masks = np.zeros((len(forms), len(pool.ids)), dtype=np.bool_)
    for row, chosen in enumerate(selections):
        masks[row, chosen.positions] = True
    lines = _side_by_side(forms, selections, blueprint, bank, pool, comparison_points(blueprint, pool, masks))
    lines += tuple(pattern_lines(forms, bank))
    basis = "calibrated" if bool(pool.calibrated[masks.any(axis=0)].all()) else "judged"
    marks = marks_per_item(pool, blueprint)
    interval = judgement_interval(pool, masks, marks) if basis == "judged" and len(forms) > 1 else 0.0
    return Audit(tuple(form.id for form in forms), tuple(checks), lines, basis, interval)


def _structure(form: Form, blueprint: Blueprint, bank: Bank, n_known: int) -> list[Check]:
    places = form_items(form)
    checks = [
        Check(form.id, f"items in the bank, {'released' if blueprint.purpose == 'practice' else 'live'} and undecided none", n_known, len(places), len(places)),
        Check(form.id, "marks", math.fsum(entry.marks for entry in places), blueprint.marks, blueprint.marks),
        Check(form.id, "distinct items", len({entry.id for entry in places}), len(places), len(places)),
        Check(
            form.id, "questions as in the bank",
            sum(seen_part(bank.fingerprints.get(entry.id, "")) == seen_part(entry.fingerprint) for entry in places),
            len(places), len(places),
        ),
    ]  # fmt: skip
    for planned, section in zip(blueprint.sections, form.sections, strict=False):
        found = sum((entry.kind, entry.marks) == (planned.kind, planned.marks_each) for entry in section.items)
        checks.append(Check(form.id, f"section {planned.title}", found, planned.items, planned.items))
    if blueprint.weights_tolerance is not None:
        carried: defaultdict[str, float] = defaultdict(float)
        for entry in places:
            carried[entry.domain] += entry.marks
        for code, weight in domain_targets(blueprint, bank.standard).items():
            low, high = weight - blueprint.weights_tolerance, weight + blueprint.weights_tolerance
            checks.append(Check(form.id, f"weights: {code}", carried[code], low, high))
    present = {entry.id for entry in places}
    clashes = sum(e in present for entry in places if entry.id in bank.items for e in bank.items[entry.id].enemies)
    checks.append(Check(form.id, "enemies together", clashes, 0, 0))
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


def _between(forms: tuple[Form, ...], blueprint: Blueprint) -> list[Check]:
    limits = [rule.value.get("max") for rule in blueprint.rules if rule.word == "overlap" and isinstance(rule.value, dict)]
    checks = []
    sets = [(form.id, {entry.id for entry in form_items(form)}) for form in forms]
    for index, (first, items) in enumerate(sets):
        for second, others in sets[index + 1 :]:
            high = min((float(limit) for limit in limits if limit is not None), default=math.inf)
            checks.append(Check(f"{first} / {second}", "overlap", len(items & others), -math.inf, high))
    return checks


def _side_by_side(
    forms: tuple[Form, ...], selections: list[Selection], blueprint: Blueprint, bank: Bank, pool: Pool,
    points: NDArray[np.float64],
) -> tuple[tuple[str, tuple[float, ...], float | None], ...]:
    lines: list[tuple[str, tuple[float, ...], float | None]] = []
    for code, weight in domain_targets(blueprint, bank.standard).items():
        values = tuple(math.fsum(e.marks for e in form_items(form) if e.domain == code) for form in forms)
        lines.append((f"domain {code}", values, weight))
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
        p = [1 / (1 + math.exp(-a * (theta - b))) for a, b in zip(pool.slope, pool.difficulty, strict=True)]
        info = [a * a * q * (1 - q) for a, q in zip(pool.slope, p, strict=True)]
        lines.append((f"expected score at θ={theta:.2f}", tuple(_dot(np.array(p), s) for s in selections), None))
        information = tuple(math.fsum(info[i] for i in s.positions) for s in selections)
        lines.append((f"information at θ={theta:.2f}", information, None))
    calibrated = tuple(float(sum(bool(pool.calibrated[p]) for p in s.positions)) for s in selections)
    lines.append(("calibrated items", calibrated, None))
    return tuple(lines)


def _dot(values: NDArray[np.float64], chosen: Selection) -> float:
    return math.fsum(float(values[p]) * float(m) for p, m in zip(chosen.positions, chosen.marks, strict=True))
