"""equate."""

TEXTS: dict[str, str] = {
    "equate.short": "Which mark on each paper equals the cut of the base paper, and whom that flips",
    "equate.example": "qbank equate S2026-11 --to BOF4-A --boot 1000 --csv concordance.csv",
    "equate.working": "equating…",
    "equate.wrote": "wrote {path}",
    "equate.flips": "whom the equated cut would flip ({n}):",
    "equate.more": "and {n} more: --json lists all",
    "equate.col_person": "candidate",
    "equate.col_paper": "paper",
    "equate.col_total": "total",
    "equate.col_equated": "equated",
    "equate.col_change": "verdict",
    "equate.option.--to": "the base paper, to which the others are equated (default: the first that somebody sat)",
    "equate.option.--method": "the method to report, such as linear, linear_tucker, equipercentile_loglinear (default: by the number of "
    "candidates, see the report's methods)",
    "equate.option.--anchors": "use these common items only, separated by commas (default: all, less those that wait for a decision or did "
    "not behave alike)",
    "equate.option.--boot": "bootstrap replications: their standard errors in place of the analytic ones",
    "equate.option.--seed": "seed of the bootstrap",
    "equate.option.--csv": "write the whole concordance, by every method, into this CSV file",
    "equate.option.--accept": "make the equated cuts those of their papers: recorded, and the sitting scored again by them",
    "equate.option.--take-back": "take accepted cuts back: the cut of the sitting holds on every paper again",
    "equate.option.--why": "on what grounds (required with --accept and --take-back)",
    "equate.option.--who": "who accepts it (default: $QBANK_USER, else the user of this computer)",
    "equate.either": "either --accept or --take-back",
    "equate.accepted": "paper {paper} is passed with {cut} marks from now on: {equated} equal {base_cut} on {base} ({way}; accepted by {who}: {why})",
    "equate.taken_back": "taken back: on every paper of {id} the cut is {cut} marks",
}
