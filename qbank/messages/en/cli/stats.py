"""stats."""

TEXTS: dict[str, str] = {
    "stats.short": "Who came and passed, by occupation, level, site, sitting",
    "stats.example": "qbank stats --by occupation,level,site --to xlsx",
    "stats.working": "counting…",
    "stats.wrote": "wrote {path}",
    "stats.unknown_by": "{word!r} is nothing to group by; there are: {words}",
    "option.--occupation": "this occupation only (code or title); may be repeated",
    "stats.option.--level": "this level only (5 lowest … 1 highest); may be repeated",
    "option.--site": "this site only; may be repeated",
    "option.--sitting": "this sitting only; may be repeated",
    "option.--since": "sittings from this day on",
    "option.--until": "sittings up to this day",
    "stats.option.--by": "what to group by, separated by commas: occupation, level, site, sitting, paper, month, year",
    "stats.option.--to": "table: on the screen; csv, xlsx, html: written to statistics/; may be repeated",
}
