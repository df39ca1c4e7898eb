"""Parameters, expressions and drawn variants."""

TEXTS: dict[str, str] = {}
