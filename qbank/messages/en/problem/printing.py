"""Layouts, papers of a room, templates of a centre."""

TEXTS: dict[str, str] = {
    "Z901": "the print template is wrong: {detail}",
    "Z901.hint": "correct it there; a template may name /settings.typ and files of its own folder only",
}
