"""Items against each other: near duplicates, enemies, cueing."""

TEXTS: dict[str, str] = {}
