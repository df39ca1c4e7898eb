"""Items against each other: near duplicates, enemies, cueing."""

TEXTS: dict[str, str] = {
    "D101": "{id} is the same question as {other}",
    "D101.hint": "keep one; where both must stay, declare them enemies, and they never stand on one paper",
    "D102": "{id} is the same question as {other}, with another key",
    "D102.hint": "find out which key is wrong and mend it; if they are not the same question, say so in the stems or declare them enemies",
    "D103": "{id} asks nearly what {other} asks, but the keys are {key!r} and {other_key!r}",
    "D103.hint": "check both keys; if neither is wrong, declare the items enemies",
}
