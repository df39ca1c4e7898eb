"""What is wrong with the body of one kind of item."""

TEXTS: dict[str, str] = {}
