"""merge: the items of a sub-bank (分库) into a bank, all or nothing, with every conflict told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from qbank.core.bank import Bank
from qbank.core.item import Item, fingerprint
from qbank.core.standard import Standard
from qbank.core.stimulus import with_stimulus
from qbank.files.bank import BankSource, read_bank, shown_path
from qbank.files.interchange.entries import BankEntries
from qbank.files.items import ItemText
from qbank.files.media import media_bytes
from qbank.lint import SOUNDNESS, ItemInput
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.import_plan import changed_keys
from qbank.workflow.new_items import Writing, put_changed, put_new

Fate = Literal["new", "same", "conflict", "theirs", "ours", "renamed"]
FATES: tuple[Fate, ...] = ("new", "same", "theirs", "ours", "renamed", "conflict")
Take = Literal["", "theirs", "ours"]
LEFT_ALONE = frozenset({"status", "log"})


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """take : whose version of an item that both have stands ; rename : give theirs a new id ; prefix : of new ids"""

    take: Take = ""
    rename: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """What becomes of one item of the sub-bank; ``id`` is its id in the bank, ``keys`` what differs."""

    fate: Fate
    id: str
    theirs: str
    span: Span
    keys: tuple[str, ...] = ()


@dataclass(slots=True)
class MergePlan:
    """What a merge would do, and the files that it would write."""

    merged: list[Merged] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    writing: Writing = field(default_factory=Writing)


def fates(plan: MergePlan) -> dict[str, int]:
    """Return how many items meet each fate."""
    return {fate: sum(entry.fate == fate for entry in plan.merged) for fate in FATES}


def merge_banks(root: Path, other: Path, options: MergeOptions, *, dry: bool) -> MergePlan:
    """Join a sub-bank to a bank; nothing is written where anything is in the way."""
    plan = MergePlan()
    sources = []
    for folder in (root, other):
        source, problems = read_bank(folder)
        if source.bank is None or has_errors(problems):
            plan.problems += [*problems, error("I133", Span(shown_path(folder)), bank=shown_path(folder))]
        sources.append(source)
    if plan.problems:
        return plan
    if root.resolve() == other.resolve():
        plan.problems.append(error("I151", Span(shown_path(other))))
        return plan
    joining = _Joining(root, other, sources[0], sources[1], options, plan)
    joining.compare()
    if not has_errors(plan.problems):
        joining.write()
    if has_errors(plan.problems):
        plan.writing = Writing()
    elif not dry:
        plan.problems += plan.writing.carry_out(root)
    plan.problems.sort(key=lambda problem: problem.span)
    return plan


def differences(ours: Standard, theirs: Standard) -> list[Problem]:
    """Return how the sub-bank's standard differs where it matters to its items: titles and levels of competencies."""
    problems = []
    for code, competency in theirs.competencies.items():
        known = ours.competencies.get(code)
        if known is None:
            continue
        if known.title != competency.title:
            problems.append(warning("I152", competency.span, code=code, ours=known.title, theirs=competency.title))
        elif known.levels != competency.levels or known.importance != competency.importance:
            ours_text, theirs_text = (
                f"{c.importance} {'/'.join(map(str, c.levels))}" for c in (known, competency)
            )
            problems.append(warning("I152", competency.span, code=code, ours=ours_text, theirs=theirs_text))
    return problems


class _Joining:
    """Two banks while the second is joined to the first."""

    def __init__(
        self, root: Path, other: Path, ours: BankSource, theirs: BankSource, options: MergeOptions, plan: MergePlan
    ) -> None:
        assert ours.bank is not None and theirs.bank is not None
        self.root, self.other, self.options, self.plan = root, other, options, plan
        self.ours, self.theirs = ours, theirs
        self.bank: Bank = ours.bank
        self.sub: Bank = theirs.bank
        self.entries = BankEntries()
        self.new_ids: dict[str, str] = {}
        self.new: list[ItemText] = []
        self.changed: list[ItemText] = []

    def compare(self) -> None:
        """Decide what becomes of every item of the sub-bank, and report what is in the way."""
        self.plan.problems += differences(self.bank.standard, self.sub.standard)
        used = {*self.ours.declared, *self.theirs.declared}
        if self.options.rename:
            self.new_ids = self._joined_before()
        for id, text in self.theirs.texts.items():
            self._compare_one(id, text, used)
        known = {*self.ours.declared, *(self.new_ids.get(text.item.id, text.item.id) for text in self.new)}
        for text in [*self.new, *self.changed]:
            self._check(text, known)
        self._check_media()

    def _compare_one(self, id: str, text: ItemText, used: set[str]) -> None:
        mine = self.ours.texts.get(id)
        if id in self.new_ids:
            self.plan.merged.append(Merged("same", self.new_ids[id], id, text.item.span))
            return
        if mine is None:
            self.new.append(text)
            self.plan.merged.append(Merged("new", id, id, text.item.span))
            return
        keys = _differing(mine.item, text.item)
        if not keys or not _differing(mine.item, self._pointing_here(text.item)):
            self.plan.merged.append(Merged("same", id, id, text.item.span))
        elif self.options.take:
            self.plan.merged.append(Merged(self.options.take, id, id, text.item.span, keys))
            if self.options.take == "theirs":
                self.changed.append(text)
        elif self.options.rename:
            self.new_ids[id] = _free_id(self.options.prefix or id, used)
            used.add(self.new_ids[id])
            self.new.append(text)
            self.plan.merged.append(Merged("renamed", self.new_ids[id], id, text.item.span, keys))
        else:
            self.plan.merged.append(Merged("conflict", id, id, text.item.span, keys))
            self.plan.problems.append(
                error("I150", text.item.span, id=id, keys=", ".join(keys), ours=mine.item.span, related=(mine.item.span,))
            )

    def _joined_before(self) -> dict[str, str]:
        """Return which items of the sub-bank an earlier merge brought in under another id: their id → ours."""
        alike: dict[str, list[Item]] = {}
        for id, mark in self.bank.fingerprints.items():
            alike.setdefault(mark, []).append(self.bank.items[id])
        found: dict[str, str] = {}
        for id, text in self.theirs.texts.items():
            if id in self.ours.texts and _differing(self.ours.texts[id].item, text.item):
                copies = (one for one in alike.get(fingerprint(text.item), ()) if one.id not in self.theirs.declared)
                same = [one.id for one in copies if {*_differing(one, text.item)} <= {"id", "enemies"}]
                found |= {id: same[0]} if same else {}
        return found

    def _pointing_here(self, item: Item) -> Item:
        """Return an item of the sub-bank with its enemies under the ids that they have in the bank."""
        return replace(item, enemies=tuple(self.new_ids.get(enemy, enemy) for enemy in item.enemies))

    def _check(self, text: ItemText, known: set[str]) -> None:
        """Report a competency, level or enemy that the bank does not have."""
        given = ItemInput(text.item, self.bank.standard, self.bank.language, text.place)
        for rule in SOUNDNESS:
            self.plan.problems += [problem for problem in rule(given) if problem.severity == "error"]
        self._check_stimulus(text)
        for index, enemy in enumerate(text.item.enemies):
            if self.new_ids.get(enemy, enemy) not in known:
                self.plan.problems.append(error("I153", text.place("enemies", index), enemy=enemy))

    def _check_stimulus(self, text: ItemText) -> None:
        """Report a stimulus that the bank does not have, or has with other words: a merge brings in items only."""
        known = with_stimulus(replace(text.item, stimulus_hash=""), self.bank.stimuli)
        if known.stimulus_hash != text.item.stimulus_hash:
            self.plan.problems.append(error("I156", text.place("stimulus"), stimulus=text.item.stimulus))

    def _check_media(self) -> None:
        """Plan the pictures of the items that come in; one that the bank has under that name must be the same."""
        pictures, problems = media_bytes([text.item for text in [*self.new, *self.changed]], self.other)
        self.plan.problems += problems
        for name, data in pictures.items():
            path = self.root / name
            if path.is_file() and path.read_bytes() != data:
                self.plan.problems.append(error("I129", Span(shown_path(self.other / name)), path=name))
            elif not path.is_file():
                self.plan.writing.put(path, data)

    def write(self) -> None:
        """Plan the files: new items as they stand in the sub-bank's files, one file for each; others in place."""
        by_file: dict[str, list[tuple[dict[str, Any], ItemText]]] = {}
        for text in self.new:
            entries = self._renamed(self.entries.written(text))
            item = replace(text.item, id=str(entries["id"]), enemies=tuple(map(str, entries.get("enemies", ()))))
            by_file.setdefault(text.path, []).append((entries, replace(text, item=item)))
        for path, items in by_file.items():
            below = Path(path).resolve().relative_to((self.other / "items").resolve())
            target = self.root / "items" / "merged" / self.sub.name / below
            self.plan.problems += put_new(self.plan.writing, target, items)
        in_place: dict[str, list[tuple[dict[str, Any], ItemText]]] = {}
        for text in self.changed:
            mine = self.ours.texts[text.item.id]
            own = self.entries.written(mine)
            entries = {key: value for key, value in self.entries.written(text).items() if key not in LEFT_ALONE}
            entries |= {key: own[key] for key in LEFT_ALONE if key in own}
            item = replace(text.item, status=mine.item.status, steps=mine.item.steps)
            in_place.setdefault(mine.path, []).append((self._renamed(entries), replace(text, item=item)))
        for path, items in in_place.items():
            self.plan.problems += put_changed(self.plan.writing, Path(path), items)

    def _renamed(self, entries: dict[str, Any]) -> dict[str, Any]:
        """Return the keys with the new ids of items that got one."""
        id = str(entries["id"])
        entries = {**entries, "id": self.new_ids.get(id, id)}
        if entries.get("enemies"):
            entries["enemies"] = [self.new_ids.get(str(enemy), enemy) for enemy in entries["enemies"]]
        return entries


def _differing(mine: Item, theirs: Item) -> tuple[str, ...]:
    """Return what differs between two items of one id; the same fingerprint and head is the same item."""
    keys = changed_keys(mine, theirs)
    if "stimulus" not in keys and mine.stimulus_hash != theirs.stimulus_hash:
        keys += ("stimulus",)
    return keys or (() if fingerprint(mine) == fingerprint(theirs) else ("template",))


def _free_id(stem: str, used: set[str]) -> str:
    """Return the first free id that begins like this one.

    >>> _free_id("BOF4-01", {"BOF4-01", "BOF4-01-2"})
    'BOF4-01-3'
    """
    stem = stem.rstrip("-")
    match = re.fullmatch(r"(.*)-(\d{1,3})", stem)
    start = int(match.group(2)) + 1 if match and match.group(1) in used else 2
    base = match.group(1) if match and match.group(1) in used else stem
    return next(f"{base}-{n}" for n in range(start, 1_000_000) if f"{base}-{n}" not in used)


def listed(merged: Sequence[Merged], fate: Fate) -> list[Merged]:
    """Return the items that meet one fate."""
    return [entry for entry in merged if entry.fate == fate]
