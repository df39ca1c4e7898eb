"""coverage and the competency graph."""

TEXTS: dict[str, str] = {}
