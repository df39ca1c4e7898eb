r"""What QTI says otherwise than the bank does: the entry as written, beside a mark of what a reader makes of the QTI.

Chemistry becomes plain LaTeX on the way, a task becomes text. So the writer reads every item back, and for each key
that comes back otherwise it keeps ``key: [mark, entry]`` in the item's metadata. A reader gives the entry back where
the mark still fits what it reads; where somebody has edited the QTI since, the mark no longer fits and the edit counts.

>>> label = as_written({"stem": "$\\ce{CO}$", "key": "A"}, {"stem": "$\\mathrm{CO}$", "key": "A"})
>>> restored({"stem": "$\\mathrm{CO}$", "key": "A"}, label)
{'stem': '$\\ce{CO}$', 'key': 'A'}
>>> restored({"stem": "$\\mathrm{CO_2}$", "key": "A"}, label)
{'stem': '$\\mathrm{CO_2}$', 'key': 'A'}
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from qbank.core.item import normalise

WORD = "as_written:"
LONGEST = 200_000
ELSEWHERE = frozenset({"id", "kind", "competency", "level", "status", "log", "source_id", "parameters", "conditions"})
"""Keys of an item that travel in other ways or not at all."""


def mark(value: Any) -> str:
    """Return eight digits of what plain data say, whatever their blanks; the same for a number however it is written.

    >>> mark("a  b") == mark(" a b"), mark(2.0) == mark(2), mark(None) == mark("")
    (True, True, False)
    """
    return hashlib.sha256(json.dumps(_even(value), ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")).hexdigest()[:8]


def _even(value: Any) -> Any:
    if isinstance(value, str):
        return normalise(value)
    if isinstance(value, Mapping):
        return {str(key): _even(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_even(entry) for entry in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def as_written(entries: Mapping[str, Any], seen: Mapping[str, Any]) -> str:
    """Return the label for the keys that a reader sees otherwise than they were written; empty where there are none."""
    keys = [key for key in dict.fromkeys([*entries, *seen]) if key not in ELSEWHERE and mark(entries.get(key)) != mark(seen.get(key))]
    if not keys:
        return ""
    found = json.dumps({key: [mark(seen.get(key)), entries.get(key)] for key in keys}, ensure_ascii=False, separators=(",", ":"))
    # blanks that a reader of metadata would fold
    return WORD + re.sub(r" (?= )|(?<= ) |[^\S ]", lambda blank: f"\\u{ord(blank.group()):04x}", found)


def restored(seen: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Return the entries as they were written where nothing has been changed since, else as they are seen."""
    entries = dict(seen)
    if not label.startswith(WORD) or len(label) > LONGEST:
        return entries
    try:
        kept = json.loads(label.removeprefix(WORD))
    except (ValueError, RecursionError):
        return entries
    for key, pair in kept.items() if isinstance(kept, dict) else ():
        if key in ELSEWHERE or not isinstance(pair, list) or len(pair) != 2 or pair[0] != mark(seen.get(key)):
            continue
        if pair[1] is None:
            entries.pop(key, None)
        else:
            entries[key] = pair[1]
    return entries
