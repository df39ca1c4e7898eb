"""What audit says beside its table."""

TEXTS: dict[str, str] = {
    "audit.low": "lowest",
    "audit.median": "median",
    "audit.high": "highest",
    "audit.furthest": "furthest paper",
    "audit.overlap_pairs": "shared items of a pair",
    "audit.wrote": "report: {path}",
    "audit.drawing": "drawing…",
    "audit.rule.known": "items that are in the bank, in use, with no decision pending",
    "audit.rule.marks": "marks of the paper",
    "audit.rule.distinct": "distinct items",
    "audit.rule.unchanged": "questions as they stand in the bank",
    "audit.rule.section": "items of the section",
    "audit.rule.weights": "marks of the domain",
    "audit.rule.enemies": "enemies on one paper",
    "audit.rule.keys": "share of keys on letter",
    "option.--report": "report to write: .html .pdf .svg .png .json .csv; repeatable",
}
