"""The receipt of a sealing: what the archives are from outside. It travels openly and says nothing of what is inside.

It holds no hash of a paper or of the manifest: whoever has the bank and the blueprint could try seeds until one fits.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qbank.files.disk import read_text
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error

SUFFIX = ".seal.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class SealedArchive:
    """part : papers, keys or together ; recipients : public keys that open it ; k, n : shares of one more key, 0 of
    none ; share_key : what those shares have in common"""

    name: str
    part: str
    size: int
    sha256: str
    recipients: tuple[str, ...]
    k: int = 0
    n: int = 0
    share_key: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """When, by whom and for which sitting archives were sealed."""

    sealed_at: str
    who: str
    sitting: str
    not_before: str
    packages: tuple[SealedArchive, ...]


def receipt_text(receipt: Receipt) -> str:
    """Return the receipt as JSON."""
    return json.dumps({"qbank": "receipt", "format": FORMAT, **asdict(receipt)}, ensure_ascii=False, indent=1) + "\n"


def read_receipt(path: Path) -> tuple[Receipt | None, list[Problem]]:
    """Return a receipt, or nothing and why."""
    source, problems = read_text(path, shown_path(path))
    if source is None:
        return None, problems
    try:
        return _receipt(json.loads(source)), problems
    except (ValueError, TypeError, KeyError, RecursionError):
        return None, [*problems, error("Z309", Span(shown_path(path)))]


def _receipt(data: Any) -> Receipt:
    if data["qbank"] != "receipt" or data["format"] != FORMAT:
        raise ValueError("format")
    packages = tuple(
        SealedArchive(**{**one, "size": int(one["size"]), "sha256": str(one["sha256"]), "recipients": tuple(one["recipients"])})
        for one in data["packages"]
    )
    said = {name: str(data[name]) for name in ("sealed_at", "who", "sitting", "not_before")}
    return Receipt(**said, packages=packages)


def archive_named(receipt: Receipt, path: Path, sha256: str) -> SealedArchive | None:
    """Return what a receipt says of an archive: by its digest, else by its name, else nothing."""
    packages: Sequence[SealedArchive] = receipt.packages
    by_digest = next((one for one in packages if one.sha256 == sha256), None)
    return by_digest or next((one for one in packages if one.name == path.name), None)
