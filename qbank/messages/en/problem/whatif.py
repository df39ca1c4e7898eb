"""What-if questions: capacity, why."""

TEXTS: dict[str, str] = {
    "A250": "the bank ({n} items) has no item {item}",
    "A250.hint": "check the id; nearest: {suggestion}",
    "A251": "it is not said with which paper or blueprint {item} is to be compared",
    "A251.hint": "name a paper with --form, or a blueprint with --blueprint",
    "A252": "paper {form} was made by blueprint {made_by}, not by {given}",
    "A252.hint": "correct --blueprint, or leave it out",
    "A253": "{n} items of paper {form} are not usable today ({items}); the explanation does without them",
    "A253.hint": "their status, level or kind was changed since, or they wait for a decision",
    "A254": "two papers may share {overlap} items, and a paper has {size}: there is no limit",
    "A254.hint": "give an --overlap below the items of a paper",
}
