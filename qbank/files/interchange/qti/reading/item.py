"""An item of QTI 3, 2.2 or 2.1 → a draft: stem, answer, marks, explanation, and a list of what cannot be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qbank.files.interchange.answers import plain_number
from qbank.files.interchange.draft import Draft, note
from qbank.files.interchange.qti.names import id_of
from qbank.files.interchange.qti.reading.archive import Package
from qbank.files.interchange.qti.reading.as_written import restored
from qbank.files.interchange.qti.reading.asking import Asked, Question, letters_of
from qbank.files.interchange.qti.reading.choices import marked_word
from qbank.files.interchange.qti.reading.content import Reading, inside_of
from qbank.files.interchange.qti.reading.declared import marking_of, marks_of, number, responses_of
from qbank.files.interchange.qti.reading.interactions import NOT_TAKEN, TAKEN, shown_in_text
from qbank.files.interchange.qti.reading.manifest import About
from qbank.files.interchange.qti.reading.stimulus import Shared
from qbank.files.interchange.qti.reading.vocabulary import local, words
from qbank.kinds import KINDS
from qbank.problem import Problem

INLINE = frozenset({"text-entry-interaction", "inline-choice-interaction"})
OPEN = ("short", "essay", "task")
IGNORED = frozenset({"end-attempt-interaction"})


@dataclass(frozen=True, slots=True)
class Place:
    """An interaction, its number in the item, and the part of a case of ours in which it stands."""

    node: Any
    number: int
    part: Any


def read_item(
    package: Package, path: str, root: Any, about: About, shared: Mapping[str, Shared]
) -> tuple[Draft | None, list[Problem]]:
    """Return the draft of an item, None where it cannot be kept, and all that is to be said of it.

    shared : the stimuli of the package by the path of their files
    """
    reading = Reading(package, path)
    draft = _draft(reading, root, about, shared)
    if draft is not None and root.get("tool-name") != "qbank":
        for code, found in (("I141", reading.dropped), ("I147", reading.lost | set(about.lost))):
            if found:
                reading.problems.append(note(code, reading.span(root), tags=", ".join(sorted(found))))
    failed = any(problem.severity == "error" for problem in reading.problems)
    return None if failed else draft, reading.problems


def _draft(reading: Reading, root: Any, about: About, shared: Mapping[str, Shared]) -> Draft | None:
    body = root.find("item-body")
    if body is None:
        reading.wrong("X426", root, reason="no_interaction", found=root.get("identifier", ""))
        return None
    drawn = next(root.iter("template-declaration", "template-processing", "printed-variable"), None)
    if drawn is not None:
        reading.wrong("X426", drawn, reason="numbers_drawn", found=local(drawn))
        return None
    places = _places(body)
    strange = {local(place.node) for place in places if local(place.node) not in TAKEN}
    for place in places:
        if local(place.node) in strange:
            reading.wrong("X421", place.node, interaction=local(place.node), known=", ".join(sorted(TAKEN)))
    if not places:
        reading.wrong("X426", body, reason="no_interaction", found=words(body)[:60])
    if strange or not places:
        return None
    if root.get("adaptive") == "true":
        reading.doubt("X435", root)
    question = Question(reading, root, responses_of(root), marking_of(root), _hints(reading, root), _guide(reading, root))
    asked = [TAKEN[local(place.node)](question, place.node) for place in places]
    if any(one is None for one in asked):
        return None
    entries, kind = _entries(question, body, places, [one for one in asked if one is not None])
    _say_marking(question, root, asked[0])
    told = _explained(question, root)
    stimulus = _stimulus(reading, root, body, shared, told)
    return _finished(reading, root, about, kind, {**told, **entries}, stimulus)


def _places(body: Any) -> list[Place]:
    """Return the interactions of an item in reading order."""
    found: list[Place] = []
    for node in body.iter():
        name = local(node)
        if any(local(outer).endswith("-interaction") for outer in node.iterancestors()):
            continue  # a custom interaction may hold the one of its maker
        if name.endswith("-interaction") and name not in IGNORED:
            part = next((one for one in node.iterancestors("div") if one.get("class") == "qbank-part"), None)
            found.append(Place(node, len(found) + 1, part))
    return found


def _entries(question: Question, body: Any, places: list[Place], asked: list[Asked]) -> tuple[dict[str, Any], str]:
    """Return stem, answer and marks, and the kind: that of the one question, or a case of several."""
    blanks = all(one.kind == "fill" for one in asked)
    groups = _groups(places, together=blanks)
    if len(groups) == 1:
        one = _joined(asked)
        stem = "\n\n".join(part for part in (_stem(question, body, places, alone=True), one.prompt) if part)
        marks = one.marks if one.kind == "case" else _in_halves(question, marks_of(question.root) or one.marks)
        return {"stem": stem, **one.body, **_written(one, marks), **_worth(marks)}, one.kind
    for asking in (place.node for place, one in zip(places, asked, strict=True) if one.kind == "case"):
        question.reading.wrong("X426", asking, reason="several_partners", found=asking.get("response-identifier", ""))
    stem = _stem(question, body, [place for place in places if place.part is None], alone=False)
    parts = []
    for place, group in enumerate(groups, start=1):
        one = _joined([asked[entry.number - 1] for entry in group])
        own = _stem(question, group[0].part, group, alone=True) if group[0].part is not None else ""
        text = "\n\n".join(part for part in (own, one.prompt) if part) or f"（{place}）"
        if one.kind == "fill" and "___" not in text:
            text += "____" * len(one.body["key"])
        suffix = re.sub(r"^RESPONSE|_\d+$(?<!_P\d)", "", group[0].node.get("response-identifier", ""))
        marks = marks_of(question.root, f"SCORE{suffix}") if suffix else None
        worth = plain_number(f"{_in_halves(question, marks or one.marks) or 1:g}")
        parts.append({"kind": one.kind, "stem": text, "marks": worth, **one.body, **_written(one, worth)})
    total = sum(part["marks"] for part in parts)
    declared = marks_of(question.root)
    if declared and abs(declared - total) > 1e-6:
        question.reading.doubt("X427", question.root, what=f"{declared:g} ≠ {total:g}")
    return {"stem": stem or f"（1）～（{len(parts)}）", "parts": parts, "marks": total}, "case"


def _groups(places: list[Place], *, together: bool) -> list[list[Place]]:
    """Return the interactions by question: those of a part of ours, all blanks of one text, else each by itself."""
    groups: list[list[Place]] = []
    for place in places:
        if groups and (together if place.part is None else groups[-1][0].part is place.part):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _joined(asked: list[Asked]) -> Asked:
    """Return several blanks as one question."""
    if len(asked) == 1:
        return asked[0]
    first = asked[0]
    body: dict[str, Any] = {"key": [entry for one in asked for entry in one.body["key"]]} if all("key" in one.body and isinstance(one.body["key"], list) for one in asked) else dict(first.body)
    if all("fold" in one.body for one in asked):
        body["fold"] = first.body["fold"]
    marks = [one.marks for one in asked]
    return Asked("fill", body, "", sum(mark or 1.0 for mark in marks) if any(marks) else None, True)


def _in_halves(question: Question, marks: float | None) -> float | None:
    """Return marks as the bank counts them, in halves; others become the nearest, and that is told."""
    if not marks or marks <= 0 or abs(2 * marks - round(2 * marks)) < 1e-6:
        return marks
    nearest = max(round(2 * marks), 1) / 2
    question.reading.doubt("X427", question.root, what=f"{marks:g} ≠ {nearest:g}")
    return nearest


def _worth(marks: float | None) -> dict[str, Any]:
    return {"marks": plain_number(f"{marks:g}")} if marks and marks > 0 else {}


def _written(one: Asked, marks: float | None) -> dict[str, Any]:
    """Return the rubric of a question that people mark: the one that it brings, else all the marks for the answer."""
    if one.kind != "essay":
        return {}
    points = one.body.get("rubric") or [{"points": plain_number(f"{marks or 1:g}"), "text": one.body["key"]}]
    return {"rubric": points} | ({} if marks else {"marks": sum(point["points"] for point in points)})


def _stem(question: Question, body: Any, places: list[Place], *, alone: bool) -> str:
    """Return the text around the interactions, with a blank where an answer stands amid the words."""
    reading = question.reading
    numbers = {place.node: place.number for place in places}
    one_kind = alone and (len(places) == 1 or all(local(place.node) == "text-entry-interaction" for place in places))
    gaps = {gap: n for n, gap in enumerate(body.iter("gap"), start=1)}
    letters: dict[Any, str] = {}
    for group in body.iter("hottext-interaction"):
        marked = list(group.iter("hottext"))
        letters |= dict(zip(marked, letters_of([word.get("identifier", "") for word in marked]).values(), strict=False))

    def shown(node: Any) -> str | None:
        name = local(node)
        if name == "div" and node.get("class") in ("qbank-part", "qbank-stimulus"):
            return None if node is body else ""
        if name in INLINE and node in numbers:
            return shown_in_text(name, numbers[node], one_kind)
        if name in ("hottext-interaction", "gap-match-interaction"):
            return f"<div>{inside_of(reading, node, shown)}</div>"
        if name.endswith("-interaction"):
            return ""
        if name == "hottext":
            return marked_word(node, letters.get(node, "?"), inside_of(reading, node, shown))
        if name == "gap":
            return f"____（{gaps[node]}）"
        if name in ("gap-text", "gap-img"):
            return ""
        if name == "rubric-block" and "candidate" in (node.get("view") or "").split():
            return f"<div>{inside_of(reading, node, shown)}</div>"
        return None

    return reading.text(body, shown)


def _hints(reading: Reading, root: Any) -> dict[str, str]:
    """Return what modal feedback says, by its identifier; ours is read elsewhere."""
    return {
        node.get("identifier", ""): text
        for node in root.iterfind("modal-feedback")
        if node.get("identifier") != "rationale" or root.get("tool-name") != "qbank"
        if (text := reading.text(node))
    }


def _guide(reading: Reading, root: Any) -> dict[str, Any]:
    """Return model answer and rubric from what only markers see."""
    guide: dict[str, Any] = {}
    texts = []
    for block in root.iter("rubric-block"):
        if not {"scorer", "tutor", "author"} & set((block.get("view") or "").split()):
            continue
        ours = list(block.iter("div"))
        answer = next((node for node in ours if node.get("class") == "qbank-answer"), None)
        if answer is None:
            texts.append(reading.text(block))
            continue
        guide["key"] = reading.text(answer)
        for point in ours:
            marks = next((node for node in point.iter("span") if node.get("class") == "qbank-marks"), None)
            if point.get("class") == "qbank-point" and marks is not None and (worth := number(words(marks))):
                guide.setdefault("rubric", []).append({"points": plain_number(f"{worth:g}"), "text": reading.text(list(point)[1:])})
    if texts and "key" not in guide:
        guide["key"] = "\n\n".join(filter(None, texts))
    return guide


def _explained(question: Question, root: Any) -> dict[str, Any]:
    """Return rationale, reference and correction from the feedback that is no hint for one option."""
    found: dict[str, Any] = {}
    ours = root.get("tool-name") == "qbank"
    for node in root.iter("div") if ours else ():
        name = (node.get("class") or "").removeprefix("qbank-")
        if name in ("rationale", "reference", "correction") and (text := question.reading.text(node)):
            found.setdefault(name, text)
    rest = [text for id, text in question.hints.items() if id not in question.taken_hints and not (ours and len(id) == 1)]
    rest += [question.reading.text(node) for node in root.iter("feedback-block", "feedback-inline") if _stands_alone(node)]
    if rest := list(dict.fromkeys(text for text in rest if text)):
        found["rationale"] = "\n\n".join([found["rationale"], *rest] if "rationale" in found else rest)
    return found


def _stands_alone(node: Any) -> bool:
    """Return whether feedback belongs to no option, stands in no other and asks nothing."""
    around = {local(one) for one in node.iterancestors()}
    return not around & {"simple-choice", "feedback-block"} and not any(local(one).endswith("-interaction") for one in node.iter())


def _stimulus(reading: Reading, root: Any, body: Any, shared: Mapping[str, Shared], told: dict[str, Any]) -> Shared | None:
    """Return the stimulus to which an item refers; the text of one that ours holds has no name yet."""
    for node in root.iter("assessment-stimulus-ref"):
        path = reading.package.found(node.get("href", ""), reading.path)
        if path not in shared:
            reading.wrong("X437", node, file=node.get("href", "")[:100])
            return None
        told["stimulus"] = shared[path].id
        return shared[path]
    inside = next((node for node in body.iter("div") if node.get("class") == "qbank-stimulus"), None)
    return Shared.of(reading, inside, "") if inside is not None and len(inside) else None


def _say_marking(question: Question, root: Any, first: Asked | None) -> None:
    """Warn of rules of marking that go beyond those of the bank; our own are known by the kind."""
    if root.get("tool-name") == "qbank" or first is None:
        return
    marking = question.marking
    if marking.beyond or marking.partly:
        what = ", ".join(marking.beyond) or "response-else-if"
        node = root.find("response-processing")
        question.reading.doubt("X431", root if node is None else node, elements=what[:120], credit=first.body.get("credit", "all"))


def _finished(
    reading: Reading, root: Any, about: About, kind: str, entries: dict[str, Any], stimulus: Shared | None
) -> Draft | None:
    labels = dict(about.labels)
    ours = root.get("tool-name") == "qbank" or about.ours
    told_kind = labels.pop("kind", "")
    competency, level, source_id = (labels.pop(key, "") for key in ("competency", "level", "source_id"))
    for key in ("unit", "formula", "tolerance"):
        if key in labels and kind == "numeric":
            entries["key"] = {**entries["key"], key: labels.pop(key)}
        labels.pop(key, None)
    inside = stimulus is not None and not stimulus.id
    shown = {"shared": stimulus.texts()} if stimulus is not None and inside else {}
    entries = restored({**entries, **labels, **shown}, about.written)
    texts = entries.pop("shared", None)
    if stimulus is not None and isinstance(texts, dict):
        stimulus = stimulus.said(texts)
    if ours and told_kind in KINDS and (about.written or (kind == "essay" and told_kind in OPEN)):
        kind = str(told_kind)
    if kind == "task" and "steps" not in entries:
        kind = "essay"
    if not str(entries.get("stem", "")).strip():
        if not reading.failed:
            reading.wrong("X426", root, reason="no_stem", found=root.get("identifier", ""))
        return None
    if stimulus is not None and not stimulus.id:
        name = entries.get("stimulus")
        if isinstance(name, str):
            stimulus = stimulus.named(name)
        else:  # its text stands before the stem, as in other formats
            entries["stem"] = f"{stimulus.text}\n\n{entries['stem']}"
            reading.media.update(stimulus.media)
            stimulus = None
    identifier = root.get("identifier", "")
    id = (root.get("title") or id_of(identifier)) if root.get("tool-name") == "qbank" else ""
    if not ours and not source_id:
        source_id = f"{reading.package.name.rpartition('/')[2].rpartition('.')[0]}:{identifier}"[:200]
        if title := root.get("title"):
            reading.lost.add(f"title “{' '.join(title.split())[:60]}”")
    return Draft(
        kind, entries, reading.span(root), id, str(source_id), str(competency or about.competency), about.points,
        level if isinstance(level, int) else 0, media=reading.media, shared=stimulus.plain() if stimulus else None,
        shared_media=stimulus.media if stimulus else {},
    )  # fmt: skip


__all__ = ["NOT_TAKEN", "read_item"]
