"""The standard."""

TEXTS: dict[str, str] = {
    "T101": "the weights at level {level} add up to {total}, not 100",
    "T101.hint": "check the weight of every leaf domain at that level",
    "T102": "prerequisites form a cycle: {cycle}",
    "T102.hint": "remove one requires of the cycle",
    "T103": "{code} requires {requires}, which does not exist",
    "T103.hint": "correct the code or remove it",
    "T104": "code {code} stands twice (first at line {line})",
    "T104.hint": "give one of them another code",
    "T105": "{code} has a weight at level {level}, the standard lists {levels}",
    "T105.hint": "add the level to levels, or drop the weight",
    "T106": "{code} has sub-domains and cannot carry {key} itself",
    "T106.hint": "weights and competencies belong to leaf domains",
    "T107": "{code} lies deeper than {most} levels",
    "T107.hint": "flatten the tree",
    "T108": "{code} names level {level}, the standard lists {levels}",
    "T108.hint": "correct levels",
    "T110": "{code} has {found} competencies at level {level}, needs {need} (twice its weight)",
    "T110.hint": "add competencies",
    "T111": "at level {level} {importance} has {share} of the competencies, should be {limit}",
    "T111.hint": "review the importance of competencies",
}
