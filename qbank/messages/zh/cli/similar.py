"""similar, diff."""

TEXTS: dict[str, str] = {}
