"""Papers as YAML: written once by the engine, read back strictly for printing, auditing and scoring."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from qbank.core.authored import Authored, Many, WrittenText
from qbank.core.form import (
    Certificate,
    FamilyPlace,
    Form,
    FormItem,
    FormSection,
    LaterGoal,
    form_digest,
    full_marks,
    place_digested,
)
from qbank.core.item import Canonical
from qbank.core.ranking import By, First, Ranking, TieBreak
from qbank.core.remembered import Remembered
from qbank.files.bank import shown_path
from qbank.files.disk import read_text, write_text
from qbank.files.shape import shape
from qbank.files.unseen import UNWRITABLE, unseen_characters
from qbank.files.yaml_text import Sequence, parse_yaml
from qbank.problem import Problem, Span, error


class FormPartText(Authored):
    """One part of a case; domain and competency are those of the case."""

    id: str
    kind: str
    fingerprint: str
    order: WrittenText = ""
    marks: float
    marked: dict[str, Any]


class FormItemText(Authored):
    """One place."""

    id: str
    fingerprint: str
    order: WrittenText = ""
    marked: dict[str, Any] = Field(default_factory=dict)
    parts: Many[FormPartText] = ()
    domain: str
    competency: str
    scored: bool = True
    variant: Annotated[int, Field(ge=0, lt=2**32)] = 0
    stimulus: WrittenText = ""


class FormSectionText(Authored):
    """One section."""

    title: WrittenText
    kind: str
    marks_each: float
    instruction: WrittenText = ""
    items: Many[FormItemText]


class LaterGoalText(Authored):
    """What a goal of a later priority reached."""

    goal: WrittenText
    objective: float
    bound: float


class CertificateText(Authored):
    """What the solver proved."""

    objective: float
    bound: float
    gap: float
    violations: Many[str]
    method: str
    basis: Literal["judged", "planned", "calibrated"]
    interval: float = 0.0
    goal: WrittenText = ""
    kind: WrittenText = ""
    later: Many[LaterGoalText] = ()
    cut_ability: float | None = None
    score_apart: float = 0.0
    information_apart: float = 0.0
    score_error: float = 0.0
    information_error: float = 0.0


class TieBreakText(Authored):
    """What is compared where totals are equal."""

    title: WrittenText
    by: By
    first: First
    items: Many[str] = ()
    column: WrittenText = ""


class FormRankingText(Authored):
    """By which those who sat the paper are ranked."""

    ties: Many[TieBreakText] = ()
    awards: Many[int] = ()


class FamilyPlaceText(Authored):
    """Where a paper stands in a family of papers, one a person."""

    id: WrittenText
    digest: WrittenText
    number: int
    overlap: int
    pilot: bool


class FormText(Authored):
    """The whole file."""

    form: str
    digest: str
    blueprint: str
    title: WrittenText
    subject: WrittenText
    language: Literal["zh", "en"]
    level: int
    minutes: int
    marks: float
    cut: float
    bank: str
    blueprint_digest: WrittenText
    bank_digest: WrittenText
    statistics_digest: WrittenText
    as_of: WrittenText
    engine_version: WrittenText
    seed: int
    version_of: WrittenText = ""
    base_places: Many[int] = ()
    ranking: FormRankingText | None = None
    family: FamilyPlaceText | None = None
    certificate: CertificateText
    sections: Many[FormSectionText]


PLAIN_KEY = re.compile(r"[A-Za-z0-9_.-]{1,60}")
"""Keys that need no mark before them where a mapping stands on one line."""


def form_text(form: Form) -> str:
    """Return the paper as YAML; equal papers give equal bytes."""
    head: dict[str, Any] = {
        "form": form.id, "digest": form_digest(form), "blueprint": form.blueprint, "title": form.title,
        "subject": form.subject, "language": form.language, "level": form.level, "minutes": form.minutes,
        "marks": float(form.marks), "cut": float(form.cut), "bank": form.bank,
        "blueprint_digest": form.blueprint_digest, "bank_digest": form.bank_digest,
        "statistics_digest": form.statistics_digest, "as_of": form.as_of, "engine_version": form.engine_version,
        "seed": form.seed,
        **({"version_of": form.version_of} if form.version_of else {}),
        **({"family": _family(form.family)} if form.family else {}),
        "certificate": _certificate(form.certificate),
    }  # fmt: skip
    lines = [_block(head) or _dump(head)]
    if form.base_places:
        lines.append(f"base_places: {_flow(list(form.base_places))}\n")
    if form.ranking is not None:
        lines += _ranking_lines(form.ranking)
    lines.append("sections:\n")
    for section in form.sections:
        lines.append(f"  - title: {_flow(section.title)}\n    kind: {section.kind}\n")
        lines.append(f"    marks_each: {float(section.marks_each)}\n")
        if section.instruction:
            lines.append(f"    instruction: {_flow(section.instruction)}\n")
        lines.append("    items:\n")
        lines += [_place_line(entry) for entry in section.items]
    return "".join(lines)


def _family(place: FamilyPlace) -> dict[str, Any]:
    return {
        "id": place.family, "digest": place.digest, "number": place.number, "overlap": place.overlap, "pilot": place.pilot,
    }  # fmt: skip


def _read_family(text: FamilyPlaceText | None) -> FamilyPlace | None:
    return None if text is None else FamilyPlace(text.id, text.digest, text.number, text.overlap, text.pilot)


def _ranking_lines(ranking: Ranking) -> list[str]:
    lines = [f"ranking:\n  awards: {_flow(list(ranking.awards))}\n", "  ties:\n" if ranking.ties else "  ties: []\n"]
    for tie in ranking.ties:
        more = {"column": tie.column} if tie.is_time else {"items": list(tie.items)}
        lines.append(f"    - {_flow({'title': tie.title, 'by': tie.by, 'first': tie.first, **more})}\n")
    return lines


def _read_ranking(text: FormRankingText | None) -> Ranking | None:
    if text is None:
        return None
    return Ranking(
        tuple(TieBreak(tie.title, tie.by, tie.first, tie.items, tie.column) for tie in text.ties),
        tuple(int(n) for n in text.awards),
    )  # fmt: skip


def _certificate(proved: Certificate) -> dict[str, Any]:
    head: dict[str, Any] = {
        "objective": proved.objective, "bound": proved.bound, "gap": proved.gap, "violations": list(proved.violations),
        "method": proved.method, "basis": proved.basis, "interval": proved.interval,
    }  # fmt: skip
    if not proved.goal:
        return head
    later = [{"goal": each.goal, "objective": each.objective, "bound": each.bound} for each in proved.later]
    return head | {
        "goal": proved.goal, "kind": proved.kind, "later": later, "cut_ability": proved.cut_ability,
        "score_apart": proved.score_apart, "information_apart": proved.information_apart,
        "score_error": proved.score_error, "information_error": proved.information_error,
    }  # fmt: skip


def _read_certificate(text: CertificateText) -> Certificate:
    later = tuple(LaterGoal(each.goal, each.objective, each.bound) for each in text.later)
    return Certificate(**(dict(text) | {"later": later}))


def _place(entry: FormItem) -> dict[str, Any]:
    place: dict[str, Any] = {"id": entry.id, "fingerprint": entry.fingerprint}
    if entry.order:
        place["order"] = entry.order
    place |= {"parts": [_part(part) for part in entry.parts]} if entry.parts else {"marked": _dumped(entry.marked)}
    place |= {"domain": entry.domain, "competency": entry.competency}
    if not entry.scored:
        place["scored"] = False
    if entry.variant:
        place["variant"] = entry.variant
    if entry.stimulus:
        place["stimulus"] = entry.stimulus
    return place


_place_line: Remembered[FormItem, str] = Remembered(lambda entry: f"      - {_flow(_place(entry))}\n")


def _part(part: FormItem) -> dict[str, Any]:
    place: dict[str, Any] = {"id": part.id, "kind": part.kind, "fingerprint": part.fingerprint}
    if part.order:
        place["order"] = part.order
    return place | {"marks": full_marks(part), "marked": _dumped(part.marked)}


def _dumped(value: Any) -> Any:
    """Return plain data as the writer of YAML takes it."""
    if isinstance(value, Mapping):
        return {key: _dumped(entry) for key, entry in value.items()}
    return [_dumped(entry) for entry in value] if isinstance(value, tuple) else value


def _dump(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10**6)


def _block(value: dict[str, Any], indent: str = "") -> str | None:
    """Return a mapping with plain keys as `_dump` does, its words made once; None where a value is more than a word."""
    lines: list[str] = []
    for key, entry in value.items():
        if isinstance(entry, dict):
            inner = _block(entry, indent + "  ")
            word = f"\n{inner}" if inner else None
        elif isinstance(entry, list):
            word = None if entry else " []\n"
        else:
            word = _last_word(repr(entry), entry)
        if word is None:
            return None
        lines.append(f"{indent}{key}:{word}")
    return "".join(lines)


@lru_cache(maxsize=4096)
def _last_word(_written: str, value: Any) -> str | None:
    """Return what stands after a key and its colon, None where that takes several lines: 0.0 and -0.0 are two words."""
    word = _dump({"k": value}).removeprefix("k:")
    return word if word.count("\n") == 1 else None


def _flow(value: object) -> str:
    """Return plain data as YAML on one line; thousands of papers of one bank repeat the same words, each made once."""
    if isinstance(value, dict) and (line := _joined(value)) is not None:
        return line
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10**6, default_flow_style=True)
    return text.removesuffix("\n").removesuffix("\n...")


def _joined(value: Any) -> str | None:
    """Return the words of some data put together, None where its keys or texts need more than that."""
    if isinstance(value, dict):
        parts = [_joined(entry) for entry in value.values()]
        if not all(isinstance(key, str) and PLAIN_KEY.fullmatch(key) for key in value) or None in parts:
            return None
        return "{" + ", ".join(f"{_word('str', key)}: {part}" for key, part in zip(value, parts, strict=True)) + "}"
    if isinstance(value, list):
        parts = [_joined(entry) for entry in value]
        return None if None in parts else "[" + ", ".join(part for part in parts if part is not None) + "]"
    return _word(type(value).__name__ if value else repr(value), value)


@lru_cache(maxsize=65536)
def _word(_type: str, value: Any) -> str | None:
    """Return a text or number as it stands among others: 1, 1.0 and true are three words, and 0.0 and -0.0 two; None of one on two lines."""
    word = yaml.safe_dump([value], allow_unicode=True, sort_keys=False, width=10**6, default_flow_style=True)[1:-2]
    return None if "\n" in word else word


def _bare(value: Any) -> Any:
    """Return data as a body gives it: tuples, and numbers without the memory of how they were written."""
    if isinstance(value, dict):
        return {key: _bare(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return tuple(_bare(entry) for entry in value)
    if isinstance(value, float):
        return float(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _form_item(entry: FormItemText, kind: str, marks_each: float) -> FormItem:
    parts = tuple(
        FormItem(part.id, part.kind, part.fingerprint, part.order, float(part.marks) * entry.scored,
                 _bare(part.marked), entry.domain, entry.competency, entry.scored, int(entry.variant),
                 worth=0.0 if entry.scored else float(part.marks))
        for part in entry.parts
    )  # fmt: skip
    return FormItem(
        entry.id, kind, entry.fingerprint, entry.order, marks_each * entry.scored,
        _bare(entry.marked), entry.domain, entry.competency, entry.scored, int(entry.variant), parts, entry.stimulus,
        0.0 if entry.scored else marks_each,
    )  # fmt: skip


def write_form(form: Form, path: Path) -> None:
    """Write the paper's file, whole or not at all."""
    write_text(path, form_text(form))


def read_form(path: Path) -> tuple[Form | None, list[Problem]]:
    """Return a paper, or nothing and why; a file changed by hand no longer matches its digest and is refused."""
    source, problems = read_text(path, shown_path(path))
    return (None, problems) if source is None else parse_form(source, shown_path(path))


def parse_form(source: str, shown: str) -> tuple[Form | None, list[Problem]]:
    """Return the paper that a text holds, as `read_form` does.

    Papers that were drawn from one bank share most of their lines: a line is read once, however many papers hold it. What is
    not quite as `form_text` writes it is read as a whole, so that every problem is told at its place.
    """
    form = _by_lines(source)
    return (form, []) if form is not None else _as_a_whole(source, shown)


def _as_a_whole(source: str, shown: str) -> tuple[Form | None, list[Problem]]:
    text, problems = _read_text(source, shown)
    if text is None:
        return None, problems
    form = _form(text, tuple(tuple(_form_item(entry, part.kind, part.marks_each) for entry in part.items) for part in text.sections))
    if (found := form_digest(form)) != text.digest:
        problems.append(error("F101", Span(shown), digest=text.digest, found=found))
        return None, problems
    return form, problems


def _read_text(source: str, shown: str) -> tuple[FormText | None, list[Problem]]:
    node, problems = parse_yaml(source, shown)
    if node is None:
        return None, problems
    problems += [found for found in unseen_characters(node, source, shown) if dict(found.facts)["name"] in UNWRITABLE]
    text, wrong = shape(FormText, node, shown)
    return text, problems if text is not None else problems + wrong


def _form(text: FormText, places: tuple[tuple[FormItem, ...], ...]) -> Form:
    return Form(
        id=text.form, blueprint=text.blueprint, title=text.title, subject=text.subject, language=text.language,
        level=text.level, minutes=text.minutes, marks=text.marks, cut=text.cut, bank=text.bank,
        blueprint_digest=text.blueprint_digest, bank_digest=text.bank_digest,
        statistics_digest=text.statistics_digest, as_of=text.as_of, engine_version=text.engine_version,
        seed=text.seed,
        certificate=_read_certificate(text.certificate), version_of=text.version_of, base_places=text.base_places,
        ranking=_read_ranking(text.ranking), family=_read_family(text.family),
        sections=tuple(
            FormSection(section.title, section.kind, section.marks_each, own, section.instruction)
            for section, own in zip(text.sections, places, strict=True)
        ),
    )  # fmt: skip


_ITEMS, _PLACE = "    items:", "      - {"
"""How the lines begin that `form_text` writes: the list of a section, and a place in it."""


def _by_lines(source: str) -> Form | None:
    """Return the paper whose places stand a line each, None where anything is not as `form_text` writes it."""
    lines = source.split("\n")
    rest: list[str] = []
    places: list[list[str]] = []
    for line in lines:
        if line.startswith(_PLACE):
            if not places or rest[-1] != f"{_ITEMS} []":
                return None
            places[-1].append(line)
        elif line == _ITEMS:
            rest.append(f"{_ITEMS} []")
            places.append([])
        else:
            rest.append(line)
    text, problems = _read_text("\n".join(rest), "")
    if text is None or problems or len(text.sections) != len(places) or any(part.items for part in text.sections):
        return None
    read = [[_place_read(line, part.kind, part.marks_each) for line in own] for part, own in zip(text.sections, places, strict=True)]
    known = [[place for place in own if place is not None] for own in read]
    if any(len(own) != len(asked) for own, asked in zip(known, places, strict=True)):
        return None
    form = _form(text, tuple(tuple(entry for entry, _ in own) for own in known))
    return form if form_digest(form, tuple(digested for own in known for _, digested in own)) == text.digest else None


@lru_cache(maxsize=65536)
def _place_read(line: str, kind: str, marks_each: float) -> tuple[FormItem, Canonical] | None:
    """Return the place that a line holds and what digests take of it, None where it is not one place without problems."""
    node, problems = parse_yaml(line, "")
    if problems or not isinstance(node, Sequence) or len(node.entries) != 1 or unseen_characters(node, line, ""):
        return None
    text, wrong = shape(FormItemText, node.entries[0], "")
    if text is None or wrong:
        return None
    entry = _form_item(text, kind, float(marks_each))
    return entry, place_digested(entry)
