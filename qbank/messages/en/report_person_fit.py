"""Texts of the report's section on person fit."""

TEXTS: dict[str, str] = {
    "title": "Person fit",
    "nothing": "How well each candidate's answers keep to the model is told once items have parameters (qbank calibrate) and candidates "
    "are enough for a Rasch calibration.",
    "lead": "Of {n:,} candidates, {beyond:,} ({share}) gave answers that go clearly against the model; by chance alone it would be about {expected}.",
    "meaning": "Going against the model is to get hard items right and easy ones wrong: answers marked in the wrong row, guessing, gaps in what "
    "was taught, some items known beforehand, copying, or chance. It proves nothing about anybody, and no marks may be taken or voided "
    "because of it; where a room has many, its invigilator's report, seating and papers are worth a look.",
    "groups": "Clearly more than by chance: {groups}.",
    "no_groups": "No group has clearly more than by chance.",
    "table_groups": "By site, room and other groups",
    "note_groups": "Wilson 95 % intervals. Stands out: against the share of all others (at least that of chance), an exact binomial test has "
    "p below 0.01 even after Bonferroni's correction for the number of groups of the column, and the share is 5% or more. Where the model knows no guessing, groups of weak candidates, who guess more, have more by nature; groups of fewer than 10 are left out.",
    "note_most": "The first {n} of {of} rows.",
    "not_released": "Who they are is listed only once the results have been released.",
    "table_persons": "Candidates whose answers go clearly against the model",
    "note_persons": "The lowest lz* first. Outfit and infit are 1 by expectation; large ones mean surprising answers.",
    "col_column": "By",
    "col_group": "Name",
    "col_n": "n",
    "col_n_beyond": "Against the model",
    "col_share": "Share",
    "col_low": "low",
    "col_high": "high",
    "col_stands_out": "Stands out",
    "col_number": "Candidate",
    "col_form": "Paper",
    "col_total": "Total",
    "col_n_answers": "Items answered",
    "col_outfit": "Outfit",
    "col_infit": "Infit",
    "yes": "yes",
    "method": "Person fit: lz* (Snijders 2001; Sinharay 2016, at the WLE); against the model below {beyond}, which about {expected} are by a normal "
    "distribution. Whoever answered fewer than 20 items with parameters is not judged.",
}
