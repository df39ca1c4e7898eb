"""Verbs over items: check, show, new, schema."""

TEXTS: dict[str, str] = {}
