"""Stimuli."""

TEXTS: dict[str, str] = {
    "stimulus.head": "stimulus {id}",
    "stimulus.items": "its items ({n}): id, kind, status, judged difficulty, stem",
    "stimulus.enemies": "enemies: {ids}",
}
