"""The layout of papers and their versions."""

TEXTS: dict[str, str] = {
    "A271": "{first} and {second} print {share} of the questions under the same number with the same key",
    "A271.hint": "too few questions in a section, or their order and options are held: free order, place or pin, or print fewer versions",
}
