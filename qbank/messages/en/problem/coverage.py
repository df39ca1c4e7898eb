"""The bank against its standard."""

TEXTS: dict[str, str] = {
    "G101": "the grades add up to {total}, expected 100",
    "G101.hint": "mend grades under coverage in bank.yaml",
    "G102": "the standard has no level {level} (it has {levels})",
    "G102.hint": "ask for one of these",
    "G103": "the blueprint is for level {level}, asked for was {asked}",
    "G103.hint": "leave out --level, or name another blueprint",
    "G104": "the file exists and was left as it is",
    "G104.hint": "name another file; items already written are never overwritten",
    "G105": "{id} is still to be written",
    "G105.hint": "write its stem, options, key, rationale and reference",
    "G106": "{code} requires {requires}, which its other prerequisites imply",
    "G106.hint": "it can be left out",
    "G107": "{code} has items, but {requires}, which it requires, has none",
    "G107.hint": "write items for {requires}",
    "G108": "no such kind of drawing (known: {allowed})",
    "G108.hint": "name a file with one of these endings",
}
