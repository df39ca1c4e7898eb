"""What a file of answers held besides the answers themselves, as one digest for the trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence


def content_digest(
    forms: Sequence[str], items: Sequence[str], labels: Sequence[Sequence[str]],
    persons: Iterable[tuple[int, str, str, str, str, str]],
) -> str:  # fmt: skip
    """Return the SHA-256 of papers, items, labels, and each person's paper, standing and groups; pseudonyms are left out,
    so that a person who is forgotten changes nothing.

    persons : (form, standing, site, room, seat, groups as JSON text), in their order
    """
    found = hashlib.sha256(_plain([list(forms), list(items), [list(words) for words in labels]]).encode("utf-8"))
    known: dict[str, str] = {}
    lines = []
    for form, standing, site, room, seat, groups in persons:
        own = known.get(groups)
        if own is None:
            own = known[groups] = _plain(json.loads(groups))
        lines.append(f"{form}\x1f{standing}\x1f{site}\x1f{room}\x1f{seat}\x1f{own}")
    found.update("".join(f"\n{line}" for line in lines).encode("utf-8"))
    return found.hexdigest()


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
