"""family: one paper a person – from a blueprint to a family file, and from that to any of its papers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np

from qbank.assemble.arrangement import arrangement_of
from qbank.assemble.family.falling import hold_falling
from qbank.assemble.family.index import first_papers
from qbank.assemble.family.make import Wishes, family_of, make_family, uneven_problems
from qbank.assemble.family.papers import Papers, papers_of_family
from qbank.assemble.family.pilot import ENOUGH_ANSWERS, Answers
from qbank.assemble.family.shortage import shortage_of
from qbank.assemble.layout import Heading, build_form
from qbank.assemble.pool import Pool, make_pool
from qbank.assemble.setting import make_setting
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.family import Family
from qbank.core.form import Certificate, FamilyPlace, Form
from qbank.core.history import History
from qbank.core.item import PRACTICE_STATUSES, USABLE_STATUSES, Status
from qbank.files.blueprint import read_blueprint
from qbank.files.disk import write_text
from qbank.files.family import (
    ENDING,
    SECRET_ENDING,
    family_digest,
    read_family,
    read_secret,
    secret_check,
    write_family,
    write_secret,
)
from qbank.files.forms import form_text, write_form
from qbank.files.paths import shown_path
from qbank.files.roster import Roster, read_roster
from qbank.files.tables import write_csv
from qbank.kinds.presentation import default_subject
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.paper_files import blueprint_named
from qbank.workflow.papers import bank_root
from qbank.workflow.past import near_copies, past_papers
from qbank.workflow.workspace import Workspace

SECRET_BYTES = 32
NAMED = 8
"""Items that a message names at most."""
EVERY_STATUS: tuple[Status, ...] = get_args(Status)
"""Items of a family keep their places whatever became of them; which papers they still stand on is asked apart."""


@dataclass(frozen=True, slots=True)
class Founded:
    """A family that was written: its record, its file, the file of its secret, and for a pilot for a number of persons
    the answers that they will give."""

    family: Family
    path: Path
    secret_path: Path
    answers: Answers | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Papers that were written: numbers and forms, side by side; paths ; roster : the list of persons with their papers"""

    family: Family
    numbers: tuple[int, ...]
    forms: tuple[Form, ...]
    paths: tuple[Path, ...]
    roster: Path | None = None


def found_family(
    path: Path, workspace: Workspace, wishes: Wishes, *, series: str = "1", seed: int | None = None, at_least: int = 2,
    as_of: str, into: Path | None = None, secret: Path | None = None, after: Sequence[Path] = (),
) -> tuple[Founded | None, list[Problem]]:  # fmt: skip
    """Write the family file of a blueprint and its secret, or nothing and why.

    at_least : papers that the family must have ; secret : a file with a secret of one's own, else one is drawn ; after :
    family files before this one: what they left over is used first, so that in time every item is used
    """
    blueprint, problems = read_blueprint(path)
    earlier = [read_family(each) for each in after]
    problems += [problem for _, wrong in earlier for problem in wrong]
    used = frozenset(id for found, _ in earlier if found is not None for slot in found.slots for id in slot.ids if id)
    wishes = replace(wishes, used=used, papers=at_least)
    if blueprint is None:
        return None, problems
    blueprint = replace(blueprint, n_forms=1, versions=1, seed=blueprint.seed if seed is None else seed)
    bank, wrong = usable_bank(bank_root(blueprint, path))
    problems += wrong
    if bank is None or has_errors(problems):
        return None, problems
    if not 0 <= wishes.overlap < sum(section.items for section in blueprint.sections):
        most = sum(section.items for section in blueprint.sections) - 1
        return None, [*problems, error("P607", blueprint.span, overlap=wishes.overlap, most=most)]
    key, wrong = (secrets.token_bytes(SECRET_BYTES), []) if secret is None else read_secret(secret)
    problems += wrong
    id = f"{blueprint.name}-{series}"
    folder = into or workspace.root / "families"
    target, kept = folder / f"{id}{ENDING}", secret or folder / f"{id}{SECRET_ENDING}"
    if target.exists():
        problems.append(error("F605", Span(shown_path(target)), family=id))
    if key is None or has_errors(problems):
        return None, problems
    history, wrong = hold_falling(blueprint, bank, history_of(workspace, bank.name))
    problems += wrong
    setting, wrong = make_setting(
        blueprint, bank, history, as_of=as_of, past=past_papers(blueprint, workspace, {id}),
        alike=near_copies(blueprint, bank),
    )  # fmt: skip
    problems += wrong
    if setting is None:
        return None, problems
    made, wrong = make_family(setting, wishes)
    problems += wrong
    if has_errors(problems):
        return None, problems
    if made is None or made.design.count.low < at_least:
        return None, problems + shortage_of(setting, wishes, at_least, made)
    family = family_of(
        made, setting, id=id, title=blueprint.title, subject=default_subject(bank, blueprint.level),
        secret_check=secret_check(key),
    )  # fmt: skip
    problems += uneven_problems(made, setting)
    if wishes.pilot:
        problems.append(warning("P605", blueprint.span, least=family.answers, enough=ENOUGH_ANSWERS))
    if secret is None:
        write_secret(key, kept)
    write_family(family, target)
    return Founded(family, target, kept, made.answers), problems


@dataclass(frozen=True, slots=True)
class Opened:
    """A family ready to give papers: what it is, and what its papers are laid out with."""

    papers: Papers
    blueprint: Blueprint
    bank: Bank
    pool: Pool
    history: History


def open_family(path: Path, workspace: Workspace, secret: Path | None = None) -> tuple[Opened | None, list[Problem]]:
    """Return a family at work, or nothing and why: edited, of another blueprint or bank by now, the secret missing."""
    family, problems = read_family(path)
    if family is None:
        return None, problems
    kept = secret or path.with_name(path.name.removesuffix(ENDING) + SECRET_ENDING)
    key, wrong = read_secret(kept)
    problems += wrong
    if key is not None and secret_check(key) != family.secret_check:
        problems.append(error("F604", Span(shown_path(kept))))
    source = blueprint_named(family.blueprint, workspace)
    if source is None:
        problems.append(error("F106", Span(shown_path(path)), blueprint=family.blueprint))
    if source is None or key is None or has_errors(problems):
        return None, problems
    blueprint, wrong = read_blueprint(source)
    problems += wrong
    if blueprint is None or has_errors(problems):
        return None, problems
    if blueprint.digest != family.blueprint_digest:
        problems.append(error("F606", blueprint.span, family=family.id))
    bank, wrong = usable_bank(bank_root(blueprint, source))
    problems += wrong
    if bank is None or has_errors(problems):
        return None, problems
    history = history_of(workspace, bank.name)
    unusable, wrong = unusable_items(family, bank, history, blueprint, Span(shown_path(path)))
    problems += wrong
    if has_errors(problems):
        return None, problems
    blueprint = replace(blueprint, n_forms=1, versions=1, seed=family.seed)
    return Opened(papers_of_family(family, family_digest(family), key, unusable), blueprint, bank, family_pool(family, bank, blueprint, history), history), problems


def unusable_items(
    family: Family, bank: Bank, history: History, blueprint: Blueprint, span: Span
) -> tuple[tuple[str, ...], list[Problem]]:
    """Return the items that may no longer stand on a paper, and which are no longer what they were."""
    statuses = PRACTICE_STATUSES if blueprint.purpose == "practice" else USABLE_STATUSES
    there = [(id, found) for slot in family.slots for id, found in zip(slot.ids, slot.fingerprints, strict=True) if id]
    changed = [id for id, found in there if bank.fingerprints.get(id) != found]
    out = [
        id for id, found in there
        if id in bank.items and (bank.items[id].status not in statuses or found in history.held)
    ]  # fmt: skip
    gone = sorted(dict.fromkeys([*changed, *out]))
    if not gone:
        return (), []
    return tuple(gone), [warning("F607", span, n=len(gone), items=some(gone, NAMED))]


def family_pool(family: Family, bank: Bank, blueprint: Blueprint, history: History) -> Pool:
    """Return the items of a family as a pool, whatever became of them in the bank."""
    ids = {id for slot in family.slots for id in slot.ids if id}
    part = replace(bank, items={id: item for id, item in bank.items.items() if id in ids})
    kinds = frozenset(section.kind for section in blueprint.sections)
    return make_pool(part, replace(history, held={}), level=blueprint.level, kinds=kinds, uses={}, statuses=EVERY_STATUS)


def family_form(opened: Opened, number: int) -> Form:
    """Return the paper behind a number; it must be one."""
    family, pool = opened.papers.family, opened.pool
    position = {id: place for place, id in enumerate(pool.ids)}
    items = opened.papers.items(number)
    certificate = Certificate(
        objective=0.0, bound=0.0, gap=0.0, violations=(), method="family", basis=family.basis,
        goal=f"any two share at most {family.overlap}: {family.code.construction}", kind="deviation",
        cut_ability=family.cut_ability, score_apart=2 * family.score_tolerance, information_apart=2 * family.tolerance,
    )  # fmt: skip
    heading = Heading("", family.as_of, family.title, family.subject, family.statistics_digest)
    blueprint = replace(opened.blueprint, seed=int(np.random.SeedSequence([family.seed, number]).generate_state(1)[0]))
    form = build_form(
        blueprint, opened.bank, pool, 0, certificate, heading,
        positions=np.array([position[id] for id in items], dtype=np.int64),
        sections=np.array([slot.section for slot in family.slots for _ in range(slot.size)], dtype=np.int64),
        scored=np.ones(len(items), dtype=np.bool_), arrangement=arrangement_of((), blueprint),
    )  # fmt: skip
    place = FamilyPlace(family.id, opened.papers.digest, number, family.overlap, family.pilot)
    return replace(form, id=f"{family.id}-{number}", bank_digest=opened.bank.digest, family=place)


def give_papers(
    path: Path, workspace: Workspace, *, numbers: Sequence[int] = (), persons: Sequence[str] = (),
    roster: Path | None = None, secret: Path | None = None, into: Path | None = None,
) -> tuple[Given | None, list[Problem]]:  # fmt: skip
    """Write papers of a family: by their numbers, of single persons, or of everyone on a roster; all or none.

    A roster is written again with a column of papers, ready for printing and for answers.
    """
    opened, problems = open_family(path, workspace, secret)
    if opened is None:
        return None, problems
    papers, span = opened.papers, Span(shown_path(path))
    listed: Roster | None = None
    if roster is not None:
        listed, wrong = read_roster(roster)
        problems += wrong
        if listed is None or has_errors(problems):
            return None, problems
        persons = [person.number for person in listed.persons]
    chosen, wrong = _numbers(papers, tuple(numbers), tuple(persons), span, single=roster is None)
    problems += wrong
    if has_errors(problems):
        return None, problems
    forms = tuple(family_form(opened, number) for number in dict.fromkeys(chosen))
    folder = into or workspace.forms / papers.family.id
    paths = tuple(folder / f"{form.id}.yaml" for form in forms)
    problems += [
        error("A206", Span(shown_path(target)), form=form.id)
        for form, target in zip(forms, paths, strict=True)
        if target.exists() and target.read_text("utf-8") != form_text(form)
    ]
    if has_errors(problems):
        return None, problems
    for form, target in zip(forms, paths, strict=True):
        write_form(form, target)
    target_roster = None
    if listed is not None and roster is not None:
        target_roster = roster.with_name(f"{roster.stem}-papers.csv")
        _write_roster(listed, [f"{papers.family.id}-{number}" for number in chosen], target_roster)
    return Given(papers.family, chosen, forms, paths, target_roster), problems


def _numbers(
    papers: Papers, numbers: tuple[int, ...], persons: tuple[str, ...], span: Span, *, single: bool
) -> tuple[tuple[int, ...], list[Problem]]:
    problems: list[Problem] = []
    for number in numbers:
        if not 0 <= number < papers.size:
            problems.append(error("F608", span, number=number, most=papers.size - 1))
        elif broken := papers.broken(number):
            near, slot = papers.next(number), papers.unfilled(number)
            following = "–" if near is None else near
            if slot is None:
                problems.append(error("F609", span, number=number, rule=broken[0], near=following))
            else:
                problems.append(error("F613", span, number=number, place=slot + 1, near=following))
    found = list(numbers)
    if single:
        for person in persons:
            given = papers.number_of(person) if person.strip() else None
            if not person.strip():
                problems.append(error("F612", span))
            elif given is None:
                problems.append(error("F611", span, family=papers.family.id))
            else:
                found.append(given)
        return tuple(found), problems
    everyone = papers.numbers_of(persons)
    without = sum(number is None for number in everyone)
    if without:
        problems.append(error("F610", span, n=without, persons=len(persons), papers=len(persons) - without))
    return tuple(number for number in everyone if number is not None), problems


def _write_roster(roster: Roster, forms: Sequence[str], target: Path) -> None:
    keep = [place for place in range(len(roster.header)) if place != roster.form]
    header = (*(roster.header[place] for place in keep), "form")
    rows = [
        (*(person.cells[place] if place < len(person.cells) else "" for place in keep), form)
        for person, form in zip(roster.persons, forms, strict=True)
    ]
    write_csv(target, header, rows)


def write_index(path: Path, workspace: Workspace, n: int, target: Path, *, secret: Path | None = None) -> tuple[int, list[Problem]]:
    """Write the numbers and items of the first n papers of a family as one CSV file; return how many there are."""
    opened, problems = open_family(path, workspace, secret)
    if opened is None:
        return 0, problems
    papers = opened.papers
    numbers, words = first_papers(papers, n)
    slots = [np.array(slot.ids, dtype=object).reshape(-1, slot.size) for slot in papers.family.slots]
    columns = [column for slot, ids in enumerate(slots) for column in ids[words[:, slot]].T]
    names = [f"slot{slot + 1}" + (f"-{k + 1}" if ids.shape[1] > 1 else "") for slot, ids in enumerate(slots) for k in range(ids.shape[1])]
    lines = ["number," + ",".join(names)]
    lines += [",".join((str(number), *row)) for number, *row in zip(numbers.tolist(), *columns, strict=True)]
    write_text(target, "\n".join(lines) + "\n")
    return len(numbers), problems
