"""combine."""

TEXTS: dict[str, str] = {
    "combine.short": "Theory, practice and review as one decision, and how far to trust it",
    "combine.example": "qbank combine 2026-11-theory 2026-11-practice --names theory,practice --xlsx combined.xlsx",
    "combine.working": "combining…",
    "combine.two": "name two sittings or more",
    "combine.wrote": "wrote {path}",
    "combine.option.--rule": "conjunctive: every part must be passed (default); compensatory: a weighted sum of percentages",
    "combine.option.--weights": "of the weighted sum, in the order of the sittings, separated by commas: 30,70 (default: alike)",
    "combine.option.--cut": "in place of the ledger's cut: SITTING=MARKS, or marks alone for every part; with compensatory marks alone are "
    "the cut of the sum. May be repeated",
    "combine.option.--reliability": "in place of alpha: SITTING=0.8, may be repeated; a part that has one mark only needs it",
    "combine.option.--names": "what the parts are called, in the order of the sittings, separated by commas (default: the sittings)",
    "combine.option.--boot": "replications for the intervals, 0 for none",
    "combine.option.--seed": "seed of simulation and replications",
    "combine.option.--csv": "write the list into this CSV file (before release: the counts by part)",
    "combine.option.--xlsx": "write every table into this XLSX file",
    "combine.option.--html": "write the report as this page",
    "combine.option.--pdf": "write the report as this PDF",
}
