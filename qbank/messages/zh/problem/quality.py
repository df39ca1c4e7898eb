"""The writing of items: quality rules."""

TEXTS: dict[str, str] = {}
