"""The item: what a candidate sees, how it is marked, and what its writer knows about it."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from qbank.problem import Span

Status = Literal["draft", "review", "approved", "live", "retired"]
Cognitive = Literal["remember", "understand", "apply", "analyse"]
COGNITIVE_LEVELS: tuple[Cognitive, ...] = ("remember", "understand", "apply", "analyse")
USABLE_STATUSES: tuple[Status, ...] = ("live",)

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
class Item:
    """One question of the bank at its present revision.

    grade : judged difficulty, 1 (easy) to 5 (hard) ; seconds : expected answering time ; marks : default marks
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


def normalise(text: str) -> str:
    """Return the text as fingerprints see it: NFC, runs of white space as one blank, none at the ends.

    >>> normalise("  炉渣 \\n 碱度 ")
    '炉渣 碱度'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def _canonical(value: Plain) -> Plain:
    if isinstance(value, str):
        return normalise(value)
    if isinstance(value, Mapping):
        return {key: _canonical(value[key]) for key in sorted(value)}
    if isinstance(value, tuple):
        return tuple(_canonical(entry) for entry in value)
    return value


def digest(value: Plain) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of plain data, independent of the order of keys."""
    text = json.dumps(_canonical(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def seen_hash(item: Item) -> str:
    """Return the hash of what a candidate sees: stem and options, never the id or the file's layout."""
    return digest({"kind": item.kind, "stem": item.stem, "body": item.body.seen()})


def marked_hash(item: Item) -> str:
    """Return the hash of how an answer is marked: key, accepted answers, tolerance."""
    return digest(item.body.marked())


def fingerprint(item: Item) -> str:
    """Return the identity of a revision: ``seen.marked``. Statistics belong to it, not to the id."""
    return f"{seen_hash(item)}.{marked_hash(item)}"


def seen_part(fingerprint: str) -> str:
    """Return the half of a fingerprint that says what was seen; stored answers belong to it."""
    return fingerprint.split(".", 1)[0]
