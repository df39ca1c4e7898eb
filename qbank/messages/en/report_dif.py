"""Texts of the report's section on DIF: items that favour one group at equal score."""

TEXTS: dict[str, str] = {
    "title": "Fairness between groups (DIF)",
    "none": "No groups to compare: the sitting knows no column in which candidates differ.",
    "lead": "DIF compares candidates of different groups who have the same score. It says that an item works differently, not that "
    "it is unfair: people decide that from the text of the item.",
    "lead_many": "DIF compares candidates of different groups who are equally able: as they sat different papers, that is judged by their marks above what the paper sat lets expect. "
    "It says that an item behaves differently in two groups, not that it is unfair: whether it is, somebody has to decide who reads the item.",
    "column_form": "Paper",
    "column": "By {column}",
    "compared": "Reference: {reference} ({n:,} candidates). Compared with it: {groups}.",
    "group_n": "{group} ({n:,})",
    "result_none": "{group}: none of {of} items shows DIF that matters (class B or C).",
    "result_some": "{group}: {n} of {of} items show DIF that matters (class B or C): {items}.",
    "purified_off": "The matching score holds all {anchors} items that may be in it.",
    "purified_stable": "{group}: the matching score was purified (steps: {steps}); {anchors} items remain in it.",
    "purified_clean": "{group}: no item had to leave the matching score; it holds {anchors} items.",
    "purified_loop": "{group}: purification went in a circle after {steps} steps; all items of the circle left the matching score, {anchors} remain.",
    "purified_stopped": "{group}: purification stopped at its limit of {steps} steps; {anchors} items are in the matching score.",
    "purified_too_few": "{group}: almost every item shows DIF; the matching score could not be purified further ({anchors} items). "
    "The results do not tell which items are at fault.",
    "merged": "{group}: {alone} of the smaller group met nobody at their exact score, so neighbouring scores were merged.",
    "power": "{group}: with these numbers a true |Δ| of {delta} is found in 8 of 10 cases at half of the items.",
    "withheld": "By {column}: not shown. {n:,} candidates, needed are {needs:,} ({what}).",
    "needs_total": "in two groups together",
    "needs_focal": "in the smaller of two groups",
    "one_group": "By {column}: all candidates are in one group.",
    "few": "Too small to be compared: {groups} (needed are {needs}).",
    "pooled": "Compared only in the test of all groups at once: {groups}.",
    "item_reference": "{item} ({class_}): at equal score harder for {focal} than for {reference}, {size}. {look_reference}",
    "item_focal": "{item} ({class_}): at equal score easier for {focal} than for {reference}, {size}. {look_focal}",
    "item_nonuniform": "{item}: the difference between {focal} and {reference} changes with the score. {look_nonuniform}",
    "size": "by {points} of 100 candidates (Δ = {delta}, {low} to {high}{chance})",
    "size_marks": "by {points} % of its marks (Δ = {delta}, {low} to {high}{chance})",
    "size_delta": "Δ = {delta} ({low} to {high}{chance})",
    "chance": "; p {p} after correction for the number of items ({correction})",
    "chance_alone": ", so chance alone could have done it",
    "look_reference": "Look for words, equipment or practice that {reference} knows better, or matter that {focal} was not taught.",
    "look_focal": "Look for matter that {focal} was drilled in, or a question that became known there.",
    "look_nonuniform": "Look for an option that misleads strong candidates of one group, or a second meaning.",
    "class_A": "A, negligible", "class_B": "B, moderate", "class_C": "C, large",
    "table": "DIF by {column}",
    "table_omnibus": "All groups at once, by {column}",
    "note_table": "Sorted by the size of Δ. Δ below 0: harder for the group in the row than for the reference. Intervals are {confidence} %. p ({correction}): adjusted "
    "for the number of items (Benjamini & Hochberg); Holm's and all other statistics stand in the data files.",
    "note_status": "Without figures: {items}.",
    "irt_none": "DIF by item response theory (Lord, Raju, likelihood ratio) is given where items have parameters (qbank calibrate) and both groups have the persons that 2PL needs, on one paper or on papers that share items.",
    "irt_nothing": "{group}, by item response theory: none of {of} items differs by Lord's χ² after correction for the number of items.",
    "irt_some": "{group}, by item response theory: {n} of {of} items differ by Lord's χ² after correction for the number of items: {items}. {agree}",
    "irt_both": "Of class B or C too: {items}.",
    "irt_no_both": "None of them is of class B or C: the differences are real, or chance, but small.",
    "table_irt": "DIF by item response theory, by {column}",
    "note_irt": "Each group is calibrated by itself and linked by the difficulties of the anchors; of a group above 5,000 that many persons are drawn. Area: Raju's signed area in units of ability, above 0 harder for the group; area without sign: where the curves cross it is larger. Likelihood ratio: of the ten items with the largest χ² at most, since each costs a calibration.",
    "col_lord": "Lord χ²",
    "col_lord_df": "df",
    "col_lord_p": "p (Lord)",
    "col_lord_p_bh": "p (BH)",
    "col_area": "Area",
    "col_area_se": "SE",
    "col_area_p": "p (area)",
    "col_unsigned": "Area without sign",
    "col_unsigned_p": "p",
    "col_likelihood": "LR χ²",
    "col_likelihood_df": "df",
    "col_likelihood_p": "p (LR)",
    "method_irt": "By item response theory: Lord's (1980) χ² of the item parameters, Raju's (1988, 1990) areas, likelihood ratio (Thissen, Steinberg & Wainer 1988); marginal maximum likelihood, each group its own ability distribution; link by mean and standard deviation of b of the anchors (Marco 1977), taken as known.",
    "status_too_few": "too few candidates ({n})", "status_not_seen": "not seen by both groups ({n})",
    "status_no_common_score": "no score that both groups have ({n})", "status_constant": "all answers alike ({n})",
    "figure": "{group} against {reference}: Δ with {confidence} % interval",
    "figure_part": "{group} against {reference}: Δ with {confidence} % interval, the {n} largest of {of}",
    "alt": "Forest plot of Δ for {n} items; outside the middle band: {items}.",
    "alt_nobody": "none",
    "axis": "Δ (negative: harder for {group})",
    "pointer": "{item}: Δ {delta} ({low} to {high}), {class_}",
    "key_A": "|Δ| < 1", "key_B": "1 to 1.5", "key_C": "≥ 1.5",
    "col_item": "Item", "col_group": "Group", "col_class": "Class", "col_n_reference": "n ref.", "col_n_focal": "n group",
    "col_facility_reference": "p ref.", "col_facility_focal": "p group", "col_delta": "Δ", "col_delta_low": "from", "col_delta_high": "to",
    "col_chi2": "χ²", "col_p": "p", "col_p_bh": "p (BH)", "col_p_dif": "P-DIF", "col_r2_both": "ΔR²", "col_p_both": "p (logistic)",
    "col_sibtest": "SIBTEST β", "col_anchor": "In score", "col_kind": "Kind", "col_gmh": "χ² (GMH)", "col_gmh_df": "df", "col_gmh_p": "p",
    "col_p_holm": "p (Holm)", "col_gmh_p_holm": "p (Holm)", "correction_bh": "BH", "correction_holm": "Holm",
    "col_gmh_p_bh": "p (BH)", "col_n": "n", "col_detectable": "Detectable |Δ|", "col_status": "Status",
    "yes": "yes", "no": "no", "kind_uniform": "one direction", "kind_nonuniform": "changes with score",
    "fact": "DIF, {column}: {group}",
    "fact_note": "Δ {low} to {high}; {class_}; n {n:,}",
    "list_comma": ", ",
    "method_mh": "DIF: candidates are matched on the score of the paper sat over the items of the matching score, the studied item included (Holland & "
    "Thayer 1988). Δ = −2.35 ln α, α the Mantel–Haenszel odds ratio, its error by Robins, Breslow & Greenland (1986); χ² with continuity "
    "correction ½.",
    "method_mh_many": "DIF: of all papers those candidates are compared who had the item and have the same matching score (Holland & Thayer 1988; where candidates had different items: Zwick, Thayer & "
    "Wingersky 1994, Allen & Donoghue 1996). The score: marks on the items of the matching score that the paper sat has, the studied item included, less what these items let expect, as a share of "
    "their full marks, brought to a paper on average and rounded to the least marks of an item, so that neither a harder paper nor one that purification takes more items from costs anybody a place. An item's "
    "expectation is its mean over the groups compared, by least squares of items and groups, so that differences in ability between groups are not taken for the item's. Neighbouring scores are merged where too "
    "many would meet nobody, so that on average three candidates of each group had the item. Δ = −2.35 ln α, α the Mantel–Haenszel odds ratio, its error by Robins, Breslow & Greenland (1986); χ² with continuity correction ½.",
    "method_class": "Classes by the ETS rule (Zwick & Ercikan 1989; Dorans & Holland 1993): A: |Δ| < 1 or not significant at .05; C: |Δ| ≥ 1.5 and significantly "
    "above 1 (one-sided); B: the rest. The rule of other programs, |Δ| alone at 1 and 1.5, stands in the data as ‘simple’. Partial marks: "
    "Mantel's test with the standardised mean difference, limits .17 and .25 standard deviations (Zwick, Thayer & Mazzeo 1997); Δ by Liu & Agresti (1996).",
    "method_purify": "Items of class B or C leave the matching score and the rest is computed again until the list stands still, at most {steps} times. "
    "Held items and items that do not count are never in it.",
    "method_others": "Beside them: P-DIF (Dorans & Kulick 1986), Breslow–Day, logistic regression with Nagelkerke's ΔR² (classes of Zumbo & Thomas 1997 and "
    "Jodoin & Gierl 2001), SIBTEST (Shealy & Stout 1993), delta plot (Angoff & Ford 1973); ‘changes with score’: non-uniform part significant after "
    "{correction}, ΔR² ≥ .035 and larger than the uniform part. Several groups at once: generalised Mantel–Haenszel (Somes 1986).",
    "method_others_many": "Beside them: P-DIF (Dorans & Kulick 1986), Breslow–Day, logistic regression with Nagelkerke's ΔR² (classes of Zumbo & Thomas 1997 and "
    "Jodoin & Gierl 2001), delta plot (Angoff & Ford 1973); ‘changes with score’: non-uniform part significant after {correction}, ΔR² ≥ .035 and larger than the uniform part. "
    "Several groups at once: generalised Mantel–Haenszel (Somes 1986).",
    "method_needs": "DIF is given from {total} candidates in two groups, {focal} in the smaller; reference is the largest group.",
}  # fmt: skip
