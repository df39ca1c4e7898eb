"""How every item of a sitting is marked: as printed, or with the keys that a scoring run accepts instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qbank.core.bank import Bank
from qbank.core.form import Form, FormItem, answer_places, full_marks
from qbank.core.item import Marked, digest, seen_part
from qbank.core.responses import MARKS_ONLY
from qbank.core.scoring_changes import Rekey
from qbank.kinds import KINDS
from qbank.kinds.questions import find_question


@dataclass(frozen=True, slots=True)
class Marking:
    """How an item of a sitting is marked; ``corrected`` where that is not what was printed.

    marks : of a full answer, whether they count or not ; by_paper : what decides the marks on papers that hold another
    variant of a template than the first paper does ; marks_by_paper : on papers where a full answer is worth something
    else ; unscored_on : the papers on which the marks do not count ; also : further keys that count as right, by paper,
    ``""`` on all others
    """

    fingerprint: str
    kind: str
    marked: Marked
    marks: float
    corrected: bool
    by_paper: Mapping[str, Marked] = field(default_factory=dict)
    marks_by_paper: Mapping[str, float] = field(default_factory=dict)
    unscored_on: frozenset[str] = frozenset()
    also: Mapping[str, tuple[Marked, ...]] = field(default_factory=dict)


def accepted(entry: Marking, paper: str = "") -> tuple[Marked, ...]:
    """Return what decides the marks on a paper, once for every key that counts as right there."""
    if paper in entry.by_paper:
        return (entry.by_paper[paper], *entry.also.get(paper, ()))
    return (entry.marked, *entry.also.get("", ()))


def all_accepted(entry: Marking) -> tuple[tuple[Marked, ...], ...]:
    """Return what decides the marks on all papers, each variant once."""
    return (accepted(entry), *(accepted(entry, paper) for paper in entry.by_paper))


def label_share(kind: str, keys: tuple[Marked, ...], label: str, marks: float) -> float:
    """Return the share of the marks that an answer earns: by the best of the keys, exact.

    >>> label_share("single", ({"key": "B"}, {"key": "C"}), "C", 1.0), label_share("single", ({"key": "B"},), "marks:0.5", 2.0)
    (1.0, 0.25)
    """
    if label.startswith(MARKS_ONLY):
        return min(max(float(label.removeprefix(MARKS_ONLY)) / marks, 0.0), 1.0) if marks else 0.0
    credit = KINDS[kind].credit
    return max(credit(marked, label) for marked in keys)


def is_full(entry: Marking, label: str) -> bool:
    """Return whether an answer earns everything on every paper."""
    return all(label_share(entry.kind, keys, label, entry.marks) == 1.0 for keys in all_accepted(entry))


def printed_markings(forms: tuple[Form, ...]) -> dict[str, Marking]:
    """Return for each item on the papers how it is marked by what was printed."""
    found: dict[str, Marking] = {}
    variants: dict[str, int] = {}
    for form in forms:
        for entry in answer_places(form):
            if entry.id not in found:
                found[entry.id] = Marking(entry.fingerprint, entry.kind, entry.marked, full_marks(entry), False)
                variants[entry.id] = entry.variant
            first = found[entry.id]
            if entry.variant != variants[entry.id] or entry.marked != first.marked:
                first = replace(first, by_paper={**first.by_paper, form.id: entry.marked})
            if full_marks(entry) != first.marks:
                first = replace(first, marks_by_paper={**first.marks_by_paper, form.id: full_marks(entry)})
            if not entry.scored:
                first = replace(first, unscored_on=first.unscored_on | {form.id})
            found[entry.id] = first
    return found


def rekeyed(marking: Mapping[str, Marking], changes: tuple[Rekey, ...]) -> dict[str, Marking]:
    """Return the markings with other keys, those for one paper after those for all."""
    found = dict(marking)
    for change in sorted(changes, key=lambda each: bool(each.paper)):
        entry = found[change.item]
        first, *others = change.accepted
        if change.paper:
            by_paper, also = {**entry.by_paper, change.paper: first}, {**entry.also, change.paper: tuple(others)}
            entry = replace(entry, by_paper=by_paper, also=also)
        else:
            entry = replace(entry, marked=first, also={**entry.also, "": tuple(others)})
        found[change.item] = replace(entry, fingerprint=change.fingerprint, corrected=True)
    return found


def remarked(printed: str, variant: int, keys: tuple[Marked, ...]) -> str:
    """Return the fingerprint of what was printed with other keys: that of the revision with this key, where it is one.

    >>> remarked("seen.marked", 0, ({"key": "B"},)) == f"seen.{digest({'key': 'B'})}"
    True
    """
    facts: Marked = keys[0] if len(keys) == 1 and not variant else {"printed": printed, "accepted": keys}
    return f"{seen_part(printed)}.{digest(facts)}"


def corrections(forms: tuple[Form, ...], bank: Bank) -> tuple[Rekey, ...]:
    """Return the keys that were corrected in the bank since the papers were printed.

    Answers belong to what was seen: an item whose stem or options changed keeps the marking of its paper. Marks that
    people have awarded stand: a rubric changed since is not the one that they had before them.
    """
    found: dict[tuple[str, str], Rekey] = {}
    printed = printed_markings(forms)
    for form in forms:
        for entry in answer_places(form):
            paper = form.id if form.id in printed[entry.id].by_paper else ""
            if (entry.id, paper) not in found and (now := _corrected(entry, bank)) is not None:
                marked, fingerprint = now
                words = KINDS[entry.kind].key_label(marked)
                found[entry.id, paper] = Rekey(entry.id, paper, words, (marked,), fingerprint, "bank")
    return tuple(found.values())


def _corrected(entry: FormItem, bank: Bank) -> tuple[Marked, str] | None:
    found = find_question(bank, entry.id, entry.variant)
    if found is None or KINDS[entry.kind].rated:
        return None
    item, now = found
    same = item.kind == entry.kind and seen_part(now) == seen_part(entry.fingerprint)
    return (item.body.marked(), now) if same and now != entry.fingerprint else None
