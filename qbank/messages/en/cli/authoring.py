"""Verbs over items: check, show, new, schema."""

TEXTS: dict[str, str] = {
    "option.--no-cache": "check every file again, without the cache",
}
