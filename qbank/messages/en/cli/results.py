"""results."""

TEXTS: dict[str, str] = {
    "results.short": "Official results, or the candidates' own pages, once released",
    "results.example": "qbank results 2026-11-A --candidates",
    "results.working": "writing results…",
    "results.wrote": "wrote {path}",
    "results.more": "and {n} more files in {folder}",
    "results.either": "--ranking writes the list by rank; the pages of candidates are written without it",
    "results.corrected": "Corrected release: {n} persons have another result than at the release before (corrections.csv)",
    "results.option.--candidates": "write the candidates' own pages, one each",
    "results.option.--ranking": "of a competition: the list by rank, with tie-breaks, prizes and how far the order can be trusted",
    "results.option.--person": "only of this person: the number, or the pseudonym of who was forgotten",
    "results.option.--appeal": "what the page says of reviews, their period and how to ask",
}
