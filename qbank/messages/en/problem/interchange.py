"""Importing, merging, exporting."""

TEXTS: dict[str, str] = {}
