"""queue, status."""

TEXTS: dict[str, str] = {}
