"""Texts of what a report withholds."""

TEXTS: dict[str, str] = {
    "marks_only": "{n} candidates: this report gives marks only. From {needs} on it gives statistics; pool sittings to get there.",
    "options_only": "{n} candidates: what each option attracted is told, but no item is flagged below {needs}: at that size chance "
    "alone makes sound items look bad. Pool sittings.",
    "intervals_only": "{n} candidates: below {needs} read flags with their intervals; pool sittings where a decision hangs on them.",
    "nothing": "Nothing is withheld for want of candidates.",
    "table": "Withheld for want of candidates",
    "note": "Each part is given from the number in the last column on, by paper; DIF by all groups together and by the smaller one.",
    "col_part": "Part",
    "col_scope": "Paper or groups",
    "col_n": "Candidates",
    "col_needs": "Needed",
    "by": "by {column}",
    "part_statistics": "Statistics",
    "part_flags": "Flags of items",
    "part_rasch": "Rasch model",
    "part_two_pl": "Two-parameter model",
    "part_three_pl": "Three-parameter model",
    "part_decision_accuracy": "Accuracy of the decision",
    "part_dimension": "Dimensions",
    "part_subscores": "Subscores",
    "part_mean_equating": "Mean equating",
    "part_linear_equating": "Linear equating",
    "part_equipercentile": "Equipercentile equating",
    "part_dif": "DIF",
    "part_dif_focal": "DIF, smaller group",
}
