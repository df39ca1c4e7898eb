"""The history of items and statistics over sittings."""

TEXTS: dict[str, str] = {
    "U101": "there is no item {id}, neither in a bank nor in any sitting",
    "U101.hint": "check the id; nearest: {suggestion}",
    "U102": "there is no {what} {found!r}",
    "U102.hint": "take one that the ledger has; nearest: {suggestion}",
    "word.statistics occupation": "occupation",
    "word.statistics site": "site",
    "word.statistics sitting": "sitting",
}
