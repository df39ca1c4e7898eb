"""The bank: items under one standard, with a digest that names this exact content."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from qbank.core.editorial import Workflow, effective_status
from qbank.core.item import Item, Status, fingerprint
from qbank.core.presentation import Language
from qbank.core.standard import Standard
from qbank.core.stimulus import Stimulus, stimulus_enemies

USUAL_GRADES: Mapping[int, float] = {1: 15, 2: 30, 3: 30, 4: 20, 5: 5}
"""Per cent of a paper's items at each judged grade, where a bank says nothing else."""


@dataclass(frozen=True, slots=True)
class CoverageRules:
    """What the bank must hold: see `qbank.lint.coverage`.

    premium : the size rules of a premium bank (精品题库) ; grades : grade → per cent of the items, together 100
    """

    premium: bool = False
    min_items_per_point: int = 1
    grades: Mapping[int, float] = field(default_factory=lambda: dict(USUAL_GRADES))


@dataclass(frozen=True, slots=True)
class Bank:
    """Items by id, in the order of their ids; ``fingerprints`` aligned with them by id.

    rules : ``national`` where the size rules of China's national item bank apply, else ``free`` ;
    references : (title, edition) of the sources that its items are written from, where bank.yaml declares them ;
    workflow : the editorial rules, None where the written status is believed ; fallen : what was written of items
    that count as something else, by id (see `settle`) ; stimuli : what several items share, by id
    """

    name: str
    title: str
    language: Language
    root: str
    standard: Standard
    items: Mapping[str, Item]
    fingerprints: Mapping[str, str]
    digest: str
    rules: Literal["national", "free"] = "free"
    references: tuple[tuple[str, str], ...] = ()
    workflow: Workflow | None = None
    fallen: Mapping[str, Status] = field(default_factory=dict)
    coverage: CoverageRules = field(default_factory=CoverageRules)
    stimuli: Mapping[str, Stimulus] = field(default_factory=dict)


def bank_digest(
    standard_digest: str, items: Mapping[str, Item], fingerprints: Mapping[str, str],
    stimuli: Mapping[str, Stimulus] | None = None,
) -> str:  # fmt: skip
    """Return 16 hexadecimal digits that change when anything that assembly reads changes."""
    lines = [standard_digest]
    for id in sorted(items):
        item = items[id]
        facts = (
            id, fingerprints[id], item.kind, item.competency, item.level, item.marks, item.status, item.grade,
            item.cognitive, item.seconds, sorted(item.enemies), sorted(item.tags),
        )  # fmt: skip
        lines.append(repr((*facts, item.stimulus) if item.stimulus else facts))
    if stimuli:
        lines.append(repr(stimulus_enemies(stimuli)))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def make_bank(
    *, name: str, title: str, language: Language, root: str, standard: Standard, standard_digest: str,
    items: Mapping[str, Item], rules: Literal["national", "free"] = "free",
    fingerprints: Mapping[str, str] | None = None, references: tuple[tuple[str, str], ...] = (),
    workflow: Workflow | None = None, coverage: CoverageRules | None = None,
    stimuli: Mapping[str, Stimulus] | None = None,
) -> Bank:  # fmt: skip
    """Return the bank with its items sorted by id, their fingerprints and its digest.

    fingerprints : by id, where they are known already
    """
    ordered = {id: items[id] for id in sorted(items)}
    known = fingerprints if fingerprints is not None else {}
    shared = {id: (stimuli or {})[id] for id in sorted(stimuli or {})}
    fingerprints = {id: known[id] if id in known else fingerprint(item) for id, item in ordered.items()}
    return Bank(
        name, title, language, root, standard, ordered, fingerprints,
        bank_digest(standard_digest, ordered, fingerprints, shared), rules, references, workflow,
        coverage=coverage or CoverageRules(), stimuli=shared,
    )  # fmt: skip


def settle(bank: Bank) -> Bank:
    """Return the bank in which every item has the status that it counts as; assembly sees no other.

    What was changed after its approval is in_review again (`qbank.core.editorial.effective_status`).
    """
    statuses = {id: effective_status(item, bank.fingerprints[id], bank.workflow) for id, item in bank.items.items()}
    fallen = {id: item.status for id, item in bank.items.items() if item.status != statuses[id]}
    if not fallen:
        return bank
    items = {
        id: dataclasses.replace(item, status=statuses[id]) if id in fallen else item for id, item in bank.items.items()
    }
    changes = [(id, statuses[id]) for id in sorted(fallen)]
    digest = hashlib.sha256(repr((bank.digest, changes)).encode()).hexdigest()[:16]
    return dataclasses.replace(bank, items=items, digest=digest, fallen=fallen)
