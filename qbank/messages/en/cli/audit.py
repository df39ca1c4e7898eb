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
    "audit.rule.version_questions": "version: questions as on the paper",
    "audit.rule.version_number": "version: number of questions",
    "audit.rule.version_map": "version: places mapped back to the paper",
    "audit.rule.version_run": "version: longest run of one key",
    "option.--report": "report to write: .html .pdf .svg .png .json .csv; repeatable",
}
