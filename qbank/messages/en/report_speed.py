"""Texts of the report's section on speed."""

TEXTS: dict[str, str] = {
    "title": "Speed",
    "nothing": "Too few candidates to say whether the time was enough.",
    "all": "all",
    "of_paper": "Paper {form}: ",
    "sentence_enough": "{form}the time was enough: {finished} of the candidates reached the last item, {three} came to "
    "three quarters; 80 % reached item {last} of {items}.",
    "sentence_short": "{form}the time was short: {finished} of the candidates reached the last item, {three} came to t"
    "hree quarters; 80 % reached item {last} of {items}.",
    "sentence_unknown": "{form}there are no data.",
    "table": "Whether the time was enough",
    "table_curve": "Items not reached or omitted",
    "note": "Enough: at least 80 % reached the last item and nearly everybody (99 %) came to three quarters "
    "(Swineford 1956). Stafford: share not reached of the items without full marks; Gulliksen: varia"
    "nce of the items not reached over that of the items without full marks, near 0 a test of power,"
    " near 1 of speed.",
    "figure": "Share of candidates who reached each item",
    "alt": "Share who reached each item, in the order of the paper: {forms}.",
    "axis_position": "Position",
    "axis_reached": "Share who reached it",
    "verdict_enough": "enough",
    "verdict_short": "short",
    "verdict_unknown": "unknown",
    "col_form": "Paper",
    "col_n": "n",
    "col_n_items": "Items",
    "col_finished": "Finished",
    "col_finished_low": "low",
    "col_finished_high": "high",
    "col_reached_three_quarters": "Came to 3/4",
    "col_last_by_80": "80 % reached item",
    "col_stafford": "Stafford",
    "col_gulliksen": "Gulliksen",
    "col_verdict": "Verdict",
    "col_position": "Position",
    "col_item": "Item",
    "col_reached": "Reached",
    "col_reached_low": "low",
    "col_reached_high": "high",
    "col_omitted": "Omitted",
    "method": "Speed: items blank from one on to the end are not reached, blanks followed by an answer are omi"
    "tted. Indices of Stafford (1971) and Gulliksen (1950).",
}
