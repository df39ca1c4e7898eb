"""similar, diff."""

TEXTS: dict[str, str] = {
    "similar.short": "Find near copies, and one question with two keys",
    "similar.example": "qbank similar banks/steelmaking --threshold 0.4",
    "similar.working": "Comparing…",
    "similar.group": "Group {number} ({n} items)",
    "similar.pair": "against {other}: stem {stem}, whole {whole}",
    "similar.another_key": "the same question with another key",
    "similar.perhaps_another_key": "stems alike, keys different: please look",
    "similar.other_stem": "same options and key under another stem",
    "similar.done": "{items} items compared: {pairs} pairs at {threshold} or more, in {groups} groups",
    "similar.nearest": "The most alike pair: {first} and {second} (stem {stem}, whole {whole})",
    "similar.written": "Wrote enemies into {n} items",
    "option.--write-enemies": "Declare each pair enemies, in the later item",
    "option.--item": "Look at this item only",
    "option.--threshold": "Least similarity (Jaccard index of character trigrams, 0 to 1)",
    "option.--with-options": "Judge stem and options together; stems that are alike alone do not count",
}
