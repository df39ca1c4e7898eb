"""Drafts placed in a bank, one after the other: which item each is a version of, and what it lacks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from qbank.core.bank import Bank
from qbank.core.item import fingerprint, normalise, seen_hash, seen_part
from qbank.core.stimulus import Stimulus, with_stimulus
from qbank.files.bank import BankSource
from qbank.files.interchange.draft import Draft, note, unfit_texts, without_unseen_characters
from qbank.files.interchange.entries import BankEntries, item_of, plainly
from qbank.files.items import ItemText
from qbank.files.media import with_media
from qbank.lint import SOUNDNESS, ItemInput
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.import_plan import HEAD, Action, Change, ImportOptions, Plan, changed_keys
from qbank.workflow.points import Points, match_point, points_of

SECONDS = {"true_false": 30, "single": 45, "multiple": 60, "fill": 60, "numeric": 120, "matching": 90, "ordering": 90,
           "short": 300, "essay": 900, "case": 600, "task": 3600}  # fmt: skip
"""Expected answering time of an item whose file names none, until an editor corrects it."""
GRADE, COGNITIVE = 3, "understand"


class Placing:
    """The bank while drafts are placed in it, one after the other."""

    def __init__(self, source: BankSource, bank: Bank, root: Path, options: ImportOptions, plan: Plan) -> None:
        self.source, self.bank, self.root, self.options, self.plan = source, bank, root, options, plan
        self.points: Points = points_of(bank.standard)
        self.by_source = {text.item.source_id: id for id, text in source.texts.items() if text.item.source_id}
        self.stems = {normalise(text.item.stem) for text in source.texts.values()}
        self.by_seen = {seen_part(mark): id for id, mark in bank.fingerprints.items()}
        self.taken: dict[str, Span] = {}
        self.used = set(source.declared)
        self.new: list[tuple[dict[str, Any], ItemText]] = []
        self.updated: list[tuple[ItemText, dict[str, Any], ItemText]] = []
        self.media: dict[Path, bytes] = {}
        self.pictures: dict[str, str] = {}
        self.entries = BankEntries()
        self.defaulted: dict[str, int] = {}
        self.stimuli: dict[str, Stimulus] = dict(bank.stimuli)
        self.new_stimuli: dict[str, dict[str, str]] = {}
        self.number = _highest_number(source.declared, options.prefix)

    def take(self, draft: Draft) -> None:
        """Decide what becomes of one draft."""
        draft, removed = without_unseen_characters(draft)
        self.plan.problems += removed
        problems = unfit_texts(draft)
        id = "" if problems else self._existing(draft)
        if not problems:
            text, entries, problems = self._item(draft, id)
            if text is not None and not has_errors(problems):
                problems += self._twice(draft, text)
            if text is not None and not has_errors(problems):
                self.plan.problems += problems
                self._settle(draft, text, entries)
                return
        self.plan.problems += problems
        self.plan.changes.append(Change("refused", id or draft.id, draft.span, str(draft.entries.get("stem", ""))))

    def _existing(self, draft: Draft) -> str:
        """Return the id of the item that a draft is a later version of, or nothing."""
        if draft.source_id and (id := self.by_source.get(draft.source_id)):
            return id
        for word in (draft.id, draft.source_id):
            if word in self.source.texts:
                return word
        return "" if draft.id else self._seen_before(draft)

    def _item(self, draft: Draft, id: str) -> tuple[ItemText | None, dict[str, Any], list[Problem]]:
        before = self.source.texts.get(id)
        entries = self._entries(draft, before)
        problems = self._classify(draft, entries, before)
        if has_errors(problems):
            return None, entries, problems

        text, wrong = item_of(entries, draft.span.path, draft.position)
        problems += wrong
        if text is not None:
            text, wrong = self._with_pictures(text, draft)
            problems += wrong
            problems += self._shared(draft)
            if text.item.stimulus and text.item.stimulus not in self.stimuli:
                problems.append(error("Q402", draft.span, stimulus=text.item.stimulus, suggestion=""))
            text = replace(text, item=with_stimulus(text.item, self.stimuli))
            if before is not None and not changed_keys(before.item, text.item):
                return text, entries, problems
            given = ItemInput(text.item, self.bank.standard, self.bank.language, text.place)
            for rule in SOUNDNESS:
                problems += [problem for problem in rule(given) if problem.severity == "error"]
        return text, entries, problems

    def _entries(self, draft: Draft, before: ItemText | None) -> dict[str, Any]:
        """Return the keys of the item: those of the draft over those that the bank has."""
        known: dict[str, Any] = {}
        entries: dict[str, Any] = {"id": draft.id or f"{self.options.prefix}-0", "kind": draft.kind}
        if before is not None:
            entries = self.entries.written(before)
            known = plainly(entries)
            if draft.kind != before.item.kind:
                entries = {key: value for key, value in entries.items() if key in (*HEAD, "status", "log")}
                entries["kind"] = draft.kind
        else:
            entries |= {"status": "draft"}
        for key, value in draft.entries.items():
            old = known.get(key)
            if key == "key" and isinstance(old, dict) and isinstance(value, dict):
                value = {**old, **value}
            value = _as_before(old, value)
            if key not in entries or old != value:
                entries[key] = value
        if draft.source_id and draft.source_id != entries["id"]:
            entries["source_id"] = draft.source_id
        return entries

    def _classify(self, draft: Draft, entries: dict[str, Any], before: ItemText | None) -> list[Problem]:
        """Give the entries their competency, level and what else an item must have."""
        problems: list[Problem] = []
        level = draft.level or (before.item.level if before else 0) or self.options.level
        written = (draft.competency,) if draft.competency else draft.points
        match = match_point(self.points, written, level)
        span = draft.place("competency")
        cells = " › ".join(written)[:120]
        if match.code:
            entries["competency"] = match.code
            if match.how == "part":
                problems.append(warning("I125", span, found=cells, competency=self.points.names[match.code]))
        elif written and not self.options.competency:
            code = "I124" if match.how == "ambiguous" else "I123"
            problems.append(Problem(code, "error", span, (("found", cells), ("near", "; ".join(match.near)))))
        elif before is None or written:
            if not self.options.competency:
                problems.append(error("I136", span))
            entries["competency"] = self.options.competency
        if not level and (known := self.bank.standard.competencies.get(str(entries.get("competency")))):
            level = known.levels[0] if len(known.levels) == 1 else 0
        if not level:
            problems.append(error("I126", draft.place("level")))
        entries["level"] = level
        for key, value in _usual(draft.kind).items():
            entries.setdefault(key, value)
        return problems

    def _with_pictures(self, text: ItemText, draft: Draft) -> tuple[ItemText, list[Problem]]:
        """Return the item with the hashes of its pictures, those that come with the draft or stand in the bank."""
        problems: list[Problem] = []
        for name, data in draft.media.items():
            if not self._is_free(name, data):
                problems.append(error("I129", draft.span, path=name))
            self.media[self.root / name] = data
        if draft.media:
            hashes = {name: hashlib.sha256(data).hexdigest()[:16] for name, data in draft.media.items()}
            return replace(text, item=replace(text.item, media=hashes)), problems
        done, wrong = with_media([text], self.root, self.pictures)
        return done[0], problems + wrong

    def _shared(self, draft: Draft) -> list[Problem]:
        """Take the stimulus that a draft brings; one that the bank has under its id stands, and a difference is told."""
        if draft.shared is None:
            return []
        id, text, title = draft.shared["id"], draft.shared["text"], draft.shared.get("title", "")
        if (known := self.stimuli.get(id)) is not None:
            alike = normalise(known.text) == normalise(text) and normalise(known.title) == normalise(title)
            return [] if alike or known.span == draft.span else [warning("X436", draft.span, stimulus=id, related=(known.span,))]
        problems = [error("I129", draft.span, path=name) for name, data in draft.shared_media.items() if not self._is_free(name, data)]
        if not problems:
            self.media |= {self.root / name: data for name, data in draft.shared_media.items()}
            hashes = {name: hashlib.sha256(data).hexdigest()[:16] for name, data in draft.shared_media.items()}
            self.stimuli[id] = Stimulus(id, text, title, (), draft.span, hashes)
            self.new_stimuli[id] = dict(draft.shared)
        return problems

    def _is_free(self, name: str, data: bytes) -> bool:
        """Return whether a picture may have a name in the bank: it is new, or the very same."""
        path = self.root / name
        return (self.media.get(path) or (path.read_bytes() if path.is_file() else data)) == data

    def _twice(self, draft: Draft, text: ItemText) -> list[Problem]:
        """Return that an earlier question of the file is the same one: by its id, or word for word without any id."""
        names = [f"source {draft.source_id}"] if draft.source_id else []
        names += [f"id {draft.id}"] if draft.id else []
        for name in names or [f"seen {seen_hash(text.item)}"]:
            if first := self.taken.get(name):
                return [error("I127", draft.span, first=first, related=(first,))]
            self.taken[name] = draft.span
        return []

    def _settle(self, draft: Draft, text: ItemText, entries: dict[str, Any]) -> None:
        id = text.item.id if text.item.id in self.source.texts else ""
        if not id:
            self._add(draft, text, entries)
            return
        before = self.source.texts[id]
        keys = changed_keys(before.item, text.item)
        action: Action = "updated" if keys else "unchanged"
        self.plan.changes.append(Change(action, id, draft.span, text.item.stem, keys))
        if keys:
            self.updated.append((before, entries, text))
            if fingerprint(before.item) != fingerprint(text.item) and before.item.status in ("approved", "live", "released"):
                self.plan.problems.append(
                    warning("I137", draft.span, id=id, status=before.item.status, related=(before.item.span,))
                )

    def _seen_before(self, draft: Draft) -> str:
        """Return the item that shows the very same question, unless it is known to come from another source."""
        if normalise(str(draft.entries.get("stem", ""))) not in self.stems:
            return ""
        entries = {"id": "X", "kind": draft.kind, "competency": "X", "level": 1, **_usual(draft.kind), **draft.entries}
        text, _ = item_of(entries, "", lambda steps: (1, 1))
        if text is None:
            return ""
        hashes = {name: hashlib.sha256(data).hexdigest()[:16] for name, data in draft.media.items()}
        id = self.by_seen.get(seen_hash(with_stimulus(replace(text.item, media=hashes), self.stimuli)), "")
        return id if id and not (draft.source_id and self.source.texts[id].item.source_id) else ""

    def _add(self, draft: Draft, text: ItemText, entries: dict[str, Any]) -> None:
        id = draft.id
        if not id or id in self.used:
            self.number += 1
            id = f"{self.options.prefix.rstrip('-')}-{self.number:04d}"
        self.used.add(id)
        for key in _usual(draft.kind):
            if key not in draft.entries:
                self.defaulted[key] = self.defaulted.get(key, 0) + 1
        entries = {**entries, "id": id}
        if entries.get("source_id") == id:
            del entries["source_id"]
        text = replace(text, item=replace(text.item, id=id))
        self.new.append((entries, text))
        self.plan.changes.append(Change("new", id, draft.span, text.item.stem))

    def say_defaults(self) -> None:
        """Note which keys the file did not give and what stands in their place."""
        if self.defaulted:
            keys = ", ".join(f"{key} ({n})" for key, n in self.defaulted.items())
            span = Span(self.new[0][1].path)
            self.plan.problems.append(note("I128", span, keys=keys, grade=GRADE, cognitive=COGNITIVE))


def _as_before(old: Any, value: Any) -> Any:
    """Return a value with those texts of the old one that differ only in white space, which no table can hold.

    >>> _as_before({"A": "a\\n", "B": "b"}, {"A": "a", "B": "c"})
    {'A': 'a\\n', 'B': 'c'}
    """
    if isinstance(old, str) and isinstance(value, str):
        return old if normalise(old) == normalise(value) else value
    if isinstance(old, dict) and isinstance(value, dict):
        return {key: _as_before(old.get(key), entry) for key, entry in value.items()}
    if isinstance(old, list) and isinstance(value, list) and len(old) == len(value):
        return [_as_before(one, other) for one, other in zip(old, value, strict=True)]
    return value


def _usual(kind: str) -> dict[str, Any]:
    """Return what stands in the place of what a file does not give, until an editor corrects it."""
    return {"grade": GRADE, "cognitive": COGNITIVE, "seconds": SECONDS.get(kind, 60)}


def _highest_number(ids: Iterable[str], prefix: str) -> int:
    pattern = re.compile(re.escape(prefix.rstrip("-")) + r"-(\d{1,9})")
    return max((int(match.group(1)) for id in ids if (match := pattern.fullmatch(id))), default=0)
