"""The bank against its standard."""

TEXTS: dict[str, str] = {}
