"""What an item knows beyond question and key, as labels ``word:value``: tags of a platform that it keeps for us."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from qbank.files.interchange.answers import json_value

TEXTS = frozenset({
    "competency", "cognitive", "author", "source_id", "reference", "rationale", "credit", "unit", "formula", "tolerance",
    "letters", "correction", "kind", "stimulus",
})  # fmt: skip
DATA = frozenset({
    "level", "grade", "seconds", "congruence", "marks", "pin", "shuffle", "fold", "any_order", "misconception", "rubric",
    "lines", "enemies", "options",
})  # fmt: skip
"""Words whose value is JSON."""
HEAD_LABELS = ("competency", "level", "grade", "cognitive", "seconds", "congruence", "author", "source_id", "enemies")


def labels_of(entries: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    """Return the labels for some keys, and the item's own tags.

    >>> labels_of({"level": 4, "author": "王", "tags": ["安全", "level:x"]}, ["level", "author"])
    ['level:4', 'author:王', '安全', 'tag:level:x']
    """
    labels = []
    for key in keys:
        value = entries.get(key)
        if value is None or value == "" or value == []:
            continue
        plain = isinstance(value, str) and key in TEXTS and "\n" not in value and not value.startswith('"')
        labels.append(f"{key}:{value if plain else json.dumps(value, ensure_ascii=False)}")
    return labels + [_tag(tag) for tag in entries.get("tags", ())]


def _tag(tag: str) -> str:
    word, colon, _ = tag.partition(":")
    return f"tag:{tag}" if colon and word in TEXTS | DATA | {"tag"} else tag


def read_labels(labels: Sequence[str]) -> dict[str, Any]:
    """Return labels as keys of an item; what is none of ours is a tag.

    >>> read_labels(["level:4", "author:王", "安全", "tag:level:x"])
    {'level': 4, 'author': '王', 'tags': ['安全', 'level:x']}
    """
    entries: dict[str, Any] = {}
    tags: list[str] = []
    for label in labels:
        word, colon, value = label.partition(":")
        if colon and word == "tag":
            tags.append(value)
        elif colon and word in TEXTS | DATA:
            found = json_value(value) if word in DATA or value.startswith('"') else value
            if found is not None:
                entries[word] = found
        elif label:
            tags.append(label)
    return entries | ({"tags": tags} if tags else {})
