"""What audit says beside its table."""

TEXTS: dict[str, str] = {
    "audit.low": "lowest",
    "audit.median": "median",
    "audit.high": "highest",
    "audit.furthest": "furthest paper",
    "audit.overlap_pairs": "shared items of a pair",
    "audit.wrote": "report: {path}",
    "audit.drawing": "drawing…",
    "option.--report": "report to write: .html .svg .png .json .csv; repeatable",
}
