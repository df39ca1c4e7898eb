"""What a decision writes into the bank: a key, a status, an enemy; only the lines of the items meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from qbank.core.editorial import TRANSITIONS
from qbank.core.item import Marked, Status
from qbank.core.scoring_changes import Rekey
from qbank.files.bank import BankSource
from qbank.files.item_files import yaml_files
from qbank.files.splice import Edit, Planned, adding, edit_files, file_digest, setting, splice
from qbank.ledger import Decision
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.bank import check_bank
from qbank.workflow.editorial import Request, change_status


@dataclass(frozen=True, slots=True)
class Written:
    """A change of the bank. what : ``key``, ``status`` or ``enemies`` ; before, after : in words"""

    item: str
    what: str
    before: str
    after: str
    path: str


def written_key(kind: str, marked: Marked) -> Any:
    """Return the key as an author writes it, None for a kind whose key is more than letters.

    >>> written_key("single", {"key": "B"}), written_key("multiple", {"key": "AC", "credit": "all"}), written_key("true_false", {"key": "false"})
    ('B', ['A', 'C'], False)
    """
    if kind == "single":
        return marked["key"]
    if kind == "true_false":
        return marked["key"] == "true"
    return list(str(marked["key"])) if kind in ("multiple", "matching", "ordering") else None


def write_key(root: Path, item: str, kind: str, printed: str, change: Rekey) -> tuple[list[Written], list[Problem]]:
    """Write the key that was decided on, where the bank still holds the revision that was printed.

    Whatever else the bank holds is left alone, and a warning says so: parts of a case, templates, double keys.
    """
    source, _ = check_bank(root, cached=True)
    value = written_key(kind, change.accepted[0]) if len(change.accepted) == 1 and not change.paper else None
    known = source.texts.get(item)
    if source.bank is None or known is None or value is None:
        return [], [warning("V301", Span(root.as_posix()), item=item, key=change.words)]
    if source.bank.fingerprints[item] == change.fingerprint:
        return [], []
    if source.bank.fingerprints[item] != printed:
        return [], [warning("V302", known.place("id"), item=item, key=change.words)]
    before = str(known.item.body.marked().get("key", ""))
    edits = {item: [setting(item, "key", value)]}
    problems = _edit(root, source, edits)
    shown = change.words
    return ([] if problems else [Written(item, "key", before, shown, known.path)]), problems


def write_enemies(root: Path, item: str, other: str) -> tuple[list[Written], list[Problem]]:
    """Write two items down as enemies of each other; what stands there already is left as it is."""
    source, _ = check_bank(root, cached=True)
    if problems := enemy_problems(source, root, item, other):
        return [], problems
    pairs = [(one, two) for one, two in ((item, other), (other, item)) if two not in source.texts[one].item.enemies]
    problems = _edit(root, source, {one: [adding(one, "enemies", [two])] for one, two in pairs})
    return ([] if problems else [Written(one, "enemies", "", two, source.texts[one].path) for one, two in pairs]), problems


def enemy_problems(source: BankSource, root: Path, item: str, other: str) -> list[Problem]:
    """Return why two items cannot be written down as enemies."""
    if item == other:
        return [error("V303", Span(root.as_posix()), item=item)]
    problems = []
    for id in (item, other):
        if id not in source.texts:
            near = difflib.get_close_matches(id, source.declared, n=1)
            problems.append(error("J120", Span(root.as_posix()), pattern=id, suggestion=near[0] if near else ""))
    return problems


def write_status(root: Path, decision: Decision) -> tuple[list[Written], list[Problem]]:
    """Write the status that a decision asks for: retired, or what an item has to become to be revised.

    A live item that is to be revised goes to draft by way of ``suspended``; the rules of the editorial office hold for
    whoever decides.
    """
    source, _ = check_bank(root, cached=True)
    known = source.texts.get(decision.item)
    if known is None:
        near = difflib.get_close_matches(decision.item, source.declared, n=1)
        return [], [error("J120", Span(root.as_posix()), pattern=decision.item, suggestion=near[0] if near else "")]
    steps = status_steps(known.item.status, "retired" if decision.verdict == "retire" else "draft")
    written: list[Written] = []
    for to in steps:
        request = Request((decision.item,), to, decision.who, decision.at[:10], decision.why)
        moved, problems = change_status(root, request)
        if has_errors(problems):
            return written, problems
        written += [Written(one.id, "status", one.start, one.reached, one.path) for one in moved]
    return written, []


def status_steps(start: Status, goal: Status) -> tuple[Status, ...]:
    """Return the steps from one status to another, the fewest; () where an item is there, or cannot get there.

    >>> status_steps("live", "draft"), status_steps("live", "retired"), status_steps("retired", "draft")
    (('suspended', 'draft'), ('retired',), ())
    """
    ways: list[tuple[Status, ...]] = [()]
    seen = {start}
    while ways:
        way = ways.pop(0)
        last = way[-1] if way else start
        if last == goal:
            return way
        # back to review would be a shorter way to nowhere: it asks for an approval of what is to be changed
        for begin, to in TRANSITIONS:
            if begin == last and to not in seen and (to != "in_review" or goal == "in_review"):
                seen.add(to)
                ways.append((*way, to))
    return ()


def _edit(root: Path, source: BankSource, edits: Mapping[str, Sequence[Edit]]) -> list[Problem]:
    """Make edits of items in their files, all of them or none."""
    paths = {shown: path for path, shown in yaml_files(root / "items", root)[0]}
    planned = {}
    for shown in dict.fromkeys(source.texts[item].path for item in edits):
        own = [edit for item, each in edits.items() if source.texts[item].path == shown for edit in each]
        path = paths[shown]
        planned[path] = Planned(shown, file_digest(path), partial(splice, edits=own, path=shown))
    return edit_files(planned)
