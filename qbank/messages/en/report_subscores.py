"""Texts of the report's section on subscores."""

TEXTS: dict[str, str] = {
    "title": "Subscores",
    "nothing": "There are no sections or domains, hence no subscores to speak of.",
    "withheld": "Subscores of paper {form} are withheld: {n} candidates, needed are {needs}.",
    "sentence_report": "Worth reporting: {parts}. Their own score says more about the true level on the part than the t"
    "otal does.",
    "sentence_augmented": "Not to be reported as they stand, but useful when weighted with the total: {parts}.",
    "sentence_unclear": "Not yet clear: {parts}. The subscore seems to add something, but the interval holds zero; pool "
    "sittings.",
    "sentence_no": "Not to be reported: {parts}. The total predicts the true level on the part better; highs and lo"
    "ws of the part are mostly error.",
    "part": "{kind} {value}",
    "part_of": "{part} ({papers})",
    "table": "Whether subscores are worth reporting (Haberman 2008)",
    "note": "PRMSE: the share of the mean squared error of the true subscore that is taken away; higher is b"
    "etter. By the subscore itself it is its α. Gain = by subscore − by total.",
    "note_gain": "The interval of the gain rests on {n} bootstrap samples of persons (seed {seed}).",
    "verdict_report": "report",
    "verdict_augmented": "only weighted",
    "verdict_unclear": "unclear",
    "verdict_no": "do not report",
    "verdict_none": "cannot be told",
    "col_form": "Paper",
    "col_kind": "By",
    "col_value": "Name",
    "col_n": "n",
    "col_n_items": "Items",
    "col_marks_max": "Marks",
    "col_mean": "Mean",
    "col_sd": "SD",
    "col_prmse_subscore": "PRMSE by subscore",
    "col_prmse_total": "PRMSE by total",
    "col_prmse_augmented": "PRMSE by both",
    "col_gain": "Gain",
    "col_gain_error": "SE",
    "col_gain_low": "low",
    "col_gain_high": "high",
    "col_true_correlation": "True r with total",
    "col_verdict": "Verdict",
    "col_status": "Status",
    "method": "Subscores: Haberman's (2008) proportional reduction of mean squared error (PRMSE); worth report"
    "ing only where the interval of the gain lies above zero.",
}
