"""Family files: JSON with its own digest, so that one that was edited by hand is refused; and the secret beside them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from qbank.core.family import Family, FamilyCode, FamilySize, FamilySlot, NeverTogether, TriedRule
from qbank.files.disk import read_data, write_bytes
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error

ENDING = ".family.json"
SECRET_ENDING = ".secret"
FORMAT = 1


def family_text(family: Family) -> str:
    """Return the family as JSON; equal families give equal bytes."""
    facts = _facts(family)
    return json.dumps({"format": FORMAT, "digest": _digest(facts), **facts}, ensure_ascii=False, separators=(",", ":")) + "\n"


def family_digest(family: Family) -> str:
    """Return 32 hexadecimal digits of everything that the file says."""
    return _digest(_facts(family))


def _digest(facts: dict[str, Any]) -> str:
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _facts(record: Any) -> dict[str, Any]:
    """Return what a record says, tuples as they are: thousands of listed papers are not copied number by number."""
    facts = {field.name: _plain(getattr(record, field.name)) for field in fields(record)}
    if isinstance(record, FamilySlot) and record.size == 1:
        del facts["size"]  # files always said nothing of single questions
    return facts


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return _facts(value)
    return tuple(map(_facts, value)) if isinstance(value, tuple) and value and is_dataclass(value[0]) else value


def write_family(family: Family, path: Path) -> None:
    """Write the file, whole or not at all."""
    write_bytes(path, family_text(family).encode())


def read_family(path: Path) -> tuple[Family | None, list[Problem]]:
    """Return the family of a file, or nothing and why: no such file, no family, or edited since it was written."""
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return None, problems
    try:
        found = json.loads(data.decode("utf-8"))
        digest, form = found.pop("digest"), found.pop("format")
        if form != FORMAT:
            return None, [error("F601", Span(shown), detail=f"format {form}")]
        family = _family(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        return None, [error("F601", Span(shown), detail=f"{type(fault).__name__}: {fault}"[:120])]
    if family_digest(family) != digest:
        return None, [error("F602", Span(shown))]
    return family, []


def _family(found: dict[str, Any]) -> Family:
    known = {field.name for field in fields(Family)}
    if set(found) != known:
        raise KeyError(", ".join(sorted(set(found) ^ known)))
    nested = {
        "code": FamilyCode(**_tuples(found["code"])),
        "slots": tuple(FamilySlot(**_tuples(slot)) for slot in found["slots"]),
        "rules": tuple(TriedRule(**_tuples(rule)) for rule in found["rules"]),
        "apart": tuple(NeverTogether(**_tuples(pair)) for pair in found["apart"]),
        "size": FamilySize(**found["size"]),
    }
    return Family(**(_tuples(found) | nested))


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(entry) for entry in value)
    return {key: _tuples(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def secret_check(secret: bytes) -> str:
    """Return what tells whether a secret is the right one, and nothing else about it."""
    return hashlib.blake2b(b"which secret", key=secret[:64], digest_size=8, person=b"qbank family").hexdigest()


def write_secret(secret: bytes, path: Path) -> None:
    """Write a secret that only its owner may read."""
    write_bytes(path, (secret.hex() + "\n").encode(), mode=0o600)


def read_secret(path: Path) -> tuple[bytes | None, list[Problem]]:
    """Return the secret of a file: 32 to 128 hexadecimal digits, or nothing and why."""
    shown = shown_path(path)
    if not path.is_file():
        return None, [error("F603", Span(shown))]
    data, problems = read_data(path, shown)
    if data is None:
        return None, problems
    try:
        secret = bytes.fromhex(data.decode("ascii"))
    except ValueError:
        return None, [error("F614", Span(shown))]
    return (secret, []) if 16 <= len(secret) <= 64 else (None, [error("F614", Span(shown))])
