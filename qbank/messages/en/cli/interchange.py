"""import, export, merge."""

TEXTS: dict[str, str] = {
    "import.short": "Bring in questions from other programs, or update them",
    "import.example": "qbank import level4.xlsx banks/steelmaking --level 4 --dry-run",
    "import.working": "importing…",
    "import.new": "new",
    "import.updated": "updated",
    "import.unchanged": "unchanged",
    "import.refused": "refused",
    "import.more": "… and {n} more",
    "import.counts": "{new} new, {updated} updated, {unchanged} unchanged, {refused} refused",
    "import.nothing_written": "nothing was written",
    "import.wrote": "wrote {path}",
    "option.--from": "format of the file, found by content and suffix otherwise",
    "option.--dry-run": "say what would happen, write nothing",
    "option.--level": "level where the file gives none",
    "option.--kind": "kind where the file gives none",
    "option.--competency": "code of the competency where none matches",
    "option.--prefix": "prefix of new ids",
    "option.--into": "file of the bank that new items go into",
    "option.--partial": "leave out what is wrong, write the rest",
}
