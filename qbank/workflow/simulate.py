"""simulate: a response file as an examination would give it, with a planted mistake that analysis must find.

Abilities are N(0.25, 1) with site differences; each item gets a true facility around its judged grade and a slope of
its own; choice items are guessed at. Some answers are omitted, some persons do not finish, and one item's key is
wrong: candidates answer as if another option were right. Items can have become easier or harder than they were, or be
known beforehand to a share of the candidates, everywhere or at one site; and candidates of an earlier sitting can come
again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from qbank.assemble.prior import GRADE_FACILITY, GRADE_FACILITY_SD, difficulty_for_facility
from qbank.core.bank import Bank
from qbank.core.form import Form, FormItem, answer_places
from qbank.core.remembered import Remembered
from qbank.files.answers.header import GROUP_ROLES as GROUP_COLUMNS
from qbank.files.disk import write_text
from qbank.files.sitting import SITTING_FILE, sitting_text
from qbank.files.tables import write_csv
from qbank.kinds import KINDS
from qbank.kinds.questions import find_question

SITES = (("A01", 0.15), ("B02", -0.15))
GUESSING = {"single": 0.2, "true_false": 0.3}
RATING_SD = 0.15
OMIT_RATE = 0.012
UNFINISHED_RATE = 0.04


@dataclass(frozen=True, slots=True)
class Simulated:
    """The files written, and the planted mistake: item, its (wrong) key, the option that is really right."""

    responses: Path
    sitting: Path
    planted: Path
    item: str
    key: str
    right: str


@dataclass(frozen=True, slots=True)
class Plants:
    """What a sitting is made to hold.

    miskeyed : (item, the option that is really right); None: an item and an option by the seed; of no item: nothing ; drifted : item → how much
        harder it is than by nature, in logits, negative for easier ; leaked : item → (share of the persons who know the
        answer beforehand, the site where they sit, "" everywhere) ; again : numbers of persons who sat before and come again
    """

    miskeyed: tuple[str, str] | None = None
    drifted: Mapping[str, float] = field(default_factory=dict)
    leaked: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    again: tuple[str, ...] = ()


NO_PLANTS = Plants()


@dataclass(frozen=True, slots=True)
class Pull:
    """right : what knowing gives ; others, shares : wrong answers and their cumulative shares"""

    right: str
    others: tuple[str, ...]
    shares: NDArray[np.float64]


def simulate_sitting(
    forms: tuple[Form, ...], bank: Bank, *, n_persons: int, seed: int, into: Path, sitting: str, date: str,
    plants: Plants = NO_PLANTS,
) -> Simulated:  # fmt: skip
    """Write responses.csv, sitting.yaml and planted.yaml; papers are given out in turn (spiralled)."""
    rng = np.random.default_rng(seed)
    entries = {entry.id: entry for form in forms for entry in answer_places(form)}
    ids = sorted(entries)
    # an item that was seen before keeps its nature, whatever the seed: it is drawn from its own fingerprint
    nature = [np.random.default_rng(int(entries[id].fingerprint.split(".")[0], 16)) for id in ids]
    known = {id: found[0] for id in ids if (found := find_question(bank, id))}
    grade = np.array([known[id].grade if id in known else 3 for id in ids])
    facility = np.array([GRADE_FACILITY[int(g)] for g in grade])
    facility = np.clip(facility + np.array([r.normal(0, GRADE_FACILITY_SD) for r in nature]), 0.15, 0.97)
    slope = np.exp(np.array([r.normal(0.05, 0.25) for r in nature]))
    guess = np.array([GUESSING.get(entries[id].kind, 0.0) for id in ids])
    knows = np.clip((facility - guess) / (1 - guess), 0.08, 0.97)
    difficulty = difficulty_for_facility(knows, slope, mean=0.0, sd=1.0)
    truth = {
        id: (float(a), float(b), float(c)) for id, a, b, c in zip(ids, slope, difficulty, guess, strict=True)
    }
    for id, shift in plants.drifted.items():
        slope_of, difficulty_of, guess_of = truth[id]
        truth[id] = (slope_of, difficulty_of + shift / slope_of, guess_of)
    planted, key, right = _plant({id: entry for id, entry in entries.items() if id not in plants.leaked}, truth, rng)
    if plants.miskeyed is not None:
        planted, right = plants.miskeyed
        key = KINDS[entries[planted].kind].key_label(entries[planted].marked) if planted else ""
    pull_of: Remembered[FormItem, Pull] = Remembered(lambda entry: _pull(entry, {planted: right}.get(entry.id)))
    numbers = [*plants.again[:n_persons], *(f"{date[2:4]}{date[5:7]}{n:05d}" for n in range(1, n_persons + 1))]
    rows = [_person(row, numbers[row], forms, truth, pull_of, plants, rng) for row in range(n_persons)]
    header = ["person", "form", "site", "seat", *entries]
    table = [[person.get(name, "") for name in header] for person in rows]
    into.mkdir(parents=True, exist_ok=True)
    assert set(header[2:4]) <= set(GROUP_COLUMNS)
    write_csv(into / "responses.csv", header, table)
    declared = sitting_text(
        sitting=sitting, date=date, place="", design="spiralled", forms=tuple(form.id for form in forms)
    )
    write_text(into / SITTING_FILE, declared)
    note = {
        "seed": seed, "persons": n_persons, "miskeyed": {"item": planted, "key": key, "right": right},
        "drifted": dict(plants.drifted), "again": len(plants.again[:n_persons]),
        "leaked": {id: {"share": share, "site": site} for id, (share, site) in plants.leaked.items()},
    }  # fmt: skip
    write_text(into / "planted.yaml", yaml.safe_dump(note, allow_unicode=True, sort_keys=False))
    return Simulated(into / "responses.csv", into / SITTING_FILE, into / "planted.yaml", planted, key, right)


def first_persons(path: Path, n: int) -> tuple[str, ...]:
    """Return the numbers of the first persons of a file of answers that was simulated before."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return tuple(row["person"] for _, row in zip(range(n), csv.DictReader(file), strict=False))


def _plant(
    entries: dict[str, FormItem], truth: dict[str, tuple[float, float, float]], rng: np.random.Generator
) -> tuple[str, str, str]:
    """Return a choice item of middling difficulty, its key, and another of its options."""
    choices = [id for id in sorted(entries) if KINDS[entries[id].kind].one_letter]
    able = [id for id in choices if abs(truth[id][1] + 0.5) < 0.6] or choices or sorted(entries)
    item = able[int(rng.integers(len(able)))]
    entry = entries[item]
    key = KINDS[entry.kind].key_label(entry.marked)
    others = [label for label in _labels(entry) if label != key] or [key]
    return item, key, others[int(rng.integers(len(others)))]


def _person(
    row: int, number: str, forms: tuple[Form, ...], truth: dict[str, tuple[float, float, float]],
    pull_of: Callable[[FormItem], Pull], plants: Plants, rng: np.random.Generator,
) -> dict[str, str]:  # fmt: skip
    form = forms[row % len(forms)]
    site, shift = SITES[int(rng.integers(len(SITES)))]
    theta = rng.normal(0.25 + shift, 1.0)
    person = {"person": number, "form": form.id, "site": site, "seat": f"{row % 30 + 1:02d}"}
    places = answer_places(form)
    last = len(places) - (int(rng.integers(2, 12)) if rng.random() < UNFINISHED_RATE else 0)
    for index, entry in enumerate(places):
        a, b, c = truth[entry.id]
        draw, omit = rng.random(), rng.random()
        chance = c + (1 - c) / (1 + np.exp(-a * (theta - b)))
        told, where = plants.leaked.get(entry.id, (0.0, ""))
        knows = draw < chance or (told > 0 and where in ("", site) and rng.random() < told)
        if KINDS[entry.kind].rated:
            label = _awarded(entry, float(chance), rng)
        else:
            label = _answer(entry, knows, pull_of(entry), rng)
        omitted = not knows and omit < OMIT_RATE * 3
        person[entry.id] = "" if index >= last or omitted else label
    return person


def _labels(entry: FormItem) -> list[str]:
    """Return the answers that persons give: every letter or word to choose from, else the key and likely slips."""
    kind = KINDS[entry.kind]
    letters = "".join(sorted(entry.order))
    if kind.one_letter:
        return list(letters)
    return list(kind.answers(entry.marked)) or [kind.key_label(entry.marked), *kind.slips(entry.marked, letters)]


def _pull(entry: FormItem, right: str | None) -> Pull:
    """Return what a person who knows answers, and the wrong answers with the share that each draws."""
    key = right or KINDS[entry.kind].key_label(entry.marked)
    others = tuple(label for label in _labels(entry) if label != key)
    rng = np.random.default_rng(int(entry.fingerprint.split(".")[0], 16) + 1)
    shares = np.cumsum(rng.dirichlet(np.full(len(others), 3.0))) if others else np.zeros(0)
    return Pull(key, others, shares)


def _answer(entry: FormItem, knows: bool, pull: Pull, rng: np.random.Generator) -> str:
    drawn = int(np.searchsorted(pull.shares, rng.random()))
    label = pull.right if knows or not pull.others else pull.others[min(drawn, len(pull.others) - 1)]
    return KINDS[entry.kind].show_answer(label, entry.order, "zh")


def _awarded(entry: FormItem, chance: float, rng: np.random.Generator) -> str:
    """Return marks around the share that a person of this ability earns, in steps of a half."""
    share = float(np.clip(chance + rng.normal(0.0, RATING_SD), 0.0, 1.0))
    most = float(KINDS[entry.kind].key_label(entry.marked))
    return f"{round(2 * most * share) / 2:g}"
