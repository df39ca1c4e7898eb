"""The item: what a candidate sees, how it is marked, and what its writer knows about it."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Literal, Protocol, runtime_checkable

from qbank.problem import Span

Status = Literal["draft", "in_review", "approved", "live", "suspended", "retired", "released"]
Cognitive = Literal["remember", "understand", "apply", "analyse"]
COGNITIVE_LEVELS: tuple[Cognitive, ...] = ("remember", "understand", "apply", "analyse")
USABLE_STATUSES: tuple[Status, ...] = ("live",)
"""What an examination may draw from."""
PRACTICE_STATUSES: tuple[Status, ...] = ("released",)
"""What a practice paper may draw from: items that were made public and never stand in an examination again."""

Plain = None | bool | int | float | str | tuple["Plain", ...] | Mapping[str, "Plain"]
Marked = Mapping[str, Plain]


@runtime_checkable
class Body(Protocol):
    """What only one kind of item has; its record belongs to the kind (see `qbank.kinds`)."""

    def seen(self) -> Plain:
        """Return what the candidate is shown beside the stem, as plain data."""

    def marked(self) -> Marked:
        """Return what decides the marks, as plain data by name."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an item's way through the editorial office, kept beside the item.

    to : the status reached ; by : who ; on : the day, 2026-11-20 ; fingerprint : of the revision that was meant
        (empty where the step is about no revision)
    """

    to: Status
    by: str
    on: str
    note: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """An item whose numbers are drawn: isomorphic variants of one question.

    parameters : name → the values it may take, in the order written, numbers exact ; conditions : expressions that a
        draw must satisfy ; text : stem, rationale, reference and the keys of the kind as written, expressions between
        double braces and all
    """

    parameters: Mapping[str, tuple[Decimal | str, ...]]
    conditions: tuple[str, ...]
    text: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the bank at its present revision.

    grade : judged difficulty, 1 (easy) to 5 (hard) ; seconds : expected answering time ; marks : default marks ;
    congruence : judged fit of item and competency (一致性), 1 to 5, 0 not judged ; source_id : the id in the system
    that it was imported from ; steps : its way through the editorial office ; media : pictures by the path that the
    texts name, with the SHA-256 of their bytes ; template : where numbers are drawn, and then stem and body are those
    of the first variant ; stimulus : the id of what it shares with other items, empty for none ; stimulus_hash : of
    what that shows, see `qbank.core.stimulus`
    """

    id: str
    kind: str
    competency: str
    level: int
    stem: str
    body: Body
    marks: float
    status: Status
    grade: int
    cognitive: Cognitive
    seconds: int
    rationale: str
    reference: str
    enemies: tuple[str, ...]
    tags: tuple[str, ...]
    span: Span
    author: str = ""
    congruence: int = 0
    source_id: str = ""
    steps: tuple[Step, ...] = ()
    media: Mapping[str, str] = field(default_factory=dict)
    template: Template | None = None
    stimulus: str = ""
    stimulus_hash: str = ""


def normalise(text: str) -> str:
    """Return the text as fingerprints see it: NFC, runs of white space as one blank, none at the ends.

    >>> normalise("  炉渣 \\n 碱度 ")
    '炉渣 碱度'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Canonical(str):
    """What `canonical` made of some data: among other data a digest takes it as it stands."""

    __slots__ = ()


def canonical(value: Plain) -> Canonical:
    """Return plain data as `digest` sees it, to be put into larger data, however often it stands there.

    >>> digest({"places": (canonical(("a", 1)),)}) == digest({"places": (("a", 1),)})
    True
    """
    return Canonical(_canonical(value))


def canonical_run(*values: Plain) -> Canonical:
    """Return data that stand side by side in a tuple as one entry of it, as `canonical` does for one.

    >>> digest((1, canonical_run("stem", ("A", "B")), 2)) == digest((1, "stem", ("A", "B"), 2))
    True
    """
    return Canonical(",".join([_canonical(value) for value in values]))


def _canonical(value: Plain) -> str:
    """Return plain data as JSON: texts normalised, keys in their order, no blanks.

    The same as `_ENCODER` gives for normalised data, without building that data first.

    >>> _canonical({"stem": " 炉渣  碱度 ", "key": ("A", 1.5, None)})
    '{"key":["A",1.5,null],"stem":"炉渣 碱度"}'
    """
    if isinstance(value, str):
        return value if type(value) is Canonical else encode_basestring(normalise(value))
    if isinstance(value, tuple):
        return "[" + ",".join([_canonical(entry) for entry in value]) + "]"
    if type(value) is int:  # the encoder takes ten times as long
        return str(value)
    if isinstance(value, (dict, Mapping)):  # asking for the protocol alone takes ten times as long
        return "{" + ",".join([f"{encode_basestring(key)}:{_canonical(value[key])}" for key in sorted(value)]) + "}"
    return _ENCODER.encode(value)


def digest(value: Plain) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of plain data, independent of the order of keys."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()[:16]


def seen_hash(item: Item) -> str:
    """Return the hash of what a candidate sees: stem, options, pictures, stimulus, never the id or the file's layout."""
    seen: dict[str, Plain] = {"kind": item.kind, "stem": item.stem, "body": item.body.seen()}
    if item.media:
        seen["media"] = item.media
    if item.template:
        seen["template"] = _drawn(item.template)
    return seen_with(digest(seen), item.stimulus_hash)


def seen_with(question: str, stimulus: str) -> str:
    """Return the hash of a question and its stimulus from the hashes of both; that of the question where it has none.

    >>> seen_with("157c5ce1f89dc3b1", "")
    '157c5ce1f89dc3b1'
    """
    return digest({"question": question, "stimulus": stimulus}) if stimulus else question


_ONLY_EDITORS = frozenset({"rationale", "reference", "misconception", "formula", "correction", "pin", "shuffle", "lines"})
_ONLY_MARKING = frozenset({"key", "rubric", "credit", "fold", "any_order"})
_ONLY_SEEN = frozenset({"stem", "options", "prompts"})


def _drawn(template: Template) -> Plain:
    """Return what of a template a candidate sees: the values that may be drawn and the texts they stand in."""
    values: dict[str, Plain] = {
        name: tuple(value if isinstance(value, str) else f"{value.normalize():f}" for value in values)
        for name, values in template.parameters.items()
    }
    text = _without(template.text, _ONLY_EDITORS | _ONLY_MARKING)
    return {"parameters": values, "conditions": template.conditions, "text": text}


def _without(value: Plain, keys: frozenset[str]) -> Plain:
    """Return plain data without some keys, in the parts of a case too."""
    if isinstance(value, Mapping):
        return {key: _without(entry, keys) for key, entry in value.items() if key not in keys}
    return tuple(_without(entry, keys) for entry in value) if isinstance(value, tuple) else value


def marked_hash(item: Item) -> str:
    """Return the hash of how an answer is marked: key, accepted answers, tolerance."""
    marked: dict[str, Plain] = dict(item.body.marked())
    if item.template:
        marked["template"] = template_key(item.template)
    return digest(marked)


def template_key(template: Template) -> Plain:
    """Return what of a template decides the marks."""
    return marking_text(template.text)


def marking_text(text: Mapping[str, Plain]) -> Plain:
    """Return what of the keys of a template, or of a part of it, decides the marks: everything but what is seen and
    what only editors read."""
    return _without(text, _ONLY_EDITORS | _ONLY_SEEN)


def fingerprint(item: Item) -> str:
    """Return the identity of a revision: ``seen.marked``. Statistics belong to it, not to the id."""
    return f"{seen_hash(item)}.{marked_hash(item)}"


def seen_part(fingerprint: str) -> str:
    """Return the half of a fingerprint that says what was seen; stored answers belong to it."""
    return fingerprint.split(".", 1)[0]
