"""Status, steps, roles; edits of files."""

TEXTS: dict[str, str] = {}
