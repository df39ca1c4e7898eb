"""What a scoring run is asked to change, held against the papers: ``ITEM=KEY``, items dropped, items credited."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qbank.core.form import Form, FormItem, answer_places, form_items
from qbank.core.item import Marked
from qbank.core.responses import MARKS_ONLY, Responses
from qbank.core.scoring_changes import Changes, Rekey
from qbank.kinds import KINDS
from qbank.kinds.kind import no_other_keys
from qbank.kinds.marking import Marking, accepted, remarked
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, warning


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line.

    rekey : ``ITEM=KEY`` or ``ITEM@PAPER=KEY`` each ; drop, credit : items ; corrected : also take the keys that the
    bank has by now ; rules : file of scoring rules
    """

    rekey: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    corrected: bool = False
    rules: Path | None = None


def read_asked(
    asked: Asked, id: str, forms: tuple[Form, ...], printed: Mapping[str, Marking], bank: tuple[Rekey, ...]
) -> tuple[Changes, list[Problem]]:
    """Return what is to be changed, and everything that is wrong with what was asked for.

    printed : the markings as printed ; bank : the keys that were corrected in the bank since
    """
    problems: list[Problem] = []
    found: dict[tuple[str, str], Rekey] = {}
    for written in asked.rekey:
        changes, wrong = read_rekey(written, id, forms, printed, bank)
        problems += wrong
        for change in changes:
            if (change.item, change.paper) in found:
                problems.append(error("M107", Span(id), item=change.item))
            found[change.item, change.paper] = change
    by_name = {item for item, _ in found}
    for item in (*asked.drop, *asked.credit):
        problems += unknown_item(item, id, forms, printed)
    named = [*by_name, *dict.fromkeys(asked.drop), *dict.fromkeys(asked.credit)]
    problems += [error("M107", Span(id), item=item) for item in dict.fromkeys(named) if named.count(item) > 1]
    if asked.corrected:
        found |= {(change.item, change.paper): change for change in bank if change.item not in by_name}
    problems += _emptied(id, forms, frozenset(asked.drop))
    ordered = tuple(found[key] for key in sorted(found))
    return Changes(ordered, tuple(sorted(set(asked.drop))), tuple(sorted(set(asked.credit)))), problems


def known_by_marks(id: str, changes: Changes, responses: Responses) -> list[Problem]:
    """Return the items with another key some of whose answers are known by their marks only: those stay as they are."""
    column = {item: n for n, item in enumerate(responses.items)}
    problems = []
    for item in sorted({change.item for change in changes.rekey if change.item in column}):
        n = column[item]
        bare = [code for code, label in enumerate(responses.labels[n]) if label.startswith(MARKS_ONLY)]
        count = sum(int((responses.answer[:, n] == code).sum()) for code in bare)
        if count:
            problems.append(warning("M111", Span(id), item=item, n=count))
    return problems


def read_rekey(
    written: str, id: str, forms: tuple[Form, ...], printed: Mapping[str, Marking], bank: tuple[Rekey, ...]
) -> tuple[list[Rekey], list[Problem]]:
    """Return what ``ITEM=KEY`` or ``ITEM@PAPER=KEY`` means on these papers, and what is wrong with it."""
    head, mark, key = written.partition("=")
    item, at, paper = (part.strip() for part in head.partition("@"))
    if not (mark and item and key.strip()) or (at and not paper):
        return [], [error("M102", Span(id), text=written)]
    if unknown := unknown_item(item, id, forms, printed):
        return [], unknown
    entry = printed[item]
    kind = KINDS[entry.kind]
    if kind.keys is no_other_keys:
        return [], [error("M104", Span(id), item=item)]
    places = {form.id: place for form in forms for place in answer_places(form) if place.id == item}
    if paper and paper not in places:
        return [], [error("M115", Span(id), item=item, form=paper, forms=some(tuple(places)))]
    if not paper and len({place.variant for place in places.values()}) > 1:
        return [], [error("M106", Span(id), item=item, form=next(iter(places)), forms=some(tuple(places)))]
    changes = []
    for where in [paper] if paper else ["", *entry.by_paper]:
        place = places[where] if where else next(iter(places.values()))
        keys = kind.keys(key.strip(), "".join(sorted(place.order)), place.marked)
        if not keys:
            letters = ", ".join(sorted(place.order))
            return [], [error("M103", Span(id), item=item, key=key.strip(), kind=entry.kind, options=letters or "–")]
        if keys == accepted(entry, where):
            return [], [warning("M110", Span(id), item=item, key=key.strip())]
        changes.append(Rekey(item, where, key.strip(), keys, _fingerprint(place, where, keys, bank), "asked"))
    return changes, []


def _fingerprint(place: FormItem, paper: str, keys: tuple[Marked, ...], bank: tuple[Rekey, ...]) -> str:
    """Return that of the revision in the bank, where it has just this key by now."""
    same = [change for change in bank if (change.item, change.accepted) == (place.id, keys)]
    return same[0].fingerprint if same else remarked(place.fingerprint, place.variant, keys)


def unknown_item(item: str, id: str, forms: tuple[Form, ...], printed: Mapping[str, Marking]) -> list[Problem]:
    """Return that an item is on none of the papers, with what was probably meant; nothing where it is on one."""
    if item in printed:
        return []
    parts = next((place.parts for form in forms for place in form_items(form) if place.id == item and place.parts), ())
    if parts:
        return [error("M105", Span(id), item=item, parts=", ".join(part.id for part in parts))]
    near = difflib.get_close_matches(item, printed, n=1)
    return [error("M101", Span(id), item=item, id=id, suggestion=near[0] if near else "")]


def _emptied(id: str, forms: tuple[Form, ...], dropped: frozenset[str]) -> list[Problem]:
    """Return the papers of which nothing that counts would be left."""
    return [
        error("M108", Span(id), form=form.id)
        for form in forms
        if (counts := [place.id for place in answer_places(form) if place.scored and place.marks]) and dropped.issuperset(counts)
    ]
