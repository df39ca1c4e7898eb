"""import, export, merge."""

TEXTS: dict[str, str] = {}
